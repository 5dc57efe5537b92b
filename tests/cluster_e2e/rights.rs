//! Assessments with fewer rights: what could not be read is never taken for good.

use std::collections::BTreeSet;

use plimsoll::model::kinds::{self, Builtin, Kind};
use serde_json::Value;

use crate::binary::{Audited, Scan, plimsoll, scan};
use crate::people::certificate;
use crate::rests::{self, Declarations, Rests, is_off};
use crate::world::{kinds as all_kinds, shared};

/// Whoever sees less may know less; whatever is decided is decided as with full rights.
pub fn nothing_is_decided_otherwise(full: &Scan, part: &Scan, who: &str) {
    let (all, some) = (full.controls(), part.controls());
    assert_eq!(all.len(), some.len());
    for ((name, whole), (_, seen)) in all.iter().zip(&some) {
        if seen["status"] == "not-assessed" {
            assert!(!seen["reasons"].as_array().unwrap().is_empty(), "{who}: {name} has no reason");
            continue;
        }
        assert_eq!(seen["status"], whole["status"], "{who}: {name}: {seen} instead of {whole}");
        if seen["status"] != "fail" && seen["status"] != "exposed" {
            assert_eq!(seen["reasons"], whole["reasons"], "{who}: {name}");
        }
    }
    for (whole, seen) in full.list("checks").iter().zip(part.list("checks")) {
        let id = seen["id"].as_str().unwrap();
        assert_eq!(whole["id"], id);
        // It looks at findings: where none is seen, there is nothing that could be late.
        if id == "finding-overdue" {
            continue;
        }
        let count = |check: &Value, what: &str| check[what].as_u64().unwrap();
        for what in ["pass", "notApplicable"] {
            assert!(count(seen, what) <= count(whole, what), "{who}: {seen} instead of {whole}");
        }
        assert_eq!(count(seen, "error"), 0, "{who}: {seen}");
        if part.gaps(id).is_empty() {
            assert_eq!(seen, whole, "{who}: nothing is missing, and yet");
        }
    }
}

/// Reads that did not bring everything, as `resource@namespace`.
pub fn missing(scan: &Scan) -> BTreeSet<String> {
    let broken = |r: &&Value| {
        !["complete", "not-served", "not-asked"].contains(&r["status"].as_str().unwrap())
    };
    let name = |r: &Value| {
        let resource = r["resource"].as_str().unwrap();
        format!("{resource}@{}", r["namespace"].as_str().unwrap_or("*"))
    };
    scan.list("reads").iter().filter(broken).map(name).collect()
}

/// Whether every list of these kinds in the whole cluster is there, or proven to be empty.
fn all_there(scan: &Scan, kinds: &BTreeSet<Kind>) -> Result<(), String> {
    let missing = missing(scan);
    let wanted = kinds.iter().filter_map(Kind::builtin);
    for kind in wanted.filter(|kind| kind.kind != "PodTemplate") {
        let name = format!("{}@*", kind.resource());
        if missing.contains(&name) {
            return Err(name);
        }
    }
    Ok(())
}

fn decided(control: &Value) -> bool {
    let reasons = control["reasons"].to_string();
    match control["status"].as_str().unwrap() {
        "pass" | "accepted" => true,
        "manual" => reasons.contains("evidence passes"),
        "not-applicable" => !reasons.contains("applies to Kubernetes"),
        _ => false,
    }
}

/// What is open, whatever the number of places.
fn gap_name(gap: &Value) -> String {
    format!("{} {} {} {}", gap["check"], gap["read"], gap["namespace"], gap["reason"])
}

/// The namespace that a finding is in or about.
fn namespace(finding: &Value) -> Option<&str> {
    let object = &finding["object"];
    if object["kind"] == "Namespace" { &object["name"] } else { &object["namespace"] }.as_str()
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn a_user_of_one_namespace_gets_findings_and_no_false_comfort() {
    let fixture = shared();
    let _audited = Audited::new(fixture);
    let full = scan(&fixture.kubeconfig, &[]);
    let home = |config: &mut Value| config["contexts"][0]["context"]["namespace"] = "shop".into();
    let acting = fixture.changed("acting.json", home);
    let certified = fixture.changed("certified.json", |config| {
        home(config);
        config["users"][0]["user"] = certificate(fixture, "only-shop", "shoppers", false);
    });
    let as_user = scan(&acting, &["--as", "only-shop"]);
    let with_certificate = scan(&certified, &[]);
    let declared = Declarations::builtin();
    for (who, part) in [("--as", &as_user), ("certificate", &with_certificate)] {
        // What is there is found.
        assert_eq!(part.only("privileged-container")["instances"], 3, "{who}");
        let privileged = part.control("pss-baseline/privileged");
        assert_eq!(privileged["status"], "fail", "{who}");
        let reasons = privileged["reasons"].to_string();
        assert!(reasons.contains("cannot list pods: forbidden"), "{who}: {reasons}");
        // What is not is not taken for good.
        nothing_is_decided_otherwise(&full, part, who);
        for (name, control) in part.controls() {
            if decided(control) {
                let there = all_there(part, &declared.kinds(&name));
                assert_eq!(there, Ok(()), "{who}: {name} is decided: {control}");
            }
            if control["status"] == "not-assessed" {
                let reasons = control["reasons"].as_array().unwrap();
                let said = |r: &Value| !r.as_str().unwrap().is_empty();
                assert!(reasons.iter().all(said), "{who}: {name}");
            }
        }
        let passes = part.controls().iter().filter(|(_, c)| c["status"] == "pass").count();
        assert_eq!(passes, 0, "{who}");
        // The reads say what was refused, in the words of the server.
        let nodes = part.list("reads").iter().find(|r| r["resource"] == "v1/nodes").unwrap();
        assert_eq!(nodes["status"], "forbidden", "{who}");
        assert!(nodes["message"].as_str().unwrap().contains("only-shop"), "{who}: {nodes}");
        let pods = |r: &&Value| r["resource"] == "v1/pods" && r["namespace"] == "shop";
        let pods = part.list("reads").iter().find(pods).unwrap();
        assert_eq!(
            (&pods["status"], pods["items"].as_u64()),
            (&"complete".into(), Some(4)),
            "{who}"
        );
        // What is about the cluster as a whole, such as its version, is in no namespace.
        let elsewhere = |f: &&Value| !f["object"].is_null() && namespace(f) != Some("shop");
        let elsewhere: Vec<&Value> = part.list("findings").iter().filter(elsewhere).collect();
        assert!(elsewhere.is_empty(), "{who}: {elsewhere:#?}");
    }
    // The same user by other ways gets the same answers.
    assert_eq!(as_user.0["findings"], with_certificate.0["findings"]);
    assert_eq!(as_user.0["frameworks"], with_certificate.0["frameworks"]);

    let kubeconfig = certified.to_str().unwrap();
    let done = plimsoll(&["scan", "--kubeconfig", kubeconfig, "--require-complete"]);
    assert_eq!(done.status, 4, "{}", done.stderr);
    assert!(done.stderr.contains("v1/nodes: forbidden"), "{}", done.stderr);
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn within_its_namespace_a_user_of_one_namespace_knows_what_the_administrator_knows() {
    let fixture = shared();
    let _audited = Audited::new(fixture);
    let full = scan(&fixture.kubeconfig, &["-n", "shop"]);
    let part = scan(&fixture.kubeconfig, &["-n", "shop", "--as", "only-shop"]);
    nothing_is_decided_otherwise(&full, &part, "only-shop");
    // Pods, their owners and their namespace are all within reach.
    for (name, control) in part.controls().iter().filter(|(n, _)| n.starts_with("pss-")) {
        assert_eq!(*control, full.control(name), "{name}");
    }
    assert!(part.controls().iter().any(|(_, c)| c["status"] == "pass"));
    // Who holds a ClusterRole there is not.
    let gaps = full.gaps("rbac-read-secrets");
    assert!(gaps.iter().all(|gap| gap["read"] == "selection"), "{gaps:?}");
    assert!(part.only("rbac-read-secrets")["object"]["name"] == "secret-reader");
    let elsewhere: Vec<&Value> =
        part.list("findings").iter().filter(|f| namespace(f) != Some("shop")).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
}

/// The same within one namespace: above all without the right to the Namespace itself.
#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn within_a_namespace_a_right_less_makes_nothing_better() {
    let fixture = shared();
    let _audited = Audited::new(fixture);
    for namespace in ["shop", "pay"] {
        let full = scan(&fixture.kubeconfig, &["-n", namespace, "--as", "auditor"]);
        for plural in ["namespaces", "pods", "networkpolicies", "rolebindings", "serviceaccounts"] {
            let who = format!("no-{plural}");
            let part = scan(&fixture.kubeconfig, &["-n", namespace, "--as", &who]);
            nothing_is_decided_otherwise(&full, &part, &format!("{who} in {namespace}"));
        }
    }
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn whoever_may_read_nothing_is_not_told_that_nothing_is_wrong() {
    let fixture = shared();
    let _audited = Audited::new(fixture);
    let kubeconfig = fixture.kubeconfig.to_str().unwrap();
    let of = |more: &[&str]| {
        let args = ["scan", "--kubeconfig", kubeconfig, "--as", "nobody-at-all"];
        plimsoll(&[&args[..], more].concat())
    };
    for more in [&[][..], &["--fail-on", "critical"], &["-n", "shop"]] {
        let done = of(more);
        assert_eq!(done.status, 3, "{more:?}: {}", done.stderr);
        assert!(done.stderr.contains("nothing could be read"), "{more:?}: {}", done.stderr);
        assert!(!done.stderr.contains("no object fits"), "{more:?}: {}", done.stderr);
    }
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn one_closed_namespace_leaves_open_what_it_may_hold() {
    let fixture = shared();
    let _audited = Audited::new(fixture);
    let full = scan(&fixture.kubeconfig, &[]);
    let part = scan(&fixture.kubeconfig, &["--as", "all-but-pay"]);
    nothing_is_decided_otherwise(&full, &part, "all-but-pay");
    let known: Vec<String> = full.list("notAssessed").iter().map(gap_name).collect();
    let new: Vec<&Value> =
        part.list("notAssessed").iter().filter(|gap| !known.contains(&gap_name(gap))).collect();
    assert!(!new.is_empty());
    // Nor may the user read /flagz, which alone shows the API server here.
    for gap in new.into_iter().filter(|gap| {
        // A rule may say in its own words what it could not see.
        gap["read"] != "kube-apiserver" && gap["read"] != "rule"
    }) {
        assert_eq!(gap["namespace"], "pay", "every other namespace is read: {gap}");
    }
    // It passes with full rights, and nothing that is seen fails: still it is open.
    let sysctls = "pss-baseline/sysctls";
    assert_eq!(full.control(sysctls)["status"], "pass");
    assert_eq!(part.control(sysctls)["status"], "not-assessed");
    let reasons = part.control(sysctls)["reasons"].to_string();
    assert!(reasons.contains("cannot list pods in pay: forbidden"), "{reasons}");
    // Cluster roles can be read, so what only they decide is decided.
    let bound = |scan: &Scan| scan.of("rbac-cluster-admin-binding").len();
    assert_eq!(bound(&part), bound(&full));
}

/// Checks that cannot decide without a list of these; the rules of the table hold for all.
const TELLING: &[(&str, &[&str])] = &[
    ("pods", &["privileged-container", "host-network-namespace", "netpol-pod-not-selected"]),
    ("deployments", &["privileged-container", "run-as-root-possible"]),
    ("daemonsets", &["hostpath-volume", "netpol-cni-unsupported"]),
    ("roles", &["rbac-wildcard-verbs", "rbac-read-secrets"]),
    ("clusterroles", &["rbac-wildcard-all", "rbac-escalate"]),
    ("rolebindings", &["rbac-admin-edit-binding", "rbac-binding-anonymous"]),
    ("clusterrolebindings", &["rbac-cluster-admin-binding", "rbac-binding-anonymous"]),
    ("networkpolicies", &["netpol-namespace-without-policy", "netpol-allow-all-ingress"]),
    (
        "serviceaccounts",
        &["rbac-binding-missing-service-account", "service-account-automount-default"],
    ),
    ("namespaces", &["netpol-namespace-without-policy", "netpol-default-deny-ingress-missing"]),
];

/// Scans without one right, which must be refused to `--require-complete`.
fn without(kubeconfig: &str, kind: &Builtin) -> Scan {
    let who = format!("no-{}", kind.plural);
    let args = ["scan", "--kubeconfig", kubeconfig, "-o", "json", "--require-complete"];
    let done = plimsoll(&[&args[..], &["--as", &who]].concat());
    assert_eq!(done.status, 4, "{who}: {}", done.stderr);
    assert!(done.stderr.contains(&kind.resource()), "{who}: {}", done.stderr);
    let part = Scan(serde_json::from_str(&done.stdout).unwrap());
    // Whoever is no administrator may not read /flagz either.
    let flagz = "/flagz@*";
    let (unread, own) = (missing(&part), format!("{}@", kind.resource()));
    assert!(unread.iter().any(|name| name != flagz), "{who}: {unread:?}");
    let only = |name: &String| name.starts_with(&own) || name == flagz;
    assert!(unread.iter().all(only), "{who}: {unread:?}");
    part
}

/// What a scan without one right did otherwise than its checks declare.
struct Comparison<'a> {
    full: &'a Scan,
    part: &'a Scan,
    declared: &'a Declarations,
    kind: &'static Builtin,
    wrong: Vec<String>,
}

impl Comparison<'_> {
    fn must(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.wrong.push(format!("no-{}: {}", self.kind.plural, what()));
        }
    }

    fn rests(&self, check: &str) -> Rests {
        rests::rests(self.full, check, self.declared.check(check), self.kind)
    }

    fn checks(&mut self) {
        let plural = self.kind.plural;
        for (whole, seen) in self.full.list("checks").iter().zip(self.part.list("checks")) {
            let id = whole["id"].as_str().unwrap();
            let (part, full) = (self.part, self.full);
            let told = part.gaps(id).iter().any(|gap| gap["read"] == plural);
            match self.rests(id) {
                Rests::Yes => self.must(told, || format!("{id} rests on it: {seen} of {whole}")),
                Rests::Maybe => {}
                Rests::No => {
                    let what = || format!("{id} does not rest on it: {seen} of {whole}");
                    self.must(seen == whole && part.gaps(id) == full.gaps(id), what);
                }
            }
        }
    }

    /// What is seen to be wrong stays wrong, unless it is an object that is out of sight.
    fn findings(&mut self) {
        let still: BTreeSet<&str> =
            self.part.list("findings").iter().filter_map(|f| f["fingerprint"].as_str()).collect();
        for finding in self.full.list("findings") {
            let id = finding["check"].as_str().unwrap();
            let lost = finding["object"]["kind"] == self.kind.kind || self.rests(id) != Rests::No;
            let there = still.contains(finding["fingerprint"].as_str().unwrap());
            self.must(lost || there, || format!("a finding is gone: {finding}"));
        }
    }

    fn controls(&mut self) {
        let seen = self.part.controls();
        for ((name, whole), (_, seen)) in self.full.controls().iter().zip(seen) {
            // One that is switched off looks at nothing, whatever may be read.
            let ran = |id: &&String| self.full.list("checks").iter().any(|row| row["id"] == **id);
            let deciding = self.declared.deciding(name).iter().filter(ran);
            let rests =
                |id: &String| rests::deciding(self.full, id, self.declared.check(id), self.kind);
            let rests = deciding.map(rests).max().unwrap_or(Rests::No);
            if is_off(whole) || rests == Rests::No {
                let what = || format!("{name} does not rest on it: {seen} instead of {whole}");
                self.must(seen == *whole, what);
                continue;
            }
            let (open, same) =
                (seen["status"] == "not-assessed", seen["status"] == whole["status"]);
            let failing = whole["status"] == "fail" || whole["status"] == "exposed";
            let held = open || same && (failing || rests == Rests::Maybe);
            self.must(held, || format!("{name} rests on it: {seen} instead of {whole}"));
            let told = seen["reasons"].to_string().contains(self.kind.plural);
            self.must(told || rests == Rests::Maybe, || format!("{name} does not say so: {seen}"));
        }
    }
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn each_right_that_is_missing_leaves_open_what_rests_on_it_and_nothing_else() {
    let fixture = shared();
    let _audited = Audited::new(fixture);
    let kubeconfig = fixture.kubeconfig.to_str().unwrap();
    let full = scan(&fixture.kubeconfig, &["--as", "auditor", "--require-complete"]);
    let asked: BTreeSet<&str> =
        full.list("reads").iter().filter_map(|r| r["resource"].as_str()).collect();
    let passes = full.controls().iter().filter(|(_, control)| control["status"] == "pass").count();
    assert!(passes > 5, "too few controls pass to see one of them lost: {passes}");
    let declared = Declarations::builtin();
    let mut wrong = Vec::new();
    let mut tried = BTreeSet::new();
    for (group, plural) in all_kinds() {
        let builtin = kinds::BUILTINS.iter().find(|b| (b.group, b.plural) == (group, plural));
        let kind = builtin.unwrap();
        if !asked.contains(kind.resource().as_str()) {
            continue;
        }
        tried.insert(plural);
        let part = without(kubeconfig, kind);
        nothing_is_decided_otherwise(&full, &part, plural);
        let (full, part, declared) = (&full, &part, &declared);
        let mut comparison = Comparison { full, part, declared, kind, wrong: Vec::new() };
        comparison.checks();
        comparison.findings();
        comparison.controls();
        wrong.append(&mut comparison.wrong);
        let known: BTreeSet<String> = full.list("notAssessed").iter().map(gap_name).collect();
        for gap in part.list("notAssessed").iter().filter(|g| !known.contains(&gap_name(g))) {
            // A rule may say in its own words what it could not see.
            assert!(gap["read"] == plural || gap["read"] == "rule", "no-{plural}: {gap}");
        }
        for check in TELLING.iter().filter(|(p, _)| *p == plural).flat_map(|(_, checks)| *checks) {
            let told = part.gaps(check).iter().any(|gap| gap["read"] == plural);
            assert!(told, "{check} decides without {plural}: {:?}", part.gaps(check));
        }
    }
    assert!(wrong.is_empty(), "{} deviations\n{}", wrong.len(), wrong.join("\n"));
    for (plural, _) in TELLING {
        assert!(tried.contains(plural), "{plural} was not tried");
    }
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn secrets_are_listed_only_when_allowed_and_then_missed_when_refused() {
    // A server of its own: everywhere else its log must not know of Secrets.
    let fixture = crate::fixture::Fixture::start();
    let audited = Audited::with_secrets(&fixture);
    crate::world::go(async {
        let world = crate::world::World(fixture.admin().await);
        for name in ["shop", "lab"] {
            world.0.namespace(name).await;
        }
        world.people().await;
    });
    let secrets = |audited: &Audited<'_>| {
        let about = |event: &&Value| event["objectRef"]["resource"] == "secrets";
        audited.requests().iter().filter(about).count()
    };
    scan(&fixture.kubeconfig, &[]);
    scan(&fixture.kubeconfig, &["--require-complete"]);
    assert_eq!(secrets(&audited), 0);
    let allowed = scan(&fixture.kubeconfig, &["--allow", "secret-metadata", "--require-complete"]);
    assert!(secrets(&audited) > 0);
    assert!(allowed.gaps("service-account-token-long-lived").is_empty());
    for event in audited.requests().iter().filter(|e| e["objectRef"]["resource"] == "secrets") {
        assert_eq!(event["verb"], "list", "{event}");
    }
    let kubeconfig = fixture.kubeconfig.to_str().unwrap();
    let args = ["scan", "--kubeconfig", kubeconfig, "--as", "auditor", "--require-complete"];
    assert_eq!(plimsoll(&args).status, 0);
    let done = plimsoll(&[&args[..], &["--allow", "secret-metadata"]].concat());
    assert_eq!(done.status, 4, "{}", done.stderr);
    // One line, however many namespaces it was refused in.
    let told: Vec<&str> = done.stderr.lines().filter(|line| line.contains("v1/secrets")).collect();
    assert!(matches!(told[..], [line] if line.ends_with(": forbidden")), "{}", done.stderr);
}
