//! Decisions written as a file: in a stable order, with a line for the reader of a diff.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::BuildHasher;

use super::file::{SCHEMA, STATES};
use crate::model::decision::Decision;
use crate::model::finding::Finding;
use crate::text::{clean, double_quoted, is_ticket, mask};

/// What the comment of an entry says: which finding it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    check: String,
    object: String,
    message: String,
}

impl About {
    /// Of a finding.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        let owner = finding.owner.as_ref().or(finding.object.as_ref());
        Self {
            check: finding.check.to_string(),
            object: owner.map_or_else(|| "Cluster/cluster".to_owned(), ToString::to_string),
            message: finding.message.clone(),
        }
    }
}

/// Writes decisions by fingerprint. States that a file cannot give are left out. `about` tells of
/// the findings that are known; what is not known comes last, by fingerprint.
#[must_use]
pub fn write<P: AsRef<str>, D: Borrow<Decision>, S: BuildHasher, T: BuildHasher>(
    decisions: &HashMap<P, D, S>,
    about: &HashMap<String, About, T>,
) -> String {
    let mut entries: Vec<(Option<&About>, &str, &Decision)> = decisions
        .iter()
        .map(|(print, decision)| -> (&str, &Decision) { (print.as_ref(), decision.borrow()) })
        .filter(|(_, decision)| STATES.contains(&decision.state))
        .map(|(print, decision)| (about.get(print), print, decision))
        .collect();
    entries.sort_by_key(|(about, print, _)| (about.is_none(), *about, *print));
    let mut out = format!("schema = {}\n", quoted(SCHEMA));
    for (about, print, decision) in entries {
        let line = about.map_or_else(
            || "not among the findings of the last run".to_owned(),
            |a| format!("{}  {}  {}", a.check, a.object, a.message),
        );
        // Writing to a String cannot fail.
        let _ = write!(out, "\n# {}\n[[decision]]\n", clean(&mask(&line)));
        // Sessions of earlier versions may hold something else, which no file takes as a link.
        let link = decision.link.as_deref().filter(|link| is_ticket(link));
        let note = decision.link.as_deref().filter(|link| !is_ticket(link));
        let reason = [decision.reason.as_deref(), note].into_iter().flatten();
        let reason = reason.collect::<Vec<_>>().join("; ");
        let values = [
            ("fingerprint", Some(print)),
            ("state", Some(decision.state.word())),
            ("reason", Some(&*reason).filter(|reason| !reason.is_empty())),
            ("approver", decision.approver.as_deref()),
            ("expires", decision.expires.as_deref()),
            ("link", link),
        ];
        for (key, value) in values {
            if let Some(value) = value {
                let _ = writeln!(out, "{key} = {}", quoted(value));
            }
        }
    }
    out
}

/// A TOML string on one line in which nothing invisible stands: who reads the diff sees it all.
fn quoted(text: &str) -> String {
    double_quoted(text, |c| format!("\\U{:08X}", u32::from(c)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::decision::{DecisionOrigin, DecisionState};
    use crate::text::is_safe;
    use crate::triage::file::{DecisionFile, Target};

    fn text() -> impl Strategy<Value = String> {
        // Reading trims, so what is written has no spaces around it.
        any::<String>().prop_map(|t| t.trim().to_owned()).prop_filter("empty", |t| !t.is_empty())
    }

    fn decision() -> impl Strategy<Value = Decision> {
        let link = prop::option::of("https://[a-z0-9./?=#éß-]{1,9}");
        let fields = (text(), prop::option::of(text()), link);
        let day = prop::option::of((2024..2040_i32, 1..=12_u8, 1..=28_u8));
        (0..3_usize, fields, day).prop_map(|(state, (reason, approver, link), day)| {
            let state = STATES[state];
            let expires = day.filter(|_| state == DecisionState::Accepted);
            Decision {
                state,
                reason: Some(reason),
                approver,
                expires: expires.map(|(y, m, d)| format!("{y}-{m:02}-{d:02}")),
                link,
                origin: DecisionOrigin::Session,
            }
        })
    }

    proptest! {
        /// What is exported and read back is what was decided, whatever people and objects are
        /// called, and the text does not depend on the order of a map.
        #[test]
        fn what_is_written_reads_back(
            entries in prop::collection::hash_map("p1:[0-9a-f]{32}", (decision(), any::<bool>(), any::<String>()), 0..12),
        ) {
            let decisions: HashMap<String, Decision> =
                entries.iter().map(|(p, (d, ..))| (p.clone(), d.clone())).collect();
            let about: HashMap<String, About> = entries
                .iter()
                .filter(|(_, (_, known, _))| *known)
                .map(|(p, (_, _, words))| {
                    let about = About { check: "c".into(), object: words.clone(), message: words.clone() };
                    (p.clone(), about)
                })
                .collect();
            let text = write(&decisions, &about);
            prop_assert!(text.chars().all(|c| c == '\n' || is_safe(c)));
            let again: HashMap<_, _> = decisions.clone().into_iter().collect();
            prop_assert_eq!(&text, &write(&again, &about));
            let file = DecisionFile::parse("f", &text).unwrap();
            let read: HashMap<String, Decision> = file
                .entries
                .into_iter()
                .map(|entry| {
                    let Target::Finding(print) = entry.target else { panic!("a matcher") };
                    (print, Decision { origin: DecisionOrigin::Session, ..entry.decision })
                })
                .collect();
            prop_assert_eq!(read, decisions);
        }
    }

    #[test]
    fn what_an_earlier_version_took_for_a_link_is_kept_in_the_reason() {
        let old = Decision {
            state: DecisionState::Accepted,
            reason: Some("why".into()),
            link: Some("data:x".into()),
            ..Decision::default()
        };
        let text =
            write(&HashMap::from([(format!("p1:{}", "0".repeat(32)), old)]), &HashMap::new());
        let file = DecisionFile::parse("f", &text).unwrap();
        let read = &file.entries[0].decision;
        assert_eq!((read.reason.as_deref(), &read.link), (Some("why; data:x"), &None));
    }

    #[test]
    fn what_plimsoll_says_itself_is_not_written() {
        let fixed = Decision { state: DecisionState::Fixed, ..Decision::default() };
        let text =
            write(&HashMap::from([(format!("p1:{}", "0".repeat(32)), fixed)]), &HashMap::new());
        assert_eq!(text, "schema = \"plimsoll.decisions/v1\"\n");
    }
}
