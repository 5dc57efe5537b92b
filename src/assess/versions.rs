//! Which text of which check and framework is in use: what an auditor compares with the library.

use sha2::{Digest as _, Sha256};

use super::Content;
use crate::text::hex;

/// A file of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextVersion {
    /// Id of the check or framework.
    pub id: String,
    /// The edition of a framework; none for a check.
    pub version: Option<String>,
    /// Whether it ships with the program.
    pub builtin: bool,
    /// sha256 of the file, in hex.
    pub sha256: String,
}

impl Content {
    /// Every check in use, by id.
    pub fn check_versions(&self) -> impl Iterator<Item = TextVersion> {
        self.library.checks.iter().map(|(id, check)| TextVersion {
            id: id.to_string(),
            version: None,
            builtin: matches!(check.origin, crate::checks::check::Origin::BuiltIn(_)),
            sha256: digest(self.library.text(id).unwrap_or_default()),
        })
    }

    /// Every framework in use, by id.
    pub fn framework_versions(&self) -> impl Iterator<Item = TextVersion> {
        self.frameworks.texts().map(|(id, text)| {
            let framework = self.frameworks.frameworks.iter().find(|f| f.id == id);
            TextVersion {
                id: id.to_owned(),
                version: framework.map(|f| f.version.clone()),
                builtin: self.frameworks.is_builtin(id),
                sha256: digest(text),
            }
        })
    }
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}
