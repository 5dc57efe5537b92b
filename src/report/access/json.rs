//! The JSON contract of `plimsoll access`.

use serde_json::{Value, json};

use super::{Asked, Question, can, grade_word, held, object};
use crate::facts::access::{Ability, Holder, Right, RoleState, RoleUse, Subject};
use crate::model::read::Missing;
use crate::report::harmless::harmless;

/// Format of the document.
pub const SCHEMA: &str = "plimsoll.access/v1";

/// The answer as indented JSON with a final newline. Lists that the question does not ask for are
/// not there.
#[must_use]
pub fn json(asked: &Asked<'_>) -> String {
    let access = asked.access;
    let mut document = json!({
        "schema": SCHEMA,
        "tool": {"version": env!("CARGO_PKG_VERSION")},
        "source": asked.source,
        "namespace": asked.namespace,
        "question": question(asked.question),
        "notKnown": asked.unknown().iter().map(|missing| missed(missing)).collect::<Value>(),
    });
    let mut put = |name: &str, value: Value| {
        if let Some(map) = document.as_object_mut() {
            map.insert(name.to_owned(), value);
        }
    };
    let rights = |rights: Vec<Right>| rights.iter().map(right).collect::<Value>();
    match asked.question {
        Question::Subjects => {
            let (shown, hidden) = asked.holders();
            put("subjects", shown.iter().map(|h| holder(asked, h)).collect());
            put("hidden", hidden.into());
        }
        Question::Roles => {
            let (shown, hidden) = asked.roles();
            put("roles", shown.iter().map(|role| self::role(role)).collect());
            put("hidden", hidden.into());
        }
        Question::Subject(of) => {
            put("subjects", access.holder(of).iter().map(|h| holder(asked, h)).collect());
            put("rights", rights(held(asked, access.rights(of))));
            put("rightsThroughGroups", rights(held(asked, access.rights_through_groups(of))));
        }
        Question::Role { namespace, name } => {
            put("roles", access.role(namespace, name).iter().map(|r| self::role(r)).collect());
        }
        Question::WhoCan(query) => {
            put("rights", rights(access.who_can(query).rights));
            put("doubts", access.doubts(query).into());
        }
    }
    harmless(format!("{document:#}\n"))
}

fn question(question: &Question) -> Value {
    match question {
        Question::Subjects => json!({"kind": "subjects"}),
        Question::Roles => json!({"kind": "roles"}),
        Question::Subject(of) => json!({"kind": "subject", "subject": subject(of)}),
        Question::Role { namespace, name } => {
            let namespace = Some(namespace).filter(|namespace| !namespace.is_empty());
            json!({"kind": "role", "namespace": namespace, "name": name})
        }
        Question::WhoCan(query) => json!({
            "kind": "who-can", "verb": query.verb, "resource": query.resource, "group": query.group,
            "namespace": query.namespace,
        }),
    }
}

/// What could not be read.
pub(in crate::report) fn missed(missing: &Missing) -> Value {
    json!({
        "read": missing.read, "namespace": missing.namespace, "status": missing.status.word(),
        "reason": missing.reason,
    })
}

fn subject(subject: &Subject) -> Value {
    match subject {
        Subject::Account { namespace, name } => {
            json!({"kind": "ServiceAccount", "namespace": namespace, "name": name})
        }
        Subject::User(name) => json!({"kind": "User", "namespace": null, "name": name}),
        Subject::Group(name) => json!({"kind": "Group", "namespace": null, "name": name}),
        Subject::Invalid => Value::Null,
    }
}

fn ability(ability: &Ability) -> Value {
    json!({
        "grade": ability.grade.word(), "text": can(ability), "namespace": ability.place,
        "namespaces": ability.places, "through": ability.through.as_ref().map(subject),
    })
}

fn holder(asked: &Asked<'_>, holder: &Holder) -> Value {
    let runs = holder
        .runs
        .iter()
        .map(|runner| json!({"object": object(&runner.id), "token": runner.mounted}));
    json!({
        "subject": subject(&holder.subject),
        "grade": grade_word(holder),
        "can": holder.abilities.iter().map(ability).collect::<Value>(),
        "cluster": holder.reach.cluster,
        "namespaces": holder.reach.namespaces,
        "bindings": holder.bindings,
        "runs": runs.collect::<Value>(),
        "path": asked.access.path(holder),
        "builtin": holder.builtin,
        "unknown": holder.unknown.as_ref().map(|missing| &missing.reason),
    })
}

fn right(right: &Right) -> Value {
    json!({
        "subject": subject(&right.subject),
        "grade": right.grade.word(),
        "verbs": right.allowed.verbs,
        "what": right.allowed.what,
        "only": right.allowed.names,
        "namespace": right.binding.place,
        "binding": object(&right.binding.id),
        "role": object(&right.role),
        "rule": right.rule,
        "builtin": right.builtin,
    })
}

fn role(role: &RoleUse) -> Value {
    let rules = role.rules.iter().map(|rule| {
        let opens: Vec<&str> = rule.powers.iter().map(|power| power.reason()).collect();
        json!({"verbs": rule.verbs, "what": rule.what, "only": rule.names, "opens": opens})
    });
    let bindings = role.bindings.iter().map(|bound| {
        let subjects = bound.subjects.iter().map(subject).collect::<Value>();
        json!({"binding": object(&bound.id), "namespace": bound.place, "subjects": subjects})
    });
    let (state, reason) = match &role.state {
        RoleState::Read => ("read", None),
        RoleState::Absent => ("absent", None),
        RoleState::Unread(missing) => ("not-read", Some(&missing.reason)),
    };
    json!({
        "role": object(&role.id),
        "state": state,
        "reason": reason,
        "gives": role.worst.as_ref().map(ability),
        "subjects": role.subjects,
        "rules": rules.collect::<Value>(),
        "bindings": bindings.collect::<Value>(),
        "builtin": role.builtin,
    })
}
