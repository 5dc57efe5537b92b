//! What a server answers when it is asked what it serves: aggregated, or one list of each version.

use serde::Deserialize;

use super::super::page::there;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DiscoveryRoot {
    #[serde(default)]
    pub kind: String,
    #[serde(default, deserialize_with = "there")]
    pub items: Option<Vec<DiscoveryGroup>>,
    #[serde(default, deserialize_with = "there")]
    pub groups: Option<Vec<OldGroup>>,
    #[serde(default, deserialize_with = "there")]
    pub versions: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct DiscoveryGroup {
    pub metadata: Option<NamedGroup>,
    #[serde(default)]
    pub versions: Vec<DiscoveryVersion>,
}

#[derive(Deserialize)]
pub(super) struct NamedGroup {
    #[serde(default)]
    pub name: String,
}

#[derive(Deserialize)]
pub(super) struct DiscoveryVersion {
    #[serde(rename = "version")]
    pub name: String,
    #[serde(default)]
    pub resources: Vec<DiscoveryResource>,
    #[serde(default)]
    pub freshness: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DiscoveryResource {
    #[serde(rename = "resource")]
    pub plural: String,
    pub response_kind: Option<ResponseKind>,
    #[serde(default)]
    pub scope: String,
    #[serde(default)]
    pub verbs: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct ResponseKind {
    pub kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OldGroup {
    #[serde(default)]
    pub kind: String,
    pub name: String,
    #[serde(default)]
    pub versions: Vec<OldVersion>,
    pub preferred_version: Option<OldVersion>,
}

#[derive(Clone, Deserialize, PartialEq)]
pub(super) struct OldVersion {
    pub version: String,
}

#[derive(Deserialize)]
pub(super) struct OldList {
    #[serde(default)]
    pub kind: String,
    #[serde(default, deserialize_with = "there")]
    pub resources: Option<Vec<OldResource>>,
}

#[derive(Deserialize)]
pub(super) struct OldResource {
    pub name: String,
    pub kind: String,
    #[serde(default)]
    pub namespaced: bool,
    #[serde(default)]
    pub verbs: Vec<String>,
}
