//! The menus: namespaces, contexts, what to run, copy, write and decide, and the palette.

use std::sync::Arc;

use crate::app::action::{ACTIONS, Action};
use crate::app::dialog::{COMMAND, Picker, PickerChoice, PickerEntry, Popup};
use crate::app::effect::Effect;
use crate::app::event::{ContextInfo, SessionInfo};
use crate::app::key::Code;
use crate::app::keymap::{KeyBinding, KeyMode};
use crate::app::network::NetworkPage;
use crate::app::route::{Screen, Subset};
use crate::app::sentence;
use crate::app::state::State;
use crate::facts::access::Query;
use crate::frameworks::Framework;
use crate::model::attestation::AttestationAnswer;
use crate::model::decision::DecisionState;
use crate::report::Format;

/// What the palette is called.
const PALETTE: &str = "Command";

impl State {
    /// Opens the menu of an action.
    pub(super) fn open_menu(&mut self, action: Action) -> Vec<Effect> {
        let mut effects = Vec::new();
        let picker = match action {
            Action::Namespace => self.namespace_menu(),
            Action::Context => {
                effects.push(Effect::LoadContexts);
                self.context_menu()
            }
            Action::Run => self.run_menu(),
            Action::Copy => Picker::menu("Copy", self.copies()),
            Action::Report => {
                let of = self.whole_run().map(|words| format!(" · {}", words.to_lowercase()));
                let title = format!("Write a report{}", of.unwrap_or_default());
                Picker::menu(&title, reports())
            }
            Action::Decide => self.decide_menu(),
            Action::Answer => self.answer_menu(),
            Action::Theme => self.theme_menu(),
            Action::GoTo => self.go_to_menu(),
            Action::Palette => {
                effects.push(Effect::LoadSessions);
                self.palette()
            }
            _ => return effects,
        };
        self.popups.push(Popup::Picker(picker));
        effects
    }

    /// What can follow the key of `go-to`, each with its letter.
    fn go_to_menu(&self) -> Picker {
        let entry = |binding: &KeyBinding| {
            let doc = binding.action.doc();
            let choice = PickerChoice::Action(binding.action);
            let mut entry =
                PickerEntry::new(doc.word, choice).detail(what_is_there(doc.text, doc.word));
            entry.letter = match binding.key.code {
                Code::Char(letter) => Some(letter),
                _ => None,
            };
            entry
        };
        Picker::menu("Go to", self.keymap.of(KeyMode::GoTo).map(entry).collect())
    }

    fn theme_menu(&self) -> Picker {
        let entry = |(name, about): &(String, String)| {
            let mut entry =
                PickerEntry::new(name.as_str(), PickerChoice::Theme(name.clone())).detail(about);
            entry.key = if *name == self.look.theme { "chosen".to_owned() } else { String::new() };
            entry
        };
        let entries = self.look.themes.iter().map(entry).collect();
        let mut picker = Picker::search("Theme", entries, "There are no themes.");
        // What is chosen shows on the screen, so that must be seen.
        picker.aside = true;
        let here = self.look.themes.iter().position(|(name, _)| *name == self.look.theme);
        picker.cursor = here.unwrap_or(0);
        picker
    }

    fn decide_menu(&self) -> Picker {
        let count = self.chosen_prints().len();
        let title = if count == 1 { "Decide".to_owned() } else { format!("Decide about {count}") };
        let entry = |letter, label: &str, detail: &str, choice| {
            PickerEntry::new(label, choice).letter(letter).detail(detail)
        };
        let mut again = entry(
            'o',
            "Open again",
            "take the decision away",
            PickerChoice::Decide(DecisionState::Open),
        );
        // Also one that ran out is taken away.
        let mut prints = self.chosen_prints().into_iter();
        let decided = prints.any(|print| self.data.ledger.decision(&print).is_some());
        again.off = (!decided).then(|| "nothing was decided".to_owned());
        Picker::menu(
            &title,
            vec![
                entry(
                    'a',
                    "Accept the risk",
                    "until a day, with a reason",
                    PickerChoice::Decide(DecisionState::Accepted),
                ),
                entry(
                    'f',
                    "False positive",
                    "it counts as no finding",
                    PickerChoice::Decide(DecisionState::FalsePositive),
                ),
                entry(
                    'i',
                    "In progress",
                    "somebody is at it",
                    PickerChoice::Decide(DecisionState::InProgress),
                ),
                again,
                entry('n', "Note", "write something down", PickerChoice::Action(Action::Note)),
            ],
        )
    }

    fn answer_menu(&self) -> Picker {
        let keys = self.chosen_questions();
        let title = match keys.as_slice() {
            [(_, control)] => format!("Answer {control}"),
            many => format!("Answer {} controls", many.len()),
        };
        let entry = |letter, label: &str, detail: &str, choice| {
            PickerEntry::new(label, PickerChoice::Answer(choice)).letter(letter).detail(detail)
        };
        let about = self.questions(&keys);
        let menu = Picker::menu(
            &title,
            vec![
                entry('y', "Yes", "it is met", Some(AttestationAnswer::Yes)),
                entry('n', "No", "it is not met: the control fails", Some(AttestationAnswer::No)),
                entry(
                    'a',
                    "Not applicable",
                    "there is nothing it could apply to",
                    Some(AttestationAnswer::NotApplicable),
                ),
                entry('w', "Withdraw", "take the answer away", None),
            ],
        );
        Picker { about, ..menu }
    }

    /// Each namespace, what is found in it and who reaches whom there; all of them in one.
    fn namespaces_named(&self) -> Vec<PickerEntry> {
        let all = PickerEntry::new("all namespaces", PickerChoice::Namespace(None));
        let mut entries = vec![all.called(["ns all", "namespace all", "ns 0"])];
        for name in self.data.inventory.namespaces() {
            let choice = PickerChoice::Namespace(Some(name.to_owned()));
            let entry = PickerEntry::new(format!("namespace {name}"), choice);
            entries.push(entry.called([format!("ns {name}"), name.to_owned()]).kind("namespace"));
            let screen = Screen::Findings(Subset::Namespace(name.into()));
            entries.push(
                PickerEntry::new(format!("findings in {name}"), PickerChoice::Go(screen))
                    .kind("findings"),
            );
            let screen = Screen::Network(NetworkPage::Zone(name.into()));
            entries.push(
                PickerEntry::new(format!("network of {name}"), PickerChoice::Go(screen))
                    .kind("network"),
            );
        }
        entries
    }

    /// Every action and every place, by name.
    fn palette(&self) -> Picker {
        let mode = self.nav.top().mode();
        let mut entries = Vec::new();
        for doc in ACTIONS.iter().filter(|doc| !is_motion(doc.action)) {
            let mut entry = PickerEntry::new(doc.name, PickerChoice::Action(doc.action))
                .kind(COMMAND)
                .detail(doc.text);
            entry.aliases.extend((doc.word != doc.name).then(|| doc.word.to_owned()));
            entry.aliases.extend(also(doc.action).iter().map(|name| (*name).to_owned()));
            let keys = self.keymap.keys(mode, doc.action);
            entry.key = keys.first().map(ToString::to_string).unwrap_or_default();
            entry.off = self.unavailable(doc.action);
            entries.push(entry);
        }
        let leave = "Leave at once, also while a run is under way";
        entries.push(
            PickerEntry::new("quit!", PickerChoice::QuitNow)
                .called(["q!"])
                .kind(COMMAND)
                .detail(leave),
        );
        // What cannot be done comes after what can.
        entries.sort_by_key(|entry| entry.off.is_some());
        let data = &self.data;
        entries.extend(data.kinds_called().into_iter().map(|called| {
            let detail = format!("The objects of kind {}", called.kind);
            let choice = PickerChoice::Go(Screen::Objects(called.kind));
            PickerEntry::new(called.plural, choice)
                .called(called.aliases)
                .kind("objects")
                .detail(detail)
        }));
        entries.extend(self.namespaces_named());
        entries.extend(self.frameworks_named());
        for framework in self.frameworks_by_use() {
            let id: Arc<str> = framework.id.as_str().into();
            for control in &framework.controls {
                let number = control.id.as_str().into();
                let screen = Screen::Control { framework: Arc::clone(&id), id: number };
                let label = format!("{} {}", control.id, control.title);
                let entry =
                    PickerEntry::new(label, PickerChoice::Go(screen)).called([control.id.as_str()]);
                entries.push(entry.kind("control").detail(framework.short()));
            }
        }
        for (id, check) in &data.content.library.checks {
            let screen = Screen::Check(Arc::clone(id));
            let entry =
                PickerEntry::new(check.title.as_str(), PickerChoice::Go(screen)).called([&**id]);
            entries.push(entry.kind("check").detail(&**id));
        }
        entries.extend(self.sessions_and_contexts());
        entries.extend(QUESTIONS.iter().filter_map(|q| Query::parse(q)).map(PickerEntry::who_can));
        let fixed = entries.len();
        let mut picker = Picker::search(PALETTE, entries, "");
        picker.asks = Some(fixed);
        picker
    }

    /// Saved sessions, and contexts of the kubeconfig.
    fn sessions_and_contexts(&self) -> Vec<PickerEntry> {
        let session = |session: &Arc<SessionInfo>| {
            let choice = PickerChoice::Session(session.id.clone());
            let entry = PickerEntry::new(format!("session {}", session.title), choice);
            entry.kind("session").detail(session.source.as_str())
        };
        let context = |context: &Arc<ContextInfo>| {
            let entry = PickerEntry::context(format!("context {}", context.name), context);
            entry.kind("context").detail(context.server.as_str())
        };
        self.sessions.iter().map(session).chain(self.contexts.iter().map(context)).collect()
    }

    /// Every framework, by title, id, family and short name; of a family the edition that was judged
    /// comes first.
    fn frameworks_named(&self) -> Vec<PickerEntry> {
        let entry = |framework: &Arc<Framework>| {
            let choice = PickerChoice::Go(Screen::Framework(framework.id.as_str().into()));
            let mut names = vec![framework.id.as_str(), framework.short(), framework.family()];
            names.dedup();
            let entry = PickerEntry::new(framework.title.as_str(), choice).called(names);
            entry.kind("framework").detail(framework.id.as_str())
        };
        self.frameworks_by_use().into_iter().map(entry).collect()
    }

    /// Every framework, those that were judged first.
    fn frameworks_by_use(&self) -> Vec<&Arc<Framework>> {
        let mut all: Vec<_> = self.data.content.frameworks.frameworks.iter().collect();
        all.sort_by_key(|framework| self.data.judged(&framework.id).is_none());
        all
    }

    /// Makes the open palette anew when there are more places to go to; what is typed stays.
    pub(super) fn renew_palette(&mut self) {
        let is_open = |popup: &Popup| matches!(popup, Popup::Picker(p) if p.title == PALETTE);
        if !self.popups.last().is_some_and(is_open) {
            return;
        }
        let fresh = self.palette();
        if let Some(Popup::Picker(picker)) = self.popups.last_mut() {
            let before = picker.current().map(|entry| entry.choice.clone());
            picker.entries = fresh.entries;
            picker.asks = fresh.asks;
            picker.retype();
            let at = picker.shown.iter().position(|at| {
                picker.entries.get(*at).map(|entry| &entry.choice) == before.as_ref()
            });
            picker.cursor = at.unwrap_or(0);
        }
    }
}

/// What a place shows, without the words that lead there.
fn what_is_there(text: &str, word: &str) -> String {
    let text = text.strip_prefix("Go to ").unwrap_or(text);
    let own = |head: &str| head.strip_prefix("the ").unwrap_or(head) == word;
    let text = text.split_once(": ").filter(|(head, _)| own(head)).map_or(text, |(_, rest)| rest);
    sentence(text)
}

/// What an action is called as well, by people who come from elsewhere.
fn also(action: Action) -> &'static [&'static str] {
    match action {
        Action::Quit => &["q", "exit"],
        Action::Context => &["ctx", "contexts"],
        Action::Help => &["h", "?"],
        // Words of the command line.
        Action::Review => &["exception", "exceptions", "accepted"],
        Action::Answer => &["attest", "attestation", "evidence"],
        Action::Report => &["export", "write", "bundle", "sarif", "oscal"],
        Action::Run => &["scan"],
        Action::Compare => &["diff"],
        Action::Lens => &["mitigations"],
        _ => &[],
    }
}

/// Questions worth asking of any cluster.
const QUESTIONS: [&str; 6] = [
    "* *",
    "get secrets",
    "create pods",
    "create pods/exec",
    "impersonate users",
    "escalate clusterroles",
];

/// What the palette need not offer: whoever has it open moves in it.
fn is_motion(action: Action) -> bool {
    use Action::{
        Back, Bottom, Down, HalfDown, HalfUp, Left, NextPane, Open, PageDown, PageUp, Palette,
        Right, Top, Up,
    };
    matches!(
        action,
        Up | Down
            | PageUp
            | PageDown
            | HalfUp
            | HalfDown
            | Top
            | Bottom
            | Left
            | Right
            | Open
            | Back
            | NextPane
            | Palette
    )
}

fn reports() -> Vec<PickerEntry> {
    let mut taken = Vec::new();
    let mut entry = |format: Format| {
        let entry =
            PickerEntry::new(format.word(), PickerChoice::Report(format)).detail(format.about());
        // The first letter of its word that no format before it has.
        match format.word().chars().find(|c| c.is_ascii_lowercase() && !taken.contains(c)) {
            Some(letter) => {
                taken.push(letter);
                entry.letter(letter)
            }
            None => entry,
        }
    };
    let formats = Format::ALL.into_iter().filter(|format| *format != Format::Table);
    let mut entries: Vec<PickerEntry> = formats.map(&mut entry).collect();
    // What people read comes before what programs read.
    let read = |choice: &PickerChoice| {
        matches!(choice, PickerChoice::Report(Format::Html | Format::Markdown))
    };
    entries.sort_by_key(|entry| !read(&entry.choice));
    let about = "the whole session, signed, for `plimsoll verify`";
    entries.push(PickerEntry::new("bundle", PickerChoice::Bundle).detail(about).letter('b'));
    entries
}
