//! Which clauses of which frameworks a check touches, and which clauses rest on the same checks.

use crate::checks::Library;
use crate::frameworks::{Control, Framework, Mapping, Set};
use crate::model::finding::Form;

/// A control that a check serves.
#[derive(Clone, Copy, Debug)]
pub struct Clause<'a> {
    /// The standard.
    pub framework: &'a Framework,
    /// Its control.
    pub control: &'a Control,
    /// How much the check says about it, and why.
    pub mapping: &'a Mapping,
}

/// A control of another framework that shares deciding checks.
#[derive(Clone, Debug)]
pub struct Shared<'a> {
    /// The other standard.
    pub framework: &'a Framework,
    /// Its control.
    pub control: &'a Control,
    /// The checks that decide both, in the order of the control that was asked about.
    pub checks: Vec<&'a str>,
}

/// Every clause that a check touches, framework by framework.
#[must_use]
pub fn of_check<'a>(set: &'a Set, check: &str) -> Vec<Clause<'a>> {
    let mut clauses = Vec::new();
    for framework in set.frameworks.iter().map(|f| &**f) {
        for control in &framework.controls {
            let mappings = control.checks.iter().filter(|m| m.id == check);
            clauses.extend(mappings.map(|mapping| Clause { framework, control, mapping }));
        }
    }
    clauses
}

/// The controls of other frameworks that a deciding check of this one decides as well.
#[must_use]
pub fn shared<'a>(
    set: &'a Set,
    library: &Library,
    framework: &Framework,
    control: &'a Control,
) -> Vec<Shared<'a>> {
    let own: Vec<&str> = deciding(library, control).collect();
    let mut found = Vec::new();
    for other in set.frameworks.iter().map(|f| &**f).filter(|f| f.id != framework.id) {
        for theirs in &other.controls {
            let decide: Vec<&str> = deciding(library, theirs).collect();
            let checks: Vec<&str> = own.iter().copied().filter(|id| decide.contains(id)).collect();
            if !checks.is_empty() {
                found.push(Shared { framework: other, control: theirs, checks });
            }
        }
    }
    found
}

/// Ids of the checks that decide a control: mapped full or partial, neither lists of evidence nor only
/// planned.
pub fn deciding<'a>(library: &Library, control: &'a Control) -> impl Iterator<Item = &'a str> {
    let decides = |m: &&'a Mapping| {
        let form = library.checks.get(m.id.as_str()).map(|check| check.form);
        m.decides_now() && form != Some(Form::Evidence)
    };
    control.checks.iter().filter(decides).map(|m| m.id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> Set {
        let head = "title='t'\npublisher='p'\nversion='1'\nurl='https://u'\n";
        let control = |id: &str, checks: &str| {
            format!(
                "[[control]]\nid='{id}'\ntitle='t'\nassessment='partial'\nquestion='q?'\nchecks=[{checks}]\n"
            )
        };
        let mut set = Set::default();
        let full = "{id='privileged-container', strength='full', because='b'}";
        let beside = "{id='privileged-container', strength='supporting', because='b'}";
        let other = "{id='host-port', strength='partial', because='b'}";
        set.add("a", &format!("id='a'\n{head}{}", control("1", &format!("{full}, {other}"))));
        set.add("b", &format!("id='b'\n{head}{}{}", control("1", full), control("2", beside)));
        set.add("c", &format!("id='c'\n{head}{}", control("9", other)));
        assert_eq!(set.problems, []);
        set
    }

    #[test]
    fn a_check_names_every_clause_it_touches() {
        let set = set();
        let found = of_check(&set, "privileged-container");
        let words: Vec<String> = found
            .iter()
            .map(|c| format!("{}/{} {}", c.framework.id, c.control.id, c.mapping.strength.word()))
            .collect();
        assert_eq!(words, ["a/1 full", "b/1 full", "b/2 supporting"]);
    }

    #[test]
    fn clauses_are_related_by_the_checks_that_decide_them() {
        let (set, library) = (set(), Library::builtin());
        let framework = set.get("a").unwrap();
        let found = shared(&set, &library, &framework, &framework.controls[0]);
        let words: Vec<String> = found
            .iter()
            .map(|s| format!("{}/{} {}", s.framework.id, s.control.id, s.checks.join(" ")))
            .collect();
        assert_eq!(words, ["b/1 privileged-container", "c/9 host-port"]);
    }
}
