//! The formats of reports.

use crate::text::ascii;

use super::{Input, csv, document, html, junit, markdown, navigator, oscal, policy, sarif, table};

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For the terminal.
    Table,
    /// The contract for other programs.
    Json,
    /// For reading.
    Markdown,
    /// For reading in a browser and on paper, in one file.
    Html,
    /// For code scanning.
    Sarif,
    /// For a pipeline's view of tests.
    Junit,
    /// Findings, for a spreadsheet.
    Csv,
    /// Controls, for a spreadsheet.
    CsvControls,
    /// Decisions, for a spreadsheet.
    CsvDecisions,
    /// What the other tables rest on, for a spreadsheet.
    CsvRun,
    /// Assessment results of OSCAL.
    OscalAr,
    /// Plan of action and milestones of OSCAL.
    OscalPoam,
    /// `PolicyReport` objects for Kubernetes.
    PolicyReport,
    /// `Report` objects of `OpenReports`.
    OpenReports,
    /// A layer of the ATT&CK Navigator.
    Navigator,
}

/// The name of a report of a source on a day, without its ending. Only signs that every file system
/// takes.
#[must_use]
pub fn stem(source: &str, day: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' };
    format!("plimsoll-{}-{day}", source.chars().map(safe).collect::<String>())
}

/// The usual ending of a bundle: all reports and what they rest on.
pub const BUNDLE: &str = "tar";

impl Format {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Table,
        Self::Json,
        Self::Markdown,
        Self::Html,
        Self::Sarif,
        Self::Junit,
        Self::Csv,
        Self::CsvControls,
        Self::CsvDecisions,
        Self::CsvRun,
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
            Self::Html => "html",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Csv => "csv",
            Self::CsvControls => "csv-controls",
            Self::CsvDecisions => "csv-decisions",
            Self::CsvRun => "csv-run",
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
            Self::Html => "for reading in a browser and on paper, in one file",
            Self::Sarif => "SARIF 2.1.0, for code scanning",
            Self::Junit => "JUnit XML, for a pipeline's view of tests",
            Self::Csv => "findings, for a spreadsheet",
            Self::CsvControls => "controls with statuses and answers, for a spreadsheet",
            Self::CsvDecisions => "decisions, for a spreadsheet",
            Self::CsvRun => "reads, scores, verdicts and what was not assessed, for a spreadsheet",
            Self::OscalAr => "assessment results of OSCAL 1.2.1",
            Self::OscalPoam => "plan of action and milestones of OSCAL 1.2.1",
            Self::PolicyReport => "PolicyReport objects for Kubernetes",
            Self::OpenReports => "OpenReports objects for Kubernetes",
            Self::Navigator => "a layer of the ATT&CK Navigator",
        }
    }

    /// What a file of it is called unless somebody says otherwise: `plimsoll-prod-eu-2026-11-24.html`.
    /// `source` is what the source is called, `day` a date.
    #[must_use]
    pub fn file_name(self, source: &str, day: &str) -> String {
        format!("{}.{}", stem(source, day), self.ending())
    }

    /// The usual ending of a file of it.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Table => "txt",
            Self::Json => "json",
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Sarif => "sarif",
            Self::Junit => "xml",
            Self::Csv => "csv",
            Self::CsvControls => "controls.csv",
            Self::CsvDecisions => "decisions.csv",
            Self::CsvRun => "run.csv",
            Self::OscalAr => "oscal-ar.json",
            Self::OscalPoam => "oscal-poam.json",
            Self::PolicyReport => "policyreport.yaml",
            Self::OpenReports => "openreports.yaml",
            Self::Navigator => "navigator.json",
        }
    }

    /// A report of this format in ASCII alone. Programs read the same values out of it, but for tables
    /// of a spreadsheet, which have no escapes; objects for an API server stay as they are.
    #[must_use]
    pub fn in_ascii(self, text: String) -> String {
        match self {
            Self::Table
            | Self::Markdown
            | Self::Csv
            | Self::CsvControls
            | Self::CsvDecisions
            | Self::CsvRun => ascii::prose(&text),
            Self::Json | Self::Sarif | Self::OscalAr | Self::OscalPoam | Self::Navigator => {
                ascii::json(&text)
            }
            Self::Html | Self::Junit => ascii::markup(&text),
            Self::PolicyReport | Self::OpenReports => text,
        }
    }

    /// Renders a report.
    ///
    /// # Errors
    /// When the result cannot be written in it, or it is about a framework that was not judged.
    pub fn render(self, input: &Input<'_>) -> Result<String, RenderError> {
        match self {
            Self::Table => Ok(table::render(input)),
            Self::Json => Ok(document::json(input)?),
            Self::Markdown => Ok(markdown::render(input)),
            Self::Html => Ok(html::render(input)),
            Self::Sarif => Ok(sarif::render(input)?),
            Self::Junit => Ok(junit::render(input)),
            Self::Csv => Ok(csv::findings(input)),
            Self::CsvControls => Ok(csv::controls(input)),
            Self::CsvDecisions => Ok(csv::decisions(input)),
            Self::CsvRun => Ok(csv::run(input)),
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
