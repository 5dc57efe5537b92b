//! Ranges of Kubernetes minor versions: `>=1.34, <1.36`.

use std::fmt;

use serde::{Deserialize, Deserializer};

/// A comparison with a minor version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    AtLeast(u32),
    Above(u32),
    AtMost(u32),
    Below(u32),
    Exactly(u32),
}

impl Bound {
    fn minor(self) -> u32 {
        match self {
            Self::AtLeast(v)
            | Self::Above(v)
            | Self::AtMost(v)
            | Self::Below(v)
            | Self::Exactly(v) => v,
        }
    }
}

/// All of its bounds hold. Without bounds every version fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionRange {
    text: String,
    bounds: Vec<Bound>,
}

impl VersionRange {
    /// Reads `>=1.34, <1.36`.
    ///
    /// # Errors
    /// Names the part that is no bound.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut bounds = Vec::new();
        for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            let at = part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len());
            let (op, version) = part.split_at_checked(at).unwrap_or((part, ""));
            let minor = version.strip_prefix("1.").and_then(|m| m.parse().ok());
            let minor = minor.ok_or_else(|| format!("`{part}` names no version 1.x"))?;
            bounds.push(match op.trim() {
                ">=" => Bound::AtLeast(minor),
                ">" => Bound::Above(minor),
                "<=" => Bound::AtMost(minor),
                "<" => Bound::Below(minor),
                "" | "=" => Bound::Exactly(minor),
                other => return Err(format!("`{other}` is no comparison (>= > <= < =)")),
            });
        }
        Ok(Self { text: text.to_owned(), bounds })
    }

    /// Whether a minor version lies inside. An unknown version lies inside only without bounds.
    #[must_use]
    pub fn contains(&self, minor: Option<u32>) -> bool {
        let Some(minor) = minor else { return self.bounds.is_empty() };
        self.bounds.iter().all(|bound| match *bound {
            Bound::AtLeast(v) => minor >= v,
            Bound::Above(v) => minor > v,
            Bound::AtMost(v) => minor <= v,
            Bound::Below(v) => minor < v,
            Bound::Exactly(v) => minor == v,
        })
    }

    /// How many minor versions a version is away from the range; 0 inside.
    #[must_use]
    pub fn distance(&self, minor: u32) -> u32 {
        let away = self.bounds.iter().map(|bound| match *bound {
            Bound::AtLeast(v) => v.saturating_sub(minor),
            Bound::Above(v) => (v + 1).saturating_sub(minor),
            Bound::AtMost(v) => minor.saturating_sub(v),
            Bound::Below(v) => (minor + 1).saturating_sub(v),
            Bound::Exactly(v) => minor.abs_diff(v),
        });
        away.max().unwrap_or(0)
    }

    /// Whether it excludes everything.
    #[must_use]
    pub fn is_none(&self) -> bool {
        let bounds = || self.bounds.iter().copied().map(Bound::minor);
        // A range of whole numbers has its ends at its bounds, or beside them.
        let near = bounds().flat_map(|v| [v.saturating_sub(1), v, v.saturating_add(1)]);
        !self.is_any() && !near.into_iter().any(|minor| self.contains(Some(minor)))
    }

    /// Whether it excludes nothing.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.bounds.is_empty()
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for VersionRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_read_and_kept() {
        let range = VersionRange::parse(">=1.34, <1.36").unwrap();
        let inside: Vec<u32> = (30..40).filter(|m| range.contains(Some(*m))).collect();
        assert_eq!(inside, [34, 35]);
        assert!(!range.contains(None));
        assert!(VersionRange::parse("").unwrap().contains(None));
        assert_eq!(range.to_string(), ">=1.34, <1.36");
        assert_eq!([31, 34, 35, 36, 37].map(|m| range.distance(m)), [3, 0, 0, 1, 2]);
    }

    #[test]
    fn says_whether_any_version_is_inside() {
        let none = |text: &str| VersionRange::parse(text).unwrap().is_none();
        for text in [">=1.36, <1.30", ">1.35, <1.36", "1.30, 1.31", "<1.0"] {
            assert!(none(text), "{text}");
        }
        for text in ["", ">=1.34, <1.36", ">1.34, <1.36", "1.30", ">=1.30", "<1.1"] {
            assert!(!none(text), "{text}");
        }
    }

    #[test]
    fn says_what_is_no_bound() {
        assert!(VersionRange::parse("~1.34").unwrap_err().contains('~'));
        assert!(VersionRange::parse(">=2.0").unwrap_err().contains(">=2.0"));
    }
}
