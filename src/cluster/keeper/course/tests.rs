//! From each state, what happens and which state follows. Every row begins with a keeper of its own, of a
//! list that is here and that a watch can go on from.

use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant as Timer;

use super::*;
use crate::cluster::brought::Brought;
use crate::cluster::connect::{Connection, to_nowhere};
use crate::cluster::keeper::Charge;
use crate::cluster::merge::{Inlet, Merge};
use crate::cluster::request::Lines;
use crate::cluster::store::Slot;
use crate::cluster::target::Target;
use crate::cluster::watch::Watch;
use crate::model::kinds::{Kind, lookup};
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::ReadStatus;

/// When the lists of the tests are asked for.
const ASKED: i64 = 1_800_000_000;

/// Who decides, and where it says how its list is.
struct Bench {
    keeper: Keeper,
    merge: Arc<Merge>,
    wake: watch::Sender<u64>,
}

impl Bench {
    fn new(connection: &Connection) -> Self {
        let (merge, wake) = (Arc::<Merge>::default(), watch::Sender::new(0));
        let slot = Slot { kind: Kind::new("", "Pod"), namespace: None };
        // A lid that is let go of closes nothing.
        let (inlet, _) = Inlet::new(&merge, &slot);
        let watch = Watch {
            connection: connection.clone(),
            target: Arc::new(Target::assumed(lookup("pods").unwrap())),
            slot,
            version: "5".to_owned(),
            inlet,
            heard: Timestamp::now(),
            heard_at: Timer::now(),
            told: false,
            listed: 1,
            brought: Brought::default(),
        };
        let every = Duration::from_secs(60);
        let charge = Charge { watch, begin: Begin::Read, every, over: false, missed: false };
        let permits = (None, Arc::new(Semaphore::new(1)));
        let keeper = Keeper::new(charge, permits, wake.subscribe());
        Self { keeper, merge, wake }
    }

    /// What it said of its list, if anything: `up`, `down: why` or `polled: why`.
    fn said(&self) -> String {
        match self.merge.take().health.into_values().next() {
            None => String::new(),
            Some(Health::Up) => "up".to_owned(),
            Some(Health::Down { reason, .. }) => format!("down: {reason}"),
            Some(Health::Polled { why, .. }) => format!("polled: {why}"),
        }
    }
}

fn name(state: &State) -> &'static str {
    match state {
        State::Opening => "opening",
        State::Watched { unheard: None, .. } => "watched",
        State::Watched { unheard: Some((_, Open::Enough)), .. } => "watched until it is believed",
        State::Watched { unheard: Some((_, Open::Unsure)), .. } => "watched until it is asked",
        State::Reading(why) | State::Waiting(_, Then::Read(why)) => {
            let waits = matches!(state, State::Waiting(..));
            match (why, waits) {
                (Why::Doubted, false) => "reading: doubted",
                (Why::Due(_), false) => "reading: due",
                (Why::Lost, false) => "reading: lost",
                (Why::Silent(_), false) => "reading: silent",
                (Why::Short(_), false) => "reading: short",
                (Why::Useless(..), false) => "reading: useless",
                (Why::Flood { .. }, false) => "reading: flood",
                (Why::Refused { .. }, false) => "reading: refused",
                (Why::Due(_), true) => "waiting, then reading: due",
                (Why::Lost, true) => "waiting, then reading: lost",
                (_, true) => "waiting, then reading for the same",
            }
        }
        State::Waiting(_, Then::Open) => "waiting, then opening",
        State::Waiting(_, Then::Settle(_)) => "waiting, then as it ended",
    }
}

fn status(code: u16) -> Fault {
    let (reason, message) = (String::new(), "no".to_owned());
    Fault::Status { code, reason, message, retry_after: None }
}

fn life(end: End) -> Life {
    Life { told: false, ended: Ended { opened: true, end } }
}

fn ended(end: End) -> Ended {
    Ended { opened: true, end }
}

fn due() -> Why {
    Why::Due(NotWatched::now("it was not watched"))
}

fn flood(told: usize) -> Why {
    Why::Flood { why: "too much".to_owned(), told }
}

fn refused() -> Why {
    Why::Refused { fault: status(403), opened: false }
}

/// A list with so many objects.
fn whole(objects: usize) -> Listed {
    let mut listed = Listed::without(ReadStatus::Complete, None);
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

fn broken() -> Listed {
    Listed::without(ReadStatus::Failed, Some("boom".to_owned()))
}

fn denied() -> Listed {
    Listed::without(ReadStatus::Forbidden, Some("forbidden".to_owned()))
}

impl Keeper {
    fn read(&mut self, why: Why, listed: Listed) -> State {
        self.listed(why, listed, Timestamp::from_second(ASKED).unwrap())
    }

    fn open_and(&mut self, known: Result<(), String>) -> State {
        self.answered(Opening::Open(Lines::none(), known))
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
type Row = (&'static str, fn(&mut Keeper) -> State, &'static str, &'static str);

const BEGINNINGS: &[Row] = &[
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

const OPENED: &[Row] = &[
    ("open", |k| k.open_and(Ok(())), "watched until it is believed", ""),
    (
        "open, just read",
        |k| {
            k.read(Why::Lost, whole(1));
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
            k.read(Why::Lost, whole(1));
            k.answered(Opening::Not(status(403)))
        },
        "waiting, then reading: due",
        "polled: watching it is refused: no (HTTP 403)",
    ),
    (
        "refused, just read, once open",
        |k| {
            k.read(Why::Lost, whole(1));
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

const ENDED: &[Row] = &[
    (
        "closed after a life",
        |k| {
            k.is_old();
            k.ended(life(End::Closed))
        },
        "opening",
        "",
    ),
    ("closed at once", |k| k.ended(life(End::Closed)), "waiting, then opening", ""),
    (
        "closed at once three times",
        |k| {
            k.ended(life(End::Closed));
            k.ended(life(End::Closed));
            k.ended(life(End::Closed))
        },
        "reading: short",
        "down: pods: its watch ends as soon as it is opened",
    ),
    (
        "closed at once six times",
        |k| {
            for _ in 0..5 {
                k.ended(life(End::Closed));
            }
            k.ended(life(End::Closed))
        },
        "reading: useless",
        "down: pods: its watch ends as soon as it is opened",
    ),
    (
        "silent for long",
        |k| {
            k.is_silent();
            k.ended(life(End::Silent))
        },
        "reading: silent",
        "",
    ),
    (
        "silent, heard of just now",
        |k| {
            k.is_old();
            k.ended(life(End::Silent))
        },
        "opening",
        "",
    ),
    ("woken", |k| k.ended(life(End::Woken)), "opening", ""),
    ("unsure", |k| k.ended(life(End::Unsure)), "opening", ""),
    ("lost", |k| k.ended(life(End::Lost)), "reading: lost", ""),
    ("a flood", |k| k.ended(life(End::Flood("more".to_owned()))), "reading: flood", ""),
    ("an error", |k| k.ended(life(End::Failed(status(500)))), "waiting, then opening", ""),
    ("refused", |k| k.ended(life(End::Failed(status(403)))), "reading: refused", ""),
];

const READ: &[Row] = &[
    ("doubted, whole", |k| k.read(Why::Doubted, whole(1)), "opening", ""),
    ("doubted, broken", |k| k.read(Why::Doubted, broken()), "opening", ""),
    ("due, whole", |k| k.read(due(), whole(1)), "opening", ""),
    ("due, broken", |k| k.read(due(), broken()), "waiting, then reading: due", "down: pods: boom"),
    (
        "due, whole, refused for long",
        |k| k.read(Why::Due(NotWatched::long("it is no use")), whole(1)),
        "waiting, then reading: due",
        "polled: it is no use",
    ),
    ("lost, whole", |k| k.read(Why::Lost, whole(1)), "waiting, then opening", ""),
    (
        "lost, broken",
        |k| k.read(Why::Lost, broken()),
        "waiting, then reading: lost",
        "down: pods: boom",
    ),
    (
        "silent, and it has nothing new",
        |k| k.read(Why::Silent(ended(End::Silent)), whole(1)),
        "opening",
        "",
    ),
    (
        "silent, and it has something new for the second time",
        |k| {
            k.doubt.held_back();
            k.read(Why::Silent(ended(End::Silent)), whole(2))
        },
        "waiting, then reading: due",
        "polled: nothing comes through its watch",
    ),
    (
        "silent, broken",
        |k| k.read(Why::Silent(ended(End::Silent)), broken()),
        "waiting, then as it ended",
        "down: pods: boom",
    ),
    ("short, whole", |k| k.read(Why::Short(ended(End::Closed)), whole(1)), "opening", ""),
    (
        "useless, whole",
        |k| k.read(Why::Useless(ended(End::Closed), NotWatched::now("it ends")), whole(1)),
        "waiting, then reading: due",
        "polled: it ends",
    ),
    (
        "useless, broken",
        |k| k.read(Why::Useless(ended(End::Closed), NotWatched::now("it ends")), broken()),
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
                k.read(Why::Lost, denied());
            }
            k.read(Why::Lost, denied())
        },
        "waiting, then reading: due",
        "polled: listing it is forbidden",
    ),
];

const WAITED: &[Row] = &[
    ("to open", |k| k.go_on(Then::Open, false), "opening", ""),
    ("to open, woken", |k| k.go_on(Then::Open, true), "opening", ""),
    ("to read", |k| k.go_on(Then::Read(Why::Lost), false), "reading: lost", ""),
    ("to read, woken", |k| k.go_on(Then::Read(due()), true), "reading: due", ""),
    ("as it ended", |k| k.go_on(Then::Settle(ended(End::Silent)), false), "opening", ""),
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
            let mut bench = Bench::new(&connection);
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
    let mut bench = Bench::new(&to_nowhere().await);
    bench.keeper.read(Why::Lost, whole(1));
    bench.keeper.read(Why::Lost, broken());
    let Some(Health::Down { since, .. }) = bench.merge.take().health.into_values().next() else {
        panic!("it is lost")
    };
    assert_eq!(since.as_second(), ASKED);
}

#[tokio::test]
async fn every_wait_ends_when_every_watch_is_to_be_opened_anew() {
    let mut bench = Bench::new(&to_nowhere().await);
    bench.wake.send_modify(|count| *count += 1);
    let waits = bench.keeper.wait(Duration::from_secs(300));
    let woken = tokio::time::timeout(Duration::from_secs(20), waits).await;
    assert_eq!(woken, Ok(true));
}
