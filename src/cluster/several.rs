//! Several contexts at once: by name, by pattern, or all of them.

use super::error::{Trouble, UserError};
use super::kubeconfig::{ContextInfo, Contexts, listed, nearest};
use crate::text::glob_match;

/// The word for every context.
const ALL: &str = "all";

impl Contexts {
    /// The contexts that names and patterns mean, each once: in the order of the words, and of the
    /// files where a pattern means several. What is no name as it stands is several words, with commas
    /// between.
    ///
    /// # Errors
    /// When a name is not there or a pattern fits nothing.
    pub fn named(&self, words: &[String]) -> Result<Vec<ContextInfo>, UserError> {
        let mut out: Vec<ContextInfo> = Vec::new();
        let whole = |word: &str| self.all.iter().any(|context| context.name == word);
        let apart = words.iter().flat_map(|text| {
            let comma = if whole(text) { None } else { Some(',') };
            text.split(move |c| Some(c) == comma)
        });
        for word in apart {
            let before = self.all.iter().filter(|context| means(word, &context.name));
            let found: Vec<&ContextInfo> = before.collect();
            if found.is_empty() {
                return Err(self.nothing(word));
            }
            for context in found {
                if !out.iter().any(|there| there.name == context.name) {
                    out.push(context.clone());
                }
            }
        }
        Ok(out)
    }

    fn nothing(&self, word: &str) -> UserError {
        let names: Vec<&str> = self.all.iter().map(|context| context.name.as_str()).collect();
        let known = format!("Known: {}.", listed(&names));
        let files: Vec<String> = self.files.iter().map(|path| path.display().to_string()).collect();
        let pattern = word.contains('*') || word == ALL;
        let what = if pattern { "no context fits" } else { "unknown context" };
        let near = nearest(word, &names).filter(|_| !pattern);
        let next =
            near.map_or_else(|| known.clone(), |near| format!("Did you mean {near:?}? {known}"));
        UserError::new(
            Trouble::Context,
            format!("{what} {word:?}"),
            format!("{} has none of that name", files.join(", ")),
            next,
        )
    }
}

fn means(word: &str, name: &str) -> bool {
    word == name || word == ALL || word.contains('*') && glob_match(name, word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contexts() -> Contexts {
        let info = |name: &str| ContextInfo { name: name.to_owned(), ..ContextInfo::default() };
        Contexts { all: ["prod-eu", "lab", "prod-us"].map(info).to_vec(), ..Contexts::default() }
    }

    fn names(words: &[&str]) -> Result<Vec<String>, UserError> {
        let words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
        Ok(contexts().named(&words)?.into_iter().map(|context| context.name).collect())
    }

    #[test]
    fn names_and_patterns_mean_each_context_once() {
        assert_eq!(names(&["lab", "prod-*", "prod-us"]).unwrap(), ["lab", "prod-eu", "prod-us"]);
        assert_eq!(names(&["all"]).unwrap(), ["prod-eu", "lab", "prod-us"]);
        assert_eq!(names(&["*"]).unwrap().len(), 3);
    }

    #[test]
    fn a_name_with_a_comma_is_meant_before_two_names() {
        let info = |name: &str| ContextInfo { name: name.to_owned(), ..ContextInfo::default() };
        let all = ["a", "b", "a,b", ""].map(info).to_vec();
        let contexts = Contexts { all, ..Contexts::default() };
        let names = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
            let found = contexts.named(&words)?;
            Ok::<_, UserError>(found.into_iter().map(|c| c.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["a,b"]).unwrap(), ["a,b"]);
        assert_eq!(names(&["b,a"]).unwrap(), ["b", "a"]);
        assert_eq!(names(&[""]).unwrap(), [""]);
        let error = names(&["x"]).unwrap_err();
        assert_eq!(error.next, "Known: a, b, \"a,b\", \"\".");
    }

    #[test]
    fn what_means_nothing_is_named_with_what_there_is() {
        let error = names(&["lab", "prod-uz"]).unwrap_err();
        assert!(error.what.contains("unknown context \"prod-uz\""), "{error}");
        assert!(error.next.contains("Did you mean \"prod-"), "{error}");
        let error = names(&["stage-*"]).unwrap_err();
        assert!(error.what.contains("no context fits \"stage-*\""), "{error}");
        assert!(error.next.contains("prod-eu, lab, prod-us"), "{error}");
    }
}
