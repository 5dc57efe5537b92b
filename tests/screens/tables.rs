//! Tables: heads belong to the cells below them, what matters is not the part that is cut, and nothing is said
//! of what was not judged.

use std::sync::Arc;

use plimsoll::app::item::Item;
use plimsoll::app::route::Screen;
use plimsoll::frameworks::NotJudged;

use super::fixture::Bench;
use super::frames::{frame, text, theme};
use super::related::related;

fn drawn(bench: &mut Bench, size: (u16, u16)) -> String {
    text(&frame(bench, &theme("terminal"), size))
}

/// The line that something stands in.
fn line<'a>(shown: &'a str, what: &str) -> &'a str {
    shown.lines().find(|l| l.contains(what)).unwrap_or_else(|| panic!("{what}: {shown}"))
}

#[test]
fn a_rule_is_as_bad_as_what_its_role_gives_and_says_what_it_opens() {
    // Sorted from the worst on: the first role is one that gives everything.
    let mut bench = related("6b", "<enter>");
    for size in [(80, 40), (120, 40), (200, 60)] {
        let shown = drawn(&mut bench, size);
        let head = line(&shown, " Rules ");
        assert!(head.contains(" on ") && head.contains(" can"), "{shown}");
        assert!(!head.contains("where") && !head.contains("binding"), "{shown}");
        let rule = shown.lines().find(|l| l.contains("everything") && l.contains('*'));
        let rule = rule.unwrap_or_else(|| panic!("{shown}"));
        assert!(rule.contains('★') && !rule.contains('⇑'), "{shown}");
    }
}

#[test]
fn who_can_do_something_is_named_whole_before_the_role_is() {
    let mut bench = related("6", ":who-can get secrets<enter>");
    let shown = drawn(&mut bench, (80, 24));
    let head = line(&shown, "Who can   ");
    assert!(
        head.contains("subject") && head.contains("binding") && !head.contains("role"),
        "{shown}"
    );
    assert!(shown.contains(" account ") && !shown.contains("acco…"), "{shown}");
    assert!(!shown.contains("Keys:"), "the footer has them: {shown}");
    assert!(line(&drawn(&mut bench, (200, 60)), "Who can   ").contains("role"));
}

#[test]
fn the_footer_of_access_says_what_grouping_leads_to() {
    let mut bench = related("6", "");
    assert!(drawn(&mut bench, (80, 24)).contains("b by role"));
    bench.keys("b");
    assert!(drawn(&mut bench, (80, 24)).contains("b by subject"));
}

#[test]
fn a_framework_that_was_not_judged_has_neither_score_nor_status() {
    let mut bench = Bench::assessed();
    let data = &mut bench.state.data;
    let judged: Vec<_> = data.judged.iter().filter(|j| j.id != "fx-nsa").cloned().collect();
    let not: NotJudged = serde_json::from_str(
        r#"{"id":"fx-nsa","family":"NSA","reason":"written for other providers"}"#,
    )
    .unwrap();
    (data.judged, data.not_judged) = (Arc::new(judged), Arc::new(vec![not]));
    data.recount();
    bench.state.nav.open(Screen::Framework("fx-nsa".into()));
    bench.keys("<down>");
    for size in [(80, 24), (200, 60)] {
        let shown = drawn(&mut bench, size);
        assert!(shown.contains("Not judged: written for other providers."), "{shown}");
        assert!(shown.contains("– not judged"), "{shown}");
        let table: String = shown.lines().map(|l| l.split('│').next().unwrap_or(l)).collect();
        assert!(
            !table.contains('▒') && !table.contains(" %") && !table.contains("not run"),
            "{shown}"
        );
    }
}

#[test]
fn a_part_says_how_many_controls_fail_and_a_control_how_many_findings() {
    let mut bench = Bench::assessed();
    bench.keys("3<enter>");
    let shown = drawn(&mut bench, (80, 24));
    assert!(line(&shown, "number ").contains("findings"), "{shown}");
    assert!(line(&shown, "⊟").contains(" fail"), "{shown}");
}

#[test]
fn what_remains_after_a_patch_says_why_in_full() {
    let mut bench = Bench::assessed();
    bench.previewed("4p");
    let shown = drawn(&mut bench, (80, 60));
    assert!(!line(&shown, " Not mended").contains("remark"), "{shown}");
    let below =
        shown.split("Container may run as root").nth(1).unwrap_or_else(|| panic!("{shown}"));
    assert_eq!(below.lines().nth(1).map(str::trim), Some("milder: medium → low"), "{shown}");
    let wide = drawn(&mut bench, (200, 60));
    assert!(line(&wide, " Not mended").contains("remark"), "{wide}");
    assert!(line(&wide, "Container may run as root").contains("milder: "), "{wide}");
}

#[test]
fn the_list_of_checks_has_no_column_that_is_empty() {
    let mut bench = Bench::assessed();
    bench.keys("gc");
    assert!(!drawn(&mut bench, (200, 60)).contains("serves"));
    bench.keys("3<enter><down><enter>");
    assert!(drawn(&mut bench, (200, 60)).contains("serves"), "of a control they serve it");
}

#[test]
fn counts_of_groups_have_sign_and_word() {
    let mut bench = Bench::assessed();
    bench.keys("4b");
    let shown = drawn(&mut bench, (200, 60));
    assert!(line(&shown, "⊟ Container runs privileged").contains("◆ 1 critical"), "{shown}");
}

#[test]
fn a_folded_comparison_has_no_heads_of_columns() {
    let mut bench = Bench::compared();
    let shown = drawn(&mut bench, (120, 40));
    assert!(line(&shown, "finding ").contains("severity"), "{shown}");
    bench.keys("zz");
    bench.keys("z");
    let list = &bench.state.nav.top().list;
    let folded = !list.shown().any(|row| matches!(row.item, Item::Compared(_)));
    let shown = drawn(&mut bench, (120, 40));
    let head = shown.lines().any(|l| l.contains("severity") && l.contains("finding"));
    assert_eq!(head, !folded, "{shown}");
}

#[test]
fn a_kind_and_a_name_lead_to_the_object() {
    let mut bench = Bench::assessed();
    bench.keys(":deploy/web<enter>");
    let Screen::Object(id) = &bench.state.nav.top().screen else {
        panic!("{:?}", bench.state.nav.top().screen)
    };
    assert_eq!((&*id.kind, &*id.name), ("Deployment", "web"));
    // The beginning of a name will do where one object begins so, with its namespace, too.
    bench.keys("4:deployments/pay/we<enter>");
    let Screen::Object(again) = &bench.state.nav.top().screen else { panic!() };
    assert_eq!(&again.to_string(), "Deployment/pay/web");
}

#[test]
fn a_letter_that_no_entry_has_is_answered() {
    let mut bench = Bench::assessed();
    bench.keys("4dQ");
    let said = bench.state.messages.all().last().unwrap().lines.join(" ");
    assert_eq!(said, "No entry here has the letter Q.");
}

#[test]
fn a_control_begins_with_the_checks_that_fail_it() {
    let mut bench = Bench::attacked();
    let content = Arc::make_mut(&mut bench.state.data.content);
    let set = Arc::make_mut(&mut content.frameworks);
    let found = set.frameworks.iter_mut().find(|f| f.id == "fx-attack").map(Arc::make_mut).unwrap();
    // The one that cannot tell comes first in the file, then one that only supports.
    found.controls[0].checks.reverse();
    bench.state.data.recount();
    bench.state.nav.open(Screen::Control { framework: "fx-attack".into(), id: "A1".into() });
    bench.keys("<home>");
    let rows = bench.state.nav.top().list.rows().iter();
    let checks: Vec<&str> = rows
        .filter_map(|row| match &row.item {
            Item::Check { id, .. } => Some(&**id),
            _ => None,
        })
        .collect();
    assert_eq!(checks, ["fx-host-path", "fx-privileged", "fx-run-as-root", "fx-bindings"]);
}

#[test]
fn a_snapshot_of_one_namespace_is_called_by_it() {
    let mut bench = Bench::assessed();
    Arc::make_mut(&mut bench.state.data.inventory).source.namespaces = vec!["shop".to_owned()];
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains("prod-eu › shop") && !shown.contains("all namespaces"), "{shown}");
}

#[test]
fn on_a_narrow_screen_the_whole_finding_stands_below_the_list() {
    for (size, fits) in [((40, 15), true), ((60, 20), true), ((40, 10), false), ((80, 24), false)] {
        let mut bench = Bench::assessed();
        bench.keys("4");
        let frame = drawn(&mut bench, size);
        let below: Vec<&str> = frame.lines().rev().take(5).collect();
        let below: String =
            below.iter().rev().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        let whole = "Deployment/pay/web: container app runs privileged";
        assert_eq!(below.contains(whole), fits, "{size:?}\n{frame}");
    }
    // What is wrong comes before the container that it is wrong with.
    let mut bench = Bench::assessed();
    bench.keys("4");
    let frame = drawn(&mut bench, (40, 15));
    assert!(frame.contains(" pay/web ") && frame.contains(" runs privileged"), "{frame}");
}
