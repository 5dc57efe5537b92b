//! Which rows a screen has.

mod controls;
mod fleet;
mod found;
mod objects;
mod overview;
mod review;

use std::sync::Arc;

use crate::text::width;

use super::access::AccessPage;
use super::action::Action;
use super::barren::Barren;
use super::item::{Item, Section};
use super::list::Row;
use super::route::{Route, Screen, Subset};
use super::state::{SourceStatus, State};
use super::{access, network};

use controls::{check_page, check_rows, control_page, control_rows, framework_rows};
use found::findings;
use objects::{kind_rows, object_rows};
use overview::overview_rows;
use review::{coverage_rows, gap_page, review_rows};

pub(super) use found::{grouped, label};

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
                ready.grouped(route.group, || grouped(&self.data, &Subset::All, route.group))
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
            Screen::Overview => overview_rows(data, &self.keymap, self.size, &self.not_yet()),
            Screen::Kinds => kind_rows(data),
            Screen::Objects(kind) => object_rows(data, kind),
            Screen::Object(id) => {
                data.kept_row(id).into_iter().chain(findings(data.of_object(id), 0)).collect()
            }
            Screen::Frameworks => self.of_here(framework_rows(data)),
            Screen::Framework(id) => self.of_here(control_rows(data, id)),
            Screen::Control { framework, id } => self.of_here(control_page(data, framework, id)),
            Screen::Findings(subset) => grouped(data, subset, route.group),
            Screen::Finding(_) => Vec::new(),
            Screen::Preview(asked) => self.preview_rows(asked),
            Screen::Checks => check_rows(data),
            Screen::Check(id) => check_page(data, id),
            Screen::Access(page) => {
                self.with_right_here(page, access::rows(data, &self.keymap, page))
            }
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
            Screen::Coverage => coverage_rows(data, &self.keymap, &self.not_yet()),
            Screen::Gap(reason) => gap_page(data, reason),
            Screen::Sessions => self.session_rows(),
            Screen::Comparison => self.comparison_rows(route.group),
            Screen::Messages => self.message_rows(),
            Screen::Review => {
                let of = self.whole_run().map(|words| broken(&format!("{words}.")));
                let mut rows = of.unwrap_or_default();
                rows.extend(review_rows(data, &self.not_yet()));
                rows
            }
        }
    }

    /// What screens say that are of the whole run, where one namespace of it is chosen.
    #[must_use]
    pub fn whole_run(&self) -> Option<String> {
        let (wider, here) = self.judged_wider().zip(self.data.namespace.as_ref())?;
        Some(format!("Of {wider}, not of {here} alone"))
    }

    /// Who is listed where a namespace is chosen: also whoever has a right in every one.
    fn with_right_here(&self, page: &AccessPage, mut rows: Vec<Row>) -> Vec<Row> {
        let here = self.data.namespace.as_ref().filter(|_| self.data.relations.access.is_some());
        let words = here.and_then(|here| match page {
            AccessPage::Subjects => {
                Some(format!("Who has a right in {here}, rights in every namespace included."))
            }
            AccessPage::Roles => {
                Some(format!("Roles of {here}, and those that are bound in it or everywhere."))
            }
            _ => None,
        });
        rows.splice(0..0, words.iter().flat_map(|words| broken(words)));
        rows
    }

    /// Rows that hold statuses, after a word on what these are about, where one namespace is chosen of
    /// those that were looked at.
    fn of_here(&self, mut rows: Vec<Row>) -> Vec<Row> {
        let narrowed = &self.data.narrowed;
        let Some((wider, here)) = self.judged_wider().zip(narrowed.namespace()) else {
            return rows;
        };
        if !rows.is_empty() {
            let words = if narrowed.is_awaited() {
                format!("Statuses of {wider}; what they are in {here} is being worked out…")
            } else {
                format!("Statuses in {here} alone; what is of the cluster is not assessed there.")
            };
            rows.splice(0..0, broken(&words));
        }
        rows
    }

    /// Why there are no results, before there are some.
    fn not_yet(&self) -> String {
        if matches!(self.source.status, SourceStatus::None) {
            return self.no_source().join(" ");
        }
        match self.data.barren().filter(|_| !self.source.loading).and_then(Barren::unread) {
            Some(unread) => format!("No checks ran: {unread}."),
            None => "No checks have run yet.".to_owned(),
        }
    }

    /// That there is nothing to look at, and the ways to something: a sentence each.
    #[must_use]
    pub fn no_source(&self) -> [String; 2] {
        let key = self.keymap.told(Action::Context);
        ["No cluster is chosen.".to_owned(), format!("{key} chooses one, :demo is built in.")]
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
                    rows.extend(lines.into_iter().flat_map(|line| broken(&sentence(line))));
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
        let [compare, report] = [Action::Compare, Action::Report].map(|act| self.keymap.told(act));
        rows.push(text(""));
        rows.extend(broken(
            "A session keeps runs, decisions, answers and notes; each is on disk when the screen says so.",
        ));
        rows.extend(broken(&format!(
            "{compare} compares the run that is shown with the last one of the session \
             under the cursor, in the session that is open with the run before. {report} writes a report, or \
             the whole session as a signed bundle that `plimsoll verify` checks anywhere."
        )));
        rows
    }

    fn message_rows(&self) -> Vec<Row> {
        let all = self.messages.all();
        let newest = self.messages.count();
        let numbered = all.iter().rev().zip((0..newest).rev()).filter(|(m, _)| !m.is_echo());
        numbered.map(|(m, number)| Row::new(Item::Message(number, Arc::clone(m)))).collect()
    }
}

/// A sentence in rows that a terminal of 80 columns shows whole.
pub(super) fn broken(sentence: &str) -> Vec<Row> {
    labelled("", sentence, 74)
}

/// What went wrong, as it begins where it stands by itself.
pub(crate) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A sentence after a label, in rows of so many cells; the rows after the first begin where it does.
pub(super) fn labelled(label: &str, sentence: &str, cells: usize) -> Vec<Row> {
    let indent = width(label);
    let room = cells.saturating_sub(indent).max(20);
    let mut lines: Vec<String> = Vec::new();
    for word in sentence.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line) + width(word) < room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    let row = |(at, line): (usize, &String)| {
        text(&if at == 0 { format!("{label}{line}") } else { format!("{:indent$}{line}", "") })
    };
    lines.iter().enumerate().map(row).collect()
}

fn text(text: &str) -> Row {
    Row::new(Item::Text(text.into()))
}
