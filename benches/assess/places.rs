//! How many evaluations a run takes: one is one check at one place (a container, a volume, a rule
//! …), whether it passes, fails or does not apply. Objects that are only browsed count for none.

use plimsoll::assess::{Chosen, Content};
use plimsoll::checks::{Check, Scope};
use plimsoll::facts::{Facts, Standing};
use plimsoll::model::node::Node;
use plimsoll::model::object::Object;

/// Evaluations of a run over everything.
pub fn evaluations(content: &Content, chosen: &Chosen, facts: &Facts) -> usize {
    let checks: Vec<&Check> = chosen
        .checks
        .iter()
        .filter_map(|id| content.library.checks.get(id))
        .map(|c| &**c)
        .collect();
    let inventory = facts.inventory();
    let mut count = 0;
    for kind in inventory.kinds() {
        let mut scopes = [0; Scope::ALL.len()];
        for check in checks.iter().filter(|c| c.target.kinds.iter().any(|p| p.matches(kind))) {
            if let Some(at) = Scope::ALL.iter().position(|scope| *scope == check.target.scope) {
                scopes[at] += 1;
            }
        }
        for object in inventory.of(kind) {
            if matches!(facts.standing(object), Standing::Skipped(_)) {
                continue;
            }
            let here = |(scope, checks): (&Scope, &usize)| match checks {
                0 => 0,
                checks => places(object, *scope) * checks,
            };
            count += Scope::ALL.iter().zip(&scopes).map(here).sum::<usize>();
        }
    }
    count + checks.iter().filter(|c| c.target.scope == Scope::Cluster).count()
}

fn places(object: &Object, scope: Scope) -> usize {
    let pod = object.pod_spec().map(|(_, spec)| spec);
    let body = object.body();
    let in_pod = |key: &str| pod.map_or(0, |pod| pod.list_at(&[key]).len());
    match scope {
        Scope::Object | Scope::Namespace | Scope::Node => 1,
        // Where they are seen, and how often, only facts know.
        Scope::Cluster | Scope::Component | Scope::Kubelet => 0,
        Scope::Pod => usize::from(pod.is_some()),
        Scope::Container => containers(pod).count(),
        Scope::Volume => in_pod("volumes"),
        Scope::Port => containers(pod).map(|c| c.list_at(&["ports"]).len()).sum(),
        Scope::Env => {
            containers(pod).map(|c| c.list_at(&["env"]).len() + c.list_at(&["envFrom"]).len()).sum()
        }
        Scope::Rule => body.list_at(&["rules"]).len(),
        Scope::Subject => body.list_at(&["subjects"]).len(),
        Scope::ServicePort => body.list_at(&["spec", "ports"]).len(),
    }
}

fn containers(pod: Option<&Node>) -> impl Iterator<Item = &Node> {
    let lists = ["containers", "initContainers", "ephemeralContainers"];
    pod.into_iter().flat_map(move |pod| lists.into_iter().flat_map(|list| pod.list_at(&[list])))
}
