//! What a reading asks a server for, and so the rights that it needs: told by the same functions
//! that the reading itself goes by.

use super::again;
use super::api_resource::ApiResource;
use super::connect::Connection;
use super::discovery::{Discovered, Lookup, discover};
use super::error::UserError;
use super::managed;
use super::read::ReadRequest;
use crate::model::kinds::{self, Kind};
use crate::model::read::{ReadStatus, SECRETS_NOT_ALLOWED};
use crate::model::served;

/// Where namespaces are listed.
pub(super) fn namespaces() -> ApiResource {
    ApiResource {
        kind: Kind::new("", "Namespace"),
        version: "v1".to_owned(),
        plural: "namespaces".to_owned(),
        namespaced: false,
        watchable: true,
    }
}

/// Where a kind is read.
pub(super) enum ListPlace {
    /// By this list; the text says why its place is only assumed.
    List(ApiResource, Option<String>),
    /// By this list if there is one: discovery does not name it, but only its own path proves that a
    /// built-in kind is not there.
    Doubtful(ApiResource),
    /// Not at all, and why.
    Nowhere(ReadStatus, Option<String>),
}

/// Where a kind is read, by what is known of it and what may be asked for.
pub(super) fn place(kind: &Kind, lookup: Lookup, request: &ReadRequest) -> ListPlace {
    let mut doubtful = false;
    let (target, assumed) = match (lookup, kind.builtin()) {
        (Lookup::Served(target), _) => (target, None),
        (Lookup::NotServed, Some(builtin)) => {
            doubtful = true;
            (ApiResource::assumed(builtin), None)
        }
        (Lookup::NotServed, None) => return ListPlace::Nowhere(ReadStatus::NotServed, None),
        (Lookup::Unknown(why), Some(builtin)) => (ApiResource::assumed(builtin), Some(why)),
        (Lookup::Unknown(why), None) => return ListPlace::Nowhere(ReadStatus::Failed, Some(why)),
    };
    if target.is_secret() && !request.secret_metadata {
        return ListPlace::Nowhere(ReadStatus::NotAsked, Some(SECRETS_NOT_ALLOWED.to_owned()));
    }
    if doubtful { ListPlace::Doubtful(target) } else { ListPlace::List(target, assumed) }
}

/// A right on one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// API group, empty for the core group.
    pub group: String,
    /// Resource as rights name it: `pods`, `nodes/proxy`.
    pub resource: String,
    /// The verbs, in alphabetical order.
    pub verbs: Vec<&'static str>,
    /// The kind that it brings.
    pub kind: Kind,
}

/// Why a kind is in no right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyLeft {
    /// It is off unless allowed.
    NotAllowed,
    /// No server, or not this one, serves it.
    NotServed,
    /// Whether it is served could not be found out, for this reason.
    Unknown(String),
}

/// A kind that is looked at where it can be, and is in no right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The kind.
    pub kind: Kind,
    /// Why.
    pub why: WhyLeft,
}

/// The rights that a reading uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// In the whole cluster.
    pub wide: Vec<Right>,
    /// In each namespace that was asked for.
    pub narrow: Vec<Right>,
    /// In each namespace, of whoever may not list the namespaces of the cluster.
    pub alone: Vec<Right>,
    /// Paths that are no resources, to get, each with the kind that it brings if it does.
    pub paths: Vec<(&'static str, Option<Kind>)>,
    /// Kinds in no right.
    pub left: Vec<Left>,
}

/// Paths that every reading asks: the version, and what is served. The last two are asked of servers
/// before 1.27, which tell it group by group.
const PATHS: [&str; 5] = ["/version", "/api", "/apis", "/api/*", "/apis/*"];

/// The rights that a reading uses, and what follows it if it is `watched`, by what is known without
/// a server: custom kinds are taken to be served by their usual names. Of `all_kinds` nothing is
/// known.
#[must_use]
pub fn presumed(request: &ReadRequest, watched: bool) -> Rights {
    let lookup = |kind: &Kind| {
        if served::is_file(&kind.group, &kind.kind) {
            return Lookup::NotServed;
        }
        Lookup::Served(kind.builtin().map_or_else(
            || ApiResource {
                kind: kind.clone(),
                version: String::new(),
                plural: served::plural(kind),
                namespaced: served::namespaced(kind),
                watchable: true,
            },
            ApiResource::assumed,
        ))
    };
    rights(request, &Discovered::default(), watched, lookup)
}

/// The same by what a server says that it serves. Asks it for nothing else.
///
/// # Errors
/// When the server cannot be reached.
pub async fn discovered(
    connection: &Connection,
    request: &ReadRequest,
    watched: bool,
) -> Result<Rights, UserError> {
    let found = discover(connection, &again::unknown(request, None), &|_, _| {}).await;
    let found = found.map_err(|fault| fault.explain(connection.server()))?;
    Ok(rights(request, &found, watched, |kind| found.lookup(kind)))
}

fn rights(
    request: &ReadRequest,
    found: &Discovered,
    watched: bool,
    lookup: impl Fn(&Kind) -> Lookup,
) -> Rights {
    let namespaces = namespaces();
    let (lists, answers) = again::wanted(request, found);
    let mut rights = Rights::default();
    rights.paths.extend(PATHS.map(|path| (path, None)));
    rights.wide.push(right(&namespaces, watched));
    // Namespaces are objects inside themselves as far as rights go.
    rights.alone.push(Right { verbs: vec!["get"], ..right(&namespaces, watched) });
    for kind in &lists {
        let why = match place(kind, lookup(kind), request) {
            ListPlace::List(target, _) | ListPlace::Doubtful(target) => {
                let narrow = target.namespaced && request.namespaces.is_some();
                let to = if narrow { &mut rights.narrow } else { &mut rights.wide };
                to.push(right(&target, watched));
                continue;
            }
            ListPlace::Nowhere(ReadStatus::NotAsked, _) => WhyLeft::NotAllowed,
            ListPlace::Nowhere(ReadStatus::NotServed, _) => WhyLeft::NotServed,
            ListPlace::Nowhere(_, why) => WhyLeft::Unknown(why.unwrap_or_default()),
        };
        rights.left.push(Left { kind: kind.clone(), why });
    }
    if answers.contains(&kinds::flagz()) {
        rights.paths.push((kinds::FLAGZ, Some(kinds::flagz())));
    }
    let kubelets = kinds::kubelet_configuration();
    if answers.contains(&kubelets) && request.configz {
        let (group, resource) = (String::new(), "nodes/proxy".to_owned());
        rights.wide.push(Right { group, resource, verbs: vec!["get"], kind: kubelets });
    } else if answers.contains(&kubelets) {
        rights.left.push(Left { kind: kubelets, why: WhyLeft::NotAllowed });
    }
    for all in [&mut rights.wide, &mut rights.narrow] {
        all.sort();
    }
    rights
}

/// The right to list, and to keep up to date what is shown: to watch, and to get the object that is
/// looked at, whose fields' owners no list brings.
fn right(target: &ApiResource, watched: bool) -> Right {
    let mut verbs = Vec::new();
    if watched && managed::target(&target.kind).is_ok() {
        verbs.push("get");
    }
    verbs.push("list");
    // Secrets are listed type by type, and no watch goes on from several lists; leases change all the time.
    if watched && target.watchable && !target.is_secret() && !target.is_lease() {
        verbs.push("watch");
    }
    Right {
        group: target.kind.group.to_string(),
        resource: target.plural.clone(),
        verbs,
        kind: target.kind.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(kinds: &[(&str, &str)]) -> ReadRequest {
        let kinds = kinds.iter().map(|(group, kind)| Kind::new(group, kind)).collect();
        ReadRequest { kinds, ..ReadRequest::default() }
    }

    fn names(rights: &[Right]) -> Vec<String> {
        let name = |r: &Right| format!("{}/{} {}", r.group, r.resource, r.verbs.join(","));
        rights.iter().map(name).collect()
    }

    const SOME: &[(&str, &str)] = &[
        ("", "Pod"),
        ("", "Secret"),
        ("", "Node"),
        ("audit.k8s.io", "Policy"),
        ("kyverno.io", "ClusterPolicy"),
        ("kyverno.io", "Policy"),
        ("config.k8s.io", "Flagz"),
        ("kubelet.config.k8s.io", "KubeletConfiguration"),
    ];

    #[test]
    fn a_reading_lists_and_nothing_else() {
        let rights = presumed(&request(SOME), false);
        assert_eq!(
            names(&rights.wide),
            [
                "/namespaces list",
                "/nodes list",
                "/pods list",
                "kyverno.io/clusterpolicies list",
                "kyverno.io/policies list"
            ]
        );
        assert!(rights.narrow.is_empty());
        assert!(rights.paths.contains(&("/flagz", Some(kinds::flagz()))));
        let left: Vec<(&str, bool)> =
            rights.left.iter().map(|l| (&*l.kind.kind, l.why == WhyLeft::NotAllowed)).collect();
        assert_eq!(left, [("Secret", true), ("Policy", false), ("KubeletConfiguration", true)]);
    }

    #[test]
    fn what_is_allowed_is_in_it() {
        let request = ReadRequest {
            secret_metadata: true,
            configz: true,
            ..request(&[("", "Secret"), ("kubelet.config.k8s.io", "KubeletConfiguration")])
        };
        let rights = presumed(&request, true);
        assert_eq!(
            names(&rights.wide),
            [
                "/namespaces get,list,watch",
                "/nodes get,list,watch",
                "/nodes/proxy get",
                "/secrets list"
            ]
        );
        assert!(rights.left.is_empty());
    }

    /// Each changes every few seconds: nothing would stand still if they were watched.
    #[test]
    fn leases_are_listed_and_never_watched() {
        let rights = presumed(&request(&[("coordination.k8s.io", "Lease")]), true);
        let leases = names(&rights.wide).into_iter().find(|name| name.contains("leases"));
        let leases = leases.expect("a right to leases");
        assert!(leases.ends_with("list") && !leases.contains("watch"), "{leases}");
    }

    #[test]
    fn of_namespaces_only_what_a_cluster_has_once_is_wide() {
        let namespaces = Some(vec!["team".to_owned()]);
        let rights = presumed(&ReadRequest { namespaces, ..request(SOME) }, false);
        assert_eq!(names(&rights.narrow), ["/pods list", "kyverno.io/policies list"]);
        assert_eq!(
            names(&rights.wide),
            ["/namespaces list", "/nodes list", "kyverno.io/clusterpolicies list"]
        );
        assert_eq!(names(&rights.alone), ["/namespaces get"]);
    }
}
