//! The library: built-in checks, and those of the user.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use sha2::{Digest, Sha256};

use crate::model::inventory::Problem;

use super::check::{Check, Origin};
use super::compiled::Compiled;
use super::locate::Spot;
use super::schema::{self, Embedded};

static METADATA: &str = include_str!(concat!(env!("OUT_DIR"), "/checks.json"));
static TEXTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/checks.zst"));

/// Path under `checks/` to text, of the built-in checks.
static FULL: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    zstd::decode_all(TEXTS).ok().and_then(|b| serde_json::from_slice(&b).ok()).unwrap_or_default()
});

/// Every check there is.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// By id.
    pub checks: BTreeMap<Arc<str>, Arc<Check>>,
    /// What is wrong with files that could not be used.
    pub problems: Vec<Problem>,
    /// Ids of checks whose files could not be used: what they serve is not assessed.
    pub broken: BTreeSet<String>,
    /// User files, by id, as they were read.
    texts: BTreeMap<Arc<str>, String>,
}

impl Library {
    /// The checks that are built in.
    #[must_use]
    pub fn builtin() -> Self {
        let mut library = Self::default();
        let entries: Vec<serde_json::Value> = serde_json::from_str(METADATA).unwrap_or_default();
        for entry in entries {
            library.embed(entry);
        }
        library
    }

    fn embed(&mut self, entry: serde_json::Value) {
        let file = entry.get("file").and_then(|f| f.as_str()).unwrap_or_default().to_owned();
        let (theme, name) = file.split_once('/').unwrap_or_default();
        let stem = name.trim_end_matches(".toml");
        let read = serde_json::from_value::<Embedded>(entry).map_err(|e| e.to_string());
        let check = read.and_then(|embedded| {
            let origin = Origin::BuiltIn(embedded.file);
            schema::has_examples(&embedded.verdicts)
                .and_then(|()| schema::convert(embedded.check, theme, stem, origin))
                .map_err(|fault| fault.message)
        });
        match check {
            Ok(check) if self.checks.contains_key(&check.id) => {
                let message = format!("the id `{}` stands in two themes", check.id);
                self.problems.push(schema::problem(&check.origin.file(), None, &message));
            }
            Ok(check) => {
                self.checks.insert(Arc::clone(&check.id), Arc::new(check));
            }
            Err(message) => {
                // The text knows the line; it is only looked at now that something is wrong.
                let text = FULL.get(&file).map_or("", String::as_str);
                let origin = Origin::BuiltIn(file.as_str().into());
                let problem = schema::read(text, theme, stem, origin).err();
                let named = format!("checks/{file}");
                self.problems
                    .push(problem.map_or_else(|| schema::problem(&named, None, &message), |p| *p));
                self.broken.insert(stem.to_owned());
            }
        }
    }

    /// The built-in checks and those of directories: `DIR/<theme>/<id>.toml`, or `DIR/<id>.toml`.
    #[must_use]
    pub fn with_dirs(dirs: &[PathBuf]) -> Self {
        let mut library = Self::builtin();
        for dir in dirs {
            let mut files = Vec::new();
            let root = fs::canonicalize(dir).ok();
            if let Err(error) = toml_files(dir, root.as_deref(), &mut files) {
                let message = format!("cannot read the directory: {error}");
                library.problems.push(schema::problem(&dir.display().to_string(), None, &message));
            }
            files.sort();
            for file in files {
                library.add(dir, &file);
            }
        }
        library
    }

    fn add(&mut self, dir: &Path, file: &Path) {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let theme = file.parent().filter(|p| *p != dir).and_then(Path::file_name);
        let theme = theme.map_or_else(|| "own".into(), |t| t.to_string_lossy());
        match self.read(file, &theme, &stem) {
            Ok((check, text)) => {
                self.texts.insert(Arc::clone(&check.id), text);
                self.checks.insert(Arc::clone(&check.id), Arc::new(check));
            }
            Err(problem) => {
                self.problems.push(*problem);
                if !self.checks.contains_key(stem.as_str()) {
                    self.broken.insert(stem);
                }
            }
        }
    }

    fn read(&self, file: &Path, theme: &str, stem: &str) -> Result<(Check, String), Box<Problem>> {
        let name = file.display().to_string();
        let text = crate::handwritten::found(file).map_err(|error| {
            schema::problem(&name, None, &format!("cannot read the file: {error}"))
        })?;
        let check = self.understand(file, theme, stem, &text)?;
        Ok((check, text))
    }

    /// Understands the text of a check file, `file`, beside the checks there are.
    ///
    /// # Errors
    /// What is wrong with it, with its place.
    pub fn understand(
        &self,
        file: &Path,
        theme: &str,
        stem: &str,
        text: &str,
    ) -> Result<Check, Box<Problem>> {
        let name = file.display().to_string();
        let check = schema::read(text, theme, stem, Origin::File(file.to_owned()))?;
        if let Some(known) = self.checks.get(&check.id)
            && check.replaces.as_deref() != Some(&*check.id)
        {
            let message = format!(
                "the id `{}` is taken by {}; write `replaces = \"{0}\"` to take it over",
                check.id,
                known.origin.file()
            );
            return Err(Box::new(schema::problem(&name, Some((1, 1)), &message)));
        }
        if let Some(replaced) = &check.replaces {
            let wrong = if !self.checks.contains_key(replaced.as_str()) {
                Some(format!("there is no check `{replaced}` to replace"))
            } else if *replaced != *check.id {
                Some(format!(
                    "`replaces` takes over an id that is the check's own: frameworks and decisions name a \
                     check by it; write `id = \"{replaced}\"` in a file {replaced}.toml, or leave \
                     `replaces` out"
                ))
            } else {
                None
            };
            if let Some(message) = wrong {
                let place = Spot::of(&["replaces"]).find(text);
                return Err(Box::new(schema::problem(&name, place, &message)));
            }
        }
        Compiled::check(&Arc::new(check.clone()), text)?;
        Ok(check)
    }

    /// Which of these checks stand in the place of others, each with its file.
    #[must_use]
    pub fn taken_over<'a>(&self, ids: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
        let taken = ids.filter_map(|id| {
            let check = self.checks.get(id).filter(|check| check.replaces.is_some())?;
            Some((id.to_owned(), check.origin.file()))
        });
        taken.collect()
    }

    /// A check with its examples.
    #[must_use]
    pub fn full(&self, id: &str) -> Option<Arc<Check>> {
        let check = self.checks.get(id)?;
        if !check.examples.is_empty() {
            return Some(Arc::clone(check));
        }
        let text = self.text(id)?;
        let read = schema::read(text, &check.theme, &check.id, check.origin.clone());
        read.ok().map(Arc::new)
    }

    /// The file of a check, as it was written.
    #[must_use]
    pub fn text(&self, id: &str) -> Option<&str> {
        if let Some(text) = self.texts.get(id) {
            return Some(text);
        }
        match &self.checks.get(id)?.origin {
            Origin::BuiltIn(path) => FULL.get(&**path).map(String::as_str),
            Origin::File(_) => None,
        }
    }

    /// `sha256:` and the digest of every file in use: two scans with the same digest used the
    /// same rules.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for id in self.checks.keys() {
            let text = self.text(id).unwrap_or_default();
            hash.update(id.as_bytes());
            hash.update([0]);
            hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(text.as_bytes());
        }
        format!("sha256:{}", crate::text::hex(&hash.finalize()))
    }
}

/// Every `.toml` file of a directory and, where its real path is given, of the themes below it. A link back
/// to the directory itself is no theme.
fn toml_files(dir: &Path, root: Option<&Path>, into: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            let frameworks = path.file_name().is_some_and(|n| n == "frameworks");
            if let Some(root) = root.filter(|_| !frameworks)
                && !fs::canonicalize(&path).is_ok_and(|real| root.starts_with(real))
            {
                toml_files(&path, None, into)?;
            }
        } else if path.extension().is_some_and(|e| e == "toml") {
            into.push(path);
        }
    }
    Ok(())
}
