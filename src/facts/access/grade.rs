//! How far a right leads.

use crate::facts::access::Power;

/// Where rights over the cluster's own workloads are rights over the cluster.
const SYSTEM: &str = "kube-system";

/// How far a right leads, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grade {
    /// Its holder is, or can make itself, cluster-admin.
    Admin,
    /// A way to the whole cluster.
    Takeover,
    /// The same within a namespace.
    Namespace,
    /// Changes objects.
    Change,
    /// Reads objects.
    Read,
}

impl Grade {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Admin, Self::Takeover, Self::Namespace, Self::Change, Self::Read];

    /// The word on screens and in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Takeover => "takeover",
            Self::Namespace => "namespace",
            Self::Change => "change",
            Self::Read => "read",
        }
    }

    /// What the word means.
    #[must_use]
    pub fn explain(self) -> &'static str {
        match self {
            Self::Admin => "is cluster-admin, or can make itself so by RBAC alone",
            Self::Takeover => "a way to the whole cluster",
            Self::Namespace => "a way to everything in a namespace",
            Self::Change => "changes objects",
            Self::Read => "reads objects",
        }
    }

    /// Whether everything leads equally far at two places.
    pub(super) fn is_alike(one: Option<&str>, other: Option<&str>) -> bool {
        one.is_some() == other.is_some() && (one == Some(SYSTEM)) == (other == Some(SYSTEM))
    }

    /// How far a power leads at a place; none where it comes to nothing.
    pub(super) fn of(power: Power, place: Option<&str>) -> Option<Self> {
        if place.is_some() && power.needs_cluster() {
            return None;
        }
        Some(match place {
            None | Some(SYSTEM) if power.is_admin() => Self::Admin,
            None | Some(SYSTEM) => Self::Takeover,
            Some(_) => Self::Namespace,
        })
    }
}

/// One thing that a subject can do, at worst.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ability {
    /// How far it leads.
    pub grade: Grade,
    /// What it is; none for plain changing and reading.
    pub power: Option<Power>,
    /// Where it holds; none is the whole cluster.
    pub place: Option<Box<str>>,
    /// In how many namespaces it holds in all; 0 for the whole cluster.
    pub places: usize,
    /// The binding through which it comes, by its place; none when the API server grants it itself.
    pub(super) binding: Option<usize>,
    /// Which rule of the role gives it.
    pub rule: usize,
    /// The group it comes with; none when the subject is bound itself.
    pub through: Option<super::Subject>,
}

impl Ability {
    /// `read secrets`, `read secrets in pay`, `read secrets in 3 namespaces`.
    #[must_use]
    pub fn text(&self) -> String {
        let what = self.power.map_or_else(|| self.grade.explain(), Power::reason);
        let place = match (&self.place, self.places) {
            (None, _) => String::new(),
            (Some(name), 0..=1) => format!(" in {name}"),
            (Some(_), many) => format!(" in {many} namespaces"),
        };
        format!("{what}{place}")
    }

    /// What abilities are sorted by: what a subject is bound to itself before what everybody in its
    /// groups can do as well.
    pub(super) fn order(&self) -> (Grade, bool, Option<Power>) {
        (self.grade, self.through.is_some(), self.power)
    }
}
