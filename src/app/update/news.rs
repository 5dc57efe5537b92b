//! News from outside: of the source; of runs and of the session.

mod again;
mod runs;
mod session;

use std::collections::HashMap;
use std::sync::Arc;

use crate::app::event::{Event, SourceEvent};
use crate::app::live::{HeldChanges, LiveState};
use crate::app::patches::PatchCounts;
use crate::app::relations::Relations;
use crate::app::route::View;
use crate::app::state::{SourceStatus, State};
use crate::app::toast::ToastTone;
use crate::frameworks::Judgement;
use crate::model::inventory::{Inventory, SourceKind};

impl State {
    pub(super) fn news(&mut self, event: Event) {
        match event {
            Event::Source(news) => self.source_news(news),
            Event::Run(news) => self.run_news(news),
            Event::Session(news) => self.session_news(news),
            Event::Judged(standing) => self.take_standing(*standing),
            Event::Brought(brought) => {
                let decisions = brought.decisions(&self.data.today);
                let same = self.data.ledger.brought == decisions;
                self.data.ledger.bring(decisions);
                self.data.brought = brought;
                if same {
                    // Nothing counts otherwise than before; what is told of it stands on the screens.
                    self.data.stamp += 1;
                } else {
                    self.data.recount();
                }
            }
            Event::Behind(age) => {
                let since = |age| self.now.millis.saturating_sub(age);
                self.data.live.behind = age.map(since);
            }
            Event::Fleet(event) => self.fleet_news(event),
            Event::Related(of, related) => self.related(of, related),
            Event::Tenants { asked, cards } => {
                self.data.tenants.take(asked, cards);
                self.data.stamp += 1;
            }
            Event::Narrowed { asked, namespace, results } => {
                self.data.narrowed.take(asked, &namespace, results);
                self.data.stamp += 1;
            }
            Event::Content(content) => {
                self.data.tenants.judgement += 1;
                self.data.patches = PatchCounts::default();
                self.data.content = content;
                self.data.recount();
            }
            Event::Themes { theme, names } => {
                self.look.theme = theme;
                self.look.themes = names;
            }
            Event::Keys(keymap) => self.keymap = keymap.for_lines(self.look.plain),
            Event::Managed(id, answer) => self.managed(&id, answer),
            Event::Written(id, yaml) => self.take_written(&id, yaml),
            Event::Patched { owner, key, count } => self.data.patches.take(owner, key, count),
            Event::Previewed(asked, answer) => self.previewed(&asked, answer),
            Event::Contexts(answer) => {
                self.lists += 1;
                self.looked_for.contexts = true;
                match answer {
                    Ok(list) => {
                        self.contexts = list.into_iter().map(Arc::new).collect();
                        self.no_contexts = None;
                    }
                    Err(error) => self.no_contexts = Some(error),
                }
                self.renew_palette();
            }
            _ => {}
        }
    }

    fn source_news(&mut self, news: SourceEvent) {
        match news {
            SourceEvent::Connecting { context } => self.connecting(context),
            // What is on the terminal is not of this state.
            SourceEvent::Ran => {}
            SourceEvent::Named { context } => self.source.name = context,
            SourceEvent::Notice(text) => {
                if self.source.status == SourceStatus::Connecting {
                    self.source.told = Some((text.clone(), self.now.millis));
                }
                self.messages.say(ToastTone::Hint, text, self.now);
            }
            SourceEvent::Progress { resource, items } => {
                self.source.loading = true;
                self.source.progress = Some((resource, items));
            }
            SourceEvent::Loaded { inventory, complete } => self.loaded(inventory, complete),
            SourceEvent::Again => {
                self.source.loading = true;
                self.source.again.under_way = true;
            }
            SourceEvent::Newer => self.source.again.newer = true,
            SourceEvent::NotReadAgain(error) => self.not_read_again(&error),
            SourceEvent::Live => self.source.status = SourceStatus::Live,
            SourceEvent::NotWatched { reason } => {
                self.source.status = SourceStatus::NotWatched(reason);
            }
            SourceEvent::Stale(lost) => self.source.status = SourceStatus::Stale(lost),
            SourceEvent::Failed(error) => {
                self.messages.error(&error, self.now);
                self.source.loading = false;
                self.source.status = SourceStatus::Failed(error);
            }
        }
    }

    /// Another source: what was known of the old one goes, its screens too.
    fn connecting(&mut self, context: String) {
        if self.source.name != context && matches!(self.source.status, SourceStatus::Failed(_)) {
            // That another one cannot be read is over.
            self.messages.turn_away(self.now);
        }
        if self.source.name != context || self.nav.view() == View::Start {
            self.nav.reset();
            self.data.inventory = Arc::default();
            self.data.result = None;
            self.data.ledger.bring(HashMap::new());
            self.data.brought = Arc::default();
            self.data.take_judgement(Judgement::default());
            self.data.live = LiveState::default();
            self.data.namespace = None;
            self.data.relations = Relations::default();
            self.frozen = false;
            self.waiting = HeldChanges::default();
            self.run = None;
            self.last_run = None;
            self.preview = None;
            self.resumed = None;
            self.source.read = false;
            self.source.again.newer = false;
            self.managers = None;
            self.written = None;
            self.data.patches = PatchCounts::default();
            self.data.recount();
        }
        self.offered = false;
        self.source.again.under_way = false;
        self.source.name = context;
        self.source.status = SourceStatus::Connecting;
        self.source.told = None;
        self.source.loading = true;
        self.source.progress = None;
    }

    fn loaded(&mut self, inventory: Arc<Inventory>, complete: bool) {
        self.source.loading = !complete;
        if self.source.name.is_empty() {
            // Files and snapshots are there at once: nobody connected to them.
            let source = &inventory.source;
            self.source.name =
                source.context.clone().unwrap_or_else(|| source.kind.word().to_owned());
        }
        if complete {
            self.source.progress = None;
        }
        // What is live, or stale, stays so until the source says otherwise.
        let live = inventory.source.kind == SourceKind::Live;
        if !live
            || !matches!(
                self.source.status,
                SourceStatus::Live | SourceStatus::NotWatched(_) | SourceStatus::Stale(_)
            )
        {
            self.source.status = SourceStatus::Read;
        }
        if complete && std::mem::take(&mut self.source.again.under_way) {
            self.tell_again(&inventory);
        }
        self.take_objects(inventory);
        self.source.read |= complete;
    }
}
