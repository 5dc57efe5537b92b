//! What is fuzzed: for each parser a function that takes any bytes and must neither panic nor run
//! on, and that holds what has to be true of whatever comes out.
//!
//! The same file is part of the package that fuzzes (`tests/fuzz`) and of the test that replays the
//! corpus (`tests/corpus.rs`).

mod files;
mod inside;
mod rules;
mod served;
mod sessions;
mod shown;
mod workbench;

#[allow(unused_imports, reason = "the fuzzer finds its own way")]
pub use workbench::tour;

/// A fuzz target: its name, which is also that of its corpus, and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const ALL: &[Target] = &[
    ("manifests", files::manifests),
    ("check", files::check),
    ("framework", files::framework),
    ("settings", files::settings),
    ("decisions", files::decisions),
    ("imports", files::imports),
    ("cel", rules::cel),
    ("certificate", inside::certificate),
    ("managed", inside::managed),
    ("arguments", inside::arguments),
    ("annotations", inside::annotations),
    ("page", served::page),
    ("binary", served::binary),
    ("answers", served::answers),
    ("kubeconfig", served::kubeconfig),
    ("snapshot", sessions::snapshot),
    ("journal", sessions::journal),
    ("run", sessions::run),
    ("bundle", sessions::bundle),
    ("yaml", shown::yaml),
    ("text", shown::text),
    ("masks", shown::masks),
    ("redact", shown::redacted),
    ("words", shown::words),
    ("selection", shown::selection),
    ("workbench", workbench::events),
];

/// The target of that name.
#[must_use]
#[allow(dead_code, reason = "the corpus test goes through all of them")]
pub fn named(name: &str) -> Option<fn(&[u8])> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, run)| *run)
}

/// The input as text. What is no UTF-8 is refused by whoever reads files, before any parser.
fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// What is held of an input, in bytes of text, must be in proportion to it: a small file must not fill the
/// memory. `free` is what aliases, or what every inventory has, may come to whatever the input.
#[track_caller]
fn bounded(held: usize, input: usize, free: usize) {
    assert!(held <= free + 256 * input, "{held} bytes are held of {input}");
}

/// How much text the objects of an inventory stand for, each alias written out.
fn held(inventory: &plimsoll::model::inventory::Inventory) -> usize {
    inventory.objects().map(|object| object.body().json_size()).sum()
}

/// A line of words that a person reads: nothing in it moves a cursor or turns the direction.
#[track_caller]
fn harmless(words: &str) {
    for c in words.chars() {
        assert!(plimsoll::text::is_safe(c), "U+{:04X} in {words:?}", u32::from(c));
    }
}
