//! From each state, what happens and which state follows. Every row begins with a keeper of its own, of a
//! list that is here and that a watch can go on from.

use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant as Timer;

use super::*;
use crate::cluster::api_resource::ApiResource;
use crate::cluster::connect::Connection;
use crate::cluster::connect::tests::to_nowhere;
use crate::cluster::inbox::{KeeperInbox, ListSender};
use crate::cluster::keeper::Charge;
use crate::cluster::request::WatchLines;
use crate::cluster::store::Slot;
use crate::cluster::told_objects::ToldObjects;
use crate::cluster::watch::Watch;
use crate::model::kinds::{Kind, lookup};
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::ReadStatus;

/// When the lists of the tests are asked for.
const ASKED: i64 = 1_800_000_000;

/// Who decides, and where it says how its list is.
struct TestKeeper {
    keeper: Keeper,
    inbox: Arc<KeeperInbox>,
    wake: watch::Sender<u64>,
}

impl TestKeeper {
    fn new(connection: &Connection) -> Self {
        let (inbox, wake) = (Arc::<KeeperInbox>::default(), watch::Sender::new(0));
        let slot = Slot { kind: Kind::new("", "Pod"), namespace: None };
        // A closer that is let go of closes nothing.
        let (sender, _) = ListSender::new(&inbox, &slot);
        let watch = Watch {
            connection: connection.clone(),
            target: Arc::new(ApiResource::assumed(lookup("pods").unwrap())),
            slot,
            version: "5".to_owned(),
            sender,
            heard: Timestamp::now(),
            heard_at: Timer::now(),
            told: false,
            listed: 1,
            brought: ToldObjects::default(),
        };
        let every = Duration::from_secs(60);
        let charge = Charge { watch, begin: Begin::Read, every, over: false, missed: false };
        let permits = Arc::new(Semaphore::new(1));
        let keeper = Keeper::new(charge, None, permits, wake.subscribe());
        Self { keeper, inbox, wake }
    }

    /// What it said of its list, if anything: `up`, `down: why` or `polled: why`.
    fn said(&self) -> String {
        match self.inbox.take().health.into_values().next() {
            None => String::new(),
            Some(Health::Up) => "up".to_owned(),
            Some(Health::Down { reason, .. }) => format!("down: {reason}"),
            Some(Health::Polled { why, .. }) => format!("polled: {why}"),
        }
    }
}

fn name(state: &KeeperState) -> &'static str {
    match state {
        KeeperState::Opening => "opening",
        KeeperState::Watched { unheard: None, .. } => "watched",
        KeeperState::Watched { unheard: Some(Unheard { then: AfterOpen::Enough, .. }), .. } => {
            "watched until it is believed"
        }
        KeeperState::Watched { unheard: Some(Unheard { then: AfterOpen::Unsure, .. }), .. } => {
            "watched until it is asked"
        }
        KeeperState::Reading(why) | KeeperState::Waiting(_, Then::Read(why)) => {
            let waits = matches!(state, KeeperState::Waiting(..));
            match (why, waits) {
                (ReadReason::Doubted, false) => "reading: doubted",
                (ReadReason::Due(_), false) => "reading: due",
                (ReadReason::Lost, false) => "reading: lost",
                (ReadReason::Silent(_), false) => "reading: silent",
                (ReadReason::Short(_), false) => "reading: short",
                (ReadReason::Useless(..), false) => "reading: useless",
                (ReadReason::Flood { .. }, false) => "reading: flood",
                (ReadReason::Refused { .. }, false) => "reading: refused",
                (ReadReason::Due(_), true) => "waiting, then reading: due",
                (ReadReason::Lost, true) => "waiting, then reading: lost",
                (_, true) => "waiting, then reading for the same",
            }
        }
        KeeperState::Waiting(_, Then::Open) => "waiting, then opening",
        KeeperState::Waiting(_, Then::Settle(_)) => "waiting, then as it ended",
    }
}

fn status(code: u16) -> RequestFault {
    let (reason, message) = (String::new(), "no".to_owned());
    RequestFault::Status { code, reason, message, retry_after: None }
}

fn life(end: WatchEnd) -> Life {
    Life { told: false, ended: EndedWatch { opened: true, end } }
}

fn ended(end: WatchEnd) -> EndedWatch {
    EndedWatch { opened: true, end }
}

fn due() -> ReadReason {
    ReadReason::Due(NotWatched::now("it was not watched"))
}

fn flood(told: usize) -> ReadReason {
    ReadReason::Flood { why: "too much".to_owned(), told }
}

fn refused() -> ReadReason {
    ReadReason::Refused { fault: status(403), opened: false }
}

/// A list with so many objects.
fn whole(objects: usize) -> ListResult {
    let mut listed = ListResult::without(ReadStatus::Complete, None);
    listed.version = "9".to_owned();
    listed.objects = (0..objects)
        .map(|n| {
            let body = format!(
                r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"p{n}","namespace":"a"}}}}"#
            );
            Arc::new(Object::new(Node::from_json(body.as_bytes()).unwrap()).unwrap())
        })
        .collect();
    listed
}

fn broken() -> ListResult {
    ListResult::without(ReadStatus::Failed, Some("boom".to_owned()))
}

fn denied() -> ListResult {
    ListResult::without(ReadStatus::Forbidden, Some("forbidden".to_owned()))
}

impl Keeper {
    fn read(&mut self, why: ReadReason, listed: ListResult) -> KeeperState {
        self.listed(why, listed, Timestamp::from_second(ASKED).unwrap())
    }

    fn open_and(&mut self, known: Result<(), String>) -> KeeperState {
        self.answered(Opening::Open(WatchLines::none(), known))
    }

    /// Its watch was opened long ago.
    fn is_old(&mut self) {
        self.begun = self.begun.checked_sub(Duration::from_secs(60)).unwrap();
    }

    /// And nothing was heard of it since then.
    fn is_silent(&mut self) {
        self.is_old();
        self.watch.heard_at = self.watch.heard_at.checked_sub(Duration::from_secs(600)).unwrap();
    }
}

/// What happens, to which keeper, and what comes of it: the state, and how what is said begins.
type Transition = (&'static str, fn(&mut Keeper) -> KeeperState, &'static str, &'static str);

const BEGINNINGS: &[Transition] = &[
    ("it is here", Keeper::first, "opening", ""),
    (
        "it is doubted",
        |k| {
            k.begin = Begin::Doubted;
            k.first()
        },
        "reading: doubted",
        "",
    ),
    (
        "it failed",
        |k| {
            k.begin = Begin::Failed;
            k.first()
        },
        "waiting, then reading: due",
        "",
    ),
    (
        "it is refused",
        |k| {
            k.begin = Begin::Refused;
            k.first()
        },
        "waiting, then reading: due",
        "polled: listing it is forbidden",
    ),
    (
        "no version",
        |k| {
            k.watch.version.clear();
            k.first()
        },
        "waiting, then reading: due",
        "polled: the server gives no version",
    ),
    (
        "too many watches",
        |k| {
            k.permits = Arc::new(Semaphore::new(0));
            k.first()
        },
        "waiting, then reading: due",
        "polled: 150 watches are open",
    ),
];

const OPENED: &[Transition] = &[
    ("open", |k| k.open_and(Ok(())), "watched until it is believed", ""),
    (
        "open, just read",
        |k| {
            k.read(ReadReason::Lost, whole(1));
            k.open_and(Ok(()))
        },
        "watched",
        "up",
    ),
    (
        "open, often mute",
        |k| {
            k.doubt.held_back();
            k.doubt.held_back();
            k.open_and(Ok(()))
        },
        "watched",
        "",
    ),
    (
        "open, where the server is it does not say",
        |k| k.open_and(Err("no answer".to_owned())),
        "watched until it is asked",
        "down: pods: whether it was restored could not be asked: no answer",
    ),
    ("lost", |k| k.answered(Opening::Lost), "reading: lost", ""),
    ("refused", |k| k.answered(Opening::Not(status(403))), "reading: refused", ""),
    (
        "refused, just read",
        |k| {
            k.read(ReadReason::Lost, whole(1));
            k.answered(Opening::Not(status(403)))
        },
        "waiting, then reading: due",
        "polled: watching it is refused: no (HTTP 403)",
    ),
    (
        "refused, just read, once open",
        |k| {
            k.read(ReadReason::Lost, whole(1));
            k.doubtful = true;
            k.answered(Opening::Not(status(403)))
        },
        "waiting, then opening",
        "down: pods: no (HTTP 403); asked again",
    ),
    (
        "it fails",
        |k| k.answered(Opening::Not(status(500))),
        "waiting, then opening",
        "down: pods: no (HTTP 500)",
    ),
];

const ENDED: &[Transition] = &[
    (
        "closed after a life",
        |k| {
            k.is_old();
            k.ended(life(WatchEnd::Closed))
        },
        "opening",
        "",
    ),
    ("closed at once", |k| k.ended(life(WatchEnd::Closed)), "waiting, then opening", ""),
    (
        "closed at once three times",
        |k| {
            k.ended(life(WatchEnd::Closed));
            k.ended(life(WatchEnd::Closed));
            k.ended(life(WatchEnd::Closed))
        },
        "reading: short",
        "down: pods: its watch ends as soon as it is opened",
    ),
    (
        "closed at once six times",
        |k| {
            for _ in 0..5 {
                k.ended(life(WatchEnd::Closed));
            }
            k.ended(life(WatchEnd::Closed))
        },
        "reading: useless",
        "down: pods: its watch ends as soon as it is opened",
    ),
    (
        "silent for long",
        |k| {
            k.is_silent();
            k.ended(life(WatchEnd::Silent))
        },
        "reading: silent",
        "",
    ),
    (
        "silent, heard of just now",
        |k| {
            k.is_old();
            k.ended(life(WatchEnd::Silent))
        },
        "opening",
        "",
    ),
    ("woken", |k| k.ended(life(WatchEnd::Woken)), "opening", ""),
    ("unsure", |k| k.ended(life(WatchEnd::Unsure)), "opening", ""),
    ("lost", |k| k.ended(life(WatchEnd::Lost)), "reading: lost", ""),
    ("a flood", |k| k.ended(life(WatchEnd::Flood("more".to_owned()))), "reading: flood", ""),
    ("an error", |k| k.ended(life(WatchEnd::Failed(status(500)))), "waiting, then opening", ""),
    ("refused", |k| k.ended(life(WatchEnd::Failed(status(403)))), "reading: refused", ""),
];

const READ: &[Transition] = &[
    ("doubted, whole", |k| k.read(ReadReason::Doubted, whole(1)), "opening", ""),
    ("doubted, broken", |k| k.read(ReadReason::Doubted, broken()), "opening", ""),
    ("due, whole", |k| k.read(due(), whole(1)), "opening", ""),
    ("due, broken", |k| k.read(due(), broken()), "waiting, then reading: due", "down: pods: boom"),
    (
        "due, whole, refused for long",
        |k| k.read(ReadReason::Due(NotWatched::long("it is no use")), whole(1)),
        "waiting, then reading: due",
        "polled: it is no use",
    ),
    ("lost, whole", |k| k.read(ReadReason::Lost, whole(1)), "waiting, then opening", ""),
    (
        "lost, broken",
        |k| k.read(ReadReason::Lost, broken()),
        "waiting, then reading: lost",
        "down: pods: boom",
    ),
    (
        "silent, and it has nothing new",
        |k| k.read(ReadReason::Silent(ended(WatchEnd::Silent)), whole(1)),
        "opening",
        "",
    ),
    (
        "silent, and it has something new for the second time",
        |k| {
            k.doubt.held_back();
            k.read(ReadReason::Silent(ended(WatchEnd::Silent)), whole(2))
        },
        "waiting, then reading: due",
        "polled: nothing comes through its watch",
    ),
    (
        "silent, broken",
        |k| k.read(ReadReason::Silent(ended(WatchEnd::Silent)), broken()),
        "waiting, then as it ended",
        "down: pods: boom",
    ),
    (
        "short, whole",
        |k| k.read(ReadReason::Short(ended(WatchEnd::Closed)), whole(1)),
        "opening",
        "",
    ),
    (
        "useless, whole",
        |k| {
            k.read(
                ReadReason::Useless(ended(WatchEnd::Closed), NotWatched::now("it ends")),
                whole(1),
            )
        },
        "waiting, then reading: due",
        "polled: it ends",
    ),
    (
        "useless, broken",
        |k| {
            k.read(
                ReadReason::Useless(ended(WatchEnd::Closed), NotWatched::now("it ends")),
                broken(),
            )
        },
        "waiting, then as it ended",
        "down: pods: boom",
    ),
    ("a flood, and it has that many", |k| k.read(flood(4), whole(2)), "opening", ""),
    (
        "a flood, and it has not",
        |k| k.read(flood(4), whole(1)),
        "waiting, then reading: due",
        "polled: its watch told of too much, which the list does not have",
    ),
    (
        "a flood, broken",
        |k| k.read(flood(4), broken()),
        "waiting, then opening",
        "down: pods: boom; its watch told of too much",
    ),
    (
        "its watch is refused, it is not",
        |k| k.read(refused(), whole(1)),
        "waiting, then reading: due",
        "polled: watching it is refused",
    ),
    (
        "its watch is refused, it is broken",
        |k| k.read(refused(), broken()),
        "waiting, then opening",
        "down: pods: no (HTTP 403)",
    ),
    (
        "refused for the first time",
        |k| k.read(refused(), denied()),
        "waiting, then reading for the same",
        "down: pods: forbidden; asked again, for it could be read before",
    ),
    (
        "refused for the fourth time",
        |k| {
            for _ in 0..3 {
                k.read(ReadReason::Lost, denied());
            }
            k.read(ReadReason::Lost, denied())
        },
        "waiting, then reading: due",
        "polled: listing it is forbidden",
    ),
];

const WAITED: &[Transition] = &[
    ("to open", |k| k.go_on(Then::Open, false), "opening", ""),
    ("to open, woken", |k| k.go_on(Then::Open, true), "opening", ""),
    ("to read", |k| k.go_on(Then::Read(ReadReason::Lost), false), "reading: lost", ""),
    ("to read, woken", |k| k.go_on(Then::Read(due()), true), "reading: due", ""),
    ("as it ended", |k| k.go_on(Then::Settle(ended(WatchEnd::Silent)), false), "opening", ""),
];

#[tokio::test]
async fn which_state_follows_which() {
    let connection = to_nowhere().await;
    let tables = [
        ("begins", BEGINNINGS),
        ("opened", OPENED),
        ("ended", ENDED),
        ("read", READ),
        ("waited", WAITED),
    ];
    for (table, rows) in tables {
        for (what, happens, state, says) in rows {
            let mut bench = TestKeeper::new(&connection);
            let follows = name(&happens(&mut bench.keeper));
            let said = bench.said();
            assert_eq!(follows, *state, "{table}: {what}; said {said:?}");
            let fits = if says.is_empty() { said.is_empty() } else { said.starts_with(says) };
            assert!(fits, "{table}: {what}: said {said:?}, not {says:?}");
        }
    }
}

#[tokio::test]
async fn what_is_lost_after_a_reading_is_as_old_as_when_that_was_asked_for() {
    let mut bench = TestKeeper::new(&to_nowhere().await);
    bench.keeper.read(ReadReason::Lost, whole(1));
    bench.keeper.read(ReadReason::Lost, broken());
    let Some(Health::Down { since, .. }) = bench.inbox.take().health.into_values().next() else {
        panic!("it is lost")
    };
    assert_eq!(since.as_second(), ASKED);
}

#[tokio::test]
async fn every_wait_ends_when_every_watch_is_to_be_opened_anew() {
    let mut bench = TestKeeper::new(&to_nowhere().await);
    bench.wake.send_modify(|count| *count += 1);
    let waits = bench.keeper.wait(Duration::from_secs(300));
    let woken = tokio::time::timeout(Duration::from_secs(20), waits).await;
    assert_eq!(woken, Ok(true));
}
