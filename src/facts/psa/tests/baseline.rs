//! The rules of level baseline.

use super::*;

#[test]
fn host_namespaces_ports_and_paths() {
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        assert_eq!(
            spec_breaks(Baseline, 37, &json!({field: true, "hostUsers": false})),
            ["hostNamespaces"]
        );
        assert_eq!(spec_breaks(Baseline, 0, &json!({field: false})), [""; 0]);
    }
    let port = |port: Value| json!({"containers": [{"name": "a", "ports": [{"containerPort": 1}, {"hostPort": port}]}]});
    assert_eq!(spec_breaks(Baseline, 0, &port(json!(0))), [""; 0]);
    assert_eq!(spec_breaks(Baseline, 0, &port(json!(8080))), ["hostPorts"]);
    let volume = |source: Value| json!({"volumes": [source]});
    assert_eq!(
        spec_breaks(Baseline, 0, &volume(json!({"name": "v", "hostPath": {}}))),
        ["hostPathVolumes"]
    );
    assert_eq!(spec_breaks(Baseline, 0, &volume(json!({"name": "v", "hostPath": null}))), [""; 0]);
}

#[test]
fn app_armor_by_field_and_annotation_at_every_version() {
    let key = "container.apparmor.security.beta.kubernetes.io/nobody";
    for minor in [0, 18, 30, 37] {
        for (kind, good) in
            [("RuntimeDefault", true), ("Localhost", true), ("Unconfined", false), ("", false)]
        {
            let expected: &[&str] = if good { &[] } else { &["appArmorProfile"] };
            let profile = json!({"appArmorProfile": {"type": kind}});
            assert_eq!(spec_breaks(Baseline, minor, &with_security(&profile)), expected, "{kind}");
            assert_eq!(
                spec_breaks(Baseline, minor, &json!({"securityContext": profile})),
                expected
            );
        }
        for (value, good) in [
            ("", true),
            ("runtime/default", true),
            ("localhost/x", true),
            ("unconfined", false),
            ("RuntimeDefault", false),
        ] {
            let expected: &[&str] = if good { &[] } else { &["appArmorProfile"] };
            let metadata = json!({"annotations": {key: value}});
            assert_eq!(broken(Baseline, minor, &metadata, &json!({})), expected, "{value}");
        }
    }
    let empty = json!({"appArmorProfile": {}});
    assert_eq!(spec_breaks(Baseline, 0, &with_security(&empty)), ["appArmorProfile"]);
}

#[test]
fn capabilities_are_compared_exactly() {
    for (add, baseline, restricted) in [
        (json!(["NET_BIND_SERVICE"]), true, true),
        (json!(["CHOWN", "SYS_CHROOT"]), true, false),
        (json!(["NET_RAW"]), false, false),
        (json!(["chown"]), false, false),
        (json!(["CAP_CHOWN"]), false, false),
        (json!(["ALL"]), false, false),
        (json!([]), true, true),
    ] {
        let security = json!({"allowPrivilegeEscalation": false, "capabilities": {"add": add, "drop": ["ALL"]}});
        let spec = hardened_but("/containers/0/securityContext", security);
        assert_eq!(spec_breaks(Baseline, 37, &spec).is_empty(), baseline, "{add}");
        assert_eq!(spec_breaks(Restricted, 22, &spec).is_empty(), restricted, "{add}");
    }
    for drop in [json!(["all"]), json!(["CAP_ALL"]), json!(["NET_RAW"]), json!([]), Value::Null] {
        let spec =
            hardened_but("/containers/0/securityContext/capabilities", json!({"drop": drop}));
        assert_eq!(spec_breaks(Restricted, 37, &spec), ["capabilities_restricted"], "{drop}");
        assert_eq!(spec_breaks(Restricted, 21, &spec), [""; 0], "{drop}");
    }
}

#[test]
fn probes_with_a_host_from_1_34_on() {
    for place in ["livenessProbe", "readinessProbe", "startupProbe"] {
        for action in ["httpGet", "tcpSocket"] {
            for (host, good) in [("", true), ("127.0.0.1", false), ("::1", false), ("evil", false)]
            {
                let spec = json!({"ephemeralContainers": [{"name": "a", place: {action: {"host": host}}}]});
                let expected: &[&str] = if good { &[] } else { &["hostProbesAndHostLifecycle"] };
                assert_eq!(spec_breaks(Baseline, 34, &spec), expected, "{place} {action} {host}");
                assert_eq!(spec_breaks(Baseline, 33, &spec), [""; 0]);
            }
        }
    }
    for hook in ["postStart", "preStop"] {
        let spec =
            json!({"containers": [{"name": "a", "lifecycle": {hook: {"httpGet": {"host": "h"}}}}]});
        let found = judge(Baseline, 37, &Node::Null, &Node::from(&spec));
        assert_eq!(
            found[0].path.to_string(),
            format!("containers[0].lifecycle.{hook}.httpGet.host")
        );
        let silent = json!({"containers": [{"name": "a", "lifecycle": {hook: {"exec": {}, "sleep": {"seconds": 1}}}}]});
        assert_eq!(spec_breaks(Baseline, 37, &silent), [""; 0]);
    }
}

#[test]
fn se_linux_types_by_version() {
    for (options, v30, v31) in [
        (json!({}), true, true),
        (json!({"level": "s0"}), true, true),
        (json!({"type": "container_t"}), true, true),
        (json!({"type": "container_engine_t"}), false, true),
        (json!({"type": "spc_t"}), false, false),
        (json!({"user": "system_u"}), false, false),
        (json!({"role": "object_r"}), false, false),
    ] {
        for spec in [
            with_security(&json!({"seLinuxOptions": options})),
            json!({"securityContext": {"seLinuxOptions": options}}),
        ] {
            assert_eq!(spec_breaks(Baseline, 30, &spec).is_empty(), v30, "{options}");
            assert_eq!(spec_breaks(Baseline, 31, &spec).is_empty(), v31, "{options}");
        }
    }
}

#[test]
fn seccomp_by_annotation_then_by_field() {
    let annotated = |key: &str, value: &str| json!({"annotations": {key: value}});
    let spec = with_security(&json!({}));
    let pod = "seccomp.security.alpha.kubernetes.io/pod";
    let container = "container.seccomp.security.alpha.kubernetes.io/";
    for (metadata, good) in [
        (annotated(pod, "runtime/default"), true),
        (annotated(pod, "docker/default"), true),
        (annotated(pod, "localhost/x"), true),
        (annotated(pod, "unconfined"), false),
        (annotated(pod, ""), false),
        (annotated(&format!("{container}a"), "unconfined"), false),
        (annotated(&format!("{container}nobody"), "unconfined"), true),
    ] {
        assert_eq!(broken(Baseline, 18, &metadata, &spec).is_empty(), good, "{metadata}");
        assert_eq!(broken(Baseline, 19, &metadata, &spec), [""; 0]);
    }
    let unconfined = with_security(&json!({"seccompProfile": {"type": "Unconfined"}}));
    assert_eq!(spec_breaks(Baseline, 18, &unconfined), [""; 0]);
    assert_eq!(spec_breaks(Baseline, 19, &unconfined), ["seccompProfile_baseline"]);
}

#[test]
fn sysctls_are_added_by_version() {
    for (name, from) in [
        ("kernel.shm_rmid_forced", 0),
        ("net.ipv4.ip_local_reserved_ports", 27),
        ("net.ipv4.tcp_keepalive_time", 29),
        ("net.ipv4.tcp_rmem", 32),
        ("net.ipv4.tcp_notsent_lowat", 37),
    ] {
        let spec = json!({"securityContext": {"sysctls": [{"name": name, "value": "1"}]}});
        for minor in 0..=38 {
            assert_eq!(
                spec_breaks(Baseline, minor, &spec).is_empty(),
                minor >= from,
                "{name} {minor}"
            );
        }
    }
    let spec = json!({"securityContext": {"sysctls": [{"name": "kernel.msgmax"}, {}]}});
    assert_eq!(judge(Baseline, 37, &Node::Null, &Node::from(&spec)).len(), 2);
}
