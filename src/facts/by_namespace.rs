//! What is worked out namespace by namespace, so that a change in one leaves the others as they are.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::inventory::Inventory;

/// Something about each namespace in use, shared between the facts of one moment and the next.
#[derive(Debug)]
pub(crate) struct ByNamespace<T>(FxHashMap<Box<str>, Arc<T>>);

impl<T> Clone for ByNamespace<T> {
    /// Another map of the same.
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

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
        let mut all = None;
        for name in names.iter().filter(|name| !name.is_empty()) {
            let new = make(name);
            if self.get(name) != Some(&new) {
                let all = all.get_or_insert_with(|| self.0.clone());
                all.insert((*name).into(), Arc::new(new));
            }
        }
        all.map(Self)
    }

    /// The namespaces that were worked out anew since `before`. One that is in use no longer is kept.
    pub(crate) fn differing(&self, before: &Self) -> Vec<&str> {
        let same = |name: &str, found: &Arc<T>| {
            before.0.get(name).is_some_and(|known| Arc::ptr_eq(known, found))
        };
        let all = self.0.iter().filter(|(name, found)| !same(name, found));
        all.map(|(name, _)| &**name).collect()
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
