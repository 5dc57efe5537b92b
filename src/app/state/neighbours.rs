//! The findings beside the one that is open.

use std::sync::Arc;

use crate::app::item::Item;
use crate::app::route::{Route, Screen};
use crate::app::state::State;
use crate::frameworks::Strength;
use crate::model::finding::Finding;

impl State {
    /// Where an open finding stands among its neighbours: its place from 1, and how many there are.
    #[must_use]
    pub fn place_of_finding(&self) -> Option<(usize, usize)> {
        let Screen::Finding(print) = &self.nav.top().screen else { return None };
        let all = self.neighbours();
        let at = all.iter().position(|f| *f.fingerprint == **print)?;
        Some((at + 1, all.len()))
    }

    /// The findings that `[` and `]` go through: those of the list below, or else all.
    #[must_use]
    pub fn neighbours(&self) -> Vec<&Arc<Finding>> {
        let depth = self.nav.depth();
        let below = self.nav.path().nth(depth.saturating_sub(1)).filter(|_| depth > 0);
        let decides = self.deciding(below);
        let listed: Vec<&Arc<Finding>> = below
            .into_iter()
            .flat_map(|route| route.list.shown())
            .filter_map(|row| match &row.item {
                Item::Finding(finding) => Some(finding),
                Item::Foreseen(foreseen) => self.data.finding(&foreseen.finding.fingerprint),
                _ => None,
            })
            .filter(|finding| decides.as_ref().is_none_or(|ids| ids.contains(&&*finding.check)))
            .collect();
        if listed.is_empty() { self.data.index.findings.iter().collect() } else { listed }
    }

    /// The checks that decide the control whose page lies below the finding on top, if that is of one
    /// of them: those that only support it are no reason for what became of it.
    fn deciding(&self, below: Option<&Route>) -> Option<Vec<&str>> {
        let Screen::Control { framework, id } = &below?.screen else { return None };
        let Screen::Finding(print) = &self.nav.top().screen else { return None };
        let (control, _) = self.data.control(framework, id)?;
        let deciding = control.checks.iter().filter(|m| m.strength != Strength::Supporting);
        let ids: Vec<&str> = deciding.map(|mapping| mapping.id.as_str()).collect();
        let check = &self.data.finding(print)?.check;
        ids.contains(&&**check).then_some(ids)
    }
}
