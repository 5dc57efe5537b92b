//! Opening what is under the cursor: the screen that a row leads to, or why it leads to none.

use std::sync::Arc;

use super::related;
use crate::app::action::Action;
use crate::app::effect::{Effect, SourceChoice};
use crate::app::exceptions::Exception;
use crate::app::heat::HeatRow;
use crate::app::item::Item;
use crate::app::list::Row;
use crate::app::route::{Screen, Subset};
use crate::app::state::State;
use crate::model::import::Disagreement;
use crate::model::read::Read;

impl State {
    /// Opens what is under the cursor.
    pub(super) fn open(&mut self) -> Vec<Effect> {
        if self.nav.top().in_text() {
            return self.open_kept();
        }
        if self.nav.top().beside() {
            return Vec::new();
        }
        if self.begins_fleet() {
            let contexts = self.chosen_contexts();
            self.nav.top_mut().list.clear_marks();
            return self.begin_fleet(contexts);
        }
        let Some(row) = self.nav.top().list.current().cloned() else { return Vec::new() };
        if let Some(reason) = self.cannot_open() {
            return self.hint(reason);
        }
        self.nav.top_mut().list.stay();
        if let Some(screen) = self.screen_of(&row) {
            self.nav.open(screen);
            self.nav.top_mut().at = related::place_of(&row.item);
            return Vec::new();
        }
        match row.item {
            Item::Group { .. } | Item::Part { .. } | Item::Cause(_) => {
                self.nav.top_mut().list.fold(None, &self.data);
                Vec::new()
            }
            Item::Problem(_) => self.edit_to_mend().into_iter().collect(),
            Item::NewSession => self.begin_session(),
            Item::Demo => vec![Effect::Connect(SourceChoice::Demo)],
            Item::Cluster(cluster) => self.open_cluster(&cluster.context.name),
            Item::Context(info) => self.open_context(&info.name),
            Item::Foreseen(foreseen) => {
                // The finding is not there yet: its check says why it would be one.
                let finding = &foreseen.finding;
                let message = crate::text::mask(&finding.message).into_owned();
                self.nav.open(Screen::Check(Arc::from(&*finding.check)));
                self.hint(format!("Not there yet: {message}"))
            }
            Item::Session(info) => {
                let id = info.id.clone();
                self.resume(id)
            }
            _ => Vec::new(),
        }
    }

    /// Why what is under the cursor cannot be opened; none when it can, or when nothing is said of it.
    pub(super) fn cannot_open(&self) -> Option<String> {
        let route = self.nav.top();
        if self.begins_fleet() {
            return None;
        }
        let no = |text: &str| Some(text.to_owned());
        if let Screen::Finding(_) = route.screen {
            let (whole, back) = (self.keymap.told(Action::Owner), self.keymap.told(Action::Back));
            return Some(format!("{whole} opens the whole object, {back} leads back."));
        }
        if route.in_text() {
            let leads =
                matches!(route.list.rows().first(), Some(Row { item: Item::Kept { .. }, .. }));
            let pane = self.keymap.told(Action::NextPane);
            return (!leads)
                .then(|| format!("What can be opened are its findings: {pane} leads there."));
        }
        if route.beside() {
            return no("What can be opened stands in the lists beside it.");
        }
        let Some(row) = route.list.current() else { return no("There is nothing to open here.") };
        match &row.item {
            _ if self.screen_of(row).is_some() => None,
            Item::Compared(_) => {
                no("The last run here does not show this finding, so there is nothing to open.")
            }
            Item::FrameworkShift(_) | Item::ControlShift(_) => {
                no("No framework that is known here has it any more, so there is nothing to open.")
            }
            Item::Session(info) => {
                let problem = info.problem.as_ref()?;
                Some(format!("{} cannot be opened: {problem}", info.title))
            }
            Item::Exception(_) => {
                no("The last run has no finding that it covers, so there is nothing to open.")
            }
            Item::Runner(_) | Item::Right { .. } | Item::Bound(_) | Item::Foreign(_) => {
                no("It is not among the objects that were read.")
            }
            Item::NotKnown(missing) => {
                let key = self.keymap.told(Action::Coverage);
                Some(format!("{}; coverage ({key}) says what to allow.", missing.reason))
            }
            Item::Arriving(..) => no("It is not read yet: the list is under way."),
            Item::Read(read) => Some(said_of(read)),
            Item::Problem(_) if self.place_to_mend(&row.item).is_none() => {
                no("It stands in no file that could be opened.")
            }
            Item::Message(..) => no("All of the message stands beside the list, or over it."),
            Item::Problem(_)
            | Item::Group { .. }
            | Item::Part { .. }
            | Item::Cause(_)
            | Item::NewSession
            | Item::Demo
            | Item::Cluster(_)
            | Item::Context(_)
            | Item::Foreseen(_) => None,
            _ => no("There is nothing to open here."),
        }
    }

    /// From the text of an object to where its findings stand, if that is at another one.
    fn open_kept(&mut self) -> Vec<Effect> {
        let first = self.nav.top().list.rows().first().map(|row| &row.item);
        if let Some(Item::Kept { owner, .. }) = first {
            let screen = Screen::Findings(Subset::Owner(Some(owner.clone())));
            self.nav.open(screen);
        }
        Vec::new()
    }

    /// Opens one of several clusters over them, so that Esc leads back to its row.
    fn open_cluster(&mut self, name: &str) -> Vec<Effect> {
        self.nav.open(Screen::Overview);
        if self.source.name == name {
            return Vec::new();
        }
        vec![Effect::Connect(SourceChoice::Context(name.to_owned()))]
    }

    /// Opens a context; among clusters side by side it becomes one of them.
    fn open_context(&mut self, name: &str) -> Vec<Effect> {
        if matches!(self.nav.top().screen, Screen::Fleet(_)) {
            let chosen = self.chosen_contexts();
            return self.begin_fleet(chosen);
        }
        vec![Effect::Connect(SourceChoice::Context(name.to_owned()))]
    }

    /// The screen that a row leads to.
    pub(super) fn screen_of(&self, row: &Row) -> Option<Screen> {
        Some(match &row.item {
            Item::Framework(id) => Screen::Framework(Arc::clone(id)),
            Item::Control { framework, id, .. } => {
                Screen::Control { framework: Arc::clone(framework), id: Arc::clone(id) }
            }
            Item::ControlRef(control) | Item::Question(control) => Screen::Control {
                framework: Arc::clone(&control.framework),
                id: Arc::clone(&control.control),
            },
            Item::Technique(cell) => {
                let (framework, id) = (Arc::clone(&cell.framework), Arc::clone(&cell.id));
                Screen::Control { framework, id }
            }
            Item::Heat(row) => self.screen_of_heat(row),
            Item::Tenant(card) => Screen::Tenant(card.profile.as_str().into()),
            Item::TenantScore(card, at) => Screen::Findings(Subset::Tenant {
                name: card.profile.as_str().into(),
                namespaces: Arc::new(card.namespaces.iter().cloned().collect()),
                framework: card.frameworks.get(*at).map(|score| score.id.as_str().into()),
            }),
            Item::Difference(differs) => Screen::Check(Arc::clone(&differs.check)),
            Item::Check { id, .. } => Screen::Check(Arc::clone(id)),
            Item::Exception(exception) => covered(exception, row.item.id()),
            Item::Disagreement(differs) => self.screen_of_difference(differs)?,
            Item::Finding(finding) => Screen::Finding(finding.fingerprint.as_str().into()),
            Item::Compared(_) | Item::FrameworkShift(_) | Item::ControlShift(_) => {
                self.screen_of_compared(&row.item)?
            }
            Item::Foreseen(foreseen) => {
                let print = foreseen.finding.fingerprint.as_str();
                self.data.finding(print)?;
                Screen::Finding(print.into())
            }
            Item::ControlMove(moved) => Screen::Control {
                framework: Arc::clone(&moved.framework),
                id: Arc::clone(&moved.control),
            },
            Item::Kind(kind, _) => Screen::Objects(kind.clone()),
            Item::Object(object) => Screen::Object(object.id.clone()),
            Item::Kept { owner, .. } => Screen::Findings(Subset::Owner(Some(owner.clone()))),
            Item::Namespace(name) => Screen::Findings(Subset::Namespace(Arc::clone(name))),
            Item::Theme(name) => Screen::Findings(Subset::Theme(Arc::clone(name))),
            Item::Mend(mend) => Screen::Findings(Subset::Owner(mend.owner.clone())),
            Item::Gap(gap) => Screen::Gap(gap.missing.reason.as_str().into()),
            Item::Read(read) => {
                let plural = read.resource.rsplit('/').next().unwrap_or_default();
                let all = self.data.index.gaps.iter();
                let mut gaps = all.flat_map(|gap| std::iter::once(gap).chain(&gap.each));
                let gap = gaps.find(|gap| {
                    // Files are called by their whole path.
                    let named =
                        [plural, read.resource.as_str()].contains(&gap.missing.read.as_str());
                    named && gap.missing.namespace == read.namespace
                })?;
                Screen::Gap(gap.missing.reason.as_str().into())
            }
            other => return related::screen_of(other, &self.data),
        })
    }

    /// What a row of a comparison is about, if it is still known here.
    fn screen_of_compared(&self, item: &Item) -> Option<Screen> {
        Some(match item {
            Item::Compared(compared) => {
                let print = compared.entry().fingerprint.as_str();
                self.data.finding(print)?;
                Screen::Finding(print.into())
            }
            Item::FrameworkShift(shift) => {
                self.data.framework(shift.id())?;
                Screen::Framework(shift.id().into())
            }
            Item::ControlShift(shift) => {
                self.data.control(shift.id(), shift.number())?;
                Screen::Control { framework: shift.id().into(), id: shift.number().into() }
            }
            _ => return None,
        })
    }

    /// The findings of the cell under the cursor: of a namespace, in a framework or in all.
    fn screen_of_heat(&self, row: &HeatRow) -> Screen {
        let namespace = Arc::clone(&row.namespace);
        let column = self.nav.top().grid.column.checked_sub(1);
        let judged = column.and_then(|at| self.data.judged.get(at));
        let framework = judged.map(|judged| judged.id.as_str().into());
        Screen::Findings(Subset::Home { namespace, framework })
    }

    /// The control, or the finding that the other tool does not see, or the check.
    fn screen_of_difference(&self, differs: &Disagreement) -> Option<Screen> {
        if let (Some(framework), Some(id)) = (&differs.framework, &differs.control) {
            let (framework, id) = (framework.as_str().into(), id.as_str().into());
            return Some(Screen::Control { framework, id });
        }
        let check = differs.check.as_deref()?;
        let object = differs.object.as_ref();
        let mut found = object.into_iter().flat_map(|object| self.data.of_object(object));
        Some(match found.find(|finding| *finding.check == *check) {
            Some(finding) => Screen::Finding(finding.fingerprint.as_str().into()),
            None => Screen::Check(check.into()),
        })
    }
}

/// An exception, and under it the findings that it covers.
fn covered(exception: &Exception, id: u64) -> Screen {
    let prints = exception.covers.iter().map(|finding| finding.fingerprint.clone()).collect();
    let label = exception.entry.label.as_str().into();
    Screen::Findings(Subset::Covered { id, label, prints: Arc::new(prints) })
}

/// What a read says, which narrow screens have no room for.
fn said_of(read: &Read) -> String {
    let nothing = || "Nothing that was asked for is missing because of this read.".to_owned();
    read.message.as_ref().map_or_else(nothing, |message| format!("{}: {message}", read.resource))
}
