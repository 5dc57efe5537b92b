//! What tells one source from another, over time and across sessions.

use serde::{Deserialize, Serialize};

use super::source::{SourceInfo, SourceKind};

/// A cluster, a capture of one, or a set of manifests, as far as it takes to know it again. This is
/// what journals keep of a source beside each run.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SourceId {
    /// live, files, snapshot or demo.
    pub kind: SourceKind,
    /// uid of the namespace kube-system.
    pub cluster_uid: Option<String>,
    /// kubeconfig context.
    pub context: Option<String>,
    /// Server URL.
    pub server: Option<String>,
    /// Of manifests: the files and directories that were named, a line each; in a journal, the
    /// digest of these lines.
    pub files: Option<String>,
}

impl SourceId {
    /// Of a source.
    #[must_use]
    pub fn of(source: &SourceInfo) -> Self {
        Self {
            kind: source.kind,
            cluster_uid: source.cluster_uid.clone(),
            context: source.context.clone(),
            server: source.server.clone(),
            files: source.is_manifests().then(|| source.roots().join("\n")),
        }
    }

    /// Only what tells it from others, equal for two of the same: the uid of the cluster, or else the
    /// files, or else how it was reached.
    #[must_use]
    pub fn known_by(&self) -> Self {
        match (&self.cluster_uid, &self.files) {
            (Some(_), _) => Self { cluster_uid: self.cluster_uid.clone(), ..Self::default() },
            (None, Some(_)) => Self { files: self.files.clone(), ..Self::default() },
            (None, None) => self.clone(),
        }
    }

    /// Whether both are one cluster: of one uid, or, where one of the two has none, of one kind and
    /// reached the same way as far as that is known of both.
    #[must_use]
    pub fn is_cluster(&self, other: &Self) -> bool {
        if let (Some(one), Some(other)) = (&self.cluster_uid, &other.cluster_uid) {
            return one == other;
        }
        self.kind == other.kind
            && agree(self.context.as_ref(), other.context.as_ref())
            && agree(self.server.as_ref(), other.server.as_ref())
    }

    /// What names it to other programs: the uid of the cluster, or else its server, its context, or
    /// the files.
    #[must_use]
    pub fn text(&self) -> &str {
        let known = [&self.cluster_uid, &self.server, &self.context, &self.files];
        let text = known.into_iter().flatten().find(|text| !text.is_empty());
        text.map_or_else(|| self.kind.word(), String::as_str)
    }

    /// What a person calls it.
    #[must_use]
    pub fn words(&self) -> &str {
        if self.files.is_some() {
            return "manifests";
        }
        let known = [&self.context, &self.server, &self.cluster_uid];
        known.into_iter().flatten().next().map_or_else(|| self.kind.word(), String::as_str)
    }
}

/// Whether two things are the same as far as both are known.
fn agree(one: Option<&String>, other: Option<&String>) -> bool {
    one.is_none() || other.is_none() || one == other
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(uid: Option<&str>, server: &str) -> SourceId {
        SourceId::of(&SourceInfo {
            kind: SourceKind::Live,
            cluster_uid: uid.map(str::to_owned),
            context: Some("prod".to_owned()),
            server: Some(server.to_owned()),
            ..SourceInfo::default()
        })
    }

    #[test]
    fn a_cluster_is_known_by_its_uid_however_it_is_reached() {
        let (one, two) = (live(Some("u"), "https://1"), live(Some("u"), "https://2"));
        assert_eq!(one.known_by(), two.known_by());
        assert_ne!(live(None, "https://1").known_by(), live(None, "https://2").known_by());
        assert_eq!((one.text(), one.words()), ("u", "prod"));
        assert_eq!(live(None, "https://1").text(), "https://1");
    }

    #[test]
    fn manifests_are_known_by_what_was_named() {
        let of = |files: &[&str]| {
            SourceId::of(&SourceInfo {
                kind: SourceKind::Files,
                files: files.iter().map(|file| (*file).to_owned()).collect(),
                given: vec!["deploy".to_owned()],
                ..SourceInfo::default()
            })
        };
        let (one, two) = (of(&["deploy/a.yaml"]), of(&["deploy/a.yaml", "deploy/b.yaml"]));
        assert_eq!(one.known_by(), two.known_by());
        assert_eq!((one.text(), one.words()), ("deploy", "manifests"));
    }

    #[test]
    fn it_reads_what_earlier_journals_keep() {
        let text = r#"{"clusterUid":"u","context":null,"files":null,"kind":"live","server":null}"#;
        let read: SourceId = serde_json::from_str(text).unwrap();
        assert_eq!((read.kind, read.text()), (SourceKind::Live, "u"));
    }
}
