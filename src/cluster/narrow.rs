//! What may not be listed in the whole cluster, namespace by namespace.
//!
//! An account may have rights in one of thousands of namespaces, and nobody tells in which: a review of its
//! access would be a write. The kinds that are wanted most find out, and the others are asked for there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt as _;

use super::api_resource::ApiResource;
use super::list::ListResult;
use super::read::{ClusterReader, LISTS_AT_ONCE, ReadStep};
use super::store::Slot;
use crate::model::kinds::Kind;
use crate::model::read::{NOT_ASKED_ANY_MORE, ReadStatus};

/// So many refusals are taken to learn in which namespaces something may be read. Each takes a few
/// milliseconds, several of them at once.
const MOST_REFUSALS: usize = 2_000;
/// After that a kind is asked for in other namespaces until so many in a row refused it.
const IN_A_ROW: usize = 20;

/// Where something may be read, as far as a reading has learnt.
#[derive(Default)]
pub(super) struct KnownRights {
    /// Namespaces in which something was not refused.
    open: Mutex<BTreeSet<String>>,
    refusals: AtomicUsize,
}

impl KnownRights {
    fn is_open(&self, namespace: &str) -> bool {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).contains(namespace)
    }

    fn opened(&self, namespace: &str) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(namespace.to_owned());
    }

    /// Whether a kind that so many namespaces in a row refused is asked for in this one.
    fn ask(&self, namespace: &str, in_a_row: usize) -> bool {
        self.refusals.load(Ordering::Relaxed) < MOST_REFUSALS
            || in_a_row < IN_A_ROW
            || self.is_open(namespace)
    }
}

impl ClusterReader<'_> {
    /// Lists these namespace by namespace.
    pub(super) async fn narrow(&self, targets: &[Arc<ApiResource>], places: &[String]) {
        let lists = targets.iter().flat_map(|target| {
            places.iter().map(|place| {
                let namespace = Some(place.clone());
                (Slot { kind: target.kind.clone(), namespace }, Arc::clone(target))
            })
        });
        self.narrow_lists(lists.collect()).await;
    }

    /// Reads lists of single namespaces. Namespaces that somebody named are all asked, and so is that of the
    /// context.
    pub(super) async fn narrow_lists(&self, lists: Vec<(Slot, Arc<ApiResource>)>) {
        let named = self.request.namespaces.iter().flatten().map(String::as_str);
        named.chain(self.connection.namespace()).for_each(|name| self.rights.opened(name));
        let mut in_a_row = BTreeMap::<Kind, AtomicUsize>::new();
        for (slot, _) in &lists {
            if !in_a_row.contains_key(&slot.kind) {
                in_a_row.insert(slot.kind.clone(), AtomicUsize::new(0));
            }
        }
        let planned = lists.iter().map(|(slot, target)| (slot.clone(), Some(Arc::clone(target))));
        self.send(ReadStep::Planned(planned.collect())).await;
        let in_a_row = &in_a_row;
        let lists = futures::stream::iter(lists).map(|(slot, target)| async move {
            let listed = match in_a_row.get(&slot.kind) {
                Some(in_a_row) => self.one(&slot, &target, in_a_row).await,
                None => self.list(&slot, &target, &[]).await,
            };
            self.send(ReadStep::Done(slot, Some(target), listed)).await;
        });
        lists.buffer_unordered(LISTS_AT_ONCE).for_each(|()| async {}).await;
    }

    async fn one(
        &self,
        slot: &Slot,
        target: &Arc<ApiResource>,
        in_a_row: &AtomicUsize,
    ) -> ListResult {
        let place = slot.namespace.as_deref().unwrap_or_default();
        if !self.rights.ask(place, in_a_row.load(Ordering::Relaxed)) {
            return ListResult::without(ReadStatus::NotAsked, Some(NOT_ASKED_ANY_MORE.to_owned()));
        }
        let listed = self.list(slot, target, &[]).await;
        if listed.status == ReadStatus::Forbidden {
            in_a_row.fetch_add(1, Ordering::Relaxed);
            self.rights.refusals.fetch_add(1, Ordering::Relaxed);
        } else {
            in_a_row.store(0, Ordering::Relaxed);
            // What failed tells nothing of rights.
            if matches!(listed.status, ReadStatus::Complete | ReadStatus::Partial) {
                self.rights.opened(place);
            }
        }
        listed
    }
}
