//! What is chosen: the finding, the exceptions and the controls that an act would be about.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::attestation::ControlKey;
use crate::model::finding::{Finding, Form};

use super::exceptions::Exception;
use super::item::Item;
use super::list::Row;
use super::route::{GroupBy, Screen};
use super::state::State;

impl State {
    /// The finding that is open or under the cursor.
    #[must_use]
    pub fn current_finding(&self) -> Option<&Arc<Finding>> {
        let route = self.nav.top();
        if let Screen::Finding(print) = &route.screen {
            return self.data.open_finding(print);
        }
        match &route.list.current()?.item {
            Item::Finding(finding) => Some(finding),
            Item::Mend(mend) => Some(&mend.worst),
            Item::Compared(compared) => self.data.finding(&compared.entry().fingerprint),
            Item::Foreseen(foreseen) => self.data.finding(&foreseen.finding.fingerprint),
            _ => None,
        }
    }

    /// The findings that a decision would be about: the open one, the marked ones, those of the
    /// group under the cursor, or the one under the cursor.
    #[must_use]
    pub fn chosen_findings(&self) -> Vec<Arc<Finding>> {
        let all = self.each_chosen();
        if self.nav.top().group != GroupBy::Framework {
            return all.collect();
        }
        // One that stands under several frameworks may be chosen under each.
        let mut seen = BTreeSet::new();
        all.filter(|finding| seen.insert(finding.fingerprint.clone())).collect()
    }

    /// The same one by one: at every frame the footer asks whether there is any, and all may be marked.
    pub fn each_chosen(&self) -> Box<dyn Iterator<Item = Arc<Finding>> + '_> {
        let route = self.nav.top();
        if let Screen::Finding(print) = &route.screen {
            let open = self.data.open_finding(print).filter(|f| f.form != Form::Evidence);
            return Box::new(open.cloned().into_iter());
        }
        let finding = |row: &Row| match &row.item {
            Item::Finding(finding) if finding.form != Form::Evidence => Some(Arc::clone(finding)),
            Item::Compared(compared) => self.data.finding(&compared.entry().fingerprint).cloned(),
            Item::Foreseen(foreseen) => self.data.finding(&foreseen.finding.fingerprint).cloned(),
            // Many that were decided together are no finding to note anything on.
            Item::Exception(exception) if exception.entry.decided.len() == 1 => {
                exception.covers.first().cloned()
            }
            _ => None,
        };
        let mut chosen = route.list.chosen();
        match (chosen.next(), chosen.next()) {
            (Some(row), None)
                if matches!(row.item, Item::Group { .. } | Item::Cause(_) | Item::Check { .. }) =>
            {
                // A filter leaves some of a group: what it hides is not decided about unseen. Without one
                // the rows of a folded group are not shown, and yet all are meant.
                let list = &route.list;
                let rows: Box<dyn Iterator<Item = &Row>> = if list.filter().is_empty() {
                    Box::new(list.rows().iter())
                } else {
                    Box::new(list.shown())
                };
                let after = rows.skip_while(|r| r.id != row.id).skip(1);
                Box::new(after.take_while(|r| r.depth > row.depth).filter_map(finding))
            }
            (first, second) => {
                Box::new(first.into_iter().chain(second).chain(chosen).filter_map(finding))
            }
        }
    }

    /// The exceptions that a decision would be about: the marked ones, or the one under the cursor.
    #[must_use]
    pub fn chosen_exceptions(&self) -> Vec<Arc<Exception>> {
        let exception = |row: &Row| match &row.item {
            Item::Exception(exception) => Some(Arc::clone(exception)),
            _ => None,
        };
        let route = self.nav.top();
        // No other list has any, and long ones need not be gone through.
        let board = matches!(route.screen, Screen::Review);
        route.list.chosen().take_while(|_| board).filter_map(exception).collect()
    }

    /// Fingerprints of what a decision would be about: as [`Self::chosen_findings`], and what the
    /// session's chosen exceptions are about, though it be gone.
    #[must_use]
    pub fn chosen_prints(&self) -> Vec<String> {
        let exceptions = self.chosen_exceptions();
        if exceptions.is_empty() {
            let chosen = self.chosen_findings();
            return chosen.iter().map(|finding| finding.fingerprint.clone()).collect();
        }
        exceptions.iter().flat_map(|e| e.entry.decided.iter().cloned()).collect()
    }

    /// Whether [`Self::chosen_prints`] has nothing: the footer asks at every frame.
    #[must_use]
    pub fn chosen_nothing(&self) -> bool {
        let exceptions = self.chosen_exceptions();
        if exceptions.is_empty() {
            return self.each_chosen().next().is_none();
        }
        exceptions.iter().all(|e| e.entry.decided.is_empty())
    }

    /// The controls that an answer would be about: the open one, the marked ones, those of the
    /// group under the cursor, or the one under the cursor. Those without a question are left out.
    #[must_use]
    pub fn chosen_questions(&self) -> Vec<ControlKey> {
        let route = self.nav.top();
        let open = match &route.screen {
            Screen::Control { framework, id } => Some((framework, id)),
            _ => None,
        };
        let rows = route.list.chosen();
        let of_row = |row: &Row| match &row.item {
            Item::Control { framework, id, .. } => Some((Arc::clone(framework), Arc::clone(id))),
            Item::Question(c) | Item::ControlRef(c) => {
                Some((Arc::clone(&c.framework), Arc::clone(&c.control)))
            }
            _ => None,
        };
        let chosen: Vec<(Arc<str>, Arc<str>)> = match open {
            Some((framework, id)) => vec![(Arc::clone(framework), Arc::clone(id))],
            None => rows.filter_map(of_row).collect(),
        };
        let asks = |(framework, id): &(Arc<str>, Arc<str>)| {
            let control = self.data.control(framework, id)?.0;
            let asks = control.asks() && !control.question.is_empty();
            asks.then(|| (framework.to_string(), id.to_string()))
        };
        chosen.iter().filter_map(asks).collect()
    }
}
