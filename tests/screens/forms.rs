//! What was typed in a form is not lost, and what a filter leaves of groups and objects is counted.

use plimsoll::app::dialog::{Form, Popup};
use plimsoll::app::effect::Effect;
use plimsoll::app::event::{Event, SessionEvent, UserError};

use crate::fixture::Bench;
use crate::frames::{frame, text, theme};

fn drawn(bench: &mut Bench, size: (u16, u16)) -> String {
    text(&frame(bench, &theme("terminal"), size))
}

fn form(bench: &Bench) -> &Form {
    match bench.state.popups.last() {
        Some(Popup::Form(form)) => form,
        other => panic!("no form: {other:?}"),
    }
}

#[test]
fn a_form_that_was_shut_has_what_was_typed_when_it_is_opened_for_the_same_again() {
    let mut bench = Bench::assessed();
    bench.keys("4anobody reaches it<enter><esc>");
    assert!(bench.state.popups.is_empty());
    bench.keys("ja");
    assert_eq!(form(&bench).value("Reason"), "", "this is about another finding");
    bench.keys("<esc>ka");
    assert_eq!(form(&bench).value("Reason"), "", "only the last one is kept");
    bench.keys("nobody reaches it<esc>a");
    assert_eq!(form(&bench).value("Reason"), "nobody reaches it");
    bench.keys("<enter><enter><enter><enter>");
    assert!(bench.taken().iter().any(|effect| matches!(effect, Effect::Decide { .. })));
    // Once it is on disk it is done.
    let (changes, what) = (Vec::new(), "accepted".to_owned());
    bench.event(Event::Session(SessionEvent::Decided { changes, what }));
    bench.keys("a");
    assert_eq!(form(&bench).value("Reason"), "");
}

#[test]
fn an_answer_whose_file_cannot_be_read_is_asked_again_at_that_field() {
    let mut bench = Bench::assessed();
    bench.keys("0Ayshipped<enter><enter>log.pdf<enter>grace<enter><enter>");
    assert!(matches!(bench.taken().as_slice(), [Effect::Attest { file: Some(_), .. }]));
    assert!(bench.state.popups.is_empty());
    let error = UserError {
        what: "not saved".to_owned(),
        why: "log.pdf cannot be read: there is no such file".to_owned(),
        next: String::new(),
    };
    bench.event(Event::Session(SessionEvent::FileUnread(error)));
    assert_eq!(form(&bench).value("Evidence"), "shipped");
    assert_eq!(form(&bench).fields[form(&bench).focus].label, "File");
    assert!(drawn(&mut bench, (80, 24)).contains("there is no such file"));
    bench.keys("<ctrl-u><enter>");
    assert!(
        form(&bench).error.is_none(),
        "what was wrong with the file is not said of the reviewer"
    );
    bench.keys("<enter><enter>");
    assert!(matches!(bench.taken().as_slice(), [Effect::Attest { file: None, .. }]));
}

#[test]
fn what_is_typed_past_the_end_of_a_field_stays_in_sight() {
    let mut bench = Bench::assessed();
    bench.keys("4N");
    bench.keys(&format!("xyzzy{}end", "0".repeat(90)));
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains("000end_") && !shown.contains("xyzzy"), "{shown}");
}

#[test]
fn a_group_says_how_many_of_its_rows_the_filter_lets_through() {
    let mut bench = Bench::assessed();
    bench.keys("4b");
    assert!(drawn(&mut bench, (120, 40)).contains("Container may run as root  (4)"));
    bench.keys("/ns:shop<enter>");
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("Container may run as root  (2 of 4)"), "{shown}");
    assert!(shown.contains("findings by check") && shown.contains("clear filter"), "{shown}");
}

#[test]
fn objects_are_found_by_the_findings_that_they_show() {
    let mut bench = Bench::assessed();
    bench.keys("2/deploy<enter><enter>");
    let all = bench.state.nav.top().list.matched();
    for (filter, matched) in
        [("check:fx-privileged", 1), ("status:open", all), ("fw:fx-nsa", all), ("check:nothing", 0)]
    {
        bench.keys(&format!("/{filter}<enter>"));
        assert_eq!(bench.state.nav.top().list.matched(), matched, "{filter} of {all}");
        bench.keys("<esc>");
    }
}
