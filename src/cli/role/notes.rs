//! What a role says of itself: for which selection it is, what each right is for, what it leaves out.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Needs;
use super::document::RoleRule;
use crate::cli::args::{Allow, RoleArgs, RolePurpose};
use crate::cluster::{Right, Rights, WhyLeft};
use crate::model::kinds::{self, Kind};
use crate::text::clean;

/// Checks that are named; of more only the first.
const NAMED: usize = 2;
/// Columns of a line of the head.
const WIDE: usize = 100;

/// What notes are made of.
pub(super) struct RoleNotes<'a> {
    pub args: &'a RoleArgs,
    pub rights: &'a Rights,
    pub needs: &'a Needs,
}

impl RoleNotes<'_> {
    /// What stands before the first object.
    pub fn head(&self, namespaces: &[String]) -> Vec<String> {
        let what = match self.args.purpose {
            RolePurpose::Scan => "a scan",
            RolePurpose::Workbench => "the workbench",
            RolePurpose::Snapshot => "a snapshot",
        };
        let version = env!("CARGO_PKG_VERSION");
        let place = match namespaces {
            [] => "all namespaces".to_owned(),
            [one] => format!("namespace {one}"),
            many => format!("namespaces {}", many.join(", ")),
        };
        let mut lines = vec![
            format!("The rights that {what} with Plimsoll {version} uses, and no others."),
            format!("Selection: {}, in {place}.", self.selection()),
            format!("Made by: {}", self.command()),
        ];
        if self.args.selection.selector.is_some() || self.args.selection.object.is_some() {
            let text = "A label selector or one object narrows what is judged, not what is read.";
            lines.push(text.to_owned());
        }
        let left = self.left();
        if !left.is_empty() {
            lines.push(String::new());
            lines.push("Left out:".to_owned());
            lines.extend(left.iter().flat_map(|line| wrapped(line)));
        }
        lines
    }

    fn selection(&self) -> String {
        let selection = &self.args.selection;
        if self.args.purpose != RolePurpose::Scan {
            return "whatever may be browsed or run".to_owned();
        }
        let parts = [
            ("profile", &self.args.profile.profile),
            ("framework", &selection.framework),
            ("control", &selection.control),
            ("check", &selection.check),
        ];
        let said = parts.iter().filter(|(_, values)| !values.is_empty());
        let said: Vec<String> =
            said.map(|(name, values)| format!("{name} {}", values.join(", "))).collect();
        if said.is_empty() {
            return "every check that is on, and every framework that may fit".to_owned();
        }
        clean(&said.join("; ")).into_owned()
    }

    /// The command that prints these rights.
    fn command(&self) -> String {
        let (args, selection) = (self.args, &self.args.selection);
        let mut words = vec!["plimsoll role".to_owned()];
        let mut say = |option: &str, values: &[String]| {
            if !values.is_empty() {
                words.push(format!("{option} {}", shell(&values.join(","))));
            }
        };
        say("--profile", &args.profile.profile);
        say("--framework", &selection.framework);
        say("--control", &selection.control);
        say("--check", &selection.check);
        say("-n", &selection.namespace);
        let allowed: Vec<String> = args.allow.iter().map(|allow| word(*allow).to_owned()).collect();
        say("--allow", &allowed);
        say("-l", selection.selector.as_slice());
        match args.purpose {
            RolePurpose::Scan => {}
            RolePurpose::Workbench => words.push("--for workbench".to_owned()),
            RolePurpose::Snapshot => words.push("--for snapshot".to_owned()),
        }
        for (on, option) in [(args.namespaced, "--namespaced"), (args.discover, "--discover")] {
            if on {
                words.push(option.to_owned());
            }
        }
        words.extend(selection.object.as_deref().map(shell));
        clean(&words.join(" ")).into_owned()
    }

    /// What is in no rule, and what is not assessed because of it: one line each.
    pub fn left(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut absent = Vec::new();
        for left in &self.rights.left {
            match &left.why {
                WhyLeft::NotAllowed => lines.push(self.not_allowed(&left.kind)),
                WhyLeft::NotServed if self.args.discover => absent.push(left.kind.to_string()),
                // The kinds of configuration files: nobody expects them here.
                WhyLeft::NotServed => {}
                WhyLeft::Unknown(why) => lines.push(format!(
                    "{}: whether the cluster serves it is not known ({})",
                    left.kind,
                    clean(why)
                )),
            }
        }
        if self.args.namespaced {
            lines.extend(self.wide());
        }
        if !absent.is_empty() {
            lines.push(format!("What this cluster does not serve: {}", absent.join(", ")));
        }
        lines
    }

    fn not_allowed(&self, kind: &Kind) -> String {
        let (right, allow, danger) = if *kind == kinds::kubelet_configuration() {
            ("get nodes/proxy", "configz", "it also lets its holder run commands in every pod")
        } else {
            ("list secrets", "secret-metadata", "it also lets its holder read what is in them")
        };
        let rests = self.all_of(kind);
        format!("{right} (--allow {allow}): {danger}. Not assessed without it: {rests}")
    }

    /// What only a cluster role can give.
    fn wide(&self) -> Option<String> {
        let names: Vec<String> = self.rights.wide.iter().map(named).collect();
        let (first, last) = names.split_first()?;
        let checks: BTreeSet<&Arc<str>> = self
            .rights
            .wide
            .iter()
            .filter_map(|right| self.needs.get(&right.kind))
            .flatten()
            .collect();
        let all = last.iter().fold(first.clone(), |all, name| format!("{all}, {name}"));
        let what = format!("What belongs to the cluster: {}", clean(&all));
        Some(match checks.len() {
            0 => what,
            1 => format!("{what}. One check looks at it, and is not assessed where it rests on it"),
            n => {
                format!("{what}. {n} checks look at it, and are not assessed where they rest on it")
            }
        })
    }

    /// Rules for rights, one for each group and verbs; and one of its own for what is dangerous.
    pub fn rules(&self, rights: &[Right]) -> Vec<RoleRule> {
        let mut rules: Vec<(Option<&Kind>, RoleRule)> = Vec::new();
        for right in rights {
            let dangerous = danger(&right.kind).then_some(&right.kind);
            let fits = |(kind, rule): &&mut (Option<&Kind>, RoleRule)| {
                *kind == dangerous
                    && rule.group.as_deref() == Some(&*right.group)
                    && rule.verbs == right.verbs
            };
            let on = (right.resource.clone(), self.reason(&right.kind));
            if let Some((_, rule)) = rules.iter_mut().find(fits) {
                rule.on.push(on);
                continue;
            }
            let rule = RoleRule {
                about: dangerous.map(about).unwrap_or_default(),
                group: Some(right.group.clone()),
                on: vec![on],
                verbs: right.verbs.clone(),
            };
            rules.push((dangerous, rule));
        }
        rules.into_iter().map(|(_, rule)| rule).collect()
    }

    /// The rules on paths: what every reading asks, and what checks look at.
    pub fn paths(&self) -> Vec<RoleRule> {
        let path = |name: &str, what: String| (name.to_owned(), what);
        let (own, rest): (Vec<_>, Vec<_>) =
            self.rights.paths.iter().partition(|(_, kind)| kind.is_some());
        let rule = |about: &str, on: Vec<(String, String)>| RoleRule {
            about: vec![about.to_owned()],
            group: None,
            on,
            verbs: vec!["get"],
        };
        let mut rules = vec![rule(
            "The version, and what is served; most clusters let everybody ask this.",
            rest.iter().map(|(name, _)| path(name, String::new())).collect(),
        )];
        let own: Vec<(String, String)> = own
            .iter()
            .filter_map(|(name, kind)| Some(path(name, self.reason(kind.as_ref()?))))
            .collect();
        if !own.is_empty() {
            rules.push(rule("The flags of the API server.", own));
        }
        rules
    }

    /// Which checks look at a kind, in a few words.
    fn reason(&self, kind: &Kind) -> String {
        let none = BTreeSet::new();
        let checks = self.needs.get(kind).unwrap_or(&none);
        if checks.is_empty() {
            return if *kind == Kind::new("", "Namespace") {
                "every reading".to_owned()
            } else {
                "to browse".to_owned()
            };
        }
        let mut names: Vec<&str> = checks.iter().take(NAMED).map(|id| &**id).collect();
        let more = checks.len().saturating_sub(NAMED);
        let rest = format!("and {more} more");
        if more > 0 {
            names.push(&rest);
        }
        clean(&names.join(", ")).into_owned()
    }

    /// Every check that looks at a kind.
    fn all_of(&self, kind: &Kind) -> String {
        let checks = self.needs.get(kind).into_iter().flatten();
        clean(&checks.map(|id| &**id).collect::<Vec<_>>().join(", ")).into_owned()
    }
}

fn word(allow: Allow) -> &'static str {
    match allow {
        Allow::Configz => "configz",
        Allow::SecretMetadata => "secret-metadata",
        Allow::SecretBodies => "secret-bodies",
        Allow::AllKinds => "all-kinds",
        Allow::DryRun => "dry-run",
    }
}

/// `deployments.apps`.
fn named(right: &Right) -> String {
    if right.group.is_empty() {
        return right.resource.clone();
    }
    format!("{}.{}", right.resource, right.group)
}

/// Whether a kind is brought by a right that can do more than Plimsoll does with it.
fn danger(kind: &Kind) -> bool {
    *kind == Kind::new("", "Secret") || *kind == kinds::kubelet_configuration()
}

fn about(kind: &Kind) -> Vec<String> {
    let lines = if *kind == kinds::kubelet_configuration() {
        [
            "DANGEROUS: this right also lets its holder run commands in every pod, by way of the",
            "kubelets. Plimsoll asks for nothing but their configuration (--allow configz).",
        ]
    } else {
        [
            "DANGEROUS: this right also lets its holder read what is in every Secret. Plimsoll asks",
            "for names, labels and types alone (--allow secret-metadata).",
        ]
    };
    lines.map(str::to_owned).to_vec()
}

/// An item of a list on lines that are not too wide.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec!["-".to_owned()];
    for word in text.split(' ') {
        if let Some(last) = lines.last_mut()
            && last.len() + word.len() < WIDE
        {
            last.push(' ');
            last.push_str(word);
            continue;
        }
        lines.push(format!("  {word}"));
    }
    lines
}

/// A word as a shell takes it.
fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}
