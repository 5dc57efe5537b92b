//! `JUnit` XML, as Jenkins, GitLab and others read it: a suite per framework with a case per control,
//! and a suite per check with a case per finding.
//!
//! What fails is a failure. What nobody knows is skipped with the reason, never a pass; so are
//! controls that wait for a person, accepted risks and what does not apply. A rule or file that is
//! broken is an error. A control that passes because a person says so is in a suite of its own.

mod cases;
mod xml;

use super::{Input, about};
use cases::{Case, Outcome};
use xml::{attribute, escape};

/// One suite.
struct Suite {
    name: String,
    package: &'static str,
    properties: Vec<(&'static str, String)>,
    cases: Vec<Case>,
    said: String,
}

/// Renders the report.
#[must_use]
pub fn render(input: &Input<'_>) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    let mut suites = vec![own(input)];
    suites.extend(input.frameworks.iter().flat_map(|judged| cases::framework(input, judged)));
    suites.extend(cases::checks(input));
    for (number, suite) in suites.iter().enumerate() {
        write(input, number, suite, &mut out);
    }
    out.push_str("</testsuites>\n");
    out
}

/// The assessment itself: what it is about, its reads, and what is broken.
fn own(input: &Input<'_>) -> Suite {
    let not_judged = input.not_judged.iter().map(|n| Case {
        class: "plimsoll.frameworks".to_owned(),
        name: n.id.clone(),
        outcome: Outcome::Skipped(format!("not judged: {}", n.reason)),
        more: String::new(),
    });
    let cases = cases::reads(input).into_iter().chain(not_judged).chain(cases::problems(input));
    let said: Vec<String> = about::decided(input)
        .iter()
        .map(|d| {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            let object = d.finding.map(about::object).unwrap_or_default();
            format!(
                "{}: {} {object} until {} by {}: {}",
                d.word(),
                d.finding.map_or(d.fingerprint, |f| &f.check),
                d.decision.expires.as_deref().unwrap_or("further notice"),
                d.decision.approver.as_deref().unwrap_or("nobody named"),
                [text(&d.decision.reason), text(&d.decision.link)].join(" "),
            )
        })
        .chain(input.ledger.imports.iter().map(about::import))
        .collect();
    Suite {
        name: "assessment".to_owned(),
        package: "plimsoll",
        properties: about::facts(input),
        cases: cases.collect(),
        said: said.join("\n"),
    }
}

fn write(input: &Input<'_>, number: usize, suite: &Suite, out: &mut String) {
    let count = |is: fn(&Outcome) -> bool| suite.cases.iter().filter(|c| is(&c.outcome)).count();
    out.push_str("<testsuite");
    attribute("name", &suite.name, out);
    attribute("package", suite.package, out);
    attribute("id", &number.to_string(), out);
    attribute("timestamp", second(input.finished), out);
    attribute("hostname", &host(input), out);
    attribute("tests", &suite.cases.len().to_string(), out);
    attribute("failures", &count(|o| matches!(o, Outcome::Failed { .. })).to_string(), out);
    attribute("errors", &count(|o| matches!(o, Outcome::Error { .. })).to_string(), out);
    attribute("skipped", &count(|o| matches!(o, Outcome::Skipped(_))).to_string(), out);
    attribute("time", "0", out);
    out.push_str(">\n<properties>");
    for (name, value) in &suite.properties {
        out.push_str("<property");
        attribute("name", name, out);
        attribute("value", value, out);
        out.push_str("/>");
    }
    out.push_str("</properties>\n");
    for case in &suite.cases {
        case.write(out);
    }
    out.push_str("<system-out>");
    for (at, line) in suite.said.lines().enumerate() {
        out.push_str(if at > 0 { "\n" } else { "" });
        escape(line, out);
    }
    out.push_str("</system-out>\n<system-err></system-err>\n</testsuite>\n");
}

/// A time without its zone, which the format has no place for; times here are in UTC.
fn second(time: &str) -> &str {
    time.get(..19).unwrap_or("1970-01-01T00:00:00")
}

/// What was assessed takes the place of the host.
fn host(input: &Input<'_>) -> String {
    let name = about::subject(input.source);
    if name.trim().is_empty() { "localhost".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_no_zone() {
        assert_eq!(second("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05");
        assert_eq!(second("soon"), "1970-01-01T00:00:00");
    }
}
