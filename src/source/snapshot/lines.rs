//! The lines of a snapshot. They are read in blocks: while all cores take the lines of one apart, the
//! next is unpacked. What comes of them is told in their order.

use std::io::{BufRead, BufReader, Read, Take};
use std::sync::Arc;

use rayon::prelude::*;

use super::{MAX_LINE, MAX_TEXT, Record};
use crate::model::object::Object;

/// A block ends with the line that brings it to so many bytes.
const BLOCK: usize = 2 << 20;

/// What a line says.
pub(super) enum LineSays {
    /// Of an object.
    Object(Arc<Object>),
    /// Anything else.
    Beside(Box<Record>),
}

/// Why the text could not be read further.
pub(super) enum TextFault {
    /// The system refuses.
    System(std::io::Error),
    /// It cannot be unpacked.
    Damaged(std::io::Error),
    /// A line is not as lines are.
    Line(String),
}

/// Takes the text apart. `take` is given each line in order, with its number, from 1.
///
/// # Errors
/// The first in the order of the text, with the number of its line, from 1; also what `take` says.
pub(super) fn each(
    text: impl Read + Send,
    mut take: impl FnMut(LineSays) -> Result<(), String>,
) -> Result<(), (usize, TextFault)> {
    let mut lines = Lines { reader: BufReader::new(text.take(MAX_TEXT)) };
    let (mut block, mut number) = (lines.block(), 0);
    loop {
        let last = block.end.take();
        let (told, next) = rayon::join(|| block.told(), || last.is_none().then(|| lines.block()));
        for line in told {
            number += 1;
            line.and_then(&mut take).map_err(|message| (number, TextFault::Line(message)))?;
        }
        match (last, next) {
            (Some(Err(fault)), _) => return Err((number + 1, fault)),
            (None, Some(next)) => block = next,
            _ => return Ok(()),
        }
    }
}

/// Some lines, one after the other.
#[derive(Default)]
struct Block {
    text: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// It is the last, and why if the text goes on.
    end: Option<Result<(), TextFault>>,
}

impl Block {
    /// What each line says, or why it cannot be told.
    fn told(&self) -> Vec<Result<LineSays, String>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let lines: Vec<&[u8]> = starts
            .zip(&self.ends)
            .map(|(from, to)| self.text.get(from..*to).unwrap_or_default())
            .collect();
        lines.into_par_iter().map(told).collect()
    }
}

fn told(line: &[u8]) -> Result<LineSays, String> {
    match serde_json::from_slice(line).map_err(|error| error.to_string())? {
        Record::Object { body } => {
            let object = Object::new(body).map_err(|error| error.to_string())?;
            Ok(LineSays::Object(Arc::new(object)))
        }
        record => Ok(LineSays::Beside(Box::new(record))),
    }
}

struct Lines<R> {
    reader: BufReader<Take<R>>,
}

impl<R: Read> Lines<R> {
    fn block(&mut self) -> Block {
        let mut block = Block::default();
        while block.text.len() < BLOCK && block.end.is_none() {
            match read_line(&mut self.reader, &mut block.text) {
                Ok(0) if self.reader.get_ref().limit() == 0 => {
                    let message = "it unpacks to more than 4 GiB".to_owned();
                    block.end = Some(Err(TextFault::Line(message)));
                }
                Ok(0) => block.end = Some(Ok(())),
                Ok(_) => block.ends.push(block.text.len()),
                Err(error) => {
                    let system = error.raw_os_error().is_some();
                    let fault = if system { TextFault::System } else { TextFault::Damaged };
                    block.end = Some(Err(fault(error)));
                }
            }
        }
        block
    }
}

fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<usize> {
    let size = Read::take(&mut *reader, MAX_LINE as u64).read_until(b'\n', line)?;
    if size == MAX_LINE {
        return Err(std::io::Error::other("line longer than 64 MiB"));
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its lines one after the other, then fails.
    struct Failing<'a>(&'a [u8]);

    impl Read for Failing<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(out)? {
                0 => Err(std::io::Error::other("bad checksum")),
                size => Ok(size),
            }
        }
    }

    fn pod(name: usize, padding: usize) -> String {
        let note = "x".repeat(padding);
        format!(
            "{{\"type\":\"object\",\"body\":{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\
             \"metadata\":{{\"name\":\"p{name}\",\"annotations\":{{\"note\":\"{note}\"}}}}}}}}\n"
        )
    }

    fn names(text: impl Read + Send) -> (Vec<String>, Result<(), (usize, String)>) {
        let mut names = Vec::new();
        let done = each(text, |told| {
            if let LineSays::Object(object) = told {
                names.push(object.id.name.to_string());
            }
            Ok(())
        });
        let done = done.map_err(|(line, fault)| {
            let told = match fault {
                TextFault::System(error) | TextFault::Damaged(error) => error.to_string(),
                TextFault::Line(message) => message,
            };
            (line, told)
        });
        (names, done)
    }

    #[test]
    fn lines_are_told_in_their_order_over_many_blocks() {
        let text: String = (0..40).map(|at| pod(at, BLOCK / 7)).collect();
        let (told, done) = names(text.as_bytes());
        assert_eq!(done, Ok(()));
        assert_eq!(told, (0..40).map(|at| format!("p{at}")).collect::<Vec<_>>());
    }

    #[test]
    fn the_first_fault_of_the_text_is_told_with_its_line() {
        let mut lines: Vec<String> = (0..40).map(|at| pod(at, BLOCK / 7)).collect();
        lines[30] = "{}\n".to_owned();
        lines[25] = "nothing\n".to_owned();
        let text = lines.concat();
        let (told, done) = names(Failing(text.as_bytes()));
        assert_eq!(told.len(), 25);
        assert_eq!(done.unwrap_err().0, 26);
        let text: String = (0..40).map(|at| pod(at, BLOCK / 7)).collect();
        let (told, done) = names(Failing(text.as_bytes()));
        assert_eq!((told.len(), done), (40, Err((41, "bad checksum".to_owned()))));
    }

    #[test]
    fn what_is_told_may_be_refused() {
        let text: String = (0..4).map(|at| pod(at, 1)).collect();
        let refused = each(text.as_bytes(), |_| Err("no".to_owned()));
        assert!(matches!(refused, Err((1, TextFault::Line(message))) if message == "no"));
        assert!(each(&b""[..], |_| Err("no".to_owned())).is_ok());
    }
}
