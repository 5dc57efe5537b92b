//! The command line of this program.

use std::path::PathBuf;

use super::cluster::Cluster;
use super::{live, pace};

/// What is measured unless something else is asked for.
pub const TOPICS: [&str; 13] = [
    "engine", "follow", "bare", "busy", "wide", "reports", "screen", "scan", "terminal", "live",
    "crowd", "large", "sessions",
];
/// What a quick measurement leaves out: what takes long and seldom changes.
const SLOW: [&str; 3] = ["wide", "crowd", "sessions"];
/// Numbers of pods that are measured unless others are asked for.
const SIZES: [usize; 4] = [1_000, 5_000, 10_000, 20_000];
const QUICK_SIZES: [usize; 2] = [1_000, 4_000];

/// What was asked for.
#[derive(Debug)]
pub struct Asked {
    /// In the order of [`TOPICS`].
    pub topics: Vec<&'static str>,
    /// From the smallest.
    pub sizes: Vec<usize>,
    /// Where to write the figures.
    pub json: Option<PathBuf>,
    /// Earlier figures to compare with.
    pub compare: Option<PathBuf>,
    /// Kept figures that are shown; nothing is measured.
    pub show: Option<PathBuf>,
    /// Only a server with a cluster is wanted.
    pub serve: bool,
    /// Changes in a second, with `serve`.
    pub churn: Option<f64>,
    /// With `serve`: of pods that belong to nothing.
    pub bare: bool,
}

impl Asked {
    /// Reads the arguments.
    ///
    /// # Errors
    /// When one of them means nothing.
    pub fn of(args: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut asked = Self {
            topics: Vec::new(),
            sizes: Vec::new(),
            json: None,
            compare: None,
            show: None,
            serve: false,
            churn: None,
            bare: false,
        };
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let mut value =
                || args.next().ok_or_else(|| anyhow::anyhow!("{arg} takes a value after it"));
            match arg.as_str() {
                "--pods" => asked.sizes = sizes(&value()?)?,
                "--json" => asked.json = Some(value()?.into()),
                "--compare" => asked.compare = Some(value()?.into()),
                "--show" => asked.show = Some(value()?.into()),
                "--churn" => asked.churn = Some(value()?.parse()?),
                "serve" => asked.serve = true,
                "--bare" => asked.bare = true,
                // Cargo adds `--bench`.
                "--quick" | "--bench" => {}
                topic => {
                    let known = TOPICS.iter().find(|known| **known == topic);
                    let known = known.ok_or_else(|| anyhow::anyhow!(USAGE))?;
                    asked.topics.push(known);
                }
            }
        }
        if asked.topics.is_empty() {
            // A quick measurement builds no server either.
            let slow = |topic: &str| SLOW.contains(&topic) || (topic == "live" && !live::at_hand());
            asked.topics.extend(TOPICS.iter().filter(|topic| !pace::quick() || !slow(topic)));
        }
        if asked.sizes.is_empty() {
            asked.sizes = if pace::quick() { QUICK_SIZES.to_vec() } else { SIZES.to_vec() };
        }
        asked.topics.sort_by_key(|topic| TOPICS.iter().position(|known| known == topic));
        asked.sizes.sort_unstable();
        Ok(asked)
    }

    /// The cluster that is served.
    pub fn shape(&self, pods: usize) -> Cluster {
        if self.bare { Cluster::bare(pods) } else { Cluster::wide(pods) }
    }

    /// Whether a topic is wanted.
    pub fn wants(&self, topic: &str) -> bool {
        self.topics.contains(&topic)
    }
}

fn sizes(list: &str) -> anyhow::Result<Vec<usize>> {
    let sizes = list.split(',').map(str::parse).collect::<Result<Vec<usize>, _>>();
    sizes.map_err(|_| anyhow::anyhow!("--pods `{list}` is no list of numbers such as 1000,5000"))
}

const USAGE: &str = "cargo bench --bench assess -- [TOPIC…] [--pods 1000,5000] [--quick] [--json FILE] [--compare FILE]
cargo bench --bench assess -- --show FILE [--compare FILE]
cargo bench --bench assess -- serve [--pods 20000] [--churn 50] [--bare]
Topics: engine follow bare busy wide reports screen scan terminal live crowd large sessions";
