//! The names an expression may use.

/// A variable, by slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Var {
    /// The object as read.
    Object,
    /// Its metadata.
    Metadata,
    /// The parameters of the check.
    Params,
    /// `version`, `minor`, `provider`, `source`.
    Cluster,
    /// The pod spec.
    Pod,
    /// The pod's or template's metadata.
    PodMetadata,
    /// A container, with `role`.
    Container,
    /// A volume.
    Volume,
    /// A container port or service port.
    Port,
    /// An entry of `env`, or of `envFrom` as `env.from`.
    Env,
    /// A rule of a role.
    Rule,
    /// The role it stands in.
    Role,
    /// A subject of a binding.
    Subject,
    /// The binding it stands in.
    Binding,
    /// What the binding grants.
    RoleRef,
    /// A namespace.
    Namespace,
    /// A node.
    Node,
    /// The element of `each`, or of a list that a patch looks through.
    Item,
    /// The lists of other objects that the check names.
    Lists,
    /// An instance of a control-plane component.
    Component,
    /// The running configuration of a kubelet.
    Config,
}

impl Var {
    /// How many there are.
    pub const COUNT: usize = 21;

    /// All of them, by slot.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Object,
        Self::Metadata,
        Self::Params,
        Self::Cluster,
        Self::Pod,
        Self::PodMetadata,
        Self::Container,
        Self::Volume,
        Self::Port,
        Self::Env,
        Self::Rule,
        Self::Role,
        Self::Subject,
        Self::Binding,
        Self::RoleRef,
        Self::Namespace,
        Self::Node,
        Self::Item,
        Self::Lists,
        Self::Component,
        Self::Config,
    ];

    /// The name in expressions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Metadata => "metadata",
            Self::Params => "params",
            Self::Cluster => "cluster",
            Self::Pod => "pod",
            Self::PodMetadata => "podMetadata",
            Self::Container => "container",
            Self::Volume => "volume",
            Self::Port => "port",
            Self::Env => "env",
            Self::Rule => "rule",
            Self::Role => "role",
            Self::Subject => "subject",
            Self::Binding => "binding",
            Self::RoleRef => "roleRef",
            Self::Namespace => "namespace",
            Self::Node => "node",
            Self::Item => "item",
            Self::Lists => "lists",
            Self::Component => "component",
            Self::Config => "config",
        }
    }

    /// The variable of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.name() == name)
    }
}

/// What an expression of a check may refer to.
#[derive(Clone, Debug, Default)]
pub struct Names<'a> {
    /// Its variables.
    pub vars: Vec<Var>,
    /// Names of the check's parameters.
    pub params: Vec<&'a str>,
    /// Names of the check's lists.
    pub lists: Vec<&'a str>,
    /// Names of the facts there are.
    pub facts: &'a [&'static str],
    /// Whether it ships with Plimsoll, and so is known to be no attack.
    pub trusted: bool,
}

impl Names<'_> {
    /// Whether a variable is among them.
    #[must_use]
    pub fn has(&self, var: Var) -> bool {
        self.vars.contains(&var)
    }

    /// The variables, for a message.
    #[must_use]
    pub fn listed(&self) -> String {
        let names: Vec<&str> = self.vars.iter().map(|v| v.name()).collect();
        names.join(", ")
    }
}
