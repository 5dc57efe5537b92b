use super::*;
use crate::cluster::pod::Pod;

const GOOD: &str = "
apiVersion: v1
kind: Config
current-context: prod-eu
contexts:
- name: prod-eu
  context: {cluster: eu, user: ann, namespace: pay}
- name: prod-us
  context: {cluster: us, user: ann}
clusters:
- name: eu
  cluster: {server: https://eu.example.invalid}
users:
- name: ann
  user: {token: s3cr3t}
";

fn places(dir: &tempfile::TempDir, files: &[(&str, &str)]) -> KubeconfigPaths {
    let mut paths = Vec::new();
    for (name, text) in files {
        let path = dir.path().join(name);
        if !text.is_empty() {
            std::fs::write(&path, text).unwrap();
        }
        paths.push(path);
    }
    let variable = Some(std::env::join_paths(paths).unwrap());
    KubeconfigPaths { variable, ..KubeconfigPaths::default() }
}

#[test]
fn a_list_of_files_is_merged_first_wins_and_missing_ones_are_skipped() {
    let dir = tempfile::tempdir().unwrap();
    let second = "contexts:\n- name: lab\n  context: {cluster: lab, user: ann}\n\
                  current-context: lab\n";
    let loaded = places(&dir, &[("none", ""), ("a", GOOD), ("b", second)]).load().unwrap();
    let contexts = loaded.contexts();
    assert_eq!(contexts.current.as_deref(), Some("prod-eu"));
    let names: Vec<&str> = contexts.all.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["prod-eu", "prod-us", "lab"]);
    assert_eq!(contexts.all[0].server.as_deref(), Some("https://eu.example.invalid"));
    assert_eq!(contexts.all[0].namespace.as_deref(), Some("pay"));
    assert_eq!(contexts.files.len(), 2);
}

#[test]
fn no_file_at_all_names_every_place() {
    let dir = tempfile::tempdir().unwrap();
    let error = places(&dir, &[("x", ""), ("y", "")]).load().err().unwrap();
    assert_eq!(error.trouble, Trouble::Kubeconfig);
    assert!(error.why.contains("/x") && error.why.contains("/y"), "{error}");
    assert!(error.next.contains("--kubeconfig"), "{error}");
}

#[test]
fn in_a_pod_its_service_account_stands_in_for_a_file_that_nobody_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("token"), "t").unwrap();
    let pod = Pod { host: "10.0.0.1".into(), port: 443, mount: dir.path().into() };
    let inside = KubeconfigPaths { pod: Some(pod), ..places(&dir, &[("x", "")]) };
    let loaded = inside.load().unwrap();
    let context = loaded.choose(None).unwrap();
    assert_eq!(
        (&*context.name, context.server.as_deref()),
        ("in-cluster", Some("https://10.0.0.1:443"))
    );
    assert!(loaded.check(&context, None, None).is_ok());
    let error = loaded.choose(Some("prod")).unwrap_err();
    assert!(error.why.contains("the service account of this pod"), "{error}");
    // A kubeconfig that is there wins, and one that was named must be there.
    let beside = KubeconfigPaths { pod: inside.pod.clone(), ..places(&dir, &[("a", GOOD)]) };
    assert_eq!(beside.load().unwrap().choose(None).unwrap().name, "prod-eu");
    let named = KubeconfigPaths { explicit: Some(dir.path().join("none")), ..inside };
    assert_eq!(named.load().err().unwrap().trouble, Trouble::Kubeconfig);
}

#[test]
fn a_broken_file_is_named_with_line_and_column_and_shows_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    let text = "apiVersion: v1\nusers:\n- name: a\n  user: {token: s3cr3t\ncontexts: 7\n";
    let error = places(&dir, &[("broken", text)]).load().err().unwrap();
    let shown = error.to_string();
    assert!(error.what.contains("broken:"), "{shown}");
    assert!(!shown.contains("s3cr3t"), "{shown}");
    let wrong = "apiVersion: v1\ncontexts: 7\n";
    let error = places(&dir, &[("wrong", wrong)]).load().err().unwrap();
    assert!(error.what.ends_with("wrong:2:11"), "{error}");
}

#[test]
fn an_unknown_context_suggests_the_nearest() {
    let dir = tempfile::tempdir().unwrap();
    let loaded = places(&dir, &[("a", GOOD)]).load().unwrap();
    let error = loaded.choose(Some("prod-uz")).unwrap_err();
    assert!(error.next.contains("Did you mean \"prod-"), "{error}");
    let error = loaded.choose(Some("zzz")).unwrap_err();
    assert!(!error.next.contains("Did you mean"), "{error}");
    assert!(error.next.contains("prod-eu, prod-us"), "{error}");
    assert_eq!(loaded.choose(None).unwrap().name, "prod-eu");
}

#[test]
fn what_is_empty_or_has_nothing_of_a_name_is_not_suggested() {
    for name in ["a", "nosuch", ""] {
        assert_eq!(nearest(name, &["", "b", "other"]), None, "{name:?}");
    }
    assert_eq!(nearest("a", &["", "lab"]), Some("lab"));
    assert_eq!(nearest("B", &["", "b"]), Some("b"));
}

#[test]
fn no_part_of_an_error_makes_a_line_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let text = GOOD.replace("name: prod-eu", "name: \"n\\n::error::x\"");
    let loaded = places(&dir, &[("a\n!b", &text)]).load().unwrap();
    let error = loaded.choose(Some("zzz\n::error::c")).unwrap_err();
    assert!(error.next.contains("\"n\\n::error::x\""), "{error}");
    assert_eq!(error.to_string().lines().count(), 2, "{error}");
    assert_eq!(error.cause().lines().count(), 1);
}

#[test]
fn the_plugin_of_a_context_is_known_before_it_runs_and_shows_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    let exec = "exec: {command: aws, args: [eks, get-token, --token=ghp_0123456789abcdefghijABCDEFGHIJ012345]}";
    let text = GOOD.replace("token: s3cr3t", exec);
    let contexts = places(&dir, &[("a", &text)]).load().unwrap().contexts();
    let plugin = contexts.all[0].plugin.clone().unwrap();
    assert!(plugin.starts_with("aws eks get-token"), "{plugin}");
    assert!(!plugin.contains("ghp_0123"), "{plugin}");
    // Another user who is asked for has other credentials.
    let user = contexts.all[0].user.clone().unwrap();
    let other = contexts.as_user(contexts.all[0].clone(), "nobody");
    assert_eq!((other.user.as_deref(), other.plugin.as_deref()), (Some("nobody"), None));
    assert_eq!(contexts.as_user(other, &user), contexts.all[0]);
    // As with kubectl, credentials that stand in the file win.
    let both = GOOD.replace("token: s3cr3t", &format!("token: s3cr3t, {exec}"));
    let contexts = places(&dir, &[("b", &both)]).load().unwrap().contexts();
    assert_eq!(contexts.all[0].plugin, None);
}

#[test]
fn a_context_whose_cluster_or_user_is_missing_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let loaded = places(&dir, &[("a", GOOD)]).load().unwrap();
    let us = loaded.choose(Some("prod-us")).unwrap();
    assert_eq!(loaded.check(&us, None, None).unwrap_err().what, "unknown cluster \"us\"");
    assert!(loaded.check(&us, Some("eu"), None).is_ok());
    let error = loaded.check(&us, Some("eu"), Some("anne")).unwrap_err();
    assert!(error.next.starts_with("Did you mean \"ann\"?"), "{error}");
}
