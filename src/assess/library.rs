//! Whether frameworks and checks fit together: what neither file can say alone.

use super::nearest;
use crate::checks::Library;
use crate::frameworks::{Assessment, Control, Framework, Set};
use crate::model::inventory::Problem;

/// Controls that name a check which neither exists nor is planned: a misspelt id would leave them
/// undecided for ever.
#[must_use]
pub fn unknown_checks(library: &Library, set: &Set) -> Vec<Problem> {
    each(set, |_, control| {
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

/// Everything else that is wrong between frameworks and checks: a check that is planned and exists, or that
/// is only planned in a framework that ships, an automated control that no check decides, an imported one
/// that nothing and nobody can decide.
#[must_use]
pub fn faults(library: &Library, set: &Set) -> Vec<Problem> {
    each(set, |framework, control| faults_of(library, control, set.is_builtin(&framework.id)))
}

fn faults_of(library: &Library, control: &Control, ships: bool) -> Vec<String> {
    let planned = control.checks.iter().filter(|m| m.planned);
    let planned = planned.filter_map(|m| match exists(library, &m.id) {
        true => Some(format!("check `{}` exists: it is not `planned` any more", m.id)),
        false if ships => Some(format!("check `{}` is only planned, and this ships", m.id)),
        false => None,
    });
    let decided = super::clauses::deciding(library, control).next().is_some();
    planned.chain(undecided(control, decided).map(str::to_owned)).collect()
}

/// Why a control can reach no status, if so.
fn undecided(control: &Control, decided: bool) -> Option<&'static str> {
    match control.assessment {
        _ if decided => None,
        Assessment::Automated if control.checks.iter().any(|m| m.planned) => {
            Some("automated, but the checks that would decide it are only planned")
        }
        Assessment::Automated => Some("automated, but only lists of evidence serve it"),
        Assessment::Imported if control.imports.is_empty() && !control.asks() => Some(
            "imported, but nothing can decide it: it has no `imports`, no check that decides it and no `question`",
        ),
        _ => None,
    }
}

fn exists(library: &Library, id: &str) -> bool {
    library.checks.contains_key(id) || library.broken.contains(id)
}

fn each(set: &Set, look: impl Fn(&Framework, &Control) -> Vec<String>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for framework in &set.frameworks {
        let mut faults = Vec::new();
        for (at, control) in framework.controls.iter().enumerate() {
            let named = |fault| (at, format!("control `{}`: {fault}", control.id));
            faults.extend(look(framework, control).into_iter().map(named));
        }
        problems.extend(set.problems_of(framework, faults));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(checks: &str) -> Set {
        let mut set = Set::default();
        let text = format!(
            "id='x'\ntitle='t'\npublisher='p'\nversion='1'\nurl='https://u'\n[[control]]\nid='1'\ntitle='t'\nassessment='automated'\nchecks=[{checks}]\n"
        );
        set.add("x.toml", &text);
        assert_eq!(set.problems, []);
        set
    }

    fn found_in(assessment: &str, rest: &str) -> Vec<String> {
        let mut set = Set::default();
        let text = format!(
            "id='x'\ntitle='t'\npublisher='p'\nversion='1'\nurl='https://u'\n[[control]]\nid='1'\ntitle='t'\nassessment='{assessment}'\nevidence='e'\n{rest}\n"
        );
        set.add("x.toml", &text);
        assert_eq!(set.problems, []);
        faults(&Library::builtin(), &set).into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn an_automated_control_needs_a_check_that_is_here() {
        let planned = "{id='not-yet', strength='full', planned=true}";
        let here = "{id='privileged-container', strength='full'}";
        let found = found_in("automated", &format!("checks=[{planned}]"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("only planned"), "{found:?}");
        assert!(found_in("automated", &format!("checks=[{planned}, {here}]")).is_empty());
    }

    #[test]
    fn an_imported_control_needs_an_import_a_check_or_a_question() {
        let supporting = "checks=[{id='privileged-container', strength='supporting'}]";
        for rest in ["", "question=' '", supporting] {
            let found = found_in("imported", rest);
            assert_eq!(found.len(), 1, "{rest}: {found:?}");
            assert!(found[0].contains("nothing can decide it"), "{found:?}");
        }
        for rest in [
            "imports=['kube-bench:1.1.1']",
            "question='q?'",
            "checks=[{id='privileged-container', strength='full'}]",
        ] {
            assert_eq!(found_in("imported", rest), [""; 0], "{rest}");
        }
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
        assert_eq!(unknown_checks(&library, &planned), []);
    }

    #[test]
    fn what_ships_names_no_check_that_is_only_planned() {
        let library = Library::builtin();
        let set = set(
            "{id='not-yet', strength='supporting', planned=true}, {id='privileged-container', strength='full'}",
        );
        let control = &set.frameworks[0].controls[0];
        assert_eq!(faults_of(&library, control, false), [""; 0]);
        assert_eq!(
            faults_of(&library, control, true),
            ["check `not-yet` is only planned, and this ships"]
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
