use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;
use crate::facts::kind::{CILIUM_POLICY, DAEMON_SET, NAMESPACE, NETWORK_POLICY, POD};
use crate::facts::testing::{World, read};
use crate::model::read::ReadStatus;

fn policy(world: &mut World, namespace: &str, name: &str, spec: &Value) {
    world.add(&json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace}, "spec": spec}));
}

fn labelled(world: &mut World, namespace: &str, name: &str, app: &str) {
    world.add(&json!({"apiVersion": "v1", "kind": "Pod", "spec": {},
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": app}}}));
}

/// pay is shut and lets the shop's front in on one port; shop is open.
fn two() -> World {
    let mut world = World::complete();
    world.add(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "pay", "labels": {"team": "pay"}}}));
    world.add(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": "shop"}}}));
    labelled(&mut world, "pay", "web-1", "web");
    labelled(&mut world, "pay", "web-2", "web");
    labelled(&mut world, "shop", "front", "front");
    labelled(&mut world, "shop", "back", "back");
    world.pod("pay", "agent", &json!({"hostNetwork": true}));
    policy(
        &mut world,
        "pay",
        "deny",
        &json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}),
    );
    policy(
        &mut world,
        "pay",
        "web",
        &json!({"podSelector": {"matchLabels": {"app": "web"}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"team": "shop"}},
            "podSelector": {"matchLabels": {"app": "front"}}}], "ports": [{"port": 8080}, {"port": "dns", "protocol": "UDP"}]}],
        "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}]},
            {"to": [{"namespaceSelector": {}}], "ports": [{"port": 53, "endPort": 54, "protocol": "UDP"}]}]}),
    );
    world
}

#[test]
fn namespaces_say_what_is_shut_and_how_many_pods_are_isolated() {
    let network = Network::of(&two().facts());
    let pay = network.zone("pay").unwrap();
    assert_eq!((&pay.deny.ingress, &pay.deny.egress), (&Ok(true), &Ok(true)));
    assert_eq!((pay.pods, pay.outside, pay.policies.len()), (2, 1, 2));
    assert_eq!(pay.isolated.ingress, Count { yes: 2, unknown: 0 });
    let shop = network.zone("shop").unwrap();
    assert_eq!((&shop.deny.ingress, shop.isolated.egress), (&Ok(false), Count::default()));
    assert_eq!(shop.workloads.len(), 2);
    assert!(network.unknown.is_empty(), "{:?}", network.unknown);
}

#[test]
fn peers_are_resolved_to_what_they_match_now() {
    let network = Network::of(&two().facts());
    let pay = network.zone("pay").unwrap();
    let web = pay.policies.iter().find(|p| &*p.id.name == "web").unwrap();
    let [front] = web.peers.ingress.as_slice() else { panic!("{:?}", web.peers.ingress) };
    assert_eq!(
        (front.ports.as_str(), front.at.to_string().as_str()),
        ("TCP 8080; UDP dns", "spec.ingress[0].from[0]")
    );
    let PeerKind::Pods { selector, namespaces, spaces, workloads, matches, everything, whole } =
        &front.kind
    else {
        panic!("{front:?}")
    };
    assert_eq!(selector, "pods app=front of namespaces team=shop");
    assert_eq!(
        (&**namespaces, *spaces, *matches, *everything, *whole),
        (["shop".into()].as_slice(), 1, 1, false, false)
    );
    assert_eq!(workloads[0].to_string(), "Pod/shop/front");
    let [block, dns] = web.peers.egress.as_slice() else { panic!("{:?}", web.peers.egress) };
    assert_eq!(
        block.kind,
        PeerKind::Addresses(Block {
            cidr: "10.0.0.0/8".into(),
            except: vec!["10.1.0.0/16".into()],
            everything: false
        })
    );
    assert_eq!(dns.ports, "UDP 53-54");
    assert!(matches!(&dns.kind, PeerKind::Pods { everything: true, matches: 4, .. }), "{dns:?}");
    let station = &pay.workloads[0];
    assert_eq!(station.peers(Way::In).count(), 1, "a policy without rules lets nothing in");
    assert_eq!((&station.metadata, station.policies.len()), (&Ok(false), 2));
}

#[test]
fn selectors_without_a_label_and_of_ones_own_namespace_are_looked_up_too() {
    let mut world = two();
    policy(
        &mut world,
        "shop",
        "own",
        &json!({"podSelector": {}, "ingress": [
        {"from": [{"podSelector": {"matchLabels": {"app": "back"}}}]},
        {"from": [{"podSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["front", "back"]}]},
            "namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "Exists"}]}}]},
        {"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "pay"}}}]},
        {"from": [{"podSelector": {"matchLabels": {"app": "nobody"}}}]},
        {}]}),
    );
    let network = Network::of(&world.facts());
    let peers = &network.zone("shop").unwrap().policies[0].peers.ingress;
    let found: Vec<(String, usize)> = peers
        .iter()
        .map(|peer| match &peer.kind {
            PeerKind::Pods { selector, matches, .. } => (selector.clone(), *matches),
            other => (format!("{other:?}"), 0),
        })
        .collect();
    let expected = [
        ("pods app=back of shop", 1),
        ("pods app in (front,back) of namespaces team", 2),
        ("every pod of namespaces kubernetes.io/metadata.name=pay", 2),
        ("pods app=nobody of shop", 0),
        ("Anything", 0),
    ];
    assert_eq!(found, expected.map(|(text, count)| (text.to_owned(), count)));
    assert_eq!(peers[4].at.to_string(), "spec.ingress[4]");
}

#[test]
fn what_was_not_read_is_not_known_rather_than_open() {
    let mut world = two();
    world.reads.retain(|r| r.kind.as_ref() != Some(&NETWORK_POLICY));
    world.reads.push(read(&NETWORK_POLICY, Some("pay"), ReadStatus::Complete));
    world.reads.push(read(&NETWORK_POLICY, Some("shop"), ReadStatus::Forbidden));
    let network = Network::of(&world.facts());
    assert_eq!(network.zone("pay").unwrap().deny.ingress, Ok(true));
    let shop = network.zone("shop").unwrap();
    assert!(shop.deny.ingress.is_err() && shop.unread.is_some());
    assert_eq!(shop.isolated.ingress, Count { yes: 0, unknown: 2 });
    let reasons: Vec<&str> = network.unknown.iter().map(|m| m.reason.as_str()).collect();
    assert_eq!(reasons, ["cannot list networkpolicies in shop: forbidden"]);
    for kind in [&*NAMESPACE, &*POD] {
        let mut world = two();
        world.forbid(kind);
        assert_eq!(Network::of(&world.facts()).unknown.len(), 1, "{kind}");
    }
}

#[test]
fn policies_of_other_kinds_are_named_and_leave_it_open() {
    let mut world = two();
    world.add(&json!({"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": {"name": "c", "namespace": "shop"}}));
    let network = Network::of(&world.facts());
    assert_eq!(network.foreign[0].to_string(), "CiliumNetworkPolicy/shop/c");
    let shop = network.zone("shop").unwrap();
    assert_eq!(shop.foreign.as_deref(), Some("CiliumNetworkPolicy/shop/c"));
    assert_eq!(shop.isolated.ingress.unknown, 2);
    assert_eq!(network.zone("pay").unwrap().foreign, None);
    world.forbid(&CILIUM_POLICY);
    assert!(Network::of(&world.facts()).unknown.iter().any(|m| m.read.contains("cilium")));
}

#[test]
fn the_plug_in_says_whether_policies_mean_anything() {
    let mut world = two();
    assert!(Network::of(&world.facts()).plugin.enforces.is_err());
    world.add(&json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "kube-flannel-ds", "namespace": "kube-system"},
        "spec": {"template": {"spec": {"hostNetwork": true, "containers": [{"image": "flannel/flannel:v0"}]}}}}));
    let network = Network::of(&world.facts());
    assert_eq!(
        (network.plugin.name.as_deref(), &network.plugin.enforces),
        (Some("flannel"), &Ok(false))
    );
    let agent = &network.zone("kube-system").unwrap().workloads[0];
    assert!(agent.outside && agent.pods == 0 && agent.metadata == Ok(true));
    world.forbid(&DAEMON_SET);
    assert!(Network::of(&world.facts()).plugin.enforces.is_err());
}

#[test]
fn pods_of_one_workload_that_are_isolated_alike_are_one_row() {
    let mut world = two();
    let owned = |name: &str, app: &str| {
        json!({"apiVersion": "v1", "kind": "Pod", "spec": {}, "metadata":
        {"name": name, "namespace": "pay", "labels": {"app": app}, "ownerReferences":
            [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "controller": true}]}})
    };
    world.add(&owned("db-0", "web")).add(&owned("db-1", "web")).add(&owned("db-2", "old"));
    let network = Network::of(&world.facts());
    let rows: Vec<(usize, usize)> = network
        .zone("pay")
        .unwrap()
        .workloads
        .iter()
        .filter(|s| &*s.id.name == "db")
        .map(|s| (s.pods, s.policies.len()))
        .collect();
    assert_eq!(rows.len(), 2);
    assert!(rows.contains(&(2, 2)) && rows.contains(&(1, 1)), "{rows:?}");
    let id = ObjectRef {
        api_version: "apps/v1".into(),
        kind: "StatefulSet".into(),
        namespace: Some("pay".into()),
        name: "db".into(),
    };
    assert!(network.station(&id, 1).is_some() && network.station(&id, 2).is_none());
}

#[test]
fn of_many_namespaces_some_are_named_and_all_are_counted() {
    let network = Network::of(&crowd(60).facts());
    let peer = &network.zones[0].policies[0].peers.ingress[0];
    let PeerKind::Pods { namespaces, spaces, workloads, .. } = &peer.kind else { panic!() };
    assert_eq!((namespaces.len(), *spaces, workloads.len()), (40, 60, 40));
}

/// Namespaces of ten pods, each letting pods of all others in by a label that all carry.
fn crowd(namespaces: usize) -> World {
    let mut world = World::complete();
    for at in 0..namespaces {
        let name = format!("ns-{at}");
        world.namespace(&name);
        for pod in 0..10 {
            labelled(&mut world, &name, &format!("p{pod}"), "web");
        }
        policy(
            &mut world,
            &name,
            "p",
            &json!({"podSelector": {}, "ingress": [
            {"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "web"}}}]},
            {"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ns-0"}}}]}]}),
        );
    }
    world
}

#[test]
fn cost_grows_with_the_cluster_and_not_with_its_square() {
    let took = |world: &World, namespaces: usize| -> Duration {
        let facts = world.facts();
        let start = Instant::now();
        let network = Network::of(&facts);
        let took = start.elapsed();
        let peer = &network.zones[0].policies[0].peers.ingress[0];
        assert!(matches!(peer.kind, PeerKind::Pods { matches, .. } if matches == namespaces * 10));
        took
    };
    let (small, large) = (crowd(100), crowd(1_000));
    let fastest = |world, count| (0..3).map(|_| took(world, count)).min().unwrap();
    let (small, large) = (fastest(&small, 100), fastest(&large, 1_000));
    assert!(large < small * 40, "ten times the cluster: {small:?} became {large:?}");
}
