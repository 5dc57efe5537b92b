//! Rules of other tools that look at the same thing as one of our checks.
//!
//! Only rules that fail on the same condition and name the same object are here: rules that cover
//! several of our checks, or only a part of one, are left out, and so are rules on rights, which
//! the tools report on subjects and we on roles and bindings. C-0057 of kubescape is not here
//! because it fails on `SYS_ADMIN` too; its CIS controls on pods because they look at namespaces.

use crate::model::import::ImportTool;

/// kubescape: controls.
const KUBESCAPE: &[(&str, &str)] = &[
    ("C-0016", "allow-privilege-escalation"),
    ("C-0017", "root-filesystem-writable"),
    ("C-0018", "readiness-probe-missing"),
    ("C-0041", "host-network-namespace"),
    ("C-0044", "host-port"),
    ("C-0056", "liveness-probe-missing"),
    ("C-0073", "naked-pod"),
    ("C-0074", "container-runtime-socket-mount"),
    ("C-0268", "cpu-request-missing"),
    ("C-0269", "memory-request-missing"),
    ("C-0270", "cpu-limit-missing"),
    ("C-0271", "memory-limit-missing"),
    ("C-0275", "host-pid-namespace"),
    ("C-0276", "host-ipc-namespace"),
];

/// trivy: Kubernetes checks, written KSV-0001, AVD-KSV-0001 or KSV001.
const TRIVY: &[(&str, &str)] = &[
    ("KSV-0001", "allow-privilege-escalation"),
    ("KSV-0006", "container-runtime-socket-mount"),
    ("KSV-0008", "host-ipc-namespace"),
    ("KSV-0009", "host-network-namespace"),
    ("KSV-0010", "host-pid-namespace"),
    ("KSV-0011", "cpu-limit-missing"),
    ("KSV-0014", "root-filesystem-writable"),
    ("KSV-0015", "cpu-request-missing"),
    ("KSV-0016", "memory-request-missing"),
    ("KSV-0017", "privileged-container"),
    ("KSV-0018", "memory-limit-missing"),
    ("KSV-0024", "host-port"),
    ("KSV-0026", "unsafe-sysctls"),
    ("KSV-0103", "windows-host-process"),
    ("KSV-0120", "capability-sys-module-added"),
];

/// Kyverno's policies of the Pod Security Standards and its usual ones, as policy reports name
/// them: policy, or policy and rule where the rules of a policy differ.
const KYVERNO: &[(&str, &str)] = &[
    ("disallow-capabilities", "capabilities-added-beyond-default"),
    (
        "disallow-capabilities-strict/adding-capabilities-strict",
        "capabilities-added-beyond-net-bind-service",
    ),
    ("disallow-capabilities-strict/require-drop-all", "capabilities-not-dropped-all"),
    ("disallow-host-path", "hostpath-volume"),
    ("disallow-host-ports", "host-port"),
    ("disallow-host-process", "windows-host-process"),
    ("disallow-latest-tag/require-image-tag", "image-tag-missing"),
    ("disallow-latest-tag/validate-image-tag", "image-tag-latest"),
    ("disallow-privilege-escalation", "allow-privilege-escalation"),
    ("disallow-privileged-containers", "privileged-container"),
    ("require-ro-rootfs", "root-filesystem-writable"),
    ("require-run-as-non-root-user", "run-as-user-zero"),
    ("require-run-as-nonroot", "run-as-non-root-not-enforced"),
    ("restrict-apparmor-profiles", "apparmor-unconfined"),
    ("restrict-seccomp", "seccomp-unconfined"),
    ("restrict-seccomp-strict", "seccomp-profile-missing"),
    ("restrict-sysctls", "unsafe-sysctls"),
    ("restrict-volume-types", "restricted-volume-type"),
];

/// The check of ours about the same thing as a rule of a tool.
#[must_use]
pub fn check_of(tool: ImportTool, rule: &str) -> Option<&'static str> {
    match tool {
        // The rows of a benchmark are compared by control.
        ImportTool::KubeBench => None,
        ImportTool::Kubescape => find(KUBESCAPE, rule),
        ImportTool::TrivyOperator => find(TRIVY, &trivy(rule)?),
        ImportTool::PolicyReport => {
            let (policy, rule) = rule.split_once('/').unwrap_or((rule, ""));
            // Rules that Kyverno derives for the kinds that make pods.
            let rule = rule.strip_prefix("autogen-cronjob-").unwrap_or(rule);
            let rule = rule.strip_prefix("autogen-").unwrap_or(rule);
            find(KYVERNO, &format!("{policy}/{rule}")).or_else(|| find(KYVERNO, policy))
        }
    }
}

fn find(table: &[(&str, &'static str)], rule: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == rule).map(|(_, check)| *check)
}

/// The newest spelling of an id of trivy's: `KSV-0001` for `AVD-KSV-0001` and `KSV001`.
fn trivy(rule: &str) -> Option<String> {
    let rule = rule.strip_prefix("AVD-").unwrap_or(rule).strip_prefix("KSV")?;
    let number: u32 = rule.trim_start_matches('-').parse().ok()?;
    Some(format!("KSV-{number:04}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Library;

    #[test]
    fn every_check_of_the_tables_exists_and_every_rule_stands_once() {
        let library = Library::builtin();
        for table in [KUBESCAPE, TRIVY, KYVERNO] {
            let mut rules: Vec<&str> = table.iter().map(|(rule, _)| *rule).collect();
            rules.dedup();
            assert!(rules.is_sorted(), "{rules:?}");
            assert_eq!(rules.len(), table.len());
            for (_, check) in table {
                assert!(library.checks.contains_key(*check), "{check}");
            }
        }
    }

    #[test]
    fn spellings_of_one_rule() {
        for id in ["KSV017", "KSV-0017", "AVD-KSV-0017"] {
            assert_eq!(check_of(ImportTool::TrivyOperator, id), Some("privileged-container"));
        }
        let kyverno = |rule| check_of(ImportTool::PolicyReport, rule);
        assert_eq!(
            kyverno("disallow-capabilities-strict/autogen-require-drop-all"),
            Some("capabilities-not-dropped-all")
        );
        assert_eq!(kyverno("disallow-capabilities-strict/other"), None);
        assert_eq!(
            kyverno("disallow-privileged-containers/autogen-cronjob-privileged-containers"),
            Some("privileged-container")
        );
        assert_eq!(check_of(ImportTool::TrivyOperator, "KCV0001"), None);
        assert_eq!(check_of(ImportTool::Kubescape, "C-0000"), None);
    }
}
