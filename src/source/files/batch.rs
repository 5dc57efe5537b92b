//! What is gathered from manifests, document by document, and the inventory made of it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::Options;
use super::list::{is_a_page, is_list, items};
use crate::model::inventory::{Inventory, Problem, ProblemKind, SourceInfo, SourceKind};
use crate::model::kinds::Kind;
use crate::model::lines::LineIndex;
use crate::model::node::{Map, Node};
use crate::model::object::{FileOrigin, Object};
use crate::model::read::{Read, ReadStatus};
use crate::model::served;
use crate::source::{implied, kinds, redact};
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
    seen: HashMap<(Kind, String, String), (Arc<str>, u32)>,
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

    pub(super) fn failed(&mut self, name: &str, error: &std::io::Error) {
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
        for (item, (line, lines)) in items(&node).into_iter().zip(lines.split_list("items")) {
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

    pub(super) fn finish(mut self, options: &Options) -> Inventory {
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
