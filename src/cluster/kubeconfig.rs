//! Kubeconfig files: which are read, how they are merged, what contexts they hold.

mod fields;
mod places;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kube::config::Kubeconfig;

use super::error::{Trouble, UserError};
use crate::text::is_safe;
use crate::text::nearest::distance;

pub(super) use fields::acting;
pub(super) use places::{KubeconfigPaths, parse};

/// A context of the kubeconfig, for choosing one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContextInfo {
    /// The context's name.
    pub name: String,
    /// The cluster entry it names.
    pub cluster: String,
    /// The user entry it names, if any.
    pub user: Option<String>,
    /// Its default namespace, if set.
    pub namespace: Option<String>,
    /// The server's URL, if the cluster entry exists.
    pub server: Option<String>,
    /// The credential plugin that is run to connect, with its arguments, masked; none where the
    /// user's entry holds credentials itself.
    pub plugin: Option<String>,
}

/// All contexts, in the order of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contexts {
    /// The current context, if one is set.
    pub current: Option<String>,
    /// Every context.
    pub all: Vec<ContextInfo>,
    /// The files they come from.
    pub files: Vec<PathBuf>,
    /// By user, the credential plugin that is run, where one is.
    pub(super) plugins: BTreeMap<String, String>,
}

impl Contexts {
    /// A context as another user opens it (`--user`), with what is run for that user's credentials.
    #[must_use]
    pub fn as_user(&self, context: ContextInfo, user: &str) -> ContextInfo {
        let plugin = self.plugins.get(user).cloned();
        ContextInfo { user: Some(user.to_owned()), plugin, ..context }
    }
}

/// The merged kubeconfig and where it came from.
pub(super) struct Loaded {
    pub config: Kubeconfig,
    pub files: Vec<PathBuf>,
    /// The file that each entry is from, by its sort and name.
    pub origins: BTreeMap<(&'static str, String), PathBuf>,
}

impl Loaded {
    /// The file that an entry is from, as messages name it.
    fn origin(&self, sort: &'static str, name: &str) -> String {
        let found = self.origins.get(&(sort, name.to_owned()));
        found.map_or_else(|| self.place(), |file| file.display().to_string())
    }

    /// What to choose from.
    pub(super) fn contexts(&self) -> Contexts {
        let server = |cluster: &str| {
            let found = self.config.clusters.iter().find(|named| named.name == cluster)?;
            found.cluster.as_ref()?.server.clone()
        };
        let users = self.config.auth_infos.iter().map(|named| &named.name);
        let plugins: BTreeMap<String, String> =
            users.filter_map(|user| Some((user.clone(), self.plugin(user)?))).collect();
        let info = |named: &kube::config::NamedContext| {
            let context = named.context.clone().unwrap_or_default();
            ContextInfo {
                name: named.name.clone(),
                server: server(&context.cluster).map(|url| super::caution::shown(&url)),
                plugin: context.user.as_deref().and_then(|user| plugins.get(user).cloned()),
                cluster: context.cluster,
                user: context.user,
                namespace: context.namespace.filter(|namespace| !namespace.is_empty()),
            }
        };
        Contexts {
            current: self.config.current_context.clone().filter(|name| !name.is_empty()),
            all: self.config.contexts.iter().map(info).collect(),
            files: self.files.clone(),
            plugins,
        }
    }

    /// The command line of the plugin that gives a user its credentials.
    fn plugin(&self, user: &str) -> Option<String> {
        let found = self.config.auth_infos.iter().find(|named| named.name == user)?;
        let auth = found.auth_info.as_ref().filter(|auth| !super::credentials::stand_in(auth))?;
        auth.exec.as_ref().map(super::caution::command)
    }

    /// The context to use: the one asked for, else the current one.
    pub(super) fn choose(&self, asked: Option<&str>) -> Result<ContextInfo, UserError> {
        let contexts = self.contexts();
        let names: Vec<&str> = contexts.all.iter().map(|context| context.name.as_str()).collect();
        let Some(name) = asked.or(contexts.current.as_deref()) else {
            return Err(UserError::new(
                Trouble::Context,
                "no context chosen",
                format!("{} sets no current-context", self.place()),
                if names.is_empty() {
                    "It holds no context: name another file with --kubeconfig.".to_owned()
                } else {
                    format!("Choose one with --context: {}.", listed(&names))
                },
            ));
        };
        contexts
            .all
            .iter()
            .find(|context| context.name == name)
            .cloned()
            .ok_or_else(|| self.unknown("context", name, &names))
    }

    /// Checks that `--cluster` and `--user`, or what the context names, exist.
    pub(super) fn check(
        &self,
        context: &ContextInfo,
        cluster: Option<&str>,
        user: Option<&str>,
    ) -> Result<(), UserError> {
        let clusters: Vec<&str> = self.config.clusters.iter().map(|c| c.name.as_str()).collect();
        let users: Vec<&str> = self.config.auth_infos.iter().map(|u| u.name.as_str()).collect();
        let wanted = cluster.unwrap_or(&context.cluster);
        if !clusters.contains(&wanted) {
            return Err(self.unknown("cluster", wanted, &clusters));
        }
        let wanted = user.or(context.user.as_deref()).filter(|name| !name.is_empty());
        match wanted {
            Some(name) if !users.contains(&name) => Err(self.unknown("user", name, &users)),
            _ => Ok(()),
        }
    }

    fn unknown(&self, sort: &str, name: &str, known: &[&str]) -> UserError {
        let next = nearest(name, known).map_or_else(
            || format!("Known: {}.", listed(known)),
            |near| format!("Did you mean {near:?}? Known: {}.", listed(known)),
        );
        let why = format!("{} has no {sort} of that name", self.place());
        UserError::new(Trouble::Context, format!("unknown {sort} {name:?}"), why, next)
    }

    fn place(&self) -> String {
        if self.files.is_empty() {
            return "the service account of this pod".to_owned();
        }
        let names: Vec<String> = self.files.iter().map(|path| path.display().to_string()).collect();
        names.join(", ")
    }
}

/// Lists the contexts of the kubeconfig (`--kubeconfig`, else `$KUBECONFIG`, else
/// `~/.kube/config`).
///
/// # Errors
/// When no file exists or one cannot be read.
pub fn contexts(kubeconfig: Option<&Path>) -> Result<Contexts, UserError> {
    Ok(KubeconfigPaths::of_process(kubeconfig).load()?.contexts())
}

/// A few of the names, with commas between: those that would not look like one name are quoted.
pub(super) fn listed(names: &[&str]) -> String {
    const MOST: usize = 12;
    if names.is_empty() {
        return "none".to_owned();
    }
    let apart = |c: char| matches!(c, ',' | '"') || c.is_whitespace() || !is_safe(c);
    let one = |name: &&str| {
        if name.is_empty() || name.contains(apart) {
            format!("{name:?}")
        } else {
            (*name).to_owned()
        }
    };
    let shown: Vec<String> = names.iter().take(MOST).map(one).collect();
    let rest = names.len().saturating_sub(MOST);
    let more = if rest == 0 { String::new() } else { format!(" and {rest} more") };
    format!("{}{more}", shown.join(", "))
}

/// The known name that is most like `name`, if any is like it at all.
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let far = |candidate: &str| {
        let (a, b) = (name.to_lowercase(), candidate.to_lowercase());
        if a.is_empty() || b.is_empty() {
            return None;
        }
        if b.contains(&a) || a.contains(&b) {
            return Some(1);
        }
        // What would have to be written anew from end to end has nothing of the name.
        Some(distance(&a, &b)).filter(|far| *far < a.chars().count().max(b.chars().count()))
    };
    let limit = name.chars().count() / 3 + 1;
    let near = known.iter().filter_map(|k| Some((far(k)?, *k)));
    near.filter(|(d, _)| *d <= limit).min().map(|(_, k)| k)
}

#[cfg(test)]
mod tests;
