//! What several objects say together, worked out beside the task that answers keys: who may do
//! what, and who reaches whom.

use std::sync::Arc;

use crate::facts::access::Access;
use crate::facts::network::Network;
use crate::model::inventory::Inventory;

use super::effect::{ByIdentity, Effect};
use super::route::Screen;
use super::state::State;

/// What is worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Who may do what.
    Access,
    /// Who reaches whom.
    Network,
}

/// Something worked out.
#[derive(Clone, Debug)]
pub enum Related {
    /// Who may do what.
    Access(Arc<Access>),
    /// Who reaches whom.
    Network(Arc<Network>),
}

/// What is worked out of the objects, and of which.
#[derive(Clone, Debug, Default)]
pub struct Relations {
    /// Who may do what.
    pub access: Option<Arc<Access>>,
    /// Who reaches whom.
    pub network: Option<Arc<Network>>,
    access_of: Progress,
    network_of: Progress,
}

/// Of which objects something was worked out last, and whether it is being worked out.
#[derive(Clone, Debug, Default)]
struct Progress {
    of: Option<Arc<Inventory>>,
    asked: bool,
}

impl Relations {
    fn progress(&mut self, relation: Relation) -> &mut Progress {
        match relation {
            Relation::Access => &mut self.access_of,
            Relation::Network => &mut self.network_of,
        }
    }

    /// Whether something has to be worked out anew. What is asked for is not asked for again until
    /// it comes, however often the objects change meanwhile.
    fn ask(&mut self, relation: Relation, inventory: &Arc<Inventory>) -> bool {
        let progress = self.progress(relation);
        let same = progress.of.as_ref().is_some_and(|of| Arc::ptr_eq(of, inventory));
        if same || progress.asked {
            return false;
        }
        progress.asked = true;
        true
    }

    /// Whether something is being worked out of which nothing is known yet.
    pub(super) fn is_awaited(&self, relation: Relation) -> bool {
        match relation {
            Relation::Access => self.access.is_none() && self.access_of.asked,
            Relation::Network => self.network.is_none() && self.network_of.asked,
        }
    }

    fn take(&mut self, of: Arc<Inventory>, related: Related) {
        let relation = match related {
            Related::Access(access) => {
                self.access = Some(access);
                Relation::Access
            }
            Related::Network(network) => {
                self.network = Some(network);
                Relation::Network
            }
        };
        *self.progress(relation) = Progress { of: Some(of), asked: false };
    }
}

impl State {
    /// What the screen on top needs to have worked out, if anything.
    pub(super) fn wanted(&mut self) -> Option<Effect> {
        let relation = match &self.nav.top().screen {
            Screen::Access(_) => Relation::Access,
            Screen::Network(_) => Relation::Network,
            _ => return None,
        };
        let inventory = &self.data.inventory;
        // While lists are under way every page would ask anew.
        if self.source.loading || inventory.is_empty() && inventory.reads.is_empty() {
            return None;
        }
        let asked = self.data.relations.ask(relation, inventory);
        asked.then(|| Effect::Relate(relation, ByIdentity(Arc::clone(inventory))))
    }

    pub(super) fn related(&mut self, of: Arc<Inventory>, related: Related) {
        self.data.relations.take(of, related);
        self.data.stamp += 1;
    }
}
