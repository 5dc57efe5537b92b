//! What kinds of objects are called at the keyboard: by kind, in the plural, by the short names of
//! kubectl, and by some more that people bring along from k9s.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::kinds::{BUILTINS, Builtin, Kind};
use crate::model::node::Node;
use crate::model::object::ObjectRef;

use super::data::Data;
use super::dialog::{PickerChoice, PickerEntry, Popup};
use super::filter::NameFit;
use super::input::TextInput;
use super::route::Screen;
use super::state::State;

/// Short names that are no names of the API.
const HABITS: &[(&str, &[&str])] = &[
    ("deployments", &["dp", "dep"]),
    ("secrets", &["sec"]),
    ("jobs", &["jo"]),
    ("clusterroles", &["cr"]),
    ("clusterrolebindings", &["crb"]),
    ("roles", &["ro"]),
    ("rolebindings", &["rb"]),
    ("networkpolicies", &["np"]),
    ("customresourcedefinitions", &["crds"]),
];

/// How many objects are offered for the beginning of a name.
const NAMED: usize = 9;

/// A kind, with all it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Called {
    /// The kind.
    pub kind: Kind,
    /// Its name in the plural, as in URLs.
    pub plural: String,
    /// Its other names.
    pub aliases: Vec<String>,
}

impl Data {
    /// Every kind whose objects can be listed: those that are built in, and those that were read or
    /// that a definition in the cluster names.
    pub(super) fn kinds_called(&self) -> Vec<Called> {
        let mut all: Vec<Called> = BUILTINS
            .iter()
            .filter(|builtin| builtin.kind().is_list())
            .map(|builtin| Called {
                kind: builtin.kind(),
                plural: builtin.plural.to_owned(),
                aliases: names(builtin),
            })
            .collect();
        let mut customs = self.defined();
        let listed = self.inventory.kinds().cloned();
        let reads = self.inventory.reads.iter();
        let read: BTreeMap<Kind, &str> = reads
            .filter_map(|read| Some((read.kind.clone()?, read.resource.rsplit('/').next()?)))
            .collect();
        let known: BTreeSet<Kind> = listed.chain(read.keys().cloned()).collect();
        for kind in known.into_iter().filter(|kind| kind.builtin().is_none() && kind.is_list()) {
            let plural = read.get(&kind).map(|plural| (*plural).to_owned());
            let plural = plural.unwrap_or_else(|| kind.kind.to_lowercase());
            customs.entry(kind).or_insert((plural, Vec::new()));
        }
        all.extend(customs.into_iter().map(|(kind, (plural, mut aliases))| {
            aliases.extend([kind.kind.to_lowercase(), format!("{plural}.{}", kind.group)]);
            Called { kind, plural, aliases }
        }));
        all
    }

    /// The objects that `deploy/web`, or `deploy/pay/web`, names: those that are called so, or else those
    /// whose names begin so.
    pub(super) fn objects_named(&self, typed: &str) -> Vec<ObjectRef> {
        let parts: Vec<&str> = typed.trim().split('/').collect();
        let (called, namespace, name) = match parts.as_slice() {
            [called, name] => (called.to_lowercase(), self.namespace.as_deref(), *name),
            [called, namespace, name] => (called.to_lowercase(), Some(*namespace), *name),
            _ => return Vec::new(),
        };
        let is_it = |one: &Called| {
            one.plural == called
                || one.kind.kind.to_lowercase() == called
                || one.aliases.contains(&called)
        };
        let Some(one) = self.kinds_called().into_iter().find(is_it).filter(|_| !name.is_empty())
        else {
            return Vec::new();
        };
        let here = self.inventory.of(&one.kind).iter().filter(|object| {
            object.id.namespace.is_none() || namespace.is_none_or(|ns| object.namespace() == ns)
        });
        let begins: Vec<&ObjectRef> =
            here.map(|object| &object.id).filter(|id| id.name.starts_with(name)).collect();
        let same = begins.iter().filter(|id| *id.name == *name).copied();
        let same: Vec<&ObjectRef> = same.collect();
        let found = if same.is_empty() { begins } else { same };
        found.into_iter().take(NAMED).cloned().collect()
    }

    /// The kinds that definitions in the cluster name, each with its plural and its short names.
    fn defined(&self) -> BTreeMap<Kind, (String, Vec<String>)> {
        let definitions = Kind::new("apiextensions.k8s.io", "CustomResourceDefinition");
        let name = |body: &Node| {
            let kind = body.str_at(&["spec", "names", "kind"])?;
            let kind = Kind::new(body.str_at(&["spec", "group"])?, kind);
            let plural = body.str_at(&["spec", "names", "plural"])?.to_owned();
            let short = body.list_at(&["spec", "names", "shortNames"]).iter();
            let mut names: Vec<String> =
                short.filter_map(Node::as_str).map(str::to_owned).collect();
            names.extend(body.str_at(&["spec", "names", "singular"]).map(str::to_owned));
            Some((kind, (plural, names)))
        };
        let objects = self.inventory.of(&definitions).iter();
        objects.filter_map(|object| name(object.body())).collect()
    }
}

/// What a built-in kind is called besides its plural.
fn names(builtin: &Builtin) -> Vec<String> {
    let mut names = vec![builtin.kind.to_lowercase()];
    if !builtin.short.is_empty() {
        names.push(builtin.short.to_owned());
    }
    if !builtin.group.is_empty() {
        names.push(format!("{}.{}", builtin.plural, builtin.group));
    }
    let habits = HABITS.iter().filter(|(plural, _)| *plural == builtin.plural);
    let habits = habits.flat_map(|(_, habits)| habits.iter().copied());
    names.extend(habits.filter(|habit| *habit != builtin.short).map(str::to_owned));
    names
}

impl State {
    /// Puts the objects that what is typed in the palette names before all else there.
    pub(super) fn offer_named(&mut self) {
        let Some(Popup::Picker(picker)) = self.popups.last() else { return };
        let typed = picker.input.as_ref().filter(|_| picker.asks.is_some()).map(TextInput::text);
        let named = typed.map(|typed| self.data.objects_named(&typed)).unwrap_or_default();
        // Several are chosen among: none of them is more meant than the others.
        let fit = if named.len() == 1 { NameFit::Name } else { NameFit::Beginning };
        let Some(Popup::Picker(picker)) = self.popups.last_mut() else { return };
        for (at, id) in named.into_iter().enumerate() {
            let entry = PickerEntry::new(id.to_string(), PickerChoice::Go(Screen::Object(id)))
                .kind("object");
            picker.shown.insert(at, picker.entries.len());
            picker.fits.insert(at, fit);
            picker.entries.push(entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use super::*;
    use crate::source::files;

    #[test]
    fn no_two_built_in_kinds_are_called_the_same() {
        let mut seen: HashMap<String, &str> = HashMap::new();
        for builtin in BUILTINS.iter().filter(|builtin| builtin.kind().is_list()) {
            for name in names(builtin).into_iter().chain([builtin.plural.to_owned()]) {
                let other = seen.insert(name.clone(), builtin.plural);
                // Two groups may serve the same plural: the first one in the table is meant.
                let same = other.is_none_or(|other| other == builtin.plural);
                assert!(same, "{name} is {other:?} and {}", builtin.plural);
            }
        }
    }

    #[test]
    fn kinds_that_a_definition_names_have_its_plural_and_short_names() {
        let text = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
                    metadata: {name: widgets.example.com}\nspec:\n  group: example.com\n  names:\n    \
                    kind: Widget\n    plural: widgets\n    singular: widget\n    shortNames: [wd]\n\
                    ---\napiVersion: other.example.com/v1\nkind: Gadget\nmetadata: {name: g}\n";
        let inventory = files::from_text("x.yaml", text, &files::Options::default());
        let data = Data { inventory: Arc::new(inventory), ..Data::default() };
        let all = data.kinds_called();
        let of = |kind: &str| all.iter().find(|called| &*called.kind.kind == kind).unwrap();
        assert_eq!(of("Widget").plural, "widgets");
        assert!(of("Widget").aliases.contains(&"wd".to_owned()));
        assert!(of("Widget").aliases.contains(&"widgets.example.com".to_owned()));
        assert!(of("Gadget").aliases.contains(&"gadget".to_owned()));
        assert_eq!(of("Deployment").aliases[..2], ["deployment", "deploy"]);
    }
}
