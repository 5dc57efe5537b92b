//! Clusters that leave little to look at: nothing may be read, or nothing runs there.

use std::collections::BTreeSet;

use crate::model::kinds::BUILTINS;
use crate::model::read::ReadStatus;

use super::action::Action;
use super::data::Data;
use super::keymap::Keymap;

/// Kinds that run something.
const RUNNING: [&str; 7] =
    ["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"];

/// Why there is nothing to look at though the cluster was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barren {
    /// Not one list was answered.
    Blind {
        /// So many were refused.
        refused: usize,
        /// So many failed otherwise.
        failed: usize,
    },
    /// The lists of what runs were answered, and nothing was in them.
    Idle,
}

impl Barren {
    /// Why nothing is known, if that is so, in a few words.
    #[must_use]
    pub fn unread(self) -> Option<&'static str> {
        match self {
            Self::Blind { failed: 0, .. } => Some("nothing may be read"),
            Self::Blind { .. } => Some("nothing could be read"),
            Self::Idle => None,
        }
    }

    /// What is the matter, and what to do: a sentence each, short enough for half a screen.
    #[must_use]
    pub fn told(self, keymap: &Keymap) -> [String; 2] {
        let key = |action| keymap.told(action);
        match self {
            Self::Blind { refused, failed } => [
                match (refused, failed) {
                    (1, 0) => "Nothing may be read: the one list was refused.".to_owned(),
                    (_, 0) => format!("Nothing may be read: all {refused} lists were refused."),
                    (0, 1) => "Nothing could be read: the one list failed.".to_owned(),
                    (0, _) => format!("Nothing could be read: all {failed} lists failed."),
                    _ => format!("Nothing could be read: {refused} refused, {failed} failed."),
                },
                format!(
                    "{} shows which; {} reads again, or another cluster.",
                    key(Action::Coverage),
                    key(Action::Context)
                ),
            ],
            Self::Idle => [
                "No workloads run here: their lists are empty.".to_owned(),
                format!(
                    "{} shows what is there; {} and {} look elsewhere.",
                    key(Action::Objects),
                    key(Action::Namespace),
                    key(Action::Context)
                ),
            ],
        }
    }
}

impl Data {
    /// Whether there is nothing to look at though the cluster was read, and why.
    #[must_use]
    pub fn barren(&self) -> Option<Barren> {
        let reads = &self.inventory.reads;
        if self.inventory.blind().is_some() {
            // A list that was refused for the cluster is asked for in namespaces, too: it is one list.
            let lists = |status| -> BTreeSet<&str> {
                let some = reads.iter().filter(|read| read.is_list() && read.status == status);
                some.map(|read| read.resource.as_str()).collect()
            };
            let (refused, failed) = (lists(ReadStatus::Forbidden), lists(ReadStatus::Failed));
            let failed = failed.difference(&refused).count();
            return Some(Barren::Blind { refused: refused.len(), failed });
        }
        let running = || BUILTINS.iter().filter(|kind| RUNNING.contains(&kind.kind));
        let runs = running().any(|kind| !self.inventory.of(&kind.kind()).is_empty());
        // Of kinds that were not listed nobody can say so.
        let listed = running().all(|kind| {
            let kind = kind.kind();
            let mut own = reads.iter().filter(|read| read.kind.as_ref() == Some(&kind)).peekable();
            own.peek().is_some() && own.all(|read| read.status.proves_absence())
        });
        (!runs && listed).then_some(Barren::Idle)
    }
}
