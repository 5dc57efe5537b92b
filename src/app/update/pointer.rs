//! Clicks and the wheel. They do what keys do, and nothing that keys cannot.

use crate::app::action::Action;
use crate::app::dialog::Popup;
use crate::app::effect::Effect;
use crate::app::pointer::{Pointer, PointerTarget};
use crate::app::state::State;

/// Lines for one turn of the wheel.
const TURN: isize = 3;

impl State {
    pub(super) fn point(&mut self, pointer: Pointer) -> Vec<Effect> {
        self.interrupted = None;
        match pointer {
            Pointer::Click(PointerTarget::Entry(place)) => self.click_entry(place),
            // Whatever lies under a dialog cannot be hit.
            Pointer::Click(_) if !self.popups.is_empty() => Vec::new(),
            Pointer::Click(target) => self.click(target),
            Pointer::Wheel { down, over } => self.wheel(down, over),
        }
    }

    fn click_entry(&mut self, place: usize) -> Vec<Effect> {
        let Some(Popup::Picker(picker)) = self.popups.last_mut() else { return Vec::new() };
        if place >= picker.shown.len() {
            return Vec::new();
        }
        picker.cursor = place;
        self.choose_current()
    }

    fn click(&mut self, target: PointerTarget) -> Vec<Effect> {
        // As Enter would, a click ends the typing of a filter and keeps it.
        self.nav.top_mut().typing = None;
        match target {
            PointerTarget::Row(place) => {
                let route = self.nav.top_mut();
                if route.has_text() {
                    route.pane = 1;
                }
                if route.list.cursor() == place {
                    return self.open();
                }
                route.list.point(place);
                Vec::new()
            }
            PointerTarget::Text | PointerTarget::Side => {
                let route = self.nav.top_mut();
                if route.has_panes() {
                    route.pane = usize::from(target == PointerTarget::Side);
                }
                Vec::new()
            }
            PointerTarget::Tab(view) => self.switch(view),
            PointerTarget::Source => self.act(Action::Context),
            PointerTarget::Namespace => self.act(Action::Namespace),
            PointerTarget::Crumb(depth) => {
                while self.nav.depth() > depth && self.nav.up() {}
                Vec::new()
            }
            PointerTarget::Entry(_) => Vec::new(),
        }
    }

    fn wheel(&mut self, down: bool, over: Option<PointerTarget>) -> Vec<Effect> {
        match self.popups.last_mut() {
            Some(Popup::Picker(picker)) => {
                picker.step(if down { TURN } else { -TURN });
                return self.preview();
            }
            Some(Popup::Help(help)) => {
                help.scroll = help.scroll.saturating_add_signed(if down { TURN } else { -TURN });
                return Vec::new();
            }
            Some(Popup::Form(_)) => return Vec::new(),
            None => {}
        }
        // The wheel turns what it is over; the keys stay where they are.
        let route = self.nav.top_mut();
        if over == Some(PointerTarget::Side) {
            route.side.scroll(if down { TURN } else { -TURN });
            return Vec::new();
        }
        let pane = route.pane;
        if route.has_text() {
            route.pane = match over {
                Some(PointerTarget::Text) => 0,
                Some(PointerTarget::Row(_)) => 1,
                _ => pane,
            };
        }
        for _ in 0..TURN {
            self.move_by(if down { Action::Down } else { Action::Up });
        }
        self.nav.top_mut().pane = pane;
        Vec::new()
    }
}
