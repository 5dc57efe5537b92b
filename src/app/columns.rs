//! Columns of lists: their titles, and what an order looks at in a row.

use std::fmt::Write as _;

use crate::model::finding::{Finding, Severity};
use crate::model::kinds::Kind;
use crate::model::severities::BySeverity;
use crate::text::{clean, noun};

use super::data::Data;
use super::event::SessionInfo;
use super::filter::FilterField;
use super::fleet::{FleetCluster, FleetPage};
use super::item::{Item, Section, SortKey};
use super::list::RowReader;
use super::problems::spelt;
use super::route::Screen;

/// Titles of the columns that a screen's list can be sorted by, in their order; none for screens
/// whose parts have columns of their own.
#[must_use]
pub fn sortable(screen: &Screen) -> &'static [&'static str] {
    match screen {
        Screen::Kinds => titles(Section::Kinds),
        Screen::Objects(_) => titles(Section::Objects),
        Screen::Frameworks => titles(Section::Frameworks),
        Screen::Framework(_) => &["status", "number", "control", "findings"],
        Screen::Findings(_) | Screen::Object(_) => titles(Section::Findings),
        Screen::Comparison => titles(Section::Compared),
        Screen::Checks => titles(Section::Checks),
        Screen::Sessions => titles(Section::Sessions),
        Screen::Fleet(FleetPage::Clusters | FleetPage::Scores) => titles(Section::Clusters),
        _ => &[],
    }
}

/// Titles of the columns of a part.
#[must_use]
pub fn titles(section: Section) -> &'static [&'static str] {
    match section {
        Section::Kinds => &["kind", "objects", "findings", "read"],
        Section::Objects => &["namespace", "name", "findings"],
        Section::Frameworks => {
            &["framework", "worst", "fail", "manual", "not assessed", "accepted"]
        }
        Section::Findings => &["severity", "object", "finding", "check", "decision"],
        Section::Compared => &["severity", "object", "finding", "remark"],
        Section::Checks => &["severity", "check", "fail", "pass", "not assessed"],
        Section::Clusters => &["cluster", "state", "findings", "undecided", "not read"],
        Section::Sessions => &[
            "session",
            "id",
            "cluster",
            "begun (UTC)",
            "last used",
            "runs",
            "findings",
            "decisions",
        ],
        _ => &[],
    }
}

impl RowReader for Data {
    fn any(&self, item: &Item, field: FilterField, test: &mut dyn FnMut(&str) -> bool) -> bool {
        self.any_value(item, field, test)
    }

    fn severity(&self, item: &Item) -> Option<Severity> {
        self.severity_of(item)
    }

    fn sort_key(&self, item: &Item, column: usize) -> SortKey {
        match item {
            Item::Finding(finding) => self.finding_key(finding, column),
            Item::Compared(compared) if column < 3 => self.finding_key(compared.entry(), column),
            Item::Compared(compared) => SortKey::Text(compared.remark()),
            Item::Kind(kind, found) => match column {
                0 => SortKey::Text(kind.to_string()),
                1 => number(self.inventory.of(kind).len() + self.arriving(kind)),
                _ => worst(*found),
            },
            Item::Object(object) => match column {
                0 => SortKey::Text(object.namespace().to_owned()),
                1 => SortKey::Text(object.id.name.to_string()),
                _ => worst(self.tally_of(object).0.copied().unwrap_or_default()),
            },
            Item::Arriving(name, _) => match column {
                0 => {
                    name.namespace.as_deref().map_or(SortKey::Nothing, |n| SortKey::Text(n.into()))
                }
                1 => SortKey::Text(name.name.to_string()),
                _ => SortKey::Nothing,
            },
            Item::Framework(id) => self.framework_key(id, column),
            Item::Control { framework, id, at, judged } => {
                let result = self.scored_or_all(framework).and_then(|j| j.controls.get((*judged)?));
                match column {
                    0 => result.map_or(SortKey::Nothing, |r| number(r.status as usize)),
                    1 => SortKey::Text(natural(id)),
                    2 => {
                        let control = self.framework(framework).and_then(|f| f.controls.get(*at));
                        control.map_or(SortKey::Nothing, |c| SortKey::Text(c.title.clone()))
                    }
                    _ => result.map_or(SortKey::Nothing, |r| number(r.failing)),
                }
            }
            Item::Check { id, .. } => self.check_key(id, column),
            Item::Session(info) => session_key(info, column),
            Item::Cluster(cluster) => cluster_key(cluster, column),
            Item::Cause(cause) => match column {
                0 => worst(cause.tally),
                _ => SortKey::Text(cause.place.name()),
            },
            Item::Group { label, tally, .. } => match column {
                0 => worst(*tally),
                _ => SortKey::Text(label.to_string()),
            },
            _ => SortKey::Nothing,
        }
    }
}

fn session_key(info: &SessionInfo, column: usize) -> SortKey {
    #[allow(clippy::cast_precision_loss, reason = "seconds are far below 2^52")]
    let moment = |seconds: i64| SortKey::Number(seconds as f64);
    match column {
        0 => SortKey::Text(info.title.clone()),
        1 => SortKey::Text(info.id.clone()),
        2 => SortKey::Text(info.source.clone()),
        3 => moment(info.created),
        4 => moment(info.updated),
        5 => number(info.runs),
        6 => number(info.findings),
        _ => number(info.decisions),
    }
}

impl Data {
    /// What a row is called.
    #[must_use]
    pub fn name_of(&self, item: &Item) -> String {
        let of = |finding: &Finding| {
            finding.object.as_ref().map_or_else(|| "cluster".to_owned(), ToString::to_string)
        };
        match item {
            Item::Heading(_) => String::new(),
            Item::Text(text) => text.to_string(),
            Item::NewSession => "new session".to_owned(),
            Item::Demo => "demo cluster".to_owned(),
            Item::Session(info) => format!("{} {} {}", info.title, info.source, info.id),
            Item::Context(info) => format!("{} {}", info.name, info.server),
            Item::Framework(id) => {
                self.framework(id).map_or_else(|| id.to_string(), |f| f.title.clone())
            }
            Item::Part { name, .. }
            | Item::Namespace(name)
            | Item::Theme(name)
            | Item::Tactic { name, .. } => name.to_string(),
            Item::Cluster(cluster) => cluster.context.name.clone(),
            Item::Difference(differs) => differs.title.clone(),
            Item::Tenant(card) => card.profile.clone(),
            Item::TenantScore(card, at) => {
                card.frameworks.get(*at).map(|score| score.id.clone()).unwrap_or_default()
            }
            Item::Technique(cell) => format!("{} {}", cell.id, cell.title),
            Item::Heat(row) if row.namespace.is_empty() => "cluster-wide".to_owned(),
            Item::Heat(row) => row.namespace.to_string(),
            Item::Control { id, .. } | Item::Check { id, .. } => id.to_string(),
            Item::ControlRef(control) | Item::Question(control) => {
                format!("{} {}", control.framework, control.control)
            }
            Item::Exception(exception) => exception.entry.label.clone(),
            Item::Disagreement(differs) => {
                let object = differs.object.as_ref().map(ToString::to_string).unwrap_or_default();
                format!("{} {object}", self.subject_of(differs))
            }
            Item::Finding(finding) => of(finding),
            Item::Compared(compared) => of(compared.entry()),
            Item::Foreseen(foreseen) => of(&foreseen.finding),
            Item::ControlMove(moved) => format!("{} {}", moved.framework, moved.control),
            Item::FrameworkShift(shift) => self.short(shift.id()).to_owned(),
            Item::ControlShift(shift) => format!("{} {}", shift.id(), shift.number()),
            Item::Group { label, .. } => label.to_string(),
            Item::Cause(cause) => cause.place.name(),
            Item::Kind(kind, _) => kind.to_string(),
            Item::Object(object) => object.id.to_string(),
            Item::Kept { owner, count } => {
                let word = noun(*count, "finding");
                format!("{count} {word}, kept at {owner}")
            }
            Item::Arriving(name, _) => format!("{} loading", name.name),
            Item::Read(read) => read.resource.clone(),
            Item::Gap(gap) => gap.missing.reason.clone(),
            Item::Problem(problem) => spelt(problem),
            Item::Mend(mend) => {
                mend.owner.as_ref().map_or_else(|| "cluster".to_owned(), ToString::to_string)
            }
            Item::Message(_, message) => message.lines.join(" "),
            other => relation_name(other),
        }
    }

    /// How many objects of a kind are still to come, as far as that is known.
    #[must_use]
    pub fn arriving(&self, kind: &Kind) -> usize {
        self.inventory.arriving.get(kind).map_or(0, Vec::len)
    }

    fn finding_key(&self, finding: &Finding, column: usize) -> SortKey {
        match column {
            0 => number(finding.severity as usize),
            1 => SortKey::Text(
                finding
                    .object
                    .as_ref()
                    .map(|o| format!("{}\0{}\0{}", finding.namespace(), o.name, o.kind))
                    .unwrap_or_default(),
            ),
            2 => SortKey::Text(clean(&finding.message).into_owned()),
            3 => SortKey::Text(finding.check.to_string()),
            _ => number(self.state_of(&finding.fingerprint) as usize),
        }
    }

    fn framework_key(&self, id: &str, column: usize) -> SortKey {
        let Some(judged) = self.scored(id).filter(|_| column > 0) else {
            return SortKey::Text(self.framework(id).map(|f| f.title.clone()).unwrap_or_default());
        };
        match column {
            1 => judged.score.map_or(SortKey::Nothing, |score| SortKey::Number(score.worst)),
            2 => number(judged.counts.fail),
            3 => number(judged.counts.manual),
            4 => number(judged.counts.not_assessed),
            _ => number(judged.counts.accepted),
        }
    }

    fn check_key(&self, id: &str, column: usize) -> SortKey {
        let counts = self.result.as_ref().and_then(|r| r.checks.get(id));
        match (column, counts) {
            (0, _) => number(self.check(id).map_or(Severity::Info, |c| c.severity) as usize),
            (1, _) => SortKey::Text(self.check_title(id).to_owned()),
            (_, None) => SortKey::Nothing,
            (2, Some(_)) => number(self.of_check(id).count()),
            (3, Some(counts)) => number(counts.pass),
            (_, Some(counts)) => number(counts.not_assessed + counts.error),
        }
    }
}

/// What one of several clusters is sorted by. Of one that was not judged no figure is known.
fn cluster_key(cluster: &FleetCluster, column: usize) -> SortKey {
    let card = cluster.card.as_deref();
    match column {
        0 => SortKey::Text(cluster.context.name.clone()),
        1 => SortKey::Text(cluster.phase.word().to_owned()),
        2 => card.map_or(SortKey::Nothing, |card| worst(card.findings)),
        3 => card.map_or(SortKey::Nothing, |card| number(card.undecided_checks)),
        _ => card.map_or(SortKey::Nothing, |card| number(card.reads.missing.len())),
    }
}

/// What a row of rights or of the network is called.
fn relation_name(item: &Item) -> String {
    match item {
        Item::Holder(holder) => holder.subject.text(),
        Item::Right { right, .. } => right.subject.text(),
        Item::Role(role) => role.id.to_string(),
        Item::Bound(bound) => bound.id.to_string(),
        Item::Rule { allowed, .. } => format!("{} {}", allowed.verbs, allowed.what),
        Item::Runner(runner) => runner.id.to_string(),
        Item::Zone(zone) => zone.name.to_string(),
        Item::Station(station, _) => station.id.to_string(),
        Item::Policy(policy) => policy.id.to_string(),
        Item::Peer(peer) => peer.name(),
        Item::Foreign(id) => id.to_string(),
        Item::NotKnown(missing) => missing.reason.clone(),
        _ => String::new(),
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn number(count: usize) -> SortKey {
    SortKey::Number(count as f64)
}

/// The worst come first, so fewer bad ones sort later.
fn worst(counts: BySeverity) -> SortKey {
    SortKey::Numbers(Severity::ALL.map(|severity| usize::MAX - counts.of(severity)))
}

/// Numbers within a text padded, so that 1.10 comes after 1.9.
pub(super) fn natural(text: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for c in text.chars().chain(std::iter::once('\0')) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(out, "{digits:0>8}");
            digits.clear();
        }
        out.push(c);
    }
    out
}
