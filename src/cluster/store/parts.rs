//! The inventory that is made of all lists.

use std::sync::Arc;

use crate::cluster::names::missing;
use crate::model::arriving::Arriving;
use crate::model::inventory::{Inventory, SourceInfo};
use crate::model::kinds::Kind;
use crate::model::object::Object;
use crate::model::read::Read;

/// What an inventory is made of.
pub(in crate::cluster) struct InventoryParts {
    pub(super) source: SourceInfo,
    pub(super) objects: Vec<Arc<Object>>,
    pub(super) names: Vec<(Kind, Vec<Arc<Arriving>>)>,
    pub(super) reads: Vec<Read>,
    pub(super) revision: u64,
}

impl InventoryParts {
    /// Sorts and indexes; milliseconds for thousands of objects.
    pub(in crate::cluster) fn inventory(self) -> Inventory {
        let mut inventory = Inventory::new(self.source, self.objects, self.reads);
        inventory.revision = self.revision;
        for (kind, names) in self.names {
            let missing = missing(names, inventory.of(&kind));
            inventory.arriving.entry(kind).or_default().extend(missing);
        }
        inventory
    }
}
