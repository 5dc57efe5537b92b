//! Frameworks, their controls, and the checks that these rest on.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::data::Data;
use crate::app::item::{Item, Section};
use crate::app::list::Row;
use crate::frameworks::{Counts, Mapping, Status};
use crate::model::finding::{Form, Severity};

use super::found::findings;
use super::{broken, text};

/// The frameworks that were judged, or all of them before anything was, in the same order.
pub(super) fn judged_rows(data: &Data) -> Vec<Row> {
    if data.judged.is_empty() && data.not_judged.is_empty() {
        let families = data.content.frameworks.families();
        let mut known: Vec<_> = families.iter().flatten().collect();
        // Those written for one provider fit few clusters.
        known.sort_by_key(|framework| framework.is_of_provider());
        return known.into_iter().map(|f| framework_row(&f.id)).collect();
    }
    data.judged.iter().map(|f| framework_row(&f.id)).collect()
}

/// As [`judged_rows`], and below them those that do not fit: one can still be chosen.
pub(super) fn framework_rows(data: &Data) -> Vec<Row> {
    let mut rows = judged_rows(data);
    let left = data.not_judged.iter().filter(|n| data.framework(&n.id).is_some());
    rows.extend(left.map(|n| framework_row(&n.id)));
    rows
}

fn framework_row(id: &str) -> Row {
    Row::new(Item::Framework(id.into()))
}

pub(super) fn control_rows(data: &Data, id: &str) -> Vec<Row> {
    let Some(framework) = data.framework(id) else { return Vec::new() };
    let judged = data.scored_or_all(id);
    let name: Arc<str> = framework.id.as_str().into();
    let mut parts: Vec<(Arc<str>, Counts, Vec<Row>)> = Vec::new();
    for (at, control) in framework.controls.iter().enumerate() {
        let place = judged.and_then(|j| j.controls.iter().position(|c| c.id == control.id));
        if judged.is_some() && place.is_none() {
            continue;
        }
        let status = judged.and_then(|j| Some(j.controls.get(place?)?.status));
        let id = control.id.as_str().into();
        let row = Item::Control { framework: Arc::clone(&name), id, at, judged: place };
        let depth = u8::from(!control.section.is_empty());
        let section: &str = &control.section;
        if parts.last().is_none_or(|(last, ..)| **last != *section) {
            parts.push((section.into(), Counts::default(), Vec::new()));
        }
        if let Some((_, counts, rows)) = parts.last_mut() {
            counts.add(status.unwrap_or(Status::NotAssessed));
            rows.push(Row::deep(row, depth));
        }
    }
    let why = data.why_not_judged(id);
    let mut rows = why.map_or_else(Vec::new, |why| broken(&format!("Not judged: {why}.")));
    for (section, counts, controls) in parts {
        if !section.is_empty() {
            rows.push(Row::new(Item::Part { framework: Arc::clone(&name), name: section, counts }));
        }
        rows.extend(controls);
    }
    rows
}

/// A control: its checks with their findings.
pub(super) fn control_page(data: &Data, framework: &str, id: &str) -> Vec<Row> {
    let Some((control, judged)) = data.control_here(framework, id) else { return Vec::new() };
    let mut rows = Vec::new();
    rows.push(Row::new(Item::Heading(Section::Checks)));
    let of = |mapping: &Mapping| judged.and_then(|j| j.checks.iter().find(|c| c.id == mapping.id));
    let mut checks: Vec<&Mapping> = control.checks.iter().collect();
    // What failed comes first, and what only lists things last.
    checks.sort_by_key(|mapping| {
        let listed = data.check(&mapping.id).is_some_and(|check| check.form == Form::Evidence);
        let found = of(mapping).is_some_and(|check| check.findings > 0);
        (listed, !(found && mapping.strength.decides()), !found)
    });
    for mapping in checks {
        let judged = of(mapping);
        let id: Arc<str> = mapping.id.as_str().into();
        let serves = judged.map(|check| Arc::new(check.clone()));
        rows.push(Row::new(Item::Check { id: Arc::clone(&id), serves }));
        rows.extend(findings(data.of_check(&id), 1));
        rows.extend(findings(data.evidence_of(&id), 1));
    }
    if control.checks.is_empty() {
        rows.push(text(if control.awaits_import() {
            "No check bears on this control: results of another tool decide it."
        } else {
            "No check bears on this control: a person has to answer it."
        }));
    }
    rows
}

pub(super) fn check_rows(data: &Data) -> Vec<Row> {
    let ran = data.result.iter().flat_map(|r| r.checks.keys());
    let ids: BTreeSet<&Arc<str>> = data.content.library.checks.keys().chain(ran).collect();
    let mut ids: Vec<&Arc<str>> = ids.into_iter().collect();
    ids.sort_by_key(|id| {
        let fails = data.of_check(id).next().is_some();
        (!fails, data.check(id).map_or(Severity::Info, |c| c.severity))
    });
    let row = |id: &Arc<str>| Row::new(Item::Check { id: Arc::clone(id), serves: None });
    ids.into_iter().map(row).collect()
}

pub(super) fn check_page(data: &Data, id: &Arc<str>) -> Vec<Row> {
    let mut rows = vec![Row::new(Item::Heading(Section::Findings))];
    rows.extend(findings(data.of_check(id), 0));
    if rows.len() == 1 {
        let counts = data.result.as_ref().and_then(|r| r.checks.get(id));
        rows.push(text(match counts {
            None => "It has not run.",
            Some(c) if c.not_assessed + c.error > 0 => {
                "No finding, but not everything was decided."
            }
            Some(_) => "No finding.",
        }));
    }
    let controls = data.index.serves.get(id).map(Vec::as_slice).unwrap_or_default();
    if !controls.is_empty() {
        rows.push(Row::new(Item::Heading(Section::Controls)));
        rows.extend(controls.iter().map(|c| Row::new(Item::ControlRef(c.clone()))));
    }
    rows
}
