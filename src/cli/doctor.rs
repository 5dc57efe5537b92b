//! `plimsoll doctor`: what Plimsoll sees of this terminal, its files and the cluster.

use std::io::IsTerminal as _;

use super::args::DoctorArgs;
use super::context::{Context, problem_line};
use super::output::{self, columns};
use super::{Done, open};
use crate::cluster;
use crate::facts::platform;
use crate::model::kinds::Kind;
use crate::model::read::ReadStatus;

/// Looks at everything and says what it finds; ends with status 3 when the cluster does not answer.
///
/// # Errors
/// When stdout refuses.
pub fn run(context: &Context, args: &DoctorArgs) -> Done {
    let mut out = String::new();
    let mut say = |name: &str, value: &str| {
        out.push_str(&format!("{name:<12} {}\n", crate::text::clean(value)))
    };
    say("plimsoll", env!("CARGO_PKG_VERSION"));
    let content = &context.content;
    let counts = format!(
        "{} checks, {} frameworks",
        content.library.checks.len(),
        content.frameworks.frameworks.len()
    );
    say("content", &format!("{counts}, {}", content.digest()));
    for problem in content.library.problems.iter().chain(&content.frameworks.problems) {
        say("broken", &problem_line(problem));
    }
    let var = |name: &str| std::env::var(name).unwrap_or_else(|_| "unset".to_owned());
    let terminal = if std::io::stdout().is_terminal() { "yes" } else { "no" };
    say(
        "terminal",
        &format!(
            "{terminal}, TERM {}, COLORTERM {}, NO_COLOR {}",
            var("TERM"),
            var("COLORTERM"),
            var("NO_COLOR")
        ),
    );
    say(
        "colours",
        &format!(
            "{:?}{}",
            context.caps.depth,
            if context.caps.tmux { ", inside tmux" } else { "" }
        ),
    );
    say("config", &context.dirs.config.display().to_string());
    say("data", &context.dirs.data.display().to_string());
    say("user", &context.user());
    match cluster::contexts(args.source.kubeconfig.as_deref()) {
        Ok(found) => {
            let files: Vec<String> = found.files.iter().map(|f| f.display().to_string()).collect();
            say("kubeconfig", &files.join(", "));
            say(
                "contexts",
                &format!(
                    "{}, current {}",
                    found.all.len(),
                    found.current.as_deref().unwrap_or("none")
                ),
            );
        }
        Err(error) => say("kubeconfig", &format!("{}: {}; {}", error.what, error.why, error.next)),
    }
    let kinds = vec![Kind::new("", "Namespace")];
    let status = match open::read(&args.source, kinds, &[]) {
        Ok(inventory) => {
            let source = &inventory.source;
            say("server", source.server.as_deref().unwrap_or(source.kind.word()));
            say("kubernetes", source.kubernetes.as_deref().unwrap_or("unknown"));
            for read in inventory.reads.iter().filter(|r| r.status != ReadStatus::Complete) {
                say("read", &format!("{}: {}", read.resource, read.status.word()));
            }
            0
        }
        Err(fail) => {
            say("cluster", &fail.to_string().replace('\n', "; "));
            3
        }
    };
    out.push_str(
        "\nObjects of the platform itself are recognised by name and content together:\n\n",
    );
    let rows: Vec<Vec<String>> = platform::rules()
        .into_iter()
        .map(|r| vec![r.platform.to_owned(), r.what.to_owned(), r.name, r.content])
        .collect();
    out.push_str(&columns(&["PLATFORM", "WHAT", "NAME", "CONTENT"], &rows));
    output::print(&out)?;
    Ok(status)
}
