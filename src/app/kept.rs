//! Where the findings of an object stand that somebody else made: a pod's at its Deployment, a job's
//! at its `CronJob`.

use std::collections::HashSet;

use crate::facts;
use crate::model::finding::Finding;
use crate::model::kinds::Kind;
use crate::model::object::{Object, ObjectRef};
use crate::model::severities::BySeverity;

use super::data::Data;
use super::item::Item;
use super::list::Row;

impl Data {
    /// The workload that an object goes by, whose findings are the object's too; none when it goes by
    /// itself.
    #[must_use]
    pub fn kept_at(&self, object: &Object) -> Option<ObjectRef> {
        let identity = facts::identity(&self.inventory, object);
        (identity != object.id).then_some(identity)
    }

    /// The findings that count for an object, and whose they are where it is not the object that would
    /// be mended.
    #[must_use]
    pub fn tally_of(&self, object: &Object) -> (Option<&BySeverity>, Option<ObjectRef>) {
        let owner = self.kept_at(object);
        let at = owner.as_ref().unwrap_or(&object.id);
        (self.index.objects.get(at), owner)
    }

    /// The findings that the objects of a kind show in their list, each once, however many of them show
    /// it: a workload's stand at each of its pods too.
    #[must_use]
    pub fn tally_of_kind(&self, kind: &Kind) -> BySeverity {
        let here = self.namespace.as_deref();
        let mut seen: HashSet<(&str, &str, &str, [Option<&str>; 2])> = HashSet::new();
        let mut places: HashSet<ObjectRef> = HashSet::new();
        for object in self.inventory.of(kind) {
            if here.is_some_and(|ns| object.namespace() != ns && object.id.namespace.is_some()) {
                continue;
            }
            // What one controller made goes by the same workload: its other objects tell nothing more.
            if let Some(owner) = object.controller().filter(|_| !object.is_mirror_pod()) {
                let labels = facts::HASH_LABELS.map(|label| object.label(label));
                if !seen.insert((object.namespace(), &owner.kind, &owner.name, labels)) {
                    continue;
                }
            }
            places.insert(facts::identity(&self.inventory, object));
        }
        let mut all = BySeverity::default();
        for place in &places {
            all.absorb(self.index.objects.get(place).copied().unwrap_or_default());
        }
        all
    }

    /// Whether objects of a kind show findings that stand at who made them.
    #[must_use]
    pub fn borrows(&self, kind: &Kind) -> bool {
        self.inventory.of(kind).iter().any(|object| {
            object.controller().is_some()
                && self.kept_at(object).is_some_and(|at| self.index.objects.contains_key(&at))
        })
    }

    /// How many findings stand at an owner: as many as its list of findings has.
    #[must_use]
    pub fn kept(&self, owner: &ObjectRef) -> usize {
        let own =
            |finding: &Finding| finding.owner.as_ref().or(finding.object.as_ref()) == Some(owner);
        self.of_object(owner).filter(|finding| own(finding)).count()
    }

    /// The row that leads from an object to where its findings stand; none when none do.
    pub(super) fn kept_row(&self, id: &ObjectRef) -> Option<Row> {
        let owner = self.kept_at(self.inventory.find(id)?)?;
        let count = self.kept(&owner);
        (count > 0).then(|| Row::new(Item::Kept { owner, count }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::finding::{RunResult, Severity};
    use crate::model::inventory::{Inventory, SourceInfo};
    use crate::text::locate;

    /// A Deployment with its `ReplicaSet` and two pods, and a pod that nobody made.
    const OBJECTS: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: pay}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: web-5d4
  namespace: pay
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, controller: true, uid: a}]
---
apiVersion: v1
kind: Pod
metadata:
  name: web-5d4-a
  namespace: pay
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-5d4, controller: true, uid: b}]
---
apiVersion: v1
kind: Pod
metadata:
  name: web-5d4-b
  namespace: pay
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-5d4, controller: true, uid: b}]
---
apiVersion: v1
kind: Pod
metadata: {name: alone, namespace: shop}
";

    fn data() -> Data {
        let objects: Vec<Arc<Object>> = locate::documents(OBJECTS)
            .into_iter()
            .map(|document| Arc::new(Object::new(document.node.unwrap()).unwrap()))
            .collect();
        let finding = |print: &str, severity: Severity, at: usize| {
            let object = &objects[at].id;
            let json = serde_json::json!({
                "fingerprint": print, "check": "a", "severity": severity, "form": "rule",
                "scope": "pod", "object": object, "owner": object, "instances": 0, "stale": 0,
                "origin": null, "container": null, "path": "spec", "missing": false, "value": null,
                "message": "", "note": null, "platform": false, "file": null, "line": null,
            });
            Arc::new(serde_json::from_value::<Finding>(json).unwrap())
        };
        let findings = vec![
            finding("a", Severity::High, 0),
            finding("b", Severity::Low, 0),
            finding("c", Severity::High, 4),
        ];
        let result = Some(Arc::new(RunResult { findings, ..RunResult::default() }));
        let inventory = Inventory::new(SourceInfo::default(), objects, Vec::new());
        let mut data = Data { inventory: Arc::new(inventory), result, ..Data::default() };
        data.recount();
        data
    }

    #[test]
    fn a_kind_counts_what_its_objects_show_and_each_finding_once() {
        let mut data = data();
        let total = |data: &Data, group: &str, kind: &str| {
            data.tally_of_kind(&Kind::new(group, kind)).total()
        };
        let all = |data: &Data| {
            [("apps", "Deployment"), ("apps", "ReplicaSet"), ("", "Pod")]
                .map(|(group, kind)| total(data, group, kind))
        };
        assert_eq!(all(&data), [2, 2, 3], "two pods of one workload show its two findings");
        assert!(data.borrows(&Kind::new("", "Pod")));
        assert!(!data.borrows(&Kind::new("apps", "Deployment")));
        data.namespace = Some("shop".to_owned());
        data.recount();
        assert_eq!(all(&data), [0, 0, 1]);
    }
}
