//! What a kubeconfig makes of whoever uses it: commands to run, files to read, servers to believe.
//! It may come from somebody else, so this is checked, and told before it happens.

use std::path::Path;

use http::Uri;
use k8s_openapi::ByteString;
use kube::config::{AuthInfo, Cluster, Config, ExecConfig};

use super::error::{Trouble, UserError};
use crate::text::masking::MASK;
use crate::text::{cut, cut_chars, mask, mask_words};

/// Largest file that a kubeconfig may name, in bytes: certificates, keys and tokens.
pub(super) const LARGEST: u64 = 1 << 20;
/// Longest command line or address that is shown, in cells.
const LONGEST: usize = 400;

/// Checks that what the entries in use hold in base64 is that, and the files that they name.
pub(super) fn entries(
    (cluster_name, cluster): (&str, Option<&Cluster>),
    (user_name, user): (&str, Option<&AuthInfo>),
) -> Result<(), UserError> {
    let cluster_fields = serde_json::to_value(cluster).unwrap_or_default();
    let user_fields = serde_json::to_value(user).unwrap_or_default();
    let of_cluster = [(&cluster_fields, "cluster", cluster_name, "certificate-authority-data")];
    let of_user = ["client-certificate-data", "client-key-data"]
        .map(|field| (&user_fields, "user", user_name, field));
    for (fields, sort, name, field) in of_cluster.into_iter().chain(of_user) {
        let Some(text) = fields.get(field).filter(|value| value.is_string()) else { continue };
        if let Err(error) = serde_json::from_value::<ByteString>(text.clone()) {
            return Err(UserError::new(
                Trouble::Kubeconfig,
                format!("{field} of the {sort} {name:?} in the kubeconfig cannot be used"),
                format!("it is no base64: {error}"),
                "Copy it again in one piece; `base64 -w0 FILE` writes it.",
            ));
        }
    }
    one_way_to_trust(cluster_name, cluster)?;
    holds_certificate(cluster_name, cluster)?;
    files(cluster, user)
}

/// A cluster's entry that both names whom to believe and says to believe anybody is refused, as kubectl does:
/// which of the two was meant, nobody can tell.
fn one_way_to_trust(name: &str, cluster: Option<&Cluster>) -> Result<(), UserError> {
    let Some(cluster) = cluster.filter(|c| c.insecure_skip_tls_verify == Some(true)) else {
        return Ok(());
    };
    let given = |value: &Option<String>| value.as_ref().is_some_and(|text| !text.is_empty());
    if !given(&cluster.certificate_authority) && cluster.certificate_authority_data.is_none() {
        return Ok(());
    }
    Err(UserError::new(
        Trouble::Kubeconfig,
        format!("the cluster {name:?} in the kubeconfig says two things of whom to believe"),
        "it has a certificate authority and insecure-skip-tls-verify",
        "Take out insecure-skip-tls-verify, so that the server has to prove who it is.",
    ))
}

/// What a cluster's entry holds as its authority has to be a certificate: without one every server looks false.
fn holds_certificate(name: &str, cluster: Option<&Cluster>) -> Result<(), UserError> {
    let data = cluster.and_then(|cluster| cluster.certificate_authority_data.as_ref());
    let plain =
        data.and_then(|data| serde_json::from_value::<ByteString>(data.as_str().into()).ok());
    let holds = |data: &[u8]| {
        let text = String::from_utf8_lossy(data);
        text.trim().is_empty() || text.contains("-----BEGIN") && text.contains("CERTIFICATE-----")
    };
    if plain.is_none_or(|data| holds(&data.0)) {
        return Ok(());
    }
    Err(UserError::new(
        Trouble::Kubeconfig,
        format!(
            "certificate-authority-data of the cluster {name:?} in the kubeconfig cannot be used"
        ),
        "it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)",
        "Copy it again in one piece; `base64 -w0 ca.crt` writes it.",
    ))
}

/// Checks the files that the entries in use name.
fn files(cluster: Option<&Cluster>, user: Option<&AuthInfo>) -> Result<(), UserError> {
    let mut named = Vec::new();
    if let Some(cluster) = cluster.filter(|c| c.certificate_authority_data.is_none()) {
        named.push(("certificate-authority", cluster.certificate_authority.as_deref()));
    }
    if let Some(user) = user {
        if user.client_certificate_data.is_none() {
            named.push(("client-certificate", user.client_certificate.as_deref()));
        }
        if user.client_key_data.is_none() {
            named.push(("client-key", user.client_key.as_deref()));
        }
        if user.token.is_none() {
            named.push(("tokenFile", user.token_file.as_deref()));
        }
    }
    named.into_iter().filter_map(|(key, path)| Some((key, path?))).try_for_each(sound)
}

fn sound((key, path): (&str, &str)) -> Result<(), UserError> {
    let path = Path::new(path);
    let why = match std::fs::metadata(path) {
        Err(error) => error.to_string(),
        Ok(found) if !found.is_file() => {
            "it is no regular file; reading a pipe or a device may never end".to_owned()
        }
        Ok(found) if found.len() > LARGEST => format!("it is larger than {} KiB", LARGEST >> 10),
        Ok(_) => match std::fs::File::open(path) {
            Ok(_) => return Ok(()),
            Err(error) => error.to_string(),
        },
    };
    Err(UserError::new(
        Trouble::Kubeconfig,
        format!("cannot use the {key} of the kubeconfig, {}", path.display()),
        why,
        "Name a file that holds a certificate, a key or a token.",
    ))
}

/// The server's address without a name and a password in it, and whether there were any.
pub(super) fn bare(url: &Uri) -> Result<(Uri, bool), UserError> {
    let refused = |why: &str| {
        UserError::new(
            Trouble::Kubeconfig,
            format!("the server {:?} cannot be used", shown(&url.to_string())),
            why,
            "Write it in the kubeconfig as https://HOST:PORT.",
        )
    };
    let authority = url.authority().map(ToString::to_string).unwrap_or_default();
    let Some((_, host)) = authority.rsplit_once('@') else { return Ok((url.clone(), false)) };
    let mut parts = url.clone().into_parts();
    parts.authority = Some(host.parse().map_err(|_| refused("its host is none"))?);
    Ok((Uri::from_parts(parts).map_err(|_| refused("it is no address"))?, true))
}

/// Why a text leads nowhere, if it does not: no address, or none of these schemes.
pub(super) fn no_address(text: &str, schemes: &[&str]) -> Option<String> {
    let url = text.parse::<Uri>().ok();
    let scheme = url.as_ref().and_then(Uri::scheme_str);
    if scheme.is_some_and(|scheme| schemes.contains(&scheme)) {
        return None;
    }
    let value = cut_chars(&shown(text), LONGEST).into_owned();
    Some(format!("{value:?} is no address with {}://", schemes.join(":// or ")))
}

/// An address as it may be shown: nobody reads a password in it, nor what it asks for.
pub(super) fn shown(url: &str) -> String {
    let (url, query) = match url.split_once('?') {
        Some((url, _)) => (url, format!("?{MASK}")),
        None => (url, String::new()),
    };
    let masked = match url.split_once("://") {
        None => url.to_owned(),
        Some((scheme, rest)) => {
            let end = rest.find(['/', '#']).unwrap_or(rest.len());
            match rest.get(..end).and_then(|authority| authority.rsplit_once('@')) {
                Some((_, host)) => {
                    format!("{scheme}://{MASK}@{host}{}", rest.get(end..).unwrap_or_default())
                }
                None => url.to_owned(),
            }
        }
    };
    format!("{}{query}", mask(&masked))
}

/// What is told before anything is asked or run.
pub(super) fn notices(config: &Config, plugin: Option<&ExecConfig>, stripped: bool) -> Vec<String> {
    let server = shown(&config.cluster_url.to_string());
    let server = server.trim_end_matches('/');
    let mut told = Vec::new();
    if let Some(plugin) = plugin {
        told.push(format!("to log in, the kubeconfig has this run: {}", command(plugin)));
    }
    if config.accept_invalid_certs {
        told.push(format!(
            "{server} is believed without a look at its certificate (insecure-skip-tls-verify): \
             what is read may come from somebody else, who gets the credentials as well"
        ));
    }
    let host = config.cluster_url.host().unwrap_or_default();
    let here = host == "localhost" || host.starts_with("127.") || host == "[::1]";
    if config.cluster_url.scheme_str() == Some("http") && !here {
        told.push(format!("{server} is spoken to without encryption, credentials included"));
    }
    if stripped {
        told.push(format!(
            "the name and password in the address of {server} are left out; the user's entry is \
             the place for them"
        ));
    }
    told
}

/// A plugin's command line as it may be shown, with the names of its variables.
pub(super) fn command(plugin: &ExecConfig) -> String {
    let all: Vec<&str> =
        plugin.command.iter().chain(plugin.args.iter().flatten()).map(String::as_str).collect();
    let words: Vec<String> = mask_words(&all).iter().map(|text| word(text)).collect();
    let mut line = cut(&words.join(" "), LONGEST).into_owned();
    let names: Vec<&str> = plugin
        .env
        .iter()
        .flatten()
        .filter_map(|entry| entry.get("name").map(String::as_str))
        .collect();
    if !names.is_empty() {
        line.push_str(&cut(&format!(" (with {} set)", names.join(", ")), LONGEST));
    }
    crate::text::clean(&line).into_owned()
}

/// A word of a command line, quoted where it would fall apart.
fn word(text: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && !matches!(c, '"' | '\'' | '\\') && !c.is_control();
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("{text:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_with_its_arguments_and_without_secrets() {
        let plugin = ExecConfig {
            command: Some("/opt/my tool".into()),
            args: Some(
                [
                    "get-token",
                    "--client-secret=abcd",
                    "--password",
                    "hunter2",
                    "a\u{1b}[2J",
                    "--pass=abcd2",
                    "-pabcd3",
                    "--header=Authorization: Bearer abcdefgh",
                    "redis://:abcd5@h",
                    "--passphrase",
                    "abcd7",
                    "--pwd=abcd8",
                    "-v",
                ]
                .map(str::to_owned)
                .to_vec(),
            ),
            env: Some(vec![
                [("name", "AWS_PROFILE"), ("value", "prod")]
                    .map(|(k, v)| (k.to_owned(), v.to_owned()))
                    .into(),
            ]),
            ..ExecConfig::default()
        };
        assert_eq!(
            command(&plugin),
            format!(
                "\"/opt/my tool\" get-token --client-secret={MASK} --password {MASK} \
                 \"a\\u{{1b}}[2J\" --pass={MASK} -p{MASK} \
                 \"--header=Authorization: Bearer {MASK}\" redis://{MASK}@h --passphrase {MASK} \
                 --pwd={MASK} -v (with AWS_PROFILE set)"
            )
        );
    }

    #[test]
    fn addresses_lose_their_passwords() {
        let uri = |text: &str| text.parse::<Uri>().unwrap();
        let (url, stripped) = bare(&uri("https://ann:s3cr3t@a.invalid:6443/x")).unwrap();
        assert_eq!((url.to_string().as_str(), stripped), ("https://a.invalid:6443/x", true));
        assert!(!bare(&uri("https://a.invalid")).unwrap().1);
        let odd = [
            "file:///etc/passwd",
            "ftp://a.invalid",
            "/etc/passwd",
            "a.invalid:1",
            "-rf",
            "",
            "a b",
        ];
        for odd in odd {
            let why = no_address(odd, &["https", "http"]).unwrap();
            assert_eq!(why, format!("{odd:?} is no address with https:// or http://"));
        }
        assert_eq!(no_address("https://ann:s3cr3t@a.invalid", &["https"]), None);
        let why = no_address("ftp://ann:s3cr3t@a.invalid", &["https"]).unwrap();
        assert!(!why.contains("s3cr3t") && why.contains("@a.invalid"), "{why}");
        assert_eq!(shown("https://s3cr3t@a.invalid/x@y"), format!("https://{MASK}@a.invalid/x@y"));
        assert_eq!(shown("https://a.invalid/x@y"), "https://a.invalid/x@y");
        let asking = shown("https://a.invalid/x?token=s3cr3t");
        assert_eq!(asking, format!("https://a.invalid/x?{MASK}"));
    }

    #[cfg(unix)]
    #[test]
    fn pipes_devices_and_huge_files_are_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let large = dir.path().join("large").display().to_string();
        std::fs::File::create(&large).unwrap().set_len(LARGEST + 1).unwrap();
        let user = |path: &str| AuthInfo { token_file: Some(path.into()), ..AuthInfo::default() };
        for (path, why) in [("/dev/zero", "no regular file"), (large.as_str(), "larger than 1024")]
        {
            let error = files(None, Some(&user(path))).unwrap_err();
            assert!(error.why.contains(why) && error.what.contains("tokenFile"), "{error}");
        }
        let cluster =
            Cluster { certificate_authority: Some("/dev/zero".into()), ..Cluster::default() };
        assert!(files(Some(&cluster), None).is_err());
        let inline = Cluster { certificate_authority_data: Some("eA==".into()), ..cluster };
        assert!(files(Some(&inline), None).is_ok());
        // What is not there is named with the field that names it.
        let error = files(Some(&inline), Some(&user("/nowhere/token"))).unwrap_err();
        assert!(error.what.contains("the tokenFile of the kubeconfig, /nowhere/token"));
        assert!(error.why.contains("No such file"), "{error}");
    }

    /// The first line of a certificate, in base64.
    const PEM: &str = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t";

    #[test]
    fn what_is_no_base64_is_named_and_not_shown() {
        let bad = AuthInfo {
            client_key_data: Some("!hunter2!".to_owned().into()),
            ..AuthInfo::default()
        };
        let error = entries(("c", None), ("ann", Some(&bad))).unwrap_err();
        assert_eq!(
            error.what,
            "client-key-data of the user \"ann\" in the kubeconfig cannot be used"
        );
        assert!(error.why.contains("no base64") && !error.why.contains("hunter2"), "{error}");
        let good = Cluster { certificate_authority_data: Some(PEM.into()), ..Cluster::default() };
        assert!(entries(("c", Some(&good)), ("ann", None)).is_ok());
        let other = Cluster { certificate_authority_data: Some("eA==".into()), ..good };
        let error = entries(("c", Some(&other)), ("ann", None)).unwrap_err();
        assert!(error.why.contains("no certificate") && error.what.contains("\"c\""), "{error}");
    }

    /// The log masks what looks like a credential: what is to be read there must not.
    #[test]
    fn what_is_said_of_plugins_and_files_can_be_read_in_the_log() {
        let plugin = ExecConfig {
            command: Some("kubelogin".into()),
            args: Some(vec!["get-token".into(), "--login".into(), "azurecli".into()]),
            ..ExecConfig::default()
        };
        let config = Config::new("https://a.invalid".parse().unwrap());
        let told = notices(&config, Some(&plugin), false);
        assert!(
            told.iter().any(|line| line.ends_with("run: kubelogin get-token --login azurecli"))
        );
        let user = AuthInfo { token_file: Some("/nowhere".into()), ..AuthInfo::default() };
        let error = files(None, Some(&user)).unwrap_err();
        let failed = super::super::exec::failed("aws", "exit status: 1", None);
        let errors = [error, failed].map(|e| format!("{}: {}", e.what, e.why));
        for line in told.iter().chain(&errors) {
            assert_eq!(mask(line), *line);
        }
    }
}
