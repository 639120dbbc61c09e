//! From the tree of one file to drafts: typed, merged with the defaults, not yet compared.

mod policy;

use certctl_model::{Code, Name};

use crate::check;
use crate::complaint::Complaint;
use crate::draft::{AccountDraft, CertificateDraft, FileDraft};
use crate::fields::{Field, Fields};
use crate::format::{self, Document};
use crate::layer::Layer;
use crate::reader::Reader;
use crate::yaml::{Kind, Node};

/// Reads one file. `None`: it is no mapping at all.
pub(crate) fn file(root: &Node, reader: &mut Reader<'_>) -> Option<FileDraft> {
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
    let state = fields.get(&format::STATE, reader);
    let policy = match fields.get(&format::POLICY, reader) {
        Field::Is { value, mark, .. } => policy::read(&value, reader).map(|policy| (policy, mark)),
        _ => None,
    };
    let defaults = match fields.get(&format::DEFAULTS, reader) {
        Field::Is { value, .. } => Layer::read(&value, reader),
        Field::Lost => Layer::lost(),
        Field::Absent | Field::Null => Layer::empty(),
    };
    let mut accounts = Vec::new();
    if let Field::Is { value, .. } = fields.get(&format::ACCOUNTS, reader) {
        for fields in &value {
            accounts.push(account(fields, &defaults, reader));
        }
    }
    Some(FileDraft {
        name,
        state,
        policy,
        accounts,
    })
}

fn account(fields: &Fields<'_>, defaults: &Layer, reader: &mut Reader<'_>) -> AccountDraft {
    let before = reader.count();
    let name = fields.get(&format::ACCOUNT_NAME, reader);
    let account_id = fields.get(&format::ACCOUNT_ID, reader);
    let adopt = fields.get(&format::ADOPT, reader);
    let certificates = match fields.get(&format::CERTIFICATES, reader) {
        Field::Is { value, .. } => Some(
            value
                .iter()
                .map(|fields| certificate(fields, name.value(), defaults, reader))
                .collect(),
        ),
        _ => None,
    };
    let draft = AccountDraft {
        mark: name.mark().unwrap_or(fields.mark),
        name,
        account_id,
        adopt,
        certificates,
    };
    check::account(&draft, reader);
    reader.concern(before, draft.name.value(), None);
    draft
}

fn certificate(
    fields: &Fields<'_>,
    account: Option<&Name>,
    defaults: &Layer,
    reader: &mut Reader<'_>,
) -> CertificateDraft {
    let before = reader.count();
    let name = fields.get(&format::NAME, reader);
    let draft = CertificateDraft {
        mark: name.mark().unwrap_or(fields.mark),
        settings: Layer::read(fields, reader).over(defaults),
        import: fields.get(&format::IMPORT, reader),
        moved_from: fields.get(&format::MOVED_FROM, reader),
        name,
    };
    check::certificate(&draft, reader);
    reader.concern(before, account, draft.name.value());
    draft
}
