//! What is known about findings: decisions, answers and imports of the session, and what files and
//! annotations say besides.

use std::sync::Arc;

use crate::app::event::SessionEvent;
use crate::imports::objects;
use crate::model::ledger::Ledger;
use crate::runtime::clock::today;
use crate::triage::Brought;

/// The ledger in force, and its version.
#[derive(Default)]
pub(super) struct Known {
    ledger: Arc<Ledger>,
    /// Grows whenever what is decided changes: by it what was judged by older decisions is told.
    version: u64,
}

/// What a word of the session changes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Changed {
    /// Nothing that is judged by.
    Nothing,
    /// Decisions or answers.
    Decided,
    /// Results of other tools; whether they hold what checks look at.
    Imported(bool),
}

impl Known {
    /// What is known now.
    pub fn ledger(&self) -> Arc<Ledger> {
        Arc::clone(&self.ledger)
    }

    /// Which decisions are in force.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether something was decided since.
    pub fn is_past(&self, version: u64) -> bool {
        self.version != version
    }

    /// What was judged before is judged by older decisions.
    pub fn turn(&mut self) {
        self.version += 1;
    }

    /// Another session, or none yet.
    pub fn forget(&mut self) {
        self.ledger = Arc::default();
        self.turn();
    }

    /// What files and annotations say, in the place of what they said before.
    pub fn bring(&mut self, brought: &Brought) {
        self.ledger.bring(brought.decisions(&today()));
    }

    /// Takes in what a session says.
    pub fn hear(&mut self, event: &SessionEvent) -> Changed {
        match event {
            SessionEvent::Opened { ledger, .. } => {
                let before = Arc::clone(&self.ledger);
                self.ledger = Arc::clone(ledger).after(&mut self.ledger);
                // The session that a first run begins changes nothing.
                if self.ledger == before { Changed::Nothing } else { Changed::Decided }
            }
            SessionEvent::Closed => {
                self.ledger = Arc::<Ledger>::default().after(&mut self.ledger);
                Changed::Decided
            }
            SessionEvent::Decided { changes, .. } | SessionEvent::Settled { changes, .. } => {
                let ledger = Arc::make_mut(&mut self.ledger);
                for (fingerprint, past) in changes {
                    ledger.decided(Arc::clone(fingerprint), Arc::clone(past));
                }
                Changed::Decided
            }
            SessionEvent::Attested { answers, .. } => {
                let ledger = Arc::make_mut(&mut self.ledger);
                for (key, answer) in answers {
                    ledger.attested(key.clone(), answer.clone());
                }
                Changed::Decided
            }
            SessionEvent::Imported { imports, .. } => {
                Arc::make_mut(&mut self.ledger).imports.extend_from_slice(imports);
                Changed::Imported(imports.iter().any(objects::has_objects))
            }
            SessionEvent::Imports { imports, .. } => {
                let known = &mut Arc::make_mut(&mut self.ledger).imports;
                let old = std::mem::replace(known, imports.clone());
                Changed::Imported(old.iter().chain(imports).any(objects::has_objects))
            }
            _ => Changed::Nothing,
        }
    }
}
