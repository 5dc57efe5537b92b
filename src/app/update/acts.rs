//! What each action does.

use crate::app::action::Action;
use crate::app::columns::sortable;
use crate::app::dialog::{Help, Popup};
use crate::app::effect::{CompareWith, Effect, SourceChoice};
use crate::app::item::{Item, Section};
use crate::app::list::{ListOrder, Row};
use crate::app::route::{GroupBy, Screen, View};
use crate::app::state::State;
use crate::app::toast::ToastTone;
use crate::model::decision::{Decision, DecisionState};
use crate::text::counted;

impl State {
    /// Does what an action stands for, or says why it cannot.
    pub(super) fn act(&mut self, action: Action) -> Vec<Effect> {
        if let Some(reason) = self.unavailable(action) {
            return self.hint(reason);
        }
        match action {
            Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::HalfUp
            | Action::HalfDown
            | Action::Top
            | Action::Bottom
            | Action::Left
            | Action::Right => {
                self.move_by(action);
                Vec::new()
            }
            Action::Open => self.open(),
            Action::Back => self.back(),
            Action::NextPane => {
                self.next_pane();
                Vec::new()
            }
            Action::SideUp | Action::SideDown => self.scroll_side(action == Action::SideDown),
            Action::Filter => {
                self.start_typing();
                Vec::new()
            }
            Action::Previous => self.neighbour(-1),
            Action::Next => self.neighbour(1),
            Action::Quit => self.quit(),
            _ => self.act_on_view(action),
        }
    }

    fn act_on_view(&mut self, action: Action) -> Vec<Effect> {
        if let Some(view) = View::of(action) {
            return self.switch(view);
        }
        match action {
            Action::Lens => {
                let grid = &mut self.nav.top_mut().grid;
                grid.lens = grid.lens.other();
                Vec::new()
            }
            Action::HistoryBack => {
                self.nav.history_back();
                Vec::new()
            }
            Action::LastView => match self.nav.last() {
                Some(view) => self.switch(view),
                None => self.hint("There was no other view yet."),
            },
            Action::HistoryForward => {
                self.nav.history_forward();
                Vec::new()
            }
            Action::Owner => self.open_object(),
            Action::Preview => self.open_preview(),
            Action::Wrap => {
                let text = &mut self.nav.top_mut().text;
                text.wrap = !text.wrap;
                text.left = 0;
                let said =
                    if text.wrap { "Long lines are wrapped." } else { "Long lines are cut." };
                self.hint(said)
            }
            Action::NextMatch => {
                self.nav.top_mut().text.show_match(1);
                Vec::new()
            }
            Action::PreviousMatch => {
                self.nav.top_mut().text.show_match(-1);
                Vec::new()
            }
            Action::Editor | Action::Pager => self.view_text(action == Action::Editor),
            _ => self.act_on_list(action),
        }
    }

    fn act_on_list(&mut self, action: Action) -> Vec<Effect> {
        let route = self.nav.top_mut();
        match action {
            Action::Mark => {
                if !route.list.toggle_mark() {
                    return self.hint("A group is not marked: the rows in it are.");
                }
            }
            Action::MarkRange if !route.list.mark_range() => {
                return self.hint("All rows from the last mark to here are marked.");
            }
            Action::MarkAll if !route.list.mark_all() => {
                let clear = self.keymap.told(Action::ClearMarks);
                return self.hint(format!("All rows are marked; {clear} takes the marks away."));
            }
            Action::MarkRange | Action::MarkAll => {}
            Action::ClearMarks => {
                route.list.clear_marks();
            }
            Action::Fold if route.in_text() => route.text.fold(),
            Action::Fold if route.can_fold() => route.list.fold_all(&self.data),
            Action::Fold => {
                route.roomy = !route.roomy;
                let what = if route.roomy { "what the page says of itself" } else { "the list" };
                return self.hint(format!("More room for {what}."));
            }
            Action::Sort => {
                let columns = sortable(&route.screen).len();
                let next = route.list.sort().map_or(0, |sort| sort.column + 1);
                let sort = (next < columns).then_some(ListOrder { column: next, down: false });
                route.list.set_sort(sort, &self.data);
                return self.tell_order();
            }
            Action::Reverse => {
                let sort = route.list.sort().unwrap_or(ListOrder { column: 0, down: false });
                let sort = ListOrder { down: !sort.down, ..sort };
                route.list.set_sort(Some(sort), &self.data);
                return self.tell_order();
            }
            Action::Group if matches!(route.screen, Screen::Access(_)) => self.other_access_list(),
            Action::Group if route.screen == Screen::Comparison => return self.group_compared(),
            Action::Group => {
                route.group = route.group.next();
                route.list.begin_anew();
                route.stamp = None;
                let by = route.group.word();
                let text = if route.group == GroupBy::Nothing {
                    "Not grouped any more.".to_owned()
                } else {
                    format!("Grouped by {by}.")
                };
                return self.hint(text);
            }
            Action::Platform => self.turn_platform(),
            _ => return self.act_on_source(action),
        }
        Vec::new()
    }

    /// Groups the findings of a comparison in the next way. What is not grouped by what became of it begins
    /// folded: its heads count.
    fn group_compared(&mut self) -> Vec<Effect> {
        let by = self.nav.top().group.next_in_comparison();
        let rows = self.comparison_rows(by);
        let findings =
            rows.iter().skip_while(|row| !matches!(row.item, Item::Heading(Section::Compared)));
        let heads: Vec<&Row> = findings.filter(|row| row.item.is_group()).collect();
        let route = self.nav.top_mut();
        route.group = by;
        route.stamp = None;
        let counting =
            heads.iter().filter(|row| matches!(row.item, Item::Group { changes: Some(_), .. }));
        counting.for_each(|row| route.list.shut(row.id));
        self.sync();
        if let Some(first) = heads.first() {
            self.nav.top_mut().list.go_to(first.id);
        }
        let by = if by == GroupBy::Nothing { "change" } else { by.word() };
        self.hint(format!("Grouped by {by}."))
    }

    /// Shows what belongs to the platform itself, or hides it, and says which.
    fn turn_platform(&mut self) {
        self.data.platform = !self.data.platform;
        self.data.recount();
        let hidden = self.data.index.platform;
        let text = if self.data.platform {
            "What is found on the platform itself is shown and counted in lists and in coverage."
                .to_owned()
        } else {
            let verb = if hidden == 1 { "is" } else { "are" };
            let what = counted(hidden, "finding");
            format!("{what} on the platform itself {verb} not shown, nor counted.")
        };
        self.messages.say(ToastTone::Hint, text, self.now);
    }

    /// Says what the list is sorted by: its column may not be in sight.
    fn tell_order(&mut self) -> Vec<Effect> {
        let route = self.nav.top();
        let sort = route.list.sort();
        let by = sort.and_then(|sort| Some((sortable(&route.screen).get(sort.column)?, sort.down)));
        let text = match by {
            None => "In the list's own order again.".to_owned(),
            Some((column, false)) => format!("Sorted by {column}."),
            Some((column, true)) => format!("Sorted by {column}, the other way round."),
        };
        self.hint(text)
    }

    /// Takes back what was done last: a change of marks in this list, or else a decision.
    fn undo(&mut self, again: bool) -> Vec<Effect> {
        let list = &mut self.nav.top_mut().list;
        let (changed, other, word) = if again {
            (list.mark_again(), Action::Undo, "takes them back")
        } else {
            (list.unmark(), Action::Redo, "marks as before")
        };
        if !changed {
            return vec![if again { Effect::Redo } else { Effect::Undo }];
        }
        let marked = list.marked();
        let key = self.keymap.told(other);
        self.hint(format!("{marked} marked; {key} {word}."))
    }

    fn act_on_source(&mut self, action: Action) -> Vec<Effect> {
        let fleet = matches!(self.nav.top().screen, Screen::Fleet(_));
        match action {
            Action::Refresh if fleet => self.read_clusters_again(),
            Action::Cancel if fleet && self.fleet.is_busy() => self.stop_clusters(),
            Action::Refresh => vec![Effect::Refresh],
            Action::Cancel => self.cancel_run(),
            Action::Freeze => {
                self.freeze();
                Vec::new()
            }
            Action::Compare => self.compare(),
            Action::Undo | Action::Redo => self.undo(action == Action::Redo),
            Action::Demo => vec![Effect::Connect(SourceChoice::Demo)],
            Action::NewSession => self.begin_session(),
            Action::Reload => vec![Effect::Reload],
            Action::Redraw => vec![Effect::Redraw],
            Action::Mouse => {
                self.look.mouse = !self.look.mouse;
                vec![Effect::Mouse(self.look.mouse)]
            }
            Action::InProgress => self.decide_now(DecisionState::InProgress),
            Action::Reopen => self.decide_now(DecisionState::Open),
            Action::Accept => self.ask_decision(DecisionState::Accepted),
            Action::FalsePositive => self.ask_decision(DecisionState::FalsePositive),
            Action::Note => self.ask_note(),
            Action::Import => self.ask_import(),
            Action::WhoCan => self.ask_who_can(),
            Action::Role => self.open_role(),
            Action::Help => {
                self.popups.push(Popup::Help(Help::default()));
                Vec::new()
            }
            other => self.open_menu(other),
        }
    }

    /// Begins a new session, and says what becomes of the one before.
    pub(super) fn begin_session(&mut self) -> Vec<Effect> {
        if self.session.info.is_some() {
            let text = "A new session begins: decisions go there from now on. The one before is kept \
                        (9 lists it).";
            self.messages.say(ToastTone::Done, text, self.now);
        }
        vec![Effect::NewSession]
    }

    pub(super) fn cancel_run(&mut self) -> Vec<Effect> {
        match &mut self.run {
            Some(run) if !run.stopping => {
                run.stopping = true;
                vec![Effect::CancelRun]
            }
            _ => Vec::new(),
        }
    }

    /// Compares the session's last run with that of the session under the cursor, or with the run
    /// before it.
    fn compare(&mut self) -> Vec<Effect> {
        let own = self.session.info.as_ref().map(|info| info.id.clone());
        let with = match self.nav.top().list.current().map(|row| &row.item) {
            Some(Item::Session(info)) if Some(&info.id) != own.as_ref() => {
                if let Some(problem) = &info.problem {
                    let text = format!("{} cannot be opened: {problem}", info.title);
                    return self.hint(text);
                }
                CompareWith::Session(info.id.clone())
            }
            _ => CompareWith::PreviousRun,
        };
        vec![Effect::Compare(with)]
    }

    fn open_object(&mut self) -> Vec<Effect> {
        let object = self.current_finding().and_then(|f| f.object.clone());
        if let Some(id) = object {
            self.nav.open(Screen::Object(id));
        }
        Vec::new()
    }

    /// Saves a decision that needs no reason.
    pub(super) fn decide_now(&mut self, state: DecisionState) -> Vec<Effect> {
        let fingerprints = self.chosen_prints();
        let decision = Decision { state, ..Decision::default() };
        vec![Effect::Decide { fingerprints, decision }]
    }
}
