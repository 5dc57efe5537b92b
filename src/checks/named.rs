//! The kinds that checks look at, told from their texts. Compiling all checks takes longer than the
//! first frame of a workbench may, and what has to be read has to be known before it.

use std::collections::BTreeSet;

use super::check::Check;
use super::library::Library;
use crate::facts::FactName;
use crate::model::kinds::Kind;

/// The kinds whose objects must be listed for the checks with these ids: those of
/// [`Plan::kinds`](super::Plan::kinds), and no fewer where a check does not compile or names a fact
/// in a text that it only prints.
#[must_use]
pub fn kinds_of<'c>(library: &Library, ids: impl IntoIterator<Item = &'c str>) -> BTreeSet<Kind> {
    let mut kinds = BTreeSet::new();
    for check in ids.into_iter().filter_map(|id| library.checks.get(id)) {
        for pattern in &check.target.kinds {
            pattern.listed(&mut kinds);
        }
        kinds.extend(check.target.lists.iter().map(|list| list.kind.clone()));
        for fact in texts(check).flat_map(facts_in) {
            kinds.extend(fact.kinds(check.target.scope.word()));
        }
    }
    kinds
}

/// Everything in a check that is evaluated.
fn texts(check: &Check) -> impl Iterator<Item = &str> {
    let rule = &check.rule;
    let optional = [&check.target.when, &rule.each_path].into_iter().flatten();
    let places = rule.at.iter().filter_map(|place| place.when.as_ref());
    let cases = rule.cases.iter().flat_map(|case| [&case.when].into_iter().chain(&case.note));
    let unknowns = rule.unknowns.iter().flat_map(|unknown| [&unknown.when, &unknown.reason]);
    let rest = optional.chain(places).chain(cases).chain(unknowns);
    [&rule.fail, &rule.message].into_iter().chain(rest).map(String::as_str)
}

/// The facts that a text names: `facts.rbac`, `facts.?rbac`.
fn facts_in(text: &str) -> impl Iterator<Item = FactName> {
    text.split("facts").skip(1).filter_map(|rest| {
        let rest = rest.trim_start().strip_prefix('.')?.trim_start();
        let rest = rest.strip_prefix('?').unwrap_or(rest).trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        FactName::parse(rest.get(..end.unwrap_or(rest.len()))?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{Params, Plan};

    #[test]
    fn a_text_names_its_facts() {
        let facts: Vec<FactName> =
            facts_in("facts.rbac.x && !facts.?\n psa.hasValue() || artefacts == facts . mesh")
                .collect();
        assert_eq!(facts, [FactName::Rbac, FactName::Psa, FactName::Mesh]);
        assert_eq!(facts_in("no facts here, facts.unheard").count(), 0);
    }

    #[test]
    fn the_kinds_of_every_check_are_those_of_its_plan() {
        let library = Library::builtin();
        let ids: Vec<&str> = library.checks.keys().map(|id| &**id).collect();
        let plan = Plan::new(&library, &ids, &Params::default());
        let mut needs: std::collections::BTreeMap<String, BTreeSet<Kind>> =
            ids.iter().map(|id| ((*id).to_owned(), BTreeSet::new())).collect();
        for (kind, checks) in plan.needs() {
            for check in checks {
                needs.entry(check.to_string()).or_default().insert(kind.clone());
            }
        }
        for (id, needed) in needs {
            assert_eq!(kinds_of(&library, [id.as_str()]), needed, "{id}");
        }
    }
}
