//! Several clusters side by side: which they are, how far each is, and what it came to.

use std::sync::Arc;

use crate::frameworks::fleet::{
    ClusterCard, Difference, FamilyRow, KnownCluster, differences, families, twins,
};

use super::data::Data;
use super::event::{ContextInfo, FleetEvent, FleetNews, UserError};

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
pub enum ClusterPhase {
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

impl ClusterPhase {
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
    pub phase: ClusterPhase,
    /// What it came to when it was judged last; it stays while it is read again.
    pub card: Option<Arc<ClusterCard>>,
    /// When that was, in seconds since 1970.
    pub at: Option<i64>,
    /// The number of the order under way: news of older ones are dropped.
    pub(super) asked: u64,
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

    /// How many were judged, how many could not be read, how many there are.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let failed = |c: &&Arc<FleetCluster>| matches!(c.phase, ClusterPhase::Failed(_));
        let judged = self.clusters.iter().filter(|c| c.card.is_some()).count();
        (judged, self.clusters.iter().filter(failed).count(), self.clusters.len())
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
            FleetNews::Waiting => cluster.phase = ClusterPhase::Waiting,
            FleetNews::Connecting => cluster.phase = ClusterPhase::Connecting,
            FleetNews::Reading { done, planned } => {
                cluster.phase = ClusterPhase::Reading { done, planned };
            }
            FleetNews::Judging => cluster.phase = ClusterPhase::Judging,
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
        assert!(!fleet.take(event("a", 0, FleetNews::Judging), 5));
        assert!(!fleet.take(event("c", 1, FleetNews::Judging), 5));
        assert_eq!((fleet.stamp, &fleet.clusters[0].phase), (0, &ClusterPhase::Waiting));
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
