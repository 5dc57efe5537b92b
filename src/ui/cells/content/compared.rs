//! What stands in the rows of a comparison.

use crate::app::compared::{ComparedRow, FrameworkShift};
use crate::app::data::Data;
use crate::app::list::GroupKept;
use crate::config::theme::Role;
use crate::frameworks::{Counts, Score, Status};
use crate::model::comparison::ChangeCounts;
use crate::text::mask;

use super::super::super::paint::piece;
use super::super::super::{bar, sign};
use super::super::columns::{CHANGES, REMARK, WITH_ATTESTED};
use super::super::{ColumnText, InCommon};
use super::controls::listed;
use super::found::beside_object;
use super::{count, dim, object, plain, severity};

/// A finding of either run.
pub(super) fn finding(compared: &ComparedRow, common: InCommon, width: u16) -> Vec<ColumnText> {
    let finding = compared.entry();
    let message = mask(beside_object(&finding.message, finding.object.as_ref())).into_owned();
    let remark = compared.remark();
    let mut cells = vec![severity(finding.severity, width >= 70)];
    if common == InCommon::Mixed {
        cells.push(dim(compared.change().word()));
    }
    cells.push(object(finding.object.as_ref()));
    if width >= REMARK {
        cells.extend([plain(message), dim(remark)]);
    } else {
        cells.push(if remark.is_empty() { plain(message) } else { plain(remark) });
    }
    cells
}

/// Findings with something in common: how many there are of each change, or how many a filter leaves.
pub(super) fn group(
    (label, changes): (&str, &ChangeCounts),
    sifted: Option<&GroupKept>,
    folded: bool,
) -> Vec<ColumnText> {
    let fold = if folded { "⊞" } else { "⊟" };
    let told = sifted.and_then(GroupKept::words).unwrap_or_else(|| changes.words());
    vec![plain(format!("{fold} {label}")), plain(told)]
}

/// A framework with its score in both runs.
pub(super) fn framework(data: &Data, shift: &FrameworkShift, width: u16) -> Vec<ColumnText> {
    let Some(change) = shift.framework() else { return Vec::new() };
    let matrix = data.framework(&change.id).is_some_and(|f| f.is_matrix());
    let score = |counts: Option<&Counts>, score: Option<Score>| match counts {
        None => dim("not judged"),
        Some(_) => plain(scored(counts, score, (matrix, width >= WITH_ATTESTED))),
    };
    let mut cells = vec![
        vec![piece(crate::text::clean(data.short(&change.id)).into_owned(), Role::Title)],
        score(change.before.as_ref(), change.score_before),
        score(change.after.as_ref(), change.score_after),
        shift.moved().map_or_else(|| dim("–"), |moved| count(moved, Role::Text)),
    ];
    if width >= CHANGES {
        cells.push(dim(change.findings.words()));
    }
    cells
}

/// The score of a framework in one of two runs, in words. A matrix has none: its exposed techniques are
/// counted.
pub(in crate::ui) fn scored(
    counts: Option<&Counts>,
    score: Option<Score>,
    (matrix, in_full): (bool, bool),
) -> String {
    match counts {
        None => "not judged".to_owned(),
        Some(counts) if matrix => format!("{} exposed", counts.exposed),
        Some(counts) if counts.attested > 0 && in_full => {
            format!("{} ({} attested)", bar::interval(score), counts.attested)
        }
        Some(_) => bar::interval(score),
    }
}

/// A control with its status in both runs.
pub(super) fn control(data: &Data, shift: &FrameworkShift, width: u16) -> Vec<ColumnText> {
    let Some(change) = shift.control() else { return Vec::new() };
    let status = |status: Option<Status>, attested: bool| {
        let Some(some) = status else {
            return dim(if width >= CHANGES { "– not judged" } else { "–" });
        };
        let sign::Sign { mark, word, role } = sign::status(Some(some));
        let word = if attested && some == Status::Pass { "attested" } else { word };
        let text = if width >= CHANGES { format!("{mark} {word}") } else { mark.to_owned() };
        vec![piece(text, role)]
    };
    let mut cells = vec![dim(data.short(shift.id())), plain(&change.id)];
    if width >= CHANGES {
        let known = data.control(shift.id(), &change.id);
        cells.push(plain(known.map(|(c, _)| listed(&c.title)).unwrap_or_default()));
    }
    cells.push(status(change.before, change.attested_before));
    cells.push(status(change.after, change.attested_after));
    cells
}
