//! One thing has one number, wherever it stands; and what a number is of is said beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll::app::effect::Effect;
use plimsoll::app::event::{Event, RunEvent, SavedRun, SessionEvent};
use plimsoll::app::item::Item;
use plimsoll::app::route::Screen;
use plimsoll::frameworks::{Counts, FrameworkResult, Status};
use plimsoll::model::attestation::{Attestation, AttestationAnswer};
use plimsoll::model::decision::{Decision, DecisionState, PastDecision};
use plimsoll::model::finding::Gap;
use plimsoll::model::read::{Missing, ReadStatus};

use super::fixture::{Bench, NOON, comparison, controls, judged, result, sessions};
use super::frames::{frame, text, theme};

fn drawn(bench: &mut Bench, size: (u16, u16)) -> String {
    text(&frame(bench, &theme("terminal"), size))
}

/// The line that a heading stands in.
fn line<'a>(shown: &'a str, heading: &str) -> &'a str {
    shown.lines().find(|l| l.contains(heading)).unwrap_or_else(|| panic!("{heading}: {shown}"))
}

fn said(bench: &Bench) -> String {
    bench.state.messages.all().last().unwrap().lines.join(" ")
}

fn accept(bench: &mut Bench, print: &str) {
    let decision = Decision {
        state: DecisionState::Accepted,
        reason: Some("known".into()),
        ..Decision::default()
    };
    let past = PastDecision {
        time: "2026-11-24T11:00:00Z".into(),
        by: "ada".into(),
        after: Some(decision.into()),
        undone: false,
    };
    let changes = vec![(print.into(), past.into())];
    let what = "saved: 1 finding accepted".to_owned();
    bench.event(Event::Session(SessionEvent::Decided { changes, what }));
}

#[test]
fn what_is_found_on_a_namespace_belongs_to_it_on_every_screen() {
    let mut bench = Bench::assessed();
    let overview = bench.state.data.index.namespaces["pay"].total();
    assert_eq!(overview, 4, "privileged, as root, a writable root, and no policy by default");
    bench.keys("gh");
    let rows = bench.state.nav.top().list.rows().iter();
    let heat = rows.filter_map(|row| match &row.item {
        Item::Heat(row) if &*row.namespace == "pay" => Some(row.tally.total()),
        _ => None,
    });
    assert_eq!(heat.collect::<Vec<_>>(), [overview]);
    bench.keys("4/ns:=pay<enter>");
    assert_eq!(bench.state.nav.top().list.matched(), overview);
    bench.keys("<esc>:findings in pay<enter>");
    assert_eq!(bench.state.nav.top().list.total(), overview);
    bench.keys("n");
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains(&format!("{overview} findings")), "{shown}");
    bench.keys("pay<enter>");
    assert_eq!(bench.state.data.index.all.total(), overview);
    assert!(!bench.state.data.index.namespaces.contains_key(""), "none is cluster-wide");
}

#[test]
fn a_run_ends_with_the_number_that_every_list_has() {
    let mut bench = Bench::assessed();
    let print = bench.state.data.index.findings[0].fingerprint.clone();
    accept(&mut bench, &print);
    let open = bench.state.data.index.all.total();
    bench.event(Event::Run(RunEvent::Started { id: 2, total: 6 }));
    let judged = judged(&bench.state.data.content, &[]).into();
    let result = Arc::new(result());
    bench.event(Event::Run(RunEvent::Finished { id: 2, result, judged, millis: 1_000 }));
    assert_eq!(said(&bench), format!("The run took 1.0 s: {open} open findings, 1 set aside."));
}

/// What the frameworks come to in `pay`: figures that stand nowhere else, and the first control accepted.
fn in_pay(bench: &Bench) -> Vec<FrameworkResult> {
    let mut all = judged(&bench.state.data.content, &[]);
    for framework in &mut all {
        framework.counts = Counts { fail: 77, not_assessed: 22, pass: 1, ..Counts::default() };
        framework.score = framework.counts.score();
        if let Some(control) = framework.controls.first_mut() {
            control.status = Status::Accepted;
        }
    }
    all
}

#[test]
fn scores_are_of_the_namespace_that_was_chosen_once_they_are_worked_out() {
    let mut bench = Bench::assessed();
    for size in [(80, 24), (120, 40), (200, 60)] {
        let shown = drawn(&mut bench, size);
        assert!(!line(&shown, "Frameworks").contains(" · "), "{shown}");
    }
    bench.keys("npay<enter>");
    for size in [(80, 24), (120, 40), (200, 60)] {
        let shown = drawn(&mut bench, size);
        assert!(shown.contains(" Frameworks · working out pay…"), "{shown}");
        assert!(shown.contains("working it out…") || shown.contains("working…"), "{shown}");
        assert!(!shown.contains(" %"), "no score of anything else meanwhile: {shown}");
        assert!(shown.contains("assessed · all namespaces"), "{shown}");
        assert!(!shown.contains("mend first ·"), "what to mend is narrowed: {shown}");
    }
    bench.keys("3");
    assert!(drawn(&mut bench, (80, 24)).contains("is being worked out…"));
    bench.keys("1");
    let results = in_pay(&bench);
    assert_eq!(bench.narrow(results), "pay");
    for size in [(80, 24), (120, 40), (200, 60)] {
        let shown = drawn(&mut bench, size);
        assert!(shown.contains(" Frameworks · pay alone"), "{shown}");
        assert!(shown.contains("1–23 %") && shown.contains("77"), "{shown}");
    }
    let words = "Statuses in pay alone; what is of the cluster is not assessed there.";
    for (keys, status) in [("3", "1–23 %"), ("<enter>", "⚑"), ("<enter>", "⚑")] {
        bench.keys(keys);
        let shown = drawn(&mut bench, (80, 24));
        assert!(shown.contains(words) && shown.contains(status), "{keys}: {shown}");
    }
    // Of all namespaces again, at once; and a run of this namespace alone is of nothing wider.
    bench.keys("n0");
    bench.keys("1");
    assert!(!drawn(&mut bench, (80, 24)).contains("1–23 %"));
    bench.keys("npay<enter>");
    bench.state.namespaces = vec!["pay".into()];
    bench.keys("1j");
    let shown = drawn(&mut bench, (80, 24));
    assert!(!shown.contains(" Frameworks · ") && shown.contains(" %"), "{shown}");
}

#[test]
fn what_is_of_the_whole_run_says_so_at_every_size() {
    let mut bench = Bench::attacked();
    bench.keys("npay<enter>");
    for size in [(40, 12), (80, 24), (120, 40), (200, 60)] {
        for (keys, wanted) in [("5", "all namespaces · exposure"), ("m", "all namespaces · miti")]
        {
            bench.keys(keys);
            let shown = drawn(&mut bench, size);
            assert!(shown.contains(wanted), "{keys} at {size:?}: {shown}");
            assert!(size.0 < 80 || shown.contains("all namespaces, not pay alone ›"), "{shown}");
        }
        bench.keys("m0");
        let shown = drawn(&mut bench, size);
        assert!(shown.contains("Of all namespaces, not of pay alone."), "{size:?}: {shown}");
        bench.keys("w");
        let shown = drawn(&mut bench, size);
        assert!(size.0 < 80 || shown.contains("of all namespaces, not of pay alone"), "{shown}");
        bench.keys("m");
        let shown = drawn(&mut bench, size);
        assert!(size.0 < 80 || shown.contains("not of pay alone"), "{size:?}: {shown}");
        bench.keys("<esc>");
    }
    bench.keys("6");
    super::related::relate(&mut bench);
    let shown = drawn(&mut bench, (80, 24));
    assert!(
        shown.contains("Who has a right in pay, rights in every namespace included."),
        "{shown}"
    );
    // A run of this namespace alone is of nothing wider.
    bench.state.namespaces = vec!["pay".into()];
    bench.keys("5");
    assert!(!drawn(&mut bench, (120, 40)).contains("not pay alone"));
}

#[test]
fn another_judgement_works_the_scores_of_a_namespace_out_again() {
    let mut bench = Bench::assessed();
    bench.keys("npay<enter>");
    let results = in_pay(&bench);
    bench.narrow(results);
    let again = judged(&bench.state.data.content, &[]);
    bench.event(Event::Judged(again.into()));
    assert!(drawn(&mut bench, (80, 24)).contains("1–23 %"), "until then the one before stands");
    bench.narrow(Vec::new());
    assert!(!drawn(&mut bench, (80, 24)).contains("1–23 %"));
}

#[test]
fn a_session_taken_up_shows_its_last_run_and_says_how_old_that_is() {
    let mut bench = Bench::assessed();
    bench.taken();
    let saved = SavedRun { number: 3, finished: NOON - 7_200, ..SavedRun::default() };
    let judged = judged(&bench.state.data.content, &[]).into();
    let result = Arc::new(result());
    bench.event(Event::Run(RunEvent::Resumed { id: 2, result, judged, saved }));
    let open = bench.state.data.index.all.total();
    let words = format!("Run 3 of the session, 2 h ago: {open} open findings; r runs again.");
    assert_eq!(said(&bench), words);
    assert_eq!(bench.taken(), [], "nothing is run");
    bench.wait(60_000);
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains(" Frameworks · run 3, 2 h ago"), "{shown}");
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("run 3, 2 h ago; r runs again"), "{shown}");
    bench.event(Event::Run(RunEvent::Started { id: 3, total: 6 }));
    let judged = Box::default();
    let result = Arc::new(plimsoll::model::finding::RunResult::default());
    bench.event(Event::Run(RunEvent::Finished { id: 3, result, judged, millis: 1 }));
    assert!(!drawn(&mut bench, (120, 40)).contains("run 3, "), "it is another run now");
}

#[test]
fn an_answer_that_findings_overrule_says_so() {
    let mut bench = Bench::assessed();
    let failing = |bench: &Bench| {
        let all = bench.state.data.judged.iter();
        let mut failing = all.flat_map(|f| f.controls.iter().map(move |c| (f.id.clone(), c)));
        let (framework, control) = failing.find(|(_, c)| c.failing > 0).unwrap();
        (framework, control.id.clone(), control.whatever_is_answered().unwrap())
    };
    let (framework, control, stays) = failing(&bench);
    let answer = |answer| Attestation {
        framework: framework.clone(),
        control: control.clone(),
        answer,
        reviewer: "Grace".into(),
        date: "2026-11-24".into(),
        expires: None,
        evidence: Some("seen".into()),
        link: None,
        file: None,
    };
    let attest = |bench: &mut Bench, given| {
        let given = answer(given);
        let what = "saved: answer".to_owned();
        let answers = vec![(given.key(), Some(given))];
        bench.event(Event::Session(SessionEvent::Attested { answers, what }));
        said(bench)
    };
    assert!(stays.starts_with("the control still fails: ") && stays.contains("finding"), "{stays}");
    assert_eq!(attest(&mut bench, AttestationAnswer::Yes), format!("saved; {stays}"));
    assert_eq!(attest(&mut bench, AttestationAnswer::No), "saved: answer", "that is what it says");
}

#[test]
fn the_overview_tells_what_people_answered_apart() {
    let mut bench = Bench::assessed();
    let row = |bench: &mut Bench| {
        let shown = drawn(bench, (120, 40));
        let find = |word: &str| shown.lines().find(|l| l.contains(word)).unwrap().to_owned();
        (find("attested"), find("fx-nsa"))
    };
    let last = |(head, row): (String, String)| {
        let before = head.split("attested").next().unwrap_or_default();
        let end = before.chars().count() + "attested".len();
        row.chars().take(end).collect::<String>().split(' ').next_back().unwrap().to_owned()
    };
    assert_eq!(last(row(&mut bench)), "0");
    bench.answered();
    assert_eq!(last(row(&mut bench)), "1");
}

#[test]
fn a_note_goes_to_every_marked_finding() {
    let mut bench = Bench::assessed();
    bench.keys("4   N");
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains("Note on each of 3 findings"), "{shown}");
    bench.taken();
    bench.keys("ask the team<enter>");
    let taken = bench.taken();
    let [Effect::Note { fingerprints, text }] = &taken[..] else { panic!("{taken:?}") };
    assert_eq!((fingerprints.len(), &**text), (3, "ask the team"));
    assert_eq!(bench.state.session.pending, 1);
    let (fingerprints, text) = (fingerprints.clone(), Some(text.clone()));
    bench.event(Event::Session(SessionEvent::Noted { fingerprints, text }));
    assert_eq!(bench.state.session.pending, 1, "the order is not at its end");
    bench.event(Event::Session(SessionEvent::Carried));
    assert_eq!((bench.state.session.pending, bench.state.data.notes.len()), (0, 3));
}

#[test]
fn sessions_are_told_apart_by_id_beginning_and_runs() {
    let mut bench = Bench::assessed();
    bench.keys("9");
    bench.event(Event::Session(SessionEvent::List(sessions())));
    let shown = drawn(&mut bench, (80, 24));
    let head = line(&shown, "last used");
    for title in ["session", "id", "begun (UTC)", "runs", "findings"] {
        assert!(head.contains(title), "{title}: {shown}");
    }
    let own = line(&shown, "web audit (this one)");
    assert!(own.contains("01A") && own.contains("2026-11-24 08:00"), "{shown}");
    assert!(line(&shown, "yearly review (in use)").contains("01B"), "{shown}");
    let wide = drawn(&mut bench, (200, 60));
    assert!(line(&wide, "web audit (this one)").contains("prod-eu"), "{wide}");
    bench.taken();
    bench.keys("/web audit<enter><enter>");
    assert_eq!(bench.taken(), [], "it is open already");
    assert!(said(&bench).starts_with("This session is open already"), "{}", said(&bench));
}

#[test]
fn the_key_of_sessions_leads_to_the_list_and_a_comparison_names_both_sides() {
    let mut bench = Bench::assessed();
    bench.event(Event::Session(SessionEvent::List(sessions())));
    bench.keys("9");
    bench.event(Event::Session(SessionEvent::Compared(Arc::new(comparison()), controls())));
    assert_eq!(bench.state.nav.top().screen, Screen::Comparison);
    let shown = drawn(&mut bench, (80, 24));
    let side = |head, run| line(&shown, head).contains(run);
    assert!(side("Before:", "web audit, run 1, 2026-11-23 12:00 UTC, session 01A"), "{shown}");
    assert!(side("After: ", "web audit, run 2, 2026-11-24 12:00 UTC, session 01A"), "{shown}");
    bench.keys("19");
    assert_eq!(bench.state.nav.top().screen, Screen::Sessions);
}

#[test]
fn a_decision_is_counted_at_once_and_as_everything_anew_would_be() {
    let mut bench = Bench::assessed();
    let counts = |bench: &Bench| {
        let index = &bench.state.data.index;
        let objects: BTreeMap<_, _> = index.objects.clone().into_iter().collect();
        (index.all, objects, index.namespaces.clone(), index.themes.clone())
    };
    let prints: Vec<String> =
        bench.state.data.index.findings.iter().map(|f| f.fingerprint.clone()).collect();
    let before = counts(&bench);
    for print in &prints {
        accept(&mut bench, print);
        // Once more changes nothing.
        accept(&mut bench, print);
        let at_once = counts(&bench);
        assert_ne!(at_once, before, "{print}");
        bench.state.data.recount();
        assert_eq!(at_once, counts(&bench), "{print}");
    }
    assert_eq!(bench.state.data.index.all.total(), 0, "everything is set aside");
}

#[test]
fn a_list_that_was_not_asked_for_is_not_told_to_be_empty() {
    let mut bench = Bench::assessed();
    bench.keys(":secrets<enter>");
    assert_eq!(bench.state.nav.top().screen, Screen::Objects(super::fixture::kind("Secret")));
    for size in [(80, 24), (200, 60)] {
        let shown = drawn(&mut bench, size).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains("Secrets were not asked for: there may be some."), "{shown}");
        assert!(shown.contains("8 shows what rests on it."), "{shown}");
        assert!(!shown.contains("Nothing here"), "{shown}");
    }
    // In one namespace, too; and one that was read whole is empty.
    bench.keys(":ns pay<enter>");
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains("there may be some."), "{shown}");
    bench.keys(":networkpolicies<enter>");
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains("There is none in pay: all of NetworkPolicy"), "{shown}");
}

#[test]
fn a_read_that_was_not_made_has_no_number() {
    let mut bench = Bench::assessed();
    bench.keys("8/v1/secrets<enter>");
    let shown = drawn(&mut bench, (200, 60));
    let row = line(&shown, "v1/secrets");
    assert!(row.contains('?'), "{shown}");
    assert!(shown.contains("Objects  ? not asked"), "{shown}");
}

/// Reasons about things of one kind each, so that each stands for itself.
fn unknown(bench: &mut Bench, count: usize) {
    let mut view = bench.state.data.result.as_deref().unwrap().clone();
    for at in 0..count {
        let reason = format!("{} cannot be told", (b'a' + u8::try_from(at).unwrap()) as char);
        let (read, status) = (format!("rule {at}"), ReadStatus::NotAsked);
        let missing = Arc::new(Missing { read, namespace: None, status, reason });
        view.not_assessed.push(Gap {
            check: "fx-host-path".into(),
            missing,
            count: 1,
            platform: at == 0,
        });
    }
    bench.state.data.result = Some(Arc::new(view));
    bench.state.data.recount();
    bench.keys("21");
}

#[test]
fn a_panel_says_how_much_of_it_is_out_of_sight_and_keeps_its_heads() {
    let mut bench = Bench::assessed();
    unknown(&mut bench, 26);
    let all = bench.state.data.index.gaps.len();
    for (size, said) in
        [((120, 40), "▼ {} more; 8 lists"), ((200, 60), "and {} more reasons: 8 lists")]
    {
        let shown = drawn(&mut bench, size);
        let head = line(&shown, "What could not be assessed");
        assert!(head.trim_end().ends_with("controls"), "{head}");
        let rows = shown.lines().filter(|line| line.contains("cannot be told")).count();
        let others = shown.lines().filter(|line| {
            ["cannot list", "were not asked", "does not have"]
                .iter()
                .any(|part| line.contains(part))
        });
        let beyond = said.replace("{}", &(all - rows - others.count()).to_string());
        assert!(shown.contains(&beyond), "{beyond}: {shown}");
        assert!(shown.contains("1 about the platform alone; P shows them"), "{shown}");
    }
    // In the last of them, what lies above is told as well.
    bench.keys("<tab><tab>jjjjjjjjjjjj");
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains(" above"), "{shown}");
}

#[test]
fn beside_a_group_stands_what_the_filter_leaves_of_it() {
    let mut bench = Bench::assessed();
    bench.keys("4b");
    let shown = drawn(&mut bench, (160, 40));
    assert!(!shown.contains("are left"), "{shown}");
    bench.keys("/ns:=shop<enter>g<esc>");
    bench.keys("<home>");
    let list = &bench.state.nav.top().list;
    let (row, kept) = list
        .shown()
        .filter_map(|row| Some((row.id, *list.kept(row.id)?)))
        .find(|(_, kept)| kept.rows < kept.of)
        .unwrap();
    assert!(bench.state.nav.top_mut().list.go_to(row));
    let shown = drawn(&mut bench, (160, 40));
    assert!(shown.contains(&format!("{} of {} are left", kept.rows, kept.of)), "{shown}");
    let told = line(&shown, "│ Findings");
    assert!(told.contains(&format!("{} ", kept.tally.total())), "{told}");
}

#[test]
fn without_a_cluster_that_is_said_once_on_the_overview() {
    let mut bench = Bench::new(false);
    let shown = drawn(&mut bench, (120, 40));
    assert_eq!(shown.matches("No cluster is chosen.").count(), 1, "{shown}");
    assert!(shown.contains("Known once checks have run."), "{shown}");
}
