//! Where figures are from: the version, how it was built, the machine and the day.

use std::process::Command;

use serde::{Deserialize, Serialize};

/// Of one measurement. What is not known stays away.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Of the sources; a plus sign at its end says that they were changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    /// In UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    /// The folder that cargo built into, and what the environment changed of the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    machine: Machine,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Machine {
    processor: String,
    cores: usize,
    memory_gib: u64,
    kernel: String,
}

/// By which the environment changes the profile that benchmarks are built with.
const CHANGED: [(&str, Option<&str>); 6] = [
    ("lto", option_env!("CARGO_PROFILE_BENCH_LTO")),
    ("lto", option_env!("CARGO_PROFILE_RELEASE_LTO")),
    ("codegen-units", option_env!("CARGO_PROFILE_BENCH_CODEGEN_UNITS")),
    ("codegen-units", option_env!("CARGO_PROFILE_RELEASE_CODEGEN_UNITS")),
    ("opt-level", option_env!("CARGO_PROFILE_BENCH_OPT_LEVEL")),
    ("opt-level", option_env!("CARGO_PROFILE_RELEASE_OPT_LEVEL")),
];

impl Origin {
    /// Of what is measured here and now.
    pub fn here() -> Self {
        let day = plimsoll::runtime::clock::timestamp().chars().take(10).collect();
        Self { commit: commit(), date: Some(day), profile: profile(), machine: Machine::this() }
    }

    /// In one line.
    pub fn words(&self) -> String {
        let commit = match &self.commit {
            None => "an unrecorded version".to_owned(),
            Some(commit) => match commit.strip_suffix('+') {
                Some(commit) => format!("commit {commit} with changes"),
                None => format!("commit {commit}"),
            },
        };
        let date = self.date.as_deref().unwrap_or("an unrecorded day");
        let profile = self.profile.as_deref().unwrap_or("unrecorded");
        format!("on {date}, {commit}, profile {profile}, on {}", self.machine.words())
    }
}

fn commit() -> Option<String> {
    let git = |args: &[&str]| {
        let done = Command::new("git").args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output();
        let done = done.ok().filter(|done| done.status.success())?;
        Some(String::from_utf8_lossy(&done.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changed.is_empty() { commit } else { commit + "+" })
}

/// Cargo does not tell a program its profile; the folder is named after it (`bench` builds into
/// `release`).
fn profile() -> Option<String> {
    let program = std::env::current_exe().ok()?;
    let folder = program.parent()?.parent()?.file_name()?.to_string_lossy().into_owned();
    // A variable of `bench` wins over one of `release`: it stands first.
    let mut changed: Vec<(&str, &str)> = Vec::new();
    for (key, value) in CHANGED {
        let Some(value) = value else { continue };
        if !changed.iter().any(|(known, _)| *known == key) {
            changed.push((key, value));
        }
    }
    let changed = changed.iter().map(|(key, value)| format!(", {key} = {value}"));
    Some(folder + &changed.collect::<String>())
}

impl Machine {
    fn this() -> Self {
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

    fn words(&self) -> String {
        let Self { processor, cores, memory_gib, kernel } = self;
        let processor = if processor.is_empty() { "an unnamed processor" } else { processor };
        format!("{cores} cores of {processor}, {memory_gib} GiB, Linux {kernel}")
    }
}
