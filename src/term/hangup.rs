//! Whether the terminal is still there.
//!
//! A process that the terminal does not control gets no SIGHUP when it goes: one in a session of its own, as
//! `su -c` and `setsid` start them. Whoever reads keys then reads the end of file again and again.

/// Hears of the terminal's end.
#[derive(Debug)]
pub struct Hangup {
    #[cfg(unix)]
    over: Option<tokio::sync::oneshot::Receiver<()>>,
}

#[cfg(unix)]
impl Hangup {
    /// Listens from now on, on a thread that sleeps until then.
    #[must_use]
    pub fn watch() -> Self {
        let (tell, over) = tokio::sync::oneshot::channel();
        // Without it, keys and signals end the process as they always do.
        let _ = std::thread::Builder::new().name("hangup".into()).spawn(move || {
            if wait() {
                let _ = tell.send(());
            } else {
                // Dropped, it would say the same.
                std::mem::forget(tell);
            }
        });
        Self { over: Some(over) }
    }

    /// Waits until the terminal is gone.
    pub async fn heard(&mut self) {
        if let Some(over) = &mut self.over {
            let _ = over.await;
        }
        self.over = None;
    }
}

/// Waits until the terminal that keys come from is gone. False if it cannot be asked.
#[cfg(unix)]
fn wait() -> bool {
    use std::io::IsTerminal as _;
    use std::os::fd::AsFd as _;

    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return gone(stdin.as_fd());
    }
    std::fs::File::open(super::input::TERMINAL).is_ok_and(|tty| gone(tty.as_fd()))
}

#[cfg(unix)]
fn gone(terminal: std::os::fd::BorrowedFd<'_>) -> bool {
    use rustix::event::{PollFd, PollFlags, poll};

    loop {
        // Nothing is asked for: an end is told all the same, and keys wake nobody here.
        let mut asked = [PollFd::from_borrowed_fd(terminal, PollFlags::empty())];
        match poll(&mut asked, None) {
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
            Ok(_) => {
                let [told] = &asked;
                let ended = PollFlags::HUP | PollFlags::ERR;
                // Some systems cannot ask a terminal this way, and say that it is none.
                return told.revents().intersects(ended)
                    && !told.revents().contains(PollFlags::NVAL);
            }
        }
    }
}

#[cfg(not(unix))]
impl Hangup {
    /// There is nothing to listen to.
    #[must_use]
    pub fn watch() -> Self {
        Self {}
    }

    /// Never comes.
    pub async fn heard(&mut self) {
        std::future::pending().await
    }
}
