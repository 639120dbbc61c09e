//! `accounts_from`: a table of accounts, as the rows of a CSV file.
//!
//! *Purpose*: each row becomes the mapping that somebody would have written for the account, every
//! cell with its place in the table, so that one reader and one set of words serve both. *Guarantees*:
//! rows are handed on one by one; memory does not grow with their number. *Non-goals*: variables; a
//! cell is what it says.

use std::collections::HashMap;

use certctl_model::{Code, Diagnostic};
use csv::{ReaderBuilder, StringRecord};

use crate::cells::{Broken, Cells};
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
    let mut cells = Cells::new(table, text);
    let mut records = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut columns: Option<Vec<Column>> = None;
    // The text is UTF-8 and in memory: nothing that reading a record can fail of is left.
    while records.read_record(&mut record).unwrap_or(false) {
        let begins = record.position().map_or(0, csv::Position::byte);
        let marks = match cells.of(usize::try_from(begins).unwrap_or(usize::MAX)) {
            Ok(marks) => marks,
            Err(Broken::Open(at)) => return reader.complain(never_closed(), at),
            Err(Broken::Followed(at)) => {
                reader.complain(followed(), at);
                match columns {
                    Some(_) => continue,
                    None => return,
                }
            }
        };
        match &columns {
            None => match header(&record, &marks, reader) {
                Some(header) => columns = Some(header),
                None => return,
            },
            // As spreadsheets leave them below a table.
            Some(_) if record.iter().all(|cell| cell.trim().is_empty()) => {}
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
        reader.complain(complaint.hint(Some(hint.to_owned())), cells.mark(0..0));
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

fn followed() -> Complaint {
    Complaint::new(Code::InvalidValue, "text follows quotes that were closed")
        .hint(Some("write a quote within quotes twice: `\"\"`".to_owned()))
}

fn uneven(found: usize, columns: usize) -> Complaint {
    let cells = match found {
        1 => "1 cell".to_owned(),
        _ => format!("{found} cells"),
    };
    let message = format!("the row has {cells}, and the table has {columns} columns");
    Complaint::new(Code::InvalidValue, message)
        .hint(Some("put a cell that holds a comma in quotes".to_owned()))
}
