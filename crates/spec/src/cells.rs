//! Where the cells of a table stand: `csv` says what they hold, and of their places only where a record begins.

use std::ops::Range;

use crate::source::lines_of;
use crate::yaml::Mark;

/// What is wrong with the quotes of a record, and where.
pub(crate) enum Broken {
    /// They are never closed.
    Open(Mark),
    /// Something follows them before the next comma: probably a quote that was not written twice.
    Followed(Mark),
}

/// Where the cells of the records stand; it goes through the text once.
pub(crate) struct Cells<'t> {
    table: u16,
    text: &'t str,
    /// How far it went, in bytes; the line there, from 1; and the characters before it in that line.
    at: usize,
    line: u32,
    column: u32,
}

impl<'t> Cells<'t> {
    pub(crate) fn new(table: u16, text: &'t str) -> Self {
        Self {
            table,
            text,
            at: 0,
            line: 1,
            column: 0,
        }
    }

    /// The cells of the record that begins there, after empty lines.
    ///
    /// # Errors
    /// The first quotes that are wrong.
    pub(crate) fn of(&mut self, begins: usize) -> Result<Vec<Mark>, Broken> {
        let bytes = self.text.as_bytes();
        let is_end = |at: usize| matches!(bytes.get(at), None | Some(b'\r' | b'\n'));
        let mut at = begins.min(bytes.len());
        while at < bytes.len() && is_end(at) {
            at += 1;
        }
        let mut marks = Vec::new();
        loop {
            let begins = at;
            if bytes.get(at) == Some(&b'"') {
                let open = || Broken::Open(self.mark(begins..begins + 1));
                at = quoted(bytes, at).ok_or_else(open)?;
                while bytes
                    .get(at)
                    .is_some_and(|byte| matches!(byte, b' ' | b'\t'))
                {
                    at += 1;
                }
                if !is_end(at) && bytes.get(at) != Some(&b',') {
                    let rest = self.text.get(at..).unwrap_or_default();
                    let length = rest.find(['\r', '\n', ',']).unwrap_or(rest.len());
                    return Err(Broken::Followed(self.mark(at..at + length)));
                }
            }
            while !is_end(at) && bytes.get(at) != Some(&b',') {
                at += 1;
            }
            marks.push(self.mark(begins..at));
            if is_end(at) {
                return Ok(marks);
            }
            at += 1;
        }
    }

    /// The mark of these bytes, which do not begin before those of the last one.
    pub(crate) fn mark(&mut self, range: Range<usize>) -> Mark {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let between = self.text.get(self.at..range.start).unwrap_or_default();
        let lines = lines_of(between).count().saturating_sub(1);
        let last = lines_of(between).next_back().unwrap_or_default();
        let characters = number(last.chars().count());
        self.column = if lines == 0 {
            self.column.saturating_add(characters)
        } else {
            characters
        };
        self.line = self.line.saturating_add(number(lines));
        self.at = self.at.max(range.start);
        let cell = self.text.get(range.clone()).unwrap_or_default();
        let shown = lines_of(cell).next().unwrap_or_default();
        Mark {
            file: self.table,
            line: self.line,
            column: self.column.saturating_add(1),
            length: number(shown.chars().count()),
            bytes: (number(range.start), number(range.end)),
            plain: true,
            variable: false,
        }
    }
}

/// Where the text continues after the quotes that open at `at`.
fn quoted(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == b'"')?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}
