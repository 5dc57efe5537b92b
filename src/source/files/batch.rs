//! What is gathered from manifests, document by document, and the inventory made of it.

mod finish;
mod names;
mod unjudged;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use self::names::SeenObject;
pub(super) use self::unjudged::look;
use super::{kustomize, likely, list};
use crate::model::inventory::{Problem, ProblemKind};
use crate::model::kinds::Kind;
use crate::model::lines::LineIndex;
use crate::model::node::Node;
use crate::model::object::{FileOrigin, Object};
use crate::model::path::{FieldPath, Seg};
use crate::model::read::{Read, ReadStatus};
use crate::source::{kinds, redact, shapes};
use crate::text::locate::{self, Document};

/// What is gathered so far.
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
    seen: HashMap<(Kind, String, String), SeenObject>,
    // Objects of custom kinds that make pods, by kind and namespace.
    unjudged: BTreeMap<(Kind, Option<String>), usize>,
    // Patches that nobody applied, by the kind that they change.
    patched: BTreeMap<Kind, usize>,
}

/// Where a tree stands.
#[derive(Clone, Copy, PartialEq)]
enum TreePlace {
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
            Ok(node) => self.tree(file, node, document.lines, first, TreePlace::Alone),
        }
    }

    /// An object, or a list of them, which may hold lists again.
    fn tree(
        &mut self,
        file: &Arc<str>,
        node: Node,
        lines: LineIndex,
        first: u32,
        place: TreePlace,
    ) {
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
            self.tree(file, item, lines, line.unwrap_or(first), TreePlace::Listed);
        }
    }

    /// A document is not assessed because of one of its fields.
    fn lost_at(&mut self, file: &str, lines: &LineIndex, at: (&FieldPath, u32), why: String) {
        let (line, column) = lines.find(at.0).unwrap_or((at.1, 1));
        self.lose(file);
        self.problem(file, Some(line), Some(column), why);
    }

    fn object(
        &mut self,
        file: &Arc<str>,
        node: Node,
        lines: LineIndex,
        line: u32,
        place: TreePlace,
    ) {
        let word = |key| node.str_at(&[key]).unwrap_or_default();
        let (version, kind) = (word("apiVersion"), word("kind"));
        let typed = likely::is_typed(&node);
        if kustomize::is_kustomization(Path::new(&**file)) {
            return self.kustomization(file, &node, &lines, line);
        }
        if let Some(why) = typed.then(|| kinds::unknown(version, kind)).flatten() {
            self.lose(file);
            return self.problem(file, Some(line), Some(1), format!("{why}; it is not assessed"));
        }
        if let Some((at, why)) = kinds::no_text(&node).filter(|_| typed) {
            return self.lost_at(file, &lines, (&at, line), why);
        }
        // An element of a list of objects is meant to be one, and so is one of a list in which others are.
        let meant = place == TreePlace::Listed
            || likely::object(&node)
            || node.as_list().is_some_and(|items| items.iter().any(likely::object));
        let node = self.named(file, node, line);
        match Object::new(redact::object(node)) {
            Ok(mut object) => {
                self.made_up(&mut object);
                self.unlike_the_others(file, line, &object);
                if let Some(why) = kinds::outdated(&object) {
                    self.lost_at(file, &lines, (&FieldPath::default(), line), why);
                } else if let Some((at, why)) = shapes::misfit(&object) {
                    // No rule is made for what no server takes.
                    return self.lost_at(file, &lines, (&at, line), why);
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
