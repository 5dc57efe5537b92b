//! What frameworks come to within one namespace of those that a run looked at: by a run of the same checks
//! over that namespace alone. What is of the cluster lies outside and is not assessed, as in a scan of it.

use std::sync::Arc;

use super::{Chosen, Content};
use crate::checks::Monitor;
use crate::facts::Facts;
use crate::frameworks::FrameworkResult;
use crate::model::finding::RunResult;
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;

impl Chosen {
    /// The same checks and frameworks in one namespace.
    #[must_use]
    pub fn within(&self, namespace: &str) -> Self {
        let mut chosen = self.clone();
        chosen.selection.namespaces = vec![namespace.to_owned()];
        chosen.scope.namespaces = Some([namespace.to_owned()].into());
        chosen
    }
}

impl Content {
    /// Runs the checks of a selection, one that [`Chosen::within`] made narrower as a rule.
    #[must_use]
    pub fn run_chosen(&self, chosen: &Chosen, facts: &Facts, monitor: &dyn Monitor) -> RunResult {
        self.run(&self.plan(chosen), chosen, facts, monitor)
    }

    /// What frameworks come to, without what they were judged of.
    #[must_use]
    pub fn results_of(
        &self,
        chosen: &Chosen,
        result: &RunResult,
        inventory: &Arc<Inventory>,
        ledger: &Ledger,
        today: &str,
    ) -> Vec<FrameworkResult> {
        let judged = self.judge(chosen, result, inventory, ledger, today);
        judged.into_iter().map(|judged| judged.result).collect()
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::assess;
    use crate::checks::Silent;
    use crate::frameworks::Status;
    use crate::session::run::Selection;
    use crate::source::demo;

    const TODAY: &str = "2026-11-24";

    /// What the frameworks come to where a selection was made, and where `within` made it narrower.
    fn results(namespaces: &[&str], within: Option<&str>) -> Vec<FrameworkResult> {
        let content = Content::builtin();
        let facts = content.facts(Arc::new(demo::inventory(assess::held(&content).unwrap())));
        let frameworks = ["pss-restricted", "nsa-cisa"].map(str::to_owned).to_vec();
        let namespaces = namespaces.iter().map(|name| (*name).to_owned()).collect();
        let selection = Selection { frameworks, namespaces, ..Selection::default() };
        let chosen = content.fit(content.choose(&selection).unwrap(), assess::cluster(&facts));
        let chosen = within.map_or_else(|| chosen.clone(), |namespace| chosen.within(namespace));
        let result = content.run_chosen(&chosen, &facts, &Silent);
        let ledger = Ledger::default();
        content.results_of(&chosen, &result, facts.inventory(), &ledger, TODAY)
    }

    #[test]
    fn it_says_what_a_scan_of_the_namespace_says() {
        assert_eq!(results(&[], Some("shop")), results(&["shop"], None));
        assert_eq!(results(&["shop", "pay"], Some("pay")), results(&["pay"], None));
    }

    #[test]
    fn what_is_of_the_cluster_is_not_assessed_rather_than_passed() {
        let (all, shop) = (results(&[], None), results(&[], Some("shop")));
        let nsa = |all: &[FrameworkResult]| all.iter().find(|f| f.id == "nsa-cisa").cloned();
        let (all, shop) = (nsa(&all).unwrap(), nsa(&shop).unwrap());
        assert!(shop.counts.not_assessed > all.counts.not_assessed, "{:?}", shop.counts);
        // Whatever fails in a part fails in all of it, and nothing passes that failed on the cluster
        // unless it is about objects of namespaces.
        for (whole, part) in all.controls.iter().zip(&shop.controls) {
            let fails = part.status == Status::Fail;
            assert!(!fails || whole.status == Status::Fail, "{}", part.id);
        }
        let (whole, part) = (all.score.unwrap(), shop.score.unwrap());
        assert!(part.best >= whole.best, "{part:?} {whole:?}");
    }
}
