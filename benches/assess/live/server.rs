//! A real API server filled with a made-up cluster. Filling takes longer than starting: the state of
//! a filled server is kept, and later starts unpack it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::Context as _;

use crate::capture;
use crate::cluster::Cluster;

/// Everything that decides what a filled server holds: kept states of other versions are not used.
const MADE_BY: [&str; 4] = [
    include_str!("../cluster.rs"),
    include_str!("../cluster/access.rs"),
    include_str!("../cluster/workload.rs"),
    include_str!("../../../tests/cluster/fill.go"),
];
/// What of the server's folder is its state.
const STATE: [&str; 2] = ["etcd", "pki"];

/// A running server; it ends with this.
pub struct Server {
    pub kubeconfig: PathBuf,
    pub pods: usize,
    child: Child,
    stdin: Option<ChildStdin>,
    /// Short, for the sockets in it.
    dir: Option<tempfile::TempDir>,
}

impl Server {
    /// A server with a made-up cluster.
    pub fn start(cluster: Cluster) -> anyhow::Result<Self> {
        let (pods, kept) = (cluster.pods(), kept(cluster));
        let dir = tempfile::Builder::new().prefix("plimsoll-bench-").tempdir_in("/tmp")?;
        if kept.exists() {
            unpack(&kept, dir.path())
                .with_context(|| format!("cannot unpack {}", kept.display()))?;
        } else {
            let pages = tempfile::tempdir()?;
            capture::write_pages(cluster, pages.path())?;
            let mut filled = Self::spawn(pods, dir.path(), Some(pages.path()))?;
            filled.stop();
            pack(dir.path(), &kept)?;
        }
        let mut server = Self::spawn(pods, dir.path(), None)?;
        server.dir = Some(dir);
        Ok(server)
    }

    fn spawn(pods: usize, dir: &Path, fill: Option<&Path>) -> anyhow::Result<Self> {
        let mut command = Command::new(program()?);
        let errors = dir.join("errors.log");
        command.arg("-dir").arg(dir).stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(std::fs::File::create(&errors)?);
        if let Some(pages) = fill {
            command.arg("-fill").arg(pages);
        }
        let mut child = command.spawn()?;
        let stdin = child.stdin.take();
        let mut line = String::new();
        let output = child.stdout.take().context("the server has no output")?;
        BufReader::new(output).read_line(&mut line)?;
        let mut words = line.split_whitespace();
        let (Some("READY"), Some(kubeconfig)) = (words.next(), words.next()) else {
            let why = std::fs::read_to_string(errors).unwrap_or_default();
            anyhow::bail!("the API server said {line:?}; {why}");
        };
        Ok(Self { kubeconfig: kubeconfig.into(), pods, child, stdin, dir: None })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn stop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Whether a server can be started without building it first.
pub fn at_hand() -> bool {
    std::env::var_os("PLIMSOLL_FIXTURE").is_some()
}

/// `$PLIMSOLL_FIXTURE`, or what `tests/fixture.sh` builds.
fn program() -> anyhow::Result<PathBuf> {
    if let Some(path) = std::env::var_os("PLIMSOLL_FIXTURE") {
        return Ok(path.into());
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture.sh");
    let done = Command::new(&script).stderr(Stdio::inherit()).output()?;
    anyhow::ensure!(done.status.success(), "{} failed", script.display());
    Ok(String::from_utf8(done.stdout)?.trim().into())
}

/// Where the state of a server with a cluster is kept.
fn kept(cluster: Cluster) -> PathBuf {
    let mut hash = rustc_hash::FxHasher::default();
    std::hash::Hash::hash(&(MADE_BY, cluster), &mut hash);
    let key = std::hash::Hasher::finish(&hash);
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("cluster-{}-{key:016x}.tar.zst", cluster.pods()))
}

fn pack(dir: &Path, file: &Path) -> anyhow::Result<()> {
    let part = file.with_extension("part");
    let output = zstd::Encoder::new(std::fs::File::create(&part)?, 1)?;
    let mut archive = tar::Builder::new(output);
    for name in STATE {
        archive.append_dir_all(name, dir.join(name))?;
    }
    archive.into_inner()?.finish()?;
    Ok(std::fs::rename(part, file)?)
}

fn unpack(file: &Path, dir: &Path) -> anyhow::Result<()> {
    let input = zstd::Decoder::new(std::fs::File::open(file)?)?;
    Ok(tar::Archive::new(input).unpack(dir)?)
}
