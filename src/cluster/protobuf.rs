//! Lists of built-in kinds as Kubernetes writes them in protobuf: less work for a server than JSON, and
//! about half of it for whoever reads them.
//!
//! What comes of a list is what would have come of its JSON, to the order of the keys. What cannot be
//! read so is never passed over: a field that the table does not have may be the one that matters. Then
//! the whole list is [`Unread`], and it is asked for again as JSON.
//!
//! The encoding is that of <https://protobuf.dev/programming-guides/encoding/>, the envelope that of
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding-idl>, the fields and
//! their numbers those of the types in Go (`fields.txt`).

mod decode;
mod table;
mod values;
mod wire;

use decode::Decoder;
use table::TABLE;
use wire::Wire;

use super::page::ListHead;
use crate::model::key::Key;
use crate::model::node::Node;

/// As answers name it.
pub(super) const MEDIA: &str = "application/vnd.kubernetes.protobuf";
/// What every answer begins with.
const MAGIC: &[u8] = b"k8s\0";
/// So many times the bytes are what the same list takes as JSON, about: it counts as much.
pub(super) const AS_JSON: usize = 2;
/// Most items of a page, of which 500 are asked for. A byte or two may be one.
const MOST: usize = 100_000;

/// What JSON has of an item, in its order.
pub(super) type JsonItem = Vec<(Key, Node)>;

/// Why an answer could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unread {
    /// It, or something in it, ends too early.
    #[error("it breaks off")]
    Short,
    /// A number of too many bytes or bits.
    #[error("a number is too large")]
    Number,
    /// A field is not written as its type is.
    #[error("a field is written as none of its type is")]
    Written,
    /// A field that the table does not have.
    #[error("{of} has a field {number}, which is not known")]
    Unknown { of: &'static str, number: u32 },
    /// A field that may be there once.
    #[error("{of} has the field {number} twice")]
    Twice { of: &'static str, number: u32 },
    /// A text that is none.
    #[error("a text is not UTF-8")]
    Text,
    /// A value that its type does not have.
    #[error("a {0} is none")]
    Value(&'static str),
    /// What is around an answer is not as it should be.
    #[error("it has no envelope that is known: {0}")]
    Envelope(&'static str),
    /// It is something else.
    #[error("expected {wanted}, found {found:?}")]
    Kind { wanted: String, found: String },
    /// More than a page has.
    #[error("more than {MOST} items")]
    Many,
}

/// Whether a kind in a version is known, so that its lists may be asked for.
pub(super) fn is_known(api_version: &str, kind: &str) -> bool {
    TABLE.kind(api_version, kind).is_some()
}

/// The head of a list, without its items.
pub(super) fn head(bytes: &[u8]) -> Option<ListHead> {
    let mut left = Wire(envelope(bytes).ok()?.raw);
    // It comes before them.
    let (1, written) = left.tag().ok()? else { return None };
    list_meta(left.bytes_of(written).ok()?).ok()
}

/// The head of a list of this kind, and what each of its items has.
pub(super) fn list(
    bytes: &[u8],
    (api_version, kind): (&str, &str),
) -> Result<(ListHead, Vec<JsonItem>), Unread> {
    let of = TABLE.kind(api_version, kind).ok_or(Unread::Value("kind of a list"))?;
    let envelope = envelope(bytes)?;
    if envelope.api_version != api_version || envelope.kind.strip_suffix("List") != Some(kind) {
        let wanted = format!("{kind}List of {api_version}");
        let found = format!("{} of {}", envelope.kind, envelope.api_version);
        return Err(Unread::Kind { wanted, found });
    }
    let (mut head, mut items) = (None, Vec::new());
    let mut decoder = Decoder::new(&TABLE);
    let mut left = Wire(envelope.raw);
    while !left.is_empty() {
        match left.tag()? {
            (1, written) if head.is_none() => head = Some(list_meta(left.bytes_of(written)?)?),
            (2, _) if items.len() >= MOST => return Err(Unread::Many),
            (2, written) => items.push(decoder.item(of, left.bytes_of(written)?)?),
            (1, _) => return Err(Unread::Twice { of: "the list", number: 1 }),
            (number, _) => return Err(Unread::Unknown { of: "the list", number }),
        }
    }
    let head = head.ok_or(Unread::Envelope("a list without metadata"))?;
    Ok((head, items))
}

/// The message and the reason of a refusal.
pub(super) fn status(bytes: &[u8]) -> Option<(String, String)> {
    let envelope = envelope(bytes).ok().filter(|envelope| envelope.kind == "Status")?;
    let (mut message, mut reason) = (String::new(), String::new());
    let mut left = Wire(envelope.raw);
    while !left.is_empty() {
        // Only words for a person: what else it has need not be known.
        match left.tag().ok()? {
            (3, written) => left.text_of(written).ok()?.clone_into(&mut message),
            (4, written) => left.text_of(written).ok()?.clone_into(&mut reason),
            (_, wire::Written::Number) => drop(left.number().ok()?),
            (_, wire::Written::Bytes) => drop(left.bytes().ok()?),
        }
    }
    Some((message, reason))
}

/// What is around an object, `runtime.Unknown`.
#[derive(Default)]
struct Envelope<'a> {
    api_version: &'a str,
    kind: &'a str,
    raw: &'a [u8],
}

fn envelope(bytes: &[u8]) -> Result<Envelope<'_>, Unread> {
    let inner = bytes.strip_prefix(MAGIC).ok_or(Unread::Envelope("it begins otherwise"))?;
    let mut envelope = Envelope::default();
    let mut left = Wire(inner);
    while !left.is_empty() {
        match left.tag()? {
            (1, written) => {
                let mut meta = Wire(left.bytes_of(written)?);
                while !meta.is_empty() {
                    match meta.tag()? {
                        (1, written) => envelope.api_version = meta.text_of(written)?,
                        (2, written) => envelope.kind = meta.text_of(written)?,
                        (number, _) => return Err(Unread::Unknown { of: "TypeMeta", number }),
                    }
                }
            }
            (2, _) if !envelope.raw.is_empty() => return Err(Unread::Envelope("two objects")),
            (2, written) => envelope.raw = left.bytes_of(written)?,
            // The object is as it is, and protobuf, if nothing is said.
            (3 | 4, written) if left.bytes_of(written)?.is_empty() => {}
            (3 | 4, _) => return Err(Unread::Envelope("it is packed or something else")),
            (number, _) => return Err(Unread::Unknown { of: "the envelope", number }),
        }
    }
    Ok(envelope)
}

fn list_meta(bytes: &[u8]) -> Result<ListHead, Unread> {
    let mut head = ListHead::default();
    let mut left = Wire(bytes);
    while !left.is_empty() {
        match left.tag()? {
            // Where the list is, which servers do not say any more.
            (1, written) => drop(left.text_of(written)?),
            (2, written) => left.text_of(written)?.clone_into(&mut head.version),
            (3, written) => left.text_of(written)?.clone_into(&mut head.next),
            // Advice, as in JSON.
            (4, written) => {
                let told = left.number_of(written)?.cast_signed();
                head.remaining = usize::try_from(told).ok();
            }
            (number, _) => return Err(Unread::Unknown { of: "ListMeta", number }),
        }
    }
    Ok(head)
}

#[cfg(test)]
mod tests;
