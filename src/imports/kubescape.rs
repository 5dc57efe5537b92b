//! kubescape's JSON of format version v2: what each control came to on each resource.

use std::collections::HashMap;

use super::Parsed;
use super::shape::{self, Wrong, brief, text, text_if};
use crate::model::finding::Severity;
use crate::model::import::{ImportOutcome, ImportedResult};
use crate::model::kinds::Kind;
use crate::model::node::Node;
use crate::model::object::ObjectRef;

/// Whether a document is of kubescape, in whatever version.
pub(super) fn is(document: &Node) -> bool {
    let has = |key: &str| document.get(key).is_some();
    has("encryptionMetadata")
        || has("frameworkReports") && has("customerGUID")
        || has("summaryDetails") && (has("results") || has("resources") || has("generationTime"))
}

/// Reads one report.
pub(super) fn parse(document: &Node) -> Result<Parsed, Wrong> {
    if document.get("encryptionMetadata").is_some() {
        let message = "the report is encrypted; decrypt it with kubescape first";
        return Err(Wrong::Refused(message.to_owned()));
    }
    let summary = document.get("summaryDetails").filter(|s| s.as_map().is_some());
    let Some(summary) = summary else {
        let message = "it has the old format of kubescape; write it with --format json \
                       --format-version v2";
        return Err(Wrong::Refused(message.to_owned()));
    };
    let names = resources(document)?;
    let taken = text_if(document, "generationTime")?.map(str::to_owned);
    let version = document.str_at(&["metadata", "scanMetadata", "kubescapeVersion"]).map(brief);
    let taken = taken.filter(|t| t.starts_with("20"));
    let mut parsed = Parsed { version, taken, clusters: clusters(document), ..Parsed::default() };
    shape::each(document, "results", |entry| {
        let id = text(entry, "resourceID")?;
        let object = names.get(id).cloned().unwrap_or_else(|| object_of(id));
        shape::each(entry, "controls", |control| {
            parsed.results.push(result(control, summary, object.clone())?)
        })
    })?;
    Ok(parsed)
}

/// What it calls the cluster that it looked at; nothing where it looked at files.
fn clusters(document: &Node) -> Vec<String> {
    let context = |at| ["metadata", at, "clusterContextMetadata", "contextName"];
    let paths: [&[&str]; 3] =
        [&context("targetMetadata"), &context("contextMetadata"), &["clusterName"]];
    let mut names: Vec<String> = Vec::new();
    for name in paths.into_iter().filter_map(|path| document.str_at(path)) {
        let name = brief(name);
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn result(
    control: &Node,
    summary: &Node,
    object: Option<ObjectRef>,
) -> Result<ImportedResult, Wrong> {
    let id = text(control, "controlID")?;
    let known = summary.at(&["controls", id]);
    let (word, more, info) = match control.get("status") {
        Some(Node::Str(word)) => (word.as_str(), None, None),
        Some(status @ Node::Map(_)) => {
            let inside = |wrong: Wrong| wrong.inside("status");
            (
                text(status, "status").map_err(inside)?,
                text_if(status, "subStatus").map_err(inside)?,
                text_if(status, "info").map_err(inside)?,
            )
        }
        _ => (worst(control)?, None, None),
    };
    let excepted = more.is_some_and(|m| m.contains("exception")) || excepted(control)?;
    let outcome = match word {
        "failed" if excepted => ImportOutcome::Skip,
        "failed" => ImportOutcome::Fail,
        // Passed only because somebody said that it should, or because there was nothing.
        "passed" if excepted || more.is_some_and(|m| m.contains("irrelevant")) => {
            ImportOutcome::Skip
        }
        "passed" => ImportOutcome::Pass,
        "skipped" if more.is_some_and(|m| m.contains("review")) => ImportOutcome::Warn,
        "skipped" | "irrelevant" | "excluded" => ImportOutcome::Skip,
        "error" => ImportOutcome::Error,
        other => {
            let found = shape::describe(&Node::str(other));
            let wrong = Wrong::new("passed, failed or skipped", found);
            return Err(wrong.inside("status").inside("status"));
        }
    };
    let message = match (excepted, info.or(more)) {
        (true, _) => "an exception of kubescape's applies".to_owned(),
        (false, Some(info)) => brief(info),
        (false, None) => brief(&paths(control)?.join(", ")),
    };
    let name = text_if(control, "name")?.or_else(|| known.and_then(|k| k.str_at(&["name"])));
    // A node of the host scanner's own kinds is the node it ran on.
    let host = object.as_ref().filter(|o| o.api_version.starts_with("hostdata.kubescape.cloud"));
    let node = host.map(|o| o.name.to_string());
    Ok(ImportedResult {
        rule: brief(id),
        title: brief(name.unwrap_or_default()),
        outcome,
        severity: known.and_then(|k| k.get("scoreFactor")).and_then(severity),
        object: object.filter(|_| node.is_none()),
        node,
        message,
        ..ImportedResult::default()
    })
}

/// kubescape's score factor from 1 to 10 as the severity it shows for it.
fn severity(factor: &Node) -> Option<Severity> {
    let factor = match factor {
        Node::Int(n) => u32::try_from(*n).ok()?,
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10")]
        Node::Float(f) if (0.0..=10.0).contains(f) => *f as u32,
        _ => return None,
    };
    Some(match factor {
        9.. => Severity::Critical,
        7 | 8 => Severity::High,
        4..=6 => Severity::Medium,
        1..=3 => Severity::Low,
        0 => return None,
    })
}

/// Rules of a control that carries no status of its own: the worst of them.
fn worst(control: &Node) -> Result<&str, Wrong> {
    let words = shape::list(control, "rules")?.iter().filter_map(|rule| rule.str_at(&["status"]));
    let rank = |word: &&str| match *word {
        "failed" => 0,
        "passed" => 2,
        _ => 1,
    };
    words
        .min_by_key(rank)
        .ok_or_else(|| Wrong::new("a status", "nothing".to_owned()).inside("status"))
}

/// Whether an exception applies to every rule that did not pass.
fn excepted(control: &Node) -> Result<bool, Wrong> {
    let mut some = false;
    let mut all = true;
    shape::each(control, "rules", |rule| {
        if rule.str_at(&["status"]) == Some("failed") {
            let has = !shape::list(rule, "exception")?.is_empty();
            some |= has;
            all &= has;
        }
        Ok(())
    })?;
    Ok(some && all)
}

/// The fields that failed.
fn paths(control: &Node) -> Result<Vec<String>, Wrong> {
    let mut found = Vec::new();
    shape::each(control, "rules", |rule| {
        shape::each(rule, "paths", |path| {
            let fix = path.str_at(&["fixPath", "path"]);
            let own = ["failedPath", "reviewPath", "deletePath"]
                .iter()
                .find_map(|key| path.str_at(&[key]));
            if let Some(text) = own.or(fix).filter(|text| !text.is_empty())
                && found.len() < 5
                && !found.iter().any(|known| known == text)
            {
                found.push(text.to_owned());
            }
            Ok(())
        })
    })?;
    Ok(found)
}

/// The objects behind the ids of resources.
fn resources(document: &Node) -> Result<HashMap<&str, Option<ObjectRef>>, Wrong> {
    let mut names = HashMap::new();
    for (at, resource) in shape::list(document, "resources")?.iter().enumerate() {
        let id = text(resource, "resourceID").map_err(|w| w.inside(&format!("resources[{at}]")))?;
        let tree = resource.get("object").unwrap_or(resource);
        let part = |keys: &[&str]| tree.str_at(keys).filter(|text| !text.is_empty());
        let name = part(&["metadata", "name"]).or_else(|| part(&["name"]));
        let object = match (part(&["apiVersion"]), part(&["kind"]), name) {
            (Some(version), Some(kind), Some(name)) => {
                let namespace = part(&["metadata", "namespace"]).or_else(|| part(&["namespace"]));
                Some(reference(version, kind, namespace, name))
            }
            _ => object_of(id),
        };
        names.insert(id, object);
    }
    Ok(names)
}

fn reference(version: &str, kind: &str, namespace: Option<&str>, name: &str) -> ObjectRef {
    let builtin = Kind::of(version, kind).builtin();
    let namespace = namespace.filter(|_| builtin.is_none_or(|builtin| builtin.namespaced));
    ObjectRef {
        api_version: version.into(),
        kind: kind.into(),
        namespace: namespace.map(Into::into),
        name: name.into(),
    }
}

/// The object that an id names: `apps/v1/pay/Deployment/web`, `/v1//Namespace/pay`. Ids of several
/// objects taken together name none.
fn object_of(id: &str) -> Option<ObjectRef> {
    let parts: Vec<&str> = id.split('/').collect();
    let [group, version, namespace, kind, name] = parts.as_slice() else { return None };
    if version.is_empty() || kind.is_empty() || name.is_empty() {
        return None;
    }
    let version =
        if group.is_empty() { (*version).to_owned() } else { format!("{group}/{version}") };
    Some(reference(&version, kind, Some(*namespace).filter(|n| !n.is_empty()), name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(control: &str) -> Result<Parsed, Wrong> {
        let json = format!(
            r#"{{"generationTime":"2026-05-30T10:00:00Z","summaryDetails":{{"controls":{{"C-0057":{{"name":"Privileged container","scoreFactor":8}}}}}},
            "resources":[{{"resourceID":"x","object":{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"web","namespace":"pay"}}}}}}],
            "results":[{{"resourceID":"x","controls":[{control}]}}]}}"#
        );
        parse(&Node::from_json(json.as_bytes()).unwrap())
    }

    fn outcome(control: &str) -> ImportOutcome {
        parsed(control).unwrap().results[0].outcome
    }

    #[test]
    fn a_failure_has_its_object_severity_and_fields() {
        let parsed = parsed(
            r#"{"controlID":"C-0057","status":{"status":"failed"},"rules":[{"name":"r","status":"failed","paths":[{"failedPath":"spec.template.spec.containers[0].securityContext.privileged"}]}]}"#,
        )
        .unwrap();
        let result = &parsed.results[0];
        assert_eq!(result.object.as_ref().unwrap().to_string(), "Deployment/pay/web");
        assert_eq!(result.severity, Some(Severity::High));
        assert_eq!(result.title, "Privileged container");
        assert_eq!(result.message, "spec.template.spec.containers[0].securityContext.privileged");
    }

    #[test]
    fn an_exception_or_irrelevance_is_no_pass() {
        assert_eq!(
            outcome(r#"{"controlID":"C","status":{"status":"passed"}}"#),
            ImportOutcome::Pass
        );
        assert_eq!(
            outcome(r#"{"controlID":"C","status":{"status":"passed","subStatus":"w/exceptions"}}"#),
            ImportOutcome::Skip
        );
        assert_eq!(
            outcome(r#"{"controlID":"C","status":{"status":"passed","subStatus":"irrelevant"}}"#),
            ImportOutcome::Skip
        );
        assert_eq!(
            outcome(
                r#"{"controlID":"C","status":{"status":"skipped","subStatus":"requires review"}}"#
            ),
            ImportOutcome::Warn
        );
        assert_eq!(
            outcome(
                r#"{"controlID":"C","rules":[{"status":"failed","exception":[{"name":"e"}]}]}"#
            ),
            ImportOutcome::Skip
        );
        assert_eq!(
            outcome(r#"{"controlID":"C","rules":[{"status":"passed"},{"status":"failed"}]}"#),
            ImportOutcome::Fail
        );
        assert!(parsed(r#"{"controlID":"C","status":{"status":"fine"}}"#).is_err());
    }

    #[test]
    fn ids_of_resources_name_their_objects() {
        assert_eq!(
            object_of("apps/v1/pay/Deployment/web").unwrap().to_string(),
            "Deployment/pay/web"
        );
        assert_eq!(object_of("/v1//Namespace/pay").unwrap().to_string(), "Namespace/pay");
        assert_eq!(object_of("a/b"), None);
    }

    #[test]
    fn what_is_encrypted_or_old_is_refused_with_the_way_out() {
        let node = |json: &str| Node::from_json(json.as_bytes()).unwrap();
        let encrypted = node(r#"{"encryptionMetadata":{}}"#);
        assert!(is(&encrypted));
        assert!(matches!(parse(&encrypted), Err(Wrong::Refused(m)) if m.contains("decrypt")));
        let old = node(r#"{"customerGUID":"","frameworkReports":[]}"#);
        assert!(is(&old));
        assert!(matches!(parse(&old), Err(Wrong::Refused(m)) if m.contains("v2")));
    }
}
