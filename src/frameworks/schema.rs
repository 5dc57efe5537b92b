//! Framework files: `checks/frameworks/<id>.toml`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use super::range::VersionRange;
use crate::model::inventory::{Problem, ProblemKind};

/// How a framework is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrameworkKind {
    /// A standard: controls pass or fail.
    #[default]
    Standard,
    /// An attack matrix: techniques are exposed or mitigated, never passed.
    Matrix,
}

/// Who can decide a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assessment {
    /// Checks decide it.
    Automated,
    /// Checks can fail it; a person must confirm the rest.
    Partial,
    /// Only a person can answer.
    Manual,
    /// A result from another tool decides it.
    Imported,
}

impl Assessment {
    /// The word used in files, reports and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Automated => "automated",
            Self::Partial => "partial",
            Self::Manual => "manual",
            Self::Imported => "imported",
        }
    }
}

/// How much a check says about a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// With the other full checks it decides the control.
    Full,
    /// A failure fails the control; a pass does not settle it.
    Partial,
    /// Shown beside the control, decides nothing.
    Supporting,
}

impl Strength {
    /// The word used in files, reports and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial => "partial",
            Self::Supporting => "supporting",
        }
    }
}

/// A check serving a control.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mapping {
    /// Id of the check.
    pub id: String,
    /// How much it says.
    pub strength: Strength,
    /// Why it says that.
    #[serde(default)]
    pub because: String,
    /// The check does not exist yet.
    #[serde(default)]
    pub planned: bool,
}

/// One numbered item of a framework.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Control {
    /// Official number, or ours where the standard has none.
    pub id: String,
    /// Title.
    pub title: String,
    /// Part of the standard it stands in.
    #[serde(default)]
    pub section: String,
    /// Levels it belongs to; none means all.
    #[serde(default)]
    pub levels: Vec<String>,
    /// Outside this range it is not applicable.
    #[serde(default)]
    pub kubernetes: VersionRange,
    /// Who can decide it.
    pub assessment: Assessment,
    /// Checks that serve it.
    #[serde(default)]
    pub checks: Vec<Mapping>,
    /// What a person attests.
    #[serde(default)]
    pub question: String,
    /// What in the cluster bears on it.
    #[serde(default)]
    pub evidence: String,
    /// Older numbers.
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// A standard.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Framework {
    /// `nsa-cisa`.
    pub id: String,
    /// Editions of one standard share it.
    #[serde(default)]
    pub family: String,
    /// Standard or matrix.
    #[serde(default)]
    pub kind: FrameworkKind,
    /// Title.
    pub title: String,
    /// Who publishes it.
    pub publisher: String,
    /// Edition.
    pub version: String,
    /// Day of publication.
    #[serde(default)]
    pub published: String,
    /// Where it can be read.
    pub url: String,
    /// `plimsoll` where the numbers are ours.
    #[serde(default)]
    pub numbering: String,
    /// Kubernetes versions it is written for.
    #[serde(default)]
    pub kubernetes: VersionRange,
    /// Provider it is written for, empty for any.
    #[serde(default)]
    pub provider: String,
    /// Levels from the lowest to the highest.
    #[serde(default)]
    pub levels: Vec<String>,
    /// Whether a level includes the lower ones.
    #[serde(default)]
    pub cumulative: bool,
    /// The level judged unless another is chosen.
    #[serde(default)]
    pub default_level: String,
    /// Its controls in the order of the standard.
    #[serde(default, rename = "control")]
    pub controls: Vec<Control>,
}

impl Framework {
    /// A control by number or older number.
    #[must_use]
    pub fn control(&self, id: &str) -> Option<&Control> {
        let same = |c: &&Control| c.id.eq_ignore_ascii_case(id);
        self.controls.iter().find(same).or_else(|| {
            self.controls.iter().find(|c| c.aliases.iter().any(|a| a.eq_ignore_ascii_case(id)))
        })
    }

    /// Whether its version is that of the Pod Security policy rather than of the server.
    #[must_use]
    pub fn follows_policy_version(&self) -> bool {
        self.id.starts_with("pss-")
    }

    /// How many controls each kind of assessment has.
    #[must_use]
    pub fn assessments(&self) -> BTreeMap<Assessment, usize> {
        let mut counts = BTreeMap::new();
        for control in &self.controls {
            *counts.entry(control.assessment).or_insert(0) += 1;
        }
        counts
    }

    /// What is wrong with its meaning, and with which control.
    fn lint(&self) -> Result<(), (Option<usize>, String)> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c);
        if self.id.is_empty() || !self.id.chars().all(plain) {
            let message = "an id has lower-case letters, digits, hyphens, dots and underscores";
            return Err((None, message.to_owned()));
        }
        if !self.default_level.is_empty() && !self.levels.contains(&self.default_level) {
            let level = &self.default_level;
            return Err((None, format!("default-level `{level}` is none of its levels")));
        }
        let mut seen = std::collections::BTreeSet::new();
        for (at, control) in self.controls.iter().enumerate() {
            if !seen.insert(&control.id) {
                let message = format!("control `{}` stands here twice", control.id);
                return Err((Some(at), message));
            }
            control.lint(&self.levels).map_err(|message| (Some(at), message))?;
        }
        Ok(())
    }
}

impl Control {
    fn lint(&self, levels: &[String]) -> Result<(), String> {
        let id = &self.id;
        let deciding = self.checks.iter().any(|m| m.strength != Strength::Supporting);
        match self.assessment {
            Assessment::Automated if !deciding => {
                return Err(format!("control `{id}` is automated, but no check decides it"));
            }
            Assessment::Partial | Assessment::Manual if self.question.trim().is_empty() => {
                return Err(format!("control `{id}` needs a person, but asks no `question`"));
            }
            _ => {}
        }
        match self.levels.iter().find(|l| !levels.contains(l)) {
            Some(level) => {
                Err(format!("control `{id}` has level `{level}`, which the framework lacks"))
            }
            None => Ok(()),
        }
    }
}

/// All frameworks that could be read.
#[derive(Clone, Debug, Default)]
pub struct Set {
    /// By id.
    pub frameworks: Vec<Arc<Framework>>,
    /// Files that could not be read.
    pub problems: Vec<Problem>,
    /// Id, file and text of every framework, by id.
    texts: Vec<(String, String, String)>,
}

/// The frameworks that are built in, file by file.
const BUILTIN: &[(&str, &str)] = &[
    ("nsa-cisa.toml", include_str!("../../checks/frameworks/nsa-cisa.toml")),
    ("pss-baseline.toml", include_str!("../../checks/frameworks/pss-baseline.toml")),
    ("pss-restricted.toml", include_str!("../../checks/frameworks/pss-restricted.toml")),
];

impl Set {
    /// The built-in frameworks.
    #[must_use]
    pub fn builtin() -> Self {
        let mut set = Self::default();
        for (file, text) in BUILTIN {
            set.add(file, text);
        }
        set
    }

    /// Ids and texts of the frameworks in use, by id: what the content digest is made of.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(id, _, text)| (&**id, &**text))
    }

    /// A problem with a control of a framework that is in use.
    #[must_use]
    pub fn problem_of(&self, framework: &Framework, control: &str, message: String) -> Problem {
        let read = self.texts.iter().find(|(id, ..)| *id == framework.id);
        let index = framework.controls.iter().position(|c| c.id == control);
        let spot = read.and_then(|(_, _, text)| place(text, index));
        Problem {
            kind: ProblemKind::Framework,
            file: read.map(|(_, file, _)| file.clone()),
            line: spot.map(|s| s.0),
            column: spot.map(|s| s.1),
            object: None,
            message,
        }
    }

    /// Adds one file; a broken one becomes a problem and nothing else changes. A framework whose
    /// id is taken is refused.
    pub fn add(&mut self, file: &str, text: &str) {
        let problem = |line, column, message: String| Problem {
            kind: ProblemKind::Framework,
            file: Some(file.to_owned()),
            line,
            column,
            object: None,
            message,
        };
        let framework = match toml::from_str::<Framework>(text) {
            Ok(framework) => framework,
            Err(error) => {
                let spot = error.span().map(|span| line_column(text, span.start));
                let (line, column) = spot.map_or((None, None), |(l, c)| (Some(l), Some(c)));
                self.problems.push(problem(line, column, error.message().to_owned()));
                return;
            }
        };
        let taken = self.frameworks.iter().any(|f| f.id == framework.id);
        let fault = match framework.lint() {
            Ok(()) if taken => Some((None, format!("framework `{}` exists already", framework.id))),
            Ok(()) => None,
            Err(fault) => Some(fault),
        };
        if let Some((control, message)) = fault {
            let (line, column) = place(text, control).unwrap_or((1, 1));
            self.problems.push(problem(Some(line), Some(column), message));
            return;
        }
        self.texts.push((framework.id.clone(), file.to_owned(), text.to_owned()));
        self.texts.sort();
        self.frameworks.push(Arc::new(framework));
        self.frameworks.sort_by(|a, b| a.id.cmp(&b.id));
    }

    /// Notes a file that could not be read at all.
    pub fn add_unreadable(&mut self, file: &str, message: &str) {
        self.problems.push(Problem {
            kind: ProblemKind::Framework,
            file: Some(file.to_owned()),
            line: None,
            column: None,
            object: None,
            message: message.to_owned(),
        });
    }

    /// A framework by id, or the one edition of a family.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Framework>> {
        let by_id = self.frameworks.iter().find(|f| f.id == id);
        by_id.or_else(|| self.frameworks.iter().find(|f| !f.family.is_empty() && f.family == id))
    }
}

/// Where a control, or the id of the framework, stands in its file.
fn place(text: &str, control: Option<usize>) -> Option<(u32, u32)> {
    let table = DeTable::parse(text).ok()?;
    let find = |name: &str| table.get_ref().iter().find(|(k, _)| k.get_ref() == name);
    let span = match control {
        None => find("id")?.1.span(),
        Some(at) => match find("control")?.1.get_ref() {
            DeValue::Array(controls) => controls.get(at)?.span(),
            _ => return None,
        },
    };
    Some(line_column(text, span.start))
}

/// Line and column, from 1, of a byte of a text.
fn line_column(text: &str, byte: usize) -> (u32, u32) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_frameworks_load() {
        let set = Set::builtin();
        assert_eq!(set.problems, []);
        let counts: Vec<_> = set.frameworks.iter().map(|f| (&*f.id, f.controls.len())).collect();
        // The guide has 83 recommendations; baseline has 12 upstream checks; restricted 15 of the
        // newest version and 3 that older versions keep.
        assert_eq!(counts, [("nsa-cisa", 83), ("pss-baseline", 12), ("pss-restricted", 18)]);
    }

    #[test]
    fn a_broken_file_is_a_problem_with_its_place() {
        let mut set = Set::default();
        set.add("x.toml", "id = \"x\"\ntitel = \"y\"\n");
        let problem = &set.problems[0];
        assert_eq!((problem.line, problem.file.as_deref()), (Some(2), Some("x.toml")));
        assert!(problem.message.contains("titel"), "{}", problem.message);
    }

    #[test]
    fn a_manual_control_without_question_is_refused() {
        let mut set = Set::default();
        let head = "id='x'\ntitle='t'\npublisher='p'\nversion='1'\nurl='u'\n";
        set.add("x.toml", &format!("{head}[[control]]\nid='1'\ntitle='a'\nassessment='manual'\n"));
        assert!(set.problems[0].message.contains("asks no `question`"));
    }
}
