//! One assessment, from selection to statuses: what the headless scan and the workbench share.
//!
//! [`Content::choose`] understands a selection before anything is read: it knows every edition that
//! may be judged, and so what has to be read. [`Content::fit`] then takes the editions that fit the
//! cluster that was found.

mod ages;
mod beside;
pub mod catalogue;
mod choose;
pub mod clauses;
pub mod compare;
mod finish;
pub mod fleet;
pub mod library;
pub mod mirrors;
pub mod preview;
pub mod reported;
pub mod tenants;
pub mod versions;
mod widen;
mod within;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::checks::check::Origin;
use crate::checks::{self, Library, Monitor, Params, Plan};
use crate::facts::{self, Facts};
use crate::frameworks::{Bench, CheckState, Cluster, JudgeInput, Judgement, NotJudged, Pick, Set};
use crate::imports::{self, Basis};
use crate::model::captured::Captured;
use crate::model::finding::{Form, RunResult};
use crate::model::inventory::{Inventory, SourceKind};
use crate::model::kinds::{self, Kind};
use crate::model::ledger::Ledger;
use crate::model::node::Node;
use crate::model::settings::RunSettings;
use crate::report::{CheckText, Judged};
use crate::session::run::{RunRecord, Selection};
use mirrors::Mirrors;

pub use crate::text::nearest::nearest;
pub use ages::Before;
pub use choose::{Chosen, SelectionError};
pub use finish::{Finished, KnownAtEnd, Ran, RunTimes};

/// Checks, frameworks and what the user set about them.
#[derive(Clone, Debug)]
pub struct Content {
    /// Checks.
    pub library: Arc<Library>,
    /// Frameworks.
    pub frameworks: Arc<Set>,
    /// Opt-in checks that are switched on.
    pub opt_in: BTreeSet<String>,
    /// Parameters that were changed.
    pub params: Params,
    /// Pod Security policy version, as its minor, if the user fixed one.
    pub policy_minor: Option<u32>,
    /// Where images of the platform itself come from besides the registries in which platforms publish.
    pub mirrors: Mirrors,
}

/// The parameter that says after how many days an import counts no more.
pub const MAX_IMPORT_AGE: &str = "imports/max-age";

impl Content {
    /// These checks and frameworks, with nothing set beside them.
    #[must_use]
    pub fn of(library: Library, frameworks: Set) -> Self {
        Self {
            library: Arc::new(library),
            frameworks: Arc::new(frameworks),
            opt_in: BTreeSet::new(),
            params: Params::default(),
            policy_minor: None,
            mirrors: Mirrors::default(),
        }
    }

    /// What is built in.
    #[must_use]
    pub fn builtin() -> Self {
        Self::of(Library::builtin(), Set::builtin())
    }

    /// Whether checks come to the same by other content, which has the same checks and frameworks and
    /// the same set about them.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.library, &other.library)
            && Arc::ptr_eq(&self.frameworks, &other.frameworks)
            && self.params == other.params
            && self.policy_minor == other.policy_minor
            && self.mirrors == other.mirrors
    }

    /// The checks of a selection, ready to run. Those that look at the findings of the others are
    /// not among them: [`Content::look_back`] runs them afterwards.
    #[must_use]
    pub fn plan(&self, chosen: &Chosen) -> Plan {
        let ids = chosen.checks.iter().map(|id| &**id);
        let ids: Vec<&str> = ids.filter(|id| !self.looks_back(id)).collect();
        Plan::new(&self.library, &ids, &self.params)
    }

    /// The kinds of which the checks of a selection need the objects: those of [`Content::plan`], without
    /// compiling anything.
    #[must_use]
    pub fn kinds(&self, chosen: &Chosen) -> BTreeSet<Kind> {
        let ids = chosen.checks.iter().map(|id| &**id).filter(|id| !self.looks_back(id));
        checks::kinds_of(&self.library, ids)
    }

    /// Facts about an inventory, by the policy version the user fixed or implied and the mirrors of its
    /// cluster.
    #[must_use]
    pub fn facts(&self, inventory: Arc<Inventory>) -> Facts {
        let mirrors = Arc::clone(self.mirrors.of(inventory.source.context.as_deref()));
        Facts::new(inventory, facts::Options { policy_minor: self.policy_minor, mirrors })
    }

    /// What the checks that look for secrets find in an inventory, for a capture of it.
    #[must_use]
    pub fn captured(&self, inventory: &Arc<Inventory>) -> Captured {
        checks::capture(&self.library, &self.params, &self.facts(Arc::clone(inventory)))
    }

    /// Runs a plan and adds the problems of the files it came from.
    #[must_use]
    pub fn run(
        &self,
        plan: &Plan,
        chosen: &Chosen,
        facts: &Facts,
        monitor: &dyn Monitor,
    ) -> RunResult {
        let result = crate::checks::run(plan, facts, &chosen.scope, monitor);
        self.with_beside(result, facts)
    }

    /// Adds to what the checks came to what was seen beside, and the problems of the files that it came
    /// from.
    #[must_use]
    pub fn with_beside(&self, mut result: RunResult, facts: &Facts) -> RunResult {
        result.beside = Arc::new(beside::of(facts, &result));
        let inventory = facts.inventory();
        result.mirrored = facts.mirrored();
        result.taken_over = self.library.taken_over(result.checks.keys().map(|id| &**id));
        let files = self.library.problems.iter().chain(&self.frameworks.problems);
        result.problems.splice(0..0, files.chain(&inventory.problems).cloned());
        result
    }

    /// A run as it is saved and reported. It has no number until a session takes it.
    #[must_use]
    pub fn record(
        &self,
        chosen: &Chosen,
        inventory: &Inventory,
        RunTimes { started, finished }: RunTimes,
        result: impl Into<Arc<RunResult>>,
    ) -> RunRecord {
        RunRecord {
            schema: String::new(),
            number: 0,
            started,
            finished,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            content: self.digest(),
            settings: self.settings(chosen, inventory),
            selection: chosen.selection.clone(),
            source: inventory.source.clone(),
            provider: chosen.cluster.provider.clone(),
            reads: inventory.reads.clone(),
            result: result.into(),
        }
    }

    /// What is set that changes what the checks of a selection come to on an inventory.
    #[must_use]
    pub fn settings(&self, chosen: &Chosen, inventory: &Inventory) -> RunSettings {
        use sha2::Digest as _;
        let mut params = self.params.changed(&self.library, chosen.checks.iter().map(|id| &**id));
        let days = self.max_import_age();
        if days != imports::MAX_AGE_DAYS {
            params.insert(MAX_IMPORT_AGE.to_owned(), Node::Int(i64::from(days)));
        }
        let minor = self.policy_minor.or_else(|| inventory.source.minor());
        let newest = facts::NEWEST_POLICY_MINOR;
        let mirrors = self.mirrors.of(inventory.source.context.as_deref());
        let mut settings = RunSettings {
            params,
            pod_security: Some(minor.unwrap_or(newest).min(newest)),
            pod_security_set: self.policy_minor.is_some()
                && self.policy_minor != inventory.source.minor(),
            platform_mirrors: mirrors.iter().map(ToString::to_string).collect(),
            digest: None,
        };
        if !settings.is_plain() {
            // Maps are in order: equal settings have equal texts.
            let (params, mirrors) = (settings.params_in_words(), &settings.platform_mirrors);
            let told = match &**mirrors {
                // As it was before there were any.
                [] => format!("{:?}", (params, self.policy_minor)),
                mirrors => format!("{:?}", (params, self.policy_minor, mirrors)),
            };
            let sum = sha2::Sha256::digest(told);
            settings.digest = Some(format!("sha256:{}", crate::text::hex(&sum)));
        }
        settings
    }

    /// Judges the frameworks of a selection.
    #[must_use]
    pub fn judge(
        &self,
        chosen: &Chosen,
        result: &RunResult,
        inventory: &Inventory,
        ledger: &Ledger,
        today: &str,
    ) -> Vec<Judged> {
        // A check that the run does not speak of did not run, whatever would be chosen today.
        let ran = chosen.checks.iter().filter(|id| result.checks.contains_key(&**id));
        let ran: BTreeSet<&str> = ran.map(|id| &**id).collect();
        let decision = |fingerprint: &str| ledger.state(fingerprint, today);
        let check = |id: &str| self.check_state(id, &ran);
        let policy = self.policy_minor.or_else(|| inventory.source.minor());
        let basis = Basis::new(&ledger.imports, &result.beside, today, self.max_import_age())
            .without(&ledger.damaged);
        let input = JudgeInput {
            result,
            check: &check,
            decision: &decision,
            attestations: &ledger.attestations,
            imported: &|framework, control| basis.verdict(framework, control),
            today,
            minor: inventory.source.minor(),
            policy_minor: policy
                .unwrap_or(facts::NEWEST_POLICY_MINOR)
                .min(facts::NEWEST_POLICY_MINOR),
            level: None,
            open_world: inventory.source.kind == SourceKind::Files
                && !inventory.source.closed_world,
            include_platform: chosen.selection.include_platform,
        };
        let bench = Bench::new(&input);
        let judged = |pick: &Pick| {
            let mut result = bench.judge(&pick.framework, pick.level.as_deref());
            result.chosen_because.clone_from(&pick.because);
            result.note.clone_from(&pick.note);
            Judged { framework: Arc::clone(&pick.framework), result }
        };
        chosen.frameworks.iter().map(judged).collect()
    }

    /// Days after which an import counts no more.
    #[must_use]
    pub fn max_import_age(&self) -> u32 {
        let set = self.params.0.get(MAX_IMPORT_AGE).and_then(Node::as_int);
        set.and_then(|days| u32::try_from(days).ok()).unwrap_or(imports::MAX_AGE_DAYS)
    }

    fn check_state(&self, id: &str, ran: &BTreeSet<&str>) -> CheckState {
        match self.library.checks.get(id) {
            Some(check) if ran.contains(id) => CheckState::Ran(check.form),
            Some(check) if check.form == Form::OptIn => CheckState::Off,
            Some(_) => CheckState::NotSelected,
            None if self.library.broken.contains(id) => CheckState::Broken,
            None => CheckState::Unknown,
        }
    }

    /// Digest of checks and frameworks: what a result was judged by.
    #[must_use]
    pub fn digest(&self) -> String {
        use sha2::Digest as _;
        let mut sum = sha2::Sha256::new();
        sum.update(self.library.digest());
        for (file, text) in self.frameworks.texts() {
            sum.update(file);
            sum.update(text);
        }
        format!("sha256:{}", crate::text::hex(&sum.finalize()))
    }

    /// What reports say of a check.
    #[must_use]
    pub fn text_of(&self, id: &str) -> CheckText {
        self.library.checks.get(id).map_or_else(
            || CheckText { title: id.to_owned(), ..CheckText::default() },
            |check| CheckText {
                title: check.title.clone(),
                why: check.explain.why.clone(),
                fix: check.explain.fix.clone(),
                file: match &check.origin {
                    Origin::BuiltIn(_) => None,
                    Origin::File(path) => Some(path.display().to_string()),
                },
                replaces: check.replaces.clone(),
                severity: check.severity,
                theme: check.theme.to_string(),
                references: check.explain.references.clone(),
            },
        )
    }
}

/// Kinds that are read for browsing, whatever is selected: what a person looks for first.
#[must_use]
pub fn browsed() -> Vec<Kind> {
    let plain =
        ["Namespace", "Node", "Service", "ServiceAccount", "ConfigMap", "NetworkPolicy", "Ingress"];
    let named = plain.into_iter().filter_map(kinds::lookup);
    kinds::workloads().chain(named).chain(kinds::rbac()).map(kinds::Builtin::kind).collect()
}

/// Kinds that are read for a workbench or a snapshot: what is browsed, and what any check that is on
/// looks at, whatever was selected.
///
/// # Errors
/// Never, unless the frameworks themselves contradict each other.
pub fn held(content: &Content) -> Result<Vec<Kind>, SelectionError> {
    let everything = content.choose(&Selection::default())?;
    let mut kinds = browsed();
    // Nothing is compiled for it: the first frame waits for this.
    for kind in content.kinds(&everything) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Ok(kinds)
}

/// What became of the frameworks, without what they were judged of.
#[must_use]
pub fn results(judged: &[Judged], not_judged: &[NotJudged]) -> Judgement {
    Judgement {
        frameworks: judged.iter().map(|j| j.result.clone()).collect(),
        not_judged: not_judged.to_vec(),
    }
}

/// What facts tell of the cluster that decides which frameworks fit.
#[must_use]
pub fn cluster(facts: &Facts) -> Cluster {
    Cluster {
        provider: facts.provider().map(str::to_owned),
        minor: facts.inventory().source.minor(),
    }
}
