//! A part that is run beside what is shown. Both together are one selection, and the checks of both look
//! at the places of both: a run tells of one moment, and of nothing at which it did not look.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Chosen, Content, SelectionError};
use crate::checks::RunScope;
use crate::frameworks::{Cluster, Framework, Pick};
use crate::session::run::Selection;

impl Content {
    /// What was chosen before, by checks and frameworks as they are now and for a cluster as it is now.
    ///
    /// # Errors
    /// When it names something that is not there any more.
    pub fn renew(&self, before: &Chosen, cluster: &Cluster) -> Result<Chosen, SelectionError> {
        let mut now = self.fit(self.choose(&before.selection)?, cluster.clone());
        now.scope.clone_from(&before.scope);
        Ok(now)
    }

    /// The smallest selection that holds what was chosen before and a part. The part alone where only
    /// everything would hold both, which nobody asked for.
    #[must_use]
    pub fn widen(&self, before: Chosen, part: Chosen) -> Chosen {
        let Some(place) = place(&before, &part) else { return part };
        let mut all = before;
        all.scope = place.scope;
        (all.selection.namespaces, all.selection.object) = (place.namespaces, place.object);
        all.selection.include_platform = part.selection.include_platform;
        if is_narrow(&all.selection) {
            let Selection { frameworks, controls, checks, .. } = &mut all.selection;
            extend(frameworks, &part.selection.frameworks);
            extend(controls, &part.selection.controls);
            extend(checks, &part.selection.checks);
        } else {
            ask_beside(&mut all, &part);
        }
        self.add(&mut all, &part);
        all
    }

    /// Adds the checks and frameworks of another selection.
    pub(super) fn add(&self, all: &mut Chosen, more: &Chosen) {
        extend(&mut all.checks, &more.checks);
        for pick in &more.frameworks {
            let same = |known: &&mut Pick| known.framework.id == pick.framework.id;
            match all.frameworks.iter_mut().find(same) {
                None => all.frameworks.push(pick.clone()),
                Some(known) => known.framework = self.united(&known.framework, &pick.framework),
            }
        }
        for wanted in &more.wanted {
            if !all.wanted.contains(wanted) {
                all.wanted.push(wanted.clone());
            }
        }
        extend(&mut all.not_judged, &more.not_judged);
        let judged: BTreeSet<&str> =
            all.frameworks.iter().map(|pick| pick.framework.id.as_str()).collect();
        all.not_judged.retain(|framework| !judged.contains(framework.id.as_str()));
    }

    /// A framework with the controls of two parts of it.
    fn united(&self, one: &Arc<Framework>, other: &Framework) -> Arc<Framework> {
        let has = |part: &Framework, id: &str| part.controls.iter().any(|c| c.id == id);
        if other.controls.iter().all(|control| has(one, &control.id)) {
            return Arc::clone(one);
        }
        let whole = self.frameworks.frameworks.iter().find(|whole| whole.id == one.id);
        let mut union = Framework::clone(whole.unwrap_or(one));
        union.controls.retain(|control| has(one, &control.id) || has(other, &control.id));
        Arc::new(union)
    }
}

/// Where a selection looks, and in which words.
struct SelectedPlace {
    scope: RunScope,
    namespaces: Vec<String>,
    object: Option<String>,
}

impl SelectedPlace {
    fn of(chosen: &Chosen) -> Self {
        let Selection { namespaces, object, .. } = &chosen.selection;
        let (namespaces, object) = (namespaces.clone(), object.clone());
        Self { scope: chosen.scope.clone(), namespaces, object }
    }
}

/// The smallest place that holds those of two selections; none where that is everything and neither is.
fn place(before: &Chosen, part: &Chosen) -> Option<SelectedPlace> {
    if holds(&before.scope, &part.scope) {
        return Some(SelectedPlace::of(before));
    }
    if holds(&part.scope, &before.scope) {
        return Some(SelectedPlace::of(part));
    }
    let alike =
        before.scope.selector == part.scope.selector && before.scope.tenant == part.scope.tenant;
    let (Some(one), Some(other)) = (&before.scope.namespaces, &part.scope.namespaces) else {
        return None;
    };
    let namespaces: BTreeSet<String> = one.union(other).cloned().collect();
    let names = namespaces.iter().cloned().collect();
    let scope = RunScope { namespaces: Some(namespaces), object: None, ..before.scope.clone() };
    alike.then_some(SelectedPlace { scope, namespaces: names, object: None })
}

/// Whether all that lies in another place certainly lies in this one.
fn holds(place: &RunScope, other: &RunScope) -> bool {
    let namespaces = match (&place.namespaces, &other.namespaces) {
        (None, _) => true,
        (Some(all), Some(some)) => some.is_subset(all),
        (Some(_), None) => false,
    };
    let object = match (&place.object, &other.object) {
        (None, _) => true,
        (Some((kind, namespace, name)), Some((other_kind, other_namespace, other_name))) => {
            kind == other_kind
                && name == other_name
                && (namespace.is_none() || namespace == other_namespace)
        }
        (Some(_), None) => false,
    };
    let labels = place.selector.is_none() || place.selector == other.selector;
    namespaces && object && labels && place.tenant == other.tenant
}

/// Asks for a part beside everything, as far as it is not in it: what is off, what does not fit.
fn ask_beside(all: &mut Chosen, part: &Chosen) {
    let runs = |id: &str| all.checks.iter().any(|check| **check == *id);
    let new: Vec<String> = part.selection.checks.iter().filter(|id| !runs(id)).cloned().collect();
    let judges = |pick: &Pick| {
        let mut known = all.frameworks.iter().filter(|k| k.framework.id == pick.framework.id);
        known.any(|known| {
            let controls = &mut pick.framework.controls.iter();
            controls.all(|control| known.framework.controls.iter().any(|c| c.id == control.id))
        })
    };
    let brings = !part.frameworks.iter().all(judges) || !part.checks.iter().all(|id| runs(id));
    let beside = &mut all.selection.beside;
    extend(&mut beside.checks, &new);
    if brings {
        extend(&mut beside.frameworks, &part.selection.frameworks);
        extend(&mut beside.controls, &part.selection.controls);
    }
}

/// Whether a selection is of some checks only.
fn is_narrow(selection: &Selection) -> bool {
    let Selection { frameworks, controls, checks, .. } = selection;
    !(frameworks.is_empty() && controls.is_empty() && checks.is_empty())
}

fn extend<T: Clone + Ord>(to: &mut Vec<T>, more: &[T]) {
    to.extend_from_slice(more);
    to.sort();
    to.dedup();
}

#[cfg(test)]
mod tests;
