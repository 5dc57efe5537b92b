//! In which format a list is asked for: protobuf where both sides know it, JSON wherever not.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::api_resource::ApiResource;
use super::error::RequestFault;
use super::protobuf;
use super::request::{JSON, METADATA, PROTOBUF};
use crate::model::kinds::Kind;

/// The kinds of a connection whose protobuf was not understood, or refused: they are asked for as JSON
/// from then on.
#[derive(Default)]
pub(super) struct Formats(Mutex<HashSet<Kind>>);

impl Formats {
    /// What to say that a list of this may be.
    pub(super) fn of(&self, target: &ApiResource) -> &'static str {
        if target.is_secret() {
            METADATA
        } else if protobuf::is_known(&target.api_version(), &target.kind.kind)
            && !self.plain().contains(&target.kind)
        {
            PROTOBUF
        } else {
            JSON
        }
    }

    /// Whether a list that came to this when it was asked for so has to be asked for as JSON, as it will
    /// be from now on.
    pub(super) fn is_given_up(
        &self,
        asked: &str,
        target: &ApiResource,
        fault: &RequestFault,
    ) -> bool {
        let given_up = asked == PROTOBUF
            && (matches!(fault, RequestFault::Binary(_))
                || matches!(fault.code(), Some(406 | 415)));
        if given_up {
            self.plain().insert(target.kind.clone());
        }
        given_up
    }

    fn plain(&self) -> MutexGuard<'_, HashSet<Kind>> {
        // A kind is added whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::protobuf::Unread;
    use crate::model::kinds::lookup;

    #[test]
    fn only_known_kinds_in_known_versions_are_asked_for_in_protobuf() {
        let formats = Formats::default();
        let asked = |word: &str, version: Option<&str>| {
            let mut target = ApiResource::assumed(lookup(word).unwrap());
            target.version = version.map_or(target.version, str::to_owned);
            formats.of(&target)
        };
        assert_eq!(asked("pods", None), PROTOBUF);
        assert_eq!(asked("horizontalpodautoscalers", None), PROTOBUF);
        assert_eq!(asked("horizontalpodautoscalers", Some("v1")), JSON);
        assert_eq!(asked("customresourcedefinitions", None), JSON);
        assert_eq!(asked("secrets", None), METADATA);
    }

    #[test]
    fn what_was_given_up_stays_json_and_nothing_else_does() {
        let formats = Formats::default();
        let pods = ApiResource::assumed(lookup("pods").unwrap());
        let status = |code| RequestFault::Status {
            code,
            reason: String::new(),
            message: String::new(),
            retry_after: None,
        };
        assert!(!formats.is_given_up(PROTOBUF, &pods, &status(403)));
        assert!(!formats.is_given_up(JSON, &pods, &status(406)));
        assert_eq!(formats.of(&pods), PROTOBUF);
        assert!(formats.is_given_up(PROTOBUF, &pods, &RequestFault::Binary(Unread::Short)));
        assert_eq!(formats.of(&pods), JSON);
        assert_eq!(formats.of(&ApiResource::assumed(lookup("nodes").unwrap())), PROTOBUF);
        let nodes = ApiResource::assumed(lookup("nodes").unwrap());
        assert!(formats.is_given_up(PROTOBUF, &nodes, &status(415)));
    }
}
