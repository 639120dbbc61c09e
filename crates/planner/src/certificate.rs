//! All that is asked about one certificate: whether it is what it should be, whether Gateway could use
//! it, whether a person holds it, and what is said where it is not.

use certctl_model::{
    Binding, BindingStatus, CertificateId, CertificateType, Code, Diagnostic, Hold, InUse,
    Inspection, Origin, Period, RemoteCertificate, ValidityDays,
};

use crate::decision::Decision;
use crate::facts::Facts;
use crate::place::Place;

/// Whether it may be set in use. What stands against it becomes a diagnostic: an error, or a warning
/// where it is on its way out anyway.
pub(crate) fn verify(
    place: &Place<'_>,
    decision: &mut Decision,
    binding: &Binding,
    remote: &RemoteCertificate,
    leaving: bool,
) -> bool {
    let Err(fault) = judge(binding, remote) else {
        return true;
    };
    let diagnostic = match fault {
        Fault::OffByOne(message) => Diagnostic::warning(Code::ValidityOffByOne, message),
        Fault::Failed(message) if leaving => Diagnostic::warning(Code::VerificationFailed, message),
        Fault::Failed(message) => {
            decision.stopped = true;
            Diagnostic::error(Code::VerificationFailed, message).hint(format!(
                "do not install it anywhere; look at it in the dashboard, then `--replace {}`",
                place.address
            ))
        }
    };
    let verified = diagnostic.code == Code::ValidityOffByOne;
    decision.report(place, diagnostic);
    verified
}

/// Whether it is what the API says it is, and what was asked.
pub(crate) fn is_verified(binding: &Binding, remote: &RemoteCertificate) -> bool {
    !matches!(judge(binding, remote), Err(Fault::Failed(_)))
}

enum Fault {
    OffByOne(String),
    Failed(String),
}

fn judge(binding: &Binding, remote: &RemoteCertificate) -> Result<(), Fault> {
    let facts = match &remote.inspection {
        Inspection::Sound(facts) => facts,
        Inspection::Unsound(why) => {
            return Err(Fault::Failed(format!(
                "{} fails verification: {why}",
                remote.id
            )));
        }
    };
    let Some(asked) = binding.days else {
        return Ok(());
    };
    let (asked, issued) = (i64::from(asked.days()), facts.days());
    match (asked - issued).abs() {
        0 => Ok(()),
        1 => Err(Fault::OffByOne(format!(
            "{} was issued for {issued} days, a day off the {asked} that were asked",
            remote.id
        ))),
        _ => Err(Fault::Failed(format!(
            "{} fails verification: it was issued for {issued} days, not for the {asked} that were asked",
            remote.id
        ))),
    }
}

/// Whether a certificate is sound, whoever made it: available, valid now by either clock, verified.
pub(crate) fn is_sound(facts: &Facts<'_>, remote: &RemoteCertificate) -> bool {
    let bound = facts.state.binding(&remote.id);
    remote.binding_status == BindingStatus::Available
        && remote.facts().is_some()
        && bound.is_none_or(|(_, binding)| is_verified(binding, remote))
        && !facts.may_have_expired(remote)
        && facts.valid_from(remote).is_none()
}

/// Whether Gateway could use this certificate of ours right now.
pub(crate) fn can_be_used(facts: &Facts<'_>, binding: &Binding) -> bool {
    let fits =
        |remote: &RemoteCertificate| is_sound(facts, remote) && not_ours_to_touch(remote).is_none();
    !binding.compromised && facts.remote(&binding.id).is_some_and(fits)
}

/// What Gateway uses although it is not sound: none where it is, where nobody can say, and where both
/// witnesses agree that nothing is in use.
pub(crate) fn unsound_in_use(facts: &Facts<'_>) -> Option<CertificateId> {
    let InUse::Certificate(used) = facts.in_use() else {
        return None;
    };
    let sound = facts
        .remote(used)
        .is_some_and(|remote| is_sound(facts, remote));
    (!sound).then(|| used.clone())
}

/// Whether a person holds the switch to this successor.
pub(crate) fn is_held(successor: &Binding) -> bool {
    successor.hold == Some(Hold::Held)
}

/// That a certificate has expired, as an error.
pub(crate) fn expired(place: &Place<'_>, id: &CertificateId, what: &str) -> Diagnostic {
    Diagnostic::error(Code::Expired, format!("{id} {what}")).hint(format!(
        "`--replace {}`, or declare `rotation.renew_before`",
        place.address
    ))
}

/// What is bound, and yet nothing that certctl understands: a status or a type that it does not
/// know. It is shown and left alone.
pub(crate) fn not_ours_to_touch(remote: &RemoteCertificate) -> Option<Diagnostic> {
    let (id, hint) = (
        &remote.id,
        "look at it in the dashboard; a newer certctl may know it",
    );
    if let CertificateType::Unknown(kind) = &remote.kind {
        let message =
            format!("{id} is of type `{kind}`, which certctl does not know; it is left alone");
        return Some(Diagnostic::warning(Code::UnknownType, message).hint(hint));
    }
    match &remote.binding_status {
        BindingStatus::Unknown(status) => {
            let message = format!(
                "{id} has the status `{status}`, which certctl does not know; it is left alone"
            );
            Some(Diagnostic::warning(Code::UnknownStatus, message).hint(hint))
        }
        _ => None,
    }
}

/// Whether it is custom and certctl did not upload it: then only its owner deactivates or deletes it.
pub(crate) fn is_its_owners(facts: &Facts<'_>, id: &CertificateId) -> bool {
    let bound = facts.state.binding(id);
    let ours = bound.is_some_and(|(_, binding)| binding.origin == Origin::Uploaded);
    is_custom(facts, id) && !ours
}

/// Whether Cloudflare did not issue it, whoever uploaded it.
pub(crate) fn is_custom(facts: &Facts<'_>, id: &CertificateId) -> bool {
    facts
        .remote(id)
        .is_some_and(|remote| remote.kind == CertificateType::Custom)
}

/// Pending states are progress; after an hour they are an error (law 12), though nothing is stopped.
pub(crate) fn pending_long(
    facts: &Facts<'_>,
    binding: &Binding,
    remote: &RemoteCertificate,
) -> Option<Diagnostic> {
    let since = binding
        .pending_since
        .filter(|_| remote.binding_status.is_pending())?;
    (Period::between(since, facts.now) > Period::HOUR).then(|| {
        let message = format!(
            "{} has been {} since {since}",
            binding.id, remote.binding_status
        );
        Diagnostic::error(Code::PendingLong, message)
            .hint("Cloudflare usually needs seconds; ask its support when this does not end")
            .blocks_nothing()
    })
}

/// The validity that the certificate itself shows, in days.
pub(crate) fn issued_days(remote: &RemoteCertificate) -> Option<ValidityDays> {
    let days = remote.facts()?.days();
    u32::try_from(days)
        .ok()
        .and_then(|days| ValidityDays::try_from(days).ok())
}

/// Whether its validity is another than this one: than what was asked, or for what was adopted, than
/// what it shows, up to leap days.
pub(crate) fn is_of_other_days(facts: &Facts<'_>, binding: &Binding, wants: ValidityDays) -> bool {
    match binding.days {
        Some(asked) => asked != wants,
        None => {
            let shown = facts.remote(&binding.id).and_then(RemoteCertificate::facts);
            shown.is_some_and(|shown| !shown.is_valid_for(wants))
        }
    }
}

/// How long it is valid: as it was asked, else as it shows.
pub(crate) fn days_of(facts: &Facts<'_>, binding: &Binding) -> Option<ValidityDays> {
    binding
        .days
        .or_else(|| issued_days(facts.remote(&binding.id)?))
}

/// Whether it is at the edge, or on its way there.
pub(crate) fn is_active(remote: &RemoteCertificate) -> bool {
    matches!(
        remote.binding_status,
        BindingStatus::Available | BindingStatus::PendingDeployment
    )
}
