//! A report for reading and for paper: one HTML file that needs nothing else. No script, no font, no
//! picture from elsewhere; a content security policy forbids all of that besides.

mod charts;
mod controls;
mod findings;
mod fleet;
mod page;
mod record;
mod signs;
mod summary;

use super::{Input, about, reasons};
pub(super) use fleet::render as fleet;
use page::Page;
pub(super) use page::is_web;

/// The style sheet of the page.
const STYLE: &str = include_str!("html/style.css");

/// Digest of [`STYLE`], by which the policy allows it and no other.
const STYLE_DIGEST: &str = "sha256-HaasWm1xdQmggaDnYDEj+QSFowcYH4bn3b0nqGLNZwk=";

/// Renders the whole report. Every finding is in it, whatever their number.
#[must_use]
pub fn render(input: &Input<'_>) -> String {
    let mut page = Page::default();
    let contents = contents(input);
    document_head(&format!("Compliance assessment: {}", about::subject(input.source)), &mut page);
    page.markup("<body>\n<a class=\"skip\" href=\"#report\">Skip to the report</a>\n");
    charts::patterns(&mut page);
    title(input, &mut page);
    navigation(&contents, &mut page);
    page.markup("<main id=\"report\">\n");
    for part in &contents {
        page.open("section", &[("id", part.id), ("aria-labelledby", &part.heading())]);
        page.element("h2", &[("id", &part.heading())], part.name).markup("\n");
        (part.write)(input, &mut page);
        page.markup("</section>\n");
    }
    page.markup("</main>\n");
    foot(input.today, &mut page);
    page.finish()
}

/// The end of a page.
fn foot(on: &str, page: &mut Page) {
    page.markup("<footer>");
    page.text(&format!("Written by Plimsoll {} on {on}. ", env!("CARGO_PKG_VERSION")));
    page.text("Values that look like credentials are masked.");
    page.markup("</footer>\n</body>\n</html>\n");
}

/// A part of the report.
struct Part {
    id: &'static str,
    name: &'static str,
    /// How much is in it, for the table of contents; none where that says nothing.
    size: Option<usize>,
    write: fn(&Input<'_>, &mut Page),
}

impl Part {
    fn heading(&self) -> String {
        format!("{}-heading", self.id)
    }
}

/// The parts in their order; those that would be empty are left out.
fn contents(input: &Input<'_>) -> Vec<Part> {
    let always = |id, name, size, write| Some(Part { id, name, size, write });
    let some = |id, name, size: usize, write: fn(&Input<'_>, &mut Page)| {
        (size > 0).then_some(Part { id, name, size: Some(size), write })
    };
    let (ledger, counted) = (input.ledger, input.counted().count());
    let platform = input.result.findings.len() - counted;
    let parts = [
        always("summary", "Summary", None, summary::summary as fn(&Input<'_>, &mut Page)),
        always("scope", "What was assessed", None, summary::scope),
        some("frameworks", "Frameworks", input.frameworks.len(), controls::frameworks),
        always("findings", "Findings", Some(counted), findings::findings),
        some("platform", "Findings on the platform itself", platform, findings::platform),
        some(
            "evidence",
            "Evidence to look through",
            input.result.evidence.len(),
            findings::evidence,
        ),
        some("decisions", "Decisions", about::decided(input).len(), record::decisions),
        some("attestations", "Attestations", ledger.attestations.len(), record::attestations),
        some("imports", "Imports", ledger.imports.len(), record::imports),
        always(
            "not-assessed",
            "Not assessed",
            Some(reasons::reasons(&input.result.not_assessed).len()),
            record::not_assessed,
        ),
        some("problems", "Problems", input.result.problems.len(), record::problems),
        some("checks", "Checks that ran", input.result.checks.len(), record::checks),
        some("reads", "Reads", input.reads.len(), record::reads),
    ];
    parts.into_iter().flatten().collect()
}

/// The head of a page of this title.
fn document_head(title: &str, page: &mut Page) {
    page.markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    let policy = format!(
        "default-src 'none'; style-src '{STYLE_DIGEST}'; base-uri 'none'; form-action 'none'"
    );
    // The policy is ours throughout; its quotes are fine as references.
    page.open("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy)]);
    page.markup(concat!(
        "\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
        "<meta name=\"referrer\" content=\"no-referrer\">\n",
        "<meta name=\"color-scheme\" content=\"light dark\">\n",
        "<meta name=\"robots\" content=\"noindex\">\n"
    ));
    page.element("title", &[], title).markup("\n<style>");
    page.markup(STYLE).markup("</style>\n</head>\n");
}

fn title(input: &Input<'_>, page: &mut Page) {
    page.markup("<header>\n<p class=\"mark\"><span aria-hidden=\"true\">⊖</span> Plimsoll</p>\n");
    page.markup("<h1>Compliance assessment</h1>\n<p class=\"subject\">");
    page.element("strong", &[], &about::subject(input.source));
    if let Some(version) = &input.source.kubernetes {
        page.markup(" · Kubernetes ").text(version);
    }
    page.markup(" · ").open("time", &[("datetime", input.finished)]);
    page.text(input.finished).markup("</time></p>\n</header>\n");
}

fn navigation(contents: &[Part], page: &mut Page) {
    page.markup("<nav aria-label=\"Contents\">\n<ol>\n");
    for part in contents {
        page.markup("<li>").anchor(part.id, part.name);
        if let Some(size) = part.size {
            page.markup(" <span class=\"count\">").count(size).markup("</span>");
        }
        page.markup("</li>\n");
    }
    page.markup("</ol>\n</nav>\n");
}

#[cfg(test)]
mod tests;
