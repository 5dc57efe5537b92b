//! How old results are.

/// Days from a moment (RFC 3339) to `today`, a date; none where either cannot be read, and where the
/// moment has yet to come: a clock that is wrong tells nothing.
#[must_use]
pub fn age(taken: &str, today: &str) -> Option<i64> {
    let days = between(taken, today)?;
    // Elsewhere it may be tomorrow already.
    (days >= -1).then_some(days.max(0))
}

fn between(taken: &str, today: &str) -> Option<i64> {
    let day = |text: &str| text.get(..10)?.parse::<jiff::civil::Date>().ok();
    Some(i64::from(day(taken)?.until(day(today)?).ok()?.get_days()))
}

/// By what of two results the newer one is told: one whose age is not known is never the newer, and all of
/// those are made at once. A moment is one whatever the zone it is told in.
pub(super) fn rank(taken: &str, today: &str) -> Option<jiff::Timestamp> {
    age(taken, today)?;
    taken.parse().ok().or_else(|| {
        // A day without a time is its beginning.
        let day: jiff::civil::Date = taken.get(..10)?.parse().ok()?;
        Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })
}

/// Why there is no age.
pub(super) fn why_none(taken: &str, today: &str) -> String {
    match between(taken, today) {
        Some(days) if days < 0 => format!("dated {} days in the future", -days),
        _ => "of unknown age".to_owned(),
    }
}

/// When something was made, in words: `made today`, `dated 3651 days in the future`.
#[must_use]
pub fn words(taken: &str, today: &str) -> String {
    age(taken, today).map_or_else(|| why_none(taken, today), days)
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
        assert_eq!(age("2026-05-31T13:00:00Z"), Some(0), "far in the east");
        assert_eq!(age("2025-05-30"), Some(365));
        assert_eq!(age("soon"), None);
        assert_eq!(days(1), "1 day old");
    }

    #[test]
    fn what_is_yet_to_come_has_no_age_and_is_not_newer() {
        let today = "2026-05-30";
        assert_eq!(age("2027-05-30T00:00:00Z", today), None);
        assert_eq!(words("2027-05-30T00:00:00Z", today), "dated 365 days in the future");
        assert_eq!(words("soon", today), "of unknown age");
        assert!(rank("2036-01-01", today) < rank("2026-01-01", today));
        assert!(rank("2026-01-02", today) > rank("2026-01-01", today));
        assert_eq!(rank("soon", today), rank("2036-01-01", today));
    }

    #[test]
    fn moments_are_compared_and_not_their_words() {
        let rank = |taken| rank(taken, "2026-05-30").unwrap();
        assert!(rank("2026-05-28T01:00:00+02:00") < rank("2026-05-28T00:00:00Z"));
        assert!(rank("2026-05-28T00:00:00.5Z") > rank("2026-05-28T00:00:00Z"));
        assert_eq!(rank("2026-05-28T02:00:00+02:00"), rank("2026-05-28T00:00:00Z"));
        assert!(rank("2026-05-28T00:00:01Z") > rank("2026-05-28"));
    }
}
