//! Plain mode: everything by lines, everything in words.

use plimsoll::app::effect::{Effect, RunWhat};
use plimsoll::app::event::{Event, SessionEvent};
use plimsoll::app::route::{Screen, View};
use plimsoll::model::decision::DecisionState;
use plimsoll::ui::linear;

use super::fixture::{Bench, sessions};

/// Types a line; what is told comes back, messages first.
fn say(bench: &mut Bench, line: &str) -> String {
    let before = bench.state.messages.count();
    bench.event(Event::Line(line.to_owned()));
    let new = usize::try_from(bench.state.messages.count() - before).unwrap();
    let all = bench.state.messages.all();
    let messages = all.iter().skip(all.len() - new).map(|message| linear::message(message));
    let lines: Vec<String> = messages.chain(linear::answer(&bench.state)).collect();
    lines.join("\n")
}

#[test]
fn from_the_overview_to_the_line_that_is_wrong() {
    let mut bench = Bench::assessed();
    let told = say(&mut bench, "show");
    assert!(told.starts_with("prod-eu, all namespaces, overview"), "{told}");
    assert!(told.contains("Frameworks:") && told.contains("What to mend first:"), "{told}");
    let told = say(&mut bench, "findings");
    assert!(told.contains("13 rows"), "{told}");
    let row = told.lines().nth(1).unwrap();
    assert!(row.starts_with("1. critical, pay/web, Deployment, "), "{row}");
    let told = say(&mut bench, "1");
    assert!(matches!(bench.state.nav.top().screen, Screen::Finding(_)));
    for wanted in ["finding 1 of 13", "Why: ", "Fix: ", "this one fails: ", "privileged: true"] {
        assert!(told.contains(wanted), "{wanted} is missing:\n{told}");
    }
    assert!(told.contains("remove privileged: true"), "the patch is not told:\n{told}");
    let told = say(&mut bench, "yaml");
    assert!(told.contains("line 1: apiVersion"), "{told}");
    say(&mut bench, "next");
    assert_eq!(bench.state.place_of_finding(), Some((2, 13)));
    let told = say(&mut bench, "back");
    assert!(told.contains("13 rows") && told.contains("2. "), "{told}");
}

#[test]
fn a_comparison_is_told_in_words() {
    let mut bench = Bench::compared();
    let told = say(&mut bench, "show");
    for wanted in [
        "1. fx-nsa, before 25 to 75 %, after 50 % (1 attested), 2 changed controls, 1 regressed, 1 fixed, \
         4 unchanged",
        "2. fx-pods, before not judged, after 50 to 100 %, ",
        "3. fx-nsa, N1, Containers run without privileges, before fail, after pass",
    ] {
        assert!(told.contains(wanted), "{wanted} is missing:\n{told}");
    }
    let told = say(&mut bench, "group");
    assert!(told.contains("Grouped by namespace."), "{told}");
    let told = say(&mut bench, "show");
    assert!(told.contains("5. pay, 1 regressed, "), "{told}");
}

#[test]
fn nothing_that_is_told_needs_eyes() {
    for lines in [
        vec!["overview"],
        vec!["objects", "1", "1"],
        vec!["frameworks", "1", "2"],
        vec!["findings", "group"],
        vec!["findings", "3"],
        vec!["checks", "1"],
        vec!["coverage", "1"],
        vec!["sessions"],
        vec!["messages"],
        vec!["review", "about"],
        vec!["findings", "decide"],
        vec!["help"],
        vec!["run"],
    ] {
        let mut bench = Bench::compared();
        bench.reviewed();
        for line in lines {
            let told = say(&mut bench, line);
            assert!(!told.is_empty(), "nothing is told after {line}");
            let odd = told.chars().find(|c| "◆▲●○■□◉◌✔✖⚑◐▸⊞⊟▶◀─│█▒░↻⏎⊖\u{1b}".contains(*c));
            assert_eq!(odd, None, "after {line}:\n{told}");
            // The blanks of YAML mean something.
            let prose = told.lines().filter(|l| !l.starts_with("line "));
            assert!(prose.clone().all(|l| !l.contains("  ")), "aligned by blanks:\n{told}");
        }
    }
}

#[test]
fn a_form_asks_one_thing_after_the_other() {
    let mut bench = Bench::assessed();
    let told = {
        say(&mut bench, "findings");
        say(&mut bench, "accept 2")
    };
    assert!(told.starts_with("Accept the risk."), "{told}");
    assert!(linear::prompt(&bench.state).starts_with("Reason (required: why)"));
    say(&mut bench, "");
    assert!(linear::prompt(&bench.state).starts_with("Until ("));
    for _ in 0..3 {
        say(&mut bench, "");
    }
    let told = linear::answer(&bench.state).join("\n");
    assert!(told.contains("Error: A reason is required"), "{told}");
    assert!(linear::prompt(&bench.state).starts_with("Reason"), "it asks again");
    bench.taken();
    for line in ["not reachable", "30d", "Grace", ""] {
        say(&mut bench, line);
    }
    let [Effect::Decide { fingerprints, decision }] = &bench.taken()[..] else { panic!("none") };
    assert_eq!((fingerprints.len(), decision.state), (1, DecisionState::Accepted));
    assert_eq!(decision.approver.as_deref(), Some("Grace"));
    say(&mut bench, "note 1");
    let told = say(&mut bench, "cancel");
    assert!(told.contains("Nothing was changed") && bench.state.popups.is_empty(), "{told}");
}

#[test]
fn rows_are_named_by_numbers_and_ranges() {
    let mut bench = Bench::assessed();
    say(&mut bench, "findings");
    let told = say(&mut bench, "mark 2 4-6");
    assert!(told.contains("4 marked"), "{told}");
    let told = say(&mut bench, "show");
    assert!(
        told.contains("4 marked") && told.contains("2. ") && told.contains(", marked"),
        "{told}"
    );
    bench.taken();
    say(&mut bench, "in-progress");
    let [Effect::Decide { fingerprints, .. }] = &bench.taken()[..] else { panic!("none") };
    assert_eq!(fingerprints.len(), 4);
    let told = say(&mut bench, "99");
    assert!(told.contains("There is no such row; there are 13"), "{told}");
    // Numbers mean these rows, whatever was marked before.
    let third = bench.state.data.index.findings[2].fingerprint.clone();
    say(&mut bench, "mark 2 5");
    bench.taken();
    say(&mut bench, "in-progress 3");
    let [Effect::Decide { fingerprints, .. }] = &bench.taken()[..] else { panic!("none") };
    assert_eq!(*fingerprints, [third]);
}

#[test]
fn a_menu_is_left_by_an_empty_line_and_by_quit_and_a_guess_opens_none() {
    let mut bench = Bench::assessed();
    say(&mut bench, "findings");
    for line in ["", "q", "quit", "cancel"] {
        say(&mut bench, "decide 1");
        assert_eq!(bench.state.popups.len(), 1);
        say(&mut bench, line);
        assert!(bench.state.popups.is_empty(), "`{line}` leaves the menu");
    }
    assert_eq!(bench.taken(), [], "and nothing else");
    let told = say(&mut bench, "re");
    assert!(told.contains("There is no command or place `re`"), "{told}");
    assert!(bench.state.popups.is_empty());
}

#[test]
fn filters_menus_and_places_take_words() {
    let mut bench = Bench::assessed();
    say(&mut bench, "findings");
    let told = say(&mut bench, "filter sev:critical");
    assert!(told.contains("the filter sev:critical shows"), "{told}");
    let told = say(&mut bench, "/zzzz");
    assert!(told.contains("hidden by the filter"), "{told}");
    say(&mut bench, "filter");
    assert!(bench.state.nav.top().list.filter().is_empty());
    say(&mut bench, "namespace pay");
    assert_eq!(bench.state.data.namespace.as_deref(), Some("pay"));
    bench.taken();
    say(&mut bench, "run all checks");
    let [Effect::Run(request)] = &bench.taken()[..] else { panic!("no run") };
    assert_eq!(request.what, RunWhat::Everything);
    let written = |bench: &mut Bench| match &bench.taken()[..] {
        [Effect::WriteReport { to, .. }] => to.clone(),
        other => panic!("{other:?}"),
    };
    say(&mut bench, "report markdown");
    assert_eq!(written(&mut bench), "plimsoll-prod-eu-2026-11-24.md");
    say(&mut bench, "report json audit/a b.json");
    assert_eq!(written(&mut bench), "audit/a b.json");
    let told = say(&mut bench, "report");
    assert!(told.contains("to choose from") && told.contains("1. "), "{told}");
    let told = say(&mut bench, "1");
    assert!(told.contains("Write a report: markdown"), "{told}");
    say(&mut bench, "r.md");
    assert_eq!(written(&mut bench), "r.md");
    // A place by its name, as in the palette.
    say(&mut bench, "fx-host-path");
    assert!(matches!(bench.state.nav.top().screen, Screen::Check(_)));
    let told = say(&mut bench, "no such thing at all");
    assert!(told.contains("There is no command or place"), "{told}");
    say(&mut bench, "coverage");
    assert_eq!(bench.state.nav.view(), View::Coverage);
    assert!(say(&mut bench, "help report").contains("report: Write a report."));
    say(&mut bench, "quit");
    assert_eq!(bench.taken(), [Effect::Quit]);
}

#[test]
fn long_lists_are_told_a_page_at_a_time() {
    let mut bench = Bench::assessed();
    let told = say(&mut bench, "messages");
    assert!(!told.contains("more tells them"), "{told}");
    for n in 0..45 {
        bench.event(Event::Done(format!("report {n}")));
    }
    let told = say(&mut bench, "show");
    assert!(told.contains("20. ") && !told.contains("21. "), "{told}");
    assert!(told.contains("more rows: more tells them"), "{told}");
    let told = say(&mut bench, "more");
    assert!(told.starts_with("21. ") && told.contains("40. "), "{told}");
    assert!(say(&mut bench, "more").contains("41. "));
    assert!(say(&mut bench, "more").contains("No more rows"));
}

/// As `--plain` has it: sentences name commands and not keys.
fn in_lines(mut bench: Bench) -> Bench {
    bench.state.look.plain = true;
    bench.state.keymap = std::mem::take(&mut bench.state.keymap).for_lines(true);
    bench
}

#[test]
fn what_is_being_worked_out_is_not_told_to_be_nothing() {
    for view in ["access", "network"] {
        let mut bench = in_lines(Bench::assessed());
        let told = say(&mut bench, view);
        assert!(bench.state.is_awaited());
        assert!(told.contains("being worked out") && !told.contains("0 rows"), "{told}");
        assert!(!told.contains("Nothing here"), "{told}");
        super::related::relate(&mut bench);
        assert!(!bench.state.is_awaited(), "{view}");
        let told = linear::opened(&bench.state).join("\n");
        assert!(!told.contains("being worked out"), "{told}");
    }
    let mut bench = in_lines(Bench::assessed());
    say(&mut bench, "sessions");
    assert!(bench.state.is_awaited(), "they are read anew");
    bench.event(Event::Session(SessionEvent::List(sessions())));
    let told = linear::opened(&bench.state).join("\n");
    assert!(told.contains("web audit (this one)"), "{told}");
}

#[test]
fn a_matrix_tells_tactic_exposure_and_count() {
    let mut bench = in_lines(Bench::attacked());
    let told = say(&mut bench, "matrix");
    assert!(told.lines().next().unwrap().contains("exposure, "), "{told}");
    let rows: Vec<&str> = told.lines().skip(1).collect();
    assert!(rows[0].ends_with(" exposed):"), "the first tactic: {told}");
    assert!(
        rows.iter().any(|row| row.contains("exposed, ") && row.contains("the worst ")),
        "{told}"
    );
    assert!(
        rows.iter().any(|row| row.contains("mitigated") || row.contains("not assessed")),
        "{told}"
    );
    let told = say(&mut bench, "where");
    assert!(told.contains(", under "), "{told}");
    let told = say(&mut bench, "lens");
    assert!(told.contains("mitigations") && told.contains(" hold"), "{told}");
}

#[test]
fn a_heat_map_tells_every_number_with_its_framework() {
    let mut bench = in_lines(Bench::assessed());
    let told = say(&mut bench, "heat map");
    assert!(told.contains("cluster-wide, "), "{told}");
    let row = told.lines().find(|line| line.contains(". pay, ")).unwrap();
    assert!(row.contains("1 critical") && row.contains(" fail, the worst critical"), "{row}");
    let told = say(&mut bench, "about 1");
    assert!(told.contains("Findings: ") && told.lines().count() > 2, "{told}");
}

#[test]
fn sentences_name_commands_and_not_keys() {
    let mut bench = in_lines(Bench::assessed());
    say(&mut bench, "findings");
    let told = say(&mut bench, "1");
    assert!(told.contains("Patch: preview works out what it clears"), "{told}");
    let told = say(&mut bench, "open secrets");
    assert!(told.contains("coverage shows what rests on it"), "{told}");
    let told = say(&mut bench, "cancel");
    assert!(told.contains("No question is asked"), "{told}");
}
