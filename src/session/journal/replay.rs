//! Reading a journal from its first entry: the one reader for whoever opens a session, makes a bundle
//! of one, or checks either.

use std::fmt::Display;
use std::io::{self, BufRead, Read as _};

use super::chain::{JournalChain, JournalEntry, MAX_LINE};

/// How far a journal could be followed.
#[derive(Debug, Default)]
pub struct JournalReplay {
    /// Where its entries end.
    pub chain: JournalChain,
    /// Bytes of its entries.
    pub length: u64,
    /// Why the reading ended before the end of the text.
    pub stop: Option<ReplayStop>,
}

/// The first line that is not the next entry.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct ReplayStop {
    /// The number that its entry would have, from 1.
    pub entry: u64,
    /// What is wrong with it.
    pub why: LineFault,
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum LineFault {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(io::Error),
    /// It is the last one and was not written to its end; these are its bytes. Nothing in it was
    /// ever acknowledged.
    #[error("the line was not written to its end")]
    Torn(Vec<u8>),
    /// It does not follow the entry before, or says what cannot be.
    #[error("{0}")]
    Unfit(String),
}

impl JournalReplay {
    /// The chain of a journal that is whole.
    ///
    /// # Errors
    /// The line at which it is not.
    pub fn whole(self) -> Result<JournalChain, ReplayStop> {
        self.stop.map_or(Ok(self.chain), Err)
    }
}

/// Follows a journal and gives each entry to `each`, until the text ends, a line is not the next
/// entry, or `each` refuses one.
#[must_use]
pub fn replay<E: Display>(
    mut lines: impl BufRead,
    mut each: impl FnMut(JournalEntry) -> Result<(), E>,
) -> JournalReplay {
    let mut replay = JournalReplay::default();
    let mut line = Vec::new();
    loop {
        let entry = replay.chain.seq() + 1;
        match next(&mut lines, &mut line, &mut replay.chain, &mut each) {
            Ok(true) => replay.length += line.len() as u64,
            Ok(false) => return replay,
            Err(why) => return JournalReplay { stop: Some(ReplayStop { entry, why }), ..replay },
        }
    }
}

/// Takes the next line into the chain and hands it on. Whether there was one.
fn next<E: Display>(
    lines: &mut impl BufRead,
    line: &mut Vec<u8>,
    chain: &mut JournalChain,
    each: &mut impl FnMut(JournalEntry) -> Result<(), E>,
) -> Result<bool, LineFault> {
    line.clear();
    let longest = MAX_LINE as u64 + 1;
    if lines.take(longest).read_until(b'\n', line).map_err(LineFault::Unreadable)? == 0 {
        return Ok(false);
    }
    let Some(text) = line.strip_suffix(b"\n") else {
        return Err(if line.len() > MAX_LINE {
            LineFault::Unfit("the line is longer than 256 MiB".to_owned())
        } else {
            LineFault::Torn(std::mem::take(line))
        });
    };
    let entry = match chain.follow(text) {
        Ok(entry) => entry,
        // A power cut may leave a line of the right length whose blocks were never written.
        Err(_) if line.contains(&0) && ends(lines)? => {
            return Err(LineFault::Torn(std::mem::take(line)));
        }
        Err(why) => return Err(LineFault::Unfit(why)),
    };
    each(entry).map_err(|error| LineFault::Unfit(error.to_string()))?;
    Ok(true)
}

/// Whether nothing follows.
fn ends(lines: &mut impl BufRead) -> Result<bool, LineFault> {
    lines.fill_buf().map(<[u8]>::is_empty).map_err(LineFault::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::super::chain::JournalEvent;
    use super::*;

    /// So many entries, and whatever follows them.
    fn journal(count: usize, rest: &[u8]) -> Vec<u8> {
        let (mut chain, mut text) = (JournalChain::default(), Vec::new());
        for at in 0..count {
            let (time, by) = ("2026-01-01T00:00:00Z".to_owned(), "ada".to_owned());
            let body = serde_json::json!({ "text": at });
            let entry = chain.entry(JournalEvent { time, by, kind: "noted", body }).unwrap();
            chain.advance(&entry);
            text.extend(serde_json::to_vec(&entry).unwrap());
            text.push(b'\n');
        }
        text.extend(rest);
        text
    }

    fn read(text: &[u8], refused: u64) -> JournalReplay {
        replay(text, |entry| if entry.seq == refused { Err("refused") } else { Ok(()) })
    }

    #[test]
    fn a_whole_journal_is_followed_to_its_end() {
        let text = journal(3, b"");
        let replay = read(&text, 0);
        assert_eq!(replay.length, text.len() as u64);
        assert_eq!(replay.whole().unwrap().seq(), 3);
    }

    #[test]
    fn a_last_line_that_is_cut_or_empty_blocks_is_torn() {
        for rest in [&b"{\"seq\":4"[..], b"{\"seq\":4\0\0\0\n"] {
            let replay = read(&journal(3, rest), 0);
            assert_eq!(replay.length, journal(3, b"").len() as u64);
            let stop = replay.stop.unwrap();
            assert!(matches!(&stop.why, LineFault::Torn(line) if line == rest), "{stop:?}");
            assert_eq!(stop.entry, 4);
        }
    }

    #[test]
    fn a_line_that_does_not_fit_is_named_by_its_number() {
        for (text, refused, entry) in
            [(journal(2, b"{}\n"), 0, 3), (journal(2, b"\0\n{}\n"), 0, 3), (journal(3, b""), 2, 2)]
        {
            let stop = read(&text, refused).whole().unwrap_err();
            assert!(matches!(stop.why, LineFault::Unfit(_)), "{stop:?}");
            assert_eq!(stop.entry, entry);
        }
    }
}
