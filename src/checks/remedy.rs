//! Remedies: a check's patches on a copy of the tree that a person would change.

mod diff;
mod edit;
mod formats;
pub mod outcome;
pub mod rollout;
mod three_way;
pub mod together;

use std::sync::Arc;

use crate::model::finding::Finding;
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::object::{Object, ObjectRef};
use crate::model::path::FieldPath;

use super::cel::eval::Frame;
use super::cel::{Expr, Var};
use super::check::Check;
use super::compiled::{Compiled, Edit, EditOp, EditValue, Params};
use super::fingerprint::normalise;
use super::place::Anchored;
use super::plan::Plan;
use super::run::cluster;
use super::target::{Element, Parts};

pub use diff::{DiffKind, DiffLine};

/// Most parts of a value that a patch works out.
const MAX_PARTS: usize = 10_000;

/// What to change, as a tree before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Remedy {
    /// The object to change: the owner of pods, never a pod with an owner.
    pub target: ObjectRef,
    /// Its tree now.
    pub before: Arc<Node>,
    /// Its tree then.
    pub after: Node,
    /// What else there is to know: a bare pod has to be recreated.
    pub note: Option<String>,
}

impl Remedy {
    /// The same with its trees redrawn: with what may not be seen masked, for whoever shows the change.
    #[must_use]
    pub fn redrawn(&self, draw: impl Fn(&Node) -> Node) -> Self {
        Self { before: Arc::new(draw(&self.before)), after: draw(&self.after), ..self.clone() }
    }

    /// The same without the rules of a role of which the edits left nothing: an API server refuses
    /// a rule without verbs or resources. Rules are known by their place while edits are made, so
    /// this comes last.
    fn finished(mut self) -> Self {
        if ["Role", "ClusterRole"].contains(&&*self.target.kind) {
            self.after = edit::without_emptied(&self.before, &self.after);
        }
        self
    }
}

/// The remedy of a finding, with configured parameters; none when the check has no patch, the object to
/// change is not in hand, or the patch changes nothing there.
#[must_use]
pub fn remedy_with(
    check: &Arc<Check>,
    params: &Params,
    finding: &Finding,
    inventory: &Inventory,
) -> Option<Remedy> {
    let plan = Plan::of(check, params).ok().filter(|_| !check.patches.is_empty())?;
    step(&plan, finding, inventory, None).map(Remedy::finished)
}

/// As [`remedy_with`], of a plan of its check, but not finished yet. Where other remedies have changed the object
/// already, `onto` is what they made of it: then the change is made there, and the remedy leads from that tree to the
/// next.
fn step(
    plan: &Plan,
    finding: &Finding,
    inventory: &Inventory,
    onto: Option<&Object>,
) -> Option<Remedy> {
    let compiled = plan.checks.first()?;
    let found_on = inventory.find(finding.object.as_ref()?)?;
    let target = target(found_on, finding, inventory)?;
    let first = Parts::of(target);
    let seen = Parts::of(found_on);
    let normal = normalise(found_on.body(), seen.pod_keys, &finding.path);
    if target.id != found_on.id && is_added(compiled, &seen, &first, &normal) {
        return None;
    }
    let cluster = cluster(&inventory.source);
    let now = onto.unwrap_or(target);
    let parts = Parts::of(now);
    let mut after = (**now.body()).clone();
    // From the last to the first: taking an element out moves those behind it.
    let mut elements = elements(compiled, &first, &normal);
    if target.id != found_on.id {
        // The template may be clean already: then there is nothing to change in it.
        elements.retain(|element| !cleared(compiled, &first, *element));
    }
    let mut edited = Vec::new();
    for before in elements.into_iter().rev() {
        let Some(element) = again(compiled, &first, &parts, before) else { continue };
        let item = item(compiled, &first, before, &normal);
        let context = Context { compiled, parts: &parts, element, item, cluster: &cluster };
        for edit in &compiled.patches {
            after = context.apply(edit, &after)?;
        }
        edited.push(element);
    }
    if after == **now.body() || still_granted(compiled, &after, &edited, &cluster) {
        return None;
    }
    let note = note(target);
    Some(Remedy { target: target.id.clone(), before: Arc::clone(now.body()), after, note })
}

/// Whether a pod's finding is in an element that its template does not have: a container that
/// admission added. A change of the template's own would not mend it.
fn is_added(compiled: &Compiled, seen: &Parts<'_>, template: &Parts<'_>, normal: &str) -> bool {
    !through(compiled, seen, normal).is_empty() && through(compiled, template, normal).is_empty()
}

/// The elements that a normalised path leads through.
fn through(compiled: &Compiled, parts: &Parts<'_>, normal: &str) -> Vec<Element> {
    let body = parts.object.body();
    let holds =
        |element: &Element| below(normal, &normalise(body, parts.pod_keys, &parts.path(*element)));
    let mut all = parts.elements(compiled.check.target.scope);
    all.retain(holds);
    all
}

/// An element of the object as it was first read, in the object as it is now; none when it is gone,
/// or the rule clears it already.
fn again(
    compiled: &Compiled,
    first: &Parts<'_>,
    now: &Parts<'_>,
    element: Element,
) -> Option<Element> {
    if std::ptr::eq(first.body(), now.body()) {
        return Some(element);
    }
    let scope = compiled.check.target.scope;
    let (was, is) = (first.elements(scope), now.elements(scope));
    let name = |parts: &Parts<'_>, element: Element| {
        normalise(parts.body(), parts.pod_keys, &parts.path(element))
    };
    // Rules and subjects are called by their content: a changed one is found by its place.
    let found = if matches!(element, Element::Rule(_) | Element::Subject(_)) {
        let by_place = is.contains(&element) && was.len() == is.len();
        let same = |other: &Element| now.node(*other) == first.node(element);
        if by_place { Some(element) } else { is.into_iter().find(same) }
    } else {
        let wanted = name(first, element);
        is.into_iter().find(|other| name(now, *other) == wanted)
    };
    found.filter(|found| !cleared(compiled, now, *found))
}

/// Why a finding has no remedy, for a person; none when it may have one.
#[must_use]
pub fn without(check: Option<&Check>, finding: &Finding, inventory: &Inventory) -> Option<String> {
    let Some(check) = check else {
        return Some(format!("the check {} is not part of the library", finding.check));
    };
    if check.patches.is_empty() {
        let text = "what to change depends on the program, see Fix";
        return Some(text.to_owned());
    }
    let Some(id) = &finding.object else {
        return Some("it is about the cluster as a whole".to_owned());
    };
    let Some(found_on) = inventory.find(id) else {
        return Some(format!("{id} is not among the objects that were read"));
    };
    if target(found_on, finding, inventory).is_none() {
        let owner = finding.owner.as_ref().filter(|owner| *owner != id);
        let owner = owner.map_or_else(|| "its controller".to_owned(), ToString::to_string);
        return Some(format!("the pod is made by {owner}, whose template is not in hand"));
    }
    None
}

/// What is said where a patch exists and mends nothing.
pub const NOTHING_TO_CHANGE: &str = "the patch mends nothing there: the template is clean, or something else sets the field or grants the right";

/// The object to change.
fn target<'i>(
    found_on: &'i Arc<Object>,
    finding: &Finding,
    inventory: &'i Inventory,
) -> Option<&'i Arc<Object>> {
    if &*found_on.id.kind != "Pod" || found_on.owners.is_empty() {
        return Some(found_on);
    }
    let owner = finding.owner.as_ref()?;
    let owner = inventory.find(owner).filter(|owner| owner.id != found_on.id)?;
    owner.pod_spec().map(|_| owner)
}

fn note(target: &Object) -> Option<String> {
    if &*target.id.kind == "Pod" {
        return Some("most fields of a pod are fixed once it runs: recreate it".to_owned());
    }
    let owner = target.controller()?;
    Some(format!("{}/{} manages this object and may undo the change", owner.kind, owner.name))
}

/// Whether a normalised path is another one or lies below it.
fn below(path: &str, above: &str) -> bool {
    above.is_empty()
        || path
            .strip_prefix(above)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '[']))
}

/// The elements of the target that the finding is about: the one its path leads through, or,
/// for a path of the pod or the object, every element that the rule does not clear.
fn elements(compiled: &Compiled, parts: &Parts<'_>, normal: &str) -> Vec<Element> {
    let through = through(compiled, parts, normal);
    if !through.is_empty() {
        return through;
    }
    let all = parts.elements(compiled.check.target.scope);
    all.into_iter().filter(|element| !cleared(compiled, parts, *element)).collect()
}

/// Whether a rule of a role fails after the edits as before: what was taken out is granted by a
/// `*` beside it as well.
fn still_granted(compiled: &Compiled, after: &Node, edited: &[Element], cluster: &Node) -> bool {
    let Ok(object) = Object::new(after.clone()) else { return false };
    let parts = Parts::of(&object);
    let fails = |element: Element| {
        let mut frame = Frame::default();
        bind(compiled, &parts, element, None, &mut frame);
        frame.set(Var::Cluster, cluster.into());
        compiled.fail.test(&mut frame) == Ok(true)
    };
    edited.iter().any(|element| matches!(element, Element::Rule(_)) && fails(*element))
}

/// Whether the rule says, without facts and items, that an element does not fail.
fn cleared(compiled: &Compiled, parts: &Parts<'_>, element: Element) -> bool {
    let mut frame = Frame::default();
    bind(compiled, parts, element, None, &mut frame);
    let items = compiled.check.rule.each.is_some() || compiled.each_path.is_some();
    !items && compiled.fail.test(&mut frame) == Ok(false)
}

/// The item of `each` that the finding is about.
fn item(compiled: &Compiled, parts: &Parts<'_>, element: Element, normal: &str) -> Option<Node> {
    let each = compiled.check.rule.each.as_ref()?;
    let path = parts.resolve(element, each);
    let body = parts.object.body();
    let list = path.walk(body)?.as_list()?;
    let at = (0..list.len())
        .find(|at| below(normal, &normalise(body, parts.pod_keys, &path.index(*at))))?;
    list.get(at).cloned()
}

fn bind<'a>(
    compiled: &'a Compiled,
    parts: &Parts<'a>,
    element: Element,
    item: Option<&'a Node>,
    frame: &mut Frame<'a>,
) {
    parts.bind_object(frame);
    parts.bind(frame, element);
    frame.set(Var::Params, (&compiled.params).into());
    if let Some(item) = item {
        frame.set(Var::Item, item.into());
    }
}

/// One element under repair.
struct Context<'c, 'a> {
    compiled: &'c Compiled,
    parts: &'c Parts<'a>,
    element: Element,
    item: Option<Node>,
    /// The variable `cluster`.
    cluster: &'c Node,
}

impl Context<'_, '_> {
    /// The tree after one edit; none when an expression of the edit fails.
    fn apply(&self, edit: &Edit, tree: &Node) -> Option<Node> {
        let path = self.path(&edit.path);
        if let Some(when) = &edit.when
            && !self.test(when, self.item.as_ref())?
        {
            return Some(tree.clone());
        }
        Some(match &edit.op {
            EditOp::Set(value) => edit::set(tree, &path, &self.value(value)?),
            EditOp::Remove => edit::remove(tree, &path),
            EditOp::Add(value) => edit::add(tree, &path, self.value(value)?),
            EditOp::RemoveWhere(condition) => {
                let Some(list) = path.walk(tree).and_then(Node::as_list) else {
                    return Some(tree.clone());
                };
                let mut kept = Vec::with_capacity(list.len());
                for item in list {
                    if !self.test(condition, Some(item))? {
                        kept.push(item.clone());
                    }
                }
                edit::set(tree, &path, &Node::list(kept))
            }
        })
    }

    fn path(&self, place: &Anchored) -> FieldPath {
        self.parts.resolve(self.element, place)
    }

    fn value(&self, value: &EditValue) -> Option<Node> {
        match value {
            EditValue::Fixed(node) => Some(node.clone()),
            EditValue::Computed(expr) => {
                let mut frame = Frame::default();
                bind(self.compiled, self.parts, self.element, self.item.as_ref(), &mut frame);
                frame.set(Var::Cluster, self.cluster.into());
                expr.run(&mut frame).ok().and_then(|value| value.to_node_within(MAX_PARTS))
            }
        }
    }

    fn test(&self, condition: &Expr, item: Option<&Node>) -> Option<bool> {
        let mut frame = Frame::default();
        bind(self.compiled, self.parts, self.element, item, &mut frame);
        frame.set(Var::Cluster, self.cluster.into());
        condition.test(&mut frame).ok()
    }
}
