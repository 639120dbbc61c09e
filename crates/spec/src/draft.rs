//! What can be said of a file, an account or a certificate even where something in it is wrong or
//! unknown, so that everything else about it can still be checked.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use certctl_model::{AccountId, CertificateId, Custom, Name, Place};

use crate::fields::{Field, Origin};
use crate::layer::Layer;
use crate::own::Own;
use crate::policy::Policy;
use crate::spec::{Account, Adopt, Certificate, Import, StateLocation};
use crate::token::Token;
use crate::yaml::Mark;

/// What one file says, but for its accounts.
#[derive(Debug)]
pub(crate) struct FileDraft {
    pub(crate) name: Field<Name>,
    pub(crate) state: Field<StateLocation>,
    /// With where it stands; `None`: absent, or not known.
    pub(crate) policy: Option<(Policy, Mark)>,
    pub(crate) token: Field<Token>,
    pub(crate) defaults: Layer,
    /// `None`: not known.
    pub(crate) templates: Option<BTreeMap<Name, TemplateDraft>>,
    /// The table of more accounts, as it is named.
    pub(crate) table: Field<String>,
}

/// What several accounts have in common.
#[derive(Debug)]
pub(crate) struct TemplateDraft {
    pub(crate) adopt: Field<Adopt>,
    pub(crate) token: Field<Token>,
    /// `None`: the list itself is unknown.
    pub(crate) certificates: Option<Vec<CertificateDraft>>,
    /// Where each name stands in the list.
    pub(crate) by_name: HashMap<Name, usize>,
}

/// One account, as far as it is known.
#[derive(Debug)]
pub(crate) struct AccountDraft {
    pub(crate) name: Field<Name>,
    pub(crate) account_id: Field<AccountId>,
    pub(crate) adopt: Field<Adopt>,
    pub(crate) token: Field<Token>,
    pub(crate) labels: Field<BTreeMap<String, String>>,
    pub(crate) suspended: Field<bool>,
    /// `None`: the list itself is unknown.
    pub(crate) certificates: Option<Vec<CertificateDraft>>,
    pub(crate) mark: Mark,
}

/// One certificate, as far as it is known.
#[derive(Debug, Clone)]
pub(crate) struct CertificateDraft {
    pub(crate) name: Field<Name>,
    pub(crate) settings: Layer,
    pub(crate) import: Field<Import>,
    pub(crate) custom: Field<CustomDraft>,
    pub(crate) moved_from: Field<Name>,
    pub(crate) mark: Mark,
}

/// Which custom certificate a certificate is.
#[derive(Debug, Clone)]
pub(crate) enum CustomDraft {
    /// One that somebody uploaded.
    Id(CertificateId),
    /// One that certctl uploads.
    Own(Arc<Own>),
}

impl TemplateDraft {
    /// The certificate of this name.
    pub(crate) fn get(&self, name: &Name) -> Option<&CertificateDraft> {
        self.certificates.as_ref()?.get(*self.by_name.get(name)?)
    }
}

impl AccountDraft {
    /// The account, if all of it is known.
    pub(crate) fn finish(&self, place: &dyn Fn(Mark) -> Place) -> Option<Account> {
        let drafts = self.certificates.as_ref()?.iter();
        let mut certificates: Vec<_> = drafts
            .map(|draft| draft.finish(place))
            .collect::<Option<_>>()?;
        certificates.sort_by(|a, b| a.name.cmp(&b.name));
        certificates.shrink_to_fit();
        Some(Account {
            name: self.name.value()?.clone(),
            account_id: self.account_id.value()?.clone(),
            adopt: self.adopt.known()?.unwrap_or_default(),
            token: self.token.clone().known()?,
            labels: self.labels.clone().known()?.unwrap_or_default(),
            suspended: self.suspended.known()?.unwrap_or(false),
            certificates,
            place: place(self.mark),
        })
    }
}

impl CertificateDraft {
    /// What an account says of a certificate, with what it leaves out from its template.
    pub(crate) fn over(self, template: &Self) -> Self {
        Self {
            name: self.name,
            settings: self.settings.over(&template.settings, Origin::Template),
            import: self.import.over(&template.import, Origin::Template),
            custom: self.custom.over(&template.custom, Origin::Template),
            moved_from: self.moved_from.over(&template.moved_from, Origin::Template),
            mark: self.mark,
        }
    }

    /// The same, with what it leaves out from `defaults`.
    pub(crate) fn over_defaults(self, defaults: &Layer) -> Self {
        Self {
            settings: self.settings.over(defaults, Origin::Defaults),
            ..self
        }
    }

    fn finish(&self, place: &dyn Fn(Mark) -> Place) -> Option<Certificate> {
        let settings = &self.settings;
        let in_use = settings.in_use.known()?;
        let activate = settings.activate.known()?;
        let (custom, own) = match self.custom.clone().known()? {
            Some(CustomDraft::Id(id)) => (Some(Custom::Id(id)), None),
            Some(CustomDraft::Own(own)) => (Some(Custom::Own(own.ca.facts.content())), Some(own)),
            None => (None, None),
        };
        Some(Certificate {
            name: self.name.value()?.clone(),
            // What `defaults` say of a validity is of what Cloudflare issues.
            validity_period_days: settings.validity.known()?.filter(|_| custom.is_none()),
            activate: if in_use == Some(true) {
                Some(true)
            } else {
                activate
            },
            in_use,
            rotation: settings.rotation()?,
            lifecycle: settings.lifecycle()?,
            import: self.import.clone().known()?,
            custom,
            own,
            moved_from: self.moved_from.clone().known()?,
            place: place(self.mark),
            import_place: place(self.import.mark().unwrap_or(self.mark)),
            custom_place: place(self.custom.mark().unwrap_or(self.mark)),
            moved_from_place: place(self.moved_from.mark().unwrap_or(self.mark)),
        })
    }
}
