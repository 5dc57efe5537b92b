//! Who may do what: for the terminal, and as JSON (`plimsoll.access/v1`).

mod json;

use std::sync::Arc;

use super::sheet::Part;
use crate::facts::access::{
    Ability, Access, Allowed, Bound, Holder, Query, Right, RoleState, RoleUse, Subject, explain,
};
use crate::model::inventory::SourceInfo;
use crate::model::object::ObjectRef;
use crate::model::read::Missing;

pub(super) use json::missed;
pub use json::{SCHEMA, json};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Who has rights, and how far they lead.
    Subjects,
    /// Which roles there are, and who is bound to them.
    Roles,
    /// What one subject may do.
    Subject(Subject),
    /// Who is bound to a role, and what it allows.
    Role {
        /// Namespace of a Role, empty for a `ClusterRole`.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// Who may do something.
    WhoCan(Query),
}

/// What an answer is made of.
pub struct Asked<'a> {
    /// Everything that is known of rights.
    pub access: &'a Access,
    /// Where the objects came from.
    pub source: &'a SourceInfo,
    /// Only what holds there.
    pub namespace: Option<&'a str>,
    /// What the distribution itself put there is shown as well.
    pub platform: bool,
    /// What is asked.
    pub question: &'a Question,
}

impl Asked<'_> {
    /// Subjects to show, the worst first, and how many are left out.
    fn holders(&self) -> (Vec<&Arc<Holder>>, usize) {
        let all = self.access.holders_in(self.namespace);
        let (hidden, shown): (Vec<_>, Vec<_>) = all.partition(|h| h.builtin && !self.platform);
        (shown, hidden.len())
    }

    /// Roles to show, the worst first, and how many are left out.
    fn roles(&self) -> (Vec<&Arc<RoleUse>>, usize) {
        let all = self.access.roles_in(self.namespace).into_iter();
        let (hidden, shown): (Vec<_>, Vec<_>) =
            all.partition(|role| !self.platform && role.is_builtin_alone());
        (shown, hidden.len())
    }

    /// What could not be read and bears on the answer.
    fn unknown(&self) -> Vec<Arc<Missing>> {
        match self.question {
            Question::Subject(subject) => self.access.unknown_of(subject),
            Question::WhoCan(query) => self.access.who_can(query).unknown,
            _ => self.access.unknown_in(self.namespace).cloned().collect(),
        }
    }
}

/// The answer as sentences and tables.
#[must_use]
pub fn parts(asked: &Asked<'_>) -> Vec<Part> {
    let mut parts = match asked.question {
        Question::Subjects => subjects(asked),
        Question::Roles => roles(asked),
        Question::Subject(subject) => subject_parts(asked, subject),
        Question::Role { namespace, name } => role_parts(asked, namespace, name),
        Question::WhoCan(query) => who_can(asked, query),
    };
    parts.extend(not_known(&asked.unknown(), "There may be more rights than these:"));
    parts
}

/// What could not be read, under a sentence that says what it means.
pub(super) fn not_known(missing: &[Arc<Missing>], meaning: &str) -> Vec<Part> {
    if missing.is_empty() {
        return Vec::new();
    }
    let lines = missing.iter().map(|missing| Part::line(format!("  {}", missing.reason)));
    std::iter::once(Part::heading(meaning)).chain(lines).collect()
}

fn hidden(count: usize, what: &str) -> Option<Part> {
    (count > 0).then(|| Part::line(format!("{count} more {what} (--include-platform)")))
}

fn subjects(asked: &Asked<'_>) -> Vec<Part> {
    let (shown, left_out) = asked.holders();
    let mut parts = Vec::new();
    if shown.is_empty() {
        parts.push(Part::line("Nobody is known to hold a right."));
    } else {
        let head = ["GRADE", "SUBJECT", "CAN", "HOLDS-IN", "BINDINGS", "RUNS"];
        parts.push(Part::table(&head, shown.iter().map(|holder| subject_row(holder)).collect()));
    }
    parts.extend(hidden(left_out, "that the distribution itself put there"));
    parts
}

fn subject_row(holder: &Holder) -> Vec<String> {
    let worst = holder.abilities.first();
    let reach = match (holder.reach.cluster, &holder.reach.namespaces[..]) {
        (true, _) => "cluster".to_owned(),
        (false, []) => String::new(),
        (false, [one]) => one.to_string(),
        (false, many) => format!("{} namespaces", many.len()),
    };
    vec![
        grade_word(holder).to_owned(),
        holder.subject.text(),
        worst.map(can).unwrap_or_default(),
        reach,
        holder.bindings.to_string(),
        holder.runs.len().to_string(),
    ]
}

/// How far the rights of a subject lead at worst.
fn grade_word(holder: &Holder) -> &'static str {
    match (holder.abilities.first(), &holder.unknown) {
        (Some(worst), _) => worst.grade.word(),
        (None, Some(_)) => "not-known",
        (None, None) => "none",
    }
}

/// What an ability is, and which group it comes with.
fn can(ability: &Ability) -> String {
    let group = ability.through.as_ref().map(|group| format!(" (as {})", group.text()));
    format!("{}{}", ability.text(), group.unwrap_or_default())
}

fn roles(asked: &Asked<'_>) -> Vec<Part> {
    let (shown, left_out) = asked.roles();
    let row = |role: &&Arc<RoleUse>| {
        let worst = role.worst.as_ref();
        vec![
            worst.map_or("none", |worst| worst.grade.word()).to_owned(),
            role.id.to_string(),
            worst.map(Ability::text).unwrap_or_default(),
            role.bindings.len().to_string(),
            role.subjects.to_string(),
        ]
    };
    let mut parts = Vec::new();
    if shown.is_empty() {
        parts.push(Part::line("No role is known."));
    } else {
        let head = ["GRADE", "ROLE", "GIVES", "BINDINGS", "SUBJECTS"];
        parts.push(Part::table(&head, shown.iter().map(row).collect()));
    }
    parts.extend(hidden(left_out, "that only the distribution itself uses"));
    parts
}

fn subject_parts(asked: &Asked<'_>, subject: &Subject) -> Vec<Part> {
    let access = asked.access;
    let mut parts = vec![Part::line(subject.text())];
    let about = explain(subject);
    if !about.is_empty() {
        parts.push(Part::line(about));
    }
    let Some(holder) = access.holder(subject) else {
        parts.push(Part::line("No binding that was read names it, and nothing runs as it."));
        return parts;
    };
    let path = access.path(holder);
    if !path.is_empty() {
        parts.push(Part::line(format!("Leads to the cluster: {}", path.join(" -> "))));
    }
    let here = |rights: Vec<Right>| held(asked, rights);
    parts.extend(rights("Rights by name:", &here(access.rights(subject)), false));
    let silent = access.silent(subject);
    if !silent.is_empty() {
        parts.push(Part::heading("Bindings that grant nothing that is known:"));
        parts.extend(silent.iter().map(|(bound, role)| {
            Part::line(format!("  {}: {}", bound.id, empty(bound, role.as_deref())))
        }));
    }
    let groups = here(access.rights_through_groups(subject));
    if !groups.is_empty() {
        parts.extend(rights("Rights that come with its groups:", &groups, true));
    }
    if !holder.runs.is_empty() {
        parts.push(Part::heading("Runs as it:"));
        let row = |runner: &crate::facts::access::Runner| {
            let token = match runner.mounted {
                Some(true) => "yes",
                Some(false) => "no",
                None => "not known",
            };
            vec![runner.id.to_string(), token.to_owned()]
        };
        parts.push(Part::table(&["WORKLOAD", "TOKEN"], holder.runs.iter().map(row).collect()));
    }
    parts
}

/// Why a binding grants nothing.
fn empty(bound: &Bound, role: Option<&RoleUse>) -> String {
    match (role.map(|role| &role.state), &bound.role) {
        (Some(RoleState::Absent), Some(id)) => format!("there is no {id}"),
        (Some(RoleState::Unread(missing)), _) => missing.reason.clone(),
        (Some(RoleState::Read), Some(id)) if role.is_some_and(|role| !role.rules.is_empty()) => {
            format!("{id} is about URLs alone, which only a ClusterRoleBinding grants")
        }
        (_, Some(id)) => format!("{id} has no rules"),
        (_, None) => "it refers to no role".to_owned(),
    }
}

/// Rights that hold in the namespace that was asked about.
fn held(asked: &Asked<'_>, mut rights: Vec<Right>) -> Vec<Right> {
    rights.retain(|right| {
        let place = right.binding.place.as_deref();
        asked.namespace.is_none() || place.is_none() || place == asked.namespace
    });
    rights
}

fn rights(title: &str, rights: &[Right], subjects: bool) -> Vec<Part> {
    if rights.is_empty() {
        return vec![Part::heading(title), Part::line("  none")];
    }
    let head = ["GRADE", "SUBJECT", "VERBS", "WHAT", "ONLY", "WHERE", "BINDING", "ROLE"];
    let keep = |at: usize| subjects || at != 1;
    let row = |right: &Right| -> Vec<String> {
        let cells = [
            right.grade.word().to_owned(),
            right.subject.text(),
            right.allowed.verbs.clone(),
            right.allowed.what.clone(),
            right.allowed.names.clone(),
            place(&right.binding),
            right.binding.id.to_string(),
            right.role.to_string(),
        ];
        cells.into_iter().enumerate().filter(|(at, _)| keep(*at)).map(|(_, cell)| cell).collect()
    };
    let head: Vec<&'static str> =
        head.into_iter().enumerate().filter(|(at, _)| keep(*at)).map(|(_, name)| name).collect();
    vec![Part::heading(title), Part::table(&head, rights.iter().map(row).collect())]
}

fn place(binding: &Bound) -> String {
    binding.place.as_deref().unwrap_or("cluster").to_owned()
}

fn role_parts(asked: &Asked<'_>, namespace: &str, name: &str) -> Vec<Part> {
    let Some(role) = asked.access.role(namespace, name) else {
        return vec![Part::line("No such role was read, and no binding refers to it.")];
    };
    let mut parts = vec![Part::line(role.id.to_string()), Part::heading("Bound by:")];
    if role.bindings.is_empty() {
        parts.push(Part::line("  No binding that was read refers to it."));
    } else {
        let row = |bound: &Arc<Bound>| {
            let names: Vec<String> = bound.subjects.iter().map(Subject::text).collect();
            vec![bound.id.to_string(), place(bound), names.join(", ")]
        };
        let rows = role.bindings.iter().map(row).collect();
        parts.push(Part::table(&["BINDING", "WHERE", "SUBJECTS"], rows));
    }
    parts.push(Part::heading("Allows:"));
    match &role.state {
        RoleState::Read if role.rules.is_empty() => {
            parts.push(Part::line("  It has no rules and allows nothing."));
        }
        RoleState::Read => {
            let rows = role.rules.iter().map(|rule| rule_row(rule)).collect();
            parts.push(Part::table(&["VERBS", "WHAT", "ONLY", "OPENS"], rows));
        }
        RoleState::Absent => {
            parts.push(Part::line("  There is no such role: its bindings give nothing."));
        }
        RoleState::Unread(missing) => {
            parts.push(Part::line(format!("  Its rules are not known: {}", missing.reason)));
        }
    }
    parts
}

fn rule_row(rule: &Allowed) -> Vec<String> {
    let opens: Vec<&str> = rule.powers.iter().map(|power| power.reason()).collect();
    vec![rule.verbs.clone(), rule.what.clone(), rule.names.clone(), opens.join(", ")]
}

fn who_can(asked: &Asked<'_>, query: &Query) -> Vec<Part> {
    let answer = asked.access.who_can(query);
    let mut parts: Vec<Part> = asked.access.doubts(query).into_iter().map(Part::line).collect();
    if answer.rights.is_empty() {
        let known = answer.unknown.is_empty();
        let nobody = if known { "Nobody, by RBAC." } else { "Nobody that is known." };
        parts.push(Part::line(nobody));
    } else {
        parts.extend(rights(&format!("Who can {}:", query.text()), &answer.rights, true));
    }
    parts.push(Part::line("Group system:masters can as well: RBAC is not asked for its members."));
    parts
}

/// Reads `ServiceAccount/NS/NAME`, `User/NAME`, `Group/NAME`, `Role/NS/NAME` or `ClusterRole/NAME`, kinds
/// in any case and by kubectl's short names. None when it is none of these.
#[must_use]
pub fn parse(text: &str) -> Option<Question> {
    let (kind, rest) = text.split_once('/')?;
    if rest.is_empty() {
        return None;
    }
    let in_namespace =
        || rest.split_once('/').filter(|(ns, name)| !ns.is_empty() && !name.is_empty());
    Some(match kind.to_ascii_lowercase().as_str() {
        "user" => Question::Subject(match rest.strip_prefix("system:serviceaccount:") {
            Some(account) => {
                let (namespace, name) = account.split_once(':')?;
                Subject::Account { namespace: namespace.into(), name: name.into() }
            }
            None => Subject::User(rest.into()),
        }),
        "group" => Question::Subject(Subject::Group(rest.into())),
        "sa" | "serviceaccount" | "serviceaccounts" => {
            let (namespace, name) = in_namespace()?;
            Question::Subject(Subject::Account { namespace: namespace.into(), name: name.into() })
        }
        "role" | "roles" => {
            let (namespace, name) = in_namespace()?;
            Question::Role { namespace: namespace.to_owned(), name: name.to_owned() }
        }
        "clusterrole" | "clusterroles" => {
            Question::Role { namespace: String::new(), name: rest.to_owned() }
        }
        _ => return None,
    })
}

/// An object in JSON.
pub(super) fn object(id: &ObjectRef) -> serde_json::Value {
    serde_json::json!({
        "apiVersion": id.api_version, "kind": id.kind, "namespace": id.namespace, "name": id.name,
    })
}

#[cfg(test)]
mod tests;
