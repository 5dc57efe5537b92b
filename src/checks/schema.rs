//! Check files: what they mean, and errors with file, line and column.

mod written;

use std::sync::Arc;

use serde::Deserialize;

use crate::model::inventory::{Problem, ProblemKind};
use crate::model::kinds::Kind;
use crate::text::line_column;

use super::check::{
    Check, Expected, ListOf, Need, Origin, Patch, PatchOp, PatchValue, Place, Rule, Target,
};
use super::kinds::{Pattern, by_plural};
use super::locate::Spot;
use super::place::Anchored;
use super::scope::Scope;
pub(super) use written::CheckFile;
use written::{PatchFile, RuleFile, TargetFile};

/// What is wrong with the meaning of a file, and where in its structure.
pub(super) struct SchemaFault {
    /// Keys and indexes that lead to the value.
    pub(super) spot: Spot,
    /// What is wrong.
    pub(super) message: String,
}

type Checked<T> = Result<T, SchemaFault>;

fn fault<T>(spot: &[&str], message: impl Into<String>) -> Checked<T> {
    Err(SchemaFault { spot: Spot::of(spot), message: message.into() })
}

trait At1<T> {
    fn at(self, spot: &[&str]) -> Checked<T>;
}

impl<T> At1<T> for Result<T, String> {
    fn at(self, spot: &[&str]) -> Checked<T> {
        self.map_err(|message| SchemaFault { spot: Spot::of(spot), message })
    }
}

/// Reads a check file. `stem` is the file's name without extension, `theme` its directory.
///
/// # Errors
/// One problem with file, line, column and reason.
pub fn read(text: &str, theme: &str, stem: &str, origin: Origin) -> Result<Check, Box<Problem>> {
    let file = origin.file();
    let parsed: CheckFile = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or((1, 1), |span| line_column(text, span.start));
        Box::new(problem(&file, Some(at), error.message()))
    })?;
    let examples = parsed.example.iter().map(|e| e.verdict).collect::<Vec<_>>();
    let checked = has_examples(&examples).and_then(|()| convert(parsed, theme, stem, origin));
    // What is not there would stand at the end.
    let end = || Some((u32::try_from(text.lines().count()).unwrap_or(u32::MAX).max(1), 1));
    checked.map_err(|fault| {
        let place = fault.spot.find(text).or_else(end);
        Box::new(problem(&file, place, &fault.message))
    })
}

/// A problem with a check file.
#[must_use]
pub fn problem(file: &str, at: Option<(u32, u32)>, message: &str) -> Problem {
    Problem {
        kind: ProblemKind::Check,
        file: Some(file.to_owned()),
        line: at.map(|a| a.0),
        column: at.map(|a| a.1),
        object: None,
        check: None,
        message: message.trim_end().to_owned(),
    }
}

/// A check without a failing and a passing example does not load.
pub(super) fn has_examples(verdicts: &[Expected]) -> Checked<()> {
    let fails = verdicts.iter().any(|v| matches!(v, Expected::Fail | Expected::Listed));
    let passes = verdicts.contains(&Expected::Pass);
    match (fails, passes) {
        (true, true) => Ok(()),
        (false, _) => fault(&["example"], "a check needs an example that fails"),
        (_, false) => fault(&["example"], "a check needs an example that passes"),
    }
}

/// Turns a file into a check.
pub(super) fn convert(file: CheckFile, theme: &str, stem: &str, origin: Origin) -> Checked<Check> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if file.id.is_empty() || !file.id.chars().all(plain) {
        return fault(&["id"], "an id has lower-case letters, digits and hyphens");
    }
    if file.id != stem {
        let id = &file.id;
        return fault(
            &["id"],
            format!(
                "the file is named `{stem}.toml`, its check `{id}`: these have to be the same; call the \
                 file `{id}.toml`, or the check `{stem}`"
            ),
        );
    }
    let written = [
        (&["title"][..], &file.title),
        (&["rule", "fail"], &file.rule.fail),
        (&["rule", "message"], &file.rule.message),
        (&["explain", "why"], &file.explain.why),
        (&["explain", "fix"], &file.explain.fix),
    ];
    for (spot, value) in written {
        if value.trim().is_empty() {
            return fault(spot, "this is empty");
        }
    }
    for (name, param) in &file.params {
        param.accept(&param.default).at(&["params", name, "default"])?;
    }
    let target = target(file.target)?;
    anchors(&file.rule, &file.patch, target.scope)?;
    let patches = file.patch.into_iter().enumerate().map(|(at, patch)| {
        edit(patch).map_err(|(key, message)| SchemaFault {
            spot: Spot::of(&["patch"]).index(at).key(key),
            message,
        })
    });
    Ok(Check {
        patches: patches.collect::<Checked<_>>()?,
        rule: rule(file.rule)?,
        target,
        id: file.id.into(),
        title: file.title,
        theme: theme.into(),
        severity: file.severity,
        form: file.form,
        explain: file.explain,
        params: file.params,
        examples: file.example,
        replaces: file.replaces,
        origin,
    })
}

/// Places exist only where the scope has what they start at.
fn anchors(rule: &RuleFile, patches: &[PatchFile], scope: Scope) -> Checked<()> {
    let nowhere = "scope `cluster` has no object to point at";
    let places = rule.at.0.iter().map(|place| &place.path);
    let edits = patches.iter().map(|patch| &patch.path);
    if scope == Scope::Cluster {
        if rule.each.is_some() || rule.each_path.is_some() || !rule.at.0.is_empty() {
            return fault(&["rule"], nowhere);
        }
        if !patches.is_empty() {
            return fault(&["patch"], nowhere);
        }
    }
    if !scope.in_pod() {
        let pod = |path: &&String| path.starts_with("pod:");
        if let Some(path) = places.chain(&rule.each).chain(edits).find(pod) {
            let message = format!("`{path}`: scope `{}` has no pod", scope.word());
            return fault(&["rule"], message);
        }
    }
    Ok(())
}

fn target(file: TargetFile) -> Checked<Target> {
    let scope = Scope::parse(&file.scope).at(&["target", "scope"])?;
    let mut kinds = Vec::with_capacity(file.kinds.len());
    for (at, kind) in file.kinds.iter().enumerate() {
        let pattern = Pattern::parse(kind).map_err(|message| SchemaFault {
            spot: Spot::of(&["target", "kinds"]).index(at),
            message,
        })?;
        kinds.push(pattern);
    }
    if kinds.is_empty() && scope == Scope::Object {
        return fault(&["target"], "scope `object` needs `kinds`");
    }
    if !kinds.is_empty() && matches!(scope, Scope::Cluster | Scope::Component | Scope::Kubelet) {
        let message = format!("scope `{}` takes no kinds", scope.word());
        return fault(&["target", "kinds"], message);
    }
    if kinds.is_empty() {
        kinds = scope.kinds();
    }
    let named = [
        ("reads", &file.reads, Need::Complete),
        ("seen", &file.seen, Need::Seen),
        ("optional-reads", &file.optional_reads, Need::Optional),
    ];
    let mut lists: Vec<ListOf> = Vec::new();
    for (key, entries, need) in named {
        for (at, entry) in entries.iter().enumerate() {
            let list = list(entry, need).and_then(|list| {
                let twice = lists.iter().any(|l| l.name == list.name);
                if twice { Err(format!("`{}` is named twice", list.name)) } else { Ok(list) }
            });
            lists.push(list.map_err(|message| SchemaFault {
                spot: Spot::of(&["target", key]).index(at),
                message,
            })?);
        }
    }
    components(scope, &file.components)?;
    Ok(Target { scope, kinds, when: file.when, lists, components: file.components })
}

/// `services`, `all:services` for those of every namespace, `Kind.group` for custom kinds.
fn list(entry: &str, need: Need) -> Result<ListOf, String> {
    let (wide, name) = entry.strip_prefix("all:").map_or((false, entry), |name| (true, name));
    // `secrets:meta` says how much of it is needed; how it is read is the source's business.
    let name = name.split(':').next().unwrap_or_default();
    let kind = match (by_plural(name, []), name.split_once('.')) {
        (Some(kind), _) => kind,
        (None, Some((kind, group))) if kind.starts_with(|c: char| c.is_ascii_uppercase()) => {
            Kind::new(group, kind)
        }
        _ => return Err(format!("`{name}` is neither a built-in resource nor a `Kind.group`")),
    };
    Ok(ListOf { kind, name: name.to_owned(), wide, need })
}

/// Which instances a check of scope `component` is about.
fn components(scope: Scope, names: &[String]) -> Checked<()> {
    let spot = ["target", "components"];
    match (scope, names) {
        (Scope::Component, []) => {
            fault(&["target"], "scope `component` needs `components`, such as [\"kube-apiserver\"]")
        }
        (Scope::Component, names) => {
            let known = crate::facts::COMPONENTS;
            match names.iter().find(|name| !known.contains(&name.as_str())) {
                Some(name) => fault(
                    &spot,
                    format!("there is no component `{name}`; there are {}", known.join(", ")),
                ),
                None => Ok(()),
            }
        }
        (_, []) => Ok(()),
        _ => fault(&spot, "only scope `component` takes `components`"),
    }
}

fn rule(file: RuleFile) -> Checked<Rule> {
    if file.each.is_some() && file.each_path.is_some() {
        return fault(&["rule", "each-path"], "a rule has `each` or `each-path`, not both");
    }
    let each = file.each.as_deref().map(Anchored::parse).transpose().at(&["rule", "each"])?;
    let mut at = Vec::with_capacity(file.at.0.len());
    for (index, place) in file.at.0.into_iter().enumerate() {
        let path = Anchored::parse(&place.path).map_err(|message| SchemaFault {
            spot: Spot::of(&["rule", "at"]).index(index).key("path"),
            message,
        })?;
        at.push(Place { path, when: place.when });
    }
    let (fail, each_path, message) = (file.fail, file.each_path, file.message);
    Ok(Rule {
        fail,
        each,
        each_path,
        at,
        message,
        cases: file.case,
        unknowns: file.unknown,
        secret: file.secret,
    })
}

fn edit(file: PatchFile) -> Result<Patch, (&'static str, String)> {
    let path = Anchored::parse(&file.path).map_err(|message| ("path", message))?;
    let value = |file: &PatchFile| match (file.value.clone(), file.value_from.clone()) {
        (Some(value), None) => Ok(PatchValue::Fixed(value)),
        (None, Some(source)) => Ok(PatchValue::Computed(source)),
        (Some(_), Some(_)) => {
            Err(("value", format!("`{}` takes `value` or `value-from`, not both", file.op)))
        }
        _ => Err(("op", format!("`{}` needs `value` or `value-from`", file.op))),
    };
    let alone = |wanted: &str, given: bool| {
        if given { Err(("op", format!("`{}` takes no {wanted}", file.op))) } else { Ok(()) }
    };
    let has_value = file.value.is_some() || file.value_from.is_some();
    let op = match file.op.as_str() {
        "set" => PatchOp::Set(value(&file)?),
        "add-to-list" => PatchOp::Add(value(&file)?),
        "remove" => PatchOp::Remove,
        "remove-from-list" => match file.r#where.clone() {
            Some(condition) => PatchOp::RemoveWhere(condition),
            None => return Err(("op", "`remove-from-list` needs `where`".to_owned())),
        },
        other => {
            let known = "set, remove, add-to-list and remove-from-list";
            return Err(("op", format!("there is no op `{other}`; there are {known}")));
        }
    };
    if matches!(op, PatchOp::Remove | PatchOp::RemoveWhere(_)) {
        alone("value", has_value)?;
    }
    if !matches!(op, PatchOp::RemoveWhere(_)) {
        alone("`where`", file.r#where.is_some())?;
    }
    Ok(Patch { op, path, when: file.when })
}

/// The metadata of built-in checks, as the build wrote it.
#[derive(Debug, Deserialize)]
pub(super) struct Embedded {
    /// The path under `checks/`.
    pub(super) file: Arc<str>,
    /// The verdicts of its examples.
    pub(super) verdicts: Vec<Expected>,
    /// Everything but the examples.
    pub(super) check: CheckFile,
}
