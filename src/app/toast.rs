//! Messages: shown for a while, and kept.

use std::sync::Arc;

use super::event::{Now, UserError};

/// How long a message stays on the screen, in milliseconds.
const STAYS: u64 = 4_000;
/// An error stays longer.
const ERROR_STAYS: u64 = 8_000;
/// How many messages are kept.
const KEPT: usize = 500;

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastTone {
    /// Something was done.
    Done,
    /// Something to know.
    Hint,
    /// Something went wrong.
    Error,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToastMessage {
    /// What kind.
    pub tone: ToastTone,
    /// What it says: for errors what went wrong, why and what to do, one a line.
    pub lines: Vec<String>,
    /// When, in seconds since 1970.
    pub unix: i64,
    until: u64,
    /// It is about what was tried on one screen, and means nothing on the next.
    here: bool,
}

impl ToastMessage {
    /// Whether it only answered a key on one screen: nothing changed, and nothing failed.
    #[must_use]
    pub fn is_echo(&self) -> bool {
        self.tone == ToastTone::Hint && self.here
    }
}

/// All messages of this sitting, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    kept: Vec<Arc<ToastMessage>>,
    /// Grows with every message.
    count: u64,
    /// How many of the last ones came by themselves while an error was shown: it stays over them.
    under: usize,
}

impl Messages {
    /// Shows a text for a while.
    pub fn say(&mut self, tone: ToastTone, text: impl Into<String>, now: Now) {
        self.push(tone, vec![text.into()], false, now);
    }

    /// Says what came about by itself. An error that is still shown is not covered by it, and gets its time
    /// anew: something else may have stood in its place meanwhile.
    pub fn tell(&mut self, text: impl Into<String>, now: Now) {
        let over = self.place(now).filter(|at| self.is_error(*at));
        if let Some(error) = over.and_then(|at| self.kept.get_mut(at)) {
            Arc::make_mut(error).until = now.millis.saturating_add(ERROR_STAYS);
        }
        let under = over.map_or(0, |_| self.under + 1);
        self.push(ToastTone::Done, vec![text.into()], false, now);
        self.under = under;
    }

    /// Says what came of a key on the screen that is shown, as that it does nothing there.
    pub fn hint(&mut self, text: impl Into<String>, now: Now) {
        self.push(ToastTone::Hint, vec![text.into()], true, now);
    }

    /// Shows an error.
    pub fn error(&mut self, error: &UserError, now: Now) {
        let lines = [&error.what, &error.why, &error.next];
        let lines = lines.into_iter().filter(|l| !l.is_empty()).cloned().collect();
        self.push(ToastTone::Error, lines, true, now);
    }

    fn push(&mut self, tone: ToastTone, lines: Vec<String>, here: bool, now: Now) {
        let stays = if tone == ToastTone::Error { ERROR_STAYS } else { STAYS };
        let until = now.millis.saturating_add(stays);
        self.kept.push(Arc::new(ToastMessage { tone, lines, unix: now.unix, until, here }));
        self.count += 1;
        self.under = 0;
        if self.kept.len() > KEPT {
            self.kept.remove(0);
        }
    }

    /// The message to show now, if any: the last one until its time is up, or an error that stands over it.
    #[must_use]
    pub fn current(&self, now: Now) -> Option<&Arc<ToastMessage>> {
        self.place(now).and_then(|at| self.kept.get(at))
    }

    fn is_error(&self, at: usize) -> bool {
        self.kept.get(at).is_some_and(|m| m.tone == ToastTone::Error)
    }

    /// Where the message to show stands among those that are kept.
    fn place(&self, now: Now) -> Option<usize> {
        let last = self.kept.len().checked_sub(1)?;
        let shown = |at: &usize| self.kept.get(*at).is_some_and(|m| m.until > now.millis);
        let error = last.checked_sub(self.under).filter(shown);
        error.or(Some(last)).filter(shown)
    }

    /// What came of a key on one screen is not shown on the next one.
    pub(super) fn leave(&mut self, now: Now) {
        let shown = self.place(now).and_then(|at| self.kept.get_mut(at));
        if let Some(shown) = shown.filter(|m| m.here) {
            Arc::make_mut(shown).until = now.millis;
        }
    }

    /// A word that is no more than that makes way for something that holds.
    pub(super) fn hush_hint(&mut self, now: Now) {
        let shown = self.place(now).and_then(|at| self.kept.get_mut(at));
        if let Some(shown) = shown.filter(|m| m.tone == ToastTone::Hint) {
            Arc::make_mut(shown).until = now.millis;
        }
    }

    /// On another view no message of the one before is shown, whatever it is about.
    pub(super) fn turn_away(&mut self, now: Now) {
        while let Some(shown) = self.place(now).and_then(|at| self.kept.get_mut(at)) {
            Arc::make_mut(shown).until = now.millis;
        }
    }

    /// When the message shown goes away, in milliseconds of [`Now::millis`].
    #[must_use]
    pub fn deadline(&self, now: Now) -> Option<u64> {
        self.current(now).map(|m| m.until)
    }

    /// All messages, oldest first.
    #[must_use]
    pub fn all(&self) -> &[Arc<ToastMessage>] {
        &self.kept
    }

    /// How many there have been; grows with every message.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_goes_by_its_own_deadline_and_is_kept() {
        let at = |millis| Now { millis, unix: 0 };
        let mut messages = Messages::default();
        messages.say(ToastTone::Done, "saved", at(1_000));
        assert_eq!(messages.deadline(at(1_000)), Some(5_000));
        assert!(messages.current(at(4_999)).is_some());
        assert!(messages.current(at(5_000)).is_none());
        assert_eq!(messages.all().len(), 1);
    }

    #[test]
    fn an_error_or_a_hint_goes_with_its_screen_and_what_was_done_stays() {
        let now = Now { millis: 1_000, unix: 0 };
        let mut messages = Messages::default();
        messages.say(ToastTone::Done, "saved", now);
        messages.leave(now);
        assert!(messages.current(now).is_some());
        messages.error(&UserError::default(), now);
        messages.leave(now);
        assert!(messages.current(now).is_none());
        messages.hint("there is nothing to undo", now);
        assert!(messages.current(now).is_some());
        messages.leave(now);
        assert!(messages.current(now).is_none());
        assert_eq!(messages.all().len(), 3);
    }

    #[test]
    fn what_comes_by_itself_does_not_cover_an_error() {
        let at = |millis| Now { millis, unix: 0 };
        let shown = |messages: &Messages, millis| {
            messages.current(at(millis)).map(|m| (m.tone, m.lines.clone()))
        };
        let broken = UserError { what: "a file is broken".to_owned(), ..UserError::default() };
        let mut messages = Messages::default();
        messages.error(&broken, at(0));
        messages.tell("The run took 0.3 s.", at(7_000));
        messages.tell("Read again.", at(7_100));
        let error = Some((ToastTone::Error, vec!["a file is broken".to_owned()]));
        assert_eq!(shown(&messages, 7_200), error);
        assert_eq!(shown(&messages, 14_000), error, "its time begins anew");
        assert_eq!(shown(&messages, 15_200), None);
        assert_eq!((messages.all().len(), messages.count()), (3, 3));
        // What a key says, and another error, is seen at once.
        messages.error(&broken, at(20_000));
        messages.tell("Read again.", at(20_100));
        messages.hint("there is nothing to undo", at(20_200));
        assert_eq!(shown(&messages, 20_300).map(|(tone, _)| tone), Some(ToastTone::Hint));
        // Away from the screen, what happened meanwhile is told.
        messages.error(&broken, at(30_000));
        messages.tell("Read again.", at(30_100));
        messages.leave(at(30_200));
        assert_eq!(shown(&messages, 30_300).map(|(tone, _)| tone), Some(ToastTone::Done));
        messages.turn_away(at(30_400));
        assert_eq!(shown(&messages, 30_500), None);
    }

    #[test]
    fn on_another_view_nothing_is_said_of_the_one_before() {
        let now = Now { millis: 1_000, unix: 0 };
        let mut messages = Messages::default();
        messages.say(ToastTone::Done, "saved", now);
        messages.turn_away(now);
        assert!(messages.current(now).is_none());
        assert_eq!(messages.all().len(), 1);
    }

    #[test]
    fn messages_are_bounded() {
        let mut messages = Messages::default();
        for n in 0..KEPT + 10 {
            messages.say(ToastTone::Hint, n.to_string(), Now::default());
        }
        assert_eq!(messages.all().len(), KEPT);
        assert_eq!(messages.all()[0].lines, ["10"]);
    }
}
