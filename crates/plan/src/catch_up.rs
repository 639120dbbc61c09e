//! Brings the state up to what was observed, and notes each fact.
//!
//! The API keeps no history: when a certificate became available, or stopped being in use, is known
//! only from having looked. So whatever is seen to differ from what is remembered is noted now, and
//! "now" is the safe guess, for every period that starts from it then ends late, never early.

use std::collections::BTreeMap;

use certctl_model::{
    Binding, BindingStatus, CertificateId, InUse, Mutation, Name, Note, Origin, Period, Reason,
    RemoteCertificate, Role,
};

use crate::context::Context;
use crate::draft::Draft;
use crate::plan::ChangeKind;

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
            Some(remote) => note_remote(context, draft, binding, remote),
            None if is_gone(context, binding) => note_gone(context, draft, binding),
            None => {}
        }
    }
    note_in_use(context, drafts);
}

/// Whether it certainly does not exist: a GET said so, and it is not so new that reads may lag.
pub(crate) fn is_gone(context: &Context<'_>, binding: &Binding) -> bool {
    let age = Period::between(binding.bound_at, context.now);
    context.observed.gone.contains(&binding.id) && age >= context.options.settle_timeout
}

fn note_remote(
    context: &mut Context<'_>,
    draft: &mut Draft,
    binding: &Binding,
    remote: &RemoteCertificate,
) {
    let id = &binding.id;
    let since = context.anchor();
    match remote.binding_status {
        BindingStatus::Available if binding.available_since.is_none() => {
            let inferred = binding.origin == Origin::Adopted && binding.pending_since.is_none();
            context.note(
                draft,
                Note::Available {
                    id: id.clone(),
                    since,
                    inferred,
                },
            );
        }
        BindingStatus::Inactive
        | BindingStatus::PendingDeployment
        | BindingStatus::PendingDeletion
            if binding.available_since.is_some() =>
        {
            context.note(draft, Note::Unavailable { id: id.clone() });
        }
        _ => {}
    }
    let used = context.observed.may_be_in_use(id);
    if used && !binding.in_use {
        context.note(draft, Note::Used { id: id.clone() });
    } else if !used && binding.in_use {
        context.note(
            draft,
            Note::Unused {
                id: id.clone(),
                at: since,
            },
        );
    }
}

fn note_gone(context: &mut Context<'_>, draft: &mut Draft, binding: &Binding) {
    let since = context.anchor();
    context.note(
        draft,
        Note::Unbind {
            id: binding.id.clone(),
        },
    );
    match binding.role {
        Role::Current => {
            let successor = context
                .state
                .certificates
                .get(&draft.name)
                .is_some_and(|entry| entry.with_role(Role::Successor).is_some());
            if successor {
                context.note(
                    draft,
                    Note::Promote {
                        certificate: draft.name.clone(),
                        since,
                    },
                );
            } else {
                let message = format!("{} no longer exists", binding.id);
                draft.decide(ChangeKind::Create, Reason::Gone, message);
            }
        }
        Role::Successor => {
            draft.gone_successor = Some(binding.id.clone());
        }
        Role::Retiring => {}
    }
}

/// Remembers as set in use what Gateway uses now, where that is what we asked for: because the
/// response to our request was lost, or because a person did by hand what was declared.
fn note_in_use(context: &mut Context<'_>, drafts: &mut BTreeMap<Name, Draft>) {
    let InUse::Certificate(id) = context.in_use() else {
        return;
    };
    if context
        .state
        .in_use
        .as_ref()
        .is_some_and(|record| record.id == id)
    {
        return;
    }
    let Some((name, binding)) = context.state.binding(&id) else {
        return;
    };
    let (name, role) = (name.clone(), binding.role);
    let declared = context
        .account
        .certificate(&name)
        .and_then(|declared| declared.in_use);
    let wanted = match role {
        Role::Retiring => false,
        Role::Successor => declared != Some(false),
        Role::Current => declared == Some(true),
    };
    if (wanted || we_asked(context, &id))
        && let Some(draft) = drafts.get_mut(&name)
    {
        let at = context.anchor();
        context.note(draft, Note::SetInUse { id, at });
    }
}

fn we_asked(context: &Context<'_>, id: &CertificateId) -> bool {
    let asked = Mutation::SetInUse { id: id.clone() };
    context
        .state
        .intents
        .iter()
        .any(|intent| intent.mutation == asked)
}
