//! Several clusters side by side: which they are, how far each is, what it came to, and their rows.

use std::sync::Arc;

use crate::frameworks::fleet::{
    ClusterCard, Difference, FamilyRow, Known, cautions, differences, families,
};
use crate::text::counted;

use super::data::Data;
use super::effect::{Effect, FleetOrder};
use super::event::{ContextInfo, FleetEvent, FleetNews, UserError};
use super::item::{Item, Section};
use super::list::Row;
use super::route::{Screen, View};
use super::rows::{broken, sentence};
use super::state::State;
use super::toast::Tone;

/// A page of the clusters side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FleetPage {
    /// The clusters, and what each comes to.
    #[default]
    Clusters,
    /// Their frameworks: a row for each cluster, a column for each framework.
    Scores,
    /// Checks that fail in some of them only.
    Differs,
    /// The contexts of the kubeconfig, to choose from.
    Choose,
}

impl FleetPage {
    /// The next one, round to the first.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Clusters => Self::Scores,
            Self::Scores => Self::Differs,
            Self::Differs => Self::Choose,
            Self::Choose => Self::Clusters,
        }
    }

    /// Its name on the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Clusters => "clusters",
            Self::Scores => "frameworks",
            Self::Differs => "what differs",
            Self::Choose => "choose",
        }
    }

    /// Its title among the pages.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Clusters => "Clusters",
            Self::Scores => "Frameworks",
            Self::Differs => "What differs",
            Self::Choose => "Choose",
        }
    }
}

/// How far one of the clusters is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Others are read first.
    #[default]
    Waiting,
    /// A connection is being made.
    Connecting,
    /// Lists are under way.
    Reading {
        /// Lists that are done.
        done: usize,
        /// Lists planned so far.
        planned: usize,
    },
    /// Its checks run.
    Judging,
    /// It was judged.
    Judged,
    /// It could not be read.
    Failed(UserError),
    /// It was told to stop.
    Stopped,
}

impl Phase {
    /// Whether something is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !matches!(self, Self::Judged | Self::Failed(_) | Self::Stopped)
    }

    /// The word on the screen.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Connecting => "connecting",
            Self::Reading { .. } => "reading",
            Self::Judging => "assessing",
            Self::Judged => "judged",
            Self::Failed(_) => "not read",
            Self::Stopped => "stopped",
        }
    }
}

/// One of the clusters.
#[derive(Clone, Debug, Default)]
pub struct FleetCluster {
    /// Its context.
    pub context: ContextInfo,
    /// How far it is.
    pub phase: Phase,
    /// What it came to when it was judged last; it stays while it is read again.
    pub card: Option<Arc<ClusterCard>>,
    /// When that was, in seconds since 1970.
    pub at: Option<i64>,
    /// The number of the order under way: news of older ones are dropped.
    asked: u64,
}

/// The clusters side by side.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    /// In the order in which they were chosen.
    pub clusters: Vec<Arc<FleetCluster>>,
    /// Their frameworks.
    pub families: Arc<Vec<FamilyRow>>,
    /// Checks that fail in some of them only.
    pub differences: Vec<Arc<Difference>>,
    /// Why figures may not be compared as if they were alike.
    pub cautions: Vec<String>,
    /// Grows with every change.
    pub stamp: u64,
    orders: u64,
}

impl Fleet {
    /// Whether one of them is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.clusters.iter().any(|cluster| cluster.phase.is_busy())
    }

    /// How many were judged, how many could not be read, how many there are.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let failed = |c: &&Arc<FleetCluster>| matches!(c.phase, Phase::Failed(_));
        let judged = self.clusters.iter().filter(|c| c.card.is_some()).count();
        (judged, self.clusters.iter().filter(failed).count(), self.clusters.len())
    }

    fn change(&mut self, name: &str, with: impl FnOnce(&mut FleetCluster)) {
        if let Some(cluster) = self.clusters.iter_mut().find(|c| c.context.name == name) {
            with(Arc::make_mut(cluster));
            self.stamp += 1;
        }
    }

    /// Takes news of one cluster in, unless they are of an older order. Whether its card changed.
    fn take(&mut self, event: FleetEvent, unix: i64) -> bool {
        let FleetEvent { name, asked, news } = event;
        let fits = |c: &Arc<FleetCluster>| c.context.name == name && c.asked == asked;
        if !self.clusters.iter().any(fits) {
            return false;
        }
        let judged = matches!(news, FleetNews::Judged(_) | FleetNews::Failed(_));
        self.change(&name, |cluster| match news {
            FleetNews::Waiting => cluster.phase = Phase::Waiting,
            FleetNews::Connecting => cluster.phase = Phase::Connecting,
            FleetNews::Reading { done, planned } => {
                cluster.phase = Phase::Reading { done, planned };
            }
            FleetNews::Judging => cluster.phase = Phase::Judging,
            FleetNews::Judged(card) => {
                cluster.phase = Phase::Judged;
                cluster.card = Some(Arc::from(card));
                cluster.at = Some(unix);
            }
            FleetNews::Failed(error) => {
                // What was known before is not what is: it would look like an answer.
                cluster.card = None;
                cluster.at = None;
                cluster.phase = Phase::Failed(error);
            }
        });
        judged
    }

    /// Puts side by side what is known now.
    fn compare(&mut self, data: &Data) {
        let known: Vec<Known<'_>> = self
            .clusters
            .iter()
            .map(|cluster| match &cluster.card {
                Some(card) => Known::Read(card),
                None => Known::Unread(&cluster.context.name),
            })
            .collect();
        let rows = families(&known);
        let about = |id: &str| {
            let check = data.check(id);
            (
                check.map_or_else(|| id.to_owned(), |check| check.title.clone()),
                check.map(|check| check.severity).unwrap_or_default(),
            )
        };
        let found = differences(&known, about);
        self.cautions = cautions(&rows);
        self.families = Arc::new(rows);
        self.differences = found.into_iter().map(Arc::new).collect();
    }
}

impl State {
    /// Begins to put clusters side by side, or adds some, and shows them.
    pub(super) fn begin_fleet(&mut self, contexts: Vec<ContextInfo>) -> Vec<Effect> {
        let mut names = Vec::new();
        for context in contexts {
            if !context.plugin.is_empty() {
                let text = format!("{} runs for its credentials: {}", context.name, context.plugin);
                self.messages.say(Tone::Hint, text, self.now);
            }
            names.push(context.name.clone());
            if !self.fleet.clusters.iter().any(|c| c.context.name == context.name) {
                let cluster = FleetCluster { context, ..FleetCluster::default() };
                self.fleet.clusters.push(Arc::new(cluster));
            }
        }
        self.nav.switch(View::Fleet);
        let page = Screen::Fleet(FleetPage::Clusters);
        if self.nav.top().screen != page {
            self.nav.replace(page);
        }
        let first = names.first().cloned();
        let effects = self.order_fleet(names);
        self.sync();
        let added = first.and_then(|name| self.row_of_cluster(&name));
        if let Some(id) = added {
            self.nav.top_mut().list.go_to(id);
        }
        effects
    }

    fn row_of_cluster(&self, name: &str) -> Option<u64> {
        let found = self.fleet.clusters.iter().find(|c| c.context.name == *name)?;
        Some(Item::Cluster(Arc::clone(found)).id())
    }

    /// Reads clusters, or reads them again.
    fn order_fleet(&mut self, names: Vec<String>) -> Vec<Effect> {
        self.fleet.orders += 1;
        let asked = self.fleet.orders;
        for name in &names {
            self.fleet.change(name, |cluster| {
                cluster.phase = Phase::Waiting;
                cluster.asked = asked;
            });
        }
        self.fleet.compare(&self.data);
        self.fleet.stamp += 1;
        if names.is_empty() {
            return Vec::new();
        }
        vec![Effect::Fleet(FleetOrder::Read { names, asked })]
    }

    /// Takes news of one of the clusters in.
    pub(super) fn fleet_news(&mut self, event: FleetEvent) {
        let failed = match &event.news {
            FleetNews::Failed(error) => Some(format!("{}: {}", event.name, error.what)),
            _ => None,
        };
        if self.fleet.take(event, self.now.unix) {
            self.fleet.compare(&self.data);
            if let Some(text) = failed {
                self.messages.say(Tone::Hint, text, self.now);
            }
        }
    }

    /// Names of the clusters that are marked, or of the one under the cursor.
    fn chosen_clusters(&self) -> Vec<String> {
        let name = |row: &Row| match &row.item {
            Item::Cluster(cluster) => Some(cluster.context.name.clone()),
            _ => None,
        };
        self.nav.top().list.chosen().filter_map(name).collect()
    }

    /// The contexts that are marked, or the one under the cursor.
    pub(super) fn chosen_contexts(&self) -> Vec<ContextInfo> {
        let context = |row: &Row| match &row.item {
            Item::Context(context) => Some(ContextInfo::clone(context)),
            _ => None,
        };
        self.nav.top().list.chosen().filter_map(context).collect()
    }

    /// Whether Enter puts contexts side by side: several are marked, or they are chosen for that.
    pub(super) fn begins_fleet(&self) -> bool {
        let route = self.nav.top();
        let here = matches!(route.screen, Screen::Start | Screen::Fleet(_));
        let marked = if route.list.marked() > 0 { self.chosen_contexts().len() } else { 0 };
        here && (marked > 1 || marked == 1 && route.screen != Screen::Start)
    }

    /// Reads the chosen clusters again.
    pub(super) fn read_clusters_again(&mut self) -> Vec<Effect> {
        let names = self.chosen_clusters();
        self.order_fleet(names)
    }

    /// Stops the chosen clusters that are under way; where none of them is, all.
    pub(super) fn stop_clusters(&mut self) -> Vec<Effect> {
        let busy = |name: &String| {
            let found = self.fleet.clusters.iter().find(|c| c.context.name == *name);
            found.is_some_and(|cluster| cluster.phase.is_busy())
        };
        let mut names: Vec<String> = self.chosen_clusters().into_iter().filter(busy).collect();
        if names.is_empty() {
            let all = self.fleet.clusters.iter().filter(|c| c.phase.is_busy());
            names = all.map(|c| c.context.name.clone()).collect();
        }
        self.fleet.orders += 1;
        let asked = self.fleet.orders;
        for name in &names {
            self.fleet.change(name, |cluster| {
                cluster.phase = if cluster.card.is_some() { Phase::Judged } else { Phase::Stopped };
                cluster.asked = asked;
            });
        }
        vec![Effect::Fleet(FleetOrder::Stop(names))]
    }

    /// The next page of the clusters.
    pub(super) fn next_fleet_page(&mut self, page: FleetPage) {
        let next = if self.fleet.clusters.is_empty() { FleetPage::Choose } else { page.next() };
        let here = self.nav.top().list.current().map(|row| row.id);
        self.nav.replace(Screen::Fleet(next));
        self.sync();
        if let Some(id) = here {
            self.nav.top_mut().list.go_to(id);
        }
    }

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
        let (judged, _, all) = self.fleet.counts();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet() -> Fleet {
        let cluster = |name: &str| {
            let context = ContextInfo { name: name.to_owned(), ..ContextInfo::default() };
            Arc::new(FleetCluster { context, asked: 1, ..FleetCluster::default() })
        };
        Fleet { clusters: vec![cluster("a"), cluster("b")], orders: 1, ..Fleet::default() }
    }

    fn event(name: &str, asked: u64, news: FleetNews) -> FleetEvent {
        FleetEvent { name: name.to_owned(), asked, news }
    }

    #[test]
    fn news_of_older_orders_and_of_strangers_are_dropped() {
        let mut fleet = fleet();
        assert!(!fleet.take(event("a", 0, FleetNews::Judging), 5));
        assert!(!fleet.take(event("c", 1, FleetNews::Judging), 5));
        assert_eq!((fleet.stamp, &fleet.clusters[0].phase), (0, &Phase::Waiting));
        assert!(fleet.take(event("a", 1, FleetNews::Judged(Box::default())), 5));
        assert_eq!((fleet.clusters[0].at, fleet.counts()), (Some(5), (1, 0, 2)));
    }

    #[test]
    fn a_cluster_that_cannot_be_read_again_keeps_no_figures() {
        let mut fleet = fleet();
        fleet.take(event("a", 1, FleetNews::Judged(Box::default())), 5);
        assert!(fleet.take(event("a", 1, FleetNews::Failed(UserError::default())), 9));
        assert!(fleet.clusters[0].card.is_none() && fleet.clusters[0].at.is_none());
        assert_eq!(fleet.counts(), (0, 1, 2));
        assert!(fleet.is_busy(), "the other one still waits");
    }
}
