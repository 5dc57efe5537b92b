//! What an event does to the state, and what is then to be done outside.

mod able;
mod acts;
mod choices;
mod dialogs;
mod drafts;
mod fleet;
mod following;
mod forms;
mod keys;
mod lines;
mod menus;
mod motion;
mod news;
mod opening;
mod places;
mod pointer;
mod previewing;
mod related;
mod running;
mod viewing;

use std::sync::Arc;

use crate::checks::remedy_with;

use super::effect::Effect;
use super::event::{Event, Now, SourceEvent};
use super::exceptions::Exception;
use super::item::Item;
use super::list::SLICE;
use super::route::{FindingPatch, Screen, Subset};
use super::state::{State, today};
use super::toast::ToastTone;

impl State {
    /// Takes an event in at a time. What comes back is to be done, in order.
    pub fn update(&mut self, event: Event, now: Now) -> Vec<Effect> {
        self.now = now;
        self.data.live.prune(now.millis);
        self.turn_day(now);
        if self.needs_rows(&event) {
            self.nav.top_mut().list.sift(&self.data, usize::MAX);
        }
        let failed =
            matches!(&event, Event::Source(SourceEvent::Failed(_)) | Event::Contexts(Ok(_)));
        let (screen, said) = (self.nav.top().screen.clone(), self.messages.count());
        let view = self.nav.view();
        let mut effects = match event {
            Event::Key(key) => self.key(key),
            Event::Pointer(pointer) => self.point(pointer),
            Event::Line(line) => self.line(&line),
            Event::Paste(text) => self.paste(&text),
            Event::Resize(width, height) => {
                self.size = (width, height);
                Vec::new()
            }
            Event::Focus(focused) => {
                self.focused = focused;
                Vec::new()
            }
            Event::Tick => {
                self.nav.top_mut().list.sift(&self.data, SLICE);
                Vec::new()
            }
            Event::Together(contexts) => self.begin_fleet(contexts),
            Event::Terminate => vec![Effect::Quit],
            Event::Done(text) => {
                self.report_is_written();
                self.messages.say(ToastTone::Done, text, now);
                Vec::new()
            }
            Event::Failed(error) => {
                self.messages.error(&error, now);
                self.refused(&error);
                Vec::new()
            }
            Event::Followed(view) => self.take_followed(view).into_iter().collect(),
            news => {
                self.news(news);
                Vec::new()
            }
        };
        if self.messages.count() == said && self.nav.top().screen != screen {
            self.hush(self.nav.view() != view);
        }
        self.forget_marking(&effects);
        if failed {
            effects.extend(self.offer_clusters());
        }
        effects.extend(self.catch_up());
        self.tell_changes();
        effects.extend(self.beside());
        self.sync();
        effects.extend(self.wanted());
        // Each of them is answered once, whatever comes of it.
        self.session.pending += effects.iter().filter(|effect| effect.is_act()).count();
        effects
    }

    /// Once something was decided, that is what is taken back next, and no marks.
    fn forget_marking(&mut self, effects: &[Effect]) {
        if effects.iter().any(Effect::decides) {
            self.nav.path_mut().for_each(|route| route.list.forget_marking());
        }
    }

    /// What was said of one screen is not shown on the next one, and on another view nothing is.
    fn hush(&mut self, other_view: bool) {
        self.messages.leave(self.now);
        if other_view {
            self.messages.turn_away(self.now);
        }
    }

    /// Acceptances expire at midnight.
    fn turn_day(&mut self, now: Now) {
        let date = today(now);
        if date != self.data.today {
            self.data.today = date;
            self.data.recount();
        }
    }

    /// What has to be worked out for what is on the screen.
    fn beside(&mut self) -> Vec<Effect> {
        let mut effects: Vec<Effect> = self.ask_tenants().into_iter().collect();
        effects.extend(self.ask_narrowed());
        effects.extend(self.follow_patches());
        effects.extend(self.follow_preview());
        effects.extend(self.follow_managers());
        effects.extend(self.follow_written());
        effects
    }

    /// Whether what somebody does may be about rows that the filter has not come to yet: anything
    /// but to go on typing.
    fn needs_rows(&self, event: &Event) -> bool {
        let typing = self.popups.is_empty() && self.nav.top().typing.is_some();
        match event {
            Event::Key(key) => !(typing && key.is_text()),
            Event::Pointer(_) | Event::Line(_) | Event::Paste(_) => true,
            _ => false,
        }
    }

    /// What has to be worked out for the screen of tenants; nothing where it is under way.
    fn ask_tenants(&mut self) -> Option<Effect> {
        let shown = matches!(self.nav.top().screen, Screen::Tenants | Screen::Tenant(_));
        let ready = shown && !self.data.judged.is_empty() && self.run.is_none();
        ready.then(|| self.data.tenants.ask()).flatten().map(Effect::Tenants)
    }

    /// What the screen's rows are made of; another number means to make them anew.
    fn stamp_of(&self, screen: &Screen) -> u64 {
        match screen {
            Screen::Start | Screen::Sessions => self.lists,
            // Its sentences are as wide as the screen, and on a high one there are more of them.
            Screen::Overview => {
                (self.data.stamp << 32) ^ (u64::from(self.size.0) << 16) ^ u64::from(self.size.1)
            }
            // What is known of clusters, and the contexts to choose from.
            Screen::Fleet(_) => (self.fleet.stamp << 24) ^ self.lists,
            // Another comparison, or another namespace to show of it.
            Screen::Comparison => (self.lists << 32) ^ self.data.stamp,
            Screen::Messages => self.messages.count(),
            // On a narrow screen remarks stand below the rows.
            Screen::Preview(_) => {
                (self.foreseen << 40) ^ (self.data.stamp << 16) ^ u64::from(self.size.0)
            }
            _ => self.data.stamp,
        }
    }

    /// Makes rows and text of the screen that is shown anew, if anything changed.
    pub(super) fn sync(&mut self) {
        let stamp = self.stamp_of(&self.nav.top().screen);
        if self.nav.top().stamp == Some(stamp) {
            return;
        }
        let rows = self.rows_of(self.nav.top());
        let shown = self.text_of(self.nav.top());
        let patch = self.patch_of(&self.nav.top().screen);
        let exception = self.exception_of(&self.nav.top().screen);
        let begin = self.first_choice().filter(|_| self.nav.top().screen == Screen::Start);
        let route = self.nav.top_mut();
        route.stamp = Some(stamp);
        route.patch = patch.map(Arc::new);
        route.exception = exception;
        route.list.renew(rows, &self.data);
        if let Some(row) = begin {
            route.list.begin_at(row);
        }
        if self.data.live.run > 0 && self.run.is_none() && !self.source.loading {
            route.list.stay();
        }
        if let Some((yaml, mark)) = shown {
            route.text.renew(yaml, mark);
        }
    }

    /// The exception that a screen is about, as it is now.
    fn exception_of(&self, screen: &Screen) -> Option<Arc<Exception>> {
        let Screen::Findings(Subset::Covered { id, .. }) = screen else { return None };
        let all = self.data.exceptions().into_iter();
        let mut rows =
            all.map(|exception| (Item::Exception(Arc::clone(&exception)).id(), exception));
        rows.find(|(row, _)| row == id).map(|(_, exception)| exception)
    }

    /// How the finding of a screen can be mended.
    fn patch_of(&self, screen: &Screen) -> Option<FindingPatch> {
        let Screen::Finding(print) = screen else { return None };
        let finding = self.data.finding(print)?;
        let check = self.data.check(&finding.check)?;
        let remedy = remedy_with(check, &self.data.content.params, finding, &self.data.inventory)?;
        let diff = remedy.redrawn(|tree| self.data.shown(&remedy.target, tree)).yaml_diff();
        Some(FindingPatch { remedy, diff })
    }
}
