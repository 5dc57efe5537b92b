use tokio::runtime::Runtime;
use tokio::sync::mpsc::{Receiver, channel};

use super::*;
use crate::model::decision::{Decision, DecisionState, PastDecision};
use crate::model::finding::Finding;
use crate::model::inventory::SourceKind;
use crate::session::run::Selection;
use crate::source::files;

fn content() -> Content {
    Content::builtin()
}

/// A cluster with one pod for each word: privileged or not.
fn cluster(pods: &[(&str, bool)]) -> Arc<Inventory> {
    let pod = |(name, privileged): &(&str, bool)| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  containers:\n  \
             - {{name: app, image: nginx, securityContext: {{privileged: {privileged}}}}}\n"
        )
    };
    let text: Vec<String> = pods.iter().map(pod).collect();
    let mut inventory =
        files::from_text("pods.yaml", &text.join("---\n"), &files::Options::default());
    inventory.source.kind = SourceKind::Live;
    inventory.source.closed_world = true;
    Arc::new(inventory)
}

/// What a run of one check came to, ready to be followed.
fn begin(inventory: &Arc<Inventory>) -> FollowStart {
    let content = content();
    let selection = Selection {
        checks: vec!["privileged-container".to_owned()],
        frameworks: vec!["pss-baseline".to_owned()],
        ..Selection::default()
    };
    let chosen = content.choose(&selection).unwrap();
    let facts = content.facts(Arc::clone(inventory));
    let chosen = Arc::new(content.fit(chosen, assess::cluster(&facts)));
    let never = CancelToken::default();
    let (engine, mut result) = FollowEngine::start(&content, &chosen, facts, &never).unwrap();
    content.keep_looking_back(&RunResult::default(), &mut result);
    let result = Arc::new(result);
    FollowStart {
        content,
        chosen,
        run: 7,
        seen: Some((Arc::clone(inventory), Arc::clone(&result))),
        result,
        engine: Some(engine),
        sources: Sources::default(),
    }
}

fn judge(inventory: &Arc<Inventory>) -> FollowJudge {
    FollowJudge::new(begin(inventory), CancelToken::default())
}

fn look(inventory: &Arc<Inventory>) -> ToJudge {
    ToJudge {
        inventory: Arc::clone(inventory),
        ledger: Arc::default(),
        decided: 1,
        lens: CountedBy::default(),
    }
}

fn names(findings: &[Arc<Finding>]) -> Vec<&str> {
    findings.iter().filter_map(|f| f.object.as_ref()).map(|o| &*o.name).collect()
}

#[test]
fn a_finding_comes_and_goes_with_the_cluster() {
    let calm = cluster(&[("web", false), ("db", false)]);
    let mut judge = judge(&calm);
    assert!(judge.look(look(&calm)).is_none(), "nothing changed");
    let worse = cluster(&[("web", true), ("db", false)]);
    let view = judge.look(look(&worse)).unwrap();
    assert_eq!((view.run, view.decided), (7, 1));
    let privileged = view.since.new.iter().filter(|f| &*f.check == "privileged-container");
    assert_eq!(names(&privileged.cloned().collect::<Vec<_>>()), ["web"]);
    assert!(view.since.gone.is_empty() && !view.judged.frameworks.is_empty());
    // The same again, as a list that was read again gives it, is no news.
    assert!(judge.look(look(&cluster(&[("web", true), ("db", false)]))).is_none());
    // Back to what the run saw: that is news, but no difference from the run.
    let view = judge.look(look(&calm)).unwrap();
    assert!(view.since.is_empty());
    // A change that no check minds is looked at and not told.
    assert_eq!(cluster(&[("web", false), ("db", false)]).len(), 2);
    let view = judge.look(look(&cluster(&[("web", false)])));
    assert!(view.is_none_or(|view| view.since.new.is_empty()));
}

#[test]
fn decisions_made_before_count_and_ages_wait_for_the_next_run() {
    let calm = cluster(&[("web", false)]);
    let mut begin = begin(&calm);
    let mut history = crate::model::history::History::default();
    let line =
        crate::model::history::FindingSpan { since: "2026-01-01T00:00:00Z".into(), before: None };
    history.lines.insert("p1:known".into(), line);
    let mut run = RunResult::clone(&begin.result);
    run.history = Arc::new(history);
    begin.result = Arc::new(run);
    let mut judge = FollowJudge::new(begin, CancelToken::default());
    let worse = cluster(&[("web", true)]);
    let view = judge.look(look(&worse)).unwrap();
    assert!(view.result.history.lines.contains_key("p1:known"));
    assert_eq!(view.result.history.lines.len(), 1, "what is new has no age yet");

    let failing = |view: &Followed| -> usize {
        view.judged.frameworks.iter().map(|framework| framework.counts.fail).sum()
    };
    assert!(failing(&view) > 0);
    let mut ledger = Ledger::default();
    for finding in &view.since.new {
        let after = Decision { state: DecisionState::FalsePositive, ..Decision::default() };
        let past = PastDecision {
            time: "2026-01-01T00:00:00Z".into(),
            by: "ada".into(),
            after: Some(after.into()),
            undone: false,
        };
        ledger.decided(Arc::<str>::from(finding.fingerprint.as_str()), Arc::new(past));
    }
    let mut judge = FollowJudge::new(self::begin(&calm), CancelToken::default());
    let look = ToJudge {
        inventory: worse,
        ledger: Arc::new(ledger),
        decided: 2,
        lens: CountedBy::default(),
    };
    let view = judge.look(look).unwrap();
    assert!(!view.since.new.is_empty());
    assert_eq!(failing(&view), 0, "{:?}", view.judged);
}

#[test]
fn what_is_told_to_stop_tells_nothing_and_begins_anew() {
    let calm = cluster(&[("web", false)]);
    let mut judge = judge(&calm);
    let stop = Cancel::default();
    judge.cancel = stop.token();
    stop.cancel();
    assert!(judge.look(look(&cluster(&[("web", true)]))).is_none());
    judge.cancel = CancelToken::default();
    let view = judge.look(look(&cluster(&[("web", true)]))).unwrap();
    assert!(!view.since.new.is_empty(), "what was cut short is judged again");
}

#[test]
fn it_rests_four_times_as_long_as_it_works() {
    assert_eq!(rest(Duration::from_millis(1)), Duration::from_millis(150));
    assert_eq!(rest(Duration::from_millis(100)), Duration::from_millis(400));
}

async fn next(events: &mut Receiver<Event>) -> Option<Arc<Followed>> {
    loop {
        let wait = tokio::time::timeout(Duration::from_secs(20), events.recv());
        match wait.await.ok()?? {
            Event::Followed(view) => return Some(view),
            Event::Behind(_) => {}
            _ => return None,
        }
    }
}

/// How far behind judging is told to be, in milliseconds.
fn told(events: &mut Receiver<Event>) -> Option<u64> {
    match events.try_recv() {
        Ok(Event::Behind(age)) => age,
        other => panic!("{other:?} is not about judging"),
    }
}

#[test]
fn judging_that_takes_long_is_said_to_be_behind_and_then_not_any_more() {
    let (events, mut inbox) = channel(64);
    let wake = Arc::new(Notify::new());
    let after = Duration::from_millis(60);
    let mut delay = Delay { said: false, after, wake: Arc::clone(&wake), events };
    Runtime::new().unwrap().block_on(async {
        // What is shown soon is not worth a word, nor is rest while nothing waits.
        let begun = Instant::now();
        delay.during(std::future::ready(()), || Some(begun)).await;
        delay.during(tokio::time::sleep(2 * after), || None).await;
        delay.caught_up(None).await;
        assert!(inbox.try_recv().is_err());
        // While it rests something comes to wait, and for too long.
        let waits = Mutex::new(None);
        let since = || *waits.lock().unwrap();
        let later = async {
            *waits.lock().unwrap() = Some(Instant::now());
            wake.notify_one();
            tokio::time::sleep(4 * after).await;
        };
        delay.during(later, since).await;
        let age = told(&mut inbox).unwrap();
        assert!((60..230).contains(&age), "{age}");
        assert!(inbox.try_recv().is_err(), "it is said once");
        // What waits by now is still too old, and in the end nothing waits.
        delay.caught_up(since()).await;
        assert!(told(&mut inbox).unwrap() >= 240);
        delay.caught_up(None).await;
        assert_eq!(told(&mut inbox), None);
        delay.caught_up(None).await;
        assert!(inbox.try_recv().is_err());
    });
}

#[test]
fn of_many_objects_the_newest_are_judged_and_nothing_after_its_end() {
    Runtime::new().unwrap().block_on(async {
        let calm = cluster(&[("web", false)]);
        let (events, mut inbox) = channel(64);
        let follow = Follow::start(begin(&calm), events);
        let pods: Vec<String> = (0..30).map(|n| format!("pod-{n:02}")).collect();
        for upto in 1..=pods.len() {
            let some: Vec<(&str, bool)> =
                pods.iter().take(upto).map(|name| (name.as_str(), true)).collect();
            follow.look(cluster(&some), Arc::default(), 0, CountedBy::default());
        }
        let mut told = 0;
        loop {
            let view = next(&mut inbox).await.expect("the newest is judged in the end");
            told += 1;
            if view.inventory.len() == pods.len() {
                break;
            }
        }
        assert!(told < 10, "{told} of 30 were judged: each rests at least 150 ms");
        follow.look(calm, Arc::default(), 0, CountedBy::default());
        drop(follow);
        assert!(next(&mut inbox).await.is_none(), "the channel closes with it");
    });
}
