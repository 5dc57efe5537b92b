//! What a session is about, derived from its journal and runs alone: the same when a bundle is made
//! and when it is checked.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};

use serde::{Deserialize, Serialize};

use super::derived::{ListDigest, ReadsDigest, RunSays};
use crate::model::finding::CheckCounts;
use crate::model::inventory::SourceInfo;
use crate::model::mirror::Mirrored;
use crate::model::settings::RunSettings;
use crate::packed;
use crate::session::journal::JournalChain;
use crate::session::{ImportRef, JournalState};

/// What a bundle is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BundleAbout {
    /// Id of the session.
    pub session: String,
    /// What a person calls it.
    pub title: String,
    /// What it assesses: the source of its last run, or what it was begun on. For a cluster with its
    /// identity (uid of kube-system) and version.
    pub source: SourceInfo,
    /// RFC 3339, of the first entry.
    pub created: String,
    /// RFC 3339, of the last entry: the state that the bundle shows.
    pub updated: String,
    /// Entries of the journal.
    pub entries: u64,
    /// Hash of the last entry.
    pub head: String,
    /// Runs, oldest first.
    pub runs: Vec<RunAbout>,
    /// How many findings were decided how.
    pub decisions: BTreeMap<String, usize>,
    /// How many controls were answered how, in force or expired.
    pub answers: BTreeMap<String, usize>,
    /// Results of other tools, oldest first.
    pub imports: Vec<ImportRef>,
    /// Notes.
    pub notes: usize,
}

/// A run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RunAbout {
    /// From 1.
    pub number: u32,
    /// RFC 3339.
    pub started: String,
    /// RFC 3339.
    pub finished: String,
    /// Version of the program that ran.
    pub tool: String,
    /// Digest of the checks and frameworks by which it was judged.
    pub content: String,
    /// Digest of what was set beside them; none where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<String>,
    /// Checks that stood in the place of others of their ids, each with its file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub taken_over: BTreeMap<String, String>,
    /// Mirrors whose images count as the platform's own, where these are called as the platform's are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub platform_mirrors: Vec<String>,
    /// What counts as the platform's own only by one of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mirrored: Vec<Mirrored>,
    /// Findings.
    pub findings: usize,
    /// Digest of its file, in hex.
    pub sha256: String,
}

impl BundleAbout {
    /// Of what the journal adds up to; runs and their source are added as they are read.
    #[must_use]
    pub fn of(session: &str, state: &JournalState, chain: &JournalChain) -> Self {
        let mut decisions = BTreeMap::new();
        for decision in state.ledger.decisions.values() {
            *decisions.entry(decision.state.word().to_owned()).or_default() += 1;
        }
        let mut answers = BTreeMap::new();
        for answer in state.ledger.attestations.values() {
            *answers.entry(answer.answer.word().to_owned()).or_default() += 1;
        }
        Self {
            session: session.to_owned(),
            title: state.meta.title.clone(),
            source: state.meta.source.clone(),
            created: state.created.clone(),
            updated: state.updated.clone(),
            entries: chain.seq(),
            head: chain.head().to_owned(),
            runs: Vec::new(),
            decisions,
            answers,
            imports: state.imports.clone(),
            notes: state.notes.len(),
        }
    }

    /// Adds a run that was read.
    pub fn add(&mut self, head: RunHead, sha256: &str) {
        self.source = head.source;
        self.runs.push(RunAbout {
            number: head.number,
            started: head.started,
            finished: head.finished,
            tool: head.tool,
            content: head.content,
            settings: head.settings.digest,
            taken_over: head.result.taken_over,
            platform_mirrors: head.settings.platform_mirrors,
            mirrored: head.result.mirrored,
            findings: head.result.findings.count,
            sha256: sha256.to_owned(),
        });
    }
}

/// What a run says of itself; its findings are counted, not kept.
#[derive(Debug, Deserialize)]
pub struct RunHead {
    number: u32,
    started: String,
    finished: String,
    tool: String,
    content: String,
    #[serde(default)]
    settings: RunSettings,
    source: SourceInfo,
    #[serde(default)]
    reads: ReadsDigest,
    result: ResultHead,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResultHead {
    #[serde(default)]
    checks: BTreeMap<String, CheckCounts>,
    findings: ListDigest,
    #[serde(default)]
    evidence: ListDigest,
    #[serde(default)]
    taken_over: BTreeMap<String, String>,
    #[serde(default)]
    mirrored: Vec<Mirrored>,
}

impl RunHead {
    /// What it says that other members repeat.
    pub(super) fn says(&self) -> RunSays {
        RunSays {
            number: self.number,
            reads: self.reads.clone(),
            checks: self.result.checks.clone(),
            findings: self.result.findings.clone(),
            evidence: self.result.evidence.clone(),
            platform_mirrors: self.settings.platform_mirrors.clone(),
            mirrored: self.result.mirrored.clone(),
        }
    }

    /// Reads a packed run.
    ///
    /// # Errors
    /// When it is no run, or unpacks to more than one of its size has.
    pub fn read(packed: impl Read, number: u32) -> Result<Self, String> {
        let unpacked = packed::unpack(packed, packed::RUN).map_err(|e| e.to_string())?;
        let read: Result<Self, _> = serde_json::from_reader(BufReader::new(unpacked));
        let head = read.map_err(|error| format!("it is no run: {error}"))?;
        if head.number != number {
            return Err(format!("it is run {}, not {number}", head.number));
        }
        Ok(head)
    }
}
