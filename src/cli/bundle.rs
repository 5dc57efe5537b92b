//! `plimsoll sessions bundle` and `plimsoll sessions key`.

use std::path::Path;

use serde_json::{Value, json};

use super::context::Context;
use super::reported::reported;
use super::{Done, Fail, output};
use crate::assess::versions::TextVersion;
use crate::bundle::{self, Extra, KeyError, SigningKey};
use crate::report::Format;
use crate::session::Session;
use crate::triage::Sources;

/// Reports that a bundle holds, by their words.
const REPORTS: [&str; 3] = ["json", "markdown", "html"];

/// Writes a session into one signed file.
///
/// # Errors
/// When there is no such session, it is damaged, or the file exists or cannot be written.
pub fn write(context: &Context, id: &str, file: &Path, key: Option<&Path>) -> Done {
    output::vacant(Some(file))?;
    let session = context.store().open(id).map_err(Fail::from)?;
    // A record of damage would be signed as if it were whole.
    if let Some(damage) = session.damaged().into_iter().next() {
        return Err(damage.into());
    }
    let key = signing_key(context, key)?;
    let mut extras = vec![extra("content.json", &content(context))?];
    extras.extend(of_runs(context, &session)?);
    let digest = context.content.digest();
    let manifest = bundle::save(&session, &digest, extras, &key, file)
        .map_err(|e| Fail::Usage(e.to_string()))?;
    output::complain(&format!(
        "session {} with {} entries and {} {} is in {}, signed with the key {}",
        session.id(),
        manifest.about.entries,
        manifest.about.runs.len(),
        if manifest.about.runs.len() == 1 { "run" } else { "runs" },
        file.display(),
        manifest.signer.fingerprint
    ));
    Ok(0)
}

/// Prints the public key that checks the signatures made here.
///
/// # Errors
/// When the key cannot be read or made.
pub fn key(context: &Context, key: Option<&Path>) -> Done {
    let public = signing_key(context, key)?.public();
    output::print(&public.to_pem())?;
    output::complain(&format!("fingerprint {}", public.fingerprint()));
    Ok(0)
}

fn signing_key(context: &Context, file: Option<&Path>) -> Result<SigningKey, Fail> {
    let key = file.map_or_else(|| SigningKey::of(&context.dirs.data), SigningKey::load);
    key.map_err(|error| match (&error, file) {
        (KeyError::Wrong { .. }, Some(_)) => Fail::Usage(format!(
            "{error}; `openssl genpkey -algorithm ed25519` makes one, or leave --key out"
        )),
        _ => Fail::Usage(error.to_string()),
    })
}

/// The reports of the last run, as of the last entry of the journal, and the reads of every run.
fn of_runs(context: &Context, session: &Session) -> Result<Vec<Extra>, Fail> {
    let Some(last) = session.state().runs.last() else { return Ok(Vec::new()) };
    let mut reads = Vec::new();
    for entry in &session.state().runs {
        let run = session.run(entry.number).map_err(Fail::from)?;
        let of_run = run.as_ref().map(|run| &run.reads);
        reads.push(json!({ "run": entry.number, "reads": of_run }));
        if let Some(run) = run.as_ref().filter(|run| run.number == last.number) {
            // What was accepted until a day is judged by the day of the last entry: the same state
            // makes the same bundle whenever it is made.
            let day = session.state().updated.split('T').next().unwrap_or_default().to_owned();
            let formats = Format::ALL.into_iter().filter(|f| REPORTS.contains(&f.word()));
            let render = |input: &crate::report::Input<'_>| {
                let each = formats.map(|format| {
                    let path = format!("reports/report.{}", format.ending());
                    let text = format.render(input).map_err(|e| Fail::Other(e.to_string()))?;
                    Ok(Extra { path, bytes: text.into_bytes() })
                });
                each.collect::<Result<Vec<_>, Fail>>()
            };
            let reports = reported(context, session, run, &day, &Sources::default(), render)??;
            let reads = extra("reads.json", &Value::Array(reads))?;
            return Ok(std::iter::once(reads).chain(reports).collect());
        }
    }
    Ok(Vec::new())
}

/// The texts by which the reports were judged, each by its digest.
fn content(context: &Context) -> Value {
    let rows = |versions: &mut dyn Iterator<Item = TextVersion>| -> Value {
        let row = |v: TextVersion| json!({ "id": v.id, "version": v.version, "builtin": v.builtin, "sha256": v.sha256 });
        versions.map(row).collect()
    };
    json!({
        "tool": env!("CARGO_PKG_VERSION"),
        "digest": context.content.digest(),
        "params": context.content.params.0,
        "podSecurity": context.content.policy_minor.map(|minor| format!("1.{minor}")),
        "frameworks": rows(&mut context.content.framework_versions()),
        "checks": rows(&mut context.content.check_versions()),
    })
}

fn extra(path: &str, value: &Value) -> Result<Extra, Fail> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|e| Fail::Other(e.to_string()))?;
    bytes.push(b'\n');
    Ok(Extra { path: path.to_owned(), bytes })
}
