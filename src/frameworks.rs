//! Frameworks: standards and their controls, which of them fit a cluster, and what a run of checks
//! says of each control.

pub mod change;
pub mod fit;
pub mod fleet;
pub mod judge;
mod lint;
pub mod range;
pub mod schema;
mod serving;
pub mod set;
pub mod status;
pub mod tenant;

pub use change::{ControlChange, FrameworkChange, changes};
pub use fit::{Cluster, NotJudged, Pick, Wanted};
pub use judge::{
    Bench, CheckState, ControlCheck, ControlResult, FrameworkResult, ImportVerdict, Imported,
    JudgeInput, Judgement, judge,
};
pub use schema::{Assessment, Control, Framework, FrameworkKind, Mapping, Strength};
pub use serving::Serving;
pub use set::Set;
pub use status::{Counts, Score, Status};
