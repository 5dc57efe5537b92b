//! The first page: how many findings, how the frameworks stand, and what all of it is about.

use std::collections::BTreeMap;

use super::charts;
use super::page::Page;
use super::signs;
use crate::frameworks::FrameworkKind;
use crate::model::finding::{Finding, Severity};
use crate::model::severities::BySeverity;
use crate::report::reasons::reasons;
use crate::report::table::interval;
use crate::report::{Input, Judged, about};
use crate::text::noun;

/// Namespaces drawn before the others are folded away.
const NAMESPACES: usize = 12;

/// Figures and charts.
pub fn summary(input: &Input<'_>, page: &mut Page) {
    let open: Vec<&Finding> =
        input.counted().map(AsRef::as_ref).filter(|f| input.is_open(f)).collect();
    words(input, open.len(), page);
    tiles(&open, page);
    let of = |kind| input.frameworks.iter().filter(move |j| j.result.kind == kind);
    let standards: Vec<&Judged> = of(FrameworkKind::Standard).collect();
    if !standards.is_empty() {
        scores(&standards, page);
    }
    let matrices: Vec<&Judged> = of(FrameworkKind::Matrix).collect();
    if !matrices.is_empty() {
        techniques(&matrices, page);
    }
    namespaces(&open, page);
}

/// The result in a few sentences.
fn words(input: &Input<'_>, open: usize, page: &mut Page) {
    let counted = input.counted().count();
    let platform = input.result.findings.len() - counted;
    let reasons = reasons(&input.result.not_assessed).len();
    let mut text = match open {
        0 => "No finding is open.".to_owned(),
        1 => "1 finding is open.".to_owned(),
        n => format!("{n} findings are open."),
    };
    if counted > open {
        text.push_str(&match counted - open {
            1 => " 1 more is accepted or a false positive.".to_owned(),
            more => format!(" {more} more are accepted or false positives."),
        });
    }
    if platform > 0 {
        text.push_str(&match platform {
            1 => " 1 more is on an object of the platform itself and decides nothing.".to_owned(),
            more => {
                format!(" {more} more are on objects of the platform itself and decide nothing.")
            }
        });
    }
    page.element("p", &[("class", "lead")], &text);
    if reasons > 0 {
        let noun = noun(reasons, "reason");
        page.markup("<p>Some things could not be assessed, for ");
        page.anchor("not-assessed", &format!("{reasons} {noun}"));
        page.markup("; nothing of it counts as passed.</p>\n");
    }
}

fn tiles(open: &[&Finding], page: &mut Page) {
    page.markup("<ul class=\"tiles\" aria-label=\"Open findings by severity\">\n");
    let counts: BySeverity = open.iter().map(|finding| finding.severity).collect();
    let largest = counts.each().map(|(_, count)| count).max().unwrap_or_default();
    for (severity, count) in counts.each() {
        let sign = signs::severity(severity);
        let class = format!("tile {}", sign.class);
        page.open("li", &[("class", &class)]).markup("<span class=\"figure\">");
        page.count(count).markup("</span> <span class=\"word\">");
        page.text(&sign.text()).markup("</span>");
        let mut only = BySeverity::default();
        only.add_many(severity, count);
        charts::severities(page, only, largest);
        page.markup("</li>\n");
    }
    page.markup("</ul>\n");
}

/// A framework with its level, as a link to its controls.
fn name(judged: &Judged, page: &mut Page) {
    page.anchor(&super::controls::id_of(judged), &about::title(judged));
}

fn scores(standards: &[&Judged], page: &mut Page) {
    page.markup(concat!(
        "<h3>Scores</h3>\n<p>A score is an interval: its worst end counts everything undecided as ",
        "failed, its best end as passed. In the load line what passes is solid, what is undecided ",
        "or accepted is hatched, what fails is empty.</p>\n",
        "<table class=\"stack scores\"><thead><tr><th scope=\"col\">Framework</th>",
        "<th scope=\"col\">Load line</th><th scope=\"col\" class=\"n\">Worst–best</th>",
        "<th scope=\"col\">Controls by status</th></tr></thead><tbody>\n"
    ));
    for judged in standards {
        page.markup("<tr><th scope=\"row\">");
        name(judged, page);
        page.markup("</th><td data-label=\"Load line\">");
        let words = interval(judged.result.score);
        if let Some(score) = judged.result.score {
            charts::load_line(page, score, &words);
        }
        page.markup("</td><td class=\"n\" data-label=\"Worst–best\">").text(&words);
        page.markup("</td><td data-label=\"Controls by status\">");
        statuses(judged, page);
        page.markup("</td></tr>\n");
    }
    page.markup("</tbody></table>\n");
    charts::legend(page, charts::status_signs(false));
}

fn techniques(matrices: &[&Judged], page: &mut Page) {
    page.markup(concat!(
        "<h3>Attack techniques</h3>\n<p>A technique is exposed where something that it needs is ",
        "there. None is ever passed, so there is no score.</p>\n",
        "<table class=\"stack scores\"><thead><tr><th scope=\"col\">Matrix</th>",
        "<th scope=\"col\">Techniques by status</th></tr></thead><tbody>\n"
    ));
    for judged in matrices {
        page.markup("<tr><th scope=\"row\">");
        name(judged, page);
        page.markup("</th><td data-label=\"Techniques by status\">");
        statuses(judged, page);
        page.markup("</td></tr>\n");
    }
    page.markup("</tbody></table>\n");
    charts::legend(page, charts::status_signs(true));
}

/// Bar and numbers.
fn statuses(judged: &Judged, page: &mut Page) {
    let counts = &judged.result.counts;
    charts::statuses(page, counts);
    page.markup("<span class=\"numbers\">");
    for (at, (sign, count)) in charts::shares(counts).into_iter().enumerate() {
        if at > 0 {
            page.markup(" · ");
        }
        page.count(count).markup("&nbsp;").text(sign.word);
    }
    page.markup("</span>");
}

fn namespaces(open: &[&Finding], page: &mut Page) {
    let mut places: BTreeMap<&str, BySeverity> = BTreeMap::new();
    for finding in open {
        places.entry(finding.home()).or_default().add(finding.severity);
    }
    let mut rows: Vec<(&str, BySeverity)> = places.into_iter().collect();
    rows.sort_by(|a, b| b.1.total().cmp(&a.1.total()).then(a.0.cmp(b.0)));
    let largest = rows.first().map_or(0, |row| row.1.total());
    let (first, rest) = rows.split_at(rows.len().min(NAMESPACES));
    if first.is_empty() {
        return;
    }
    page.markup("<h3>Open findings by namespace</h3>\n");
    table(first, largest, page);
    if !rest.is_empty() {
        page.markup("<details><summary>").count(rest.len()).markup(" more</summary>\n");
        table(rest, largest, page);
        page.markup("</details>\n");
    }
    charts::legend(page, Severity::ALL.into_iter().map(signs::severity));
}

fn table(rows: &[(&str, BySeverity)], largest: usize, page: &mut Page) {
    page.markup("<table class=\"namespaces\"><thead><tr><th scope=\"col\">Namespace</th>");
    page.markup("<th scope=\"col\" class=\"chart\">Findings</th>");
    for severity in Severity::ALL {
        let sign = signs::severity(severity);
        page.open("th", &[("scope", "col"), ("class", "n"), ("aria-label", sign.word)]);
        page.open("abbr", &[("title", sign.word)]).text(sign.glyph).markup("</abbr></th>");
    }
    page.markup("<th scope=\"col\" class=\"n\">All</th></tr></thead><tbody>\n");
    for (name, counts) in rows {
        page.markup("<tr><th scope=\"row\">");
        page.text(if name.is_empty() { "of the whole cluster" } else { name });
        page.markup("</th><td class=\"chart\">");
        charts::severities(page, *counts, largest);
        page.markup("</td>");
        for (_, count) in counts.each() {
            page.markup("<td class=\"n\">").count(count).markup("</td>");
        }
        page.markup("<td class=\"n\">").count(counts.total()).markup("</td></tr>\n");
    }
    page.markup("</tbody></table>\n");
}

/// Source, time, versions and selection.
pub fn scope(input: &Input<'_>, page: &mut Page) {
    page.markup("<dl class=\"facts\">\n");
    for (name, value) in about::facts(input) {
        page.markup("<div>").element("dt", &[], name).element("dd", &[], &value);
        page.markup("</div>\n");
    }
    page.markup("</dl>\n");
    let left = input.not_judged();
    if !left.is_empty() {
        page.markup("<h3>Frameworks that are not judged</h3>\n<ul>\n");
        for line in left {
            page.element("li", &[], &line).markup("\n");
        }
        page.markup("</ul>\n");
    }
}
