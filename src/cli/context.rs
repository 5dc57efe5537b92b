//! What every command needs: configuration, checks, frameworks, places, the terminal.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{ColorWhen, GlobalArgs};
use super::{CommandError, open, output, tint};
use crate::assess::library::{self, no_check};
use crate::assess::mirrors::Mirrors;
use crate::assess::{Content, MAX_IMPORT_AGE};
use crate::checks::{Library, Params};
use crate::config::context::label;
use crate::config::file::{Config, ConfigError, Dirs};
use crate::frameworks::Set;
use crate::handwritten;
use crate::model::inventory::{Problem, SourceInfo};
use crate::model::node::Node;
use crate::report::Format;
use crate::session::SessionStore;
use crate::term::account;
use crate::term::caps::{self, Caps, ColorChoice, ColorDepth};
use crate::triage::annotations::Tool;

/// What every command needs.
#[allow(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
pub struct CommandContext {
    /// The configuration.
    pub config: Config,
    /// Where files of the user are.
    pub dirs: Dirs,
    /// Checks and frameworks.
    pub content: Content,
    /// What the terminal can do.
    pub caps: Caps,
    /// ASCII characters only: on the screen, and in what is printed for people.
    pub ascii: bool,
    /// The user asked for that, so that it holds for reports in every format: a locale alone says
    /// only what a terminal shows.
    pub ascii_everywhere: bool,
    /// Line by line: nothing aligned, drawn over or moving.
    pub plain: bool,
    /// Tables that are printed have colours.
    pub tints: bool,
}

impl CommandContext {
    /// Reads the configuration, the checks and the frameworks. Broken check and framework files
    /// are reported and do not stop anything.
    ///
    /// # Errors
    /// When the configuration is broken, or there is no place for it.
    pub fn load(global: &GlobalArgs) -> Result<Self, CommandError> {
        let dirs = dirs()?;
        let path = config_path(global, &dirs);
        let waits = global.config.as_deref().and_then(open::awaited);
        let config = Config::load(&path, global.config.is_some())
            .map_err(|e| CommandError::Usage(e.to_string()))?;
        drop(waits);
        let (content, wrong) = content(&config, &path, &dirs, &global.checks_dir);
        if !wrong.is_empty() {
            return Err(CommandError::usage(wrong));
        }
        let choice = match global.color {
            ColorWhen::Auto => ColorChoice::Auto,
            ColorWhen::Always => ColorChoice::Always,
            ColorWhen::Never => ColorChoice::Never,
            ColorWhen::Sixteen => ColorChoice::Depth(ColorDepth::Ansi16),
            ColorWhen::Many => ColorChoice::Depth(ColorDepth::Ansi256),
            ColorWhen::Truecolor => ColorChoice::Depth(ColorDepth::True),
        };
        let caps = caps::detect(choice, &|name| std::env::var(name).unwrap_or_default());
        let var = |name: &str| std::env::var(name).unwrap_or_default();
        let asked = if global.no_ascii {
            Some(false)
        } else {
            global.ascii.then_some(true).or(config.ascii)
        };
        let ascii = asked.unwrap_or_else(|| caps::ascii_locale(&var));
        let terminal = std::io::stdout().is_terminal();
        let plain = global.plain || config.plain || caps.dumb && terminal;
        let tints = !plain && tint::wanted(choice, caps.depth, terminal);
        output::set_plain(plain);
        let ascii_everywhere = asked == Some(true);
        Ok(Self { config, dirs, content, caps, ascii, ascii_everywhere, plain, tints })
    }

    /// Saved sessions.
    #[must_use]
    pub fn store(&self) -> SessionStore {
        SessionStore::new(&self.dirs.data)
    }

    /// What the user calls the cluster that objects came from; none for what is no context, or has no
    /// label.
    #[must_use]
    pub fn environment(&self, source: &SourceInfo) -> Option<&str> {
        label(&self.config.contexts, source.context.as_deref()?)
    }

    /// The name under which decisions are recorded.
    #[must_use]
    pub fn user(&self) -> String {
        let var = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        account::name(self.config.user.as_deref(), var)
    }

    /// A report as it is delivered: in ASCII where that was asked for, or where the locale knows nothing
    /// else and a person reads it.
    #[must_use]
    pub fn told(&self, text: String, format: Format) -> String {
        if self.ascii_everywhere || self.ascii && format == Format::Table {
            format.in_ascii(text)
        } else {
            text
        }
    }

    /// The same, with its severities in colour where it is a table that is printed and colour is on.
    #[must_use]
    pub fn shown(&self, text: String, format: Format, file: Option<&Path>) -> String {
        let told = self.told(text, format);
        let tinted = self.tints && format == Format::Table && file.is_none();
        if tinted { tint::severities(&told) } else { told }
    }

    /// The name that a command gives, or else the one under which decisions are recorded.
    #[must_use]
    pub fn by(&self, given: Option<&str>) -> String {
        let given = given.map(str::trim).filter(|name| !name.is_empty());
        given.map_or_else(|| self.user(), str::to_owned)
    }
}

/// Where files of the user are.
///
/// # Errors
/// When the user has no home directory and the environment names no places.
pub fn dirs() -> Result<Dirs, CommandError> {
    let var = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    Dirs::find(var("PLIMSOLL_CONFIG_DIR"), var("PLIMSOLL_DATA_DIR")).ok_or_else(|| {
        let home = match var("HOME") {
            Some(home) if !home.is_absolute() => {
                let home = home.display().to_string();
                format!("HOME is `{}`, which is no absolute path", crate::text::clean(&home))
            }
            _ => "no home directory".to_owned(),
        };
        CommandError::Usage(format!("{home}: set PLIMSOLL_CONFIG_DIR and PLIMSOLL_DATA_DIR"))
    })
}

/// The configuration file in use.
#[must_use]
pub fn config_path(global: &GlobalArgs, dirs: &Dirs) -> PathBuf {
    global.config.clone().unwrap_or_else(|| dirs.config.join("config.toml"))
}

/// Checks and frameworks: built in, of the configuration directory, and of the directories given;
/// and what the configuration (read from `path`) says about checks that means nothing.
pub fn content(
    config: &Config,
    path: &Path,
    dirs: &Dirs,
    given: &[PathBuf],
) -> (Content, Vec<ConfigError>) {
    let own = dirs.config.join("checks");
    let places: Vec<PathBuf> = std::iter::once(own)
        .filter(|d| d.is_dir())
        .chain(config.checks_dirs.iter().cloned())
        .chain(given.iter().cloned())
        .collect();
    let library = Library::with_dirs(&places);
    let mut frameworks = Set::builtin();
    for place in &places {
        add_frameworks(&place.join("frameworks"), &mut frameworks);
    }
    let unknown = library::unknown_checks(&library, &frameworks);
    frameworks.problems.extend(unknown);
    let (params, mut wrong) = params(&config.params, path, &library);
    // A check whose file is broken is reported as that.
    let known =
        |id: &String| library.checks.contains_key(id.as_str()) || library.broken.contains(id);
    wrong.extend(config.opt_in.iter().filter(|id| !known(id)).map(|id| {
        ConfigError::at(path, &["opt-in"], format!("opt-in: {}", no_check(&library, id)))
    }));
    wrong.extend(config.honour_annotations.iter().filter(|w| Tool::parse(w).is_none()).map(|w| {
        let tools = Tool::ALL.map(Tool::word).join(", ");
        let message = format!("honour-annotations: there is no `{w}`; expected one of {tools}");
        ConfigError::at(path, &["honour-annotations"], message)
    }));
    let content = Content {
        library: Arc::new(library),
        frameworks: Arc::new(frameworks),
        opt_in: config.opt_in.iter().cloned().collect(),
        params,
        policy_minor: config.policy_minor(),
        mirrors: mirrors(config),
    };
    (content, wrong)
}

/// The mirrors of platform images that are set.
fn mirrors(config: &Config) -> Mirrors {
    let contexts = config.contexts.iter();
    let own = contexts.filter_map(|(name, of)| Some((name.clone(), of.platform_mirrors.clone()?)));
    Mirrors::new(config.platform_mirrors.clone(), own.collect())
}

fn add_frameworks(dir: &Path, set: &mut Set) {
    for file in framework_files(dir) {
        let name = file.display().to_string();
        match handwritten::found(&file) {
            Ok(text) => set.add(&name, &text),
            Err(error) => set.add_unreadable(&name, &error.to_string()),
        }
    }
}

/// The framework files of a directory, by name.
#[must_use]
pub fn framework_files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "toml"));
    files.sort();
    files
}

/// Parameters as a table of a file sets them, and what of it means nothing.
pub fn params(
    tables: &BTreeMap<String, BTreeMap<String, toml::Value>>,
    path: &Path,
    library: &Library,
) -> (Params, Vec<ConfigError>) {
    let mut params = Params::default();
    let mut wrong = Vec::new();
    for (check, values) in tables {
        if check == IMPORTS {
            wrong.extend(import_params(values, path, &mut params));
            continue;
        }
        let Some(known) = library.checks.get(check.as_str()) else {
            if !library.broken.contains(check) {
                let message = format!("params: {}", no_check(library, check));
                wrong.push(ConfigError::at(path, &["params", check], message));
            }
            continue;
        };
        for (name, value) in values {
            let node =
                serde_json::to_value(value).map(|json| Node::from(&json)).unwrap_or_default();
            let accepted = if let Some(param) = known.params.get(name) {
                param.accept(&node)
            } else {
                let all: Vec<&str> = known.params.keys().map(String::as_str).collect();
                let all = if all.is_empty() { "no parameters".to_owned() } else { all.join(", ") };
                Err(format!("there is no parameter `{name}`; `{check}` has {all}"))
            };
            match accepted {
                Ok(()) => {
                    params.0.insert(format!("{check}/{name}"), node);
                }
                Err(why) => {
                    let keys = ["params", check, name];
                    wrong.push(ConfigError::at(
                        path,
                        &keys,
                        format!("params.{check}.{name}: {why}"),
                    ));
                }
            }
        }
    }
    (params, wrong)
}

/// The table of parameters that is of no check.
const IMPORTS: &str = "imports";

/// What is set about imports, and what of it means nothing.
fn import_params(
    values: &BTreeMap<String, toml::Value>,
    path: &Path,
    params: &mut Params,
) -> Vec<ConfigError> {
    let mut wrong = Vec::new();
    for (name, value) in values {
        let days = value.as_integer().filter(|days| (1..=3650).contains(days));
        let message = match (name.as_str(), days) {
            ("max-age", Some(days)) => {
                params.0.insert(MAX_IMPORT_AGE.to_owned(), Node::Int(days));
                continue;
            }
            ("max-age", None) => "expected days from 1 to 3650".to_owned(),
            _ => format!("there is no parameter `{name}`; `{IMPORTS}` has max-age"),
        };
        let message = format!("params.{IMPORTS}.{name}: {message}");
        wrong.push(ConfigError::at(path, &["params", IMPORTS, name], message));
    }
    wrong
}

/// A problem as one line: where and what.
#[must_use]
pub fn problem_line(problem: &Problem) -> String {
    let mut line = problem.file.clone().unwrap_or_default();
    for number in [problem.line, problem.column].into_iter().flatten() {
        line.push_str(&format!(":{number}"));
    }
    if let Some(object) = &problem.object {
        line.push_str(&format!(" {object}"));
    }
    crate::text::clean(format!("{line}: {}", problem.message).trim_start()).into_owned()
}
