//! Putting it together from the index of roles, bindings and subjects.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::grade::{Ability, Grade};
use super::sum::{Sum, abilities, sums, telling};
use super::{Access, Allowed, Bound, Holder, Power, Reach, RoleState, RoleUse, Runner, Subject};
use crate::facts::kind::{
    CLUSTER_ROLE, CLUSTER_ROLE_BINDING, NAMESPACE, ROLE, ROLE_BINDING, SERVICE_ACCOUNT,
    required_workloads,
};
use crate::facts::platform::bindings::is_builtin_subject;
use crate::facts::platform::roles::is_builtin_role;
use crate::facts::rbac::{Binding, Role};
use crate::facts::workload::Workload;
use crate::facts::{Facts, PodInputs, token};
use crate::model::kinds::{Kind, workloads};
use crate::model::node::Node;
use crate::model::object::ObjectRef;
use crate::model::read::Missing;

/// Most namespaces whose reads are reported one by one.
const NAMED: usize = 20;
/// The group that the API server asks nothing of.
const MASTERS: &str = "system:masters";

pub(super) fn access(facts: &Facts) -> Access {
    let index = &facts.rbac().index;
    let mut roles: Vec<RoleUse> = index.roles.iter().map(|role| role_use(facts, role)).collect();
    let mut by_role: FxHashMap<(Box<str>, Box<str>), usize> =
        roles.iter().enumerate().map(|(at, role)| (key(&role.id), at)).collect();
    let bindings: Vec<Arc<Bound>> = index
        .bindings
        .iter()
        .map(|binding| {
            let at = role_place(facts, binding, &mut roles, &mut by_role);
            Arc::new(bound(facts, binding, at))
        })
        .collect();
    let (holders, by_subject) = holders(facts, &roles, &bindings);
    finish_roles(&mut roles, &bindings);
    let mut access = Access {
        holders,
        roles: roles.into_iter().map(Arc::new).collect(),
        unknown: unknown(facts),
        bindings,
        by_subject,
        by_role,
    };
    sort(&mut access);
    access
}

fn key(id: &ObjectRef) -> (Box<str>, Box<str>) {
    (id.namespace.clone().unwrap_or_default(), id.name.clone())
}

fn role_use(facts: &Facts, role: &Role) -> RoleUse {
    let rules: Vec<_> = role.rules().iter().map(|rule| Arc::new(Allowed::of(rule))).collect();
    RoleUse {
        id: role.object.id.clone(),
        state: role.whole(&facts.reads).map_or_else(RoleState::Unread, |()| RoleState::Read),
        telling: telling(&rules),
        places: Vec::new(),
        rules,
        worst: None,
        bindings: Vec::new(),
        subjects: 0,
        builtin: is_builtin_role(&role.object),
        object: Some(Arc::clone(&role.object)),
    }
}

/// Where the role of a binding stands; one that is not in hand gets a place of its own.
fn role_place(
    facts: &Facts,
    binding: &Binding,
    roles: &mut Vec<RoleUse>,
    by_role: &mut FxHashMap<(Box<str>, Box<str>), usize>,
) -> Option<usize> {
    let name = binding.role.as_ref()?;
    if let Some(at) = by_role.get(name) {
        return Some(*at);
    }
    let state = match facts.rbac().index.role_of(&facts.reads, binding) {
        Ok(_) => RoleState::Absent,
        Err(missing) => RoleState::Unread(missing),
    };
    by_role.insert(name.clone(), roles.len());
    roles.push(RoleUse {
        id: role_ref(name),
        state,
        rules: Vec::new(),
        worst: None,
        bindings: Vec::new(),
        subjects: 0,
        builtin: false,
        object: None,
        telling: Vec::new(),
        places: Vec::new(),
    });
    Some(roles.len() - 1)
}

fn role_ref((namespace, name): &(Box<str>, Box<str>)) -> ObjectRef {
    let kind = if namespace.is_empty() { "ClusterRole" } else { "Role" };
    ObjectRef {
        api_version: "rbac.authorization.k8s.io/v1".into(),
        kind: kind.into(),
        namespace: (!namespace.is_empty()).then(|| namespace.clone()),
        name: name.clone(),
    }
}

fn bound(facts: &Facts, binding: &Binding, at: Option<usize>) -> Bound {
    let role = facts.rbac().index.role_of(&facts.reads, binding);
    let held = role.ok().flatten().map(Role::powers).unwrap_or_default();
    let builtin = binding.subjects.iter().map(|one| is_builtin_subject(binding, one, held));
    Bound {
        id: binding.object.id.clone(),
        place: binding.object.id.namespace.clone(),
        role: binding.role.as_ref().map(role_ref),
        subjects: binding.subjects.clone(),
        builtin: builtin.collect(),
        at,
    }
}

/// Who runs as which account.
type Runs = FxHashMap<(Box<str>, Box<str>), BTreeMap<ObjectRef, Option<bool>>>;

fn runs(facts: &Facts) -> Runs {
    let inventory = facts.inventory();
    let mut runs = Runs::default();
    for object in workloads().flat_map(|kind| inventory.of(&kind.kind())) {
        let Some(workload) = Workload::of(object) else { continue };
        if object.is_mirror_pod() || workload.is_finished() {
            continue;
        }
        let fact = token::of(inventory, &facts.reads, &PodInputs::of(workload));
        let mounted = fact.node().and_then(|node| node.get("mounted").and_then(Node::as_bool));
        let account = (object.namespace().into(), workload.account().into());
        let known = runs.entry(account).or_default();
        let entry = known.entry(facts.identity(object)).or_insert(mounted);
        // One pod with a token is enough.
        if mounted == Some(true) {
            *entry = mounted;
        }
    }
    runs
}

type Holders = (Vec<Arc<Holder>>, FxHashMap<Subject, usize>);

fn holders(facts: &Facts, roles: &[RoleUse], bindings: &[Arc<Bound>]) -> Holders {
    let sums = sums(roles, bindings);
    let mut runs = runs(facts);
    let mut everybody: BTreeSet<Subject> = sums.keys().cloned().collect();
    everybody.insert(Subject::Group(MASTERS.into()));
    let account = |namespace: &str, name: &str| Subject::Account {
        namespace: namespace.into(),
        name: name.into(),
    };
    let listed = facts.inventory().of(&SERVICE_ACCOUNT).iter();
    everybody.extend(listed.map(|object| account(object.namespace(), &object.id.name)));
    everybody.extend(runs.keys().map(|(namespace, name)| account(namespace, name)));
    let of_groups = group_abilities(&sums);
    let lists = [&*CLUSTER_ROLE_BINDING, &*ROLE_BINDING];
    let missing = facts.reads.lists(lists, None).err();
    let nothing = Sum::default();
    let holders = everybody.into_iter().map(|subject| {
        let sum = sums.get(&subject).unwrap_or(&nothing);
        let mut holder = Holder {
            abilities: sum.abilities(),
            reach: Reach {
                cluster: sum.cluster,
                namespaces: sum.namespaces.iter().cloned().collect(),
            },
            bindings: sum.own.len(),
            runs: Vec::new(),
            builtin: sum.builtin,
            unknown: sum.unread.clone().or_else(|| missing.clone()),
            own: sum.own.clone(),
            subject,
        };
        inherit(&mut holder, &of_groups);
        complete(facts, &mut holder, &mut runs);
        Arc::new(holder)
    });
    (holders.collect(), FxHashMap::default())
}

/// What comes with each group that gives anything dangerous.
fn group_abilities(sums: &FxHashMap<Subject, Sum>) -> FxHashMap<&Subject, Vec<Ability>> {
    let groups = sums.iter().filter(|(subject, _)| matches!(subject, Subject::Group(_)));
    groups
        .map(|(group, sum)| {
            let mut given: Vec<Ability> = sum.powers.values().map(|s| s.ability.clone()).collect();
            for ability in &mut given {
                ability.through = Some(group.clone());
            }
            (group, given)
        })
        .filter(|(_, given)| !given.is_empty())
        .collect()
}

/// Adds what comes with the groups of a subject, where it is worse than what it has.
fn inherit(holder: &mut Holder, of_groups: &FxHashMap<&Subject, Vec<Ability>>) {
    for group in super::groups(&holder.subject) {
        for ability in of_groups.get(&group).into_iter().flatten() {
            let own = holder.abilities.iter().any(|a| {
                a.power == ability.power && (a.place.is_none() || a.place == ability.place)
            });
            if !own {
                holder.abilities.retain(|a| a.power.is_some());
                holder.reach.add(ability.place.as_deref());
                holder.abilities.push(ability.clone());
            }
        }
    }
    holder.abilities.sort_by_key(Ability::order);
}

/// What runs as an account, whether the account itself is the platform's, and the one group whose
/// rights no binding gives.
fn complete(facts: &Facts, holder: &mut Holder, runs: &mut Runs) {
    match &holder.subject {
        Subject::Account { namespace, name } => {
            let found = runs.remove(&(namespace.clone(), name.clone())).unwrap_or_default();
            holder.runs = found.into_iter().map(|(id, mounted)| Runner { id, mounted }).collect();
            let object = facts.inventory().get(&SERVICE_ACCOUNT, namespace, name);
            let made = object.is_some_and(|object| facts.is_platform(object));
            holder.builtin =
                (holder.bindings > 0 && holder.builtin) || (holder.bindings == 0 && made);
        }
        Subject::Group(name) if &**name == MASTERS => {
            holder.builtin = holder.bindings == 0 || holder.builtin;
            holder.unknown = None;
            holder.reach.cluster = true;
            if holder
                .abilities
                .first()
                .is_none_or(|a| a.order() > (Grade::Admin, false, Some(Power::All)))
            {
                holder.abilities.insert(
                    0,
                    Ability {
                        grade: Grade::Admin,
                        power: Some(Power::All),
                        place: None,
                        places: 0,
                        binding: None,
                        rule: 0,
                        through: None,
                    },
                );
            }
        }
        _ => {}
    }
}

/// Gives roles their bindings, and the worst that they give through them.
fn finish_roles(roles: &mut [RoleUse], bindings: &[Arc<Bound>]) {
    let mut named: Vec<FxHashSet<&Subject>> = vec![FxHashSet::default(); roles.len()];
    for (at, binding) in bindings.iter().enumerate() {
        let Some(place) = binding.at else { continue };
        let Some(role) = roles.get_mut(place) else { continue };
        let mut subjects =
            binding.subjects.iter().filter(|one| **one != Subject::Invalid).peekable();
        // Without anybody in it a binding gives nothing.
        if subjects.peek().is_some() {
            let given = abilities(role, binding, at).into_iter();
            role.worst = given.chain(role.worst.take()).min_by_key(Ability::order);
            let like = |known: &Option<Box<str>>| {
                Grade::is_alike(known.as_deref(), binding.place.as_deref())
            };
            if !role.places.iter().any(like) {
                role.places.push(binding.place.clone());
            }
        }
        if let Some(named) = named.get_mut(place) {
            named.extend(subjects);
            role.subjects = named.len();
        }
        role.bindings.push(Arc::clone(binding));
    }
}

/// The worst first; what is not known after what is, and what is harmless last.
fn sort(access: &mut Access) {
    access.holders.sort_by(|a, b| {
        let order = |holder: &Holder| {
            let worst = holder.abilities.first().map(Ability::order);
            (worst.is_none(), worst, holder.builtin, holder.unknown.is_none())
        };
        order(a).cmp(&order(b)).then_with(|| a.subject.cmp(&b.subject))
    });
    let places = access.holders.iter().enumerate();
    access.by_subject = places.map(|(at, holder)| (holder.subject.clone(), at)).collect();
    // Bindings know roles by place, so the roles keep theirs; screens sort them.
}

/// What could not be read and would tell of more rights, or of who runs with them.
fn unknown(facts: &Facts) -> Vec<Arc<Missing>> {
    let mut found = Vec::new();
    for kind in [&*CLUSTER_ROLE_BINDING, &*CLUSTER_ROLE, &*NAMESPACE] {
        found.extend(facts.list(kind, None).err());
    }
    let running = required_workloads().collect::<Vec<_>>();
    let namespaced = [&*ROLE_BINDING, &*ROLE, &*SERVICE_ACCOUNT];
    for kind in namespaced.into_iter().chain(&running) {
        found.extend(missing_in(facts, kind));
    }
    let mut seen = FxHashSet::default();
    found.retain(|missing| seen.insert(missing.clone()));
    found.into_iter().map(Arc::new).collect()
}

/// Where a list of a namespaced kind is missing: namespace by namespace as long as there are few.
pub(in crate::facts) fn missing_in(facts: &Facts, kind: &Kind) -> Vec<Missing> {
    let Err(whole) = facts.list(kind, None) else { return Vec::new() };
    let names = facts.inventory().namespaces();
    let each: Vec<Missing> =
        names.iter().filter_map(|name| facts.list(kind, Some(name)).err()).collect();
    if each.is_empty() || each.len() > NAMED || each.len() == names.len() {
        return vec![whole];
    }
    each
}
