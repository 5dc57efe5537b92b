//! What the values of options and arguments can be, where it is known without asking a cluster: a
//! key pressed while typing must neither wait for a server nor run a credential plugin.

use std::ffi::OsStr;

use clap::Command;
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};

use crate::assess::Content;
use crate::cli::{context, workbench};
use crate::cluster;
use crate::config::file::{Config, Dirs};
use crate::config::profile::Profile;
use crate::session::SessionStore;
use crate::text::cut;

/// A kind of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    /// Ids of frameworks and their families, with levels once a colon is typed.
    Frameworks,
    /// FRAMEWORK/CONTROL: frameworks first, then what is in one.
    Controls,
    /// Ids of checks.
    Checks,
    /// Ids of checks, then FRAMEWORK/CONTROL.
    Clauses,
    /// Ids of checks, or files and directories of the user's own.
    ChecksOrFiles,
    /// Contexts of the kubeconfig.
    Contexts,
    /// Clusters that contexts of the kubeconfig name.
    Clusters,
    /// Users that contexts of the kubeconfig name.
    Users,
    /// Saved sessions.
    Sessions,
    /// Saved sessions, or a new one.
    SessionsOrNew,
    /// Themes.
    Themes,
    /// Profiles.
    Profiles,
    /// Files and directories.
    Files,
}

impl Values {
    /// The values of an argument, by its id and the command that it belongs to.
    fn of(command: &str, id: &str) -> Option<Self> {
        // A cluster's uid, and a control of the framework that stands before it.
        if matches!((command, id), ("sessions trend", "cluster") | ("frameworks show", "control")) {
            return None;
        }
        Some(match (command, id) {
            ("frameworks show", "id") | (_, "framework") => Self::Frameworks,
            ("frameworks crosswalk", "what") => Self::Clauses,
            ("checks show", "id") | (_, "check") => Self::Checks,
            ("checks test", "what") => Self::ChecksOrFiles,
            ("scan", "session") => Self::SessionsOrNew,
            ("sessions diff", "a" | "b") | (_, "baseline" | "session") => Self::Sessions,
            (_, "control") => Self::Controls,
            (_, "context" | "contexts") => Self::Contexts,
            (_, "cluster") => Self::Clusters,
            (_, "user") => Self::Users,
            (_, "theme") => Self::Themes,
            (_, "profile") => Self::Profiles,
            (_, "file" | "files" | "import") => Self::Files,
            _ => return None,
        })
    }

    /// Those that begin as what is typed.
    fn fitting(self, typed: &OsStr) -> Vec<CompletionCandidate> {
        let text = typed.to_str().unwrap_or_default();
        let found = match self {
            Self::Frameworks => frameworks(text),
            Self::Controls => controls(text),
            Self::Checks => checks(),
            Self::Clauses if text.contains('/') => controls(text),
            Self::Clauses => checks().into_iter().chain(controls(text)).collect(),
            Self::ChecksOrFiles => {
                let files = PathCompleter::any().complete(typed);
                return begun(checks(), text).into_iter().chain(files).collect();
            }
            Self::Contexts | Self::Clusters | Self::Users => self.of_kubeconfig(),
            Self::Sessions => sessions(&[]),
            Self::SessionsOrNew => sessions(&[("new", "begin a session")]),
            Self::Themes => themes(),
            Self::Profiles => profiles(),
            Self::Files => return PathCompleter::any().stdio().complete(typed),
        };
        begun(found, text)
    }

    fn of_kubeconfig(self) -> Vec<CompletionCandidate> {
        // Only `$KUBECONFIG` and the usual file: a `--kubeconfig` before the cursor is not seen here.
        let Ok(contexts) = cluster::contexts(None) else { return Vec::new() };
        let mut named: Vec<(String, String)> = Vec::new();
        for context in contexts.all {
            named.extend(match self {
                Self::Clusters => Some((context.cluster, context.server.unwrap_or_default())),
                Self::Users => context.user.map(|user| (user, String::new())),
                _ => Some((context.name, context.server.unwrap_or_default())),
            });
        }
        named.sort();
        named.dedup();
        named.into_iter().map(|(name, about)| candidate(name, &about)).collect()
    }
}

/// The command line with everything that is known of its values.
pub(super) fn completing(command: Command) -> Command {
    walk(command, "")
}

fn walk(command: Command, path: &str) -> Command {
    // All in turn: `mut_arg` would put the one it changes behind the others, and the place of an
    // argument without a name is its meaning.
    let command = command.mut_args(|arg| match Values::of(path, arg.get_id().as_str()) {
        Some(values) => arg.add(ArgValueCompleter::new(move |typed: &OsStr| values.fitting(typed))),
        None => arg,
    });
    command.mut_subcommands(|sub| {
        let path = format!("{path} {}", sub.get_name());
        walk(sub, path.trim_start())
    })
}

fn candidate(value: impl Into<std::ffi::OsString>, about: &str) -> CompletionCandidate {
    let about = (!about.is_empty()).then(|| cut(about, 72).into_owned().into());
    CompletionCandidate::new(value).help(about)
}

fn begun(mut found: Vec<CompletionCandidate>, text: &str) -> Vec<CompletionCandidate> {
    found.retain(|c| c.get_value().to_str().is_some_and(|value| value.starts_with(text)));
    found
}

/// Checks and frameworks, of the user too as far as the configuration can be read.
fn content() -> Option<Content> {
    let (dirs, config) = configured()?;
    let path = dirs.config.join("config.toml");
    Some(context::content(&config, &path, &dirs, &[]).0)
}

fn configured() -> Option<(Dirs, Config)> {
    let dirs = context::dirs().ok()?;
    let config = Config::load(&dirs.config.join("config.toml"), false).unwrap_or_default();
    Some((dirs, config))
}

fn frameworks(text: &str) -> Vec<CompletionCandidate> {
    let Some(content) = content() else { return Vec::new() };
    let mut found = Vec::new();
    let mut families = std::collections::BTreeSet::new();
    for framework in &content.frameworks.frameworks {
        let family = Some(&framework.family).filter(|family| !family.is_empty());
        let fresh = family.filter(|family| families.insert((*family).clone()));
        let family = fresh.filter(|family| **family != framework.id);
        if let Some(family) = family {
            found.push(candidate(family.as_str(), "the edition that fits the cluster"));
        }
        found.push(candidate(framework.id.as_str(), &framework.title));
        if text.contains(':') {
            let names = family.into_iter().chain([&framework.id]);
            let levels = |name: &String| {
                let each = framework.levels.iter().map(move |level| format!("{name}:{level}"));
                each.collect::<Vec<_>>()
            };
            found.extend(names.flat_map(levels).map(|name| candidate(name, "")));
        }
    }
    found
}

fn controls(text: &str) -> Vec<CompletionCandidate> {
    let Some(content) = content() else { return Vec::new() };
    let all = &content.frameworks.frameworks;
    let Some((id, _)) = text.split_once('/') else {
        return all.iter().map(|f| candidate(format!("{}/", f.id), &f.title)).collect();
    };
    let Some(framework) = all.iter().find(|f| f.id == id) else { return Vec::new() };
    let each = framework.controls.iter();
    each.map(|c| candidate(format!("{id}/{}", c.id), &c.title)).collect()
}

fn checks() -> Vec<CompletionCandidate> {
    let Some(content) = content() else { return Vec::new() };
    let each = content.library.checks.iter();
    each.map(|(id, check)| candidate(id.to_string(), &check.title)).collect()
}

/// Sessions, the last first: that order is worth more than the alphabet's.
fn sessions(words: &[(&str, &str)]) -> Vec<CompletionCandidate> {
    let Some((dirs, _)) = configured() else { return Vec::new() };
    let all = SessionStore::new(&dirs.data).list().unwrap_or_default();
    let mut found: Vec<CompletionCandidate> =
        words.iter().map(|(word, about)| candidate(*word, about)).collect();
    if !all.is_empty() {
        found.push(candidate("last", "the one written last"));
    }
    found.extend(all.into_iter().map(|summary| {
        let title = summary.state.map(|s| format!("{} {}", s.updated, s.meta.title));
        candidate(summary.id, &title.unwrap_or_else(|_| "cannot be opened".to_owned()))
    }));
    found
}

fn themes() -> Vec<CompletionCandidate> {
    let Some((dirs, _)) = configured() else { return Vec::new() };
    workbench::themes(&dirs).0.names().into_iter().map(|name| candidate(name, "")).collect()
}

fn profiles() -> Vec<CompletionCandidate> {
    let Some((dirs, _)) = configured() else { return Vec::new() };
    let (profiles, _) = Profile::load(&dirs.config.join("profiles"));
    let mut found: Vec<CompletionCandidate> =
        profiles.iter().map(|profile| candidate(profile.name.as_str(), profile.title())).collect();
    if found.len() > 1 {
        found.push(candidate("all", "a scorecard of each"));
    }
    found
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::args::Cli;

    /// Ids of arguments with known values, with the words that lead to their command.
    fn known(command: &Command, path: &str, out: &mut Vec<(String, String, Values)>) {
        for arg in command.get_arguments() {
            let id = arg.get_id().to_string();
            if let Some(values) = Values::of(path, &id) {
                out.push((path.to_owned(), id, values));
            }
        }
        for sub in command.get_subcommands() {
            known(sub, format!("{path} {}", sub.get_name()).trim_start(), out);
        }
    }

    #[test]
    fn what_an_argument_takes_is_known_by_its_name() {
        let mut all = Vec::new();
        known(&Cli::command(), "", &mut all);
        let has = |path: &str, id: &str, values: Values| {
            assert!(
                all.iter().any(|(p, i, v)| (p.as_str(), i.as_str(), *v) == (path, id, values)),
                "{path} {id}: {all:?}"
            );
        };
        has("scan", "framework", Values::Frameworks);
        has("scan", "session", Values::SessionsOrNew);
        has("scan", "baseline", Values::Sessions);
        has("scan", "profile", Values::Profiles);
        has("", "context", Values::Contexts);
        has("demo", "theme", Values::Themes);
        has("checks show", "id", Values::Checks);
        has("sessions bundle", "session", Values::Sessions);
        has("sessions attest", "control", Values::Controls);
        has("import", "files", Values::Files);
        assert!(
            !all.iter().any(|(p, i, _)| (p.as_str(), i.as_str()) == ("sessions trend", "cluster"))
        );
    }

    #[test]
    fn controls_are_offered_framework_by_framework() {
        let values = |found: Vec<CompletionCandidate>| {
            let each = found.into_iter().map(|c| c.get_value().to_string_lossy().into_owned());
            each.collect::<Vec<String>>()
        };
        let first = values(Values::Controls.fitting(OsStr::new("pss-")));
        assert_eq!(first, ["pss-baseline/", "pss-restricted/"]);
        let inside = values(Values::Controls.fitting(OsStr::new("pss-baseline/hostP")));
        assert!(inside.iter().all(|c| c.starts_with("pss-baseline/hostP")), "{inside:?}");
        assert!(inside.len() >= 2, "{inside:?}");
        assert!(values(Values::Frameworks.fitting(OsStr::new("cis-kubernetes"))).len() >= 5);
        let levels = values(Values::Frameworks.fitting(OsStr::new("cis-kubernetes-2.0.1:")));
        assert_eq!(levels, ["cis-kubernetes-2.0.1:L1", "cis-kubernetes-2.0.1:L2"]);
    }
}
