//! Manifests in the workbench: what is wrong with documents, where, and what to do about it; files that are
//! read again.

use std::sync::Arc;

use plimsoll::app::effect::Effect;
use plimsoll::app::event::{Event, RunEvent, SessionEvent, SourceEvent, UserError};
use plimsoll::model::finding::{Gap, RunResult};
use plimsoll::model::inventory::Inventory;
use plimsoll::model::read::Missing;
use plimsoll::source::files::{Options, from_text};

use super::fixture::Bench;
use super::frames::{check, frame, text, theme};

const GOOD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: pay}\nspec: {}\n";
const BROKEN: &str =
    "---\napiVersion: apps/v1\nkind: Deploymnt\nmetadata: {name: b}\n---\na: {b: [}\n";

fn files(text: &str) -> Inventory {
    from_text("chart/typo.yaml", text, &Options::default())
}

fn load(bench: &mut Bench, inventory: Inventory) {
    let inventory = Arc::new(inventory);
    bench.event(Event::Source(SourceEvent::Loaded { inventory, complete: true }));
}

/// A run on files, of which what is lost is not assessed.
fn assessed(inventory: Inventory) -> Bench {
    let mut bench = Bench::new(false);
    bench.event(Event::Source(SourceEvent::Connecting { context: "chart".into() }));
    let lost = inventory.reads.iter().filter_map(|read| {
        let reason = format!("{}: {}", read.resource, read.message.as_ref()?);
        let (status, read) = (read.status, read.resource.clone());
        Some(Missing { read, namespace: None, status, reason })
    });
    let gap = |missing: Missing| Gap {
        check: "fx-privileged".into(),
        missing: missing.into(),
        count: 0,
        platform: false,
    };
    let not_assessed = lost.map(gap).collect();
    load(&mut bench, inventory);
    let result = Arc::new(RunResult { not_assessed, ..RunResult::default() });
    bench.event(Event::Run(RunEvent::Started { id: 1, total: 6 }));
    let judged = Vec::new().into();
    bench.event(Event::Run(RunEvent::Finished { id: 1, result, judged, millis: 500 }));
    bench
}

fn drawn(bench: &mut Bench, size: (u16, u16)) -> String {
    text(&frame(bench, &theme("terminal"), size))
}

fn said(bench: &Bench) -> String {
    bench.state.messages.all().last().map(|m| m.lines.join(" ")).unwrap_or_default()
}

#[test]
fn what_is_wrong_with_documents_stands_with_its_place_and_what_to_do() {
    let mut bench = assessed(files(&format!("{GOOD}{BROKEN}")));
    assert!(
        said(&bench).contains("; 2 documents are not assessed (8 says why)."),
        "{}",
        said(&bench)
    );
    bench.wait(60_000);
    bench.keys("8");
    check("coverage-manifests", &mut bench);
    // The reason itself says what to mend, and so does the row of each document.
    let shown = drawn(&mut bench, (200, 60));
    assert!(shown.contains("Mend chart/typo.yaml:5 and 1 more, then r."), "{shown}");
    assert!(!shown.contains("R reads again"), "{shown}");
    bench.keys("jj");
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("To do    Mend chart/typo.yaml:"), "{shown}");
    bench.taken();
    bench.keys("<enter>");
    let file: Arc<str> = "chart/typo.yaml".into();
    assert_eq!(bench.taken(), [Effect::Edit { file, line: 10 }]);
    // The page of the reason has them as rows, too.
    bench.keys("gg<enter>");
    let shown = drawn(&mut bench, (200, 60));
    assert!(
        shown.contains("what rests on it") && shown.contains("chart/typo.yaml:10:8"),
        "{shown}"
    );
}

#[test]
fn what_came_through_standard_input_has_no_file_to_open() {
    let inventory = from_text("-", &format!("{GOOD}{BROKEN}"), &Options::default());
    let mut bench = assessed(inventory);
    bench.keys("8j");
    bench.taken();
    bench.keys("<enter>");
    assert_eq!(bench.taken(), []);
    assert!(said(&bench).contains("no file"), "{}", said(&bench));
}

#[test]
fn files_that_are_read_again_say_what_is_different_and_that_the_run_is_older() {
    let mut bench = assessed(files(&format!("{GOOD}{BROKEN}")));
    bench.wait(60_000);
    bench.keys("8");
    bench.event(Event::Source(SourceEvent::Again));
    assert!(drawn(&mut bench, (120, 40)).contains("reading"));
    load(&mut bench, files(GOOD));
    assert!(said(&bench).starts_with("Read again: "), "{}", said(&bench));
    let shown = drawn(&mut bench, (200, 60));
    assert!(shown.contains("files changed since the run"), "{shown}");
    assert!(shown.contains("nothing is wrong there any"), "{shown}");
    assert!(!shown.contains("What is wrong in files"), "{shown}");
    // A run that is stopped leaves it as it was; one that ends is of what was read.
    bench.event(Event::Run(RunEvent::Started { id: 2, total: 6 }));
    bench.event(Event::Run(RunEvent::Cancelled { id: 2 }));
    assert!(drawn(&mut bench, (120, 40)).contains("files changed since the run"));
    bench.event(Event::Run(RunEvent::Started { id: 3, total: 6 }));
    let (result, judged) = (Arc::default(), Vec::new().into());
    bench.event(Event::Run(RunEvent::Finished { id: 3, result, judged, millis: 500 }));
    assert!(!drawn(&mut bench, (120, 40)).contains("files changed"));
    assert!(!said(&bench).contains("not assessed"), "{}", said(&bench));
}

#[test]
fn problems_that_move_are_a_difference() {
    let mut bench = assessed(files(&format!("{GOOD}{BROKEN}")));
    bench.event(Event::Source(SourceEvent::Again));
    load(&mut bench, files(&format!("{GOOD}{}", BROKEN.replace("---\na:", "---\n\n\na:"))));
    let wanted = "Read again: what is wrong in the files is different.";
    assert!(said(&bench).starts_with(wanted), "{}", said(&bench));
    bench.keys("8");
    assert!(drawn(&mut bench, (120, 40)).contains("chart/typo.yaml:12"));
}

#[test]
fn files_that_cannot_be_read_again_stay_and_are_called_stale() {
    let mut bench = assessed(files(GOOD));
    bench.event(Event::Source(SourceEvent::Again));
    let error =
        UserError { what: "not read again".into(), why: "gone".into(), next: String::new() };
    bench.event(Event::Source(SourceEvent::NotReadAgain(error)));
    assert!(said(&bench).contains("gone"), "{}", said(&bench));
    bench.wait(600_000);
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("✖ stale") && shown.contains("not read again: gone"), "{shown}");
    assert_eq!(bench.state.data.inventory.len(), 1);
    bench.event(Event::Source(SourceEvent::Again));
    load(&mut bench, files(GOOD));
    assert!(drawn(&mut bench, (120, 40)).contains("◉ files"));
}

#[test]
fn what_settles_a_run_says_what_was_not_assessed_too() {
    let mut bench = assessed(files(&format!("{GOOD}{BROKEN}")));
    let what = "Since the run before: 1 new.".to_owned();
    bench.event(Event::Session(SessionEvent::Settled { changes: Vec::new(), what }));
    let wanted = "Since the run before: 1 new; 2 documents are not assessed (8 says why).";
    assert_eq!(said(&bench), wanted);
}

#[test]
fn a_key_for_findings_says_so_where_there_are_none() {
    let mut bench = Bench::assessed();
    for key in ["a", "d"] {
        bench.keys(key);
        assert_eq!(said(&bench), "There is no finding under the cursor.");
    }
}
