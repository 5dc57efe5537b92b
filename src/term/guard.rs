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
