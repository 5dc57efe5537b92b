//! Which objects belong to the platform itself: static pods, provider add-ons, built-in accounts,
//! roles and bindings. A name alone is never enough; what the object holds must fit it.

mod addons;

use crate::model::inventory::Inventory;
use crate::model::object::Object;

use super::kind::is_workload;
use super::owner;
use super::workload::Workload;

/// Whether an object belongs to the platform.
pub(crate) fn is_platform(inventory: &Inventory, object: &Object) -> bool {
    if let Some(workload) = Workload::of(object) {
        if object.is_mirror_pod() {
            return addons::is_static_pod(workload);
        }
        let id = owner::identity(inventory, object);
        return is_workload(&id.group_kind()) && addons::is_addon(workload, &id);
    }
    false
}
