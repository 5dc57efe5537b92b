//! The HTML report, read by a browser's parser.

use plimsoll::model::finding::Finding;
use plimsoll::report::Format;
use scraper::{ElementRef, Html, Selector};

use super::fixture::{Assessed, EVIL, demo, hostile, many};

fn page(assessed: &Assessed) -> Html {
    let page = Html::parse_document(&assessed.report(Format::Html));
    assert!(page.errors.is_empty(), "{:?}", page.errors.iter().take(5).collect::<Vec<_>>());
    page
}

fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn words(element: &ElementRef<'_>) -> String {
    let text: Vec<&str> = element.text().collect();
    text.join(" ").split_whitespace().collect::<Vec<_>>().join(" ").replace(" ,", ",")
}

#[test]
fn every_part_and_every_finding_is_there() {
    let demo = demo();
    let page = page(demo);
    let rows = all(&page, "section#findings tr[id], section#platform tr[id]");
    let mut shown: Vec<&str> = rows.iter().map(|r| r.attr("id").unwrap()).collect();
    let mut known: Vec<&str> = demo.result.findings.iter().map(|f| &*f.fingerprint).collect();
    shown.sort_unstable();
    known.sort_unstable();
    assert_eq!(shown, known);
    assert_eq!(all(&page, "section#evidence tr[id]").len(), demo.result.evidence.len());
    let controls: usize = demo.judged().iter().map(|j| j.result.controls.len()).sum();
    assert_eq!(all(&page, "details.control").len(), controls);
    let scope = words(&all(&page, "section#scope")[0]);
    for word in [
        "Cluster uid",
        "Kubernetes",
        "Checks and frameworks sha256:",
        "Session web-audit (01JZZZ), begun",
    ] {
        assert!(scope.contains(word), "{word}: {scope}");
    }
    assert_eq!(all(&page, "section#reads tbody tr").len(), demo.with(|i| i.reads.len()));
    assert_eq!(all(&page, "section#checks tbody tr").len(), demo.result.checks.len());
    assert!(all(&page, ".lead")[0].text().any(|t| t.starts_with(&format!("{} ", demo.open()))));
}

#[test]
fn every_link_in_the_page_leads_somewhere_and_ids_are_unique() {
    let page = page(demo());
    let ids: Vec<&str> = all(&page, "[id]").iter().map(|e| e.attr("id").unwrap()).collect();
    let unique: std::collections::HashSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len());
    for link in all(&page, "a[href^='#']") {
        let target = link.attr("href").unwrap().trim_start_matches('#');
        assert!(unique.contains(target), "{target}");
    }
    for label in all(&page, "[aria-labelledby]") {
        assert!(unique.contains(label.attr("aria-labelledby").unwrap()));
    }
}

#[test]
fn decisions_are_told_with_reason_approver_day_and_ticket() {
    let page = page(demo());
    let rows = all(&page, "section#decisions > table > tbody > tr");
    assert_eq!(rows.len(), 6);
    let text: Vec<String> = rows.iter().map(words).collect();
    let of = |word: &str| text.iter().find(|t| t.contains(word)).unwrap();
    let accepted = of("needed by the CNI");
    for word in ["accepted", "2027-01-01", "grace", "SEC-12", "put down by ada", "2 changes"] {
        assert!(accepted.contains(word), "{word}: {accepted}");
    }
    assert!(of("until the move").contains("accepted, expired"), "{text:?}");
    assert!(of("reviewed").contains("from file decisions.yaml"), "{text:?}");
    assert!(of("mended").contains("not found in this run"), "{text:?}");
    // What is no address of the web is told, and is no link.
    let links = all(&page, "a:not([href^='#'])");
    assert!(links.iter().all(|a| a.attr("href").unwrap().starts_with("http")));
    assert!(of("see the ticket").contains("javascript:alert(1)"));
}

#[test]
fn what_people_attest_is_counted_apart() {
    let page = page(demo());
    let nsa = demo().judged().iter().find(|j| j.framework.id == "nsa-cisa").unwrap();
    let counts = &nsa.result.counts;
    assert!(counts.attested > 0 && counts.pass > counts.attested, "{counts:?}");
    let row = all(&page, "table.scores tr").into_iter().map(|r| words(&r));
    let row = row.clone().find(|r| r.contains("Kubernetes Hardening")).unwrap();
    let proven = counts.pass - counts.attested;
    let told = format!("{proven} pass · {} pass by attestation", counts.attested);
    assert!(row.contains(&told), "{told}: {row}");
    let answers = all(&page, "section#attestations tbody tr");
    assert_eq!(answers.len(), demo().ledger.attestations.len());
    let text: Vec<String> = answers.iter().map(words).collect();
    assert!(text.iter().any(|t| t.contains("no, by grace")), "{text:?}");
    assert!(text.iter().any(|t| t.contains("expired on 2026-01-01")), "{text:?}");
    assert!(text.iter().all(|t| t.contains("minutes.pdf (1200 bytes, sha256 abab")), "{text:?}");
    assert!(words(&all(&page, "section#imports")[0]).contains("kube-bench 0.10.1: 0 results"));
}

#[test]
fn hostile_text_is_text() {
    let assessed = hostile();
    let source = assessed.report(Format::Html);
    let page = page(&assessed);
    for tag in ["script", "iframe", "img", "object", "embed", "form", "link", "base"] {
        assert!(all(&page, tag).is_empty(), "{tag}");
    }
    for element in page.tree.values().filter_map(|node| node.as_element()) {
        for (name, value) in element.attrs() {
            assert!(!name.starts_with("on") && name != "style", "{name}=\"{value}\"");
        }
    }
    assert!(!source.contains("AKIAABCDEFGHIJKLMNOP"), "a credential is in the report");
    let unsafe_char = |c: char| c != '\n' && !plimsoll::text::is_safe(c);
    assert_eq!(source.chars().find(|c| unsafe_char(*c)), None);
    // It is all there, as text.
    let shown = words(&all(&page, "section#findings")[0]);
    assert!(shown.contains("</td><script>alert(1)</script>&amp;\"'`]]>"), "{shown:.2000}");
    assert!(EVIL.contains("<script>") && shown.contains("\\u{1b}[31m\\u{202e}\\u{0}"));
    assert!(words(&all(&page, "section#problems")[0]).contains("dir/a b<\\u{1b}>.yaml"));
}

#[test]
fn twenty_thousand_findings_are_all_there() {
    let assessed = many();
    let html = assessed.report(Format::Html);
    let rows = ["<tr id=\"p1:", "<tr id=\"p2:"].map(|row| html.matches(row).count());
    assert_eq!(rows.iter().sum::<usize>(), 20_000 + assessed.result.evidence.len());
    let last: &Finding = assessed.result.findings.last().unwrap();
    assert!(html.contains(&format!("id=\"{}\"", last.fingerprint)));
    assert!(html.ends_with("</html>\n"));
}

#[test]
fn two_reports_of_one_thing_are_equal() {
    for format in Format::ALL {
        assert!(demo().report(format) == demo().report(format), "{format:?}");
    }
}
