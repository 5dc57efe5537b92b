//! kube-bench: `--json` of one run, with or without totals, of one node or of many after each
//! other.
//!
//! The file names neither the node nor the time. WARN stands for three things, which type and
//! reason tell apart: left to a person, failed without being scored, could not be run.

use super::Parsed;
use super::shape::{self, Wrong, brief, text, text_if};
use crate::model::import::{ImportOutcome, ImportedResult};
use crate::model::node::Node;

/// Whether a document is of kube-bench.
pub(super) fn is(document: &Node) -> bool {
    let target = |node: &Node| node.get("tests").is_some() && node.get("node_type").is_some();
    match document {
        Node::Map(_) => {
            document.get("Controls").is_some_and(|c| c.as_list().is_some()) || target(document)
        }
        Node::List(items) => items.first().is_some_and(target),
        _ => false,
    }
}

/// Reads one document.
pub(super) fn parse(document: &Node, file: &str, node: Option<&str>) -> Result<Parsed, Wrong> {
    let node = node.map(str::to_owned).or_else(|| node_of(file));
    let mut parsed = Parsed::default();
    match document {
        Node::List(items) => {
            for (at, item) in items.iter().enumerate() {
                let step = |wrong: Wrong| wrong.inside(&format!("[{at}]"));
                target(item, node.as_deref(), &mut parsed).map_err(step)?;
            }
        }
        _ if document.get("Controls").is_some() => {
            let act = |item: &Node| target(item, node.as_deref(), &mut parsed);
            shape::each(document, "Controls", act)?;
        }
        _ => target(document, node.as_deref(), &mut parsed)?,
    }
    Ok(parsed)
}

/// The results of one target: the master, a node, etcd.
fn target(controls: &Node, node: Option<&str>, parsed: &mut Parsed) -> Result<(), Wrong> {
    let version = text(controls, "version")?;
    let kind = text_if(controls, "node_type")?.unwrap_or_default();
    let (benchmark, edition) = benchmark(version);
    parsed.version.get_or_insert_with(|| brief(version));
    // What asks the API is the same from wherever it is run.
    let node = node.filter(|_| !matches!(kind, "policies" | "managedservices"));
    shape::each(controls, "tests", |group| {
        shape::each(group, "results", |result| {
            let row = row(result, benchmark, edition.as_deref(), node)?;
            parsed.results.push(row)
        })
    })
}

fn row(
    result: &Node,
    benchmark: Option<&str>,
    edition: Option<&str>,
    node: Option<&str>,
) -> Result<ImportedResult, Wrong> {
    let number = text(result, "test_number")?;
    let title = text_if(result, "test_desc")?.unwrap_or_default();
    let reason = text_if(result, "reason")?;
    let kind = text_if(result, "type")?.unwrap_or_default();
    let scored = match result.get("scored") {
        None => true,
        Some(Node::Bool(scored)) => *scored,
        Some(other) => {
            return Err(Wrong::new("true or false", shape::describe(other)).inside("scored"));
        }
    };
    let by_hand = kind == "manual" || reason.is_some_and(|r| r.contains("manual test"));
    let outcome = match text(result, "status")? {
        "PASS" => ImportOutcome::Pass,
        "INFO" => ImportOutcome::Skip,
        "WARN" if by_hand => ImportOutcome::Warn,
        "FAIL" | "WARN" if reason.is_some() => ImportOutcome::Error,
        "FAIL" | "WARN" => ImportOutcome::Fail,
        other => {
            let found = shape::describe(&Node::str(other));
            return Err(Wrong::new("PASS, FAIL, WARN or INFO", found).inside("status"));
        }
    };
    let seen = text_if(result, "actual_value")?;
    let wanted = text_if(result, "expected_result")?;
    let message = match (outcome, reason, seen, wanted) {
        (ImportOutcome::Pass, ..) => String::new(),
        (_, Some(reason), ..) => brief(reason),
        (_, None, Some(seen), Some(wanted)) => brief(&format!("{wanted}; found {seen}")),
        (_, None, None, Some(wanted)) => brief(wanted),
        (_, None, Some(seen), None) => brief(&format!("found {seen}")),
        _ => String::new(),
    };
    let unscored = outcome == ImportOutcome::Fail && !scored;
    let message = match (unscored, message.is_empty()) {
        (true, true) => "not scored".to_owned(),
        (true, false) => format!("{message} (not scored)"),
        _ => message,
    };
    Ok(ImportedResult {
        benchmark: benchmark.map(str::to_owned),
        edition: edition.map(str::to_owned),
        control: benchmark.map(|benchmark| control(benchmark, edition, number)),
        rule: brief(number),
        title: brief(title),
        outcome,
        node: node.map(str::to_owned),
        message,
        ..ImportedResult::default()
    })
}

/// The number of a row in the benchmark itself. Edition 1.11 gives 2.1 a second time as 2.2; its
/// file for kube-bench leaves that out and counts the rest of section 2 one lower.
fn control(benchmark: &str, edition: Option<&str>, number: &str) -> String {
    let shifted = benchmark == "cis-kubernetes" && edition == Some("1.11");
    match number.strip_prefix("2.").and_then(|row| row.parse::<u32>().ok()) {
        Some(row) if shifted && (2..100).contains(&row) => format!("2.{}", row + 1),
        _ => brief(number),
    }
}

/// The family and edition that a `version` names. Benchmarks with numbers of their own (`OpenShift`,
/// STIGs and others) have none here.
fn benchmark(version: &str) -> (Option<&'static str>, Option<String>) {
    let plain = version.to_ascii_lowercase();
    let family = if plain.starts_with(|c: char| c.is_ascii_digit()) {
        Some("cis-kubernetes")
    } else if plain.contains("stig") {
        None
    } else {
        match plain.split('-').next().unwrap_or_default() {
            "cis" | "k3s" | "rke2" | "rke" => Some("cis-kubernetes"),
            "eks" => Some("cis-eks"),
            "aks" => Some("cis-aks"),
            "gke" => Some("cis-gke"),
            _ => None,
        }
    };
    let is_number = |part: &&str| {
        part.contains('.')
            && part.chars().all(|c| c.is_ascii_digit() || c == '.')
            && part.len() < 12
    };
    let edition = plain.split('-').find(is_number).map(str::to_owned);
    match (family, edition) {
        (Some(family), Some(edition)) => (Some(family), Some(edition)),
        _ => (None, None),
    }
}

/// The node that a file is named after: `worker-1.json`. Names that say what the file is rather
/// than where it is from name none.
fn node_of(file: &str) -> Option<String> {
    let name = file.rsplit(['/', '\\']).next()?;
    let stem = [".json", ".txt", ".log", ".yaml", ".yml"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))?;
    let stem = ["kube-bench-", "kube-bench_", "kube-bench."]
        .iter()
        .find_map(|start| stem.strip_prefix(start))
        .unwrap_or(stem);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    let named = !stem.is_empty()
        && stem.len() <= 253
        && stem.chars().all(plain)
        && stem.starts_with(|c: char| c.is_ascii_alphanumeric());
    let generic = [
        "kube-bench",
        "kubebench",
        "bench",
        "result",
        "results",
        "report",
        "reports",
        "output",
        "out",
        "scan",
        "cis",
        "all",
        "nodes",
        "node",
        "master",
        "worker",
        "etcd",
        "policies",
        "log",
        "logs",
        "import",
        "controlplane",
        "latest",
    ];
    let says_what =
        generic.contains(&stem) || stem.starts_with("cis-") || stem.contains("kube-bench");
    (named && !says_what).then(|| stem.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_name_a_family_and_an_edition() {
        let cis = |edition: &str| (Some("cis-kubernetes"), Some(edition.to_owned()));
        assert_eq!(benchmark("cis-1.10"), cis("1.10"));
        assert_eq!(benchmark("1.5"), cis("1.5"));
        assert_eq!(benchmark("k3s-cis-1.9"), cis("1.9"));
        assert_eq!(benchmark("rke2-cis-1.8-hardened"), cis("1.8"));
        assert_eq!(benchmark("eks-1.8.0"), (Some("cis-eks"), Some("1.8.0".to_owned())));
        assert_eq!(benchmark("rh-1.8"), (None, None));
        assert_eq!(benchmark("eks-stig-kubernetes-v1r6"), (None, None));
        assert_eq!(benchmark(""), (None, None));
    }

    #[test]
    fn section_two_of_edition_1_11_is_counted_as_the_benchmark_does() {
        let number = |edition, row| control("cis-kubernetes", Some(edition), row);
        assert_eq!(number("1.11", "2.1"), "2.1");
        assert_eq!(number("1.11", "2.2"), "2.3");
        assert_eq!(number("1.11", "2.7"), "2.8");
        assert_eq!(number("1.12", "2.2"), "2.2");
        assert_eq!(number("1.11", "1.2.2"), "1.2.2");
    }

    #[test]
    fn a_file_may_be_named_after_its_node() {
        assert_eq!(node_of("out/worker-1.json").as_deref(), Some("worker-1"));
        assert_eq!(
            node_of("kube-bench-ip-10-0-1-2.eu.internal.json").as_deref(),
            Some("ip-10-0-1-2.eu.internal")
        );
        for generic in
            ["kube-bench.json", "results.json", "-", "out/cis-1.12.json", "Report.json", ".json"]
        {
            assert_eq!(node_of(generic), None, "{generic}");
        }
    }
}
