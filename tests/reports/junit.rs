//! The `JUnit` report, read by another's reader.

use junit_parser::{TestCase, TestStatus, TestSuite, TestSuites};
use plimsoll::frameworks::Status;
use plimsoll::report::Format;

use super::fixture::{Assessed, demo, hostile, many};

fn suites(assessed: &Assessed) -> TestSuites {
    junit_parser::from_reader(assessed.report(Format::Junit).as_bytes()).unwrap()
}

fn suite<'a>(suites: &'a TestSuites, name: &str) -> &'a TestSuite {
    suites.suites.iter().find(|s| s.name == name).unwrap_or_else(|| panic!("no suite {name}"))
}

fn word(case: &TestCase) -> &'static str {
    match case.status {
        TestStatus::Success => "passed",
        TestStatus::Failure(_) => "failure",
        TestStatus::Error(_) => "error",
        TestStatus::Skipped(_) => "skipped",
    }
}

#[test]
fn a_control_passes_only_if_its_status_is_pass() {
    let demo = demo();
    let suites = suites(demo);
    let mut seen = std::collections::BTreeSet::new();
    for judged in demo.judged() {
        let id = &judged.result.id;
        let attested: Vec<_> = judged.result.controls.iter().filter(|c| c.attested).collect();
        let own = &suite(&suites, id).cases;
        let apart: &[TestCase] = if attested.is_empty() {
            &[]
        } else {
            &suite(&suites, &format!("{id} attested")).cases
        };
        assert_eq!(apart.len(), attested.len());
        assert_eq!(own.len() + apart.len(), judged.result.controls.len());
        for control in &judged.result.controls {
            let cases = if control.attested { apart } else { own };
            let is = |c: &&TestCase| c.original_name.split(' ').next() == Some(&*control.id);
            let case = cases.iter().find(is).unwrap_or_else(|| panic!("no case {}", control.id));
            let expected = match control.status {
                Status::Pass | Status::Mitigated => "passed",
                Status::Fail | Status::Exposed => "failure",
                _ => "skipped",
            };
            assert_eq!(word(case), expected, "{id} {}", control.id);
            seen.insert((expected, control.attested));
        }
    }
    for case in [("passed", false), ("passed", true), ("failure", false), ("skipped", false)] {
        assert!(seen.contains(&case), "{case:?} is not tried");
    }
}

#[test]
fn a_finding_fails_unless_something_in_force_says_otherwise() {
    let demo = demo();
    let suites = suites(demo);
    let mut failures = 0;
    for finding in &demo.result.findings {
        let suite = suite(&suites, &finding.check);
        let name = format!(
            "{} {}",
            finding.object.as_ref().map_or_else(|| "cluster".to_owned(), ToString::to_string),
            finding.path
        );
        let case = suite.cases.iter().find(|c| c.original_name == name.trim());
        let case = case.unwrap_or_else(|| panic!("{}: no case {name}", finding.check));
        let open = demo.with(|input| input.state(finding).counts_as_fail()) && !finding.platform;
        assert_eq!(word(case), if open { "failure" } else { "skipped" }, "{name}");
        failures += usize::from(open);
    }
    assert_eq!(failures, demo.open());
}

#[test]
fn what_is_not_known_is_skipped_with_the_reason() {
    let demo = demo();
    let suites = suites(demo);
    for gap in &demo.result.not_assessed {
        let suite = suite(&suites, &gap.check);
        let told = suite.cases.iter().any(|case| match &case.status {
            TestStatus::Skipped(skip) => skip.message.contains(&gap.missing.reason),
            _ => false,
        });
        assert!(told, "{}: {}", gap.check, gap.missing.reason);
        let proven = demo.result.checks[&gap.check].pass;
        let passed = suite.cases.iter().filter(|c| c.status.is_success()).count();
        assert_eq!(passed, usize::from(proven > 0), "{}", gap.check);
    }
}

#[test]
fn the_counts_are_those_of_the_cases() {
    for suite in suites(demo()).suites {
        let count = |what: &str| suite.cases.iter().filter(|c| word(c) == what).count() as u64;
        assert_eq!(suite.tests, suite.cases.len() as u64, "{}", suite.name);
        let told = (suite.failures, suite.errors, suite.skipped);
        assert_eq!(told, (count("failure"), count("error"), count("skipped")), "{}", suite.name);
        let names: std::collections::BTreeSet<&str> =
            suite.cases.iter().map(|c| &*c.original_name).collect();
        assert_eq!(names.len(), suite.cases.len(), "{}: names are unique", suite.name);
    }
}

#[test]
fn the_assessment_is_a_suite_with_reads_and_decisions() {
    let demo = demo();
    let suites = suites(demo);
    let own = suite(&suites, "assessment");
    let reads = own.cases.iter().filter(|c| c.classname.as_deref() == Some("plimsoll.reads"));
    assert_eq!(reads.count(), demo.with(|input| input.reads.len()));
    let said = own.system_out.as_deref().unwrap();
    for words in
        ["needed by the CNI", "accepted, expired", "by grace", "SEC-12", "kube-bench 0.10.1"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn hostile_text_is_text() {
    let assessed = hostile();
    let text = assessed.report(Format::Junit);
    assert!(!text.contains("AKIAABCDEFGHIJKLMNOP") && !text.contains("<script"));
    assert!(text.chars().all(|c| c == '\n' || plimsoll::text::is_safe(c)));
    let suites = suites(&assessed);
    let own = suite(&suites, "assessment");
    assert!(own.cases.iter().any(|c| c.status.is_error()), "the broken document is an error");
    let privileged = &suite(&suites, "privileged-container").cases[0];
    assert!(privileged.original_name.contains("</td><script>alert(1)</script>"));
}

#[test]
fn twenty_thousand_findings_are_all_there() {
    let assessed = many();
    let suites = suites(assessed);
    let failures: usize = suites
        .suites
        .iter()
        .filter(|s| s.package.as_deref() == Some("plimsoll.checks"))
        .map(|s| s.cases.iter().filter(|c| c.status.is_failure()).count())
        .sum();
    assert_eq!(failures, assessed.open());
}
