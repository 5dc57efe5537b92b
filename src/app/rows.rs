//! Which rows a screen has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::frameworks::{Counts, Status};
use crate::model::finding::{Finding, Severity};
use crate::model::kinds::Kind;
use crate::model::read::ReadStatus;
use crate::text::width;

use super::data::Data;
use super::item::{Item, Section, Tally};
use super::list::Row;
use super::patches::SHOWN;
use super::route::{GroupBy, Route, Screen, Subset};
use super::state::State;
use super::{access, network};

impl State {
    /// The rows of a screen, from what is known now.
    pub(super) fn rows_of(&self, route: &Route) -> Arc<Vec<Row>> {
        self.ready_rows(route).unwrap_or_else(|| Arc::new(self.made_rows(route)))
    }

    /// Those that were made ahead.
    fn ready_rows(&self, route: &Route) -> Option<Arc<Vec<Row>>> {
        let ready = &self.data.index.ready;
        match &route.screen {
            Screen::Findings(Subset::All) => {
                let (group, rows) = ready.findings.as_ref()?;
                (*group == route.group).then(|| Arc::clone(rows))
            }
            Screen::Heat => ready.heat.clone(),
            Screen::Matrix(id) => {
                let framework = self.data.matrix(id.as_deref())?;
                let found = ready.matrices.iter().find(|(id, _)| **id == *framework.id);
                found.map(|(_, rows)| Arc::clone(rows))
            }
            _ => None,
        }
    }

    fn made_rows(&self, route: &Route) -> Vec<Row> {
        let data = &self.data;
        match &route.screen {
            Screen::Start => self.start_rows(),
            Screen::Overview => overview_rows(data),
            Screen::Kinds => kind_rows(data),
            Screen::Objects(kind) => object_rows(data, kind),
            Screen::Object(id) => {
                data.kept_row(id).into_iter().chain(findings(data.of_object(id), 0)).collect()
            }
            Screen::Frameworks => self.of_all(framework_rows(data)),
            Screen::Framework(id) => self.of_all(control_rows(data, id)),
            Screen::Control { framework, id } => self.of_all(control_page(data, framework, id)),
            Screen::Findings(subset) => grouped(data, subset, route.group),
            Screen::Finding(_) => Vec::new(),
            Screen::Preview(asked) => self.preview_rows(asked),
            Screen::Checks => check_rows(data),
            Screen::Check(id) => check_page(data, id),
            Screen::Access(page) => access::rows(data, page),
            Screen::Network(page) => network::rows(data, page),
            Screen::Matrix(id) => data.matrix_rows(id.as_deref()),
            Screen::Heat => data.heat_rows(),
            Screen::Fleet(page) => self.fleet_rows(*page),
            Screen::Tenants => data.tenant_rows(),
            Screen::Tenant(name) => {
                let mut rows = data.tenant_scores(name);
                if let Some(card) = data.tenants.of(name) {
                    rows.push(Row::new(Item::Heading(Section::Findings)));
                    rows.extend(data.tenant_findings(card));
                }
                rows
            }
            Screen::Coverage => coverage_rows(data),
            Screen::Gap(reason) => gap_page(data, reason),
            Screen::Sessions => self.session_rows(),
            Screen::Comparison => self.comparison_rows(),
            Screen::Messages => self.message_rows(),
            Screen::Review => review_rows(data),
        }
    }

    /// Rows that hold statuses, after a word on which namespaces these are about, where findings and
    /// objects are narrowed to one.
    fn of_all(&self, mut rows: Vec<Row>) -> Vec<Row> {
        let Some((wider, here)) = self.judged_wider().zip(self.data.namespace.as_deref()) else {
            return rows;
        };
        if !rows.is_empty() {
            rows.insert(0, text(&format!("Statuses are of {wider}; findings, of {here} only.")));
        }
        rows
    }

    fn start_rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        if !self.sessions.is_empty() {
            rows.push(Row::new(Item::Heading(Section::Sessions)));
            rows.extend(self.sessions.iter().map(|s| Row::new(Item::Session(Arc::clone(s)))));
        }
        rows.push(Row::new(Item::Heading(Section::Contexts)));
        rows.extend(self.contexts.iter().map(|c| Row::new(Item::Context(Arc::clone(c)))));
        if self.contexts.is_empty() {
            match &self.no_contexts {
                None => rows.push(text("Reading the kubeconfig…")),
                Some(error) => {
                    let lines = [&error.what, &error.why, &error.next];
                    rows.extend(lines.into_iter().flat_map(|line| broken(line)));
                }
            }
        }
        rows.push(Row::new(Item::Heading(Section::Begin)));
        rows.push(Row::new(Item::Demo));
        rows
    }

    fn session_rows(&self) -> Vec<Row> {
        let mut rows = vec![Row::new(Item::NewSession)];
        rows.extend(self.sessions.iter().map(|s| Row::new(Item::Session(Arc::clone(s)))));
        rows
    }

    fn message_rows(&self) -> Vec<Row> {
        let all = self.messages.all();
        let newest = self.messages.count();
        let numbered = all.iter().rev().zip((0..newest).rev());
        numbered.map(|(m, number)| Row::new(Item::Message(number, Arc::clone(m)))).collect()
    }
}

/// A sentence in rows that a terminal of 80 columns shows whole.
pub(super) fn broken(sentence: &str) -> Vec<Row> {
    let mut lines: Vec<String> = Vec::new();
    for word in sentence.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line) + width(word) < 74 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| text(line)).collect()
}

fn text(text: &str) -> Row {
    Row::new(Item::Text(text.into()))
}

fn overview_rows(data: &Data) -> Vec<Row> {
    let mut rows = vec![Row::new(Item::Heading(Section::Frameworks))];
    rows.extend(judged_rows(data));
    let left_out = data.left_out();
    rows.extend(left_out.iter().flat_map(|line| broken(&format!("Not judged: {line}"))));
    rows.push(Row::new(Item::Heading(Section::Mend)));
    let mends = data.index.mends.iter().take(SHOWN);
    rows.extend(mends.map(|mend| Row::new(Item::Mend(Arc::clone(mend)))));
    if data.index.mends.is_empty() {
        match data.barren() {
            Some(barren) => rows.extend(barren.told().iter().map(|line| text(line))),
            None if data.result.is_none() => rows.push(text("No checks have run yet.")),
            None if data.index.gaps.is_empty() => rows.push(text("Nothing fails.")),
            None => {
                rows.push(text("Nothing that was assessed fails; see what could not be, too."));
            }
        }
    }
    rows.push(Row::new(Item::Heading(Section::Gaps)));
    let gaps = data.index.gaps.iter().take(10);
    rows.extend(gaps.map(|gap| Row::new(Item::Gap(Arc::clone(gap)))));
    if data.index.gaps.is_empty() {
        rows.push(text(match &data.result {
            None => "No checks have run yet.",
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
            (None, None) => "No checks have run yet.",
            _ => "Nothing fails.",
        }));
    }
    rows.extend(themes.into_iter().map(|(name, _)| Row::new(Item::Theme(Arc::clone(name)))));
    rows
}

/// Namespaces, those with the worst findings first.
fn namespace_rows(data: &Data) -> Vec<Row> {
    let mut names: BTreeMap<Arc<str>, Tally> = data
        .inventory
        .namespaces()
        .into_iter()
        .filter(|name| data.namespace.as_deref().is_none_or(|ns| ns == *name))
        .map(|name| (name.into(), Tally::default()))
        .collect();
    names.extend(data.index.namespaces.iter().map(|(name, tally)| (Arc::clone(name), *tally)));
    let mut names: Vec<(Arc<str>, Tally)> = names.into_iter().collect();
    names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    names.into_iter().map(|(name, _)| Row::new(Item::Namespace(name))).collect()
}

/// The frameworks that were judged, or all of them before anything was.
fn judged_rows(data: &Data) -> Vec<Row> {
    if data.judged.is_empty() && data.not_judged.is_empty() {
        let known = data.content.frameworks.frameworks.iter();
        return known.map(|f| framework_row(&f.id)).collect();
    }
    data.judged.iter().map(|f| framework_row(&f.id)).collect()
}

/// As [`judged_rows`], and below them those that do not fit: one can still be chosen.
fn framework_rows(data: &Data) -> Vec<Row> {
    let mut rows = judged_rows(data);
    let left = data.not_judged.iter().filter(|n| data.framework(&n.id).is_some());
    rows.extend(left.map(|n| framework_row(&n.id)));
    rows
}

fn framework_row(id: &str) -> Row {
    Row::new(Item::Framework(id.into()))
}

fn kind_rows(data: &Data) -> Vec<Row> {
    let listed = data.inventory.kinds().cloned();
    let read = data.inventory.reads.iter().filter_map(|read| read.kind.clone());
    let kinds: BTreeSet<Kind> = listed.chain(read).collect();
    let order = |kind: &Kind| {
        let known = crate::model::kinds::BUILTINS.iter().position(|b| b.kind() == *kind);
        known.unwrap_or(usize::MAX)
    };
    let mut kinds: Vec<Kind> = kinds.into_iter().collect();
    kinds.sort_by_key(order);
    kinds.into_iter().map(|kind| Row::new(Item::Kind(kind))).collect()
}

fn object_rows(data: &Data, kind: &Kind) -> Vec<Row> {
    let here = data.namespace.as_deref();
    let shown = data.inventory.of(kind).iter().filter(|object| {
        here.is_none_or(|ns| object.namespace() == ns || object.id.namespace.is_none())
    });
    let rows = shown.map(|object| Row::new(Item::Object(Arc::clone(object))));
    rows.chain(arriving_rows(data, kind)).collect()
}

/// What is still to come of a long list, after what is there: the server sends both in one order.
/// Where the namespace is not known yet it is in none that was chosen.
fn arriving_rows(data: &Data, kind: &Kind) -> impl Iterator<Item = Row> {
    let here = data.namespace.as_deref();
    let names = data.inventory.arriving.get(kind).into_iter().flatten();
    let names = names.filter(move |name| here.is_none() || name.namespace.as_deref() == here);
    names.enumerate().map(|(at, name)| Row::new(Item::Arriving(Arc::clone(name), at)))
}

fn control_rows(data: &Data, id: &str) -> Vec<Row> {
    let Some(framework) = data.framework(id) else { return Vec::new() };
    let judged = data.judged(id);
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
    let mut rows = Vec::new();
    for (section, counts, controls) in parts {
        if !section.is_empty() {
            rows.push(Row::new(Item::Part { framework: Arc::clone(&name), name: section, counts }));
        }
        rows.extend(controls);
    }
    rows
}

/// A control: its checks with their findings.
fn control_page(data: &Data, framework: &str, id: &str) -> Vec<Row> {
    let Some((control, judged)) = data.control(framework, id) else { return Vec::new() };
    let mut rows = Vec::new();
    rows.push(Row::new(Item::Heading(Section::Checks)));
    for mapping in &control.checks {
        let judged = judged.and_then(|j| j.checks.iter().find(|c| c.id == mapping.id));
        let id: Arc<str> = mapping.id.as_str().into();
        let serves = judged.map(|check| Arc::new(check.clone()));
        rows.push(Row::new(Item::Check { id: Arc::clone(&id), serves }));
        rows.extend(findings(data.of_check(&id), 1));
        rows.extend(findings(data.evidence_of(&id), 1));
    }
    if control.checks.is_empty() {
        rows.push(text("No check bears on this control: a person has to answer it."));
    }
    rows
}

/// Exceptions; questions that wait for an answer, those whose answer ran out, and those that were
/// answered; where other tools differ.
fn review_rows(data: &Data) -> Vec<Row> {
    let mut rows = vec![Row::new(Item::Heading(Section::Exceptions))];
    let exceptions = data.exceptions();
    if exceptions.is_empty() {
        rows.push(text(match &data.result {
            None => "No checks have run yet.",
            Some(_) => "No finding is accepted, and none is called a false positive.",
        }));
    }
    rows.extend(exceptions.into_iter().map(|exception| Row::new(Item::Exception(exception))));
    rows.push(Row::new(Item::Heading(Section::Questions)));
    let questions = data.questions();
    if questions.is_empty() {
        rows.push(text(match &data.result {
            None => "No checks have run yet.",
            Some(_) => "No control of the frameworks judged waits for an answer.",
        }));
    }
    rows.extend(questions.into_iter().map(|control| Row::new(Item::Question(control))));
    let differences = data.disagreements();
    if !differences.is_empty() {
        rows.push(Row::new(Item::Heading(Section::Disagreements)));
    }
    rows.extend(differences.into_iter().map(|differs| Row::new(Item::Disagreement(differs))));
    rows
}

fn findings<'a>(found: impl Iterator<Item = &'a Arc<Finding>>, depth: u8) -> Vec<Row> {
    found.map(|finding| Row::deep(Item::Finding(Arc::clone(finding)), depth)).collect()
}

/// Findings in groups.
pub(super) fn grouped(data: &Data, subset: &Subset, by: GroupBy) -> Vec<Row> {
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
    let mut groups: Vec<(Arc<str>, Tally, Vec<Row>)> = Vec::new();
    let mut places: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for finding in shown {
        let label = label(data, finding, by);
        let at = *places.entry(Arc::clone(&label)).or_insert_with(|| {
            groups.push((label, Tally::default(), Vec::new()));
            groups.len() - 1
        });
        if let Some((_, tally, rows)) = groups.get_mut(at) {
            tally.add(finding.severity);
            rows.push(Row::deep(Item::Finding(Arc::clone(finding)), 1));
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.1));
    let with_head = |(label, tally, rows): (Arc<str>, Tally, Vec<Row>)| {
        std::iter::once(Row::new(Item::Group { label, tally })).chain(rows)
    };
    groups.into_iter().flat_map(with_head).collect()
}

fn label(data: &Data, finding: &Finding, by: GroupBy) -> Arc<str> {
    let owner = finding.owner.as_ref().or(finding.object.as_ref());
    match by {
        GroupBy::Nothing | GroupBy::Cause => "".into(),
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

fn check_rows(data: &Data) -> Vec<Row> {
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

fn check_page(data: &Data, id: &Arc<str>) -> Vec<Row> {
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

/// What is unknown first, then every read, those that are not complete before the others.
fn coverage_rows(data: &Data) -> Vec<Row> {
    let mut rows = vec![Row::new(Item::Heading(Section::Gaps))];
    rows.extend(data.index.gaps.iter().map(|gap| Row::new(Item::Gap(Arc::clone(gap)))));
    if data.index.gaps.is_empty() {
        rows.push(text(match &data.result {
            None => "No checks have run yet.",
            Some(_) => "Everything the checks asked for could be read.",
        }));
    }
    rows.push(Row::new(Item::Heading(Section::Reads)));
    let mut reads: Vec<_> = data.inventory.reads.iter().collect();
    reads.sort_by_key(|read| (good(read.status), read.resource.clone(), read.namespace.clone()));
    rows.extend(reads.into_iter().map(|read| Row::new(Item::Read(Arc::new(read.clone())))));
    rows
}

fn good(status: ReadStatus) -> u8 {
    match status {
        ReadStatus::Forbidden | ReadStatus::Failed | ReadStatus::Partial | ReadStatus::Hidden => 0,
        ReadStatus::NotAsked => 1,
        ReadStatus::Complete => 2,
        ReadStatus::NotServed => 3,
    }
}

fn gap_page(data: &Data, reason: &str) -> Vec<Row> {
    let gap = data.index.gaps.iter().find(|gap| gap.missing.reason == *reason);
    let Some(gap) = gap else { return vec![text("Nothing rests on it any more.")] };
    let mut rows = vec![Row::new(Item::Heading(Section::Controls))];
    rows.extend(gap.controls.iter().map(|c| Row::new(Item::ControlRef(c.clone()))));
    if gap.controls.is_empty() {
        rows.push(text("No control is decided by these checks."));
    }
    rows.push(Row::new(Item::Heading(Section::Checks)));
    let check = |id: &Arc<str>| Row::new(Item::Check { id: Arc::clone(id), serves: None });
    rows.extend(gap.checks.iter().map(check));
    rows
}
