//! A call of a function, and what is asked of its arguments.

use super::functions::{self, Fun, refuse};
use super::ops;
use super::value::{EvalError, Val};

/// A call of a function with evaluated arguments, the receiver first.
#[derive(Clone, Copy)]
pub(super) struct Call<'c, 'a> {
    pub(super) fun: Fun,
    pub(super) args: &'c [Val<'a>],
    /// Where it stands.
    pub(super) at: u32,
}

impl<'c, 'a> Call<'c, 'a> {
    /// The error of a function that does not work on these arguments.
    pub(super) fn wrong(&self) -> EvalError {
        let all: Vec<&Val<'_>> = self.args.iter().collect();
        ops::no_overload(functions::name(self.fun), &all, self.at)
    }

    /// The error of a function that works on such arguments and not on these.
    pub(super) fn refuse(&self, what: &str) -> EvalError {
        refuse(what, self.at)
    }

    /// An argument, by its place.
    pub(super) fn arg(&self, place: usize) -> Result<&'c Val<'a>, EvalError> {
        self.args.get(place).ok_or_else(|| self.wrong())
    }

    /// An argument that is a text.
    pub(super) fn text(&self, place: usize) -> Result<&'c str, EvalError> {
        self.maybe_text(place).ok_or_else(|| self.wrong())
    }

    /// An argument that is a text; none where there is none, or it is something else.
    pub(super) fn maybe_text(&self, place: usize) -> Option<&'c str> {
        self.args.get(place).and_then(Val::as_str)
    }

    /// An argument that is a list.
    pub(super) fn list(&self, place: usize) -> Result<&'c Val<'a>, EvalError> {
        match self.args.get(place) {
            Some(list @ (Val::List(_) | Val::Items(_))) => Ok(list),
            _ => Err(self.wrong()),
        }
    }

    /// An argument that is a whole number.
    pub(super) fn whole(&self, place: usize) -> Result<i64, EvalError> {
        match self.args.get(place) {
            Some(Val::Int(number)) => Ok(*number),
            _ => Err(self.refuse("expected a whole number")),
        }
    }

    /// The same where it may be left out.
    pub(super) fn maybe_whole(&self, place: usize) -> Result<Option<i64>, EvalError> {
        if self.args.len() > place { self.whole(place).map(Some) } else { Ok(None) }
    }
}
