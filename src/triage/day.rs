//! Days: RFC 3339 dates without a time.

use jiff::civil::Date;

/// Reads a day, `2026-12-31`. Nothing else is one: no time, no other order, no 31st of June.
#[must_use]
pub fn parse(text: &str) -> Option<Date> {
    let shape = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    let fits = text.len() == 10 && text.bytes().enumerate().all(shape);
    fits.then(|| text.parse().ok()).flatten()
}

/// How many days lie between two days: negative when the second came first; none when either is no
/// day.
#[must_use]
pub fn between(from: &str, to: &str) -> Option<i64> {
    let days = parse(to)?.since(parse(from)?).ok()?;
    Some(i64::from(days.get_days()))
}

/// The day of an RFC 3339 time or day.
#[must_use]
pub fn of_time(text: &str) -> Option<String> {
    let day = text.get(..10)?;
    let rest = text.get(10..)?;
    let timed = rest.is_empty() || rest.starts_with(['T', 't', ' ']);
    (timed && parse(day).is_some()).then(|| day.to_owned())
}

/// A day as a person gives it: `2027-01-31`, or `90d` from today.
#[must_use]
pub fn ahead(today: &str, text: &str) -> Option<String> {
    if let Some(days) = text.strip_suffix('d').and_then(|_| span(text)) {
        return Some(
            parse(today)?.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?.to_string(),
        );
    }
    parse(text).map(|day| day.to_string())
}

/// A span of days such as `30d` or `30`.
#[must_use]
pub fn span(text: &str) -> Option<i64> {
    let number = text.strip_suffix('d').unwrap_or(text);
    number.parse().ok().filter(|days| (0..=36_500).contains(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_day_is_a_day() {
        assert!(parse("2028-02-29").is_some());
        for wrong in
            ["2026-02-29", "2026-6-1", "01.06.2026", "2026-06-01T00:00:00Z", "", "+026-06-01"]
        {
            assert!(parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn days_are_counted_across_months_and_backwards() {
        assert_eq!(between("2026-01-31", "2026-03-01"), Some(29));
        assert_eq!(between("2026-03-01", "2026-02-27"), Some(-2));
        assert_eq!(between("2026-03-01", "2027-03-01"), Some(365));
        assert_eq!(between("soon", "2026-03-01"), None);
    }

    #[test]
    fn a_time_has_a_day() {
        assert_eq!(of_time("2026-03-01T10:00:00Z").as_deref(), Some("2026-03-01"));
        assert_eq!(of_time("2026-03-01").as_deref(), Some("2026-03-01"));
        assert_eq!(of_time("2026-03-011"), None);
        assert_eq!(of_time("eternity"), None);
        assert_eq!(of_time("2026-03-0€"), None);
    }

    #[test]
    fn a_last_day_is_named_or_counted() {
        assert_eq!(ahead("2026-12-31", "1d").as_deref(), Some("2027-01-01"));
        assert_eq!(ahead("2026-12-31", "2026-01-01").as_deref(), Some("2026-01-01"));
        for wrong in ["d", "1", "-1d", "99999999d", "soon"] {
            assert_eq!(ahead("2026-12-31", wrong), None, "{wrong}");
        }
    }

    #[test]
    fn spans_are_days() {
        assert_eq!(span("30d"), Some(30));
        assert_eq!(span("0"), Some(0));
        assert_eq!(span("-1d"), None);
        assert_eq!(span("2w"), None);
    }
}
