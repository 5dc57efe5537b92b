//! Reading several clusters: many are asked whether they are there, and few are read at a time, so that only
//! their objects are held at once.

use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::super::open;
use super::super::output::{self, ProgressLine};
use super::judge::{AssessedCluster, FleetWork};
use super::{FleetMember, MemberSource};
use crate::cluster::{self, Connection, ReadRequest};
use crate::frameworks::fleet::Unread;
use crate::model::inventory::Inventory;
use crate::source::snapshot;

/// Clusters that are asked at once: whoever does not answer holds nothing, and takes its time.
const ASKED_AT_ONCE: usize = 16;
/// Clusters that are read and judged at once: their objects are in memory together.
const HELD_AT_ONCE: usize = 3;

/// Reads and judges every cluster; the results are in the order of the members.
pub fn all(work: &FleetWork<'_>, members: &[FleetMember]) -> Vec<Result<AssessedCluster, Unread>> {
    let line = Mutex::new(ProgressLine::new());
    let room = Semaphore::new(HELD_AT_ONCE);
    // A snapshot is there, and held from the beginning.
    let saved = members.iter().any(|member| matches!(member.from, MemberSource::Snapshot(_)));
    let at_once = if saved { HELD_AT_ONCE } else { ASKED_AT_ONCE };
    let next = AtomicUsize::new(0);
    let slots: Vec<Mutex<Option<Result<AssessedCluster, Unread>>>> =
        members.iter().map(|_| Mutex::new(None)).collect();
    let kinds = work.asked.kinds(work.chosen);
    let request = open::asking(&work.args.source.allow, kinds, &work.asked.namespaces());
    std::thread::scope(|scope| {
        for _ in 0..at_once.min(members.len()) {
            scope.spawn(|| {
                while let Some((at, (member, slot))) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    members.get(at).zip(slots.get(at)).map(|both| (at, both))
                } {
                    let result = contained(|| one(work, (at, member), &request, (&room, &line)));
                    *slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(result);
                }
            });
        }
    });
    let taken = |slot: Mutex<Option<Result<AssessedCluster, Unread>>>| {
        let result = slot.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        result.unwrap_or_else(|| Err(unread("it was not reached", "", "Scan it by itself.")))
    };
    slots.into_iter().map(taken).collect()
}

/// One cluster's result. What one cluster brings to fall takes none of the others along: it is a cluster that
/// was not read, and the message of the panic stands above.
fn contained<T>(read: impl FnOnce() -> Result<T, Unread>) -> Result<T, Unread> {
    std::panic::catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let next = "Scan it by itself, and report what is said above: this is a fault of plimsoll.";
        Err(unread("it could not be judged", "the program failed while it did", next))
    })
}

fn one(
    work: &FleetWork<'_>,
    (at, member): (usize, &FleetMember),
    request: &ReadRequest,
    (room, line): (&Semaphore, &Mutex<ProgressLine>),
) -> Result<AssessedCluster, Unread> {
    // As long as its objects are held.
    let mut _place = None;
    let read = match &member.from {
        MemberSource::Snapshot(path) => {
            let loaded = snapshot::load(path).map_err(|error| {
                unread(
                    "the snapshot cannot be read",
                    &error.to_string(),
                    "Name files that `plimsoll snapshot` wrote.",
                )
            })?;
            for text in open::contradictions(path, &loaded) {
                output::complain(&format!("plimsoll: {text}"));
            }
            loaded
        }
        MemberSource::Context(info) => {
            let (place, read) = live(work, &info.name, request, (room, line))?;
            _place = place;
            read
        }
    };
    if let Some(unread) = Unread::blind(&read) {
        return Err(unread);
    }
    work.judge((at, &member.name), &read, line)
}

/// Reads a cluster as soon as it answers and there is room for what it has; the room comes back with it.
fn live<'a>(
    work: &FleetWork<'_>,
    name: &str,
    request: &ReadRequest,
    (room, line): (&'a Semaphore, &Mutex<ProgressLine>),
) -> Result<(Option<SemaphorePermit<'a>>, Inventory), Unread> {
    let mut options = open::connect_options(&work.args.source)
        .map_err(|fail| unread("cannot connect", &fail.to_string(), ""))?;
    options.context = Some(name.to_owned());
    options.patience = options.patience.of_many();
    let ready = async |connection: &Connection| {
        cluster::reach(connection).await?;
        // Nobody closes it.
        Ok(room.acquire().await.ok())
    };
    let read = open::live_when(&options, request, true, ready, |name, progress| {
        if let Ok(mut line) = line.try_lock() {
            line.show(&open::reading(name, progress));
        }
    });
    read.map_err(|error: cluster::UserError| unread(&error.what, &error.why, &error.next))
}

fn unread(what: &str, why: &str, next: &str) -> Unread {
    Unread { what: what.to_owned(), why: why.to_owned(), next: next.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_that_brings_the_program_to_fall_counts_as_unread() {
        assert_eq!(contained(|| Ok(7)).ok(), Some(7));
        let fell = contained(|| -> Result<u8, Unread> { panic!("on purpose") });
        assert_eq!(fell.err().map(|unread| unread.what).as_deref(), Some("it could not be judged"));
    }
}
