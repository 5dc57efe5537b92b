//! Names that are too long for their column: cut where it tells them apart, and so that what a filter
//! found in them is seen.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::app::list::Need;
use crate::text::{Lean, cut_middle, cut_showing, width};

use crate::ui::cells::{Cell, Column, Cut};
use crate::ui::paint::line_width;

/// The fewest cells that a name keeps beside the namespace it is in.
pub(super) const NAME: usize = 6;

/// How many cells a cell of a column needs.
pub(super) fn need(column: &Column, cell: &Cell) -> Need {
    let full = line_width(cell);
    if column.cut == Cut::Context {
        return Need { full, bare: full, floor: full, ..Need::default() };
    }
    let name = cell.first().map_or("", |(text, _)| text.as_str());
    let floor = name
        .split_once('/')
        .map_or(0, |(namespace, name)| width(namespace) + 1 + width(name).min(NAME));
    Need { full, bare: width(name), floor, ..Need::default() }
}

/// The name in a cell, and how many cells stand before it.
pub(super) fn named(cut: Cut, cell: &Cell) -> Option<(&str, usize)> {
    match (cut, cell.as_slice()) {
        // A label may stand before it.
        (Cut::Context, [before @ .., (name, _)]) => Some((name, line_width(before))),
        (Cut::Name, [(name, _), ..]) => Some((name, 0)),
        _ => None,
    }
}

/// Where the names of a column are cut, so that most of them are told apart.
pub(super) fn lean(cut: Cut, names: &BTreeSet<String>, room: usize) -> [Lean; 2] {
    if cut == Cut::Context {
        return [Lean::END.among(names.iter().map(String::as_str), room); 2];
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let name = |at: usize| names.get(at).copied().unwrap_or_default();
    let kept = |leans: [Lean; 2], at: usize| match parted(name(at), room) {
        Some(parts) => [0, 1].map(|part| leans[part].kept(parts[part].0, parts[part].1)),
        None => [leans[1].kept(name(at), room), ("", "")],
    };
    let of_name = Lean::telling(Lean::EVEN, names.len(), |lean, at| kept([Lean::EVEN, lean], at));
    let of_namespace = Lean::telling(Lean::EVEN, names.len(), |lean, at| kept([lean, of_name], at));
    [of_namespace, of_name]
}

/// Namespace and name, each with the cells that it has: the namespace stays whole where the name keeps a few,
/// and where it does not, something is left of each. None where it is one name, or there is room for nothing.
fn parted(text: &str, room: usize) -> Option<[(&str, usize); 2]> {
    let (namespace, name) = text.split_once('/').filter(|_| width(text) > room)?;
    let (wide, most) = (width(namespace), room.checked_sub(1).filter(|_| room >= 2 * NAME)?);
    let kept = if wide + NAME <= most { wide } else { most - width(name).min(most.div_ceil(2)) };
    let kept = kept.min(wide);
    Some([(namespace, kept), (name, most - kept)])
}

/// A name of this column in so many cells, with what was found in it in sight.
pub(super) fn cut_name(
    cut: Cut,
    text: &str,
    room: usize,
    leans: [Lean; 2],
    found: &[Range<usize>],
) -> String {
    let [of_namespace, of_name] = leans;
    let parts = (cut == Cut::Name).then(|| parted(text, room)).flatten();
    let own = match parts {
        Some([(namespace, before), (name, after)]) => {
            format!("{}/{}", of_namespace.cut(namespace, before), of_name.cut(name, after))
        }
        None if cut == Cut::Name && text.contains('/') && room < 2 * NAME => {
            cut_middle(text, room).into_owned()
        }
        None => of_name.cut(text, room).into_owned(),
    };
    // Where a part of it was found that is cut out, this part comes first.
    let hidden = found.iter().find(|at| {
        text.get((*at).clone()).is_some_and(|word| !word.is_empty() && !own.contains(word))
    });
    hidden.map_or(own, |at| cut_showing(text, room, of_name, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVEN: [Lean; 2] = [Lean::EVEN; 2];

    fn cut(text: &str, room: usize) -> String {
        cut_name(Cut::Name, text, room, EVEN, &[])
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
        let all = (0..40).map(|at| format!("team-{at:03}-{filler}/dep-{at:05}-{filler}-c"));
        let names: BTreeSet<String> = all.collect();
        let leans = lean(Cut::Name, &names, 24);
        let shown = |leans| {
            let cut = |name: &String| cut_name(Cut::Name, name, 24, leans, &[]);
            names.iter().map(cut).collect::<BTreeSet<_>>()
        };
        assert_eq!((shown(EVEN).len(), shown(leans).len()), (4, 40));
        assert!(shown(leans).first().unwrap().contains("/dep-0000"), "{:?}", shown(leans));
    }

    #[test]
    fn a_part_that_was_found_is_seen() {
        let name = "arn:aws:eks:eu-central-1:123456789012:cluster/pay-12-prod";
        let at = name.find("central").unwrap();
        let leans = [Lean::END; 2];
        assert_eq!(cut_name(Cut::Context, name, 24, leans, &[]), "arn:aw…uster/pay-12-prod");
        let shown = cut_name(Cut::Context, name, 24, leans, &[at..at + 7]);
        assert!(shown.contains("central") && shown.ends_with("prod"), "{shown}");
    }
}
