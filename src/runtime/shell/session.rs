//! The session that is open.

use std::sync::Arc;

use crate::app::event::SessionInfo;
use crate::report::SessionRef;
use crate::session::RunRecord;

/// The session that is open, if one is.
#[derive(Default)]
pub(super) struct Sitting {
    about: Option<SessionRef>,
    /// The one that is being opened was named together with the source.
    pub named: bool,
    /// Its last run.
    pub last: Option<Arc<RunRecord>>,
}

impl Sitting {
    /// It is open; which of its runs is shown is not known yet.
    pub fn open(&mut self, info: &SessionInfo) {
        let created = jiff::Timestamp::from_second(info.created).map(|t| t.to_string());
        self.about = Some(SessionRef {
            id: info.id.clone(),
            title: info.title.clone(),
            created: created.unwrap_or_default(),
            run: None,
        });
    }

    /// It is open no more.
    pub fn close(&mut self) {
        self.about = None;
    }

    /// Another source is looked at: its runs are of no use here.
    pub fn leave(&mut self) {
        self.about = None;
        self.last = None;
    }

    /// Whether one is open.
    pub fn is_open(&self) -> bool {
        self.about.is_some()
    }

    /// What a report says of it.
    pub fn reference(&self) -> Option<SessionRef> {
        self.about.clone()
    }

    /// The run that is shown has this number in it.
    pub fn saved_as(&mut self, number: Option<u32>) {
        if let Some(about) = &mut self.about {
            about.run = number;
        }
    }

    /// Whether the one that was to be opened was named together with the source; asked once.
    pub fn take_named(&mut self) -> bool {
        std::mem::take(&mut self.named)
    }
}
