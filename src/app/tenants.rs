//! Tenants: the scorecards as they were worked out last, and when they have to be worked out again.

use std::sync::Arc;

use crate::frameworks::tenant::Scorecard;
use crate::model::finding::Finding;
use crate::text::noun;

use super::data::Data;
use super::event::UserError;
use super::item::{Item, Section};
use super::list::Row;
use super::rows::broken;

/// What is known of the tenants.
#[derive(Clone, Debug, Default)]
pub struct TenantsState {
    /// Grows with every judgement: what was worked out before one is out of date.
    pub judgement: u64,
    /// The judgement that they were asked for last.
    asked: Option<u64>,
    /// One for each profile, or why there are none; nothing while they are worked out first.
    cards: Option<Result<Vec<Arc<Scorecard>>, UserError>>,
}

impl TenantsState {
    /// The number to ask for them with; none when what was asked for is still the newest.
    pub(super) fn ask(&mut self) -> Option<u64> {
        let now = self.judgement;
        (self.asked.replace(now) != Some(now)).then_some(now)
    }

    /// Takes an answer in, unless it is of something older.
    pub(super) fn take(&mut self, asked: u64, cards: Result<Vec<Scorecard>, UserError>) {
        if self.asked == Some(asked) {
            self.cards = Some(cards.map(|all| all.into_iter().map(Arc::new).collect()));
        }
    }

    /// They are being worked out, and nothing is known of them yet.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        self.asked.is_some() && self.cards.is_none()
    }

    /// The scorecard of a profile.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<&Arc<Scorecard>> {
        let cards = self.cards.as_ref()?.as_ref().ok()?;
        cards.iter().find(|card| card.profile == name)
    }
}

impl Data {
    /// A row for each tenant, or why there is none.
    pub(super) fn tenant_rows(&self) -> Vec<Row> {
        let say = |lines: &[&str]| -> Vec<Row> {
            lines.iter().map(|line| Row::new(Item::Text((*line).into()))).collect()
        };
        if self.judged.is_empty() {
            return Vec::new();
        }
        match &self.tenants.cards {
            None => say(&["Working out what each tenant comes to…"]),
            Some(Err(error)) => [&error.what, &error.why, &error.next]
                .into_iter()
                .flat_map(|line| broken(line))
                .collect(),
            Some(Ok(cards)) if cards.is_empty() => [
                "There is no profile of a tenant yet.",
                "A profile names a tenant's namespaces, its frameworks, and when it is met.",
                "`plimsoll config init` writes profiles/example.toml.sample beside config.toml.",
                "Copy it to a name of your own that ends in .toml, then :reload.",
            ]
            .into_iter()
            .flat_map(broken)
            .collect(),
            Some(Ok(cards)) => {
                cards.iter().map(|card| Row::new(Item::Tenant(Arc::clone(card)))).collect()
            }
        }
    }

    /// The open findings of a scorecard: those that it counts, and no others. One that the run on the
    /// screen does not have is found by the profile's own parameters alone.
    pub(super) fn tenant_findings(&self, card: &Scorecard) -> Vec<Row> {
        let say = |text: String| Row::new(Item::Text(text.into()));
        let known = |print: &str| self.index.by_print.contains_key(print);
        let (shown, apart): (Vec<_>, Vec<_>) =
            card.open.iter().partition(|finding| known(&finding.fingerprint));
        let row = |finding: &&Arc<Finding>| Row::new(Item::Finding(Arc::clone(finding)));
        let mut rows: Vec<Row> = shown.iter().map(row).collect();
        if !apart.is_empty() {
            let count = apart.len();
            let noun = noun(count, "finding");
            rows.push(say(format!(
                "{count} more {noun}, not shown here: a narrower namespace is chosen, or only the \
                 profile's parameters find them"
            )));
        }
        if rows.is_empty() {
            rows.push(say(
                "No open finding in its namespaces decides a control of its frameworks.".to_owned(),
            ));
        }
        rows
    }

    /// The frameworks of a tenant.
    pub(super) fn tenant_scores(&self, name: &str) -> Vec<Row> {
        let Some(card) = self.tenants.of(name) else {
            let text = "There is no such profile any more, or it is still being worked out.";
            return vec![Row::new(Item::Text(text.into()))];
        };
        let mut rows = vec![Row::new(Item::Heading(Section::TenantScores))];
        let all = 0..card.frameworks.len();
        rows.extend(all.map(|at| Row::new(Item::TenantScore(Arc::clone(card), at))));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_asked_for_once_for_each_judgement_and_old_answers_are_dropped() {
        let mut tenants = TenantsState { judgement: 1, ..TenantsState::default() };
        assert_eq!((tenants.ask(), tenants.ask()), (Some(1), None));
        tenants.judgement = 2;
        assert_eq!(tenants.ask(), Some(2));
        let card = |name: &str| Scorecard { profile: name.to_owned(), ..Scorecard::default() };
        tenants.take(1, Ok(vec![card("old")]));
        assert!(tenants.of("old").is_none());
        tenants.take(2, Ok(vec![card("new")]));
        assert_eq!(tenants.of("new").unwrap().profile, "new");
    }
}
