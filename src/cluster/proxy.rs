//! Which proxy leads to a server: the cluster's own, else the environment's, with `NO_PROXY`
//! understood as kubectl does: loopback addresses are never reached through a proxy.

use std::net::IpAddr;

use http::Uri;

use super::caution::no_address;
use super::error::{Trouble, UserError};

/// What a proxy is spoken to with.
pub(super) const SCHEMES: [&str; 3] = ["http", "https", "socks5"];
/// How to write one.
pub(super) const FORMS: &str =
    "Write it as http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT.";

/// A proxy's address in full. With either of the schemes of SOCKS names are resolved by the proxy; the client
/// knows only the first.
pub(super) fn full(text: &str) -> String {
    let text = text
        .strip_prefix("socks5h:")
        .map_or_else(|| text.to_owned(), |rest| format!("socks5:{rest}"));
    if text.contains("://") { text } else { format!("http://{text}") }
}

/// The proxy settings of the environment.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment {
    pub http: Option<String>,
    pub https: Option<String>,
    pub none: Option<String>,
}

impl Environment {
    /// That of this process; capital letters win.
    pub(super) fn of_process() -> Self {
        let read = |name: &str| {
            let value = std::env::var(name).or_else(|_| std::env::var(name.to_lowercase()));
            value.ok().filter(|value| !value.is_empty())
        };
        Self { http: read("HTTP_PROXY"), https: read("HTTPS_PROXY"), none: read("NO_PROXY") }
    }

    /// The proxy to use for `server`. `own` is the cluster entry's `proxy-url`.
    pub(super) fn proxy(&self, server: &Uri, own: Option<&str>) -> Result<Option<Uri>, UserError> {
        let plain = server.scheme_str() == Some("http");
        let (text, origin) = match own.filter(|text| !text.is_empty()) {
            Some(own) => (own, "proxy-url in the kubeconfig"),
            None if self.bypasses(server) => return Ok(None),
            None => match (plain, &self.http, &self.https) {
                (true, Some(text), _) => (text.as_str(), "HTTP_PROXY"),
                (false, _, Some(text)) => (text.as_str(), "HTTPS_PROXY"),
                _ => return Ok(None),
            },
        };
        let text = full(text);
        let refused = |why: String| {
            let what = format!("the proxy address in {origin} cannot be used");
            UserError::new(Trouble::Kubeconfig, what, why, FORMS)
        };
        if let Some(why) = no_address(&text, &SCHEMES) {
            return Err(refused(why));
        }
        text.parse().map(Some).map_err(|error| refused(format!("{error}")))
    }

    fn bypasses(&self, server: &Uri) -> bool {
        let Some(host) = server.host() else { return false };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        let address: Option<IpAddr> = host.parse().ok();
        if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
            return true;
        }
        let listed = self.none.as_deref().unwrap_or_default();
        listed.split(',').map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
            let entry = entry.to_ascii_lowercase();
            let (name, port) = match entry.rsplit_once(':') {
                Some((name, port)) if !name.contains(':') => (name, port.parse().ok()),
                _ => (entry.as_str(), None),
            };
            if port.is_some() && port != server.port_u16() {
                return false;
            }
            match address {
                Some(address) => matches_address(name, address),
                None => matches_name(name, &host),
            }
        })
    }
}

fn matches_name(entry: &str, host: &str) -> bool {
    let bare = entry.trim_start_matches('*').trim_start_matches('.');
    if bare.is_empty() {
        return entry == "*";
    }
    let below = host.strip_suffix(bare).is_some_and(|rest| rest.ends_with('.'));
    below || (host == bare && !entry.starts_with('.') && !entry.starts_with("*."))
}

fn matches_address(entry: &str, address: IpAddr) -> bool {
    if entry == "*" {
        return true;
    }
    let Some((net, length)) = entry.split_once('/') else {
        return entry.parse().is_ok_and(|entry: IpAddr| entry == address);
    };
    let (Ok(net), Ok(length)) = (net.parse::<IpAddr>(), length.parse::<u32>()) else {
        return false;
    };
    let same = |a: u128, b: u128, bits: u32| {
        length <= bits && (length == 0 || (a ^ b) >> (bits - length).min(127) == 0)
    };
    match (net, address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(u32::from(a).into(), u32::from(b).into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.into(), b.into(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(none: &str, server: &str, own: Option<&str>) -> Option<String> {
        let environment = Environment {
            http: None,
            https: Some("proxy.invalid:3128".into()),
            none: Some(none.into()),
        };
        let proxy = environment.proxy(&server.parse().unwrap(), own).unwrap();
        proxy.map(|uri| uri.to_string())
    }

    #[test]
    fn the_environment_is_used_unless_the_host_is_excepted() {
        let through = Some("http://proxy.invalid:3128/".to_owned());
        for (none, server) in [
            ("", "https://k8s.example.com"),
            ("other.com,example.co", "https://k8s.example.com"),
            (".k8s.example.com", "https://k8s.example.com"),
            ("example.com:8443", "https://k8s.example.com:6443"),
            ("10.0.0.0/8", "https://11.0.0.1"),
            ("ample.com", "https://k8s.example.com"),
        ] {
            assert_eq!(used(none, server, None), through, "{none} {server}");
        }
        for (none, server) in [
            ("", "https://127.0.0.1:6443"),
            ("", "https://localhost:6443"),
            ("", "https://[::1]:6443"),
            ("*", "https://k8s.example.com"),
            ("x, example.com", "https://k8s.example.com"),
            (".example.com", "https://k8s.example.com"),
            ("*.example.com", "https://k8s.example.com"),
            ("k8s.example.com", "https://k8s.example.com"),
            ("example.com:6443", "https://k8s.example.com:6443"),
            ("10.0.0.0/8", "https://10.9.8.7:6443"),
            ("10.9.8.7", "https://10.9.8.7:6443"),
            ("fd00::/8", "https://[fd12::1]"),
            ("0.0.0.0/0", "https://10.9.8.7"),
        ] {
            assert_eq!(used(none, server, None), None, "{none} {server}");
        }
        // Plain HTTP servers have a variable of their own.
        assert_eq!(used("", "http://k8s.example.com", None), None);
    }

    #[test]
    fn the_clusters_own_proxy_wins() {
        let own = Some("socks5h://jump.invalid:1080");
        let proxy = used("*", "https://127.0.0.1", own).unwrap();
        assert_eq!(proxy, "socks5://jump.invalid:1080/");
        let bad = Environment::default();
        let server = "https://a.invalid".parse().unwrap();
        let error = bad.proxy(&server, Some("http://bad host:1")).unwrap_err();
        assert!(error.what.contains("proxy-url"), "{error}");
    }
}
