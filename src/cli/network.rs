//! `plimsoll network`: who is isolated, and who reaches whom.

use std::sync::Arc;

use super::args::{AnswerFormat, NetworkArgs};
use super::context::CommandContext;
use super::{CommandError, CommandResult, open, output, relations};
use crate::facts::network::Network;
use crate::model::kinds::{self, Kind};
use crate::report::network::{self, Asked};

/// Reads what isolation rests on, and answers.
///
/// # Errors
/// When the workload is none that is here, or the source cannot be read.
pub fn run(context: &CommandContext, args: &NetworkArgs) -> CommandResult {
    let workload = args.workload.as_deref().map(workload).transpose()?;
    output::vacant(args.answer.output_file.as_deref())?;
    let inventory = Arc::new(open::seen(&args.source, Network::kinds(), &args.namespace)?);
    relations::strange(&inventory, &args.namespace);
    let facts = context.content.facts(Arc::clone(&inventory));
    let network = Network::of(&facts);
    let asked = Asked {
        network: &network,
        source: &inventory.source,
        namespaces: &args.namespace,
        workload: workload.as_ref().map(|(kind, name)| (kind, name.as_str())),
    };
    if let (Some((kind, name)), true) = (&workload, asked.is_empty()) {
        let place = match &args.namespace[..] {
            [] => String::new(),
            some => format!(" in {}", some.join(", ")),
        };
        let hint = "; pods are found by the workload that made them";
        return Err(CommandError::Usage(format!(
            "no {} `{name}`{place} runs here{hint}",
            kind.kind
        )));
    }
    match args.answer.output {
        AnswerFormat::Json => {
            let file = args.answer.output_file.as_deref();
            output::deliver_as(file, |out| network::write(&asked, out))?;
            Ok(0)
        }
        AnswerFormat::Table => relations::tell(context, &network::parts(&asked), &args.answer),
    }
}

/// Reads `deploy/cart`.
fn workload(text: &str) -> Result<(Kind, String), CommandError> {
    let wrong = || {
        CommandError::Usage(format!(
            "`{text}` is no workload: write KIND/NAME, such as deploy/cart"
        ))
    };
    let (kind, name) =
        text.split_once('/').filter(|(_, name)| !name.is_empty()).ok_or_else(wrong)?;
    let kind = kinds::lookup(kind).ok_or_else(wrong)?;
    Ok((kind.kind(), name.to_owned()))
}
