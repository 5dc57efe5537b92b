//! From shorthand to the fields of a container, with the defaults that the API server fills in.

use super::sheet::{Container, Sheet};
use super::stamp::hex;
use super::tree::{node, some_list};
use crate::model::key::Key;
use crate::model::node::{Map, Node};

/// A volume and where one container mounts it.
pub(crate) struct Mounted {
    /// The volume, null when it is the claim of a `StatefulSet`.
    pub(crate) volume: Node,
    /// The mount.
    pub(crate) mount: Node,
}

/// The full image name.
pub(crate) fn image(sheet: &Sheet, name: &str) -> String {
    let full = if name.contains('/') || sheet.defaults.registry.is_empty() {
        name.to_owned()
    } else {
        format!("{}/{name}", sheet.defaults.registry)
    };
    match full.strip_suffix('@') {
        Some(image) => format!("{image}@sha256:{}", hex(64, &["image", image])),
        None => full,
    }
}

/// The pull policy that the API server gives an image.
pub(crate) fn pull_policy(image: &str) -> &'static str {
    let last = image.rsplit('/').next().unwrap_or_default();
    let latest = last.ends_with(":latest") || !last.contains(':') && !last.contains('@');
    if latest { "Always" } else { "IfNotPresent" }
}

/// `NAME:PORT[:HOSTPORT][/PROTOCOL]` as a container port.
pub(crate) fn port(text: &str) -> Node {
    let (text, protocol) = text.split_once('/').unwrap_or((text, "TCP"));
    let mut parts = text.split(':');
    let name = parts.next();
    let number = parts.next().and_then(|n| n.parse::<i64>().ok());
    let host = parts.next().and_then(|n| n.parse::<i64>().ok());
    node!({ "name": name, "hostPort": host, "containerPort": number, "protocol": protocol })
}

/// One environment variable.
pub(crate) fn env(text: &str) -> Node {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let key_of = |rest: &str| {
        let (object, key) = rest.split_once('/').unwrap_or((rest, "value"));
        node!({ "name": object, "key": key })
    };
    let mut rest = value.chars();
    let from = match rest.next() {
        Some('@') => node!({ "secretKeyRef": (key_of(rest.as_str())) }),
        Some('#') => node!({ "configMapKeyRef": (key_of(rest.as_str())) }),
        Some('^') => node!({ "fieldRef": { "apiVersion": "v1", "fieldPath": (rest.as_str()) } }),
        _ => return node!({ "name": name, "value": ((!value.is_empty()).then_some(value)) }),
    };
    node!({ "name": name, "valueFrom": (from) })
}

/// `secret:NAME` or `config:NAME`.
pub(crate) fn env_from(text: &str) -> Node {
    match text.split_once(':') {
        Some(("secret", name)) => node!({ "secretRef": { "name": name } }),
        Some((_, name)) => node!({ "configMapRef": { "name": name } }),
        None => Node::Null,
    }
}

/// `CPU[/LIMIT] MEMORY[/LIMIT] [EPHEMERAL]`: requests and limits.
pub(crate) fn resources(text: &str) -> Node {
    let mut requests = Vec::new();
    let mut limits = Vec::new();
    for (name, amount) in ["cpu", "memory", "ephemeral-storage"].iter().zip(text.split(' ')) {
        let (request, limit) = amount.split_once('/').unwrap_or((amount, "-"));
        let known = |amount: &&str| !amount.is_empty() && *amount != "-";
        requests.extend(Some(request).filter(known).map(|a| (Key::new(name), Node::str(a))));
        limits.extend(Some(limit).filter(known).map(|a| (Key::new(name), Node::str(a))));
    }
    let some = |entries: Vec<_>| {
        if entries.is_empty() { Node::Null } else { Node::Map(Map::new(entries)) }
    };
    node!({ "limits": (some(limits)), "requests": (some(requests)) })
}

/// A probe with its defaults; `delay` is the initial delay in seconds, 0 for none.
pub(crate) fn probe(text: &str, delay: i64) -> Node {
    let number = |port: &str| port.parse::<i64>().map_or_else(|_| Node::str(port), Node::Int);
    let (http, tcp, exec) = match text.split_once(':') {
        Some((scheme @ ("http" | "https"), rest)) => {
            let (path, port) = rest.rsplit_once(':').unwrap_or((rest, "http"));
            let scheme = scheme.to_ascii_uppercase();
            (
                node!({ "path": path, "port": (number(port)), "scheme": scheme }),
                Node::Null,
                Node::Null,
            )
        }
        Some(("tcp", port)) => (Node::Null, node!({ "port": (number(port)) }), Node::Null),
        Some(("exec", command)) => {
            let words: Vec<_> = command.split(' ').collect();
            (Node::Null, Node::Null, node!({ "command": words }))
        }
        _ => return Node::Null,
    };
    node!({
        "httpGet": http,
        "tcpSocket": tcp,
        "exec": exec,
        "initialDelaySeconds": ((delay > 0).then_some(delay)),
        "failureThreshold": 3,
        "periodSeconds": 10,
        "successThreshold": 1,
        "timeoutSeconds": 1,
    })
}

/// One volume and its mount:
/// `config:NAME:/path`, `secret:NAME:/path`, `empty:NAME:/path[:LIMIT]`, `claim:NAME:/path`,
/// `data:NAME:/path` (of a claim template), `host:/source:/path[:TYPE]`,
/// `token:AUDIENCE:/path:SECONDS`; `:ro` at the end mounts it read-only.
pub(crate) fn mount(text: &str) -> Mounted {
    let (text, read_only) = match text.strip_suffix(":ro") {
        Some(text) => (text, true),
        None => (text, false),
    };
    let mut parts = text.split(':');
    let mut next = || parts.next().unwrap_or_default();
    let (kind, source, path, extra) = (next(), next(), next(), next());
    let extra = (!extra.is_empty()).then_some(extra);
    let name = if kind == "host" { host_name(source) } else { source.to_owned() };
    let body = match kind {
        "config" => ("configMap", node!({ "name": source, "defaultMode": 420 })),
        "secret" => ("secret", node!({ "secretName": source, "defaultMode": 420 })),
        "empty" => ("emptyDir", node!({ "sizeLimit": extra })),
        "claim" => ("persistentVolumeClaim", node!({ "claimName": source })),
        "host" => ("hostPath", node!({ "path": source, "type": (extra.unwrap_or("")) })),
        "token" => ("projected", token_source(source, extra)),
        _ => ("", Node::Null),
    };
    let volume = match body {
        ("", _) => Node::Null,
        (key, body) => node!({ "name": (&name), key: body }),
    };
    let read_only = read_only.then_some(true);
    Mounted { volume, mount: node!({ "name": name, "readOnly": read_only, "mountPath": path }) }
}

/// A name for a volume of a path: `/var/run/docker.sock` is `var-run-docker-sock`.
fn host_name(path: &str) -> String {
    let name = path.trim_matches('/').to_ascii_lowercase().replace(['/', '.', '_'], "-");
    if name.is_empty() { "host-root".to_owned() } else { name }
}

fn token_source(audience: &str, seconds: Option<&str>) -> Node {
    let seconds = seconds.and_then(|s| s.parse::<i64>().ok()).unwrap_or(3600);
    let token = node!({ "audience": audience, "expirationSeconds": seconds, "path": "token" });
    node!({ "defaultMode": 420, "sources": [{ "serviceAccountToken": token }] })
}

/// A container as the API server stores it, without its style.
pub(crate) fn container(sheet: &Sheet, written: &Container, name: &str, init: bool) -> Node {
    let image = image(sheet, &written.image);
    let policy = pull_policy(&image);
    let list = |items: &[String], one: fn(&str) -> Node| {
        some_list(items.iter().map(|text| one(text)).collect())
    };
    let words = |items: &[String]| list(items, |text: &str| Node::str(text));
    node!({
        "name": name,
        "image": image,
        "command": (words(&written.command)),
        "args": (words(&written.args)),
        "ports": (list(&written.ports, port)),
        "envFrom": (list(&written.env_from, env_from)),
        "env": (list(&written.env, env)),
        "resources": (resources(&written.res)),
        "volumeMounts": (list(&written.mounts, |text| mount(text).mount)),
        "livenessProbe": (if init { Node::Null } else { probe(&written.probe, 15) }),
        "readinessProbe": (if init { Node::Null } else { probe(&written.probe, 0) }),
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": policy,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shorthand_is_spelled_out() {
        assert_eq!(
            resources("100m/500m 64Mi").to_json(),
            json!({"limits": {"cpu": "500m"}, "requests": {"cpu": "100m", "memory": "64Mi"}})
        );
        assert_eq!(
            port("dns:53:5353/UDP").to_json(),
            json!({"name": "dns", "hostPort": 5353, "containerPort": 53, "protocol": "UDP"})
        );
        assert_eq!(
            env("P=@db/password").to_json(),
            json!({"name": "P", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}})
        );
        let mounted = mount("host:/var/run/docker.sock:/sock:Socket:ro");
        assert_eq!(
            mounted.volume.to_json(),
            json!({"name": "var-run-docker-sock",
                "hostPath": {"path": "/var/run/docker.sock", "type": "Socket"}})
        );
        assert_eq!(mounted.mount.at(&["readOnly"]), Some(&Node::Bool(true)));
    }

    #[test]
    fn an_image_without_tag_or_digest_is_always_pulled() {
        assert_eq!(pull_policy("r:5000/a/b"), "Always");
        assert_eq!(pull_policy("r:5000/a/b:1"), "IfNotPresent");
        assert_eq!(pull_policy("r/a@sha256:00"), "IfNotPresent");
    }
}
