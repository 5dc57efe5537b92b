//! Reports of trivy-operator. What a report is about stands in its labels. Only failures may be
//! stored, so that the absence of a rule says nothing.

use super::shape::{self, Wrong, brief, severity, text, text_if};
use super::{Parsed, Results};
use crate::model::finding::Severity;
use crate::model::import::{ImportOutcome, ImportedResult};
use crate::model::kinds;
use crate::model::node::Node;
use crate::model::object::ObjectRef;

/// The rule of a result that stands for a whole report on the vulnerabilities of an image.
pub(super) const VULNERABILITIES: &str = "vulnerabilities";
/// The rule of a result that stands for a whole report on secrets in an image.
pub(super) const SECRETS: &str = "exposed-secrets";

/// What a kind reports on.
#[derive(Clone, Copy)]
enum Report {
    Vulnerabilities,
    Secrets,
    Checks,
    Compliance,
}

fn report_of(kind: &str) -> Option<Report> {
    Some(match kind.strip_prefix("Cluster").unwrap_or(kind) {
        "VulnerabilityReport" => Report::Vulnerabilities,
        "ExposedSecretReport" => Report::Secrets,
        "ConfigAuditReport" | "RbacAssessmentReport" | "InfraAssessmentReport" => Report::Checks,
        "ComplianceReport" => Report::Compliance,
        _ => return None,
    })
}

/// Whether a kind of the group is a report that is read.
pub(super) fn is_kind(kind: &str) -> bool {
    report_of(kind).is_some()
}

/// Reads one report.
pub(super) fn parse(document: &Node) -> Result<Parsed, Wrong> {
    let kind = text(document, "kind")?;
    let metadata = shape::map(document, "metadata")?;
    if report_of(kind).is_some_and(|report| matches!(report, Report::Compliance)) {
        return compliance(document);
    }
    let report = shape::map(document, "report")?;
    let inside = |wrong: Wrong| wrong.inside("report");
    let scanner = report.str_at(&["scanner", "version"]).map(brief);
    let taken = text_if(report, "updateTimestamp").map_err(inside)?;
    let taken = taken.or_else(|| metadata.str_at(&["creationTimestamp"])).map(str::to_owned);
    let object = object(metadata).map_err(|wrong| wrong.inside("metadata"))?;
    let base = ImportedResult { object, taken: taken.clone(), ..ImportedResult::default() };
    let mut parsed = Parsed { version: scanner, taken, ..Parsed::default() };
    match report_of(kind) {
        Some(Report::Vulnerabilities) => {
            let counts = counts(report, "vulnerabilities", 2).map_err(inside)?;
            parsed.results.push(vulnerabilities(report, counts, base).map_err(inside)?)?;
            parsed.objects.push(kept(document, counts));
        }
        Some(Report::Secrets) => {
            let counts = counts(report, "secrets", 4).map_err(inside)?;
            secrets(report, counts, &base, &mut parsed.results).map_err(inside)?;
            parsed.objects.push(kept(document, counts));
        }
        _ => checks(report, &base, &mut parsed.results).map_err(inside)?,
    }
    Ok(parsed)
}

/// The object that the labels of a report name.
fn object(metadata: &Node) -> Result<Option<ObjectRef>, Wrong> {
    let label = |name: &str| {
        metadata.str_at(&["labels", &format!("trivy-operator.resource.{name}")]).map(str::to_owned)
    };
    if let Some(labels) = metadata.get("labels")
        && labels.as_map().is_none()
    {
        return Err(Wrong::new("an object", shape::describe(labels)).inside("labels"));
    }
    let (Some(kind), Some(name)) = (label("kind"), label("name")) else { return Ok(None) };
    let builtin = kinds::BUILTINS.iter().find(|builtin| builtin.kind == kind);
    let api_version = builtin.map_or_else(|| "v1".to_owned(), kinds::Builtin::api_version);
    let namespace = label("namespace").filter(|namespace| !namespace.is_empty());
    let namespace = namespace.filter(|_| builtin.is_none_or(|builtin| builtin.namespaced));
    Ok(Some(ObjectRef {
        api_version: api_version.into(),
        kind: kind.into(),
        namespace: namespace.map(Into::into),
        name: name.into(),
    }))
}

/// The image of a report, as it is written in a pod.
fn image(report: &Node) -> String {
    let part = |keys: &[&str]| report.str_at(keys).filter(|text| !text.is_empty());
    let mut name = part(&["registry", "server"]).map(|s| format!("{s}/")).unwrap_or_default();
    name.push_str(part(&["artifact", "repository"]).unwrap_or("an image without a name"));
    if let Some(tag) = part(&["artifact", "tag"]) {
        name.push_str(&format!(":{tag}"));
    } else if let Some(digest) = part(&["artifact", "digest"]) {
        name.push_str(&format!("@{digest}"));
    }
    brief(&name)
}

/// Counts of a summary, the worst first.
const COUNTS: [&str; 4] = ["criticalCount", "highCount", "mediumCount", "lowCount"];

/// What was found, by severity: by the summary or by the list, whichever tells more. The first `needed` counts
/// have to stand in one of them: a report that does not say how many there are does not say that there are none.
fn counts(report: &Node, list: &str, needed: usize) -> Result<[u64; 4], Wrong> {
    let mut counts = [0_u64; 4];
    shape::each(report, list, |entry| {
        let at = severity(text_if(entry, "severity")?).map(|s| s as usize);
        if let Some(count) = at.and_then(|at| counts.get_mut(at)) {
            *count += 1;
        }
        Ok(())
    })?;
    let is_listed = report.get(list).is_some();
    for (at, (count, key)) in counts.iter_mut().zip(COUNTS).enumerate() {
        let told = report.at(&["summary", key]);
        let wrong = |expected: &str| {
            let found = told.map_or_else(|| "nothing".to_owned(), shape::describe);
            Err(Wrong::new(expected, found).inside(key).inside("summary"))
        };
        match told {
            Some(Node::Int(told)) if *told >= 0 => *count = told.unsigned_abs().max(*count),
            Some(_) => return wrong(&format!("a whole number from 0 to {}", i64::MAX)),
            None if at < needed && !is_listed => {
                return wrong(&format!("a count, or a list in `{list}`"));
            }
            None => {}
        }
    }
    Ok(counts)
}

/// One result for the whole report: those that are critical or high fail it.
fn vulnerabilities(
    report: &Node,
    [critical, high, medium, low]: [u64; 4],
    base: ImportedResult,
) -> Result<ImportedResult, Wrong> {
    let mut worst = Vec::new();
    shape::each(report, "vulnerabilities", |entry| {
        let id = text(entry, "vulnerabilityID")?;
        let bad = severity(text_if(entry, "severity")?)
            .is_some_and(|severity| severity <= Severity::High);
        let id = brief(id);
        if bad && worst.len() < 4 && !worst.contains(&id) {
            worst.push(id);
        }
        Ok(())
    })?;
    let mut message = format!("{critical} critical, {high} high, {medium} medium, {low} low");
    if !worst.is_empty() {
        let more = if critical + high > worst.len() as u64 { " and more" } else { "" };
        message.push_str(&format!(": {}{more}", worst.join(", ")));
    }
    let bad = critical + high > 0;
    Ok(ImportedResult {
        rule: VULNERABILITIES.to_owned(),
        title: image(report),
        outcome: if bad { ImportOutcome::Fail } else { ImportOutcome::Pass },
        severity: bad.then_some(if critical > 0 { Severity::Critical } else { Severity::High }),
        message,
        check: Some("image-known-vulnerabilities".to_owned()),
        ..base
    })
}

fn secrets(
    report: &Node,
    counts: [u64; 4],
    base: &ImportedResult,
    results: &mut Results,
) -> Result<(), Wrong> {
    let of = |outcome, severity, message: String| ImportedResult {
        rule: SECRETS.to_owned(),
        title: image(report),
        outcome,
        severity,
        message,
        check: Some("image-embedded-secret".to_owned()),
        ..base.clone()
    };
    let before = results.len();
    shape::each(report, "secrets", |secret| {
        // Never what was found, only what it is and where.
        let what = text_if(secret, "title")?.or(text_if(secret, "ruleID")?).unwrap_or("a secret");
        let place = text_if(secret, "target")?.map(|t| format!(" in {t}")).unwrap_or_default();
        let bad = severity(text_if(secret, "severity")?);
        results.push(of(ImportOutcome::Fail, bad, brief(&format!("{what}{place}"))))
    })?;
    if results.len() == before {
        let counted: u64 = counts.iter().sum();
        let outcome = if counted > 0 { ImportOutcome::Fail } else { ImportOutcome::Pass };
        results.push(of(outcome, None, crate::text::counted(counted, "secret")))?;
    }
    Ok(())
}

fn checks(report: &Node, base: &ImportedResult, results: &mut Results) -> Result<(), Wrong> {
    shape::each(report, "checks", |check| {
        let outcome = match check.get("success") {
            Some(Node::Bool(true)) => ImportOutcome::Pass,
            Some(Node::Bool(false)) => ImportOutcome::Fail,
            other => {
                let found = other.map_or_else(|| "nothing".to_owned(), shape::describe);
                return Err(Wrong::new("true or false", found).inside("success"));
            }
        };
        let messages = shape::list(check, "messages")?.iter().filter_map(Node::as_str);
        let messages: Vec<&str> = messages.take(5).collect();
        results.push(ImportedResult {
            rule: brief(text(check, "checkID")?),
            title: brief(text_if(check, "title")?.unwrap_or_default()),
            outcome,
            severity: severity(text_if(check, "severity")?),
            message: brief(&messages.join("; ")),
            ..base.clone()
        })
    })
}

/// A compliance report. Its summary counts failures only, and counts none as well where nothing
/// looked: a control without failures is left to a person.
fn compliance(document: &Node) -> Result<Parsed, Wrong> {
    let id = document
        .str_at(&["spec", "compliance", "id"])
        .or_else(|| document.str_at(&["metadata", "name"]));
    let (benchmark, edition) = id.map_or((None, None), |id| match id.split_once("cis-") {
        Some((start, edition)) if start.is_empty() || start == "k8s-" || start == "rke2-" => {
            (Some("cis-kubernetes"), Some(edition.to_owned()))
        }
        Some(("eks-", edition)) => (Some("cis-eks"), Some(edition.to_owned())),
        _ => (None, None),
    });
    let status = shape::map(document, "status")?;
    let taken = text_if(status, "updateTimestamp").map_err(|w| w.inside("status"))?;
    let taken = taken.map(str::to_owned);
    let mut parsed = Parsed { version: id.map(brief), taken: taken.clone(), ..Parsed::default() };
    let base = |control: &Node| -> Result<ImportedResult, Wrong> {
        let number = text(control, "id")?;
        Ok(ImportedResult {
            benchmark: benchmark.map(str::to_owned),
            edition: edition.clone(),
            control: benchmark.map(|_| brief(number)),
            rule: brief(number),
            title: brief(text_if(control, "name")?.unwrap_or_default()),
            severity: severity(text_if(control, "severity")?),
            taken: taken.clone(),
            ..ImportedResult::default()
        })
    };
    let (key, list) = match status.get("detailReport") {
        Some(_) => ("detailReport", "results"),
        None => ("summaryReport", "controlCheck"),
    };
    let Some(report) = status.get(key) else { return Ok(parsed) };
    shape::each(report, list, |control| {
        let failed = if key == "detailReport" {
            let mut failed = 0;
            shape::each(control, "checks", |check| {
                failed += u64::from(check.get("success").and_then(Node::as_bool) == Some(false));
                Ok(())
            })?;
            failed
        } else {
            control
                .get("totalFail")
                .and_then(Node::as_int)
                .and_then(|n| u64::try_from(n).ok())
                .unwrap_or(0)
        };
        let (outcome, message) = match failed {
            0 => (
                ImportOutcome::Warn,
                "no failure is counted, which does not say that anything was looked at".to_owned(),
            ),
            n => (ImportOutcome::Fail, format!("{n} failures")),
        };
        parsed.results.push(ImportedResult { outcome, message, ..base(control)? })
    })
    .map_err(|wrong| wrong.inside(key).inside("status"))?;
    Ok(parsed)
}

/// A report as checks look at it: what it is about, and how much was found. Of a secret that was found its rule
/// and severity, since one without a known severity stands in no count.
fn kept(document: &Node, counts: [u64; 4]) -> Node {
    let count = |n: u64| Node::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let summary = Node::map(COUNTS.into_iter().zip(counts.map(count)));
    super::objects::kept(document, &["apiVersion", "kind", "report"], move |node| {
        let Node::Map(report) = node else { return node.clone() };
        let about = ["registry", "artifact", "updateTimestamp"];
        let own = about.iter().filter_map(|key| Some((*key, report.get(key)?.clone())));
        let secrets = node.list_at(&["secrets"]).iter().map(|secret| {
            let told = ["ruleID", "severity"];
            Node::map(told.iter().filter_map(|key| Some((*key, secret.get(key)?.clone()))))
        });
        let secrets = report.get("secrets").map(|_| ("secrets", Node::List(secrets.collect())));
        Node::map(own.chain([("summary", summary.clone())]).chain(secrets))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> Result<Parsed, Wrong> {
        parse(&Node::from_json(json.as_bytes()).unwrap())
    }

    #[test]
    fn a_vulnerability_report_is_one_result_and_an_object_without_its_list() {
        let parsed = parsed(
            r#"{"apiVersion":"aquasecurity.github.io/v1alpha1","kind":"VulnerabilityReport",
            "metadata":{"name":"r","namespace":"pay","labels":{"trivy-operator.resource.kind":"ReplicaSet","trivy-operator.resource.name":"web-5d4","trivy-operator.resource.namespace":"pay"}},
            "report":{"updateTimestamp":"2026-05-30T00:00:00Z","scanner":{"version":"0.60.0"},"registry":{"server":"registry.example"},"artifact":{"repository":"a/b","tag":"1"},
            "summary":{"criticalCount":1,"highCount":0,"mediumCount":2,"lowCount":0},
            "vulnerabilities":[{"vulnerabilityID":"CVE-2026-1","severity":"CRITICAL"},{"vulnerabilityID":"CVE-2026-2","severity":"MEDIUM"}]}}"#,
        )
        .unwrap();
        let result = &parsed.results[0];
        assert_eq!(result.message, "1 critical, 0 high, 2 medium, 0 low: CVE-2026-1");
        assert_eq!(result.title, "registry.example/a/b:1");
        assert_eq!(result.object.as_ref().unwrap().to_string(), "ReplicaSet/pay/web-5d4");
        assert_eq!(&*result.object.as_ref().unwrap().api_version, "apps/v1");
        let object = &parsed.objects[0];
        assert!(object.at(&["report", "vulnerabilities"]).is_none());
        assert_eq!(object.at(&["report", "summary", "criticalCount"]), Some(&Node::Int(1)));
        assert!(super::super::objects::is_imported(object));
    }

    #[test]
    fn what_was_found_in_an_image_is_not_kept() {
        let parsed = parsed(
            r#"{"apiVersion":"aquasecurity.github.io/v1alpha1","kind":"ExposedSecretReport","metadata":{"name":"r"},
            "report":{"artifact":{"repository":"a"},"secrets":[{"ruleID":"aws","title":"AWS key","severity":"HIGH","target":"/app/.env","match":"hunter2hunter2"}]}}"#,
        )
        .unwrap();
        assert_eq!(parsed.results[0].message, "AWS key in /app/.env");
        assert!(!format!("{parsed:?}").contains("hunter2"));
        let kept = &parsed.objects[0];
        assert_eq!(kept.list_at(&["report", "secrets"]).len(), 1);
        assert_eq!(kept.at(&["report", "summary", "highCount"]), Some(&Node::Int(1)));
    }

    #[test]
    fn the_summary_and_the_list_are_told_by_whichever_says_more() {
        let of = |kind: &str, report: &str| {
            parsed(&format!(
                r#"{{"apiVersion":"aquasecurity.github.io/v1alpha1","kind":"{kind}","metadata":{{"name":"r"}},"report":{{{report}}}}}"#
            ))
        };
        let critical = r#""vulnerabilities":[{"vulnerabilityID":"CVE-1","severity":"CRITICAL"}]"#;
        let none = r#""summary":{"criticalCount":0,"highCount":0,"mediumCount":0,"lowCount":0}"#;
        for report in [
            critical.to_owned(),
            format!(r#"{critical},"summary":{{}}"#),
            format!("{critical},{none}"),
        ] {
            let parsed = of("VulnerabilityReport", &report).unwrap();
            assert_eq!(parsed.results[0].outcome, ImportOutcome::Fail, "{report}");
            let count = parsed.objects[0].at(&["report", "summary", "criticalCount"]);
            assert_eq!(count, Some(&Node::Int(1)), "{report}");
        }
        let refused = [
            (r#""artifact":{"repository":"a"}"#, "summary.criticalCount"),
            (r#""summary":{}"#, "summary.criticalCount"),
            (r#""summary":{"criticalCount":0}"#, "summary.highCount"),
            (r#""summary":{"criticalCount":-1,"highCount":0}"#, "summary.criticalCount"),
            (r#""summary":{"criticalCount":"0","highCount":0}"#, "summary.criticalCount"),
        ];
        for (report, place) in refused {
            let Err(Wrong::Unexpected { steps, .. }) = of("VulnerabilityReport", report) else {
                panic!("{report} is refused");
            };
            assert_eq!(shape::place(None, &steps), format!("report.{place}"));
        }
        assert!(
            of("ExposedSecretReport", r#""summary":{"criticalCount":0,"highCount":0}"#).is_err()
        );
        assert!(of("ExposedSecretReport", r#""secrets":[]"#).is_ok());
    }

    #[test]
    fn no_failure_in_a_compliance_report_is_not_a_pass() {
        let parsed = parsed(
            r#"{"apiVersion":"aquasecurity.github.io/v1alpha1","kind":"ClusterComplianceReport","metadata":{"name":"k8s-cis-1.23"},
            "spec":{"compliance":{"id":"k8s-cis-1.23"}},"status":{"summaryReport":{"controlCheck":[
            {"id":"1.1.1","name":"a","totalFail":0},{"id":"1.1.2","name":"b","totalFail":3},{"id":"1.1.3","name":"c"}]}}}"#,
        )
        .unwrap();
        let outcomes: Vec<ImportOutcome> = parsed.results.iter().map(|r| r.outcome).collect();
        assert_eq!(outcomes, [ImportOutcome::Warn, ImportOutcome::Fail, ImportOutcome::Warn]);
        assert_eq!(parsed.results[0].edition.as_deref(), Some("1.23"));
    }

    #[test]
    fn a_report_that_is_none_is_told() {
        let wrong = parsed(r#"{"apiVersion":"aquasecurity.github.io/v1alpha1","kind":"ConfigAuditReport","metadata":{},"report":{"checks":[{"checkID":"KSV001","success":"no"}]}}"#).unwrap_err();
        let Wrong::Unexpected { steps, .. } = wrong else { panic!() };
        assert_eq!(shape::place(None, &steps), "report.checks[0].success");
    }
}
