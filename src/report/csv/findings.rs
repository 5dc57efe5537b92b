//! The table of findings: of one cluster, or of several.

use std::borrow::Cow;
use std::collections::HashMap;

use super::cell::{Cell, cells, row, written};
use super::cluster;
use crate::model::decision::Decision;
use crate::model::finding::Finding;
use crate::report::about;
use crate::report::document::Controls;
use crate::report::fleet::{Fleet, Outcome};
use crate::report::{CheckText, Input};

/// Columns of the table.
const FINDINGS: [&str; 33] = [
    "list",
    "severity",
    "check",
    "title",
    "api_version",
    "kind",
    "namespace",
    "name",
    "container",
    "path",
    "missing",
    "value",
    "message",
    "note",
    "file",
    "line",
    "instances",
    "stale",
    "origin",
    "owner",
    "platform",
    "decision",
    "reason",
    "approver",
    "expires",
    "link",
    "controls",
    "why",
    "fix",
    "fingerprint",
    "cluster",
    "finished",
    "since",
];

/// Findings with everything that is known of each, then evidence, then a row for each check that a person's
/// stands in the place of, and for each mirror by which alone something counts as the platform's.
#[must_use]
pub fn findings(input: &Input<'_>) -> String {
    let mut out = String::new();
    row(&FINDINGS, &mut out);
    rows(input, &cluster(input), &mut out);
    out
}

/// The findings of several clusters, each row with the name of its own. A cluster that was not read
/// has one row, which says why.
#[must_use]
pub fn fleet(fleet: &Fleet<'_>) -> String {
    let mut out = String::new();
    row(&FINDINGS, &mut out);
    for entry in &fleet.entries {
        match &entry.outcome {
            Outcome::Read(input, _) => rows(input, &entry.name, &mut out),
            Outcome::Unread(error) => {
                let message = format!("not read: {}: {}", error.what, error.why);
                let cells = FINDINGS.map(|column| match column {
                    "list" => "unread",
                    "message" => message.as_str(),
                    "fix" => error.next.as_str(),
                    "cluster" => entry.name.as_str(),
                    _ => "",
                });
                row(&cells, &mut out);
            }
        }
    }
    out
}

/// What all findings of a check have in common, as it is written.
struct OfCheck {
    id: String,
    title: String,
    controls: String,
    why: String,
    fix: String,
}

impl OfCheck {
    fn new(id: &str, text: &CheckText, controls: &Controls<'_>) -> Self {
        let served = controls.of_check(id).iter();
        let served: Vec<String> =
            served.map(|c| format!("{}/{}", c.framework, c.control)).collect();
        Self {
            id: written(id),
            title: written(&text.title),
            controls: written(&served.join(" ")),
            why: written(&text.why),
            fix: written(&text.fix),
        }
    }
}

fn rows(input: &Input<'_>, cluster: &str, out: &mut String) {
    let controls = Controls::of(input);
    let common = (&*written(cluster), &*written(input.finished));
    let mut checks: HashMap<&str, OfCheck> = HashMap::new();
    let found = input.result.findings.iter().map(|f| (true, f));
    let listed = input.result.evidence.iter().map(|f| (false, f));
    for (counts, finding) in found.chain(listed) {
        let check = checks.entry(&finding.check).or_insert_with(|| {
            OfCheck::new(&finding.check, &(input.check)(&finding.check), &controls)
        });
        cells(&finding_row(input, counts, finding, check, common), out);
    }
    for (id, file) in &input.result.taken_over {
        let title = (input.check)(id).title;
        let cells = FINDINGS.map(|column| match column {
            "list" => "taken-over",
            "check" => id,
            "title" => &title,
            "message" => "this check stands in the place of the built-in one",
            "file" => file,
            "cluster" => cluster,
            "finished" => input.finished,
            _ => "",
        });
        row(&cells, out);
    }
    for text in input.result.mirrored_in_words() {
        let message = format!("the platform's only by the mirror {text}");
        let cells = FINDINGS.map(|column| match column {
            "list" => "mirrored",
            "message" => &*message,
            "cluster" => cluster,
            "finished" => input.finished,
            _ => "",
        });
        row(&cells, out);
    }
}

fn finding_row<'a>(
    input: &'a Input<'_>,
    counts: bool,
    finding: &'a Finding,
    check: &'a OfCheck,
    (cluster, finished): (&'a str, &'a str),
) -> [Cell<'a>; 33] {
    let object = finding.object.as_ref();
    let decision = input.decision(finding).filter(|_| counts);
    let text = |text: &'a str| Cell::Text(Cow::Borrowed(text));
    let some = |text: Option<&'a str>| Cell::Text(Cow::Borrowed(text.unwrap_or_default()));
    let made = |text: String| Cell::Text(Cow::Owned(text));
    let of = |field: fn(&Decision) -> Option<&str>| some(decision.and_then(field));
    [
        Cell::Written(if counts { "finding" } else { "evidence" }),
        Cell::Written(finding.severity.word()),
        Cell::Written(&check.id),
        Cell::Written(&check.title),
        some(object.map(|o| &*o.api_version)),
        some(object.map(|o| &*o.kind)),
        some(object.and_then(|o| o.namespace.as_deref())),
        some(object.map(|o| &*o.name)),
        some(finding.container.as_deref()),
        made(finding.path.to_string()),
        Cell::Written(if finding.missing { "true" } else { "false" }),
        made(about::value(finding).unwrap_or_default()),
        text(&finding.message),
        some(finding.note.as_deref()),
        some(finding.file.as_deref()),
        made(finding.line.map(|line| line.to_string()).unwrap_or_default()),
        made(finding.instances.to_string()),
        made(finding.stale.to_string()),
        Cell::Written(finding.origin.map(about::origin_word).unwrap_or_default()),
        made(finding.owner.as_ref().map(ToString::to_string).unwrap_or_default()),
        Cell::Written(if finding.platform { "true" } else { "false" }),
        Cell::Written(if counts { input.state(finding).word() } else { "" }),
        of(|d| d.reason.as_deref()),
        of(|d| d.approver.as_deref()),
        of(|d| d.expires.as_deref()),
        of(|d| d.link.as_deref()),
        Cell::Written(&check.controls),
        Cell::Written(&check.why),
        Cell::Written(&check.fix),
        text(&finding.fingerprint),
        Cell::Written(cluster),
        Cell::Written(finished),
        some(input.since(finding).filter(|_| counts)),
    ]
}
