//! Every input that was found to matter to a fuzz target, once more: the corpus of tests/fuzz.
//! tests/fuzz.sh looks for new ones.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that meets what it does not expect shall fail"
)]

#[path = "fuzz/src/pack.rs"]
mod pack;
#[path = "fuzz/src/targets.rs"]
mod targets;

use std::panic::catch_unwind;

/// Most inputs of a target: without optimisation some take a quarter of a second.
const MOST: usize = 120;

#[test]
fn no_input_of_the_corpus_does_harm() {
    let mut failed = Vec::new();
    for (name, run) in targets::ALL {
        let inputs = pack::inputs(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!inputs.is_empty(), "{name} has no input");
        let step = inputs.len().div_ceil(MOST);
        for (number, input) in inputs.iter().enumerate().step_by(step) {
            if catch_unwind(|| run(input)).is_err() {
                let shown = String::from_utf8_lossy(input);
                failed.push(format!("{name}, input {number}: {shown:.200}"));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_hostile_cluster_is_shown_harmless_at_every_size() {
    for (width, height) in [(40, 10), (80, 24), (120, 40), (200, 60)] {
        let seen = targets::tour(width, height);
        assert!(seen > 8, "{width}x{height}: {seen} screens");
    }
}
