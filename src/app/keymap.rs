//! Which key means what in which mode: a table. A mode inherits the modes below it, and no key has
//! two meanings in one mode.

mod defaults;

use super::action::Action;
use super::key::{Code, Key};
use crate::config::keys::{KeyFile, KeyFileError};
use defaults::DEFAULTS;

/// What the keys work on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyMode {
    /// Everywhere but in inputs.
    Global,
    /// Moving about, in every list and text.
    Motion,
    /// Every screen of the workbench, outside dialogs.
    Screen,
    /// Lists.
    List,
    /// The matrix of attack techniques.
    Matrix,
    /// Lists of findings.
    Findings,
    /// Lists of who may do what.
    Access,
    /// One finding.
    Finding,
    /// One object, or another text.
    Text,
    /// A text in which something was searched.
    Search,
    /// After the key of `go-to`: a letter for each view.
    GoTo,
    /// Pickers and the help.
    Popup,
}

impl KeyMode {
    /// All of them, in the order of the help.
    pub const ALL: [Self; 12] = [
        Self::Matrix,
        Self::Findings,
        Self::Access,
        Self::Finding,
        Self::Text,
        Self::Search,
        Self::List,
        Self::Screen,
        Self::Motion,
        Self::GoTo,
        Self::Popup,
        Self::Global,
    ];

    /// Its name in `keys.toml`, and its heading in the help.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Motion => "motion",
            Self::Screen => "screen",
            Self::List => "list",
            Self::Matrix => "matrix",
            Self::Findings => "findings",
            Self::Access => "access",
            Self::Finding => "finding",
            Self::Text => "text",
            Self::Search => "search",
            Self::GoTo => "go-to",
            Self::Popup => "popup",
        }
    }

    /// The mode and those it inherits.
    #[must_use]
    pub fn chain(self) -> &'static [Self] {
        use KeyMode::{
            Access, Finding, Findings, Global, GoTo, List, Matrix, Motion, Popup, Screen, Search,
            Text,
        };
        match self {
            Global => &[Global],
            Motion => &[Motion, Global],
            Screen => &[Screen, Motion, Global],
            List => &[List, Screen, Motion, Global],
            Matrix => &[Matrix, List, Screen, Motion, Global],
            Findings => &[Findings, List, Screen, Motion, Global],
            Access => &[Access, List, Screen, Motion, Global],
            Finding => &[Finding, Text, Screen, Motion, Global],
            Text => &[Text, Screen, Motion, Global],
            Search => &[Search, Motion, Global],
            GoTo => &[GoTo],
            Popup => &[Popup],
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyBinding {
    /// In which mode.
    pub mode: KeyMode,
    /// Which key.
    pub key: Key,
    /// What it means.
    pub action: Action,
}

/// A key with two meanings in one mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyConflict {
    /// The mode.
    pub mode: KeyMode,
    /// The key.
    pub key: Key,
    /// What it means.
    pub first: Action,
    /// What it means as well.
    pub second: Action,
}

/// The keys in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<KeyBinding>,
    /// Sentences name commands instead of keys.
    by_name: bool,
}

impl Default for Keymap {
    fn default() -> Self {
        let bindings = DEFAULTS
            .iter()
            .flat_map(|(mode, keys, action)| {
                keys.split(' ').filter_map(|text| {
                    let key = Key::parse(text).ok()?;
                    Some(KeyBinding { mode: *mode, key, action: *action })
                })
            })
            .collect();
        Self { bindings, by_name: false }
    }
}

impl Keymap {
    /// The defaults, changed as a key file says. An entry replaces the keys that its action has in
    /// that mode.
    ///
    /// # Errors
    /// Every unknown mode or action, every key with two meanings, and a `quit` without a key, each
    /// with line and column.
    pub fn with(file: &KeyFile) -> Result<Self, Vec<KeyFileError>> {
        let mut map = Self::default();
        let mut errors = Vec::new();
        for entry in &file.entries {
            let mode = KeyMode::ALL.into_iter().find(|m| m.name() == entry.mode);
            match (mode, Action::parse(&entry.action)) {
                (None, _) => errors.push(entry.error(format!(
                    "there is no mode `{}`; the modes are {}",
                    entry.mode,
                    KeyMode::ALL.map(KeyMode::name).join(", ")
                ))),
                (_, None) => {
                    errors.push(entry.error(format!("there is no action `{}`", entry.action)));
                }
                (Some(mode), Some(action)) => {
                    errors.extend(entry.keys.iter().filter_map(|key| {
                        reserved(mode, *key).map(|why| entry.error(format!("`{key}` {why}")))
                    }));
                    map.bindings.retain(|b| b.mode != mode || b.action != action);
                    let keys = entry.keys.iter();
                    map.bindings.extend(keys.map(|key| KeyBinding { mode, key: *key, action }));
                }
            }
        }
        if map.any_key(Action::Quit).is_none() {
            let entry = file.entries.iter().find(|e| e.action == Action::Quit.doc().name);
            let text = "`quit` needs at least one key";
            errors.extend(entry.map(|e| e.error(text.to_owned())));
        }
        for KeyConflict { mode, key, first, second } in map.conflicts() {
            let entry = file.entries.iter().find(|e| {
                e.keys.contains(&key)
                    && (e.action == first.doc().name || e.action == second.doc().name)
            });
            let text = format!(
                "`{key}` means both `{}` and `{}` in mode {}",
                first.doc().name,
                second.doc().name,
                mode.name()
            );
            errors.push(
                entry.map_or_else(
                    || KeyFileError::at(0, 0, text.clone()),
                    |e| e.error(text.clone()),
                ),
            );
        }
        if errors.is_empty() { Ok(map) } else { Err(errors) }
    }

    /// Keys with two meanings in one mode.
    #[must_use]
    pub fn conflicts(&self) -> Vec<KeyConflict> {
        let mut found: Vec<KeyConflict> = Vec::new();
        for mode in KeyMode::ALL {
            let seen: Vec<&KeyBinding> = self.of(mode).collect();
            for (at, one) in seen.iter().enumerate() {
                for other in seen.iter().skip(at + 1) {
                    let KeyBinding { mode, key, action } = **one;
                    let known = found.iter().any(|f| f.key == key && f.first == action);
                    if key == other.key && action != other.action && !known {
                        found.push(KeyConflict { mode, key, first: action, second: other.action });
                    }
                }
            }
        }
        found
    }

    /// The bindings that work in a mode, its own first.
    pub fn of(&self, mode: KeyMode) -> impl Iterator<Item = &KeyBinding> {
        let chain = mode.chain();
        chain.iter().flat_map(|m| self.bindings.iter().filter(move |b| b.mode == *m))
    }

    /// What a key means in a mode.
    #[must_use]
    pub fn action(&self, mode: KeyMode, key: Key) -> Option<Action> {
        self.of(mode).find(|b| b.key == key).map(|b| b.action)
    }

    /// What a key means on screens of other modes.
    #[must_use]
    pub fn elsewhere(&self, key: Key) -> Option<Action> {
        let apart = [KeyMode::GoTo, KeyMode::Popup];
        let mut others = self.bindings.iter().filter(|b| !apart.contains(&b.mode));
        others.find(|b| b.key == key).map(|b| b.action)
    }

    /// The keys of an action in a mode, in the order of the table.
    #[must_use]
    pub fn keys(&self, mode: KeyMode, action: Action) -> Vec<Key> {
        self.of(mode).filter(|b| b.action == action).map(|b| b.key).collect()
    }

    /// The same keys, for a workbench that is told in lines where `plain`: sentences name commands there.
    #[must_use]
    pub fn for_lines(self, plain: bool) -> Self {
        Self { by_name: plain, ..self }
    }

    /// The key of an action as a sentence names it; one without a key is a command.
    #[must_use]
    pub fn told(&self, action: Action) -> String {
        if self.by_name {
            return action.doc().name.to_owned();
        }
        self.any_key(action).map_or_else(|| format!(":{}", action.doc().name), |k| k.to_string())
    }

    /// The first key of an action, in whichever mode it has one.
    #[must_use]
    pub fn any_key(&self, action: Action) -> Option<Key> {
        self.bindings.iter().find(|b| b.action == action).map(|b| b.key)
    }
}

/// Why a key cannot be bound in a mode.
fn reserved(mode: KeyMode, key: Key) -> Option<&'static str> {
    if key == Key::ctrl('c') {
        return Some("always leaves the program, so it cannot be bound");
    }
    if key == Key::ctrl('z') {
        return Some("always goes back to the shell, so it cannot be bound");
    }
    let letter = matches!(key.code, Code::Char(_)) && !key.ctrl && !key.alt;
    (letter && mode == KeyMode::Popup).then_some("is typed in dialogs, so it cannot be bound there")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_has_two_meanings_in_one_mode() {
        assert_eq!(Keymap::default().conflicts(), []);
    }

    #[test]
    fn every_default_is_a_key() {
        let wanted: usize = DEFAULTS.iter().map(|(_, keys, _)| keys.split(' ').count()).sum();
        assert_eq!(Keymap::default().bindings.len(), wanted);
    }

    #[test]
    fn nothing_that_terminals_or_multiplexers_take_is_bound() {
        let map = Keymap::default();
        for binding in &map.bindings {
            let taken = ['a', 'h', 'j', 'k', 'l', 's', 'q', 'z'].map(Key::ctrl);
            assert!(!taken.contains(&binding.key), "{}", binding.key);
            // A multiplexer that takes ctrl-b leaves page-up, which does the same.
            if binding.key == Key::ctrl('b') {
                assert!(map.keys(binding.mode, binding.action).len() > 1);
            }
            assert!(!binding.key.alt, "{}", binding.key);
            assert!(!matches!(binding.key.code, super::super::key::Code::F(_)));
        }
    }

    #[test]
    fn a_key_file_moves_keys_and_its_mistakes_are_named_with_their_line() {
        let file = KeyFile::parse("[screen]\nrun = \"Q\"\n").unwrap();
        let map = Keymap::with(&file).unwrap();
        assert_eq!(map.action(KeyMode::List, Key::char('Q')), Some(Action::Run));
        assert_eq!(map.action(KeyMode::List, Key::char('r')), None);

        let file =
            KeyFile::parse("[screen]\nrun = \"n\"\nfly = \"F\"\n[sky]\nrun = \"X\"\n").unwrap();
        let errors: Vec<String> =
            Keymap::with(&file).unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(errors.len(), 3, "{errors:?}");
        assert!(errors.iter().any(|e| e.starts_with("line 3") && e.contains("fly")), "{errors:?}");
        assert!(errors.iter().any(|e| e.contains("no mode `sky`")), "{errors:?}");
        assert!(errors.iter().any(|e| e.starts_with("line 2") && e.contains("both")), "{errors:?}");
    }

    fn said(text: &str) -> Vec<String> {
        let file = KeyFile::parse(text).unwrap();
        Keymap::with(&file).err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_last_key_to_leave_by_stays_and_no_key_is_bound_in_vain() {
        assert!(said("[global]\nquit = []\n")[0].contains("`quit` needs at least one key"));
        // Another mode may have it instead.
        assert_eq!(said("[global]\nquit = []\n[screen]\nquit = \"Q\"\n"), Vec::<String>::new());
        // A key of `quit` may not be taken by a mode above, where it would mean both.
        assert!(said("[list]\nmark = \"q\"\n")[0].contains("means both"));
        for (text, part) in [
            ("[screen]\nrun = \"ctrl-c\"\n", "always leaves"),
            ("[list]\nmark = \"ctrl-z\"\n", "always goes back to the shell"),
            ("[popup]\ndown = \"j\"\n", "is typed in dialogs"),
        ] {
            let said = said(text);
            assert!(said.len() == 1 && said[0].starts_with("line 2"), "{said:?}");
            assert!(said[0].contains(part), "{said:?}");
        }
        assert_eq!(said("[popup]\ndown = \"ctrl-n\"\n"), Vec::<String>::new());
    }
}
