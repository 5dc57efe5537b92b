//! Findings, the groups they stand in, and what would mend them.

use crate::app::cause::{Cause, PatchCertainty, Wording, patched, patches};
use crate::app::data::Data;
use crate::app::item::ToMend;
use crate::app::list::GroupKept;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::model::comparison::ChangeCounts;
use crate::model::finding::{Finding, Form, Severity};
use crate::model::object::ObjectRef;
use crate::model::severities::BySeverity;
use crate::text::{mask, noun};

use super::super::super::paint::piece;
use super::super::super::sign;
use super::super::columns::{BARE, CLEARS, IN_FULL, KIND, SPELT, TWICE, severities, severity_from};
use super::super::{ColumnText, InCommon};
use super::{compared, count, dim, object, plain, severity};

/// A message without the object that it begins with, where that stands beside it: what tells rows
/// apart comes first.
pub(super) fn beside_object<'a>(message: &'a str, object: Option<&ObjectRef>) -> &'a str {
    let Some(id) = object else { return message };
    let Some((kind, rest)) = message.split_once(' ') else { return message };
    let rest = rest.strip_prefix(&*id.name).and_then(|rest| rest.strip_prefix(' '));
    rest.filter(|rest| kind.eq_ignore_ascii_case(&id.kind) && !rest.is_empty()).unwrap_or(message)
}

/// A message that begins with its container, told with that at its end.
fn container_last(message: String, finding: &Finding) -> String {
    let told = finding.container.as_deref().and_then(|name| {
        let rest = message.strip_prefix("container ")?.strip_prefix(name)?.strip_prefix(' ')?;
        Some(format!("{rest} ({name})"))
    });
    told.unwrap_or(message)
}

pub(super) fn found(
    state: &State,
    finding: &Finding,
    common: InCommon,
    width: u16,
) -> Vec<ColumnText> {
    let mut cells = vec![severity(finding.severity, width >= severity_from(common))];
    match common {
        InCommon::Object => {}
        InCommon::Owner if width < TWICE => {}
        InCommon::Owner => cells.push(plain(state.data.check_title(&finding.check))),
        InCommon::Nothing | InCommon::Check | InCommon::Mixed => {
            cells.push(object(finding.object.as_ref()));
        }
    }
    if matches!(common, InCommon::Nothing | InCommon::Mixed) && width >= KIND {
        cells.push(dim(finding.object.as_ref().map(|id| &*id.kind).unwrap_or_default()));
    }
    let mut message = mask(beside_object(&finding.message, finding.object.as_ref())).into_owned();
    if width < BARE && common != InCommon::Object {
        message = container_last(message, finding);
    }
    if finding.platform {
        message.insert_str(0, "(platform) ");
    }
    if let Some(flip) = state.data.live.on_finding(&finding.fingerprint) {
        message.insert_str(0, &format!("({}) ", flip.word()));
    }
    cells.push(plain(message));
    if width >= 130 && matches!(common, InCommon::Nothing | InCommon::Object | InCommon::Mixed) {
        cells.push(dim(&*finding.check));
    }
    let sign::Sign { mark, word, role } = if finding.form == Form::Evidence {
        sign::Sign { mark: "·", word: "listed", role: Role::Dim }
    } else {
        sign::decision(state.decision(finding))
    };
    let notes = state.data.notes.get(&finding.fingerprint).is_some_and(|n| !n.is_empty());
    let text = match (width >= 90, notes) {
        (true, true) => format!("{mark} {word}, note"),
        (true, false) => format!("{mark} {word}"),
        (false, _) => mark.to_owned(),
    };
    // What is open has no sign, and no cells for one.
    cells.push(vec![piece(if width >= 90 { text.trim_start() } else { &text }, role)]);
    cells
}

pub(super) fn mend_cells(data: &Data, mend: &ToMend, width: u16) -> Vec<ColumnText> {
    vec![
        severity(mend.worst.severity, width >= IN_FULL),
        object(mend.owner.as_ref()),
        dim(data.check_title(&mend.worst.check)),
        match (width, data.patches.of(mend), mend.tally.total()) {
            (CLEARS.., count, total) => {
                let role = if count == Some(0) { Role::Dim } else { Role::Text };
                vec![piece(patched(count, total, Wording::full_if(width >= IN_FULL)), role)]
            }
            (_, _, total) => count(total, Role::Text),
        },
    ]
}

/// A group: what it is called, how many rows it has, and of which severities; with a filter, of what it leaves.
pub(super) fn group_cells(
    (label, tally, changes): (&str, &BySeverity, Option<&ChangeCounts>),
    sifted: Option<&GroupKept>,
    folded: bool,
    width: u16,
) -> Vec<ColumnText> {
    if let Some(changes) = changes {
        return compared::group((label, changes), sifted, folded);
    }
    let fold = if folded { "⊞" } else { "⊟" };
    let count = sifted.and_then(GroupKept::words).unwrap_or_else(|| format!("({})", tally.total()));
    let mut cells = vec![plain(format!("{fold} {label}  {count}"))];
    push_counts(&mut cells, sifted.map_or(tally, |kept| &kept.tally), width);
    cells
}

pub(super) fn cause_cells(
    cause: &Cause,
    kept: Option<&GroupKept>,
    folded: bool,
    width: u16,
) -> Vec<ColumnText> {
    let fold = if folded { "⊞" } else { "⊟" };
    let total = cause.tally.total();
    let count = if width < CLEARS { format!("  ({total})") } else { String::new() };
    let left = kept.and_then(GroupKept::words).map(|left| format!("  {left}"));
    let name = format!("{fold} {}{}", cause.place.name(), left.unwrap_or(count));
    let mut cells = vec![plain(name)];
    if width >= CLEARS {
        let role = if cause.patched == Some(0) { Role::Dim } else { Role::Text };
        let text = patches(
            cause.patched,
            total,
            PatchCertainty::AtMost,
            Wording::full_if(width >= IN_FULL),
        );
        cells.push(vec![piece(text, role)]);
    }
    if width >= 100 {
        let word = noun(cause.controls, "control");
        cells.push(dim(format!("{} {word}", cause.controls)));
    }
    if width >= 90 {
        push_counts(&mut cells, kept.map_or(&cause.tally, |kept| &kept.tally), width.min(100));
    }
    cells
}

/// Counts that say themselves what they count; what there is none of takes no room for the eye.
fn push_counts(cells: &mut Vec<ColumnText>, found: &BySeverity, width: u16) {
    for severity in Severity::ALL.into_iter().take(severities(width)) {
        let (mark, role) = sign::severity(severity);
        let text = match (found.of(severity), width >= SPELT) {
            (0, _) => String::new(),
            (some, true) => format!("{mark} {some} {}", severity.word()),
            (some, false) => format!("{mark} {some}"),
        };
        cells.push(vec![piece(text, role)]);
    }
}
