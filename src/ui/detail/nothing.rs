//! What is said where a list has no rows.

use crate::app::action::Action;
use crate::app::route::{Route, Screen, Subset};
use crate::app::sentence;
use crate::app::state::{SourceStatus, State};
use crate::model::inventory::Knowledge;
use crate::model::kinds::Kind;

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

/// What is said where a list has no rows: what and why, and what to do.
pub(in crate::ui) fn nothing(state: &State, route: &Route) -> (String, String) {
    let key = |action: Action| state.keymap.told(action);
    if !route.list.filter().is_empty() {
        return (filtered(state, route), format!("{} clears it.", key(Action::Back)));
    }
    if matches!(route.screen, Screen::Fleet(_)) {
        return ("Nothing here.".to_owned(), String::new());
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
        return (what, next);
    }
    match (&route.screen, &state.data.result) {
        (Screen::Findings(_) | Screen::Object(_) | Screen::Heat | Screen::Tenants, None)
            if state.run.is_some() =>
        {
            let next =
                format!("What they find stands here then; {} stops them.", key(Action::Cancel));
            ("The checks are running.".to_owned(), next)
        }
        (Screen::Findings(_) | Screen::Object(_) | Screen::Heat | Screen::Tenants, None) => {
            ("No checks have run yet.".to_owned(), format!("{} runs them.", key(Action::Run)))
        }
        (Screen::Findings(subset), Some(_)) => of_findings(state, subset, &key),
        (Screen::Heat, Some(_)) => (
            "No framework was judged.".to_owned(),
            format!("A run of checks alone judges none; {} runs everything.", key(Action::Run)),
        ),
        (Screen::Object(id), Some(_)) => match state.data.aside_on(id) {
            0 => ("No finding on this object.".to_owned(), String::new()),
            aside => {
                let next = format!(
                    "{aside} on the platform itself; {} shows them.",
                    key(Action::Platform)
                );
                ("No finding is shown.".to_owned(), next)
            }
        },
        (Screen::Review, Some(_)) => ("Nothing waits for a person.".to_owned(), String::new()),
        (Screen::Messages, _) => ("No messages yet.".to_owned(), String::new()),
        _ if state.source.loading => ("Reading…".to_owned(), String::new()),
        (Screen::Objects(kind), _) => of_objects(state, kind),
        _ => {
            let next = "Coverage says what was read and what could not be.".to_owned();
            ("Nothing here.".to_owned(), next)
        }
    }
}

/// The same where a list of objects is empty. Only one that was read whole is known to be.
fn of_objects(state: &State, kind: &Kind) -> (String, String) {
    let data = &state.data;
    let spread = kind.builtin().is_none_or(|builtin| builtin.namespaced);
    let here = data.namespace.as_deref().filter(|_| spread);
    let Knowledge::Missing(missing) = data.inventory.knows(kind, here) else {
        let place = here.map(|name| format!(" in {name}")).unwrap_or_default();
        return (format!("There is none{place}: all of {kind} was read."), String::new());
    };
    let coverage = state.keymap.told(Action::Coverage);
    let (why, next) = state.about_missing(missing.clone());
    let told = why.into_iter().map(|why| format!("{}.", sentence(why)));
    let told = told.chain(next).chain([format!("{coverage} shows what rests on it.")]);
    (
        format!("{}: there may be some.", sentence(&missing.reason)),
        told.collect::<Vec<_>>().join(" "),
    )
}

/// The same in a list of findings, once the checks have run.
fn of_findings(state: &State, subset: &Subset, key: &dyn Fn(Action) -> String) -> (String, String) {
    match subset {
        Subset::Covered { .. } => {
            ("No finding of the last run that is shown is covered by it.".to_owned(), String::new())
        }
        Subset::Tenant { .. } => {
            let next =
                "Findings of the platform itself, and those of other frameworks, are not counted.";
            ("No finding here decides a control of the framework.".to_owned(), next.to_owned())
        }
        _ => {
            let hidden = if state.data.platform { 0 } else { state.data.index.platform };
            let next = if hidden > 0 {
                format!("{hidden} on the platform itself; {} shows them", key(Action::Platform))
            } else {
                "What could not be assessed stands under coverage.".to_owned()
            };
            ("No finding here.".to_owned(), next)
        }
    }
}

/// The same while the source itself gives nothing.
fn of_source(state: &State) -> Option<(String, String)> {
    Some(match &state.source.status {
        SourceStatus::Failed(error) => {
            (format!("{} {}", error.what, error.why), error.next.clone())
        }
        SourceStatus::None => {
            let [what, next] = state.no_source();
            (what, next)
        }
        SourceStatus::Connecting => {
            ("Connecting…".to_owned(), "The rows appear as they are read.".to_owned())
        }
        _ => return None,
    })
}
