//! Who may do what, and through which binding: every subject with the rights that are known of it,
//! every role with who is bound to it, and the lists that would have to be read to know more.

mod build;
mod grade;
mod query;
mod rights;
mod rule;
mod scope;
mod sum;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Facts;
use crate::model::object::{Object, ObjectRef};
use crate::model::read::Missing;

pub use super::rbac::Subject;
pub use super::rbac::grants::Power;
pub(super) use build::missing_in;
pub use grade::{Ability, Grade};
pub use query::{Query, WhoCan};
pub use rights::Right;
pub use rule::Allowed;

/// Who may do what, as far as it could be read.
#[derive(Debug, Default)]
pub struct Access {
    /// Everybody whom a binding names or a workload runs as, the worst right first.
    pub holders: Vec<Arc<Holder>>,
    /// Every role that exists or that a binding refers to, the worst first.
    pub roles: Vec<Arc<RoleUse>>,
    /// What could not be read: there may be more rights than are shown, each for its reason.
    pub unknown: Vec<Arc<Missing>>,
    bindings: Vec<Arc<Bound>>,
    by_subject: FxHashMap<Subject, usize>,
    by_role: FxHashMap<(Box<str>, Box<str>), usize>,
}

/// A subject, and what it can do at worst.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Who.
    pub subject: Subject,
    /// The ways to more than it was given, the worst first, and at least one entry when any right
    /// is known. Rights that come with its groups are among them where they are dangerous.
    pub abilities: Vec<Ability>,
    /// Where its own rights hold, and the dangerous ones that come with its groups.
    pub reach: Reach,
    /// How many bindings name it.
    pub bindings: usize,
    /// What runs as it, in order; for service accounts only.
    pub runs: Vec<Runner>,
    /// The distribution itself put it in every binding that names it, or made the account.
    pub builtin: bool,
    /// Why there may be more than is shown.
    pub unknown: Option<Missing>,
    /// Places of its own bindings.
    own: Vec<usize>,
}

/// Where rights hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// In the whole cluster.
    pub cluster: bool,
    /// In these namespaces besides, in order.
    pub namespaces: Vec<Box<str>>,
}

impl Reach {
    /// Adds a namespace; none is the whole cluster.
    fn add(&mut self, namespace: Option<&str>) {
        let Some(namespace) = namespace else {
            self.cluster = true;
            return;
        };
        if let Err(at) = self.namespaces.binary_search_by(|name| (**name).cmp(namespace)) {
            self.namespaces.insert(at, namespace.into());
        }
    }

    /// Whether anything holds in a namespace.
    #[must_use]
    pub fn covers(&self, namespace: &str) -> bool {
        let found = self.namespaces.binary_search_by(|name| (**name).cmp(namespace));
        self.cluster || found.is_ok()
    }
}

/// A workload that runs as an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runner {
    /// The workload: the topmost owner of its pods.
    pub id: ObjectRef,
    /// Whether its pods hold a token of the account; none when that is not known.
    pub mounted: Option<bool>,
}

/// A binding.
#[derive(Clone, Debug)]
pub struct Bound {
    /// The binding itself.
    pub id: ObjectRef,
    /// Where it grants; none is the whole cluster.
    pub place: Option<Box<str>>,
    /// The role that it refers to; none when the reference is malformed.
    pub role: Option<ObjectRef>,
    /// Whom it names, in the order of its list.
    pub subjects: Vec<Subject>,
    /// Whether the distribution itself put each of them there.
    pub builtin: Vec<bool>,
    /// Place of the role.
    at: Option<usize>,
}

/// A role, with who is bound to it.
#[derive(Clone, Debug)]
pub struct RoleUse {
    /// The role.
    pub id: ObjectRef,
    /// What it is known to be.
    pub state: RoleState,
    /// What its rules allow, one by one.
    pub rules: Vec<Arc<Allowed>>,
    /// The worst it gives to somebody through a binding.
    pub worst: Option<Ability>,
    /// The bindings that refer to it.
    pub bindings: Vec<Arc<Bound>>,
    /// How many subjects they name, each counted once.
    pub subjects: usize,
    /// The distribution made it, and it has not been widened.
    pub builtin: bool,
    object: Option<Arc<Object>>,
    /// Those of its rules, in order, that say all it gives through a binding, wherever that grants.
    telling: Vec<usize>,
    /// Where it is given to somebody: of the places at which rights lead equally far, one each.
    places: Vec<Option<Box<str>>>,
}

/// What is known of a role that a binding refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleState {
    /// It was read.
    Read,
    /// It is proven not to exist: its bindings grant nothing.
    Absent,
    /// It could not be read, or not all that it is made of: what its bindings grant is not known.
    Unread(Missing),
}

impl Access {
    /// Works it out. Takes time with the number of workloads, bindings and subjects; belongs off
    /// the task that answers keys.
    #[must_use]
    pub fn of(facts: &Facts) -> Self {
        build::access(facts)
    }

    /// What is known of a subject.
    #[must_use]
    pub fn holder(&self, subject: &Subject) -> Option<&Arc<Holder>> {
        self.holders.get(*self.by_subject.get(subject)?)
    }

    /// What is known of a role; the namespace is empty for a `ClusterRole`.
    #[must_use]
    pub fn role(&self, namespace: &str, name: &str) -> Option<&Arc<RoleUse>> {
        self.roles.get(*self.by_role.get(&(namespace.into(), name.into()))?)
    }

    /// What could not be read and bears on a namespace; on everything when none is given.
    pub fn unknown_in(&self, namespace: Option<&str>) -> impl Iterator<Item = &Arc<Missing>> {
        self.unknown.iter().filter(move |missing| {
            let elsewhere =
                missing.namespace.as_deref().zip(namespace).is_some_and(|(a, b)| a != b);
            !elsewhere
        })
    }
}

/// What a well-known subject stands for, or how the cluster comes to know one.
#[must_use]
pub fn explain(subject: &Subject) -> String {
    match subject {
        Subject::Group(name) => match &**name {
            "system:masters" => "Whoever signs in with a certificate of this organisation. The API \
                server lets them do everything without asking RBAC: no binding takes it away, and a \
                certificate ends only with its date or with the authority that signed it."
                .to_owned(),
            "system:authenticated" => {
                "Everybody who is signed in: every user, every node, every service account.".to_owned()
            }
            "system:unauthenticated" => "Every request without credentials, from whoever reaches \
                the API server, as long as it allows anonymous requests."
                .to_owned(),
            "system:serviceaccounts" => "Every service account of every namespace.".to_owned(),
            "system:nodes" => "The kubelets. The node authorizer lets each of them see what its own \
                pods need, beside what is bound here."
                .to_owned(),
            name => match name.strip_prefix("system:serviceaccounts:") {
                Some(namespace) => format!("Every service account of namespace {namespace}."),
                None => "The cluster keeps no list of groups: whoever signs people in says who \
                    belongs to it."
                    .to_owned(),
            },
        },
        Subject::User(name) if &**name == "system:anonymous" => {
            "Every request without credentials, as long as the API server allows them.".to_owned()
        }
        Subject::User(_) => "The cluster keeps no list of users, nor of their groups: whoever signs \
            people in says who it is. Rights of further groups come on top."
            .to_owned(),
        Subject::Account { .. } | Subject::Invalid => String::new(),
    }
}

/// The groups that a subject is certainly in.
pub(super) fn groups(subject: &Subject) -> Vec<Subject> {
    let group = |name: &str| Subject::Group(name.into());
    match subject {
        Subject::Account { namespace, .. } => vec![
            group("system:authenticated"),
            group("system:serviceaccounts"),
            group(&format!("system:serviceaccounts:{namespace}")),
        ],
        Subject::User(name) if &**name == "system:anonymous" => {
            vec![group("system:unauthenticated")]
        }
        Subject::User(_) => vec![group("system:authenticated")],
        Subject::Group(_) | Subject::Invalid => Vec::new(),
    }
}
