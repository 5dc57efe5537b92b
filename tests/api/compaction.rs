//! History that the real etcd has forgotten: lists whose place in it is gone, and watches that would
//! have to go on from there. Each test first asks the server itself whether it has forgotten.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures::StreamExt as _;
use futures::future::BoxFuture;

use super::*;
use fixture::Admin;
use gate::{Before, Gate, Passed};

/// How soon history is forgotten: after twice this time.
const FORGETS: &str = "--etcd-compaction-interval=1s";
/// Objects that take three pages.
const THREE_PAGES: usize = 1010;
/// Objects that take two.
const TWO_PAGES: usize = 510;

/// Name to uid and version.
type State = BTreeMap<String, (String, String)>;

/// A server that asks etcd for everything, shared by the tests of lists: what etcd forgot, it forgot.
fn forgetful() -> &'static Fixture {
    static SHARED: OnceLock<Fixture> = OnceLock::new();
    SHARED.get_or_init(|| Fixture::with(&[FORGETS, "--watch-cache=false"]))
}

fn maps_in(namespace: &str) -> String {
    format!("/api/v1/namespaces/{namespace}/configmaps")
}

/// The config maps of a namespace.
fn asked(namespace: &str) -> ReadRequest {
    ReadRequest {
        kinds: vec![kind("", "ConfigMap")],
        namespaces: Some(vec![namespace.to_owned()]),
        ..ReadRequest::default()
    }
}

/// Makes a namespace with `c0000`, `c0001` and so on, and `aa-first` and `zz-last` around them.
async fn fill(admin: &Admin, namespace: &str, count: usize) {
    admin.namespace(namespace).await;
    let names = (0..count).map(|n| format!("c{n:04}"));
    let names = names.chain(["aa-first".to_owned(), "zz-last".to_owned()]);
    let made = futures::stream::iter(names).map(|name| async move {
        admin.config_map(namespace, &name).await;
    });
    made.buffer_unordered(16).for_each(|()| async {}).await;
}

/// Deletes on the first page and on a later one, makes anew at both ends, changes at both ends, and
/// makes one anew under the name that it had.
async fn upset(admin: &Admin, namespace: &str, round: usize) {
    let path = maps_in(namespace);
    let change = json!({"data": {"round": round.to_string()}});
    for name in ["aa-first", "zz-last"] {
        admin.patch(&format!("{path}/{name}"), &change).await;
    }
    for name in [format!("c{round:04}"), format!("c05{round:02}")] {
        admin.delete(&format!("{path}/{name}")).await;
    }
    admin.delete(&format!("{path}/c0100")).await;
    for name in [format!("ab-new-{round}"), "c0100".to_owned(), format!("zy-new-{round}")] {
        admin.config_map(namespace, &name).await;
    }
}

/// What the server has.
async fn truth(admin: &Admin, namespace: &str) -> State {
    state_of(&admin.get(&maps_in(namespace)).await)
}

fn state_of(list: &Value) -> State {
    let word = |item: &Value, key: &str| item["metadata"][key].as_str().unwrap().to_owned();
    let items = list["items"].as_array().unwrap().iter();
    items.map(|i| (word(i, "name"), (word(i, "uid"), word(i, "resourceVersion")))).collect()
}

/// What is known of it. Nothing is there twice.
fn known(inventory: &Inventory) -> State {
    let maps = inventory.of(&kind("", "ConfigMap"));
    let state: State = maps
        .iter()
        .map(|map| (map.id.name.to_string(), (map.uid.to_string(), map.version.to_string())))
        .collect();
    assert_eq!(state.len(), maps.len(), "something is there twice");
    state
}

/// That two states are the same; else what one has and the other has not.
#[track_caller]
fn same(one: &State, other: &State, otherwise: &str) {
    let less = |a: &State, b: &State| -> Vec<String> {
        let missing = a.iter().filter(|(name, state)| b.get(*name) != Some(state));
        missing.map(|(name, (_, version))| format!("{name}@{version}")).collect()
    };
    let (here, there) = (less(one, other), less(other, one));
    assert!(one == other, "{otherwise}: {here:?} in place of {there:?}");
}

/// Waits until the server itself says that it no longer knows the place in a list.
async fn forgotten(admin: &Admin, page: &str) -> Value {
    let asking = async {
        loop {
            let (status, text) = admin.answer("GET", page, "application/json", String::new()).await;
            if status.as_u16() == 410 {
                return serde_json::from_str(&text).unwrap();
            }
            assert!(status.is_success(), "{page}: {text}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let status: Value = tokio::time::timeout(SOON, asking).await.expect("it never forgets");
    assert_eq!(status["reason"], "Expired", "{status}");
    status
}

/// Waits until the server itself no longer tells what happened since a watch was opened.
async fn lost(admin: &Admin, watch: &str) {
    let brief = watch.replace("timeoutSeconds=240", "timeoutSeconds=1");
    assert_ne!(brief, watch);
    let asking = async {
        loop {
            let (status, text) =
                admin.answer("GET", &brief, "application/json", String::new()).await;
            if status.as_u16() == 410 || is_too_old(&text) {
                return;
            }
            assert!(status.is_success(), "{brief}: {text}");
        }
    };
    tokio::time::timeout(SOON, asking).await.expect("it never forgets");
}

/// Whether a watch begins with the end of it.
fn is_too_old(said: &str) -> bool {
    said.starts_with(r#"{"type":"ERROR""#) && said.contains(r#""code":410"#)
}

/// The lists of a namespace that went through, as their kind of request and status.
fn course(gate: &Gate, namespace: &str) -> Vec<(&'static str, u16)> {
    let passed = gate.passed(&maps_in(namespace)).into_iter();
    let sort = |uri: &str| match (uri.contains("limit="), uri.contains("continue=")) {
        (_, true) => "next page",
        (true, false) => "first page",
        (false, false) => "one piece",
    };
    passed.filter(|p| !p.is_watch()).map(|p| (sort(&p.uri), p.status)).collect()
}

/// A list is under way when everything moves and its place is forgotten. The server offers to go on
/// with what is there now; nobody may take that for one list.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real API server"]
async fn a_list_whose_place_is_forgotten_begins_anew_and_is_of_one_moment() {
    let fixture = forgetful();
    let admin = Arc::new(fixture.admin().await);
    fill(&admin, "paged", THREE_PAGES).await;
    let before = truth(&admin, "paged").await;
    let (pages, offer) = (Arc::new(AtomicUsize::new(0)), Arc::new(OnceLock::new()));
    let (holder, offered) = (Arc::clone(&admin), Arc::clone(&offer));
    let gate = Gate::to(
        fixture,
        Box::new(move |uri| -> BoxFuture<'static, ()> {
            if !uri.contains("continue=") {
                return Box::pin(async {});
            }
            let (admin, offered) = (Arc::clone(&holder), Arc::clone(&offered));
            let nth = pages.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                if nth == 0 {
                    upset(&admin, "paged", 1).await;
                    offered.set(forgotten(&admin, &uri).await).unwrap();
                } else {
                    // Long enough that what has come so far is shown.
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
            })
        }),
    )
    .await;
    let connection = connect(&gate.options(fixture)).await.unwrap();
    let (_live, mut events) = Live::spawn(connection, asked("paged"));
    let mut last = None;
    let mut seen = Vec::new();
    until(&mut events, |event| match event {
        LiveEvent::Inventory(inventory) => {
            let read = inventory.reads.iter().find(|r| r.namespace.as_deref() == Some("paged"));
            seen.extend(read.map(|read| (read.status, read.items)));
            last = Some(Arc::clone(inventory));
            None
        }
        other => loaded(other),
    })
    .await;
    let after = truth(&admin, "paged").await;
    assert!(before.contains_key("c0001") && !after.contains_key("c0001"));
    let (one, three) = (("first page", 200), ("next page", 200));
    let course = course(&gate, "paged");
    let (begun, rest) = course.split_at(3);
    assert_eq!(begun, [one, ("next page", 410), one], "{course:?}");
    // On a slow machine the second place is forgotten as well, and the third list comes in one piece.
    let again = rest.contains(&("next page", 410)) && rest.last() == Some(&("one piece", 200));
    assert!(rest == [three, three] || again, "{course:?}");

    // What was offered is a mixture of both moments: what is gone on its first page, with what is
    // new on the others. No request took it.
    let token = offer.get().unwrap()["metadata"]["continue"].as_str().unwrap();
    assert!(!token.is_empty());
    assert!(gate.passed(token).is_empty(), "the offer was taken");
    let rest = admin.get(&format!("{}?continue={token}", maps_in("paged"))).await;
    let rest = state_of(&rest);
    assert!(rest.contains_key("zy-new-1") && !rest.contains_key("ab-new-1"), "{rest:?}");

    let inventory = last.unwrap();
    same(&known(&inventory), &after, "what was read is not what is there");
    let read = find(&inventory, "ConfigMap", Some("paged"));
    assert_eq!((read.status, read.items), (ReadStatus::Complete, after.len()), "{read:?}");
    assert_eq!(read.message, None);
    // On the way there, no page counted that belongs to the list that was given up.
    assert!(seen.iter().all(|(_, items)| *items <= after.len()), "{seen:?}");
    assert!(again || seen.contains(&(ReadStatus::Partial, 1000)), "never two pages: {seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real API server"]
async fn a_list_whose_place_is_forgotten_every_time_comes_in_one_piece() {
    let fixture = forgetful();
    let admin = Arc::new(fixture.admin().await);
    fill(&admin, "pieces", TWO_PAGES).await;
    let (rounds, holder) = (AtomicUsize::new(0), Arc::clone(&admin));
    let gate = Gate::to(
        fixture,
        Box::new(move |uri| -> BoxFuture<'static, ()> {
            if !uri.contains("continue=") {
                return Box::pin(async {});
            }
            let admin = Arc::clone(&holder);
            let round = rounds.fetch_add(1, Ordering::SeqCst) + 1;
            Box::pin(async move {
                upset(&admin, "pieces", round).await;
                forgotten(&admin, &uri).await;
            })
        }),
    )
    .await;
    let inventory = capture(&gate.options(fixture), &asked("pieces")).await;
    let (first, expired) = (("first page", 200), ("next page", 410));
    let wanted = [first, expired, first, expired, ("one piece", 200)];
    assert_eq!(course(&gate, "pieces"), wanted);
    let after = truth(&admin, "pieces").await;
    assert!(after.contains_key("zy-new-2"));
    same(&known(&inventory), &after, "what was read is not what is there");
    let read = find(&inventory, "ConfigMap", Some("pieces"));
    assert_eq!((read.status, read.items), (ReadStatus::Complete, after.len()), "{read:?}");
}

/// Follows a live source from the moment that its way was closed, while the server has `after`:
/// until it knows that, everything that it knows is `before`, and says that it is old.
async fn recovers(
    events: &mut tokio::sync::mpsc::Receiver<LiveEvent>,
    namespace: &str,
    before: &State,
    after: &State,
) {
    let mut last = None;
    until(events, |event| match event {
        LiveEvent::Inventory(inventory) => {
            let state = known(inventory);
            let read = find(inventory, "ConfigMap", Some(namespace));
            assert_eq!(read.status, ReadStatus::Complete, "{read:?}");
            let message = read.message.as_deref().unwrap_or_default();
            if state != *after {
                same(&state, before, "neither what was nor what is");
                assert!(message.contains("not up to date since"), "old and not said: {read:?}");
            }
            last = Some((state, message.to_owned()));
            None
        }
        LiveEvent::Liveness(Liveness::Live | Liveness::NotWatched(_)) => {
            let (state, message) = last.take().unwrap();
            same(&state, after, "what was is called up to date");
            assert_eq!(message, "", "it still says that it is old");
            Some(())
        }
        _ => None,
    })
    .await;
}

/// Lists take a while: long enough that whatever is said of them meanwhile is shown.
fn slowly() -> Before {
    Box::new(|uri| {
        let wait = if uri.contains("limit=500") { 600 } else { 0 };
        Box::pin(tokio::time::sleep(Duration::from_millis(wait)))
    })
}

fn stale(event: &LiveEvent) -> Option<()> {
    matches!(event, LiveEvent::Liveness(Liveness::Stale { .. })).then_some(())
}

/// The watch of a namespace that was opened first.
fn watched(gate: &Gate, namespace: &str) -> Passed {
    let passed = gate.passed(&maps_in(namespace));
    passed.into_iter().find(Passed::is_watch).expect("it is not watched")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real API server"]
async fn a_watch_that_was_cut_until_its_place_was_forgotten_is_listed_again() {
    let fixture = forgetful();
    let admin = fixture.admin().await;
    fill(&admin, "cut", TWO_PAGES).await;
    let before = truth(&admin, "cut").await;
    let gate = Gate::to(fixture, slowly()).await;
    let connection = connect(&gate.options(fixture)).await.unwrap();
    let (_live, mut events) = Live::spawn(connection, asked("cut"));
    until(&mut events, loaded).await;
    // The watches are opened just now.
    tokio::time::sleep(Duration::from_millis(300)).await;
    gate.shut();
    until(&mut events, stale).await;
    upset(&admin, "cut", 1).await;
    let after = truth(&admin, "cut").await;
    let first = watched(&gate, "cut");
    assert_eq!(first.status, 200);
    lost(&admin, &first.uri).await;
    gate.open();
    recovers(&mut events, "cut", &before, &after).await;
    let told = gate.passed(&maps_in("cut"));
    let told = told.iter().filter(|passed| passed.is_watch() && is_too_old(&passed.said));
    assert_eq!(told.count(), 1, "the server never said that the watch is too old");
    // It is watched again.
    admin.delete(&format!("{}/ab-new-1", maps_in("cut"))).await;
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => (known(i).len() == after.len() - 1).then_some(()),
        _ => None,
    })
    .await;
}

/// With its cache, as servers run: what was before its start the cache never knew, and the list that
/// is under way is asked of etcd.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real API server"]
async fn a_server_that_is_started_again_has_forgotten_the_watch_and_the_place_in_a_list() {
    let fixture = Fixture::with(&[FORGETS]);
    let admin = Arc::new(fixture.admin().await);
    fill(&admin, "listed", TWO_PAGES).await;
    fill(&admin, "watched", TWO_PAGES).await;
    let before = truth(&admin, "watched").await;
    let free = Gate::to(&fixture, slowly()).await;
    let connection = connect(&free.options(&fixture)).await.unwrap();
    let (_live, mut events) = Live::spawn(connection, asked("watched"));
    until(&mut events, loaded).await;
    let (back, _) = tokio::sync::watch::channel(false);
    let (reached, mut held) = tokio::sync::mpsc::channel(1);
    let (holder, until_back) = (Arc::clone(&admin), back.clone());
    let once = AtomicBool::new(false);
    let gate = Gate::to(
        &fixture,
        Box::new(move |uri| -> BoxFuture<'static, ()> {
            if !uri.contains("continue=") || once.swap(true, Ordering::SeqCst) {
                return Box::pin(async {});
            }
            let (admin, reached) = (Arc::clone(&holder), reached.clone());
            let mut back = until_back.subscribe();
            Box::pin(async move {
                reached.send(()).await.unwrap();
                back.wait_for(|back| *back).await.unwrap();
                forgotten(&admin, &uri).await;
            })
        }),
    )
    .await;
    let options = gate.options(&fixture);
    let listing = tokio::spawn(async move { capture(&options, &asked("listed")).await });
    held.recv().await.unwrap();
    free.shut();
    until(&mut events, stale).await;
    for namespace in ["listed", "watched"] {
        upset(&admin, namespace, 1).await;
    }
    let fixture = tokio::task::spawn_blocking(move || fixture.restart(|| ())).await.unwrap();
    let admin = fixture.admin().await;
    lost(&admin, &watched(&free, "watched").uri).await;
    back.send_replace(true);
    free.open();
    let after = truth(&admin, "watched").await;
    recovers(&mut events, "watched", &before, &after).await;
    let told = free.passed(&maps_in("watched"));
    assert!(told.iter().any(|passed| passed.is_watch() && is_too_old(&passed.said)), "{told:?}");

    let inventory = listing.await.unwrap();
    let (first, next) = (("first page", 200), ("next page", 200));
    assert_eq!(course(&gate, "listed"), [first, ("next page", 410), first, next]);
    let after = truth(&admin, "listed").await;
    assert!(after.contains_key("zy-new-1"));
    same(&known(&inventory), &after, "what was read is not what is there");
    assert_eq!(find(&inventory, "ConfigMap", Some("listed")).status, ReadStatus::Complete);
}
