//! The formats of other programs, asked for on the command line.

use super::sandbox::Sandbox;
use super::sessions::session;

#[test]
fn a_scan_is_written_in_every_format() {
    let sandbox = Sandbox::with_web();
    for (format, holds) in [
        ("oscal-ar", "{\"assessment-results\":{\"uuid\":"),
        ("oscal-poam", "{\"plan-of-action-and-milestones\":{\"uuid\":"),
        ("policyreport", "---\napiVersion: wgpolicyk8s.io/v1alpha2\nkind: ClusterPolicyReport\n"),
        ("openreports", "---\napiVersion: openreports.io/v1alpha1\nkind: ClusterReport\n"),
        ("navigator", "{\n  \"name\": \"Plimsoll: web.yaml\","),
    ] {
        let run = sandbox.run(&["scan", "-f", "web.yaml", "-o", format, "--fail-on", "critical"]);
        assert_eq!((run.status, &*run.err), (1, ""), "{format}: the format decides nothing");
        assert!(run.out.starts_with(holds), "{format}: {:.200}", run.out);
        assert!(run.out.contains("privileged-container"), "{format}");
        // JSON has escapes for everything; objects for an API server stay as they are.
        let ascii = sandbox.run(&["scan", "-f", "web.yaml", "-o", format, "--ascii"]);
        let json = !run.out.starts_with("---");
        assert!(ascii.out.is_ascii() == (json || run.out.is_ascii()), "{format}");
        assert!(!json || serde_json::from_str::<serde_json::Value>(&ascii.out).is_ok(), "{format}");
    }
}

#[test]
fn reports_of_a_session_carry_its_decisions() {
    let sandbox = Sandbox::new();
    session(&sandbox, "prod");
    for (format, holds) in [
        ("oscal-ar", "\"status\":\"deviation-approved\""),
        ("oscal-poam", "\"deadline\":\"2999-01-01T23:59:59Z\""),
        (
            "policyreport",
            "    decision: accepted\n    reason: needed by the CNI \\u{1b}[31m\n    approver: grace\n",
        ),
        ("openreports", "  result: warn\n  scored: false\n"),
    ] {
        let run = sandbox.run(&["sessions", "report", "last", "-o", format]);
        assert_eq!((run.status, &*run.err), (0, ""), "{format}");
        assert!(run.out.contains(holds), "{format}: {:.3000}", run.out);
    }
}

#[test]
fn a_layer_needs_the_matrix() {
    let sandbox = Sandbox::with_web();
    let run =
        sandbox.run(&["scan", "-f", "web.yaml", "--framework", "nsa-cisa", "-o", "navigator"]);
    assert_ne!(run.status, 0);
    assert_eq!(run.out, "");
    assert!(run.err.contains("the matrix of MITRE ATT&CK was not judged"), "{}", run.err);
    assert!(run.err.contains("--framework mitre-attack"), "{}", run.err);
}
