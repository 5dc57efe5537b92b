//! Text: YAML out (with the line of every field), YAML and JSON in (with the line of every
//! field), and making text from a cluster safe and fit to show.

mod address;
pub mod ascii;
pub mod clean;
pub mod emit;
mod glob;
mod hex;
pub mod locate;
pub mod masking;
pub mod nearest;
mod place;
mod quoted;
pub mod width;
mod words;

pub use address::{is_https, is_ticket};
pub use clean::{clean, is_safe, safe};
pub use glob::{glob_effort, glob_match, set_of, star_match};
pub use hex::hex;
pub use masking::{mask, mask_tree, mask_words};
pub use place::{Places, line_column};
pub(crate) use quoted::double_quoted;
pub use width::{Lean, cut, cut_chars, cut_middle, cut_showing, cut_start, width};
pub use words::{counted, grouped, in_common, noun, of_its_own, times};
