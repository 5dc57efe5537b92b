//! How benchmarks number their rows, and what a row is about.

use crate::model::import::ImportedResult;

/// Whether a result is about the files of a node.
#[must_use]
pub fn is_file_row(result: &ImportedResult) -> bool {
    let control = result.control.as_deref().unwrap_or_default();
    match result.benchmark.as_deref() {
        Some("cis-kubernetes") => control.starts_with("1.1.") || control.starts_with("4.1."),
        Some("cis-eks" | "cis-aks" | "cis-gke") => control.starts_with("3.1."),
        _ => false,
    }
}

/// An edition as two numbers, by which rows are numbered alike: 2.0 has the rows of 1.12.
pub(super) fn edition(family: &str, text: &str) -> (u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    match (family, (parts.next().unwrap_or(0), parts.next().unwrap_or(0))) {
        ("cis-kubernetes", (2, 0)) => (1, 12),
        (_, edition) => edition,
    }
}

/// Whether two editions number their rows alike.
pub(super) fn same_edition(family: &str, one: &str, other: &str) -> bool {
    edition(family, one) == edition(family, other)
}

/// A title without what editions and tools spell differently.
pub(super) fn plain(title: &str) -> String {
    let title = title.to_lowercase();
    let title = title.trim_end_matches("(automated)").trim_end_matches("(manual)");
    title.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// What the API shows, the same from everywhere.
    Cluster,
    /// Every node of the control plane.
    ControlPlane,
    /// Every node.
    Nodes,
}

impl About {
    pub(super) fn of(family: &str, row: &str) -> Self {
        match (family, row.split('.').next().unwrap_or_default()) {
            ("cis-kubernetes", "1" | "2" | "3") => Self::ControlPlane,
            ("cis-kubernetes", "4") | ("cis-eks" | "cis-aks" | "cis-gke", "3") => Self::Nodes,
            _ => Self::Cluster,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editions_with_the_same_rows() {
        let same = |one, other| same_edition("cis-kubernetes", one, other);
        assert!(same("2.0.1", "1.12") && same("1.11.1", "1.11") && same("2.0", "2.0.1"));
        assert!(!same("1.10", "1.1") && !same("1.12", "1.11"));
        assert!(same_edition("cis-eks", "1.8.0", "1.8") && !same_edition("cis-eks", "2.0", "1.12"));
    }

    #[test]
    fn marks_and_punctuation_are_no_part_of_a_title() {
        let one = plain("Ensure that the --anonymous-auth argument is set to false (Automated)");
        assert_eq!(one, plain("Ensure that the anonymous-auth argument is set to false"));
        assert_ne!(plain("permissions are set to 600"), plain("permissions are set to 644"));
    }
}
