//! What stands beside a list or over it, and what editor and pager open.

use std::sync::Arc;

use plimsoll::app::effect::Effect;
use plimsoll::app::event::Event;
use plimsoll::app::pointer::{Pointer, PointerTarget};
use plimsoll::model::finding::Gap;
use plimsoll::model::read::{Missing, ReadStatus};

use crate::fixture::Bench;
use crate::frames::{frame, text, theme};
use crate::habits::with_file;
use crate::related::related;

fn drawn(bench: &mut Bench, size: (u16, u16)) -> String {
    text(&frame(bench, &theme("terminal"), size))
}

fn last_said(bench: &Bench) -> String {
    bench.state.messages.all().last().unwrap().lines.join(" ")
}

#[test]
fn what_is_said_beside_a_list_scrolls_and_begins_anew_with_another_row() {
    let mut bench = Bench::assessed();
    bench.keys("4");
    let first = drawn(&mut bench, (160, 14));
    assert!(first.contains("more lines; J scrolls"), "{first}");
    assert!(drawn(&mut bench, (240, 14)).contains("J more lines"), "the footer has room for it");
    drawn(&mut bench, (160, 14));
    bench.keys("J");
    let second = drawn(&mut bench, (160, 14));
    assert_ne!(first, second, "J shows no other lines");
    bench.keys("JJJJJJJJJJ");
    assert_eq!(last_said(&bench), "These are its last lines.");
    assert!(!drawn(&mut bench, (160, 14)).contains("more lines; J"));
    bench.keys("j");
    let other = drawn(&mut bench, (160, 14));
    assert!(other.contains("more lines; J"), "another row begins at its top: {other}");
    bench.keys("k");
    bench.keys("K");
    assert_eq!(last_said(&bench), "These are its first lines.");
    // The wheel over it does the same, and the cursor stays.
    let side = Pointer::Wheel { down: true, over: Some(PointerTarget::Side) };
    let before = drawn(&mut bench, (160, 14));
    bench.event(Event::Pointer(side));
    assert_ne!(before, drawn(&mut bench, (160, 14)));
    assert_eq!(bench.state.nav.top().list.cursor(), 0);
}

#[test]
fn what_a_page_says_over_its_list_scrolls_on_small_screens() {
    let mut bench = related("6", "<enter>");
    assert!(!drawn(&mut bench, (80, 24)).contains("Reaches"));
    bench.keys("JJ");
    assert!(drawn(&mut bench, (80, 24)).contains("Reaches"));
    bench.keys("j");
    assert!(drawn(&mut bench, (80, 24)).contains("Reaches"), "it is about the page, not the row");
    let mut bench = Bench::assessed();
    bench.keys("4");
    drawn(&mut bench, (80, 24));
    bench.keys("J");
    assert!(last_said(&bench).contains("No pane here has more lines"), "{}", last_said(&bench));
}

#[test]
fn wrapping_is_offered_where_a_line_is_too_long() {
    let mut bench = Bench::assessed();
    bench.keys("4<enter>");
    assert!(!drawn(&mut bench, (200, 60)).contains("W wrap"));
    bench.keys("W");
    assert!(last_said(&bench).contains("in sight as a whole"), "{}", last_said(&bench));
    assert!(!bench.state.nav.top().text.wrap);
    drawn(&mut bench, (40, 24));
    bench.keys("W");
    assert!(bench.state.nav.top().text.wrap, "{}", last_said(&bench));
    // What is wrapped can always be cut again.
    drawn(&mut bench, (200, 60));
    bench.keys("W");
    assert!(!bench.state.nav.top().text.wrap);
}

#[test]
fn the_editor_opens_what_a_row_stands_for() {
    let (mut bench, _dir, path) = with_file();
    let file: Arc<str> = path.as_str().into();
    bench.keys("4");
    bench.taken();
    bench.keys("e");
    assert_eq!(bench.taken(), [Effect::Edit { file: Arc::clone(&file), line: 17 }]);
    bench.keys("v");
    let effects = bench.taken();
    let [Effect::View { text, line, extension: "yaml", editor: false }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let marked = text.lines().nth(line - 1).unwrap();
    assert!(marked.contains("privileged: true"), "{marked}");
    // An object is opened at its beginning.
    bench.keys("2/deploy<enter><enter>");
    bench.taken();
    bench.keys("e");
    assert_eq!(bench.taken(), [Effect::Edit { file, line: 4 }]);
    // So is a check that is somebody's own; what has no text says so.
    bench.keys("gc");
    bench.taken();
    bench.keys("e");
    let effects = bench.taken();
    let [Effect::Edit { file, line: 1 }] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(file.ends_with(".toml"), "{file}");
    bench.keys("3e");
    assert!(last_said(&bench).contains("has no text"), "{}", last_said(&bench));
}

#[test]
fn reasons_about_the_platform_alone_are_counted_where_they_are_hidden() {
    let mut bench = Bench::assessed();
    let mut view = bench.state.data.result.as_deref().unwrap().clone();
    for (image, platform) in [("web:1", false), ("dns:1", true), ("proxy:1", true), ("web:1", true)]
    {
        let reason = format!("there is no scan result for image {image}");
        let (read, status) = ("rule".to_owned(), ReadStatus::NotAsked);
        let missing = Arc::new(Missing { read, namespace: None, status, reason });
        view.not_assessed.push(Gap { check: "fx-host-path".into(), missing, count: 1, platform });
    }
    bench.state.data.result = Some(Arc::new(view));
    bench.state.data.recount();
    bench.keys("8");
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("2 about the platform alone; P shows them"), "{shown}");
    let head = shown.lines().find(|line| line.contains("What could not be")).unwrap();
    assert!(head.contains("checks") && head.contains("controls"), "{head}");
    bench.keys("P");
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("3 × there is no scan result") && !shown.contains("2 about"), "{shown}");
}
