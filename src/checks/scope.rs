//! Scopes: what a check looks at, one at a time.

use super::cel::Var;
use super::kinds::Pattern;
use crate::model::kinds::{flagz, kubelet_configuration};

/// What is looked at, one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// One object of the check's kinds.
    Object,
    /// A pod spec.
    Pod,
    /// Each container of a pod spec.
    Container,
    /// Each volume of a pod spec.
    Volume,
    /// Each port of each container.
    Port,
    /// Each entry of `env` and `envFrom` of each container.
    Env,
    /// Each rule of a Role or `ClusterRole`.
    Rule,
    /// Each subject of a binding.
    Subject,
    /// Each port of a Service.
    ServicePort,
    /// A Namespace.
    Namespace,
    /// A Node.
    Node,
    /// One instance of a control-plane component.
    Component,
    /// The kubelet of one node.
    Kubelet,
    /// The whole cluster.
    Cluster,
}

const POD: &[Var] = &[Var::Object, Var::Metadata, Var::Pod, Var::PodMetadata];

impl Scope {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Object,
        Self::Pod,
        Self::Container,
        Self::Volume,
        Self::Port,
        Self::Env,
        Self::Rule,
        Self::Subject,
        Self::ServicePort,
        Self::Namespace,
        Self::Node,
        Self::Component,
        Self::Kubelet,
        Self::Cluster,
    ];

    /// The word used in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Pod => "pod",
            Self::Container => "container",
            Self::Volume => "volume",
            Self::Port => "port",
            Self::Env => "env",
            Self::Rule => "rule",
            Self::Subject => "subject",
            Self::ServicePort => "service-port",
            Self::Namespace => "namespace",
            Self::Node => "node",
            Self::Component => "component",
            Self::Kubelet => "kubelet",
            Self::Cluster => "cluster",
        }
    }

    /// Reads the word.
    ///
    /// # Errors
    /// A sentence that names the scopes there are.
    pub fn parse(word: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|s| s.word() == word).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|s| s.word()).collect();
            format!("there is no scope `{word}`; there are {}", known.join(", "))
        })
    }

    /// One line for `plimsoll checks scopes`.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Object => "one object of `kinds`",
            Self::Pod => "the pod spec of a workload",
            Self::Container => "each container: app, init, sidecar and ephemeral",
            Self::Volume => "each volume of a pod spec",
            Self::Port => "each port of each container",
            Self::Env => "each entry of env and envFrom (`env.from`) of each container",
            Self::Rule => "each rule of Roles and ClusterRoles",
            Self::Subject => "each subject of bindings",
            Self::ServicePort => "each port of a Service",
            Self::Namespace => "a Namespace",
            Self::Node => "a Node",
            Self::Component => "each instance of a control-plane component, with its flags",
            Self::Kubelet => "the running configuration of each node's kubelet",
            Self::Cluster => "the whole cluster, once",
        }
    }

    /// Whether it lies in a pod spec.
    #[must_use]
    pub fn in_pod(self) -> bool {
        matches!(self, Self::Pod | Self::Container | Self::Volume | Self::Port | Self::Env)
    }

    /// Whether it is about the platform itself, so that a finding always counts.
    #[must_use]
    pub fn is_about_the_platform(self) -> bool {
        matches!(self, Self::Node | Self::Component | Self::Kubelet | Self::Cluster)
    }

    /// The variables of its rules, without `item`.
    #[must_use]
    pub fn vars(self) -> Vec<Var> {
        let mut vars = match self {
            Self::Cluster => Vec::new(),
            scope if scope.in_pod() => POD.to_vec(),
            _ => vec![Var::Object, Var::Metadata],
        };
        vars.extend_from_slice(match self {
            Self::Container => &[Var::Container],
            Self::Volume => &[Var::Volume],
            Self::Port => &[Var::Container, Var::Port],
            Self::Env => &[Var::Container, Var::Env],
            Self::Rule => &[Var::Rule, Var::Role],
            Self::Subject => &[Var::Subject, Var::Binding, Var::RoleRef],
            Self::ServicePort => &[Var::Port],
            Self::Namespace => &[Var::Namespace],
            Self::Node => &[Var::Node],
            Self::Component => &[Var::Component],
            Self::Kubelet => &[Var::Node, Var::Config],
            Self::Object | Self::Pod | Self::Cluster => &[],
        });
        vars.extend([Var::Params, Var::Cluster, Var::Lists]);
        vars
    }

    /// The kinds it looks at when the check names none.
    #[must_use]
    pub fn kinds(self) -> Vec<Pattern> {
        let builtin = |names: &[&str]| {
            names.iter().filter_map(|name| Pattern::parse(name).ok()).collect::<Vec<_>>()
        };
        match self {
            Self::Object | Self::Cluster => Vec::new(),
            Self::Rule => builtin(&["Role", "ClusterRole"]),
            Self::Subject => builtin(&["RoleBinding", "ClusterRoleBinding"]),
            Self::ServicePort => builtin(&["Service"]),
            Self::Namespace => builtin(&["Namespace"]),
            Self::Node => builtin(&["Node"]),
            Self::Component => {
                let mut kinds = builtin(&["Pod", "Node"]);
                kinds.push(Pattern::One(flagz()));
                kinds
            }
            Self::Kubelet => {
                let mut kinds = builtin(&["Node", "ConfigMap"]);
                kinds.push(Pattern::One(kubelet_configuration()));
                kinds
            }
            _ => vec![Pattern::Workloads],
        }
    }
}
