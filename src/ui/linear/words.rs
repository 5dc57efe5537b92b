//! Rows and lines in words: what a sign or a colour says on the screen, and the names of the values that
//! stand under a title there.

use crate::app::item::Item;
use crate::app::list::Row;
use crate::app::route::Route;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::text::{clean, counted, mask};

use super::super::cells::{self, Column, InCommon};
use super::super::paint::{Line, Piece};
use super::{WIDTH, grids};

/// Columns that are said before their number: `serves 3`.
const VERBS: [&str; 5] = ["covers", "fails in", "not in", "not known in", "serves"];
/// Columns whose value means little without their name: `deny in yes`.
const NAMED: [&str; 24] = [
    "API server",
    "after",
    "answer",
    "assessment",
    "before",
    "binding",
    "by",
    "deny in",
    "deny out",
    "from",
    "here",
    "isolated in",
    "isolated out",
    "isolates",
    "metadata",
    "now",
    "policies",
    "ports",
    "reaches",
    "role",
    "then",
    "there",
    "threshold",
    "until",
];

/// A row in words: texts as they are, numbers with what they count.
pub(super) fn words(state: &State, row: &Row, route: &Route) -> String {
    match &row.item {
        Item::Heading(section) => {
            let words = cells::heading(*section);
            let aside = cells::aside(state, *section, WIDTH);
            return aside.map_or_else(|| words.to_owned(), |aside| format!("{words} ({aside})"));
        }
        Item::Text(text) => return sentence(text),
        Item::Tactic { name, exposed, of } => {
            return format!("{} ({exposed} of {of} exposed)", clean(name));
        }
        Item::Technique(cell) => return grids::technique(cell, route.grid.lens),
        Item::Heat(row) => return grids::heat(state, row),
        _ => {}
    }
    let common = InCommon::of(route);
    let columns = cells::columns(&row.item, common, WIDTH);
    let cells = cells::cells(state, row, &route.list, (common, WIDTH));
    // The score of a matrix is how many techniques are exposed: under `fail` the same number stands again.
    let again = |column: &Column| match &row.item {
        Item::Framework(id) => {
            column.title == "fail" && state.data.framework(id).is_some_and(|f| f.is_matrix())
        }
        _ => false,
    };
    let parts = columns.iter().zip(&cells).filter(|(column, _)| !again(column));
    let parts = parts.filter_map(|(column, cell)| valued(column, cell));
    // Lines have no cursor whose row says it: what would be run is told with every context.
    let runs = match &row.item {
        Item::Context(info) => info.runs().map(|text| clean(&text).into_owned()),
        _ => None,
    };
    parts.chain(runs).collect::<Vec<_>>().join(", ")
}

/// A cell with what it counts, or what it says.
fn valued(column: &Column, cell: &Line) -> Option<String> {
    let title = column.title.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let named = NAMED.contains(&title);
    let text = match cell.as_slice() {
        // Its sign says in one word what the name and the value say in two.
        [(text, _)] if named => tidy(text.trim_start_matches(['✔', '✖', '?', '–']).trim()),
        _ => spoken(cell),
    };
    let text = mask(&text).into_owned();
    if text.is_empty() || column.right && text == "0" {
        return None;
    }
    Some(match (column.right, text.parse::<usize>().is_ok()) {
        // The number before it is still being worked out.
        (true, false) if text.starts_with("of ") => format!("{title} not counted yet, {text}"),
        (true, true) if VERBS.contains(&title) => format!("{title} {text}"),
        (true, true) if title == "runs as it" && text == "1" => "1 workload runs as it".to_owned(),
        (true, true) if title == "runs as it" => format!("{text} workloads run as it"),
        (true, true) if !title.is_empty() && text == "1" => counted(1_u8, &singular(title)),
        (true, true) if !title.is_empty() => format!("{text} {title}"),
        (false, _) if named => format!("{title} {text}"),
        (true, false) if !title.is_empty() => format!("{title} {text}"),
        _ => text,
    })
}

/// A title of numbers as it stands after 1: `check`, `policy`, and `pass` as it is.
fn singular(title: &str) -> String {
    match (title.strip_suffix("ies"), title.strip_suffix('s')) {
        (Some(stem), _) => format!("{stem}y"),
        (None, Some(one)) if !one.ends_with('s') => one.to_owned(),
        _ => title.to_owned(),
    }
}

/// A sentence between rows: nothing in it is aligned, and what is not known is said so.
fn sentence(text: &str) -> String {
    let text = text.replace('⏎', "");
    let text = match text.strip_prefix("? ") {
        Some(rest) => format!("Not known: {rest}"),
        None => text,
    };
    tidy(&clean(&text))
}

pub(super) fn spoken_all(lines: &[Line]) -> Vec<String> {
    lines.iter().map(|line| spoken(line)).filter(|text| !text.is_empty()).collect()
}

/// A line in words.
pub(super) fn spoken(line: &[Piece]) -> String {
    let mut out = String::new();
    for (at, (text, role)) in line.iter().enumerate() {
        let bar = matches!(role, Role::BarFull | Role::BarPart | Role::BarEmpty);
        if bar || text.len() > '·'.len_utf8() && text.chars().all(|c| c == '·') {
            continue;
        }
        if at == 0 && *role == Role::Column && line.len() > 1 {
            let label = text.trim();
            if !label.is_empty() {
                out.push_str(&format!("{label}: "));
            }
            continue;
        }
        let (word, rest) = sign(text, *role);
        // Where the word stands beside the sign, once is enough.
        let said = !word.is_empty() && !holds(&rest, word);
        if said && !out.is_empty() && !out.ends_with(": ") {
            out.push(',');
        }
        if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
        if said {
            out.push_str(word);
            if !rest.is_empty() {
                out.push(' ');
            }
        }
        out.push_str(&rest);
    }
    out.trim().to_owned()
}

/// Whether a text has a word among its own.
fn holds(text: &str, word: &str) -> bool {
    text.to_lowercase() == word
        || text.to_lowercase().split([' ', ',', ':', ';']).any(|own| own == word)
        || word.contains(' ') && text.to_lowercase().starts_with(word)
}

/// The word for a sign at the beginning of a piece, and the rest of the piece. The same sign means
/// different things; its role says which.
fn sign(text: &str, role: Role) -> (&'static str, String) {
    let text = text.trim();
    let mut letters = text.chars();
    let first = letters.next().unwrap_or(' ');
    let alone = letters.as_str().is_empty() || letters.as_str().starts_with(' ');
    let word = match (first, role) {
        ('◆', _) => "critical",
        ('▲', _) => "high",
        ('●', Role::Medium) => "medium",
        ('■', _) => "exposed",
        ('□', _) => "mitigated",
        ('○', Role::Low) => "low",
        ('·', Role::Info) => "info",
        ('✔', _) => "pass",
        ('✖', _) => "fail",
        ('⚑', _) => "accepted",
        ('◐', _) => "manual",
        ('?', Role::Unknown) => "not assessed",
        ('–', Role::NotApplicable) => "not applicable",
        ('–', Role::Accepted) => "false positive",
        ('▼', Role::Fail) => "regressed",
        // A hop of a way stands on a line of its own.
        ('→', _) => "to",
        ('-', Role::Removed) => "remove",
        ('+', Role::Added) => "add",
        // Of rights the word stands beside the sign.
        (
            '★' | '⇑' | '▣' | '✎' | '≡' | '▸' | '⏎' | '⊞' | '⊟' | '●' | '○' | '◉' | '◌' | '·' | '▼'
            | '↻' | '–' | '…',
            _,
        ) => "",
        _ => return ("", tidy(text)),
    };
    if alone { (word, tidy(letters.as_str().trim())) } else { ("", tidy(text)) }
}

/// Runs of blanks become one, and an interval is said as one: `39–66 %`.
fn tidy(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // `1 patch → 12 findings` counts, `privileged → baseline` goes somewhere.
    // `2 × in …`: so many of these, which differ there.
    let text = text.replace(" ×", " times:").replace('…', "...");
    let text = text.replace(" → ", if text.contains("finding") { ": " } else { " to " });
    let digits = |part: &str| part.chars().next_back().is_some_and(|c| c.is_ascii_digit());
    match text.split_once('–') {
        Some((from, to)) if digits(from) => format!("{from} to {to}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::cells::ColumnFit;
    use super::*;
    use crate::ui::paint::piece;

    #[test]
    fn a_number_is_told_with_its_noun_as_one_says_it() {
        let column = |title| Column {
            title,
            fit: ColumnFit::Fixed(9),
            right: true,
            cut: cells::CellCut::End,
            gap: 0,
        };
        let told = |title, number: &str| {
            valued(&column(title), &vec![piece(number, Role::Text)]).unwrap_or_default()
        };
        assert_eq!(told("checks", "1"), "1 check");
        assert_eq!(told("checks", "2"), "2 checks");
        assert_eq!(told("pass", "1"), "1 pass");
        assert_eq!(told("serves", "1"), "serves 1");
        assert_eq!(told("checks", "0"), "");
        assert_eq!(told("policies", "1"), "1 policy");
        assert_eq!(told("runs as it", "1"), "1 workload runs as it");
        assert_eq!(told("runs as it", "3"), "3 workloads run as it");
    }

    #[test]
    fn a_value_that_says_little_alone_has_its_name() {
        let column = Column {
            title: "deny in",
            fit: ColumnFit::Fixed(9),
            right: false,
            cut: cells::CellCut::End,
            gap: 0,
        };
        let told = |text: &str, role| valued(&column, &vec![piece(text, role)]).unwrap_or_default();
        assert_eq!(told("✔ yes", Role::Pass), "deny in yes");
        assert_eq!(told("? not known", Role::Unknown), "deny in not known");
    }

    #[test]
    fn sentences_between_rows_are_not_aligned() {
        assert_eq!(sentence("            cluster is  self-managed"), "cluster is self-managed");
        assert_eq!(
            sentence("? 2 things could not be read"),
            "Not known: 2 things could not be read"
        );
    }

    #[test]
    fn signs_become_words_once() {
        assert_eq!(spoken(&[piece("◆ critical  Title", Role::Critical)]), "critical Title");
        assert_eq!(spoken(&[piece("◆", Role::Critical)]), "critical");
        assert_eq!(spoken(&[piece("■", Role::Fail)]), "exposed");
        assert_eq!(spoken(&[piece("■ 36 exposed", Role::Fail)]), "36 exposed");
        assert_eq!(spoken(&[piece("●", Role::Medium)]), "medium");
        assert_eq!(spoken(&[piece("███", Role::BarFull), piece("░", Role::BarEmpty)]), "");
        assert_eq!(spoken(&[piece("39–66 %", Role::Text)]), "39 to 66 %");
        let counted = [piece("2 × ", Role::Dim), piece("roles in …", Role::Text)];
        assert_eq!(spoken(&counted), "2 times: roles in ...");
        let why = [piece("Why      ", Role::Column), piece("because", Role::Text)];
        assert_eq!(spoken(&why), "Why: because");
        let hop = [piece("         ", Role::Column), piece("→ binding b", Role::Text)];
        assert_eq!(spoken(&hop), "to binding b");
        let controls = [
            piece("Controls ", Role::Column),
            piece("nsa", Role::Text),
            piece("  ✖", Role::Fail),
            piece(" N1", Role::Text),
            piece("  ✔", Role::Pass),
            piece(" N2", Role::Text),
        ];
        assert_eq!(spoken(&controls), "Controls: nsa, fail N1, pass N2");
    }
}
