//! What a person would call different in a newer inventory of a source: [`Changes`] tells objects apart by
//! their allocation, this by what they say.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::changes::Changes;
use super::inventory::{Inventory, SourceInfo};
use super::node::Node;
use super::object::Object;
use super::read::Read;

/// What is different in a newer inventory. When a read took place, and how long it took, is no
/// difference: lists that are read again and hold the same leave nothing here.
#[derive(Clone, Debug, Default)]
pub struct InventoryDifference {
    /// Objects that are new.
    pub added: Vec<Arc<Object>>,
    /// Objects that are there as before, but not the same any more: as they are now.
    pub changed: Vec<Arc<Object>>,
    /// Places among these of the ones that changed in more than their status.
    pub meant: BTreeSet<usize>,
    /// Objects that are gone.
    pub removed: Vec<Arc<Object>>,
    /// What could be read, or what is known of the source, is different.
    pub reads: bool,
    /// Lists that were read say something else in words, and hold as many objects as before.
    pub words: bool,
}

impl InventoryDifference {
    /// Compares two inventories of one source. Objects that both share cost next to nothing.
    #[must_use]
    pub fn between(before: &Inventory, after: &Inventory) -> Self {
        let mut changes = Self {
            reads: !told_alike(&before.source, &after.source)
                || before.problems != after.problems
                || !same_reads(&before.reads, &after.reads),
            words: !same_words(&before.reads, &after.reads),
            ..Self::default()
        };
        let apart = Changes::between(before, after);
        for (before, after) in apart.kinds().flat_map(|(_, of_kind)| &of_kind.pairs) {
            match (before, after) {
                (Some(before), Some(after)) => changes.pair(before, after),
                (Some(before), None) => changes.removed.push(Arc::clone(before)),
                (None, Some(after)) => changes.added.push(Arc::clone(after)),
                (None, None) => {}
            }
        }
        changes
    }

    /// Whether nothing is different.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count() == 0 && !self.words
    }

    /// How many objects are different; 1 where only what could be read is, 0 where that is only told in
    /// other words.
    #[must_use]
    pub fn count(&self) -> usize {
        let objects = self.added.len() + self.changed.len() + self.removed.len();
        objects.max(usize::from(self.reads))
    }

    /// Objects that somebody changed, rather than only their status.
    pub fn changed_in_more_than_status(&self) -> impl Iterator<Item = &Arc<Object>> {
        self.meant.iter().filter_map(|at| self.changed.get(*at))
    }

    fn pair(&mut self, before: &Arc<Object>, after: &Arc<Object>) {
        if same(before, after) {
            return;
        }
        if before.uid != after.uid || !same_but_status(before.body(), after.body()) {
            self.meant.insert(self.changed.len());
        }
        self.changed.push(Arc::clone(after));
    }
}

/// Whether two objects of one name are the same. The server's version tells, where there is one.
fn same(a: &Arc<Object>, b: &Arc<Object>) -> bool {
    if Arc::ptr_eq(a, b) {
        return true;
    }
    if a.version.is_empty() || b.version.is_empty() {
        return a == b;
    }
    a.version == b.version && a.uid == b.uid && a.id == b.id
}

/// Whether two trees say the same, but for status and what the server counts.
fn same_but_status(a: &Node, b: &Node) -> bool {
    let (Some(a), Some(b)) = (a.as_map(), b.as_map()) else { return a == b };
    let told = |key: &str| key != "status";
    let parts = a.iter().chain(b.iter()).map(|(key, _)| key).filter(|key| told(key));
    let keys: BTreeSet<&str> = parts.collect();
    keys.into_iter().all(|key| match (key, a.get(key), b.get(key)) {
        ("metadata", Some(a), Some(b)) => same_metadata(a, b),
        (_, a, b) => a == b,
    })
}

fn same_metadata(a: &Node, b: &Node) -> bool {
    let kept = ["labels", "annotations", "ownerReferences", "finalizers", "deletionTimestamp"];
    kept.into_iter().all(|key| a.get(key) == b.get(key))
}

fn told_alike(a: &SourceInfo, b: &SourceInfo) -> bool {
    let told = |s: &SourceInfo| SourceInfo { read_at: None, ..s.clone() };
    told(a) == told(b)
}

fn same_reads(a: &[Read], b: &[Read]) -> bool {
    let same = |(a, b): (&Read, &Read)| {
        (&a.resource, &a.kind, &a.namespace, a.status, a.items)
            == (&b.resource, &b.kind, &b.namespace, b.status, b.items)
    };
    a.len() == b.len() && a.iter().zip(b).all(same)
}

fn same_words(a: &[Read], b: &[Read]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.message == b.message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::Kind;
    use crate::model::read::ReadStatus;

    fn object(name: &str, version: &str, replicas: i64, ready: i64) -> Arc<Object> {
        let tree = Node::map([
            ("apiVersion", Node::str("apps/v1")),
            ("kind", Node::str("Deployment")),
            (
                "metadata",
                Node::map([
                    ("name", Node::str(name)),
                    ("namespace", Node::str("shop")),
                    ("resourceVersion", Node::str(version)),
                ]),
            ),
            ("spec", Node::map([("replicas", Node::Int(replicas))])),
            ("status", Node::map([("readyReplicas", Node::Int(ready))])),
        ]);
        Arc::new(Object::new(tree).unwrap())
    }

    fn read(items: usize, millis: u64) -> Read {
        Read {
            resource: "apps/v1/deployments".into(),
            kind: Some(Kind::new("apps", "Deployment")),
            namespace: None,
            status: ReadStatus::Complete,
            items,
            message: None,
            millis: Some(millis),
        }
    }

    fn inventory(objects: Vec<Arc<Object>>, millis: u64) -> Inventory {
        let items = objects.len();
        let source = SourceInfo { read_at: Some(format!("at {millis}")), ..SourceInfo::default() };
        Inventory::new(source, objects, vec![read(items, millis)])
    }

    fn names(list: &[Arc<Object>]) -> Vec<&str> {
        list.iter().map(|o| &*o.id.name).collect()
    }

    #[test]
    fn what_is_read_again_and_holds_the_same_is_no_change() {
        let before = inventory(vec![object("a", "1", 1, 1), object("b", "2", 1, 1)], 10);
        let again = inventory(vec![object("b", "2", 1, 1), object("a", "1", 1, 1)], 99);
        let changes = InventoryDifference::between(&before, &again);
        assert!(changes.is_empty(), "{changes:?}");
        // Without versions the trees are compared.
        let plain = |ready| inventory(vec![object("a", "", 1, ready)], 10);
        assert!(InventoryDifference::between(&plain(1), &plain(1)).is_empty());
        assert_eq!(InventoryDifference::between(&plain(1), &plain(2)).count(), 1);
    }

    #[test]
    fn objects_come_go_and_change_and_status_alone_is_told_apart() {
        let before = ["a", "b", "c", "d"].map(|name| object(name, "1", 1, 1));
        let after = vec![object("a", "1", 1, 1), object("b", "2", 1, 0), object("c", "2", 3, 1)];
        let after = after.into_iter().chain([object("e", "9", 1, 1)]).collect();
        let changes =
            InventoryDifference::between(&inventory(before.to_vec(), 1), &inventory(after, 1));
        assert_eq!(names(&changes.added), ["e"]);
        assert_eq!(names(&changes.changed), ["b", "c"]);
        let meant: Vec<&str> = changes.changed_in_more_than_status().map(|o| &*o.id.name).collect();
        assert_eq!(meant, ["c"]);
        assert_eq!(names(&changes.removed), ["d"]);
        assert!(!changes.reads);
        assert_eq!(changes.count(), 4);
    }

    #[test]
    fn another_answer_to_a_read_is_a_change() {
        let before = inventory(Vec::new(), 1);
        let mut after = before.clone();
        after.reads[0].status = ReadStatus::Forbidden;
        let changes = InventoryDifference::between(&before, &after);
        assert!(changes.reads);
        assert_eq!(changes.count(), 1);
    }
}
