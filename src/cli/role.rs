//! `plimsoll role`: the rights that a selection needs, as objects to apply.
//!
//! They are told by what a scan with the same selection would ask for ([`cluster::presumed`],
//! [`cluster::discovered`]); nothing here knows a resource of its own.

mod document;
mod notes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::args::{Allow, RoleArgs, RoleFormat, RolePurpose};
use super::asked::ScanOrder;
use super::context::CommandContext;
use super::{CommandError, CommandResult, open, output, profiles, tenants};
use crate::assess::{self, tenants::Tenant};
use crate::checks::Plan;
use crate::cluster::{self, ConnectOptions, ReadRequest, Rights};
use crate::model::kinds::Kind;
use crate::model::naming::{is_group, is_label, is_segment, no_namespace};
use crate::session::run::Selection;
use document::{RoleBinding, RoleDocument, RoleObject, RoleSubject};

/// Checks by the kinds that they look at.
type Needs = BTreeMap<Kind, BTreeSet<Arc<str>>>;

/// Prints the role.
///
/// # Errors
/// When the selection, a name or a subject means nothing, or the cluster that was to be asked cannot
/// be reached.
pub fn run(context: &CommandContext, args: &RoleArgs) -> CommandResult {
    path_name(&args.name)?;
    let subjects = subjects(args)?;
    let wanted = Wanted::of(context, args)?;
    for namespace in &wanted.namespaces {
        label(namespace)?;
    }
    if args.namespaced && wanted.namespaces.is_empty() {
        let text = "--namespaced needs the namespaces by name: give -n, or a profile that names \
                    them in full";
        return Err(CommandError::Usage(text.to_owned()));
    }
    let request = open::asking(&args.allow, wanted.kinds, &wanted.namespaces);
    let rights = rights(args, &request)?;
    let notes = notes::RoleNotes { args, rights: &rights, needs: &wanted.needs };
    let document = RoleDocument {
        head: notes.head(&wanted.namespaces),
        roles: roles(args, &rights, &wanted.namespaces, &notes),
        bindings: bindings(args, &wanted.namespaces, &subjects),
    };
    let text = match args.output {
        RoleFormat::Yaml => document.yaml(),
        RoleFormat::Json => {
            for line in notes.left() {
                output::complain(&format!("plimsoll: {line}"));
            }
            document.json()
        }
    };
    output::print(&if context.ascii { output::ascii(&text) } else { text })?;
    Ok(0)
}

/// What is to be read, as a scan would have it.
struct Wanted {
    kinds: Vec<Kind>,
    namespaces: Vec<String>,
    needs: Needs,
}

impl Wanted {
    fn of(context: &CommandContext, args: &RoleArgs) -> Result<Self, CommandError> {
        let mut tenants = profiles::chosen(context, &args.profile.profile)?.whole()?;
        let mut wanted = if tenants.len() > 1 {
            Self::of_all(context, &tenants)?
        } else {
            Self::of_one(context, args, tenants.pop())?
        };
        if args.purpose != RolePurpose::Scan {
            let content = &context.content;
            wanted.kinds = assess::held(content)?;
            let everything = content.choose(&Selection::default())?;
            wanted.needs = content.plan(&everything).needs();
        }
        Ok(wanted)
    }

    fn of_one(
        context: &CommandContext,
        args: &RoleArgs,
        tenant: Option<Tenant>,
    ) -> Result<Self, CommandError> {
        let asked = ScanOrder::by(context, &args.selection, tenant);
        let chosen = asked.content.choose(&asked.selection)?;
        let (kinds, namespaces) = (asked.kinds(&chosen), asked.namespaces());
        Ok(Self { kinds, namespaces, needs: asked.content.plan(&chosen).needs() })
    }

    fn of_all(context: &CommandContext, all: &[Tenant]) -> Result<Self, CommandError> {
        let mut needs = Needs::new();
        for (kind, checks) in tenants::plans(&context.content, all)?.iter().flat_map(Plan::needs) {
            needs.entry(kind).or_default().extend(checks);
        }
        let kinds = needs.keys().cloned().collect();
        Ok(Self { kinds, namespaces: tenants::names(all), needs })
    }
}

/// The rights of a reading, by what is known here or by what the cluster says.
fn rights(args: &RoleArgs, request: &ReadRequest) -> Result<Rights, CommandError> {
    let watched = args.purpose == RolePurpose::Workbench;
    if !args.discover {
        if args.allow.contains(&Allow::AllKinds) {
            let text = "which kinds --allow all-kinds means only the cluster tells: add --discover";
            return Err(CommandError::Usage(text.to_owned()));
        }
        return Ok(cluster::presumed(request, watched));
    }
    let options = ConnectOptions {
        kubeconfig: args.kubeconfig.clone(),
        context: args.context.clone(),
        ..ConnectOptions::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let asked = async {
        let awaited = options.kubeconfig.as_deref().and_then(open::awaited);
        let prepared = cluster::prepare(&options).await?;
        drop(awaited);
        for notice in prepared.notices() {
            output::complain(&format!("plimsoll: {}: {notice}", prepared.context()));
        }
        let connection = super::open::connected(prepared).await?;
        cluster::discovered(&connection, request, watched).await
    };
    runtime.block_on(asked).map_err(|error| CommandError::Source(error.to_string()))
}

/// The cluster role, and one role in each namespace.
fn roles(
    args: &RoleArgs,
    rights: &Rights,
    namespaces: &[String],
    notes: &notes::RoleNotes<'_>,
) -> Vec<RoleObject> {
    let mut roles = Vec::new();
    if !args.namespaced {
        let mut rules = notes.rules(&rights.wide);
        rules.extend(notes.paths());
        roles.push(RoleObject { namespace: None, name: args.name.clone(), rules });
    }
    for namespace in namespaces {
        let mut all = rights.narrow.clone();
        if args.namespaced {
            all.extend(rights.alone.iter().cloned());
            all.sort();
        }
        let rules = notes.rules(&all);
        if !rules.is_empty() {
            let namespace = Some(namespace.clone());
            roles.push(RoleObject { namespace, name: args.name.clone(), rules });
        }
    }
    roles
}

fn bindings(args: &RoleArgs, namespaces: &[String], subjects: &[RoleSubject]) -> Vec<RoleBinding> {
    if subjects.is_empty() {
        return Vec::new();
    }
    let wide = (!args.namespaced).then_some(None);
    let places = wide.into_iter().chain(namespaces.iter().map(|name| Some(name.clone())));
    let bind =
        |namespace| RoleBinding { namespace, name: args.name.clone(), subjects: subjects.to_vec() };
    places.map(bind).collect()
}

/// Whom the command line binds the role to.
fn subjects(args: &RoleArgs) -> Result<Vec<RoleSubject>, CommandError> {
    let named = |kind: &'static str| {
        move |name: &String| match name.trim() {
            "" => Err(CommandError::Usage(format!("the {kind} to bind to has no name"))),
            _ => Ok(RoleSubject { kind, namespace: None, name: name.clone() }),
        }
    };
    let account = |text: &String| {
        let form = || {
            let text = format!("`{text}` is no service account; write NAMESPACE/NAME");
            CommandError::Usage(text)
        };
        let (namespace, name) = text.split_once('/').ok_or_else(form)?;
        label(namespace)?;
        let fine = is_group(name);
        let namespace = Some(namespace.to_owned());
        let subject = RoleSubject { kind: "ServiceAccount", namespace, name: name.to_owned() };
        fine.then_some(subject).ok_or_else(form)
    };
    let users = args.bind_user.iter().map(named("User"));
    let groups = args.bind_group.iter().map(named("Group"));
    users.chain(groups).chain(args.bind_service_account.iter().map(account)).collect()
}

/// Holds that a text can be the name of a namespace.
fn label(text: &str) -> Result<(), CommandError> {
    if is_label(text) { Ok(()) } else { Err(CommandError::Usage(no_namespace(text))) }
}

/// Holds that a text can be the name of a role, which may hold anything that a path may.
fn path_name(text: &str) -> Result<(), CommandError> {
    let odd = |c: char| !crate::text::is_safe(c);
    if text.len() > 253 || !is_segment(text) || text.contains(odd) {
        return Err(CommandError::Usage(format!("`{text}` cannot be the name of a role")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_a_server_takes() {
        assert!(path_name("plimsoll").is_ok() && path_name("system:plimsoll").is_ok());
        for wrong in ["", ".", "..", "a/b", "a%b", "a\nb", "a\u{202e}b"] {
            assert!(path_name(wrong).is_err(), "{wrong:?}");
        }
    }
}
