//! Cells of frameworks, their parts and controls, of questions and of checks.

use std::borrow::Cow;
use std::sync::Arc;

use crate::app::data::Data;
use crate::app::item::ControlRef;
use crate::app::sentence;
use crate::config::theme::Role;
use crate::frameworks::{ControlCheck, Counts, Status, Strength};
use crate::model::attestation::AttestationAnswer;
use crate::text::clean;

use super::super::super::paint::piece;
use super::super::super::{bar, sign};
use super::super::ColumnText;
use super::super::columns::{ATTESTED, COUNTED, STANDING, STATUS, bar_cells};
use super::{count, dim, plain, severity};

/// The words that most titles of the CIS benchmarks begin with, the longer ones first.
const BEFORE: [&str; 4] = ["Ensure that the ", "Ensure that ", "Verify that the ", "Verify that "];

/// The title of a control as it stands in lists: without the words that it shares with its neighbours, so
/// that what tells it apart is not cut off. Its page has the whole of it.
pub(super) fn listed(title: &str) -> Cow<'_, str> {
    let Some(rest) = BEFORE.iter().find_map(|before| title.strip_prefix(before)) else {
        return Cow::Borrowed(title);
    };
    let first = rest.split(' ').next().unwrap_or_default();
    // Names of files and flags keep their letters.
    if !first.chars().all(|c| c.is_ascii_lowercase()) {
        return Cow::Borrowed(rest);
    }
    Cow::Owned(sentence(rest))
}

/// `at` is the control's place in the framework, and its place among those judged.
pub(super) fn control(
    data: &Data,
    framework: &str,
    id: &str,
    at: (usize, Option<usize>),
    width: u16,
) -> Vec<ColumnText> {
    let control = data.framework(framework).and_then(|f| f.controls.get(at.0));
    let result = data.scored_or_all(framework).and_then(|j| j.controls.get(at.1?));
    let sign::Sign { mark, word, role } =
        sign::standing(data, framework, id, result.map(|r| r.status));
    let word =
        result.filter(|r| r.attested && r.status == Status::Pass).map_or(word, |_| "attested");
    let status = if width >= STATUS { format!("{mark} {word}") } else { mark.to_owned() };
    let title = control.map(|c| c.title.as_str()).unwrap_or_default();
    let title = match data.live.on_control(framework, id) {
        Some(flip) => plain(format!("({}) {}", flip.word(), listed(title))),
        None => plain(listed(title)),
    };
    let mut cells = vec![vec![piece(status, role)], dim(id)];
    if width >= 100 {
        cells.push(dim(control.map(|c| c.assessment.word()).unwrap_or_default()));
    }
    cells.push(title);
    // Nothing found where nothing could be looked for says nothing.
    cells.push(match result {
        None => dim("–"),
        Some(r) if r.failing == 0 && r.status == Status::NotAssessed => {
            vec![piece("?", Role::Unknown)]
        }
        Some(r) if r.failing == 0 && r.checks.is_empty() => dim("–"),
        Some(r) => count(r.failing, Role::Fail),
    });
    cells
}

pub(super) fn framework(data: &Data, id: &str, width: u16) -> Vec<ColumnText> {
    let framework = data.framework(id);
    let judged = data.scored(id);
    let level = judged.and_then(|j| j.level.as_deref());
    let title = framework.map_or_else(
        || id.to_owned(),
        |f| {
            format!(
                "{} {}{}",
                f.title,
                data.version_of(f),
                level.map_or(String::new(), |l| format!(" {l}"))
            )
        },
    );
    let counts = judged.map(|j| j.counts);
    let short = framework.map_or(id, |f| f.short());
    let mut cells = vec![vec![piece(clean(short).into_owned(), Role::Title)], plain(title)];
    if width >= 60 {
        cells.push(match &counts {
            // A matrix has no score, so nothing of it is filled.
            Some(counts) if framework.is_some_and(|f| f.is_matrix()) => {
                let word = if bar_cells(width) < 12 { "" } else { " exposed" };
                let role = if counts.exposed > 0 { Role::Fail } else { Role::Dim };
                vec![piece(format!("■ {}{word}", counts.exposed), role)]
            }
            Some(counts) => bar::load_line(counts, usize::from(bar_cells(width))),
            None if data.not_judged(id).is_some() && bar_cells(width) < 10 => dim("unjudged"),
            None if data.not_judged(id).is_some() => dim("not judged"),
            None if data.judged(id).is_some() && bar_cells(width) < 15 => dim("working…"),
            None if data.judged(id).is_some() => dim("working it out…"),
            None => dim("not run"),
        });
    }
    cells.push(plain(bar::interval(judged.and_then(|j| j.score))));
    // Where nothing was judged, nothing is counted either.
    let number = |of: fn(&Counts) -> usize, role| match &counts {
        Some(counts) => count(of(counts), role),
        None => dim("–"),
    };
    cells.push(number(Counts::bad, Role::Fail));
    if width >= COUNTED {
        cells.push(number(|c| c.manual, Role::Manual));
        cells.push(number(|c| c.not_assessed, Role::Unknown));
    }
    if width >= 90 {
        cells.push(number(|c| c.accepted, Role::Accepted));
    }
    if width >= ATTESTED {
        cells.push(number(|c| c.attested, Role::Manual));
    }
    cells
}

pub(super) fn part(
    data: &Data,
    framework: &str,
    (name, counts): (&str, &Counts),
    folded: bool,
    width: u16,
) -> Vec<ColumnText> {
    let fold = if folded { "⊞" } else { "⊟" };
    let name = vec![piece(format!("{fold} {}", clean(name)), Role::Title)];
    if data.why_not_judged(framework).is_some() {
        return vec![name, Vec::new(), dim("–"), dim("–")];
    }
    let matrix = data.framework(framework).is_some_and(|f| f.is_matrix());
    vec![
        name,
        if matrix { Vec::new() } else { bar::load_line(counts, usize::from(bar_cells(width))) },
        plain(bar::interval(counts.score().filter(|_| !matrix))),
        match (counts.bad(), matrix) {
            (0, _) => count(0, Role::Fail),
            (bad, true) => vec![piece(format!("■ {bad}"), Role::Fail)],
            (bad, false) => vec![piece(format!("{bad} fail"), Role::Fail)],
        },
    ]
}

pub(super) fn control_ref(data: &Data, control: &ControlRef, width: u16) -> Vec<ColumnText> {
    let found = data.control(&control.framework, &control.control);
    let status = found.and_then(|(_, result)| result).map(|r| r.status);
    let sign::Sign { mark, word, role } =
        sign::standing(data, &control.framework, &control.control, status);
    let status = if width >= STANDING { format!("{mark} {word}") } else { mark.to_owned() };
    let mut cells = vec![vec![piece(status, role)]];
    if width >= 60 {
        cells.push(dim(data.short(&control.framework)));
    }
    cells.push(plain(&*control.control));
    cells.push(plain(found.map(|(c, _)| listed(&c.title)).unwrap_or_default()));
    if width >= STANDING {
        cells.push(dim(control.strength.map(Strength::word).unwrap_or_default()));
    }
    cells
}

pub(super) fn question(data: &Data, control: &ControlRef, width: u16) -> Vec<ColumnText> {
    let found = data.control(&control.framework, &control.control);
    let result = found.and_then(|(_, result)| result);
    let sign::Sign { mark, word, role } = sign::status(result.map(|r| r.status));
    let status = if width >= 100 { format!("{mark} {word}") } else { mark.to_owned() };
    let mut cells = vec![vec![piece(status, role)]];
    if width >= 60 {
        cells.push(dim(data.short(&control.framework)));
    }
    cells.push(dim(&*control.control));
    cells.push(plain(found.map(|(c, _)| c.question.as_str()).unwrap_or_default()));
    let answer = data.answer(&control.framework, &control.control);
    cells.push(match answer {
        None => dim("awaited"),
        Some(answer) if !answer.in_force(&data.today) => vec![piece("expired", Role::Manual)],
        Some(answer) => {
            let until = answer.expires.as_deref().filter(|_| width >= 90);
            let until = until.map(|day| format!(" until {day}")).unwrap_or_default();
            let none = answer.answer == AttestationAnswer::NotApplicable;
            let short = if none { "n/a" } else { answer.answer.word() };
            plain(format!("{short}{until}"))
        }
    });
    cells
}

pub(super) fn check(
    data: &Data,
    id: &Arc<str>,
    serves: Option<&Arc<ControlCheck>>,
    width: u16,
) -> Vec<ColumnText> {
    let info = data.check(id);
    let counts = data.result.as_ref().and_then(|r| r.checks.get(id)).copied().unwrap_or_default();
    let mut cells = vec![match info {
        Some(info) => severity(info.severity, width >= 60),
        None => vec![piece("?", Role::Unknown)],
    }];
    let ran = data.result.as_ref().is_some_and(|r| r.checks.contains_key(id));
    let found = data.of_check(id).count();
    let nothing = ran && found + counts.pass + counts.not_assessed + counts.error == 0;
    let suffix = match data.result.is_some() {
        true if !ran => "  (did not run)",
        true if nothing => "  (nothing to look at)",
        _ => "",
    };
    cells.push(plain(format!("{}{suffix}", data.check_title(id))));
    if width >= 110 {
        cells.push(dim(serves.map(|s| s.strength.word()).unwrap_or_default()));
    }
    // What is shown, not what was found: the platform's own findings may be out of sight.
    let unknown = counts.not_assessed + counts.error;
    // Where nothing was looked at, or nothing is there to look at, nothing is counted.
    let none = !ran || found + counts.fail + counts.pass + unknown == 0;
    let number = |some: usize, role| if none { dim("–") } else { count(some, role) };
    cells.push(number(found, Role::Fail));
    if width >= 50 {
        cells.push(number(counts.pass, Role::Pass));
    }
    if width >= 60 {
        cells.push(number(unknown, Role::Unknown));
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_in_lists_begin_with_what_tells_them_apart() {
        assert_eq!(
            listed("Ensure that the API server pod specification file is owned by root"),
            "API server pod specification file is owned by root"
        );
        assert_eq!(
            listed("Ensure that default service accounts are not used"),
            "Default service accounts are not used"
        );
        assert_eq!(
            listed("Ensure that the --anonymous-auth argument is set to false"),
            "--anonymous-auth argument is set to false"
        );
        assert_eq!(
            listed("Ensure that the scheduler.conf file is there"),
            "scheduler.conf file is there"
        );
        assert_eq!(listed("Verify that if defined, it is set"), "If defined, it is set");
        assert_eq!(listed("Minimize access to secrets"), "Minimize access to secrets");
    }
}
