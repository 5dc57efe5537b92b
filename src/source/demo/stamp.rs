//! What a server stamps on objects: uids, resource versions, times, generated name parts. All of
//! it is derived from names and a fixed clock, so that every build of the demo is the same.

use std::fmt::Write as _;

use super::tree::node;
use crate::model::node::Node;

/// The demo's present: 2026-05-18T09:00:00Z, in seconds since 1970.
pub(crate) const NOW: i64 = 1_779_094_800;
/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// The letters that Kubernetes uses in generated names.
const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// A 64-bit hash of the parts, evenly spread (FNV-1a, then a finaliser).
pub(crate) fn hash(parts: &[&str]) -> u64 {
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        for byte in part.bytes().chain([0xff]) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

/// A number below `below`, drawn from the parts.
pub(crate) fn draw(below: i64, parts: &[&str]) -> i64 {
    let below = u64::try_from(below.max(1)).unwrap_or(1);
    i64::try_from(hash(parts) % below).unwrap_or(0)
}

/// The uid of an object, in the form of a version 4 UUID.
pub(crate) fn uid(kind: &str, namespace: &str, name: &str) -> String {
    let (high, low) = (hash(&["u", kind, namespace, name]), hash(&["v", kind, namespace, name]));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        (low >> 48) & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

/// `length` hexadecimal digits drawn from the parts.
pub(crate) fn hex(length: usize, parts: &[&str]) -> String {
    let mut text = String::new();
    for round in ["0", "1", "2", "3"] {
        let mut all = parts.to_vec();
        all.push(round);
        // Writing to a String cannot fail.
        let _ = write!(text, "{:016x}", hash(&all));
    }
    text.truncate(length);
    text
}

/// `length` letters as in generated names.
pub(crate) fn suffix(length: usize, parts: &[&str]) -> String {
    let mut state = hash(parts);
    let mut text = String::with_capacity(length);
    for _ in 0..length {
        let at = usize::try_from(state % 27).unwrap_or(0);
        text.push(ALPHABET.get(at).map_or('b', |byte| char::from(*byte)));
        state /= 27;
    }
    text
}

/// The moment `seconds` since 1970, as the API writes it.
pub(crate) fn time(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    // Days since 0000-03-01 in eras of 400 years; valid for every year after 1970.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The metadata of an object. `namespace` is empty for cluster-scoped kinds; `age` is in days, and
/// some hours are added so that not everything was made at nine o'clock.
pub(crate) fn metadata(kind: &str, namespace: &str, name: &str, age: i64) -> Node {
    let made = NOW - age * DAY - draw(DAY, &["hour", kind, namespace, name]);
    metadata_at(kind, namespace, name, made)
}

/// As [`metadata`], with the second in which the object was made.
pub(crate) fn metadata_at(kind: &str, namespace: &str, name: &str, made: i64) -> Node {
    let version = 100_000 + draw(90_000_000, &["version", kind, namespace, name]);
    node!({
        "name": name,
        "namespace": ((!namespace.is_empty()).then_some(namespace)),
        "uid": (uid(kind, namespace, name)),
        "resourceVersion": (version.to_string()),
        "creationTimestamp": (time(made)),
    })
}

/// The owner reference to a controller.
pub(crate) fn owner(api_version: &str, kind: &str, namespace: &str, name: &str) -> Node {
    node!({
        "apiVersion": api_version,
        "kind": kind,
        "name": name,
        "uid": (uid(kind, namespace, name)),
        "controller": true,
        "blockOwnerDeletion": true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_right_across_leap_days() {
        assert_eq!(time(0), "1970-01-01T00:00:00Z");
        assert_eq!(time(951_827_696), "2000-02-29T12:34:56Z");
        assert_eq!(time(NOW), "2026-05-18T09:00:00Z");
    }

    #[test]
    fn uids_have_the_form_of_a_uuid_and_differ() {
        let (a, b) = (uid("Pod", "a", "b"), uid("Pod", "ab", ""));
        assert_ne!(a, b);
        let parts: Vec<usize> = a.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(a.as_bytes()[14], b'4');
    }
}
