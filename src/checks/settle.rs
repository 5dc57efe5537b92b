//! What an outcome comes to where not everything could be seen.

use std::borrow::Cow;

use crate::model::read::{Missing, ReadStatus};

use super::beside::Beside;
use super::compiled::Compiled;
use super::judge::{Hit, Outcome};
use super::target::{Element, Parts};

/// What an outcome comes to where not everything could be seen.
pub(super) fn settled<'k>(
    check: &Compiled,
    parts: &Parts<'_>,
    element: Element,
    beside: Option<&Beside<'_>>,
    outcome: Outcome<'k>,
    hits: &mut Vec<Hit>,
) -> Outcome<'k> {
    if parts.is_template(element) {
        // Intent, not what runs: only what is written there can be wrong.
        hits.retain(|hit| is_written(check, parts, element, hit));
        return match outcome {
            Outcome::Fail if !hits.is_empty() => Outcome::Fail,
            Outcome::Pass | Outcome::Fail => Outcome::Unknown(Cow::Owned(Missing {
                read: "configz".to_owned(),
                namespace: None,
                status: ReadStatus::NotAsked,
                reason: format!(
                    "ConfigMap {} is what nodes are given when they join, not what runs; \
                     --allow configz reads that",
                    parts.object.id.name
                ),
            })),
            other => other,
        };
    }
    as_seen(check, beside, outcome)
}

/// An outcome that could be another one if the lists that were partly seen were whole is unknown.
pub(super) fn as_seen<'k>(
    check: &Compiled,
    beside: Option<&Beside<'_>>,
    outcome: Outcome<'k>,
) -> Outcome<'k> {
    match beside.and_then(|beside| beside.partly.as_ref()) {
        Some(missing) if rests_on_seen(check, &outcome) => {
            Outcome::Unknown(Cow::Owned(missing.clone()))
        }
        _ => outcome,
    }
}

/// Whether an outcome could be another one if lists that were only partly seen were whole.
fn rests_on_seen(check: &Compiled, outcome: &Outcome<'_>) -> bool {
    match outcome {
        Outcome::Pass => true,
        Outcome::NotApplicable => {
            check.check.target.when.as_ref().is_some_and(|when| when.contains("lists"))
        }
        _ => false,
    }
}

/// Whether a hit on a kubelet's configuration points at a field that is there.
fn is_written(check: &Compiled, parts: &Parts<'_>, element: Element, hit: &Hit) -> bool {
    let place = hit.place.and_then(|place| check.places.get(usize::from(place)));
    let config = parts.node(element);
    place.is_some_and(|place| config.is_some_and(|c| place.path.path.walk(c).is_some()))
}
