//! What is in the state and no longer declared.

use std::collections::BTreeMap;

use certctl_model::{Binding, Code, DeletionPolicy, Diagnostic, Name, Note, Reason};
use certctl_spec::{Certificate, Rotation};

use crate::context::Context;
use crate::draft::{Draft, Lane, steps};
use crate::retire::{dismantle, kept_until};
use certctl_plan::{Action, ChangeKind, Step};

/// The note that keeps what the spec says of removal, for the day on which it says nothing any more.
pub(crate) fn policy_of(draft: &Draft, declared: &Certificate) -> Note {
    Note::Policy {
        certificate: draft.name.clone(),
        lifecycle: declared.lifecycle,
        retire_after: declared.rotation.retire_after,
    }
}

/// Remembers the policy where it changed.
pub(crate) fn note_policy(context: &mut Context<'_>, draft: &mut Draft, declared: &Certificate) {
    let kept = context
        .state
        .certificates
        .get(&draft.name)
        .is_some_and(|entry| {
            entry.lifecycle == declared.lifecycle
                && entry.retire_after == Some(declared.rotation.retire_after)
        });
    if !kept {
        let note = policy_of(draft, declared);
        context.note(draft, note);
    }
}

/// Decides an address that the spec does not name.
pub(crate) fn decide(context: &mut Context<'_>, draft: &mut Draft) {
    let Some(entry) = context.state.certificates.get(&draft.name).cloned() else {
        return;
    };
    let policy = entry.lifecycle.deletion_policy;
    if entry.bindings.is_empty() || policy == DeletionPolicy::Retain {
        let message = if entry.bindings.is_empty() {
            "it is no longer declared, and holds nothing"
        } else {
            "it is no longer declared, and retained"
        };
        draft.decide(ChangeKind::Forget, Reason::Removed, message);
        draft.lane(Lane::due(vec![forget(draft)]));
        return;
    }
    let message = "it is no longer declared";
    draft.decide(ChangeKind::Delete, Reason::Removed, message);
    if entry.lifecycle.prevent_destroy {
        let diagnostic = Diagnostic::error(
            Code::PreventDestroy,
            "it is no longer declared, but `lifecycle.prevent_destroy` protects it",
        )
        .hint("declare it again; to remove it, first apply `prevent_destroy: false`");
        context.report(draft, diagnostic);
        return;
    }
    // A state that does not say how long is not taken to say "at once".
    let retire_after = entry
        .retire_after
        .unwrap_or(Rotation::default().retire_after);
    for binding in &entry.bindings {
        if context.may_be_in_use(&binding.id) && context.declared_in_use().is_none() {
            let id = &binding.id;
            let message = format!("{id} is no longer declared, but Gateway uses it");
            let hint =
                "declare another certificate of the account `in_use: true`, or this one again";
            let diagnostic = Diagnostic::error(Code::InUseRemoved, message).hint(hint);
            context.report(draft, diagnostic);
            continue;
        }
        let then = match policy {
            DeletionPolicy::Delete => steps(Some(&binding.id), &[Action::Delete]),
            DeletionPolicy::Deactivate | DeletionPolicy::Retain if entry.bindings.len() > 1 => {
                vec![let_go(binding)]
            }
            DeletionPolicy::Deactivate | DeletionPolicy::Retain => vec![Step {
                certificate_id: Some(binding.id.clone()),
                ..forget(draft)
            }],
        };
        let until = kept_until(binding, retire_after);
        dismantle(context, draft, binding, until, then);
    }
}

/// Drops the whole name.
fn forget(draft: &Draft) -> Step {
    let certificate = draft.name.clone();
    Step {
        notes: vec![Note::Forget { certificate }],
        ..Step::new(Action::Forget, None)
    }
}

/// Drops one of several certificates; the others are not at the end of their way.
fn let_go(binding: &Binding) -> Step {
    let id = binding.id.clone();
    Step {
        notes: vec![Note::Unbind { id: id.clone() }],
        ..Step::new(Action::Forget, Some(id))
    }
}

/// Warns where an address vanishes while a similar one appears: perhaps it was only renamed.
pub(crate) fn suggest_moves(context: &mut Context<'_>, drafts: &BTreeMap<Name, Draft>) {
    let mut warnings = Vec::new();
    for gone in drafts
        .values()
        .filter(|draft| draft.kind == ChangeKind::Delete)
    {
        let had = gone
            .before
            .as_ref()
            .and_then(|before| before.validity_period_days);
        let similar = context.account.certificates.iter().find(|declared| {
            drafts
                .get(&declared.name)
                .is_some_and(|draft| draft.kind == ChangeKind::Create)
                && (declared.validity_period_days.is_none() || declared.validity_period_days == had)
        });
        if let Some(declared) = similar {
            warnings.push(
                Diagnostic::warning(
                    Code::MoveSuggested,
                    format!(
                        "{} is removed while {} is created",
                        gone.address, declared.name
                    ),
                )
                .hint(format!(
                    "if it was only renamed, say `moved_from: {}`",
                    gone.name
                ))
                .at(Some(declared.place.clone()))
                .address(&context.address(&declared.name)),
            );
        }
    }
    context.diagnostics.append(&mut warnings);
}
