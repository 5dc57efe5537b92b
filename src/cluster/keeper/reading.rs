//! Reading a list that is kept again.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{Begin, Keeper};
use crate::cluster::error::Fault;
use crate::cluster::list::{Listed, list};
use crate::cluster::read;
use crate::model::read::ReadStatus;

/// What came of reading it again.
pub(in crate::cluster) enum Again {
    /// It is here.
    Whole,
    /// It may not be read any more; what was known is gone.
    Forbidden,
    /// It failed, for this reason; what was known stays.
    Failed(String),
}

impl Keeper {
    /// Reads the list again. One that is here and is refused now is asked for a few times more before
    /// that is believed: a server that was just started refuses everyone whose roles it has not read.
    pub(in crate::cluster) async fn read(&mut self) -> Again {
        for wait in self.watch.connection.inner.pace.doubts {
            let asked = Timestamp::now();
            let listed = self.list().await;
            if !listed.denied || !self.begin.is_here() {
                return self.took(listed, asked);
            }
            let words = self.watch.slot.words(&self.watch.target);
            let why = listed.message.unwrap_or_else(|| "forbidden".to_owned());
            self.down(format!("{words}: {why}; asked again, for it could be read before"), wait);
            tokio::time::sleep(wait).await;
        }
        let asked = Timestamp::now();
        let listed = self.list().await;
        self.took(listed, asked)
    }

    /// The same unless that was done just now.
    pub(super) async fn read_unless_fresh(&mut self) -> Again {
        if self.is_fresh() { Again::Whole } else { self.read().await }
    }

    /// It was read just now.
    pub(in crate::cluster) fn is_fresh(&self) -> bool {
        let lived = self.watch.connection.inner.pace.lived;
        self.fresh.is_some_and(|read| read.elapsed() < lived)
    }

    async fn list(&self) -> Listed {
        let (connection, target) = (&self.watch.connection, &self.watch.target);
        // Until it is here, what is known is as old as it was.
        let notify = |fault: &Fault, wait: Duration| {
            if self.lost || wait >= connection.inner.pace.told {
                self.down(format!("{}: {fault}", self.watch.slot.words(target)), wait);
            }
        };
        if let Some(name) = self.name() {
            return read::by_name(connection, target, name, &notify).await;
        }
        let place = self.watch.slot.namespace.as_deref();
        list(connection, target, place, &|_, _| (), &notify).await
    }

    fn took(&mut self, listed: Listed, asked: Timestamp) -> Again {
        // That one object is not there says nothing of what is served.
        if listed.code == Some(404) && self.name().is_none() {
            self.watch.inlet.absent();
        }
        self.over = listed.over;
        if self.over {
            self.seldom();
        }
        let forbidden = listed.status == ReadStatus::Forbidden;
        // A list that broke off has no version; one of Secrets never has.
        let broken = listed.code.is_some()
            || listed.status == ReadStatus::Failed
            || (listed.status == ReadStatus::Partial && listed.version.is_empty());
        if !forbidden && broken {
            let words = self.watch.slot.words(&self.watch.target);
            let why = listed.message.unwrap_or_else(|| "the list failed".to_owned());
            return Again::Failed(format!("{words}: {why}"));
        }
        self.moved = self.watch.is_behind(&listed);
        self.watch.hear(asked);
        self.watch.version.clone_from(&listed.version);
        self.watch.listed = listed.objects.len();
        self.watch.brought.clear();
        self.watch.told = false;
        self.watch.inlet.relisted(listed);
        (self.lost, self.missed) = (false, false);
        self.begin = if forbidden { Begin::Refused } else { Begin::Read };
        self.fresh = (!forbidden).then(Instant::now);
        if forbidden { Again::Forbidden } else { Again::Whole }
    }
}
