//! From a kubeconfig context to a connection.

#[cfg(test)]
pub(super) mod tests;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::header::{HeaderValue, USER_AGENT};
use kube::config::{Config, KubeConfigOptions, Kubeconfig, KubeconfigError};
use tokio::sync::Semaphore;

use super::caution;
use super::credentials::{CredentialSource, Given, Reload, stand_in};
use super::error::{Trouble, UserError};
use super::exec::How;
use super::format::Formats;
use super::kubeconfig::{ContextInfo, KubeconfigPaths, Loaded, acting};
use super::last_heard::LastHeard;
use super::limits::Budget;
pub use super::limits::Limits;
pub use super::pace::Pace;
use super::pod::Pod;
use super::proxy::{Environment, FORMS};
pub use super::retry::Patience;
use crate::model::inventory::{SourceInfo, SourceKind};

/// Requests in flight at once; watches are not counted.
const AT_ONCE: usize = 4;

/// How requests name their sender.
pub const AGENT: &str = concat!("plimsoll/", env!("CARGO_PKG_VERSION"));

/// What the command line says about the connection; the names are kubectl's.
#[derive(Clone, Debug, Default)]
pub struct ConnectOptions {
    /// `--kubeconfig`.
    pub kubeconfig: Option<PathBuf>,
    /// `--context`.
    pub context: Option<String>,
    /// `--cluster`.
    pub cluster: Option<String>,
    /// `--user`.
    pub user: Option<String>,
    /// `--as`.
    pub impersonate: Option<String>,
    /// `--as-group`.
    pub impersonate_groups: Vec<String>,
    /// The pod whose service account is used where there is no kubeconfig; none for the one that
    /// this process runs in, if it does.
    pub pod: Option<Pod>,
    /// Nobody is at the terminal for a credential plugin: it is run in a process group of its own, and
    /// what it starts ends with it.
    pub apart: bool,
    /// `--request-timeout`: longest time for one answer. None leaves 60 s of silence as the limit.
    pub request_timeout: Option<Duration>,
    /// How often and how long failed requests are tried again.
    pub patience: Patience,
    /// How long things may take, and how often they are done again.
    pub pace: Pace,
    /// How much a server may bring.
    pub limits: Limits,
}

/// A connection to one cluster as one user. Cheap to clone.
#[derive(Clone)]
pub struct Connection {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub source: CredentialSource,
    pub slots: Semaphore,
    pub timeout: Option<Duration>,
    pub patience: Patience,
    pub pace: Pace,
    pub limits: Limits,
    /// What all lists cost together.
    pub budget: Budget,
    pub context: ContextInfo,
    pub server: String,
    /// The proxy that leads to it, as it may be shown.
    pub proxy: Option<String>,
    /// Whether anything ever answered.
    pub answered: AtomicBool,
    /// When anything last came.
    pub heard: LastHeard,
    /// Since when it has been too busy for whatever it was asked.
    pub busy: Mutex<Option<Instant>>,
    /// Which kinds are asked for in which format.
    pub formats: Formats,
}

impl Connection {
    /// The server's URL.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.inner.server
    }

    /// The context's name.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.inner.context.name
    }

    /// The namespace that the context sets, if any.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.inner.context.namespace.as_deref()
    }

    /// What an inventory says about where it came from.
    pub(super) fn source_info(&self) -> SourceInfo {
        SourceInfo {
            kind: SourceKind::Live,
            context: Some(self.context().to_owned()),
            server: Some(self.server().to_owned()),
            ..SourceInfo::default()
        }
    }
}

/// Reads the kubeconfig, obtains credentials and sets up the clients. Asks the server nothing:
/// whether it answers shows with the first read. Call it before the terminal is in raw mode only
/// if a plugin may open a browser; no plugin gets the terminal.
///
/// # Errors
/// When the kubeconfig is missing or broken, the context unknown, or no credentials can be had.
pub async fn connect(options: &ConnectOptions) -> Result<Connection, UserError> {
    prepare(options).await?.connect().await
}

/// A context that was read and checked; nothing was run or asked yet.
pub struct Prepared {
    inner: Inner,
    notices: Vec<String>,
    plugin: Option<String>,
}

impl Prepared {
    /// The context's name.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.inner.context.name
    }

    /// What connecting will do that somebody should know: the credential plugin it runs, with
    /// arguments; a server that is believed unseen. Safe to show.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// The same but for the plugin, where that was told already.
    #[must_use]
    pub fn cautions(&self) -> &[String] {
        // The plugin is told first.
        self.notices.get(usize::from(self.plugin.is_some())..).unwrap_or_default()
    }

    /// The credential plugin that connecting waits for, if it runs one, and how long at most. Not
    /// safe to show as it is.
    #[must_use]
    pub fn plugin(&self) -> Option<(&str, Duration)> {
        self.plugin.as_deref().map(|name| (name, self.inner.pace.plugin))
    }

    /// Obtains credentials and sets up the clients.
    ///
    /// # Errors
    /// When no credentials can be had.
    pub async fn connect(self) -> Result<Connection, UserError> {
        self.inner.source.clients().await?;
        Ok(Connection { inner: Arc::new(self.inner) })
    }
}

/// Reads the kubeconfig and checks what it says of the context; see [`connect`].
///
/// # Errors
/// When the kubeconfig is missing or broken, the context unknown, or an entry cannot be used.
pub async fn prepare(options: &ConnectOptions) -> Result<Prepared, UserError> {
    let (context, given) = give(options).await?;
    let plugin = given.config.auth_info.exec.as_ref();
    let plugin = plugin.filter(|_| !stand_in(&given.config.auth_info));
    let name = plugin.map(|plugin| plugin.command.clone().unwrap_or_default());
    let notices = caution::notices(&given.config, plugin, given.stripped);
    let server = caution::shown(&given.config.cluster_url.to_string());
    let server = server.trim_end_matches('/').to_owned();
    // What is read again later must still be of the context that was chosen now.
    let again = ConnectOptions { context: Some(context.name.clone()), ..options.clone() };
    let reload: Reload = Box::new(move || {
        let options = again.clone();
        Box::pin(async move { give(&options).await.map(|(_, given)| given) })
    });
    let silence = options.request_timeout.unwrap_or_default().max(options.pace.answer);
    let proxy = given.config.proxy_url.as_ref().map(|url| {
        let own = given.own_proxy.then_some("proxy-url in the kubeconfig");
        let from = own.unwrap_or("of the environment");
        format!("{} ({from})", caution::shown(&url.to_string()).trim_end_matches('/'))
    });
    let how = How { limit: options.pace.plugin, apart: options.apart };
    let source = CredentialSource::new(given, silence, how, reload);
    let inner = Inner {
        source,
        slots: Semaphore::new(AT_ONCE),
        timeout: options.request_timeout.filter(|limit| !limit.is_zero()),
        patience: options.patience,
        pace: options.pace,
        limits: options.limits,
        budget: Budget::new(options.limits.all),
        context,
        server,
        proxy,
        answered: AtomicBool::new(false),
        heard: LastHeard::new(),
        busy: Mutex::default(),
        formats: Formats::default(),
    };
    Ok(Prepared { inner, notices, plugin: name })
}

/// What the kubeconfig says at this moment.
async fn give(options: &ConnectOptions) -> Result<(ContextInfo, Given), UserError> {
    let mut places = KubeconfigPaths::of_process(options.kubeconfig.as_deref());
    if let Some(pod) = &options.pod {
        // A pod has no kubeconfig by itself.
        places = KubeconfigPaths { pod: Some(pod.clone()), ..KubeconfigPaths::default() };
    }
    let loaded = places.load()?;
    let context = loaded.choose(options.context.as_deref())?;
    loaded.check(&context, options.cluster.as_deref(), options.user.as_deref())?;
    let cluster = options.cluster.as_deref().unwrap_or(&context.cluster);
    let user = options.user.as_deref().or(context.user.as_deref()).unwrap_or_default();
    loaded.check_fields(&context, (cluster, user), options.impersonate.is_some())?;
    acting(options.impersonate.as_deref(), &options.impersonate_groups)?;
    check_entries(&loaded.config, cluster, user)?;
    let trace = trace(&loaded.config, cluster, user);
    let (config, stripped, own_proxy) = configure(loaded, &context, options).await?;
    Ok((context, Given { config, trace, stripped, own_proxy }))
}

/// Checks what the entries in use hold and name, before any of it is read.
fn check_entries(config: &Kubeconfig, cluster: &str, user: &str) -> Result<(), UserError> {
    let held = config.clusters.iter().find(|named| named.name == cluster);
    let known = config.auth_infos.iter().find(|named| named.name == user);
    caution::entries(
        (cluster, held.and_then(|named| named.cluster.as_ref())),
        (user, known.and_then(|named| named.auth_info.as_ref())),
    )
}

/// A number that changes when the cluster's or the user's entry changes, or a file that they name.
fn trace(config: &Kubeconfig, cluster: &str, user: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    let cluster = config.clusters.iter().find(|named| named.name == cluster);
    let user = config.auth_infos.iter().find(|named| named.name == user);
    // What cannot be written as JSON cannot have been read from a kubeconfig.
    serde_json::to_string(&cluster).unwrap_or_default().hash(&mut hasher);
    serde_json::to_string(&user).unwrap_or_default().hash(&mut hasher);
    let authority = cluster.and_then(|named| named.cluster.as_ref()?.certificate_authority.clone());
    let user = user.and_then(|named| named.auth_info.as_ref());
    let of_user = user.map(|user| {
        [&user.token_file, &user.client_certificate, &user.client_key].map(Clone::clone)
    });
    let files = of_user.into_iter().flatten().flatten().chain(authority);
    for file in files {
        std::fs::read(file).ok().hash(&mut hasher);
    }
    hasher.finish()
}

async fn configure(
    loaded: Loaded,
    context: &ContextInfo,
    options: &ConnectOptions,
) -> Result<(Config, bool, bool), UserError> {
    let asked = KubeConfigOptions {
        context: Some(context.name.clone()),
        cluster: options.cluster.clone(),
        user: options.user.clone(),
    };
    let cluster = options.cluster.as_ref().unwrap_or(&context.cluster);
    let own = loaded.config.clusters.iter().find(|named| named.name == *cluster);
    let own = own.and_then(|named| named.cluster.as_ref()?.proxy_url.clone());
    let mut config = Config::from_custom_kubeconfig(loaded.config, &asked)
        .await
        .map_err(|error| unusable(&context.name, &error))?;
    let (url, stripped) = caution::bare(&config.cluster_url)?;
    config.cluster_url = url;
    config.proxy_url = Environment::of_process().proxy(&config.cluster_url, own.as_deref())?;
    let auth = &mut config.auth_info;
    if let Some(provider) = auth.auth_provider.as_ref().filter(|provider| provider.name != "oidc") {
        return Err(UserError::new(
            Trouble::Credentials,
            format!("context {:?} uses the auth-provider {:?}", context.name, provider.name),
            "Kubernetes removed it in 1.26; only oidc is left",
            "Let your provider's tool write the entry anew: it will use a credential plugin.",
        ));
    }
    if options.impersonate.is_some() {
        auth.impersonate.clone_from(&options.impersonate);
        auth.impersonate_groups = None;
        auth.impersonate_uid = None;
        auth.impersonate_user_extra = None;
    }
    if !options.impersonate_groups.is_empty() {
        auth.impersonate_groups = Some(options.impersonate_groups.clone());
    }
    if auth.impersonate.is_none() && auth.impersonate_groups.is_some() {
        return Err(UserError::new(
            Trouble::Context,
            "cannot act as a group alone",
            "the server impersonates groups only together with a user",
            "Give --as USER along with --as-group.",
        ));
    }
    config.headers.push((USER_AGENT, HeaderValue::from_static(AGENT)));
    Ok((config, stripped, own.is_some_and(|own| !own.is_empty())))
}

fn unusable(context: &str, error: &KubeconfigError) -> UserError {
    // That of the cluster's entry was looked at before.
    let of_environment = match error {
        KubeconfigError::ParseProxyUrl(_) => Some(("HTTPS_PROXY", FORMS)),
        KubeconfigError::ParseNoProxy(_) => {
            Some(("NO_PROXY", "Write hosts there, with commas between."))
        }
        _ => None,
    };
    if let Some((name, next)) = of_environment {
        let what = format!("{name} of the environment cannot be used");
        return UserError::new(Trouble::Kubeconfig, what, super::error::chain(error), next);
    }
    UserError::new(
        Trouble::Kubeconfig,
        format!("context {context:?} cannot be used"),
        super::error::chain(error),
        "Mend its cluster's or user's entry in the kubeconfig; files that it names must be \
         readable.",
    )
}
