//! Kinds and the objects of one.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::data::Data;
use crate::app::item::Item;
use crate::app::list::Row;
use crate::model::kinds::Kind;

pub(super) fn kind_rows(data: &Data) -> Vec<Row> {
    let listed = data.inventory.kinds().cloned();
    let read = data.inventory.reads.iter().filter_map(|read| read.kind.clone());
    let kinds: BTreeSet<Kind> = listed.chain(read).collect();
    let order = |kind: &Kind| {
        let known = crate::model::kinds::BUILTINS.iter().position(|b| b.kind() == *kind);
        known.unwrap_or(usize::MAX)
    };
    let mut kinds: Vec<Kind> = kinds.into_iter().collect();
    kinds.sort_by_key(order);
    let row = |kind: Kind| {
        let found = data.tally_of_kind(&kind);
        Row::new(Item::Kind(kind, found))
    };
    kinds.into_iter().map(row).collect()
}

pub(super) fn object_rows(data: &Data, kind: &Kind) -> Vec<Row> {
    let here = data.namespace.as_deref();
    let shown = data.inventory.of(kind).iter().filter(|object| {
        here.is_none_or(|ns| object.namespace() == ns || object.id.namespace.is_none())
    });
    let rows = shown.map(|object| Row::new(Item::Object(Arc::clone(object))));
    rows.chain(arriving_rows(data, kind)).collect()
}

/// What is still to come of a long list, after what is there: the server sends both in one order.
/// Where the namespace is not known yet it is in none that was chosen.
fn arriving_rows(data: &Data, kind: &Kind) -> impl Iterator<Item = Row> {
    let here = data.namespace.as_deref();
    let names = data.inventory.arriving.get(kind).into_iter().flatten();
    let names = names.filter(move |name| here.is_none() || name.namespace.as_deref() == here);
    names.enumerate().map(|(at, name)| Row::new(Item::Arriving(Arc::clone(name), at)))
}
