//! Rows of who may do what, and of who reaches whom.

use crate::app::item::{Item, Section};
use crate::config::theme::Role;
use crate::facts::Answer;
use crate::facts::access::{
    Ability, Bound, Grade, Holder, Reach, Right, RoleState, RoleUse, Subject,
};
use crate::facts::network::{Count, Peer, PeerKind, Policy, Station, Way, Zone};
use crate::model::object::ObjectRef;
use crate::text::clean;

use super::super::paint::piece;
use super::super::sign;
use super::{Cell, Column, fixed, name, number, share, wide};

fn plain(text: impl AsRef<str>) -> Cell {
    vec![piece(clean(text.as_ref()).into_owned(), Role::Text)]
}

fn dim(text: impl AsRef<str>) -> Cell {
    vec![piece(clean(text.as_ref()).into_owned(), Role::Dim)]
}

fn count(count: usize) -> Cell {
    vec![piece(count.to_string(), if count == 0 { Role::Dim } else { Role::Text })]
}

/// The section whose columns a row has.
pub(super) fn section(item: &Item) -> Option<Section> {
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
const WORDS: u16 = 70;

fn grade_column(width: u16) -> Column {
    fixed("worst", if width >= WORDS { 11 } else { 1 })
}

pub(super) fn columns(section: Section, width: u16) -> Option<Vec<Column>> {
    let all = match section {
        Section::Holders => vec![
            Some(grade_column(width)),
            Some(name("subject", 4)),
            Some(share("can", 3)),
            wide(width, 60, fixed("reaches", 13)),
            wide(width, WORDS, number("bindings", 8)),
            wide(width, 90, number("runs as it", 10)),
        ],
        Section::Roles => vec![
            Some(grade_column(width)),
            Some(name("role", 3)),
            Some(share("gives", 3)),
            wide(width, WORDS, number("rules", 6)),
            Some(number("bindings", 8)),
            Some(number("subjects", 8)),
        ],
        Section::Rights | Section::GroupRights | Section::Rules => vec![
            Some(fixed("", if width >= 100 { 11 } else { 1 })),
            Some(share("verbs", 2)),
            Some(share("on", 3)),
            wide(width, 50, fixed("where", if width >= 100 { 18 } else { 12 })),
            wide(width, 60, name("binding", 3)),
            wide(width, 100, name("role", 2)),
        ],
        Section::Can => vec![
            Some(fixed("", if width >= 100 { 11 } else { 1 })),
            Some(name("subject", 3)),
            wide(width, 50, fixed("where", if width >= 100 { 18 } else { 12 })),
            Some(name("binding", 3)),
            wide(width, 80, name("role", 2)),
        ],
        Section::Bindings => {
            vec![Some(name("binding", 2)), Some(fixed("where", 14)), Some(share("subjects", 3))]
        }
        Section::RunsAs => vec![Some(name("workload", 2)), Some(share("token", 1))],
        other => return network_columns(other, width),
    };
    Some(all.into_iter().flatten().collect())
}

fn network_columns(section: Section, width: u16) -> Option<Vec<Column>> {
    let answer = if width >= 70 { 11 } else { 1 };
    let all = match section {
        Section::Zones => vec![
            Some(name("namespace", 1)),
            Some(fixed(if width >= 70 { "deny in" } else { "" }, answer)),
            Some(fixed(if width >= 70 { "deny out" } else { "" }, answer)),
            Some(number("isolated in", 11)),
            Some(number("isolated out", 12)),
            wide(width, 80, number("policies", 8)),
        ],
        Section::Stations => vec![
            Some(name("workload", 2)),
            wide(width, 60, number("pods", 5)),
            Some(fixed(if width >= 70 { "isolated in" } else { "" }, answer)),
            Some(fixed(if width >= 70 { "out" } else { "" }, answer)),
            wide(width, 100, fixed("metadata", 11)),
            wide(width, 100, fixed("API server", 11)),
            wide(width, 60, share("policies", 2)),
        ],
        Section::Policies => vec![
            Some(name("policy", 2)),
            Some(fixed("isolates", 16)),
            Some(number("selects", 8)),
            wide(width, 70, number("lets in", 8)),
            wide(width, 70, number("lets out", 8)),
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

/// The cells of a row, one for each of its columns.
pub(super) fn cells(item: &Item, width: u16) -> Vec<Cell> {
    match item {
        Item::Holder(holder) => of_holder(holder, width),
        Item::Right { right, asked } => of_right(right, *asked, width),
        Item::Role(role) => of_role(role, width),
        Item::Bound(bound) => of_bound(bound),
        Item::Rule { allowed, .. } => {
            let (sign, role) = rule_sign(allowed.powers.is_empty(), allowed.changes);
            let mut cells = vec![
                vec![piece(sign, role)],
                plain(&allowed.verbs),
                plain(named(&allowed.what, &allowed.names)),
            ];
            let powers: Vec<&str> = allowed.powers.iter().map(|power| power.reason()).collect();
            let more = [(50, String::new()), (60, powers.join(", ")), (100, String::new())];
            cells.extend(more.into_iter().filter(|(from, _)| width >= *from).map(|(_, t)| dim(t)));
            cells
        }
        Item::Runner(runner) => {
            let word = match runner.mounted {
                Some(true) => "holds a token",
                Some(false) => "no token mounted",
                None => "? not known",
            };
            vec![plain(runner.id.to_string()), dim(word)]
        }
        Item::Zone(zone) => of_zone(zone, width),
        Item::Station(station, _) => of_station(station, width),
        Item::Policy(policy) => of_policy(policy, width),
        Item::Peer(peer) => of_peer(peer, width),
        Item::Foreign(id) => vec![plain(id.to_string()), dim("not evaluated")],
        Item::NotKnown(missing) => {
            vec![vec![piece("?", Role::Unknown)], plain(&missing.reason)]
        }
        _ => Vec::new(),
    }
}

fn rule_sign(plain: bool, changes: bool) -> (&'static str, Role) {
    match (plain, changes) {
        (false, _) => ("▲", Role::High),
        (true, true) => sign::grade(Some(Grade::Change)),
        (true, false) => sign::grade(Some(Grade::Read)),
    }
}

/// Sign and word of the worst ability; `?` where nothing is known, and a dash where there is none.
fn grade(worst: Option<Grade>, unknown: bool, wide: bool) -> Cell {
    let (mark, role) = match worst {
        None if unknown => ("?", Role::Unknown),
        other => sign::grade(other),
    };
    let word = match worst {
        Some(grade) => grade.word(),
        None if unknown => "not known",
        None => "none",
    };
    vec![piece(if wide { format!("{mark} {word}") } else { mark.to_owned() }, role)]
}

/// A subject with its kind in words: `ServiceAccount pay/web`.
pub(in crate::ui) fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Account { namespace, name } => format!("ServiceAccount {namespace}/{name}"),
        Subject::User(name) => format!("User {name}"),
        Subject::Group(name) => format!("Group {name}"),
        Subject::Invalid => "nobody".to_owned(),
    }
}

/// As [`subject`], in fewer cells.
fn brief(one: &Subject) -> String {
    match one {
        Subject::Account { namespace, name } => format!("account {namespace}/{name}"),
        Subject::User(name) => format!("user {name}"),
        Subject::Group(name) => format!("group {name}"),
        Subject::Invalid => "nobody".to_owned(),
    }
}

fn reach(reach: &Reach) -> String {
    match (reach.cluster, reach.namespaces.as_slice()) {
        (true, _) => "cluster".to_owned(),
        (false, []) => "–".to_owned(),
        (false, [one]) => one.to_string(),
        (false, many) => format!("{} namespaces", many.len()),
    }
}

fn ability(worst: Option<&Ability>, builtin: bool) -> String {
    let built = if builtin { " (built in)" } else { "" };
    let Some(worst) = worst else { return format!("–{built}") };
    let through = worst.through.as_ref();
    let through = through.map(|group| format!(", as {}", brief(group))).unwrap_or_default();
    format!("{}{through}{built}", worst.text())
}

fn of_holder(holder: &Holder, width: u16) -> Vec<Cell> {
    let worst = holder.abilities.first();
    let mut cells = vec![
        grade(worst.map(|w| w.grade), holder.unknown.is_some(), width >= WORDS),
        plain(brief(&holder.subject)),
        plain(ability(worst, holder.builtin)),
    ];
    if width >= 60 {
        cells.push(dim(reach(&holder.reach)));
    }
    if width >= WORDS {
        cells.push(count(holder.bindings));
    }
    if width >= 90 {
        cells.push(count(holder.runs.len()));
    }
    cells
}

fn of_role(role: &RoleUse, width: u16) -> Vec<Cell> {
    let unread = matches!(role.state, RoleState::Unread(_));
    let mut cells = vec![
        grade(role.worst.as_ref().map(|w| w.grade), unread, width >= WORDS),
        plain(role.id.to_string()),
        match &role.state {
            RoleState::Read => plain(ability(role.worst.as_ref(), role.builtin)),
            RoleState::Absent => dim("there is no such role"),
            RoleState::Unread(_) => vec![piece("? could not be read", Role::Unknown)],
        },
    ];
    if width >= WORDS {
        cells.push(count(role.rules.len()));
    }
    cells.extend([count(role.bindings.len()), count(role.subjects)]);
    cells
}

fn place(place: Option<&str>) -> Cell {
    place.map_or_else(|| vec![piece("cluster", Role::Title)], plain)
}

fn named(what: &str, names: &str) -> String {
    if names.is_empty() { what.to_owned() } else { format!("{what}, only {names}") }
}

fn of_right(right: &Right, asked: bool, width: u16) -> Vec<Cell> {
    let allowed = &right.allowed;
    let built = if right.builtin { " (built in)" } else { "" };
    let binding = format!("{}{built}", short(&right.binding.id));
    let role = format!("{} rule {}", short(&right.role), right.rule + 1);
    let mut cells = vec![grade(Some(right.grade), false, width >= 100)];
    let where_from = place(right.binding.place.as_deref());
    if asked {
        let only = if allowed.names.is_empty() {
            String::new()
        } else {
            format!(", only {}", allowed.names)
        };
        cells.push(plain(format!("{}{only}", brief(&right.subject))));
    } else {
        cells.extend([plain(&allowed.verbs), plain(named(&allowed.what, &allowed.names))]);
    }
    if width >= 50 {
        cells.push(where_from);
    }
    if asked || width >= 60 {
        cells.push(dim(binding));
    }
    if width >= if asked { 80 } else { 100 } {
        cells.push(dim(role));
    }
    cells
}

/// Kind and name: the namespace stands in another column.
fn short(id: &ObjectRef) -> String {
    format!("{}/{}", id.kind, id.name)
}

fn of_bound(bound: &Bound) -> Vec<Cell> {
    let built = |at: usize| bound.builtin.get(at).copied().unwrap_or(false);
    let names =
        bound.subjects.iter().enumerate().map(|(at, one)| {
            format!("{}{}", brief(one), if built(at) { " (built in)" } else { "" })
        });
    let names: Vec<String> = names.collect();
    let text = if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
    vec![plain(short(&bound.id)), place(bound.place.as_deref()), plain(text)]
}

/// Yes, no or not known, with its sign; `good` says which of yes and no is the safe one.
fn answer(answer: &Answer<bool>, good: bool, wide: bool) -> Cell {
    let (mark, word, role) = match answer {
        Ok(yes) if *yes == good => ("✔", if *yes { "yes" } else { "no" }, Role::Pass),
        Ok(yes) => ("✖", if *yes { "yes" } else { "no" }, Role::Fail),
        Err(_) => ("?", "not known", Role::Unknown),
    };
    vec![piece(if wide { format!("{mark} {word}") } else { mark.to_owned() }, role)]
}

/// `3 of 5`, with what is not known: `3–5 of 5`.
fn of_all(count: Count, all: usize) -> Cell {
    let text = match (count.unknown, all) {
        (_, 0) => "–".to_owned(),
        (0, _) => format!("{} of {all}", count.yes),
        (unknown, _) if count.yes == 0 && unknown == all => format!("? of {all}"),
        (unknown, _) => format!("{}–{} of {all}", count.yes, count.yes + unknown),
    };
    let role = match count.yes {
        _ if count.unknown > 0 => Role::Unknown,
        yes if yes == all => Role::Text,
        _ => Role::Fail,
    };
    vec![piece(text, role)]
}

fn of_zone(zone: &Zone, width: u16) -> Vec<Cell> {
    let wide = width >= 70;
    let mut cells = vec![plain(&zone.name)];
    cells.extend(Way::ALL.map(|way| answer(zone.deny.of(way), true, wide)));
    cells.extend(Way::ALL.map(|way| of_all(*zone.isolated.of(way), zone.pods)));
    if width >= 80 {
        cells.push(match &zone.unread {
            Some(_) if zone.policies.is_empty() => vec![piece("?", Role::Unknown)],
            _ => count(zone.policies.len()),
        });
    }
    cells
}

fn of_station(station: &Station, width: u16) -> Vec<Cell> {
    let wide = width >= 70;
    let id = &station.id;
    let mut cells = vec![plain(format!("{} {}", id.kind, id.name))];
    if width >= 60 {
        cells.push(count(station.pods));
    }
    if station.outside {
        let text = if wide { "– on node" } else { "–" };
        cells.extend([dim(text), dim(text)]);
    } else {
        cells.extend(Way::ALL.map(|way| answer(station.isolated.of(way), true, wide)));
    }
    if width >= 100 {
        cells.push(answer(&station.metadata, false, true));
        cells.push(answer(&station.control_plane, false, true));
    }
    if width >= 60 {
        let names: Vec<&str> = station.policies.iter().map(|policy| &*policy.id.name).collect();
        cells.push(dim(names.join(", ")));
    }
    cells
}

fn of_policy(policy: &Policy, width: u16) -> Vec<Cell> {
    let ways: Vec<&str> =
        Way::ALL.into_iter().filter(|way| *policy.isolates.of(*way)).map(Way::word).collect();
    let everybody = if policy.everybody { " (all pods)" } else { "" };
    let mut cells = vec![
        plain(format!("{}{everybody}", policy.id.name)),
        plain(ways.join(", ")),
        count(policy.selects),
    ];
    if width >= 70 {
        cells.extend(Way::ALL.map(|way| count(policy.peers.of(way).len())));
    }
    cells
}

/// What a peer matches now, in few words.
pub(in crate::ui) fn now(peer: &Peer) -> String {
    match &peer.kind {
        PeerKind::Anything => String::new(),
        PeerKind::Addresses(block) if block.except.is_empty() => String::new(),
        PeerKind::Addresses(block) => format!("but {}", block.except.join(", ")),
        PeerKind::Pods { everything: true, .. } => "every pod of the cluster".to_owned(),
        PeerKind::Pods { matches: 0, .. } => "nothing at present".to_owned(),
        PeerKind::Pods { workloads, matches, namespaces, .. } => match workloads.as_slice() {
            [one] => one.to_string(),
            _ => {
                let workloads = if *matches == 1 { "workload" } else { "workloads" };
                let place = match namespaces.as_slice() {
                    [one] => one.to_string(),
                    many => format!("{} namespaces", many.len()),
                };
                format!("{matches} {workloads} in {place}")
            }
        },
    }
}

fn of_peer(one: &Peer, width: u16) -> Vec<Cell> {
    let open = match &one.kind {
        PeerKind::Anything => true,
        PeerKind::Addresses(block) => block.everything,
        PeerKind::Pods { everything, .. } => *everything,
    };
    let role = if open { Role::High } else { Role::Text };
    let mark = if open { "▲ " } else { "" };
    let mut cells = vec![vec![piece(format!("{mark}{}", clean(&one.name())), role)]];
    if width >= 60 {
        cells.push(dim(now(one)));
    }
    cells.push(plain(if one.ports.is_empty() { "every port" } else { &one.ports }));
    if width >= 80 {
        cells.push(dim(&*one.policy.name));
    }
    cells
}
