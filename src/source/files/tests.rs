use super::*;
use crate::model::kinds::Kind;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::path::FieldPath;
use crate::model::read::ReadStatus;

fn at(object: &Object, path: &str) -> Option<(u32, u32)> {
    object.origin.as_ref()?.lines.find(&FieldPath::parse(path).unwrap())
}

#[test]
fn lists_are_flattened_with_the_lines_of_their_items() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: b}\n";
    let inventory = from_text("x.yaml", text, &Options::default());
    let pods = inventory.of(&Kind::new("", "Pod"));
    assert_eq!(pods.len(), 2);
    assert_eq!(at(&pods[0], "metadata.name"), Some((7, 5)));
    assert_eq!(at(&pods[1], "metadata.name"), Some((10, 14)));
}

#[test]
fn lists_in_lists_are_flattened_too() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - apiVersion: v1\n    kind: Pod\n    metadata:\n      name: deep\n";
    let inventory = from_text("x.yaml", text, &Options::default());
    assert_eq!(inventory.problems, []);
    assert_eq!(at(&inventory.of(&Kind::new("", "Pod"))[0], "metadata.name"), Some((10, 7)));
}

#[test]
fn a_list_that_says_that_there_is_more_is_not_everything() {
    let list = |metadata: &str| {
        format!(
            "apiVersion: v1\nkind: PodList\nmetadata: {metadata}\nitems: [{{metadata: {{name: a}}}}]\n"
        )
    };
    let complete = Options { complete: true, ..Options::default() };
    let whole = from_text("x.yaml", &list("{resourceVersion: '7', continue: ''}"), &complete);
    assert!(whole.problems.is_empty() && whole.source.closed_world, "{:?}", whole.problems);
    for page in
        ["{continue: abc}", "{remainingItemCount: 37, continue: abc}", "{remainingItemCount: 37}"]
    {
        let inventory = from_text("x.yaml", &list(page), &complete);
        assert_eq!(inventory.len(), 1);
        assert!(!inventory.source.closed_world, "{page}");
        assert_eq!(inventory.reads[0].status, ReadStatus::Partial, "{page}");
        let said = &inventory.problems[0].message;
        assert!(said.contains("one page of several"), "{said}");
        assert_eq!(said.contains("has 37 more"), page.contains("37"), "{said}");
    }
}

#[test]
fn configuration_files_are_named_after_their_file() {
    let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]\n";
    let keys = "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nmetadata: {}\nresources: []\n";
    let text = format!("{policy}---\n{keys}---\n{policy}");
    let inventory = from_text("etc/audit-policy.yaml", &text, &Options::default());
    assert_eq!(inventory.problems, []);
    let names = |group: &str, kind: &str| -> Vec<String> {
        inventory.of(&Kind::new(group, kind)).iter().map(|o| o.id.name.to_string()).collect()
    };
    assert_eq!(names("audit.k8s.io", "Policy"), ["audit-policy", "etc/audit-policy.yaml:9"]);
    let group = "apiserver.config.k8s.io";
    assert_eq!(names(group, "EncryptionConfiguration"), ["audit-policy"]);
    let pods = &inventory.of(&Kind::new("audit.k8s.io", "Policy"))[0];
    assert_eq!(at(pods, "rules[0].level"), Some((3, 10)));
    // Whatever the API serves needs a name.
    let text = "apiVersion: policy.example.com/v1\nkind: Policy\n";
    assert_eq!(from_text("x.yaml", text, &Options::default()).problems.len(), 1);
}

#[test]
fn a_broken_document_is_a_problem_and_the_others_are_kept() {
    let text = "kind: Pod\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\n---\na: [1\n";
    let inventory = from_text("x.yaml", text, &Options::default());
    assert_eq!(inventory.len(), 1);
    let problems: Vec<_> = inventory.problems.iter().map(|p| (p.line, &*p.message)).collect();
    assert_eq!(problems[0], (Some(1), "the object has no `apiVersion`"));
    assert_eq!(problems.len(), 2);
}

#[test]
fn directories_are_read_in_order_and_a_missing_path_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let pod = |name: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\n");
    std::fs::create_dir(dir.path().join("sub")).unwrap();
    std::fs::write(dir.path().join("sub/b.yml"), pod("b")).unwrap();
    std::fs::write(dir.path().join("a.yaml"), pod("a")).unwrap();
    std::fs::write(dir.path().join("notes.txt"), "not a manifest").unwrap();
    let path = dir.path().to_string_lossy().into_owned();
    let inventory = read(std::slice::from_ref(&path), &Options::default()).unwrap();
    assert_eq!(inventory.source.files.len(), 2);
    assert_eq!(inventory.len(), 2);
    let error = read(&[format!("{path}/none.yaml")], &Options::default()).unwrap_err();
    assert!(error.to_string().contains("none.yaml"), "{error}");
}

#[test]
fn words_that_yaml_takes_for_booleans_are_booleans_as_for_a_server() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostNetwork: y}\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: b\n  namespace: y\n";
    let inventory = from_text("a.yaml", text, &Options::default());
    assert_eq!(inventory.len(), 1);
    let pod = inventory.objects().next().unwrap();
    assert_eq!(pod.body().at(&["spec", "hostNetwork"]), Some(&Node::Bool(true)));
    // No server takes the other one: it is in no namespace.
    let problem = &inventory.problems[0];
    assert_eq!((problem.line, problem.column), (Some(10), Some(3)));
    assert!(problem.message.starts_with("metadata.namespace is true by YAML"), "{problem:?}");
    assert_eq!(inventory.reads[0].status, ReadStatus::Partial);
}

#[test]
fn what_is_not_assessed_is_counted_in_its_own_file() {
    let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n";
    let mut batch = Batch::default();
    batch.text("a.yaml", account);
    batch.text("b.yaml", &format!("{account}secrets: []\n"));
    let inventory = batch.finish(&Options { complete: true, ..Options::default() });
    assert_eq!(inventory.len(), 2);
    let of = |name: &str| inventory.reads.iter().find(|r| r.resource == name).unwrap();
    assert_eq!(of("a.yaml").message.as_deref(), Some("1 document is not assessed"));
    assert_eq!((of("b.yaml").status, &of("b.yaml").message), (ReadStatus::Complete, &None));
    assert!(!inventory.source.closed_world);
}

#[test]
fn objects_whose_names_a_server_makes_up_are_never_the_same() {
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: x-}\n";
    let inventory = from_text("x.yaml", &format!("{job}---\n{job}"), &Options::default());
    assert_eq!(inventory.problems, []);
    let names: Vec<&str> = inventory.objects().map(|job| &*job.id.name).collect();
    assert_eq!(names, ["x-", "x-#2"]);
}
