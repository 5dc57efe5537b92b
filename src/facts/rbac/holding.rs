//! `facts.holder`: what a subject of a binding holds in all, and beside whom it stands.

use super::{Binding, Rbac, Subject};
use crate::facts::unknown::{Answer, Draft, Fact, Reads};
use crate::model::node::Node;
use crate::model::object::Object;

/// Most accounts that are named beside a subject.
const MAX_NAMED: usize = 20;

impl Rbac {
    /// `facts.holder` of a subject of a binding: `rules`, those that it holds through bindings that name
    /// it, each with where it holds; `effective`, with those that a service account has from its groups;
    /// `beside`, the accounts where the binding holds, but for the subject itself, that could take over
    /// the cluster. None when the binding is not of this inventory.
    pub(crate) fn holding(&self, reads: &Reads, object: &Object, at: usize) -> Option<Fact> {
        let own = self.holder(reads, object, at)?;
        let binding = self.index.binding_at(object)?;
        let subject = binding.subjects.get(at).unwrap_or(&Subject::Invalid);
        let effective = match subject {
            Subject::Account { namespace, name } => self.account(reads, namespace, name),
            _ => own.clone(),
        };
        let mut draft = Draft::default();
        draft.put("rules", rules(&own));
        draft.put("effective", rules(&effective));
        draft.put("beside", self.beside(reads, binding, subject));
        Some(draft.finish())
    }

    fn beside(&self, reads: &Reads, binding: &Binding, but: &Subject) -> Answer<Vec<String>> {
        let strong = self.strong(reads);
        let here = binding.object.namespace();
        let places = strong.by_namespace.iter().filter(|(ns, _)| here.is_empty() || ***ns == *here);
        let mut accounts = places.flat_map(|(namespace, names)| {
            let own = move |name: &str| match but {
                Subject::Account { namespace: ns, name: n } => ns == namespace && **n == *name,
                _ => false,
            };
            let others = names.iter().filter(move |name| !own(name));
            others.map(move |name| (namespace, name))
        });
        let first = accounts.by_ref().take(MAX_NAMED);
        let mut named: Vec<String> = first.map(|(ns, name)| format!("{ns}/{name}")).collect();
        if accounts.next().is_some() {
            named.push("others".to_owned());
        }
        if let (true, Some(missing)) = (named.is_empty(), &strong.unread) {
            return Err(missing.clone());
        }
        Ok(named)
    }
}

/// The rules that a fact tells of, or why it does not.
fn rules(fact: &Fact) -> Answer<Node> {
    match fact.missing_member("rules") {
        Some(missing) => Err(missing.clone()),
        None => Ok(fact.node().and_then(|node| node.get("rules")).cloned().unwrap_or_default()),
    }
}
