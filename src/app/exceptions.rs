//! What the screen of reviews shows beside questions: exceptions, and where other tools differ.

use std::collections::HashMap;
use std::sync::Arc;

use crate::imports::{self, age};
use crate::model::decision::DecisionOrigin;
use crate::model::finding::Finding;
use crate::model::import::Disagreement;
use crate::triage::board::{self, BROAD, End, Entry, SOON};

use super::data::Data;

/// An exception with the findings of the run that it is about.
#[derive(Clone, Debug)]
pub struct Exception {
    /// What it says, where it stands, and what is remarked on it.
    pub entry: Entry,
    /// The findings that it covers, in the order of reports.
    pub covers: Vec<Arc<Finding>>,
    /// Of these, the ones that would count again if it were dropped.
    pub returns: Vec<Arc<Finding>>,
}

impl Exception {
    /// Where it stands, in a word.
    #[must_use]
    pub fn source(&self) -> &'static str {
        match self.entry.origin {
            DecisionOrigin::Session => "session",
            DecisionOrigin::File(_) => "file",
            DecisionOrigin::Annotation(_) => "annotation",
        }
    }

    /// Where it stands: `session`, `decisions.toml:12`, `annotation kube-linter.io/ignore-all`.
    #[must_use]
    pub fn place(&self) -> String {
        match (&self.entry.origin, self.entry.line) {
            (DecisionOrigin::File(path), Some(line)) => format!("{path}:{line}"),
            (DecisionOrigin::File(path), None) => path.clone(),
            (origin, _) => origin.describe(),
        }
    }

    /// Where somebody has to change it, if not here.
    #[must_use]
    pub fn elsewhere(&self) -> Option<String> {
        let place = self.place();
        match self.entry.origin {
            DecisionOrigin::Session => None,
            DecisionOrigin::File(_) => Some(format!("It stands in {place}: change it there.")),
            DecisionOrigin::Annotation(_) => {
                Some(format!("It is an {place} of the object: change it there."))
            }
        }
    }

    /// Its last day, or that it has none.
    #[must_use]
    pub fn until(&self) -> &str {
        self.entry.decision.expires.as_deref().unwrap_or("no end")
    }

    /// What is remarked on it; where that says nothing of its end, its last day after that.
    #[must_use]
    pub fn remarks_with_end(&self) -> String {
        let mut remarks = self.entry.remarks();
        match self.entry.end {
            End::Later(_) => remarks.push(format!("until {}", self.until())),
            End::Open if remarks.is_empty() => remarks.push(self.until().to_owned()),
            _ => {}
        }
        remarks.join("; ")
    }
}

impl Data {
    /// The board of exceptions, what needs a look first. Worked out anew with every call: for the
    /// rows of a screen, not for every frame.
    #[must_use]
    pub fn exceptions(&self) -> Vec<Arc<Exception>> {
        let Some(result) = &self.result else { return Vec::new() };
        let board = board::board(&board::Input {
            ledger: &self.ledger,
            brought: &self.brought,
            result,
            include_platform: self.platform,
            today: &self.today,
            within: SOON,
            broad: BROAD,
        });
        let known: HashMap<&str, &Arc<Finding>> =
            result.findings.iter().map(|f| (f.fingerprint.as_str(), f)).collect();
        let found = |prints: &[String]| {
            let found = prints.iter().filter_map(|print| known.get(print.as_str()));
            found.map(|finding| Arc::clone(finding)).collect()
        };
        let with_findings = |entry: Entry| {
            let (covers, returns) = (found(&entry.covers), found(&entry.returns));
            Arc::new(Exception { entry, covers, returns })
        };
        board.entries.into_iter().map(with_findings).collect()
    }

    /// Where other tools and the checks differ about one thing. As [`Self::exceptions`], not for
    /// every frame.
    #[must_use]
    pub fn disagreements(&self) -> Vec<Arc<Disagreement>> {
        let Some(result) = &self.result else { return Vec::new() };
        if self.ledger.imports.is_empty() && result.beside.reports.is_empty() {
            return Vec::new();
        }
        let judged = self.judged.iter();
        let frameworks: Vec<_> =
            judged.filter_map(|j| Some((&**self.framework(&j.id)?, j))).collect();
        let found = imports::disagreements(&imports::Compared {
            imports: &self.ledger.imports,
            result,
            frameworks: &frameworks,
            today: &self.today,
            max_age: self.content.max_import_age.unwrap_or(imports::MAX_AGE_DAYS),
        });
        found.into_iter().map(Arc::new).collect()
    }

    /// How many days old the other tool's result is, where that is known.
    #[must_use]
    pub fn age_of(&self, differs: &Disagreement) -> Option<i64> {
        age::age(&differs.taken, &self.today)
    }

    /// What a tool and the checks differ about: `cis-kubernetes-1.34 1.2.1`, or a check's title.
    #[must_use]
    pub fn subject_of(&self, differs: &Disagreement) -> String {
        match (&differs.framework, &differs.control, &differs.check) {
            (Some(framework), Some(control), _) => format!("{framework} {control}"),
            (_, _, Some(check)) => self.check_title(check).to_owned(),
            _ => differs.rule.clone(),
        }
    }
}
