//! What a cell of the table holds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::measure::Took;

/// What a figure counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    Seconds,
    Mib,
    /// Millions of bytes.
    Megabytes,
    Count,
    /// Millions in a second.
    MillionsPerSecond,
    /// How many times another figure.
    Times,
    /// Of one core.
    Percent,
}

/// A measured value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    pub unit: Unit,
    /// On the wall, where it is a time.
    pub value: f64,
    /// The same on all cores together. Unlike the wall's, it hardly depends on what else the machine
    /// does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<f64>,
    /// What it is about, where columns of one row are about different things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Which of the record's origins it is from, by place.
    #[serde(default)]
    pub origin: usize,
}

#[allow(clippy::cast_precision_loss, reason = "nothing here has more than fifteen digits")]
impl Figure {
    fn new(unit: Unit, value: f64) -> Self {
        Self { unit, value, cpu: None, about: None, origin: 0 }
    }

    /// A time on the wall with the processors' time.
    pub fn took(took: Took) -> Self {
        Self { cpu: Some(took.cpu.as_secs_f64()), ..Self::seconds(took.wall) }
    }

    /// A time of one kind.
    pub fn seconds(time: Duration) -> Self {
        Self::new(Unit::Seconds, time.as_secs_f64())
    }

    /// Memory.
    pub fn mib(mib: u64) -> Self {
        Self::new(Unit::Mib, mib as f64)
    }

    /// A size.
    pub fn bytes(bytes: usize) -> Self {
        Self::new(Unit::Megabytes, bytes as f64 / 1e6)
    }

    /// A number of things.
    pub fn count(count: usize) -> Self {
        Self::new(Unit::Count, count as f64)
    }

    /// So many things in that time.
    pub fn rate(count: usize, time: Duration) -> Self {
        Self::new(Unit::MillionsPerSecond, count as f64 / time.as_secs_f64().max(1e-6) / 1e6)
    }

    /// How many times another.
    pub fn times(times: f64) -> Self {
        Self::new(Unit::Times, times)
    }

    /// Part of one core.
    pub fn percent(percent: f64) -> Self {
        Self::new(Unit::Percent, percent)
    }

    /// The same, with what it is about.
    pub fn about(self, text: &str) -> Self {
        Self { about: Some(text.to_owned()), ..self }
    }

    /// What changes and growth are told of: the processors' time where it is known.
    pub fn essence(&self) -> f64 {
        self.cpu.unwrap_or(self.value)
    }

    /// Whether it grows with the cluster if the program is slow, and is large enough to tell.
    pub fn grows(&self) -> bool {
        let large = match self.unit {
            Unit::Seconds => 5e-6,
            Unit::Mib | Unit::Count => 1.0,
            Unit::Megabytes => 0.01,
            Unit::MillionsPerSecond | Unit::Times | Unit::Percent => return false,
        };
        self.about.is_none() && self.essence() >= large
    }

    /// The lesser of both on the wall, with the processors' time of that same time: other load only
    /// ever slows things down.
    pub fn least(&self, other: &Self) -> Self {
        if other.value < self.value { other.clone() } else { self.clone() }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(about) = &self.about {
            write!(f, "{about}: ")?;
        }
        let value = self.value;
        match self.unit {
            Unit::Seconds => f.write_str(&time(value))?,
            Unit::Mib => write!(f, "{value:.0} MiB")?,
            Unit::Megabytes => write!(f, "{value:.1} MB")?,
            Unit::Count => write!(f, "{value:.0}")?,
            Unit::MillionsPerSecond => write!(f, "{value:.2} M")?,
            Unit::Times => write!(f, "{value:.2} ×")?,
            Unit::Percent => write!(f, "{value:.1} %")?,
        }
        self.cpu.map_or(Ok(()), |cpu| write!(f, " ({})", time(cpu)))
    }
}

/// Seconds, milliseconds or microseconds, whatever reads best.
fn time(seconds: f64) -> String {
    match seconds {
        s if s < 1e-3 => format!("{:.0} µs", s * 1e6),
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}
