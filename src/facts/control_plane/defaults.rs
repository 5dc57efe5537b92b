//! What a flag means when it is not set, by Kubernetes version.
//!
//! Source: the components' options in k8s.io/kubernetes 1.24 to 1.37 and etcd 3.5 and 3.6.

/// Flag, value, and from which minor version on (0: always).
type Default = (&'static str, &'static str, u32);

const APISERVER: &[Default] = &[
    ("anonymous-auth", "true", 0),
    ("authorization-mode", "AlwaysAllow", 0),
    ("audit-log-maxage", "0", 0),
    ("audit-log-maxage", "366", 36),
    ("audit-log-maxbackup", "0", 0),
    ("audit-log-maxbackup", "100", 36),
    ("audit-log-maxsize", "0", 0),
    ("audit-log-maxsize", "100", 36),
    ("profiling", "true", 0),
    ("request-timeout", "1m0s", 0),
    ("service-account-lookup", "true", 0),
    ("service-account-extend-token-expiration", "true", 0),
    ("enable-bootstrap-token-auth", "false", 0),
    ("bind-address", "0.0.0.0", 0),
    ("secure-port", "6443", 0),
];

const CONTROLLER_MANAGER: &[Default] = &[
    ("terminated-pod-gc-threshold", "12500", 0),
    ("profiling", "true", 0),
    ("use-service-account-credentials", "false", 0),
    ("bind-address", "0.0.0.0", 0),
];

const SCHEDULER: &[Default] = &[("profiling", "true", 0), ("bind-address", "0.0.0.0", 0)];

const ETCD: &[Default] = &[
    ("client-cert-auth", "false", 0),
    ("auto-tls", "false", 0),
    ("peer-client-cert-auth", "false", 0),
    ("peer-auto-tls", "false", 0),
];

/// The defaults of a component in a version. Where they changed and the version is unknown, the
/// flag has none.
pub(super) fn of(
    component: &str,
    minor: Option<u32>,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    let table = match component {
        "kube-apiserver" => APISERVER,
        "kube-controller-manager" => CONTROLLER_MANAGER,
        "kube-scheduler" => SCHEDULER,
        _ => ETCD,
    };
    table.iter().filter_map(move |(flag, value, since)| {
        let rows = table.iter().filter(|(name, ..)| name == flag);
        let newest = match minor {
            Some(minor) => rows.map(|(.., since)| *since).filter(|since| *since <= minor).max(),
            None if rows.clone().count() > 1 => None,
            None => Some(0),
        };
        (newest == Some(*since)).then_some((*flag, *value))
    })
}
