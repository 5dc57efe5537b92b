//! Questions about rights, and what rows of rights and of the network lead to.

use crate::app::access::AccessPage;
use crate::app::data::Data;
use crate::app::dialog::{Form, FormPurpose, Popup};
use crate::app::effect::Effect;
use crate::app::filter::Filter;
use crate::app::item::Item;
use crate::app::network::NetworkPage;
use crate::app::route::{Screen, View};
use crate::app::state::State;
use crate::facts::access::Query;
use crate::model::object::ObjectRef;
use crate::model::path::FieldPath;

use super::forms::field;

const VERB: &str = "Verb";
const RESOURCE: &str = "Resource";
const NAMESPACE: &str = "Namespace";

/// The screen that a row of rights or of the network leads to.
pub(super) fn screen_of(item: &Item, data: &Data) -> Option<Screen> {
    let there = |id: &ObjectRef| data.inventory.find(id).map(|_| Screen::Object(id.clone()));
    Some(match item {
        Item::Holder(holder) => Screen::Access(AccessPage::Subject(holder.subject.clone())),
        Item::Role(role) => Screen::Access(AccessPage::Role {
            namespace: role.id.namespace.clone().unwrap_or_default(),
            name: role.id.name.clone(),
        }),
        Item::Right { right, .. } => return there(&right.binding.id),
        Item::Bound(bound) => return there(&bound.id),
        Item::Rule { role, .. } => return there(role),
        Item::Runner(runner) => return there(&runner.id),
        Item::Zone(zone) => Screen::Network(NetworkPage::Zone((&*zone.name).into())),
        Item::Station(station, place) => {
            Screen::Network(NetworkPage::Station { id: station.id.clone(), place: *place })
        }
        Item::Policy(policy) => return there(&policy.id),
        Item::Peer(peer) => return there(&peer.policy),
        Item::Foreign(id) => return there(id),
        _ => return None,
    })
}

/// The place in the object that a row is about.
pub(super) fn place_of(item: &Item) -> Option<FieldPath> {
    let root = FieldPath::default();
    Some(match item {
        Item::Right { right, .. } => root.field("subjects").index(right.at),
        Item::Rule { rule, .. } => root.field("rules").index(*rule),
        Item::Peer(peer) => peer.at.clone(),
        _ => return None,
    })
}

impl State {
    /// The role of the right under the cursor, and which of its rules.
    pub(super) fn role_here(&self) -> Option<(ObjectRef, Option<usize>)> {
        match &self.nav.top().list.current()?.item {
            Item::Right { right, .. } => Some((right.role.clone(), Some(right.rule))),
            Item::Bound(bound) => Some((bound.role.clone()?, None)),
            Item::Role(role) => Some((role.id.clone(), None)),
            Item::Rule { role, rule, .. } => Some((role.clone(), Some(*rule))),
            _ => None,
        }
    }

    pub(super) fn open_role(&mut self) -> Vec<Effect> {
        let Some((id, rule)) = self.role_here() else { return Vec::new() };
        if self.data.inventory.find(&id).is_none() {
            return self.hint(format!("{id} is not among the objects that were read."));
        }
        self.nav.open(Screen::Object(id));
        self.nav.top_mut().at = rule.map(|rule| FieldPath::default().field("rules").index(rule));
        Vec::new()
    }

    /// From subjects to roles, and back.
    pub(super) fn other_access_list(&mut self) {
        let other = match self.nav.top().screen {
            Screen::Access(AccessPage::Roles) => AccessPage::Subjects,
            _ => AccessPage::Roles,
        };
        self.nav.replace(Screen::Access(other));
    }

    /// Asks what is to be found out.
    pub(super) fn ask_who_can(&mut self) -> Vec<Effect> {
        let here = self.data.namespace.clone().unwrap_or_default();
        self.open_form(Form {
            title: "Who can".to_owned(),
            about: vec![
                "What RBAC allows, by the roles and bindings that could be read.".to_owned(),
            ],
            purpose: FormPurpose::WhoCan,
            fields: vec![
                field(VERB, "get, list, create, delete, impersonate, *", ""),
                field(RESOURCE, "secrets, pods/exec, deployments.apps, /metrics", ""),
                field(NAMESPACE, "empty for anywhere", &here),
            ],
            focus: 0,
            error: None,
        });
        Vec::new()
    }

    pub(super) fn submit_who_can(&mut self) -> Vec<Effect> {
        let Some(Popup::Form(form)) = self.popups.last_mut() else { return Vec::new() };
        let (verb, resource, namespace) =
            (form.value(VERB), form.value(RESOURCE), form.value(NAMESPACE));
        if let Some(query) = Query::new(&verb, &resource, Some(&namespace)) {
            self.popups.pop();
            self.open_answer(query);
        } else {
            form.focus = usize::from(!verb.is_empty());
            form.error = Some("A verb and a resource are needed: get secrets.".to_owned());
        }
        Vec::new()
    }

    /// In a list of subjects or roles, `verb:get res:secrets` with Enter is a question: one row
    /// stands for many rights there. Says whether it was one.
    pub(super) fn ask_by_filter(&mut self) -> bool {
        let route = self.nav.top();
        let listed = AccessPage::Subjects;
        let here = matches!(&route.screen, Screen::Access(page) if *page == listed || *page == AccessPage::Roles);
        let asked = route.list.filter().question().filter(|_| here);
        let Some([verb, resource, namespace]) = asked else {
            return false;
        };
        let query = verb.zip(resource).and_then(|(verb, resource)| {
            Query::new(verb, resource, namespace.or(self.data.namespace.as_deref()))
        });
        let Some(query) = query else {
            self.nav.top_mut().typing = None;
            self.hint("Name both: verb:get res:secrets, and ns:pay for one namespace.");
            return true;
        };
        let route = self.nav.top_mut();
        route.typing = None;
        route.list.set_filter(Filter::default(), &self.data);
        self.open_answer(query);
        true
    }

    /// Who can do something, over whatever of access is open, or in its view from anywhere else.
    fn open_answer(&mut self, query: Query) {
        let screen = Screen::Access(AccessPage::WhoCan(query));
        if self.nav.view() == View::Access {
            self.nav.open(screen);
        } else {
            self.nav.go(View::Access, screen);
        }
    }
}
