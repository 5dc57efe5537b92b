//! Which columns a row has at a width, and what stands in them.

mod columns;
mod content;
mod heading;
mod related;

pub(super) use content::{badge, cells, phase, scored, verdict};
pub(super) use heading::{aside, heading};
pub(super) use related::{is_open, now, subject};

use columns::{
    PART_FAILS, bar_cells, cause_columns, fleet_columns, foreseen_columns, framework_columns,
    judged_columns, review_columns, shift_columns, source_columns, wide, with_counts, with_tally,
};

use crate::app::item::{Item, Section};
use crate::app::preview::FindingFate;
use crate::app::route::{GroupBy, Route, Screen};
use crate::config::theme::Role;

/// What stands in one column of a row.
pub(super) type ColumnText = Vec<(String, Role)>;

/// How wide a column is.
#[derive(Clone, Copy, Debug)]
pub(super) enum ColumnFit {
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
    pub fit: ColumnFit,
    /// Numbers stand at the right.
    pub right: bool,
    /// How it is cut where it is too long.
    pub cut: CellCut,
    /// More cells before it than the one that parts all columns.
    pub gap: u16,
}

impl CellCut {
    /// Whether it is of names, which are cut where it tells them apart.
    pub(super) fn is_of_names(self) -> bool {
        matches!(self, Self::Name | Self::Context)
    }
}

impl Column {
    /// The same, further from the column before: two heads beside each other are not read as one.
    const fn apart(self) -> Self {
        Self { gap: 1, ..self }
    }
}

/// What is left of a text that is too long for its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellCut {
    /// Its beginning.
    End,
    /// A name keeps both its ends, and so does the namespace before it.
    Name,
    /// Of what a cluster is called the end: many begin alike. It comes before all that stands beside it.
    Context,
    /// Its beginning, and where the row beside begins alike both ends.
    Alike,
}

const fn share(title: &'static str, part: u16) -> Column {
    Column { title, fit: ColumnFit::Share(part), right: false, cut: CellCut::End, gap: 0 }
}

const fn name(title: &'static str, part: u16) -> Column {
    Column { title, fit: ColumnFit::Share(part), right: false, cut: CellCut::Name, gap: 0 }
}

/// What clusters are called.
const fn context(title: &'static str, part: u16) -> Column {
    Column { title, fit: ColumnFit::Share(part), right: false, cut: CellCut::Context, gap: 0 }
}

/// Titles of which many begin alike.
const fn alike(title: &'static str, part: u16) -> Column {
    Column { title, fit: ColumnFit::Share(part), right: false, cut: CellCut::Alike, gap: 0 }
}

const fn fixed(title: &'static str, cells: u16) -> Column {
    Column { title, fit: ColumnFit::Fixed(cells), right: false, cut: CellCut::End, gap: 0 }
}

const fn number(title: &'static str, cells: u16) -> Column {
    Column { title, fit: ColumnFit::Fixed(cells), right: true, cut: CellCut::End, gap: 0 }
}

/// What all rows of a list have in common, so that none of them repeats it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum InCommon {
    /// Nothing that takes a column.
    #[default]
    Nothing,
    /// The object: its own page shows it.
    Object,
    /// The workload, which the group over them names.
    Owner,
    /// The check: the objects are what tells them apart.
    Check,
    /// Where they are, or their check, but not what became of them: each says it.
    Mixed,
}

impl InCommon {
    /// What the rows of a screen have in common.
    pub(super) fn of(route: &Route) -> Self {
        match (&route.screen, route.group) {
            (Screen::Object(_), _) => Self::Object,
            (Screen::Findings(_), GroupBy::Owner) => Self::Owner,
            (Screen::Check(_) | Screen::Control { .. }, _)
            | (Screen::Findings(_), GroupBy::Check) => Self::Check,
            (Screen::Comparison, by) if by != GroupBy::Nothing => Self::Mixed,
            (Screen::Preview(_), _) if one_object(route) => Self::Object,
            _ => Self::Nothing,
        }
    }
}

/// Whether all that a patch changes is of one object.
fn one_object(route: &Route) -> bool {
    let mut objects = route.list.rows().iter().filter_map(|row| match &row.item {
        Item::Foreseen(seen) => Some(seen.finding.object.as_ref()),
        _ => None,
    });
    objects.next().is_none_or(|first| objects.all(|other| other == first))
}

/// The columns of a row's kind at a width.
pub(super) fn columns(item: &Item, common: InCommon, width: u16) -> Vec<Column> {
    section(item).map_or_else(
        || match item {
            Item::Part { .. } => {
                vec![
                    name("", 1),
                    fixed("load line", bar_cells(width)),
                    number("score", 9),
                    number("", PART_FAILS),
                ]
            }
            Item::Group { changes: Some(_), .. } => vec![name("", 2), share("", 3)],
            Item::Group { .. } => with_counts(vec![name("", 1)], width),
            Item::Cause(_) => cause_columns(width),
            _ => vec![share("", 1)],
        },
        |section| section_columns(section, common, width),
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
        Item::FrameworkShift(_) => Section::FrameworkShifts,
        Item::ControlShift(_) => Section::ControlShifts,
        Item::Cluster(_) => Section::Clusters,
        Item::Difference(d) if d.certain => Section::Differs,
        Item::Difference(_) => Section::MayDiffer,
        Item::Tenant(_) => Section::Tenants,
        Item::TenantScore(..) => Section::TenantScores,
        Item::Foreseen(foreseen) => match foreseen.fate {
            FindingFate::Clears => Section::Clears,
            FindingFate::Appears | FindingFate::Worse => Section::Appears,
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

/// The part whose columns a section has: those of one page that hold the same share one grid.
pub(super) fn grid(section: Section) -> Section {
    match section {
        Section::Leaving => Section::Entering,
        Section::GroupRights => Section::Rights,
        Section::Decided => Section::Findings,
        Section::Clears | Section::Left => Section::Appears,
        other => other,
    }
}

/// From this width on it is said of how many checks of a tenant something could not be decided.
const UNDECIDED: u16 = 70;

/// From this width on in words.
const IN_WORDS: u16 = 96;

/// The columns of a section at a width. Narrow ones keep what cannot be found elsewhere.
pub(super) fn section_columns(section: Section, common: InCommon, width: u16) -> Vec<Column> {
    match section {
        Section::Begin => Vec::new(),
        Section::Frameworks => framework_columns(width),
        Section::Namespaces => with_tally(vec![name("namespace", 1)], width),
        Section::Themes => with_tally(vec![name("theme", 1)], width),
        Section::Kinds => {
            let mut columns = with_tally(vec![share("kind", 1), number("objects", 7)], width);
            columns.push(fixed("read", if width >= 60 { 14 } else { 1 }).apart());
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
        | Section::Compared => judged_columns(section, common, width),
        Section::Decided => judged_columns(Section::Findings, common, width),
        Section::FrameworkShifts | Section::ControlShifts => shift_columns(section, width),
        Section::Exceptions | Section::Disagreements => review_columns(section, width),
        Section::Clusters | Section::Differs | Section::MayDiffer => fleet_columns(section, width),
        Section::Tenants => {
            let mut columns = vec![name("tenant", 1)];
            if width >= 60 {
                columns.push(number("namespaces", 10));
            }
            let mut columns = with_tally(columns, width);
            columns.push(
                fixed(
                    "threshold",
                    match width {
                        0..UNDECIDED => 13,
                        UNDECIDED..IN_WORDS => 20,
                        _ => 27,
                    },
                )
                .apart(),
            );
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
            foreseen_columns(section, common, width)
        }
        other => related::columns(other, width).unwrap_or_else(|| source_columns(other, width)),
    }
}
