use serde_json::{Value, json};

use super::*;
use Level::{Baseline, Privileged, Restricted};

/// Ids of the checks that a pod breaks, each once, in order.
fn broken(level: Level, minor: u32, metadata: &Value, spec: &Value) -> Vec<&'static str> {
    let mut ids: Vec<_> = judge(level, minor, &Node::from(metadata), &Node::from(spec))
        .into_iter()
        .map(|violation| violation.check)
        .collect();
    ids.dedup();
    ids
}

fn spec_breaks(level: Level, minor: u32, spec: &Value) -> Vec<&'static str> {
    broken(level, minor, &json!({}), spec)
}

/// A pod with one container that has this securityContext.
fn with_security(security: &Value) -> Value {
    json!({"containers": [{"name": "a", "securityContext": security}]})
}

/// A pod that passes restricted at every version.
fn hardened() -> Value {
    json!({
        "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{"name": "a", "securityContext": {
            "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}],
    })
}

/// The hardened pod with a value set at a JSON pointer.
fn hardened_but(pointer: &str, value: Value) -> Value {
    let mut spec = hardened();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let at =
        parent.split('/').filter(|part| !part.is_empty()).fold(&mut spec, |at, part| {
            match part.parse::<usize>() {
                Ok(index) => &mut at[index],
                Err(_) => &mut at[part],
            }
        });
    at[key] = value;
    spec
}

#[test]
fn levels_hold_the_checks_of_their_versions() {
    assert!(checks(Privileged, 37).is_empty());
    for (minor, baseline, restricted) in [
        (0, 11, 12), // two restricted checks, one of which overrides
        (8, 11, 13),
        (19, 11, 13),
        (22, 11, 13),
        (23, 11, 14),
        (34, 12, 15),
        (35, 12, 15),
        (37, 12, 15),
        (99, 12, 15),
    ] {
        assert_eq!(checks(Baseline, minor).len(), baseline, "baseline 1.{minor}");
        assert_eq!(checks(Restricted, minor).len(), restricted, "restricted 1.{minor}");
    }
    let all = checks(Restricted, 37);
    for overridden in
        ["capabilities_baseline", "procMount", "hostPathVolumes", "seccompProfile_baseline"]
    {
        assert!(!all.contains(&overridden), "{overridden}");
    }
    assert!(checks(Restricted, 34).contains(&"procMount"));
    assert!(checks(Restricted, 18).contains(&"seccompProfile_baseline"));
    assert!(checks(Restricted, 21).contains(&"capabilities_baseline"));
}

#[test]
fn a_hardened_pod_passes_everywhere_and_an_empty_one_passes_baseline() {
    for minor in 0..=37 {
        assert_eq!(spec_breaks(Restricted, minor, &hardened()), [""; 0], "1.{minor}");
        assert_eq!(spec_breaks(Baseline, minor, &with_security(&json!({}))), [""; 0]);
        let anything = json!({"hostNetwork": true, "containers": [{"name": "a"}]});
        assert_eq!(spec_breaks(Privileged, minor, &anything), [""; 0]);
    }
    let bare = json!({"containers": [{"name": "a"}]});
    let all = [
        "allowPrivilegeEscalation",
        "capabilities_restricted",
        "runAsNonRoot",
        "seccompProfile_restricted",
    ];
    assert_eq!(spec_breaks(Restricted, 37, &bare), all);
    assert_eq!(
        spec_breaks(Restricted, 21, &bare),
        ["allowPrivilegeEscalation", "runAsNonRoot", "seccompProfile_restricted"]
    );
    assert_eq!(spec_breaks(Restricted, 7, &bare), ["runAsNonRoot"]);
}

#[test]
fn every_kind_of_container_is_visited() {
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        let spec = json!({list: [{"name": "ok"}, {"name": "x",
            "ports": [{"hostPort": 80}],
            "livenessProbe": {"tcpSocket": {"host": "127.0.0.1", "port": 1}},
            "securityContext": {"privileged": true, "procMount": "Unmasked",
                "capabilities": {"add": ["NET_RAW"]}, "windowsOptions": {"hostProcess": true},
                "seccompProfile": {"type": "Unconfined"}, "appArmorProfile": {"type": "Unconfined"},
                "seLinuxOptions": {"user": "u"}}}]});
        let found = judge(Baseline, 37, &Node::Null, &Node::from(&spec));
        assert_eq!(found.len(), 9, "{list}: {found:?}");
        assert!(found.iter().all(|v| v.container.as_deref() == Some("x")));
        assert!(found.iter().all(|v| v.path.to_string().starts_with(&format!("{list}[1]."))));
        let mut restricted = hardened();
        restricted[list] = json!([{"name": "x", "securityContext": {"runAsUser": 0}}]);
        let ids = spec_breaks(Restricted, 34, &restricted);
        assert!(ids.contains(&"runAsUser") && ids.contains(&"allowPrivilegeEscalation"), "{list}");
    }
}

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
fn windows_is_exempt_from_three_checks_from_1_25_on() {
    let mut spec = json!({"os": {"name": "windows"}, "containers": [{"name": "a",
        "securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}, "seccompProfile": {"type": "Unconfined"}}}]});
    assert_eq!(spec_breaks(Restricted, 25, &spec), ["runAsNonRoot"]);
    let before = [
        "allowPrivilegeEscalation",
        "capabilities_restricted",
        "runAsNonRoot",
        "seccompProfile_restricted",
    ];
    assert_eq!(spec_breaks(Restricted, 24, &spec), before);
    assert_eq!(
        spec_breaks(Baseline, 37, &spec),
        ["capabilities_baseline", "seccompProfile_baseline"]
    );
    spec["os"] = json!(null);
    spec["nodeSelector"] = json!({"kubernetes.io/os": "windows"});
    assert_eq!(spec_breaks(Restricted, 37, &spec), before);
    let host = json!({"securityContext": {"windowsOptions": {"hostProcess": true}}});
    assert_eq!(spec_breaks(Baseline, 0, &host), ["windowsHostProcess"]);
}

#[test]
fn a_user_namespace_relaxes_three_rules_from_1_35_on() {
    let unmasked = |host_users: Value| {
        let mut spec = hardened_but("/containers/0/securityContext/procMount", json!("Unmasked"));
        spec["hostUsers"] = host_users;
        spec
    };
    for (minor, host_users, baseline, restricted) in [
        (34, json!(false), vec!["procMount"], vec!["procMount"]),
        (35, json!(false), vec![], vec!["procMount_restricted"]),
        (35, json!(true), vec!["procMount"], vec!["procMount_restricted"]),
        (35, Value::Null, vec!["procMount"], vec!["procMount_restricted"]),
    ] {
        let spec = unmasked(host_users);
        assert_eq!(spec_breaks(Baseline, minor, &spec), baseline, "1.{minor}");
        assert_eq!(spec_breaks(Restricted, minor, &spec), restricted, "1.{minor}");
    }
    let mut root = hardened_but("/securityContext/runAsNonRoot", json!(false));
    root["containers"][0]["securityContext"]["runAsUser"] = json!(0);
    root["hostUsers"] = json!(false);
    assert_eq!(spec_breaks(Restricted, 34, &root), ["runAsNonRoot", "runAsUser"]);
    assert_eq!(spec_breaks(Restricted, 35, &root), [""; 0]);
    root["hostUsers"] = json!(true);
    assert_eq!(spec_breaks(Restricted, 37, &root), ["runAsNonRoot", "runAsUser"]);
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
fn seccomp_at_restricted_is_the_effective_profile() {
    let pod = |value: Value| hardened_but("/securityContext/seccompProfile", value);
    assert_eq!(spec_breaks(Restricted, 18, &pod(Value::Null)), [""; 0]);
    assert_eq!(spec_breaks(Restricted, 19, &pod(Value::Null)), ["seccompProfile_restricted"]);
    let mut own = pod(Value::Null);
    own["containers"][0]["securityContext"]["seccompProfile"] = json!({"type": "Localhost"});
    assert_eq!(spec_breaks(Restricted, 37, &own), [""; 0]);
    own["securityContext"]["seccompProfile"] = json!({"type": "Unconfined"});
    let found = judge(Restricted, 37, &Node::Null, &Node::from(&own));
    assert_eq!(found.len(), 1, "a bad pod-level type fails by itself");
    assert_eq!(found[0].path.to_string(), "securityContext.seccompProfile.type");
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

#[test]
fn volumes_at_restricted() {
    for source in [
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ] {
        let spec = hardened_but("/volumes", json!([{"name": "v", source: {}}]));
        assert_eq!(spec_breaks(Restricted, 0, &spec), [""; 0], "{source}");
    }
    for source in
        ["hostPath", "nfs", "gitRepo", "flexVolume", "awsElasticBlockStore", "somethingNew"]
    {
        let spec = hardened_but("/volumes", json!([{"name": "v", source: {}}]));
        assert_eq!(spec_breaks(Restricted, 37, &spec), ["restrictedVolumes"], "{source}");
    }
    let spec = hardened_but("/volumes", json!([{"name": "only-a-name"}]));
    assert_eq!(spec_breaks(Restricted, 37, &spec), [""; 0]);
}

#[test]
fn run_as_non_root_looks_at_pod_and_container() {
    for (pod, container, good) in [
        (json!(true), json!(null), true),
        (json!(true), json!(true), true),
        (json!(null), json!(true), true),
        (json!(null), json!(null), false),
        (json!(false), json!(true), false),
        (json!(true), json!(false), false),
    ] {
        let mut spec = hardened_but("/securityContext/runAsNonRoot", pod.clone());
        spec["containers"][0]["securityContext"]["runAsNonRoot"] = container.clone();
        for minor in [0, 34, 35, 37] {
            assert_eq!(spec_breaks(Restricted, minor, &spec).is_empty(), good, "{pod} {container}");
        }
    }
    let mut spec = hardened_but("/securityContext/runAsUser", json!(0));
    spec["containers"][0]["securityContext"]["runAsUser"] = json!(1000);
    assert_eq!(spec_breaks(Restricted, 22, &spec), [""; 0]);
    assert_eq!(spec_breaks(Restricted, 23, &spec), ["runAsUser"]);
}

#[test]
fn malformed_pods_do_no_harm() {
    for spec in [
        json!(null),
        json!([]),
        json!({"containers": {"name": "a"}, "volumes": "x", "securityContext": []}),
        json!({"containers": [null, 3, {"securityContext": "x", "ports": {}, "lifecycle": []}]}),
    ] {
        for minor in [0, 18, 25, 37] {
            let _ = broken(Baseline, minor, &json!({"annotations": ["x"]}), &spec);
            let _ = broken(Restricted, minor, &json!("x"), &spec);
        }
    }
    let odd = json!({"containers": [{"name": "a", "ports": [{"hostPort": "80"}]}]});
    assert_eq!(spec_breaks(Baseline, 37, &odd), ["hostPorts"]);
}

#[test]
fn the_lower_of_two_levels_is_told_without_looking_for_all_that_is_forbidden() {
    let mut windows = with_security(&json!({"capabilities": {"add": ["SYS_ADMIN"]}}));
    windows["os"] = json!({"name": "windows"});
    windows["securityContext"] = json!({"runAsNonRoot": true});
    let specs = [
        hardened(),
        hardened_but("/hostNetwork", json!(true)),
        hardened_but("/containers/0/securityContext/allowPrivilegeEscalation", json!(true)),
        with_security(&json!({})),
        with_security(&json!({"privileged": true})),
        windows,
    ];
    let metadata = Node::map([]);
    let mut met = Vec::new();
    for spec in specs.iter().map(Node::from) {
        let meets = |level| judge(level, 37, &metadata, &spec).is_empty();
        let strongest = reached(37, &metadata, &spec);
        let levels = [Restricted, Baseline, Privileged];
        assert_eq!(levels.into_iter().find(|level| meets(*level)), Some(strongest));
        for known in levels {
            assert_eq!(lower(known, 37, &metadata, &spec), known.min(strongest), "{known:?}");
        }
        met.push((meets(Restricted), meets(Baseline)));
    }
    // Of a pod on Windows the stronger level asks for less.
    assert!(met.contains(&(true, false)), "{met:?}");
}
