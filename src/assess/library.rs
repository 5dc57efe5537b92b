//! Whether frameworks and checks fit together: what neither file can say alone.

use super::nearest;
use crate::checks::Library;
use crate::frameworks::{Assessment, Control, Set};
use crate::model::inventory::Problem;

/// Controls that name a check which neither exists nor is planned: a misspelt id would leave them
/// undecided for ever.
#[must_use]
pub fn unknown_checks(library: &Library, set: &Set) -> Vec<Problem> {
    each(set, |control| {
        let unknown = control.checks.iter().filter(|m| !m.planned && !exists(library, &m.id));
        unknown.map(|m| no_check(library, &m.id)).collect()
    })
}

/// That there is no such check, and which one may have been meant.
#[must_use]
pub fn no_check(library: &Library, id: &str) -> String {
    match nearest(id, library.checks.keys().map(|k| &**k)) {
        Some(near) => format!("there is no check `{id}`; did you mean `{near}`?"),
        None => format!("there is no check `{id}`; `plimsoll checks list` shows them"),
    }
}

/// Everything else that is wrong between frameworks and checks: a check that is planned and exists,
/// an automated control that nothing decides.
#[must_use]
pub fn faults(library: &Library, set: &Set) -> Vec<Problem> {
    each(set, |control| {
        let planned = control.checks.iter().filter(|m| m.planned && exists(library, &m.id));
        let mut faults: Vec<String> = planned
            .map(|m| format!("check `{}` exists: it is not `planned` any more", m.id))
            .collect();
        let decided = super::clauses::deciding(library, control).next().is_some();
        if control.assessment == Assessment::Automated && !decided {
            faults.push("automated, but only lists of evidence serve it".to_owned());
        }
        faults
    })
}

fn exists(library: &Library, id: &str) -> bool {
    library.checks.contains_key(id) || library.broken.contains(id)
}

fn each(set: &Set, look: impl Fn(&Control) -> Vec<String>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for framework in &set.frameworks {
        for control in &framework.controls {
            for fault in look(control) {
                let message = format!("control `{}`: {fault}", control.id);
                problems.push(set.problem_of(framework, &control.id, message));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(checks: &str) -> Set {
        let mut set = Set::default();
        let text = format!(
            "id='x'\ntitle='t'\npublisher='p'\nversion='1'\nurl='u'\n[[control]]\nid='1'\ntitle='t'\nassessment='automated'\nchecks=[{checks}]\n"
        );
        set.add("x.toml", &text);
        assert_eq!(set.problems, []);
        set
    }

    #[test]
    fn a_misspelt_check_is_an_error_and_a_planned_one_is_not() {
        let library = Library::builtin();
        let wrong = unknown_checks(&library, &set("{id='privileged-containr', strength='full'}"));
        assert_eq!(wrong[0].line, Some(6));
        assert_eq!(
            wrong[0].message,
            "control `1`: there is no check `privileged-containr`; did you mean `privileged-container`?"
        );
        let planned = set("{id='not-yet', strength='full', planned=true}");
        assert_eq!(
            (unknown_checks(&library, &planned), faults(&library, &planned)),
            (vec![], vec![])
        );
    }

    #[test]
    fn a_planned_check_that_exists_is_a_fault() {
        let set = set("{id='privileged-container', strength='full', planned=true}");
        let found = faults(&Library::builtin(), &set);
        assert!(found[0].message.contains("not `planned` any more"), "{}", found[0].message);
    }

    #[test]
    fn evidence_alone_decides_nothing() {
        let library = Library::builtin();
        let evidence =
            library.checks.values().find(|c| c.form == crate::model::finding::Form::Evidence);
        let Some(evidence) = evidence else { return };
        let found = faults(&library, &set(&format!("{{id='{}', strength='full'}}", evidence.id)));
        assert!(found[0].message.contains("only lists of evidence"), "{}", found[0].message);
    }
}
