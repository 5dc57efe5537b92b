//! Rows of several clusters side by side, page by page.

use std::sync::Arc;

use super::{broken, sentence};
use crate::app::fleet::{FleetCounts, FleetPage};
use crate::app::item::{Item, Section};
use crate::app::list::Row;
use crate::app::state::State;
use crate::frameworks::fleet::twins_in_words;
use crate::text::counted;

impl State {
    /// The rows of a page.
    pub(super) fn fleet_rows(&self, page: FleetPage) -> Vec<Row> {
        let say = |text: &str| Row::new(Item::Text(text.into()));
        if page == FleetPage::Choose || self.fleet.clusters.is_empty() {
            return self.contexts_to_choose();
        }
        match page {
            FleetPage::Differs => self.difference_rows(),
            _ => {
                self.fleet.clusters.iter().map(|c| Row::new(Item::Cluster(Arc::clone(c)))).collect()
            }
        }
        .into_iter()
        .chain(
            (page == FleetPage::Scores && self.fleet.families.is_empty())
                .then(|| say("No cluster was judged yet: its frameworks stand here then.")),
        )
        .collect()
    }

    fn contexts_to_choose(&self) -> Vec<Row> {
        let say = |text: &str| Row::new(Item::Text(text.into()));
        let mut rows = Vec::new();
        if !self.contexts.is_empty() {
            rows.push(say("Clusters that are marked are read side by side."));
        }
        rows.push(Row::new(Item::Heading(Section::Contexts)));
        rows.extend(self.contexts.iter().map(|c| Row::new(Item::Context(Arc::clone(c)))));
        if self.contexts.is_empty() {
            match &self.no_contexts {
                None => rows.push(say("The kubeconfig has no context.")),
                Some(error) => {
                    let lines = [&error.what, &error.why, &error.next];
                    rows.extend(lines.into_iter().flat_map(|line| broken(&sentence(line))));
                }
            }
        }
        rows
    }

    fn difference_rows(&self) -> Vec<Row> {
        let say = |text: &str| Row::new(Item::Text(text.into()));
        let FleetCounts { judged, all, .. } = self.fleet.counts();
        if judged < 2 {
            let text = format!("It takes two clusters to compare: {judged} of {all} were judged.");
            return vec![say(&text)];
        }
        let mut rows = Vec::new();
        if judged < all {
            rows.push(say(&format!(
                "Of {}; {} not known.",
                counted(judged, "cluster"),
                match all - judged {
                    1 => "1 is".to_owned(),
                    unknown => format!("{unknown} are"),
                }
            )));
        }
        let twins = self.fleet.twins.iter();
        rows.extend(twins.map(|(one, other)| say(&twins_in_words((one, other)))));
        for (certain, section) in [(true, Section::Differs), (false, Section::MayDiffer)] {
            let these = self.fleet.differences.iter().filter(|d| d.certain == certain);
            let found: Vec<Row> =
                these.map(|d| Row::new(Item::Difference(Arc::clone(d)))).collect();
            if found.is_empty() && !certain {
                continue;
            }
            rows.push(Row::new(Item::Heading(section)));
            if found.is_empty() {
                rows.push(say("No check is known to fail in some of them and not in others."));
            }
            rows.extend(found);
        }
        rows
    }
}
