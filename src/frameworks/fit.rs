//! Which frameworks fit a cluster: known once its provider and version are.
//!
//! A selection names what is [`Wanted`]; [`choose`] makes of it what is judged, and says of
//! everything else why it is not. Scan and workbench both go through here.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::schema::{ALL_LEVELS, Framework};

/// Providers that arrange the control plane in their own way, but leave it to whoever runs the
/// cluster: the benchmark of self-managed clusters is judged there too.
const NEARLY_SELF_MANAGED: [&str; 2] = ["k3s", "rke2"];

/// What a cluster is, as far as it decides which framework fits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Cluster {
    /// The provider's word; none, or `unknown`, when nothing tells it.
    pub provider: Option<String>,
    /// Minor version of the server.
    pub minor: Option<u32>,
}

impl Cluster {
    /// The provider, if it is known.
    #[must_use]
    pub fn provider(&self) -> Option<&str> {
        self.provider.as_deref().filter(|word| !word.is_empty() && *word != "unknown")
    }
}

/// How a framework came to be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Nothing was selected: everything that fits.
    Default,
    /// By the name of its family: the edition that fits.
    Family,
    /// By its id: it is judged, whether it fits or not.
    Id,
}

/// Something to judge, before it is known which edition fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The name that was given, or that of the family.
    pub name: String,
    /// How it came to be asked for.
    pub by: By,
    /// Editions it may be, the newest first.
    pub editions: Vec<Arc<Framework>>,
    /// The level; none for the default.
    pub level: Option<String>,
    /// Only these controls, as they were written; empty for all.
    pub controls: Vec<String>,
}

/// A framework that is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The framework, cut down to the controls that were asked for.
    pub framework: Arc<Framework>,
    /// The level; none for the default.
    pub level: Option<String>,
    /// Why it is judged: `written for eks and Kubernetes >=1.30`.
    pub because: String,
    /// What to bear in mind: that it is written for another version or provider.
    pub note: Option<String>,
}

/// A framework that was asked for, or belongs to what is judged by default, and is not judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotJudged {
    /// Its id.
    pub id: String,
    /// Its family.
    pub family: String,
    /// Why.
    pub reason: String,
    /// What kind of reason it is.
    #[serde(skip, default)]
    pub why: Why,
}

/// Why a framework is not judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It is written for another provider.
    #[default]
    Provider,
    /// No edition is written for the version of the server.
    Version,
    /// Another edition of its family is judged.
    Edition,
    /// It lacks the level or the control that was asked for.
    Part,
}

/// Makes of what is wanted what is judged, and says what is not and why.
#[must_use]
pub fn choose(wanted: &[Wanted], cluster: &Cluster) -> (Vec<Pick>, Vec<NotJudged>) {
    let mut picks: Vec<Pick> = Vec::new();
    let mut left = Vec::new();
    for want in wanted {
        let found = match want.by {
            By::Id => want.editions.first().map(|framework| {
                let note = misfit(framework, cluster);
                (Arc::clone(framework), "chosen by its id".to_owned(), note)
            }),
            By::Family | By::Default => fitting(want, cluster, &mut left),
        };
        let Some((framework, because, note)) = found else { continue };
        match part(want, &framework) {
            Ok(framework) => {
                let whole = want.controls.is_empty();
                // A control that was asked for is judged, whatever level it belongs to.
                let all = || (!framework.levels.is_empty()).then(|| ALL_LEVELS.to_owned());
                let level = if whole { want.level.clone() } else { all() };
                add(&mut picks, Pick { framework, level, because, note }, whole);
            }
            Err(reason) => left.push(not(&framework, reason, Why::Part)),
        }
    }
    left.retain(|n| !picks.iter().any(|pick| pick.framework.id == n.id));
    left.sort();
    left.dedup();
    (picks, left)
}

/// A framework that is judged whole is not judged again in part, and two parts of one are one.
fn add(picks: &mut Vec<Pick>, pick: Pick, whole: bool) {
    let same = |p: &&mut Pick| p.framework.id == pick.framework.id;
    if whole {
        let again = |p: &Pick| p.framework.id == pick.framework.id && p.level == pick.level;
        if !picks.iter().any(again) {
            picks.push(pick);
        }
        return;
    }
    match picks.iter_mut().find(same) {
        None => picks.push(pick),
        Some(first) => first.framework = Arc::new(united(&first.framework, &pick.framework)),
    }
}

/// A framework with the controls of two parts of it.
fn united(a: &Framework, b: &Framework) -> Framework {
    let mut both = a.clone();
    for control in &b.controls {
        if !both.controls.iter().any(|c| c.id == control.id) {
            both.controls.push(control.clone());
        }
    }
    both
}

/// The part of a framework that is wanted.
fn part(want: &Wanted, framework: &Arc<Framework>) -> Result<Arc<Framework>, String> {
    if let Some(level) = want.level.as_deref().filter(|level| !framework.has_level(level)) {
        return Err(format!("{} has no level {level}", framework.id));
    }
    if want.controls.is_empty() {
        return Ok(Arc::clone(framework));
    }
    let known = |id: &String| framework.control(id).map(|c| c.id.as_str());
    let ids: BTreeSet<&str> = want.controls.iter().filter_map(known).collect();
    if ids.is_empty() {
        return Err(format!("{} has no control {}", framework.id, want.controls.join(", ")));
    }
    let mut part = Framework::clone(framework);
    let ids: BTreeSet<String> = ids.into_iter().map(str::to_owned).collect();
    part.controls.retain(|control| ids.contains(&control.id));
    Ok(Arc::new(part))
}

/// The edition that fits, and why; what does not is added to `left`.
fn fitting(
    want: &Wanted,
    cluster: &Cluster,
    left: &mut Vec<NotJudged>,
) -> Option<(Arc<Framework>, String, Option<String>)> {
    let mut here = Vec::new();
    for framework in &want.editions {
        match provider(framework, cluster) {
            Ok(fit) => here.push((framework, fit)),
            Err(reason) => left.push(not(framework, reason, Why::Provider)),
        }
    }
    let fits = |f: &Framework| cluster.minor.is_none() || f.kubernetes.contains(cluster.minor);
    if let Some((chosen, fit)) = here.iter().find(|(f, _)| fits(f)) {
        let taken = format!("{} is judged", chosen.id);
        let others = here.iter().filter(|(f, _)| f.id != chosen.id);
        left.extend(others.map(|(f, _)| not(f, taken.clone(), Why::Edition)));
        let version = version(chosen, cluster, here.len() > 1);
        let because: Vec<String> = fit.because.iter().cloned().chain(version).collect();
        let because =
            if because.is_empty() { "fits every cluster".to_owned() } else { because.join("; ") };
        return Some((Arc::clone(chosen), because, fit.note.clone()));
    }
    // What is left is written for other versions: an unknown one would have fitted.
    let minor = cluster.minor?;
    let (nearest, _) = here.iter().min_by_key(|(f, _)| f.kubernetes.distance(minor))?;
    let reason = format!(
        "no benchmark for Kubernetes 1.{minor} here; nearest is {} (Kubernetes {}), judged when chosen by that id",
        nearest.id, nearest.kubernetes
    );
    left.extend(here.iter().map(|(f, _)| not(f, reason.clone(), Why::Version)));
    None
}

fn not(framework: &Framework, reason: String, why: Why) -> NotJudged {
    let (id, family) = (framework.id.clone(), framework.family().to_owned());
    NotJudged { id, family, reason, why }
}

/// That a framework is written for the provider, and what to bear in mind.
struct Provided {
    because: Option<String>,
    note: Option<String>,
}

fn provider(framework: &Framework, cluster: &Cluster) -> Result<Provided, String> {
    let meant = framework.provider.as_str();
    let plain = |because: String| Ok(Provided { because: Some(because), note: None });
    if meant.is_empty() {
        return Ok(Provided { because: None, note: None });
    }
    if meant != "self-managed" {
        return match cluster.provider() {
            Some(word) if word == meant => plain(format!("written for {meant}")),
            Some(word) => Err(format!("written for {meant}; this cluster is {word}")),
            None => Err(format!("written for {meant}; the provider of this cluster is not known")),
        };
    }
    match cluster.provider() {
        None => plain(
            "written for self-managed clusters; the provider is not known, so this is taken for one"
                .to_owned(),
        ),
        Some("self-managed") => plain("written for self-managed clusters".to_owned()),
        Some("kind") => plain("written for self-managed clusters, which kind is".to_owned()),
        Some(word) if NEARLY_SELF_MANAGED.contains(&word) => Ok(Provided {
            because: Some("written for self-managed clusters".to_owned()),
            note: Some(format!(
                "{word} keeps flags and files of its control plane in other places than the benchmark names"
            )),
        }),
        Some(word) => Err(format!("written for self-managed clusters; this cluster is {word}")),
    }
}

/// What the version has to do with the choice.
fn version(framework: &Framework, cluster: &Cluster, editions: bool) -> Option<String> {
    match cluster.minor {
        _ if framework.kubernetes.is_any() => editions.then(|| "the newest edition".to_owned()),
        Some(minor) => Some(format!("for Kubernetes {}, which 1.{minor} is", framework.kubernetes)),
        None => Some("the newest edition, as the version of the server is not known".to_owned()),
    }
}

/// That a framework is written for something else than this cluster.
fn misfit(framework: &Framework, cluster: &Cluster) -> Option<String> {
    let provided = provider(framework, cluster);
    let mut notes: Vec<String> = match provided {
        Ok(fit) => fit.note.into_iter().collect(),
        Err(reason) => vec![reason],
    };
    let range = &framework.kubernetes;
    if let Some(minor) = cluster.minor.filter(|minor| !range.contains(Some(*minor))) {
        notes.push(format!("written for Kubernetes {range}; this server is 1.{minor}"));
    }
    (!notes.is_empty()).then(|| notes.join("; "))
}

/// What a person is told of frameworks that are not judged, in few lines: first families without
/// an edition for this version, then what lacks a part that was asked for, then everything that is
/// written for other providers. Editions of a family that is judged go without saying.
#[must_use]
pub fn told(not_judged: &[NotJudged], judged: &BTreeSet<&str>) -> Vec<String> {
    told_as(not_judged, judged, |n| &n.family)
}

/// As [`told`], with another name for each framework, such as its short one.
#[must_use]
pub fn told_as<'a>(
    not_judged: &'a [NotJudged],
    judged: &BTreeSet<&str>,
    name: impl Fn(&'a NotJudged) -> &'a str,
) -> Vec<String> {
    let silent = |n: &&NotJudged| !judged.contains(&*n.family) || n.why == Why::Part;
    let left: Vec<&NotJudged> = not_judged.iter().filter(silent).collect();
    let of = |why: Why| left.iter().filter(move |n| n.why == why);
    let mut lines: Vec<String> = Vec::new();
    for n in of(Why::Version) {
        let line = format!("{}: {}", n.family, n.reason);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.extend(of(Why::Part).map(|n| format!("{}: {}", name(n), n.reason)));
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for n in of(Why::Provider) {
        let here = n.reason.split("; ").nth(1).unwrap_or(&n.reason);
        match reasons.iter_mut().find(|(reason, _)| *reason == here) {
            Some((_, names)) if names.contains(&name(n)) => {}
            Some((_, names)) => names.push(name(n)),
            None => reasons.push((here, vec![name(n)])),
        }
    }
    let line = |(reason, names): (&str, Vec<&str>)| {
        format!("{}: written for other providers; {reason}", names.join(", "))
    };
    lines.extend(reasons.into_iter().map(line));
    lines
}

#[cfg(test)]
mod tests;
