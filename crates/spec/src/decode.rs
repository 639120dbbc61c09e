//! From the tree of one file to drafts: typed, merged with template and defaults, not yet compared.

mod custom;
mod policy;
mod state;
mod token;

use std::collections::{BTreeMap, HashSet};

use certctl_model::{Code, Name};

use crate::check;
use crate::complaint::Complaint;
use crate::draft::{AccountDraft, CertificateDraft, FileDraft, TemplateDraft};
use crate::fields::{Field, Fields, Origin};
use crate::format::{self, Document};
use crate::layer::Layer;
use crate::reader::Reader;
use crate::yaml::{Kind, Node};

/// The most templates that a hint lists.
const MAX_LISTED: usize = 10;

/// A file that was read: what it says, and its accounts, each still to be read.
pub(crate) struct Read<'n> {
    pub(crate) draft: FileDraft,
    pub(crate) accounts: Vec<Fields<'n>>,
}

/// Reads one file but for its accounts. `None`: it is no mapping at all.
pub(crate) fn file<'n>(root: &'n Node, reader: &mut Reader<'_>) -> Option<Read<'n>> {
    let Kind::Map(entries) = &root.kind else {
        let message = format!("a spec must be a mapping, found {}", root.kind.what());
        let complaint = Complaint::new(Code::WrongType, message);
        reader.complain(
            complaint.hint(Some("start with `version: 1`".to_owned())),
            root.mark,
        );
        return None;
    };
    let fields = Fields::read::<Document>(entries, root.mark, reader);
    fields.get(&format::VERSION, reader);
    let name = fields.get(&format::SPEC_NAME, reader);
    let state = state::read(fields.get(&format::STATE, reader), reader);
    let policy = match fields.get(&format::POLICY, reader) {
        Field::Is { value, mark, .. } => policy::read(&value, reader).map(|policy| (policy, mark)),
        _ => None,
    };
    let token = token::read(fields.get(&format::TOKEN, reader), reader);
    let defaults = match fields.get(&format::DEFAULTS, reader) {
        Field::Is { value, .. } => Layer::read(&value, reader),
        Field::Lost => Layer::lost(),
        Field::Absent | Field::Null => Layer::empty(),
    };
    let templates = match fields.get(&format::TEMPLATES, reader) {
        Field::Is { value, .. } => {
            let mut templates = BTreeMap::new();
            for (name, fields) in value {
                templates.insert(name, template(&fields, &defaults, reader));
            }
            Some(templates)
        }
        Field::Absent | Field::Null => Some(BTreeMap::new()),
        Field::Lost => None,
    };
    let accounts = match fields.get(&format::ACCOUNTS, reader) {
        Field::Is { value, .. } => value,
        _ => Vec::new(),
    };
    let table = match fields.get(&format::ACCOUNTS_FROM, reader) {
        Field::Is { value, .. } => value.get(&format::CSV, reader),
        _ => Field::Absent,
    };
    let draft = FileDraft {
        name,
        state,
        policy,
        token,
        defaults,
        templates,
        table,
    };
    Some(Read { draft, accounts })
}

/// Reads a template. What is wrong with it is said here, once, and not for each of its accounts.
fn template(fields: &Fields<'_>, defaults: &Layer, reader: &mut Reader<'_>) -> TemplateDraft {
    let adopt = fields.get(&format::ADOPT, reader);
    let token = token::read(fields.get(&format::TOKEN, reader), reader);
    let certificates = match fields.get(&format::CERTIFICATES, reader) {
        Field::Is { value, .. } => {
            let read = |fields| certificate(fields, None, None, defaults, reader);
            let certificates: Vec<_> = value.iter().map(read).collect();
            check::names_are_unique(&certificates, reader);
            check::together(&certificates, reader);
            Some(certificates)
        }
        _ => None,
    };
    let names = certificates.iter().flatten().enumerate();
    let by_name = names.filter_map(|(at, one)| Some((one.name.value()?.clone(), at)));
    TemplateDraft {
        adopt,
        token,
        by_name: by_name.collect(),
        certificates,
    }
}

/// Reads one account, with what it has from its template and from `defaults`.
pub(crate) fn account(
    fields: &Fields<'_>,
    file: &FileDraft,
    reader: &mut Reader<'_>,
) -> AccountDraft {
    let before = reader.count();
    let name = fields.get(&format::ACCOUNT_NAME, reader);
    let account_id = fields.get(&format::ACCOUNT_ID, reader);
    let adopt = fields.get(&format::ADOPT, reader);
    let token = token::read(fields.get(&format::TOKEN, reader), reader);
    let template = template_of(fields, file, reader);
    let token = match &template {
        Field::Is { value, .. } => token.over(&value.token, Origin::Template),
        _ => token,
    };
    let draft = AccountDraft {
        mark: name.mark().unwrap_or(fields.mark),
        adopt: match &template {
            Field::Is { value, .. } => adopt.over(&value.adopt, Origin::Template),
            _ => adopt,
        },
        token: token.over(&file.token, Origin::Defaults),
        labels: fields.get(&format::LABELS, reader),
        suspended: fields.get(&format::SUSPENDED, reader),
        certificates: certificates(fields, &template, file, name.value(), reader),
        name,
        account_id,
    };
    reader.concern(before, draft.name.value(), None);
    draft
}

/// The template that an account names.
fn template_of<'f>(
    fields: &Fields<'_>,
    file: &'f FileDraft,
    reader: &mut Reader<'_>,
) -> Field<&'f TemplateDraft> {
    let (name, mark, origin) = match fields.get(&format::TEMPLATE, reader).given() {
        Ok(given) => given,
        Err(none) => return none,
    };
    let Some(templates) = &file.templates else {
        return Field::Lost;
    };
    if let Some(value) = templates.get(&name) {
        return Field::Is {
            value,
            mark,
            origin,
        };
    }
    let message = if mark.variable {
        "the variable names no template of this file".to_owned()
    } else {
        format!("no template of this file is named `{name}`")
    };
    let names: Vec<_> = templates
        .keys()
        .take(MAX_LISTED)
        .map(|name| format!("`{name}`"))
        .collect();
    let hint = if names.is_empty() {
        "declare it under `templates` in this file".to_owned()
    } else {
        format!("it has {}", names.join(", "))
    };
    reader.complain(
        Complaint::new(Code::InvalidValue, message).hint(Some(hint)),
        mark,
    );
    Field::Lost
}

/// The certificates of an account: those of its template, each with what the account says of the one
/// of that name, and the others that it declares. `None`: some of them are not known.
fn certificates(
    fields: &Fields<'_>,
    template: &Field<&TemplateDraft>,
    file: &FileDraft,
    account: Option<&Name>,
    reader: &mut Reader<'_>,
) -> Option<Vec<CertificateDraft>> {
    let below = template.value().copied();
    let own: Option<Vec<_>> = match fields.get(&format::CERTIFICATES, reader) {
        Field::Is { value, .. } => {
            let read = |fields| certificate(fields, account, below, &file.defaults, reader);
            Some(value.iter().map(read).collect())
        }
        Field::Absent => Some(Vec::new()),
        Field::Null | Field::Lost => None,
    };
    let before = reader.count();
    let mut certificates = own?;
    check::names_are_unique(&certificates, reader);
    match template {
        Field::Lost => return None,
        Field::Absent | Field::Null => {}
        Field::Is { value, .. } => {
            let below = value.certificates.as_ref()?;
            if certificates.is_empty() {
                // They were held against each other in the template.
                return Some(below.clone());
            }
            let own = certificates.iter().filter_map(|one| one.name.value());
            let changed: HashSet<usize> = own
                .filter_map(|name| value.by_name.get(name))
                .copied()
                .collect();
            let rest = below
                .iter()
                .enumerate()
                .filter(|(at, _)| !changed.contains(at));
            certificates.extend(rest.map(|(_, one)| one.clone()));
        }
    }
    check::together(&certificates, reader);
    reader.concern(before, account, None);
    Some(certificates)
}

/// Reads one certificate, with what it has from the template's one of that name or from `defaults`.
fn certificate(
    fields: &Fields<'_>,
    account: Option<&Name>,
    template: Option<&TemplateDraft>,
    defaults: &Layer,
    reader: &mut Reader<'_>,
) -> CertificateDraft {
    let before = reader.count();
    let name = fields.get(&format::NAME, reader);
    let own = CertificateDraft {
        mark: name.mark().unwrap_or(fields.mark),
        settings: Layer::read(fields, reader),
        import: fields.get(&format::IMPORT, reader),
        custom: custom::read(fields, reader),
        moved_from: fields.get(&format::MOVED_FROM, reader),
        name,
    };
    let below = own
        .name
        .value()
        .zip(template)
        .and_then(|(name, template)| template.get(name));
    let draft = match below {
        Some(below) => own.over(below),
        None => own.over_defaults(defaults),
    };
    check::certificate(&draft, reader);
    reader.concern(before, account, draft.name.value());
    draft
}
