//! The gate to the server: every request passes it, whoever made its path and of whatever names.
//!
//! Paths are made of names that others chose: arguments, kubeconfigs, profiles, snapshots, and the server
//! itself, which names namespaces, nodes, groups and resources. A server decodes a path before it looks
//! where it leads, so that encoding a name is not enough: the namespace `pay/secrets`, got by its name, is the
//! list of the Secrets of `pay`. So each path is taken apart as the server does it, and what stands at each
//! place must be what can be called so. Secrets are asked for in one form only, which has no data.

use super::error::RequestFault;
use super::request::METADATA;
use crate::model::naming::{is_group, is_label, is_segment, no_name, no_namespace};

/// Whether this may be asked for in this form.
///
/// # Errors
/// Why it may not. Nothing is sent.
pub(super) fn pass(url: &str, accept: &str) -> Result<(), RequestFault> {
    let path = url.split_once('?').map_or(url, |(path, _)| path);
    let segments: Option<Vec<String>> =
        path.strip_prefix('/').and_then(|path| path.split('/').map(decoded).collect());
    let segments = segments.unwrap_or_default();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    check(&segments, accept).map_err(RequestFault::Shut)
}

fn check(segments: &[&str], accept: &str) -> Result<(), String> {
    match segments {
        ["version" | "flagz" | "api" | "apis"] => Ok(()),
        ["api", "v1", "nodes", node, "proxy", "configz"] => name(node),
        ["api", version] => label(version),
        ["apis", name] => group(name),
        ["apis", name, version] => group(name).and_then(|()| label(version)),
        ["api", version, rest @ ..] => {
            label(version)?;
            resource(rest).and_then(|asked| open(asked, accept))
        }
        ["apis", name, version, rest @ ..] => {
            group(name)?;
            label(version)?;
            resource(rest).map(drop)
        }
        _ => Err("its path is none that is read".to_owned()),
    }
}

/// A resource, and an object of it if only one is asked for.
type AskedResource<'a> = (&'a str, Option<&'a str>);

fn resource<'a>(segments: &[&'a str]) -> Result<AskedResource<'a>, String> {
    let asked = match *segments {
        ["namespaces", place] => return namespace(place).map(|()| ("namespaces", Some(place))),
        ["namespaces", place, ref rest @ ..] => {
            namespace(place)?;
            rest
        }
        // Servers take these for a way to what follows.
        [way @ ("watch" | "proxy"), ..] => return Err(format!("`{way}` is no resource")),
        ref rest => rest,
    };
    match *asked {
        [plural] => label(plural).map(|()| (plural, None)),
        [plural, object] => {
            label(plural)?;
            name(object).map(|()| (plural, Some(object)))
        }
        _ => Err("its path is none that is read".to_owned()),
    }
}

/// Secrets are listed without what is in them, and never got.
fn open((plural, object): AskedResource<'_>, accept: &str) -> Result<(), String> {
    if plural == "secrets" && (object.is_some() || accept != METADATA) {
        return Err("Secrets are only listed, and only their metadata".to_owned());
    }
    Ok(())
}

fn namespace(text: &str) -> Result<(), String> {
    if is_label(text) { Ok(()) } else { Err(no_namespace(text)) }
}

fn name(text: &str) -> Result<(), String> {
    if is_segment(text) { Ok(()) } else { Err(no_name(text)) }
}

fn label(text: &str) -> Result<(), String> {
    let why = || format!("`{text}` cannot be the name of a version or a resource");
    if is_label(text) { Ok(()) } else { Err(why()) }
}

fn group(text: &str) -> Result<(), String> {
    let why = || format!("`{text}` cannot be the name of a group");
    if is_group(text) { Ok(()) } else { Err(why()) }
}

/// A segment as the server reads it. None if it is not encoded as texts are.
fn decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, after @ ..] = rest {
        if let (b'%', [high, low, after @ ..]) = (first, after) {
            let digit =
                |byte: &u8| char::from(*byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
            bytes.push(digit(high)? << 4 | digit(low)?);
            rest = after;
        } else if *first == b'%' {
            return None;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::api_resource::{ApiResource, escape};
    use crate::cluster::request::{JSON, METADATA_OF_ONE, PROTOBUF, TABLE};
    use crate::model::kinds::{BUILTINS, lookup};

    const WRONG: [&str; 16] = [
        "",
        ".",
        "..",
        "../x",
        "pay/secrets",
        "pay/secrets/dbs",
        "pay%2Fsecrets",
        "%2F",
        "%2e%2e",
        "a b",
        "A_b",
        "A",
        "-a",
        "a.b",
        "a\n",
        "a?x=",
    ];

    fn of(word: &str) -> ApiResource {
        ApiResource::assumed(lookup(word).unwrap())
    }

    #[test]
    fn no_path_has_a_namespace_that_is_none() {
        let long = "a".repeat(64);
        for place in WRONG.into_iter().chain([long.as_str()]) {
            for builtin in BUILTINS.iter().filter(|builtin| builtin.namespaced) {
                let path = ApiResource::assumed(builtin).path(Some(place));
                for url in [path.clone(), format!("{path}?limit=1"), format!("{path}/a")] {
                    for accept in [JSON, PROTOBUF, METADATA, TABLE] {
                        let fault = pass(&url, accept).unwrap_err();
                        assert!(matches!(&fault, RequestFault::Shut(_)), "{url}: {fault}");
                    }
                }
            }
            // By its name, and as it would be without being encoded.
            let namespaces = of("namespaces").path(None);
            for url in [format!("{namespaces}/{}", escape(place)), format!("{namespaces}/{place}")]
            {
                // A path ends where its query begins.
                if place != "a?x=" || !url.ends_with(place) {
                    assert!(pass(&url, JSON).is_err(), "{url}");
                }
            }
        }
        let said = pass(&of("pods").path(Some("pay/secrets")), JSON).unwrap_err().to_string();
        assert!(said.contains("`pay/secrets` cannot be the name of a namespace"), "{said}");
        assert!(said.contains("not asked for"), "{said}");
    }

    #[test]
    fn no_path_has_a_name_that_leads_elsewhere() {
        let roles = of("clusterroles").path(None);
        for name in ["system:node", "a b", "ä", "a?b", "a#b", "kube-root-ca.crt", "..."] {
            assert!(pass(&format!("{roles}/{}", escape(name)), METADATA_OF_ONE).is_ok(), "{name}");
        }
        for name in ["", ".", "..", "../x", "a/b", "%2F", "%"] {
            assert!(pass(&format!("{roles}/{}", escape(name)), METADATA_OF_ONE).is_err(), "{name}");
            let node = format!("/api/v1/nodes/{}/proxy/configz", escape(name));
            assert!(pass(&node, JSON).is_err(), "{node}");
        }
        assert!(pass("/api/v1/nodes/node-a/proxy/configz", JSON).is_ok());
    }

    #[test]
    fn groups_versions_and_resources_are_names_too() {
        let target = |group: &str, version: &str, plural: &str| {
            let kind = crate::model::kinds::Kind::new(group, "Thing");
            let (version, plural) = (version.to_owned(), plural.to_owned());
            ApiResource { kind, version, plural, namespaced: true, watchable: true }
                .path(Some("pay"))
        };
        assert!(pass(&target("a.example.invalid", "v1beta1", "things"), JSON).is_ok());
        for url in [
            target("a/../../api", "v1", "things"),
            target("..", "v1", "things"),
            target("a", "v1/../..", "things"),
            target("a", "v1", "../../../../../api/v1/secrets"),
            target("a", "v1", "things/../secrets"),
            target("a", "v1", "%2e%2e"),
            target("a", "v1", "things%2Fx"),
            target("a", "v1?x=", "things"),
            target("", "secrets?", "things"),
            target("", "v1", "secrets?"),
            target("", "v1", "things#"),
        ] {
            assert!(pass(&url, JSON).is_err(), "{url}");
        }
    }

    #[test]
    fn secrets_are_listed_as_metadata_and_nothing_else() {
        for place in [None, Some("pay")] {
            let path = of("secrets").path(place);
            assert!(pass(&format!("{path}?limit=500&fieldSelector=x"), METADATA).is_ok());
            for accept in [JSON, PROTOBUF, TABLE, METADATA_OF_ONE, ""] {
                assert!(pass(&path, accept).is_err(), "{path} as {accept}");
            }
            for accept in [JSON, METADATA, METADATA_OF_ONE] {
                assert!(pass(&format!("{path}/dbs"), accept).is_err(), "{path}/dbs as {accept}");
            }
        }
        // A kind that the server names may not be what it is called.
        assert!(pass("/api/v1/namespaces/pay/%73ecrets", JSON).is_err());
        assert!(pass("/api/v1/watch/secrets", JSON).is_err());
        assert!(pass("/api/v1/watch/namespaces/pay/secrets", JSON).is_err());
        assert!(pass("/apis/example.invalid/v1/secrets", JSON).is_ok(), "of another group");
    }

    #[test]
    fn all_that_is_read_passes_and_nothing_beside() {
        for builtin in BUILTINS {
            let target = ApiResource::assumed(builtin);
            let accept = if target.is_secret() { METADATA } else { JSON };
            assert!(pass(&target.path(None), accept).is_ok(), "{}", target.words());
            assert!(pass(&target.path(Some("pay")), accept).is_ok(), "{}", target.words());
        }
        for url in [
            "/version",
            "/flagz",
            "/api",
            "/apis",
            "/api/v1",
            "/apis/apps",
            "/apis/apps/v1",
            "/api/v1/namespaces/secrets",
            "/api/v1/namespaces/secrets/pods",
        ] {
            assert!(pass(url, JSON).is_ok(), "{url}");
        }
        for url in [
            "",
            "/",
            "version",
            "//version",
            "/version/",
            "/metrics",
            "/logs",
            "/api/",
            "/api/v1/",
            "/api/v1/pods/",
            "/api/v1//pods",
            "/api/v1/namespaces//pods",
            "/api/v1/namespaces/pay/",
            "/api/v1/namespaces/pay/pods/a/exec",
            "/api/v1/namespaces/pay/pods/a/log",
            "/api/v1/nodes/a/proxy",
            "/api/v1/nodes/a/proxy/pods",
            "/apis/apps/v1/nodes/a/proxy/configz",
            "https://elsewhere.invalid/api",
            "/api/v1/%zz",
            "/api/v1/%ff",
            "/api/v1/%",
        ] {
            assert!(pass(url, JSON).is_err(), "{url}");
        }
    }
}
