//! Several clusters side by side: which they are, how far each is, and what it came to.

use std::sync::Arc;

use crate::frameworks::fleet::{
    ClusterCard, Difference, FamilyRow, KnownCluster, differences, families, twins,
};

use super::data::Data;
use super::event::{ClusterStep, ContextInfo, FleetEvent, FleetNews, UserError};

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

/// What becomes of one of the clusters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClusterPhase {
    /// It is worked on, and this far.
    Busy(ClusterStep),
    /// It was judged.
    Judged,
    /// It could not be read.
    Failed(UserError),
    /// It was told to stop.
    Stopped,
}

impl Default for ClusterPhase {
    fn default() -> Self {
        Self::Busy(ClusterStep::default())
    }
}

impl ClusterPhase {
    /// Whether something is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy(_))
    }

    /// The word on the screen.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Busy(ClusterStep::Waiting) => "waiting",
            Self::Busy(ClusterStep::Connecting) => "connecting",
            Self::Busy(ClusterStep::Reading { .. }) => "reading",
            Self::Busy(ClusterStep::Judging) => "assessing",
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
    pub phase: ClusterPhase,
    /// What it came to when it was judged last; it stays while it is read again.
    pub card: Option<Arc<ClusterCard>>,
    /// When that was, in seconds since 1970.
    pub at: Option<i64>,
    /// The number of the order under way: news of older ones are dropped.
    pub(super) asked: u64,
}

/// How many of the clusters have come how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FleetCounts {
    /// They were judged.
    pub judged: usize,
    /// They could not be read.
    pub failed: usize,
    /// All there are.
    pub all: usize,
}

/// The clusters side by side.
#[derive(Clone, Debug, Default)]
pub struct FleetState {
    /// In the order in which they were chosen.
    pub clusters: Vec<Arc<FleetCluster>>,
    /// Their frameworks.
    pub families: Arc<Vec<FamilyRow>>,
    /// Checks that fail in some of them only.
    pub differences: Vec<Arc<Difference>>,
    /// Names of one and the same cluster, two and two.
    pub twins: Vec<(String, String)>,
    /// Grows with every change.
    pub stamp: u64,
    /// How many orders to read or to stop were given.
    pub(super) orders: u64,
}

impl FleetState {
    /// Whether one of them is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.clusters.iter().any(|cluster| cluster.phase.is_busy())
    }

    /// How many of them have come how far.
    #[must_use]
    pub fn counts(&self) -> FleetCounts {
        let failed = |c: &&Arc<FleetCluster>| matches!(c.phase, ClusterPhase::Failed(_));
        FleetCounts {
            judged: self.clusters.iter().filter(|c| c.card.is_some()).count(),
            failed: self.clusters.iter().filter(failed).count(),
            all: self.clusters.len(),
        }
    }

    pub(super) fn change(&mut self, name: &str, with: impl FnOnce(&mut FleetCluster)) {
        if let Some(cluster) = self.clusters.iter_mut().find(|c| c.context.name == name) {
            with(Arc::make_mut(cluster));
            self.stamp += 1;
        }
    }

    /// Takes news of one cluster in, unless they are of an older order. Whether its card changed.
    pub(super) fn take(&mut self, event: FleetEvent, unix: i64) -> bool {
        let FleetEvent { name, asked, news } = event;
        let fits = |c: &Arc<FleetCluster>| c.context.name == name && c.asked == asked;
        if !self.clusters.iter().any(fits) {
            return false;
        }
        let judged = matches!(news, FleetNews::Judged(_) | FleetNews::Failed(_));
        self.change(&name, |cluster| match news {
            FleetNews::Step(step) => cluster.phase = ClusterPhase::Busy(step),
            FleetNews::Judged(card) => {
                cluster.phase = ClusterPhase::Judged;
                cluster.card = Some(Arc::from(card));
                cluster.at = Some(unix);
            }
            FleetNews::Failed(error) => {
                // What was known before is not what is: it would look like an answer.
                cluster.card = None;
                cluster.at = None;
                cluster.phase = ClusterPhase::Failed(error);
            }
        });
        judged
    }

    /// Puts side by side what is known now.
    pub(super) fn compare(&mut self, data: &Data) {
        let known: Vec<KnownCluster<'_>> = self
            .clusters
            .iter()
            .map(|cluster| match &cluster.card {
                Some(card) => KnownCluster::Read(card),
                None => KnownCluster::Unread(&cluster.context.name),
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
        let cards: Vec<&ClusterCard> =
            self.clusters.iter().filter_map(|cluster| cluster.card.as_deref()).collect();
        let named = |(one, other): (&str, &str)| (one.to_owned(), other.to_owned());
        self.twins = twins(&cards).into_iter().map(named).collect();
        self.families = Arc::new(rows);
        self.differences = found.into_iter().map(Arc::new).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet() -> FleetState {
        let cluster = |name: &str| {
            let context = ContextInfo { name: name.to_owned(), ..ContextInfo::default() };
            Arc::new(FleetCluster { context, asked: 1, ..FleetCluster::default() })
        };
        FleetState {
            clusters: vec![cluster("a"), cluster("b")],
            orders: 1,
            ..FleetState::default()
        }
    }

    fn event(name: &str, asked: u64, news: FleetNews) -> FleetEvent {
        FleetEvent { name: name.to_owned(), asked, news }
    }

    #[test]
    fn news_of_older_orders_and_of_strangers_are_dropped() {
        let mut fleet = fleet();
        assert!(!fleet.take(event("a", 0, FleetNews::Step(ClusterStep::Judging)), 5));
        assert!(!fleet.take(event("c", 1, FleetNews::Step(ClusterStep::Judging)), 5));
        assert_eq!((fleet.stamp, &fleet.clusters[0].phase), (0, &ClusterPhase::default()));
        assert!(fleet.take(event("a", 1, FleetNews::Judged(Box::default())), 5));
        assert_eq!(fleet.clusters[0].at, Some(5));
        assert_eq!(fleet.counts(), FleetCounts { judged: 1, failed: 0, all: 2 });
    }

    #[test]
    fn a_cluster_that_cannot_be_read_again_keeps_no_figures() {
        let mut fleet = fleet();
        fleet.take(event("a", 1, FleetNews::Judged(Box::default())), 5);
        assert!(fleet.take(event("a", 1, FleetNews::Failed(UserError::default())), 9));
        assert!(fleet.clusters[0].card.is_none() && fleet.clusters[0].at.is_none());
        assert_eq!(fleet.counts(), FleetCounts { judged: 0, failed: 1, all: 2 });
        assert!(fleet.is_busy(), "the other one still waits");
    }
}
