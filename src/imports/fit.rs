//! What of an import says nothing here: results that are too old, and results on what is not there.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::age::{age, days, why_none};
use super::objects::listed;
use crate::model::image::{self, Image};
use crate::model::import::{Import, ImportTool, RunSurroundings};
use crate::model::inventory::{Inventory, Knowledge, SourceInfo};
use crate::model::kinds::Kind;
use crate::model::node::Node;
use crate::model::object::ObjectRef;
use crate::text::{clean, noun};

/// Results that do not count by their age, in words: `vr.json: 1 of 2 results is more than 30 days old (87
/// days) and settles nothing`, and so for those of a moment that has yet to come. None where all count.
#[must_use]
pub fn old(import: &Import, today: &str, max_age: u32) -> Option<String> {
    let told = [too_old(import, today, max_age), yet_to_come(import, today)];
    let told: Vec<String> = told.into_iter().flatten().collect();
    (!told.is_empty()).then(|| format!("{}: {}", import.origin, told.join("; ")))
}

fn counted(count: usize, import: &Import) -> (String, &'static str) {
    let all = import.results.len();
    let noun = noun(all, "result");
    let (is, settles) = if count == 1 { ("is", "settles") } else { ("are", "settle") };
    (format!("{count} of {all} {noun} {is}"), settles)
}

/// Results that a clock dated which was wrong, or is wrong here.
fn yet_to_come(import: &Import, today: &str) -> Option<String> {
    let taken = import.results.iter().map(|result| import.taken(result));
    let ahead: Vec<&str> = taken.filter(|taken| age(taken, today).is_none()).collect();
    let (is, settles) = counted(ahead.len(), import);
    let first = ahead.into_iter().min()?;
    Some(format!("{is} {} and {settles} nothing", why_none(first, today)))
}

fn too_old(import: &Import, today: &str, max_age: u32) -> Option<String> {
    let ages = import.results.iter().filter_map(|result| age(import.taken(result), today));
    let old: Vec<i64> = ages.filter(|days| *days > i64::from(max_age)).collect();
    let newest = old.iter().min()?;
    let (is, settles) = counted(old.len(), import);
    let newest =
        if old.len() == 1 { days(*newest) } else { format!("the newest {}", days(*newest)) };
    Some(format!("{is} more than {max_age} days old ({newest}) and {settles} nothing"))
}

/// That an import says of which cluster it is, and that what is assessed is called otherwise; none where
/// either has no name.
#[must_use]
pub fn of_another(import: &Import, source: &SourceInfo) -> Option<String> {
    let here = source.context.as_deref().filter(|name| !name.is_empty())?;
    let first = import.clusters.first()?;
    let same = import.clusters.iter().any(|name| name == here);
    (!same).then(|| {
        format!(
            "{}: {} ran on cluster {first}, and this is {here}: what it says may be of another one",
            import.origin,
            import.tool.word()
        )
    })
}

/// The nodes that an import names and a run did not see, though it saw all there are.
#[must_use]
pub fn strangers<'a>(import: &'a Import, beside: &RunSurroundings) -> Vec<&'a str> {
    if !beside.nodes_complete || beside.nodes.is_empty() {
        return Vec::new();
    }
    let known = |name: &str| beside.nodes.iter().any(|node| node.name == name);
    let named = import.results.iter().filter_map(|result| result.node.as_deref());
    named.filter(|name| !known(name)).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The objects that policy reports or results of kubescape are about and that an inventory does not have, though it
/// has all of their kind there are.
#[must_use]
pub fn absent<'a>(import: &'a Import, inventory: &Inventory) -> BTreeSet<&'a ObjectRef> {
    if !matches!(import.tool, ImportTool::PolicyReport | ImportTool::Kubescape) {
        return BTreeSet::new();
    }
    let mut complete: BTreeMap<(Kind, Option<&str>), bool> = BTreeMap::new();
    let mut is_absent = |id: &'a ObjectRef| {
        let place = (id.group_kind(), id.namespace.as_deref());
        // A report may be about objects that it does not name.
        !id.name.is_empty() && inventory.find(id).is_none() && {
            let known = || inventory.knows(&place.0, place.1) == Knowledge::Complete;
            let known = complete.get(&place).copied().unwrap_or_else(known);
            complete.insert(place, known);
            known
        }
    };
    let named: BTreeSet<_> = import.results.iter().filter_map(|r| r.object.as_ref()).collect();
    named.into_iter().filter(|id| is_absent(id)).collect()
}

/// The same in words: how many, and the first few. None where all that are named are there.
#[must_use]
pub fn gone(import: &Import, inventory: &Inventory) -> Option<String> {
    let absent = absent(import, inventory);
    let names: Vec<String> = absent.iter().map(|id| clean(&id.to_string()).into_owned()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (are, these) = match names.len() {
        0 => return None,
        1 => ("1 object that it is about is".to_owned(), "it"),
        count => (format!("{count} objects that it is about are"), "these"),
    };
    let listed = listed(&names);
    Some(format!("{}: {are} not here ({listed}); no result on {these} is a pass", import.origin))
}

/// The images that scans of an import are of and that run in no container of a run, by the names that the
/// scanner gives them.
#[must_use]
pub fn foreign_images(import: &Import, beside: &RunSurroundings) -> Vec<String> {
    let Some(here) = &beside.images else { return Vec::new() };
    let here: BTreeSet<&str> = here.iter().map(String::as_str).collect();
    let foreign = import.objects.iter().filter_map(|report| {
        let names = scanned(report)?;
        names.iter().all(|name| !here.contains(name.as_str())).then(|| names.into_iter().next())?
    });
    foreign.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The names of the image that a report is of: by its tag and by its digest. None of other reports.
fn scanned(report: &serde_json::Value) -> Option<Vec<String>> {
    let text = |path: &str| report.pointer(path).and_then(serde_json::Value::as_str);
    let part = |path: &str| text(path).unwrap_or_default();
    let repository = text("/report/artifact/repository")?;
    let image = |tag, digest| Image {
        registry: image::host(part("/report/registry/server")),
        repository: repository.into(),
        tag,
        digest,
    };
    let (tag, digest) = (part("/report/artifact/tag"), part("/report/artifact/digest"));
    let by_tag = (!tag.is_empty()).then(|| image(tag, "").name());
    let by_digest = (!digest.is_empty()).then(|| image("", digest).name());
    let names: Vec<String> = by_tag.into_iter().chain(by_digest).collect();
    (!names.is_empty()).then_some(names)
}

/// The images of all containers of an inventory, each by its one name, in order.
#[must_use]
pub fn images(inventory: &Inventory) -> Vec<String> {
    // Most are written many times.
    let mut written: HashSet<&str> = HashSet::new();
    for object in inventory.objects() {
        let Some((_, spec)) = object.pod_spec() else { continue };
        for list in ["containers", "initContainers", "ephemeralContainers"] {
            let containers = spec.get(list).and_then(Node::as_list).unwrap_or_default();
            written.extend(containers.iter().filter_map(|c| c.str_at(&["image"])));
        }
    }
    let named = written.into_iter().filter(|image| !image.is_empty());
    named.map(|image| Image::parse(image).name()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// What an import is about and a run did not see, in words for a person; none where all of it is here.
/// `bench.json: there is no node kb; the nodes that were seen are a, b`.
#[must_use]
pub fn unknown(import: &Import, beside: &RunSurroundings) -> Option<String> {
    let mut told = Vec::new();
    let strangers = strangers(import, beside);
    if !strangers.is_empty() {
        let noun = noun(strangers.len(), "node");
        let known: Vec<&str> = beside.nodes.iter().map(|node| node.name.as_str()).collect();
        told.push(format!(
            "there is no {noun} {}; the nodes that were seen are {}",
            listed(&strangers),
            listed(&known)
        ));
    }
    let images = foreign_images(import, beside);
    if !images.is_empty() {
        let names: Vec<&str> = images.iter().map(String::as_str).collect();
        told.push(format!(
            "no container that was looked at runs {}: what is said of {} has no effect here",
            listed(&names),
            if names.len() == 1 { "it" } else { "these" }
        ));
    }
    (!told.is_empty()).then(|| format!("{}: {}", import.origin, told.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::import::ImportedResult;

    fn scan(taken: &[&str], objects: Vec<serde_json::Value>) -> Import {
        let result = |taken: &&str| ImportedResult {
            taken: Some((*taken).to_owned()),
            ..ImportedResult::default()
        };
        Import {
            tool: ImportTool::TrivyOperator,
            version: None,
            origin: "vr.json".into(),
            taken: None,
            clusters: Vec::new(),
            imported: "2026-05-30T00:00:00Z".into(),
            sha256: String::new(),
            results: taken.iter().map(result).collect(),
            objects,
        }
    }

    #[test]
    fn what_is_too_old_is_told_with_its_age() {
        let old = |taken: &[&str]| old(&scan(taken, Vec::new()), "2026-05-30", 30);
        assert_eq!(old(&["2026-05-01T00:00:00Z", "2026-04-30T00:00:00Z"]), None);
        assert_eq!(
            old(&["2026-05-01T00:00:00Z", "2026-03-01T00:00:00Z"]).unwrap(),
            "vr.json: 1 of 2 results is more than 30 days old (90 days old) and settles nothing"
        );
        assert_eq!(
            old(&["2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"]).unwrap(),
            "vr.json: 2 of 2 results are more than 30 days old (the newest 90 days old) and settle nothing"
        );
    }

    #[test]
    fn what_has_yet_to_come_is_told() {
        let old = |taken: &[&str]| old(&scan(taken, Vec::new()), "2026-05-30", 30);
        assert_eq!(
            old(&["2026-05-01T00:00:00Z", "2036-05-30T00:00:00Z"]).unwrap(),
            "vr.json: 1 of 2 results is dated 3653 days in the future and settles nothing"
        );
        assert_eq!(
            old(&["2026-01-01T00:00:00Z", "soon"]).unwrap(),
            "vr.json: 1 of 2 results is more than 30 days old (149 days old) and settles nothing; 1 of 2 \
             results is of unknown age and settles nothing"
        );
    }

    #[test]
    fn an_image_that_runs_nowhere_is_told() {
        let report = |repository: &str, tag: &str, digest: &str| {
            serde_json::json!({"kind": "VulnerabilityReport", "report": {
                "registry": {"server": "index.docker.io"},
                "artifact": {"repository": repository, "tag": tag, "digest": digest}}})
        };
        let reports = vec![
            report("library/nginx", "1.27", "sha256:ff"),
            report("x/y", "1", ""),
            report("a/b", "", "sha256:aa"),
            serde_json::json!({"kind": "PolicyReport"}),
        ];
        let import = scan(&["2026-05-01T00:00:00Z"], reports);
        let images = |names: &[&str]| RunSurroundings {
            images: Some(names.iter().map(|name| Image::parse(name).name()).collect()),
            ..RunSurroundings::default()
        };
        let told = |beside: &RunSurroundings| unknown(&import, beside);
        assert_eq!(
            told(&images(&["nginx:1.27", "a/b:3@sha256:aa"])).unwrap(),
            "vr.json: no container that was looked at runs docker.io/x/y:1: what is said of it has no effect here"
        );
        assert_eq!(told(&images(&["nginx:1.27", "a/b@sha256:aa", "x/y:1"])), None);
        // The tag of an image that is pinned says nothing of what runs.
        assert!(told(&images(&["nginx:1.27@sha256:00", "a/b@sha256:aa", "x/y:1"])).is_some());
        assert_eq!(told(&RunSurroundings::default()), None, "runs of earlier versions do not know");
    }
}
