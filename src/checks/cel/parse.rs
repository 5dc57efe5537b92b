//! Text to syntax tree, within limits: the parser and everything that walks its tree recurses.

use std::sync::LazyLock;

use cel::common::ast::{EntryExpr, Expr, SourceInfo};
use cel::{Env, IdedExpr};

/// Longest rule, in bytes.
const MAX_SOURCE: usize = 4096;
/// Deepest syntax tree.
const MAX_DEPTH: usize = 128;
/// Most nodes of a syntax tree, macros expanded.
const MAX_NODES: usize = 2000;
/// Stack of the thread that parses, in bytes: a chain of 4 KiB is parsed recursively.
const STACK: usize = 64 << 20;

/// What is wrong with a rule's text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CelError {
    /// Line in the rule's text, from 1.
    pub line: u32,
    /// Column in that line, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

impl CelError {
    /// An error at the start of the text.
    #[must_use]
    pub fn whole(message: impl Into<String>) -> Self {
        Self { line: 1, column: 1, message: message.into() }
    }

    /// An error at an offset of `source`.
    #[must_use]
    pub fn at(source: &str, offset: u32, message: impl Into<String>) -> Self {
        let (line, column) = position(source, offset);
        Self { line, column, message: message.into() }
    }
}

/// Line and column (from 1) of a character offset.
#[must_use]
pub fn position(source: &str, offset: u32) -> (u32, u32) {
    let (mut line, mut column) = (1, 1);
    for c in source.chars().take(offset as usize) {
        if c == '\n' {
            line += 1;
            column = 1;
        } else {
            column += 1;
        }
    }
    (line, column)
}

/// Runs `work` on a thread with a stack deep enough for any rule within the limits.
///
/// # Errors
/// When the system gives no thread.
pub fn on_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, std::io::Error> {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("rules".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, work)?
            .join()
            .map_err(|_| std::io::Error::other("the thread that compiles rules died"))
    })
}

static ENV: LazyLock<Env> = LazyLock::new(Env::stdlib);

/// Parses a rule. Call it [on a deep stack](on_deep_stack).
///
/// # Errors
/// A syntax error, or a text beyond the limits.
pub fn parse(source: &str) -> Result<(IdedExpr, SourceInfo), CelError> {
    if source.len() > MAX_SOURCE {
        return Err(CelError::whole(format!(
            "the rule has {} bytes, more than the {MAX_SOURCE} that are allowed",
            source.len()
        )));
    }
    let (expr, info) = ENV.parser().parse_with_source_info(source).map_err(|errors| {
        let Some(first) = errors.errors.first() else {
            return CelError::whole("the rule cannot be parsed");
        };
        let from_one = |n: isize| u32::try_from(n).unwrap_or(1).max(1);
        let message = if first.msg.contains("Recursion limit") {
            "the rule nests too deep".to_owned()
        } else {
            understandable(&first.msg.replace("Syntax error: ", ""))
        };
        CelError { line: from_one(first.pos.0), column: from_one(first.pos.1), message }
    })?;
    limit(&expr)?;
    Ok((expr, info))
}

/// What the parser says, with what was most likely meant.
fn understandable(message: &str) -> String {
    let unknown = message.strip_prefix("token recognition error at: '");
    if unknown.is_some_and(|rest| rest.starts_with('=')) {
        return "`=` is no operator: `==` compares".to_owned();
    }
    if let Some(rest) = unknown {
        let quoted = rest.starts_with(['"', '\'']);
        let hint = if quoted { ": a text is not closed" } else { "" };
        return format!("`{}` means nothing here{hint}", rest.trim_end_matches('\'').trim());
    }
    if message.contains("'<EOF>'") {
        return "the rule ends before its end: something is missing, such as a closing bracket or what \
                an operator is applied to"
            .to_owned();
    }
    message.to_owned()
}

fn limit(expr: &IdedExpr) -> Result<(), CelError> {
    let mut stack = vec![(expr, 1_usize)];
    let mut count = 0_usize;
    while let Some((node, depth)) = stack.pop() {
        count += 1;
        if depth > MAX_DEPTH {
            return Err(CelError::whole(format!("the rule nests more than {MAX_DEPTH} deep")));
        }
        if count > MAX_NODES {
            return Err(CelError::whole(format!("the rule has more than {MAX_NODES} parts")));
        }
        children(node, |child| stack.push((child, depth + 1)));
    }
    Ok(())
}

fn children<'e>(node: &'e IdedExpr, mut push: impl FnMut(&'e IdedExpr)) {
    match &node.expr {
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => {}
        Expr::Call(call) => call.target.iter().map(|t| &**t).chain(&call.args).for_each(push),
        Expr::Select(select) => push(&select.operand),
        Expr::List(list) => list.elements.iter().for_each(push),
        Expr::Map(map) => entries(&map.entries, push),
        Expr::Struct(value) => entries(&value.entries, push),
        Expr::Comprehension(c) => {
            [&c.iter_range, &c.accu_init, &c.loop_cond, &c.loop_step, &c.result]
                .into_iter()
                .for_each(push);
        }
    }
}

fn entries<'e>(entries: &'e [cel::common::ast::IdedEntryExpr], mut push: impl FnMut(&'e IdedExpr)) {
    for entry in entries {
        match &entry.expr {
            EntryExpr::StructField(field) => push(&field.value),
            EntryExpr::MapEntry(entry) => {
                push(&entry.key);
                push(&entry.value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_in_words() {
        let told = |rule: &str| parse(rule).unwrap_err().message;
        assert_eq!(told("object.a = 'x'"), "`=` is no operator: `==` compares");
        for unfinished in ["object.a == ", "(object.a", "[1, 2"] {
            assert!(told(unfinished).starts_with("the rule ends before its end"), "{unfinished}");
        }
        assert!(told("object.a == 'x").contains("a text is not closed"), "{}", told("a == 'x"));
        assert!(told("object.a ~ 1").starts_with("`~` means nothing here"), "{}", told("a ~ 1"));
    }

    fn parsed(source: &str) -> Result<(), CelError> {
        let source = source.to_owned();
        on_deep_stack(move || parse(&source).map(|_| ())).unwrap()
    }

    #[test]
    fn a_syntax_error_has_its_place() {
        let error = parsed("a &&\n b ||").unwrap_err();
        assert_eq!(error.line, 2, "{error:?}");
    }

    #[test]
    fn long_chains_are_refused_and_do_not_kill_the_process() {
        for source in [
            format!("1{}", "+1".repeat(1900)),
            format!("a{}", ".b".repeat(2000)),
            format!("a{}", "[0]".repeat(1000)),
            "(".repeat(4000),
        ] {
            assert!(parsed(&source).is_err());
        }
        assert!(parsed(&"a".repeat(5000)).unwrap_err().message.contains("5000 bytes"));
    }

    #[test]
    fn optional_syntax_is_understood() {
        parsed("a.?b[?'c'].orValue(1) == 1 && [?a].size() == 0").unwrap();
    }
}
