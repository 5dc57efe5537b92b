//! The rules of level restricted, and what they are relaxed by.

use super::*;

#[test]
fn windows_is_exempt_from_three_checks_from_1_25_on() {
    let mut spec = json!({"os": {"name": "windows"}, "containers": [{"name": "a",
        "securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}, "seccompProfile": {"type": "Unconfined"}}}]});
    assert_eq!(spec_breaks(Restricted, 25, &spec), ["runAsNonRoot"]);
    assert_eq!(spec_breaks(Restricted, 24, &spec), UNHARDENED);
    assert_eq!(
        spec_breaks(Baseline, 37, &spec),
        ["capabilities_baseline", "seccompProfile_baseline"]
    );
    spec["os"] = json!(null);
    spec["nodeSelector"] = json!({"kubernetes.io/os": "windows"});
    assert_eq!(spec_breaks(Restricted, 37, &spec), UNHARDENED);
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
fn volumes_at_restricted() {
    for source in super::super::restricted::VOLUMES {
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
