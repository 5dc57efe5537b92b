//! Which columns a row has at a width, and what stands in them.

mod columns;
mod content;
mod heading;
mod related;

pub(super) use content::{badge, cells, phase, verdict};
pub(super) use heading::{aside, heading};
pub(super) use related::{is_open, now, subject};

use columns::{
    bar_cells, cause_columns, fleet_columns, foreseen_columns, framework_columns, judged_columns,
    review_columns, source_columns, wide, with_counts, with_tally,
};

use crate::app::item::{Item, Section};
use crate::app::preview::Fate;
use crate::config::theme::Role;

/// What stands in one column of a row.
pub(super) type Cell = Vec<(String, Role)>;

/// How wide a column is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fit {
    /// This many cells.
    Fixed(u16),
    /// This share of what is left.
    Share(u16),
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// Its title.
    pub title: &'static str,
    /// How wide it is.
    pub fit: Fit,
    /// Numbers stand at the right.
    pub right: bool,
    /// Names are cut in the middle.
    pub middle: bool,
}

const fn share(title: &'static str, part: u16) -> Column {
    Column { title, fit: Fit::Share(part), right: false, middle: false }
}

const fn name(title: &'static str, part: u16) -> Column {
    Column { title, fit: Fit::Share(part), right: false, middle: true }
}

const fn fixed(title: &'static str, cells: u16) -> Column {
    Column { title, fit: Fit::Fixed(cells), right: false, middle: false }
}

const fn number(title: &'static str, cells: u16) -> Column {
    Column { title, fit: Fit::Fixed(cells), right: true, middle: false }
}

/// The columns of a row's kind at a width.
pub(super) fn columns(item: &Item, width: u16) -> Vec<Column> {
    section(item).map_or_else(
        || match item {
            Item::Part { .. } => {
                vec![share("", 1), fixed("", bar_cells(width)), number("", 8), number("", 9)]
            }
            Item::Group { .. } => with_counts(vec![name("", 1)], width),
            Item::Cause(_) => cause_columns(width),
            _ => vec![share("", 1)],
        },
        |section| section_columns(section, width),
    )
}

/// The part whose columns a row has; none for rows with columns of their own.
pub(super) fn section(item: &Item) -> Option<Section> {
    Some(match item {
        Item::Session(_) => Section::Sessions,
        Item::Context(_) => Section::Contexts,
        Item::Framework(_) => Section::Frameworks,
        Item::Control { .. } => Section::Reasons,
        Item::Question(_) => Section::Questions,
        Item::Exception(_) => Section::Exceptions,
        Item::Disagreement(_) => Section::Disagreements,
        Item::ControlRef(_) => Section::Controls,
        Item::Check { .. } => Section::Checks,
        Item::Finding(_) => Section::Findings,
        Item::Compared(_) => Section::Compared,
        Item::Cluster(_) => Section::Clusters,
        Item::Difference(d) if d.certain => Section::Differs,
        Item::Difference(_) => Section::MayDiffer,
        Item::Tenant(_) => Section::Tenants,
        Item::TenantScore(..) => Section::TenantScores,
        Item::Foreseen(foreseen) => match foreseen.fate {
            Fate::Clears => Section::Clears,
            Fate::Appears | Fate::Worse => Section::Appears,
            _ => Section::Left,
        },
        Item::ControlMove(_) => Section::Moves,
        Item::Kind(..) => Section::Kinds,
        Item::Object(_) | Item::Arriving(..) => Section::Objects,
        Item::Namespace(_) => Section::Namespaces,
        Item::Theme(_) => Section::Themes,
        Item::Read(_) => Section::Reads,
        Item::Gap(_) => Section::Gaps,
        Item::Problem(_) => Section::Problems,
        Item::Mend(_) => Section::Mend,
        Item::Message(..) => Section::Messages,
        other => return related::section(other),
    })
}

/// The section whose rows stand under a heading: two headings may stand over rows of one kind, which share
/// their columns.
pub(super) fn measured(section: Section) -> Section {
    match section {
        Section::GroupRights => Section::Rights,
        Section::Leaving => Section::Entering,
        other => other,
    }
}

/// From this width on it is said in words what could not be decided of a tenant.
const UNDECIDED: u16 = 70;

/// The columns of a section at a width. Narrow ones keep what cannot be found elsewhere.
pub(super) fn section_columns(section: Section, width: u16) -> Vec<Column> {
    match section {
        Section::Begin => Vec::new(),
        Section::Frameworks => framework_columns(width),
        Section::Namespaces => with_tally(vec![name("namespace", 1)], width),
        Section::Themes => with_tally(vec![name("theme", 1)], width),
        Section::Kinds => {
            let mut columns = with_tally(vec![share("kind", 1), number("objects", 7)], width);
            let read = if width >= 60 { fixed(" read", 15) } else { fixed("read", 1) };
            columns.push(read);
            columns
        }
        Section::Objects => {
            with_tally(vec![fixed("namespace", (width / 5).min(24)), name("name", 1)], width)
        }
        Section::Reasons
        | Section::Checks
        | Section::Controls
        | Section::Findings
        | Section::Questions
        | Section::Compared => judged_columns(section, width),
        Section::Exceptions | Section::Disagreements => review_columns(section, width),
        Section::Clusters | Section::Differs | Section::MayDiffer => fleet_columns(section, width),
        Section::Tenants => {
            let mut columns = vec![name("tenant", 1)];
            if width >= 60 {
                columns.push(number("namespaces", 10));
            }
            let mut columns = with_tally(columns, width);
            columns.push(fixed("threshold", if width >= UNDECIDED { 20 } else { 13 }));
            columns
        }
        Section::TenantScores => vec![
            Some(share("framework", 1)),
            wide(width, 60, fixed("load line", bar_cells(width))),
            Some(number("score", 9)),
            Some(number("fail", 5)),
            wide(width, 76, number("undecided", 9)),
            wide(width, 90, number("of the cluster", 14)),
        ]
        .into_iter()
        .flatten()
        .collect(),
        Section::Clears | Section::Appears | Section::Left | Section::Moves => {
            foreseen_columns(section, width)
        }
        other => related::columns(other, width).unwrap_or_else(|| source_columns(other, width)),
    }
}
