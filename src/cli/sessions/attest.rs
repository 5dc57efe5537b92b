//! `plimsoll sessions attest`: answers to controls that no check can decide.

use super::{asking, last_day};
use crate::assess::nearest;
use crate::cli::args::{AttestArgs, TriageArgs};
use crate::cli::context::CommandContext;
use crate::cli::{CommandError, CommandResult, output, triage};
use crate::frameworks::{Control, Framework, FrameworkKind};
use crate::model::attestation::{Attestation, AttestationAnswer, ControlKey};
use crate::report::Input;
use crate::runtime::clock::{timestamp, today};
use crate::session::{Session, evidence};

/// Answers a control, withdraws the answer, or says what is asked.
///
/// # Errors
/// When there is no such control, or nobody is asked about it.
pub fn run(context: &CommandContext, args: &AttestArgs) -> CommandResult {
    let (framework, control) = find(context, &args.control)?;
    let key: ControlKey = (framework.id.clone(), control.id.clone());
    if args.answer.is_none() && !args.withdraw {
        let session = context.store().open_to_read(&args.session)?;
        output::print(&asking::of(context, &session, (framework, control)))?;
        output::complain("nothing was answered: --answer yes, no or not-applicable answers it");
        return Ok(0);
    }
    let mut session = context.store().open(&args.session)?;
    let by = context.by(args.by.as_deref());
    let name = format!("{} {}", key.0, key.1);
    if args.withdraw && !session.state().ledger.attestations.contains_key(&key) {
        return Err(CommandError::Usage(format!("{name} has no answer in this session")));
    }
    let answer = if args.withdraw { None } else { Some(attestation(args, &key, &by)?) };
    session.attest(&[(key.clone(), answer.clone())], &by, &timestamp())?;
    output::complain(&match &answer {
        Some(answer) => format!("saved: {} to {name}", answer.answer.word()),
        None => format!("withdrew the answer to {name}"),
    });
    if let Some(answer) = answer {
        output::complain(&format!("{}: {}", answer.answer.word(), control.question));
        if !control.evidence.is_empty() {
            output::complain(&format!("evidence: {}", control.evidence));
        }
        if let Some(stays) = stays(context, &session, &answer) {
            output::complain(&format!("{name}: {stays}"));
        }
    }
    Ok(0)
}

/// What the answer leaves as it is in the last run: a control that findings fail, or one that could not
/// be assessed. None where there is no run that this version can judge, or it did not judge the control:
/// the answer is saved, and other commands tell what is wrong with a run.
fn stays(context: &CommandContext, session: &Session, answer: &Attestation) -> Option<String> {
    if answer.answer == AttestationAnswer::No {
        return None;
    }
    let run = session.newest_run().0?;
    let sources = triage::sources(context, &TriageArgs::default()).ok()?;
    let found = |input: &Input<'_>| {
        let judged = input.frameworks.iter().find(|j| j.framework.id == answer.framework)?;
        let control = judged.result.controls.iter().find(|c| c.id == answer.control)?;
        control.whatever_is_answered()
    };
    super::reported(context, session, &run, &sources, found).ok().flatten()
}

fn attestation(args: &AttestArgs, key: &ControlKey, by: &str) -> Result<Attestation, CommandError> {
    let given = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
    };
    let file = args.file.as_deref().map(evidence::of).transpose()?;
    Ok(Attestation {
        framework: key.0.clone(),
        control: key.1.clone(),
        answer: args.answer.ok_or_else(|| CommandError::Usage("--answer is missing".to_owned()))?,
        reviewer: reviewer(args, by)?,
        date: today(),
        expires: args.until.as_deref().map(last_day).transpose()?,
        evidence: given(&args.evidence),
        link: given(&args.link),
        file,
    })
}

/// Who answers for it.
fn reviewer(args: &AttestArgs, by: &str) -> Result<String, CommandError> {
    match args.reviewer.as_deref().map(str::trim) {
        None => Ok(by.to_owned()),
        Some("") => Err(CommandError::Usage(
            "--reviewer is empty; name who answers for the control".to_owned(),
        )),
        Some(name) => Ok(name.to_owned()),
    }
}

/// The control that is meant, if a person can answer it.
fn find<'a>(
    context: &'a CommandContext,
    text: &str,
) -> Result<(&'a Framework, &'a Control), CommandError> {
    let wrong = |text: String| CommandError::Usage(text);
    let (name, number) = text
        .split_once('/')
        .ok_or_else(|| wrong(format!("`{text}` is no control; write FRAMEWORK/CONTROL")))?;
    let all = &context.content.frameworks.frameworks;
    let editions: Vec<_> = all.iter().filter(|f| f.family() == name).collect();
    let only = editions.first().filter(|_| editions.len() == 1).copied();
    let Some(framework) = all.iter().find(|f| f.id == name).or(only) else {
        let editions: Vec<&str> = editions.iter().map(|f| f.id.as_str()).collect();
        let hint = if editions.is_empty() {
            let near = nearest(name, all.iter().map(|f| f.id.as_str()));
            near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
        } else {
            format!("; an answer is to one edition: {}", editions.join(", "))
        };
        return Err(wrong(format!("there is no framework with the id `{name}`{hint}")));
    };
    let control = framework.control(number).ok_or_else(|| {
        let near = nearest(number, framework.controls.iter().map(|c| c.id.as_str()));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        wrong(format!("framework `{name}` has no control `{number}`{hint}"))
    })?;
    if framework.kind == FrameworkKind::Matrix {
        return Err(wrong(format!(
            "{name} {} cannot be answered: it is a technique of attackers, which findings expose \
             or their absence mitigates",
            control.id
        )));
    }
    if control.asks() {
        return Ok((framework, control));
    }
    let who = if control.awaits_import() {
        "results of another tool decide it"
    } else {
        "checks decide it alone"
    };
    Err(wrong(format!(
        "{name} {} cannot be answered: {who}; decide about its findings instead",
        control.id
    )))
}
