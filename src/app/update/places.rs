//! The menus of places: namespaces, with digits for the ones that are wanted often, and clusters.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::action::Action;
use crate::app::barren::Barren;
use crate::app::dialog::{Picker, PickerChoice, PickerEntry, Popup};
use crate::app::effect::Effect;
use crate::app::route::View;
use crate::app::state::{SourceStatus, State};
use crate::model::severities::BySeverity;
use crate::text::{counted, noun};

/// From this height on the overview says why a cluster cannot be read.
const TOLD: u16 = 16;

/// How many namespaces a digit chooses.
const DIGITS: usize = 9;

/// What the menu of clusters is called.
const CLUSTERS: &str = "Cluster";

impl State {
    pub(super) fn namespace_menu(&self) -> Picker {
        let here = self.data.namespace.as_deref();
        let mark = |on: bool| if on { "chosen" } else { "" };
        let all = PickerEntry::new("all namespaces", PickerChoice::Namespace(None)).letter('0');
        let mut entries = vec![all.detail(mark(here.is_none()))];
        let names = self.data.inventory.namespaces();
        let found = self.data.open_by_namespace();
        let first = self.favourites_of(&names, &found);
        let rest = names.iter().copied().filter(|name| !first.contains(name));
        let digits = ('1'..='9').map(Some).chain(std::iter::repeat(None));
        for (name, digit) in first.iter().copied().chain(rest).zip(digits) {
            let digit = digit.filter(|_| first.contains(&name));
            let tally = found.get(name).copied().unwrap_or_default();
            let words = match (here == Some(name), tally.total()) {
                (true, 0) => "chosen".to_owned(),
                (true, count) => format!("chosen, {}", counted(count, "finding")),
                (_, 0) => String::new(),
                // They are ordered by the worst of them.
                (_, count) => {
                    let worst = tally.worst();
                    let worst = worst.map(|s| format!(", {} {}", tally.of(s), s.word()));
                    let noun = noun(count, "finding");
                    format!("{count:>5} {noun}{}", worst.unwrap_or_default())
                }
            };
            let choice = PickerChoice::Namespace(Some(name.to_owned()));
            let mut entry = PickerEntry::new(name, choice).detail(words);
            entry.letter = digit;
            entries.push(entry);
        }
        Picker::search("Namespace", entries, "No namespace could be read.")
    }

    /// The namespaces that digits choose: those that the user named or chose last, then those with the worst
    /// findings.
    fn favourites_of<'a>(
        &'a self,
        names: &BTreeSet<&'a str>,
        found: &BTreeMap<&'a str, BySeverity>,
    ) -> Vec<&'a str> {
        let worst = found.iter().map(|(name, tally)| (*name, tally));
        let mut worst: Vec<(&str, &BySeverity)> =
            worst.filter(|(_, tally)| tally.total() > 0).collect();
        worst.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        let named = self.favourites.iter().map(String::as_str);
        let mut first: Vec<&str> = Vec::new();
        for name in named.chain(worst.into_iter().map(|(name, _)| name)) {
            if let Some(name) = names.get(name).copied().filter(|name| !first.contains(name)) {
                first.push(name);
            }
        }
        first.truncate(DIGITS);
        first
    }

    /// A namespace that was chosen has a digit from now on, after those that the user named.
    pub(super) fn remember_namespace(&mut self, name: &str) {
        if !self.favourites.iter().any(|known| known == name) {
            self.favourites.push(name.to_owned());
        }
    }

    pub(super) fn context_menu(&self) -> Picker {
        let mut entries: Vec<PickerEntry> = self
            .contexts
            .iter()
            .map(|context| {
                let here = context.name == self.source.name;
                let words = match &self.source.status {
                    status if here => self.words_of(status),
                    _ => context.server.as_str(),
                };
                PickerEntry::context(context.name.as_str(), context).detail(words)
            })
            .collect();
        entries.push(
            PickerEntry::new("demo", PickerChoice::Demo)
                .detail("the cluster built into the program"),
        );
        let empty = "The kubeconfig has no context.";
        Picker::search(CLUSTERS, entries, empty)
    }

    /// How it stands with the cluster that is open.
    fn words_of(&self, status: &SourceStatus) -> &'static str {
        match status {
            SourceStatus::Failed(_) => "no connection",
            SourceStatus::Connecting => "connecting",
            SourceStatus::Stale(_) => "connection lost",
            _ => self.data.barren().and_then(Barren::unread).unwrap_or("connected"),
        }
    }

    /// Where nothing can be read and nothing was, other clusters are offered at once.
    pub(super) fn offer_clusters(&mut self) -> Vec<Effect> {
        let SourceStatus::Failed(error) = &self.source.status else { return Vec::new() };
        // What happened stands on the overview, where there is room for it.
        let told = self.size.1 >= TOLD;
        let what = (!told).then(|| format!("{}: {}", error.what, error.why));
        let about = what.into_iter().chain([error.next.clone()]).collect();
        let empty = self.data.inventory.is_empty() && self.data.result.is_none();
        let here = self.nav.view() == View::Overview && self.nav.depth() == 0 && !self.offered;
        if !empty || !here || self.look.plain || self.contexts.len() < 2 || !self.popups.is_empty()
        {
            return Vec::new();
        }
        // Once: whoever shuts the menu has seen it.
        self.offered = true;
        let effects = self.open_menu(Action::Context);
        if let Some(Popup::Picker(picker)) = self.popups.last_mut() {
            picker.about = about;
        }
        effects
    }
}
