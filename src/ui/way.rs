//! The way here: from the cluster to what is open, in one line.

use std::borrow::Cow;

use ratatui::layout::Rect;

use crate::app::access::AccessPage;
use crate::app::network::NetworkPage;
use crate::app::pointer::PointerTarget;
use crate::app::route::{GroupBy, Screen, Subset};
use crate::app::state::State;
use crate::config::theme::Role;
use crate::text::{Lean, clean, cut, cut_middle};

use super::paint::{Paint, piece};

/// What stands between two stations of the way here.
const SEPARATOR: &str = " › ";

/// The cells that a cluster's name keeps before stations are left out.
const CLUSTER: usize = 28;
/// The fewest that it keeps, so that it is known from the others.
const LEAST: usize = 14;

/// A cluster's name in so many cells, cut where it is told apart from those of the other clusters.
pub(super) fn named<'a>(state: &State, name: &'a str, cells: usize) -> Cow<'a, str> {
    if crate::text::width(name) <= cells {
        return Cow::Borrowed(name);
    }
    let contexts = state.contexts.iter().map(|context| context.name.as_str());
    Lean::END.among(contexts, cells).cut(name, cells)
}

/// Draws as much of the way as fits.
pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect) {
    let cells = usize::from(area.width);
    let mut way = stations(state);
    let wide = |way: &[Station]| crate::text::width(&joined(way, usize::MAX));
    let cluster =
        way.first().map(|(name, _)| name.clone()).filter(|_| !state.source.name.is_empty());
    let cut_to = |way: &mut Vec<Station>, room: usize| {
        if let (Some(first), Some(name)) = (way.first_mut(), &cluster) {
            first.0 = named(state, name, room).into_owned();
        }
    };
    if wide(&way) > cells {
        cut_to(&mut way, CLUSTER.max(cells / 3));
    }
    let mut way = shorten(way, cells);
    // What tells it from other clusters goes last of all.
    let (over, own) =
        (wide(&way).saturating_sub(cells), way.first().map_or(0, |s| crate::text::width(&s.0)));
    if over > 0 {
        cut_to(&mut way, own.saturating_sub(over).max(LEAST.min(own)));
    }
    let text = joined(&way, usize::from(area.width));
    paint.line(area, 0, &[piece(text.as_str(), Role::Title)]);
    if crate::text::width(&text) == crate::text::width(&joined(&way, usize::MAX)) {
        pointable(&way, area, paint);
    }
}

/// Makes the stations of the way here targets, each where it stands.
fn pointable(way: &[Station], area: Rect, paint: &mut Paint<'_>) {
    let cells = |text: &str| u16::try_from(crate::text::width(text)).unwrap_or(u16::MAX);
    let mut x = area.x;
    for (text, target) in way {
        let width = cells(text).min(area.right().saturating_sub(x));
        if let Some(target) = target {
            paint.targets.add(Rect { x, width, height: 1, ..area }, *target);
        }
        x = x.saturating_add(cells(text)).saturating_add(cells(SEPARATOR));
    }
}

/// A station of the way here, and what a click on it leads to.
type Station = (String, Option<PointerTarget>);

/// The stations in one line, cut where even that is too long.
fn joined(way: &[Station], cells: usize) -> String {
    let texts: Vec<&str> = way.iter().map(|(text, _)| text.as_str()).collect();
    cut_middle(&texts.join(SEPARATOR), cells).into_owned()
}

/// The way here in so many cells: first the stations between are cut, then they are left out, those
/// nearest to the cluster's own last; what is open stays as long as it can.
fn shorten(mut crumbs: Vec<Station>, cells: usize) -> Vec<Station> {
    const STATION: usize = 24;
    let fits = |crumbs: &[Station]| crate::text::width(&joined(crumbs, usize::MAX)) <= cells;
    let last = crumbs.len().saturating_sub(1);
    if !fits(&crumbs) {
        for crumb in crumbs.iter_mut().take(last).skip(2) {
            crumb.0 = cut(&crumb.0, STATION).into_owned();
        }
    }
    for kept in [2, 1] {
        // One station of those behind the kept ones goes at a time; a sign stands for all of them.
        if !fits(&crumbs) && crumbs.len() > kept + 1 {
            // A click on it leads to the first one that is left out.
            let target = crumbs.get(kept).and_then(|crumb| crumb.1);
            crumbs.splice(kept..=kept, [("…".to_owned(), target)]);
            crumbs.dedup_by(|one, other| one.0 == "…" && other.0 == "…");
        }
        while !fits(&crumbs) && crumbs.len() > kept + 2 {
            crumbs.remove(kept + 1);
        }
    }
    crumbs
}

/// Where we are, from the cluster to what is open.
pub(super) fn crumbs(state: &State) -> Vec<String> {
    stations(state).into_iter().map(|(text, _)| text).collect()
}

fn stations(state: &State) -> Vec<Station> {
    let mut stations: Vec<Station> = Vec::new();
    let mut add = |text: &str, target| stations.push((clean(text).into_owned(), Some(target)));
    if !state.source.name.is_empty() {
        add(&state.source.name, PointerTarget::Source);
        // What is of the whole run is not of the namespace that is chosen.
        let whole = matches!(state.nav.top().screen, Screen::Matrix(_) | Screen::Review);
        let place = match state.judged_wider().filter(|_| whole) {
            Some(wider) => format!("{wider}, not {} alone", state.place()),
            None => state.place(),
        };
        add(&place, PointerTarget::Namespace);
    }
    for (depth, route) in state.nav.path().enumerate() {
        if let Some(text) = crumb(state, &route.screen) {
            let grouped = matches!(route.screen, Screen::Findings(_) | Screen::Comparison)
                && route.group != GroupBy::Nothing;
            let by = if grouped { format!(" by {}", route.group.word()) } else { String::new() };
            add(&format!("{text}{by}"), PointerTarget::Crumb(depth));
        }
    }
    stations
}

fn crumb(state: &State, screen: &Screen) -> Option<String> {
    Some(match screen {
        Screen::Start | Screen::Overview => return None,
        Screen::Kinds => "objects".to_owned(),
        Screen::Objects(kind) => kind.to_string(),
        Screen::Object(id) => id.to_string(),
        Screen::Frameworks => "frameworks".to_owned(),
        Screen::Framework(id) => {
            state.data.framework(id).map_or_else(|| id.to_string(), |f| f.title.clone())
        }
        Screen::Control { framework, id } => match state.data.control(framework, id) {
            Some((control, _)) => format!("{id} {}", control.title),
            None => id.to_string(),
        },
        Screen::Findings(subset) => findings_crumb(state, subset),
        Screen::Tenant(name) => tenant(state, name),
        Screen::Finding(print) => {
            let object = state.data.open_finding(print).and_then(|f| f.object.as_ref());
            object.map_or_else(|| "cluster".to_owned(), ToString::to_string)
        }
        Screen::Checks => "checks".to_owned(),
        Screen::Check(id) => id.to_string(),
        Screen::Matrix(id) => {
            let framework = id.as_deref().and_then(|id| state.data.framework(id));
            framework.map_or_else(|| "matrix".to_owned(), |f| f.title.clone())
        }
        Screen::Preview(_) => "preview".to_owned(),
        Screen::Heat => "heat map".to_owned(),
        Screen::Tenants => "tenants".to_owned(),
        Screen::Fleet(page) => format!("fleet: {}", page.word()),
        Screen::Access(page) => access_crumb(page),
        Screen::Network(page) => match page {
            NetworkPage::Zones => "network".to_owned(),
            NetworkPage::Zone(name) => name.to_string(),
            NetworkPage::Station { id, .. } => id.to_string(),
        },
        Screen::Coverage => "coverage".to_owned(),
        Screen::Gap(_) => "what rests on it".to_owned(),
        Screen::Comparison => "comparison".to_owned(),
        Screen::Sessions => "sessions".to_owned(),
        Screen::Messages => "messages".to_owned(),
        Screen::Review => "review".to_owned(),
    })
}

/// Which findings are listed.
fn findings_crumb(state: &State, subset: &Subset) -> String {
    match subset {
        Subset::All => "findings".to_owned(),
        Subset::Namespace(name) if name.is_empty() => "cluster-wide".to_owned(),
        Subset::Namespace(name) | Subset::Theme(name) => name.to_string(),
        Subset::Home { namespace, framework } => {
            let place = if namespace.is_empty() { "cluster-wide" } else { namespace };
            match framework {
                None => place.to_owned(),
                Some(framework) => format!("{} in {place}", state.data.short(framework)),
            }
        }
        Subset::Tenant { name, framework, .. } => match framework {
            None => tenant(state, name),
            Some(framework) => {
                format!("{} of {}", state.data.short(framework), tenant(state, name))
            }
        },
        Subset::Covered { label, .. } => label.to_string(),
        Subset::Owner(owner) => {
            owner.as_ref().map_or_else(|| "cluster".to_owned(), ToString::to_string)
        }
    }
}

/// What a tenant is called on its page.
fn tenant(state: &State, name: &str) -> String {
    state.data.tenants.of(name).map_or_else(|| name.to_owned(), |card| card.title.clone())
}

fn access_crumb(page: &AccessPage) -> String {
    match page {
        AccessPage::Subjects => "access".to_owned(),
        AccessPage::Roles => "access by role".to_owned(),
        AccessPage::Subject(who) => super::cells::subject(who),
        AccessPage::Role { name, .. } => name.to_string(),
        AccessPage::WhoCan(query) => format!("who can {}", query.text()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(cells: usize, crumbs: &[&str]) -> String {
        let stations = crumbs.iter().map(|crumb| ((*crumb).to_owned(), None)).collect();
        joined(&shorten(stations, cells), cells)
    }

    #[test]
    fn stations_between_make_room_and_no_separator_is_cut() {
        let crumbs = ["demo", "pay", "frameworks", "1.2.3 Ensure that a policy is there", "web"];
        assert_eq!(
            way(80, &crumbs),
            "demo › pay › frameworks › 1.2.3 Ensure that a policy is there › web"
        );
        assert_eq!(way(60, &crumbs), "demo › pay › frameworks › 1.2.3 Ensure that a pol… › web");
        assert_eq!(way(50, &crumbs), "demo › pay › … › 1.2.3 Ensure that a pol… › web");
        assert_eq!(way(30, &crumbs), "demo › pay › … › web");
        assert_eq!(way(19, &crumbs), "demo › … › web");
        assert_eq!(way(8, &crumbs), "demo…web");
        assert_eq!(way(16, &["demo", "all namespaces"]), "demo › a…espaces");
        assert_eq!(way(9, &[]), "");
    }
}
