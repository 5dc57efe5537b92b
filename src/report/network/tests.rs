use serde_json::{Value, json};

use super::*;
use crate::facts::testing::World;

/// Pods of one namespace, each with a policy that selects all others and lets them in.
fn crowd(count: usize) -> Network {
    let mut world = World::complete();
    world.namespace("a");
    for at in 0..count {
        let labels = json!({"i": at.to_string()});
        let others = json!({"matchExpressions": [
            {"key": "i", "operator": "NotIn", "values": [at.to_string()]}]});
        world.add(&json!({"apiVersion": "v1", "kind": "Pod", "spec": {},
            "metadata": {"name": format!("p{at}"), "namespace": "a", "labels": labels}}));
        world.add(&json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": format!("n{at}"), "namespace": "a"},
            "spec": {"podSelector": others, "ingress": [{"from": [{"podSelector": others}]}]}}));
    }
    Network::of(&world.facts())
}

fn asked(network: &Network, workload: Option<(&Kind, &str)>) -> Vec<u8> {
    let (source, namespaces) = (SourceInfo::default(), ["a".to_owned()]);
    let mut out = Vec::new();
    let asked = Asked { network, source: &source, namespaces: &namespaces, workload };
    write(&asked, &mut out).unwrap();
    out
}

fn read(document: &[u8]) -> Value {
    serde_json::from_slice(document).unwrap()
}

#[test]
fn the_document_grows_with_pods_and_policies_and_not_with_both_multiplied() {
    let (few, many) = (crowd(100), crowd(400));
    let (few, many) = (asked(&few, None), asked(&many, None));
    assert!(many.len() < few.len() * 5, "four times the pods: {} became {}", few.len(), many.len());
    let zone = &read(&many)["namespaces"][0];
    let policy = &zone["policies"][0];
    assert_eq!(policy["lets"]["ingress"][0]["matches"], 399);
    assert_eq!(policy["lets"]["ingress"][0]["workloads"].as_array().unwrap().len(), 40);
    let workload = &zone["workloads"][0];
    assert_eq!((workload["policies"][0].is_string(), &workload["lets"]), (true, &Value::Null));
    let named = workload["policies"].as_array().unwrap().len();
    assert_eq!((named, &workload["policiesLeftOut"]), (100, &json!(299)));
    assert_eq!(read(&few)["namespaces"][0]["workloads"][0]["policiesLeftOut"], 0);
}

#[test]
fn a_workload_that_was_named_has_its_peers_itself() {
    let network = crowd(150);
    let json = read(&asked(&network, Some((&Kind::new("", "Pod"), "p7"))));
    let [one] = json["workloads"].as_array().unwrap().as_slice() else { panic!("{json}") };
    assert_eq!(one["lets"]["ingress"].as_array().unwrap().len(), 149);
    assert_eq!(one["policies"].as_array().unwrap().len(), 149);
    assert_eq!(one["letsLeftOut"], json!({"ingress": 0, "egress": 0}));
    assert_eq!((&json["schema"], json.get("namespaces")), (&json!(SCHEMA), None));
}

#[test]
fn rows_name_some_policies_and_count_the_others() {
    let network = crowd(12);
    let row = station_row(&network.zones[0].workloads[0]);
    assert!(row[7].ends_with(" and 5 more"), "{row:?}");
}
