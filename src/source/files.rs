//! Manifests: files, directories and standard input, with the file and line of every field.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::text::load;
use super::{implied, kinds, redact};
use crate::model::inventory::{Inventory, Problem, ProblemKind, SourceInfo, SourceKind};
use crate::model::kinds::Kind;
use crate::model::lines::LineIndex;
use crate::model::node::{Map, Node};
use crate::model::object::{FileOrigin, Object};
use crate::model::read::{Read, ReadStatus};
use crate::model::served;
use crate::text::locate::{self, Document};

/// Deepest directory followed.
const MAX_DEPTH: usize = 32;

/// How manifests are to be taken.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The user says that these files are everything there is.
    pub complete: bool,
    /// Kubernetes version to judge by, `1.31` or `v1.31.2`.
    pub kube_version: Option<String>,
}

/// Why nothing could be read at all.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A path given by the user cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The path as given.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// No manifest under the paths given.
    #[error("no .yaml, .yml or .json file under {0}")]
    Nothing(String),
    /// There are files, and nothing in them.
    #[error("there is no object in {0}")]
    Empty(String),
    /// There are files, and nothing in them can be read.
    #[error("no Kubernetes object could be read: {0}")]
    Broken(String),
}

/// Reads manifests. Broken documents become problems of the inventory; the others are kept.
///
/// # Errors
/// When a path that the user gave cannot be read, or none of them holds an object. An empty `List`
/// is an answer, an empty file is none.
pub fn read(paths: &[String], options: &Options) -> Result<Inventory, FilesError> {
    read_telling(paths, options, None)
}

/// The same; `waiting` is told the name of a pipe that has brought nothing for a second, and may never.
///
/// # Errors
/// As [`read`].
pub fn read_telling(
    paths: &[String],
    options: &Options,
    waiting: Option<fn(&str)>,
) -> Result<Inventory, FilesError> {
    let mut files = Vec::new();
    for path in paths {
        if path == "-" {
            files.push(PathBuf::from("-"));
        } else {
            let unreadable = |source| FilesError::Unreadable { path: path.clone(), source };
            let meta = std::fs::metadata(path).map_err(unreadable)?;
            if meta.is_dir() {
                walk(Path::new(path), 0, &mut files).map_err(unreadable)?;
            } else {
                files.push(PathBuf::from(path));
            }
        }
    }
    if files.is_empty() {
        return Err(FilesError::Nothing(paths.join(", ")));
    }
    let mut batch = Batch::default();
    for file in &files {
        let name = file.to_string_lossy().into_owned();
        let asked = paths.contains(&name);
        match load(file, asked, waiting) {
            Ok(text) => batch.text(&name, &text),
            Err(source) if asked => return Err(FilesError::Unreadable { path: name, source }),
            Err(error) => batch.failed(&name, &error),
        }
    }
    if batch.documents == 0 {
        return Err(FilesError::Empty(shown(paths)));
    }
    if batch.objects.is_empty() && !batch.problems.is_empty() {
        return Err(FilesError::Broken(batch.first_problems()));
    }
    let mut inventory = batch.finish(options);
    inventory.source.given = paths.to_vec();
    Ok(inventory)
}

fn shown(paths: &[String]) -> String {
    let name = |p: &String| if p == "-" { "standard input".to_owned() } else { p.clone() };
    paths.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Reads one text as if it were a file: for standard input that was read already, and examples.
#[must_use]
pub fn from_text(name: &str, text: &str, options: &Options) -> Inventory {
    let mut batch = Batch::default();
    batch.text(name, text);
    batch.finish(options)
}

fn walk(dir: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(dir)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let kind = entry.file_type()?;
        if kind.is_dir() && !hidden && depth < MAX_DEPTH {
            walk(&path, depth + 1, files)?;
        } else if !kind.is_dir() && is_manifest(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    ["yaml", "yml", "json"].iter().any(|known| known.eq_ignore_ascii_case(extension))
}

#[derive(Default)]
struct Batch {
    objects: Vec<Arc<Object>>,
    reads: Vec<Read>,
    problems: Vec<Problem>,
    files: Vec<String>,
    documents: usize,
    // Documents that may have been objects, by file. What can be read and is none, such as the values of a
    // chart beside its manifests, takes nothing from what is known.
    lost: HashMap<String, usize>,
    seen: HashMap<(Kind, String, String), (Arc<str>, u32)>,
}

impl Batch {
    fn text(&mut self, name: &str, text: &str) {
        let file: Arc<str> = name.into();
        let objects = self.objects.len();
        for document in locate::documents(text) {
            self.documents += 1;
            self.document(&file, document);
        }
        self.read(name, ReadStatus::Complete, self.objects.len() - objects, None);
    }

    /// A document of a file is not assessed, or not wholly.
    fn lose(&mut self, file: &str) {
        *self.lost.entry(file.to_owned()).or_default() += 1;
    }

    /// Says in the read of each file how many of its documents are not assessed: a later file may have an
    /// object of the same name.
    fn tell_lost(&mut self) {
        for read in self.reads.iter_mut().filter(|read| read.status == ReadStatus::Complete) {
            let message = match self.lost.get(&read.resource) {
                None => continue,
                Some(1) => "1 document is not assessed".to_owned(),
                Some(n) => format!("{n} documents are not assessed"),
            };
            read.status = ReadStatus::Partial;
            read.message = Some(message);
        }
    }

    /// The first problems, each with its place.
    fn first_problems(&self) -> String {
        let place = |p: &Problem| {
            let number = |n: Option<u32>| n.map(|n| format!(":{n}")).unwrap_or_default();
            let file = p.file.as_deref().unwrap_or_default();
            format!("{file}{}{}: {}", number(p.line), number(p.column), p.message)
        };
        let mut lines: Vec<String> = self.problems.iter().take(5).map(place).collect();
        let more = self.problems.len() - lines.len();
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        lines.join("; ")
    }

    fn failed(&mut self, name: &str, error: &std::io::Error) {
        self.documents += 1;
        self.lose(name);
        self.problem(name, None, None, error.to_string());
        self.read(name, ReadStatus::Failed, 0, Some(error.to_string()));
    }

    fn read(&mut self, name: &str, status: ReadStatus, items: usize, message: Option<String>) {
        self.files.push(name.to_owned());
        self.reads.push(Read {
            resource: name.to_owned(),
            kind: None,
            namespace: None,
            status,
            items,
            message,
            millis: None,
        });
    }

    fn document(&mut self, file: &Arc<str>, document: Document) {
        let first = document.first_line;
        match document.node {
            Err(error) => {
                self.lose(file);
                self.problem(file, Some(error.line), Some(error.column), error.message);
            }
            Ok(node) => self.tree(file, node, document.lines, first),
        }
    }

    /// An object, or a list of them, which may hold lists again.
    fn tree(&mut self, file: &Arc<str>, node: Node, lines: LineIndex, first: u32) {
        if !is_list(&node) {
            return self.object(file, node, lines, first);
        }
        if let Some(why) = is_a_page(&node) {
            self.lose(file);
            self.problem(file, Some(first), Some(1), why);
        }
        for (item, (line, lines)) in list_items(&node).into_iter().zip(lines.split_list("items")) {
            self.tree(file, item, lines, line.unwrap_or(first));
        }
    }

    fn object(&mut self, file: &Arc<str>, node: Node, lines: LineIndex, line: u32) {
        let word = |key| node.str_at(&[key]).unwrap_or_default();
        let (version, kind) = (word("apiVersion"), word("kind"));
        let typed = !version.is_empty() && !kind.is_empty();
        if let Some(why) = typed.then(|| kinds::unknown(version, kind)).flatten() {
            self.lose(file);
            return self.problem(file, Some(line), Some(1), format!("{why}; it is not assessed"));
        }
        if let Some((at, why)) = kinds::no_text(&node).filter(|_| typed) {
            let (line, column) = lines.find(&at).unwrap_or((line, 1));
            self.lose(file);
            return self.problem(file, Some(line), Some(column), why);
        }
        let builtin = typed && Kind::of(version, kind).builtin().is_some();
        let node = self.named(file, node, line);
        match Object::new(redact::object(node)) {
            Ok(mut object) => {
                self.unlike_the_others(file, line, &object);
                if let Some(why) = kinds::unjudged(&object) {
                    self.lose(file);
                    self.problem(file, Some(line), Some(1), why);
                }
                object.origin = Some(FileOrigin { file: Arc::clone(file), lines: Arc::new(lines) });
                self.objects.push(Arc::new(object));
            }
            Err(error) => {
                if builtin {
                    self.lose(file);
                }
                self.problem(file, Some(line), Some(1), error.to_string());
            }
        }
    }

    /// Configuration files of components have no name: that of the file serves, and where two
    /// would get the same, its path and the line.
    fn named(&self, file: &str, node: Node, line: u32) -> Node {
        if !is_configuration(&node) || node.str_at(&["metadata", "name"]).is_some() {
            return node;
        }
        let Node::Map(map) = node else { return node };
        let kind = Kind::of(text(&map, "apiVersion"), text(&map, "kind"));
        let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str());
        let stem = stem.filter(|stem| !stem.is_empty() && *stem != "-").unwrap_or("stdin");
        let taken = self.seen.contains_key(&(kind, String::new(), stem.to_owned()));
        let name = if taken { format!("{file}:{line}") } else { stem.to_owned() };
        let metadata = Node::map([("name", Node::str(&name))]);
        let rest = map.iter().filter(|(key, _)| *key != "metadata");
        let entries = rest.map(|(key, value)| (key, value.clone()));
        Node::map(entries.chain([("metadata", metadata)]).collect::<Vec<_>>())
    }

    /// Of two objects with one name only the last is assessed: that is said.
    fn unlike_the_others(&mut self, file: &Arc<str>, line: u32, object: &Object) {
        let key = (object.kind(), object.namespace().to_owned(), object.id.name.to_string());
        if let Some((other, at)) = self.seen.insert(key, (Arc::clone(file), line)) {
            let message = format!(
                "{} stands here and in {file}:{line}; only the last one is assessed",
                object.id
            );
            self.lose(&other);
            self.problem(&other, Some(at), Some(1), message);
        }
    }

    fn problem(&mut self, file: &str, line: Option<u32>, column: Option<u32>, message: String) {
        self.problems.push(Problem {
            kind: ProblemKind::Document,
            file: Some(file.to_owned()),
            line,
            column,
            object: None,
            check: None,
            message,
        });
    }

    /// Adds what a cluster adds to manifests that are everything there is, and says so.
    fn imply(&mut self) {
        let accounts = implied::default_accounts(&self.objects);
        let roles = implied::built_in_roles(&self.objects);
        for (what, items, why) in [
            (
                "default service accounts",
                accounts.len(),
                "every namespace has one, and pods run as these",
            ),
            ("built-in roles", roles.len(), "every cluster has them, and these are bound"),
        ] {
            if items > 0 {
                let message =
                    format!("not in the manifests; {why}: judged as a cluster creates them");
                self.reads.push(Read {
                    resource: what.to_owned(),
                    kind: None,
                    namespace: None,
                    status: ReadStatus::Complete,
                    items,
                    message: Some(message),
                    millis: None,
                });
            }
        }
        self.objects.extend(accounts);
        self.objects.extend(roles);
    }

    fn finish(mut self, options: &Options) -> Inventory {
        self.tell_lost();
        // What could not be read may be what is missed: absence cannot be concluded then.
        let whole = self.lost.is_empty();
        if options.complete && !whole {
            let message = "the manifests are not taken as complete, because not all of them could \
                           be read";
            self.problems.push(Problem {
                kind: ProblemKind::Document,
                file: None,
                line: None,
                column: None,
                object: None,
                check: None,
                message: message.to_owned(),
            });
        }
        implied::aggregate(&mut self.objects);
        if options.complete && whole {
            self.imply();
        }
        let source = SourceInfo {
            kind: SourceKind::Files,
            kubernetes: options
                .kube_version
                .as_deref()
                .map(|v| format!("v{}", v.trim_start_matches('v'))),
            files: self.files,
            closed_world: options.complete && whole,
            ..SourceInfo::default()
        };
        let mut inventory = Inventory::new(source, self.objects, self.reads);
        inventory.problems = self.problems;
        inventory
    }
}

fn is_configuration(node: &Node) -> bool {
    let version = node.str_at(&["apiVersion"]).unwrap_or_default();
    let kind = node.str_at(&["kind"]).unwrap_or_default();
    let group = version.split('/').next().unwrap_or_default();
    served::is_file(group, kind)
}

fn text<'a>(map: &'a Map, key: &str) -> &'a str {
    map.get(key).and_then(Node::as_str).unwrap_or_default()
}

fn is_list(node: &Node) -> bool {
    let kind = node.str_at(&["kind"]).unwrap_or_default();
    kind.ends_with("List") && node.get("items").is_some_and(|items| items.as_list().is_some())
}

/// Why a list is not all that was listed, if it says so itself: it is one page of several.
fn is_a_page(node: &Node) -> Option<String> {
    let next = node.str_at(&["metadata", "continue"]).is_some_and(|token| !token.is_empty());
    let left =
        node.at(&["metadata", "remainingItemCount"]).and_then(Node::as_int).filter(|n| *n > 0);
    let how_many = left.map_or_else(String::new, |left| format!(" {left}"));
    (next || left.is_some()).then(|| {
        format!(
            "the list is one page of several: the server has{how_many} more, which are not assessed; get all of \
             them, with --chunk-size=0 or without a limit"
        )
    })
}

/// The items of a `List`; items of a typed list (`PodList`) that say no kind get it from the list.
fn list_items(node: &Node) -> Vec<Node> {
    let kind =
        node.str_at(&["kind"]).and_then(|k| k.strip_suffix("List")).unwrap_or_default().to_owned();
    let version = node.str_at(&["apiVersion"]).unwrap_or_default().to_owned();
    let items = node.get("items").and_then(Node::as_list).unwrap_or_default();
    let fill = |item: &Node| match item {
        Node::Map(map) if !kind.is_empty() && map.get("kind").is_none() => {
            let head = [("apiVersion", Node::str(&version)), ("kind", Node::str(&kind))];
            Node::map(head.into_iter().chain(map.iter().map(|(k, v)| (k, v.clone()))))
        }
        other => other.clone(),
    };
    items.iter().map(fill).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::path::FieldPath;

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
        for page in [
            "{continue: abc}",
            "{remainingItemCount: 37, continue: abc}",
            "{remainingItemCount: 37}",
        ] {
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
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
        let mut batch = Batch::default();
        batch.text("a.yaml", pod);
        batch.text("b.yaml", pod);
        let inventory = batch.finish(&Options { complete: true, ..Options::default() });
        let of = |name: &str| inventory.reads.iter().find(|r| r.resource == name).unwrap();
        assert_eq!(of("a.yaml").message.as_deref(), Some("1 document is not assessed"));
        assert_eq!((of("b.yaml").status, &of("b.yaml").message), (ReadStatus::Complete, &None));
        assert!(!inventory.source.closed_world);
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
}
