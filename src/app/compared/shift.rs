//! What became of frameworks and their controls, as rows.

use std::sync::Arc;

use crate::app::item::{Item, Section};
use crate::app::list::Row;
use crate::frameworks::{ControlChange, FrameworkChange};

/// A framework of a comparison, or one of its controls.
#[derive(Clone, Debug)]
pub struct FrameworkShift {
    all: Arc<[FrameworkChange]>,
    framework: usize,
    control: usize,
}

impl FrameworkShift {
    /// The framework, or the one of the control.
    #[must_use]
    pub fn framework(&self) -> Option<&FrameworkChange> {
        self.all.get(self.framework)
    }

    /// The control, in a row of one.
    #[must_use]
    pub fn control(&self) -> Option<&ControlChange> {
        self.framework()?.controls.get(self.control)
    }

    /// Id of the framework; empty where there is none.
    #[must_use]
    pub fn id(&self) -> &str {
        self.framework().map_or("", |framework| &framework.id)
    }

    /// Number of the control; empty where there is none.
    #[must_use]
    pub fn number(&self) -> &str {
        self.control().map_or("", |control| &control.id)
    }

    /// How many of the framework's controls have another status; none where one of the runs did not judge it.
    #[must_use]
    pub fn moved(&self) -> Option<usize> {
        let framework = self.framework().filter(|framework| in_both(framework))?;
        Some(framework.controls.iter().filter(|control| control.moved()).count())
    }
}

/// Whether both runs judged a framework: where one did not, each of its controls would be another.
fn in_both(framework: &FrameworkChange) -> bool {
    framework.before.is_some() && framework.after.is_some()
}

/// A row for each framework that either run judged, then one for each control whose status is another.
pub(super) fn rows(all: &Arc<[FrameworkChange]>) -> Vec<Row> {
    if all.is_empty() {
        return Vec::new();
    }
    let shift = |framework, control| FrameworkShift { all: Arc::clone(all), framework, control };
    let mut rows = vec![Row::new(Item::Heading(Section::FrameworkShifts))];
    rows.extend((0..all.len()).map(|at| Row::new(Item::FrameworkShift(shift(at, 0)))));
    rows.push(Row::new(Item::Heading(Section::ControlShifts)));
    let mut none = true;
    for (framework, change) in all.iter().enumerate().filter(|(_, change)| in_both(change)) {
        for (control, _) in change.controls.iter().enumerate().filter(|(_, one)| one.moved()) {
            rows.push(Row::new(Item::ControlShift(shift(framework, control))));
            none = false;
        }
    }
    if none {
        let text = if all.iter().any(in_both) {
            "No control changed its status."
        } else {
            "No framework was judged by both runs."
        };
        rows.push(Row::new(Item::Text(text.into())));
    }
    rows
}
