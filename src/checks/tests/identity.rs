//! Fingerprints: golden vectors, and what must not change them.

use super::*;
use crate::checks::fingerprint::{content, element_key, fingerprint, normalise};
use crate::model::node::Node;
use crate::model::path::FieldPath;
use proptest::prelude::*;

const CAPABILITIES: &str = r#"
[target]
scope = "container"
[rule]
each = "securityContext.capabilities.add"
fail = "true"
message = "x"
"#;

fn prints(world: &World, check: &Arc<Check>) -> Vec<String> {
    let mut all: Vec<String> =
        world.run(check).findings.iter().map(|f| f.fingerprint.clone()).collect();
    all.sort();
    all
}

/// A change here makes every decision of every user lose its finding: it needs `p2:` and a
/// migration.
#[test]
fn golden_vectors() {
    let pod = "
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: b}
spec:
  containers:
  - {name: app, securityContext: {capabilities: {add: [BPF]}}}
";
    let result = World::of(pod).run(&check(CAPABILITIES));
    assert_eq!(result.findings[0].fingerprint, "p1:4ef89a5a3d49c9cf910d5fa497a99dbb");
    let web = rollout("{hostPID: true}", "{hostPID: true}", "{}");
    let host = check(
        "[target]\nscope = \"pod\"\n[rule]\nfail = \"pod.?hostPID.orValue(false)\"\nat = \"hostPID\"\nmessage = \"x\"",
    );
    assert_eq!(
        World::of(&web).run(&host).findings[0].fingerprint,
        "p1:4326a4b4a4ffc06855cd749394be1010"
    );
    let role = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: r}
rules: [{apiGroups: [''], resources: [pods, secrets], verbs: [get]}]
";
    let rules = check("[target]\nscope = \"rule\"\n[rule]\nfail = \"true\"\nmessage = \"x\"");
    assert_eq!(
        World::of(role).run(&rules).findings[0].fingerprint,
        "p1:a6614404a86087e4d9aed8132438c56b"
    );
    let cluster = check("[target]\nscope = \"cluster\"\n[rule]\nfail = \"true\"\nmessage = \"x\"");
    assert_eq!(
        World::of(role).run(&cluster).findings[0].fingerprint,
        "p1:d6aa428aa6ff5af47202f7c74c14a352"
    );
}

#[test]
fn a_fingerprint_is_the_digest_of_three_lines() {
    use sha2::{Digest, Sha256};
    let id = crate::model::object::ObjectRef {
        api_version: "apps/v1".into(),
        kind: "Deployment".into(),
        namespace: Some("pay".into()),
        name: "web".into(),
    };
    let digest = Sha256::digest("probe\napps/Deployment/pay/web\npod/hostPID");
    let expected = format!("p1:{}", crate::text::hex(&digest[..16]));
    assert_eq!(fingerprint("probe", Some(&id), "pod/hostPID"), expected);
    let cluster = Sha256::digest("probe\nCluster//cluster\n");
    let expected = format!("p1:{}", crate::text::hex(&cluster[..16]));
    assert_eq!(fingerprint("probe", None, ""), expected);
}

fn normal(json: &str, pod_spec: &[&str], path: &str) -> String {
    let tree = Node::from_json(json.as_bytes()).unwrap();
    normalise(&tree, pod_spec, &FieldPath::parse(path).unwrap())
}

#[test]
fn pod_paths_are_the_same_for_every_kind_of_workload() {
    let spec = r#"{"containers":[{"name":"a","ports":[{"containerPort":80}]}]}"#;
    let pod = format!(r#"{{"metadata":{{"labels":{{}}}},"spec":{spec}}}"#);
    let deployment = format!(r#"{{"spec":{{"template":{{"metadata":{{}},"spec":{spec}}}}}}}"#);
    let keys = ["spec", "template", "spec"];
    let expected = r#"pod/containers[app:"a"]/ports[80/TCP]/hostPort"#;
    assert_eq!(normal(&pod, &["spec"], "spec.containers[0].ports[0].hostPort"), expected);
    let path = "spec.template.spec.containers[0].ports[0].hostPort";
    assert_eq!(normal(&deployment, &keys, path), expected);
    assert_eq!(normal(&pod, &["spec"], "metadata.labels"), "podmeta/labels");
    assert_eq!(normal(&deployment, &keys, "spec.template.metadata.labels"), "podmeta/labels");
    assert_eq!(normal(&deployment, &keys, "metadata.labels"), "metadata/labels");
    assert_eq!(normal(&deployment, &keys, "spec.replicas"), "spec/replicas");
}

#[test]
fn elements_are_named_by_their_natural_key() {
    let key =
        |list: &str, json: &str| element_key(list, &Node::from_json(json.as_bytes()).unwrap());
    assert_eq!(key("initContainers", r#"{"name":"a","restartPolicy":"Always"}"#), r#"sidecar:"a""#);
    assert_eq!(key("ports", r#"{"port":80,"protocol":"UDP"}"#), "80/UDP");
    assert_eq!(key("volumeMounts", r#"{"name":"v","mountPath":"/m"}"#), r#""/m""#);
    assert_eq!(key("env", r#"{"name":"A"}"#), r#""A""#);
    assert_eq!(key("add", r#""BPF""#), r#""BPF""#);
    assert_eq!(key("tolerations", r#"{"operator":"Exists"}"#), r#"{"operator":"Exists"}"#);
    let (a, b) = (
        r#"{"verbs":["get","list"],"resources":["a"]}"#,
        r#"{"resources":["a"],"verbs":["list","get"]}"#,
    );
    assert_eq!(key("rules", a), key("rules", b));
    let mixed = Node::from_json(br#"[{"b":[2,1]},"a",{"a":["y","x"]}]"#).unwrap();
    assert_eq!(content(&mixed), r#"["a",{"a":["x","y"]},{"b":[1,2]}]"#);
}

const OPEN: &str = r#"
[target]
scope = "object"
kinds = ["NetworkPolicy"]
[rule]
each = "spec.ingress"
fail = "true"
message = "x"
"#;

fn policy(rule: &str) -> World {
    World::of(&format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: 'n', namespace: b}}\nspec: {{ingress: [{rule}]}}\n"
    ))
}

/// As the golden vectors: a change here loses decisions.
#[test]
fn a_rule_is_the_same_whatever_the_order_of_its_peers() {
    let print = |rule: &str| {
        let result = policy(rule).run(&check(OPEN));
        let [one] = &*result.findings else { panic!("{:?}", result.findings) };
        (one.fingerprint.clone(), one.formerly.clone())
    };
    let one = print("{from: [{podSelector: {}}, {ipBlock: {cidr: 0.0.0.0/0}}]}");
    let other = print("{from: [{ipBlock: {cidr: 0.0.0.0/0}}, {podSelector: {}}]}");
    assert_eq!(one.0, "p2:f6b0777cdd9a5837d8dccc8738996d5b");
    assert_eq!(other.0, one.0);
    // What decisions of earlier versions know them by, each in the order of its cluster.
    assert_eq!(one.1.as_deref(), Some("p1:1ef18af7b3dbda897342f3f26d27e5fa"));
    assert_eq!(other.1.as_deref(), Some("p1:f6b0777cdd9a5837d8dccc8738996d5b"));
    // Where nothing can stand in another order the name is what it always was.
    let single =
        print("{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, 192.168.0.0/16]}}]}");
    assert_eq!(single, ("p1:6b9900abc40c666291486848a05d994b".to_owned(), None));
}

#[test]
fn a_hostile_name_cannot_pose_as_another_place() {
    let evil = r#"{"spec":{"volumes":[{"name":"a\"]/x[\"b"}]}}"#;
    let text = normal(evil, &["spec"], "spec.volumes[0]");
    assert_eq!(text, r#"pod/volumes["a\"]/x[\"b"]"#);
}

const HOST: &str = r#"
[target]
scope = "pod"
[rule]
fail = "pod.?hostPID.orValue(false)"
at = "hostPID"
message = "x"
"#;

#[test]
fn a_rollout_and_pod_churn_do_not_change_it() {
    let bad = "{hostPID: true, containers: [{name: app}]}";
    let before = World::of(&rollout(bad, bad, bad));
    let after =
        rollout(bad, bad, bad).replace("web-new", "web-newer").replace("hash: new", "hash: newer");
    assert_eq!(prints(&before, &check(HOST)), prints(&World::of(&after), &check(HOST)));
    // Nor does losing the right to read ReplicaSets.
    let mut blind = World::of(&rollout("{}", bad, "{}"));
    let seeing = prints(&blind, &check(HOST));
    blind.objects.retain(|o| &*o.id.kind != "ReplicaSet");
    let blind = blind.status("ReplicaSet", None, ReadStatus::Forbidden);
    assert_eq!(prints(&blind, &check(HOST)), seeing);
}

fn pod_with(containers: &[String]) -> World {
    let yaml = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: a, namespace: b}}\nspec: {{containers: [{}]}}\n",
        containers.join(", ")
    );
    World::of(&yaml)
}

fn container(name: &str, capabilities: &[&str]) -> String {
    let add = capabilities.join(", ");
    format!("{{name: {name}, securityContext: {{capabilities: {{add: [{add}]}}}}}}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Reordering containers and list elements, and adding a sidecar, leaves every fingerprint
    /// that was there.
    #[test]
    fn order_and_neighbours_do_not_matter(
        capabilities in prop::sample::subsequence(vec!["BPF", "CHOWN", "KILL", "NET_RAW"], 1..=4).prop_shuffle(),
        others in prop::sample::subsequence(vec!["MKNOD", "SETUID"], 0..=2).prop_shuffle(),
        swap in any::<bool>(),
    ) {
        let rule = check(CAPABILITIES);
        let mut sorted = capabilities.clone();
        sorted.sort_unstable();
        let plain = prints(&pod_with(&[container("app", &sorted)]), &rule);
        let shuffled = prints(&pod_with(&[container("app", &capabilities)]), &rule);
        prop_assert_eq!(&plain, &shuffled);
        let mut both = vec![container("app", &capabilities), container("proxy", &others)];
        if swap {
            both.reverse();
        }
        let all = prints(&pod_with(&both), &rule);
        prop_assert!(plain.iter().all(|print| all.contains(print)));
        prop_assert_eq!(all.len(), capabilities.len() + others.len());
    }
}
