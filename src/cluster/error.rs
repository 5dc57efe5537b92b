//! What can go wrong between here and the server, in words for the person at the keyboard.

use std::error::Error as StdError;
use std::time::Duration;

use super::credentials::CONNECT;
use super::protobuf::Unread;
use super::sent::said;
use crate::text::clean;

/// The sort of trouble, for callers that act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No kubeconfig, or one that cannot be read.
    Kubeconfig,
    /// The context, cluster or user is not in the kubeconfig.
    Context,
    /// A credential plugin or token source failed.
    Credentials,
    /// Nobody answers at the server's address.
    Unreachable,
    /// The TLS handshake failed.
    Tls,
    /// The server does not accept the credentials (401).
    Unauthorized,
    /// The server knows the user and refuses (403).
    Forbidden,
    /// The server answers with errors, or with something that is no answer.
    Server,
}

/// An error in three parts: what went wrong, why, and what to do next. Each is one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}\n{next}")]
pub struct UserError {
    /// The sort of trouble.
    pub trouble: Trouble,
    /// What was tried and failed.
    pub what: String,
    /// Why, with file, line and the server's words where there are any.
    pub why: String,
    /// What to do next.
    pub next: String,
}

impl UserError {
    /// An error of these parts.
    #[must_use]
    pub fn new(
        trouble: Trouble,
        what: impl Into<String>,
        why: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        // Kubeconfigs, plugins and servers are quoted: what they say begins no line of its own.
        let line = |text: String| clean(&text).into_owned();
        let (what, why, next) = (line(what.into()), line(why.into()), line(next.into()));
        Self { trouble, what, why, next }
    }

    /// What went wrong and why, in a line.
    #[must_use]
    pub fn cause(&self) -> String {
        format!("{}: {}", self.what, self.why)
    }
}

/// Why one request failed. What the other side says of it goes through [`said`] where it is read.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum RequestFault {
    /// The server answered with an error status.
    #[error("{} (HTTP {code})", said(message))]
    Status { code: u16, reason: String, message: String, retry_after: Option<Duration> },
    /// No connection.
    #[error("no connection: {}", said(.0))]
    Unreachable(String),
    /// No secure connection.
    #[error("no secure connection: {}", said(.0))]
    Tls(String),
    /// Nothing came for this long.
    #[error("no answer for {} s", .0.as_secs_f32())]
    Timeout(Duration),
    /// It trickles.
    #[error("the answer comes too slowly: {bytes} bytes in {} s", .taken.as_secs())]
    Slow { bytes: usize, taken: Duration },
    /// It does not end where an answer should have.
    #[error("the answer is larger than {0}")]
    Large(String),
    /// A list goes on beyond what is taken.
    #[error("{0}")]
    Over(String),
    /// The answer ended too early.
    #[error("the answer broke off: {}", said(.0))]
    Broken(String),
    /// The answer is not what was asked for.
    #[error("the answer is not understood: {}", said(.0))]
    Unparsable(String),
    /// It was not sent: what it asks for is none of the things that are read.
    #[error("not asked for: {}", said(.0))]
    Shut(String),
    /// The answer is protobuf, and cannot be read without leaving something out.
    #[error("the answer in protobuf is not understood: {}", said(&.0.to_string()))]
    Binary(Unread),
    /// No credentials could be obtained.
    #[error("{}: {}", .0.what, .0.why)]
    Credentials(Box<UserError>),
}

impl RequestFault {
    /// The HTTP status, if the server gave one.
    pub(super) fn code(&self) -> Option<u16> {
        if let Self::Status { code, .. } = self { Some(*code) } else { None }
    }

    /// Whether the server refused it for lack of rights.
    pub(super) fn is_forbidden(&self) -> bool {
        self.code() == Some(403)
    }

    /// Whether the server answers that something is not there.
    pub(super) fn is_absent(&self) -> bool {
        self.code() == Some(404)
    }

    /// Whether the server says that it no longer knows the place asked for.
    pub(super) fn is_gone(&self) -> bool {
        match self {
            Self::Status { code, reason, .. } => *code == 410 || reason == "Expired",
            _ => false,
        }
    }

    /// Whether a watch will not be answered however often it is asked for, a list perhaps.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self.code(), Some(400 | 403..=406 | 415 | 422 | 501))
    }

    /// Whether the server says that it has not come as far as the version asked for.
    pub(super) fn is_ahead(&self) -> bool {
        matches!(self, Self::Status { message, .. } if message.contains("Too large resource version"))
    }

    /// What happened, and what to do about it where the person can do something.
    pub(super) fn explained(&self) -> String {
        match self {
            Self::Status { code: 401, .. } => {
                format!("{self}: the credentials are no longer accepted, log in again")
            }
            Self::Credentials(error) => format!("{self}; {}", error.next),
            Self::Tls(_) => {
                format!("{self}; the authority or the certificate may have been replaced")
            }
            _ => self.to_string(),
        }
    }

    /// Whether it is more than is taken, so that asking again soon is of no use.
    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Large(_) | Self::Over(_))
    }

    /// Whether another try may succeed.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Status { code, .. } => matches!(code, 429 | 500 | 502 | 503 | 504),
            Self::Unreachable(_) | Self::Timeout(_) | Self::Slow { .. } | Self::Broken(_) => true,
            Self::Tls(_)
            | Self::Unparsable(_)
            | Self::Shut(_)
            | Self::Binary(_)
            | Self::Large(_)
            | Self::Over(_)
            | Self::Credentials(_) => false,
        }
    }

    /// What `kube` says, sorted.
    pub(super) fn from_kube(error: &kube::Error) -> Self {
        if let kube::Error::Auth(cause) = error {
            return Self::Credentials(Box::new(UserError::new(
                Trouble::Credentials,
                "cannot obtain credentials",
                chain(cause),
                "Check the user's entry in the kubeconfig; log in again if it uses a token.",
            )));
        }
        let text = chain(error);
        let lower = text.to_ascii_lowercase();
        let tls = ["certificate", "tls", "handshake", "corrupt message", "invalidcontenttype"];
        if lower.contains("deadline has elapsed") {
            // The client's own limit for making a connection.
            Self::Timeout(CONNECT)
        } else if lower.contains("timed out") {
            Self::Unreachable(bare(&text))
        } else if tls.iter().any(|word| lower.contains(word)) {
            Self::Tls(text)
        } else if lower.contains("connection closed before message completed")
            || lower.contains("body error")
        {
            Self::Broken(text)
        } else {
            Self::Unreachable(bare(&text))
        }
    }

    /// The same with the proxy named through which it happened: it may be the one that failed.
    pub(super) fn through(self, proxy: Option<&str>) -> Self {
        let Some(proxy) = proxy else { return self };
        match self {
            Self::Unreachable(text) => {
                Self::Unreachable(format!("{text}, through the proxy {proxy}"))
            }
            Self::Tls(text) => Self::Tls(format!("{text}, through the proxy {proxy}")),
            Self::Timeout(limit) => Self::Unreachable(format!(
                "no answer for {} s, through the proxy {proxy}",
                limit.as_secs_f32()
            )),
            other => other,
        }
    }

    /// The same for a person, for a failure that leaves nothing to work with.
    pub(super) fn explain(&self, server: &str) -> UserError {
        let what = format!("cannot read the cluster at {server}");
        let (trouble, next) = match self {
            Self::Credentials(error) => return (**error).clone(),
            Self::Status { code: 401, .. } => (
                Trouble::Unauthorized,
                "The token or certificate is missing, expired or revoked: log in again (with \
                 kubectl or your provider's tool), then retry.",
            ),
            Self::Status { code: 403, .. } => (
                Trouble::Forbidden,
                "Ask an administrator for the rights to get and list, or use another context.",
            ),
            Self::Status { code: 429, .. } => (
                Trouble::Server,
                "The server is too busy and sheds requests (API priority and fairness), also after \
                 waiting: try again later, or with a longer --request-timeout.",
            ),
            Self::Status { code: 400, .. } if server.starts_with("http://") => (
                Trouble::Server,
                "The kubeconfig names the server with http://; if it is reached by https, as nearly all are, \
                 write https:// there.",
            ),
            Self::Status { .. }
            | Self::Broken(_)
            | Self::Unparsable(_)
            | Self::Shut(_)
            | Self::Binary(_)
            | Self::Large(_)
            | Self::Over(_) => (
                Trouble::Server,
                "Check that the address is a Kubernetes API server and that it is healthy.",
            ),
            Self::Tls(_) => (
                Trouble::Tls,
                "Check certificate-authority(-data), tls-server-name and the client certificate \
                 of this context; a proxy in between may present its own certificate.",
            ),
            Self::Unreachable(_) | Self::Timeout(_) | Self::Slow { .. } => (
                Trouble::Unreachable,
                "Check that the cluster runs and that network, VPN and proxy (HTTPS_PROXY, \
                 NO_PROXY) lead to it; or choose another --context.",
            ),
        };
        UserError::new(trouble, what, self.to_string(), next)
    }
}

/// The innermost two messages of an error's chain: the outer ones only say "service error".
pub(super) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(current) = next {
        let text = current.to_string();
        if texts.last().is_none_or(|last| !last.contains(&text) || last.len() > text.len()) {
            texts.push(text);
        }
        next = current.source();
    }
    let from = texts.len().saturating_sub(2);
    let mut tail = texts.split_off(from);
    // The outer message usually repeats the inner one at its end.
    if let [outer, inner] = tail.as_slice()
        && outer.contains(inner.as_str())
    {
        tail.remove(0);
    }
    said(&tail.join(": "))
}

/// Without the words that say the same in every case, and the number that its words stand for.
fn bare(text: &str) -> String {
    let text = text.trim_start_matches("client error (Connect): ");
    let text = text.trim_start_matches("tcp connect error: ");
    let end = text.rfind(" (os error ").filter(|_| text.ends_with(')')).unwrap_or(text.len());
    text.get(..end).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: u16) -> RequestFault {
        RequestFault::Status {
            code,
            reason: String::new(),
            message: "no".into(),
            retry_after: None,
        }
    }

    #[test]
    fn an_expired_token_says_to_log_in_again() {
        let error = status(401).explain("https://example.invalid");
        assert_eq!(error.trouble, Trouble::Unauthorized);
        assert!(error.next.contains("log in again"), "{error}");
        assert!(error.what.contains("https://example.invalid"));
    }

    #[test]
    fn an_https_port_that_is_asked_by_http_is_told() {
        assert!(status(400).explain("http://a.invalid:6443").next.contains("write https://"));
        assert!(!status(400).explain("https://a.invalid:6443").next.contains("https://"));
    }

    #[test]
    fn only_passing_faults_are_tried_again() {
        let again: Vec<u16> = (400..600).filter(|code| status(*code).is_passing()).collect();
        assert_eq!(again, [429, 500, 502, 503, 504]);
        assert!(!RequestFault::Tls(String::new()).is_passing());
        assert!(RequestFault::Broken(String::new()).is_passing());
    }

    #[test]
    fn a_refused_connection_is_told_in_few_words_and_through_which_proxy() {
        let text = "client error (Connect): tcp connect error: Connection refused (os error 111)";
        let fault = RequestFault::Unreachable(bare(text));
        assert_eq!(fault.to_string(), "no connection: Connection refused");
        let fault = fault.through(Some("http://p.invalid:1 (proxy-url in the kubeconfig)"));
        assert!(fault.to_string().contains("through the proxy http://p.invalid:1"), "{fault}");
        let slow =
            RequestFault::Timeout(Duration::from_secs(10)).through(Some("http://p.invalid:1"));
        let words = "no connection: no answer for 10 s, through the proxy http://p.invalid:1";
        assert_eq!(slow.to_string(), words);
    }
}
