//! The workbench as a state machine: keys, clicks, lines and news in any order, over a hostile
//! cluster, at any size. It never panics and never shows what a terminal obeys.

use std::sync::{Arc, OnceLock};

use plimsoll::app::data::ShownContent;
use plimsoll::app::event::{Event, Now, RunEvent, SourceEvent};
use plimsoll::app::key::{Code, Key};
use plimsoll::app::pointer::Pointer;
use plimsoll::app::state::{State, WorkbenchSetup};
use plimsoll::assess;
use plimsoll::config::theme::Themes;
use plimsoll::model::inventory::Inventory;
use plimsoll::source::files::{self, Options};
use plimsoll::text::is_safe;
use plimsoll::ui::{self, Depth, TerminalTheme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const CLUSTER: &str = include_str!("../hostile.yaml");
/// 2026-11-24 12:00:00 UTC.
const NOON: i64 = 1_795_521_600;
/// Most events of one input: a key may move through every list there is.
const MOST: usize = 256;

thread_local! {
    static BASE: (State, Arc<Inventory>) = hostile();
}

/// The workbench on a hostile cluster, with a run behind it.
fn hostile() -> (State, Arc<Inventory>) {
    let options = Options { complete: true, kube_version: Some("1.35".to_owned()) };
    let inventory = Arc::new(files::from_text("hostile.yaml", CLUSTER, &options));
    let content = super::files::content();
    let content = ShownContent {
        library: Arc::clone(&content.library),
        frameworks: Arc::clone(&content.frameworks),
        ..ShownContent::default()
    };
    let setup = WorkbenchSetup {
        content: Arc::new(content),
        user: "a\u{1b}b".into(),
        ..WorkbenchSetup::default()
    };
    let mut state = State::new(setup, Now { millis: 1, unix: NOON });
    let found = super::shown::assess(&inventory);
    assert!(found.result.findings.len() > 10, "there is something to look at");
    let events = [
        Event::Source(SourceEvent::Connecting { context: "prod\u{1b}[31m\u{202e}".to_owned() }),
        Event::Source(SourceEvent::Loaded { inventory: Arc::clone(&inventory), complete: true }),
        Event::Run(RunEvent::Started { id: 1, total: 3 }),
        Event::Run(RunEvent::Finished {
            id: 1,
            judged: assess::results(&found.judged, &found.chosen.not_judged).into(),
            result: Arc::new(found.result),
            millis: 20,
        }),
    ];
    for event in events {
        state.update(event, Now { millis: 2, unix: NOON });
    }
    (state, inventory)
}

/// Draws the state and looks at every cell.
pub fn draw(state: &State) -> ui::Drawn {
    static THEME: OnceLock<TerminalTheme> = OnceLock::new();
    let theme = THEME.get_or_init(|| {
        let theme = Themes::default().get(Themes::DEFAULT).expect("it is built in");
        TerminalTheme::new(&theme, Depth::True)
    });
    let (width, height) = state.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a test backend");
    let mut drawn = ui::Drawn::default();
    terminal
        .draw(|frame| drawn = ui::draw_all(state, theme, frame))
        .expect("a test backend cannot fail");
    for cell in terminal.backend().buffer().content() {
        assert!(cell.symbol().chars().all(is_safe), "{:?} is drawn", cell.symbol());
    }
    for link in &drawn.links {
        assert!(link.url.chars().all(is_safe), "{:?} is a link", link.url);
    }
    drawn
}

/// Bytes are events: most are keys, some carry a size, a word or a time.
pub fn events(data: &[u8]) {
    let (mut state, inventory) = BASE.with(Clone::clone);
    let mut now = Now { millis: 1_000, unix: NOON };
    let mut bytes = data.iter().copied();
    let mut count = 0;
    while let Some(byte) = bytes.next().filter(|_| count < MOST) {
        count += 1;
        let event = match byte {
            b' '..=b'~' => Event::Key(Key::char(char::from(byte))),
            1..=26 => Event::Key(Key::ctrl(char::from(byte + b'a' - 1))),
            128..=155 => Event::Key(Key::plain(code(byte - 128))),
            160 => {
                let mut next = || u16::from(bytes.next().unwrap_or(80));
                Event::Resize(next().min(240), next().min(80))
            }
            161 => Event::Paste(word(&mut bytes)),
            162 => Event::Line(word(&mut bytes)),
            163 => Event::Focus(count % 2 == 0),
            164 => Event::Tick,
            165 => {
                now.millis += u64::from(bytes.next().unwrap_or(0)) * 100;
                Event::Tick
            }
            166 => click(&state, bytes.next().unwrap_or(0)),
            167 => Event::Source(SourceEvent::Loaded {
                inventory: Arc::clone(&inventory),
                complete: byte.is_multiple_of(2),
            }),
            168 => Event::Source(SourceEvent::Loaded { inventory: Arc::default(), complete: true }),
            169 => Event::Failed(plimsoll::app::event::UserError {
                what: word(&mut bytes),
                why: word(&mut bytes),
                next: String::new(),
            }),
            171 => Event::Source(SourceEvent::Notice(word(&mut bytes))),
            170 => {
                Event::Key(Key { code: code(bytes.next().unwrap_or(0)), ctrl: false, alt: true })
            }
            _ => Event::Key(Key::char('\u{202e}')),
        };
        now.millis += 7;
        let line = matches!(event, Event::Line(_));
        let _ = state.update(event, now);
        if line {
            let told = ui::linear::answer(&state);
            for words in &told {
                super::harmless(words);
            }
        }
        if count % 16 == 0 {
            draw(&state);
        }
    }
    draw(&state);
    super::harmless(&ui::linear::place(&state));
    super::harmless(&ui::linear::prompt(&state));
}

fn code(byte: u8) -> Code {
    const CODES: [Code; 16] = [
        Code::Enter,
        Code::Esc,
        Code::Tab,
        Code::BackTab,
        Code::Backspace,
        Code::Delete,
        Code::Insert,
        Code::Up,
        Code::Down,
        Code::Left,
        Code::Right,
        Code::Home,
        Code::End,
        Code::PageUp,
        Code::PageDown,
        Code::F(5),
    ];
    CODES.into_iter().cycle().nth(usize::from(byte)).unwrap_or(Code::Enter)
}

fn word(bytes: &mut impl Iterator<Item = u8>) -> String {
    let length = usize::from(bytes.next().unwrap_or(0) % 40);
    String::from_utf8_lossy(&bytes.by_ref().take(length).collect::<Vec<u8>>()).into_owned()
}

/// Points at something that is on the screen.
fn click(state: &State, byte: u8) -> Event {
    let (width, height) = state.size;
    let spots = u32::from(width) * u32::from(height);
    let spot = u32::from(byte) * spots.max(1) / 256;
    let (x, y) = (spot % u32::from(width.max(1)), spot / u32::from(width.max(1)));
    let drawn = draw(state);
    let at = drawn.targets.at(u16::try_from(x).unwrap_or(0), u16::try_from(y).unwrap_or(0));
    Event::Pointer(match at {
        Some(target) if !byte.is_multiple_of(3) => Pointer::Click(target),
        over => Pointer::Wheel { down: byte.is_multiple_of(2), over },
    })
}

/// Goes through every key from the overview at one size, and looks at each frame. How many frames
/// differ: a tour that sees one screen sees nothing.
#[allow(dead_code, reason = "the fuzzer finds its own way")]
pub fn tour(width: u16, height: u16) -> usize {
    let (base, _) = BASE.with(Clone::clone);
    let now = Now { millis: 5_000, unix: NOON };
    let mut seen = std::collections::BTreeSet::new();
    for key in (b'!'..=b'~').map(char::from) {
        let mut state = base.clone();
        let enter = Event::Key(Key::plain(Code::Enter));
        for event in
            [Event::Resize(width, height), Event::Key(Key::char(key)), enter.clone(), enter]
        {
            let _ = state.update(event, now);
        }
        draw(&state);
        seen.insert((state.nav.view(), state.popups.len()));
    }
    seen.len()
}
