//! Controls of manifests that may not be everything there is.

use super::super::schema::{Control, Mapping, Strength};
use super::{CheckState, Judge, Tally};
use crate::model::finding::{CheckCounts, Form};

impl Judge<'_> {
    /// Where files may not be everything, what they do not show is not absent. A full check decides its
    /// control, so each has to have had something to look at; the others have to where no full one had.
    /// What an attack needs is looked for by every check of a technique, and each has to come upon a
    /// place that it applies to.
    pub(super) fn tally_unseen(&self, control: &Control, tally: &mut Tally) {
        let deciding = |mapping: &&Mapping| {
            let ran = (self.input.check)(&mapping.id);
            mapping.strength.decides()
                && matches!(ran, CheckState::Ran(form) if form != Form::Evidence)
        };
        let deciding: Vec<&Mapping> = control.checks.iter().filter(deciding).collect();
        let unseen = |mapping: &Mapping| self.index.unseen(&mapping.id);
        let decided = deciding.iter().any(|m| m.strength == Strength::Full && unseen(m).is_none());
        for mapping in deciding {
            let id = &mapping.id;
            let counts = self.index.counts(id);
            let applies = CheckCounts { not_applicable: 0, ..counts } != CheckCounts::default();
            match unseen(mapping) {
                Some(why) if self.framework.is_matrix() || mapping.strength == Strength::Full => {
                    tally.causes.push(why.to_owned());
                }
                Some(why) if !decided => tally.causes.push(why.to_owned()),
                None if self.framework.is_matrix() && !applies => {
                    tally.causes.push(format!("the files show nothing that {id} applies to"));
                }
                _ => {}
            }
        }
    }
}
