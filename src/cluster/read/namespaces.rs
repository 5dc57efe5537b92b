//! The namespaces that there are, and what is got by its name where it may not be listed.

use std::sync::Arc;

use super::{Reader, Step};
use crate::cluster::connect::Connection;
use crate::cluster::error::Fault;
use crate::cluster::list::Listed;
use crate::cluster::needs;
use crate::cluster::page;
use crate::cluster::request::{JSON, Notify};
use crate::cluster::store::Slot;
use crate::cluster::target::{Target, escape};
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::ReadStatus;

impl Reader<'_> {
    /// Lists namespaces; where that is refused, gets those that are known by name. Returns where
    /// to look for what may not be listed everywhere.
    pub(in crate::cluster) async fn namespaces(&self) -> Vec<String> {
        let target = Arc::new(needs::namespaces());
        let slot = Slot { kind: target.kind.clone(), namespace: None };
        self.send(Step::Planned(vec![(slot.clone(), Some(Arc::clone(&target)))])).await;
        let listed = self.list(&slot, &target, &[]).await;
        let names: Vec<String> = listed.objects.iter().map(|o| o.id.name.to_string()).collect();
        let uid = listed.objects.iter().find(|o| &*o.id.name == "kube-system");
        let mut uid = uid.map(|object| object.uid.to_string());
        let whole = listed.status == ReadStatus::Complete;
        self.send(Step::Done(slot, Some(Arc::clone(&target)), listed)).await;
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
        self.send(Step::Facts { kubernetes: None, uid }).await;
        known
    }

    async fn namespace(&self, target: &Arc<Target>, name: &str) {
        let slot = Slot { kind: target.kind.clone(), namespace: Some(name.to_owned()) };
        let listed = by_name(self.connection, target, name, &self.notify(name)).await;
        self.send(Step::Done(slot, Some(Arc::clone(target)), listed)).await;
    }
}

/// One object that is got by its name, as a list of its own: an empty one where the server says that it is
/// not there.
pub(in crate::cluster) async fn by_name(
    connection: &Connection,
    target: &Target,
    name: &str,
    notify: Notify<'_>,
) -> Listed {
    match object(connection, target, name, notify).await {
        Ok(object) => {
            let mut listed = Listed::without(ReadStatus::Complete, None);
            listed.objects.push(object);
            listed
        }
        // A gateway that knows no such path says less.
        Err(Fault::Status { code: 404, reason, .. }) if reason == "NotFound" => {
            Listed::without(ReadStatus::Complete, None)
        }
        Err(fault) => {
            let refused = fault.is_forbidden();
            let status = if refused { ReadStatus::Forbidden } else { ReadStatus::Failed };
            let code = fault.code();
            Listed { code, ..Listed::without(status, Some(fault.to_string())) }
        }
    }
}

async fn object(
    connection: &Connection,
    target: &Target,
    name: &str,
    notify: Notify<'_>,
) -> Result<Arc<Object>, Fault> {
    let url = format!("{}/{}", target.path(None), escape(name));
    let bytes = connection.get(&url, JSON, notify).await?;
    let node = Node::from_json(&bytes).map_err(|error| Fault::Unparsable(error.to_string()))?;
    let object = page::object(node, target, None).filter(|object| &*object.id.name == name);
    object.ok_or_else(|| Fault::Unparsable("it is not the object asked for".to_owned()))
}
