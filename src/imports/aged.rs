//! Imported reports with their age, as far as they count.

use super::age::age;
use crate::model::import::Import;
use crate::model::node::Node;

/// The field in which a report that was imported has its age, in days.
const AGE: &str = "ageDays";

/// From when on results count: no more than `max_age` days before `today`, an RFC 3339 date.
#[derive(Clone, Copy)]
pub(super) struct Limit<'a> {
    pub(super) today: &'a str,
    pub(super) max_age: u32,
}

impl Limit<'_> {
    /// The age of what was made at a moment, if that counts.
    fn counts(self, taken: &str) -> Option<i64> {
        age(taken, self.today).filter(|days| *days <= i64::from(self.max_age))
    }

    /// A report with its age, and without those of its results that are too old; none if nothing of it
    /// counts.
    pub(super) fn counting(self, report: &Node, import: &Import) -> Option<Node> {
        let whole = import.taken.as_deref().unwrap_or(&import.imported);
        let own = report
            .str_at(&["report", "updateTimestamp"])
            .or_else(|| report.str_at(&["metadata", "creationTimestamp"]))
            .unwrap_or(whole);
        let results = report.get("results").and_then(Node::as_list).unwrap_or_default();
        if results.is_empty() {
            return Some(with(report, self.counts(own)?, None));
        }
        let each = results.iter().filter_map(|result| {
            let taken = result.get("timestamp").and_then(moment);
            Some((self.counts(taken.as_deref().unwrap_or(own))?, result.clone()))
        });
        let (ages, fresh): (Vec<i64>, Vec<Node>) = each.unzip();
        Some(with(report, ages.into_iter().min()?, Some(fresh)))
    }
}

/// `{seconds, nanos}`, or RFC 3339 where a tool wrote that.
fn moment(time: &Node) -> Option<String> {
    match time.as_str() {
        Some(text) => Some(text.to_owned()),
        None => super::policy_report::moment(time).ok(),
    }
}

fn with(report: &Node, age: i64, results: Option<Vec<Node>>) -> Node {
    let Some(map) = report.as_map() else { return report.clone() };
    let kept = results.is_none();
    let rest = map.iter().filter(|(key, _)| kept || *key != "results");
    let rest = rest.map(|(key, value)| (key, value.clone()));
    let results = results.map(|results| ("results", Node::list(results)));
    Node::map(rest.chain(results).chain([(AGE, Node::Int(age))]).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::import::ImportTool;

    fn counting(report: &serde_json::Value) -> Option<Node> {
        let import = Import {
            tool: ImportTool::PolicyReport,
            version: None,
            origin: "r.json".into(),
            taken: Some("2026-05-20T00:00:00Z".into()),
            clusters: Vec::new(),
            imported: "2026-05-30T00:00:00Z".into(),
            sha256: String::new(),
            results: Vec::new(),
            objects: Vec::new(),
        };
        Limit { today: "2026-05-30", max_age: 30 }.counting(&Node::from(report), &import)
    }

    #[test]
    fn a_report_counts_by_its_own_time_or_by_that_of_its_import() {
        let scan = |time: &str| serde_json::json!({"kind": "VulnerabilityReport", "report": {"updateTimestamp": time}});
        assert!(counting(&scan("2026-04-29T00:00:00Z")).is_none());
        let fresh = counting(&scan("2026-05-28T00:00:00Z")).unwrap();
        assert_eq!(fresh.get(AGE), Some(&Node::Int(2)));
        let silent = counting(&serde_json::json!({"kind": "Report"})).unwrap();
        assert_eq!(silent.get(AGE), Some(&Node::Int(10)));
        assert!(counting(&scan("some day")).is_none(), "an age that is not known is no age");
    }

    #[test]
    fn results_that_are_too_old_are_left_out_of_their_report() {
        // 1779926400 is 2026-05-28, 1767225600 is 2026-01-01.
        let report = |times: &[i64]| {
            let one = |time: &i64| serde_json::json!({"policy": "p", "result": "fail", "timestamp": {"seconds": time}});
            serde_json::json!({"kind": "PolicyReport", "results": times.iter().map(one).collect::<Vec<_>>()})
        };
        let some = counting(&report(&[1_779_926_400, 1_767_225_600])).unwrap();
        assert_eq!((some.list_at(&["results"]).len(), some.get(AGE)), (1, Some(&Node::Int(2))));
        assert!(counting(&report(&[1_767_225_600])).is_none());
    }
}
