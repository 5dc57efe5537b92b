//! Opening a source from the command line.

use std::cell::RefCell;
use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::CommandError;
use super::args::{Allow, SelectionArgs, SourceArgs};
use super::output::{self, ProgressLine};
use crate::app::event::UserError;
use crate::cluster::{self, ConnectOptions, Connection, ReadRequest};
use crate::config::file::minor;
use crate::frameworks::fleet::Unread;
use crate::model::inventory::Inventory;
use crate::model::kinds::{self, Kind};
use crate::report::access;
use crate::runtime::Tell;
use crate::runtime::clock::timestamp;
use crate::session::run::{AskedBeside, Selection};
use crate::source::files::{FilesError, Waiting};
use crate::source::{demo, files, snapshot};
use crate::term::signals;
use crate::text::counted;

/// A credential plugin that takes longer is named, for it may wait for a person.
const PLUGIN_NAMED: Duration = Duration::from_secs(3);
/// A reading in which nothing came for so long says what it waits for; then after twice the time.
const STILL: Duration = Duration::from_secs(10);

/// The selection of the command line.
#[must_use]
pub fn selection(args: &SelectionArgs) -> Selection {
    Selection {
        frameworks: args.framework.clone(),
        controls: args.control.clone(),
        checks: args.check.clone(),
        namespaces: args.namespace.clone(),
        selector: args.selector.clone(),
        object: args.object.clone(),
        include_platform: args.include_platform,
        profile: None,
        beside: AskedBeside::default(),
    }
}

/// What the command line says of the connection.
///
/// # Errors
/// When the time-out is no time.
pub fn connect_options(args: &SourceArgs) -> Result<ConnectOptions, CommandError> {
    let timeout = args.request_timeout.as_deref().map(duration).transpose()?.flatten();
    Ok(ConnectOptions {
        kubeconfig: args.kubeconfig.clone(),
        context: args.context.clone(),
        cluster: args.cluster.clone(),
        user: args.user.clone(),
        impersonate: args.as_user.clone(),
        impersonate_groups: args.as_group.clone(),
        request_timeout: timeout,
        // Somebody at a terminal may be asked for a password there.
        apart: !std::io::stdin().is_terminal(),
        ..ConnectOptions::default()
    })
}

/// kubectl's times: `30s`, `2m`, `1h`, plain seconds; `0` is none.
fn duration(text: &str) -> Result<Option<Duration>, CommandError> {
    let wrong =
        || CommandError::Usage(format!("--request-timeout `{text}` is no time such as 30s or 2m"));
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number: u64 = text.strip_suffix(unit).and_then(|n| n.parse().ok()).ok_or_else(wrong)?;
    let seconds = match unit {
        "" | "s" => number,
        "m" => number.saturating_mul(60),
        "h" => number.saturating_mul(3600),
        _ => return Err(wrong()),
    };
    Ok((seconds > 0).then(|| Duration::from_secs(seconds)))
}

/// What is asked of a live cluster.
#[must_use]
pub fn asking(allow: &[Allow], kinds: Vec<Kind>, namespaces: &[String]) -> ReadRequest {
    ReadRequest {
        kinds,
        namespaces: (!namespaces.is_empty()).then(|| namespaces.to_vec()),
        secret_metadata: allow.contains(&Allow::SecretMetadata),
        configz: allow.contains(&Allow::Configz),
        all_kinds: allow.contains(&Allow::AllKinds),
    }
}

/// Whether names of Secrets may be read.
#[must_use]
pub fn secret_metadata(args: &SourceArgs) -> bool {
    args.allow.contains(&Allow::SecretMetadata)
}

/// Whether kubelets may be asked for their configuration.
#[must_use]
pub fn configz(args: &SourceArgs) -> bool {
    args.allow.contains(&Allow::Configz)
}

/// Whether every kind that the server offers is read.
#[must_use]
pub fn all_kinds(args: &SourceArgs) -> bool {
    args.allow.contains(&Allow::AllKinds)
}

/// Reads manifests, a snapshot or the demo, which tells of the kinds that are asked for; none for a live
/// cluster. What is to be minded is written to stderr.
///
/// # Errors
/// When the files cannot be read.
pub fn fixed(args: &SourceArgs, kinds: &[Kind]) -> Result<Option<Inventory>, CommandError> {
    fixed_telling(args, kinds, &aloud())
}

/// The same, where `tell` is told what is to be minded.
///
/// # Errors
/// As [`fixed`].
pub fn fixed_telling(
    args: &SourceArgs,
    kinds: &[Kind],
    tell: &Tell,
) -> Result<Option<Inventory>, CommandError> {
    if args.demo {
        return Ok(Some(demo::inventory(kinds.iter().cloned())));
    }
    if let Some(path) = &args.snapshot {
        let _awaited = files::awaited(path, &waiting(tell));
        let inventory = snapshot::load(path).map_err(|e| CommandError::Source(e.to_string()))?;
        for text in contradictions(path, &inventory) {
            tell(&text);
        }
        return Ok(Some(inventory));
    }
    if args.file.is_empty() {
        return Ok(None);
    }
    manifests(args, Some(&waiting(tell))).map(Some)
}

/// Says what is waited for.
fn waiting(tell: &Tell) -> Waiting {
    let tell = Arc::clone(tell);
    Arc::new(move |told: &str| tell(told))
}

/// Says after a while that a file is waited for which is none, until what comes back is let go.
#[must_use]
pub fn awaited(path: &Path) -> Option<files::Awaited> {
    files::awaited(path, &waiting(&aloud()))
}

/// Writes to stderr what is to be minded.
fn aloud() -> Tell {
    Arc::new(|text: &str| output::complain(&format!("plimsoll: {text}")))
}

/// Reads manifests, and says when: `waiting` is told the name of a pipe that brings nothing.
fn manifests(args: &SourceArgs, waiting: Option<&Waiting>) -> Result<Inventory, CommandError> {
    if let Some(version) = args.kube_version.as_deref().filter(|v| minor(v).is_none()) {
        return Err(CommandError::Usage(format!(
            "--kube-version `{version}` is no version such as 1.31"
        )));
    }
    let options =
        files::Options { complete: args.complete, kube_version: args.kube_version.clone() };
    let begun = timestamp();
    let mut inventory = files::read_telling(&args.file, &options, waiting).map_err(|error| {
        let hint = match &error {
            // `-f` takes every path that follows it.
            FilesError::Unreadable { path, source }
                if source.kind() == std::io::ErrorKind::NotFound && names_no_file(path) =>
            {
                format!(
                    "; -f takes every word that follows: put `{path}` before -f to ask about it"
                )
            }
            _ => String::new(),
        };
        CommandError::Source(format!("{error}{hint}"))
    })?;
    inventory.source.read_at = Some(begun);
    Ok(inventory)
}

/// Reads the same manifests, or the same snapshot, once more as they are now. The screen is there
/// meanwhile: nothing is said but what comes back.
///
/// # Errors
/// When they cannot be read any more.
pub fn again(args: &SourceArgs) -> Result<Inventory, UserError> {
    let read = match &args.snapshot {
        Some(path) => snapshot::load(path).map_err(|error| error.to_string()),
        None => manifests(args, None).map_err(|fail| fail.to_string()),
    };
    read.map_err(|why| UserError {
        what: "not read again".to_owned(),
        why,
        next: "what stands here is what was read before; mend it, and R reads again".to_owned(),
    })
}

/// Where the objects of a snapshot are not those that its reads tell of, in words.
pub fn contradictions(path: &Path, snapshot: &Inventory) -> Vec<String> {
    let told = |message: &str| format!("{}: {message}", path.display());
    snapshot.problems.iter().map(|problem| told(&problem.message)).collect()
}

/// Whether a path reads like an object or a subject: `deploy/web`, `sa/shop/cart`.
fn names_no_file(path: &str) -> bool {
    let object = path.split_once('/').is_some_and(|(kind, name)| {
        !name.is_empty() && !name.contains('/') && kinds::lookup(kind).is_some()
    });
    object || access::parse(path).is_some()
}

/// Reads whatever source the command line names, once.
///
/// # Errors
/// When the source cannot be read at all.
pub fn read(
    args: &SourceArgs,
    kinds: Vec<Kind>,
    namespaces: &[String],
) -> Result<Inventory, CommandError> {
    let options = connect_options(args)?;
    if let Some(inventory) = fixed(args, &kinds)? {
        return Ok(inventory);
    }
    let request = asking(&args.allow, kinds, namespaces);
    let mut line = ProgressLine::new();
    let shown = |name: &str, progress: &cluster::Progress| line.show(&reading(name, progress));
    live(&options, &request, false, shown).map_err(|error| unread(args, &error))
}

/// The same, and something of it must have been seen: a cluster that shows none of its lists is not an
/// empty one.
///
/// # Errors
/// When the source cannot be read at all, or none of its lists could be.
pub fn seen(
    args: &SourceArgs,
    kinds: Vec<Kind>,
    namespaces: &[String],
) -> Result<Inventory, CommandError> {
    let inventory = read(args, kinds, namespaces)?;
    match Unread::blind(&inventory) {
        Some(Unread { what, why, next }) => {
            Err(CommandError::Source(format!("{what}: {why}")).then(&next))
        }
        None => Ok(inventory),
    }
}

/// What a command ends with: to name a context, cluster or user that is not there is wrong usage.
fn unread(args: &SourceArgs, error: &cluster::UserError) -> CommandError {
    let named = args.context.is_some() || args.cluster.is_some() || args.user.is_some();
    if named && error.trouble == cluster::Trouble::Context {
        return misnamed(error);
    }
    unreached(error)
}

/// That a context was named that is not there.
pub(super) fn misnamed(error: &cluster::UserError) -> CommandError {
    CommandError::Usage(error.cause()).then(&error.next)
}

/// That a cluster, or the kubeconfig, cannot be read.
pub(super) fn unreached(error: &cluster::UserError) -> CommandError {
    CommandError::Source(error.cause()).then(&error.next)
}

/// How far the reading of a context is, in a line.
#[must_use]
pub fn reading(context: &str, progress: &cluster::Progress) -> String {
    let note = progress.note.as_deref().map(|n| format!(", {n}")).unwrap_or_default();
    format!(
        "reading {context}: {} of {}, {}{note}",
        progress.done,
        counted(progress.planned, "list"),
        counted(progress.objects, "object")
    )
}

/// Reads a live cluster, once. `show` is told how far it is, with the name of the context. The plugin
/// that it runs is said, unless it was `announced`.
///
/// # Errors
/// When it cannot be read at all.
pub fn live(
    options: &ConnectOptions,
    request: &ReadRequest,
    announced: bool,
    show: impl FnMut(&str, &cluster::Progress),
) -> Result<Inventory, cluster::UserError> {
    live_when(options, request, announced, async |_| Ok(()), show).map(|((), read)| read)
}

/// The same, begun when what comes before it is `ready` with the connection; what that gave comes back too.
///
/// # Errors
/// When it cannot be read at all, or `ready` says so.
pub fn live_when<T>(
    options: &ConnectOptions,
    request: &ReadRequest,
    announced: bool,
    ready: impl AsyncFnOnce(&Connection) -> Result<T, cluster::UserError>,
    mut show: impl FnMut(&str, &cluster::Progress),
) -> Result<(T, Inventory), cluster::UserError> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| cluster::UserError {
        trouble: cluster::Trouble::Server,
        what: "cannot begin to read".to_owned(),
        why: error.to_string(),
        next: "Give this process more threads, or read fewer clusters at once.".to_owned(),
    })?;
    runtime.block_on(async {
        let awaited = options.kubeconfig.as_deref().and_then(awaited);
        let prepared = cluster::prepare(options).await?;
        drop(awaited);
        let name = prepared.context().to_owned();
        let notices = if announced { prepared.cautions() } else { prepared.notices() };
        for notice in notices {
            output::complain(&format!("plimsoll: {name}: {notice}"));
        }
        let connection = connected(prepared).await?;
        let ready = ready(&connection).await?;
        let last = RefCell::new(cluster::Progress::default());
        let read = cluster::read(&connection, request, |progress| {
            last.replace(progress.clone());
            show(&name, progress);
        });
        attended(read, &name, &last).await.map(|read| (ready, read))
    })
}

/// Credential plugins that this process runs end with it, however that ends.
fn end_plugins_at_end() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| signals::at_end(cluster::end_plugins));
}

/// Connects; says what is waited for where a credential plugin takes its time.
pub(super) async fn connected(
    prepared: cluster::Prepared,
) -> Result<Connection, cluster::UserError> {
    let name = prepared.context().to_owned();
    let plugin = prepared.plugin().map(|(plugin, limit)| (plugin.to_owned(), limit.as_secs()));
    if plugin.is_some() {
        end_plugins_at_end();
    }
    let connecting = prepared.connect();
    tokio::pin!(connecting);
    tokio::select! {
        done = &mut connecting => return done,
        () = tokio::time::sleep(PLUGIN_NAMED) => {}
    }
    if let Some((plugin, limit)) = plugin {
        output::complain(&format!(
            "plimsoll: {name}: waiting for the credential plugin {plugin:?}, at most {limit} s; it may \
             want somebody to log in"
        ));
    }
    connecting.await
}

/// Waits for a reading; says what it waits for whenever nothing came for a while.
async fn attended<T>(
    read: impl Future<Output = T>,
    name: &str,
    last: &RefCell<cluster::Progress>,
) -> T {
    tokio::pin!(read);
    let mut wait = STILL;
    let mut before = None;
    loop {
        tokio::select! {
            done = &mut read => return done,
            () = tokio::time::sleep(wait) => {}
        }
        let now = last.borrow();
        let here = Some((now.done, now.objects));
        if here == before {
            let lists = now.waits.as_ref().map(|list| format!(", waiting for {list}"));
            let words = format!("{}{}", reading(name, &now), lists.unwrap_or_default());
            output::complain(&format!("plimsoll: still {words}"));
            wait *= 2;
        }
        before = here;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_kubectl() {
        assert_eq!(duration("30s").unwrap(), Some(Duration::from_secs(30)));
        assert_eq!(duration("2m").unwrap(), Some(Duration::from_secs(120)));
        assert_eq!(duration("0").unwrap(), None);
        assert!(duration("soon").is_err());
        assert!(duration("").is_err());
    }
}
