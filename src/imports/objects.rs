//! Imports as objects, so that checks judge them like anything else of a cluster.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::age::{age, rank};
use super::aged::Limit;
use super::numbering::is_file_row;
use super::{fit, policy_report};
use crate::model::import::{Import, ImportOutcome, ImportTool, ImportedResult};
use crate::model::inventory::{Inventory, Knowledge};
use crate::model::kinds::{self, Kind};
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::{Read, ReadStatus};

/// The field by which an object from an import is told from one of the cluster.
const IMPORTED: &str = "imported";

/// Whether an object came from an import.
#[must_use]
pub fn is_imported(body: &Node) -> bool {
    body.get(IMPORTED).and_then(Node::as_bool) == Some(true)
}

/// Some fields of a report, the head of its metadata, and the mark of an import.
pub(super) fn kept(report: &Node, keys: &[&str], each: impl Fn(&Node) -> Node) -> Node {
    let head = ["name", "namespace", "labels", "creationTimestamp"];
    let metadata = report.get("metadata").map(|metadata| {
        let own = head.iter().filter_map(|key| Some((*key, metadata.get(key)?.clone())));
        Node::map(own)
    });
    let own = keys.iter().filter_map(|key| Some((*key, each(report.get(key)?))));
    let rest = [("metadata", metadata.unwrap_or_default()), (IMPORTED, Node::Bool(true))];
    Node::map(own.chain(rest))
}

/// Whether an import holds anything that checks look at, beside what it says of controls.
#[must_use]
pub fn has_objects(import: &Import) -> bool {
    import.tool == ImportTool::KubeBench || is_policy_report(import) || !import.objects.is_empty()
}

/// An inventory with what was imported. Objects of the cluster itself go before those of an
/// import. Results that are more than `max_age` days older than `today`, an RFC 3339 date, settle nothing:
/// they are left out, and a read says so; so are passes on objects that are not there.
#[must_use]
pub fn with_imports(
    inventory: &Inventory,
    imports: &[Import],
    today: &str,
    max_age: u32,
) -> Inventory {
    let limit = Limit { today, max_age };
    let mut objects = Vec::new();
    let mut reads = Vec::new();
    let mut brought: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut left_out: BTreeMap<Kind, String> = BTreeMap::new();
    // The newest first: of two reports of one name the first one stays.
    for import in imports.iter().rev() {
        let old = fit::old(import, today, max_age);
        let (absent, gone) = (fit::absent(import, inventory), fit::gone(import, inventory));
        for value in &import.objects {
            let report = Node::from(value);
            let counting = limit.counting(&report, import);
            let late = counting.is_none();
            let present = |node| policy_report::without_passes_on(&node, |id| absent.contains(id));
            let counting = if absent.is_empty() { counting } else { counting.and_then(present) };
            let Ok(object) = Object::new(counting.clone().unwrap_or(report)) else { continue };
            if counting.is_none() {
                let why = if late { old.as_deref() } else { gone.as_deref() };
                left_out.entry(object.kind()).or_insert_with(|| uncounted(import, why));
                continue;
            }
            *brought.entry(object.kind()).or_default() += 1;
            objects.push(Arc::new(object));
        }
        let words: Vec<String> = old.into_iter().chain(gone).collect();
        reads.extend((!words.is_empty()).then(|| told(import, words.join("; "))));
    }
    // One tool writes one of these, and checks look at all.
    if policy_report_kinds().any(|kind| brought.contains_key(&kind)) {
        policy_report_kinds().for_each(|kind| *brought.entry(kind).or_default() += 0);
    }
    left_out.retain(|kind, _| !brought.contains_key(kind));
    for (kind, items) in brought {
        // What the cluster says of its own reports holds; what it does not say, the import does.
        if inventory.knows(&kind, None) != Knowledge::Complete {
            reads.push(read(format!("import/{kind}"), kind, ReadStatus::Complete, items, None));
        }
    }
    for (kind, why) in left_out {
        if inventory.knows(&kind, None) != Knowledge::Complete {
            reads.push(read(format!("import/{kind}"), kind, ReadStatus::NotAsked, 0, Some(why)));
        }
    }
    if imports.iter().any(|import| import.tool == ImportTool::KubeBench) {
        let results = latest(imports, today);
        let read = node_files_read(inventory, &results);
        objects.extend(results.into_values().filter_map(|row| node_file(&row, today)));
        reads.push(read);
    }
    if objects.is_empty() && reads.is_empty() {
        return inventory.clone();
    }
    let mut all = inventory.with(objects, Vec::new());
    // An inventory that was joined with imports before has this read already.
    all.reads.retain(|read| reads.iter().all(|new| new.resource != read.resource));
    all.reads.extend(reads);
    all
}

/// Why the reports of an import are left out.
fn uncounted(import: &Import, why: Option<&str>) -> String {
    why.map_or_else(|| format!("{}: nothing tells how old it is", import.origin), str::to_owned)
}

/// A read by which reports say that results of an import do not count.
fn told(import: &Import, old: String) -> Read {
    let resource = format!("import/{}", import.origin);
    Read {
        kind: None,
        ..read(resource, kinds::node_file_result(), ReadStatus::Complete, 0, Some(old))
    }
}

fn is_policy_report(import: &Import) -> bool {
    import.tool == ImportTool::PolicyReport
}

/// Kinds of policy reports.
fn policy_report_kinds() -> impl Iterator<Item = Kind> {
    [
        ("wgpolicyk8s.io", "PolicyReport"),
        ("wgpolicyk8s.io", "ClusterPolicyReport"),
        ("openreports.io", "Report"),
        ("openreports.io", "ClusterReport"),
    ]
    .into_iter()
    .map(|(group, kind)| Kind::new(group, kind))
}

fn read(
    resource: String,
    kind: Kind,
    status: ReadStatus,
    items: usize,
    message: Option<String>,
) -> Read {
    Read { resource, kind: Some(kind), namespace: None, status, items, message, millis: None }
}

/// A result with the import it stands in.
struct Row<'a> {
    import: &'a Import,
    result: &'a ImportedResult,
}

/// Results on files of nodes: of every node and row the newest, and of those made at once the worst.
fn latest<'a>(imports: &'a [Import], today: &str) -> BTreeMap<(String, String), Row<'a>> {
    let mut rows: BTreeMap<(String, String), Row<'_>> = BTreeMap::new();
    for import in imports.iter().filter(|import| import.tool == ImportTool::KubeBench) {
        for result in import.results.iter().filter(|result| is_file_row(result)) {
            let control = result.control.clone().unwrap_or_default();
            let key = (result.node.clone().unwrap_or_default(), control);
            let place = |import: &Import, result: &ImportedResult| {
                (rank(import.taken(result), today), Reverse(result.outcome))
            };
            let counts = rows
                .get(&key)
                .is_none_or(|old| place(old.import, old.result) <= place(import, result));
            if counts {
                rows.insert(key, Row { import, result });
            }
        }
    }
    rows
}

/// Whether every node of the inventory has a result.
fn node_files_read(inventory: &Inventory, rows: &BTreeMap<(String, String), Row<'_>>) -> Read {
    let seen: BTreeSet<&str> = rows.keys().map(|(node, _)| &**node).collect();
    let nodes = inventory.of(&Kind::new("", "Node"));
    let missing: Vec<&str> = nodes
        .iter()
        .filter(|node| node.label("kubernetes.io/os") != Some("windows"))
        .map(|node| &*node.id.name)
        .filter(|name| !seen.contains(name))
        .collect();
    let all = inventory.knows(&Kind::new("", "Node"), None) == Knowledge::Complete;
    let message = if !missing.is_empty() {
        let unnamed = if seen.contains("") { "; some results name no node" } else { "" };
        Some(format!("no results of {}{unnamed}", listed(&missing)))
    } else if all {
        None
    } else {
        Some("which nodes there are is not known".to_owned())
    };
    let status = if message.is_none() { ReadStatus::Complete } else { ReadStatus::Partial };
    read(kinds::NODE_FILES.to_owned(), kinds::node_file_result(), status, rows.len(), message)
}

/// A few names, and how many more there are.
#[must_use]
pub fn listed(names: &[&str]) -> String {
    let shown = names.iter().take(5).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(5) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn node_file(row: &Row<'_>, today: &str) -> Option<Arc<Object>> {
    let Row { import, result } = row;
    let control = result.control.as_deref()?;
    let node = result.node.as_deref();
    let name = node.map_or_else(|| control.to_owned(), |node| format!("{node}.{control}"));
    let taken = import.taken(result);
    let kind = kinds::node_file_result();
    let title = result.title.split(" (").next().unwrap_or_default();
    let outcome = match result.outcome {
        ImportOutcome::Pass => "pass",
        ImportOutcome::Fail => "fail",
        _ => "undecided",
    };
    let mut spec = vec![
        ("node", Node::str(node.unwrap_or("a node that is not named"))),
        ("control", Node::str(control)),
        ("title", Node::str(title)),
        ("outcome", Node::str(outcome)),
        ("message", Node::str(&result.message)),
        ("taken", Node::str(taken)),
        ("origin", Node::str(&import.origin)),
        ("benchmark", Node::str(result.benchmark.as_deref()?)),
        ("edition", Node::str(result.edition.as_deref().unwrap_or_default())),
    ];
    if let Some(days) = age(taken, today) {
        spec.push(("ageDays", Node::Int(days)));
    }
    let tree = Node::map([
        ("apiVersion", Node::str(&format!("{}/v1", kind.group))),
        ("kind", Node::str(&kind.kind)),
        ("metadata", Node::map([("name", Node::str(&name))])),
        ("spec", Node::map(spec)),
        (IMPORTED, Node::Bool(true)),
    ]);
    Object::new(tree).ok().map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::inventory::SourceInfo;

    fn import(node: &str, taken: &str, outcome: ImportOutcome) -> Import {
        let result = ImportedResult {
            benchmark: Some("cis-kubernetes".into()),
            edition: Some("1.12".into()),
            control: Some("4.1.1".into()),
            rule: "4.1.1".into(),
            node: Some(node.into()),
            outcome,
            ..ImportedResult::default()
        };
        Import {
            tool: ImportTool::KubeBench,
            version: None,
            origin: format!("{node}.json"),
            taken: Some(taken.into()),
            clusters: Vec::new(),
            imported: taken.into(),
            sha256: String::new(),
            results: vec![result],
            objects: Vec::new(),
        }
    }

    fn inventory(nodes: &[&str]) -> Inventory {
        let node = |name: &&str| {
            let json =
                format!(r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"{name}"}}}}"#);
            Arc::new(Object::new(Node::from_json(json.as_bytes()).unwrap()).unwrap())
        };
        let kind = Kind::new("", "Node");
        let read = read("v1/nodes".into(), kind, ReadStatus::Complete, nodes.len(), None);
        Inventory::new(SourceInfo::default(), nodes.iter().map(node).collect(), vec![read])
    }

    #[test]
    fn the_newest_result_of_a_node_becomes_an_object() {
        let imports = [
            import("a", "2026-05-02T00:00:00Z", ImportOutcome::Pass),
            import("a", "2026-05-01T00:00:00Z", ImportOutcome::Fail),
        ];
        let world = with_imports(&inventory(&["a"]), &imports, "2026-05-04", 30);
        let kind = kinds::node_file_result();
        let object = world.get(&kind, "", "a.4.1.1").unwrap();
        assert_eq!(object.body().str_at(&["spec", "outcome"]), Some("pass"));
        assert_eq!(object.body().at(&["spec", "ageDays"]), Some(&Node::Int(2)));
        assert_eq!(world.knows(&kind, None), Knowledge::Complete);
    }

    #[test]
    fn of_results_made_at_once_the_worst_becomes_the_object() {
        use ImportOutcome::{Fail, Pass, Warn};
        for order in [[Fail, Pass], [Pass, Fail], [Warn, Fail], [Fail, Warn]] {
            let mut imports = [import("a", "2026-05-02T00:00:00Z", ImportOutcome::Pass)];
            let one = imports[0].results.remove(0);
            imports[0].results =
                order.map(|outcome| ImportedResult { outcome, ..one.clone() }).to_vec();
            let world = with_imports(&inventory(&["a"]), &imports, "2026-05-04", 30);
            let object = world.get(&kinds::node_file_result(), "", "a.4.1.1").unwrap();
            assert_eq!(object.body().str_at(&["spec", "outcome"]), Some("fail"), "{order:?}");
        }
    }

    #[test]
    fn a_node_without_results_leaves_the_read_partial() {
        let imports = [import("a", "2026-05-02T00:00:00Z", ImportOutcome::Pass)];
        let world = with_imports(&inventory(&["a", "b"]), &imports, "2026-05-04", 30);
        let Knowledge::Missing(missing) = world.knows(&kinds::node_file_result(), None) else {
            panic!("b has no result");
        };
        assert_eq!(missing.reason, "imports of kube-bench: no results of b");
        let without = with_imports(&inventory(&["a"]), &[], "2026-05-04", 30);
        let Knowledge::Missing(missing) = without.knows(&kinds::node_file_result(), None) else {
            panic!("nothing was imported");
        };
        assert_eq!(missing.reason, "imports of kube-bench: nothing was imported");
    }

    #[test]
    fn joining_twice_is_joining_once() {
        let imports = [import("a", "2026-05-02T00:00:00Z", ImportOutcome::Pass)];
        let once = with_imports(&inventory(&["a", "b"]), &imports, "2026-05-04", 30);
        let twice = with_imports(&once, &imports, "2026-05-04", 30);
        assert_eq!((&once.reads, once.len()), (&twice.reads, twice.len()));
    }

    #[test]
    fn reports_of_the_cluster_go_before_those_of_an_import() {
        let report = |count: i64| {
            serde_json::json!({"apiVersion": "aquasecurity.github.io/v1alpha1", "kind": "VulnerabilityReport",
                "metadata": {"name": "r", "namespace": "pay"}, "report": {"summary": {"criticalCount": count}}})
        };
        let mut brought = import("a", "2026-05-02T00:00:00Z", ImportOutcome::Pass);
        brought.tool = ImportTool::TrivyOperator;
        brought.objects = vec![report(7)];
        let kind = Kind::new("aquasecurity.github.io", "VulnerabilityReport");
        let alone = with_imports(&inventory(&[]), std::slice::from_ref(&brought), "2026-05-04", 30);
        assert_eq!(alone.of(&kind).len(), 1);
        assert_eq!(alone.knows(&kind, None), Knowledge::Complete);
        let own = Arc::new(Object::new(Node::from(&report(1))).unwrap());
        let live = inventory(&[]).with(vec![own], Vec::new());
        let both = with_imports(&live, &[brought], "2026-05-04", 30);
        let count = both.of(&kind)[0].body().at(&["report", "summary", "criticalCount"]).cloned();
        assert_eq!((both.of(&kind).len(), count), (1, Some(Node::Int(1))));
    }
}
