//! `facts.mesh`: whether a namespace is in a service mesh, and whether the mesh insists on mutual
//! TLS there.

use std::collections::{BTreeMap, BTreeSet};

use super::by_namespace::ByNamespace;
use super::kind::{
    CILIUM_CLUSTER_POLICY, CILIUM_POLICY, DEPLOYMENT, NAMESPACE, PEER_AUTHENTICATION, POD,
};
use super::platform::addons::image_fits;
use super::unknown::{Answer, Draft, Fact, Reads, open_question};
use super::workload::Workload;
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::Missing;

/// Where Istio's mesh-wide settings live.
const ISTIO_ROOT: &str = "istio-system";
/// Annotation with Linkerd's default for incoming traffic.
const LINKERD_POLICY: &str = "config.linkerd.io/default-inbound-policy";
/// The same default as the proxy sees it.
const LINKERD_ENV: &str = "LINKERD2_PROXY_INBOUND_DEFAULT_POLICY";
/// Linkerd defaults that refuse plain text.
const LINKERD_STRICT: [&str; 3] = ["all-authenticated", "cluster-authenticated", "deny"];

/// The sidecars of each namespace.
#[derive(Debug)]
pub(crate) struct Proxies(ByNamespace<Sidecars>);

/// The sidecars of one namespace.
#[derive(Debug, Default)]
struct Sidecars {
    istio: bool,
    /// Inbound policies of Linkerd's proxies.
    linkerd: BTreeSet<String>,
}

impl Proxies {
    pub(crate) fn of(inventory: &Inventory) -> Self {
        Self(ByNamespace::of(inventory, |namespace| Sidecars::of(inventory, namespace)))
    }

    /// The same after something changed in some namespaces.
    pub(crate) fn after(&self, inventory: &Inventory, namespaces: &BTreeSet<&str>) -> Self {
        Self(self.0.after(namespaces, |namespace| Sidecars::of(inventory, namespace)))
    }
}

impl Sidecars {
    fn of(inventory: &Inventory, namespace: &str) -> Self {
        let mut found = Self::default();
        let pods = inventory.in_namespace(&POD, namespace).iter();
        for container in pods.filter_map(|pod| Workload::of(pod)).flat_map(|pod| pod.containers()) {
            match container.str_at(&["name"]) {
                Some("istio-proxy") => found.istio = true,
                Some("linkerd-proxy") => {
                    let policy = inbound_policy(container).unwrap_or_default();
                    found.linkerd.insert(policy.to_owned());
                }
                _ => {}
            }
        }
        found
    }
}

/// What is known of the mesh, built once per inventory.
#[derive(Debug, PartialEq)]
pub(crate) struct Mesh {
    /// `istio`, `linkerd`, `cilium`, empty for none; known once a sign is seen or all is read.
    name: Answer<&'static str>,
    /// Namespaces with a pod that carries the sidecar of the mesh.
    sidecars: BTreeSet<Box<str>>,
    /// Inbound policies of Linkerd's proxies by namespace.
    linkerd: BTreeMap<Box<str>, BTreeSet<String>>,
}

impl Mesh {
    pub(crate) fn of(inventory: &Inventory, reads: &Reads, proxies: &Proxies) -> Self {
        let mut istio = BTreeSet::new();
        let mut linkerd: BTreeMap<Box<str>, BTreeSet<String>> = BTreeMap::new();
        for (namespace, found) in proxies.0.iter() {
            if found.istio {
                istio.insert(namespace.into());
            }
            if !found.linkerd.is_empty() {
                linkerd.insert(namespace.into(), found.linkerd.clone());
            }
        }
        let deployments = inventory.of(&DEPLOYMENT);
        let pilot = || deployments.iter().any(|deployment| runs_pilot(deployment));
        let has_istio =
            !istio.is_empty() || !inventory.of(&PEER_AUTHENTICATION).is_empty() || pilot();
        let has_linkerd =
            !linkerd.is_empty() || deployments.iter().any(|d| &*d.id.name == "linkerd-destination");
        let has_cilium = cilium_policies(inventory).any(|policy| {
            ingress_rules(policy).any(|rule| rule.str_at(&["authentication", "mode"]).is_some())
        });
        let name = match (has_istio, has_linkerd, has_cilium) {
            (true, ..) => Ok("istio"),
            (_, true, _) => Ok("linkerd"),
            (_, _, true) => Ok("cilium"),
            _ => absent(reads).map(|()| ""),
        };
        let sidecars = if name == Ok("istio") { istio } else { linkerd.keys().cloned().collect() };
        Self { name, sidecars, linkerd }
    }

    /// The mesh's name, empty for none.
    pub(crate) fn name(&self) -> Answer<&'static str> {
        self.name.clone()
    }

    /// `facts.mesh` of a namespace.
    pub(crate) fn fact(&self, inventory: &Inventory, reads: &Reads, namespace: &str) -> Fact {
        let mut draft = Draft::default();
        draft.put("name", self.name.clone());
        let member = self.member(inventory, reads, namespace);
        draft.put("member", member.clone());
        draft.put(
            "strict",
            match member {
                Ok(true) => self.strict(inventory, reads, namespace),
                Ok(false) => Ok(false),
                Err(missing) => Err(missing),
            },
        );
        draft.finish()
    }

    /// Namespaces in the mesh that admit plain text.
    pub(crate) fn permissive(&self, inventory: &Inventory, reads: &Reads) -> Answer<Vec<String>> {
        if self.name.clone()?.is_empty() {
            return Ok(Vec::new());
        }
        reads.list(&NAMESPACE, None)?;
        let mut found = Vec::new();
        for namespace in inventory.of(&NAMESPACE) {
            let name = &namespace.id.name;
            if self.member(inventory, reads, name)? && !self.strict(inventory, reads, name)? {
                found.push(name.to_string());
            }
        }
        Ok(found)
    }

    fn member(&self, inventory: &Inventory, reads: &Reads, namespace: &str) -> Answer<bool> {
        let name = self.name.clone()?;
        if name.is_empty() {
            return Ok(false);
        }
        if name == "cilium" {
            if !inventory.in_namespace(&CILIUM_POLICY, namespace).is_empty() {
                return Ok(true);
            }
            reads.list(&CILIUM_POLICY, Some(namespace))?;
            reads.list(&CILIUM_CLUSTER_POLICY, None)?;
            let wide = inventory.of(&CILIUM_CLUSTER_POLICY).iter();
            let open = wide.flat_map(|policy| ingress_rules(policy)).any(authenticates);
            return if open { Err(cluster_wide(namespace)) } else { Ok(false) };
        }
        if self.sidecars.contains(namespace) {
            return Ok(true);
        }
        let Some(object) = inventory.get(&NAMESPACE, "", namespace) else {
            reads.list(&NAMESPACE, None)?;
            return Ok(false);
        };
        let marked = if name == "istio" { istio_marks(object) } else { linkerd_marks(object) };
        if !marked {
            reads.list(&POD, Some(namespace))?;
        }
        Ok(marked)
    }

    fn strict(&self, inventory: &Inventory, reads: &Reads, namespace: &str) -> Answer<bool> {
        match self.name.clone()? {
            "istio" => istio_strict(inventory, reads, namespace),
            "linkerd" => self.linkerd_strict(inventory, reads, namespace),
            _ => cilium_strict(inventory, reads, namespace),
        }
    }

    fn linkerd_strict(&self, inventory: &Inventory, reads: &Reads, name: &str) -> Answer<bool> {
        let object = inventory.get(&NAMESPACE, "", name);
        if let Some(policy) = object.and_then(|ns| ns.annotation(LINKERD_POLICY)) {
            return Ok(LINKERD_STRICT.contains(&policy));
        }
        let seen = self.linkerd.get(name).filter(|seen| !seen.contains(""));
        let Some(seen) = seen else {
            let reason = format!("no default inbound policy of Linkerd is visible in {name}");
            return Err(open_question("inbound policy", Some(name), reason));
        };
        let strict = seen.iter().all(|policy| LINKERD_STRICT.contains(&&**policy));
        if strict {
            reads.list(&POD, Some(name))?;
        }
        Ok(strict)
    }
}

/// Whether everything that would show a mesh was read.
fn absent(reads: &Reads) -> Answer<()> {
    reads.lists([&*DEPLOYMENT, &*POD, &*PEER_AUTHENTICATION, &*CILIUM_POLICY], None)?;
    reads.list(&CILIUM_CLUSTER_POLICY, None)
}

fn runs_pilot(deployment: &Object) -> bool {
    Workload::of(deployment).is_some_and(|workload| {
        workload
            .containers()
            .any(|container| image_fits("pilot", container.str_at(&["image"]).unwrap_or_default()))
    })
}

fn inbound_policy(container: &Node) -> Option<&str> {
    let env = container.list_at(&["env"]).iter();
    let mut found = env.filter(|variable| variable.str_at(&["name"]) == Some(LINKERD_ENV));
    found.next().and_then(|variable| variable.str_at(&["value"]))
}

fn cilium_policies(inventory: &Inventory) -> impl Iterator<Item = &Object> {
    let kinds = [&*CILIUM_POLICY, &*CILIUM_CLUSTER_POLICY];
    kinds.into_iter().flat_map(|kind| inventory.of(kind)).map(|object| &**object)
}

/// `spec` and each of `specs` of a Cilium policy.
fn specs(policy: &Object) -> impl Iterator<Item = &Node> {
    let body: &Node = policy.body();
    body.get("spec").into_iter().chain(body.list_at(&["specs"]))
}

/// Ingress rules of a Cilium policy.
fn ingress_rules(policy: &Object) -> impl Iterator<Item = &Node> {
    specs(policy).flat_map(|spec| spec.list_at(&["ingress"]))
}

fn authenticates(rule: &Node) -> bool {
    rule.str_at(&["authentication", "mode"]) == Some("required")
}

/// Whether every pod of a namespace takes authenticated traffic alone: each rule that lets traffic in
/// demands it, and one of them is for all pods. Where no rule says anything about traffic in, all of it
/// comes in as it is.
fn cilium_strict(inventory: &Inventory, reads: &Reads, namespace: &str) -> Answer<bool> {
    reads.list(&CILIUM_POLICY, Some(namespace))?;
    reads.list(&CILIUM_CLUSTER_POLICY, None)?;
    let own = || inventory.in_namespace(&CILIUM_POLICY, namespace).iter();
    let wide = || inventory.of(&CILIUM_CLUSTER_POLICY).iter().flat_map(|p| ingress_rules(p));
    if !own().flat_map(|policy| ingress_rules(policy)).all(authenticates) {
        return Ok(false);
    }
    let rules = own().flat_map(|policy| specs(policy));
    let mut rules = rules.filter(|spec| !spec.list_at(&["ingress"]).is_empty()).peekable();
    if rules.peek().is_none() && !wide().any(authenticates) {
        return Ok(false);
    }
    let everyone = |spec: &Node| {
        let selector = spec.get("endpointSelector").and_then(Node::as_map);
        selector.is_none_or(|map| map.iter().next().is_none())
    };
    let all = rules.any(everyone);
    if all && wide().all(authenticates) { Ok(true) } else { Err(cluster_wide(namespace)) }
}

/// Which pods a policy selects by their labels, or one of the cluster by the labels of their namespace,
/// is not worked out.
fn cluster_wide(namespace: &str) -> Missing {
    let reason = format!(
        "which pods of {namespace} are under the Cilium policies that demand authentication is not \
         worked out"
    );
    open_question("Cilium policies", Some(namespace), reason)
}

/// Whether Istio is told to take the pods of a namespace into the mesh.
fn istio_marks(namespace: &Object) -> bool {
    let injection = namespace.label("istio-injection");
    let revision = namespace.label("istio.io/rev").is_some_and(|rev| !rev.is_empty());
    injection == Some("enabled")
        || revision && injection != Some("disabled")
        || namespace.label("istio.io/dataplane-mode") == Some("ambient")
}

fn linkerd_marks(namespace: &Object) -> bool {
    matches!(namespace.annotation("linkerd.io/inject"), Some("enabled" | "ingress"))
}

/// Whether mutual TLS is required in a namespace, and no policy for some of its workloads lifts it.
fn istio_strict(inventory: &Inventory, reads: &Reads, namespace: &str) -> Answer<bool> {
    let all = inventory.in_namespace(&PEER_AUTHENTICATION, namespace);
    let lifts = |policy: &Object| {
        let lax = |mode: Option<&str>| matches!(mode, Some("PERMISSIVE" | "DISABLE"));
        let ports = policy.body().at(&["spec", "portLevelMtls"]).and_then(Node::as_map);
        let by_port =
            ports.is_some_and(|ports| ports.iter().any(|(_, p)| lax(p.str_at(&["mode"]))));
        by_port || lax(policy.body().str_at(&["spec", "mtls", "mode"]))
    };
    if all.iter().any(|policy| has_selector(policy) && lifts(policy)) {
        return Ok(false);
    }
    reads.list(&PEER_AUTHENTICATION, Some(namespace))?;
    if let Some(mode) = default_mode(inventory, namespace) {
        return Ok(mode == "STRICT");
    }
    reads.list(&PEER_AUTHENTICATION, Some(ISTIO_ROOT))?;
    Ok(default_mode(inventory, ISTIO_ROOT) == Some("STRICT"))
}

/// The mode that holds for a whole namespace: that of its oldest `PeerAuthentication` without a
/// selector, unless it is unset.
fn default_mode<'a>(inventory: &'a Inventory, namespace: &str) -> Option<&'a str> {
    let all = inventory.in_namespace(&PEER_AUTHENTICATION, namespace).iter();
    let oldest = all
        .filter(|policy| !has_selector(policy))
        .min_by_key(|policy| (policy.created.clone(), policy.id.name.clone()))?;
    let mode = oldest.body().str_at(&["spec", "mtls", "mode"]);
    mode.filter(|mode| !mode.is_empty() && *mode != "UNSET")
}

fn has_selector(policy: &Object) -> bool {
    let selector = policy.body().at(&["spec", "selector", "matchLabels"]);
    selector.and_then(Node::as_map).is_some_and(|labels| !labels.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::testing::World;
    use crate::facts::{FactName, Target};
    use serde_json::{Value, json};

    fn namespace(world: &mut World, labels: &Value, annotations: &Value) {
        world.add(&json!({"apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": "pay", "labels": labels, "annotations": annotations}}));
    }

    fn peer(world: &mut World, namespace: &str, name: &str, spec: &Value) {
        world.add(&json!({"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
            "metadata": {"name": name, "namespace": namespace, "creationTimestamp": name}, "spec": spec}));
    }

    fn mesh(world: &World) -> Value {
        world.json(FactName::Mesh, "Namespace", "pay")
    }

    fn strict(mode: &str) -> Value {
        json!({"mtls": {"mode": mode}})
    }

    #[test]
    fn no_mesh_is_known_only_from_complete_reads() {
        let mut world = World::complete();
        namespace(&mut world, &json!({"istio-injection": "enabled"}), &json!({}));
        assert_eq!(mesh(&world), json!({"name": "", "member": false, "strict": false}));
        let needs = [
            "CiliumClusterwideNetworkPolicy.cilium.io",
            "CiliumNetworkPolicy.cilium.io",
            "Deployment",
            "PeerAuthentication.security.istio.io",
            "Pod",
        ];
        assert_eq!(world.rests_on(FactName::Mesh, "Namespace", "pay"), needs);
    }

    #[test]
    fn istio_members_are_marked_by_labels() {
        for (labels, member) in [
            (json!({"istio-injection": "enabled"}), true),
            (json!({"istio.io/rev": "1-20"}), true),
            (json!({"istio.io/rev": "1-20", "istio-injection": "disabled"}), false),
            (json!({"istio.io/dataplane-mode": "ambient"}), true),
            (json!({}), false),
        ] {
            let mut world = World::complete();
            namespace(&mut world, &labels, &json!({}));
            peer(&mut world, "istio-system", "default", &strict("STRICT"));
            assert_eq!(
                mesh(&world),
                json!({"name": "istio", "member": member, "strict": member}),
                "{labels}"
            );
        }
    }

    #[test]
    fn istio_is_strict_where_its_oldest_policy_says_so() {
        for (peers, expected) in [
            (vec![], false),
            (vec![("pay", "1", strict("STRICT"))], true),
            (vec![("pay", "1", strict("PERMISSIVE")), ("pay", "2", strict("STRICT"))], false),
            (vec![("pay", "1", strict("UNSET")), ("istio-system", "1", strict("STRICT"))], true),
            (
                vec![
                    ("pay", "1", strict("STRICT")),
                    (
                        "pay",
                        "2",
                        json!({"selector": {"matchLabels": {"a": "b"}}, "mtls": {"mode": "DISABLE"}}),
                    ),
                ],
                false,
            ),
            (
                vec![
                    ("pay", "1", strict("STRICT")),
                    (
                        "pay",
                        "2",
                        json!({"selector": {"matchLabels": {"a": "b"}}, "portLevelMtls": {"80": {"mode": "PERMISSIVE"}}}),
                    ),
                ],
                false,
            ),
            (
                vec![
                    ("pay", "1", strict("STRICT")),
                    (
                        "pay",
                        "2",
                        json!({"selector": {"matchLabels": {"a": "b"}}, "mtls": {"mode": "STRICT"}}),
                    ),
                ],
                true,
            ),
            (vec![("pay", "1", json!("odd"))], false),
        ] {
            let mut world = World::complete();
            namespace(&mut world, &json!({}), &json!({}));
            world.pod("pay", "p", &json!({"initContainers": [{"name": "istio-proxy"}]}));
            for (place, name, spec) in &peers {
                peer(&mut world, place, name, spec);
            }
            let fact = mesh(&world);
            assert_eq!(
                (&fact["member"], &fact["strict"]),
                (&json!(true), &json!(expected)),
                "{peers:?}"
            );
            let cluster =
                world.facts().get(FactName::Components, &Target::Cluster).node().unwrap().to_json();
            let lax = if expected { json!([]) } else { json!(["pay"]) };
            assert_eq!((&cluster["mesh"], &cluster["meshPermissive"]), (&json!("istio"), &lax));
            world.forbid(&PEER_AUTHENTICATION);
            let unread = mesh(&world)["strict"].clone();
            assert!(unread.is_null() || unread == false, "never strict without the read");
        }
    }

    #[test]
    fn pilot_alone_is_a_mesh() {
        let mut world = World::complete();
        namespace(&mut world, &json!({}), &json!({}));
        world.add(&json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "istiod", "namespace": "istio-system"},
            "spec": {"template": {"spec": {"containers": [{"image": "docker.io/istio/pilot:1.20"}]}}}}));
        assert_eq!(mesh(&world), json!({"name": "istio", "member": false, "strict": false}));
        let mut unread = World::complete();
        namespace(&mut unread, &json!({}), &json!({}));
        peer(&mut unread, "x", "1", &json!({}));
        assert_eq!(unread.rests_on(FactName::Mesh, "Namespace", "pay"), ["Pod"]);
    }

    #[test]
    fn linkerd_is_strict_by_annotation_or_by_every_proxy() {
        for (annotation, env, expected) in [
            (json!("all-authenticated"), json!(null), json!(true)),
            (json!("all-unauthenticated"), json!("deny"), json!(false)),
            (json!(null), json!("cluster-authenticated"), json!(true)),
            (json!(null), json!("all-unauthenticated"), json!(false)),
            (json!(null), json!(null), json!(null)),
        ] {
            let mut world = World::complete();
            namespace(&mut world, &json!({}), &json!({LINKERD_POLICY: annotation}));
            world.pod("pay", "p", &json!({"containers": [{"name": "linkerd-proxy", "env": [{"name": LINKERD_ENV, "value": env}]}]}));
            let fact = mesh(&world);
            assert_eq!(
                (&fact["name"], &fact["member"], &fact["strict"]),
                (&json!("linkerd"), &json!(true), &expected)
            );
        }
    }

    #[test]
    fn cilium_without_a_rule_for_traffic_in_is_not_strict() {
        let required = json!([{"authentication": {"mode": "required"}}]);
        let labels = json!({"matchLabels": {"app": "web"}});
        for (own, wide, member, strict) in [
            (json!({"egress": [{}]}), json!(null), json!(true), json!(false)),
            (json!({"ingress": []}), json!(null), json!(true), json!(false)),
            (
                json!({"ingress": required, "endpointSelector": {}}),
                json!(null),
                json!(true),
                json!(true),
            ),
            (
                json!({"ingress": required, "endpointSelector": labels}),
                json!(null),
                json!(true),
                json!(null),
            ),
            // One of the cluster may be for these pods or not.
            (json!(null), json!({"ingress": required}), json!(null), json!(null)),
            (json!(null), json!({"egress": [{}]}), json!(false), json!(false)),
            (json!({"egress": [{}]}), json!({"ingress": required}), json!(true), json!(null)),
            (json!({"ingress": required}), json!({"ingress": [{}]}), json!(true), json!(null)),
        ] {
            let mut world = World::complete();
            namespace(&mut world, &json!({}), &json!({}));
            let mut policy = |kind: &str, place: &Value, spec: &Value| {
                if !spec.is_null() {
                    world.add(&json!({"apiVersion": "cilium.io/v2", "kind": kind,
                        "metadata": {"name": "c", "namespace": place}, "spec": spec}));
                }
            };
            policy("CiliumNetworkPolicy", &json!("pay"), &own);
            policy("CiliumClusterwideNetworkPolicy", &json!(null), &wide);
            // That there is Cilium at all.
            policy("CiliumNetworkPolicy", &json!("other"), &json!({"ingress": required}));
            let fact = mesh(&world);
            assert_eq!((&fact["member"], &fact["strict"]), (&member, &strict), "{own} {wide}");
        }
    }

    #[test]
    fn cilium_is_strict_where_every_rule_authenticates() {
        for (rules, expected) in [
            (json!([{"authentication": {"mode": "required"}}]), true),
            (json!([{"authentication": {"mode": "required"}}, {}]), false),
            (json!([{"authentication": {"mode": "disabled"}}]), false),
        ] {
            let mut world = World::complete();
            namespace(&mut world, &json!({}), &json!({}));
            world.add(&json!({"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy",
                "metadata": {"name": "c", "namespace": "pay"}, "spec": {"ingress": rules}}));
            assert_eq!(mesh(&world), json!({"name": "cilium", "member": true, "strict": expected}));
        }
    }
}
