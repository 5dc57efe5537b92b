//! Address blocks, IPv4 and IPv6.

use std::net::{IpAddr, Ipv4Addr};

/// A block of addresses: `10.0.0.0/8`, `fd00::/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    network: IpAddr,
    prefix: u8,
}

impl Cidr {
    /// Reads `address/prefix`. A block inside `::ffff:0:0/96` is the IPv4 block that it means.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut prefix: u8 = prefix.parse().ok()?;
        let mut network = address;
        if let IpAddr::V6(v6) = address
            && prefix >= 96
            && let Some(v4) = v6.to_ipv4_mapped()
        {
            network = IpAddr::V4(v4);
            prefix = prefix.checked_sub(96)?;
        }
        (prefix <= width(network)).then_some(Self { network, prefix })
    }

    /// Whether an address lies in it.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        width(address) == width(self.network)
            && bits(address, self.prefix) == bits(self.network, self.prefix)
    }

    /// Whether every address of `inner` lies in it.
    #[must_use]
    pub fn covers(self, inner: Self) -> bool {
        inner.prefix >= self.prefix && self.contains(inner.network)
    }

    /// Whether it is all of IPv4 or all of IPv6.
    #[must_use]
    pub fn is_everything(self) -> bool {
        self.prefix == 0
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The leading `prefix` bits of an address.
fn bits(address: IpAddr, prefix: u8) -> u128 {
    let (value, width) = match address {
        IpAddr::V4(v4) => (u128::from(Ipv4Addr::to_bits(v4)), 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    };
    value.checked_shr(width - u32::from(prefix)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_their_addresses() {
        for (cidr, address, expected) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.1.2.3/8", "10.9.9.9", true),
            ("0.0.0.0/0", "169.254.169.254", true),
            ("0.0.0.0/0", "fd00:ec2::254", false),
            ("::/0", "fd00:ec2::254", true),
            ("::/0", "10.0.0.1", false),
            ("fd00::/8", "fd00:ec2::254", true),
            ("169.254.169.254/32", "169.254.169.254", true),
            ("169.254.169.254/32", "169.254.169.253", false),
            ("::ffff:10.0.0.0/104", "10.3.0.1", true),
            ("169.254.0.0/16", "169.254.169.254", true),
            ("169.254.0.0/32", "169.254.169.254", false),
        ] {
            let block = Cidr::parse(cidr).unwrap();
            assert_eq!(block.contains(address.parse().unwrap()), expected, "{cidr} {address}");
        }
    }

    #[test]
    fn what_is_no_block_is_refused() {
        for text in [
            "",
            "10.0.0.0",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0/8",
            "::/129",
            "a/8",
            "10.0.0.0/-1",
            "10.0.0.0/+8",
            "010.0.0.0/8",
        ] {
            assert_eq!(Cidr::parse(text), None, "{text}");
        }
    }

    #[test]
    fn blocks_cover_smaller_ones_only() {
        let block = |text| Cidr::parse(text).unwrap();
        assert!(block("10.0.0.0/8").covers(block("10.1.0.0/16")));
        assert!(block("10.0.0.0/8").covers(block("10.0.0.0/8")));
        assert!(!block("10.1.0.0/16").covers(block("10.0.0.0/8")));
        assert!(!block("10.0.0.0/8").covers(block("fd00::/64")));
    }
}
