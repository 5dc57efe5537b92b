//! What stands between a result and a status that somebody relies on: a gate opens on what was judged,
//! never on what could not be.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::output;
use crate::assess::fleet::is_missing;
use crate::checks::Library;
use crate::model::finding::{CheckCounts, Form, RunResult};
use crate::model::inventory::{Inventory, Knowledge, ProblemKind, SourceInfo, SourceKind};
use crate::model::kinds::Kind;
use crate::model::read::{Read, ReadStatus};
use crate::report::about::problem_place;
use crate::session::run::Selection;

/// Most places named of one reason.
const NAMED: usize = 5;

/// A run, as a gate looks at it.
pub(super) struct Gate<'a> {
    /// What comes before every line: the name of one of several clusters, or nothing.
    pub name: &'a str,
    /// Where objects came from.
    pub source: &'a SourceInfo,
    /// What was asked of it.
    pub reads: &'a [Read],
    /// What came out.
    pub result: &'a RunResult,
    /// Which checks weigh nothing.
    pub library: &'a Library,
    /// What was asked for.
    pub selection: &'a Selection,
    /// Kinds that its checks looked at.
    pub kinds: &'a [Kind],
}

impl Gate<'_> {
    /// Says what `--require-complete` misses: reads, evaluations that failed, and namespaces that a
    /// snapshot does not hold. Whether anything is.
    pub fn lacks(&self) -> bool {
        let told = self.unjudged();
        let rest = self.missing().filter(|read| told.is_empty() || read.kind.is_none());
        let mut lines = read_lines(rest);
        lines.extend(told);
        lines.extend(self.broken(|_| true));
        lines.extend(self.narrowed());
        self.tell(&lines)
    }

    /// Says what of the manifests could not be read and what could not be evaluated, on which a
    /// threshold cannot be said to be kept. Whether anything is.
    pub fn doubts(&self, option: &str) -> bool {
        let mut lines = if self.selection.object.is_some() {
            // The one object that was asked for was read.
            Vec::new()
        } else {
            self.unread()
        };
        let weighs =
            |id: &str| self.library.checks.get(id).is_none_or(|check| check.form != Form::Evidence);
        lines.extend(self.broken(weighs));
        let lines: Vec<String> = lines.iter().map(|line| format!("{option}: {line}")).collect();
        let closed = self.tell(&lines);
        if !closed && self.missing().next().is_some() {
            // There is nothing to mend in them: other tools make pods of them, which are judged where they run.
            for line in self.unjudged() {
                self.say(&line);
            }
            let count = self.missing().count();
            let noun = if count == 1 { "read is" } else { "reads are" };
            self.say(&format!(
                "{option} looked at what could be read; {count} {noun} missing, which \
                 --require-complete does not allow"
            ));
        }
        closed
    }

    /// Reads that the checks needed and that did not bring what was asked.
    fn missing(&self) -> impl Iterator<Item = &Read> {
        let namespaces = &self.selection.namespaces;
        self.reads.iter().filter(move |read| {
            let needed = read.kind.as_ref().is_none_or(|kind| self.kinds.contains(kind));
            let here = |n: &String| namespaces.is_empty() || namespaces.contains(n);
            needed && read.namespace.as_ref().is_none_or(here) && is_missing(read)
        })
    }

    /// Manifests of which not everything could be read.
    fn unread(&self) -> Vec<String> {
        if self.source.kind != SourceKind::Files {
            return Vec::new();
        }
        let lost = |r: &&Read| r.kind.is_none() && r.status != ReadStatus::Complete;
        let mut lines = Vec::new();
        for read in self.reads.iter().filter(lost) {
            let why = read.message.as_deref().unwrap_or_else(|| read.status.word());
            let documents =
                || self.result.problems.iter().filter(|p| p.kind == ProblemKind::Document);
            let here = documents().find(|p| p.file.as_deref() == Some(read.resource.as_str()));
            // Of two objects with one name the other file has the one that is lost.
            let there = || documents().find(|p| p.message.contains(read.resource.as_str()));
            let first = here.or_else(there).map(|p| (problem_place(p), p.message.as_str()));
            lines.push(match first {
                Some((place, message)) if place != read.resource => {
                    format!("{}: {why}: {place}: {message}", read.resource)
                }
                _ => format!("{}: {why}", read.resource),
            });
        }
        lines
    }

    /// Objects in manifests into which no check looks.
    fn unjudged(&self) -> Vec<String> {
        if self.source.kind != SourceKind::Files {
            return Vec::new();
        }
        let line = |read: &Read| {
            let place = read.namespace.as_ref().map(|ns| format!(" in {ns}")).unwrap_or_default();
            let why = read.message.clone();
            format!("{}{place}", why.unwrap_or_else(|| format!("{}: partial", read.resource)))
        };
        self.missing().filter(|read| read.kind.is_some()).map(line).collect()
    }

    /// Checks that failed to evaluate, each with the objects on which they did.
    fn broken(&self, of: impl Fn(&str) -> bool) -> Vec<String> {
        let failed = |(id, counts): &(&Arc<str>, &CheckCounts)| counts.error > 0 && of(id);
        let mut lines = Vec::new();
        for (id, counts) in self.result.checks.iter().filter(failed) {
            let about = self.result.problems.iter().filter(|p| p.of_check() == Some(&**id));
            let objects: Vec<String> = about
                .filter_map(|p| p.object.as_ref())
                .take(NAMED)
                .map(ToString::to_string)
                .collect();
            let places = if objects.is_empty() {
                String::new()
            } else {
                let more = if counts.error > objects.len() { " and more" } else { "" };
                format!(" on {}{more}", objects.join(", "))
            };
            lines.push(format!("check {id} could not be evaluated{places}"));
        }
        lines
    }

    /// What a snapshot of some namespaces does not hold of those that were asked for.
    fn narrowed(&self) -> Option<String> {
        let source = self.source;
        let asked = &self.selection.namespaces;
        let whole = source.namespaces.is_empty()
            || !asked.is_empty() && asked.iter().all(|name| source.holds(name));
        (!whole).then(|| {
            let kept = source.namespaces.join(",");
            format!("the snapshot holds {kept} alone; judge that with -n {kept}")
        })
    }

    /// Says what is in the way. Whether anything is.
    fn tell(&self, lines: &[String]) -> bool {
        for line in lines {
            self.say(line);
        }
        !lines.is_empty()
    }

    fn say(&self, line: &str) {
        let name = if self.name.is_empty() { String::new() } else { format!("{}: ", self.name) };
        output::complain(&format!("plimsoll: {name}{line}"));
    }
}

/// A line for each thing that could not be read; what is missing in several namespaces is one.
fn read_lines<'a>(missing: impl Iterator<Item = &'a Read>) -> Vec<String> {
    let mut all: Vec<(&str, ReadStatus, Vec<&str>)> = Vec::new();
    let mut places: BTreeMap<(&str, ReadStatus), usize> = BTreeMap::new();
    for read in missing {
        let place = *places.entry((&read.resource, read.status)).or_insert_with(|| {
            all.push((&read.resource, read.status, Vec::new()));
            all.len() - 1
        });
        if let Some((_, _, namespaces)) = all.get_mut(place) {
            namespaces.extend(read.namespace.as_deref());
        }
    }
    let line = |(resource, status, namespaces): (&str, ReadStatus, Vec<&str>)| {
        let place = match &namespaces[..] {
            [] => String::new(),
            some if some.len() <= NAMED => format!(" in {}", some.join(", ")),
            many => format!(" in {} namespaces", many.len()),
        };
        format!("{resource}{place}: {}", status.word())
    };
    all.into_iter().map(line).collect()
}

/// Namespaces that are certainly not there, each with why.
pub(super) fn absent(inventory: &Inventory, asked: &[String]) -> BTreeMap<String, String> {
    let SourceInfo { kind, namespaces: kept, .. } = &inventory.source;
    let known = *kind == SourceKind::Files
        || inventory.knows(&Kind::new("", "Namespace"), None) == Knowledge::Complete;
    let there = inventory.namespaces();
    let mut absent = BTreeMap::new();
    for name in asked {
        let why = if !inventory.source.holds(name) {
            format!("the snapshot holds {} alone, not `{name}`", kept.join(", "))
        } else if known && !there.contains(name.as_str()) {
            format!("there is no namespace `{name}`")
        } else {
            continue;
        };
        absent.insert(name.clone(), why);
    }
    absent
}

/// Whether the one object of a kind that was asked for and not found is certainly not there.
pub(super) fn proves_absence(inventory: &Inventory, kind: &Kind) -> bool {
    inventory.source.kind == SourceKind::Files || inventory.knows(kind, None) == Knowledge::Complete
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_in_many_namespaces_is_one_line() {
        let read = |resource: &str, namespace: Option<String>| Read {
            resource: resource.to_owned(),
            kind: None,
            namespace,
            status: ReadStatus::Forbidden,
            items: 0,
            message: None,
            millis: None,
        };
        let mut all: Vec<Read> =
            (0..9).map(|n| read("v1/secrets", Some(format!("team-{n}")))).collect();
        all.extend([read("v1/nodes", None), read("v1/pods", Some("a".to_owned()))]);
        all.push(read("v1/pods", Some("b".to_owned())));
        assert_eq!(
            read_lines(all.iter()),
            [
                "v1/secrets in 9 namespaces: forbidden",
                "v1/nodes: forbidden",
                "v1/pods in a, b: forbidden"
            ]
        );
    }
}
