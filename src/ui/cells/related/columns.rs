//! Columns of who may do what, and of who reaches whom.

use crate::app::item::{Item, Section};
use crate::ui::cells::{Column, fixed, name, number, share, wide};

/// The section whose columns a row has.
pub(in crate::ui::cells) fn section(item: &Item) -> Option<Section> {
    Some(match item {
        Item::Holder(_) => Section::Holders,
        Item::Right { asked: true, .. } => Section::Can,
        Item::Right { asked: false, .. } => Section::Rights,
        Item::Role(_) => Section::Roles,
        Item::Bound(_) => Section::Bindings,
        Item::Rule { .. } => Section::Rules,
        Item::Runner(_) => Section::RunsAs,
        Item::Zone(_) => Section::Zones,
        Item::Station(..) => Section::Stations,
        Item::Policy(_) => Section::Policies,
        Item::Peer(_) => Section::Entering,
        Item::Foreign(_) => Section::Foreign,
        Item::NotKnown(_) => Section::NotKnown,
        _ => return None,
    })
}

/// From this width on a grade has its word beside its sign.
pub(super) const WORDS: u16 = 60;

/// From this width on how far a right leads has its word beside its sign.
pub(super) const RANKED: u16 = 76;

/// From this width on it is said of a rule what it opens.
pub(super) const OPENS: u16 = 60;

/// From this width on it is said of who can do something by which rule of a role.
pub(super) const ROLE: u16 = 120;

/// How wide it is told what a subject is: an account, a user or a group.
const SORT: u16 = 7;

/// From this width on it is said how far somebody reaches, which the worst right mostly says too.
pub(super) const REACHES: u16 = 90;

/// From this width on workloads have their kind beside them.
pub(super) const KINDS: u16 = 50;

/// From this width on the policies of a workload are named.
pub(super) const POLICIES: u16 = 80;

fn grade_column(width: u16) -> Column {
    fixed("worst", if width >= WORDS { 11 } else { 1 })
}

/// The columns of a section at a width; none for sections of other pages.
pub(in crate::ui::cells) fn columns(section: Section, width: u16) -> Option<Vec<Column>> {
    let all = match section {
        Section::Holders => vec![
            Some(grade_column(width)),
            Some(fixed("", SORT)),
            Some(name("subject", 4)),
            Some(share("can", 3)),
            wide(width, REACHES, fixed("reaches", 13)),
            wide(width, 90, number("bindings", 8)),
            wide(width, 100, number("runs as it", 10)),
        ],
        Section::Roles => vec![
            Some(grade_column(width)),
            Some(name("role", 3)),
            Some(share("gives", 3)),
            wide(width, 100, number("rules", 6)),
            Some(number("bindings", 8)),
            Some(number("subjects", 8)),
        ],
        Section::Rules => vec![
            Some(fixed("", if width >= RANKED { 11 } else { 1 })),
            Some(share("verbs", 2)),
            Some(share("on", 2)),
            wide(width, OPENS, share("can", 4)),
        ],
        Section::Rights | Section::GroupRights => vec![
            Some(fixed("", if width >= RANKED { 11 } else { 1 })),
            Some(share("verbs", 2)),
            Some(share("on", 3)),
            wide(width, 50, fixed("where", if width >= 100 { 18 } else { 12 })),
            wide(width, 60, name("binding", 3)),
            wide(width, 100, name("role", 2)),
        ],
        Section::Can => vec![
            Some(fixed("", if width >= RANKED { 11 } else { 1 })),
            Some(fixed("", SORT)),
            Some(name("subject", 3)),
            wide(width, 50, fixed("where", if width >= 100 { 18 } else { 12 })),
            Some(name("binding", 3)),
            wide(width, ROLE, name("role", 2)),
        ],
        Section::Bindings => {
            vec![Some(name("binding", 2)), Some(fixed("where", 14)), Some(share("subjects", 3))]
        }
        Section::RunsAs => vec![Some(name("workload", 2)), Some(share("token", 1))],
        other => return network_columns(other, width),
    };
    Some(all.into_iter().flatten().collect())
}

/// From this width on it is said how many policies a namespace has.
pub(super) const ZONE_POLICIES: u16 = 90;

/// The title of the second of two columns, whole where there is room for it.
fn way_out(width: u16, whole: &'static str) -> &'static str {
    match width {
        100.. => whole,
        70.. => "out",
        _ if whole.starts_with("deny") => "",
        _ => "out",
    }
}

fn network_columns(section: Section, width: u16) -> Option<Vec<Column>> {
    let answer = if width >= 70 { 11 } else { 1 };
    let all = match section {
        // Namespaces may be long: the titles make room for them.
        Section::Zones => vec![
            Some(name("namespace", 1)),
            Some(fixed(if width >= 70 { "deny in" } else { "" }, answer)),
            Some(fixed(way_out(width, "deny out"), answer).apart()),
            Some(number("isolated in", 11).apart()),
            Some(number(way_out(width, "isolated out"), 12).apart()),
            wide(width, ZONE_POLICIES, number("policies", 8).apart()),
        ],
        Section::Stations => vec![
            Some(name("workload", 3)),
            wide(width, KINDS, fixed("kind", 11)),
            wide(width, 60, number("pods", 5)),
            Some(fixed(if width >= 70 { "isolated in" } else { "" }, answer).apart()),
            Some(if width >= 70 { fixed("isolated out", 12) } else { fixed("", answer) }.apart()),
            wide(width, 100, fixed("metadata", 11)),
            wide(width, 100, fixed("API server", 11)),
            wide(width, POLICIES, share("policies", 1)),
        ],
        Section::Policies => vec![
            Some(name("policy", 2)),
            Some(fixed("isolates", 16)),
            Some(number("selects", 8)),
            wide(width, 70, number("lets in", 8)),
            wide(width, 70, number("lets out", 8).apart()),
        ],
        Section::Entering | Section::Leaving => vec![
            Some(name("who", 3)),
            wide(width, 60, share("now", 2)),
            Some(share("ports", 1)),
            wide(width, 80, name("policy", 2)),
        ],
        Section::Foreign => vec![Some(name("policy", 2)), Some(share("", 1))],
        Section::NotKnown => vec![Some(fixed("", 1)), Some(share("", 1))],
        _ => return None,
    };
    Some(all.into_iter().flatten().collect())
}
