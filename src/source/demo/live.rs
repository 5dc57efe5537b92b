//! Live pods: what admission, the scheduler and the kubelet add to a template.

use super::shorthand::resources;
use super::stamp::{DAY, NOW, draw, hex, metadata_at, suffix, time};
use super::tree::{append, each, merge, node, with};
use super::world::{World, node_address, node_name};
use crate::model::node::Node;

/// What became of a pod.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Up and ready.
    Running,
    /// Its first container starts and dies again and again.
    Crashing,
    /// Not on any node.
    Pending,
    /// Finished well.
    Done,
    /// Finished badly.
    Failed,
}

impl State {
    /// From the word of a sheet.
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "crash" => Self::Crashing,
            "pending" => Self::Pending,
            "done" => Self::Done,
            "failed" => Self::Failed,
            _ => Self::Running,
        }
    }

    fn phase(self) -> &'static str {
        match self {
            Self::Running | Self::Crashing => "Running",
            Self::Pending => "Pending",
            Self::Done => "Succeeded",
            Self::Failed => "Failed",
        }
    }
}

/// A pod to be.
pub(crate) struct Seed<'a> {
    /// Its namespace.
    pub(crate) namespace: &'a str,
    /// Its name.
    pub(crate) name: String,
    /// `generateName`, empty when its controller names it.
    pub(crate) generate: &'a str,
    /// Labels and annotations of the template, and what the controller adds.
    pub(crate) metadata: Node,
    /// Its controller, null for a bare pod.
    pub(crate) owner: Node,
    /// The template's pod spec.
    pub(crate) spec: &'a Node,
    /// The node it runs on.
    pub(crate) node: usize,
    /// When it was made, in seconds since 1970.
    pub(crate) made: i64,
    /// What became of it.
    pub(crate) state: State,
    /// Whether a `DaemonSet` keeps it.
    pub(crate) daemon: bool,
    /// Host name and governing service of a `StatefulSet`'s pod.
    pub(crate) set: Option<&'a str>,
    /// Whether its account mounts tokens.
    pub(crate) automount: bool,
    /// Requests and limits that admission gives where there are none.
    pub(crate) limits: &'a str,
    /// Laid over the spec at last.
    pub(crate) over: &'a Node,
}

/// A pod that was made, as a service sees it.
pub(crate) struct Endpoint {
    /// The pod's name.
    pub(crate) name: String,
    /// Its address.
    pub(crate) address: String,
    /// The name of its node.
    pub(crate) node: String,
    /// Whether it is ready.
    pub(crate) ready: bool,
}

/// Makes the pod and adds it.
pub(crate) fn pod(world: &mut World, seed: &Seed<'_>) -> Endpoint {
    let spec = merge(admitted(seed, node_name(seed.node)), seed.over);
    let host = spec.get("hostNetwork") == Some(&Node::Bool(true));
    let placed = seed.state != State::Pending;
    let address = if placed { world.address(seed.node, host) } else { String::new() };
    let status = status(seed, &spec, &address);
    let mut metadata = merge(
        metadata_at("Pod", seed.namespace, &seed.name, seed.made),
        &node!({
            "generateName": ((!seed.generate.is_empty()).then_some(seed.generate)),
            "generation": 1,
            "ownerReferences": (if seed.owner == Node::Null { Node::Null } else { node!([(seed.owner.clone())]) }),
        }),
    );
    metadata = merge(metadata, &seed.metadata);
    if placed && !host {
        let with_mask = format!("{address}/32");
        metadata = merge(
            metadata,
            &node!({ "annotations": {
                "cni.projectcalico.org/containerID": (hex(64, &["sandbox", seed.namespace, &seed.name])),
                "cni.projectcalico.org/podIP": (&with_mask),
                "cni.projectcalico.org/podIPs": (&with_mask),
            }}),
        );
    }
    let ready = seed.state == State::Running;
    let node = node_name(seed.node).to_owned();
    world.add(node!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": spec,
        "status": status,
    }));
    Endpoint { name: seed.name.clone(), address, node, ready }
}

/// The spec after admission and scheduling.
fn admitted(seed: &Seed<'_>, node_name: &str) -> Node {
    let mut spec = seed.spec.clone();
    let account = spec.str_at(&["serviceAccountName"]).unwrap_or("default").to_owned();
    let asked = spec.get("automountServiceAccountToken").and_then(Node::as_bool);
    if asked.unwrap_or(seed.automount) {
        spec = token(
            spec,
            &format!("kube-api-access-{}", suffix(5, &["token", seed.namespace, &seed.name])),
        );
    }
    if !seed.limits.is_empty() {
        spec = limited(spec, seed.limits);
    }
    if let Some(name) = seed.set {
        spec = merge(spec, &node!({ "hostname": (&seed.name), "subdomain": name }));
        spec = append(
            spec,
            "volumes",
            vec![node!({
                "name": "data",
                "persistentVolumeClaim": { "claimName": (format!("data-{}", seed.name)) },
            })],
        );
    }
    if seed.daemon {
        let field = node!({ "key": "metadata.name", "operator": "In", "values": [node_name] });
        spec = with(
            spec,
            "affinity",
            node!({ "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{ "matchFields": [field] }],
                },
            }}),
        );
    }
    spec = append(spec, "tolerations", tolerations(seed.daemon));
    let placed = (seed.state != State::Pending).then_some(node_name);
    let critical = match spec.str_at(&["priorityClassName"]) {
        Some("system-node-critical") => 2_000_001_000,
        Some("system-cluster-critical") => 2_000_000_000,
        _ => 0,
    };
    let given = node!({
        "serviceAccountName": (&account),
        "serviceAccount": account,
        "nodeName": placed,
        "enableServiceLinks": true,
        "priority": critical,
        "preemptionPolicy": "PreemptLowerPriority",
    });
    merge(spec, &given)
}

/// The tolerations that admission adds, or those of the `DaemonSet` controller.
fn tolerations(daemon: bool) -> Vec<Node> {
    let one = |key: &str, effect: &str, seconds: Option<i64>| {
        node!({
            "key": (format!("node.kubernetes.io/{key}")),
            "operator": "Exists",
            "effect": effect,
            "tolerationSeconds": seconds,
        })
    };
    if !daemon {
        return ["not-ready", "unreachable"].map(|key| one(key, "NoExecute", Some(300))).to_vec();
    }
    let lasting = ["not-ready", "unreachable"].map(|key| one(key, "NoExecute", None));
    let scheduling = ["disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"]
        .map(|key| one(key, "NoSchedule", None));
    lasting.into_iter().chain(scheduling).collect()
}

/// The automatic token volume, mounted in every container.
fn token(spec: Node, name: &str) -> Node {
    let path = "/var/run/secrets/kubernetes.io/serviceaccount";
    let mount = node!({ "name": name, "readOnly": true, "mountPath": path });
    let field = node!({ "apiVersion": "v1", "fieldPath": "metadata.namespace" });
    let volume = node!({
        "name": name,
        "projected": {
            "defaultMode": 420,
            "sources": [
                { "serviceAccountToken": { "expirationSeconds": 3607, "path": "token" } },
                { "configMap": {
                    "name": "kube-root-ca.crt",
                    "items": [{ "key": "ca.crt", "path": "ca.crt" }],
                } },
                { "downwardAPI": { "items": [{ "path": "namespace", "fieldRef": field }] } },
            ],
        },
    });
    let spec =
        each_container(spec, |container| append(container, "volumeMounts", vec![mount.clone()]));
    append(spec, "volumes", vec![volume])
}

/// The defaults of a `LimitRange`, for containers that ask for nothing.
fn limited(spec: Node, limits: &str) -> Node {
    let given = resources(limits);
    each_container(spec, |container| {
        let asked =
            container.get("resources").and_then(Node::as_map).is_some_and(|m| !m.is_empty());
        if asked { container } else { with(container, "resources", given.clone()) }
    })
}

fn each_container(spec: Node, one: impl Fn(Node) -> Node) -> Node {
    each(each(spec, "containers", &one), "initContainers", &one)
}

fn status(seed: &Seed<'_>, spec: &Node, address: &str) -> Node {
    let placed = seed.state != State::Pending;
    let started = time(seed.made + 2);
    let ready = seed.state == State::Running;
    let finished = matches!(seed.state, State::Done | State::Failed);
    let reason = match seed.state {
        State::Running => None,
        State::Crashing => Some("ContainersNotReady"),
        State::Pending => Some("Unschedulable"),
        State::Done | State::Failed => Some("PodCompleted"),
    };
    let condition = |kind: &str, holds: bool| {
        node!({
            "type": kind,
            "status": (if holds { "True" } else { "False" }),
            "reason": (if holds { None } else { reason }),
            "lastTransitionTime": (&started),
            "observedGeneration": 1,
        })
    };
    let conditions = if placed {
        node!([
            (condition("PodReadyToStartContainers", !finished)),
            (condition("Initialized", true)),
            (condition("Ready", ready)),
            (condition("ContainersReady", ready)),
            (condition("PodScheduled", true)),
        ])
    } else {
        node!([(condition("PodScheduled", false))])
    };
    let host = node_address(seed.node);
    let of = |key: &str, init: bool| {
        let list = spec.list_at(&[key]);
        let all = list.iter().map(|c| container_status(seed, c, init)).collect::<Vec<_>>();
        if all.is_empty() || !placed { Node::Null } else { Node::list(all) }
    };
    node!({
        "phase": (seed.state.phase()),
        "observedGeneration": 1,
        "conditions": conditions,
        "hostIP": (placed.then_some(&host)),
        "hostIPs": (if placed { node!([{ "ip": (&host) }]) } else { Node::Null }),
        "podIP": (placed.then_some(address)),
        "podIPs": (if placed { node!([{ "ip": address }]) } else { Node::Null }),
        "startTime": (placed.then(|| time(seed.made))),
        "initContainerStatuses": (of("initContainers", true)),
        "containerStatuses": (of("containers", false)),
        "qosClass": (quality(spec)),
    })
}

fn container_status(seed: &Seed<'_>, container: &Node, init: bool) -> Node {
    let name = container.str_at(&["name"]).unwrap_or_default();
    let image = container.str_at(&["image"]).unwrap_or_default();
    let parts = [seed.namespace, seed.name.as_str(), name];
    let repository = image.split('@').next().unwrap_or_default();
    let digest = image.split_once('@').map_or_else(
        || format!("{repository}@sha256:{}", hex(64, &["image", image])),
        |_| image.to_owned(),
    );
    let id = format!("containerd://{}", hex(64, &["container", parts[0], parts[1], name]));
    let restarts = if seed.state == State::Crashing { 41 } else { draw(100, &parts) / 90 };
    let at = time(seed.made + 4);
    let code = i64::from(seed.state == State::Failed);
    let ended = |reason: &str, code: i64| {
        node!({ "terminated": {
            "exitCode": code,
            "reason": reason,
            "startedAt": (&at),
            "finishedAt": (time((seed.made + 60).min(NOW))),
            "containerID": (&id),
        }})
    };
    let running = node!({ "running": { "startedAt": (&at) } });
    let (state, last) = match seed.state {
        _ if init => (ended("Completed", 0), node!({})),
        State::Crashing => {
            (node!({ "waiting": { "reason": "CrashLoopBackOff" } }), ended("Error", 1))
        }
        State::Done | State::Failed => {
            (ended(if code == 0 { "Completed" } else { "Error" }, code), node!({}))
        }
        State::Running | State::Pending => (running, node!({})),
    };
    let up = seed.state == State::Running;
    node!({
        "name": name,
        "state": state,
        "lastState": last,
        "ready": (up || init),
        "started": (!init && up),
        "restartCount": restarts,
        "image": repository,
        "imageID": digest,
        "containerID": id,
    })
}

/// The quality-of-service class: guaranteed when limits are set and no request differs from them.
fn quality(spec: &Node) -> &'static str {
    let all = || spec.list_at(&["containers"]).iter().chain(spec.list_at(&["initContainers"]));
    let side =
        |c: &Node, side: &str, what: &str| c.str_at(&["resources", side, what]).map(str::to_owned);
    let guaranteed = all().all(|c| {
        ["cpu", "memory"].iter().all(|what| {
            let limit = side(c, "limits", what);
            limit.is_some() && side(c, "requests", what).is_none_or(|r| Some(r) == limit)
        })
    });
    let any =
        all().any(|c| c.at(&["resources"]).and_then(Node::as_map).is_some_and(|m| !m.is_empty()));
    match (guaranteed, any) {
        (true, _) => "Guaranteed",
        (false, true) => "Burstable",
        (false, false) => "BestEffort",
    }
}

/// When the pods of a controller were made: within the last three weeks, not before it.
pub(crate) fn made(namespace: &str, name: &str, controller_age: i64) -> i64 {
    let days = controller_age.clamp(1, 21);
    NOW - 600 - draw(days * DAY - 600, &["pod", namespace, name])
}
