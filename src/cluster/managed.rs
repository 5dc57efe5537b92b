//! Who owns the fields of one object, read when somebody looks at it: inventories leave
//! `managedFields` out, for they are larger than the rest.

use serde::Deserialize;

use super::api_resource::{ApiResource, escape};
use super::connect::Connection;
use super::error::RequestFault;
use super::request::METADATA_OF_ONE;
use crate::model::kinds::Kind;
use crate::model::managed::Managed;
use crate::model::object::ObjectRef;

#[derive(Deserialize)]
struct Partial {
    metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default)]
    managed_fields: Vec<Managed>,
}

/// The managers of an object's fields, by one get of its metadata.
///
/// # Errors
/// Why that is not known, in the server's words where there are any.
pub async fn managed(connection: &Connection, id: &ObjectRef) -> Result<Vec<Managed>, String> {
    let mut target = target(&id.group_kind())?;
    if let Some((_, version)) = id.api_version.rsplit_once('/') {
        version.clone_into(&mut target.version);
    }
    let url = format!("{}/{}", target.path(id.namespace.as_deref()), escape(&id.name));
    let answer = connection.get(&url, METADATA_OF_ONE, &|_, _| {}).await;
    let bytes = answer.map_err(|fault| refused(&target, &fault))?;
    let partial: Partial = serde_json::from_slice(&bytes)
        .map_err(|error| RequestFault::Unparsable(error.to_string()).to_string())?;
    Ok(partial.metadata.managed_fields)
}

/// Where the objects of a kind are asked for it.
///
/// # Errors
/// Why they are not.
pub(super) fn target(kind: &Kind) -> Result<ApiResource, &'static str> {
    let builtin = kind.builtin().ok_or("only objects of built-in kinds are asked for it")?;
    let target = ApiResource::assumed(builtin);
    if target.is_secret() { Err("Secrets are not asked for it") } else { Ok(target) }
}

fn refused(target: &ApiResource, fault: &RequestFault) -> String {
    if fault.is_forbidden() {
        return format!("get on {} is forbidden", target.words());
    }
    fault.to_string()
}
