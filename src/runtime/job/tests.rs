use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;
use crate::runtime::cancel::Token;
use crate::session::run::Selection;
use crate::source::files;

/// Objects of which there are some: pods that are at fault or not, and what other checks look at.
const OBJECTS: [&str; 8] = [
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: pay}\n",
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\ndata: {a: b}\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: pay}\nspec:\n  hostPID: true\n  \
     containers: [{name: app, image: nginx, securityContext: {privileged: true}}]\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: cart, namespace: shop}\nspec:\n  hostNetwork: true\n  \
     containers: [{name: app, image: 'nginx:1'}]\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: db, namespace: pay}\nspec:\n  \
     containers: [{name: app, image: 'nginx:1', securityContext: {runAsNonRoot: true}}]\n",
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: none, namespace: shop}\n\
     spec: {podSelector: {}, policyTypes: [Ingress, Egress]}\n",
    "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: pay}\n",
];

fn inventory(kind: SourceKind, has: u8) -> Arc<Inventory> {
    let there = OBJECTS.iter().enumerate().filter(|(at, _)| has & (1 << at) != 0);
    let text: Vec<&str> = there.map(|(_, text)| *text).collect();
    let mut inventory =
        files::from_text("all.yaml", &text.join("---\n"), &files::Options::default());
    inventory.source.kind = kind;
    inventory.source.closed_world = true;
    Arc::new(inventory)
}

/// The same for all: by other content nothing is known of the objects.
fn content() -> Content {
    static CONTENT: OnceLock<Content> = OnceLock::new();
    CONTENT.get_or_init(Content::builtin).clone()
}

fn asked(selection: &Selection, inventory: &Arc<Inventory>) -> Asked {
    let content = content();
    Asked {
        chosen: content.choose(selection).unwrap(),
        content,
        beside: None,
        slot: None,
        object: None,
        inventory: Arc::clone(inventory),
    }
}

/// What was asked for at first.
fn base() -> Selection {
    Selection { frameworks: vec!["nsa-cisa".to_owned()], ..Selection::default() }
}

fn at(namespaces: &[&str], object: Option<&str>) -> Selection {
    Selection {
        namespaces: namespaces.iter().map(|&ns| ns.to_owned()).collect(),
        object: object.map(str::to_owned),
        ..base()
    }
}

fn parts() -> Vec<Selection> {
    let checks = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect();
    vec![
        at(&["pay"], None),
        at(&["shop"], None),
        at(&["pay"], Some("pod/web")),
        at(&["shop"], Some("pod/gone")),
        Selection { frameworks: Vec::new(), checks: checks(&["host-pid-namespace"]), ..base() },
        Selection {
            frameworks: Vec::new(),
            checks: checks(&["host-port", "image-tag-missing"]),
            ..at(&["pay"], None)
        },
        Selection {
            frameworks: Vec::new(),
            controls: checks(&["pss-baseline/privileged"]),
            ..base()
        },
    ]
}

/// What a run from nothing comes to.
fn from_nothing(selection: &Selection, inventory: &Arc<Inventory>) -> RunResult {
    let content = content();
    let facts = content.facts(Arc::clone(inventory));
    let chosen = content.fit(content.choose(selection).unwrap(), assess::cluster(&facts));
    content.run(&content.plan(&chosen), &chosen, &facts, &Token::default())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(6),
        max_shrink_iters: 20,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_run_of_a_part_tells_what_a_run_from_nothing_tells(
        before in any::<u8>(),
        changes in prop::collection::vec((any::<u8>(), prop::sample::select(parts())), 1..4),
        live in any::<bool>(),
        narrow in prop::option::of(prop::sample::select(vec!["pay", "shop"])),
    ) {
        let kind = if live { SourceKind::Live } else { SourceKind::Files };
        let first = at(narrow.as_slice(), None);
        let (mut shown, mut engine, result) =
            asked(&first, &inventory(kind, before)).run(&Token::default());
        prop_assert!(result.is_some() && engine.is_some() == live);
        for (has, part) in changes {
            let inventory = inventory(kind, has);
            let slot = Arc::new(Slot::default());
            if let Some(engine) = engine.take() {
                slot.put(engine);
            }
            let beside = Some(Arc::clone(&shown));
            let asked = Asked { beside, slot: Some(slot), ..asked(&part, &inventory) };
            let (chosen, learned, result) = asked.run(&Token::default());
            let result = result.unwrap();
            let whole = from_nothing(&chosen.selection, &inventory);
            prop_assert_eq!(&result.checks, &whole.checks);
            prop_assert_eq!(&result.not_assessed, &whole.not_assessed);
            prop_assert!(result.is_same_as(&whole), "{:?}", chosen.selection);
            (shown, engine) = (chosen, learned);
        }
    }
}

#[test]
fn what_is_gone_passes_nothing_and_what_did_not_change_is_as_it_was() {
    let everything = Selection::default();
    let part = Selection { namespaces: vec!["pay".to_owned()], ..Selection::default() };
    let there = inventory(SourceKind::Files, 0b1111);
    let (shown, _, first) = asked(&everything, &there).run(&Token::default());
    let again = |inventory: &Arc<Inventory>| {
        let beside = Some(Arc::clone(&shown));
        let (chosen, _, result) =
            Asked { beside, ..asked(&part, inventory) }.run(&Token::default());
        assert_eq!(chosen.selection, everything);
        result.unwrap()
    };
    assert!(again(&there).is_same_as(&first.unwrap()));
    let without = inventory(SourceKind::Files, 0b0111);
    let result = again(&without);
    assert!(result.is_same_as(&from_nothing(&everything, &without)));
    let counts = result.checks["host-pid-namespace"];
    assert_eq!((counts.pass, counts.fail), (0, 0), "nothing is there to look at");
}

#[test]
fn a_part_of_a_live_cluster_goes_on_with_what_is_known_of_it() {
    let there = inventory(SourceKind::Live, 0xff);
    let slot = Arc::new(Slot::default());
    // By other content nothing is known.
    for (content, goes_on) in [(content(), true), (Content::builtin(), false)] {
        let (shown, engine, first) = asked(&base(), &there).run(&Token::default());
        slot.put(engine.unwrap());
        let (beside, kept) = (Some(shown), Some(Arc::clone(&slot)));
        let part = asked(&at(&["pay"], None), &there);
        let (_, engine, result) =
            Asked { content, beside, slot: kept, ..part }.run(&Token::default());
        let (first, result) = (first.unwrap(), result.unwrap());
        assert!(result.is_same_as(&first) && !first.findings.is_empty());
        // What did not change stays the same allocation where it was not judged again.
        let mut pairs = first.findings.iter().zip(&result.findings);
        assert_eq!(pairs.all(|(before, now)| Arc::ptr_eq(before, now)), goes_on);
        assert!(engine.is_some() && slot.take().is_none());
    }
}

#[test]
fn a_run_that_is_stopped_comes_to_nothing() {
    let stop = crate::runtime::cancel::Cancel::default();
    stop.cancel();
    for kind in [SourceKind::Files, SourceKind::Live] {
        let (_, engine, result) = asked(&base(), &inventory(kind, 0xff)).run(&stop.token());
        assert!(engine.is_none() && result.is_none());
    }
}
