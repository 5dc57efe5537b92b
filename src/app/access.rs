//! The pages of who may do what, and their rows.

use std::sync::Arc;

use crate::facts::access::{Access, Query, Right, Subject};
use crate::model::read::Missing;
use crate::text::{clean, noun};

use super::action::Action;
use super::data::Data;
use super::item::{Item, Section};
use super::keymap::Keymap;
use super::list::Row;
use super::rows::broken;

/// A page of who may do what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessPage {
    /// Everybody, the worst right first.
    Subjects,
    /// Every role, the worst first.
    Roles,
    /// One subject's rights.
    Subject(Subject),
    /// One role: its bindings and its rules.
    Role {
        /// Namespace of a Role, empty for a `ClusterRole`.
        namespace: Box<str>,
        /// Its name.
        name: Box<str>,
    },
    /// Who can do something.
    WhoCan(Query),
}

/// What is said before something is worked out.
/// The group that the API server lets do everything.
const MASTERS: &str = "system:masters";

const WORKING: &str = "Working it out…";

/// A sentence that no cursor stands on.
pub(super) fn text(text: impl AsRef<str>) -> Row {
    Row::new(Item::Text(text.as_ref().into()))
}

fn heading(section: Section) -> Row {
    Row::new(Item::Heading(section))
}

/// The rows of what could not be read, under a heading.
pub(super) fn not_known<'a>(missing: impl Iterator<Item = &'a Arc<Missing>>) -> Vec<Row> {
    let rows: Vec<Row> = missing.map(|m| Row::new(Item::NotKnown(Arc::clone(m)))).collect();
    if rows.is_empty() {
        return rows;
    }
    std::iter::once(heading(Section::NotKnown)).chain(rows).collect()
}

/// A first line that says how much is missing, so that nobody takes the rows for all there is.
fn warning(count: usize, what: &str) -> Option<Row> {
    let things = noun(count, "thing");
    (count > 0).then(|| {
        text(format!("? {count} {things} could not be read (below): there may be {what}."))
    })
}

impl Data {
    /// What stands where it is still worked out who may do what, or who reaches whom: nothing where nothing
    /// was read, of which the empty list says why.
    pub(super) fn awaited(&self) -> Vec<Row> {
        let nothing = self.inventory.is_empty() && self.inventory.reads.is_empty();
        if nothing { Vec::new() } else { vec![text(WORKING)] }
    }
}

pub(super) fn rows(data: &Data, keymap: &Keymap, page: &AccessPage) -> Vec<Row> {
    let Some(access) = &data.relations.access else { return data.awaited() };
    match page {
        AccessPage::Subjects => subjects(data, access, &keymap.told(Action::Platform)),
        AccessPage::Roles => roles(data, access, &keymap.told(Action::Platform)),
        AccessPage::Subject(subject) => subject_rows(access, subject),
        AccessPage::Role { namespace, name } => role_rows(access, namespace, name),
        AccessPage::WhoCan(query) => who_can(data, access, query),
    }
}

fn subjects(data: &Data, access: &Access, platform: &str) -> Vec<Row> {
    let here = data.namespace.as_deref();
    let unknown = || access.unknown_in(here);
    let mut rows: Vec<Row> = warning(unknown().count(), "more rights").into_iter().collect();
    rows.push(heading(Section::Holders));
    let mut hidden = 0;
    for holder in access.holders_in(here) {
        if holder.builtin && !data.platform {
            hidden += 1;
            continue;
        }
        rows.push(Row::new(Item::Holder(Arc::clone(holder))));
    }
    if rows.last().is_some_and(|row| matches!(row.item, Item::Heading(_))) {
        rows.push(text(if unknown().next().is_some() {
            "Nobody is known to hold a right; what could not be read may say otherwise."
        } else {
            "Nobody else is bound, and nothing runs as an account that is not built in."
        }));
    }
    if hidden > 0 {
        rows.push(text(format!(
            "Hidden: {hidden} that the distribution itself put there; {platform} shows them."
        )));
    }
    rows.extend(not_known(unknown()));
    rows
}

fn roles(data: &Data, access: &Access, platform: &str) -> Vec<Row> {
    let here = data.namespace.as_deref();
    let mut shown = access.roles_in(here);
    let all = shown.len();
    shown.retain(|role| data.platform || !role.is_builtin_alone());
    let hidden = all - shown.len();
    let unknown = || access.unknown_in(here);
    let mut rows: Vec<Row> =
        warning(unknown().count(), "more roles and bindings").into_iter().collect();
    rows.push(heading(Section::Roles));
    rows.extend(shown.into_iter().map(|role| Row::new(Item::Role(Arc::clone(role)))));
    if hidden > 0 {
        rows.push(text(format!(
            "Hidden: {hidden} that only the distribution itself uses; {platform} shows them."
        )));
    }
    rows.extend(not_known(unknown()));
    rows
}

fn subject_rows(access: &Access, subject: &Subject) -> Vec<Row> {
    let Some(holder) = access.holder(subject) else {
        return vec![text("No binding names it any more, and nothing runs as it.")];
    };
    let right = |right| Row::new(Item::Right { right: Arc::new(right), asked: false });
    let mut rows = vec![heading(Section::Rights)];
    rows.extend(access.rights(subject).into_iter().map(right));
    if rows.len() == 1 {
        rows.push(text(match &holder.unknown {
            Some(_) => "No right of its own is known; what could not be read stands below.",
            None => "No binding gives it anything by name.",
        }));
    }
    let silent = access.silent(subject);
    rows.extend(silent.into_iter().map(|(bound, _)| Row::new(Item::Bound(bound))));
    let through = access.rights_through_groups(subject);
    if !through.is_empty() {
        rows.push(heading(Section::GroupRights));
        rows.extend(through.into_iter().map(right));
    }
    if !holder.runs.is_empty() {
        rows.push(heading(Section::RunsAs));
        rows.extend(
            holder.runs.iter().map(|runner| Row::new(Item::Runner(Arc::new(runner.clone())))),
        );
    }
    rows.extend(not_known(access.unknown_of(subject).iter()));
    rows
}

fn role_rows(access: &Access, namespace: &str, name: &str) -> Vec<Row> {
    let Some(role) = access.role(namespace, name) else {
        return vec![text("The role is gone, and no binding refers to it any more.")];
    };
    let mut rows = vec![heading(Section::Bindings)];
    rows.extend(role.bindings.iter().map(|bound| Row::new(Item::Bound(Arc::clone(bound)))));
    if role.bindings.is_empty() {
        rows.push(text("No binding that was read refers to it."));
    }
    rows.push(heading(Section::Rules));
    rows.extend(role.rules.iter().enumerate().map(|(rule, allowed)| {
        let (id, allowed, grade) = (role.id.clone(), Arc::clone(allowed), role.leads(allowed));
        Row::new(Item::Rule { role: id, rule, allowed, grade })
    }));
    if role.rules.is_empty() {
        use crate::facts::access::RoleState;
        rows.push(text(match &role.state {
            RoleState::Read => "It has no rules and allows nothing.".to_owned(),
            RoleState::Absent => "There is no such role: its bindings give nothing.".to_owned(),
            RoleState::Unread(missing) => format!("? Its rules are not known: {}.", missing.reason),
        }));
    }
    rows.extend(not_known(access.unknown.iter()));
    rows
}

fn who_can(data: &Data, access: &Access, query: &Query) -> Vec<Row> {
    let answer = access.who_can(query);
    let mut rows: Vec<Row> = warning(answer.unknown.len(), "others who can").into_iter().collect();
    rows.extend(access.doubts(query).iter().map(|doubt| text(format!("? {}", clean(doubt)))));
    let elsewhere = |ns: &&str| !data.inventory.namespaces().contains(ns);
    if let Some(namespace) = query.namespace.as_deref().filter(elsewhere) {
        let namespace = clean(namespace);
        rows.push(text(format!(
            "? No namespace {namespace} was read; these rights are cluster-wide."
        )));
    }
    rows.push(heading(Section::Can));
    let none = answer.rights.is_empty();
    let masters =
        |right: &Right| matches!(&right.subject, Subject::Group(name) if &**name == MASTERS);
    let bound = answer.rights.iter().any(masters);
    rows.extend(
        answer
            .rights
            .into_iter()
            .map(|right| Row::new(Item::Right { right: Arc::new(right), asked: true })),
    );
    if none {
        let known = answer.unknown.is_empty();
        rows.push(text(if known {
            "Nobody, by RBAC."
        } else {
            "Nobody that is known; what could not be read stands below."
        }));
    }
    let of_masters = if bound {
        format!(
            "The members of {MASTERS} can without any binding, too: RBAC is not asked for them."
        )
    } else {
        format!("Group {MASTERS} can as well: RBAC is not asked for its members.")
    };
    rows.extend(broken(&of_masters));
    rows.extend(not_known(answer.unknown.iter()));
    rows
}
