//! `plimsoll sessions bundle` and `plimsoll sessions key`.

use std::path::Path;

use super::context::CommandContext;
use super::{CommandError, CommandResult, output};
use crate::bundle::{self, SigningKey, SigningKeyError};
use crate::runtime::bundling::{self, BundlingError};
use crate::text::counted;

/// Writes a session into one signed file.
///
/// # Errors
/// When there is no such session, it is damaged, or the file exists or cannot be written.
pub fn write(context: &CommandContext, id: &str, file: &Path, key: Option<&Path>) -> CommandResult {
    output::vacant(Some(file))?;
    let session = context.store().open_to_read(id)?;
    let key = signing_key(context, key)?;
    let environment = |source: &_| context.environment(source).map(str::to_owned);
    let extras = bundling::extras(&context.content, &session, &environment).map_err(|error| {
        match error {
            BundlingError::Session(error) => CommandError::Other(format!(
                "{error}; a bundle holds every run and import: bring the file back from a copy, or \
                     report the session without it, with `plimsoll sessions report`"
            )),
            other => CommandError::Usage(other.to_string()),
        }
    })?;
    let manifest = bundle::save(&session, &context.content.digest(), extras, &key, file)
        .map_err(|e| CommandError::Usage(e.to_string()))?;
    output::complain(&format!(
        "session {} with {} and {} is in {}, signed with the key {}",
        session.id(),
        counted(manifest.about.entries, "entry"),
        counted(manifest.about.runs.len(), "run"),
        file.display(),
        manifest.signer.fingerprint
    ));
    let others = manifest.judged_otherwise();
    if !others.is_empty() {
        output::complain(&format!(
            "run {} of it was judged by other checks or frameworks than those in use now: content.json \
             and the controls of its reports are of these; with the --checks-dir of that run they fit",
            others.join(", ")
        ));
    }
    Ok(0)
}

/// Prints the public key that checks the signatures made here.
///
/// # Errors
/// When the key cannot be read or made.
pub fn key(context: &CommandContext, key: Option<&Path>) -> CommandResult {
    let public = signing_key(context, key)?.public();
    output::print(&public.to_pem())?;
    output::complain(&format!("fingerprint {}", public.fingerprint()));
    Ok(0)
}

fn signing_key(context: &CommandContext, file: Option<&Path>) -> Result<SigningKey, CommandError> {
    let key = file.map_or_else(|| SigningKey::of(&context.dirs.data), SigningKey::load);
    key.map_err(|error| match (&error, file) {
        (SigningKeyError::Wrong { .. }, Some(_)) => CommandError::Usage(format!(
            "{error}; `openssl genpkey -algorithm ed25519` makes one, or leave --key out"
        )),
        _ => CommandError::Usage(error.to_string()),
    })
}
