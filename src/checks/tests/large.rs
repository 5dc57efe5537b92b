//! One object that is very large costs no more than its size, or is not assessed where it does.

use super::*;
use crate::checks::cost::MOST_FOUND;
use crate::checks::run::{run_apart, run_counted};

/// A pod of so many containers, each with everything wrong that leaving things out makes wrong.
fn of_containers(count: usize) -> String {
    let container =
        |at: usize| format!("  - {{name: c{at}, image: 'example.com/a/b{at}:latest'}}\n");
    let containers: String = (0..count).map(container).collect();
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: big, namespace: ns}}\nspec:\n  containers:\n{containers}"
    )
}

/// A pod of so many directories of its node, each mounted once.
fn of_volumes(count: usize) -> String {
    let volume = |at: usize| format!("  - {{name: v{at}, hostPath: {{path: /data/{at}}}}}\n");
    let mount = |at: usize| format!("    - {{name: v{at}, mountPath: /m/{at}}}\n");
    let (volumes, mounts): (String, String) =
        ((0..count).map(volume).collect(), (0..count).map(mount).collect());
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: big, namespace: ns}}\nspec:\n  containers:\n  - name: c\n    \
         image: a\n    volumeMounts:\n{mounts}  volumes:\n{volumes}"
    )
}

/// What the whole library makes of a manifest, and what each check took, by its id.
fn assessed(yaml: &str, on_one: u64) -> (RunResult, Vec<(String, u64)>) {
    let library = Library::builtin();
    let ids: Vec<&str> = library.checks.keys().map(|id| &**id).collect();
    let plan = Plan::new(&library, &ids, &Params::default());
    let facts = Facts::new(Arc::new(World::of(yaml).inventory()), Options::default());
    let (result, taken) = run_counted(&plan, &facts, on_one);
    let ids = plan.checks.iter().map(|check| check.id().to_string());
    (result, ids.zip(taken).collect())
}

#[test]
fn an_object_is_taken_apart_once_for_all_its_findings() {
    let library = Library::builtin();
    let ids: Vec<&str> = library.checks.keys().map(|id| &**id).collect();
    let plan = Plan::new(&library, &ids, &Params::default());
    let facts =
        Facts::new(Arc::new(World::of(&of_containers(200)).inventory()), Options::default());
    let (result, apart) = run_apart(&plan, &facts);
    assert!(result.findings.len() > 2000, "{}", result.findings.len());
    // Once for each part of the work that a thread takes.
    assert!(apart <= 200, "taken apart {apart} times for {} findings", result.findings.len());
}

#[test]
fn what_a_pod_costs_grows_with_its_containers() {
    let (_, small) = assessed(&of_containers(100), u64::MAX);
    let (_, large) = assessed(&of_containers(400), u64::MAX);
    let steep =
        small.iter().zip(&large).filter(|((_, small), (_, large))| *large > 5 * small.max(&200));
    let told: Vec<String> = steep
        .map(|((id, small), (_, large))| format!("{id}: {small}, {large} on four times as much"))
        .collect();
    assert!(told.is_empty(), "{told:#?}");
}

#[test]
fn volumes_and_mounts_are_compared_up_to_a_bound_and_the_rest_is_left_open() {
    let most = 200_000;
    let (result, taken) = assessed(&of_volumes(400), most);
    let mut cut = 0;
    for (id, steps) in &taken {
        // One more evaluation may begin before the bound is seen.
        assert!(*steps <= most + 50_000, "{id} took {steps}");
        let counts = result.checks[id.as_str()];
        let gaps = result.not_assessed.iter().filter(|gap| gap.check.as_ref() == id);
        for gap in gaps.filter(|gap| gap.missing.reason.contains("costs too much to look at")) {
            cut += 1;
            assert!(counts.not_assessed > 0 && *steps > most / 2, "{id}: {counts:?} in {steps}");
            assert!(gap.missing.reason.contains("Pod/ns/big"), "{gap:?}");
            assert_eq!(gap.missing.namespace.as_deref(), Some("ns"));
        }
    }
    assert!(cut >= 3, "hostPath volumes are compared with every mount: {cut}");
    // What was found before the bound stands.
    assert!(result.checks["hostpath-mount-writable"].fail > 0);
    // Nothing of it is a pass: with room enough they all fail.
    let (whole, _) = assessed(&of_volumes(400), u64::MAX);
    for id in ["hostpath-mount-writable", "hostpath-volume"] {
        let (cut, whole) = (result.checks[id], whole.checks[id]);
        assert_eq!(
            (cut.pass, whole.fail, whole.not_assessed),
            (whole.pass, 400, 0),
            "{id}: {whole:?}"
        );
        assert!(cut.fail < 400 && cut.not_assessed > 0, "{id}: {cut:?}");
    }
}

/// Some large objects that fail everywhere would fill the memory and every report with findings.
#[test]
fn of_an_object_with_very_many_faults_the_first_are_told_and_the_rest_is_left_open() {
    let container = |at: usize| format!("      - {{name: c{at}, image: 'example.com/a:latest'}}\n");
    let containers: String = (0..MOST_FOUND + 100).map(container).collect();
    let pod = |name: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  namespace: ns\n  uid: {name}\n  \
             ownerReferences: [{{apiVersion: apps/v1, kind: StatefulSet, name: big, uid: u, controller: true}}]\n\
             spec:\n      containers:\n{containers}"
        )
    };
    let set = format!(
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: big, namespace: ns, uid: u}}\nspec:\n  \
         template:\n    spec:\n      containers:\n{containers}"
    );
    let all: String = [set].into_iter().chain(["big-0", "big-1", "big-2"].map(pod)).collect();
    let (result, _) = assessed(&all, u64::MAX);
    let mut told = 0;
    for (id, counts) in &result.checks {
        let is_full = counts.fail >= MOST_FOUND;
        assert!(counts.fail <= MOST_FOUND, "{id}: {counts:?}");
        let mut gaps = result.not_assessed.iter().filter(|gap| *gap.check == **id);
        let left_open = gaps.any(|gap| {
            gap.missing.reason.contains("/ns/big") && gap.missing.reason.contains("places")
        });
        assert_eq!(is_full, left_open, "{id}: {counts:?}");
        told += usize::from(is_full);
    }
    assert!(told >= 10, "{told}");
    let id = "image-tag-latest";
    let of_it: Vec<_> = result.findings.iter().filter(|found| *found.check == *id).collect();
    assert_eq!(of_it.len(), MOST_FOUND);
    assert!(of_it.iter().all(|found| found.instances == 3), "every pod tells the same ones");
}

/// One finding repeats little of what a hostile object holds.
#[test]
fn a_finding_on_an_object_with_a_long_text_is_short() {
    let check = check(
        "
[target]
scope = \"container\"
[rule]
fail = \"true\"
at = \"env\"
message = \"container {container.name}: {container.env}\"
",
    );
    let env: String = (0..1_000)
        .map(|at| format!("    - {{name: E{at}, value: {}}}\n", "x".repeat(1_000)))
        .collect();
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers:\n  - name: c\n    env:\n{env}"
    );
    let result = World::of(&pod).run(&check);
    let finding = &result.findings[0];
    let told = serde_json::to_string(&**finding).unwrap();
    assert!(told.len() < 10_000, "{} bytes", told.len());
    assert!(finding.message.contains(" more characters)"), "{}", finding.message);
    assert!(
        told.contains("… and 99") || told.contains("and 99"),
        "what is left out is counted: {told}"
    );
}
