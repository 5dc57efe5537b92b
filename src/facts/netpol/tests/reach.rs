//! What egress policies let through.

use super::*;

/// A pod with one egress policy and these rules.
pub(super) fn egress(rules: &Value) -> World {
    let mut world = pod_world();
    world.node("w1", "10.1.0.5", &json!({}));
    world.node("cp", "10.1.0.9", &json!({"node-role.kubernetes.io/control-plane": ""}));
    world.netpol(
        "ns",
        "np",
        &json!({"podSelector": {}, "policyTypes": ["Egress"], "egress": rules}),
    );
    world
}

fn block(cidr: &str, except: &[&str]) -> Value {
    json!({"to": [{"ipBlock": {"cidr": cidr, "except": except}}]})
}

#[test]
fn the_metadata_service_is_reached_through_blocks_and_open_rules() {
    for (rule, expected) in [
        (json!({}), true),
        (json!({"to": []}), true),
        (json!({"to": [{"podSelector": {}}]}), false),
        (json!({"to": [{"namespaceSelector": {}}]}), false),
        (block("0.0.0.0/0", &[]), true),
        (block("0.0.0.0/0", &["169.254.169.254/32"]), true), // Azure's wire server remains
        (block("0.0.0.0/0", &["169.254.0.0/16", "168.63.129.16/32"]), false),
        (block("fd00::/8", &[]), true),
        (block("10.0.0.0/8", &[]), false),
        (block("nonsense", &[]), false),
        (json!({"ports": [{"port": 80}]}), true),
        (json!({"ports": [{"port": 443}]}), false),
        (json!({"ports": [{"port": 1, "endPort": 100}]}), true),
        (json!({"ports": [{"port": 80, "protocol": "UDP"}]}), false),
        (json!({"ports": [{"protocol": "TCP"}]}), true),
        (json!({"ports": [{"port": "http"}]}), false),
        (json!({"ports": [{"port": 32526}]}), true),
    ] {
        let fact = egress(&json!([rule])).json(Netpol, "Pod", "p");
        assert_eq!(fact["metadataReachable"], expected, "{rule}");
    }
    let open = |except: &[&str]| {
        let fact = egress(&json!([block("0.0.0.0/0", except)])).json(Netpol, "Pod", "p");
        fact["metadataAddresses"].clone()
    };
    assert_eq!(open(&[]), "169.254.169.254, 168.63.129.16");
    assert_eq!(open(&["169.254.169.254/32"]), "168.63.129.16", "the one that remains");
    let mut world = egress(&json!([block("168.63.129.16/32", &[])]));
    world.source.provider = "eks".to_owned();
    assert_eq!(world.json(Netpol, "Pod", "p")["metadataReachable"], false, "only on Azure");
}

#[test]
fn kubelets_and_control_plane_are_reached_by_address() {
    for (rule, kubelet, control) in [
        (block("10.1.0.0/24", &[]), true, true),
        (block("10.1.0.0/24", &["10.1.0.9/32"]), true, false),
        (block("10.1.0.9/32", &[]), true, true),
        (block("10.2.0.0/16", &[]), false, false),
        (json!({"ports": [{"port": 10250}]}), true, false),
        (json!({"ports": [{"port": 10255}]}), true, false),
        (json!({"ports": [{"port": 2379}]}), false, true),
        (json!({"ports": [{"port": 6443}]}), false, true),
        (json!({"ports": [{"port": 53, "protocol": "UDP"}]}), false, false),
    ] {
        let fact = egress(&json!([rule])).json(Netpol, "Pod", "p");
        assert_eq!(
            (&fact["kubeletReachable"], &fact["controlPlaneReachable"]),
            (&json!(kubelet), &json!(control)),
            "{rule}"
        );
    }
    let mut world = egress(&json!([block("10.9.0.1/32", &[])]));
    world.add(&json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "ports": [{"port": 8443}],
        "metadata": {"name": "kubernetes", "namespace": "default"}, "endpoints": [{"addresses": ["10.9.0.1", "x"]}]}));
    assert_eq!(
        world.json(Netpol, "Pod", "p")["controlPlaneReachable"],
        true,
        "by the API server's slice"
    );
}

#[test]
fn an_api_server_of_which_no_address_is_known_is_there_all_the_same() {
    for (rule, expected) in [
        (block("0.0.0.0/0", &["169.254.0.0/16"]), json!(null)),
        (block("0.0.0.0/0", &[]), json!(true)),
        (json!({"ports": [{"port": 53}]}), json!(false)),
    ] {
        let mut world = pod_world();
        world.node("w1", "10.1.0.5", &json!({}));
        let spec = json!({"podSelector": {}, "policyTypes": ["Egress"], "egress": [rule]});
        world.netpol("ns", "np", &spec);
        let fact = world.json(Netpol, "Pod", "p");
        assert_eq!(fact["controlPlaneReachable"], expected, "{rule}");
    }
}

#[test]
fn without_addresses_only_open_and_shut_rules_decide() {
    for (rule, expected) in [
        (json!({"ports": [{"port": 53}]}), json!(false)),
        (json!({"to": [{"podSelector": {}}]}), json!(false)),
        (json!({}), json!(true)),
        (block("0.0.0.0/0", &[]), json!(true)),
        (block("0.0.0.0/0", &["10.0.0.0/8"]), json!(null)),
        (block("10.1.0.0/24", &[]), json!(null)),
    ] {
        let mut world = egress(&json!([rule]));
        world.forbid(&NODE).forbid(&ENDPOINT_SLICE);
        let fact = world.json(Netpol, "Pod", "p");
        assert_eq!(fact["kubeletReachable"], expected, "{rule}");
        assert_eq!(fact["controlPlaneReachable"], expected, "{rule}");
    }
    let mut world = egress(&json!([]));
    assert_eq!(
        world.member_rests_on("Pod", "p", "kubeletReachable"),
        with_foreign("NetworkPolicy")
    );
    world.forbid(&NETWORK_POLICY);
    assert_eq!(world.json(Netpol, "Pod", "p")["egressIsolated"], true, "seen");
    let unknown = &world.json(Netpol, "Pod", "p")["kubeletReachable"];
    assert!(unknown.is_null(), "an unread policy may admit it");
}
