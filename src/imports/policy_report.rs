//! Policy reports: `wgpolicyk8s.io` (`v1alpha2`, `v1beta1`), `openreports.io`, `reports.x-k8s.io`.
//! All share one core: a scope for the whole report or resources of each result, and a word for
//! what came of it.

use super::Parsed;
use super::shape::{self, Wrong, brief, severity, text, text_if};
use crate::model::import::{ImportOutcome, ImportedResult};
use crate::model::node::Node;
use crate::model::object::ObjectRef;

/// Whether a kind of these groups is a report.
pub(super) fn is_kind(kind: &str) -> bool {
    matches!(kind, "PolicyReport" | "ClusterPolicyReport" | "Report" | "ClusterReport")
}

/// Reads one report.
pub(super) fn parse(report: &Node) -> Result<Parsed, Wrong> {
    let metadata = shape::map(report, "metadata")?;
    let namespace = text_if(metadata, "namespace").map_err(|w| w.inside("metadata"))?;
    let source = text_if(report, "source")?;
    let scope = match report.get("scope") {
        Some(scope) => Some(object(scope, namespace).map_err(|wrong| wrong.inside("scope"))?),
        None => None,
    };
    let created = metadata.str_at(&["creationTimestamp"]);
    let mut parsed = Parsed::default();
    shape::each(report, "results", |result| {
        let taken = match result.get("timestamp") {
            Some(time) => Some(moment(time).map_err(|wrong| wrong.inside("timestamp"))?),
            None => created.map(str::to_owned),
        };
        let base = one(result, source, taken)?;
        parsed.taken = parsed.taken.take().max(base.taken.clone());
        let mut objects = Vec::new();
        shape::each(result, "resources", |resource| {
            objects.push(object(resource, namespace)?);
            Ok(())
        })?;
        // The first spelling of the format in its early versions.
        shape::each(result, "subjects", |subject| {
            objects.push(object(subject, namespace)?);
            Ok(())
        })?;
        if objects.is_empty() {
            return parsed.results.push(ImportedResult { object: scope.clone(), ..base });
        }
        let about = |object| ImportedResult { object: Some(object), ..base.clone() };
        objects.into_iter().map(about).try_for_each(|result| parsed.results.push(result))
    })?;
    parsed.objects.push(kept(report));
    Ok(parsed)
}

fn one(
    result: &Node,
    source: Option<&str>,
    taken: Option<String>,
) -> Result<ImportedResult, Wrong> {
    let policy = text(result, "policy")?;
    let rule = text_if(result, "rule")?;
    let Some(word) = text_if(result, "result")?.or(text_if(result, "status")?) else {
        return Err(nothing());
    };
    let outcome = match word {
        "pass" => ImportOutcome::Pass,
        "fail" => ImportOutcome::Fail,
        "warn" => ImportOutcome::Warn,
        "skip" => ImportOutcome::Skip,
        "error" => ImportOutcome::Error,
        other => {
            let found = shape::describe(&Node::str(other));
            return Err(Wrong::new("pass, fail, warn, error or skip", found).inside("result"));
        }
    };
    let source = text_if(result, "source")?.or(source);
    let title = text_if(result, "category")?;
    let about = [source, title].into_iter().flatten().collect::<Vec<_>>().join(": ");
    Ok(ImportedResult {
        rule: brief(&rule.map_or_else(|| policy.to_owned(), |rule| format!("{policy}/{rule}"))),
        title: brief(&about),
        outcome,
        severity: severity(text_if(result, "severity")?),
        message: brief(
            text_if(result, "message")?.or(text_if(result, "description")?).unwrap_or_default(),
        ),
        taken,
        ..ImportedResult::default()
    })
}

fn nothing() -> Wrong {
    Wrong::new("a text", "nothing".to_owned()).inside("result")
}

/// An object reference. Policy engines leave the namespace out where it is that of the report.
fn object(node: &Node, namespace: Option<&str>) -> Result<ObjectRef, Wrong> {
    let kind = text(node, "kind")?;
    let api_version = text_if(node, "apiVersion")?.unwrap_or("v1");
    let cluster_wide = crate::model::kinds::Kind::of(api_version, kind)
        .builtin()
        .is_some_and(|builtin| !builtin.namespaced);
    let namespace = text_if(node, "namespace")?.or(namespace).filter(|_| !cluster_wide);
    Ok(ObjectRef {
        api_version: api_version.into(),
        kind: kind.into(),
        namespace: namespace.map(Into::into),
        name: text_if(node, "name")?.unwrap_or_default().into(),
    })
}

/// A report without what passes on objects that are all absent; none where nothing else is in it.
pub(super) fn without_passes_on(
    report: &Node,
    absent: impl Fn(&ObjectRef) -> bool,
) -> Option<Node> {
    let results = report.get("results").and_then(Node::as_list).unwrap_or_default();
    let namespace = report.str_at(&["metadata", "namespace"]);
    let is_absent = |node: &Node| object(node, namespace).is_ok_and(|id| absent(&id));
    let says = |result: &Node| {
        let word = result.str_at(&["result"]).or_else(|| result.str_at(&["status"]));
        let named = ["resources", "subjects"].map(|list| result.list_at(&[list]));
        let mut about = named.into_iter().flatten().peekable();
        let gone = match about.peek() {
            Some(_) => about.all(is_absent),
            None => report.get("scope").is_some_and(is_absent),
        };
        word != Some("pass") || !gone
    };
    let left: Vec<Node> = results.iter().filter(|result| says(result)).cloned().collect();
    if left.len() == results.len() {
        return Some(report.clone());
    }
    let rest = report.as_map()?.iter().filter(|(key, _)| *key != "results");
    let rest = rest.map(|(key, value)| (key, value.clone()));
    let whole = || Node::map(rest.chain([("results", Node::list(left.clone()))]));
    (!left.is_empty()).then(whole)
}

/// `{seconds, nanos}`, or RFC 3339 where a tool wrote that.
pub(super) fn moment(time: &Node) -> Result<String, Wrong> {
    let wrong = || Wrong::new("a time as seconds and nanos", shape::describe(time));
    if let Some(text) = time.as_str() {
        return text.parse::<jiff::Timestamp>().map(|t| t.to_string()).map_err(|_| wrong());
    }
    let seconds = time.get("seconds").ok_or_else(wrong)?;
    let moment = seconds.as_int().and_then(|s| jiff::Timestamp::from_second(s).ok());
    let unfit = || {
        let (first, last) = (jiff::Timestamp::MIN, jiff::Timestamp::MAX);
        let (first, last) = (first.as_second(), last.as_second());
        let expected = format!("a whole number of seconds from {first} to {last}");
        Wrong::new(&expected, shape::describe(seconds)).inside("seconds")
    };
    moment.map(|time| time.to_string()).ok_or_else(unfit)
}

/// The report as checks look at it.
fn kept(report: &Node) -> Node {
    let keys = ["apiVersion", "kind", "scope", "source", "results"];
    super::objects::kept(report, &keys, Node::clone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> Result<Parsed, Wrong> {
        parse(&Node::from_json(json.as_bytes()).unwrap())
    }

    #[test]
    fn a_result_is_about_its_resources_or_about_the_scope_of_the_report() {
        let parsed = parsed(
            r#"{"apiVersion":"wgpolicyk8s.io/v1alpha2","kind":"PolicyReport","metadata":{"name":"r","namespace":"pay"},
            "scope":{"apiVersion":"v1","kind":"Pod","name":"a"},"results":[
            {"policy":"p","rule":"x","result":"fail","severity":"high","timestamp":{"seconds":1767225600,"nanos":0},"message":"two\n lines"},
            {"policy":"p","rule":"y","result":"pass","resources":[{"apiVersion":"v1","kind":"Namespace","name":"b"},{"apiVersion":"v1","kind":"Pod","name":"c","namespace":"other"}]}]}"#,
        )
        .unwrap();
        let about: Vec<String> =
            parsed.results.iter().map(|r| r.object.as_ref().unwrap().to_string()).collect();
        assert_eq!(about, ["Pod/pay/a", "Namespace/b", "Pod/other/c"]);
        assert_eq!(parsed.results[0].rule, "p/x");
        assert_eq!(parsed.results[0].message, "two lines");
        assert_eq!(parsed.taken.as_deref(), Some("2026-01-01T00:00:00Z"));
        assert_eq!(parsed.objects.len(), 1);
    }

    #[test]
    fn seconds_that_are_no_time_are_told() {
        let told = |seconds: &str| {
            let time = format!(r#"{{"seconds":{seconds},"nanos":-1}}"#);
            let Wrong::Unexpected { steps, expected, found } =
                moment(&Node::from_json(time.as_bytes()).unwrap()).unwrap_err()
            else {
                panic!()
            };
            (steps, expected, found)
        };
        let (steps, expected, found) = told("99999999999999");
        assert_eq!((&*steps, &*found), (&["seconds".to_owned()][..], "`99999999999999`"));
        assert_eq!(expected, "a whole number of seconds from -377705023201 to 253402207200");
        assert_eq!(told("\"soon\"").2, "`soon`");
    }

    #[test]
    fn a_word_that_is_none_is_told_with_its_place() {
        let wrong = parsed(
            r#"{"kind":"PolicyReport","metadata":{},"results":[{"policy":"p","result":"pass"},{"policy":"p","result":"ok"}]}"#,
        )
        .unwrap_err();
        let Wrong::Unexpected { steps, found, .. } = wrong else { panic!() };
        assert_eq!(
            (shape::place(None, &steps), found),
            ("results[1].result".into(), "`ok`".into())
        );
    }
}
