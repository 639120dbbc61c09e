//! What is in the state and no longer declared.

use certctl_model::{Binding, CertificateId, Code, DeletionPolicy, Diagnostic, Note, Reason};
use certctl_plan::{ChangeKind, Operation, Step};
use certctl_spec::Rotation;

use crate::certificate::is_its_owners;
use crate::decision::{Decision, Lane, steps};
use crate::facts::Facts;
use crate::lanes::take_down::{kept_until, let_go, take_down};
use crate::place::Place;

pub(super) fn decide(facts: &Facts<'_>, place: &Place<'_>) -> Option<Decision> {
    if place.declared.is_some() {
        return None;
    }
    let Some(entry) = place.entry else {
        return Some(Decision::default());
    };
    let policy = entry.lifecycle.deletion_policy;
    if entry.bindings.is_empty() || policy == DeletionPolicy::Retain {
        let message = if entry.bindings.is_empty() {
            "it is no longer declared, and holds nothing"
        } else {
            "it is no longer declared, and retained"
        };
        let mut decision = Decision::of(ChangeKind::Forget, Reason::Removed, message);
        decision.lane(Lane::due(vec![forget(place, None)]));
        return Some(decision);
    }
    let all_custom = entry.bindings.iter().all(|b| is_its_owners(facts, &b.id));
    let (kind, message) = match all_custom {
        true => (
            ChangeKind::Forget,
            "it is no longer declared; it is custom, and stays in the account as it is",
        ),
        false => (ChangeKind::Delete, "it is no longer declared"),
    };
    let mut decision = Decision::of(kind, Reason::Removed, message);
    if entry.lifecycle.prevent_destroy {
        let diagnostic = Diagnostic::error(
            Code::PreventDestroy,
            "it is no longer declared, but `lifecycle.prevent_destroy` protects it",
        )
        .hint("declare it again; to remove it, first apply `prevent_destroy: false`");
        decision.report(place, diagnostic);
        return Some(decision);
    }
    // A state that does not say how long is not taken to say "at once".
    let retire_after = entry
        .retire_after
        .unwrap_or(Rotation::default().retire_after);
    for binding in &entry.bindings {
        if facts.may_be_in_use(&binding.id) && facts.declared_in_use().is_none() {
            decision.report(place, still_in_use(binding));
            continue;
        }
        let then = match policy {
            DeletionPolicy::Delete if !is_its_owners(facts, &binding.id) => {
                steps([Operation::Delete(binding.id.clone())])
            }
            _ if entry.bindings.len() > 1 => vec![let_go(&binding.id)],
            _ => vec![forget(place, Some(binding.id.clone()))],
        };
        let until = kept_until(binding, retire_after);
        take_down(facts, place, &mut decision, binding, until, then);
    }
    Some(decision)
}

fn still_in_use(binding: &Binding) -> Diagnostic {
    let id = &binding.id;
    let message = format!("{id} is no longer declared, but Gateway uses it");
    Diagnostic::error(Code::InUseRemoved, message)
        .hint("declare another certificate of the account `in_use: true`, or this one again")
}

/// Drops the whole name.
fn forget(place: &Place<'_>, last: Option<CertificateId>) -> Step {
    let certificate = place.name.clone();
    Step {
        notes: vec![Note::Forget { certificate }],
        ..Step::new(Operation::Forget(last))
    }
}
