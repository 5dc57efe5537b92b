//! The HTML report in a real browser: `tests/browser.sh` finds one and runs these.

use std::path::{Path, PathBuf};
use std::process::Command;

use plimsoll::report::Format;
use serde_json::{Value, json};

use super::fixture::{demo, hostile};

/// Chromium, as `tests/browser.sh` found it.
fn browser() -> PathBuf {
    let path = std::env::var_os("PLIMSOLL_BROWSER");
    path.expect("PLIMSOLL_BROWSER names Chromium; tests/browser.sh sets it").into()
}

fn run(dir: &Path, args: &[&str], page: &Path) -> Vec<u8> {
    let profile = format!("--user-data-dir={}", dir.join("profile").display());
    let output = Command::new(browser())
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", &profile])
        .args(args)
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Looks at reports in frames of these widths and colour schemes.
fn measured(cases: &[(&str, &str, u32, &str)]) -> Vec<Value> {
    let dir = tempfile::tempdir().unwrap();
    let cases: Vec<Value> = cases
        .iter()
        .map(|(name, html, width, scheme)| {
            json!({ "name": name, "html": html, "width": width, "scheme": scheme })
        })
        .collect();
    // `</script>` inside the data would end it.
    let data = serde_json::to_string(&cases).unwrap().replace('<', "\\u003c");
    let page = dir.path().join("measure.html");
    let text = include_str!("browser.html").replacen("/*CASES*/[]", &data, 1);
    std::fs::write(&page, text).unwrap();
    let dom = run(dir.path(), &["--dump-dom", "--virtual-time-budget=60000"], &page);
    let dom = scraper::Html::parse_document(&String::from_utf8(dom).unwrap());
    let found = dom.select(&scraper::Selector::parse("#measured").unwrap()).next().unwrap();
    let text: String = found.text().collect();
    let results: Vec<Value> = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert_eq!(results.len(), cases.len());
    results
}

#[test]
#[ignore = "needs Chromium: tests/browser.sh"]
fn the_report_reads_well_on_every_screen() {
    let evil = hostile().report(Format::Html);
    let full = demo().report(Format::Html);
    let cases = [
        ("desktop", &*evil, 1280, "light"),
        ("dark", &*evil, 1280, "dark"),
        ("tablet", &*evil, 760, "light"),
        ("phone", &*evil, 360, "light"),
        ("phone, dark", &*evil, 360, "dark"),
        ("demo", &*full, 1280, "light"),
        ("demo on a dark phone", &*full, 360, "dark"),
    ];
    for result in measured(&cases) {
        let name = result["name"].as_str().unwrap();
        assert_eq!(result["styled"], "block", "{name}: the policy lets the style sheet in");
        assert_eq!(result["ran"], false, "{name}: something of the cluster ran");
        assert_eq!(result["revealed"], true, "{name}: a link opens what hides its target");
        assert!(result["scroll"].as_f64().unwrap() <= 0.0, "{name}: scrolls sideways: {result}");
        assert_eq!(result["over"], Value::Null, "{name}: stands over the edge");
        // WCAG 2.2 AA for text of normal size.
        let contrast = result["contrast"]["ratio"].as_f64().unwrap();
        assert!(contrast >= 4.5, "{name}: {}", result["contrast"]);
        let dark = name.contains("dark");
        let ground = if dark { "rgb(19, 22, 27)" } else { "rgb(255, 255, 255)" };
        assert_eq!(result["background"], ground, "{name}");
        let narrow = name.contains("phone");
        assert_eq!(result["headsShown"] == "absolute", narrow, "{name}: tables become cards");
    }
}

/// How many pages a report has on paper.
fn pages(html: &str) -> usize {
    let dir = tempfile::tempdir().unwrap();
    let page = dir.path().join("report.html");
    let pdf = dir.path().join("report.pdf");
    std::fs::write(&page, html).unwrap();
    let to = format!("--print-to-pdf={}", pdf.display());
    run(dir.path(), &[&to, "--no-pdf-header-footer"], &page);
    let bytes = std::fs::read(pdf).unwrap();
    assert!(bytes.starts_with(b"%PDF"));
    let text = String::from_utf8_lossy(&bytes);
    text.matches("/Type /Page\n").count()
}

#[test]
#[ignore = "needs Chromium: tests/browser.sh"]
fn paper_shows_what_the_screen_folds_away() {
    let html = hostile().report(Format::Html);
    let opened = html.replace("<details ", "<details open ").replace("<details>", "<details open>");
    let (folded, opened) = (pages(&html), pages(&opened));
    assert!(opened > 5, "{opened} pages");
    // Of hundreds of pages one may break elsewhere; what is folded away would be a good part of them.
    assert!(folded.abs_diff(opened) <= opened / 200, "{folded} pages instead of {opened}");
}
