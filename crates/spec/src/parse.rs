//! From sources to the spec, with everything that is wrong with them.
//!
//! *Expected flow*: for each file tree → variables → drafts, account by account, each held against what
//! came before and added to the spec.
//! *Guarantees*: all problems of all files at once, in source order; no spec if one of them is an
//! error, or if a file could not be read. *Caveats*: a file that is not YAML gives one problem only.

use std::collections::HashMap;

use certctl_model::{Code, Diagnostic, Place};

use crate::across::Across;
use crate::complaint::Complaint;
use crate::draft::{AccountDraft, FileDraft};
use crate::fields::Fields;
use crate::format::{self, AccountMapping};
use crate::options::ParseOptions;
use crate::reader::Reader;
use crate::source::{self, Sources};
use crate::{decode, table};

use crate::selection::Unset;
use crate::spec::{Account, Spec};
use crate::variables::Variables;
use crate::yaml::{self, Mark};

/// What was read.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The spec, unless there is an error. Accounts with a variable that is not set are left out,
    /// where that is no error.
    pub spec: Option<Spec>,
    /// Accounts that are left out, because a variable in them is not set.
    pub unset: Vec<Unset>,
    /// Where `state` is given: a relative path is beside this file.
    pub state_place: Option<Place>,
    /// Everything that is wrong, in source order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads all sources into one spec.
#[must_use]
pub fn parse(sources: &Sources, options: &ParseOptions<'_>) -> Parsed {
    parse_watched(sources, options, &mut |_, _| {})
}

/// What is shown each account of a spec as it is read, with all that its fields know of themselves.
pub(crate) type Watch<'w> = dyn FnMut(&AccountDraft, &Reader<'_>) + 'w;

/// The same, and shows each account that was read.
pub(crate) fn parse_watched(
    sources: &Sources,
    options: &ParseOptions<'_>,
    watch: &mut Watch<'_>,
) -> Parsed {
    let mut across = Across::default();
    let mut spec = Spec::default();
    let mut diagnostics = Vec::new();
    let mut unset = Vec::new();
    for source in sources.iter() {
        let mut reader = Reader::new(source, sources, format::belongs_in);
        let mut into = Target {
            across: &mut across,
            spec: &mut spec,
            unset: &mut unset,
            watch: &mut *watch,
        };
        file(&mut reader, sources, options, &mut into);
        diagnostics.extend(reader.into_diagnostics());
    }
    let failed = diagnostics.iter().any(Diagnostic::is_error) || !sources.complete();
    if !across.any_account && !failed {
        let table = across.tables.first();
        let hint = match table {
            Some(_) => "the table has no row below its first line: add one for each account",
            None => "declare one under `accounts:`, with its `name` and `account_id`",
        };
        let message = "no account is declared in any of the files";
        diagnostics.push(
            Diagnostic::error(Code::NoAccounts, message)
                .at(table.map(|table| table.first_line.clone()))
                .hint(hint),
        );
    }
    sort(&mut diagnostics, sources);
    let (state, state_place) = across.state().cloned().unzip();
    spec.state = state;
    for accounts in [&mut spec.accounts, &mut spec.suspended] {
        accounts.sort_by(|a: &Account, b| a.name.cmp(&b.name));
        accounts.shrink_to_fit();
    }
    let right = sources.complete() && !diagnostics.iter().any(Diagnostic::is_error);
    Parsed {
        spec: right.then_some(spec),
        unset,
        state_place,
        diagnostics,
    }
}

/// What the files are read into, one after the other.
struct Target<'a, 'w> {
    across: &'a mut Across,
    spec: &'a mut Spec,
    unset: &'a mut Vec<Unset>,
    watch: &'a mut Watch<'w>,
}

fn file<'a>(
    reader: &mut Reader<'a>,
    sources: &'a Sources,
    options: &ParseOptions<'_>,
    into: &mut Target<'_, '_>,
) {
    if let Some(mark) = conflict(reader.text()) {
        return reader.complain(unresolved(), mark);
    }
    let mut root = match yaml::parse(reader.text()) {
        Ok(Some(root)) => root,
        Ok(None) => {
            let complaint = Complaint::new(Code::MissingKey, "this file declares nothing")
                .hint(Some("start with `version: 1`".to_owned()));
            return reader.complain(complaint, Mark::default());
        }
        Err(fault) => {
            let place = fault.mark.map(|mark| reader.place(mark));
            let place = place.or_else(|| Some(reader.place(Mark::default())));
            let diagnostic = Diagnostic::error(fault.code, fault.message).at(place);
            return reader.report(Diagnostic {
                hint: fault.hint,
                ..diagnostic
            });
        }
    };
    Variables::new(options).expand(&mut root, reader);
    let Some(read) = decode::file(&root, reader) else {
        return;
    };
    let draft = &read.draft;
    into.across.add(draft, reader);
    let spec = &mut *into.spec;
    if spec.name.is_none() {
        spec.name = draft.name.value().cloned();
    }
    if let (None, Some((policy, _))) = (&spec.policy.place, &draft.policy) {
        spec.policy = policy.clone();
    }
    for fields in &read.accounts {
        into.add(fields, draft, reader);
    }
    if let Some(table) = table(draft, sources, reader) {
        if let Some(mark) = conflict(reader.text_of(table)) {
            return reader.complain(
                unresolved(),
                Mark {
                    file: table,
                    ..mark
                },
            );
        }
        let named = draft.table.mark().unwrap_or_default();
        if !into.across.add_table(table, named, reader) {
            return;
        }
        table::rows(table, reader, &mut |entries, row, reader| {
            let fields = Fields::read::<AccountMapping>(entries, row, reader);
            into.add(&fields, draft, reader);
        });
    }
}

/// The table that a file names, as the reader's own.
fn table<'a>(draft: &FileDraft, sources: &'a Sources, reader: &mut Reader<'a>) -> Option<u16> {
    let (written, mark) = draft.table.value().zip(draft.table.mark())?;
    let path = source::path_beside(reader.file(), written).filter(|_| !mark.variable);
    let Some(path) = path else {
        let message = "`csv` must be a file beside this one, or below, written out";
        let complaint = Complaint::new(Code::InvalidValue, message);
        let hint = "such as `csv: tenants.csv`, without `..` and without variables";
        reader.complain(complaint.hint(Some(hint.to_owned())), mark);
        return None;
    };
    match sources.named(&path) {
        Some(table) => Some(reader.add_table(table)),
        None => {
            // Where it could not be read, that was said.
            if sources.complete() {
                let complaint = Complaint::new(Code::FileUnreadable, "the table was not read");
                let hint = "a spec from standard input names no tables";
                reader.complain(complaint.hint(Some(hint.to_owned())), mark);
            }
            None
        }
    }
}

impl Target<'_, '_> {
    /// Adds an account of this file. They are added one by one, so that no more than one draft is in memory.
    fn add(&mut self, fields: &Fields<'_>, file: &FileDraft, reader: &mut Reader<'_>) {
        if self.across.is_full() {
            return;
        }
        let draft = decode::account(fields, file, reader);
        self.across.add_account(&draft, reader);
        if !self.across.has_room_for(&draft, reader) {
            return;
        }
        let Some(account) = draft.finish(&|mark| reader.place(mark)) else {
            return self.unset.push(Unset {
                name: draft.name.value().cloned(),
                labels: draft.labels.clone().known().map(Option::unwrap_or_default),
            });
        };
        (self.watch)(&draft, reader);
        if account.suspended {
            self.spec.suspended.push(account);
        } else {
            self.spec.accounts.push(account);
        }
    }
}

fn unresolved() -> Complaint {
    let hint = "keep one of the two sides, and remove the lines of the markers";
    Complaint::new(Code::YamlSyntax, "a merge left its conflict marker here")
        .hint(Some(hint.to_owned()))
}

/// The first marker of a conflict that a version control system could not resolve.
fn conflict(text: &str) -> Option<Mark> {
    let markers = ["<<<<<<< ", "||||||| ", ">>>>>>> "];
    let is_marker = |line: &str| markers.iter().any(|marker| line.starts_with(marker));
    let line = source::lines_of(text).position(is_marker)?;
    Some(Mark {
        line: u32::try_from(line).ok()?.saturating_add(1),
        column: 1,
        length: 7,
        ..Mark::default()
    })
}

/// Source order: by file as given, then by line and column; what has no place comes last.
fn sort(diagnostics: &mut [Diagnostic], sources: &Sources) {
    let order: HashMap<&str, usize> = sources
        .all()
        .enumerate()
        .map(|(index, source)| (source.name.as_str(), index))
        .collect();
    diagnostics.sort_by_cached_key(|diagnostic| match &diagnostic.place {
        Some(place) => {
            let file = order
                .get(place.file.as_str())
                .copied()
                .unwrap_or(usize::MAX);
            (file, place.line, place.column)
        }
        None => (usize::MAX, u32::MAX, u32::MAX),
    });
}
