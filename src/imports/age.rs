//! How old results are.

/// Days from a moment (RFC 3339) to `today`, a date; none where either cannot be read.
#[must_use]
pub fn age(taken: &str, today: &str) -> Option<i64> {
    let day = |text: &str| text.get(..10)?.parse::<jiff::civil::Date>().ok();
    let days = day(taken)?.until(day(today)?).ok()?.get_days();
    Some(i64::from(days).max(0))
}

/// An age in words.
#[must_use]
pub fn days(age: i64) -> String {
    match age {
        0 => "made today".to_owned(),
        1 => "1 day old".to_owned(),
        n => format!("{n} days old"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_whole_days() {
        let age = |taken| age(taken, "2026-05-30");
        assert_eq!(age("2026-05-28T23:59:59Z"), Some(2));
        assert_eq!(age("2027-01-01T00:00:00Z"), Some(0));
        assert_eq!(age("2025-05-30"), Some(365));
        assert_eq!(age("soon"), None);
        assert_eq!(days(1), "1 day old");
    }
}
