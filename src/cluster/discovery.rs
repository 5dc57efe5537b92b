//! What the server serves: two requests where it can aggregate, one per group where it cannot, and
//! one for each group that is wanted and not named.
//! A group that fails is a gap in what is known, never the end of the discovery.

mod absence;
mod answers;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures::StreamExt as _;

pub(super) use absence::{is_named, prove};
use answers::{DiscoveryRoot, OldGroup, OldList, OldResource};

use super::api_resource::ApiResource;
use super::connect::Connection;
use super::error::RequestFault;
use super::request::{JSON, Notify};
use crate::model::kinds::Kind;
use crate::model::naming::{is_group, is_label};

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
     application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/// What is known of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lookup {
    /// Served here.
    Served(ApiResource),
    /// Discovery of its group succeeded without it, also where it would be.
    NotServed,
    /// Discovery of its group failed, for this reason.
    Unknown(String),
}

/// The outcome of a discovery.
#[derive(Clone, Debug, Default)]
pub(super) struct Discovered {
    served: HashMap<Kind, Vec<ApiResource>>,
    /// Groups and versions of which everything was told.
    told: BTreeSet<(String, String)>,
    /// Kinds that were looked for where they would be, in vain.
    absent: BTreeSet<Kind>,
    /// Groups of which something could not be read, and why.
    broken: BTreeMap<String, String>,
    /// Why the list of groups itself is not known.
    groups_unknown: Option<String>,
}

impl Discovered {
    /// Where a kind is served: in the version that is built in here, else in the server's
    /// preferred one.
    pub(super) fn lookup(&self, kind: &Kind) -> Lookup {
        let wanted = kind.builtin().map(|builtin| builtin.version);
        if let Some(versions) = self.served.get(kind) {
            let exact = versions.iter().find(|target| Some(target.version.as_str()) == wanted);
            if let Some(target) = exact.or_else(|| versions.first()) {
                return Lookup::Served(target.clone());
            }
        }
        if let Some(why) = self.broken.get(&*kind.group) {
            return Lookup::Unknown(why.clone());
        }
        match &self.groups_unknown {
            Some(why) if !kind.group.is_empty() => Lookup::Unknown(why.clone()),
            _ => Lookup::NotServed,
        }
    }

    /// Every kind that can be listed.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.served.keys()
    }

    /// Groups that could not be discovered, with the reason.
    pub(super) fn gaps(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.groups_unknown.iter().map(|why| ("*", why.as_str()));
        all.chain(self.broken.iter().map(|(group, why)| (group.as_str(), why.as_str())))
    }

    /// A discovery that failed in this group.
    #[cfg(test)]
    pub(super) fn broken(group: &str, why: &str) -> Self {
        let mut found = Self::default();
        found.broken.insert(group.to_owned(), why.to_owned());
        found
    }

    /// One more resource that is served. What has names that no resource can have is not asked for,
    /// and whatever else the group serves is not taken for all of it.
    pub(super) fn add(&mut self, target: ApiResource) {
        if !target.is_sound() {
            self.odd(&target.kind.group);
            return;
        }
        self.served.entry(target.kind.clone()).or_default().push(target);
    }

    fn odd(&mut self, group: &str) {
        let why = "the server serves something there by a name that no resource can have";
        self.broken.insert(crate::text::clean(group).into_owned(), why.to_owned());
    }
}

/// The groups of interest; none for all.
type Groups<'a> = Option<&'a BTreeSet<String>>;

/// What somebody wants to know of what is served.
pub(super) struct WantedKinds<'a> {
    /// The groups of interest; none for all.
    pub groups: Option<BTreeSet<String>>,
    /// Kinds of which it has to be known whether they are served.
    pub kinds: &'a [Kind],
    /// What was known before: what was absent and is still not named is not looked for again.
    pub known: Option<&'a Discovered>,
}

fn wanted(groups: Groups<'_>, name: &str) -> bool {
    groups.is_none_or(|groups| groups.contains(name))
}

/// Discovers what is served of the wanted groups, and proves what is not.
///
/// # Errors
/// When not even the list of groups can be read for a reason that will stop everything else:
/// no connection, no credentials.
pub(super) async fn discover(
    connection: &Connection,
    wanted: &WantedKinds<'_>,
    notify: Notify<'_>,
) -> Result<Discovered, RequestFault> {
    let mut found = named(connection, wanted, notify).await?;
    prove(connection, &mut found, wanted, notify).await;
    Ok(found)
}

/// What the server names of the wanted groups. That it does not name something proves nothing yet: see
/// [`prove`].
///
/// # Errors
/// As [`discover`].
pub(super) async fn named(
    connection: &Connection,
    wanted: &WantedKinds<'_>,
    notify: Notify<'_>,
) -> Result<Discovered, RequestFault> {
    let groups = wanted.groups.as_ref();
    let mut found = Discovered::default();
    let (core, named) = futures::future::join(
        connection.get("/api", AGGREGATED, notify),
        connection.get("/apis", AGGREGATED, notify),
    )
    .await;
    let mut paths: Vec<(String, String, String)> = Vec::new();
    match core.and_then(|bytes| root(&bytes)) {
        Ok(root) if root.kind == "APIGroupDiscoveryList" => aggregated(&mut found, root, groups),
        Ok(root) => {
            let path = |v: String| (String::new(), v.clone(), format!("/api/{v}"));
            let versions = root.versions.into_iter().flatten();
            paths.extend(versions.filter(|v| is_label(v)).map(path));
        }
        Err(fault) => {
            fatal(&fault)?;
            found.broken.insert(String::new(), fault.to_string());
        }
    }
    // No Kubernetes API server at all, as far as can be told: nothing else will work either.
    let lost = |fault: &RequestFault| found.broken.contains_key("") && !fault.is_forbidden();
    match named.and_then(|bytes| root(&bytes)) {
        Err(fault) if lost(&fault) => return Err(fault),
        Ok(root) if root.kind == "APIGroupDiscoveryList" => aggregated(&mut found, root, groups),
        Ok(root) => {
            paths.extend(root.groups.into_iter().flatten().flat_map(|g| old_paths(g, groups)));
        }
        Err(fault) => {
            fatal(&fault)?;
            found.groups_unknown = Some(fault.to_string());
        }
    }
    each(connection, paths, &mut found, notify).await;
    Ok(found)
}

/// Whether a fault leaves nothing to try. A 403 does not: kinds may be listed all the same.
fn fatal(fault: &RequestFault) -> Result<(), RequestFault> {
    match fault {
        RequestFault::Unreachable(_)
        | RequestFault::Tls(_)
        | RequestFault::Timeout(_)
        | RequestFault::Slow { .. }
        | RequestFault::Credentials(_)
        | RequestFault::Status { code: 401, .. } => Err(fault.clone()),
        _ => Ok(()),
    }
}

fn root(bytes: &[u8]) -> Result<DiscoveryRoot, RequestFault> {
    let root: DiscoveryRoot = serde_json::from_slice(bytes)
        .map_err(|error| RequestFault::Unparsable(error.to_string()))?;
    let whole = match root.kind.as_str() {
        "APIGroupDiscoveryList" => root.items.is_some(),
        "APIGroupList" => root.groups.is_some(),
        "APIVersions" => root.versions.is_some(),
        other => {
            return Err(RequestFault::Unparsable(format!("expected a discovery, found {other:?}")));
        }
    };
    // One that leaves them out would prove that nothing is served.
    let empty = || RequestFault::Unparsable(format!("a {} without what it lists", root.kind));
    if whole { Ok(root) } else { Err(empty()) }
}

fn aggregated(found: &mut Discovered, root: DiscoveryRoot, groups: Groups<'_>) {
    for group in root.items.into_iter().flatten() {
        let name = group.metadata.map(|metadata| metadata.name).unwrap_or_default();
        if !wanted(groups, &name) {
            continue;
        }
        for version in group.versions {
            if version.freshness == "Stale" {
                let why = format!("the server that serves {name}/{} does not answer", version.name);
                found.broken.insert(name.clone(), why);
            } else if !version.resources.is_empty() {
                found.told.insert((name.clone(), version.name.clone()));
            }
            for resource in version.resources {
                let Some(kind) = resource.response_kind else { continue };
                if resource.verbs.iter().any(|verb| verb == "list") {
                    found.add(ApiResource {
                        kind: Kind::new(&name, &kind.kind),
                        version: version.name.clone(),
                        plural: resource.plural,
                        namespaced: resource.scope == "Namespaced",
                        watchable: resource.verbs.iter().any(|verb| verb == "watch"),
                    });
                }
            }
        }
    }
}

/// Group, version and path of each version of a group, the preferred one first.
fn old_paths(group: OldGroup, groups: Groups<'_>) -> Vec<(String, String, String)> {
    if !wanted(groups, &group.name) || !is_group(&group.name) {
        return Vec::new();
    }
    let mut versions = group.versions;
    if let Some(preferred) = group.preferred_version {
        versions.retain(|version| *version != preferred);
        versions.insert(0, preferred);
    }
    let name = group.name;
    versions
        .into_iter()
        .filter(|v| is_label(&v.version))
        .map(|v| (name.clone(), v.version.clone(), format!("/apis/{name}/{}", v.version)))
        .collect()
}

async fn each(
    connection: &Connection,
    paths: Vec<(String, String, String)>,
    found: &mut Discovered,
    notify: Notify<'_>,
) {
    let lists = futures::stream::iter(paths).map(|(group, version, path)| async move {
        let bytes = connection.get(&path, JSON, notify).await;
        let list = bytes.and_then(|bytes| {
            let list: OldList = serde_json::from_slice(&bytes)
                .map_err(|error| RequestFault::Unparsable(error.to_string()))?;
            old_list(list)
        });
        (group, version, list)
    });
    // In order, so that the preferred version stays first.
    let mut lists = lists.buffered(4);
    while let Some((group, version, list)) = lists.next().await {
        match list {
            Ok(list) => {
                old_resources(found, &group, &version, list);
                found.told.insert((group, version));
            }
            Err(fault) => {
                found.broken.insert(group, format!("discovery of {version} failed: {fault}"));
            }
        }
    }
}

/// The resources of a version; an answer of another kind would prove that there are none.
fn old_list(list: OldList) -> Result<Vec<OldResource>, RequestFault> {
    let found = list.kind;
    let resources = list.resources.filter(|_| found == "APIResourceList");
    let odd = || RequestFault::Unparsable(format!("expected resources, found {found:?}"));
    resources.ok_or_else(odd)
}

fn old_resources(found: &mut Discovered, group: &str, version: &str, resources: Vec<OldResource>) {
    for resource in resources {
        let listable = resource.verbs.iter().any(|verb| verb == "list");
        if listable && !resource.name.contains('/') {
            found.add(ApiResource {
                kind: Kind::new(group, &resource.kind),
                version: version.to_owned(),
                plural: resource.name,
                namespaced: resource.namespaced,
                watchable: resource.verbs.iter().any(|verb| verb == "watch"),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Discovered {
        let mut found = Discovered::default();
        let groups = ["autoscaling", "cilium.io", "metrics.k8s.io"].map(str::to_owned);
        let groups = BTreeSet::from(groups);
        aggregated(&mut found, root(text.as_bytes()).unwrap(), Some(&groups));
        found
    }

    #[test]
    fn the_built_in_version_is_preferred_and_absence_is_proven_only_for_sound_groups() {
        let found = parse(
            r#"{"kind":"APIGroupDiscoveryList","items":[
            {"metadata":{"name":"autoscaling"},"versions":[
              {"version":"v1","resources":[{"resource":"horizontalpodautoscalers",
                "responseKind":{"kind":"HorizontalPodAutoscaler"},"scope":"Namespaced","verbs":["list"]}]},
              {"version":"v2","resources":[{"resource":"horizontalpodautoscalers",
                "responseKind":{"kind":"HorizontalPodAutoscaler"},"scope":"Namespaced","verbs":["list","watch"]}]}]},
            {"metadata":{"name":"metrics.k8s.io"},"versions":[
              {"version":"v1beta1","freshness":"Stale","resources":[]}]}]}"#,
        );
        let Lookup::Served(target) =
            found.lookup(&Kind::new("autoscaling", "HorizontalPodAutoscaler"))
        else {
            panic!("not served")
        };
        assert_eq!((target.version.as_str(), target.watchable), ("v2", true));
        assert_eq!(found.lookup(&Kind::new("autoscaling", "Other")), Lookup::NotServed);
        assert_eq!(found.lookup(&Kind::new("cilium.io", "CiliumNetworkPolicy")), Lookup::NotServed);
        let metrics = found.lookup(&Kind::new("metrics.k8s.io", "PodMetrics"));
        assert!(matches!(metrics, Lookup::Unknown(why) if why.contains("v1beta1")));
    }

    #[test]
    fn without_the_list_of_groups_only_the_core_group_is_known() {
        let found = Discovered { groups_unknown: Some("no".into()), ..Discovered::default() };
        assert_eq!(found.lookup(&Kind::new("", "Pod")), Lookup::NotServed);
        assert!(matches!(found.lookup(&Kind::new("apps", "Deployment")), Lookup::Unknown(_)));
    }

    #[test]
    fn an_answer_that_is_no_discovery_is_refused() {
        assert!(root(b"<html>").is_err());
        for text in [
            r#"{"kind":"Status"}"#,
            r#"{"kind":"APIGroupDiscoveryList"}"#,
            r#"{"kind":"APIGroupList","items":[]}"#,
            r#"{"kind":"APIVersions"}"#,
        ] {
            assert!(root(text.as_bytes()).is_err(), "{text}");
        }
        assert!(root(br#"{"kind":"APIGroupList","groups":null}"#).is_ok());
        let old = |text: &str| old_list(serde_json::from_str(text).unwrap());
        assert!(old(r#"{"kind":"PodList","resources":[]}"#).is_err());
        assert!(old(r#"{"kind":"APIResourceList"}"#).is_err());
        assert!(old(r#"{"kind":"APIResourceList","resources":[]}"#).is_ok());
    }

    #[test]
    fn names_that_choose_another_path_are_left_out_and_prove_nothing() {
        let found = parse(
            r#"{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"cilium.io"},
            "versions":[{"version":"v2","resources":[{"resource":"../../../../api/v1/secrets",
              "responseKind":{"kind":"CiliumNetworkPolicy"},"scope":"Namespaced","verbs":["list"]},
              {"resource":"ciliumnodes","responseKind":{"kind":"CiliumNode"},"scope":"Cluster",
              "verbs":["list"]}]}]}]}"#,
        );
        let policy = found.lookup(&Kind::new("cilium.io", "CiliumNetworkPolicy"));
        assert!(matches!(&policy, Lookup::Unknown(why) if why.contains("name")), "{policy:?}");
        let node = found.lookup(&Kind::new("cilium.io", "CiliumNode"));
        assert!(matches!(node, Lookup::Served(_)), "{node:?}");
    }
}
