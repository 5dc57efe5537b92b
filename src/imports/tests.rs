use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::import::ImportOutcome;

const KUBE_BENCH: &[u8] = include_bytes!("../../tests/imports/cp-1.json");
const KUBE_BENCH_BARE: &[u8] = include_bytes!("../../tests/imports/worker-1.json");
const KUBE_BENCH_LOGS: &[u8] = include_bytes!("../../tests/imports/kube-bench-logs.txt");
const POLICY_REPORTS: &[u8] = include_bytes!("../../tests/imports/policy-reports.yaml");
const TRIVY: &[u8] = include_bytes!("../../tests/imports/trivy-operator.yaml");
const KUBESCAPE: &[u8] = include_bytes!("../../tests/imports/kubescape.json");

const FILES: [&[u8]; 6] =
    [KUBE_BENCH, KUBE_BENCH_BARE, KUBE_BENCH_LOGS, POLICY_REPORTS, TRIVY, KUBESCAPE];

fn given<'a>(name: &'a str, bytes: &'a [u8]) -> Given<'a> {
    Given { name, bytes, node: None, tool: None, changed: None, now: "2026-05-30T12:00:00Z" }
}

fn import(name: &str, bytes: &[u8]) -> Import {
    read(&given(name, bytes)).unwrap()
}

fn refused(text: &str) -> String {
    read(&given("f.json", text.as_bytes())).unwrap_err().to_string()
}

fn counts(import: &Import) -> [usize; 5] {
    ImportOutcome::ALL.map(|outcome| import.count(outcome))
}

#[test]
fn kube_bench_in_its_layouts() {
    let whole = import("out/cp-1.json", KUBE_BENCH);
    assert_eq!((whole.tool, whole.version.as_deref()), (ImportTool::KubeBench, Some("cis-1.12")));
    // fail, error, warn, skip, pass
    assert_eq!(counts(&whole), [0, 1, 1, 0, 31]);
    assert!(whole.results.iter().all(|r| r.node.as_deref() == Some("cp-1")));
    assert_eq!(whole.sha256.len(), 64);

    let named = Given { node: Some("worker-1"), ..given("results.json", KUBE_BENCH_BARE) };
    let bare = read(&named).unwrap();
    assert_eq!(counts(&bare), [1, 1, 0, 0, 10]);
    let failed = bare.results.iter().find(|r| r.outcome == ImportOutcome::Fail).unwrap();
    assert_eq!(failed.control.as_deref(), Some("4.1.5"));
    assert_eq!(failed.node.as_deref(), Some("worker-1"));
    assert!(failed.message.ends_with("found permissions=644"), "{}", failed.message);

    let logs = import("kube-bench-logs.txt", KUBE_BENCH_LOGS);
    assert!(logs.results.iter().all(|r| r.node.is_none()));
    // Edition 1.11 counts section 2 one higher than its file for kube-bench.
    let etcd: Vec<_> =
        logs.results.iter().filter(|r| r.edition.as_deref() == Some("1.11")).collect();
    let numbers: Vec<_> = etcd.iter().map(|r| (&*r.rule, r.control.as_deref().unwrap())).collect();
    assert_eq!(numbers, [("2.1", "2.1"), ("2.2", "2.3")]);
}

#[test]
fn policy_reports_of_all_groups_in_lists_and_documents() {
    let import = import("reports.yaml", POLICY_REPORTS);
    assert_eq!(import.tool, ImportTool::PolicyReport);
    assert_eq!(counts(&import), [2, 0, 0, 1, 1]);
    let first = &import.results[0];
    assert_eq!(first.check.as_deref(), Some("privileged-container"));
    assert_eq!(first.object.as_ref().unwrap().to_string(), "Deployment/pay/web");
    assert_eq!(import.objects.len(), 3);
    assert_eq!(import.taken.as_deref(), Some("2026-05-29T00:01:40Z"));
}

#[test]
fn reports_of_trivy_operator() {
    let import = import("reports.yaml", TRIVY);
    assert_eq!(
        (import.tool, import.version.as_deref()),
        (ImportTool::TrivyOperator, Some("0.60.0"))
    );
    assert_eq!(counts(&import), [5, 0, 1, 0, 2]);
    // Vulnerabilities and secrets are what checks look at.
    assert_eq!(import.objects.len(), 2);
    assert_eq!(
        import.results[0].message,
        "1 critical, 1 high, 0 medium, 0 low: CVE-2026-0001, CVE-2026-0002"
    );
}

#[test]
fn kubescape_of_format_version_2() {
    let import = import("kubescape.json", KUBESCAPE);
    assert_eq!((import.tool, import.version.as_deref()), (ImportTool::Kubescape, Some("v3.0.40")));
    assert_eq!(counts(&import), [1, 0, 1, 2, 1]);
    assert_eq!(import.results[0].check.as_deref(), Some("allow-privilege-escalation"));
}

#[test]
fn an_import_survives_being_saved() {
    for bytes in FILES {
        let import = import("f", bytes);
        let text = serde_json::to_string(&import).unwrap();
        assert_eq!(serde_json::from_str::<Import>(&text).unwrap(), import);
    }
}

#[test]
fn what_is_no_result_is_refused_with_what_was_expected() {
    let text = refused(r#"{"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a"}}"#);
    assert!(text.starts_with("f.json, document 1: Pod (v1) is no result of a tool"), "{text}");
    assert!(text.contains("kubescape JSON of format version v2"), "{text}");
    assert!(refused("[]").contains("an empty list"));
    assert!(refused(r#"{"Controls": []}"#).contains("holds no result"));
    assert!(refused("just words").contains("`just words`"));
    // Nothing of it reaches a terminal as it is.
    let text = refused("{\"\\u001b[31mred\": 1}");
    assert!(!text.contains('\u{1b}') && text.contains("\\u{1b}"), "{text}");
}

#[test]
fn a_wrong_value_is_named_by_its_path_and_nothing_is_taken() {
    let good = String::from_utf8_lossy(KUBE_BENCH);
    let bad = good.replacen(r#""status": "PASS""#, r#""status": "FINE""#, 1);
    assert_eq!(
        refused(&bad),
        "f.json, Controls[0].tests[0].results[0].status: expected PASS, FAIL, WARN or INFO in \
         kube-bench JSON, found `FINE`; nothing was imported"
    );
    let two = format!("{good}\n{bad}");
    assert!(refused(&two).starts_with("f.json, document 2, Controls[0].tests[0]"));
}

/// The one too many is never made, whoever makes it.
#[test]
fn results_are_counted_while_they_are_made() {
    let mut results = Results { all: Vec::new(), most: 2 };
    assert!(results.push(ImportedResult::default()).is_ok());
    assert!(results.push(ImportedResult::default()).is_ok());
    let refused = results.push(ImportedResult::default());
    let told = shape::Wrong::Refused("it holds more than 2 results; split it".to_owned());
    assert_eq!((refused, results.len()), (Err(told), 2));
}

#[test]
fn results_of_two_tools_in_one_file_are_refused() {
    let both =
        format!("{}{}", String::from_utf8_lossy(KUBE_BENCH), String::from_utf8_lossy(KUBESCAPE));
    assert!(refused(&both).contains("kube-bench and of kubescape; split it"));
    let asked = Given { tool: Some(ImportTool::Kubescape), ..given("f.json", KUBE_BENCH) };
    let text = read(&asked).unwrap_err().to_string();
    assert_eq!(text, "f.json: it is of kube-bench, not of kubescape; nothing was imported");
}

#[test]
fn the_age_of_a_file_stands_in_for_a_time_that_the_tool_does_not_write() {
    let changed = Some("2026-05-01T00:00:00Z");
    let bench = read(&Given { changed, ..given("f.json", KUBE_BENCH) }).unwrap();
    assert_eq!(bench.taken.as_deref(), changed);
    let scan = read(&Given { changed, ..given("f.json", KUBESCAPE) }).unwrap();
    assert_eq!(scan.taken.as_deref(), Some("2026-05-29T06:00:00Z"));
}

#[test]
fn reports_in_a_cluster_are_read_like_those_of_a_file() {
    use crate::model::inventory::{Inventory, SourceInfo};
    use crate::model::object::Object;
    let documents = documents::read("x", TRIVY).unwrap();
    let items = documents.iter().flat_map(shape::filled_items);
    let objects: Vec<_> = items.map(|i| std::sync::Arc::new(Object::new(i).unwrap())).collect();
    let world = Inventory::new(SourceInfo::default(), objects, Vec::new());
    let live = live(&world, "2026-05-30T12:00:00Z");
    assert_eq!(live.len(), 1);
    assert_eq!(live[0].results.len(), import("x.yaml", TRIVY).results.len());
    assert!(live[0].objects.is_empty() && live[0].sha256.is_empty());
    // What an import brought is not counted a second time.
    let brought = [import("x.yaml", TRIVY)];
    let world = Inventory::new(SourceInfo::default(), Vec::new(), Vec::new());
    let world = objects::with_imports(&world, &brought, "2026-05-30", 30);
    assert!(!world.is_empty());
    assert!(super::live(&world, "").is_empty());
}

/// A report on objects, each with what came of it, as it is imported.
fn policy_report(results: &[(&str, &str, &str)]) -> Import {
    let result = |(kind, name, word): &(&str, &str, &str)| {
        let api = if *kind == "Pod" { "v1" } else { "apps/v1" };
        let object = json!({"apiVersion": api, "kind": kind, "name": name});
        json!({"policy": "p", "result": word, "resources": [object]})
    };
    let report = json!({"apiVersion": "wgpolicyk8s.io/v1alpha2", "kind": "PolicyReport",
        "metadata": {"name": "r", "namespace": "pay", "creationTimestamp": "2026-05-29T00:00:00Z"},
        "results": results.iter().map(result).collect::<Vec<_>>()});
    import("r.json", report.to_string().as_bytes())
}

#[test]
fn a_pass_on_an_object_that_is_not_there_is_no_pass() {
    use crate::model::inventory::{Inventory, Knowledge, SourceInfo};
    use crate::model::kinds::Kind;
    use crate::model::object::Object;
    use crate::model::read::{Read, ReadStatus};
    let deployments = Kind::new("apps", "Deployment");
    let web = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "pay"}});
    let web = std::sync::Arc::new(Object::new(Node::from(&web)).unwrap());
    let read = Read {
        resource: "apps/v1/deployments".into(),
        kind: Some(deployments),
        namespace: None,
        status: ReadStatus::Complete,
        items: 1,
        message: None,
        millis: None,
    };
    let world = Inventory::new(SourceInfo::default(), vec![web], vec![read]);
    let reports = Kind::new("wgpolicyk8s.io", "PolicyReport");
    let joined = |brought: &Import| {
        objects::with_imports(&world, std::slice::from_ref(brought), "2026-05-30", 30)
    };
    let left = |world: &Inventory| {
        let report = world.get(&reports, "pay", "r").unwrap();
        let names = report.body().list_at(&["results"]).iter();
        let name = |r: &Node| r.list_at(&["resources"])[0].str_at(&["name"]).unwrap().to_owned();
        names.map(name).collect::<Vec<_>>()
    };
    // Of pods nothing is known here: no report is about one that is certainly not there.
    let some = policy_report(&[
        ("Deployment", "web", "pass"),
        ("Deployment", "gone", "pass"),
        ("Deployment", "lost", "fail"),
        ("Pod", "p", "pass"),
    ]);
    let with_some = joined(&some);
    assert_eq!(left(&with_some), ["web", "lost", "p"]);
    let told = "r.json: 2 objects that it is about are not here (Deployment/pay/gone, \
                Deployment/pay/lost); no result on these is a pass";
    assert_eq!(gone(&some, &world).as_deref(), Some(told));
    let words = with_some.reads.iter().find_map(|read| read.message.as_deref());
    assert_eq!(words, Some(told), "and reports say so");

    let none = policy_report(&[("Deployment", "gone", "pass")]);
    let with_none = joined(&none);
    assert!(with_none.of(&reports).is_empty());
    let Knowledge::Missing(missing) = with_none.knows(&reports, None) else { panic!("nothing") };
    assert!(missing.reason.contains("Deployment/pay/gone"), "{}", missing.reason);

    let all = policy_report(&[("Deployment", "web", "pass")]);
    assert_eq!((gone(&all, &world), left(&joined(&all)).len()), (None, 1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever becomes of a good file, it is read or refused: no crash, no raw control character
    /// in what is said, nothing taken by halves.
    #[test]
    fn a_damaged_file_is_read_or_refused(
        which in 0_usize..FILES.len(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, ".{0,6}"), 1..6),
    ) {
        let mut bytes = FILES[which].to_vec();
        for (at, length, put) in cuts {
            let from = at.index(bytes.len().max(1)).min(bytes.len());
            let to = (from + length).min(bytes.len());
            bytes.splice(from..to, put.bytes());
        }
        match read(&given("f.json", &bytes)) {
            Ok(import) => {
                prop_assert!(!import.results.is_empty() || !import.objects.is_empty());
                let text = serde_json::to_string(&import).unwrap();
                prop_assert_eq!(serde_json::from_str::<Import>(&text).unwrap(), import);
            }
            Err(error) => {
                let text = error.to_string();
                prop_assert!(text.starts_with("f.json"), "{}", text);
                prop_assert!(text.chars().all(|c| !c.is_control()), "{:?}", text);
            }
        }
    }

    /// The same for values of the wrong kind in the right place.
    #[test]
    fn a_value_of_another_kind_is_read_or_refused(
        which in prop::sample::select(vec![KUBE_BENCH, KUBE_BENCH_BARE, KUBESCAPE]),
        at in any::<prop::sample::Index>(),
        instead in prop::sample::select(vec!["null", "[]", "{}", "7", "-1", "1e300", "\"x\"", "true", "[[]]"]),
    ) {
        let mut value: serde_json::Value = serde_json::from_slice(which).unwrap();
        let mut paths = Vec::new();
        walk(&value, String::new(), &mut paths);
        let path = &paths[at.index(paths.len())];
        *value.pointer_mut(path).unwrap() = serde_json::from_str(instead).unwrap();
        let bytes = serde_json::to_vec(&value).unwrap();
        if let Err(error) = read(&given("f.json", &bytes)) {
            prop_assert!(error.to_string().starts_with("f.json"));
        }
    }
}

/// The pointer of every value.
fn walk(value: &serde_json::Value, path: String, all: &mut Vec<String>) {
    match value {
        serde_json::Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, v)| walk(v, format!("{path}/{at}"), all));
        }
        serde_json::Value::Object(map) => {
            map.iter()
                .for_each(|(key, v)| walk(v, format!("{path}/{}", key.replace('/', "~1")), all));
        }
        _ => {}
    }
    all.push(path);
}
