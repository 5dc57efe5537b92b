//! One page of a list, from bytes to objects.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use super::error::Fault;
use super::target::Target;
use crate::model::applied::{self, LAST_APPLIED};
use crate::model::key::Key;
use crate::model::node::{Map, Node};
use crate::model::object::Object;

/// What a list says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Head {
    /// Where the next page begins, empty on the last.
    #[serde(rename = "continue", default)]
    pub next: String,
    /// The state of the cluster that it shows.
    #[serde(rename = "resourceVersion", default)]
    pub version: String,
    /// How many items come after this page, where the server tells.
    #[serde(rename = "remainingItemCount", default)]
    pub remaining: Option<usize>,
}

/// One page.
#[derive(Debug)]
pub(super) struct Page {
    pub head: Head,
    pub objects: Vec<Arc<Object>>,
    /// Items that are no objects.
    pub rejected: usize,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    metadata: Head,
    items: Option<Vec<Node>>,
}

/// Reads only the head, without parsing the items if they come after it, as they do. Lets the next
/// page be asked for while this one is parsed.
pub(super) fn head(bytes: &[u8]) -> Option<Head> {
    let mut head = None;
    let seed = HeadSeed(&mut head);
    // Stops with an error of its own as soon as the head is there.
    let _ = seed.deserialize(&mut serde_json::Deserializer::from_slice(bytes));
    head
}

struct HeadSeed<'a>(&'a mut Option<Head>);

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

/// Parses a page of `target`. `secret_type` is the type that the list was narrowed to.
pub(super) fn parse(
    bytes: &[u8],
    target: &Target,
    secret_type: Option<&str>,
) -> Result<Page, Fault> {
    // Looking at all of it once is quicker than at each text in it.
    let raw: Result<Raw, serde_json::Error> = match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(bytes),
    };
    let raw = raw.map_err(|error| Fault::Unparsable(error.to_string()))?;
    if !raw.kind.ends_with("List") {
        return Err(Fault::Unparsable(format!("expected a list, found {:?}", raw.kind)));
    }
    let items = raw.items.unwrap_or_default();
    let total = items.len();
    let objects: Vec<Arc<Object>> =
        items.into_iter().filter_map(|item| object(item, target, secret_type)).collect();
    Ok(Page { head: raw.metadata, rejected: total - objects.len(), objects })
}

/// Makes an object of an item: fills in what lists leave out, drops what is never looked at.
pub(super) fn object(
    item: Node,
    target: &Target,
    secret_type: Option<&str>,
) -> Option<Arc<Object>> {
    let Node::Map(map) = item else { return None };
    let mut entries = Vec::with_capacity(map.len() + 3);
    entries.push((Key::new("apiVersion"), Node::str(&target.api_version())));
    entries.push((Key::new("kind"), Node::str(&target.kind.kind)));
    if let Some(name) = secret_type {
        entries.push((Key::new("type"), Node::str(name)));
    }
    let secret = target.is_secret();
    for (key, value) in map.into_entries() {
        match key.as_str() {
            "apiVersion" | "kind" => {}
            "metadata" if secret => entries.push((key, without_values(value))),
            // Never asked for; a server that sends it all the same is not believed.
            "data" | "stringData" if secret => {}
            "metadata" => entries.push((key, with_compact_copy(value))),
            _ => entries.push((key, value)),
        }
    }
    Object::new(Node::Map(Map::new(entries))).ok().map(Arc::new)
}

fn annotations(metadata: Node, change: impl FnOnce(Map) -> Node) -> Node {
    let Node::Map(map) = metadata else { return metadata };
    let mut change = Some(change);
    let entries = map
        .into_entries()
        .into_iter()
        .map(|(key, value)| match (key.as_str(), value) {
            ("annotations", Node::Map(inner)) => match change.take() {
                Some(change) => (key, change(inner)),
                None => (key, Node::Map(inner)),
            },
            (_, value) => (key, value),
        })
        .collect();
    Node::Map(Map::new(entries))
}

/// The copy that kubectl keeps is large and repeats what is there: its version and kind stay.
fn with_compact_copy(metadata: Node) -> Node {
    if metadata.at(&["annotations", LAST_APPLIED]).is_none() {
        return metadata;
    }
    annotations(metadata, |map| {
        let kept = map.into_entries().into_iter().filter_map(|(key, value)| match key.as_str() {
            LAST_APPLIED => applied::compact(&value).map(|value| (key, value)),
            _ => Some((key, value)),
        });
        Node::Map(Map::new(kept.collect()))
    })
}

/// Annotations of Secrets may hold what the Secret holds: their names stay, their values go.
fn without_values(metadata: Node) -> Node {
    annotations(metadata, |map| {
        let kept = map.into_entries().into_iter().map(|(key, _)| (key, Node::str("")));
        Node::Map(Map::new(kept.collect()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::lookup;

    fn target(word: &str) -> Target {
        Target::assumed(lookup(word).unwrap())
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
            Some(Head { next: "c".into(), version: "7".into(), remaining: None })
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
        let text = br#"{"kind":"PartialObjectMetadataList","metadata":{},"items":[
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
        let empty = parse(br#"{"kind":"PodList","items":null}"#, &target("pods"), None).unwrap();
        assert!(empty.objects.is_empty());
    }
}
