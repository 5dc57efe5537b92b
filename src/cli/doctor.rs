//! `plimsoll doctor`: what Plimsoll sees of this terminal, its files and the cluster.

use std::io::IsTerminal as _;

use super::args::DoctorArgs;
use super::context::{CommandContext, problem_line};
use super::output::{self, columns};
use super::{CommandResult, open};
use crate::cluster;
use crate::facts::platform;
use crate::model::kinds::{self, Kind};
use crate::model::mirror::Mirror;
use crate::model::read::ReadStatus;
use crate::runtime::log;
use crate::text::counted;

/// Looks at everything and says what it finds; ends with status 3 when the cluster does not answer.
///
/// # Errors
/// When stdout refuses.
pub fn run(context: &CommandContext, args: &DoctorArgs) -> CommandResult {
    let mut sheet = Sheet(String::new());
    program(context, &mut sheet);
    terminal(context, &mut sheet);
    kubeconfig(args, &mut sheet);
    let status = server(context, args, &mut sheet);
    let mut out = sheet.0;
    out.push_str(
        "\nObjects of the platform itself are recognised by name and content together:\n\n",
    );
    let rules = platform::rules().into_iter();
    let rules = rules.map(|r| vec![r.platform.to_owned(), r.what.to_owned(), r.name, r.content]);
    let rows: Vec<Vec<String>> = rules.chain(mirrors(context)).collect();
    out.push_str(&columns(&["PLATFORM", "WHAT", "NAME", "CONTENT"], &rows));
    output::print(&out)?;
    Ok(status)
}

/// The mirrors of platform images that are set, as rules of recognition.
fn mirrors(context: &CommandContext) -> impl Iterator<Item = Vec<String>> {
    context.content.mirrors.set().flat_map(|(name, mirrors)| {
        let of = match name {
            None => "every context without its own".to_owned(),
            Some(name) => format!("contexts {name}"),
        };
        let rule = |mirror: String| {
            let content = format!("where they may come from, too: platform-mirrors of {of}");
            vec!["yours".to_owned(), "images".to_owned(), mirror, content]
        };
        let names: Vec<String> = match mirrors {
            [] => vec!["none".to_owned()],
            mirrors => mirrors.iter().map(|mirror| format!("{mirror}/*")).collect(),
        };
        names.into_iter().map(rule).collect::<Vec<_>>()
    })
}

/// Lines of a name and a value.
struct Sheet(String);

impl Sheet {
    fn say(&mut self, name: &str, value: &str) {
        self.0.push_str(&format!("{name:<12} {}\n", crate::text::clean(value)));
    }
}

fn program(context: &CommandContext, sheet: &mut Sheet) {
    let content = &context.content;
    let (checks, frameworks) = (content.library.checks.len(), content.frameworks.frameworks.len());
    sheet.say("plimsoll", env!("CARGO_PKG_VERSION"));
    let counts = format!(
        "{}, {}, {}",
        counted(checks, "check"),
        counted(frameworks, "framework"),
        content.digest()
    );
    sheet.say("content", &counts);
    for problem in content.library.problems.iter().chain(&content.frameworks.problems) {
        sheet.say("broken", &problem_line(problem));
    }
    sheet.say("config", &context.dirs.config.display().to_string());
    sheet.say("data", &context.dirs.data.display().to_string());
    sheet.say("log", &log::path(&context.dirs.data).display().to_string());
    sheet.say("user", &context.user());
}

fn terminal(context: &CommandContext, sheet: &mut Sheet) {
    let var = |name: &str| {
        let value = std::env::var(name).unwrap_or_else(|_| "unset".to_owned());
        format!("{name} {value}")
    };
    let is = if std::io::stdout().is_terminal() { "yes" } else { "no" };
    let vars = ["TERM", "COLORTERM", "NO_COLOR", "LANG"].map(var).join(", ");
    sheet.say("terminal", &format!("{is}, {vars}"));
    let inside = match (context.caps.tmux, context.caps.multiplexed) {
        (true, _) => ", inside tmux",
        (_, true) => ", inside a multiplexer",
        _ => "",
    };
    sheet.say("colours", &format!("{}{inside}", context.caps.depth.words()));
    let yes = |on: bool| if on { "yes" } else { "no" };
    let (plain, ascii) = (yes(context.plain), yes(context.ascii));
    let links = yes(context.config.links.unwrap_or(context.caps.links));
    sheet.say("shown", &format!("line by line {plain}, ASCII only {ascii}, links {links}"));
}

fn kubeconfig(args: &DoctorArgs, sheet: &mut Sheet) {
    let _awaited = args.source.kubeconfig.as_deref().and_then(open::awaited);
    match cluster::contexts(args.source.kubeconfig.as_deref()) {
        Ok(found) => {
            let files: Vec<String> = found.files.iter().map(|f| f.display().to_string()).collect();
            let none = "none: the service account of this pod".to_owned();
            sheet.say("kubeconfig", &if files.is_empty() { none } else { files.join(", ") });
            let current = found.current.as_deref().unwrap_or("none");
            sheet.say("contexts", &format!("{}, current {current}", found.all.len()));
        }
        Err(error) => {
            sheet.say("kubeconfig", &format!("{}: {}; {}", error.what, error.why, error.next));
        }
    }
}

fn server(context: &CommandContext, args: &DoctorArgs, sheet: &mut Sheet) -> u8 {
    // What may be refused or is off unless allowed, each with its reason.
    let kinds = vec![Kind::new("", "Secret"), kinds::flagz(), kinds::kubelet_configuration()];
    let inventory = match open::read(&args.source, kinds, &[]) {
        Ok(inventory) => inventory,
        Err(fail) => {
            sheet.say("cluster", &fail.to_string());
            return 3;
        }
    };
    let source = &inventory.source;
    sheet.say("server", source.server.as_deref().unwrap_or_else(|| source.kind.word()));
    sheet.say("kubernetes", source.kubernetes.as_deref().unwrap_or("unknown"));
    let mirrors = context.content.mirrors.of(source.context.as_deref());
    if !mirrors.is_empty() {
        let mirrors: Vec<&str> = mirrors.iter().map(Mirror::as_str).collect();
        sheet.say("mirrors", &mirrors.join(", "));
    }
    for read in inventory.reads.iter().filter(|r| r.status != ReadStatus::Complete) {
        let why = read.message.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        sheet.say("read", &format!("{}: {}{why}", read.resource, read.status.word()));
    }
    0
}
