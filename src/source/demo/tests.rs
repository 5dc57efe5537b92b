use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::model::inventory::Knowledge;
use crate::text::mask;

fn of<'a>(inventory: &'a Inventory, kind: &str) -> &'a [Arc<Object>] {
    inventory.of(&lookup(kind).unwrap().kind())
}

fn top(object: &Object) -> bool {
    object.owners.iter().all(|owner| Kind::of(&owner.api_version, &owner.kind).builtin().is_none())
}

/// Every text of a tree, with the key or list element that it stands at.
fn texts_of<'a>(node: &'a Node, found: &mut Vec<&'a str>) {
    match node {
        Node::Str(text) => found.push(text),
        Node::List(items) => items.iter().for_each(|item| texts_of(item, found)),
        Node::Map(map) => map.iter().for_each(|(_, value)| texts_of(value, found)),
        _ => {}
    }
}

#[test]
fn it_has_the_size_of_a_middling_cluster() {
    let inventory = inventory([]);
    let kinds =
        ["Deployment", "StatefulSet", "DaemonSet", "ReplicationController", "Job", "CronJob"];
    let controllers: usize =
        kinds.iter().map(|kind| of(&inventory, kind).iter().filter(|o| top(o)).count()).sum();
    let bare = of(&inventory, "Pod").iter().filter(|pod| pod.owners.is_empty()).count();
    let (namespaces, pods) = (of(&inventory, "Namespace").len(), of(&inventory, "Pod").len());
    assert!((12..=16).contains(&namespaces), "{namespaces} namespaces");
    assert!((140..=170).contains(&(controllers + bare)), "{controllers} + {bare} workloads");
    assert!((380..=440).contains(&pods), "{pods} pods");
    assert_eq!(of(&inventory, "Node").len(), 9);
    for kind in ["Ingress", "NetworkPolicy", "PodDisruptionBudget", "LimitRange", "ResourceQuota"] {
        assert!(of(&inventory, kind).len() >= 2, "few of {kind}");
    }
}

#[test]
fn two_builds_are_equal() {
    let (one, two) = (objects(), objects());
    assert_eq!(one.len(), two.len());
    for (a, b) in one.iter().zip(&two) {
        assert_eq!(a, b);
    }
}

#[test]
fn no_two_objects_have_one_identity_or_one_uid() {
    let objects = objects();
    let names: BTreeSet<_> = objects.iter().map(|o| (o.kind(), o.id.clone())).collect();
    let uids: BTreeSet<_> = objects.iter().map(|o| &o.uid).collect();
    assert_eq!(names.len(), objects.len());
    assert_eq!(uids.len(), objects.len());
    assert!(objects.iter().all(|o| !o.version.is_empty() && !o.created.is_empty()));
}

#[test]
fn every_owner_is_there_under_its_uid() {
    let inventory = inventory([]);
    let mut custom = 0;
    for object in inventory.objects() {
        for reference in object.body().list_at(&["metadata", "ownerReferences"]) {
            let text = |key| reference.str_at(&[key]).unwrap();
            let Some(builtin) = Kind::of(text("apiVersion"), text("kind")).builtin() else {
                custom += 1;
                continue;
            };
            let namespace = if builtin.namespaced { object.namespace() } else { "" };
            let owner = inventory
                .get(&builtin.kind(), namespace, text("name"))
                .unwrap_or_else(|| panic!("{}: no owner {}", object.id, text("name")));
            assert_eq!(&*owner.uid, text("uid"), "{}", object.id);
        }
    }
    assert_eq!(custom, 2, "the stores that an operator keeps");
}

#[test]
fn every_pod_has_its_account_its_node_and_its_configuration() {
    let inventory = inventory([]);
    let mut dangling = BTreeSet::new();
    for pod in of(&inventory, "Pod") {
        let spec = pod.body().get("spec").unwrap();
        if let Some(node) = spec.str_at(&["nodeName"]) {
            assert!(inventory.get(&Kind::new("", "Node"), "", node).is_some(), "{}", pod.id);
        }
        if pod.is_mirror_pod() {
            assert!(spec.get("serviceAccountName").is_none());
            continue;
        }
        let account = spec.str_at(&["serviceAccountName"]).unwrap();
        let kind = Kind::new("", "ServiceAccount");
        assert!(inventory.get(&kind, pod.namespace(), account).is_some(), "{}", pod.id);
        for (kind, path) in [
            ("ConfigMap", ["configMap", "name"]),
            ("PersistentVolumeClaim", ["persistentVolumeClaim", "claimName"]),
        ] {
            let named = spec.list_at(&["volumes"]).iter().filter_map(|v| v.str_at(&path));
            for name in named {
                let found = inventory.get(&Kind::new("", kind), pod.namespace(), name);
                assert!(found.is_some(), "{}: no {kind} {name}", pod.id);
            }
        }
        for container in spec.list_at(&["containers"]) {
            for from in container.list_at(&["envFrom"]) {
                let Some(name) = from.str_at(&["configMapRef", "name"]) else { continue };
                if inventory.get(&Kind::new("", "ConfigMap"), pod.namespace(), name).is_none() {
                    dangling.insert(name.to_owned());
                }
            }
        }
    }
    assert_eq!(dangling, BTreeSet::from(["ldap-sync".to_owned()]), "one is meant to be missing");
}

#[test]
fn every_mount_has_its_volume_and_every_name_stands_once() {
    for object in objects() {
        let Some(path) = object.kind().builtin().map(|b| b.pod_spec).filter(|p| !p.is_empty())
        else {
            continue;
        };
        let spec = object.body().at(path).unwrap();
        let mut volumes: Vec<_> =
            spec.list_at(&["volumes"]).iter().map(|v| v.str_at(&["name"]).unwrap()).collect();
        if &*object.id.kind == "StatefulSet" {
            volumes.extend(
                object.body().list_at(&["spec", "volumeClaimTemplates"]).iter().map(|_| "data"),
            );
        }
        let once: BTreeSet<_> = volumes.iter().collect();
        assert_eq!(once.len(), volumes.len(), "{}", object.id);
        let mut names = BTreeSet::new();
        for key in ["containers", "initContainers"] {
            for container in spec.list_at(&[key]) {
                assert!(names.insert(container.str_at(&["name"]).unwrap()), "{}", object.id);
                for mount in container.list_at(&["volumeMounts"]) {
                    let name = mount.str_at(&["name"]).unwrap();
                    assert!(once.contains(&name), "{}: no volume {name}", object.id);
                }
            }
        }
    }
}

#[test]
fn selectors_find_the_pods_of_their_template() {
    let objects = objects();
    let mut seen = 0;
    for object in &objects {
        let body = object.body();
        let Some(wanted) = body.at(&["spec", "selector", "matchLabels"]).and_then(Node::as_map)
        else {
            continue;
        };
        let Some(labels) = body.at(&["spec", "template", "metadata", "labels"]) else { continue };
        seen += 1;
        assert!(wanted.iter().all(|(key, value)| labels.get(key) == Some(value)), "{}", object.id);
    }
    assert!(seen > 200, "{seen} selectors");
}

#[test]
fn names_and_labels_are_what_the_api_server_takes() {
    let label = |text: &str| {
        let edge =
            |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        text.len() <= 63
            && edge(text.chars().next())
            && edge(text.chars().last())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    for object in objects() {
        let name = &*object.id.name;
        let rbac = object.id.api_version.starts_with("rbac.");
        let hosted = matches!(&*object.id.kind, "Pod" | "Service" | "Namespace" | "Node");
        assert!(rbac || name.split('.').all(label), "{}", object.id);
        assert!(!hosted || label(name), "{}", object.id);
        if let Some(labels) = object.body().at(&["metadata", "labels"]).and_then(Node::as_map) {
            for (key, value) in labels.iter() {
                let value = value.as_str().unwrap();
                let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
                assert!(value.len() <= 63 && value.chars().all(fits), "{}: {key}", object.id);
            }
        }
    }
}

#[test]
fn drift_and_stale_pods_are_there() {
    let inventory = inventory([]);
    let pods = of(&inventory, "Pod");
    let debugged =
        pods.iter().filter(|p| !p.body().list_at(&["spec", "ephemeralContainers"]).is_empty());
    assert_eq!(debugged.count(), 1);
    let injected = pods.iter().filter(|p| {
        p.body()
            .list_at(&["spec", "containers"])
            .iter()
            .any(|c| c.str_at(&["name"]) == Some("trace-agent"))
    });
    assert_eq!(injected.count(), 2);
    let mut hashes: BTreeMap<&str, usize> = BTreeMap::new();
    for pod in pods.iter().filter(|p| p.label("app.kubernetes.io/name") == Some("experiments")) {
        *hashes.entry(pod.label("pod-template-hash").unwrap()).or_default() += 1;
    }
    assert_eq!(hashes.len(), 2, "one pod of an earlier revision: {hashes:?}");
    let old = of(&inventory, "ReplicaSet").iter();
    assert!(old.filter(|s| s.body().at(&["spec", "replicas"]) == Some(&Node::Int(0))).count() > 50);
}

#[test]
fn reads_are_complete_but_for_secrets() {
    let inventory = inventory([]);
    for builtin in BUILTINS {
        let known = inventory.knows(&builtin.kind(), None) == Knowledge::Complete;
        assert_eq!(known, builtin.kind != "Secret", "{}", builtin.kind);
    }
    for read in &inventory.reads {
        assert_eq!(
            read.items,
            inventory.of(read.kind.as_ref().unwrap()).len(),
            "{}",
            read.resource
        );
    }
    assert!(of(&inventory, "Secret").is_empty());
    let system = inventory.get(&Kind::new("", "Namespace"), "", "kube-system").unwrap();
    assert_eq!(inventory.source.cluster_uid.as_deref(), Some(&*system.uid));
}

#[test]
fn what_is_asked_for_is_served_if_it_was_registered_and_nothing_is_left_unasked() {
    let certificate = Kind::new("cert-manager.io", "Certificate");
    let other = Kind::new("argoproj.io", "Application");
    // These come from no list.
    let kubelets = [kubelet_configuration(), crate::model::kinds::finding_age()];
    let asked = [certificate.clone(), other.clone(), lookup("pods").unwrap().kind()];
    let inventory = inventory(asked.into_iter().chain(kubelets));
    let read = |kind: &Kind| {
        let mut of = inventory.reads.iter().filter(|read| read.kind.as_ref() == Some(kind));
        let (read, more) = (of.next().unwrap(), of.next());
        assert_eq!(more, None, "{kind} is read twice");
        (read.resource.as_str(), read.status)
    };
    assert_eq!(read(&certificate), ("cert-manager.io/v1/certificates", ReadStatus::Complete));
    assert_eq!(read(&other), ("Application.argoproj.io", ReadStatus::NotServed));
    assert_eq!(read(&lookup("pods").unwrap().kind()), ("v1/pods", ReadStatus::Complete));
    assert_eq!(read(&kubelet_configuration()).1, ReadStatus::NotAsked);
    assert!(!inventory.reads.iter().any(|r| r.kind == Some(crate::model::kinds::finding_age())));
}

#[test]
fn payments_keeps_to_restricted() {
    let inventory = inventory([]);
    let mut seen = 0;
    for object in inventory.objects().filter(|o| o.namespace() == "pay") {
        let Some(path) = object.kind().builtin().map(|b| b.pod_spec).filter(|p| !p.is_empty())
        else {
            continue;
        };
        let spec = object.body().at(path).unwrap();
        let security = spec.get("securityContext").unwrap();
        assert_eq!(security.at(&["runAsNonRoot"]), Some(&Node::Bool(true)), "{}", object.id);
        assert_eq!(security.str_at(&["seccompProfile", "type"]), Some("RuntimeDefault"));
        let token = spec.list_at(&["volumes"]).iter().any(|v| v.get("projected").is_some());
        assert!(!token, "{}", object.id);
        for container in spec.list_at(&["containers"]) {
            let own = container.get("securityContext").unwrap();
            assert_eq!(own.get("allowPrivilegeEscalation"), Some(&Node::Bool(false)));
            assert_eq!(own.list_at(&["capabilities", "drop"]), [Node::str("ALL")]);
            assert!(container.str_at(&["image"]).unwrap().contains("@sha256:"), "{}", object.id);
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen} containers");
}

#[test]
fn nothing_looks_like_a_credential_and_every_address_is_an_example() {
    for object in objects() {
        let mut found = Vec::new();
        texts_of(object.body(), &mut found);
        for text in found {
            assert_eq!(mask(text), text, "{}", object.id);
            let words = text.split([' ', '/', ':', ',', '\n', '"', ';']);
            for word in words.filter(|word| word.contains('@') && !word.contains("@sha256")) {
                assert!(word.ends_with(".example"), "{}: {word}", object.id);
            }
        }
    }
}

#[test]
fn sheets_use_no_unknown_word() {
    const WORDS: &[&str] = &[
        "account",
        "age",
        "annotations",
        "args",
        "claim",
        "command",
        "container",
        "env",
        "env-from",
        "image",
        "init",
        "kind",
        "labels",
        "live",
        "mounts",
        "name",
        "nodes",
        "owner",
        "pod",
        "ports",
        "probe",
        "replicas",
        "res",
        "revision",
        "runs",
        "schedule",
        "service",
        "service-with",
        "sidecars",
        "stale",
        "state",
        "style",
        "with",
    ];
    let styles: Styles = sheet::read(STYLES);
    let mut unknown = BTreeSet::new();
    let mut check = |table: &toml::Table| {
        unknown.extend(table.keys().filter(|key| !WORDS.contains(&key.as_str())).cloned());
        if let Some(style) = table.get("style") {
            assert!(styles.contains_key(style.as_str().unwrap()), "style {style}");
        }
    };
    for text in SHEETS {
        let sheet: toml::Table = toml::from_str(text).unwrap();
        for workload in sheet.get("workload").and_then(toml::Value::as_array).into_iter().flatten()
        {
            check(workload.as_table().unwrap());
            for key in ["init", "sidecars"] {
                let containers = workload.get(key).and_then(toml::Value::as_array);
                containers.into_iter().flatten().for_each(|c| check(c.as_table().unwrap()));
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:?}");
}
