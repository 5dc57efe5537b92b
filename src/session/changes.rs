//! Changes of decisions as they stand in the journal: the body of `decided` and `settled`,
//! `{"changes": [{"fingerprint", "before", "after"}]}`.
//!
//! A decision on 200,000 findings says the same 200,000 times. It is read once: what is equal in a
//! body is told by its text, and held once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::act::DecisionChange;
use crate::model::decision::Decision;

/// The body of an entry with these changes.
pub(super) fn to_body(changes: &[DecisionChange]) -> Value {
    json!({ "changes": changes })
}

/// Whether both are the very same decision, which is known without looking into it, or none.
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
    changes: Vec<Single<'a>>,
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

/// Text that stands in the body as it is, unless it has escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Reads a body.
///
/// # Errors
/// When it has no changes, or what it calls a decision is none.
pub(super) fn of_body(text: &str) -> Result<Vec<DecisionChange>, serde_json::Error> {
    let Body { changes } = serde_json::from_str(text)?;
    let mut known = Known::default();
    let change = |Single { fingerprint, before, after }| {
        let (before, after) = (known.decision(before)?, known.decision(after)?);
        Ok(DecisionChange { fingerprint: Arc::from(&*fingerprint.0), before, after })
    };
    changes.into_iter().map(change).collect()
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
        let decision = if let Some(decision) = self.all.get(text) {
            Arc::clone(decision)
        } else {
            let decision = Arc::new(serde_json::from_str::<Decision>(text)?);
            self.all.insert(text, Arc::clone(&decision));
            decision
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

    fn change((print, before, after): (String, u8, u8)) -> DecisionChange {
        DecisionChange {
            fingerprint: print.into(),
            before: decision(before),
            after: decision(after),
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_in_its_order(
            changes in prop::collection::vec(("[a-c\"\\\\é]{0,3}", 0..3u8, 0..3u8), 0..12),
        ) {
            let changes: Vec<DecisionChange> = changes.into_iter().map(change).collect();
            prop_assert_eq!(of_body(&to_body(&changes).to_string()).unwrap(), changes);
        }
    }

    #[test]
    fn equal_decisions_are_held_once_and_escapes_are_read() {
        let text = r#"{"changes":[
            {"after":{"reason":"why","state":"accepted"},"before":null,"fingerprint":"p1:a"},
            {"after":{"reason":"why","state":"accepted"},"before":{"state":"fixed"},"fingerprint":"p1:b"},
            {"before":{"state":"fixed"},"fingerprint":"p1:\u0063"}]}"#;
        let read = of_body(text).unwrap();
        let [a, b, c] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!([&*a.fingerprint, &*b.fingerprint, &*c.fingerprint], ["p1:a", "p1:b", "p1:c"]);
        assert!(same(a.after.as_ref(), b.after.as_ref()), "{read:?}");
        assert!(same(b.before.as_ref(), c.before.as_ref()), "{read:?}");
        assert_eq!((&a.before, &c.after), (&None, &None));
        assert_eq!(a.after.as_ref().unwrap().reason.as_deref(), Some("why"));
    }

    #[test]
    fn what_is_no_change_is_refused() {
        for text in [
            "{}",
            "[]",
            r#"{"changes":null}"#,
            r#"{"changes":[{"before":null}]}"#,
            r#"{"changes":[{"fingerprint":"p1:a","after":{"state":"odd"}}]}"#,
            r#"{"changes":[{"fingerprint":"p1:a","after":null,"after":{"state":"accepted"}}]}"#,
        ] {
            assert!(of_body(text).is_err(), "{text}");
        }
    }
}
