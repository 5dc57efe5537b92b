//! An inventory that was read again, of which most is as it was.

use std::sync::Arc;

use super::Inventory;
use crate::model::object::Object;

impl Inventory {
    /// The same inventory, in which an object that is equal to one of `before`, down to the lines of its
    /// file, is the very same allocation: by that others tell what changed.
    #[must_use]
    pub fn sharing(mut self, before: &Self) -> Self {
        for (kind, list) in &mut self.kinds {
            let known = before.of(kind);
            if !known.is_empty() {
                share(Arc::<Vec<_>>::make_mut(list), known);
            }
        }
        self
    }

    /// Whether two objects have one name, as happens in files: then a name does not tell which is meant.
    #[must_use]
    pub fn has_twins(&self) -> bool {
        let twins = |pair: &[Arc<Object>]| matches!(pair, [one, next] if place(one) == place(next));
        self.source.is_manifests() && self.kinds.values().any(|list| list.windows(2).any(twins))
    }
}

/// Replaces what is equal in a list, both in the order of an inventory.
fn share(list: &mut [Arc<Object>], known: &[Arc<Object>]) {
    let mut known = known.iter().peekable();
    for object in list {
        while known.next_if(|old| place(old) < place(object)).is_some() {}
        // Of several with one name each stands for itself, in their order.
        if let Some(old) = known.next_if(|old| place(old) == place(object))
            && **old == **object
        {
            *object = Arc::clone(old);
        }
    }
}

fn place(object: &Object) -> (&str, &str) {
    (object.namespace(), &object.id.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::inventory::{SourceInfo, SourceKind};
    use crate::model::lines::LineIndex;
    use crate::model::node::Node;
    use crate::model::object::FileOrigin;

    fn object(name: &str, label: &str, line: u32) -> Arc<Object> {
        let metadata =
            [("name", Node::str(name)), ("labels", Node::map([("a", Node::str(label))]))];
        let body = Node::map([
            ("apiVersion", Node::str("v1")),
            ("kind", Node::str("ConfigMap")),
            ("metadata", Node::map(metadata)),
        ]);
        let mut lines = LineIndex::default();
        lines.begin(line, 1);
        let origin = FileOrigin { file: "a.yaml".into(), lines: Arc::new(lines) };
        let mut object = Object::new(body).unwrap();
        object.origin = Some(origin);
        Arc::new(object)
    }

    fn files(objects: Vec<Arc<Object>>) -> Inventory {
        let source = SourceInfo { kind: SourceKind::Files, ..SourceInfo::default() };
        Inventory::new(source, objects, Vec::new())
    }

    #[test]
    fn what_is_equal_down_to_its_lines_is_the_same_object() {
        let first = || vec![object("a", "1", 1), object("b", "1", 9), object("d", "1", 20)];
        let before = files(first());
        let mut now = first();
        now[1] = object("b", "2", 9);
        now[2] = object("d", "1", 21);
        now.push(object("c", "1", 15));
        let now = files(now).sharing(&before);
        let is_known = |o: &Arc<Object>| before.objects().any(|old| Arc::ptr_eq(old, o));
        let known: Vec<(&str, bool)> = now.objects().map(|o| (&*o.id.name, is_known(o))).collect();
        assert_eq!(known, [("a", true), ("b", false), ("c", false), ("d", false)]);
    }

    #[test]
    fn each_of_two_with_one_name_stands_for_itself() {
        let twins = || vec![object("a", "1", 1), object("a", "2", 9)];
        let (before, now) = (files(twins()), files(twins()));
        let now = now.sharing(&before);
        assert!(now.objects().zip(before.objects()).all(|(one, other)| Arc::ptr_eq(one, other)));
        assert!(now.has_twins() && !files(vec![object("a", "1", 1)]).has_twins());
        let one = files(vec![object("a", "2", 9)]).sharing(&before);
        assert_eq!(one.len(), 1);
    }
}
