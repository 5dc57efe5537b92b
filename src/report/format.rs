//! The formats of reports.

use super::{Input, document, markdown, navigator, oscal, policy, table};

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For the terminal.
    Table,
    /// The contract for other programs.
    Json,
    /// For reading.
    Markdown,
    /// Assessment results of OSCAL.
    OscalAr,
    /// Plan of action and milestones of OSCAL.
    OscalPoam,
    /// `PolicyReport` objects.
    PolicyReport,
    /// `Report` objects of `OpenReports`.
    OpenReports,
    /// A layer of the ATT&CK Navigator.
    Navigator,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Table,
        Self::Json,
        Self::Markdown,
        Self::OscalAr,
        Self::OscalPoam,
        Self::PolicyReport,
        Self::OpenReports,
        Self::Navigator,
    ];

    /// The word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::OscalAr => "oscal-ar",
            Self::OscalPoam => "oscal-poam",
            Self::PolicyReport => "policyreport",
            Self::OpenReports => "openreports",
            Self::Navigator => "navigator",
        }
    }

    /// What it is for.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Table => "for the terminal",
            Self::Json => "the contract for other programs",
            Self::Markdown => "for reading",
            Self::OscalAr => "assessment results of OSCAL 1.2.1",
            Self::OscalPoam => "plan of action and milestones of OSCAL 1.2.1",
            Self::PolicyReport => "PolicyReport objects for Kubernetes",
            Self::OpenReports => "OpenReports objects for Kubernetes",
            Self::Navigator => "a layer of the ATT&CK Navigator",
        }
    }

    /// The usual ending of a file of it.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Table => "txt",
            Self::Json | Self::Navigator => "json",
            Self::Markdown => "md",
            Self::OscalAr => "oscal-ar.json",
            Self::OscalPoam => "oscal-poam.json",
            Self::PolicyReport | Self::OpenReports => "yaml",
        }
    }

    /// Whether only people read it: then what is not ASCII may be replaced.
    #[must_use]
    pub fn is_prose(self) -> bool {
        matches!(self, Self::Table | Self::Markdown)
    }

    /// Renders a report.
    ///
    /// # Errors
    /// When the result cannot be written in it.
    pub fn render(self, input: &Input<'_>) -> Result<String, RenderError> {
        match self {
            Self::Table => Ok(table::render(input)),
            Self::Json => Ok(document::json(input)?),
            Self::Markdown => Ok(markdown::render(input)),
            Self::OscalAr => oscal::assessment_results(input),
            Self::OscalPoam => oscal::plan_of_action(input),
            Self::PolicyReport => Ok(policy::render(input, policy::Dialect::PolicyReport)),
            Self::OpenReports => Ok(policy::render(input, policy::Dialect::OpenReports)),
            Self::Navigator => navigator::render(input),
        }
    }
}

/// Why a report could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// It could not be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The format is about a framework that was not judged: which, why, and what to ask for.
    #[error("{0}")]
    NotJudged(String),
}
