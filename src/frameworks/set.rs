//! All frameworks: those built in, and those of the user.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use toml::de::{DeTable, DeValue};

use super::lint::lint;
use super::schema::Framework;
use crate::model::inventory::{Problem, ProblemKind};
use crate::text::line_column;

/// One line per built-in framework: its file, a tab, and its content as JSON, which is read many
/// times faster than the file itself.
static CONTENT: &str = include_str!(concat!(env!("OUT_DIR"), "/frameworks.txt"));
static TEXTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/frameworks.zst"));

/// File to text, of the built-in frameworks.
static FULL: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    zstd::decode_all(TEXTS).ok().and_then(|b| serde_json::from_slice(&b).ok()).unwrap_or_default()
});

/// Where a framework was read.
#[derive(Clone, Debug)]
enum Origin {
    /// It ships: the name of its file under `checks/frameworks/`.
    BuiltIn(String),
    /// It is the user's: path and text.
    Own(String, String),
}

impl Origin {
    fn file(&self) -> String {
        match self {
            Self::BuiltIn(file) => format!("checks/frameworks/{file}"),
            Self::Own(file, _) => file.clone(),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::BuiltIn(file) => FULL.get(file).map_or("", String::as_str),
            Self::Own(_, text) => text,
        }
    }
}

/// All frameworks that could be read.
#[derive(Clone, Debug, Default)]
pub struct Set {
    /// By id.
    pub frameworks: Vec<Arc<Framework>>,
    /// Files that could not be read.
    pub problems: Vec<Problem>,
    /// By id.
    origins: BTreeMap<String, Origin>,
}

impl Set {
    /// The built-in frameworks.
    #[must_use]
    pub fn builtin() -> Self {
        let mut set = Self::default();
        for (file, json) in CONTENT.lines().filter_map(|line| line.split_once('\t')) {
            let origin = Origin::BuiltIn(file.to_owned());
            match serde_json::from_str::<Framework>(json) {
                Ok(framework) => set.take(framework, origin, true),
                // The text knows the line; it is only looked at now that something is wrong.
                Err(_) => set.read(origin, true),
            }
        }
        set.sort();
        set
    }

    /// Ids and texts of the frameworks in use, by id: what the content digest is made of.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.origins.iter().map(|(id, origin)| (&**id, origin.text()))
    }

    /// The file of a framework that is in use.
    #[must_use]
    pub fn file(&self, id: &str) -> Option<String> {
        self.origins.get(id).map(Origin::file)
    }

    /// Whether a framework ships with the program.
    #[must_use]
    pub fn is_builtin(&self, id: &str) -> bool {
        matches!(self.origins.get(id), Some(Origin::BuiltIn(_)))
    }

    /// Problems with controls of a framework that is in use: the place of each control among them,
    /// and what is wrong.
    #[must_use]
    pub fn problems_of(&self, framework: &Framework, faults: Vec<(usize, String)>) -> Vec<Problem> {
        if faults.is_empty() {
            return Vec::new();
        }
        let origin = self.origins.get(&framework.id);
        let (file, text) = (origin.map(Origin::file), origin.map_or("", Origin::text));
        let table = DeTable::parse(text).ok();
        let spot = |control| spot(text, table.as_ref()?.get_ref(), Some(control));
        let one = |(control, message)| problem(file.clone(), spot(control), message);
        faults.into_iter().map(one).collect()
    }

    /// Adds one file of the user; a broken one becomes a problem and nothing else changes. A
    /// framework whose id is taken is refused.
    pub fn add(&mut self, file: &str, text: &str) {
        self.read(Origin::Own(file.to_owned(), text.to_owned()), false);
        self.sort();
    }

    /// As [`Set::add`], held to what is asked of the files that ship.
    pub fn add_strictly(&mut self, file: &str, text: &str) {
        self.read(Origin::Own(file.to_owned(), text.to_owned()), true);
        self.sort();
    }

    /// Problems with frameworks whose ids others have already, beside which these are to be used.
    #[must_use]
    pub fn taken_ids(&self, others: &Self) -> Vec<Problem> {
        let taken = self.origins.iter().filter(|(id, _)| others.origins.contains_key(*id));
        let one = |(id, origin): (&String, &Origin)| {
            let spot = place(origin.text(), None).unwrap_or((1, 1));
            problem(Some(origin.file()), Some(spot), exists(id))
        };
        taken.map(one).collect()
    }

    fn read(&mut self, origin: Origin, ships: bool) {
        match toml::from_str::<Framework>(origin.text()) {
            Ok(framework) => self.take(framework, origin, ships),
            Err(error) => {
                let spot = error.span().map(|span| line_column(origin.text(), span.start));
                let message = error.message().trim_end().to_owned();
                self.problems.push(problem(Some(origin.file()), spot, message));
            }
        }
    }

    fn take(&mut self, framework: Framework, origin: Origin, ships: bool) {
        let fault = match lint(&framework, ships) {
            Ok(()) if self.origins.contains_key(&framework.id) => {
                Some((None, exists(&framework.id)))
            }
            Ok(()) => None,
            Err(fault) => Some(fault),
        };
        if let Some((control, message)) = fault {
            let spot = place(origin.text(), control).unwrap_or((1, 1));
            self.problems.push(problem(Some(origin.file()), Some(spot), message));
            return;
        }
        self.origins.insert(framework.id.clone(), origin);
        self.frameworks.push(Arc::new(framework));
    }

    fn sort(&mut self) {
        self.frameworks.sort_by(|a, b| a.id.cmp(&b.id));
    }

    /// Notes a file that could not be read at all.
    pub fn add_unreadable(&mut self, file: &str, message: &str) {
        self.problems.push(problem(Some(file.to_owned()), None, message.to_owned()));
    }

    /// What a name may mean: the framework with this id, or every edition of the family, the
    /// newest first.
    #[must_use]
    pub fn named(&self, name: &str) -> Vec<Arc<Framework>> {
        if let Some(framework) = self.frameworks.iter().find(|f| f.id == name) {
            return vec![Arc::clone(framework)];
        }
        let of_family = self.frameworks.iter().filter(|f| f.family() == name);
        let mut editions: Vec<_> = of_family.map(Arc::clone).collect();
        editions.sort_by_key(|f| std::cmp::Reverse(f.edition()));
        editions
    }

    /// A framework by id, or the newest edition of a family.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Arc<Framework>> {
        self.named(name).into_iter().next()
    }

    /// Every family with its editions, the newest first, in the order of the families' names.
    #[must_use]
    pub fn families(&self) -> Vec<Vec<Arc<Framework>>> {
        let mut families: BTreeMap<&str, Vec<Arc<Framework>>> = BTreeMap::new();
        for framework in &self.frameworks {
            families.entry(framework.family()).or_default().push(Arc::clone(framework));
        }
        let newest_first = |mut editions: Vec<Arc<Framework>>| {
            editions.sort_by_key(|f| std::cmp::Reverse(f.edition()));
            editions
        };
        families.into_values().map(newest_first).collect()
    }
}

fn exists(id: &str) -> String {
    format!("framework `{id}` exists already: give this one an id of its own")
}

fn problem(file: Option<String>, spot: Option<(u32, u32)>, message: String) -> Problem {
    Problem {
        kind: ProblemKind::Framework,
        file,
        line: spot.map(|s| s.0),
        column: spot.map(|s| s.1),
        object: None,
        check: None,
        message,
    }
}

/// Where a control, or the id of the framework, stands in its file.
fn place(text: &str, control: Option<usize>) -> Option<(u32, u32)> {
    spot(text, DeTable::parse(text).ok()?.get_ref(), control)
}

fn spot(text: &str, table: &DeTable<'_>, control: Option<usize>) -> Option<(u32, u32)> {
    let find = |name: &str| table.iter().find(|(k, _)| k.get_ref() == name);
    let span = match control {
        None => find("id")?.1.span(),
        Some(at) => match find("control")?.1.get_ref() {
            DeValue::Array(controls) => controls.get(at)?.span(),
            _ => return None,
        },
    };
    Some(line_column(text, span.start))
}

#[cfg(test)]
mod tests;
