//! The made-up cluster on disk and in memory, and what it is judged by.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use plimsoll::assess::Content;
use plimsoll::model::inventory::{Inventory, SourceInfo, SourceKind};
use plimsoll::model::key::Key;
use plimsoll::model::kinds::{BUILTINS, Builtin, Kind, lookup};
use plimsoll::model::node::{Map, Node};
use plimsoll::model::object::Object;
use plimsoll::model::read::{Read, ReadStatus};
use serde::Deserialize;

use super::cluster::Cluster;

/// Writes the pages as files, in order. Gives the size of an average pod in bytes.
pub fn write_pages(cluster: Cluster, dir: &Path) -> anyhow::Result<usize> {
    let (mut bytes, mut pods) = (0, 0);
    for (at, page) in cluster.pages().enumerate() {
        if page.kind.kind == "Pod" {
            bytes += page.bytes.len();
            pods += page.items;
        }
        std::fs::write(dir.join(format!("{at:05}-{}", page.kind.plural)), page.bytes)?;
    }
    Ok(bytes / pods.max(1))
}

/// Checks and frameworks as they are built in.
pub fn content() -> Content {
    Content::builtin()
}

#[derive(Deserialize)]
struct List {
    items: Vec<Node>,
}

/// Objects of a page, as the live source makes them: bytes to trees, and the apiVersion and kind
/// that items of lists lack.
pub fn parse(kind: &Builtin, bytes: &[u8]) -> anyhow::Result<Vec<Arc<Object>>> {
    let list: List = serde_json::from_slice(bytes)?;
    let version = match kind.group {
        "" => kind.version.to_owned(),
        group => format!("{group}/{}", kind.version),
    };
    let object = |item: Node| {
        let Node::Map(map) = item else { anyhow::bail!("an item is no map") };
        let mut entries = Vec::with_capacity(map.len() + 2);
        entries.push((Key::new("apiVersion"), Node::str(&version)));
        entries.push((Key::new("kind"), Node::str(kind.kind)));
        entries.extend(map.into_entries());
        Ok(Arc::new(Object::new(Node::Map(Map::new(entries)))?))
    };
    list.items.into_iter().map(object).collect()
}

/// The pages of a directory, one after the other: kind and bytes.
pub fn pages(
    dir: &Path,
) -> anyhow::Result<impl Iterator<Item = anyhow::Result<(&'static Builtin, Vec<u8>)>>> {
    let mut files: Vec<_> = std::fs::read_dir(dir)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    Ok(files.into_iter().map(|file| {
        let name = file.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let plural = name.split_once('-').map_or("", |(_, plural)| plural);
        let kind = lookup(plural).with_context(|| format!("{name} is no page"))?;
        Ok((kind, std::fs::read(&file)?))
    }))
}

/// Objects with the reads of a cluster that hides nothing.
pub fn inventory(objects: Vec<Arc<Object>>) -> Inventory {
    let source = SourceInfo {
        kind: SourceKind::Live,
        context: Some("benchmark".to_owned()),
        kubernetes: Some("v1.35.2".to_owned()),
        ..SourceInfo::default()
    };
    let read = |kind: Kind| Read {
        resource: kind.kind.to_lowercase(),
        kind: Some(kind),
        namespace: None,
        status: ReadStatus::Complete,
        items: 0,
        message: None,
        millis: None,
    };
    let custom = objects.iter().map(|object| object.kind()).filter(|kind| kind.builtin().is_none());
    let custom: BTreeSet<Kind> = custom.collect();
    let reads = BUILTINS.iter().map(Builtin::kind).chain(custom).map(read).collect();
    Inventory::new(source, objects, reads)
}

/// The whole cluster of a directory.
pub fn whole(dir: &Path) -> anyhow::Result<Inventory> {
    let mut objects = Vec::new();
    for page in pages(dir)? {
        let (kind, body) = page?;
        objects.extend(parse(kind, &body)?);
    }
    Ok(inventory(objects))
}
