//! Checks of the cluster as a whole.

use std::borrow::Cow;
use std::sync::Arc;

use crate::checks::beside;
use crate::checks::cel::Var;
use crate::checks::cel::eval::Frame;
use crate::checks::compiled::Compiled;
use crate::checks::judge::{Outcome, Trial};
use crate::checks::merge::{Broken, Key, Open, Seen, Shown, Sink};
use crate::checks::scope::Scope;
use crate::checks::settle::as_seen;
use crate::checks::target::{Element, Parts};
use crate::facts::Target;
use crate::model::node::Node;
use crate::model::object::Object;

use super::Worker;

impl<'a> Worker<'_, 'a> {
    /// Those checks of scope `cluster` that are wanted, once.
    pub(in crate::checks) fn cluster(&mut self, sink: &mut Sink, wanted: &dyn Fn(u32) -> bool) {
        if !self.run.scope.is_everything() {
            return;
        }
        for (at, check) in self.run.plan.checks.iter().enumerate() {
            if check.check.target.scope != Scope::Cluster {
                continue;
            }
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            if wanted(at) {
                self.cluster_check(at, check, sink);
            }
        }
    }

    fn cluster_check(&mut self, at: u32, check: &'a Compiled, sink: &mut Sink) {
        let name = Node::map([("name", Node::str("cluster"))]);
        let kind = [("apiVersion", Node::str("plimsoll")), ("kind", Node::str("Cluster"))];
        let tree = Node::map(kind.into_iter().chain([("metadata", name)]));
        // Rules of this scope see no object; it only stands for the place.
        let Ok(nowhere) = Object::new(tree) else { return };
        let known = self.known(check.facts, &Target::Cluster);
        let parts = Parts::of(&nowhere);
        let mut frame = Frame::default();
        known.bind(&mut frame);
        frame.set(Var::Cluster, (&self.run.cluster).into());
        let key = Key { place: 0, check: at, tail: 0 };
        let mut hits = Vec::new();
        let index = u32::MAX;
        let beside = self.lists.of(at, check, &nowhere);
        if let Some(beside) = &beside {
            beside.bind(&mut frame);
        }
        let facts = self.run.facts;
        let (element, captured) = (Element::Whole, self.captured());
        let trial =
            Trial { check, parts: &parts, element, known: &known, captured, left: u64::MAX };
        let outcome = match beside.as_ref().and_then(|beside| beside.unread.clone()) {
            Some(_)
                if !beside::applies_unseen(facts, check, &nowhere)
                    && trial.is_excluded(&mut frame) =>
            {
                Outcome::NotApplicable
            }
            Some(missing) => Outcome::Unknown(Cow::Owned(missing)),
            None => trial.judge(&mut frame, &mut hits),
        };
        let outcome = as_seen(check, beside.as_deref(), outcome);
        match outcome {
            Outcome::Pass => sink.pass(at),
            Outcome::NotApplicable => sink.not_applicable(at),
            Outcome::Fail => {}
            Outcome::Unknown(missing) => {
                let open = Open { missing: Arc::new(missing.into_owned()), platform: false };
                sink.open.insert(key, open);
            }
            Outcome::Error(message) => {
                sink.broken.insert(key, Broken { object: index, message });
            }
        }
        for hit in hits {
            let shown = Shown {
                seen: Seen::Template,
                severity: hit.severity,
                object: index,
                element: Element::Whole,
                item: hit.item,
                place: hit.place,
                case: hit.case,
            };
            sink.hit(key, shown);
        }
    }
}
