//! Many contexts that are called much alike, and long lists: what tells rows apart is seen, and where in the list
//! the cursor is.

use plimsoll::app::event::{ContextInfo, Event, SourceEvent};
use plimsoll::config::theme::Role;

use super::fixture::Bench;
use super::frames::{frame, text, theme};

fn name(at: usize) -> String {
    format!("arn:aws:eks:eu-central-1:123456789012:cluster/acme-production-platform-pay-{at}-prod")
}

/// So many contexts, named as `aws eks update-kubeconfig` names them.
fn many(start: bool, count: usize) -> Bench {
    let mut bench = Bench::new(start);
    let context = |at: usize| ContextInfo {
        name: name(at),
        server: format!("https://{at:032X}.gr7.eu-central-1.eks.amazonaws.com"),
        current: at == 0,
        ..ContextInfo::default()
    };
    bench.event(Event::Contexts(Ok((0..count).map(context).collect())));
    bench.wait(60_000);
    bench
}

fn drawn(bench: &mut Bench, size: (u16, u16)) -> String {
    text(&frame(bench, &theme("terminal"), size))
}

/// The rows that name a context.
fn rows(shown: &str) -> Vec<&str> {
    shown.lines().filter(|line| line.contains("arn:")).collect()
}

#[test]
fn contexts_that_begin_alike_are_told_apart_wherever_they_are_listed() {
    for size in [(80, 24), (100, 30), (120, 40), (200, 50)] {
        let shown = drawn(&mut many(true, 300), size);
        assert!(rows(&shown).len() > 5, "{shown}");
        for (at, row) in rows(&shown).iter().enumerate() {
            assert!(row.contains(&format!("pay-{at}-prod")), "{size:?}: {row}");
        }
        let mut bench = many(false, 300);
        bench.keys("c");
        let shown = drawn(&mut bench, size);
        assert!(shown.contains("pay-3-prod") && shown.contains("pay-4-prod"), "{shown}");
        let mut bench = many(false, 300);
        bench.keys(":fleet<enter>");
        let shown = drawn(&mut bench, size);
        assert!(shown.contains("pay-3-prod") && shown.contains("pay-4-prod"), "{shown}");
    }
}

#[test]
fn names_have_room_before_servers() {
    let shown = drawn(&mut many(true, 300), (120, 40));
    assert!(shown.contains(&name(3)), "{shown}");
    let mut bench = many(false, 300);
    bench.keys("c");
    let shown = drawn(&mut bench, (140, 40));
    assert!(shown.contains(&name(3)), "{shown}");
}

#[test]
fn what_is_typed_is_seen_in_what_it_finds() {
    let marked = |bench: &mut Bench, word: &str| {
        let theme = theme("terminal");
        let buffer = frame(bench, &theme, (80, 24));
        let style = theme.style(Role::Match);
        let shown = text(&buffer);
        let lines: Vec<&str> = shown.lines().collect();
        let of = |row: usize| -> String {
            let cells = (0..80_u16).map(|x| &buffer[(x, u16::try_from(row).unwrap())]);
            let found =
                cells.filter(|c| Some(c.fg) == style.fg || c.modifier == style.add_modifier);
            found.flat_map(|cell| cell.symbol().chars()).collect()
        };
        (0..lines.len()).filter(|row| of(*row).contains(word)).count()
    };
    // At the end of the name, and where it would be cut out.
    for word in ["pay-12", "1234567"] {
        let mut bench = many(false, 300);
        bench.keys(&format!("c{word}"));
        assert!(marked(&mut bench, word) > 5, "{}", drawn(&mut bench, (80, 24)));
        let mut bench = many(true, 300);
        bench.keys(&format!("/{word}"));
        assert!(marked(&mut bench, word) > 5, "{}", drawn(&mut bench, (80, 24)));
    }
}

#[test]
fn the_head_says_which_of_many_clusters_this_is() {
    let mut bench = many(false, 300);
    bench.event(Event::Source(SourceEvent::Connecting { context: name(12) }));
    for size in [(60, 20), (80, 24), (100, 30), (200, 50)] {
        for keys in ["1", "4", "3"] {
            bench.keys(keys);
            let shown = drawn(&mut bench, size);
            let head = shown.lines().next().unwrap();
            assert!(head.contains("pay-12-prod"), "{size:?}: {head}");
        }
    }
}

#[test]
fn a_list_that_goes_on_says_where_the_cursor_is_and_how_long_it_is() {
    let mut bench = many(false, 12_000);
    bench.keys(":fleet<enter>");
    let last = |bench: &mut Bench| {
        let shown = drawn(bench, (80, 24));
        let lines: Vec<&str> = shown.lines().collect();
        lines[lines.len() - 2].to_owned()
    };
    assert!(last(&mut bench).contains(" 1 of 12,000 "), "{}", last(&mut bench));
    bench.keys("jjj");
    assert!(last(&mut bench).contains(" 4 of 12,000 "), "{}", last(&mut bench));
    bench.keys("G");
    assert!(last(&mut bench).contains(" 12,000 of 12,000 "), "{}", last(&mut bench));
    // As long as a filter is worked out nobody knows what it leaves.
    bench.keys("<home>/pay-11");
    let shown = last(&mut bench);
    assert!(shown.contains("filtering 12,000 …") && !shown.contains(" of "), "{shown}");
    for _ in 0..5 {
        bench.wait(10);
    }
    assert!(last(&mut bench).contains("1111 of 12,000"), "{}", last(&mut bench));
    let mut short = many(false, 3);
    short.keys(":fleet<enter>");
    assert!(!last(&mut short).contains(" of "), "all of it is in sight");
}
