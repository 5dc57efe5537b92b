//! Clusters that were not read for the same reason: it is told once, with all of them.

use std::collections::BTreeMap;

use crate::frameworks::fleet::Unread;
use crate::text::{in_common, of_its_own};

/// So many of the clusters are named where there is little room.
const NAMED: usize = 3;

/// Clusters that were not read for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike<'a> {
    /// What went wrong and why, with `…` where the clusters differ.
    pub sentence: String,
    /// What to do.
    pub next: &'a str,
    /// The clusters, each with what the sentence says of it alone.
    pub clusters: Vec<(&'a str, String)>,
}

impl Alike<'_> {
    /// A few of their names, and how many more there are.
    #[must_use]
    pub fn named(&self) -> String {
        let names: Vec<&str> = self.clusters.iter().take(NAMED).map(|(name, _)| *name).collect();
        match self.clusters.len().saturating_sub(NAMED) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        }
    }
}

/// Clusters by the reason for which they were not read, in the order in which each was met first.
#[must_use]
pub fn alike<'a>(unread: impl IntoIterator<Item = (&'a str, &'a Unread)>) -> Vec<Alike<'a>> {
    let mut places: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut groups: Vec<Vec<(&str, String, &str)>> = Vec::new();
    for (name, Unread { what, why, next }) in unread {
        let sentence = format!("{what}: {why}");
        let place = *places.entry((likeness(&sentence), next.as_str())).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(place) {
            group.push((name, sentence, next));
        }
    }
    groups.into_iter().flat_map(together).collect()
}

/// The same for sentences that say the same of different addresses and names.
fn likeness(sentence: &str) -> String {
    let own = |word: &str| word.contains(['/', '"']) || word.contains(|c: char| c.is_ascii_digit());
    let words = sentence.split(' ').map(|word| if own(word) { "…" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn together<'a>(group: Vec<(&'a str, String, &'a str)>) -> Vec<Alike<'a>> {
    let sentences: Vec<&str> = group.iter().map(|(_, sentence, _)| sentence.as_str()).collect();
    let Some(common) = in_common(&sentences) else {
        let one = |(name, sentence, next)| Alike {
            sentence,
            next,
            clusters: vec![(name, String::new())],
        };
        return group.into_iter().map(one).collect();
    };
    let next = group.first().map_or("", |(.., next)| *next);
    let clusters = group.iter().map(|(name, sentence, _)| (*name, of_its_own(sentence, &common)));
    let clusters = clusters.collect();
    vec![Alike { sentence: common, next, clusters }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unread(what: &str, why: &str) -> Unread {
        let text = |text: &str| text.to_owned();
        Unread { what: text(what), why: text(why), next: text("Look.") }
    }

    #[test]
    fn what_many_have_in_common_is_told_once() {
        let refused = |port: u16| {
            let what = format!("cannot read the cluster at https://10.0.0.1:{port}");
            unread(&what, "no connection: Connection refused")
        };
        let all = [refused(1), unread("cannot obtain credentials", "exit status"), refused(2)];
        let names = ["a", "b", "c"];
        let found = alike(names.into_iter().zip(&all));
        let own = |text: &str| text.to_owned();
        let first = Alike {
            sentence: own("cannot read the cluster at …: no connection: Connection refused"),
            next: "Look.",
            clusters: vec![("a", own("https://10.0.0.1:1")), ("c", own("https://10.0.0.1:2"))],
        };
        assert_eq!(found[0], first);
        assert_eq!(found[1].clusters, [("b", String::new())]);
        assert_eq!((found.len(), found[0].named()), (2, own("a, c")));
    }

    #[test]
    fn of_many_a_few_are_named() {
        let same = unread("cannot obtain credentials", "the plugin is not there");
        let names = ["a", "b", "c", "d", "e"];
        let found = alike(names.into_iter().zip(std::iter::repeat(&same)));
        assert_eq!((found.len(), found[0].named().as_str()), (1, "a, b, c and 2 more"));
        assert_eq!(found[0].sentence, "cannot obtain credentials: the plugin is not there");
        assert_eq!(found[0].clusters[4], ("e", String::new()));
    }
}
