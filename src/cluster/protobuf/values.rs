//! Values that are messages in protobuf and one text or number in JSON.

use super::Unread;
use super::wire::Wire;
use crate::model::node::Node;
use crate::model::node::parts::{Part, text};

/// The beginning of year 1, which Go takes for no time at all.
const NO_TIME: i64 = -62_135_596_800;
/// The first second of year 0, and the first after year 9999: RFC 3339 has no others.
const YEARS: std::ops::Range<i64> = -62_167_219_200..253_402_300_800;
const DAY: i64 = 86_400;

/// A moment as text: whole seconds, or with six digits behind them.
pub(super) fn time(bytes: &[u8], micro: bool) -> Result<Node, Unread> {
    if bytes.is_empty() {
        return Ok(Node::Null);
    }
    let [seconds, nanos] = numbers(bytes)?;
    if !YEARS.contains(&seconds) || !(0..1_000_000_000).contains(&nanos) || (!micro && nanos != 0) {
        return Err(Unread::Value("time"));
    }
    let micros = nanos / 1000;
    if seconds == NO_TIME && micros == 0 {
        return Ok(Node::Null);
    }
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let second = seconds.rem_euclid(DAY);
    let mut told = Digits::default();
    told.add(year, 4, b'-').add(month, 2, b'-').add(day, 2, b'T');
    told.add(second / 3600, 2, b':').add(second / 60 % 60, 2, b':');
    if micro {
        told.add(second % 60, 2, b'.').add(micros, 6, b'Z');
    } else {
        told.add(second % 60, 2, b'Z');
    }
    Ok(Node::str(told.text()))
}

/// Year, month and day of a day since 1970, in the Gregorian calendar that goes on backwards. Years
/// begin in March here, so that the day that not every year has is the last one.
fn date(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// Room for `2026-11-28T12:00:00.123456Z`.
#[derive(Default)]
struct Digits {
    bytes: [u8; 27],
    length: usize,
}

impl Digits {
    /// A number with so many digits, and what stands behind it.
    fn add(&mut self, number: i64, digits: u32, behind: u8) -> &mut Self {
        for digit in (0..digits).rev() {
            let digit = number / 10_i64.pow(digit) % 10;
            self.push(b'0' + u8::try_from(digit).unwrap_or_default());
        }
        self.push(behind);
        self
    }

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    fn text(&self) -> &str {
        // Only digits and signs were added.
        self.bytes.get(..self.length).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default()
    }
}

/// A quantity is the text that JSON has.
pub(super) fn quantity(bytes: &[u8]) -> Result<Part, Unread> {
    let mut wire = Wire(bytes);
    let (1, written) = wire.tag()? else { return Err(Unread::Value("quantity")) };
    let told = wire.text_of(written)?;
    if told.is_empty() || !wire.is_empty() {
        return Err(Unread::Value("quantity"));
    }
    Ok(text(told))
}

/// A number or a text, whichever it says it is; both are written.
pub(super) fn int_or_string(bytes: &[u8]) -> Result<Part, Unread> {
    let (mut sort, mut number, mut told) = (0, 0, "");
    let mut wire = Wire(bytes);
    while !wire.is_empty() {
        match wire.tag()? {
            (1, written) => sort = wire.number_of(written)?,
            (2, written) => number = int32(wire.number_of(written)?)?,
            (3, written) => told = wire.text_of(written)?,
            (number, _) => return Err(Unread::Unknown { of: "IntOrString", number }),
        }
    }
    match sort {
        0 => Ok(Part::plain(Node::Int(number))),
        1 => Ok(text(told)),
        _ => Err(Unread::Value("number or text")),
    }
}

/// A signed number of 32 bits: written with 64, negative ones too.
pub(super) fn int32(number: u64) -> Result<i64, Unread> {
    let number = number.cast_signed();
    i32::try_from(number).map(i64::from).map_err(|_| Unread::Value("number"))
}

/// A boolean.
pub(super) fn boolean(number: u64) -> Result<bool, Unread> {
    if number > 1 { Err(Unread::Value("boolean")) } else { Ok(number == 1) }
}

/// The numbers of the fields 1 and 2; 0 where there is none.
fn numbers(bytes: &[u8]) -> Result<[i64; 2], Unread> {
    let mut wire = Wire(bytes);
    let mut found = [0; 2];
    while !wire.is_empty() {
        let (number, written) = wire.tag()?;
        let place = usize::try_from(number).unwrap_or_default().wrapping_sub(1);
        let place = found.get_mut(place).ok_or(Unread::Unknown { of: "Timestamp", number })?;
        *place = wire.number_of(written)?.cast_signed();
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(number: u32, mut value: u64) -> Vec<u8> {
        let mut bytes = vec![u8::try_from(number << 3).unwrap()];
        while value > 0x7f {
            bytes.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
            value >>= 7;
        }
        bytes.push(u8::try_from(value).unwrap());
        bytes
    }

    fn told(seconds: i64, nanos: u64, micro: bool) -> Option<String> {
        let bytes = [written(1, seconds.cast_unsigned()), written(2, nanos)].concat();
        time(&bytes, micro).ok().map(|node| node.as_str().unwrap_or("null").to_owned())
    }

    #[test]
    fn moments_are_written_as_rfc_3339_has_them() {
        for step in 0..4000_i64 {
            let seconds = -62_135_596_799 + step * 78_888_123;
            let wanted = jiff::Timestamp::from_second(seconds).unwrap().to_string();
            assert_eq!(told(seconds, 0, false), Some(wanted));
        }
        assert_eq!(told(0, 0, false).as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(told(951_782_400, 0, false).as_deref(), Some("2000-02-29T00:00:00Z"));
        assert_eq!(told(1, 2_345_678, true).as_deref(), Some("1970-01-01T00:00:01.002345Z"));
        assert_eq!(told(253_402_300_799, 0, false).as_deref(), Some("9999-12-31T23:59:59Z"));
    }

    #[test]
    fn no_time_is_null_and_what_no_calendar_has_is_refused() {
        assert_eq!(time(&[], false), Ok(Node::Null));
        assert_eq!(told(NO_TIME, 0, false).as_deref(), Some("null"));
        assert_eq!(told(NO_TIME, 1000, true).as_deref(), Some("0001-01-01T00:00:00.000001Z"));
        for (seconds, nanos, micro) in [
            (253_402_300_800, 0, true),
            (i64::MIN, 0, true),
            (0, 1_000_000_000, true),
            (0, 1, false),
        ] {
            assert_eq!(told(seconds, nanos, micro), None, "{seconds} {nanos}");
        }
        assert!(time(&written(3, 1), true).is_err(), "a field that is not known");
    }

    #[test]
    fn a_port_is_a_number_or_a_name() {
        let port = |parts: &[Vec<u8>]| int_or_string(&parts.concat()).ok().map(|part| part.node);
        let name = vec![0x1a, 4, b'h', b't', b't', b'p'];
        let number = written(2, u64::MAX);
        assert_eq!(port(&[written(1, 0), number.clone(), name.clone()]), Some(Node::Int(-1)));
        assert_eq!(port(&[written(1, 1), number.clone(), name]), Some(Node::str("http")));
        assert_eq!(port(&[written(1, 2), number]), None);
        assert_eq!(port(&[written(2, 1 << 40)]), None);
        assert_eq!(port(&[written(4, 1)]), None);
    }

    #[test]
    fn a_quantity_is_its_text_and_nothing_else() {
        assert_eq!(quantity(&[0x0a, 1, b'0']).map(|part| part.node), Ok(Node::str("0")));
        for bytes in
            [&[][..], &[0x0a, 0], &[0x12, 1, b'0'], &[0x0a, 1, b'0', 0x0a, 0], &[0x0a, 1, 0xff]]
        {
            assert!(quantity(bytes).is_err(), "{bytes:?}");
        }
    }
}
