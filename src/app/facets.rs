//! What a filter looks at in a row. A value is made only when a term asks for it: lists have tens
//! of thousands of rows and a filter runs at every key.

mod related;

use crate::frameworks::Status;
use crate::frameworks::fleet::Difference;
use crate::model::finding::{Finding, Severity};
use crate::model::node::Map;
use crate::model::object::{Object, ObjectRef};

use super::compared::FrameworkShift;
use super::data::Data;
use super::exceptions::Exception;
use super::filter::FilterField;
use super::fleet::FleetCluster;
use super::item::{ControlRef, Item};
use super::matrix::Technique;

/// Takes a value; says whether that is enough.
type Test<'a> = &'a mut dyn FnMut(&str) -> bool;

impl Data {
    /// Whether one of a row's values of a field passes a test.
    pub(super) fn any_value(&self, item: &Item, field: FilterField, test: Test<'_>) -> bool {
        match item {
            Item::Finding(finding) => {
                let state = self.state_of(&finding.fingerprint).word();
                self.of_finding(finding, state, field, test)
            }
            Item::Mend(mend) => {
                let state = self.state_of(&mend.worst.fingerprint).word();
                self.of_finding(&mend.worst, state, field, test)
            }
            Item::Compared(compared) => {
                self.of_finding(compared.entry(), compared.change().word(), field, test)
            }
            Item::FrameworkShift(_) | Item::ControlShift(_) => self.of_shift(item, field, test),
            Item::Foreseen(foreseen) => {
                let state = self.state_of(&foreseen.finding.fingerprint).word();
                self.of_finding(&foreseen.finding, state, field, test)
            }
            Item::Object(object) => match field {
                FilterField::Name => test(&object.id.name),
                FilterField::Namespace => test(object.namespace()),
                FilterField::Kind => test(object.id.kind.as_ref()),
                FilterField::Label => labels(object, test),
                _ => self.of_findings_on(object, field, test),
            },
            Item::Arriving(name, _) => match field {
                FilterField::Name => test(&name.name),
                FilterField::Text => test(&name.state),
                FilterField::Namespace => name.namespace.as_deref().is_some_and(test),
                FilterField::Status => test("loading"),
                _ => false,
            },
            Item::Control { framework, id, at, judged } => {
                let control = self.framework(framework).and_then(|f| f.controls.get(*at));
                match field {
                    FilterField::Name => control.is_some_and(|control| test(&control.title)),
                    FilterField::Control => test(id),
                    FilterField::Framework => test(framework),
                    FilterField::Check => {
                        control.is_some_and(|c| c.checks.iter().any(|check| test(&check.id)))
                    }
                    FilterField::Text | FilterField::Status => {
                        let judged =
                            self.scored_or_all(framework).and_then(|j| j.controls.get((*judged)?));
                        let status = judged.map_or("not-run", |result| result.status.word());
                        test(status) || field == FilterField::Text && test(id)
                    }
                    _ => false,
                }
            }
            Item::Check { id, .. } => match field {
                FilterField::Name => test(self.check_title(id)),
                FilterField::Text => test(id),
                _ => self.of_check_id(id, field, test),
            },
            Item::Question(asked) => self.of_question(item, asked, field, test),
            Item::Technique(cell) => self.of_technique(cell, field, test),
            Item::Cluster(cluster) => of_cluster(cluster, field, test),
            Item::Difference(differs) => of_difference(differs, field, test),
            other => self.of_other(other, field, test),
        }
    }

    /// The severity of a row.
    pub(super) fn severity_of(&self, item: &Item) -> Option<Severity> {
        match item {
            Item::Finding(finding) => Some(finding.severity),
            Item::Mend(mend) => Some(mend.worst.severity),
            Item::Compared(compared) => Some(compared.entry().severity),
            Item::Foreseen(foreseen) => Some(foreseen.finding.severity),
            Item::Object(object) => self.tally_of(object).0.and_then(|t| t.worst()),
            Item::Check { id, .. } => self.check(id).map(|check| check.severity),
            Item::Technique(cell) => cell.open.worst(),
            Item::Heat(row) => row.tally.worst(),
            Item::Difference(differs) => Some(differs.severity),
            _ => None,
        }
    }

    fn of_shift(&self, item: &Item, field: FilterField, test: Test<'_>) -> bool {
        match item {
            Item::FrameworkShift(shift) => self.of_framework_shift(shift, field, test),
            Item::ControlShift(shift) => self.of_control_shift(shift, field, test),
            _ => false,
        }
    }

    fn of_framework_shift(
        &self,
        shift: &FrameworkShift,
        field: FilterField,
        test: Test<'_>,
    ) -> bool {
        match field {
            FilterField::Framework => test(shift.id()),
            FilterField::Name | FilterField::Text => {
                test(self.short(shift.id())) || test(shift.id())
            }
            _ => false,
        }
    }

    /// A control by both its statuses, so that `status:fail` finds what fails and what failed.
    fn of_control_shift(&self, shift: &FrameworkShift, field: FilterField, test: Test<'_>) -> bool {
        let status = |status: Option<Status>| status.map_or("not-judged", Status::word);
        let control = shift.control();
        match field {
            FilterField::Name => {
                let known = self.control(shift.id(), shift.number());
                known.is_some_and(|(control, _)| test(&control.title))
            }
            FilterField::Text => test(shift.number()) || test(shift.id()),
            FilterField::Control => test(shift.number()),
            FilterField::Framework => test(shift.id()),
            FilterField::Status => {
                control.is_some_and(|c| test(status(c.before)) || test(status(c.after)))
            }
            _ => false,
        }
    }

    fn of_finding(
        &self,
        finding: &Finding,
        state: &str,
        field: FilterField,
        test: Test<'_>,
    ) -> bool {
        let owner = |test: Test<'_>| finding.owner.as_ref().is_some_and(|o| test(&named(o)));
        match field {
            FilterField::Name => finding.object.as_ref().is_some_and(|object| test(&object.name)),
            FilterField::Text => {
                test(&finding.message)
                    || test(self.check_title(&finding.check))
                    || test(&finding.path.to_string())
                    || finding.container.as_deref().is_some_and(&mut *test)
                    || owner(test)
            }
            FilterField::Namespace => test(finding.home()),
            FilterField::Kind => finding.object.as_ref().is_some_and(|o| test(o.kind.as_ref())),
            FilterField::Status => test(state),
            FilterField::Owner => owner(test),
            FilterField::Path => test(&finding.path.to_string()),
            FilterField::Image => self.image_of(finding).is_some_and(|image| test(&image)),
            FilterField::Label => {
                let object = finding.object.as_ref().and_then(|id| self.inventory.find(id));
                object.is_some_and(|object| labels(object, test))
            }
            FilterField::Severity => test(finding.severity.word()),
            FilterField::Check
            | FilterField::Theme
            | FilterField::Framework
            | FilterField::Control => self.of_check_id(&finding.check, field, test),
            _ => false,
        }
    }

    /// What is known of an object by the findings that it shows.
    fn of_findings_on(&self, object: &Object, field: FilterField, test: Test<'_>) -> bool {
        let owner = self.tally_of(object).1;
        if field == FilterField::Owner {
            return owner.is_some_and(|owner| test(&named(&owner)));
        }
        let known = [
            FilterField::Check,
            FilterField::Theme,
            FilterField::Framework,
            FilterField::Control,
            FilterField::Status,
            FilterField::Path,
        ];
        let mut found = self.of_object(owner.as_ref().unwrap_or(&object.id));
        known.contains(&field)
            && found.any(|finding| {
                let state = self.state_of(&finding.fingerprint).word();
                self.of_finding(finding, state, field, test)
            })
    }

    /// What is known of a check by its id.
    fn of_check_id(&self, id: &str, field: FilterField, test: Test<'_>) -> bool {
        let served = || self.index.serves.get(id).into_iter().flatten();
        match field {
            FilterField::Check => test(id),
            FilterField::Theme => self.check(id).is_some_and(|check| test(&check.theme)),
            FilterField::Framework => served().any(|control| test(&control.framework)),
            FilterField::Control => served().any(|control| test(&control.control)),
            FilterField::Severity => {
                self.check(id).is_some_and(|check| test(check.severity.word()))
            }
            _ => false,
        }
    }

    fn of_question(
        &self,
        item: &Item,
        asked: &ControlRef,
        field: FilterField,
        test: Test<'_>,
    ) -> bool {
        let found = self.control(&asked.framework, &asked.control);
        match field {
            FilterField::Name => found.is_some_and(|(control, _)| test(&control.question)),
            FilterField::Text => test(&self.name_of(item)),
            FilterField::Framework => test(&asked.framework),
            FilterField::Control => test(&asked.control),
            FilterField::Status => {
                let result = found.and_then(|(_, result)| result);
                test(result.map_or("not-run", |result| result.status.word()))
            }
            _ => false,
        }
    }

    fn of_technique(&self, cell: &Technique, field: FilterField, test: Test<'_>) -> bool {
        match field {
            FilterField::Name => test(&cell.title),
            FilterField::Text => test(&cell.id) || test(&cell.tactic),
            FilterField::Control => test(&cell.id),
            FilterField::Framework => test(&cell.framework),
            FilterField::Status => test(cell.status.map_or("not-run", Status::word)),
            FilterField::Check => {
                let control = self.control(&cell.framework, &cell.id).map(|(control, _)| control);
                control.is_some_and(|c| c.checks.iter().any(|check| test(&check.id)))
            }
            _ => false,
        }
    }

    fn of_other(&self, item: &Item, field: FilterField, test: Test<'_>) -> bool {
        let (name, text, namespace, status): (&str, String, &str, &str) = match item {
            Item::Read(read) => (
                &read.resource,
                read.message.clone().unwrap_or_default(),
                read.namespace.as_deref().unwrap_or_default(),
                read.age().unwrap_or_else(|| read.status.word()),
            ),
            Item::Problem(problem) => {
                (problem.file.as_deref().unwrap_or_default(), problem.message.clone(), "", "")
            }
            Item::Gap(gap) => {
                let (missing, text) =
                    (&gap.missing, format!("{} {}", gap.told(), gap.missing.reason));
                let namespace = missing.namespace.as_deref().unwrap_or_default();
                (&missing.read, text, namespace, missing.status.word())
            }
            Item::Exception(exception) => (
                &exception.entry.label,
                told_of_exception(exception),
                "",
                exception.entry.decision.state.word(),
            ),
            Item::Disagreement(differs) if field == FilterField::Check => {
                return differs.check.as_deref().is_some_and(test);
            }
            Item::Disagreement(_) if field == FilterField::Name => {
                return test(&self.name_of(item));
            }
            Item::Disagreement(differs) => {
                let text = format!("{} {}", differs.tool.word(), differs.rule);
                ("", text, "", differs.ours.word())
            }
            Item::Namespace(name) if field == FilterField::Namespace => return test(name),
            Item::Theme(name) if field == FilterField::Theme => return test(name),
            Item::Heat(row) if field == FilterField::Namespace => return test(&row.namespace),
            Item::Tenant(card) => (
                &card.title,
                format!("{} {}", card.profile, card.namespaces.join(" ")),
                "",
                card.threshold.verdict.word(),
            ),
            Item::Framework(id) if field == FilterField::Framework => return test(id),
            Item::Framework(id) if field == FilterField::Text => {
                return test(id) || self.framework(id).is_some_and(|f| test(f.short()));
            }
            Item::ControlRef(control) => match field {
                FilterField::Framework => return test(&control.framework),
                FilterField::Control => return test(&control.control),
                FilterField::Name => return test(&self.name_of(item)),
                _ => return false,
            },
            other => return self.of_relation(other, field, test),
        };
        match field {
            FilterField::Name => test(name),
            FilterField::Text => test(&text),
            FilterField::Namespace => test(namespace),
            FilterField::Status => test(status),
            _ => false,
        }
    }
}

/// What else is said of an exception.
fn told_of_exception(exception: &Exception) -> String {
    let reason = exception.entry.decision.reason.as_deref().unwrap_or_default();
    format!("{} {} {reason}", exception.place(), exception.remarks_with_end())
}

fn of_cluster(cluster: &FleetCluster, field: FilterField, test: Test<'_>) -> bool {
    match field {
        FilterField::Name => test(&cluster.context.name),
        FilterField::Text => test(&told(cluster)),
        FilterField::Status => test(cluster.phase.word()),
        _ => false,
    }
}

fn of_difference(differs: &Difference, field: FilterField, test: Test<'_>) -> bool {
    match field {
        FilterField::Name => test(&differs.title),
        FilterField::Text => {
            test(&differs.check) || test(&differs.failing()) || test(&differs.unknown())
        }
        FilterField::Check => test(&differs.check),
        FilterField::Status => test(if differs.certain { "differs" } else { "may-differ" }),
        _ => false,
    }
}

/// What else is known of one of several clusters.
fn told(cluster: &FleetCluster) -> String {
    let card = cluster.card.as_deref();
    let version = card.and_then(|card| card.source.kubernetes.as_deref()).unwrap_or_default();
    let provider = card.and_then(|card| card.provider.as_deref()).unwrap_or_default();
    format!("{} {version} {provider}", cluster.context.server)
}

/// `Deployment/web`.
fn named(id: &ObjectRef) -> String {
    format!("{}/{}", id.kind, id.name)
}

/// The labels of an object, as `key=value`.
fn labels(object: &Object, test: Test<'_>) -> bool {
    let labels = object.body().at(&["metadata", "labels"]).and_then(|node| node.as_map());
    let mut each = labels.into_iter().flat_map(Map::iter);
    each.any(|(key, value)| test(&format!("{key}={}", value.as_str().unwrap_or_default())))
}
