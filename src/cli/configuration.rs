//! `plimsoll config`.

use super::args::{ConfigCommand, GlobalArgs};
use super::context::{self, config_path, dirs, problem_line};
use super::{CommandError, CommandResult, output};
use crate::assess::Content;
use crate::config::file::{Config, ConfigError, Dirs, SAMPLE};
use crate::config::profile;
use crate::config::theme::Themes;
use crate::fresh;
use crate::model::mirror::Mirror;
use crate::runtime::log;

/// Runs a command on the configuration.
///
/// # Errors
/// When there is no place for it, or it exists already.
pub fn run(command: &ConfigCommand, global: &GlobalArgs) -> CommandResult {
    let dirs = dirs()?;
    let path = config_path(global, &dirs);
    match command {
        ConfigCommand::Path => {
            let lines = [
                ("config", path),
                ("keys", dirs.config.join("keys.toml")),
                ("themes", dirs.config.join("themes")),
                ("checks", dirs.config.join("checks")),
                ("profiles", dirs.config.join("profiles")),
                ("sessions", dirs.data.join("sessions")),
                ("log", log::path(&dirs.data)),
            ];
            let text: String =
                lines.iter().map(|(name, p)| format!("{name:<9} {}\n", p.display())).collect();
            output::print(&text)?;
            Ok(0)
        }
        ConfigCommand::Init => {
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).map_err(|error| {
                    CommandError::Other(format!("cannot make {}: {error}", parent.display()))
                })?;
            }
            fresh::text(&path, SAMPLE).map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => CommandError::Usage(format!(
                    "{} exists; nothing is overwritten",
                    path.display()
                )),
                _ => CommandError::Other(format!("cannot write {}: {error}", path.display())),
            })?;
            output::complain(&format!("wrote {}", path.display()));
            example(&dirs)?;
            Ok(0)
        }
        ConfigCommand::Check => Ok(check(global, &path, &dirs)),
    }
}

/// Writes an example of a profile, unless there is one. Its ending keeps it from being one.
fn example(dirs: &Dirs) -> Result<(), CommandError> {
    let dir = dirs.config.join("profiles");
    std::fs::create_dir_all(&dir)?;
    let path = dir.join("example.toml.sample");
    match fresh::text(&path, profile::SAMPLE) {
        Ok(()) => output::complain(&format!("wrote {}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => {
            return Err(CommandError::Other(format!("cannot write {}: {error}", path.display())));
        }
    }
    Ok(())
}

fn check(global: &GlobalArgs, path: &std::path::Path, dirs: &Dirs) -> u8 {
    let (config, errors) = Config::examined(path, global.config.is_some());
    let mut wrong: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let (content, errors) = context::content(&config, path, dirs, &global.checks_dir);
    wrong.extend(errors.iter().map(ToString::to_string));
    let problems = content.library.problems.iter().chain(&content.frameworks.problems);
    wrong.extend(problems.map(problem_line));
    let (decisions, exceptions) = (&config.decisions, &config.exceptions_kubescape);
    wrong.extend(super::triage::read(decisions, exceptions, &content.library).1);
    wrong.extend(super::profiles::load(&content, dirs).1);
    let (themes, errors) = super::workbench::themes(dirs);
    wrong.extend(errors);
    if let Err(errors) = super::workbench::keymap(dirs) {
        wrong.extend(errors);
    }
    if let Some(theme) = config.theme.as_ref().filter(|name| *name != Themes::AUTO)
        && let Err(error) = themes.get(theme)
    {
        let message = format!("theme: {}", error.text);
        wrong.push(ConfigError::at(path, &["theme"], message).to_string());
    }
    for line in &wrong {
        output::complain(line);
    }
    if wrong.is_empty() {
        for line in mirrors(&content) {
            output::complain(&line);
        }
        output::complain("configuration, keys, themes, checks and profiles are sound");
    }
    if wrong.is_empty() { 0 } else { 2 }
}

/// The mirrors of platform images that are set: they leave findings out of what decides, so that nobody shall
/// overlook them.
fn mirrors(content: &Content) -> Vec<String> {
    let line = |(name, mirrors): (Option<&str>, &[Mirror])| {
        let of = name.map(|name| format!(" of contexts {name}")).unwrap_or_default();
        let mirrors: Vec<&str> = mirrors.iter().map(Mirror::as_str).collect();
        let what = if mirrors.is_empty() {
            "none".to_owned()
        } else {
            format!("what runs from {} may count as the platform's", mirrors.join(", "))
        };
        format!("platform-mirrors{of}: {what}")
    };
    content.mirrors.set().map(line).collect()
}
