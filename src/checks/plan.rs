//! A plan: the checks of a run, compiled.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::facts::FactName;
use crate::model::inventory::Problem;
use crate::model::kinds::Kind;
use crate::model::node::Node;

use super::cel::parse;
use super::check::Check;
use super::compiled::{Compiled, Params, fact_of, slots};
use super::follow::quiet::{self, Words};
use super::library::Library;
use super::schema;

/// The checks of a run, compiled, with what they need.
#[derive(Debug, Default)]
pub struct Plan {
    pub(super) checks: Vec<Compiled>,
    problems: Vec<Problem>,
    broken: BTreeSet<Arc<str>>,
}

impl Plan {
    /// Compiles the checks with these ids. Ids that are not in the library are left out: what
    /// an unknown id means is for the caller to say.
    #[must_use]
    pub fn new(library: &Library, ids: &[&str], params: &Params) -> Self {
        let wanted: BTreeMap<&str, &Arc<Check>> =
            ids.iter().filter_map(|id| library.checks.get(*id).map(|check| (*id, check))).collect();
        let checks: Vec<&Arc<Check>> = wanted.into_values().collect();
        let mut plan = Self::default();
        let half = checks.len().div_ceil(2).max(1);
        let compiled: Vec<_> = std::thread::scope(|scope| {
            let workers: Vec<_> = checks
                .chunks(half)
                .map(|part| (part, scope.spawn(|| compile(part, library, params))))
                .collect();
            let joined = workers.into_iter().map(|(part, w)| (part, w.join().unwrap_or_default()));
            joined.flat_map(|(part, results)| part.iter().copied().zip(results)).collect()
        });
        for (check, result) in compiled {
            match result {
                Ok(compiled) => plan.checks.push(compiled),
                Err(problem) => {
                    plan.problems.push(*problem);
                    plan.broken.insert(Arc::clone(&check.id));
                }
            }
        }
        plan
    }

    /// A plan of one check in its full text.
    pub(super) fn of(check: &Arc<Check>, params: &Params) -> Result<Self, Box<Problem>> {
        let built = parse::on_deep_stack(|| Compiled::new(check, params, String::new));
        let compiled = built.unwrap_or_else(|error| {
            Err(Box::new(schema::problem(&check.origin.file(), None, &error.to_string())))
        })?;
        Ok(Self { checks: vec![compiled], ..Self::default() })
    }

    /// Ids of the checks that will run.
    pub fn ids(&self) -> impl Iterator<Item = &Arc<str>> {
        self.checks.iter().map(Compiled::id)
    }

    /// What is wrong with checks that were asked for and do not compile.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Ids of checks that were asked for and do not compile.
    #[must_use]
    pub fn broken(&self) -> &BTreeSet<Arc<str>> {
        &self.broken
    }

    /// Whether some check may come to something else on one object than on the other, which differ
    /// outside of pod specs. What they say of a fail, which may name anything, does not count.
    #[must_use]
    pub fn tells_apart(&self, one: &Node, other: &Node) -> bool {
        self.checks.iter().any(|check| {
            let look = quiet::look(check, Words::OfOpen);
            look.is_none_or(|look| !look.sees_the_same(one, other))
        })
    }

    /// The facts that the checks look at.
    #[must_use]
    pub fn facts(&self) -> BTreeSet<FactName> {
        let mask = self.checks.iter().fold(0, |mask, check| mask | check.facts);
        slots(mask).filter_map(fact_of).collect()
    }

    /// The kinds whose objects must be listed: what is looked at, and what facts rest on.
    #[must_use]
    pub fn kinds(&self) -> BTreeSet<Kind> {
        let mut kinds = BTreeSet::new();
        self.checks.iter().for_each(|check| listed(check, &mut kinds));
        kinds
    }

    /// Which checks need the lists of each kind of [`Plan::kinds`].
    #[must_use]
    pub fn needs(&self) -> BTreeMap<Kind, BTreeSet<Arc<str>>> {
        let mut needs: BTreeMap<Kind, BTreeSet<Arc<str>>> = BTreeMap::new();
        for check in &self.checks {
            let mut kinds = BTreeSet::new();
            listed(check, &mut kinds);
            for kind in kinds {
                needs.entry(kind).or_default().insert(Arc::clone(check.id()));
            }
        }
        needs
    }
}

/// The kinds whose objects must be listed for a check.
fn listed(check: &Compiled, kinds: &mut BTreeSet<Kind>) {
    let target = &check.check.target;
    for pattern in &target.kinds {
        pattern.listed(kinds);
    }
    kinds.extend(target.lists.iter().map(|list| list.kind.clone()));
    for fact in slots(check.facts).filter_map(fact_of) {
        kinds.extend(fact.kinds(target.scope.word()));
    }
}

fn compile(
    checks: &[&Arc<Check>],
    library: &Library,
    params: &Params,
) -> Vec<Result<Compiled, Box<Problem>>> {
    let built = parse::on_deep_stack(|| {
        let one = |check: &&Arc<Check>| {
            let text = || library.text(&check.id).unwrap_or_default().to_owned();
            Compiled::new(check, params, text)
        };
        checks.iter().map(one).collect::<Vec<_>>()
    });
    built.unwrap_or_else(|error| {
        let failed = |check: &&Arc<Check>| {
            Err(Box::new(schema::problem(&check.origin.file(), None, &error.to_string())))
        };
        checks.iter().map(failed).collect()
    })
}
