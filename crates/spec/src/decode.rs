//! From the tree of one file to drafts: typed, merged with the defaults, not yet compared.
//!
//! A draft is what can be said of an account or a certificate even where something in it is wrong
//! or unknown, so that everything else about it can still be checked.

use certctl_model::{AccountId, Code, Name, Place};

use crate::fields::{Field, Fields};
use crate::format::{self, Document};
use crate::layer::Layer;
use crate::reader::Reader;
use crate::value::Complaint;
use crate::yaml::{Kind, Mark, Node};
use crate::{Account, Adopt, Certificate, Import, Policy, check};

/// What one file says.
#[derive(Debug)]
pub(crate) struct FileDraft {
    pub(crate) name: Field<Name>,
    pub(crate) state: Field<String>,
    /// With where it stands; `None`: absent, or not known.
    pub(crate) policy: Option<(Policy, Mark)>,
    pub(crate) accounts: Vec<AccountDraft>,
}

/// One account, as far as it is known.
#[derive(Debug)]
pub(crate) struct AccountDraft {
    pub(crate) name: Field<Name>,
    pub(crate) account_id: Field<AccountId>,
    pub(crate) adopt: Field<Adopt>,
    /// `None`: the list itself is unknown.
    pub(crate) certificates: Option<Vec<CertificateDraft>>,
    pub(crate) mark: Mark,
}

/// One certificate, as far as it is known.
#[derive(Debug)]
pub(crate) struct CertificateDraft {
    pub(crate) name: Field<Name>,
    pub(crate) settings: Layer,
    pub(crate) import: Field<Import>,
    pub(crate) moved_from: Field<Name>,
    pub(crate) mark: Mark,
}

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
        Field::Is { value, mark, .. } => Policy::read(&value, reader).map(|policy| (policy, mark)),
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

impl AccountDraft {
    /// The account, if all of it is known.
    pub(crate) fn finish(&self, place: &dyn Fn(Mark) -> Place) -> Option<Account> {
        let drafts = self.certificates.as_ref()?.iter();
        let mut certificates: Vec<_> = drafts
            .map(|draft| draft.finish(place))
            .collect::<Option<_>>()?;
        certificates.sort_by(|a, b| a.name.cmp(&b.name));
        Some(Account {
            name: self.name.value()?.clone(),
            account_id: self.account_id.value()?.clone(),
            adopt: self.adopt.known()?.unwrap_or_default(),
            certificates,
            place: place(self.mark),
        })
    }
}

impl CertificateDraft {
    fn finish(&self, place: &dyn Fn(Mark) -> Place) -> Option<Certificate> {
        let settings = &self.settings;
        let in_use = settings.in_use.known()?;
        let activate = settings.activate.known()?;
        Some(Certificate {
            name: self.name.value()?.clone(),
            validity_period_days: settings.validity.known()?,
            activate: if in_use == Some(true) {
                Some(true)
            } else {
                activate
            },
            in_use,
            rotation: settings.rotation()?,
            lifecycle: settings.lifecycle()?,
            import: self.import.clone().known()?,
            moved_from: self.moved_from.clone().known()?,
            place: place(self.mark),
            import_place: place(self.import.mark().unwrap_or(self.mark)),
            moved_from_place: place(self.moved_from.mark().unwrap_or(self.mark)),
        })
    }
}
