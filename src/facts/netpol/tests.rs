mod peers;
mod reach;

use serde_json::{Value, json};

use self::reach::egress;
use crate::facts::FactName::{Netpol, Nodes};
use crate::facts::kind::{
    ADMIN_POLICY, CALICO_GLOBAL_POLICY, CALICO_POLICY, CILIUM_POLICY, ENDPOINT_SLICE, NAMESPACE,
    NETWORK_POLICY, NODE, POD,
};
use crate::facts::testing::{WORKLOADS, World};
use crate::model::kinds::Kind;

impl World {
    fn netpol(&mut self, namespace: &str, name: &str, spec: &Value) -> &mut Self {
        self.add(&json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": name, "namespace": namespace}, "spec": spec}))
    }

    fn labelled_pod(&mut self, namespace: &str, name: &str, labels: &Value) -> &mut Self {
        self.add(&json!({"apiVersion": "v1", "kind": "Pod", "spec": {},
            "metadata": {"name": name, "namespace": namespace, "labels": labels}}))
    }

    fn foreign(&mut self, kind: &Kind, namespace: &str) -> &mut Self {
        self.add(&json!({"apiVersion": format!("{}/v1", kind.group), "kind": &*kind.kind,
            "metadata": {"name": "f", "namespace": namespace}}))
    }

    fn node(&mut self, name: &str, address: &str, labels: &Value) -> &mut Self {
        self.add(&json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels},
            "spec": {"providerID": "vsphere://1"}, "status": {"addresses": [{"type": "Hostname", "address": name}, {"type": "InternalIP", "address": address}]}}))
    }

    /// The kinds without which a member of the fact is unknown.
    fn member_rests_on(&mut self, kind: &str, name: &str, member: &str) -> Vec<String> {
        self.needed(|world| world.json(Netpol, kind, name)[member].is_null())
    }
}

/// The kinds of other engines as printed, for a namespace.
const FOREIGN: [&str; 9] = [
    "AdminNetworkPolicy.policy.networking.k8s.io",
    "BaselineAdminNetworkPolicy.policy.networking.k8s.io",
    "CiliumClusterwideNetworkPolicy.cilium.io",
    "CiliumNetworkPolicy.cilium.io",
    "ClusterNetworkPolicy.policy.networking.k8s.io",
    "GlobalNetworkPolicy.crd.projectcalico.org",
    "GlobalNetworkPolicy.projectcalico.org",
    "NetworkPolicy.crd.projectcalico.org",
    "NetworkPolicy.projectcalico.org",
];

fn with_foreign(kind: &str) -> Vec<String> {
    let mut list: Vec<String> = FOREIGN.iter().map(ToString::to_string).collect();
    list.push(kind.to_owned());
    list.sort();
    list
}

fn pod_world() -> World {
    let mut world = World::complete();
    world.namespace("ns").labelled_pod("ns", "p", &json!({"app": "web"}));
    world
}

#[test]
fn policy_types_default_to_ingress_and_to_egress_where_there_are_rules() {
    for (spec, ingress, egress) in [
        (json!({"podSelector": {}}), true, false),
        (json!({"podSelector": {}, "egress": []}), true, false),
        (json!({"podSelector": {}, "egress": [{}]}), true, true),
        (json!({"podSelector": {}, "policyTypes": []}), true, false),
        (json!({"podSelector": {}, "policyTypes": ["Egress"]}), false, true),
        (json!({"podSelector": {}, "policyTypes": ["Ingress"], "egress": [{}]}), true, false),
        (json!({}), true, false),
        (json!(null), true, false),
    ] {
        let mut world = pod_world();
        world.netpol("ns", "np", &spec);
        let fact = world.json(Netpol, "Pod", "p");
        assert_eq!(
            (&fact["ingressIsolated"], &fact["egressIsolated"]),
            (&json!(ingress), &json!(egress)),
            "{spec}"
        );
        assert_eq!((&fact["selected"], &fact["policies"]), (&json!(true), &json!(["np"])));
    }
}

#[test]
fn a_pod_that_nothing_selects_needs_every_read_to_be_open() {
    let mut world = pod_world();
    world.netpol("ns", "other", &json!({"podSelector": {"matchLabels": {"app": "db"}}}));
    world.netpol("elsewhere", "all", &json!({"podSelector": {}}));
    let fact = world.json(Netpol, "Pod", "p");
    assert_eq!(
        fact,
        json!({"applies": true, "selected": false, "policies": [], "foreign": false,
        "ingressIsolated": false, "egressIsolated": false, "metadataReachable": true,
        "metadataAddresses": "169.254.169.254, fd00:ec2::254, 168.63.129.16",
        "kubeletReachable": true, "controlPlaneReachable": true})
    );
    assert_eq!(world.member_rests_on("Pod", "p", "selected"), ["NetworkPolicy"]);
    assert_eq!(world.member_rests_on("Pod", "p", "foreign"), FOREIGN);
    for member in ["ingressIsolated", "egressIsolated", "metadataReachable", "kubeletReachable"] {
        assert_eq!(
            world.member_rests_on("Pod", "p", member),
            with_foreign("NetworkPolicy"),
            "{member}"
        );
    }
}

#[test]
fn pods_on_the_node_network_are_outside_without_any_read() {
    let mut world = World::open();
    world.pod("ns", "p", &json!({"hostNetwork": true}));
    let fact = world.fact(Netpol, "Pod", "p");
    assert!(fact.missing().is_none());
    let members = fact.node().unwrap().to_json();
    assert_eq!(
        (&members["applies"], &members["metadataReachable"]),
        (&json!(false), &json!(false))
    );
}

#[test]
fn other_engines_leave_open_what_native_policies_do_not_close() {
    for (kind, namespace, covers) in [
        (&CILIUM_POLICY, "ns", true),
        (&CALICO_POLICY, "elsewhere", false),
        (&CALICO_GLOBAL_POLICY, "", true),
        (&ADMIN_POLICY, "", true),
    ] {
        let mut world = pod_world();
        world.foreign(kind, namespace);
        let fact = world.json(Netpol, "Pod", "p");
        assert_eq!(fact["foreign"], covers, "{}", **kind);
        assert_eq!(fact["ingressIsolated"].is_null(), covers);
        assert_eq!(fact["metadataReachable"].is_null(), covers);
        let whole = world.json(Netpol, "Namespace", "ns");
        assert_eq!(whole["defaultDenyIngress"].is_null(), covers);
        world.netpol(
            "ns",
            "deny",
            &json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}),
        );
        assert_eq!(world.json(Netpol, "Pod", "p")["ingressIsolated"], true);
        assert_eq!(world.json(Netpol, "Namespace", "ns")["defaultDenyEgress"], true);
    }
    let mut world = pod_world();
    world.foreign(&CILIUM_POLICY, "ns");
    let reason = world.fact(Netpol, "Pod", "p").missing().unwrap().reason.clone();
    assert!(reason.contains("CiliumNetworkPolicy/ns/f"), "{reason}");
    let mut unread = pod_world();
    unread.reads.retain(|read| read.kind.as_ref() != Some(&CILIUM_POLICY));
    assert!(unread.json(Netpol, "Pod", "p")["foreign"].is_null(), "no read recorded is no answer");
}

#[test]
fn default_deny_of_a_namespace() {
    let all = json!(["Ingress", "Egress"]);
    let dns = json!([{"ports": [{"port": 53, "protocol": "UDP"}, {"port": 5353}]}]);
    for (spec, ingress, egress) in [
        (json!({"podSelector": {}, "policyTypes": all}), true, true),
        (json!({"podSelector": {}, "policyTypes": all, "egress": dns}), true, true),
        (
            json!({"podSelector": {}, "policyTypes": all, "egress": [{"ports": [{"port": 53}, {"port": 443}]}]}),
            true,
            false,
        ),
        (
            json!({"podSelector": {}, "policyTypes": all, "egress": [{"ports": [{"port": 53, "endPort": 99}]}]}),
            true,
            false,
        ),
        (
            json!({"podSelector": {}, "policyTypes": all, "egress": [{"to": [{"podSelector": {}}]}]}),
            true,
            false,
        ),
        (json!({"podSelector": {}, "policyTypes": all, "ingress": [{}]}), false, true),
        (json!({"podSelector": {"matchLabels": {"a": "b"}}, "policyTypes": all}), false, false),
        (json!({"podSelector": {}}), true, false),
    ] {
        let mut world = pod_world();
        world.netpol("ns", "np", &spec);
        let fact = world.json(Netpol, "Namespace", "ns");
        assert_eq!(
            (&fact["defaultDenyIngress"], &fact["defaultDenyEgress"]),
            (&json!(ingress), &json!(egress)),
            "{spec}"
        );
        assert_eq!((&fact["pods"], &fact["policies"]), (&json!(1), &json!(1)));
    }
}

#[test]
fn a_namespace_counts_what_runs_on_a_network_of_its_own() {
    let mut world = World::complete();
    world.namespace("ns").pod("ns", "host", &json!({"hostNetwork": true}));
    world.add(&json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "done", "namespace": "ns"}, "status": {"phase": "Succeeded"}}));
    let fact = world.json(Netpol, "Namespace", "ns");
    assert_eq!((&fact["pods"], &fact["policies"]), (&json!(0), &json!(0)));
    assert_eq!(world.member_rests_on("Namespace", "ns", "policies"), ["NetworkPolicy"]);
    assert_eq!(world.member_rests_on("Namespace", "ns", "pods"), WORKLOADS);
    assert_eq!(
        world.member_rests_on("Namespace", "ns", "defaultDenyIngress"),
        with_foreign("NetworkPolicy")
    );
    world.add(&json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d", "namespace": "ns"}}));
    world.forbid(&POD);
    assert_eq!(world.json(Netpol, "Namespace", "ns")["pods"], 1, "what is seen is counted");
}

#[test]
fn node_addresses_as_a_fact() {
    let mut world = egress(&json!([]));
    let expected = json!({"addresses": ["10.1.0.9", "10.1.0.5"], "controlPlane": ["10.1.0.9"]});
    assert_eq!(world.json(Nodes, "Pod", "p"), expected);
    assert_eq!(world.rests_on(Nodes, "Pod", "p"), ["Node"]);
}

#[test]
fn malformed_policies_do_no_harm() {
    for spec in [
        json!("x"),
        json!([]),
        json!({"podSelector": "x", "policyTypes": "Egress", "egress": {}}),
        json!({"podSelector": {}, "policyTypes": ["Egress", 3], "egress": [null, "x", {"to": "y", "ports": [3, {"port": 99999}]}]}),
        json!({"podSelector": {}, "ingress": [{"from": [null, {"ipBlock": {"except": [1]}}, {"ipBlock": "x"}]}]}),
    ] {
        let mut world = pod_world();
        world.netpol("ns", "np", &spec);
        assert!(world.json(Netpol, "Pod", "p")["applies"].is_boolean());
        assert!(world.json(Netpol, "Namespace", "ns")["policies"].is_number());
        assert!(world.json(Netpol, "NetworkPolicy", "np")["deadPeers"].is_array(), "{spec}");
    }
}
