//! What reads say of their age.

use std::time::Duration;

use super::*;
use crate::cluster::list::ListResult;
use crate::model::kinds::lookup;
use crate::model::read::ReadStatus;

fn pods() -> Slot {
    Slot { kind: Kind::new("", "Pod"), namespace: None }
}

fn store(listed: ListResult) -> Store {
    let mut store = Store::new(SourceInfo::default());
    let target = Arc::new(ApiResource::assumed(lookup("pods").unwrap()));
    store.apply(ReadStep::Done(pods(), Some(target), listed));
    store
}

fn whole() -> ListResult {
    let mut listed = ListResult::without(ReadStatus::Complete, None);
    listed.version = "5".to_owned();
    listed
}

fn polled() -> Health {
    Health::Polled { why: "no watch".into(), every: Duration::from_secs(60), usual: false }
}

fn message(store: &mut Store) -> String {
    let read = store.parts().inventory().reads.pop().unwrap();
    read.message.unwrap_or_default()
}

/// The moment that a message names.
fn as_of(message: &str) -> Timestamp {
    let moment = message.strip_prefix("as of ").unwrap().split(';').next().unwrap();
    moment.parse().unwrap()
}

fn ago(seconds: u64) -> Timestamp {
    Timestamp::now().checked_sub(Duration::from_secs(seconds)).unwrap()
}

#[test]
fn a_list_that_took_long_is_as_of_when_it_was_asked_for() {
    let mut store = store(ListResult { millis: Some(90_000), ..whole() });
    store.hear(&pods(), polled());
    let said = as_of(&message(&mut store));
    assert!(said <= ago(89), "{said}");
}

#[test]
fn a_silent_server_makes_no_list_newer_than_its_last_reading() {
    let silence = || Silence {
        since: ago(10),
        reason: "the server is silent".to_owned(),
        retry_at: tokio::time::Instant::now(),
    };
    // One that is watched was kept up to date until the server fell silent.
    let mut watched = store(ListResult { millis: Some(50_000), ..whole() });
    assert!(watched.silence(Some(silence())));
    let said = message(&mut watched);
    assert!(said.ends_with("; not up to date since: the server is silent"), "{said}");
    assert!(as_of(&said) >= ago(12), "{said}");
    // One that is not was not.
    let mut read = store(ListResult { millis: Some(50_000), ..whole() });
    read.hear(&pods(), polled());
    read.silence(Some(silence()));
    assert!(as_of(&message(&mut read)) <= ago(49));
    assert!(read.heard(&pods(), ago(10)) <= ago(49), "nor is it when the server is back");
}

#[test]
fn a_reading_that_fails_leaves_a_list_as_old_as_it_was_and_one_that_does_not_makes_it_new() {
    let mut store = store(whole());
    let down = Health::Down {
        since: ago(100),
        reason: "pods: no connection".to_owned(),
        retry_in: Duration::from_secs(1),
    };
    assert!(store.hear(&pods(), down) && store.liveness().unwrap().is_stale());
    let before = message(&mut store);
    assert!(store.liveness().is_none(), "nothing is new");
    let target = || Some(Arc::new(ApiResource::assumed(lookup("pods").unwrap())));
    let failed = ListResult::without(ReadStatus::Failed, Some("boom".to_owned()));
    store.apply(ReadStep::Done(pods(), target(), failed));
    assert_eq!(message(&mut store), before, "for the reason for which it was lost");
    let Some(Liveness::Stale { reason, .. }) = store.liveness() else { panic!("it is lost") };
    assert_eq!(reason, "pods: boom", "and what hinders it now is said of the whole");
    store.apply(ReadStep::Done(pods(), target(), whole()));
    assert_eq!((message(&mut store), store.liveness()), (String::new(), Some(Liveness::Live)));
}

#[test]
fn a_list_that_is_not_watched_is_not_called_live_for_having_been_read() {
    let mut store = store(whole());
    store.hear(&pods(), polled());
    let target = || Some(Arc::new(ApiResource::assumed(lookup("pods").unwrap())));
    store.apply(ReadStep::Done(pods(), target(), whole()));
    assert!(message(&mut store).contains("no watch; read again every 60 s"));
    assert!(matches!(store.liveness(), Some(Liveness::NotWatched(_))));
    store.apply(ReadStep::Done(pods(), target(), ListResult::without(ReadStatus::NotServed, None)));
    assert_eq!((message(&mut store), store.liveness()), (String::new(), Some(Liveness::Live)));
}

/// The moment that the header names.
fn stale_since(store: &mut Store) -> i64 {
    let Some(Liveness::Stale { since, .. }) = store.liveness() else { panic!("nothing is stale") };
    since
}

#[test]
fn the_oldest_moment_is_that_of_what_is_still_old() {
    let nodes = || Slot { kind: Kind::new("", "Node"), namespace: None };
    let lost = |since| Health::Down {
        since,
        reason: "no connection".to_owned(),
        retry_in: Duration::from_secs(1),
    };
    let mut store = store(whole());
    let target = Arc::new(ApiResource::assumed(lookup("nodes").unwrap()));
    store.apply(ReadStep::Done(nodes(), Some(target), whole()));
    let (first, second, third) = (ago(300), ago(200), ago(100));
    store.hear(&pods(), lost(first));
    store.hear(&nodes(), lost(third));
    assert_eq!(stale_since(&mut store), first.as_second());
    store.hear(&pods(), Health::Up);
    assert_eq!(stale_since(&mut store), third.as_second(), "pods are well again");
    // A silence of everything is over; one list was lost after it began.
    let reason = "the server is silent".to_owned();
    store.silence(Some(Silence { since: second, reason, retry_at: tokio::time::Instant::now() }));
    assert_eq!(stale_since(&mut store), second.as_second());
    store.heard_again().unwrap();
    assert_eq!(stale_since(&mut store), third.as_second(), "the server is there again");
}

#[test]
fn a_list_whose_first_reading_broke_off_is_loading_when_it_is_read_again() {
    let mut store = Store::new(SourceInfo::default());
    let plan = |store: &mut Store| {
        let target = Arc::new(ApiResource::assumed(lookup("pods").unwrap()));
        store.begin(None);
        store.apply(ReadStep::Planned(vec![(pods(), Some(target))]));
    };
    let said = |store: &mut Store| {
        let read = store.parts().inventory().reads.pop().unwrap();
        (read.status, read.message.unwrap_or_default())
    };
    plan(&mut store);
    store.abandon("no answer");
    assert_eq!(said(&mut store), (ReadStatus::Failed, "no answer".to_owned()));
    plan(&mut store);
    assert_eq!(said(&mut store), (ReadStatus::Partial, "still loading".to_owned()));
}
