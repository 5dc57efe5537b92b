//! What people expect who come from other tools, or for the first time: names that they know, screens
//! that explain themselves, keys that do no harm.

use std::sync::Arc;

use plimsoll::app::dialog::Popup;
use plimsoll::app::effect::Effect;
use plimsoll::app::event::{Event, RunEvent, SessionEvent};
use plimsoll::app::item::Item;
use plimsoll::app::keymap::KeyMode;
use plimsoll::app::route::{Screen, Subset, View};
use plimsoll::model::inventory::Inventory;
use plimsoll::source::files::{Options, from_text};
use plimsoll::source::written::written;

use super::fixture::{Bench, found, inventory, kind, sessions};
use super::frames::{check, frame, text, theme};

fn screen(bench: &Bench) -> &Screen {
    &bench.state.nav.top().screen
}

fn drawn(bench: &mut Bench, size: (u16, u16)) -> String {
    text(&frame(bench, &theme("terminal"), size))
}

fn said(bench: &Bench) -> String {
    bench.state.messages.all().last().map(|m| m.lines.join(" ")).unwrap_or_default()
}

fn title(bench: &Bench) -> String {
    match bench.state.popups.last() {
        Some(Popup::Picker(picker)) => picker.title.clone(),
        _ => String::new(),
    }
}

/// Whatever begins with a key is listed as soon as it is pressed, with the next key; each entry is also
/// chosen by it, and Esc forgets the first.
#[test]
fn the_first_of_two_keys_shows_what_may_follow_and_esc_leaves_it() {
    let mut bench = Bench::assessed();
    bench.keys("4");
    let list = bench.state.nav.depth();
    bench.keys("g");
    assert_eq!(title(&bench), "Go to");
    let menu = drawn(&mut bench, (100, 30));
    for (key, words) in [("g", "first row"), ("h", "by namespace and framework"), ("l", "messages")]
    {
        let row = menu.lines().find(|line| line.contains(words)).expect(words);
        let inside = row.split('│').find(|part| part.contains(words)).expect(words);
        assert!(inside.trim_start_matches([' ', '▸']).starts_with(key), "{row}");
    }
    bench.keys("<esc>");
    assert!(bench.state.popups.is_empty());
    assert_eq!((screen(&bench), bench.state.nav.depth()), (&Screen::Findings(Subset::All), list));
    // What came after it means what it means alone.
    bench.keys("gl");
    assert_eq!(screen(&bench), &Screen::Messages);
}

#[test]
fn a_finding_says_on_a_small_screen_what_is_wrong_and_which_key_leads_on() {
    let mut bench = Bench::assessed();
    bench.keys("4<enter>");
    let shown = drawn(&mut bench, (80, 24));
    for part in ["container app runs privileged", "Triage   open", "Why      ", "◀ fails"] {
        assert!(shown.contains(part), "no {part}:\n{shown}");
    }
    let footer = shown.lines().last().unwrap().trim_start().to_owned();
    assert!(footer.starts_with("tab why and fix"), "{footer}");
    assert_eq!(
        shown.matches("tab why and fix").count(),
        2,
        "beside the decision as well:\n{shown}"
    );
    bench.keys("<tab>");
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains("Set privileged to false"), "{shown}");
    assert!(shown.lines().last().unwrap().trim_start().starts_with("tab YAML"), "{shown}");
    // At 40x10 what is wrong still stands over it; where all is in sight, nothing is said twice.
    bench.keys("<tab>");
    let shown = drawn(&mut bench, (40, 10));
    assert!(shown.contains("container app runs privileged") && shown.contains("◀"), "{shown}");
    let wide = drawn(&mut bench, (120, 40));
    assert_eq!(wide.matches("container app runs privileged").count(), 1, "{wide}");
    assert_eq!(wide.matches("why and fix").count(), 1, "the footer says where tab leads:\n{wide}");
}

/// The fixture's objects, and a pod that a Deployment makes by way of a `ReplicaSet`.
fn with_owned_pod() -> Inventory {
    let more = "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata:\n  name: web-7d9\n  namespace: pay\n  \
                ownerReferences:\n  - {apiVersion: apps/v1, kind: Deployment, name: web, uid: u1, \
                controller: true}\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web-7d9-xyz\n  \
                namespace: pay\n  ownerReferences:\n  - {apiVersion: apps/v1, kind: ReplicaSet, \
                name: web-7d9, uid: u2, controller: true}\n";
    let base = inventory();
    let more = from_text("x.yaml", more, &Options::default());
    let mut objects: Vec<_> = base.objects().cloned().collect();
    // They come from the cluster like the others.
    objects.extend(more.objects().map(|object| {
        let mut object = (**object).clone();
        object.origin = None;
        Arc::new(object)
    }));
    Inventory::new(base.source.clone(), objects, base.reads.clone())
}

#[test]
fn an_object_that_a_workload_made_leads_to_the_findings_of_the_workload() {
    let mut bench = Bench::assessed();
    bench.objects(with_owned_pod());
    bench.keys(":pods<enter>/xyz<enter>");
    let shown = drawn(&mut bench, (80, 24));
    let row = shown.lines().find(|line| line.contains("web-7d9-xyz")).unwrap();
    let words: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(words[words.len() - 4..], ["1", "0", "1", "1"], "{row}");
    let wide = drawn(&mut bench, (200, 60));
    assert!(wide.contains("of Deployment/web"), "{wide}");
    bench.keys("<enter>");
    // Once: where there is a pane, it is said there.
    for size in [(80, 24), (120, 40)] {
        let shown = drawn(&mut bench, size);
        assert!(shown.contains("3 findings, kept at Deployment/web ⏎"), "{shown}");
        assert_eq!(shown.matches("kept at").count(), 1, "{shown}");
    }
    check("object-of-a-workload", &mut bench);
    bench.keys("<enter>");
    let Screen::Findings(Subset::Owner(Some(owner))) = screen(&bench) else { panic!() };
    assert_eq!(owner.to_string(), "Deployment/pay/web");
    assert_eq!(bench.state.nav.top().list.total(), 3, "as many as were told");
    // From the list beside the text it is one Enter as well, and a replica set is no other.
    bench.keys("<esc><tab><enter>");
    assert!(matches!(screen(&bench), Screen::Findings(Subset::Owner(Some(_)))));
    bench.keys(":rs<enter><enter>");
    assert!(drawn(&mut bench, (80, 24)).contains("3 findings, kept at Deployment/web ⏎"));
    // What nobody made has its own, and nothing leads elsewhere.
    bench.keys(":deploy<enter>/web<enter><enter><enter>");
    assert!(matches!(screen(&bench), Screen::Object(_)));
    assert!(drawn(&mut bench, (80, 24)).contains("   3 findings"));
}

#[test]
fn kinds_are_opened_by_the_names_that_kubectl_and_k9s_have_for_them() {
    for (typed, name) in [
        ("pods", "Pod"),
        ("po", "Pod"),
        ("pod", "Pod"),
        ("deploy", "Deployment"),
        ("dp", "Deployment"),
        ("DEPLOYMENTS", "Deployment"),
        ("ns", "Namespace"),
        ("svc", "Service"),
        ("cm", "ConfigMap"),
        ("sec", "Secret"),
        ("ds", "DaemonSet"),
    ] {
        let mut bench = Bench::assessed();
        bench.keys(&format!(":{typed}<enter>"));
        let opened = matches!(screen(&bench), Screen::Objects(k) if *k.kind == *name);
        assert!(opened, ":{typed} opened {:?}", screen(&bench));
    }
    let mut bench = Bench::assessed();
    bench.keys(":netpol<enter>");
    assert_eq!(screen(&bench), &Screen::Objects(kind("NetworkPolicy")));
}

#[test]
fn what_is_called_so_comes_before_what_only_sounds_like_it() {
    let mut bench = Bench::assessed();
    bench.keys(":fx-nsa<enter>");
    assert!(matches!(screen(&bench), Screen::Framework(id) if &**id == "fx-nsa"));
    bench.keys(":fx-privileged<enter>");
    assert!(matches!(screen(&bench), Screen::Check(id) if &**id == "fx-privileged"));
    bench.keys(":ns pay<enter>");
    assert_eq!(bench.state.data.namespace.as_deref(), Some("pay"));
}

#[test]
fn q_leaves_by_name_as_it_does_by_key() {
    for typed in ["q", "q!", "quit", "exit"] {
        let mut bench = Bench::assessed();
        bench.keys(":");
        bench.taken();
        bench.keys(&format!("{typed}<enter>"));
        assert_eq!(bench.taken(), [Effect::Quit], "{typed}");
    }
}

#[test]
fn a_few_letters_begin_nothing_without_a_question() {
    let mut bench = Bench::assessed();
    let info = sessions().remove(0);
    bench.event(Event::Session(SessionEvent::Opened {
        info,
        ledger: Arc::default(),
        notes: Vec::new(),
        trend: Vec::new(),
    }));
    bench.keys(":newsess<enter>");
    assert!(!bench.taken().contains(&Effect::NewSession));
    assert_eq!(title(&bench), "Begin a new session?");
    bench.keys("<enter>");
    assert_eq!(bench.taken(), [], "the default is no");
    bench.keys(":newsess<enter>y");
    assert!(bench.taken().contains(&Effect::NewSession));
    assert!(said(&bench).contains("A new session begins"), "{}", said(&bench));
    // Whoever types the name means it, and is told what became of the one before.
    bench.keys(":new-session<enter>");
    assert!(bench.taken().contains(&Effect::NewSession) && bench.state.popups.is_empty());
    assert!(said(&bench).contains("9 lists it"), "{}", said(&bench));
}

/// A bench with a manifest, one finding in it, and the directory that holds it.
pub fn with_file() -> (Bench, tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("web.yaml").to_string_lossy().into_owned();
    let text = "# The web server.\n# Owned by team pay.\n---\napiVersion: apps/v1\nkind: Deployment\n\
                metadata:\n  # The only one.\n  name: web\n  namespace: pay\nspec:\n  template:\n    \
                spec:\n      containers:\n        - name: app\n          securityContext:\n            \
                # For the sake of backups.\n            privileged: true\n";
    std::fs::write(&path, text).unwrap();
    let found = plimsoll::source::files::read(std::slice::from_ref(&path), &Options::default());
    let mut bench = Bench::assessed();
    bench.objects(found.unwrap());
    (bench, dir, path)
}

/// Answers what was asked of a file.
fn read_text(bench: &mut Bench) {
    let asked = bench.effects.iter().rev().find_map(|effect| match effect {
        Effect::ReadText(id) => Some(id.clone()),
        _ => None,
    });
    let id = asked.expect("the text of the file is asked for");
    let yaml = bench.state.data.inventory.find(&id).and_then(|object| written(object));
    bench.event(Event::Written(id, yaml.map(Arc::new)));
}

#[test]
fn what_comes_from_a_file_is_shown_as_it_stands_there() {
    let (mut bench, _dir, path) = with_file();
    bench.keys("4<enter>");
    // Until the file is read there are no numbers that would be those of something else.
    let shown = drawn(&mut bench, (80, 24));
    let marked = shown.lines().find(|line| line.starts_with('▶')).unwrap();
    assert!(!marked.chars().any(|c| c.is_ascii_digit()), "{marked}");
    read_text(&mut bench);
    let shown = drawn(&mut bench, (200, 60));
    let marked = shown.lines().find(|line| line.starts_with('▶')).unwrap();
    assert!(marked.contains("17  ") && marked.contains("privileged: true"), "{marked}");
    assert!(shown.contains("# For the sake of backups."), "{shown}");
    assert!(shown.contains("web.yaml:17"), "{shown}");
    bench.taken();
    bench.keys("e");
    assert_eq!(bench.taken(), [Effect::Edit { file: path.as_str().into(), line: 17 }]);
    // The object is the same text; it is read once.
    bench.effects.clear();
    bench.keys("o");
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains("  4  apiVersion: apps/v1"), "{shown}");
    assert!(!bench.effects.iter().any(|effect| matches!(effect, Effect::ReadText(_))));
    // A copy for the pager is what is on the screen.
    bench.keys("v");
    let effects = bench.taken();
    let [Effect::View { text, editor: false, .. }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert!(text.contains("# The only one."), "{text}");
}

#[test]
fn a_file_that_changed_or_hides_something_names_its_place_and_no_numbers() {
    let (mut bench, _dir, path) = with_file();
    std::fs::write(&path, "kind: Other\n").unwrap();
    bench.keys("4<enter>");
    read_text(&mut bench);
    let shown = drawn(&mut bench, (200, 60));
    assert!(shown.contains("web.yaml:17"), "{shown}");
    let marked = shown.lines().find(|line| line.starts_with('▶')).unwrap();
    let before = marked.split("privileged").next().unwrap();
    assert!(!before.chars().any(|c| c.is_ascii_digit()), "{marked}");
    bench.taken();
    bench.keys("e");
    assert_eq!(bench.taken(), [Effect::Edit { file: path.as_str().into(), line: 17 }]);
}

#[test]
fn what_to_mend_first_and_the_preview_count_the_same() {
    let mut bench = Bench::assessed();
    let row = |bench: &mut Bench, name: &str| {
        let shown = drawn(bench, (80, 24));
        let from = shown.find("What to mend first").unwrap();
        let all = shown.get(from..).unwrap().lines().find(|line| line.contains(name));
        all.map(str::to_owned).unwrap_or_default()
    };
    let web = row(&mut bench, "pay/web");
    assert!(web.contains("1 of 3"), "{web}");
    bench.keys("<tab>");
    bench.previewed("p");
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains("patches 1 of 3 findings; clears"), "{shown}");
}

#[test]
fn a_framework_opens_on_its_first_control_and_not_on_a_heading() {
    let mut bench = Bench::assessed();
    bench.keys("3<enter>");
    let list = &bench.state.nav.top().list;
    assert!(matches!(list.rows()[0].item, Item::Part { .. }), "it has parts");
    assert!(matches!(list.current().unwrap().item, Item::Control { .. }));
    bench.keys("<enter>");
    assert!(matches!(screen(&bench), Screen::Control { .. }));
    // The heading is still there to be folded.
    bench.keys("<esc><home><enter>");
    assert!(matches!(screen(&bench), Screen::Framework(_)));
}

#[test]
fn a_message_that_is_long_is_shown_whole() {
    let mut bench = Bench::assessed();
    bench.keys("4/mounts<enter>p");
    let shown = drawn(&mut bench, (80, 24));
    let text = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(&said(&bench)), "{}\n{shown}", said(&bench));
    bench.reviewed();
    bench.keys("0A");
    let shown = drawn(&mut bench, (80, 24));
    assert!(shown.contains("tab leads to the questions."), "{shown}");
    bench.keys("<tab>A");
    assert!(matches!(bench.state.popups.last(), Some(Popup::Picker(_))));
}

#[test]
fn typing_replaces_a_day_that_was_offered() {
    let mut bench = Bench::assessed();
    bench.keys("4a");
    bench.keys("needed<tab>");
    assert!(drawn(&mut bench, (80, 24)).contains("typing replaces it"));
    bench.keys("30d<tab><tab><enter>");
    let effects = bench.taken();
    let [Effect::Decide { decision, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(decision.expires.as_deref(), Some("2026-12-24"));
}

#[test]
fn a_session_of_somebody_else_is_marked_at_every_width() {
    let mut bench = Bench::assessed();
    let holder = "pid 4711 on host-a".into();
    bench.event(Event::Session(SessionEvent::ReadOnly { holder }));
    bench.wait(60_000);
    for size in [(80, 24), (120, 40), (200, 60)] {
        let shown = drawn(&mut bench, size);
        assert!(shown.lines().next().unwrap().contains("read-only"), "{size:?}:\n{shown}");
    }
}

#[test]
fn control_c_asks_before_it_throws_away_what_was_typed() {
    let mut bench = Bench::assessed();
    bench.keys("4a");
    bench.keys("because<ctrl-c>");
    assert_eq!(bench.taken(), []);
    assert!(title(&bench).contains("would be lost"), "{}", title(&bench));
    bench.keys("n");
    let Some(Popup::Form(form)) = bench.state.popups.last() else { panic!("the form is gone") };
    assert_eq!(form.value("Reason"), "because");
    bench.keys("<ctrl-c>y");
    assert_eq!(bench.taken(), [Effect::Quit]);
    // Twice at once it asks nothing, and a form that nobody began is nothing to lose.
    let mut bench = Bench::assessed();
    bench.keys("4a");
    bench.keys("x<ctrl-c><ctrl-c>");
    assert_eq!(bench.taken(), [Effect::Quit]);
    let mut bench = Bench::assessed();
    bench.keys("4a<ctrl-c>");
    assert_eq!(bench.taken(), [Effect::Quit]);
}

#[test]
fn keys_do_nothing_on_a_screen_that_shows_nothing() {
    let mut bench = Bench::assessed();
    bench.event(Event::Resize(20, 5));
    bench.keys("4<enter>a?x:new-session<enter>");
    assert_eq!(bench.taken(), []);
    assert_eq!((screen(&bench), bench.state.popups.len()), (&Screen::Overview, 0));
    bench.event(Event::Resize(39, 24));
    bench.keys("4");
    assert_eq!(screen(&bench), &Screen::Overview);
    bench.keys("q");
    assert_eq!(bench.taken(), [Effect::Quit], "it can be left");
    bench.event(Event::Resize(40, 10));
    bench.keys("4");
    assert!(matches!(screen(&bench), Screen::Findings(_)));
}

#[test]
fn a_preview_takes_the_place_of_another() {
    let mut bench = Bench::assessed();
    bench.previewed("4<enter>p");
    let depth = bench.state.nav.depth();
    // On a row of the preview that has a patch.
    bench.keys("/runs privileged<enter>p");
    assert_eq!(bench.state.nav.depth(), depth);
    assert!(matches!(screen(&bench), Screen::Preview(_)));
    bench.keys("<esc>");
    assert!(matches!(screen(&bench), Screen::Finding(_)));
}

/// What was said last.
fn last_said(bench: &Bench) -> String {
    bench.state.messages.all().last().map(|m| m.lines.join(" ")).unwrap_or_default()
}

#[test]
fn marks_are_taken_back_and_made_again_before_any_decision_is() {
    let mut bench = Bench::assessed();
    let marked = |bench: &Bench| bench.state.nav.top().list.marked();
    bench.keys("4<space>");
    let all = bench.state.nav.top().list.total();
    bench.keys("*");
    assert_eq!(marked(&bench), all);
    bench.taken();
    bench.keys("u");
    assert_eq!(marked(&bench), 1);
    assert_eq!(last_said(&bench), "1 marked; U marks as before.");
    bench.keys("U");
    assert_eq!(marked(&bench), all);
    // Esc, pressed once too often, loses nothing either.
    bench.keys("<esc>");
    assert_eq!(marked(&bench), 0);
    bench.keys("uuu");
    assert_eq!((marked(&bench), bench.taken()), (0, vec![]), "no decision was touched");
    bench.event(Event::Session(SessionEvent::Turns { back: true, again: false }));
    bench.keys("u");
    assert_eq!(bench.taken(), [Effect::Undo], "now it is about decisions");
    // What was decided since is taken back first.
    bench.keys("4<space>j<space>i");
    bench.taken();
    bench.keys("u");
    assert_eq!(bench.taken(), [Effect::Undo]);
}

#[test]
fn marks_that_are_taken_back_leave_out_rows_that_are_gone() {
    let mut bench = Bench::assessed();
    bench.keys("4*");
    let all = bench.state.nav.top().list.marked();
    bench.keys("<esc>");
    let mut left = found();
    left.truncate(2);
    bench.follow(left);
    bench.keys("u");
    let list = &bench.state.nav.top().list;
    assert!(list.marked() < all && list.marked() > 0, "{} of {all}", list.marked());
    assert_eq!((list.marked(), list.chosen().count()), (list.total(), list.total()));
}

#[test]
fn a_group_says_how_many_of_its_rows_the_filter_lets_through() {
    let mut bench = Bench::assessed();
    bench.keys("4b");
    assert!(drawn(&mut bench, (120, 40)).contains("Container may run as root  (4)"));
    bench.keys("/ns:shop<enter>");
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("Container may run as root  (2 of 4)"), "{shown}");
    assert!(shown.contains("findings by check") && shown.contains("clear filter"), "{shown}");
}

#[test]
fn objects_are_found_by_the_findings_that_they_show() {
    let mut bench = Bench::assessed();
    bench.keys("2/deploy<enter><enter>");
    let all = bench.state.nav.top().list.matched();
    for (filter, matched) in
        [("check:fx-privileged", 1), ("status:open", all), ("fw:fx-nsa", all), ("check:nothing", 0)]
    {
        bench.keys(&format!("/{filter}<enter>"));
        assert_eq!(bench.state.nav.top().list.matched(), matched, "{filter} of {all}");
        bench.keys("<esc>");
    }
}

/// What the cursor is on can be run, and so can the page that one is on; with what is shown.
#[test]
fn the_menu_of_runs_offers_what_is_under_the_cursor_and_the_page() {
    let mut bench = Bench::assessed();
    let offers = |bench: &mut Bench| -> Vec<String> {
        bench.keys("r");
        let Some(Popup::Picker(picker)) = bench.state.popups.last() else { panic!("no menu") };
        let rest = picker.entries.iter().filter(|entry| !matches!(entry.letter, Some('r' | 'f')));
        let named =
            |label: &str, letter: Option<char>| format!("{} {label}", letter.unwrap_or(' '));
        let all = rest.map(|entry| named(&entry.label, entry.letter)).collect();
        bench.keys("<esc>");
        all
    };
    let on = |bench: &mut Bench, what: fn(&Item) -> bool| {
        let rows = bench.state.nav.top().list.rows().len();
        let here =
            |bench: &Bench| bench.state.nav.top().list.current().is_some_and(|r| what(&r.item));
        bench.keys("gg");
        for _ in 0..rows {
            if here(bench) {
                return;
            }
            bench.keys("j");
        }
        assert!(here(bench), "no such row");
    };
    bench.keys("1");
    on(&mut bench, |item| matches!(item, Item::Mend(_)));
    assert_eq!(offers(&mut bench), ["t On Deployment/pay/web"]);
    on(&mut bench, |item| matches!(item, Item::Theme(_)));
    let shown = offers(&mut bench);
    assert!(shown[0].starts_with("t Checks of ") && shown.len() == 1, "{shown:?}");
    bench.keys("2");
    on(&mut bench, |item| matches!(item, Item::Kind(kind, _) if &*kind.kind == "Deployment"));
    assert_eq!(offers(&mut bench), ["t Checks of Deployment"]);
    bench.keys("<enter>");
    let shown = offers(&mut bench);
    assert_eq!(shown[0], "p Checks of Deployment");
    assert!(shown[1].starts_with("t On Deployment/"), "{shown:?}");
    bench.keys("3<enter>");
    on(&mut bench, |item| matches!(item, Item::Part { .. }));
    let shown = offers(&mut bench);
    assert!(shown[0].starts_with("p ") && shown[1].starts_with("t "), "{shown:?}");
    on(&mut bench, |item| matches!(item, Item::Control { .. }));
    bench.keys("<enter>");
    let shown = offers(&mut bench);
    assert!(shown[0].contains(" Control "), "{shown:?}");
}

#[test]
fn a_term_that_no_row_can_answer_says_so_and_is_not_offered() {
    let mut bench = Bench::assessed();
    // Kinds have neither severity nor framework; findings have both.
    bench.keys("2/");
    let shown = drawn(&mut bench, (120, 40));
    let footer = shown.lines().last().unwrap_or_default();
    assert!(!footer.contains("sev:") && !footer.contains("fw:"), "{footer}");
    bench.keys("sev:high fw:nsa");
    let shown = drawn(&mut bench, (120, 40));
    assert!(
        shown.contains(
            "sev: and fw: ask for what no row here has, so the filter hides all of them."
        ),
        "{shown}"
    );
    bench.keys("<esc>:deploy<enter>/fw:nosuch");
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("hidden by the filter"), "objects have frameworks: {shown}");
    bench.keys("<esc>4/");
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.lines().last().unwrap_or_default().contains("sev:"), "{shown}");
    bench.keys("sev:zzz<esc>");
    let mut start = Bench::new(true);
    start.event(Event::Contexts(Ok(super::fixture::contexts())));
    start.keys("/");
    let shown = drawn(&mut start, (120, 40));
    assert!(!shown.lines().last().unwrap_or_default().contains("sev:"), "{shown}");
}

#[test]
fn blanks_in_the_help_turn_its_page_and_find_everything() {
    let mut bench = Bench::assessed();
    bench.keys("?");
    let first = drawn(&mut bench, (80, 24));
    bench.keys("<space>");
    let next = drawn(&mut bench, (80, 24));
    assert!(first != next && !next.contains("No key does that here"), "{next}");
    bench.keys("freeze<space>");
    assert!(drawn(&mut bench, (80, 24)).contains("Hold live changes back"));
}

#[test]
fn rows_that_stand_for_workloads_say_what_they_are_for() {
    let mut bench = Bench::assessed();
    bench.keys("<tab>");
    assert!(matches!(bench.state.nav.top().list.current().unwrap().item, Item::Mend(_)));
    for keys in ["a", "f", "N"] {
        bench.keys(keys);
        assert!(said(&bench).starts_with("Rows here are workloads: "), "{keys}: {}", said(&bench));
    }
    let mut fleet = Bench::new(false);
    fleet.event(Event::Contexts(Ok(super::fixture::contexts())));
    fleet.keys("gx<tab>");
    assert!(said(&fleet).starts_with("No cluster is read yet"), "{}", said(&fleet));
    let shown = drawn(&mut fleet, (120, 40));
    assert!(!shown.contains("What differs"), "{shown}");
}

#[test]
fn what_is_opened_by_name_stands_in_its_own_view() {
    let mut bench = Bench::assessed();
    bench.keys("3<enter>");
    let framework = screen(&bench).clone();
    bench.keys(":po<enter>");
    assert_eq!(screen(&bench), &Screen::Objects(kind("Pod")));
    assert_eq!(bench.state.nav.view(), View::Objects);
    // The digit leads back to where one was, and not to a list of pods.
    bench.keys("13");
    assert_eq!(screen(&bench), &framework);
    bench.keys(":po<enter><lt>");
    assert_eq!(screen(&bench), &framework, "history leads back");
    bench.keys(":po<enter><esc>");
    assert_eq!(screen(&bench), &Screen::Kinds);
    // A question about rights is asked from anywhere, and answered where rights are.
    bench.keys("4:who-can get pods<enter>");
    assert_eq!(bench.state.nav.view(), View::Access);
}

#[test]
fn a_session_of_somebody_else_says_why_and_that_its_runs_are_not_saved() {
    let mut bench = Bench::assessed();
    let holder = "pid 4711 on host-a".into();
    bench.event(Event::Session(SessionEvent::ReadOnly { holder }));
    // The run of the session, which comes by itself, does not cover it.
    let run = |bench: &mut Bench, id| {
        let result = Arc::clone(bench.state.data.result.as_ref().unwrap());
        let judged = bench.state.data.judged.to_vec().into();
        bench.event(Event::Run(RunEvent::Started { id, total: 6 }));
        bench.event(Event::Run(RunEvent::Finished { id, result, judged, millis: 900 }));
    };
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("pid 4711 on host-a"), "{shown}");
    run(&mut bench, 7);
    assert!(drawn(&mut bench, (120, 40)).contains("pid 4711 on host-a"));
    assert!(said(&bench).contains("It is not saved: the session is open elsewhere."));
    bench.keys("q");
    assert_eq!(bench.taken(), []);
    assert!(title(&bench).contains("not saved and would be lost"), "{}", title(&bench));
    bench.keys("y");
    assert_eq!(bench.taken(), [Effect::Quit]);
}

#[test]
fn a_filter_that_is_kept_is_seen_at_once() {
    let mut bench = Bench::assessed();
    bench.keys("4b/sev:crit<enter>");
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("/ sev:crit") && shown.contains("hidden; esc clears"), "{shown}");
}

#[test]
fn only_what_was_decided_can_be_opened_again() {
    let mut bench = Bench::assessed();
    bench.keys("4d");
    assert!(drawn(&mut bench, (120, 40)).contains("nothing was decided"));
    bench.keys("o");
    assert_eq!(bench.taken(), []);
}

#[test]
fn a_dialog_that_is_longer_than_the_screen_says_so() {
    let mut bench = Bench::assessed();
    bench.keys("g");
    assert!(!drawn(&mut bench, (80, 30)).contains('▼'));
    let shown = drawn(&mut bench, (40, 10));
    let rows = bench.state.keymap.of(KeyMode::GoTo).count();
    let seen = shown.lines().filter(|line| line.ends_with('│')).count();
    assert!(shown.contains(&format!("▼ {} more", rows - seen)), "{shown}");
    bench.keys("<end>");
    assert!(drawn(&mut bench, (40, 10)).contains(&format!("▲ {} more", rows - seen)));
    bench.keys("<esc>?");
    assert!(drawn(&mut bench, (80, 24)).contains("▼"));
}

#[test]
fn a_wide_screen_has_two_columns_of_keys() {
    let mut bench = Bench::assessed();
    bench.keys("4?");
    let shown = drawn(&mut bench, (200, 60));
    let wide = shown.lines().find(|line| line.contains("Decide about the finding")).unwrap();
    assert!(wide.trim_end().ends_with('│'), "{wide}");
    let both = |line: &&str| line.contains("Sort by the next column") && line.contains("ctrl-");
    let both = shown.lines().any(|line| both(&line)) || shown.contains("sev:");
    assert!(both && shown.contains("◆ critical   ▲"), "{shown}");
    assert!(!drawn(&mut bench, (120, 40)).contains("◆ critical   ▲"), "there it is scrolled to");
}

#[test]
fn what_is_said_stands_on_the_rule_which_stays() {
    let mut bench = Bench::assessed();
    let last = |bench: &mut Bench| drawn(bench, (80, 24)).lines().nth(22).unwrap().to_owned();
    assert_eq!(last(&mut bench).chars().next(), Some('─'));
    for (keys, said) in [("4]", "No finding is open"), ("/pay", "/ pay"), ("<enter>", "of")] {
        bench.wait(60_000);
        bench.keys(keys);
        let line = last(&mut bench);
        assert!(line.starts_with("─ ") && line.ends_with('─'), "{line}");
        assert!(line.contains(said), "{line}");
    }
}

#[test]
fn a_session_is_told_beside_the_list_of_sessions() {
    let mut bench = Bench::assessed();
    bench.event(Event::Session(SessionEvent::List(sessions())));
    bench.keys("9j");
    let shown = drawn(&mut bench, (200, 60));
    assert!(shown.contains("open after the last run"), "{shown}");
    assert!(shown.contains("it is this one"), "{shown}");
}
