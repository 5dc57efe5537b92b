//! Charts as inline SVG: bars of percentages, so that they fit every width without a script. Each
//! says in words what it shows.

use super::page::Page;
use super::signs::{self, Sign};
use crate::frameworks::{Counts, Score, Status};
use crate::model::finding::Severity;

/// Fillings that bars refer to, once a page. Beside colour, patterns tell them apart on paper.
pub fn patterns(page: &mut Page) {
    page.markup(concat!(
        "<svg class=\"defs\" width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\"><defs>",
        "<pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" ",
        "patternTransform=\"rotate(45)\"><rect class=\"hatch-ground\" width=\"6\" height=\"6\"/>",
        "<rect class=\"hatch-line\" width=\"2.5\" height=\"6\"/></pattern>",
        "<pattern id=\"dots\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">",
        "<rect class=\"dots-ground\" width=\"6\" height=\"6\"/>",
        "<circle class=\"dots-dot\" cx=\"3\" cy=\"3\" r=\"1.2\"/></pattern>",
        "</defs></svg>\n"
    ));
}

/// A part of a bar.
struct Part {
    class: &'static str,
    share: f64,
}

fn bar(page: &mut Page, label: &str, parts: &[Part]) {
    page.open("svg", &[("class", "bar"), ("role", "img"), ("aria-label", label)]);
    page.markup("<rect class=\"ground\" width=\"100%\" height=\"100%\"/>");
    let mut from = 0.0;
    for part in parts.iter().filter(|part| part.share > 0.0) {
        let (x, width) = (percent(from), percent(part.share));
        page.open(
            "rect",
            &[("class", part.class), ("x", &x), ("width", &width), ("height", "100%")],
        );
        page.close("rect");
        from += part.share;
    }
    page.close("svg");
}

/// A share of one as a width.
fn percent(share: f64) -> String {
    format!("{:.2}%", share.clamp(0.0, 1.0) * 100.0)
}

#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn share(count: usize, of: usize) -> f64 {
    if of == 0 { 0.0 } else { count as f64 / of as f64 }
}

/// The load line: what passes solid, what is undecided hatched, what fails empty.
pub fn load_line(page: &mut Page, score: Score, words: &str) {
    let label = format!("{words}: passed, undecided, failed");
    let parts = [
        Part { class: "pass", share: score.worst },
        Part { class: "undecided", share: score.best - score.worst },
    ];
    bar(page, &label, &parts);
}

/// Statuses in the order of the stack.
pub const STACK: [Status; 8] = [
    Status::Pass,
    Status::Mitigated,
    Status::Accepted,
    Status::Manual,
    Status::NotAssessed,
    Status::Fail,
    Status::Exposed,
    Status::NotApplicable,
];

/// How many controls have which status, one beside the other.
pub fn statuses(page: &mut Page, counts: &Counts) {
    let all: usize = STACK.iter().map(|s| counts.of(*s)).sum();
    let words: Vec<String> = STACK
        .iter()
        .filter(|s| counts.of(**s) > 0)
        .map(|s| format!("{} {}", counts.of(*s), signs::status(*s).word))
        .collect();
    let parts =
        STACK.map(|s| Part { class: signs::status(s).class, share: share(counts.of(s), all) });
    bar(page, &words.join(", "), &parts);
}

/// How many findings there are of each severity, drawn against the largest of its neighbours.
pub fn severities(page: &mut Page, counts: &[usize; 5], largest: usize) {
    let named = || Severity::ALL.into_iter().map(signs::severity).zip(counts);
    let words: Vec<String> =
        named().filter(|(_, n)| **n > 0).map(|(sign, n)| format!("{n} {}", sign.word)).collect();
    let parts: Vec<Part> =
        named().map(|(sign, n)| Part { class: sign.class, share: share(*n, largest) }).collect();
    bar(page, &words.join(", "), &parts);
}

/// What the parts of bars mean.
pub fn legend(page: &mut Page, signs: impl Iterator<Item = Sign>) {
    page.markup("<ul class=\"legend\">");
    for sign in signs {
        page.markup("<li>");
        page.open("svg", &[("class", "key"), ("aria-hidden", "true")]);
        page.open("rect", &[("class", sign.class), ("width", "100%"), ("height", "100%")]);
        page.markup("</rect></svg> ").text(&sign.text()).markup("</li>");
    }
    page.markup("</ul>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_line_ends_where_failure_begins() {
        let mut page = Page::default();
        load_line(&mut page, Score { worst: 0.5, best: 0.75 }, "50–75 %");
        let html = page.finish();
        assert!(html.contains(r#"class="pass" x="0.00%" width="50.00%""#), "{html}");
        assert!(html.contains(r#"class="undecided" x="50.00%" width="25.00%""#), "{html}");
    }

    #[test]
    fn a_stack_leaves_out_what_is_not_there() {
        let counts = Counts { pass: 3, fail: 1, ..Counts::default() };
        let mut page = Page::default();
        statuses(&mut page, &counts);
        let html = page.finish();
        assert!(html.contains("aria-label=\"3 pass, 1 fail\""), "{html}");
        assert!(html.contains(r#"class="fail" x="75.00%" width="25.00%""#), "{html}");
        assert_eq!(html.matches("<rect").count(), 3);
    }
}
