//! Sources: chosen, read again, left.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::Shell;
use super::here::Here;
use super::judging::Case;
use crate::app::effect::{FleetOrder, SourceChoice};
use crate::app::event::{ContextInfo, Event, SourceEvent, UserError};
use crate::assess;
use crate::cluster::{ConnectOptions, ReadRequest};
use crate::model::inventory::{Inventory, SourceInfo, SourceKind};
use crate::runtime::clock::timestamp;
use crate::runtime::desk::DeskOrder;
use crate::runtime::fleet::FleetTerms;
use crate::runtime::source::{SourceTask, user_error};
use crate::runtime::{ReadAgain, ReadObjects, Tell};
use crate::source::{demo, files, snapshot};

impl Shell {
    pub(super) fn load_contexts(&mut self) {
        let found = crate::cluster::contexts(self.options.connect.kubeconfig.as_deref());
        let contexts = found.map_err(user_error).map(|found| {
            let info = |context: &crate::cluster::ContextInfo| {
                let context = context.clone();
                // What will be run is that of whoever it is opened as.
                let context = match self.connect_options(Some(context.name.clone())).user {
                    Some(user) => found.as_user(context, &user),
                    None => context,
                };
                context_info(context, found.current.as_deref())
            };
            found.all.iter().map(info).collect()
        });
        self.feed(Event::Contexts(contexts));
    }

    /// Reads several clusters, or lets them go.
    pub(super) fn fleet(&mut self, order: FleetOrder) {
        let (names, asked) = match order {
            FleetOrder::Read { names, asked } => (names, asked),
            FleetOrder::Stop(names) => {
                return names.iter().for_each(|name| self.aside.fleet.stop(name));
            }
        };
        let terms = Arc::new(FleetTerms {
            content: self.options.content.clone(),
            selection: self.options.selection.clone(),
            sources: self.options.sources.clone(),
            request: self.judged_request(),
        });
        for name in names {
            let options = self.connect_options(Some(name.clone()));
            self.aside.fleet.read(name, asked, options, Arc::clone(&terms), self.inbox.events());
        }
    }

    /// What is read of a cluster that is judged and not browsed.
    fn judged_request(&self) -> ReadRequest {
        let chosen = self.options.content.choose(&self.options.selection).unwrap_or_default();
        let kinds = self.options.content.kinds(&chosen).into_iter().collect();
        ReadRequest { kinds, ..self.read_request() }
    }

    /// How to connect to a context; none for the current one.
    fn connect_options(&self, name: Option<String>) -> ConnectOptions {
        let mut options = self.options.connect.clone();
        if name != options.context {
            // The command line said them of the context that it named.
            options.cluster = None;
            options.user = None;
        }
        options.context = name;
        options
    }

    pub(super) fn connect(&mut self, choice: SourceChoice) {
        match choice {
            SourceChoice::Demo => {
                let source =
                    SourceInfo { context: Some("demo".to_owned()), ..SourceInfo::default() };
                self.leave_session(&source);
                self.read_demo(&source);
            }
            SourceChoice::Context(name) => {
                let options = self.connect_options(Some(name).filter(|n| !n.is_empty()));
                let source = SourceInfo {
                    kind: SourceKind::Live,
                    context: options.context.clone().or_else(|| self.current_context()),
                    ..SourceInfo::default()
                };
                self.leave_session(&source);
                self.read_live(&source, options);
            }
        }
    }

    /// The context that counts where none is named, as far as the kubeconfig can be read.
    fn current_context(&self) -> Option<String> {
        crate::cluster::contexts(self.options.connect.kubeconfig.as_deref()).ok()?.current
    }

    /// What was shown of another source goes; this one is read, and then judged.
    fn turn_to(&mut self, source: &SourceInfo) {
        self.here = Here::at(source);
        self.judging.forget();
        self.runs.forget();
        self.aside.forget_objects();
    }

    /// Turns to objects that `read` produces off the main task, and `again` whenever somebody asks.
    pub(super) fn read_fixed(
        &mut self,
        source: &SourceInfo,
        read: impl FnOnce() -> Result<Inventory, UserError> + Send + 'static,
        again: Option<ReadAgain>,
    ) {
        self.turn_to(source);
        self.feed(Event::Source(SourceEvent::Connecting { context: source.name() }));
        let events = self.inbox.next_source();
        self.here.source = Some(SourceTask::fixed(read, again, events));
    }

    /// Reads files off the main task, before anything else: what they are of decides what comes next.
    pub(super) fn read_files(&mut self, name: String, read: ReadObjects, again: Option<ReadAgain>) {
        let (tell, files) = oneshot::channel();
        self.here.await_files(files, again);
        // Not as the source: what it has not said when the files are read would be lost.
        let events = self.inbox.events();
        let mind: Tell = Arc::new(move |text: &str| {
            // The shell may be gone, here and below.
            let _ = events.blocking_send(Event::Source(SourceEvent::Notice(text.to_owned())));
        });
        tokio::task::spawn_blocking(move || {
            let _ = tell.send(read(&mind));
        });
        self.feed(Event::Source(SourceEvent::Connecting { context: name }));
    }

    /// The files were read, or cannot be.
    pub(super) fn files_read(&mut self, read: Option<Inventory>) {
        let Some(inventory) = read else {
            self.quit = true;
            return;
        };
        let (source, again) = (inventory.source.clone(), self.here.take_again());
        self.leave_session(&source);
        self.turn_to(&source);
        // What was typed meanwhile stays.
        self.feed(Event::Source(SourceEvent::Named { context: source.name() }));
        let events = self.inbox.next_source();
        self.here.source = Some(SourceTask::fixed(|| Ok(inventory), again, events));
        self.open_given();
    }

    /// Opens the session that the command line names.
    pub(super) fn open_given(&mut self) {
        if let Some(id) = self.options.session.take() {
            self.session.named = true;
            // Whether anything has to be run is known when the session is open.
            self.here.run_when_loaded = false;
            self.desk.order(DeskOrder::Open(id));
        }
    }

    fn read_demo(&mut self, source: &SourceInfo) {
        let kinds = self.read_request().kinds;
        self.read_fixed(source, move || Ok(demo::inventory(kinds)), None);
    }

    fn read_live(&mut self, source: &SourceInfo, options: ConnectOptions) {
        self.turn_to(source);
        self.feed(Event::Source(SourceEvent::Connecting { context: source.name() }));
        let request = self.read_request();
        let events = self.inbox.next_source();
        self.here.source = Some(SourceTask::live(options, request, self.clock, events));
    }

    pub(super) fn read_request(&self) -> ReadRequest {
        let held = assess::held(&self.options.content);
        let kinds = held.unwrap_or_else(|_| assess::browsed());
        let namespaces = &self.options.selection.namespaces;
        ReadRequest {
            kinds,
            namespaces: (!namespaces.is_empty()).then(|| namespaces.clone()),
            secret_metadata: self.options.secret_metadata,
            configz: self.options.configz,
            all_kinds: self.options.all_kinds,
        }
    }

    pub(super) fn leave_session(&mut self, source: &SourceInfo) {
        self.known.forget();
        self.session.leave();
        self.desk.order(DeskOrder::Leave(Box::new(source.clone())));
    }

    pub(super) fn new_session(&mut self) {
        let source = self.here.inventory.as_ref().map(|i| i.source.clone()).unwrap_or_default();
        self.leave_session(&source);
        self.judge(Case::Settle);
        self.judge(Case::First);
    }

    pub(super) fn refresh(&mut self) {
        let Some(source) = &self.here.source else { return };
        let fixed = source.is_read_again();
        if source.refresh() {
            if fixed {
                self.feed(Event::Source(SourceEvent::Again));
            }
            return;
        }
        let why = if fixed || !self.here.about().is_some_and(SourceInfo::is_manifests) {
            "a reading is under way already"
        } else {
            "what comes through a pipe can be read only once"
        };
        let error = UserError {
            what: "not read again".to_owned(),
            why: why.to_owned(),
            next: String::new(),
        };
        self.feed(Event::Failed(error));
    }

    /// Turns to objects that can be read as often as somebody asks.
    fn read_as_often(
        &mut self,
        source: &SourceInfo,
        read: impl Fn() -> Result<Inventory, UserError> + Send + Sync + 'static,
    ) {
        let again: ReadAgain = Arc::new(read);
        let first = Arc::clone(&again);
        self.read_fixed(source, move || first(), Some(again));
    }

    /// Reads the source of a saved session again.
    pub(super) fn reopen(&mut self, source: &SourceInfo) {
        match source.kind {
            SourceKind::Demo => self.read_demo(source),
            SourceKind::Live => {
                // The cluster is the session's, whatever the command line named.
                let options = self.connect_options(source.context.clone());
                self.read_live(source, options);
            }
            SourceKind::Files => {
                let options = files::Options {
                    complete: source.closed_world,
                    kube_version: source.kubernetes.clone(),
                };
                // A capture of manifests is manifests, too; no other file reads as one.
                let files = source.files.clone();
                let paths =
                    if source.given.is_empty() { files.clone() } else { source.given.clone() };
                self.read_as_often(source, move || {
                    let captured = match files.as_slice() {
                        [one] if one != files::STDIN => snapshot::load(Path::new(one)).ok(),
                        _ => None,
                    };
                    captured.map_or_else(|| manifests(&paths, &options), Ok)
                });
            }
            SourceKind::Snapshot => {
                let paths = source.files.clone();
                self.read_as_often(source, move || match paths.as_slice() {
                    [path, ..] => snapshot::load(Path::new(path)).map_err(|e| not_read(&e)),
                    [] => Err(not_read(&"it does not say which file it was made from")),
                });
            }
        }
    }
}

/// The manifests of a session, as they are now.
fn manifests(paths: &[String], options: &files::Options) -> Result<Inventory, UserError> {
    if let Some(once) = files::only_once(paths) {
        return Err(not_read(&format!("{once} can be read only once")));
    }
    let begun = timestamp();
    let mut inventory = files::read(paths, options).map_err(|e| not_read(&e))?;
    inventory.source.read_at = Some(begun);
    Ok(inventory)
}

/// A context as the workbench shows it.
#[must_use]
pub fn context_info(context: crate::cluster::ContextInfo, current: Option<&str>) -> ContextInfo {
    ContextInfo {
        current: current == Some(&*context.name),
        name: context.name,
        server: context.server.unwrap_or_default(),
        user: context.user.unwrap_or_default(),
        namespace: context.namespace.unwrap_or_default(),
        plugin: context.plugin.unwrap_or_default(),
    }
}

fn not_read(why: &dyn std::fmt::Display) -> UserError {
    UserError {
        what: "the objects of this session cannot be read again".to_owned(),
        why: why.to_string(),
        next: "start with -f or --snapshot, and --session, to say where they are".to_owned(),
    }
}
