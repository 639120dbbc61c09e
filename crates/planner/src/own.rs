//! A custom certificate, by what the spec says of it: an id, or the content of a CA that certctl uploads.

use certctl_model::{CertificateId, Code, Custom, Diagnostic, Role, Timestamp, ValidityDays};
use certctl_plan::{Operation, Step};
use certctl_spec::{Certificate, Own};

use crate::facts::Facts;

/// The CA that is uploaded for this address where it is not in the account: the one that is declared, as
/// long as that is the one to plan with.
pub(crate) fn own(declared: &Certificate) -> Option<&Own> {
    let own = declared.own.as_deref()?;
    let content = Custom::Own(own.ca.facts.content());
    (declared.custom.as_ref() == Some(&content)).then_some(own)
}

/// Its upload, in this role.
pub(crate) fn upload(own: &Own, role: Role) -> Operation {
    Operation::Upload {
        role,
        ca: Box::new(own.ca.facts.clone()),
    }
}

/// Whether nobody but its owner makes a certificate of this address.
pub(crate) fn is_made_by_its_owner(declared: &Certificate) -> bool {
    declared.custom.is_some() && own(declared).is_none()
}

/// The certificate of the account that is the custom one; of a CA to upload none, while it is not there.
pub(crate) fn named(facts: &Facts<'_>, custom: &Custom) -> Option<CertificateId> {
    match custom {
        Custom::Id(id) => Some(id.clone()),
        Custom::Own(_) => {
            let mut certificates = facts.observed.certificates.iter();
            certificates
                .find(|remote| custom.is(remote))
                .map(|remote| remote.id.clone())
        }
    }
}

/// Whether a certificate is another one than the spec says. Of one that cannot be read nobody knows.
pub(crate) fn is_another(facts: &Facts<'_>, custom: &Custom, id: &CertificateId) -> bool {
    match custom {
        Custom::Id(named) => named != id,
        Custom::Own(_) => facts
            .remote(id)
            .is_some_and(|remote| remote.facts().is_some() && !custom.is(remote)),
    }
}

/// Why it is not uploaded now, as an error.
pub(crate) fn unfit(own: &Own, declared: &Certificate, now: Timestamp) -> Option<Diagnostic> {
    let why = own.ca.is_valid_at(now).err()?;
    let message = format!("{} is not uploaded: {why}", own.file);
    let diagnostic = Diagnostic::error(Code::CustomUnfit, message).hint(
        "have its owner make one that is valid now, and write its file at `custom.certificate`",
    );
    Some(diagnostic.at(Some(declared.custom_place.clone())))
}

/// For how long what a step makes is valid, in whole days.
pub(crate) fn days_made(step: &Step) -> Option<ValidityDays> {
    match &step.operation {
        Operation::Create { days, .. } => Some(*days),
        Operation::Upload { ca, .. } => u32::try_from(ca.days()).ok()?.try_into().ok(),
        _ => None,
    }
}
