//! Address ranges.

use std::net::IpAddr;

/// A range as its first address and the number of leading bits that are fixed. Addresses of both
/// families are 128 bits wide here; the family is kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    v4: bool,
    bits: u128,
    prefix: u32,
}

fn bits(ip: IpAddr) -> (bool, u128) {
    match ip {
        IpAddr::V4(ip) => (true, u128::from(ip.to_bits()) << 96),
        IpAddr::V6(ip) => (false, ip.to_bits()),
    }
}

fn mask(prefix: u32) -> u128 {
    u128::MAX.checked_shl(128 - prefix).unwrap_or(0)
}

/// Reads `10.0.0.0/8` or `fd00::/8`; host bits may be set.
#[must_use]
pub fn parse(text: &str) -> Option<Range> {
    let (address, prefix) = text.split_once('/')?;
    let (v4, bits) = bits(address.parse().ok()?);
    if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let prefix: u32 = prefix.parse().ok()?;
    if prefix > if v4 { 32 } else { 128 } {
        return None;
    }
    Some(Range { v4, bits: bits & mask(prefix), prefix })
}

/// Whether an address lies in a range; false when either cannot be read.
#[must_use]
pub fn contains(range: &str, ip: &str) -> bool {
    let (Some(range), Ok(ip)) = (parse(range), ip.parse()) else { return false };
    let (v4, bits) = bits(ip);
    v4 == range.v4 && bits & mask(range.prefix) == range.bits
}

/// Whether a range lies in another; false when either cannot be read.
#[must_use]
pub fn within(outer: &str, inner: &str) -> bool {
    let (Some(outer), Some(inner)) = (parse(outer), parse(inner)) else { return false };
    outer.v4 == inner.v4
        && outer.prefix <= inner.prefix
        && inner.bits & mask(outer.prefix) == outer.bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        assert!(contains("0.0.0.0/0", "169.254.169.254"));
        assert!(contains("169.254.0.0/16", "169.254.169.254"));
        assert!(!contains("169.254.0.0/32", "169.254.169.254"));
        assert!(contains("fd00::/8", "fd00:ec2::254"));
        assert!(!contains("::/0", "10.0.0.1"));
        assert!(!contains("nonsense", "10.0.0.1"));
        assert!(within("10.0.0.0/8", "10.1.0.0/16"));
        assert!(!within("10.1.0.0/16", "10.0.0.0/8"));
    }

    #[test]
    fn what_is_no_range() {
        for text in ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "/8", "10.0.0.0/+8", "::/129"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
