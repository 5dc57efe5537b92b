//! What is promised of every screen: names for everything, clicks that do what keys do, themes that
//! are tried on, columns that stand still.

use plimsoll::app::action::{ACTIONS, Action};
use plimsoll::app::dialog::{PickerChoice, Popup};
use plimsoll::app::effect::Effect;
use plimsoll::app::event::{Event, RunEvent, SessionEvent, SourceEvent};
use plimsoll::app::pointer::{Pointer, PointerTarget};
use plimsoll::app::route::{Screen, View};
use plimsoll::config::context::{Badge, Tone};
use plimsoll::ui::Drawn;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::fixture::{Bench, contexts, found, inventory, sessions};
use super::frames::{frame, text, theme};

fn screen(bench: &Bench) -> &Screen {
    &bench.state.nav.top().screen
}

fn drawn(bench: &mut Bench, size: (u16, u16)) -> Drawn {
    bench.event(Event::Resize(size.0, size.1));
    let theme = theme("terminal");
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    let mut out = Drawn::default();
    terminal.draw(|frame| out = plimsoll::ui::draw_all(&bench.state, &theme, frame)).unwrap();
    out
}

/// Clicks in the middle of where a target was drawn.
fn click(bench: &mut Bench, size: (u16, u16), target: PointerTarget) {
    let targets = drawn(bench, size).targets;
    let area = targets.place_of(target).expect("what is clicked is drawn");
    let hit = targets.at(area.x + area.width / 2, area.y);
    assert_eq!(hit, Some(target), "something lies over it");
    bench.event(Event::Pointer(Pointer::Click(target)));
}

const PLACES: [&str; 13] = [
    "",
    "2",
    "2j<enter>",
    "2j<enter><enter>",
    "3",
    "3<enter>",
    "4",
    "4<enter>",
    "gc",
    "8",
    "9",
    "gl",
    "0",
];

#[test]
fn every_action_is_reached_by_its_name_and_shows_its_key() {
    use Action::{
        Back, Bottom, Down, HalfDown, HalfUp, Left, NextPane, Open, PageDown, PageUp, Palette,
        Right, Top, Up,
    };
    let motion = [
        Back, Bottom, Down, HalfDown, HalfUp, Left, NextPane, Open, PageDown, PageUp, Palette,
        Right, Top, Up,
    ];
    for doc in ACTIONS.iter().filter(|doc| !motion.contains(&doc.action)) {
        let mut bench = Bench::assessed();
        bench.keys(&format!("4:{}", doc.name));
        let Some(Popup::Picker(picker)) = bench.state.popups.last() else { panic!("no palette") };
        let shown = picker.shown.iter().map(|at| &picker.entries[*at]);
        let entry = shown.take(8).find(|entry| entry.choice == PickerChoice::Action(doc.action));
        let entry = entry.unwrap_or_else(|| panic!("{} is not among the first", doc.name));
        let mode = bench.state.nav.top().mode();
        let key = bench.state.keymap.keys(mode, doc.action).first().map(ToString::to_string);
        assert_eq!(entry.key, key.unwrap_or_default(), "{}", doc.name);
    }
}

#[test]
fn contexts_and_sessions_that_become_known_later_are_in_the_open_palette() {
    let mut bench = Bench::assessed();
    bench.keys(":");
    assert!(bench.taken().contains(&Effect::LoadSessions));
    bench.event(Event::Contexts(Ok(contexts())));
    bench.keys("context staging<enter>");
    let connect = |effect: &Effect| matches!(effect, Effect::Connect(_));
    assert!(bench.taken().iter().any(connect), "the context is not in the palette");
    let mut bench = Bench::assessed();
    bench.keys(":session year");
    bench.event(Event::Session(SessionEvent::List(sessions())));
    bench.keys("ly<enter>");
    assert!(bench.taken().contains(&Effect::ResumeSession("01B".into())));
}

#[test]
fn a_theme_is_tried_on_while_it_is_under_the_cursor() {
    let mut bench = Bench::assessed();
    bench.keys(":theme<enter>");
    bench.taken();
    bench.keys("light");
    assert_eq!(bench.taken().last(), Some(&Effect::SetTheme("light".into())));
    assert_eq!(bench.state.look.theme, "terminal", "trying on is no choice");
    bench.keys("<esc>");
    assert_eq!(bench.taken(), [Effect::SetTheme("terminal".into())]);
    // Leaving in another way takes it back, too.
    bench.keys(":theme<enter><down>");
    bench.taken();
    bench.event(Event::Run(RunEvent::Started { id: 9, total: 5 }));
    bench.keys("<ctrl-c>");
    assert_eq!(bench.taken(), [Effect::SetTheme("terminal".into())]);
    bench.keys("<esc>:theme<enter>");
    bench.taken();
    bench.keys("mono<enter>");
    assert_eq!(bench.state.look.theme, "mono");
    assert_eq!(bench.taken().last(), Some(&Effect::SetTheme("mono".into())));
    // A choice that turned out to be broken is none.
    let names = bench.state.look.themes.clone();
    bench.event(Event::Themes { theme: "terminal".into(), names });
    assert_eq!(bench.state.look.theme, "terminal");
}

#[test]
fn clicks_do_what_keys_do() {
    let size = (120, 40);
    let mut bench = Bench::assessed();
    click(&mut bench, size, PointerTarget::Tab(View::Findings));
    assert_eq!(bench.state.nav.view(), View::Findings);
    click(&mut bench, size, PointerTarget::Row(3));
    assert_eq!(bench.state.nav.top().list.cursor(), 3);
    assert_eq!(bench.state.nav.depth(), 0, "one click moves, and opens nothing");
    click(&mut bench, size, PointerTarget::Row(3));
    assert!(matches!(screen(&bench), Screen::Finding(_)));
    click(&mut bench, size, PointerTarget::Side);
    assert_eq!(bench.state.nav.top().pane, 1);
    click(&mut bench, size, PointerTarget::Text);
    assert_eq!(bench.state.nav.top().pane, 0);
    click(&mut bench, size, PointerTarget::Crumb(0));
    assert_eq!(bench.state.nav.depth(), 0);
    click(&mut bench, size, PointerTarget::Namespace);
    assert!(
        drawn(&mut bench, size).targets.place_of(PointerTarget::Row(3)).is_none(),
        "below a dialog"
    );
    click(&mut bench, size, PointerTarget::Entry(1));
    assert!(bench.state.data.namespace.is_some() && bench.state.popups.is_empty());
    click(&mut bench, size, PointerTarget::Source);
    assert!(matches!(bench.state.popups.last(), Some(Popup::Picker(p)) if p.title == "Cluster"));
    bench.event(Event::Pointer(Pointer::Click(PointerTarget::Row(0))));
    assert_eq!(bench.state.popups.len(), 1, "a click went through the dialog");
}

#[test]
fn every_target_is_drawn_where_it_says_on_every_screen() {
    for keys in PLACES {
        for size in [(80, 24), (120, 40), (200, 60)] {
            let mut bench = Bench::compared();
            bench.reviewed();
            bench.keys(keys);
            let targets = drawn(&mut bench, size).targets;
            let place = targets.place_of(PointerTarget::Row(bench.state.nav.top().list.cursor()));
            let shown = text(&frame(&mut bench, &theme("terminal"), size));
            if let Some(area) = place.filter(|_| shown.contains('▸')) {
                let line = shown.lines().nth(usize::from(area.y)).unwrap();
                assert!(line.contains('▸'), "{keys:?} at {size:?}: {line}");
            }
            let line = shown.lines().nth(1).unwrap();
            for view in View::TABS {
                if let Some(area) = targets.place_of(PointerTarget::Tab(view)) {
                    let tab: String =
                        line.chars().skip(area.x.into()).take(area.width.into()).collect();
                    let word = [view.title(), view.short()].iter().any(|word| tab.ends_with(word));
                    assert!(word || tab.len() == 1, "{tab:?} of {line}");
                }
            }
        }
    }
}

#[test]
fn the_wheel_turns_what_it_is_over_and_moves_no_keys() {
    let mut bench = Bench::assessed();
    bench.keys("4");
    drawn(&mut bench, (120, 40));
    let wheel = |down, over| Event::Pointer(Pointer::Wheel { down, over });
    bench.event(wheel(true, Some(PointerTarget::Row(0))));
    assert_eq!(bench.state.nav.top().list.cursor(), 3);
    bench.event(wheel(false, None));
    assert_eq!(bench.state.nav.top().list.cursor(), 0);
    bench.keys("<enter>");
    drawn(&mut bench, (120, 12));
    bench.event(wheel(true, Some(PointerTarget::Side)));
    let route = bench.state.nav.top();
    assert_eq!((route.pane, route.text.top), (0, None), "the keys moved to what the wheel is over");
    bench.event(wheel(true, Some(PointerTarget::Text)));
    assert!(bench.state.nav.top().text.top.is_some());
    bench.keys("?");
    bench.event(wheel(true, None));
    assert!(matches!(bench.state.popups.last(), Some(Popup::Help(help)) if help.scroll == 3));
}

#[test]
fn one_key_takes_and_releases_the_mouse_and_the_footer_says_so() {
    let mut bench = Bench::assessed();
    for size in [(40, 10), (80, 24), (120, 40)] {
        let footer = |bench: &mut Bench| {
            let shown = text(&frame(bench, &theme("terminal"), size));
            shown.lines().last().unwrap().to_owned()
        };
        assert!(!footer(&mut bench).contains("mouse"));
        bench.keys("T");
        assert_eq!(bench.taken(), [Effect::Mouse(true)]);
        let line = footer(&mut bench);
        assert!(line.contains("T release mouse") && line.trim_end().ends_with("? help"), "{line}");
        bench.keys("T");
        assert_eq!(bench.taken(), [Effect::Mouse(false)]);
    }
}

#[test]
fn the_footer_ends_in_the_help_on_every_screen() {
    for keys in PLACES {
        for size in [(40, 10), (80, 24), (120, 40)] {
            let mut bench = Bench::compared();
            bench.reviewed();
            bench.keys(keys);
            let shown = text(&frame(&mut bench, &theme("terminal"), size));
            let last = shown.lines().last().unwrap().trim_end();
            assert!(last.ends_with("? help"), "{keys:?} at {size:?}: {last}");
        }
    }
}

#[test]
fn q_leaves_from_every_screen_and_control_c_twice_from_anywhere() {
    for keys in PLACES {
        let mut bench = Bench::compared();
        bench.keys(keys);
        bench.taken();
        bench.keys("q");
        assert_eq!(bench.taken(), [Effect::Quit], "{keys:?}");
    }
    for keys in ["4a", "4N", ":", "4/x", "n", "?", "r"] {
        let mut bench = Bench::assessed();
        bench.event(Event::Run(RunEvent::Started { id: 9, total: 5 }));
        bench.keys(keys);
        bench.taken();
        bench.keys("<ctrl-c>");
        assert_eq!(bench.taken(), [], "{keys:?}: it asks first, since a run would be lost");
        bench.keys("<ctrl-c>");
        assert_eq!(bench.taken(), [Effect::Quit], "{keys:?}");
    }
}

#[test]
fn one_key_leads_to_the_view_before_and_back() {
    let mut bench = Bench::assessed();
    bench.keys("-");
    assert_eq!(bench.state.nav.view(), View::Overview);
    bench.keys("gcj<enter>8-");
    assert!(matches!(screen(&bench), Screen::Check(_)), "it is not where it was left");
    bench.keys("-");
    assert_eq!(bench.state.nav.view(), View::Coverage);
}

#[test]
fn a_finding_is_handed_over_as_json_and_with_what_to_read_on() {
    let mut bench = Bench::assessed();
    bench.keys("4yf");
    let [Effect::Copy(json)] = &bench.taken()[..] else { panic!("nothing was copied") };
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(value["check"], "fx-privileged");
    assert!(!json.contains("hunter2"));
    bench.keys("yl");
    let url = "https://kubernetes.io/docs/concepts/security/pod-security-standards/";
    assert_eq!(bench.taken(), [Effect::Copy(url.into())]);
}

#[test]
fn what_is_known_to_be_an_address_is_a_link_and_nothing_else() {
    let mut bench = Bench::assessed();
    bench.keys("4<enter>");
    let links = drawn(&mut bench, (200, 60)).links;
    let url = "https://kubernetes.io/docs/concepts/security/pod-security-standards/";
    assert!(links.iter().any(|link| link.url == url), "{links:?}");
    // What a cluster says is no link: a finding's message is searched for, and shown.
    bench.keys("<esc>/https://kubernetes.io/<enter>");
    let shown = text(&frame(&mut bench, &theme("terminal"), (200, 60)));
    assert!(shown.contains("https://kubernetes.io/"));
    let links = drawn(&mut bench, (200, 60)).links;
    assert!(links.iter().all(|link| link.url == url), "{links:?}");
}

#[test]
fn what_was_typed_while_it_connected_stays() {
    let mut bench = Bench::new(false);
    bench.event(Event::Source(SourceEvent::Connecting { context: "live".to_owned() }));
    bench.keys("4/sev:crit<enter>");
    bench.event(Event::Source(SourceEvent::Named { context: "prod-eu".to_owned() }));
    bench.event(Event::Source(SourceEvent::Loaded {
        inventory: inventory().into(),
        complete: true,
    }));
    assert_eq!(bench.state.source.name, "prod-eu");
    assert!(matches!(bench.state.nav.top().screen, Screen::Findings(_)));
    assert_eq!(bench.state.nav.top().list.filter().text(), "sev:crit");
}

#[test]
fn the_namespaces_of_the_command_line_are_in_the_header() {
    let mut bench = Bench::assessed();
    for (names, shown) in [
        (vec!["pay"], "pay"),
        (vec!["pay", "shop"], "pay, shop"),
        (vec!["a", "b", "c"], "3 namespaces"),
    ] {
        bench.state.namespaces = names.into_iter().map(str::to_owned).collect();
        assert_eq!(bench.state.place(), shown);
        let first = text(&frame(&mut bench, &theme("terminal"), (80, 24)));
        let first = first.lines().next().unwrap();
        assert!(first.contains(shown) && !first.contains("all namespaces"), "{first}");
    }
    bench.keys("nshop<enter>");
    assert_eq!(bench.state.place(), "shop");
}

#[test]
fn a_cluster_that_must_not_be_mistaken_says_so_on_every_screen() {
    let mut bench = Bench::assessed();
    let badge = Badge { label: Some("PRODUCTION".into()), tone: Tone::Danger };
    bench.state.look.badges = vec![("prod-*".into(), badge)];
    for keys in ["1", "4<enter>", "5", "0", ":"] {
        bench.keys(keys);
        for size in [(40, 10), (80, 24), (200, 60)] {
            let shown = text(&frame(&mut bench, &theme("terminal"), size));
            let first = shown.lines().next().unwrap();
            assert!(first.contains("PRODUCTION") && first.contains("prod-eu"), "{keys}: {first}");
        }
    }
    bench.state.source.name = "dev".into();
    let shown = text(&frame(&mut bench, &theme("terminal"), (80, 24)));
    assert!(!shown.contains("PRODUCTION"));
}

/// The line on which a divider between two panes stands, or nothing.
/// The titles of the columns: the first line that names one.
fn titles(bench: &mut Bench, size: (u16, u16)) -> String {
    let shown = text(&frame(bench, &theme("terminal"), size));
    let line = shown.lines().find(|line| line.contains("severity")).unwrap_or_default();
    line.split('│').next().unwrap_or_default().to_owned()
}

#[test]
fn columns_stand_still_while_findings_come_and_are_measured_anew_when_asked() {
    let mut bench = Bench::assessed();
    bench.keys("4");
    let before = titles(&mut bench, (120, 40));
    let mut all = found();
    let mut long = (*all[0]).clone();
    long.fingerprint = "p1:long".to_owned();
    let object = long.object.as_mut().unwrap();
    object.name = "a-name-that-is-much-longer-than-any-that-was-there-before".into();
    all.push(long.into());
    bench.follow(all.iter().skip(3).cloned().collect());
    assert_eq!(titles(&mut bench, (120, 40)), before, "a column moved");
    bench.follow(all);
    assert_eq!(titles(&mut bench, (120, 40)), before, "a column moved");
    // In another order it has the room that it needs.
    bench.keys("s");
    let sorted = titles(&mut bench, (120, 40));
    assert_ne!(sorted.find("finding"), before.find("finding"), "{sorted}\n{before}");
}

fn divider(bench: &mut Bench) -> Option<usize> {
    let shown = text(&frame(bench, &theme("terminal"), (120, 40)));
    let row = shown.lines().nth(6)?;
    let (at, _) = row.char_indices().rfind(|(_, c)| *c == '│')?;
    Some(row.get(..at)?.chars().count())
}

#[test]
fn panes_stand_still_whatever_the_cursor_is_on() {
    for keys in ["4b", "4bb", "4bbbbb", "3<enter>", "2", "2j<enter>", "8", "0"] {
        let mut bench = Bench::assessed();
        bench.reviewed();
        bench.keys(keys);
        let first = divider(&mut bench);
        assert!(first.is_some(), "{keys}: nothing is said of what is under the cursor");
        for _ in 0..12 {
            bench.keys("j");
            assert_eq!(divider(&mut bench), first, "{keys}");
        }
    }
}

#[test]
fn a_message_never_covers_the_row_under_the_cursor() {
    let long = "a sentence that takes several lines where there is little room for it ".repeat(4);
    for keys in PLACES {
        for size in [(40, 10), (80, 24), (120, 40), (200, 60)] {
            let mut bench = Bench::compared();
            bench.reviewed();
            bench.keys(keys);
            bench.keys("<end>");
            bench.event(Event::Failed(plimsoll::app::event::UserError {
                what: long.clone(),
                why: long.clone(),
                next: long.clone(),
            }));
            bench.event(Event::Done("saved".into()));
            let shown = text(&frame(&mut bench, &theme("terminal"), size));
            let cursor =
                bench.state.nav.top().list.current().is_some() && !bench.state.nav.top().in_text();
            assert!(!cursor || shown.contains('▸'), "{keys:?} at {size:?}:\n{shown}");
        }
    }
}

#[test]
fn digits_choose_namespaces_as_long_as_nothing_is_typed() {
    let mut bench = Bench::assessed();
    bench.state.favourites = vec!["team-a".into(), "gone".into()];
    bench.keys("4n");
    let shown = text(&frame(&mut bench, &theme("terminal"), (80, 24)));
    let row =
        |digit: &str, name: &str| shown.lines().any(|l| l.contains(&format!("{digit} {name}")));
    // The one that was named, without the one that is not there; then where the worst is found.
    assert!(row("0", "all namespaces") && row("1", "team-a") && row("2", "pay"), "{shown}");
    bench.keys("2");
    assert_eq!(bench.state.data.namespace.as_deref(), Some("pay"));
    assert!(matches!(screen(&bench), Screen::Findings(_)), "the screen stays");
    bench.keys("n0");
    assert_eq!(bench.state.data.namespace, None);
    // Typed text has digits too.
    bench.keys("nx2");
    assert!(matches!(bench.state.popups.last(), Some(Popup::Picker(p)) if p.shown.is_empty()));
}

#[test]
fn a_cluster_that_is_dead_at_the_start_leads_to_the_others() {
    let dead = || {
        Event::Source(plimsoll::app::event::SourceEvent::Failed(plimsoll::app::event::UserError {
            what: "The server cannot be reached.".into(),
            why: "connection refused".into(),
            next: "Choose another cluster.".into(),
        }))
    };
    for early in [true, false] {
        let mut bench = Bench::new(false);
        if early {
            bench.event(Event::Contexts(Ok(contexts())));
        }
        bench.event(dead());
        if !early {
            assert!(bench.state.popups.is_empty(), "there is nothing to choose from yet");
            bench.event(Event::Contexts(Ok(contexts())));
        }
        let shown = text(&frame(&mut bench, &theme("terminal"), (80, 24)));
        assert!(shown.contains("┌─ Cluster") && shown.contains("connection refused"), "{shown}");
        bench.keys("<esc>");
        assert!(bench.state.popups.is_empty());
    }
    // What was read stays in sight, and nobody is led away from it.
    let mut bench = Bench::assessed();
    bench.event(Event::Contexts(Ok(contexts())));
    bench.event(dead());
    assert!(bench.state.popups.is_empty());
}

#[test]
fn a_text_is_folded_to_the_way_to_what_fails() {
    let mut bench = Bench::assessed();
    bench.keys("4<enter>");
    let whole = text(&frame(&mut bench, &theme("terminal"), (120, 40)));
    let lines = bench.state.nav.top().text.yaml.lines.len();
    bench.keys("z");
    let folded = text(&frame(&mut bench, &theme("terminal"), (120, 40)));
    assert!(
        folded.contains("◀ fails") && folded.contains("⊞") && folded.contains(" lines"),
        "{folded}"
    );
    assert!(bench.state.nav.top().text.rows() < lines);
    // The next finding is folded in the same way, about its own line.
    bench.keys("]");
    let text_view = &bench.state.nav.top().text;
    assert!(text_view.folds.is_some() && text_view.rows() <= text_view.yaml.lines.len());
    bench.keys("[z");
    assert_eq!(text(&frame(&mut bench, &theme("terminal"), (120, 40))), whole);
    // A search looks everywhere.
    bench.keys("z/kind<enter>");
    assert_eq!(bench.state.nav.top().text.rows(), lines);
}

#[test]
fn letters_alone_name_the_key_that_opens() {
    let mut bench = Bench::assessed();
    bench.state.look.ascii = true;
    bench.keys("4");
    let shown = text(&frame(&mut bench, &theme("terminal"), (80, 24)));
    // `<` would be another key.
    assert!(shown.lines().last().unwrap().trim_start().starts_with("enter open"), "{shown}");
}

#[test]
fn the_row_under_the_cursor_keeps_its_load_line_and_turns_no_colour_round() {
    let mut bench = Bench::assessed();
    bench.keys("3");
    for name in ["terminal", "mono"] {
        let buffer = frame(&mut bench, &theme(name), (80, 24));
        let row = (0..24).find(|y| buffer[(0, *y)].symbol() == "▸").unwrap();
        let turned =
            |x: &u16| buffer[(*x, row)].modifier.contains(ratatui::style::Modifier::REVERSED);
        let of = |parts: &str| -> Vec<u16> {
            (0..80).filter(|x| parts.contains(buffer[(*x, row)].symbol())).collect()
        };
        assert!(of("█▒░").len() > 5, "{name}");
        // What has a colour keeps it; the empty part has the ground of the row.
        let bar = if name == "mono" { Vec::new() } else { of("█▒") };
        assert!(!bar.iter().any(turned), "{name}: {bar:?}");
        assert!(of("░").iter().all(turned), "{name}");
        let rest: Vec<u16> = (3..79).filter(|x| !bar.contains(x)).collect();
        assert!(rest.iter().all(turned), "{name}");
        let plain = |x: &u16| buffer[(*x, row)].fg == ratatui::style::Color::Reset;
        assert!(rest.iter().all(plain), "{name}: a colour makes a block");
    }
}

#[test]
fn tabs_stand_still_whichever_is_open() {
    for size in [(80, 24), (120, 40)] {
        let mut bench = Bench::assessed();
        let tabs: Vec<String> = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"]
            .into_iter()
            .map(|key| {
                bench.keys(key);
                let shown = text(&frame(&mut bench, &theme("terminal"), size));
                shown.lines().nth(1).unwrap().trim_end().to_owned()
            })
            .collect();
        assert!(tabs[0].contains("0 Review"), "{}", tabs[0]);
        assert!(tabs.iter().all(|line| *line == tabs[0]), "{tabs:#?}");
    }
}
