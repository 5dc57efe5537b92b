//! What a filter looks at in a row. A value is made only when a term asks for it: lists have tens
//! of thousands of rows and a filter runs at every key.

mod related;

use crate::frameworks::Status;
use crate::frameworks::fleet::Difference;
use crate::model::finding::{Finding, Severity};
use crate::model::node::Map;
use crate::model::object::{Object, ObjectRef};

use super::compared::Shift;
use super::data::Data;
use super::exceptions::Exception;
use super::filter::Field;
use super::fleet::FleetCluster;
use super::item::{ControlRef, Item};
use super::matrix::Technique;

/// Takes a value; says whether that is enough.
type Test<'a> = &'a mut dyn FnMut(&str) -> bool;

impl Data {
    /// Whether one of a row's values of a field passes a test.
    pub(super) fn any_value(&self, item: &Item, field: Field, test: Test<'_>) -> bool {
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
                Field::Name => test(&object.id.name),
                Field::Namespace => test(object.namespace()),
                Field::Kind => test(object.id.kind.as_ref()),
                Field::Label => labels(object, test),
                _ => self.of_findings_on(object, field, test),
            },
            Item::Arriving(name, _) => match field {
                Field::Name => test(&name.name),
                Field::Text => test(&name.state),
                Field::Namespace => name.namespace.as_deref().is_some_and(test),
                Field::Status => test("loading"),
                _ => false,
            },
            Item::Control { framework, id, at, judged } => {
                let control = self.framework(framework).and_then(|f| f.controls.get(*at));
                match field {
                    Field::Name => control.is_some_and(|control| test(&control.title)),
                    Field::Control => test(id),
                    Field::Framework => test(framework),
                    Field::Check => {
                        control.is_some_and(|c| c.checks.iter().any(|check| test(&check.id)))
                    }
                    Field::Text | Field::Status => {
                        let judged =
                            self.scored_or_all(framework).and_then(|j| j.controls.get((*judged)?));
                        let status = judged.map_or("not-run", |result| result.status.word());
                        test(status) || field == Field::Text && test(id)
                    }
                    _ => false,
                }
            }
            Item::Check { id, .. } => match field {
                Field::Name => test(self.check_title(id)),
                Field::Text => test(id),
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

    fn of_shift(&self, item: &Item, field: Field, test: Test<'_>) -> bool {
        match item {
            Item::FrameworkShift(shift) => self.of_framework_shift(shift, field, test),
            Item::ControlShift(shift) => self.of_control_shift(shift, field, test),
            _ => false,
        }
    }

    fn of_framework_shift(&self, shift: &Shift, field: Field, test: Test<'_>) -> bool {
        match field {
            Field::Framework => test(shift.id()),
            Field::Name | Field::Text => test(self.short(shift.id())) || test(shift.id()),
            _ => false,
        }
    }

    /// A control by both its statuses, so that `status:fail` finds what fails and what failed.
    fn of_control_shift(&self, shift: &Shift, field: Field, test: Test<'_>) -> bool {
        let status = |status: Option<Status>| status.map_or("not-judged", Status::word);
        let control = shift.control();
        match field {
            Field::Name => {
                let known = self.control(shift.id(), shift.number());
                known.is_some_and(|(control, _)| test(&control.title))
            }
            Field::Text => test(shift.number()) || test(shift.id()),
            Field::Control => test(shift.number()),
            Field::Framework => test(shift.id()),
            Field::Status => {
                control.is_some_and(|c| test(status(c.before)) || test(status(c.after)))
            }
            _ => false,
        }
    }

    fn of_finding(&self, finding: &Finding, state: &str, field: Field, test: Test<'_>) -> bool {
        let owner = |test: Test<'_>| finding.owner.as_ref().is_some_and(|o| test(&named(o)));
        match field {
            Field::Name => finding.object.as_ref().is_some_and(|object| test(&object.name)),
            Field::Text => {
                test(&finding.message)
                    || test(self.check_title(&finding.check))
                    || test(&finding.path.to_string())
                    || finding.container.as_deref().is_some_and(&mut *test)
                    || owner(test)
            }
            Field::Namespace => test(finding.home()),
            Field::Kind => finding.object.as_ref().is_some_and(|o| test(o.kind.as_ref())),
            Field::Status => test(state),
            Field::Owner => owner(test),
            Field::Path => test(&finding.path.to_string()),
            Field::Image => self.image_of(finding).is_some_and(|image| test(&image)),
            Field::Label => {
                let object = finding.object.as_ref().and_then(|id| self.inventory.find(id));
                object.is_some_and(|object| labels(object, test))
            }
            Field::Severity => test(finding.severity.word()),
            Field::Check | Field::Theme | Field::Framework | Field::Control => {
                self.of_check_id(&finding.check, field, test)
            }
            _ => false,
        }
    }

    /// What is known of an object by the findings that it shows.
    fn of_findings_on(&self, object: &Object, field: Field, test: Test<'_>) -> bool {
        let owner = self.tally_of(object).1;
        if field == Field::Owner {
            return owner.is_some_and(|owner| test(&named(&owner)));
        }
        let known = [
            Field::Check,
            Field::Theme,
            Field::Framework,
            Field::Control,
            Field::Status,
            Field::Path,
        ];
        let mut found = self.of_object(owner.as_ref().unwrap_or(&object.id));
        known.contains(&field)
            && found.any(|finding| {
                let state = self.state_of(&finding.fingerprint).word();
                self.of_finding(finding, state, field, test)
            })
    }

    /// What is known of a check by its id.
    fn of_check_id(&self, id: &str, field: Field, test: Test<'_>) -> bool {
        let served = || self.index.serves.get(id).into_iter().flatten();
        match field {
            Field::Check => test(id),
            Field::Theme => self.check(id).is_some_and(|check| test(&check.theme)),
            Field::Framework => served().any(|control| test(&control.framework)),
            Field::Control => served().any(|control| test(&control.control)),
            Field::Severity => self.check(id).is_some_and(|check| test(check.severity.word())),
            _ => false,
        }
    }

    fn of_question(&self, item: &Item, asked: &ControlRef, field: Field, test: Test<'_>) -> bool {
        let found = self.control(&asked.framework, &asked.control);
        match field {
            Field::Name => found.is_some_and(|(control, _)| test(&control.question)),
            Field::Text => test(&self.name_of(item)),
            Field::Framework => test(&asked.framework),
            Field::Control => test(&asked.control),
            Field::Status => {
                let result = found.and_then(|(_, result)| result);
                test(result.map_or("not-run", |result| result.status.word()))
            }
            _ => false,
        }
    }

    fn of_technique(&self, cell: &Technique, field: Field, test: Test<'_>) -> bool {
        match field {
            Field::Name => test(&cell.title),
            Field::Text => test(&cell.id) || test(&cell.tactic),
            Field::Control => test(&cell.id),
            Field::Framework => test(&cell.framework),
            Field::Status => test(cell.status.map_or("not-run", Status::word)),
            Field::Check => {
                let control = self.control(&cell.framework, &cell.id).map(|(control, _)| control);
                control.is_some_and(|c| c.checks.iter().any(|check| test(&check.id)))
            }
            _ => false,
        }
    }

    fn of_other(&self, item: &Item, field: Field, test: Test<'_>) -> bool {
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
            Item::Disagreement(differs) if field == Field::Check => {
                return differs.check.as_deref().is_some_and(test);
            }
            Item::Disagreement(_) if field == Field::Name => return test(&self.name_of(item)),
            Item::Disagreement(differs) => {
                let text = format!("{} {}", differs.tool.word(), differs.rule);
                ("", text, "", differs.ours.word())
            }
            Item::Namespace(name) if field == Field::Namespace => return test(name),
            Item::Theme(name) if field == Field::Theme => return test(name),
            Item::Heat(row) if field == Field::Namespace => return test(&row.namespace),
            Item::Tenant(card) => (
                &card.title,
                format!("{} {}", card.profile, card.namespaces.join(" ")),
                "",
                card.threshold.verdict.word(),
            ),
            Item::Framework(id) if field == Field::Framework => return test(id),
            Item::Framework(id) if field == Field::Text => {
                return test(id) || self.framework(id).is_some_and(|f| test(f.short()));
            }
            Item::ControlRef(control) => match field {
                Field::Framework => return test(&control.framework),
                Field::Control => return test(&control.control),
                Field::Name => return test(&self.name_of(item)),
                _ => return false,
            },
            other => return self.of_relation(other, field, test),
        };
        match field {
            Field::Name => test(name),
            Field::Text => test(&text),
            Field::Namespace => test(namespace),
            Field::Status => test(status),
            _ => false,
        }
    }
}

/// What else is said of an exception.
fn told_of_exception(exception: &Exception) -> String {
    let reason = exception.entry.decision.reason.as_deref().unwrap_or_default();
    format!("{} {} {reason}", exception.place(), exception.remarks_with_end())
}

fn of_cluster(cluster: &FleetCluster, field: Field, test: Test<'_>) -> bool {
    match field {
        Field::Name => test(&cluster.context.name),
        Field::Text => test(&told(cluster)),
        Field::Status => test(cluster.phase.word()),
        _ => false,
    }
}

fn of_difference(differs: &Difference, field: Field, test: Test<'_>) -> bool {
    match field {
        Field::Name => test(&differs.title),
        Field::Text => test(&differs.check) || test(&differs.failing()) || test(&differs.unknown()),
        Field::Check => test(&differs.check),
        Field::Status => test(if differs.certain { "differs" } else { "may-differ" }),
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
