//! Rows of who may do what, and of who reaches whom.

mod columns;

use crate::app::item::Item;
use crate::config::theme::Role;
use crate::facts::Answer;
use crate::facts::access::{
    Ability, Bound, Grade, Holder, Reach, Right, RoleState, RoleUse, Subject,
};
use crate::facts::network::{Count, Peer, PeerKind, Policy, Station, Way, Zone};
use crate::model::object::ObjectRef;
use crate::text::{clean, noun};

use super::super::paint::piece;
use super::super::sign;
use super::ColumnText;
use columns::{KINDS, OPENS, POLICIES, RANKED, REACHES, ROLE, WORDS};
pub(super) use columns::{columns, section};

fn plain(text: impl AsRef<str>) -> ColumnText {
    vec![piece(clean(text.as_ref()).into_owned(), Role::Text)]
}

fn dim(text: impl AsRef<str>) -> ColumnText {
    vec![piece(clean(text.as_ref()).into_owned(), Role::Dim)]
}

fn count(count: usize) -> ColumnText {
    vec![piece(count.to_string(), if count == 0 { Role::Dim } else { Role::Text })]
}

/// The cells of a row, one for each of its columns.
pub(super) fn cells(item: &Item, width: u16) -> Vec<ColumnText> {
    match item {
        Item::Holder(holder) => of_holder(holder, width),
        Item::Right { right, asked } => of_right(right, *asked, width),
        Item::Role(role) => of_role(role, width),
        Item::Bound(bound) => of_bound(bound),
        Item::Rule { allowed, grade: worst, .. } => {
            let powers: Vec<&str> = allowed.powers.iter().map(|power| power.reason()).collect();
            let mut cells = vec![
                grade(Some(*worst), false, width >= RANKED),
                plain(&allowed.verbs),
                plain(named(&allowed.what, &allowed.names)),
            ];
            cells.extend((width >= OPENS).then(|| dim(powers.join(", "))));
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

/// Sign and word of the worst ability; `?` where nothing is known, and a dash where there is none.
fn grade(worst: Option<Grade>, unknown: bool, wide: bool) -> ColumnText {
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
    match sort_and_name(one) {
        ("", name) => name,
        (sort, name) => format!("{sort} {name}"),
    }
}

/// What a subject is, which is never cut, and what it is called.
fn sort_and_name(one: &Subject) -> (&'static str, String) {
    match one {
        Subject::Account { namespace, name } => ("account", format!("{namespace}/{name}")),
        Subject::User(name) => ("user", name.to_string()),
        Subject::Group(name) => ("group", name.to_string()),
        Subject::Invalid => ("", "nobody".to_owned()),
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

fn of_holder(holder: &Holder, width: u16) -> Vec<ColumnText> {
    let worst = holder.abilities.first();
    let (sort, name) = sort_and_name(&holder.subject);
    let mut cells = vec![
        grade(worst.map(|w| w.grade), holder.unknown.is_some(), width >= WORDS),
        dim(sort),
        plain(name),
        plain(ability(worst, holder.builtin)),
    ];
    if width >= REACHES {
        cells.push(dim(reach(&holder.reach)));
    }
    if width >= 90 {
        cells.push(count(holder.bindings));
    }
    if width >= 100 {
        cells.push(count(holder.runs.len()));
    }
    cells
}

fn of_role(role: &RoleUse, width: u16) -> Vec<ColumnText> {
    let unread = matches!(role.state, RoleState::Unread(_));
    let mut cells = vec![
        grade(role.worst.as_ref().map(|w| w.grade), unread, width >= WORDS),
        plain(role_name(&role.id)),
        match &role.state {
            RoleState::Read => plain(ability(role.worst.as_ref(), role.builtin)),
            RoleState::Absent => dim("there is no such role"),
            RoleState::Unread(_) => vec![piece("? could not be read", Role::Unknown)],
        },
    ];
    if width >= 100 {
        cells.push(count(role.rules.len()));
    }
    cells.extend([count(role.bindings.len()), count(role.subjects)]);
    cells
}

fn place(place: Option<&str>) -> ColumnText {
    place.map_or_else(|| vec![piece("cluster", Role::Title)], plain)
}

fn named(what: &str, names: &str) -> String {
    if names.is_empty() { what.to_owned() } else { format!("{what}, only {names}") }
}

fn of_right(right: &Right, asked: bool, width: u16) -> Vec<ColumnText> {
    let allowed = &right.allowed;
    let mut binding = dim(&right.binding.id.name);
    binding.extend(right.builtin.then(|| piece(" (built in)", Role::Dim)));
    let role = format!("{} rule {}", role_name(&right.role), right.rule + 1);
    let mut cells = vec![grade(Some(right.grade), false, width >= RANKED)];
    let where_from = place(right.binding.place.as_deref());
    if asked {
        let only = if allowed.names.is_empty() {
            String::new()
        } else {
            format!(", only {}", allowed.names)
        };
        let (sort, name) = sort_and_name(&right.subject);
        cells.extend([dim(sort), plain(format!("{name}{only}"))]);
    } else {
        cells.extend([plain(&allowed.verbs), plain(named(&allowed.what, &allowed.names))]);
    }
    if width >= 50 {
        cells.push(where_from);
    }
    if asked || width >= 60 {
        cells.push(binding);
    }
    if width >= if asked { ROLE } else { 100 } {
        cells.push(dim(role));
    }
    cells
}

/// A role in few cells: one of a namespace has that before its name.
fn role_name(id: &ObjectRef) -> String {
    match &id.namespace {
        Some(namespace) => format!("{namespace}/{}", id.name),
        None => id.name.to_string(),
    }
}

fn of_bound(bound: &Bound) -> Vec<ColumnText> {
    let built = |at: usize| bound.builtin.get(at).copied().unwrap_or(false);
    let names =
        bound.subjects.iter().enumerate().map(|(at, one)| {
            format!("{}{}", brief(one), if built(at) { " (built in)" } else { "" })
        });
    let names: Vec<String> = names.collect();
    let text = if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
    vec![plain(&*bound.id.name), place(bound.place.as_deref()), plain(text)]
}

/// Yes, no or not known, with its sign; `good` says which of yes and no is the safe one.
fn answer(answer: &Answer<bool>, good: bool, wide: bool) -> ColumnText {
    let (mark, word, role) = match answer {
        Ok(yes) if *yes == good => ("✔", if *yes { "yes" } else { "no" }, Role::Pass),
        Ok(yes) => ("✖", if *yes { "yes" } else { "no" }, Role::Fail),
        Err(_) => ("?", "not known", Role::Unknown),
    };
    vec![piece(if wide { format!("{mark} {word}") } else { mark.to_owned() }, role)]
}

/// `3 of 5`, with what is not known: `3–5 of 5`.
fn of_all(count: Count, all: usize) -> ColumnText {
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

fn of_zone(zone: &Zone, width: u16) -> Vec<ColumnText> {
    let wide = width >= 70;
    let mut cells = vec![plain(&zone.name)];
    cells.extend(Way::ALL.map(|way| answer(zone.deny.of(way), true, wide)));
    cells.extend(Way::ALL.map(|way| of_all(*zone.isolated.of(way), zone.pods)));
    if width >= columns::ZONE_POLICIES {
        cells.push(match &zone.unread {
            Some(_) if zone.policies.is_empty() => vec![piece("?", Role::Unknown)],
            _ => count(zone.policies.len()),
        });
    }
    cells
}

fn of_station(station: &Station, width: u16) -> Vec<ColumnText> {
    let wide = width >= 70;
    let id = &station.id;
    let mut cells = vec![plain(&*id.name)];
    if width >= KINDS {
        cells.push(dim(&*id.kind));
    }
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
    if width >= POLICIES {
        let names: Vec<&str> = station.policies.iter().map(|policy| &*policy.id.name).collect();
        cells.push(dim(names.join(", ")));
    }
    cells
}

fn of_policy(policy: &Policy, width: u16) -> Vec<ColumnText> {
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
        PeerKind::Pods { workloads, matches, namespaces, spaces, .. } => {
            if let [one] = &**workloads {
                return one.to_string();
            }
            let workloads = noun(*matches, "workload");
            let place = match &**namespaces {
                [one] => one.to_string(),
                _ => format!("{spaces} namespaces"),
            };
            format!("{matches} {workloads} in {place}")
        }
    }
}

/// Whether it is everybody, or everywhere.
pub(in crate::ui) fn is_open(kind: &PeerKind) -> bool {
    match kind {
        PeerKind::Anything => true,
        PeerKind::Addresses(block) => block.everything,
        PeerKind::Pods { everything, .. } => *everything,
    }
}

fn of_peer(one: &Peer, width: u16) -> Vec<ColumnText> {
    let mut name = plain(one.name());
    if is_open(&one.kind) {
        name = vec![piece(format!("{} {}", sign::OPEN, clean(&one.name())), Role::Fail)];
    }
    let mut cells = vec![name];
    if width >= 60 {
        cells.push(dim(now(one)));
    }
    cells.push(plain(if one.ports.is_empty() { "every port" } else { &one.ports }));
    if width >= 80 {
        cells.push(dim(&*one.policy.name));
    }
    cells
}
