//! What manifests hold and no check looks into: pods of custom kinds, templates, patches.

use std::path::Path;
use std::sync::Arc;

use super::{Batch, unread};
use crate::model::kinds::{Builtin, Kind};
use crate::model::lines::LineIndex;
use crate::model::node::Node;
use crate::model::object::{Object, ObjectRef};
use crate::model::path::{FieldPath, Seg};
use crate::model::read::{Read, ReadStatus};
use crate::source::files::kustomize::{self, Patch};
use crate::source::files::pods;
use crate::text::locate;

impl Batch {
    /// What an object of a custom kind runs is not looked at, and neither is what a template would make.
    pub(super) fn pods(&mut self, file: &str, lines: &LineIndex, line: u32, object: &Object) {
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
    pub(super) fn tell_unjudged(&mut self) {
        for ((kind, namespace), count) in std::mem::take(&mut self.unjudged) {
            let objects = if count == 1 { "object" } else { "objects" };
            let why = format!("no check looks at the pods of {count} {objects} of {kind}");
            let pods = Kind::new("", "Pod");
            let resource = pods.builtin().map(Builtin::resource).unwrap_or_default();
            let read = unread(ReadStatus::Partial, why);
            self.reads.push(Read { resource, kind: Some(pods), namespace, ..read });
        }
    }

    /// A file that a kustomization names as a patch: what it changes is assessed once it is made.
    pub(in crate::source::files) fn patch(&mut self, name: &str, text: &str, patch: &Patch) {
        self.documents += 1;
        let why = format!(
            "it is a patch of {} and no object; assess what it makes: {}",
            patch.kustomization.display(),
            kustomize::built(&patch.kustomization)
        );
        self.problem(name, Some(1), Some(1), why);
        let mut trees = Vec::new();
        for document in locate::documents(text) {
            match document.node {
                Ok(node) => trees.push(node),
                Err(error) => {
                    self.problem(name, Some(error.line), Some(error.column), error.message);
                }
            }
        }
        for kind in kustomize::kinds(trees.into_iter()) {
            self.patches(kind.or_else(|| patch.target.clone()));
        }
        self.read(name, ReadStatus::Complete, 0, None);
    }

    /// A kustomization is no object; what it changes by patches of its own is not assessed as it will be.
    pub(super) fn kustomization(&mut self, file: &str, node: &Node, lines: &LineIndex, line: u32) {
        for inline in kustomize::inline(node) {
            let (list, at) = inline.at;
            let path = FieldPath([Seg::Field(list.into()), Seg::Index(at)].into());
            let (at, column) = lines.find(&path).unwrap_or((line, 1));
            let built = kustomize::built(Path::new(file));
            let why = format!("this patch is not applied; assess what it makes: {built}");
            self.problem(file, Some(at), Some(column), why);
            for kind in inline.kinds {
                self.patches(kind);
            }
        }
    }

    /// A patch changes objects of a kind; of one that does not say it those that run pods.
    fn patches(&mut self, kind: Option<Kind>) {
        *self.patched.entry(kind.unwrap_or_else(|| Kind::new("", "Pod"))).or_default() += 1;
    }

    /// Objects of a kind that is patched are not all there as they will be.
    pub(super) fn tell_patched(&mut self) {
        for (kind, count) in std::mem::take(&mut self.patched) {
            let (patches, are) = if count == 1 { ("patch", "is") } else { ("patches", "are") };
            let why = format!("{count} kustomize {patches} of {kind} {are} not applied");
            let resource = kind.builtin().map_or_else(|| kind.to_string(), Builtin::resource);
            let read = unread(ReadStatus::Partial, why);
            self.reads.push(Read { resource, kind: Some(kind), ..read });
        }
    }

    /// A hidden directory with manifests: nobody said that these are meant, nor that they are not.
    pub(in crate::source::files) fn hidden(&mut self, dir: &str, looked: &[HiddenFile]) {
        let holding = looked.iter().filter(|look| matches!(look, HiddenFile::Judged)).count();
        let mut broken = looked.iter().filter_map(|look| match look {
            HiddenFile::Broken(why) => Some(why),
            _ => None,
        });
        let first = broken.next();
        let more = broken.count();
        let mut here = Vec::new();
        if holding > 0 {
            let hold = if holding == 1 { "file holds" } else { "files hold" };
            here.push(format!("{holding} {hold} Kubernetes objects here"));
        }
        if let Some(why) = first {
            let rest = if more > 0 { format!(", and {more} more") } else { String::new() };
            here.push(format!("a manifest here is broken ({why}{rest})"));
        }
        if here.is_empty() {
            return;
        }
        self.documents += 1;
        let why = format!(
            "{}, and hidden directories are not read: give this one with -f as well",
            here.join(", ")
        );
        self.lose(dir);
        self.problem(dir, None, None, why.clone());
        let read = Read { resource: dir.to_owned(), ..unread(ReadStatus::Partial, why) };
        self.reads.push(read);
    }
}

/// What a file of a hidden directory is.
pub(in crate::source::files) enum HiddenFile {
    /// It holds an object that checks look at.
    Judged,
    /// It looks like such a file, and cannot be read: where and why.
    Broken(String),
    /// Something else.
    Other,
}

/// Looks at the text of a file of a hidden directory.
pub(in crate::source::files) fn look(name: &str, text: &str) -> HiddenFile {
    if !text.contains("apiVersion") || !text.contains("kind") {
        return HiddenFile::Other;
    }
    let mut batch = Batch::default();
    batch.text(name, text);
    let judged = |object: &Arc<Object>| object.builtin().is_some();
    if !batch.unjudged.is_empty() || batch.objects.iter().any(judged) {
        HiddenFile::Judged
    } else if batch.lost.is_empty() {
        HiddenFile::Other
    } else {
        HiddenFile::Broken(batch.first_problems())
    }
}
