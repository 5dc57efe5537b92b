//! By which keys what is found is kept: identity, normalised path and check, digested once where many
//! checks share them.

use crate::checks::compiled::Compiled;
use crate::checks::fingerprint::{identity_line, normalise, normalise_secret};
use crate::checks::judge::{Hit, Item, path_of};
use crate::checks::merge::{Digest, Key};
use crate::checks::place::Anchor;
use crate::checks::target::Element;
use crate::facts::Instance;
use crate::model::path::FieldPath;

use super::{Looked, Subject, Worker};

impl Worker<'_, '_> {
    /// The digest of an object's identity, to be continued with a normalised path.
    pub(in crate::checks) fn identity(&self, subject: &Subject<'_, '_>) -> Digest {
        let start = || {
            let mut digest = self.run.keyed.start();
            let identity = self.run.facts.identity(subject.parts.object);
            digest.write(&identity_line(Some(&identity)));
            digest.write("\n");
            digest
        };
        subject.identity.get_or_init(start).clone()
    }

    /// The digest of an instance's identity, whatever pod shows it today.
    fn of_instance(&self, instance: &Instance) -> u128 {
        let mut digest = self.run.keyed.start();
        digest.write(&identity_line(Some(&instance.identity())));
        digest.finish()
    }

    fn digest(&self, subject: &Subject<'_, '_>, path: &FieldPath) -> u128 {
        let mut digest = self.identity(subject);
        digest.write(&normalise(subject.parts.object.body(), subject.parts.pod_keys, path));
        digest.finish()
    }

    /// Identity and normalised path of the element.
    fn place(&self, looked: &Looked<'_, '_, '_>) -> u128 {
        let parts = looked.subject.parts;
        let start = || match parts.instance(looked.element) {
            Some(instance) => self.of_instance(instance),
            None => self.digest(looked.subject, &parts.path(looked.element)),
        };
        *looked.place.get_or_init(start)
    }

    pub(in crate::checks) fn whole_key(&self, check: u32, looked: &Looked<'_, '_, '_>) -> Key {
        Key { place: self.place(looked), check, tail: 0 }
    }

    pub(in crate::checks) fn key(
        &self,
        at: u32,
        check: &Compiled,
        looked: &Looked<'_, '_, '_>,
        hit: &Hit,
    ) -> Key {
        let spotted = hit.place.and_then(|place| check.places.get(usize::from(place)));
        // The hot way: the element's path is digested once for all checks.
        if hit.item == Item::Whole {
            match spotted.map(|spotted| (spotted.path.anchor, spotted.tail)) {
                None => return self.whole_key(at, looked),
                Some((Anchor::Scope, Some(tail))) => {
                    return Key { place: self.place(looked), check: at, tail };
                }
                Some((Anchor::Pod, Some(tail))) => {
                    let subject = looked.subject;
                    let start = || self.digest(subject, &subject.parts.path(Element::Pod));
                    return Key { place: *subject.pod.get_or_init(start), check: at, tail };
                }
                _ => {}
            }
        }
        let path = path_of(check, looked.subject.parts, looked.element, &hit.item, hit.place);
        if check.check.rule.secret {
            let (mut digest, parts) = (self.identity(looked.subject), looked.subject.parts);
            digest.write(&normalise_secret(parts.object.body(), parts.pod_keys, &path));
            return Key { place: digest.finish(), check: at, tail: 0 };
        }
        Key { place: self.digest(looked.subject, &path), check: at, tail: 0 }
    }
}
