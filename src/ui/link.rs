//! Addresses on the screen that are known to the workbench: references of checks, of frameworks, of
//! decisions and answers. What a cluster says never becomes a link.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::state::State;

const WEB: &str = "https://";

/// A piece of a row that is an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it stands.
    pub area: Rect,
    /// The whole address, though the screen may show only the beginning of it.
    pub url: String,
}

/// The addresses that a buffer shows.
pub(super) fn find(state: &State, buffer: &Buffer) -> Vec<Link> {
    let mut links = Vec::new();
    let mut known: Option<BTreeSet<&str>> = None;
    for y in buffer.area.top()..buffer.area.bottom() {
        let symbol = |x: u16| buffer.cell((x, y)).map_or(" ", |cell| cell.symbol());
        let mut x = buffer.area.left();
        while x < buffer.area.right() {
            if symbol(x) != "h" {
                x += 1;
                continue;
            }
            let end = (x..buffer.area.right())
                .find(|at| !symbol(*at).chars().all(|c| c.is_ascii_graphic()) || symbol(*at) == " ")
                .unwrap_or_else(|| buffer.area.right());
            let text: String = (x..end).map(symbol).collect();
            if text.starts_with(WEB) {
                let known = known.get_or_insert_with(|| addresses(state));
                if let Some((url, cells)) = meant(known, &text) {
                    let width = u16::try_from(cells).unwrap_or(u16::MAX).min(end - x);
                    links.push(Link { area: Rect { x, y, width, height: 1 }, url });
                }
            }
            x = end.max(x + 1);
        }
    }
    links
}

/// The known address that a text shows, and how many cells of it: exactly, or its beginning where
/// the line is too short and no other address begins like that.
fn meant(known: &BTreeSet<&str>, text: &str) -> Option<(String, usize)> {
    let shown = [text, text.trim_end_matches(['.', ',', ';', ')', '~'])];
    if let Some(exact) = shown.into_iter().find(|part| known.contains(part)) {
        return Some((exact.to_owned(), exact.len()));
    }
    let [_, begun] = shown;
    let mut longer = known.range(begun..).take_while(|url| url.starts_with(begun));
    match (longer.next(), longer.next()) {
        (Some(url), None) if begun.len() > WEB.len() => Some(((*url).to_owned(), begun.len())),
        _ => None,
    }
}

fn addresses(state: &State) -> BTreeSet<&str> {
    let data = &state.data;
    let checks = data.content.library.checks.values();
    let references = checks.flat_map(|check| check.explain.references.iter().map(String::as_str));
    let frameworks = data.content.frameworks.frameworks.iter().map(|f| f.url.as_str());
    let decisions = data.ledger.decisions.values().filter_map(|d| d.link.as_deref());
    let answers = data.ledger.attestations.values().filter_map(|a| a.link.as_deref());
    let all = references.chain(frameworks).chain(decisions).chain(answers);
    all.filter(|url| url.starts_with(WEB)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_whole_or_by_its_beginning() {
        let known: BTreeSet<&str> =
            ["https://a.example/x", "https://a.example/x/y", "https://b.example/long"].into();
        let meant = |text: &str| meant(&known, text).map(|(url, _)| url);
        assert_eq!(meant("https://a.example/x").as_deref(), Some("https://a.example/x"));
        assert_eq!(meant("https://a.example/x.").as_deref(), Some("https://a.example/x"));
        assert_eq!(meant("https://b.exam").as_deref(), Some("https://b.example/long"));
        assert_eq!(meant("https://a.exam"), None, "two begin like that");
        assert_eq!(meant("https://"), None);
        assert_eq!(meant("https://evil.example/"), None, "nobody knows it");
    }
}
