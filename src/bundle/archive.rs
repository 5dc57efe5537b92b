//! The container: tar, of the one form that Plimsoll writes.
//!
//! Every tar program can list and unpack it. Reading here is strict: a header must be, byte for byte,
//! the one that [`header`] makes of its name and size, and padding must be zero. So there are no
//! links, directories, devices, extension records or sparse files to be careful with, and no byte of
//! the file that could be changed unnoticed.

use std::io::{ErrorKind, Read, Write};

/// The directory that everything lies in when a person unpacks it.
pub const ROOT: &str = "plimsoll-bundle/";
/// Everything in a tar archive comes in blocks of this many bytes.
const BLOCK: usize = 512;
/// Longest name that a header holds without extensions, in bytes.
const NAME: usize = 100;
/// Largest member that a header can tell the size of: eleven octal digits.
pub const MAX_SIZE: u64 = (1 << 33) - 1;

/// What most often lies behind a member that Plimsoll would have written differently.
const REPACKED: &str = "a bundle that another program packed anew is checked no more: keep the file \
                        as Plimsoll wrote it";

/// Fields of a header that a person knows, with offset and width.
const FIELDS: [(&str, (usize, usize)); 9] = [
    ("name", (0, NAME)),
    ("mode", (100, 8)),
    ("owner", (108, 16)),
    ("size", (124, 12)),
    ("time", (136, 12)),
    ("kind", (156, 1)),
    ("format", (257, 8)),
    ("owner's name", (265, 64)),
    ("checksum", (148, 8)),
];

/// Why an archive is not one of ours.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The system refuses.
    #[error(transparent)]
    Io(std::io::Error),
    /// It is no tar archive at all.
    #[error("this is no bundle: it does not begin as a tar archive")]
    Foreign,
    /// Something in it is not as Plimsoll writes it.
    #[error("{why}")]
    Broken {
        /// The member, as far as its name is known.
        member: String,
        /// What is wrong.
        why: String,
    },
}

/// The header of a member, or none when the name or the size does not go into one.
#[must_use]
pub fn header(name: &str, size: u64) -> Option<Vec<u8>> {
    let path = format!("{ROOT}{name}");
    if path.len() > NAME || size > MAX_SIZE || !is_plain(name) {
        return None;
    }
    let sum = |block: &[u8]| block.iter().map(|b| u32::from(*b)).sum::<u32>();
    let blank = fields(&path, size, "        ");
    Some(fields(&path, size, &format!("{:06o}\0 ", sum(&blank))))
}

fn fields(path: &str, size: u64, checksum: &str) -> Vec<u8> {
    let size = format!("{size:011o}");
    // Name, width: mode, owner and group are the reader's own, the time is none.
    let fields = [
        (path, NAME),
        ("0000600", 8),
        ("0000000", 8),
        ("0000000", 8),
        (&*size, 12),
        ("00000000000", 12),
        (checksum, 8),
        ("0", 1),
        ("", 100),
        ("ustar", 6),
        ("00", 2),
        ("", 64),
        ("0000000", 8),
        ("0000000", 8),
        ("", 167),
    ];
    let mut block = Vec::with_capacity(BLOCK);
    for (text, width) in fields {
        block.extend_from_slice(text.as_bytes());
        block.extend(std::iter::repeat_n(0, width.saturating_sub(text.len())));
    }
    block
}

/// Whether a name is one that cannot lead anywhere but below the archive's own directory: words of
/// letters, digits, `.`, `-` and `_`, none of them beginning with a dot.
#[must_use]
pub fn is_plain(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    name.split('/')
        .all(|word| !word.is_empty() && !word.starts_with('.') && word.chars().all(letter))
}

/// Zero bytes that follow a member of this size.
fn padding(size: u64) -> usize {
    let over = usize::try_from(size % BLOCK as u64).unwrap_or(0);
    if over == 0 { 0 } else { BLOCK - over }
}

/// Writes a member.
///
/// # Errors
/// When its name or size does not go into a header, or what the system says.
pub fn add(out: &mut impl Write, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let refuse = || std::io::Error::other(format!("`{name}` cannot be put into a bundle"));
    let head = header(name, bytes.len() as u64).ok_or_else(refuse)?;
    out.write_all(&head)?;
    out.write_all(bytes)?;
    let zero = [0; BLOCK];
    out.write_all(zero.get(..padding(bytes.len() as u64)).unwrap_or_default())
}

/// Writes the end of an archive.
///
/// # Errors
/// What the system says.
pub fn finish(out: &mut impl Write) -> std::io::Result<()> {
    out.write_all(&[0; 2 * BLOCK])
}

/// Reads an archive from its beginning to its end, once.
pub struct ArchiveReader<R> {
    inner: R,
    begun: bool,
    /// Zero bytes that are still due after the last member.
    due: usize,
}

impl<R: Read> ArchiveReader<R> {
    /// Reads nothing yet.
    pub fn new(inner: R) -> Self {
        Self { inner, begun: false, due: 0 }
    }

    /// Name and size of the next member, none at a proper end. What the last member holds must have
    /// been read.
    ///
    /// # Errors
    /// When what follows is not as Plimsoll writes it.
    pub fn next_member(&mut self) -> Result<Option<(String, u64)>, ArchiveError> {
        self.pad()?;
        let block = self.block("")?;
        let first = !std::mem::replace(&mut self.begun, true);
        if first && block.get(257..262) != Some(b"ustar".as_slice()) {
            return Err(ArchiveError::Foreign);
        }
        if block.iter().all(|b| *b == 0) {
            self.end()?;
            return Ok(None);
        }
        let (name, size) = parse(&block)?;
        self.due = padding(size);
        Ok(Some((name, size)))
    }

    /// The bytes of the member whose header was read last.
    pub fn content(&mut self, size: u64) -> impl Read {
        self.inner.by_ref().take(size)
    }

    fn pad(&mut self) -> Result<(), ArchiveError> {
        let due = std::mem::take(&mut self.due);
        let mut zero = [0; BLOCK];
        let zero = zero.get_mut(..due).unwrap_or_default();
        self.inner.read_exact(zero).map_err(|e| cut("", e))?;
        if zero.iter().all(|b| *b == 0) {
            return Ok(());
        }
        Err(broken("", "something stands between its members"))
    }

    fn block(&mut self, member: &str) -> Result<[u8; BLOCK], ArchiveError> {
        let mut block = [0; BLOCK];
        self.inner
            .read_exact(&mut block)
            .map_err(|e| if self.begun { cut(member, e) } else { foreign(e) })?;
        Ok(block)
    }

    fn end(&mut self) -> Result<(), ArchiveError> {
        let last = self.block("")?;
        let more = self.inner.read(&mut [0]).map_err(ArchiveError::Io)?;
        if last.iter().any(|b| *b != 0) || more > 0 {
            return Err(broken("", "something stands after its end"));
        }
        Ok(())
    }
}

fn foreign(error: std::io::Error) -> ArchiveError {
    match error.kind() {
        ErrorKind::UnexpectedEof => ArchiveError::Foreign,
        _ => ArchiveError::Io(error),
    }
}

fn cut(member: &str, error: std::io::Error) -> ArchiveError {
    match error.kind() {
        ErrorKind::UnexpectedEof => broken(member, "the file ends before its end: it was cut"),
        _ => ArchiveError::Io(error),
    }
}

fn broken(member: &str, why: &str) -> ArchiveError {
    ArchiveError::Broken { member: member.to_owned(), why: why.to_owned() }
}

/// Name and size of a header, which must be exactly the one that they make.
fn parse(block: &[u8; BLOCK]) -> Result<(String, u64), ArchiveError> {
    let field = |from: usize, width: usize| {
        let bytes = block.get(from..from + width).unwrap_or_default();
        let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
    };
    let path = field(0, NAME);
    let name = path.strip_prefix(ROOT).unwrap_or_default();
    if let Some(kind) = foreign_kind(block.get(156).copied().unwrap_or_default()) {
        let why = format!("it is {kind}, and a bundle holds plain files only; {REPACKED}");
        return Err(broken(&path, &why));
    }
    if !is_plain(name) {
        let why =
            format!("a bundle has no member of such a name: all lie below {ROOT}; {REPACKED}");
        return Err(broken(&path, &why));
    }
    let size = u64::from_str_radix(&field(124, 12), 8).ok();
    let expected = size.and_then(|size| header(name, size).map(|head| (head, size)));
    match expected {
        Some((head, size)) if head == block => Ok((name.to_owned(), size)),
        Some((head, _)) => Err(broken(name, &differs(block, &head))),
        None => Err(broken(name, "its header in the archive tells no size")),
    }
}

/// Which fields of a header are other ones than Plimsoll writes.
fn differs(block: &[u8; BLOCK], expected: &[u8]) -> String {
    let part = |bytes: &[u8], (from, width): (usize, usize)| {
        bytes.get(from..from + width).map(<[u8]>::to_vec)
    };
    let other = |place: &(usize, usize)| part(block, *place) != part(expected, *place);
    let fields: Vec<&str> =
        FIELDS.iter().filter(|(_, place)| other(place)).map(|(name, _)| *name).collect();
    let fields = if fields.is_empty() { "rest".to_owned() } else { fields.join(", ") };
    format!("its header in the archive is not as it was written (other {fields}); {REPACKED}")
}

fn foreign_kind(flag: u8) -> Option<&'static str> {
    Some(match flag {
        // Zero is what old programs write for a plain file.
        b'0' | 0 => return None,
        b'1' => "a hard link",
        b'2' => "a symbolic link",
        b'3' | b'4' => "a device",
        b'5' => "a directory",
        b'6' => "a pipe",
        b'x' | b'g' | b'L' | b'K' => "an extension record",
        b'S' => "a sparse file",
        _ => "of an unknown kind",
    })
}
