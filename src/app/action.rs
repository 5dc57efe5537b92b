//! Everything the workbench can be told to do, with its name, its word in the footer and its
//! explanation in the help. Key bindings, help, footer and palette all come out of this table.

/// Something a key or the palette can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is explained in ACTIONS, where the help takes it from")]
pub enum Action {
    Quit,
    Back,
    Help,
    Palette,
    Up,
    Down,
    PageUp,
    PageDown,
    HalfUp,
    HalfDown,
    Top,
    Bottom,
    Left,
    Right,
    Open,
    NextPane,
    SideUp,
    SideDown,
    Filter,
    Overview,
    Objects,
    Frameworks,
    Findings,
    Checks,
    Matrix,
    Lens,
    Heat,
    Tenants,
    Fleet,
    Access,
    Network,
    Coverage,
    Sessions,
    Messages,
    Review,
    GoTo,
    HistoryBack,
    HistoryForward,
    LastView,
    Namespace,
    Context,
    Run,
    Cancel,
    Refresh,
    Freeze,
    Report,
    Import,
    Compare,
    Undo,
    Redo,
    Copy,
    Sort,
    Reverse,
    Mark,
    MarkRange,
    MarkAll,
    ClearMarks,
    Group,
    Platform,
    WhoCan,
    Role,
    Fold,
    Decide,
    Accept,
    FalsePositive,
    InProgress,
    Reopen,
    Note,
    Answer,
    Previous,
    Next,
    Owner,
    Preview,
    Editor,
    Pager,
    Wrap,
    NextMatch,
    PreviousMatch,
    Theme,
    Demo,
    NewSession,
    Reload,
    Redraw,
    Mouse,
}

/// What is said of an action.
#[derive(Debug)]
pub struct ActionDoc {
    /// The action.
    pub action: Action,
    /// Its name in `keys.toml` and in the palette.
    pub name: &'static str,
    /// Its word in the footer.
    pub word: &'static str,
    /// What it does.
    pub text: &'static str,
}

const fn doc(
    action: Action,
    name: &'static str,
    word: &'static str,
    text: &'static str,
) -> ActionDoc {
    ActionDoc { action, name, word, text }
}

/// All actions, in the order of the help.
pub const ACTIONS: &[ActionDoc] = &[
    doc(Action::Open, "open", "open", "Open what is under the cursor, or fold a group"),
    doc(Action::Back, "back", "back", "Undo one thing: a dialog, a filter, marks, one level"),
    doc(Action::Up, "up", "up", "Move up"),
    doc(Action::Down, "down", "down", "Move down"),
    doc(Action::PageUp, "page-up", "page up", "Move up by a page"),
    doc(Action::PageDown, "page-down", "page down", "Move down by a page"),
    doc(Action::HalfUp, "half-page-up", "half up", "Move up by half a page"),
    doc(Action::HalfDown, "half-page-down", "half down", "Move down by half a page"),
    doc(Action::Top, "top", "top", "Go to the first row"),
    doc(Action::Bottom, "bottom", "bottom", "Go to the last row"),
    doc(Action::Left, "left", "fold", "Fold the group, or scroll left"),
    doc(Action::Right, "right", "unfold", "Unfold the group, or scroll right"),
    doc(Action::NextPane, "next-pane", "other pane", "Go to the next pane or section"),
    doc(
        Action::SideDown,
        "side-down",
        "more lines",
        "Scroll what stands beside the list or the text, or over it",
    ),
    doc(Action::SideUp, "side-up", "lines before", "Scroll it back"),
    doc(Action::Filter, "filter", "filter", "Filter the list, or search in the text"),
    doc(Action::Palette, "palette", "command", "Find any command, place or saved session by name"),
    doc(Action::Help, "help", "help", "Show the keys that work here"),
    doc(
        Action::Overview,
        "overview",
        "overview",
        "Go to the overview: scores, what to mend first, what is not known",
    ),
    doc(
        Action::Objects,
        "objects",
        "objects",
        "Go to the objects: by kind, each with what is found on it",
    ),
    doc(
        Action::Frameworks,
        "frameworks",
        "frameworks",
        "Go to the frameworks: their controls, passed, failed and open",
    ),
    doc(
        Action::Findings,
        "findings",
        "findings",
        "Go to the findings: everything that fails, the worst first",
    ),
    doc(Action::Checks, "checks", "checks", "Go to the checks: what each one found"),
    doc(Action::Matrix, "matrix", "matrix", "Go to the matrix of attack techniques"),
    doc(
        Action::Lens,
        "lens",
        "mitigations",
        "Show the mitigations in place instead of the exposure, or back",
    ),
    doc(
        Action::Heat,
        "heat-map",
        "heat map",
        "Go to the heat map: failing controls by namespace and framework",
    ),
    doc(Action::Tenants, "tenants", "tenants", "Go to the scorecards of tenants, by profile"),
    doc(Action::Fleet, "fleet", "fleet", "Go to several clusters side by side"),
    doc(Action::Access, "access", "access", "Go to access: who may do what, by which binding"),
    doc(
        Action::Network,
        "network",
        "network",
        "Go to the network: which pods are isolated, who reaches whom",
    ),
    doc(
        Action::Coverage,
        "coverage",
        "coverage",
        "Go to coverage: what was read, what could not be",
    ),
    doc(Action::Sessions, "sessions", "sessions", "Go to the saved sessions"),
    doc(Action::Messages, "messages", "messages", "Go to the messages of this sitting"),
    doc(Action::Review, "review", "review", "Go to what waits for a person: exceptions, questions"),
    doc(Action::GoTo, "go-to", "go to", "Go to a view by its letter"),
    doc(Action::HistoryBack, "history-back", "history", "Go back to where you were before"),
    doc(Action::HistoryForward, "history-forward", "forward", "Go forward again"),
    doc(Action::LastView, "last-view", "last view", "Go to the view you came from, and back"),
    doc(Action::Namespace, "namespace", "namespace", "Choose the namespace"),
    doc(Action::Context, "context", "context", "Choose the cluster"),
    doc(Action::Run, "run", "run", "Run checks: all, these, the marked ones, the failed ones"),
    doc(Action::Cancel, "cancel", "cancel run", "Stop the run"),
    doc(Action::Refresh, "refresh", "read again", "Read the cluster, or the files, again"),
    doc(Action::Freeze, "freeze", "freeze", "Hold live changes back, or let them in again"),
    doc(Action::Report, "report", "report", "Write a report"),
    doc(Action::Import, "import", "import", "Bring in results of kube-bench and other tools"),
    doc(
        Action::Compare,
        "compare",
        "compare",
        "Compare with the run before, or with the session under the cursor",
    ),
    doc(Action::Copy, "copy", "copy", "Copy a name, a path, YAML, a patch or a finding"),
    doc(Action::Sort, "sort", "sort", "Sort by the next column"),
    doc(Action::Reverse, "reverse", "reverse", "Turn the order round"),
    doc(Action::Mark, "mark", "mark", "Mark the row, or take the mark away"),
    doc(Action::MarkRange, "mark-range", "mark to here", "Mark from the last marked row to here"),
    doc(Action::MarkAll, "mark-all", "mark all", "Mark every row shown"),
    doc(Action::ClearMarks, "clear-marks", "clear marks", "Take all marks away"),
    doc(Action::Group, "group", "group by", "Group in the next way, or not at all"),
    doc(
        Action::Platform,
        "platform",
        "platform",
        "Show or hide what belongs to the platform itself",
    ),
    doc(Action::WhoCan, "who-can", "who can", "Ask who can do something: get secrets in pay"),
    doc(Action::Role, "role", "role", "Open the role that gives the right, at the rule"),
    doc(
        Action::Fold,
        "fold-all",
        "fold all",
        "Fold every group, or what a text says elsewhere, or unfold all; give a page's head more room",
    ),
    doc(Action::Decide, "decide", "decide", "Decide about the finding, or the marked ones"),
    doc(Action::Accept, "accept", "accept", "Accept the risk, with a reason and a day"),
    doc(Action::FalsePositive, "false-positive", "false positive", "It is none: say why"),
    doc(Action::InProgress, "in-progress", "in progress", "Somebody is at it"),
    doc(Action::Reopen, "reopen", "reopen", "Take the decision away"),
    doc(Action::Note, "note", "note", "Write a note"),
    doc(
        Action::Answer,
        "answer",
        "answer",
        "Answer the question of a control, or of the marked ones",
    ),
    doc(Action::Undo, "undo", "undo", "Take back the last marks, decision, answer or note"),
    doc(Action::Redo, "redo", "redo", "Do again what was taken back"),
    doc(Action::Previous, "previous", "previous", "Go to the finding before"),
    doc(Action::Next, "next", "next", "Go to the next finding"),
    doc(Action::Owner, "owner", "object", "Open the whole object"),
    doc(
        Action::Preview,
        "preview",
        "preview fix",
        "Work out what the patch clears and whether anything new fails",
    ),
    doc(
        Action::Editor,
        "editor",
        "editor",
        "Open the file in $EDITOR, or a copy of what stands in none",
    ),
    doc(Action::Pager, "pager", "pager", "Look at a copy in $PAGER"),
    doc(Action::Wrap, "wrap", "wrap", "Wrap long lines, or cut them"),
    doc(Action::NextMatch, "next-match", "next match", "Go to the next match"),
    doc(Action::PreviousMatch, "previous-match", "match before", "Go to the match before"),
    doc(Action::Theme, "theme", "theme", "Choose the colours"),
    doc(Action::Demo, "demo", "demo", "Open the cluster built into the program"),
    doc(Action::NewSession, "new-session", "new session", "Begin a new session"),
    doc(Action::Reload, "reload", "reload", "Read configuration, themes and keys again"),
    doc(Action::Redraw, "redraw", "redraw", "Paint everything anew"),
    doc(
        Action::Mouse,
        "mouse",
        "mouse",
        "Take the mouse, or leave it to the terminal to select text",
    ),
    doc(Action::Quit, "quit", "quit", "Leave the program"),
];

impl Action {
    /// What is said of it.
    #[must_use]
    pub fn doc(self) -> &'static ActionDoc {
        const UNKNOWN: &ActionDoc = &doc(Action::Help, "", "", "");
        ACTIONS.iter().find(|d| d.action == self).unwrap_or(UNKNOWN)
    }

    /// The action of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        ACTIONS.iter().find(|d| d.name == name).map(|d| d.action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_explained_once_and_found_by_name() {
        for doc in ACTIONS {
            assert_eq!(doc.action.doc().name, doc.name);
            assert_eq!(Action::parse(doc.name), Some(doc.action));
            assert!(!doc.text.is_empty() && !doc.word.is_empty());
        }
    }
}
