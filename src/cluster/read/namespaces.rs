//! The namespaces that there are, and what is got by its name where it may not be listed.

use std::sync::Arc;

use super::{ClusterReader, ReadStep};
use crate::cluster::api_resource::{ApiResource, escape};
use crate::cluster::connect::Connection;
use crate::cluster::error::RequestFault;
use crate::cluster::list::ListResult;
use crate::cluster::needs;
use crate::cluster::page;
use crate::cluster::request::{JSON, Notify};
use crate::cluster::store::Slot;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::ReadStatus;

impl ClusterReader<'_> {
    /// Lists namespaces; where that is refused, gets those that are known by name. Returns where
    /// to look for what may not be listed everywhere.
    pub(in crate::cluster) async fn namespaces(&self) -> Vec<String> {
        let target = Arc::new(needs::namespaces());
        let slot = Slot { kind: target.kind.clone(), namespace: None };
        self.send(ReadStep::Planned(vec![(slot.clone(), Some(Arc::clone(&target)))])).await;
        let listed = self.list(&slot, &target, &[]).await;
        let names: Vec<String> = listed.objects.iter().map(|o| o.id.name.to_string()).collect();
        let uid = listed.objects.iter().find(|o| &*o.id.name == "kube-system");
        let mut uid = uid.map(|object| object.uid.to_string());
        let whole = listed.status == ReadStatus::Complete;
        self.send(ReadStep::Done(slot, Some(Arc::clone(&target)), listed)).await;
        let known = match &self.request.namespaces {
            Some(asked) => asked.clone(),
            None if whole => names,
            None => vec![self.connection.namespace().unwrap_or("default").to_owned()],
        };
        if !whole {
            for name in &known {
                self.namespace(&target, name).await;
            }
            if uid.is_none() {
                let notify = self.notify("kube-system");
                let own = object(self.connection, &target, "kube-system", &notify).await;
                uid = own.ok().map(|o| o.uid.to_string());
            }
        }
        self.send(ReadStep::Facts { kubernetes: None, uid }).await;
        known
    }

    async fn namespace(&self, target: &Arc<ApiResource>, name: &str) {
        let slot = Slot { kind: target.kind.clone(), namespace: Some(name.to_owned()) };
        let listed = by_name(self.connection, target, name, &self.notify(name)).await;
        self.send(ReadStep::Done(slot, Some(Arc::clone(target)), listed)).await;
    }
}

/// One object that is got by its name, as a list of its own: an empty one where the server says that it is
/// not there.
pub(in crate::cluster) async fn by_name(
    connection: &Connection,
    target: &ApiResource,
    name: &str,
    notify: Notify<'_>,
) -> ListResult {
    match object(connection, target, name, notify).await {
        Ok(object) => {
            let mut listed = ListResult::without(ReadStatus::Complete, None);
            listed.objects.push(object);
            listed
        }
        // A gateway that knows no such path says less.
        Err(RequestFault::Status { code: 404, reason, .. }) if reason == "NotFound" => {
            ListResult::without(ReadStatus::Complete, None)
        }
        Err(fault) => {
            let refused = fault.is_forbidden();
            let status = if refused { ReadStatus::Forbidden } else { ReadStatus::Failed };
            let code = fault.code();
            ListResult { code, ..ListResult::without(status, Some(fault.to_string())) }
        }
    }
}

async fn object(
    connection: &Connection,
    target: &ApiResource,
    name: &str,
    notify: Notify<'_>,
) -> Result<Arc<Object>, RequestFault> {
    let url = format!("{}/{}", target.path(None), escape(name));
    let bytes = connection.get(&url, JSON, notify).await?;
    let node =
        Node::from_json(&bytes).map_err(|error| RequestFault::Unparsable(error.to_string()))?;
    let object = page::object(node, target, None).filter(|object| &*object.id.name == name);
    object.ok_or_else(|| RequestFault::Unparsable("it is not the object asked for".to_owned()))
}
