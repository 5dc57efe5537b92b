//! The footer: the most useful keys of where the cursor is, as many as fit, and always the help.

use ratatui::layout::Rect;

use crate::app::access::AccessPage;
use crate::app::action::Action;
use crate::app::dialog::Popup;
use crate::app::filter::{FIELDS, FieldName, FilterField};
use crate::app::keymap::KeyMode;
use crate::app::list::SAMPLE;
use crate::app::route::Screen;
use crate::app::state::State;
use crate::config::theme::Role;

use super::detail::{WHY_AND_FIX, YAML};
use super::paint::{Line, Paint, line_width, piece};
use super::screens::WIDE;

pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect) {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let line = match state.popups.last() {
        None if state.nav.top().typing.is_some() => typing_hints(state, usize::from(inner.width)),
        None => hints(state, usize::from(inner.width)),
        Some(popup) => dialog_hints(state, popup, usize::from(inner.width)),
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
    let paged = mode == KeyMode::Finding && is_paged(state, width);
    let first = paged.then_some(&Action::NextPane);
    // Of lines that there is no room for, the pane itself names the key.
    let others = useful_here(state).iter().chain(&[Action::SideDown]);
    let others = others.filter(|action| first != Some(*action));
    for action in first.into_iter().chain(others) {
        let Some(next) = hint(state, mode, *action) else { continue };
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
    let leads = |known: &&FieldName| controls && known.field == FilterField::Status;
    let first = FIELDS.iter().filter(leads);
    let others = FIELDS.iter().filter(|known| !leads(known));
    let list = &state.nav.top().list;
    for FieldName { short, field, .. } in first.chain(others).filter(|_| !search) {
        // What no row here has is not worth asking for.
        if !list.answers(*field, &state.data, SAMPLE) {
            continue;
        }
        let term = format!("{short}: ");
        if line_width(&line) + term.len() > width {
            break;
        }
        line.push(piece(term, Role::Dim));
    }
    line
}

/// What the keys do in a dialog, as many as fit; letters are typed there, so there is no key for the help.
fn dialog_hints(state: &State, popup: &Popup, width: usize) -> Line {
    let words: &[(Action, &str)] = match popup {
        Popup::Picker(_) => &[(Action::Open, "choose"), (Action::Back, "close")],
        Popup::Form(form) if form.fields.len() < 2 => {
            &[(Action::Open, "done"), (Action::Back, "cancel")]
        }
        Popup::Form(form) if form.focus + 1 == form.fields.len() => {
            &[(Action::Open, "done"), (Action::Up, "field before"), (Action::Back, "cancel")]
        }
        Popup::Form(form) if form.focus == 0 => {
            &[(Action::Open, "next field"), (Action::Back, "cancel")]
        }
        Popup::Form(_) => {
            &[(Action::Open, "next field"), (Action::Up, "field before"), (Action::Back, "cancel")]
        }
        Popup::Help(_) => &[(Action::Down, "scroll"), (Action::Back, "close")],
    };
    let keyed = words.iter().filter_map(|(action, word)| {
        let key = state.keymap.keys(KeyMode::Popup, *action).first()?.to_string();
        Some((spelt(state, &key), *word))
    });
    let fields = matches!(popup, Popup::Form(form) if form.fields.len() > 1);
    let others = fields.then(|| ("tab".to_owned(), "other field"));
    let mut line = Line::new();
    for (key, word) in keyed.chain(others) {
        let next = [piece(key, Role::Accent), piece(format!(" {word}"), Role::Dim)];
        if line_width(&line) + line_width(&next) > width {
            break;
        }
        line.extend(next);
        line.push(piece("  ", Role::Text));
    }
    line
}

/// The key that opens. Its sign has no letter that could not be taken for another key.
fn enter(state: &State) -> &'static str {
    if state.look.ascii { "enter" } else { "⏎" }
}

/// A key as it is spelt everywhere in the footer.
fn spelt(state: &State, key: &str) -> String {
    if key == "enter" { enter(state).to_owned() } else { key.to_owned() }
}

/// The key of an action and its word; nothing where it would only say why it cannot be done.
fn hint(state: &State, mode: KeyMode, action: Action) -> Option<Line> {
    if state.unavailable(action).is_some() {
        return None;
    }
    let key = spelt(state, &state.keymap.keys(mode, action).first()?.to_string());
    let route = state.nav.top();
    let word = match action {
        Action::NextPane => next_part(state),
        Action::Lens => route.grid.lens.other().word(),
        Action::Back => back_from(state),
        Action::Filter if route.in_text() => "search",
        Action::Group if route.screen == Screen::Access(AccessPage::Subjects) => "by role",
        Action::Group if route.screen == Screen::Access(AccessPage::Roles) => "by subject",
        // Where there are no rows there is nothing to filter.
        Action::Filter if route.list.total() == 0 => return None,
        _ => action.doc().word,
    };
    Some(vec![piece(key, Role::Accent), piece(format!(" {word}"), Role::Dim)])
}

/// What one step back does: it takes a filter or the marks away before it leaves the screen.
fn back_from(state: &State) -> &'static str {
    let route = state.nav.top();
    match route.in_text() {
        true if route.text.search.is_some() => "end search",
        false if !route.list.filter().is_empty() => "clear filter",
        false if route.list.marked() > 0 => "clear marks",
        _ => Action::Back.doc().word,
    }
}

/// What comes next: the screens differ in what they have several of.
fn next_part(state: &State) -> &'static str {
    let route = state.nav.top();
    match route.screen {
        // What it leads to, where each of two panes or pages has a name.
        Screen::Preview(_) if route.pane > 0 => "lists",
        Screen::Preview(_) => "changes",
        Screen::Finding(_) | Screen::Object(_) if route.pane > 0 => YAML,
        Screen::Finding(_) if !route.text.yaml.lines.is_empty() => WHY_AND_FIX,
        Screen::Object(_) => "findings",
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
            &[Open, WhoCan, Action::Role, Filter, Back, Group, Platform, Namespace, Copy, Palette]
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
    Action::Back,
    Action::NextPane,
    Action::FalsePositive,
    Action::Preview,
    Action::Note,
    Action::Copy,
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
        // From the overview there is no way back.
        return match route.screen {
            Screen::Overview => &[Open, Cancel, Filter, Palette, Quit],
            _ => &[Open, Cancel, Filter, Palette, Back, Quit],
        };
    }
    match (&route.screen, route.mode()) {
        (_, KeyMode::Search) => &[NextMatch, PreviousMatch, Back, Filter],
        (Screen::Start, _) => &[Open, Filter, Quit, Palette],
        (Screen::Overview, _) => &[
            Open, Run, Filter, Palette, NextPane, Preview, Namespace, Context, Report, Freeze, Quit,
        ],
        (Screen::Finding(_), _) => OF_FINDING,
        (Screen::Preview(_), _) => &[Open, NextPane, Filter, Back, Copy, Decide, Run, Palette],
        (Screen::Object(_), _) => &[Open, NextPane, Filter, Back, Copy, Editor, Wrap, Run],
        (Screen::Comparison, _) => &[
            Open, Filter, Back, NextPane, Group, Decide, Accept, Compare, Sort, Copy, Platform, Run,
        ],
        (Screen::Control { .. }, _) => {
            &[Open, Answer, Decide, Filter, Back, Run, Mark, Copy, Accept, Undo]
        }
        (Screen::Review, _) => &[
            Open, NextPane, Answer, Accept, Reopen, Filter, Back, Mark, Palette, Report, Undo, Quit,
        ],
        (_, KeyMode::Findings) => &[
            Open,
            Decide,
            Accept,
            Preview,
            Filter,
            Back,
            Group,
            Mark,
            Copy,
            Sort,
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
            &[Open, Lens, NextPane, Filter, Back, Mark, Run, Palette, Copy, Report, Quit]
        }
        Screen::Fleet(_) => {
            &[Open, NextPane, Refresh, Cancel, Filter, Back, Mark, Sort, Palette, Quit]
        }
        Screen::Tenants => &[Open, Filter, Back, Run, Palette, Report, Quit],
        Screen::Heat => &[Open, Filter, Back, Run, Mark, Palette, Platform, Report, Quit],
        Screen::Sessions => &[Open, Compare, Filter, Back, Palette, Overview, Quit],
        Screen::Messages => &[Open, Filter, Back, Palette, Overview, Quit],
        _ => &[Open, Filter, Back, Run, Mark, Sort, Palette, Copy, Namespace, Report, Quit],
    }
}
