//! What the reads of an inventory prove: whether all objects of a kind are here.

use std::collections::BTreeMap;

use super::{Inventory, Knowledge, SourceKind};
use crate::model::kinds::{Kind, node_file_result};
use crate::model::read::{Missing, NOT_ASKED_ANY_MORE, Read, ReadStatus};
use crate::model::served;

/// Where the reads of each kind stand in an inventory. There may be one of every kind in each of thousands
/// of namespaces, and all of them are asked about.
#[derive(Debug, Default)]
pub struct ReadIndex(BTreeMap<Kind, OfKind>);

/// Places of the reads of a kind.
#[derive(Debug, Default)]
struct OfKind {
    everywhere: Vec<usize>,
    by_namespace: BTreeMap<Box<str>, Vec<usize>>,
}

impl ReadIndex {
    /// Of the reads of an inventory as they are.
    #[must_use]
    pub fn of(inventory: &Inventory) -> Self {
        let mut index = Self::default();
        for (at, read) in inventory.reads.iter().enumerate() {
            let Some(kind) = &read.kind else { continue };
            if !index.0.contains_key(kind) {
                index.0.insert(kind.clone(), OfKind::default());
            }
            let Some(of_kind) = index.0.get_mut(kind) else { continue };
            match read.namespace.as_deref() {
                None => of_kind.everywhere.push(at),
                Some(namespace) => {
                    of_kind.by_namespace.entry(namespace.into()).or_default().push(at);
                }
            }
        }
        index
    }

    /// The namespaces in which a kind was read by itself, in order.
    pub fn namespaces(&self, kind: &Kind) -> impl Iterator<Item = &str> {
        self.0.get(kind).into_iter().flat_map(|of_kind| of_kind.by_namespace.keys().map(|ns| &**ns))
    }

    /// Every kind of which there is a read.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.0.keys()
    }
}

impl Inventory {
    /// Whether all objects of a kind in a namespace (none: in the whole cluster) are here.
    #[must_use]
    pub fn knows(&self, kind: &Kind, namespace: Option<&str>) -> Knowledge {
        let of_kind: Vec<&Read> =
            self.reads.iter().filter(|read| read.kind.as_ref() == Some(kind)).collect();
        let apart = of_kind.iter().any(|read| read.namespace.is_some());
        self.told(kind, namespace, &of_kind, apart)
    }

    /// The same for whoever asks often, by an index of the reads as they are.
    #[must_use]
    pub fn knows_by(&self, index: &ReadIndex, kind: &Kind, namespace: Option<&str>) -> Knowledge {
        let none = OfKind::default();
        let of_kind = index.0.get(kind).unwrap_or(&none);
        let apart = !of_kind.by_namespace.is_empty();
        let mut at: Vec<usize> = match namespace {
            None => of_kind.by_namespace.values().flatten().copied().collect(),
            Some(namespace) => of_kind.by_namespace.get(namespace).cloned().unwrap_or_default(),
        };
        at.extend(&of_kind.everywhere);
        at.sort_unstable();
        let reads: Vec<&Read> = at.into_iter().filter_map(|at| self.reads.get(at)).collect();
        self.told(kind, namespace, &reads, apart)
    }

    /// What reads of a kind say, all of them that are about the namespace; `apart` says whether it was read
    /// in any namespace by itself.
    fn told(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        reads: &[&Read],
        apart: bool,
    ) -> Knowledge {
        // Manifests that are everything there is may still hold some that could not be looked into.
        let lost = |r: &&Read| {
            let here = r.namespace.is_none()
                || namespace.is_none_or(|ns| r.namespace.as_deref() == Some(ns));
            r.status.is_lost() && here
        };
        if self.source.closed_world && self.within(kind, namespace) && !reads.iter().any(lost) {
            return Knowledge::Complete;
        }
        let mut best: Option<ReadStatus> = None;
        let mut words = None;
        let mut too_old = None;
        let mut gave_up = false;
        for read in reads {
            let covers = match (&read.namespace, namespace) {
                (None, _) => true,
                (Some(read), Some(asked)) => read == asked,
                (Some(_), None) => false,
            };
            if covers && read.status.proves_absence() {
                return Knowledge::Complete;
            }
            if covers {
                gave_up |= read.message.as_deref() == Some(NOT_ASKED_ANY_MORE);
                words = words.or_else(|| read.said());
                // Results from outside that do not count any more.
                let import = read.resource.starts_with("import/");
                too_old = too_old.or_else(|| read.message.as_deref().filter(|_| import));
                best = Some(best.map_or(read.status, |b| b.min(read.status)));
            }
        }
        let plural = kind.builtin().map_or_else(|| kind.to_string(), |b| b.plural.to_owned());
        if self.source.kind == SourceKind::Files && best.is_none() {
            return Knowledge::Missing(Missing::in_files(&plural, namespace));
        }
        // That the whole cluster may not be listed says nothing of a namespace that was not asked.
        if let Some(namespace) = namespace.filter(|_| gave_up) {
            return Knowledge::Missing(Missing::not_asked_any_more(&plural, namespace));
        }
        let status = best.unwrap_or(ReadStatus::NotAsked);
        if words.is_none() && *kind == node_file_result() {
            words = Some("nothing was imported");
        }
        if let Some(end_point) = kind.end_point() {
            return Knowledge::Missing(Missing::answer(end_point, status, words));
        }
        if let Some(words) = too_old.filter(|_| status == ReadStatus::NotAsked) {
            return Knowledge::Missing(Missing::answer(&plural, status, Some(words)));
        }
        // What nobody asked for in any namespace is one thing that is not known.
        if status == ReadStatus::NotAsked && !self.within(kind, namespace) {
            return Knowledge::Missing(Missing::left_out(&plural, &self.source.namespaces));
        }
        let namespace = namespace.filter(|_| status != ReadStatus::NotAsked || apart);
        Knowledge::Missing(Missing::list(&plural, namespace, status))
    }

    /// Whether what is asked about lies in what the source was narrowed to.
    fn within(&self, kind: &Kind, namespace: Option<&str>) -> bool {
        if self.source.namespaces.is_empty() {
            return true;
        }
        if let Some(namespace) = namespace {
            return self.source.holds(namespace);
        }
        let wide = *kind != Kind::new("", "Namespace") && !served::namespaced(kind);
        let left_out =
            |read: &Read| read.kind.as_ref() == Some(kind) && read.status == ReadStatus::NotAsked;
        wide && !self.reads.iter().any(left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::inventory::SourceInfo;

    #[test]
    fn an_index_answers_as_the_reads_do() {
        let kinds = [
            Kind::new("", "Pod"),
            Kind::new("", "Node"),
            Kind::new("rbac.authorization.k8s.io", "Role"),
        ];
        let statuses =
            [ReadStatus::Complete, ReadStatus::Forbidden, ReadStatus::NotAsked, ReadStatus::Failed];
        let places = [None, Some("a"), Some("b")];
        let mut reads = Vec::new();
        for number in 0..48_usize {
            reads.push(Read {
                resource: "r".to_owned(),
                kind: Some(kinds[number % 2].clone()),
                namespace: places[number / 2 % 3].map(str::to_owned),
                status: statuses[number * 7 / 3 % 4],
                items: 0,
                message: (number % 5 == 0).then(|| format!("message {number}")),
                millis: None,
            });
        }
        let mut answers = std::collections::BTreeSet::new();
        for from in 0..reads.len() {
            for many in [1, 2, 5, reads.len()] {
                for closed_world in [false, true] {
                    let some = reads.iter().skip(from).take(many).cloned().collect();
                    let source = SourceInfo {
                        closed_world,
                        kind: SourceKind::Live,
                        ..SourceInfo::default()
                    };
                    let inventory = Inventory::new(source, Vec::new(), some);
                    let index = ReadIndex::of(&inventory);
                    for kind in &kinds {
                        for namespace in [None, Some("a"), Some("b"), Some("c")] {
                            let answer = inventory.knows(kind, namespace);
                            assert_eq!(inventory.knows_by(&index, kind, namespace), answer);
                            answers.insert(format!("{answer:?}"));
                        }
                    }
                }
            }
        }
        assert!(answers.len() > 10, "{answers:#?}");
    }
}
