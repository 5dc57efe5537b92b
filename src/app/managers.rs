//! Who owns the fields of the object that is looked at: asked for when a finding is opened.

use std::sync::Arc;

use crate::model::finding::Finding;
use crate::model::inventory::SourceKind;
use crate::model::managed::{Managed, Owners, owners};
use crate::model::object::ObjectRef;

use super::effect::Effect;
use super::route::Screen;
use super::state::State;

/// What is known of the owners of an object's fields.
#[derive(Clone, Debug)]
pub struct Managers {
    /// Of which object.
    pub object: ObjectRef,
    /// The answer; none while it is awaited.
    pub answer: Option<Result<Arc<Vec<Managed>>, String>>,
}

/// What is known of who owns the field of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldOwner {
    /// The source cannot tell.
    NotAsked,
    /// The answer is awaited.
    Awaited,
    /// It is not known, for this reason.
    Unknown(String),
    /// These.
    Known(Owners),
}

impl State {
    /// Asks for the managers of the open finding's object, once.
    pub(super) fn follow_managers(&mut self) -> Vec<Effect> {
        let Screen::Finding(print) = &self.nav.top().screen else { return Vec::new() };
        if self.data.inventory.source.kind != SourceKind::Live {
            return Vec::new();
        }
        let id = self.data.open_finding(print).and_then(|finding| finding.object.clone());
        let Some(id) = id.filter(|id| self.data.inventory.find(id).is_some()) else {
            return Vec::new();
        };
        if self.managers.as_ref().is_some_and(|known| known.object == id) {
            return Vec::new();
        }
        self.managers = Some(Managers { object: id.clone(), answer: None });
        vec![Effect::AskManagers(id)]
    }

    /// The answer is there; one that nobody waits for any more is dropped.
    pub(super) fn managed(&mut self, id: &ObjectRef, answer: Result<Arc<Vec<Managed>>, String>) {
        if let Some(known) = self.managers.as_mut().filter(|known| known.object == *id) {
            known.answer = Some(answer);
        }
    }

    /// Who owns the field that a finding points at.
    #[must_use]
    pub fn owner_of_field(&self, finding: &Finding) -> FieldOwner {
        let Some(id) = &finding.object else { return FieldOwner::NotAsked };
        let known = self.managers.as_ref().filter(|known| known.object == *id);
        match (known.map(|known| &known.answer), self.data.inventory.find(id)) {
            (None, _) | (_, None) => FieldOwner::NotAsked,
            (Some(None), _) => FieldOwner::Awaited,
            (Some(Some(Err(why))), _) => FieldOwner::Unknown(why.clone()),
            (Some(Some(Ok(managed))), Some(object)) => {
                FieldOwner::Known(owners(managed, object.body(), &finding.path))
            }
        }
    }
}
