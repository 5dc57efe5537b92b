//! The fields of the built-in kinds, as `fields.txt` has them.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::model::key::Key;

/// Printed from the types of Kubernetes; its head says how.
const FIELDS: &str = include_str!("fields.txt");

/// All messages and the kinds that are made of them. One that could not be understood would know no
/// kind, and everything would be asked for as JSON.
pub(super) static TABLE: LazyLock<FieldTable> =
    LazyLock::new(|| FieldTable::parse(FIELDS).unwrap_or_default());

#[derive(Debug, Default)]
pub(super) struct FieldTable {
    pub(super) messages: Vec<Message>,
    /// Version with group, kind, and the place of its message.
    pub(super) kinds: Vec<(&'static str, &'static str, usize)>,
    /// How many fields there are in all messages together.
    pub(super) fields: usize,
}

#[derive(Debug)]
pub(super) struct Message {
    pub(super) name: &'static str,
    /// In the order of JSON.
    fields: Vec<MessageField>,
    /// By number, the place among the fields and one; 0 for none.
    by_number: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct MessageField {
    pub(super) key: Key,
    /// Its place among all fields of all messages.
    pub(super) at: usize,
    /// The fields of the message that it is stand in JSON where it would.
    pub(super) is_inline: bool,
    pub(super) many: Many,
    pub(super) of: Type,
    /// JSON has it although it is empty.
    pub(super) keeps_empty: bool,
    /// Kind and version, of an object in another one: JSON says them, protobuf does not.
    pub(super) says: Option<[&'static str; 2]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Many {
    One,
    List,
    /// By text.
    Map,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Bool,
    Int32,
    Int64,
    Bytes,
    /// A message that is a list of texts in JSON.
    Texts,
    Time,
    MicroTime,
    Quantity,
    IntOrString,
    /// What is passed over: who manages which field.
    Skip,
    /// The message at that place.
    Message(usize),
}

impl Message {
    /// The field of that number, and its place in JSON.
    pub(super) fn field(&self, number: u32) -> Option<(u8, &MessageField)> {
        let place = self.by_number.get(usize::try_from(number).ok()?)?.checked_sub(1)?;
        Some((place, self.fields.get(usize::from(place))?))
    }
}

impl FieldTable {
    /// The message of a kind in a version.
    pub(super) fn kind(&self, api_version: &str, kind: &str) -> Option<&Message> {
        let fits =
            |(version, name, _): &&(&str, &str, usize)| *version == api_version && *name == kind;
        self.messages.get(self.kinds.iter().find(fits)?.2)
    }

    fn parse(text: &'static str) -> Option<Self> {
        let blocks: Vec<&str> = text.split("\n\n").collect();
        let (head, blocks) = blocks.split_first()?;
        let (kinds, blocks) = blocks.split_first().filter(|_| head.starts_with('#'))?;
        let name = |block: &&'static str| block.lines().next();
        let names: Vec<&'static str> = blocks.iter().map(name).collect::<Option<_>>()?;
        let places: HashMap<&str, usize> =
            names.iter().enumerate().map(|(place, name)| (*name, place)).collect();
        let mut table = Self::default();
        for (block, name) in blocks.iter().zip(names) {
            let mut message = Message { name, fields: Vec::new(), by_number: Vec::new() };
            for line in block.lines().skip(1) {
                table.fields += 1;
                message.add(line, table.fields - 1, &places)?;
            }
            table.messages.push(message);
        }
        for line in kinds.lines() {
            let words: Vec<&'static str> = line.split(' ').collect();
            let ["kind", version, kind, message] = words[..] else { return None };
            table.kinds.push((version, kind, *places.get(message)?));
        }
        Some(table)
    }
}

impl Message {
    /// The field of a line: name, number, type.
    fn add(&mut self, line: &'static str, at: usize, places: &HashMap<&str, usize>) -> Option<()> {
        let mut words = line.split(' ');
        let (name, number, word) = (words.next()?, words.next()?, words.next()?);
        let (bare, version) = match word.split_once('@') {
            Some((bare, version)) => (bare, Some(version)),
            None => (word.trim_end_matches('!'), None),
        };
        let is_pointer = bare.starts_with('*');
        let bare = bare.trim_start_matches('*');
        let (many, bare) = match (bare.strip_prefix("[]"), bare.strip_prefix("{}")) {
            (Some(item), _) => (Many::List, item),
            (_, Some(value)) => (Many::Map, value),
            _ => (Many::One, bare),
        };
        let of = match bare {
            "string" => Type::Text,
            "bool" => Type::Bool,
            "int32" => Type::Int32,
            "int64" => Type::Int64,
            "bytes" => Type::Bytes,
            "strings" => Type::Texts,
            "time" => Type::Time,
            "microtime" => Type::MicroTime,
            "quantity" => Type::Quantity,
            "intorstring" => Type::IntOrString,
            "skip" => Type::Skip,
            message => Type::Message(*places.get(message)?),
        };
        let number: usize = number.parse().ok().filter(|number| *number < 256)?;
        self.fields.push(MessageField {
            key: Key::new(name),
            at,
            is_inline: name == "-",
            many,
            of,
            keeps_empty: is_pointer || word.ends_with('!'),
            says: version.zip(bare.rsplit('.').next()).map(|(version, kind)| [kind, version]),
        });
        self.by_number.resize(self.by_number.len().max(number + 1), 0);
        *self.by_number.get_mut(number)? = u8::try_from(self.fields.len()).ok()?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::kinds::BUILTINS;

    #[test]
    fn every_built_in_kind_is_there_but_those_that_stay_json() {
        let known: BTreeSet<(String, &str)> =
            TABLE.kinds.iter().map(|(version, kind, _)| ((*version).to_owned(), *kind)).collect();
        let json = ["Secret", "CustomResourceDefinition"];
        let wanted = BUILTINS.iter().filter(|builtin| !json.contains(&builtin.kind));
        assert_eq!(known, wanted.map(|builtin| (builtin.api_version(), builtin.kind)).collect());
    }

    #[test]
    fn a_field_is_found_by_its_number_and_knows_its_place() {
        let container = TABLE.messages.iter().find(|m| m.name == "core.v1.Container").unwrap();
        let place = |number| {
            container.field(number).map(|(place, field)| (place, field.key.as_str().to_owned()))
        };
        assert_eq!(place(1), Some((0, "name".to_owned())));
        // After `ports` and before `env`, whatever its number.
        assert_eq!(place(19), Some((6, "envFrom".to_owned())));
        assert_eq!((place(0), place(200), place(u32::MAX)), (None, None, None));
    }

    /// A reader that follows the table goes no deeper than it does.
    #[test]
    fn no_message_is_in_itself() {
        fn deepest(at: usize, above: &mut Vec<usize>) -> usize {
            assert!(!above.contains(&at), "{}", TABLE.messages[at].name);
            above.push(at);
            let inner = TABLE.messages[at].fields.iter().filter_map(|field| match field.of {
                Type::Message(inner) => Some(deepest(inner, above)),
                _ => None,
            });
            let deepest = inner.max().unwrap_or_default();
            above.pop();
            deepest + 1
        }
        let deepest = TABLE.kinds.iter().map(|(_, _, at)| deepest(*at, &mut Vec::new())).max();
        assert!(deepest.is_some_and(|deepest| deepest < 16), "{deepest:?}");
    }

    #[test]
    fn a_table_with_a_word_that_is_not_known_is_none() {
        let table = |field: &str| {
            let text = format!("# Head\n\nkind v1 A a.A\n\na.A\n{field}\n");
            FieldTable::parse(Box::leak(text.into_boxed_str())).is_some()
        };
        assert!(table("x 1 []string!") && table("x 1 *a.A"));
        assert!(!table("x 1 float") && !table("x 1") && !table("x 999 string"));
    }
}
