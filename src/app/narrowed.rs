//! What the frameworks come to within the one namespace that is chosen. The run looked at more: its
//! scores are not those of the namespace, which are worked out beside it when they are looked at.

use std::sync::Arc;

use crate::frameworks::{Control, ControlResult, FrameworkResult};

use super::data::Data;
use super::effect::Effect;
use super::route::Screen;
use super::state::State;

/// Frameworks within a namespace, as far as they were worked out.
#[derive(Clone, Debug, Default)]
pub struct NarrowedScores {
    /// The namespace, where it is less than what the run looked at.
    namespace: Option<Arc<str>>,
    /// Grows with every question.
    asked: u64,
    /// The judgement that was asked about last: another one calls for another answer.
    about: Option<Arc<Vec<FrameworkResult>>>,
    /// The number of the question that is answered, and the answer.
    known: Option<(u64, Vec<FrameworkResult>)>,
}

impl NarrowedScores {
    /// The namespace that frameworks are to be told of, where it is less than what was judged.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// It is not worked out yet what the frameworks come to in the namespace.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        self.namespace.is_some() && self.known.is_none()
    }

    /// It is being worked out.
    pub(super) fn is_under_way(&self) -> bool {
        self.is_awaited() && self.about.is_some()
    }

    /// Another namespace, or none: what is known of the one before is dropped. Says whether it is another.
    fn turn(&mut self, namespace: Option<&str>) -> bool {
        if self.namespace.as_deref() == namespace {
            return false;
        }
        self.namespace = namespace.map(Arc::from);
        (self.about, self.known) = (None, None);
        true
    }

    /// The number to ask with; none where what was asked is about this judgement.
    fn ask(&mut self, judged: &Arc<Vec<FrameworkResult>>) -> Option<u64> {
        if self.about.as_ref().is_some_and(|about| Arc::ptr_eq(about, judged)) {
            return None;
        }
        self.about = Some(Arc::clone(judged));
        self.asked += 1;
        Some(self.asked)
    }

    /// Takes an answer in, unless it is about another namespace or older than what is known. One that is
    /// older than the last question is taken: while a cluster changes there is always a newer one.
    pub(super) fn take(&mut self, asked: u64, namespace: &str, results: Vec<FrameworkResult>) {
        let newer = self.known.as_ref().is_none_or(|(known, _)| *known < asked);
        if self.namespace.as_deref() == Some(namespace) && newer && asked <= self.asked {
            self.known = Some((asked, results));
        }
    }
}

impl Data {
    /// What a framework comes to in the namespace that is chosen, or else in everything that the run
    /// looked at. None where it was not judged, or is still being worked out.
    #[must_use]
    pub fn scored(&self, id: &str) -> Option<&FrameworkResult> {
        if self.narrowed.namespace.is_none() {
            return self.judged(id);
        }
        self.narrowed.known.as_ref()?.1.iter().find(|result| result.id == id)
    }

    /// The same; what the whole run says until it is worked out.
    #[must_use]
    pub fn scored_or_all(&self, id: &str) -> Option<&FrameworkResult> {
        if self.narrowed.is_awaited() { self.judged(id) } else { self.scored(id) }
    }

    /// A control, and what is said of it where the namespace that is chosen matters.
    #[must_use]
    pub fn control_here(
        &self,
        framework: &str,
        id: &str,
    ) -> Option<(&Control, Option<&ControlResult>)> {
        let (control, _) = self.control(framework, id)?;
        let judged = self.scored_or_all(framework);
        Some((control, judged.and_then(|j| j.controls.iter().find(|c| c.id == id))))
    }
}

impl State {
    /// What has to be worked out for the frameworks on the screen, where a namespace is chosen that is
    /// less than what the run looked at.
    pub(super) fn ask_narrowed(&mut self) -> Option<Effect> {
        let narrower = self.judged_wider().is_some() && !self.data.judged.is_empty();
        let here = self.data.namespace.clone().filter(|_| narrower);
        if self.data.narrowed.turn(here.as_deref()) {
            self.data.stamp += 1;
        }
        let shown = matches!(
            self.nav.top().screen,
            Screen::Overview | Screen::Frameworks | Screen::Framework(_) | Screen::Control { .. }
        );
        let namespace = here.filter(|_| shown && self.run.is_none())?;
        let asked = self.data.narrowed.ask(&self.data.judged)?;
        Some(Effect::Narrow { asked, namespace })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged() -> Arc<Vec<FrameworkResult>> {
        let text = r#"{"id":"a","version":"1","counts":{},"controls":[]}"#;
        Arc::new(vec![serde_json::from_str(text).unwrap()])
    }

    #[test]
    fn each_judgement_is_asked_about_once_and_another_namespace_begins_anew() {
        let mut narrowed = NarrowedScores::default();
        assert!(narrowed.turn(Some("pay")) && !narrowed.turn(Some("pay")));
        let first = judged();
        assert_eq!((narrowed.ask(&first), narrowed.ask(&first)), (Some(1), None));
        assert!(narrowed.is_awaited());
        narrowed.take(1, "pay", first.to_vec());
        assert!(!narrowed.is_awaited());
        assert_eq!(narrowed.ask(&judged()), Some(2), "another judgement");
        assert!(!narrowed.is_awaited(), "until the answer is there the one before stands");
        assert!(narrowed.turn(Some("web")) && narrowed.is_awaited());
    }

    #[test]
    fn an_answer_about_another_namespace_or_older_than_what_is_known_is_dropped() {
        let mut narrowed = NarrowedScores::default();
        narrowed.turn(Some("pay"));
        narrowed.ask(&judged());
        narrowed.ask(&judged());
        narrowed.take(1, "web", judged().to_vec());
        assert!(narrowed.is_awaited());
        narrowed.take(2, "pay", judged().to_vec());
        narrowed.take(1, "pay", Vec::new());
        assert_eq!(narrowed.known.map(|(asked, all)| (asked, all.len())), Some((2, 1)));
    }
}
