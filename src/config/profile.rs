//! Profiles: files of `profiles/` in the configuration directory, one for each tenant or team.
//!
//! Strict like every file of the user: whatever means nothing has a line and a column.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::file::ConfigError;
use crate::handwritten;
use crate::model::finding::Severity;

/// The word that stands for all profiles, so that none can be called that.
pub const ALL: &str = "all";

/// What a tenant is, what it is held to, and when that is met.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Terms {
    /// What a person calls it; the name of the file without it.
    pub title: String,
    /// Namespaces by name, where `*` stands for any letters.
    pub namespaces: Vec<String>,
    /// Namespaces by their labels, as kubectl takes them.
    pub selector: Option<String>,
    /// Frameworks, each `ID` or `ID:LEVEL`; none means every one that fits.
    pub frameworks: Vec<String>,
    /// When it is met.
    pub threshold: Threshold,
    /// Parameters of checks, in the place of those of `config.toml`.
    pub params: BTreeMap<String, BTreeMap<String, toml::Value>>,
}

/// What must hold for a tenant to meet its profile. Nothing set, nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Threshold {
    /// No open finding is this bad or worse.
    pub fail_on: Option<Severity>,
    /// By framework as `frameworks` names it or by its id, the least per cent of controls that pass:
    /// the worst end of the score.
    pub score: BTreeMap<String, u8>,
}

/// A profile, as its file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The name of its file without the ending.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// What it says.
    pub terms: Terms,
}

/// The file that `plimsoll config init` leaves beside the configuration as an example.
pub const SAMPLE: &str = "\
# A profile: one tenant or team, and what it is held to. Called NAME.toml in this directory, it is used
# by `plimsoll scan --profile NAME`, by `--profile all`, and by the scorecards of the workbench (g t).

# What a person calls it.
title = \"Payments\"

# Its namespaces by name, where * stands for any letters ...
namespaces = [\"pay\", \"pay-*\"]

# ... or by labels of the Namespace objects. With both, a namespace belongs to it by either.
#selector = \"team=payments\"

# What it is held to, each ID or ID:LEVEL. Without it, every framework that fits the cluster.
frameworks = [\"pss-restricted\", \"nsa-cisa\"]

# When it is met. Without this nothing is said, and the exit status of a scan is not touched.
[threshold]
# No open finding is this bad or worse.
fail-on = \"high\"

# The least per cent of controls that pass, by framework. What is not decided does not pass.
[threshold.score]
pss-restricted = 80

# Parameters of checks for this tenant.
#[params.image-registry-not-allowed]
#trusted_registries = [\"registry.example.com\"]
";

impl Profile {
    /// Reads a text. `path` is named in errors; its stem is the name of the profile.
    ///
    /// # Errors
    /// With the line and column of what means nothing.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let name = name_of(path);
        let terms: Terms = ConfigError::parse(path, text)?;
        let wrong = |keys: &[&str], message: String| {
            Err(ConfigError::in_text(&path.display().to_string(), text, keys, message))
        };
        if name == ALL {
            return wrong(&[], format!("a profile cannot be called `{ALL}`, which means all"));
        }
        if name.contains(',') {
            let message = "a profile with a comma in its name cannot be named: `--profile` takes names with \
                           commas between; rename the file";
            return wrong(&[], message.to_owned());
        }
        if terms.namespaces.is_empty() && terms.selector.is_none() {
            let message = "says of no namespace that it belongs to it: set namespaces or selector";
            return wrong(&[], message.to_owned());
        }
        if let Some(bad) = terms.namespaces.iter().find(|pattern| !is_pattern(pattern)) {
            let message =
                format!("namespaces: `{bad}` is no name of a namespace, with or without *");
            return wrong(&["namespaces"], message);
        }
        if let Some((id, per_cent)) = terms.threshold.score.iter().find(|(_, n)| **n > 100) {
            let message = format!("threshold.score: {per_cent} is no per cent from 0 to 100");
            return wrong(&["threshold", "score", id], message);
        }
        Ok(Self { name, path: path.to_owned(), terms })
    }

    /// Reads the profiles of a directory, by name, with the names of the others and what is wrong with
    /// them. A directory that does not exist has none.
    #[must_use]
    pub fn load(dir: &Path) -> (Vec<Self>, Vec<(String, ConfigError)>) {
        let (mut profiles, mut wrong) = (Vec::new(), Vec::new());
        let Ok(entries) = std::fs::read_dir(dir) else { return (profiles, wrong) };
        let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
        paths.sort();
        for path in paths {
            let read = handwritten::found(&path).map_err(|error| ConfigError::Io {
                path: path.display().to_string(),
                message: error.to_string(),
            });
            match read.and_then(|text| Self::parse(&path, &text)) {
                Ok(profile) => profiles.push(profile),
                Err(error) => wrong.push((name_of(&path), error)),
            }
        }
        (profiles, wrong)
    }

    /// What a person calls it.
    #[must_use]
    pub fn title(&self) -> &str {
        if self.terms.title.is_empty() { &self.name } else { &self.terms.title }
    }

    /// What is wrong with the value that these keys of its file lead to.
    #[must_use]
    pub fn wrong(&self, keys: &[&str], message: String) -> ConfigError {
        ConfigError::at(&self.path, keys, message)
    }
}

/// The name of a profile, by its file.
fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Whether a text may match a name: lower-case letters, digits, `-` and `*`.
fn is_pattern(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '*';
    !text.is_empty() && text.len() <= 63 && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Profile, String> {
        Profile::parse(Path::new("profiles/pay.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_sample_is_a_profile() {
        let profile = parse(SAMPLE).unwrap();
        assert_eq!((profile.name.as_str(), profile.title()), ("pay", "Payments"));
        assert_eq!(profile.terms.threshold.fail_on, Some(Severity::High));
        assert_eq!(profile.terms.threshold.score.get("pss-restricted"), Some(&80));
    }

    #[test]
    fn what_means_nothing_has_a_place() {
        for (text, expected) in [
            ("namespace = [\"pay\"]", "profiles/pay.toml:1:1: unknown field `namespace`"),
            ("title = \"x\"", "profiles/pay.toml:1:1: says of no namespace"),
            ("\nnamespaces = [\"Pay\"]", "profiles/pay.toml:2:1: namespaces: `Pay`"),
            (
                "namespaces = [\"a\"]\n[threshold]\n  fail-on = \"awful\"",
                "profiles/pay.toml:3:13: unknown variant `awful`",
            ),
            (
                "namespaces = [\"a\"]\n[threshold.score]\nx = 101",
                "profiles/pay.toml:3:1: threshold.score: 101",
            ),
            (
                "namespaces = [\"a\"]\n[threshold]\nscores = 1",
                "profiles/pay.toml:3:1: unknown field `scores`",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
        let all = Profile::parse(Path::new("all.toml"), "namespaces = [\"a\"]");
        assert!(all.unwrap_err().to_string().contains("cannot be called `all`"));
        let comma = Profile::parse(Path::new("a,b.toml"), "namespaces = [\"a\"]").unwrap_err();
        assert!(comma.to_string().contains("a,b.toml:1:1: a profile with a comma"), "{comma}");
    }

    #[test]
    fn a_directory_that_is_not_there_has_no_profiles() {
        let (profiles, wrong) = Profile::load(Path::new("/nowhere/profiles"));
        assert!(profiles.is_empty() && wrong.is_empty());
    }
}
