//! Asking what patches come to, and hearing of it.

use std::sync::Arc;

use crate::app::effect::Effect;
use crate::app::event::UserError;
use crate::app::item::Item;
use crate::app::preview::{Preview, PreviewProgress, PreviewRequest, PreviewState};
use crate::app::route::Screen;
use crate::app::state::State;
use crate::checks::remedy::{NOTHING_TO_CHANGE, without};
use crate::model::finding::{Finding, Form};
use crate::model::object::Object;

/// Of so many findings it is looked at every frame whether one has a patch.
const AT_A_GLANCE: usize = 100;

impl State {
    /// What a preview would be of here, or why there is nothing to preview.
    pub(super) fn asked_here(&self) -> Result<PreviewRequest, String> {
        let (label, findings) = self.mendable()?;
        let prints = findings.iter().map(|f| f.fingerprint.as_str().into()).collect();
        Ok(PreviewRequest { label: label.into(), prints })
    }

    /// Why there is no preview of what is under the cursor; none when there is one.
    pub(super) fn no_preview(&self) -> Option<String> {
        let route = self.nav.top();
        let row = route.list.current().filter(|_| route.list.marked() == 0);
        if let Some(Item::Mend(mend)) = row.map(|row| &row.item) {
            // How many a patch changes is worked out beside the screen: to go through the findings
            // here would take long, at every frame.
            match self.data.patches.of(mend) {
                Some(0) => {
                    let total = mend.tally.total();
                    return Some(match total {
                        1 => "No patch changes this finding.".to_owned(),
                        _ => format!("No patch changes any of these {total} findings."),
                    });
                }
                Some(_) => return None,
                None => {}
            }
        }
        // Of many findings it is told when somebody asks: not to go through all of them at every frame.
        if self.each_chosen().nth(AT_A_GLANCE).is_some() {
            return None;
        }
        self.mendable().err()
    }

    /// The findings that a preview here would be of, and what they are of.
    fn mendable(&self) -> Result<(String, Vec<Arc<Finding>>), String> {
        let (label, mut findings) = self.to_mend();
        findings.retain(|finding| finding.form != Form::Evidence);
        let first = findings.first().ok_or("There is no finding under the cursor.")?;
        if self.data.result.is_none() {
            return Err("No checks have run yet.".to_owned());
        }
        let why = |finding: &Arc<Finding>| {
            let check = self.data.check(&finding.check).map(|check| &**check);
            without(check, finding, &self.data.inventory)
        };
        if let Some(reason) = why(first)
            && findings.iter().all(|finding| why(finding).is_some())
        {
            return Err(match findings.len() {
                1 => format!("There is no patch: {reason}."),
                n => format!("None of these {n} findings has a patch; of the first: {reason}."),
            });
        }
        Ok((label, findings))
    }

    /// The findings that would be mended together, and what they are of: the open one, those of
    /// something to mend, the marked ones, those of a group, or the one under the cursor.
    fn to_mend(&self) -> (String, Vec<Arc<Finding>>) {
        let name = |finding: &Finding| {
            let of = finding.owner.as_ref().or(finding.object.as_ref());
            of.map_or_else(|| "the cluster".to_owned(), ToString::to_string)
        };
        let route = self.nav.top();
        let row = route.list.current().filter(|_| route.list.marked() == 0);
        match (&route.screen, row.map(|row| &row.item)) {
            (Screen::Finding(_), _) => {}
            (_, Some(Item::Mend(mend))) => {
                let all = self.data.index.findings.iter();
                let of = |f: &&Arc<Finding>| {
                    f.owner.as_ref().or(f.object.as_ref()) == mend.owner.as_ref()
                };
                let counts = |f: &&Arc<Finding>| self.data.is_open(f);
                return (name(&mend.worst), all.filter(of).filter(counts).cloned().collect());
            }
            _ => {}
        }
        let chosen = self.chosen_findings();
        let label = match (chosen.as_slice(), row.map(|row| &row.item)) {
            (_, Some(Item::Group { label, .. })) => label.to_string(),
            (_, Some(Item::Cause(cause))) => cause.place.name(),
            ([one], _) => name(one),
            (many, _) => format!("{} findings", many.len()),
        };
        (label, chosen)
    }

    /// Why a finding has no patch; none when it may have one.
    #[must_use]
    pub fn without_patch(&self, finding: &Finding) -> Option<String> {
        let check = self.data.check(&finding.check).map(|check| &**check);
        let why = without(check, finding, &self.data.inventory);
        why.or_else(|| self.nav.top().patch.is_none().then(|| NOTHING_TO_CHANGE.to_owned()))
    }

    pub(super) fn open_preview(&mut self) -> Vec<Effect> {
        let screen = match self.asked_here() {
            Ok(asked) => Screen::Preview(asked),
            Err(reason) => return self.hint(reason),
        };
        // One preview takes the place of another, so that esc leads back to where it was asked for.
        if matches!(self.nav.top().screen, Screen::Preview(_)) {
            self.nav.replace(screen);
        } else {
            self.nav.open(screen);
        }
        Vec::new()
    }

    /// Asks for the preview that is open, anew when what it rests on has changed; lets it go when
    /// its screen is left before it is there.
    pub(super) fn follow_preview(&mut self) -> Vec<Effect> {
        if let Screen::Preview(asked) = &self.nav.top().screen {
            let asked = asked.clone();
            return if self.is_foreseen(&asked) { Vec::new() } else { self.ask_preview(asked) };
        }
        let Some(state) = &self.preview else { return Vec::new() };
        let open =
            self.nav.path().any(|route| route.screen == Screen::Preview(state.asked.clone()));
        if open || !matches!(state.progress, PreviewProgress::Working) {
            return Vec::new();
        }
        self.preview = None;
        vec![Effect::CancelPreview]
    }

    /// Whether what is known, or being worked out, is of this and of what is there now.
    fn is_foreseen(&self, asked: &PreviewRequest) -> bool {
        let Some(state) = self.preview.as_ref().filter(|state| state.asked == *asked) else {
            return false;
        };
        let same_run = match (&state.result, &self.data.result) {
            (Some(then), Some(now)) => Arc::ptr_eq(then, now),
            (None, None) => true,
            _ => false,
        };
        let now = self.objects_of(asked);
        let same = |(then, now): (&Arc<Object>, &Arc<Object>)| Arc::ptr_eq(then, now);
        same_run && now.len() == state.objects.len() && state.objects.iter().zip(&now).all(same)
    }

    /// The objects that a preview would change.
    fn objects_of(&self, asked: &PreviewRequest) -> Vec<Arc<Object>> {
        let findings = asked.prints.iter().filter_map(|print| self.data.finding(print));
        let ids = findings.flat_map(|f| f.object.iter().chain(&f.owner));
        ids.filter_map(|id| self.data.inventory.find(id)).cloned().collect()
    }

    fn ask_preview(&mut self, asked: PreviewRequest) -> Vec<Effect> {
        self.foreseen += 1;
        let gone = asked.prints.iter().all(|print| self.data.finding(print).is_none());
        let progress = if gone {
            PreviewProgress::Failed(UserError {
                what: "nothing to preview".to_owned(),
                why: "the last run does not show these findings any more".to_owned(),
                next: "esc goes back".to_owned(),
            })
        } else {
            PreviewProgress::Working
        };
        let (result, objects) = (self.data.result.clone(), self.objects_of(&asked));
        self.preview = Some(PreviewState { asked: asked.clone(), progress, result, objects });
        vec![if gone { Effect::CancelPreview } else { Effect::Preview(asked) }]
    }

    /// What was asked for is there. What nobody waits for any more is dropped.
    pub(super) fn previewed(
        &mut self,
        asked: &PreviewRequest,
        answer: Result<Arc<Preview>, UserError>,
    ) {
        let Some(state) = self.preview.as_mut().filter(|state| state.asked == *asked) else {
            return;
        };
        state.progress = match answer {
            Ok(preview) => PreviewProgress::Done(preview),
            Err(error) => PreviewProgress::Failed(error),
        };
        self.foreseen += 1;
    }
}
