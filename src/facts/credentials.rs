//! `facts.credentials`: what the service account tokens in a pod open, whichever way they came into it:
//! mounted by themselves, asked for by a volume, or kept in a Secret that a volume shows.

use super::inputs::PodInputs;
use super::kind::SECRET;
use super::rbac::{Rbac, Subject};
use super::token;
use super::unknown::{Answer, Draft, Fact, Reads, open_question};
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::Missing;

/// The type of Secrets that hold the token of an account.
const TOKEN_TYPE: &str = "kubernetes.io/service-account-token";
/// Whose token it is.
const ACCOUNT: &str = "kubernetes.io/service-account.name";

/// Audiences that API servers take by default.
const API_AUDIENCES: [&str; 2] = ["https://kubernetes.default", "kubernetes.default"];
/// Audiences of others that are known not to be an API server.
const OTHER_AUDIENCES: [&str; 5] = [
    "sts.amazonaws.com",
    "pods.eks.amazonaws.com",
    "api://AzureADTokenExchange",
    "vault",
    "istio-ca",
];

/// Whose tokens a pod holds.
#[derive(Default)]
struct Tokens {
    /// Accounts of its namespace.
    held: Vec<Box<str>>,
    /// Why it may hold its own account's as well.
    own: Option<Missing>,
    /// Why it may hold that of any account of its namespace.
    any: Option<Missing>,
}

/// Which account's rights are asked about, and how strong they are: reasons, none for harmless.
type Strength<'a> = dyn Fn(&str) -> Answer<Vec<Box<str>>> + 'a;

/// `facts.credentials` of a pod or template: `takeover`, the ways to the whole cluster that its tokens open,
/// with the accounts that they belong to, and `admins`, the accounts with full administration.
pub(crate) fn of(inventory: &Inventory, reads: &Reads, rbac: &Rbac, pod: &PodInputs<'_>) -> Fact {
    let namespace = pod.namespace;
    let tokens = tokens(inventory, reads, pod);
    let rights = |account: &str, member: &str| -> Answer<Vec<Box<str>>> {
        let fact = rbac.account(reads, namespace, account);
        if let Some(missing) = fact.missing_member(member) {
            return Err(missing.clone());
        }
        let node = fact.node().and_then(|node| node.get(member).cloned());
        Ok(match node {
            Some(Node::Bool(true)) => vec![member.into()],
            Some(list) => list
                .as_list()
                .into_iter()
                .flatten()
                .filter_map(Node::as_str)
                .map(Into::into)
                .collect(),
            None => Vec::new(),
        })
    };
    let strong = || rbac.strong_accounts(reads, namespace, &Subject::Invalid);
    let takeover = tokens.reach(pod.account, &|account| rights(account, "takeover"), strong);
    let admins = tokens.reach(pod.account, &|account| rights(account, "clusterAdmin"), strong);
    let mut draft = Draft::default();
    let reasons = takeover.as_ref().map_err(Clone::clone).map(|found| {
        let mut all: Vec<&str> = Vec::new();
        for reason in found.iter().flat_map(|(_, reasons)| reasons) {
            if !all.contains(&&**reason) {
                all.push(reason);
            }
        }
        all
    });
    draft.put("takeover", reasons);
    draft.put("takeoverAccounts", takeover.as_ref().map(names).map_err(Clone::clone));
    draft.put("admins", admins.as_ref().map(names).map_err(Clone::clone));
    draft.finish()
}

/// Accounts, each with what makes it strong.
type Found = Vec<(Box<str>, Vec<Box<str>>)>;

fn names(found: &Found) -> Vec<&str> {
    found.iter().map(|(name, _)| &**name).collect()
}

impl Tokens {
    /// The strong accounts among those held. None is certain only where what is open could add none.
    fn reach<'s, S: Iterator<Item = &'s str>>(
        &self,
        own: &str,
        strength: &Strength<'_>,
        strong: impl Fn() -> Answer<S>,
    ) -> Answer<Found> {
        let mut found = Found::new();
        let mut unread = None;
        for account in &self.held {
            match strength(account) {
                Ok(reasons) if reasons.is_empty() => {}
                Ok(reasons) => found.push((account.clone(), reasons)),
                Err(missing) => unread = unread.or(Some(missing)),
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
        unread.map_or(Ok(()), Err)?;
        if let Some(open) = self.own.as_ref().or(self.any.as_ref())
            && !strength(own)?.is_empty()
        {
            return Err(open.clone());
        }
        if let Some(open) = &self.any {
            for account in strong()? {
                if !strength(account)?.is_empty() {
                    return Err(open.clone());
                }
            }
        }
        Ok(found)
    }
}

fn tokens(inventory: &Inventory, reads: &Reads, pod: &PodInputs<'_>) -> Tokens {
    let mut tokens = Tokens::default();
    if pod.mirror {
        return tokens;
    }
    let automatic = token::of(inventory, reads, pod);
    let mounted = automatic.node().and_then(|node| node.get("mounted")).and_then(Node::as_bool);
    let mut holds = mounted == Some(true);
    tokens.own = automatic.missing_member("mounted").cloned();
    for audience in &pod.audiences {
        match *audience {
            audience if is_of_api(audience) => holds = true,
            audience if OTHER_AUDIENCES.contains(&audience) => {}
            audience => {
                let reason = format!(
                    "a token for `{audience}` is mounted, and whether the API server takes that is not known"
                );
                tokens.own = Some(open_question("token", Some(pod.namespace), reason));
            }
        }
    }
    if holds {
        tokens.held.push(pod.account.into());
    }
    for name in &pod.secrets {
        if let Some(secret) = inventory.get(&SECRET, pod.namespace, name) {
            tokens.held.extend(account_of(secret).map(Into::into));
        } else {
            let unread = reads.list(&SECRET, Some(pod.namespace)).err();
            tokens.any = tokens.any.take().or(unread);
        }
    }
    tokens.held.sort();
    tokens.held.dedup();
    tokens
}

/// Whether a token for this audience opens the API: none means the API server's own.
fn is_of_api(audience: &str) -> bool {
    let within = |api: &str| {
        audience.strip_prefix(api).is_some_and(|rest| {
            rest.is_empty()
                || rest == ".svc"
                || rest.starts_with(".svc.")
                || rest.starts_with(".svc/")
        })
    };
    audience.is_empty() || API_AUDIENCES.into_iter().any(within)
}

/// The account whose token a Secret holds.
fn account_of(secret: &Object) -> Option<&str> {
    let holds = secret.body().str_at(&["type"]) == Some(TOKEN_TYPE);
    secret.annotation(ACCOUNT).filter(|_| holds)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::FactName::Credentials;
    use crate::facts::kind::{CLUSTER_ROLE_BINDING, SECRET, SERVICE_ACCOUNT};
    use crate::facts::testing::World;

    const RBAC: &str = "rbac.authorization.k8s.io";

    /// Account `boss` of `ns` is bound to everything, account `app` to nothing.
    fn world() -> World {
        let mut world = World::complete();
        world.account("ns", "boss").account("ns", "app").add(&json!({
            "apiVersion": format!("{RBAC}/v1"), "kind": "ClusterRole", "metadata": {"name": "all"},
            "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}));
        world.add(&json!({
            "apiVersion": format!("{RBAC}/v1"), "kind": "ClusterRoleBinding", "metadata": {"name": "b"},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "all"},
            "subjects": [{"kind": "ServiceAccount", "name": "boss", "namespace": "ns"}]}));
        world
    }

    fn pod(account: &str, volume: &Value) -> Value {
        json!({"serviceAccountName": account, "automountServiceAccountToken": false, "volumes": [volume]})
    }

    fn projected(audience: &Value) -> Value {
        json!({"name": "t", "projected": {"sources": [
            {"serviceAccountToken": {"path": "t", "audience": audience}}]}})
    }

    fn secret(name: &str) -> Value {
        json!({"name": "t", "secret": {"secretName": name}})
    }

    /// Accounts with full administration; null where that is open.
    fn admins(world: &World, name: &str) -> Value {
        world.json(Credentials, "Pod", name)["admins"].clone()
    }

    #[test]
    fn a_token_that_a_volume_asks_for_opens_the_api_by_its_audience() {
        let mut world = world();
        for (at, (audience, expected)) in [
            (json!(null), json!(["boss"])),
            (json!(""), json!(["boss"])),
            (json!("https://kubernetes.default.svc.cluster.local"), json!(["boss"])),
            (json!("https://kubernetes.default.evil.example"), json!(null)),
            (json!("vault"), json!([])),
            (json!("https://somebody.example"), json!(null)),
        ]
        .into_iter()
        .enumerate()
        {
            let (strong, weak) = (format!("strong-{at}"), format!("weak-{at}"));
            world.pod("ns", &strong, &pod("boss", &projected(&audience)));
            world.pod("ns", &weak, &pod("app", &projected(&audience)));
            assert_eq!(admins(&world, &strong), expected, "{audience}");
            assert_eq!(admins(&world, &weak), json!([]), "{audience}: that account has no rights");
        }
        world.pod("ns", "plain", &json!({"serviceAccountName": "boss"}));
        let plain = world.json(Credentials, "Pod", "plain");
        assert_eq!(plain["takeoverAccounts"], json!(["boss"]));
        assert_eq!(plain["takeover"][0], "all verbs on all resources");
        assert_eq!(world.rests_on(Credentials, "Pod", "plain"), [""; 0], "it is seen");
    }

    #[test]
    fn a_secret_holds_the_token_of_the_account_that_it_names() {
        let mut world = world();
        world.pod("ns", "p", &pod("app", &secret("of-boss")));
        assert_eq!(admins(&world, "p"), json!([]), "there is no such Secret");
        assert_eq!(world.rests_on(Credentials, "Pod", "p").last().unwrap(), "Secret");
        let of = |kind: &str| {
            json!({"apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": {"name": "of-boss",
                "namespace": "ns", "annotations": {super::ACCOUNT: "boss"}}})
        };
        world.add(&of("Opaque"));
        assert_eq!(admins(&world, "p"), json!([]));
        world.objects.pop();
        world.add(&of(super::TOKEN_TYPE));
        assert_eq!(admins(&world, "p"), json!(["boss"]));
    }

    #[test]
    fn a_secret_out_of_sight_matters_where_some_account_is_strong() {
        let mut world = world();
        world.forbid(&SECRET).account("quiet", "app");
        world.pod("ns", "here", &pod("app", &secret("x")));
        world.pod("quiet", "there", &pod("app", &secret("x")));
        assert_eq!(admins(&world, "here"), json!(null));
        assert_eq!(admins(&world, "there"), json!([]));
        let why = world.fact(Credentials, "Pod", "here");
        assert!(why.missing().unwrap().reason.contains("ecrets"), "{why:?}");
    }

    #[test]
    fn rights_and_accounts_out_of_sight_leave_it_open() {
        let mut world = world();
        world.pod("ns", "p", &json!({"serviceAccountName": "gone"}));
        assert_eq!(admins(&world, "p"), json!([]));
        let forbidden = |kind| {
            let mut world = self::world();
            world.pod("ns", "p", &json!({"serviceAccountName": "gone"})).forbid(kind);
            admins(&world, "p")
        };
        assert_eq!(forbidden(&CLUSTER_ROLE_BINDING), json!(null));
        assert_eq!(forbidden(&SERVICE_ACCOUNT), json!([]), "it has no rights, mounted or not");
    }
}
