//! What goes out: YAML, text, reports; and the words that people type.

use std::sync::{Arc, OnceLock};

use clap::Parser as _;
use plimsoll::app::filter::{self, Facets, Filter, FilterField};
use plimsoll::app::key::macro_keys;
use plimsoll::assess::{self, Chosen, Content};
use plimsoll::checks::cel::{own, quantity};
use plimsoll::checks::{LabelSelector, Plan, Silent};
use plimsoll::cli::args::Cli;
use plimsoll::config::keys::Key;
use plimsoll::model::cidr::Cidr;
use plimsoll::model::finding::{RunResult, Severity};
use plimsoll::model::inventory::Inventory;
use plimsoll::model::key::Key as MapKey;
use plimsoll::model::ledger::Ledger;
use plimsoll::model::node::{Map, Node};
use plimsoll::model::path::FieldPath;
use plimsoll::report::{Assessment, Format, Input, Judged};
use plimsoll::session::run::{RunRecord, Selection};
use plimsoll::source::redact;
use plimsoll::term::clipboard::{Through, sequence};
use plimsoll::text::emit::Yaml;
use plimsoll::text::{clean, cut, cut_middle, glob_match, is_safe, locate, mask, mask_tree, width};
use plimsoll::triage::day;

/// What a run of everything comes to.
pub struct Assessed {
    pub result: RunResult,
    pub judged: Vec<Judged>,
    pub chosen: Chosen,
}

/// Runs every check and judges every framework that fits.
pub fn assess(inventory: &Arc<Inventory>) -> Assessed {
    static PLAN: OnceLock<(Chosen, Plan)> = OnceLock::new();
    let content: &Content = super::files::content();
    let (chosen, plan) = PLAN.get_or_init(|| {
        let chosen = content.choose(&Selection::default()).expect("everything can be chosen");
        let plan = content.plan(&chosen);
        (chosen, plan)
    });
    let facts = content.facts(Arc::clone(inventory));
    let chosen = content.fit(chosen.clone(), assess::cluster(&facts));
    let result = content.run(plan, &chosen, &facts, &Silent);
    let judged = content.judge(&chosen, &result, inventory, &Ledger::default(), "2026-11-24");
    Assessed { result, judged, chosen }
}

/// Every report of objects: nothing that a terminal obeys is in it, and programs can read it.
pub fn reports(inventory: &Arc<Inventory>) {
    let Assessed { result, judged, chosen } = assess(inventory);
    for finding in &result.findings {
        assert!(finding.fingerprint.len() == 35, "{}", finding.fingerprint);
    }
    let check = |id: &str| super::files::content().text_of(id);
    let run = RunRecord {
        content: "sha256:0".to_owned(),
        source: inventory.source.clone(),
        reads: inventory.reads.clone(),
        selection: chosen.selection.clone(),
        started: "2026-11-24T12:00:00Z".to_owned(),
        finished: "2026-11-24T12:00:01Z".to_owned(),
        result: Arc::new(result),
        ..RunRecord::default()
    };
    let assessment = Assessment {
        run: &run,
        frameworks: &judged,
        not_judged: &chosen.not_judged,
        ledger: &Ledger::default(),
        today: "2026-11-24",
        max_age: 30,
    };
    let input = Input::of(assessment, &check);
    for format in Format::ALL {
        // A report that cannot be made of this is refused in words; it is never half a report.
        let Ok(text) = format.render(&input) else { continue };
        for c in text.chars() {
            let fine = is_safe(c) || matches!(c, '\n' | '\r' | '\t' | '\u{feff}');
            assert!(fine, "{}: U+{:04X}", format.word(), u32::from(c));
        }
        if text.starts_with('{') {
            let read: Result<serde_json::Value, _> = serde_json::from_str(&text);
            assert!(read.is_ok(), "{}: {read:?}", format.word());
        }
        if format.word().starts_with("csv") {
            assert!(!formula(&text), "{}: a cell that is a formula", format.word());
        }
    }
}

/// Whether a cell of a table would be worked out by a spreadsheet.
fn formula(csv: &str) -> bool {
    let (mut quoted, mut begins) = (false, true);
    for c in csv.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' | '\n' if !quoted => begins = true,
            _ if begins => {
                if matches!(c, '=' | '+' | '-' | '@') {
                    return true;
                }
                begins = false;
            }
            _ => {}
        }
    }
    false
}

/// A tree of any shape out of bytes.
fn tree(data: &mut impl Iterator<Item = u8>, depth: usize) -> Node {
    let mut word = || -> String {
        let length = usize::from(data.next().unwrap_or(0) % 12);
        String::from_utf8_lossy(&data.by_ref().take(length).collect::<Vec<u8>>()).into_owned()
    };
    let short = word();
    match data.next().unwrap_or(0) % 10 {
        0 => Node::Bool(short.len() > 3),
        1 => Node::Int(
            short.bytes().fold(0_i64, |sum, b| sum.wrapping_mul(256).wrapping_sub(b.into())),
        ),
        2 => Node::Float(short.bytes().fold(0.1, |sum: f64, b| sum * 7.0 - f64::from(b))),
        3 => Node::UInt(u64::MAX - short.len() as u64),
        4 | 5 if depth < 8 => {
            let count = data.next().unwrap_or(0) % 5;
            Node::list((0..count).map(|_| tree(data, depth + 1)).collect())
        }
        6..=8 if depth < 8 => {
            let count = data.next().unwrap_or(0) % 5;
            let mut entries = Vec::new();
            for _ in 0..count {
                let length = usize::from(data.next().unwrap_or(0) % 12);
                let name: Vec<u8> = data.by_ref().take(length).collect();
                let key = MapKey::new(&String::from_utf8_lossy(&name));
                entries.push((key, tree(data, depth + 1)));
            }
            Node::Map(Map::new(entries))
        }
        _ => Node::Str(short.into()),
    }
}

/// A tree as YAML: read again, it is the same; and nothing in it is obeyed by a terminal.
pub fn yaml(data: &[u8]) {
    let tree = tree(&mut data.iter().copied(), 0);
    let yaml = Yaml::of(&tree);
    for line in &yaml.lines {
        super::harmless(&line.text);
        assert!(line.spans.iter().all(|(span, _)| line.text.get(span.clone()).is_some()));
    }
    let text = yaml.text();
    let read = locate::documents(&text);
    let [document] = &*read else { panic!("{} documents in {text:?}", read.len()) };
    assert_eq!(document.node.as_ref(), Ok(&tree), "{text}");
}

/// A credential that stands nowhere by chance.
const PLANTED: &str = "QxPlanted7zW";

/// Whether two trees are of the same maps and lists, with the same in them but for texts.
fn same_shape(a: &Node, b: &Node) -> bool {
    match (a, b) {
        (Node::List(a), Node::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same_shape(a, b))
        }
        (Node::Map(a), Node::Map(b)) => {
            let same =
                |((a, x), (b, y)): ((&str, &Node), (&str, &Node))| a == b && same_shape(x, y);
            a.len() == b.len() && a.iter().zip(b.iter()).all(same)
        }
        (Node::Str(_), Node::Str(_)) => true,
        (a, b) => a == b,
    }
}

/// Objects as they leave the process: no planted credential in them, otherwise what they were.
pub fn redacted(data: &[u8]) {
    let tree = tree(&mut data.iter().copied(), 0);
    let masked = mask_tree(tree.clone());
    assert!(same_shape(&tree, &masked), "{tree:?} became {masked:?}");
    assert_eq!(mask_tree(masked.clone()), masked, "what is masked stays as it is");
    let secret = || Node::str(PLANTED);
    let inner = Node::map([
        ("apiVersion", Node::str("v1")),
        ("kind", Node::str("Secret")),
        ("data", Node::map([("x", secret()), ("y", tree.clone())])),
        ("stringData", Node::list(vec![secret()])),
    ]);
    let outer = Node::map([
        ("adminPassword", secret()),
        ("args", Node::list(vec![Node::str("--token"), secret(), tree.clone()])),
        ("env", Node::list(vec![Node::map([("name", Node::str("DB_PASS")), ("value", secret())])])),
        ("object", inner.clone()),
        ("spec", tree),
    ]);
    for object in [inner, outer] {
        let shown = redact::for_capture(object);
        let text = shown.to_json().to_string();
        assert!(!text.contains(PLANTED), "{text}");
        assert_eq!(redact::for_capture(shown.clone()), shown, "what is redacted stays as it is");
    }
}

/// Texts with a credential in them, in the line after anything: it is masked, whatever stands before it.
pub fn masks(data: &[u8]) {
    // What stands before it may be the same word by chance, where nothing tells that it is one.
    let Some(text) = super::text(data).filter(|text| !text.contains(PLANTED)) else { return };
    for line in [
        format!("password: {PLANTED}"),
        format!("DB_PASS={PLANTED}"),
        format!("{{\"api_key\":\"{PLANTED}\",\"a\":1}}"),
        format!("Authorization: Bearer {PLANTED}"),
        format!("x://:{PLANTED}@h/a"),
        format!("tool --token {PLANTED} -v"),
    ] {
        let whole = format!("{text}\n{line}\n{text}");
        let masked = mask(&whole);
        assert!(!masked.contains(PLANTED), "{whole:?} became {masked:?}");
        assert_eq!(mask(&masked), masked, "what is masked stays as it is");
    }
}

/// Cleaning, masking and cutting.
pub fn text(data: &[u8]) {
    let Some(text) = super::text(data) else { return };
    let shown = clean(text);
    super::harmless(&shown);
    assert_eq!(clean(&shown), shown, "what is clean stays as it is");
    let masked = mask(text);
    assert_eq!(mask(&masked), masked, "what is masked stays as it is");
    for through in [Through::Plain, Through::Tmux, Through::Screen] {
        copied(text, through);
    }
    let whole = width(&shown);
    for cells in [0, 1, 2, 3, 7, 20, whole.saturating_sub(1), whole] {
        for short in [cut(&shown, cells), cut_middle(&shown, cells)] {
            assert!(width(&short) <= cells, "{short:?} in {cells} cells");
            assert!(whole > cells || short == shown, "{short:?} is cut without need");
        }
    }
}

/// Nothing of a text that is copied is obeyed by the terminal: it goes there as letters and digits, between
/// the same sequences for every text.
fn copied(text: &str, through: Through) {
    let bytes = sequence(text, through);
    let written = String::from_utf8(bytes).expect("a sequence is ASCII");
    let bare = ["\x1bPtmux;", "\x1b\x1b]52;c;", "\x1bP", "\x1b]52;c;", "\x1b\\", "\x07"]
        .into_iter()
        .fold(written, |left, part| left.replace(part, ""));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    assert!(bare.chars().all(plain), "{bare:?} is written to the terminal");
}

struct Row<'a>(&'a str);

impl Facets for Row<'_> {
    fn any(&self, _: FilterField, test: &mut dyn FnMut(&str) -> bool) -> bool {
        test(self.0)
    }

    fn severity(&self) -> Option<Severity> {
        Some(Severity::High)
    }
}

/// What people type: filters, selectors, paths, keys, patterns, numbers, days, command lines.
pub fn words(data: &[u8]) {
    let Some(text) = super::text(data) else { return };
    let (first, rest) = text.split_once('\n').unwrap_or((text, "pay/web"));
    filters(first, rest);
    if let Ok(path) = FieldPath::parse(first) {
        let printed = path.to_string();
        assert_eq!(FieldPath::parse(&printed).as_ref(), Ok(&path), "{printed}");
    }
    let _ = LabelSelector::parse(first);
    if let Ok(key) = Key::parse(first) {
        assert_eq!(Key::parse(&key.to_string()), Ok(key));
    }
    let _ = (macro_keys(first), quantity::parse(first), own::clean_path(first));
    let _ = (glob_match(rest, first), glob_match(first, rest));
    if let (Some(outer), Some(inner)) = (Cidr::parse(first), Cidr::parse(rest)) {
        let _ = outer.covers(inner);
    }
    if let (Some(block), Ok(address)) = (Cidr::parse(first), rest.parse()) {
        let _ = block.contains(address);
    }
    let _ = (day::parse(first), day::span(first), day::between(first, rest), day::of_time(first));
}

/// What is selected on the command line, and the command line itself.
pub fn selection(data: &[u8]) {
    let Some(text) = super::text(data).filter(|text| text.len() < 2048) else { return };
    let (first, rest) = text.split_once('\n').unwrap_or((text, "pay/web"));
    let selection = Selection {
        object: Some(first.to_owned()),
        selector: Some(rest.to_owned()),
        frameworks: vec![rest.to_owned()],
        ..Selection::default()
    };
    if let Err(error) = super::files::content().choose(&selection) {
        assert!(!error.to_string().is_empty());
    }
    let words = std::iter::once("plimsoll").chain(text.lines());
    if let Err(error) = Cli::try_parse_from(words) {
        let _ = error.to_string();
    }
}

fn filters(first: &str, rest: &str) {
    let filter = Filter::new(first);
    let matcher = filter::matcher();
    let _ = filter.accepts(&Row(rest), &matcher);
    for range in filter.highlights(rest, &matcher) {
        assert!(rest.get(range.clone()).is_some(), "{range:?} of {rest:?}");
    }
    assert_eq!(filter.text(), first);
    let _ = (filter.question(), filter.is_empty());
    let values = [rest.to_owned()].into();
    let _ = filter::completion(first).next(&values);
}
