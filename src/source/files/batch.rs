//! What is gathered from manifests, document by document, and the inventory made of it.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use super::{Options, likely, list, pods};
use crate::model::inventory::{Inventory, Problem, ProblemKind, SourceInfo, SourceKind};
use crate::model::kinds::{Builtin, Kind};
use crate::model::lines::LineIndex;
use crate::model::node::{Map, Node};
use crate::model::object::{FileOrigin, Object, ObjectRef};
use crate::model::path::{FieldPath, Seg};
use crate::model::read::{Read, ReadStatus};
use crate::model::served;
use crate::source::{implied, kinds, redact, shapes};
use crate::text::locate::{self, Document};

#[derive(Default)]
pub(super) struct Batch {
    pub(super) objects: Vec<Arc<Object>>,
    reads: Vec<Read>,
    pub(super) problems: Vec<Problem>,
    files: Vec<String>,
    pub(super) documents: usize,
    // Documents that may have been objects, by file. What can be read and is none, such as the values of a
    // chart beside its manifests, takes nothing from what is known.
    lost: HashMap<String, usize>,
    seen: HashMap<(Kind, String, String), Seen>,
    // Objects of custom kinds that make pods, by kind and namespace.
    unjudged: BTreeMap<(Kind, Option<String>), usize>,
}

/// An object that was met.
struct Seen {
    file: Arc<str>,
    line: u32,
    body: Arc<Node>,
}

/// Kinds whose objects others are judged by, found by their names.
const REFERRED: [&str; 7] = [
    "ClusterRole",
    "ClusterRoleBinding",
    "Namespace",
    "Role",
    "RoleBinding",
    "RuntimeClass",
    "ServiceAccount",
];

/// Where a tree stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// It is a document.
    Alone,
    /// It is an item of a list of objects.
    Listed,
}

impl Batch {
    pub(super) fn text(&mut self, name: &str, text: &str) {
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

    /// Says in the read of each file how many of its documents are not assessed: a later file may have
    /// an object of the same name.
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
    pub(super) fn first_problems(&self) -> String {
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

    pub(super) fn failed(&mut self, name: &str, why: &str) {
        self.documents += 1;
        self.lose(name);
        self.problem(name, None, None, why.to_owned());
        self.read(name, ReadStatus::Failed, 0, Some(why.to_owned()));
    }

    /// A hidden directory in which so many files hold objects that checks look at: nobody said that these are
    /// meant, nor that they are not.
    pub(super) fn hidden(&mut self, dir: &str, files: usize) {
        if files == 0 {
            return;
        }
        self.documents += 1;
        let hold = if files == 1 { "file holds" } else { "files hold" };
        let why = format!(
            "{files} {hold} Kubernetes objects here, and hidden directories are not read: give this one with \
             -f as well"
        );
        self.lose(dir);
        self.problem(dir, None, None, why.clone());
        let read = Read { resource: dir.to_owned(), ..unread(ReadStatus::Partial, why) };
        self.reads.push(read);
    }

    fn read(&mut self, name: &str, status: ReadStatus, items: usize, message: Option<String>) {
        self.files.push(name.to_owned());
        let read = unread(status, String::new());
        self.reads.push(Read { resource: name.to_owned(), items, message, ..read });
    }

    fn document(&mut self, file: &Arc<str>, document: Document) {
        let first = document.first_line;
        match document.node {
            Err(error) => {
                self.lose(file);
                self.problem(file, Some(error.line), Some(error.column), error.message);
            }
            Ok(node) => self.tree(file, node, document.lines, first, Place::Alone),
        }
    }

    /// An object, or a list of them, which may hold lists again.
    fn tree(&mut self, file: &Arc<str>, node: Node, lines: LineIndex, first: u32, place: Place) {
        if let Some(found) = list::without_items(&node) {
            let path = FieldPath([Seg::Field("items".into())].into());
            let why = shapes::not_a("a list", "items", found);
            return self.lost_at(file, &lines, (&path, first), why);
        }
        if list::is_list(&node) {
            if let Some(why) = list::is_a_page(&node) {
                self.lose(file);
                self.problem(file, Some(first), Some(1), why);
            }
            self.items(file, list::items(&node), lines.split_list("items"), first);
        } else if let Some(items) = list::bare(&node) {
            self.items(file, items.to_vec(), lines.split_root(), first);
        } else {
            self.object(file, node, lines, first, place);
        }
    }

    fn items(
        &mut self,
        file: &Arc<str>,
        items: Vec<Node>,
        lines: Vec<(Option<u32>, LineIndex)>,
        first: u32,
    ) {
        let mut lines = lines.into_iter();
        for item in items {
            let (line, lines) = lines.next().unwrap_or_default();
            self.tree(file, item, lines, line.unwrap_or(first), Place::Listed);
        }
    }

    /// A document is not assessed because of one of its fields.
    fn lost_at(&mut self, file: &str, lines: &LineIndex, at: (&FieldPath, u32), why: String) {
        let (line, column) = lines.find(at.0).unwrap_or((at.1, 1));
        self.lose(file);
        self.problem(file, Some(line), Some(column), why);
    }

    fn object(&mut self, file: &Arc<str>, node: Node, lines: LineIndex, line: u32, place: Place) {
        let word = |key| node.str_at(&[key]).unwrap_or_default();
        let (version, kind) = (word("apiVersion"), word("kind"));
        let typed = likely::is_typed(&node);
        if let Some(why) = typed.then(|| kinds::unknown(version, kind)).flatten() {
            self.lose(file);
            return self.problem(file, Some(line), Some(1), format!("{why}; it is not assessed"));
        }
        if let Some((at, why)) = kinds::no_text(&node).filter(|_| typed) {
            return self.lost_at(file, &lines, (&at, line), why);
        }
        // An element of a list of objects is meant to be one, and so is one of a list in which others are.
        let meant = place == Place::Listed
            || likely::object(&node)
            || node.as_list().is_some_and(|items| items.iter().any(likely::object));
        let node = self.named(file, node, line);
        match Object::new(redact::object(node)) {
            Ok(mut object) => {
                self.made_up(&mut object);
                self.unlike_the_others(file, line, &object);
                if let Some((at, why)) = kinds::unjudged(&object) {
                    self.lost_at(file, &lines, (&at, line), why);
                }
                self.pods(file, &lines, line, &object);
                object.origin = Some(FileOrigin { file: Arc::clone(file), lines: Arc::new(lines) });
                self.objects.push(Arc::new(object));
            }
            Err(error) if meant => {
                self.lose(file);
                let why = format!("{error}; it is not assessed");
                self.problem(file, Some(line), Some(1), why);
            }
            Err(error) => self.problem(file, Some(line), Some(1), error.to_string()),
        }
    }

    /// What an object of a custom kind runs is not looked at, and neither is what a template would make.
    fn pods(&mut self, file: &str, lines: &LineIndex, line: u32, object: &Object) {
        let ObjectRef { api_version, kind, .. } = &object.id;
        let (of, body) = (object.kind(), object.body());
        if &*of.group == "template.openshift.io" && !body.list_at(&["objects"]).is_empty() {
            let path = FieldPath([Seg::Field("objects".into())].into());
            let why =
                "the objects of a Template are not assessed: give what `oc process` makes of it";
            return self.lost_at(file, lines, (&path, line), why.to_owned());
        }
        if let Some(path) = pods::made_by(&of, body) {
            let (at, column) = lines.find(&path).unwrap_or((line, 1));
            let why = format!("no check looks at the pods of {api_version} {kind} (`{path}`)");
            self.problem(file, Some(at), Some(column), why);
            let namespace = object.id.namespace.as_deref().map(str::to_owned);
            *self.unjudged.entry((of, namespace)).or_default() += 1;
        }
    }

    /// Pods that are in the manifests, made by objects that no check looks into, are missing from the list of
    /// pods.
    fn tell_unjudged(&mut self) {
        for ((kind, namespace), count) in std::mem::take(&mut self.unjudged) {
            let objects = if count == 1 { "object" } else { "objects" };
            let why = format!("no check looks at the pods of {count} {objects} of {kind}");
            let pods = Kind::new("", "Pod");
            let resource = pods.builtin().map(Builtin::resource).unwrap_or_default();
            let read = unread(ReadStatus::Partial, why);
            self.reads.push(Read { resource, kind: Some(pods), namespace, ..read });
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

    /// A server makes up a name for each object that has but the beginning of one: they are never the same.
    fn made_up(&self, object: &mut Object) {
        if object.body().str_at(&["metadata", "name"]).is_some_and(|name| !name.is_empty()) {
            return;
        }
        let start = object.id.name.to_string();
        let taken = |name: &str| {
            let key = (object.kind(), object.namespace().to_owned(), name.to_owned());
            self.seen.contains_key(&key)
        };
        let mut name = start.clone();
        let mut number = 1;
        while taken(&name) {
            number += 1;
            name = format!("{start}#{number}");
        }
        object.id.name = name.into();
    }

    /// Objects with one name are all judged, and told; what refers to one by its name could mean any of them.
    fn unlike_the_others(&mut self, file: &Arc<str>, line: u32, object: &Object) {
        let key = (object.kind(), object.namespace().to_owned(), object.id.name.to_string());
        let here = Seen { file: Arc::clone(file), line, body: Arc::clone(object.body()) };
        let Some(other) = self.seen.insert(key, here) else { return };
        let open = REFERRED.contains(&&*object.id.kind) && other.body != *object.body();
        let follows = if open {
            self.lose(&other.file);
            "what refers to it is not assessed: give one of them"
        } else {
            "each is assessed, and a finding on both is told once"
        };
        let message = format!("{} stands here and in {file}:{line}; {follows}", object.id);
        self.problem(&other.file, Some(other.line), Some(1), message);
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

    pub(super) fn finish(mut self, options: &Options) -> Inventory {
        self.tell_lost();
        self.tell_unjudged();
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

/// Whether a text holds an object that checks look at.
pub(super) fn is_judged(text: &str) -> bool {
    if !text.contains("apiVersion") || !text.contains("kind") {
        return false;
    }
    let mut batch = Batch::default();
    batch.text("", text);
    let judged = |object: &Arc<Object>| object.builtin().is_some();
    !batch.unjudged.is_empty() || batch.objects.iter().any(judged)
}

/// A read that did not bring everything, of nothing yet.
fn unread(status: ReadStatus, why: String) -> Read {
    Read {
        resource: String::new(),
        kind: None,
        namespace: None,
        status,
        items: 0,
        message: Some(why),
        millis: None,
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
