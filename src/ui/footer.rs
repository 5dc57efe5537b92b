//! The footer: the most useful keys of where the cursor is, as many as fit, and always the help.

use ratatui::layout::Rect;

use crate::app::action::Action;
use crate::app::dialog::Popup;
use crate::app::filter::{FIELDS, Field};
use crate::app::keymap::Mode;
use crate::app::route::Screen;
use crate::app::state::State;
use crate::config::theme::Role;

use super::detail::WHY_AND_FIX;
use super::paint::{Line, Paint, line_width, piece};
use super::screens::WIDE;

pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect) {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let line = match state.popups.last() {
        None if state.nav.top().typing.is_some() => typing_hints(state, usize::from(inner.width)),
        None => hints(state, usize::from(inner.width)),
        Some(popup) => dialog_hints(state, popup),
    };
    paint.line(inner, area.height.saturating_sub(1), &line);
}

/// The keys that fit, the help last.
fn hints(state: &State, width: usize) -> Line {
    let mode = state.nav.top().mode();
    let mut last = Line::new();
    if let Some(key) = state.keymap.keys(mode, Action::Mouse).first().filter(|_| state.look.mouse) {
        last.push(piece(key.to_string(), Role::Accent));
        last.push(piece(" release mouse  ", Role::Manual));
    }
    if let Some(key) = state.keymap.keys(mode, Action::Freeze).first().filter(|_| state.frozen) {
        last.push(piece(key.to_string(), Role::Accent));
        last.push(piece(" let changes in  ", Role::Manual));
    }
    last.extend(hint(state, mode, Action::Help).unwrap_or_default());
    let mut line: Line = Vec::new();
    let paged = mode == Mode::Finding && is_paged(state, width);
    let first = paged.then_some(&Action::NextPane);
    let others = useful_here(state).iter().filter(|action| first != Some(*action));
    for action in first.into_iter().chain(others) {
        let Some(mut next) = hint(state, mode, *action) else { continue };
        if paged
            && *action == Action::NextPane
            && let Some(word) = next.last_mut()
        {
            word.0 = format!(" {}", other_page(state));
        }
        if line_width(&line) + line_width(&next) + line_width(&last) + 4 > width {
            break;
        }
        line.extend(next);
        line.push(piece("  ", Role::Text));
    }
    line.extend(last);
    line
}

/// Whether a finding takes two pages, of which one is in sight.
fn is_paged(state: &State, width: usize) -> bool {
    let route = state.nav.top();
    let narrow = width + 2 < usize::from(WIDE);
    narrow && matches!(route.screen, Screen::Finding(_)) && !route.text.yaml.lines.is_empty()
}

/// What stands on the page of a finding that is not in sight.
fn other_page(state: &State) -> &'static str {
    if state.nav.top().pane == 0 { WHY_AND_FIX } else { "YAML" }
}

/// What can be typed in a filter, as far as there is room.
fn typing_hints(state: &State, width: usize) -> Line {
    let search = state.nav.top().in_text();
    let enter = enter(state);
    let keys: &[(&str, &str)] = if search {
        &[(enter, " keep  "), ("esc", " clear")]
    } else {
        &[
            (enter, " keep  "),
            ("esc", " clear  "),
            ("tab", " complete  "),
            ("!", " not  "),
            ("~", " letters  "),
        ]
    };
    let mut line = Line::new();
    for (key, word) in keys {
        let next = [piece(*key, Role::Accent), piece(*word, Role::Dim)];
        if line_width(&line) + line_width(&next) > width {
            return line;
        }
        line.extend(next);
    }
    // Of controls the status is what most are looked for by.
    let controls = matches!(state.nav.top().screen, Screen::Framework(_) | Screen::Review);
    let first = FIELDS.iter().filter(|(_, _, field, _)| controls && *field == Field::Status);
    let others = FIELDS.iter().filter(|(_, _, field, _)| !(controls && *field == Field::Status));
    for (name, ..) in first.chain(others).filter(|_| !search) {
        let term = format!("{name}: ");
        if line_width(&line) + term.len() > width {
            break;
        }
        line.push(piece(term, Role::Dim));
    }
    line
}

/// What the keys do in a dialog; letters are typed there, so there is no key for the help.
fn dialog_hints(state: &State, popup: &Popup) -> Line {
    let words: &[(Action, &str)] = match popup {
        Popup::Picker(_) => &[(Action::Open, "choose"), (Action::Back, "close")],
        Popup::Form(_) => &[(Action::Open, "next, then done"), (Action::Back, "cancel")],
        Popup::Help(_) => &[(Action::Down, "scroll"), (Action::Back, "close")],
    };
    let mut line = Line::new();
    for (action, word) in words {
        if let Some(key) = state.keymap.keys(Mode::Popup, *action).first() {
            line.push(piece(key.to_string(), Role::Accent));
            line.push(piece(format!(" {word}  "), Role::Dim));
        }
    }
    line
}

/// The key that opens. Its sign has no letter that could not be taken for another key.
fn enter(state: &State) -> &'static str {
    if state.look.ascii { "enter" } else { "⏎" }
}

/// The key of an action and its word; nothing where it would only say why it cannot be done.
fn hint(state: &State, mode: Mode, action: Action) -> Option<Line> {
    if state.unavailable(action).is_some() {
        return None;
    }
    let key = state.keymap.keys(mode, action).first()?.to_string();
    let key = if key == "enter" { enter(state).to_owned() } else { key };
    let word = match action {
        Action::NextPane => next_part(state),
        Action::Back if clears(state) => "clear filter",
        _ => action.doc().word,
    };
    Some(vec![piece(key, Role::Accent), piece(format!(" {word}"), Role::Dim)])
}

/// Whether going back takes the filter away first.
fn clears(state: &State) -> bool {
    let route = state.nav.top();
    !route.in_text() && !route.list.filter().is_empty()
}

/// What comes next: the screens differ in what they have several of.
fn next_part(state: &State) -> &'static str {
    let route = state.nav.top();
    match route.screen {
        Screen::Matrix(_) => "next matrix",
        Screen::Fleet(_) => "next page",
        _ if route.has_panes() => Action::NextPane.doc().word,
        _ => "next part",
    }
}

/// As [`useful`], also in pages of who may do what, and of who reaches whom.
fn useful_here(state: &State) -> &'static [Action] {
    use Action::{Back, Copy, Filter, Group, Namespace, Open, Palette, Platform, WhoCan};
    match &state.nav.top().screen {
        _ if state.run.is_some() => useful(state),
        Screen::Access(_) => {
            &[Open, WhoCan, Action::Role, Group, Platform, Filter, Back, Namespace, Copy, Palette]
        }
        Screen::Network(_) => &[Open, Filter, Back, Namespace, Copy, Palette],
        _ => useful(state),
    }
}
/// Those of an open finding.
const OF_FINDING: &[Action] = &[
    Action::Previous,
    Action::Next,
    Action::Decide,
    Action::Accept,
    Action::FalsePositive,
    Action::Preview,
    Action::Note,
    Action::Copy,
    Action::NextPane,
    Action::Back,
    Action::Owner,
    Action::Editor,
    Action::Undo,
    Action::Wrap,
];

/// The actions worth a place, the most useful first.
fn useful(state: &State) -> &'static [Action] {
    use Action::{
        Accept, Answer, Back, Cancel, Compare, Context, Copy, Decide, Editor, FalsePositive,
        Filter, Freeze, Group, Mark, Namespace, NextMatch, NextPane, Open, Palette, Platform,
        Preview, PreviousMatch, Quit, Reopen, Report, Run, Sort, Undo, Wrap,
    };
    let route = state.nav.top();
    if state.run.is_some() && !matches!(route.screen, Screen::Finding(_)) {
        return &[Open, Cancel, Filter, Palette, Back, Quit];
    }
    match (&route.screen, route.mode()) {
        (_, Mode::Search) => &[NextMatch, PreviousMatch, Back, Filter],
        (Screen::Start, _) => &[Open, Filter, Quit, Palette],
        (Screen::Overview, _) => &[
            Open, Run, Filter, Palette, NextPane, Preview, Namespace, Context, Report, Freeze, Quit,
        ],
        (Screen::Finding(_), _) => OF_FINDING,
        (Screen::Preview(_), _) => &[Open, NextPane, Copy, Filter, Back, Decide, Run, Palette],
        (Screen::Object(_), _) => &[Filter, NextPane, Copy, Editor, Back, Wrap, Run],
        (Screen::Comparison, _) => {
            &[Open, Filter, Decide, Accept, Compare, Sort, Copy, Back, Platform, Run]
        }
        (Screen::Control { .. }, _) => {
            &[Open, Answer, Decide, Run, Filter, Mark, Copy, Back, Accept, Undo]
        }
        (Screen::Review, _) => {
            &[Open, Answer, Accept, Reopen, Mark, Filter, Palette, Report, Undo, Back, Quit]
        }
        (_, Mode::Findings) => &[
            Open,
            Decide,
            Accept,
            Preview,
            Filter,
            Group,
            Mark,
            Copy,
            Sort,
            Back,
            FalsePositive,
            Platform,
            Undo,
            Run,
        ],
        (screen, _) => useful_in_lists(screen),
    }
}

/// The same in lists that are not of findings.
fn useful_in_lists(screen: &Screen) -> &'static [Action] {
    use Action::{
        Back, Cancel, Compare, Copy, Filter, Lens, Mark, Namespace, NextPane, Open, Overview,
        Palette, Platform, Quit, Refresh, Report, Run, Sort,
    };
    match screen {
        Screen::Matrix(_) => {
            &[Open, Lens, NextPane, Filter, Mark, Run, Palette, Copy, Back, Report, Quit]
        }
        Screen::Fleet(_) => {
            &[Open, NextPane, Refresh, Cancel, Mark, Filter, Sort, Palette, Back, Quit]
        }
        Screen::Tenants => &[Open, Filter, Run, Palette, Back, Report, Quit],
        Screen::Heat => &[Open, Filter, Run, Mark, Palette, Platform, Back, Report, Quit],
        Screen::Sessions => &[Open, Compare, Filter, Palette, Back, Overview, Quit],
        Screen::Messages => &[Open, Filter, Palette, Back, Overview, Quit],
        _ => &[Open, Run, Filter, Mark, Sort, Palette, Copy, Namespace, Back, Report, Quit],
    }
}
