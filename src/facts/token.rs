//! Whether a pod holds a token of its service account.

use super::inputs::PodInputs;
use super::kind::SERVICE_ACCOUNT;
use super::unknown::{Answer, Draft, Fact, Reads, open_question};
use crate::model::inventory::Inventory;
use crate::model::node::Node;

/// `facts.token` of a pod or template.
///
/// The pod's own `automountServiceAccountToken` decides, else that of its account, else true. What
/// an account would say that does not exist is not known, and no pod is made before it does; the
/// account `default` comes by itself and says nothing. Mirror pods cannot have one.
pub(crate) fn of(inventory: &Inventory, reads: &Reads, pod: &PodInputs<'_>) -> Fact {
    let mut draft = Draft::default();
    draft.set("mirror", pod.mirror);
    draft.set("account", pod.account);
    draft.set("explicit", !pod.audiences.is_empty());
    if pod.mirror {
        draft.set("mounted", false);
        draft.set("source", "pod");
        return draft.finish();
    }
    if let Some(own) = pod.automount {
        draft.set("mounted", own);
        draft.set("source", "pod");
        return draft.finish();
    }
    let namespace = pod.namespace;
    let found = inventory.get(&SERVICE_ACCOUNT, namespace, pod.account);
    if found.is_none()
        && let Err(missing) = absent(reads, pod)
    {
        draft.put("mounted", Err::<bool, _>(missing.clone()));
        draft.put("source", Err::<bool, _>(missing));
        return draft.finish();
    }
    let by_account =
        found.and_then(|a| a.body().get("automountServiceAccountToken").and_then(Node::as_bool));
    draft.set("mounted", by_account.unwrap_or(true));
    draft.set("source", if by_account.is_some() { "account" } else { "default" });
    draft.finish()
}

/// What is known of the token by an account that is not in hand: that it says nothing, if it is the default one and
/// its list was read.
fn absent(reads: &Reads, pod: &PodInputs<'_>) -> Answer<()> {
    reads.list(&SERVICE_ACCOUNT, Some(pod.namespace))?;
    if pod.account == "default" {
        return Ok(());
    }
    let reason = format!("service account {} does not exist, so that no pod is made", pod.account);
    Err(open_question("serviceaccounts", Some(pod.namespace), reason))
}

#[cfg(test)]
mod tests {
    use crate::facts::FactName::{Namespace, Owner, RuntimeClass, Token, Version};
    use crate::facts::kind::{NAMESPACE, RUNTIME_CLASS, SERVICE_ACCOUNT};
    use crate::facts::testing::World;
    use crate::facts::{Facts, Options, Target};
    use serde_json::{Value, json};

    fn account(automount: &Value) -> Value {
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "automountServiceAccountToken": automount,
            "metadata": {"name": "app", "namespace": "ns"}})
    }

    #[test]
    fn the_pod_then_its_account_then_the_default_decide() {
        for (pod, of_account, mounted, source) in [
            (json!(null), json!(null), true, "default"),
            (json!(null), json!(false), false, "account"),
            (json!(null), json!(true), true, "account"),
            (json!(false), json!(true), false, "pod"),
            (json!(true), json!(false), true, "pod"),
            (json!("no"), json!("no"), true, "default"),
        ] {
            let mut world = World::complete();
            let spec = json!({"serviceAccountName": "app", "automountServiceAccountToken": pod});
            world.pod("ns", "p", &spec).add(&account(&of_account));
            let fact = world.json(Token, "Pod", "p");
            assert_eq!((&fact["mounted"], &fact["source"]), (&json!(mounted), &json!(source)));
            assert_eq!(fact["account"], "app");
            assert_eq!(world.rests_on(Token, "Pod", "p"), [""; 0], "the account is in hand");
        }
    }

    #[test]
    fn an_account_out_of_sight_leaves_it_open_unless_the_pod_says() {
        let mut world = World::complete();
        world.pod("ns", "silent", &json!({})).pod(
            "ns",
            "says",
            &json!({"automountServiceAccountToken": false}),
        );
        assert_eq!(world.json(Token, "Pod", "silent")["mounted"], true, "proven missing: default");
        assert_eq!(world.rests_on(Token, "Pod", "silent"), ["ServiceAccount"]);
        assert_eq!(world.rests_on(Token, "Pod", "says"), [""; 0]);
        world.pod("ns", "lost", &json!({"serviceAccountName": "gone"}));
        let fact = world.fact(Token, "Pod", "lost");
        let why = fact.missing_member("mounted").unwrap();
        assert!(why.reason.contains("gone does not exist"), "{}", why.reason);
        world.forbid(&SERVICE_ACCOUNT);
        let open = world.json(Token, "Pod", "silent");
        assert_eq!((&open["mounted"], &open["account"]), (&json!(null), &json!("default")));
    }

    #[test]
    fn mirror_pods_have_none_and_own_projections_are_told_from_the_automatic_one() {
        let mut world = World::open();
        world.add(
            &json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "m", "namespace": "ns",
            "annotations": {"kubernetes.io/config.mirror": "x"}}}),
        );
        let mirror = world.json(Token, "Pod", "m");
        assert_eq!((&mirror["mounted"], &mirror["mirror"]), (&json!(false), &json!(true)));
        let volume = |name: &str| json!({"name": name, "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}});
        world.pod("ns", "auto", &json!({"volumes": [volume("kube-api-access-x")]}));
        world.pod("ns", "own", &json!({"serviceAccount": "old", "volumes": [volume("vault")]}));
        assert_eq!(world.json(Token, "Pod", "auto")["explicit"], false);
        let own = world.json(Token, "Pod", "own");
        assert_eq!((&own["explicit"], &own["account"]), (&json!(true), &json!("old")));
    }

    #[test]
    fn the_policy_version_is_the_users_then_the_servers_then_the_newest() {
        let policy = |minor: Option<u32>, server: Option<&str>| {
            let mut world = World::open();
            world.source.kubernetes = server.map(str::to_owned);
            let facts = Facts::new(
                world.inventory(),
                Options { policy_minor: minor, ..Options::default() },
            );
            facts.get(Version, &Target::Cluster).node().unwrap().to_json()["policy"].clone()
        };
        assert_eq!(policy(Some(30), Some("v1.35.2")), 30);
        assert_eq!(policy(None, Some("v1.35.2-eks-1")), 35);
        assert_eq!(policy(None, Some("v1.99.0")), 37);
        assert_eq!(policy(None, None), 37);
        assert_eq!(policy(None, Some("nonsense")), 37);
    }

    #[test]
    fn small_facts_and_what_they_rest_on() {
        let mut world = World::complete();
        world.pod("ns", "p", &json!({"runtimeClassName": "gvisor"})).pod("ns", "plain", &json!({}));
        assert_eq!(world.json(RuntimeClass, "Pod", "p"), json!({"handler": "", "exists": false}));
        assert_eq!(world.rests_on(RuntimeClass, "Pod", "p"), ["RuntimeClass"]);
        assert_eq!(world.rests_on(RuntimeClass, "Pod", "plain"), [""; 0]);
        assert_eq!(
            world.json(Namespace, "Pod", "p"),
            json!({"labels": {}, "annotations": {}, "phase": ""})
        );
        assert_eq!(world.rests_on(Namespace, "Pod", "p"), ["Namespace"]);
        assert_eq!(world.json(Owner, "Pod", "p"), json!({"kind": "Pod", "name": "p"}));
        world.forbid(&NAMESPACE).forbid(&RUNTIME_CLASS);
        world.add(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ns", "labels": {"a": "b"}, "annotations": ["x"]}, "status": {"phase": "Active"}}));
        world.add(&json!({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "handler": "runsc", "metadata": {"name": "gvisor"}}));
        let expected = json!({"labels": {"a": "b"}, "annotations": {}, "phase": "Active"});
        assert_eq!(world.json(Namespace, "Pod", "p"), expected);
        assert_eq!(world.json(Namespace, "Namespace", "ns"), expected);
        assert_eq!(
            world.json(RuntimeClass, "Pod", "p"),
            json!({"handler": "runsc", "exists": true})
        );
    }

    #[test]
    fn a_fact_that_says_nothing_about_a_target_is_unknown_and_says_so() {
        let world = World::complete();
        let fact = world.facts().get(Token, &Target::Cluster);
        assert_eq!(fact.missing().unwrap().reason, "facts.token says nothing about the cluster");
    }
}
