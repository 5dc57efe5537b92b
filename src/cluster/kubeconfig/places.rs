//! Where kubeconfig files are, how they are read and merged.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use kube::config::{Kubeconfig, KubeconfigError};

use super::Loaded;
use super::fields::{CLUSTER, CONTEXT, USER};
use crate::cluster::error::{Trouble, UserError};
use crate::cluster::pod::Pod;
use crate::handwritten;

/// Largest kubeconfig, in bytes: a thousand clusters with their certificates.
const LARGEST: u64 = 16 << 20;

/// Where to look for kubeconfig files.
#[derive(Clone, Debug, Default)]
pub(in crate::cluster) struct KubeconfigPaths {
    pub explicit: Option<PathBuf>,
    pub variable: Option<OsString>,
    pub home: Option<PathBuf>,
    /// The pod whose service account stands in where there is no file.
    pub pod: Option<Pod>,
}

impl KubeconfigPaths {
    /// `--kubeconfig`, `$KUBECONFIG`, the home directory and the pod of this process.
    pub(in crate::cluster) fn of_process(explicit: Option<&Path>) -> Self {
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
    pub(in crate::cluster) fn load(&self) -> Result<Loaded, UserError> {
        let (paths, origin) = self.files();
        let mut config: Option<Kubeconfig> = None;
        let (mut files, mut origins) = (Vec::new(), BTreeMap::new());
        for path in &paths {
            if !path.exists() {
                continue;
            }
            let bytes = handwritten::bytes(path, LARGEST).map_err(|source| {
                unreadable(path, &KubeconfigError::ReadConfig(source, path.clone()))
            })?;
            let next = parse(path, &bytes).map_err(|error| unreadable(path, &error))?;
            for entry in entries(&next) {
                // As they are merged: the first one of a name is the one that counts.
                origins.entry(entry).or_insert_with(|| path.clone());
            }
            config = Some(match config {
                None => next,
                Some(first) => first.merge(next).map_err(|error| unreadable(path, &error))?,
            });
            files.push(path.clone());
        }
        if config.is_none() && self.explicit.is_none() {
            config = self.pod.as_ref().map(Pod::kubeconfig);
        }
        let loaded = config.map(|config| Loaded { config, files, origins });
        loaded.ok_or_else(|| missing(&paths, origin))
    }
}

/// Every entry of a file, by its sort and name.
fn entries(config: &Kubeconfig) -> impl Iterator<Item = (&'static str, String)> {
    let contexts = config.contexts.iter().map(|named| (CONTEXT, named.name.clone()));
    let clusters = config.clusters.iter().map(|named| (CLUSTER, named.name.clone()));
    let users = config.auth_infos.iter().map(|named| (USER, named.name.clone()));
    contexts.chain(clusters).chain(users)
}

/// Reads what stands in the kubeconfig `path`. Files that it names relative to itself are named in
/// full, and so are plugins whose command holds a separator, as with kubectl.
pub(in crate::cluster) fn parse(path: &Path, bytes: &[u8]) -> Result<Kubeconfig, KubeconfigError> {
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
            let mut cause = cause.without_snippet();
            // Where an alias stands, and what it stands for, is more than the place.
            while let serde_saphyr::Error::AliasError { error, .. } = cause {
                cause = error;
            }
            let text = if matches!(cause, serde_saphyr::Error::Budget { .. }) {
                "it stands for far more than a kubeconfig holds, or nests too deep; its aliases (`*name`) \
                 count as what they stand for"
                    .to_owned()
            } else {
                cause.to_string()
            };
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
