//! `config.toml`: strict, and whatever is wrong has a line and a column.

mod examine;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use super::context::OfContext;
use crate::handwritten;
use crate::model::mirror::Mirror;
use crate::text::line_column;

/// What a user may set. Every field is optional.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Config {
    /// Theme of the workbench.
    pub theme: Option<String>,
    /// The ground of the terminal, for the theme `auto`.
    pub background: Option<Background>,
    /// ASCII characters only; without it, as the locale says.
    pub ascii: Option<bool>,
    /// Line by line instead of a screen.
    pub plain: bool,
    /// The workbench takes the mouse when it starts.
    pub mouse: bool,
    /// Addresses are links; without it, as the terminal's name suggests.
    pub links: Option<bool>,
    /// The terminal's title says what is assessed.
    pub title: bool,
    /// The name under which decisions are recorded; the system's user name without it.
    pub user: Option<String>,
    /// Opt-in checks that are switched on.
    pub opt_in: Vec<String>,
    /// Pod Security policy version to judge by, `1.31`; the server's own without it.
    pub policy_version: Option<String>,
    /// Directories with checks of one's own.
    pub checks_dirs: Vec<PathBuf>,
    /// Files of decisions that are applied to every run.
    pub decisions: Vec<PathBuf>,
    /// Files of Kubescape exceptions, likewise.
    pub exceptions_kubescape: Vec<PathBuf>,
    /// Tools whose annotations on objects are taken for decisions.
    pub honour_annotations: Vec<String>,
    /// Namespaces that digits choose in the list of namespaces, in their order.
    pub favourites: Vec<String>,
    /// Where images of the platform itself come from besides the registries in which platforms publish.
    pub platform_mirrors: Vec<Mirror>,
    /// What is set of clusters, by context or pattern: `[contexts."prod-*"]`.
    pub contexts: BTreeMap<String, OfContext>,
    /// Parameters of checks: `[params.<check>]`.
    pub params: BTreeMap<String, BTreeMap<String, toml::Value>>,
}

/// What is known of the terminal's ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Background {
    /// It is light.
    Light,
    /// It is dark.
    Dark,
    /// The terminal is asked, even through tmux or screen.
    Ask,
}

/// What is wrong with a configuration file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("{path}: {message}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        message: String,
    },
    /// It says something that means nothing.
    #[error("{path}:{line}:{column}: {message}")]
    Wrong {
        /// The file.
        path: String,
        /// From 1.
        line: u32,
        /// From 1.
        column: u32,
        /// What is wrong.
        message: String,
    },
}

impl ConfigError {
    fn wrong(path: &str, (line, column): (u32, u32), message: String) -> Self {
        Self::Wrong { path: path.to_owned(), line, column, message }
    }

    /// Reads a TOML file's text, strictly.
    ///
    /// # Errors
    /// With the line and column of what means nothing.
    pub fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, Self> {
        toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let path = path.display().to_string();
            Self::wrong(&path, line_column(text, at), error.message().to_owned())
        })
    }

    /// What is wrong with the value that these keys of a text lead to.
    #[must_use]
    pub fn in_text(path: &str, text: &str, keys: &[&str], message: String) -> Self {
        Self::wrong(path, place(text, keys), message)
    }

    /// What is wrong with the value that these keys of a file lead to. The file is read again to
    /// find the place; without it, the first line has to do.
    #[must_use]
    pub fn at(path: &Path, keys: &[&str], message: String) -> Self {
        let text = handwritten::found(path).unwrap_or_default();
        Self::wrong(&path.display().to_string(), place(&text, keys), message)
    }
}

/// Line and column, from 1, of the last of these keys that stands in a text.
fn place(text: &str, keys: &[&str]) -> (u32, u32) {
    let Ok(root) = DeTable::parse(text) else { return (1, 1) };
    let mut table = root.get_ref();
    let mut at = 0;
    for key in keys {
        let Some((name, value)) = table.iter().find(|(k, _)| k.get_ref() == key) else { break };
        at = name.span().start;
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => break,
        }
    }
    line_column(text, at)
}

/// The file that `plimsoll config init` writes: everything commented out at its default.
pub const SAMPLE: &str = "\
# Configuration of Plimsoll. Every line is optional; what stands here commented out is the default.

# Theme of the workbench: terminal, dark, light, high-contrast, deuteranopia, tritanopia, mono,
# or the name of a file in the themes directory beside this file. auto is light or dark, as the
# terminal's ground is.
#theme = \"terminal\"

# The ground, for the theme auto: light, dark, or ask. Without it the terminal is asked, but not
# inside tmux or screen, which answer for another terminal; where nobody answers within 100 ms, the
# theme is terminal. ask asks there too.
#background = \"ask\"

# Line by line instead of a screen, as with --plain: for screen readers.
#plain = false

# Take the mouse: wheel, rows, tabs and the way here can be clicked, and the terminal selects text
# with Shift only. The key T takes it and gives it back.
#mouse = false

# Addresses as links. Without it they are, except on terminals known to write the marks out.
#links = true

# Say in the terminal's title what is assessed; the title before comes back at the end.
#title = false

# ASCII characters only: no box drawing, no signs outside ASCII, on the screen and in reports.
# Without it, as the locale says.
#ascii = false

# The name under which your decisions are recorded. Without it, the system's user name.
#user = \"Ada Lovelace\"

# Opt-in checks to switch on.
#opt-in = []

# Pod Security policy version to judge by, such as \"1.31\". Without it, the server's own.
#policy-version = \"1.35\"

# Directories with checks of your own, in the same format as the built-in ones.
#checks-dirs = []

# Files of decisions to apply to every run; docs/triage.md explains the format.
#decisions = []

# Files of Kubescape exceptions to apply to every run.
#exceptions-kubescape = []

# Tools whose annotations on objects are taken for decisions: kube-linter, polaris, checkov,
# kubescape. Whoever may write an object may write its annotations.
#honour-annotations = []

# Namespaces that the digits 1 to 9 choose in the list of namespaces (n). Those that you chose last and
# those with the worst findings take the digits that are left.
#favourites = []

# Registries of your own from which clusters take the images of the platform itself (CoreDNS, kube-proxy,
# static pods and so on), each with whole segments of a path. What comes from there and is called as the
# platform's is, in the same namespace and under the same name, does not count as yours. docs/platform.md has
# the rules.
#platform-mirrors = []

# Clusters that must not be mistaken for another, by context or pattern: a label in the header, and
# how loud it is (danger, caution, calm).
#[contexts.\"prod-*\"]
#label = \"PRODUCTION\"
#tone = \"danger\"
# Mirrors of these clusters, in the place of those above.
#platform-mirrors = [\"mirror.example.com/k8s\"]

# Parameters of checks; `plimsoll checks show ID` lists them with their defaults.
#[params.projected-token-lifetime-excessive]
#max_token_seconds = 3607

# Days after which a result of another tool counts no more.
#[params.imports]
#max-age = 30
";

impl Config {
    /// Reads a text.
    ///
    /// # Errors
    /// With the line and column of what means nothing.
    pub fn parse(path: &str, text: &str) -> Result<Self, ConfigError> {
        let config: Self = ConfigError::parse(Path::new(path), text)?;
        config.sound(path, text).map(|()| config)
    }

    /// Refuses what no type can refuse.
    fn sound(&self, path: &str, text: &str) -> Result<(), ConfigError> {
        match &self.policy_version {
            Some(version) if minor(version).is_none() => {
                let message = format!("policy-version: `{version}` is no version such as 1.31");
                Err(ConfigError::wrong(path, place(text, &["policy-version"]), message))
            }
            _ => Ok(()),
        }
    }

    /// Reads a file. A file that does not exist is all defaults, unless the user named it.
    ///
    /// # Errors
    /// When the file cannot be read or says something that means nothing.
    pub fn load(path: &Path, named: bool) -> Result<Self, ConfigError> {
        Self::parse(&path.display().to_string(), &read(path, named)?)
    }

    /// The same, with everything that is wrong: what is right of it holds all the same, so that the rest can be
    /// looked at by it.
    #[must_use]
    pub fn examined(path: &Path, named: bool) -> (Self, Vec<ConfigError>) {
        match read(path, named) {
            Ok(text) => examine::examine(&path.display().to_string(), &text),
            Err(error) => (Self::default(), vec![error]),
        }
    }

    /// The policy version as a minor number.
    #[must_use]
    pub fn policy_minor(&self) -> Option<u32> {
        self.policy_version.as_deref().and_then(minor)
    }
}

/// The text of a file; of one that does not exist, unless the user named it, an empty one.
fn read(path: &Path, named: bool) -> Result<String, ConfigError> {
    let read = if named {
        handwritten::named(path, handwritten::LARGEST)
    } else {
        handwritten::found(path)
    };
    read.or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound if !named => Ok(String::new()),
        _ => Err(ConfigError::Io { path: path.display().to_string(), message: error.to_string() }),
    })
}

/// `31` of `1.31` or `v1.31.2`.
#[must_use]
pub fn minor(version: &str) -> Option<u32> {
    let rest = version.trim_start_matches('v').strip_prefix("1.")?;
    rest.split('.').next()?.parse().ok()
}

/// Where files of the user are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dirs {
    /// `config.toml`, `keys.toml`, `themes/`, `checks/`, `profiles/`.
    pub config: PathBuf,
    /// `sessions/`.
    pub data: PathBuf,
}

impl Dirs {
    /// From `$PLIMSOLL_CONFIG_DIR` and `$PLIMSOLL_DATA_DIR` as given, else the system's usual
    /// places; none when the user has no home directory.
    #[must_use]
    pub fn find(config: Option<PathBuf>, data: Option<PathBuf>) -> Option<Self> {
        // A home that is no absolute path would be one of the working directory.
        let absolute = |d: &directories::ProjectDirs| {
            d.config_dir().is_absolute() && d.data_dir().is_absolute()
        };
        let usual = directories::ProjectDirs::from("", "", "plimsoll").filter(absolute);
        let usual_config = usual.as_ref().map(|d| d.config_dir().to_owned());
        let usual_data = usual.as_ref().map(|d| d.data_dir().to_owned());
        Some(Self { config: config.or(usual_config)?, data: data.or(usual_data)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_all_defaults_with_and_without_its_comment_signs() {
        assert_eq!(Config::parse("s", SAMPLE), Ok(Config::default()));
        let uncommented: String = SAMPLE
            .lines()
            .map(|l| l.strip_prefix('#').filter(|l| !l.starts_with(' ')).unwrap_or(l))
            .flat_map(|l| [l, "\n"])
            .collect();
        let config = Config::parse("s", &uncommented).unwrap();
        assert_eq!(config.theme.as_deref(), Some("terminal"));
        assert_eq!(config.policy_minor(), Some(35));
        assert_eq!((config.background, config.links), (Some(Background::Ask), Some(true)));
        assert!(!config.mouse && !config.plain && !config.title);
        assert_eq!(config.params.len(), 2);
        let own = config.contexts["prod-*"].platform_mirrors.as_deref().unwrap();
        assert_eq!((config.platform_mirrors.len(), own[0].as_str()), (0, "mirror.example.com/k8s"));
    }

    #[test]
    fn what_means_nothing_has_a_place() {
        let error = Config::parse("c.toml", "ascii = true\n  thema = \"x\"\n").unwrap_err();
        assert!(error.to_string().starts_with("c.toml:2:3: "), "{error}");
        let error = Config::parse("c.toml", "\npolicy-version = \"new\"\n").unwrap_err();
        assert!(error.to_string().starts_with("c.toml:2:1: "), "{error}");
    }

    #[test]
    fn a_key_is_found_however_it_is_written() {
        assert_eq!(place("[[", &["params"]), (1, 1), "no TOML");
        let text = "a = 1\n[params.x]\n  limit = 3\n[params.y]\nz = 4\n";
        assert_eq!(place(text, &["params", "x", "limit"]), (3, 3));
        assert_eq!(place(text, &["params", "y"]), (4, 9));
        assert_eq!(place(text, &["params", "y", "none"]), (4, 9));
        assert_eq!(place("params = { x = { limit = 1 } }", &["params", "x", "limit"]), (1, 18));
    }
}
