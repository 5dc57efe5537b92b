//! Observations: what was seen of an object, of a check as a whole, and what could not be seen.

use uuid::Uuid;

use super::super::document;
use super::super::exchange::instant;
use super::ground::{Fault, Ground};
use super::model::{Evidence, Observation, Props};
use super::text::{markup, markup_or};
use crate::model::finding::{CheckCounts, Finding, Gap};

/// Made by a check without a person.
const AUTOMATED: &str = "TEST";

impl Ground<'_> {
    /// What was found on one object.
    pub(super) fn fault(&self, fault: &Fault<'_>) -> Observation {
        let finding = fault.finding;
        let kind = if fault.risk.is_some() { "finding" } else { "platform" };
        let mut seen = self.seen(finding, fault.observation, kind);
        let props = Props::default().add("decision", fault.state.word());
        let since = self.input.since(finding).and_then(instant);
        seen.props.extend(props.maybe("since", since.as_deref()).0);
        seen
    }

    /// What a check lists for a reviewer. It decides nothing.
    pub(super) fn evidence(&self, finding: &Finding, number: usize) -> Observation {
        let uuid = self.ids.of("evidence", &[&finding.fingerprint, &number.to_string()]);
        self.seen(finding, uuid, "evidence")
    }

    fn seen(&self, finding: &Finding, uuid: Uuid, kind: &'static str) -> Observation {
        let title = (self.input.check)(&finding.check).title;
        let props = Props::default()
            .add("check", &*finding.check)
            .add("fingerprint", &finding.fingerprint)
            .add("severity", finding.severity.word())
            .add("scope", &*finding.scope)
            .maybe("container", finding.container.as_deref())
            .number("instances", finding.instances);
        Observation {
            uuid,
            title: markup_or(&title, &finding.check),
            description: markup_or(&finding.message, &finding.check),
            props: props.0,
            methods: vec![AUTOMATED],
            types: vec![kind],
            origins: self.by_tool(),
            subjects: vec![self.subject(finding.object.as_ref())],
            relevant_evidence: vec![field(finding)],
            collected: self.collected.clone(),
            expires: None,
            remarks: finding.note.as_deref().and_then(markup),
        }
    }

    /// UUID of what a check came to.
    pub(super) fn check_id(&self, check: &str) -> Uuid {
        self.ids.of("check", &[check])
    }

    /// What a check came to as a whole: a control that is satisfied rests on these.
    pub(super) fn check(&self, id: &str, counts: CheckCounts) -> Observation {
        let text = (self.input.check)(id);
        let description = format!(
            "Places by verdict: {} pass, {} fail, {} not assessed, {} not evaluated, {} not applicable.",
            counts.pass, counts.fail, counts.not_assessed, counts.error, counts.not_applicable
        );
        let props = Props::default()
            .add("check", id)
            .number("pass", counts.pass)
            .number("fail", counts.fail)
            .number("not-assessed", counts.not_assessed)
            .number("error", counts.error)
            .number("not-applicable", counts.not_applicable)
            .number("platform-fail", counts.platform_fail)
            .maybe("file", text.file.as_deref())
            .maybe("replaces", text.replaces.as_deref());
        Observation {
            uuid: self.check_id(id),
            title: markup_or(&text.title, id),
            description,
            props: props.0,
            methods: vec![AUTOMATED],
            types: vec!["control-objective"],
            origins: self.by_tool(),
            subjects: vec![self.subject(None)],
            relevant_evidence: Vec::new(),
            collected: self.collected.clone(),
            expires: None,
            remarks: markup(&text.why),
        }
    }

    /// UUID of a reason why a check could not decide.
    pub(super) fn gap_id(&self, gap: &Gap) -> Uuid {
        let missing = &gap.missing;
        let (set, namespace) = match missing.namespace.as_deref() {
            Some(namespace) => ("in", namespace),
            None => ("all", ""),
        };
        let platform = if gap.platform { "platform" } else { "" };
        let parts = [&*gap.check, &missing.read, set, namespace, &missing.reason, platform];
        self.ids.of("gap", &parts)
    }

    /// Why a check could not decide: something was not seen.
    pub(super) fn gap(&self, gap: &Gap) -> Observation {
        let missing = &gap.missing;
        let title = (self.input.check)(&gap.check).title;
        let props = Props::default()
            .add("check", &*gap.check)
            .add("read", &missing.read)
            .maybe("namespace", missing.namespace.as_deref())
            .number("places", gap.count);
        let places = match gap.count {
            0 => "Nothing could be listed".to_owned(),
            1 => "1 place is undecided".to_owned(),
            count => format!("{count} places are undecided"),
        };
        Observation {
            uuid: self.gap_id(gap),
            title: markup_or(&format!("Not assessed: {title}"), "Not assessed"),
            description: markup_or(&format!("{places}: {}", missing.reason), "Not assessed"),
            props: props.0,
            methods: vec![AUTOMATED],
            types: vec!["not-assessed"],
            origins: self.by_tool(),
            subjects: vec![self.subject(None)],
            relevant_evidence: Vec::new(),
            collected: self.collected.clone(),
            expires: None,
            remarks: None,
        }
    }
}

/// The field that a finding points at, and its value.
fn field(finding: &Finding) -> Evidence {
    let path = finding.path.to_string();
    let value = finding.value.as_ref().map(|_| document::value(finding).to_string());
    let line = finding.line.map(|line| line.to_string());
    let text = match (path.is_empty(), finding.missing) {
        (true, _) => "The object itself.".to_owned(),
        (false, true) => format!("{path} is not set."),
        (false, false) => path.clone(),
    };
    let props = Props::default()
        .add("path", path)
        .maybe("value", value.as_deref())
        .maybe("file", finding.file.as_deref())
        .maybe("line", line.as_deref());
    Evidence { href: None, description: markup_or(&text, "field"), props: props.0 }
}
