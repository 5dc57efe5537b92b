//! The board of exceptions: what each one covers, when it ends, and what comes back without it.

mod together;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::annotations::Tool;
use super::brought::{Brought, Saying, name};
use super::day;
use crate::model::decision::{Decision, DecisionOrigin, DecisionState};
use crate::model::finding::{Finding, RunResult};
use crate::model::ledger::Ledger;
use crate::text::counted;

/// From how many findings on a single exception is called too broad, unless told otherwise.
pub const BROAD: usize = 25;
/// How many days ahead an end is called near, unless told otherwise.
pub const SOON: i64 = 30;

/// What the board is worked out from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The session's own decisions; what it says was brought is not looked at.
    pub ledger: &'a Ledger,
    /// What files and annotations say.
    pub brought: &'a Brought,
    /// The run.
    pub result: &'a RunResult,
    /// Findings on objects of the platform itself count too.
    pub include_platform: bool,
    /// Today, an RFC 3339 date.
    pub today: &'a str,
    /// How many days ahead an end is near.
    pub within: i64,
    /// How many findings one exception may cover before it is too broad.
    pub broad: usize,
}

/// When an exception ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Never.
    Open,
    /// In this many days, 0 being today; later than is near.
    Later(i64),
    /// In this many days, and that is near.
    Soon(i64),
    /// It ended this many days ago.
    Past(i64),
}

/// Whether an exception has anything to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It covers findings of the run.
    Covers,
    /// It covers none: what it was about is gone, or it never fitted.
    Unused,
    /// A check of its own was not part of the run, so nobody can tell.
    NotRun,
}

/// Why an exception is too broad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breadth {
    /// It covers this many findings.
    Findings(usize),
    /// It names neither a namespace nor an object.
    AllNamespaces,
}

/// One exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The findings that a decision of the session is about, by fingerprint: they may be gone. Several
    /// where one act decided about too many; none for what files and annotations say.
    pub decided: Vec<String>,
    /// Where it stands: the session, a file, an annotation.
    pub origin: DecisionOrigin,
    /// Line of the file, from 1.
    pub line: Option<u32>,
    /// What it is about, in words.
    pub label: String,
    /// What it says: state, reason, approver, end, link.
    pub decision: Decision,
    /// Whether it is applied: annotations only of tools that were switched on.
    pub applied: bool,
    /// Whether it has anything to do.
    pub usage: Use,
    /// When it ends.
    pub end: End,
    /// Why it is too broad.
    pub breadth: Option<Breadth>,
    /// Fingerprints of the findings that it covers, in the order of reports.
    pub covers: Vec<String>,
    /// Of these, the ones that would be open again if it were dropped: nothing else excepts them.
    pub returns: Vec<String>,
}

impl Entry {
    /// Whether a reviewer should look at it now.
    #[must_use]
    pub fn needs_review(&self) -> bool {
        self.applied
            && (matches!(self.end, End::Past(_) | End::Soon(_))
                || self.usage == Use::Unused
                || self.breadth.is_some())
    }

    /// What is to be said of it, in words; empty when all is well.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let days = |n: i64| if n == 1 { "1 day".to_owned() } else { format!("{n} days") };
        let mut words = Vec::new();
        if !self.applied {
            words.push("not applied".to_owned());
        }
        match self.end {
            End::Past(n) => words.push(format!("expired {} ago", days(n))),
            End::Soon(0) => words.push("expires today".to_owned()),
            End::Soon(n) => words.push(format!("expires in {}", days(n))),
            End::Open | End::Later(_) => {}
        }
        match self.usage {
            Use::Unused => words.push("unused".to_owned()),
            Use::NotRun => words.push("its check did not run".to_owned()),
            Use::Covers => {}
        }
        match self.breadth {
            Some(Breadth::Findings(n)) => {
                words.push(format!("too broad: {}", counted(n, "finding")));
            }
            Some(Breadth::AllNamespaces) => words.push("too broad: all namespaces".to_owned()),
            None => {}
        }
        words
    }

    /// The one finding that it covers.
    fn only<'a>(&self, by_print: &HashMap<&'a str, &'a Finding>) -> Option<(&'a str, &'a Finding)> {
        let [print] = &self.covers[..] else { return None };
        by_print.get_key_value(print.as_str()).map(|(print, finding)| (*print, *finding))
    }

    /// The order of the board: what has ended, what ends soon, what is too broad, what is unused.
    fn rank(&self) -> (u8, i64) {
        match (self.applied, self.end, self.breadth, self.usage) {
            (false, ..) => (5, 0),
            (_, End::Past(n), ..) => (0, -n),
            (_, End::Soon(n), ..) => (1, n),
            (_, _, Some(_), _) => (2, 0),
            (_, _, _, Use::Unused) => (3, 0),
            (_, End::Later(n), ..) => (4, n),
            (_, End::Open, ..) => (4, i64::MAX),
        }
    }
}

/// All exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// What needs a look first; then by end and words.
    pub entries: Vec<Entry>,
    /// Findings that count and are excepted now.
    pub excepted: usize,
    /// Findings that count.
    pub counting: usize,
    /// Findings that are excepted now and would not count anyway: they lie on objects of the platform
    /// itself.
    pub beside: usize,
    /// Findings that an annotation of a tool that is not switched on would except, by tool.
    pub offered: BTreeMap<Tool, usize>,
}

impl Board {
    /// Entries that a reviewer should look at now.
    pub fn for_review(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.needs_review())
    }
}

/// Works the board out: accepted and false-positive findings of the session, and every entry of
/// files and annotations.
#[must_use]
pub fn board(input: &Input<'_>) -> Board {
    let by_print: HashMap<&str, &Finding> =
        input.result.findings.iter().map(|f| (f.fingerprint.as_str(), &**f)).collect();
    let cover = Cover::of(input);
    let mut entries = together::folded(own(input, &by_print, &cover), input, &by_print);
    for (at, saying) in input.brought.sayings.iter().enumerate() {
        entries.push(brought(input, &by_print, &cover, at, saying));
    }
    tell_apart(&mut entries, &by_print);
    entries.sort_by(|a, b| (a.rank(), &a.label, a.line).cmp(&(b.rank(), &b.label, b.line)));
    let mut board = Board { entries, offered: input.brought.offered(), ..Board::default() };
    for (print, finding) in &by_print {
        let (counts, excepted) =
            (finding.counts(input.include_platform), excepts(cover.state(print, None)));
        board.counting += usize::from(counts);
        board.excepted += usize::from(counts && excepted);
        board.beside += usize::from(!counts && excepted);
    }
    board
}

/// Adds the place to what is said of findings that are otherwise called the same: the same check on several
/// volumes of one workload.
fn tell_apart(entries: &mut [Entry], by_print: &HashMap<&str, &Finding>) {
    let mut called: HashMap<String, HashSet<&str>> = HashMap::new();
    for (print, finding) in entries.iter().filter_map(|entry| entry.only(by_print)) {
        called.entry(name(finding)).or_default().insert(print);
    }
    for entry in entries {
        let Some((_, finding)) = entry.only(by_print) else { continue };
        let alike = called.get(&entry.label).is_some_and(|prints| prints.len() > 1);
        if alike && !finding.path.0.is_empty() {
            entry.label.push_str(&format!(" at {}", finding.path));
        }
    }
}

/// Whether a finding in this state counts no more.
fn excepts(state: DecisionState) -> bool {
    matches!(state, DecisionState::Accepted | DecisionState::FalsePositive)
}

/// One of those that speak about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Voice {
    Session,
    Saying(usize),
}

/// Who speaks about each finding, and what holds when one of them is silent.
struct Cover<'a> {
    input: &'a Input<'a>,
    sayings: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Cover<'a> {
    fn of(input: &'a Input<'a>) -> Self {
        let mut sayings: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, saying) in input.brought.sayings.iter().enumerate().filter(|(_, s)| s.applied) {
            for print in &saying.covers {
                sayings.entry(print).or_default().push(at);
            }
        }
        Self { input, sayings }
    }

    /// The state of a finding if `silent` said nothing. The session goes first, then whatever is
    /// in force, in the order of the sayings.
    fn state(&self, print: &str, silent: Option<Voice>) -> DecisionState {
        let today = self.input.today;
        let own = self.input.ledger.decisions.get(print);
        if let Some(own) = own.filter(|_| silent != Some(Voice::Session)) {
            return own.in_force(today);
        }
        let all = self.sayings.get(print).map(Vec::as_slice).unwrap_or_default();
        all.iter()
            .filter(|at| silent != Some(Voice::Saying(**at)))
            .filter_map(|at| self.input.brought.sayings.get(*at))
            .map(|saying| saying.decision.in_force(today))
            .find(|state| *state != DecisionState::Open)
            .unwrap_or_default()
    }

    /// Whether a finding would count again without this voice.
    fn returns(&self, print: &str, without: Voice) -> bool {
        excepts(self.state(print, None)) && !excepts(self.state(print, Some(without)))
    }
}

fn own(input: &Input<'_>, by_print: &HashMap<&str, &Finding>, cover: &Cover<'_>) -> Vec<Entry> {
    let decisions = input.ledger.decisions.iter().filter(|(_, d)| excepts(d.state));
    let entry = |(print, decision): (&Arc<str>, &Arc<Decision>)| {
        let finding = by_print.get(&**print);
        let covers: Vec<String> = finding.map(|_| print.to_string()).into_iter().collect();
        let returns = covers.iter().filter(|p| cover.returns(p, Voice::Session)).cloned().collect();
        Entry {
            decided: vec![print.to_string()],
            origin: DecisionOrigin::Session,
            line: None,
            label: finding.map_or_else(|| format!("fingerprint {print}"), |f| name(f)),
            decision: Decision::clone(decision),
            applied: true,
            usage: if covers.is_empty() { Use::Unused } else { Use::Covers },
            end: end(decision, input),
            breadth: None,
            covers,
            returns,
        }
    };
    decisions.map(entry).collect()
}

fn brought(
    input: &Input<'_>,
    by_print: &HashMap<&str, &Finding>,
    cover: &Cover<'_>,
    at: usize,
    saying: &Saying,
) -> Entry {
    let returns =
        saying.covers.iter().filter(|p| cover.returns(p, Voice::Saying(at))).cloned().collect();
    let ran = |check: &String| input.result.checks.contains_key(check.as_str());
    let usage = match (&saying.checks, saying.covers.is_empty()) {
        (_, false) => Use::Covers,
        (Some(checks), true) if !checks.iter().all(ran) => Use::NotRun,
        (_, true) => Use::Unused,
    };
    Entry {
        decided: Vec::new(),
        origin: saying.origin.clone(),
        line: saying.line,
        label: saying.label.clone(),
        decision: saying.decision.clone(),
        applied: saying.applied,
        usage,
        end: end(&saying.decision, input),
        breadth: breadth(input, by_print, saying),
        covers: saying.covers.clone(),
        returns,
    }
}

fn breadth(
    input: &Input<'_>,
    by_print: &HashMap<&str, &Finding>,
    saying: &Saying,
) -> Option<Breadth> {
    // What is cluster-wide has no namespace to name.
    let found = || saying.covers.iter().filter_map(|p| by_print.get(p.as_str()));
    let spread: HashSet<&str> = found().map(|f| f.home()).collect();
    let only_cluster_wide = spread.len() == 1 && spread.contains("");
    let count = saying.covers.len();
    if saying.everywhere && !only_cluster_wide {
        return Some(Breadth::AllNamespaces);
    }
    (count > input.broad).then_some(Breadth::Findings(count))
}

fn end(decision: &Decision, input: &Input<'_>) -> End {
    let left = decision.expires.as_deref().and_then(|day| day::between(input.today, day));
    match left {
        None => End::Open,
        Some(left) if left < 0 => End::Past(-left),
        Some(left) if left <= input.within => End::Soon(left),
        Some(left) => End::Later(left),
    }
}

#[cfg(test)]
mod tests;
