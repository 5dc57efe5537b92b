//! What people do, key by key.

use std::sync::Arc;

use plimsoll::app::action::Action;
use plimsoll::app::effect::{CompareWith, Effect, RunPlace, RunWhat, SourceChoice};
use plimsoll::app::event::{Event, LostConnection, RunEvent, SessionEvent, SourceEvent, UserError};
use plimsoll::app::item::Item;
use plimsoll::app::keymap::{KeyMode, Keymap};
use plimsoll::app::route::{Screen, View};
use plimsoll::config::keys::KeyFile;
use plimsoll::frameworks::fit::Why;
use plimsoll::frameworks::{Judgement, NotJudged};
use plimsoll::model::attestation::AttestationAnswer;
use plimsoll::model::between::{Authorship, DecisionsBetween, ReansweredControl, RedecidedFinding};
use plimsoll::model::comparison::{ChangeCounts, FindingChange};
use plimsoll::model::decision::{Decision, DecisionState, PastDecision};
use plimsoll::model::finding::Severity;

use super::fixture::{
    Bench, comparison, content_with_param, contexts, controls, inventory, judged, kind, preview,
    result, sessions, trend,
};
use super::frames::{frame, text, theme};

fn screen(bench: &Bench) -> &Screen {
    &bench.state.nav.top().screen
}

fn drawn(bench: &mut Bench, size: (u16, u16)) -> String {
    text(&frame(bench, &theme("terminal"), size))
}

#[test]
fn three_enter_lead_from_a_failed_control_to_the_line_and_three_esc_back() {
    let mut bench = Bench::assessed();
    bench.keys("3j<enter>");
    drawn(&mut bench, (80, 24));
    let (row, offset) = {
        let list = &bench.state.nav.top().list;
        assert!(matches!(list.current().unwrap().item, Item::Control { .. }));
        (list.current().unwrap().id, list.offset())
    };
    bench.keys("<enter><enter><enter>");
    let shown = drawn(&mut bench, (80, 24));
    assert!(matches!(screen(&bench), Screen::Finding(_)));
    let lines: Vec<&str> = shown.lines().collect();
    let at = lines.iter().position(|l| l.contains("◀ fails")).unwrap();
    assert!(lines[at].contains("privileged: true") && lines[at].starts_with('▶'), "{shown}");
    assert!((11..=15).contains(&at), "line {at} of 24 is not in the middle:\n{shown}");
    let wide = drawn(&mut bench, (120, 40));
    assert!(wide.contains("◀ fails") && wide.contains("Set privileged to false"), "{wide}");
    bench.keys("<esc><esc><esc>");
    drawn(&mut bench, (80, 24));
    let list = &bench.state.nav.top().list;
    assert_eq!((list.current().unwrap().id, list.offset()), (row, offset));
}

#[test]
fn the_finding_is_two_enter_away_when_the_cursor_is_on_it() {
    let mut bench = Bench::assessed();
    bench.keys("3j<enter><enter>j<enter>");
    assert!(matches!(screen(&bench), Screen::Finding(_)));
}

#[test]
fn brackets_go_through_the_list_and_the_cursor_below_follows() {
    let mut bench = Bench::assessed();
    bench.keys("4<enter>]]");
    assert_eq!(bench.state.place_of_finding(), Some((3, 13)));
    bench.keys("[");
    assert_eq!(bench.state.place_of_finding(), Some((2, 13)));
    bench.keys("<esc>");
    assert_eq!(bench.state.nav.top().list.cursor(), 1);
    bench.keys("<home><enter>[");
    assert_eq!(bench.state.messages.all().last().unwrap().lines, ["This is the first one."]);
}

#[test]
fn esc_undoes_one_thing_and_never_quits() {
    let mut bench = Bench::assessed();
    bench.keys("4/api<enter><space>");
    assert_eq!(bench.state.nav.top().list.marked(), 1);
    bench.keys("d");
    assert_eq!(bench.state.popups.len(), 1);
    bench.keys("<esc>");
    assert!(bench.state.popups.is_empty());
    bench.keys("<esc>");
    assert!(bench.state.nav.top().list.filter().is_empty());
    assert_eq!(bench.state.nav.top().list.marked(), 1);
    bench.keys("<esc>");
    assert_eq!(bench.state.nav.top().list.marked(), 0);
    bench.keys("<esc>");
    assert_eq!(screen(&bench), &Screen::Overview);
    bench.keys("<esc><esc>");
    assert_eq!(bench.taken(), []);
}

#[test]
fn quitting_asks_only_when_something_would_be_lost() {
    let mut bench = Bench::assessed();
    bench.keys("q");
    assert_eq!(bench.taken(), [Effect::Quit]);

    bench.event(Event::Run(RunEvent::Started { id: 2, total: 5 }));
    bench.keys("q<enter>");
    assert_eq!(bench.taken(), [], "the default is to stay");
    bench.keys("qy");
    assert_eq!(bench.taken(), [Effect::Quit]);
    bench.keys("<ctrl-c><ctrl-c>");
    assert_eq!(bench.taken(), [Effect::Quit]);
    // From within an input and a dialog, too.
    bench.keys("4/abc<ctrl-c><ctrl-c>");
    assert_eq!(bench.taken(), [Effect::Quit]);
    bench.keys(":<ctrl-c>");
    bench.wait(5_000);
    bench.keys("<ctrl-c>");
    assert_eq!(bench.taken(), [], "two slow ones are two single ones");
}

/// A decision as the session tells it.
fn past(decision: Decision) -> Arc<PastDecision> {
    Arc::new(PastDecision {
        time: "2026-11-24T09:00:00Z".into(),
        by: "ada".into(),
        after: Some(Arc::new(decision)),
        undone: false,
    })
}

#[test]
fn accepting_needs_a_reason_and_a_day_that_is_not_over() {
    let mut bench = Bench::assessed();
    bench.keys("4<enter>a<enter><enter><enter><enter>");
    assert_eq!(bench.taken(), []);
    bench.keys("needed for backups<enter><ctrl-u>2020-01-01<enter><enter><enter>");
    assert_eq!(bench.taken(), []);
    bench.keys("<ctrl-u>30d<enter>Ada<enter>https://tickets.example/7<enter>");
    let decision = Decision {
        state: DecisionState::Accepted,
        reason: Some("needed for backups".into()),
        approver: Some("Ada".into()),
        expires: Some("2026-12-24".into()),
        link: Some("https://tickets.example/7".into()),
        ..Decision::default()
    };
    let [Effect::Decide { fingerprints, decision: saved }] = &bench.taken()[..] else {
        panic!("no decision");
    };
    assert_eq!((fingerprints.len(), saved), (1, &decision));
    // Nothing is shown as decided before it is on disk.
    let print = fingerprints[0].clone();
    assert_eq!(bench.state.data.state_of(&print), DecisionState::Open);
    bench.keys("q");
    assert!(!bench.taken().contains(&Effect::Quit), "a decision is under way");
    bench.keys("<esc>");
    let decisions = vec![(print.clone(), decision)];
    let judged = judged(&bench.state.data.content, &decisions);
    let what = "Accepted 1 finding.".into();
    let changes = decisions.into_iter().map(|(p, d)| (p.into(), past(d))).collect();
    bench.event(Event::Session(SessionEvent::Decided { changes, what }));
    bench.event(Event::Session(SessionEvent::Carried));
    bench.event(Event::Judged(judged.into()));
    assert_eq!(bench.state.data.state_of(&print), DecisionState::Accepted);
    assert!(drawn(&mut bench, (120, 40)).contains("accepted until 2026-12-24"));
    // It is open again when its day is over.
    bench.now.unix += 40 * 86_400;
    bench.wait(0);
    assert_eq!(bench.state.data.state_of(&print), DecisionState::Open);
    bench.keys("q");
    assert_eq!(bench.taken(), [Effect::Quit]);
}

#[test]
fn the_overview_says_which_frameworks_are_left_out_and_one_can_still_be_opened() {
    let mut bench = Bench::assessed();
    let mut frameworks = judged(&bench.state.data.content, &[]);
    let left = frameworks.remove(0);
    let reason = "no benchmark for Kubernetes 1.37 here; nearest is it".to_owned();
    let family = bench.state.data.framework(&left.id).unwrap().family().to_owned();
    let not = NotJudged { id: left.id.clone(), family, reason, why: Why::Version };
    let other = |id: &str, provider: &str| NotJudged {
        id: id.to_owned(),
        family: id.to_owned(),
        reason: format!("written for {provider}; this cluster is gke"),
        why: Why::Provider,
    };
    let not_judged = vec![not, other("aks-bench", "aks"), other("eks-bench", "eks")];
    bench.event(Event::Judged(Judgement { frameworks, not_judged }.into()));
    // Long sentences go over several rows.
    let overview = drawn(&mut bench, (120, 40));
    let overview: Vec<&str> = overview.split_whitespace().collect();
    let overview = overview.join(" ");
    let line = format!("Not judged {}: no benchmark for Kubernetes 1.37 here", left.id);
    assert!(overview.contains(&line), "{overview}");
    let others =
        "Not judged aks-bench, eks-bench: written for other providers; this cluster is gke";
    assert!(overview.contains(others), "{overview}");
    bench.keys("3G");
    assert!(matches!(&bench.state.nav.top().list.current().unwrap().item,
        Item::Framework(id) if **id == *left.id));
    assert!(drawn(&mut bench, (160, 40)).contains("Left out no benchmark for Kubernetes 1.37"));
}

#[test]
fn a_decision_is_about_the_marked_findings_or_the_group() {
    let mut bench = Bench::assessed();
    bench.keys("4<space>j<space>i");
    let [Effect::Decide { fingerprints, decision }] = &bench.taken()[..] else { panic!() };
    assert_eq!((fingerprints.len(), decision.state), (2, DecisionState::InProgress));
    bench.keys("Mbb<home>i");
    let [Effect::Decide { fingerprints, .. }] = &bench.taken()[..] else { panic!() };
    assert_eq!(fingerprints.len(), 3, "the group of the owner");
    // What a filter hides is not decided about unseen.
    bench.keys("/sev:crit<enter><home>");
    let kept = bench.state.nav.top().list.matched();
    assert!(bench.state.chosen_findings().iter().all(|f| f.severity == Severity::Critical));
    assert!(kept > 0 && bench.state.chosen_findings().len() < 3);
}

#[test]
fn nothing_can_be_decided_in_a_session_that_somebody_else_has() {
    let mut bench = Bench::assessed();
    let holder = "pid 4711 on host-a".into();
    bench.event(Event::Session(SessionEvent::ReadOnly { holder }));
    bench.keys("4i");
    assert_eq!(bench.taken(), []);
    assert!(bench.state.messages.all().last().unwrap().lines[0].contains("pid 4711"));
    assert!(bench.state.unavailable(Action::Accept).unwrap().contains("pid 4711"));
    bench.keys("?accept");
    assert!(drawn(&mut bench, (120, 40)).contains("pid 4711"));
}

#[test]
fn filter_cursor_and_marks_survive_drilling_in_and_a_refresh() {
    let mut bench = Bench::assessed();
    bench.keys("4/sev:medium<enter>jj<space><up>");
    let before = bench.state.nav.top().list.current().unwrap().id;
    bench.keys("<enter>");
    let inventory = std::sync::Arc::new(inventory());
    bench.event(Event::Source(SourceEvent::Loaded { inventory, complete: true }));
    bench.keys("<esc>");
    let list = &bench.state.nav.top().list;
    assert_eq!(list.current().unwrap().id, before);
    assert_eq!((list.matched(), list.total(), list.marked()), (4, 13, 1));
}

#[test]
fn a_list_is_sorted_by_any_column_both_ways() {
    let mut bench = Bench::assessed();
    bench.keys("4");
    let checks = |bench: &Bench| -> Vec<String> {
        let rows = bench.state.nav.top().list.shown();
        rows.map(|r| bench.state.data.name_of(&r.item)).collect()
    };
    let natural = checks(&bench);
    bench.keys("ss");
    let by_object = checks(&bench);
    assert_ne!(natural, by_object);
    bench.keys("S");
    let mut reversed = by_object.clone();
    reversed.reverse();
    assert_eq!(checks(&bench).len(), reversed.len());
    assert_eq!(checks(&bench).first(), reversed.first());
    assert!(drawn(&mut bench, (80, 24)).contains("object ↓"));
    bench.keys("ssss");
    assert_eq!(checks(&bench), natural, "after the last column comes the natural order");
}

#[test]
fn folding_hides_what_is_in_a_group() {
    let mut bench = Bench::assessed();
    bench.keys("3j<enter>z");
    assert_eq!(bench.state.nav.top().list.len(), 4);
    bench.keys("<enter>");
    assert_eq!(bench.state.nav.top().list.len(), 6);
    bench.keys("jh");
    let list = &bench.state.nav.top().list;
    assert!(matches!(list.current().unwrap().item, Item::Part { .. }), "left goes to the group");
    bench.keys("h");
    assert_eq!(bench.state.nav.top().list.len(), 4);
}

#[test]
fn running_says_what_and_where() {
    let mut bench = Bench::assessed();
    bench.keys("rr");
    let [Effect::Run(request)] = &bench.taken()[..] else { panic!() };
    assert_eq!((&request.what, &request.place), (&RunWhat::Everything, &RunPlace::Scope));
    bench.keys("3<space><space>rt");
    let [Effect::Run(request)] = &bench.taken()[..] else { panic!() };
    assert_eq!(request.what, RunWhat::Frameworks(vec!["fx-cis".into(), "fx-nsa".into()]));
    bench.keys("rf");
    let [Effect::Run(request)] = &bench.taken()[..] else { panic!() };
    assert!(matches!(&request.what, RunWhat::Checks(ids) if ids.len() == 5));
    bench.keys("2j<enter>rt");
    let [Effect::Run(request)] = &bench.taken()[..] else { panic!() };
    assert!(matches!(&request.place, RunPlace::Object(id) if &*id.name == "web"));
}

#[test]
fn a_run_is_cancelled_by_x_and_by_esc_and_old_news_is_dropped() {
    let mut bench = Bench::assessed();
    let findings = bench.state.data.index.findings.len();
    bench.event(Event::Run(RunEvent::Started { id: 2, total: 5 }));
    bench.keys("x");
    assert_eq!(bench.taken(), [Effect::CancelRun]);
    bench.keys("x");
    assert_eq!(bench.taken(), [], "once is enough");
    bench.event(Event::Run(RunEvent::Cancelled { id: 2 }));
    assert!(bench.state.run.is_none());
    bench.event(Event::Run(RunEvent::Started { id: 3, total: 5 }));
    bench.keys("<esc>");
    assert_eq!(bench.taken(), [Effect::CancelRun]);
    let result = std::sync::Arc::default();
    bench.event(Event::Run(RunEvent::Finished {
        id: 2,
        result,
        judged: Box::default(),
        millis: 1,
    }));
    assert_eq!(bench.state.data.index.findings.len(), findings);
}

#[test]
fn namespaces_narrow_what_is_shown_and_the_screen_stays() {
    let mut bench = Bench::assessed();
    bench.keys("4nshop<enter>");
    assert_eq!(bench.taken(), [Effect::SetNamespace(Some("shop".into()))]);
    assert_eq!(screen(&bench), &View::Findings.root());
    assert!(bench.state.data.index.findings.iter().all(|f| f.home() == "shop"));
    bench.keys("n<enter>");
    assert_eq!(bench.taken(), [Effect::SetNamespace(None)]);
}

#[test]
fn a_cluster_can_be_left_while_it_does_not_answer() {
    let mut bench = Bench::assessed();
    bench.event(Event::Contexts(Ok(contexts())));
    bench.event(Event::Source(SourceEvent::Stale(LostConnection {
        reason: "timeout".into(),
        ..LostConnection::default()
    })));
    bench.keys("cstaging<enter>");
    let context = SourceChoice::Context("staging".into());
    assert_eq!(bench.taken(), [Effect::LoadContexts, Effect::Connect(context)]);
    bench.event(Event::Source(SourceEvent::Connecting { context: "staging".into() }));
    assert!(bench.state.data.result.is_none(), "findings of another cluster are not shown");
}

#[test]
fn the_start_screen_resumes_connects_and_opens_the_demo() {
    let mut bench = Bench::new(true);
    bench.event(Event::Session(SessionEvent::List(sessions())));
    bench.event(Event::Contexts(Ok(contexts())));
    bench.keys("<home><enter>");
    assert_eq!(bench.taken(), [Effect::ResumeSession("01A".into())]);
    bench.keys("<tab><enter>");
    assert_eq!(bench.taken(), [Effect::Connect(SourceChoice::Context("prod-eu".into()))]);
    bench.keys("<end><enter>");
    assert_eq!(bench.taken(), [Effect::Connect(SourceChoice::Demo)]);
    bench.event(Event::Source(SourceEvent::Connecting { context: "demo".into() }));
    assert_eq!(screen(&bench), &Screen::Overview);
}

#[test]
fn the_palette_reaches_actions_and_places_by_name() {
    let mut bench = Bench::assessed();
    bench.keys(":report<enter>");
    // The palette asks which sessions there are.
    assert_eq!(bench.taken(), [Effect::LoadSessions]);
    bench.keys("m");
    assert_eq!(bench.taken(), [], "where it goes is asked first");
    bench.keys("<enter>");
    let (format, to) =
        (plimsoll::report::Format::Markdown, "plimsoll-prod-eu-2026-11-24.md".to_owned());
    assert_eq!(bench.taken(), [Effect::WriteReport { format, to }]);
    bench.keys(":5.2.10<enter>");
    assert!(matches!(screen(&bench), Screen::Control { id, .. } if &**id == "5.2.10"));
    bench.keys(":findings in shop<enter>");
    assert!(matches!(screen(&bench), Screen::Findings(_)));
    bench.taken();
    bench.keys(":redraw<enter>");
    assert_eq!(bench.taken(), [Effect::LoadSessions, Effect::Redraw]);
}

#[test]
fn copying_hands_over_what_the_toast_says() {
    let mut bench = Bench::assessed();
    bench.keys("4yp");
    let path = "spec.template.spec.containers[0].securityContext.privileged";
    assert_eq!(bench.taken(), [Effect::Copy(path.into())]);
    assert!(bench.state.messages.all().last().unwrap().lines[0].contains("field path"));
    bench.keys("yy");
    let [Effect::Copy(yaml)] = &bench.taken()[..] else { panic!() };
    assert!(yaml.contains("kind: Deployment") && !yaml.contains("hunter2"), "{yaml}");
}

#[test]
fn a_paste_types_and_never_acts() {
    let mut bench = Bench::assessed();
    bench.event(Event::Paste("q4:\n".into()));
    assert_eq!(bench.taken(), []);
    assert_eq!(screen(&bench), &Screen::Overview);
    bench.keys("4/");
    bench.event(Event::Paste("shop\napi".into()));
    assert_eq!(bench.state.nav.top().list.filter().text(), "shop api");
}

#[test]
fn hostile_text_is_shown_and_never_obeyed() {
    let mut bench = Bench::assessed();
    bench.keys("2j<enter><enter>");
    let shown = drawn(&mut bench, (160, 50));
    assert!(!shown.contains('\u{1b}') && shown.contains("[31mred"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_search_goes_through_its_matches_until_esc() {
    let mut bench = Bench::assessed();
    bench.keys("4<enter>/image<enter>");
    assert_eq!(bench.state.mode(), KeyMode::Search);
    let at = |bench: &Bench| bench.state.nav.top().text.search.as_ref().unwrap().at;
    let first = at(&bench);
    bench.keys("n");
    assert_ne!(at(&bench), first);
    bench.keys("n");
    assert_eq!(at(&bench), first, "round at the end");
    bench.keys("<esc>");
    assert_eq!(bench.state.mode(), KeyMode::Finding);
    bench.keys("n");
    assert_eq!(bench.state.popups.len(), 1, "n is the namespace again");
}

#[test]
fn the_help_follows_a_remapped_key() {
    let mut bench = Bench::assessed();
    let file = KeyFile::parse("[screen]\nrun = \"Q\"\n").unwrap();
    bench.state.keymap = Keymap::with(&file).unwrap();
    bench.keys("?run checks");
    let shown = drawn(&mut bench, (80, 24));
    let line = shown.lines().find(|l| l.contains("Run checks")).unwrap();
    assert!(line.contains("│ Q "), "{shown}");
    bench.keys("<esc>");
    assert!(drawn(&mut bench, (80, 24)).contains("Q run"));
}

#[test]
fn freezing_holds_changes_back_and_counts_them() {
    let mut bench = Bench::assessed();
    bench.keys("F");
    let count = bench.state.data.inventory.len();
    let empty = std::sync::Arc::default();
    bench.event(Event::Source(SourceEvent::Loaded { inventory: empty, complete: true }));
    assert!(!bench.state.data.inventory.is_empty());
    assert!(drawn(&mut bench, (80, 24)).contains(&format!("frozen · {count} waiting")));
    let wide = drawn(&mut bench, (120, 40));
    assert!(wide.contains(&format!("frozen · {count} changes waiting")), "{wide}");
    bench.keys("F");
    assert!(bench.state.data.inventory.is_empty());
}

#[test]
fn findings_on_the_platform_are_one_key_away() {
    let mut bench = Bench::assessed();
    bench.keys("4");
    assert_eq!(bench.state.nav.top().list.total(), 13);
    bench.keys("P");
    assert_eq!(bench.state.nav.top().list.total(), 14);
    assert!(drawn(&mut bench, (120, 40)).contains("(platform)"));
}

#[test]
fn an_object_says_how_many_findings_are_about_the_platform_and_one_key_shows_them() {
    let mut bench = Bench::assessed();
    bench.keys("2/daemon<enter><enter>/net-agent<enter><enter>");
    for size in [(80, 24), (140, 40)] {
        let shown = drawn(&mut bench, size);
        assert!(shown.contains("0 findings, 1 more on the platform itself (P)"), "{shown}");
    }
    bench.keys("P");
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains("net-agent   1 finding") && !shown.contains("0 findings"), "{shown}");
}

#[test]
fn objects_show_their_own_severities() {
    let mut bench = Bench::assessed();
    bench.keys("2");
    assert!(
        bench
            .state
            .nav
            .top()
            .list
            .rows()
            .iter()
            .any(|r| matches!(&r.item, Item::Kind(k, _) if *k == kind("Deployment")))
    );
    bench.keys("j<enter>");
    let shown = drawn(&mut bench, (80, 24));
    let row = shown.lines().find(|l| l.contains(" web ")).unwrap();
    let words: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(words[words.len() - 4..], ["1", "0", "1", "1"], "{row}");
}

#[test]
fn nothing_waits_for_a_clock_when_nothing_changes() {
    let mut bench = Bench::assessed();
    assert_eq!(bench.state.next_deadline(), None);
    bench.event(Event::Done("written".into()));
    let deadline = bench.state.next_deadline().unwrap();
    bench.wait(deadline - bench.now.millis);
    assert_eq!(bench.state.next_deadline(), None);
    bench.event(Event::Run(RunEvent::Started { id: 9, total: 1 }));
    assert!(bench.state.next_deadline().is_some());
    bench.event(Event::Focus(false));
    assert_eq!(bench.state.next_deadline(), None);
}

#[test]
fn history_leads_back_and_forward() {
    let mut bench = Bench::assessed();
    bench.keys("4<enter>3<lt>");
    assert!(matches!(screen(&bench), Screen::Finding(_)));
    bench.keys(">");
    assert_eq!(screen(&bench), &Screen::Frameworks);
}

#[test]
fn the_patch_stands_beside_the_finding_and_can_be_copied() {
    let mut bench = Bench::assessed();
    bench.keys("4<enter>");
    let shown = drawn(&mut bench, (120, 40));
    let removed =
        shown.lines().find(|l| l.contains("- ") && l.contains("privileged: true")).unwrap();
    assert!(removed.contains('│'), "{shown}");
    assert!(shown.lines().any(|l| l.contains("+ ") && l.contains("privileged: false")), "{shown}");
    bench.keys("yc");
    let [Effect::Copy(command)] = &bench.taken()[..] else { panic!() };
    assert!(command.starts_with("kubectl ") && command.contains("privileged"), "{command}");
}

#[test]
fn the_cursor_waits_on_the_first_row_until_somebody_moves_it() {
    let mut bench = Bench::new(true);
    bench.event(Event::Session(SessionEvent::List(sessions())));
    bench.keys("<enter>");
    assert_eq!(bench.taken(), [Effect::ResumeSession("01A".into())]);
    bench.keys("j");
    let under = bench.state.nav.top().list.current().unwrap().id;
    bench.event(Event::Contexts(Ok(contexts())));
    assert_eq!(bench.state.nav.top().list.current().unwrap().id, under);
}

#[test]
fn a_source_that_nobody_connected_to_has_a_name() {
    let mut bench = Bench::new(false);
    let inventory = std::sync::Arc::new(inventory());
    bench.event(Event::Source(SourceEvent::Loaded { inventory, complete: true }));
    assert!(drawn(&mut bench, (120, 40)).contains("prod-eu › all namespaces"));
    assert_eq!(bench.state.unavailable(Action::Refresh), None);
}

#[test]
fn the_session_is_compared_with_the_one_under_the_cursor_or_with_its_run_before() {
    let mut bench = Bench::assessed();
    bench.event(Event::Session(SessionEvent::List(sessions())));
    bench.keys("4C");
    assert_eq!(bench.taken().last(), Some(&Effect::Compare(CompareWith::PreviousRun)));
    // The open session itself is no other one.
    bench.keys("9/web audit<enter>C");
    assert_eq!(bench.taken().last(), Some(&Effect::Compare(CompareWith::PreviousRun)));
    bench.keys("<esc>/yearly<enter>C");
    assert_eq!(bench.taken().last(), Some(&Effect::Compare(CompareWith::Session("01B".into()))));
    bench.event(Event::Session(SessionEvent::Closed));
    bench.keys("C");
    assert!(!bench.taken().iter().any(|e| matches!(e, Effect::Compare(_))), "there is nothing");
}

#[test]
fn a_comparison_leads_to_the_findings_that_are_there_and_keeps_its_place() {
    let mut bench = Bench::compared();
    assert_eq!(screen(&bench), &Screen::Comparison);
    let under = |bench: &Bench| match &bench.state.nav.top().list.current().unwrap().item {
        Item::Compared(compared) => (compared.change(), compared.entry().fingerprint.clone()),
        other => panic!("{other:?}"),
    };
    bench.keys("/status:fixed<enter>G");
    let (change, fixed) = under(&bench);
    assert_eq!(change, FindingChange::Fixed);
    bench.keys("<enter>");
    assert_eq!(screen(&bench), &Screen::Comparison, "what is gone cannot be opened");
    bench.keys("<esc>/status:regressed<enter>G");
    let (_, back) = under(&bench);
    assert_ne!(back, fixed);
    bench.keys("<enter>");
    assert_eq!(screen(&bench), &Screen::Finding(back.as_str().into()));
    bench.keys("<esc><esc>");
    assert_eq!(under(&bench).1, back, "the cursor stands where it stood");
    // The same again is shown in place of the old one, with the cursor on the same finding.
    bench.event(Event::Session(SessionEvent::Compared(Arc::new(comparison()), controls())));
    assert_eq!(under(&bench).1, back);
    bench.taken();
    bench.keys("i");
    let decided = bench.taken();
    assert!(
        matches!(&decided[..], [Effect::Decide { fingerprints, .. }] if *fingerprints == [back]),
        "{decided:?}"
    );
}

#[test]
fn a_comparison_leads_to_frameworks_and_controls_and_counts_changes_by_namespace() {
    let mut bench = Bench::compared();
    let shown = drawn(&mut bench, (120, 40));
    let row = shown.lines().find(|line| line.starts_with('▸')).expect("the framework");
    assert!(row.contains("25–75 %"), "{row}");
    assert!(row.contains(" 50 % "), "{row}");
    assert!(row.contains("1 regressed, 1 fixed, 4 unchanged"), "{row}");
    // What one of the runs did not judge has no control that changed.
    assert!(!shown.contains("P1"), "{shown}");
    bench.keys("<enter>");
    assert_eq!(screen(&bench), &Screen::Framework("fx-nsa".into()));
    bench.keys("<esc><tab><enter>");
    let control = Screen::Control { framework: "fx-nsa".into(), id: "N1".into() };
    assert_eq!(screen(&bench), &control);
    bench.keys("<esc>b");
    let said = |bench: &Bench| bench.state.messages.all().last().unwrap().lines.join(" ");
    assert_eq!(said(&bench), "Grouped by namespace.");
    let heads = |bench: &Bench| -> Vec<(String, ChangeCounts)> {
        let rows = bench.state.nav.top().list.shown();
        rows.filter_map(|row| match &row.item {
            Item::Group { label, changes: Some(changes), .. } => {
                Some((label.to_string(), *changes))
            }
            _ => None,
        })
        .collect()
    };
    let mut all = ChangeCounts::default();
    for (_, counts) in heads(&bench) {
        all.absorb(&counts);
    }
    let expected = ChangeCounts { regressed: 1, fixed: 1, incomparable: 2, unchanged: 11, new: 0 };
    assert_eq!(all, expected, "each is counted in one namespace");
    let (first, _) = heads(&bench).swap_remove(0);
    assert_eq!(first, "pay", "where something came back comes first");
    let leaves = |bench: &Bench| {
        let rows = bench.state.nav.top().list.shown();
        rows.filter(|row| matches!(row.item, Item::Compared(_))).count()
    };
    assert_eq!(leaves(&bench), 0, "its heads count");
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains("comparison by namespace"), "{shown}");
    // The cursor stands on the first group.
    bench.keys("<enter>");
    assert!(leaves(&bench) > 0);
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("▲ high     regressed    pay"), "{shown}");
    bench.keys("b");
    assert_eq!(said(&bench), "Grouped by check.");
    bench.keys("b");
    assert_eq!(said(&bench), "Grouped by framework.");
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains("comparison by framework"), "{shown}");
    let of = |name: &str| heads(&bench).into_iter().find(|(label, _)| label == name).unwrap().1;
    // The one that is fixed decides a control of both.
    assert_eq!((of("fx-nsa").fixed, of("fx-pods").fixed), (1, 1));
    assert_eq!((of("fx-nsa").regressed, of("fx-pods").regressed), (1, 0));
    // Marked in both groups it is one finding all the same.
    bench.keys("/old<enter>");
    let rows: Vec<u64> = bench.state.nav.top().list.shown().map(|row| row.id).collect();
    let each: std::collections::BTreeSet<u64> = rows.iter().copied().collect();
    assert_eq!(rows.len(), each.len(), "each row is one of its own");
    bench.keys("<esc>b");
    assert_eq!(said(&bench), "Grouped by change.");
    assert!(heads(&bench).is_empty());
}

#[test]
fn a_finding_that_is_chosen_under_two_frameworks_is_chosen_once() {
    let mut bench = Bench::compared();
    bench.keys("bbb");
    bench.keys("/cart<enter>*");
    let rows = bench.state.nav.top().list.marked();
    let chosen: Vec<String> =
        bench.state.chosen_findings().iter().map(|f| f.fingerprint.clone()).collect();
    let each: std::collections::BTreeSet<&String> = chosen.iter().collect();
    assert!(rows > chosen.len() && !chosen.is_empty(), "{rows} {chosen:?}");
    assert_eq!(each.len(), chosen.len());
}

#[test]
fn a_comparison_says_what_was_decided_between_the_runs() {
    let mut bench = Bench::assessed();
    let mut compared = comparison();
    let finding = Arc::clone(&compared.counted().next().unwrap().finding);
    let act = Some(Authorship { time: "2026-11-23T13:00:00Z".into(), by: "ada".into() });
    let (before, after) = (DecisionState::Open, DecisionState::FalsePositive);
    let decided = RedecidedFinding { finding, before, after, reason: None, act: act.clone() };
    let control = ("fx-nsa".to_owned(), "N5".to_owned());
    let answered =
        ReansweredControl { control, before: None, after: Some(AttestationAnswer::Yes), act };
    compared.decided = DecisionsBetween { findings: vec![decided], controls: vec![answered] };
    bench.event(Event::Session(SessionEvent::Compared(Arc::new(compared), Arc::new([]))));
    for size in [(80, 24), (120, 40)] {
        let shown = drawn(&mut bench, size);
        assert!(
            shown.contains("Decided between them: 1 false positive, 1 question answered."),
            "{shown}"
        );
        assert!(shown.contains("N5: yes, was not answered"), "{shown}");
        let (_, rows) = shown.split_once(" Decided between them ").expect("its part");
        assert!(rows.contains("false positive"), "{shown}");
    }
}

#[test]
fn findings_on_the_platform_and_of_other_namespaces_are_left_out_of_a_comparison_too() {
    let mut bench = Bench::compared();
    let count = |bench: &Bench| bench.state.nav.top().list.total();
    let without = count(&bench);
    bench.keys("P");
    assert_eq!(count(&bench), without + 1);
    bench.state.data.namespace = Some("pay".into());
    bench.state.data.recount();
    bench.keys("j");
    assert!(count(&bench) < without);
}

#[test]
fn what_a_run_settled_is_told_and_known() {
    let mut bench = Bench::assessed();
    let print = bench.state.data.index.findings[0].fingerprint.clone();
    let after = Some(Decision { state: DecisionState::Regressed, ..Decision::default() });
    let after = after.map(Arc::new);
    let past =
        Arc::new(PastDecision { time: String::new(), by: "plimsoll".into(), after, undone: false });
    let (changes, what) =
        (vec![(print.as_str().into(), past)], "Since the run before: 1 regressed.".into());
    bench.event(Event::Session(SessionEvent::Settled { changes, what }));
    assert_eq!(bench.state.data.state_of(&print), DecisionState::Regressed);
    assert!(drawn(&mut bench, (80, 24)).contains("1 regressed"));
}

#[test]
fn a_question_is_answered_with_what_it_rests_on_and_the_answer_can_be_withdrawn() {
    let mut bench = Bench::assessed();
    bench.keys("0Ay<tab><tab><tab><tab><enter>");
    assert_eq!(bench.taken(), [], "nothing it rests on was named");
    bench.keys("shipped to the archive<enter><enter>log.pdf<enter><ctrl-u><enter>");
    assert_eq!(bench.taken(), [], "nobody answers for it");
    bench.keys("grace<enter><ctrl-u>30d<enter>");
    let [Effect::Attest { answers, file }] = &bench.taken()[..] else { panic!("no answer") };
    assert_eq!(file.as_deref(), Some("log.pdf"));
    let [(key, Some(answer))] = &answers[..] else { panic!("one answer") };
    assert_eq!(key, &("fx-nsa".to_owned(), "N5".to_owned()));
    assert_eq!((answer.answer, answer.reviewer.as_str()), (AttestationAnswer::Yes, "grace"));
    assert_eq!(answer.expires.as_deref(), Some("2026-12-24"));
    assert_eq!(answer.evidence.as_deref(), Some("shipped to the archive"));
    // Nothing counts as answered before it is on disk.
    assert!(bench.state.data.answer("fx-nsa", "N5").is_none());
    bench.answered();
    assert!(drawn(&mut bench, (200, 60)).contains("yes until 2027-06-30"));
    bench.keys("Aw");
    let withdrawn = vec![(key.clone(), None)];
    assert_eq!(bench.taken(), [Effect::Attest { answers: withdrawn, file: None }]);
}

#[test]
fn only_controls_with_a_question_can_be_answered() {
    let mut bench = Bench::assessed();
    bench.keys("3j<enter>");
    let reason = bench.state.unavailable(plimsoll::app::action::Action::Answer);
    assert!(reason.is_some_and(|r| r.contains("only partial and manual")), "N1 is automated");
    bench.keys("4");
    assert!(bench.state.unavailable(plimsoll::app::action::Action::Answer).is_some());
}

/// The exception under the cursor, by what it is about.
fn exception(bench: &Bench) -> String {
    let label = match &bench.state.nav.top().list.current().unwrap().item {
        Item::Exception(exception) => Some(exception.entry.label.clone()),
        _ => None,
    };
    label.expect("an exception is under the cursor")
}

#[test]
fn an_exception_of_the_session_is_dropped_or_renewed_even_when_its_finding_is_gone() {
    let mut bench = Bench::assessed();
    bench.reviewed();
    bench.taken();
    bench.keys("0<home>");
    assert_eq!(exception(&bench), "fingerprint p1:gone", "what has ended comes first");
    bench.keys("<enter>");
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains("No finding of the last run that is shown is covered"), "{shown}");
    bench.keys("<esc>D");
    let [Effect::Decide { fingerprints, decision }] = &bench.taken()[..] else { panic!() };
    assert_eq!(fingerprints, &["p1:gone"]);
    assert_eq!(decision.state, DecisionState::Open);

    bench.keys("j");
    assert!(exception(&bench).starts_with("fx-host-path"), "{}", exception(&bench));
    bench.keys("a<enter><enter><enter><enter>");
    let [Effect::Decide { fingerprints, decision }] = &bench.taken()[..] else { panic!() };
    assert!(fingerprints.len() == 1 && fingerprints[0].contains("fx-host-path"));
    assert_eq!(decision.state, DecisionState::Accepted);
    assert_eq!(decision.reason.as_deref(), Some("the agent needs it until it is replaced"));
    assert_eq!(decision.approver.as_deref(), Some("Grace"));
    assert_eq!(decision.link.as_deref(), Some("https://tickets.example/SEC-7"));
    assert_eq!(decision.expires.as_deref(), Some("2027-02-22"), "90 days, as it ended sooner");
    bench.keys("<enter>");
    let shown = drawn(&mut bench, (80, 24));
    for part in ["expires in", "until it is replaced", "Grace", "SEC-7", "History"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    bench.keys("<enter>");
    let Screen::Finding(print) = screen(&bench) else { panic!("{:?}", screen(&bench)) };
    assert!(print.contains("fx-host-path"));
}

#[test]
fn exceptions_of_files_and_annotations_say_where_they_are_changed() {
    let mut bench = Bench::assessed();
    bench.reviewed();
    bench.taken();
    bench.keys("0/decisions.toml:12<enter>");
    bench.keys("<home>");
    assert_eq!(exception(&bench), "check fx-run-as-root, all namespaces");
    for key in ["D", "a", "f", "i", "d"] {
        bench.keys(key);
        assert_eq!(bench.taken(), [], "after {key}");
        assert!(bench.state.popups.is_empty(), "after {key}");
    }
    let said = bench.state.messages.all().last().unwrap().lines.join(" ");
    assert!(said.contains("decisions.toml:12"), "{said}");
    bench.keys("<enter>");
    assert!(matches!(screen(&bench), Screen::Findings(_)));
    assert_eq!(bench.state.nav.top().list.total(), 4, "the findings that it covers");
    bench.keys("<esc><esc>/kube-linter<enter><home>D");
    let said = bench.state.messages.all().last().unwrap().lines.join(" ");
    assert!(said.contains("annotation ignore-check.kube-linter.io/writable"), "{said}");
}

#[test]
fn a_disagreement_leads_to_the_finding_that_the_other_tool_does_not_see() {
    let mut bench = Bench::assessed();
    bench.keys("0");
    assert!(!drawn(&mut bench, (120, 40)).contains("disagree"), "nothing was brought in");
    bench.reviewed();
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("Tools that disagree"), "{shown}");
    bench.keys("G<enter>");
    let Screen::Finding(print) = screen(&bench) else { panic!("{:?}", screen(&bench)) };
    assert!(print.starts_with("p1:fx-privileged/Deployment/pay/web"), "{print}");
}

#[test]
fn results_are_brought_in_by_a_form_and_not_into_a_session_of_somebody_else() {
    let mut bench = Bench::assessed();
    bench.keys(":import<enter>");
    bench.taken();
    bench.keys("<enter>");
    assert_eq!(bench.taken(), [], "no file was named");
    bench.keys("out/worker-1.json<enter>");
    assert_eq!(bench.taken(), [Effect::Import("out/worker-1.json".into())]);
    assert_eq!(bench.state.session.pending, 1);
    bench.reviewed();
    assert_eq!(bench.state.data.ledger.imports.len(), 1);
    bench.event(Event::Session(SessionEvent::Carried));
    assert_eq!(bench.state.session.pending, 0);
    let holder = "pid 4711 on host-a".into();
    bench.event(Event::Session(SessionEvent::ReadOnly { holder }));
    assert!(bench.state.unavailable(Action::Import).is_some());
}

#[test]
fn leaving_asks_while_an_act_is_on_its_way_whatever_fails_beside_it() {
    let mut bench = Bench::assessed();
    bench.keys("4i");
    bench.taken();
    bench.keys("u");
    assert_eq!(bench.taken(), [Effect::Undo]);
    assert_eq!(bench.state.session.pending, 2, "what is taken back is on its way too");
    // A list that could not be read, and a session that is begun meanwhile, are none of it.
    bench.event(Event::Session(SessionEvent::Failed(UserError::default())));
    bench.event(Event::Session(SessionEvent::Closed));
    assert_eq!(bench.state.session.pending, 2);
    bench.event(Event::Session(SessionEvent::Carried));
    bench.keys("q");
    assert_eq!(bench.taken(), [], "one is still on its way");
    bench.keys("<esc>");
    bench.event(Event::Session(SessionEvent::Carried));
    assert_eq!(bench.state.session.pending, 0);
}

#[test]
fn results_that_are_too_old_by_the_configuration_disagree_with_nothing() {
    let mut bench = Bench::assessed();
    bench.reviewed();
    let data = &mut bench.state.data;
    assert_eq!(data.disagreements().len(), 1);
    Arc::make_mut(&mut data.content).max_import_age = Some(0);
    assert_eq!(data.disagreements().len(), 0);
}

#[test]
fn imports_that_were_taken_back_are_gone_from_what_is_shown() {
    let mut bench = Bench::assessed();
    bench.reviewed();
    assert_eq!(bench.state.data.ledger.imports.len(), 1);
    let what = "took back the import of bench.json".to_owned();
    bench.event(Event::Session(SessionEvent::Imports { imports: Vec::new(), what }));
    assert_eq!(bench.state.data.ledger.imports.len(), 0);
}

#[test]
fn a_session_that_takes_nothing_says_what_stands_in_the_way() {
    let mut bench = Bench::assessed();
    let why = "/data/sessions/X is not writable: its file system is read-only".to_owned();
    bench.event(Event::Session(SessionEvent::Barred { why: why.clone() }));
    let said = bench.state.unavailable(Action::Import).unwrap();
    assert_eq!(said, format!("Nothing can be saved: {why}."));
}

#[test]
fn the_trend_needs_room_and_more_than_one_run() {
    let mut bench = Bench::assessed();
    assert!(!drawn(&mut bench, (160, 50)).contains("Open findings"));
    let mut points = trend();
    bench.event(Event::Session(SessionEvent::RunSaved { number: 5, trend: points.clone() }));
    let shown = drawn(&mut bench, (160, 50));
    assert!(shown.contains("41 → 37 over 5 runs"), "{shown}");
    assert!(shown.contains("fx-nsa 20–60 % → 60–80 %"), "{shown}");
    assert!(!drawn(&mut bench, (80, 24)).contains("Open findings"));
    points.truncate(1);
    bench.event(Event::Session(SessionEvent::RunSaved { number: 1, trend: points }));
    assert!(!drawn(&mut bench, (160, 50)).contains("Open findings"));
}

#[test]
fn p_asks_what_the_patch_comes_to_once_and_esc_leads_back() {
    let mut bench = Bench::assessed();
    bench.keys("4<enter>");
    bench.taken();
    bench.keys("p");
    let asked = match bench.taken().as_slice() {
        [Effect::Preview(asked)] => asked.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(&*asked.label, "Deployment/pay/web");
    bench.keys("jk");
    assert_eq!(bench.taken(), [], "it is asked for once");
    let preview = preview(&bench.state.data, &asked);
    bench.event(Event::Previewed(asked.clone(), Ok(Arc::new(preview))));
    let shown = drawn(&mut bench, (120, 40));
    for text in [
        "clears 1 finding, 2 controls; 1 finding would newly fail",
        "privileged → baseline",
        "3 pods made anew",
        "- ",
        "privileged: false",
        "Fails only then",
    ] {
        assert!(shown.contains(text), "{text} is missing:\n{shown}");
    }
    // Into a finding that clears and back: it is not worked out again.
    bench.keys("/privileged<enter><enter>");
    assert!(matches!(screen(&bench), Screen::Finding(_)), "{:?}", screen(&bench));
    bench.keys("<esc>");
    assert!(matches!(screen(&bench), Screen::Preview(_)));
    let asks = |e: &&Effect| matches!(e, Effect::Preview(_) | Effect::CancelPreview);
    assert_eq!(bench.taken().iter().filter(asks).count(), 0);
    bench.keys("<esc><esc>");
    assert!(matches!(screen(&bench), Screen::Finding(_)));
    assert!(drawn(&mut bench, (120, 40)).contains("clears 1 finding"), "it is still known there");
}

#[test]
fn a_preview_is_let_go_when_its_screen_is_left_and_asked_anew_after_a_run() {
    let mut bench = Bench::assessed();
    bench.keys("4<enter>");
    bench.taken();
    bench.keys("p<esc>");
    assert!(matches!(bench.taken().as_slice(), [Effect::Preview(_), Effect::CancelPreview]));
    assert!(bench.state.preview.is_none());
    bench.previewed("p");
    let judged = judged(&bench.state.data.content, &[]).into();
    bench.event(Event::Run(RunEvent::Started { id: 2, total: 6 }));
    let result = Arc::new(result());
    bench.event(Event::Run(RunEvent::Finished { id: 2, result, judged, millis: 10 }));
    assert!(
        matches!(bench.taken().as_slice(), [Effect::Preview(_)]),
        "another run, another answer"
    );
}

#[test]
fn what_has_no_patch_says_why() {
    let mut bench = Bench::assessed();
    bench.keys("4/mounts<enter>");
    bench.taken();
    bench.keys("p");
    assert_eq!(bench.taken(), []);
    let said = bench.state.messages.all().last().unwrap().lines.join(" ");
    assert!(said.starts_with("There is no patch: what to change"), "{said}");
    // Of several findings those with a patch are previewed, the others told.
    bench.keys("<esc>4bbbbb<home>");
    bench.previewed("p");
    let Screen::Preview(asked) = screen(&bench) else { panic!() };
    assert_eq!((&*asked.label, asked.prints.len()), ("Deployment/pay/web", 3));
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("Not mended") && shown.contains("the check has no patch"), "{shown}");
}

#[test]
fn the_forms_of_a_patch_are_copied_by_their_letters() {
    let mut bench = Bench::assessed();
    bench.keys("4<enter>");
    for (letter, part) in [
        ("c", "kubectl patch deployments.apps web -n pay --type strategic -p '{"),
        ("t", "\"kind\": \"Deployment\""),
        ("j", "\"op\": \"replace\""),
        ("f", "\"check\": \"fx-privileged\""),
        ("m", "### Container runs privileged"),
    ] {
        bench.taken();
        bench.keys(&format!("y{letter}"));
        match bench.taken().as_slice() {
            [Effect::Copy(text)] => assert!(text.contains(part), "{letter}: {text}"),
            other => panic!("{letter}: {other:?}"),
        }
    }
    // An annotation of this object holds a password: its mask would be applied.
    bench.keys("ya");
    assert_eq!(bench.taken(), []);
    let said = bench.state.messages.all().last().unwrap().lines.join(" ");
    assert!(said.contains("looks like a credential"), "{said}");
}

#[test]
fn a_filter_is_completed_from_what_the_rows_have() {
    let mut bench = Bench::assessed();
    bench.keys("4/n<tab>");
    assert_eq!(bench.state.nav.top().list.filter().text(), "ns:");
    bench.keys("sh<tab>");
    assert_eq!(bench.state.nav.top().list.filter().text(), "ns:shop");
    let shown = bench.state.nav.top().list.matched();
    assert!(shown > 0 && shown < bench.state.nav.top().list.total());
    bench.keys(" !sev:high kind:dep<tab>");
    assert_eq!(bench.state.nav.top().list.filter().text(), "ns:shop !sev:high kind:Deployment");
    for row in bench.state.nav.top().list.shown() {
        let Item::Finding(finding) = &row.item else { panic!("a finding") };
        assert_eq!(finding.namespace(), "shop");
        assert_ne!(finding.severity, Severity::High);
    }
    assert!(bench.state.nav.top().list.matched() > 0);
}

#[test]
fn the_patch_goes_by_the_parameters_that_are_set() {
    // By default the patch of this check changes nothing.
    for (set, patched) in [(None, false), (Some(false), true)] {
        let mut bench = Bench::assessed();
        bench.event(Event::Content(Arc::new(content_with_param(set))));
        bench.keys("4<enter>");
        let shown = drawn(&mut bench, (120, 40));
        let added = |line: &str| line.contains("+ ") && line.contains("privileged: false");
        assert_eq!(shown.lines().any(added), patched, "{shown}");
    }
}

#[test]
fn what_a_filter_leaves_of_the_overview_is_seen_at_every_size() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut bench = Bench::assessed();
        bench.keys("1/pay<enter>");
        let shown = text(&frame(&mut bench, &theme("terminal"), size));
        let rows = shown.lines().skip(3).filter(|line| line.contains("pay")).count();
        assert!(rows > bench.state.nav.top().list.matched(), "{shown}");
    }
}
