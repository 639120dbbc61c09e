//! Brings the state up to what was observed, and notes each fact.
//!
//! The API keeps no history: when a certificate became available, or stopped being in use, is known
//! only from having looked. So whatever is seen to differ from what is remembered is noted now, and
//! "now" is the safe guess, for every period that starts from it then ends late, never early.

use std::collections::BTreeMap;

use certctl_model::{
    Binding, BindingStatus, InUse, Intent, Mutation, Name, Note, Reason, RemoteCertificate, Role,
};

use crate::certificate::is_held;
use crate::context::Context;
use crate::draft::Draft;
use crate::orders;
use certctl_plan::ChangeKind;

/// Notes what was seen of every bound certificate.
pub(crate) fn note_what_was_seen(context: &mut Context<'_>, drafts: &mut BTreeMap<Name, Draft>) {
    let bindings: Vec<(Name, Binding)> = context
        .state
        .bindings()
        .map(|(name, binding)| (name.clone(), binding.clone()))
        .collect();
    for (name, binding) in &bindings {
        let Some(draft) = drafts.get_mut(name) else {
            continue;
        };
        match context.remote(&binding.id) {
            Some(remote) => {
                note_status(context, draft, binding, remote);
                note_use(context, draft, binding);
            }
            None if is_gone(context, binding) => note_gone(context, draft, binding),
            None => {}
        }
    }
    note_in_use(context, drafts);
    for draft in drafts.values_mut() {
        let declared = context.account.certificate(&draft.name);
        orders::accept_moved_back(context, draft, declared);
    }
    note_outcomes(context, drafts);
}

/// Whether it certainly does not exist: a GET said so, and it is not so new that reads may lag.
fn is_gone(context: &Context<'_>, binding: &Binding) -> bool {
    let may_lag = binding
        .sent_at
        .is_some_and(|at| context.may_show_until(at, binding.bound_at).is_some());
    context.observed.gone.contains(&binding.id) && !may_lag
}

fn note_status(
    context: &mut Context<'_>,
    draft: &mut Draft,
    binding: &Binding,
    remote: &RemoteCertificate,
) {
    let id = binding.id.clone();
    let since = context.anchor();
    let (available, pending) = (
        binding.available_since.is_some(),
        binding.pending_since.is_some(),
    );
    let note = match remote.binding_status {
        // Without having seen it pending, this is only when it was first looked at.
        BindingStatus::Available if !available => Note::Available {
            id,
            since,
            inferred: !pending,
        },
        BindingStatus::PendingDeployment | BindingStatus::PendingDeletion
            if available || !pending =>
        {
            Note::Pending { id, since }
        }
        // What a word that is not known means for trust is not known either.
        BindingStatus::Inactive | BindingStatus::Unknown(_) if available || pending => {
            Note::Unavailable { id }
        }
        _ => return,
    };
    context.note(draft, note);
}

/// While the witnesses disagree nothing is noted: either of them may be late.
fn note_use(context: &mut Context<'_>, draft: &mut Draft, binding: &Binding) {
    let id = binding.id.clone();
    if context.is_in_use(&id) && !binding.in_use {
        context.note(draft, Note::Used { id });
    } else if !context.may_be_in_use(&id) && !context.in_use_is_uncertain() && binding.in_use {
        let at = context.anchor();
        context.note(draft, Note::Unused { id, at });
    }
}

fn note_gone(context: &mut Context<'_>, draft: &mut Draft, binding: &Binding) {
    let since = context.anchor();
    let id = binding.id.clone();
    context.note(draft, Note::Unbind { id });
    let message = format!("{} no longer exists", binding.id);
    match binding.role {
        Role::Current if context.bound(&draft.name, Role::Successor).is_some() => {
            let cause = context
                .state
                .certificates
                .get(&draft.name)
                .and_then(|e| e.cause);
            let certificate = draft.name.clone();
            context.note(draft, Note::Promote { certificate, since });
            let message = format!("{message}; its successor takes over");
            draft.decide(ChangeKind::of_rotation(cause), Reason::Gone, message);
        }
        Role::Current if context.account.certificate(&draft.name).is_some() => {
            draft.decide(ChangeKind::Create, Reason::Gone, message);
        }
        Role::Successor => draft.gone_successor = Some(binding.id.clone()),
        Role::Current | Role::Retiring => {}
    }
}

/// Remembers as set in use what Gateway uses now, where that is what we asked for: because the
/// response to our request was lost, or because a person did by hand what was declared.
fn note_in_use(context: &mut Context<'_>, drafts: &mut BTreeMap<Name, Draft>) {
    let InUse::Certificate(id) = context.in_use().clone() else {
        return;
    };
    let last = context.state.in_use.as_ref().map(|record| &record.id);
    if last == Some(&id) {
        return;
    }
    let Some((name, binding)) = context.state.binding(&id) else {
        return;
    };
    let name = name.clone();
    let declared = context
        .account
        .certificate(&name)
        .and_then(|declared| declared.in_use);
    let wanted = match binding.role {
        Role::Retiring => false,
        Role::Successor => {
            !is_held(binding) && declared.unwrap_or(!context.another_is_declared_in_use(&name))
        }
        Role::Current => declared == Some(true),
    };
    let asked = Mutation::SetInUse { id: id.clone() };
    let we_asked = context.state.intents.iter().any(|i| i.mutation == asked);
    if (wanted || we_asked)
        && let Some(draft) = drafts.get_mut(&name)
    {
        let at = context.anchor();
        context.note(draft, Note::SetInUse { id, at });
    }
}

/// Closes intents whose effect is seen, or did not show within the settle window: then the step is
/// planned again. A create is another matter, see [`crate::settle`].
fn note_outcomes(context: &mut Context<'_>, drafts: &mut BTreeMap<Name, Draft>) {
    for intent in context.state.intents.clone() {
        let Some(id) = intent.mutation.certificate_id() else {
            continue;
        };
        let holder = context.state.binding(id).map(|(name, _)| name.clone());
        let Some(draft) = holder.and_then(|name| drafts.get_mut(&name)) else {
            continue;
        };
        let over = context.may_show_until(intent.sent_at, intent.at).is_none();
        if over || has_taken_effect(context, &intent) {
            context.note(draft, Note::End(intent.mutation));
        }
    }
}

fn has_taken_effect(context: &Context<'_>, intent: &Intent) -> bool {
    use BindingStatus::{Available, Inactive, PendingDeletion, PendingDeployment};
    let status = |id| context.remote(id).map(|remote| &remote.binding_status);
    match &intent.mutation {
        Mutation::Activate { id } => matches!(status(id), Some(Available | PendingDeployment)),
        Mutation::Deactivate { id } => matches!(status(id), Some(Inactive | PendingDeletion)),
        Mutation::SetInUse { id } => context.is_in_use(id),
        Mutation::Create { .. } | Mutation::Delete { .. } => false,
    }
}
