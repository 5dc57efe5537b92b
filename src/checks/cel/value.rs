//! Values of expressions: borrowed from trees where they can be, owned only where computed.

use std::fmt;
use std::rc::Rc;

use crate::model::key::Key;
use crate::model::node::{Map, Node};

/// What a container is to its pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// One of `containers`.
    App,
    /// One of `initContainers` that ends before the others start.
    Init,
    /// One of `initContainers` with `restartPolicy: Always`.
    Sidecar,
    /// One of `ephemeralContainers`.
    Ephemeral,
}

impl Role {
    /// The word rules compare with.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Init => "init",
            Self::Sidecar => "sidecar",
            Self::Ephemeral => "ephemeral",
        }
    }
}

/// A type as a value: what `type(x)` gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `null_type`
    Null,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `uint`
    UInt,
    /// `double`
    Double,
    /// `string`
    String,
    /// `list`
    List,
    /// `map`
    Map,
    /// `optional_type`
    Optional,
    /// `type`
    Type,
}

impl Type {
    /// The name under which expressions know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::UInt => "uint",
            Self::Double => "double",
            Self::String => "string",
            Self::List => "list",
            Self::Map => "map",
            Self::Optional => "optional_type",
            Self::Type => "type",
        }
    }

    /// The type of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Null,
            Self::Bool,
            Self::Int,
            Self::UInt,
            Self::Double,
            Self::String,
            Self::List,
            Self::Map,
            Self::Optional,
            Self::Type,
        ]
        .into_iter()
        .find(|t| t.name() == name)
    }
}

/// A value while an expression runs.
#[derive(Clone, Debug)]
pub enum Val<'a> {
    /// `null`
    Null,
    /// A boolean.
    Bool(bool),
    /// A signed whole number: every whole number of a manifest that fits.
    Int(i64),
    /// An unsigned whole number.
    UInt(u64),
    /// A floating-point number.
    Double(f64),
    /// A string of a tree or of the expression's own text.
    Str(&'a str),
    /// A computed string.
    Text(Rc<str>),
    /// A list of a tree.
    List(&'a [Node]),
    /// A computed list.
    Items(Rc<[Self]>),
    /// A map of a tree.
    Map(&'a Map),
    /// A computed map.
    Entries(Rc<[(Self, Self)]>),
    /// A container with the synthetic member `role`.
    Container(&'a Map, Role),
    /// An entry of `envFrom`, reachable as `env.from`.
    EnvFrom(&'a Node),
    /// An optional.
    Opt(Option<Rc<Self>>),
    /// A type.
    Type(Type),
}

impl<'a> From<&'a Node> for Val<'a> {
    fn from(node: &'a Node) -> Self {
        match node {
            Node::Null => Self::Null,
            Node::Bool(v) => Self::Bool(*v),
            Node::Int(v) => Self::Int(*v),
            Node::UInt(v) => Self::UInt(*v),
            Node::Float(v) => Self::Double(*v),
            Node::Str(v) => Self::Str(v),
            Node::List(v) => Self::List(v),
            Node::Map(v) => Self::Map(v),
        }
    }
}

impl Val<'_> {
    /// The value's type.
    #[must_use]
    pub fn type_of(&self) -> Type {
        match self {
            Self::Null => Type::Null,
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::UInt(_) => Type::UInt,
            Self::Double(_) => Type::Double,
            Self::Str(_) | Self::Text(_) => Type::String,
            Self::List(_) | Self::Items(_) => Type::List,
            Self::Map(_) | Self::Entries(_) | Self::Container(..) | Self::EnvFrom(_) => Type::Map,
            Self::Opt(_) => Type::Optional,
            Self::Type(_) => Type::Type,
        }
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A computed string.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// Whether it has elements or entries that `[…]` and `.name` can reach.
    #[must_use]
    pub fn is_indexable(&self) -> bool {
        matches!(self.type_of(), Type::List | Type::Map)
    }

    /// The value of a map's key; none for a missing key and for anything that is no map.
    #[must_use]
    pub fn member(&self, key: &Key) -> Option<Self> {
        match self {
            Self::Map(map) => map.get_key(key).map(Into::into),
            Self::Container(map, role) => {
                if key.as_str() == "role" {
                    return Some(Self::Str(role.word()));
                }
                map.get_key(key).map(Into::into)
            }
            Self::EnvFrom(node) => (key.as_str() == "from").then(|| (*node).into()),
            Self::Entries(entries) => {
                entries.iter().find(|(k, _)| k.as_str() == Some(key.as_str())).map(|e| e.1.clone())
            }
            _ => None,
        }
    }

    /// As [`Val::member`], by text.
    #[must_use]
    pub fn named(&self, key: &str) -> Option<Self> {
        match self {
            Self::Container(_, role) if key == "role" => Some(Self::Str(role.word())),
            Self::Map(map) | Self::Container(map, _) => map.get(key).map(Into::into),
            Self::EnvFrom(node) => (key == "from").then(|| (*node).into()),
            Self::Entries(entries) => {
                entries.iter().find(|(k, _)| k.as_str() == Some(key)).map(|e| e.1.clone())
            }
            _ => None,
        }
    }

    /// How many elements a list or entries a map has.
    #[must_use]
    pub fn count(&self) -> Option<usize> {
        match self {
            Self::List(items) => Some(items.len()),
            Self::Items(items) => Some(items.len()),
            Self::Map(map) => Some(map.len()),
            Self::Container(map, _) => Some(map.len() + usize::from(map.get("role").is_none())),
            Self::EnvFrom(_) => Some(1),
            Self::Entries(entries) => Some(entries.len()),
            _ => None,
        }
    }

    /// Element `at` of a list, or key `at` of a map.
    #[must_use]
    pub fn nth(&self, at: usize) -> Option<Self> {
        match self {
            Self::List(items) => items.get(at).map(Into::into),
            Self::Items(items) => items.get(at).cloned(),
            Self::Map(map) => map.entries().get(at).map(|(k, _)| Val::Str(k.as_str())),
            Self::Container(map, _) => match map.entries().get(at) {
                Some((key, _)) => Some(Val::Str(key.as_str())),
                None => (self.count() == Some(at + 1)).then_some(Val::Str("role")),
            },
            Self::EnvFrom(_) => (at == 0).then_some(Val::Str("from")),
            Self::Entries(entries) => entries.get(at).map(|(k, _)| k.clone()),
            _ => None,
        }
    }

    /// As [`Val::to_node`], unless it would have more parts than this: a computed list may hold
    /// another one many times, and that one again.
    #[must_use]
    pub fn to_node_within(&self, most: usize) -> Option<Node> {
        fn counted(value: &Val<'_>, left: &mut usize) -> bool {
            *left = match left.checked_sub(1) {
                Some(left) => left,
                None => return false,
            };
            match value {
                Val::Items(items) => items.iter().all(|item| counted(item, left)),
                Val::Entries(entries) => entries.iter().all(|(_, value)| counted(value, left)),
                Val::Opt(Some(value)) => counted(value, left),
                _ => true,
            }
        }
        let mut left = most;
        counted(self, &mut left).then(|| self.to_node())
    }

    /// An owned tree of the same value; optionals become their value or null.
    #[must_use]
    pub fn to_node(&self) -> Node {
        match self {
            Self::Null | Self::Opt(None) => Node::Null,
            Self::Bool(v) => Node::Bool(*v),
            Self::Int(v) => Node::Int(*v),
            Self::UInt(v) => i64::try_from(*v).map_or(Node::UInt(*v), Node::Int),
            Self::Double(v) => Node::Float(*v),
            Self::Str(v) => Node::str(v),
            Self::Text(v) => Node::str(v),
            Self::List(v) => Node::list(v.to_vec()),
            Self::Items(v) => Node::list(v.iter().map(Self::to_node).collect()),
            Self::Map(v) => Node::Map((*v).clone()),
            Self::Container(v, role) => {
                let role = [("role", Node::str(role.word()))];
                Node::map(v.iter().map(|(k, v)| (k, v.clone())).chain(role))
            }
            Self::EnvFrom(v) => Node::map([("from", (*v).clone())]),
            Self::Entries(v) => {
                Node::map(v.iter().filter_map(|(k, v)| Some((k.as_str()?, v.to_node()))))
            }
            Self::Opt(Some(v)) => v.to_node(),
            Self::Type(t) => Node::str(t.name()),
        }
    }

    /// An optional that holds `value`.
    #[must_use]
    pub fn some(value: Self) -> Self {
        Self::Opt(Some(Rc::new(value)))
    }

    /// A computed list.
    #[must_use]
    pub fn items(items: Vec<Self>) -> Self {
        Self::Items(items.into())
    }
}

/// Why an expression gave no value.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// A member or key that is not there.
    NoSuchKey(Box<str>),
    /// An operation on values it is not made for.
    NoOverload(Box<str>),
    /// A number left its range, or a division by zero.
    Arithmetic(&'static str),
    /// An index outside its list.
    OutOfRange(i64),
    /// A function refused its arguments.
    Function(Box<str>),
    /// The evaluation took more steps or memory than a rule may.
    TooExpensive,
    /// A member of a fact that could not be known.
    Unknown {
        /// Which fact, by its place in the list of facts.
        fact: u8,
        /// The member that is absent.
        member: Box<str>,
    },
}

/// A failed evaluation, with the place in the expression.
#[derive(Clone, Debug, PartialEq)]
pub struct EvalError(Box<(Failure, u32)>);

impl EvalError {
    /// A failure at an offset (in characters) of the expression.
    #[must_use]
    pub fn new(failure: Failure, offset: u32) -> Self {
        Self(Box::new((failure, offset)))
    }

    /// What went wrong.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        &self.0.0
    }

    /// Where in the expression it went wrong, in characters from its start.
    #[must_use]
    pub fn offset(&self) -> u32 {
        self.0.1
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.failure() {
            Failure::NoSuchKey(key) => write!(f, "there is no `{key}`"),
            Failure::Arithmetic(what) => f.write_str(what),
            Failure::OutOfRange(index) => write!(f, "index {index} is outside the list or string"),
            Failure::NoOverload(what) | Failure::Function(what) => f.write_str(what),
            Failure::TooExpensive => f.write_str("the rule takes too many steps"),
            Failure::Unknown { member, .. } => write!(f, "`{member}` of the fact is not known"),
        }
    }
}

impl std::error::Error for EvalError {}
