//! `facts.audit`: what audit policies leave out of the log, and whether they write Secrets into it.
//!
//! As upstream, the first rule that matches a request decides, and what no rule matches is not recorded.

use super::kind::AUDIT_POLICY;
use super::unknown::{Draft, Fact, Reads, exists};
use crate::model::inventory::Inventory;
use crate::model::node::Node;

const ANY: &[&str] = &["get", "list", "watch", "create", "update", "patch", "delete"];
const CHANGE: &[&str] = &["create", "update", "patch", "delete"];
/// Connections are made by either, over different protocols.
const CONNECT: &[&str] = &["get", "create"];

/// Requests that have to be in the log: group, resource and verbs.
const EVENTS: [(&str, &str, &[&str]); 16] = [
    ("", "secrets", ANY),
    ("", "configmaps", ANY),
    ("authentication.k8s.io", "tokenreviews", &["create"]),
    ("", "pods", CHANGE),
    ("", "replicationcontrollers", CHANGE),
    ("apps", "deployments", CHANGE),
    ("apps", "daemonsets", CHANGE),
    ("apps", "statefulsets", CHANGE),
    ("apps", "replicasets", CHANGE),
    ("batch", "jobs", CHANGE),
    ("batch", "cronjobs", CHANGE),
    ("", "pods/exec", CONNECT),
    ("", "pods/portforward", CONNECT),
    ("", "pods/proxy", CONNECT),
    ("", "services/proxy", CONNECT),
    ("certificates.k8s.io", "certificatesigningrequests", CHANGE),
];

/// Users and groups that are the cluster's own programs begin so, but for those in `PEOPLE`.
const OWN: &str = "system:";
/// Who is not: everybody, administrators, and accounts of workloads.
const PEOPLE: [&str; 4] =
    ["system:authenticated", "system:unauthenticated", "system:masters", "system:anonymous"];

/// Which requests of one kind a rule takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    Nothing,
    /// Those of the cluster's own programs.
    Own,
    /// Those of some users, in some namespaces or on some names.
    Some,
    All,
}

/// Most faults that are told.
const MAX_TOLD: usize = 6;

/// What the policies of an inventory come to: `given`, whether there is any; `faults`, requests that are
/// not recorded, and those on Secrets that are with their contents; `undecided`, requests of which some
/// are left out, by who makes them or where.
pub(crate) fn of(inventory: &Inventory, reads: &Reads) -> Fact {
    let mut found = Found::default();
    let policies = inventory.of(&AUDIT_POLICY);
    for policy in policies {
        found.look(policy.body().list_at(&["rules"]));
    }
    let whole = || reads.list(&AUDIT_POLICY, None);
    let told = |list: Vec<String>| if list.is_empty() { whole().map(|()| list) } else { Ok(list) };
    let mut draft = Draft::default();
    draft.put("given", exists(!policies.is_empty(), whole));
    draft.put("faults", told(found.faults()));
    draft.put("undecided", told(found.undecided));
    draft.finish()
}

#[derive(Debug, Default)]
struct Found {
    missing: Vec<String>,
    undecided: Vec<String>,
    bodies: Vec<String>,
}

impl Found {
    fn faults(&self) -> Vec<String> {
        let missing = self.missing.iter().map(|requests| format!("no {requests}"));
        let bodies = self.bodies.iter().map(|requests| format!("{requests} with contents"));
        let mut faults: Vec<String> = bodies.chain(missing).collect();
        if faults.len() > MAX_TOLD {
            faults.truncate(MAX_TOLD - 1);
            faults.push("others".to_owned());
        }
        faults
    }

    fn look(&mut self, rules: &[Node]) {
        for (group, resource, verbs) in EVENTS {
            let by_verb: Vec<_> =
                verbs.iter().map(|verb| (*verb, decide(rules, (group, resource, *verb)))).collect();
            let with = |holds: fn(&Decision) -> bool| {
                let verbs = by_verb.iter().filter(|(_, decision)| holds(decision));
                let verbs: Vec<&str> = verbs.map(|(verb, _)| *verb).collect();
                (!verbs.is_empty()).then(|| format!("{resource} ({})", verbs.join(", ")))
            };
            self.missing.extend(with(|decision| !decision.recorded));
            self.undecided.extend(with(|decision| decision.recorded && decision.in_part));
            if resource == "secrets" {
                self.bodies.extend(with(|decision| decision.body));
            }
        }
    }
}

/// What becomes of requests of one kind.
#[derive(Clone, Copy, Debug, Default)]
struct Decision {
    recorded: bool,
    /// Some are left out.
    in_part: bool,
    /// Some are recorded with what was sent or answered.
    body: bool,
}

fn decide(rules: &[Node], request: (&str, &str, &str)) -> Decision {
    let mut decision = Decision::default();
    for rule in rules {
        let level = rule.str_at(&["level"]).unwrap_or("None");
        let taken = taken(rule, level != "None", request);
        decision.body |= taken != Taken::Nothing && matches!(level, "Request" | "RequestResponse");
        decision.in_part |= taken == Taken::Some && level == "None";
        if taken == Taken::All {
            decision.recorded = level != "None";
            break;
        }
    }
    decision
}

/// Which requests a rule takes. One that records has to take those of anonymous users as well.
fn taken(rule: &Node, records: bool, (group, resource, verb): (&str, &str, &str)) -> Taken {
    let list = |field: &str| rule.list_at(&[field]).iter().filter_map(Node::as_str);
    let (mut verbs, namespaced) = (list("verbs").peekable(), list("namespaces").next().is_some());
    if verbs.peek().is_some() && !verbs.any(|v| v == verb) {
        return Taken::Nothing;
    }
    let resources = rule.list_at(&["resources"]);
    if resources.is_empty() && !namespaced && list("nonResourceURLs").next().is_some() {
        return Taken::Nothing;
    }
    let entries = || resources.iter().filter(|entry| names(entry, group, resource));
    if !resources.is_empty() && entries().next().is_none() {
        return Taken::Nothing;
    }
    let by_name = |entry: &Node| !entry.list_at(&["resourceNames"]).is_empty();
    let named = !resources.is_empty() && entries().all(by_name);
    // Single ConfigMaps are left out for being locks, that change all the time.
    if namespaced || named && resource != "configmaps" {
        return Taken::Some;
    }
    let people = people(rule, records);
    if named && people == Taken::All { Taken::Own } else { people }
}

/// Whose requests a rule takes.
fn people(rule: &Node, records: bool) -> Taken {
    let list = |field: &str| rule.list_at(&[field]).iter().filter_map(Node::as_str);
    let in_group = |name: &str| list("userGroups").any(|group| group == name);
    let everybody = in_group("system:authenticated")
        && (!records || in_group("system:unauthenticated"))
        || list("userGroups").next().is_none();
    let users: Vec<&str> = list("users").collect();
    let own = |name: &str| {
        let accounts = name.starts_with("system:serviceaccount");
        let system = name == "system:serviceaccounts:kube-system"
            || name.starts_with("system:serviceaccount:kube-system:");
        name.starts_with(OWN) && !PEOPLE.contains(&name) && (!accounts || system)
    };
    match (everybody, users.is_empty()) {
        (true, true) => Taken::All,
        // Who has to be both is no more than either.
        _ if !users.is_empty() && users.iter().all(|user| own(user)) => Taken::Own,
        (false, _) if list("userGroups").all(own) => Taken::Own,
        _ => Taken::Some,
    }
}

/// Whether an entry of a rule's resources names a resource, which may be a sub-resource.
fn names(entry: &Node, group: &str, resource: &str) -> bool {
    let listed = entry.list_at(&["resources"]);
    let (whole, below) = resource.split_once('/').map_or((resource, None), |(w, b)| (w, Some(b)));
    let fits = |item: &str| {
        item == resource
            || item == "*"
            || item.strip_suffix("/*") == Some(whole)
            || below.is_some() && item.strip_prefix("*/") == below
    };
    entry.str_at(&["group"]).unwrap_or_default() == group
        && (listed.is_empty() || listed.iter().filter_map(Node::as_str).any(fits))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Found;
    use crate::facts::testing::World;
    use crate::facts::{FactName, Target};
    use crate::model::kinds::Kind;
    use crate::model::node::Node;

    /// What a policy with these rules leaves out, leaves open and writes out.
    fn told(rules: &Value) -> [Vec<String>; 3] {
        let mut found = Found::default();
        found.look(Node::from(&json!({"rules": rules})).list_at(&["rules"]));
        [found.missing, found.undecided, found.bodies]
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let metadata = json!({"level": "Metadata"});
        let on = |level: &str, resources: &[&str]| json!({"level": level, "resources": [{"group": "", "resources": resources}]});
        for (first, missing, bodies) in [
            (
                on("None", &["secrets"]),
                "secrets (get, list, watch, create, update, patch, delete)",
                "",
            ),
            (on("None", &["pods/exec"]), "pods/exec (get, create)", ""),
            (on("None", &["*/exec"]), "pods/exec (get, create)", ""),
            (on("None", &["services/*"]), "services/proxy (get, create)", ""),
            (on("None", &["events", "pods/log"]), "", ""),
            (json!({"level": "None", "nonResourceURLs": ["/healthz*"]}), "", ""),
            (
                json!({"level": "None", "verbs": ["watch"], "resources":
                [{"group": "", "resources": ["secrets"]}]}),
                "secrets (watch)",
                "",
            ),
            (
                json!({"level": "None", "resources": [{"group": "batch"}], "verbs": ["patch"]}),
                "jobs (patch); cronjobs (patch)",
                "",
            ),
            (
                on("RequestResponse", &["*"]),
                "",
                "secrets (get, list, watch, create, update, patch, delete)",
            ),
            (
                json!({"level": "Request", "verbs": ["create"], "namespaces": ["a"]}),
                "",
                "secrets (create)",
            ),
            (on("Request", &["pods"]), "", ""),
        ] {
            let [left_out, open, written] = told(&json!([first, metadata]));
            assert_eq!(left_out.join("; "), missing, "{first}");
            assert_eq!(written.join("; "), bodies, "{first}");
            assert!(open.is_empty(), "{first}");
        }
        assert_eq!(told(&json!([]))[0].len(), super::EVENTS.len());
        assert_eq!(told(&json!([{"level": "None"}, metadata]))[0].len(), super::EVENTS.len());
        let late = json!([on("Metadata", &["secrets"]), {"level": "Request"}]);
        assert_eq!(told(&late), [const { Vec::<String>::new() }; 3]);
    }

    #[test]
    fn a_rule_for_some_records_for_none_and_leaves_open_what_it_drops() {
        let every = super::EVENTS.len();
        for (narrow, recorded, open) in [
            (json!({}), true, false),
            (json!({"users": ["jane"]}), false, true),
            (json!({"namespaces": ["zz"]}), false, true),
            (json!({"userGroups": ["devs"]}), false, true),
            (json!({"userGroups": ["system:serviceaccounts"]}), false, true),
            (json!({"userGroups": ["system:nodes"]}), false, false),
            (json!({"users": ["system:kube-proxy"]}), false, false),
            (json!({"users": ["system:serviceaccount:kube-system:gc"]}), false, false),
            (json!({"users": ["system:serviceaccount:pay:web"]}), false, true),
            (json!({"userGroups": ["system:authenticated"]}), false, false),
            (
                json!({"userGroups": ["system:authenticated", "system:unauthenticated"]}),
                true,
                false,
            ),
        ] {
            let rule = |level: &str| {
                let mut rule = narrow.clone();
                rule["level"] = json!(level);
                rule
            };
            let [missing, ..] = told(&json!([rule("Metadata")]));
            assert_eq!(missing.is_empty(), recorded, "{narrow}");
            let [missing, undecided, _] = told(&json!([rule("None"), {"level": "Metadata"}]));
            let drops_all =
                narrow == json!({}) || narrow.to_string().contains("system:authenticated");
            assert_eq!(missing.len(), if drops_all { every } else { 0 }, "{narrow}");
            assert_eq!(!undecided.is_empty(), open, "{narrow}");
        }
        for (resource, open) in [("configmaps", false), ("secrets", true)] {
            let one = json!({"group": "", "resources": [resource], "resourceNames": ["x"]});
            let rules = json!([{"level": "None", "resources": [one]}, {"level": "Metadata"}]);
            assert_eq!(!told(&rules)[1].is_empty(), open, "{resource}");
        }
    }

    #[test]
    fn faults_are_told_and_none_only_of_what_was_read() {
        let mut world = World::complete();
        let fact = |world: &World| world.facts().get(FactName::Audit, &Target::Cluster);
        let told = |world: &World| fact(world).node().map(|node| node.to_json());
        let none: [&str; 0] = [];
        let expected = json!({"given": false, "faults": none, "undecided": none});
        assert_eq!(told(&world), Some(expected));
        world.forbid(&Kind::new("audit.k8s.io", "Policy"));
        assert_eq!(told(&world), None);
        let rules = json!([{"level": "Request", "resources": [{"group": ""}]}]);
        world.add(&json!({"apiVersion": "audit.k8s.io/v1", "kind": "Policy",
            "metadata": {"name": "p"}, "rules": rules}));
        let faults = told(&world).unwrap()["faults"].clone();
        let first = "secrets (get, list, watch, create, update, patch, delete) with contents";
        assert_eq!((&faults[0], &faults[1]), (&json!(first), &json!("no tokenreviews (create)")));
        assert_eq!((&faults[5], &faults[6]), (&json!("others"), &json!(null)));
        assert!(fact(&world).missing_member("undecided").is_some());
    }
}
