//! A change as lines of YAML.

use crate::text::emit::Yaml;

use super::Remedy;

/// Unchanged lines shown before and after a change.
const CONTEXT: usize = 3;
/// Most pairs of lines that are compared; a larger change is shown as a whole.
const MAX_PAIRS: usize = 4_000_000;

/// One line of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// What became of it.
    pub kind: DiffKind,
    /// The line, escaped.
    pub text: String,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffKind {
    /// Unchanged.
    Same,
    /// Only before.
    Removed,
    /// Only after.
    Added,
    /// Unchanged lines are left out here; the text says how many.
    Skipped,
}

impl Remedy {
    /// The change as lines of YAML, with a little around each.
    #[must_use]
    pub fn yaml_diff(&self) -> Vec<DiffLine> {
        let lines = |yaml: Yaml| yaml.lines.into_iter().map(|l| l.text).collect::<Vec<_>>();
        shorten(compare(&lines(Yaml::of(&self.before)), &lines(Yaml::of(&self.after))))
    }
}

fn compare(before: &[String], after: &[String]) -> Vec<DiffLine> {
    let head = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let (old, new) =
        (before.get(head..).unwrap_or_default(), after.get(head..).unwrap_or_default());
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let old = old.get(..old.len() - tail).unwrap_or_default();
    let new = new.get(..new.len() - tail).unwrap_or_default();
    let line = |kind: DiffKind| move |text: &String| DiffLine { kind, text: text.clone() };
    let mut out: Vec<DiffLine> = before.iter().take(head).map(line(DiffKind::Same)).collect();
    out.extend(middle(old, new));
    out.extend(before.iter().skip(before.len() - tail).map(line(DiffKind::Same)));
    out
}

/// By the longest common subsequence.
fn middle(old: &[String], new: &[String]) -> Vec<DiffLine> {
    let line = |kind: DiffKind, text: &String| DiffLine { kind, text: text.clone() };
    if old.len().saturating_mul(new.len()) > MAX_PAIRS {
        let removed = old.iter().map(|t| line(DiffKind::Removed, t));
        return removed.chain(new.iter().map(|t| line(DiffKind::Added, t))).collect();
    }
    let width = new.len() + 1;
    let mut best = vec![0_u32; (old.len() + 1) * width];
    let at = |o: usize, n: usize| o * width + n;
    let get = |best: &[u32], o: usize, n: usize| best.get(at(o, n)).copied().unwrap_or(0);
    for (o, a) in old.iter().enumerate().rev() {
        for (n, b) in new.iter().enumerate().rev() {
            let value = if a == b {
                get(&best, o + 1, n + 1) + 1
            } else {
                get(&best, o + 1, n).max(get(&best, o, n + 1))
            };
            if let Some(cell) = best.get_mut(at(o, n)) {
                *cell = value;
            }
        }
    }
    let (mut o, mut n) = (0, 0);
    let mut out = Vec::new();
    loop {
        match (old.get(o), new.get(n)) {
            (Some(a), Some(b)) if a == b => {
                out.push(line(DiffKind::Same, a));
                (o, n) = (o + 1, n + 1);
            }
            (Some(a), Some(_)) if get(&best, o + 1, n) >= get(&best, o, n + 1) => {
                out.push(line(DiffKind::Removed, a));
                o += 1;
            }
            (_, Some(b)) => {
                out.push(line(DiffKind::Added, b));
                n += 1;
            }
            (Some(a), None) => {
                out.push(line(DiffKind::Removed, a));
                o += 1;
            }
            (None, None) => return out,
        }
    }
}

/// Leaves out what is far from any change.
fn shorten(lines: Vec<DiffLine>) -> Vec<DiffLine> {
    let changed: Vec<usize> = lines
        .iter()
        .enumerate()
        .filter(|(_, l)| l.kind != DiffKind::Same)
        .map(|(at, _)| at)
        .collect();
    let mut near = vec![false; lines.len()];
    for at in changed {
        let range = at.saturating_sub(CONTEXT)..=(at + CONTEXT).min(lines.len().saturating_sub(1));
        for place in near.get_mut(range).into_iter().flatten() {
            *place = true;
        }
    }
    let mut out = Vec::new();
    let mut skipped = 0_usize;
    let skip = |skipped: &mut usize, out: &mut Vec<DiffLine>| {
        if *skipped > 0 {
            let text = format!("{skipped} unchanged lines");
            out.push(DiffLine { kind: DiffKind::Skipped, text });
            *skipped = 0;
        }
    };
    for (line, near) in lines.into_iter().zip(near) {
        if near {
            skip(&mut skipped, &mut out);
            out.push(line);
        } else {
            skipped += 1;
        }
    }
    skip(&mut skipped, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(before: &str, after: &str) -> String {
        let lines = |t: &str| t.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let sign = |line: &DiffLine| match line.kind {
            DiffKind::Same => format!(" {}", line.text),
            DiffKind::Removed => format!("-{}", line.text),
            DiffKind::Added => format!("+{}", line.text),
            DiffKind::Skipped => format!("~{}", line.text),
        };
        let diff = shorten(compare(&lines(before), &lines(after)));
        diff.iter().map(sign).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn lines_taken_out_and_put_in() {
        assert_eq!(shown("a b c", "a x c"), " a|-b|+x| c");
        assert_eq!(shown("a b", "a b c"), " a| b|+c");
        assert_eq!(shown("a b c", "b c"), "-a| b| c");
        assert_eq!(shown("1 2 3 4 5 6 x", "1 2 3 4 5 6 y"), "~3 unchanged lines| 4| 5| 6|-x|+y");
        assert_eq!(shown("a b c d", "b d a"), "-a| b|-c| d|+a");
    }
}
