//! Menus: what is said of an entry is seen before it is chosen, and what cannot be done gives the keys back.

use plimsoll::app::dialog::Popup;
use plimsoll::app::event::{ContextInfo, Event};
use plimsoll::ui::linear;

use super::fixture::{Bench, contexts};
use super::frames::{frame, text, theme};

const PLUGIN: &str =
    "aws --region eu-central-1 eks get-token --cluster-name staging (with AWS_PROFILE set)";

/// Contexts of which one runs something to log in.
fn with_plugin() -> Vec<ContextInfo> {
    let mut all = contexts();
    all[1].plugin = PLUGIN.into();
    all
}

fn shown(bench: &mut Bench, size: (u16, u16)) -> String {
    text(&frame(bench, &theme("terminal"), size))
}

/// What stands within the frame of a dialog, its lines joined.
fn within(frame: &str) -> String {
    let inner = |line: &str| {
        let (_, rest) = line.split_once('│')?;
        Some(rest.rsplit_once('│')?.0.trim().to_owned())
    };
    frame.lines().filter_map(inner).collect::<Vec<_>>().join(" ")
}

fn last_message(bench: &Bench) -> String {
    bench.state.messages.all().last().map(|m| m.lines.join(" ")).unwrap_or_default()
}

#[test]
fn a_command_that_cannot_be_done_shuts_the_palette_and_says_why() {
    let mut bench = Bench::assessed();
    bench.keys("4:findings<enter>");
    assert!(bench.state.popups.is_empty(), "the next keys are for the screen");
    assert_eq!(last_message(&bench), "You are on Findings already.");
    let before = bench.state.nav.top().list.cursor();
    bench.keys("j");
    assert_eq!(bench.state.nav.top().list.cursor(), before + 1);
    // The reason names a key; pressed, it does what it says.
    bench.keys(":role<enter>");
    assert!(last_message(&bench).contains("6 lists who may do what"), "{}", last_message(&bench));
    bench.keys("6");
    assert_eq!(bench.state.nav.view().title(), "Access");
}

#[test]
fn a_menu_of_letters_stays_where_one_of_them_cannot_be_chosen() {
    let mut bench = Bench::assessed();
    bench.keys("4do");
    assert!(matches!(bench.state.popups.last(), Some(Popup::Picker(_))), "another letter may fit");
}

#[test]
fn what_a_context_runs_is_seen_before_it_is_chosen() {
    for size in [(80, 24), (120, 40), (60, 16)] {
        let mut bench = Bench::assessed();
        bench.event(Event::Contexts(Ok(with_plugin())));
        bench.keys("c");
        let first = shown(&mut bench, size);
        assert!(!first.contains("Runs for its credentials"), "it is of another\n{first}");
        bench.keys("<down>");
        let frame = shown(&mut bench, size);
        let told = format!("Runs for its credentials: {PLUGIN}");
        assert!(within(&frame).contains(&told), "{size:?}\n{frame}");
        // Entries stand still meanwhile.
        let row = |frame: &str| frame.lines().position(|line| line.contains("demo   "));
        assert_eq!(row(&first), row(&frame), "{first}\n{frame}");
        bench.keys("<esc>:context staging");
        let frame = shown(&mut bench, size);
        assert!(within(&frame).contains(&told), "{size:?}\n{frame}");
    }
    // Where there is no room for all of it, the beginning is seen.
    let mut bench = Bench::assessed();
    bench.event(Event::Contexts(Ok(with_plugin())));
    bench.keys("c<down>");
    let frame = shown(&mut bench, (40, 12));
    assert!(within(&frame).contains("Runs for its credentials: aws"), "{frame}");
}

#[test]
fn the_start_screen_says_what_a_context_runs() {
    let mut bench = Bench::new(true);
    bench.event(Event::Contexts(Ok(with_plugin())));
    let runs = "─ · Runs for its credentials: aws --region eu-central-1 eks get-token";
    let frame = shown(&mut bench, (80, 24));
    assert!(!frame.contains("Runs for"), "the cursor is on another\n{frame}");
    bench.keys("j");
    let frame = shown(&mut bench, (80, 24));
    assert!(frame.contains(runs), "{frame}");
}

#[test]
fn in_lines_every_context_says_what_it_runs() {
    let mut bench = Bench::new(true);
    bench.event(Event::Contexts(Ok(with_plugin())));
    bench.event(Event::Line("show".to_owned()));
    let rows = linear::answer(&bench.state);
    let of = |name: &str| rows.iter().find(|row| row.contains(name)).expect("its row");
    let told = format!(", Runs for its credentials: {PLUGIN}");
    assert!(of("staging").contains(&told), "{rows:?}");
    assert!(!of("prod-eu").contains("Runs for"), "{rows:?}");
}

#[test]
fn every_report_is_told_from_the_others_on_a_narrow_screen() {
    for size in [(40, 12), (40, 24)] {
        let mut bench = Bench::assessed();
        bench.keys("4w");
        let Some(Popup::Picker(picker)) = bench.state.popups.last() else { panic!("no menu") };
        let entries: Vec<(String, String)> =
            picker.entries.iter().map(|e| (e.label.clone(), e.detail.clone())).collect();
        for (label, detail) in entries {
            let frame = shown(&mut bench, size);
            let said = within(&frame);
            // Two lines of it are seen at least.
            let most = if size.1 < 16 { 50 } else { 200 };
            let start: String = detail.chars().take(most).collect();
            assert!(said.contains(&label) && said.contains(&start), "{label}: {detail}\n{frame}");
            bench.keys("<down>");
        }
    }
}
