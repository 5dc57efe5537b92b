//! Charts as inline SVG: bars of percentages, so that they fit every width without a script. Each
//! says in words what it shows.

use super::page::Page;
use super::signs::{self, Sign};
use crate::frameworks::{Counts, Score, Status};
use crate::model::severities::BySeverity;

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
        "<pattern id=\"lines\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\">",
        "<rect class=\"lines-ground\" width=\"5\" height=\"5\"/>",
        "<rect class=\"lines-line\" width=\"1\" height=\"5\"/></pattern>",
        "</defs></svg>\n"
    ));
}

/// A part of a bar.
struct Part {
    class: &'static str,
    share: f64,
}

fn bar(page: &mut Page, label: &str, class: &str, parts: &[Part]) {
    page.open("svg", &[("class", class), ("role", "img"), ("aria-label", label)]);
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
    bar(page, &label, "bar load", &parts);
}

/// Of the passing ones, those that rest on a person's answer.
const ATTESTED: Sign =
    Sign { glyph: "✔\u{fe0e}", word: "pass by attestation", class: "attested" };

/// What a stack is made of, in its order.
const STACK: [Status; 8] = [
    Status::Pass,
    Status::Mitigated,
    Status::Accepted,
    Status::Manual,
    Status::NotAssessed,
    Status::Fail,
    Status::Exposed,
    Status::NotApplicable,
];

/// How many controls have which status, those that a person attests apart from those that checks
/// prove.
pub fn shares(counts: &Counts) -> Vec<(Sign, usize)> {
    let mut all: Vec<(Sign, usize)> =
        STACK.iter().map(|s| (signs::status(*s), counts.of(*s))).collect();
    if let Some((_, pass)) = all.first_mut() {
        *pass = pass.saturating_sub(counts.attested);
    }
    all.insert(1, (ATTESTED, counts.attested));
    all.retain(|(_, count)| *count > 0);
    all
}

/// The signs of a standard's statuses, or of a matrix's.
pub fn status_signs(matrix: bool) -> Vec<Sign> {
    if matrix {
        return [Status::Mitigated, Status::NotAssessed, Status::Exposed].map(signs::status).into();
    }
    let of_standard = |s: &Status| !matches!(s, Status::Exposed | Status::Mitigated);
    let mut all: Vec<Sign> = STACK.into_iter().filter(of_standard).map(signs::status).collect();
    all.insert(1, ATTESTED);
    all
}

/// How many controls have which status, one beside the other.
pub fn statuses(page: &mut Page, counts: &Counts) {
    let shares = shares(counts);
    let all: usize = shares.iter().map(|(_, n)| n).sum();
    let words: Vec<String> = shares.iter().map(|(sign, n)| format!("{n} {}", sign.word)).collect();
    let parts: Vec<Part> =
        shares.iter().map(|(sign, n)| Part { class: sign.class, share: share(*n, all) }).collect();
    bar(page, &words.join(", "), "bar", &parts);
}

/// How many findings there are of each severity, drawn against the largest of its neighbours.
pub fn severities(page: &mut Page, counts: BySeverity, largest: usize) {
    let named = || counts.each().map(|(severity, count)| (signs::severity(severity), count));
    let words: Vec<String> =
        named().filter(|(_, n)| *n > 0).map(|(sign, n)| format!("{n} {}", sign.word)).collect();
    let parts: Vec<Part> =
        named().map(|(sign, n)| Part { class: sign.class, share: share(n, largest) }).collect();
    bar(page, &words.join(", "), "bar", &parts);
}

/// What the parts of bars mean.
pub fn legend(page: &mut Page, signs: impl IntoIterator<Item = Sign>) {
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
    fn what_a_person_attests_is_counted_apart() {
        let counts = Counts { pass: 5, attested: 2, ..Counts::default() };
        let words: Vec<(usize, &str)> =
            shares(&counts).iter().map(|(sign, n)| (*n, sign.word)).collect();
        assert_eq!(words, [(3, "pass"), (2, "pass by attestation")]);
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
