//! Whatever findings say, every report of them can be read by a program and shown to a person.

use std::sync::Arc;

use plimsoll::model::finding::Finding;
use plimsoll::model::node::Node;
use plimsoll::model::object::ObjectRef;
use plimsoll::model::path::{FieldPath, Seg};
use plimsoll::report::Format;
use proptest::prelude::*;

use super::fixture::{Assessed, EVIL, hostile};

/// Text as somebody would choose it who wants to get out of a cell, a tag, a quote or a line.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        any::<String>().prop_map(|text| text.chars().take(24).collect()),
        Just(EVIL.to_owned()),
        "[=+@\\-\t\r|][ -~]{0,12}",
        "[<>&\"'`|\\[\\]()#*_~\\\\\n\r\t -]{1,16}",
        "(\u{1b}\\[[0-9;]{0,4}[A-Za-z]|\u{9b}2J|\u{202e}|\u{2066}|\u{200b}|\u{feff}|\u{0}){1,4}",
        "(\\]\\]>|-->|</script>|</style>|<!--|```|\\$\\{x\\}|%s|\\{\\{x\\}\\}){1,3}",
    ]
}

prop_compose! {
    fn finding(like: Arc<Finding>)(
        words in proptest::collection::vec(text(), 8),
        line in proptest::option::of(any::<u32>()),
        number in any::<f64>(),
    ) -> Arc<Finding> {
        let [kind, namespace, name, message, note, file, value, field] = &words[..] else {
            unreachable!("there are eight")
        };
        let object = ObjectRef {
            api_version: "apps/v1".into(),
            kind: kind.as_str().into(),
            namespace: Some(namespace.as_str().into()),
            name: name.as_str().into(),
        };
        let finding = Finding {
            owner: Some(object.clone()),
            object: Some(object),
            path: FieldPath([Seg::Field(field.as_str().into()), Seg::Index(0)].into()),
            container: Some(value.as_str().into()),
            image: None,
            value: Some(Node::map([(field.as_str(), Node::str(value)), ("n", Node::Float(number))])),
            message: message.clone(),
            note: Some(note.clone()),
            file: Some(file.as_str().into()),
            line,
            ..Finding::clone(&like)
        };
        Arc::new(finding)
    }
}

fn findings() -> impl Strategy<Value = Vec<Arc<Finding>>> {
    let likes: Vec<Arc<Finding>> = hostile().result.findings.into_iter().take(4).collect();
    let each: Vec<_> = likes.into_iter().map(finding).collect();
    each.prop_map(|mut found| {
        for (number, finding) in found.iter_mut().enumerate() {
            Arc::make_mut(finding).fingerprint = format!("p2:{number:032x}");
        }
        found
    })
}

/// Nothing that a terminal obeys, nothing that turns the direction of what follows.
fn harmless(format: Format, text: &str) -> Result<(), TestCaseError> {
    for c in text.chars() {
        let fine = plimsoll::text::is_safe(c) || matches!(c, '\n' | '\t' | '\r' | '\u{feff}');
        prop_assert!(fine, "{}: U+{:04X}", format.word(), u32::from(c));
    }
    Ok(())
}

fn cells(format: Format, text: &str) -> Result<(), TestCaseError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    for row in reader.records() {
        for cell in &row.unwrap() {
            let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            prop_assert!(!formula, "{}: {cell:?}", format.word());
        }
    }
    Ok(())
}

/// How many elements of each name a page has.
fn elements(page: &str) -> std::collections::BTreeMap<String, usize> {
    let page = scraper::Html::parse_document(page);
    let mut found = std::collections::BTreeMap::new();
    for element in page.tree.values().filter_map(scraper::Node::as_element) {
        *found.entry(element.name().to_owned()).or_default() += 1;
    }
    found
}

fn reports(assessed: &Assessed, plain: &Assessed) -> Result<(), TestCaseError> {
    for format in Format::ALL {
        let text = assessed.report(format);
        harmless(format, &text)?;
        if text.starts_with('{') {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
        match format {
            Format::Csv | Format::CsvControls | Format::CsvDecisions | Format::CsvRun => {
                cells(format, &text)?;
            }
            Format::Sarif => {
                prop_assert!(serde_json::from_str::<serde_sarif::sarif::Sarif>(&text).is_ok());
            }
            Format::Junit => {
                let read = junit_parser::from_reader(text.as_bytes());
                prop_assert!(read.is_ok(), "{read:?}");
            }
            Format::Html => {
                let (found, known) = (elements(&text), elements(&plain.report(format)));
                let extra: Vec<_> =
                    found.keys().filter(|name| !known.contains_key(*name)).collect();
                prop_assert!(extra.is_empty(), "{extra:?}");
                prop_assert_eq!(found.get("script"), known.get("script"));
            }
            Format::Markdown => {
                // A line that begins a heading is one of ours: none has what a finding says in it.
                for line in text.lines().filter(|line| line.starts_with('#')) {
                    prop_assert!(!line.contains("script"), "{line}");
                }
            }
            _ => {}
        }
    }
    Ok(())
}

#[test]
fn every_report_of_any_findings_is_well_formed_and_harmless() {
    let plain = hostile();
    let mut assessed = hostile();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(24),
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let cell = std::cell::RefCell::new(&mut assessed);
    let ran = runner.run(&findings(), |found| {
        let mut assessed = cell.borrow_mut();
        assessed.result.findings = found;
        reports(&assessed, &plain)
    });
    ran.unwrap_or_else(|error| panic!("{error}"));
}
