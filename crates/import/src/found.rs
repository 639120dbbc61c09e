//! What exists in an account, whoever says so.

use certctl_model::{
    AccountId, BindingStatus, CertificateId, CertificateType, Fingerprint, InUse, Inspection, Name,
    Observed, RemoteCertificate, Timestamp, ValidityDays,
};

/// Who says what exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Cloudflare's API.
    Api,
    /// A Terraform state: what was so when Terraform last looked.
    Terraform,
}

/// What exists in one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The account.
    pub account_id: AccountId,
    /// What Cloudflare, or Terraform, calls the account; any text.
    pub label: Option<String>,
    /// Who says so.
    pub origin: Origin,
    /// The certificates, in any order.
    pub items: Vec<Item>,
}

/// One certificate that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its id.
    pub id: CertificateId,
    /// A name that somebody gave it, such as that of the Terraform resource.
    pub name: Option<Name>,
    /// Who made it.
    pub kind: CertificateType,
    /// Where Cloudflare's edge is with it; `None` where that is not known.
    pub status: Option<BindingStatus>,
    /// What is known of its use.
    pub usage: Usage,
    /// How many days it is valid, by the certificate itself; `None` where that is not known.
    pub days: Option<ValidityDays>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it expires.
    pub expires: Option<Timestamp>,
    /// The SHA-256 of its DER.
    pub fingerprint: Option<Fingerprint>,
    /// Why it fails verification, if it does.
    pub unsound: Option<String>,
}

/// Whether Gateway uses a certificate; in the order in which they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Usage {
    /// It does.
    InUse,
    /// One source says so and another does not.
    Disputed,
    /// It does not.
    NotInUse,
}

impl Found {
    /// What the API says; the configuration should have been read too, as the second witness of
    /// what is in use.
    #[must_use]
    pub fn observed(observed: &Observed, label: Option<String>) -> Self {
        let in_use = observed.in_use();
        let items = observed.certificates.iter();
        Self {
            account_id: observed.account_id.clone(),
            label,
            origin: Origin::Api,
            items: items
                .map(|remote| Item::observed(remote, usage(&in_use, &remote.id)))
                .collect(),
        }
    }
}

fn usage(in_use: &InUse, id: &CertificateId) -> Usage {
    match in_use {
        InUse::Certificate(used) if used == id => Usage::InUse,
        InUse::Disputed { listed, configured }
            if listed.contains(id) || configured.as_ref() == Some(id) =>
        {
            Usage::Disputed
        }
        _ => Usage::NotInUse,
    }
}

impl Item {
    fn observed(remote: &RemoteCertificate, usage: Usage) -> Self {
        let days = remote
            .facts()
            .and_then(|facts| u32::try_from(facts.days()).ok());
        Self {
            id: remote.id.clone(),
            name: None,
            kind: remote.kind.clone(),
            status: Some(remote.binding_status.clone()),
            usage,
            days: days.and_then(|days| ValidityDays::try_from(days).ok()),
            created: remote.created_at,
            expires: remote.expires(),
            fingerprint: remote.facts().map(|facts| facts.fingerprint),
            unsound: match &remote.inspection {
                Inspection::Sound(_) => None,
                Inspection::Unsound(why) => Some(why.clone()),
            },
        }
    }
}
