//! Keys: ed25519, in the files that every other tool knows (PKCS#8 and `SubjectPublicKeyInfo`, PEM).

use std::path::{Path, PathBuf};

use pem::{EncodeConfig, LineEnding, Pem};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sha2::{Digest as _, Sha256};

use crate::fresh;
use crate::text::hex;

/// What stands before the 32 bytes of a private key in PKCS#8 (RFC 8410, section 7).
const PRIVATE: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
/// What stands before the 32 bytes of a public key (RFC 8410, section 4).
const PUBLIC: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
/// Largest key file that is looked at, in bytes.
const MAX_FILE: u64 = 64 << 10;

/// What stands around the words of a line that begins or ends a block.
const MARK: &str = "-----";

const NO_PRIVATE: &str =
    "this is no ed25519 private key in PEM (PKCS#8, not encrypted), and nothing else";

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    /// The system refuses.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// Others may read it.
    #[error("{0}: others may read this private key; `chmod 600` it, or take another one")]
    Open(String),
    /// It is no key of the right kind.
    #[error("{path}: {why}")]
    Wrong {
        /// The file.
        path: String,
        /// What it should be.
        why: &'static str,
    },
    /// The system has no random numbers.
    #[error("no random numbers from the system: no key can be made")]
    Random,
}

/// A key to sign with. Its debug form shows the public half only.
#[derive(Debug)]
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// The key of a data directory, made on first use: `keys/signing.pem`, for its owner only.
    ///
    /// # Errors
    /// When it cannot be read or made.
    pub fn of(data: &Path) -> Result<Self, SigningKeyError> {
        let path = own(data);
        if path.symlink_metadata().is_err() {
            make(&path)?;
        }
        Self::load(&path)
    }

    /// A key from a PKCS#8 file in PEM, as `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// # Errors
    /// When it cannot be read, others may read it, or it is another kind of key.
    pub fn load(path: &Path) -> Result<Self, SigningKeyError> {
        let text = read(path)?;
        let wrong = |why| SigningKeyError::Wrong { path: path.display().to_string(), why };
        // What it is goes before who may read it: a public key may be read by everybody.
        let Some(der) = only_block(&text, "PRIVATE KEY") else {
            return Err(wrong(if only_block(&text, "PUBLIC KEY").is_some() {
                "this is a public key, which checks signatures; signing takes the private half"
            } else {
                NO_PRIVATE
            }));
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = path.metadata().map_err(|e| io(path, e))?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(SigningKeyError::Open(path.display().to_string()));
            }
        }
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map(Self).map_err(|_| wrong(NO_PRIVATE))
    }

    /// The key that checks what this one signs.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        let mut raw = [0; 32];
        raw.iter_mut().zip(self.0.public_key().as_ref()).for_each(|(to, from)| *to = *from);
        PublicKey(raw)
    }

    /// The signature of a message, 64 bytes.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

/// A key to check signatures with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// A key from a file in PEM, as `plimsoll sessions key` prints it.
    ///
    /// # Errors
    /// When it cannot be read, or is another kind of file.
    pub fn load(path: &Path) -> Result<Self, SigningKeyError> {
        let why = "this is no ed25519 public key in PEM; `plimsoll sessions key` prints one";
        let wrong = || SigningKeyError::Wrong { path: path.display().to_string(), why };
        Self::from_pem(&read(path)?).ok_or_else(wrong)
    }

    /// A key from the text of such a file.
    #[must_use]
    pub fn from_pem(text: &str) -> Option<Self> {
        let der = only_block(text, "PUBLIC KEY")?;
        let raw = der.strip_prefix(&PUBLIC)?;
        raw.try_into().map(Self).ok()
    }

    /// The text of such a file.
    #[must_use]
    pub fn to_pem(self) -> String {
        armour("PUBLIC KEY", &self.der())
    }

    /// What people compare: `sha256:` and the digest of the key's DER form, the same that
    /// `openssl pkey -pubin -outform DER | sha256sum` gives.
    #[must_use]
    pub fn fingerprint(self) -> String {
        format!("sha256:{}", hex(&Sha256::digest(self.der())))
    }

    /// Whether a signature of a message was made with the private half.
    #[must_use]
    pub fn fits(self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, signature).is_ok()
    }

    fn der(self) -> Vec<u8> {
        [PUBLIC.as_slice(), &self.0].concat()
    }
}

/// Where the key of a data directory lies.
#[must_use]
pub fn own(data: &Path) -> PathBuf {
    data.join("keys").join("signing.pem")
}

fn make(path: &Path) -> Result<(), SigningKeyError> {
    let dir = path.parent().unwrap_or(path);
    fresh::private_dir(dir).map_err(|e| io(dir, e))?;
    let mut seed = [0; 32];
    SystemRandom::new().fill(&mut seed).map_err(|_| SigningKeyError::Random)?;
    let text = armour("PRIVATE KEY", &[PRIVATE.as_slice(), &seed].concat());
    let beside = dir.join(format!("signing.pem.{}.part", std::process::id()));
    // What a process of the same number left when it was killed is of no use to anybody.
    let _ = std::fs::remove_file(&beside);
    let written = fresh::text(&beside, &text);
    // A link never replaces: of two processes that make a key at once, one wins and both use it.
    let placed = written.and_then(|()| std::fs::hard_link(&beside, path));
    let _ = std::fs::remove_file(&beside);
    match placed {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(io(path, error)),
        _ => Ok(()),
    }
}

fn read(path: &Path) -> Result<String, SigningKeyError> {
    use std::io::Read as _;
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|e| io(path, e))?;
    file.take(MAX_FILE).read_to_string(&mut text).map_err(|e| io(path, e))?;
    Ok(text)
}

fn io(path: &Path, source: std::io::Error) -> SigningKeyError {
    SigningKeyError::Io { path: path.display().to_string(), source }
}

fn armour(label: &str, der: &[u8]) -> String {
    let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
    pem::encode_config(&Pem::new(label, der), config)
}

/// What is in a text that is one block of this label and nothing else: of two keys, or of words around one,
/// nobody could say which part was meant.
fn only_block(text: &str, label: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    // Two marks where it begins, and two where it ends.
    let alone = text.starts_with(MARK) && text.ends_with(MARK) && text.matches(MARK).count() == 4;
    let block = pem::parse(text).ok().filter(|_| alone)?;
    (block.tag() == label && block.headers().iter().next().is_none()).then(|| block.into_contents())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_rfc_8410_has_the_public_key_that_stands_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rfc.pem");
        let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
        std::fs::write(&path, private).unwrap();
        close(&path, 0o600);
        let key = SigningKey::load(&path).unwrap();
        let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
        assert_eq!(key.public().to_pem(), public);
        assert_eq!(PublicKey::from_pem(public), Some(key.public()));
        let signature = key.sign(b"text");
        assert!(key.public().fits(b"text", &signature));
        assert!(!key.public().fits(b"texts", &signature));
    }

    #[test]
    fn a_key_file_holds_one_key_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("two.pem");
        let [one, other] =
            [1, 2].map(|n| armour("PRIVATE KEY", &[&PRIVATE[..], &[n; 32]].concat()));
        let load = |text: &str| {
            std::fs::write(&path, text).unwrap();
            close(&path, 0o600);
            SigningKey::load(&path).map(|key| key.public())
        };
        let public = load(&one).unwrap();
        assert_eq!(load(&format!("\n{}\r\n", one.replace('\n', "\r\n"))).unwrap(), public);
        for text in [format!("{one}{other}"), format!("{one}# mine\n"), format!("mine:\n{one}")] {
            assert!(load(&text).is_err(), "{text}");
        }
        let text = public.to_pem();
        assert_eq!(PublicKey::from_pem(&text), Some(public));
        assert_eq!(PublicKey::from_pem(&format!("{text}{text}")), None);
        assert_eq!(PublicKey::from_pem(&format!("{text}-----")), None);
    }

    #[cfg(unix)]
    fn close(path: &Path, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[cfg(not(unix))]
    fn close(_: &Path, _: u32) {}

    #[test]
    fn a_key_is_made_once_and_kept_to_oneself() {
        let dir = tempfile::tempdir().unwrap();
        let first = SigningKey::of(dir.path()).unwrap().public();
        assert_eq!(SigningKey::of(dir.path()).unwrap().public(), first);
        let other = tempfile::tempdir().unwrap();
        assert_ne!(SigningKey::of(other.path()).unwrap().public(), first);
        let names: Vec<_> = std::fs::read_dir(dir.path().join("keys")).unwrap().collect();
        assert_eq!(names.len(), 1, "nothing is left beside it: {names:?}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&own(dir.path())), 0o600);
            assert_eq!(mode(&dir.path().join("keys")), 0o700);
            close(&own(dir.path()), 0o640);
            assert!(matches!(SigningKey::of(dir.path()), Err(SigningKeyError::Open(_))));
        }
    }

    #[test]
    fn other_files_are_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("k.pem");
        for text in ["", "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----", "\u{1b}[31m"]
        {
            std::fs::write(&path, text).unwrap();
            close(&path, 0o600);
            assert!(SigningKey::load(&path).unwrap_err().to_string().contains("k.pem"), "{text}");
            assert!(PublicKey::load(&path).is_err(), "{text}");
        }
        // A public key is called one, whoever may read it.
        let public = SigningKey::of(dir.path()).unwrap().public().to_pem();
        std::fs::write(&path, public).unwrap();
        for mode in [0o644, 0o600] {
            close(&path, mode);
            let why = SigningKey::load(&path).unwrap_err().to_string();
            assert!(why.contains("this is a public key"), "{why}");
        }
        assert!(matches!(
            PublicKey::load(&dir.path().join("none")),
            Err(SigningKeyError::Io { .. })
        ));
    }
}
