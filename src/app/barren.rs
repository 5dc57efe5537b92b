//! Clusters that leave little to look at: nothing may be read, or nothing runs there.

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
    /// Not one list was answered, and so many were refused.
    Refused(usize),
    /// The lists of what runs were answered, and nothing was in them.
    Idle,
}

impl Barren {
    /// What is the matter, and what to do: a sentence each, short enough for half a screen.
    #[must_use]
    pub fn told(self, keymap: &Keymap) -> [String; 2] {
        let key = |action| keymap.told(action);
        match self {
            Self::Refused(lists) => [
                match lists {
                    1 => "Nothing may be read: the one list was refused.".to_owned(),
                    _ => format!("Nothing may be read: all {lists} lists were refused."),
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
        let count = |status| reads.iter().filter(|read| read.status == status).count();
        let refused = count(ReadStatus::Forbidden);
        let answered = count(ReadStatus::Complete) + count(ReadStatus::Partial);
        if answered == 0 && refused > 0 {
            return Some(Barren::Refused(refused));
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
