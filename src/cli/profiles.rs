//! Profiles: read from their files, and understood against checks and frameworks.

use std::path::Path;

use super::context::{self, CommandContext};
use super::{CommandError, open};
use crate::assess::tenants::Tenant;
use crate::assess::{Content, nearest};
use crate::checks::{LabelSelector, Params};
use crate::config::file::{ConfigError, Dirs};
use crate::config::profile::{ALL, Profile};
use crate::handwritten;
use crate::session::run::Selection;

/// Every profile of the configuration directory, and what is wrong with the others, each with its
/// file, line and column.
#[must_use]
pub fn load(content: &Content, dirs: &Dirs) -> (Vec<Tenant>, Vec<String>) {
    let PickedProfiles { tenants, broken } = all(content, dirs);
    (tenants, broken.into_iter().flat_map(|broken| broken.why).collect())
}

/// Profiles that were asked for.
#[derive(Debug, Default)]
pub struct PickedProfiles {
    /// Those that mean something.
    pub tenants: Vec<Tenant>,
    /// The others of `all`.
    pub broken: Vec<BrokenProfile>,
}

impl PickedProfiles {
    /// All that were asked for.
    ///
    /// # Errors
    /// With what is wrong with any of them.
    pub fn whole(self) -> Result<Vec<Tenant>, CommandError> {
        let wrong: Vec<String> = self.broken.into_iter().flat_map(|broken| broken.why).collect();
        if wrong.is_empty() { Ok(self.tenants) } else { Err(CommandError::usage(wrong)) }
    }
}

/// A profile whose file means nothing.
#[derive(Debug)]
pub struct BrokenProfile {
    /// Its name.
    pub name: String,
    /// What is wrong, each with its file, line and column.
    pub why: Vec<String>,
}

fn all(content: &Content, dirs: &Dirs) -> PickedProfiles {
    let (profiles, wrong) = Profile::load(&dirs.config.join("profiles"));
    let unread =
        |(name, why): (String, ConfigError)| BrokenProfile { name, why: vec![why.to_string()] };
    let mut picked =
        PickedProfiles { tenants: Vec::new(), broken: wrong.into_iter().map(unread).collect() };
    for profile in &profiles {
        match tenant(profile, content) {
            Ok(tenant) => picked.tenants.push(tenant),
            Err(errors) => picked.broken.push(BrokenProfile {
                name: profile.name.clone(),
                why: errors.iter().map(ToString::to_string).collect(),
            }),
        }
    }
    picked.broken.sort_by(|a, b| a.name.cmp(&b.name));
    picked
}

/// The profiles that a command line names, in its order and each once; all of them for `all`, and
/// beside them those whose files mean nothing: one of them hides no other.
///
/// # Errors
/// When one that is named is not there, or its file means nothing; for `all`, when none is left.
pub fn chosen(context: &CommandContext, names: &[String]) -> Result<PickedProfiles, CommandError> {
    let dir = context.dirs.config.join("profiles");
    if names.iter().any(|name| name == ALL) {
        let picked = all(&context.content, &context.dirs);
        let wrong: Vec<&str> =
            picked.broken.iter().flat_map(|broken| &broken.why).map(String::as_str).collect();
        return match (picked.tenants.is_empty(), wrong.is_empty()) {
            (false, _) => Ok(picked),
            (true, false) => Err(CommandError::usage(wrong)),
            (true, true) => {
                let text = "there is no profile: `plimsoll config init` writes an example to";
                Err(CommandError::Usage(format!("{text} {}", dir.display())))
            }
        };
    }
    let mut tenants: Vec<Tenant> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        if !names.iter().take(at).any(|before| before == name) {
            tenants.push(one(context, &dir, name)?);
        }
    }
    Ok(PickedProfiles { tenants, broken: Vec::new() })
}

/// A profile by its name, or by its file.
fn one(context: &CommandContext, dir: &Path, name: &str) -> Result<Tenant, CommandError> {
    let ending = Path::new(name).extension().is_some_and(|ending| ending == "toml");
    let file = ending || name.contains(std::path::MAIN_SEPARATOR);
    let path = if file { Path::new(name).to_owned() } else { dir.join(format!("{name}.toml")) };
    let awaited = open::awaited(&path);
    let text = handwritten::named(&path, handwritten::LARGEST);
    drop(awaited);
    let text = text.map_err(|error| {
        if error.kind() != std::io::ErrorKind::NotFound || file {
            return CommandError::Usage(format!("{}: {error}", path.display()));
        }
        let (known, _) = Profile::load(dir);
        let near = nearest(name, known.iter().map(|profile| profile.name.as_str()));
        let hint = near.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        CommandError::Usage(format!("there is no profile `{name}` in {}{hint}", dir.display()))
    })?;
    let profile =
        Profile::parse(&path, &text).map_err(|error| CommandError::Usage(error.to_string()))?;
    tenant(&profile, &context.content).map_err(CommandError::usage)
}

/// A profile against the checks and frameworks there are.
fn tenant(profile: &Profile, content: &Content) -> Result<Tenant, Vec<ConfigError>> {
    let terms = &profile.terms;
    let mut wrong = Vec::new();
    let selector = terms.selector.as_deref().and_then(|text| {
        let read = LabelSelector::parse(text);
        read.map_err(|why| wrong.push(profile.wrong(&["selector"], format!("selector: {why}"))))
            .ok()
    });
    for text in &terms.frameworks {
        let asked = Selection { frameworks: vec![text.clone()], ..Selection::default() };
        if let Err(why) = content.choose(&asked) {
            wrong.push(profile.wrong(&["frameworks"], format!("frameworks: {why}")));
        }
    }
    for name in terms.threshold.score.keys() {
        if let Some(why) = no_score(name, &terms.frameworks, content) {
            let keys = ["threshold", "score", name];
            wrong.push(profile.wrong(&keys, format!("threshold.score: {why}")));
        }
    }
    let (own, errors) = context::params(&terms.params, &profile.path, &content.library);
    wrong.extend(errors);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut params: Params = content.params.clone();
    params.0.extend(own.0);
    Ok(Tenant {
        name: profile.name.clone(),
        title: profile.title().to_owned(),
        patterns: terms.namespaces.clone(),
        selector,
        frameworks: terms.frameworks.clone(),
        params,
        fail_on: terms.threshold.fail_on,
        scores: terms.threshold.score.clone(),
    })
}

/// Why no score of that name can ever be looked at.
fn no_score(name: &str, asked: &[String], content: &Content) -> Option<String> {
    let bare = |text: &str| text.split_once(':').map_or(text, |(bare, _)| bare).to_owned();
    let (bare_name, all) = (bare(name), &content.frameworks);
    let editions = all.named(&bare_name);
    let Some(first) = editions.first() else {
        return Some(format!("there is no framework `{bare_name}`"));
    };
    if first.is_matrix() {
        return Some(format!("`{bare_name}` is a matrix of attack techniques, which has no score"));
    }
    let among = asked.iter().any(|text| {
        let other = all.named(&bare(text));
        other.iter().any(|f| editions.iter().any(|e| e.id == f.id))
    });
    let missing = !asked.is_empty() && !among;
    missing.then(|| format!("`{bare_name}` is not among the frameworks of this profile"))
}
