//! Moving about: in lists and texts, between panes, screens and views.

use std::sync::Arc;

use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::fleet::FleetPage;
use crate::app::grid;
use crate::app::input::TextInput;
use crate::app::item::Item;
use crate::app::pane::Pane;
use crate::app::route::{Screen, View};
use crate::app::state::State;

impl State {
    /// Moves within the pane that has the keys.
    pub(super) fn move_by(&mut self, action: Action) {
        let families = self.fleet.families.len().saturating_sub(1);
        let columns =
            if self.nav.view() == View::Fleet { families } else { self.data.judged.len() };
        let route = self.nav.top_mut();
        if let Screen::Matrix(_) = route.screen {
            let place = grid::target(&route.list, action);
            let id = place.and_then(|place| route.list.row(place)).map(|row| row.id);
            if let Some(id) = id {
                route.list.go_to(id);
            }
        } else if matches!(route.screen, Screen::Heat | Screen::Fleet(FleetPage::Scores))
            && matches!(action, Action::Left | Action::Right)
        {
            let column = route.grid.column.min(columns);
            route.grid.column = match action {
                Action::Left => column.saturating_sub(1),
                _ => (column + 1).min(columns),
            };
        } else if route.in_text() {
            let page = isize::try_from(route.text.height.get().max(2) - 1).unwrap_or(1);
            let half = page.div_euclid(2).max(1);
            match action {
                Action::Up => route.text.scroll(-1),
                Action::Down => route.text.scroll(1),
                Action::PageUp => route.text.scroll(-page),
                Action::PageDown => route.text.scroll(page),
                Action::HalfUp => route.text.scroll(-half),
                Action::HalfDown => route.text.scroll(half),
                Action::Top => route.text.top = Some(0),
                Action::Bottom => route.text.scroll(isize::MAX),
                Action::Left => route.text.left = route.text.left.saturating_sub(8),
                _ => route.text.left = (route.text.left + 8).min(2_000),
            }
        } else if route.beside() {
            scroll(&mut route.side, action);
        } else {
            let list = &mut route.list;
            match action {
                Action::Up => list.step(-1),
                Action::Down => list.step(1),
                Action::PageUp => list.page(-1),
                Action::PageDown => list.page(1),
                Action::HalfUp => list.half_page(-1),
                Action::HalfDown => list.half_page(1),
                Action::Top => list.top(),
                Action::Bottom => list.bottom(),
                Action::Left => list.fold(Some(true), &self.data),
                _ => list.fold(Some(false), &self.data),
            }
        }
    }

    /// To the other pane, or to the next part of the screen.
    pub(super) fn next_pane(&mut self) {
        if let Screen::Matrix(id) = &self.nav.top().screen {
            return self.next_matrix(id.clone().as_deref());
        }
        if let Screen::Fleet(page) = self.nav.top().screen {
            return self.next_fleet_page(page);
        }
        let route = self.nav.top_mut();
        if route.has_panes() {
            route.pane = 1 - route.pane.min(1);
        } else {
            route.list.next_section();
        }
    }

    /// Scrolls what stands beside the list or the text, wherever the keys are.
    pub(super) fn scroll_side(&mut self, down: bool) -> Vec<Effect> {
        let pane = &mut self.nav.top_mut().side;
        let by = pane.half();
        match (pane.scroll(if down { by } else { -by }), down) {
            (true, _) => Vec::new(),
            (false, true) => self.hint("These are its last lines."),
            (false, false) => self.hint("These are its first lines."),
        }
    }

    /// The next matrix, round to the first; what its cells show stays the same.
    fn next_matrix(&mut self, id: Option<&str>) {
        let all = self.data.matrices();
        let here = self.data.matrix(id).map(|framework| framework.id.as_str());
        let at = all.iter().position(|f| Some(&*f.id) == here).unwrap_or(0);
        let next = all.get((at + 1) % all.len().max(1)).map(|f| Arc::<str>::from(&*f.id));
        if let Some(next) = next.filter(|_| all.len() > 1) {
            let lens = self.nav.top().grid.lens;
            self.nav.replace(Screen::Matrix(Some(next)));
            self.nav.top_mut().grid.lens = lens;
        }
    }

    pub(super) fn start_typing(&mut self) {
        let route = self.nav.top_mut();
        if matches!(route.screen, Screen::Finding(_)) {
            route.pane = 0;
        }
        let text = if route.in_text() {
            route.text.search.as_ref().map(|s| s.text.clone()).unwrap_or_default()
        } else {
            route.list.filter().text().to_owned()
        };
        route.typing = Some(TextInput::new(&text));
    }

    /// Undoes one thing: the filter, the marks, one level, the run. Dialogs and inputs come before
    /// and have their own Esc.
    pub(super) fn back(&mut self) -> Vec<Effect> {
        if self.clear_filter() || self.nav.top_mut().list.clear_marks() || self.nav.up() {
            return Vec::new();
        }
        self.cancel_run()
    }

    /// Whether there is no other pane, part or page to go to.
    pub(super) fn is_one_part(&self) -> bool {
        let route = self.nav.top();
        match route.screen {
            Screen::Matrix(_) => self.data.matrices().len() < 2,
            Screen::Fleet(_) => self.fleet.clusters.is_empty(),
            _ => !route.has_panes() && !route.list.has_sections(),
        }
    }

    /// The finding before or after the open one; the list below follows.
    pub(super) fn neighbour(&mut self, by: isize) -> Vec<Effect> {
        let Screen::Finding(print) = &self.nav.top().screen else { return Vec::new() };
        if self.data.departed(print).is_some() {
            let back = self.keymap.told(Action::Back);
            return self
                .hint(format!("This finding is gone from the list; {back} leads back there."));
        }
        let all = self.neighbours();
        let at = all.iter().position(|f| *f.fingerprint == **print);
        let next = at.and_then(|at| all.get(at.checked_add_signed(by)?)).map(|f| Arc::clone(f));
        let Some(next) = next else {
            return self.hint(if by < 0 {
                "This is the first one."
            } else {
                "This is the last one."
            });
        };
        let pane = self.nav.top().pane;
        let (wrap, folded) = (self.nav.top().text.wrap, self.nav.top().text.folds.clone());
        self.nav.replace(Screen::Finding(next.fingerprint.as_str().into()));
        self.nav.top_mut().pane = pane;
        self.nav.top_mut().text.wrap = wrap;
        self.nav.top_mut().text.folds = folded;
        if let Some(below) = self.nav.below_mut() {
            below.list.go_to(Item::Finding(next).id());
        }
        Vec::new()
    }

    pub(super) fn switch(&mut self, view: View) -> Vec<Effect> {
        self.nav.switch(view);
        if view != View::Sessions {
            return Vec::new();
        }
        // Whoever asks for the sessions wants the list, and not the comparison that was left there.
        while self.nav.depth() > 0 && self.nav.up() {}
        self.linear.listing = true;
        vec![Effect::LoadSessions]
    }
}

/// Scrolls a pane that has the keys.
fn scroll(pane: &mut Pane, action: Action) {
    let by = match action {
        Action::Up => -1,
        Action::Down => 1,
        Action::PageUp => -pane.page(),
        Action::PageDown => pane.page(),
        Action::HalfUp => -pane.half(),
        Action::HalfDown => pane.half(),
        Action::Top => isize::MIN,
        Action::Bottom => isize::MAX,
        _ => 0,
    };
    pane.scroll(by);
}
