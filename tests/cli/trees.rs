//! Trees of manifests as they lie in repositories: what looks like an object, custom kinds, links, hidden
//! directories, kustomizations.

use super::gates::FINE;
use super::sandbox::{Sandbox, WEB, findings, status};

/// What looks like an object and is none, beside a pod that passes everything.
#[test]
fn a_gate_does_not_open_over_what_looks_like_an_object() {
    let sandbox = Sandbox::new();
    sandbox.write("d/fine.yaml", FINE);
    let scan = |more: &[&str]| {
        let args = ["scan", "-f", "d", "--framework", "pss-baseline", "-o", "json"];
        sandbox.run(&[&args[..], more].concat())
    };
    let other = FINE.replace("fine", "other");
    let item = other.replace('\n', "\n  ");
    for (text, says, at) in [
        (other.replace("apiVersion: v1\n", ""), "no `apiVersion`", 1),
        (other.replace("kind: Pod\n", ""), "no `kind`", 1),
        ("apiVersion: v1\nkind: List\nitems: 3\n".to_owned(), "where a list belongs", 3),
        ("apiVersion: v1\nkind: List\nitems: [3]\n".to_owned(), "found a plain value", 3),
        (format!("- {item}\n- kind: Pod\n  spec: {{}}\n"), "found a list", 1),
        (
            format!(
                "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {{name: t}}\nobjects:\n- {item}\n"
            ),
            "oc process",
            4,
        ),
        (
            other.replace("v1\nkind: Pod", "argoproj.io/v1alpha1\nkind: Rollout").replace(
                "spec:\n  containers",
                "spec: {template: {spec: {containers: [{name: a}]}}}\nx:\n  y",
            ),
            "no check looks at the pods of argoproj.io/v1alpha1 Rollout",
            4,
        ),
    ] {
        let says_open = "no check looks at the pods of 1 object of Rollout.argoproj.io";
        sandbox.write("d/odd.yaml", &text);
        let scanned = scan(&[]).json();
        let problem = &scanned["problems"][0];
        assert!(problem["message"].as_str().unwrap().contains(says), "{text}: {problem}");
        assert_eq!(
            (&problem["file"], &problem["line"]),
            (&"d/odd.yaml".into(), &at.into()),
            "{text}"
        );
        assert_eq!(status(&scanned, "pss-baseline", "privileged"), "not-assessed", "{text}");
        assert_eq!(scan(&["--require-complete"]).status, 4, "{text}");
        let gate = scan(&["--fail-on", "low"]);
        // An object of a custom kind is as it should be, and no document to mend.
        let open = text.contains("Rollout");
        assert_eq!(gate.status, i32::from(!open), "{text}: {}", gate.err);
        assert!(gate.err.contains(if open { says_open } else { "--fail-on: " }), "{}", gate.err);
    }
    // Objects in a list of their own are objects.
    sandbox.write("d/odd.yaml", format!("- {item}\n- {}\n", item.replace("other", "third")));
    let listed = scan(&["--require-complete", "--fail-on", "low"]);
    assert_eq!((listed.status, listed.json()["problems"].as_array().unwrap().len()), (0, 0));
    // What else lies in such trees takes nothing from what is known.
    for text in [
        "replicaCount: 1\nkind: DaemonSet\nimage: {tag: x}\n",
        "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n",
        "[{op: replace, path: /spec/replicas, value: 3}]\n",
        "{\"name\": \"x\", \"scripts\": {}}\n",
    ] {
        sandbox.write("d/odd.yaml", text);
        assert_eq!(scan(&["--require-complete", "--fail-on", "low"]).status, 0, "{text}");
    }
}

#[test]
fn pods_of_custom_kinds_leave_open_only_what_looks_at_pods_of_their_namespace() {
    let sandbox = Sandbox::new();
    sandbox.write("d/fine.yaml", FINE);
    let rollout = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: r, namespace: shop}\n\
                   spec: {template: {spec: {containers: [{name: a, image: b}]}}}\n";
    sandbox.write("d/rollout.yaml", rollout);
    let scan = |more: &[&str]| {
        let args = ["scan", "-f", "d", "--require-complete", "--fail-on", "low"];
        sandbox.run(&[&args[..], more].concat())
    };
    let pods = scan(&["--check", "host-port"]);
    assert_eq!(pods.status, 4, "{}", pods.err);
    let says = "no check looks at the pods of 1 object of Rollout.argoproj.io in shop";
    assert!(pods.err.contains(says), "{}", pods.err);
    assert_eq!(scan(&["--check", "host-port", "-n", "pay"]).status, 0);
    assert_eq!(scan(&["--check", "host-port", "--complete"]).status, 4);
    let roles = scan(&["--check", "rbac-cluster-admin-binding"]);
    assert!(!roles.err.contains("Rollout"), "{}", roles.err);
}

#[cfg(unix)]
#[test]
fn linked_directories_are_read_once_and_hidden_ones_are_named() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::new();
    sandbox.write("d/fine.yaml", FINE);
    sandbox.write("real/web.yaml", WEB);
    symlink("../real", sandbox.path("d/linked")).unwrap();
    symlink("../real", sandbox.path("real/round")).unwrap();
    let scan = |more: &[&str]| {
        let args = ["scan", "-f", "d", "--check", "privileged-container", "-o", "json"];
        sandbox.run(&[&args[..], more].concat())
    };
    let linked = scan(&[]).json();
    assert_eq!(linked["findings"][0]["file"], "d/linked/web.yaml");
    assert_eq!(linked["source"]["files"], serde_json::json!(["d/fine.yaml", "d/linked/web.yaml"]));
    assert_eq!(linked["problems"], serde_json::json!([]));
    std::fs::remove_file(sandbox.path("d/linked")).unwrap();
    sandbox.write("d/.github/workflows/ci.yaml", "on: push\njobs: {}\n");
    sandbox.write("d/.git/config.yaml", WEB);
    assert_eq!(scan(&["--fail-on", "low", "--require-complete"]).status, 0);
    sandbox.write("d/.h/gen.yaml", WEB);
    let hidden = scan(&["--fail-on", "low"]);
    assert_eq!(hidden.status, 1, "{}", hidden.err);
    assert_eq!(
        hidden.err.matches("d/.h: 1 file holds Kubernetes objects").count(),
        1,
        "{}",
        hidden.err
    );
    assert_eq!(scan(&["--require-complete"]).status, 4);
    sandbox.write("d/.i/gen.yaml", "apiVersion: v1\nkind: Pod\nspec: [\n");
    let broken = scan(&["--fail-on", "low"]);
    let says = "d/.i: a manifest here is broken (d/.i/gen.yaml:3:7: ";
    assert!(broken.err.contains(says), "no `{says}` in {}", broken.err);
    std::fs::remove_dir_all(sandbox.path("d/.i")).unwrap();
    let named = sandbox.json(&["-f", "d", "d/.h", "--check", "privileged-container"]);
    assert_eq!(named["findings"][0]["file"], "d/.h/gen.yaml");
    assert_eq!(named["problems"], serde_json::json!([]));
}

#[test]
fn one_file_by_several_paths_is_read_once() {
    let sandbox = Sandbox::new();
    sandbox.write("e/web.yaml", WEB);
    let named = sandbox.json(&["-f", "e", "e/web.yaml", "./e", "--check", "host-port"]);
    assert_eq!(named["source"]["files"].as_array().unwrap().len(), 1);
    assert_eq!(named["problems"], serde_json::json!([]));
}

/// A deployment that passes everything of pss-baseline.
const BASE: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: pay}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: app, image: nginx}]
";

#[test]
fn a_patch_of_kustomize_is_no_object_and_what_it_changes_is_not_passed() {
    let sandbox = Sandbox::new();
    sandbox.write("d/base/web.yaml", BASE);
    sandbox.write("d/base/kustomization.yaml", "resources: [web.yaml]\n");
    let scan = |more: &[&str]| {
        let args = ["scan", "-f", "d", "--framework", "pss-baseline", "-o", "json"];
        sandbox.run(&[&args[..], more].concat())
    };
    let plain = scan(&["--fail-on", "low", "--require-complete", "--complete"]);
    assert_eq!(plain.status, 0, "{}", plain.err);
    assert_eq!(plain.json()["problems"], serde_json::json!([]), "a kustomization is no object");
    assert_eq!(status(&plain.json(), "pss-baseline", "hostNamespaces"), "pass");

    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: pay}\n\
                 spec: {template: {spec: {hostNetwork: true}}}\n";
    sandbox.write("d/prod/patch.yaml", patch);
    let build = "kustomize build d/prod | plimsoll scan -f -";
    for (file, text, place) in [
        ("kustomization.yaml", "patches: [{path: patch.yaml}]\n", ("d/prod/patch.yaml", 1)),
        ("kustomization.yml", "patchesStrategicMerge: [patch.yaml]\n", ("d/prod/patch.yaml", 1)),
        (
            "Kustomization",
            "resources: [../base]\npatches: [{path: ./patch.yaml}]\n",
            ("d/prod/patch.yaml", 1),
        ),
    ] {
        sandbox.write(&format!("d/prod/{file}"), text);
        let run = scan(&["--fail-on", "low"]);
        assert_eq!(run.status, 0, "nobody has to mend a patch: {}", run.err);
        assert!(run.err.contains("1 kustomize patch of Deployment is not applied"), "{}", run.err);
        let found = run.json();
        assert_eq!(findings(&found), [""; 0], "{file}");
        let problems = found["problems"].as_array().unwrap();
        assert_eq!(problems.len(), 1, "{file}: {problems:?}");
        assert_eq!(
            (&problems[0]["file"], &problems[0]["line"]),
            (&place.0.into(), &place.1.into())
        );
        let message = problems[0]["message"].as_str().unwrap();
        assert!(message.contains(&format!("a patch of d/prod/{file}")), "{message}");
        assert!(message.contains(build), "{message}");
        assert_eq!(status(&found, "pss-baseline", "hostNamespaces"), "not-assessed", "{file}");
        assert_eq!(scan(&["--require-complete"]).status, 4, "{file}");
        // Of other kinds everything is known.
        let roles =
            ["scan", "-f", "d", "--check", "rbac-cluster-admin-binding", "--require-complete"];
        assert_eq!(sandbox.run(&roles).status, 0, "{file}");
        std::fs::remove_file(sandbox.path(&format!("d/prod/{file}"))).unwrap();
    }
    // Without a kustomization that says so it is an object like any other.
    assert_eq!(findings(&scan(&[]).json()).len(), 1);
}

#[test]
fn a_patch_within_a_kustomization_is_named_and_one_alone_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("d/base/web.yaml", BASE);
    sandbox.write("d/base/kustomization.yaml", "resources: [web.yaml]\n");
    let build = "kustomize build d/prod | plimsoll scan -f -";
    let inline = "resources: [../base]\npatches:\n- patch: |-\n    - op: add\n      path: /spec/x\n  target: {kind: Deployment}\n";
    sandbox.write("d/prod/kustomization.yaml", inline);
    let args = ["scan", "-f", "d", "--framework", "pss-baseline", "-o", "json"];
    let found = sandbox.run(&args).json();
    let problem = &found["problems"][0];
    assert_eq!(
        (&problem["file"], &problem["line"]),
        (&"d/prod/kustomization.yaml".into(), &3.into())
    );
    assert!(problem["message"].as_str().unwrap().contains(build), "{problem}");
    assert_eq!(status(&found, "pss-baseline", "hostNamespaces"), "not-assessed");
    // Alone there is nothing to look at.
    let alone = ["scan", "-f", "d/base/kustomization.yaml"];
    sandbox.run(&alone).refuses(3, &["kustomize build d/base | plimsoll scan -f -"]);
    sandbox.run(&["scan", "-f", "d/prod"]).refuses(3, &[build]);
}

#[test]
fn steps_of_workflows_are_named_like_other_pods_of_custom_kinds() {
    let sandbox = Sandbox::new();
    sandbox.write("d/fine.yaml", FINE);
    for (kind, spec, path) in [
        (
            "argoproj.io/v1alpha1 WorkflowTemplate",
            "templates: [{name: a, container: {image: b}}]",
            "spec.templates[0].container",
        ),
        ("tekton.dev/v1 Task", "steps: [{name: a, image: b}]", "spec.steps"),
    ] {
        let (version, name) = kind.split_once(' ').unwrap();
        let text = format!(
            "apiVersion: {version}\nkind: {name}\nmetadata: {{name: x, namespace: pay}}\nspec:\n  {spec}\n"
        );
        sandbox.write("d/flow.yaml", text);
        let run = sandbox.run(&["scan", "-f", "d", "--check", "host-port", "--require-complete"]);
        assert_eq!(run.status, 4, "{}", run.err);
        let scan = sandbox.json(&["-f", "d", "--check", "host-port"]);
        let problem = &scan["problems"][0];
        assert_eq!(problem["message"], format!("no check looks at the pods of {kind} (`{path}`)"));
        assert_eq!(problem["line"], 5);
    }
}
