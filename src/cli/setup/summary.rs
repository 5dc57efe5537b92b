//! What `setup` did, in a few lines: the many man pages are counted, every other file has its name.

use std::path::{Path, PathBuf};

use super::files::SetupFile;
use crate::text::clean;

/// What was done to files, in its order.
#[derive(Debug, Default)]
pub(super) struct SetupSummary {
    done: Vec<(&'static str, PathBuf)>,
    /// Files of which there is something to tell.
    pub touched: Vec<PathBuf>,
}

impl SetupSummary {
    /// What became of one file, in words; none where there is nothing to tell.
    pub(super) fn add(&mut self, file: &SetupFile, words: Option<&'static str>) {
        if let Some(words) = words {
            self.done.push((words, file.path.clone()));
            self.touched.push(file.path.clone());
        }
    }

    /// The lines that tell it; files in the directory of man pages are counted.
    pub(super) fn lines(&self, man: &Path) -> Vec<String> {
        let mut lines: Vec<(&str, usize, String)> = Vec::new();
        for (words, path) in &self.done {
            let page = path.parent() == Some(man);
            let alike = lines.iter_mut().find(|(w, count, _)| page && w == words && *count > 0);
            match alike {
                Some((_, count, _)) => *count += 1,
                None => lines.push((words, usize::from(page), path.display().to_string())),
            }
        }
        let dir = man.display().to_string();
        let dir = clean(&dir);
        let line = |(words, count, path): (&str, usize, String)| match count {
            0 | 1 => format!("{words} {}", clean(&path)),
            many => {
                let place = if words.contains("remove") { "from" } else { "in" };
                format!("{words} {many} man pages {place} {dir}")
            }
        };
        lines.into_iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::files::FileContent;
    use super::*;

    #[test]
    fn man_pages_are_counted_and_other_files_named() {
        let mut summary = SetupSummary::default();
        let mut add = |path: &str, words| {
            let content = FileContent::Text { text: String::new(), run: false };
            summary.add(&SetupFile { path: path.into(), content }, words);
        };
        add("/m/plimsoll.1", Some("renewed"));
        add("/m/plimsoll-a.1", Some("wrote"));
        add("/m/plimsoll-b.1", Some("wrote"));
        add("/m/plimsoll-c.1", None);
        add("/c/plimsoll", Some("wrote"));
        add("/c/_plimsoll", Some("wrote"));
        assert_eq!(
            summary.lines(Path::new("/m")),
            [
                "renewed /m/plimsoll.1",
                "wrote 2 man pages in /m",
                "wrote /c/plimsoll",
                "wrote /c/_plimsoll"
            ]
        );
        assert_eq!(summary.touched.len(), 5);
    }
}
