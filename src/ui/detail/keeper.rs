//! Where a finding is mended so that it lasts: the file, the release, the repository, and who owns the
//! field.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::app::managers::FieldOwner;
use crate::app::state::State;
use crate::facts::keeper::keepers;
use crate::model::finding::Finding;
use crate::model::object::Object;

use super::super::paint::Line;
use super::paragraph;

/// Says where to mend a finding.
pub(super) fn of_finding(state: &State, finding: &Finding, out: &mut Vec<Line>, width: usize) {
    paragraph(out, "Mend in", &place(state, finding), width);
    paragraph(out, "Field", &field(state, finding), width);
}

/// The object that a person would change: the owner of pods, else the object itself.
fn changed<'s>(state: &'s State, finding: &Finding) -> Option<&'s Arc<Object>> {
    let find = |id| state.data.inventory.find(id);
    finding.owner.as_ref().and_then(find).or_else(|| finding.object.as_ref().and_then(find))
}

/// `Helm release web in pay (chart web-2.3)`, and what would undo a change made elsewhere.
fn place(state: &State, finding: &Finding) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    if let (Some(file), line) = (&finding.file, finding.line) {
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        let _ = write!(text, "{file}{line}");
    }
    let Some(object) = changed(state, finding) else { return text };
    let mut next = |words: String| {
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(&words);
    };
    if finding.object.as_ref() != Some(&object.id) {
        next(format!("{}, which makes it", object.id));
    }
    if let Some(owner) = object.controller() {
        next(format!("{}/{}, which makes {}", owner.kind, owner.name, object.id.name));
    }
    let kept = keepers(object);
    let reverts = kept.iter().any(|keeper| keeper.reverts);
    for keeper in kept {
        next(format!("{} ({})", keeper.place, keeper.because));
    }
    if reverts {
        next("a change made by hand is put back".to_owned());
    }
    text
}

/// `owned by helm (read on demand)`.
fn field(state: &State, finding: &Finding) -> String {
    match state.owner_of_field(finding) {
        FieldOwner::NotAsked => String::new(),
        FieldOwner::Awaited => "asking who owns it…".to_owned(),
        FieldOwner::Unknown(why) => format!("who owns it is not known: {why}"),
        FieldOwner::Known(owners) if owners.managers.is_empty() => {
            "nobody claims it (read on demand)".to_owned()
        }
        FieldOwner::Known(owners) => {
            let names = owners.managers.join(", ");
            let what =
                if owners.exact { "owned" } else { "nobody's; the nearest one above is owned" };
            format!("{what} by {names} (read on demand)")
        }
    }
}
