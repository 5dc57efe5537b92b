//! Where lists are: in the whole cluster, or in single namespaces where that is all that is allowed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::list_state::ListState;
use super::{Slot, Store};
use crate::cluster::api_resource::ApiResource;
use crate::model::kinds::Kind;
use crate::model::read::ReadStatus;

impl Store {
    /// The names that a complete list of namespaces or nodes gives, with what came of the list.
    pub(in crate::cluster) fn names(
        &self,
        kind: Kind,
    ) -> (Vec<String>, ReadStatus, Option<String>) {
        let list = self.lists.get(&Slot { kind, namespace: None });
        let Some(list) = list else { return (Vec::new(), ReadStatus::NotAsked, None) };
        let names = list.objects.values().map(|object| object.id.name.to_string()).collect();
        (names, list.status, list.message.clone())
    }

    /// Kinds that are read namespace by namespace.
    pub(in crate::cluster) fn narrow(&self) -> BTreeMap<Kind, Arc<ApiResource>> {
        let narrow = self.lists.iter().filter(|(slot, _)| slot.is_narrow());
        let target = |(slot, list): (&Slot, &ListState)| {
            list.target.clone().map(|target| (slot.kind.clone(), target))
        };
        narrow.filter_map(target).collect()
    }

    /// What is read namespace by namespace and is not here of these: all of one that came, what was
    /// refused of another.
    pub(in crate::cluster) fn unread(
        &self,
        places: &BTreeSet<String>,
    ) -> Vec<(Slot, Arc<ApiResource>)> {
        let lists = self.narrow().into_iter().flat_map(|(kind, target)| {
            places.iter().map(move |place| {
                (Slot { kind: kind.clone(), namespace: Some(place.clone()) }, Arc::clone(&target))
            })
        });
        let is_here = |slot: &Slot| self.lists.get(slot).is_some_and(|list| list.held.is_whole());
        lists.filter(|(slot, _)| !is_here(slot)).collect()
    }

    /// Lists of single namespaces are gone where theirs is not among these. So are those of kinds that
    /// are here for the whole cluster. Returns these.
    pub(in crate::cluster) fn leave(&mut self, places: &BTreeSet<String>) -> Vec<Slot> {
        let gone = |slot: &Slot| {
            let wide = Slot { kind: slot.kind.clone(), namespace: None };
            let wide = self.lists.get(&wide).is_some_and(|list| list.held.is_whole());
            slot.namespace.as_ref().is_some_and(|place| !places.contains(place)) || wide
        };
        let gone: Vec<Slot> =
            self.lists.keys().filter(|slot| slot.is_narrow() && gone(slot)).cloned().collect();
        self.remove(&gone);
        gone
    }

    /// A kind may be listed in the whole cluster again: its lists by namespace are gone. Returns these.
    pub(in crate::cluster) fn widen(&mut self, kind: &Kind) -> Vec<Slot> {
        let narrow = self.lists.keys().filter(|s| s.kind == *kind && s.namespace.is_some());
        let narrow: Vec<Slot> = narrow.cloned().collect();
        self.remove(&narrow);
        narrow
    }

    /// Lists that were refused from the first, which nobody keeps: so many after that one, in turn.
    pub(in crate::cluster) fn refused(
        &self,
        after: Option<&Slot>,
        most: usize,
    ) -> Vec<(Slot, Arc<ApiResource>)> {
        let refused = self.lists.iter().filter_map(|(slot, list)| {
            let kept = !list.held.is_refused() || list.tended(slot, None).is_some();
            list.target.clone().filter(|_| !kept).map(|target| (slot.clone(), target))
        });
        let (before, rest): (Vec<_>, Vec<_>) =
            refused.partition(|(slot, _)| after.is_some_and(|after| slot <= after));
        rest.into_iter().chain(before).take(most).collect()
    }
}
