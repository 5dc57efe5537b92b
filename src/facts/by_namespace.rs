//! What is worked out namespace by namespace, so that a change in one leaves the others as they are.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::inventory::Inventory;

/// Something about each namespace in use, shared between the facts of one moment and the next.
#[derive(Clone, Debug)]
pub(crate) struct ByNamespace<T>(FxHashMap<Box<str>, Arc<T>>);

impl<T> ByNamespace<T> {
    /// Works it out for every namespace.
    pub(crate) fn of(inventory: &Inventory, make: impl Fn(&str) -> T) -> Self {
        let names = inventory.namespaces();
        Self(names.into_iter().map(|name| (name.into(), Arc::new(make(name)))).collect())
    }

    /// The same with some namespaces worked out anew.
    pub(crate) fn after(&self, names: &BTreeSet<&str>, make: impl Fn(&str) -> T) -> Self {
        let mut all = self.0.clone();
        for name in names.iter().filter(|name| !name.is_empty()) {
            all.insert((*name).into(), Arc::new(make(name)));
        }
        Self(all)
    }

    /// The same with some namespaces worked out anew; none where they come to what they were.
    pub(crate) fn moved(&self, names: &BTreeSet<&str>, make: impl Fn(&str) -> T) -> Option<Self>
    where
        T: PartialEq,
    {
        let after = self.after(names, make);
        let same = names.iter().all(|name| after.get(name) == self.get(name));
        (!same).then_some(after)
    }

    /// What is known of a namespace; none if it is not in use.
    pub(crate) fn get(&self, namespace: &str) -> Option<&T> {
        self.0.get(namespace).map(|found| &**found)
    }

    /// Every namespace, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(name, found)| (&**name, &**found))
    }
}
