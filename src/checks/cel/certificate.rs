//! When the certificates of a bundle end.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `version` of a certificate, which is written if it is not the first one.
const VERSION: u8 = 0xa0;

/// The last moment at which any certificate of a base64 text with PEM in it is valid, as RFC 3339; none if
/// there is no certificate in it or one that cannot be read.
pub(super) fn last_end(text: &str) -> Option<String> {
    let bytes = STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).ok()?;
    let pem = String::from_utf8(bytes).ok()?;
    let blocks = pem.split(BEGIN).skip(1);
    let ends: Option<Vec<String>> = blocks
        .map(|block| {
            let (body, _) = block.split_once(END)?;
            let body: String = body.split_ascii_whitespace().collect();
            end(&STANDARD.decode(body).ok()?)
        })
        .collect();
    ends?.into_iter().max()
}

/// `notAfter` of a certificate in DER.
fn end(der: &[u8]) -> Option<String> {
    let (certificate, _) = take(der, SEQUENCE)?;
    let (mut fields, _) = take(certificate, SEQUENCE)?;
    if fields.first() == Some(&VERSION) {
        (_, fields) = take(fields, VERSION)?;
    }
    // Serial number, algorithm, issuer; then how long it is valid.
    for tag in [INTEGER, SEQUENCE, SEQUENCE] {
        (_, fields) = take(fields, tag)?;
    }
    let (validity, _) = take(fields, SEQUENCE)?;
    let (_, rest) = time(validity)?;
    time(rest).map(|(end, _)| end)
}

/// The contents of the first element, which has this tag, and what follows it.
fn take(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (bytes.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        0x80.. => return None,
        short => (usize::from(*short), rest),
    };
    rest.split_at_checked(length)
}

/// A time as RFC 3339, and what follows it. Years of two digits are of 1950 to 2049, as RFC 5280 has it.
fn time(der: &[u8]) -> Option<(String, &[u8])> {
    let tag = *der.first()?;
    let (digits, rest) = take(der, tag)?;
    let text = std::str::from_utf8(digits).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let text = match (tag, text.len()) {
        (UTC_TIME, 12) if text < "5" => format!("20{text}"),
        (UTC_TIME, 12) => format!("19{text}"),
        (GENERALIZED_TIME, 14) => text.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| text.get(from..to);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let text = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    text.parse::<jiff::Timestamp>().ok().map(|_| (text, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate that has nothing but what stands before its end, and that.
    fn certificate(version: bool, tag: u8, start: &str, end: &str) -> Vec<u8> {
        let element = |tag: u8, contents: &[u8]| {
            let length = u8::try_from(contents.len()).unwrap();
            let mut der = vec![tag];
            der.extend(if length < 0x80 { vec![length] } else { vec![0x81, length] });
            der.extend_from_slice(contents);
            der
        };
        let times = [element(tag, start.as_bytes()), element(tag, end.as_bytes())].concat();
        let mut fields =
            if version { element(VERSION, &element(INTEGER, &[2])) } else { Vec::new() };
        fields.extend(element(INTEGER, &[1]));
        fields.extend(element(SEQUENCE, &[]));
        fields.extend(element(SEQUENCE, &[0; 100]));
        fields.extend(element(SEQUENCE, &times));
        element(SEQUENCE, &element(SEQUENCE, &fields))
    }

    fn bundle(all: &[Vec<u8>]) -> String {
        let block = |der: &Vec<u8>| format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(der));
        STANDARD.encode(all.iter().map(block).collect::<String>())
    }

    #[test]
    fn the_last_end_of_a_bundle_counts() {
        let old = certificate(true, UTC_TIME, "990101000000Z", "210203040506Z");
        let new = certificate(false, GENERALIZED_TIME, "20200101000000Z", "20610203040506Z");
        let end = |all: &[Vec<u8>]| last_end(&bundle(all));
        assert_eq!(end(std::slice::from_ref(&old)).as_deref(), Some("2021-02-03T04:05:06Z"));
        assert_eq!(end(&[new.clone(), old.clone()]).as_deref(), Some("2061-02-03T04:05:06Z"));
        let past = certificate(true, UTC_TIME, "490101000000Z", "510203040506Z");
        assert_eq!(end(&[past]).as_deref(), Some("1951-02-03T04:05:06Z"));
        assert_eq!(end(&[]), None);
        assert_eq!(end(&[old, b"0".to_vec()]), None, "one that cannot be read may last longer");
    }

    #[test]
    fn what_is_no_certificate_has_no_end() {
        for text in ["", "QQ==", "Cg==", "no base64", "LS0tLS1CRUdJTg=="] {
            assert_eq!(last_end(text), None, "{text}");
        }
        let wrong = certificate(true, UTC_TIME, "990101000000Z", "211303040506Z");
        assert_eq!(last_end(&bundle(&[wrong])), None, "there is no month 13");
        // Cut anywhere, it is refused and nothing panics.
        let whole = certificate(true, UTC_TIME, "990101000000Z", "210203040506Z");
        for length in 0..whole.len() {
            assert_eq!(last_end(&bundle(&[whole[..length].to_vec()])), None, "{length}");
        }
    }

    #[test]
    fn a_certificate_of_a_real_authority_is_read() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.not_after = rcgen::date_time_ymd(2035, 6, 7);
        let pem = params.self_signed(&key).unwrap().pem();
        assert_eq!(last_end(&STANDARD.encode(pem)).as_deref(), Some("2035-06-07T00:00:00Z"));
    }
}
