//! Reads: what was asked of a source, and what came of it.

use serde::{Deserialize, Serialize};

use super::kinds::Kind;

/// What came of one read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadStatus {
    /// Everything that was asked for is here.
    Complete,
    /// Some of it is here, the rest is not.
    Partial,
    /// The server refused it (401 or 403).
    Forbidden,
    /// It failed: time-out, broken answer, server error.
    Failed,
    /// The server's discovery proves that it has no such kind: read and empty.
    NotServed,
    /// The provider of a managed cluster does not show it.
    Hidden,
    /// It was never asked for: an opt-in, or outside the scope.
    NotAsked,
}

impl ReadStatus {
    /// The word used in reports and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Forbidden => "forbidden",
            Self::Failed => "failed",
            Self::NotServed => "not-served",
            Self::Hidden => "hidden",
            Self::NotAsked => "not-asked",
        }
    }

    /// The word as people read it: "not asked", where programs read `not-asked`.
    #[must_use]
    pub fn told(self) -> String {
        self.word().replace('-', " ")
    }

    /// Whether it was asked for and not, or not wholly, given.
    #[must_use]
    pub fn is_lost(self) -> bool {
        matches!(self, Self::Partial | Self::Forbidden | Self::Failed | Self::Hidden)
    }

    /// Whether absence can be concluded from it.
    #[must_use]
    pub fn proves_absence(self) -> bool {
        matches!(self, Self::Complete | Self::NotServed)
    }
}

/// Why Secrets were not asked for.
pub const SECRETS_NOT_ALLOWED: &str = "names, labels and types of Secrets are read only with \
     --allow secret-metadata; the right behind it is still `list secrets`, which could read their \
     values too";

/// Why kubelets were not asked for their configuration.
pub const CONFIGZ_NOT_ALLOWED: &str = "the running configuration of kubelets is read only with \
     --allow configz; the right behind it, get on nodes/proxy, also lets its holder run commands \
     in pods";

/// Why a kind was not asked for in a namespace where it may not be listed in the whole cluster.
pub const NOT_ASKED_ANY_MORE: &str = "not asked: too many other namespaces refused to be read, and nothing \
     is known to be readable in this one; -n asks it by name";

/// In the message of a list that brought all there was and is not up to date any more.
pub const NOT_UP_TO_DATE: &str = "not up to date since";
/// In the message of a list that is read from time to time because it cannot be watched.
pub const READ_AGAIN: &str = "read again every";

/// One attempt to learn something.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Read {
    /// `rbac.authorization.k8s.io/v1/rolebindings`.
    pub resource: String,
    /// The kind whose objects it brings; none for reads that bring none (`/version`).
    #[serde(skip)]
    pub kind: Option<Kind>,
    /// The namespace asked for, none for the whole cluster.
    pub namespace: Option<String>,
    /// What came of it.
    pub status: ReadStatus,
    /// Objects received.
    pub items: usize,
    /// The server's or our words when it is not complete.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub millis: Option<u64>,
}

impl Read {
    /// In a word what keeps a list that brought everything from being as the cluster is now.
    #[must_use]
    pub fn age(&self) -> Option<&'static str> {
        let message = self.message.as_deref().filter(|_| self.status == ReadStatus::Complete)?;
        match message {
            _ if message.contains(NOT_UP_TO_DATE) => Some("stale"),
            // End points cannot be watched at all.
            _ if message.contains(READ_AGAIN) && self.is_list() => Some("not watched"),
            _ => None,
        }
    }

    /// What is said of it apart from how old it is, where that is told by when it is read again.
    #[must_use]
    pub fn said(&self) -> Option<&str> {
        let message = self.message.as_deref()?;
        let again = message.split_once(READ_AGAIN).filter(|_| !message.contains(NOT_UP_TO_DATE));
        let Some((_, rest)) = again else { return Some(message) };
        // ` 60 s; 1 item is no pods`
        rest.split_once("; ").map(|(_, said)| said)
    }

    /// Whether it asked for a list of objects, and not for what an end point says.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.kind.as_ref().is_some_and(|kind| kind.end_point().is_none())
    }
}

/// Why something is not known: the read that would have told it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Missing {
    /// `rolebindings`: the plural, or what else was to be read.
    pub read: String,
    /// In which namespace, none for the whole cluster.
    pub namespace: Option<String>,
    /// Why it is missing.
    pub status: ReadStatus,
    /// The sentence shown: "cannot list rolebindings in team-a: forbidden".
    pub reason: String,
}

/// What is read beside lists and end points: a rule that leaves its own question open.
pub const RULE: &str = "rule";

/// What reasons share that may say the same about different things, such as an image each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Likeness {
    read: String,
    status: ReadStatus,
    checks: Vec<String>,
    words: usize,
    first: String,
}

impl Missing {
    /// Whether a rule leaves its own question open.
    #[must_use]
    pub fn is_of_rule(&self) -> bool {
        self.read == RULE
    }

    /// Equal for reasons that may be told as one; `checks` are those that it is in the way of.
    #[must_use]
    pub fn likeness<'c>(&self, checks: impl IntoIterator<Item = &'c str>) -> Likeness {
        // What a rule leaves open is a matter of its check.
        let checks = checks.into_iter().filter(|_| self.is_of_rule()).map(str::to_owned).collect();
        let mut words = self.reason.split(' ');
        let first = words.next().unwrap_or_default().to_owned();
        let (read, status, words) = (self.read.clone(), self.status, words.count());
        Likeness { read, status, checks, words, first }
    }

    /// Files are an open world: what they do not show may exist all the same.
    #[must_use]
    pub fn in_files(plural: &str, namespace: Option<&str>) -> Self {
        let place = namespace.map(|ns| format!(" in {ns}")).unwrap_or_default();
        Self {
            read: plural.to_owned(),
            namespace: namespace.map(str::to_owned),
            status: ReadStatus::NotAsked,
            reason: format!("the files may not show all {plural}{place}"),
        }
    }

    /// What a capture of some namespaces left out.
    #[must_use]
    pub fn left_out(plural: &str, kept: &[String]) -> Self {
        Self {
            read: plural.to_owned(),
            namespace: None,
            status: ReadStatus::NotAsked,
            reason: format!("{plural}: the snapshot holds those of {} alone", kept.join(", ")),
        }
    }

    /// The missing answer of an end point that is no list.
    #[must_use]
    pub fn answer(end_point: &str, status: ReadStatus, message: Option<&str>) -> Self {
        let why = message.unwrap_or_else(|| match status {
            ReadStatus::NotAsked => "not asked for",
            other => other.word(),
        });
        let reason = format!("{end_point}: {why}");
        Self { read: end_point.to_owned(), namespace: None, status, reason }
    }

    /// The list of a namespace that was not asked for after others were refused.
    #[must_use]
    pub fn not_asked_any_more(plural: &str, namespace: &str) -> Self {
        let missing = Self::list(plural, Some(namespace), ReadStatus::NotAsked);
        let reason =
            format!("{} after too many refusals elsewhere; -n NAMESPACE asks", missing.reason);
        Self { reason, ..missing }
    }

    /// The missing list of a resource.
    #[must_use]
    pub fn list(plural: &str, namespace: Option<&str>, status: ReadStatus) -> Self {
        let place = namespace.map(|ns| format!(" in {ns}")).unwrap_or_default();
        let reason = match status {
            ReadStatus::NotAsked => format!("{plural}{place} were not asked for"),
            ReadStatus::Partial => format!("the list of {plural}{place} is incomplete"),
            ReadStatus::Hidden => format!("{plural}{place}: hidden by the provider"),
            // Namespaces are in none: one is got by its name where they may not be listed.
            other if plural == "namespaces" && namespace.is_some() => {
                let name = namespace.unwrap_or_default();
                format!("cannot get the namespace {name}: {}", other.word())
            }
            other => format!("cannot list {plural}{place}: {}", other.word()),
        };
        Self { read: plural.to_owned(), namespace: namespace.map(str::to_owned), status, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_list_is_not_how_old_it_is() {
        let said = |message: Option<&str>| {
            let message = message.map(str::to_owned);
            let (resource, kind, namespace) = ("v1/pods".to_owned(), None, None);
            let (status, items, millis) = (ReadStatus::Partial, 1, None);
            let read = Read { resource, kind, namespace, status, items, message, millis };
            read.said().map(str::to_owned)
        };
        assert_eq!(said(None), None);
        assert_eq!(said(Some("1 item is no pods")).as_deref(), Some("1 item is no pods"));
        let again = format!("as of 2026-11-28T12:00:00Z; no watch; {READ_AGAIN} 60 s");
        assert_eq!(said(Some(&again)), None);
        assert_eq!(said(Some(&format!("{again}; a; b"))).as_deref(), Some("a; b"));
        let stale = format!("as of 2026-11-28T12:00:00Z; {NOT_UP_TO_DATE}: pods: boom");
        assert_eq!(said(Some(&stale)), Some(stale));
    }
}
