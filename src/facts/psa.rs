//! Pod Security: which checks a pod breaks at a level and policy version.
//!
//! Source of ids, versions and values: k8s.io/pod-security-admission up to v0.37. A check sees the
//! pod alone: its spec and its annotations. Values are compared exactly and case-sensitively.

mod baseline;
mod restricted;

use super::workload::CONTAINER_LISTS;
use crate::model::node::Node;
use crate::model::path::FieldPath;

/// A level of the Pod Security Standards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// No check at all.
    Privileged,
    /// No known way to the node.
    Baseline,
    /// Hardened as well.
    Restricted,
}

impl Level {
    /// The word in the labels of namespaces.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }
}

/// Which tree a violation's path starts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PodPart {
    /// The pod spec.
    Spec,
    /// Metadata of the pod or template.
    Metadata,
}

/// One place of a pod that breaks one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PsaViolation {
    /// Id of the check, as upstream spells it.
    pub check: &'static str,
    /// Name of the container, where the place is in one.
    pub container: Option<Box<str>>,
    /// Where `path` starts.
    pub part: PodPart,
    /// The offending field, or the one that is missing.
    pub path: FieldPath,
}

/// A check: its level, its versions, and what it makes superfluous at level restricted.
struct Check {
    id: &'static str,
    level: Level,
    /// From which minor which rule holds, oldest first.
    versions: &'static [(u32, Rule)],
    overrides: &'static [&'static str],
}

type Rule = fn(&Pod<'_>, &mut Violations);

impl Check {
    /// The rule of the newest version that is not above `minor`.
    fn rule(&self, minor: u32) -> Option<Rule> {
        self.versions.iter().rev().find(|(from, _)| *from <= minor).map(|(_, rule)| *rule)
    }
}

/// A pod under judgement.
struct Pod<'a> {
    metadata: &'a Node,
    spec: &'a Node,
    containers: Vec<Container<'a>>,
}

/// A container with its place.
struct Container<'a> {
    node: &'a Node,
    path: FieldPath,
}

impl<'a> Pod<'a> {
    fn new(metadata: &'a Node, spec: &'a Node) -> Self {
        let mut containers = Vec::new();
        for list in CONTAINER_LISTS {
            let path = FieldPath::default().field(list);
            for (at, node) in spec.list_at(&[list]).iter().enumerate() {
                containers.push(Container { node, path: path.index(at) });
            }
        }
        Self { metadata, spec, containers }
    }

    /// Whether a level forbids nothing of it: what it forbids is looked for until something is found.
    fn meets(&self, level: Level, minor: u32) -> bool {
        active(level, minor).into_iter().all(|(check, rule)| {
            let mut places = Violations { check, found: Vec::new() };
            rule(self, &mut places);
            places.found.is_empty()
        })
    }

    /// A field of the pod's securityContext.
    fn security(&self, field: &str) -> Option<&'a Node> {
        self.spec.at(&["securityContext", field])
    }

    fn is_windows(&self) -> bool {
        self.spec.str_at(&["os", "name"]) == Some("windows")
    }

    /// Whether it has a user namespace of its own.
    fn has_user_namespace(&self) -> bool {
        self.spec.get("hostUsers").and_then(Node::as_bool) == Some(false)
    }

    fn annotations(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let map = self.metadata.get("annotations").and_then(Node::as_map);
        let entries = map.into_iter().flat_map(crate::model::node::Map::iter);
        entries.filter_map(|(key, value)| Some((key, value.as_str()?)))
    }
}

impl Container<'_> {
    /// A field of the container's securityContext.
    fn security(&self, field: &str) -> Option<&Node> {
        self.node.at(&["securityContext", field])
    }

    fn name(&self) -> Option<Box<str>> {
        self.node.str_at(&["name"]).map(Into::into)
    }
}

/// Collects the places that break one check.
struct Violations {
    check: &'static str,
    found: Vec<PsaViolation>,
}

impl Violations {
    /// A field of the pod spec.
    fn spec(&mut self, path: FieldPath) {
        let check = self.check;
        self.found.push(PsaViolation { check, container: None, part: PodPart::Spec, path });
    }

    /// A field of the pod's securityContext.
    fn pod_security(&mut self, field: &str) {
        self.spec(FieldPath::default().field("securityContext").field(field));
    }

    /// A field below a container.
    fn container(&mut self, container: &Container<'_>, path: FieldPath) {
        let violation = PsaViolation {
            check: self.check,
            container: container.name(),
            part: PodPart::Spec,
            path,
        };
        self.found.push(violation);
    }

    /// A field of a container's securityContext.
    fn security(&mut self, container: &Container<'_>, field: &str) {
        let path = container.path.field("securityContext").field(field);
        self.container(container, path);
    }

    /// An annotation of the pod.
    fn annotation(&mut self, key: &str) {
        let path = FieldPath::default().field("annotations").field(key);
        let check = self.check;
        self.found.push(PsaViolation { check, container: None, part: PodPart::Metadata, path });
    }
}

/// Every place of a pod that a level forbids at a policy version. `minor` is that of the version
/// (35 for v1.35); one newer than the newest known version means that one. Nulls are absent.
#[must_use]
pub fn judge(level: Level, minor: u32, pod_metadata: &Node, pod_spec: &Node) -> Vec<PsaViolation> {
    let pod = Pod::new(pod_metadata, pod_spec);
    let mut found = Vec::new();
    for (check, rule) in active(level, minor) {
        let mut places = Violations { check, found: Vec::new() };
        rule(&pod, &mut places);
        found.append(&mut places.found);
    }
    found
}

/// Whether a level forbids nothing of a pod at a policy version.
pub(super) fn allows(level: Level, minor: u32, pod_metadata: &Node, pod_spec: &Node) -> bool {
    Pod::new(pod_metadata, pod_spec).meets(level, minor)
}

/// The strongest level that a pod meets at a policy version.
#[must_use]
pub fn reached(minor: u32, pod_metadata: &Node, pod_spec: &Node) -> Level {
    let pod = Pod::new(pod_metadata, pod_spec);
    let levels = [Level::Restricted, Level::Baseline];
    levels.into_iter().find(|level| pod.meets(*level, minor)).unwrap_or(Level::Privileged)
}

/// The lower of a level and the strongest one that a pod meets.
pub(super) fn lower(known: Level, minor: u32, pod_metadata: &Node, pod_spec: &Node) -> Level {
    match known {
        Level::Privileged => known,
        Level::Baseline => {
            let pod = Pod::new(pod_metadata, pod_spec);
            // On Windows a pod may meet the stronger level and not this one.
            let meets = pod.meets(Level::Baseline, minor) || pod.meets(Level::Restricted, minor);
            if meets { known } else { Level::Privileged }
        }
        Level::Restricted => reached(minor, pod_metadata, pod_spec),
    }
}

/// Ids of the checks that are active at a level and version, those of baseline first.
#[must_use]
pub fn checks(level: Level, minor: u32) -> Vec<&'static str> {
    active(level, minor).into_iter().map(|(id, _)| id).collect()
}

fn active(level: Level, minor: u32) -> Vec<(&'static str, Rule)> {
    let of = |wanted: Level, list: &'static [Check]| {
        list.iter()
            .filter(move |check| check.level == wanted && wanted <= level)
            .filter_map(move |check| Some((check, check.rule(minor)?)))
    };
    let restricted: Vec<_> = of(Level::Restricted, restricted::CHECKS).collect();
    let overridden = |id: &str| restricted.iter().any(|(check, _)| check.overrides.contains(&id));
    of(Level::Baseline, baseline::CHECKS)
        .filter(|(check, _)| !overridden(check.id))
        .chain(restricted.iter().map(|(check, rule)| (*check, *rule)))
        .map(|(check, rule)| (check.id, rule))
        .collect()
}

#[cfg(test)]
mod tests;
