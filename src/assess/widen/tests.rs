use proptest::prelude::*;

use super::*;
use crate::model::finding::Form;
use crate::session::run::AskedBeside;

fn chosen(selection: &Selection) -> Chosen {
    let content = Content::builtin();
    content.fit(content.choose(selection).unwrap(), Cluster::default())
}

fn checks(ids: &[&str]) -> Selection {
    Selection { checks: texts(ids), ..Selection::default() }
}

fn at(namespaces: &[&str], object: Option<&str>) -> Selection {
    let object = object.map(str::to_owned);
    // A few checks are as good as all of them for places.
    Selection { namespaces: texts(namespaces), object, ..checks(&["host-port"]) }
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn with_a_part_of_everything_it_is_everything() {
    let (content, everything) = (Content::builtin(), chosen(&Selection::default()));
    for part in [
        Selection { namespaces: texts(&["pay"]), ..Selection::default() },
        Selection { object: Some("deploy/web".to_owned()), ..Selection::default() },
        checks(&["host-port"]),
        Selection { controls: texts(&["pss-baseline/privileged"]), ..Selection::default() },
    ] {
        let all = content.widen(everything.clone(), chosen(&part));
        assert_eq!(
            (&all.selection, &all.checks, &all.frameworks, &all.scope),
            (&everything.selection, &everything.checks, &everything.frameworks, &everything.scope),
        );
    }
}

#[test]
fn the_checks_of_both_look_at_the_place_of_both() {
    let content = Content::builtin();
    let part = Selection { namespaces: texts(&["shop"]), ..checks(&["host-network-namespace"]) };
    let all = content.widen(chosen(&checks(&["host-port"])), chosen(&part));
    assert_eq!(all.selection, checks(&["host-network-namespace", "host-port"]));
    assert_eq!(all.checks, ["host-network-namespace".into(), "host-port".into()]);
    assert!(all.scope.is_everything());
    assert_eq!(content.renew(&all, &Cluster::default()).unwrap().checks, all.checks);
}

#[test]
fn controls_of_one_framework_come_together() {
    let content = Content::builtin();
    let control = |id: &str| Selection { controls: texts(&[id]), ..Selection::default() };
    let (one, other) = (control("pss-baseline/privileged"), control("pss-baseline/hostPorts"));
    let all = content.widen(chosen(&one), chosen(&other));
    let [pick] = &all.frameworks[..] else { panic!("{:?}", all.frameworks) };
    let ids: Vec<&str> = pick.framework.controls.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids.len(), 2, "{ids:?}");
    let again = content.renew(&all, &Cluster::default()).unwrap();
    assert_eq!(again.frameworks[0].framework, pick.framework);
}

#[test]
fn the_place_is_the_smallest_that_holds_both() {
    let place = |before: &Selection, part: &Selection| {
        let all = Content::builtin().widen(chosen(before), chosen(part));
        (all.selection.namespaces.join(" "), all.selection.object.unwrap_or_default())
    };
    let told = |namespaces: &str, object: &str| (namespaces.to_owned(), object.to_owned());
    assert_eq!(place(&at(&["shop"], None), &at(&["pay"], None)), told("pay shop", ""));
    assert_eq!(place(&at(&["shop"], None), &at(&["shop"], Some("deploy/web"))), told("shop", ""));
    assert_eq!(place(&at(&["shop"], Some("deploy/web")), &at(&["shop"], None)), told("shop", ""));
    assert_eq!(
        place(&at(&["shop"], None), &at(&["pay"], Some("deploy/web"))),
        told("pay shop", "")
    );
    assert_eq!(place(&at(&["shop"], None), &at(&[], None)), told("", ""));
    let web = at(&["shop"], Some("deploy/web"));
    assert_eq!(place(&web, &at(&["shop"], Some("Deployment/web"))), told("shop", "deploy/web"));
    // Nobody asked for everything: it is run alone.
    assert_eq!(place(&at(&["shop"], None), &at(&[], Some("node/a"))), told("", "node/a"));
}

#[test]
fn what_is_off_and_was_asked_for_stays_until_everything_is_run() {
    let content = Content::builtin();
    let everything = chosen(&Selection::default());
    let off = content.library.checks.values().find(|check| check.form == Form::OptIn).unwrap();
    assert!(!everything.checks.contains(&off.id));
    let all = content.widen(everything, chosen(&checks(&[&off.id])));
    assert!(all.checks.contains(&off.id));
    let beside = AskedBeside { checks: texts(&[&off.id]), ..AskedBeside::default() };
    assert_eq!(all.selection, Selection { beside, ..Selection::default() });
    // What is in everything anyhow is not asked for beside it.
    let all = content.widen(all, chosen(&checks(&["host-port"])));
    assert_eq!(all.selection.beside.checks, [off.id.to_string()]);
    let again = content.renew(&all, &Cluster::default()).unwrap();
    assert_eq!((&again.checks, &again.selection), (&all.checks, &all.selection));
}

#[test]
fn a_framework_that_does_not_fit_and_was_asked_for_is_judged_again_from_what_is_saved() {
    let content = Content::builtin();
    let everything = chosen(&Selection::default());
    let unfit = everything.not_judged.first().unwrap().id.clone();
    let part = Selection { frameworks: vec![unfit.clone()], ..Selection::default() };
    let all = content.widen(everything, chosen(&part));
    assert_eq!(all.selection.beside.frameworks, std::slice::from_ref(&unfit));
    let saved: Selection =
        serde_json::from_str(&serde_json::to_string(&all.selection).unwrap()).unwrap();
    let again = chosen(&saved);
    assert!(again.frameworks.iter().any(|pick| pick.framework.id == unfit));
    assert_eq!((again.checks, again.not_judged), (all.checks, all.not_judged));
}

#[test]
fn what_is_not_there_any_more_is_told() {
    let gone = Chosen { selection: checks(&["gone"]), ..Chosen::default() };
    assert!(Content::builtin().renew(&gone, &Cluster::default()).is_err());
}

fn some_place() -> impl Strategy<Value = Selection> {
    let namespaces = prop::sample::subsequence(vec!["pay", "shop", "web"], 0..=3);
    let object = prop::option::of(prop::sample::select(vec!["deploy/web", "deploy/db", "node/a"]));
    (namespaces, object).prop_map(|(namespaces, object)| at(&namespaces, object))
}

proptest! {
    #[test]
    fn nothing_that_was_asked_for_is_outside(before in some_place(), part in some_place()) {
        let (before, part) = (chosen(&before), chosen(&part));
        let all = Content::builtin().widen(before.clone(), part.clone());
        prop_assert!(holds(&all.scope, &part.scope));
        prop_assert!(holds(&all.scope, &before.scope) || all == part);
        // What is saved says where it looked.
        prop_assert_eq!(&Content::builtin().choose(&all.selection).unwrap().scope, &all.scope);
    }
}
