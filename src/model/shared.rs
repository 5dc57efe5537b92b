//! Texts and paths that many findings repeat, held once: of 200,000 findings, few differ in their
//! check or path. What was read is remembered for a while, by each thread for itself.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::thread::LocalKey;

use serde::Deserializer;
use serde::de::{Error, Visitor};

use super::path::{FieldPath, PathError};

/// Most texts that are remembered; with more, it begins anew.
const MOST: usize = 1024;
/// Longest text that is remembered, in bytes.
const LONGEST: usize = 256;

type Known<T> = RefCell<HashMap<Box<str>, T>>;

thread_local! {
    static TEXTS: Known<Arc<str>> = RefCell::default();
    static PATHS: Known<FieldPath> = RefCell::default();
}

/// Reads a text.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
    let make = |text: &str| remembered(&TEXTS, text, || Ok::<_, PathError>(text.into()));
    deserializer.deserialize_str(Of(make, PhantomData))
}

/// Reads a field path as it is printed.
pub(super) fn path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FieldPath, D::Error> {
    let make = |text: &str| remembered(&PATHS, text, || FieldPath::parse(text));
    deserializer.deserialize_str(Of(make, PhantomData))
}

fn remembered<T: Clone, E>(
    known: &'static LocalKey<Known<T>>,
    text: &str,
    make: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    if let Some(known) = known.with_borrow(|all| all.get(text).cloned()) {
        return Ok(known);
    }
    let made = make()?;
    if text.len() <= LONGEST {
        known.with_borrow_mut(|all| {
            if all.len() >= MOST {
                all.clear();
            }
            all.insert(text.into(), made.clone());
        });
    }
    Ok(made)
}

/// What a text is made into.
struct Of<F, T>(F, PhantomData<T>);

impl<T, E: fmt::Display, F: FnOnce(&str) -> Result<T, E>> Visitor<'_> for Of<F, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<Err: Error>(self, text: &str) -> Result<T, Err> {
        (self.0)(text).map_err(Err::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(
        text: &str,
        with: impl FnOnce(&mut serde_json::Deserializer<serde_json::de::StrRead<'_>>) -> T,
    ) -> T {
        with(&mut serde_json::Deserializer::from_str(text))
    }

    #[test]
    fn what_is_repeated_is_held_once() {
        let [one, other] = [1, 2].map(|_| read("\"a.b[0]\"", |d| path(d)).unwrap());
        assert_eq!(one, FieldPath::parse("a.b[0]").unwrap());
        assert!(Arc::ptr_eq(&one.0, &other.0));
        let [one, other] = ["\"check\"", "\"ch\\u0065ck\""].map(|t| read(t, |d| text(d)).unwrap());
        assert!(Arc::ptr_eq(&one, &other), "{one} {other}");
    }

    #[test]
    fn more_than_is_remembered_reads_as_well() {
        for number in 0..3 * MOST {
            let told = read(&format!("\"a[{number}]\""), |d| path(d)).unwrap();
            assert_eq!(told.to_string(), format!("a[{number}]"));
        }
        assert!(PATHS.with_borrow(HashMap::len) <= MOST);
        let long = "a".repeat(LONGEST + 1);
        assert_eq!(&*read(&format!("\"{long}\""), |d| text(d)).unwrap(), long);
        assert!(TEXTS.with_borrow(|all| !all.contains_key(&*long)));
    }

    #[test]
    fn what_is_no_path_is_refused_each_time() {
        for _ in 0..2 {
            assert!(read("\"a[\"", |d| path(d)).unwrap_err().to_string().contains("character"));
            assert!(read("7", |d| text(d)).is_err());
        }
    }
}
