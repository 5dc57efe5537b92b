//! What an evaluation may cost. A rule's steps are counted, so that none runs for ever; it may take
//! more where there is more to look at.

use crate::model::node::Node;

use super::eval::Frame;
use super::scope::Var;
use super::value::{EvalError, Failure, Val};

/// Steps one evaluation may take; memory it makes is charged as steps.
pub const FUEL: u32 = 1_000_000;

/// Steps that a rule may take besides for each object of its lists.
const FUEL_PER_OBJECT: usize = 400;

/// Steps that a rule may take besides for each byte of text in its object, so that a long script
/// can be looked at word by word.
const FUEL_PER_BYTE: usize = 100;

/// Most of these steps: as many as the largest text takes that an API server holds (1.5 MiB in etcd).
/// A manifest can be larger; then such a rule has an error, within seconds.
const MOST_FOR_BYTES: usize = 200_000_000;

impl Frame<'_> {
    /// Makes room for a look at every one of so many listed objects.
    pub fn allow(&mut self, objects: usize) {
        let more = u32::try_from(objects.saturating_mul(FUEL_PER_OBJECT)).unwrap_or(u32::MAX);
        self.budget = FUEL.saturating_add(more);
    }

    /// Fills up the budget.
    pub(super) fn refuel(&mut self) {
        self.spent = self.spent.saturating_add(self.in_use());
        self.fuel = self.budget;
        self.granted = self.budget;
        self.raised = false;
    }

    /// Steps taken since this was last asked.
    pub fn take_spent(&mut self) -> u64 {
        let spent = std::mem::take(&mut self.spent).saturating_add(self.in_use());
        self.granted = self.fuel;
        spent
    }

    /// Steps taken since [`Self::take_spent`] was last asked, which goes on counting them.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.spent.saturating_add(self.in_use())
    }

    /// Steps taken of the budget at hand.
    fn in_use(&self) -> u64 {
        u64::from(self.granted.saturating_sub(self.fuel))
    }

    /// Whether no evaluation since this was last asked took more than what every object allows:
    /// if one did, what it came to may hang on the size of the object.
    pub fn at_ease(&mut self) -> bool {
        !std::mem::take(&mut self.strained)
    }

    /// What is left when the budget is used up: an object that is large may take more steps.
    #[cold]
    pub(super) fn raise(&mut self) {
        if !self.raised {
            self.raised = true;
            self.strained = true;
            let text = text_in(&self.get(Var::Object)).saturating_mul(FUEL_PER_BYTE);
            let text = text.min(MOST_FOR_BYTES);
            let text = u32::try_from(text).unwrap_or(u32::MAX);
            self.fuel = self.fuel.saturating_add(text);
            self.granted = self.granted.saturating_add(text);
        }
    }

    /// Takes steps off the budget.
    ///
    /// # Errors
    /// When none are left.
    pub(super) fn charge(&mut self, steps: usize, at: u32) -> Result<(), EvalError> {
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        if steps > self.fuel {
            self.raise();
        }
        let left = self.fuel.checked_sub(steps);
        self.fuel = left.unwrap_or(0);
        left.map(|_| ()).ok_or_else(|| EvalError::new(Failure::TooExpensive, at))
    }
}

/// Bytes of text in a value of a tree.
fn text_in(value: &Val<'_>) -> usize {
    let mut bytes = 0_usize;
    let mut stack: Vec<&Node> = match value {
        Val::Map(map) => map.iter().map(|(_, node)| node).collect(),
        _ => Vec::new(),
    };
    while let Some(node) = stack.pop() {
        match node {
            Node::Str(text) => bytes = bytes.saturating_add(text.len()),
            Node::List(items) => stack.extend(items.iter()),
            Node::Map(map) => stack.extend(map.iter().map(|(_, node)| node)),
            _ => {}
        }
    }
    bytes
}
