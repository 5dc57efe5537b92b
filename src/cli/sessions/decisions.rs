//! `plimsoll sessions decisions`: the decisions of a session as a file, and back.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use crate::cli::context::CommandContext;
use crate::cli::{CommandError, CommandResult, newest, output, triage};
use crate::model::decision::{Decision, DecisionOrigin};
use crate::model::finding::Finding;
use crate::runtime::clock::timestamp;
use crate::session::act::DecisionChange;
use crate::triage::brought::{by_name, matching};
use crate::triage::file::{DecisionFile, Target};
use crate::triage::{About, write};

/// Writes the decisions of a session.
///
/// # Errors
/// When there is no such session, or the file exists.
pub fn export(context: &CommandContext, id: &str, file: Option<&Path>) -> CommandResult {
    output::vacant(file)?;
    let session = context.store().open_to_read(id)?;
    let run = newest::newest(&session);
    let findings = run.iter().flat_map(|run| &run.result.findings);
    let about: HashMap<String, About> =
        findings.map(|f| (f.fingerprint.clone(), About::of(f))).collect();
    output::deliver(&write(&session.state().ledger.decisions, &about), file)?;
    Ok(0)
}

/// Takes the decisions of a file into a session, in one act.
///
/// # Errors
/// When anything is wrong with the file; then nothing is taken.
pub fn import(context: &CommandContext, id: &str, path: &Path, by: Option<&str>) -> CommandResult {
    let file =
        triage::decision_file(path, &context.content.library).map_err(CommandError::usage)?;
    let mut session = context.store().open(id)?;
    let run = newest::newest(&session);
    let findings: Vec<&Finding> =
        run.iter().flat_map(|run| &run.result.findings).map(|f| &**f).collect();
    let (decided, idle) = spread(&file, &findings);
    let nothing = match (decided.is_empty(), idle.is_empty()) {
        (true, _) => "nothing changes: no entry of the file matches a finding of the last run",
        (false, true) => "nothing changes: the session says all of this already",
        (false, false) => "nothing changes: what matches a finding is in the session already",
    };
    let known = &session.state().ledger.decisions;
    let changes: Vec<DecisionChange> = decided
        .into_iter()
        .filter(|(print, decision)| known.get(print.as_str()).map(|d| &**d) != Some(decision))
        .map(|(fingerprint, decision)| DecisionChange {
            before: known.get(fingerprint.as_str()).cloned(),
            fingerprint: fingerprint.into(),
            after: Some(Arc::new(decision)),
        })
        .collect();
    let count = changes.len();
    session.decide_each(&changes, &context.by(by), &timestamp())?;
    for line in idle {
        output::complain(&format!(
            "plimsoll: {}:{line}: matches no finding of the last run",
            path.display()
        ));
    }
    output::complain(&match count {
        0 => nothing.to_owned(),
        1 => "saved: 1 decision".to_owned(),
        many => format!("saved: {many} decisions"),
    });
    Ok(0)
}

/// The decision on each finding, and the lines of entries that match none. A fingerprint goes
/// before what matches, and the first entry before those after it.
fn spread(file: &DecisionFile, findings: &[&Finding]) -> (BTreeMap<String, Decision>, Vec<u32>) {
    let mut decided = BTreeMap::new();
    let mut idle = Vec::new();
    let known = by_name(findings);
    let here =
        |decision: &Decision| Decision { origin: DecisionOrigin::Session, ..decision.clone() };
    for entry in &file.entries {
        if let Target::Finding(print) = &entry.target {
            // It is taken all the same: what it is about may be gone for a while.
            let now = known.get(print.as_str()).map_or(print, |f| &f.fingerprint);
            if !known.contains_key(print.as_str()) {
                idle.push(entry.line);
            }
            decided.insert(now.clone(), here(&entry.decision));
        }
    }
    for entry in &file.entries {
        let Target::Matching(matcher) = &entry.target else { continue };
        let prints = matching(matcher, findings);
        if prints.is_empty() {
            idle.push(entry.line);
        }
        for print in prints {
            decided.entry(print).or_insert_with(|| here(&entry.decision));
        }
    }
    (decided, idle)
}
