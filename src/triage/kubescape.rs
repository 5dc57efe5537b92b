//! Exceptions of Kubescape: its JSON file of posture exception policies. A policy covers findings
//! of the checks that are about the same thing as its controls, on the objects that it names.

use std::collections::{BTreeSet, HashMap};

use regex::Regex;

use super::brought::Saying;
use super::day;
use super::file::FileError;
use super::tables;
use crate::model::decision::{Decision, DecisionOrigin, DecisionState};
use crate::model::finding::Finding;
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::object::ObjectRef;
use crate::model::path::{FieldPath, Seg};
use crate::text::locate::{self, Document};

/// Most policies of a file: each of them is held against all objects that have findings.
const MOST_POLICIES: usize = 10_000;

/// A file that was read.
#[derive(Clone, Debug, Default)]
pub struct Exceptions {
    /// Its path as it was given.
    pub path: String,
    policies: Vec<Policy>,
    /// Its controls that no check here is about, as they are written.
    strange: BTreeSet<String>,
}

/// One policy: some controls, on some objects.
#[derive(Clone, Debug)]
struct Policy {
    name: String,
    line: u32,
    /// What its controls are about.
    checks: BTreeSet<&'static str>,
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
        if items.len() > MOST_POLICIES {
            let message = format!(
                "{} exceptions, and at most {MOST_POLICIES} are taken: name several objects or controls in \
                 one of them",
                items.len()
            );
            return Err(vec![error(document.first_line, 1, message)]);
        }
        let (errors, strange) = (Vec::new(), BTreeSet::new());
        let mut reader = Reader { path, document: &document, errors, strange };
        let policies: Vec<Policy> =
            items.iter().enumerate().filter_map(|(at, item)| reader.policy(at, item)).collect();
        match reader.errors {
            errors if errors.is_empty() => {
                Ok(Self { path: path.to_owned(), policies, strange: reader.strange })
            }
            errors => Err(errors),
        }
    }

    /// The controls that it names and no check here is about, so that excepting them does nothing.
    pub fn strange(&self) -> impl ExactSizeIterator<Item = &str> {
        self.strange.iter().map(String::as_str)
    }

    /// What it says about findings.
    pub(super) fn sayings(&self, findings: &[&Finding], inventory: &Inventory) -> Vec<Saying> {
        let grouped = Grouped::of(findings);
        let say = |policy: &Policy| {
            let covered = grouped.covered(policy, inventory).into_iter();
            let covered = covered.filter_map(|at| findings.get(at));
            Saying {
                origin: DecisionOrigin::File(self.path.clone()),
                line: Some(policy.line),
                label: format!("Kubescape exception {}", policy.name),
                checks: Some(policy.checks.iter().map(|check| (*check).to_owned()).collect()),
                everywhere: policy.resources.iter().any(Resource::is_everywhere),
                exact: false,
                tool: None,
                applied: true,
                decision: policy.decision.clone(),
                covers: covered.map(|finding| finding.fingerprint.clone()).collect(),
            }
        };
        self.policies.iter().map(say).collect()
    }
}

/// Findings by check, and the objects that they are about, each once: whether a policy is about an
/// object is asked once for all its findings.
struct Grouped<'a> {
    owners: Vec<&'a ObjectRef>,
    /// Places of a finding and of its object.
    by_check: HashMap<&'a str, Vec<(usize, usize)>>,
}

impl<'a> Grouped<'a> {
    fn of(findings: &[&'a Finding]) -> Self {
        let mut grouped = Self { owners: Vec::new(), by_check: HashMap::new() };
        let mut known: HashMap<&ObjectRef, usize> = HashMap::new();
        for (at, finding) in findings.iter().enumerate() {
            let Some(owner) = finding.owner.as_ref().or(finding.object.as_ref()) else { continue };
            let place = *known.entry(owner).or_insert_with(|| {
                grouped.owners.push(owner);
                grouped.owners.len() - 1
            });
            grouped.by_check.entry(&finding.check).or_default().push((at, place));
        }
        grouped
    }

    /// The places of the findings that a policy covers, in their order.
    fn covered(&self, policy: &Policy, inventory: &Inventory) -> Vec<usize> {
        let mut fits: Vec<Option<bool>> = vec![None; self.owners.len()];
        let mut covered = Vec::new();
        for check in &policy.checks {
            for (finding, place) in self.by_check.get(check).into_iter().flatten() {
                let (Some(known), Some(owner)) = (fits.get_mut(*place), self.owners.get(*place))
                else {
                    continue;
                };
                if *known.get_or_insert_with(|| policy.fits(owner, inventory)) {
                    covered.push(*finding);
                }
            }
        }
        covered.sort_unstable();
        covered
    }
}

impl Policy {
    fn fits(&self, owner: &ObjectRef, inventory: &Inventory) -> bool {
        self.resources.iter().any(|resource| resource.fits(owner, inventory))
    }
}

/// The checks that are about the same things as controls of these names.
fn checks(controls: &[Regex]) -> BTreeSet<&'static str> {
    let named = |id: &str| controls.iter().any(|control| control.is_match(id));
    let rows = tables::KUBESCAPE.iter().filter(|(id, _)| named(id));
    rows.flat_map(|(_, checks)| checks.iter().copied()).collect()
}

impl Resource {
    fn is_everywhere(&self) -> bool {
        let open = |part: &Option<Regex>| {
            part.as_ref().is_none_or(|r| r.is_match("") && r.is_match("any-name-at.all"))
        };
        self.labels.is_empty() && open(&self.name) && open(&self.namespace)
    }

    fn fits(&self, owner: &ObjectRef, inventory: &Inventory) -> bool {
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
    strange: BTreeSet<String>,
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
        let checks = checks(&self.controls(at, item));
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
            origin: DecisionOrigin::File(self.path.to_owned()),
        };
        Some(Policy { name, line: self.place(at, &[]).0, checks, resources, decision })
    }

    fn controls(&mut self, at: usize, item: &Node) -> Vec<Regex> {
        let policies = item.list_at(&["posturePolicies"]);
        let ids = policies.iter().filter_map(|policy| policy.str_at(&["controlID"]));
        let mut controls = Vec::new();
        for id in ids {
            // Kubescape takes names of controls in any case.
            let Some(control) = self.pattern(at, "posturePolicies", ("(?i)", id)) else { continue };
            if !tables::KUBESCAPE.iter().any(|(known, _)| control.is_match(known)) {
                self.strange.insert(id.to_owned());
            }
            controls.push(control);
        }
        controls
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
                *part = self.pattern(at, "resources", ("", value));
            }
            out.push(found);
        }
        out
    }

    /// A regular expression, after its flags, that a whole word has to fit.
    fn pattern(&mut self, at: usize, key: &str, (flags, text): (&str, &str)) -> Option<Regex> {
        let made = Regex::new(&format!("{flags}^(?:{text})$"));
        if made.is_err() {
            self.wrong(at, &[key], format!("`{text}` is no regular expression"));
        }
        made.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::brought::Brought;

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
        let checks = ["privileged-container", "host-pid-namespace"];
        assert!(checks.iter().all(|check| policy.checks.contains(check)), "{:?}", policy.checks);
        assert!(!policy.checks.contains("host-port"));
        let decision = &policy.decision;
        assert_eq!(decision.state, DecisionState::Accepted);
        assert_eq!(decision.expires.as_deref(), Some("2027-01-31"));
        assert_eq!(decision.approver.as_deref(), Some("ada"));
        assert!(!policy.resources[0].is_everywhere());
    }

    #[test]
    fn what_a_policy_covers_stands_in_the_order_of_the_findings() {
        let finding = |check: &str, kind: &str, namespace: &str, print: &str| Finding {
            check: check.into(),
            fingerprint: print.into(),
            owner: Some(ObjectRef {
                api_version: "apps/v1".into(),
                kind: kind.into(),
                namespace: Some(namespace.into()),
                name: "agent".into(),
            }),
            ..Finding::default()
        };
        let findings = [
            finding("privileged-container", "DaemonSet", "mon-a", "1"),
            finding("host-pid-namespace", "DaemonSet", "mon-a", "2"),
            finding("privileged-container", "Deployment", "mon-a", "3"),
            finding("host-pid-namespace", "DaemonSet", "mon", "4"),
            finding("privileged-container", "DaemonSet", "mon-b", "5"),
            finding("host-port", "DaemonSet", "mon-b", "6"),
            Finding { fingerprint: "7".into(), ..finding("privileged-container", "", "", "") },
            Finding { owner: None, ..finding("privileged-container", "", "", "8") },
        ];
        let findings: Vec<&Finding> = findings.iter().collect();
        let read = Exceptions::parse("e.json", POLICY).unwrap();
        let sayings = read.sayings(&findings, &Inventory::default());
        assert_eq!(sayings[0].covers, ["1", "2", "5"]);
    }

    #[test]
    fn many_policies_on_many_findings_take_one_look_at_each_object() {
        let policy = POLICY.trim().trim_start_matches('[').trim_end_matches(']');
        let policy = policy.replace("C-0057", "C-.*");
        let many = |count: usize| format!("[{}]", vec![&*policy; count].join(","));
        let errors = Exceptions::parse("e.json", &many(MOST_POLICIES + 1)).unwrap_err();
        assert!(errors[0].message.starts_with("10001 exceptions, and at most 10000"), "{errors:?}");
        let read = Exceptions::parse("e.json", &many(20)).unwrap();
        let owner = |at: usize| ObjectRef {
            api_version: "apps/v1".into(),
            kind: "DaemonSet".into(),
            namespace: Some("mon-a".into()),
            name: (at / 100).to_string().into(),
        };
        let finding = |at: usize| Finding {
            check: "privileged-container".into(),
            owner: Some(owner(at)),
            ..Finding::default()
        };
        let findings: Vec<Finding> = (0..1000).map(finding).collect();
        let findings: Vec<&Finding> = findings.iter().collect();
        assert_eq!(Grouped::of(&findings).owners.len(), 10);
        assert_eq!(read.sayings(&findings, &Inventory::default()).len(), 20);
    }

    #[test]
    fn controls_that_no_check_is_about_are_named_and_except_nothing() {
        let text = POLICY.replace("C-003[78]", "C-9999").replace("C-0057", "c-0057");
        let read = Exceptions::parse("e.json", &text).unwrap();
        assert_eq!(read.strange().collect::<Vec<_>>(), ["C-9999"]);
        let sayings = read.sayings(&[], &Inventory::default());
        assert_eq!(sayings[0].checks.as_deref(), Some(&["privileged-container".to_owned()][..]));
        let brought = Brought { sayings };
        assert_eq!(brought.unused(false, |check| check == "privileged-container").count(), 1);
        assert_eq!(brought.unused(true, |_| false).count(), 0, "its check did not run");
        // One that is about no check at all is idle whatever ran.
        let text = text.replace("c-0057", "C-0x57");
        let brought = Brought {
            sayings: Exceptions::parse("e.json", &text)
                .unwrap()
                .sayings(&[], &Inventory::default()),
        };
        assert_eq!(brought.unused(false, |_| false).count(), 1);
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
