//! How many findings there are of each severity.

use serde::ser::{Serialize, Serializer};

use super::finding::Severity;

/// How many findings there are of each severity. Compares by the worst that there are more of. In JSON an
/// object with a number under each severity's word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BySeverity([usize; 5]);

impl BySeverity {
    /// Counts one.
    pub fn add(&mut self, severity: Severity) {
        self.add_many(severity, 1);
    }

    /// Counts so many.
    pub fn add_many(&mut self, severity: Severity, count: usize) {
        if let Some(slot) = self.0.get_mut(severity as usize) {
            *slot += count;
        }
    }

    /// Counts one less.
    pub fn remove(&mut self, severity: Severity) {
        if let Some(slot) = self.0.get_mut(severity as usize) {
            *slot = slot.saturating_sub(1);
        }
    }

    /// Counts as many as another one did.
    pub fn absorb(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(own, more)| *own += more);
    }

    /// How many of one severity.
    #[must_use]
    pub fn of(self, severity: Severity) -> usize {
        self.0.get(severity as usize).copied().unwrap_or_default()
    }

    /// Each severity with how many, worst first.
    pub fn each(self) -> impl Iterator<Item = (Severity, usize)> {
        Severity::ALL.into_iter().zip(self.0)
    }

    /// How many in all.
    #[must_use]
    pub fn total(self) -> usize {
        self.0.iter().sum()
    }

    /// How many are this bad or worse.
    #[must_use]
    pub fn at_least(self, limit: Severity) -> usize {
        self.each().filter(|(severity, _)| *severity <= limit).map(|(_, count)| count).sum()
    }

    /// The worst severity there is.
    #[must_use]
    pub fn worst(self) -> Option<Severity> {
        self.each().find(|(_, count)| *count > 0).map(|(severity, _)| severity)
    }
}

impl From<[usize; 5]> for BySeverity {
    /// Counts in the order of [`Severity::ALL`].
    fn from(counts: [usize; 5]) -> Self {
        Self(counts)
    }
}

impl FromIterator<Severity> for BySeverity {
    fn from_iter<I: IntoIterator<Item = Severity>>(severities: I) -> Self {
        let mut counts = Self::default();
        severities.into_iter().for_each(|severity| counts.add(severity));
        counts
    }
}

impl Serialize for BySeverity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.each().map(|(severity, count)| (severity.word(), count)))
    }
}

/// As a list, worst first: so the journals of sessions have it, which are never written anew.
pub mod listed {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::BySeverity;

    /// Writes the list.
    ///
    /// # Errors
    /// What the serializer says.
    pub fn serialize<S: Serializer>(counts: &BySeverity, to: S) -> Result<S::Ok, S::Error> {
        counts.0.serialize(to)
    }

    /// Reads the list.
    ///
    /// # Errors
    /// What the deserializer says.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BySeverity, D::Error> {
        <[usize; 5]>::deserialize(from).map(BySeverity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_of_each_severity_from_the_worst() {
        use Severity::{Critical, High, Info, Low};
        let mut counts: BySeverity = [High, Low, High, Info].into_iter().collect();
        assert_eq!(counts, BySeverity::from([0, 2, 0, 1, 1]));
        assert_eq!((counts.of(High), counts.total(), counts.worst()), (2, 4, Some(High)));
        assert_eq!((counts.at_least(High), counts.at_least(Low)), (2, 3));
        counts.remove(Critical);
        counts.remove(Info);
        counts.add(Critical);
        counts.absorb(BySeverity::from([0, 0, 3, 0, 0]));
        assert_eq!(counts, BySeverity::from([1, 2, 3, 1, 0]));
        assert!(counts > BySeverity::from([0, 9, 9, 9, 9]), "the worst decides");
        assert_eq!(BySeverity::default().worst(), None);
    }

    #[test]
    fn reports_name_each_severity_and_journals_list_them() {
        #[derive(serde::Serialize, serde::Deserialize)]
        struct Kept(#[serde(with = "listed")] BySeverity);
        let counts = BySeverity::from([1, 0, 2, 0, 3]);
        let named = r#"{"critical":1,"high":0,"medium":2,"low":0,"info":3}"#;
        assert_eq!(serde_json::to_string(&counts).unwrap(), named);
        assert_eq!(serde_json::to_string(&Kept(counts)).unwrap(), "[1,0,2,0,3]");
        let Kept(back) = serde_json::from_str("[1,0,2,0,3]").unwrap();
        assert_eq!(back, counts);
        assert!(serde_json::from_str::<Kept>("[1,2]").is_err());
    }
}
