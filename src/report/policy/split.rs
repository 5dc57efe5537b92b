//! Pieces of a size that a server takes: etcd holds no object above 1.5 MB.

use super::results::Entry;

/// The most results of one report.
const MOST: usize = 500;

/// The most bytes of results in one report, measured as JSON, in which a server holds it. Far below
/// what etcd takes: annotations and what servers add come on top.
const LARGEST: usize = 512 * 1024;

/// Cuts a list of results into pieces; one empty piece for none.
pub(super) fn pieces(entries: &[Entry]) -> Vec<&[Entry]> {
    let mut pieces = Vec::new();
    let (mut from, mut size) = (0, 0);
    for (at, entry) in entries.iter().enumerate() {
        let bytes = entry.node.json_size() + 1;
        if at > from && (at - from >= MOST || size + bytes > LARGEST) {
            pieces.push((from, at));
            (from, size) = (at, 0);
        }
        size += bytes;
    }
    pieces.push((from, entries.len()));
    pieces.into_iter().filter_map(|(from, to)| entries.get(from..to)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::results::Outcome;
    use super::*;
    use crate::model::node::Node;

    fn entry(text: &str) -> Entry {
        Entry { outcome: Outcome::Fail, node: Node::str(text) }
    }

    #[test]
    fn pieces_hold_everything_once_and_none_is_too_large() {
        let many: Vec<Entry> = (0..1201).map(|n| entry(&n.to_string())).collect();
        let sizes: Vec<usize> = pieces(&many).iter().map(|piece| piece.len()).collect();
        assert_eq!(sizes, [500, 500, 201]);
        let large: Vec<Entry> = (0..5).map(|_| entry(&"x".repeat(200 * 1024))).collect();
        let sizes: Vec<usize> = pieces(&large).iter().map(|piece| piece.len()).collect();
        assert_eq!(sizes, [2, 2, 1]);
        assert_eq!(pieces(&[]).len(), 1);
    }
}
