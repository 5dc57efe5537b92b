//! Who may do what, and who reaches whom.

use std::sync::Arc;

use plimsoll::app::access::AccessPage;
use plimsoll::app::effect::Effect;
use plimsoll::app::event::{Event, SourceEvent};
use plimsoll::app::item::Item;
use plimsoll::app::network::NetworkPage;
use plimsoll::app::relations::{Related, Relation};
use plimsoll::app::route::Screen;
use plimsoll::facts::access::Access;
use plimsoll::facts::network::Network;
use plimsoll::facts::{Facts, Options};
use plimsoll::model::inventory::{Inventory, SourceInfo, SourceKind};
use plimsoll::model::kinds::{BUILTINS, Kind};
use plimsoll::model::object::Object;
use plimsoll::model::read::{Read, ReadStatus};
use plimsoll::text::locate;

use super::fixture::Bench;
use super::frames::{check, frame, text, theme};

const OBJECTS: &str = include_str!("relations.yaml");

/// Everything was read but for the bindings and policies of `team-a`.
fn inventory() -> Inventory {
    let objects = locate::documents(OBJECTS).into_iter();
    let objects = objects.map(|document| Arc::new(Object::new(document.node.unwrap()).unwrap()));
    let source = SourceInfo {
        kind: SourceKind::Live,
        context: Some("prod-eu".into()),
        kubernetes: Some("v1.35.2".into()),
        ..SourceInfo::default()
    };
    let read = |kind: Kind, namespace: Option<&str>, status| Read {
        resource: kind.to_string(),
        kind: Some(kind),
        namespace: namespace.map(str::to_owned),
        status,
        items: 0,
        message: None,
        millis: None,
    };
    let foreign = [
        ("cilium.io", "CiliumNetworkPolicy"),
        ("cilium.io", "CiliumClusterwideNetworkPolicy"),
        ("crd.projectcalico.org", "NetworkPolicy"),
        ("crd.projectcalico.org", "GlobalNetworkPolicy"),
        ("policy.networking.k8s.io", "AdminNetworkPolicy"),
        ("policy.networking.k8s.io", "BaselineAdminNetworkPolicy"),
    ];
    let kinds = BUILTINS.iter().map(plimsoll::model::kinds::Builtin::kind);
    let kinds = kinds.chain(foreign.map(|(group, kind)| Kind::new(group, kind)));
    let mut reads = Vec::new();
    for kind in kinds {
        if matches!(&*kind.to_string(), "RoleBinding" | "NetworkPolicy") {
            for namespace in ["pay", "shop"] {
                reads.push(read(kind.clone(), Some(namespace), ReadStatus::Complete));
            }
            reads.push(read(kind, Some("team-a"), ReadStatus::Forbidden));
        } else {
            reads.push(read(kind, None, ReadStatus::Complete));
        }
    }
    Inventory::new(source, objects.collect(), reads)
}

/// Works out what was asked for.
pub fn relate(bench: &mut Bench) {
    for effect in bench.taken() {
        let Effect::Relate(relation, objects) = effect else { continue };
        let facts = Facts::new(Arc::clone(&objects.0), Options::default());
        let related = match relation {
            Relation::Access => Related::Access(Arc::new(Access::of(&facts))),
            Relation::Network => Related::Network(Arc::new(Network::of(&facts))),
        };
        bench.event(Event::Related(objects.0, related));
    }
}

/// At a view, with what it shows worked out, and then some keys.
pub fn related(view: &str, keys: &str) -> Bench {
    let mut bench = Bench::new(false);
    bench.event(Event::Source(SourceEvent::Connecting { context: "prod-eu".into() }));
    let inventory = Arc::new(inventory());
    bench.event(Event::Source(SourceEvent::Loaded { inventory, complete: true }));
    bench.keys(view);
    relate(&mut bench);
    bench.keys(keys);
    bench
}

fn shown(name: &str, view: &str, keys: &str) {
    check(name, &mut related(view, keys));
}

fn drawn(bench: &mut Bench, size: (u16, u16)) -> String {
    text(&frame(bench, &theme("terminal"), size))
}

fn screen(bench: &Bench) -> &Screen {
    &bench.state.nav.top().screen
}

#[test]
fn frames_of_access() {
    shown("access", "6", "");
    shown("access-platform", "6", "P");
    shown("access-roles", "6", "b");
    shown("access-role", "6", "b<enter>");
    shown("access-subject", "6", "<enter>");
    shown("access-group", "6", "/authenticated<enter><enter>");
    shown("access-binding", "6", "<enter><enter>");
    shown("who-can", "6", "tget<enter>secrets<enter>pay<enter>");
    shown("who-can-form", "6", "t<enter><enter><enter>");
}

#[test]
fn frames_of_the_network() {
    shown("network", "7", "");
    shown("network-zone", "7", "<enter>");
    shown("network-workload", "7", "<enter>j<enter>");
    shown("network-policy", "7", "<enter>j<enter><enter>");
    shown("network-not-known", "7", "jj<enter>");
}

#[test]
fn a_view_asks_once_and_says_that_it_works() {
    let mut bench = related("6", "");
    bench.keys("7");
    let asked: Vec<Effect> = bench.taken();
    assert!(matches!(asked.as_slice(), [Effect::Relate(Relation::Network, _)]), "{asked:?}");
    assert!(drawn(&mut bench, (80, 24)).contains("Working it out"));
    bench.keys("jk67");
    assert!(bench.taken().is_empty(), "it is asked for already");
    // Other objects: what is known stays until the answer comes.
    bench.keys("6");
    let now = inventory();
    let objects = now.objects().skip(1).cloned().collect();
    let other = Arc::new(Inventory::new(now.source.clone(), objects, now.reads.clone()));
    bench.event(Event::Source(SourceEvent::Loaded { inventory: other, complete: true }));
    assert!(matches!(bench.taken().as_slice(), [Effect::Relate(Relation::Access, _)]));
    assert!(drawn(&mut bench, (80, 24)).contains("account pay/ci"));
    bench.keys("1");
    bench.event(Event::Source(SourceEvent::Connecting { context: "other".into() }));
    assert!(bench.state.data.relations.access.is_none(), "nothing of another cluster is shown");
}

#[test]
fn from_a_subject_to_the_line_of_its_binding_and_back() {
    let mut bench = related("6", "");
    assert!(matches!(bench.state.nav.top().list.current().unwrap().item, Item::Holder(_)));
    bench.keys("/pay/ci<enter>");
    let row = bench.state.nav.top().list.current().unwrap().id;
    bench.keys("<enter>");
    let page = drawn(&mut bench, (120, 40));
    for text in [
        "ServiceAccount pay/ci",
        "Pod/pay/runner",
        "ClusterRoleBinding/ci",
        "ClusterRole/cluster-admin",
    ] {
        assert!(page.contains(text), "{text}:\n{page}");
    }
    bench.keys("<enter>");
    let yaml = drawn(&mut bench, (80, 24));
    let line =
        yaml.lines().find(|line| line.contains("◀ here")).unwrap_or_else(|| panic!("{yaml}"));
    assert!(line.contains("- kind: ServiceAccount") || line.contains("ServiceAccount"), "{yaml}");
    bench.keys("<esc>o");
    let role = drawn(&mut bench, (80, 24));
    assert!(matches!(screen(&bench), Screen::Object(id) if &*id.name == "cluster-admin"));
    assert!(role.contains("◀ here"), "{role}");
    bench.keys("<esc><esc>");
    assert_eq!(bench.state.nav.top().list.current().unwrap().id, row);
}

#[test]
fn a_question_with_a_slip_is_not_answered_as_if_it_had_none() {
    let mut bench = related("6", ":who-can get secretz in payz<enter>");
    let shown = drawn(&mut bench, (120, 40));
    assert!(shown.contains("names secretz"), "{shown}");
    assert!(shown.contains("No namespace payz was read"), "{shown}");
    let mut bench = related("6", ":who-can get secrets in pay<enter>");
    let shown = drawn(&mut bench, (120, 40));
    assert!(!shown.contains("No namespace") && !shown.contains("names secrets"), "{shown}");
}

#[test]
fn who_can_is_asked_by_form_palette_and_filter() {
    for keys in [
        "tget<enter>secrets<enter>pay<enter>",
        ":who-can get secrets in pay<enter>",
        "/verb:get res:secrets ns:pay<enter>",
        "b/verb:get res:secret ns:pay<enter>",
    ] {
        let mut bench = related("6", keys);
        let Screen::Access(AccessPage::WhoCan(query)) = screen(&bench) else {
            panic!("{keys}: {:?}", screen(&bench))
        };
        assert_eq!(query.text(), "get secrets in pay", "{keys}");
        let shown = drawn(&mut bench, (120, 40));
        for text in [
            "user    ann",
            "account pay/ci",
            "account pay/web",
            "group   system:authenticated",
            "readers",
        ] {
            assert!(shown.contains(text), "{keys}: {text}:\n{shown}");
        }
        assert!(!shown.contains('\u{1b}'), "escape sequences are shown, never sent");
        assert!(
            !shown.contains("team-a"),
            "what is unread elsewhere does not bear on pay:\n{shown}"
        );
    }
    let mut bench = related("6", "/verb:get<enter>");
    assert!(matches!(screen(&bench), Screen::Access(AccessPage::Subjects)));
    assert!(drawn(&mut bench, (80, 24)).contains("Name both"));
}

#[test]
fn terms_about_rights_look_at_one_right_at_a_time() {
    let count = |keys: &str| related("6", keys).state.nav.top().list.matched();
    let rows = "tget<enter>secrets<enter><enter>/";
    assert_eq!(count(&format!("{rows}subj:web")), 1, "one right");
    assert_eq!(count(&format!("{rows}ns:pay subj:ann")), 1, "cluster-wide rights hold in pay");
    let of_web = "/pay/web<enter><enter>/";
    assert_eq!(count(&format!("{of_web}verb:list res:pods")), 2 + 1, "its own and its group's");
    assert_eq!(count(&format!("{of_web}verb:list res:secrets")), 1, "get is not list");
}

#[test]
fn what_is_not_known_is_on_the_page() {
    for size in [(80, 24), (200, 60)] {
        let access = drawn(&mut related("6", ""), size);
        assert!(access.contains("could not be read"), "{access}");
        assert!(access.contains("cannot list rolebindings in team-a: forbidden"), "{access}");
        let asked = drawn(&mut related("6", "tget<enter>secrets<enter>team-a<enter>"), size);
        assert!(asked.contains("cannot list rolebindings in team-a"), "{asked}");
        let network = drawn(&mut related("7", ""), size);
        assert!(network.contains("cannot list networkpolicies in team-a: forbidden"), "{network}");
        assert!(network.contains("does not enforce"), "{network}");
        assert!(network.contains("CiliumNetworkPolicy/shop/extra"), "{network}");
        assert!(network.contains("not evaluated"), "{network}");
    }
}

#[test]
fn the_namespace_narrows_both_views() {
    let mut bench = related("6", "nshop<enter>");
    let access = drawn(&mut bench, (80, 24));
    assert!(access.contains("pay/ci") && !access.contains("pay/web"), "{access}");
    bench.keys("7");
    relate(&mut bench);
    let rows = bench.state.nav.top().list.shown();
    let zones: Vec<String> = rows
        .filter_map(|row| match &row.item {
            Item::Zone(zone) => Some(zone.name.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(zones, ["shop"]);
}

#[test]
fn from_a_namespace_to_the_rule_of_a_policy_and_back() {
    let mut bench = related("7", "<enter>");
    assert!(matches!(screen(&bench), Screen::Network(NetworkPage::Zone(name)) if &**name == "pay"));
    bench.keys("/pod web<enter><enter>");
    let page = drawn(&mut bench, (120, 40));
    for text in [
        "pods app=front of namespaces team=shop",
        "Pod/shop/front",
        "TCP 8080",
        "but 10.0.0.0/8",
        "UDP 53",
    ] {
        assert!(page.contains(text), "{text}:\n{page}");
    }
    bench.keys("<enter>");
    let yaml = drawn(&mut bench, (80, 24));
    assert!(yaml.contains("◀ here") && yaml.contains("NetworkPolicy/pay/web"), "{yaml}");
    bench.keys("<esc><esc><esc><esc>");
    assert!(matches!(screen(&bench), Screen::Network(NetworkPage::Zones)));
}

#[test]
fn every_size_of_both_views_can_be_drawn_in_ascii_too() {
    let views = [
        "",
        "P",
        "b",
        "b<enter>",
        "<enter>",
        "<enter><enter>",
        "t",
        "tget<enter>secrets<enter><enter>",
        "G",
        "/x",
    ];
    for (view, keys) in views.iter().flat_map(|keys| [("6", *keys), ("7", *keys)]) {
        let mut bench = related(view, keys);
        for width in (0..=40).chain([60, 79, 80, 119, 120]) {
            for height in (0..=24).step_by(3) {
                frame(&mut bench, &theme("terminal"), (width, height));
            }
        }
        bench.state.look.ascii = true;
        let plain = drawn(&mut bench, (120, 40));
        let odd = plain.chars().find(|c| !c.is_ascii() && *c != '␛');
        assert_eq!(odd, None, "after {view}{keys}:\n{plain}");
    }
}
