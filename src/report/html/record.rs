//! What the findings rest on: decisions, what is not known, what is broken, checks and reads.

use super::page::Page;
use super::signs;
use crate::model::read::ReadStatus;
use crate::report::Input;
use crate::report::about::{self, Decided};

/// Decisions, those on findings that this run did not find at the end.
pub fn decisions(input: &Input<'_>, page: &mut Page) {
    page.markup(concat!(
        "<table class=\"stack decisions\"><thead><tr><th scope=\"col\">Finding</th>",
        "<th scope=\"col\">Decision</th><th scope=\"col\">Until</th>",
        "<th scope=\"col\">Approver</th><th scope=\"col\">Reason</th></tr></thead><tbody>\n"
    ));
    for decided in about::decided(input) {
        decision(&decided, page);
    }
    page.markup("</tbody></table>\n");
}

fn decision(decided: &Decided<'_>, page: &mut Page) {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    page.markup("<tr><th scope=\"row\">");
    match decided.finding {
        Some(finding) => {
            page.anchor(&finding.fingerprint, &about::object(finding));
            page.markup("<small><code>").text(&finding.check).markup("</code></small>");
        }
        None => {
            page.markup("not found in this run<small><code>");
            page.text(decided.fingerprint).markup("</code></small>");
        }
    }
    page.markup("</th><td data-label=\"Decision\">");
    signs::decision(decided.state).badge(page);
    if decided.expired() {
        page.markup("<small>").text(decided.word()).markup("</small>");
    }
    page.markup("</td><td data-label=\"Until\">").text(&text(&decided.decision.expires));
    page.markup("</td><td data-label=\"Approver\">").text(&text(&decided.decision.approver));
    page.markup("</td><td data-label=\"Reason\">").prose(&text(&decided.decision.reason));
    page.markup("</td></tr>\n");
}

/// Reasons, with the checks that each leaves undecided.
pub fn not_assessed(input: &Input<'_>, page: &mut Page) {
    let gaps = about::gaps(input);
    if gaps.is_empty() {
        page.markup("<p>Everything that the checks need was read.</p>\n");
        return;
    }
    page.markup("<p>None of this counts as passed.</p>\n");
    for (reason, checks) in gaps {
        let noun = if checks.len() == 1 { "check" } else { "checks" };
        page.markup("<details class=\"gap\"><summary><span class=\"title\">").text(reason);
        page.markup("</span> <span class=\"count\">").text(&format!("{} {noun}", checks.len()));
        page.markup("</span></summary>\n<ul class=\"body\">\n");
        for (check, places) in checks {
            page.markup("<li>").element("code", &[], check);
            match places {
                0 => page.markup(": nothing could be listed"),
                1 => page.markup(": 1 place"),
                n => page.markup(": ").count(n).markup(" places"),
            };
            page.markup("</li>\n");
        }
        page.markup("</ul></details>\n");
    }
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
        page.text(&read.status.word().replace('-', " ")).markup("</span></td>");
        page.markup("<td class=\"n\" data-label=\"Items\">").count(read.items);
        page.markup("</td><td data-label=\"Message\">");
        page.text(read.message.as_deref().unwrap_or_default()).markup("</td></tr>\n");
    }
    page.markup("</tbody></table>\n");
}
