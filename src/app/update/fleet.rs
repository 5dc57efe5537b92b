//! Putting clusters side by side, reading them again, stopping them, and the news of them.

use std::sync::Arc;

use crate::app::effect::{Effect, FleetOrder};
use crate::app::event::{ContextInfo, FleetEvent, FleetNews};
use crate::app::fleet::{ClusterPhase, FleetCluster, FleetPage};
use crate::app::item::Item;
use crate::app::list::Row;
use crate::app::route::{Screen, View};
use crate::app::state::State;
use crate::app::toast::ToastTone;

impl State {
    /// Begins to put clusters side by side, or adds some, and shows them.
    pub(super) fn begin_fleet(&mut self, contexts: Vec<ContextInfo>) -> Vec<Effect> {
        let mut names = Vec::new();
        for context in contexts {
            if !context.plugin.is_empty() {
                let text = format!("{} runs for its credentials: {}", context.name, context.plugin);
                self.messages.say(ToastTone::Hint, text, self.now);
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
                cluster.phase = ClusterPhase::default();
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
                self.messages.say(ToastTone::Hint, text, self.now);
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
                cluster.phase = if cluster.card.is_some() {
                    ClusterPhase::Judged
                } else {
                    ClusterPhase::Stopped
                };
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
}
