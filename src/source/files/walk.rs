//! Which files are read: those of the paths given, and of directories every manifest in them.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::kustomize::is_kustomization;

/// Deepest directory followed.
const MAX_DEPTH: usize = 32;
/// What tools keep for themselves; nobody writes manifests there.
const KEPT: [&str; 3] = [".git", ".hg", ".svn"];

/// What was found under the paths given, each file and directory once, by whatever name it was come to first.
#[derive(Default)]
pub(super) struct Walk {
    /// Files to read.
    pub files: Vec<PathBuf>,
    /// Those that say what kustomize puts together, under all names that it takes.
    pub kustomizations: Vec<PathBuf>,
    /// Hidden directories, which are not read unless they are named.
    pub hidden: Vec<PathBuf>,
    /// What cannot be looked into, and why.
    pub closed: Vec<(PathBuf, String)>,
    /// Links, which come after what stands there itself.
    links: Vec<(PathBuf, usize)>,
    known: HashSet<PathBuf>,
}

impl Walk {
    /// Adds a path as it was given.
    ///
    /// # Errors
    /// When it is not there, or cannot be read.
    pub fn path(&mut self, path: &Path) -> std::io::Result<()> {
        if std::fs::metadata(path)?.is_dir() {
            return self.directory(path);
        }
        self.file(path);
        Ok(())
    }

    /// Adds a file, or standard input.
    pub fn file(&mut self, path: &Path) {
        if self.known.insert(identity(path)) {
            if is_kustomization(path) {
                self.kustomizations.push(path.to_owned());
            }
            self.files.push(path.to_owned());
        }
    }

    /// Adds the manifests of a directory and of those in it, then what links in them lead to.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn directory(&mut self, path: &Path) -> std::io::Result<()> {
        self.enter(path, 0)?;
        while !self.links.is_empty() {
            for (link, depth) in std::mem::take(&mut self.links) {
                self.link(&link, depth)?;
            }
        }
        Ok(())
    }

    fn enter(&mut self, dir: &Path, depth: usize) -> std::io::Result<()> {
        if !self.known.insert(identity(dir)) {
            return Ok(());
        }
        if depth > MAX_DEPTH {
            let why = format!("more than {MAX_DEPTH} directories deep: it is not looked into");
            self.closed.push((dir.to_owned(), why));
            return Ok(());
        }
        let mut entries: Vec<_> = std::fs::read_dir(dir)?.collect::<Result<_, _>>()?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let kind = entry.file_type()?;
            if kind.is_symlink() {
                self.links.push((path, depth));
            } else if kind.is_dir() {
                self.inside(&path, depth)?;
            } else if is_manifest(&path) {
                self.file(&path);
            } else if is_kustomization(&path) {
                self.kustomizations.push(path);
            }
        }
        Ok(())
    }

    /// A directory in another one.
    fn inside(&mut self, path: &Path, depth: usize) -> std::io::Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with('.') {
            return self.enter(path, depth + 1);
        }
        if !KEPT.contains(&&*name) {
            self.hidden.push(path.to_owned());
        }
        Ok(())
    }

    fn link(&mut self, path: &Path, depth: usize) -> std::io::Result<()> {
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => return self.inside(path, depth),
            // Reading it tells what is wrong with it.
            _ if is_manifest(path) => self.file(path),
            Ok(_) => {}
            // There is nothing that it leads to.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => self.closed.push((path.to_owned(), error.to_string())),
        }
        Ok(())
    }

    /// Takes out the files of the hidden directories, each under the directory that is hidden.
    pub fn take_hidden(&mut self) -> Vec<(PathBuf, Vec<PathBuf>)> {
        let mut found = Vec::new();
        for dir in std::mem::take(&mut self.hidden) {
            let mut within = Self { known: std::mem::take(&mut self.known), ..Self::default() };
            let mut next = vec![dir.clone()];
            while let Some(place) = next.pop() {
                // What cannot be read there was not asked for.
                let _unreadable = within.directory(&place);
                next.append(&mut within.hidden);
            }
            self.known = within.known;
            found.push((dir, within.files));
        }
        found
    }
}

/// What makes a file or directory the same under several names. A pipe and standard input have but one.
pub(super) fn identity(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    ["yaml", "yml", "json"].iter().any(|known| known.eq_ignore_ascii_case(extension))
}
