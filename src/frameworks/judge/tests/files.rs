//! What files that may not be everything prove.

use super::*;

#[test]
fn nothing_is_mitigated_by_files_that_do_not_show_it() {
    let of = |case: &Case, open_world| {
        let result = judged_in(&of_kind("matrix", "partial", FULL), case, open_world);
        (result.controls[0].status, result.controls[0].reasons.join("; "))
    };
    let (unseen, seen) = (Case::default(), Case { pass: 1, ..Case::default() });
    assert_eq!(of(&unseen, false).0, Status::Mitigated);
    assert_eq!(of(&seen, true).0, Status::Mitigated);
    let (status, why) = of(&unseen, true);
    assert_eq!(status, Status::NotAssessed);
    assert_eq!(why, "the files show nothing that a applies to");
}

/// A control of three checks: `a`, which the files show nothing for, and two of which they do.
fn of_three(kind: &str, a: &str, b: &str, open_world: bool) -> (Status, String) {
    let mappings = format!(
        "{{id='a', strength='{a}'}}, {{id='b', strength='{b}'}}, {{id='c', strength='partial'}}"
    );
    let framework = of_kind(kind, "automated", &mappings);
    let mut result = RunResult::default();
    result.checks.insert("a".into(), CheckCounts { not_applicable: 1, ..CheckCounts::default() });
    for id in ["b", "c"] {
        result.checks.insert(id.into(), CheckCounts { pass: 1, ..CheckCounts::default() });
    }
    result.unseen.push(Gap {
        check: "a".into(),
        missing: Missing::in_files("roles", None).into(),
        count: 0,
        platform: false,
    });
    let control = judged_alone(&framework, &result, None, open_world).controls.remove(0);
    (control.status, control.reasons.join("; "))
}

#[test]
fn no_control_passes_by_what_files_do_not_show() {
    let why = "the files may not show all roles";
    for (at, (kind, a, b, open_world, status, reason)) in [
        ("standard", "full", "full", true, Status::NotAssessed, why),
        ("standard", "full", "full", false, Status::Pass, ""),
        // One that decides alone had something to look at: what only adds to it need not.
        ("standard", "partial", "full", true, Status::Pass, ""),
        ("standard", "partial", "partial", true, Status::NotAssessed, why),
        ("standard", "partial", "partial", false, Status::Pass, ""),
        ("standard", "supporting", "full", true, Status::Pass, ""),
        ("matrix", "partial", "full", true, Status::NotAssessed, why),
        ("matrix", "partial", "full", false, Status::Mitigated, ""),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(of_three(kind, a, b, open_world), (status, reason.to_owned()), "case {at}");
    }
}
