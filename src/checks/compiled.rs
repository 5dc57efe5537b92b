//! A check ready to run.

use crate::text::hex;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use sha2::{Digest as _, Sha256};

use crate::facts::FactName;
use crate::model::finding::Severity;
use crate::model::inventory::Problem;
use crate::model::node::Node;
use crate::model::path::Seg;

use super::cel::{CelError, Expr, Names, Var, parse};
use super::check::{Check, Origin, PatchOp, PatchValue, Place, Rule};
use super::library::Library;
use super::locate::Spot;
use super::message::Template;
use super::place::{Anchor, Anchored};
use super::schema;

/// Names of all facts, by slot.
pub(super) static FACTS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| FactName::ALL.iter().map(|f| f.as_str()).collect());

/// The fact of a slot.
pub(super) fn fact_of(slot: u8) -> Option<FactName> {
    FactName::ALL.get(usize::from(slot)).copied()
}

/// The slots of a set of facts.
pub(super) fn slots(mask: u32) -> impl Iterator<Item = u8> {
    (0..32).filter(move |slot| mask & (1 << slot) != 0)
}

/// Values of parameters, by name, or by `check/name` for one check alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params(pub BTreeMap<String, Node>);

impl Params {
    fn of(&self, check: &str, name: &str) -> Option<&Node> {
        self.0.get(&format!("{check}/{name}")).or_else(|| self.0.get(name))
    }

    /// Those of some checks that are not what the checks say, as `check/name`.
    #[must_use]
    pub fn changed<'a>(
        &self,
        library: &Library,
        checks: impl Iterator<Item = &'a str>,
    ) -> BTreeMap<String, Node> {
        let mut changed = BTreeMap::new();
        for check in checks.filter_map(|id| library.checks.get(id)) {
            for (name, param) in &check.params {
                if let Some(value) = self.of(&check.id, name).filter(|v| **v != param.default) {
                    changed.insert(format!("{}/{name}", check.id), value.clone());
                }
            }
        }
        changed
    }
}

/// A check with its expressions compiled.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) check: Arc<Check>,
    pub(super) when: Option<Expr>,
    pub(super) fail: Expr,
    pub(super) each_path: Option<Expr>,
    pub(super) places: Vec<Spotted>,
    pub(super) message: Template,
    pub(super) cases: Vec<Circumstance>,
    pub(super) unknowns: Vec<Undecided>,
    pub(super) patches: Vec<Edit>,
    /// The parameters' values as one map.
    pub(super) params: Node,
    /// Whether there is any: without, no expression can name them.
    pub(super) has_params: bool,
    /// Whether any expression works something out for all objects.
    pub(super) shares: bool,
    /// Facts without which the rule is not evaluated.
    pub(super) required: u32,
    /// Every fact any of its expressions looks at.
    pub(super) facts: u32,
    /// Of a check that looks for secrets: what tells its rule and parameters from others.
    pub(super) digest: Option<String>,
}

/// A place with its condition compiled.
#[derive(Debug)]
pub(super) struct Spotted {
    pub(super) path: Anchored,
    /// What tells it apart from the other places of the check, where the fields alone do: equal
    /// for equal fields, 0 for none. None where list elements have to be looked up.
    pub(super) tail: Option<u32>,
    pub(super) when: Option<Expr>,
}

/// A case with its condition compiled.
#[derive(Debug)]
pub(super) struct Circumstance {
    pub(super) when: Expr,
    pub(super) severity: Option<Severity>,
    pub(super) note: Option<Template>,
}

/// A circumstance in which the rule cannot decide.
#[derive(Debug)]
pub(super) struct Undecided {
    pub(super) when: Expr,
    pub(super) reason: Template,
}

/// An edit with its expressions compiled.
#[derive(Debug)]
pub(super) struct Edit {
    pub(super) path: Anchored,
    pub(super) when: Option<Expr>,
    pub(super) op: EditOp,
}

/// What an edit does, compiled.
#[derive(Debug)]
pub(super) enum EditOp {
    Set(EditValue),
    Remove,
    Add(EditValue),
    RemoveWhere(Expr),
}

/// The value of an edit, compiled.
#[derive(Debug)]
pub(super) enum EditValue {
    Fixed(Node),
    Computed(Expr),
}

/// An error in one of the texts of a check.
struct Wrong {
    spot: Spot,
    error: CelError,
}

impl Compiled {
    /// Says whether anything in its rules is worked out once for several objects.
    fn with_shares(mut self) -> Self {
        let shares = self.exprs().any(|expr| !expr.hoard.is_empty());
        self.shares = shares;
        self
    }

    /// Compiles a check. Call it [on a deep stack](parse::on_deep_stack). `text` is looked at
    /// only to say where an error stands.
    ///
    /// # Errors
    /// The first thing that is wrong with one of its expressions, with its place.
    pub(super) fn new(
        check: &Arc<Check>,
        params: &Params,
        text: impl FnOnce() -> String,
    ) -> Result<Self, Box<Problem>> {
        build(check, params).map_err(|wrong| {
            let (line, column) = (wrong.error.line, wrong.error.column);
            let at = wrong.spot.find_in_string(&text(), line, column);
            let message = format!("{}: {}", wrong.spot, wrong.error);
            Box::new(schema::problem(&check.origin.file(), at, &message))
        })
    }

    /// Whether a check compiles.
    ///
    /// # Errors
    /// As for [`Compiled::new`].
    pub(super) fn check(check: &Arc<Check>, text: &str) -> Result<(), Box<Problem>> {
        let built = parse::on_deep_stack(|| {
            Self::new(check, &Params::default(), || text.to_owned()).map(|_| ())
        });
        built.unwrap_or_else(|error| {
            Err(Box::new(schema::problem(&check.origin.file(), None, &error.to_string())))
        })
    }

    pub(super) fn id(&self) -> &Arc<str> {
        &self.check.id
    }

    /// The expressions that are evaluated for every element.
    pub(super) fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.deciding().chain(self.detailing())
    }

    /// Those that decide what the check comes to.
    pub(super) fn deciding(&self) -> impl Iterator<Item = &Expr> {
        let unknowns = self.unknowns.iter().map(|unknown| &unknown.when);
        self.when.iter().chain([&self.fail]).chain(&self.each_path).chain(unknowns)
    }

    /// Those that say more of a place at which it fails.
    pub(super) fn detailing(&self) -> impl Iterator<Item = &Expr> {
        let places = self.places.iter().filter_map(|place| place.when.as_ref());
        places.chain(self.cases.iter().map(|case| &case.when))
    }
}

fn build(check: &Arc<Check>, params: &Params) -> Result<Compiled, Wrong> {
    let mut names = Names {
        vars: check.target.scope.vars(),
        params: check.params.keys().map(String::as_str).collect(),
        lists: check.target.lists.iter().map(|list| list.name.as_str()).collect(),
        facts: &FACTS,
        trusted: matches!(check.origin, Origin::BuiltIn(_)),
    };
    let rule = |keys: &[&str]| Spot::of(&["rule"]).keys(keys);
    let when = optional(check.target.when.as_deref(), Spot::of(&["target", "when"]), &names)?;
    let unknowns = undecided(check, &names)?;
    let each_path = optional(check.rule.each_path.as_deref(), rule(&["each-path"]), &names)?;
    let each = check.rule.each.is_some() || each_path.is_some();
    if each {
        names.vars.push(Var::Item);
    }
    let fail = compile(&check.rule.fail, rule(&["fail"]), &names)?;
    let places = check.rule.at.iter().enumerate().map(|(at, place)| {
        let spot = rule(&["at"]).index(at).key("when");
        Ok(Spotted {
            path: place.path.clone(),
            tail: tail(&check.rule.at, &place.path),
            when: optional(place.when.as_deref(), spot, &names)?,
        })
    });
    let places = places.collect::<Result<Vec<_>, Wrong>>()?;
    let message = template(&check.rule.message, rule(&["message"]), &names)?;
    let cases = circumstances(check, &names)?;
    if !names.has(Var::Item) {
        names.vars.push(Var::Item);
    }
    let patches = edits(check, &names)?;
    let required = fail.required | each_path.as_ref().map_or(0, |e| e.required);
    let mut facts = message.facts;
    let exprs = when.iter().chain(each_path.iter()).chain([&fail]);
    let conditions = places.iter().filter_map(|p| p.when.as_ref());
    let circumstances = cases.iter().map(|c| &c.when).chain(unknowns.iter().map(|u| &u.when));
    for expr in exprs.chain(conditions).chain(circumstances) {
        facts |= expr.required | expr.optional;
    }
    facts |= unknowns.iter().fold(0, |mask, unknown| mask | unknown.reason.facts);
    facts |= cases.iter().filter_map(|c| c.note.as_ref()).fold(0, |m, n| m | n.facts);
    let params = values(check, params)?;
    let compiled = Compiled {
        check: Arc::clone(check),
        digest: check.rule.secret.then(|| digest(check, &params)),
        params,
        has_params: !check.params.is_empty(),
        when,
        fail,
        each_path,
        places,
        message,
        cases,
        unknowns,
        patches,
        shares: false,
        required,
        facts,
    };
    Ok(compiled.with_shares())
}

/// A digest of everything that decides what a rule finds.
fn digest(check: &Check, params: &Node) -> String {
    let Rule { fail, each, each_path, at, cases, unknowns, .. } = &check.rule;
    let rule = format!("{fail:?}{each:?}{each_path:?}{at:?}{cases:?}{unknowns:?}");
    let text = format!("{:?}\n{rule}\n{}", check.target, params.to_json());
    let bytes = Sha256::digest(text.as_bytes());
    hex(bytes.get(..16).unwrap_or_default())
}

fn undecided(check: &Check, names: &Names<'_>) -> Result<Vec<Undecided>, Wrong> {
    let mut unknowns = Vec::with_capacity(check.rule.unknowns.len());
    for (at, unknown) in check.rule.unknowns.iter().enumerate() {
        let spot = Spot::of(&["rule", "unknown"]).index(at);
        unknowns.push(Undecided {
            when: compile(&unknown.when, spot.clone().key("when"), names)?,
            reason: template(&unknown.reason, spot.key("reason"), names)?,
        });
    }
    Ok(unknowns)
}

fn circumstances(check: &Check, names: &Names<'_>) -> Result<Vec<Circumstance>, Wrong> {
    let mut cases = Vec::with_capacity(check.rule.cases.len());
    for (at, case) in check.rule.cases.iter().enumerate() {
        let spot = Spot::of(&["rule", "case"]).index(at);
        let note = case.note.as_deref().map(|n| template(n, spot.clone().key("note"), names));
        cases.push(Circumstance {
            when: compile(&case.when, spot.key("when"), names)?,
            severity: case.severity,
            note: note.transpose()?,
        });
    }
    Ok(cases)
}

fn tail(places: &[Place], place: &Anchored) -> Option<u32> {
    if place.anchor == Anchor::Object || place.path.0.iter().any(|s| matches!(s, Seg::Index(_))) {
        return None;
    }
    if place.path.is_empty() {
        return Some(0);
    }
    let first = places.iter().position(|other| other.path.path == place.path)?;
    u32::try_from(first + 1).ok()
}

fn compile(source: &str, spot: Spot, names: &Names<'_>) -> Result<Expr, Wrong> {
    Expr::compile(source, names).map_err(|error| Wrong { spot, error })
}

fn optional(source: Option<&str>, spot: Spot, names: &Names<'_>) -> Result<Option<Expr>, Wrong> {
    source.map(|source| compile(source, spot, names)).transpose()
}

fn template(text: &str, spot: Spot, names: &Names<'_>) -> Result<Template, Wrong> {
    Template::parse(text, names).map_err(|m| Wrong { spot, error: CelError::whole(m) })
}

fn edits(check: &Check, names: &Names<'_>) -> Result<Vec<Edit>, Wrong> {
    let mut edits = Vec::with_capacity(check.patches.len());
    for (at, patch) in check.patches.iter().enumerate() {
        let spot = Spot::of(&["patch"]).index(at);
        let value = |value: &PatchValue| match value {
            PatchValue::Fixed(node) => Ok(EditValue::Fixed(node.clone())),
            PatchValue::Computed(source) => {
                compile(source, spot.clone().key("value-from"), names).map(EditValue::Computed)
            }
        };
        let op = match &patch.op {
            PatchOp::Set(given) => EditOp::Set(value(given)?),
            PatchOp::Add(given) => EditOp::Add(value(given)?),
            PatchOp::Remove => EditOp::Remove,
            PatchOp::RemoveWhere(source) => {
                EditOp::RemoveWhere(compile(source, spot.clone().key("where"), names)?)
            }
        };
        let when = optional(patch.when.as_deref(), spot.key("when"), names)?;
        edits.push(Edit { path: patch.path.clone(), when, op });
    }
    Ok(edits)
}

fn values(check: &Check, params: &Params) -> Result<Node, Wrong> {
    let mut entries = Vec::with_capacity(check.params.len());
    for (name, param) in &check.params {
        let given = params.of(&check.id, name);
        if let Some(value) = given {
            param.accept(value).map_err(|message| Wrong {
                spot: Spot::of(&["params", name]),
                error: CelError::whole(format!("the configured value does not fit: {message}")),
            })?;
        }
        entries.push((name.as_str(), given.unwrap_or(&param.default).clone()));
    }
    Ok(Node::map(entries))
}
