//! Forms: what was typed in them is never lost unasked, and what is wrong is said where it is.

use plimsoll::app::dialog::{Form, Popup};
use plimsoll::app::effect::Effect;
use plimsoll::app::event::{Event, SessionEvent, UserError};

use super::fixture::Bench;
use super::frames::{frame, text, theme};

fn form(bench: &Bench) -> &Form {
    match bench.state.popups.last() {
        Some(Popup::Form(form)) => form,
        other => panic!("no form is open: {other:?}"),
    }
}

fn drawn(bench: &mut Bench) -> String {
    text(&frame(bench, &theme("terminal"), (80, 24)))
}

#[test]
fn a_form_that_is_left_brings_back_what_was_typed() {
    let mut bench = Bench::assessed();
    bench.keys("4a");
    bench.wait(60_000);
    bench.keys("<esc>");
    assert!(bench.state.messages.current(bench.state.now).is_none(), "nothing was typed");
    bench.keys("a");
    bench.keys("because<tab>30d<esc>");
    assert!(bench.state.popups.is_empty());
    let said = bench.state.messages.all().last().unwrap().lines.join(" ");
    assert_eq!(said, "Nothing was saved; a brings back what was typed.");
    // Another finding has a form of its own.
    bench.keys("ja");
    assert_eq!(form(&bench).value("Reason"), "");
    bench.keys("<esc>ka");
    let form = form(&bench);
    assert_eq!((form.value("Reason").as_str(), form.value("Until").as_str()), ("because", "30d"));
    assert_eq!(form.focus, 1);
}

#[test]
fn a_form_that_is_refused_comes_back_with_the_reason_at_its_field() {
    let mut bench = Bench::assessed();
    bench.reviewed();
    bench.keys("0<tab>Ay");
    bench.keys("seen<tab><tab>/no/such/file<tab>grace<tab><enter>");
    let effects = bench.taken();
    let [Effect::Attest { file: Some(file), .. }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(file, "/no/such/file");
    let error = UserError {
        what: "not saved".to_owned(),
        why: "the evidence /no/such/file cannot be read: No such file".to_owned(),
        next: "name a file that exists, or leave it out".to_owned(),
    };
    bench.event(Event::Session(SessionEvent::Failed(error)));
    bench.event(Event::Session(SessionEvent::Carried));
    let shown = drawn(&mut bench);
    assert!(shown.contains("cannot be read"), "{shown}");
    assert!(shown.contains("or leave it out"), "{shown}");
    assert_eq!(form(&bench).value("Evidence"), "seen");
    bench.keys("<ctrl-u><tab><tab><enter>");
    let effects = bench.taken();
    let [Effect::Attest { file: None, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    // What was saved is not brought back.
    bench.event(Event::Session(SessionEvent::Carried));
    bench.keys("Ay");
    assert_eq!(form(&bench).value("Evidence"), "");
}

#[test]
fn what_is_refused_waits_while_somebody_does_something_else() {
    let mut bench = Bench::assessed();
    bench.keys("4wj");
    bench.keys("no/such/directory/x.json<enter>");
    assert!(matches!(bench.taken().as_slice(), [Effect::WriteReport { .. }]));
    bench.keys("/web");
    let error = UserError { why: "no such directory".to_owned(), ..UserError::default() };
    bench.event(Event::Failed(error));
    assert!(bench.state.popups.is_empty());
    bench.keys("<enter>wj");
    assert_eq!(form(&bench).value("File"), "no/such/directory/x.json");
}

#[test]
fn what_is_wrong_with_a_field_is_said_at_that_field_only() {
    let mut bench = Bench::assessed();
    bench.keys("4a");
    bench.keys("<enter>");
    assert_eq!(form(&bench).focus, 0, "a reason is required");
    assert!(drawn(&mut bench).contains("A reason is required"));
    bench.keys("<tab>");
    let shown = drawn(&mut bench);
    assert!(!shown.contains("A reason is required") && shown.contains("open again after it"));
}

#[test]
fn fields_stay_where_they_are_while_one_goes_from_one_to_the_next() {
    let mut bench = Bench::assessed();
    bench.keys("4a");
    let rows = |shown: &str| -> Vec<usize> {
        let labels = ["Reason", "Until", "Approved by", "Ticket"];
        let row = |label: &&str| shown.lines().position(|line| line.contains(label)).unwrap();
        labels.iter().map(row).collect()
    };
    let first = rows(&drawn(&mut bench));
    for _ in 0..3 {
        bench.keys("<tab>");
        assert_eq!(rows(&drawn(&mut bench)), first);
    }
}

#[test]
fn what_is_wrong_is_seen_on_the_lowest_terminal() {
    let mut bench = Bench::assessed();
    bench.keys("0Ay");
    bench.keys("<tab><tab><tab><ctrl-u><enter>");
    let shown = text(&frame(&mut bench, &theme("terminal"), (40, 10)));
    assert!(shown.contains("▸ Reviewer") && shown.contains("Somebody must answer"), "{shown}");
}

#[test]
fn a_report_is_asked_for_whole_on_the_smallest_terminal() {
    let mut bench = Bench::assessed();
    bench.keys(":report<enter>m");
    let shown = text(&frame(&mut bench, &theme("terminal"), (40, 10)));
    // A cell is for the cursor behind the name.
    for part in
        ["for reading", "▸ File ", "prod-eu-2026-11-24.md ", "a new file, or", "this name, here"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn what_is_typed_past_the_end_of_a_field_stays_in_sight() {
    let mut bench = Bench::assessed();
    bench.keys("4N");
    bench.keys(&format!("begin{}end", "0123456789".repeat(12)));
    let shown = drawn(&mut bench);
    assert!(shown.contains("9end") && !shown.contains("begin"), "{shown}");
}
