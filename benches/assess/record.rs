//! Measurements that are kept: as JSON, with the machine that they were taken on.

use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::table::Table;

/// Everything of one measurement.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    pub machine: Machine,
    pub tables: Vec<Table>,
}

/// What it was measured on.
#[derive(Debug, Serialize, Deserialize)]
pub struct Machine {
    processor: String,
    cores: usize,
    memory_gib: u64,
    kernel: String,
}

impl Record {
    /// An earlier measurement.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is no record", file.display()))
    }

    /// Writes it; what the file holds of other rows and sizes stays.
    pub fn write(mut self, file: &Path) -> anyhow::Result<()> {
        if file.exists() {
            let mut old = Self::read(file)?;
            for table in self.tables {
                match old.tables.iter_mut().find(|known| known.unit == table.unit) {
                    Some(known) => known.merge(table),
                    None => old.tables.push(table),
                }
            }
            self = Self { machine: self.machine, tables: old.tables };
        }
        let text = serde_json::to_string_pretty(&self)? + "\n";
        std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    /// The table of the same kind.
    pub fn like(&self, table: &Table) -> Option<&Table> {
        self.tables.iter().find(|known| known.unit == table.unit)
    }
}

impl Machine {
    /// This one.
    pub fn this() -> Self {
        let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
        let after = |text: &str, key: &str| {
            let line = text.lines().find(|line| line.starts_with(key));
            line.and_then(|l| l.split_once(':')).map(|(_, v)| v.trim().to_owned())
        };
        let memory = after(&read("/proc/meminfo"), "MemTotal").unwrap_or_default();
        let kib = memory.split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        Self {
            processor: after(&read("/proc/cpuinfo"), "model name").unwrap_or_default(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gib: kib.div_ceil(1 << 20),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        }
    }

    /// In one line.
    pub fn words(&self) -> String {
        let Self { processor, cores, memory_gib, kernel } = self;
        let processor = if processor.is_empty() { "an unnamed processor" } else { processor };
        format!("{cores} cores of {processor}, {memory_gib} GiB, Linux {kernel}")
    }
}
