//! References to images, completed as container runtimes complete them.

use std::borrow::Cow;

/// What a registry is called that is meant where none is written.
const DEFAULT: &str = "docker.io";

/// An image reference in its parts: without a host it is `docker.io`, whose official images live under
/// `library/`. Source: the reference grammar of distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image<'a> {
    /// The host of the registry, with its port.
    pub registry: &'a str,
    /// The name there.
    pub repository: Cow<'a, str>,
    /// The tag; empty where none is written.
    pub tag: &'a str,
    /// The digest; empty where none is written.
    pub digest: &'a str,
}

impl<'a> Image<'a> {
    /// Takes a reference apart, as it stands in a pod.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        let text = text.trim();
        let (name, digest) = text.split_once('@').unwrap_or((text, ""));
        let slash = name.rfind('/').map_or(0, |at| at + 1);
        let tag_at = name.get(slash..).and_then(|last| last.rfind(':')).map(|at| slash + at);
        let (name, tag) = match tag_at {
            Some(at) => (name.get(..at), name.get(at + 1..)),
            None => (Some(name), None),
        };
        let (name, tag) = (name.unwrap_or_default(), tag.unwrap_or_default());
        let (registry, repository) = match name.split_once('/') {
            Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => {
                (host, rest.into())
            }
            Some(_) => (DEFAULT, name.into()),
            None => (DEFAULT, format!("library/{name}").into()),
        };
        Self { registry: host(registry), repository, tag, digest }
    }

    /// The one name by which images are compared: with the digest where there is one, else with the tag.
    #[must_use]
    pub fn name(&self) -> String {
        let Self { registry, repository, tag, digest } = self;
        match (*digest, *tag) {
            ("", "") => format!("{registry}/{repository}:latest"),
            ("", tag) => format!("{registry}/{repository}:{tag}"),
            (digest, _) => format!("{registry}/{repository}@{digest}"),
        }
    }
}

/// The name of a registry; that of Docker has several.
#[must_use]
pub fn host(registry: &str) -> &str {
    match registry {
        "" | "index.docker.io" | "registry-1.docker.io" => DEFAULT,
        host => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_have_one_name() {
        for (text, name) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("index.docker.io/library/nginx:latest", "docker.io/library/nginx:latest"),
            ("team/app@sha256:ab", "docker.io/team/app@sha256:ab"),
            ("registry.example:5000/a/b:v1@sha256:ab", "registry.example:5000/a/b@sha256:ab"),
            ("registry.example:5000/a/b:v1", "registry.example:5000/a/b:v1"),
        ] {
            assert_eq!(Image::parse(text).name(), name, "{text}");
        }
    }
}
