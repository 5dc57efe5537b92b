//! What a container is told to run, argument by argument: items of `command` and `args` as they are,
//! and the line that a shell is given as the shell splits it.

use super::COMPONENTS;
use super::environment::{Environment, Filled};
use crate::model::node::Node;
use crate::model::path::FieldPath;

/// Programs that split the text after `-c`.
const SHELLS: [&str; 4] = ["sh", "bash", "ash", "dash"];

/// The programs that are looked for in a line.
const PROGRAMS: [&str; 5] = {
    let [a, b, c, d] = COMPONENTS;
    [a, b, c, d, "kube-proxy"]
};

/// What may stand before a program in a line of a shell without changing its arguments.
const BEFORE: [&str; 10] =
    ["exec", "command", "nohup", "env", "time", "if", "then", "else", "do", "{"];

/// One argument, with its place.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) path: FieldPath,
    /// Why something in it is not known: of what is filled in, only the name stands here.
    pub(super) open: Option<String>,
}

/// The component that a container starts.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) name: &'static str,
    /// What it is given.
    pub(super) words: Vec<Word>,
    /// Why what it is given cannot be told.
    pub(super) unsure: Option<String>,
}

impl Word {
    /// The flags it may set, where it is not plain what it sets; none where it is. An argument that holds
    /// several flags sets at most the first, and whoever wrote it meant them all.
    pub(super) fn may_say(&self, component: &str) -> Option<Vec<&str>> {
        let parts: Vec<&str> = self.text.split_whitespace().collect();
        let is_flag = |part: &&&str| dashed(part, component).is_some();
        let names_itself = self.text.split(char::is_whitespace).next().unwrap_or_default();
        let named = dashed(names_itself, component).is_some();
        // A blank in the name, or a flag behind one.
        let cut = named && !names_itself.contains('=') && parts.len() > 1;
        let more = parts.iter().skip(usize::from(!self.text.starts_with(char::is_whitespace)));
        if self.open.is_none() && !cut && more.filter(is_flag).count() == 0 {
            return None;
        }
        let flags = parts.iter().filter_map(|part| dashed(part, component));
        Some(flags.map(|flag| flag.split_once('=').map_or(flag, |(name, _)| name)).collect())
    }

    /// Why it may set any flag: what it sets, if anything, is filled in.
    pub(super) fn may_say_anything(&self, component: &str) -> Option<&str> {
        let open = self.open.as_deref()?;
        let name = dashed(&self.text, component).map(|flag| flag.split('=').next().unwrap_or(flag));
        name.is_none_or(|name| name.contains('$')).then_some(open)
    }
}

/// What stands after the dashes of a flag; etcd takes one dash as well.
pub(super) fn dashed<'a>(word: &'a str, component: &str) -> Option<&'a str> {
    let two = word.strip_prefix("--");
    let found = two.or_else(|| word.strip_prefix('-').filter(|_| component == "etcd"));
    found.filter(|rest| !rest.is_empty() && !rest.starts_with('-'))
}

/// The items of a container's `command` and `args`, with what is known of its variables filled in.
pub(super) fn items(
    container: &Node,
    here: &FieldPath,
    environment: &Environment<'_>,
) -> Vec<Item> {
    let lists = ["command", "args"].into_iter();
    let items = lists.flat_map(|list| {
        let items = container.list_at(&[list]).iter().enumerate();
        items.filter_map(move |(at, item)| Some((item.as_str()?, here.field(list).index(at))))
    });
    items.map(|(text, path)| Item { filled: environment.fill(text), path }).collect()
}

/// One item of `command` or `args`.
#[derive(Debug)]
pub(super) struct Item {
    filled: Filled,
    path: FieldPath,
}

impl Item {
    fn text(&self) -> &str {
        &self.filled.text
    }

    /// The item as one argument.
    pub(super) fn word(&self) -> Word {
        Word {
            text: self.filled.text.clone(),
            path: self.path.clone(),
            open: self.filled.unknown(),
        }
    }
}

/// What a container gives the program that it starts, whatever that is.
pub(super) fn given(items: &[Item]) -> Started {
    const NAME: &str = "the program";
    let plain = || {
        let first = items.first().filter(|item| SHELLS.contains(&base(item.text())));
        let unsure = first.map(|item| not_told(NAME, &item.path));
        Started { name: NAME, words: items.iter().map(Item::word).collect(), unsure }
    };
    started(items).unwrap_or_else(plain)
}

/// The component that a container starts, if it starts one.
pub(super) fn started(items: &[Item]) -> Option<Started> {
    items.iter().enumerate().find_map(|(at, item)| {
        let rest = items.get(at + 1..).unwrap_or_default();
        if let Some(name) = component(item.text()) {
            let words = rest.iter().map(Item::word).collect();
            return Some(Started { name, words, unsure: None });
        }
        if SHELLS.contains(&base(item.text())) {
            return line_of(rest).and_then(in_shell);
        }
        // A whole line where a program should stand.
        let name = component(item.text().split_whitespace().next()?)?;
        Some(Started { name, words: Vec::new(), unsure: Some(not_told(name, &item.path)) })
    })
}

fn not_told(component: &str, path: &FieldPath) -> String {
    format!(
        "what {component} is given cannot be told from {path}: a shell works it out, or a whole line \
         stands where one argument should"
    )
}

fn base(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// The program that its path stands for.
fn component(word: &str) -> Option<&'static str> {
    let base = base(word);
    PROGRAMS.into_iter().find(|name| *name == base)
}

/// The item that a shell with these arguments runs as a line: the first after its options, one of which
/// is `-c`.
fn line_of(args: &[Item]) -> Option<&Item> {
    let mut told = false;
    let mut args = args.iter();
    while let Some(word) = args.next() {
        let option = word.text().strip_prefix(['-', '+']).filter(|rest| !rest.is_empty());
        match option {
            None => return told.then_some(word),
            Some("-rcfile" | "-init-file") => drop(args.next()),
            Some(long) if long.starts_with('-') => {}
            Some(letters) => {
                told |= letters.contains('c');
                if letters.contains(['o', 'O']) {
                    args.next();
                }
            }
        }
    }
    None
}

/// The component that a line of a shell starts: once, as a command of its own.
fn in_shell(line: &Item) -> Option<Started> {
    let because = |name, reason| Started { name, words: Vec::new(), unsure: Some(reason) };
    let lost = |name| because(name, not_told(name, &line.path));
    if let Some(open) = &line.filled.open {
        // What is filled in may hold blanks, quotes and whole commands.
        let name = line
            .text()
            .split(|c: char| c.is_whitespace() || ";&|()'\"".contains(c))
            .find_map(component)?;
        let told = format!("what {name} is given cannot be told from {}: {open}", line.path);
        return Some(because(name, told));
    }
    let Some(commands) = split(line.text()) else {
        return line.text().split_whitespace().find_map(component).map(lost);
    };
    let mut found: Vec<(&'static str, &[Piece])> = Vec::new();
    for command in &commands {
        let skipped = |piece: &&Piece| BEFORE.contains(&&*piece.text) || piece.is_assignment();
        let at = command.iter().take_while(skipped).count();
        if let Some((program, args)) = command.get(at..).and_then(<[Piece]>::split_first)
            && let Some(name) = component(&program.text)
        {
            found.push((name, args));
        }
    }
    match *found {
        [] => commands.iter().flatten().find_map(|piece| component(&piece.text)).map(lost),
        [(name, args)] if args.iter().all(|piece| piece.is_one_word(name)) => {
            let word = |piece: &Piece| Word {
                text: piece.text.clone(),
                path: line.path.clone(),
                open: piece.filled.then(|| "a shell fills it in".to_owned()),
            };
            Some(Started { name, words: args.iter().map(word).collect(), unsure: None })
        }
        [(name, _), ..] => Some(lost(name)),
    }
}

/// A word of a line of a shell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Piece {
    text: String,
    /// The shell puts something in.
    filled: bool,
    /// What it puts in may become several words.
    loose: bool,
}

impl Piece {
    /// `NAME=value`.
    fn is_assignment(&self) -> bool {
        self.text.split_once('=').is_some_and(|(name, _)| {
            name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
    }

    /// Whether it is one argument of which the flag is known, whatever is put in.
    fn is_one_word(&self, component: &str) -> bool {
        let name = dashed(&self.text, component).and_then(|flag| flag.split_once('='));
        !self.filled || !self.loose && name.is_some_and(|(name, _)| !name.contains(['$', '`']))
    }
}

/// The commands of a line, each word by word as a shell splits it. None where that is not told by the
/// line alone.
fn split(line: &str) -> Option<Vec<Vec<Piece>>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<Piece> = None;
    // The next word is a file to read or write.
    let mut file = false;
    let mut chars = line.chars().peekable();
    let end = |word: &mut Option<Piece>, file: &mut bool, commands: &mut Vec<Vec<Piece>>| {
        if let Some(piece) = word.take()
            && !std::mem::take(file)
            && let Some(command) = commands.last_mut()
        {
            command.push(piece);
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                let piece = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => piece.text.push(c),
                    }
                }
            }
            '"' => quoted(&mut chars, word.get_or_insert_default())?,
            '\\' => match chars.next()? {
                '\n' => {}
                c => word.get_or_insert_default().text.push(c),
            },
            '$' | '`' => {
                let piece = word.get_or_insert_default();
                (piece.filled, piece.loose) = (true, true);
                piece.text.push(c);
            }
            ';' | '&' | '|' | '(' | ')' | '\n' => {
                end(&mut word, &mut file, &mut commands);
                commands.push(Vec::new());
            }
            '<' | '>' => {
                // `2>` names a descriptor.
                word = word.filter(|piece| !piece.text.bytes().all(|b| b.is_ascii_digit()));
                end(&mut word, &mut file, &mut commands);
                match chars.next_if(|c| matches!(c, '>' | '&' | '|' | '<' | '(')) {
                    Some('<' | '(') => return None,
                    _ => file = true,
                }
            }
            '#' if word.is_none() => while chars.next_if(|c| *c != '\n').is_some() {},
            c if c.is_whitespace() => end(&mut word, &mut file, &mut commands),
            c => word.get_or_insert_default().text.push(c),
        }
    }
    end(&mut word, &mut file, &mut commands);
    Some(commands)
}

/// What stands in double quotes, to the end of them.
fn quoted(chars: &mut impl Iterator<Item = char>, piece: &mut Piece) -> Option<()> {
    let mut before = None;
    loop {
        let c = chars.next()?;
        match c {
            '"' => return Some(()),
            '\\' => match chars.next()? {
                '\n' => {}
                c => {
                    if !matches!(c, '$' | '`' | '"' | '\\') {
                        piece.text.push('\\');
                    }
                    piece.text.push(c);
                }
            },
            // All arguments of the script, or all elements of a list, are words of their own.
            '@' if matches!(before, Some('$' | '[')) => {
                piece.loose = true;
                piece.text.push(c);
            }
            c => {
                piece.filled |= matches!(c, '$' | '`');
                piece.text.push(c);
            }
        }
        before = Some(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of the commands; what is filled in is marked by a star, what may be several by two.
    fn told(line: &str) -> Option<Vec<Vec<String>>> {
        let star = |p: &Piece| {
            if p.loose {
                "**"
            } else if p.filled {
                "*"
            } else {
                ""
            }
        };
        let word = |piece: Piece| format!("{}{}", star(&piece), piece.text);
        let commands = split(line)?.into_iter().filter(|command| !command.is_empty());
        Some(commands.map(|command| command.into_iter().map(word).collect()).collect())
    }

    #[test]
    fn a_line_is_split_as_a_shell_splits_it() {
        for (line, expected) in [
            ("a  b\tc", &[&["a", "b", "c"][..]][..]),
            ("a 'b c' \"d  e\"f g\\ h", &[&["a", "b c", "d  ef", "g h"]]),
            ("a \\\n  b", &[&["a", "b"]]),
            ("a; b && c || d | e &\nf", &[&["a"], &["b"], &["c"], &["d"], &["e"], &["f"]]),
            ("a >x b 2>&1 >>y <z c", &[&["a", "b", "c"]]),
            ("a --x=2>y", &[&["a", "--x=2"]]),
            ("a # b; c\nd#e", &[&["a"], &["d#e"]]),
            ("a '$x' \\$y \"\\$z\"", &[&["a", "$x", "$y", "$z"]]),
            ("a $x b$y `z` \"$v\"", &[&["a", "**$x", "**b$y", "**`z`", "*$v"]]),
            ("a \"$@\" \"${x[@]}\" a@b \"c@d\"", &[&["a", "**$@", "**${x[@]}", "a@b", "c@d"]]),
            ("a '' \"\"", &[&["a", "", ""]]),
        ] {
            let found = told(line).unwrap();
            let found: Vec<Vec<&str>> =
                found.iter().map(|c| c.iter().map(String::as_str).collect()).collect();
            assert_eq!(found, expected, "{line}");
        }
        for open in ["a 'b", "a \"b", "a \\", "a <<X\nb\nX", "a <(b)"] {
            assert_eq!(told(open), None, "{open}");
        }
    }
}
