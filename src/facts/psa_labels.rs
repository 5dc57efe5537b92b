//! `facts.psa`: what the Pod Security labels of a namespace enforce, warn of and audit, which level its
//! workloads meet as they are, and which of these policies they do not meet.
//!
//! Source: k8s.io/pod-security-admission: an absent label means privileged and latest unless the
//! cluster's admission configuration, which no API shows, says otherwise. A level that cannot be read
//! is restricted for enforce and privileged for the others, a version that cannot be read the latest.
//! A version newer than the server's own is the server's own.

use super::kind::{NAMESPACE, required_workloads};
use super::psa::{self, Level};
use super::unknown::{Answer, Draft, Fact, Reads};
use super::workload::Workload;
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::object::Object;

const PREFIX: &str = "pod-security.kubernetes.io/";

/// Mode, member with its level, member with its version.
const MODES: [(&str, &str, &str); 3] = [
    ("enforce", "enforce", "enforceVersion"),
    ("audit", "audit", "auditVersion"),
    ("warn", "warn", "warnVersion"),
];

/// What a mode asks for.
struct Policy<'a> {
    mode: &'static str,
    level: Level,
    version: &'a str,
    /// The version by which pods are judged.
    minor: u32,
}

pub(super) fn of(
    inventory: &Inventory,
    reads: &Reads,
    name: &str,
    minor: u32,
    counts: impl Fn(&Object) -> bool,
) -> Fact {
    let mut draft = Draft::default();
    let found = inventory.get(&NAMESPACE, "", name);
    let known: Answer<()> = if found.is_some() { Ok(()) } else { reads.list(&NAMESPACE, None) };
    let label = |key: String| found.and_then(|ns| ns.label(&key));
    let mut policies = Vec::new();
    for (mode, of_level, of_version) in MODES {
        let level = level(mode, label(format!("{PREFIX}{mode}")));
        let version = label(format!("{PREFIX}{mode}-version")).unwrap_or("latest");
        draft.put(of_level, known.clone().map(|()| level.word()));
        draft.put(of_version, known.clone().map(|()| version));
        let pinned = pinned(version).unwrap_or(minor).min(minor);
        policies.push(Policy { mode, level, version, minor: pinned });
    }
    let labelled =
        MODES.map(|(mode, ..)| (mode, Node::Bool(label(format!("{PREFIX}{mode}")).is_some())));
    draft.put("labelled", known.clone().map(|()| Node::map(labelled)));
    let workloads = workloads(inventory, name, counts);
    let complete = || required_workloads().try_for_each(|kind| reads.list(&kind, Some(name)));
    let unmet = unmet(&policies, &workloads);
    let enough = if unmet.is_empty() { complete() } else { Ok(()) };
    draft.put("unmet", known.and(enough).map(|()| unmet));
    let meets = workloads
        .iter()
        .fold(Level::Restricted, |meets, pod| psa::lower(meets, minor, pod.metadata, pod.spec));
    draft.put("workloads", complete().map(|()| workloads.len()));
    draft.put("meets", complete().map(|()| meets.word()));
    draft.finish()
}

/// The level that the label of a mode comes to.
fn level(mode: &str, value: Option<&str>) -> Level {
    match value {
        None | Some("privileged") => Level::Privileged,
        Some("baseline") => Level::Baseline,
        Some("restricted") => Level::Restricted,
        Some(_) if mode == "enforce" => Level::Restricted,
        Some(_) => Level::Privileged,
    }
}

/// The minor of a version as it has to be written: `v1.30`, without zeros before it.
fn pinned(version: &str) -> Option<u32> {
    let minor = version.strip_prefix("v1.")?;
    let plain =
        minor.bytes().all(|b| b.is_ascii_digit()) && (minor == "0" || !minor.starts_with('0'));
    // One that is beyond all numbers is newer than any server.
    (plain && !minor.is_empty()).then(|| minor.parse().unwrap_or(u32::MAX))
}

/// The workloads of a namespace that count.
fn workloads<'a>(
    inventory: &'a Inventory,
    name: &str,
    counts: impl Fn(&Object) -> bool,
) -> Vec<Workload<'a>> {
    let kinds = required_workloads();
    let objects = kinds.flat_map(|kind| inventory.in_namespace(&kind, name));
    objects.filter(|o| counts(o)).filter_map(|o| Workload::of(o)).collect()
}

/// The policies that some workload does not meet, in words, each with its modes.
fn unmet(policies: &[Policy<'_>], workloads: &[Workload<'_>]) -> Vec<String> {
    let mut unmet: Vec<(&Policy<'_>, Vec<&str>)> = Vec::new();
    for policy in policies {
        if let Some((_, modes)) = unmet.iter_mut().find(|(known, _)| known.is_as(policy)) {
            modes.push(policy.mode);
        } else if workloads.iter().any(|pod| !policy.allows(*pod)) {
            unmet.push((policy, vec![policy.mode]));
        }
    }
    let words = |(policy, modes): (&Policy<'_>, Vec<&str>)| {
        format!("{} {} ({})", policy.level.word(), policy.version, modes.join(", "))
    };
    unmet.into_iter().map(words).collect()
}

impl Policy<'_> {
    fn is_as(&self, other: &Self) -> bool {
        (self.level, self.version) == (other.level, other.version)
    }

    fn allows(&self, pod: Workload<'_>) -> bool {
        self.level == Level::Privileged
            || psa::allows(self.level, self.minor, pod.metadata, pod.spec)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::testing::World;
    use crate::facts::{FactName, Target};
    use crate::model::kinds::Kind;

    #[test]
    fn labels_are_read_as_the_admission_plugin_does() {
        let mut world = World::complete();
        world.add(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a",
            "labels": {"pod-security.kubernetes.io/enforce": "baseline",
                "pod-security.kubernetes.io/enforce-version": "v1.30",
                "pod-security.kubernetes.io/warn": "Restricted"}}}));
        world.pod("a", "p", &json!({"containers": [{"name": "c"}]}));
        let inventory = world.inventory();
        let facts = world.facts();
        let namespace = inventory.get(&Kind::new("", "Namespace"), "", "a").unwrap();
        let fact = facts.get(FactName::Psa, &Target::Object(namespace));
        let expected = json!({"enforce": "baseline", "enforceVersion": "v1.30",
            "audit": "privileged", "auditVersion": "latest", "warn": "privileged",
            "warnVersion": "latest", "labelled": {"enforce": true, "audit": false, "warn": true},
            "workloads": 1, "meets": "baseline", "unmet": []});
        assert_eq!(fact.node().unwrap().to_json(), expected);
    }

    /// What is unmet in a namespace with these labels and one pod, on a server of a version.
    fn unmet(labels: &[(&str, &str)], spec: &Value, server: &str) -> Value {
        let labels: serde_json::Map<String, Value> = labels
            .iter()
            .map(|(key, value)| (format!("{}{key}", super::PREFIX), json!(value)))
            .collect();
        let mut world = World::complete();
        world.source.kubernetes = Some(server.to_owned());
        world.add(&json!({"apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": "a", "labels": labels}}));
        world.pod("a", "p", spec);
        world.json(FactName::Psa, "Namespace", "a")["unmet"].clone()
    }

    #[test]
    fn pods_are_judged_by_the_version_of_their_namespace() {
        let sysctl = json!({"containers": [{"name": "c"}],
            "securityContext": {"sysctls": [{"name": "net.ipv4.tcp_fin_timeout", "value": "1"}]}});
        let old = json!({"securityContext": {"runAsNonRoot": true},
            "containers": [{"name": "c", "securityContext": {"allowPrivilegeEscalation": false}}]});
        let none: [&str; 0] = [];
        for (labels, spec, server, expected) in [
            (
                &[("enforce", "baseline"), ("enforce-version", "v1.26")][..],
                &sysctl,
                "v1.36.0",
                &["baseline v1.26 (enforce)"][..],
            ),
            (&[("enforce", "baseline"), ("enforce-version", "v1.29")], &sysctl, "v1.36.0", &none),
            // The server does not know what was allowed after it.
            (
                &[("enforce", "baseline"), ("enforce-version", "v1.29")],
                &sysctl,
                "v1.26.3",
                &["baseline v1.29 (enforce)"],
            ),
            (&[("enforce", "baseline")], &sysctl, "v1.36.0", &none),
            (&[("enforce", "restricted"), ("enforce-version", "v1.18")], &old, "v1.36.0", &none),
            (
                &[("enforce", "restricted"), ("enforce-version", "v1.22")],
                &old,
                "v1.36.0",
                &["restricted v1.22 (enforce)"],
            ),
            // No version that can be read: the latest.
            (
                &[("enforce", "restricted"), ("enforce-version", "v1.018")],
                &old,
                "v1.36.0",
                &["restricted v1.018 (enforce)"],
            ),
            (
                &[
                    ("enforce", "restricted"),
                    ("enforce-version", "v1.18"),
                    ("warn", "restricted"),
                    ("audit", "restricted"),
                ],
                &old,
                "v1.36.0",
                &["restricted latest (audit, warn)"],
            ),
            (
                &[("enforce", "Restricted"), ("warn", "Restricted")],
                &old,
                "v1.36.0",
                &["restricted latest (enforce)"],
            ),
            (&[("enforce", "privileged")], &sysctl, "v1.26.0", &none),
        ] {
            assert_eq!(unmet(labels, spec, server), json!(expected), "{labels:?} {server}");
        }
    }

    #[test]
    fn what_is_seen_to_break_a_policy_breaks_it_whatever_is_unread() {
        let mut world = World::complete();
        world.add(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a",
            "labels": {"pod-security.kubernetes.io/enforce": "baseline"}}}));
        world.pod("a", "p", &json!({"hostNetwork": true, "containers": [{"name": "c"}]}));
        world.forbid(&Kind::new("apps", "Deployment"));
        assert_eq!(
            world.json(FactName::Psa, "Namespace", "a")["unmet"],
            json!(["baseline latest (enforce)"])
        );
        world.objects.pop();
        assert!(world.fact(FactName::Psa, "Namespace", "a").missing_member("unmet").is_some());
    }

    #[test]
    fn unread_workloads_leave_open_what_they_meet() {
        let mut world = World::complete();
        world.namespace("a");
        world.forbid(&Kind::new("apps", "Deployment"));
        let inventory = world.inventory();
        let namespace = inventory.get(&Kind::new("", "Namespace"), "", "a").unwrap();
        let fact = world.facts().get(FactName::Psa, &Target::Object(namespace));
        assert!(fact.missing_member("meets").is_some());
        assert!(fact.missing_member("enforce").is_none());
    }
}
