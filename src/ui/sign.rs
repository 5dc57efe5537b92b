//! Signs: each stands beside its word where there is room, and has an ASCII form.

use crate::app::data::Data;
use crate::app::live::RowMark;
use crate::config::theme::Role;
use crate::facts::access::Grade;
use crate::frameworks::Status;
use crate::model::decision::DecisionState;
use crate::model::finding::Severity;
use crate::model::read::ReadStatus;

/// A sign with the word beside it, and what both mean.
#[derive(Clone, Copy)]
pub(super) struct Sign {
    /// The sign, of one cell.
    pub(super) mark: &'static str,
    /// What stands beside it where there is room.
    pub(super) word: &'static str,
    /// How both look.
    pub(super) role: Role,
}

impl Sign {
    const fn new(mark: &'static str, word: &'static str, role: Role) -> Self {
        Self { mark, word, role }
    }
}

/// Sign and role of a severity.
pub(super) fn severity(severity: Severity) -> (&'static str, Role) {
    match severity {
        Severity::Critical => ("◆", Role::Critical),
        Severity::High => ("▲", Role::High),
        Severity::Medium => ("●", Role::Medium),
        Severity::Low => ("○", Role::Low),
        Severity::Info => ("·", Role::Info),
    }
}

/// The shade of a cell by the worst finding behind it.
pub(super) fn heat(worst: Option<Severity>) -> Role {
    match worst {
        Some(Severity::Critical) => Role::HeatCritical,
        Some(Severity::High) => Role::HeatHigh,
        Some(Severity::Medium) => Role::HeatMedium,
        Some(Severity::Low | Severity::Info) => Role::HeatLow,
        None => Role::HeatNone,
    }
}

/// Sign, word and role of a control's status; none is a control that was not judged.
pub(super) fn status(status: Option<Status>) -> Sign {
    match status {
        Some(Status::Pass) => Sign::new("✔", "pass", Role::Pass),
        Some(Status::Fail) => Sign::new("✖", "fail", Role::Fail),
        Some(Status::Exposed) => Sign::new("■", "exposed", Role::Fail),
        Some(Status::Mitigated) => Sign::new("□", "mitigated", Role::Pass),
        Some(Status::Accepted) => Sign::new("⚑", "accepted", Role::Accepted),
        Some(Status::Manual) => Sign::new("◐", "manual", Role::Manual),
        Some(Status::NotAssessed) => Sign::new("?", "not assessed", Role::Unknown),
        Some(Status::NotApplicable) => Sign::new("–", "n/a", Role::NotApplicable),
        None => Sign::new("?", "not run", Role::Unknown),
    }
}

/// The same of a control that may belong to another level than the one that was judged.
pub(super) fn standing(data: &Data, framework: &str, id: &str, judged: Option<Status>) -> Sign {
    if judged.is_none() && data.other_level(framework, id).is_some() {
        return Sign::new("–", "not in level", Role::NotApplicable);
    }
    if judged.is_none() && data.why_not_judged(framework).is_some() {
        return Sign::new("–", "not judged", Role::NotApplicable);
    }
    status(judged)
}

/// Sign and role of what is new or changed.
pub(super) fn flip(flip: RowMark) -> (&'static str, Role) {
    let role = if flip == RowMark::New { Role::Accent } else { Role::Manual };
    (flip.sign(), role)
}

/// Sign, word and role of a decision.
pub(super) fn decision(state: DecisionState) -> Sign {
    let (mark, role) = match state {
        // What is still to be done has no sign.
        DecisionState::Open | DecisionState::InProgress => (" ", Role::Text),
        DecisionState::Accepted => ("⚑", Role::Accepted),
        DecisionState::FalsePositive => ("≠", Role::Accepted),
        DecisionState::Fixed => ("✔", Role::Pass),
        DecisionState::Regressed => ("▼", Role::Fail),
    };
    Sign::new(mark, state.told(), role)
}

/// Sign and role of how far a right leads; none is no right. A right is no finding, so none of these is the sign
/// of a severity.
pub(super) fn grade(grade: Option<Grade>) -> (&'static str, Role) {
    match grade {
        Some(Grade::Admin) => ("★", Role::Critical),
        Some(Grade::Takeover) => ("⇑", Role::High),
        Some(Grade::Namespace) => ("▣", Role::Medium),
        Some(Grade::Change) => ("✎", Role::Low),
        Some(Grade::Read) => ("≡", Role::Info),
        None => ("–", Role::NotApplicable),
    }
}

/// Sign of a peer that is everybody, or everywhere: any address, or every pod of the cluster. It says how wide
/// a rule is, and is no finding.
pub(super) const OPEN: &str = "∀";

/// Sign of a source that is connected or was read.
pub(super) const THERE: &str = "◉";

/// Sign of a source that is not there yet.
pub(super) const AWAITED: &str = "◌";

/// Sign and role of a read.
pub(super) fn read(status: ReadStatus) -> (&'static str, Role) {
    match status {
        ReadStatus::Complete => ("✔", Role::Pass),
        ReadStatus::NotServed => ("–", Role::NotApplicable),
        ReadStatus::Forbidden | ReadStatus::Failed => ("✖", Role::Fail),
        ReadStatus::Partial | ReadStatus::Hidden | ReadStatus::NotAsked => ("?", Role::Unknown),
    }
}

/// Every sign that stands without its word somewhere, with what it means: severities, statuses, decisions,
/// rights, and what stands before rows.
pub(super) fn legend() -> Vec<Sign> {
    let mut all: Vec<Sign> = Vec::new();
    for one in Severity::ALL {
        let (mark, role) = severity(one);
        all.push(Sign::new(mark, one.word(), role));
    }
    all.extend(Status::ALL.map(|one| status(Some(one))));
    all.extend([DecisionState::FalsePositive, DecisionState::Regressed].map(decision));
    for one in Grade::ALL {
        let (mark, role) = grade(Some(one));
        all.push(Sign::new(mark, one.explain(), role));
    }
    all.extend([
        Sign::new(
            OPEN,
            "everybody, or everywhere: any address, or every pod of the cluster",
            Role::Fail,
        ),
        Sign::new("▸", "under the cursor", Role::Accent),
        Sign::new("•", "marked", Role::Mark),
        Sign::new("⊟", "an open group", Role::Text),
        Sign::new("⊞", "a folded group", Role::Text),
        Sign::new("+", "new in the cluster", Role::Accent),
        Sign::new("±", "changed in the cluster", Role::Manual),
        Sign::new(THERE, "read, or live", Role::Pass),
        Sign::new(AWAITED, "not there yet", Role::Manual),
    ]);
    all
}

const ASCII: &[(&str, &str)] = &[
    ("◆", "#"),
    ("▲", "^"),
    ("●", "*"),
    ("○", "o"),
    ("·", "."),
    ("■", "X"),
    // What has no sign of its own is told by its word.
    ("□", " "),
    ("◧", ";"),
    ("◉", " "),
    ("◌", ":"),
    ("★", "A"),
    ("⇑", "T"),
    ("▣", "N"),
    ("✎", "C"),
    ("≡", "R"),
    ("∀", "E"),
    ("✔", "v"),
    ("✖", "x"),
    ("⚑", "!"),
    ("≠", "f"),
    ("◐", "%"),
    ("–", "-"),
    ("−", "-"),
    ("⊖", "@"),
    ("▸", ">"),
    ("⊞", "{"),
    ("⊟", "}"),
    ("±", "&"),
    ("▶", ">"),
    ("◀", "<"),
    ("▼", "V"),
    ("↑", "/"),
    ("↓", "\\"),
    ("›", ">"),
    ("…", "~"),
    ("→", ">"),
    ("─", "-"),
    ("│", "|"),
    ("┌", "+"),
    ("┐", "+"),
    ("└", "`"),
    ("┘", "'"),
    ("█", "="),
    ("▒", ":"),
    ("░", "_"),
    // The footer names the key.
    ("⏎", " "),
    ("“", "\""),
    ("”", "\""),
    ("•", "="),
    ("×", "x"),
    ("↻", "@"),
];

/// The ASCII form of one of the program's own signs.
pub(super) fn ascii(symbol: &str) -> Option<&'static str> {
    if symbol.is_ascii() {
        return None;
    }
    ASCII.iter().find(|(sign, _)| *sign == symbol).map(|(_, plain)| *plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::width;

    const GRADES: [Grade; 5] =
        [Grade::Admin, Grade::Takeover, Grade::Namespace, Grade::Change, Grade::Read];

    #[test]
    fn every_sign_takes_one_cell_and_has_a_plain_form() {
        let severities = Severity::ALL.map(|s| severity(s).0);
        let statuses = Status::ALL.map(|s| status(Some(s)).mark);
        let grades = GRADES.map(|g| grade(Some(g)).0);
        for sign in severities.into_iter().chain(statuses).chain(grades).chain([OPEN]) {
            assert_eq!(width(sign), 1, "{sign}");
            assert!(sign.is_ascii() || ascii(sign).is_some(), "{sign}");
        }
        for (sign, plain) in ASCII {
            assert_eq!((width(sign), width(plain)), (1, 1), "{sign}");
        }
    }

    #[test]
    fn a_decision_has_a_sign_that_is_no_other_decisions_and_no_other_statuses() {
        let plain = |sign: &'static str| ascii(sign).unwrap_or(sign);
        let aside = [DecisionState::Accepted, DecisionState::FalsePositive];
        let [accepted, wrong] = aside.map(|state| plain(decision(state).mark));
        assert_ne!(accepted, wrong);
        for status in Status::ALL.into_iter().filter(|status| *status != Status::Accepted) {
            let sign = plain(self::status(Some(status)).mark);
            assert!(sign != accepted && sign != wrong, "{status:?}");
        }
    }

    #[test]
    fn what_stands_on_one_screen_with_severities_looks_like_none_of_them() {
        let plain = |sign: &'static str| ascii(sign).unwrap_or(sign);
        let severities = Severity::ALL.map(|s| severity(s).0);
        let statuses = Status::ALL.map(|s| status(Some(s)).mark);
        let grades = GRADES.map(|g| grade(Some(g)).0);
        let sources = [THERE, AWAITED];
        assert_ne!(plain(sources[0]), plain(sources[1]));
        let gutter = ["▸", "•", "↑", "↓", OPEN];
        for other in statuses.into_iter().chain(sources).chain(grades).chain(gutter) {
            for severity in severities {
                assert_ne!(other, severity);
                assert_ne!(plain(other), plain(severity));
            }
        }
    }

    #[test]
    fn no_two_severities_and_no_two_statuses_look_alike_without_colour() {
        let plain = |sign: &'static str| ascii(sign).unwrap_or(sign);
        let mut severities = Severity::ALL.map(|s| plain(severity(s).0)).to_vec();
        severities.sort_unstable();
        severities.dedup();
        assert_eq!(severities.len(), 5);
        let mut statuses = Status::ALL.map(|s| plain(status(Some(s)).mark)).to_vec();
        statuses.sort_unstable();
        statuses.dedup();
        assert_eq!(statuses.len(), Status::ALL.len());
        let mut grades = GRADES.map(|g| plain(grade(Some(g)).0)).to_vec();
        grades.sort_unstable();
        grades.dedup();
        assert_eq!(grades.len(), GRADES.len());
        let mut all = [
            severities,
            statuses,
            grades,
            ["▸", "•", "…", "⊞", "⊟", "+", "±", "◧", "░", "└", "≠", OPEN].map(plain).to_vec(),
            ["↑", "↓"].map(plain).to_vec(),
        ]
        .concat();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count, "{all:?}");
    }
}
