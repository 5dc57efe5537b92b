//! Whether what discovery does not name is really not there.
//!
//! A server that has just been started answers with a list of groups that is not whole yet, and a
//! gateway may leave some out. What the list lacks is therefore looked for where it would be: a
//! server that has not installed all its paths refuses with 503 what it does not know, so that a 404
//! proves that there is nothing. Anything else proves nothing.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;

use super::answers::{OldGroup, OldList};
use super::{Discovered, Lookup, WantedKinds, each, old_list, old_paths};
use crate::cluster::api_resource::ApiResource;
use crate::cluster::connect::Connection;
use crate::cluster::error::RequestFault;
use crate::cluster::request::{JSON, Notify};
use crate::model::kinds::Kind;
use crate::model::naming::is_group;
use crate::model::served;

/// Groups asked at once.
const AT_ONCE: usize = 4;

/// Group, version and path of something that is to be discovered.
type GroupVersionPath = (String, String, String);

/// Looks for the wanted kinds that were not found. What is there after all is added; a group that
/// cannot be asked is broken from now on.
pub(in crate::cluster) async fn prove(
    connection: &Connection,
    found: &mut Discovered,
    wanted: &WantedKinds<'_>,
    notify: Notify<'_>,
) {
    let missing = missing(found, wanted);
    let groups: BTreeSet<String> = missing.iter().map(|kind| kind.group.to_string()).collect();
    let asked = futures::stream::iter(groups).map(|group| async move {
        let versions = versions(connection, &group, notify).await;
        (group, versions)
    });
    let asked: BTreeMap<String, Result<Vec<GroupVersionPath>, RequestFault>> =
        asked.buffer_unordered(AT_ONCE).collect().await;
    let mut paths = Vec::new();
    for (group, versions) in asked {
        match versions {
            Ok(versions) => paths.extend(versions),
            Err(fault) => {
                let why = format!("whether it is served could not be found out: {fault}");
                found.broken.insert(group, why);
            }
        }
    }
    paths.retain(|(group, version, _)| !found.told.contains(&(group.clone(), version.clone())));
    each(connection, paths, found, notify).await;
    for kind in missing {
        if found.lookup(&kind) == Lookup::NotServed {
            found.absent.insert(kind);
        }
    }
}

/// Wanted kinds that were not found, but for those that were looked for before and have stayed away
/// since.
fn missing(found: &mut Discovered, wanted: &WantedKinds<'_>) -> Vec<Kind> {
    let mut missing = Vec::new();
    for kind in wanted.kinds {
        let absent = kind.is_list()
            && !served::is_file(&kind.group, &kind.kind)
            && (kind.group.is_empty() || is_group(&kind.group))
            && found.lookup(kind) == Lookup::NotServed;
        if absent && wanted.known.is_some_and(|known| known.absent.contains(kind)) {
            found.absent.insert(kind.clone());
        } else if absent {
            missing.push(kind.clone());
        }
    }
    missing
}

/// The versions that a group says it has; none if it is not there.
async fn versions(
    connection: &Connection,
    group: &str,
    notify: Notify<'_>,
) -> Result<Vec<GroupVersionPath>, RequestFault> {
    if group.is_empty() {
        return Ok(vec![(String::new(), "v1".to_owned(), "/api/v1".to_owned())]);
    }
    let bytes = match connection.get(&format!("/apis/{group}"), JSON, notify).await {
        Ok(bytes) => bytes,
        Err(fault) if fault.is_absent() => return Ok(Vec::new()),
        Err(fault) => return Err(fault),
    };
    let told: OldGroup = serde_json::from_slice(&bytes)
        .map_err(|error| RequestFault::Unparsable(error.to_string()))?;
    if told.kind != "APIGroup" || told.name != group {
        let (kind, name) = (&told.kind, &told.name);
        let odd = format!("expected the group {group}, found {kind:?} {name:?}");
        return Err(RequestFault::Unparsable(odd));
    }
    Ok(old_paths(told, None))
}

/// Whether the version of a resource's group names it, by its own word.
pub(in crate::cluster) async fn is_named(
    connection: &Connection,
    target: &ApiResource,
    notify: Notify<'_>,
) -> Result<bool, RequestFault> {
    let root = if target.kind.group.is_empty() { "/api" } else { "/apis" };
    let path = format!("{root}/{}", target.api_version());
    let bytes = match connection.get(&path, JSON, notify).await {
        Ok(bytes) => bytes,
        Err(fault) if fault.is_absent() => return Ok(false),
        Err(fault) => return Err(fault),
    };
    let list: OldList = serde_json::from_slice(&bytes)
        .map_err(|error| RequestFault::Unparsable(error.to_string()))?;
    Ok(old_list(list)?.iter().any(|resource| resource.name == target.plural))
}
