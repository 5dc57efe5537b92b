//! Peers that match nothing.

use super::*;

/// A policy in `ns` with these ingress peers, and the paths that are dead.
fn dead(world: &mut World, peers: &Value) -> Value {
    world.netpol(
        "ns",
        "np",
        &json!({"podSelector": {"matchLabels": {"app": "web"}}, "ingress": [{}, {"from": peers}]}),
    );
    world.json(Netpol, "NetworkPolicy", "np")["deadPeers"].clone()
}

#[test]
fn peers_that_match_nothing_are_named() {
    let pods = |key: &str, value: &str| json!({"matchLabels": {key: value}});
    for (peer, expected) in [
        (json!({"podSelector": {}}), None),
        (json!({"podSelector": pods("app", "web")}), None),
        (json!({"podSelector": pods("app", "gone")}), Some("podSelector")),
        (json!({"namespaceSelector": {}}), None),
        (json!({"namespaceSelector": pods("team", "x")}), Some("namespaceSelector")),
        (
            json!({"namespaceSelector": pods("team", "x"), "podSelector": pods("app", "gone")}),
            Some("namespaceSelector"),
        ),
        (json!({"namespaceSelector": pods("kubernetes.io/metadata.name", "other")}), None),
        (
            json!({"namespaceSelector": pods("kubernetes.io/metadata.name", "other"), "podSelector": pods("app", "web")}),
            Some("podSelector"),
        ),
        (
            json!({"namespaceSelector": pods("kubernetes.io/metadata.name", "other"), "podSelector": pods("app", "db")}),
            None,
        ),
        (json!({"namespaceSelector": {}, "podSelector": pods("app", "db")}), None),
        (json!({"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}), None),
        (
            json!({"ipBlock": {"cidr": "10.0.0.0/8", "except": ["11.1.0.0/16"]}}),
            Some("ipBlock.except[0]"),
        ),
        (
            json!({"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16", "x"]}}),
            Some("ipBlock.except[1]"),
        ),
    ] {
        let mut world = pod_world();
        world.namespace("other");
        world.add(&json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "db", "namespace": "other"},
            "spec": {"template": {"metadata": {"labels": {"app": "db"}}}}}));
        let expected: Vec<String> =
            expected.into_iter().map(|end| format!("spec.ingress[1].from[0].{end}")).collect();
        assert_eq!(dead(&mut world, &json!([peer])), json!(expected), "{peer}");
    }
}

#[test]
fn a_dead_peer_rests_on_the_reads_that_prove_it() {
    let gone = json!({"matchLabels": {"app": "gone"}});
    let mut world = pod_world();
    dead(&mut world, &json!([{"podSelector": gone}]));
    assert_eq!(world.member_rests_on("NetworkPolicy", "np", "deadPeers"), WORKLOADS);
    assert_eq!(world.member_rests_on("NetworkPolicy", "np", "selected"), [""; 0]);
    assert_eq!(world.json(Netpol, "NetworkPolicy", "np")["selected"], 1);
    let mut world = pod_world();
    dead(&mut world, &json!([{"namespaceSelector": gone}]));
    assert_eq!(world.member_rests_on("NetworkPolicy", "np", "deadPeers"), ["Namespace"]);
    let mut world = pod_world();
    world.forbid(&NAMESPACE);
    dead(
        &mut world,
        &json!([{"namespaceSelector": gone}, {"ipBlock": {"cidr": "::/0", "except": ["10.0.0.0/8"]}}]),
    );
    assert_eq!(
        world.json(Netpol, "NetworkPolicy", "np")["deadPeers"],
        json!(["spec.ingress[1].from[1].ipBlock.except[0]"]),
        "what is proven is named"
    );
    let mut empty = World::complete();
    empty.netpol("ns", "np", &json!({"podSelector": {"matchLabels": {"app": "web"}}}));
    assert_eq!(empty.json(Netpol, "NetworkPolicy", "np")["selected"], 0);
    assert_eq!(empty.member_rests_on("NetworkPolicy", "np", "selected"), WORKLOADS);
}
