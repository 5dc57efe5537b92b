//! Every framework with every control: its status, why, the checks that serve it, and what a person
//! is asked.

use std::collections::{HashMap, HashSet};

use super::page::{Page, slug};
use super::{findings, record, signs};
use crate::frameworks::{Control, ControlCheck, ControlResult, Status};
use crate::report::{CheckText, Input, Judged, about};

/// Where in the page a framework is.
#[must_use]
pub fn id_of(judged: &Judged) -> String {
    let level = judged.result.level.as_deref().map(|l| format!(":{l}")).unwrap_or_default();
    format!("framework-{}", slug(&format!("{}{level}", judged.result.id)))
}

/// All of them.
pub fn frameworks(input: &Input<'_>, page: &mut Page) {
    page.markup(
        "<p>Each control opens to its reasons, the checks behind it and what a person has to ",
    );
    page.markup("answer. The findings are listed by check further down.</p>\n");
    let counted = input.counted().map(|f| &*f.check).collect();
    let mut texts = Texts { input, counted, known: HashMap::new() };
    for judged in input.frameworks {
        framework(judged, &mut texts, page);
    }
}

/// Texts of checks, each looked up once: many controls share one.
struct Texts<'a> {
    input: &'a Input<'a>,
    /// Checks with findings that count.
    counted: HashSet<&'a str>,
    known: HashMap<String, CheckText>,
}

impl Texts<'_> {
    fn title(&mut self, check: &str) -> &str {
        if !self.known.contains_key(check) {
            self.known.insert(check.to_owned(), (self.input.check)(check));
        }
        self.known.get(check).map_or("", |text| &text.title)
    }
}

fn framework(judged: &Judged, texts: &mut Texts<'_>, page: &mut Page) {
    let (framework, result) = (&judged.framework, &judged.result);
    page.open("section", &[("class", "framework"), ("id", &id_of(judged))]);
    page.element("h3", &[], &about::title(judged));
    page.markup("\n<p class=\"meta\">").text(&framework.publisher).markup(" · ");
    page.element("code", &[], &result.id).markup(" · ");
    page.link(&framework.url, "the standard");
    if framework.numbering == "plimsoll" {
        page.markup(" · numbers are ours, the standard has none");
    }
    page.markup("</p>\n<p>Judged because: ").text(&result.chosen_because).markup(".");
    if let Some(note) = &result.note {
        page.markup(" <strong>Mind:</strong> ").text(note).markup(".");
    }
    page.markup("</p>\n");
    let mut section = "";
    for control in &result.controls {
        let known = framework.control(&control.id);
        let own = known.map_or("", |c| &c.section);
        if own != section {
            page.element("h4", &[], own).markup("\n");
            section = own;
        }
        self::control(judged, control, known, texts, page);
    }
    page.markup("</section>\n");
}

fn control(
    judged: &Judged,
    result: &ControlResult,
    known: Option<&Control>,
    texts: &mut Texts<'_>,
    page: &mut Page,
) {
    let sign = signs::status(result.status);
    let id = format!("{}.{}", id_of(judged), slug(&result.id));
    let class = format!("control {}", sign.class);
    page.open("details", &[("class", &class), ("id", &id)]).markup("<summary>");
    sign.badge(page);
    page.markup(" ").element("code", &[], &result.id).markup(" <span class=\"title\">");
    page.text(known.map_or("", |c| &c.title)).markup("</span>");
    if result.failing > 0 {
        page.markup(" <span class=\"count\">").count(result.failing).markup(" open</span>");
    }
    if result.attested {
        page.markup(" <span class=\"count\">by attestation</span>");
    }
    page.markup("</summary>\n<div class=\"body\">\n");
    reasons(result, page);
    if let Some(control) = known {
        asked(control, result.status, page);
    }
    if let Some(answer) = about::answer(texts.input, &judged.result.id, &result.id) {
        page.markup("<p><strong>Answer:</strong> ");
        record::answered(answer, texts.input.today, page);
        page.markup("</p>\n");
    }
    if !result.checks.is_empty() {
        checks(result, known, texts, page);
    }
    page.markup("</div></details>\n");
}

fn reasons(result: &ControlResult, page: &mut Page) {
    if result.reasons.is_empty() {
        let good = matches!(result.status, Status::Pass | Status::Mitigated);
        if good && !result.attested {
            page.markup("<p>Everything that decides it was looked at and passes.</p>\n");
        }
        return;
    }
    page.markup("<ul class=\"reasons\">\n");
    for reason in &result.reasons {
        page.element("li", &[], reason).markup("\n");
    }
    page.markup("</ul>\n");
}

/// Who can decide it, and what a person is asked.
fn asked(control: &Control, status: Status, page: &mut Page) {
    page.markup("<p class=\"meta\">Assessment: ").text(control.assessment.word());
    if !control.levels.is_empty() {
        page.markup(" · level ").text(&control.levels.join(", "));
    }
    if !control.tactics.is_empty() {
        page.markup(" · tactics: ").text(&control.tactics.join(", "));
    }
    page.markup("</p>\n");
    if !control.question.is_empty() {
        let word = if status == Status::Manual { "To be answered" } else { "Question" };
        page.markup("<p><strong>").text(word).markup(":</strong> ");
        page.prose(&control.question).markup("</p>\n");
    }
    if !control.evidence.is_empty() {
        page.markup("<p><strong>Evidence:</strong> ").prose(&control.evidence).markup("</p>\n");
    }
}

fn checks(result: &ControlResult, known: Option<&Control>, texts: &mut Texts<'_>, page: &mut Page) {
    page.markup(concat!(
        "<table class=\"stack serving\"><thead><tr><th scope=\"col\">Check</th>",
        "<th scope=\"col\">Says</th><th scope=\"col\" class=\"n\">Findings</th>",
        "<th scope=\"col\" class=\"n\">Pass</th><th scope=\"col\" class=\"n\">Undecided</th>",
        "<th scope=\"col\">Because</th></tr></thead><tbody>\n"
    ));
    for check in &result.checks {
        let because = known.and_then(|c| c.checks.iter().find(|m| m.id == check.id));
        row(check, because.map_or("", |m| &m.because), texts, page);
    }
    page.markup("</tbody></table>\n");
}

fn row(check: &ControlCheck, because: &str, texts: &mut Texts<'_>, page: &mut Page) {
    let title = texts.title(&check.id).to_owned();
    page.markup("<tr><th scope=\"row\">");
    if check.findings > 0 {
        page.anchor(&findings::id_of(&check.id, texts.counted.contains(&*check.id)), &title);
    } else {
        page.text(&title);
    }
    page.markup("<br>").element("code", &[], &check.id).markup("</th><td data-label=\"Says\">");
    page.text(check.strength.word());
    if check.ran {
        for (label, count) in
            [("Findings", check.findings), ("Pass", check.pass), ("Undecided", check.undecided)]
        {
            page.markup("</td>").open("td", &[("class", "n"), ("data-label", label)]).count(count);
        }
    } else {
        page.markup("</td><td colspan=\"3\" data-label=\"Result\">was not run");
    }
    page.markup("</td><td data-label=\"Because\">").text(because).markup("</td></tr>\n");
}
