//! Values that are messages in protobuf and one text or number in JSON.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;

use super::Unread;
use super::wire::Wire;
use crate::model::node::Node;
use crate::model::node::parts::{Part, text};

/// The beginning of year 1, which Go takes for no time at all.
const NO_TIME: i64 = -62_135_596_800;
/// The first second of year 0: RFC 3339 has none before.
const FIRST: i64 = -62_167_219_200;

/// As Go writes moments that have parts of seconds.
const MICRO: DateTimePrinter = DateTimePrinter::new().precision(Some(6));

/// A moment as text: whole seconds, or with six digits behind them.
pub(super) fn time(bytes: &[u8], micro: bool) -> Result<Node, Unread> {
    if bytes.is_empty() {
        return Ok(Node::Null);
    }
    let [seconds, nanos] = numbers(bytes)?;
    let whole = i32::try_from(nanos).ok().filter(|nanos| micro || *nanos == 0);
    let nanos = whole.filter(|nanos| (0..1_000_000_000).contains(nanos) && seconds >= FIRST);
    // Go leaves out what is less than a millionth.
    let nanos = nanos.ok_or(Unread::Value("time"))? / 1000 * 1000;
    if seconds == NO_TIME && nanos == 0 {
        return Ok(Node::Null);
    }
    let moment = Timestamp::new(seconds, nanos).map_err(|_| Unread::Value("time"))?;
    let text = if micro { MICRO.timestamp_to_string(&moment) } else { moment.to_string() };
    Ok(Node::str(&text))
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
        assert_eq!(told(0, 0, false).as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(told(951_782_400, 0, false).as_deref(), Some("2000-02-29T00:00:00Z"));
        assert_eq!(told(1, 2_345_678, true).as_deref(), Some("1970-01-01T00:00:01.002345Z"));
        assert_eq!(told(1, 0, true).as_deref(), Some("1970-01-01T00:00:01.000000Z"));
        assert_eq!(told(FIRST, 0, false).as_deref(), Some("0000-01-01T00:00:00Z"));
        assert_eq!(told(253_370_764_800, 0, false).as_deref(), Some("9999-01-01T00:00:00Z"));
    }

    #[test]
    fn no_time_is_null_and_what_no_calendar_has_is_refused() {
        assert_eq!(time(&[], false), Ok(Node::Null));
        assert_eq!(told(NO_TIME, 0, false).as_deref(), Some("null"));
        assert_eq!(told(NO_TIME, 1000, true).as_deref(), Some("0001-01-01T00:00:00.000001Z"));
        for (seconds, nanos, micro) in [
            (253_402_300_800, 0, true),
            (i64::MIN, 0, true),
            (FIRST - 1, 0, false),
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
