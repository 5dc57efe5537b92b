use serde_json::{Value, json};

use super::*;
use crate::facts::testing::World;
use crate::facts::{FactName, Target};

fn mirror(name: &str, node: &str, container: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": format!("{name}-{node}"),
        "namespace": "kube-system", "annotations": {"kubernetes.io/config.mirror": "x"}},
        "spec": {"nodeName": node, "containers": [container], "volumes": [
            {"name": "pki", "hostPath": {"path": "/etc/kubernetes/pki"}}]}})
}

fn only(world: &World) -> ControlPlane {
    let plane = ControlPlane::of(&world.inventory());
    assert_eq!(plane.by_object.values().flatten().count(), 1);
    plane
}

fn flags(plane: &ControlPlane) -> Value {
    plane.by_object.values().flatten().next().unwrap().tree.get("flags").unwrap().to_json()
}

#[test]
fn every_way_of_writing_a_flag_is_read() {
    let mut world = World::complete();
    let command = json!([
        "/usr/bin/kube-apiserver",
        "--anonymous-auth=False",
        "--profiling",
        "--etcd_servers",
        "https://a:1",
        "--enable-admission-plugins=A",
        "--enable-admission-plugins=B,C",
        "--secure-port=1",
        "--secure-port=2",
        "--advertise-address=$(IP)"
    ]);
    let env = json!([{"name": "IP", "value": "10.0.0.1"}]);
    let container = json!({"name": "k", "command": command, "env": env});
    world.add(&mirror("kube-apiserver", "a", &container));
    let expected = json!({"anonymous-auth": "false", "profiling": "true",
        "etcd-servers": "https://a:1", "enable-admission-plugins": "A,B,C", "secure-port": "2",
        "advertise-address": "10.0.0.1"});
    assert_eq!(flags(&only(&world)), expected);
}

#[test]
fn a_program_in_command_with_its_flags_in_args_and_one_in_a_shell_are_read() {
    let mut world = World::complete();
    let rke2 = json!({"name": "k", "command": ["kube-scheduler"], "args": ["--profiling=false"]});
    world.add(&mirror("kube-scheduler", "a", &rke2));
    let plane = only(&world);
    assert_eq!(flags(&plane), json!({"profiling": "false"}));
    let instance = plane.by_object.values().flatten().next().unwrap();
    assert_eq!(instance.place(Some("profiling")).to_string(), "spec.containers[0].args[0]");
    assert_eq!(instance.place(Some("other")).to_string(), "spec.containers[0].args");
    assert_eq!(instance.identity().to_string(), "Component/kube-scheduler@a");
    let mut world = World::complete();
    let shell = json!({"name": "k", "command": ["sh", "-c", "exec kube-scheduler --profiling=0"]});
    world.add(&mirror("kube-scheduler", "a", &shell));
    assert_eq!(flags(&only(&world)), json!({"profiling": "false"}));
}

/// The flags of an API server with these arguments, and the flags that it leaves open.
fn told(command: &Value) -> (Value, Option<Vec<&'static str>>) {
    let mut world = World::complete();
    world.add(&mirror("kube-apiserver", "a", &json!({"name": "k", "command": command})));
    let plane = only(&world);
    let instance = plane.by_object.values().flatten().next().unwrap();
    let names = ["audit-log-path", "audit-log-maxage", "profiling", "anonymous-auth", "other"];
    let doubts = instance.doubts().0;
    let is_open = |name: &&str| doubts.iter().any(|doubt| doubt.is_about(Some(name)));
    let open: Vec<&str> = names.into_iter().filter(is_open).collect();
    (flags(&plane), (!doubts.is_empty()).then_some(open))
}

#[test]
fn one_item_is_one_argument_and_one_that_holds_several_flags_is_an_open_question() {
    let item = "--audit-log-path=/var/log/a.log --audit-log-maxage=30 --profiling=false";
    let open = Some(vec!["audit-log-path", "audit-log-maxage", "profiling"]);
    let plain = json!(["kube-apiserver", "--anonymous-auth=false", item, "--profiling=false"]);
    assert_eq!(told(&plain), (json!({"anonymous-auth": "false"}), open));
    let path = Some(vec!["audit-log-path", "profiling"]);
    let value = json!(["kube-apiserver", "--audit-log-path", "/a --profiling=false"]);
    assert_eq!(told(&value), (json!({}), path.clone()));
    for (item, open) in [
        ("--profiling false", "profiling"),
        (" --profiling=false", "profiling"),
        ("x --anonymous_auth=false", "anonymous-auth"),
    ] {
        let found = told(&json!(["kube-apiserver", item]));
        assert_eq!(found, (json!({}), Some(vec![open])), "{item}");
    }
    // A blank alone makes no second flag, and nothing behind two dashes is one.
    let blank = json!(["kube-apiserver", "--audit-log-path=/a b - c", "--", "--profiling=false"]);
    assert_eq!(told(&blank), (json!({"audit-log-path": "/a b - c"}), None));
    // A program of such a name is none.
    let (given, open) = told(&json!(["kube-apiserver --profiling=false"]));
    assert_eq!((given, open.map(|open| open.len())), (json!({}), Some(5)));
}

#[test]
fn what_a_shell_runs_is_split_as_it_splits_it() {
    let given = json!({"profiling": "false", "audit-log-path": "/a b"});
    for line in [
        "exec kube-apiserver --profiling=false '--audit-log-path=/a b'",
        "A=b exec /usr/bin/kube-apiserver --profiling=false --audit-log-path '/a b' >/log 2>&1",
        "set -e; if true; then exec kube-apiserver \\\n --profiling=0 --audit-log-path=\"/a b\"; fi",
        "kube-apiserver --profiling=false --audit-log-path=/a\\ b | tee /log --anonymous-auth=false",
    ] {
        for shell in
            [json!(["sh", "-c", line]), json!(["/bin/bash", "-euo", "pipefail", "-c", line])]
        {
            assert_eq!(told(&shell), (given.clone(), None), "{line}");
        }
    }
    let one = |line: &str| told(&json!(["sh", "-c", line]));
    let filled = one("kube-apiserver --profiling=\"$X\" --anonymous-auth=false");
    assert_eq!(filled, (json!({"anonymous-auth": "false"}), Some(vec!["profiling"])));
    for line in [
        "kube-apiserver --profiling=false $FLAGS",
        "kube-apiserver --profiling=$X",
        "kube-apiserver --profiling=false \"$@\"",
        "if x; then kube-apiserver --profiling=false; else kube-apiserver; fi",
        "tini -- kube-apiserver --profiling=false",
        "kube-apiserver --profiling='false",
        "kube-apiserver $(cat <<X\n--profiling=false\nX\n)",
    ] {
        let (given, open) = one(line);
        assert_eq!((given, open.map(|open| open.len())), (json!({}), Some(5)), "{line}");
    }
    // `$(NAME)` of the container is filled in before the shell sees it.
    let mut world = World::complete();
    world.add(&mirror(
        "etcd",
        "a",
        &json!({"name": "k", "command": ["sh", "-c", "exec etcd $(ALL)"],
        "env": [{"name": "ALL", "value": "-auto-tls=true --name x"}]}),
    ));
    assert_eq!(flags(&only(&world)), json!({"auto-tls": "true", "name": "x"}));
}

#[test]
fn what_is_open_has_no_default_and_no_server_is_known_for_the_cluster() {
    let mut world = World::complete();
    let command = json!(["kube-apiserver", "--audit-log-path=/a --profiling=false"]);
    world.add(&mirror("kube-apiserver", "a", &json!({"name": "k", "command": command})));
    world.add(&mirror("etcd", "a", &json!({"name": "k", "command": ["etcd"]})));
    let facts = world.facts();
    let plane = ControlPlane::of(&world.inventory());
    let server = plane.instances("kube-apiserver").next().unwrap();
    let pod = world.objects.iter().find(|o| *o.id.name == *"kube-apiserver-a").unwrap();
    let fact = facts.get(FactName::Flags, &Target::Instance { object: pod, instance: server });
    assert!(
        fact.missing_member("effective").unwrap().reason.contains("--audit-log-path, --profiling")
    );
    let fact = facts.get(FactName::Flags, &Target::Cluster);
    assert!(fact.missing_member("apiservers").is_some());
    assert!(!plane.instances("etcd").next().unwrap().doubts().1.is_empty());
}

#[test]
fn a_pod_that_only_looks_like_a_component_is_none() {
    let mut world = World::complete();
    let mut pod =
        mirror("kube-apiserver", "a", &json!({"name": "k", "command": ["kube-apiserver"]}));
    pod["metadata"]["annotations"] = json!({});
    pod["metadata"]["labels"] = json!({"component": "kube-apiserver", "tier": "control-plane"});
    world.add(&pod);
    assert!(ControlPlane::of(&world.inventory()).by_object.is_empty());
}

#[test]
fn etcd_reads_its_environment_and_files_are_traced_to_the_node() {
    let mut world = World::complete();
    world.add(&mirror("etcd", "a", &json!({"name": "k", "command": ["etcd", "-cert-file=/pki/a.crt"],
        "env": [{"name": "ETCD_CERT_FILE", "value": "/other"}, {"name": "ETCD_AUTO_TLS", "value": "true"}],
        "volumeMounts": [{"name": "pki", "mountPath": "/pki"}]})));
    let plane = only(&world);
    assert_eq!(flags(&plane), json!({"cert-file": "/pki/a.crt", "auto-tls": "true"}));
    let instance = plane.by_object.values().flatten().next().unwrap();
    let files = instance.tree.get("files").unwrap().to_json();
    assert_eq!(files, json!({"/pki/a.crt": "/etc/kubernetes/pki/a.crt"}));
}

#[test]
fn flagz_and_annotations_serve_where_no_pod_is_seen() {
    let mut world = World::complete();
    world.add(&json!({"apiVersion": "config.k8s.io/v1beta1", "kind": "Flagz",
        "metadata": {"name": "kube-apiserver"},
        "flags": {"authorization-mode": "[Node RBAC]", "token-auth-file": "", "profiling": "true"}}));
    let expected = json!({"authorization-mode": "Node,RBAC", "profiling": "true"});
    assert_eq!(flags(&only(&world)), expected);
    let args = json!({"name": "k", "command": ["kube-apiserver"]});
    world.add(&mirror("kube-apiserver", "a", &args));
    assert_eq!(flags(&only(&world)), json!({}));
    let mut world = World::complete();
    world.add(&json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n",
        "annotations": {"k3s.io/node-args": "[\"server\",\"--kube-apiserver-arg\",\"profiling=false\"]"}}}));
    let plane = ControlPlane::of(&world.inventory());
    let server = plane.instances("kube-apiserver").next().unwrap();
    assert_eq!(server.tree.get("complete"), Some(&Node::Bool(false)));
    assert_eq!(server.value("profiling"), Some("false"));
    assert_eq!(server.effective.to_json(), json!({"profiling": "false"}));
}

#[test]
fn defaults_move_with_the_version() {
    let of = |minor| {
        let found: Vec<_> = defaults::of("kube-apiserver", minor).collect();
        found.into_iter().find(|(flag, _)| *flag == "audit-log-maxage").map(|(_, value)| value)
    };
    assert_eq!(of(Some(35)), Some("0"));
    assert_eq!(of(Some(36)), Some("366"));
    assert_eq!(of(None), None);
}

#[test]
fn what_is_out_of_sight_is_never_nothing() {
    let mut world = World::complete();
    let reason = |world: &World, provider| {
        let inventory = world.inventory();
        let reads = Reads::new(inventory.clone());
        let plane = ControlPlane::of(&inventory);
        let gaps = plane.unseen(&inventory, &reads, provider, "kube-apiserver");
        gaps.into_iter().map(|gap| gap.reason).collect::<Vec<_>>()
    };
    assert!(reason(&world, Some("eks"))[0].contains("run by the provider"));
    assert!(reason(&world, None)[0].contains("no static pod shows"));
    let args = json!({"name": "k", "command": ["kube-apiserver"]});
    world.add(&mirror("kube-apiserver", "a", &args));
    for node in ["a", "b"] {
        world.add(&json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": node,
            "labels": {"node-role.kubernetes.io/control-plane": ""}}}));
    }
    assert_eq!(reason(&world, None), ["no kube-apiserver was seen on node b"]);
    world.forbid(&POD);
    assert!(reason(&world, None)[0].contains("forbidden"));
    let fact = world.facts().get(FactName::Flags, &Target::Cluster);
    assert!(fact.missing_member("apiservers").is_some());
}

/// The flags of etcd with such a container, and which of a few it leaves open, with the reasons.
fn of_etcd(container: &Value) -> (Value, Vec<(&'static str, String)>) {
    let mut world = World::complete();
    world.add(&mirror("etcd", "a", container));
    let plane = only(&world);
    let doubts = plane.by_object.values().flatten().next().unwrap().doubts().0;
    let open = ["auto-tls", "client-cert-auth", "cert-file", "peer-auto-tls"].into_iter();
    let open = open.filter_map(|name| {
        let doubt = doubts.iter().find(|doubt| doubt.is_about(Some(name)))?;
        Some((name, doubt.reason().to_owned()))
    });
    (flags(&plane), open.collect())
}

#[test]
fn a_variable_that_is_out_of_sight_leaves_the_flags_open_that_it_stands_in() {
    let told = |command: Value, env: Value, from: Value| {
        let mut world = World::complete();
        let container = json!({"name": "k", "command": command, "env": env, "envFrom": from});
        world.add(&mirror("kube-apiserver", "a", &container));
        let plane = only(&world);
        let doubts = plane.by_object.values().flatten().next().unwrap().doubts().0;
        let open = |name: &str| doubts.iter().find(|doubt| doubt.is_about(Some(name)));
        let reason = |name| open(name).map(|doubt| doubt.reason().to_owned());
        (flags(&plane), reason("profiling"), reason("authorization-mode"))
    };
    let away = json!([{"name": "X", "valueFrom": {"configMapKeyRef": {"name": "a", "key": "b"}}}]);
    let known = json!({"profiling": "false"});
    let because = |at: usize| {
        Some(format!(
            "what kube-apiserver makes of --authorization-mode at spec.containers[0].command[{at}] is \
             not known: X comes from ConfigMap a"
        ))
    };
    let joined = json!(["kube-apiserver", "--profiling=false", "--authorization-mode=a$(X)"]);
    assert_eq!(told(joined.clone(), away.clone(), json!([])), (known.clone(), None, because(2)));
    let apart = json!(["kube-apiserver", "--authorization-mode", "$(X)", "--profiling=false"]);
    assert_eq!(told(apart, away.clone(), json!([])), (known.clone(), None, because(2)));
    let from = json!([{"secretRef": {"name": "s"}}]);
    let (given, profiling, mode) = told(joined.clone(), json!([]), from.clone());
    assert_eq!((given, profiling), (known.clone(), None));
    assert!(mode.unwrap().ends_with("X may come from Secret s"));
    let (given, _, mode) = told(joined.clone(), json!([]), json!([]));
    assert_eq!(given, known);
    assert!(mode.unwrap().ends_with("the container has no variable X of its own"));
    // What the container names itself counts before what comes as a whole.
    let literal = json!([{"name": "X", "value": "b"}]);
    let both = json!({"profiling": "false", "authorization-mode": "ab"});
    assert_eq!(told(joined, literal, from), (both, None, None));
    // A whole argument, a name, or something in a line of a shell may set any flag.
    for command in [
        json!(["kube-apiserver", "--profiling=false", "$(X)"]),
        json!(["kube-apiserver", "--profiling=false", "--$(X)=RBAC"]),
        json!(["kube-apiserver", "--profiling", "$(X)"]),
        json!(["sh", "-c", "exec kube-apiserver --profiling=false '--authorization-mode=$(X)'"]),
    ] {
        let (given, profiling, mode) = told(command.clone(), away.clone(), json!([]));
        assert_eq!(given, json!({}), "{command}");
        for reason in [profiling, mode] {
            assert!(reason.unwrap().ends_with("X comes from ConfigMap a"), "{command}");
        }
    }
}

#[test]
fn variables_of_etcd_that_are_out_of_sight_are_open() {
    let away = json!({"configMapKeyRef": {"name": "a", "key": "b"}});
    let (given, open) =
        of_etcd(&json!({"name": "e", "command": ["etcd", "--cert-file=/c"], "env": [
        {"name": "ETCD_AUTO_TLS", "valueFrom": away}, {"name": "ETCD_CERT_FILE", "valueFrom": away},
        {"name": "ETCD_CLIENT_CERT_AUTH", "value": "false"},
        {"name": "ETCD_CLIENT_CERT_AUTH", "value": "true"},
        {"name": "ETCD_PEER_AUTO_TLS", "value": ""}]}));
    assert_eq!(given, json!({"cert-file": "/c", "client-cert-auth": "true"}));
    let reason = "what etcd makes of ETCD_AUTO_TLS at spec.containers[0].env[0] is not known: \
                  ETCD_AUTO_TLS comes from ConfigMap a";
    assert_eq!(open, [("auto-tls", reason.to_owned())]);
    let names = |prefix: &str| {
        let (given, open) = of_etcd(&json!({"name": "e", "command": ["etcd", "--cert-file=/c"],
            "env": [{"name": "ETCD_AUTO_TLS", "value": "true"}],
            "envFrom": [{"prefix": prefix, "configMapRef": {"name": "m"}}]}));
        assert_eq!(given, json!({"cert-file": "/c", "auto-tls": "true"}));
        open.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(names(""), ["client-cert-auth", "peer-auto-tls"]);
    assert_eq!(names("ETCD_PEER_"), ["peer-auto-tls"]);
    assert_eq!(names("OTHER_"), [] as [&str; 0]);
}

#[test]
fn what_admission_control_names_is_on_and_all_else_off() {
    let mut world = World::complete();
    let command = json!(["kube-apiserver", "--admission-control=NodeRestriction,\"AlwaysAdmit\""]);
    world.add(&mirror("kube-apiserver", "a", &json!({"name": "k", "command": command})));
    let plane = only(&world);
    let given = flags(&plane);
    assert_eq!(given["enable-admission-plugins"], "NodeRestriction,AlwaysAdmit");
    let off = given["disable-admission-plugins"].as_str().unwrap();
    assert!(off.split(',').any(|plugin| plugin == "NamespaceLifecycle"));
    let server = plane.instances("kube-apiserver").next().unwrap();
    let place = server.place(Some("disable-admission-plugins")).to_string();
    assert_eq!(place, "spec.containers[0].command[1]");
    let (given, open) = told(&json!(["kube-apiserver", "--admission-control=$(X)"]));
    assert_eq!((given, open.is_some()), (json!({}), true));
    let doubt = Doubt::named(vec!["admission-control".into()], String::new());
    assert!(doubt.is_about(Some("disable-admission-plugins")));
}
