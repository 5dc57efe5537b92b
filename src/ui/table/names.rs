//! Names that are too long for their column: cut where it tells them apart, and so that what a filter
//! found in them is seen.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use crate::app::list::{ColumnNeed, NameCut};
use crate::text::{Lean, cut_showing, width};

use crate::ui::cells::{CellCut, Column, ColumnText};
use crate::ui::paint::line_width;

/// The fewest cells that a name keeps beside the namespace it is in.
pub(super) const NAME: usize = 6;

/// How many cells a cell of a column needs.
pub(super) fn need(column: &Column, cell: &ColumnText) -> ColumnNeed {
    let full = line_width(cell);
    if column.cut == CellCut::Context {
        return ColumnNeed { full, bare: full, floor: full, ..ColumnNeed::default() };
    }
    let name = cell.first().map_or("", |(text, _)| text.as_str());
    let floor = name
        .split_once('/')
        .map_or(0, |(namespace, name)| width(namespace) + 1 + width(name).min(NAME));
    ColumnNeed { full, bare: width(name), floor, ..ColumnNeed::default() }
}

/// The name in a cell, and how many cells stand before it.
pub(super) fn named(cut: CellCut, cell: &ColumnText) -> Option<(&str, usize)> {
    match (cut, cell.as_slice()) {
        // A label may stand before it.
        (CellCut::Context, [before @ .., (name, _)]) => Some((name, line_width(before))),
        (CellCut::Name, [(name, _), ..]) => Some((name, 0)),
        _ => None,
    }
}

/// How the names of a column are cut, so that most of them are told apart.
pub(super) fn told_apart(cut: CellCut, names: &BTreeSet<String>, room: usize) -> NameCut {
    if cut == CellCut::Context {
        let name = Lean::END.among(names.iter().map(String::as_str), room);
        return NameCut { name, ..NameCut::default() };
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let kept = |cut: NameCut, at: usize| {
        let text = names.get(at).copied().unwrap_or_default();
        parted(text, room, cut.least).map_or_else(
            || (cut.name.kept(text, room), ("", "")),
            |[(namespace, before), (name, after)]| {
                (cut.namespace.kept(namespace, before), cut.name.kept(name, after))
            },
        )
    };
    let mut best = (NameCut::default(), 0);
    // Namespaces stay whole, unless the names beside them could not be told apart then.
    for least in [NAME, room / 2] {
        let usual = NameCut { least, ..NameCut::default() };
        let name =
            Lean::telling(Lean::EVEN, names.len(), |name, at| kept(NameCut { name, ..usual }, at));
        let own = NameCut { name, ..usual };
        let namespace = Lean::telling(Lean::EVEN, names.len(), |namespace, at| {
            kept(NameCut { namespace, ..own }, at)
        });
        let own = NameCut { namespace, ..own };
        let told = (0..names.len()).map(|at| kept(own, at)).collect::<HashSet<_>>().len();
        if told > best.1 {
            best = (own, told);
        }
        if told == names.len() {
            break;
        }
    }
    best.0
}

/// Namespace and name, each with the cells that it has: the namespace stays whole where the name keeps `least`,
/// and where it does not, something is left of each. None where it is one name, or there is room for nothing.
fn parted(text: &str, room: usize, least: usize) -> Option<[(&str, usize); 2]> {
    let (namespace, name) = text.split_once('/').filter(|_| width(text) > room)?;
    let (wide, most) = (width(namespace), room.checked_sub(1).filter(|_| room >= 2 * NAME)?);
    let least = least.max(NAME);
    let kept = if wide + least <= most { wide } else { most - width(name).min(most.div_ceil(2)) };
    let kept = kept.min(wide);
    Some([(namespace, kept), (name, most - kept)])
}

/// A name of this column in so many cells, with what was found in it in sight.
pub(super) fn cut_name(
    cut: CellCut,
    text: &str,
    room: usize,
    how: NameCut,
    found: &[Range<usize>],
) -> String {
    let parts = (cut == CellCut::Name).then(|| parted(text, room, how.least)).flatten();
    let Some([(namespace, before), (name, after)]) = parts else {
        return showing(text, room, how.name, found);
    };
    // What was found in the namespace, and what in the name; what stands across both is seen in neither.
    let at_name = namespace.len() + 1;
    let in_name: Vec<Range<usize>> = found
        .iter()
        .filter(|at| at.start >= at_name)
        .map(|at| at.start - at_name..at.end - at_name)
        .collect();
    let in_namespace: Vec<Range<usize>> =
        found.iter().filter(|at| at.end < at_name).cloned().collect();
    let namespace = showing(namespace, before, how.namespace, &in_namespace);
    format!("{namespace}/{}", showing(name, after, how.name, &in_name))
}

/// A text in so many cells, with the first thing in sight that was found in it.
fn showing(text: &str, cells: usize, lean: Lean, found: &[Range<usize>]) -> String {
    let own = lean.cut(text, cells);
    let hidden = found.iter().find(|at| {
        text.get((*at).clone()).is_some_and(|word| !word.is_empty() && !own.contains(word))
    });
    hidden.map_or_else(|| own.clone().into_owned(), |at| cut_showing(text, cells, lean, at))
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;

    fn cut(text: &str, room: usize) -> String {
        cut_name(CellCut::Name, text, room, NameCut::default(), &[])
    }

    #[test]
    fn a_namespace_stays_readable_where_a_name_is_cut() {
        assert_eq!(cut("pay/web-frontend-canary", 15), "pay/web-f…anary");
        assert_eq!(cut("kube-system/csi-driver-node", 18), "kube-system/csi…de");
        assert_eq!(cut("a-very-long-namespace/web", 15), "a-ver…space/web");
        let both = cut("payments-production-europe-west-1/a-very-long-deployment-name-63", 27);
        assert_eq!(both, "paymen…west-1/a-very…ame-63");
        assert_eq!(cut("a-very-long-namespace/web", 9), "a-ve…/web");
        assert_eq!(cut("web", 15), "web");
        assert_eq!(cut("日本語/web-frontend", 12).chars().next(), Some('日'));
    }

    #[test]
    fn namespaces_and_names_that_are_alike_are_cut_where_they_differ() {
        let filler = "of-a-name-that-is-much-longer-than-its-column";
        let shown = |all: &dyn Fn(usize) -> String, room| {
            let names: BTreeSet<String> = (0..40).map(all).collect();
            let of = |how| -> BTreeSet<String> {
                names.iter().map(|name| cut_name(CellCut::Name, name, room, how, &[])).collect()
            };
            (of(NameCut::default()), of(told_apart(CellCut::Name, &names, room)))
        };
        let (even, apart) =
            shown(&|at| format!("team-{at:03}-{filler}/dep-{at:05}-{filler}-c"), 24);
        assert_eq!((even.len(), apart.len()), (1, 40), "{apart:?}");
        // A namespace that is whole gives way where the names beside it would all read alike.
        let one = |at: usize| format!("team-of-production-europe/dep-{at:05}-{filler}-c");
        let (even, apart) = shown(&one, 32);
        assert_eq!((even.len(), apart.len()), (1, 40), "{apart:?}");
        assert!(apart.first().unwrap().contains("/dep-0000"), "{apart:?}");
    }

    #[test]
    fn a_part_that_was_found_is_seen() {
        let name = "arn:aws:eks:eu-central-1:123456789012:cluster/pay-12-prod";
        let at = name.find("central").unwrap();
        let how = NameCut { name: Lean::END, ..NameCut::default() };
        assert_eq!(cut_name(CellCut::Context, name, 24, how, &[]), "arn:aw…uster/pay-12-prod");
        let shown = cut_name(CellCut::Context, name, 24, how, from_ref(&(at..at + 7)));
        assert!(shown.contains("central") && shown.ends_with("prod"), "{shown}");
        // Beside its namespace, a name shows what was found in it.
        let object = "team-of-production/dep-00001-of-a-name-that-is-long-c";
        let at = object.find("name").unwrap();
        let shown =
            cut_name(CellCut::Name, object, 32, NameCut::default(), from_ref(&(at..at + 4)));
        assert_eq!(shown, "team-of-production/dep…name…ng-c");
    }
}
