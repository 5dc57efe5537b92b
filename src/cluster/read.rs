//! One reading of a cluster: version, discovery, namespaces, then every list that was asked for.
//!
//! What the user may not list in the whole cluster is listed namespace by namespace, as far as
//! namespaces are known.

mod namespaces;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use serde::Deserialize;
use tokio::sync::mpsc;

use super::again;
use super::api_resource::ApiResource;
use super::configz::{Nodes, configz};
use super::connect::Connection;
use super::discovery::{self, Discovered, Lookup, is_named};
use super::error::{RequestFault, Trouble, UserError};
use super::flagz::flagz;
use super::list::{ListResult, NamesFirst, list, list_with_names, millis};
use super::narrow::KnownRights;
use super::needs::{self, ListPlace};
use super::request::{JSON, METADATA};
use super::sent::said;
use super::store::Slot;
use crate::model::arriving::Arriving;
use crate::model::kinds::{self, Kind};
use crate::model::object::Object;
use crate::model::read::{CONFIGZ_NOT_ALLOWED, Read, ReadStatus};

pub(super) use namespaces::by_name;

/// Lists under way at once; the requests themselves are bounded by the connection.
pub(super) const LISTS_AT_ONCE: usize = 8;

/// What to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadRequest {
    /// The kinds, the most wanted first. Namespaces are always read.
    pub kinds: Vec<Kind>,
    /// Only these namespaces (`-n`); none for the whole cluster.
    pub namespaces: Option<Vec<String>>,
    /// Whether names, types and labels of Secrets may be read (`--allow secret-metadata`).
    pub secret_metadata: bool,
    /// Whether kubelets may be asked for their running configuration (`--allow configz`). The
    /// nodes to ask are listed for it.
    pub configz: bool,
    /// Whether every kind that the server serves is read too (`--allow all-kinds`), but for
    /// Events, which change all the time and configure nothing.
    pub all_kinds: bool,
}

/// What a reading reports as it goes.
#[derive(Debug)]
pub(super) enum ReadStep {
    /// Server version and cluster uid, as far as known.
    Facts { kubernetes: Option<String>, uid: Option<String> },
    /// The first list begins at this moment, RFC 3339.
    Begun(String),
    /// A read that lists no kind.
    Extra(Read),
    /// Lists that will follow; without a target what no list brings.
    Planned(Vec<(Slot, Option<Arc<ApiResource>>)>),
    /// Some objects of a list that was begun anew so often.
    Page(Slot, usize, Vec<Arc<Object>>),
    /// The names of everything in a list.
    Names(Slot, Vec<Arc<Arriving>>),
    /// A list is done. Without a target the kind could not be located.
    Done(Slot, Option<Arc<ApiResource>>, ListResult),
    /// Something worth a line: a request is tried again.
    Note(String),
    /// What the server serves.
    Found(Arc<Discovered>),
    /// These kinds are read again, while the others stay.
    Renew(BTreeSet<Kind>),
    /// They have been: lists of these kinds that were not read are no more.
    Renewed(BTreeSet<Kind>),
    /// Namespaces that came have been read.
    Entered,
    /// A list that was refused is not any more.
    Allowed(Slot, Arc<ApiResource>, ListResult),
}

/// Reads everything; tells `steps`. The receiver may go away at any time. With `names` those of long
/// lists are asked for too, so that there is something to show before the objects are there.
///
/// # Errors
/// When the server cannot be read at all.
pub(super) async fn read(
    connection: &Connection,
    request: &ReadRequest,
    steps: &mpsc::Sender<ReadStep>,
    names: bool,
) -> Result<(), UserError> {
    let reader = ClusterReader {
        connection,
        request,
        steps,
        names,
        nodes: OnceLock::new(),
        rights: KnownRights::default(),
    };
    reader.run().await.map_err(|fault| fault.explain(connection.server()))
}

/// Asks the server for its version: whether it answers at all shows before anything of it is read and held.
///
/// # Errors
/// When it does not answer, or not to this user.
pub async fn reach(connection: &Connection) -> Result<(), UserError> {
    match connection.get("/version", JSON, &|_: &RequestFault, _: Duration| {}).await {
        // What it answers is a matter of reading it.
        Ok(_) => Ok(()),
        Err(fault) if fault.code().is_some_and(|code| code != 401) => Ok(()),
        Err(fault) => Err(fault.explain(connection.server())),
    }
}

pub(super) struct ClusterReader<'a> {
    pub connection: &'a Connection,
    pub request: &'a ReadRequest,
    pub steps: &'a mpsc::Sender<ReadStep>,
    pub names: bool,
    /// The nodes, once they were listed.
    pub nodes: OnceLock<Nodes>,
    /// What was learnt of where something may be read.
    pub rights: KnownRights,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerVersion {
    git_version: String,
}

impl ClusterReader<'_> {
    async fn run(&self) -> Result<(), RequestFault> {
        let unknown = again::unknown(self.request, None);
        let notify = self.notify("discovery");
        let discovery = discovery::named(self.connection, &unknown, &notify);
        let (version, named) = futures::future::join(self.version(), discovery).await;
        let (kubernetes, named) = (version?, named?);
        let (mut kinds, answers) = again::wanted(self.request, &named);
        kinds.retain(|kind| named.lookup(kind) != Lookup::NotServed);
        self.send(ReadStep::Facts { kubernetes, uid: None }).await;
        self.send(ReadStep::Begun(now())).await;
        // What is not named is looked for while what is named is read.
        let mut found = named.clone();
        let (places, ()) = futures::future::join(
            async {
                let places = self.namespaces().await;
                let lists = self.kinds(&kinds, &named, &places);
                futures::future::join(lists, self.flagz(&answers)).await;
                places
            },
            discovery::prove(self.connection, &mut found, &unknown, &notify),
        )
        .await;
        for gap in again::gaps(&found) {
            self.send(ReadStep::Extra(gap)).await;
        }
        let found = Arc::new(found);
        self.send(ReadStep::Found(Arc::clone(&found))).await;
        let mut rest = again::wanted(self.request, &found).0;
        rest.retain(|kind| !kinds.contains(kind));
        self.kinds(&rest, &found, &places).await;
        self.configz(&answers).await;
        Ok(())
    }

    pub(super) async fn flagz(&self, answers: &[Kind]) {
        let kind = kinds::flagz();
        if !answers.contains(&kind) {
            return;
        }
        let slot = Slot { kind, namespace: None };
        self.send(ReadStep::Planned(vec![(slot.clone(), None)])).await;
        let listed = flagz(self.connection, &self.notify(kinds::FLAGZ)).await;
        self.send(ReadStep::Done(slot, None, listed)).await;
    }

    /// After the lists, which tell the nodes.
    pub(super) async fn configz(&self, answers: &[Kind]) {
        let kind = kinds::kubelet_configuration();
        if !answers.contains(&kind) {
            return;
        }
        let slot = Slot { kind, namespace: None };
        let listed = if self.request.configz {
            self.send(ReadStep::Planned(vec![(slot.clone(), None)])).await;
            let unknown = || Nodes { names: Vec::new(), status: ReadStatus::Failed, message: None };
            let nodes = self.nodes.get().cloned().unwrap_or_else(unknown);
            configz(self.connection, &nodes, &self.notify(kinds::CONFIGZ)).await
        } else {
            ListResult::without(ReadStatus::NotAsked, Some(CONFIGZ_NOT_ALLOWED.to_owned()))
        };
        self.send(ReadStep::Done(slot, None, listed)).await;
    }

    /// Remembers the nodes, which are asked later on.
    fn note_nodes(&self, slot: &Slot, listed: &ListResult) {
        if slot.kind == Kind::new("", "Node") {
            let names = listed.objects.iter().map(|object| object.id.name.to_string());
            let (status, message) = (listed.status, listed.message.clone());
            // Nodes are listed once in a reading.
            let _ = self.nodes.set(Nodes { names: names.collect(), status, message });
        }
    }

    pub(super) async fn send(&self, step: ReadStep) {
        // Nobody listens any more when the reading was abandoned.
        let _ = self.steps.send(step).await;
    }

    /// Reports each further try of `what`; never waits, a lost line does no harm.
    pub(super) fn notify(&self, what: &str) -> impl Fn(&RequestFault, Duration) + Sync + use<> {
        let (steps, what) = (self.steps.clone(), what.to_owned());
        move |fault: &RequestFault, wait: Duration| {
            let again = match fault {
                RequestFault::Binary(_) | RequestFault::Status { code: 406 | 415, .. } => {
                    "asked for again as JSON".to_owned()
                }
                _ => format!("again in {:.1} s", wait.as_secs_f32()),
            };
            let _ = steps.try_send(ReadStep::Note(format!("{what}: {fault}; {again}")));
        }
    }

    pub(super) async fn version(&self) -> Result<Option<String>, RequestFault> {
        let begun = Instant::now();
        let answer = self.connection.get("/version", JSON, &self.notify("/version")).await;
        let (status, message, known) = match answer {
            Ok(bytes) => match serde_json::from_slice::<ServerVersion>(&bytes) {
                Ok(version) => (ReadStatus::Complete, None, Some(said(&version.git_version))),
                Err(error) => (ReadStatus::Failed, Some(said(&error.to_string())), None),
            },
            Err(fault) if fault.is_forbidden() => {
                (ReadStatus::Forbidden, Some(fault.to_string()), None)
            }
            Err(fault @ RequestFault::Status { code: 404 | 500.., .. }) => {
                (ReadStatus::Failed, Some(fault.to_string()), None)
            }
            Err(fault) => return Err(fault),
        };
        self.send(ReadStep::Extra(Read {
            resource: "/version".to_owned(),
            kind: None,
            namespace: None,
            status,
            items: usize::from(known.is_some()),
            message,
            millis: millis(begun),
        }))
        .await;
        Ok(known)
    }

    /// Cluster-wide lists first, then what is left, namespace by namespace.
    pub(super) async fn kinds(&self, kinds: &[Kind], found: &Discovered, places: &[String]) {
        let mut wide = Vec::new();
        let mut narrow = Vec::new();
        for kind in kinds {
            let Some((target, gap)) = self.locate(kind, found).await else { continue };
            let slot = Slot { kind: kind.clone(), namespace: None };
            if target.namespaced && self.request.namespaces.is_some() {
                narrow.push(target);
            } else {
                wide.push((slot, target, gap));
            }
        }
        let planned = wide.iter().map(|(slot, target, _)| (slot.clone(), Some(Arc::clone(target))));
        self.send(ReadStep::Planned(planned.collect())).await;
        let lists = futures::stream::iter(wide).map(|(slot, target, gap)| async move {
            let mut listed = self.list(&slot, &target, places).await;
            let refused = listed.denied && target.namespaced;
            self.note_nodes(&slot, &listed);
            if let Some(gap) = gap.filter(|_| listed.status == ReadStatus::Failed) {
                listed.message = Some(gap);
            }
            self.send(ReadStep::Done(slot, Some(Arc::clone(&target)), listed)).await;
            refused.then_some(target)
        });
        let mut lists = lists.buffer_unordered(LISTS_AT_ONCE);
        while let Some(refused) = lists.next().await {
            narrow.extend(refused);
        }
        // The lists ended in any order; what is wanted most shows where something may be read.
        narrow.sort_by_key(|target| kinds.iter().position(|kind| *kind == target.kind));
        self.narrow(&narrow, places).await;
    }

    /// Where a kind is listed. Kinds that cannot be located, or may not be asked for, are reported
    /// at once. The text says why the place is only assumed.
    async fn locate(
        &self,
        kind: &Kind,
        found: &Discovered,
    ) -> Option<(Arc<ApiResource>, Option<String>)> {
        let slot = Slot { kind: kind.clone(), namespace: None };
        let (status, message) = match needs::place(kind, found.lookup(kind), self.request) {
            ListPlace::List(target, assumed) => return Some((Arc::new(target), assumed)),
            ListPlace::Doubtful(target) => match self.is_there(&target).await {
                Ok(false) => (ReadStatus::NotServed, None),
                Ok(true) => return Some((Arc::new(target), None)),
                Err(fault) => return Some((Arc::new(target), Some(fault.to_string()))),
            },
            ListPlace::Nowhere(status, message) => (status, message),
        };
        let listed = ListResult::without(status, message);
        self.note_nodes(&slot, &listed);
        self.send(ReadStep::Done(slot, None, listed)).await;
        None
    }

    /// Whether a resource that discovery does not name is there all the same: its own path tells, or
    /// to whoever may not list it the version that it would be in.
    async fn is_there(&self, target: &ApiResource) -> Result<bool, RequestFault> {
        let place = self.request.namespaces.as_ref().and_then(|all| all.first());
        let url = format!("{}?limit=1", target.path(place.map(String::as_str)));
        let notify = self.notify(&target.words());
        match self.connection.get(&url, METADATA, &notify).await {
            Ok(_) => Ok(true),
            Err(fault) if fault.is_absent() => Ok(false),
            Err(fault) if fault.is_forbidden() => is_named(self.connection, target, &notify).await,
            Err(fault) => Err(fault),
        }
    }

    pub(super) async fn list(
        &self,
        slot: &Slot,
        target: &Arc<ApiResource>,
        places: &[String],
    ) -> ListResult {
        let steps = self.steps;
        let on_page = |again: usize, objects: &[Arc<Object>]| {
            // A page that is not shown early comes with the list.
            let _ = steps.try_send(ReadStep::Page(slot.clone(), again, objects.to_vec()));
        };
        let what = slot.words(target);
        let notify = self.notify(&what);
        let place = slot.namespace.as_deref();
        if !self.names {
            return list(self.connection, target, place, &on_page, &notify).await;
        }
        let on_names = |names| {
            let _ = steps.try_send(ReadStep::Names(slot.clone(), names));
        };
        let names = NamesFirst { places, on_names: &on_names };
        list_with_names(self.connection, target, place, names, &on_page, &notify).await
    }
}

/// This moment, RFC 3339 in UTC and whole seconds.
fn now() -> String {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}

/// The error for a reading whose task died.
pub(super) fn interrupted(server: &str) -> UserError {
    UserError::new(
        Trouble::Server,
        format!("cannot read the cluster at {server}"),
        "the reading was interrupted",
        "Refresh to read it again.",
    )
}
