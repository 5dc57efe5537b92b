//! Results of other tools: brought in, taken back, and what happened to them when.

use super::bodies::Imports;
use super::{Act, ImportRef, JournalState, Stamp};

/// One change of what counts of other tools' results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastImport {
    /// RFC 3339.
    pub time: String,
    /// Who did it.
    pub by: String,
    /// Number of the import.
    pub number: u32,
    /// The file or the live resource that it was read from.
    pub origin: String,
    /// Whether it counts since then.
    pub counts: bool,
}

impl JournalState {
    pub(super) fn import(&mut self, imports: Imports, at: Stamp<'_>) {
        match imports {
            // Undo of that time went past it, and what was undone after it stays that.
            Imports::One(import) => self.bring_in(&[import], at),
            Imports::Together(imports) => self.perform(Act::Imported(imports), at),
        }
    }

    /// Takes imports back by their numbers. Those that do not count are left as they are.
    pub(super) fn withdraw(&mut self, numbers: &[u32], at: Stamp<'_>) {
        let meant = self.imports.iter().filter(|import| numbers.contains(&import.number));
        let meant: Vec<ImportRef> = meant.cloned().collect();
        if !meant.is_empty() {
            self.perform(Act::Withdrawn(meant), at);
        }
    }

    pub(super) fn bring_in(&mut self, imports: &[ImportRef], at: Stamp<'_>) {
        for import in imports {
            self.last_import = self.last_import.max(import.number);
            if self.imports.iter().all(|there| there.number != import.number) {
                self.imports.push(import.clone());
                self.note_import(import, true, at);
            }
        }
        self.imports.sort_by_key(|import| import.number);
    }

    pub(super) fn take_out(&mut self, imports: &[ImportRef], at: Stamp<'_>) {
        for import in imports {
            let before = self.imports.len();
            self.imports.retain(|there| there.number != import.number);
            if self.imports.len() < before {
                self.note_import(import, false, at);
            }
        }
    }

    fn note_import(&mut self, import: &ImportRef, counts: bool, at: Stamp<'_>) {
        self.imported.push(PastImport {
            time: at.time.to_owned(),
            by: at.by.to_owned(),
            number: import.number,
            origin: import.origin.clone(),
            counts,
        });
    }
}
