//! What the formats of other programs have in common: text that fits their fields, moments, and
//! what a document says of the assessment it comes from.

use super::{Input, about};
use crate::model::inventory::SourceInfo;
use crate::model::read::ReadStatus;
use crate::text::{clean, cut_chars, mask};

/// The longest text of one field, in characters: an object's name from a manifest may have millions.
const LONGEST: usize = 2000;

/// Text for a field of one line: masked, nothing of it obeyed by a terminal, no white space around.
/// None where nothing is left.
#[must_use]
pub fn line(text: &str) -> Option<String> {
    let masked = mask(text);
    let short = cut_chars(&masked, LONGEST);
    let clean = clean(&short);
    let trimmed = clean.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// The same, with a word in place of nothing.
#[must_use]
pub fn line_or(text: &str, otherwise: &str) -> String {
    line(text).unwrap_or_else(|| otherwise.to_owned())
}

/// A moment as RFC 3339 in UTC. None for what is none, or lies outside the years 1900 to 2999,
/// which the formats do not take.
#[must_use]
pub fn instant(text: &str) -> Option<String> {
    let moment: jiff::Timestamp = text.parse().ok()?;
    let year = moment.to_zoned(jiff::tz::TimeZone::UTC).year();
    (1900..3000).contains(&year).then(|| moment.to_string())
}

/// The last second of a day, RFC 3339 in UTC: an acceptance holds through its day.
#[must_use]
pub fn end_of_day(day: &str) -> Option<String> {
    let day: jiff::civil::Date = day.parse().ok()?;
    instant(&format!("{day}T23:59:59Z"))
}

/// Seconds since 1970 of a moment in RFC 3339.
#[must_use]
pub fn seconds(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

/// When the assessment ended; the beginning of time if the record does not tell.
#[must_use]
pub fn finished(input: &Input<'_>) -> String {
    instant(input.finished)
        .or_else(|| instant(input.started))
        .unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned())
}

/// When what was assessed was read: that of the source, else the end of the assessment.
#[must_use]
pub fn collected(input: &Input<'_>) -> String {
    input.source.read_at.as_deref().and_then(instant).unwrap_or_else(|| finished(input))
}

/// What a person calls it, in one line.
#[must_use]
pub fn name(source: &SourceInfo) -> String {
    line_or(&about::subject(source), source.kind.word())
}

/// The assessment in names (lower-case, with hyphens) and values, without those that are not known:
/// source, scope, times, versions, and how far the reads and the choice of frameworks went.
#[must_use]
pub fn facts(input: &Input<'_>) -> Vec<(&'static str, String)> {
    let source = input.source;
    let known = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut facts = vec![
        ("source", source.kind.word().to_owned()),
        ("context", known(&source.context)),
        ("server", known(&source.server)),
        ("cluster-uid", known(&source.cluster_uid)),
        ("kubernetes", known(&source.kubernetes)),
        ("provider", source.provider.clone()),
        ("files", source.files.join(", ")),
        ("absence", about::absence(source).to_owned()),
        ("read-at", known(&source.read_at)),
        ("session", about::session(input)),
        ("started", input.started.to_owned()),
        ("finished", input.finished.to_owned()),
        ("tool-version", env!("CARGO_PKG_VERSION").to_owned()),
        ("content", input.content.to_owned()),
        ("judged-by", input.judged_by.unwrap_or_default().to_owned()),
        ("taken-over", input.result.taken_over_in_words().join("; ")),
        ("pod-security", input.settings.pod_security_in_words()),
        ("parameters", input.settings.params_in_words().join("; ")),
        ("platform-mirrors", input.settings.platform_mirrors.join(", ")),
        ("mirrored", input.result.mirrored_in_words().join("; ")),
        ("settings", input.settings.digest.clone().unwrap_or_default()),
    ];
    facts.extend(selection(input));
    facts.push(("reads", reads(input)));
    facts.push(("not-judged", input.not_judged().join("; ")));
    facts.push(("problems", counted(input.result.problems.len())));
    facts.into_iter().filter_map(|(name, value)| Some((name, line(&value)?))).collect()
}

fn counted(number: usize) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}

fn selection(input: &Input<'_>) -> Vec<(&'static str, String)> {
    let s = input.selection;
    let platform = if s.include_platform { "decides" } else { "decides nothing" };
    let mut facts = vec![
        ("selected-frameworks", s.frameworks.join(", ")),
        ("selected-controls", s.controls.join(", ")),
        ("selected-checks", s.checks.join(", ")),
        ("selected-namespaces", s.namespaces.join(", ")),
        ("selected-labels", s.selector.clone().unwrap_or_default()),
        ("selected-object", s.object.clone().unwrap_or_default()),
    ];
    if facts.iter().all(|(_, value)| value.is_empty()) {
        facts.push(("selected", "everything that fits".to_owned()));
    }
    facts.push(("platform", platform.to_owned()));
    facts
}

/// `41 complete, 2 forbidden (v1/secrets, …)`: those that bring nothing are named.
fn reads(input: &Input<'_>) -> String {
    let statuses = [
        ReadStatus::Complete,
        ReadStatus::NotServed,
        ReadStatus::Partial,
        ReadStatus::Forbidden,
        ReadStatus::Failed,
        ReadStatus::Hidden,
        ReadStatus::NotAsked,
    ];
    let each = statuses.into_iter().filter_map(|status| {
        let of: Vec<String> = input
            .reads
            .iter()
            .filter(|read| read.status == status)
            .map(|read| match &read.namespace {
                Some(namespace) => format!("{} in {namespace}", read.resource),
                None => read.resource.clone(),
            })
            .collect();
        let named = if status.proves_absence() { String::new() } else { of.join(", ") };
        let named = if named.is_empty() { named } else { format!(" ({named})") };
        (!of.is_empty()).then(|| format!("{} {}{named}", of.len(), status.word()))
    });
    each.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_fits_every_format() {
        assert_eq!(line(" a\nb\u{1b}[31m \u{a0}").as_deref(), Some("a\\nb\\u{1b}[31m"));
        assert_eq!(line(" \u{a0} "), None);
        assert_eq!(line("key AKIAABCDEFGHIJKLMNOP").as_deref(), Some("key ••••••"));
        assert_eq!(line(&"ü".repeat(5000)).map(|text| text.chars().count()), Some(LONGEST + 1));
    }

    #[test]
    fn moments_are_those_that_a_document_may_hold() {
        assert_eq!(instant("2026-01-01T01:00:00+01:00").as_deref(), Some("2026-01-01T00:00:00Z"));
        assert_eq!(end_of_day("2028-02-29").as_deref(), Some("2028-02-29T23:59:59Z"));
        for none in ["2027-02-29", "9999-12-31", "soon", ""] {
            assert_eq!(end_of_day(none), None, "{none}");
        }
        assert_eq!(seconds("1970-01-02T00:00:00Z"), Some(86_400));
    }
}
