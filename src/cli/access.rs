//! `plimsoll access`: who may do what.

use std::sync::Arc;

use super::args::{AccessArgs, AnswerFormat};
use super::context::CommandContext;
use super::{CommandError, CommandResult, open, output, relations};
use crate::facts::access::{Access, Query};
use crate::model::inventory::Knowledge;
use crate::model::kinds::Kind;
use crate::report::access::{self, Asked, Question};

/// Reads what rights rest on, and answers.
///
/// # Errors
/// When the question means nothing, the role is certainly not there, or the source cannot be read.
pub fn run(context: &CommandContext, args: &AccessArgs) -> CommandResult {
    let question = question(args)?;
    output::vacant(args.answer.output_file.as_deref())?;
    let namespaces: Vec<String> = args.namespace.iter().cloned().collect();
    let inventory = Arc::new(open::seen(&args.source, Access::kinds(), &namespaces)?);
    relations::strange(&inventory, &namespaces);
    let facts = context.content.facts(Arc::clone(&inventory));
    let access = Access::of(&facts);
    if let Question::Role { namespace, name } = &question {
        let word = if namespace.is_empty() { "ClusterRole" } else { "Role" };
        let kind = Kind::new("rbac.authorization.k8s.io", word);
        let place = Some(namespace.as_str()).filter(|namespace| !namespace.is_empty());
        let sure = inventory.knows(&kind, place) == Knowledge::Complete;
        if access.role(namespace, name).is_none() && sure {
            let place = place.map(|place| format!(" in {place}")).unwrap_or_default();
            return Err(CommandError::Usage(format!("there is no {word} `{name}`{place} here")));
        }
    }
    let asked = Asked {
        access: &access,
        source: &inventory.source,
        namespace: args.namespace.as_deref(),
        platform: args.include_platform,
        question: &question,
    };
    match args.answer.output {
        AnswerFormat::Json => relations::document(&access::json(&asked), &args.answer),
        AnswerFormat::Table => relations::tell(context, &access::parts(&asked), &args.answer),
    }
}

fn question(args: &AccessArgs) -> Result<Question, CommandError> {
    if let Some(text) = &args.who_can {
        let words: Vec<&str> = text.split_whitespace().collect();
        let asked = match words.as_slice() {
            [verb, resource] => Query::new(verb, resource, args.namespace.as_deref()),
            _ => None,
        };
        let wrong = || {
            format!(
                "--who-can takes a verb and a resource, such as 'get secrets'; this is `{text}`"
            )
        };
        return asked.map(Question::WhoCan).ok_or_else(|| CommandError::Usage(wrong()));
    }
    let Some(who) = &args.who else {
        return Ok(if args.roles { Question::Roles } else { Question::Subjects });
    };
    access::parse(who).ok_or_else(|| {
        CommandError::Usage(format!(
            "`{who}` names nobody: write ServiceAccount/NS/NAME, User/NAME, Group/NAME, Role/NS/NAME or \
             ClusterRole/NAME"
        ))
    })
}
