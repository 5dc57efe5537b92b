//! Between two readings of everything: changes are taken in, and told.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::{Over, Owner, WHILE_WATCHING};
use crate::cluster::error::Trouble;
use crate::cluster::inbox::{ListChanges, ObjectChange};
use crate::cluster::live::LiveCommand;
use crate::cluster::sleep_detector::SleepDetector;
use crate::cluster::store::Slot;
use crate::model::kinds::Kind;

impl Owner {
    /// Takes in changes until everything is to be read anew.
    pub(super) async fn keep(
        &mut self,
        commands: &mut mpsc::Receiver<LiveCommand>,
    ) -> Result<(), Over> {
        let live = self.loaded;
        let again = self.again().map(|wait| Instant::now() + wait);
        let pace = self.connection.inner.pace;
        let mut nap = SleepDetector::new();
        let mut nap_at = Instant::now() + pace.nap;
        let looks = Arc::clone(&self.looks);
        loop {
            let inbox = Arc::clone(&self.inbox);
            let dirty = self.dirty;
            tokio::select! {
                command = commands.recv() => match command {
                    Some(LiveCommand::Refresh) => {
                        self.connection.inner.source.try_again();
                        self.error = None;
                        self.failed = 0;
                        return Ok(());
                    }
                    Some(LiveCommand::Wake) => self.keepers.wake(),
                    None => return Err(Over),
                },
                () = self.events.closed() => return Err(Over),
                () = inbox.changed() => self.absorb(),
                () = sleep_until(again.unwrap_or(nap_at)), if again.is_some() => return Ok(()),
                step = self.side.step(), if live => self.beside(step),
                beat = self.pulse.step(&self.connection), if live => self.felt(beat),
                () = looks.notified(), if live => self.pulse.look(&self.connection),
                () = sleep_until(nap_at), if live => nap_at = Instant::now() + pace.nap,
                () = sleep_until(self.next), if self.dirty => self.publish(WHILE_WATCHING).await?,
            }
            if live {
                // Whatever it was that woke this task.
                if nap.look() {
                    self.keepers.wake();
                    self.side.soon();
                }
                self.look_around();
                self.tell().await?;
            }
            if self.dirty && !dirty {
                // What comes together is shown together.
                self.next = self.next.max(Instant::now() + WHILE_WATCHING);
            }
        }
    }

    /// When a source that could not be read is tried again by itself. A login is for a person, and
    /// so is a plugin, which may open a window.
    fn again(&self) -> Option<Duration> {
        let own = self.error.as_ref().is_some_and(|error| error.trouble != Trouble::Credentials);
        (!self.loaded && own).then(|| self.connection.inner.pace.again(self.failed))
    }

    /// Takes what the keepers left: first what their lists are now, then how they keep them.
    pub(super) fn absorb(&mut self) {
        let waiting = self.inbox.take();
        let namespaces = || Slot { kind: Kind::new("", "Namespace"), namespace: None };
        for (slot, pending) in waiting.changes {
            let brings = pending.relist.is_some() || !pending.objects.is_empty();
            let forbidden = self.store.is_forbidden(&slot);
            let before = (slot == namespaces() && brings).then(|| self.all_places());
            let redefined = self.redefined(&slot, &pending);
            let changed = self.store.merge(&slot, pending);
            self.side.later(redefined);
            self.dirty |= changed;
            if changed && is_of_discovery(&slot.kind) {
                self.side.soon();
            }
            match (forbidden, self.store.is_forbidden(&slot)) {
                // It may still be allowed in some namespaces.
                (false, true) if slot.namespace.is_none() => {
                    self.side.again([slot.kind.clone()]);
                }
                (true, false) if slot.namespace.is_none() => self.widen(&slot.kind),
                _ => {}
            }
            // Where to look is what was asked for, or all namespaces there are.
            if let Some(before) = before.filter(|_| self.request.namespaces.is_none()) {
                self.look_in(before);
            }
        }
        if waiting.absent {
            self.side.soon();
        }
        for (slot, health) in waiting.health {
            self.dirty |= self.store.hear(&slot, health);
        }
    }

    /// Kinds that are defined otherwise now: the server hands out the very same objects with another
    /// body, with what the new definition adds where they leave it out, and no watch tells of that.
    fn redefined(&self, slot: &Slot, pending: &ListChanges) -> Vec<Kind> {
        if &*slot.kind.kind != "CustomResourceDefinition" {
            return Vec::new();
        }
        let kinds = pending.objects.iter().filter_map(|(name, change)| {
            let ObjectChange::Now(new) = change else { return None };
            let (old, new) = (self.store.object(slot, name)?.body(), new.body());
            let group = new.str_at(&["spec", "group"])?;
            let kind = new.str_at(&["spec", "names", "kind"])?;
            let versions = ["spec", "versions"];
            (old.at(&versions) != new.at(&versions)).then(|| Kind::new(group, kind))
        });
        kinds.filter(|kind| self.store.has(kind)).collect()
    }

    /// What was read namespace by namespace is read as one again.
    pub(super) fn widen(&mut self, kind: &Kind) {
        let gone = self.store.widen(kind);
        self.drop_lists(&gone);
    }
}

/// Kinds whose objects decide what the server serves.
fn is_of_discovery(kind: &Kind) -> bool {
    matches!(&*kind.kind, "CustomResourceDefinition" | "APIService")
}
