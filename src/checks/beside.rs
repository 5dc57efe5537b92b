//! What a rule sees besides its own object: lists of other objects.

use std::collections::HashMap;
use std::rc::Rc;

use crate::facts::Facts;
use crate::model::inventory::Inventory;
use crate::model::kinds::Kind;
use crate::model::object::Object;
use crate::model::read::Missing;

use super::cel::Val;
use super::check::{ListOf, Need};
use super::compiled::Compiled;

/// The lists that rules name, made once per kind and namespace.
#[derive(Default)]
pub(super) struct Lists<'a> {
    made: HashMap<(Kind, Option<Box<str>>), Val<'a>>,
}

impl<'a> Lists<'a> {
    /// The variable `lists` of a check for one object, and how many objects are in it.
    pub(super) fn of(
        &mut self,
        facts: &'a Facts,
        check: &'a Compiled,
        object: &Object,
    ) -> (Val<'a>, usize) {
        let mut entries = Vec::new();
        let mut count = 0;
        for list in &check.check.target.lists {
            let place = place(list, object);
            if list.need == Need::Optional && facts.list(&list.kind, place).is_err() {
                continue;
            }
            let key = (list.kind.clone(), place.map(Into::into));
            let make = || items(facts.inventory(), &list.kind, place);
            let value = self.made.entry(key).or_insert_with(make).clone();
            count += value.count().unwrap_or_default();
            entries.push((Val::Str(&list.name), value));
        }
        (Val::Entries(entries.into()), count)
    }
}

fn items<'a>(inventory: &'a Inventory, kind: &Kind, place: Option<&str>) -> Val<'a> {
    let Some(namespace) = place else {
        let all = inventory.of(kind).iter().map(|object| Val::from(&**object.body()));
        return Val::Items(all.collect::<Rc<[_]>>());
    };
    let here = inventory.in_namespace(kind, namespace).iter();
    // Whether a custom kind has namespaces is not known here; objects without one are in scope.
    let wide = kind.builtin().is_none().then(|| inventory.in_namespace(kind, ""));
    let all = here.chain(wide.unwrap_or_default());
    Val::Items(all.map(|object| Val::from(&**object.body())).collect::<Rc<[_]>>())
}

/// The namespace whose objects a list shows; none for those of the whole cluster.
fn place<'o>(list: &ListOf, object: &'o Object) -> Option<&'o str> {
    if list.wide || list.kind.builtin().is_some_and(|builtin| !builtin.namespaced) {
        return None;
    }
    if object.kind() == Kind::new("", "Namespace") {
        return Some(&object.id.name);
    }
    Some(object.namespace()).filter(|namespace| !namespace.is_empty())
}

/// The first list of a need that is not complete for an object.
pub(super) fn unread(
    facts: &Facts,
    check: &Compiled,
    object: &Object,
    need: Need,
) -> Option<Missing> {
    let lists = check.check.target.lists.iter().filter(|list| list.need == need);
    let mut lists = lists;
    lists.find_map(|list| facts.list(&list.kind, place(list, object)).err())
}

/// Whether a list that says what a check applies to is not complete for an object.
pub(super) fn applies_unseen(facts: &Facts, check: &Compiled, object: &Object) -> bool {
    let Some(when) = &check.check.target.when else { return false };
    let mut named = check.check.target.lists.iter().filter(|list| when.contains(&list.name));
    named.any(|list| facts.list(&list.kind, place(list, object)).is_err())
}
