//! Reports: a run with its decisions, rendered. Pure: text in, text out.

pub mod about;
pub mod access;
mod alike;
pub mod csv;
pub mod diff;
pub mod document;
pub mod exchange;
pub mod fleet;
mod format;
mod harmless;
pub mod html;
pub mod junit;
pub mod markdown;
pub mod navigator;
pub mod network;
pub mod oscal;
pub mod policy;
mod reasons;
pub mod sarif;
pub mod sheet;
pub mod table;
pub mod tenants;

use std::sync::Arc;

use serde::Serialize;

pub use format::{BUNDLE, Format, RenderError, stem};
pub use harmless::harmless;

use crate::frameworks::tenant::Scorecard;
use crate::frameworks::{Framework, FrameworkResult, NotJudged, fit};
use crate::imports;
use crate::model::decision::Decision;
use crate::model::finding::{Finding, RunResult, Severity};
use crate::model::import::{Disagreement, Import};
use crate::model::inventory::SourceInfo;
use crate::model::ledger::Ledger;
use crate::model::read::Read;
use crate::model::settings::RunSettings;
use crate::session::run::{RunRecord, Selection};

/// What a report says of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckText {
    /// One line: what is wrong.
    pub title: String,
    /// What can happen.
    pub why: String,
    /// What to change.
    pub fix: String,
    /// The file of a check of the user's own; none for what is built in.
    pub file: Option<String>,
    /// The built-in check that it stands in for.
    pub replaces: Option<String>,
    /// How bad a finding is, unless a case says otherwise.
    pub severity: Severity,
    /// The part of the library it stands in: `pod-security`, `rbac`, …
    pub theme: String,
    /// Where to read on.
    pub references: Vec<String>,
}

/// A framework with what became of it.
pub struct Judged {
    /// The standard.
    pub framework: Arc<Framework>,
    /// Its controls' statuses and its score.
    pub result: FrameworkResult,
}

/// The session that a report is of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SessionRef {
    /// The id it is opened by.
    pub id: String,
    /// What a person calls it.
    pub title: String,
    /// When it was begun, RFC 3339.
    pub created: String,
    /// Number of the run in it, from 1; none where the run is not saved.
    pub run: Option<u32>,
}

/// A run that was judged: what every report needs.
#[derive(Clone, Copy)]
pub struct Assessment<'a> {
    /// The run.
    pub run: &'a RunRecord,
    /// Frameworks that were judged.
    pub frameworks: &'a [Judged],
    /// Frameworks that were not, and why.
    pub not_judged: &'a [NotJudged],
    /// Decisions, answers and imports.
    pub ledger: &'a Ledger,
    /// Today, RFC 3339: decides whether a decision or an answer has expired.
    pub today: &'a str,
    /// Days after which results of other tools count no more.
    pub max_age: u32,
}

/// Everything a report is made of.
pub struct Input<'a> {
    /// Digest of the checks and frameworks of the run.
    pub content: &'a str,
    /// Digest of those by which the controls of a saved run are judged now, where they are others.
    pub judged_by: Option<&'a str>,
    /// What was set beside them.
    pub settings: &'a RunSettings,
    /// Where the objects came from.
    pub source: &'a SourceInfo,
    /// What the user calls the cluster in the configuration, such as `PRODUCTION`.
    pub environment: Option<&'a str>,
    /// Every read.
    pub reads: &'a [Read],
    /// What the run came to.
    pub result: &'a RunResult,
    /// Findings of earlier runs of the session that are fixed, as far as they are asked for.
    pub gone: &'a [Arc<Finding>],
    /// Frameworks that were judged.
    pub frameworks: &'a [Judged],
    /// Frameworks that were not, and why.
    pub not_judged: &'a [NotJudged],
    /// Decisions, answers and imports.
    pub ledger: &'a Ledger,
    /// The session it is a report of; none for a scan.
    pub session: Option<&'a SessionRef>,
    /// Today, RFC 3339: decides whether a decision or an answer has expired.
    pub today: &'a str,
    /// Days after which results of other tools count no more.
    pub max_age: u32,
    /// What was asked for.
    pub selection: &'a Selection,
    /// The profile that was asked for, and whether it is met.
    pub profile: Option<&'a Scorecard>,
    /// RFC 3339.
    pub started: &'a str,
    /// RFC 3339.
    pub finished: &'a str,
    /// What is known of a check.
    pub check: &'a (dyn Fn(&str) -> CheckText + Sync),
}

impl<'a> Input<'a> {
    /// Of a run that was judged, with what is known of a check. Nothing is said of a session, of a
    /// profile, or of what the user calls the cluster.
    #[must_use]
    pub fn of(assessment: Assessment<'a>, check: &'a (dyn Fn(&str) -> CheckText + Sync)) -> Self {
        let Assessment { run, frameworks, not_judged, ledger, today, max_age } = assessment;
        Self {
            content: &run.content,
            judged_by: None,
            settings: &run.settings,
            source: &run.source,
            environment: None,
            reads: &run.reads,
            result: &run.result,
            gone: &[],
            frameworks,
            not_judged,
            ledger,
            session: None,
            today,
            max_age,
            selection: &run.selection,
            profile: None,
            started: &run.started,
            finished: &run.finished,
            check,
        }
    }
}

impl Input<'_> {
    /// The decision in force on a finding.
    #[must_use]
    pub fn decision(&self, finding: &Finding) -> Option<&Decision> {
        self.ledger.decision(&finding.fingerprint)
    }

    /// The state in force on a finding.
    #[must_use]
    pub fn state(&self, finding: &Finding) -> crate::model::decision::DecisionState {
        self.ledger.state(&finding.fingerprint, self.today)
    }

    /// When a finding was first seen, with no run after it that saw it gone; RFC 3339. None where no
    /// earlier run is known.
    #[must_use]
    pub fn since(&self, finding: &Finding) -> Option<&str> {
        self.result.history.since(&finding.fingerprint)
    }

    /// What a person is told of the frameworks that are not judged.
    #[must_use]
    pub fn not_judged(&self) -> Vec<String> {
        let families = self.frameworks.iter().map(|j| j.framework.family()).collect();
        fit::told(self.not_judged, &families)
    }

    /// Results of other tools: imported ones, then those that stood in the cluster.
    pub fn imports(&self) -> impl Iterator<Item = &Import> {
        self.ledger.imports.iter().chain(&self.result.beside.reports)
    }

    /// Where other tools and our checks differ about one thing.
    #[must_use]
    pub fn disagreements(&self) -> Vec<Disagreement> {
        let frameworks: Vec<_> =
            self.frameworks.iter().map(|judged| (&*judged.framework, &judged.result)).collect();
        imports::disagreements(&imports::Compared {
            imports: &self.ledger.imports,
            result: self.result,
            frameworks: &frameworks,
            today: self.today,
            max_age: self.max_age,
        })
    }

    /// Findings that count: not of the platform unless it was included.
    pub fn counted(&self) -> impl Iterator<Item = &Arc<Finding>> {
        let all = self.selection.include_platform;
        self.result.findings.iter().filter(move |f| f.counts(all))
    }

    /// Whether a finding is open today.
    #[must_use]
    pub fn is_open(&self, finding: &Finding) -> bool {
        self.ledger.is_open(finding, self.today)
    }
}
