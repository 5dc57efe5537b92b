//! Drives the real binary in a pseudo-terminal. Tests wait for conditions with a deadline, never
//! for a length of time, and show the screen when a condition does not come.

use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long a condition may take: generous, since test machines are slow and shared.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a process is started with.
pub struct Launch {
    args: Vec<String>,
    envs: Vec<(String, String)>,
    size: (u16, u16),
    home: PathBuf,
}

impl Launch {
    /// A process with these arguments, at home in `home`, where sessions and configuration go.
    pub fn new(home: &Path, args: &[&str]) -> Self {
        Self {
            args: args.iter().map(|a| (*a).to_owned()).collect(),
            envs: Vec::new(),
            size: (120, 40),
            home: home.to_owned(),
        }
    }

    /// The size of the terminal.
    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    /// A variable of the environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.envs.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts `binary`.
    pub fn start(self, binary: &str) -> Pty {
        let (columns, rows) = self.size;
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let modes = modes(pair.master.as_ref());
        let mut command = CommandBuilder::new(binary);
        command.args(&self.args);
        command.cwd(&self.home);
        command.env_clear();
        let path = |name: &str| self.home.join(name).to_string_lossy().into_owned();
        let fixed = [
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HOME", self.home.to_string_lossy().into_owned()),
            ("PLIMSOLL_DATA_DIR", path("data")),
            ("PLIMSOLL_CONFIG_DIR", path("config")),
            ("KUBECONFIG", path("no-kubeconfig")),
            ("TERM", "xterm-256color".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("USER", "ada".to_owned()),
        ];
        for (name, value) in fixed {
            command.env(name, value);
        }
        for (name, value) in &self.envs {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the binary starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let shared = Arc::new(Mutex::new(Shared {
            parser: vt100::Parser::new(cells(rows), cells(columns), 0),
            raw: Vec::new(),
            held: Vec::new(),
            ended: false,
        }));
        let sink = Arc::clone(&shared);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            loop {
                let count = reader.read(&mut buffer).unwrap_or(0);
                if !sink.lock().unwrap().take(&buffer[..count]) {
                    return;
                }
            }
        });
        Pty { child, master: pair.master, writer, shared, modes }
    }
}

struct Shared {
    parser: vt100::Parser,
    raw: Vec<u8>,
    /// The beginning of a frame whose end has not come.
    held: Vec<u8>,
    ended: bool,
}

impl Shared {
    /// Takes in what was written; nothing means the end. As a terminal does, it shows a
    /// synchronized frame only when it is whole. Says whether more can come.
    fn take(&mut self, bytes: &[u8]) -> bool {
        const BEGIN: &[u8] = b"\x1b[?2026h";
        const END: &[u8] = b"\x1b[?2026l";
        self.ended = bytes.is_empty();
        self.raw.extend_from_slice(bytes);
        self.held.extend_from_slice(bytes);
        let last = |mark: &[u8]| self.held.windows(mark.len()).rposition(|part| part == mark);
        let open = last(BEGIN).filter(|begin| last(END).is_none_or(|end| end < *begin));
        let whole = if self.ended { self.held.len() } else { open.unwrap_or(self.held.len()) };
        self.parser.process(&self.held[..whole]);
        self.held.drain(..whole);
        !self.ended
    }
}

/// A running process and its terminal.
pub struct Pty {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    shared: Arc<Mutex<Shared>>,
    modes: String,
}

/// A number of rows or columns as the emulator wants it.
fn cells(count: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(count).expect("a terminal has at least one row and column")
}

fn signal(name: &str, to: &str) {
    let status = std::process::Command::new("kill").args(["-s", name, "--", to]).status();
    assert!(status.expect("kill runs").success());
}

/// The terminal's own settings: echo, line by line and so on.
fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().expect("a terminal has settings"))
}

#[allow(dead_code, reason = "each test binary uses a part of it")]
impl Pty {
    /// Types text; `\r` is Enter, `\x1b` Escape.
    pub fn send(&mut self, text: &str) {
        self.writer
            .write_all(text.as_bytes())
            .and_then(|()| self.writer.flush())
            .expect("the terminal takes keys");
    }

    /// The visible text.
    pub fn text(&self) -> String {
        self.shared.lock().unwrap().parser.screen().contents()
    }

    /// Looks at the screen itself: cells, attributes, cursor.
    pub fn with_screen<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.shared.lock().unwrap().parser.screen())
    }

    /// Everything that was written so far.
    pub fn raw(&self) -> Vec<u8> {
        self.shared.lock().unwrap().raw.clone()
    }

    /// Forgets what was written so far.
    pub fn forget(&self) {
        self.shared.lock().unwrap().raw.clear();
    }

    /// Waits until the visible text holds `text`.
    pub fn wait_for(&self, text: &str) {
        self.wait(&format!("text {text:?}"), |screen| screen.contains(text));
    }

    /// Waits until the visible text no longer holds `text`.
    pub fn wait_gone(&self, text: &str) {
        self.wait(&format!("no text {text:?}"), |screen| !screen.contains(text));
    }

    /// Waits until a condition on the visible text holds.
    pub fn wait(&self, what: &str, condition: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = self.text();
            if condition(&text) {
                return;
            }
            let over = self.shared.lock().unwrap().ended || Instant::now() > deadline;
            // Once more: the last bytes may have come between the two looks.
            assert!(
                !over || condition(&self.text()),
                "waited for {what}; the screen is:\n{}",
                self.text()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until nothing has been written for a while, so that a frame is whole.
    pub fn settle(&self) {
        let mut last = self.raw().len();
        let mut since = Instant::now();
        let deadline = Instant::now() + PATIENCE;
        while since.elapsed() < Duration::from_millis(250) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
            let now = self.raw().len();
            if now != last {
                last = now;
                since = Instant::now();
            }
        }
    }

    /// Gives the terminal another size.
    pub fn resize(&self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.shared.lock().unwrap().parser.screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(size).expect("the terminal takes a size");
    }

    /// Whether the terminal's settings are those it had before the process started.
    pub fn modes_restored(&self) -> bool {
        modes(self.master.as_ref()) == self.modes
    }

    /// The line under the cursor of a list, without the cursor's sign.
    pub fn row(&self) -> String {
        let text = self.text();
        let line = text.lines().find_map(|line| line.split_once('▸')).map(|(_, row)| row);
        line.unwrap_or_default().trim().to_owned()
    }

    /// Moves down in a list until the row holds `text`.
    pub fn go_to(&mut self, text: &str) {
        let mut row = self.row();
        while !row.contains(text) {
            self.send("j");
            self.wait(&format!("another row than {row:?}, {text:?} at last"), |_| {
                self.row() != row
            });
            row = self.row();
        }
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("a process")
    }

    /// Sends a signal by name: `TERM`, `KILL`.
    pub fn signal(&self, name: &str) {
        signal(name, &self.pid().to_string());
    }

    /// Sends a signal by name to the process and those it started, as a shell does to a job.
    pub fn signal_job(&self, name: &str) {
        signal(name, &format!("-{}", self.pid()));
    }

    /// Waits for the end and returns the exit status.
    pub fn wait_exit(&mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("the process can be waited for") {
                self.drain();
                return status.exit_code();
            }
            assert!(
                Instant::now() < deadline,
                "the process does not end; the screen is:\n{}",
                self.text()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn drain(&self) {
        let deadline = Instant::now() + Duration::from_secs(2);
        while !self.shared.lock().unwrap().ended && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // A failed test must leave no process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
