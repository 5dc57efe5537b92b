//! The elements of an object that a scope looks at, and the variables they set.

use std::cell::OnceCell;

use crate::facts::{Facts, Instance, Target};
use crate::model::kinds::{KUBELET_CONFIGURATION, Kind};
use crate::model::node::{Map, Node};
use crate::model::object::Object;
use crate::model::path::{FieldPath, Seg};

use super::cel::eval::{Frame, map_of};
use super::cel::{Role, Val, Var};
use super::fingerprint::role_of;
use super::place::{Anchor, Anchored};
use super::scope::Scope;

/// One element of an object, by its place. Small: a run holds one per finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Element {
    /// The object itself, or the cluster.
    Whole,
    /// Its pod spec.
    Pod,
    /// A container, by its place among all containers.
    Container(u32),
    /// A volume.
    Volume(u32),
    /// A port of a container.
    Port(u32, u32),
    /// An entry of `env` of a container.
    Env(u32, u32),
    /// An entry of `envFrom` of a container.
    EnvFrom(u32, u32),
    /// A rule of a role.
    Rule(u32),
    /// A subject of a binding.
    Subject(u32),
    /// A port of a Service.
    ServicePort(u32),
    /// An instance of a control-plane component that the object shows.
    Component(u32),
    /// The configuration of a kubelet.
    Kubelet,
}

/// An object taken apart once, for all scopes.
pub(super) struct Parts<'a> {
    pub(super) object: &'a Object,
    /// Where the pod spec stands, empty without one.
    pub(super) pod_keys: &'static [&'static str],
    pod: Option<&'a Node>,
    /// The path of the pod spec.
    pod_path: OnceCell<FieldPath>,
    containers: Vec<ContainerAt<'a>>,
    instances: &'a [Instance],
    kubelet: Option<Kubelet<'a>>,
}

/// A kubelet's configuration, as an object of its own or inside the `ConfigMap` of kubeadm.
#[derive(Clone, Copy)]
struct Kubelet<'a> {
    config: &'a Node,
    node: Option<&'a Node>,
    /// It is what nodes are given when they join, not what runs.
    template: bool,
}

struct ContainerAt<'a> {
    list: &'static str,
    index: usize,
    role: Role,
    map: &'a Map,
    node: &'a Node,
    path: OnceCell<FieldPath>,
}

const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

impl<'a> Parts<'a> {
    /// The parts of an object, with those that facts know of: component instances and kubelet
    /// configurations.
    pub(super) fn with_facts(object: &'a Object, facts: &'a Facts) -> Self {
        let mut parts = Self::of(object);
        parts.instances = facts.instances(object);
        parts.kubelet = match facts.kubelet_template(object) {
            Some(config) => Some(Kubelet { config, node: None, template: true }),
            None if object.is(&KUBELET_CONFIGURATION) => {
                let node = facts.inventory().get(&Kind::new("", "Node"), "", &object.id.name);
                let node = node.map(|node| &**node.body());
                Some(Kubelet { config: object.body(), node, template: false })
            }
            None => None,
        };
        parts
    }

    pub(super) fn of(object: &'a Object) -> Self {
        let mut parts = Self {
            object,
            pod_keys: &[],
            pod: None,
            pod_path: OnceCell::new(),
            containers: Vec::new(),
            instances: &[],
            kubelet: None,
        };
        let Some((keys, spec)) = object.pod_spec() else { return parts };
        parts.pod_keys = keys;
        parts.pod = Some(spec);
        for list in CONTAINERS {
            for (index, node) in spec.list_at(&[list]).iter().enumerate() {
                if let Some(map) = node.as_map() {
                    let role = role_of(list, node);
                    let path = OnceCell::new();
                    parts.containers.push(ContainerAt { list, index, role, map, node, path });
                }
            }
        }
        parts
    }

    pub(super) fn body(&self) -> &'a Node {
        self.object.body()
    }

    fn container(&self, at: u32) -> Option<&ContainerAt<'a>> {
        self.containers.get(at as usize)
    }

    /// The elements of a scope, in the order of the document.
    pub(super) fn elements(&self, scope: Scope) -> Vec<Element> {
        let count = |list: &[Node], make: fn(u32) -> Element| -> Vec<Element> {
            (0..list.len()).map(|at| make(place(at))).collect()
        };
        match scope {
            Scope::Object | Scope::Namespace | Scope::Node | Scope::Cluster => vec![Element::Whole],
            Scope::Pod => self.pod.map(|_| Element::Pod).into_iter().collect(),
            Scope::Container => {
                (0..self.containers.len()).map(|at| Element::Container(place(at))).collect()
            }
            Scope::Volume => {
                count(self.pod.map_or(&[], |pod| pod.list_at(&["volumes"])), Element::Volume)
            }
            Scope::Port => self.nested("ports", Element::Port),
            Scope::Env => {
                let mut all = self.nested("env", Element::Env);
                all.extend(self.nested("envFrom", Element::EnvFrom));
                all
            }
            Scope::Rule => count(self.body().list_at(&["rules"]), Element::Rule),
            Scope::Subject => count(self.body().list_at(&["subjects"]), Element::Subject),
            Scope::ServicePort => {
                count(self.body().list_at(&["spec", "ports"]), Element::ServicePort)
            }
            Scope::Component => {
                (0..self.instances.len()).map(|at| Element::Component(place(at))).collect()
            }
            Scope::Kubelet => self.kubelet.map(|_| Element::Kubelet).into_iter().collect(),
        }
    }

    fn nested(&self, list: &str, make: fn(u32, u32) -> Element) -> Vec<Element> {
        let mut all = Vec::new();
        for (at, container) in self.containers.iter().enumerate() {
            let count = container.node.list_at(&[list]).len();
            all.extend((0..count).map(|index| make(place(at), place(index))));
        }
        all
    }

    /// Sets the variables that every element of the object shares.
    pub(super) fn bind_object(&self, frame: &mut Frame<'a>) {
        let body = self.body();
        frame.set(Var::Object, body.into());
        frame.set(Var::Metadata, map_of(body.get("metadata")));
        frame.set(Var::Namespace, body.into());
        frame.set(Var::Node, body.into());
        frame.set(Var::Role, body.into());
        frame.set(Var::Binding, body.into());
        frame.set(Var::RoleRef, map_of(body.get("roleRef")));
        if let Some(pod) = self.pod {
            frame.set(Var::Pod, pod.into());
            frame.set(Var::PodMetadata, map_of(self.pod_metadata()));
        }
    }

    /// Its pod spec.
    pub(super) fn pod(&self) -> Option<&'a Node> {
        self.pod
    }

    /// The containers of its pod spec: list, index, role and tree.
    pub(super) fn containers(
        &self,
    ) -> impl Iterator<Item = (&'static str, usize, Role, &'a Node)> + '_ {
        self.containers.iter().map(|c| (c.list, c.index, c.role, c.node))
    }

    /// The pod's or template's metadata.
    pub(super) fn pod_metadata(&self) -> Option<&'a Node> {
        let (_, above) = self.pod_keys.split_last()?;
        self.body().at(above)?.get("metadata")
    }

    /// Sets the variables of one element.
    pub(super) fn bind(&self, frame: &mut Frame<'a>, element: Element) {
        let container = match element {
            Element::Container(at)
            | Element::Port(at, _)
            | Element::Env(at, _)
            | Element::EnvFrom(at, _) => self.container(at),
            _ => None,
        };
        if let Some(container) = container {
            frame.set(Var::Container, Val::Container(container.map, container.role));
        }
        let node = self.node(element);
        let value = || map_of(node);
        match element {
            Element::Volume(_) => frame.set(Var::Volume, value()),
            Element::Port(..) | Element::ServicePort(_) => frame.set(Var::Port, value()),
            Element::Env(..) => frame.set(Var::Env, value()),
            Element::EnvFrom(..) => {
                if let Some(node) = node {
                    frame.set(Var::Env, Val::EnvFrom(node));
                }
            }
            Element::Rule(_) => frame.set(Var::Rule, value()),
            Element::Subject(_) => frame.set(Var::Subject, value()),
            Element::Component(_) => frame.set(Var::Component, value()),
            Element::Kubelet => {
                frame.set(Var::Config, value());
                frame.set(Var::Node, map_of(self.kubelet.and_then(|kubelet| kubelet.node)));
            }
            Element::Whole | Element::Pod | Element::Container(_) => {}
        }
    }

    /// The instance of a component that an element is.
    pub(super) fn instance(&self, element: Element) -> Option<&'a Instance> {
        match element {
            Element::Component(at) => self.instances.get(at as usize),
            _ => None,
        }
    }

    /// Whether an element is only what a kubelet is given when its node joins.
    pub(super) fn is_template(&self, element: Element) -> bool {
        element == Element::Kubelet && self.kubelet.is_some_and(|kubelet| kubelet.template)
    }

    /// The element's tree.
    pub(super) fn node(&self, element: Element) -> Option<&'a Node> {
        let nth = |list: &'a [Node], at: u32| list.get(at as usize);
        let inner =
            |at: u32, list: &str, index: u32| nth(self.container(at)?.node.list_at(&[list]), index);
        match element {
            Element::Whole => Some(self.body()),
            Element::Pod => self.pod,
            Element::Container(at) => self.container(at).map(|c| c.node),
            Element::Volume(at) => nth(self.pod?.list_at(&["volumes"]), at),
            Element::Port(at, index) => inner(at, "ports", index),
            Element::Env(at, index) => inner(at, "env", index),
            Element::EnvFrom(at, index) => inner(at, "envFrom", index),
            Element::Rule(at) => nth(self.body().list_at(&["rules"]), at),
            Element::Subject(at) => nth(self.body().list_at(&["subjects"]), at),
            Element::ServicePort(at) => nth(self.body().list_at(&["spec", "ports"]), at),
            Element::Component(_) => self.instance(element).map(Instance::tree),
            Element::Kubelet => self.kubelet.map(|kubelet| kubelet.config),
        }
    }

    /// Where the element stands in the object.
    pub(super) fn path(&self, element: Element) -> FieldPath {
        let keys =
            |keys: &[&str]| FieldPath(keys.iter().map(|k| Seg::Field((*k).into())).collect());
        let pod = || self.pod_path.get_or_init(|| keys(self.pod_keys)).clone();
        let container = |at: u32| match self.container(at) {
            Some(c) => c.path.get_or_init(|| pod().field(c.list).index(c.index)).clone(),
            None => pod(),
        };
        match element {
            Element::Pod => pod(),
            Element::Container(at) => container(at),
            Element::Volume(at) => pod().field("volumes").index(at as usize),
            Element::Port(at, index) => container(at).field("ports").index(index as usize),
            Element::Env(at, index) => container(at).field("env").index(index as usize),
            Element::EnvFrom(at, index) => container(at).field("envFrom").index(index as usize),
            Element::Rule(at) => keys(&["rules"]).index(at as usize),
            Element::Subject(at) => keys(&["subjects"]).index(at as usize),
            Element::ServicePort(at) => keys(&["spec", "ports"]).index(at as usize),
            Element::Component(_) => self.flag(element, None),
            Element::Kubelet if self.is_template(element) => keys(&["data", "kubelet"]),
            Element::Whole | Element::Kubelet => FieldPath::default(),
        }
    }

    /// Where an anchored path leads, from the object's root.
    pub(super) fn resolve(&self, element: Element, place: &Anchored) -> FieldPath {
        match place.anchor {
            Anchor::Object => place.path.clone(),
            Anchor::Pod => self.path(Element::Pod).join(&place.path),
            // The text of a ConfigMap has no fields.
            Anchor::Scope if self.is_template(element) => self.path(element),
            Anchor::Scope if self.instance(element).is_some() => {
                self.flag(element, flag_of(&place.path))
            }
            Anchor::Scope => self.path(element).join(&tail(element, &place.path)),
        }
    }

    /// Where a flag of an instance stands, or would stand.
    fn flag(&self, element: Element, flag: Option<&str>) -> FieldPath {
        self.instance(element).map(|instance| instance.place(flag).clone()).unwrap_or_default()
    }

    /// The container an element belongs to.
    pub(super) fn container_name(&self, element: Element) -> Option<&'a str> {
        let (Element::Container(at)
        | Element::Port(at, _)
        | Element::Env(at, _)
        | Element::EnvFrom(at, _)) = element
        else {
            return None;
        };
        self.container(at)?.map.get("name")?.as_str()
    }

    /// What facts are asked about for an element.
    pub(super) fn fact_target(&self, element: Element) -> Target<'a> {
        match element {
            Element::Rule(at) => Target::Rule { role: self.object, index: at as usize },
            Element::Subject(at) => Target::Subject { binding: self.object, index: at as usize },
            Element::Component(at) => match self.instances.get(at as usize) {
                Some(instance) => Target::Instance { object: self.object, instance },
                None => Target::Object(self.object),
            },
            _ => Target::Object(self.object),
        }
    }
}

/// The flag that a path of an instance names: `flags.profiling`.
pub(super) fn flag_of(path: &FieldPath) -> Option<&str> {
    match &*path.0 {
        [Seg::Field(first), Seg::Field(flag), ..] if &**first == "flags" => Some(flag),
        _ => None,
    }
}

/// Entries of `envFrom` are seen as `env.from`, a step that the object does not have.
fn tail(element: Element, path: &FieldPath) -> FieldPath {
    match (element, path.0.split_first()) {
        (Element::EnvFrom(..), Some((Seg::Field(first), rest))) if &**first == "from" => {
            FieldPath(rest.into())
        }
        _ => path.clone(),
    }
}
