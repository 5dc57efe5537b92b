//! What makes a row the same row after everything was counted anew.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::Item;

impl Item {
    /// What it is, for the cursor: the same as long as it is the same thing.
    #[must_use]
    pub fn id(&self) -> u64 {
        let mut hash = DefaultHasher::new();
        std::mem::discriminant(self).hash(&mut hash);
        match self {
            Self::Heading(section) => section.hash(&mut hash),
            Self::NewSession | Self::Demo => {}
            Self::Session(info) => info.id.hash(&mut hash),
            Self::Context(info) => info.name.hash(&mut hash),
            Self::Part { framework, name, .. } => (framework, name).hash(&mut hash),
            Self::Control { framework, id, .. } => (framework, id).hash(&mut hash),
            Self::ControlRef(control) | Self::Question(control) => control.hash(&mut hash),
            Self::Exception(exception) => {
                let entry = &exception.entry;
                (entry.origin.describe(), entry.line).hash(&mut hash);
                (&entry.label, entry.decided.first()).hash(&mut hash);
            }
            Self::Disagreement(d) => {
                (&d.check, &d.framework, &d.control, &d.object).hash(&mut hash);
                (d.tool, &d.rule).hash(&mut hash);
            }
            Self::Framework(id) | Self::Check { id, .. } => id.hash(&mut hash),
            Self::Finding(finding) => finding.fingerprint.hash(&mut hash),
            Self::Compared(one) => (&one.entry().fingerprint, one.under()).hash(&mut hash),
            Self::FrameworkShift(shift) => shift.id().hash(&mut hash),
            Self::ControlShift(shift) => (shift.id(), shift.number()).hash(&mut hash),
            Self::Foreseen(foreseen) => {
                (&foreseen.finding.fingerprint, foreseen.fate).hash(&mut hash);
            }
            Self::ControlMove(moved) => moved.hash(&mut hash),
            Self::Cause(cause) => cause.place.hash(&mut hash),
            Self::Group { label, .. } => label.hash(&mut hash),
            Self::Kind(kind, _) => kind.hash(&mut hash),
            Self::Object(object) => object.id.hash(&mut hash),
            Self::Arriving(name, at) => (&name.namespace, &name.name, at).hash(&mut hash),
            Self::Text(name)
            | Self::Namespace(name)
            | Self::Theme(name)
            | Self::Tactic { name, .. } => name.hash(&mut hash),
            Self::Technique(cell) => (&cell.framework, &cell.tactic, &cell.id).hash(&mut hash),
            Self::Heat(row) => row.namespace.hash(&mut hash),
            Self::Tenant(card) => card.profile.hash(&mut hash),
            Self::Cluster(cluster) => cluster.context.name.hash(&mut hash),
            Self::Difference(differs) => differs.check.hash(&mut hash),
            Self::TenantScore(card, at) => {
                let id = card.frameworks.get(*at).map(|score| score.id.as_str());
                (&card.profile, id).hash(&mut hash);
            }
            Self::Read(read) => (&read.resource, &read.namespace).hash(&mut hash),
            Self::Gap(gap) => gap.missing.hash(&mut hash),
            Self::Problem(problem) => {
                (&problem.file, problem.line, problem.column, &problem.message).hash(&mut hash);
            }
            Self::Mend(mend) => mend.owner.hash(&mut hash),
            Self::Kept { owner, .. } => owner.hash(&mut hash),
            Self::Message(number, _) => number.hash(&mut hash),
            other => other.relation_id(&mut hash),
        }
        hash.finish()
    }
}

/// What stands in the pages of rights and of the network.
impl Item {
    fn relation_id(&self, hash: &mut impl Hasher) {
        match self {
            Self::Holder(holder) => holder.subject.hash(hash),
            Self::Right { right, .. } => (&right.binding.id, right.at, right.rule).hash(hash),
            Self::Role(role) => role.id.hash(hash),
            Self::Bound(bound) => bound.id.hash(hash),
            Self::Rule { role, rule, .. } => (role, rule).hash(hash),
            Self::Runner(runner) => runner.id.hash(hash),
            Self::Zone(zone) => zone.name.hash(hash),
            Self::Station(station, place) => (&station.id, place).hash(hash),
            Self::Policy(policy) => policy.id.hash(hash),
            Self::Peer(peer) => (&peer.policy, &peer.at).hash(hash),
            Self::Foreign(id) => id.hash(hash),
            Self::NotKnown(missing) => missing.hash(hash),
            _ => {}
        }
    }
}
