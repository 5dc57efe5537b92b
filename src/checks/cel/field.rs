//! Functions on what the fields of objects hold: images, label selectors, documents in texts,
//! command lines, times and versions.

use std::cmp::Ordering;

use crate::facts::{CommandFlag, command_flag as told_flag};
use crate::model::image::Image;
use crate::model::node::Node;
use crate::model::selector;
use crate::text::locate::{self, Most};

use super::call::Call;
use super::certificate;
use super::eval::{Evaluated, Frame};
use super::functions::Fun;
use super::ops;
use super::value::{EvalError, Failure, Type, Val};

/// Runs one of these functions.
pub(super) fn call<'a>(frame: &mut Frame<'a>, call: Call<'_, 'a>) -> Evaluated<'a> {
    let Call { fun, args, at } = call;
    if fun == Fun::SelectorMatches {
        return selector_matches(frame, call);
    }
    if fun == Fun::CommandFlag {
        return command_flag(frame, call);
    }
    let (text, other) = (call.text(0)?, call.maybe_text(1));
    frame.charge((text.len() + other.map_or(0, str::len)) / 8 + 1, at)?;
    Ok(match (fun, other) {
        (Fun::ImageRef, None) => frame.image(args.first().unwrap_or(&Val::Null), image_ref),
        (Fun::ParseYaml, None) => {
            frame.charge(text.len(), at)?;
            // Aliases can make much of a hundred bytes: such a text is no file that a component would
            // start with, and what it stands for is not known.
            let most = text.len().saturating_add(1);
            let most = Most { values: most, aliased: most };
            let document = locate::documents_within(text, most).into_iter().next();
            match document.map(|document| document.node) {
                Some(Ok(node)) => Val::some(owned(&node)),
                Some(Err(error)) if error.too_much => {
                    return Err(EvalError::new(Failure::TooExpensive, at));
                }
                Some(Err(_)) | None => Val::Opt(None),
            }
        }
        (Fun::CertificatesEnd, None) => {
            frame.charge(text.len() / 4, at)?;
            certificate::last_end(text).map_or(Val::Opt(None), |end| Val::some(Val::text(&end)))
        }
        (Fun::DurationSeconds, None) => {
            go_seconds(text).map_or(Val::Opt(None), |s| Val::some(Val::Double(s)))
        }
        (Fun::DaysBetween, Some(end)) => {
            let no_time = |text: &str| call.refuse(&format!("`{text}` is no time"));
            let from = seconds(text).ok_or_else(|| no_time(text))?;
            let to = seconds(end).ok_or_else(|| no_time(end))?;
            Val::Double((to - from) / 86_400.0)
        }
        (Fun::VersionCompare, Some(other)) => Val::Int(match compare(text, other) {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        }),
        _ => return Err(call.wrong()),
    })
}

/// A value that borrows nothing.
fn owned<'a>(node: &Node) -> Val<'a> {
    match node {
        Node::Null => Val::Null,
        Node::Bool(v) => Val::Bool(*v),
        Node::Int(v) => Val::Int(*v),
        Node::UInt(v) => Val::UInt(*v),
        Node::Float(v) => Val::Double(*v),
        Node::Str(v) => Val::text(v),
        Node::List(items) => Val::items(items.iter().map(owned).collect()),
        Node::Map(map) => Val::Entries(map.iter().map(|(k, v)| (Val::text(k), owned(v))).collect()),
    }
}

/// An image reference in its parts, as a container runtime completes it.
fn image_ref<'a>(text: &str) -> Val<'a> {
    let Image { registry, repository, tag, digest } = Image::parse(text);
    let path = format!("{registry}/{repository}");
    let parts = [
        ("registry", registry),
        ("repository", &repository),
        ("tag", tag),
        ("digest", digest),
        ("path", &path),
    ];
    Val::Entries(parts.map(|(key, value)| (Val::Str(key), Val::text(value))).into())
}

/// Whether a label selector matches labels, to which a namespace's name adds the one that it always
/// carries; what is malformed matches nothing.
fn selector_matches<'a>(frame: &mut Frame<'a>, call: Call<'_, 'a>) -> Evaluated<'a> {
    let (selector, map) = (call.arg(0)?, call.arg(1)?);
    let namespace = if call.args.len() > 2 { Some(call.text(2)?) } else { None };
    let count = selector.count().ok_or_else(|| call.wrong())?;
    if map.count().is_none() || call.list(0).is_ok() {
        return Err(call.wrong());
    }
    frame.charge(count + expressions(selector) + 4, call.at)?;
    Ok(Val::Bool(selector::matches(selector, &Labels { map, namespace })))
}

/// What a container's command line sets a flag to: `{value: text}`, `{unknown: why}`, or `{}` where it is
/// not set.
fn command_flag<'a>(frame: &mut Frame<'a>, call: Call<'_, 'a>) -> Evaluated<'a> {
    let (container, name) = (call.arg(0)?, call.text(1)?);
    if container.type_of() != Type::Map {
        return Err(call.wrong());
    }
    let mut read: Vec<(&str, Node)> = Vec::new();
    for field in ["command", "args", "env", "envFrom"] {
        let Some(value) = container.named(field) else { continue };
        let node = value.to_node();
        frame.charge(weight(&node), call.at)?;
        read.push((field, node));
    }
    let said = match told_flag(&Node::map(read), name) {
        CommandFlag::Unset => None,
        CommandFlag::Value(value) => Some(("value", value)),
        CommandFlag::Unknown(why) => Some(("unknown", why)),
    };
    let entry = |(key, text): (&'static str, String)| (Val::Str(key), Val::text(&text));
    Ok(Val::Entries(said.map(entry).into_iter().collect()))
}

/// What it costs to go through a tree of texts.
fn weight(node: &Node) -> usize {
    match node {
        Node::Str(text) => text.len() / 8 + 1,
        Node::List(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Node::Map(map) => 1 + map.iter().map(|(_, value)| 1 + weight(value)).sum::<usize>(),
        _ => 1,
    }
}

/// The seconds of a duration as Go writes it, such as `1h30m` or `1.5s`; none for a text that is none.
fn go_seconds(text: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 8] = [
        ("ns", 1e-9),
        ("us", 1e-6),
        ("\u{b5}s", 1e-6),
        ("\u{3bc}s", 1e-6),
        ("ms", 1e-3),
        ("s", 1.0),
        ("m", 60.0),
        ("h", 3600.0),
    ];
    let signed = text.strip_prefix(['+', '-']);
    let mut rest = signed.unwrap_or(text);
    if rest == "0" {
        return Some(0.0);
    }
    let (mut sum, mut any) = (0.0, false);
    while !rest.is_empty() {
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        let (number, after) = rest.split_at(rest.find(|c| !is_number(c))?);
        let (unit, next) = after.split_at(after.find(is_number).unwrap_or(after.len()));
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit)?;
        sum += number.parse::<f64>().ok()? * scale;
        (rest, any) = (next, true);
    }
    any.then_some(if text.starts_with('-') { -sum } else { sum })
}

/// How many labels, expressions and values a selector names.
fn expressions(selector: &Val<'_>) -> usize {
    let count = |value: Option<Val<'_>>| value.and_then(|value| value.count()).unwrap_or(0);
    let listed = selector.named("matchExpressions");
    let each = listed.iter().flat_map(ops::elements);
    let values: usize = each.map(|entry| 1 + count(entry.named("values"))).sum();
    values + count(selector.named("matchLabels"))
}

/// The labels that a rule gives.
struct Labels<'v, 'a> {
    map: &'v Val<'a>,
    /// Whose they are, if they are a namespace's.
    namespace: Option<&'v str>,
}

impl selector::Labelled for Labels<'_, '_> {
    fn label(&self, key: &str, passes: impl FnOnce(Option<&str>) -> bool) -> bool {
        let implied = self.namespace.filter(|_| key == selector::NAMESPACE_NAME);
        passes(self.map.named(key).as_ref().and_then(Val::as_str).or(implied))
    }
}

impl selector::Written for Val<'_> {
    fn member(&self, key: &str) -> Option<Self> {
        self.named(key)
    }

    fn text(&self) -> Option<&str> {
        self.as_str()
    }

    fn every_entry(&self, mut passes: impl FnMut(&str, &str) -> bool) -> bool {
        let entry = |at| {
            let key = self.nth(at)?;
            let value = self.named(key.as_str()?)?;
            Some(passes(key.as_str()?, value.as_str()?))
        };
        self.type_of() == Type::Map
            && (0..self.count().unwrap_or_default()).map(entry).all(|passed| passed == Some(true))
    }

    fn every_element(&self, mut passes: impl FnMut(&Self) -> bool) -> bool {
        self.type_of() == Type::List
            && (0..self.count().unwrap_or_default())
                .all(|at| self.nth(at).is_some_and(|element| passes(&element)))
    }
}

/// Seconds since 1970 of an RFC 3339 time, or of the first moment of a date.
#[allow(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^52")]
fn seconds(text: &str) -> Option<f64> {
    let time = text.parse::<jiff::Timestamp>().or_else(|_| {
        let date = text.parse::<jiff::civil::Date>()?;
        date.to_zoned(jiff::tz::TimeZone::UTC).map(|zoned| zoned.timestamp())
    });
    time.ok().map(|time| time.as_second() as f64)
}

/// Compares dotted versions number by number. A leading `v` and what follows `+` do not count; a
/// pre-release comes before its release.
fn compare(a: &str, b: &str) -> Ordering {
    let parts = |text: &str| {
        let plain = text.trim().trim_start_matches('v');
        let plain = plain.split('+').next().unwrap_or_default();
        let (numbers, pre) = plain.split_once('-').unwrap_or((plain, ""));
        let number = |part: &str| -> u64 {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().unwrap_or(0)
        };
        (numbers.split('.').map(number).collect::<Vec<_>>(), pre.to_owned())
    };
    let ((left, left_pre), (right, right_pre)) = (parts(a), parts(b));
    for at in 0..left.len().max(right.len()) {
        let pick = |list: &[u64]| list.get(at).copied().unwrap_or(0);
        match pick(&left).cmp(&pick(&right)) {
            Ordering::Equal => {}
            other => return other,
        }
    }
    match (left_pre.is_empty(), right_pre.is_empty()) {
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        _ => left_pre.cmp(&right_pre),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn matches<'a>(
        frame: &mut Frame<'a>,
        selector: &'a Node,
        labels: &'a Node,
        name: Option<&'a str>,
    ) -> Evaluated<'a> {
        let mut args: Vec<Val<'a>> = vec![selector.into(), labels.into()];
        args.extend(name.map(Val::Str));
        selector_matches(frame, Call { fun: Fun::SelectorMatches, args: &args, at: 0 })
    }

    #[test]
    fn images_are_completed_as_runtimes_do() {
        for (text, expected) in [
            ("nginx", ["docker.io", "library/nginx", "", ""]),
            ("nginx:1.27", ["docker.io", "library/nginx", "1.27", ""]),
            ("team/app@sha256:ab", ["docker.io", "team/app", "", "sha256:ab"]),
            (
                "registry.example:5000/a/b:v1@sha256:ab",
                ["registry.example:5000", "a/b", "v1", "sha256:ab"],
            ),
            ("localhost/a", ["localhost", "a", "", ""]),
            ("index.docker.io/library/a", ["docker.io", "library/a", "", ""]),
        ] {
            let image = image_ref(text);
            let part = |key: &str| image.named(key).unwrap().as_str().unwrap().to_owned();
            assert_eq!(["registry", "repository", "tag", "digest"].map(part), expected, "{text}");
        }
    }

    #[test]
    fn versions_are_compared_by_number() {
        for (a, b, expected) in [
            ("v1.30.2", "1.30.10", Ordering::Less),
            ("1.30", "v1.30.0+k3s1", Ordering::Equal),
            ("1.30.0-rc.1", "1.30.0", Ordering::Less),
            ("2", "1.99.9", Ordering::Greater),
            ("5.15.0-91-generic", "5.15.0-92", Ordering::Less),
        ] {
            assert_eq!(compare(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn times_and_dates_are_times() {
        assert_eq!(seconds("1970-01-02"), Some(86_400.0));
        assert_eq!(seconds("1970-01-02T00:00:01+00:00"), Some(86_401.0));
        assert_eq!(seconds("yesterday"), None);
    }

    #[test]
    fn durations_add_up_as_go_reads_them() {
        for (text, expected) in [
            ("3m3m", Some(360.0)),
            ("1h30m0s", Some(5400.0)),
            ("1.5s", Some(1.5)),
            (".5m", Some(30.0)),
            ("0ms", Some(0.0)),
            ("0", Some(0.0)),
            ("-1m", Some(-60.0)),
            ("250ms250ms", Some(0.5)),
            ("2\u{b5}s", Some(2e-6)),
            ("5", None),
            ("", None),
            ("m", None),
            ("1.2.3s", None),
            ("1d", None),
            ("1m ", None),
        ] {
            assert_eq!(go_seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn a_namespace_is_selected_by_its_name_too() {
        let key = selector::NAMESPACE_NAME;
        let selector = Node::from(&json!({"matchLabels": {key: "shop"}}));
        let fits = |labels: &Value, name: Option<&'static str>| {
            let labels = Node::from(labels);
            let mut frame = Frame::default();
            let found = matches(&mut frame, &selector, &labels, name);
            matches!(found, Ok(Val::Bool(true)))
        };
        assert!(fits(&json!({}), Some("shop")) && fits(&json!({key: "shop"}), None));
        assert!(!fits(&json!({}), Some("pay")) && !fits(&json!({}), None));
        assert!(!fits(&json!({key: "pay"}), Some("shop")), "what is written counts");
    }

    #[test]
    fn selectors_match_as_the_facts_decide() {
        let labels = json!({"app": "web", "tier": "front"});
        let expression = |operator: &str, key: &str, values: &[&str]| json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]});
        let fits = |selector: &Value| {
            let (selector, labels) = (Node::from(selector), Node::from(&labels));
            let mut frame = Frame::default();
            let found = matches(&mut frame, &selector, &labels, None);
            matches!(found, Ok(Val::Bool(true)))
        };
        for (selector, expected) in [
            (json!({}), true),
            (json!({"matchLabels": {"app": "web"}}), true),
            (json!({"matchLabels": {"app": "web", "x": "y"}}), false),
            (json!({"matchLabels": {"app": 1}}), false),
            (expression("In", "app", &["db", "web"]), true),
            (expression("NotIn", "app", &["web"]), false),
            (expression("NotIn", "other", &["web"]), true),
            (expression("Exists", "tier", &[]), true),
            (expression("DoesNotExist", "tier", &[]), false),
            (expression("in", "app", &["web"]), false),
        ] {
            assert_eq!(fits(&selector), expected, "{selector}");
        }
    }
}
