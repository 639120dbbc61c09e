//! Law 1: a create whose outcome is unknown is settled by looking.
//!
//! What is new since its intent, gateway-managed, of the right validity and of the right time, is
//! its certificate: if one fits, it is bound; if two fit, a person says which; if none fits, it is
//! waited for, and after the settle window nothing was made. An upload is known by its content, and sent
//! again.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{
    CertificateId, CertificateType, Code, Custom, Diagnostic, Intent, Mutation, Name, Note, Period,
    Reason, RemoteCertificate, Timestamp, ValidityDays,
};
use certctl_spec::Import;
use jiff::SignedDuration;

use crate::certificate::is_custom;
use crate::facts::Facts;
use crate::noted::Noted;
use crate::open_create::OpenCreate;
use certctl_plan::ChangeKind;

/// How late a create may take effect, and how far apart two clocks are when creation times are
/// compared.
const TIME_WINDOW: Period = Period::HOUR;

/// Settles the open create, if there is one.
pub(super) fn settle(
    facts: &mut Facts<'_>,
    addresses: &mut BTreeMap<Name, Noted>,
) -> Option<OpenCreate> {
    let intent = facts.state.open_create()?.clone();
    let (certificate, role) = intent.mutation.makes()?;
    let noted = addresses.get_mut(certificate)?;
    let open = |until| {
        let certificate = certificate.clone();
        Some(OpenCreate {
            certificate,
            role,
            uploads: matches!(intent.mutation, Mutation::Upload { .. }),
            until,
        })
    };
    let found = made_by(facts, &intent);
    let declared = facts.account.certificate(certificate);
    let imported = match declared.and_then(|declared| declared.import.as_ref()) {
        Some(Import::Id(id)) => found.iter().find(|found| *found == id),
        Some(Import::None) | None => None,
    };
    match (imported, found.as_slice()) {
        (Some(id), _) | (None, [id]) => {
            if bind(facts, noted, certificate, id) {
                return None;
            }
            let what = format!(
                "a create had an unknown outcome; {id} fits it, but its place is taken: {} holds a {} already",
                noted.address,
                role.as_str()
            );
            ask(facts, noted, what, &found);
            open(None)
        }
        (None, []) => {
            // The same content is stored once: it is sent again, and the store knows whether it is there.
            let uploads = matches!(intent.mutation, Mutation::Upload { .. });
            let again = uploads && !facts.options.is_unattended();
            let until = facts.may_show_until(&intent.sent());
            if let Some(until) = until.filter(|_| !again) {
                return open(Some(until));
            }
            facts.note(noted, Note::Abandon(intent.mutation.clone()));
            None
        }
        (None, several) => {
            let what = format!(
                "a create had an unknown outcome, and {} new certificates fit it: {}",
                several.len(),
                list(several)
            );
            ask(facts, noted, what, several);
            open(None)
        }
    }
}

/// Reports what shows up although its create was given up: within a day of it, it is probably ours,
/// and only a person can say.
pub(super) fn report_late(facts: &mut Facts<'_>) {
    for intent in facts.state.abandoned.clone() {
        let Some((certificate, _)) = intent.mutation.makes() else {
            continue;
        };
        let address = facts.address(certificate);
        for id in made_by(facts, &intent) {
            let (what, declare) = match is_custom(facts, &id) {
                true => ("an upload", format!("`custom: {{ id: {id} }}`")),
                false => ("a create", format!("`import: {id}`")),
            };
            let at = intent.at;
            let message = format!("{id} is probably what {what} of unknown outcome made, at {at}");
            let hint = format!(
                "delete it in the dashboard if nothing needs it; or declare it, with {declare}"
            );
            let diagnostic = Diagnostic::warning(Code::ProbablyOurs, message).hint(hint);
            facts.says.push(diagnostic.address(&address));
        }
    }
}

/// What the creates of unknown outcome may have made, open and given up.
pub(super) fn candidates_of_creates(facts: &Facts<'_>) -> Vec<CertificateId> {
    let intents = facts.state.open_create().into_iter();
    intents
        .chain(&facts.state.abandoned)
        .flat_map(|intent| made_by(facts, intent))
        .collect()
}

/// What this create or upload may have made.
fn made_by(facts: &Facts<'_>, intent: &Intent) -> Vec<CertificateId> {
    match &intent.mutation {
        Mutation::Create { days, known, .. } => candidates(facts, intent, *days, known),
        Mutation::Upload { content, .. } => {
            let is_it = |remote: &&RemoteCertificate| {
                Custom::Own(*content).is(remote) && facts.state.binding(&remote.id).is_none()
            };
            let certificates = facts.observed.certificates.iter();
            certificates.filter(is_it).map(|c| c.id.clone()).collect()
        }
        _ => Vec::new(),
    }
}

/// What the certificate of this create may be.
fn candidates(
    facts: &Facts<'_>,
    intent: &Intent,
    days: ValidityDays,
    known: &BTreeSet<CertificateId>,
) -> Vec<CertificateId> {
    let fits = |remote: &&RemoteCertificate| {
        remote.kind == CertificateType::GatewayManaged
            && !known.contains(&remote.id)
            && facts.state.binding(&remote.id).is_none()
            && was_made_then(facts, intent, remote)
            // One that cannot be read cannot be ruled out; it is bound, and never set in use.
            && remote.facts().is_none_or(|f| (f.days() - i64::from(days.days())).abs() <= 1)
    };
    let certificates = facts.observed.certificates.iter();
    let mut found: Vec<CertificateId> = certificates.filter(fits).map(|c| c.id.clone()).collect();
    found.sort();
    found
}

/// Whether its creation time allows that this intent made it. The intent has the planner's clock,
/// which may be wrong as much now as it was then; where the API's clock is not known (a pinned clock
/// is no clock), times say nothing, and being new has to do.
fn was_made_then(facts: &Facts<'_>, intent: &Intent, remote: &RemoteCertificate) -> bool {
    let (Some(made), Some(date)) = (remote.created_at, facts.observed.date) else {
        return true;
    };
    let skew = date.duration_since(facts.now);
    let near = |at: Timestamp| {
        let apart: SignedDuration = made.duration_since(at);
        apart.abs().as_secs() <= TIME_WINDOW.as_seconds()
    };
    near(intent.at) || intent.at.checked_add(skew).is_ok_and(near)
}

fn bind(facts: &mut Facts<'_>, noted: &mut Noted, certificate: &Name, id: &CertificateId) -> bool {
    let (certificate, made) = (certificate.clone(), id.clone());
    let bound = facts.note(
        noted,
        Note::Created {
            certificate,
            id: made,
        },
    );
    if bound {
        let message = match is_custom(facts, id) {
            true => format!("the upload of unknown outcome stored {id}"),
            false => format!("the create of unknown outcome made {id}"),
        };
        noted.say(ChangeKind::Adopt, Reason::Settled, message);
        noted.adopts = Some(id.clone());
    }
    bound
}

fn ask(facts: &mut Facts<'_>, noted: &Noted, what: String, found: &[CertificateId]) {
    let id = found.first().map_or("ID", CertificateId::as_str);
    let hint = format!(
        "say which one it is: `import: {id}` in the spec, or `certctl state settle {} {id}`",
        noted.address
    );
    let diagnostic = Diagnostic::error(Code::AmbiguousCreate, what).hint(hint);
    facts.report(noted, diagnostic);
}

fn list(ids: &[CertificateId]) -> String {
    let ids: Vec<&str> = ids.iter().map(CertificateId::as_str).collect();
    ids.join(", ")
}
