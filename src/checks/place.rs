//! Paths as check files write them: relative to the scope, to the pod spec or to the object.

use crate::model::path::FieldPath;

/// What a path starts at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// The element of the scope.
    Scope,
    /// The pod spec: `pod:`
    Pod,
    /// The object: `object:`
    Object,
}

/// A path with what it starts at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchored {
    /// What it starts at.
    pub anchor: Anchor,
    /// From there.
    pub path: FieldPath,
}

impl Anchored {
    /// The element of the scope itself.
    #[must_use]
    pub fn here() -> Self {
        Self { anchor: Anchor::Scope, path: FieldPath::default() }
    }

    /// Reads `a.b`, `pod:a.b` or `object:a.b`.
    ///
    /// # Errors
    /// Where the text is no path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (anchor, rest) = if let Some(rest) = text.strip_prefix("pod:") {
            (Anchor::Pod, rest)
        } else if let Some(rest) = text.strip_prefix("object:") {
            (Anchor::Object, rest)
        } else {
            (Anchor::Scope, text)
        };
        let path = FieldPath::parse(rest).map_err(|error| error.to_string())?;
        Ok(Self { anchor, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_anchors() {
        assert_eq!(Anchored::parse("a.b").unwrap().anchor, Anchor::Scope);
        assert_eq!(Anchored::parse("pod:hostPID").unwrap().anchor, Anchor::Pod);
        let object = Anchored::parse("object:metadata.labels[\"a/b\"]").unwrap();
        assert_eq!(object.anchor, Anchor::Object);
        assert_eq!(object.path.to_string(), "metadata.labels[\"a/b\"]");
        assert!(Anchored::parse("a..b").is_err());
    }
}
