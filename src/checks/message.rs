//! Message templates: `container {container.name} runs privileged`.

use std::fmt::Write;

use super::cel::eval::Frame;
use super::cel::reads::{Extent, Read, Step};
use super::cel::{Names, Val, Var};
use crate::model::key::Key;

/// Elements of a list that are printed.
const LISTED: usize = 5;

/// A message with places for values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    parts: Vec<TemplatePart>,
    /// Facts it prints, one bit each.
    pub facts: u32,
}

#[derive(Clone, Debug, PartialEq)]
enum TemplatePart {
    Text(Box<str>),
    Value(Root, Vec<Key>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Root {
    Var(Var),
    Fact(u8),
}

impl Template {
    /// Reads a template. `{{` is a brace, and so is `}}`.
    ///
    /// # Errors
    /// Names that do not exist, and braces that do not close.
    pub fn parse(text: &str, names: &Names<'_>) -> Result<Self, String> {
        let mut template = Self::default();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (head, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
            plain.push_str(head);
            if let Some(after) = tail.strip_prefix("{{") {
                plain.push('{');
                rest = after;
            } else if let Some(after) = tail.strip_prefix("}}") {
                plain.push('}');
                rest = after;
            } else if let Some(after) = tail.strip_prefix('{') {
                let Some((path, after)) = after.split_once('}') else {
                    return Err("a brace is not closed; `{{` stands for a brace".to_owned());
                };
                template.parts.push(TemplatePart::Text(std::mem::take(&mut plain).into()));
                template.value(path.trim(), names)?;
                rest = after;
            } else {
                plain.push('}');
                rest = tail.strip_prefix('}').unwrap_or_default();
            }
        }
        plain.push_str(rest);
        template.parts.push(TemplatePart::Text(plain.into()));
        Ok(template)
    }

    fn value(&mut self, path: &str, names: &Names<'_>) -> Result<(), String> {
        let mut steps = path.split('.');
        let root = steps.next().unwrap_or_default();
        let root = if root == "facts" {
            let fact = steps.next().unwrap_or_default();
            let slot = names.facts.iter().position(|f| *f == fact);
            let slot = slot.ok_or_else(|| format!("`{{{path}}}`: there is no fact `{fact}`"))?;
            let slot = u8::try_from(slot).unwrap_or(u8::MAX);
            self.facts |= 1 << slot;
            Root::Fact(slot)
        } else {
            let var = Var::parse(root).filter(|v| names.has(*v)).ok_or_else(|| {
                format!("`{{{path}}}`: there is no `{root}` here; there are {}", names.listed())
            })?;
            Root::Var(var)
        };
        let keys: Vec<Key> = steps.map(Key::new).collect();
        if keys.iter().any(|k| k.as_str().is_empty()) {
            return Err(format!("`{{{path}}}` is no dotted path"));
        }
        if let (Root::Var(Var::Params), Some(name)) = (root, keys.first())
            && !names.params.contains(&name.as_str())
        {
            return Err(format!("`{{{path}}}`: the check has no parameter `{}`", name.as_str()));
        }
        self.parts.push(TemplatePart::Value(root, keys));
        Ok(())
    }

    /// Every place of a variable at which it looks.
    pub fn reads(&self) -> impl Iterator<Item = Read> + '_ {
        self.parts.iter().filter_map(|part| match part {
            TemplatePart::Value(Root::Var(var), keys) => {
                let steps = keys.iter().map(|key| Step::Field(key.clone())).collect();
                Some(Read { var: *var, steps, extent: Extent::Whole })
            }
            _ => None,
        })
    }

    /// The message with the values of a frame; what is missing prints `(unset)`.
    #[must_use]
    pub fn render(&self, frame: &Frame<'_>) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                TemplatePart::Text(text) => out.push_str(text),
                TemplatePart::Value(root, keys) => {
                    let start = match root {
                        Root::Var(var) => Some(frame.get(*var)),
                        Root::Fact(slot) => frame.fact(*slot).map(Into::into),
                    };
                    let value = keys.iter().try_fold(start, |v, k| Some(v?.member(k)));
                    match value.flatten() {
                        None | Some(Val::Null) => out.push_str("(unset)"),
                        Some(value) => print(&value, &mut out),
                    }
                }
            }
        }
        out
    }
}

fn print(value: &Val<'_>, out: &mut String) {
    match value {
        Val::List(_) | Val::Items(_) => {
            let count = value.count().unwrap_or(0);
            if count == 0 {
                out.push_str("(none)");
            }
            for at in 0..count.min(LISTED) {
                if at > 0 {
                    out.push_str(", ");
                }
                if let Some(item) = value.nth(at) {
                    print(&item, out);
                }
            }
            if count > LISTED {
                let _ = write!(out, " and {} more", count - LISTED);
            }
        }
        Val::Map(_) | Val::Entries(_) | Val::Container(..) | Val::EnvFrom(_) => {
            out.push_str(&value.to_node().to_json().to_string());
        }
        _ => match (value.as_str(), value.to_node()) {
            (Some(text), _) => out.push_str(text),
            (None, node) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "{node:?}");
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::node::Node;

    fn rendered(text: &str, json: &str) -> Result<String, String> {
        let names = Names { vars: vec![Var::Object], ..Names::default() };
        let template = Template::parse(text, &names)?;
        let node = Node::from_json(json.as_bytes()).unwrap();
        let mut frame = Frame::default();
        frame.set(Var::Object, (&node).into());
        Ok(template.render(&frame))
    }

    #[test]
    fn values_lists_and_what_is_missing() {
        let json = r#"{"a":{"b":"x","n":3,"l":["1","2","3","4","5","6"],"e":[]}}"#;
        let show = |text: &str| rendered(text, json).unwrap();
        assert_eq!(show("{object.a.b} has {object.a.n}"), "x has 3");
        assert_eq!(show("{object.a.c.d}"), "(unset)");
        assert_eq!(show("{{x}} {object.a.l}"), "{x} 1, 2, 3, 4, 5 and 1 more");
        assert_eq!(show("{object.a.e}"), "(none)");
    }

    #[test]
    fn names_are_checked() {
        assert!(rendered("{pod.x}", "{}").unwrap_err().contains("there is no `pod`"));
        assert!(rendered("{object.x", "{}").unwrap_err().contains("not closed"));
        assert!(rendered("{object..x}", "{}").unwrap_err().contains("no dotted path"));
    }
}
