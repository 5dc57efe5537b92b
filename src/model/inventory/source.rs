//! Where objects come from: what it is called, and whether two are one and the same.

use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::source_id::SourceId;

/// The providers that clusters are known by: what a framework may be bound to.
pub const PROVIDERS: [&str; 8] =
    ["eks", "gke", "aks", "openshift", "k3s", "rke2", "kind", "self-managed"];

/// Which kind of source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// A kubeconfig context.
    Live,
    /// Manifests.
    Files,
    /// A saved capture.
    Snapshot,
    /// The snapshot built into the binary.
    #[default]
    Demo,
}

impl SourceKind {
    /// The word used in reports and rules.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Files => "files",
            Self::Snapshot => "snapshot",
            Self::Demo => "demo",
        }
    }
}

/// What the objects came from, as reports state it and sessions keep it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SourceInfo {
    /// live, files, snapshot or demo.
    pub kind: SourceKind,
    /// kubeconfig context.
    pub context: Option<String>,
    /// Server URL.
    pub server: Option<String>,
    /// uid of the namespace kube-system: the cluster's identity.
    pub cluster_uid: Option<String>,
    /// Server version as the server spells it, `v1.35.2`.
    pub kubernetes: Option<String>,
    /// Every file that was read, in order.
    pub files: Vec<String>,
    /// Of manifests: the files and directories that the user named; empty in what earlier versions
    /// saved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<String>,
    /// Of a capture that was narrowed: the only namespaces of which it holds objects; empty for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// For `files`: the user says that these files are everything there is.
    #[serde(rename = "complete", skip_serializing_if = "std::ops::Not::not")]
    pub closed_world: bool,
    /// The provider as it was named, empty if it was not (`eks`, `gke`, …).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub provider: String,
    /// When it was read, RFC 3339 in UTC and whole seconds: the moment at which the first list of
    /// a live cluster, or the first file, began to be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<String>,
}

impl SourceInfo {
    /// Whether objects of a namespace may be here: it was not left out when the source was captured.
    #[must_use]
    pub fn holds(&self, namespace: &str) -> bool {
        self.namespaces.is_empty() || self.namespaces.iter().any(|own| own == namespace)
    }

    /// The minor version, 35 for `v1.35.2-eks-1`.
    #[must_use]
    pub fn minor(&self) -> Option<u32> {
        let text = self.kubernetes.as_deref()?.trim_start_matches('v');
        let minor = text.split('.').nth(1)?;
        let digits: String = minor.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    }

    /// Whether rules see the same of it as of another. When manifests were read they do not see.
    pub(super) fn rests_on_the_same(&self, other: &Self) -> bool {
        let seen = |source: &Self| Self { read_at: None, ..source.clone() };
        self == other || self.is_manifests() && seen(self) == seen(other)
    }

    /// Whether it is manifests rather than a cluster or a capture of one.
    #[must_use]
    pub fn is_manifests(&self) -> bool {
        self.kind == SourceKind::Files
    }

    /// Whether both are one and the same thing, so that a run of one may follow a run of the other.
    ///
    /// Clusters are known by the uid of kube-system. Where one of the two has none, kind, context and
    /// server have to agree as far as both are known: a cluster whose namespaces may not be read is
    /// known by its address alone. Manifests are the same where the user named the same files and
    /// directories, or where they have a file in common: files come and go in a directory. A cluster is
    /// never the same as manifests.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        if self.is_manifests() || other.is_manifests() {
            return self.is_manifests() && other.is_manifests() && self.shares_files(other);
        }
        SourceId::of(self).is_cluster(&SourceId::of(other))
    }

    fn shares_files(&self, other: &Self) -> bool {
        let plain = |all: &[String]| -> Vec<String> { all.iter().map(|p| bare(p)).collect() };
        let (mine, theirs) = (plain(&self.files), plain(&other.files));
        let (given, named) = (plain(&self.given), plain(&other.given));
        // What names no file at all is not known well enough to be told apart.
        (mine.is_empty() || theirs.is_empty())
            || (!given.is_empty() && given == named)
            || mine.iter().any(|file| theirs.contains(file))
    }

    /// Whether a manifest is one of a directory that the user named, all of which are read but for what is
    /// hidden.
    #[must_use]
    pub fn is_of_directory(&self, file: &str) -> bool {
        let path = Path::new(file);
        let known = path.extension().and_then(|e| e.to_str()).is_some_and(|extension| {
            ["yaml", "yml", "json"].iter().any(|known| known.eq_ignore_ascii_case(extension))
        });
        let plain = |part: &Component<'_>| !matches!(part, Component::CurDir);
        let parts = |path| -> Vec<Component<'_>> { Path::components(path).filter(plain).collect() };
        let file = parts(path);
        known
            && self.given.iter().filter(|given| *given != "-").any(|given| {
                let rest = file.strip_prefix(&*parts(Path::new(given))).unwrap_or_default();
                let hidden =
                    |part: &Component<'_>| part.as_os_str().to_string_lossy().starts_with('.');
                // Nothing is left of a file that was named itself.
                !rest.is_empty() && !rest.iter().any(hidden)
            })
    }

    /// What the user named of manifests, or else the files themselves: what one set of manifests is
    /// known by over time.
    #[must_use]
    pub fn roots(&self) -> Vec<String> {
        let named = if self.given.is_empty() { &self.files } else { &self.given };
        named.iter().map(|path| bare(path)).collect()
    }

    /// What a person calls it, in a few words: the context, or what was named of files.
    #[must_use]
    pub fn name(&self) -> String {
        if let Some(context) = &self.context {
            return context.clone();
        }
        let base = |file: &str| {
            let name = Path::new(file).file_name();
            name.map_or_else(|| file.to_owned(), |name| name.to_string_lossy().into_owned())
        };
        // `.` and `..` are names of nothing.
        let named = |file: &String| Path::new(file).file_name().is_some();
        let given = self.given.iter().all(named) && !self.given.is_empty();
        match if given { &self.given } else { &self.files }.as_slice() {
            [] => self.kind.word().to_owned(),
            [one] if one == "-" => "standard input".to_owned(),
            [one] => base(one),
            [first, rest @ ..] => format!("{} and {} more", base(first), rest.len()),
        }
    }

    /// The same so that it tells two apart: manifests by all of the path that was named.
    #[must_use]
    pub fn full_name(&self) -> String {
        if !self.is_manifests() {
            let known = [&self.context, &self.server, &self.cluster_uid];
            return known.into_iter().flatten().next().map_or_else(|| self.name(), Clone::clone);
        }
        manifests(&self.roots())
    }
}

/// Manifests by what was named of them: `manifests of deploy and 2 more`.
#[must_use]
pub fn manifests(roots: &[String]) -> String {
    match roots {
        [] => "manifests".to_owned(),
        [one] => format!("manifests of {one}"),
        [first, rest @ ..] => format!("manifests of {first} and {} more", rest.len()),
    }
}

/// A path without what makes no difference: `./deploy/` is `deploy`.
fn bare(path: &str) -> String {
    let mut text = path;
    while let Some(rest) = text.strip_prefix("./") {
        text = rest.trim_start_matches('/');
    }
    let text = text.trim_end_matches('/');
    if text.is_empty() { if path.starts_with('/') { "/" } else { "." } } else { text }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_holds_what_is_in_it_but_for_what_is_hidden() {
        for (given, file, holds) in [
            ("rn", "rn/b.yaml", true),
            ("./rn/", "rn/sub/b.JSON", true),
            (".", "rn/b.yml", true),
            ("rn", "rn2/b.yaml", false),
            ("rn", "rn/.h/b.yaml", false),
            ("rn", "rn/b.txt", false),
            ("rn/b.yaml", "rn/b.yaml", false),
            ("-", "b.yaml", false),
        ] {
            assert_eq!(files(&[given], &[]).is_of_directory(file), holds, "{given} {file}");
        }
    }

    fn files(given: &[&str], files: &[&str]) -> SourceInfo {
        let owned = |all: &[&str]| all.iter().map(|p| (*p).to_owned()).collect();
        SourceInfo {
            kind: SourceKind::Files,
            given: owned(given),
            files: owned(files),
            ..SourceInfo::default()
        }
    }

    fn live(uid: Option<&str>, context: Option<&str>, server: Option<&str>) -> SourceInfo {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        SourceInfo {
            kind: SourceKind::Live,
            cluster_uid: owned(uid),
            context: owned(context),
            server: owned(server),
            ..SourceInfo::default()
        }
    }

    /// Both ways round, because it is one question.
    fn same(one: &SourceInfo, other: &SourceInfo) -> bool {
        assert_eq!(one.is_same_as(other), other.is_same_as(one), "{one:?} {other:?}");
        one.is_same_as(other)
    }

    #[test]
    fn it_is_called_by_its_context_or_its_files() {
        let mut source = SourceInfo { kind: SourceKind::Files, ..SourceInfo::default() };
        assert_eq!(source.name(), "files");
        source.files = vec!["a/web.yaml".into()];
        assert_eq!(source.name(), "web.yaml");
        source.files.push("a/db.yaml".into());
        assert_eq!(source.name(), "web.yaml and 1 more");
        assert_eq!(source.full_name(), "manifests of a/web.yaml and 1 more");
        source.given = vec!["./a/".into()];
        assert_eq!(source.full_name(), "manifests of a");
        assert_eq!(source.name(), "a", "what was named, whatever files are in it today");
        source.given.push("b/c".into());
        assert_eq!(source.name(), "a and 1 more");
        source.given = vec![".".into()];
        assert_eq!(source.name(), "web.yaml and 1 more", "no name to go by");
        source.given = vec!["-".into()];
        assert_eq!(source.name(), "standard input");
        source.context = Some("prod".into());
        assert_eq!(source.name(), "prod");
    }

    #[test]
    fn manifests_are_the_same_by_what_was_named_or_by_a_file_they_share() {
        let a = files(&["deploy"], &["deploy/a.yaml", "deploy/b.yaml"]);
        assert!(same(&a, &files(&["./deploy/"], &["./deploy/c.yaml"])), "files come and go");
        assert!(same(&a, &files(&["deploy/b.yaml"], &["deploy/b.yaml"])), "one of them");
        assert!(same(&a, &files(&[], &["deploy/b.yaml"])), "of an earlier version");
        assert!(!same(&a, &files(&["other"], &["other/a.yaml"])));
        assert!(!same(&a, &SourceInfo::default()), "a cluster");
        assert!(!same(&files(&["a"], &["a/x"]), &files(&["b"], &["b/x"])));
        assert_eq!((bare("./"), bare("//"), bare(".//x/")), (".".into(), "/".into(), "x".into()));
    }

    #[test]
    fn clusters_are_the_same_by_their_uid_or_else_by_how_they_are_reached() {
        let prod = live(Some("u1"), Some("prod"), Some("https://1"));
        assert!(same(&prod, &live(Some("u1"), Some("other"), Some("https://2"))));
        assert!(!same(&prod, &live(Some("u2"), Some("prod"), Some("https://1"))));
        assert!(same(&prod, &live(None, Some("prod"), None)), "it was not reached yet");
        assert!(same(&prod, &live(None, None, None)), "the current context");
        assert!(!same(&prod, &live(None, Some("test"), None)));
        assert!(!same(&prod, &live(None, Some("prod"), Some("https://2"))), "leads elsewhere now");
        let captured = SourceInfo { kind: SourceKind::Snapshot, ..prod.clone() };
        assert!(same(&prod, &captured));
    }

    #[test]
    fn nothing_that_verdicts_rest_on_is_lost_when_it_is_saved() {
        let whole = SourceInfo {
            closed_world: true,
            provider: "eks".into(),
            read_at: Some("2026-01-01T00:00:00Z".into()),
            namespaces: vec!["a".into()],
            kubernetes: Some("v1.35.0".into()),
            ..files(&["a"], &["a/x"])
        };
        let text = serde_json::to_string(&whole).unwrap();
        assert_eq!(serde_json::from_str::<SourceInfo>(&text).unwrap(), whole);
        assert!(text.contains("\"complete\":true"), "{text}");
        let old = r#"{"kind":"files","files":["a/x"],"kubernetes":null}"#;
        let read: SourceInfo = serde_json::from_str(old).unwrap();
        assert_eq!(read, files(&[], &["a/x"]), "of an earlier version");
    }
}
