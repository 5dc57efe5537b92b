//! What stands over a section.

use crate::app::action::Action;
use crate::app::item::Section;
use crate::app::live::age;
use crate::app::state::State;

/// The words over a section.
pub(in crate::ui) fn heading(section: Section) -> &'static str {
    match section {
        Section::Begin => "Without a cluster",
        Section::Sessions => "Resume a session",
        Section::Contexts => "Clusters of the kubeconfig",
        Section::Frameworks | Section::FrameworkShifts | Section::TenantScores => "Frameworks",
        Section::Mend => "What to mend first",
        Section::Gaps => "What could not be assessed",
        Section::Namespaces | Section::Zones => "Namespaces",
        Section::Themes => "Themes of checks",
        Section::Problems => "What is wrong in files",
        Section::Reads => "Reads",
        Section::Reasons => "Reasons",
        Section::Checks => "Checks",
        Section::Controls => "Controls",
        Section::Findings | Section::Compared => "Findings",
        Section::ControlShifts => "Controls that changed",
        Section::Decided => "Decided between them",
        Section::Kinds => "Kinds",
        Section::Objects => "Objects",
        Section::Messages => "Messages",
        Section::Questions => "Questions",
        Section::Exceptions => "Exceptions",
        Section::Disagreements => "Tools that disagree",
        Section::Holders => "Who may do what",
        Section::Roles => "Roles",
        Section::Rights => "Rights",
        Section::GroupRights => "Through groups",
        Section::Can => "Who can",
        Section::RunsAs => "Runs as it",
        Section::Bindings => "Bindings",
        Section::Rules => "Rules",
        Section::Stations => "Workloads",
        Section::Policies => "Policies",
        Section::Foreign => "Policies of other kinds",
        Section::Entering => "Who may come in",
        Section::Leaving => "Where it may go",
        Section::NotKnown => "Not known",
        Section::Tenants => "Tenants",
        Section::Clusters => "Clusters",
        Section::Differs => "Fails in some, not in others",
        Section::MayDiffer => "Fails in some, not known in the others",
        Section::Clears => "Clears",
        Section::Appears => "Fails only then, or worse",
        Section::Left => "Not mended",
        Section::Moves => "Controls that change",
    }
}

/// What is to be kept in mind of a section: which namespaces it is of, where one is chosen, and that it is of
/// a run that was recorded earlier. The part of a tenant has its own.
pub(in crate::ui) fn aside(state: &State, section: Section, width: u16) -> Option<String> {
    if !matches!(
        section,
        Section::Frameworks | Section::Gaps | Section::FrameworkShifts | Section::ControlShifts
    ) {
        return None;
    }
    let run = state.resumed.as_ref().filter(|_| section == Section::Frameworks).map(|run| {
        let ago = age(state.now.unix - run.finished);
        let again = || format!("; {} runs again", state.keymap.told(Action::Run));
        let next = if width >= 110 { again() } else { String::new() };
        format!("run {}, {ago} ago{next}", run.number)
    });
    let wider = state.judged_wider();
    let narrowed = &state.data.narrowed;
    let about = match (section, wider, narrowed.namespace()) {
        (Section::Frameworks, Some(_), Some(here)) if narrowed.is_awaited() => {
            Some(format!("working out {here}…"))
        }
        (Section::Frameworks, Some(_), Some(here)) if width >= 110 => {
            Some(format!("{here} alone; what is of the cluster is not assessed"))
        }
        (Section::Frameworks, Some(_), Some(here)) => Some(format!("{here} alone")),
        (_, wider, _) => wider,
    };
    let parts: Vec<String> = about.into_iter().chain(run).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}
