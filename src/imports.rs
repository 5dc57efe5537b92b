//! Results of other tools: from the bytes of a file, or from reports in a cluster, to
//! [`crate::model::import::Import`]; what they mean for controls; where they and our checks differ.
//!
//! The format is known by its content. A file is taken whole or not at all.

pub mod age;
mod aged;
pub mod disagree;
mod documents;
mod equivalents;
pub mod fit;
mod kube_bench;
mod kubescape;
mod numbering;
pub mod objects;
mod policy_report;
mod shape;
mod trivy;
pub mod verdict;

use sha2::Digest as _;

use crate::model::import::{Import, ImportTool, ImportedResult};
use crate::model::node::Node;

pub use disagree::{Compared, disagreements};
pub use equivalents::check_of;
pub use fit::{gone, of_another, old, unknown};
pub use verdict::{Basis, MAX_AGE_DAYS};

/// Largest file that is read, in bytes.
pub const MAX_FILE: u64 = 256 << 20;
/// Most results of one file.
const MAX_RESULTS: usize = 500_000;

/// A file that holds results.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// Its name, as errors and reports show it.
    pub name: &'a str,
    /// What is in it.
    pub bytes: &'a [u8],
    /// The node it was made on, where the user says so.
    pub node: Option<&'a str>,
    /// The tool it must be from, where the user says so.
    pub tool: Option<ImportTool>,
    /// When it was last changed, RFC 3339: the age of results whose tool writes no time.
    pub changed: Option<&'a str>,
    /// Now, RFC 3339.
    pub now: &'a str,
}

/// Why a file was not imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It is neither JSON nor YAML.
    #[error("{file}:{line}:{column}: {message}; nothing was imported")]
    Broken {
        /// The file.
        file: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What the parser says.
        message: String,
    },
    /// A value is not what the format has there.
    #[error("{file}, {place}: expected {expected} in {what}, found {found}; nothing was imported")]
    Unexpected {
        /// The file.
        file: String,
        /// Path of the value: `document 2, Controls[0].tests[1].results[3].status`.
        place: String,
        /// What the format has there.
        expected: String,
        /// Which format.
        what: &'static str,
        /// What stands there.
        found: String,
    },
    /// It is no format that is known.
    #[error(
        "{file}, {place}: {found} is no result of a tool that Plimsoll reads; expected kube-bench \
         JSON (an object with `Controls`, or the array of them), a PolicyReport, ClusterPolicyReport, \
         Report or ClusterReport, a report of trivy-operator, or kubescape JSON of format version v2"
    )]
    Unknown {
        /// The file.
        file: String,
        /// Where it stands: `document 1`.
        place: String,
        /// What stands there.
        found: String,
    },
    /// It is known and cannot be taken, for a reason of its own.
    #[error("{file}: {message}; nothing was imported")]
    Refused {
        /// The file.
        file: String,
        /// Why, and what to do.
        message: String,
    },
}

/// Results, counted while they are made: a file holds many of them in little text.
#[derive(Debug)]
struct Results {
    all: Vec<ImportedResult>,
    most: usize,
}

impl Default for Results {
    fn default() -> Self {
        Self { all: Vec::new(), most: MAX_RESULTS }
    }
}

impl Results {
    fn push(&mut self, result: ImportedResult) -> Result<(), shape::Wrong> {
        if self.all.len() >= self.most {
            return Err(shape::Wrong::Refused(too_many(self.most)));
        }
        self.all.push(result);
        Ok(())
    }
}

impl std::ops::Deref for Results {
    type Target = [ImportedResult];

    fn deref(&self) -> &[ImportedResult] {
        &self.all
    }
}

fn too_many(most: usize) -> String {
    format!("it holds more than {most} results; split it")
}

/// Results of one document: what all parsers give.
#[derive(Debug, Default)]
struct Parsed {
    version: Option<String>,
    taken: Option<String>,
    clusters: Vec<String>,
    results: Results,
    objects: Vec<Node>,
}

/// Reads a file.
///
/// # Errors
/// When any part of it is not what its format promises: then nothing of it is taken.
pub fn read(given: &Given<'_>) -> Result<Import, ImportError> {
    let refused = |message: String| ImportError::Refused { file: given.name.to_owned(), message };
    let documents = documents::read(given.name, given.bytes)?;
    let many = documents.len() > 1;
    let mut import: Option<Import> = None;
    for (at, document) in documents.iter().enumerate() {
        let place = format!("document {}", at + 1);
        let Some(format) = Format::of(document) else {
            let found = shape::describe(document);
            return Err(ImportError::Unknown { file: given.name.to_owned(), place, found });
        };
        if let Some(asked) = given.tool.filter(|asked| *asked != format.tool()) {
            let (is, asked) = (format.tool().word(), asked.word());
            return Err(refused(format!("it is of {is}, not of {asked}")));
        }
        let parsed = format.parse(document, given).map_err(|wrong| match wrong {
            shape::Wrong::Refused(message) => refused(message),
            shape::Wrong::Unexpected { steps, expected, found } => ImportError::Unexpected {
                file: given.name.to_owned(),
                place: shape::place(many.then_some(&place), &steps),
                expected,
                what: format.word(),
                found,
            },
        })?;
        let into = import.get_or_insert_with(|| given.empty(format.tool()));
        if into.tool != format.tool() {
            let (one, other) = (into.tool.word(), format.tool().word());
            return Err(refused(format!("it holds results of {one} and of {other}; split it")));
        }
        add(into, parsed);
        if into.results.len() > MAX_RESULTS {
            return Err(refused(too_many(MAX_RESULTS)));
        }
    }
    let mut import = import.ok_or_else(|| refused("there is nothing in it".to_owned()))?;
    finish(&mut import);
    if import.results.is_empty() && import.objects.is_empty() {
        return Err(refused(format!("it is of {} and holds no result", import.tool.word())));
    }
    if import.taken.is_none() {
        import.taken = given.changed.map(str::to_owned);
    }
    Ok(import)
}

/// Reports of these tools that stand in an inventory, as imports.
#[must_use]
pub fn live(inventory: &crate::model::inventory::Inventory, now: &str) -> Vec<Import> {
    let given =
        Given { name: "the cluster", bytes: &[], node: None, tool: None, changed: None, now };
    let mut all: Vec<Import> = Vec::new();
    let kinds = inventory.kinds().filter(|kind| Format::of_group(&kind.group).is_some());
    for object in kinds.flat_map(|kind| inventory.of(kind)) {
        let body = object.body();
        // What came from an import is one already.
        if objects::is_imported(body) {
            continue;
        }
        let Some(format) = Format::of(body) else { continue };
        // A report in the cluster that does not fit its own format says nothing.
        let Ok(mut parsed) = format.parse(body, &given) else { continue };
        parsed.objects.clear();
        if parsed.results.is_empty() {
            continue;
        }
        let at = all.iter().position(|import| import.tool == format.tool());
        if let Some(import) = at.and_then(|at| all.get_mut(at)) {
            add(import, parsed);
        } else {
            let mut import = given.empty(format.tool());
            add(&mut import, parsed);
            all.push(import);
        }
    }
    all.iter_mut().for_each(finish);
    all
}

impl Given<'_> {
    fn empty(&self, tool: ImportTool) -> Import {
        let sha256 = match self.bytes {
            [] => String::new(),
            bytes => sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect(),
        };
        Import {
            tool,
            version: None,
            origin: self.name.to_owned(),
            taken: None,
            clusters: Vec::new(),
            imported: self.now.to_owned(),
            sha256,
            results: Vec::new(),
            objects: Vec::new(),
        }
    }
}

fn add(import: &mut Import, parsed: Parsed) {
    import.version = import.version.take().or(parsed.version);
    import.taken = import.taken.take().max(parsed.taken);
    import.clusters.extend(parsed.clusters);
    import.results.extend(parsed.results.all);
    import.objects.extend(parsed.objects.iter().map(Node::to_json));
}

/// Names the checks of ours, and leaves out what a tool wrote twice.
fn finish(import: &mut Import) {
    for result in &mut import.results {
        if result.check.is_none() {
            result.check = check_of(import.tool, &result.rule).map(str::to_owned);
        }
    }
    let mut seen = std::collections::HashSet::new();
    import.results.retain(|r| {
        seen.insert((
            r.rule.clone(),
            r.control.clone(),
            r.object.clone(),
            r.node.clone(),
            r.outcome,
            r.message.clone(),
            r.taken.clone(),
        ))
    });
}

/// The formats, by what is in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    KubeBench,
    PolicyReport,
    Trivy,
    Kubescape,
    /// A `List` of the API: what it holds tells.
    List(ImportTool),
}

impl Format {
    fn of(document: &Node) -> Option<Self> {
        if kube_bench::is(document) {
            return Some(Self::KubeBench);
        }
        if kubescape::is(document) {
            return Some(Self::Kubescape);
        }
        let kind = document.str_at(&["kind"])?;
        if let Some(items) = document.get("items").and_then(Node::as_list)
            && kind.ends_with("List")
        {
            let group = document.str_at(&["apiVersion"]).and_then(|v| v.split_once('/'));
            let typed = group.and_then(|(group, _)| Self::of_group(group));
            let first = items.first().and_then(Self::of);
            return typed.or(first).map(|format| Self::List(format.tool()));
        }
        let (group, _) = document.str_at(&["apiVersion"])?.split_once('/')?;
        Self::of_group(group).filter(|format| match format {
            Self::PolicyReport => policy_report::is_kind(kind),
            Self::Trivy => trivy::is_kind(kind),
            _ => true,
        })
    }

    fn of_group(group: &str) -> Option<Self> {
        match group {
            "wgpolicyk8s.io" | "openreports.io" | "reports.x-k8s.io" => Some(Self::PolicyReport),
            "aquasecurity.github.io" => Some(Self::Trivy),
            _ => None,
        }
    }

    fn tool(self) -> ImportTool {
        match self {
            Self::KubeBench => ImportTool::KubeBench,
            Self::PolicyReport => ImportTool::PolicyReport,
            Self::Trivy => ImportTool::TrivyOperator,
            Self::Kubescape => ImportTool::Kubescape,
            Self::List(tool) => tool,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::KubeBench => "kube-bench JSON",
            Self::PolicyReport => "a policy report",
            Self::Trivy => "a report of trivy-operator",
            Self::Kubescape => "kubescape JSON",
            Self::List(_) => "a list of reports",
        }
    }

    fn parse(self, document: &Node, given: &Given<'_>) -> Result<Parsed, shape::Wrong> {
        match self {
            Self::KubeBench => kube_bench::parse(document, given.name, given.node),
            Self::PolicyReport => policy_report::parse(document),
            Self::Trivy => trivy::parse(document),
            Self::Kubescape => kubescape::parse(document),
            Self::List(tool) => list(document, tool, given),
        }
    }
}

/// Every item of a `List`; all of them are of one tool.
fn list(document: &Node, tool: ImportTool, given: &Given<'_>) -> Result<Parsed, shape::Wrong> {
    let mut all = Parsed::default();
    let filled = shape::filled_items(document);
    for (at, item) in filled.iter().enumerate() {
        let format = Format::of(item).filter(|f| f.tool() == tool && !matches!(f, Format::List(_)));
        let step = format!("items[{at}]");
        let Some(format) = format else {
            let expected = format!("a report of {}", tool.word());
            return Err(shape::Wrong::new(&expected, shape::describe(item)).inside(&step));
        };
        let parsed = format.parse(item, given).map_err(|wrong| wrong.inside(&step))?;
        all.version = all.version.take().or(parsed.version);
        all.taken = all.taken.take().max(parsed.taken);
        parsed.results.all.into_iter().try_for_each(|result| all.results.push(result))?;
        all.objects.extend(parsed.objects);
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
