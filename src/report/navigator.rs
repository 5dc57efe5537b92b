//! A layer for the ATT&CK Navigator, format 4.5: which techniques of the Containers matrix the
//! cluster is exposed to.

use std::collections::HashMap;

use serde::Serialize;

use super::exchange::{facts, line, line_or, name};
use super::harmless::harmless;
use super::{Input, Judged, RenderError};
use crate::frameworks::{Control, ControlResult, Status};
use crate::model::decision::DecisionState;
use crate::model::finding::Finding;

/// The family of the matrix, and what it is asked for by.
const FAMILY: &str = "mitre-attack";

/// How many findings a comment names.
const NAMED: usize = 10;

const EXPOSED: &str = "#d9534f";
const MITIGATED: &str = "#7fb3d5";
const NOT_ASSESSED: &str = "#bdbdbd";

/// The terms of ATT&CK ask for it.
const ATTRIBUTION: &str = "© The MITRE Corporation. ATT&CK is reproduced and distributed with the \
    permission of The MITRE Corporation.";

const ABOUT: &str = "Exposed: something that the technique needs was found; mitigated: all of it was \
    looked for and none found; not assessed: it was not looked for, or could not be. None is a pass. \
    The score is the number of findings that expose a technique; one that was not assessed has none.";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    name: String,
    versions: Versions,
    domain: &'static str,
    description: String,
    filters: Filters,
    sorting: u8,
    layout: Layout,
    hide_disabled: bool,
    techniques: Vec<Technique>,
    gradient: Gradient,
    legend_items: Vec<Legend>,
    select_techniques_across_tactics: bool,
    select_subtechniques_with_parent: bool,
    metadata: Vec<Meta>,
}

#[derive(Serialize)]
struct Versions {
    attack: String,
    navigator: &'static str,
    layer: &'static str,
}

#[derive(Serialize)]
struct Filters {
    platforms: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Layout {
    #[serde(rename = "layout")]
    arrangement: &'static str,
    #[serde(rename = "showID")]
    show_id: bool,
    show_name: bool,
    expanded_subtechniques: &'static str,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Technique {
    #[serde(rename = "techniqueID")]
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<usize>,
    color: &'static str,
    comment: String,
    enabled: bool,
    metadata: Vec<Meta>,
    show_subtechniques: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Gradient {
    colors: [&'static str; 2],
    min_value: usize,
    max_value: usize,
}

#[derive(Serialize)]
struct Legend {
    label: &'static str,
    color: &'static str,
}

#[derive(Clone, Serialize)]
struct Meta {
    name: String,
    value: String,
}

/// Renders the layer.
///
/// # Errors
/// When the matrix was not judged: says why, and what to ask for.
pub fn render(input: &Input<'_>) -> Result<String, RenderError> {
    let judged = input.frameworks.iter().find(|j| j.framework.family() == FAMILY);
    let judged = judged.ok_or_else(|| RenderError::NotJudged(missing(input)))?;
    let mut text = harmless(serde_json::to_string_pretty(&layer(input, judged))?);
    text.push('\n');
    Ok(text)
}

fn missing(input: &Input<'_>) -> String {
    let left = input.not_judged.iter().find(|left| left.family == FAMILY);
    let why = left.map(|left| format!(": {}", left.reason)).unwrap_or_default();
    format!(
        "there is no layer, because the matrix of MITRE ATT&CK was not judged{why}; \
         assess it, for example with --framework {FAMILY}"
    )
}

fn layer(input: &Input<'_>, judged: &Judged) -> Layer {
    let evidence = Evidence::of(input);
    let techniques: Vec<Technique> = judged
        .result
        .controls
        .iter()
        .filter_map(|result| Some((result, judged.framework.control(&result.id)?)))
        .map(|(result, own)| technique(result, own, judged, &evidence))
        .collect();
    let most = techniques.iter().filter_map(|t| t.score).max().unwrap_or(0);
    Layer {
        name: format!("Plimsoll: {}", name(input.source)),
        versions: Versions {
            attack: judged.framework.version.clone(),
            navigator: "5.0.0",
            layer: "4.5",
        },
        domain: "enterprise-attack",
        description: format!("{ABOUT} {ATTRIBUTION}"),
        filters: Filters { platforms: ["Containers"] },
        sorting: 3,
        layout: Layout {
            arrangement: "side",
            show_id: true,
            show_name: true,
            expanded_subtechniques: "annotated",
        },
        hide_disabled: false,
        techniques,
        gradient: Gradient { colors: ["#ffffff", EXPOSED], min_value: 0, max_value: most.max(1) },
        legend_items: vec![
            Legend { label: "exposed", color: EXPOSED },
            Legend { label: "mitigated, as far as a cluster shows it", color: MITIGATED },
            Legend { label: "not assessed", color: NOT_ASSESSED },
        ],
        select_techniques_across_tactics: true,
        select_subtechniques_with_parent: false,
        metadata: facts(input).into_iter().map(|(name, value)| meta(name, &value)).collect(),
    }
}

fn meta(name: &str, value: &str) -> Meta {
    Meta { name: name.to_owned(), value: line_or(value, "none") }
}

/// The findings of each check that decide something, but for those that are none.
struct Evidence<'a> {
    input: &'a Input<'a>,
    by_check: HashMap<&'a str, Vec<&'a Finding>>,
}

impl<'a> Evidence<'a> {
    fn of(input: &'a Input<'a>) -> Self {
        let mut by_check: HashMap<&str, Vec<&Finding>> = HashMap::new();
        for finding in &input.result.findings {
            let decides = finding.decides(input.selection.include_platform);
            if decides && input.state(finding) != DecisionState::FalsePositive {
                by_check.entry(&finding.check).or_default().push(finding);
            }
        }
        Self { input, by_check }
    }

    /// The findings that expose a technique, in the order of its checks.
    fn for_technique(&self, own: &Control) -> Vec<&'a Finding> {
        let deciding = own.checks.iter().filter(|m| m.strength.decides());
        deciding.filter_map(|m| self.by_check.get(&*m.id)).flatten().copied().collect()
    }
}

/// One entry.
fn technique(
    result: &ControlResult,
    own: &Control,
    judged: &Judged,
    evidence: &Evidence<'_>,
) -> Technique {
    let findings = evidence.for_technique(own);
    let (color, score) = match result.status {
        Status::Exposed => (EXPOSED, Some(findings.len().max(1))),
        Status::Mitigated => (MITIGATED, Some(0)),
        _ => (NOT_ASSESSED, None),
    };
    let parent = |c: &Control| c.parent.as_deref() == Some(&*own.id);
    let exposed = |c: &Control| {
        let results = &judged.result.controls;
        results.iter().any(|r| r.id == c.id && r.status == Status::Exposed)
    };
    let mut metadata = vec![meta("status", result.status.word())];
    if !own.tactics.is_empty() {
        metadata.push(meta("tactics", &own.tactics.join(", ")));
    }
    if !findings.is_empty() {
        metadata.push(meta("findings", &findings.len().to_string()));
        metadata.push(meta("checks", &checks(&findings)));
    }
    let accepted = findings.iter().filter(|f| evidence.input.state(f) == DecisionState::Accepted);
    match accepted.count() {
        0 => {}
        count => metadata.push(meta("accepted", &count.to_string())),
    }
    Technique {
        id: own.id.clone(),
        score,
        color,
        comment: comment(result, &findings, evidence.input),
        enabled: true,
        metadata,
        show_subtechniques: judged.framework.controls.iter().any(|c| parent(c) && exposed(c)),
    }
}

fn checks(findings: &[&Finding]) -> String {
    let mut names: Vec<&str> = findings.iter().map(|f| &*f.check).collect();
    names.dedup();
    names.join(", ")
}

/// Why the status is what it is, and the worst findings.
fn comment(result: &ControlResult, findings: &[&Finding], input: &Input<'_>) -> String {
    let mut head = result.status.word().to_owned();
    if !result.reasons.is_empty() {
        head = format!("{head}: {}", result.reasons.join("; "));
    }
    let mut lines = vec![line_or(&head, result.status.word())];
    let mut worst = findings.to_vec();
    worst.sort_by_key(|finding| finding.severity);
    for finding in worst.iter().take(NAMED) {
        let object =
            finding.object.as_ref().map_or_else(|| "cluster".to_owned(), ToString::to_string);
        let state = match input.state(finding) {
            DecisionState::Open => String::new(),
            other => format!(" ({})", other.word()),
        };
        let text = format!("{}: {object}: {}{state}", finding.check, finding.message);
        lines.extend(line(&text));
    }
    if worst.len() > NAMED {
        lines.push(format!("and {} more", worst.len() - NAMED));
    }
    lines.join("\n")
}
