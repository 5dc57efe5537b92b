//! Results of other tools brought into the open session: all files or none.

use std::collections::BTreeMap;
use std::path::Path;

use super::Clerk;
use crate::app::event::{SessionEvent, UserError};
use crate::imports::{of_another, unknown};
use crate::model::import::{Import, ImportOutcome, ImportTool};
use crate::runtime::imports::load;
use crate::session::{Session, SessionError};
use crate::text::noun;

impl Clerk {
    pub(super) fn import(&mut self, typed: &str) -> Result<(), SessionError> {
        // Every file is read before anything is saved.
        let imports = match read_all(typed) {
            Ok(imports) => imports,
            Err(why) => {
                let next = "mend the file, or name another one with :import".to_owned();
                let what = "nothing was imported".to_owned();
                self.tell(SessionEvent::Failed(UserError { what, why, next }));
                return Ok(());
            }
        };
        let by = self.user.clone();
        let session = self.session()?;
        let there = session.whole_ledger().0.imports.clone();
        let mut new: Vec<Import> = Vec::new();
        for import in imports {
            if !there.iter().chain(&new).any(|other| other.same(&import)) {
                new.push(import);
            }
        }
        session.record_imports(&new, &by)?;
        let mut what = told(&new);
        if let Some(unknown) = unknown_places(session, &new) {
            what = format!("{what}; {unknown}; u takes it back");
        }
        self.tell(SessionEvent::Imported { imports: new, what });
        Ok(())
    }

    /// Tells what is imported by now, after something was taken back or done again.
    pub(super) fn tell_imports(&self, what: String) {
        let ledger = self.session.as_ref().map(|session| session.whole_ledger().0);
        let imports = ledger.map(|ledger| ledger.imports.clone()).unwrap_or_default();
        self.tell(SessionEvent::Imports { imports, what });
    }
}

/// The cluster, nodes and images that results are of and that the last run of the session did not see.
fn unknown_places(session: &Session, imports: &[Import]) -> Option<String> {
    let named = |import: &Import| {
        !import.clusters.is_empty()
            || !import.objects.is_empty()
            || import.results.iter().any(|result| result.node.is_some())
    };
    if !imports.iter().any(named) {
        return None;
    }
    let run = session.latest_run().ok().flatten()?;
    imports.iter().find_map(|import| {
        of_another(import, &run.source).or_else(|| unknown(import, &run.result.beside))
    })
}

/// What is in the files of a line, or what is wrong with the first that cannot be taken.
fn read_all(typed: &str) -> Result<Vec<Import>, String> {
    let one = |file: &str| match file {
        "-" => Err("the terminal is in use: standard input cannot be read here".to_owned()),
        file => load(file, None, None).map_err(|error| error.to_string()),
    };
    files(typed).into_iter().map(one).collect()
}

/// The files that a line names; a path with spaces in it is one file if there is such a file.
fn files(typed: &str) -> Vec<&str> {
    let typed = typed.trim();
    let path = typed.split_once('=').map_or(typed, |(_, path)| path);
    if Path::new(typed).exists() || Path::new(path).exists() {
        return vec![typed];
    }
    typed.split_whitespace().collect()
}

/// What came in: `imported 42 results of kube-bench (3 fail)`, and what is missing in it.
fn told(imports: &[Import]) -> String {
    if imports.is_empty() {
        return "in the session already: nothing is taken twice".to_owned();
    }
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for import in imports {
        let (all, fail) = counts.entry(import.tool.word()).or_default();
        *all += import.results.len();
        *fail += import.count(ImportOutcome::Fail);
    }
    let tools: Vec<String> = counts
        .into_iter()
        .map(|(tool, (all, fail))| {
            let noun = noun(all, "result");
            format!("{all} {noun} of {tool} ({fail} fail)")
        })
        .collect();
    let unnamed = |import: &&Import| {
        import.tool == ImportTool::KubeBench && import.results.iter().all(|r| r.node.is_none())
    };
    let mind = match imports.iter().find(unnamed) {
        Some(import) => format!("; {} names no node, NODE=PATH would", import.origin),
        None => String::new(),
    };
    format!("imported {}{mind}", tools.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_one_file_or_several_and_a_path_may_hold_spaces() {
        let dir = tempfile::tempdir().unwrap();
        let odd = dir.path().join("my results.json");
        std::fs::write(&odd, "{}").unwrap();
        let odd = odd.to_string_lossy().into_owned();
        assert_eq!(files(&odd), [&*odd]);
        let named = format!("node-1={odd}");
        assert_eq!(files(&named), [&*named]);
        assert_eq!(files(" a.json  n=b.json "), ["a.json", "n=b.json"]);
    }

    #[test]
    fn one_wrong_file_of_several_is_named_and_none_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let (good, bad) = (dir.path().join("worker-1.json"), dir.path().join("bad.json"));
        std::fs::write(&good, include_bytes!("../../../tests/imports/worker-1.json")).unwrap();
        std::fs::write(&bad, "{\n\"Controls\": [}").unwrap();
        let error = read_all(&format!("{} {}", good.display(), bad.display())).unwrap_err();
        assert!(error.contains("bad.json:2:"), "{error}");
        let imports = read_all(&good.to_string_lossy()).unwrap();
        assert!(told(&imports).starts_with("imported "), "{}", told(&imports));
        assert!(told(&imports).contains("of kube-bench ("), "{}", told(&imports));
        assert!(read_all("-").unwrap_err().contains("standard input"));
    }
}
