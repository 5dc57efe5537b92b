//! What is said where a list has no rows.

use crate::app::action::Action;
use crate::app::route::{Route, Screen, Subset};
use crate::app::sentence;
use crate::app::state::{SourceStatus, State};
use crate::model::inventory::Knowledge;
use crate::model::kinds::Kind;

/// What is said where there is nothing.
pub(in crate::ui) struct Nothing {
    /// What is so, and why.
    pub(in crate::ui) what: String,
    /// What to do; empty where there is nothing to do.
    pub(in crate::ui) next: String,
}

impl Nothing {
    fn new(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { what: what.into(), next: next.into() }
    }
}

/// That a filter hides all there is, and that it looks at one namespace where one is chosen.
fn filtered(state: &State, route: &Route) -> String {
    let here = state.data.namespace.as_deref();
    let here = here.map(|name| format!(" of {name}, which is all that is shown,"));
    let here = here.unwrap_or_default();
    let list = &route.list;
    let idle = list.filter().idle(|field| list.answers(field, &state.data, usize::MAX));
    if let Some((last, others)) = idle.split_last() {
        let terms: Vec<String> = others.iter().map(|name| format!("{name}:")).collect();
        let terms = if terms.is_empty() {
            format!("{last}: asks")
        } else {
            format!("{} and {last}: ask", terms.join(", "))
        };
        return format!("{terms} for what no row here has, so the filter hides all of them.");
    }
    match route.list.total() {
        1 => format!("The only row{here} is hidden by the filter."),
        total => format!("All {total} rows{here} are hidden by the filter."),
    }
}

/// What is said where a list has no rows.
pub(in crate::ui) fn nothing(state: &State, route: &Route) -> Nothing {
    let key = |action: Action| state.keymap.told(action);
    if !route.list.filter().is_empty() {
        return Nothing::new(filtered(state, route), format!("{} clears it.", key(Action::Back)));
    }
    if matches!(route.screen, Screen::Fleet(_)) {
        return Nothing::new("Nothing here.", "");
    }
    if let Some(said) = of_source(state) {
        return said;
    }
    if let Some(barren) = state.data.barren().filter(|_| !state.source.loading)
        && !matches!(
            route.screen,
            Screen::Messages | Screen::Sessions | Screen::Review | Screen::Tenants
        )
    {
        let [what, next] = barren.told(&state.keymap);
        return Nothing { what, next };
    }
    match (&route.screen, &state.data.result) {
        (Screen::Findings(_) | Screen::Object(_) | Screen::Heat | Screen::Tenants, None)
            if state.run.is_some() =>
        {
            let next =
                format!("What they find stands here then; {} stops them.", key(Action::Cancel));
            Nothing::new("The checks are running.", next)
        }
        (Screen::Findings(_) | Screen::Object(_) | Screen::Heat | Screen::Tenants, None) => {
            Nothing::new("No checks have run yet.", format!("{} runs them.", key(Action::Run)))
        }
        (Screen::Findings(subset), Some(_)) => of_findings(state, subset, &key),
        (Screen::Heat, Some(_)) => Nothing::new(
            "No framework was judged.",
            format!("A run of checks alone judges none; {} runs everything.", key(Action::Run)),
        ),
        (Screen::Object(id), Some(_)) => match state.data.aside_on(id) {
            0 => Nothing::new("No finding on this object.", ""),
            aside => {
                let next = format!(
                    "{aside} on the platform itself; {} shows them.",
                    key(Action::Platform)
                );
                Nothing::new("No finding is shown.", next)
            }
        },
        (Screen::Review, Some(_)) => Nothing::new("Nothing waits for a person.", ""),
        (Screen::Messages, _) => Nothing::new("No messages yet.", ""),
        _ if state.source.loading => Nothing::new("Reading…", ""),
        (Screen::Objects(kind), _) => of_objects(state, kind),
        _ => Nothing::new("Nothing here.", "Coverage says what was read and what could not be."),
    }
}

/// The same where a list of objects is empty. Only one that was read whole is known to be.
fn of_objects(state: &State, kind: &Kind) -> Nothing {
    let data = &state.data;
    let spread = kind.builtin().is_none_or(|builtin| builtin.namespaced);
    let here = data.namespace.as_deref().filter(|_| spread);
    let Knowledge::Missing(missing) = data.inventory.knows(kind, here) else {
        let place = here.map(|name| format!(" in {name}")).unwrap_or_default();
        return Nothing::new(format!("There is none{place}: all of {kind} was read."), "");
    };
    let coverage = state.keymap.told(Action::Coverage);
    let (why, next) = state.about_missing(missing.clone());
    let told = why.into_iter().map(|why| format!("{}.", sentence(why)));
    let told = told.chain(next).chain([format!("{coverage} shows what rests on it.")]);
    Nothing::new(
        format!("{}: there may be some.", sentence(&missing.reason)),
        told.collect::<Vec<_>>().join(" "),
    )
}

/// The same in a list of findings, once the checks have run.
fn of_findings(state: &State, subset: &Subset, key: &dyn Fn(Action) -> String) -> Nothing {
    match subset {
        Subset::Covered { .. } => {
            Nothing::new("No finding of the last run that is shown is covered by it.", "")
        }
        Subset::Tenant { .. } => {
            let next =
                "Findings of the platform itself, and those of other frameworks, are not counted.";
            Nothing::new("No finding here decides a control of the framework.", next)
        }
        _ => {
            let hidden = if state.data.platform { 0 } else { state.data.index.platform };
            let next = if hidden > 0 {
                format!("{hidden} on the platform itself; {} shows them", key(Action::Platform))
            } else {
                "What could not be assessed stands under coverage.".to_owned()
            };
            Nothing::new("No finding here.", next)
        }
    }
}

/// The same while the source itself gives nothing.
fn of_source(state: &State) -> Option<Nothing> {
    Some(match &state.source.status {
        SourceStatus::Failed(error) => {
            Nothing::new(format!("{} {}", error.what, error.why), &error.next)
        }
        SourceStatus::None => {
            let [what, next] = state.no_source();
            Nothing { what, next }
        }
        SourceStatus::Connecting => {
            Nothing::new("Connecting…", "The rows appear as they are read.")
        }
        _ => return None,
    })
}
