//! Findings by what has to be changed: one owner, one role or binding, one image.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::checks::remedy::without;
use crate::model::finding::Finding;
use crate::model::object::ObjectRef;
use crate::model::severities::BySeverity;

use super::data::Data;
use super::item::Item;
use super::list::Row;

/// Themes of checks whose findings are mended in the image rather than in the object.
const IMAGES: [&str; 2] = ["images", "supply-chain"];

/// Controls by framework and number.
type Controls<'a> = BTreeSet<(&'a str, &'a str)>;

/// What has to be changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CausePlace {
    /// An object: the owner of pods, a role, a binding, a namespace.
    Object(ObjectRef),
    /// An image, wherever it runs.
    Image(Arc<str>),
    /// The cluster as a whole.
    Cluster,
}

impl CausePlace {
    /// What it is called.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Object(id) => id.to_string(),
            Self::Image(image) => format!("image {image}"),
            Self::Cluster => "the cluster".to_owned(),
        }
    }
}

/// Findings that one change clears.
#[derive(Clone, Debug)]
pub struct Cause {
    /// What has to be changed.
    pub place: CausePlace,
    /// Its findings by severity.
    pub tally: BySeverity,
    /// How many of them have a patch; none when the objects are not in hand.
    pub patched: Option<usize>,
    /// How many controls they decide, of the frameworks judged.
    pub controls: usize,
}

/// In how many words a count of findings is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// The number alone.
    Short,
    /// With the word `findings`.
    Full,
}

impl Wording {
    /// In full where there is room.
    #[must_use]
    pub fn full_if(room: bool) -> Self {
        if room { Self::Full } else { Self::Short }
    }

    /// The word behind a number of findings.
    fn of(self, total: usize) -> &'static str {
        match (self, total) {
            (Self::Short, _) => "",
            (Self::Full, 1) => " finding",
            (Self::Full, _) => " findings",
        }
    }
}

/// How many findings of something to mend a patch changes: `13 of 33`, `none of 33`, `of 33` before that
/// is known.
#[must_use]
pub fn patched(count: Option<usize>, total: usize, wording: Wording) -> String {
    let word = wording.of(total);
    match count {
        None => format!("of {total}{word}"),
        Some(0) => format!("none of {total}{word}"),
        Some(count) => format!("{count} of {total}{word}"),
    }
}

/// How sure it is how many findings a patch changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchCertainty {
    /// The patches were made.
    Made,
    /// They have a check with a patch, which may change nothing there.
    AtMost,
}

/// `patches 37`, `patches 30 of 39`, `by hand: 4`.
#[must_use]
pub fn patches(
    patched: Option<usize>,
    total: usize,
    how: PatchCertainty,
    wording: Wording,
) -> String {
    let word = wording.of(total);
    let verb = match how {
        PatchCertainty::Made => "patches",
        PatchCertainty::AtMost => "may patch",
    };
    match patched {
        None => format!("{total}{word}"),
        Some(0) => format!("by hand: {total}{word}"),
        Some(all) if all == total => format!("{verb} {total}{word}"),
        Some(some) => format!("{verb} {some} of {total}{word}"),
    }
}

impl Data {
    /// Whether a finding has a check with a patch, and an object that it could change; not known without
    /// objects. The patch may change nothing there.
    #[must_use]
    pub fn is_patched(&self, finding: &Finding) -> Option<bool> {
        let check = self.check(&finding.check).map(|check| &**check);
        (!self.inventory.is_empty()).then(|| without(check, finding, &self.inventory).is_none())
    }

    fn place_of(&self, finding: &Finding) -> CausePlace {
        let theme = self.check(&finding.check).map(|check| &*check.theme);
        if theme.is_some_and(|theme| IMAGES.contains(&theme))
            && let Some(image) = self.image_of(finding)
        {
            return CausePlace::Image(image.into());
        }
        let owner = finding.owner.as_ref().or(finding.object.as_ref());
        owner.map_or(CausePlace::Cluster, |id| CausePlace::Object(id.clone()))
    }

    /// Groups of findings that one change clears, those with the worst findings first, each with
    /// its findings.
    pub(super) fn causes<'a>(&self, found: impl Iterator<Item = &'a Arc<Finding>>) -> Vec<Row> {
        let mut places: HashMap<CausePlace, usize> = HashMap::new();
        let mut groups: Vec<(Cause, Controls<'_>, Vec<Row>)> = Vec::new();
        let known = !self.inventory.is_empty();
        for finding in found {
            let place = self.place_of(finding);
            let at = *places.entry(place.clone()).or_insert_with(|| {
                let patched = known.then_some(0);
                let cause = Cause { place, tally: BySeverity::default(), patched, controls: 0 };
                groups.push((cause, BTreeSet::new(), Vec::new()));
                groups.len() - 1
            });
            let Some((cause, controls, rows)) = groups.get_mut(at) else { continue };
            cause.tally.add(finding.severity);
            if self.is_patched(finding) == Some(true) {
                cause.patched = cause.patched.map(|patched| patched + 1);
            }
            let serves = self.index.serves.get(&finding.check).into_iter().flatten();
            let deciding = serves.filter(|control| control.decides());
            controls.extend(deciding.map(|control| (&*control.framework, &*control.control)));
            rows.push(Row::deep(Item::Finding(Arc::clone(finding)), 1));
        }
        groups
            .sort_by(|(a, ..), (b, ..)| b.tally.cmp(&a.tally).then_with(|| a.place.cmp(&b.place)));
        let with_head = |(mut cause, controls, rows): (Cause, Controls<'_>, Vec<Row>)| {
            cause.controls = controls.len();
            std::iter::once(Row::new(Item::Cause(Arc::new(cause)))).chain(rows)
        };
        groups.into_iter().flat_map(with_head).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_patch_changes_never_leads_with_one() {
        let made = |patched, total| patches(patched, total, PatchCertainty::Made, Wording::Short);
        assert_eq!(made(Some(0), 33), "by hand: 33");
        assert_eq!(made(Some(13), 33), "patches 13 of 33");
        assert_eq!(made(Some(33), 33), "patches 33");
        assert_eq!(patched(Some(0), 33, Wording::Short), "none of 33");
        assert_eq!(patched(Some(13), 33, Wording::Full), "13 of 33 findings");
        assert_eq!(patched(None, 1, Wording::Full), "of 1 finding");
        assert_eq!(made(None, 33), "33", "nobody has made them yet");
        assert_eq!(patches(Some(1), 1, PatchCertainty::Made, Wording::Full), "patches 1 finding");
        assert_eq!(
            patches(Some(30), 39, PatchCertainty::AtMost, Wording::Full),
            "may patch 30 of 39 findings"
        );
    }
}
