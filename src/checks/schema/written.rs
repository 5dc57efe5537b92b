//! What may stand in a check file, as it is written.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::checks::check::{Case, Example, Explain, Param, Unknown};
use crate::model::finding::{Form, Severity};
use crate::model::node::Node;

/// A check file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::checks) struct CheckFile {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) severity: Severity,
    pub(super) form: Form,
    pub(super) target: TargetFile,
    pub(super) rule: RuleFile,
    pub(super) explain: Explain,
    #[serde(default)]
    pub(super) params: BTreeMap<String, Param>,
    #[serde(default)]
    pub(super) patch: Vec<PatchFile>,
    #[serde(default)]
    pub(super) example: Vec<Example>,
    #[serde(default)]
    pub(super) replaces: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TargetFile {
    pub(super) scope: String,
    #[serde(default)]
    pub(super) kinds: Vec<String>,
    pub(super) when: Option<String>,
    #[serde(default)]
    pub(super) reads: Vec<String>,
    #[serde(default)]
    pub(super) seen: Vec<String>,
    #[serde(default)]
    pub(super) optional_reads: Vec<String>,
    #[serde(default)]
    pub(super) components: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RuleFile {
    pub(super) fail: String,
    pub(super) each: Option<String>,
    pub(super) each_path: Option<String>,
    #[serde(default)]
    pub(super) at: At,
    pub(super) message: String,
    #[serde(default)]
    pub(super) case: Vec<Case>,
    #[serde(default)]
    pub(super) unknown: Vec<Unknown>,
    #[serde(default)]
    pub(super) secret: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PatchFile {
    pub(super) op: String,
    pub(super) path: String,
    pub(super) value: Option<Node>,
    pub(super) value_from: Option<String>,
    pub(super) r#where: Option<String>,
    pub(super) when: Option<String>,
}

/// `at = "path"` or `at = [{ path = "…", when = "…" }, …]`.
#[derive(Debug, Default)]
pub(super) struct At(pub(super) Vec<PlaceFile>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PlaceFile {
    pub(super) path: String,
    pub(super) when: Option<String>,
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Places;
        impl<'de> Visitor<'de> for Places {
            type Value = At;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path, or a list of { path, when }")
            }
            fn visit_str<E>(self, path: &str) -> Result<At, E> {
                Ok(At(vec![PlaceFile { path: path.to_owned(), when: None }]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<At, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(At)
            }
        }
        deserializer.deserialize_any(Places)
    }
}
