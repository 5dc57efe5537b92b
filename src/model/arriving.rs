//! What is known of objects before they are read: enough for a row, nothing for a verdict.

/// An object of a long list that is under way, as the server's table tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arriving {
    /// None where the table is about more than one namespace: it does not say which.
    pub namespace: Option<Box<str>>,
    /// The object's name.
    pub name: Box<str>,
    /// The other cells that a table shows first, with spaces between: `2/2 Running 0 3d`.
    pub state: Box<str>,
}
