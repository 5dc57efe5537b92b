//! What checks come to is worked out once for pods that are the same to them, and replayed for the
//! others. The pods of one controller are: they differ in name, node, address, and in the volume of
//! their token, at which most checks do not look.
//!
//! A check is steady if its text proves that it looks at nothing but certain fields. Two objects
//! of one kind and namespace in which all fields of all steady checks are equal are in one sight.

use std::hash::{Hash as _, Hasher as _};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHasher};

use crate::facts::Facts;
use crate::model::key::Key as Field;
use crate::model::node::Node;
use crate::model::path::Seg;

use super::cel::eval::Frame;
use super::cel::{Role, Var};
use super::compiled::Compiled;
use super::judge::{Hit, Item, Known, Outcome};
use super::merge::{Key, Sink};
use super::place::{Anchor, Anchored};
use super::plan::Plan;
use super::run::Group;
use super::scope::Scope;
use super::target::{Element, Parts};
use super::worker::{Looked, Subject, Worker, shown};

/// Most sights a worker remembers: pods of one controller are read one after the other.
const MAX_SIGHTS: usize = 512;

/// Fields of a pod spec in which each pod has something of its own: its node, the volume of its
/// token, and the containers that mount it.
const OWN_OF_PODS: [&str; 5] =
    ["nodeName", "volumes", "containers", "initContainers", "ephemeralContainers"];

/// The same of a container.
const OWN_OF_CONTAINERS: [&str; 1] = ["volumeMounts"];

/// What the steady checks of a plan look at.
#[derive(Debug, Default)]
pub(super) struct View {
    /// By place in the plan.
    steady: Vec<bool>,
    /// Of the object as a whole.
    fields: Vec<(Var, Field)>,
    /// Of each container.
    container: Vec<Field>,
}

impl View {
    /// What can be replayed of a plan.
    pub(super) fn of(plan: &Plan, facts: &Facts) -> Self {
        let masked = facts.inventory().captured.is_some();
        let mut view = Self::default();
        for check in &plan.checks {
            let reads = reads(check).filter(|_| !(masked && check.digest.is_some()));
            view.steady.push(reads.is_some());
            for (var, name) in reads.into_iter().flatten() {
                view.add(var, Field::new(name));
            }
        }
        // What containers are called in paths.
        view.add(Var::Container, Field::new("name"));
        view
    }

    fn add(&mut self, var: Var, field: Field) {
        if var == Var::Container {
            if !self.container.contains(&field) {
                self.container.push(field);
            }
        } else if !self.fields.iter().any(|(v, f)| *v == var && *f == field) {
            self.fields.push((var, field));
        }
    }

    /// Whether the check with this place in the plan can be replayed.
    pub(super) fn is_steady(&self, check: u32) -> bool {
        self.steady.get(check as usize) == Some(&true)
    }

    /// The hash of what the steady checks see of an object of the first kind.
    #[cfg(test)]
    pub(super) fn hash_of(&self, object: &crate::model::object::Object) -> Option<u64> {
        self.sight(0, &Parts::of(object)).map(|sight| sight.hash())
    }

    /// What the steady checks see of an object; none if it has no pod spec in which fields can be
    /// told apart.
    fn sight<'a>(&self, kind: usize, parts: &Parts<'a>) -> Option<Sight<'a>> {
        let pod = parts.pod()?;
        let above = parts.pod_metadata();
        if pod.as_map().is_none() || above.is_some_and(|node| node.as_map().is_none()) {
            return None;
        }
        let body = parts.body();
        let mut fields: Vec<Option<&'a Node>> = Vec::with_capacity(64);
        for (var, field) in &self.fields {
            let of = match var {
                Var::Pod => Some(pod),
                Var::PodMetadata => above,
                Var::Metadata => body.get("metadata"),
                _ => Some(body),
            };
            fields.push(of.and_then(Node::as_map).and_then(|map| map.get_key(field)));
        }
        let mut shape = Vec::new();
        for (list, index, role, map) in parts.containers() {
            shape.push((list, index, role));
            fields.extend(self.container.iter().map(|field| map.get_key(field)));
        }
        Some(Sight { kind, namespace: parts.object.namespace(), shape, fields })
    }
}

/// What the steady checks see of one object.
#[derive(PartialEq)]
struct Sight<'a> {
    kind: usize,
    namespace: &'a str,
    /// List, index and role of each container.
    shape: Vec<(&'static str, usize, Role)>,
    fields: Vec<Option<&'a Node>>,
}

impl Sight<'_> {
    fn hash(&self) -> u64 {
        let mut hasher = FxHasher::default();
        (self.kind, self.namespace, &self.shape).hash(&mut hasher);
        for field in &self.fields {
            field.is_some().hash(&mut hasher);
            if let Some(node) = field {
                node.hash_into(&mut hasher);
            }
        }
        hasher.finish()
    }
}

/// Fields that a check looks at, if nothing else can make a difference to what it comes to.
/// Messages may say anything: they are made at the end, from the object that is shown.
fn reads(check: &Compiled) -> Option<Vec<(Var, &str)>> {
    let scope = check.check.target.scope;
    let sole = matches!(scope, Scope::Pod | Scope::Container | Scope::Port | Scope::Env);
    let told = check.facts == 0 && check.unknowns.is_empty();
    // Elements of lists in a path are called by what stands in them.
    let plain = |place: &Anchored| !place.path.0.iter().any(|seg| matches!(seg, Seg::Index(_)));
    if !sole || !told || !check.places.iter().all(|place| plain(&place.path)) {
        return None;
    }
    let mut reads = Vec::new();
    let mut all = true;
    let mut note = |var, member: Option<&'_ str>| all &= may_read(var, member);
    check.exprs().for_each(|expr| expr.reads(&mut note));
    if let Some(each) = &check.check.rule.each {
        let (var, member) = start(scope, each)?;
        all &= may_read(var, Some(member));
        reads.push((var, member));
    }
    if !all {
        return None;
    }
    let mut note = |var, member| reads.extend(Some(var).filter(|v| is_field_of(*v)).zip(member));
    check.exprs().for_each(|expr| expr.reads(&mut note));
    reads.extend(match scope {
        Scope::Port => vec![(Var::Container, "ports")],
        Scope::Env => vec![(Var::Container, "env"), (Var::Container, "envFrom")],
        _ => Vec::new(),
    });
    Some(reads)
}

/// The field at which a list stands; none where that cannot be told.
fn start(scope: Scope, list: &Anchored) -> Option<(Var, &str)> {
    let var = match (list.anchor, scope) {
        (Anchor::Pod, _) | (Anchor::Scope, Scope::Pod) => Var::Pod,
        (Anchor::Scope, Scope::Container) => Var::Container,
        // Within an entry that is seen as a whole.
        (Anchor::Scope, Scope::Port) => return Some((Var::Container, "ports")),
        _ => return None,
    };
    match list.path.0.first() {
        Some(Seg::Field(name)) => Some((var, name)),
        _ => None,
    }
}

/// Whether a variable is one of which single fields are compared.
fn is_field_of(var: Var) -> bool {
    matches!(var, Var::Object | Var::Metadata | Var::Pod | Var::PodMetadata | Var::Container)
}

/// Whether a steady check may look there.
fn may_read(var: Var, member: Option<&str>) -> bool {
    match (var, member) {
        (Var::Object, Some(name)) => ["kind", "apiVersion"].contains(&name),
        (Var::Metadata | Var::PodMetadata, Some(name)) => {
            ["namespace", "labels", "annotations"].contains(&name)
        }
        (Var::Pod, Some(name)) => !OWN_OF_PODS.contains(&name),
        (Var::Container, Some(name)) => !OWN_OF_CONTAINERS.contains(&name),
        // The same for all objects, or for all of a namespace, or part of a container's fields.
        (Var::Params | Var::Cluster | Var::Lists | Var::Port | Var::Env | Var::Item, _) => true,
        _ => false,
    }
}

/// What the steady checks came to on one object.
pub(super) struct Record {
    /// The digest of the identity for which the keys of hits are.
    identity: u128,
    passes: Vec<u32>,
    not_applicable: Vec<u32>,
    hits: Vec<Fault>,
    /// Checks that have to look at each object after all.
    unsettled: Vec<(u32, Element)>,
}

struct Fault {
    check: u32,
    element: Element,
    hit: Hit,
    key: Key,
}

impl Record {
    fn new(identity: u128) -> Self {
        let (passes, not_applicable) = (Vec::new(), Vec::new());
        Self { identity, passes, not_applicable, hits: Vec::new(), unsettled: Vec::new() }
    }

    /// Takes down an outcome, and says whether its hits are to be taken down as well. `sure` is
    /// false where it may hang on more than the check sees.
    pub(super) fn came_to(
        &mut self,
        check: u32,
        element: Element,
        outcome: &Outcome<'_>,
        sure: bool,
    ) -> bool {
        match outcome {
            Outcome::Pass if sure => self.passes.push(check),
            Outcome::NotApplicable if sure => self.not_applicable.push(check),
            Outcome::Fail if sure => return true,
            _ => self.unsettled(check, element),
        }
        false
    }

    /// Nothing can be said of a check but by itself.
    pub(super) fn unsettled(&mut self, check: u32, element: Element) {
        self.unsettled.push((check, element));
    }

    pub(super) fn hit(&mut self, check: u32, element: Element, hit: &Hit, key: Key) {
        self.hits.push(Fault { check, element, hit: hit.clone(), key });
    }
}

/// Whether an item may stand in a list at which no check looks, where it is called by what stands
/// there.
fn anywhere(item: &Item) -> bool {
    matches!(item, Item::Path(_))
}

/// What a worker remembers, by hash of the sight. The sight itself is compared as well.
#[derive(Default)]
pub(super) struct Remembered<'a>(FxHashMap<u64, Rc<(Sight<'a>, Record)>>);

impl<'a> Remembered<'a> {
    fn get(&self, hash: u64, sight: &Sight<'a>) -> Option<Rc<(Sight<'a>, Record)>> {
        self.0.get(&hash).filter(|known| known.0 == *sight).map(Rc::clone)
    }

    fn put(&mut self, hash: u64, sight: Sight<'a>, record: Record) {
        if self.0.len() >= MAX_SIGHTS {
            self.0.clear();
        }
        self.0.insert(hash, Rc::new((sight, record)));
    }
}

impl<'r, 'a> Worker<'r, 'a> {
    /// The steady checks of an object's kind, which has this place in the run.
    pub(super) fn steady<'f, 'k: 'f>(
        &mut self,
        kind: usize,
        subject: &Subject<'_, 'a>,
        known: &'k Known,
        frame: &mut Frame<'f>,
        sink: &mut Sink,
    ) where
        'r: 'f,
    {
        let groups = self.run.kinds.get(kind).map(|(_, groups)| &**groups).unwrap_or_default();
        if groups.iter().all(|group| group.steady.is_empty()) {
            return;
        }
        let Some(sight) = self.run.view.sight(kind, subject.parts) else {
            self.work_out(groups, (subject, known), frame, sink, None);
            return;
        };
        let (hash, identity) = (sight.hash(), self.identity(subject).finish());
        if let Some(remembered) = self.remembered.get(hash, &sight) {
            self.replay(&remembered.1, identity, (subject, known), frame, sink);
            return;
        }
        let mut record = Record::new(identity);
        self.work_out(groups, (subject, known), frame, sink, Some(&mut record));
        self.remembered.put(hash, sight, record);
    }

    fn work_out<'f, 'k: 'f>(
        &mut self,
        groups: &[Group],
        (subject, known): (&Subject<'_, 'a>, &'k Known),
        frame: &mut Frame<'f>,
        sink: &mut Sink,
        mut record: Option<&mut Record>,
    ) where
        'r: 'f,
    {
        for group in groups.iter().filter(|group| !group.steady.is_empty()) {
            for element in subject.parts.elements(group.scope) {
                subject.parts.bind(frame, element);
                let looked = Looked::new(subject, element, known);
                for &at in &group.steady {
                    self.check(at, &looked, frame, sink, record.as_deref_mut());
                }
            }
        }
    }

    /// Does what the checks did on an object that is the same to them.
    fn replay<'f, 'k: 'f>(
        &mut self,
        record: &Record,
        identity: u128,
        (subject, known): (&Subject<'_, 'a>, &'k Known),
        frame: &mut Frame<'f>,
        sink: &mut Sink,
    ) where
        'r: 'f,
    {
        if subject.counts {
            record.passes.iter().for_each(|check| sink.pass(*check));
            record.not_applicable.iter().for_each(|check| sink.not_applicable(*check));
        }
        for Fault { check, element, hit, key } in &record.hits {
            let key = match self.run.check(*check) {
                Some(compiled) if record.identity != identity || anywhere(&hit.item) => {
                    let looked = Looked::new(subject, *element, known);
                    self.key(*check, compiled, &looked, hit)
                }
                _ => *key,
            };
            sink.hit(key, shown(subject, *element, hit.clone()));
        }
        for (check, element) in &record.unsettled {
            subject.parts.bind(frame, *element);
            let looked = Looked::new(subject, *element, known);
            self.check(*check, &looked, frame, sink, None);
        }
    }
}
