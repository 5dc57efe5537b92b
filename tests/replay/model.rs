//! A server in memory that forgets, lies, stalls and is restored, against what is known of it: at no
//! moment is there an object that it never had, or a list called complete and up to date that it never
//! was; and when it is quiet again, what is known is what it has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use proptest::prelude::*;

use super::*;

/// Name to uid and version.
type State = BTreeMap<String, (u64, u64)>;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Act {
    /// A pod is made, or changed.
    Put(u8),
    /// A pod is deleted, if it is there.
    Drop(u8),
    /// Every watch is cut off.
    Cut,
    /// History is forgotten up to here: whoever asks for it gets 410.
    Compact,
    /// Watches are told 410.
    Expire,
    /// Watches are told of another error.
    Error(u16),
    /// The last event is sent again.
    Repeat,
    /// An event from the past is sent again.
    Late(u8),
    /// A line that is no event.
    Garbage,
    /// The next requests are refused with this status.
    Refuse(u16, u8),
    /// Watches go silent without being closed: what happens is not sent.
    Silence,
    /// The cluster is restored to an earlier state and version.
    Restore(u8),
    /// Some time goes by.
    Wait(u8),
}

fn act() -> impl Strategy<Value = Act> {
    let code = || prop_oneof![Just(429_u16), Just(500), Just(503), Just(504), Just(410)];
    prop_oneof![
        8 => (0_u8..12).prop_map(Act::Put),
        5 => (0_u8..12).prop_map(Act::Drop),
        2 => Just(Act::Cut),
        2 => Just(Act::Compact),
        1 => Just(Act::Expire),
        1 => prop_oneof![Just(500_u16), Just(429), Just(504)].prop_map(Act::Error),
        1 => Just(Act::Repeat),
        1 => any::<u8>().prop_map(Act::Late),
        1 => Just(Act::Garbage),
        2 => (code(), 1_u8..4).prop_map(|(code, times)| Act::Refuse(code, times)),
        1 => Just(Act::Silence),
        1 => any::<u8>().prop_map(Act::Restore),
        3 => (1_u8..30).prop_map(Act::Wait),
    ]
}

#[derive(Default)]
struct World {
    version: u64,
    uids: u64,
    now: State,
    /// Events since the last compaction, with the version of each.
    history: Vec<(u64, String)>,
    /// Lists under way see the moment that they began at.
    moments: BTreeMap<u64, State>,
    /// Every state that there ever was, as sets of name, uid and version.
    seen: BTreeSet<Vec<(String, u64, u64)>>,
    watches: Vec<mpsc::UnboundedSender<String>>,
    /// Open to the eye, but nothing is sent on them any more.
    silent: Vec<mpsc::UnboundedSender<String>>,
    compacted: u64,
    /// Lists begun.
    lists: usize,
    refuse: (u16, u8),
}

fn shown(state: &State) -> Vec<(String, u64, u64)> {
    state.iter().map(|(name, (uid, version))| (name.clone(), *uid, *version)).collect()
}

impl World {
    fn new() -> Self {
        let mut world = Self { version: 10, ..Self::default() };
        world.remember();
        world
    }

    fn remember(&mut self) {
        self.seen.insert(shown(&self.now));
        self.moments.insert(self.version, self.now.clone());
    }

    fn send(&mut self, text: &str) {
        self.watches.retain(|watch| watch.send(text.to_owned()).is_ok());
    }

    fn happens(&mut self, kind: &str, name: &str, uid: u64) {
        let text = line(kind, &pod(name, &uid.to_string(), &self.version.to_string()));
        self.history.push((self.version, text.clone()));
        self.remember();
        self.send(&text);
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Put(n) => {
                let name = format!("p{n:02}");
                self.version += 1;
                let new = !self.now.contains_key(&name);
                self.uids += u64::from(new);
                let uid = self.now.get(&name).map_or(self.uids, |(uid, _)| *uid);
                self.now.insert(name.clone(), (uid, self.version));
                self.happens(if new { "ADDED" } else { "MODIFIED" }, &name, uid);
            }
            Act::Drop(n) => {
                let name = format!("p{n:02}");
                if let Some((uid, _)) = self.now.remove(&name) {
                    self.version += 1;
                    self.happens("DELETED", &name, uid);
                }
            }
            Act::Cut => self.cut(),
            Act::Compact => {
                self.compacted = self.version;
                self.history.clear();
                let now = self.version;
                self.moments.retain(|version, _| *version >= now);
            }
            Act::Expire => self.send(
                r#"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}"#,
            ),
            Act::Error(code) => self.send(&format!(
                r#"{{"type":"ERROR","object":{{"kind":"Status","code":{code},"message":"m"}}}}"#
            )),
            Act::Repeat => {
                if let Some((_, text)) = self.history.last().cloned() {
                    self.send(&text);
                }
            }
            Act::Late(n) => {
                let at = usize::from(*n) % self.history.len().max(1);
                if let Some((_, text)) = self.history.get(at).cloned() {
                    self.send(&text);
                }
            }
            Act::Garbage => {
                self.send("{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Pod\",\"metad");
            }
            Act::Refuse(code, times) => self.refuse = (*code, *times),
            Act::Silence => self.silent.append(&mut self.watches),
            Act::Restore(n) => self.restore(usize::from(*n)),
            Act::Wait(_) => {}
        }
    }

    fn bookmark(&mut self) {
        self.send(&server::bookmark(&self.version.to_string()));
    }

    fn cut(&mut self) {
        self.watches.clear();
        self.silent.clear();
    }

    /// Servers that are restored were stopped: no watch outlives it.
    fn restore(&mut self, n: usize) {
        let Some((version, state)) = self.moments.iter().nth(n % self.moments.len().max(1)) else {
            return;
        };
        (self.version, self.now) = (*version, state.clone());
        self.history.retain(|(version, _)| *version <= self.version);
        let now = self.version;
        self.moments.retain(|version, _| *version <= now);
        self.cut();
    }

    fn answer(&mut self, request: &Request) -> Option<Reply> {
        if request.path != "/api/v1/pods" {
            return None;
        }
        if self.refuse.1 > 0 {
            self.refuse.1 -= 1;
            return status(self.refuse.0, "", "not now");
        }
        let part = |key: &str| request.part(key).map(str::to_owned);
        if request.is_watch() {
            return self.watch(part("resourceVersion")?.parse().ok()?);
        }
        // Pages of three; the token says at which moment and after which name.
        let (version, after) = if let Some(token) = part("continue") {
            let (version, after) = token.split_once('-')?;
            (version.parse().ok()?, after.to_owned())
        } else {
            self.lists += usize::from(part("limit").is_none_or(|limit| limit != "1"));
            (self.version, String::new())
        };
        let Some(state) = self.moments.get(&version) else {
            return status(410, "", "the continue token is too old");
        };
        let rest: Vec<_> = state.iter().filter(|(name, _)| **name > after).collect();
        let size = if request.query.contains("limit=") { 3 } else { rest.len() };
        let page = rest.get(..size.min(rest.len()))?;
        let items: Vec<_> = page
            .iter()
            .map(|(name, (uid, version))| pod(name, &uid.to_string(), &version.to_string()))
            .collect();
        let next = match page.last() {
            Some((name, _)) if rest.len() > size => format!("{version}-{name}"),
            _ => String::new(),
        };
        ok(list("Pod", &version.to_string(), &next, &items))
    }

    fn watch(&mut self, from: u64) -> Option<Reply> {
        if from < self.compacted {
            return status(410, "", "too old resource version");
        }
        // From a moment to come nothing is sent until it has come, as real servers do.
        let missed = self.history.iter().filter(|(version, _)| *version > from);
        let lines = missed.map(|(_, text)| text.clone()).collect();
        let (sender, receiver) = mpsc::unbounded_channel();
        if from > self.version {
            self.silent.push(sender);
        } else {
            self.watches.push(sender);
        }
        Some(Reply::Watch(lines, receiver))
    }
}

fn known(inventory: &Inventory) -> Vec<(String, u64, u64)> {
    let pods = inventory.of(&Kind::new("", "Pod"));
    let number = |text: &str| text.parse().unwrap();
    pods.iter().map(|o| (o.id.name.to_string(), number(&o.uid), number(&o.version))).collect()
}

fn read_of_pods(inventory: &Inventory) -> Option<&Read> {
    inventory.reads.iter().find(|read| read.kind.as_ref().is_some_and(|k| &*k.kind == "Pod"))
}

/// Checks what is true at every moment.
fn check(world: &World, inventory: &Inventory) {
    let pods = known(inventory);
    for pod in &pods {
        let had = world.seen.iter().any(|state| state.contains(pod));
        assert!(had, "{pod:?} never was");
    }
    if read_of_pods(inventory).is_some_and(|read| read.status == ReadStatus::Complete) {
        assert!(
            world.seen.contains(&pods),
            "complete, but the server never was like this: {pods:?}"
        );
    }
}

/// Waits for the list that follows a restoration. Were as many versions given again before anybody
/// looked, nobody could tell: that is why backups are restored with versions raised.
async fn noticed(world: &Mutex<World>) {
    let lists = || world.lock().unwrap().lists;
    let before = lists();
    let noticed = async {
        while lists() == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    // Where nothing was restored to an earlier moment, there is nothing to notice.
    let _ = tokio::time::timeout(Duration::from_millis(600), noticed).await;
}

async fn follow(acts: &[Act]) {
    let world = Arc::new(Mutex::new(World::new()));
    let served = Arc::clone(&world);
    let server = Server::start(move |request| served.lock().unwrap().answer(request)).await;
    let mut options = server.hasty();
    options.patience.base = Duration::from_millis(2);
    options.patience.longest = Duration::from_millis(20);
    options.pace.quiet_watch = Duration::from_millis(120);
    options.pace.lived = Duration::from_millis(60);
    // It sends its own, on watches that are not silent.
    server.bookmarks.store(false, Ordering::SeqCst);
    let connection = connect(&options).await.unwrap();
    let (_live, mut events) = Live::spawn(connection, request(&["Pod"]));
    let over = Arc::new(AtomicBool::new(false));
    let (judge, done) = (Arc::clone(&world), Arc::clone(&over));
    let watcher = async move {
        let mut last = None;
        while let Some(event) = events.recv().await {
            let LiveEvent::Inventory(inventory) = event else { continue };
            let world = judge.lock().unwrap();
            check(&world, &inventory);
            last = Some(known(&inventory));
            if done.load(Ordering::SeqCst) && last == Some(shown(&world.now)) && fresh(&inventory) {
                return;
            }
        }
        panic!("the source ended; known last: {last:?}");
    };
    let driver = async {
        for act in acts {
            world.lock().unwrap().act(act);
            if matches!(act, Act::Restore(_)) {
                noticed(&world).await;
            }
            if let Act::Wait(millis) = act {
                tokio::time::sleep(Duration::from_millis(u64::from(*millis))).await;
            }
        }
        over.store(true, Ordering::SeqCst);
        // A last change, so that there is something to tell of when all is quiet.
        world.lock().unwrap().act(&Act::Put(99));
        // From now on it is an ordinary server.
        loop {
            tokio::time::sleep(Duration::from_millis(40)).await;
            world.lock().unwrap().bookmark();
        }
    };
    let both = async {
        tokio::select! {
            () = watcher => {}
            never = driver => never,
        }
    };
    let done = tokio::time::timeout(SOON, both).await;
    assert!(done.is_ok(), "it never came to know what is there: {:?}", world.lock().unwrap().now);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn whatever_goes_wrong_what_is_known_is_true_and_becomes_whole(
        acts in prop::collection::vec(act(), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(follow(&acts));
    }
}
