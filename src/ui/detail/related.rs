//! What is said of a subject, a right, a role, a namespace and a workload.

use super::{LABEL, paragraph, title};
use crate::app::access::AccessPage;
use crate::app::action::Action;
use crate::app::item::Item;
use crate::app::network::NetworkPage;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::facts::Answer;
use crate::facts::access::{Ability, Grade, Holder, Power, Right, RoleState, RoleUse, explain};
use crate::facts::network::{Network, Peer, PeerKind, Station, Way, Zone};
use crate::text::width as cells_of;
use crate::ui::cells::{is_open, now, subject};
use crate::ui::paint::{Line, piece};
use crate::ui::sign;

/// Most abilities, and most names, that are listed one by one.
const LISTED: usize = 12;

/// What is said of a row.
pub(super) fn of_item(state: &State, item: &Item, width: usize) -> Vec<Line> {
    match item {
        Item::Holder(holder) => of_holder(state, holder, width),
        Item::Right { right, .. } => of_right(right, width),
        Item::Role(role) => of_role(role, width),
        Item::Zone(zone) => of_zone(zone, width),
        Item::Station(station, _) => of_station(station, width),
        Item::Peer(one) => of_peer(one, width),
        Item::NotKnown(missing) => {
            let mut out = Vec::new();
            title(&mut out, &missing.reason, Role::Unknown, width);
            out.push(Line::new());
            let text =
                "What it would have shown is not known: there may be more than this page says.";
            paragraph(&mut out, "Means", text, width);
            let key = state.keymap.told(Action::Coverage);
            let text = format!(
                "Coverage ({key}) says what could not be read; plimsoll role shows the rights that are missing."
            );
            paragraph(&mut out, "Next", &text, width);
            out
        }
        _ => Vec::new(),
    }
}

/// What is said over a page of who may do what.
pub(in crate::ui) fn about_access(state: &State, page: &AccessPage, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    let access = state.data.relations.access.as_deref();
    match page {
        AccessPage::Subject(who) => {
            title(&mut out, &subject(who), Role::Title, width);
            if let Some(holder) = access.and_then(|access| access.holder(who)) {
                out.extend(of_holder(state, holder, width).into_iter().skip(1));
            }
        }
        AccessPage::Role { namespace, name } => {
            match access.and_then(|access| access.role(namespace, name)) {
                Some(role) => out.extend(of_role(role, width)),
                None => title(&mut out, name, Role::Title, width),
            }
        }
        AccessPage::WhoCan(query) => {
            title(&mut out, &format!("Who can {}", query.text()), Role::Title, width);
            let text = "By RBAC: every subject that a binding gives the right to, cluster-wide or in \
                        its namespace. A group stands for all who are in it.";
            paragraph(&mut out, "", text, width);
        }
        AccessPage::Subjects | AccessPage::Roles => {}
    }
    out
}

fn of_holder(state: &State, holder: &Holder, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    title(&mut out, &subject(&holder.subject), Role::Title, width);
    if holder.builtin {
        out.push(vec![piece("built in: the distribution itself put it there", Role::Dim)]);
    }
    paragraph(&mut out, "Is", &explain(&holder.subject), width);
    // It comes before what is known: that may not be all.
    let open =
        holder.unknown.as_ref().map(|missing| format!("? there may be more: {}", missing.reason));
    paragraph(&mut out, "Unknown", &open.unwrap_or_default(), width);
    out.push(Line::new());
    // Whoever can do everything can do the rest.
    let all = |a: &&Ability| a.power == Some(Power::All) && a.place.is_none();
    let listed = if holder.abilities.first().is_some_and(|a| all(&a)) { 1 } else { LISTED };
    let path = state.data.relations.access.as_deref().map(|access| access.path(holder));
    let path = path.unwrap_or_default();
    for (at, ability) in holder.abilities.iter().take(listed).enumerate() {
        let (mark, role) = sign::grade(Some(ability.grade));
        let through = ability.through.as_ref();
        let through = through.map(|g| format!(", as {}", subject(g))).unwrap_or_default();
        let text = format!("{mark} {}{through}", ability.text());
        title(&mut out, &text, role, width);
        if at == 0 {
            hops(&mut out, "Path", &path, width);
        }
    }
    if let Some(worst) = holder.abilities.first() {
        paragraph(&mut out, "Worst", worst.grade.explain(), width);
    } else if holder.unknown.is_none() {
        paragraph(&mut out, "Can", "nothing beyond what everybody who is signed in may do", width);
    }
    let reach = match (holder.reach.cluster, holder.reach.namespaces.len()) {
        (true, _) if holder.abilities.first().is_some_and(|a| a.grade == Grade::Namespace) => {
            "the whole cluster, by rights that lead less far than the worst".to_owned()
        }
        (true, _) => "the whole cluster".to_owned(),
        (false, 0) => String::new(),
        (false, _) => some(holder.reach.namespaces.iter().map(ToString::to_string)),
    };
    paragraph(&mut out, "Reaches", &reach, width);
    let runs = holder.runs.iter().map(|runner| {
        let token = match runner.mounted {
            Some(true) => " (holds a token)",
            Some(false) => "",
            None => " (token: not known)",
        };
        format!("{}{token}", runner.id)
    });
    paragraph(&mut out, "Runs", &some(runs), width);
    out
}

/// A way from one thing to another: in one line where there is room, else a hop a line.
fn hops(out: &mut Vec<Line>, label: &str, hops: &[String], width: usize) {
    let whole = hops.join(" → ");
    if cells_of(&whole) <= width.saturating_sub(LABEL) {
        return paragraph(out, label, &whole, width);
    }
    for (at, hop) in hops.iter().enumerate() {
        let (label, arrow) = if at == 0 { (label, "") } else { ("", "→ ") };
        let from = out.len();
        paragraph(out, label, hop, width.saturating_sub(2));
        for (line, text) in out.iter_mut().skip(from).filter_map(|line| line.last_mut()).enumerate()
        {
            let indent = if line == 0 { arrow } else { "  " };
            text.0.insert_str(0, indent);
        }
    }
}

/// As many as can be read, and how many more there are.
fn some(names: impl ExactSizeIterator<Item = String>) -> String {
    let all = names.len();
    some_of(names, all)
}

/// The first of `all` names, not all of which need to be there.
fn some_of<T: ToString>(names: impl Iterator<Item = T>, all: usize) -> String {
    let names = names.take(LISTED).map(|name| name.to_string());
    let mut text = names.collect::<Vec<_>>().join(", ");
    if all > LISTED {
        text.push_str(&format!(" and {} more", all - LISTED));
    }
    text
}

fn of_right(right: &Right, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    let allowed = &right.allowed;
    title(&mut out, &format!("{} {}", allowed.verbs, allowed.what), Role::Title, width);
    let (mark, role) = sign::grade(Some(right.grade));
    title(&mut out, &format!("{mark} {}", right.grade.explain()), role, width);
    out.push(Line::new());
    let all = allowed.powers.first() == Some(&Power::All);
    let powers: Vec<&str> =
        allowed.powers.iter().filter(|_| !all).map(|power| power.reason()).collect();
    paragraph(&mut out, "Opens", &powers.join(", "), width);
    paragraph(&mut out, "Only", &allowed.names, width);
    paragraph(&mut out, "Subject", &subject(&right.subject), width);
    paragraph(&mut out, "Is", &explain(&right.subject), width);
    let place = right.binding.place.as_deref();
    let place =
        place.map_or_else(|| "the whole cluster".to_owned(), |ns| format!("namespace {ns}"));
    paragraph(&mut out, "Where", &place, width);
    let built = if right.builtin { " (the distribution itself bound it)" } else { "" };
    paragraph(&mut out, "Binding", &format!("{}{built}", right.binding.id), width);
    paragraph(&mut out, "Role", &format!("{}, rule {}", right.role, right.rule + 1), width);
    out
}

fn of_role(role: &RoleUse, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    title(&mut out, &role.id.to_string(), Role::Title, width);
    out.push(Line::new());
    let state = match &role.state {
        RoleState::Read if role.builtin => "made by the distribution, not widened".to_owned(),
        RoleState::Read => String::new(),
        RoleState::Absent => "there is no such role: its bindings give nothing".to_owned(),
        RoleState::Unread(missing) => format!("? what it allows is not known: {}", missing.reason),
    };
    paragraph(&mut out, "Is", &state, width);
    if let Some(worst) = &role.worst {
        let (mark, look) = sign::grade(Some(worst.grade));
        title(&mut out, &format!("{mark} {}", worst.text()), look, width);
        paragraph(&mut out, "Worst", worst.grade.explain(), width);
    } else if role.state == RoleState::Read {
        paragraph(&mut out, "Gives", "nothing to anybody: no binding that was read uses it", width);
    }
    let bound = role.bindings.iter().map(|bound| bound.id.to_string());
    paragraph(&mut out, "Bindings", &some(bound), width);
    out
}

/// What is said over a page of the network.
pub(in crate::ui) fn about_network(state: &State, page: &NetworkPage, width: usize) -> Vec<Line> {
    let Some(network) = state.data.relations.network.as_deref() else { return Vec::new() };
    let mut out = Vec::new();
    // That nothing is enforced comes before everything that would be.
    let void = network.plugin.enforces == Ok(false);
    if void {
        out.extend(plugin(network, width));
    }
    match page {
        NetworkPage::Zones => {}
        NetworkPage::Zone(name) => {
            if let Some(zone) = network.zone(name) {
                out.extend(of_zone(zone, width));
            }
        }
        NetworkPage::Station { id, place } => {
            if let Some(station) = network.station(id, *place) {
                out.extend(of_station(station, width));
            }
        }
    }
    if !void {
        out.extend(plugin(network, width));
    }
    out
}

/// Whether policies mean anything, which comes before everything they say.
pub(in crate::ui) fn plugin(network: &Network, width: usize) -> Vec<Line> {
    let plugin = &network.plugin;
    let name = plugin.name.as_deref().unwrap_or("the network plug-in");
    let (text, role) = match &plugin.enforces {
        Ok(true) => {
            (format!("✔ {name} enforces network policies ({}).", plugin.detail), Role::Pass)
        }
        Ok(false) => (
            format!(
                "✖ {name} does not enforce network policies ({}): whatever they say, every \
                     pod is open both ways.",
                plugin.detail
            ),
            Role::Fail,
        ),
        Err(missing) => (
            format!(
                "? Whether network policies are enforced is not known: {}. A plug-in that does \
                     not enforce them leaves every pod open.",
                missing.reason
            ),
            Role::Unknown,
        ),
    };
    let mut out = Vec::new();
    title(&mut out, &text, role, width);
    out
}

fn yes_no(answer: &Answer<bool>) -> String {
    match answer {
        Ok(true) => "yes".to_owned(),
        Ok(false) => "no".to_owned(),
        Err(missing) => format!("? not known: {}", missing.reason),
    }
}

fn of_zone(zone: &Zone, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    title(&mut out, &zone.name, Role::Title, width);
    out.push(Line::new());
    paragraph(&mut out, "Deny in", &yes_no(&zone.deny.ingress), width);
    paragraph(&mut out, "Deny out", &yes_no(&zone.deny.egress), width);
    let known = |way: Way| {
        let count = zone.isolated.of(way);
        let open = if count.unknown > 0 {
            format!(", {} not known", count.unknown)
        } else {
            String::new()
        };
        format!("{} of {}{open}", count.yes, zone.pods)
    };
    let text = format!(
        "{} in, {} out; a workload without live pods counts once",
        known(Way::In),
        known(Way::Out)
    );
    paragraph(&mut out, "Isolated", &text, width);
    if zone.outside > 0 {
        let text = format!("{} on the node's network, which no policy binds", zone.outside);
        paragraph(&mut out, "Beside", &text, width);
    }
    let foreign = zone
        .foreign
        .as_ref()
        .map(|foreign| format!("{foreign}: not evaluated, so what is open here may be shut by it"));
    paragraph(&mut out, "Others", &foreign.unwrap_or_default(), width);
    let open = [&zone.unread, &zone.more].into_iter().flatten().map(|m| m.reason.clone());
    paragraph(&mut out, "Unknown", &open.collect::<Vec<_>>().join("; "), width);
    out
}

fn of_station(station: &Station, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    title(&mut out, &station.id.to_string(), Role::Title, width);
    out.push(Line::new());
    if station.outside {
        paragraph(&mut out, "Network", "the node's own: no policy binds it", width);
    } else {
        paragraph(&mut out, "In", &isolated(&station.isolated.ingress), width);
        paragraph(&mut out, "Out", &isolated(&station.isolated.egress), width);
    }
    let targets = [
        ("the metadata service of the cloud", &station.metadata),
        ("the API server or etcd", &station.control_plane),
        ("the kubelets", &station.kubelets),
    ];
    let which = |wanted: bool| {
        let fits = targets.iter().filter(|(_, answer)| **answer == Ok(wanted));
        fits.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    };
    paragraph(&mut out, "Reaches", &which(true), width);
    paragraph(&mut out, "Cut off", &which(false), width);
    for (name, answer) in targets {
        if let Err(missing) = answer {
            paragraph(&mut out, "Unknown", &format!("? {name}: {}", missing.reason), width);
        }
    }
    let pods = match station.pods {
        0 => "none alive; the template is looked at".to_owned(),
        count => count.to_string(),
    };
    paragraph(&mut out, "Pods", &pods, width);
    let names = station.policies.iter().map(|policy| policy.id.name.to_string());
    paragraph(&mut out, "Policies", &some(names), width);
    out
}

fn isolated(answer: &Answer<bool>) -> String {
    match answer {
        Ok(true) => "isolated: only what policies let through".to_owned(),
        Ok(false) => "open: everything passes".to_owned(),
        Err(missing) => format!("? not known: {}", missing.reason),
    }
}

fn of_peer(one: &Peer, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    title(&mut out, &one.name(), Role::Title, width);
    out.push(Line::new());
    if is_open(&one.kind) {
        let who = if one.way == Way::In { "everybody" } else { "everywhere" };
        let text = format!("{} {who}: the rule names no one in particular", sign::OPEN);
        paragraph(&mut out, "Open", &text, width);
    }
    paragraph(&mut out, "Now", &now(one), width);
    if let PeerKind::Pods { workloads, matches, whole: false, .. } = &one.kind {
        paragraph(&mut out, "Matches", &some_of(workloads.iter(), *matches), width);
    }
    if let PeerKind::Pods { namespaces, spaces, whole: true, everything: false, .. } = &one.kind {
        paragraph(&mut out, "Spaces", &some_of(namespaces.iter(), *spaces), width);
    }
    let ports = if one.ports.is_empty() { "every port" } else { &one.ports };
    paragraph(&mut out, "Ports", ports, width);
    paragraph(&mut out, "Policy", &format!("{} at {}", one.policy, one.at), width);
    if one.way == Way::In {
        let text =
            "What stands on the other side may be kept from going out by policies of its own.";
        paragraph(&mut out, "Note", text, width);
    }
    out
}
