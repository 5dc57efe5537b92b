//! One page of a list, from bytes to objects.

mod item;

use std::sync::Arc;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

pub(super) use self::item::object;
use self::item::whole;
use super::api_resource::ApiResource;
use super::error::RequestFault;
use super::protobuf;
use super::request::HttpAnswer;
use crate::model::node::Node;
use crate::model::object::Object;

/// What a list says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct ListHead {
    /// Where the next page begins, empty on the last.
    #[serde(rename = "continue", default)]
    pub next: String,
    /// The state of the cluster that it shows.
    #[serde(rename = "resourceVersion", default)]
    pub version: String,
    /// How many items come after this page, where the server tells. It is advice: what is no
    /// number of items is not told.
    #[serde(rename = "remainingItemCount", default, deserialize_with = "advice")]
    pub remaining: Option<usize>,
}

fn advice<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    let told = serde_json::Value::deserialize(deserializer)?;
    Ok(told.as_u64().and_then(|count| usize::try_from(count).ok()))
}

/// What is there, be it `null`, which is how servers write that there is nothing of it.
pub(super) fn there<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<Vec<T>>::deserialize(deserializer).map(|found| Some(found.unwrap_or_default()))
}

/// One page.
#[derive(Debug)]
pub(super) struct ListPage {
    pub head: ListHead,
    pub objects: Vec<Arc<Object>>,
    /// Items that are no objects of the kind.
    pub rejected: usize,
    /// Bytes of it as JSON, about.
    pub bytes: usize,
}

impl ListPage {
    /// How many items it had.
    pub(super) fn items(&self) -> usize {
        self.objects.len() + self.rejected
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawList {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    metadata: ListHead,
    #[serde(default, deserialize_with = "items")]
    items: Option<Vec<Node>>,
}

/// What is there, be it `null`.
fn items<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Node>>, D::Error> {
    Node::list_of(deserializer).map(Some)
}

/// What objects are called where only their metadata is asked for.
const METADATA: (&str, &str) = ("PartialObjectMetadata", "meta.k8s.io/v1");

/// Reads only the head, without parsing the items if they come after it, as they do. Lets the next
/// page be asked for while this one is parsed.
pub(super) fn head(bytes: &[u8]) -> Option<ListHead> {
    let mut head = None;
    let seed = HeadSeed(&mut head);
    // Stops with an error of its own as soon as the head is there.
    let _ = seed.deserialize(&mut serde_json::Deserializer::from_slice(bytes));
    head
}

struct HeadSeed<'a>(&'a mut Option<ListHead>);

impl<'de> DeserializeSeed<'de> for HeadSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for HeadSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "metadata" {
                *self.0 = Some(map.next_value()?);
                return Err(A::Error::custom("enough"));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// The head of a page, whatever it is written in.
pub(super) fn head_of(answer: &HttpAnswer) -> Option<ListHead> {
    if answer.is_protobuf { protobuf::head(&answer.bytes) } else { head(&answer.bytes) }
}

/// Reads a page of `target`, whatever it is written in.
pub(super) fn read(
    answer: &HttpAnswer,
    target: &ApiResource,
    secret_type: Option<&str>,
) -> Result<ListPage, RequestFault> {
    if !answer.is_protobuf {
        return parse(&answer.bytes, target, secret_type);
    }
    let kind = (&*target.api_version(), &*target.kind.kind);
    let (head, items) = protobuf::list(&answer.bytes, kind).map_err(RequestFault::Binary)?;
    let total = items.len();
    let objects: Vec<Arc<Object>> =
        items.into_iter().filter_map(|item| whole(item, target, secret_type)).collect();
    let rejected = total - objects.len();
    Ok(ListPage { head, rejected, objects, bytes: answer.bytes.len() * protobuf::AS_JSON })
}

/// Parses a page of `target`. `secret_type` is the type that the list was narrowed to.
pub(super) fn parse(
    bytes: &[u8],
    target: &ApiResource,
    secret_type: Option<&str>,
) -> Result<ListPage, RequestFault> {
    // Looking at all of it once is quicker than at each text in it.
    let raw: Result<RawList, serde_json::Error> = match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(bytes),
    };
    let raw = raw.map_err(|error| RequestFault::Unparsable(error.to_string()))?;
    answers(&raw, target)?;
    let Some(items) = raw.items else {
        return Err(RequestFault::Unparsable(format!("a {} without items", raw.kind)));
    };
    let total = items.len();
    let objects: Vec<Arc<Object>> =
        items.into_iter().filter_map(|item| object(item, target, secret_type)).collect();
    let rejected = total - objects.len();
    Ok(ListPage { head: raw.metadata, rejected, objects, bytes: bytes.len() })
}

/// Whether an answer is the list that was asked for, of that kind and version. An empty list proves
/// that there is nothing: it must be the right one.
///
/// Whoever defines a custom kind may give its list another name, which discovery does not tell.
/// Such a list is known by its items, which name their kind there.
fn answers(raw: &RawList, target: &ApiResource) -> Result<(), RequestFault> {
    let own = target.api_version();
    let (kind, version) = if target.is_secret() { METADATA } else { (&*target.kind.kind, &*own) };
    let named = raw.kind.strip_suffix("List") == Some(kind);
    let items = || raw.items.iter().flatten();
    let is_own = |item: &Node| item.str_at(&["kind"]) == Some(kind);
    let custom = target.kind.group.contains('.') && !target.kind.group.ends_with(".k8s.io");
    let renamed =
        || custom && raw.kind.ends_with("List") && items().next().is_some() && items().all(is_own);
    if raw.api_version == version && (named || renamed()) {
        return Ok(());
    }
    let found = match (&*raw.kind, &*raw.api_version) {
        ("", _) => "something that names no kind".to_owned(),
        (kind, "") => format!("{kind:?} without a version"),
        (kind, version) => format!("{kind:?} of {version:?}"),
    };
    Err(RequestFault::Unparsable(format!("expected {kind}List of {version}, found {found}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::lookup;

    fn target(word: &str) -> ApiResource {
        ApiResource::assumed(lookup(word).unwrap())
    }

    #[test]
    fn items_get_their_kind_and_lose_ballast() {
        let text = br#"{"kind":"PodList","apiVersion":"v1",
          "metadata":{"resourceVersion":"7","continue":"c"},
          "items":[{"metadata":{"name":"a","namespace":"n","managedFields":[1],"annotations":{
            "kubectl.kubernetes.io/last-applied-configuration":
              "{\"apiVersion\":\"v0\",\"kind\":\"Pod\",\"spec\":1}","x":"y"}}},
            {"metadata":{}}, 7]}"#;
        assert_eq!(
            head(text),
            Some(ListHead { next: "c".into(), version: "7".into(), remaining: None })
        );
        let page = parse(text, &target("pods"), None).unwrap();
        assert_eq!(page.rejected, 2);
        assert_eq!(page.head.next, "c");
        assert_eq!(
            page.objects[0].body().to_json(),
            serde_json::json!({"apiVersion":"v1","kind":"Pod","metadata":{
                "name":"a","namespace":"n","annotations":{"x":"y",
                "kubectl.kubernetes.io/last-applied-configuration":
                    r#"{"apiVersion":"v0","kind":"Pod"}"#}}})
        );
    }

    #[test]
    fn nothing_secret_is_kept_of_a_secret() {
        let text = br#"{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1",
          "metadata":{},"items":[
          {"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","data":{"p":"eA=="},
           "metadata":{"name":"a","namespace":"n","annotations":{"note":"hunter2"}}}]}"#;
        let page = parse(text, &target("secrets"), Some("Opaque")).unwrap();
        assert_eq!(
            page.objects[0].body().to_json(),
            serde_json::json!({"apiVersion":"v1","kind":"Secret","type":"Opaque",
                "metadata":{"name":"a","namespace":"n","annotations":{"note":""}}})
        );
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for text in ["<html></html>", r#"{"kind":"Status"}"#, r#"{"kind":"PodList","items":["#] {
            assert!(parse(text.as_bytes(), &target("pods"), None).is_err(), "{text}");
        }
        let empty = br#"{"kind":"PodList","apiVersion":"v1","items":null}"#;
        assert!(parse(empty, &target("pods"), None).unwrap().objects.is_empty());
    }

    #[test]
    fn only_the_list_that_was_asked_for_counts_and_says_what_came_instead() {
        for (text, said) in [
            (r#"{"kind":"SecretList","apiVersion":"v1","items":[]}"#, r#""SecretList" of "v1""#),
            (
                r#"{"kind":"PodList","apiVersion":"apps/v1","items":[]}"#,
                r#""PodList" of "apps/v1""#,
            ),
            (r#"{"kind":"PodList","items":[]}"#, r#""PodList" without a version"#),
            (r#"{"kind":"List","apiVersion":"v1","items":[]}"#, "expected PodList of v1"),
            (r#"{"apiVersion":"v1","items":[]}"#, "names no kind"),
            (r#"{"kind":"PodList","apiVersion":"v1"}"#, "a PodList without items"),
        ] {
            let fault = parse(text.as_bytes(), &target("pods"), None).unwrap_err().to_string();
            assert!(fault.contains(said), "{text}: {fault}");
        }
        let whole = br#"{"kind":"SecretList","apiVersion":"v1","items":[]}"#;
        assert!(parse(whole, &target("secrets"), None).is_err(), "only metadata was asked for");
    }

    #[test]
    fn items_of_another_kind_are_no_objects_of_this_one() {
        let text = br#"{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"a"}},
            {"kind":"Pod","apiVersion":"v1","metadata":{"name":"b"}},
            {"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"c"}},
            {"kind":"Pod","apiVersion":"v2","metadata":{"name":"d"}}]}"#;
        let page = parse(text, &target("pods"), None).unwrap();
        let names: Vec<&str> = page.objects.iter().map(|object| &*object.id.name).collect();
        assert_eq!((names, page.rejected, page.items()), (vec!["a", "b"], 2, 4));
    }

    #[test]
    fn a_custom_kind_may_have_a_list_of_another_name_if_its_items_say_what_they_are() {
        let target = ApiResource {
            kind: crate::model::kinds::Kind::new("example.invalid", "Thing"),
            version: "v1".to_owned(),
            plural: "things".to_owned(),
            namespaced: true,
            watchable: true,
        };
        let list = |items: &str| {
            let text = format!(
                r#"{{"kind":"ThingsList","apiVersion":"example.invalid/v1","items":[{items}]}}"#
            );
            parse(text.as_bytes(), &target, None).map(|page| page.objects.len())
        };
        let own = r#"{"kind":"Thing","apiVersion":"example.invalid/v1","metadata":{"name":"a"}}"#;
        assert_eq!(list(own).ok(), Some(1));
        assert!(list("").is_err() && list(r#"{"metadata":{"name":"a"}}"#).is_err());
    }

    #[test]
    fn an_odd_number_of_remaining_items_costs_no_object() {
        for odd in ["-5", "1.5", "\"many\"", "null", "18446744073709551616"] {
            let text = format!(
                r#"{{"kind":"PodList","apiVersion":"v1","metadata":{{"remainingItemCount":{odd},
                "resourceVersion":"7"}},"items":[{{"metadata":{{"name":"a"}}}}]}}"#
            );
            let page = parse(text.as_bytes(), &target("pods"), None).unwrap();
            assert_eq!((page.objects.len(), page.head.remaining), (1, None), "{odd}");
            assert_eq!(head(text.as_bytes()), Some(page.head));
        }
    }
}
