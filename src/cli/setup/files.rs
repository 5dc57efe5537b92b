//! Files that `setup` answers for: what stands in their place, and what becomes of it.

use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::MARK;
use crate::fresh;

/// A file as it is to be.
#[derive(Clone, Debug)]
pub(super) struct SetupFile {
    pub path: PathBuf,
    pub content: FileContent,
}

/// What is in it.
#[derive(Clone, Debug)]
pub(super) enum FileContent {
    /// Text, and whether it is a program. It says nothing of a cluster, and `man` may run as
    /// another user: everybody may read it.
    Text { text: String, run: bool },
    /// A link to the program.
    Link(PathBuf),
}

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doing {
    /// Take away instead of writing.
    pub remove: bool,
    /// Write over what is somebody else's.
    pub force: bool,
    /// Only say it.
    pub dry: bool,
}

/// What stands in the place of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileFound {
    Nothing,
    /// Just what is to be there.
    Same,
    /// What another version of `setup` wrote.
    Ours,
    Foreign,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileOutcome {
    /// There was nothing to take away.
    Nothing,
    /// It was as it is to be.
    Has,
    Wrote,
    Renewed,
    Replaced,
    Removed,
    /// It is somebody else's, and was left.
    Foreign,
}

impl FileOutcome {
    /// What to tell, if there is anything.
    pub(super) fn words(self, dry: bool) -> Option<&'static str> {
        Some(match (self, dry) {
            (Self::Nothing | Self::Foreign, _) => return None,
            (Self::Has, _) => "unchanged",
            (Self::Wrote, false) => "wrote",
            (Self::Wrote, true) => "would write",
            (Self::Renewed, false) => "renewed",
            (Self::Renewed, true) => "would renew",
            (Self::Replaced, false) => "replaced",
            (Self::Replaced, true) => "would replace",
            (Self::Removed, false) => "removed",
            (Self::Removed, true) => "would remove",
        })
    }
}

impl SetupFile {
    /// Brings about that it is there, or is not.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn settle(&self, doing: Doing) -> std::io::Result<FileOutcome> {
        let outcome = match (self.found()?, doing.remove) {
            (FileFound::Nothing, true) => FileOutcome::Nothing,
            (FileFound::Same | FileFound::Ours, true) => FileOutcome::Removed,
            (FileFound::Nothing, false) => FileOutcome::Wrote,
            (FileFound::Same, false) => FileOutcome::Has,
            (FileFound::Ours, false) => FileOutcome::Renewed,
            (FileFound::Foreign, false) if doing.force => FileOutcome::Replaced,
            (FileFound::Foreign, _) => FileOutcome::Foreign,
        };
        if !doing.dry {
            match outcome {
                FileOutcome::Removed => std::fs::remove_file(&self.path)?,
                FileOutcome::Wrote | FileOutcome::Renewed | FileOutcome::Replaced => self.put()?,
                FileOutcome::Nothing | FileOutcome::Has | FileOutcome::Foreign => {}
            }
        }
        Ok(outcome)
    }

    fn found(&self) -> std::io::Result<FileFound> {
        let there = match self.path.symlink_metadata() {
            Ok(there) => there,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(FileFound::Nothing),
            Err(error) => return Err(error),
        };
        Ok(match &self.content {
            FileContent::Link(program) if there.is_symlink() => {
                let target = std::fs::read_link(&self.path)?;
                if target == *program {
                    FileFound::Same
                } else if target.file_name().is_some_and(|name| name == "plimsoll") {
                    FileFound::Ours
                } else {
                    FileFound::Foreign
                }
            }
            FileContent::Text { text, .. } if there.is_file() => {
                let mut found = Vec::new();
                // One byte more than it should have shows that it differs; nothing larger is read.
                let most = u64::try_from(text.len()).unwrap_or(u64::MAX).saturating_add(1);
                std::fs::File::open(&self.path)?.take(most).read_to_end(&mut found)?;
                if found == text.as_bytes() {
                    FileFound::Same
                } else if marked(&found) {
                    FileFound::Ours
                } else {
                    FileFound::Foreign
                }
            }
            _ => FileFound::Foreign,
        })
    }

    /// Writes it beside its place and moves it there: whoever reads it meanwhile finds it whole.
    fn put(&self) -> std::io::Result<()> {
        let dir = self.path.parent().unwrap_or_else(|| Path::new("."));
        std::fs::create_dir_all(dir)?;
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let beside = dir.join(format!(".{name}.{}", std::process::id()));
        let made = match &self.content {
            FileContent::Text { text, run } => write(&beside, text, *run),
            FileContent::Link(program) => link(program, &beside),
        };
        made.and_then(|()| std::fs::rename(&beside, &self.path)).inspect_err(|_| {
            // What is half done goes; the error is what matters.
            let _ = std::fs::remove_file(&beside);
        })
    }
}

/// Takes away the directories of a file that is gone which are empty by now, up to one of `roots`: they
/// were made for it.
pub(super) fn tidy(file: &Path, roots: &[PathBuf]) {
    let dirs: Vec<&Path> = file.ancestors().skip(1).collect();
    let Some(root) = dirs.iter().position(|dir| roots.iter().any(|root| root == dir)) else {
        return;
    };
    for dir in dirs.into_iter().take(root) {
        // One that is not empty is somebody else's, and so is what lies above it.
        if std::fs::remove_dir(dir).is_err() {
            return;
        }
    }
}

/// Whether a file says in its first lines that `setup` wrote it.
fn marked(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.lines().take(3).any(|line| line.contains(MARK))
}

fn write(path: &Path, text: &str, run: bool) -> std::io::Result<()> {
    let rights = if run { 0o755 } else { 0o644 };
    fresh::create(path, rights, |out| out.write_all(text.as_bytes()))
}

#[cfg(unix)]
fn link(program: &Path, path: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(program, path)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::Error::new(ErrorKind::Unsupported, "link it by hand: this system has other links"))
}

/// Man pages of commands that there are no longer: those that `setup` wrote and does not want.
pub(super) fn outdated(dir: &Path, wanted: &[SetupFile]) -> Vec<SetupFile> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let page = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with("plimsoll") && Path::new(&name).extension().is_some_and(|end| end == "1")
    };
    let mut old: Vec<PathBuf> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
    old.retain(|path| page(path) && !wanted.iter().any(|file| file.path == *path));
    old.sort();
    // Longer than any mark, and no page: such a file is ours or foreign, never the same.
    let text = " ".repeat(4 * MARK.len());
    let file =
        |path| SetupFile { path, content: FileContent::Text { text: text.clone(), run: false } };
    let ours = |file: &SetupFile| matches!(file.found(), Ok(FileFound::Ours));
    old.into_iter().map(file).filter(ours).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITE: Doing = Doing { remove: false, force: false, dry: false };
    const REMOVE: Doing = Doing { remove: true, ..WRITE };

    fn text(path: PathBuf, body: &str) -> SetupFile {
        SetupFile {
            path,
            content: FileContent::Text { text: format!("# {MARK}\n{body}"), run: false },
        }
    }

    #[test]
    fn a_file_is_written_once_renewed_and_taken_away() {
        let dir = tempfile::tempdir().unwrap();
        let file = text(dir.path().join("a/b/c"), "1\n");
        assert_eq!(file.settle(REMOVE).unwrap(), FileOutcome::Nothing);
        assert_eq!(file.settle(Doing { dry: true, ..WRITE }).unwrap(), FileOutcome::Wrote);
        assert!(!file.path.exists() && !dir.path().join("a").exists());
        assert_eq!(file.settle(WRITE).unwrap(), FileOutcome::Wrote);
        assert_eq!(file.settle(WRITE).unwrap(), FileOutcome::Has);
        let later = text(file.path.clone(), "2, and a longer text\n");
        assert_eq!(later.settle(WRITE).unwrap(), FileOutcome::Renewed);
        assert_eq!(file.settle(WRITE).unwrap(), FileOutcome::Renewed);
        assert_eq!(later.settle(REMOVE).unwrap(), FileOutcome::Removed);
        // Nothing half written stays behind.
        assert_eq!(std::fs::read_dir(dir.path().join("a/b")).unwrap().count(), 0);
    }

    #[test]
    fn empty_directories_go_with_the_last_file_in_them() {
        let dir = tempfile::tempdir().unwrap();
        let roots = [dir.path().to_owned(), dir.path().join("named")];
        let [deep, beside, own] = ["a/b/c/1", "a/x", "named/d/1"].map(|at| dir.path().join(at));
        for file in [&deep, &beside, &own] {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "").unwrap();
        }
        tidy(&deep, &roots);
        assert!(deep.exists());
        std::fs::remove_file(&deep).unwrap();
        tidy(&deep, &roots);
        assert!(beside.exists() && !dir.path().join("a/b").exists());
        std::fs::remove_file(&own).unwrap();
        tidy(&own, &roots);
        assert!(dir.path().join("named").exists() && !dir.path().join("named/d").exists());
        // What lies elsewhere is not looked at.
        tidy(&own, &[beside]);
        assert!(dir.path().join("named").exists());
    }

    #[test]
    fn what_is_somebody_elses_stays() {
        let dir = tempfile::tempdir().unwrap();
        let file = text(dir.path().join("c"), "1\n");
        let foreign = |content: &str| std::fs::write(&file.path, content).unwrap();
        for content in ["", "mine\n", "\n\n\n# Written by `plimsoll setup`; `plimsoll"] {
            foreign(content);
            assert_eq!(file.settle(WRITE).unwrap(), FileOutcome::Foreign);
            assert_eq!(file.settle(Doing { force: true, ..REMOVE }).unwrap(), FileOutcome::Foreign);
            assert_eq!(std::fs::read_to_string(&file.path).unwrap(), content);
        }
        assert_eq!(file.settle(Doing { force: true, ..WRITE }).unwrap(), FileOutcome::Replaced);
        assert_eq!(file.settle(WRITE).unwrap(), FileOutcome::Has);
        std::fs::remove_file(&file.path).unwrap();
        std::fs::create_dir(&file.path).unwrap();
        assert_eq!(file.settle(WRITE).unwrap(), FileOutcome::Foreign);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_ours_if_it_leads_to_the_program() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kubectl-plimsoll");
        let to = |program: &str| SetupFile {
            path: path.clone(),
            content: FileContent::Link(program.into()),
        };
        assert_eq!(to("/old/plimsoll").settle(WRITE).unwrap(), FileOutcome::Wrote);
        assert_eq!(to("/new/plimsoll").settle(WRITE).unwrap(), FileOutcome::Renewed);
        assert_eq!(to("/new/plimsoll").settle(WRITE).unwrap(), FileOutcome::Has);
        assert_eq!(std::fs::read_link(&path).unwrap(), Path::new("/new/plimsoll"));
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/bin/true", &path).unwrap();
        assert_eq!(to("/new/plimsoll").settle(WRITE).unwrap(), FileOutcome::Foreign);
        // A text is not written through a link either.
        assert_eq!(text(path, "1\n").settle(WRITE).unwrap(), FileOutcome::Foreign);
    }

    #[test]
    fn pages_of_commands_that_are_gone_are_known() {
        let dir = tempfile::tempdir().unwrap();
        let kept = text(dir.path().join("plimsoll-scan.1"), "");
        for file in [&kept, &text(dir.path().join("plimsoll-gone.1"), "")] {
            file.settle(WRITE).unwrap();
        }
        std::fs::write(dir.path().join("plimsoll-own.1"), "somebody's").unwrap();
        std::fs::write(dir.path().join("other.1"), "somebody's").unwrap();
        let gone = outdated(dir.path(), &[kept]);
        let names: Vec<_> = gone.iter().map(|f| f.path.file_name().unwrap()).collect();
        assert_eq!(names, ["plimsoll-gone.1"]);
        assert_eq!(gone[0].settle(REMOVE).unwrap(), FileOutcome::Removed);
    }
}
