//! What has to fit together across accounts and files.

use std::collections::HashMap;
use std::path::Path;

use certctl_model::{Code, Diagnostic, Name, Place};

use crate::draft::{AccountDraft, CertificateDraft, CustomDraft, FileDraft};
use crate::fields::Field;
use crate::reader::Reader;
use crate::spec::{Import, StateLocation};
use crate::yaml::Mark;

/// The most certificates of all accounts together: room for 20,000 accounts of ten.
const MAX_CERTIFICATES: usize = 200_000;

/// The first places of what may be given once only. Files are added in their order.
#[derive(Debug, Default)]
pub(crate) struct Across {
    names: HashMap<String, (Place, String)>,
    ids: HashMap<String, (Place, String)>,
    imports: HashMap<String, Place>,
    spec_name: Option<(String, Place)>,
    state: Option<(StateLocation, Place)>,
    policy: Option<(String, Place)>,
    /// How many certificates the accounts have.
    certificates: usize,
    /// The tables, in the order of the files that name them.
    pub(crate) tables: Vec<Table>,
    /// Whether any account was declared, be it incomplete.
    pub(crate) any_account: bool,
}

/// A table that a file names.
#[derive(Debug)]
pub(crate) struct Table {
    /// Where it begins.
    pub(crate) first_line: Place,
    /// Where it is named.
    named: Place,
}

impl Across {
    /// Adds a table; says so and returns false where another file names it too.
    pub(crate) fn add_table(&mut self, table: u16, named: Mark, reader: &mut Reader<'_>) -> bool {
        let first_line = reader.place(Mark {
            file: table,
            ..Mark::default()
        });
        let named = reader.place(named);
        let earlier = self
            .tables
            .iter()
            .find(|table| table.first_line == first_line);
        if let Some(Table { named: earlier, .. }) = earlier {
            let message = format!("the table {} is read by another file too", first_line.file);
            reader.report(
                Diagnostic::error(Code::DuplicateAccount, message)
                    .at(Some(named))
                    .related(earlier.clone(), "read here first")
                    .hint("an account stands in one place: remove one of the two `accounts_from`"),
            );
            return false;
        }
        self.tables.push(Table { first_line, named });
        true
    }

    /// Adds a file, but for its accounts; reports what contradicts an earlier one.
    pub(crate) fn add(&mut self, draft: &FileDraft, reader: &mut Reader<'_>) {
        let name = draft
            .name
            .value()
            .map(ToString::to_string)
            .zip(draft.name.mark());
        keep_first("name", &mut self.spec_name, name, |_, _| true, reader);
        let state = draft.state.value().cloned().zip(draft.state.mark());
        keep_first("state", &mut self.state, state, same_directory, reader);
        let policy = draft.policy.as_ref();
        let policy = policy.map(|(policy, mark)| (policy.said(), *mark));
        keep_first("policy", &mut self.policy, policy, |_, _| true, reader);
    }

    /// Adds an account; reports what contradicts an earlier one, or itself.
    pub(crate) fn add_account(&mut self, account: &AccountDraft, reader: &mut Reader<'_>) {
        self.any_account = true;
        let before = reader.count();
        self.account(account, reader);
        reader.concern(before, account.name.value(), None);
    }

    /// Whether so many certificates were declared that no more are read.
    pub(crate) fn is_full(&self) -> bool {
        self.certificates > MAX_CERTIFICATES
    }

    /// Whether there is room in memory for the certificates of an account; says so where there is not.
    pub(crate) fn has_room_for(&mut self, account: &AccountDraft, reader: &mut Reader<'_>) -> bool {
        self.certificates += account.certificates.as_ref().map_or(0, Vec::len);
        if self.is_full() {
            let message = format!("more than {MAX_CERTIFICATES} certificates are declared");
            let place = reader.place(account.mark);
            reader.report(
                Diagnostic::error(Code::YamlLimits, message)
                    .at(Some(place))
                    .hint("run once for each part of the accounts"),
            );
        }
        !self.is_full()
    }

    /// The state's location, with where it is said.
    pub(crate) fn state(&self) -> Option<&(StateLocation, Place)> {
        self.state.as_ref()
    }

    fn account(&mut self, draft: &AccountDraft, reader: &mut Reader<'_>) {
        // A block that was copied whole is one mistake, not two.
        let mut copied = None;
        if let Some(name) = draft.name.value() {
            let id = draft
                .account_id
                .value()
                .map(ToString::to_string)
                .unwrap_or_default();
            match self.names.get(name.as_str()) {
                Some((earlier, earlier_id)) => {
                    if *earlier_id == id {
                        copied = Some(id);
                    }
                    let message = format!("account `{name}` is declared twice");
                    let diagnostic = Diagnostic::error(Code::DuplicateAccount, message)
                        .hint("an account stands in one place: merge the two, or rename one");
                    twice(
                        diagnostic,
                        draft.mark,
                        earlier,
                        "first declared here",
                        reader,
                    );
                }
                None => {
                    self.names
                        .insert(name.to_string(), (reader.place(draft.mark), id));
                }
            }
        }
        if let Field::Is {
            value: id, mark, ..
        } = &draft.account_id
        {
            let text = id.to_string();
            match self.ids.get(&text) {
                Some(_) if copied.as_ref() == Some(&text) => {}
                Some((earlier, name)) => {
                    let message = format!("account id {id} is given twice");
                    let hint = format!("it is the id of `{name}` already: one of the two is wrong");
                    let diagnostic = Diagnostic::error(Code::DuplicateAccount, message).hint(hint);
                    twice(diagnostic, *mark, earlier, "first given here", reader);
                }
                None => {
                    let name = draft
                        .name
                        .value()
                        .map(ToString::to_string)
                        .unwrap_or_default();
                    self.ids.insert(text, (reader.place(*mark), name));
                }
            }
        }
        for certificate in draft.certificates.iter().flatten() {
            let Some((known, what, mark)) = named(certificate, draft.name.value()) else {
                continue;
            };
            if let Some(earlier) = self.imports.get(&known) {
                let before = reader.count();
                let message = format!("certificate {what} is named twice");
                let diagnostic = Diagnostic::error(Code::ImportTwice, message)
                    .hint("a certificate belongs to one address: keep one of the two");
                twice(diagnostic, mark, earlier, "first named here", reader);
                reader.concern(before, draft.name.value(), certificate.name.value());
            } else {
                self.imports.insert(known, reader.place(mark));
            }
        }
    }
}

/// The certificate of an account that is named: by what it is known among all of them, and for people.
fn named(certificate: &CertificateDraft, account: Option<&Name>) -> Option<(String, String, Mark)> {
    if let Field::Is {
        value: Import::Id(id),
        mark,
        ..
    } = &certificate.import
    {
        return Some((id.to_string(), id.to_string(), *mark));
    }
    let Field::Is { value, mark, .. } = &certificate.custom else {
        return None;
    };
    Some(match value {
        CustomDraft::Id(id) => (id.to_string(), id.to_string(), *mark),
        // The same CA may be uploaded to several accounts.
        CustomDraft::Own(own) => {
            let content = own.ca.facts.content();
            (format!("{}/{content}", account?), own.file.clone(), *mark)
        }
    })
}

/// Keeps what the first file says; reports a file that says otherwise.
fn keep_first<T: PartialEq>(
    key: &str,
    kept: &mut Option<(T, Place)>,
    said: Option<(T, Mark)>,
    same: fn(&T, [&str; 2]) -> bool,
    reader: &mut Reader<'_>,
) {
    let Some((value, mark)) = said else { return };
    match kept {
        Some((first, earlier)) => {
            if *first != value || !same(&value, [&earlier.file, reader.file()]) {
                let message = format!("`{key}` differs from what another file says");
                let hint = format!("give `{key}` in one file only");
                let diagnostic = Diagnostic::error(Code::SettingsDiffer, message).hint(hint);
                twice(diagnostic, mark, earlier, "first given here", reader);
            }
        }
        None => *kept = Some((value, reader.place(mark))),
    }
}

/// Whether a location means the same in both files: a relative path only does beside each other.
fn same_directory(location: &StateLocation, [a, b]: [&str; 2]) -> bool {
    location.url.contains("://")
        || Path::new(&location.url).is_absolute()
        || Path::new(a).parent() == Path::new(b).parent()
}

fn twice(diagnostic: Diagnostic, at: Mark, earlier: &Place, what: &str, reader: &mut Reader<'_>) {
    let at = reader.place(at);
    reader.report(diagnostic.at(Some(at)).related(earlier.clone(), what));
}
