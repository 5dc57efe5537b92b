//! `--output-dir`: a file for each cluster, and one that holds them together where the format can.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::context::CommandContext;
use super::super::{CommandError, output};
use crate::fresh;
use crate::model::comparison::Comparison;
use crate::report::fleet::{self, Fleet, Outcome};
use crate::report::{Format, Input, RenderError, diff, document, sarif};
use crate::runtime::reports;

/// The name of the file that holds them together.
const TOGETHER: &str = "fleet";

/// The directory, made if it is not there: told before the work, not after it.
///
/// # Errors
/// When it is something else, or cannot be made.
pub fn ready(dir: &Path) -> Result<&Path, CommandError> {
    fresh::private_dir(dir)
        .map_err(|error| CommandError::Usage(format!("--output-dir {}: {error}", dir.display())))?;
    Ok(dir)
}

/// Writes a report of each cluster that was read. Nothing is overwritten: a name that is taken gets
/// a number.
///
/// # Errors
/// When a file cannot be written. What could be rendered for some clusters alone is written for
/// these.
pub fn write(
    context: &CommandContext,
    fleet: &mut Fleet<'_>,
    dir: &Path,
    format: Format,
) -> Result<(), CommandError> {
    let mut taken: BTreeSet<String> = BTreeSet::from([TOGETHER.to_owned()]);
    let mut links = Vec::new();
    for entry in &fleet.entries {
        let Outcome::Read(input, _) = &entry.outcome else {
            links.push(None);
            continue;
        };
        let text = match rendered(input, format, entry.since) {
            Ok(text) => context.told(text, format),
            Err(error) => {
                // The navigator has no layer of a matrix that was not judged here.
                output::complain(&format!("plimsoll: {}: no file: {error}", entry.name));
                links.push(None);
                continue;
            }
        };
        let stem = stem(&entry.name, &mut taken);
        let path = reports::write_new(dir, &stem, format.ending(), &text)
            .map_err(|error| CommandError::Usage(format!("{}: {error}", dir.display())))?;
        output::complain(&format!("plimsoll: {}: written to {}", entry.name, path.display()));
        links.push(path.file_name().map(|name| name.to_string_lossy().into_owned()));
    }
    fleet.links = links;
    if format != Format::Table && fleet::has(format) {
        let text = fleet::render(fleet, format).map_err(|e| CommandError::Other(e.to_string()))?;
        let text = context.told(text, format);
        let path = reports::write_new(dir, TOGETHER, format.ending(), &text)
            .map_err(|error| CommandError::Usage(format!("{}: {error}", dir.display())))?;
        output::complain(&format!("plimsoll: all of them: written to {}", path.display()));
    }
    Ok(())
}

/// The report of one cluster, with what became of findings since a run where the format has room for it.
fn rendered(
    input: &Input<'_>,
    format: Format,
    since: Option<&Comparison>,
) -> Result<String, RenderError> {
    match format {
        Format::Json => Ok(document::json_since(input, since)?),
        Format::Sarif => Ok(sarif::since(input, since)?),
        Format::Table => Ok(format.render(input)? + &since.map(diff::summary).unwrap_or_default()),
        _ => format.render(input),
    }
}

/// A name as the beginning of a file's: letters, digits, `-`, `_` and `.` within stay, everything
/// else becomes `-`, and no two are the same.
fn stem(name: &str, taken: &mut BTreeSet<String>) -> String {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let clean: String = name.chars().map(|c| if fine(c) { c } else { '-' }).take(100).collect();
    let clean = clean.trim_start_matches(['.', '-']).to_owned();
    let base = if clean.is_empty() { "cluster".to_owned() } else { clean };
    // Two names that differ in case alone are one name on some disks.
    let mut own = base.clone();
    let mut number = 2;
    while !taken.insert(own.to_ascii_lowercase()) {
        own = format!("{base}-{number}");
        number += 1;
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_clusters_become_names_of_files_that_lead_nowhere_else() {
        let mut taken = BTreeSet::from([TOGETHER.to_owned()]);
        let mut name = |text: &str| stem(text, &mut taken);
        assert_eq!(name("prod-eu.1"), "prod-eu.1");
        assert_eq!(name("../../etc/passwd"), "etc-passwd");
        assert_eq!(name("arn:aws:eks:eu/prod"), "arn-aws-eks-eu-prod");
        assert_eq!(name("arn:aws:eks:eu:prod"), "arn-aws-eks-eu-prod-2");
        assert_eq!(name("--rm"), "rm");
        assert_eq!(name("fleet"), "fleet-2");
        assert_eq!(name("\u{202e}"), "cluster");
        assert_eq!(name("Prod-EU.1"), "Prod-EU.1-2");
    }
}
