//! `facts.cni`: the network plug-in, and whether it enforces network policies.

use super::control_plane::{CommandFlag, argument_flag, command_flag};
use super::kind::{DAEMON_SET, NODE};
use super::platform::addons::image_fits;
use super::unknown::{Answer, Draft, Fact, Reads, open_question};
use super::workload::Workload;
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::object::Object;

/// Whether a plug-in enforces network policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Enforces {
    Yes,
    No,
    Unknown,
}

impl Enforces {
    fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// `DaemonSet`s by which plug-ins are known: name, an image that fits, what it is.
const DAEMONS: [(&str, &str, &str, Enforces); 16] = [
    ("calico-node", "calico/node", "calico", Enforces::Yes),
    ("calico-node", "node", "calico", Enforces::Yes),
    ("canal", "calico/node", "canal", Enforces::Yes),
    ("rke2-canal", "hardened-calico", "canal", Enforces::Yes),
    ("cilium", "cilium/cilium", "cilium", Enforces::Yes),
    ("cilium", "cilium", "cilium", Enforces::Yes),
    ("anetd", "*", "dataplane-v2", Enforces::Yes),
    ("antrea-agent", "antrea-*", "antrea", Enforces::Yes),
    ("kube-router", "kube-router", "kube-router", Enforces::Yes),
    ("weave-net", "weave-kube", "weave", Enforces::Yes),
    ("ovnkube-node", "*", "ovn-kubernetes", Enforces::Yes),
    ("azure-npm", "azure-npm", "azure-npm", Enforces::Yes),
    ("kube-flannel", "flannel", "flannel", Enforces::No),
    ("kube-flannel-ds", "flannel", "flannel", Enforces::No),
    ("kindnet", "kindnetd", "kindnet", Enforces::Unknown),
    ("aws-node", "amazon-k8s-cni", "aws-vpc-cni", Enforces::No),
];

/// Label by which AKS says which engine it runs.
const AZURE: &str = "kubernetes.azure.com/network-policy";
/// Annotation in which k3s keeps the command line of a node.
const K3S_ARGS: &str = "k3s.io/node-args";

/// One sign of a plug-in.
#[derive(Clone, Debug, PartialEq)]
struct Sign {
    name: String,
    enforces: Enforces,
    detail: String,
}

/// What is known of the plug-in: none when nothing in hand points to one.
#[derive(Debug, PartialEq)]
pub(crate) struct Cni {
    sign: Option<Sign>,
    /// Whether everything was looked at.
    known: Answer<()>,
}

impl Cni {
    pub(crate) fn of(inventory: &Inventory, reads: &Reads, provider: Option<&str>) -> Self {
        let daemons = inventory.of(&DAEMON_SET).iter().filter_map(|object| by_daemon(object));
        let nodes = inventory.of(&NODE).iter().filter_map(|node| by_node(node, provider));
        let signs: Vec<Sign> = daemons.chain(nodes).collect();
        // An engine that enforces may run beside a plug-in that does not; a plug-in of which
        // nothing is known may enforce.
        let pick = |wanted| signs.iter().find(|sign| sign.enforces == wanted).cloned();
        let sign =
            pick(Enforces::Yes).or_else(|| pick(Enforces::Unknown)).or_else(|| pick(Enforces::No));
        Self { sign, known: reads.lists([&*DAEMON_SET, &*NODE], None) }
    }

    /// Whether policies are enforced, once that is certain.
    fn enforces(&self) -> Answer<(&Sign, bool)> {
        match &self.sign {
            Some(sign) if sign.enforces == Enforces::Yes => Ok((sign, true)),
            _ if self.known.is_err() => Err(self.known.clone().err().unwrap_or_else(nothing)),
            Some(sign) if sign.enforces == Enforces::No => Ok((sign, false)),
            Some(sign) => {
                let reason = format!(
                    "whether {} enforces network policies cannot be told from {}",
                    sign.name, sign.detail
                );
                Err(open_question("network plug-in", None, reason))
            }
            None => Err(nothing()),
        }
    }

    /// `facts.cni`: unknown unless it is certain whether policies are enforced.
    pub(crate) fn fact(&self) -> Fact {
        match self.enforces() {
            Err(missing) => Fact::Unknown(missing),
            Ok((sign, enforces)) => {
                let mut draft = Draft::default();
                draft.set("name", &*sign.name);
                draft.set("enforces", enforces);
                draft.set("detail", &*sign.detail);
                draft.finish()
            }
        }
    }

    /// The `cni` member of `facts.components`: `{name, enforces}` with an empty name when every
    /// list was read and no plug-in is recognised.
    pub(crate) fn member(&self) -> Answer<Node> {
        let certain = self.sign.as_ref().is_some_and(|sign| sign.enforces == Enforces::Yes);
        if !certain {
            self.known.clone()?;
        }
        let sign = self.sign.as_ref();
        let name = sign.map(|sign| &*sign.name).unwrap_or_default();
        let enforces = sign.map_or(Enforces::Unknown, |sign| sign.enforces);
        Ok(Node::map([("name", Node::str(name)), ("enforces", Node::str(enforces.word()))]))
    }
}

fn nothing() -> crate::model::read::Missing {
    let reason = "no network plug-in is recognised among DaemonSets and nodes".to_owned();
    open_question("network plug-in", None, reason)
}

fn by_daemon(object: &Object) -> Option<Sign> {
    let workload = Workload::of(object)?;
    let runs = |pattern: &str| {
        workload.containers().any(|container| {
            let image = container.get("image").and_then(Node::as_str).unwrap_or_default();
            image_fits(pattern, image)
        })
    };
    let (_, _, name, enforces) =
        DAEMONS.iter().find(|(daemon, image, ..)| *daemon == &*object.id.name && runs(image))?;
    let enforces = match *name {
        "aws-vpc-cni" => aws_agent(&workload),
        _ => *enforces,
    };
    Some(Sign { name: (*name).to_owned(), enforces, detail: object.id.to_string() })
}

/// Whether a container of aws-node is told to enforce policies.
fn aws_agent(workload: &Workload<'_>) -> Enforces {
    let flags = workload.containers().map(|c| command_flag(c, "enable-network-policy"));
    let told = flags.map(|flag| match flag {
        CommandFlag::Value(value) if value == "true" => Enforces::Yes,
        CommandFlag::Unknown(_) => Enforces::Unknown,
        CommandFlag::Value(_) | CommandFlag::Unset => Enforces::No,
    });
    let told: Vec<Enforces> = told.collect();
    let first = [Enforces::Yes, Enforces::Unknown].into_iter().find(|one| told.contains(one));
    first.unwrap_or(Enforces::No)
}

fn by_node(node: &Object, provider: Option<&str>) -> Option<Sign> {
    if let Some(engine) = node.label(AZURE) {
        let enforces = match engine {
            "azure" | "calico" | "cilium" => Enforces::Yes,
            "none" => Enforces::No,
            _ => Enforces::Unknown,
        };
        let detail = format!("{} label {AZURE}={engine}", node.id);
        return Some(Sign { name: format!("azure-{engine}"), enforces, detail });
    }
    // k3s enforces policies inside its server process.
    let args = node.annotation(K3S_ARGS).filter(|_| provider == Some("k3s"))?;
    let args: Vec<String> = serde_json::from_str(args).ok()?;
    if args.first().map(String::as_str) != Some("server") {
        return None;
    }
    let off = argument_flag(&args, "disable-network-policy");
    let is_off = off == CommandFlag::Value("true".to_owned());
    let enforces = if is_off { Enforces::No } else { Enforces::Yes };
    let detail = format!("{} annotation {K3S_ARGS}", node.id);
    Some(Sign { name: "k3s".to_owned(), enforces, detail })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::testing::World;
    use crate::facts::{FactName, Target};
    use serde_json::{Value, json};

    fn daemon(world: &mut World, name: &str, image: &str, args: &Value) {
        world.add(&json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": name, "namespace": "kube-system"},
            "spec": {"template": {"spec": {"containers": [{"image": image, "args": args}]}}}}));
    }

    fn node(world: &mut World, labels: &Value, annotations: &Value) {
        let name = format!("n{}", world.objects.len());
        world.add(&json!({"apiVersion": "v1", "kind": "Node",
            "metadata": {"name": name, "labels": labels, "annotations": annotations}}));
    }

    fn get(world: &World, name: FactName) -> Fact {
        world.facts().get(name, &Target::Cluster)
    }

    fn known(world: &World) -> Option<(String, bool)> {
        let fact = get(world, FactName::Cni);
        let node = fact.node()?;
        Some((node.str_at(&["name"])?.to_owned(), node.get("enforces")?.as_bool()?))
    }

    #[test]
    fn plug_ins_are_recognised_by_name_and_image() {
        for (name, image, args, expected) in [
            ("calico-node", "docker.io/calico/node:v3", json!([]), Some(("calico", true))),
            ("cilium", "quay.io/cilium/cilium:v1", json!([]), Some(("cilium", true))),
            ("kube-flannel-ds", "flannel/flannel:v0", json!([]), Some(("flannel", false))),
            (
                "aws-node",
                "x/amazon-k8s-cni:v1",
                json!(["--enable-network-policy=false"]),
                Some(("aws-vpc-cni", false)),
            ),
            (
                "aws-node",
                "x/amazon-k8s-cni:v1",
                json!(["--enable-network-policy=true"]),
                Some(("aws-vpc-cni", true)),
            ),
            (
                "aws-node",
                "x/amazon-k8s-cni:v1",
                json!(["--enable_network_policy=False", "--enable-network-policy", "x"]),
                Some(("aws-vpc-cni", true)),
            ),
            (
                "aws-node",
                "x/amazon-k8s-cni:v1",
                json!(["--enable-network-policy=T", "--enable-network-policy=0"]),
                Some(("aws-vpc-cni", false)),
            ),
            ("aws-node", "x/amazon-k8s-cni:v1", json!(["--enable-network-policy=$(X)"]), None),
            ("kindnet", "kindest/kindnetd:v1", json!([]), None),
            ("calico-node", "evil/other", json!([]), None),
            ("unheard-of", "calico/node", json!([]), None),
        ] {
            let mut world = World::complete();
            daemon(&mut world, name, image, &args);
            let expected = expected.map(|(name, enforces)| (name.to_owned(), enforces));
            assert_eq!(known(&world), expected, "{name} {image}");
        }
        assert_eq!(known(&World::complete()), None);
    }

    #[test]
    fn an_enforcing_engine_wins_and_a_missing_one_needs_all_reads() {
        let mut world = World::complete();
        daemon(&mut world, "kube-flannel-ds", "flannel", &json!([]));
        for kind in [&*DAEMON_SET, &*NODE] {
            let before = world.reads.clone();
            world.forbid(kind);
            assert!(get(&world, FactName::Cni).node().is_none(), "{kind}");
            assert!(get(&world, FactName::Components).node().unwrap().get("cni").is_none());
            world.reads = before;
        }
        let member = get(&world, FactName::Components).node().unwrap().to_json();
        assert_eq!(member["cni"], json!({"name": "flannel", "enforces": "no"}));
        daemon(&mut world, "azure-npm", "mcr/azure-npm", &json!([]));
        world.forbid(&DAEMON_SET).forbid(&NODE);
        assert_eq!(known(&world), Some(("azure-npm".to_owned(), true)), "seen");
        assert_eq!(
            get(&World::complete(), FactName::Components).node().unwrap().to_json()["cni"],
            json!({"name": "", "enforces": "unknown"})
        );
    }

    #[test]
    fn nodes_tell_of_aks_and_k3s() {
        for (label, expected) in [("azure", Some(true)), ("none", Some(false)), ("new", None)] {
            let mut world = World::complete();
            node(&mut world, &json!({AZURE: label}), &json!({}));
            assert_eq!(known(&world).map(|(_, enforces)| enforces), expected, "{label}");
        }
        for (args, provider, expected) in [
            (r#"["server"]"#, "k3s", Some(true)),
            (r#"["server","--disable-network-policy"]"#, "k3s", Some(false)),
            (r#"["server","--disable-network-policy=1"]"#, "k3s", Some(false)),
            (r#"["agent"]"#, "k3s", None),
            (r#"["server"]"#, "kind", None),
            ("broken", "k3s", None),
        ] {
            let mut world = World::complete();
            world.source.provider = provider.to_owned();
            node(&mut world, &json!({}), &json!({K3S_ARGS: args}));
            assert_eq!(known(&world).map(|(_, enforces)| enforces), expected, "{args}");
        }
    }
}
