//! What a run sees beside what it judges: nodes, reports of other tools in the cluster, and
//! annotations that other tools heed.

use crate::facts::{Facts, is_control_plane};
use crate::imports;
use crate::model::finding::RunResult;
use crate::model::import::{KnownNode, RunSurroundings};
use crate::model::inventory::Knowledge;
use crate::model::kinds::Kind;
use crate::model::object::Object;
use crate::triage::annotations;

/// What an inventory shows beside.
pub(super) fn of(facts: &Facts, result: &RunResult) -> RunSurroundings {
    let inventory = facts.inventory();
    let kind = Kind::new("", "Node");
    let linux = |node: &&std::sync::Arc<Object>| node.label("kubernetes.io/os") != Some("windows");
    let known = |node: &std::sync::Arc<Object>| KnownNode {
        name: node.id.name.to_string(),
        control_plane: is_control_plane(node),
    };
    let source = &inventory.source;
    let read_at = source.read_at.as_deref().filter(|_| !source.is_manifests()).unwrap_or_default();
    RunSurroundings {
        nodes: inventory.of(&kind).iter().filter(linux).map(known).collect(),
        nodes_complete: inventory.knows(&kind, None) == Knowledge::Complete,
        reports: imports::live(inventory, read_at),
        images: Some(imports::fit::images(inventory)),
        exempt: Some(annotations::heeded(&result.findings, inventory)),
    }
}
