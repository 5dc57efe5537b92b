//! The formats of reports.

use super::{Input, document, markdown, table};

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For the terminal.
    Table,
    /// The contract for other programs.
    Json,
    /// For reading.
    Markdown,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Table, Self::Json, Self::Markdown];

    /// The word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Markdown => "markdown",
        }
    }

    /// What it is for.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Table => "for the terminal",
            Self::Json => "the contract for other programs",
            Self::Markdown => "for reading",
        }
    }

    /// The usual ending of a file of it.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Table => "txt",
            Self::Json => "json",
            Self::Markdown => "md",
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
        }
    }
}

/// Why a report could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// It could not be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}
