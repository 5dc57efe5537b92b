//! What a pointing device can hit on the screen. Whoever draws says where each thing is.

use super::route::View;

/// Something that can be pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointerTarget {
    /// The row at this place of the list.
    Row(usize),
    /// The text pane.
    Text,
    /// What stands beside the text or the list, or over it.
    Side,
    /// A view's tab.
    Tab(View),
    /// The name of the source.
    Source,
    /// The name of the namespace.
    Namespace,
    /// The screen at this depth of the way here.
    Crumb(usize),
    /// The entry at this place of a picker.
    Entry(usize),
}

/// What was done with a pointing device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointer {
    /// The button was pressed on something.
    Click(PointerTarget),
    /// The wheel was turned.
    Wheel {
        /// Towards the user.
        down: bool,
        /// Over what, if over anything.
        over: Option<PointerTarget>,
    },
}
