//! Key presses, and macros of them as text: `jj<enter>/priv<enter>`.

pub use crate::config::keys::{Code, Key, KeyError};

/// Reads a macro: characters stand for themselves, `<name>` for a named key, `<lt>` for `<`.
///
/// # Errors
/// When a `<…>` names no key.
pub fn macro_keys(text: &str) -> Result<Vec<Key>, KeyError> {
    let mut keys = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        match (first, after.split_once('>')) {
            ('<', Some(("lt", tail))) => {
                keys.push(Key::char('<'));
                rest = tail;
            }
            ('<', Some((name, tail))) => {
                keys.push(Key::parse(name)?);
                rest = tail;
            }
            _ => {
                keys.push(Key::char(first));
                rest = after;
            }
        }
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_macro_is_read_key_by_key() {
        let keys = macro_keys("j<enter>/a<ctrl-c><lt>").unwrap();
        let wanted = [
            Key::char('j'),
            Key::plain(Code::Enter),
            Key::char('/'),
            Key::char('a'),
            Key::ctrl('c'),
            Key::char('<'),
        ];
        assert_eq!(keys, wanted);
        assert!(macro_keys("<nonsense>").is_err());
    }
}
