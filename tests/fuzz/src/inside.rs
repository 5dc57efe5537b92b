//! Texts that stand within fields of objects, and have parsers of their own: certificates, claims of
//! managers, command lines, annotations of other tools.

use std::sync::{Arc, OnceLock};

use plimsoll::checks::cel::eval::Frame;
use plimsoll::checks::cel::{Expr, Names, Val, Var};
use plimsoll::model::managed::{Managed, owners};
use plimsoll::model::node::Node;
use plimsoll::model::path::FieldPath;
use plimsoll::model::{applied, inventory::Inventory};
use plimsoll::source::files::{self, Options};
use plimsoll::triage::annotations::{self, Tool};
use plimsoll::triage::{Brought, Sources};
use serde_json::{Value, json};

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let at = |n: usize| u32::from(three.get(n).copied().unwrap_or_default());
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place > three.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

/// The DER of a certificate, in PEM, in base64, as a webhook has it; and the bytes as that text.
pub fn certificate(data: &[u8]) {
    static EXPR: OnceLock<Expr> = OnceLock::new();
    let expr = EXPR.get_or_init(|| {
        let names = Names { vars: vec![Var::Object], ..Names::default() };
        Expr::compile("certificatesEnd(object.c).orValue('none') != ''", &names)
            .expect("it compiles")
    });
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", base64(data));
    for text in [base64(pem.as_bytes()), base64(data), String::from_utf8_lossy(data).into_owned()] {
        let tree = Node::map([("c", Node::str(&text))]);
        let mut frame = Frame::default();
        frame.set(Var::Object, Val::from(&tree));
        let said = expr.run(&mut frame);
        assert!(matches!(said, Ok(Val::Bool(true))), "a time, or none: {said:?}");
    }
}

/// Who owns a field; and the copy of an object in an annotation. A path, the object, the claims: a line each.
pub fn managed(data: &[u8]) {
    let Some(text) = super::text(data) else { return };
    let mut lines = text.splitn(3, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let (path, body, claims) = (FieldPath::parse(next()), next(), next());
    for copy in [text, body] {
        if let Some(kept) = applied::compact(&Node::str(copy)) {
            assert_eq!(applied::compact(&kept).as_ref(), Some(&kept));
            assert!(kept.as_str().is_some_and(|kept| kept.len() < 6 * 2 * 253 + 32), "{kept:?}");
        }
    }
    let (Ok(path), Ok(body)) = (path, Node::from_json(body.as_bytes())) else { return };
    let Ok(claims) = serde_json::from_str::<Vec<Managed>>(claims) else { return };
    let owners = owners(&claims, &body, &path);
    for (at, name) in owners.managers.iter().enumerate() {
        assert!(claims.iter().any(|claim| claim.manager == *name), "{name} claims nothing");
        assert!(!owners.managers[..at].contains(name), "{name} is named twice");
    }
    assert!(!owners.exact || !owners.managers.is_empty(), "{owners:?}");
}

fn inventory(objects: &[Value]) -> Arc<Inventory> {
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects }).to_string();
    let options = Options { complete: true, kube_version: None };
    Arc::new(files::from_text("f.json", &list, &options))
}

/// Command lines of components and network plug-ins, a word a line; and the same as what a node says of
/// its arguments.
pub fn arguments(data: &[u8]) {
    let Some(text) = super::text(data) else { return };
    let words: Vec<&str> = text.lines().collect();
    let pod = |name: &str| {
        let command: Vec<&str> = std::iter::once(name).chain(words.iter().copied()).collect();
        json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "namespace": "kube-system" },
                "spec": { "containers": [{ "name": "c", "image": "x", "command": command,
                          "env": [{ "name": "ETCD_AUTO_TLS", "value": text }] }] } })
    };
    let mut objects: Vec<Value> =
        ["kube-apiserver", "etcd", "kubelet", "kube-scheduler"].map(pod).into();
    for (name, image) in [("aws-node", "amazon-k8s-cni"), ("calico-node", "calico/node")] {
        objects.push(json!({ "apiVersion": "apps/v1", "kind": "DaemonSet",
            "metadata": { "name": name, "namespace": "kube-system" },
            "spec": { "template": { "spec": { "containers": [
                { "name": "c", "image": image, "args": words }] } } } }));
    }
    let args: Vec<&str> = std::iter::once("server").chain(words.iter().copied()).collect();
    let args = serde_json::to_string(&args).expect("words are JSON");
    for (name, args) in [("a", &*args), ("b", text)] {
        objects.push(json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name,
            "annotations": { "k3s.io/node-args": args, "rke2.io/node-args": args } },
            "status": { "nodeInfo": { "kubeletVersion": "v1.35.0+k3s1" } } }));
    }
    super::shown::reports(&inventory(&objects));
}

/// Annotations that other tools heed: a key and a value a line, on an object that fails much.
pub fn annotations(data: &[u8]) {
    let Some(text) = super::text(data) else { return };
    let given: serde_json::Map<String, Value> = text
        .lines()
        .map(|line| line.split_once(' ').unwrap_or((line, "")))
        .map(|(key, value)| (key.to_owned(), json!(value)))
        .collect();
    let pod = json!({ "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": "p", "namespace": "pay", "annotations": given },
        "spec": { "hostNetwork": true, "containers": [
            { "name": "c", "image": "x", "securityContext": { "privileged": true } }] } });
    let inventory = inventory(&[pod]);
    let result = super::shown::assess(&inventory).result;
    for exempt in annotations::heeded(&result.findings, &inventory) {
        for (key, value) in &exempt.annotations {
            assert_eq!(given.get(key).and_then(Value::as_str), Some(&**value), "{key}");
        }
    }
    let sources = Sources { honoured: Tool::ALL.into(), ..Sources::default() };
    let brought = Brought::of(&sources, &result, &inventory);
    for saying in &brought.sayings {
        assert!(saying.applied && !saying.covers.is_empty(), "{saying:?}");
        super::harmless(&plimsoll::text::safe(&saying.label));
    }
    let _ = brought.decisions("2026-11-24");
}
