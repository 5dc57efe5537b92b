//! Why a control is not settled.

/// Most reasons that are told of what checks left open. In a large cluster there may be one for each
/// image; all of them are listed with what was not assessed.
pub(super) const MOST: usize = 50;

/// Different reasons, in the order in which they were met.
#[derive(Debug, Default)]
pub(super) struct Causes {
    told: Vec<String>,
    /// How many of them are of gaps.
    gaps: usize,
    /// There are more reasons of gaps than are told.
    more: bool,
}

impl Causes {
    /// Whether everything is settled.
    pub(super) fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// A reason that is always told.
    pub(super) fn push(&mut self, cause: String) {
        if !self.told.contains(&cause) {
            self.told.push(cause);
        }
    }

    /// Reasons of gaps: the first so many, since each control may rest on thousands.
    pub(super) fn gaps<'r>(&mut self, reasons: impl Iterator<Item = &'r str>) {
        for reason in reasons {
            if self.more {
                return;
            }
            if self.told.iter().any(|told| told == reason) {
                continue;
            }
            if self.gaps == MOST {
                self.more = true;
            } else {
                self.gaps += 1;
                self.told.push(reason.to_owned());
            }
        }
    }

    /// All that is told.
    pub(super) fn words(&self) -> impl Iterator<Item = String> {
        let more = self.more.then(|| "and more: see what was not assessed".to_owned());
        self.told.iter().cloned().chain(more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_told_once_and_not_thousands_of_them() {
        let mut causes = Causes::default();
        assert!(causes.is_empty());
        causes.push("x was not run".to_owned());
        let reasons: Vec<String> = (0..MOST).map(|n| format!("image {n}")).collect();
        for _ in 0..2 {
            causes.gaps(reasons.iter().map(String::as_str));
        }
        assert_eq!(causes.words().count(), MOST + 1);
        causes.gaps(["image x", "image y"].into_iter());
        causes.push("y was not run".to_owned());
        causes.push("x was not run".to_owned());
        let words: Vec<String> = causes.words().collect();
        assert_eq!(words.len(), MOST + 3);
        assert!(words.contains(&"y was not run".to_owned()), "{words:?}");
        assert!(words.last().is_some_and(|last| last.starts_with("and more")), "{words:?}");
    }
}
