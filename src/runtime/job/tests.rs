use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;
use crate::model::finding::Finding;
use crate::runtime::cancel::CancelToken;
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

/// Manifests at one moment.
#[derive(Clone, Copy, Debug)]
struct Written {
    /// Which objects there are, one bit each.
    has: u8,
    /// Which of them stand below a line that says nothing.
    below: u8,
    /// Which of them are there twice.
    twice: u8,
    /// Whether a document is broken.
    broken: bool,
}

impl Written {
    fn plain(has: u8) -> Self {
        Self { has, below: 0, twice: 0, broken: false }
    }

    /// Each object in a file of its own, but for the last three.
    fn write(self, dir: &Path) {
        let mut files = vec![String::from("# Nothing\n"); OBJECTS.len() - 2];
        for (at, text) in OBJECTS.iter().enumerate() {
            let is = |bits: u8| bits & (1 << at) != 0;
            let blank = if is(self.below) { "# A line\n" } else { "" };
            let times = if is(self.twice) { 2 } else { 1 };
            let file = &mut files[at.min(OBJECTS.len() - 3)];
            for _ in (0..times).filter(|_| is(self.has)) {
                file.push_str(&format!("---\n{blank}{text}"));
            }
        }
        files[0].push_str(if self.broken { "---\nkind: [\n" } else { "" });
        // So that there is always something.
        files[0].push_str("---\napiVersion: v1\nkind: List\nitems: []\n");
        for (at, text) in files.iter().enumerate() {
            std::fs::write(dir.join(format!("{at}.yaml")), text).unwrap();
        }
    }
}

/// Counts the readings: each is of another moment.
static READ: AtomicU64 = AtomicU64::new(0);

/// Objects as they are read at one moment: from files, or as if from a cluster.
fn read(dir: &Path, kind: SourceKind, complete: bool, written: Written) -> Inventory {
    written.write(dir);
    let options = files::Options { complete, ..files::Options::default() };
    let path = dir.to_str().unwrap().to_owned();
    let mut inventory = files::read(&[path], &options).unwrap();
    if kind == SourceKind::Files {
        let moment = READ.fetch_add(1, Ordering::Relaxed);
        inventory.source.read_at = Some(format!("moment {moment}"));
    } else {
        let objects = inventory.objects().cloned().collect();
        inventory.source.kind = kind;
        inventory = Inventory::new(inventory.source.clone(), objects, Vec::new());
    }
    inventory
}

fn inventory(kind: SourceKind, has: u8) -> Arc<Inventory> {
    let dir = tempfile::tempdir().unwrap();
    Arc::new(read(dir.path(), kind, true, Written::plain(has)))
}

/// The same for all: by other content nothing is known of the objects.
fn content() -> Content {
    static CONTENT: OnceLock<Content> = OnceLock::new();
    CONTENT.get_or_init(Content::builtin).clone()
}

fn asked(selection: &Selection, inventory: &Arc<Inventory>) -> JobOrder {
    let content = content();
    JobOrder {
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
    content.run(&content.plan(&chosen), &chosen, &facts, &CancelToken::default())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(6),
        max_shrink_iters: 20,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_run_of_a_part_tells_what_a_run_from_nothing_tells(
        before in written(),
        changes in prop::collection::vec((written(), prop::sample::select(parts())), 1..4),
        live in any::<bool>(),
        complete in any::<bool>(),
        narrow in prop::option::of(prop::sample::select(vec!["pay", "shop"])),
    ) {
        let kind = if live { SourceKind::Live } else { SourceKind::Files };
        let dir = tempfile::tempdir().unwrap();
        let first = at(narrow.as_slice(), None);
        let mut last = Arc::new(read(dir.path(), kind, complete, before));
        let JobResult { chosen: mut shown, mut engine, result } = asked(&first, &last).run(&CancelToken::default());
        prop_assert!(result.is_some() && engine.is_some() == live);
        for (written, part) in changes {
            last = Arc::new(read(dir.path(), kind, complete, written).sharing(&last));
            let slot = Arc::new(EngineSlot::default());
            if let Some(engine) = engine.take() {
                slot.put(engine);
            }
            let beside = Some(Arc::clone(&shown));
            let asked = JobOrder { beside, slot: Some(slot), ..asked(&part, &last) };
            let JobResult { chosen, engine: learned, result } = asked.run(&CancelToken::default());
            let result = result.unwrap();
            // Nothing is known of what is read here.
            let anew = Arc::new(read(dir.path(), kind, complete, written));
            let whole = from_nothing(&chosen.selection, &anew);
            prop_assert_eq!(&result.checks, &whole.checks);
            prop_assert_eq!(&result.not_assessed, &whole.not_assessed);
            prop_assert_eq!(&result.findings, &whole.findings);
            prop_assert!(result.is_same_as(&whole), "{:?}", chosen.selection);
            (shown, engine) = (chosen, learned);
        }
    }
}

fn written() -> impl Strategy<Value = Written> {
    // Mostly all objects, once each: then little is different from one moment to the next.
    let rarely = || prop_oneof![4 => Just(0_u8), 1 => any::<u8>()];
    let mostly = || prop_oneof![1 => any::<u8>(), 3 => (0_u8..8).prop_map(|at| !(1 << at))];
    (mostly(), rarely(), rarely(), prop::bool::weighted(0.1))
        .prop_map(|(has, below, twice, broken)| Written { has, below, twice, broken })
}

#[test]
fn what_is_gone_passes_nothing_and_what_did_not_change_is_as_it_was() {
    let everything = Selection::default();
    let part = Selection { namespaces: vec!["pay".to_owned()], ..Selection::default() };
    let there = inventory(SourceKind::Files, 0b1111);
    let JobResult { chosen: shown, result: first, .. } =
        asked(&everything, &there).run(&CancelToken::default());
    let again = |inventory: &Arc<Inventory>| {
        let beside = Some(Arc::clone(&shown));
        let JobResult { chosen, result, .. } =
            JobOrder { beside, ..asked(&part, inventory) }.run(&CancelToken::default());
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
    let slot = Arc::new(EngineSlot::default());
    // By other content nothing is known.
    for (content, goes_on) in [(content(), true), (Content::builtin(), false)] {
        let JobResult { chosen: shown, engine, result: first } =
            asked(&base(), &there).run(&CancelToken::default());
        slot.put(engine.unwrap());
        let (beside, kept) = (Some(shown), Some(Arc::clone(&slot)));
        let part = asked(&at(&["pay"], None), &there);
        let JobResult { engine, result, .. } =
            JobOrder { content, beside, slot: kept, ..part }.run(&CancelToken::default());
        let (first, result) = (first.unwrap(), result.unwrap());
        assert!(result.is_same_as(&first) && !first.findings.is_empty());
        // What did not change stays the same allocation where it was not judged again.
        let mut pairs = first.findings.iter().zip(&result.findings);
        assert_eq!(pairs.all(|(before, now)| Arc::ptr_eq(before, now)), goes_on);
        assert!(engine.is_some() && slot.take().is_none());
    }
}

#[test]
fn of_manifests_only_what_changed_is_judged_again() {
    let dir = tempfile::tempdir().unwrap();
    let read = |written| read(dir.path(), SourceKind::Files, true, written);
    let first = Arc::new(read(Written::plain(0xff)));
    let slot = Some(Arc::new(EngineSlot::default()));
    let JobResult { chosen: shown, engine, result: before } =
        JobOrder { slot, ..asked(&base(), &first) }.run(&CancelToken::default());
    let slot = Arc::new(EngineSlot::default());
    slot.put(engine.unwrap());
    // A line more above one pod.
    let now = Arc::new(read(Written { below: 0b1_0000, ..Written::plain(0xff) }).sharing(&first));
    let part = asked(&at(&["pay"], None), &now);
    let JobResult { engine, result, .. } =
        JobOrder { beside: Some(shown), slot: Some(slot), ..part }.run(&CancelToken::default());
    let (before, result) = (before.unwrap(), result.unwrap());
    assert!(engine.is_some() && before.findings.len() == result.findings.len());
    let name = |finding: &Arc<Finding>| {
        finding.object.as_ref().map_or_else(String::new, |object| object.name.to_string())
    };
    let pairs = || before.findings.iter().zip(&result.findings);
    let moved: Vec<String> = pairs()
        .filter(|(one, other)| !Arc::ptr_eq(one, other))
        .map(|(_, finding)| name(finding))
        .collect();
    assert!(!moved.is_empty() && moved.iter().all(|name| *name == "cart"), "{moved:?}");
    assert!(pairs().all(|(one, other)| {
        one.line.map(|line| line + u32::from(name(one) == "cart")) == other.line
    }));
}

#[test]
fn a_run_that_is_stopped_comes_to_nothing() {
    let stop = crate::runtime::cancel::Cancel::default();
    stop.cancel();
    for kind in [SourceKind::Files, SourceKind::Live] {
        let JobResult { engine, result, .. } =
            asked(&base(), &inventory(kind, 0xff)).run(&stop.token());
        assert!(engine.is_none() && result.is_none());
    }
}
