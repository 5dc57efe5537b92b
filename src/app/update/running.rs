//! The menu of runs: everything, what failed, what the page is about, and what is under the cursor.
//! `t` is what is under the cursor, or the page where that is all there is; `p` is the page beside it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::cause::CausePlace;
use crate::app::dialog::{Picker, PickerChoice, PickerEntry};
use crate::app::effect::{RunPlace, RunRequest, RunWhat};
use crate::app::item::Item;
use crate::app::list::Row;
use crate::app::route::Screen;
use crate::app::sentence;
use crate::app::state::{EVERYWHERE, State};
use crate::model::kinds::Kind;
use crate::text::counted;

/// What is said of runs where something is shown already: none of them is of a part alone.
const WITH_WHAT_IS_SHOWN: &str = "What you choose is added to what is shown, and all of it runs again. \
                                  Where one run cannot hold both, your choice runs alone.";

/// A run of a part, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Offer {
    /// The words before the name, as they stand in a sentence: `in `, `on `.
    lead: &'static str,
    /// What the part is called.
    name: String,
    /// What to run.
    request: RunRequest,
}

impl Offer {
    fn new(lead: &'static str, name: impl Into<String>, request: RunRequest) -> Self {
        Self { lead, name: name.into(), request }
    }

    /// What stands in the menu. The part is run alone only where nothing is shown yet.
    fn label(&self, alone: bool) -> String {
        let Self { lead, name, .. } = self;
        if alone { format!("Only {lead}{name}") } else { format!("{}{name}", sentence(lead)) }
    }
}

impl State {
    /// What can be run from here. What is shown already is run with it (`Content::widen`), and is said to be.
    pub(super) fn run_menu(&self) -> Picker {
        let alone = self.data.result.is_none();
        let scope = match self.place() {
            place if place == EVERYWHERE => "everywhere".to_owned(),
            place => format!("in {place}"),
        };
        let place = |request: &RunRequest| match &request.place {
            RunPlace::Scope => scope.clone(),
            // Its label says where.
            RunPlace::Namespace(_) | RunPlace::Object(_) => "all checks".to_owned(),
        };
        let detail = if alone || self.looks_elsewhere() {
            scope.clone()
        } else {
            "as at the start, nothing added".to_owned()
        };
        let everything = PickerChoice::Run(here(RunWhat::Everything));
        let mut entries =
            vec![PickerEntry::new("All checks", everything).letter('r').detail(detail)];
        let failed = self.failed_checks();
        if !failed.is_empty() {
            let detail = format!("{}, {scope}", counted(failed.len(), "check"));
            let choice = PickerChoice::Run(here(RunWhat::Checks(failed)));
            entries.push(PickerEntry::new("Those that failed", choice).letter('f').detail(detail));
        }
        let rows: Vec<&Row> = self.nav.top().list.chosen().collect();
        let marked = self.nav.top().list.marked();
        let page = self.run_of_page();
        // Once is enough where the page and the row are about the same.
        let is_page = |offer: &Offer| page.as_ref().is_some_and(|p| p.request == offer.request);
        let under = self.run_of_rows(&rows).filter(|offer| !is_page(offer));
        let label_under = |offer: &Offer| match marked {
            0 | 1 => offer.label(alone),
            many => format!("The {many} marked"),
        };
        let under = under.map(|offer| ('t', label_under(&offer), offer));
        let letter = if under.is_some() { 'p' } else { 't' };
        let page = page.map(|offer| (letter, offer.label(alone), offer));
        for (letter, label, offer) in page.into_iter().chain(under) {
            let detail = place(&offer.request);
            let choice = PickerChoice::Run(offer.request);
            entries.push(PickerEntry::new(label, choice).letter(letter).detail(detail));
        }
        let about = if alone { Vec::new() } else { vec![WITH_WHAT_IS_SHOWN.to_owned()] };
        Picker { about, ..Picker::menu("Run", entries) }
    }

    /// Whether the namespace that is chosen is not what the command line asked for.
    fn looks_elsewhere(&self) -> bool {
        self.data.namespace.as_ref().is_some_and(|chosen| self.namespaces != [chosen.as_str()])
    }

    fn failed_checks(&self) -> Vec<Arc<str>> {
        let result = self.data.result.iter();
        let checks = result.flat_map(|r| r.checks.iter());
        checks.filter(|(_, counts)| counts.fail > 0).map(|(id, _)| Arc::clone(id)).collect()
    }

    /// What running the page would mean, whatever the cursor is on.
    fn run_of_page(&self) -> Option<Offer> {
        match &self.nav.top().screen {
            Screen::Finding(_) => Some(check(Arc::clone(&self.current_finding()?.check))),
            Screen::Check(id) => Some(check(Arc::clone(id))),
            Screen::Control { framework, id } => Some(control(framework, id)),
            Screen::Framework(id) => Some(self.framework_offer(vec![id.to_string()])),
            Screen::Object(id) => Some(object(id.clone())),
            Screen::Objects(kind) => self.kinds_offer(&[kind]),
            _ => None,
        }
    }

    /// What running the chosen rows would mean.
    fn run_of_rows(&self, rows: &[&Row]) -> Option<Offer> {
        let first = rows.first()?;
        Some(match &first.item {
            Item::Framework(_) => {
                let all = rows.iter().filter_map(|r| match &r.item {
                    Item::Framework(id) => Some(id.to_string()),
                    _ => None,
                });
                self.framework_offer(all.collect())
            }
            Item::Part { framework, name, .. } => self.part_offer(framework, name)?,
            Item::Control { framework, id, .. } => {
                let controls = rows.iter().filter_map(|r| match &r.item {
                    Item::Control { id, .. } => Some(id.to_string()),
                    _ => None,
                });
                controls_offer("control ", id, framework, controls.collect())
            }
            Item::ControlRef(control_ref) | Item::Question(control_ref) => {
                control(&control_ref.framework, &control_ref.control)
            }
            Item::Technique(cell) => {
                let controls = rows.iter().filter_map(|r| match &r.item {
                    Item::Technique(cell) => Some(cell.id.to_string()),
                    _ => None,
                });
                // One technique stands under several tactics.
                let controls: BTreeSet<String> = controls.collect();
                let controls = controls.into_iter().collect();
                controls_offer("what ", &format!("{} rests on", cell.id), &cell.framework, controls)
            }
            Item::Heat(row) if !row.namespace.is_empty() => namespace(&row.namespace),
            Item::Namespace(name) if !name.is_empty() => namespace(name),
            Item::Zone(zone) => namespace(&zone.name),
            Item::Theme(name) => {
                let checks = &self.data.content.library.checks;
                let of = checks.iter().filter(|(_, check)| *check.theme == **name);
                let ids: Vec<_> = of.map(|(id, _)| Arc::clone(id)).collect();
                Offer::new("checks of ", &**name, here(RunWhat::Checks(ids)))
            }
            Item::Kind(..) => {
                let kinds = rows.iter().filter_map(|r| match &r.item {
                    Item::Kind(kind, _) => Some(kind),
                    _ => None,
                });
                self.kinds_offer(&kinds.collect::<Vec<_>>())?
            }
            Item::Object(found) => object(found.id.clone()),
            Item::Mend(mend) => object(mend.owner.clone()?),
            Item::Cause(cause) => match &cause.place {
                CausePlace::Object(id) => object(id.clone()),
                CausePlace::Image(_) | CausePlace::Cluster => return None,
            },
            Item::Kept { owner, .. } => object(owner.clone()),
            _ => {
                let ids: BTreeSet<Arc<str>> = rows.iter().filter_map(|r| check_of(r)).collect();
                let first = Arc::clone(ids.first()?);
                Offer::new("", &*first, here(RunWhat::Checks(ids.into_iter().collect())))
            }
        })
    }

    /// Frameworks, by the name that their rows show.
    fn framework_offer(&self, ids: Vec<String>) -> Offer {
        let first = ids.first().map(String::as_str).unwrap_or_default();
        let name = self.data.framework(first).map_or(first, |framework| framework.short());
        let name = name.to_owned();
        Offer::new("", name, here(RunWhat::Frameworks(ids)))
    }

    /// The controls of a part of a framework, with those of its parts.
    fn part_offer(&self, framework: &str, part: &str) -> Option<Offer> {
        let known = self.data.framework(framework)?;
        let controls = known.controls.iter().filter(|control| control.section == part);
        let ids: Vec<String> = controls.map(|control| control.id.clone()).collect();
        (!ids.is_empty()).then(|| controls_offer("", part, framework, ids))
    }

    /// Every check that looks at objects of these kinds.
    fn kinds_offer(&self, kinds: &[&Kind]) -> Option<Offer> {
        let first = kinds.first()?;
        let looks = |id: &str| {
            let content = &self.data.content;
            content.library.checks.get(id).is_some_and(|check| {
                check.target.kinds.iter().any(|p| kinds.iter().any(|kind| p.matches(kind)))
            })
        };
        let ids = self.data.content.library.checks.keys();
        let ids: Vec<Arc<str>> = ids.filter(|id| looks(id)).cloned().collect();
        let offer = || Offer::new("checks of ", &*first.kind, here(RunWhat::Checks(ids.clone())));
        (!ids.is_empty()).then(offer)
    }
}

/// A run where the workbench looks.
fn here(what: RunWhat) -> RunRequest {
    RunRequest { what, place: RunPlace::Scope }
}

fn check(id: Arc<str>) -> Offer {
    Offer::new("", &*id.clone(), here(RunWhat::Checks(vec![id])))
}

fn control(framework: &str, id: &str) -> Offer {
    controls_offer("control ", id, framework, vec![id.to_owned()])
}

fn controls_offer(lead: &'static str, name: &str, framework: &str, controls: Vec<String>) -> Offer {
    let framework = framework.to_owned();
    Offer::new(lead, name, here(RunWhat::Controls { framework, controls }))
}

fn namespace(name: &str) -> Offer {
    let place = RunPlace::Namespace(name.to_owned());
    Offer::new("in ", name, RunRequest { what: RunWhat::Everything, place })
}

fn object(id: crate::model::object::ObjectRef) -> Offer {
    let name = id.to_string();
    Offer::new("on ", name, RunRequest { what: RunWhat::Everything, place: RunPlace::Object(id) })
}

/// The check that a row is about.
fn check_of(row: &Row) -> Option<Arc<str>> {
    Some(match &row.item {
        Item::Check { id, .. } => Arc::clone(id),
        Item::Finding(finding) => Arc::clone(&finding.check),
        Item::Compared(compared) => Arc::clone(&compared.entry().check),
        Item::Foreseen(foreseen) => Arc::clone(&foreseen.finding.check),
        Item::Difference(difference) => Arc::clone(&difference.check),
        _ => return None,
    })
}
