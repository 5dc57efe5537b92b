//! Names that were made to do harm, in every place where one is shown: whatever a command prints, no terminal
//! obeys it.

use proptest::prelude::*;

use super::sandbox::{Run, Sandbox};

/// Of C0, of C1, of those that turn the direction or take no room; and letters between them.
const NAMES: &str = "[\u{1}-\u{1f}\u{7f}-\u{9f}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{feff}ab\\[;\\]]{1,5}";

/// Nothing of it moves a cursor, sets a colour or a title, or turns the direction.
#[track_caller]
fn harmless(what: &[&str], run: &Run) {
    // The lines of CSV end so.
    let out = run.out.replace("\r\n", "\n");
    for c in out.chars().chain(run.err.chars()) {
        let safe = plimsoll::text::is_safe(c) || matches!(c, '\n' | '\t');
        assert!(safe, "{what:?}: U+{:04X} in {:.2000}{:.2000}", u32::from(c), run.out, run.err);
    }
}

/// A text in double quotes of YAML, each character by its number.
fn quoted(name: &str) -> String {
    let each = name.chars().map(|c| format!("\\u{:04x}", u32::from(c)));
    format!("\"{}\"", each.collect::<String>())
}

/// Objects that all have this name, and name each other by it.
fn manifests(name: &str) -> String {
    let n = quoted(name);
    format!(
        "apiVersion: v1\nkind: Namespace\nmetadata: {{name: {n}, labels: {{{n}: {n}}}}}\n---\n\
         apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {n}, namespace: {n}}}\n---\n\
         apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: {n}}}\n\
         rules: [{{apiGroups: ['', {n}], resources: [secrets, {n}], verbs: [get, '*', {n}], resourceNames: [{n}]}}]\n---\n\
         apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: {n}, namespace: {n}}}\n\
         roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {n}}}\n\
         subjects: [{{kind: ServiceAccount, name: {n}, namespace: {n}}}, {{kind: User, name: {n}}}, {{kind: Group, name: {n}}}]\n---\n\
         apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {n}, namespace: {n}}}\n\
         spec: {{podSelector: {{matchLabels: {{{n}: {n}}}}}, ingress: [{{from: [{{namespaceSelector: {{matchLabels: {{{n}: {n}}}}}}}], ports: [{{port: {n}}}]}}]}}\n---\n\
         apiVersion: v1\nkind: Pod\nmetadata: {{name: {n}, namespace: {n}, labels: {{{n}: {n}}}, annotations: {{{n}: {n}}}}}\n\
         spec: {{serviceAccountName: {n}, hostNetwork: true, containers: [{{name: {n}, image: {n}, command: [{n}], securityContext: {{privileged: true}}, ports: [{{name: {n}, containerPort: 80}}]}}]}}\n"
    )
}

fn kubeconfig(name: &str) -> String {
    let n = quoted(name);
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {n}\ncontexts: [{{name: {n}, context: {{cluster: {n}, user: {n}, namespace: {n}}}}}]\n\
         clusters: [{{name: {n}, cluster: {{server: 'https://127.0.0.1:1'}}}}]\nusers: [{{name: {n}, user: {{token: x}}}}]\n"
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::with_cases(3) })]
    #[test]
    fn no_name_is_obeyed_by_a_terminal(name in NAMES, other in NAMES) {
        let sandbox = Sandbox::new();
        let run = |args: &[&str]| {
            let run = sandbox.run(args);
            harmless(args, &run);
            run
        };
        let (one, two) = (format!("{name}.plim"), format!("{other} 2.plim"));
        sandbox.write("m.yaml", manifests(&name));
        sandbox.write("o.yaml", manifests(&format!("{name}{other}")));
        sandbox.write("kc", kubeconfig(&name));
        for (file, out) in [("m.yaml", &one), ("o.yaml", &two)] {
            let made = run(&["snapshot", "-f", file, "--complete", "--output-file", out]);
            assert_eq!(made.status, 0, "{}", made.err);
        }
        for output in ["table", "json"] {
            let shown = run(&["access", "-f", "m.yaml", "--complete", "-o", output]);
            assert_eq!(shown.status, 0, "{}", shown.err);
            run(&["access", "-f", "m.yaml", "--complete", "--roles", "-o", output]);
            run(&["access", "-f", "m.yaml", "--complete", "--who-can", "get secrets", "-o", output]);
            run(&["network", "-f", "m.yaml", "--complete", "-o", output]);
        }
        run(&["access", &name, "-f", "m.yaml", "--complete"]);
        run(&["network", &format!("pod/{name}"), "-f", "m.yaml", "--complete"]);
        for output in ["table", "json", "markdown", "html", "csv"] {
            run(&["scan", "--snapshots", &one, &two, "--check", "privileged-container", "-o", output]);
        }
        for (objects, session) in [(&name, "new"), (&other, "last")] {
            sandbox.write("s.yaml", manifests(objects));
            let args = ["scan", "-f", "s.yaml", "--check", "privileged-container", "--session", session];
            let kept = run(&args);
            assert_eq!(kept.status, 0, "{}", kept.err);
        }
        run(&["sessions", "decide", "last", "--check", "privileged-container", "--state", "accepted",
              "--reason", &name, "--approver", &other, "--by", &name]);
        for args in [&["list"][..], &["show", "last"], &["show", "last", "--all"], &["show", "last", "--json"],
                     &["exceptions", "last"], &["trend"], &["trend", "--json"], &["decisions", "last"], &["diff", "last"],
                     &["diff", "last", "-o", "json"], &["diff", "last", "-o", "markdown"]] {
            run(&[&["sessions"], args].concat());
        }
        run(&["role", "--for", "scan", "--name", &name, "--bind-user", &other, "--bind-group", &name]);
        run(&["role", "--for", "scan", "--bind-user", &other, "-o", "json"]);
        for args in [&["doctor"][..], &["scan"], &["scan", "--contexts", "all"], &["scan", "--context", &other]] {
            run(&[args, &["--kubeconfig", "kc"]].concat());
        }
        // What is not there is told by its name.
        for args in [["scan", "-f"], ["scan", "--snapshot"], ["scan", "--check"], ["scan", "--framework"],
                     ["scan", "-o"], ["checks", "show"], ["sessions", "show"], ["frameworks", "show"], ["verify", "--json"]] {
            run(&[&args[..], &[&other]].concat());
        }
    }
}
