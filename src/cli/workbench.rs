//! Opening the workbench.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::args::{
    DemoArgs, GlobalArgs, ProfileArgs, ScanArgs, SourceArgs, TriageArgs, WorkbenchArgs,
};
use super::context::{CommandContext, config_path, problem_line};
use super::{CommandError, CommandResult, open, scan, triage};
use crate::app::effect::SourceChoice;
use crate::app::keymap::Keymap;
use crate::app::state::{LookState, WorkbenchSetup};
use crate::cluster::{self, ConnectOptions};
use crate::config::context::badges;
use crate::config::file::{Background as Ground, ConfigError, Dirs};
use crate::config::keys::{KeyFile, KeyFileError};
use crate::config::theme::Themes;
use crate::handwritten;
use crate::model::inventory::{SourceInfo, SourceKind};
use crate::report::Format;
use crate::runtime::{
    self, Appearance, Dress, FaceChoice, ReadAgain, ReadObjects, Reload, Reloaded,
    WorkbenchOptions, WorkbenchStart,
};
use crate::source::files;
use crate::term::background::{self, Answer, Background};
use crate::term::caps::ColorDepth;
use crate::term::input;

/// The workbench on the built-in cluster.
///
/// # Errors
/// When there is no terminal.
pub fn demo(context: &CommandContext, global: &GlobalArgs, args: DemoArgs) -> CommandResult {
    let source = SourceArgs { demo: true, ..SourceArgs::default() };
    run(context, global, WorkbenchArgs { source, contexts: Vec::new(), what: args })
}

/// The workbench on any source.
///
/// # Errors
/// When there is no terminal, or what the command line names cannot be read.
pub fn run(
    context: &CommandContext,
    global: &GlobalArgs,
    mut args: WorkbenchArgs,
) -> CommandResult {
    if args.what.no_tui {
        return scan::run(context, &printed(args));
    }
    // The workbench begins a session by itself.
    args.what.session = args.what.session.filter(|id| id != super::recording::NEW);
    // A terminal that can do nothing works line by line, and so do scripts that say they are on one.
    let plain = (context.plain || context.caps.dumb) && !args.what.tui;
    somebody(plain, args.source.file.iter().any(|path| path == "-"))?;
    let selection = open::selection(&args.what.selection);
    context.content.choose(&selection)?;
    if let Some(id) = &args.what.session {
        context.store().open_to_read(id).map_err(|e| CommandError::Usage(e.to_string()))?;
    }
    let sources = triage::sources(context, &args.what.triage)?;
    let refused = Refused::default();
    let start = start(&args, &refused)?;
    let Appearance { themes, keymap, problems: ugly } = appearance(&context.dirs);
    let mut problems = ugly.clone();
    let asked = (&*config_path(global, &context.dirs), args.what.theme.as_deref());
    let theme = theme(context, asked, &themes, &mut problems)?;
    let (theme, answer) =
        if theme == Themes::AUTO { ground(context) } else { (theme, Answer::default()) };
    let files = context.content.library.problems.iter().chain(&context.content.frameworks.problems);
    problems.extend(files.map(problem_line));
    let (tenants, wrong) = super::profiles::load(&context.content, &context.dirs);
    problems.extend(wrong);
    let setup = WorkbenchSetup {
        user: context.user(),
        favourites: context.config.favourites.clone(),
        content: Arc::new(runtime::shown_content(&context.content)),
        keymap: keymap.unwrap_or_default(),
        look: look(context, theme, &themes, plain),
        start: false,
        namespaces: selection.namespaces.clone(),
    };
    let options = WorkbenchOptions {
        setup,
        problems,
        content: context.content.clone(),
        selection,
        // Keys belong to the workbench, not to what it runs.
        connect: ConnectOptions { apart: true, ..open::connect_options(&args.source)? },
        secret_metadata: open::secret_metadata(&args.source),
        configz: open::configz(&args.source),
        all_kinds: open::all_kinds(&args.source),
        start,
        session: args.what.session,
        data: context.dirs.data.clone(),
        user: context.user(),
        ascii_reports: context.ascii_everywhere,
        caps: context.caps,
        themes: Arc::new(themes),
        sources,
        tenants,
        reload: reload(global.clone(), args.what.triage),
        dress: dress(context.dirs.clone()),
        ugly,
        shown: if plain { FaceChoice::Lines } else { FaceChoice::Screen { late: answer.open } },
        title: context.config.title,
        typed: answer.typed,
    };
    work(options, &refused)
}

/// Works until somebody leaves, or what was named cannot be read.
fn work(options: WorkbenchOptions, refused: &Refused) -> CommandResult {
    let done = runtime::run(options);
    cluster::end_plugins();
    done.map_err(|e| CommandError::Other(format!("{e:#}")))?;
    // A poisoned lock only means that another thread died; the entry is written whole.
    let refused = refused.lock().unwrap_or_else(PoisonError::into_inner).take();
    refused.map_or(Ok(0), Err)
}

/// What is scanned and printed where no workbench is wanted.
fn printed(args: WorkbenchArgs) -> ScanArgs {
    ScanArgs {
        source: args.source,
        contexts: args.contexts,
        snapshots: Vec::new(),
        selection: args.what.selection,
        profile: ProfileArgs::default(),
        import: Vec::new(),
        triage: args.what.triage,
        output: Format::Table,
        output_file: None,
        output_dir: None,
        fail_on: None,
        session: args.what.session,
        baseline: None,
        fail_on_new: false,
        require_complete: false,
    }
}

/// That there is a terminal to work in, unless it is worked in line by line. Where manifests come from
/// standard input, keys come from the terminal itself.
fn somebody(plain: bool, manifests: bool) -> Result<(), CommandError> {
    if plain && manifests {
        let text =
            "lines are read from standard input, and so are the manifests of `-f -`: name a file";
        return Err(CommandError::Usage(text.to_owned()));
    }
    let typing = std::io::stdin().is_terminal() || manifests && input::has_terminal();
    if std::io::stdout().is_terminal() && typing || plain {
        return Ok(());
    }
    let text = "the workbench needs a terminal; `plimsoll scan` prints the result, --plain works \
                line by line";
    Err(CommandError::Usage(text.to_owned()))
}

/// How things look when the workbench begins.
fn look(context: &CommandContext, theme: String, themes: &Themes, plain: bool) -> LookState {
    let config = &context.config;
    LookState {
        theme,
        themes: themes.described(),
        ascii: context.ascii,
        mouse: config.mouse && !plain,
        links: config.links.unwrap_or(context.caps.links),
        badges: badges(&config.contexts),
        plain,
    }
}

/// Reads configuration, checks, frameworks, themes and files of decisions again.
fn reload(global: GlobalArgs, args: TriageArgs) -> Reload {
    Box::new(move || {
        let context = CommandContext::load(&global).map_err(|fail| fail.to_string())?;
        let files =
            context.content.library.problems.iter().chain(&context.content.frameworks.problems);
        let mut problems: Vec<String> = files.map(problem_line).collect();
        let appearance = appearance(&context.dirs);
        let sources = triage::sources(&context, &args).map_err(|fail| fail.to_string())?;
        let (tenants, wrong) = super::profiles::load(&context.content, &context.dirs);
        problems.extend(wrong);
        Ok(Reloaded { content: context.content, appearance, sources, tenants, problems })
    })
}

/// Reads themes and keys again.
fn dress(dirs: Dirs) -> Dress {
    Box::new(move || appearance(&dirs))
}

fn appearance(dirs: &Dirs) -> Appearance {
    let (themes, mut problems) = themes(dirs);
    let keymap = keymap(dirs).map_err(|errors| problems.extend(errors)).ok();
    Appearance { themes, keymap, problems }
}

/// Light or dark, as the configuration or the terminal says; the default theme where nobody does.
/// What the terminal said, and what was typed while it was asked.
fn ground(context: &CommandContext) -> (String, Answer) {
    let said = context.config.background;
    let may_ask = said == Some(Ground::Ask) || !context.caps.multiplexed;
    let answer = match said {
        Some(Ground::Light) => Answer { background: Some(Background::Light), ..Answer::default() },
        Some(Ground::Dark) => Answer { background: Some(Background::Dark), ..Answer::default() },
        // Both themes want more than sixteen colours.
        _ if context.plain || context.caps.depth < ColorDepth::Ansi256 || !may_ask => {
            Answer::default()
        }
        _ => background::ask(),
    };
    let name = match answer.background {
        Some(Background::Light) => "light",
        Some(Background::Dark) => "dark",
        None => Themes::DEFAULT,
    };
    (name.to_owned(), answer)
}

/// Why files could not be read while the workbench was on the screen.
type Refused = Arc<Mutex<Option<CommandError>>>;

/// Manifests or a snapshot, to be read while the workbench is on the screen already. What is wrong with
/// their names is said at once, and standard input is read before the terminal is taken.
fn objects(args: &SourceArgs, refused: &Refused) -> Result<Option<WorkbenchStart>, CommandError> {
    let Some(name) = args.snapshot.clone().or_else(|| args.file.first().map(PathBuf::from)) else {
        return Ok(None);
    };
    let name = if args.snapshot.is_some() {
        name.file_name().unwrap_or(name.as_os_str()).to_string_lossy().into_owned()
    } else {
        let (kind, given) = (SourceKind::Files, args.file.clone());
        SourceInfo { kind, given, ..SourceInfo::default() }.name()
    };
    let again = files::only_once(&args.file).is_none().then(|| -> ReadAgain {
        let args = args.clone();
        Arc::new(move || open::again(&args))
    });
    let paths = args.snapshot.iter().map(PathBuf::from).chain(args.file.iter().map(PathBuf::from));
    let mut paths = paths;
    let read: ReadObjects = if args.kube_version.is_none() && paths.all(|path| path.exists()) {
        let (args, refused) = (args.clone(), Arc::clone(refused));
        Box::new(move |tell| match open::fixed_telling(&args, &[], tell) {
            Ok(inventory) => inventory,
            Err(fail) => {
                *refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(fail);
                None
            }
        })
    } else {
        let inventory = open::fixed(args, &[])?;
        Box::new(move |_| inventory)
    };
    Ok(Some(WorkbenchStart::Objects { name, read, again }))
}

/// Where the workbench begins: with what the command line names; at the start screen when there
/// are sessions to resume or no context to take.
fn start(args: &WorkbenchArgs, refused: &Refused) -> Result<WorkbenchStart, CommandError> {
    if args.source.demo {
        return Ok(WorkbenchStart::Source(SourceChoice::Demo));
    }
    if let Some(start) = objects(&args.source, refused)? {
        return Ok(start);
    }
    if !args.contexts.is_empty() {
        return together(args);
    }
    match &args.source.context {
        Some(context) => Ok(WorkbenchStart::Source(SourceChoice::Context(context.clone()))),
        None if args.source.kubeconfig.is_some() => {
            Ok(WorkbenchStart::Source(SourceChoice::Context(String::new())))
        }
        None => Ok(WorkbenchStart::Screen),
    }
}

/// Several contexts side by side.
fn together(args: &WorkbenchArgs) -> Result<WorkbenchStart, CommandError> {
    let awaited = args.source.kubeconfig.as_deref().and_then(open::awaited);
    let found = cluster::contexts(args.source.kubeconfig.as_deref());
    drop(awaited);
    let found = found.map_err(|error| open::unreached(&error))?;
    let named = found.named(&args.contexts).map_err(|error| open::misnamed(&error))?;
    let current = found.current.as_deref();
    Ok(WorkbenchStart::Fleet(
        named.into_iter().map(|c| runtime::context_info(c, current)).collect(),
    ))
}

/// The theme: what the command line says, then what the configuration at `path` says, then the default;
/// none of them where there must be no colour. One of the configuration that cannot be used is no reason
/// not to work: it stands among the problems, and is put on as soon as it can be.
fn theme(
    context: &CommandContext,
    (path, asked): (&Path, Option<&str>),
    themes: &Themes,
    problems: &mut Vec<String>,
) -> Result<String, CommandError> {
    let Some(name) = asked.or(context.config.theme.as_deref()) else {
        let mono = context.caps.depth == ColorDepth::Mono;
        return Ok(if mono { Themes::MONO } else { Themes::DEFAULT }.to_owned());
    };
    if name == Themes::AUTO {
        return Ok(name.to_owned());
    }
    let Err(error) = themes.get(name) else { return Ok(name.to_owned()) };
    let known = themes.names().iter().any(|n| *n == name);
    if asked.is_some() {
        return Err(CommandError::Usage(if known { error.to_string() } else { error.text }));
    }
    // What is wrong with a file of themes stands among them already.
    if !known {
        problems.push(ConfigError::at(path, &["theme"], error.text).to_string());
    }
    Ok(name.to_owned())
}

/// Built-in themes and those of the configuration directory, with what is wrong with the latter.
#[must_use]
pub fn themes(dirs: &Dirs) -> (Themes, Vec<String>) {
    let mut themes = Themes::default();
    let mut wrong = Vec::new();
    let Ok(entries) = std::fs::read_dir(dirs.config.join("themes")) else { return (themes, wrong) };
    let mut names = Vec::new();
    for path in entries.filter_map(Result::ok).map(|e| e.path()) {
        if path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match handwritten::found(&path) {
            Ok(text) => {
                themes.add_file(&name, &path.display().to_string(), &text);
                names.push(name);
            }
            Err(error) => wrong.push(format!("{}: {error}", path.display())),
        }
    }
    names.sort();
    for fault in names.iter().flat_map(|name| themes.examined(name).1) {
        // What is wrong with a theme is wrong with those that inherit from it.
        let line = fault.to_string();
        if !wrong.contains(&line) {
            wrong.push(line);
        }
    }
    (themes, wrong)
}

/// The keys: the built-in ones, changed by `keys.toml`.
///
/// # Errors
/// Everything that is wrong with the file, each with line and column.
pub fn keymap(dirs: &Dirs) -> Result<Keymap, Vec<String>> {
    let path = dirs.config.join("keys.toml");
    let text = match handwritten::found(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Keymap::default()),
        Err(error) => return Err(vec![format!("{}: {error}", path.display())]),
    };
    let place =
        |e: &KeyFileError| format!("{}:{}:{}: {}", path.display(), e.line, e.column, e.text);
    let file = KeyFile::parse(&text).map_err(|e| vec![place(&e)])?;
    Keymap::with(&file).map_err(|errors| errors.iter().map(place).collect())
}
