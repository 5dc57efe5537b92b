//! Flags out of command lines, environments, annotations and `/flagz`.

use super::COMPONENTS;
use super::doubt::{Doubt, ETCD};
use super::environment::Environment;
use super::reading;
use super::words::{self, Started, Word, dashed};
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::path::FieldPath;

/// One flag that is set.
#[derive(Debug, PartialEq)]
pub(super) struct Flag {
    pub(super) name: Box<str>,
    pub(super) value: Box<str>,
    /// Where in the object.
    pub(super) path: FieldPath,
}

/// The flags of one instance.
#[derive(Debug)]
pub(super) struct Flags {
    pub(super) name: &'static str,
    pub(super) given: Vec<Flag>,
    /// Where a missing flag would stand.
    pub(super) absent: FieldPath,
    /// Paths in the container, by flag values that name them, to paths on the node.
    pub(super) files: Node,
    /// What its command line and its environment leave open.
    pub(super) doubts: Vec<Doubt>,
}

/// The flags of a static pod of the control plane. On a cluster only mirrors of static pods
/// count: whoever may create pods in kube-system can copy labels and names. In files a manifest
/// is recognised by what it starts.
pub(super) fn of_pod(pod: &Object, files: bool) -> Option<Flags> {
    let spec = pod.body().get("spec")?;
    let by_node = pod.owners.iter().any(|owner| &*owner.kind == "Node");
    if !files && !(pod.namespace() == "kube-system" && (pod.is_mirror_pod() || by_node)) {
        return None;
    }
    for (at, container) in spec.list_at(&["containers"]).iter().enumerate() {
        let here = FieldPath::default().field("spec").field("containers").index(at);
        let environment = Environment::of(container);
        let items = words::items(container, &here, &environment);
        let Some(started) = words::started(&items) else { continue };
        let Some(name) = COMPONENTS.into_iter().find(|name| *name == started.name) else {
            continue;
        };
        let list = if container.get("args").is_some() { "args" } else { "command" };
        let absent = here.field(list);
        let mut given = parse(&started);
        if name == "etcd" {
            from_environment(container, &environment, &here, &mut given);
        }
        let Given { flags, doubts } = given.settled();
        let files = files_of(spec, container, &flags);
        return Some(Flags { name, given: flags, absent, files, doubts });
    }
    None
}

/// What the command line of a container says of a flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandFlag {
    /// Nothing: the program's default holds.
    Unset,
    /// Its value, as `component.flags` has it.
    Value(String),
    /// It cannot be told, and why.
    Unknown(String),
}

/// What the command line of any container says of a flag, by its name without dashes.
#[must_use]
pub fn command_flag(container: &Node, name: &str) -> CommandFlag {
    let environment = Environment::of(container);
    let items = words::items(container, &FieldPath::default(), &environment);
    parse(&words::given(&items)).settled().said(name)
}

/// What a program is told by these arguments of a flag.
pub(crate) fn argument_flag(args: &[String], name: &str) -> CommandFlag {
    let path = FieldPath::default();
    let words = args.iter().map(|arg| Word { text: arg.clone(), path: path.clone(), open: None });
    of_words("the program", &words.collect::<Vec<_>>()).settled().said(name)
}

/// What a command line and its environment say.
#[derive(Debug, Default)]
struct Given {
    flags: Vec<Flag>,
    doubts: Vec<Doubt>,
}

impl Given {
    /// Adds a flag as the component would read it.
    fn add(&mut self, name: &str, text: &str, path: FieldPath) {
        let name = reading::name(name);
        if let Some(flag) = self.flags.iter_mut().find(|flag| *flag.name == *name) {
            flag.value = reading::value(&name, Some(&flag.value), text).into();
            flag.path = path;
        } else {
            let value = reading::value(&name, None, text).into();
            self.flags.push(Flag { name: name.into(), value, path });
        }
    }

    /// Whether anything was said of a flag, known or not.
    fn speaks_of(&self, name: &str) -> bool {
        self.flags.iter().any(|flag| *flag.name == *name) || self.is_open(name)
    }

    fn is_open(&self, name: &str) -> bool {
        self.doubts.iter().any(|doubt| doubt.is_about(Some(name)))
    }

    /// What it says of a flag.
    fn said(self, name: &str) -> CommandFlag {
        if let Some(doubt) = self.doubts.iter().find(|doubt| doubt.is_about(Some(name))) {
            return CommandFlag::Unknown(doubt.reason().to_owned());
        }
        let found = self.flags.into_iter().find(|flag| *flag.name == *name);
        found.map_or(CommandFlag::Unset, |flag| CommandFlag::Value(flag.value.into()))
    }

    /// With the flags that follow from others, and without those that are not known.
    fn settled(mut self) -> Self {
        const CAUSE: &str = "admission-control";
        let known = self.flags.iter().find(|flag| &*flag.name == CAUSE);
        if let Some(Flag { value, path, .. }) = known {
            let (values, path) = (reading::admission(value), path.clone());
            self.flags.retain(|flag| !reading::follows(CAUSE).contains(&&*flag.name));
            for (name, value) in reading::follows(CAUSE).iter().zip(values) {
                let (name, value) = ((*name).into(), value.into());
                self.flags.push(Flag { name, value, path: path.clone() });
            }
        }
        let Self { mut flags, doubts } = self;
        flags.retain(|flag| !doubts.iter().any(|doubt| doubt.is_about(Some(&flag.name))));
        Self { flags, doubts }
    }
}

/// `--name=value`, `--name value` and `--name`; etcd takes one dash as well.
fn parse(started: &Started) -> Given {
    let Started { name, words, unsure } = started;
    match unsure {
        Some(reason) => Given { flags: Vec::new(), doubts: vec![Doubt::all(reason.clone())] },
        None => of_words(name, words),
    }
}

fn of_words(component: &str, words: &[Word]) -> Given {
    let mut given = Given::default();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        if word.text == "--" {
            break;
        }
        if let Some(open) = word.may_say_anything(component) {
            let reason =
                format!("what {component} is given cannot be told from {}: {open}", word.path);
            return Given { flags: Vec::new(), doubts: vec![Doubt::all(reason)] };
        }
        if let Some(names) = word.may_say(component) {
            given.doubts.push(doubt(component, &names, word));
            continue;
        }
        let Some(flag) = dashed(&word.text, component) else { continue };
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, value),
            None => match words.get(at).filter(|next| !next.text.starts_with('-')) {
                Some(next) if !reading::is_switch(flag) => {
                    at += 1;
                    if let Some(names) = next.may_say(component) {
                        let names: Vec<&str> = names.into_iter().chain([flag]).collect();
                        given.doubts.push(doubt(component, &names, next));
                        continue;
                    }
                    (flag, &*next.text)
                }
                _ => (flag, "true"),
            },
        };
        given.add(name, value, word.path.clone());
    }
    given
}

/// That it is not known what a component makes of the flags in an argument.
fn doubt(component: &str, names: &[&str], word: &Word) -> Doubt {
    let mut named: Vec<String> = names.iter().map(|name| format!("--{name}")).collect();
    named.dedup();
    let (flags, path) = (named.join(", "), &word.path);
    let reason = match &word.open {
        Some(open) => format!("what {component} makes of {flags} at {path} is not known: {open}"),
        None => format!(
            "the argument at {path} is not one flag with its value, so what {component} makes of \
             {flags} is not known"
        ),
    };
    Doubt::named(names.iter().map(|name| reading::name(name).into()).collect(), reason)
}

/// etcd reads `ETCD_CERT_FILE` where `--cert-file` is not given, unless it is empty.
fn from_environment(
    container: &Node,
    environment: &Environment<'_>,
    here: &FieldPath,
    given: &mut Given,
) {
    let mut named: Vec<Box<str>> = Vec::new();
    // Of several variables with one name the last counts.
    for (at, entry) in container.list_at(&["env"]).iter().enumerate().rev() {
        let Some(variable) = entry.str_at(&["name"]) else { continue };
        let Some(rest) = variable.strip_prefix(ETCD) else { continue };
        let name = reading::name(&rest.to_ascii_lowercase());
        let spoken = named.iter().any(|known| **known == *name) || given.speaks_of(&name);
        named.push(name.as_str().into());
        let (Some(value), false) = (environment.named(variable), spoken) else { continue };
        let path = here.field("env").index(at);
        match value.unknown() {
            Some(open) => {
                let reason =
                    format!("what etcd makes of {variable} at {path} is not known: {open}");
                given.doubts.push(Doubt::named(vec![name.into()], reason));
            }
            None if value.text.is_empty() => {}
            None => given.add(&name, &value.text, path.field("value")),
        }
    }
    named.extend(given.flags.iter().map(|flag| flag.name.clone()));
    for unseen in environment.unseen() {
        let prefix = unseen.prefix;
        if prefix.starts_with(ETCD) || ETCD.starts_with(prefix) {
            let reason = format!("variables that etcd reads may come from {}", unseen.from);
            given.doubts.push(Doubt::unseen(prefix, named.clone(), reason));
        }
    }
}

/// Which file of the node a flag's value is, through the mounts of host paths.
fn files_of(spec: &Node, container: &Node, flags: &[Flag]) -> Node {
    let volumes = spec.list_at(&["volumes"]);
    let mut mounts: Vec<(&str, &str)> = Vec::new();
    for mount in container.list_at(&["volumeMounts"]) {
        let (Some(name), Some(path)) = (mount.str_at(&["name"]), mount.str_at(&["mountPath"]))
        else {
            continue;
        };
        let volume = volumes.iter().find(|volume| volume.str_at(&["name"]) == Some(name));
        if let Some(host) = volume.and_then(|volume| volume.str_at(&["hostPath", "path"])) {
            mounts.push((path.trim_end_matches('/'), host.trim_end_matches('/')));
        }
    }
    // The innermost mount wins.
    mounts.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    let mut files: Vec<(&str, Node)> = Vec::new();
    for flag in flags.iter().filter(|flag| flag.value.starts_with('/')) {
        let host = mounts.iter().find_map(|(path, host)| {
            let rest = flag.value.strip_prefix(path)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{host}{rest}"))
        });
        if let Some(host) = host {
            files.push((&flag.value, Node::str(&host)));
        }
    }
    Node::map(files)
}

/// What `/flagz` says: every flag, without dashes.
pub(super) fn of_flagz(answer: &Object) -> Option<Flags> {
    let name = COMPONENTS.into_iter().find(|name| *name == &*answer.id.name)?;
    let root = FieldPath::default().field("flags");
    let mut given = Given::default();
    for (flag, value) in answer.body().get("flags")?.as_map()?.iter() {
        let text = value.as_str().map_or_else(|| value.to_json().to_string(), str::to_owned);
        let text = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(&text);
        // An empty value is the default of a flag that nobody set.
        if !text.is_empty() {
            given.add(flag, &text.replace(' ', ","), root.field(flag));
        }
    }
    let Given { flags, doubts } = given.settled();
    Some(Flags { name, given: flags, absent: root, files: Node::map([]), doubts })
}

/// The component flags among the server arguments of k3s or RKE2: `--kube-apiserver-arg name=value`.
pub(super) fn of_node(node: &Object, annotation: &str) -> Vec<Flags> {
    let Some(text) = node.annotation(annotation) else { return Vec::new() };
    let Ok(args) = serde_json::from_str::<Vec<String>>(text) else { return Vec::new() };
    if args.first().map(String::as_str) != Some("server") {
        return Vec::new();
    }
    let here = FieldPath::default().field("metadata").field("annotations").field(annotation);
    let of = |name: &'static str| {
        let option = format!("--{name}-arg");
        let mut said = Given::default();
        for (at, arg) in args.iter().enumerate() {
            let joined = arg.strip_prefix(&option).and_then(|rest| rest.strip_prefix('='));
            let given = match joined {
                Some(given) => Some(given),
                None if *arg == option => args.get(at + 1).map(String::as_str),
                None => None,
            };
            let Some(given) = given else { continue };
            let given = given.trim_start_matches('-');
            let (flag, value) = given.split_once('=').unwrap_or((given, "true"));
            said.add(flag, value, here.clone());
        }
        let Given { flags, doubts } = said.settled();
        Flags { name, given: flags, absent: here.clone(), files: Node::map([]), doubts }
    };
    COMPONENTS.into_iter().map(of).collect()
}
