//! What the owner makes of a look around: lists that are read again, kinds and namespaces that came or
//! went.

use std::collections::BTreeSet;

use super::Owner;
use crate::cluster::again::{self, LookAround};
use crate::cluster::configz::Nodes;
use crate::cluster::read::ReadStep;
use crate::cluster::side::{Duty, SideEvent};
use crate::cluster::store::Slot;
use crate::model::kinds::Kind;
use crate::model::read::ReadStatus;

/// How many lists that were refused from the first are asked for again at a time.
const AT_ONCE: usize = 100;

impl Owner {
    /// Takes in what happened beside.
    pub(super) fn beside(&mut self, beside: SideEvent) {
        match beside {
            SideEvent::Ended => self.side.ended(),
            SideEvent::Due => {}
            SideEvent::Step(ReadStep::Found(found)) => {
                self.dirty |= self.store.gaps(&again::gaps(&found));
                self.side.found(found);
            }
            SideEvent::Step(ReadStep::Renew(kinds)) => self.store.begin(Some(&kinds)),
            SideEvent::Step(ReadStep::Renewed(kinds)) => {
                let gone = self.store.finish(Some(&kinds));
                self.drop_lists(&gone);
                self.side.kinds_read();
                self.dirty = true;
            }
            SideEvent::Step(ReadStep::Entered) => {
                self.side.places_read();
                // Some may have gone meanwhile.
                if let Some(places) = self.all_places() {
                    self.leave(&places);
                }
            }
            SideEvent::Step(step @ ReadStep::Done(..)) => self.done(step),
            SideEvent::Step(ReadStep::Allowed(slot, target, listed)) => {
                // It may have gone meanwhile, or have been read by others.
                if self.store.is_forbidden(&slot) {
                    self.done(ReadStep::Done(slot.clone(), Some(target), listed));
                    self.allowed(slot);
                }
            }
            SideEvent::Step(step) => {
                self.store.apply(step);
            }
        }
    }

    /// A list was read beside: whoever kept it begins anew.
    fn done(&mut self, step: ReadStep) {
        let ReadStep::Done(slot, ..) = &step else { return };
        let slot = slot.clone();
        self.keepers.end(&slot);
        // What the watch left belongs to the list that is replaced.
        self.absorb();
        self.store.apply(step);
        self.store.parts_are_old(Some(&slot));
        if let Some(tended) = self.store.tended_one(&slot) {
            self.keepers.keep(&self.connection, &self.inbox, tended);
        }
        self.date_answers();
        self.dirty = true;
    }

    /// A list that was refused from the first is not any more: what was read in its place is not needed,
    /// and where one kind may be read, others may.
    fn allowed(&mut self, slot: Slot) {
        match slot.namespace {
            None => self.widen(&slot.kind),
            Some(namespace) => self.side.also([namespace].into()),
        }
    }

    /// Begins what is due.
    pub(super) fn look_around(&mut self) {
        let Some(duty) = self.side.duty() else { return };
        let (connection, request) = (self.connection.clone(), self.request.clone());
        match duty {
            Duty::Look(due) => {
                let narrow = self.store.unread(&due.places);
                if narrow.is_empty() {
                    self.side.places_read();
                }
                let look = LookAround {
                    known: self.side.known(),
                    kinds: due.kinds,
                    places: self.places(),
                    narrow,
                };
                self.side.begin(|steps| async move {
                    again::look(&connection, &request, look, &steps).await;
                });
            }
            Duty::Refused(after) => {
                let lists = self.store.refused(after.as_ref(), AT_ONCE);
                self.side.begs(lists.last().map(|(slot, _)| slot.clone()));
                if !lists.is_empty() {
                    self.side.begin(|steps| async move {
                        again::refused(&connection, lists, &steps).await;
                    });
                }
            }
            Duty::Answers => {
                let (names, status, message) = self.store.names(Kind::new("", "Node"));
                let nodes = Nodes { names, status, message };
                self.side.begin(|steps| async move {
                    again::answers(&connection, &request, nodes, &steps).await;
                });
            }
        }
    }

    /// All namespaces there are, if that is known.
    pub(super) fn all_places(&self) -> Option<BTreeSet<String>> {
        let (names, status, _) = self.store.names(Kind::new("", "Namespace"));
        (status == ReadStatus::Complete).then(|| names.into_iter().collect())
    }

    /// Namespaces may have come or gone: lists go with theirs, and what came is read.
    pub(super) fn look_in(&mut self, before: Option<BTreeSet<String>>) {
        let now = self.all_places();
        if before == now {
            return;
        }
        let narrow = self.store.narrow();
        match (before, now) {
            _ if narrow.is_empty() => {}
            (Some(before), Some(now)) => {
                self.leave(&now);
                self.side.also(now.difference(&before).cloned().collect());
            }
            _ => self.side.again(narrow.into_keys()),
        }
    }

    /// What is read namespace by namespace is gone outside of these.
    fn leave(&mut self, places: &BTreeSet<String>) {
        let gone = self.store.leave(places);
        self.drop_lists(&gone);
    }

    /// Where to look for what may not be listed everywhere.
    fn places(&self) -> Vec<String> {
        let (mut names, status, _) = self.store.names(Kind::new("", "Namespace"));
        match &self.request.namespaces {
            Some(asked) => asked.clone(),
            None if status == ReadStatus::Complete => {
                names.sort();
                names
            }
            None => vec![self.connection.namespace().unwrap_or("default").to_owned()],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::mpsc;

    use super::*;
    use crate::cluster::api_resource::ApiResource;
    use crate::cluster::connect::tests::to_nowhere;
    use crate::cluster::health::Health;
    use crate::cluster::inbox::ListSender;
    use crate::cluster::list::ListResult;
    use crate::cluster::read::ReadRequest;
    use crate::model::kinds::lookup;

    #[tokio::test]
    async fn what_a_keeper_said_before_its_end_does_not_count_after_what_follows_from_that() {
        let (events, _inbox) = mpsc::channel(16);
        let mut owner = Owner::new(to_nowhere().await, ReadRequest::default(), events);
        let slot = Slot { kind: Kind::new("", "Pod"), namespace: None };
        let target = Arc::new(ApiResource::assumed(lookup("pods").unwrap()));
        let done = |listed| ReadStep::Done(slot.clone(), Some(Arc::clone(&target)), listed);
        let whole = ListResult::without(ReadStatus::Complete, None);
        owner.store.apply(done(ListResult { version: "5".to_owned(), ..whole }));
        // Its keeper calls it up to date; before anybody takes that in, a reading of it fails.
        let (sender, _closer) = ListSender::new(&owner.inbox, &slot);
        sender.health(Health::Up);
        owner.done(done(ListResult::without(ReadStatus::Failed, Some("boom".to_owned()))));
        owner.absorb();
        let liveness = owner.store.liveness().unwrap();
        assert!(liveness.is_stale(), "{liveness:?}");
    }
}
