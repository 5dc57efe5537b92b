//! Patches of kustomize: they look like objects, and are changes to objects that stand elsewhere.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::walk::identity;
use crate::model::kinds::{BUILTINS, Kind};
use crate::model::node::Node;
use crate::text::locate;

/// What the file of a kustomization is called.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// Its lists of patches.
const LISTS: [&str; 3] = ["patches", "patchesStrategicMerge", "patchesJson6902"];

/// Whether a file is one that says what kustomize puts together.
pub(super) fn is_kustomization(file: &Path) -> bool {
    file.file_name().is_some_and(|name| NAMES.iter().any(|known| name == *known))
}

/// What shows the objects that a kustomization makes.
pub(super) fn built(kustomization: &Path) -> String {
    let dir = kustomization.parent().filter(|dir| !dir.as_os_str().is_empty());
    let dir = dir.unwrap_or_else(|| Path::new(".")).display();
    format!("kustomize build {dir} | plimsoll scan -f -")
}

/// The files that kustomizations name as patches.
#[derive(Default)]
pub(super) struct Patches(HashMap<PathBuf, Patch>);

/// A file that is a patch.
pub(super) struct Patch {
    /// The kustomization that names it.
    pub kustomization: PathBuf,
    /// The kind of its target, where the kustomization says it.
    pub target: Option<Kind>,
}

impl Patches {
    /// Adds those of a kustomization with this text. What is wrong with it is told where it is read.
    pub fn add(&mut self, kustomization: &Path, text: &str) {
        let dir = kustomization.parent().unwrap_or_else(|| Path::new(""));
        for node in locate::documents(text).into_iter().filter_map(|document| document.node.ok()) {
            for (_, _, patch) in listed(&node) {
                if let Content::File(file) = content(patch) {
                    let (kustomization, target) = (kustomization.to_owned(), target(patch));
                    self.0.insert(identity(&dir.join(file)), Patch { kustomization, target });
                }
            }
        }
    }

    /// Whether a file is a patch.
    pub fn of(&self, file: &Path) -> Option<&Patch> {
        if self.0.is_empty() { None } else { self.0.get(&identity(file)) }
    }
}

/// A patch that stands in a kustomization itself.
pub(super) struct Inline {
    /// The list that it is in, and its place there.
    pub at: (&'static str, usize),
    /// The kinds that it changes, as far as they are known.
    pub kinds: Vec<Option<Kind>>,
}

/// The patches that stand in a kustomization itself.
pub(super) fn inline(kustomization: &Node) -> Vec<Inline> {
    let of = |(list, at, patch)| match content(patch) {
        Content::Text(text) => {
            let kinds = kinds(locate::documents(text).into_iter().filter_map(|d| d.node.ok()));
            let kinds = if kinds.is_empty() { vec![None] } else { kinds };
            let kinds = kinds.into_iter().map(|kind| kind.or_else(|| target(patch))).collect();
            Some(Inline { at: (list, at), kinds })
        }
        _ => None,
    };
    listed(kustomization).filter_map(of).collect()
}

/// The kinds that documents of a patch change; none for one that does not say it.
pub(super) fn kinds(documents: impl Iterator<Item = Node>) -> Vec<Option<Kind>> {
    let kind = |node: Node| {
        let word = |key| node.str_at(&[key]).filter(|text| !text.is_empty());
        Some(Kind::of(word("apiVersion")?, word("kind")?))
    };
    documents.map(kind).collect()
}

fn listed(node: &Node) -> impl Iterator<Item = (&'static str, usize, &Node)> {
    LISTS.into_iter().flat_map(|list| {
        let patches = node.get(list).and_then(Node::as_list).unwrap_or_default();
        patches.iter().enumerate().map(move |(at, patch)| (list, at, patch))
    })
}

enum Content<'a> {
    File(&'a str),
    Text(&'a str),
    Nothing,
}

/// What a patch is: a text, or a file by its name.
fn content(patch: &Node) -> Content<'_> {
    match (patch.as_str(), patch.str_at(&["path"]), patch.str_at(&["patch"])) {
        // Of the oldest list: a name has one line, a patch has several.
        (Some(text), ..) if text.trim_end().contains('\n') => Content::Text(text),
        (Some(file), ..) | (_, Some(file), _) => Content::File(file),
        (_, _, Some(text)) => Content::Text(text),
        _ => Content::Nothing,
    }
}

fn target(patch: &Node) -> Option<Kind> {
    let word = |key| patch.str_at(&["target", key]);
    // It may be a pattern.
    let kind = word("kind").filter(|kind| kind.chars().all(char::is_alphanumeric))?;
    let group = word("group").map(str::to_owned).or_else(|| {
        // A target may leave the group of a kind that Kubernetes has to be understood.
        BUILTINS.iter().find(|known| known.kind == kind).map(|known| known.group.to_owned())
    });
    Some(Kind::new(&group.unwrap_or_default(), kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(text: &str) -> Node {
        locate::documents(text).remove(0).node.unwrap()
    }

    #[test]
    fn patches_are_known_in_every_form_that_kustomize_takes() {
        let text = "patches: [{path: a.yaml}, {path: b.yaml, target: {kind: Deployment}}]\n\
                    patchesStrategicMerge: [c.yaml, \"kind: Pod\\napiVersion: v1\\n\"]\n\
                    patchesJson6902: [{path: d.yaml, target: {group: x.example, version: v1, kind: Thing}}]\n\
                    resources: [e.yaml]\n";
        let mut patches = Patches::default();
        patches.add(Path::new("o/kustomization.yaml"), text);
        let target = |file: &str| patches.of(Path::new(file)).map(|patch| patch.target.clone());
        assert_eq!(target("o/a.yaml"), Some(None));
        assert_eq!(target("o/b.yaml"), Some(Some(Kind::new("apps", "Deployment"))));
        assert_eq!(target("o/c.yaml"), Some(None));
        assert_eq!(target("o/d.yaml"), Some(Some(Kind::new("x.example", "Thing"))));
        assert_eq!(target("o/e.yaml"), None, "a resource is an object");
        assert_eq!(target("a.yaml"), None, "names are those beside the kustomization");
        let inline = inline(&node(text));
        assert_eq!(inline.len(), 1);
        assert_eq!(inline[0].at, ("patchesStrategicMerge", 1));
        assert_eq!(inline[0].kinds, [Some(Kind::new("", "Pod"))]);
    }

    #[test]
    fn a_list_of_operations_changes_what_its_target_says() {
        let text = "patches:\n- patch: |-\n    - {op: remove, path: /spec/replicas}\n  target: {kind: StatefulSet}\n\
                    - patch: '[]'\n  target: {labelSelector: a=b}\n";
        let kinds: Vec<_> = inline(&node(text)).into_iter().map(|inline| inline.kinds).collect();
        assert_eq!(kinds, [vec![Some(Kind::new("apps", "StatefulSet"))], vec![None]]);
    }
}
