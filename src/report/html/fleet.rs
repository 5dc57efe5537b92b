//! Several clusters on one page: the table of them, their frameworks, what differs, and a part for
//! each with its open findings.

use super::page::{Page, slug};
use super::{charts, document_head, foot, signs};
use crate::frameworks::fleet::{ClusterCard, FamilyRow, Standing};
use crate::model::finding::{Finding, Severity};
use crate::report::fleet::{Fleet, Outcome, alike};
use crate::report::table::interval;
use crate::report::{Input, about};

/// Renders the page. Every open finding of every cluster is in it.
#[must_use]
pub fn render(fleet: &Fleet<'_>) -> String {
    let mut page = Page::default();
    document_head("Clusters side by side", &mut page);
    page.markup("<body>\n<a class=\"skip\" href=\"#report\">Skip to the report</a>\n");
    charts::patterns(&mut page);
    page.markup("<header>\n<p class=\"mark\"><span aria-hidden=\"true\">⊖</span> Plimsoll</p>\n");
    page.markup("<h1>Clusters side by side</h1>\n<p class=\"subject\">");
    page.element("strong", &[], &fleet.words());
    page.markup(" · ").element("time", &[("datetime", fleet.finished())], fleet.finished());
    page.markup("</p>\n</header>\n");
    navigation(fleet, &mut page);
    page.markup("<main id=\"report\">\n");
    part("clusters", "Clusters", &mut page, |page| clusters(fleet, page));
    part("frameworks", "Frameworks", &mut page, |page| frameworks(fleet, page));
    part("differs", "What differs", &mut page, |page| differences(fleet, page));
    if fleet.unread().next().is_some() {
        part(UNREAD, "Not read", &mut page, |page| unread(fleet, page));
    }
    for (at, entry) in fleet.entries.iter().enumerate() {
        let Outcome::Read(input, card) = &entry.outcome else { continue };
        part(&id_of(&entry.name), &entry.name, &mut page, |page| {
            cluster(fleet, at, input, card, page);
        });
    }
    page.markup("</main>\n");
    foot(fleet.finished(), &mut page);
    page.finish()
}

/// The id of the part of those that were not read.
const UNREAD: &str = "not-read";

/// Why clusters were not read: what is the same for several is told once, with all of them.
fn unread(fleet: &Fleet<'_>, page: &mut Page) {
    page.markup("<p class=\"lead\">Not read: nothing is known of these.</p>\n");
    for group in alike(fleet.unread()) {
        let text = format!("{}. {}", group.sentence, group.next);
        page.element("p", &[], text.trim_end()).markup("\n<ul>\n");
        for (name, own) in &group.clusters {
            page.open("li", &[("id", &id_of(name))]);
            page.element("strong", &[], name);
            if !own.is_empty() {
                page.text(&format!(": {own}"));
            }
            page.markup("</li>\n");
        }
        page.markup("</ul>\n");
    }
}

/// The id of the part of a cluster: no part of another kind has one like it.
fn id_of(name: &str) -> String {
    format!("cluster-{}", slug(name))
}

fn part(id: &str, name: &str, page: &mut Page, write: impl FnOnce(&mut Page)) {
    let heading = format!("{id}-heading");
    page.open("section", &[("id", id), ("aria-labelledby", &heading)]);
    page.element("h2", &[("id", &heading)], name).markup("\n");
    write(page);
    page.markup("</section>\n");
}

fn navigation(fleet: &Fleet<'_>, page: &mut Page) {
    page.markup("<nav aria-label=\"Contents\">\n<ol>\n");
    for (id, name) in
        [("clusters", "Clusters"), ("frameworks", "Frameworks"), ("differs", "What differs")]
    {
        page.markup("<li>").anchor(id, name).markup("</li>\n");
    }
    if fleet.unread().next().is_some() {
        page.markup("<li>").anchor(UNREAD, "Not read").markup("</li>\n");
    }
    for entry in fleet.entries.iter().filter(|entry| entry.card().is_some()) {
        page.markup("<li>").anchor(&id_of(&entry.name), &entry.name).markup("</li>\n");
    }
    page.markup("</ol>\n</nav>\n");
}

fn clusters(fleet: &Fleet<'_>, page: &mut Page) {
    page.markup("<table class=\"namespaces\"><thead><tr><th scope=\"col\">Cluster</th>");
    page.markup("<th scope=\"col\">Kubernetes</th><th scope=\"col\">Provider</th>");
    for severity in Severity::ALL {
        let sign = signs::severity(severity);
        page.open("th", &[("scope", "col"), ("class", "n"), ("aria-label", sign.word)]);
        page.open("abbr", &[("title", sign.word)]).text(sign.glyph).markup("</abbr></th>");
    }
    page.markup("<th scope=\"col\" class=\"n\">Undecided checks</th>");
    page.markup("<th scope=\"col\" class=\"n\">Reads missing</th></tr></thead><tbody>\n");
    for entry in &fleet.entries {
        page.markup("<tr><th scope=\"row\">").anchor(&id_of(&entry.name), &entry.name);
        page.markup("</th>");
        match entry.card() {
            None => {
                page.markup("<td colspan=\"9\">");
                signs::unknown("not read").badge(page);
                page.markup("</td>");
            }
            Some(card) => figures(card, page),
        }
        page.markup("</tr>\n");
    }
    page.markup("</tbody></table>\n");
    charts::legend(page, Severity::ALL.into_iter().map(signs::severity));
}

fn figures(card: &ClusterCard, page: &mut Page) {
    page.element("td", &[], card.source.kubernetes.as_deref().unwrap_or("–"));
    page.element("td", &[], card.provider.as_deref().unwrap_or("–"));
    for severity in Severity::ALL {
        page.markup("<td class=\"n\">").count(card.findings.of(severity)).markup("</td>");
    }
    page.markup("<td class=\"n\">").count(card.undecided_checks).markup("</td>");
    page.markup("<td class=\"n\">").count(card.reads.missing.len()).markup(" of ");
    page.count(card.reads.asked).markup("</td>");
}

fn frameworks(fleet: &Fleet<'_>, page: &mut Page) {
    page.markup(concat!(
        "<p>A score is an interval: its worst end counts everything undecided as failed, its best ",
        "end as passed. Each cell says what it rests on.</p>\n"
    ));
    if !fleet.cautions.is_empty() {
        page.markup("<ul>\n");
        for caution in &fleet.cautions {
            page.element("li", &[], caution).markup("\n");
        }
        page.markup("</ul>\n");
    }
    for row in &fleet.families {
        family(row, page);
    }
}

fn family(row: &FamilyRow, page: &mut Page) {
    page.element("h3", &[], &row.title);
    page.markup(concat!(
        "<table class=\"stack scores\"><thead><tr><th scope=\"col\">Cluster</th>",
        "<th scope=\"col\">Load line</th><th scope=\"col\" class=\"n\">Worst–best</th>",
        "<th scope=\"col\">Rests on</th></tr></thead><tbody>\n"
    ));
    for cell in &row.cells {
        page.markup("<tr>").element("th", &[("scope", "row")], &cell.cluster);
        page.markup("<td data-label=\"Load line\">");
        let words = match &cell.score {
            Some(score) if score.matrix => {
                charts::statuses(page, &score.counts);
                format!("{} exposed", score.counts.exposed)
            }
            Some(score) => {
                let words = interval(score.score);
                if let Some(score) = score.score {
                    charts::load_line(page, score, &words);
                }
                words
            }
            None => "not judged".to_owned(),
        };
        page.markup("</td><td class=\"n\" data-label=\"Worst–best\">").text(&words);
        page.markup("</td><td data-label=\"Rests on\">").text(&cell.rests);
        page.markup("</td></tr>\n");
    }
    page.markup("</tbody></table>\n");
}

fn differences(fleet: &Fleet<'_>, page: &mut Page) {
    if fleet.differences.is_empty() {
        page.markup("<p>No check fails in some of the clusters only.</p>\n");
        return;
    }
    page.markup(concat!(
        "<p>Checks that fail in some of the clusters. Where the others are unknown, they may fail as ",
        "well.</p>\n<table class=\"stack\"><thead><tr><th scope=\"col\">Severity</th>",
        "<th scope=\"col\">Check</th><th scope=\"col\">Fails in</th><th scope=\"col\">Not in</th>",
        "<th scope=\"col\">Not known in</th></tr></thead><tbody>\n"
    ));
    for d in &fleet.differences {
        page.markup("<tr><td data-label=\"Severity\">");
        signs::severity(d.severity).badge(page);
        page.markup("</td><th scope=\"row\">").text(&d.title);
        page.markup(" <code>").text(&d.check).markup("</code></th><td data-label=\"Fails in\">");
        page.text(&d.failing()).markup("</td><td data-label=\"Not in\">");
        page.text(&d.names(Standing::is_sound)).markup("</td><td data-label=\"Not known in\">");
        page.text(&d.unknown()).markup("</td></tr>\n");
    }
    page.markup("</tbody></table>\n");
}

/// One cluster: where it is, what was not read, its open findings by check.
fn cluster(fleet: &Fleet<'_>, at: usize, input: &Input<'_>, card: &ClusterCard, page: &mut Page) {
    if let Some(Some(name)) = fleet.links.get(at) {
        page.markup("<p>").element("a", &[("href", &format!("./{name}"))], "Its whole report");
        page.markup("</p>\n");
    }
    page.markup("<dl class=\"facts\">\n");
    for (name, value) in about::facts(input) {
        page.markup("<div>").element("dt", &[], name).element("dd", &[], &value);
        page.markup("</div>\n");
    }
    page.markup("</dl>\n");
    if !card.reads.missing.is_empty() {
        page.markup("<h3>Not read</h3>\n<ul>\n");
        for read in &card.reads.missing {
            let place = read.namespace.as_deref().map(|n| format!(" in {n}")).unwrap_or_default();
            let text = format!("{}{place}: {}", read.resource, read.status.told());
            page.element("li", &[], &text).markup("\n");
        }
        page.markup("</ul>\n");
    }
    let counted = input.counted().map(AsRef::as_ref);
    let open: Vec<&Finding> = counted.filter(|f| input.is_open(f)).collect();
    page.markup("<h3>Open findings</h3>\n");
    if open.is_empty() {
        page.markup("<p>No finding is open.</p>\n");
    }
    for group in about::by_check(input, open.into_iter()) {
        let sign = signs::severity(group.severity(input));
        page.open("details", &[("class", sign.class)]).markup("<summary>");
        sign.badge(page);
        page.markup(" ").text(&(input.check)(group.check).title);
        page.markup(" <span class=\"count\">").count(group.findings.len());
        page.markup("</span></summary>\n<ul>\n");
        for finding in group.findings {
            let path = about::path(finding);
            let text = format!("{}: {}", about::object(finding), finding.message);
            page.markup("<li>").text(&text).markup(" <code>").text(&path).markup("</code></li>\n");
        }
        page.markup("</ul>\n</details>\n");
    }
}
