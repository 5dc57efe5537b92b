//! The overview: frameworks, what to mend, what is not known, namespaces and themes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::action::Action;
use crate::app::barren::Barren;
use crate::app::data::Data;
use crate::app::item::{Item, Section};
use crate::app::keymap::Keymap;
use crate::app::list::Row;
use crate::app::patches::SHOWN;
use crate::model::severities::BySeverity;
use crate::text::noun;

use super::controls::judged_rows;
use super::review::of_the_platform;
use super::{labelled, text};

/// Cells beside a sentence on either side.
const MARGIN: usize = 5;

/// `size` is that of the screen; `not_yet` says why there are no results before there are some.
pub(super) fn overview_rows(
    data: &Data,
    keymap: &Keymap,
    size: (u16, u16),
    not_yet: &str,
) -> Vec<Row> {
    let width = usize::from(size.0);
    let [findings, coverage] = [Action::Findings, Action::Coverage].map(|view| keymap.told(view));
    let mut rows = vec![Row::new(Item::Heading(Section::Frameworks))];
    rows.extend(judged_rows(data));
    let left_out = data.left_out();
    rows.extend(
        left_out.iter().flat_map(|line| labelled("Not judged  ", line, width - MARGIN.min(width))),
    );
    rows.push(Row::new(Item::Heading(Section::Mend)));
    let mends = data.index.mends.iter().take(SHOWN);
    rows.extend(mends.map(|mend| Row::new(Item::Mend(Arc::clone(mend)))));
    if data.index.mends.len() >= SHOWN {
        rows.push(text(&format!("and more: {findings} lists all findings")));
    }
    let barren = data.barren();
    if data.index.mends.is_empty() || matches!(barren, Some(Barren::Blind { .. })) {
        match barren {
            Some(barren) => rows.extend(barren.told(keymap).iter().map(|line| text(line))),
            None if data.result.is_none() => rows.push(text(not_yet)),
            None if data.index.gaps.is_empty() => rows.push(text("Nothing fails.")),
            None => {
                rows.push(text("Nothing that was assessed fails; see what could not be, too."));
            }
        }
    }
    // Said once, beside what is said of it everywhere.
    let not_yet = "Known once checks have run.";
    rows.push(Row::new(Item::Heading(Section::Gaps)));
    let most = usize::from(size.1 / 3).clamp(10, 20);
    let gaps = data.index.gaps.iter().take(most);
    rows.extend(gaps.map(|gap| Row::new(Item::Gap(Arc::clone(gap)))));
    let other = data.index.gaps.len().saturating_sub(most);
    if other > 0 {
        let noun = noun(other, "reason");
        rows.push(text(&format!("and {other} more {noun}: {coverage} lists them all")));
    }
    rows.extend(of_the_platform(data, keymap));
    if data.index.gaps.is_empty() {
        rows.push(text(match &data.result {
            None => not_yet,
            Some(_) => "Everything the checks asked for could be read.",
        }));
    }
    rows.push(Row::new(Item::Heading(Section::Namespaces)));
    let namespaces = namespace_rows(data);
    if namespaces.is_empty() {
        rows.push(text("No namespace was read."));
    }
    rows.extend(namespaces);
    rows.push(Row::new(Item::Heading(Section::Themes)));
    let mut themes: Vec<_> = data.index.themes.iter().collect();
    themes.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    if themes.is_empty() {
        rows.push(text(match (&data.result, data.barren()) {
            // What nobody could look at does not pass.
            (None, None) | (_, Some(Barren::Blind { .. })) => not_yet,
            _ => "Nothing fails.",
        }));
    }
    rows.extend(themes.into_iter().map(|(name, _)| Row::new(Item::Theme(Arc::clone(name)))));
    rows
}

/// Namespaces, those with the worst findings first.
fn namespace_rows(data: &Data) -> Vec<Row> {
    let mut names: BTreeMap<Arc<str>, BySeverity> = data
        .inventory
        .namespaces()
        .into_iter()
        .filter(|name| data.namespace.as_deref().is_none_or(|ns| ns == *name))
        .map(|name| (name.into(), BySeverity::default()))
        .collect();
    names.extend(data.index.namespaces.iter().map(|(name, tally)| (Arc::clone(name), *tally)));
    let mut names: Vec<(Arc<str>, BySeverity)> = names.into_iter().collect();
    names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    names.into_iter().map(|(name, _)| Row::new(Item::Namespace(name))).collect()
}
