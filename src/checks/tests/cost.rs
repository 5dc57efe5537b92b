//! What a check costs over a whole run is bounded; what it did not get to is told, never passed.

use super::*;
use crate::checks::run::run_within;

const NODES: usize = 600;

/// A rule of some thousand steps on each of many nodes: `bad` ones fail it.
fn dear() -> (Arc<Check>, World) {
    let check = check(
        "
[target]
scope = \"node\"
[rule]
fail = \"lists.range(1000).all(i, size(metadata.name) + i >= 0) && metadata.name.endsWith('bad')\"
at = \"metadata.name\"
message = \"bad\"
",
    );
    let node = |at: usize| {
        let name = if at.is_multiple_of(2) { "bad" } else { "good" };
        format!("---\napiVersion: v1\nkind: Node\nmetadata: {{name: node-{at:03}-{name}}}\n")
    };
    (check, World::of(&(0..NODES).map(node).collect::<String>()))
}

fn within(most: u64, checks: &[Arc<Check>], world: &World) -> RunResult {
    let facts = Facts::new(Arc::new(world.inventory()), Options::default());
    run_within(&planned(checks), &facts, &RunScope::default(), most)
}

#[test]
fn what_a_check_did_not_get_to_is_not_assessed_and_says_why() {
    let (dear, world) = dear();
    let whole = within(u64::MAX, std::slice::from_ref(&dear), &world);
    assert_eq!((whole.checks["probe"].fail, whole.checks["probe"].pass), (NODES / 2, NODES / 2));
    assert!(whole.not_assessed.is_empty(), "{:?}", whole.not_assessed);
    let cheap = check_of(
        "cheap",
        "rule",
        "
[target]
scope = \"node\"
[rule]
fail = \"metadata.name.endsWith('bad')\"
message = \"bad\"
",
    );
    let result = within(200_000, &[cheap, dear], &world);
    let counts = result.checks["probe"];
    assert!(counts.fail > 0 && counts.pass > 0, "{counts:?}");
    assert!(counts.not_assessed > NODES / 2, "{counts:?}");
    assert_eq!(counts.fail + counts.pass + counts.not_assessed, NODES, "none is lost");
    assert_eq!((counts.error, counts.not_applicable), (0, 0));
    let [gap] = &result.not_assessed[..] else { panic!("{:?}", result.not_assessed) };
    assert_eq!((&*gap.check, gap.count), ("probe", counts.not_assessed));
    assert!(gap.missing.reason.contains("ran out of steps"), "{gap:?}");
    // The others are not held back by it.
    assert_eq!(result.checks["cheap"].fail, NODES / 2);
    assert_eq!(result.checks["cheap"].not_assessed, 0);
}

#[test]
fn what_objects_share_is_paid_for_too() {
    let check = check(
        "
[target]
scope = \"object\"
kinds = [\"ConfigMap\"]
reads = [\"nodes\"]
[rule]
fail = \"metadata.name == 'x' || lists.nodes.map(n, n.metadata.name).filter(n, n.endsWith('bad')).size() == 0\"
message = \"none is bad\"
",
    );
    let (_, mut world) = dear();
    world.objects.extend(World::of(&(0..100).map(map).collect::<String>()).objects);
    // One object costs a few steps; what is made of the nodes, once for all of them, some thousand.
    let result = within(2000, std::slice::from_ref(&check), &world);
    let counts = result.checks["probe"];
    assert_eq!((counts.pass, counts.not_assessed), (1, 99), "{counts:?}");
}

fn map(at: usize) -> String {
    format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m-{at}, namespace: ns}}\n")
}
