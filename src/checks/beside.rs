//! What a rule sees besides its own object: lists of other objects.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::facts::Facts;
use crate::model::changes::home;
use crate::model::inventory::Inventory;
use crate::model::kinds::Kind;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::Missing;

use super::cel::eval::Frame;
use super::cel::memo::Common;
use super::cel::{Val, Var};
use super::check::{ListOf, Need};
use super::compiled::Compiled;

/// What one check sees beside every object of one namespace.
pub(super) struct Beside<'a> {
    lists: Val<'a>,
    /// How many objects are in them.
    objects: usize,
    common: Rc<Common<'a>>,
    /// The first list that has to be complete and is not: then nothing is judged.
    pub(super) unread: Option<Missing>,
    /// The first list of which only a part was seen: then no pass is certain.
    pub(super) partly: Option<Missing>,
}

impl<'a> Beside<'a> {
    /// Sets the variable `lists`.
    pub(super) fn bind<'f>(&self, frame: &mut Frame<'f>)
    where
        'a: 'f,
    {
        frame.set(Var::Lists, self.lists.clone());
        frame.allow(self.objects);
        frame.remember(Some(Rc::<Common<'a>>::clone(&self.common)));
    }

    /// Steps taken since this was last asked to work out what objects share.
    pub(super) fn take_spent(&self) -> u64 {
        self.common.take_spent()
    }
}

/// The lists that rules name, made once per kind and namespace, and what checks see of them.
pub(super) struct Lists<'a> {
    facts: &'a Facts,
    cluster: &'a Node,
    items: FxHashMap<(Kind, Option<Box<str>>), Val<'a>>,
    /// By the place of the check in the plan.
    made: FxHashMap<u32, OfCheck<'a>>,
}

/// What one check sees, by namespace.
struct OfCheck<'a> {
    /// Whether any of its lists differs from one namespace to the next.
    local: bool,
    /// What it saw last: objects come namespace by namespace.
    last: Option<(Box<str>, Rc<Beside<'a>>)>,
    made: FxHashMap<Box<str>, Rc<Beside<'a>>>,
}

impl<'a> Lists<'a> {
    /// None made yet. `cluster` is the variable of that name.
    pub(super) fn new(facts: &'a Facts, cluster: &'a Node) -> Self {
        Self { facts, cluster, items: FxHashMap::default(), made: FxHashMap::default() }
    }

    /// What a check, which has this place in the plan, sees beside an object; none if it names no
    /// lists and shares nothing between objects.
    pub(super) fn of(
        &mut self,
        at: u32,
        check: &'a Compiled,
        object: &Object,
    ) -> Option<Rc<Beside<'a>>> {
        let lists = &check.check.target.lists;
        if lists.is_empty() && !check.shares {
            return None;
        }
        let of_check = self.made.entry(at).or_insert_with(|| {
            let local = lists.iter().any(is_local);
            OfCheck { local, last: None, made: FxHashMap::default() }
        });
        let place = if of_check.local { home(object) } else { "" };
        if let Some((last, beside)) = &of_check.last
            && **last == *place
        {
            return Some(Rc::clone(beside));
        }
        let made = of_check.made.get(place).cloned();
        let beside = made.unwrap_or_else(|| Rc::new(self.make(check, object)));
        if let Some(of_check) = self.made.get_mut(&at) {
            of_check.made.insert(place.into(), Rc::clone(&beside));
            of_check.last = Some((place.into(), Rc::clone(&beside)));
        }
        Some(beside)
    }

    fn make(&mut self, check: &'a Compiled, object: &Object) -> Beside<'a> {
        let (lists, objects) = self.lists(check, object);
        let vars = [
            (Var::Lists, lists.clone()),
            (Var::Params, (&check.params).into()),
            (Var::Cluster, self.cluster.into()),
        ];
        let common = Common::new(check.exprs(), vars, objects);
        #[cfg(test)]
        let common = common.eager();
        Beside {
            lists,
            objects,
            common: Rc::new(common),
            unread: unread(self.facts, check, object, Need::Complete),
            partly: unread(self.facts, check, object, Need::Seen),
        }
    }

    fn lists(&mut self, check: &'a Compiled, object: &Object) -> (Val<'a>, usize) {
        let facts = self.facts;
        let mut entries = Vec::new();
        let mut count = 0;
        for list in &check.check.target.lists {
            let place = place(list, object);
            if list.need == Need::Optional && facts.list(&list.kind, place).is_err() {
                continue;
            }
            let key = (list.kind.clone(), place.map(Into::into));
            let make = || items(facts.inventory(), &list.kind, place);
            let value = self.items.entry(key).or_insert_with(make).clone();
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
    Some(home(object)).filter(|namespace| is_local(list) && !namespace.is_empty())
}

/// Whether a list shows the objects of one namespace.
pub(super) fn is_local(list: &ListOf) -> bool {
    !list.wide && list.kind.builtin().is_none_or(|builtin| builtin.namespaced)
}

/// The first list of a need that is not complete for an object.
fn unread(facts: &Facts, check: &Compiled, object: &Object, need: Need) -> Option<Missing> {
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
