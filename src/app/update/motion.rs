//! Moving about: in lists and texts, between panes, screens and views.

use std::sync::Arc;

use super::related;
use crate::app::action::Action;
use crate::app::effect::{Effect, SourceChoice};
use crate::app::exceptions::Exception;
use crate::app::fleet::FleetPage;
use crate::app::grid;
use crate::app::heat::HeatRow;
use crate::app::input::Input;
use crate::app::item::Item;
use crate::app::list::Row;
use crate::app::pane::Pane;
use crate::app::route::{Screen, Subset, View};
use crate::app::state::State;
use crate::model::import::Disagreement;

impl State {
    /// Moves within the pane that has the keys.
    pub(super) fn move_by(&mut self, action: Action) {
        let families = self.fleet.families.len().saturating_sub(1);
        let columns =
            if self.nav.view() == View::Fleet { families } else { self.data.judged.len() };
        let route = self.nav.top_mut();
        if let Screen::Matrix(_) = route.screen {
            let place = grid::target(&route.list, action);
            let id = place.and_then(|place| route.list.row(place)).map(|row| row.id);
            if let Some(id) = id {
                route.list.go_to(id);
            }
        } else if matches!(route.screen, Screen::Heat | Screen::Fleet(FleetPage::Scores))
            && matches!(action, Action::Left | Action::Right)
        {
            let column = route.grid.column.min(columns);
            route.grid.column = match action {
                Action::Left => column.saturating_sub(1),
                _ => (column + 1).min(columns),
            };
        } else if route.in_text() {
            let page = isize::try_from(route.text.height.get().max(2) - 1).unwrap_or(1);
            let half = page.div_euclid(2).max(1);
            match action {
                Action::Up => route.text.scroll(-1),
                Action::Down => route.text.scroll(1),
                Action::PageUp => route.text.scroll(-page),
                Action::PageDown => route.text.scroll(page),
                Action::HalfUp => route.text.scroll(-half),
                Action::HalfDown => route.text.scroll(half),
                Action::Top => route.text.top = Some(0),
                Action::Bottom => route.text.scroll(isize::MAX),
                Action::Left => route.text.left = route.text.left.saturating_sub(8),
                _ => route.text.left = (route.text.left + 8).min(2_000),
            }
        } else if route.beside() {
            scroll(&mut route.side, action);
        } else {
            let list = &mut route.list;
            match action {
                Action::Up => list.step(-1),
                Action::Down => list.step(1),
                Action::PageUp => list.page(-1),
                Action::PageDown => list.page(1),
                Action::HalfUp => list.half_page(-1),
                Action::HalfDown => list.half_page(1),
                Action::Top => list.top(),
                Action::Bottom => list.bottom(),
                Action::Left => list.fold(Some(true), &self.data),
                _ => list.fold(Some(false), &self.data),
            }
        }
    }

    /// To the other pane, or to the next part of the screen.
    pub(super) fn next_pane(&mut self) {
        if let Screen::Matrix(id) = &self.nav.top().screen {
            return self.next_matrix(id.clone().as_deref());
        }
        if let Screen::Fleet(page) = self.nav.top().screen {
            return self.next_fleet_page(page);
        }
        let route = self.nav.top_mut();
        if route.has_panes() {
            route.pane = 1 - route.pane.min(1);
        } else {
            route.list.next_section();
        }
    }

    /// Scrolls what stands beside the list or the text, wherever the keys are.
    pub(super) fn scroll_side(&mut self, down: bool) -> Vec<Effect> {
        let pane = &mut self.nav.top_mut().side;
        let by = pane.half();
        match (pane.scroll(if down { by } else { -by }), down) {
            (true, _) => Vec::new(),
            (false, true) => self.hint("These are its last lines."),
            (false, false) => self.hint("These are its first lines."),
        }
    }

    /// The next matrix, round to the first; what its cells show stays the same.
    fn next_matrix(&mut self, id: Option<&str>) {
        let all = self.data.matrices();
        let here = self.data.matrix(id).map(|framework| framework.id.as_str());
        let at = all.iter().position(|f| Some(&*f.id) == here).unwrap_or(0);
        let next = all.get((at + 1) % all.len().max(1)).map(|f| Arc::<str>::from(&*f.id));
        if let Some(next) = next.filter(|_| all.len() > 1) {
            let lens = self.nav.top().grid.lens;
            self.nav.replace(Screen::Matrix(Some(next)));
            self.nav.top_mut().grid.lens = lens;
        }
    }

    pub(super) fn start_typing(&mut self) {
        let route = self.nav.top_mut();
        if matches!(route.screen, Screen::Finding(_)) {
            route.pane = 0;
        }
        let text = if route.in_text() {
            route.text.search.as_ref().map(|s| s.text.clone()).unwrap_or_default()
        } else {
            route.list.filter().text().to_owned()
        };
        route.typing = Some(Input::new(&text));
    }

    /// Undoes one thing: the filter, the marks, one level, the run. Dialogs and inputs come before
    /// and have their own Esc.
    pub(super) fn back(&mut self) -> Vec<Effect> {
        if self.clear_filter() || self.nav.top_mut().list.clear_marks() || self.nav.up() {
            return Vec::new();
        }
        self.cancel_run()
    }

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
            Item::Read(_) => no("Nothing that was asked for is missing because of this read."),
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

    /// Whether there is no other pane, part or page to go to.
    pub(super) fn is_one_part(&self) -> bool {
        let route = self.nav.top();
        match route.screen {
            Screen::Matrix(_) => self.data.matrices().len() < 2,
            Screen::Fleet(_) => self.fleet.clusters.is_empty(),
            _ => !route.has_panes() && !route.list.has_sections(),
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

    /// The finding before or after the open one; the list below follows.
    pub(super) fn neighbour(&mut self, by: isize) -> Vec<Effect> {
        let Screen::Finding(print) = &self.nav.top().screen else { return Vec::new() };
        if self.data.departed(print).is_some() {
            let back = self.keymap.told(Action::Back);
            return self
                .hint(format!("This finding is gone from the list; {back} leads back there."));
        }
        let all = self.neighbours();
        let at = all.iter().position(|f| *f.fingerprint == **print);
        let next = at.and_then(|at| all.get(at.checked_add_signed(by)?)).map(|f| Arc::clone(f));
        let Some(next) = next else {
            return self.hint(if by < 0 {
                "This is the first one."
            } else {
                "This is the last one."
            });
        };
        let pane = self.nav.top().pane;
        let (wrap, folded) = (self.nav.top().text.wrap, self.nav.top().text.folds.clone());
        self.nav.replace(Screen::Finding(next.fingerprint.as_str().into()));
        self.nav.top_mut().pane = pane;
        self.nav.top_mut().text.wrap = wrap;
        self.nav.top_mut().text.folds = folded;
        if let Some(below) = self.nav.below_mut() {
            below.list.go_to(Item::Finding(next).id());
        }
        Vec::new()
    }

    pub(super) fn switch(&mut self, view: View) -> Vec<Effect> {
        self.nav.switch(view);
        if view != View::Sessions {
            return Vec::new();
        }
        // Whoever asks for the sessions wants the list, and not the comparison that was left there.
        while self.nav.depth() > 0 && self.nav.up() {}
        self.linear.listing = true;
        vec![Effect::LoadSessions]
    }
}

/// Scrolls a pane that has the keys.
fn scroll(pane: &mut Pane, action: Action) {
    let by = match action {
        Action::Up => -1,
        Action::Down => 1,
        Action::PageUp => -pane.page(),
        Action::PageDown => pane.page(),
        Action::HalfUp => -pane.half(),
        Action::HalfDown => pane.half(),
        Action::Top => isize::MIN,
        Action::Bottom => isize::MAX,
        _ => 0,
    };
    pane.scroll(by);
}

/// An exception, and under it the findings that it covers.
fn covered(exception: &Exception, id: u64) -> Screen {
    let prints = exception.covers.iter().map(|finding| finding.fingerprint.clone()).collect();
    let label = exception.entry.label.as_str().into();
    Screen::Findings(Subset::Covered { id, label, prints: Arc::new(prints) })
}
