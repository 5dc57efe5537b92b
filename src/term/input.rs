//! Terminal events as the workbench knows them.

use crossterm::event::{
    Event as TermEvent, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind,
};

use crate::app::event::Event;
use crate::config::keys::{Code, Key};

/// Whether keys can be read though standard input is something else: from the terminal of the process.
#[must_use]
pub fn has_terminal() -> bool {
    #[cfg(unix)]
    {
        std::fs::File::open(TERMINAL).is_ok()
    }
    #[cfg(not(unix))]
    {
        false
    }
}

/// The terminal of a process, whatever its standard input is.
#[cfg(unix)]
pub(super) const TERMINAL: &str = "/dev/tty";

/// What a pointing device did, and where: column and row from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointed {
    /// The first button was pressed.
    Click(u16, u16),
    /// The wheel was turned towards the user.
    Down(u16, u16),
    /// The wheel was turned away.
    Up(u16, u16),
}

/// What a pointing device did, if the workbench has a use for it.
#[must_use]
pub fn pointed(event: &TermEvent) -> Option<Pointed> {
    let TermEvent::Mouse(mouse) = event else { return None };
    let (x, y) = (mouse.column, mouse.row);
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Pointed::Click(x, y)),
        MouseEventKind::ScrollDown => Some(Pointed::Down(x, y)),
        MouseEventKind::ScrollUp => Some(Pointed::Up(x, y)),
        _ => None,
    }
}

/// Translates one terminal event; none for what the workbench has no use for.
#[must_use]
pub fn translate(event: TermEvent) -> Option<Event> {
    match event {
        TermEvent::Key(key) if key.kind != KeyEventKind::Release => {
            translate_key(key).map(Event::Key)
        }
        TermEvent::Paste(text) => Some(Event::Paste(text)),
        TermEvent::Resize(width, height) => Some(Event::Resize(width, height)),
        TermEvent::FocusGained => Some(Event::Focus(true)),
        TermEvent::FocusLost => Some(Event::Focus(false)),
        _ => None,
    }
}

fn translate_key(event: KeyEvent) -> Option<Key> {
    let code = match event.code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Insert => Code::Insert,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::F(number) => Code::F(number),
        _ => return None,
    };
    Some(Key {
        code,
        ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
        alt: event.modifiers.contains(KeyModifiers::ALT),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_modifiers_and_releases_are_dropped() {
        let press = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert!(
            matches!(translate(TermEvent::Key(press)), Some(Event::Key(k)) if k == Key::ctrl('c'))
        );
        let release = KeyEvent { kind: KeyEventKind::Release, ..press };
        assert!(translate(TermEvent::Key(release)).is_none());
    }
}
