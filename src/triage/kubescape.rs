//! Exceptions of Kubescape: its JSON file of posture exception policies. A policy covers findings
//! of the checks that are about the same thing as its controls, on the objects that it names.

use regex::Regex;

use super::brought::Saying;
use super::day;
use super::file::FileError;
use super::tables;
use crate::model::decision::{Decision, DecisionState, Origin};
use crate::model::finding::Finding;
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::path::{FieldPath, Seg};
use crate::text::locate::{self, Document};

/// A file that was read.
#[derive(Clone, Debug, Default)]
pub struct Exceptions {
    /// Its path as it was given.
    pub path: String,
    policies: Vec<Policy>,
}

/// One policy: some controls, on some objects.
#[derive(Clone, Debug)]
struct Policy {
    name: String,
    line: u32,
    controls: Vec<Regex>,
    resources: Vec<Resource>,
    decision: Decision,
}

/// What an object has to be: everything that is named.
#[derive(Clone, Debug, Default)]
struct Resource {
    name: Option<Regex>,
    kind: Option<Regex>,
    namespace: Option<Regex>,
    cluster: Option<Regex>,
    labels: Vec<(String, String)>,
}

impl Exceptions {
    /// Reads a text. `path` is what messages and origins call it.
    ///
    /// # Errors
    /// Everything that is wrong, each with its place; then nothing of the file may be applied.
    pub fn parse(path: &str, text: &str) -> Result<Self, Vec<FileError>> {
        let error = |line: u32, column: u32, message: String| FileError {
            path: path.to_owned(),
            line,
            column,
            message,
        };
        let expected = "expected a JSON list of Kubescape exceptions";
        let document = locate::documents(text).into_iter().next();
        let Some(document) = document else {
            return Err(vec![error(1, 1, expected.to_owned())]);
        };
        let root = match &document.node {
            Ok(root) => root,
            Err(e) => return Err(vec![error(e.line, e.column, e.message.clone())]),
        };
        let Some(items) = root.as_list() else {
            return Err(vec![error(document.first_line, 1, expected.to_owned())]);
        };
        let mut reader = Reader { path, document: &document, errors: Vec::new() };
        let policies: Vec<Policy> =
            items.iter().enumerate().filter_map(|(at, item)| reader.policy(at, item)).collect();
        match reader.errors {
            errors if errors.is_empty() => Ok(Self { path: path.to_owned(), policies }),
            errors => Err(errors),
        }
    }

    /// What it says about findings.
    pub(super) fn sayings(&self, findings: &[&Finding], inventory: &Inventory) -> Vec<Saying> {
        let say = |policy: &Policy| {
            let covers = findings
                .iter()
                .filter(|finding| policy.names(&finding.check) && policy.fits(finding, inventory))
                .map(|finding| finding.fingerprint.clone())
                .collect();
            Saying {
                origin: Origin::File(self.path.clone()),
                line: Some(policy.line),
                label: format!("Kubescape exception {}", policy.name),
                check: None,
                everywhere: policy.resources.iter().any(Resource::is_everywhere),
                exact: false,
                tool: None,
                applied: true,
                decision: policy.decision.clone(),
                covers,
            }
        };
        self.policies.iter().map(say).collect()
    }
}

impl Policy {
    fn names(&self, check: &str) -> bool {
        tables::KUBESCAPE
            .iter()
            .filter(|(_, checks)| checks.contains(&check))
            .any(|(id, _)| self.controls.iter().any(|control| control.is_match(id)))
    }

    fn fits(&self, finding: &Finding, inventory: &Inventory) -> bool {
        self.resources.iter().any(|resource| resource.fits(finding, inventory))
    }
}

impl Resource {
    fn is_everywhere(&self) -> bool {
        let open = |part: &Option<Regex>| {
            part.as_ref().is_none_or(|r| r.is_match("") && r.is_match("any-name-at.all"))
        };
        self.labels.is_empty() && open(&self.name) && open(&self.namespace)
    }

    fn fits(&self, finding: &Finding, inventory: &Inventory) -> bool {
        let Some(owner) = finding.owner.as_ref().or(finding.object.as_ref()) else { return false };
        let like =
            |part: &Option<Regex>, text: &str| part.as_ref().is_none_or(|r| r.is_match(text));
        let context = inventory.source.context.as_deref().unwrap_or_default();
        let label = |(key, value): &(String, String)| {
            let object = inventory.find(owner);
            object.is_some_and(|object| object.label(key) == Some(value.as_str()))
        };
        like(&self.name, &owner.name)
            && like(&self.kind, &owner.kind)
            && like(&self.namespace, owner.namespace.as_deref().unwrap_or_default())
            && like(&self.cluster, context)
            && self.labels.iter().all(label)
    }
}

struct Reader<'a> {
    path: &'a str,
    document: &'a Document,
    errors: Vec<FileError>,
}

impl Reader<'_> {
    fn place(&self, at: usize, keys: &[&str]) -> (u32, u32) {
        let fields = keys.iter().map(|key| Seg::Field((*key).into()));
        let path = FieldPath(std::iter::once(Seg::Index(at)).chain(fields).collect());
        self.document.lines.find(&path).unwrap_or((1, 1))
    }

    fn wrong(&mut self, at: usize, keys: &[&str], message: String) {
        let (line, column) = self.place(at, keys);
        self.errors.push(FileError { path: self.path.to_owned(), line, column, message });
    }

    fn policy(&mut self, at: usize, item: &Node) -> Option<Policy> {
        if item.as_map().is_none() {
            self.wrong(at, &[], "expected an exception, a JSON object".to_owned());
            return None;
        }
        let text = |key: &str| {
            item.str_at(&[key]).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
        };
        let Some(name) = text("name") else {
            self.wrong(at, &[], "the exception has no name".to_owned());
            return None;
        };
        // Leaving it out would cover more than its author meant.
        if item.get("objectSelector").is_some() {
            let message = "objectSelector is not understood; name the labels among the attributes";
            self.wrong(at, &["objectSelector"], message.to_owned());
        }
        let expires = text("expirationDate").and_then(|end| {
            let day = day::of_time(&end);
            if day.is_none() {
                let message =
                    format!("`{end}` is no time; expected one such as 2026-12-31T00:00:00Z");
                self.wrong(at, &["expirationDate"], message);
            }
            day
        });
        let controls = self.controls(at, item);
        let resources = self.resources(at, item);
        // Kubescape counts what is only to be alerted about as failed still.
        let actions = item.list_at(&["actions"]);
        let disabled = actions.iter().any(|action| action.as_str() == Some("disable"));
        let state = if disabled { DecisionState::Accepted } else { DecisionState::InProgress };
        let decision = Decision {
            state,
            reason: Some(text("reason").unwrap_or_else(|| format!("Kubescape exception {name}"))),
            approver: text("createdBy"),
            expires: expires.filter(|_| disabled),
            link: None,
            origin: Origin::File(self.path.to_owned()),
        };
        Some(Policy { name, line: self.place(at, &[]).0, controls, resources, decision })
    }

    fn controls(&mut self, at: usize, item: &Node) -> Vec<Regex> {
        let policies = item.list_at(&["posturePolicies"]);
        let ids = policies.iter().filter_map(|policy| policy.str_at(&["controlID"]));
        ids.filter_map(|id| self.pattern(at, "posturePolicies", id)).collect()
    }

    fn resources(&mut self, at: usize, item: &Node) -> Vec<Resource> {
        let mut out = Vec::new();
        for resource in item.list_at(&["resources"]) {
            let Some(attributes) = resource.get("attributes").and_then(Node::as_map) else {
                self.wrong(at, &["resources"], "a resource has no attributes".to_owned());
                continue;
            };
            let mut found = Resource::default();
            for (key, value) in attributes.iter() {
                let Some(value) = value.as_str() else {
                    self.wrong(at, &["resources"], format!("attribute {key}: expected a text"));
                    continue;
                };
                let part = match key {
                    "name" => &mut found.name,
                    "kind" => &mut found.kind,
                    "namespace" => &mut found.namespace,
                    "cluster" => &mut found.cluster,
                    label => {
                        found.labels.push((label.to_owned(), value.to_owned()));
                        continue;
                    }
                };
                *part = self.pattern(at, "resources", value);
            }
            out.push(found);
        }
        out
    }

    /// A regular expression that a whole word has to fit.
    fn pattern(&mut self, at: usize, key: &str, text: &str) -> Option<Regex> {
        let made = Regex::new(&format!("^(?:{text})$"));
        if made.is_err() {
            self.wrong(at, &[key], format!("`{text}` is no regular expression"));
        }
        made.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"[
  {
    "name": "agents",
    "policyType": "postureExceptionPolicy",
    "actions": ["disable"],
    "resources": [
      {"designatorType": "Attributes", "attributes": {"kind": "DaemonSet", "namespace": "mon-.*"}}
    ],
    "posturePolicies": [{"frameworkName": "NSA", "controlID": "C-0057"}, {"controlID": "C-003[78]"}],
    "reason": "they watch the nodes",
    "expirationDate": "2027-01-31T12:00:00Z",
    "createdBy": "ada"
  }
]"#;

    #[test]
    fn a_policy_is_read() {
        let read = Exceptions::parse("e.json", POLICY).unwrap();
        let [policy] = &read.policies[..] else { panic!("one") };
        assert_eq!(policy.line, 2);
        assert!(policy.names("privileged-container") && policy.names("host-pid-namespace"));
        assert!(!policy.names("host-port"));
        let decision = &policy.decision;
        assert_eq!(decision.state, DecisionState::Accepted);
        assert_eq!(decision.expires.as_deref(), Some("2027-01-31"));
        assert_eq!(decision.approver.as_deref(), Some("ada"));
        assert!(!policy.resources[0].is_everywhere());
    }

    #[test]
    fn what_is_only_alerted_about_still_fails() {
        let text = POLICY.replace("disable", "alertOnly");
        let read = Exceptions::parse("e.json", &text).unwrap();
        assert_eq!(read.policies[0].decision.state, DecisionState::InProgress);
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        for (from, to, expected) in [
            ("mon-.*", "mon-(", "e.json:6:5: `mon-(` is no regular expression"),
            ("2027-01-31T", "soon ", "e.json:11:5: `soon 12:00:00Z` is no time"),
            ("\"reason\"", "\"objectSelector\"", "e.json:10:5: objectSelector is not understood"),
            ("\"name\": \"agents\"", "\"nam\": 1", "e.json:2:3: the exception has no name"),
        ] {
            let errors = Exceptions::parse("e.json", &POLICY.replace(from, to)).unwrap_err();
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            assert!(lines[0].starts_with(expected), "{lines:?}");
        }
        for none in ["", "{}", "[1]", "[{"] {
            assert!(Exceptions::parse("e.json", none).is_err(), "{none}");
        }
    }
}
