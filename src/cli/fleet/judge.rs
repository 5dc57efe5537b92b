//! One of several clusters, from its objects to its figures.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::args::ScanArgs;
use super::super::asked::ScanOrder;
use super::super::context::CommandContext;
use super::super::gate;
use super::super::judging::{self, EndingRun};
use super::super::output::ProgressLine;
use super::super::recording::Recording;
use super::super::{compare, import};
use super::given::Baselines;
use crate::assess::compare::scores;
use crate::assess::fleet::Parts;
use crate::assess::{self, Chosen, Finished};
use crate::checks::Monitor;
use crate::facts::Facts;
use crate::frameworks::fit;
use crate::frameworks::fleet::{ClusterCard, Unread};
use crate::frameworks::tenant::Scorecard;
use crate::imports::objects::with_imports;
use crate::model::comparison::Comparison;
use crate::model::import::Import;
use crate::model::inventory::{Inventory, SourceInfo};
use crate::model::kinds::Kind;
use crate::model::ledger::Ledger;
use crate::model::object::Object;
use crate::report::{Assessment, CheckText, Input, Judged, SessionRef};
use crate::runtime::clock::{timestamp, today};
use crate::session::RunRecord;
use crate::session::run::Selection;
use crate::text::counted;
use crate::triage::Sources;

/// What all clusters are judged by.
pub struct FleetWork<'a> {
    /// Configuration and places.
    pub context: &'a CommandContext,
    /// The command line.
    pub args: &'a ScanArgs,
    /// What it asks for.
    pub asked: &'a ScanOrder,
    /// The same understood, before it is known which editions fit.
    pub chosen: &'a Chosen,
    /// What is said about findings outside sessions.
    pub sources: &'a Sources,
    /// Results of other tools, in the places of the members.
    pub imports: &'a [Vec<Import>],
    /// Runs to compare with; none where nothing is to be compared.
    pub baselines: Option<&'a Baselines>,
}

/// A cluster, judged; its objects are let go.
pub struct AssessedCluster {
    /// What was chosen for it.
    pub chosen: Chosen,
    /// The run.
    pub record: RunRecord,
    /// Its frameworks.
    pub judged: Vec<Judged>,
    /// Decisions that were brought along.
    pub ledger: Arc<Ledger>,
    /// Days after which results of other tools count no more.
    pub max_age: u32,
    /// Kinds that its checks looked at.
    pub kinds: Vec<Kind>,
    /// The session that was begun with it.
    pub session: Option<SessionRef>,
    /// It was to be saved, and was not.
    pub unsaved: bool,
    /// What became of its findings since a run that it was compared with.
    pub since: Option<Comparison>,
    /// Whether the profile is met in it.
    pub profile: Option<Scorecard>,
    /// What to say of it on stderr.
    pub notes: Vec<String>,
    /// What was asked for and is not in it.
    pub absent: AbsentFromCluster,
    /// Its figures.
    pub card: ClusterCard,
}

/// What was asked for by name or by labels and is not in a cluster.
#[derive(Default)]
pub struct AbsentFromCluster {
    /// Namespaces that are certainly not there.
    pub namespaces: BTreeSet<String>,
    /// The one object is certainly not there.
    pub object: bool,
    /// The labels are on nothing that could be read.
    pub labels: bool,
}

fn unjudged(fail: &crate::cli::CommandError) -> Unread {
    Unread {
        what: "nothing of it was judged".to_owned(),
        why: fail.to_string(),
        next: "Leave the cluster out, or widen the profile.".to_owned(),
    }
}

/// The checks of one cluster use every core: one cluster is evaluated at a time.
static EVALUATING: Mutex<()> = Mutex::new(());

impl FleetWork<'_> {
    /// Runs the checks of one cluster and judges it.
    ///
    /// # Errors
    /// When nothing of it belongs to the profile that was asked for.
    pub fn judge(
        &self,
        (at, name): (usize, &str),
        read: &Inventory,
        line: &Mutex<ProgressLine>,
    ) -> Result<AssessedCluster, Unread> {
        let started = read.source.read_at.clone().unwrap_or_else(timestamp);
        let content = &self.asked.content;
        let imports = self.imports.get(at).map(Vec::as_slice).unwrap_or_default();
        let days = content.max_import_age();
        let inventory = Arc::new(with_imports(read, imports, &today(), days));
        let settled = self.asked.settle(self.chosen.clone(), &inventory);
        let (members, chosen) = settled.map_err(|fail| unjudged(&fail))?;
        // Whoever panicked with it left nothing half done: it guards no data.
        let turn = EVALUATING.lock().unwrap_or_else(PoisonError::into_inner);
        let facts = content.facts(Arc::clone(&inventory));
        let chosen = content.fit(chosen, assess::cluster(&facts));
        let plan = content.plan(&chosen);
        let result = content.run(&plan, &chosen, &facts, &Quiet { name, line });
        drop(turn);
        let (mut notes, absent) = left_out(&chosen, &facts);
        for import in imports {
            import::tell_unfit(import, &result.beside, Some(&inventory), days);
        }
        let mut recording = self.args.session.as_deref().map(|_| Recording::begin());
        let saved = self.baseline(&inventory.source, &mut notes);
        let before = judging::before(recording.as_ref(), saved.as_ref());
        let mut ledger = Arc::new(Ledger { imports: imports.to_vec(), ..Ledger::default() });
        let (inventory, sources) = (&*inventory, self.sources);
        let run = EndingRun { chosen: &chosen, inventory, started, result, sources, before };
        let say = &mut |note| notes.push(note);
        let Finished { record, judged, .. } = run.finish(content, &mut ledger, say);
        let since = saved.as_ref().map(|saved| compare::since(saved, &record, &ledger));
        let profile = self.asked.card(&members, &record.result, &judged, &ledger);
        let kept =
            recording.as_mut().map(|to| to.save(self.context, &record, scores(&judged), imports));
        let unsaved = matches!(kept, Some(Err(_)));
        let session = kept.and_then(|kept| {
            let lost = |fail| notes.push(format!("the run was not saved in a session: {fail}"));
            kept.map_err(lost).ok()
        });
        let card = content.cluster_card(&Parts {
            name,
            record: &record,
            chosen: &chosen,
            judged: &judged,
            ledger: &ledger,
            today: &today(),
        });
        let kinds = plan.kinds().into_iter().collect();
        let max_age = content.max_import_age();
        Ok(AssessedCluster {
            chosen,
            record,
            judged,
            ledger,
            max_age,
            kinds,
            session,
            unsaved,
            since,
            profile,
            notes,
            absent,
            card,
        })
    }

    /// The run that a cluster is compared with, where it is to be; why there is none is noted.
    fn baseline(
        &self,
        source: &SourceInfo,
        notes: &mut Vec<String>,
    ) -> Option<compare::ComparableRun> {
        let found = self.baselines?.find(self.context, source);
        let nothing = match found {
            Ok(Some(saved)) => return Some(saved),
            Ok(None) => "no session is of it".to_owned(),
            Err(fail) => fail.to_string(),
        };
        notes.push(format!("compared with no earlier run: {nothing}"));
        None
    }
}

/// What of a selection does not fit a cluster, in words and by itself.
fn left_out(chosen: &Chosen, facts: &Facts) -> (Vec<String>, AbsentFromCluster) {
    let mut notes = Vec::new();
    let Selection { frameworks, controls, namespaces, .. } = &chosen.selection;
    if !frameworks.is_empty() || !controls.is_empty() {
        let lines = fit::told(&chosen.not_judged, &chosen.families());
        notes.extend(lines.iter().map(|line| format!("not judged: {line}")));
    }
    let (inventory, scope) = (facts.inventory(), &chosen.scope);
    let missing = gate::absent(inventory, namespaces);
    notes.extend(missing.values().map(|why| format!("{why}: nothing was looked at")));
    let mut absent = AbsentFromCluster {
        namespaces: missing.into_keys().collect(),
        ..AbsentFromCluster::default()
    };
    let takes = |object: &Arc<Object>| scope.takes(facts, &object.kind(), object);
    if !scope.is_everything() && !inventory.objects().any(takes) {
        absent.labels = scope.selector.is_some();
        absent.object =
            scope.object.as_ref().is_some_and(|(kind, ..)| gate::proves_absence(inventory, kind));
        notes.push("no object fits the selection".to_owned());
    }
    (notes, absent)
}

impl AssessedCluster {
    /// What a report of this cluster alone is made of.
    pub fn input<'a>(
        &'a self,
        context: &'a CommandContext,
        today: &'a str,
        check: &'a (dyn Fn(&str) -> CheckText + Sync),
    ) -> Input<'a> {
        let assessment = Assessment {
            run: &self.record,
            frameworks: &self.judged,
            not_judged: &self.chosen.not_judged,
            ledger: &self.ledger,
            today,
            max_age: self.max_age,
        };
        Input {
            environment: context.environment(&self.record.source),
            session: self.session.as_ref(),
            profile: self.profile.as_ref(),
            ..Input::of(assessment, check)
        }
    }
}

/// Progress of one cluster among several.
struct Quiet<'a> {
    name: &'a str,
    line: &'a Mutex<ProgressLine>,
}

impl Monitor for Quiet<'_> {
    fn cancelled(&self) -> bool {
        false
    }

    fn progress(&self, done: usize, total: usize) {
        // Another thread is showing progress already: this step goes without.
        if let Ok(mut line) = self.line.try_lock() {
            line.show(&format!("assessing {}: {done} of {}", self.name, counted(total, "object")));
        }
    }
}
