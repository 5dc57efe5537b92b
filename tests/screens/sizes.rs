//! Nothing panics, at any size, after any keys; and Esc always leads home.

use plimsoll::app::event::{Event, SourceEvent};
use plimsoll::app::key::{Code, Key};
use plimsoll::app::pointer::{Pointer, PointerTarget};
use plimsoll::app::route::{Screen, View};
use proptest::prelude::*;

use super::fixture::Bench;
use super::frames::{frame, theme};

const PLACES: &[&str] = &[
    "",
    "1",
    "2",
    "2j<enter>",
    "2j<enter><enter>",
    "2j<enter><enter><tab>",
    "3",
    "3<enter>",
    "3j<enter>j<enter>",
    "4",
    "4bb",
    "4/x",
    "4<enter>",
    "4<enter><tab>",
    "4<enter>/image",
    "4<enter>p",
    "4<enter>y",
    "4bbbbb",
    "4bbbbbp",
    "gc",
    "gc<enter>",
    "8",
    "8<enter>",
    "9",
    "gl",
    "6",
    "6t",
    "7",
    "0",
    "0j",
    "0G",
    "0ja",
    "4?",
    ":",
    "n",
    "4y",
    "4d",
    "4a",
    "4N",
    "r",
    "w",
    "C",
];

#[test]
fn every_size_can_be_drawn() {
    let theme = theme("terminal");
    for keys in PLACES {
        let mut bench = Bench::compared();
        bench.reviewed();
        bench.keys(keys);
        for width in 0..=40 {
            for height in 0..=40 {
                frame(&mut bench, &theme, (width, height));
            }
        }
    }
}

#[test]
fn every_size_of_a_grid_can_be_drawn() {
    let theme = theme("terminal");
    for keys in [
        "5",
        "5m",
        "5lljm",
        "5<tab>",
        "5/node",
        "5 j ",
        "5<enter>",
        "gh",
        "ghllG",
        "gh/pay",
        "ghl<enter>",
        "gt",
    ] {
        let mut bench = Bench::attacked();
        bench.keys(keys);
        for width in (0..=40).chain([79, 80, 119, 120, 200, 400]) {
            for height in (0..=26).chain([40, 60]) {
                frame(&mut bench, &theme, (width, height));
            }
        }
    }
}

#[test]
fn every_size_of_a_tenant_can_be_drawn() {
    let theme = theme("terminal");
    for keys in ["", "<enter>", "<enter><enter>", "/shop"] {
        let mut bench = Bench::attacked();
        super::grids::tenants(&mut bench);
        bench.keys(keys);
        for width in (0..=40).chain([79, 80, 119, 120, 200]) {
            for height in 0..=40 {
                frame(&mut bench, &theme, (width, height));
            }
        }
    }
}

#[test]
fn previews_can_be_drawn_at_every_size() {
    let theme = theme("terminal");
    for keys in ["", "<tab>", "<tab>jjj", "y", "G"] {
        let mut bench = Bench::assessed();
        bench.previewed("4<enter>p");
        bench.keys(keys);
        for width in 0..=130 {
            for height in (0..=40).step_by(if width < 40 { 1 } else { 4 }) {
                frame(&mut bench, &theme, (width, height));
            }
        }
    }
}

#[test]
fn below_the_floor_one_line_says_what_is_needed() {
    let mut bench = Bench::assessed();
    let small = super::frames::text(&frame(&mut bench, &theme("mono"), (39, 9)));
    assert!(small.starts_with("plimsoll needs 40x10"), "{small}");
    let enough = super::frames::text(&frame(&mut bench, &theme("mono"), (40, 10)));
    assert!(enough.contains("? help"), "{enough}");
}

fn any_pointer() -> impl Strategy<Value = Pointer> {
    let targets = vec![
        PointerTarget::Row(0),
        PointerTarget::Row(2),
        PointerTarget::Row(900),
        PointerTarget::Text,
        PointerTarget::Side,
        PointerTarget::Tab(View::Findings),
        PointerTarget::Source,
        PointerTarget::Namespace,
        PointerTarget::Crumb(0),
        PointerTarget::Crumb(9),
        PointerTarget::Entry(1),
    ];
    let target = prop::sample::select(targets);
    prop_oneof![
        target.clone().prop_map(Pointer::Click),
        (any::<bool>(), target).prop_map(|(down, t)| Pointer::Wheel { down, over: Some(t) }),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    let named = prop::sample::select(vec![
        Code::Enter,
        Code::Enter,
        Code::Esc,
        Code::Tab,
        Code::BackTab,
        Code::Up,
        Code::Down,
        Code::Left,
        Code::Right,
        Code::Home,
        Code::End,
        Code::PageUp,
        Code::PageDown,
        Code::Backspace,
        Code::Delete,
    ]);
    let letters: Vec<char> =
        "5555123456789jklhgGnmthNcrxRFwyuUsSV*MzbPdafiDo[]evW<>?:/ tmkp!é日q".chars().collect();
    prop_oneof![
        6 => prop::sample::select(letters).prop_map(|c| Event::Key(Key::char(c))),
        4 => named.prop_map(|code| Event::Key(Key::plain(code))),
        1 => Just(Event::Key(Key::ctrl('c'))),
        1 => "\\PC{0,12}".prop_map(Event::Paste),
        1 => (0..300u16, 0..100u16).prop_map(|(w, h)| Event::Resize(w, h)),
        1 => "[a-z0-9 /-]{0,14}".prop_map(Event::Line),
        1 => any_pointer().prop_map(Event::Pointer),
        1 => Just(Event::Tick),
        1 => Just(Event::Source(SourceEvent::Loaded {
            inventory: std::sync::Arc::default(),
            complete: true,
        })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_events_panic_and_esc_leads_home(events in prop::collection::vec(any_event(), 0..80)) {
        let mut bench = Bench::attacked();
        bench.compare();
        let theme = theme("dark");
        for event in events {
            bench.event(event);
            bench.now.millis += 100;
            let size = bench.state.size;
            frame(&mut bench, &theme, size);
        }
        // On a terminal that is too small to show anything keys do nothing.
        bench.event(Event::Resize(80, 24));
        for _ in 0..40 {
            bench.keys("<esc>");
        }
        prop_assert!(bench.state.popups.is_empty());
        prop_assert_eq!(&bench.state.nav.top().screen, &Screen::Overview);
        prop_assert!(bench.state.nav.top().list.filter().is_empty());
    }
}
