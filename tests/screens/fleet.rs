//! Several clusters side by side: begun, read, compared, opened and come back from.

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll::app::effect::{Effect, FleetOrder, SourceChoice};
use plimsoll::app::event::{
    ClusterStep, ContextInfo, Event, FleetEvent, FleetNews, SourceEvent, UserError,
};
use plimsoll::app::fleet::{ClusterPhase, FleetCounts, FleetPage};
use plimsoll::app::item::Item;
use plimsoll::app::route::Screen;
use plimsoll::config::context::{Badge, Tone};
use plimsoll::frameworks::Counts;
use plimsoll::frameworks::fleet::{ClusterCard, ClusterScore, Reads, Standing};
use plimsoll::model::inventory::SourceInfo;
use plimsoll::model::read::{Read, ReadStatus};

use super::fixture::Bench;
use super::frames::{check, frame, text, theme};

fn context(name: &str) -> ContextInfo {
    ContextInfo {
        name: name.into(),
        server: format!("https://{name}.example:6443"),
        user: "auditor".into(),
        plugin: if name == "prod-us" { "aws eks get-token".into() } else { String::new() },
        ..ContextInfo::default()
    }
}

fn score(family: &str, version: &str, [pass, fail, unknown]: [usize; 3]) -> ClusterScore {
    let counts = Counts { pass, fail, not_assessed: unknown, ..Counts::default() };
    ClusterScore {
        id: format!("{family}-{version}"),
        family: family.into(),
        version: version.into(),
        title: format!("{} benchmark", family.to_uppercase()),
        short: family.to_uppercase(),
        score: counts.score(),
        counts,
        ..ClusterScore::default()
    }
}

/// What `prod-eu` or another cluster comes to.
fn card(name: &str) -> ClusterCard {
    let eu = name == "prod-eu";
    let forbidden = Read {
        resource: "rbac.authorization.k8s.io/v1/rolebindings".into(),
        kind: None,
        namespace: None,
        status: ReadStatus::Forbidden,
        items: 0,
        message: None,
        millis: None,
    };
    let matrix = ClusterScore {
        matrix: true,
        score: None,
        counts: Counts { exposed: 7, mitigated: 2, ..Counts::default() },
        ..score("attack", "1", [0, 0, 0])
    };
    let checks = [
        ("privileged", if eu { Standing::Fail } else { Standing::Pass }, usize::from(eu) * 3),
        ("wildcard-role", if eu { Standing::Fail } else { Standing::NotAssessed }, usize::from(eu)),
        ("run-as-root", Standing::Fail, 4),
    ];
    ClusterCard {
        name: name.into(),
        source: SourceInfo {
            kubernetes: Some(if eu { "v1.35.2" } else { "v1.33.4" }.into()),
            ..SourceInfo::default()
        },
        provider: Some(if eu { "eks" } else { "gke" }.into()),
        findings: [usize::from(eu) * 3, 4, 12, 0, 0].into(),
        platform: 5,
        undecided_checks: if eu { 0 } else { 9 },
        reads: Reads { asked: 40, missing: if eu { vec![] } else { vec![forbidden] } },
        frameworks: vec![
            score("cis", if eu { "2.0.1" } else { "1.12.0" }, [60, 20, if eu { 0 } else { 11 }]),
            score("pss", "1.36", [8, 4, 0]),
            score("nsa", "1.2", [10, 10, 4]),
            matrix,
        ],
        checks: checks
            .into_iter()
            .map(|(id, s, n)| (Arc::from(id), (s, n)))
            .collect::<BTreeMap<_, _>>(),
        ..ClusterCard::default()
    }
}

fn news(bench: &mut Bench, name: &str, asked: u64, news: FleetNews) {
    bench.event(Event::Fleet(FleetEvent { name: name.into(), asked, news }));
}

fn refused() -> UserError {
    UserError {
        what: "cannot read the cluster at https://lab.example:6443".into(),
        why: "no connection: Connection refused".into(),
        next: "Check that the cluster runs and that network and VPN lead to it.".into(),
    }
}

/// Four clusters: two judged, one that is read, one that cannot be reached.
pub fn fleet() -> Bench {
    let mut bench = Bench::new(false);
    let prod = Badge { label: Some("PROD".into()), tone: Tone::Danger };
    bench.state.look.badges = vec![("prod-*".into(), prod)];
    let names = ["prod-eu", "prod-us", "staging", "lab"];
    bench.event(Event::Contexts(Ok(names.map(context).to_vec())));
    bench.event(Event::Together(names.map(context).to_vec()));
    news(&mut bench, "prod-eu", 1, FleetNews::Judged(Box::new(card("prod-eu"))));
    news(&mut bench, "prod-us", 1, FleetNews::Judged(Box::new(card("prod-us"))));
    news(&mut bench, "staging", 1, FleetNews::Step(ClusterStep::Reading { done: 12, planned: 40 }));
    news(&mut bench, "lab", 1, FleetNews::Failed(refused()));
    bench.wait(60_000);
    bench
}

fn here(bench: &Bench) -> String {
    match &bench.state.nav.top().list.current().unwrap().item {
        Item::Cluster(cluster) => cluster.context.name.clone(),
        Item::Difference(differs) => differs.check.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_pages_of_several_clusters() {
    check("fleet", &mut fleet());
    let mut bench = fleet();
    bench.keys("G");
    check("fleet-not-read", &mut bench);
    let mut bench = fleet();
    bench.keys("<tab>j");
    check("fleet-frameworks", &mut bench);
    bench.keys("<tab>");
    check("fleet-differs", &mut bench);
    bench.keys("<tab>");
    check("fleet-choose", &mut bench);
}

#[test]
fn two_contexts_of_one_cluster_are_said_to_be_one() {
    let mut bench = fleet();
    let same = |name: &str| {
        let mut card = card(name);
        card.source.cluster_uid = Some("uid".into());
        FleetNews::Judged(Box::new(card))
    };
    let drawn = |bench: &mut Bench, size| text(&frame(bench, &theme("terminal"), size));
    assert!(!drawn(&mut bench, (80, 24)).contains("prod-eu and prod-us are"));
    news(&mut bench, "prod-eu", 1, same("prod-eu"));
    news(&mut bench, "prod-us", 1, same("prod-us"));
    for size in [(80, 24), (120, 40)] {
        let shown = drawn(&mut bench, size);
        assert!(shown.contains("prod-eu and prod-us are one"), "{shown}");
    }
    bench.keys("<tab><tab>");
    let shown = drawn(&mut bench, (80, 24));
    let sentence = "prod-eu and prod-us are one and the same cluster, seen twice.";
    assert!(shown.contains(sentence), "{shown}");
}

#[test]
fn before_any_cluster_is_chosen_the_contexts_stand_there() {
    let mut bench = Bench::new(false);
    bench.event(Event::Contexts(Ok(["prod-eu", "prod-us"].map(context).to_vec())));
    bench.keys("gx");
    check("fleet-empty", &mut bench);
    bench.taken();
    bench.keys("  <enter>");
    let names = vec!["prod-eu".to_owned(), "prod-us".to_owned()];
    assert_eq!(bench.taken(), [Effect::Fleet(FleetOrder::Read { names, asked: 1 })]);
    assert_eq!(bench.state.fleet.clusters.len(), 2);
    assert_eq!(here(&bench), "prod-eu");
    let said: Vec<String> = bench.state.messages.all().iter().map(|m| m.lines.join(" ")).collect();
    assert!(said.iter().any(|m| m.contains("aws eks get-token")), "{said:?}");
}

#[test]
fn contexts_marked_at_the_start_are_put_side_by_side_and_one_alone_is_opened() {
    let mut bench = Bench::new(true);
    bench.event(Event::Contexts(Ok(["prod-eu", "prod-us", "lab"].map(context).to_vec())));
    bench.keys(" j <enter>");
    let effects = bench.taken();
    let [Effect::Fleet(FleetOrder::Read { names, .. })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(names, &["prod-eu", "lab"]);
    let mut bench = Bench::new(true);
    bench.event(Event::Contexts(Ok(["prod-eu", "lab"].map(context).to_vec())));
    bench.taken();
    bench.keys("j<enter>");
    assert_eq!(bench.taken(), [Effect::Connect(SourceChoice::Context("lab".into()))]);
}

#[test]
fn a_cluster_is_opened_and_escape_comes_back_to_its_row() {
    let mut bench = fleet();
    bench.taken();
    bench.keys("j<enter>");
    assert_eq!(bench.taken(), [Effect::Connect(SourceChoice::Context("prod-us".into()))]);
    bench.event(Event::Source(SourceEvent::Connecting { context: "prod-us".into() }));
    assert_eq!(bench.state.nav.top().screen, Screen::Overview);
    bench.keys("4<esc>gx");
    assert_eq!(bench.state.nav.top().screen, Screen::Overview, "where it was left");
    bench.keys("<esc>");
    assert_eq!(bench.state.nav.top().screen, Screen::Fleet(FleetPage::Clusters));
    assert_eq!(here(&bench), "prod-us");
    let counts = FleetCounts { judged: 2, failed: 1, all: 4 };
    assert_eq!(bench.state.fleet.counts(), counts);
    bench.taken();
    bench.keys("<enter>");
    assert_eq!(bench.taken(), [], "it is open already");
    bench.keys("<esc>k<enter>");
    bench.event(Event::Source(SourceEvent::Connecting { context: "prod-eu".into() }));
    bench.keys("<esc>");
    assert_eq!(here(&bench), "prod-eu");
}

#[test]
fn one_is_read_again_and_stopped_and_late_answers_count_no_more() {
    let mut bench = fleet();
    bench.taken();
    bench.keys("GR");
    let again = FleetOrder::Read { names: vec!["lab".into()], asked: 2 };
    assert_eq!(bench.taken(), [Effect::Fleet(again)]);
    news(&mut bench, "lab", 1, FleetNews::Failed(refused()));
    let phase = |bench: &Bench, at: usize| bench.state.fleet.clusters[at].phase.clone();
    assert_eq!(phase(&bench, 3), ClusterPhase::default(), "the answer was one to the order before");
    bench.keys("x");
    assert_eq!(bench.taken(), [Effect::Fleet(FleetOrder::Stop(vec!["lab".into()]))]);
    assert_eq!((phase(&bench, 3), phase(&bench, 2).is_busy()), (ClusterPhase::Stopped, true));
    bench.keys("x");
    assert_eq!(bench.taken(), [Effect::Fleet(FleetOrder::Stop(vec!["staging".into()]))]);
    bench.keys("x");
    assert_eq!(bench.taken(), [], "nothing is under way");
}

#[test]
fn clusters_are_filtered_and_sorted_and_the_unread_come_last() {
    let mut bench = fleet();
    bench.keys("/lab<enter>");
    assert_eq!(here(&bench), "lab");
    bench.keys("<esc>sssgg");
    let order: Vec<String> = bench
        .state
        .nav
        .top()
        .list
        .shown()
        .filter_map(|row| match &row.item {
            Item::Cluster(cluster) => Some(cluster.context.name.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(order[..2], ["prod-eu", "prod-us"], "by findings, the worst first");
}

#[test]
fn what_differs_opens_its_check_and_the_unknown_stands_apart() {
    let mut bench = fleet();
    bench.keys("<tab><tab>");
    let found: Vec<(String, bool)> =
        bench.state.fleet.differences.iter().map(|d| (d.check.to_string(), d.certain)).collect();
    assert_eq!(found, [("privileged".to_owned(), true), ("wildcard-role".to_owned(), false)]);
    bench.keys("<enter>");
    assert!(matches!(bench.state.nav.top().screen, Screen::Check(_)));
    bench.keys("<esc>");
    assert_eq!(bench.state.nav.top().screen, Screen::Fleet(FleetPage::Differs));
}

#[test]
fn every_size_of_several_clusters_can_be_drawn() {
    let theme = theme("terminal");
    for keys in
        ["", "G", "<tab>", "<tab>lllj", "<tab><tab>", "<tab><tab><tab> j ", "/prod", "s", "?"]
    {
        let mut bench = fleet();
        bench.keys(keys);
        for width in (0..=40).chain([79, 80, 119, 120, 200, 400]) {
            for height in (0..=26).chain([40, 60]) {
                frame(&mut bench, &theme, (width, height));
            }
        }
    }
}
