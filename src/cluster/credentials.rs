//! The HTTP clients of a connection, remade when a plugin's credentials run out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use k8s_openapi::ByteString;
use kube::Client;
use kube::config::{Config, ExecConfig};
use tokio::sync::Mutex;

use super::error::{Fault, Trouble, UserError, chain};
use super::exec::{self, Credential};

/// A connection on which nothing comes for this long is given up.
const SILENCE: Duration = Duration::from_secs(60);
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest that a credential plugin may run.
const PLUGIN: Duration = Duration::from_secs(60);
/// Credentials are renewed this long before they run out.
const MARGIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(30);
/// Credentials younger than this are not renewed, whatever the server or the clock says.
const FRESH: Duration = Duration::from_secs(10);

/// One client for short requests, and one for watches, on which silence is normal.
pub(super) struct Clients {
    pub lists: Client,
    pub watches: Client,
    expires: Option<jiff::Timestamp>,
    made: Instant,
}

/// Makes [`Clients`] and keeps them.
pub(super) struct Source {
    config: Config,
    plugin: Option<ExecConfig>,
    patience: Option<Duration>,
    current: Mutex<Option<Arc<Clients>>>,
}

impl Source {
    /// Takes the plugin out of `config`: it is run here, not by `kube`.
    pub(super) fn new(mut config: Config, patience: Option<Duration>) -> Self {
        let plugin = config.auth_info.exec.take();
        // As with kubectl, credentials that stand in the file win over a plugin.
        let auth = &config.auth_info;
        let given = auth.token.is_some()
            || auth.token_file.is_some()
            || auth.username.is_some()
            || auth.client_certificate.is_some()
            || auth.client_certificate_data.is_some();
        let plugin = plugin.filter(|_| !given);
        Self { config, plugin, patience, current: Mutex::new(None) }
    }

    /// The plugin that is run for credentials, if one is.
    pub(super) fn plugin(&self) -> Option<&ExecConfig> {
        self.plugin.as_ref()
    }

    /// The clients, with credentials that are still good.
    pub(super) async fn clients(&self) -> Result<Arc<Clients>, UserError> {
        let mut current = self.current.lock().await;
        if let Some(clients) = current.as_ref() {
            let ends = clients.expires;
            let good = ends.is_none_or(|ends| jiff::Timestamp::now() + MARGIN < ends);
            // A plugin that hands out what has run out already is not run for every request.
            if good || clients.made.elapsed() < FRESH {
                return Ok(Arc::clone(clients));
            }
        }
        let made = Arc::new(self.make().await?);
        *current = Some(Arc::clone(&made));
        Ok(made)
    }

    /// After a 401: whether asking again with new credentials makes sense. `used` is what was
    /// refused.
    pub(super) async fn renew(&self, used: &Arc<Clients>) -> bool {
        if self.plugin.is_none() {
            return false;
        }
        let mut current = self.current.lock().await;
        let same = current.as_ref().is_some_and(|clients| Arc::ptr_eq(clients, used));
        if same && used.made.elapsed() < FRESH {
            return false;
        }
        if same {
            *current = None;
        }
        true
    }

    async fn make(&self) -> Result<Clients, UserError> {
        let mut config = self.config.clone();
        let mut expires = None;
        if let Some(plugin) = &self.plugin {
            let credential = exec::run(plugin.clone(), PLUGIN).await?;
            expires = credential.expires;
            put(&mut config, credential);
        }
        config.connect_timeout = Some(CONNECT);
        config.default_retry = false;
        config.reset_reader_on_write = true;
        config.read_timeout = Some(self.patience.map_or(SILENCE, |given| given.max(SILENCE)));
        let lists = client(config.clone())?;
        config.read_timeout = None;
        let watches = client(config)?;
        Ok(Clients { lists, watches, expires, made: Instant::now() })
    }
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
    Client::try_from(config).map_err(|error| match Fault::from_kube(&error) {
        Fault::Credentials(error) => *error,
        Fault::Tls(why) => UserError::new(
            Trouble::Tls,
            format!("cannot set up TLS for {server}"),
            why,
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
