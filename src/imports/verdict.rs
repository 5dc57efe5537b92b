//! What imports say of a control.
//!
//! A row of a benchmark passes when every node that it is about has a fresh pass; reports that
//! checks judge only have to be there and fresh. What is missing in an import is never a pass.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::age::{age, days, rank, why_none, words};
use super::numbering::{About, edition, is_file_row, plain};
use super::objects::listed;
use super::trivy;
use crate::frameworks::{Control, Framework, ImportVerdict, Serving};
use crate::model::import::{
    DamagedImport, Import, ImportOutcome, ImportTool, ImportedResult, KnownNode, RunSurroundings,
};
use crate::text::counted;

/// Days after which an import counts no more, unless the user says otherwise.
pub const MAX_AGE_DAYS: u32 = 30;

/// Imports, made ready to be asked about controls.
pub struct Basis<'a> {
    rows: HashMap<(&'a str, &'a str), Vec<Row<'a>>>,
    groups: Vec<(Serving, Group<'a>)>,
    nodes: &'a [KnownNode],
    nodes_complete: bool,
    damaged: &'a [DamagedImport],
    today: &'a str,
    max_age: i64,
}

#[derive(Clone, Copy)]
struct Row<'a> {
    import: &'a Import,
    result: &'a ImportedResult,
}

impl<'a> Row<'a> {
    fn taken(&self) -> &'a str {
        self.import.taken(self.result)
    }
}

/// Results that checks judge.
#[derive(Clone, Copy, Default)]
struct Group<'a> {
    count: usize,
    newest: &'a str,
}

impl<'a> Basis<'a> {
    /// Makes imports and what a run saw beside ready. `today` is an RFC 3339 date.
    #[must_use]
    pub fn new(
        imports: &'a [Import],
        beside: &'a RunSurroundings,
        today: &'a str,
        max_age: u32,
    ) -> Self {
        let mut rows: HashMap<(&str, &str), Vec<Row<'_>>> = HashMap::new();
        let mut groups: BTreeMap<Serving, Group<'_>> = BTreeMap::new();
        for import in imports.iter().chain(&beside.reports) {
            for result in &import.results {
                let row = Row { import, result };
                if let (ImportTool::KubeBench, Some(benchmark), Some(control)) =
                    (import.tool, &result.benchmark, &result.control)
                {
                    rows.entry((benchmark, control)).or_default().push(row);
                }
                for serving in servings(import.tool, result) {
                    let group = groups.entry(serving).or_default();
                    group.count += 1;
                    if rank(group.newest, today) < rank(row.taken(), today) {
                        group.newest = row.taken();
                    }
                }
            }
        }
        Self {
            rows,
            groups: groups.into_iter().collect(),
            nodes: &beside.nodes,
            nodes_complete: beside.nodes_complete,
            damaged: &[],
            today,
            max_age: i64::from(max_age),
        }
    }

    /// The same, while these imports cannot be read.
    #[must_use]
    pub fn without(self, damaged: &'a [DamagedImport]) -> Self {
        Self { damaged, ..self }
    }

    /// What imports say of a control; none where they say nothing and nothing is asked of them.
    ///
    /// A control that asks for nothing is still failed by the row of a benchmark that bears its
    /// number. A fail stands whatever else cannot be read; anything else rests on all of them.
    #[must_use]
    pub fn verdict(&self, framework: &Framework, control: &Control) -> Option<ImportVerdict> {
        let verdict = self.readable(framework, control);
        if matches!(verdict, Some(ImportVerdict::Fail(_))) {
            return verdict;
        }
        let bears = |damaged: &&DamagedImport| match damaged.tool {
            // Its rows bear the numbers of controls.
            ImportTool::KubeBench => framework.family().starts_with("cis-"),
            tool => control.imports.iter().any(|serving| serving.tool() == tool),
        };
        let Some(damaged) = self.damaged.iter().find(bears) else { return verdict };
        Some(ImportVerdict::Damaged(format!(
            "the import of {} from {} is damaged ({}): bring it in again",
            damaged.tool.word(),
            damaged.origin,
            damaged.why
        )))
    }

    fn readable(&self, framework: &Framework, control: &Control) -> Option<ImportVerdict> {
        if control.imports.is_empty() {
            let verdict = self.row(framework, control, &control.id)?;
            return matches!(verdict, ImportVerdict::Fail(_)).then_some(verdict);
        }
        let decides = control.checks.iter().any(|m| m.strength.decides());
        let mut unknown: Vec<String> = Vec::new();
        let (mut fails, mut passes) = (Vec::new(), None);
        for serving in &control.imports {
            let verdict = match serving {
                Serving::Row(row) => self.row(framework, control, row),
                other => self.group(other, decides),
            };
            match verdict {
                Some(ImportVerdict::Fail(reasons)) => fails.extend(reasons),
                Some(ImportVerdict::Pass(reason)) => passes = passes.or(Some(reason)),
                Some(ImportVerdict::Unknown(reason) | ImportVerdict::Damaged(reason)) => {
                    unknown.push(reason);
                }
                None => unknown.push(format!("needs {}: nothing was imported", serving.needs())),
            }
        }
        Some(match passes {
            _ if !fails.is_empty() => ImportVerdict::Fail(fails),
            Some(reason) => ImportVerdict::Pass(reason),
            None => ImportVerdict::Unknown(unknown.join("; ")),
        })
    }

    /// Whether any of the imports is about a control, whatever it says.
    #[must_use]
    pub fn touches(&self, framework: &Framework, control: &Control) -> bool {
        let row = |row: &str| !self.fitting(framework, control, row).is_empty();
        control.imports.iter().any(|serving| match serving {
            Serving::Row(number) => row(number),
            other => self.groups.iter().any(|(known, _)| known == other),
        }) || control.imports.is_empty() && row(&control.id)
    }

    /// Results that checks judge: these have to be there, and not too old.
    fn group(&self, serving: &Serving, decides: bool) -> Option<ImportVerdict> {
        let (_, group) = self.groups.iter().find(|(known, _)| known == serving)?;
        let what = serving.needs();
        let Some(age) = age(group.newest, self.today) else {
            let why = why_none(group.newest, self.today);
            return Some(ImportVerdict::Unknown(format!("{what}: {why}, and settle nothing")));
        };
        Some(if age > self.max_age {
            ImportVerdict::Unknown(self.stale(&what, age))
        } else if decides {
            let count = group.count;
            ImportVerdict::Pass(format!(
                "{} of {what}, {}; checks judge them",
                counted(count, "result"),
                days(age)
            ))
        } else {
            ImportVerdict::Unknown(format!("there are {what}, and no check judges them"))
        })
    }

    fn stale(&self, what: &str, age: i64) -> String {
        format!("stale: {what}, {}; more than {} days do not count", days(age), self.max_age)
    }

    /// A row of a benchmark over the nodes that it is about.
    fn row(&self, framework: &Framework, control: &Control, row: &str) -> Option<ImportVerdict> {
        let family = framework.family();
        let all = self.rows.get(&(family, row))?;
        let fitting = self.fitting(framework, control, row);
        let Some(first) = fitting.first() else {
            let theirs = all.first().and_then(|row| row.result.edition.as_deref());
            let theirs = theirs.unwrap_or("another");
            return Some(ImportVerdict::Unknown(format!(
                "kube-bench ran edition {theirs}, where {row} is another row"
            )));
        };
        let one = self.nodes_complete && self.nodes.len() == 1;
        let by_node = newest(&fitting, one, self.today);
        let about = About::of(family, row);
        let tool = first.import.version.as_deref().unwrap_or("kube-bench");
        Some(self.over_nodes(row, &by_node, about, tool))
    }

    /// Results of a row, of this edition or of one where the row says the same.
    fn fitting(&self, framework: &Framework, control: &Control, row: &str) -> Vec<Row<'a>> {
        let family = framework.family();
        let ours = edition(family, &framework.version);
        let fits = |row: &&Row<'_>| {
            let theirs = row.result.edition.as_deref().unwrap_or_default();
            edition(family, theirs) == ours || plain(&row.result.title) == plain(&control.title)
        };
        self.rows.get(&(family, row)).into_iter().flatten().filter(fits).copied().collect()
    }

    fn over_nodes(
        &self,
        row: &str,
        by_node: &BTreeMap<Option<&str>, Row<'_>>,
        about: About,
        tool: &str,
    ) -> ImportVerdict {
        let fresh = |r: &Row<'_>| age(r.taken(), self.today).is_some_and(|a| a <= self.max_age);
        let of = |wanted: ImportOutcome| -> Vec<&str> {
            let rows = by_node.iter().filter(|(_, r)| fresh(r) && r.result.outcome == wanted);
            rows.map(|(node, _)| node.unwrap_or("a node that is not named")).collect()
        };
        let (fails, passes) = (of(ImportOutcome::Fail), of(ImportOutcome::Pass));
        if !fails.is_empty() {
            return ImportVerdict::Fail(vec![self.failed(row, by_node, &fails, &passes, tool)]);
        }
        if let Some(open) = self.open(row, by_node) {
            return ImportVerdict::Unknown(open);
        }
        let newest = by_node.values().map(Row::taken).max_by_key(|taken| rank(taken, self.today));
        let newest = newest.unwrap_or_default();
        let when = words(newest, self.today);
        let origins: BTreeSet<&str> = by_node.values().map(|r| &*r.import.origin).collect();
        let origins = listed(&origins.into_iter().collect::<Vec<_>>());
        if about == About::Cluster {
            return ImportVerdict::Pass(format!("{row} passes by {tool} ({when}, from {origins})"));
        }
        if let Some(gap) = self.uncovered(row, by_node, about) {
            return ImportVerdict::Unknown(gap);
        }
        let noun = if self.meant(about).count() == 1 { "the one node" } else { "every node" };
        ImportVerdict::Pass(format!(
            "{row} passes on {noun} it is about by {tool} ({when}, from {origins})"
        ))
    }

    fn failed(
        &self,
        row: &str,
        by_node: &BTreeMap<Option<&str>, Row<'_>>,
        fails: &[&str],
        passes: &[&str],
        tool: &str,
    ) -> String {
        let worst = by_node.values().filter(|r| r.result.outcome == ImportOutcome::Fail);
        let worst = worst.max_by_key(|r| rank(r.taken(), self.today));
        let mut text = format!("{row} fails on {} by {tool}", listed(fails));
        if !passes.is_empty() {
            text.push_str(&format!(", and passes on {}", listed(passes)));
        }
        if let Some(row) = worst {
            if !row.result.message.is_empty() {
                text.push_str(&format!(": {}", row.result.message));
            }
            let when = words(row.taken(), self.today);
            text.push_str(&format!(" ({when}, from {})", row.import.origin));
        }
        text
    }

    /// The first result that is neither pass nor fail, or too old to count.
    fn open(&self, row: &str, by_node: &BTreeMap<Option<&str>, Row<'_>>) -> Option<String> {
        by_node.iter().find_map(|(node, r)| {
            let place = node.map(|node| format!(" on {node}")).unwrap_or_default();
            match age(r.taken(), self.today) {
                None => {
                    let why = why_none(r.taken(), self.today);
                    return Some(format!("{row}{place}: {why}, and settles nothing"));
                }
                Some(age) if age > self.max_age => {
                    return Some(self.stale(&format!("{row}{place}"), age));
                }
                Some(_) => {}
            }
            let why = match r.result.outcome {
                ImportOutcome::Pass | ImportOutcome::Fail => return None,
                ImportOutcome::Warn => "is left to a person",
                ImportOutcome::Skip => "was skipped",
                ImportOutcome::Error => "could not be run",
            };
            let words = Some(&r.result.message).filter(|m| !m.is_empty());
            let words = words.map(|m| format!(": {m}")).unwrap_or_default();
            Some(format!("{row} {why}{place}{words}"))
        })
    }

    /// Why not every node that a row is about has a pass, if so.
    fn uncovered(
        &self,
        row: &str,
        by_node: &BTreeMap<Option<&str>, Row<'_>>,
        about: About,
    ) -> Option<String> {
        let nodes: Vec<&str> = self.meant(about).map(|node| &*node.name).collect();
        if !self.nodes_complete {
            return Some(format!(
                "{row} passes where it was run; which nodes there are is not known"
            ));
        }
        let noun = if about == About::ControlPlane { "control plane node" } else { "node" };
        if nodes.is_empty() {
            return Some(format!("{row} passes where it was run; no {noun} is known here"));
        }
        let missing: Vec<&str> =
            nodes.iter().copied().filter(|n| !by_node.contains_key(&Some(*n))).collect();
        let unnamed = by_node.contains_key(&None);
        // A cluster of one node leaves no doubt which one it was.
        if missing.is_empty() || unnamed && nodes.len() == 1 && self.nodes.len() == 1 {
            return None;
        }
        Some(if unnamed {
            format!("{row}: a result does not say which node it is of; import it with --node")
        } else {
            format!("{row} has no result of {noun} {}", listed(&missing))
        })
    }

    fn meant(&self, about: About) -> impl Iterator<Item = &KnownNode> {
        self.nodes.iter().filter(move |node| about != About::ControlPlane || node.control_plane)
    }
}

/// Of every node the newest result, and of those made at once the worst: one file may hold what was run on
/// several nodes. Where no node is named results of different files may be of different nodes, unless there
/// is `one` only: the worst of them counts, and of one file brought in again the newest.
fn newest<'a>(rows: &[Row<'a>], one: bool, today: &str) -> BTreeMap<Option<&'a str>, Row<'a>> {
    let mut found: BTreeMap<Option<&str>, Row<'_>> = BTreeMap::new();
    for row in rows {
        let node = row.result.node.as_deref();
        let several = |old: &Row<'_>| {
            let at_once = rank(old.taken(), today) == rank(row.taken(), today);
            at_once || node.is_none() && !one && old.import.origin != row.import.origin
        };
        let stays = found.get(&node).is_some_and(|old| {
            if several(old) {
                old.result.outcome <= row.result.outcome
            } else {
                rank(old.taken(), today) > rank(row.taken(), today)
            }
        });
        if !stays {
            found.insert(node, *row);
        }
    }
    found
}

/// What a result serves, beside its row.
fn servings(tool: ImportTool, result: &ImportedResult) -> Vec<Serving> {
    match tool {
        ImportTool::KubeBench if is_file_row(result) => vec![Serving::Files],
        ImportTool::TrivyOperator if result.rule == trivy::VULNERABILITIES => {
            vec![Serving::Vulnerabilities]
        }
        ImportTool::TrivyOperator if result.rule == trivy::SECRETS => vec![Serving::Secrets],
        ImportTool::PolicyReport => {
            let words = format!("{} {}", result.title, result.rule).to_lowercase();
            let has = |list: &[&str]| list.iter().any(|word| words.contains(word));
            let sensors = ["falco", "tetragon", "tracee", "kubearmor"];
            let malware = ["malware", "clamav", "antivirus"];
            let builds = ["dockle", "image-config", "image configuration", "dockerfile"];
            let all = [
                (has(&sensors), Serving::RuntimeAlerts),
                (has(&malware), Serving::Malware),
                (has(&builds), Serving::ImageConfiguration),
            ];
            all.into_iter().filter(|(is, _)| *is).map(|(_, serving)| serving).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
