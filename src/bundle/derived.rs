//! Members that repeat what the runs say: the reads, and the report for programs. Whoever signs a bundle
//! could have written anything there; what can be derived anew is compared.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufReader, Read};

use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use sha2::{Digest as _, Sha256};

use super::manifest::BundleManifest;
use crate::model::finding::{CheckCounts, Severity};
use crate::model::mirror::Mirrored;
use crate::model::read;
use crate::model::settings::RunSettings;

/// The texts of checks and frameworks by which the reports were judged.
pub const CONTENT: &str = "content.json";
/// The reads of every run.
pub const READS: &str = "reads.json";
/// The report of the last run, for programs.
pub const REPORT: &str = "reports/report.json";

/// A list of which only this is kept: how long it is, and a digest of what identifies its elements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ListDigest {
    pub(super) count: usize,
    digest: Vec<u8>,
}

/// What identifies a finding, wherever it is repeated.
#[derive(Debug, Deserialize)]
struct Named {
    fingerprint: String,
    check: String,
    severity: Severity,
}

impl<'de> Deserialize<'de> for ListDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = ListDigest;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of findings")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<ListDigest, A::Error> {
                let (mut count, mut sum) = (0, Sha256::new());
                while let Some(Named { fingerprint, check, severity }) = seq.next_element()? {
                    for part in [&*fingerprint, "\n", &*check, "\n", severity.word(), "\n"] {
                        sum.update(part);
                    }
                    count += 1;
                }
                // No list and an empty one are the same.
                let digest = if count == 0 { Vec::new() } else { sum.finalize().to_vec() };
                Ok(ListDigest { count, digest })
            }
        }
        deserializer.deserialize_seq(Each)
    }
}

/// The digest of reads, however they were laid out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ReadsDigest(Vec<u8>);

impl<'de> Deserialize<'de> for ReadsDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let reads: Vec<read::Read> = Vec::deserialize(deserializer)?;
        if reads.is_empty() {
            return Ok(Self::default());
        }
        let text = serde_json::to_vec(&reads).map_err(serde::de::Error::custom)?;
        Ok(Self(Sha256::digest(text).to_vec()))
    }
}

/// What a run says that other members repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RunSays {
    pub(super) number: u32,
    pub(super) reads: ReadsDigest,
    pub(super) checks: BTreeMap<String, CheckCounts>,
    pub(super) findings: ListDigest,
    pub(super) evidence: ListDigest,
    pub(super) platform_mirrors: Vec<String>,
    pub(super) mirrored: Vec<Mirrored>,
}

#[derive(Deserialize)]
struct Texts {
    tool: String,
    digest: String,
}

#[derive(Deserialize)]
struct ReadsOf {
    run: u32,
    reads: Option<ReadsDigest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    started_at: IgnoredAny,
    #[serde(default)]
    reads: ReadsDigest,
    findings: ListDigest,
    #[serde(default)]
    evidence: ListDigest,
    checks: Vec<Check>,
    #[serde(default)]
    settings: RunSettings,
    #[serde(default)]
    mirrored: Vec<Mirrored>,
}

#[derive(Deserialize)]
struct Check {
    id: String,
    #[serde(flatten)]
    counts: CheckCounts,
}

/// Whether a member is compared.
pub(super) fn is_compared(path: &str) -> bool {
    matches!(path, CONTENT | READS | REPORT)
}

/// Compares a member with what the runs before it say.
///
/// # Errors
/// The first thing in which they differ.
pub(super) fn compare(
    path: &str,
    content: impl Read,
    manifest: &BundleManifest,
    runs: &[RunSays],
) -> Result<(), String> {
    match path {
        CONTENT => texts(&parse(content)?, manifest),
        READS => reads(&parse::<Vec<ReadsOf>>(content)?, runs),
        REPORT => {
            let last = runs.last().ok_or("it is a report, and there is no run")?;
            report(parse(content)?, last)
        }
        _ => Ok(()),
    }
}

fn parse<T: for<'de> Deserialize<'de>>(content: impl Read) -> Result<T, String> {
    serde_json::from_reader(BufReader::new(content))
        .map_err(|error| format!("it is not as Plimsoll writes it: {error}"))
}

fn texts(said: &Texts, manifest: &BundleManifest) -> Result<(), String> {
    for (what, said, named) in
        [("tool", &said.tool, &manifest.tool), ("digest", &said.digest, &manifest.content)]
    {
        if said != named {
            return Err(format!("its {what} is {said}, and the manifest says {named}"));
        }
    }
    Ok(())
}

fn reads(said: &[ReadsOf], runs: &[RunSays]) -> Result<(), String> {
    if said.len() != runs.len() {
        return Err(format!("it has reads of {} runs, and there are {}", said.len(), runs.len()));
    }
    for (said, run) in said.iter().zip(runs) {
        let none = ReadsDigest::default();
        if said.run != run.number || said.reads.as_ref().unwrap_or(&none) != &run.reads {
            return Err(format!("its reads of run {} are not those of the run", run.number));
        }
    }
    Ok(())
}

fn report(said: Report, run: &RunSays) -> Result<(), String> {
    let number = run.number;
    let Report { started_at: IgnoredAny, reads, findings, evidence, checks, settings, mirrored } =
        said;
    for (what, said, there) in
        [("findings", &findings, &run.findings), ("evidence", &evidence, &run.evidence)]
    {
        if said.count != there.count {
            let (said, there) = (said.count, there.count);
            return Err(format!("it lists {said} {what}, and run {number} has {there}"));
        }
        if said != there {
            return Err(format!("its {what} are not those of run {number}"));
        }
    }
    let counted = checks.len();
    let checks: BTreeMap<String, CheckCounts> =
        checks.into_iter().map(|check| (check.id, check.counts)).collect();
    if counted != run.checks.len() || checks.len() != run.checks.len() {
        let there = run.checks.len();
        return Err(format!("it lists {counted} checks, and run {number} has {there}"));
    }
    let differs = run.checks.iter().find(|(id, counts)| checks.get(*id) != Some(*counts));
    if let Some((id, _)) = differs {
        return Err(format!("what it says of check {id} is not what run {number} says"));
    }
    if reads != run.reads {
        return Err(format!("its reads are not those of run {number}"));
    }
    if settings.platform_mirrors != run.platform_mirrors || mirrored != run.mirrored {
        return Err(format!("its mirrors of platform images are not those of run {number}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::super::about::RunHead;
    use super::*;
    use crate::model::finding::{Finding, RunResult};
    use crate::session::run::RunRecord;

    fn run() -> RunRecord {
        let finding = |check: &str, print: &str| {
            let fingerprint = format!("p2:{print}");
            Arc::new(Finding { fingerprint, check: check.into(), ..Finding::default() })
        };
        let counts = CheckCounts { pass: 3, fail: 2, ..CheckCounts::default() };
        let result = RunResult {
            checks: [("c".into(), counts)].into(),
            findings: vec![finding("c", "1"), finding("c", "2")],
            evidence: vec![finding("e", "3")],
            mirrored: serde_json::from_value(mirrored()).unwrap(),
            ..RunResult::default()
        };
        let reads = serde_json::from_value(reads("complete")).unwrap();
        let settings = RunSettings {
            platform_mirrors: vec!["m.example".to_owned()],
            ..RunSettings::default()
        };
        RunRecord { number: 1, reads, settings, result: Arc::new(result), ..RunRecord::default() }
    }

    fn mirrored() -> Value {
        json!([{ "mirror": "m.example", "workloads": ["Deployment/a/b"] }])
    }

    fn reads(status: &str) -> Value {
        json!([{ "resource": "v1/pods", "namespace": null, "status": status, "items": 1,
                 "message": null, "millis": 1 }])
    }

    /// The same run as the bundle sees it.
    fn says() -> RunSays {
        let packed = zstd::encode_all(&*run().to_text().unwrap(), 3).unwrap();
        RunHead::read(&*packed, 1).unwrap().says()
    }

    fn document() -> Value {
        let result = run().result;
        let named = |findings: &[Arc<Finding>]| -> Value {
            let one = |f: &Arc<Finding>| json!({ "fingerprint": f.fingerprint, "check": f.check, "severity": "medium", "x": 1 });
            findings.iter().map(one).collect()
        };
        json!({ "startedAt": "", "reads": reads("complete"),
                "settings": { "platformMirrors": ["m.example"] },
                "mirrored": mirrored(), "findings": named(&result.findings),
                "evidence": named(&result.evidence),
                "checks": [{ "id": "c", "pass": 3, "fail": 2, "error": 0, "notAssessed": 0, "notApplicable": 0 }] })
    }

    fn wrong(path: &str, value: &Value) -> Result<(), String> {
        let manifest: BundleManifest = serde_json::from_value(json!({
            "schema": "", "tool": "0", "content": "sha256:1", "members": [],
            "about": super::super::BundleAbout::default(),
            "signer": { "algorithm": "ed25519", "fingerprint": "" },
        }))
        .unwrap();
        compare(path, value.to_string().as_bytes(), &manifest, &[says()])
    }

    #[test]
    fn what_follows_from_the_run_fits() {
        assert_eq!(wrong(REPORT, &document()), Ok(()));
        assert_eq!(wrong(READS, &json!([{ "run": 1, "reads": reads("complete") }])), Ok(()));
        assert_eq!(wrong(CONTENT, &json!({ "tool": "0", "digest": "sha256:1" })), Ok(()));
        assert_eq!(wrong("reports/report.md", &json!("anything")), Ok(()));
    }

    #[test]
    fn what_does_not_is_named() {
        let refused = |path: &str, value: Value, told: &str| {
            let error = wrong(path, &value).unwrap_err();
            assert!(error.contains(told), "{error}");
        };
        let with = |pointer: &str, value: Value| {
            let mut document = document();
            *document.pointer_mut(pointer).unwrap() = value;
            document
        };
        let not = "its findings are not those of run 1";
        refused(REPORT, with("/findings", json!([])), "it lists 0 findings, and run 1 has 2");
        refused(REPORT, with("/findings/1/fingerprint", json!("p2:9")), not);
        refused(REPORT, with("/findings/0/severity", json!("info")), not);
        refused(REPORT, with("/findings/0/check", json!("d")), not);
        refused(REPORT, with("/evidence", json!([])), "it lists 0 evidence, and run 1 has 1");
        refused(REPORT, with("/checks/0/fail", json!(0)), "what it says of check c is not");
        refused(REPORT, with("/checks", json!([])), "it lists 0 checks, and run 1 has 1");
        refused(REPORT, with("/reads", reads("failed")), "its reads are not those");
        let mirrors = "its mirrors of platform images are not those of run 1";
        refused(REPORT, with("/settings", json!({})), mirrors);
        refused(REPORT, with("/mirrored", json!([])), mirrors);
        refused(REPORT, json!({}), "not as Plimsoll writes it");
        refused(READS, json!([]), "reads of 0 runs, and there are 1");
        refused(READS, json!([{ "run": 1, "reads": reads("failed") }]), "its reads of run 1");
        refused(READS, json!([{ "run": 2, "reads": reads("complete") }]), "its reads of run 1");
        refused(CONTENT, json!({ "tool": "0", "digest": "other" }), "its digest is other");
        refused(CONTENT, json!({}), "not as Plimsoll writes it");
    }
}
