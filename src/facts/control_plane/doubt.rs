//! What a command line and its environment leave open.

use super::reading::follows;

/// What is not known of the flags of an instance, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    about: About,
    reason: String,
}

/// The flags it is about.
#[derive(Clone, Debug, PartialEq)]
enum About {
    All,
    Named(Vec<Box<str>>),
    /// Flags of etcd that an environment out of sight may set.
    Unseen {
        /// What the names of its variables begin with.
        prefix: Box<str>,
        /// Flags that something else sets, which counts before it.
        given: Vec<Box<str>>,
    },
}

impl Doubt {
    /// About every flag.
    pub(super) fn all(reason: String) -> Self {
        Self { about: About::All, reason }
    }

    /// About these flags, and those that follow from them.
    pub(super) fn named(flags: Vec<Box<str>>, reason: String) -> Self {
        let following = flags.iter().flat_map(|flag| follows(flag)).map(|flag| (*flag).into());
        let following: Vec<Box<str>> = following.collect();
        Self { about: About::Named(flags.into_iter().chain(following).collect()), reason }
    }

    /// About all flags of etcd but `given` that variables beginning with `prefix` set.
    pub(super) fn unseen(prefix: &str, given: Vec<Box<str>>, reason: String) -> Self {
        Self { about: About::Unseen { prefix: prefix.into(), given }, reason }
    }

    /// Whether it is not known what a flag is set to, or, without a name, all flags together.
    #[must_use]
    pub fn is_about(&self, flag: Option<&str>) -> bool {
        let Some(flag) = flag else { return true };
        let holds = |flags: &[Box<str>]| flags.iter().any(|known| **known == *flag);
        match &self.about {
            About::All => true,
            About::Named(flags) => holds(flags),
            About::Unseen { prefix, given } => {
                !holds(given) && variable(flag).starts_with(&**prefix)
            }
        }
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// What the names of all variables begin with that etcd reads.
pub(super) const ETCD: &str = "ETCD_";

/// The variable that etcd reads for a flag.
fn variable(flag: &str) -> String {
    format!("{ETCD}{}", flag.to_ascii_uppercase().replace('-', "_"))
}
