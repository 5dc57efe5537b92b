//! Framework files: `checks/frameworks/<id>.toml`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::range::VersionRange;
use super::serving::Serving;

/// How a framework is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrameworkKind {
    /// A standard: controls pass or fail.
    #[default]
    Standard,
    /// An attack matrix: techniques are exposed or mitigated, never passed.
    Matrix,
}

impl FrameworkKind {
    /// The word used in files, reports and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Matrix => "matrix",
        }
    }
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
    /// A result from another tool decides it; a person, where this version reads no such result.
    Imported,
}

impl Assessment {
    /// All of them, from what the machine decides alone to what it cannot.
    pub const ALL: [Self; 4] = [Self::Automated, Self::Partial, Self::Manual, Self::Imported];

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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

    /// Whether a check of this strength has a say in the status of the control.
    #[must_use]
    pub fn decides(self) -> bool {
        self != Self::Supporting
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

impl Mapping {
    /// Whether the check is here and has a say in the status of the control.
    #[must_use]
    pub fn decides_now(&self) -> bool {
        self.strength.decides() && !self.planned
    }
}

impl Control {
    /// Whether a person has a say in it: where checks cannot settle it, and where results of another
    /// tool would, but this version reads none of the kind.
    #[must_use]
    pub fn asks(&self) -> bool {
        match self.assessment {
            Assessment::Automated => false,
            Assessment::Partial | Assessment::Manual => true,
            Assessment::Imported => !self.awaits_import() && !self.question.trim().is_empty(),
        }
    }

    /// Whether nothing but results of another tool can pass it.
    #[must_use]
    pub fn awaits_import(&self) -> bool {
        self.assessment == Assessment::Imported && !self.imports.is_empty()
    }
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
    /// Levels it belongs to. In a framework that has levels, a control of none of them is judged
    /// only when the whole framework is.
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
    /// Results of other tools that serve it, each `TOOL:WHAT`: `kube-bench:4.1.1`,
    /// `trivy-operator:vulnerabilities`.
    #[serde(default)]
    pub imports: Vec<Serving>,
    /// What a person attests.
    #[serde(default)]
    pub question: String,
    /// What in the cluster bears on it.
    #[serde(default)]
    pub evidence: String,
    /// Older numbers.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Baselines of other bodies that contain it: `{ fedramp = ["low", "moderate"] }`.
    #[serde(default)]
    pub baselines: BTreeMap<String, Vec<String>>,
    /// Of a technique: the tactics it serves.
    #[serde(default)]
    pub tactics: Vec<String>,
    /// Of a sub-technique: the technique it belongs to.
    #[serde(default)]
    pub parent: Option<String>,
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
    /// What it is called where there is little room, in at most nine characters.
    #[serde(default)]
    pub short: String,
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

/// The level that is no level: every control, also those of none.
pub const ALL_LEVELS: &str = "all";

impl Framework {
    /// The family, which is its id where it has no other editions.
    #[must_use]
    pub fn family(&self) -> &str {
        if self.family.is_empty() { &self.id } else { &self.family }
    }

    /// What it is called where there is little room: its id where nobody said.
    #[must_use]
    pub fn short(&self) -> &str {
        if self.short.is_empty() { &self.id } else { &self.short }
    }

    /// Whether it is written for the clusters of one provider.
    #[must_use]
    pub fn is_of_provider(&self) -> bool {
        !matches!(self.provider.as_str(), "" | "self-managed")
    }

    /// Whether it is an attack matrix.
    #[must_use]
    pub fn is_matrix(&self) -> bool {
        self.kind == FrameworkKind::Matrix
    }

    /// The edition as numbers, so that 1.10 comes after 1.9.
    #[must_use]
    pub fn edition(&self) -> Vec<u64> {
        let parts = self.version.split(|c: char| !c.is_ascii_digit());
        parts.filter_map(|part| part.parse().ok()).collect()
    }

    /// Whether a level can be asked for.
    #[must_use]
    pub fn has_level(&self, level: &str) -> bool {
        self.levels.iter().any(|known| known == level)
            || level == ALL_LEVELS && !self.levels.is_empty()
    }

    /// The level that is judged: the one asked for, else the default, else the first.
    #[must_use]
    pub fn level(&self, asked: Option<&str>) -> Option<String> {
        let asked = asked.filter(|name| self.has_level(name)).map(str::to_owned);
        asked
            .or_else(|| Some(self.default_level.clone()).filter(|level| !level.is_empty()))
            .or_else(|| self.levels.first().cloned())
    }

    /// The controls of a level that [`Framework::level`] gave. A cumulative level contains the
    /// lower ones; a control of no level is in none, and is judged with all of them.
    pub fn of_level<'a>(&'a self, level: Option<&str>) -> impl Iterator<Item = &'a Control> {
        let at = self.levels.iter().position(|known| Some(&**known) == level);
        let levels: BTreeSet<&str> = match at {
            Some(at) => {
                let from = if self.cumulative { 0 } else { at };
                self.levels.iter().take(at + 1).skip(from).map(String::as_str).collect()
            }
            None => BTreeSet::new(),
        };
        self.controls.iter().filter(move |control| {
            at.is_none() || control.levels.iter().any(|own| levels.contains(&**own))
        })
    }

    /// Ids of the checks that its controls name, each once, without those that do not exist yet.
    #[must_use]
    pub fn checks(&self) -> BTreeSet<&str> {
        let mappings = self.controls.iter().flat_map(|c| &c.checks);
        mappings.filter(|m| !m.planned).map(|m| &*m.id).collect()
    }

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
}
