//! An object that findings are on, taken apart once for all of them. A hostile object has tens of
//! thousands, and what each of them asks of the whole object must not be worked out for each.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use crate::checks::compiled::{fact_of, slots};
use crate::checks::judge::Known;
use crate::checks::run::Run;
use crate::checks::target::{Element, Parts};
use crate::checks::worker::own_facts;
use crate::checks::{compiled::Compiled, worker::always_counts};
use crate::facts::Fact;
use crate::model::object::{Object, ObjectRef};

/// One object with what its findings say of it.
pub(in crate::checks) struct Scene<'a> {
    /// Which object of the run it is.
    pub(super) at: u32,
    pub(super) object: &'a Arc<Object>,
    pub(super) parts: Parts<'a>,
    identity: OnceCell<ObjectRef>,
    platform: OnceCell<bool>,
    template: OnceCell<bool>,
    /// The image of the first container of each name. Names are chosen by whoever made the object,
    /// so that they are hashed by a key of our own.
    images: OnceCell<HashMap<&'a str, Option<&'a str>>>,
    /// Facts that are about the object as a whole, by slot.
    facts: RefCell<Vec<(u8, Fact)>>,
}

impl<'a> Scene<'a> {
    /// The scene of an object of the run; none for what stands for the cluster.
    pub(in crate::checks) fn of(run: &Run<'a>, at: u32) -> Option<Self> {
        let object = run.object(at)?;
        #[cfg(test)]
        run.apart.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Some(Self {
            at,
            object,
            parts: Parts::with_facts(object, run.facts),
            identity: OnceCell::new(),
            platform: OnceCell::new(),
            template: OnceCell::new(),
            images: OnceCell::new(),
            facts: RefCell::default(),
        })
    }

    /// The scene of an object: the last one, if that is of the same object.
    pub(in crate::checks) fn next<'s>(
        last: &'s mut Option<Self>,
        run: &Run<'a>,
        at: u32,
    ) -> Option<&'s Self> {
        if last.as_ref().is_none_or(|scene| scene.at != at) {
            *last = Self::of(run, at);
        }
        last.as_ref()
    }

    pub(super) fn identity(&self, run: &Run<'a>) -> &ObjectRef {
        self.identity.get_or_init(|| run.facts.identity(self.object))
    }

    /// Whether it is made from a template of which everything was read that would show it.
    pub(super) fn has_template(&self, run: &Run<'a>) -> bool {
        *self.template.get_or_init(|| {
            let identity = self.identity(run);
            let kind = identity.group_kind();
            let made = *identity != self.object.id
                && kind.builtin().is_some_and(|builtin| !builtin.pod_spec.is_empty());
            made && run.facts.list(&kind, identity.namespace.as_deref()).is_ok()
        })
    }

    /// Whether a finding of a check on an element is one of the platform.
    pub(super) fn platform(&self, run: &Run<'a>, check: &Compiled, element: Element) -> bool {
        if always_counts(check) {
            return false;
        }
        match element {
            Element::Subject(at) => run.facts.is_platform_subject(self.object, at as usize),
            _ => *self.platform.get_or_init(|| run.facts.is_platform(self.object)),
        }
    }

    /// The image of a container, by its name.
    pub(super) fn image(&self, name: &str) -> Option<&'a str> {
        let images = self.images.get_or_init(|| {
            let mut images = HashMap::new();
            for (_, _, _, node) in self.parts.containers() {
                if let Some(name) = node.str_at(&["name"]) {
                    images.entry(name).or_insert_with(|| node.str_at(&["image"]));
                }
            }
            images
        });
        images.get(name).copied().flatten()
    }

    /// What the texts of a finding say besides what is in the object.
    pub(super) fn known(&self, run: &Run<'a>, check: &Compiled, element: Element) -> Known {
        let mut known = Known::default();
        let target = self.parts.fact_target(element);
        let shared = !own_facts(check.check.target.scope);
        let mut facts = self.facts.borrow_mut();
        for slot in slots(super::told(check)) {
            let Some(name) = fact_of(slot) else { continue };
            let kept = facts.iter().find(|(at, _)| shared && *at == slot);
            let fact = match kept {
                Some((_, fact)) => fact.clone(),
                None => run.facts.get(name, &target),
            };
            if shared && kept.is_none() {
                facts.push((slot, fact.clone()));
            }
            known.push(slot, fact);
        }
        known
    }
}
