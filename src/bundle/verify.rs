//! Checking a bundle, or the journal and the runs of a session, from nothing but the file itself.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::about::{BundleAbout, RunHead};
use super::archive::{ArchiveError, ArchiveReader, is_plain};
use super::derived::{self, RunSays};
use super::key::PublicKey;
use super::manifest::{BundleManifest, BundleMember, SCHEMA, Signer};
use super::{IMPORTS, JOURNAL, MANIFEST, RUNS, SIGNATURE, SIGNER};
use crate::session::JournalState;
use crate::session::journal::{JournalChain, replay};
use crate::text::hex;

/// Largest manifest, in bytes: some hundred thousand members.
const MAX_MANIFEST: u64 = 32 << 20;
/// Largest signature or public key, in bytes.
const MAX_SMALL: u64 = 4 << 10;

/// What was checked and fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What it is about, derived anew from journal and runs.
    pub about: BundleAbout,
    /// The manifest; none for the directory of a session.
    pub manifest: Option<BundleManifest>,
    /// Fingerprint of the key that signed; none for the directory of a session.
    pub signer: Option<String>,
    /// By the number of a run, how many findings that count were open on its day; runs of earlier
    /// versions do not say.
    pub open: BTreeMap<u32, usize>,
    /// Whether that key is the one that the caller trusts.
    pub trusted: bool,
    /// Members that say what the journal and the runs say: each was compared with them.
    pub compared: Vec<String>,
    /// Members of which only the digest was checked: they are as the signer put them there.
    pub as_signed: Vec<String>,
}

/// The first thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct Unfit {
    /// The member or file, empty when it is the container as a whole.
    pub member: String,
    /// The journal's entry, from 1.
    pub entry: Option<u64>,
    /// What does not fit.
    pub why: String,
}

impl Unfit {
    fn new(member: &str, why: impl Into<String>) -> Self {
        Self { member: member.to_owned(), entry: None, why: why.into() }
    }

    fn text(&self) -> String {
        let entry = self.entry.map(|seq| format!("entry {seq}"));
        let place = [Some(self.member.clone()).filter(|m| !m.is_empty()), entry];
        let place: Vec<String> = place.into_iter().flatten().collect();
        let text = match &*place {
            [] => self.why.clone(),
            place => format!("{}: {}", place.join(", "), self.why),
        };
        crate::text::clean(&text).into_owned()
    }
}

/// Why a check ended without a result.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// Something does not fit.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// It is no bundle, or cannot be read.
    #[error("{0}")]
    Unreadable(String),
}

impl From<ArchiveError> for VerifyError {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Broken { member, why } => Unfit::new(&member, why).into(),
            other => Self::Unreadable(other.to_string()),
        }
    }
}

/// Reads a bundle once, from its beginning to its end, and checks everything in it. With a public
/// key, it must have been signed with that one.
///
/// # Errors
/// The first thing that does not fit, or why it cannot be read.
pub fn verify(input: impl Read, trusted: Option<PublicKey>) -> Result<Verified, VerifyError> {
    let mut archive = ArchiveReader::new(input);
    let text = small(&mut archive, MANIFEST, MAX_MANIFEST)?;
    let signature = small(&mut archive, SIGNATURE, MAX_SMALL)?;
    let pem = small(&mut archive, SIGNER, MAX_SMALL)?;
    let key = signer(&text, &signature, &pem, trusted)?;
    let manifest = manifest(&text, key)?;
    let mut found = Found::default();
    for member in &manifest.members {
        let Some((name, size)) = archive.next_member()? else {
            return Err(Unfit::new(&member.path, "it is named in the manifest and missing").into());
        };
        if name != member.path || size != member.size {
            let what = format!(
                "the manifest names {} of {} bytes in this place, not this one of {size}",
                member.path, member.size
            );
            return Err(Unfit::new(&name, what).into());
        }
        found.take(&manifest, member, archive.content(size))?;
    }
    if let Some((name, _)) = archive.next_member()? {
        return Err(Unfit::new(&name, "the manifest does not name it").into());
    }
    let open = open(&found.state);
    let about = found.about(&manifest)?;
    let (signer, trusted) = (Some(key.fingerprint()), trusted.is_some());
    let paths = manifest.members.iter().map(|member| member.path.clone());
    let of_session =
        |path: &str| path == JOURNAL || path.starts_with(RUNS) || path.starts_with(IMPORTS);
    let (compared, as_signed) = paths
        .filter(|path| !of_session(path))
        .partition(|path: &String| derived::is_compared(path));
    Ok(Verified { about, manifest: Some(manifest), signer, open, trusted, compared, as_signed })
}

/// The next member, which must be this one.
fn small<R: Read>(
    archive: &mut ArchiveReader<R>,
    name: &str,
    max: u64,
) -> Result<Vec<u8>, VerifyError> {
    match archive.next_member()? {
        Some((found, size)) if found == name && size <= max => {
            let mut bytes = Vec::new();
            archive.content(size).read_to_end(&mut bytes).map_err(unreadable)?;
            if bytes.len() as u64 == size {
                Ok(bytes)
            } else {
                Err(Unfit::new(name, "the file ends before its end: it was cut").into())
            }
        }
        Some((found, size)) if found == name => {
            Err(Unfit::new(name, format!("{size} bytes are more than it can have")).into())
        }
        Some((found, _)) => Err(Unfit::new(&found, format!("{name} belongs in its place")).into()),
        None => Err(Unfit::new(name, "it is missing").into()),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn unreadable(error: std::io::Error) -> VerifyError {
    VerifyError::Unreadable(error.to_string())
}

/// The key that signed the manifest.
fn signer(
    text: &[u8],
    signature: &[u8],
    pem: &[u8],
    trusted: Option<PublicKey>,
) -> Result<PublicKey, Unfit> {
    let key = std::str::from_utf8(pem).ok().and_then(PublicKey::from_pem);
    // One key has one text: nothing else can hide in this member.
    let key = key.filter(|key| key.to_pem().as_bytes() == pem);
    let key = key.ok_or_else(|| Unfit::new(SIGNER, "this is no ed25519 public key in PEM"))?;
    if let Some(trusted) = trusted.filter(|trusted| *trusted != key) {
        let why = format!(
            "signed with the key {}, not with the one given, {}",
            key.fingerprint(),
            trusted.fingerprint()
        );
        return Err(Unfit::new(SIGNER, why));
    }
    if key.fits(text, signature) {
        Ok(key)
    } else {
        let why = format!("it is not a signature of {MANIFEST} with the key in {SIGNER}");
        Err(Unfit::new(SIGNATURE, why))
    }
}

fn manifest(text: &[u8], key: PublicKey) -> Result<BundleManifest, Unfit> {
    let unfit = |why: String| Unfit::new(MANIFEST, why);
    let value: serde_json::Value =
        serde_json::from_slice(text).map_err(|error| unfit(error.to_string()))?;
    let schema = value.get("schema").and_then(serde_json::Value::as_str).unwrap_or_default();
    if schema != SCHEMA {
        return Err(unfit(format!("its format is `{schema}`; this version reads `{SCHEMA}`")));
    }
    let manifest: BundleManifest =
        serde_json::from_value(value).map_err(|error| unfit(error.to_string()))?;
    if manifest.signer != Signer::of(key) {
        return Err(unfit(format!("it names another signer than the key in {SIGNER}")));
    }
    let mut names = BTreeSet::from([MANIFEST, SIGNATURE, SIGNER]);
    for member in &manifest.members {
        if !is_plain(&member.path) || !names.insert(&member.path) {
            return Err(unfit(format!("it names {} twice, or by a wrong name", member.path)));
        }
    }
    if manifest.members.first().is_none_or(|m| m.path != JOURNAL) {
        return Err(unfit(format!("{JOURNAL} is not the first of its members")));
    }
    Ok(manifest)
}

/// What the journal says of the runs.
fn open(state: &JournalState) -> BTreeMap<u32, usize> {
    state.runs.iter().filter_map(|run| Some((run.number, run.open()?))).collect()
}

/// What the members that are not taken on trust add up to.
#[derive(Default)]
struct Found {
    state: JournalState,
    about: BundleAbout,
    imports: usize,
    runs: Vec<RunSays>,
}

impl Found {
    /// Reads a member to its end. A digest that differs explains everything else that is wrong,
    /// except in the journal, whose chain names the entry.
    fn take(
        &mut self,
        manifest: &BundleManifest,
        member: &BundleMember,
        content: impl Read,
    ) -> Result<(), VerifyError> {
        let mut content = Hashing { inner: content, sum: Sha256::new(), read: 0 };
        let looked = if member.path == JOURNAL {
            self.journal(&manifest.about.session, &mut content)
        } else if let Some(file) = member.path.strip_prefix(RUNS) {
            self.run(file, member, &mut content)
        } else if let Some(file) = member.path.strip_prefix(IMPORTS) {
            self.import(file, member)
        } else {
            self.derived(manifest, member, &mut content)
        };
        std::io::copy(&mut content, &mut std::io::sink()).map_err(unreadable)?;
        if content.read < member.size {
            return Err(Unfit::new(&member.path, "the file ends before its end: it was cut").into());
        }
        match looked {
            Err(unfit) if unfit.entry.is_some() => return Err(unfit.into()),
            _ if hex(&content.sum.finalize()) != member.sha256 => {
                let why = "its sha256 is not the one in the manifest: it was changed";
                return Err(Unfit::new(&member.path, why).into());
            }
            looked => looked?,
        }
        Ok(())
    }

    fn journal(&mut self, session: &str, content: &mut impl Read) -> Result<(), Unfit> {
        let chain = follow(BufReader::new(content), JOURNAL, &mut self.state)?;
        self.about = BundleAbout::of(session, &self.state, &chain);
        Ok(())
    }

    /// A run must be the next that the journal names, with that digest.
    fn run(
        &mut self,
        file: &str,
        member: &BundleMember,
        content: &mut impl Read,
    ) -> Result<(), Unfit> {
        let unfit = |why: &str| Unfit::new(&member.path, why);
        let named = self.state.runs.get(self.about.runs.len());
        let named = named.filter(|run| run.file == file);
        let named = named.ok_or_else(|| unfit("it is not the run that the journal names next"))?;
        if named.sha256 != member.sha256 {
            return Err(unfit("its sha256 is not the one in the journal"));
        }
        let head = RunHead::read(content, named.number).map_err(|why| unfit(&why))?;
        self.runs.push(head.says());
        self.about.add(head, &member.sha256);
        Ok(())
    }

    /// An import must be the next that the journal names, with that digest.
    fn import(&mut self, file: &str, member: &BundleMember) -> Result<(), Unfit> {
        let unfit = |why: &str| Unfit::new(&member.path, why);
        let named = self.state.imports.get(self.imports).filter(|import| import.file == file);
        let named =
            named.ok_or_else(|| unfit("it is not the import that the journal names next"))?;
        self.imports += 1;
        if named.sha256 == member.sha256 {
            return Ok(());
        }
        Err(unfit("its sha256 is not the one in the journal"))
    }

    /// A member that repeats what the runs say stands behind the last of them: before it, it would be
    /// held against another.
    fn derived(
        &self,
        manifest: &BundleManifest,
        member: &BundleMember,
        content: &mut impl Read,
    ) -> Result<(), Unfit> {
        let ahead = self.state.runs.get(self.runs.len());
        if let Some(run) = ahead.filter(|_| derived::is_compared(&member.path)) {
            let why = format!("it stands before {RUNS}{}, which it is compared with", run.file);
            return Err(Unfit::new(&member.path, why));
        }
        derived::compare(&member.path, content, manifest, &self.runs)
            .map_err(|why| Unfit::new(&member.path, why))
    }

    /// What it is about, which must be what the manifest says.
    fn about(self, manifest: &BundleManifest) -> Result<BundleAbout, Unfit> {
        let run = self.state.runs.get(self.about.runs.len());
        let import = self.state.imports.get(self.imports);
        let missing = run.map(|run| format!("{RUNS}{}", run.file));
        let missing = missing.or_else(|| import.map(|i| format!("{IMPORTS}{}", i.file)));
        if let Some(path) = missing {
            return Err(Unfit::new(&path, "the journal names it, and it is missing"));
        }
        if self.about == manifest.about {
            return Ok(self.about);
        }
        let why = difference(&manifest.about, &self.about);
        Err(Unfit::new(MANIFEST, format!("what it says the bundle is about does not fit: {why}")))
    }
}

/// The first field in which two accounts of a session differ.
fn difference(said: &BundleAbout, found: &BundleAbout) -> String {
    let fields = |about: &BundleAbout| match serde_json::to_value(about) {
        Ok(serde_json::Value::Object(map)) => map,
        _ => serde_json::Map::new(),
    };
    let (said, found) = (fields(said), fields(found));
    let differs = said.iter().find(|(name, value)| found.get(*name) != Some(value));
    differs.map_or_else(String::new, |(name, value)| {
        let found = found.get(name).cloned().unwrap_or_default();
        format!("{name} is {value}, and journal and runs say {found}")
    })
}

/// Follows a journal to its end. Here a torn line is one that does not fit.
fn follow(
    lines: impl BufRead,
    member: &str,
    state: &mut JournalState,
) -> Result<JournalChain, Unfit> {
    let chain = replay(lines, |entry| state.apply(&entry)).whole().map_err(|stop| Unfit {
        member: member.to_owned(),
        entry: Some(stop.entry),
        why: stop.to_string(),
    })?;
    if chain.seq() == 0 {
        return Err(Unfit::new(member, "it is empty"));
    }
    if state.meta.schema != crate::session::SCHEMA {
        let why = format!("the format of the session is `{}`", state.meta.schema);
        return Err(Unfit { member: member.to_owned(), entry: Some(1), why });
    }
    Ok(chain)
}

/// Checks the directory of a session: its journal and the runs that it names. Nothing is signed
/// there; whoever can write the directory could have written it anew.
///
/// # Errors
/// The first thing that does not fit, or why it cannot be read.
pub fn directory(dir: &Path) -> Result<Verified, VerifyError> {
    let cannot = |path: &Path, error: std::io::Error| {
        VerifyError::Unreadable(format!("{}: {error}", path.display()))
    };
    let path = dir.join("journal.jsonl");
    let file = crate::fresh::open(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => VerifyError::Unreadable(
            "this is no directory of a session: no journal.jsonl is in it".to_owned(),
        ),
        _ => cannot(&path, error),
    })?;
    let mut state = JournalState::default();
    let chain = follow(BufReader::new(file), "journal.jsonl", &mut state)?;
    let id = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let id = id.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut about = BundleAbout::of(&id, &state, &chain);
    let whole = |member: &str, sha256: &str| {
        let unfit = |why: String| Unfit::new(member, why);
        if !is_plain(member) {
            return Err(unfit("there is no file of such a name".to_owned()));
        }
        let packed = crate::fresh::bytes(&dir.join(member)).map_err(|e| unfit(e.to_string()))?;
        if hex(&Sha256::digest(&packed)) == sha256 {
            return Ok(packed);
        }
        Err(unfit("its sha256 is not the one in the journal".to_owned()))
    };
    for run in &state.runs {
        let member = format!("runs/{}", run.file);
        let packed = whole(&member, &run.sha256)?;
        let head = RunHead::read(&*packed, run.number);
        about.add(head.map_err(|why| Unfit::new(&member, why))?, &run.sha256);
    }
    for import in &state.imports {
        whole(&format!("imports/{}", import.file), &import.sha256)?;
    }
    let open = open(&state);
    let (compared, as_signed) = (Vec::new(), Vec::new());
    Ok(Verified { about, manifest: None, signer: None, open, trusted: false, compared, as_signed })
}

/// Counts and hashes what is read through it.
struct Hashing<R> {
    inner: R,
    sum: Sha256,
    read: u64,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(into)?;
        self.sum.update(into.get(..count).unwrap_or_default());
        self.read += count as u64;
        Ok(count)
    }
}
