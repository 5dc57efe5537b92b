//! Counts in words.

/// How often something happened: `once`, `3 times`.
#[must_use]
pub fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        many => format!("{many} times"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn one_time_is_once() {
        assert_eq!([1, 2].map(super::times), ["once", "2 times"]);
    }
}
