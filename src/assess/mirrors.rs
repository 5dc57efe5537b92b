//! Which mirrors of platform images are a cluster's.

use std::sync::Arc;

use crate::model::mirror::Mirror;
use crate::text::set_of;

/// Mirrors as they are set: for every cluster, and in the place of these for contexts by name or pattern.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mirrors {
    all: Arc<[Mirror]>,
    contexts: Vec<(String, Arc<[Mirror]>)>,
}

impl Mirrors {
    /// These for every cluster, but those for contexts of these names or patterns. Neither order nor repeating says
    /// anything.
    #[must_use]
    pub fn new(all: Vec<Mirror>, contexts: Vec<(String, Vec<Mirror>)>) -> Self {
        let contexts = contexts.into_iter().map(|(name, mirrors)| (name, in_order(mirrors)));
        Self { all: in_order(all), contexts: contexts.collect() }
    }

    /// Those of a cluster that is reached by this context; without one, those of every cluster. What is set under the
    /// name of a context goes before patterns, and longer patterns before shorter ones.
    #[must_use]
    pub fn of(&self, context: Option<&str>) -> &Arc<[Mirror]> {
        let entries = self.contexts.iter().map(|(name, mirrors)| (&**name, mirrors));
        context.and_then(|context| set_of(entries, context)).unwrap_or(&self.all)
    }

    /// Each as it is set: with the name or pattern of the contexts it is for, or none for every cluster. Names of
    /// contexts for which there shall be none come with none.
    pub fn set(&self) -> impl Iterator<Item = (Option<&str>, &[Mirror])> {
        let all = (!self.all.is_empty()).then_some((None, &*self.all));
        all.into_iter().chain(self.contexts.iter().map(|(name, of)| (Some(&**name), &**of)))
    }
}

fn in_order(mut mirrors: Vec<Mirror>) -> Arc<[Mirror]> {
    mirrors.sort();
    mirrors.dedup();
    mirrors.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mirrors(names: &[&str]) -> Vec<Mirror> {
        names.iter().map(|name| Mirror::parse(name).unwrap()).collect()
    }

    #[test]
    fn a_context_has_its_own_in_the_place_of_those_of_all() {
        let set = Mirrors::new(
            mirrors(&["b.example", "a.example/k8s", "b.example"]),
            vec![
                ("prod-*".to_owned(), mirrors(&["prod.example/k8s"])),
                ("prod-eu".to_owned(), Vec::new()),
            ],
        );
        for (context, expected) in [
            (None, &["a.example/k8s", "b.example"][..]),
            (Some("dev"), &["a.example/k8s", "b.example"]),
            (Some("prod-us"), &["prod.example/k8s"]),
            (Some("prod-eu"), &[]),
        ] {
            assert_eq!(**set.of(context), *mirrors(expected), "{context:?}");
        }
        let told: Vec<(Option<&str>, usize)> =
            set.set().map(|(name, of)| (name, of.len())).collect();
        assert_eq!(told, [(None, 2), (Some("prod-*"), 1), (Some("prod-eu"), 0)]);
        assert_eq!(Mirrors::default().set().count(), 0);
    }
}
