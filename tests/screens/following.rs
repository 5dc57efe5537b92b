//! What a live cluster comes to after a run: flips, marks, freezing, and rows that stay where they are.

use std::sync::Arc;

use plimsoll::app::ahead::CountedBy;
use plimsoll::app::effect::Effect;
use plimsoll::app::event::{Event, LostConnection, RunEvent, SourceEvent};
use plimsoll::app::item::Item;
use plimsoll::app::live::{MARKED, RowMark, TELLS, WhyGone};
use plimsoll::app::route::{GroupBy, Screen};
use plimsoll::model::finding::{Finding, Gap, RunResult};
use plimsoll::model::inventory::Inventory;
use plimsoll::model::node::Node;
use plimsoll::model::object::Object;
use plimsoll::model::read::{Missing, ReadStatus};
use proptest::prelude::*;

use super::fixture::{Bench, another, found, inventory, result};
use super::frames::{frame, text, theme};

fn drawn(bench: &mut Bench, size: (u16, u16)) -> String {
    text(&frame(bench, &theme("terminal"), size))
}

fn with_another() -> Vec<Arc<Finding>> {
    let mut findings = found();
    findings.push(another());
    findings
}

/// The findings without those of one check.
fn without(check: &str) -> Vec<Arc<Finding>> {
    found().into_iter().filter(|f| &*f.check != check).collect()
}

fn said(bench: &Bench) -> Vec<String> {
    bench.state.messages.all().iter().map(|m| m.lines.join(" ")).collect()
}

/// The row of a list that holds a word.
fn line<'a>(shown: &'a str, word: &str) -> &'a str {
    shown.lines().find(|l| l.contains(word)).unwrap_or_else(|| panic!("no {word} in\n{shown}"))
}

#[test]
fn a_finding_that_comes_is_marked_for_a_while_and_told_once() {
    let mut bench = Bench::assessed();
    bench.keys("4");
    bench.taken();
    bench.follow(with_another());
    let taken = bench.taken();
    let [Effect::Followed(view)] = taken.as_slice() else { panic!("{taken:?}") };
    assert_eq!(view.0.since.new.len(), 1);
    let shown = drawn(&mut bench, (120, 40));
    let row = line(&shown, "(new) container log");
    assert!(row.trim_start().starts_with('+') && row.contains("shop/cart"), "{row}");
    assert!(shown.contains("run 2 · live +1"), "{shown}");
    let told = said(&bench).pop().unwrap();
    assert!(told.starts_with("1 new finding"), "{told}");
    assert!(
        told.ends_with(" since 12:00:00: Container runs privileged (Deployment/shop/cart)"),
        "{told}"
    );

    // Nothing ticks: the next deadlines are those of the message and of the mark.
    while let Some(at) = bench.state.next_deadline() {
        assert!(at > bench.now.millis, "a deadline that is over wakes for ever");
        bench.wait(at - bench.now.millis);
    }
    let shown = drawn(&mut bench, (120, 40));
    let row = line(&shown, " container log");
    assert!(!row.contains("new") && !row.contains('+'), "{row}");
    // That the screen is not the run any more holds as long as it holds.
    assert!(shown.contains("run 2 · live +1"), "{shown}");
    assert_eq!(bench.state.data.live.on_finding(&another().fingerprint), None);

    // It goes again: the screen is the run's.
    bench.follow(found());
    let shown = drawn(&mut bench, (120, 40));
    assert!(!shown.contains("run 2 ·"), "{shown}");
    assert!(said(&bench).last().unwrap().starts_with("1 finding gone"), "{:?}", said(&bench));
}

#[test]
fn what_came_and_went_between_two_messages_is_told() {
    let mut bench = Bench::assessed();
    // A message about something else, after which the next one waits.
    bench.follow(without("fx-privileged"));
    bench.follow(found());
    let before = said(&bench).len();
    bench.follow(with_another());
    bench.follow(found());
    bench.wait(TELLS);
    let told = said(&bench).split_off(before).join(" ");
    assert!(told.contains("1 came and went"), "{told}");
    assert!(told.contains("(Deployment/shop/cart)"), "{told}");
}

#[test]
fn controls_that_change_their_status_are_marked_with_what_it_was() {
    let mut bench = Bench::assessed();
    bench.follow(without("fx-privileged"));
    bench.keys("3<enter>");
    let shown = drawn(&mut bench, (120, 40));
    let row = line(&shown, "(was fail)");
    assert!(row.contains('±'), "{row}");
    bench.wait(MARKED);
    assert!(!drawn(&mut bench, (120, 40)).contains("(was fail)"));
}

#[test]
fn a_finding_that_goes_while_it_is_open_says_since_when_and_why() {
    let mut bench = Bench::assessed();
    bench.keys("4<enter>");
    bench.now.unix += 251;
    bench.follow(without("fx-privileged"));
    assert!(matches!(bench.state.nav.top().screen, Screen::Finding(_)));
    for size in [(80, 24), (120, 40)] {
        let shown = drawn(&mut bench, size);
        assert!(shown.contains("gone since 12:04:11 (it is fixed)"), "{shown}");
    }
    // It can still be decided about, and the list goes on from where it was.
    assert_eq!(bench.state.chosen_findings().len(), 1);
    bench.keys("]");
    assert!(said(&bench).last().unwrap().contains("gone from the list"));
    bench.keys("<esc>");
    assert!(bench.state.nav.top().list.current().is_some());
    bench.keys("<enter>");
    assert!(!drawn(&mut bench, (80, 24)).contains("gone since"));
}

#[test]
fn an_object_that_is_gone_and_a_read_that_is_refused_mend_nothing() {
    let mut bench = Bench::assessed();
    bench.keys("4<enter>");
    let left: Vec<Arc<Object>> =
        inventory().objects().filter(|o| &*o.id.name != "web").cloned().collect();
    let left = Inventory::new(inventory().source, left, inventory().reads);
    bench.follow_on(without("fx-privileged"), Arc::new(left));
    assert!(drawn(&mut bench, (120, 40)).contains("(its object was removed)"));

    let finding = &found()[0];
    let missing = Missing::list("pods", Some(finding.namespace()), ReadStatus::Forbidden);
    let gap = Gap {
        check: Arc::clone(&finding.check),
        missing: missing.into(),
        count: 0,
        platform: false,
    };
    let blind = RunResult { not_assessed: vec![gap], ..RunResult::default() };
    assert_eq!(WhyGone::of(finding, &blind, &inventory()), WhyGone::Unknown);
    assert_eq!(WhyGone::of(finding, &RunResult::default(), &inventory()), WhyGone::Fixed);
}

#[test]
fn a_right_that_was_taken_away_is_not_told_as_what_was_mended() {
    let mut bench = Bench::assessed();
    let finding = &found()[0];
    let missing = Missing::list("pods", None, ReadStatus::Forbidden);
    let gap = Gap {
        check: Arc::clone(&finding.check),
        missing: missing.into(),
        count: 0,
        platform: false,
    };
    bench.follow_blind(without(&finding.check), gap);
    let text = said(&bench).pop().unwrap();
    assert!(text.starts_with("1 finding no longer assessed"), "{text}");
    // Nor does the header count it among what went, and the last line says so once no message does.
    bench.wait(60_000);
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("live ?1") && !shown.contains("live −"), "{shown}");
    let line = line(&shown, "can no longer be assessed");
    assert!(line.contains("mends nothing; 8 says why"), "{line}");
    assert!(!text.contains("gone"), "{text}");
}

#[test]
fn judging_that_is_behind_is_said_in_the_header_and_counts_on() {
    let mut bench = Bench::assessed();
    let head = |bench: &mut Bench, width| {
        let shown = drawn(bench, (width, 24));
        shown.lines().next().unwrap_or_default().to_owned()
    };
    assert!(head(&mut bench, 120).contains("◉ live"));
    bench.event(Event::Behind(Some(2_400)));
    assert!(head(&mut bench, 120).contains("◌ judging, 2 s behind"));
    assert!(bench.state.next_deadline().is_some(), "the number grows");
    bench.wait(3_000);
    assert!(head(&mut bench, 120).contains("◌ judging, 5 s behind"));
    assert!(head(&mut bench, 80).contains("◌ 5 s behind"));
    bench.event(Event::Behind(None));
    assert!(head(&mut bench, 120).contains("◉ live"));
}

#[test]
fn a_frozen_screen_shows_what_it_showed_until_it_is_let_go() {
    let mut bench = Bench::assessed();
    bench.keys("4F");
    let before = drawn(&mut bench, (80, 24));
    assert!(before.contains("frozen · 0 waiting"), "{before}");
    let all: Vec<Arc<Object>> = inventory().objects().skip(3).cloned().collect();
    bench.objects(Inventory::new(inventory().source, all, inventory().reads));
    bench.follow(with_another());
    bench.follow(without("fx-privileged"));
    let held = drawn(&mut bench, (80, 24));
    assert_eq!(held, before.replace("0 waiting", "3 waiting"));
    assert!(said(&bench).iter().all(|m| !m.contains("new finding")), "{:?}", said(&bench));
    assert_eq!(bench.taken(), [], "what waits is not on the screen");
    // Only the newest counts when it is let in.
    bench.keys("F");
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("live −1") && !shown.contains("frozen"), "{shown}");
    assert!(matches!(bench.taken().as_slice(), [Effect::Followed(_)]));
    assert_eq!(bench.state.data.inventory.len(), inventory().len() - 3);
}

#[test]
fn what_lists_say_in_other_words_is_no_change_that_waits() {
    let mut bench = Bench::assessed();
    bench.keys("4F");
    let mut reads = inventory().reads;
    reads[0].message = Some("answered after 2 tries".into());
    let all: Vec<Arc<Object>> = inventory().objects().cloned().collect();
    bench.objects(Inventory::new(inventory().source, all.clone(), reads.clone()));
    assert_eq!(bench.state.waiting.changes, 0);
    // Where these words stand, they are one; and they are let in.
    bench.keys("8");
    bench.objects(Inventory::new(inventory().source, all, reads));
    assert_eq!(bench.state.waiting.changes, 1);
    bench.keys("F");
    let message = bench.state.data.inventory.reads[0].message.as_deref();
    assert_eq!(message, Some("answered after 2 tries"));
}

/// The lens by which the workbench counts now.
fn lens(bench: &Bench, group: GroupBy) -> CountedBy {
    bench.state.data.lens(group)
}

#[test]
fn what_was_counted_ahead_is_what_would_be_counted() {
    for keys in
        ["1", "2", "2j<enter>", "3", "4", "4b", "4bbb", "4/web<enter>", "4s", "5", "gh", "8"]
    {
        let (mut own, mut ahead) = (Bench::attacked(), Bench::attacked());
        own.keys(keys);
        ahead.keys(keys);
        let group = ahead.state.nav.top().group;
        let lens = lens(&ahead, group);
        own.follow(with_another());
        ahead.follow_ahead(with_another(), lens);
        assert!(ahead.state.data.index.ready.heat.is_some(), "it was counted again");
        assert!(own.state.data.index.ready.heat.is_none());
        for size in [(80, 24), (120, 40)] {
            assert_eq!(drawn(&mut ahead, size), drawn(&mut own, size), "{keys}");
        }
    }
}

#[test]
fn what_was_counted_by_something_else_is_counted_again() {
    let mut bench = Bench::assessed();
    bench.keys("4");
    let before = lens(&bench, GroupBy::Nothing);
    bench.keys("P");
    bench.follow_ahead(with_another(), before);
    assert!(bench.state.data.index.ready.findings.is_none());
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("(platform)"), "{shown}");
    // While a screen is frozen something may be decided: what was counted before is not used.
    let now = lens(&bench, GroupBy::Nothing);
    bench.keys("F");
    bench.follow_ahead(with_another(), now.clone());
    bench.keys("F");
    assert!(bench.state.data.index.ready.findings.is_none());
    // Another grouping needs other rows, and nothing else.
    bench.keys("b");
    bench.follow_ahead(found(), now);
    assert!(bench.state.data.index.ready.findings.is_some());
    assert!(drawn(&mut bench, (120, 40)).contains('⊟'));
}

#[test]
fn what_comes_back_to_what_is_shown_does_not_wait() {
    let mut bench = Bench::assessed();
    bench.keys("F");
    bench.objects(Inventory::default());
    assert!(bench.state.waiting.changes > 0);
    bench.objects(inventory());
    assert_eq!(bench.state.waiting.changes, 0);
}

#[test]
fn a_run_lets_a_frozen_screen_go_and_what_followed_the_run_before_is_dropped() {
    let mut bench = Bench::assessed();
    bench.keys("F");
    bench.follow(with_another());
    bench.event(Event::Run(RunEvent::Started { id: 2, total: 6 }));
    assert!(!bench.state.frozen);
    assert!(said(&bench).iter().any(|m| m.contains("not frozen any more")));
    let (result, judged) = (Arc::new(result()), bench.state.data.judged.to_vec().into());
    bench.event(Event::Run(RunEvent::Finished { id: 2, result, judged, millis: 5 }));
    bench.taken();
    bench.follow(with_another());
    assert_eq!(bench.taken(), []);
    assert!(bench.state.data.live.moved().is_none());
}

#[test]
fn what_is_shown_becomes_a_run() {
    let mut bench = Bench::assessed();
    bench.follow(with_another());
    let result = bench.state.data.result.clone().unwrap();
    let judged = bench.state.data.judged.to_vec().into();
    bench.event(Event::Run(RunEvent::Recorded { id: 2, result, judged }));
    assert!(bench.state.data.live.moved().is_none());
    assert_eq!(bench.state.data.index.findings.len(), 14);
    assert!(!drawn(&mut bench, (120, 40)).contains("live +"));
}

#[test]
fn rows_wait_while_a_dialog_is_open_over_them() {
    let mut bench = Bench::assessed();
    bench.keys("4d");
    assert_eq!(bench.state.popups.len(), 1);
    bench.follow(without("fx-privileged"));
    assert_eq!(bench.state.data.index.findings.len(), 13);
    let chosen = bench.state.chosen_findings()[0].fingerprint.clone();
    assert!(chosen.contains("fx-privileged"), "the decision is about what was seen");
    bench.keys("<esc>");
    assert_eq!(bench.state.data.index.findings.len(), 12);
}

#[test]
fn the_same_objects_again_change_nothing() {
    let mut bench = Bench::assessed();
    bench.keys("2j<enter>");
    let (stamp, messages) = (bench.state.data.stamp, bench.state.messages.count());
    let before = Arc::clone(&bench.state.data.inventory);
    // As a list that is read again gives them.
    bench.objects(inventory());
    assert_eq!((bench.state.data.stamp, bench.state.messages.count()), (stamp, messages));
    assert!(Arc::ptr_eq(&before, &bench.state.data.inventory));
    assert_eq!(bench.state.next_deadline(), None);
}

#[test]
fn objects_that_come_are_marked() {
    let mut bench = Bench::assessed();
    bench.keys("2j<enter>");
    let mut all: Vec<Arc<Object>> = inventory().objects().cloned().collect();
    let text = r#"{"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "fresh", "namespace": "pay"}}"#;
    all.push(Arc::new(Object::new(Node::from_json(text.as_bytes()).unwrap()).unwrap()));
    bench.objects(Inventory::new(inventory().source, all, inventory().reads));
    let id = bench.state.nav.top().list.rows().iter().find_map(|row| match &row.item {
        Item::Object(object) if &*object.id.name == "fresh" => Some(object.id.clone()),
        _ => None,
    });
    assert_eq!(bench.state.data.live.on_object(&id.unwrap()), Some(RowMark::New));
    let shown = drawn(&mut bench, (80, 24));
    assert!(line(&shown, "fresh").contains("fresh  new"), "{shown}");
}

#[test]
fn a_cluster_that_churns_is_told_now_and_then() {
    let mut bench = Bench::assessed();
    bench.follow(with_another());
    let first = bench.state.messages.count();
    for at in 0..40 {
        bench.now.millis += 100;
        bench.follow(if at % 2 == 0 { found() } else { without("fx-privileged") });
    }
    assert_eq!(bench.state.messages.count(), first, "within five seconds nothing more is said");
    bench.follow(without("fx-host-path"));
    let due = bench.state.data.live.deadline().unwrap();
    bench.wait(due.max(bench.now.millis + TELLS) - bench.now.millis);
    assert_eq!(bench.state.messages.count(), first + 1);
    // What came and went in between is left out.
    let text = said(&bench).pop().unwrap();
    assert!(text.starts_with("2 findings gone"), "{text}");
}

#[test]
fn a_file_that_was_read_cannot_be_frozen() {
    let mut bench = Bench::new(false);
    bench.objects(Inventory::default());
    bench.keys("F");
    assert!(!bench.state.frozen);
    assert!(said(&bench).last().unwrap().contains("does not change by itself"));
}

#[test]
fn what_is_stale_stays_stale_while_some_of_it_arrives() {
    let mut bench = Bench::assessed();
    let since = bench.now.unix - 40;
    let reason = "connection refused by 10.0.0.1:6443".to_owned();
    let lost = LostConnection { since, reason, ..LostConnection::default() };
    bench.event(Event::Source(SourceEvent::Stale(lost)));
    bench.objects(Inventory::new(inventory().source, Vec::new(), inventory().reads));
    assert!(drawn(&mut bench, (80, 24)).contains("stale 40 s"));
    let shown = drawn(&mut bench, (160, 50));
    assert!(shown.contains("stale 40 s: connection refused"), "{shown}");
    bench.event(Event::Source(SourceEvent::Live));
    assert!(!drawn(&mut bench, (120, 40)).contains("stale"));
}

#[test]
fn what_is_followed_can_be_drawn_at_every_size() {
    let theme = theme("mono");
    for keys in ["1", "2j<enter>", "3<enter>", "4", "4F", "4bb", "4<enter>", "4<enter>F", "4?", "0"]
    {
        let mut bench = Bench::assessed();
        bench.keys(keys);
        bench.follow(without("fx-privileged"));
        bench.objects(Inventory::default());
        for width in (0..=200).step_by(9) {
            for height in (0..=60).step_by(6) {
                frame(&mut bench, &theme, (width, height));
            }
        }
    }
}

/// Some of the findings, by the bits of a number.
fn some(bits: u16) -> Vec<Arc<Finding>> {
    let all = with_another().into_iter().enumerate();
    all.filter(|(at, _)| bits & (1 << at) != 0).map(|(_, f)| f).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever comes and goes, and however the list is filtered, ordered, grouped and scrolled: the
    /// row under the cursor stays under it as long as it is there, and so do marks that are there.
    #[test]
    fn the_cursor_stays_with_its_row_while_findings_come_and_go(
        keys in prop::sample::select(vec![
            "4", "4s", "4ss", "4b", "4bb", "4bbbbb", "4/container<enter>", "4/sev:medium<enter>s", "P4",
        ]),
        down in 0_usize..14,
        height in 10_u16..30,
        bits in prop::collection::vec(any::<u16>(), 1..6),
    ) {
        let mut bench = Bench::assessed();
        bench.keys(keys);
        drawn(&mut bench, (80, height));
        bench.keys(&"j".repeat(down));
        bench.keys("<space>k");
        for bits in bits {
            drawn(&mut bench, (80, height));
            let list = &bench.state.nav.top().list;
            let (under, line) = (list.current().map(|r| r.id), list.cursor() - list.offset());
            let (scrolled, marked) = (list.offset() > 0, list.marked());
            bench.follow(some(bits));
            let list = &bench.state.nav.top().list;
            let there = under.filter(|id| list.shown().any(|r| r.id == *id));
            if there.is_some() {
                prop_assert_eq!(list.current().map(|r| r.id), under);
            }
            prop_assert!(list.marked() <= marked);
            drawn(&mut bench, (80, height));
            let list = &bench.state.nav.top().list;
            prop_assert!(list.is_empty() || list.cursor() >= list.offset());
            let (first, last) = (list.offset(), list.len().saturating_sub(list.offset()));
            // In the middle of a list the row stays on its line, too.
            if there.is_some() && scrolled && first > 0 && last > usize::from(height) {
                prop_assert_eq!(list.cursor() - list.offset(), line);
            }
        }
    }

    /// The same for objects, and through a finding that was opened and left again.
    #[test]
    fn the_cursor_stays_with_its_object_while_objects_come_and_go(
        down in 0_usize..6,
        bits in prop::collection::vec(any::<u16>(), 1..6),
        inside in any::<bool>(),
    ) {
        let mut bench = Bench::assessed();
        bench.keys("2j<enter>");
        bench.keys(&"j".repeat(down));
        let all: Vec<Arc<Object>> = inventory().objects().cloned().collect();
        for bits in bits {
            let under = bench.state.nav.top().list.current().map(|r| r.id);
            if inside {
                bench.keys("<enter>");
            }
            let left = all.iter().enumerate().filter(|(at, _)| bits & (1 << (at % 16)) != 0);
            let left = left.map(|(_, o)| Arc::clone(o)).collect();
            bench.objects(Inventory::new(inventory().source, left, inventory().reads));
            if inside {
                bench.keys("<esc>");
            }
            let list = &bench.state.nav.top().list;
            if under.is_some_and(|id| list.shown().any(|r| r.id == id)) {
                prop_assert_eq!(list.current().map(|r| r.id), under);
            }
        }
    }
}
