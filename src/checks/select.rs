//! What of an inventory is judged: namespaces, labels, one object.

use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::model::kinds::Kind;
use crate::model::object::Object;

/// What to judge. Everything else only serves as knowledge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunScope {
    /// Only objects of these namespaces, and the namespaces themselves; none for everything.
    pub namespaces: Option<BTreeSet<String>>,
    /// Only objects with these labels.
    pub selector: Option<LabelSelector>,
    /// Only this object and its pods: kind, namespace (none for any), name.
    pub object: Option<(Kind, Option<String>, String)>,
    /// The namespaces are a tenant's: what the cluster has once is somebody else's to answer for, and
    /// that it is left out leaves nothing of the tenant's undecided.
    pub tenant: bool,
}

impl RunScope {
    /// Whether it leaves anything out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// A scope in which nothing is.
    #[must_use]
    pub fn nothing() -> Self {
        Self { namespaces: Some(BTreeSet::new()), ..Self::default() }
    }

    /// Whether nothing can be in it.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.namespaces.as_ref().is_some_and(BTreeSet::is_empty)
    }

    /// Whether an object of a kind is to be judged.
    #[must_use]
    pub fn takes(&self, facts: &Facts, kind: &Kind, object: &Object) -> bool {
        if let Some(namespaces) = &self.namespaces {
            let namespace = match &*kind.kind {
                "Namespace" if kind.group.is_empty() => &object.id.name,
                _ => object.namespace(),
            };
            if !namespaces.contains(namespace) {
                return false;
            }
        }
        if let Some(selector) = &self.selector
            && !selector.matches(object)
        {
            return false;
        }
        let Some((wanted, namespace, name)) = &self.object else { return true };
        let is = |kind: &Kind, ns: &str, n: &str| {
            kind == wanted && namespace.as_deref().is_none_or(|wanted| ns == wanted) && n == name
        };
        if is(kind, object.namespace(), &object.id.name) {
            return true;
        }
        let owner = facts.identity(object);
        is(&owner.group_kind(), owner.namespace.as_deref().unwrap_or_default(), &owner.name)
    }
}

/// A label selector as kubectl takes it: `a=b,c!=d,e in (f,g),h,!i`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Has(String),
    Lacks(String),
}

impl LabelSelector {
    /// Reads a selector.
    ///
    /// # Errors
    /// A sentence that names the part that cannot be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut terms = Vec::new();
        for part in split(text) {
            terms.push(term(part.trim()).ok_or_else(|| {
                format!(
                    "`{}` is no label selector such as a=b, a!=b, a in (b,c), a or !a",
                    part.trim()
                )
            })?);
        }
        Ok(Self { terms })
    }

    /// Whether an object's labels fit.
    #[must_use]
    pub fn matches(&self, object: &Object) -> bool {
        self.terms.iter().all(|term| match term {
            Term::In(key, values) => {
                object.label(key).is_some_and(|v| values.iter().any(|w| w == v))
            }
            Term::NotIn(key, values) => {
                object.label(key).is_none_or(|v| values.iter().all(|w| w != v))
            }
            Term::Has(key) => object.label(key).is_some(),
            Term::Lacks(key) => object.label(key).is_none(),
        })
    }
}

/// Splits at commas outside parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts
}

fn term(text: &str) -> Option<Term> {
    let key = |k: &str| {
        let k = k.trim();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        (!k.is_empty() && k.chars().all(fits)).then(|| k.to_owned())
    };
    if let Some(rest) = text.strip_suffix(')') {
        let (head, values) = rest.split_once('(')?;
        let values = values.split(',').map(|v| v.trim().to_owned()).collect();
        let head = head.trim();
        return match head.strip_suffix("notin") {
            Some(name) => Some(Term::NotIn(key(name)?, values)),
            None => Some(Term::In(key(head.strip_suffix("in")?)?, values)),
        };
    }
    if let Some((name, value)) = text.split_once("!=") {
        return Some(Term::NotIn(key(name)?, vec![value.trim().to_owned()]));
    }
    if let Some((name, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return Some(Term::In(key(name)?, vec![value.trim().to_owned()]));
    }
    match text.strip_prefix('!') {
        Some(name) => Some(Term::Lacks(key(name)?)),
        None => Some(Term::Has(key(text)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::node::Node;

    #[test]
    fn selectors_as_kubectl_reads_them() {
        let json = br#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{"app":"web","tier":"front"}}}"#;
        let pod = Object::new(Node::from_json(json).unwrap()).unwrap();
        for (text, fits) in [
            ("app=web", true),
            ("app==web,tier=front", true),
            ("app!=web", false),
            ("other!=x", true),
            ("app in (web, api),tier notin (back)", true),
            ("app", true),
            ("!app", false),
            ("!gone", true),
        ] {
            assert_eq!(LabelSelector::parse(text).unwrap().matches(&pod), fits, "{text}");
        }
        for text in ["", "a b", "in (x)", "a=(", "!"] {
            let parsed = LabelSelector::parse(text);
            assert!(parsed.is_err() || text == "a=(", "{text}: {parsed:?}");
        }
    }
}
