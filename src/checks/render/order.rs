//! The order of findings in reports.

use std::cmp::Ordering;
use std::sync::Arc;

use rayon::prelude::*;

use crate::model::finding::Finding;

/// Findings in the order of reports. Each path is written once, and not for every comparison.
pub(in crate::checks) fn sorted(findings: Vec<Arc<Finding>>) -> Vec<Arc<Finding>> {
    let mut with_paths: Vec<(String, Arc<Finding>)> =
        findings.into_par_iter().map(|finding| (finding.path.to_string(), finding)).collect();
    with_paths.par_sort_unstable_by(|(one_path, one), (other_path, other)| {
        above_path(one, other)
            .then_with(|| one_path.cmp(other_path))
            .then_with(|| at_path(one, other))
    });
    with_paths.into_iter().map(|(_, finding)| finding).collect()
}

/// The order of reports: severity, check, namespace, kind, name, path.
pub(in crate::checks) fn in_order(one: &Finding, other: &Finding) -> Ordering {
    above_path(one, other)
        .then_with(|| one.path.to_string().cmp(&other.path.to_string()))
        .then_with(|| at_path(one, other))
}

fn above_path(one: &Finding, other: &Finding) -> Ordering {
    fn object(finding: &Finding) -> (&str, &str) {
        finding.object.as_ref().map_or(("", ""), |object| (&object.kind, &object.name))
    }
    one.severity
        .cmp(&other.severity)
        .then_with(|| one.check.cmp(&other.check))
        .then_with(|| one.namespace().cmp(other.namespace()))
        .then_with(|| object(one).cmp(&object(other)))
}

/// Two of one place can differ only in what they are about there.
fn at_path(one: &Finding, other: &Finding) -> Ordering {
    one.fingerprint.cmp(&other.fingerprint)
}
