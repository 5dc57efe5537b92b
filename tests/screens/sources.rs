//! What becomes of the source: lists that are not up to date, a login that is waited for, a connection that
//! is lost, clusters that are one.

use plimsoll::app::event::{Event, LostConnection, SourceEvent};
use plimsoll::app::route::View;
use plimsoll::model::inventory::Inventory;
use plimsoll::model::read::ReadStatus;

use super::fixture::{Bench, another, contexts, found, inventory};
use super::frames::{frame, text, theme};

/// Sizes of which the first have no room for messages beside a list.
const SIZES: [(u16, u16); 4] = [(80, 24), (100, 30), (118, 40), (160, 50)];

fn drawn(bench: &mut Bench, size: (u16, u16)) -> String {
    text(&frame(bench, &theme("terminal"), size))
}

fn said(bench: &Bench) -> String {
    bench.state.messages.all().last().map(|m| m.lines.join(" ")).unwrap_or_default()
}

/// The numbers of the lines that hold these words.
fn places<const N: usize>(shown: &str, words: [&str; N]) -> [usize; N] {
    words.map(|word| {
        let at = shown.lines().position(|line| line.contains(word));
        at.unwrap_or_else(|| panic!("no `{word}` in\n{shown}"))
    })
}

#[test]
fn lists_that_are_not_up_to_date_say_so_at_every_size_and_why_on_enter() {
    let (stale, polled) = (
        "as of 2026-11-27T12:03:11Z; not up to date since: pods: no connection: Connection refused",
        "as of 2026-11-27T12:04:00Z; watching it is refused: cannot watch namespaces (HTTP 403); read \
         again every 60 s",
    );
    let mut reads = inventory().reads;
    for read in reads.iter_mut().filter(|read| read.status == ReadStatus::Complete) {
        match read.resource.as_str() {
            "v1/pods" => read.message = Some(stale.to_owned()),
            "v1/namespaces" => read.message = Some(polled.to_owned()),
            _ => {}
        }
    }
    let mut bench = Bench::assessed();
    bench.objects(Inventory::new(
        inventory().source,
        inventory().objects().cloned().collect(),
        reads,
    ));
    bench.keys("8");
    assert_eq!(bench.state.nav.view(), View::Coverage);
    for size in SIZES {
        let shown = drawn(&mut bench, size);
        let words = ["✖ forbidden", "? not watched", "? stale", "? not asked", "✔ complete"];
        let at = places(&shown, words);
        assert!(at.is_sorted(), "{at:?} in\n{shown}");
    }
    for (words, why) in [("v1/pods", stale), ("v1/namespaces", polled)] {
        bench.keys(&format!("/{words}<enter><enter>"));
        assert!(said(&bench).ends_with(why), "{}", said(&bench));
        let shown = drawn(&mut bench, (80, 24));
        assert!(shown.contains("as of 2026-11-27T12:0"), "{shown}");
        bench.keys("<esc>");
    }
}

#[test]
fn the_menu_of_clusters_says_how_it_stands_with_the_one_that_is_open() {
    let mut bench = Bench::assessed();
    bench.event(Event::Contexts(Ok(contexts())));
    let row = |bench: &mut Bench, name: &str| {
        bench.keys("c");
        let shown = drawn(bench, (80, 24));
        bench.keys("<esc>");
        shown.lines().find(|line| line.contains(&format!("{name}  "))).unwrap_or("").to_owned()
    };
    assert!(row(&mut bench, "prod-eu").contains("prod-eu   connected"));
    let retry_at = Some(bench.now.millis);
    bench.event(Event::Source(SourceEvent::Stale(LostConnection {
        since: 0,
        reason: "x".into(),
        retry_at,
        waiting: 1,
    })));
    assert!(row(&mut bench, "prod-eu").contains("connection lost"));
    bench.event(Event::Source(SourceEvent::Connecting { context: "staging".into() }));
    assert!(row(&mut bench, "staging").contains("staging   connecting"));
    let mut bench = Bench::refused();
    bench.event(Event::Contexts(Ok(contexts())));
    assert!(row(&mut bench, "prod-eu").contains("nothing may be read"));
}

#[test]
fn what_is_run_to_log_in_stands_there_as_long_as_it_is_waited_for() {
    let mut bench = Bench::assessed();
    bench.event(Event::Source(SourceEvent::Connecting { context: "slow".into() }));
    assert_eq!(bench.state.source.told, None);
    let told = "context slow: to log in, the kubeconfig has this run: sleep 300".to_owned();
    bench.event(Event::Source(SourceEvent::Notice(told)));
    bench.wait(42_000);
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains("42 s: to log in, the kubeconfig has this run: sleep 300"), "{shown}");
    let next = bench.state.next_deadline().unwrap();
    assert!(next > bench.now.millis && next <= bench.now.millis + 1_000, "it counts");
    bench.objects(inventory());
    let shown = drawn(&mut bench, (80, 24));
    assert!(!shown.contains("sleep 300"), "{shown}");
}

#[test]
fn a_lost_connection_grows_older_while_it_is_tried_and_a_reading_takes_its_line() {
    let mut bench = Bench::assessed();
    let (since, now) = (bench.now.unix - 42, bench.now.millis);
    let reason = "connection refused".to_owned();
    let mut says = |retry_at: u64, waiting: usize, words: &str| {
        let (reason, retry_at) = (reason.clone(), Some(retry_at));
        bench.event(Event::Source(SourceEvent::Stale(LostConnection {
            since,
            reason,
            retry_at,
            waiting,
        })));
        let shown = drawn(&mut bench, (100, 24));
        let words = format!("connection lost: connection refused; {words} ");
        assert!(shown.contains(&words), "no `{words}` in {shown}");
    };
    says(now + 3_000, 1, "next try in 3 s");
    says(now + 3_000, 7, "next of 7 tries in 3 s");
    says(now - 1, 7, "trying, 7 lists in all");
    says(now - 1, 1, "trying");
    let next = bench.state.next_deadline().unwrap();
    assert!(next > now && next <= now + 1_000, "the age stands still");
    let resource = "v1/pods".to_owned();
    bench.event(Event::Source(SourceEvent::Progress { resource, items: 0 }));
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains("◌ reading") && !shown.contains("trying"), "{shown}");
}

#[test]
fn what_is_new_and_what_is_gone_are_told_apart() {
    let mut bench = Bench::assessed();
    let mut findings = found();
    findings.retain(|finding| &*finding.check != "fx-privileged");
    findings.push(another());
    bench.follow(findings);
    let told = said(&bench);
    let (new, gone) = (told.find(": new: "), told.find("; gone: "));
    assert!(told.starts_with("1 new finding, ") && new.is_some() && new < gone, "{told}");
    assert!(
        told.contains("new: Container runs privileged (Deployment/shop/cart); gone: "),
        "{told}"
    );
}
