//! Tenants: which namespaces belong to a profile, and what it comes to in them.
//!
//! Each tenant is judged by a run over its own namespaces. What a cluster has once (nodes, control
//! plane, cluster-wide rights) is not a tenant's: such checks do not run for it, and controls that
//! nothing else decides are left out and counted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Chosen, Content, Finished, KnownAtEnd, Ran, RunTimes, SelectionError};
use crate::checks::{LabelSelector, Monitor, Params};
use crate::facts::Facts;
use crate::frameworks::Framework;
use crate::frameworks::tenant::{Scorecard, TenantScore, ThresholdOutcome, Verdict};
use crate::model::finding::{Finding, Gap, RunResult, Severity};
use crate::model::inventory::{Inventory, Knowledge, SourceKind};
use crate::model::kinds::Kind;
use crate::model::ledger::Ledger;
use crate::model::served;
use crate::report::Judged;
use crate::session::run::Selection;
use crate::text::{noun, star_match};

/// A profile, understood.
#[derive(Clone, Debug, Default)]
pub struct Tenant {
    /// Its name.
    pub name: String,
    /// What a person calls it.
    pub title: String,
    /// Namespaces by name, where `*` stands for any letters.
    pub patterns: Vec<String>,
    /// Namespaces by their labels.
    pub selector: Option<LabelSelector>,
    /// Frameworks, as a selection names them.
    pub frameworks: Vec<String>,
    /// Parameters in force for it.
    pub params: Params,
    /// The severity from which on no open finding may be.
    pub fail_on: Option<Severity>,
    /// By framework, the least per cent of controls that pass.
    pub scores: BTreeMap<String, u8>,
}

/// What tenants are judged by, beside their profiles.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// Decisions, answers and imports.
    pub ledger: &'a Ledger,
    /// Today, an RFC 3339 date.
    pub today: &'a str,
    /// Findings on objects of the platform count too.
    pub include_platform: bool,
}

/// The namespaces of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// Those that are there.
    pub names: BTreeSet<String>,
    /// What is not known of them, in sentences.
    pub notes: Vec<String>,
    /// There may be more of them than are known.
    pub unsure: bool,
}

/// That workloads in a tenant's namespaces count as the platform's only by a mirror.
fn mirrored(result: &RunResult, members: &Members) -> Option<String> {
    let here = |name: &&str| name.split('/').nth(1).is_some_and(|ns| members.names.contains(ns));
    let all = result.mirrored.iter().flat_map(|by| &by.workloads);
    let names: BTreeSet<&str> = all.map(String::as_str).filter(here).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let told = || format!("counted as the platform's only by a mirror: {}", names.join(", "));
    (!names.is_empty()).then(told)
}

/// What a run over a tenant's namespaces came to.
#[derive(Clone, Debug, Default)]
pub struct TenantRun {
    /// Its namespaces.
    pub members: Members,
    /// What was run and is to be judged.
    pub chosen: Chosen,
    /// What it came to.
    pub result: Arc<RunResult>,
}

/// The kind of namespaces.
#[must_use]
pub fn namespace_kind() -> Kind {
    Kind::new("", "Namespace")
}

impl Tenant {
    /// Its namespaces by name, where each is named in full: then nothing else need be read.
    #[must_use]
    pub fn named(&self) -> Option<Vec<String>> {
        let plain = self.selector.is_none() && self.patterns.iter().all(|p| !p.contains('*'));
        plain.then(|| self.patterns.clone())
    }

    /// Which namespaces of an inventory belong to it.
    #[must_use]
    pub fn members(&self, inventory: &Inventory) -> Members {
        let kind = namespace_kind();
        let known = inventory.namespaces();
        let mut members = Members::default();
        let fits = |name: &str| self.patterns.iter().any(|pattern| star_match(name, pattern));
        members.names.extend(known.iter().filter(|name| fits(name)).map(|name| (*name).to_owned()));
        for name in self.named().into_iter().flatten().filter(|n| !known.contains(n.as_str())) {
            members.notes.push(format!("there is nothing here of a namespace `{name}`"));
        }
        let whole = match inventory.knows(&kind, None) {
            Knowledge::Complete => None,
            Knowledge::Missing(missing) => Some(missing.reason),
        };
        if let Some(selector) = &self.selector {
            let objects = inventory.of(&kind);
            let labelled = objects.iter().filter(|object| selector.matches(object));
            members.names.extend(labelled.map(|object| object.id.name.to_string()));
            let seen: BTreeSet<&str> = objects.iter().map(|o| &*o.id.name).collect();
            if let Some(name) = known.iter().find(|name| !seen.contains(**name)) {
                members.unsure = true;
                members.notes.push(format!("the labels of namespace `{name}` were not read"));
            }
        }
        // What manifests show is what is assessed; a cluster may hold more than could be listed.
        let open = self.named().is_none() && inventory.source.kind != SourceKind::Files;
        if let Some(reason) = whole.filter(|_| open) {
            members.unsure = true;
            members.notes.push(format!("there may be more namespaces of it: {reason}"));
        }
        members
    }

    /// What it is run and judged by: its own parameters go before those of the configuration.
    #[must_use]
    pub fn content(&self, content: &Content) -> Content {
        Content { params: self.params.clone(), ..content.clone() }
    }

    /// What it asks for in these namespaces.
    #[must_use]
    pub fn selection(&self, names: &BTreeSet<String>, include_platform: bool) -> Selection {
        Selection {
            frameworks: self.frameworks.clone(),
            namespaces: names.iter().cloned().collect(),
            include_platform,
            profile: Some(self.name.clone()),
            ..Selection::default()
        }
    }

    /// Whether it says when it is met.
    #[must_use]
    pub fn has_threshold(&self) -> bool {
        self.fail_on.is_some() || !self.scores.is_empty()
    }

    /// Whether it is met.
    fn outcome(
        &self,
        card: &Scorecard,
        members: &Members,
        unread: &[(Severity, &str)],
        families: &Families<'_>,
    ) -> ThresholdOutcome {
        if !self.has_threshold() {
            return ThresholdOutcome::default();
        }
        let (mut missed, mut undecided) = (Vec::new(), Vec::new());
        if members.names.is_empty() {
            undecided.push("no namespace here belongs to it".to_owned());
        }
        if members.unsure {
            undecided.extend(members.notes.iter().cloned());
        }
        if let Some(limit) = self.fail_on {
            let count = card.findings.at_least(limit);
            let noun = if count == 1 { "finding is" } else { "findings are" };
            let worse = if limit == Severity::Critical { "" } else { " or worse" };
            if count > 0 {
                missed.push(format!("{count} open {noun} {limit}{worse}"));
            }
            undecided.extend(not_looked(limit, unread));
        }
        for (name, least) in &self.scores {
            match families.of(name, card).map(|score| (score, score.score)) {
                None => undecided.push(format!("{name} was not judged")),
                Some((_, None)) => undecided.push(format!("nothing of {name} applies here")),
                Some((score, Some(interval))) => {
                    let limit = f64::from(*least) / 100.0;
                    let shown = crate::report::table::interval(Some(interval));
                    let text = format!("{} is at {shown}, and {least} % are asked for", score.id);
                    if interval.best + f64::EPSILON < limit {
                        missed.push(text);
                    } else if interval.worst + f64::EPSILON < limit {
                        undecided.push(text);
                    }
                }
            }
        }
        let verdict = match (missed.is_empty(), undecided.is_empty()) {
            (false, _) => Verdict::Missed,
            (true, false) => Verdict::Undecided,
            (true, true) => Verdict::Met,
        };
        let mut reasons = missed;
        reasons.append(&mut undecided);
        if verdict == Verdict::Met && card.undecided_checks > 0 {
            let count = card.undecided_checks;
            let noun = noun(count, "check");
            let text =
                format!("as far as was assessed: {count} {noun} could not decide everywhere");
            reasons.push(text);
        }
        ThresholdOutcome { verdict, reasons }
    }
}

/// Why nobody can say that there is no finding this bad: checks that would find it could not read what
/// they look at. `unread` has the severity of each of them, and the reason.
fn not_looked(limit: Severity, unread: &[(Severity, &str)]) -> Option<String> {
    let mut bad = unread.iter().filter(|(severity, _)| *severity <= limit);
    let (_, reason) = bad.next()?;
    let count = 1 + bad.count();
    let noun = noun(count, "check");
    Some(format!("{count} {noun} of {limit} or worse could not look everywhere: {reason}"))
}

/// Which framework a name of a threshold means.
struct Families<'a>(&'a [Judged]);

impl Families<'_> {
    fn of<'c>(&self, name: &str, card: &'c Scorecard) -> Option<&'c TenantScore> {
        let bare = name.split_once(':').map_or(name, |(bare, _)| bare);
        let judged = self.0.iter().map(|judged| &judged.framework);
        let id =
            judged.filter(|f| f.id == bare || f.family() == bare).map(|f| f.id.as_str()).next()?;
        card.frameworks.iter().find(|score| score.id == id)
    }
}

impl Content {
    /// Whether a check looks into namespaces, so that a tenant can mend what it finds.
    pub(super) fn is_tenants(&self, id: &str) -> bool {
        self.library.checks.get(id).is_some_and(|check| check.in_namespaces())
    }

    /// Kinds that a cluster has once and that its namespaces cannot be judged without: what a capture of
    /// some namespaces keeps beside their own objects.
    ///
    /// # Errors
    /// Never, unless the frameworks themselves contradict each other.
    pub fn shared_kinds(&self) -> Result<BTreeSet<Kind>, SelectionError> {
        let mut chosen = self.choose(&Selection::default())?;
        chosen.checks.retain(|id| self.is_tenants(id));
        let kinds = self.kinds(&chosen);
        let wide = |kind: &Kind| !served::namespaced(kind) && *kind != namespace_kind();
        Ok(kinds.into_iter().filter(wide).collect())
    }

    /// A framework as far as it is a tenant's: the controls that a check of namespaces decides,
    /// each without its checks of the cluster.
    pub(super) fn tenants_part(&self, framework: &Framework) -> Framework {
        let mut part = framework.clone();
        let decides = |check: &crate::frameworks::Mapping| {
            check.strength.decides() && self.is_tenants(&check.id)
        };
        part.controls.retain(|control| control.checks.iter().any(decides));
        for control in &mut part.controls {
            let known = |id: &str| self.library.checks.contains_key(id);
            // A check that this version lacks may be about namespaces: it stays, and is said.
            control.checks.retain(|check| !known(&check.id) || self.is_tenants(&check.id));
        }
        part
    }

    /// Runs a tenant's checks over its namespaces.
    ///
    /// # Errors
    /// When the profile names a framework that does not exist.
    pub fn run_tenant(
        &self,
        tenant: &Tenant,
        facts: &Facts,
        include_platform: bool,
        monitor: &dyn Monitor,
    ) -> Result<TenantRun, SelectionError> {
        let members = tenant.members(facts.inventory());
        if members.names.is_empty() {
            // Without a namespace a selection would mean all of them.
            return Ok(TenantRun { members, ..TenantRun::default() });
        }
        let content = tenant.content(self);
        let chosen = content.choose(&tenant.selection(&members.names, include_platform))?;
        let chosen = content.fit(chosen, super::cluster(facts));
        let result = content.run(&content.plan(&chosen), &chosen, facts, monitor).into();
        Ok(TenantRun { members, chosen, result })
    }

    /// Ends a tenant's run, and judges it by its own parameters.
    #[must_use]
    pub fn finish_tenant(
        &self,
        tenant: &Tenant,
        run: &TenantRun,
        (inventory, times): (&Inventory, RunTimes),
        known: KnownAtEnd<'_>,
        ledger: &mut Arc<Ledger>,
    ) -> Finished {
        let ran = Ran { chosen: &run.chosen, inventory, times, result: Arc::clone(&run.result) };
        tenant.content(self).finish(ran, known, ledger)
    }

    /// What a run over a tenant's namespaces comes to.
    #[must_use]
    pub fn card(
        &self,
        tenant: &Tenant,
        members: &Members,
        result: &RunResult,
        judged: &[Judged],
        by: By<'_>,
    ) -> Scorecard {
        let counts = |f: &&Arc<Finding>| by.ledger.counts_open(f, by.include_platform, by.today);
        let open: Vec<Arc<Finding>> = result.findings.iter().filter(counts).cloned().collect();
        let undecided: BTreeSet<&Arc<str>> =
            result.not_assessed.iter().filter(|gap| !gap.platform).map(|gap| &gap.check).collect();
        let unread = self.unread(result);
        let taken = result.taken_over_in_words();
        let taken = (!taken.is_empty()).then(|| format!("checks taken over: {}", taken.join("; ")));
        let mirrored = mirrored(result, members);
        let notes = members.notes.iter().cloned().chain(taken).chain(mirrored).collect();
        let mut card = Scorecard {
            profile: tenant.name.clone(),
            title: tenant.title.clone(),
            namespaces: members.names.iter().cloned().collect(),
            notes,
            findings: open.iter().map(|finding| finding.severity).collect(),
            open,
            undecided_checks: undecided.len(),
            frameworks: judged.iter().map(|judged| self.tenant_score(judged)).collect(),
            threshold: ThresholdOutcome::default(),
        };
        // An edition of which nothing is a tenant's, such as that of another provider, says nothing.
        card.frameworks.retain(|score| score.counts.applicable() + score.counts.not_applicable > 0);
        card.threshold = tenant.outcome(&card, members, &unread, &Families(judged));
        card
    }

    /// Checks that could not read what they look at, each with the worst that it could find and the
    /// reason. What nobody asked for, or is not configured, is not among them.
    fn unread<'a>(&self, result: &'a RunResult) -> Vec<(Severity, &'a str)> {
        let mut seen = BTreeSet::new();
        let lost = |gap: &&Gap| !gap.platform && gap.missing.status.is_lost();
        let gaps = result.not_assessed.iter().filter(lost);
        let worst = |gap: &'a Gap| {
            let check = self.library.checks.get(&gap.check)?;
            let cases = check.rule.cases.iter().filter_map(|case| case.severity);
            let severity = cases.chain([check.severity]).min()?;
            seen.insert(&gap.check).then_some((severity, gap.missing.reason.as_str()))
        };
        gaps.filter_map(worst).collect()
    }

    fn tenant_score(&self, judged: &Judged) -> TenantScore {
        let level = judged.result.level.as_deref();
        let whole = self.frameworks.frameworks.iter().find(|f| f.id == judged.framework.id);
        let all = whole.map_or(0, |framework| framework.of_level(level).count());
        TenantScore {
            id: judged.framework.id.clone(),
            title: format!("{} {}", judged.framework.title, judged.result.version),
            short: judged.framework.short().to_owned(),
            level: judged.result.level.clone(),
            matrix: judged.framework.is_matrix(),
            score: judged.result.score,
            counts: judged.result.counts,
            cluster_controls: all.saturating_sub(judged.result.controls.len()),
        }
    }
}

#[cfg(test)]
mod tests;
