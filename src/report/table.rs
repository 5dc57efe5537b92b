//! A scan for the terminal: what fails, what is unknown, and the scores.

use std::fmt::Write as _;

use super::about::problem_place;
use super::alike::{Told, told};
use super::reasons::reasons;
use super::sheet::Layout;
use super::{Input, Judged, tenants};
use crate::frameworks::{ControlResult, FrameworkKind, Score, Status};
use crate::model::finding::{Finding, Severity};
use crate::model::inventory::{Problem, ProblemKind};
use crate::text::{clean, counted, cut, cut_middle, mask, noun};

/// Widest name shown, in cells: no name that an API server accepts is longer.
const NAME: usize = 400;
/// Widest message shown, in cells.
const MESSAGE: usize = 96;
/// Most reasons why something was not assessed: in a large cluster there may be one for each image.
const MOST_REASONS: usize = 50;

/// Renders findings, gaps and scores as aligned text. Findings on objects of the platform are
/// counted in a line of their own unless they were included.
#[must_use]
pub fn render(input: &Input<'_>) -> String {
    laid_out(input, Layout::Columns)
}

/// The same as sentences, each value with its name: for screen readers.
#[must_use]
pub fn sentences(input: &Input<'_>) -> String {
    laid_out(input, Layout::Sentences)
}

fn laid_out(input: &Input<'_>, layout: Layout) -> String {
    let mut out = input.profile.map(tenants::head).unwrap_or_default();
    findings(input, layout, &mut out);
    gaps(input, &mut out);
    problems(input, &mut out);
    scores(input, layout, &mut out);
    settings(input, &mut out);
    others(input, &mut out);
    out.push_str(&input.profile.map(tenants::foot).unwrap_or_default());
    out
}

/// What was set that changes verdicts; nothing where nothing was.
fn settings(input: &Input<'_>, out: &mut String) {
    let settings = input.settings;
    if settings.is_plain() {
        return;
    }
    line(out, "\nJudged with these settings:");
    for text in settings.params_in_words() {
        line(out, &format!("  {}", clean(&mask(&text))));
    }
    if settings.pod_security_set {
        line(out, &format!("  Pod Security policy {}", settings.pod_security_in_words()));
    }
    if !settings.platform_mirrors.is_empty() {
        let mirrors = settings.platform_mirrors.join(", ");
        line(out, &clean(&mask(&format!("  platform images also from {mirrors}"))));
    }
}

/// What counts as the platform's only by a mirror that was set, and that not only the checks and frameworks that
/// ship stand behind it, or others than ran; nothing where that is not so.
fn others(input: &Input<'_>, out: &mut String) {
    let mirrored = input.result.mirrored_in_words();
    if !mirrored.is_empty() {
        line(out, "\nCounted as the platform's only by a mirror (platform-mirrors):");
    }
    for text in mirrored {
        line(out, &format!("  {}", clean(&mask(&text))));
    }
    let taken = input.result.taken_over_in_words();
    if !taken.is_empty() {
        line(out, "\nChecks taken over:");
    }
    for text in taken {
        line(out, &format!("  {}", clean(&mask(&text))));
    }
    if let Some(content) = input.judged_by {
        line(out, &format!("\nControls are judged by {}.", super::about::judged_by(content)));
    }
}

/// Controls that fail although no finding of a check fails them, each with why.
fn said(input: &Input<'_>) -> Vec<String> {
    let fails = |c: &&ControlResult| {
        c.status == Status::Fail && c.checks.iter().all(|check| check.findings == 0)
    };
    let text = |judged: &Judged, c: &ControlResult| {
        let reasons = clean(&mask(&c.reasons.join("; "))).into_owned();
        format!("  {} {}: {reasons}", judged.result.id, c.id)
    };
    let of = |judged: &Judged| {
        let failing = judged.result.controls.iter().filter(fails);
        failing.map(|c| text(judged, c)).collect::<Vec<_>>()
    };
    input.frameworks.iter().flat_map(of).collect()
}

fn findings(input: &Input<'_>, layout: Layout, out: &mut String) {
    let counting: Vec<&Finding> = input.counted().map(AsRef::as_ref).collect();
    let shown: Vec<&Finding> = counting.iter().copied().filter(|f| input.is_open(f)).collect();
    let rows: Vec<[String; 5]> = told(&shown).into_iter().map(row).collect();
    if rows.is_empty() {
        let word = if counting.is_empty() { "No findings." } else { "No open findings." };
        line(out, word);
    } else {
        layout.lay(&["SEVERITY", "CHECK", "OBJECT", "WHERE", "MESSAGE"], &rows, out);
    }
    let others = said(input);
    if !others.is_empty() {
        line(out, "\nFailing by what people or other tools say:");
        for text in &others {
            line(out, text);
        }
    }
    let counts = Severity::ALL.map(|s| (s, shown.iter().filter(|f| f.severity == s).count()));
    let words: Vec<String> =
        counts.iter().filter(|(_, n)| *n > 0).map(|(s, n)| format!("{n} {}", s.word())).collect();
    if !words.is_empty() {
        line(out, &format!("\n{}: {}", counted(shown.len(), "finding"), words.join(", ")));
    }
    let decided = counting.len() - shown.len();
    if decided > 0 {
        line(out, &format!("{decided} more accepted or marked false-positive"));
    }
    let platform = input.result.findings.len() - counting.len();
    if platform > 0 {
        let text =
            format!("{platform} more on objects of the platform itself (--include-platform)");
        line(out, &text);
    }
}

fn row(told: Told<'_>) -> [String; 5] {
    let (Told::One(f) | Told::More(f, _)) = told;
    let object = f.object.as_ref().map_or_else(|| "cluster".to_owned(), ToString::to_string);
    let (place, said) = match (told, &f.file, f.line) {
        (Told::More(_, count), ..) => (String::new(), Told::more(count)),
        (_, Some(file), Some(line)) => (format!("{file}:{line}"), f.message.clone()),
        _ => (f.path.to_string(), f.message.clone()),
    };
    [
        f.severity.word().to_owned(),
        f.check.to_string(),
        cut_middle(&clean(&object), NAME).into_owned(),
        cut_middle(&clean(&place), NAME).into_owned(),
        cut(&clean(&mask(&said)), MESSAGE).into_owned(),
    ]
}

/// What is wrong with documents of the file that a read is of, if it is one.
fn wrong_in<'a>(input: &'a Input<'_>, file: &'a str) -> impl Iterator<Item = &'a Problem> {
    let documents = input.result.problems.iter().filter(|p| p.kind == ProblemKind::Document);
    documents.filter(move |problem| problem.file.as_deref() == Some(file))
}

fn gaps(input: &Input<'_>, out: &mut String) {
    let reasons = reasons(&input.result.not_assessed);
    if reasons.is_empty() {
        return;
    }
    line(out, "\nNot assessed:");
    for reason in reasons.iter().take(MOST_REASONS) {
        let checks = counted(reason.checks.len(), "check");
        let named = reason.named().map(|named| format!(": {named}")).unwrap_or_default();
        line(out, &clean(&format!("  {} ({checks}){named}", reason.told())));
        let mut wrong = wrong_in(input, reason.read);
        if let Some(problem) = wrong.next() {
            let more = match wrong.count() {
                0 => String::new(),
                more => format!("; {more} more below"),
            };
            let text = format!("    {}: {}{more}", problem_place(problem), problem.message);
            line(out, &clean(&mask(&text)));
        }
    }
    let more = reasons.len().saturating_sub(MOST_REASONS);
    if more > 0 {
        line(out, &format!("  and {more} more {}, which -o json lists", noun(more, "reason")));
    }
}

fn problems(input: &Input<'_>, out: &mut String) {
    if input.result.problems.is_empty() {
        return;
    }
    line(out, "\nProblems:");
    for problem in &input.result.problems {
        let mut place = problem.file.clone().unwrap_or_default();
        for number in [problem.line, problem.column].into_iter().flatten() {
            // Writing to a String cannot fail.
            let _ = write!(place, ":{number}");
        }
        let object = problem.object.as_ref().map(ToString::to_string);
        let place: Vec<String> =
            [place].into_iter().chain(object).filter(|part| !part.is_empty()).collect();
        let place = place.join(" ");
        let colon = if place.is_empty() { "" } else { ": " };
        line(out, &format!("  {}{colon}{}", clean(&place), clean(&problem.message)));
    }
}

fn scores(input: &Input<'_>, layout: Layout, out: &mut String) {
    let standards = rows(input, FrameworkKind::Standard, |judged| {
        let counts = &judged.result.counts;
        [
            name(judged),
            interval(judged.result.score),
            counts.words(Status::Pass),
            counts.fail.to_string(),
            counts.manual.to_string(),
            counts.not_assessed.to_string(),
            counts.accepted.to_string(),
        ]
    });
    if !standards.is_empty() {
        out.push('\n');
        let head =
            ["FRAMEWORK", "WORST-BEST", "PASS", "FAIL", "MANUAL", "NOT-ASSESSED", "ACCEPTED"];
        layout.lay(&head, &standards, out);
    }
    let matrices = rows(input, FrameworkKind::Matrix, |judged| {
        let counts = &judged.result.counts;
        let [exposed, mitigated, open] = [counts.exposed, counts.mitigated, counts.not_assessed];
        [name(judged), exposed.to_string(), mitigated.to_string(), open.to_string()]
    });
    if !matrices.is_empty() {
        out.push('\n');
        layout.lay(&["MATRIX", "EXPOSED", "MITIGATED", "NOT-ASSESSED"], &matrices, out);
    }
    let notes =
        input.frameworks.iter().filter_map(|judged| Some((judged, judged.result.note.as_ref()?)));
    let notes: Vec<String> =
        notes.map(|(judged, note)| format!("{}: {note}", judged.framework.id)).collect();
    let left = input.not_judged();
    for (head, lines) in [("Mind:", notes), ("Not judged:", left)] {
        if !lines.is_empty() {
            line(out, &format!("\n{head}"));
        }
        for text in lines {
            line(out, &format!("  {}", clean(&text)));
        }
    }
}

fn rows<const N: usize>(
    input: &Input<'_>,
    kind: FrameworkKind,
    row: impl Fn(&Judged) -> [String; N],
) -> Vec<[String; N]> {
    input.frameworks.iter().filter(|judged| judged.result.kind == kind).map(row).collect()
}

fn name(judged: &Judged) -> String {
    let level = judged.result.level.as_deref().map(|l| format!(" {l}")).unwrap_or_default();
    clean(&format!("{} {}{level}", judged.framework.id, judged.result.version)).into_owned()
}

/// `48–71 %`, `53 %` where both ends meet, `–` where nothing is applicable.
#[must_use]
pub fn interval(score: Option<Score>) -> String {
    let Some(Score { worst, best }) = score else { return "–".to_owned() };
    // Never rounded towards the better end.
    let (low, high) = ((worst * 100.0).floor(), (best * 100.0).floor());
    if (worst - best).abs() < f64::EPSILON {
        format!("{low} %")
    } else {
        format!("{low}–{high} %")
    }
}

pub(super) fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_one_number_only_when_both_ends_meet() {
        assert_eq!(interval(Some(Score { worst: 0.484, best: 0.719 })), "48–71 %");
        assert_eq!(interval(Some(Score { worst: 1.0, best: 1.0 })), "100 %");
        assert_eq!(interval(None), "–");
    }
}
