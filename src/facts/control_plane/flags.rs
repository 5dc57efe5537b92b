//! Flags out of command lines, environments, annotations and `/flagz`.

use super::COMPONENTS;
use super::words::{self, Started, Word, dashed};
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::path::FieldPath;

/// Flags that hold lists: repeated, they add up. Every other flag keeps its last value.
const LISTS: [&str; 10] = [
    "enable-admission-plugins",
    "disable-admission-plugins",
    "authorization-mode",
    "feature-gates",
    "tls-cipher-suites",
    "cipher-suites",
    "runtime-config",
    "service-account-key-file",
    "service-account-issuer",
    "tls-sni-cert-key",
];

/// Flags that are true or false, for which `1` and `0` are spellings.
const SWITCHES: [&str; 12] = [
    "anonymous-auth",
    "profiling",
    "contention-profiling",
    "service-account-lookup",
    "service-account-extend-token-expiration",
    "use-service-account-credentials",
    "enable-bootstrap-token-auth",
    "client-cert-auth",
    "auto-tls",
    "peer-client-cert-auth",
    "peer-auto-tls",
    "allow-privileged",
];

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
    /// What its command line leaves open.
    pub(super) doubt: Option<Doubt>,
}

/// What a command line does not say for sure.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    /// The flags it may set; none for all.
    flags: Option<Vec<Box<str>>>,
    /// Why.
    reason: String,
}

impl Doubt {
    /// Whether it is not known what a flag is set to, or, without a name, all flags together.
    #[must_use]
    pub fn is_about(&self, flag: Option<&str>) -> bool {
        let named = self.flags.as_ref().zip(flag);
        named.is_none_or(|(flags, flag)| flags.iter().any(|known| **known == *flag))
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
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
        let Some(started) = words::started(container, &here) else { continue };
        let name = started.name;
        let list = if container.get("args").is_some() { "args" } else { "command" };
        let absent = here.field(list);
        let (mut flags, doubt) = parse(&started);
        if name == "etcd" {
            from_environment(container, &here, &mut flags);
        }
        flags.retain(|flag| doubt.as_ref().is_none_or(|doubt| !doubt.is_about(Some(&flag.name))));
        let files = files_of(spec, container, &flags);
        return Some(Flags { name, given: flags, absent, files, doubt });
    }
    None
}

/// `--name=value`, `--name value` and `--name`; etcd takes one dash as well.
fn parse(started: &Started) -> (Vec<Flag>, Option<Doubt>) {
    let Started { name: component, words, unsure } = started;
    if let Some(path) = unsure {
        let reason = format!(
            "what {component} is given cannot be told from {path}: a shell works it out, or a whole line \
             stands where one argument should"
        );
        return (Vec::new(), Some(Doubt { flags: None, reason }));
    }
    let (mut flags, mut open, mut place) = (Vec::new(), Vec::new(), None);
    let mut leave = |names: Vec<&str>, word: &Word| {
        open.extend(names.into_iter().map(|name| name.replace('_', "-").into_boxed_str()));
        place.get_or_insert_with(|| word.path.clone());
    };
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        if word.text == "--" {
            break;
        }
        if let Some(names) = word.may_say(component) {
            leave(names, word);
            continue;
        }
        let Some(flag) = dashed(&word.text, component) else { continue };
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, value),
            None => match words.get(at).filter(|next| !next.text.starts_with('-')) {
                Some(next) if !is_switch(flag) => {
                    at += 1;
                    if let Some(names) = next.may_say(component) {
                        leave(names.into_iter().chain([flag]).collect(), next);
                        continue;
                    }
                    (flag, &*next.text)
                }
                _ => (flag, "true"),
            },
        };
        add(&mut flags, name, value, word.path.clone());
    }
    let doubt = place.map(|path| {
        let mut named: Vec<String> = open.iter().map(|name| format!("--{name}")).collect();
        named.dedup();
        let reason = format!(
            "the argument at {path} is not one flag with its value, so what {component} makes of {} is \
             not known",
            named.join(", ")
        );
        Doubt { flags: Some(open), reason }
    });
    (flags, doubt)
}

fn is_switch(name: &str) -> bool {
    SWITCHES.contains(&name.replace('_', "-").as_str())
}

/// Adds a flag as the component would read it.
fn add(flags: &mut Vec<Flag>, name: &str, value: &str, path: FieldPath) {
    let name = name.replace('_', "-");
    let value = if is_switch(&name) { switch(value) } else { value.to_owned() };
    let known = flags.iter_mut().find(|flag| *flag.name == *name);
    match known {
        Some(flag) => {
            let sum = LISTS.contains(&name.as_str()) && !flag.value.is_empty();
            flag.value = if sum { format!("{},{value}", flag.value).into() } else { value.into() };
            flag.path = path;
        }
        None => flags.push(Flag { name: name.into(), value: value.into(), path }),
    }
}

/// Go's spellings of booleans.
fn switch(value: &str) -> String {
    match value {
        "1" | "t" | "T" | "TRUE" | "True" => "true".to_owned(),
        "0" | "f" | "F" | "FALSE" | "False" => "false".to_owned(),
        other => other.to_owned(),
    }
}

/// etcd reads `ETCD_CERT_FILE` where `--cert-file` is not given.
fn from_environment(container: &Node, here: &FieldPath, flags: &mut Vec<Flag>) {
    for (at, entry) in container.list_at(&["env"]).iter().enumerate() {
        let name = entry.str_at(&["name"]).and_then(|name| name.strip_prefix("ETCD_"));
        let (Some(name), Some(value)) = (name, entry.str_at(&["value"])) else { continue };
        let name = name.to_ascii_lowercase().replace('_', "-");
        if !flags.iter().any(|flag| *flag.name == *name) {
            add(flags, &name, value, here.field("env").index(at).field("value"));
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
    let mut flags = Vec::new();
    for (flag, value) in answer.body().get("flags")?.as_map()?.iter() {
        let text = value.as_str().map_or_else(|| value.to_json().to_string(), str::to_owned);
        let text = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(&text);
        // An empty value is the default of a flag that nobody set.
        if !text.is_empty() {
            add(&mut flags, flag, &text.replace(' ', ","), root.field(flag));
        }
    }
    Some(Flags { name, given: flags, absent: root, files: Node::map([]), doubt: None })
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
        let mut flags = Vec::new();
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
            add(&mut flags, flag, value, here.clone());
        }
        Flags { name, given: flags, absent: here.clone(), files: Node::map([]), doubt: None }
    };
    COMPONENTS.into_iter().map(of).collect()
}
