//! Help, manual, completions, and the commands that show checks and frameworks.

use clap::CommandFactory as _;

use super::sandbox::{Sandbox, snapshot};

/// Every command as the words that reach it.
fn commands() -> Vec<Vec<String>> {
    fn walk(command: &clap::Command, words: &[String], all: &mut Vec<Vec<String>>) {
        all.push(words.to_vec());
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let words = [words, &[sub.get_name().to_owned()]].concat();
            walk(sub, &words, all);
        }
    }
    let mut all = Vec::new();
    walk(&plimsoll::cli::args::Cli::command(), &[], &mut all);
    all
}

#[test]
fn every_command_explains_itself() {
    let sandbox = Sandbox::new();
    let all = commands();
    assert!(all.len() > 20, "{all:?}");
    for words in all {
        let args: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
        let run = sandbox.run(&args);
        assert_eq!((run.status, &*run.err), (0, ""), "{args:?}");
        assert!(run.out.lines().all(|l| l.chars().count() <= 100), "{args:?}: {}", run.out);
        let name = if words.is_empty() { "plimsoll".to_owned() } else { words.join("-") };
        snapshot(&format!("help-{name}"), &run.out);
    }
    let version = sandbox.run(&["--version"]);
    assert_eq!(version.out, format!("plimsoll {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let sandbox = Sandbox::new();
    for words in commands() {
        let args: Vec<&str> =
            std::iter::once("man").chain(words.iter().map(String::as_str)).collect();
        let page = sandbox.run(&args);
        assert_eq!((page.status, &*page.err), (0, ""), "{args:?}");
        let plain = page.out.replace('\\', "");
        let mut command = plimsoll::cli::args::Cli::command();
        command.build();
        let command =
            words.iter().fold(&command, |command, word| command.find_subcommand(word).unwrap());
        let title = command.get_display_name().unwrap_or("plimsoll").to_uppercase();
        assert!(plain.contains(&format!("{title} 1 ")), "{title}: {:.300}", page.out);
        for option in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            let Some(long) = option.get_long() else { continue };
            assert!(plain.contains(&format!("--{long}")), "{words:?} --{long}");
        }
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            if sub.get_name() != "help" {
                let page = format!("{}-{}(1)", title.to_lowercase(), sub.get_name());
                assert!(plain.contains(&page), "{words:?}: {page}");
            }
        }
    }
    let main = sandbox.run(&["man"]).out;
    for part in ["EXIT STATUS", "ENVIRONMENT", "FILES", "PLIMSOLL_DATA_DIR"] {
        assert!(main.replace('\\', "").contains(part), "{part}");
    }
    sandbox.run(&["man", "sessions", "lst"]).refuses(2, &["did you mean `sessions list`?"]);
}

#[test]
fn completions_are_scripts_of_their_shell() {
    let sandbox = Sandbox::new();
    for (shell, sign) in [
        ("bash", "complete -o nospace -o bashdefault -o default -F _plimsoll plimsoll"),
        ("zsh", "#compdef plimsoll"),
        ("fish", "complete --keep-order --exclusive --command plimsoll"),
        ("elvish", "edit:completion:arg-completer[plimsoll]"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let run = sandbox.run(&["completions", shell]);
        assert_eq!((run.status, &*run.err), (0, ""));
        assert!(run.out.contains(sign), "{shell}: {:.300}", run.out);
        assert!(run.out.contains("_PLIMSOLL_COMPLETE"), "{shell}: {:.300}", run.out);
        let path = sandbox.write(shell, &run.out);
        // Where the shell is at hand, it has to take them.
        let check = std::process::Command::new(shell).arg("-n").arg(&path).output();
        if let Ok(output) = check {
            assert!(
                output.status.success(),
                "{shell}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
    sandbox.run(&["completions", "cmd"]).refuses(2, &["bash", "fish", "zsh"]);
}

#[test]
fn checks_are_listed_and_shown_as_they_are_written() {
    let sandbox = Sandbox::new();
    let list = sandbox.run(&["checks", "list", "--json"]);
    assert_eq!((list.status, &*list.err), (0, ""));
    let all = list.json();
    let all = all.as_array().unwrap();
    let table = sandbox.run(&["checks", "list"]).out;
    assert_eq!(table.lines().count(), all.len() + 1);
    for check in all {
        let keys: Vec<&str> = check.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys.len(), 8, "{keys:?}");
        assert!(table.contains(check["id"].as_str().unwrap()));
    }
    let shown = sandbox.run(&["checks", "show", "privileged-container"]).out;
    let file = include_str!("../../checks/pod-security/privileged-container.toml");
    assert!(shown.ends_with(file), "{shown}");
    assert!(shown.contains("# serves pss-baseline/privileged (full)"), "{shown}");
    let unknown = sandbox.run(&["checks", "show", "privileged-contaner"]);
    unknown.refuses(2, &["did you mean `privileged-container`?"]);
    snapshot("checks-scopes", &sandbox.run(&["checks", "scopes"]).out);
}

#[test]
fn the_examples_of_one_check_or_of_all_hold() {
    let sandbox = Sandbox::new();
    let one = sandbox.run(&["checks", "test", "privileged-container"]);
    assert_eq!(one.status, 0, "{}", one.out);
    assert!(one.out.starts_with("1 check, "), "{}", one.out);
    let all = sandbox.run(&["checks", "test"]);
    assert_eq!(all.status, 0, "{}", all.out);
    assert!(all.out.ends_with(" 0 failed, 0 faults, 0 problems\n"), "{}", all.out);
    sandbox.run(&["checks", "test", "privileged-contaner"]).refuses(2, &["did you mean"]);
}

#[test]
fn frameworks_are_listed_and_shown() {
    let sandbox = Sandbox::new();
    snapshot("frameworks-list", &sandbox.run(&["frameworks", "list"]).out);
    snapshot("frameworks-show", &sandbox.run(&["frameworks", "show", "pss-restricted"]).out);
    let control = ["frameworks", "show", "pss-restricted", "runAsNonRoot"];
    snapshot("frameworks-show-control", &sandbox.run(&control).out);
    let show = |args: &[&str]| sandbox.run(&[&["frameworks", "show"], args].concat());
    show(&["nope"]).refuses(2, &["nsa-cisa, ", "pss-baseline, pss-restricted"]);
    show(&["pss-baseline", "hostPort"]).refuses(2, &["did you mean `hostPorts`?"]);
}

#[test]
fn everything_that_is_wrong_with_the_configuration_is_named() {
    let sandbox = Sandbox::new();
    let text = "thema = \"dark\"\nmouse = \"yes\"\n[contexts.prod]\ntone = \"loud\"\n";
    sandbox.write("config/config.toml", text);
    let run = sandbox.run(&["config", "check"]);
    run.refuses(2, &["config.toml:1:1: unknown field", "config.toml:2:9: ", "config.toml:4:8: "]);
    // What reads it still stops at the first of them that it meets.
    sandbox.run(&["checks", "list"]).refuses(2, &["config.toml:4:8: "]);
}
