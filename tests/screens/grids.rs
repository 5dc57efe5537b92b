//! Moving in grids: the matrix of attack techniques, the frameworks namespace by namespace; and tenants.

use std::sync::Arc;

use plimsoll::app::effect::{Effect, RunWhat};
use plimsoll::app::event::Event;
use plimsoll::app::item::Item;
use plimsoll::app::route::{Screen, Subset};
use plimsoll::frameworks::Counts;
use plimsoll::frameworks::tenant::{Scorecard, TenantScore, ThresholdOutcome, Verdict};
use plimsoll::model::finding::Severity;

use super::fixture::{Bench, found, judged};
use super::frames::{frame, text, theme};

fn cell(bench: &Bench) -> (String, String, bool) {
    match &bench.state.nav.top().list.current().unwrap().item {
        Item::Technique(cell) => (cell.tactic.to_string(), cell.id.to_string(), cell.sub),
        other => panic!("no technique: {other:?}"),
    }
}

#[test]
fn arrows_move_in_the_matrix_as_on_a_chess_board() {
    let mut bench = Bench::attacked();
    bench.keys("5");
    assert_eq!(cell(&bench), ("Initial Access".into(), "A2".into(), false));
    bench.keys("k");
    assert_eq!(cell(&bench).1, "A2", "there is nothing above");
    bench.keys("j");
    assert_eq!(cell(&bench), ("Initial Access".into(), "A2.001".into(), true));
    bench.keys("j");
    assert_eq!(cell(&bench).1, "A2.001", "the end of a column is not the next one");
    bench.keys("l");
    assert_eq!(cell(&bench), ("Persistence".into(), "A2.001".into(), true));
    bench.keys("l");
    assert_eq!(cell(&bench), ("Privilege Escalation".into(), "A2".into(), false), "one row down");
    bench.keys("gg");
    assert_eq!(cell(&bench).1, "A1");
    bench.keys("lll");
    assert_eq!(cell(&bench).0, "Impact");
    bench.keys("l");
    assert_eq!(cell(&bench).0, "Impact", "no column beyond the last");
    bench.keys("h");
    assert_eq!(cell(&bench).0, "Discovery");
}

#[test]
fn as_many_tactics_as_fit_are_in_sight_and_the_others_are_counted() {
    let tactics = ["Initial Access", "Persistence", "Privilege Esc", "Discovery", "Impact"];
    let mut bench = Bench::attacked();
    bench.keys("5");
    for (size, fit) in
        [((120, 40), 5), ((150, 40), 5), ((160, 50), 5), ((80, 24), 3), ((40, 10), 1)]
    {
        let shown = text(&frame(&mut bench, &theme("terminal"), size));
        let heads = shown.lines().find(|line| line.contains(tactics[0])).unwrap();
        let seen = tactics.iter().filter(|name| heads.contains(**name)).count();
        assert_eq!(seen, fit, "{size:?}: {shown}");
        let more = format!(" {} more ▶", tactics.len() - fit);
        assert_eq!(shown.contains(&more), fit < tactics.len(), "{size:?}: {shown}");
    }
    bench.keys("l");
    let shown = text(&frame(&mut bench, &theme("terminal"), (40, 10)));
    let heads = shown.lines().nth(2).unwrap();
    assert!(heads.contains("◀ 1 more Persistence"), "{shown}");
    assert!(heads.contains("1/2 3 more ▶"), "{shown}");
}

#[test]
fn a_technique_opens_its_control_and_escape_leads_back_to_the_cell() {
    let mut bench = Bench::attacked();
    bench.keys("5llm<enter>");
    let control = Screen::Control { framework: "fx-attack".into(), id: "A1".into() };
    assert_eq!(bench.state.nav.top().screen, control);
    bench.keys("<esc>");
    assert_eq!(cell(&bench).1, "A1");
    assert_eq!(bench.state.nav.top().grid.lens.word(), "mitigations", "what cells show stays");
    bench.keys("<tab>");
    assert_eq!(cell(&bench).1, "T1");
    assert_eq!(bench.state.nav.top().grid.lens.word(), "mitigations");
    bench.keys("<tab>");
    assert_eq!(cell(&bench).1, "A2", "round to the first matrix");
}

#[test]
fn marked_techniques_are_run_each_once() {
    let mut bench = Bench::attacked();
    // A2 stands under three tactics; space moves on to A2.001.
    bench.keys("5 l ");
    assert_eq!(bench.state.nav.top().list.marked(), 2);
    bench.taken();
    bench.keys("rt");
    let effects = bench.taken();
    let [Effect::Run(request)] = effects.as_slice() else { panic!("{effects:?}") };
    let RunWhat::Controls { framework, controls } = &request.what else { panic!("{request:?}") };
    assert_eq!(
        (framework.as_str(), controls.as_slice()),
        ("fx-attack", &["A2".to_owned(), "A2.001".to_owned()][..])
    );
}

#[test]
fn a_filter_leaves_the_tactics_of_what_it_finds() {
    let mut bench = Bench::attacked();
    bench.keys("5/status:exposed sev:critical<enter>");
    assert_eq!(cell(&bench), ("Privilege Escalation".into(), "A1".into(), false));
    bench.keys("l");
    assert_eq!(cell(&bench).1, "A1", "no other column is left");
    bench.keys("<esc>h");
    assert_eq!(cell(&bench).0, "Persistence");
}

#[test]
fn a_cell_of_the_heat_map_opens_the_findings_it_counts() {
    let mut bench = Bench::attacked();
    bench.keys("gh");
    let row = |bench: &Bench| match &bench.state.nav.top().list.current().unwrap().item {
        Item::Heat(row) => std::sync::Arc::clone(row),
        other => panic!("no namespace: {other:?}"),
    };
    let first = row(&bench);
    assert_eq!(&*first.namespace, "pay", "the critical one comes first");
    // fx-nsa: N1 (privileged, root), N2 (read-only), N3 (the Namespace pay itself).
    let at = bench.state.data.judged.iter().position(|j| j.id == "fx-nsa").unwrap();
    assert_eq!((first.cells[at].failing, first.cells[at].worst), (3, Some(Severity::Critical)));
    bench.keys(&format!("{}<enter>", "l".repeat(at + 1)));
    let Screen::Findings(subset) = &bench.state.nav.top().screen else { panic!() };
    let expected = Subset::Home { namespace: "pay".into(), framework: Some("fx-nsa".into()) };
    assert_eq!(*subset, expected);
    assert_eq!(bench.state.nav.top().list.total(), 4);
    bench.keys("<esc>");
    assert_eq!((&*row(&bench).namespace, bench.state.nav.top().grid.column), ("pay", at + 1));
    bench.keys(&format!("{}<enter>", "h".repeat(at + 2)));
    assert_eq!(bench.state.nav.top().list.total(), 4, "all findings of the namespace");
}

#[test]
fn what_could_not_be_read_in_a_namespace_is_unknown_there_and_nowhere_else() {
    let mut bench = Bench::attacked();
    bench.keys("gh");
    let rows: Vec<_> = bench.state.nav.top().list.rows().iter().collect();
    let unknown = |name: &str, column: usize| {
        rows.iter().any(|row| matches!(&row.item, Item::Heat(heat) if &*heat.namespace == name && heat.cells[column].unknown))
    };
    // fx-threats rests on rolebindings, which are refused in team-a alone.
    let column = bench.state.data.judged.iter().position(|j| j.id == "fx-threats").unwrap();
    assert!(unknown("team-a", column));
    assert!(!unknown("pay", column));
    let pods = bench.state.data.judged.iter().position(|j| j.id == "fx-pods").unwrap();
    assert!(!unknown("team-a", pods), "nothing of these rests on rolebindings");
}

/// Scorecards as the runtime would work them out.
fn cards() -> Vec<Scorecard> {
    let score = |id: &str, pass, fail, manual, cluster_controls| {
        let counts = Counts { pass, fail, manual, ..Counts::default() };
        TenantScore {
            id: id.into(),
            title: format!("{id} 1.2"),
            short: id.into(),
            level: None,
            matrix: false,
            score: counts.score(),
            counts,
            cluster_controls,
        }
    };
    let card =
        |profile: &str, title: &str, namespaces: &[&str], critical, verdict, reason: &str| {
            let reasons = Some(reason.to_owned()).filter(|text| !text.is_empty());
            Scorecard {
                profile: profile.into(),
                title: title.into(),
                namespaces: namespaces.iter().map(|n| (*n).into()).collect(),
                notes: Vec::new(),
                findings: [critical, 1, 2, 3, 0].into(),
                open: found().into_iter().filter(|f| namespaces.contains(&f.home())).collect(),
                undecided_checks: 2,
                frameworks: vec![score("fx-nsa", 2, 1, 2, 1), score("fx-pods", 1, 1, 0, 0)],
                threshold: ThresholdOutcome { verdict, reasons: reasons.into_iter().collect() },
            }
        };
    vec![
        card(
            "payments",
            "Payments",
            &["pay"],
            1,
            Verdict::Missed,
            "1 open finding is critical; fx-nsa is at 40–80 %, and 90 % are asked for",
        ),
        card("shop", "Shop and team", &["shop", "team-a"], 0, Verdict::Met, ""),
        card("none", "Nobody", &[], 0, Verdict::Undecided, "no namespace here belongs to it"),
    ]
}

/// Opens the tenants and answers what is asked for.
pub fn tenants(bench: &mut Bench) {
    bench.taken();
    bench.keys("gt");
    let effects = bench.taken();
    let [Effect::Tenants(asked)] = effects.as_slice() else { panic!("{effects:?}") };
    bench.event(Event::Tenants { asked: *asked, cards: Ok(cards()) });
}

#[test]
fn tenants_are_worked_out_when_they_are_looked_at_and_again_after_a_judgement() {
    let mut bench = Bench::attacked();
    assert_eq!(bench.taken(), [], "nobody looks at them");
    tenants(&mut bench);
    bench.keys("j");
    assert_eq!(bench.taken(), [], "they are there");
    let judged = judged(&bench.state.data.content, &[]);
    bench.event(Event::Judged(judged.into()));
    assert!(matches!(bench.taken().as_slice(), [Effect::Tenants(_)]));
    let Item::Tenant(card) = &bench.state.nav.top().list.current().unwrap().item else { panic!() };
    assert_eq!(card.profile, "shop", "what was there stays until the new ones come");
}

#[test]
fn a_tenant_opens_its_frameworks_and_findings_and_nothing_of_others() {
    let mut bench = Bench::attacked();
    tenants(&mut bench);
    bench.keys("<enter>");
    assert_eq!(bench.state.nav.top().screen, Screen::Tenant("payments".into()));
    let findings = |bench: &Bench| -> Vec<String> {
        let rows = bench.state.nav.top().list.rows().iter();
        rows.filter_map(|row| match &row.item {
            Item::Finding(finding) => Some(finding.home().to_owned()),
            _ => None,
        })
        .collect()
    };
    let homes = findings(&bench);
    assert_eq!(homes.len(), 4, "those that the scorecard counts");
    assert!(homes.iter().all(|home| home == "pay"), "{homes:?}");
    // The framework fx-pods: only what decides it.
    bench.keys("j<enter>");
    assert_eq!(findings(&bench), ["pay"]);
    bench.keys("<esc><esc>");
    assert_eq!(bench.state.nav.top().screen, Screen::Tenants);
    bench.keys("jj<enter>");
    assert!(findings(&bench).is_empty(), "a tenant without a namespace has none");
}

#[test]
fn a_tenant_lists_what_its_scorecard_counts_and_nothing_else() {
    let mut bench = Bench::attacked();
    bench.taken();
    bench.keys("gt");
    let effects = bench.taken();
    let [Effect::Tenants(asked)] = effects.as_slice() else { panic!("{effects:?}") };
    let asked = *asked;
    let mut card = cards().remove(0);
    // The profile's frameworks leave one check: only that is counted, and only that is listed.
    card.open.retain(|finding| &*finding.check == "fx-privileged");
    bench.event(Event::Tenants { asked, cards: Ok(vec![card]) });
    bench.keys("<enter>");
    let rows = bench.state.nav.top().list.rows().iter();
    let listed: Vec<&str> = rows
        .filter_map(|row| match &row.item {
            Item::Finding(finding) => Some(&*finding.check),
            _ => None,
        })
        .collect();
    assert_eq!(listed, ["fx-privileged"]);
}

/// Findings of the fixture, those of one namespace moved to one with a long name.
fn long_namespace() -> Bench {
    const LONG: &str = "payments-production-europe-west-1";
    let mut bench = Bench::attacked();
    let mut view = bench.state.data.result.as_deref().unwrap().clone();
    for finding in &mut view.findings {
        let finding = Arc::make_mut(finding);
        for id in finding.object.iter_mut().chain(&mut finding.owner) {
            if id.namespace.as_deref() == Some("pay") {
                id.namespace = Some(LONG.into());
            }
        }
    }
    bench.state.data.result = Some(Arc::new(view));
    bench.state.data.recount();
    bench
}

#[test]
fn a_long_namespace_has_the_room_that_it_needs_in_the_heat_map() {
    let mut bench = long_namespace();
    bench.keys("gh");
    for size in [(80, 24), (120, 40), (200, 60)] {
        let shown = text(&frame(&mut bench, &theme("terminal"), size));
        assert!(shown.contains(" payments-production-europe-west-1 "), "{shown}");
        assert!(shown.contains("findings"), "{shown}");
    }
}

#[test]
fn cells_of_the_matrix_say_how_many_mitigations_hold_and_the_footer_what_comes_next() {
    let mut bench = Bench::attacked();
    bench.keys("5");
    let last = |shown: &str| shown.lines().last().unwrap().to_owned();
    let shown = text(&frame(&mut bench, &theme("terminal"), (80, 24)));
    assert!(last(&shown).contains("m mitigations"), "{shown}");
    bench.keys("llm");
    let shown = text(&frame(&mut bench, &theme("terminal"), (80, 24)));
    assert!(last(&shown).contains("m exposure"), "{shown}");
    assert!(shown.contains("✖ 2 none holds"), "the legend counts: {shown}");
    let told: Vec<&str> = shown.lines().filter(|line| line.contains("0 of 2 hold")).collect();
    assert!(told.len() == 2 && told[1].starts_with(" A1 "), "in the cell and below: {shown}");
    assert!(shown.contains(" against it: Container may run as root"), "{shown}");
}
