//! What stands around workloads: services and their endpoints, accounts, `ConfigMap`s, claims.

use std::collections::{BTreeMap, BTreeSet};

use super::live::Endpoint;
use super::sheet::{Sheet, Workload};
use super::stamp::{draw, hex, metadata, owner, suffix, uid};
use super::template::{labels, selector};
use super::tree::{merge, node, some_list, texts};
use super::world::World;
use crate::model::node::Node;

/// The service of a workload and the endpoints behind it.
pub(crate) fn service(world: &mut World, sheet: &Sheet, workload: &Workload, pods: &[Endpoint]) {
    let kept = matches!(
        workload.kind.as_str(),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicationController"
    );
    let ports: Vec<(&str, i64, &str)> = workload
        .containers()
        .flat_map(|c| &c.ports)
        .map(|p| {
            let (text, protocol) = p.split_once('/').unwrap_or((p, "TCP"));
            let mut parts = text.split(':');
            let name = parts.next().unwrap_or_default();
            (name, parts.next().and_then(|n| n.parse().ok()).unwrap_or(0), protocol)
        })
        .collect();
    if !kept || workload.service == "-" || ports.is_empty() {
        return;
    }
    let name = workload.name.as_str();
    let headless = workload.service == "None";
    let kind = match workload.service.as_str() {
        "" | "None" => "ClusterIP",
        other => other,
    };
    let address = if headless { "None".to_owned() } else { world.service_address() };
    let balanced = kind == "LoadBalancer";
    let outside = balanced || kind == "NodePort";
    let service_ports = ports.iter().map(|(port, number, protocol)| {
        let published = if *port == "http" { 80 } else { *number };
        let node_port = 30_000 + draw(2_768, &["node port", &sheet.namespace, name, port]);
        node!({
            "name": (*port),
            "protocol": (*protocol),
            "port": published,
            "targetPort": (*port),
            "nodePort": (outside.then_some(node_port)),
        })
    });
    let own = node!({ "labels": (texts(&labels(sheet, workload))) });
    let service = node!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": (merge(metadata("Service", &sheet.namespace, name, sheet.age - 20), &own)),
        "spec": {
            "ports": (service_ports.collect::<Vec<_>>()),
            "selector": (texts(&selector(sheet, workload))),
            "clusterIP": (&address),
            "clusterIPs": [address],
            "type": kind,
            "sessionAffinity": "None",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "internalTrafficPolicy": "Cluster",
            "externalTrafficPolicy": (outside.then_some("Cluster")),
            "allocateLoadBalancerNodePorts": (balanced.then_some(true)),
        },
        "status": { "loadBalancer": {} },
    });
    world.add(merge(service, &workload.service_with));
    endpoints(world, &sheet.namespace, name, &ports, pods);
}

fn endpoints(
    world: &mut World,
    namespace: &str,
    service: &str,
    ports: &[(&str, i64, &str)],
    pods: &[Endpoint],
) {
    let name = format!("{service}-{}", suffix(5, &["slice", namespace, service]));
    let own = node!({
        "generateName": (format!("{service}-")),
        "generation": 1,
        "labels": {
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
            "kubernetes.io/service-name": service,
        },
        "ownerReferences": [(owner("v1", "Service", namespace, service))],
    });
    let reached = pods.iter().filter(|pod| !pod.address.is_empty()).map(|pod| {
        node!({
            "addresses": [(&pod.address)],
            "conditions": { "ready": (pod.ready), "serving": (pod.ready), "terminating": false },
            "nodeName": (&pod.node),
            "targetRef": {
                "kind": "Pod",
                "namespace": namespace,
                "name": (&pod.name),
                "uid": (uid("Pod", namespace, &pod.name)),
            },
        })
    });
    let ports = ports.iter().map(|(name, number, protocol)| {
        node!({ "name": (*name), "port": (*number), "protocol": (*protocol) })
    });
    world.add(node!({
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": (merge(metadata("EndpointSlice", namespace, &name, 60), &own)),
        "addressType": "IPv4",
        "endpoints": (reached.collect::<Vec<_>>()),
        "ports": (ports.collect::<Vec<_>>()),
    }));
}

/// The accounts of a namespace: `default`, those of its workloads, and those written in the sheet.
pub(crate) fn accounts(world: &mut World, sheet: &Sheet) {
    let used = sheet.workload.iter().map(|workload| workload.account(sheet));
    let written = sheet.account.iter().map(|account| account.name.as_str());
    let names: BTreeSet<&str> = used.chain(written).chain(["default"]).collect();
    for name in names {
        let notes = sheet.account.iter().find(|account| account.name == name);
        let annotations = notes.map_or(Node::Null, |account| texts(&account.annotations));
        account(world, &sheet.namespace, name, sheet.automount(name), sheet.age, annotations);
    }
}

/// One service account.
pub(crate) fn account(
    world: &mut World,
    namespace: &str,
    name: &str,
    automount: Option<bool>,
    age: i64,
    annotations: Node,
) {
    let own = node!({ "annotations": annotations });
    world.add(node!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": (merge(metadata("ServiceAccount", namespace, name, age), &own)),
        "automountServiceAccountToken": automount,
    }));
}

/// The `ConfigMap`s of a namespace: the one with the cluster's certificate, and those that its
/// workloads refer to, as far as the sheet does not write them out or declare them absent.
pub(crate) fn config_maps(world: &mut World, sheet: &Sheet) {
    let mut wanted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for container in sheet.workload.iter().flat_map(Workload::containers) {
        for text in &container.mounts {
            if let Some(rest) = text.strip_prefix("config:") {
                let name = rest.split(':').next().unwrap_or_default();
                wanted.entry(name).or_default().insert("application.yaml");
            }
        }
        for text in &container.env_from {
            if let Some(name) = text.strip_prefix("config:") {
                wanted.entry(name).or_default().insert("LOG_LEVEL");
            }
        }
        for (_, value) in container.env.iter().filter_map(|text| text.split_once('=')) {
            if let Some((name, key)) = value.strip_prefix('#').and_then(|v| v.split_once('/')) {
                wanted.entry(name).or_default().insert(key);
            }
        }
    }
    let written = |name: &str| sheet.object.iter().any(|o| o.kind == "ConfigMap" && o.name == name);
    for (name, keys) in wanted {
        if written(name) || sheet.absent.iter().any(|absent| absent == name) {
            continue;
        }
        let data: BTreeMap<String, String> =
            keys.iter().map(|key| ((*key).to_owned(), value_of(key))).collect();
        config_map(world, &sheet.namespace, name, &data);
    }
    let text = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        hex(64, &["certificate of the demo cluster"])
    );
    let certificate = BTreeMap::from([("ca.crt".to_owned(), text)]);
    config_map(world, &sheet.namespace, "kube-root-ca.crt", &certificate);
}

fn value_of(key: &str) -> String {
    match key {
        "LOG_LEVEL" | "log-level" => "info".to_owned(),
        "application.yaml" => "server:\n  port: 8080\nlogging:\n  level: info\n".to_owned(),
        other => format!("demo-{other}"),
    }
}

fn config_map(world: &mut World, namespace: &str, name: &str, data: &BTreeMap<String, String>) {
    world.add(node!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": (metadata("ConfigMap", namespace, name, 40)),
        "data": (texts(data)),
    }));
}

/// The spec of a claim on the default storage class.
pub(crate) fn claim_spec(size: &str) -> Node {
    node!({
        "accessModes": ["ReadWriteOnce"],
        "resources": { "requests": { "storage": size } },
        "storageClassName": "standard",
        "volumeMode": "Filesystem",
    })
}

/// A claim and the volume that was provisioned for it.
pub(crate) fn claim(world: &mut World, namespace: &str, name: &str, size: &str) {
    let kind = "PersistentVolumeClaim";
    let id = uid(kind, namespace, name);
    let volume = format!("pvc-{id}");
    let capacity = node!({ "storage": size });
    let bound = node!({ "volumeName": (&volume) });
    world.add(node!({
        "apiVersion": "v1",
        "kind": kind,
        "metadata": (metadata(kind, namespace, name, 120)),
        "spec": (merge(claim_spec(size), &bound)),
        "status": {
            "phase": "Bound",
            "accessModes": ["ReadWriteOnce"],
            "capacity": (capacity.clone()),
        },
    }));
    world.add(node!({
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": (metadata("PersistentVolume", "", &volume, 120)),
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "capacity": capacity,
            "claimRef": {
                "apiVersion": "v1",
                "kind": kind,
                "namespace": namespace,
                "name": name,
                "uid": id,
            },
            "csi": {
                "driver": "disk.csi.cloud.example",
                "fsType": "ext4",
                "volumeHandle": (format!("vol-{}", hex(17, &["volume", &volume]))),
            },
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": "standard",
            "volumeMode": "Filesystem",
        },
        "status": { "phase": "Bound" },
    }));
}

/// Claims that pods name themselves.
pub(crate) fn named_claims(world: &mut World, sheet: &Sheet) {
    let mounts = sheet.workload.iter().flat_map(Workload::containers).flat_map(|c| &c.mounts);
    let names = mounts.filter_map(|text| text.strip_prefix("claim:")?.split(':').next());
    for name in names.collect::<BTreeSet<_>>() {
        claim(world, &sheet.namespace, name, "10Gi");
    }
}

/// The `LimitRange` whose defaults admission gave to the pods of a namespace.
pub(crate) fn limit_range(world: &mut World, sheet: &Sheet) {
    if sheet.defaults.limits.is_empty() {
        return;
    }
    let given = super::shorthand::resources(&sheet.defaults.limits);
    let part = |key: &str| given.get(key).cloned().unwrap_or_default();
    world.add(node!({
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": (metadata("LimitRange", &sheet.namespace, "defaults", sheet.age - 1)),
        "spec": { "limits": (some_list(vec![node!({
            "type": "Container",
            "default": (part("limits")),
            "defaultRequest": (part("requests")),
        })])) },
    }));
}
