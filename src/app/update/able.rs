//! Why an action cannot be done now: whoever asks for it is told, the footer leaves it out, and help and
//! palette say so beside it.

use crate::app::access::AccessPage;
use crate::app::action::Action;
use crate::app::columns::sortable;
use crate::app::item::Item;
use crate::app::keymap::KeyMode;
use crate::app::list::Row;
use crate::app::route::{Route, Screen, View};
use crate::app::state::State;

const NO_FINDING: &str = "There is no finding under the cursor.";

impl State {
    /// Why an action cannot be done now; none when it can.
    #[must_use]
    pub fn unavailable(&self, action: Action) -> Option<String> {
        let no = |text: &str| Some(text.to_owned());
        let route = self.nav.top();
        // The list of sessions is read again.
        let view = self.nav.view();
        let here = View::of(action) == Some(view) && self.nav.depth() == 0;
        if here && view != View::Sessions {
            return Some(format!("You are on {} already.", view.title()));
        }
        match action {
            Action::Decide
            | Action::Accept
            | Action::FalsePositive
            | Action::InProgress
            | Action::Reopen => self.cannot_save().or_else(|| self.no_finding()),
            Action::Note => self
                .cannot_save()
                .or_else(|| self.each_chosen().next().is_none().then(|| self.nothing_to_decide())),
            Action::Answer => self.cannot_save().or_else(|| self.no_question()),
            Action::Undo if route.list.can_unmark() => None,
            Action::Redo if route.list.can_mark_again() => None,
            Action::Undo | Action::Redo => self.cannot_save().or_else(|| self.no_turn(action)),
            Action::Import => self.cannot_save(),
            Action::Cancel | Action::Refresh if matches!(route.screen, Screen::Fleet(_)) => {
                self.no_cluster(action)
            }
            Action::Cancel => self.no_run(),
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
            Action::WhoCan if self.data.inventory.is_empty() => no("Nothing is read yet."),
            _ => self.not_in_list(action),
        }
    }

    /// The same of what is done to a list and its rows.
    fn not_in_list(&self, action: Action) -> Option<String> {
        let no = |text: &str| Some(text.to_owned());
        let route = self.nav.top();
        match action {
            Action::Sort | Action::Reverse if sortable(&route.screen).is_empty() => {
                no("This list has one order only.")
            }
            Action::Sort | Action::Reverse if !route.list.shown().any(is_leaf) => {
                no("There is nothing to sort.")
            }
            Action::Group if !can_be_grouped(&route.screen) => {
                no("Only lists of findings, and of who may do what, can be grouped.")
            }
            Action::Group if nothing_to_group(route) => no("There is nothing to group."),
            Action::Role if self.role_here().is_none() => {
                let key = self.keymap.told(Action::Access);
                Some(format!("There is no right under the cursor: {key} lists who may do what."))
            }
            Action::Owner => match self.current_finding() {
                None => no(NO_FINDING),
                Some(finding) if finding.object.is_none() => {
                    no("This finding is about the cluster as a whole.")
                }
                Some(_) => None,
            },
            Action::Preview => self.no_preview(),
            Action::Open => self.cannot_open(),
            Action::Mark | Action::MarkAll | Action::MarkRange
                if route.mode() == KeyMode::Text || !route.list.shown().any(is_leaf) =>
            {
                no("There is nothing to mark.")
            }
            Action::ClearMarks if route.list.marked() == 0 => no("Nothing is marked."),
            Action::Copy if !self.can_copy() => no("There is nothing to copy here."),
            _ => self.not_on_screen(action),
        }
    }

    /// The same of what is done to a text or a screen, and of going elsewhere.
    fn not_on_screen(&self, action: Action) -> Option<String> {
        let no = |text: &str| Some(text.to_owned());
        let route = self.nav.top();
        match action {
            Action::SideUp | Action::SideDown if !route.side.is_longer() => {
                no("No pane here has more lines than are in sight.")
            }
            Action::NextPane if matches!(route.screen, Screen::Fleet(_)) && self.is_one_part() => {
                let [mark, open] = [Action::Mark, Action::Open].map(|act| self.keymap.told(act));
                Some(format!("No cluster is read yet: {mark} marks contexts, {open} reads them."))
            }
            Action::NextPane if self.is_one_part() => no("There is no other pane or part here."),
            Action::Editor | Action::Pager => self.cannot_view(action == Action::Editor),
            Action::Wrap if !route.has_text() => no("There is no text here."),
            Action::Wrap if !route.text.can_wrap() => {
                no("Every line of the text is in sight as a whole.")
            }
            Action::NextMatch | Action::PreviousMatch => self.no_match(route),
            Action::Fold if !(route.can_fold() || route.is_headed()) => {
                no("There is nothing to fold here.")
            }
            Action::Lens if !matches!(route.screen, Screen::Matrix(_)) => {
                let key = self.keymap.told(Action::Matrix);
                Some(format!("Only a matrix of attack techniques has mitigations: {key}."))
            }
            Action::Platform if !knows_platform(&route.screen) => {
                no("Nothing on this screen goes by whose it is: findings, access and coverage do.")
            }
            Action::Back => self.no_way_back(),
            Action::HistoryBack if !self.nav.can_go_back() => no("You were nowhere before."),
            Action::HistoryForward if !self.nav.can_go_forward() => {
                no("You went back from nowhere, so there is no way forward.")
            }
            Action::LastView if self.nav.last().is_none() => no("There was no other view yet."),
            Action::Next | Action::Previous if !matches!(route.screen, Screen::Finding(_)) => {
                no("No finding is open, so there is none before or after it.")
            }
            _ => None,
        }
    }

    /// Why there is no run to stop.
    fn no_run(&self) -> Option<String> {
        let text = match &self.run {
            None => "No run is under way.",
            Some(run) if run.stopping => "The run is stopping already.",
            Some(_) => return None,
        };
        Some(text.to_owned())
    }

    /// Why nothing of the session can be taken back, or done again.
    fn no_turn(&self, action: Action) -> Option<String> {
        let (left, text) = match action {
            Action::Undo => (self.session.back, "Nothing is left to take back."),
            _ => (self.session.again, "Nothing was taken back last."),
        };
        // What is on its way to the disk can be taken back once it is there.
        (!left && self.session.pending == 0).then(|| text.to_owned())
    }

    /// Why there is no other match to go to.
    fn no_match(&self, route: &Route) -> Option<String> {
        let search = route.text.search.as_ref().filter(|_| route.in_text());
        match search.map(|search| search.lines.len()) {
            None => {
                let key = self.keymap.told(Action::Filter);
                Some(format!("Nothing is searched for; in a text {key} begins a search."))
            }
            Some(0) => Some("Nothing of that is in this text.".to_owned()),
            Some(1) => Some("This is the only line with it.".to_owned()),
            Some(_) => None,
        }
    }

    /// Why there is nothing that one step back would undo.
    fn no_way_back(&self) -> Option<String> {
        let route = self.nav.top();
        let filtered = if route.in_text() {
            route.text.search.is_some()
        } else {
            !route.list.filter().is_empty()
        };
        let running = self.run.as_ref().is_some_and(|run| !run.stopping);
        let home = matches!(self.nav.view(), View::Overview | View::Start);
        let up = self.nav.depth() > 0 || !home;
        (!filtered && route.list.marked() == 0 && !up && !running).then(|| {
            let quit = self.keymap.told(Action::Quit);
            format!("There is nothing to go back to; {quit} leaves the program.")
        })
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
        elsewhere.or_else(|| self.chosen_nothing().then(|| self.nothing_to_decide()))
    }

    /// That there is no finding here, and what a row that stands for findings is for.
    fn nothing_to_decide(&self) -> String {
        let row = self.nav.top().list.current().map(|row| &row.item);
        if !matches!(row, Some(Item::Mend(_))) {
            return NO_FINDING.to_owned();
        }
        let [open, preview] =
            [Action::Open, Action::Preview].map(|action| self.keymap.told(action));
        format!(
            "Rows here are workloads: {open} lists the findings of one, which are decided about; {preview} \
             previews what its patch clears."
        )
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
    matches!(
        screen,
        Screen::Findings(_)
            | Screen::Comparison
            | Screen::Access(AccessPage::Subjects | AccessPage::Roles)
    )
}

/// Whether a list of findings has none.
fn nothing_to_group(route: &Route) -> bool {
    match route.screen {
        Screen::Findings(_) => route.list.matched() == 0,
        Screen::Comparison => {
            !route.list.rows().iter().any(|row| matches!(row.item, Item::Compared(_)))
        }
        _ => false,
    }
}

fn is_leaf(row: &Row) -> bool {
    row.item.is_leaf()
}

/// Whether a screen shows or counts what belongs to the platform itself.
fn knows_platform(screen: &Screen) -> bool {
    !matches!(
        screen,
        Screen::Start
            | Screen::Sessions
            | Screen::Messages
            | Screen::Fleet(_)
            | Screen::Network(_)
            | Screen::Matrix(_)
    )
}
