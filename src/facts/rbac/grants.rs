//! What one policy rule allows.

use crate::model::node::Node;

/// API group of the RBAC kinds.
const RBAC: &str = "rbac.authorization.k8s.io";

/// A way from a set of rules to the whole cluster. In the order in which reasons are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Power {
    /// Every verb on every resource of every group.
    All,
    /// `escalate` or `bind` on roles: gives itself any right.
    Escalate,
    /// Acts as another user, group or account.
    Impersonate,
    /// Reads Secrets, and with them the tokens of other accounts.
    Secrets,
    /// Starts pods, which may mount what it cannot read itself.
    Workloads,
    /// Runs commands in pods of others.
    Exec,
    /// Reaches the kubelet's own API.
    NodesProxy,
    /// Issues tokens of other accounts.
    Tokens,
    /// Approves certificates for any user.
    Approval,
    /// Changes what every request passes through.
    Webhooks,
}

impl Power {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::All,
        Self::Escalate,
        Self::Impersonate,
        Self::Secrets,
        Self::Workloads,
        Self::Exec,
        Self::NodesProxy,
        Self::Tokens,
        Self::Approval,
        Self::Webhooks,
    ];

    /// What is said of it in messages.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::All => "all verbs on all resources",
            Self::Escalate => "escalate or bind on roles",
            Self::Impersonate => "impersonate",
            Self::Secrets => "read secrets",
            Self::Workloads => "create pods or workload controllers",
            Self::Exec => "exec into pods",
            Self::NodesProxy => "nodes/proxy",
            Self::Tokens => "create service account tokens",
            Self::Approval => "approve certificate signing requests",
            Self::Webhooks => "change admission webhooks",
        }
    }

    /// Whether the holder can make itself cluster-admin by RBAC alone.
    pub(crate) fn is_admin(self) -> bool {
        matches!(self, Self::All | Self::Escalate | Self::Impersonate)
    }

    /// Whether it is about resources outside namespaces, which no `RoleBinding` can grant.
    pub(crate) fn needs_cluster(self) -> bool {
        matches!(self, Self::NodesProxy | Self::Approval | Self::Webhooks)
    }
}

/// Core resources and those of apps and batch that start pods.
const STARTERS: [(&str, &str); 8] = [
    ("", "pods"),
    ("", "replicationcontrollers"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("apps", "daemonsets"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
];

/// What may be impersonated.
const PERSONS: [(&str, &str); 5] = [
    ("", "users"),
    ("", "groups"),
    ("", "serviceaccounts"),
    ("authentication.k8s.io", "uids"),
    ("authentication.k8s.io", "userextras/*"),
];

/// One policy rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule<'a>(pub(crate) &'a Node);

impl Rule<'_> {
    /// Whether a list of the rule has a word in it.
    pub(crate) fn holds(self, field: &str, word: &str) -> bool {
        self.0.list_at(&[field]).iter().any(|item| item.as_str() == Some(word))
    }

    /// Whether `resourceNames` limits it to named objects.
    pub(crate) fn narrowed(self) -> bool {
        !self.0.list_at(&["resourceNames"]).is_empty()
    }

    /// Whether it allows any of these verbs on a resource. A sub-resource `a/b` is matched by
    /// `a/b`, `*/b` and `*`, never by `a` or `a/*`. No verbs asked for means any verb.
    pub(crate) fn grants(self, group: &str, resource: &str, verbs: &[&str]) -> bool {
        let in_group = self.holds("apiGroups", group) || self.holds("apiGroups", "*");
        in_group && self.grants_somewhere(resource, verbs)
    }

    /// As [`Self::grants`], whatever the API group.
    pub(crate) fn grants_somewhere(self, resource: &str, verbs: &[&str]) -> bool {
        let any_sub = || match resource.split_once('/') {
            Some((_, sub)) => self.holds("resources", &format!("*/{sub}")),
            None => false,
        };
        let verb = || {
            let any = verbs.is_empty() && !self.0.list_at(&["verbs"]).is_empty();
            any || self.holds("verbs", "*") || verbs.iter().any(|verb| self.holds("verbs", verb))
        };
        (self.holds("resources", resource) || self.holds("resources", "*") || any_sub()) && verb()
    }

    /// Every verb on every resource of every group, on objects of any name.
    pub(crate) fn is_everything(self) -> bool {
        ["apiGroups", "resources", "verbs"].iter().all(|field| self.holds(field, "*"))
            && !self.narrowed()
    }

    fn impersonates(self) -> bool {
        let extra = |item: &Node| item.as_str().is_some_and(|r| r.starts_with("userextras/"));
        PERSONS.iter().any(|(group, resource)| self.grants(group, resource, &["impersonate"]))
            || (self.holds("verbs", "impersonate") || self.holds("verbs", "*"))
                && (self.holds("apiGroups", "authentication.k8s.io")
                    || self.holds("apiGroups", "*"))
                && self.0.list_at(&["resources"]).iter().any(extra)
    }

    /// Whether it gives this power.
    pub(crate) fn gives(self, power: Power) -> bool {
        if power == Power::Tokens {
            // One named account is enough to act as that account.
            return self.grants("", "serviceaccounts/token", &["create"]);
        }
        if self.narrowed() {
            return false;
        }
        match power {
            Power::All => self.is_everything(),
            Power::Escalate => ["roles", "clusterroles"]
                .iter()
                .any(|resource| self.grants(RBAC, resource, &["escalate", "bind"])),
            Power::Impersonate => self.impersonates(),
            Power::Secrets => self.grants("", "secrets", &["get", "list", "watch"]),
            Power::Workloads => {
                STARTERS.iter().any(|(group, resource)| self.grants(group, resource, &["create"]))
            }
            Power::Exec => self.grants("", "pods/exec", &["create", "get"]),
            Power::NodesProxy => self.grants("", "nodes/proxy", &[]),
            Power::Tokens => false,
            Power::Approval => self.grants(
                "certificates.k8s.io",
                "certificatesigningrequests/approval",
                &["update", "patch"],
            ),
            Power::Webhooks => ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"]
                .iter()
                .any(|resource| {
                    let verbs = ["create", "update", "patch"];
                    self.grants("admissionregistration.k8s.io", resource, &verbs)
                }),
        }
    }
}

/// The powers that some of these rules give.
pub(crate) fn powers(rules: &[Node]) -> Vec<Power> {
    Power::ALL
        .into_iter()
        .filter(|power| rules.iter().any(|rule| Rule(rule).gives(*power)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rule(groups: &[&str], resources: &[&str], verbs: &[&str]) -> Node {
        Node::from(&json!({"apiGroups": groups, "resources": resources, "verbs": verbs}))
    }

    #[test]
    fn sub_resources_need_their_own_name_or_a_wildcard() {
        let cases = [
            (&["pods"][..], false),
            (&["pods/*"], false),
            (&["pods/exec"], true),
            (&["*/exec"], true),
            (&["*"], true),
            (&["*/log"], false),
        ];
        for (resources, expected) in cases {
            let rule = rule(&[""], resources, &["create"]);
            assert_eq!(Rule(&rule).grants("", "pods/exec", &["create"]), expected, "{resources:?}");
        }
        assert!(!Rule(&rule(&["apps"], &["pods"], &["*"])).grants("", "pods", &["get"]));
        assert!(!Rule(&Node::Null).grants("", "pods", &[]));
        let urls = Node::from(&json!({"nonResourceURLs": ["*"], "verbs": ["*"]}));
        assert!(!Rule(&urls).grants("", "pods", &["get"]));
    }

    #[test]
    fn powers_are_seen_one_by_one() {
        let cases = [
            (rule(&["*"], &["*"], &["*"]), Power::ALL.to_vec()),
            (rule(&[RBAC], &["clusterroles"], &["bind"]), vec![Power::Escalate]),
            (rule(&[""], &["groups"], &["impersonate"]), vec![Power::Impersonate]),
            (
                rule(&["authentication.k8s.io"], &["userextras/scopes"], &["impersonate"]),
                vec![Power::Impersonate],
            ),
            (rule(&[""], &["secrets"], &["watch"]), vec![Power::Secrets]),
            (rule(&[""], &["secrets"], &["create"]), vec![]),
            (rule(&["batch"], &["cronjobs"], &["create"]), vec![Power::Workloads]),
            (rule(&[""], &["pods/exec"], &["get"]), vec![Power::Exec]),
            (rule(&[""], &["nodes/proxy"], &["list"]), vec![Power::NodesProxy]),
            (rule(&[""], &["serviceaccounts/token"], &["create"]), vec![Power::Tokens]),
            (rule(&[""], &["pods"], &["get", "delete"]), vec![]),
        ];
        for (rule, expected) in cases {
            assert_eq!(powers(std::slice::from_ref(&rule)), expected, "{rule:?}");
        }
    }

    #[test]
    fn names_narrow_everything_but_tokens() {
        let narrowed = |resource: &str, verb: &str| {
            Node::from(&json!({"apiGroups": ["*"], "resources": [resource], "verbs": [verb],
                "resourceNames": ["a"]}))
        };
        assert_eq!(powers(&[narrowed("secrets", "get")]), []);
        assert_eq!(powers(&[narrowed("serviceaccounts/token", "create")]), [Power::Tokens]);
        assert!(!Rule(&narrowed("*", "*")).is_everything());
    }
}
