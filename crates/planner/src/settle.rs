//! Law 1: a create whose outcome is unknown is settled by looking.
//!
//! What is new since its intent, gateway-managed, of the right validity and of the right time, is
//! its certificate: if one fits, it is bound; if two fit, a person says which; if none fits, it is
//! waited for, and after the settle window nothing was made.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{
    CertificateId, CertificateType, Code, Diagnostic, Intent, Mutation, Name, Note, Period, Reason,
    RemoteCertificate, Role, Timestamp, ValidityDays,
};
use certctl_spec::Import;
use jiff::SignedDuration;

use crate::context::Context;
use crate::draft::{Draft, Lane};
use certctl_plan::{Action, ChangeKind, Step, WaitFor};

/// How late a create may take effect, and how far apart two clocks are when creation times are
/// compared.
const TIME_WINDOW: Period = Period::HOUR;

/// An open create that could not be settled yet.
pub(crate) struct Open {
    pub(crate) certificate: Name,
    role: Role,
    /// Until when its certificate may still appear; none where a person must decide.
    pub(crate) until: Option<Timestamp>,
}

/// Settles the open create, if there is one.
pub(crate) fn settle(
    context: &mut Context<'_>,
    drafts: &mut BTreeMap<Name, Draft>,
) -> Option<Open> {
    let intent = context.state.open_create()?.clone();
    let Mutation::Create {
        certificate,
        role,
        days,
        known,
    } = &intent.mutation
    else {
        return None;
    };
    let draft = drafts.get_mut(certificate)?;
    let open = |until| {
        let (certificate, role) = (certificate.clone(), *role);
        Some(Open {
            certificate,
            role,
            until,
        })
    };
    let found = candidates(context, &intent, *days, known);
    let declared = context.account.certificate(certificate);
    let imported = match declared.and_then(|declared| declared.import.as_ref()) {
        Some(Import::Id(id)) => found.iter().find(|found| *found == id),
        Some(Import::None) | None => None,
    };
    match (imported, found.as_slice()) {
        (Some(id), _) | (None, [id]) => {
            if bind(context, draft, certificate, id) {
                return None;
            }
            let what = format!(
                "a create had an unknown outcome; {id} fits it, but its place is taken: {} holds a {} already",
                draft.address,
                role.as_str()
            );
            ask(context, draft, what, &found);
            open(None)
        }
        (None, []) => {
            if let Some(until) = context.may_show_until(intent.sent_at, intent.at) {
                return open(Some(until));
            }
            context.note(draft, Note::Abandon(intent.mutation.clone()));
            None
        }
        (None, several) => {
            let what = format!(
                "a create had an unknown outcome, and {} new certificates fit it: {}",
                several.len(),
                list(several)
            );
            ask(context, draft, what, several);
            open(None)
        }
    }
}

/// Reports what shows up although its create was given up: within a day of it, it is probably ours,
/// and only a person can say.
pub(crate) fn report_late(context: &mut Context<'_>) {
    for intent in context.state.abandoned.clone() {
        let Mutation::Create {
            certificate,
            days,
            known,
            ..
        } = &intent.mutation
        else {
            continue;
        };
        let address = context.address(certificate);
        for id in candidates(context, &intent, *days, known) {
            let diagnostic = Diagnostic::warning(
                Code::ProbablyOurs,
                format!(
                    "{id} is probably what a create of unknown outcome made, at {}",
                    intent.at
                ),
            )
            .hint(format!(
                "delete it in the dashboard if nothing needs it; or declare it, with `import: {id}`"
            ));
            context.diagnostics.push(diagnostic.address(&address));
        }
    }
}

/// What the certificate of this create may be.
fn candidates(
    context: &Context<'_>,
    intent: &Intent,
    days: ValidityDays,
    known: &BTreeSet<CertificateId>,
) -> Vec<CertificateId> {
    let fits = |remote: &&RemoteCertificate| {
        remote.kind == CertificateType::GatewayManaged
            && !known.contains(&remote.id)
            && context.state.binding(&remote.id).is_none()
            && was_made_then(context, intent, remote)
            // One that cannot be read cannot be ruled out; it is bound, and never set in use.
            && remote.facts().is_none_or(|f| (f.days() - i64::from(days.days())).abs() <= 1)
    };
    let certificates = context.observed.certificates.iter();
    let mut found: Vec<CertificateId> = certificates.filter(fits).map(|c| c.id.clone()).collect();
    found.sort();
    found
}

/// Whether its creation time allows that this intent made it. The intent has the planner's clock,
/// which may be wrong as much now as it was then; where the API's clock is not known (a pinned clock
/// is no clock), times say nothing, and being new has to do.
fn was_made_then(context: &Context<'_>, intent: &Intent, remote: &RemoteCertificate) -> bool {
    let (Some(made), Some(date)) = (remote.created_at, context.observed.date) else {
        return true;
    };
    let skew = date.duration_since(context.now);
    let near = |at: Timestamp| {
        let apart: SignedDuration = made.duration_since(at);
        apart.abs().as_secs() <= TIME_WINDOW.as_seconds()
    };
    near(intent.at) || intent.at.checked_add(skew).is_ok_and(near)
}

fn bind(
    context: &mut Context<'_>,
    draft: &mut Draft,
    certificate: &Name,
    id: &CertificateId,
) -> bool {
    let (certificate, made) = (certificate.clone(), id.clone());
    let bound = context.note(
        draft,
        Note::Created {
            certificate,
            id: made,
        },
    );
    if bound {
        let message = format!("the create of unknown outcome made {id}");
        draft.decide(ChangeKind::Adopt, Reason::Settled, message);
        draft.adopts = Some(id.clone());
    }
    bound
}

fn ask(context: &mut Context<'_>, draft: &Draft, what: String, found: &[CertificateId]) {
    let id = found.first().map_or("ID", CertificateId::as_str);
    let hint = format!(
        "say which one it is: `import: {id}` in the spec, or `certctl state settle {} {id}`",
        draft.address
    );
    let diagnostic = Diagnostic::error(Code::AmbiguousCreate, what).hint(hint);
    context.report(draft, diagnostic);
}

fn list(ids: &[CertificateId]) -> String {
    let ids: Vec<&str> = ids.iter().map(CertificateId::as_str).collect();
    ids.join(", ")
}

/// The address of an open create waits; nothing else is decided about it.
pub(crate) fn wait(context: &Context<'_>, draft: &mut Draft, open: &Open) {
    let message = match open.until {
        Some(_) => "a create had an unknown outcome; what it made may still appear",
        None => "a create had an unknown outcome; say which certificate it made",
    };
    let entry = context.state.certificates.get(&draft.name);
    let kind = match open.role {
        Role::Current => ChangeKind::Create,
        Role::Successor | Role::Retiring => {
            ChangeKind::of_rotation(entry.and_then(|entry| entry.cause))
        }
    };
    draft.decide(kind, Reason::Settling, message);
    let steps = vec![Step::new(Action::Adopt, None)];
    draft.lane(Lane::waits(steps, WaitFor::Settling, open.until));
}
