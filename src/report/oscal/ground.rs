//! What every part of an OSCAL document refers to: the assessed system, the tool, and each finding
//! with the UUIDs of its observation and its risk.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use super::super::{Input, exchange};
use super::ids::Ids;
use super::model::{
    Actor, Assets, Component, Definitions, Item, LoggedBy, Metadata, Origin, Party, Platform,
    Props, State, Subject, UsesComponent,
};
use super::text::markup_or;
use crate::model::decision::DecisionState;
use crate::model::finding::Finding;
use crate::model::import::ImportTool;
use crate::model::inventory::SourceId;
use crate::model::object::ObjectRef;

/// The version of OSCAL that is written.
const OSCAL: &str = "1.2.1";

/// Who enters what a re-run settles.
const TOOL: &str = "plimsoll";

/// A finding and what the document calls it.
pub(super) struct Fault<'a> {
    pub finding: &'a Finding,
    pub state: DecisionState,
    pub observation: Uuid,
    /// None for a finding that decides nothing.
    pub risk: Option<Uuid>,
}

/// What parts refer to.
pub(super) struct Ground<'a> {
    pub input: &'a Input<'a>,
    pub ids: Ids,
    pub finished: String,
    pub collected: String,
    /// Every finding, in the order of reports.
    pub faults: Vec<Fault<'a>>,
    by_check: HashMap<&'a str, Vec<usize>>,
    people: BTreeMap<String, Uuid>,
    tool: Uuid,
    system: Uuid,
}

impl<'a> Ground<'a> {
    pub(super) fn new(input: &'a Input<'a>) -> Self {
        let ids = Ids::new(SourceId::of(input.source).text());
        let mut by_check: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let mut faults = Vec::with_capacity(input.result.findings.len());
        for finding in &input.result.findings {
            // The same document twice in one set of manifests gives the same fingerprint twice.
            let again = seen.entry(&finding.fingerprint).or_insert(0);
            let number = again.to_string();
            let parts = [&*finding.fingerprint, &*number];
            let parts = if *again == 0 { &parts[..1] } else { &parts[..] };
            *again += 1;
            let decides = finding.decides(input.selection.include_platform);
            by_check.entry(&finding.check).or_default().push(faults.len());
            faults.push(Fault {
                finding,
                state: input.state(finding),
                observation: ids.of("observation", parts),
                risk: decides.then(|| ids.of("risk", parts)),
            });
        }
        let named = |name: String| (ids.of("party", &[&name]), name);
        let people = people(input).map(named).map(|(id, name)| (name, id)).collect();
        let (tool, system) = (ids.of("component", &["tool"]), ids.of("component", &["system"]));
        let (finished, collected) = (exchange::finished(input), exchange::collected(input));
        Self { input, ids, finished, collected, faults, by_check, people, tool, system }
    }

    /// The findings of a check.
    pub(super) fn of_check(&self, check: &str) -> impl Iterator<Item = &Fault<'a>> {
        let all = self.by_check.get(check).map_or(&[][..], Vec::as_slice);
        all.iter().filter_map(|at| self.faults.get(*at))
    }

    /// The UUID of a person who decided or answered something.
    pub(super) fn person(&self, name: &str) -> Option<Uuid> {
        self.people.get(&exchange::line(name)?).copied()
    }

    /// Who entered something.
    pub(super) fn logged_by(&self, name: &str) -> Vec<LoggedBy> {
        self.person(name).map(|party_uuid| LoggedBy { party_uuid }).into_iter().collect()
    }

    /// UUID of another tool whose results were brought in.
    pub(super) fn other_tool(&self, tool: ImportTool) -> Uuid {
        self.ids.of("component", &["tool", tool.word()])
    }

    /// That the tool says so.
    pub(super) fn by_tool(&self) -> Vec<Origin> {
        vec![Origin { actors: vec![Actor { kind: "tool", actor_uuid: self.tool }] }]
    }

    /// The object as a subject; the whole system where there is none.
    pub(super) fn subject(&self, object: Option<&ObjectRef>) -> Subject {
        match object {
            Some(object) => Subject {
                subject_uuid: self.item_id(object),
                kind: "inventory-item",
                title: Some(markup_or(&object.to_string(), "object")),
            },
            None => Subject { subject_uuid: self.system, kind: "component", title: None },
        }
    }

    fn item_id(&self, object: &ObjectRef) -> Uuid {
        let namespace = object.namespace.as_deref().unwrap_or_default();
        self.ids.of("item", &[&object.api_version, &object.kind, namespace, &object.name])
    }

    /// Title, times, versions, people.
    pub(super) fn metadata(&self, title: &str, remarks: &str) -> Metadata {
        let name = exchange::name(self.input.source);
        let person = |(name, uuid): (&String, &Uuid)| Party {
            uuid: *uuid,
            kind: "person",
            name: name.clone(),
        };
        Metadata {
            title: markup_or(&format!("{title}: {name}"), title),
            last_modified: self.finished.clone(),
            version: self.finished.clone(),
            oscal_version: OSCAL,
            props: self.facts(),
            parties: self.people.iter().map(person).collect(),
            remarks: Some(markup_or(remarks, title)),
        }
    }

    /// What the assessment was of, with and how far it went, as properties.
    pub(super) fn facts(&self) -> Vec<super::model::Prop> {
        let facts = exchange::facts(self.input);
        facts.iter().fold(Props::default(), |props, (name, value)| props.add(name, value)).0
    }

    /// The system, the objects that observations are about, and the tool.
    pub(super) fn definitions<'b>(
        &self,
        objects: impl Iterator<Item = &'b ObjectRef>,
    ) -> Definitions {
        let items: BTreeMap<&ObjectRef, Item> =
            objects.map(|object| (object, self.item(object))).collect();
        Definitions {
            components: vec![self.system()],
            inventory_items: items.into_values().collect(),
            assessment_assets: self.assets(),
        }
    }

    fn item(&self, object: &ObjectRef) -> Item {
        let props = Props::default()
            .add("api-version", &*object.api_version)
            .add("kind", &*object.kind)
            .maybe("namespace", object.namespace.as_deref())
            .add("name", &*object.name);
        Item {
            uuid: self.item_id(object),
            description: markup_or(&object.to_string(), "object"),
            props: props.0,
            implemented_components: vec![UsesComponent { component_uuid: self.system }],
        }
    }

    fn system(&self) -> Component {
        let source = self.input.source;
        let props = Props::default()
            .maybe("cluster-uid", source.cluster_uid.as_deref())
            .maybe("server", source.server.as_deref())
            .maybe("kubernetes", source.kubernetes.as_deref());
        let what = if source.files.is_empty() {
            "A Kubernetes cluster."
        } else {
            "Manifests of Kubernetes objects."
        };
        Component {
            uuid: self.system,
            kind: "this-system",
            title: markup_or(&exchange::name(source), "system"),
            description: what.to_owned(),
            props: props.0,
            status: State { state: "operational" },
        }
    }

    fn assets(&self) -> Assets {
        let software = |uuid, title: &str, description: &str, props: Props| Component {
            uuid,
            kind: "software",
            title: title.to_owned(),
            description: description.to_owned(),
            props: props.0,
            status: State { state: "operational" },
        };
        let props = Props::default()
            .add("version", env!("CARGO_PKG_VERSION"))
            .add("content", self.input.content);
        let about = "Assesses Kubernetes clusters for compliance and changes nothing in them.";
        let mut components = vec![software(self.tool, "Plimsoll", about, props)];
        let others: BTreeSet<ImportTool> =
            self.input.ledger.imports.iter().map(|i| i.tool).collect();
        components.extend(others.into_iter().map(|tool| {
            let about = "Another tool whose results were brought in.";
            software(self.other_tool(tool), tool.word(), about, Props::default())
        }));
        Assets {
            components,
            assessment_platforms: vec![Platform {
                uuid: self.ids.of("platform", &[]),
                title: "Plimsoll".to_owned(),
                uses_components: vec![UsesComponent { component_uuid: self.tool }],
            }],
        }
    }

    /// A UUID of the document: another one as soon as anything but a time is another.
    pub(super) fn document(&self, kind: &str) -> Uuid {
        let input = self.input;
        let mut state = vec![input.content.to_owned()];
        state.extend(exchange::facts(input).into_iter().filter_map(|(name, value)| {
            let time = matches!(name, "started" | "finished" | "read-at");
            (!time).then(|| format!("{name}={value}"))
        }));
        state.extend(self.faults.iter().map(|fault| {
            let decision = input.decision(fault.finding);
            format!("{} {decision:?} {}", fault.finding.fingerprint, fault.state.word())
        }));
        state.extend(input.ledger.attestations.values().map(|answer| format!("{answer:?}")));
        state.extend(input.ledger.imports.iter().map(|import| format!("{import:?}")));
        for judged in input.frameworks {
            state.extend(judged.result.controls.iter().map(|control| {
                let status = control.status.word();
                format!("{} {} {status} {:?}", judged.result.id, control.id, control.reasons)
            }));
        }
        state.extend(input.result.not_assessed.iter().map(|gap| format!("{gap:?}")));
        let parts: Vec<&str> = state.iter().map(String::as_str).collect();
        self.ids.of(kind, &parts)
    }
}

/// Names of everybody who decided or answered something.
fn people<'a>(input: &'a Input<'a>) -> impl Iterator<Item = String> + 'a {
    let ledger = input.ledger;
    let here = input.result.findings.iter();
    let decided = here.clone().filter_map(|finding| input.decision(finding)?.approver.as_deref());
    let entered =
        here.filter_map(|finding| ledger.history.get(finding.fingerprint.as_str())).flatten();
    let entered = entered.filter(|past| past.by != TOOL).map(|past| &*past.by);
    let answered = ledger.attestations.values().map(|attestation| &*attestation.reviewer);
    decided.chain(entered).chain(answered).filter_map(exchange::line)
}
