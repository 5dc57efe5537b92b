//! Where the findings of an object stand that somebody else made: a pod's at its Deployment, a job's
//! at its `CronJob`.

use crate::facts;
use crate::model::finding::Finding;
use crate::model::object::{Object, ObjectRef};

use super::data::Data;
use super::item::{Item, Tally};
use super::list::Row;

impl Data {
    /// The workload that an object goes by, whose findings are the object's too; none when it goes by
    /// itself.
    #[must_use]
    pub fn kept_at(&self, object: &Object) -> Option<ObjectRef> {
        let identity = facts::identity(&self.inventory, object);
        (identity != object.id).then_some(identity)
    }

    /// The findings that count for an object, and whose they are where it is not the object that would
    /// be mended.
    #[must_use]
    pub fn tally_of(&self, object: &Object) -> (Option<&Tally>, Option<ObjectRef>) {
        let owner = self.kept_at(object);
        let at = owner.as_ref().unwrap_or(&object.id);
        (self.index.objects.get(at), owner)
    }

    /// How many findings stand at an owner: as many as its list of findings has.
    #[must_use]
    pub fn kept(&self, owner: &ObjectRef) -> usize {
        let own =
            |finding: &Finding| finding.owner.as_ref().or(finding.object.as_ref()) == Some(owner);
        self.of_object(owner).filter(|finding| own(finding)).count()
    }

    /// The row that leads from an object to where its findings stand; none when none do.
    pub(super) fn kept_row(&self, id: &ObjectRef) -> Option<Row> {
        let owner = self.kept_at(self.inventory.find(id)?)?;
        let count = self.kept(&owner);
        (count > 0).then(|| Row::new(Item::Kept { owner, count }))
    }
}
