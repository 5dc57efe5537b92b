//! Levels and what they hold, by version; rule by rule in [`baseline`] and [`restricted`].

mod baseline;
mod restricted;

use serde_json::{Value, json};

use super::*;
use Level::{Baseline, Privileged, Restricted};

/// Checks of level restricted that a pod breaks which says nothing of its security.
const UNHARDENED: [&str; 4] = [
    "allowPrivilegeEscalation",
    "capabilities_restricted",
    "runAsNonRoot",
    "seccompProfile_restricted",
];

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
    assert_eq!(spec_breaks(Restricted, 37, &bare), UNHARDENED);
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
