//! What stands in the entries that a connection uses, field by field: what cannot be used is told with the
//! file, the entry, the field and its value.

use http::HeaderValue;
use kube::config::{AuthInfo, Cluster};

use super::{ContextInfo, Loaded};
use crate::cluster::caution::no_address;
use crate::cluster::error::{Trouble, UserError};
use crate::cluster::proxy;
use crate::model::naming::{is_label, no_namespace};
use crate::text::{cut_chars, mask};

pub(super) const CONTEXT: &str = "context";
pub(super) const CLUSTER: &str = "cluster";
pub(super) const USER: &str = "user";

/// Longest value that is shown, in characters.
const LONGEST: usize = 100;
/// What is said of a text that no header can hold.
const NO_HEADER: &str =
    "cannot be sent: a header holds letters, digits and signs of ASCII, in one line";

impl Loaded {
    /// Checks the fields of a context, and of the cluster and user that are used with it, that become parts
    /// of what is asked of a server, or of the way to it. Whom the command line acts as is not in them.
    pub(in crate::cluster) fn check_fields(
        &self,
        context: &ContextInfo,
        (cluster_name, user_name): (&str, &str),
        acts: bool,
    ) -> Result<(), UserError> {
        if let Some(namespace) = context.namespace.as_deref().filter(|name| !is_label(name)) {
            let next = "Write the name of a namespace there, as `kubectl get namespaces` lists it, or take \
                        the field out.";
            let why = no_namespace(namespace);
            return Err(self.unfit("namespace", (CONTEXT, &context.name), why, next));
        }
        let cluster = self.config.clusters.iter().find(|named| named.name == cluster_name);
        if let Some(cluster) = cluster.and_then(|named| named.cluster.as_ref()) {
            self.check_cluster(cluster_name, cluster)?;
        }
        let user = self.config.auth_infos.iter().find(|named| named.name == user_name);
        match user.and_then(|named| named.auth_info.as_ref()).filter(|_| !acts) {
            Some(user) => self.check_user(user_name, user),
            None => Ok(()),
        }
    }

    fn check_cluster(&self, name: &str, cluster: &Cluster) -> Result<(), UserError> {
        let unfit = |field: &str, why: String, next: &str| {
            Err(self.unfit(field, (CLUSTER, name), why, next))
        };
        let next = "Write there https://HOST:PORT.";
        let Some(server) = cluster.server.as_deref().filter(|text| !text.is_empty()) else {
            return unfit("server", "it is not set".to_owned(), next);
        };
        if let Some(why) = no_address(server, &["https", "http"]) {
            return unfit("server", why, next);
        }
        let proxy = cluster.proxy_url.as_deref().filter(|text| !text.is_empty());
        let why = proxy.map(proxy::full).and_then(|text| no_address(&text, &proxy::SCHEMES));
        why.map_or(Ok(()), |why| unfit("proxy-url", why, proxy::FORMS))
    }

    fn check_user(&self, name: &str, user: &AuthInfo) -> Result<(), UserError> {
        let extra = user.impersonate_user_extra.iter().flatten();
        let extra = extra.flat_map(|(_, values)| values).map(|value| ("as-user-extra", value));
        let groups = user.impersonate_groups.iter().flatten().map(|group| ("as-groups", group));
        let one = user.impersonate.iter().map(|user| ("as", user));
        let uid = user.impersonate_uid.iter().map(|uid| ("as-uid", uid));
        let odd = one.chain(uid).chain(groups).chain(extra).find(|(_, text)| !is_header(text));
        let Some((field, text)) = odd else { return Ok(()) };
        let why = format!("{} {NO_HEADER}", quoted(text));
        let next = "Write there whom to act as, as the cluster knows them, or take the field out.";
        Err(self.unfit(field, (USER, name), why, next))
    }

    fn unfit(
        &self,
        field: &str,
        (sort, name): (&'static str, &str),
        why: String,
        next: &str,
    ) -> UserError {
        let file = self.origin(sort, name);
        let what = format!("{field} of the {sort} {name:?} in {file} cannot be used");
        UserError::new(Trouble::Kubeconfig, what, why, next)
    }
}

/// Checks whom the command line acts as.
pub(in crate::cluster) fn acting(user: Option<&str>, groups: &[String]) -> Result<(), UserError> {
    let groups = groups.iter().map(|group| ("--as-group", group.as_str()));
    let mut all = user.into_iter().map(|user| ("--as", user)).chain(groups);
    let Some((option, text)) = all.find(|(_, text)| !is_header(text)) else {
        return Ok(());
    };
    Err(UserError::new(
        Trouble::Context,
        format!("{option} cannot be used"),
        format!("{} {NO_HEADER}", quoted(text)),
        "Give it as the cluster knows it.",
    ))
}

fn is_header(text: &str) -> bool {
    HeaderValue::from_str(text).is_ok()
}

/// A value as it may be shown.
fn quoted(text: &str) -> String {
    format!("{:?}", cut_chars(&mask(text), LONGEST))
}
