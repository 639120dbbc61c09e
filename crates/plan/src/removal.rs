//! What is in the state and no longer declared, and how anything is taken down.

use std::collections::BTreeMap;

use certctl_model::{
    Binding, BindingStatus, CertificateType, Code, DeletionPolicy, Diagnostic, Entry, Name, Note,
    Period, Reason, Timestamp,
};
use certctl_spec::Certificate;

use crate::context::Context;
use crate::draft::{Draft, Lane, steps};
use crate::in_use::refuse_by_clock;
use crate::plan::{Action, ChangeKind, Step, WaitFor};
use crate::rotation::kept_until;

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
    let forget = Step {
        notes: vec![Note::Forget {
            certificate: draft.name.clone(),
        }],
        ..Step::new(Action::Forget, None)
    };
    if entry.bindings.is_empty() || entry.lifecycle.deletion_policy == DeletionPolicy::Retain {
        draft.decide(
            ChangeKind::Forget,
            Reason::Removed,
            "it is no longer declared, and retained",
        );
        draft.lane(Lane::due(vec![forget]));
        return;
    }
    draft.decide(
        ChangeKind::Delete,
        Reason::Removed,
        "it is no longer declared",
    );
    if entry.lifecycle.prevent_destroy {
        let diagnostic = Diagnostic::error(
            Code::PreventDestroy,
            "it is no longer declared, but `lifecycle.prevent_destroy` protects it",
        )
        .hint("declare it again; to remove it, first apply `prevent_destroy: false`");
        context.diagnostics.push(diagnostic.address(&draft.address));
        return;
    }
    take_down(context, draft, &entry, forget);
}

fn take_down(context: &mut Context<'_>, draft: &mut Draft, entry: &Entry, forget: Step) {
    let delete = entry.lifecycle.deletion_policy == DeletionPolicy::Delete;
    let then: &[Action] = if delete { &[Action::Delete] } else { &[] };
    let retire_after = entry.retire_after.unwrap_or(Period::ZERO);
    let before = draft.lanes.len();
    for binding in &entry.bindings {
        let used = context.observed.may_be_in_use(&binding.id);
        if used && context.declared_in_use().is_none() {
            let diagnostic = Diagnostic::error(
                Code::InUseRemoved,
                format!("{} is no longer declared, but Gateway uses it", binding.id),
            )
            .hint("declare another certificate of the account `in_use: true`, or this one again");
            context.diagnostics.push(diagnostic.address(&draft.address));
            continue;
        }
        let until = kept_until(binding, retire_after);
        dismantle(context, draft, binding, until, then);
    }
    if !delete {
        match draft.lanes.get_mut(before..).and_then(<[Lane]>::last_mut) {
            Some(lane) => lane.steps.push(forget),
            None => draft.lane(Lane::due(vec![forget])),
        }
    }
}

/// Adds the lane that takes one certificate from the edge and then does `then` with it, not before
/// `until`, and never while Gateway uses it.
pub(crate) fn dismantle(
    context: &mut Context<'_>,
    draft: &mut Draft,
    binding: &Binding,
    until: Option<Timestamp>,
    then: &[Action],
) {
    let id = &binding.id;
    let Some(remote) = context.remote(id) else {
        draft.lane(Lane::waits(Vec::new(), WaitFor::Settling, None));
        return;
    };
    if remote.kind != CertificateType::GatewayManaged {
        let notes = vec![Note::Unbind { id: id.clone() }];
        draft.lane(Lane::due(vec![Step {
            notes,
            ..Step::new(Action::Forget, Some(id.clone()))
        }]));
        return;
    }
    let whole = steps(Some(id), &[&[Action::Deactivate], then].concat());
    let rest = steps(Some(id), then);
    let deploying = match &remote.binding_status {
        BindingStatus::PendingDeployment => Some(whole.clone()),
        BindingStatus::PendingDeletion => Some(rest.clone()),
        BindingStatus::Unknown(status) => {
            let diagnostic = Diagnostic::warning(
                Code::UnknownStatus,
                format!(
                    "{id} has the status `{status}`, which certctl does not know; it is left alone"
                ),
            );
            context.diagnostics.push(diagnostic.address(&draft.address));
            return;
        }
        BindingStatus::Available | BindingStatus::Inactive => None,
    };
    let steps = if remote.binding_status == BindingStatus::Inactive {
        rest
    } else {
        whole
    };
    let lane = if context.observed.may_be_in_use(id) {
        let why = if context.declared_in_use().is_some() {
            WaitFor::TrustPeriod
        } else {
            WaitFor::Hold
        };
        Lane::waits(steps, why, None)
    } else if let Some(steps) = deploying {
        Lane::waits(steps, WaitFor::Deploying, None)
    } else if steps.is_empty() {
        return;
    } else {
        match until {
            Some(until) if context.now < until => {
                Lane::waits(steps, WaitFor::RetireAfter, Some(until))
            }
            Some(_) if context.is_skewed() => {
                refuse_by_clock(context, draft);
                Lane::waits(steps, WaitFor::RetireAfter, None)
            }
            _ => Lane::due(steps),
        }
    };
    draft.lane(lane);
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
