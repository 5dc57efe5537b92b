//! What files and annotations say about the findings of a run.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::annotations::{self, Tool};
use super::file::{DecisionFile, Target};
use super::kubescape::Exceptions;
use super::matcher::Matcher;
use crate::model::decision::{Decision, DecisionOrigin};
use crate::model::finding::{Finding, RunResult};
use crate::model::inventory::Inventory;

/// Everything that may say something about findings beside the session.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Files of decisions, in the order in which they were given.
    pub files: Vec<DecisionFile>,
    /// Exceptions of Kubescape, likewise.
    pub exceptions: Vec<Exceptions>,
    /// Tools whose annotations on objects are taken for decisions.
    pub honoured: BTreeSet<Tool>,
}

/// One thing that says something about findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    /// Where it stands.
    pub origin: DecisionOrigin,
    /// Line of the file, from 1.
    pub line: Option<u32>,
    /// What it is about, in words: `check host-port, namespace pay-*`.
    pub label: String,
    /// The checks that it is about, where it says which: none of them when no check here is.
    pub checks: Option<Vec<String>>,
    /// That it names neither a namespace nor an object.
    pub everywhere: bool,
    /// One finding, by fingerprint, rather than all that fit.
    pub exact: bool,
    /// The tool whose annotation it is.
    pub tool: Option<Tool>,
    /// Whether it is applied: annotations only of tools that were switched on.
    pub applied: bool,
    /// What it says.
    pub decision: Decision,
    /// Fingerprints of the findings that it covers, in the order of reports.
    pub covers: Vec<String>,
}

/// What was said about the findings of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// In the order in which they are asked: fingerprints before patterns, files before
    /// annotations, and as they were given.
    pub sayings: Vec<Saying>,
}

impl Brought {
    /// Applies all sources to the findings of a run.
    #[must_use]
    pub fn of(sources: &Sources, result: &RunResult, inventory: &Inventory) -> Self {
        let findings: Vec<&Finding> = result.findings.iter().map(|f| &**f).collect();
        let mut sayings = Vec::new();
        for file in &sources.files {
            sayings.extend(of_file(file, &findings));
        }
        for exceptions in &sources.exceptions {
            sayings.extend(exceptions.sayings(&findings, inventory));
        }
        let exempt = result.beside.exempt.as_deref().unwrap_or_default();
        sayings.extend(annotations::sayings(&findings, inventory, exempt, &sources.honoured));
        // Stable: what was given first stays first.
        sayings.sort_by_key(|s: &Saying| (s.tool.is_some(), !s.exact));
        Self { sayings }
    }

    /// The decision on each finding that something applied covers. What has expired counts only
    /// where nothing that is in force covers the finding as well.
    #[must_use]
    pub fn decisions(&self, today: &str) -> HashMap<String, Decision> {
        let mut out: HashMap<String, Decision> = HashMap::new();
        let expired = |saying: &Saying| saying.decision.in_force(today) != saying.decision.state;
        let applied = || self.sayings.iter().filter(|s| s.applied);
        let ordered = applied().filter(|s| !expired(s)).chain(applied().filter(|s| expired(s)));
        for saying in ordered {
            for print in &saying.covers {
                out.entry(print.clone()).or_insert_with(|| saying.decision.clone());
            }
        }
        out
    }

    /// What was applied and has run out, with how many findings are open again by it: what something else
    /// or the session excepts, as `open` tells, is not among these.
    pub fn ran_out<'a>(
        &'a self,
        today: &'a str,
        open: impl Fn(&str) -> bool + 'a,
    ) -> impl Iterator<Item = (&'a Saying, usize)> {
        let over = move |saying: &&Saying| {
            let day = saying.decision.expires.as_deref();
            saying.applied && day.is_some_and(|day| day < today)
        };
        let count = move |saying: &'a Saying| {
            let back = saying.covers.iter().filter(|print| open(print)).count();
            (back > 0).then_some((saying, back))
        };
        self.sayings.iter().filter(over).filter_map(count)
    }

    /// Entries of files that are about nothing: they cover no finding, though all their checks ran. One by
    /// fingerprint tells of no check, and is among them where `whole` says that all was looked at.
    pub fn unused<'a>(
        &'a self,
        whole: bool,
        ran: impl Fn(&str) -> bool + 'a,
    ) -> impl Iterator<Item = &'a Saying> {
        self.sayings.iter().filter(move |saying| {
            let looked = saying.checks.as_ref().map_or(whole, |own| own.iter().all(|one| ran(one)));
            saying.tool.is_none() && saying.covers.is_empty() && looked
        })
    }

    /// How many findings carry an annotation of a tool that is not switched on and would except
    /// them.
    #[must_use]
    pub fn offered(&self) -> BTreeMap<Tool, usize> {
        let mut prints: BTreeMap<Tool, BTreeSet<&str>> = BTreeMap::new();
        for saying in self.sayings.iter().filter(|s| !s.applied) {
            if let Some(tool) = saying.tool {
                prints.entry(tool).or_default().extend(saying.covers.iter().map(String::as_str));
            }
        }
        prints.into_iter().map(|(tool, prints)| (tool, prints.len())).collect()
    }
}

/// The findings that a matcher means, by fingerprint and each once.
#[must_use]
pub fn matching(matcher: &Matcher, findings: &[&Finding]) -> Vec<String> {
    let fits = findings.iter().filter(|f| matcher.fits(f));
    fits.map(|f| f.fingerprint.clone()).collect()
}

/// Findings by the name they have and by the one that earlier versions gave them: a file keeps
/// fingerprints for long.
#[must_use]
pub fn by_name<'a>(findings: &[&'a Finding]) -> HashMap<&'a str, &'a Finding> {
    let former = findings.iter().filter_map(|f| Some((f.formerly.as_deref()?, *f)));
    former.chain(findings.iter().map(|f| (f.fingerprint.as_str(), *f))).collect()
}

fn of_file<'a>(
    file: &'a DecisionFile,
    findings: &'a [&'a Finding],
) -> impl Iterator<Item = Saying> + 'a {
    let known = by_name(findings);
    let mut by_check: HashMap<&str, Vec<&Finding>> = HashMap::new();
    for finding in findings {
        by_check.entry(&finding.check).or_default().push(finding);
    }
    file.entries.iter().map(move |entry| {
        let (exact, label, check, everywhere, covers) = match &entry.target {
            Target::Finding(print) => {
                let finding = known.get(print.as_str());
                let label = finding.map_or_else(|| format!("fingerprint {print}"), |f| name(f));
                let check = finding.map(|f| f.check.to_string());
                let covers = finding.map(|f| f.fingerprint.clone()).into_iter().collect();
                (true, label, check, false, covers)
            }
            Target::Matching(matcher) => {
                // Only those of its check, where it names one.
                let covers = match matcher.check.as_deref() {
                    None => matching(matcher, findings),
                    Some(check) => {
                        by_check.get(check).map_or_else(Vec::new, |of| matching(matcher, of))
                    }
                };
                let everywhere = matcher.is_everywhere();
                (false, matcher.describe(), matcher.check.clone(), everywhere, covers)
            }
        };
        Saying {
            origin: entry.decision.origin.clone(),
            line: Some(entry.line),
            label,
            checks: check.map(|check| vec![check]),
            everywhere,
            exact,
            tool: None,
            applied: true,
            decision: entry.decision.clone(),
            covers,
        }
    })
}

/// A finding in words: `host-pid-namespace on Deployment/pay/web`.
#[must_use]
pub fn name(finding: &Finding) -> String {
    let owner = finding.owner.as_ref().or(finding.object.as_ref());
    let owner = owner.map_or_else(|| "the cluster".to_owned(), ToString::to_string);
    match &finding.container {
        Some(container) => format!("{} on {owner}, container {container}", finding.check),
        None => format!("{} on {owner}", finding.check),
    }
}
