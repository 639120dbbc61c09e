//! A declared address that is bound to nothing: import, adopt, or create.

use certctl_model::{
    BindingStatus, CertificateId, CertificateType, Code, Diagnostic, Guard, InUse, Inspection,
    Note, Reason, RemoteCertificate, Role, ValidityDays,
};
use certctl_spec::{Adopt, Certificate, Import};

use crate::certificate::issued_days;
use crate::context::Context;
use crate::draft::{Draft, Lane, steps};
use crate::removal;
use certctl_plan::{Action, ChangeKind, Step};

/// Takes over the certificate that the spec means, if it means one. Otherwise says (in
/// `draft.blocked`) whether anything stands in the way of creating one.
pub(crate) fn adopt(context: &mut Context<'_>, draft: &mut Draft, declared: &Certificate) -> bool {
    let import = declared.import.as_ref();
    let import = import.filter(|import| !is_spent(context, draft, import));
    let verdict = match (import, context.account.adopt) {
        (Some(Import::Id(id)), _) => self::import(context, id),
        (Some(Import::None), _) => Ok(None),
        (None, Adopt::Never) => new_state(context, draft),
        (None, Adopt::Matching) => matching(context, declared),
        (None, Adopt::Ask) => ask(context, declared),
    };
    match verdict {
        Ok(Some((id, reason))) => take(context, draft, declared, &id, reason),
        Ok(None) => false,
        Err(diagnostic) => {
            draft.blocked = true;
            draft.decide(
                ChangeKind::NoOp,
                Reason::Blocked,
                diagnostic.message.clone(),
            );
            let place = match diagnostic.code {
                Code::AdoptAsk | Code::NewState => &declared.place,
                _ => &declared.import_place,
            };
            context.report(draft, (*diagnostic).at(Some(place.clone())));
            false
        }
    }
}

/// Whether an `import` is over: it binds once, and what the address had or has is not what it asks
/// for now.
fn is_spent(context: &Context<'_>, draft: &Draft, import: &Import) -> bool {
    let entry = context.state.certificates.get(&draft.name);
    match import {
        Import::Id(id) => entry.is_some_and(|entry| {
            entry.had.contains(id) || entry.bindings.iter().any(|binding| binding.id == *id)
        }),
        Import::None => false,
    }
}

/// What to take over, if anything; or what stands in the way.
type Verdict = Result<Option<(CertificateId, Reason)>, Box<Diagnostic>>;

fn import(context: &Context<'_>, id: &CertificateId) -> Verdict {
    let Some(remote) = context.remote(id) else {
        return Err(Diagnostic::error(
            Code::ImportMissing,
            format!(
                "{id} does not exist in account {}",
                context.account.account_id
            ),
        )
        .hint("`certctl status` lists what exists; `import: none` creates a new one")
        .into());
    };
    if let Some((name, _)) = context.state.binding(id) {
        let holder = context.address(name);
        return Err(
            Diagnostic::error(Code::ImportClaimed, format!("{id} belongs to {holder}"))
                .hint(format!(
                    "remove one of the two, or say `moved_from: {name}`"
                ))
                .into(),
        );
    }
    let refused = match (&remote.kind, &remote.inspection) {
        (CertificateType::GatewayManaged, Inspection::Sound(_)) => {
            return Ok(Some((id.clone(), Reason::Import)));
        }
        (CertificateType::GatewayManaged, Inspection::Unsound(why)) => {
            format!("{id} fails verification: {why}")
        }
        (kind, _) => format!("{id} is of type `{kind}`; certctl manages only gateway_managed ones"),
    };
    Err(Diagnostic::error(Code::ImportRefused, refused)
        .hint("remove `import`; what certctl does not manage it leaves alone")
        .into())
}

/// Certificates that this declaration may mean: gateway-managed, unclaimed, verified, unexpired,
/// and of the declared validity where one is declared.
fn fitting<'a>(context: &Context<'a>, declared: &Certificate) -> Vec<&'a RemoteCertificate> {
    let mut fitting: Vec<&RemoteCertificate> = context
        .observed
        .certificates
        .iter()
        .filter(|remote| {
            is_unclaimed(context, remote)
                && remote.facts().is_some()
                && !context.may_have_expired(remote)
                && declared
                    .validity_period_days
                    .is_none_or(|days| issued_days(remote) == Some(days))
        })
        .collect();
    fitting.sort_by(|a, b| a.id.cmp(&b.id));
    fitting
}

fn is_unclaimed(context: &Context<'_>, remote: &RemoteCertificate) -> bool {
    let imported =
        context.account.certificates.iter().any(
            |certificate| matches!(&certificate.import, Some(Import::Id(id)) if *id == remote.id),
        );
    remote.kind == CertificateType::GatewayManaged
        && context.state.binding(&remote.id).is_none()
        && !imported
}

fn matching(context: &Context<'_>, declared: &Certificate) -> Verdict {
    let fitting = fitting(context, declared);
    let in_use = fitting.iter().find(|remote| context.is_in_use(&remote.id));
    match (fitting.as_slice(), in_use) {
        ([], _) => Ok(None),
        ([only], _) => Ok(Some((only.id.clone(), Reason::Matching))),
        (_, Some(used)) if declared.in_use == Some(true) => {
            Ok(Some((used.id.clone(), Reason::Matching)))
        }
        (several, _) => Err(ask_about(several, false, "several existing certificates fit").into()),
    }
}

fn ask(context: &Context<'_>, declared: &Certificate) -> Verdict {
    let fitting = fitting(context, declared);
    if !fitting.is_empty() {
        let one = fitting.len() == 1;
        return Err(ask_about(&fitting, one, "an existing certificate fits").into());
    }
    if declared.in_use == Some(true)
        && let InUse::Certificate(id) = context.in_use()
        && let Some(remote) = context
            .remote(id)
            .filter(|remote| is_unclaimed(context, remote))
    {
        return Err(ask_about(
            &[remote],
            false,
            "Gateway uses a certificate that nothing claims",
        )
        .into());
    }
    Ok(None)
}

fn ask_about(candidates: &[&RemoteCertificate], would_match: bool, what: &str) -> Diagnostic {
    let ids: Vec<&str> = candidates.iter().map(|remote| remote.id.as_str()).collect();
    // What fails verification cannot be taken over, so that is not offered.
    let imports: Vec<String> = candidates
        .iter()
        .filter(|remote| remote.facts().is_some())
        .map(|remote| format!("`import: {}`", remote.id))
        .collect();
    let hint = if imports.is_empty() {
        "it fails verification and is not to be taken over; create another with `import: none`"
            .to_owned()
    } else {
        let matching = if would_match {
            "; or let the account say `adopt: matching`"
        } else {
            ""
        };
        format!(
            "take it over with {}; create another with `import: none`{matching}",
            imports.join(" or ")
        )
    };
    let message = format!("{what}: {}; is it this one?", ids.join(", "));
    Diagnostic::error(Code::AdoptAsk, message).hint(hint)
}

/// The guard `new_state`: creating from an empty state beside what is available is how duplicates
/// are made when a state was lost.
fn new_state(context: &Context<'_>, draft: &Draft) -> Verdict {
    let available = context
        .observed
        .certificates
        .iter()
        .any(|remote| is_unclaimed(context, remote) && context.is_usable(remote));
    if !context.fresh || !available || context.options.allows(Guard::NewState, &draft.address) {
        return Ok(None);
    }
    Err(Diagnostic::error(
        Code::NewState,
        "there is no state for this account, but it has available certificates",
    )
    .hint("check that `state` is the right one; if it is, pass `--allow new_state`")
    .into())
}

/// Without any state, an unattended run cannot tell a new address from one that it should renew.
pub(crate) fn report_lost_state(context: &mut Context<'_>, draft: &Draft, declared: &Certificate) {
    if let Err(diagnostic) = new_state(context, draft) {
        context.report(draft, (*diagnostic).at(Some(declared.place.clone())));
    }
}

fn take(
    context: &mut Context<'_>,
    draft: &mut Draft,
    declared: &Certificate,
    id: &CertificateId,
    reason: Reason,
) -> bool {
    let Some(remote) = context.remote(id) else {
        return false;
    };
    let (name, at) = (draft.name.clone(), context.anchor());
    let adopted = Note::Adopted {
        certificate: name,
        id: id.clone(),
    };
    if !context.note(draft, adopted) {
        return false;
    }
    if context.is_in_use(id) {
        // Finding it in use is as good as having set it, unless another is to be used: then who
        // moved it here is still a question.
        let id = id.clone();
        let note = if context.another_is_declared_in_use(&draft.name) {
            Note::Used { id }
        } else {
            Note::SetInUse { id, at }
        };
        context.note(draft, note);
    }
    match remote.binding_status {
        BindingStatus::Available => {
            let (id, since) = (id.clone(), at);
            let inferred = true;
            context.note(
                draft,
                Note::Available {
                    id,
                    since,
                    inferred,
                },
            );
        }
        BindingStatus::PendingDeployment | BindingStatus::PendingDeletion => {
            let (id, since) = (id.clone(), at);
            context.note(draft, Note::Pending { id, since });
        }
        BindingStatus::Inactive | BindingStatus::Unknown(_) => {}
    }
    removal::note_policy(context, draft, declared);
    let message = match reason {
        Reason::Import => format!("`import: {id}`"),
        _ => format!("{id} is the one that fits"),
    };
    draft.decide(ChangeKind::Adopt, reason, message);
    draft.adopts.get_or_insert_with(|| id.clone());
    true
}

/// Creates it, and brings it to what is declared.
pub(crate) fn create(draft: &mut Draft, declared: &Certificate) {
    draft.decide(
        ChangeKind::Create,
        Reason::Missing,
        "it is declared and does not exist",
    );
    let days = declared
        .validity_period_days
        .unwrap_or(ValidityDays::DEFAULT);
    let create = Step {
        makes: Some((Role::Current, days)),
        notes: vec![removal::policy_of(draft, declared)],
        ..Step::new(Action::Create, None)
    };
    let mut all = vec![create];
    if declared.activate != Some(false) {
        all.extend(steps(None, &[Action::Activate]));
    }
    if declared.in_use == Some(true) {
        all.extend(steps(None, &[Action::SetInUse]));
    }
    draft.lane(Lane::due(all));
}
