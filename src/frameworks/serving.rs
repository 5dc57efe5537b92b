//! Which results of other tools serve a control.

use std::fmt;

use serde::{Deserialize, Deserializer};

use crate::model::import::ImportTool;

/// One entry of `imports`: `TOOL:WHAT`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Serving {
    /// A row of a CIS benchmark: `kube-bench:4.1.1`. It decides by itself.
    Row(String),
    /// Every row on files of nodes: `kube-bench:files`. A check judges them.
    Files,
    /// Scans of images for vulnerabilities: `trivy-operator:vulnerabilities`. Checks judge them.
    Vulnerabilities,
    /// Scans of images for secrets: `trivy-operator:secrets`. Checks judge them.
    Secrets,
    /// Alerts of runtime sensors: `policy-report:runtime-alerts`. Checks judge them.
    RuntimeAlerts,
    /// Scans for malware: `policy-report:malware`. Checks judge them.
    Malware,
    /// Scans of how images are built: `policy-report:image-configuration`. Checks judge them.
    ImageConfiguration,
}

/// The words that are no row.
const WORDS: [(&str, Serving); 6] = [
    ("kube-bench:files", Serving::Files),
    ("trivy-operator:vulnerabilities", Serving::Vulnerabilities),
    ("trivy-operator:secrets", Serving::Secrets),
    ("policy-report:runtime-alerts", Serving::RuntimeAlerts),
    ("policy-report:malware", Serving::Malware),
    ("policy-report:image-configuration", Serving::ImageConfiguration),
];

impl Serving {
    /// Reads an entry.
    ///
    /// # Errors
    /// A sentence on what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some((_, serving)) = WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(serving.clone());
        }
        let row = text.strip_prefix("kube-bench:").filter(|row| {
            row.split('.').count() > 1
                && row.split('.').all(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()))
        });
        row.map(|row| Self::Row(row.to_owned())).ok_or_else(|| {
            let words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
            format!("import `{text}` is none of kube-bench:ROW, {}", words.join(", "))
        })
    }

    /// Whether it decides a control by itself, without a check.
    #[must_use]
    pub fn decides(&self) -> bool {
        matches!(self, Self::Row(_))
    }

    /// Whose results they are.
    #[must_use]
    pub fn tool(&self) -> ImportTool {
        match self {
            Self::Row(_) | Self::Files => ImportTool::KubeBench,
            Self::Vulnerabilities | Self::Secrets => ImportTool::TrivyOperator,
            Self::RuntimeAlerts | Self::Malware | Self::ImageConfiguration => {
                ImportTool::PolicyReport
            }
        }
    }

    /// What is to be imported, for a person.
    #[must_use]
    pub fn needs(&self) -> String {
        match self {
            Self::Row(row) => format!("kube-bench results with row {row}"),
            Self::Files => "kube-bench results of the nodes".to_owned(),
            Self::Vulnerabilities => "vulnerability reports of trivy-operator".to_owned(),
            Self::Secrets => "exposed secret reports of trivy-operator".to_owned(),
            Self::RuntimeAlerts => "policy reports of a runtime sensor".to_owned(),
            Self::Malware => "policy reports of a malware scanner".to_owned(),
            Self::ImageConfiguration => "policy reports on how images are built".to_owned(),
        }
    }
}

impl fmt::Display for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Row(row) = self {
            return write!(f, "kube-bench:{row}");
        }
        let word = WORDS.iter().find(|(_, serving)| serving == self).map_or("", |(word, _)| *word);
        f.write_str(word)
    }
}

impl<'de> Deserialize<'de> for Serving {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_and_written_alike() {
        for (word, serving) in WORDS {
            assert_eq!(Serving::parse(word), Ok(serving.clone()));
            assert_eq!(serving.to_string(), word);
            assert!(!serving.decides());
        }
        let row = Serving::parse("kube-bench:4.1.10").unwrap();
        assert_eq!((row.decides(), row.to_string()), (true, "kube-bench:4.1.10".to_owned()));
        for wrong in ["kube-bench:4", "kube-bench:", "kube-bench:4..1", "trivy:x", ""] {
            assert!(Serving::parse(wrong).is_err(), "{wrong}");
        }
    }
}
