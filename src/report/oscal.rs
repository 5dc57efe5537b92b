//! NIST's Open Security Controls Assessment Language, version 1.2.1: assessment results, and the
//! plan of action and milestones.
//!
//! UUIDs are made from what a thing is and of which cluster, so two scans of the same thing are
//! equal but for times. Text from a cluster is masked, and escaped where OSCAL reads Markdown.

mod controls;
mod ground;
mod ids;
mod model;
mod observations;
mod poam;
mod results;
mod risks;
mod roots;
mod said;
mod text;

use serde::Serialize;

use super::harmless::harmless;
use super::{Input, RenderError};
use ground::Ground;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Document {
    AssessmentResults(Box<roots::Results>),
    PlanOfActionAndMilestones(Box<roots::Plan>),
}

/// Assessment results: what was reviewed, observed and found, with the risks.
///
/// # Errors
/// Never in practice: every part is serialisable.
pub fn assessment_results(input: &Input<'_>) -> Result<String, RenderError> {
    json(&Document::AssessmentResults(Box::new(Ground::new(input).results())))
}

/// The plan of action and milestones: what is open, accepted or not assessed, and what is due.
///
/// # Errors
/// Never in practice: every part is serialisable.
pub fn plan_of_action(input: &Input<'_>) -> Result<String, RenderError> {
    json(&Document::PlanOfActionAndMilestones(Box::new(Ground::new(input).plan())))
}

/// Without indentation, which would double documents of thousands of findings; programs read them.
fn json(document: &Document) -> Result<String, RenderError> {
    let mut text = harmless(serde_json::to_string(document)?);
    text.push('\n');
    Ok(text)
}
