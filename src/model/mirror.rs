//! Mirrors: registries in which an organisation keeps copies of the images that platforms publish.
//!
//! What comes from one may count as the platform's own, so that nothing is guessed: a mirror is a host, with its port,
//! and whole segments of a path, as they stand in the names of images.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};

use super::image::{self, Image};

/// Registries in which anybody may publish, or a publisher does; a `*` at the beginning stands for any name of
/// a host. The host alone is nobody's mirror.
const PUBLIC: &[&str] = &[
    "docker.io",
    "registry.hub.docker.com",
    "hub.docker.com",
    "dhi.io",
    "ghcr.io",
    "docker.pkg.github.com",
    "quay.io",
    "gcr.io",
    "*.gcr.io",
    "*.pkg.dev",
    "registry.k8s.io",
    "public.ecr.aws",
    "mcr.microsoft.com",
    "mcr.azure.cn",
    "registry.gitlab.com",
    "codeberg.org",
    "registry.access.redhat.com",
    "registry.redhat.io",
    "registry.connect.redhat.com",
    "registry.suse.com",
    "registry.rancher.com",
    "projects.registry.vmware.com",
    "cgr.dev",
    "nvcr.io",
    "lscr.io",
    "ttl.sh",
    "xpkg.upbound.io",
    "docker.elastic.co",
    "container-registry.oracle.com",
    "*.ocir.io",
    "icr.io",
    "*.icr.io",
    "registry.digitalocean.com",
    "registry.aliyuncs.com",
    "ccr.ccs.tencentyun.com",
    "docker.m.daocloud.io",
];

/// A mirror, as its images begin: `mirror.example.com:5000/k8s`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mirror(String);

/// What counts as the platform's own only because its images come from a mirror.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mirrored {
    /// The mirror.
    pub mirror: String,
    /// The workloads: `Deployment/kube-system/coredns`, `Pod/kube-system/etcd-<node>`.
    pub workloads: BTreeSet<String>,
}

impl fmt::Display for Mirrored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.workloads.iter().map(String::as_str).collect();
        write!(f, "{}: {}", self.mirror, names.join(", "))
    }
}

impl Mirror {
    /// Reads a mirror as a person writes it; a slash at its end says nothing.
    ///
    /// # Errors
    /// Why it is none, and what to write instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let name = text.strip_suffix('/').unwrap_or(text);
        let (host, path) =
            name.split_once('/').map_or((name, None), |(host, path)| (host, Some(path)));
        if let Some(why) = fault(name, host, path) {
            return Err(format!("`{text}` names no mirror of platform images: {why}"));
        }
        let path = path.map(|path| format!("/{path}")).unwrap_or_default();
        Ok(Self(format!("{}{path}", image::host(host))))
    }

    /// As the names of its images begin.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What an image of this mirror is called there, behind whole segments; none of an image from anywhere else,
    /// or with a digest that is none.
    #[must_use]
    pub fn behind<'i>(&self, image: &'i Image<'_>) -> Option<&'i str> {
        let (host, path) = self.0.split_once('/').unwrap_or((&self.0, ""));
        if image.registry != host || !(image.digest.is_empty() || is_digest(image.digest)) {
            return None;
        }
        if path.is_empty() {
            return Some(&image.repository);
        }
        image.repository.strip_prefix(path)?.strip_prefix('/')
    }
}

/// Read by a visitor of its own, so that an error has the place of the mirror, not that of the list it is in.
impl<'de> Deserialize<'de> for Mirror {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Mirror;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mirror such as \"mirror.example.com/k8s\"")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Mirror, E> {
                Mirror::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl fmt::Display for Mirror {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a name is that of no mirror, and what to do about it.
fn fault(name: &str, host: &str, path: Option<&str>) -> Option<String> {
    let told = |why: &str| Some(why.to_owned());
    if name.is_empty() {
        return told("it is empty; write a host and a path, such as `mirror.example.com/k8s`");
    }
    if name.contains(['*', '?']) {
        return told("wildcards are not taken here; write each mirror in full");
    }
    if name.contains("://") {
        return told("names of images have no scheme; begin with the host");
    }
    if name.contains('@') {
        return told(
            "users, passwords and digests are no part of it; write the host and the path alone",
        );
    }
    if name.chars().any(char::is_uppercase) {
        return Some(format!("names of images are in lower case; write `{}`", name.to_lowercase()));
    }
    if !host.contains(['.', ':']) && host != "localhost" {
        return Some(format!(
            "`{host}` is no host, which has a dot or a port; if Docker Hub is meant, write `docker.io/{name}`"
        ));
    }
    if !is_host(host) {
        return Some(format!(
            "`{host}` is no host with or without a port; write it as images have it"
        ));
    }
    match path {
        Some(path) if path.contains(':') => told("tags are no part of it; write the path alone"),
        Some(path) if !path.split('/').all(is_segment) => Some(format!(
            "`{path}` is no path of images; between slashes stand lower-case letters, digits, `-`, `_` and `.`"
        )),
        None if is_public(host) => Some(format!(
            "others publish in `{host}` too; add the path there that is yours, such as `{host}/your-organisation`"
        )),
        Some(_) | None => None,
    }
}

/// Whether a host alone is a registry that others publish in, whatever the port.
fn is_public(host: &str) -> bool {
    let name = image::host(host.split(':').next().unwrap_or_default());
    PUBLIC.iter().any(|known| match known.strip_prefix('*') {
        Some(end) => name.ends_with(end),
        None => name == *known,
    })
}

/// Labels with dots between them, and a port where there is one.
fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let label = |label: &str| {
        let ends = [label.bytes().next(), label.bytes().next_back()];
        ends.into_iter().all(|end| end.is_some_and(letter))
            && label.bytes().all(|b| letter(b) || b == b'-')
    };
    let is_port = |port: &str| {
        port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    name.split('.').all(label) && port.is_none_or(is_port)
}

/// A segment of a path in the name of an image.
fn is_segment(text: &str) -> bool {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = [text.bytes().next(), text.bytes().next_back()];
    ends.into_iter().all(|end| end.is_some_and(letter))
        && text.bytes().all(|b| letter(b) || matches!(b, b'-' | b'_' | b'.'))
}

/// A digest with its algorithm: `sha256:` and hex.
fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, hex)| {
        !algorithm.is_empty()
            && algorithm.bytes().all(|b| b.is_ascii_alphanumeric())
            && hex.len() >= 32
            && hex.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behind(mirror: &str, image: &str) -> Option<String> {
        let image = Image::parse(image);
        Mirror::parse(mirror).unwrap().behind(&image).map(str::to_owned)
    }

    #[test]
    fn what_an_image_is_called_in_a_mirror_stands_behind_whole_segments() {
        let digest = format!("@sha256:{}", "a".repeat(64));
        for (mirror, image, expected) in [
            ("mirror.corp.example", "mirror.corp.example/coredns:v1", Some("coredns")),
            ("mirror.corp.example/", "mirror.corp.example/a/b", Some("a/b")),
            ("mirror.corp.example/k8s", "mirror.corp.example/k8s/coredns", Some("coredns")),
            ("mirror.corp.example/k8s", "mirror.corp.example/k8s", None),
            ("mirror.corp.example/k8s", "mirror.corp.example/k8s-evil/coredns", None),
            ("mirror.corp.example/k8s", "mirror.corp.example/other/k8s/coredns", None),
            ("mirror.corp.example/k8s", "evil.example.com/mirror.corp.example/k8s/coredns", None),
            ("mirror.corp.example/k8s", "mirror.corp.example.evil.com/k8s/coredns", None),
            ("mirror.corp.example/k8s", "evil-mirror.corp.example/k8s/coredns", None),
            ("mirror.corp.example/k8s", "Mirror.corp.example/k8s/coredns", None),
            ("mirror.corp.example/k8s", "mirror.corp.example/K8S/coredns", None),
            ("mirror.corp.example/k8s", "mirror.corp.example./k8s/coredns", None),
            ("mirror.corp.example/k8s", "mirror.corp.example:5000/k8s/coredns", None),
            ("mirror.corp.example:5000/k8s", "mirror.corp.example/k8s/coredns", None),
            ("mirror.corp.example:5000/k8s", "mirror.corp.example:5000/k8s/a:1", Some("a")),
            ("mirror.corp.example/k8s", "user@mirror.corp.example/k8s/coredns", None),
            ("mirror.corp.example/k8s", "user:word@mirror.corp.example/k8s/coredns", None),
            ("mirror.corp.example/k8s", "mirror.corp.example/k8s/coredns@evil.com", None),
            ("mirror.corp.example/k8s", "https://mirror.corp.example/k8s/coredns", None),
            ("index.docker.io/acme", "acme/coredns", Some("coredns")),
            ("docker.io/acme", "index.docker.io/acme/coredns", Some("coredns")),
        ] {
            assert_eq!(behind(mirror, image).as_deref(), expected, "{mirror} {image}");
        }
        let whole = format!("mirror.corp.example/k8s/coredns:v1{digest}");
        assert_eq!(behind("mirror.corp.example/k8s", &whole).as_deref(), Some("coredns"));
    }

    #[test]
    fn what_is_no_mirror_is_refused_with_what_to_write() {
        for (text, why) in [
            ("", "it is empty"),
            ("/", "it is empty"),
            ("*.corp.example", "wildcards"),
            ("mirror.corp.example/k8s/*", "wildcards"),
            ("https://mirror.corp.example", "no scheme"),
            ("me@mirror.corp.example", "users, passwords"),
            ("mirror.corp.example/k8s@sha256:aa", "users, passwords and digests"),
            ("Mirror.corp.example/K8s", "write `mirror.corp.example/k8s`"),
            ("acme/k8s", "write `docker.io/acme/k8s`"),
            ("mirror", "`mirror` is no host"),
            ("mirror.corp.example:", "no host with or without a port"),
            ("mirror.corp.example:0/k8s", "no host with or without a port"),
            ("mirror.corp.example:+5/k8s", "no host with or without a port"),
            ("mirror..example/k8s", "no host with or without a port"),
            ("mirror.corp.example./k8s", "no host with or without a port"),
            (" mirror.corp.example", "no host with or without a port"),
            ("mirror.corp.example/k8s:v1", "tags are no part"),
            ("mirror.corp.example//k8s", "no path of images"),
            ("mirror.corp.example/k8s//", "no path of images"),
            ("mirror.corp.example/../k8s", "no path of images"),
            ("mirror.corp.example/k8s\u{202e}", "no path of images"),
            ("docker.io", "add the path there that is yours"),
            ("index.docker.io/", "add the path there that is yours"),
            ("ghcr.io", "such as `ghcr.io/your-organisation`"),
            ("ghcr.io:443", "add the path there that is yours"),
            ("europe-docker.pkg.dev", "add the path there that is yours"),
            ("registry.k8s.io", "add the path there that is yours"),
        ] {
            let error = Mirror::parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        for text in ["ghcr.io/acme", "docker.io/acme/k8s", "localhost:5000", "10.0.0.5:5000/a_b"] {
            assert_eq!(Mirror::parse(text).unwrap().as_str(), text);
        }
    }
}
