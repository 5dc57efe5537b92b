//! What checks see of the objects that they list, so that a change at another place of these calls
//! for nothing.
//!
//! The places are told from the texts of a check alone ([`crate::checks::cel::reads`]). An object
//! that is there before and after, and stands in the list at the same place, is the same to the check
//! if it is equal at all of them; one that came or went never is.

use std::collections::BTreeSet;

use crate::checks::beside::is_local;
use crate::checks::cel::reads::{Extent, Read, Step};
use crate::checks::cel::{Expr, Var};
use crate::checks::check::ListOf;
use crate::checks::compiled::Compiled;
use crate::checks::message::Template;
use crate::checks::plan::Plan;
use crate::checks::replay::ReadTree;
use crate::facts::follow::Bearing;
use crate::model::changes::{Changes, KindChanges, home};

/// What the checks of a plan see of each of their lists.
#[derive(Debug)]
pub(super) struct Listed {
    /// By the place of the check in the plan, in the order of its lists.
    looks: Vec<Vec<ReadTree>>,
}

impl Listed {
    pub(super) fn of(plan: &Plan) -> Self {
        Self { looks: plan.checks.iter().map(looks).collect() }
    }

    /// For which objects the lists of a check are other ones to it, by the place of each check.
    pub(super) fn bearings(&self, plan: &Plan, changes: &Changes) -> Vec<Bearing> {
        let of_check = |(check, looks): (&Compiled, &Vec<ReadTree>)| {
            let lists = check.check.target.lists.iter().zip(looks);
            lists.fold(Bearing::Nowhere, |all, (list, look)| match changes.of(&list.kind) {
                None => all,
                Some(of_kind) => all.and(bearing(list, look, of_kind)),
            })
        };
        plan.checks.iter().zip(&self.looks).map(of_check).collect()
    }
}

/// What a check sees of an element of each of its lists.
fn looks(check: &Compiled) -> Vec<ReadTree> {
    let lists = &check.check.target.lists;
    let mut looks: Vec<ReadTree> = lists.iter().map(|_| ReadTree::default()).collect();
    if lists.is_empty() {
        return looks;
    }
    let reasons = check.unknowns.iter().map(|unknown| &unknown.reason);
    let notes = check.cases.iter().filter_map(|case| case.note.as_ref());
    let words = reasons.chain(notes).chain([&check.message]);
    let words = words.flat_map(Template::reads).filter(|read| read.var == Var::Lists);
    for read in check.exprs().flat_map(Expr::list_reads).chain(words) {
        let named = |name: &str| match read.steps.first() {
            Some(Step::Field(key)) => key.as_str() == name,
            // The lists as a whole, or any of them.
            Some(Step::Each) | None => true,
        };
        let seen = lists.iter().zip(&mut looks).filter(|(list, _)| named(&list.name));
        seen.for_each(|(_, look)| add(look, &read));
    }
    looks
}

/// Takes in what is read of the elements of a list.
fn add(look: &mut ReadTree, read: &Read) {
    match read.steps.get(1..) {
        Some([Step::Each, rest @ ..]) => look.add(rest, read.extent),
        // How many there are, or whether there is a list: an object that is there before and after
        // makes no difference.
        Some([]) if read.extent != Extent::Whole => {}
        _ => look.add(&[], Extent::Whole),
    }
}

/// Where a list is another one to a check that sees so much of each element.
fn bearing(list: &ListOf, look: &ReadTree, of_kind: &KindChanges) -> Bearing {
    let mut homes = BTreeSet::new();
    for (one, other) in &of_kind.pairs {
        if let (Some(one), Some(other)) = (one, other)
            && look.sees_the_same(one.body(), other.body())
        {
            continue;
        }
        if !is_local(list) {
            return Bearing::Everywhere;
        }
        for object in [one, other].into_iter().flatten() {
            // What lives in no namespace is in the lists of each.
            if home(object).is_empty() {
                return Bearing::Everywhere;
            }
            if !homes.contains(home(object)) {
                homes.insert(home(object).into());
            }
        }
    }
    if homes.is_empty() { Bearing::Nowhere } else { Bearing::In(homes) }
}
