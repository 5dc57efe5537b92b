//! Sources: chosen, read again, left.

use tokio::sync::mpsc;

use super::Shell;
use crate::app::effect::SourceChoice;
use crate::app::event::{ContextInfo, Event, UserError};
use crate::assess;
use crate::cluster::ReadRequest;
use crate::model::inventory::{SourceInfo, SourceKind};
use crate::runtime::desk::Order;
use crate::runtime::source::{Source, user_error};
use crate::session::run::Selection;

impl Shell {
    pub(super) fn load_contexts(&mut self) {
        let found = crate::cluster::contexts(self.options.connect.kubeconfig.as_deref());
        let contexts = found.map_err(user_error).map(|found| {
            let info = |c: crate::cluster::ContextInfo| ContextInfo {
                current: found.current.as_deref() == Some(&*c.name),
                name: c.name,
                server: c.server.unwrap_or_default(),
                user: c.user.unwrap_or_default(),
                namespace: c.namespace.unwrap_or_default(),
            };
            found.all.into_iter().map(info).collect()
        });
        self.feed(Event::Contexts(contexts));
    }

    /// Where the next source reports. What the one before has not said yet is never heard.
    pub(super) fn source_channel(&mut self) -> mpsc::Sender<Event> {
        let (events, inbox) = mpsc::channel(256);
        self.from_source = inbox;
        events
    }

    pub(super) fn connect(&mut self, choice: SourceChoice) {
        self.job = None;
        self.shown = None;
        self.inventory = None;
        self.run_when_loaded = true;
        self.source = Some(match choice {
            SourceChoice::Demo => {
                let source =
                    SourceInfo { context: Some("demo".to_owned()), ..SourceInfo::default() };
                self.leave_session(&source);
                Source::fixed(crate::source::demo::inventory, self.source_channel())
            }
            SourceChoice::Context(name) => {
                let mut options = self.options.connect.clone();
                let name = Some(name).filter(|n| !n.is_empty());
                if name != options.context {
                    // The command line said them of the context that it named.
                    options.cluster = None;
                    options.user = None;
                }
                options.context = name;
                let source = SourceInfo {
                    kind: SourceKind::Live,
                    context: options.context.clone(),
                    ..SourceInfo::default()
                };
                self.leave_session(&source);
                let events = self.source_channel();
                Source::live(options, self.read_request(), self.clock, events)
            }
        });
    }

    pub(super) fn read_request(&self) -> ReadRequest {
        let everything = self.options.content.choose(&Selection::default()).unwrap_or_default();
        let mut kinds = assess::browsed();
        for kind in self.options.content.plan(&everything).kinds() {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        let namespaces = &self.options.selection.namespaces;
        ReadRequest {
            kinds,
            namespaces: (!namespaces.is_empty()).then(|| namespaces.clone()),
            secret_metadata: self.options.secret_metadata,
            all_kinds: false,
        }
    }

    pub(super) fn leave_session(&mut self, source: &SourceInfo) {
        self.decisions.clear();
        self.desk.order(Order::Leave(Box::new(source.clone())));
    }

    pub(super) fn new_session(&mut self) {
        let source = self.inventory.as_ref().map(|i| i.source.clone()).unwrap_or_default();
        self.leave_session(&source);
    }

    pub(super) fn refresh(&mut self) {
        if !self.source.as_ref().is_some_and(Source::refresh) {
            let error = UserError {
                what: "nothing to read again".to_owned(),
                why: "this source does not change, or a reading is under way".to_owned(),
                next: String::new(),
            };
            self.feed(Event::Failed(error));
        }
    }

    pub(super) fn reopen(&mut self, source: &SourceInfo) {
        let events = self.source_channel();
        match source.kind {
            SourceKind::Demo => {
                self.source = Some(Source::fixed(crate::source::demo::inventory, events))
            }
            SourceKind::Live => {
                let mut options = self.options.connect.clone();
                options.context = options.context.or_else(|| source.context.clone());
                self.source = Some(Source::live(options, self.read_request(), self.clock, events));
            }
            SourceKind::Files | SourceKind::Snapshot => {
                let error = UserError {
                    what: "the objects of this session are not read".to_owned(),
                    why: format!("it was made from {}", source.files.join(", ")),
                    next: "start with -f or --snapshot and --session to read them again".to_owned(),
                };
                self.feed(Event::Failed(error));
            }
        }
    }
}
