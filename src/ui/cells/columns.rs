//! The columns of each part, by the width that there is.

use crate::app::item::Section;

use super::{CellCut, Column, ColumnFit, InCommon, alike, context, fixed, name, number, share};

/// Columns of clusters side by side, and of what differs between them.
pub(super) fn fleet_columns(section: Section, width: u16) -> Vec<Column> {
    if section == Section::Clusters {
        let mut columns = vec![context("cluster", 1)];
        columns.push(fixed("state", if width >= 60 { 15 } else { 11 }));
        columns.extend(wide(width, 92, fixed("kubernetes", 11)));
        columns.extend(wide(width, 110, fixed("provider", 13)));
        let mut columns = with_tally(columns, width.min(109));
        columns.extend(wide(width, 66, number("undecided", 9)));
        columns.extend(wide(width, 56, number("not read", 8)));
        columns.extend(wide(width, 90, number("judged", 7)));
        return columns;
    }
    let known = section == Section::Differs;
    let all = vec![
        Some(fixed("severity", if width >= 70 { 10 } else { 1 })),
        Some(share("check", 3)),
        Some(share("fails in", 2)),
        known.then(|| share("not in", 2)),
        wide(width, if known { 90 } else { 50 }, share("not known in", 2)),
    ];
    all.into_iter().flatten().collect()
}

/// From this width on the last day of an exception, and where it stands, have columns of their own.
pub(super) const UNTIL: u16 = 110;

/// From this width on it is said in words what was decided.
pub(super) const DECISION: u16 = 76;

/// From this width on it is said of an exception in a list where it stands; what it is about comes first.
pub(super) const FROM: u16 = 96;

/// Columns of what somebody should look at again.
pub(super) fn review_columns(section: Section, width: u16) -> Vec<Column> {
    let all = if section == Section::Exceptions {
        vec![
            Some(fixed("", if width >= DECISION { 16 } else { 1 })),
            Some(share("exception", 3)),
            Some(number("covers", 6)),
            wide(width, UNTIL, fixed("until", 10)),
            Some(share("remarks", 2)),
            wide(width, FROM, if width >= UNTIL { name("from", 2) } else { fixed("from", 10) }),
        ]
    } else {
        vec![
            Some(share("", 1)),
            wide(width, 60, name("object", 1)),
            Some(fixed("here", 6)),
            Some(fixed("there", 6)),
            wide(width, 60, fixed("by", 14)),
            Some(number("age", 5)),
        ]
    };
    all.into_iter().flatten().collect()
}

/// From this width on it is said how many findings one patch changes, and not only how many there are.
pub(super) const CLEARS: u16 = 56;

/// From this width on with the word `findings`.
pub(super) const IN_FULL: u16 = 100;

fn clears_cells(width: u16) -> u16 {
    if width >= IN_FULL { 27 } else { 19 }
}

/// Columns of findings that one change clears.
pub(super) fn cause_columns(width: u16) -> Vec<Column> {
    let columns = vec![
        Some(name("", 1)),
        wide(width, CLEARS, number("", clears_cells(width))),
        wide(width, 100, number("", 12)),
    ];
    let columns = columns.into_iter().flatten().collect();
    if width >= 90 { with_counts(columns, width.min(100)) } else { columns }
}

/// From this width on sessions are listed with the beginning of their id, and how many runs they have.
pub(super) const SESSION_ID: u16 = 50;

/// From this width on with the time at which they were begun.
pub(super) const BEGUN: u16 = 70;

/// From this width on with the cluster that they are about, which most are called after, and decisions.
pub(super) const CLUSTER: u16 = 96;

/// From this width on findings of a preview have their object in a column of its own.
pub(super) const OBJECT: u16 = 64;

/// From this width on what is remarked in a preview stands beside the finding, and not below it.
pub(super) const REMARK_BESIDE: u16 = 120;

/// Columns of what becomes of findings and controls with a patch.
pub(super) fn foreseen_columns(section: Section, common: InCommon, width: u16) -> Vec<Column> {
    let all = match section {
        Section::Moves => vec![
            Some(fixed("now", if width >= 64 { 14 } else { 1 })),
            Some(fixed("then", if width >= 64 { 14 } else { 1 })),
            Some(fixed("framework", 9)),
            Some(control_number(width.min(90))),
            wide(width, 64, alike("control", 1)),
        ],
        // One grid for all of them, but that a remark stands below its row where there is no room for it.
        _ => vec![
            Some(fixed("", if width >= 64 { 10 } else { 1 })),
            Some(share("check", 2)),
            wide(width, OBJECT, name("object", 2)).filter(|_| common != InCommon::Object),
            match section {
                Section::Clears => Some(share("finding", 3)),
                _ if width >= REMARK_BESIDE => Some(share("remark", 3)),
                _ => Some(fixed("", 0)),
            },
        ],
    };
    all.into_iter().flatten().collect()
}

/// From this width on it is said of a score how much of it people answered.
pub(super) const WITH_ATTESTED: u16 = 110;

/// From this width on the findings of a framework are counted by what became of them.
pub(super) const CHANGES: u16 = 64;

/// Columns of frameworks and controls in two runs.
pub(super) fn shift_columns(section: Section, width: u16) -> Vec<Column> {
    if section == Section::ControlShifts {
        return vec![
            Some(fixed("framework", 9)),
            Some(mixed_number(width)),
            wide(width, CHANGES, alike("control", 1)),
            Some(fixed("before", if width >= CHANGES { 14 } else { 1 })),
            Some(fixed("after", if width >= CHANGES { 14 } else { 1 })),
        ]
        .into_iter()
        .flatten()
        .collect();
    }
    let score = if width >= WITH_ATTESTED { 24 } else { 10 };
    let mut columns = vec![
        if width >= CHANGES { fixed("framework", 9) } else { share("framework", 1) },
        number("before", score),
        number("after", score),
        if width >= WITH_ATTESTED { number("changed controls", 16) } else { number("changed", 7) },
    ];
    columns.extend(wide(width, CHANGES, share("findings", 1)));
    columns
}

/// From this width on what is remarked on a compared finding has a column of its own.
pub(super) const REMARK: u16 = 100;

/// A column from some width on.
pub(super) fn wide(width: u16, from: u16, column: Column) -> Option<Column> {
    (width >= from).then_some(column)
}

/// Numbers such as `164.308(a)(7)(ii)(A)` differ at their end only: where they do not fit, they are
/// cut in the middle.
fn control_number(width: u16) -> Column {
    let cells = match width {
        0..=59 => 8,
        _ => 20,
    };
    Column { cut: CellCut::Name, ..fixed("number", cells) }
}

/// The same among controls of several frameworks, of which few have long ones: these do not take the room of
/// all titles.
fn mixed_number(width: u16) -> Column {
    let whole = control_number(width);
    if (60..MIXED).contains(&width) { Column { fit: ColumnFit::Fixed(14), ..whole } } else { whole }
}

/// From this width on the longest number of a control is whole among those of other frameworks.
const MIXED: u16 = 110;

/// From this width on the status of a control has its word beside its sign.
pub(super) const STATUS: u16 = 72;

/// How wide it is told of a part of a framework how many of its controls fail, or are exposed.
pub(super) const PART_FAILS: u16 = 9;

/// From this width on the status of a control that is named beside others has its word.
pub(super) const STANDING: u16 = 76;

/// From this width on kinds of objects have a column of their own; before that they have none.
pub(super) const KIND: u16 = 100;

/// Below this width what is wrong comes before the container that it is wrong with: little more is seen.
pub(super) const BARE: u16 = 48;

/// From this width on findings of one workload have the title of their check beside what it found.
pub(super) const TWICE: u16 = 120;

/// From this width on the severity of findings has its word; where no object stands beside it sooner.
pub(super) fn severity_from(common: InCommon) -> u16 {
    if common == InCommon::Object { 52 } else { 70 }
}

/// Columns of findings, without what they have in common.
fn finding_columns(common: InCommon, width: u16) -> Vec<Column> {
    let sides: &[Column] = match common {
        InCommon::Nothing | InCommon::Mixed if width >= KIND => {
            &[name("object", 2), fixed("kind", 14), share("finding", 3)]
        }
        InCommon::Nothing | InCommon::Mixed => &[name("object", 2), share("finding", 3)],
        InCommon::Object => &[share("finding", 3)],
        // The finding says what its check is called, in other words.
        InCommon::Owner if width < TWICE => &[share("finding", 1)],
        InCommon::Owner => &[share("check", 3), share("finding", 2)],
        InCommon::Check => &[name("object", 1), share("finding", 1)],
    };
    let named = matches!(common, InCommon::Nothing | InCommon::Object | InCommon::Mixed);
    let mut columns = vec![fixed("severity", if width >= severity_from(common) { 10 } else { 1 })];
    columns.extend(sides);
    columns.extend(wide(width, 130, name("check", 2)).filter(|_| named));
    columns.push(fixed("decision", if width >= 90 { 16 } else { 1 }));
    columns
}

/// Columns of what a run came to.
pub(super) fn judged_columns(section: Section, common: InCommon, width: u16) -> Vec<Column> {
    let all = match section {
        // One row per control of a framework.
        Section::Reasons => vec![
            Some(fixed("status", if width >= STATUS { 14 } else { 1 })),
            Some(control_number(width)),
            wide(width, 100, fixed("assessment", 10)),
            Some(alike("control", 1)),
            Some(number("findings", 8)),
        ],
        Section::Checks => vec![
            Some(fixed("severity", if width >= 60 { 10 } else { 1 })),
            Some(share("check", 2)),
            wide(width, 110, fixed("serves", 10)),
            Some(number("fail", 5)),
            wide(width, 50, number("pass", 6)),
            wide(width, 60, not_assessed(width, 70)),
        ],
        Section::Compared => vec![
            Some(fixed("severity", if width >= 70 { 10 } else { 1 })),
            (common == InCommon::Mixed).then(|| fixed("change", 12)),
            Some(name("object", 2)),
            Some(share("finding", 3)),
            wide(width, REMARK, share("remark", 3)),
        ],
        Section::Questions => vec![
            Some(fixed("status", if width >= 100 { 14 } else { 1 })),
            wide(width, 60, fixed("framework", 9)),
            Some(mixed_number(width)),
            Some(share("question", 1)),
            Some(fixed("answer", if width >= 90 { 20 } else { 8 })),
        ],
        Section::Controls => vec![
            Some(fixed("status", if width >= STANDING { 14 } else { 1 })),
            wide(width, 60, fixed("framework", 9)),
            Some(mixed_number(width)),
            Some(alike("control", 2)),
            wide(width, STANDING, fixed("strength", 10)),
        ],
        _ => return finding_columns(common, width),
    };
    all.into_iter().flatten().collect()
}

/// Columns of where things come from, and of what is to be done.
pub(super) fn source_columns(section: Section, width: u16) -> Vec<Column> {
    let all = match section {
        Section::Sessions => vec![
            Some(context("session", 2)),
            wide(width, SESSION_ID, fixed("id", 10)),
            wide(width, CLUSTER, context("cluster", 2)),
            wide(width, BEGUN, fixed("begun (UTC)", 16)),
            Some(number("last used", 9)),
            wide(width, SESSION_ID, number("runs", 4).apart()),
            wide(width, 60, number("findings", 8).apart()),
            wide(width, CLUSTER, number("decisions", 9).apart()),
        ],
        Section::Contexts => {
            vec![
                Some(context("context", 2)),
                wide(width, 60, share("server", 3)),
                Some(fixed("", 8)),
            ]
        }
        Section::Mend => vec![
            Some(fixed("", if width >= IN_FULL { 10 } else { 1 })),
            Some(name("object", 4)),
            Some(share("worst finding", 3)),
            Some(match width {
                CLEARS.. => number("patched", if width >= IN_FULL { 19 } else { 11 }),
                _ => number("findings", 8),
            }),
        ],
        Section::Gaps => vec![
            Some(fixed("", 1)),
            Some(share("reason", 1)),
            wide(width, 60, number("checks", 7)),
            Some(number("controls", 8)),
        ],
        Section::Problems => {
            vec![Some(fixed("", 1)), Some(share("place", 1)), wide(width, 60, share("message", 2))]
        }
        Section::Reads => vec![
            Some(fixed("status", 13)),
            Some(name("resource", 2)),
            wide(width, 60, fixed("namespace", 16)),
            Some(number("items", 6)),
            wide(width, 90, share("message", 2)),
        ],
        _ => vec![Some(fixed("when (UTC)", 10)), Some(fixed("", 1)), Some(share("message", 1))],
    };
    all.into_iter().flatten().collect()
}

/// From this width on it is said of a framework how many controls are manual and not assessed.
pub(super) const COUNTED: u16 = 66;

pub(super) fn framework_columns(width: u16) -> Vec<Column> {
    let mut columns = vec![fixed("framework", 9), share("", 1)];
    if width >= 60 {
        let title = if bar_cells(width) < 9 { "load" } else { "load line" };
        columns.push(fixed(title, bar_cells(width)));
    }
    columns.push(number("score", 9));
    columns.push(number("fail", 5));
    if width >= COUNTED {
        columns.push(number("manual", 7));
        columns.push(not_assessed(width, IN_WORDS).apart());
    }
    if width >= 90 {
        columns.push(number("accepted", 8).apart());
    }
    if width >= ATTESTED {
        columns.push(number("attested", 9));
    }
    columns
}

/// From this width on it is said how many of the controls that pass do so by what a person says.
pub(super) const ATTESTED: u16 = 100;

/// From this width on the number of controls that were not assessed stands under words, not under the sign.
const IN_WORDS: u16 = 76;

/// How many were not assessed: under these words, or under their sign where there is no room for them.
/// Shortened they would be another word.
fn not_assessed(width: u16, words: u16) -> Column {
    if width >= words { number("not assessed", 12) } else { number("?", 4) }
}

/// How wide a load line is.
pub(super) fn bar_cells(width: u16) -> u16 {
    match width {
        0..=75 => 8,
        76..=95 => 10,
        96..=139 => 20,
        // Half of what is more: the other half is the title's.
        _ => (20 + (width - 140) / 2).min(60),
    }
}

/// Columns of counts that say themselves what they count, in rows over which no titles stand.
pub(super) fn with_counts(mut columns: Vec<Column>, width: u16) -> Vec<Column> {
    let cells = if width >= SPELT { 14 } else { 6 };
    columns.extend((0..severities(width)).map(|_| number("", cells)));
    columns
}

/// From this width on counts of severities have the words beside them.
pub(super) const SPELT: u16 = 110;

/// How many severities have a column at a width, the worst first.
pub(super) fn severities(width: u16) -> usize {
    if width >= 50 { 4 } else { 2 }
}

/// Columns followed by one for each severity but info, where there is room.
pub(super) fn with_tally(mut columns: Vec<Column>, width: u16) -> Vec<Column> {
    let titles = if width >= SPELT {
        ["◆ critical", "▲ high", "● medium", "○ low"]
    } else {
        ["◆", "▲", "●", "○"]
    };
    let cells = if width >= SPELT { 10 } else { 5 };
    columns.extend(titles.into_iter().take(severities(width)).map(|title| number(title, cells)));
    columns
}
