//! What reports state alike, whatever their format: of what, when and by what; where a finding is;
//! what was decided about it; what is not known. Every text here is masked, none is escaped.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Input, Judged, SessionRef, document};
use crate::frameworks::tenant;
use crate::model::attestation::Attestation;
use crate::model::decision::{Decision, DecisionState, PastDecision};
use crate::model::finding::{Finding, FindingOrigin, Severity};
use crate::model::import::Import;
use crate::model::inventory::{Problem, ProblemKind, SourceInfo, SourceKind};
use crate::text::{counted, mask, noun};

/// The assessment in names and values, without those that are not known.
#[must_use]
pub fn facts(input: &Input<'_>) -> Vec<(&'static str, String)> {
    let source = input.source;
    let known = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut facts = vec![
        ("Source", source.kind.word().to_owned()),
        ("Context", known(&source.context)),
        ("Environment", input.environment.unwrap_or_default().to_owned()),
        ("Server", known(&source.server)),
        ("Cluster uid", known(&source.cluster_uid)),
        ("Kubernetes", known(&source.kubernetes)),
        ("Provider", source.provider.clone()),
        ("Files", source.files.join(", ")),
        ("Absence", absence(source).to_owned()),
        ("Scope", scope(input)),
        ("Profile", input.profile.map(tenant::words).unwrap_or_default()),
        ("Threshold", input.profile.map(tenant::verdict).unwrap_or_default()),
        ("Session", session(input)),
        ("Read", known(&source.read_at)),
        ("Started", input.started.to_owned()),
        ("Finished", input.finished.to_owned()),
        ("Plimsoll", env!("CARGO_PKG_VERSION").to_owned()),
        ("Checks and frameworks", input.content.to_owned()),
        ("Controls judged by", input.judged_by.map(judged_by).unwrap_or_default()),
        ("Checks taken over", input.result.taken_over_in_words().join("; ")),
        ("Pod Security policy", input.settings.pod_security_in_words()),
        ("Parameters", input.settings.params_in_words().join("; ")),
        ("Platform mirrors", input.settings.platform_mirrors.join(", ")),
        ("The platform's only by a mirror", input.result.mirrored_in_words().join("; ")),
        ("Settings", input.settings.digest.clone().unwrap_or_default()),
    ];
    facts.retain(|(_, value)| !value.is_empty());
    facts.into_iter().map(|(name, value)| (name, mask(&value).into_owned())).collect()
}

/// That controls are judged by other checks and frameworks than those that ran.
#[must_use]
pub fn judged_by(content: &str) -> String {
    format!("{content}, other checks and frameworks than those of the run")
}

/// The session that it is a report of; empty for a scan.
#[must_use]
pub fn session(input: &Input<'_>) -> String {
    let words = |s: &SessionRef| format!("{} ({}), begun {}", s.title, s.id, s.created);
    input.session.map(words).unwrap_or_default()
}

/// What manifests were taken for: a pass may rest on it. Empty for other sources.
#[must_use]
pub fn absence(source: &SourceInfo) -> &'static str {
    match source.kind {
        SourceKind::Files if source.closed_world => "the files are everything there is",
        SourceKind::Files => "the files may not show everything",
        _ => "",
    }
}

/// What was asked for, in words.
#[must_use]
pub fn scope(input: &Input<'_>) -> String {
    let s = input.selection;
    let mut parts = Vec::new();
    let mut list = |name: &str, items: &[String]| {
        if !items.is_empty() {
            parts.push(format!("{name} {}", items.join(", ")));
        }
    };
    list("profile", s.profile.as_slice());
    list("frameworks", &s.frameworks);
    list("controls", &s.controls);
    list("checks", &s.checks);
    list("namespaces", &s.namespaces);
    list("labels", s.selector.as_slice());
    list("object", s.object.as_slice());
    if s.include_platform {
        parts.push("platform included".to_owned());
    }
    if parts.is_empty() { "everything that fits".to_owned() } else { parts.join("; ") }
}

/// What a person calls the assessed thing: the context, else the server, else the files, else the
/// kind of source.
#[must_use]
pub fn subject(source: &SourceInfo) -> String {
    let known = [&source.context, &source.server].into_iter().flatten().find(|t| !t.is_empty());
    let name = match (known, &*source.files) {
        (Some(text), _) => text.clone(),
        (None, []) => source.kind.word().to_owned(),
        (None, [one]) => one.clone(),
        (None, [first, rest @ ..]) => format!("{first} and {} more", rest.len()),
    };
    mask(&name).into_owned()
}

/// Title, edition and level of a framework.
#[must_use]
pub fn title(judged: &Judged) -> String {
    let level = judged.result.level.as_deref().map(|l| format!(" ({l})")).unwrap_or_default();
    format!("{} {}{level}", judged.framework.title, judged.result.version)
}

/// The object of a finding: `Deployment/pay/web`, `cluster`.
#[must_use]
pub fn object(finding: &Finding) -> String {
    let name = finding.object.as_ref().map_or_else(|| "cluster".to_owned(), ToString::to_string);
    mask(&name).into_owned()
}

/// The file and line of a finding, if it has a file.
#[must_use]
pub fn file(finding: &Finding) -> Option<String> {
    let file = finding.file.as_deref()?;
    let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
    Some(mask(&format!("{file}{line}")).into_owned())
}

/// The path of a finding, empty for the object itself.
#[must_use]
pub fn path(finding: &Finding) -> String {
    mask(&finding.path.to_string()).into_owned()
}

/// The offending value as compact JSON; none when the field is missing.
#[must_use]
pub fn value(finding: &Finding) -> Option<String> {
    finding.value.as_ref().map(|_| document::value(finding).to_string())
}

/// How many live pods it stands for and where it was seen, in words; empty for kinds without pods.
#[must_use]
pub fn seen(finding: &Finding) -> String {
    let mut parts = Vec::new();
    if finding.instances > 0 {
        let noun = noun(finding.instances, "instance");
        parts.push(format!("{} {noun}", finding.instances));
    }
    if finding.stale > 0 {
        parts.push(format!("{} of an old revision", finding.stale));
    }
    match finding.origin {
        Some(FindingOrigin::Template) => parts.push("only in the template".to_owned()),
        Some(FindingOrigin::Live) => parts.push("only in live pods".to_owned()),
        Some(FindingOrigin::Both) | None => {}
    }
    parts.join(", ")
}

/// Where a finding was seen, in one word.
#[must_use]
pub fn origin_word(origin: FindingOrigin) -> &'static str {
    match origin {
        FindingOrigin::Both => "both",
        FindingOrigin::Template => "template",
        FindingOrigin::Live => "live",
    }
}

/// A decision with the finding it is about, if that was found in this run.
pub struct Decided<'a> {
    /// Fingerprint of the finding.
    pub fingerprint: &'a str,
    /// The finding; none when this run did not find it.
    pub finding: Option<&'a Finding>,
    /// What was decided.
    pub decision: &'a Decision,
    /// The state in force today.
    pub state: DecisionState,
    /// When and by whom it was put down, where the session knows.
    pub last: Option<&'a PastDecision>,
}

impl Decided<'_> {
    /// Who put it down and when; empty where that is not known.
    #[must_use]
    pub fn written(&self) -> String {
        self.last.map(|past| format!("{} {}", past.by, past.time)).unwrap_or_default()
    }

    /// The word of the state; of an acceptance whose day is over, that it is over.
    #[must_use]
    pub fn word(&self) -> &'static str {
        if self.expired() { "accepted, expired" } else { self.state.word() }
    }

    /// Whether an acceptance is over.
    #[must_use]
    pub fn expired(&self) -> bool {
        self.state != self.decision.state
    }
}

/// Every decision, the session's own and those that were brought along: those on findings of this
/// run in the order of findings, then the others by fingerprint.
#[must_use]
pub fn decided<'a>(input: &'a Input<'_>) -> Vec<Decided<'a>> {
    let ledger = input.ledger;
    let entry = |fingerprint: &'a str, finding: Option<&'a Finding>| {
        let decision = ledger.decision(fingerprint)?;
        let state = decision.in_force(input.today);
        let last = ledger.last(fingerprint);
        let last = last.filter(|past| past.after.as_deref() == Some(decision));
        Some(Decided { fingerprint, finding, decision, state, last })
    };
    let here = input.result.findings.iter().map(|f| (&*f.fingerprint, Some(&**f)));
    let found: HashSet<&str> =
        here.clone().flat_map(|(print, _)| [print, ledger.name(print)]).collect();
    let own = ledger.decisions.keys().map(|print| &**print);
    let all: BTreeSet<&str> = own.chain(ledger.brought.keys().map(String::as_str)).collect();
    let gone = all.into_iter().filter(|f| !found.contains(f)).map(|f| (f, None));
    here.chain(gone).filter_map(|(fingerprint, finding)| entry(fingerprint, finding)).collect()
}

/// Where a problem is: file with line and column, else the object; empty where neither is known.
#[must_use]
pub fn problem_place(problem: &Problem) -> String {
    let mut place = problem.file.clone().unwrap_or_default();
    for number in [problem.line, problem.column].into_iter().flatten() {
        place.push_str(&format!(":{number}"));
    }
    let object = problem.object.as_ref().map(ToString::to_string);
    let parts: Vec<String> =
        std::iter::once(place).chain(object).filter(|part| !part.is_empty()).collect();
    mask(&parts.join(" ")).into_owned()
}

/// Findings of one check, in their order.
pub struct Group<'a> {
    /// Id of the check.
    pub check: &'a str,
    /// Its findings.
    pub findings: Vec<&'a Finding>,
    /// How many are open.
    pub open: usize,
}

impl Group<'_> {
    /// The worst severity among the open ones, or among all where none is.
    #[must_use]
    pub fn severity(&self, input: &Input<'_>) -> Severity {
        let open = self.findings.iter().filter(|f| input.is_open(f));
        let worst = open.map(|f| f.severity).min();
        worst.or_else(|| self.findings.iter().map(|f| f.severity).min()).unwrap_or_default()
    }
}

/// Findings by check: checks with open ones first, then the worst first, then by id.
#[must_use]
pub fn by_check<'a>(
    input: &Input<'_>,
    findings: impl Iterator<Item = &'a Finding>,
) -> Vec<Group<'a>> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for finding in findings {
        let at = *places.entry(&finding.check).or_insert_with(|| {
            groups.push(Group { check: &finding.check, findings: Vec::new(), open: 0 });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            group.findings.push(finding);
            group.open += usize::from(input.is_open(finding));
        }
    }
    groups.sort_by_cached_key(|g| (g.open == 0, g.severity(input), g.check.to_owned()));
    groups
}

/// The answer to a control, in force or expired.
#[must_use]
pub fn answer<'a>(input: &'a Input<'_>, framework: &str, control: &str) -> Option<&'a Attestation> {
    input.ledger.attestations.get(&(framework.to_owned(), control.to_owned()))
}

/// Which file an answer rests on: name, size and sha256.
#[must_use]
pub fn evidence_file(answer: &Attestation) -> Option<String> {
    let file = answer.file.as_ref()?;
    Some(format!("{} ({} bytes, sha256 {})", file.name, file.size, file.sha256))
}

/// An import in one line: what, when it was made and brought in, from where, with its digest.
#[must_use]
pub fn import(import: &Import) -> String {
    let version = import.version.as_deref().map(|v| format!(" {v}")).unwrap_or_default();
    let taken = import.taken.as_deref().map(|t| format!(", made {t}")).unwrap_or_default();
    let digest = if import.sha256.is_empty() {
        String::new()
    } else {
        format!(", sha256 {}", import.sha256)
    };
    let (tool, count) = (import.tool.word(), import.results.len());
    let text = format!(
        "{tool}{version}: {} from {}{taken}, brought in {}{digest}",
        counted(count, "result"),
        import.origin,
        import.imported
    );
    mask(&text).into_owned()
}

/// What a problem is about, in one word.
#[must_use]
pub fn problem_word(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Check => "check",
        ProblemKind::Framework => "framework",
        ProblemKind::Document => "document",
        ProblemKind::Config => "config",
        ProblemKind::Evaluation => "evaluation",
        ProblemKind::Import => "import",
    }
}
