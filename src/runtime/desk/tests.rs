use tokio::sync::mpsc::Receiver;

use super::*;
use crate::checks::Library;
use crate::frameworks::Set;
use crate::model::decision::{Decision, DecisionState};
use crate::model::inventory::SourceKind;

const NOW: &str = "2026-01-01T00:00:00Z";

struct Bench {
    dir: tempfile::TempDir,
    desk: Desk,
    news: Receiver<DeskNews>,
}

fn bench() -> Bench {
    let dir = tempfile::tempdir().unwrap();
    let content = Content::of(Library::builtin(), Set::default());
    let (tell, news) = events::channel(64);
    let desk = Desk::start(dir.path(), "ada", content, tell).unwrap();
    Bench { dir, desk, news }
}

fn source(context: &str) -> SourceInfo {
    SourceInfo {
        kind: SourceKind::Live,
        context: Some(context.into()),
        cluster_uid: Some(context.into()),
        ..SourceInfo::default()
    }
}

fn run_of(context: &str) -> DeskOrder {
    let record = RunRecord {
        started: NOW.into(),
        finished: NOW.into(),
        tool: "0".into(),
        content: "sha256:0".into(),
        source: source(context),
        ..RunRecord::default()
    };
    DeskOrder::Run(Arc::new(record), Vec::new())
}

fn decide(print: &str) -> DeskOrder {
    let working = Decision { state: DecisionState::InProgress, ..Decision::default() };
    DeskOrder::Decide(vec![print.to_owned()], working)
}

/// Waits until a desk has carried out everything.
fn ended(desk: &mut Desk) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(desk.finish());
}

impl Bench {
    fn store(&self) -> SessionStore {
        SessionStore::new(self.dir.path())
    }

    /// A saved session of a cluster with a run.
    fn saved(&self, context: &str) -> String {
        let meta = SessionMeta {
            title: context.into(),
            source: source(context),
            ..SessionMeta::default()
        };
        let mut session = self.store().create(meta, "ada", NOW).unwrap();
        let DeskOrder::Run(record, _) = run_of(context) else { unreachable!() };
        session.record_run(Arc::unwrap_or_clone(record), "ada").unwrap();
        session.id().to_owned()
    }

    /// The next news for which there is an answer.
    fn until<T>(&mut self, wanted: impl Fn(&DeskNews) -> Option<T>) -> T {
        loop {
            let news = self.news.blocking_recv().expect("the desk told nothing of it");
            if let Some(found) = wanted(&news) {
                return found;
            }
        }
    }

    fn failed(&mut self) -> UserError {
        self.until(|news| match news {
            DeskNews::Event(Event::Session(SessionEvent::Failed(error))) => Some(error.clone()),
            _ => None,
        })
    }

    fn resumed(&mut self) -> u64 {
        self.until(|news| match news {
            DeskNews::Resumed(resumed) => Some(resumed.epoch),
            _ => None,
        })
    }

    fn opened(&mut self) -> String {
        self.until(|news| match news {
            DeskNews::Event(Event::Session(SessionEvent::Opened { info, .. })) => {
                Some(info.id.clone())
            }
            _ => None,
        })
    }

    fn carried(&mut self) {
        self.until(|news| {
            matches!(news, DeskNews::Event(Event::Session(SessionEvent::Carried))).then_some(())
        });
    }

    /// Ends the desk and tells how many runs and decisions a session has.
    fn holds(&mut self, id: &str) -> (usize, usize) {
        ended(&mut self.desk);
        let session = self.store().open(id).unwrap();
        let state = session.state();
        (state.runs.len(), state.ledger.decisions.len())
    }
}

#[test]
fn what_was_meant_for_the_session_before_never_gets_into_the_one_that_is_opened() {
    let mut bench = bench();
    let (old, new) = (bench.saved("prod"), bench.saved("test"));
    bench.desk.order(DeskOrder::Open(old.clone()));
    let epoch = bench.resumed();
    assert!(bench.desk.turned(epoch));
    bench.desk.order(DeskOrder::Open(new.clone()));
    // Nobody has heard yet that it is open.
    bench.desk.order(decide("p1:a"));
    bench.desk.order(run_of("prod"));
    let error = bench.failed();
    assert_eq!(error.what, "not saved");
    assert!(error.why.contains("meant for the session that was open before"), "{}", error.why);
    bench.carried();
    assert_eq!(bench.failed().what, "the run was not saved");
    assert!(bench.desk.turned(epoch + 1), "the news of it comes last");
    bench.desk.order(decide("p1:b"));
    assert_eq!(bench.holds(&new), (1, 1));
    assert_eq!(bench.holds(&old), (1, 0));
}

#[test]
fn a_session_that_was_left_before_it_was_open_is_not_taken_up() {
    let mut bench = bench();
    let id = bench.saved("prod");
    bench.desk.order(DeskOrder::Open(id.clone()));
    bench.desk.order(DeskOrder::Leave(Box::new(source("test"))));
    bench.desk.order(run_of("test"));
    let epoch = bench.resumed();
    assert!(!bench.desk.turned(epoch));
    let new = bench.opened();
    assert_ne!(new, id);
    assert_eq!(bench.holds(&new), (1, 0), "whoever leaves looks at nothing any more");
}

#[test]
fn a_session_that_cannot_be_opened_leaves_the_one_before_open() {
    let mut bench = bench();
    let (old, broken) = (bench.saved("prod"), bench.saved("test"));
    bench.desk.order(DeskOrder::Open(old.clone()));
    let epoch = bench.resumed();
    bench.desk.turned(epoch);
    let journal = bench.store().root().join(&broken).join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, text.replacen("ada", "eve", 1)).unwrap();
    bench.desk.order(DeskOrder::Open(broken));
    bench.desk.order(DeskOrder::Open("nothing".to_owned()));
    bench.desk.order(decide("p1:a"));
    assert!(bench.failed().why.contains("changed after it was written"));
    assert_eq!(bench.failed().what, "not opened");
    bench.carried();
    assert_eq!(bench.holds(&old), (1, 1));
    assert_eq!(bench.store().list().unwrap().len(), 2, "no new one was begun");
}

#[test]
fn the_session_that_is_open_is_opened_again() {
    let mut bench = bench();
    let id = bench.saved("prod");
    for _ in 0..2 {
        bench.desk.order(DeskOrder::Open(id.clone()));
        let epoch = bench.resumed();
        assert!(bench.desk.turned(epoch));
    }
    bench.desk.order(decide("p1:a"));
    assert_eq!(bench.holds(&id), (1, 1), "it is still ours to write");
}

#[test]
fn a_run_of_another_cluster_is_refused_by_name() {
    let mut bench = bench();
    let id = bench.saved("prod");
    bench.desk.order(DeskOrder::Open(id.clone()));
    let epoch = bench.resumed();
    bench.desk.turned(epoch);
    bench.desk.order(run_of("test"));
    let error = bench.failed();
    assert_eq!(error.what, "the run was not saved");
    assert!(error.why.contains("assesses prod, and this is test"), "{}", error.why);
    assert_eq!(bench.holds(&id), (1, 0));
}

#[test]
fn a_session_is_called_by_what_its_first_run_knows() {
    let mut bench = bench();
    let chosen = SourceInfo { kind: SourceKind::Live, ..SourceInfo::default() };
    bench.desk.order(DeskOrder::Leave(Box::new(chosen)));
    bench.desk.order(run_of("prod"));
    let id = bench.opened();
    assert_eq!(bench.holds(&id), (1, 0));
    let session = bench.store().open(&id).unwrap();
    assert_eq!(session.state().meta.title, "prod");
}

#[test]
fn every_act_is_answered_once_whatever_comes_of_it() {
    let mut bench = bench();
    bench.desk.order(DeskOrder::Undo);
    bench.desk.order(decide("p1:a"));
    bench.desk.order(DeskOrder::Import("/nowhere/x.json".to_owned()));
    bench.desk.order(DeskOrder::List);
    ended(&mut bench.desk);
    let mut carried = 0;
    while let Some(news) = bench.news.blocking_recv() {
        carried +=
            usize::from(matches!(news, DeskNews::Event(Event::Session(SessionEvent::Carried))));
    }
    assert_eq!(carried, 3, "a list is no act");
}

#[test]
fn a_node_that_no_run_saw_is_named_when_its_results_come_in_and_they_can_be_taken_back() {
    let mut bench = bench();
    let file = bench.dir.path().join("nope.json");
    std::fs::write(&file, include_bytes!("../../../tests/imports/worker-1.json")).unwrap();
    let DeskOrder::Run(mut record, scores) = run_of("prod") else { unreachable!() };
    let run = Arc::make_mut(&mut record);
    let beside = Arc::make_mut(&mut Arc::make_mut(&mut run.result).beside);
    beside.nodes_complete = true;
    beside.nodes =
        vec![crate::model::import::KnownNode { name: "cp-1".to_owned(), control_plane: true }];
    bench.desk.order(DeskOrder::Run(record, scores));
    bench.desk.order(DeskOrder::Import(format!("node-99={}", file.display())));
    let what = bench.until(|news| match news {
        DeskNews::Event(Event::Session(SessionEvent::Imported { what, .. })) => Some(what.clone()),
        _ => None,
    });
    assert!(what.contains("there is no node node-99; the nodes that were seen are cp-1"), "{what}");
    bench.desk.order(DeskOrder::Undo);
    let (left, what) = bench.until(|news| match news {
        DeskNews::Event(Event::Session(SessionEvent::Imports { imports, what })) => {
            Some((imports.len(), what.clone()))
        }
        _ => None,
    });
    assert!(left == 0 && what.starts_with("took back the import of "), "{left} {what}");
}

#[test]
fn a_bundle_holds_what_was_acknowledged_before_it_and_goes_over_no_other_file() {
    let mut bench = bench();
    let id = bench.saved("prod");
    bench.desk.order(DeskOrder::Open(id));
    let epoch = bench.resumed();
    assert!(bench.desk.turned(epoch));
    let to = bench.dir.path().join("a.tar");
    let bundle = || BundleOrder {
        to: to.to_string_lossy().into_owned(),
        stem: "plimsoll-prod".to_owned(),
        environment: None,
    };
    let told = |news: &DeskNews| match news {
        DeskNews::Event(Event::Done(text)) => Some(Ok(text.clone())),
        DeskNews::Event(Event::Failed(error)) => Some(Err(error.clone())),
        _ => None,
    };
    bench.desk.order(DeskOrder::Note(vec!["p1:a".to_owned()], "seen".to_owned()));
    bench.desk.order(DeskOrder::Bundle(bundle()));
    let done = bench.until(told).unwrap();
    assert!(done.contains("bundle of 1 run written to"), "{done}");
    let file = std::fs::File::open(&to).unwrap();
    let verified = crate::bundle::verify(file, None).unwrap();
    assert_eq!(verified.about.entries, 3, "created, run, noted");
    bench.desk.order(DeskOrder::Bundle(bundle()));
    let error = bench.until(told).unwrap_err();
    assert!(error.why.contains("nothing is overwritten"), "{}", error.why);
}
