//! What the variables of a container are, and what `$(NAME)` stands for in its command line.

use std::collections::HashMap;

use crate::model::node::Node;

/// The variables of a container, as far as the pod says what they are.
#[derive(Debug)]
pub(super) struct Environment<'c> {
    /// What the variables that it names hold. Of several with one name the last counts.
    named: HashMap<&'c str, Filled>,
    /// Where more come from that are not in sight.
    unseen: Vec<Unseen<'c>>,
}

/// Variables that come from another object as a whole.
#[derive(Debug)]
pub(super) struct Unseen<'c> {
    /// What their names begin with.
    pub(super) prefix: &'c str,
    /// Which object.
    pub(super) from: String,
}

/// A text in which what is known has been filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filled {
    /// The text; what is not known stands as it was.
    pub(super) text: String,
    /// Why something in it is not known.
    pub(super) open: Option<String>,
    /// A name in it that the container does not have: the kubelet leaves that as it is, unless a
    /// Service brings such a variable.
    pub(super) nameless: Option<String>,
}

impl Filled {
    /// Why it is not known what the text is.
    pub(super) fn unknown(&self) -> Option<String> {
        let nameless = || self.nameless.as_ref();
        self.open.clone().or_else(|| {
            nameless().map(|name| format!("the container has no variable {name} of its own"))
        })
    }
}

impl<'c> Environment<'c> {
    pub(super) fn of(container: &'c Node) -> Self {
        let text = |node: &'c Node, path: &[&str]| node.str_at(path).unwrap_or_default();
        let unseen = container.list_at(&["envFrom"]).iter().map(|from| {
            let named = [("configMapRef", "ConfigMap"), ("secretRef", "Secret")];
            let object = named.into_iter().find(|(key, _)| from.get(key).is_some());
            let from_object =
                object.map(|(key, kind)| format!("{kind} {}", text(from, &[key, "name"])));
            Unseen {
                prefix: text(from, &["prefix"]),
                from: from_object.unwrap_or_else(|| "another object".to_owned()),
            }
        });
        let mut all = Self { named: HashMap::new(), unseen: unseen.collect() };
        for entry in container.list_at(&["env"]) {
            let name = text(entry, &["name"]);
            let value = match (text(entry, &["value"]), entry.get("valueFrom")) {
                ("", Some(source)) if source.as_map().is_some() => {
                    let open = Some(format!("{name} comes from {}", origin(source)));
                    Filled { open, ..Filled::default() }
                }
                (value, _) => all.fill(value),
            };
            all.named.insert(name, value);
        }
        all
    }

    /// What a variable that the container names itself holds.
    pub(super) fn named(&self, name: &str) -> Option<&Filled> {
        self.named.get(name)
    }

    /// Where more variables come from.
    pub(super) fn unseen(&self) -> &[Unseen<'c>] {
        &self.unseen
    }

    /// Fills in what is known, as the kubelet does: `$$` is one `$`, and `$(NAME)` the variable.
    pub(super) fn fill(&self, text: &str) -> Filled {
        let mut filled = Filled::default();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            filled.text.push_str(before);
            rest = after;
            if let Some(after) = rest.strip_prefix('$') {
                filled.text.push('$');
                rest = after;
            } else if let Some((name, after)) =
                rest.strip_prefix('(').and_then(|rest| rest.split_once(')'))
            {
                self.fill_in(name, &mut filled);
                rest = after;
            } else {
                filled.text.push('$');
            }
        }
        filled.text.push_str(rest);
        filled
    }

    fn fill_in(&self, name: &str, filled: &mut Filled) {
        let unseen = || self.unseen.iter().find(|from| name.starts_with(from.prefix));
        let (text, open, nameless) = match (self.named.get(name), unseen()) {
            (Some(Filled { text, open, nameless }), _) => {
                (open.is_none().then_some(text), open.clone(), nameless.clone())
            }
            (None, Some(from)) => (None, Some(format!("{name} may come from {}", from.from)), None),
            (None, None) => (None, None, Some(name.to_owned())),
        };
        match text {
            Some(text) => filled.text.push_str(text),
            None => filled.text.push_str(&format!("$({name})")),
        }
        filled.open = filled.open.take().or(open);
        filled.nameless = filled.nameless.take().or(nameless);
    }
}

/// Where a variable gets its value from, in words.
fn origin(source: &Node) -> String {
    for (key, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
        if let Some(reference) = source.get(key) {
            return format!("{kind} {}", reference.str_at(&["name"]).unwrap_or_default());
        }
    }
    match source.str_at(&["fieldRef", "fieldPath"]) {
        Some(path) => format!("the field {path} of the running pod"),
        None => "outside the pod".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_filled_in_as_the_kubelet_does() {
        let container = Node::from(&json!({
            "env": [{"name": "A", "value": "x"}, {"name": "A", "value": "a"},
                {"name": "B", "value": "$(A)b"}, {"name": "C", "valueFrom": {"secretKeyRef": {"name": "s"}}},
                {"name": "D", "value": "$(C)d"}, {"name": "E", "value": "$(P_Q)"},
                {"name": "F", "valueFrom": {"fieldRef": {"fieldPath": "status.hostIP"}}}],
            "envFrom": [{"prefix": "P_", "configMapRef": {"name": "m"}}]}));
        let environment = Environment::of(&container);
        for (text, expected, open, nameless) in [
            ("$(A)-$(B)", "a-ab", None, None),
            ("$$(A) $A $( $", "$(A) $A $( $", None, None),
            ("$(C)", "$(C)", Some("C comes from Secret s"), None),
            ("$(A)$(D)", "a$(D)", Some("C comes from Secret s"), None),
            ("$(E)", "$(E)", Some("P_Q may come from ConfigMap m"), None),
            ("$(F)", "$(F)", Some("F comes from the field status.hostIP of the running pod"), None),
            ("$(G)", "$(G)", None, Some("G")),
        ] {
            let filled = environment.fill(text);
            let found = (&*filled.text, filled.open.as_deref(), filled.nameless.as_deref());
            assert_eq!(found, (expected, open, nameless), "{text}");
        }
    }
}
