//! `plimsoll sessions withdraw`: imported results that count no more.

use crate::cli::context::CommandContext;
use crate::cli::{CommandError, CommandResult, output};
use crate::runtime::clock::timestamp;
use crate::session::{ImportRef, SessionError};

/// Takes imports of a session back, all of them or none.
///
/// # Errors
/// When there is no such session or import, or it cannot be written.
pub fn run(
    context: &CommandContext,
    id: &str,
    words: &[String],
    by: Option<&str>,
) -> CommandResult {
    let mut session = context.store().open(id)?;
    let mut meant: Vec<&ImportRef> = Vec::new();
    for word in words {
        let before = meant.len();
        meant.extend(session.state().imports.iter().filter(|import| is_meant(import, word)));
        if meant.len() == before {
            let (id, import) = (session.id().to_owned(), format!("`{word}`"));
            return Err(CommandError::from(SessionError::NoImport { id, import }));
        }
    }
    let mut numbers: Vec<u32> = meant.iter().map(|import| import.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let line = |import: &ImportRef| {
        format!(
            "import {} ({} from {}) counts no more",
            import.number,
            import.tool.word(),
            import.origin
        )
    };
    let all = session.state().imports.iter().filter(|i| numbers.contains(&i.number));
    let lines: Vec<String> = all.map(line).collect();
    session.withdraw(&numbers, &context.by(by), &timestamp())?;
    for line in lines {
        output::complain(&line);
    }
    Ok(0)
}

/// Whether a word is the number of an import, or where it came from.
fn is_meant(import: &ImportRef, word: &str) -> bool {
    word.parse() == Ok(import.number) || import.origin == word
}
