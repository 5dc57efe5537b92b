//! A set of checks, by their places in the plan.

/// A set of checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mask(Vec<u64>);

impl Mask {
    pub(super) fn add(&mut self, check: u32) {
        let word = check as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(bits) = self.0.get_mut(word) {
            *bits |= 1 << (check % 64);
        }
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (ours, theirs) in self.0.iter_mut().zip(&other.0) {
            *ours |= theirs;
        }
    }

    pub(super) fn has(&self, check: u32) -> bool {
        self.0.get(check as usize / 64).is_some_and(|bits| bits & (1 << (check % 64)) != 0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|bits| *bits == 0)
    }
}

impl FromIterator<u32> for Mask {
    fn from_iter<T: IntoIterator<Item = u32>>(checks: T) -> Self {
        let mut mask = Self::default();
        checks.into_iter().for_each(|check| mask.add(check));
        mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_holds_what_was_added() {
        let mut mask: Mask = [3, 64, 200].into_iter().collect();
        assert!(mask.has(3) && mask.has(64) && mask.has(200));
        assert!(!mask.has(4) && !mask.has(1000));
        mask.add_all(&[4, 500].into_iter().collect());
        assert!(mask.has(4) && mask.has(500) && mask.has(200));
        assert!(Mask::default().is_empty() && !mask.is_empty());
    }
}
