//! `plimsoll verify`: needs neither configuration nor network.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde_json::json;

use super::args::VerifyArgs;
use super::{CommandError, CommandResult, open, output};
use crate::bundle::{self, BundleAbout, PublicKey, RunAbout, Unfit, Verified, VerifyError};
use crate::text::{clean, counted, noun};

/// Checks a bundle, or the directory of a session.
///
/// # Errors
/// When the file cannot be read, or the key is none.
pub fn run(args: &VerifyArgs) -> CommandResult {
    let waits = args.public_key.as_deref().and_then(open::awaited);
    let key = args.public_key.as_deref().map(PublicKey::load).transpose();
    let key = key.map_err(|error| CommandError::Usage(error.to_string()))?;
    drop(waits);
    let path = &args.bundle;
    let checked = if path.is_dir() {
        if key.is_some() {
            let what = "is the directory of a session, in which nothing is signed: --public-key \
                        goes with a bundle";
            return Err(CommandError::Usage(format!("{} {what}", path.display())));
        }
        bundle::directory(path)
    } else {
        let _awaited = open::awaited(path);
        let file = File::open(path)
            .map_err(|error| CommandError::Source(format!("{}: {error}", path.display())))?;
        bundle::verify(BufReader::with_capacity(1 << 16, file), key)
    };
    match checked {
        Ok(verified) => fits(args, &verified),
        Err(VerifyError::Unfit(unfit)) => does_not(args, &unfit),
        Err(VerifyError::Unreadable(why)) => {
            Err(CommandError::Source(format!("{}: {why}", path.display())))
        }
    }
}

fn fits(args: &VerifyArgs, verified: &Verified) -> CommandResult {
    if args.json {
        output::json(&json!({
            "fits": true,
            "signer": verified.signer,
            "trusted": verified.trusted,
            "about": verified.about,
            "open": verified.open,
            "tool": verified.manifest.as_ref().map(|m| &m.tool),
            "content": verified.manifest.as_ref().map(|m| &m.content),
            "compared": verified.compared,
            "asSigned": verified.as_signed,
            "members": verified.manifest.as_ref().map(|m| &m.members),
        }))?;
        return Ok(0);
    }
    let mut out = format!("{} fits\n\n", name(&args.bundle));
    for (name, value) in rows(verified).into_iter().filter(|(_, value)| !value.is_empty()) {
        out.push_str(&format!("{name:<11}{}\n", clean(&value)));
    }
    output::print(&out)?;
    Ok(0)
}

fn does_not(args: &VerifyArgs, unfit: &Unfit) -> CommandResult {
    if args.json {
        output::json(&json!({
            "fits": false,
            "member": unfit.member,
            "entry": unfit.entry,
            "why": unfit.why,
        }))?;
    } else {
        output::print(&format!("{} does not fit\n\n{unfit}\n", name(&args.bundle)))?;
    }
    Ok(1)
}

/// The mirrors of platform images of a run, and what counts as the platform's only by one of them.
fn mirrors(run: &RunAbout) -> impl Iterator<Item = (&'static str, String)> {
    let set = run.platform_mirrors.iter();
    let set = set.map(|mirror| ("mirror", format!("in run {}: {mirror}", run.number)));
    let by = run.mirrored.iter();
    set.chain(by.map(|by| ("by mirror", format!("in run {}: {by}", run.number))))
}

fn name(path: &Path) -> String {
    clean(&path.display().to_string()).into_owned()
}

fn rows(verified: &Verified) -> Vec<(&'static str, String)> {
    let about = &verified.about;
    let mut rows = vec![
        ("session", format!("{} {}", about.session, about.title)),
        ("about", scope(about)),
        ("from", about.created.clone()),
        ("to", about.updated.clone()),
        ("journal", format!("{}, the last one {}", counted(about.entries, "entry"), about.head)),
    ];
    rows.extend(about.runs.iter().map(|run| {
        let open = verified.open.get(&run.number);
        let open = open.map(|open| format!("{open} open of ")).unwrap_or_default();
        let what = format!(
            "{}, {}: {open}{}, by Plimsoll {} with content {}",
            run.number,
            run.finished,
            counted(run.findings, "finding"),
            run.tool,
            run.content
        );
        ("run", what)
    }));
    rows.extend(about.runs.iter().flat_map(|run| {
        let each = run.taken_over.iter();
        each.map(|(id, file)| ("taken over", format!("in run {}: {id} by {file}", run.number)))
    }));
    rows.extend(about.runs.iter().flat_map(mirrors));
    rows.extend(about.imports.iter().map(|import| {
        let what = format!(
            "{}: {} from {}",
            import.tool.word(),
            counted(import.results, "result"),
            import.origin
        );
        ("import", what)
    }));
    rows.push(("decisions", counts(&about.decisions)));
    rows.push(("answers", counts(&about.answers)));
    rows.push(("notes", about.notes.to_string()));
    if let Some(manifest) = &verified.manifest {
        let others = manifest.judged_otherwise();
        let others = if others.is_empty() {
            String::new()
        } else {
            format!(": other checks or frameworks than those of run {}", others.join(", "))
        };
        rows.push(("reports", format!("content {}{others}", manifest.content)));
        rows.push(("compared", compared(verified)));
        rows.push(("as signed", as_signed(verified)));
        rows.push(("bundled by", format!("Plimsoll {}", manifest.tool)));
    }
    rows.push(("signed by", signed(verified)));
    rows
}

/// Which members say what journal and runs say.
fn compared(verified: &Verified) -> String {
    let members = verified.compared.join(", ");
    if members.is_empty() { members } else { format!("{members}: as journal and runs say it") }
}

/// Which members, or parts of them, nothing here tells the truth of.
fn as_signed(verified: &Verified) -> String {
    let mut what = verified.as_signed.clone();
    if verified.compared.iter().any(|path| path == bundle::REPORT) {
        what.insert(0, format!("statuses of controls in {}", bundle::REPORT));
    }
    if verified.compared.iter().any(|path| path == bundle::CONTENT) {
        what.insert(0, format!("texts named in {}", bundle::CONTENT));
    }
    if what.is_empty() {
        return String::new();
    }
    format!("{}: as the signer put them, not derived anew", what.join(", "))
}

fn scope(about: &BundleAbout) -> String {
    let source = &about.source;
    let mut parts = vec![source.kind.word().to_owned()];
    let named = [
        ("context", &source.context),
        ("server", &source.server),
        ("cluster uid", &source.cluster_uid),
        ("Kubernetes", &source.kubernetes),
    ];
    parts.extend(named.into_iter().filter_map(|(what, v)| Some(format!("{what} {}", v.as_ref()?))));
    parts.extend(match source.files.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [first, rest @ ..] => {
            Some(format!("{first} and {} more {}", rest.len(), noun(rest.len(), "file")))
        }
    });
    parts.join(", ")
}

fn counts(counts: &BTreeMap<String, usize>) -> String {
    if counts.is_empty() {
        return "none".to_owned();
    }
    let each: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    each.join(", ")
}

fn signed(verified: &Verified) -> String {
    match &verified.signer {
        Some(key) if verified.trusted => format!("{key}, the key that was given"),
        Some(key) => format!(
            "{key}; whose key that is, nothing here proves: compare it with one you trust, or give \
             --public-key"
        ),
        None => "nobody: whoever can write this directory could have written it anew".to_owned(),
    }
}
