use super::*;

const HEAD: &str = "schema = \"plimsoll.decisions/v1\"\n";

fn wrong(body: &str) -> Vec<String> {
    let errors = DecisionFile::parse("d.toml", &format!("{HEAD}{body}")).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn a_day_may_stand_without_quotes() {
    let text = format!(
        "{HEAD}\n[[decision]]\ncheck = \"host-port\"\nstate = \"accepted\"\nreason = \"x\"\n\
         expires = 2027-01-31\n"
    );
    let file = DecisionFile::parse("d.toml", &text).unwrap();
    assert_eq!(file.entries[0].decision.expires.as_deref(), Some("2027-01-31"));
}

#[test]
fn an_entry_is_read_with_its_line_and_origin() {
    let text = format!(
        "{HEAD}\n[[decision]]\ncheck = \"host-port\"\nnamespace = \"pay-*\"\nstate = \"accepted\"\n\
         reason = \"a load balancer in front\"\nexpires = \"2027-01-31\"\nlink = \"https://t/1\"\n"
    );
    let file = DecisionFile::parse("d.toml", &text).unwrap();
    let [entry] = &file.entries[..] else { panic!("one entry") };
    assert_eq!(entry.line, 3);
    assert_eq!(entry.check_at, (4, 9));
    assert_eq!(entry.decision.origin, DecisionOrigin::File("d.toml".into()));
    assert_eq!(entry.decision.expires.as_deref(), Some("2027-01-31"));
    let Target::Matching(matcher) = &entry.target else { panic!("a matcher") };
    assert_eq!(matcher.describe(), "check host-port, namespace pay-*");
}

#[test]
fn what_is_wrong_has_a_place_and_says_what_was_expected() {
    let print = format!("p1:{}", "0".repeat(32));
    for (body, expected) in [
        ("[[decision]]\ncolour = 1\n", "d.toml:3:1: unknown field `colour`"),
        (
            "[[decision]]\ncheck = \"a\"\nstate = \"open\"\n",
            "d.toml:4:9: `open` is no state here; expected one of accepted",
        ),
        ("[[decision]]\ncheck = \"a\"\n", "d.toml:2:1: there is no state"),
        (
            "[[decision]]\ncheck = \"a\"\nstate = \"accepted\"\n",
            "d.toml:2:1: there is no reason; `accepted` needs one",
        ),
        (
            "[[decision]]\ncheck = \"a\"\nstate = \"accepted\"\nreason = \" \"\n",
            "d.toml:5:10: there is no reason",
        ),
        (
            "[[decision]]\ncheck = \"a\"\nstate = \"accepted\"\nreason = \"x\"\nexpires = \"soon\"\n",
            "d.toml:6:11: `soon` is no day; expected one such as 2026-12-31",
        ),
        (
            "[[decision]]\ncheck = \"a\"\nstate = \"accepted\"\nreason = \"x\"\nexpires = 20270131\n",
            "d.toml:6:11: `20270131` is no day; expected one such as 2026-12-31",
        ),
        (
            "[[decision]]\ncheck = \"a\"\nstate = \"false-positive\"\nreason = \"x\"\nexpires = \"2026-01-01\"\n",
            "d.toml:6:11: expires belongs to `accepted`",
        ),
        (
            "[[decision]]\nnamespace = \"*\"\nstate = \"in-progress\"\n",
            "d.toml:2:1: this entry matches every finding",
        ),
        (
            "[[decision]]\ncheck = \"host-*\"\nstate = \"in-progress\"\n",
            "d.toml:3:9: check takes one id, no pattern",
        ),
        (
            "[[decision]]\nfingerprint = \"p1:12\"\nstate = \"in-progress\"\n",
            "d.toml:3:15: expected a fingerprint",
        ),
        (
            &format!(
                "[[decision]]\nfingerprint = \"{print}\"\ncheck = \"a\"\nstate = \"in-progress\"\n"
            ),
            "d.toml:4:9: an entry has a fingerprint or says what to match",
        ),
        (
            &format!("[[decision]]\nfingerprint = \"{print}\"\nstate = \"in-progress\"\n")
                .repeat(2),
            "d.toml:5:1: line 2 decides about p1:",
        ),
        ("[[decision]\n", "d.toml:2:"),
    ] {
        let errors = wrong(body);
        assert_eq!(errors.len(), 1, "{body}: {errors:?}");
        assert!(errors[0].starts_with(expected), "{body}: {errors:?}");
    }
}

/// A pull request can bring as many as it likes.
#[test]
fn the_last_of_many_entries_takes_no_longer_than_the_first() {
    let entry = |at: u32| {
        format!("[[decision]]\nfingerprint = \"p2:{at:032x}\"\nstate = \"in-progress\"\n")
    };
    let many = 20_000;
    let text: String = (0..many).map(entry).collect();
    let begun = std::time::Instant::now();
    let file = DecisionFile::parse("d.toml", &format!("{HEAD}{text}")).unwrap();
    assert_eq!(file.entries.last().map(|last| last.line), Some(many * 3 - 1));
    // From the start of the text for each of them, it is a minute.
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn entries_that_match_by_words_are_counted() {
    let entry = "[[decision]]\ncheck = \"a\"\nstate = \"in-progress\"\n";
    let text = format!("{HEAD}{}", entry.repeat(4));
    let file = DecisionFile::parse("d.toml", &text).unwrap();
    let told = |most| {
        let mut reader = Reader { path: "d.toml", places: Places::new(&text), errors: Vec::new() };
        reader.patterns(&file, most);
        reader.errors.first().map(ToString::to_string)
    };
    assert_eq!(told(4), None);
    let told = told(2).unwrap();
    assert!(told.starts_with("d.toml:8:1: 4 entries match by words, and 2 may"), "{told}");
}

#[test]
fn everything_wrong_is_told_at_once_and_nothing_is_taken() {
    let body =
        "[[decision]]\ncheck = \"good\"\nstate = \"in-progress\"\n[[decision]]\nstate = \"x\"\n";
    assert_eq!(wrong(body).len(), 2, "no state, and it matches everything");
    let errors = DecisionFile::parse("d", "schema = \"other/v9\"").unwrap_err();
    assert!(errors[0].message.contains("this version reads"), "{errors:?}");
    assert_eq!(DecisionFile::parse("d", "").unwrap_err()[0].line, 1);
}
