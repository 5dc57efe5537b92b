//! Signals that reach the workbench from outside, and stopping by job control.

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The end.
    End,
    /// To stop until the shell continues us.
    Stop,
    /// To read the files of the user again.
    Reload,
}

/// Does nothing to who does not ask for it, and nobody else sends it here.
#[cfg(unix)]
const MARK: rustix::process::Signal = rustix::process::Signal::URG;

/// Every signal whose default action would leave the terminal in the workbench's modes, and the one
/// that asks to read files again.
#[cfg(unix)]
#[derive(Debug)]
pub struct Signals {
    term: tokio::signal::unix::Signal,
    hup: tokio::signal::unix::Signal,
    int: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
    stop: tokio::signal::unix::Signal,
    usr1: tokio::signal::unix::Signal,
    /// Comes back when everything before it was heard.
    mark: tokio::signal::unix::Signal,
    /// Whether what a terminal sends by its keys is meant for somebody else, until the mark.
    deaf: bool,
}

#[cfg(unix)]
impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn new() -> std::io::Result<Self> {
        use rustix::process::Signal;
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            hup: signal(SignalKind::hangup())?,
            int: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            stop: signal(SignalKind::from_raw(Signal::TSTP.as_raw()))?,
            usr1: signal(SignalKind::user_defined1())?,
            mark: signal(SignalKind::from_raw(MARK.as_raw()))?,
            deaf: false,
        })
    }

    /// Forgets the keys that made the terminal send signals until now: another program had it, and they
    /// were meant for that one. A signal that somebody sends by name to end this process is heard all the same.
    ///
    /// They may have come without having been told yet, so that looking what is there would leave some for
    /// later. A signal sent now is told after all of them.
    pub fn forget_keys(&mut self) {
        let me = rustix::process::getpid();
        self.deaf = rustix::process::kill_process(me, MARK).is_ok();
    }

    /// Waits for the next one.
    pub async fn next(&mut self) -> Wish {
        loop {
            let (wish, by_key) = tokio::select! {
                // The mark last: what was told together with it came before.
                biased;
                _ = self.term.recv() => (Wish::End, false),
                _ = self.hup.recv() => (Wish::End, false),
                _ = self.int.recv() => (Wish::End, true),
                _ = self.quit.recv() => (Wish::End, true),
                _ = self.stop.recv() => (Wish::Stop, true),
                _ = self.usr1.recv() => (Wish::Reload, false),
                _ = self.mark.recv() => {
                    self.deaf = false;
                    continue;
                }
            };
            if !(self.deaf && by_key) {
                return wish;
            }
        }
    }
}

/// Elsewhere there are none.
#[cfg(not(unix))]
#[derive(Debug)]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// There is nothing to listen to.
    ///
    /// # Errors
    /// Never.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    /// There is nothing to forget.
    pub fn forget_keys(&mut self) {}

    /// Never comes.
    pub async fn next(&mut self) -> Wish {
        std::future::pending().await
    }
}

/// Stops this process until the shell continues it. The terminal was given back before.
pub fn stop_here() {
    #[cfg(unix)]
    {
        let me = rustix::process::getpid();
        // Returns when the shell continues us; if the signal cannot be sent we go on at once.
        let _ = rustix::process::kill_process(me, rustix::process::Signal::STOP);
    }
}

/// Has `last` done when a signal ends this process from now on, for a process without a terminal of
/// its own to give back. The status is what shells say of a process that a signal ended.
pub fn at_end(last: impl FnOnce() + Send + 'static) {
    #[cfg(unix)]
    {
        let (ready, is_ready) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            // Without it signals do what they did.
            let Ok(runtime) = runtime else { return };
            let ended = runtime.block_on(async move {
                use tokio::signal::unix::{SignalKind, signal};
                let hear = |kind: SignalKind| signal(kind).ok();
                let (mut term, mut hup, mut int) = (
                    hear(SignalKind::terminate())?,
                    hear(SignalKind::hangup())?,
                    hear(SignalKind::interrupt())?,
                );
                ready.send(()).ok()?;
                Some(tokio::select! {
                    _ = term.recv() => 15,
                    _ = hup.recv() => 1,
                    _ = int.recv() => 2,
                })
            });
            if let Some(signal) = ended {
                last();
                std::process::exit(128 + signal);
            }
        });
        // Until it listens, or will not.
        let _ = is_ready.recv();
    }
    #[cfg(not(unix))]
    drop(last);
}
