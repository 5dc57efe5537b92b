//! Pod templates: what the sheet says, with the defaults that the API server fills in.

use std::collections::BTreeMap;

use super::sheet::{Container, Sheet, Style, Styles, Workload};
use super::shorthand;
use super::tree::{each, merge, node, some_list, texts, with};
use crate::model::node::Node;

/// The labels by which a workload's controller and service find its pods.
pub(crate) fn selector(sheet: &Sheet, workload: &Workload) -> BTreeMap<String, String> {
    let name = workload.name.clone();
    if sheet.defaults.old_labels {
        return BTreeMap::from([("app".to_owned(), name)]);
    }
    BTreeMap::from([
        ("app.kubernetes.io/name".to_owned(), name.clone()),
        ("app.kubernetes.io/instance".to_owned(), name),
    ])
}

/// The labels of a workload: its selector, the team, and the mark of the tool that deployed it.
pub(crate) fn labels(sheet: &Sheet, workload: &Workload) -> BTreeMap<String, String> {
    let mut labels = selector(sheet, workload);
    if !sheet.defaults.team.is_empty() {
        labels.insert("team".to_owned(), sheet.defaults.team.clone());
    }
    if !sheet.defaults.old_labels {
        labels.insert("app.kubernetes.io/managed-by".to_owned(), "Helm".to_owned());
        labels.insert("app.kubernetes.io/part-of".to_owned(), sheet.namespace.clone());
    }
    labels
}

/// The annotations that the deployment tool leaves on what it made.
pub(crate) fn annotations(sheet: &Sheet, workload: &Workload) -> BTreeMap<String, String> {
    if sheet.defaults.old_labels {
        return BTreeMap::new();
    }
    BTreeMap::from([
        ("meta.helm.sh/release-name".to_owned(), workload.name.clone()),
        ("meta.helm.sh/release-namespace".to_owned(), sheet.namespace.clone()),
    ])
}

/// The metadata of a template.
pub(crate) fn metadata(sheet: &Sheet, workload: &Workload) -> Node {
    let mut all = labels(sheet, workload);
    all.extend(workload.labels.clone());
    node!({ "labels": (texts(&all)), "annotations": (texts(&workload.annotations)) })
}

/// The pod spec of a workload. `restart` is the restart policy.
pub(crate) fn spec(sheet: &Sheet, styles: &Styles, workload: &Workload, restart: &str) -> Node {
    let style = style(styles, &sheet.defaults.style, &workload.main.style);
    let one = |written: &Container, init: bool| {
        let name = workload.container_name(written);
        let named = styles.get(&written.style);
        let over = named.map_or_else(|| style.map(|s| &s.container), |s| Some(&s.container));
        let plain = shorthand::container(sheet, written, name, init);
        let styled = if let Some(over) = over { merge(plain, over) } else { plain };
        merge(styled, &written.with)
    };
    let mut containers = vec![one(&workload.main, false)];
    containers.extend(workload.sidecars.iter().map(|c| one(c, false)));
    let account = workload.account(sheet);
    let account = (account != "default" || !workload.account.is_empty()).then_some(account);
    let spec = node!({
        "initContainers": (some_list(workload.init.iter().map(|c| one(c, true)).collect())),
        "containers": containers,
        "restartPolicy": restart,
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": account,
        "serviceAccount": account,
        "securityContext": {},
        "schedulerName": "default-scheduler",
        "volumes": (some_list(volumes(workload))),
    });
    let spec = if let Some(style) = style { merge(spec, &style.pod) } else { spec };
    host_ports(merge(spec, &workload.pod))
}

/// In the host's network every container port is a port of the host; the API server writes it so.
fn host_ports(spec: Node) -> Node {
    if spec.get("hostNetwork") != Some(&Node::Bool(true)) {
        return spec;
    }
    each(spec, "containers", |container| {
        each(container, "ports", |port| {
            let number = port.get("containerPort").cloned().unwrap_or_default();
            with(port, "hostPort", number)
        })
    })
}

fn style<'a>(styles: &'a Styles, of_sheet: &str, own: &str) -> Option<&'a Style> {
    styles.get(own).or_else(|| styles.get(of_sheet))
}

/// The volumes that any container mounts, each once.
fn volumes(workload: &Workload) -> Vec<Node> {
    let mut volumes: Vec<Node> = Vec::new();
    for text in workload.containers().flat_map(|c| &c.mounts) {
        let volume = shorthand::mount(text).volume;
        let known = volumes.iter().any(|v| v.get("name") == volume.get("name"));
        if volume != Node::Null && !known {
            volumes.push(volume);
        }
    }
    volumes
}
