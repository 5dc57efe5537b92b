//! Completions: what shells and kubectl are answered, and the scripts in the shells themselves.

use std::path::Path;
use std::process::Command;

use super::sandbox::{Sandbox, WEB, text};

const ASK: &str = "_PLIMSOLL_COMPLETE";

/// Asks as fish does: what fits for the last word.
fn ask(sandbox: &Sandbox, asker: &str, words: &[&str]) -> Vec<String> {
    let run = sandbox.run_in(&[&["--"], words].concat(), &[(ASK, asker)]);
    assert_eq!((run.status, &*run.err), (0, ""), "{words:?}");
    run.out.lines().map(str::to_owned).collect()
}

fn fish(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    ask(sandbox, "fish", &[&["plimsoll"], words].concat())
}

const KUBECONFIG: &str = "\
apiVersion: v1
kind: Config
clusters:
- name: east
  cluster: {server: \"https://east.example.invalid\"}
contexts:
- name: arn:aws:eks:eu-west-1:1:cluster/prod
  context: {cluster: east, user: ann}
- name: lab
  context: {cluster: east, user: ann}
- name: \"two words; $(touch gone)\"
  context: {cluster: east, user: ann}
- name: \"bad\\e[2Jname\"
  context: {cluster: east, user: ann}
users:
- name: ann
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, command: touch, args: [gone]}
";

fn with_kubeconfig() -> Sandbox {
    let sandbox = Sandbox::with_web();
    sandbox.write("no-kubeconfig", KUBECONFIG);
    sandbox
}

#[test]
fn options_commands_and_words_are_completed() {
    let sandbox = Sandbox::with_web();
    assert_eq!(fish(&sandbox, &["scan", "--fail-on-"]).len(), 1);
    assert!(fish(&sandbox, &["scan", "--fail-on-"])[0].starts_with("--fail-on-new\tEnd with"));
    let formats = fish(&sandbox, &["scan", "-o", "oscal"]);
    assert_eq!(formats.len(), 2, "{formats:?}");
    let commands = fish(&sandbox, &[""]);
    assert!(commands.iter().any(|c| c.starts_with("sessions\tSaved")), "{commands:?}");
    assert!(!commands.iter().any(|c| c.starts_with('-')), "{commands:?}");
    assert_eq!(fish(&sandbox, &["scan", "-f", "we"]), ["web.yaml"]);
    assert_eq!(WEB.len(), std::fs::read(sandbox.path("web.yaml")).unwrap().len());
}

#[test]
fn frameworks_checks_and_controls_are_completed() {
    let sandbox = Sandbox::new();
    let frameworks = fish(&sandbox, &["scan", "--framework", "nsa-cisa,pss-"]);
    let values: Vec<&str> = frameworks.iter().map(|f| f.split('\t').next().unwrap()).collect();
    assert!(values.contains(&"nsa-cisa,pss-baseline"), "{values:?}");
    let checks = fish(&sandbox, &["checks", "show", "privileged-"]);
    assert!(checks.iter().any(|c| c.starts_with("privileged-container\t")), "{checks:?}");
    let controls = fish(&sandbox, &["scan", "--control=pss-baseline/hostPo"]);
    assert_eq!(controls.len(), 1, "{controls:?}");
    assert!(controls[0].starts_with("--control=pss-baseline/hostPorts\t"), "{controls:?}");
    // Those of the user too, and nothing is said of a configuration that is broken.
    sandbox.run(&["checks", "new", "house-rule", "--output-file", "rule.toml"]);
    let own = std::fs::read(sandbox.path("rule.toml")).unwrap();
    sandbox.write("config/checks/house-rule.toml", own);
    assert_eq!(fish(&sandbox, &["checks", "show", "house-"]).len(), 1);
    sandbox.write("config/config.toml", "theme = [");
    assert_eq!(fish(&sandbox, &["checks", "show", "house-"]).len(), 1);
}

#[test]
fn contexts_are_completed_without_running_anything() {
    let sandbox = with_kubeconfig();
    let contexts = fish(&sandbox, &["scan", "--context", ""]);
    let values: Vec<&str> = contexts.iter().map(|c| c.split('\t').next().unwrap()).collect();
    assert_eq!(values, ["arn:aws:eks:eu-west-1:1:cluster/prod", "lab", "two words; $(touch gone)"]);
    assert!(contexts[1].ends_with("\thttps://east.example.invalid"), "{contexts:?}");
    assert_eq!(fish(&sandbox, &["--user", ""]), ["ann"]);
    assert!(!sandbox.path("gone").exists());
}

#[test]
fn sessions_are_completed_the_last_first() {
    let sandbox = Sandbox::with_web();
    let none = fish(&sandbox, &["sessions", "show", ""]);
    assert!(none.iter().all(|option| option.starts_with('-')), "{none:?}");
    let saved = sandbox.run(&["scan", "-f", "web.yaml", "--session", "new", "-o", "json"]);
    assert_eq!(saved.status, 0, "{}", saved.err);
    let sessions = fish(&sandbox, &["sessions", "show", ""]);
    assert_eq!(sessions.len(), 2, "{sessions:?}");
    assert!(sessions[0].starts_with("last\t"), "{sessions:?}");
    let fresh = fish(&sandbox, &["scan", "--session", "ne"]);
    assert_eq!(fresh, ["new\tbegin a session"]);
}

#[test]
fn kubectl_is_answered_in_its_own_way() {
    let sandbox = with_kubeconfig();
    let kubectl = |words: &[&str]| ask(&sandbox, "kubectl", words);
    let options = kubectl(&["scan", "--fail-on-"]);
    assert!(options[0].starts_with("--fail-on-new\t"), "{options:?}");
    assert_eq!(options[1..], [":4"]);
    // It puts the option back itself.
    let controls = kubectl(&["scan", "--control=pss-baseline/hostPo"]);
    assert!(controls[0].starts_with("pss-baseline/hostPorts\t"), "{controls:?}");
    assert_eq!(kubectl(&["scan", "--control", "pss-b"]).last().unwrap(), ":6");
    assert_eq!(kubectl(&["no-such", "thing", "x"]), [":4"]);
}

#[test]
fn a_variable_without_a_question_changes_nothing() {
    let sandbox = Sandbox::new();
    for value in ["fish", "", "unheard-of"] {
        let run = sandbox.run_in(&["--version"], &[(ASK, value)]);
        assert_eq!(run.out, format!("plimsoll {}\n", env!("CARGO_PKG_VERSION")), "{value}");
    }
    let run = sandbox.run_in(&["--", "plimsoll", "sc"], &[(ASK, "unheard-of")]);
    assert_eq!(run.status, 2);
}

/// Completes in a real shell with the binary on the `PATH`; nothing if there is no such shell.
#[allow(clippy::print_stderr, reason = "says what was left out")]
fn shell(sandbox: &Sandbox, program: &str, script: &str) -> Option<Vec<String>> {
    let binary = Path::new(env!("CARGO_BIN_EXE_plimsoll")).parent().unwrap();
    let output = Command::new(program)
        .args(["-c", script])
        .current_dir(sandbox.path("."))
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", text(binary)))
        .env("HOME", sandbox.path("home"))
        .env("KUBECONFIG", sandbox.path("no-kubeconfig"))
        .env("PLIMSOLL_CONFIG_DIR", sandbox.path("config"))
        .env("PLIMSOLL_DATA_DIR", sandbox.data())
        .output();
    let Ok(output) = output else {
        eprintln!("DID NOT RUN: there is no {program}");
        return None;
    };
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{program}");
    let out = String::from_utf8(output.stdout).unwrap();
    Some(out.lines().map(str::to_owned).collect())
}

/// What bash makes of a line: it cuts words at blanks, colons and equals signs.
fn bash(sandbox: &Sandbox, line: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let mut glued = false;
    for c in line.chars() {
        match c {
            ' ' => glued = false,
            ':' | '=' => {
                let more = words.last().filter(|w| glued && w.chars().all(|c| ":=".contains(c)));
                if more.is_some() {
                    words.last_mut().unwrap().push(c);
                } else {
                    words.push(c.into());
                }
                glued = true;
            }
            c => {
                let fresh =
                    !glued || words.last().is_none_or(|w| w.chars().all(|c| ":=".contains(c)));
                if fresh {
                    words.push(c.into());
                } else {
                    words.last_mut().unwrap().push(c);
                }
                glued = true;
            }
        }
    }
    if !glued {
        words.push(String::new());
    }
    let last = words.last().unwrap();
    let replaced = if last.chars().all(|c| ":=".contains(c)) { "" } else { last };
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let script = format!(
        "eval \"$(plimsoll completions bash)\"\n\
         COMP_LINE='{line}' COMP_POINT={} COMP_WORDS=({}) COMP_CWORD={}\n\
         _plimsoll plimsoll '{replaced}' ''\n\
         printf '<%s>\\n' \"${{COMPREPLY[@]}}\"",
        line.len(),
        quoted.join(" "),
        words.len() - 1
    );
    shell(sandbox, "bash", &script)
}

#[test]
fn bash_completes_words_that_it_cuts_itself() {
    let sandbox = with_kubeconfig();
    let Some(one) = bash(&sandbox, "plimsoll scan --fail-on-") else { return };
    assert_eq!(one, ["<--fail-on-new >"]);
    let of = |line: &str| bash(&sandbox, line).unwrap();
    assert_eq!(of("plimsoll sessions tr"), ["<trend >"]);
    // Only what stands behind the last colon is replaced.
    assert_eq!(of("plimsoll scan --context arn:aws:eks:eu"), ["<eu-west-1:1:cluster/prod >"]);
    assert_eq!(of("plimsoll scan --context=arn:"), ["<aws:eks:eu-west-1:1:cluster/prod >"]);
    assert_eq!(of("plimsoll scan --framework cis-kubernetes-2.0.1:"), ["<L1>", "<L2>"]);
    assert_eq!(of("plimsoll scan --control pss-baseline/hostPo"), ["<pss-baseline/hostPorts >"]);
    assert_eq!(of("plimsoll scan --control pss-b"), ["<pss-baseline/>"]);
    // A name that the shell would obey is quoted.
    assert_eq!(of("plimsoll scan --context tw"), [r"<two\ words\;\ \$\(touch\ gone\) >"]);
    assert_eq!(of("plimsoll scan --context zz"), ["<>"]);
    assert!(!sandbox.path("gone").exists());
}

#[test]
fn fish_completes_by_the_installed_file() {
    let sandbox = with_kubeconfig();
    let setup = sandbox.run(&["setup", "--shell", "fish"]);
    assert_eq!(setup.status, 0, "{}", setup.err);
    let complete =
        |line: &str| shell(&sandbox, "fish", &format!("complete --do-complete '{line}'"));
    let Some(options) = complete("plimsoll scan --fail-on-") else { return };
    assert_eq!(options.len(), 1, "{options:?}");
    assert!(options[0].starts_with("--fail-on-new\t"), "{options:?}");
    let contexts = complete("plimsoll scan --context arn").unwrap();
    assert!(contexts[0].starts_with("arn:aws:eks:eu-west-1:1:cluster/prod\t"), "{contexts:?}");
}

#[test]
fn kubectl_finds_the_plugin_and_its_completions() {
    let sandbox = with_kubeconfig();
    let setup = sandbox.run(&["setup", "--kubectl", "--shell", "bash"]);
    assert_eq!(setup.status, 0, "{}", setup.err);
    // kubectl runs what stands on the PATH under these names.
    let script = "PATH=$HOME/.local/bin:$PATH; kubectl-plimsoll scan --help; \
                  kubectl_complete-plimsoll scan --fail-on-";
    let out = shell(&sandbox, "sh", script).unwrap();
    assert!(
        out.contains(&"Usage: kubectl plimsoll scan [OPTIONS] [KIND/NAME]".to_owned()),
        "{out:?}"
    );
    let [.., option, directive] = &out[..] else { panic!("{out:?}") };
    assert!(option.starts_with("--fail-on-new\t") && directive == ":4", "{out:?}");
    let usage = "PATH=$HOME/.local/bin:$PATH; kubectl-plimsoll --help";
    let out = shell(&sandbox, "sh", usage).unwrap().join("\n");
    assert!(out.contains("Usage: kubectl plimsoll [OPTIONS] [KIND/NAME]"), "{out}");
    assert!(out.contains("       kubectl plimsoll <COMMAND>"), "{out}");
    assert!(out.contains("`kubectl plimsoll demo`"), "{out}");
    // As a plugin it installs what a plugin needs.
    let again = "PATH=$HOME/.local/bin:$PATH; kubectl-plimsoll setup --dry-run 2>/dev/null";
    let out = shell(&sandbox, "sh", again).unwrap();
    assert!(out.iter().any(|l| l.ends_with("/kubectl_complete-plimsoll")), "{out:?}");
    assert!(out.iter().all(|l| l.starts_with("unchanged ")), "{out:?}");
    assert!(!out.iter().any(|l| l.contains("bash-completion")), "{out:?}");
}
