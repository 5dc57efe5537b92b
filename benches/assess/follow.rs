//! A run that is kept up to date: what one changed object costs.

use std::path::Path;
use std::sync::Arc;

use plimsoll::app::ahead::CountedBy;
use plimsoll::assess::{self, Chosen, Content};
use plimsoll::checks::{Following, Silent};
use plimsoll::model::inventory::Inventory;
use plimsoll::model::kinds::lookup;
use plimsoll::model::node::Node;
use plimsoll::model::object::Object;
use plimsoll::runtime::follow::{FollowEngine, FollowJudge, FollowStart, ToJudge};
use plimsoll::session::run::Selection;
use plimsoll::triage::Sources;
use serde_json::{Value, json};

use super::figure::Figure;
use super::measure::time;
use super::part::row;
use super::{capture, pace};

/// What is changed, and how; the number makes each change another one.
type Change = fn(&mut Value, usize);

const CHANGES: [(&str, &str, Change); 5] = [
    ("pod", "Pod", |pod, number| {
        pod["spec"]["containers"][0]["securityContext"]["privileged"] = (number % 2 == 0).into();
    }),
    ("status of a pod", "Pod", |pod, number| {
        pod["status"]["conditions"][0]["message"] = number.to_string().into();
    }),
    ("RoleBinding", "RoleBinding", |binding, number| {
        binding["subjects"][0]["name"] = format!("people-{number}").into();
    }),
    ("NetworkPolicy", "NetworkPolicy", |policy, number| {
        let types = if number % 2 == 0 { json!(["Ingress"]) } else { json!(["Egress"]) };
        policy["spec"]["policyTypes"] = types;
    }),
    ("label of a Namespace", "Namespace", |namespace, number| {
        let level = if number % 2 == 0 { "restricted" } else { "privileged" };
        namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = level.into();
    }),
];

/// Everything on one cluster, in a process of its own.
pub fn run(dir: &Path) -> anyhow::Result<()> {
    let mut inventory = Arc::new(capture::whole(dir)?);
    let content = capture::content();
    let facts = content.facts(Arc::clone(&inventory));
    let chosen = content.choose(&Selection::default())?;
    let chosen = content.fit(chosen, assess::cluster(&facts));
    let (plan, facts) = (Arc::new(content.plan(&chosen)), Arc::new(facts));
    let (started, took) = time(|| Following::start(plan, facts, chosen.scope.clone(), &Silent));
    let mut following = started.ok_or_else(|| anyhow::anyhow!("it was cancelled"))?;
    row("follow: the first run", Figure::took(took));
    for (what, kind, change) in CHANGES {
        let mut least: Option<Figure> = None;
        for number in 0..=pace::times() {
            inventory = Arc::new(changed(&inventory, kind, |body| change(body, number))?);
            let (done, took) = time(|| following.update(Arc::clone(&inventory), &Silent));
            anyhow::ensure!(done, "the update was cancelled");
            let figure = Figure::took(took);
            least = Some(least.map_or_else(|| figure.clone(), |least| figure.least(&least)));
        }
        if let Some(least) = least {
            row(&format!("one changed {what}: evaluated again"), least);
        }
        row(&format!("one changed {what}: objects looked at"), Figure::count(following.judged()));
    }
    drop(following);
    told(&content, &inventory, Arc::new(chosen))
}

/// The whole way from changed objects to what a workbench takes in of them: judged, counted, with the
/// rows of long lists and the difference from the run.
fn told(content: &Content, run: &Arc<Inventory>, chosen: Arc<Chosen>) -> anyhow::Result<()> {
    let facts = content.facts(Arc::clone(run));
    let begun = FollowEngine::start(content, &chosen, facts, &Silent);
    let (engine, result) = begun.ok_or_else(|| anyhow::anyhow!("it was cancelled"))?;
    row("follow: open findings", Figure::count(result.findings.len()));
    let result = Arc::new(result);
    let begin = FollowStart {
        content: content.clone(),
        chosen,
        run: 1,
        seen: Some((Arc::clone(run), Arc::clone(&result))),
        result,
        engine: Some(engine),
        sources: Sources::default(),
    };
    let mut judge = FollowJudge::new(begin, plimsoll::runtime::cancel::CancelToken::default());
    for (what, kind, change) in [CHANGES[0], CHANGES[1]] {
        // What is told is shown until something newer is: what was counted of it is built upon.
        let (mut inventory, mut least, mut shown) = (Arc::clone(run), None::<Figure>, None);
        for number in 0..=pace::times() {
            inventory = Arc::new(changed(&inventory, kind, |body| change(body, number))?);
            let (ledger, lens) = (Arc::default(), CountedBy::default());
            let look = ToJudge { inventory: Arc::clone(&inventory), ledger, decided: 0, lens };
            let (told, took) = time(|| judge.look(look));
            shown = told.or(shown);
            let figure = Figure::took(took);
            least = Some(least.map_or_else(|| figure.clone(), |least| figure.least(&least)));
        }
        if let Some(least) = least {
            row(&format!("one changed {what}: until it is told"), least);
        }
    }
    Ok(())
}

/// The same objects but for one of a kind.
fn changed(
    inventory: &Inventory,
    kind: &str,
    change: impl FnOnce(&mut Value),
) -> anyhow::Result<Inventory> {
    let kind = lookup(kind).ok_or_else(|| anyhow::anyhow!("{kind} is no kind"))?.kind();
    let first = inventory.of(&kind).first();
    let first = first.ok_or_else(|| anyhow::anyhow!("there is no {kind}"))?;
    let mut body = first.body().to_json();
    change(&mut body);
    // By its version a server says that an object is another one.
    let version = body["metadata"]["resourceVersion"].as_str().and_then(|v| v.parse::<u64>().ok());
    body["metadata"]["resourceVersion"] = (version.unwrap_or_default() + 1).to_string().into();
    let new = Arc::new(Object::new(Node::from(&body))?);
    Ok(inventory.changed(vec![(new.id.clone(), Some(new))]))
}
