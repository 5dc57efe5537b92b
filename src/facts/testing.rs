//! Small worlds for tests.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Fact, FactName, Facts, Options, Target};
use crate::model::inventory::{Inventory, SourceInfo};
use crate::model::kinds::{BUILTINS, Kind};
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::{Read, ReadStatus};

/// Objects and reads of a test.
pub(crate) struct World {
    pub(crate) source: SourceInfo,
    pub(crate) objects: Vec<Arc<Object>>,
    pub(crate) reads: Vec<Read>,
}

/// The kinds that run pods, and pods, as they are printed.
pub(crate) const WORKLOADS: [&str; 8] = [
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "Pod",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
];

/// One recorded read.
pub(crate) fn read(kind: &Kind, namespace: Option<&str>, status: ReadStatus) -> Read {
    Read {
        resource: kind.to_string(),
        kind: Some(kind.clone()),
        namespace: namespace.map(str::to_owned),
        status,
        items: 0,
        message: None,
        millis: None,
    }
}

/// An object from JSON.
pub(crate) fn object(body: &Value) -> Object {
    Object::new(Node::from(body)).unwrap()
}

impl World {
    /// Nothing is known to be complete.
    pub(crate) fn open() -> Self {
        Self { source: SourceInfo::default(), objects: Vec::new(), reads: Vec::new() }
    }

    /// Every kind that any fact rests on was read completely.
    pub(crate) fn complete() -> Self {
        let mut world = Self::open();
        let builtin = BUILTINS.iter().map(crate::model::kinds::Builtin::kind);
        let facts = FactName::ALL.into_iter().flat_map(|f| {
            ["pod", "rule", "subject", "object", "namespace", "cluster"]
                .into_iter()
                .flat_map(move |scope| f.kinds(scope))
        });
        for kind in builtin.chain(facts) {
            if !world.reads.iter().any(|r| r.kind.as_ref() == Some(&kind)) {
                world.reads.push(read(&kind, None, ReadStatus::Complete));
            }
        }
        world
    }

    pub(crate) fn add(&mut self, body: &Value) -> &mut Self {
        self.objects.push(Arc::new(object(body)));
        self
    }

    pub(crate) fn namespace(&mut self, name: &str) -> &mut Self {
        self.add(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
    }

    pub(crate) fn pod(&mut self, namespace: &str, name: &str, spec: &Value) -> &mut Self {
        self.add(&json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace}, "spec": spec}))
    }

    pub(crate) fn account(&mut self, namespace: &str, name: &str) -> &mut Self {
        self.add(&json!({"apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": name, "namespace": namespace}}))
    }

    /// The read of a kind becomes forbidden.
    pub(crate) fn forbid(&mut self, kind: &Kind) -> &mut Self {
        for read in self.reads.iter_mut().filter(|r| r.kind.as_ref() == Some(kind)) {
            read.status = ReadStatus::Forbidden;
        }
        self
    }

    pub(crate) fn inventory(&self) -> Arc<Inventory> {
        Arc::new(Inventory::new(self.source.clone(), self.objects.clone(), self.reads.clone()))
    }

    pub(crate) fn facts(&self) -> Facts {
        Facts::new(self.inventory(), Options::default())
    }

    /// The object of this kind and name, wherever it lives.
    pub(crate) fn find(&self, kind: &str, name: &str) -> Arc<Object> {
        let found = self.objects.iter().find(|o| &*o.id.kind == kind && &*o.id.name == name);
        Arc::clone(found.unwrap_or_else(|| panic!("no {kind} {name}")))
    }

    /// A fact about an object of this world.
    pub(crate) fn fact(&self, name: FactName, kind: &str, object: &str) -> Fact {
        self.facts().get(name, &Target::Object(&self.find(kind, object)))
    }

    /// The members of a fact as JSON; null when unknown.
    pub(crate) fn json(&self, name: FactName, kind: &str, object: &str) -> Value {
        self.fact(name, kind, object).node().map_or(Value::Null, |node| node.to_json())
    }

    /// Which reads, when forbidden one by one, leave the fact less than wholly known.
    pub(crate) fn rests_on(&mut self, name: FactName, kind: &str, object: &str) -> Vec<String> {
        self.needed(|world| world.fact(name, kind, object).missing().is_some())
    }

    /// Which reads, when forbidden one by one, leave something unknown.
    pub(crate) fn needed(&mut self, unknown: impl Fn(&Self) -> bool) -> Vec<String> {
        let kinds: Vec<Kind> = self.reads.iter().filter_map(|r| r.kind.clone()).collect();
        let mut needed = Vec::new();
        for one in kinds {
            let before = self.reads.clone();
            self.forbid(&one);
            if unknown(self) {
                needed.push(one.to_string());
            }
            self.reads = before;
        }
        needed.sort();
        needed
    }
}
