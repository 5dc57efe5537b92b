//! What is looked at: the source, its objects, and what is to happen when they are there.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::app::effect::RunRequest;
use crate::model::inventory::{Inventory, SourceInfo};
use crate::runtime::ReadAgain;
use crate::runtime::source::SourceTask;

/// The present source, from its choice on.
pub(super) struct Here {
    /// Connected or read; none before that.
    pub source: Option<SourceTask>,
    /// What it is, as far as it was known when it was chosen.
    chosen: Option<SourceInfo>,
    /// Files that are being read before there is anything else.
    files: Option<oneshot::Receiver<Option<Inventory>>>,
    /// How to read those again.
    again: Option<ReadAgain>,
    /// Its objects with what was imported.
    pub inventory: Option<Arc<Inventory>>,
    /// The same without.
    pub bare: Option<Arc<Inventory>>,
    /// The checks run as soon as its objects are there.
    pub run_when_loaded: bool,
    /// It was told that they cannot, since nothing could be read.
    in_vain: bool,
    /// A run that somebody asked for, and that begins when its files were read again.
    pub wanted: Option<RunRequest>,
    /// The run that is shown was recorded earlier, and the objects are still to come.
    pub awaits: bool,
}

impl Default for Here {
    fn default() -> Self {
        Self {
            source: None,
            chosen: None,
            files: None,
            again: None,
            inventory: None,
            bare: None,
            run_when_loaded: true,
            in_vain: false,
            wanted: None,
            awaits: false,
        }
    }
}

impl Here {
    /// A source that was chosen and is not read yet.
    pub fn at(chosen: &SourceInfo) -> Self {
        Self { chosen: Some(chosen.clone()), ..Self::default() }
    }

    /// What is known of it by now: what was read says more than what was known before.
    pub fn about(&self) -> Option<&SourceInfo> {
        let read = self.inventory.as_ref().map(|inventory| &inventory.source);
        read.or(self.chosen.as_ref())
    }

    /// Waits for files before anything else, which can be read again in this way.
    pub fn await_files(
        &mut self,
        files: oneshot::Receiver<Option<Inventory>>,
        again: Option<ReadAgain>,
    ) {
        (self.files, self.again) = (Some(files), again);
    }

    /// How to read the files again that it waited for.
    pub fn take_again(&mut self) -> Option<ReadAgain> {
        self.again.take()
    }

    /// Whether it waits for them.
    pub fn awaits_files(&self) -> bool {
        self.files.is_some()
    }

    /// What the files hold, none where they cannot be read; waits for ever where none are read.
    pub async fn files(&mut self) -> Option<Inventory> {
        let read = match &mut self.files {
            Some(read) => read.await.ok().flatten(),
            None => std::future::pending().await,
        };
        self.files = None;
        read
    }

    /// Takes the objects in.
    pub fn load(&mut self, inventory: Arc<Inventory>) {
        self.inventory = Some(inventory);
    }

    /// Whether not one list could be read: there is nothing to run on.
    pub fn is_blind(&self) -> bool {
        self.inventory.as_ref().is_some_and(|inventory| inventory.blind().is_some())
    }

    /// Whether the run that waits for the objects cannot begin with these; told only once.
    pub fn is_waiting_in_vain(&mut self) -> bool {
        let vain = self.run_when_loaded && self.is_blind();
        vain && !std::mem::replace(&mut self.in_vain, true)
    }

    /// Whether the run that waited for the objects is to begin now; only once. Where nothing can be read it
    /// waits until something can.
    pub fn is_run_due(&mut self) -> bool {
        !self.is_blind() && std::mem::take(&mut self.run_when_loaded)
    }
}
