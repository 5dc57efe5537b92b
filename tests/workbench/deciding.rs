//! Triage: what is decided, and that saying so means it is on disk.

use plimsoll::model::attestation::AttestationAnswer;
use plimsoll::model::decision::{Decision, DecisionState};

use crate::pty::Pty;
use crate::world::{World, first_finding};

/// Accepts the finding under the cursor until a day.
fn accept(pty: &mut Pty, reason: &str, until: &str, approver: &str) {
    pty.send("a");
    pty.wait_for("Accept the risk");
    pty.send(reason);
    pty.wait_for(reason);
    pty.send("\r\x15");
    pty.send(until);
    pty.wait_for(until);
    pty.send("\r");
    pty.send(approver);
    pty.send("\r\r");
}

fn only(world: &World) -> Decision {
    let session = world.session();
    let mut all = session.state().ledger.decisions.values();
    let first = Decision::clone(all.next().expect("a decision is saved"));
    assert!(all.next().is_none(), "there are several");
    first
}

#[test]
fn a_risk_is_accepted_with_reason_day_and_name() {
    let world = World::new();
    let mut pty = world.open();
    first_finding(&mut pty);
    pty.send("a");
    pty.wait_for("Accept the risk");
    pty.send("\r\r\r\r");
    pty.wait_for("A reason is required");
    pty.send("\x1b");
    pty.wait_gone("Accept the risk");
    accept(&mut pty, "not reachable", "2020-01-01", "Grace");
    pty.wait_for("2020-01-01 is over");
    pty.send("\x152099-12-31\r\r\r");
    pty.wait_for("saved: 1 finding accepted");
    let expected = Decision {
        state: DecisionState::Accepted,
        reason: Some("not reachable".into()),
        approver: Some("Grace".into()),
        expires: Some("2099-12-31".into()),
        ..Decision::default()
    };
    assert_eq!(only(&world), expected);
    pty.wait_for("accepted until 2099-12-31");
}

#[test]
fn false_positive_in_progress_note_undo_and_redo() {
    let world = World::new();
    let mut pty = world.open();
    first_finding(&mut pty);
    pty.send("i");
    pty.wait_for("saved: 1 finding in progress");
    assert_eq!(only(&world).state, DecisionState::InProgress);
    pty.send("f");
    pty.wait_for("False positive");
    pty.send("a test pod\r\r");
    pty.wait_for("saved: 1 finding as a false positive");
    assert_eq!(only(&world).reason.as_deref(), Some("a test pod"));
    pty.send("u");
    pty.wait_for("took back");
    assert_eq!(only(&world).state, DecisionState::InProgress);
    pty.send("U");
    pty.wait_for("did again");
    assert_eq!(only(&world).state, DecisionState::FalsePositive);
    pty.send("N");
    pty.wait_for("Note");
    pty.send("asked the team\r");
    pty.wait_for("Note saved");
    pty.wait_for("asked the team");
    assert_eq!(world.session().state().notes[0].text, "asked the team");
    pty.send("d");
    pty.wait_for("Open again");
    pty.send("o");
    pty.wait_for("saved: 1 finding open");
    let left = world.session().state().ledger.decisions.values().cloned().collect::<Vec<_>>();
    assert!(left.iter().all(|d| d.state == DecisionState::Open), "{left:?}");
}

#[test]
fn marked_findings_are_decided_together_and_a_control_follows() {
    let world = World::new();
    let mut pty = world.open();
    first_finding(&mut pty);
    pty.send("/privileged\r");
    pty.wait_gone("runAsNonRoot");
    pty.send("*");
    pty.wait_for("marked");
    pty.send("f");
    pty.wait_for("False positive");
    pty.send("built for it\r\r");
    pty.wait_for("false positive");
    pty.send("3");
    pty.wait_for("PSS base");
    pty.send("/baseline\r\r");
    pty.wait_for("Host Namespaces");
    // Frameworks are judged beside what is typed.
    pty.wait_for("✔ pass  privileged");
}

#[test]
fn what_was_said_to_be_saved_survives_kill_9() {
    let world = World::new();
    let mut pty = world.open();
    first_finding(&mut pty);
    for n in 0..4 {
        accept(&mut pty, &format!("reason {n}"), "2099-01-01", "");
        pty.wait_for("saved: 1 finding accepted");
        // The message of the one before may still stand: the pane is about this one.
        pty.wait_for(&format!("Reason   reason {n}"));
        if n == 3 {
            break;
        }
        let row = pty.row();
        pty.send("j");
        pty.wait("the next row", |_| pty.row() != row);
    }
    pty.signal("KILL");
    pty.wait_exit();
    let reasons = |session: &plimsoll::session::Session| {
        let all = session.state().ledger.decisions.values();
        let mut reasons: Vec<String> = all.filter_map(|d| d.reason.clone()).collect();
        reasons.sort();
        reasons
    };
    assert_eq!(reasons(&world.session()), ["reason 0", "reason 1", "reason 2", "reason 3"]);

    // And the session opens again, by hand and not only by the library.
    let id = world.session().id().to_owned();
    let mut pty = world.start(&["-f", "m.yaml", "--session", &id]);
    pty.wait_for(crate::world::RESUMED);
    first_finding(&mut pty);
    pty.wait_for("reason 0");
    pty.send("rr");
    pty.wait_for(crate::world::DONE);
    assert_eq!(world.run(2).number, 2, "the new run went elsewhere");
}

#[test]
fn killed_at_any_moment_the_session_still_opens() {
    let world = World::new();
    for delay in [0, 3, 9, 27] {
        let mut pty = world.open();
        first_finding(&mut pty);
        pty.send("i");
        std::thread::sleep(std::time::Duration::from_millis(delay));
        let said = pty.text().contains("saved: 1 finding in progress");
        pty.signal("KILL");
        pty.wait_exit();
        if world.store().list().unwrap().is_empty() {
            // It was killed before there was a session to open.
            assert!(!said, "what was acknowledged is lost");
            continue;
        }
        let session = world.session();
        assert!(session.holder().is_none(), "a dead process holds the session");
        assert!(
            !said || session.state().ledger.decisions.len() == 1,
            "what was acknowledged is lost"
        );
    }
}

#[test]
fn an_answer_is_kept_with_who_until_when_and_the_hash_of_its_file() {
    let world = World::new();
    world.write("policy.txt", "abc");
    let mut pty = world.start(&["-f", "m.yaml", "--framework", "hipaa-security-rule"]);
    pty.wait_for("HIPAA");
    pty.send("0");
    pty.wait("a question", |_| pty.row().contains("awaited"));
    pty.send("A");
    pty.wait_for("it is met");
    pty.send("y");
    pty.wait_for("Answer \"yes\"");
    pty.send("signed by the board\r\r");
    pty.send("missing.txt\r\x15Grace\r\x152099-12-31\r");
    pty.wait_for("missing.txt cannot be read");
    assert!(
        world
            .store()
            .list()
            .unwrap()
            .iter()
            .all(|s| { s.state.as_ref().is_ok_and(|state| state.ledger.attestations.is_empty()) })
    );
    // The form is there again at that field, with all that was typed.
    pty.wait_for("▸ File");
    pty.wait_for("signed by the board");
    pty.send("\x15policy.txt\r\r\r");
    pty.wait_for("saved: answer \"yes\"");
    // The next question is under the cursor; the one that was answered went to the end.
    pty.wait("the next question", |_| pty.row().contains("awaited"));
    pty.send("G");
    pty.wait("the answer on its row", |_| pty.row().contains("yes"));
    let session = world.session();
    let answers: Vec<_> = session.state().ledger.attestations.values().collect();
    let [answer] = answers[..] else { panic!("one answer") };
    assert_eq!((answer.answer, answer.reviewer.as_str()), (AttestationAnswer::Yes, "Grace"));
    assert_eq!(answer.expires.as_deref(), Some("2099-12-31"));
    let file = answer.file.as_ref().unwrap();
    assert_eq!((file.name.as_str(), file.size), ("policy.txt", 3));
    assert!(file.sha256.starts_with("ba7816bf"), "{}", file.sha256);
    drop(session);
    pty.send("u");
    pty.wait_for("took back answer");
    pty.send("gg");
    pty.wait("the question again", |_| pty.row().contains("164.306"));
}

#[test]
fn a_file_of_decisions_is_applied_and_named_where_it_holds() {
    let world = World::new();
    let head = "schema = \"plimsoll.decisions/v1\"\n";
    let entry = "[[decision]]\ncheck = \"privileged-container\"\nstate = \"accepted\"\nreason = \"an agent\"\n";
    world.write("d.toml", &format!("{head}{entry}"));
    let mut pty = world.start(&["-f", "m.yaml", "--decisions", "d.toml"]);
    pty.wait_for(crate::world::DONE);
    first_finding(&mut pty);
    pty.send("\r");
    pty.wait_for("file d.toml");
    pty.wait_for("an agent");
    pty.wait_for("accepted");
    // A decision of the session goes before the file's, and taking it back lets the file speak.
    pty.send("i");
    pty.wait_for("saved: 1 finding in progress");
    pty.wait_gone("file d.toml");
    pty.send("u");
    pty.wait_for("file d.toml");
}
