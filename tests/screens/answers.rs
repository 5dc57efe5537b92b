//! No key is pressed in vain: what acts is seen, what cannot act says why, and what the footer offers acts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plimsoll::app::action::{ACTIONS, Action};
use plimsoll::app::columns::sortable;
use plimsoll::app::effect::Effect;
use plimsoll::app::event::{Event, SessionEvent};
use plimsoll::app::item::Item;
use plimsoll::app::key::Key;
use plimsoll::app::keymap::KeyMode;
use plimsoll::app::list::Row;
use plimsoll::model::finding::Finding;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::fixture::{Bench, another, contexts, found, trend};
use super::fleet::fleet;
use super::frames::{frame, text, theme};
use super::related::related;

/// A screen with what its keys work on.
struct Place {
    name: &'static str,
    bench: Bench,
}

fn at(name: &'static str, mut bench: Bench, keys: &str) -> Place {
    bench.keys(keys);
    bench.wait(60_000);
    bench.effects.clear();
    Place { name, bench }
}

/// Screens of a cluster that was assessed, with the keys that lead there.
const ASSESSED: [(&str, &str); 28] = [
    ("overview", ""),
    ("kinds", "2"),
    ("objects", "2j<enter>"),
    ("object", "2j<enter><enter>"),
    ("findings of an object", "2j<enter><enter><tab>"),
    ("frameworks", "3"),
    ("framework", "3<enter>"),
    ("control", "3<enter><enter>"),
    ("findings", "4"),
    ("findings, last row", "4<end>"),
    ("findings, marked", "4<space><space>"),
    ("findings, all marked", "4*"),
    ("findings, grouped", "4b"),
    ("findings, filtered to nothing", "4/zzzz<enter>"),
    ("finding", "4<enter>"),
    ("finding, its pane", "4<enter><tab>"),
    ("finding, searched", "4<enter>/a<enter>"),
    ("finding, searched in vain", "4<enter>/zzzz<enter>"),
    ("checks", "gc"),
    ("check", "gc<enter>"),
    ("heat map", "gh"),
    ("tenants", "gt"),
    ("coverage", "8"),
    ("reason", "8<enter>"),
    ("sessions", "9"),
    ("messages", "gl"),
    ("review", "0"),
    ("review, questions", "0<tab>"),
];

/// Every kind of screen, with and without something on it.
fn places() -> Vec<Place> {
    let reviewed = || {
        let mut bench = Bench::compared();
        bench.reviewed();
        bench.keys("1");
        bench
    };
    let mut start = Bench::new(true);
    start.event(Event::Contexts(Ok(contexts())));
    let mut previewed = Bench::assessed();
    previewed.previewed("4p");
    let mut all = vec![
        at("start", start, ""),
        at("nothing chosen", Bench::new(false), ""),
        at("nothing chosen, findings", Bench::new(false), "4"),
        at("nothing may be read", Bench::refused(), ""),
        at("nothing may be read, coverage", Bench::refused(), "8"),
        at("nothing runs, findings", Bench::idle(), "4"),
        at("preview", previewed, ""),
        at("matrix", Bench::attacked(), "5"),
        at("technique", Bench::attacked(), "5<enter>"),
        at("access", related("6", ""), ""),
        at("roles", related("6", "b"), ""),
        at("subject", related("6", "<enter>"), ""),
        at("binding", related("6", "<enter><enter>"), ""),
        at("network", related("7", ""), ""),
        at("zone", related("7", "<enter>"), ""),
        at("workload", related("7", "<enter>j<enter>"), ""),
        at("fleet", fleet(), ""),
        at("fleet, frameworks", fleet(), "<tab>"),
        at("fleet, differs", fleet(), "<tab><tab>"),
        at("fleet, choose", fleet(), "<tab><tab><tab>"),
    ];
    for (name, keys) in ASSESSED {
        all.push(at(name, reviewed(), keys));
    }
    all.push(at("comparison", Bench::compared(), ""));
    all
}

/// The same workbench once more, a little later: what is said for a while is gone.
fn once_more(place: &Place) -> Bench {
    Bench { state: place.bench.state.clone(), effects: Vec::new(), now: place.bench.now }
}

fn seen(bench: &mut Bench) -> Buffer {
    frame(bench, &theme("terminal"), (120, 40))
}

/// Whether a key did anything but to say something.
fn acted(place: &Place, after: &mut Bench) -> bool {
    let (before, now) = (&place.bench.state, &after.state);
    if !after.effects.is_empty()
        || now.popups.len() != before.popups.len()
        || now.nav.depth() != before.nav.depth()
        || now.nav.view() != before.nav.view()
        || now.nav.top().typing.is_some()
        // What they change may not be on the screen, and they say what it is.
        || now.data.platform != before.data.platform
        || now.nav.top().text.wrap != before.nav.top().text.wrap
    {
        return true;
    }
    let mut still = once_more(place);
    still.wait(60_000);
    after.wait(60_000);
    seen(&mut still) != seen(after)
}

/// Moving says by the cursor alone how far it goes.
fn moves(action: Action) -> bool {
    use Action::{Bottom, Down, HalfDown, HalfUp, Left, PageDown, PageUp, Right, Top, Up};
    matches!(
        action,
        Up | Down | PageUp | PageDown | HalfUp | HalfDown | Top | Bottom | Left | Right
    )
}

fn press(bench: &mut Bench, key: Key) {
    bench.event(Event::Key(key));
}

#[test]
fn no_key_that_means_something_is_silent_on_any_screen() {
    let mut silent = Vec::new();
    for mut place in places() {
        seen(&mut place.bench);
        let keymap = place.bench.state.keymap.clone();
        let modes =
            KeyMode::ALL.into_iter().filter(|m| !matches!(m, KeyMode::GoTo | KeyMode::Popup));
        let keys: BTreeSet<Key> = modes.flat_map(|mode| keymap.of(mode)).map(|b| b.key).collect();
        let mode = place.bench.state.nav.top().mode();
        for key in keys {
            if keymap.action(mode, key).is_some_and(moves) {
                continue;
            }
            let mut after = once_more(&place);
            press(&mut after, key);
            let said = after.state.messages.count() > place.bench.state.messages.count();
            if !said && !acted(&place, &mut after) {
                silent.push(format!("{key} on {}", place.name));
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn no_action_of_the_palette_is_silent_on_any_screen() {
    let mut silent = Vec::new();
    for mut place in places() {
        seen(&mut place.bench);
        let asks = [Action::Palette, Action::Help];
        for doc in ACTIONS.iter().filter(|d| !moves(d.action) && !asks.contains(&d.action)) {
            let mut after = once_more(&place);
            after.keys(&format!(":{}<enter>", doc.name));
            after.effects.retain(|effect| *effect != Effect::LoadSessions);
            let said = after.state.messages.count() > place.bench.state.messages.count();
            // The list of sessions is read again, as it was when the palette was opened.
            let again = doc.action == Action::Sessions && place.name == "sessions";
            if !said && !again && !acted(&place, &mut after) {
                silent.push(format!("{} on {}", doc.name, place.name));
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn every_key_that_the_footer_offers_acts() {
    let mut vain = Vec::new();
    for mut place in places() {
        let buffer = frame(&mut place.bench, &theme("terminal"), (300, 60));
        let shown = text(&buffer);
        let footer = format!("  {}  ", shown.lines().last().unwrap().trim());
        let mode = place.bench.state.nav.top().mode();
        let keymap = place.bench.state.keymap.clone();
        let mut offered = 0;
        for doc in ACTIONS {
            let Some(key) = keymap.keys(mode, doc.action).first().copied() else { continue };
            // They say that this is the first or the last one; the footer stands still meanwhile.
            if matches!(doc.action, Action::Previous | Action::Next) {
                continue;
            }
            let name = if key.to_string() == "enter" { "⏎".to_owned() } else { key.to_string() };
            // What they do depends on where one is, and is called so.
            let words: &[&str] = match doc.action {
                Action::Back => &[doc.word, "clear filter", "clear marks", "end search"],
                Action::Filter => &[doc.word, "search"],
                _ => &[doc.word],
            };
            if !words.iter().any(|word| footer.contains(&format!("  {name} {word}  "))) {
                continue;
            }
            offered += 1;
            seen(&mut place.bench);
            let mut after = once_more(&place);
            press(&mut after, key);
            if !acted(&place, &mut after) {
                vain.push(format!("{key} {} on {}", doc.word, place.name));
            }
        }
        assert!(offered > 1, "{}: {footer}", place.name);
    }
    assert_eq!(vain, Vec::<String>::new());
}

fn last_said(bench: &Bench) -> String {
    bench.state.messages.all().last().map(|m| m.lines.join(" ")).unwrap_or_default()
}

#[test]
fn undo_is_offered_only_while_something_is_left_to_take_back() {
    let footer = |bench: &mut Bench| {
        let shown = text(&frame(bench, &theme("terminal"), (300, 40)));
        shown.lines().last().unwrap().to_owned()
    };
    let mut bench = Bench::assessed();
    bench.keys("4");
    assert!(!footer(&mut bench).contains("u undo"));
    bench.taken();
    bench.keys("u");
    assert_eq!(
        (bench.taken(), last_said(&bench).as_str()),
        (vec![], "Nothing is left to take back.")
    );
    bench.keys("U");
    assert_eq!(last_said(&bench), "Nothing was taken back last.");
    // Marks are taken back here, decisions of the session too, and what is on its way to the disk.
    bench.keys("<space>");
    assert!(footer(&mut bench).contains("u undo"));
    bench.keys("u");
    assert!(!footer(&mut bench).contains("u undo"));
    bench.keys("i");
    bench.taken();
    assert!(footer(&mut bench).contains("u undo"), "it is on its way to the disk");
    bench.event(Event::Session(SessionEvent::Turns { back: true, again: false }));
    bench.event(Event::Session(SessionEvent::Carried));
    bench.keys("u");
    assert_eq!(bench.taken(), [Effect::Undo]);
    bench.event(Event::Session(SessionEvent::Turns { back: false, again: true }));
    bench.event(Event::Session(SessionEvent::Carried));
    assert!(!footer(&mut bench).contains("u undo"));
    bench.keys("U");
    assert_eq!(bench.taken(), [Effect::Redo]);
}

#[test]
fn of_more_than_a_hundred_findings_without_a_patch_the_key_says_why() {
    let mut bench = Bench::assessed();
    let mut many = found();
    let mut copy = another().as_ref().clone();
    copy.check = "fx-host-path".into();
    many.retain(|finding| &*finding.check != "fx-privileged");
    many.extend((0..150).map(|n| {
        let fingerprint = format!("p1:copy-{n:03}");
        Arc::new(Finding { fingerprint, ..copy.clone() })
    }));
    bench.follow(many);
    bench.keys("4/check:fx-host-path<enter>*");
    assert!(bench.state.nav.top().list.marked() > 100);
    bench.taken();
    bench.keys("p");
    assert_eq!(bench.taken(), []);
    let said = last_said(&bench);
    let start =
        format!("None of these {} findings has a patch", bench.state.nav.top().list.marked());
    assert!(said.starts_with(&start), "{said}");
}

/// The shortest of some frames.
fn shortest(bench: &mut Bench) -> Duration {
    let theme = theme("terminal");
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).unwrap();
    let frame = |_| {
        let begun = Instant::now();
        terminal.draw(|frame| plimsoll::ui::draw(&bench.state, &theme, frame)).unwrap();
        begun.elapsed()
    };
    (0..12).map(frame).min().unwrap()
}

#[test]
fn a_frame_takes_no_longer_for_marks_among_many_findings() {
    let mut bench = Bench::assessed();
    let one = another();
    bench.follow(
        (0..50_000)
            .map(|n| {
                let fingerprint = format!("p1:copy-{n:05}");
                Arc::new(Finding { fingerprint, ..Finding::clone(&one) })
            })
            .collect(),
    );
    bench.keys("4");
    bench.event(Event::Resize(120, 40));
    let plain = shortest(&mut bench);
    let mut took = Vec::new();
    // The last one alone, and all of them.
    for keys in ["<end><space>", "*"] {
        bench.keys(keys);
        took.push(shortest(&mut bench));
    }
    eprintln!("a frame with 50,000 findings: {plain:?} without marks, {took:?} with some");
    assert!(took.iter().all(|one| *one < plain * 3), "{plain:?} without marks, {took:?} with some");
}

#[test]
fn control_f_and_control_b_go_by_a_page_and_back() {
    let mut bench = Bench::assessed();
    bench.keys("4");
    frame(&mut bench, &theme("terminal"), (80, 14));
    let cursor = |bench: &Bench| bench.state.nav.top().list.cursor();
    bench.keys("<pagedown>");
    let page = cursor(&bench);
    assert!(page > 2, "{page}");
    bench.keys("<pageup>");
    assert_eq!(cursor(&bench), 0);
    bench.keys("<ctrl-f>");
    assert_eq!(cursor(&bench), page);
    bench.keys("<ctrl-b>");
    assert_eq!(cursor(&bench), 0);
    // In a text they scroll.
    bench.keys("<enter>");
    frame(&mut bench, &theme("terminal"), (80, 14));
    bench.keys("<home><ctrl-f>");
    assert!(bench.state.nav.top().text.top.is_some_and(|top| top > 0));
    bench.keys("<ctrl-b>");
    assert_eq!(bench.state.nav.top().text.top, Some(0));
}

#[test]
fn the_trend_goes_from_the_first_run_to_the_last() {
    let mut bench = Bench::assessed();
    let bars = |bench: &mut Bench, counts: &[usize]| -> (String, String) {
        let mut points: Vec<_> = trend().into_iter().cycle().take(counts.len()).collect();
        for (point, count) in points.iter_mut().zip(counts) {
            point.open = [0, *count, 0, 0, 0].into();
        }
        bench.event(Event::Session(SessionEvent::RunSaved { number: 5, trend: points }));
        let shown = text(&frame(bench, &theme("terminal"), (160, 50)));
        let line = shown.lines().find(|line| line.contains("Open findings")).unwrap();
        // It stands at the end of the rule.
        let mut words = line.split_whitespace().skip(3);
        let bars = words.next().unwrap().to_owned();
        (bars, words.collect::<Vec<_>>().join(" "))
    };
    let height = |bar: char| "▁▂▃▄▅▆▇█".chars().position(|known| known == bar).unwrap();
    let (falling, words) = bars(&mut bench, &[80, 40, 10]);
    let heights: Vec<usize> = falling.chars().map(height).collect();
    assert!(heights.len() == 3 && heights.is_sorted_by(|a, b| a > b), "{falling}");
    assert!(words.starts_with("80 → 10 over 3 runs"), "{words}");
    let (rising, words) = bars(&mut bench, &[10, 40, 80]);
    assert_eq!(rising.chars().rev().collect::<String>(), falling);
    assert!(words.starts_with("10 → 80 over 3 runs"), "{words}");
}

#[test]
fn the_column_that_is_sorted_by_is_marked_and_no_other() {
    for keys in ["2", "2j<enter>", "3", "4", "gc", "9"] {
        let mut bench = Bench::assessed();
        bench.event(Event::Session(SessionEvent::List(super::fixture::sessions())));
        bench.keys(keys);
        let columns = sortable(&bench.state.nav.top().screen);
        assert!(columns.len() > 2, "{keys}");
        for column in columns {
            bench.keys("s");
            for sign in ['↑', '↓'] {
                let shown = text(&frame(&mut bench, &theme("terminal"), (200, 60)));
                // As it is called on the screen: the worst of the findings is counted first.
                let title = match *column {
                    "worst" => "score",
                    "findings" if keys != "9" => "◆ critical",
                    other => other,
                };
                let marks = ["", " "]
                    .map(|gap| [format!("{title}{gap}{sign}"), format!("{sign}{gap}{title}")]);
                let marked =
                    |line: &&str| marks.as_flattened().iter().any(|mark| line.contains(mark));
                let count = shown.lines().filter(marked).count();
                let told = last_said(&bench);
                let round = if sign == '↓' { ", the other way round." } else { "." };
                assert_eq!(told, format!("Sorted by {column}{round}"), "{keys}");
                assert_eq!(count, 1, "{keys}: {column}{sign}\n{shown}");
                bench.keys("S");
            }
        }
        bench.keys("s");
        assert_eq!(bench.state.nav.top().list.sort(), None, "{keys}");
        assert_eq!(last_said(&bench), "In the list's own order again.");
    }
}

#[test]
fn a_row_that_stands_for_many_reasons_leads_to_its_check_first() {
    let mut bench = Bench::assessed();
    bench.keys("8<end>");
    let rows =
        |bench: &Bench| -> Vec<Row> { bench.state.nav.top().list.shown().cloned().collect() };
    let gap = rows(&bench).into_iter().find_map(|row| match row.item {
        Item::Gap(gap) => Some(gap),
        _ => None,
    });
    assert!(!gap.unwrap().asks_its_check(), "a list that was refused is no question of a check");
    let mut view = bench.state.data.result.as_deref().unwrap().clone();
    for image in ["web:1", "db:2", "log:3"] {
        view.not_assessed.push(plimsoll::model::finding::Gap {
            check: "fx-host-path".into(),
            missing: plimsoll::model::read::Missing {
                read: "rule".into(),
                namespace: None,
                status: plimsoll::model::read::ReadStatus::NotAsked,
                reason: format!("there is no scan result for image {image}"),
            }
            .into(),
            count: 1,
            platform: false,
        });
    }
    bench.state.data.result = Some(Arc::new(view));
    bench.state.data.recount();
    bench.keys("<home>8/scan<enter>");
    let shown = text(&frame(&mut bench, &theme("terminal"), (160, 50)));
    assert!(shown.contains("3 × there is no scan result for image *"), "{shown}");
    assert!(shown.contains("the first row behind enter"), "{shown}");
    bench.keys("<enter>");
    assert!(matches!(&rows(&bench)[1].item, Item::Check { id, .. } if **id == *"fx-host-path"));
    let under = bench.state.nav.top().list.current().unwrap();
    assert!(matches!(under.item, Item::Check { .. }));
}

#[test]
fn what_a_page_says_of_itself_gets_room_by_a_key() {
    let mut bench = related("6", "<enter>");
    let drawn = |bench: &mut Bench| text(&frame(bench, &theme("terminal"), (80, 24)));
    let shown = drawn(&mut bench);
    assert!(shown.contains("more lines; J scrolls, z gives room"), "{shown}");
    assert!(shown.contains("there may be more"), "what is not known comes first: {shown}");
    assert!(!shown.contains("Reaches"), "{shown}");
    bench.keys("z");
    let shown = drawn(&mut bench);
    // A hop a line, each after its arrow.
    for part in ["Path     Pod/pay/runner\n", "           → ServiceAccount/pay/ci\n", "Reaches"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(shown.contains("Rights") && !shown.contains("more room: z"), "{shown}");
    bench.keys("z");
    assert!(!drawn(&mut bench).contains("Reaches"));
    // In a list of groups the same key folds them.
    let mut bench = Bench::assessed();
    bench.keys("4bz");
    assert!(!bench.state.nav.top().roomy);
    assert_eq!(bench.state.nav.top().list.matched(), bench.state.nav.top().list.total());
}
