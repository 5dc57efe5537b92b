//! Changes of decisions as they stand in the journal: the body of `decided` and `settled`.
//!
//! A single change is `{"changes": [{"fingerprint", "before", "after"}]}`. Of several, those that say
//! the same stand together, so that a decision on 200,000 findings is written, hashed and read once:
//! `{"groups": [{"before", "after", "fingerprints": […]}]}`. Sessions of earlier versions have the first
//! form for many changes as well. Both are read, and what is equal in a body is held once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::act::Change;
use crate::model::decision::Decision;

/// Findings to which the same happened, as they are written.
#[derive(Serialize)]
struct Group<'a> {
    before: Option<&'a Decision>,
    after: Option<&'a Decision>,
    fingerprints: Vec<&'a str>,
}

/// The body of an entry with these changes. Groups stand in the order of their first finding.
pub(super) fn to_body(changes: &[Change]) -> Value {
    if changes.len() < 2 {
        return json!({ "changes": changes });
    }
    let mut places: HashMap<(Option<&Decision>, Option<&Decision>), usize> = HashMap::new();
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut last: Option<(&Change, usize)> = None;
    for change in changes {
        let place = last.filter(|(other, _)| alike(other, change)).map(|(_, place)| place);
        let place = place.unwrap_or_else(|| {
            let key = (change.before.as_deref(), change.after.as_deref());
            *places.entry(key).or_insert_with(|| {
                groups.push(Group { before: key.0, after: key.1, fingerprints: Vec::new() });
                groups.len() - 1
            })
        });
        if let Some(group) = groups.get_mut(place) {
            group.fingerprints.push(&change.fingerprint);
        }
        last = Some((change, place));
    }
    json!({ "groups": groups })
}

/// Whether both hold the very same decisions, which is known without looking into them.
fn alike(one: &Change, other: &Change) -> bool {
    same(one.before.as_ref(), other.before.as_ref())
        && same(one.after.as_ref(), other.after.as_ref())
}

/// Whether both are the very same decision, or none.
pub(super) fn same(one: Option<&Arc<Decision>>, other: Option<&Arc<Decision>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    }
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    changes: Option<Vec<Single<'a>>>,
    #[serde(borrow)]
    groups: Option<Vec<Together<'a>>>,
}

#[derive(Deserialize)]
struct Single<'a> {
    #[serde(borrow)]
    fingerprint: Text<'a>,
    #[serde(borrow)]
    before: Option<&'a RawValue>,
    #[serde(borrow)]
    after: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Together<'a> {
    #[serde(borrow)]
    before: Option<&'a RawValue>,
    #[serde(borrow)]
    after: Option<&'a RawValue>,
    #[serde(borrow)]
    fingerprints: Vec<Text<'a>>,
}

/// Text that stands in the body as it is, unless it has escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Reads a body.
///
/// # Errors
/// When it has neither form, or what it calls a decision is none.
pub(super) fn of_body(text: &str) -> Result<Vec<Change>, serde_json::Error> {
    let body: Body<'_> = serde_json::from_str(text)?;
    if body.changes.is_none() && body.groups.is_none() {
        return Err(serde_json::Error::custom("missing field `changes` or `groups`"));
    }
    let mut known = Known::default();
    let mut out = Vec::new();
    let singles = body.changes.unwrap_or_default();
    out.reserve_exact(singles.len());
    for Single { fingerprint, before, after } in singles {
        let (before, after) = (known.decision(before)?, known.decision(after)?);
        out.push(Change { fingerprint: Arc::from(&*fingerprint.0), before, after });
    }
    for Together { before, after, fingerprints } in body.groups.unwrap_or_default() {
        let (before, after) = (known.decision(before)?, known.decision(after)?);
        out.reserve_exact(fingerprints.len());
        out.extend(fingerprints.iter().map(|fingerprint| Change {
            fingerprint: Arc::from(&*fingerprint.0),
            before: before.clone(),
            after: after.clone(),
        }));
    }
    Ok(out)
}

/// Decisions that were read already, by their text.
#[derive(Default)]
struct Known<'a> {
    all: HashMap<&'a str, Arc<Decision>>,
    last: Option<(&'a str, Arc<Decision>)>,
}

impl<'a> Known<'a> {
    fn decision(
        &mut self,
        raw: Option<&'a RawValue>,
    ) -> Result<Option<Arc<Decision>>, serde_json::Error> {
        let Some(text) = raw.map(RawValue::get) else { return Ok(None) };
        if let Some((_, decision)) = self.last.as_ref().filter(|(last, _)| *last == text) {
            return Ok(Some(Arc::clone(decision)));
        }
        let decision = match self.all.get(text) {
            Some(decision) => Arc::clone(decision),
            None => {
                let decision = Arc::new(serde_json::from_str::<Decision>(text)?);
                self.all.insert(text, Arc::clone(&decision));
                decision
            }
        };
        self.last = Some((text, Arc::clone(&decision)));
        Ok(Some(decision))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::decision::DecisionState;

    fn decision(number: u8) -> Option<Arc<Decision>> {
        let reason = format!("why \"{number}\"\n");
        let state = DecisionState::Accepted;
        // Each in a place of its own, as decisions come that were made one by one.
        (number > 0)
            .then(|| Arc::new(Decision { state, reason: Some(reason), ..Decision::default() }))
    }

    fn change((print, before, after): (String, u8, u8)) -> Change {
        Change { fingerprint: print.into(), before: decision(before), after: decision(after) }
    }

    fn sorted(mut changes: Vec<Change>) -> Vec<Change> {
        changes.sort_by_key(|c| format!("{c:?}"));
        changes
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_and_what_earlier_versions_wrote_as_well(
            changes in prop::collection::vec(("[a-c\"\\\\é]{0,3}", 0..3u8, 0..3u8), 0..12),
        ) {
            let changes: Vec<Change> = changes.into_iter().map(change).collect();
            let earlier = json!({ "changes": changes }).to_string();
            prop_assert_eq!(&of_body(&earlier).unwrap(), &changes);
            let read = of_body(&to_body(&changes).to_string()).unwrap();
            // The first one names the act.
            prop_assert_eq!(read.first(), changes.first());
            prop_assert_eq!(sorted(read), sorted(changes));
        }
    }

    #[test]
    fn an_earlier_journal_reads_and_holds_equal_decisions_once() {
        let text = r#"{"changes":[
            {"after":{"reason":"why","state":"accepted"},"before":null,"fingerprint":"p1:a"},
            {"after":{"reason":"why","state":"accepted"},"before":{"state":"fixed"},"fingerprint":"p1:b"},
            {"after":null,"before":{"state":"fixed"},"fingerprint":"p1:\u0063"}]}"#;
        let read = of_body(text).unwrap();
        let [a, b, c] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!([&*a.fingerprint, &*b.fingerprint, &*c.fingerprint], ["p1:a", "p1:b", "p1:c"]);
        assert!(same(a.after.as_ref(), b.after.as_ref()), "{read:?}");
        assert!(same(b.before.as_ref(), c.before.as_ref()), "{read:?}");
        assert_eq!((&a.before, &c.after), (&None, &None));
        assert_eq!(a.after.as_ref().unwrap().reason.as_deref(), Some("why"));
    }

    #[test]
    fn one_change_is_written_as_ever_and_many_alike_are_one_group() {
        let one = change(("p1:a".into(), 0, 1));
        assert_eq!(to_body(std::slice::from_ref(&one)), json!({ "changes": [one] }));
        let many: Vec<Change> = (0..3).map(|n| change((format!("p1:{n}"), 0, 1 + n % 2))).collect();
        let group = |after: u8, prints: &[&str]| json!({ "before": null, "after": decision(after), "fingerprints": prints });
        let expected = [group(1, &["p1:0", "p1:2"]), group(2, &["p1:1"])];
        assert_eq!(to_body(&many), json!({ "groups": expected }));
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in [
            "{}",
            r#"{"changes":null}"#,
            r#"{"changes":[{"before":null}]}"#,
            r#"{"groups":[{"after":{"state":"odd"},"fingerprints":[]}]}"#,
            r#"{"groups":[{"after":null}]}"#,
            "[]",
        ] {
            assert!(of_body(text).is_err(), "{text}");
        }
    }
}
