//! Kubeconfig files: which are read, how they are merged, what contexts they hold.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use kube::config::{Kubeconfig, KubeconfigError};

use super::error::{Trouble, UserError};
use super::pod::Pod;
use crate::handwritten;

/// Largest kubeconfig, in bytes: a thousand clusters with their certificates.
const LARGEST: u64 = 16 << 20;

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
}

/// The merged kubeconfig and where it came from.
pub(super) struct Loaded {
    pub config: Kubeconfig,
    pub files: Vec<PathBuf>,
}

/// Where to look for kubeconfig files.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    pub explicit: Option<PathBuf>,
    pub variable: Option<OsString>,
    pub home: Option<PathBuf>,
    /// The pod whose service account stands in where there is no file.
    pub pod: Option<Pod>,
}

impl Places {
    /// `--kubeconfig`, `$KUBECONFIG`, the home directory and the pod of this process.
    pub(super) fn of_process(explicit: Option<&Path>) -> Self {
        Self {
            explicit: explicit.map(Path::to_owned),
            variable: std::env::var_os("KUBECONFIG").filter(|value| !value.is_empty()),
            home: std::env::home_dir(),
            pod: Pod::of_process(),
        }
    }

    /// The files to read, and whether each of them may be missing.
    fn files(&self) -> (Vec<PathBuf>, &'static str) {
        if let Some(path) = &self.explicit {
            return (vec![path.clone()], "given with --kubeconfig");
        }
        let listed: Vec<PathBuf> = self
            .variable
            .iter()
            .flat_map(std::env::split_paths)
            .filter(|path| !path.as_os_str().is_empty())
            .collect();
        if !listed.is_empty() {
            return (listed, "named by $KUBECONFIG");
        }
        (self.home.iter().map(|home| home.join(".kube/config")).collect(), "the default")
    }

    /// Reads and merges them. As with kubectl, files of a list may be missing, but not all, unless
    /// this runs in a pod: then its service account is used. A file that was asked for by name is
    /// never replaced by it.
    pub(super) fn load(&self) -> Result<Loaded, UserError> {
        let (paths, origin) = self.files();
        let mut config: Option<Kubeconfig> = None;
        let mut files = Vec::new();
        for path in &paths {
            if !path.exists() {
                continue;
            }
            let bytes = handwritten::bytes(path, LARGEST).map_err(|source| {
                unreadable(path, &KubeconfigError::ReadConfig(source, path.clone()))
            })?;
            let next = parse(path, &bytes).map_err(|error| unreadable(path, &error))?;
            config = Some(match config {
                None => next,
                Some(first) => first.merge(next).map_err(|error| unreadable(path, &error))?,
            });
            files.push(path.clone());
        }
        if config.is_none() && self.explicit.is_none() {
            config = self.pod.as_ref().map(Pod::kubeconfig);
        }
        config.map(|config| Loaded { config, files }).ok_or_else(|| missing(&paths, origin))
    }
}

/// Reads what stands in the kubeconfig `path`. Files that it names relative to itself are named in
/// full, and so are plugins whose command holds a separator, as with kubectl.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Kubeconfig, KubeconfigError> {
    let text = decode(bytes).map_err(|why| {
        let source = std::io::Error::new(std::io::ErrorKind::InvalidData, why);
        KubeconfigError::ReadConfig(source, path.to_owned())
    })?;
    let mut config = Kubeconfig::from_yaml(&text)?;
    let Some(dir) = path.parent() else { return Ok(config) };
    let full = |name: &mut Option<String>| {
        let relative = name.as_ref().filter(|name| Path::new(name).is_relative());
        if let Some(path) = relative.and_then(|name| dir.join(name).to_str().map(str::to_owned)) {
            *name = Some(path);
        }
    };
    for cluster in config.clusters.iter_mut().filter_map(|named| named.cluster.as_mut()) {
        full(&mut cluster.certificate_authority);
    }
    for user in config.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut()) {
        full(&mut user.client_certificate);
        full(&mut user.client_key);
        full(&mut user.token_file);
        if let Some(plugin) = &mut user.exec
            && plugin.command.as_ref().is_some_and(|name| name.contains(std::path::MAIN_SEPARATOR))
        {
            full(&mut plugin.command);
        }
    }
    Ok(config)
}

/// The text of a file, which on some systems tools write as UTF-16.
fn decode(bytes: &[u8]) -> Result<String, &'static str> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks();
        let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        let text = String::from_utf16(&units).ok().filter(|_| rest.is_empty());
        text.ok_or("it is no UTF-16 text, as which it is marked")
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] | rest => {
            std::str::from_utf8(rest).map(str::to_owned).map_err(|_| "it is no UTF-8 text")
        }
    }
}

fn missing(paths: &[PathBuf], origin: &str) -> UserError {
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let why = match names.as_slice() {
        [] => "no home directory is known to look for .kube/config in".to_owned(),
        [one] => format!("{one} ({origin}) does not exist"),
        many => format!("none of {} ({origin}) exists", many.join(", ")),
    };
    UserError::new(
        Trouble::Kubeconfig,
        "no kubeconfig found",
        why,
        "Name one with --kubeconfig or $KUBECONFIG, or assess manifests with --file, a capture \
         with --snapshot, or try `plimsoll demo`.",
    )
}

fn unreadable(path: &Path, error: &KubeconfigError) -> UserError {
    let (place, why) = match error {
        KubeconfigError::Parse(cause) => {
            let place = cause
                .location()
                .filter(|at| at.line() > 0)
                .map(|at| format!(":{}:{}", at.line(), at.column()));
            // The parser appends a picture of the source, which may hold credentials.
            let text = cause.without_snippet().to_string();
            (place.unwrap_or_default(), text.lines().next().unwrap_or_default().to_owned())
        }
        KubeconfigError::ReadConfig(cause, _) => (String::new(), cause.to_string()),
        other => (String::new(), other.to_string()),
    };
    UserError::new(
        Trouble::Kubeconfig,
        format!("cannot read the kubeconfig {}{place}", path.display()),
        why,
        "Mend the file (`kubectl config view` must accept it) or name another with --kubeconfig.",
    )
}

impl Loaded {
    /// What to choose from.
    pub(super) fn contexts(&self) -> Contexts {
        let server = |cluster: &str| {
            let found = self.config.clusters.iter().find(|named| named.name == cluster)?;
            found.cluster.as_ref()?.server.clone()
        };
        let info = |named: &kube::config::NamedContext| {
            let context = named.context.clone().unwrap_or_default();
            ContextInfo {
                name: named.name.clone(),
                server: server(&context.cluster).map(|url| super::caution::shown(&url)),
                plugin: context.user.as_deref().and_then(|user| self.plugin(user)),
                cluster: context.cluster,
                user: context.user,
                namespace: context.namespace.filter(|namespace| !namespace.is_empty()),
            }
        };
        Contexts {
            current: self.config.current_context.clone().filter(|name| !name.is_empty()),
            all: self.config.contexts.iter().map(info).collect(),
            files: self.files.clone(),
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
    Ok(Places::of_process(kubeconfig).load()?.contexts())
}

pub(super) fn listed(names: &[&str]) -> String {
    const MOST: usize = 12;
    if names.is_empty() {
        return "none".to_owned();
    }
    let shown: Vec<&str> = names.iter().take(MOST).copied().collect();
    let rest = names.len().saturating_sub(MOST);
    let more = if rest == 0 { String::new() } else { format!(" and {rest} more") };
    format!("{}{more}", shown.join(", "))
}

/// The known name that is most like `name`, if any is like it at all.
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let distance = |candidate: &str| {
        let (a, b) = (name.to_lowercase(), candidate.to_lowercase());
        if !a.is_empty() && (b.contains(&a) || a.contains(&b)) { 1 } else { edits(&a, &b) }
    };
    let limit = name.chars().count() / 3 + 1;
    known.iter().map(|k| (distance(k), *k)).filter(|(d, _)| *d <= limit).min().map(|(_, k)| k)
}

/// Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        let mut left = i + 1;
        for (pair, y) in row.windows(2).zip(&b) {
            let (diagonal, above) = match pair {
                [diagonal, above] => (*diagonal, *above),
                _ => continue,
            };
            left = (diagonal + usize::from(x != *y)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "
apiVersion: v1
kind: Config
current-context: prod-eu
contexts:
- name: prod-eu
  context: {cluster: eu, user: ann, namespace: pay}
- name: prod-us
  context: {cluster: us, user: ann}
clusters:
- name: eu
  cluster: {server: https://eu.example.invalid}
users:
- name: ann
  user: {token: s3cr3t}
";

    fn places(dir: &tempfile::TempDir, files: &[(&str, &str)]) -> Places {
        let mut paths = Vec::new();
        for (name, text) in files {
            let path = dir.path().join(name);
            if !text.is_empty() {
                std::fs::write(&path, text).unwrap();
            }
            paths.push(path);
        }
        let variable = Some(std::env::join_paths(paths).unwrap());
        Places { variable, ..Places::default() }
    }

    #[test]
    fn a_list_of_files_is_merged_first_wins_and_missing_ones_are_skipped() {
        let dir = tempfile::tempdir().unwrap();
        let second = "contexts:\n- name: lab\n  context: {cluster: lab, user: ann}\n\
                      current-context: lab\n";
        let loaded = places(&dir, &[("none", ""), ("a", GOOD), ("b", second)]).load().unwrap();
        let contexts = loaded.contexts();
        assert_eq!(contexts.current.as_deref(), Some("prod-eu"));
        let names: Vec<&str> = contexts.all.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["prod-eu", "prod-us", "lab"]);
        assert_eq!(contexts.all[0].server.as_deref(), Some("https://eu.example.invalid"));
        assert_eq!(contexts.all[0].namespace.as_deref(), Some("pay"));
        assert_eq!(contexts.files.len(), 2);
    }

    #[test]
    fn no_file_at_all_names_every_place() {
        let dir = tempfile::tempdir().unwrap();
        let error = places(&dir, &[("x", ""), ("y", "")]).load().err().unwrap();
        assert_eq!(error.trouble, Trouble::Kubeconfig);
        assert!(error.why.contains("/x") && error.why.contains("/y"), "{error}");
        assert!(error.next.contains("--kubeconfig"), "{error}");
    }

    #[test]
    fn in_a_pod_its_service_account_stands_in_for_a_file_that_nobody_named() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("token"), "t").unwrap();
        let pod = Pod { host: "10.0.0.1".into(), port: 443, mount: dir.path().into() };
        let inside = Places { pod: Some(pod), ..places(&dir, &[("x", "")]) };
        let loaded = inside.load().unwrap();
        let context = loaded.choose(None).unwrap();
        assert_eq!(
            (&*context.name, context.server.as_deref()),
            ("in-cluster", Some("https://10.0.0.1:443"))
        );
        assert!(loaded.check(&context, None, None).is_ok());
        let error = loaded.choose(Some("prod")).unwrap_err();
        assert!(error.why.contains("the service account of this pod"), "{error}");
        // A kubeconfig that is there wins, and one that was named must be there.
        let beside = Places { pod: inside.pod.clone(), ..places(&dir, &[("a", GOOD)]) };
        assert_eq!(beside.load().unwrap().choose(None).unwrap().name, "prod-eu");
        let named = Places { explicit: Some(dir.path().join("none")), ..inside };
        assert_eq!(named.load().err().unwrap().trouble, Trouble::Kubeconfig);
    }

    #[test]
    fn a_broken_file_is_named_with_line_and_column_and_shows_no_secret() {
        let dir = tempfile::tempdir().unwrap();
        let text = "apiVersion: v1\nusers:\n- name: a\n  user: {token: s3cr3t\ncontexts: 7\n";
        let error = places(&dir, &[("broken", text)]).load().err().unwrap();
        let shown = error.to_string();
        assert!(error.what.contains("broken:"), "{shown}");
        assert!(!shown.contains("s3cr3t"), "{shown}");
        let wrong = "apiVersion: v1\ncontexts: 7\n";
        let error = places(&dir, &[("wrong", wrong)]).load().err().unwrap();
        assert!(error.what.ends_with("wrong:2:11"), "{error}");
    }

    #[test]
    fn an_unknown_context_suggests_the_nearest() {
        let dir = tempfile::tempdir().unwrap();
        let loaded = places(&dir, &[("a", GOOD)]).load().unwrap();
        let error = loaded.choose(Some("prod-uz")).unwrap_err();
        assert!(error.next.contains("Did you mean \"prod-"), "{error}");
        let error = loaded.choose(Some("zzz")).unwrap_err();
        assert!(!error.next.contains("Did you mean"), "{error}");
        assert!(error.next.contains("prod-eu, prod-us"), "{error}");
        assert_eq!(loaded.choose(None).unwrap().name, "prod-eu");
    }

    #[test]
    fn the_plugin_of_a_context_is_known_before_it_runs_and_shows_no_secret() {
        let dir = tempfile::tempdir().unwrap();
        let exec = "exec: {command: aws, args: [eks, get-token, --token=ghp_0123456789abcdefghijABCDEFGHIJ012345]}";
        let text = GOOD.replace("token: s3cr3t", exec);
        let contexts = places(&dir, &[("a", &text)]).load().unwrap().contexts();
        let plugin = contexts.all[0].plugin.clone().unwrap();
        assert!(plugin.starts_with("aws eks get-token"), "{plugin}");
        assert!(!plugin.contains("ghp_0123"), "{plugin}");
        // As with kubectl, credentials that stand in the file win.
        let both = GOOD.replace("token: s3cr3t", &format!("token: s3cr3t, {exec}"));
        let contexts = places(&dir, &[("b", &both)]).load().unwrap().contexts();
        assert_eq!(contexts.all[0].plugin, None);
    }

    #[test]
    fn a_context_whose_cluster_or_user_is_missing_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let loaded = places(&dir, &[("a", GOOD)]).load().unwrap();
        let us = loaded.choose(Some("prod-us")).unwrap();
        assert_eq!(loaded.check(&us, None, None).unwrap_err().what, "unknown cluster \"us\"");
        assert!(loaded.check(&us, Some("eu"), None).is_ok());
        let error = loaded.check(&us, Some("eu"), Some("anne")).unwrap_err();
        assert!(error.next.starts_with("Did you mean \"ann\"?"), "{error}");
    }
}
