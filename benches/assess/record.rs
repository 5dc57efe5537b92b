//! Measurements that are kept: as JSON, each figure with the version, the build, the machine and the
//! day that it is from.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::bounds;
use super::origin::Origin;
use super::table::Table;

/// Figures, and where they are from.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    /// A figure names one of these by its place.
    origins: Vec<Origin>,
    pub tables: Vec<Table>,
}

impl Record {
    /// What was measured just now.
    pub fn now(tables: Vec<Table>) -> Self {
        Self { origins: vec![Origin::here()], tables }
    }

    /// An earlier measurement.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let record: Self = serde_json::from_slice(&text)
            .with_context(|| format!("{} is no record", file.display()))?;
        let known = record.tables.iter().flat_map(Table::origins);
        let strange = known.max().is_some_and(|place| place >= record.origins.len());
        anyhow::ensure!(!strange, "{}: a figure names no origin", file.display());
        Ok(record)
    }

    /// Writes it; what the file holds of other rows and sizes stays, with the origin that it has.
    pub fn write(self, file: &Path) -> anyhow::Result<()> {
        let mut all = self;
        if file.exists() {
            let mut old = Self::read(file)?;
            old.merge(all);
            all = old;
        }
        let text = serde_json::to_string_pretty(&all)? + "\n";
        std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Takes over another measurement; its figures win.
    fn merge(&mut self, other: Self) {
        let mut places: Vec<usize> = Vec::new();
        for origin in other.origins {
            let known = self.origins.iter().position(|known| *known == origin);
            places.push(known.unwrap_or(self.origins.len()));
            if known.is_none() {
                self.origins.push(origin);
            }
        }
        for mut table in other.tables {
            table.move_origins(&places);
            match self.tables.iter_mut().find(|known| known.unit == table.unit) {
                Some(known) => known.merge(table),
                None => self.tables.push(table),
            }
        }
        self.forget_unused();
    }

    /// An origin of which no figure is left goes.
    fn forget_unused(&mut self) {
        let used: std::collections::BTreeSet<usize> =
            self.tables.iter().flat_map(Table::origins).collect();
        let mut places = vec![0; self.origins.len()];
        for (now, before) in used.iter().enumerate() {
            places[*before] = now;
        }
        self.tables.iter_mut().for_each(|table| table.move_origins(&places));
        let mut place = 0..;
        self.origins.retain(|_| place.next().is_some_and(|place| used.contains(&place)));
    }

    /// The table of the same kind.
    fn like(&self, table: &Table) -> Option<&Table> {
        self.tables.iter().find(|known| known.unit == table.unit)
    }

    /// For people: where it is from, the tables, and what must be reached.
    pub fn text(&self, before: Option<&Self>) -> String {
        let mut text = self.sources("Measured");
        if let Some(before) = before {
            text.push_str(&before.sources("Compared with what was measured"));
        }
        text.push_str("Wall time, and in brackets the time on all cores together.\n\n");
        for table in &self.tables {
            let then = before.and_then(|before| before.like(table));
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}", table.text(then, self.origins.len() > 1));
        }
        text + &bounds::all(&self.tables)
    }

    fn sources(&self, what: &str) -> String {
        if let [origin] = &*self.origins {
            return format!("{what} {}.\n", origin.words());
        }
        let each = self.origins.iter().enumerate();
        let lines = each.map(|(nth, origin)| format!("{}. {}\n", nth + 1, origin.words()));
        format!("{what} in several runs, by number:\n\n{}\n", lines.collect::<String>())
    }
}
