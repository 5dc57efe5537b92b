//! Reports in ASCII: they say the same, and a locale asks for them.

use plimsoll::report::Format;
use serde_json::Value;

use super::sandbox::{Sandbox, WEB};

#[test]
fn a_report_in_ascii_says_the_same_in_every_format() {
    let sandbox = Sandbox::new();
    sandbox.write("web.yaml", WEB.replace("image: nginx", "image: registry.example/wéb…:1"));
    let render = |format: Format, more: &[&str]| {
        let args = ["scan", "-f", "web.yaml", "--framework", "pss-baseline,mitre-attack"];
        let run = sandbox.run(&[&args[..], &["-o", format.word()], more].concat());
        assert_eq!(run.status, 0, "{format:?}: {}", run.err);
        run.out
    };
    let mut changed = 0;
    for format in Format::ALL {
        if matches!(format, Format::Navigator | Format::PolicyReport | Format::OpenReports) {
            continue;
        }
        let (plain, ascii) = (render(format, &[]), render(format, &["--ascii"]));
        assert!(ascii.is_ascii(), "{format:?}");
        changed += usize::from(!plain.is_ascii());
    }
    assert!(changed > 4, "hardly anything had a sign outside ASCII: {changed}");
    let json =
        |more: &[&str]| -> Value { serde_json::from_str(&render(Format::Json, more)).unwrap() };
    assert_eq!(json(&[])["findings"], json(&["--ascii"])["findings"]);
    // Of a saved run, since times differ otherwise.
    sandbox.run(&["scan", "-f", "web.yaml", "--session", "new"]);
    let text = |more: &[&str]| {
        let run = sandbox.run(&[&["sessions", "report", "last", "-o", "html"], more].concat());
        let page = scraper::Html::parse_document(&run.out);
        let body = scraper::Selector::parse("main").unwrap();
        let text: String = page.select(&body).flat_map(|main| main.text()).collect();
        assert!(text.len() > 1000);
        text
    };
    assert_eq!(text(&[]), text(&["--ascii"]));
}

#[test]
fn a_locale_without_utf_8_gets_ascii_unless_it_is_told_otherwise() {
    let sandbox = Sandbox::with_web();
    let scan = |more: &[&str], locale: &[(&str, &str)]| {
        let args = ["scan", "-f", "web.yaml", "--framework", "nsa-cisa"];
        sandbox.run_in(&[&args[..], more].concat(), locale).out
    };
    let c = [("LANG", "C")];
    assert!(!scan(&[], &[]).is_ascii() && !scan(&[], &[("LANG", "de_DE.UTF-8")]).is_ascii());
    assert!(scan(&[], &c).is_ascii() && scan(&[], &[("LC_ALL", "POSIX")]).is_ascii());
    assert!(!scan(&["--no-ascii"], &c).is_ascii());
    // A file for others is not the business of a locale.
    assert!(!scan(&["-o", "html"], &c).is_ascii());
    sandbox.write("config/config.toml", "ascii = false\n");
    assert!(!scan(&[], &c).is_ascii());
    sandbox.write("config/config.toml", "ascii = true\n");
    assert!(scan(&["-o", "html"], &[]).is_ascii());
    assert!(!scan(&["--no-ascii", "-o", "html"], &[]).is_ascii());
}
