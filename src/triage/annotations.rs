//! Annotations by which other tools are told to leave an object alone. Whoever may write an object
//! may write them, so they are taken for decisions only of tools that were switched on.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::brought::Saying;
use super::day;
use super::tables::{self, Table};
use crate::model::decision::{Decision, DecisionOrigin, DecisionState};
use crate::model::finding::Finding;
use crate::model::import::ExemptObject;
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::object::{Object, ObjectRef};

/// A tool that reads annotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tool {
    /// kube-linter: `ignore-check.kube-linter.io/<check>`, `kube-linter.io/ignore-all`.
    KubeLinter,
    /// Polaris: `polaris.fairwinds.com/<check>-exempt`, `polaris.fairwinds.com/exempt`.
    Polaris,
    /// Checkov: `checkov.io/skip<N>` with `ID=reason`.
    Checkov,
    /// Kubescape: `kubescape.io/skip-controls`, `-reason`, `-expiry`.
    Kubescape,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::KubeLinter, Self::Polaris, Self::Checkov, Self::Kubescape];

    /// The word used on the command line and in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::KubeLinter => "kube-linter",
            Self::Polaris => "polaris",
            Self::Checkov => "checkov",
            Self::Kubescape => "kubescape",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.word() == word)
    }

    fn table(self) -> Table {
        match self {
            Self::KubeLinter => tables::KUBE_LINTER,
            Self::Polaris => tables::POLARIS,
            Self::Checkov => tables::CHECKOV,
            Self::Kubescape => tables::KUBESCAPE,
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What one annotation of an object says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Exemption {
    tool: Tool,
    key: String,
    /// The checks it is about. What is exempt from a whole tool is exempt from the checks that the
    /// tool has a counterpart of, and no others.
    checks: BTreeSet<&'static str>,
    reason: Option<String>,
    expires: Option<String>,
}

/// What the annotations on the objects of these findings say about them: of the tools that are
/// honoured as decisions, of the others as an offer.
pub(super) fn sayings(
    findings: &[&Finding],
    inventory: &Inventory,
    exempt: &[ExemptObject],
    honoured: &BTreeSet<Tool>,
) -> Vec<Saying> {
    let saved: HashMap<&ObjectRef, &ExemptObject> = exempt.iter().map(|e| (&e.object, e)).collect();
    let annotated = (!inventory.is_empty()).then(|| annotated(inventory));
    if annotated.as_ref().map_or(exempt.is_empty(), HashSet::is_empty) {
        return Vec::new();
    }
    let may_say = |id: &&ObjectRef| annotated.as_ref().is_none_or(|all| all.contains(&named(id)));
    let mut known: HashMap<&ObjectRef, Vec<Exemption>> = HashMap::new();
    let mut grouped: BTreeMap<(&ObjectRef, String), Saying> = BTreeMap::new();
    for finding in findings {
        let owner = finding.owner.as_ref().filter(|owner| finding.object.as_ref() != Some(*owner));
        for id in finding.object.iter().chain(owner).filter(may_say) {
            let exemptions = known.entry(id).or_insert_with(|| match saved.get(id) {
                Some(exempt) if inventory.is_empty() => of_saved(exempt),
                _ => of_object(id, inventory),
            });
            for exemption in exemptions.iter().filter(|e| e.checks.contains(&*finding.check)) {
                grouped
                    .entry((id, exemption.key.clone()))
                    .or_insert_with(|| saying(id, exemption, honoured))
                    .covers
                    .push(finding.fingerprint.clone());
            }
        }
    }
    grouped.into_values().collect()
}

fn saying(id: &ObjectRef, exemption: &Exemption, honoured: &BTreeSet<Tool>) -> Saying {
    let Exemption { tool, key, .. } = exemption;
    let silent = || format!("{tool} is told to leave it alone; no reason is given");
    Saying {
        origin: DecisionOrigin::Annotation(key.clone()),
        line: None,
        label: format!("{key} on {id}"),
        checks: None,
        everywhere: false,
        exact: false,
        tool: Some(*tool),
        applied: honoured.contains(tool),
        decision: Decision {
            state: DecisionState::Accepted,
            reason: Some(exemption.reason.clone().unwrap_or_else(silent)),
            expires: exemption.expires.clone(),
            origin: DecisionOrigin::Annotation(key.clone()),
            ..Decision::default()
        },
        covers: Vec::new(),
    }
}

fn of_object(id: &ObjectRef, inventory: &Inventory) -> Vec<Exemption> {
    let Some(object) = inventory.find(id) else { return Vec::new() };
    object.body().at(&["metadata", "annotations"]).map(read).unwrap_or_default()
}

fn of_saved(exempt: &ExemptObject) -> Vec<Exemption> {
    read(&Node::map(exempt.annotations.iter().map(|(key, text)| (key.as_str(), Node::str(text)))))
}

/// Kind, namespace and name.
type Named<'a> = (&'a str, &'a str, &'a str);

fn named(id: &ObjectRef) -> Named<'_> {
    (&id.kind, id.namespace.as_deref().unwrap_or_default(), &id.name)
}

/// The objects that have any annotation by its name one that tools heed. They are few where there are any,
/// and findings may be many: it is quicker to look for these than to look at every finding's object.
fn annotated(inventory: &Inventory) -> HashSet<Named<'_>> {
    let objects = inventory.kinds().flat_map(|kind| inventory.of(kind));
    let told = |object: &&Arc<Object>| {
        let map = object.body().at(&["metadata", "annotations"]).and_then(Node::as_map);
        map.is_some_and(|map| map.iter().any(|(key, _)| is_heeded(key)))
    };
    objects.filter(told).map(|object| named(&object.id)).collect()
}

/// What an annotation may begin with that means something here.
const HEADS: [&str; 5] = [
    "ignore-check.kube-linter.io/",
    "kube-linter.io/ignore-all",
    "polaris.fairwinds.com/",
    "checkov.io/skip",
    "kubescape.io/skip-",
];
/// Annotations that say more about another one.
const FURTHER: [&str; 2] = ["kubescape.io/skip-reason", "kubescape.io/skip-expiry"];

fn is_heeded(key: &str) -> bool {
    HEADS.iter().any(|head| key.starts_with(head))
}

/// The annotations of objects with findings that tools heed, to be kept with a run.
#[must_use]
pub fn heeded(findings: &[Arc<Finding>], inventory: &Inventory) -> Vec<ExemptObject> {
    let annotated = annotated(inventory);
    if annotated.is_empty() {
        return Vec::new();
    }
    // Most objects have several findings: they are told apart before they are put in order.
    let ids = findings.iter().flat_map(|f| f.object.iter().chain(&f.owner));
    let ids: HashSet<&ObjectRef> = ids.filter(|id| annotated.contains(&named(id))).collect();
    let ids: BTreeSet<&ObjectRef> = ids.into_iter().collect();
    let of = |id: &ObjectRef| {
        let object = inventory.find(id)?;
        let map = object.body().at(&["metadata", "annotations"])?.as_map()?;
        let heeded = |(key, node): (&str, &Node)| {
            let text = node.as_str()?;
            let is = meaning(key, text.trim()).is_some() || FURTHER.contains(&key);
            is.then(|| (key.to_owned(), text.to_owned()))
        };
        let annotations: BTreeMap<String, String> = map.iter().filter_map(heeded).collect();
        (!annotations.is_empty()).then(|| ExemptObject { object: id.clone(), annotations })
    };
    ids.into_iter().filter_map(of).collect()
}

/// Reads the annotations of an object.
fn read(annotations: &Node) -> Vec<Exemption> {
    let Some(map) = annotations.as_map() else { return Vec::new() };
    let value = |key: &str| map.get(key).and_then(Node::as_str);
    let one = |(key, node): (&str, &Node)| {
        let text = node.as_str()?.trim();
        let Said { tool, rules, reason } = meaning(key, text)?;
        let mut exemption = Exemption {
            tool,
            key: key.to_owned(),
            checks: checks(tool, rules.as_deref()),
            reason: reason.map(str::trim).filter(|r| !r.is_empty()).map(str::to_owned),
            expires: None,
        };
        if tool == Tool::Kubescape {
            exemption.reason = value("kubescape.io/skip-reason").map(str::to_owned);
            if let Some(end) = value("kubescape.io/skip-expiry") {
                // An end that cannot be read must not become none.
                exemption.expires = Some(day::of_time(end)?);
            }
        }
        (!exemption.checks.is_empty()).then_some(exemption)
    };
    map.iter().filter_map(one).collect()
}

/// What an annotation says, in the words of its tool.
struct Said<'a> {
    tool: Tool,
    /// None: all of them.
    rules: Option<Vec<&'a str>>,
    reason: Option<&'a str>,
}

/// What an annotation says, if it is one of those that tools heed.
fn meaning<'a>(key: &'a str, text: &'a str) -> Option<Said<'a>> {
    let said = |tool, rules, reason| Some(Said { tool, rules, reason });
    if let Some(rule) = key.strip_prefix("ignore-check.kube-linter.io/") {
        return said(Tool::KubeLinter, Some(vec![rule]), Some(text));
    }
    if key == "kube-linter.io/ignore-all" {
        return said(Tool::KubeLinter, None, Some(text));
    }
    if let Some(rest) = key.strip_prefix("polaris.fairwinds.com/") {
        if !text.eq_ignore_ascii_case("true") {
            return None;
        }
        let rules = if rest == "exempt" { None } else { Some(vec![rest.strip_suffix("-exempt")?]) };
        return said(Tool::Polaris, rules, None);
    }
    let skip = key.strip_prefix("checkov.io/skip");
    if skip.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit())) {
        let (rule, reason) = text.split_once('=').map_or((text, None), |(r, w)| (r, Some(w)));
        return said(Tool::Checkov, Some(vec![rule.trim()]), reason);
    }
    if key == "kubescape.io/skip-controls" {
        let controls = text.split(',').map(str::trim).collect();
        return said(Tool::Kubescape, Some(controls), None);
    }
    None
}

fn checks(tool: Tool, rules: Option<&[&str]>) -> BTreeSet<&'static str> {
    let table = tool.table();
    match rules {
        None => table.iter().flat_map(|(_, checks)| *checks).copied().collect(),
        Some(rules) => rules.iter().flat_map(|rule| tables::lookup(table, rule)).copied().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tool, checks, reason, last day.
    type Read = (Tool, Vec<&'static str>, Option<String>, Option<String>);

    fn of(json: &str) -> Vec<Read> {
        let node = Node::from_json(json.as_bytes()).unwrap();
        let mut all: Vec<_> = read(&node)
            .into_iter()
            .map(|e| (e.tool, e.checks.into_iter().collect(), e.reason, e.expires))
            .collect();
        all.sort();
        all
    }

    #[test]
    fn each_tool_is_read_as_it_reads_itself() {
        let why = |text: &str| Some(text.to_owned());
        assert_eq!(
            of(r#"{"ignore-check.kube-linter.io/host-pid": "an agent"}"#),
            [(Tool::KubeLinter, vec!["host-pid-namespace"], why("an agent"), None)]
        );
        assert_eq!(
            of(r#"{"polaris.fairwinds.com/hostIPCSet-exempt": "True"}"#),
            [(Tool::Polaris, vec!["host-ipc-namespace"], None, None)]
        );
        assert_eq!(
            of(r#"{"checkov.io/skip1": "CKV_K8S_20=I = me", "checkov.io/skip2": "CKV_K8S_8"}"#),
            [
                (Tool::Checkov, vec!["allow-privilege-escalation"], why("I = me"), None),
                (Tool::Checkov, vec!["liveness-probe-missing"], None, None),
            ]
        );
        assert_eq!(
            of(r#"{"kubescape.io/skip-controls": "C-0016, C-0057,",
                   "kubescape.io/skip-reason": "old", "kubescape.io/skip-expiry": "2026-12-31T23:59:59Z"}"#),
            [(
                Tool::Kubescape,
                vec!["allow-privilege-escalation", "privileged-container"],
                why("old"),
                why("2026-12-31")
            )]
        );
    }

    #[test]
    fn whatever_means_something_is_looked_for() {
        let keys = [
            "ignore-check.kube-linter.io/host-pid",
            "kube-linter.io/ignore-all",
            "polaris.fairwinds.com/exempt",
            "polaris.fairwinds.com/hostIPCSet-exempt",
            "checkov.io/skip",
            "checkov.io/skip12",
            "kubescape.io/skip-controls",
        ];
        for key in keys {
            assert!(meaning(key, "true").is_some() && is_heeded(key), "{key}");
        }
        assert!(FURTHER.iter().all(|key| is_heeded(key)));
        assert!(!is_heeded("example.com/owner"));
    }

    #[test]
    fn what_the_tool_would_not_heed_is_not_heeded_here() {
        for nothing in [
            r#"{"polaris.fairwinds.com/exempt": "yes"}"#,
            r#"{"polaris.fairwinds.com/exempt": true}"#,
            r#"{"polaris.fairwinds.com/hostIPCSet": "true"}"#,
            r#"{"checkov.io/skipped": "CKV_K8S_20"}"#,
            r#"{"ignore-check.kube-linter.io/no-such-check": "x"}"#,
            r#"{"kubescape.io/skip-controls": "C-0016", "kubescape.io/skip-expiry": "next year"}"#,
            r#"["checkov.io/skip1"]"#,
        ] {
            assert!(of(nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn exempt_from_a_whole_tool_is_exempt_from_what_the_tool_has() {
        let all = of(r#"{"kube-linter.io/ignore-all": "vendor"}"#);
        let checks = &all[0].1;
        assert!(checks.contains(&"host-pid-namespace") && checks.len() > 20);
        assert!(!checks.contains(&"etcd-auto-tls"), "kube-linter knows nothing of etcd");
    }
}
