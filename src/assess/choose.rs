//! What a selection means: which checks and frameworks, before anything is read and once the cluster is
//! known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Content, nearest};
use crate::checks::{self, LabelSelector, RunScope};
use crate::frameworks::fit::{self, By};
use crate::frameworks::{Cluster, Framework, NotJudged, Pick, Wanted};
use crate::model::finding::Form;
use crate::model::kinds::{self, Kind};
use crate::model::served;
use crate::session::run::Selection;
/// Why a selection means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}{hint}")]
pub struct SelectionError {
    what: String,
    hint: String,
}

/// A selection that was understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chosen {
    /// As it was asked for.
    pub selection: Selection,
    /// Checks to run; until the cluster is known, those of every edition that may be judged.
    pub checks: Vec<Arc<str>>,
    /// What to judge, before it is known which editions fit.
    pub wanted: Vec<Wanted>,
    /// Frameworks that are judged; empty until the cluster is known.
    pub frameworks: Vec<Pick>,
    /// Frameworks that do not fit, and why.
    pub not_judged: Vec<NotJudged>,
    /// The cluster by which they were told apart.
    pub cluster: Cluster,
    /// What to look at.
    pub scope: RunScope,
}

impl Chosen {
    /// Families of which an edition is judged.
    #[must_use]
    pub fn families(&self) -> BTreeSet<&str> {
        self.frameworks.iter().map(|pick| pick.framework.family()).collect()
    }
}
impl Content {
    /// Understands a selection.
    ///
    /// # Errors
    /// When it names a check, framework, control, kind or label that does not exist.
    pub fn choose(&self, selection: &Selection) -> Result<Chosen, SelectionError> {
        let mut chosen = self.choose_named(selection)?;
        if let Some(beside) = selection.of_beside() {
            let more = self.choose_named(&beside)?.checks;
            chosen.checks.extend(more);
            chosen.checks.sort();
            chosen.checks.dedup();
        }
        Ok(chosen)
    }

    /// The same without what was asked for beside everything.
    fn choose_named(&self, selection: &Selection) -> Result<Chosen, SelectionError> {
        let mut chosen = Chosen { selection: selection.clone(), ..Chosen::default() };
        let some = !selection.frameworks.is_empty()
            || !selection.controls.is_empty()
            || !selection.checks.is_empty();
        if !some {
            let family = |editions: Vec<Arc<Framework>>| {
                let name = editions.first().map_or_else(String::new, |f| f.family().to_owned());
                Wanted { name, by: By::Default, editions, level: None, controls: Vec::new() }
            };
            chosen.wanted = self.frameworks.families().into_iter().map(family).collect();
        }
        for text in &selection.frameworks {
            chosen.wanted.push(self.whole(text)?);
        }
        self.parts(&selection.controls, &mut chosen.wanted)?;
        for id in &selection.checks {
            if !self.library.checks.contains_key(id.as_str()) {
                let ids = self.library.checks.keys().map(|k| &**k);
                return Err(unknown("check", id, ids));
            }
        }
        if selection.profile.is_some() {
            let editions = chosen.wanted.iter_mut().flat_map(|want| &mut want.editions);
            editions.for_each(|edition| *edition = Arc::new(self.tenants_part(edition)));
        }
        let editions = chosen.wanted.iter().flat_map(|want| &want.editions);
        chosen.checks = self.checks_of(selection, editions);
        chosen.scope = self.scope(selection)?;
        Ok(chosen)
    }

    /// Takes of what is wanted what fits a cluster, and runs no check that only serves the rest.
    #[must_use]
    pub fn fit(&self, chosen: Chosen, cluster: Cluster) -> Chosen {
        let beside = chosen.selection.of_beside();
        // Its names were looked up when the whole was chosen.
        let beside = beside.and_then(|beside| self.choose_named(&beside).ok());
        let beside = beside.map(|beside| self.fit_named(beside, cluster.clone()));
        let mut chosen = self.fit_named(chosen, cluster);
        if let Some(beside) = beside {
            self.add(&mut chosen, &beside);
        }
        chosen
    }

    /// The same without what was asked for beside everything.
    fn fit_named(&self, mut chosen: Chosen, cluster: Cluster) -> Chosen {
        (chosen.frameworks, chosen.not_judged) = fit::choose(&chosen.wanted, &cluster);
        for pick in &mut chosen.frameworks {
            if let Some(note) = self.supplanted(pick, &chosen.wanted, &cluster) {
                let notes: Vec<String> = pick.note.take().into_iter().chain([note]).collect();
                pick.note = Some(notes.join("; "));
            }
        }
        chosen.cluster = cluster;
        let judged = chosen.frameworks.iter().map(|pick| &pick.framework);
        chosen.checks = self.checks_of(&chosen.selection, judged);
        chosen
    }

    /// That a framework of the user's own is judged where one that ships would be: nobody asked for it by
    /// its id, it only says that it is of that family.
    fn supplanted(&self, pick: &Pick, wanted: &[Wanted], cluster: &Cluster) -> Option<String> {
        let own = &pick.framework;
        if self.frameworks.is_builtin(&own.id) {
            return None;
        }
        let mut asked = wanted.iter().filter(|want| want.by != By::Id);
        let want = asked.find(|want| want.editions.iter().any(|f| f.id == own.id))?;
        let ships = |f: &&Arc<Framework>| self.frameworks.is_builtin(&f.id);
        let editions = want.editions.iter().filter(ships).cloned().collect();
        let (without, _) = fit::choose(&[Wanted { editions, ..want.clone() }], cluster);
        let shipped = &without.first()?.framework;
        let file = self.frameworks.file(&own.id).unwrap_or_default();
        Some(format!(
            "one of your own ({file}), judged in the place of {}, whose family it names; with another \
             `family` both are",
            shipped.id
        ))
    }

    /// The checks of a selection: everything that is on, or what the frameworks name.
    fn checks_of<'a>(
        &self,
        selection: &Selection,
        frameworks: impl Iterator<Item = &'a Arc<Framework>>,
    ) -> Vec<Arc<str>> {
        let Selection { frameworks: names, controls, checks: ids, .. } = selection;
        let mut checks: BTreeSet<Arc<str>> = BTreeSet::new();
        if names.is_empty() && controls.is_empty() && ids.is_empty() {
            checks.extend(self.usual());
        } else {
            frameworks.for_each(|framework| self.add_mapped(framework, &mut checks));
            let known = |id: &String| self.library.checks.get_key_value(id.as_str());
            checks.extend(ids.iter().filter_map(known).map(|(id, _)| Arc::clone(id)));
        }
        if selection.profile.is_some() {
            checks.retain(|id| self.is_tenants(id));
        }
        checks.into_iter().collect()
    }

    /// What runs when nothing is selected: everything but opt-in checks that are off.
    fn usual(&self) -> impl Iterator<Item = Arc<str>> {
        let on = |id: &str, form| form != Form::OptIn || self.opt_in.contains(id);
        let checks = self.library.checks.iter();
        checks.filter(move |(id, check)| on(id, check.form)).map(|(id, _)| Arc::clone(id))
    }

    /// The editions that a name may mean, and whether it names one of them.
    fn named(&self, name: &str) -> Result<(By, Vec<Arc<Framework>>), SelectionError> {
        let editions = self.frameworks.named(name);
        let by = match editions.first() {
            Some(first) if first.id == name => By::Id,
            Some(_) => By::Family,
            None => {
                let all = self.frameworks.frameworks.iter();
                let words: BTreeSet<&str> = all.flat_map(|f| [&*f.id, f.family()]).collect();
                return Err(unknown("framework", name, words.into_iter()));
            }
        };
        Ok((by, editions))
    }

    /// `ID[:LEVEL]`, where the id may be that of a family.
    fn whole(&self, text: &str) -> Result<Wanted, SelectionError> {
        let (name, level) =
            text.split_once(':').map_or((text, None), |(name, level)| (name, Some(level)));
        let (by, editions) = self.named(name)?;
        let newest = editions.first();
        if let Some(level) = level.filter(|level| !editions.iter().any(|f| f.has_level(level))) {
            let levels = newest.map(|f| list_or(&f.levels, "no levels")).unwrap_or_default();
            let hint = format!("; it has {levels}");
            return Err(error(format!("framework `{name}` has no level `{level}`"), hint));
        }
        let (name, level) = (name.to_owned(), level.map(str::to_owned));
        Ok(Wanted { name, by, editions, level, controls: Vec::new() })
    }

    /// Adds the frameworks of controls that were asked for, each cut down to these.
    fn parts(&self, controls: &[String], wanted: &mut Vec<Wanted>) -> Result<(), SelectionError> {
        let mut names: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for text in controls {
            let form =
                || error(format!("`{text}` is no control"), "; write FRAMEWORK/ID".to_owned());
            let (name, control) = text.split_once('/').ok_or_else(form)?;
            let (_, editions) = self.named(name)?;
            // An edition without it may be the one that fits: then that is said.
            if !editions.iter().any(|f| f.control(control).is_some()) {
                let ids = editions.iter().flat_map(|f| &f.controls).map(|c| c.id.as_str());
                let near = nearest(control, ids).map(|k| format!("; did you mean `{k}`?"));
                let hint = near
                    .unwrap_or_else(|| format!("; `plimsoll frameworks show {name}` shows them"));
                return Err(error(format!("framework `{name}` has no control `{control}`"), hint));
            }
            names.entry(name).or_default().push(control.to_owned());
        }
        for (name, controls) in names {
            let (by, mut editions) = self.named(name)?;
            for edition in &mut editions {
                let known = |id: &String| edition.control(id).map(|c| c.id.clone());
                let ids: BTreeSet<String> = controls.iter().filter_map(known).collect();
                let mut part = Framework::clone(edition);
                part.controls.retain(|c| ids.contains(&c.id));
                *edition = Arc::new(part);
            }
            wanted.push(Wanted { name: name.to_owned(), by, editions, level: None, controls });
        }
        Ok(())
    }

    /// Checks that a framework names: an opt-in one only where it decides something.
    fn add_mapped(&self, framework: &Framework, checks: &mut BTreeSet<Arc<str>>) {
        for mapping in framework.controls.iter().flat_map(|c| &c.checks) {
            let Some((id, check)) = self.library.checks.get_key_value(mapping.id.as_str()) else {
                continue;
            };
            let decides = mapping.strength.decides();
            if check.form != Form::OptIn || decides || self.opt_in.contains(&mapping.id) {
                checks.insert(Arc::clone(id));
            }
        }
    }
}

impl Content {
    fn scope(&self, selection: &Selection) -> Result<RunScope, SelectionError> {
        let namespaces: BTreeSet<String> = selection.namespaces.iter().cloned().collect();
        let selector = match selection.selector.as_deref() {
            Some(text) => Some(
                LabelSelector::parse(text)
                    .map_err(|e| error(format!("label selector `{text}`: {e}"), String::new()))?,
            ),
            None => None,
        };
        let object = selection.object.as_deref().map(|text| self.object(text)).transpose()?;
        Ok(RunScope {
            namespaces: (!namespaces.is_empty()).then_some(namespaces),
            selector,
            object: object.map(|(kind, name)| (kind, None, name)),
            tenant: selection.profile.is_some(),
        })
    }

    /// `deploy/web` as kind and name. A custom kind is known if a check looks at it.
    fn object(&self, text: &str) -> Result<(Kind, String), SelectionError> {
        let form = || {
            error(
                format!("`{text}` names no object"),
                "; write KIND/NAME, such as deploy/web".to_owned(),
            )
        };
        let (word, name) =
            text.split_once('/').filter(|(_, name)| !name.is_empty()).ok_or_else(form)?;
        if let Some(builtin) = kinds::lookup(word) {
            return Ok((builtin.kind(), name.to_owned()));
        }
        let all = checks::kinds_of(&self.library, self.library.checks.keys().map(|id| &**id));
        let listed = |kind: &Kind| kind.is_list() && !served::is_file(&kind.group, &kind.kind);
        let mut meant: Vec<Kind> =
            all.into_iter().filter(|kind| listed(kind) && served::is_called(kind, word)).collect();
        if let [_, _, ..] = meant[..] {
            let all: Vec<String> = meant.iter().map(full).collect();
            let hint = format!("; write one of them: {}", all.join(", "));
            return Err(error(format!("`{word}` is the name of several kinds"), hint));
        }
        let words = kinds::BUILTINS.iter().flat_map(words);
        meant.pop().map(|kind| (kind, name.to_owned())).ok_or_else(|| unknown("kind", word, words))
    }
}

/// `policies.kyverno.io`.
fn full(kind: &Kind) -> String {
    format!("{}.{}", served::plural(kind), kind.group)
}

/// What kubectl calls a kind.
fn words(kind: &kinds::Builtin) -> impl Iterator<Item = &'static str> {
    [kind.plural, kind.short].into_iter().filter(|word| !word.is_empty())
}

fn error(what: String, hint: String) -> SelectionError {
    SelectionError { what, hint }
}

fn list_or(items: &[String], none: &str) -> String {
    if items.is_empty() { none.to_owned() } else { items.join(", ") }
}

/// "no check `x`; did you mean `y`?"
fn unknown<'a>(what: &str, word: &str, known: impl Iterator<Item = &'a str>) -> SelectionError {
    let known: Vec<&str> = known.collect();
    // Of a family and its editions the family.
    let goes_on = |k: &str, from: &str| k.strip_prefix(from).is_some_and(|k| k.starts_with('-'));
    let all: BTreeSet<&str> = known.iter().copied().filter(|k| goes_on(k, word)).collect();
    let alike: Vec<&str> =
        all.iter().copied().filter(|k| !all.iter().any(|other| goes_on(k, other))).collect();
    let hint = match nearest(word, known.into_iter()) {
        // Which of them was meant, nobody can tell.
        Some(_) if alike.len() > 1 => format!("; those that begin so: {}", alike.join(", ")),
        Some(near) => format!("; did you mean `{near}`?"),
        None => match what {
            "check" => "; `plimsoll checks list` shows them".to_owned(),
            "framework" => "; `plimsoll frameworks list` shows them".to_owned(),
            _ => String::new(),
        },
    };
    error(format!("there is no {what} `{word}`"), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_frameworks_that_begin_alike_none_is_guessed() {
        let named = |name: &str| Content::builtin().named(name).unwrap_err().to_string();
        let all = "; those that begin so: cis-aks, cis-eks, cis-gke, cis-kubernetes";
        assert!(named("cis").ends_with(all), "{}", named("cis"));
        assert!(named("nsa-cis").ends_with("did you mean `nsa-cisa`?"), "{}", named("nsa-cis"));
    }

    #[test]
    fn an_object_may_be_of_a_custom_kind_that_a_check_looks_at() {
        let content = Content::builtin();
        let kind = |object: &str| {
            let selection = Selection { object: Some(object.to_owned()), ..Selection::default() };
            let chosen = content.choose(&selection).map_err(|error| error.to_string());
            chosen.map(|chosen| chosen.scope.object.map(|(kind, _, name)| (kind, name)))
        };
        let policy = Kind::new("kyverno.io", "ClusterPolicy");
        for word in ["clusterpolicy", "ClusterPolicies", "clusterpolicies.kyverno.io"] {
            let found = kind(&format!("{word}/a"));
            assert_eq!(found, Ok(Some((policy.clone(), "a".to_owned()))), "{word}");
        }
        let error = kind("deploymnts/a").unwrap_err();
        assert!(error.contains("there is no kind `deploymnts`; did you mean"), "{error}");
        assert!(kind("clusterpolicies.example.invalid/a").is_err());
    }
}
