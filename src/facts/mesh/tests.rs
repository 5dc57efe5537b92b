use super::linkerd::{LINKERD_ENV, LINKERD_POLICY};
use super::*;
use crate::facts::testing::World;
use crate::facts::{FactName, Target};
use serde_json::{Value, json};

fn namespace(world: &mut World, labels: &Value, annotations: &Value) {
    world.add(&json!({"apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": "pay", "labels": labels, "annotations": annotations}}));
}

fn peer(world: &mut World, namespace: &str, name: &str, spec: &Value) {
    world.add(&json!({"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
        "metadata": {"name": name, "namespace": namespace, "creationTimestamp": name}, "spec": spec}));
}

fn mesh(world: &World) -> Value {
    world.json(FactName::Mesh, "Namespace", "pay")
}

fn strict(mode: &str) -> Value {
    json!({"mtls": {"mode": mode}})
}

#[test]
fn no_mesh_is_known_only_from_complete_reads() {
    let mut world = World::complete();
    namespace(&mut world, &json!({"istio-injection": "enabled"}), &json!({}));
    assert_eq!(mesh(&world), json!({"name": "", "member": false, "strict": false}));
    let needs = [
        "CiliumClusterwideNetworkPolicy.cilium.io",
        "CiliumNetworkPolicy.cilium.io",
        "Deployment",
        "PeerAuthentication.security.istio.io",
        "Pod",
    ];
    assert_eq!(world.rests_on(FactName::Mesh, "Namespace", "pay"), needs);
}

#[test]
fn istio_members_are_marked_by_labels() {
    for (labels, member) in [
        (json!({"istio-injection": "enabled"}), true),
        (json!({"istio.io/rev": "1-20"}), true),
        (json!({"istio.io/rev": "1-20", "istio-injection": "disabled"}), false),
        (json!({"istio.io/dataplane-mode": "ambient"}), true),
        (json!({}), false),
    ] {
        let mut world = World::complete();
        namespace(&mut world, &labels, &json!({}));
        peer(&mut world, "istio-system", "default", &strict("STRICT"));
        assert_eq!(
            mesh(&world),
            json!({"name": "istio", "member": member, "strict": member}),
            "{labels}"
        );
    }
}

#[test]
fn istio_is_strict_where_its_oldest_policy_says_so() {
    for (peers, expected) in [
        (vec![], false),
        (vec![("pay", "1", strict("STRICT"))], true),
        (vec![("pay", "1", strict("PERMISSIVE")), ("pay", "2", strict("STRICT"))], false),
        (vec![("pay", "1", strict("UNSET")), ("istio-system", "1", strict("STRICT"))], true),
        (
            vec![
                ("pay", "1", strict("STRICT")),
                (
                    "pay",
                    "2",
                    json!({"selector": {"matchLabels": {"a": "b"}}, "mtls": {"mode": "DISABLE"}}),
                ),
            ],
            false,
        ),
        (
            vec![
                ("pay", "1", strict("STRICT")),
                (
                    "pay",
                    "2",
                    json!({"selector": {"matchLabels": {"a": "b"}}, "portLevelMtls": {"80": {"mode": "PERMISSIVE"}}}),
                ),
            ],
            false,
        ),
        (
            vec![
                ("pay", "1", strict("STRICT")),
                (
                    "pay",
                    "2",
                    json!({"selector": {"matchLabels": {"a": "b"}}, "mtls": {"mode": "STRICT"}}),
                ),
            ],
            true,
        ),
        (vec![("pay", "1", json!("odd"))], false),
    ] {
        let mut world = World::complete();
        namespace(&mut world, &json!({}), &json!({}));
        world.pod("pay", "p", &json!({"initContainers": [{"name": "istio-proxy"}]}));
        for (place, name, spec) in &peers {
            peer(&mut world, place, name, spec);
        }
        let fact = mesh(&world);
        assert_eq!(
            (&fact["member"], &fact["strict"]),
            (&json!(true), &json!(expected)),
            "{peers:?}"
        );
        let cluster =
            world.facts().get(FactName::Components, &Target::Cluster).node().unwrap().to_json();
        let lax = if expected { json!([]) } else { json!(["pay"]) };
        assert_eq!((&cluster["mesh"], &cluster["meshPermissive"]), (&json!("istio"), &lax));
        world.forbid(&PEER_AUTHENTICATION);
        let unread = mesh(&world)["strict"].clone();
        assert!(unread.is_null() || unread == false, "never strict without the read");
    }
}

#[test]
fn pilot_alone_is_a_mesh() {
    let mut world = World::complete();
    namespace(&mut world, &json!({}), &json!({}));
    world.add(&json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "istiod", "namespace": "istio-system"},
        "spec": {"template": {"spec": {"containers": [{"image": "docker.io/istio/pilot:1.20"}]}}}}));
    assert_eq!(mesh(&world), json!({"name": "istio", "member": false, "strict": false}));
    let mut unread = World::complete();
    namespace(&mut unread, &json!({}), &json!({}));
    peer(&mut unread, "x", "1", &json!({}));
    assert_eq!(unread.rests_on(FactName::Mesh, "Namespace", "pay"), ["Pod"]);
}

#[test]
fn linkerd_is_strict_by_annotation_or_by_every_proxy() {
    for (annotation, env, expected) in [
        (json!("all-authenticated"), json!(null), json!(true)),
        (json!("all-unauthenticated"), json!("deny"), json!(false)),
        (json!(null), json!("cluster-authenticated"), json!(true)),
        (json!(null), json!("all-unauthenticated"), json!(false)),
        (json!(null), json!(null), json!(null)),
    ] {
        let mut world = World::complete();
        namespace(&mut world, &json!({}), &json!({LINKERD_POLICY: annotation}));
        world.pod("pay", "p", &json!({"containers": [{"name": "linkerd-proxy", "env": [{"name": LINKERD_ENV, "value": env}]}]}));
        let fact = mesh(&world);
        assert_eq!(
            (&fact["name"], &fact["member"], &fact["strict"]),
            (&json!("linkerd"), &json!(true), &expected)
        );
    }
}

#[test]
fn cilium_without_a_rule_for_traffic_in_is_not_strict() {
    let required = json!([{"authentication": {"mode": "required"}}]);
    let labels = json!({"matchLabels": {"app": "web"}});
    for (own, wide, member, strict) in [
        (json!({"egress": [{}]}), json!(null), json!(true), json!(false)),
        (json!({"ingress": []}), json!(null), json!(true), json!(false)),
        (
            json!({"ingress": required, "endpointSelector": {}}),
            json!(null),
            json!(true),
            json!(true),
        ),
        (
            json!({"ingress": required, "endpointSelector": labels}),
            json!(null),
            json!(true),
            json!(null),
        ),
        // One of the cluster may be for these pods or not.
        (json!(null), json!({"ingress": required}), json!(null), json!(null)),
        (json!(null), json!({"egress": [{}]}), json!(false), json!(false)),
        (json!({"egress": [{}]}), json!({"ingress": required}), json!(true), json!(null)),
        (json!({"ingress": required}), json!({"ingress": [{}]}), json!(true), json!(null)),
    ] {
        let mut world = World::complete();
        namespace(&mut world, &json!({}), &json!({}));
        let mut policy = |kind: &str, place: &Value, spec: &Value| {
            if !spec.is_null() {
                world.add(&json!({"apiVersion": "cilium.io/v2", "kind": kind,
                    "metadata": {"name": "c", "namespace": place}, "spec": spec}));
            }
        };
        policy("CiliumNetworkPolicy", &json!("pay"), &own);
        policy("CiliumClusterwideNetworkPolicy", &json!(null), &wide);
        // That there is Cilium at all.
        policy("CiliumNetworkPolicy", &json!("other"), &json!({"ingress": required}));
        let fact = mesh(&world);
        assert_eq!((&fact["member"], &fact["strict"]), (&member, &strict), "{own} {wide}");
    }
}

#[test]
fn cilium_is_strict_where_every_rule_authenticates() {
    for (rules, expected) in [
        (json!([{"authentication": {"mode": "required"}}]), true),
        (json!([{"authentication": {"mode": "required"}}, {}]), false),
        (json!([{"authentication": {"mode": "disabled"}}]), false),
    ] {
        let mut world = World::complete();
        namespace(&mut world, &json!({}), &json!({}));
        world.add(&json!({"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy",
            "metadata": {"name": "c", "namespace": "pay"}, "spec": {"ingress": rules}}));
        assert_eq!(mesh(&world), json!({"name": "cilium", "member": true, "strict": expected}));
    }
}
