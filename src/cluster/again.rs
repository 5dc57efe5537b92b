//! What is looked up again while a cluster is watched: what the server serves, and what no watch
//! brings. Kinds that come or go are read or forgotten without reading the rest.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use futures::StreamExt as _;
use tokio::sync::mpsc;

use super::api_resource::ApiResource;
use super::configz::Nodes;
use super::connect::Connection;
use super::discovery::{Discovered, Lookup, WantedKinds, discover};
use super::list::list;
use super::narrow::KnownRights;
use super::needs;
use super::read::{ClusterReader, LISTS_AT_ONCE, ReadRequest, ReadStep};
use super::store::Slot;
use crate::model::kinds::{self, Kind};
use crate::model::read::{Read, ReadStatus};

/// What has to be known of what is served, where some of it was `known` before.
pub(super) fn unknown<'a>(
    request: &'a ReadRequest,
    known: Option<&'a Discovered>,
) -> WantedKinds<'a> {
    let lists = request.kinds.iter().filter(|kind| kind.is_list());
    let own = lists.map(|kind| kind.group.to_string());
    // Namespaces are always read, and nodes for their kubelets.
    let groups = (!request.all_kinds).then(|| own.chain([String::new()]).collect());
    WantedKinds { groups, kinds: &request.kinds, known }
}

/// The kinds to list, the most wanted first, and those that an end point answers for. Namespaces
/// are read apart from these.
pub(super) fn wanted(request: &ReadRequest, found: &Discovered) -> (Vec<Kind>, Vec<Kind>) {
    let namespace = needs::namespaces().kind;
    let asked = request.kinds.iter().filter(|kind| **kind != namespace).cloned();
    let (mut lists, answers): (Vec<Kind>, Vec<Kind>) = asked.partition(Kind::is_list);
    let node = Kind::new("", "Node");
    let kubelets = request.configz && answers.contains(&kinds::kubelet_configuration());
    if kubelets && !lists.contains(&node) {
        lists.push(node);
    }
    if request.all_kinds {
        let known: BTreeSet<&Kind> = lists.iter().collect();
        let new =
            |kind: &&Kind| **kind != namespace && &*kind.kind != "Event" && !known.contains(*kind);
        let mut more: Vec<Kind> = found.kinds().filter(new).cloned().collect();
        more.sort();
        lists.extend(more);
    }
    (lists, answers)
}

/// Groups that could not be discovered, as reads that failed.
pub(super) fn gaps(found: &Discovered) -> Vec<Read> {
    let gap = |(group, why): (&str, &str)| Read {
        resource: match group {
            "" => "/api".to_owned(),
            "*" => "/apis".to_owned(),
            group => format!("/apis/{group}"),
        },
        kind: None,
        namespace: None,
        status: ReadStatus::Failed,
        items: 0,
        message: Some(why.to_owned()),
        millis: None,
    };
    found.gaps().map(gap).collect()
}

/// What a look around is about.
#[derive(Clone, Debug, Default)]
pub(super) struct LookAround {
    /// What was served when it was last looked up.
    pub known: Option<Arc<Discovered>>,
    /// Kinds to read again whatever is served: rights or namespaces changed.
    pub kinds: BTreeSet<Kind>,
    /// Where to look for what may not be listed everywhere.
    pub places: Vec<String>,
    /// Lists of single namespaces that are not here: of namespaces that came, or in which something may
    /// be read.
    pub narrow: Vec<(Slot, Arc<ApiResource>)>,
}

/// Looks up what is served and reads the kinds of which that changed. Ends early, without a word,
/// when the server does not answer: the watches tell of that.
pub(super) async fn look(
    connection: &Connection,
    request: &ReadRequest,
    look: LookAround,
    steps: &mpsc::Sender<ReadStep>,
) {
    let known = look.known.as_deref();
    let wanted = unknown(request, known);
    let Ok(found) = discover(connection, &wanted, &|_, _| ()).await else { return };
    let found = Arc::new(found);
    let reader = ClusterReader {
        connection,
        request,
        steps,
        names: false,
        nodes: OnceLock::new(),
        rights: KnownRights::default(),
    };
    let mut kinds = changed(request, known, &found);
    kinds.extend(look.kinds);
    reader.send(ReadStep::Found(Arc::clone(&found))).await;
    if !kinds.is_empty() {
        renew(&reader, &kinds, &found, look.places).await;
    }
    if !look.narrow.is_empty() {
        let others = look.narrow.into_iter().filter(|(slot, _)| !kinds.contains(&slot.kind));
        reader.narrow_lists(others.collect()).await;
        reader.send(ReadStep::Entered).await;
    }
}

/// Reads these kinds again, wherever they are.
async fn renew(
    reader: &ClusterReader<'_>,
    kinds: &BTreeSet<Kind>,
    found: &Discovered,
    places: Vec<String>,
) {
    reader.send(ReadStep::Renew(kinds.clone())).await;
    let namespace = needs::namespaces().kind;
    // Where they may not be listed, some may be got by name.
    let places = if kinds.contains(&namespace) { reader.namespaces().await } else { places };
    let order: Vec<Kind> = kinds.iter().filter(|kind| **kind != namespace).cloned().collect();
    reader.kinds(&order, found, &places).await;
    reader.send(ReadStep::Renewed(kinds.clone())).await;
}

/// Kinds that are served otherwise than before. Where discovery failed nothing is concluded.
fn changed(request: &ReadRequest, before: Option<&Discovered>, now: &Discovered) -> BTreeSet<Kind> {
    let empty = Discovered::default();
    let before = before.unwrap_or(&empty);
    let all = wanted(request, before).0.into_iter().chain(wanted(request, now).0);
    all.filter(|kind| match (before.lookup(kind), now.lookup(kind)) {
        (_, Lookup::Unknown(_)) => false,
        (old, new) => old != new,
    })
    .collect()
}

/// Asks again for lists that were refused, and tells of those that are not any more. Ends early when the
/// server says anything else: the watches tell of that.
pub(super) async fn refused(
    connection: &Connection,
    lists: Vec<(Slot, Arc<ApiResource>)>,
    steps: &mpsc::Sender<ReadStep>,
) {
    let lists = futures::stream::iter(lists).map(|(slot, target)| async move {
        let place = slot.namespace.as_deref();
        let listed = list(connection, &target, place, &|_, _| (), &|_, _| ()).await;
        (slot, target, listed)
    });
    let mut lists = lists.buffered(LISTS_AT_ONCE);
    while let Some((slot, target, listed)) = lists.next().await {
        match listed.status {
            ReadStatus::Forbidden => {}
            // Nobody listens any more when everything is read anew.
            ReadStatus::Complete | ReadStatus::Partial => {
                drop(steps.send(ReadStep::Allowed(slot, target, listed)).await);
            }
            _ => return,
        }
    }
}

/// Asks again for what only end points answer for: `/flagz` and the kubelets.
pub(super) async fn answers(
    connection: &Connection,
    request: &ReadRequest,
    nodes: Nodes,
    steps: &mpsc::Sender<ReadStep>,
) {
    let known = OnceLock::from(nodes);
    let reader = ClusterReader {
        connection,
        request,
        steps,
        names: false,
        nodes: known,
        rights: KnownRights::default(),
    };
    let answers: Vec<Kind> = request.kinds.iter().filter(|kind| !kind.is_list()).cloned().collect();
    reader.flagz(&answers).await;
    if request.configz {
        reader.configz(&answers).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_served_otherwise_is_read_again() {
        let served = |kinds: &[&str]| {
            let mut found = Discovered::default();
            for kind in kinds {
                found.add(super::super::api_resource::ApiResource {
                    kind: Kind::new("example.invalid", kind),
                    version: "v1".to_owned(),
                    plural: kind.to_ascii_lowercase(),
                    namespaced: true,
                    watchable: true,
                });
            }
            found
        };
        let kind = |name: &str| Kind::new("example.invalid", name);
        let kinds = ["A", "B", "C"].map(kind).to_vec();
        let request = ReadRequest { kinds, ..ReadRequest::default() };
        let (before, now) = (served(&["A", "B"]), served(&["A", "C", "D"]));
        let changed_kinds = changed(&request, Some(&before), &now);
        assert_eq!(changed_kinds, [kind("B"), kind("C")].into());
        let all = ReadRequest { all_kinds: true, ..ReadRequest::default() };
        assert_eq!(changed(&all, Some(&now), &before), ["B", "C", "D"].map(kind).into());
        let broken = Discovered::broken("example.invalid", "no answer");
        assert!(changed(&request, Some(&before), &broken).is_empty());
    }
}
