//! What the findings rest on: decisions, what is not known, what is broken, checks and reads.

use std::sync::Arc;

use super::page::Page;
use super::signs;
use crate::model::attestation::Attestation;
use crate::model::decision::{DecisionOrigin, PastDecision};
use crate::model::read::ReadStatus;
use crate::report::Input;
use crate::report::about::{self, Decided};
use crate::report::reasons::reasons;
use crate::text::counted;

/// Decisions, those on findings that this run did not find at the end.
pub fn decisions(input: &Input<'_>, page: &mut Page) {
    page.markup(concat!(
        "<table class=\"stack decisions\"><thead><tr><th scope=\"col\">Finding</th>",
        "<th scope=\"col\">Decision</th><th scope=\"col\">Until</th>",
        "<th scope=\"col\">Approver</th><th scope=\"col\">Reason</th></tr></thead><tbody>\n"
    ));
    for decided in about::decided(input) {
        decision(&decided, page);
        let past = input.ledger.history.get(decided.fingerprint);
        if let Some(past) = past.filter(|past| past.len() > 1) {
            history(past, page);
        }
        page.markup("</td></tr>\n");
    }
    page.markup("</tbody></table>\n");
}

/// A row, open at its end.
fn decision(decided: &Decided<'_>, page: &mut Page) {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    page.markup("<tr><th scope=\"row\">");
    if let Some(finding) = decided.finding {
        page.anchor(&finding.fingerprint, &about::object(finding));
        page.markup("<small><code>").text(&finding.check).markup("</code></small>");
    } else {
        page.markup("not found in this run<small><code>");
        page.text(decided.fingerprint).markup("</code></small>");
    }
    page.markup("</th><td data-label=\"Decision\">");
    signs::decision(decided.state).badge(page);
    if decided.expired() {
        page.markup("<small>").text(decided.word()).markup("</small>");
    }
    if decided.decision.origin != DecisionOrigin::Session {
        page.element("small", &[], &format!("from {}", decided.decision.origin.describe()));
    }
    page.markup("</td><td data-label=\"Until\">").text(&text(&decided.decision.expires));
    page.markup("</td><td data-label=\"Approver\">").text(&text(&decided.decision.approver));
    let written = decided.written();
    if !written.is_empty() {
        page.element("small", &[], &format!("put down by {written}"));
    }
    page.markup("</td><td data-label=\"Reason\">").prose(&text(&decided.decision.reason));
    if let Some(link) = &decided.decision.link {
        page.markup("<small>").link(link, link).markup("</small>");
    }
}

/// How a finding came to its decision.
fn history(past: &[Arc<PastDecision>], page: &mut Page) {
    page.markup("<details><summary>").count(past.len()).markup(" changes</summary><ol>");
    for step in past {
        let state = step.after.as_ref().map_or("nothing decided", |d| d.state.word());
        let undone = if step.undone { ", taken back" } else { "" };
        page.element("li", &[], &format!("{} {}: {state}{undone}", step.time, step.by));
    }
    page.markup("</ol></details>");
}

/// Answers of people to controls.
pub fn attestations(input: &Input<'_>, page: &mut Page) {
    page.markup(concat!(
        "<p>Answers of people to what no check can decide. A control that passes by one is counted ",
        "apart from those that checks prove.</p>\n<table class=\"stack answers\"><thead><tr>",
        "<th scope=\"col\">Control</th><th scope=\"col\">Answer</th></tr></thead><tbody>\n"
    ));
    for answer in input.ledger.attestations.values() {
        page.markup("<tr><th scope=\"row\">").text(&answer.framework).markup(" ");
        page.text(&answer.control).markup("</th><td>");
        answered(answer, input.today, page);
        page.markup("</td></tr>\n");
    }
    page.markup("</tbody></table>\n");
}

/// An answer in a sentence, with its evidence.
pub fn answered(answer: &Attestation, today: &str, page: &mut Page) {
    page.markup("<strong>").text(&answer.answer.word().replace('-', " ")).markup("</strong>, by ");
    page.text(&answer.reviewer).markup(" on ").text(&answer.date);
    if let Some(day) = &answer.expires {
        let word = if answer.in_force(today) { ", until " } else { ", expired on " };
        page.text(word).text(day);
    }
    page.markup(".");
    if let Some(evidence) = &answer.evidence {
        page.markup(" ").prose(evidence);
    }
    if let Some(link) = &answer.link {
        page.markup(" ").link(link, link);
    }
    if let Some(file) = about::evidence_file(answer) {
        page.markup("<br>Evidence file ").element("code", &[], &file);
    }
}

/// Results of other tools that were brought in.
pub fn imports(input: &Input<'_>, page: &mut Page) {
    page.markup("<ul>\n");
    for import in &input.ledger.imports {
        page.element("li", &[], &about::import(import)).markup("\n");
    }
    page.markup("</ul>\n");
}

/// Reasons, with the checks that each leaves undecided.
pub fn not_assessed(input: &Input<'_>, page: &mut Page) {
    let mut gaps = reasons(&input.result.not_assessed);
    gaps.sort_by(|a, b| a.sentence.cmp(&b.sentence));
    if gaps.is_empty() {
        page.markup("<p>Everything that the checks need was read.</p>\n");
        return;
    }
    page.markup(concat!(
        "<p>None of this counts as passed.</p>\n<table class=\"stack gaps\"><thead><tr>",
        "<th scope=\"col\">Reason</th><th scope=\"col\">Checks that it leaves undecided, and where",
        "</th></tr></thead><tbody>\n"
    ));
    for reason in gaps {
        page.markup("<tr><th scope=\"row\">").text(&reason.told());
        if !reason.own.is_empty() {
            page.markup("<details><summary>").text(&counted(reason.own.len(), "reason"));
            page.markup("</summary><ul>");
            for own in &reason.own {
                page.element("li", &[], own);
            }
            page.markup("</ul></details>");
        }
        page.markup("</th><td>");
        for (at, (check, places)) in reason.checks.into_iter().enumerate() {
            page.markup(if at > 0 { ", " } else { "" }).element("code", &[], check);
            match places {
                0 => page.markup(" (nothing could be listed)"),
                1 => page.markup(" (1 place)"),
                n => page.markup(" (").count(n).markup(" places)"),
            };
        }
        page.markup("</td></tr>\n");
    }
    page.markup("</tbody></table>\n");
}

/// Broken files and documents, rules that failed.
pub fn problems(input: &Input<'_>, page: &mut Page) {
    page.markup(concat!(
        "<table class=\"stack problems\"><thead><tr><th scope=\"col\">Where</th>",
        "<th scope=\"col\">Kind</th><th scope=\"col\">What</th></tr></thead><tbody>\n"
    ));
    for problem in &input.result.problems {
        page.markup("<tr><th scope=\"row\">").text(&about::problem_place(problem));
        page.markup("</th><td data-label=\"Kind\">").text(about::problem_word(problem.kind));
        page.markup("</td><td data-label=\"What\">").prose(&problem.message);
        page.markup("</td></tr>\n");
    }
    page.markup("</tbody></table>\n");
}

/// Every check with its counts.
pub fn checks(input: &Input<'_>, page: &mut Page) {
    page.markup(concat!(
        "<details><summary><span class=\"title\">How often each came to which verdict</span>",
        "</summary>\n<table class=\"counts\"><thead><tr><th scope=\"col\">Check</th>",
        "<th scope=\"col\" class=\"n\">Fail</th><th scope=\"col\" class=\"n\">Error</th>",
        "<th scope=\"col\" class=\"n\">Not assessed</th><th scope=\"col\" class=\"n\">Pass</th>",
        "<th scope=\"col\" class=\"n\">Not applicable</th></tr></thead><tbody>\n"
    ));
    for (id, counts) in &input.result.checks {
        page.markup("<tr><th scope=\"row\">").element("code", &[], id).markup("</th>");
        let of =
            [counts.fail, counts.error, counts.not_assessed, counts.pass, counts.not_applicable];
        for count in of {
            page.markup("<td class=\"n\">").count(count).markup("</td>");
        }
        page.markup("</tr>\n");
    }
    page.markup("</tbody></table></details>\n");
}

/// Every read, the incomplete ones first.
pub fn reads(input: &Input<'_>, page: &mut Page) {
    page.markup(concat!(
        "<p>Every verdict rests on these.</p>\n",
        "<table class=\"stack reads\"><thead><tr><th scope=\"col\">Resource</th>",
        "<th scope=\"col\">Namespace</th><th scope=\"col\">Status</th>",
        "<th scope=\"col\" class=\"n\">Items</th><th scope=\"col\">Message</th></tr></thead><tbody>\n"
    ));
    let mut reads: Vec<_> = input.reads.iter().collect();
    reads.sort_by_key(|r| (r.status == ReadStatus::Complete, &r.resource, &r.namespace));
    for read in reads {
        let fine = read.status.proves_absence();
        page.markup("<tr><th scope=\"row\"><code>").text(&read.resource);
        page.markup("</code></th><td data-label=\"Namespace\">");
        page.text(read.namespace.as_deref().unwrap_or("all"));
        page.markup("</td>").open("td", &[("data-label", "Status")]);
        page.open("span", &[("class", if fine { "pass" } else { "unknown" })]);
        page.text(if fine { "✔\u{fe0e} " } else { "? " });
        page.text(&read.status.told()).markup("</span></td>");
        page.markup("<td class=\"n\" data-label=\"Items\">").count(read.items);
        page.markup("</td><td data-label=\"Message\">");
        page.text(read.message.as_deref().unwrap_or_default()).markup("</td></tr>\n");
    }
    page.markup("</tbody></table>\n");
}
