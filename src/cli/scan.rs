//! `plimsoll scan`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::args::ScanArgs;
use super::context::{Context, problem_line};
use super::output::{self, Progress};
use super::{Done, Fail, compare, import, open, profiles, triage};
use crate::assess::tenants::{By, Members, Tenant, namespace_kind};
use crate::assess::{self, Chosen, Content};
use crate::checks::{Monitor, Plan};
use crate::config::profile;
use crate::facts::Facts;
use crate::frameworks::fit;
use crate::frameworks::tenant::Scorecard;
use crate::imports::objects::with_imports;
use crate::model::comparison::Comparison;
use crate::model::finding::{Finding, Form, RunResult, Severity};
use crate::model::inventory::{Inventory, Knowledge, SourceKind};
use crate::model::kinds::{self, Kind};
use crate::model::ledger::Ledger;
use crate::model::object::Object;
use crate::model::read::{Read, ReadStatus};
use crate::report::{self, Format, Judged};
use crate::runtime::clock::{timestamp, today};
use crate::session::RunRecord;
use crate::session::run::Selection;
use crate::triage::Brought;

/// Assesses and prints.
///
/// # Errors
/// When the selection means nothing or the source cannot be read.
pub fn run(context: &Context, args: &ScanArgs) -> Done {
    let content = &context.content;
    let mut broken = content.library.problems.iter().chain(&content.frameworks.problems).peekable();
    let whole = broken.peek().is_none();
    broken.for_each(|problem| output::complain(&format!("plimsoll: {}", problem_line(problem))));
    match scan(context, args) {
        Ok(status) if whole => Ok(status),
        // What works was assessed all the same; the status says that something did not.
        Ok(_) => Ok(2),
        Err(Fail::Source(text)) if !whole => Err(Fail::Usage(text)),
        Err(fail) => Err(fail),
    }
}

fn scan(context: &Context, args: &ScanArgs) -> Done {
    let tenants = profiles::chosen(context, &args.profile)?;
    if tenants.len() > 1 || args.profile.iter().any(|name| name == profile::ALL) {
        return super::tenants::run(context, args, &tenants);
    }
    let started = timestamp();
    let asked = Asked::of(context, args, tenants.into_iter().next());
    let (content, selection) = (&asked.content, &asked.selection);
    let chosen = content.choose(selection).map_err(|e| Fail::Usage(e.to_string()))?;
    output::vacant(args.output_file.as_deref())?;
    let imports = import::load_all(&args.import, None, None)?;
    let saved = args.baseline.as_deref().map(|s| compare::Saved::read(context, s)).transpose()?;
    let sources = triage::sources(context, &args.triage)?;
    // What every edition needs that may be judged: which one is, the cluster tells.
    let mut plan = content.plan(&chosen);
    let read = open::read(&args.source, asked.kinds(&plan), &asked.namespaces())?;
    let inventory = Arc::new(with_imports(&read, &imports, &today()));
    let facts = content.facts(Arc::clone(&inventory));
    let planned = chosen.checks.clone();
    let (members, chosen) = asked.settle(chosen, &inventory)?;
    let chosen = content.fit(chosen, assess::cluster(&facts));
    if chosen.checks != planned {
        plan = content.plan(&chosen);
    }
    let kinds: Vec<Kind> = plan.kinds().into_iter().collect();
    let fits = judged_at_all(&chosen);
    matched(&chosen, &facts)?;
    let result = content.run(&plan, &chosen, &facts, &Bar::default());
    let brought = Brought::of(&sources, &result, &inventory);
    triage::tell_offered(&brought);
    let brought = brought.decisions(&today());
    let ledger = Ledger { brought, imports, ..Ledger::default() };
    let judged = content.judge(&chosen, &result, &inventory, &ledger, &today());
    let card = asked.card(&members, &result, &judged, &ledger);
    let scan = Scan {
        content,
        chosen: &chosen,
        inventory: &inventory,
        result: &result,
        judged: &judged,
        ledger: &ledger,
        kinds: &kinds,
        card: card.as_ref(),
    };
    let since = saved.map(|saved| compare::since(&saved, &scan.record(&started)));
    let mut text = scan.render(args.output, &started, since.as_ref())?;
    if context.ascii && args.output.is_prose() {
        text = output::ascii(&text);
    }
    output::deliver(&text, args.output_file.as_deref())?;
    // A framework that was asked for and does not fit must not look like one that is met.
    Ok(if fits { scan.status(args, since.as_ref()) } else { 2 })
}

/// What the command line asks for, by itself or by a profile.
struct Asked {
    content: Content,
    selection: Selection,
    tenant: Option<Tenant>,
}

impl Asked {
    fn of(context: &Context, args: &ScanArgs, tenant: Option<Tenant>) -> Self {
        let mut content = context.content.clone();
        if let Some(version) = args.source.kube_version.as_deref() {
            content.policy_minor =
                content.policy_minor.or_else(|| crate::config::file::minor(version));
        }
        let mut selection = open::selection(&args.selection);
        if let Some(tenant) = &tenant {
            content.params = tenant.params.clone();
            selection = tenant.selection(&BTreeSet::new(), selection.include_platform);
        }
        Self { content, selection, tenant }
    }

    /// The kinds to read: which namespaces are a tenant's, only they tell.
    fn kinds(&self, plan: &Plan) -> Vec<Kind> {
        let own = self.tenant.as_ref().map(|_| namespace_kind());
        let kinds: BTreeSet<Kind> = plan.kinds().into_iter().chain(own).collect();
        kinds.into_iter().collect()
    }

    /// The namespaces to read; none for all.
    fn namespaces(&self) -> Vec<String> {
        match &self.tenant {
            Some(tenant) => tenant.named().unwrap_or_default(),
            None => self.selection.namespaces.clone(),
        }
    }

    /// Narrows what was chosen to the namespaces of a tenant, once they are known.
    fn settle(&self, chosen: Chosen, inventory: &Inventory) -> Result<(Members, Chosen), Fail> {
        let Some(tenant) = &self.tenant else { return Ok((Members::default(), chosen)) };
        let members = tenant.members(inventory);
        for note in &members.notes {
            output::complain(&format!("plimsoll: profile {}: {note}", tenant.name));
        }
        if members.names.is_empty() {
            let text = format!("no namespace here belongs to profile `{}`", tenant.name);
            return Err(Fail::Usage(text));
        }
        let selection = tenant.selection(&members.names, self.selection.include_platform);
        let chosen = self.content.choose(&selection).map_err(|e| Fail::Usage(e.to_string()))?;
        Ok((members, chosen))
    }

    /// Whether the profile is met.
    fn card(
        &self,
        members: &Members,
        result: &RunResult,
        judged: &[Judged],
        ledger: &Ledger,
    ) -> Option<Scorecard> {
        let by = By { ledger, today: &today(), include_platform: self.selection.include_platform };
        Some(self.content.card(self.tenant.as_ref()?, members, result, judged, by))
    }
}

/// Says what was asked for by its family and has no edition that fits. Whether everything has.
fn judged_at_all(chosen: &Chosen) -> bool {
    let asked = !chosen.selection.frameworks.is_empty() || !chosen.selection.controls.is_empty();
    if !asked {
        return true;
    }
    let lines = fit::told(&chosen.not_judged, &chosen.families());
    for line in &lines {
        output::complain(&format!("plimsoll: not judged: {line}"));
    }
    lines.is_empty()
}

struct Scan<'a> {
    content: &'a Content,
    chosen: &'a Chosen,
    inventory: &'a Inventory,
    result: &'a RunResult,
    judged: &'a [Judged],
    ledger: &'a Ledger,
    kinds: &'a [Kind],
    card: Option<&'a Scorecard>,
}

/// Says when a selection leaves nothing: an empty result must not look like a clean one.
///
/// # Errors
/// When the one object that was asked for is certainly not there.
fn matched(chosen: &Chosen, facts: &Facts) -> Result<(), Fail> {
    let inventory = facts.inventory();
    for namespace in &chosen.selection.namespaces {
        if !inventory.namespaces().contains(namespace.as_str()) {
            output::complain(&format!("plimsoll: nothing here is in namespace `{namespace}`"));
        }
    }
    let takes = |o: &Arc<Object>| chosen.scope.takes(facts, &o.kind(), o);
    if chosen.scope.is_everything() || inventory.objects().any(takes) {
        return Ok(());
    }
    if let Some((kind, _, name)) = &chosen.scope.object {
        let files = inventory.source.kind == SourceKind::Files;
        if files || inventory.knows(kind, None) == Knowledge::Complete {
            let place = match &chosen.selection.namespaces[..] {
                [] => String::new(),
                some => format!(" in {}", some.join(", ")),
            };
            return Err(Fail::Usage(format!("there is no {} `{name}`{place} here", kind.kind)));
        }
    }
    output::complain("plimsoll: no object fits the selection");
    Ok(())
}

impl Scan<'_> {
    /// The scan as it would be saved.
    fn record(&self, started: &str) -> RunRecord {
        RunRecord {
            schema: String::new(),
            number: 0,
            started: started.to_owned(),
            finished: timestamp(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            content: self.content.digest(),
            selection: self.chosen.selection.clone(),
            source: self.inventory.source.clone(),
            provider: self.chosen.cluster.provider.clone(),
            reads: self.inventory.reads.clone(),
            result: self.result.clone(),
        }
    }

    fn render(
        &self,
        format: Format,
        started: &str,
        since: Option<&Comparison>,
    ) -> Result<String, Fail> {
        let check = |id: &str| self.content.text_of(id);
        let (digest, today, finished) = (self.content.digest(), today(), timestamp());
        let input = report::Input {
            content: &digest,
            source: &self.inventory.source,
            reads: &self.inventory.reads,
            result: self.result,
            frameworks: self.judged,
            not_judged: &self.chosen.not_judged,
            ledger: self.ledger,
            session: None,
            today: &today,
            selection: &self.chosen.selection,
            profile: self.card,
            started,
            finished: &finished,
            check: &check,
        };
        let Some(since) = since else {
            return format.render(&input).map_err(|e| Fail::Other(e.to_string()));
        };
        if format == Format::Json {
            let text = report::document::json_since(&input, since);
            return text.map_err(|e| Fail::Other(e.to_string()));
        }
        let text = format.render(&input).map_err(|e| Fail::Other(e.to_string()))?;
        let summary = report::diff::summary(since);
        if format == Format::Table {
            return Ok(text + &summary);
        }
        // Other formats have no room for it.
        output::complain(summary.trim());
        Ok(text)
    }

    /// The exit status: the first that applies.
    fn status(&self, args: &ScanArgs, since: Option<&Comparison>) -> u8 {
        let namespaces = &self.chosen.selection.namespaces;
        let broken = |r: &&Read| {
            let needed = r.kind.as_ref().is_none_or(|kind| self.kinds.contains(kind))
                && r.namespace
                    .as_ref()
                    .is_none_or(|n| namespaces.is_empty() || namespaces.contains(n));
            // Static pods show the API server's flags as well; few accounts may read /flagz.
            let optional = r.kind.as_ref() == Some(&kinds::flagz());
            let fine = matches!(
                r.status,
                ReadStatus::Complete | ReadStatus::NotServed | ReadStatus::NotAsked
            );
            needed && !fine && !optional
        };
        if args.require_complete {
            let missing: Vec<_> = self.inventory.reads.iter().filter(broken).collect();
            for read in &missing {
                let place =
                    read.namespace.as_deref().map(|n| format!(" in {n}")).unwrap_or_default();
                output::complain(&format!(
                    "plimsoll: {}{place}: {}",
                    read.resource,
                    read.status.word()
                ));
            }
            if !missing.is_empty() {
                return 4;
            }
        }
        let crossed = |limit: Severity| self.counted().any(|f| f.severity <= limit);
        let new = |since| compare::any_new(since, self.ledger);
        let missed = self.card.is_some_and(|card| card.threshold.verdict.crossed());
        let crossed = args.fail_on.is_some_and(crossed) || missed;
        u8::from(crossed || args.fail_on_new && since.is_some_and(new))
    }

    /// Findings that a threshold looks at: open and in progress.
    fn counted(&self) -> impl Iterator<Item = &Arc<Finding>> {
        let (all, today) = (self.chosen.selection.include_platform, today());
        self.result.findings.iter().filter(move |f| {
            f.form != Form::Evidence
                && (all || !f.platform)
                && self.ledger.state(&f.fingerprint, &today).counts_as_fail()
        })
    }
}

/// Progress on stderr.
#[derive(Default)]
pub(super) struct Bar {
    line: std::sync::Mutex<Option<(Progress, std::time::Instant)>>,
}

impl Monitor for Bar {
    fn cancelled(&self) -> bool {
        false
    }

    fn progress(&self, done: usize, total: usize, _: &str, _: &[Arc<Finding>]) {
        // Another thread is showing progress already: this step goes without.
        let Ok(mut line) = self.line.try_lock() else { return };
        let due = line.as_ref().is_none_or(|(_, at)| at.elapsed().as_millis() > 50);
        if due {
            let (mut progress, _) =
                line.take().unwrap_or_else(|| (Progress::new(), std::time::Instant::now()));
            progress.show(&format!("assessing: {done} of {total} objects"));
            *line = Some((progress, std::time::Instant::now()));
        }
    }
}
