//! The checks of level baseline.

use super::{Check, Level, Pod, Violations};
use crate::model::node::Node;
use crate::model::path::FieldPath;

macro_rules! check {
    ($id:literal, [$($from:literal => $rule:expr),+]) => {
        Check { id: $id, level: Level::Baseline, versions: &[$(($from, $rule)),+], overrides: &[] }
    };
}

/// All of them, by id.
pub(super) const CHECKS: &[Check] = &[
    check!("appArmorProfile", [0 => app_armor]),
    check!("capabilities_baseline", [0 => capabilities]),
    check!("hostNamespaces", [0 => host_namespaces]),
    check!("hostPathVolumes", [0 => host_path_volumes]),
    check!("hostPorts", [0 => host_ports]),
    check!("hostProbesAndHostLifecycle", [34 => host_probes]),
    check!("privileged", [0 => privileged]),
    check!("procMount", [0 => proc_mount, 35 => proc_mount_without_user_namespace]),
    check!("seLinuxOptions", [0 => se_linux_1_0, 31 => se_linux_1_31]),
    check!("seccompProfile_baseline", [0 => seccomp_annotations, 19 => seccomp_fields]),
    check!("sysctls", [
        0 => |pod, out| sysctls(pod, out, 0),
        27 => |pod, out| sysctls(pod, out, 27),
        29 => |pod, out| sysctls(pod, out, 29),
        32 => |pod, out| sysctls(pod, out, 32),
        37 => |pod, out| sysctls(pod, out, 37)
    ]),
    check!("windowsHostProcess", [0 => windows_host_process]),
];

const APP_ARMOR_PREFIX: &str = "container.apparmor.security.beta.kubernetes.io/";
const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_PREFIX: &str = "container.seccomp.security.alpha.kubernetes.io/";

const CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Allowed sysctls with the minor that added them.
const SYSCTLS: [(&str, u32); 14] = [
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
    ("net.ipv4.tcp_notsent_lowat", 37),
];

const PROBES: [&[&str]; 5] = [
    &["livenessProbe"],
    &["readinessProbe"],
    &["startupProbe"],
    &["lifecycle", "postStart"],
    &["lifecycle", "preStop"],
];

fn is_true(node: Option<&Node>) -> bool {
    node.and_then(Node::as_bool) == Some(true)
}

/// Whether a profile struct is there and names neither of the two allowed types.
pub(super) fn bad_profile(profile: Option<&Node>) -> bool {
    profile.is_some_and(|profile| {
        !matches!(profile.str_at(&["type"]), Some("RuntimeDefault" | "Localhost"))
    })
}

fn app_armor(pod: &Pod<'_>, out: &mut Violations) {
    if bad_profile(pod.security("appArmorProfile")) {
        out.spec(profile_type("appArmorProfile"));
    }
    for container in &pod.containers {
        if bad_profile(container.security("appArmorProfile")) {
            out.container(container, container.path.join(&profile_type("appArmorProfile")));
        }
    }
    for (key, value) in pod.annotations().filter(|(key, _)| key.starts_with(APP_ARMOR_PREFIX)) {
        let allowed = matches!(value, "" | "runtime/default") || value.starts_with("localhost/");
        if !allowed {
            out.annotation(key);
        }
    }
}

/// `securityContext.<profile>.type`.
pub(super) fn profile_type(profile: &str) -> FieldPath {
    FieldPath::default().field("securityContext").field(profile).field("type")
}

fn capabilities(pod: &Pod<'_>, out: &mut Violations) {
    for container in &pod.containers {
        let added = container.security("capabilities").map(|c| c.list_at(&["add"]));
        let bad = |item: &Node| item.as_str().is_none_or(|name| !CAPABILITIES.contains(&name));
        if added.unwrap_or_default().iter().any(bad) {
            let path = container.path.field("securityContext").field("capabilities").field("add");
            out.container(container, path);
        }
    }
}

fn host_namespaces(pod: &Pod<'_>, out: &mut Violations) {
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        if is_true(pod.spec.get(field)) {
            out.spec(FieldPath::default().field(field));
        }
    }
}

fn host_path_volumes(pod: &Pod<'_>, out: &mut Violations) {
    for (at, volume) in pod.spec.list_at(&["volumes"]).iter().enumerate() {
        if volume.get("hostPath").is_some() {
            out.spec(FieldPath::default().field("volumes").index(at).field("hostPath"));
        }
    }
}

fn host_ports(pod: &Pod<'_>, out: &mut Violations) {
    for container in &pod.containers {
        for (at, port) in container.node.list_at(&["ports"]).iter().enumerate() {
            if port.get("hostPort").is_some_and(|port| *port != Node::Int(0)) {
                let path = container.path.field("ports").index(at).field("hostPort");
                out.container(container, path);
            }
        }
    }
}

fn host_probes(pod: &Pod<'_>, out: &mut Violations) {
    for container in &pod.containers {
        for place in PROBES {
            let Some(handler) = container.node.at(place) else { continue };
            for action in ["httpGet", "tcpSocket"] {
                if handler.str_at(&[action, "host"]).is_some_and(|host| !host.is_empty()) {
                    let path = place.iter().fold(container.path.clone(), |p, key| p.field(key));
                    out.container(container, path.field(action).field("host"));
                }
            }
        }
    }
}

fn privileged(pod: &Pod<'_>, out: &mut Violations) {
    for container in &pod.containers {
        if is_true(container.security("privileged")) {
            out.security(container, "privileged");
        }
    }
}

/// A proc mount other than the default. Also the rule of restricted from 1.35 on.
pub(super) fn proc_mount(pod: &Pod<'_>, out: &mut Violations) {
    for container in &pod.containers {
        let mount = container.security("procMount");
        if mount.is_some_and(|mount| mount.as_str() != Some("Default")) {
            out.security(container, "procMount");
        }
    }
}

fn proc_mount_without_user_namespace(pod: &Pod<'_>, out: &mut Violations) {
    if !pod.has_user_namespace() {
        proc_mount(pod, out);
    }
}

fn se_linux_1_0(pod: &Pod<'_>, out: &mut Violations) {
    se_linux(pod, out, &["", "container_t", "container_init_t", "container_kvm_t"]);
}

fn se_linux_1_31(pod: &Pod<'_>, out: &mut Violations) {
    let types = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
    se_linux(pod, out, &types);
}

fn se_linux(pod: &Pod<'_>, out: &mut Violations, types: &[&str]) {
    let bad = |options: Option<&Node>| -> Vec<&'static str> {
        let Some(options) = options else { return Vec::new() };
        let text = |field| options.str_at(&[field]).unwrap_or_default();
        let allowed = |field| match field {
            "type" => types.contains(&text("type")),
            field => text(field).is_empty(),
        };
        ["type", "user", "role"].into_iter().filter(|field| !allowed(field)).collect()
    };
    let place = |field: &str| {
        FieldPath::default().field("securityContext").field("seLinuxOptions").field(field)
    };
    for field in bad(pod.security("seLinuxOptions")) {
        out.spec(place(field));
    }
    for container in &pod.containers {
        for field in bad(container.security("seLinuxOptions")) {
            out.container(container, container.path.join(&place(field)));
        }
    }
}

/// Policies before 1.19 look at the annotations of the pod and of containers that exist.
fn seccomp_annotations(pod: &Pod<'_>, out: &mut Violations) {
    for (key, value) in pod.annotations() {
        let of_container = key.strip_prefix(SECCOMP_PREFIX).is_some_and(|name| {
            pod.containers.iter().any(|c| c.node.str_at(&["name"]) == Some(name))
        });
        let allowed = matches!(value, "runtime/default" | "docker/default")
            || value.starts_with("localhost/");
        if (key == SECCOMP_POD || of_container) && !allowed {
            out.annotation(key);
        }
    }
}

fn seccomp_fields(pod: &Pod<'_>, out: &mut Violations) {
    if bad_profile(pod.security("seccompProfile")) {
        out.spec(profile_type("seccompProfile"));
    }
    for container in &pod.containers {
        if bad_profile(container.security("seccompProfile")) {
            out.container(container, container.path.join(&profile_type("seccompProfile")));
        }
    }
}

fn sysctls(pod: &Pod<'_>, out: &mut Violations, minor: u32) {
    let list = pod.spec.list_at(&["securityContext", "sysctls"]);
    for (at, sysctl) in list.iter().enumerate() {
        let name = sysctl.str_at(&["name"]).unwrap_or_default();
        if !SYSCTLS.iter().any(|(known, from)| *known == name && *from <= minor) {
            let path = FieldPath::default().field("securityContext").field("sysctls");
            out.spec(path.index(at).field("name"));
        }
    }
}

fn windows_host_process(pod: &Pod<'_>, out: &mut Violations) {
    let is_set = |options: Option<&Node>| is_true(options.and_then(|o| o.get("hostProcess")));
    let place =
        FieldPath::default().field("securityContext").field("windowsOptions").field("hostProcess");
    if is_set(pod.security("windowsOptions")) {
        out.spec(place.clone());
    }
    for container in &pod.containers {
        if is_set(container.security("windowsOptions")) {
            out.container(container, container.path.join(&place));
        }
    }
}
