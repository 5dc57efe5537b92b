//! What is said of patches: the lines that change, what comes of it, what to keep in mind.

use crate::app::action::Action;
use crate::app::cause::{PatchCertainty, Wording, patches};
use crate::app::preview::{Preview, PreviewProgress, PreviewState};
use crate::app::route::{FindingPatch, Screen};
use crate::app::state::State;
use crate::checks::Remedy;
use crate::checks::remedy::outcome::LevelMove;
use crate::checks::remedy::{DiffKind, DiffLine};
use crate::config::theme::Role;
use crate::model::finding::Finding;
use crate::text::{clean, counted, cut, mask, noun};

use super::super::paint::{Line, piece};
use super::super::wrap::wrap;
use super::{LABEL, paragraph};

/// The patch of the open finding, and what it comes to as far as that is known.
pub(super) fn of_finding(state: &State, finding: &Finding, out: &mut Vec<Line>, width: usize) {
    let route = state.nav.top();
    if !matches!(route.screen, Screen::Finding(_)) {
        return;
    }
    out.push(Line::new());
    match &route.patch {
        Some(patch) => {
            comes_to(state, finding, out, width);
            of_patch(patch, out, width);
        }
        None => {
            if let Some(why) = state.without_patch(finding) {
                paragraph(out, "Patch", &format!("none: {why}"), width);
            }
        }
    }
}

/// `clears 37 findings, 12 controls; nothing new fails`, or the key that works it out.
fn comes_to(state: &State, finding: &Finding, out: &mut Vec<Line>, width: usize) {
    let alone = |known: &&PreviewState| {
        let prints = &known.asked.prints;
        prints.len() == 1 && prints.iter().all(|print| **print == *finding.fingerprint)
    };
    let done = state.preview.as_ref().filter(alone).and_then(PreviewState::done);
    if let Some(preview) = done {
        let role = verdict(preview);
        let lines = wrap(&preview.words(), width.saturating_sub(LABEL));
        for (at, text) in lines.into_iter().enumerate() {
            let label = if at == 0 { "Patch" } else { "" };
            out.push(vec![piece(format!("{label:LABEL$}"), Role::Column), piece(text, role)]);
        }
        return;
    }
    out.push(vec![
        piece(format!("{:LABEL$}", "Patch"), Role::Column),
        piece(state.keymap.told(Action::Preview), Role::Accent),
        piece(" works out what it clears", Role::Dim),
    ]);
}

/// The role in which an outcome is told.
fn verdict(preview: &Preview) -> Role {
    if !preview.outcome.nothing_worse() {
        Role::Fail
    } else if preview.outcome.cleared.is_empty() {
        Role::Unknown
    } else {
        Role::Pass
    }
}

/// What a patch changes, line by line.
fn of_patch(patch: &FindingPatch, out: &mut Vec<Line>, width: usize) {
    changes(&patch.remedy, &patch.diff, out, width);
    paragraph(out, "Mind", patch.remedy.note.as_deref().unwrap_or_default(), width);
}

/// The object that is changed, and its lines.
fn changes(remedy: &Remedy, diff: &[DiffLine], out: &mut Vec<Line>, width: usize) {
    let target = clean(&remedy.target.to_string()).into_owned();
    out.push(vec![piece(format!("{:LABEL$}", "Changes"), Role::Column), piece(target, Role::Text)]);
    let indent = |line: &&DiffLine| line.text.len() - line.text.trim_start().len();
    let changed = diff.iter().filter(|line| line.kind != DiffKind::Skipped);
    let common = changed.map(|line| indent(&line)).min().unwrap_or(0);
    for line in diff {
        let (sign, role) = match line.kind {
            DiffKind::Same => (" ", Role::Dim),
            DiffKind::Removed => ("-", Role::Removed),
            DiffKind::Added => ("+", Role::Added),
            DiffKind::Skipped => ("…", Role::Dim),
        };
        let shown = match line.kind {
            DiffKind::Skipped => line.text.as_str(),
            _ => line.text.get(common..).unwrap_or_default(),
        };
        let text = cut(&mask(shown), width.saturating_sub(3)).into_owned();
        out.push(vec![piece(format!(" {sign} {text}"), role)]);
    }
}

/// Every object that a preview changes, with its lines.
pub(in crate::ui) fn all_changes(preview: &Preview, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    for (remedy, diff) in &preview.changes {
        if !out.is_empty() {
            out.push(Line::new());
        }
        changes(remedy, diff, &mut out, width);
    }
    if out.is_empty() {
        out.push(vec![piece("Nothing is changed.", Role::Dim)]);
    }
    out
}

/// What a preview comes to, above its lists.
pub(in crate::ui) fn summary(state: &State, label: &str, width: usize) -> Vec<Line> {
    let progress = state.preview.as_ref().map(|known| &known.progress);
    let mut out = Vec::new();
    let name = clean(label).into_owned();
    let Some(PreviewProgress::Done(preview)) = progress else {
        out.push(vec![piece(format!("Patch of {name}"), Role::Title)]);
        return out;
    };
    let head = match preview.changes.len() {
        1 => "Patch of".to_owned(),
        n => format!("{n} patches for"),
    };
    out.push(vec![piece(format!("{head} {name}"), Role::Title)]);
    // As the row says from which it was asked for.
    let lead = match preview.mended.len() + preview.left.len() {
        0 | 1 => String::new(),
        total => {
            let told =
                patches(Some(preview.mended.len()), total, PatchCertainty::Made, Wording::Full);
            format!("{told}; ")
        }
    };
    for line in wrap(&format!("{lead}{}", preview.words()), width) {
        out.push(vec![piece(line, verdict(preview))]);
    }
    out.extend(levels(preview, width));
    out.extend(wrap(&work(preview), width).into_iter().map(|line| vec![piece(line, Role::Dim)]));
    for remark in &preview.remarks {
        paragraph(&mut out, "Mind", remark, width);
    }
    out
}

/// How the answer was found.
fn work(preview: &Preview) -> String {
    let pods = match preview.pods {
        0 => String::new(),
        1 => ", 1 pod made anew from the template".to_owned(),
        n => format!(", {n} pods made anew from the template"),
    };
    format!("{} on every object of a patched copy{pods}", counted(preview.checks, "check"))
}

/// `Pod Security v1.35  privileged → baseline`, for each workload that is changed.
fn levels(preview: &Preview, width: usize) -> Vec<Line> {
    let several = preview.levels.len() > 1;
    let mut out = Vec::new();
    for LevelMove { workload, before, after } in preview.levels.iter().take(3) {
        let name =
            if several { format!("  {}", clean(&workload.to_string())) } else { String::new() };
        let role = if after > before { Role::Pass } else { Role::Text };
        let head = format!("Pod Security v1.{}{name}  ", preview.policy_minor);
        let change = if before == after {
            format!("stays {}", after.word())
        } else {
            format!("{} → {}", before.word(), after.word())
        };
        out.push(vec![piece(cut(&head, width).into_owned(), Role::Column), piece(change, role)]);
    }
    let more = preview.levels.len().saturating_sub(3);
    if more > 0 {
        out.push(vec![piece(format!("  and {more} more {}", noun(more, "workload")), Role::Dim)]);
    }
    out
}
