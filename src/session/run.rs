//! A run, whole, and its text: JSON with a line for each finding, which is what there may be much of.
//! Lines are found without reading what is in them, and are read by all cores at once.

mod lines;

use std::io::Write;
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::model::finding::{Finding, RunResult};
use crate::model::inventory::SourceInfo;
use crate::model::read::Read;
use crate::model::settings::RunSettings;

/// One run, whole: what was asked, what was read, what it came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunRecord {
    /// Format.
    pub schema: String,
    /// From 1.
    pub number: u32,
    /// RFC 3339.
    pub started: String,
    /// RFC 3339.
    pub finished: String,
    /// Version of the program.
    pub tool: String,
    /// Digest of checks and frameworks.
    pub content: String,
    /// What was set beside them that changes verdicts.
    #[serde(default)]
    pub settings: RunSettings,
    /// What was asked for, in words of the command line.
    pub selection: Selection,
    /// Where the objects came from.
    pub source: SourceInfo,
    /// The provider as it was recognised, by which the frameworks that fit were chosen.
    #[serde(default)]
    pub provider: Option<String>,
    /// Every read.
    pub reads: Vec<Read>,
    /// What it came to: runs are handed on, and results are large.
    pub result: Arc<RunResult>,
}

/// What a run was asked to look at. Empty lists mean everything that fits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Selection {
    /// Framework ids, with `:level` where one was chosen.
    pub frameworks: Vec<String>,
    /// `framework/control`.
    pub controls: Vec<String>,
    /// Check ids.
    pub checks: Vec<String>,
    /// Namespaces.
    pub namespaces: Vec<String>,
    /// Label selector.
    pub selector: Option<String>,
    /// `KIND/NAME`.
    pub object: Option<String>,
    /// Whether findings on objects of the platform decide.
    pub include_platform: bool,
    /// The profile that it was made of: then only what is a tenant's is judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// What was asked for besides, where everything was asked for.
    #[serde(skip_serializing_if = "AskedBeside::is_empty")]
    pub beside: AskedBeside,
}

/// What was asked for beside everything, and is no part of it: checks that are off, editions that do not
/// fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AskedBeside {
    /// Framework ids, with `:level` where one was chosen.
    pub frameworks: Vec<String>,
    /// `framework/control`.
    pub controls: Vec<String>,
    /// Check ids.
    pub checks: Vec<String>,
}

impl AskedBeside {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Selection {
    /// Whether it is the same as another one, whatever was asked for beside everything.
    #[must_use]
    pub fn is_same_but_beside(&self, other: &Self) -> bool {
        let beside = other.beside.clone();
        Self { beside, ..self.clone() } == *other
    }

    /// What was asked for beside everything, as a selection of that alone at the same places.
    #[must_use]
    pub fn of_beside(&self) -> Option<Self> {
        let AskedBeside { frameworks, controls, checks } = self.beside.clone();
        let alone = || Self {
            frameworks,
            controls,
            checks,
            beside: AskedBeside::default(),
            ..self.clone()
        };
        (!self.beside.is_empty()).then(alone)
    }

    /// By what it was asked to judge, wherever.
    #[must_use]
    pub fn judged_by(&self) -> JudgedBy<'_> {
        let Self { frameworks, controls, checks, profile, beside, .. } = self;
        JudgedBy { frameworks, controls, checks, profile: profile.as_deref(), beside }
    }
}

/// By what a run was asked to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JudgedBy<'a> {
    frameworks: &'a [String],
    controls: &'a [String],
    checks: &'a [String],
    profile: Option<&'a str>,
    beside: &'a AskedBeside,
}

impl JudgedBy<'_> {
    /// Whether nothing was left out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        let named = [self.frameworks, self.controls, self.checks];
        named.iter().all(|names| names.is_empty()) && self.profile.is_none()
    }
}

/// Where the findings stand in the text. A quote in a string is escaped, and so is a line feed: these
/// bytes are found nowhere else.
const EMPTY: &str = "\"findings\":[]";
const BEGIN: &str = "\"findings\":[";
/// Findings that one task reads or writes.
const BATCH: usize = 1024;

impl RunRecord {
    /// Its text.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn to_text(&self) -> std::io::Result<Vec<u8>> {
        let mut text = Vec::new();
        self.write_text(&mut text)?;
        Ok(text)
    }

    /// Writes its text, of which no more is held than what all cores lay out at a time.
    ///
    /// # Errors
    /// When it cannot be written as JSON, and what the writer says.
    pub fn write_text(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let without = RunResult { findings: Vec::new(), ..RunResult::clone(&self.result) };
        let shell = serde_json::to_string(&Self { result: Arc::new(without), ..self.clone() })?;
        let findings = &self.result.findings;
        let Some((head, tail)) = shell.split_once(EMPTY).filter(|_| !findings.is_empty()) else {
            return Ok(serde_json::to_writer(out, self)?);
        };
        out.write_all(head.as_bytes())?;
        out.write_all(BEGIN.as_bytes())?;
        let mut next: &[u8] = b"\n";
        for some in findings.chunks(BATCH * rayon::current_num_threads()) {
            let batches: Vec<serde_json::Result<Vec<u8>>> =
                some.par_chunks(BATCH).map(lines).collect();
            for batch in batches {
                out.write_all(std::mem::replace(&mut next, b",\n"))?;
                out.write_all(&batch?)?;
            }
        }
        out.write_all(b"\n]")?;
        out.write_all(tail.as_bytes())
    }

    /// Reads its text, or any other JSON that says the same.
    ///
    /// # Errors
    /// When it is no run.
    pub fn from_text(text: &[u8]) -> serde_json::Result<Self> {
        Self::from_lines(text).map_or_else(|| serde_json::from_slice(text), Ok)
    }
}

fn lines(findings: &[Arc<Finding>]) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::new();
    for (at, finding) in findings.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(b",\n");
        }
        serde_json::to_writer(&mut out, finding)?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
