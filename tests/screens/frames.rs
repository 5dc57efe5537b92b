//! Frames of every screen, as text and as styles: a test backend prints letters only.

use std::fmt::Write as _;

use plimsoll::app::effect::Effect;
use plimsoll::app::event::{Event, LostConnection, RunEvent, SessionEvent, SourceEvent, UserError};
use plimsoll::config::theme::Themes;
use plimsoll::model::finding::Severity;
use plimsoll::model::inventory::Inventory;
use plimsoll::ui::{Depth, TerminalTheme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;

use super::fixture::{Bench, another, contexts, found, inventory, sessions, trend};

const SIZES: [(u16, u16); 5] = [(80, 24), (120, 40), (160, 50), (200, 60), (40, 10)];

pub fn theme(name: &str) -> TerminalTheme {
    TerminalTheme::new(&Themes::default().get(name).unwrap(), Depth::Sixteen)
}

pub fn frame(bench: &mut Bench, theme: &TerminalTheme, size: (u16, u16)) -> Buffer {
    bench.event(Event::Resize(size.0, size.1));
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    terminal.draw(|frame| plimsoll::ui::draw(&bench.state, theme, frame)).unwrap();
    terminal.backend().buffer().clone()
}

pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut row = String::new();
        let mut skip = 0;
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if skip == 0 {
                row.push_str(symbol);
                skip = plimsoll::text::width(symbol).saturating_sub(1);
            } else {
                skip -= 1;
            }
        }
        writeln!(out, "{}", row.trim_end()).unwrap();
    }
    out
}

/// Runs of one style: `row:column-length foreground/background modifiers`.
fn styles(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut x = 0;
        let mut runs = Vec::new();
        while x < buffer.area.width {
            let style = buffer[(x, y)].style();
            let from = x;
            while x < buffer.area.width && buffer[(x, y)].style() == style {
                x += 1;
            }
            let mut words = Vec::new();
            let colour =
                |c: Option<ratatui::style::Color>| c.filter(|c| *c != ratatui::style::Color::Reset);
            if let Some(fg) = colour(style.fg) {
                words.push(fg.to_string().to_lowercase());
            }
            if let Some(bg) = colour(style.bg) {
                words.push(format!("on-{}", bg.to_string().to_lowercase()));
            }
            let modifier = style.add_modifier;
            for (flag, word) in [
                (Modifier::BOLD, "bold"),
                (Modifier::DIM, "dim"),
                (Modifier::ITALIC, "italic"),
                (Modifier::UNDERLINED, "underline"),
                (Modifier::REVERSED, "reverse"),
            ] {
                if modifier.contains(flag) {
                    words.push(word.to_owned());
                }
            }
            if !words.is_empty() {
                runs.push(format!("{from}-{} {}", x - from, words.join("+")));
            }
        }
        if !runs.is_empty() {
            writeln!(out, "{y}: {}", runs.join(", ")).unwrap();
        }
    }
    out
}

/// One file a screen: every size as text, the styles of the first size in two themes.
pub fn check(name: &str, bench: &mut Bench) {
    let mut out = String::new();
    for size in SIZES {
        let buffer = frame(bench, &theme("terminal"), size);
        write!(out, "== {}x{}\n{}", size.0, size.1, text(&buffer)).unwrap();
        let mono = frame(bench, &theme("mono"), size);
        assert_eq!(text(&mono), text(&buffer), "the theme changes letters");
    }
    for name in ["terminal", "mono"] {
        let buffer = frame(bench, &theme(name), SIZES[0]);
        write!(out, "== styles, {name}, 80x24\n{}", styles(&buffer)).unwrap();
    }
    insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => "../snapshots", omit_expression => true}, {
        insta::assert_snapshot!(name, out);
    });
}

fn shown(name: &str, keys: &str) {
    let mut bench = Bench::assessed();
    bench.keys(keys);
    check(name, &mut bench);
}

fn attacked(name: &str, keys: &str) {
    let mut bench = Bench::attacked();
    bench.keys(keys);
    check(name, &mut bench);
}

#[test]
fn matrix() {
    attacked("matrix", "5ll");
}

#[test]
fn matrix_of_mitigations() {
    attacked("matrix-mitigations", "5m");
}

#[test]
fn another_matrix() {
    attacked("matrix-other", "5<tab>");
}

#[test]
fn matrix_filtered_to_nothing() {
    attacked("matrix-filtered", "5/zzzz<enter>");
}

#[test]
fn matrix_without_a_run_and_without_a_matrix() {
    let mut bench = Bench::new(false);
    bench.event(Event::Content(std::sync::Arc::new(super::fixture::content_with_matrices())));
    bench.keys("5");
    check("matrix-not-run", &mut bench);
    shown("matrix-none", "5");
}

#[test]
fn heat_map() {
    attacked("heat-map", "ghl");
}

#[test]
fn heat_map_before_a_run() {
    let mut bench = Bench::new(false);
    bench.keys("gh");
    check("heat-map-not-run", &mut bench);
}

#[test]
fn tenants() {
    let mut bench = Bench::attacked();
    super::grids::tenants(&mut bench);
    check("tenants", &mut bench);
    bench.keys("<enter>");
    check("tenant", &mut bench);
}

#[test]
fn tenants_without_a_profile() {
    let mut bench = Bench::attacked();
    bench.keys("gt");
    check("tenants-working", &mut bench);
    let asked = bench.state.data.tenants.judgement;
    bench.event(Event::Tenants { asked, cards: Ok(Vec::new()) });
    check("tenants-none", &mut bench);
}

#[test]
fn start() {
    let mut bench = Bench::new(true);
    bench.event(Event::Session(SessionEvent::List(sessions())));
    bench.event(Event::Contexts(Ok(contexts())));
    check("start", &mut bench);
}

#[test]
fn start_without_a_kubeconfig() {
    let mut bench = Bench::new(true);
    bench.event(Event::Contexts(Err(UserError {
        what: "There is no kubeconfig.".into(),
        why: "/home/auditor/.kube/config does not exist.".into(),
        next: "Name one with --kubeconfig, or open the demo.".into(),
    })));
    check("start-without-kubeconfig", &mut bench);
}

#[test]
fn overview() {
    shown("overview", "j");
}

#[test]
fn overview_before_a_run() {
    let mut bench = Bench::new(false);
    bench.event(Event::Source(SourceEvent::Connecting { context: "prod-eu".into() }));
    let resource = "apps/v1/deployments".into();
    bench.event(Event::Source(SourceEvent::Progress { resource, items: 500 }));
    check("overview-reading", &mut bench);
}

#[test]
fn objects() {
    shown("kinds", "2");
    shown("objects", "2j<enter>");
    shown("object", "2j<enter><enter>");
}

#[test]
fn frameworks() {
    shown("frameworks", "3");
    shown("framework", "3j<enter>");
    shown("control", "3j<enter><enter>");
}

#[test]
fn findings() {
    shown("findings", "4jj");
    shown("findings-filtered", "4/sev:medium api");
    shown("findings-grouped", "4bbj");
    shown("findings-marked", "4 <space><space>");
    shown("findings-empty", "4/zzzz<enter>");
}

#[test]
fn finding() {
    shown("finding", "4<enter>");
    shown("finding-second-page", "4<enter><tab>");
    shown("finding-searched", "4<enter>/image<enter>");
    shown("finding-missing-field", "4/root user<enter><enter>");
}

#[test]
fn previews() {
    let mut bench = Bench::assessed();
    bench.keys("4<enter>p");
    check("preview-working", &mut bench);
    let mut bench = Bench::assessed();
    bench.previewed("4<enter>p");
    check("preview", &mut bench);
    bench.keys("<tab>");
    check("preview-changes", &mut bench);
    bench.keys("y");
    check("preview-copies", &mut bench);
    bench.keys("<esc><esc>");
    check("finding-previewed", &mut bench);
}

#[test]
fn copies_of_a_finding_with_a_patch() {
    shown("copy-menu-finding", "4<enter>y");
}

#[test]
fn findings_by_what_has_to_be_changed() {
    shown("findings-causes", "4bbbbb");
}

#[test]
fn where_a_finding_is_mended_so_that_it_lasts() {
    let mut bench = Bench::assessed();
    bench.keys("4<enter><tab>");
    let Some(Effect::AskManagers(id)) = bench.effects.pop() else { panic!("nobody was asked") };
    let again = bench.effects.iter().any(|effect| matches!(effect, Effect::AskManagers(_)));
    assert!(!again && bench.taken().is_empty(), "one get, and nothing else");
    check("finding-owner-asked", &mut bench);
    let fields = serde_json::json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {
        "k:{\"name\":\"app\"}": {"f:securityContext": {"f:privileged": {}}}}}}}});
    let entry = serde_json::json!({"manager": "helm", "operation": "Apply", "fieldsV1": fields});
    let managed = vec![serde_json::from_value(entry).unwrap()];
    bench.event(Event::Managed(id, Ok(std::sync::Arc::new(managed))));
    let shown = text(&frame(&mut bench, &theme("terminal"), (120, 40)));
    assert!(shown.contains("owned by helm (read on demand)"), "{shown}");
}

/// Every view of a bench in one file, since little is on each.
fn first_run(name: &str, mut bench: Bench, says: &str) {
    let mut out = String::new();
    let views = [
        ("overview", "1"),
        ("objects", "2"),
        ("frameworks", "3"),
        ("findings", "4"),
        ("matrix", "5"),
        ("access", "6"),
        ("network", "7"),
        ("coverage", "8"),
        ("review", "0"),
        ("heat map", "gh"),
    ];
    for (view, keys) in views {
        bench.keys(keys);
        super::related::relate(&mut bench);
        for size in [SIZES[0], SIZES[1]] {
            let shown = text(&frame(&mut bench, &theme("terminal"), size));
            if matches!(view, "overview" | "findings") {
                assert!(shown.contains(says), "{view} at {size:?}:\n{shown}");
            }
            write!(out, "== {view}, {}x{}\n{shown}", size.0, size.1).unwrap();
        }
    }
    insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => "../snapshots", omit_expression => true}, {
        insta::assert_snapshot!(name, out);
    });
}

#[test]
fn a_user_without_any_right() {
    first_run("first-run-refused", Bench::refused(), "Nothing may be read");
}

#[test]
fn a_cluster_where_nothing_runs() {
    first_run("first-run-idle", Bench::idle(), "No workloads run here");
}

#[test]
fn checks() {
    shown("checks", "gc");
    shown("check", "gc<enter>");
}

#[test]
fn coverage() {
    shown("coverage", "8");
    shown("gap", "8<enter>");
}

#[test]
fn sessions_and_messages() {
    let mut bench = Bench::assessed();
    bench.event(Event::Session(SessionEvent::List(sessions())));
    bench.keys("9");
    check("sessions", &mut bench);
    bench.event(Event::Failed(UserError {
        what: "The report could not be written.".into(),
        why: "report.html exists already.".into(),
        next: "Name another file.".into(),
    }));
    bench.keys("gl");
    check("messages", &mut bench);
}

#[test]
fn comparison() {
    let mut bench = Bench::compared();
    bench.keys("jj");
    check("comparison", &mut bench);
}

#[test]
fn dialogs() {
    shown("help", "4?");
    shown("palette", ":repor");
    shown("namespaces", "n");
    shown("copy-menu", "4y");
    shown("decide-menu", "4d");
    shown("run-menu", "4r");
    shown("go-menu", "4g");
    shown("accept", "4<space><space>a");
    shown("accept-without-reason", "4a<enter><enter><enter><enter>");
    shown("note", "4N");
}

#[test]
fn questions_that_a_person_answers() {
    let mut bench = Bench::assessed();
    bench.keys("0");
    check("review", &mut bench);
    bench.keys("A");
    check("answer-menu", &mut bench);
    bench.keys("y<tab><tab><tab><tab><enter>");
    check("answer-without-evidence", &mut bench);
    bench.answered();
    bench.keys("<esc>");
    check("review-answered", &mut bench);
    bench.keys("<enter>");
    check("control-answered", &mut bench);
}

#[test]
fn exceptions_and_disagreements() {
    let mut bench = Bench::assessed();
    bench.reviewed();
    bench.keys("0");
    check("review-exceptions", &mut bench);
    bench.keys("j");
    check("review-exception-soon", &mut bench);
    bench.keys("<enter>");
    check("review-exception-open", &mut bench);
    bench.keys("<esc>");
    bench.keys("a");
    check("renew", &mut bench);
    bench.keys("<esc>G");
    check("review-disagreement", &mut bench);
    bench.keys(":import<enter>");
    check("import", &mut bench);
}

#[test]
fn how_the_runs_of_the_session_went() {
    let mut bench = Bench::assessed();
    bench.event(Event::Session(SessionEvent::RunSaved { number: 5, trend: trend() }));
    check("overview-trend", &mut bench);
}

#[test]
fn contexts_menu() {
    let mut bench = Bench::assessed();
    bench.event(Event::Contexts(Ok(contexts())));
    bench.keys("c");
    check("contexts", &mut bench);
}

#[test]
fn run_under_way() {
    let mut bench = Bench::assessed();
    bench.event(Event::Run(RunEvent::Started { id: 2, total: 120 }));
    bench.event(Event::Run(RunEvent::Progress { id: 2, done: 37, total: 120 }));
    bench.wait(3_000);
    check("run", &mut bench);
}

#[test]
fn connection_lost() {
    let mut bench = Bench::assessed();
    bench.event(Event::Source(SourceEvent::Stale(LostConnection {
        since: super::fixture::NOON - 200,
        reason: "connection refused by 10.0.0.1:6443".into(),
        retry_at: Some(bench.now.millis + 7_000),
        waiting: 1,
    })));
    check("stale", &mut bench);
}

/// One finding is new, one is gone, one got worse, and controls followed.
fn followed(bench: &mut Bench) {
    let mut findings = found();
    let gone = findings.iter().position(|f| &*f.check == "fx-host-path").unwrap();
    findings.remove(gone);
    let worse = findings.iter().position(|f| &*f.check == "fx-run-as-root").unwrap();
    std::sync::Arc::make_mut(&mut findings[worse]).severity = Severity::High;
    findings.push(another());
    bench.follow(findings);
}

#[test]
fn what_changed_in_the_cluster() {
    for (name, keys) in [("live-findings", "4"), ("live-controls", "3<enter>"), ("live", "1")] {
        let mut bench = Bench::assessed();
        bench.keys(keys);
        followed(&mut bench);
        check(name, &mut bench);
    }
}

#[test]
fn a_finding_that_is_open_and_gone() {
    let mut bench = Bench::assessed();
    bench.keys("4/path<enter><enter>");
    followed(&mut bench);
    check("live-gone", &mut bench);
}

#[test]
fn a_screen_that_is_frozen() {
    let mut bench = Bench::assessed();
    bench.keys("2j<enter>F");
    let now = inventory();
    let left = now.objects().filter(|o| &*o.id.name != "web").cloned().collect();
    bench.objects(Inventory::new(now.source.clone(), left, now.reads.clone()));
    followed(&mut bench);
    check("frozen", &mut bench);
}

#[test]
fn ascii_mode_uses_ascii_only() {
    for keys in [
        "",
        "1",
        "2",
        "3j<enter>",
        "4",
        "4bbbbb",
        "4<enter>",
        "4<enter>p",
        "8",
        "4?",
        ":",
        "4a",
        "0",
        "0j",
    ] {
        let mut bench = Bench::compared();
        bench.reviewed();
        bench.event(Event::Session(SessionEvent::RunSaved { number: 5, trend: trend() }));
        followed(&mut bench);
        bench.state.look.ascii = true;
        bench.keys(keys);
        for size in SIZES {
            let shown = text(&frame(&mut bench, &theme("terminal"), size));
            // The names of the cluster are its own.
            let odd = shown.chars().find(|c| !c.is_ascii() && !"日本語ø•".contains(*c));
            assert_eq!(odd, None, "after {keys:?} at {size:?}:\n{shown}");
        }
    }
}

/// How a workbench comes to a list without rows.
type Make = Box<dyn Fn() -> Bench>;

/// After these events and keys, at first with no cluster.
fn bare(keys: &'static str, events: Vec<Event>) -> Make {
    Box::new(move || {
        let mut bench = Bench::new(false);
        for event in &events {
            bench.event(event.clone());
        }
        bench.keys(keys);
        bench
    })
}

/// After these keys.
fn keyed(make: fn() -> Bench, keys: &'static str) -> Make {
    Box::new(move || {
        let mut bench = make();
        bench.keys(keys);
        bench
    })
}

fn error(what: &str, why: &str, next: &str) -> UserError {
    UserError { what: what.into(), why: why.into(), next: next.into() }
}

/// While the first run is under way.
fn running() -> Bench {
    let mut bench = unrun();
    bench.event(Event::Run(RunEvent::Started { id: 7, total: 9 }));
    bench
}

fn empty_lists() -> Vec<(&'static str, Make)> {
    let dead = error(
        "The cluster cannot be read.",
        "10.0.0.1:6443 refuses the connection.",
        "Choose another cluster (c), or look at the demo (:demo).",
    );
    let none = error(
        "There is no kubeconfig.",
        "/home/auditor/.kube/config does not exist.",
        "Name one with --kubeconfig or $KUBECONFIG, or assess manifests with --file.",
    );
    let connecting = SourceEvent::Connecting { context: "prod-eu".into() };
    vec![
        ("no cluster is chosen", bare("2", vec![])),
        ("connecting", bare("2", vec![Event::Source(connecting)])),
        ("the cluster cannot be read", bare("2", vec![Event::Source(SourceEvent::Failed(dead))])),
        ("findings before a run", keyed(unrun, "4")),
        ("findings while the first run is under way", keyed(running, "4")),
        ("rows hidden by the filter", keyed(Bench::assessed, "4/zzzz<enter>")),
        ("findings where none is", keyed(Bench::idle, "4")),
        ("findings where nothing may be read", keyed(Bench::refused, "4")),
        ("an object without a finding", keyed(Bench::assessed, "2<enter>G<enter><tab>")),
        ("the heat map before a run", keyed(unrun, "gh")),
        ("no matrix among the frameworks", keyed(Bench::assessed, "5")),
        ("messages", bare("gl", vec![])),
        ("review before a run", keyed(unrun, "0")),
        ("access while it is worked out", keyed(Bench::assessed, "6")),
        ("network while it is worked out", keyed(Bench::assessed, "7")),
        ("fleet without a kubeconfig", bare("gx", vec![Event::Contexts(Err(none))])),
        ("tenants before a run", keyed(unrun, "gt")),
    ]
}

/// Every way in which a list can have no rows: what is said, why, and which key leads on.
#[test]
fn every_empty_state_says_what_and_why_and_what_next() {
    let mut out = String::new();
    for (name, make) in empty_lists() {
        for size in [(80, 24), (120, 40)] {
            let shown = text(&frame(&mut make(), &theme("terminal"), size));
            let lines: Vec<&str> = shown.lines().filter(|line| !line.trim().is_empty()).collect();
            write!(out, "== {name}, {}x{}\n{}\n", size.0, size.1, lines.join("\n")).unwrap();
        }
    }
    insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => "../snapshots", omit_expression => true}, {
        insta::assert_snapshot!("empty-states", out);
    });
}

/// A cluster that was read, and that no check has looked at.
fn unrun() -> Bench {
    let mut bench = Bench::new(false);
    bench.event(Event::Source(SourceEvent::Connecting { context: "prod-eu".into() }));
    bench.objects(inventory());
    bench.event(Event::Source(SourceEvent::Live));
    bench
}
