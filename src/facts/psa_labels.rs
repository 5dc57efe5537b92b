//! `facts.psa`: what the Pod Security labels of a namespace enforce, warn of and audit, and which
//! level its workloads meet as they are.
//!
//! Source: k8s.io/pod-security-admission: an absent label means privileged and latest unless the
//! cluster's admission configuration, which no API shows, says otherwise; a value that cannot be
//! read is taken as restricted.

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
    for (mode, level, version) in MODES {
        let value = label(format!("{PREFIX}{mode}"));
        let effective = match value {
            None => "privileged",
            Some(word @ ("privileged" | "baseline")) => word,
            Some(_) => "restricted",
        };
        let since = label(format!("{PREFIX}{mode}-version")).unwrap_or("latest");
        draft.put(level, known.clone().map(|()| effective));
        draft.put(version, known.clone().map(|()| since));
    }
    let labelled =
        MODES.map(|(mode, ..)| (mode, Node::Bool(label(format!("{PREFIX}{mode}")).is_some())));
    draft.put("labelled", known.map(|()| Node::map(labelled)));
    let (count, meets) = workloads(inventory, name, minor, counts);
    let complete = required_workloads().try_for_each(|kind| reads.list(&kind, Some(name)));
    draft.put("workloads", complete.clone().map(|()| count));
    draft.put("meets", complete.map(|()| meets));
    draft.finish()
}

/// How many workloads a namespace has, and the strongest level that all of them meet.
fn workloads(
    inventory: &Inventory,
    name: &str,
    minor: u32,
    counts: impl Fn(&Object) -> bool,
) -> (usize, &'static str) {
    let mut count = 0;
    let mut meets = Level::Restricted;
    for kind in required_workloads() {
        for object in inventory.in_namespace(&kind, name).iter().filter(|o| counts(o)) {
            let Some(pod) = Workload::of(object) else { continue };
            count += 1;
            if meets > Level::Privileged {
                meets = psa::lower(meets, minor, pod.metadata, pod.spec);
            }
        }
    }
    (count, meets.word())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
            "audit": "privileged", "auditVersion": "latest", "warn": "restricted",
            "warnVersion": "latest", "labelled": {"enforce": true, "audit": false, "warn": true},
            "workloads": 1, "meets": "baseline"});
        assert_eq!(fact.node().unwrap().to_json(), expected);
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
