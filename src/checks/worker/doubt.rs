//! Instances of components whose command line leaves open what some of their flags are: a check that
//! looks at such a flag is not assessed.

use crate::checks::cel::Var;
use crate::checks::cel::reads::{Extent, Read, Step};
use crate::checks::compiled::Compiled;
use crate::facts::{Doubt, Instance};
use crate::model::read::Missing;

/// Why a check cannot be decided on an instance, where it looks at what is left open.
pub(super) fn on(check: &Compiled, instance: &Instance) -> Option<Missing> {
    let (own, beside) = instance.doubts();
    if own.is_empty() && beside.is_empty() {
        return None;
    }
    let reads: Vec<Looks<'_>> =
        check.exprs().flat_map(|expr| expr.reads.iter()).filter_map(Looks::of).collect();
    let looks = |doubt: &&Doubt, whose: Whose| {
        let same = reads.iter().filter(|looks| looks.whose == whose || looks.whose == Whose::Both);
        same.map(|looks| looks.flag).any(|flag| doubt.is_about(flag))
    };
    let own = own.iter().find(|doubt| looks(doubt, Whose::Own));
    let doubt = own.or_else(|| beside.iter().find(|doubt| looks(doubt, Whose::Apiserver)));
    doubt.map(|doubt| instance.open(doubt))
}

/// The instance whose flags an expression looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Own,
    Apiserver,
    Both,
}

/// The flags an expression looks at: one, or whatever there is.
struct Looks<'e> {
    whose: Whose,
    flag: Option<&'e str>,
}

impl<'e> Looks<'e> {
    fn of(read: &'e Read) -> Option<Self> {
        if read.var != Var::Component {
            return None;
        }
        let (whose, steps) = match read.steps.split_first() {
            None if read.extent == Extent::Presence => return None,
            None => return Some(Self { whose: Whose::Both, flag: None }),
            Some((Step::Field(key), rest)) if key.as_str() == "apiserver" => {
                (Whose::Apiserver, rest)
            }
            Some(_) => (Whose::Own, &*read.steps),
        };
        let flag = match steps {
            // On the way to one of them.
            [] | [_] if read.extent == Extent::Presence => return None,
            [Step::Field(key), Step::Field(flag), ..] if key.as_str() == "flags" => {
                Some(flag.as_str())
            }
            // Which files there are follows from the flags.
            [Step::Field(key), ..] if !matches!(key.as_str(), "flags" | "files") => return None,
            _ => None,
        };
        Some(Self { whose, flag })
    }
}
