//! The HTTP clients of a connection, remade when credentials run out or the kubeconfig changes.

use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use k8s_openapi::ByteString;
use kube::Client;
use kube::config::{AuthInfo, Config, ExecConfig};
use serde_json::Value;
use tokio::sync::Mutex;

use super::caution;
use super::error::{RequestFault, Trouble, UserError, chain};
use super::exec::{self, Credential, How};
use super::sent;
use crate::handwritten;

/// Longest wait for a connection.
pub(super) const CONNECT: Duration = Duration::from_secs(10);
/// Credentials are renewed this long before they run out.
const MARGIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(30);
/// Credentials younger than this are not renewed, whatever the server or the clock says.
const FRESH: Duration = Duration::from_secs(10);
/// Renewing in vain is tried less and less often, down to once in this time: a plugin may well
/// open a window each time it runs.
const LONGEST: Duration = Duration::from_secs(300);
/// The HTTP client's own limit lies above ours, whose message is better.
const ABOVE: Duration = Duration::from_secs(5);

/// What a kubeconfig gives, and a number that changes with it.
pub(super) struct Given {
    pub config: Config,
    pub trace: u64,
    /// A name and a password stood in the server's address, and were left out.
    pub stripped: bool,
    /// The cluster's entry names a proxy.
    pub own_proxy: bool,
}

/// Reads the kubeconfig again.
pub(super) type Reload = Box<dyn Fn() -> Reloading + Send + Sync>;
type Reloading = Pin<Box<dyn Future<Output = Result<Given, UserError>> + Send>>;

/// One client for short requests, and one for watches, on which silence is normal.
pub(super) struct Clients {
    pub lists: Client,
    pub watches: Client,
    expires: Option<jiff::Timestamp>,
    made: Instant,
}

/// Makes [`Clients`] and keeps them.
pub(super) struct CredentialSource {
    /// Nothing may be silent for longer.
    silence: Duration,
    /// How a credential plugin is run.
    plugin: How,
    reload: Reload,
    /// Held while a plugin runs.
    state: Mutex<CredentialState>,
    /// Held for a moment only: whoever asks for another try does not wait for a plugin.
    tries: std::sync::Mutex<Tries>,
}

/// What came of earlier tries.
#[derive(Default)]
struct Tries {
    /// The last one that gave nothing: when, and why.
    failed: Option<(Instant, UserError)>,
    /// Those in a row that gave nothing, or nothing that the server takes.
    in_vain: u32,
}

impl Tries {
    /// How long what is there now is left alone.
    fn rest(&self) -> Duration {
        FRESH.saturating_mul(1 << self.in_vain.min(8)).min(LONGEST)
    }
}

struct CredentialState {
    config: Config,
    plugin: Option<ExecConfig>,
    trace: u64,
    clients: Option<Arc<Clients>>,
}

impl CredentialState {
    fn new(given: Given) -> Self {
        let mut config = given.config;
        // Taken out: it is run here, not by `kube`.
        let plugin = config.auth_info.exec.take();
        // As with kubectl, credentials that stand in the file win over a plugin.
        let plugin = plugin.filter(|_| !stand_in(&config.auth_info));
        let trace = given.trace;
        Self { config, plugin, trace, clients: None }
    }
}

impl CredentialSource {
    /// Nothing is made of it yet.
    pub(super) fn new(given: Given, silence: Duration, plugin: How, reload: Reload) -> Self {
        let (state, tries) = (Mutex::new(CredentialState::new(given)), std::sync::Mutex::default());
        Self { silence, plugin, reload, state, tries }
    }

    fn tries(&self) -> MutexGuard<'_, Tries> {
        // Whoever died while holding it has left whole values behind.
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why nothing is to be had for now, if a try failed a moment ago.
    fn failed_lately(&self) -> Option<UserError> {
        let tries = self.tries();
        let (when, error) = tries.failed.as_ref()?;
        (when.elapsed() < tries.rest()).then(|| error.clone())
    }

    /// The clients, with credentials that are still good.
    pub(super) async fn clients(&self) -> Result<Arc<Clients>, UserError> {
        let mut state = self.state.lock().await;
        if let Some(clients) = state.clients.as_ref() {
            let ends = clients.expires;
            let good = ends.is_none_or(|ends| jiff::Timestamp::now() + MARGIN < ends);
            // A plugin that hands out what has run out already is not run for every request.
            if good || clients.made.elapsed() < FRESH {
                return Ok(Arc::clone(clients));
            }
        }
        // Neither is one that fails.
        if let Some(error) = self.failed_lately() {
            return Err(error);
        }
        match self.make(&state).await {
            Ok(made) => {
                let made = Arc::new(made);
                state.clients = Some(Arc::clone(&made));
                self.tries().failed = None;
                Ok(made)
            }
            Err(error) => {
                let mut tries = self.tries();
                tries.failed = Some((Instant::now(), error.clone()));
                tries.in_vain += 1;
                Err(error)
            }
        }
    }

    /// After a 401, or when no secure connection could be made: whether asking again with new
    /// clients makes sense. `used` is what was refused; `plugin`, whether it may be run again.
    pub(super) async fn renew(&self, used: &Arc<Clients>, plugin: bool) -> bool {
        let mut state = self.state.lock().await;
        let same = state.clients.as_ref().is_some_and(|clients| Arc::ptr_eq(clients, used));
        if !same {
            // Somebody else renewed them meanwhile.
            return true;
        }
        // A login tool may have written a new token, a new certificate, a new authority. Another
        // server is another cluster: that is for the user to choose.
        if let Ok(given) = (self.reload)().await
            && given.trace != state.trace
            && given.config.cluster_url == state.config.cluster_url
        {
            *state = CredentialState::new(given);
            *self.tries() = Tries::default();
            return true;
        }
        let mut tries = self.tries();
        if !plugin || state.plugin.is_none() || used.made.elapsed() < tries.rest() {
            return false;
        }
        state.clients = None;
        tries.in_vain += 1;
        true
    }

    /// Somebody asks for another try now: earlier ones do not count.
    pub(super) fn try_again(&self) {
        *self.tries() = Tries::default();
    }

    /// The server took them.
    pub(super) fn accepted(&self) {
        self.tries().in_vain = 0;
    }

    async fn make(&self, state: &CredentialState) -> Result<Clients, UserError> {
        let mut config = state.config.clone();
        let mut expires = None;
        if let Some(plugin) = &state.plugin {
            let credential = Box::pin(exec::run(plugin.clone(), self.plugin)).await?;
            expires = credential.expires;
            put(&mut config, credential);
        }
        file_token(&mut config.auth_info)?;
        entry_token(&mut config.auth_info)?;
        sent::of_config(&config);
        config.connect_timeout = Some(CONNECT);
        config.default_retry = false;
        config.reset_reader_on_write = true;
        config.read_timeout = Some(self.silence + ABOVE);
        let lists = client(config.clone())?;
        config.read_timeout = None;
        let watches = client(config)?;
        Ok(Clients { lists, watches, expires, made: Instant::now() })
    }
}

/// Reads the token that a file holds, as kubectl does: space around it, such as the end of the line, is
/// no part of it. When it is replaced the old one is refused at some time, and it is read again.
fn file_token(auth: &mut AuthInfo) -> Result<(), UserError> {
    let Some(path) = auth.token_file.take().filter(|_| auth.token.is_none()) else { return Ok(()) };
    let refused = |why: &str| {
        UserError::new(
            Trouble::Kubeconfig,
            format!("cannot use the tokenFile of the kubeconfig, {path}"),
            why,
            "Let the tool that writes it write a token again, or log in anew.",
        )
    };
    let bytes = handwritten::bytes(Path::new(&path), caution::LARGEST);
    let bytes = bytes.map_err(|error| refused(&error.to_string()))?;
    let token = std::str::from_utf8(&bytes).ok().and_then(token);
    let token = token.ok_or_else(|| refused(&format!("it holds {NO_TOKEN}")))?;
    auth.token = Some(token.to_owned().into());
    Ok(())
}

/// Looks at the token that the entry itself holds: the HTTP client panics over one that is no header.
fn entry_token(auth: &mut AuthInfo) -> Result<(), UserError> {
    if auth.token.is_none() {
        return Ok(());
    }
    // The text of a secret comes out where a kubeconfig is written.
    let entry = serde_json::to_value(&*auth).unwrap_or_default();
    let Some(token) = entry.get("token").and_then(Value::as_str).and_then(token) else {
        return Err(UserError::new(
            Trouble::Kubeconfig,
            "cannot use the token of this context's user",
            format!("it is {NO_TOKEN}"),
            "Log in anew, or write the token into the kubeconfig as one line.",
        ));
    };
    auth.token = Some(token.to_owned().into());
    Ok(())
}

/// What is said of a text that is none.
pub(super) const NO_TOKEN: &str = "no token: one line of letters, digits and signs";

/// A token without the space around it; none if it could not be sent.
pub(super) fn token(text: &str) -> Option<&str> {
    let token = text.trim();
    let fits = !token.is_empty() && token.chars().all(|c| c.is_ascii() && !c.is_ascii_control());
    fits.then_some(token)
}

/// Whether a user's entry holds credentials itself, so that no plugin is run.
pub(super) fn stand_in(auth: &AuthInfo) -> bool {
    auth.token.is_some()
        || auth.token_file.is_some()
        || auth.username.is_some()
        || auth.client_certificate.is_some()
        || auth.client_certificate_data.is_some()
}

fn put(config: &mut Config, credential: Credential) {
    let auth = &mut config.auth_info;
    auth.token = credential.token.map(Into::into);
    if let Some((certificate, key)) = credential.certificate {
        auth.client_certificate_data = base64(certificate);
        auth.client_key_data = base64(key).map(Into::into);
    }
}

/// The way in which a kubeconfig holds PEM data.
fn base64(pem: String) -> Option<String> {
    let encoded = serde_json::to_value(ByteString(pem.into_bytes())).ok()?;
    encoded.as_str().map(str::to_owned)
}

fn client(config: Config) -> Result<Client, UserError> {
    let server = config.cluster_url.to_string();
    let certificate = match &config.auth_info {
        AuthInfo { client_certificate_data: None, client_certificate: Some(file), .. } => {
            format!("the client certificate {file}")
        }
        _ => "the client certificate of this context".to_owned(),
    };
    Client::try_from(config).map_err(|error| match RequestFault::from_kube(&error) {
        RequestFault::Credentials(error) => *error,
        RequestFault::Tls(why) if why.contains("UnsupportedCertVersion") => UserError::new(
            Trouble::Tls,
            format!("cannot show {certificate} to {server}"),
            "it is an X.509 certificate of version 1, which cannot be used here although kubectl \
             takes it",
            "Have it issued anew as version 3: with `openssl x509 -req`, add `-extfile` with a file \
             that says extendedKeyUsage=clientAuth; a CertificateSigningRequest gives version 3.",
        ),
        RequestFault::Tls(why) => UserError::new(
            Trouble::Tls,
            format!("cannot set up TLS for {server}"),
            // Nobody was spoken to yet: it is not the certificate of a peer.
            why.replacen("invalid peer certificate", &format!("{certificate} is invalid"), 1),
            "Check the certificate and key data of this context in the kubeconfig.",
        ),
        _ => UserError::new(
            Trouble::Kubeconfig,
            format!("cannot set up a client for {server}"),
            chain(&error),
            "Check the cluster's and the user's entry in the kubeconfig, and the proxy settings.",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_encoded_as_in_a_kubeconfig() {
        assert_eq!(base64("-----BEGIN".to_owned()).as_deref(), Some("LS0tLS1CRUdJTg=="));
    }
}
