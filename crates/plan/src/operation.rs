//! What a step does, with all that this needs: a create knows what it makes, and what is taken away is
//! known by its id.

pub use certctl_model::Action;
use certctl_model::{CaFacts, CertificateId, Mutation, Name, Role, ValidityDays};
use serde::{Deserialize, Serialize};

/// One API call, or one write of the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Remembers facts.
    Record,
    /// Takes over a certificate; none where nobody knows yet what a create made.
    Adopt(Option<CertificateId>),
    /// Drops the address, or this one of its certificates.
    Forget(Option<CertificateId>),
    /// Makes a certificate.
    Create {
        /// Its role at the address.
        role: Role,
        /// For how long it is valid, in days.
        days: ValidityDays,
    },
    /// Uploads the CA that the spec gives for the address.
    Upload {
        /// Its role at the address.
        role: Role,
        /// What is known of it before it is there.
        ca: Box<CaFacts>,
    },
    /// Brings it to the edge; none for the one that the change makes.
    Activate(Option<CertificateId>),
    /// Lets Gateway use it; none for the one that the change makes.
    SetInUse(Option<CertificateId>),
    /// Takes it from the edge.
    Deactivate(CertificateId),
    /// Removes it.
    Delete(CertificateId),
}

impl Operation {
    /// Its verb.
    #[must_use]
    pub fn action(&self) -> Action {
        match self {
            Self::Record => Action::Record,
            Self::Adopt(_) => Action::Adopt,
            Self::Forget(_) => Action::Forget,
            Self::Create { .. } => Action::Create,
            Self::Upload { .. } => Action::Upload,
            Self::Activate(_) => Action::Activate,
            Self::SetInUse(_) => Action::SetInUse,
            Self::Deactivate(_) => Action::Deactivate,
            Self::Delete(_) => Action::Delete,
        }
    }

    /// The certificate that it is about, where that exists and is known.
    #[must_use]
    pub fn certificate_id(&self) -> Option<&CertificateId> {
        match self {
            Self::Record | Self::Create { .. } | Self::Upload { .. } => None,
            Self::Adopt(id) | Self::Forget(id) | Self::Activate(id) | Self::SetInUse(id) => {
                id.as_ref()
            }
            Self::Deactivate(id) | Self::Delete(id) => Some(id),
        }
    }

    /// The role of the certificate that it makes; none where it makes none.
    #[must_use]
    pub fn makes(&self) -> Option<Role> {
        match self {
            Self::Create { role, .. } | Self::Upload { role, .. } => Some(*role),
            _ => None,
        }
    }

    /// For how long Cloudflare is asked to issue a certificate, in days.
    #[must_use]
    pub fn days(&self) -> Option<ValidityDays> {
        match self {
            Self::Create { days, .. } => Some(*days),
            _ => None,
        }
    }

    /// Its place in the order in which a run does what is due. Facts come first, for everything else is
    /// decided from them. Then what makes a certificate available or used, for nothing is taken away
    /// before its successor serves; a certificate that exists is brought up before another one is made.
    /// What takes something away comes last, and is deactivated before it is deleted.
    #[must_use]
    pub fn order(&self) -> u8 {
        match self {
            Self::Record => 0,
            Self::Adopt(_) => 1,
            Self::Forget(_) => 2,
            Self::Activate(_) => 3,
            Self::SetInUse(_) => 4,
            Self::Upload { .. } => 5,
            Self::Create { .. } => 6,
            Self::Deactivate(_) => 7,
            Self::Delete(_) => 8,
        }
    }

    /// The request that it is, as it is written down before it leaves; none for a write of the state, and
    /// while the certificate that it is about is yet to be made. `known` are the ids that the account has.
    #[must_use]
    pub fn mutation(
        &self,
        certificate: &Name,
        known: impl IntoIterator<Item = CertificateId>,
    ) -> Option<Mutation> {
        Some(match self.clone() {
            Self::Record | Self::Adopt(_) | Self::Forget(_) => return None,
            Self::Create { role, days } => Mutation::Create {
                certificate: certificate.clone(),
                role,
                days,
                known: known.into_iter().collect(),
            },
            Self::Upload { role, ca } => Mutation::Upload {
                certificate: certificate.clone(),
                role,
                content: ca.content(),
            },
            Self::Activate(id) => Mutation::Activate { id: id? },
            Self::SetInUse(id) => Mutation::SetInUse { id: id? },
            Self::Deactivate(id) => Mutation::Deactivate { id },
            Self::Delete(id) => Mutation::Delete { id },
        })
    }
}

/// How it stands in a document.
#[derive(Serialize, Deserialize)]
pub(crate) struct Written {
    action: Action,
    certificate_id: Option<CertificateId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    validity_period_days: Option<ValidityDays>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ca: Option<Box<CaFacts>>,
}

impl From<Operation> for Written {
    fn from(operation: Operation) -> Self {
        Self {
            action: operation.action(),
            certificate_id: operation.certificate_id().cloned(),
            role: operation.makes(),
            validity_period_days: operation.days(),
            ca: match operation {
                Operation::Upload { ca, .. } => Some(ca),
                _ => None,
            },
        }
    }
}

impl TryFrom<Written> for Operation {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let id = written.certificate_id;
        let gone = "a step that takes a certificate away does not say which";
        Ok(match written.action {
            Action::Record => Self::Record,
            Action::Adopt => Self::Adopt(id),
            Action::Forget => Self::Forget(id),
            Action::Create => {
                let makes = written.role.zip(written.validity_period_days);
                let (role, days) = makes.ok_or("a create does not say what it makes")?;
                Self::Create { role, days }
            }
            Action::Upload => {
                let makes = written.role.zip(written.ca);
                let (role, ca) = makes.ok_or("an upload does not say what it makes")?;
                Self::Upload { role, ca }
            }
            Action::Activate => Self::Activate(id),
            Action::SetInUse => Self::SetInUse(id),
            Action::Deactivate => Self::Deactivate(id.ok_or(gone)?),
            Action::Delete => Self::Delete(id.ok_or(gone)?),
        })
    }
}
