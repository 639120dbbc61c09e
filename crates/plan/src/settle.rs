//! Law 1: a create whose outcome is unknown is settled by looking.
//!
//! What is new since its intent, gateway-managed, of the right validity and of the right time, is
//! its certificate: if one fits, it is bound; if two fit, a person says which; if none fits, it is
//! waited for, and after the settle window nothing was made.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{
    CertificateId, CertificateType, Code, Diagnostic, Intent, Mutation, Name, Note, Period, Reason,
    RemoteCertificate, Timestamp, ValidityDays,
};
use certctl_spec::Import;

use crate::context::Context;
use crate::draft::{Draft, Lane};
use crate::plan::{Action, ChangeKind, Step, WaitFor};

/// How far the API's clock and the planner's may be apart when creation times are compared, and how
/// late a create may take effect.
const TIME_WINDOW: Period = Period::HOUR;

/// An open create that could not be settled yet.
pub(crate) struct Open {
    pub(crate) certificate: Name,
    /// Until when its certificate may still appear; none where a person must decide.
    until: Option<Timestamp>,
}

/// Settles the open create, if there is one.
pub(crate) fn settle(
    context: &mut Context<'_>,
    drafts: &mut BTreeMap<Name, Draft>,
) -> Option<Open> {
    let intent = context.state.open_create()?.clone();
    let Mutation::Create {
        certificate,
        days,
        known,
        ..
    } = &intent.mutation
    else {
        return None;
    };
    let address = context.address(certificate);
    let draft = drafts
        .entry(certificate.clone())
        .or_insert_with(|| Draft::new(address));
    let candidates: Vec<CertificateId> = candidates(context, &intent, *days, known)
        .into_iter()
        .map(|c| c.id.clone())
        .collect();
    let imported = match context
        .account
        .certificate(certificate)
        .and_then(|c| c.import.as_ref())
    {
        Some(Import::Id(id)) => candidates
            .iter()
            .find(|candidate| *candidate == id)
            .cloned(),
        _ => None,
    };
    match (imported, candidates.as_slice()) {
        (Some(id), _) => bind(context, draft, certificate, id),
        (None, [id]) => bind(context, draft, certificate, id.clone()),
        (None, []) => return nothing_new(context, draft, &intent, certificate),
        (None, several) => {
            let diagnostic = ambiguous(draft, several);
            context.diagnostics.push(diagnostic);
            return Some(Open {
                certificate: certificate.clone(),
                until: None,
            });
        }
    }
    None
}

/// What the certificate of this create may be.
fn candidates<'a>(
    context: &Context<'a>,
    intent: &Intent,
    days: ValidityDays,
    known: &BTreeSet<CertificateId>,
) -> Vec<&'a RemoteCertificate> {
    let in_time = TIME_WINDOW.before(intent.at)..=TIME_WINDOW.after(intent.at);
    context
        .observed
        .certificates
        .iter()
        .filter(|remote| {
            remote.kind == CertificateType::GatewayManaged
                && !known.contains(&remote.id)
                && context.state.binding(&remote.id).is_none()
                && remote.created_at.is_none_or(|at| in_time.contains(&at))
                // One that cannot be read cannot be ruled out; it is bound, and never set in use.
                && remote.facts().is_none_or(|f| (f.days() - i64::from(days.days())).abs() <= 1)
        })
        .collect()
}

fn bind(context: &mut Context<'_>, draft: &mut Draft, certificate: &Name, id: CertificateId) {
    let note = Note::Created {
        certificate: certificate.clone(),
        id: id.clone(),
    };
    if context.state.note(&note, context.now).is_ok() {
        let message = format!("the create of unknown outcome made {id}");
        draft.decide(ChangeKind::Adopt, Reason::Settled, message);
        let step = Step {
            notes: vec![note],
            ..Step::new(Action::Adopt, Some(id))
        };
        draft.lane(Lane::due(vec![step]));
    }
}

fn nothing_new(
    context: &mut Context<'_>,
    draft: &mut Draft,
    intent: &Intent,
    certificate: &Name,
) -> Option<Open> {
    let until = context.options.settle_timeout.after(intent.sent_at);
    if context.observed.at < until {
        return Some(Open {
            certificate: certificate.clone(),
            until: Some(until),
        });
    }
    context.note(draft, Note::End(intent.mutation.clone()));
    None
}

fn ambiguous(draft: &Draft, several: &[CertificateId]) -> Diagnostic {
    let ids: Vec<&str> = several.iter().map(CertificateId::as_str).collect();
    Diagnostic::error(
        Code::AmbiguousCreate,
        format!(
            "a create had an unknown outcome, and {} new certificates fit it: {}",
            ids.len(),
            ids.join(", ")
        ),
    )
    .hint(format!(
        "say which one it is: `import: {}` in the spec, or `certctl state settle {} {}`",
        ids.first().unwrap_or(&"ID"),
        draft.address,
        ids.first().unwrap_or(&"ID"),
    ))
    .address(&draft.address)
}

/// The address of an open create waits; nothing else is decided about it.
pub(crate) fn wait(draft: &mut Draft, open: &Open) {
    let message = match open.until {
        Some(_) => "a create had an unknown outcome; what it made may still appear",
        None => "a create had an unknown outcome; say which certificate it made",
    };
    draft.decide(ChangeKind::Create, Reason::Settling, message);
    let steps = vec![Step::new(Action::Adopt, None)];
    draft.lane(Lane::waits(steps, WaitFor::Settling, open.until));
}
