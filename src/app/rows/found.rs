//! Findings, alone and in groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::data::Data;
use crate::app::item::Item;
use crate::app::list::Row;
use crate::app::route::{GroupBy, Subset};
use crate::model::finding::Finding;
use crate::model::severities::BySeverity;

pub(super) fn findings<'a>(found: impl Iterator<Item = &'a Arc<Finding>>, depth: u8) -> Vec<Row> {
    found.map(|finding| Row::deep(Item::Finding(Arc::clone(finding)), depth)).collect()
}

/// Findings in groups.
pub(in crate::app) fn grouped(data: &Data, subset: &Subset, by: GroupBy) -> Vec<Row> {
    let deciding = match subset {
        Subset::Home { framework: Some(framework), .. }
        | Subset::Tenant { framework: Some(framework), .. } => Some(data.deciding(framework)),
        _ => None,
    };
    let all = data.index.findings.iter();
    let shown = all.filter(|finding| match subset {
        Subset::All => true,
        Subset::Namespace(name) => finding.home() == &**name,
        Subset::Theme(name) => data.check(&finding.check).is_some_and(|c| c.theme == *name),
        Subset::Owner(owner) => {
            let own = finding.owner.as_ref().or(finding.object.as_ref());
            own == owner.as_ref()
        }
        Subset::Home { namespace, .. } => {
            let decides = deciding.as_ref().is_none_or(|ids| ids.contains(&*finding.check));
            decides && finding.home() == &**namespace
        }
        Subset::Tenant { namespaces, .. } => {
            let decides = deciding.as_ref().is_none_or(|ids| ids.contains(&*finding.check));
            decides && namespaces.contains(finding.home())
        }
        Subset::Covered { prints, .. } => prints.contains(&finding.fingerprint),
    });
    if by == GroupBy::Nothing {
        return findings(shown, 0);
    }
    if by == GroupBy::Cause {
        return data.causes(shown);
    }
    let mut groups: Vec<(Arc<str>, BySeverity, Vec<Row>)> = Vec::new();
    let mut places: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for finding in shown {
        let label = label(data, finding, by);
        let at = *places.entry(Arc::clone(&label)).or_insert_with(|| {
            groups.push((label, BySeverity::default(), Vec::new()));
            groups.len() - 1
        });
        if let Some((_, tally, rows)) = groups.get_mut(at) {
            tally.add(finding.severity);
            rows.push(Row::deep(Item::Finding(Arc::clone(finding)), 1));
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.1));
    let with_head = |(label, tally, rows): (Arc<str>, BySeverity, Vec<Row>)| {
        std::iter::once(Row::new(Item::Group { label, tally, changes: None })).chain(rows)
    };
    groups.into_iter().flat_map(with_head).collect()
}

/// What a finding has in common with others of its group.
pub(in crate::app) fn label(data: &Data, finding: &Finding, by: GroupBy) -> Arc<str> {
    let owner = finding.owner.as_ref().or(finding.object.as_ref());
    match by {
        GroupBy::Nothing | GroupBy::Cause | GroupBy::Framework => "".into(),
        GroupBy::Check => data.check_title(&finding.check).into(),
        GroupBy::Owner => {
            owner.map_or_else(|| "the cluster".to_owned(), ToString::to_string).into()
        }
        GroupBy::Namespace => match finding.home() {
            "" => "cluster-wide".into(),
            name => name.into(),
        },
        GroupBy::Image => data.image_of(finding).unwrap_or_else(|| "no image".to_owned()).into(),
    }
}
