//! What a check is, once its file is read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;

use crate::model::finding::{Form, Severity};
use crate::model::kinds::Kind;
use crate::model::node::Node;

use super::kinds::Pattern;
use super::place::Anchored;
use super::scope::Scope;

/// One technical rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Its id, also the name of its file.
    pub id: Arc<str>,
    /// What is wrong when it fails, in a few words.
    pub title: String,
    /// The directory it stands in: `pod-security`, `rbac`, …
    pub theme: Arc<str>,
    /// How bad a finding is, unless a case says otherwise.
    pub severity: Severity,
    /// What its outcome means for controls.
    pub form: Form,
    /// What is looked at.
    pub target: Target,
    /// When it fails, where, and what is said.
    pub rule: Rule,
    /// For people.
    pub explain: Explain,
    /// How to mend it.
    pub patches: Vec<Patch>,
    /// What can be set in the configuration.
    pub params: BTreeMap<String, Param>,
    /// Manifests with the expected verdict. Empty for built-in checks until
    /// [the full text](super::library::Library::full) is read.
    pub examples: Vec<Example>,
    /// The id of the built-in check it takes over.
    pub replaces: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
}

impl Check {
    /// Whether it looks at objects of namespaces, or at namespaces themselves, rather than at what a
    /// cluster has once: nodes, control plane, cluster-wide rights.
    #[must_use]
    pub fn in_namespaces(&self) -> bool {
        let platform = matches!(
            self.target.scope,
            Scope::Cluster | Scope::Component | Scope::Kubelet | Scope::Node
        );
        let inside = |kind: &Kind| {
            kind.builtin().is_none_or(|b| b.namespaced) || *kind == Kind::new("", "Namespace")
        };
        let mut kinds = BTreeSet::new();
        self.target.kinds.iter().for_each(|pattern| pattern.listed(&mut kinds));
        // Kinds that only a cluster tells, such as those of a group, may well be in namespaces.
        !platform && (kinds.is_empty() || kinds.iter().any(inside))
    }
}

/// Where a check comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Shipped; the path under `checks/`.
    BuiltIn(Arc<str>),
    /// A user's file.
    File(PathBuf),
}

impl Origin {
    /// The file's name as messages show it.
    #[must_use]
    pub fn file(&self) -> String {
        match self {
            Self::BuiltIn(path) => format!("checks/{path}"),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// What a check looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// One at a time.
    pub scope: Scope,
    /// On objects of these kinds.
    pub kinds: Vec<Pattern>,
    /// Where false, the check does not apply.
    pub when: Option<String>,
    /// Lists of other objects that the rule looks at.
    pub lists: Vec<ListOf>,
    /// The control-plane components meant, for scope `component`.
    pub components: Vec<String>,
}

impl Target {
    /// Whether it looks at objects of one kind and no other.
    #[must_use]
    pub fn is_only(&self, kind: &Kind) -> bool {
        matches!(self.kinds.as_slice(), [Pattern::One(one)] if one == kind)
    }
}

/// A list of other objects, `lists.<name>` in the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListOf {
    /// What is listed.
    pub kind: Kind,
    /// The plural of a built-in kind, `Kind.group` of another.
    pub name: String,
    /// Whether objects of all namespaces are meant, wherever the judged object lives.
    pub wide: bool,
    /// What it means that the list is not complete.
    pub need: Need,
}

/// What an incomplete list means for a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing is decided without it.
    Complete,
    /// A fail stands on what is there; a pass needs all of it.
    Seen,
    /// The rule can do without it.
    Optional,
}

/// When a check fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// True means that it fails.
    pub fail: String,
    /// A list, relative to the scope; the rule runs for each element.
    pub each: Option<Anchored>,
    /// An expression for a list of paths relative to the object; the rule runs for each.
    pub each_path: Option<String>,
    /// The offending field; the first whose condition holds.
    pub at: Vec<Place>,
    /// What is said of a finding.
    pub message: String,
    /// By circumstance; the first whose condition holds.
    pub cases: Vec<Case>,
    /// When nothing can be decided, and why.
    pub unknowns: Vec<Unknown>,
    /// Whether what stands at the place is a secret, never to be repeated in a finding.
    pub secret: bool,
}

/// A circumstance in which a rule cannot decide.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Unknown {
    /// The condition.
    pub when: String,
    /// What is said then; a template like a message.
    pub reason: String,
}

/// A place a finding points at.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Where.
    pub path: Anchored,
    /// Under which condition; none for always.
    pub when: Option<String>,
}

/// A circumstance that changes what a finding means.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Case {
    /// The condition.
    pub when: String,
    /// The severity then; none to keep it.
    pub severity: Option<Severity>,
    /// What is added then.
    pub note: Option<String>,
}

/// For people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Explain {
    /// What can happen.
    pub why: String,
    /// What to change, and what may break.
    pub fix: String,
    /// Where to read on.
    #[serde(default)]
    pub references: Vec<String>,
}

/// One edit that mends a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    /// What is done.
    pub op: PatchOp,
    /// Where.
    pub path: Anchored,
    /// Only where this holds; an expression without facts.
    pub when: Option<String>,
}

/// What an edit does.
#[derive(Clone, Debug, PartialEq)]
pub enum PatchOp {
    /// Sets the field.
    Set(PatchValue),
    /// Takes the field away.
    Remove,
    /// Adds an element to the list, unless it holds it.
    Add(PatchValue),
    /// Takes the elements for which the expression over `item` is true out of the list.
    RemoveWhere(String),
}

/// The value of an edit.
#[derive(Clone, Debug, PartialEq)]
pub enum PatchValue {
    /// As written.
    Fixed(Node),
    /// Computed by an expression.
    Computed(String),
}

/// What can be set in the configuration.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Param {
    /// The value without configuration.
    pub default: Node,
    /// What kind of value it is.
    #[serde(rename = "type")]
    pub kind: ParamType,
    /// Smallest number.
    #[serde(default)]
    pub min: Option<f64>,
    /// Largest number.
    #[serde(default)]
    pub max: Option<f64>,
    /// What it means.
    #[serde(default)]
    pub about: Option<String>,
}

/// What kind of value a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParamType {
    /// A whole number.
    Int,
    /// Any number.
    Number,
    /// Yes or no.
    Bool,
    /// A text.
    String,
    /// A list of texts.
    List,
}

impl ParamType {
    fn word(self) -> &'static str {
        match self {
            Self::Int => "a whole number",
            Self::Number => "a number",
            Self::Bool => "true or false",
            Self::String => "a text",
            Self::List => "a list of texts",
        }
    }
}

impl Param {
    /// Whether `value` may be given to the parameter.
    ///
    /// # Errors
    /// A sentence on what it should be.
    #[allow(clippy::cast_precision_loss, reason = "compared with bounds, not computed with")]
    pub fn accept(&self, value: &Node) -> Result<(), String> {
        let fits = match (self.kind, value) {
            (ParamType::Int, Node::Int(_))
            | (ParamType::Number, Node::Int(_) | Node::Float(_))
            | (ParamType::Bool, Node::Bool(_))
            | (ParamType::String, Node::Str(_)) => true,
            (ParamType::List, Node::List(items)) => items.iter().all(|i| i.as_str().is_some()),
            _ => false,
        };
        if !fits {
            return Err(format!("expected {}, found {value:?}", self.kind.word()));
        }
        let number = match value {
            Node::Int(v) => *v as f64,
            Node::Float(v) => *v,
            _ => return Ok(()),
        };
        if self.min.is_some_and(|min| number < min) || self.max.is_some_and(|max| number > max) {
            let bound = |b: Option<f64>| b.map_or_else(|| "any".to_owned(), |b| b.to_string());
            return Err(format!(
                "expected a number from {} to {}, found {number}",
                bound(self.min),
                bound(self.max)
            ));
        }
        Ok(())
    }
}

/// A manifest with the verdict it must get.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The verdict.
    pub verdict: Expected,
    /// The failing places: `path`, or `Kind/namespace/name path` with several objects. Without
    /// it, a failing example fails once, at the object itself.
    #[serde(default)]
    pub at: Option<Vec<String>>,
    /// Everything there is.
    pub yaml: String,
    /// Server version, `1.34`.
    #[serde(default)]
    pub kubernetes: Option<String>,
    /// The provider as recognised.
    #[serde(default)]
    pub provider: Option<String>,
    /// Resources that may not be listed.
    #[serde(default)]
    pub forbidden: Vec<String>,
    /// Parameters set for this example.
    #[serde(default)]
    pub params: BTreeMap<String, Node>,
    /// The moment at which everything was read, RFC 3339; `unknown` where nothing tells it.
    #[serde(default)]
    pub now: Option<String>,
}

/// The verdict of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// Some place fails.
    Fail,
    /// Every place passes.
    Pass,
    /// The rule cannot be evaluated.
    Error,
    /// Something is unknown.
    NotAssessed,
    /// There is nothing to judge.
    NotApplicable,
    /// An evidence check lists some place.
    Listed,
}

impl Expected {
    /// The word used in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Pass => "pass",
            Self::Error => "error",
            Self::NotAssessed => "not-assessed",
            Self::NotApplicable => "not-applicable",
            Self::Listed => "listed",
        }
    }
}
