//! Where the things are that can be pointed at.

use ratatui::layout::Rect;

use crate::app::pointer::PointerTarget;

/// Where the things of a frame are that can be pointed at; later ones lie over earlier ones.
#[derive(Clone, Debug, Default)]
pub struct Targets(Vec<(Rect, PointerTarget)>);

impl Targets {
    /// What is at a column and a row.
    #[must_use]
    pub fn at(&self, x: u16, y: u16) -> Option<PointerTarget> {
        let hit = self.0.iter().rev().find(|(area, _)| area.contains((x, y).into()));
        hit.map(|(_, target)| *target)
    }

    /// Where a target is.
    #[must_use]
    pub fn place_of(&self, target: PointerTarget) -> Option<Rect> {
        self.0.iter().find(|(_, found)| *found == target).map(|(area, _)| *area)
    }

    pub(super) fn add(&mut self, area: Rect, target: PointerTarget) {
        self.0.push((area, target));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
