//! Nodes, and the control plane that their kubelets run from files.

use std::fmt::Write as _;

use serde::Deserialize;

use super::shorthand;
use super::stamp::{NOW, draw, hash, hex, metadata, owner, time};
use super::tree::{merge, node};
use super::world::{CONTROL_PLANE, NODES, World, node_address};
use crate::model::node::Node;

/// Days since the cluster was set up.
pub(crate) const AGE: i64 = 432;

/// A static pod of every control-plane node.
#[derive(Deserialize)]
struct Component {
    name: String,
    image: String,
    /// Arguments; `{ip}`, `{node}` and `{etcd}` are filled in for each node.
    command: Vec<String>,
    res: String,
    ports: Vec<String>,
    liveness: String,
    readiness: String,
    /// Host paths, mounted at the same path: `NAME:PATH:TYPE[:ro]`.
    paths: Vec<String>,
    /// kubeadm's annotation and its value.
    annotation: Option<(String, String)>,
}

#[derive(Deserialize)]
struct Components {
    component: Vec<Component>,
}

/// Adds the nodes.
pub(crate) fn add(world: &mut World) {
    for (index, name) in NODES.iter().enumerate() {
        let control = index < CONTROL_PLANE;
        // One worker was left behind by the last upgrade.
        let version = if *name == "worker-6" { "v1.34.4" } else { "v1.35.2" };
        world.add(machine(index, name, control, version));
    }
}

fn machine(index: usize, name: &str, control: bool, version: &str) -> Node {
    let zone = ["a", "b", "c"].get(index % 3).copied().unwrap_or("a");
    let zone = format!("eu-central-1{zone}");
    let kind = if control { "m6i.large" } else { "m6i.2xlarge" };
    let (cpu, memory) = if control { ("2", "7977540Ki") } else { ("8", "32410848Ki") };
    let instance = hex(17, &["instance", name]);
    let labels = node!({
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node-role.kubernetes.io/control-plane": (control.then_some("")),
        "node.kubernetes.io/exclude-from-external-load-balancers": (control.then_some("")),
        "node.kubernetes.io/instance-type": kind,
        "topology.kubernetes.io/region": "eu-central-1",
        "topology.kubernetes.io/zone": (&zone),
    });
    let own = node!({
        "labels": labels,
        "annotations": {
            "kubeadm.alpha.kubernetes.io/cri-socket": "unix:///var/run/containerd/containerd.sock",
            "node.alpha.kubernetes.io/ttl": "0",
            "projectcalico.org/IPv4Address": (format!("{}/24", node_address(index))),
            "volumes.kubernetes.io/controller-managed-attach-detach": "true",
        },
    });
    let size = node!({
        "cpu": cpu, "memory": memory, "ephemeral-storage": "81106868Ki", "pods": "110",
    });
    let taints =
        node!([{ "key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule" }]);
    node!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": (merge(metadata("Node", "", name, AGE), &own)),
        "spec": {
            "podCIDR": (format!("10.244.{index}.0/24")),
            "podCIDRs": [(format!("10.244.{index}.0/24"))],
            "providerID": (format!("aws:///{zone}/i-{instance}")),
            "taints": (control.then_some(taints)),
        },
        "status": {
            "addresses": [
                { "type": "InternalIP", "address": (node_address(index)) },
                { "type": "Hostname", "address": name },
            ],
            "capacity": (size.clone()),
            "allocatable": size,
            "conditions": (conditions()),
            "daemonEndpoints": { "kubeletEndpoint": { "Port": 10250 } },
            "nodeInfo": (node_info(name, version)),
        },
    })
}

fn conditions() -> Vec<Node> {
    let one = |kind: &str, status: &str, reason: &str| {
        node!({
            "type": kind,
            "status": status,
            "reason": reason,
            "lastHeartbeatTime": (time(NOW - 45)),
            "lastTransitionTime": (time(NOW - 40 * 86_400)),
        })
    };
    vec![
        one("NetworkUnavailable", "False", "CalicoIsUp"),
        one("MemoryPressure", "False", "KubeletHasSufficientMemory"),
        one("DiskPressure", "False", "KubeletHasNoDiskPressure"),
        one("PIDPressure", "False", "KubeletHasSufficientPID"),
        one("Ready", "True", "KubeletReady"),
    ]
}

fn node_info(name: &str, version: &str) -> Node {
    let system = super::stamp::uid("system", "", name);
    node!({
        "architecture": "amd64",
        "bootID": (super::stamp::uid("boot", "", name)),
        "containerRuntimeVersion": "containerd://2.2.1",
        "kernelVersion": "6.12.63-cloud-amd64",
        "kubeProxyVersion": "",
        "kubeletVersion": version,
        "machineID": (hex(32, &["machine", name])),
        "operatingSystem": "linux",
        "osImage": "Debian GNU/Linux 13 (trixie)",
        "systemUUID": system,
    })
}

/// Adds the static pods of the control plane, as the API server shows them.
pub(crate) fn static_pods(world: &mut World) {
    let components: Components = super::sheet::read(include_str!("control-plane.toml"));
    for index in 0..CONTROL_PLANE {
        for component in &components.component {
            world.add(mirror_pod(component, index));
        }
    }
}

fn mirror_pod(component: &Component, index: usize) -> Node {
    let node_name = super::world::node_name(index);
    let name = format!("{}-{node_name}", component.name);
    let ip = node_address(index);
    let fill = |text: &str| {
        text.replace("{ip}", &ip).replace("{node}", node_name).replace("{etcd}", &members(index))
    };
    let config = hex(32, &["manifest", &name]);
    let mut annotations = node!({
        "kubernetes.io/config.hash": (&config),
        "kubernetes.io/config.mirror": (&config),
        "kubernetes.io/config.seen": (time(NOW - 38 * 86_400)),
        "kubernetes.io/config.source": "file",
    });
    if let Some((key, value)) = &component.annotation {
        let key = key.as_str();
        annotations = merge(annotations, &node!({ key: (fill(value)) }));
    }
    let mut reference = owner("v1", "Node", "", node_name);
    reference = super::tree::with(reference, "blockOwnerDeletion", Node::Null);
    let own = node!({
        "annotations": annotations,
        "labels": { "component": (&component.name), "tier": "control-plane" },
        "ownerReferences": [reference],
    });
    node!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": (merge(metadata("Pod", "kube-system", &name, 38), &own)),
        "spec": (static_spec(component, node_name, &fill)),
        "status": (static_status(component, &name, &ip)),
    })
}

/// The members of etcd that the member of this node knew when it joined.
fn members(index: usize) -> String {
    let mut text = String::new();
    for (at, name) in NODES.iter().enumerate().take(index + 1) {
        let comma = if at == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(text, "{comma}{name}=https://{}:2380", node_address(at));
    }
    text
}

fn static_spec(component: &Component, node_name: &str, fill: &dyn Fn(&str) -> String) -> Node {
    let probe = |text: &str, failures: i64, kind: &str| {
        let host =
            if component.name == "kube-apiserver" { fill("{ip}") } else { "127.0.0.1".to_owned() };
        let over = node!({
            "httpGet": { "host": host },
            "failureThreshold": failures,
            "timeoutSeconds": 15,
            "initialDelaySeconds": ((kind != "readiness").then_some(10)),
            "periodSeconds": (if kind == "readiness" { 1 } else { 10 }),
        });
        merge(shorthand::probe(text, 0), &over)
    };
    let paths: Vec<(&str, &str, &str, bool)> = component
        .paths
        .iter()
        .map(|text| {
            let mut parts = text.split(':');
            let mut next = || parts.next().unwrap_or_default();
            (next(), next(), next(), next() == "ro")
        })
        .collect();
    let mounts = paths.iter().map(|(name, path, _, read_only)| {
        node!({ "name": (*name), "mountPath": (*path), "readOnly": (read_only.then_some(true)) })
    });
    let volumes = paths.iter().map(|(name, path, kind, _)| {
        node!({ "name": (*name), "hostPath": { "path": (*path), "type": (*kind) } })
    });
    let command: Vec<String> = component.command.iter().map(|word| fill(word)).collect();
    node!({
        "containers": [{
            "name": (&component.name),
            "image": (&component.image),
            "command": command,
            "ports": (component.ports.iter().map(|p| shorthand::port(p)).collect::<Vec<_>>()),
            "resources": (shorthand::resources(&component.res)),
            "volumeMounts": (mounts.collect::<Vec<_>>()),
            "livenessProbe": (probe(&component.liveness, 8, "liveness")),
            "readinessProbe": (probe(&component.readiness, 3, "readiness")),
            "startupProbe": (probe(&component.readiness, 24, "startup")),
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
            "imagePullPolicy": "IfNotPresent",
        }],
        "volumes": (volumes.collect::<Vec<_>>()),
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "nodeName": node_name,
        "hostNetwork": true,
        "securityContext": { "seccompProfile": { "type": "RuntimeDefault" } },
        "schedulerName": "default-scheduler",
        "tolerations": [{ "operator": "Exists", "effect": "NoExecute" }],
        "priorityClassName": "system-node-critical",
        "priority": 2_000_001_000,
        "enableServiceLinks": true,
        "preemptionPolicy": "PreemptLowerPriority",
    })
}

fn static_status(component: &Component, name: &str, ip: &str) -> Node {
    let started = time(NOW - 38 * 86_400);
    let condition =
        |kind: &str| node!({ "type": kind, "status": "True", "lastTransitionTime": (&started) });
    let image = component.image.as_str();
    let all =
        ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];
    node!({
        "phase": "Running",
        "conditions": (all.map(condition).to_vec()),
        "hostIP": ip,
        "hostIPs": [{ "ip": ip }],
        "podIP": ip,
        "podIPs": [{ "ip": ip }],
        "startTime": (&started),
        "containerStatuses": [{
            "name": (&component.name),
            "state": { "running": { "startedAt": (&started) } },
            "lastState": {},
            "ready": true,
            "started": true,
            "restartCount": (draw(4, &["restarts", name])),
            "image": image,
            "imageID": (format!("{}@sha256:{}", image.split(':').next().unwrap_or_default(), hex(64, &["image", image]))),
            "containerID": (format!("containerd://{:016x}{}", hash(&[name]), hex(48, &["container", name]))),
        }],
        "qosClass": "Burstable",
    })
}
