//! The names of facts, and what they rest on.

use super::admission;
use super::kind::{
    AUDIT_POLICY, CILIUM_CLUSTER_POLICY, CILIUM_POLICY, DAEMON_SET, DEPLOYMENT, ENDPOINT_SLICE,
    JOB, NAMESPACE, NETWORK_POLICY, NODE, PEER_AUTHENTICATION, POD, REPLICA_SET, RUNTIME_CLASS,
    SECRET, SERVICE_ACCOUNT, required_workloads,
};
use super::netpol::foreign_kinds;
use crate::model::kinds::{Builtin, Kind, flagz, rbac};

/// A fact that rules may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactName {
    /// Pod Security policy version in force.
    Version,
    /// Service account token of a pod.
    Token,
    /// Who may do what.
    Rbac,
    /// Whether an account is used, or a subject exists.
    Refs,
    /// The service account of a pod.
    Account,
    /// Network policies that cover a namespace or a pod.
    Netpol,
    /// The provider and its cloud.
    Platform,
    /// Network plug-in and mesh in one.
    Components,
    /// The network plug-in.
    Cni,
    /// The service mesh of a namespace.
    Mesh,
    /// The Namespace of an object.
    Namespace,
    /// The `RuntimeClass` of a pod.
    RuntimeClass,
    /// Topmost built-in owner.
    Owner,
    /// Addresses of the nodes.
    Nodes,
    /// Flags of control-plane components with their defaults.
    Flags,
    /// Pod Security levels of a namespace, and the level its workloads meet.
    Psa,
    /// All that a subject holds, through whichever binding.
    Holder,
    /// What the tokens in a pod open.
    Credentials,
    /// Who may change labels of namespaces without being an administrator.
    Labellers,
    /// What refuses pods in a namespace, beside its Pod Security level.
    Admission,
    /// What audit policies record.
    Audit,
}

impl FactName {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Version,
        Self::Token,
        Self::Rbac,
        Self::Refs,
        Self::Account,
        Self::Netpol,
        Self::Platform,
        Self::Components,
        Self::Cni,
        Self::Mesh,
        Self::Namespace,
        Self::RuntimeClass,
        Self::Owner,
        Self::Nodes,
        Self::Flags,
        Self::Psa,
        Self::Holder,
        Self::Credentials,
        Self::Labellers,
        Self::Admission,
        Self::Audit,
    ];

    /// The name in rules: `facts.<name>`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Token => "token",
            Self::Rbac => "rbac",
            Self::Refs => "refs",
            Self::Account => "account",
            Self::Netpol => "netpol",
            Self::Platform => "platform",
            Self::Components => "components",
            Self::Cni => "cni",
            Self::Mesh => "mesh",
            Self::Namespace => "namespace",
            Self::RuntimeClass => "runtimeclass",
            Self::Owner => "owner",
            Self::Nodes => "nodes",
            Self::Flags => "flags",
            Self::Psa => "psa",
            Self::Holder => "holder",
            Self::Credentials => "credentials",
            Self::Labellers => "labellers",
            Self::Admission => "admission",
            Self::Audit => "audit",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fact| fact.as_str() == name)
    }

    /// Whether it says the same whatever it is asked about.
    #[must_use]
    pub fn is_of_cluster(self) -> bool {
        matches!(
            self,
            Self::Version
                | Self::Platform
                | Self::Components
                | Self::Cni
                | Self::Nodes
                | Self::Labellers
                | Self::Audit
        )
    }

    /// The kinds whose lists the fact rests on, for targets of a scope (`pod`, `container`,
    /// `rule`, `subject`, `namespace`, `object`, `cluster` …). Reading them all makes it known;
    /// custom kinds that are not served count as read.
    #[must_use]
    pub fn kinds(self, scope: &str) -> Vec<Kind> {
        let of = |kinds: &[&Kind]| kinds.iter().map(|kind| (*kind).clone()).collect();
        match self {
            Self::Version => Vec::new(),
            Self::Token => of(&[&SERVICE_ACCOUNT]),
            Self::Rbac | Self::Holder | Self::Labellers => rbac().map(Builtin::kind).collect(),
            Self::Credentials => {
                rbac().map(Builtin::kind).chain(of(&[&SERVICE_ACCOUNT, &SECRET])).collect()
            }
            Self::Refs if scope == "subject" => of(&[&SERVICE_ACCOUNT, &NAMESPACE]),
            Self::Refs => required_workloads().collect(),
            Self::Account => of(&[&SERVICE_ACCOUNT, &POD]),
            Self::Netpol => netpol(scope),
            Self::Platform | Self::Nodes => of(&[&NODE]),
            Self::Cni => of(&[&DAEMON_SET, &NODE]),
            Self::Mesh => mesh(),
            Self::Components => {
                let mut kinds = mesh();
                kinds.extend([DAEMON_SET.clone(), NODE.clone()]);
                kinds
            }
            Self::Flags => vec![POD.clone(), NODE.clone(), flagz()],
            Self::Psa => required_workloads().chain([NAMESPACE.clone()]).collect(),
            Self::Namespace => of(&[&NAMESPACE]),
            Self::RuntimeClass => of(&[&RUNTIME_CLASS]),
            Self::Owner => of(&[&REPLICA_SET, &JOB]),
            Self::Admission if scope == "cluster" => {
                admission::kinds().into_iter().chain([&*NAMESPACE]).cloned().collect()
            }
            Self::Admission => of(&admission::kinds()),
            Self::Audit => of(&[&AUDIT_POLICY]),
        }
    }
}

fn netpol(scope: &str) -> Vec<Kind> {
    let mut kinds: Vec<Kind> =
        std::iter::once(NETWORK_POLICY.clone()).chain(foreign_kinds()).collect();
    match scope {
        "namespace" => kinds.extend(required_workloads()),
        "object" => {
            kinds.extend(required_workloads());
            kinds.push(NAMESPACE.clone());
        }
        _ => kinds.extend([NODE.clone(), ENDPOINT_SLICE.clone()]),
    }
    kinds
}

fn mesh() -> Vec<Kind> {
    [&NAMESPACE, &POD, &DEPLOYMENT, &PEER_AUTHENTICATION, &CILIUM_POLICY, &CILIUM_CLUSTER_POLICY]
        .into_iter()
        .map(|kind| Kind::clone(kind))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for fact in FactName::ALL {
            assert_eq!(FactName::parse(fact.as_str()), Some(fact));
        }
        assert_eq!(FactName::parse("nonsense"), None);
    }
}
