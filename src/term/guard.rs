//! Entering and leaving the terminal's modes.

use std::io::Write as _;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange,
};
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, queue};

/// Whether the modes are set right now: there is one terminal per process.
static ENTERED: AtomicBool = AtomicBool::new(false);
/// Whether clicks and the wheel are to be reported.
static MOUSE: AtomicBool = AtomicBool::new(false);
/// Whether the terminal's title is kept aside, to be put back.
static TITLED: AtomicBool = AtomicBool::new(false);

/// Presses and the wheel with their places; movements would be events without end.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// Holds the terminal in raw mode on its alternate screen until it is dropped.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Sets every mode the workbench needs. From now on a panic anywhere first gives the terminal
    /// back, so that its message can be read.
    ///
    /// # Errors
    /// When standard input or output is no terminal.
    pub fn enter() -> std::io::Result<Self> {
        install_panic_hook();
        enter()?;
        Ok(Self(()))
    }

    /// Gives the terminal back for a while: to an editor, or to the shell.
    pub fn pause(&self) {
        leave();
    }

    /// Takes the terminal again after [`Self::pause`].
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn resume(&self) -> std::io::Result<()> {
        enter()
    }
}

impl Guard {
    /// Has clicks and the wheel reported, or gives them back to the terminal for selecting text.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn mouse(&self, on: bool) -> std::io::Result<()> {
        MOUSE.store(on, Ordering::SeqCst);
        write(if on { MOUSE_ON } else { MOUSE_OFF })
    }

    /// Sets the terminal's title; the one before is kept by the terminal and put back at the end.
    /// The text must be safe to show.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn title(&self, text: &str) -> std::io::Result<()> {
        let keep = if TITLED.swap(true, Ordering::SeqCst) { "" } else { "\x1b[22;2t" };
        write(&format!("{keep}\x1b]2;{text}\x1b\\"))
    }
}

fn write(sequence: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    out.write_all(sequence.as_bytes())?;
    out.flush()
}

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
    }
}

fn enter() -> std::io::Result<()> {
    enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    let mut out = std::io::stdout();
    let set =
        queue!(out, EnterAlternateScreen, cursor::Hide, EnableBracketedPaste, EnableFocusChange);
    let mouse = if MOUSE.load(Ordering::SeqCst) { MOUSE_ON } else { "" };
    let set = set.and_then(|()| out.write_all(mouse.as_bytes()));
    if let Err(error) = set.and_then(|()| out.flush()) {
        leave();
        return Err(error);
    }
    Ok(())
}

/// Undoes every mode. May be called any number of times, from any thread. Nothing can be done
/// about a terminal that refuses.
///
/// Says whether any was set.
pub fn leave() -> bool {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return false;
    }
    let mut out = std::io::stdout();
    if MOUSE.load(Ordering::SeqCst) {
        let _ = out.write_all(MOUSE_OFF.as_bytes());
    }
    if TITLED.swap(false, Ordering::SeqCst) {
        let _ = out.write_all(b"\x1b[23;2t");
    }
    let _ =
        queue!(out, DisableFocusChange, DisableBracketedPaste, cursor::Show, LeaveAlternateScreen);
    let _ = out.flush();
    let _ = disable_raw_mode();
    true
}

fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let ours = leave();
            previous(info);
            // A task that panics must not leave a workbench behind that draws over the message and
            // lacks a part. What was acknowledged is on disk.
            if ours {
                std::process::exit(101);
            }
        }));
    });
}
