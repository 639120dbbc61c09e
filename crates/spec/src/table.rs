//! `accounts_from`: a table of accounts, as the rows of a CSV file.
//!
//! *Purpose*: each row becomes the mapping that somebody would have written for the account, every
//! cell with its place in the table, so that one reader and one set of words serve both. *Guarantees*:
//! rows are handed on one by one; memory does not grow with their number. *Non-goals*: variables; a
//! cell is what it says.

use std::collections::HashMap;
use std::ops::Range;

use certctl_model::{Code, Diagnostic};
use csv::{ReaderBuilder, StringRecord};

use crate::complaint::{Complaint, brief};
use crate::labels;
use crate::reader::Reader;
use crate::suggest;
use crate::yaml::{Kind, Mark, Node};

/// The entries of one mapping.
pub(crate) type Entries = Vec<(Node, Node)>;

/// The column that names the variable with the token of each account, as `token: { env: … }`.
const TOKEN_ENV: &str = "token_env";
/// The most columns of a table.
const MAX_COLUMNS: usize = 100;

/// A column that is a key of an account.
struct Known {
    name: &'static str,
    /// What to do where it is missing; `None`: it may be.
    needed: Option<&'static str>,
}

const KNOWN: [Known; 5] = [
    Known {
        name: "name",
        needed: Some("it holds our short name for each account"),
    },
    Known {
        name: "account_id",
        needed: Some("it holds Cloudflare's id of each account: 32 hexadecimal digits"),
    },
    Known {
        name: "template",
        needed: Some("it names the template that says which certificates each account has"),
    },
    Known {
        name: TOKEN_ENV,
        needed: None,
    },
    Known {
        name: "suspended",
        needed: None,
    },
];

/// Reads a table; `each` gets the account that a row stands for, and where the row begins. What is
/// wrong with the table itself goes to the reader.
pub(crate) fn rows<'a>(
    table: u16,
    reader: &mut Reader<'a>,
    each: &mut dyn FnMut(&Entries, Mark, &mut Reader<'a>),
) {
    let text = reader.text_of(table);
    let mut scan = Scan::new(table, text);
    let mut records = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut columns: Option<Vec<Column>> = None;
    // The text is UTF-8 and in memory: nothing that reading a record can fail of is left.
    while records.read_record(&mut record).unwrap_or(false) {
        let begins = record.position().map_or(0, csv::Position::byte);
        let marks = match scan.cells(usize::try_from(begins).unwrap_or(usize::MAX)) {
            Ok(marks) => marks,
            Err(open) => return reader.complain(never_closed(), open),
        };
        match &columns {
            None => match header(&record, &marks, reader) {
                Some(header) => columns = Some(header),
                None => return,
            },
            Some(columns) => {
                let row = marks.first().copied().unwrap_or_default();
                if record.len() != columns.len() {
                    reader.complain(uneven(record.len(), columns.len()), row);
                } else if has_what_it_needs(columns, &record, &marks, reader) {
                    each(&entries(columns, &record, &marks), row, reader);
                }
            }
        }
    }
    if columns.is_none() {
        let complaint = Complaint::new(Code::MissingKey, "the table is empty");
        let hint = "its first line names the columns: name,account_id,template";
        reader.complain(complaint.hint(Some(hint.to_owned())), scan.mark(0..0));
    }
}

/// A column and where its name stands.
struct Column {
    name: String,
    is_label: bool,
    needed: Option<&'static str>,
    mark: Mark,
}

/// Reads the first line. `None`: the rows cannot be understood.
fn header(record: &StringRecord, marks: &[Mark], reader: &mut Reader<'_>) -> Option<Vec<Column>> {
    let before = reader.count();
    let at = marks.first().copied().unwrap_or_default();
    if record.len() == 1
        && let Some(line) = record.get(0)
        && let Some(other) = [';', '\t', '|'].into_iter().find(|c| line.contains(*c))
    {
        let message = format!("the columns of the table are separated by {other:?}");
        let hint = "save it as comma-separated values (CSV, with commas)".to_owned();
        reader.complain(
            Complaint::new(Code::InvalidValue, message).hint(Some(hint)),
            at,
        );
        return None;
    }
    if record.len() > MAX_COLUMNS {
        let message = format!("the table has more than {MAX_COLUMNS} columns");
        let hint = "keep those that name, select or configure the accounts".to_owned();
        let complaint = Complaint::new(Code::YamlLimits, message);
        reader.complain(complaint.hint(Some(hint)), at);
        return None;
    }
    let mut columns = Vec::with_capacity(record.len());
    let mut seen: HashMap<String, Mark> = HashMap::new();
    for (name, mark) in record.iter().map(str::trim).zip(marks.iter().copied()) {
        let known = KNOWN.iter().find(|known| known.name == name);
        let is_label = known.is_none();
        if is_label && let Some(complaint) = not_a_label(name) {
            reader.complain(complaint, mark);
        }
        if let Some(first) = seen.insert(name.to_owned(), mark) {
            let (place, first) = (reader.place(mark), reader.place(first));
            let message = format!("the table has two columns `{}`", brief(name));
            reader.report(
                Diagnostic::error(Code::DuplicateKey, message)
                    .at(Some(place))
                    .related(first, "the first")
                    .hint("keep one of the two"),
            );
        }
        columns.push(Column {
            name: name.to_owned(),
            is_label,
            needed: known.and_then(|known| known.needed),
            mark,
        });
    }
    for known in KNOWN {
        if let Some(hint) = known.needed
            && !seen.contains_key(known.name)
        {
            let message = format!("the table has no column `{}`", known.name);
            let complaint = Complaint::new(Code::MissingKey, message);
            reader.complain(complaint.hint(Some(hint.to_owned())), at);
        }
    }
    (reader.count() == before).then_some(columns)
}

/// Why a column that is no key of an account cannot be a label either.
fn not_a_label(name: &str) -> Option<Complaint> {
    let complaint =
        |code, message: String, hint: String| Some(Complaint::new(code, message).hint(Some(hint)));
    if name.is_empty() {
        return complaint(
            Code::MissingKey,
            "a column of the table has no name".to_owned(),
            "name it, or remove it".to_owned(),
        );
    }
    if let Some(near) = suggest::nearest(name, KNOWN.iter().map(|known| known.name)) {
        return complaint(
            Code::UnknownKey,
            format!("the table has a column `{}`", brief(name)),
            format!("did you mean `{near}`? a label needs a name that is less like it"),
        );
    }
    if !labels::is_key(name) {
        return complaint(
            Code::InvalidValue,
            format!("the column `{}` cannot be a label", brief(name)),
            labels::KEY_RULE.to_owned(),
        );
    }
    None
}

/// Whether each cell that is needed says something; reports those that do not.
fn has_what_it_needs(
    columns: &[Column],
    record: &StringRecord,
    marks: &[Mark],
    reader: &mut Reader<'_>,
) -> bool {
    let before = reader.count();
    for ((column, cell), mark) in columns.iter().zip(record).zip(marks) {
        if let Some(hint) = column.needed
            && cell.trim().is_empty()
        {
            let message = format!("the row has no `{}`", column.name);
            let complaint = Complaint::new(Code::MissingKey, message);
            reader.complain(complaint.hint(Some(hint.to_owned())), *mark);
        }
    }
    reader.count() == before
}

/// The account of one row, as it would be written in YAML. An empty cell says nothing.
fn entries(columns: &[Column], record: &StringRecord, marks: &[Mark]) -> Entries {
    let (mut entries, mut labels) = (Entries::new(), Entries::new());
    for ((column, cell), mark) in columns.iter().zip(record).zip(marks) {
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        let value = node(Kind::Expanded(cell.to_owned()), *mark);
        let key = node(Kind::Text(column.name.clone()), column.mark);
        if column.name == TOKEN_ENV {
            let text = |text: &str| node(Kind::Text(text.to_owned()), *mark);
            let token = Kind::Map(vec![(text("env"), value)]);
            entries.push((text("token"), node(token, *mark)));
        } else if column.is_label {
            labels.push((key, value));
        } else {
            entries.push((key, value));
        }
    }
    if let Some(mark) = labels.first().map(|(_, value)| value.mark) {
        let key = node(Kind::Text("labels".to_owned()), mark);
        entries.push((key, node(Kind::Map(labels), mark)));
    }
    entries
}

fn node(kind: Kind, mark: Mark) -> Node {
    Node { kind, mark }
}

fn never_closed() -> Complaint {
    Complaint::new(
        Code::InvalidValue,
        "a quote that opens here is never closed",
    )
    .hint(Some("write a quote within quotes twice: `\"\"`".to_owned()))
}

fn uneven(found: usize, columns: usize) -> Complaint {
    let message = format!("the row has {found} cells, and the table has {columns} columns");
    Complaint::new(Code::InvalidValue, message)
        .hint(Some("put a cell that holds a comma in quotes".to_owned()))
}

/// Where the cells of the records stand; it goes through the text once.
struct Scan<'t> {
    table: u16,
    text: &'t str,
    /// How far it went, in bytes; the line there, from 1; and the characters before it in that line.
    at: usize,
    line: u32,
    column: u32,
}

impl<'t> Scan<'t> {
    fn new(table: u16, text: &'t str) -> Self {
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
    /// Where a quote opens that is never closed.
    fn cells(&mut self, begins: usize) -> Result<Vec<Mark>, Mark> {
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
                at = quoted(bytes, at).ok_or_else(|| self.mark(begins..begins + 1))?;
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
    fn mark(&mut self, range: Range<usize>) -> Mark {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let between = self.text.get(self.at..range.start).unwrap_or_default();
        let lines = between.matches('\n').count();
        let last = between.rsplit('\n').next().unwrap_or_default();
        let characters = number(last.chars().count());
        self.column = if lines == 0 {
            self.column.saturating_add(characters)
        } else {
            characters
        };
        self.line = self.line.saturating_add(number(lines));
        self.at = self.at.max(range.start);
        let cell = self.text.get(range.clone()).unwrap_or_default();
        let shown = cell.lines().next().unwrap_or_default();
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
