//! What each action does, and why it cannot be done now.

use crate::app::access::AccessPage;
use crate::app::action::Action;
use crate::app::columns::sortable;
use crate::app::dialog::{Help, Popup};
use crate::app::effect::{Effect, SourceChoice, With};
use crate::app::item::Item;
use crate::app::list::Sort;
use crate::app::route::{Screen, View};
use crate::app::state::State;
use crate::app::toast::Tone;
use crate::model::decision::{Decision, DecisionState};

const NO_FINDING: &str = "There is no finding under the cursor.";

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
        match action {
            Action::Overview => self.switch(View::Overview),
            Action::Objects => self.switch(View::Objects),
            Action::Frameworks => self.switch(View::Frameworks),
            Action::Findings => self.switch(View::Findings),
            Action::Checks => self.switch(View::Checks),
            Action::Matrix => self.switch(View::Matrix),
            Action::Heat => self.switch(View::Heat),
            Action::Tenants => self.switch(View::Tenants),
            Action::Fleet => self.switch(View::Fleet),
            Action::Lens => {
                let grid = &mut self.nav.top_mut().grid;
                grid.lens = grid.lens.other();
                Vec::new()
            }
            Action::Access => self.switch(View::Access),
            Action::Network => self.switch(View::Network),
            Action::Coverage => self.switch(View::Coverage),
            Action::Sessions => self.switch(View::Sessions),
            Action::Messages => self.switch(View::Messages),
            Action::Review => self.switch(View::Review),
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
                Vec::new()
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
            Action::Mark => route.list.toggle_mark(),
            Action::MarkRange => route.list.mark_range(),
            Action::MarkAll => route.list.mark_all(),
            Action::ClearMarks => {
                route.list.clear_marks();
            }
            Action::Fold if route.in_text() => route.text.fold(),
            Action::Fold => route.list.fold_all(&self.data),
            Action::Sort => {
                let columns = sortable(&route.screen).len();
                let next = route.list.sort().map_or(0, |sort| sort.column + 1);
                let sort = (next < columns).then_some(Sort { column: next, down: false });
                route.list.set_sort(sort, &self.data);
            }
            Action::Reverse => {
                let sort = route.list.sort().unwrap_or(Sort { column: 0, down: false });
                let sort = Sort { down: !sort.down, ..sort };
                route.list.set_sort(Some(sort), &self.data);
            }
            Action::Group if matches!(route.screen, Screen::Access(_)) => self.other_access_list(),
            Action::Group => {
                route.group = route.group.next();
                route.list.begin_anew();
                route.stamp = None;
            }
            Action::Platform => {
                self.data.platform = !self.data.platform;
                self.data.recount();
                let hidden = self.data.index.platform;
                let text = if self.data.platform {
                    "What is found on the platform itself is shown and counted in lists and in coverage."
                        .to_owned()
                } else {
                    format!("{hidden} findings on the platform itself are not shown, nor counted.")
                };
                self.messages.say(Tone::Hint, text, self.now);
            }
            _ => return self.act_on_source(action),
        }
        Vec::new()
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
        let key = self.keymap.keys(self.mode(), other).first().map(|key| format!("; {key} {word}"));
        self.hint(format!("{marked} marked{}.", key.unwrap_or_default()))
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
            self.messages.say(Tone::Done, text, self.now);
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
                With::Session(info.id.clone())
            }
            _ => With::PreviousRun,
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

    fn view_text(&mut self, editor: bool) -> Vec<Effect> {
        if editor && let Some(edit) = self.edit_file().or_else(|| self.edit_to_mend()) {
            return vec![edit];
        }
        let text = &self.nav.top().text;
        let line = text.mark.unwrap_or_else(|| {
            let first = text.first(text.height.get());
            text.row(first).map_or(first, |(line, _)| line)
        }) + 1;
        vec![Effect::View { text: text.yaml.text(), line, extension: "yaml", editor }]
    }

    /// Opens the file of the object that is open, at the line in question: it is there to be mended.
    fn edit_file(&self) -> Option<Effect> {
        let route = self.nav.top();
        let place = self.place_in_file(route).filter(|place| &*place.file != "-")?;
        let text = &route.text;
        // Somebody who scrolled looks at the first line in sight.
        let seen = text.top.map(|_| text.first(text.height.get()));
        let line = seen.and_then(|first| text.yaml.number(first));
        let line = line.or_else(|| place.line.map(|line| line as usize)).unwrap_or(1);
        Some(Effect::Edit { file: place.file, line })
    }

    /// Opens the file that the row under the cursor tells to mend, at the line in question.
    pub(super) fn edit_to_mend(&self) -> Option<Effect> {
        let row = self.nav.top().list.current()?;
        let place = self.place_to_mend(&row.item)?;
        let line = place.line.map_or(1, |line| line as usize);
        Some(Effect::Edit { file: place.file, line })
    }

    /// Saves a decision that needs no reason.
    pub(super) fn decide_now(&mut self, state: DecisionState) -> Vec<Effect> {
        let fingerprints = self.chosen_prints();
        let decision = Decision { state, ..Decision::default() };
        vec![Effect::Decide { fingerprints, decision }]
    }

    /// Why an action cannot be done now; none when it can.
    #[must_use]
    pub fn unavailable(&self, action: Action) -> Option<String> {
        let no = |text: &str| Some(text.to_owned());
        let route = self.nav.top();
        match action {
            Action::Decide
            | Action::Accept
            | Action::FalsePositive
            | Action::InProgress
            | Action::Reopen => self.cannot_save().or_else(|| self.no_finding()),
            Action::Note => self
                .cannot_save()
                .or_else(|| self.each_chosen().next().is_none().then(|| NO_FINDING.to_owned())),
            Action::Answer => self.cannot_save().or_else(|| self.no_question()),
            Action::Undo if route.list.can_unmark() => None,
            Action::Redo if route.list.can_mark_again() => None,
            Action::Undo | Action::Redo | Action::Import => self.cannot_save(),
            Action::Cancel | Action::Refresh if matches!(route.screen, Screen::Fleet(_)) => {
                self.no_cluster(action)
            }
            Action::Cancel if self.run.is_none() => no("No run is under way."),
            Action::Run if self.run.is_some() => no("A run is under way; x stops it."),
            Action::Run
                if self.data.inventory.is_empty() && self.data.inventory.reads.is_empty() =>
            {
                no("Nothing is read yet, so there is nothing to run checks on.")
            }
            Action::Freeze => self.cannot_freeze(),
            Action::Refresh if self.source.name.is_empty() => no("No source is chosen."),
            Action::Refresh => self.cannot_read_again(),
            Action::Compare if self.session.info.is_none() => {
                no("No session is open: a run begins one.")
            }
            Action::Report if self.data.result.is_none() => no("No checks have run yet."),
            Action::Sort | Action::Reverse if sortable(&route.screen).is_empty() => {
                no("This list has one order only.")
            }
            Action::Group if !can_be_grouped(&route.screen) => {
                no("Only lists of findings, and of who may do what, can be grouped.")
            }
            Action::Role if self.role_here().is_none() => no("There is no right under the cursor."),
            Action::WhoCan if self.data.inventory.is_empty() => no("Nothing is read yet."),
            Action::Owner if self.current_finding().and_then(|f| f.object.as_ref()).is_none() => {
                no("This finding is about the cluster as a whole.")
            }
            Action::Preview => self.no_preview(),
            Action::Open => self.cannot_open(),
            Action::NextPane if self.is_one_part() => no("There is no other pane or part here."),
            Action::Editor if self.edit_to_mend().is_some() => None,
            Action::Editor | Action::Pager if route.text.yaml.lines.is_empty() => {
                no("There is no text here.")
            }
            Action::Mark | Action::MarkAll | Action::MarkRange
                if !route.list.rows().iter().any(|r| r.item.is_leaf()) =>
            {
                no("There is nothing to mark.")
            }
            Action::Next | Action::Previous if !matches!(route.screen, Screen::Finding(_)) => {
                no("This is no finding of a list.")
            }
            Action::Copy if !self.can_copy() => no("There is nothing to copy here."),
            _ => None,
        }
    }

    /// Why no cluster of several can be read again or stopped.
    fn no_cluster(&self, action: Action) -> Option<String> {
        let row = self.nav.top().list.current().map(|row| &row.item);
        let text = match action {
            Action::Cancel if self.run.is_none() && !self.fleet.is_busy() => {
                "Nothing is under way."
            }
            Action::Refresh if !matches!(row, Some(Item::Cluster(_))) => {
                "No cluster is under the cursor."
            }
            _ => return None,
        };
        Some(text.to_owned())
    }

    /// Why there is nothing to decide about here: no finding, or an exception that stands elsewhere.
    fn no_finding(&self) -> Option<String> {
        let elsewhere = self.chosen_exceptions().iter().find_map(|e| e.elsewhere());
        elsewhere.or_else(|| self.chosen_nothing().then(|| NO_FINDING.to_owned()))
    }

    /// Whether an action has a meaning on this screen at all, whatever is under the cursor: the help
    /// leaves out what has none.
    #[must_use]
    pub fn may_ever(&self, action: Action) -> bool {
        let screen = &self.nav.top().screen;
        let without_questions = matches!(
            screen,
            Screen::Findings(_) | Screen::Object(_) | Screen::Check(_) | Screen::Comparison
        );
        !(action == Action::Answer && without_questions)
    }

    /// Why there is nothing to answer here.
    fn no_question(&self) -> Option<String> {
        let text = match self.nav.top().screen {
            Screen::Review => "No question is under the cursor: tab leads to the questions.",
            Screen::Framework(_) => {
                "This control asks nothing: only partial and manual ones are answered; 0 lists them."
            }
            _ => "No control with a question is chosen: 0 lists those that wait for an answer.",
        };
        self.chosen_questions().is_empty().then(|| text.to_owned())
    }

    fn cannot_save(&self) -> Option<String> {
        // Without a session the first thing to save begins one.
        let holder = self.session.holder.as_ref()?;
        Some(if self.session.barred {
            format!("Nothing can be saved: {holder}.")
        } else {
            format!("The session is open elsewhere ({holder}): nothing can be saved.")
        })
    }
}

/// Whether a list can be put together in other ways.
fn can_be_grouped(screen: &Screen) -> bool {
    matches!(screen, Screen::Findings(_) | Screen::Access(AccessPage::Subjects | AccessPage::Roles))
}
