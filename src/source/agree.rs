//! Whether the objects of a capture are those that its reads tell of. A file can be edited, and one
//! from which objects were taken away must not answer as the cluster did: what a read brought is counted,
//! and where the counts differ nothing is concluded from what is not there.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::inventory::{Inventory, SourceKind};
use crate::model::kinds::{Builtin, Kind};
use crate::model::object::Object;
use crate::model::read::{Read, ReadStatus};
use crate::text::noun;

/// Makes a read that the objects contradict one that is not whole, and adds one for objects that no
/// read tells of. Gives a sentence for each.
pub(super) fn agree(inventory: &mut Inventory) -> Vec<String> {
    let mut reads = std::mem::take(&mut inventory.reads);
    let mut told = Vec::new();
    for read in &mut reads {
        if let Some(why) = contradicted(inventory, read) {
            told.push(format!("{}: {why}", place(read)));
            read.message = Some(match read.message.take() {
                Some(before) => format!("{why}; {before}"),
                None => why,
            });
            read.status = match read.status {
                ReadStatus::NotServed => ReadStatus::Failed,
                _ => ReadStatus::Partial,
            };
        }
    }
    let untold = untold(inventory, &reads);
    told.extend(
        untold.iter().map(|read| {
            format!("{}: {}", place(read), read.message.as_deref().unwrap_or_default())
        }),
    );
    reads.extend(untold);
    inventory.reads = reads;
    told
}

fn place(read: &Read) -> String {
    let namespace = read.namespace.as_deref();
    namespace.map_or_else(|| read.resource.clone(), |ns| format!("{} in {ns}", read.resource))
}

/// Why the objects are not those of a list that claims to tell what there is.
fn contradicted(inventory: &Inventory, read: &Read) -> Option<String> {
    let kind = read.kind.as_ref().filter(|kind| kind.is_list())?;
    if !read.status.proves_absence() {
        return None;
    }
    let here = match read.namespace.as_deref() {
        None => inventory.of(kind).len(),
        Some(name) if *kind == Kind::new("", "Namespace") => {
            usize::from(inventory.get(kind, "", name).is_some())
        }
        Some(namespace) => inventory.in_namespace(kind, namespace).len(),
    };
    let listed = if read.status == ReadStatus::NotServed { 0 } else { read.items };
    (here != listed).then(|| {
        let says = if read.status == ReadStatus::NotServed {
            "says that the server has none".to_owned()
        } else {
            format!("says that {listed} were read")
        };
        format!("the snapshot {says} and holds {here}; it was changed or is damaged, take it again")
    })
}

/// Objects of a list that no read tells of, as a read of each kind. Manifests are read by file.
fn untold(inventory: &Inventory, reads: &[Read]) -> Vec<Read> {
    if inventory.source.kind == SourceKind::Files {
        return Vec::new();
    }
    // Where each kind was read; without a namespace, everywhere.
    let mut places: BTreeMap<&Kind, BTreeSet<Option<&str>>> = BTreeMap::new();
    for read in reads {
        if let Some(kind) = &read.kind {
            places.entry(kind).or_default().insert(read.namespace.as_deref());
        }
    }
    let nowhere = BTreeSet::new();
    let mut found = Vec::new();
    for kind in inventory.kinds().filter(|kind| kind.is_list()) {
        let read = places.get(kind).unwrap_or(&nowhere);
        if read.contains(&None) {
            continue;
        }
        let told = |object: &Object| {
            [object.namespace(), &object.id.name].iter().any(|name| read.contains(&Some(*name)))
        };
        let items = inventory.of(kind).iter().filter(|object| !told(object)).count();
        if items > 0 {
            let noun = noun(items, "object");
            found.push(Read {
                resource: kind.builtin().map_or_else(|| kind.to_string(), Builtin::resource),
                kind: Some(kind.clone()),
                namespace: None,
                status: ReadStatus::Partial,
                items,
                message: Some(format!(
                    "the snapshot holds {items} {noun} that none of its reads tells of; it was changed or \
                     is damaged, take it again"
                )),
                millis: None,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::inventory::Knowledge;
    use crate::source::demo;

    fn pods() -> Kind {
        Kind::new("", "Pod")
    }

    fn read_of<'a>(inventory: &'a mut Inventory, kind: &Kind) -> &'a mut Read {
        inventory.reads.iter_mut().find(|read| read.kind.as_ref() == Some(kind)).unwrap()
    }

    #[test]
    fn what_was_captured_agrees_with_itself() {
        let mut inventory = demo::inventory([]);
        let before = inventory.reads.clone();
        assert_eq!(agree(&mut inventory), [""; 0]);
        assert_eq!(inventory.reads, before);
    }

    #[test]
    fn a_list_with_fewer_or_more_objects_than_were_read_proves_nothing() {
        for change in [-1_isize, 1] {
            let mut inventory = demo::inventory([]);
            let read = read_of(&mut inventory, &pods());
            read.items = read.items.checked_add_signed(change).unwrap();
            let told = agree(&mut inventory);
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].starts_with("v1/pods: the snapshot says that "), "{told:?}");
            let Knowledge::Missing(missing) = inventory.knows(&pods(), None) else {
                panic!("a list that is contradicted is not whole");
            };
            assert_eq!(missing.status, ReadStatus::Partial);
        }
    }

    #[test]
    fn what_is_said_not_to_be_served_and_is_there_all_the_same_failed() {
        let mut inventory = demo::inventory([]);
        read_of(&mut inventory, &pods()).status = ReadStatus::NotServed;
        let told = agree(&mut inventory);
        assert!(told[0].contains("says that the server has none and holds "), "{told:?}");
        assert_eq!(read_of(&mut inventory, &pods()).status, ReadStatus::Failed);
    }

    #[test]
    fn objects_that_no_read_tells_of_get_one() {
        let mut inventory = demo::inventory([]);
        inventory.reads.retain(|read| read.kind.as_ref() != Some(&pods()));
        let told = agree(&mut inventory);
        assert!(
            told[0].starts_with("v1/pods: ") && told[0].contains("none of its reads"),
            "{told:?}"
        );
        assert_eq!(read_of(&mut inventory, &pods()).status, ReadStatus::Partial);
        // A read of one namespace says nothing about objects of another.
        let mut inventory = demo::inventory([]);
        let items = inventory.in_namespace(&pods(), "pay").len();
        let read = read_of(&mut inventory, &pods());
        (read.namespace, read.items) = (Some("pay".to_owned()), items);
        assert_eq!(agree(&mut inventory).len(), 1);
        assert!(matches!(inventory.knows(&pods(), Some("shop")), Knowledge::Missing(_)));
        assert_eq!(inventory.knows(&pods(), Some("pay")), Knowledge::Complete);
    }
}
