//! Addresses that the policy protects: they are neither removed, replaced, deactivated nor switched
//! away from. Their renewal goes on.

use std::collections::BTreeMap;

use certctl_model::{Address, Binding, Code, Diagnostic, Guard, InUse, Name, Role};

use super::hit::{hit, starts_replacement};
use crate::context::Context;
use crate::draft::Draft;
use certctl_plan::{Action, ChangeKind};

/// Blocks what would happen to a protected address.
pub(super) fn check(context: &mut Context<'_>, drafts: &BTreeMap<Name, Draft>) {
    let protected = &context.policy.protected;
    let account = &context.account.name;
    for address in protected.iter().filter(|a| a.account == *account) {
        let declared = context.account.certificate(&address.certificate);
        let Some(what) = happens(context, drafts, address) else {
            let bound = context
                .state
                .certificates
                .contains_key(&address.certificate);
            if declared.is_none() && !bound {
                names_nothing(context, address);
            }
            continue;
        };
        let place = declared.map(|declared| declared.place.clone());
        let place = place.or_else(|| context.policy.place.clone());
        let message = format!("it is protected by `policy.protected`, but {what}");
        hit(
            context,
            address,
            (Guard::Protected, Code::Protected),
            message,
            place,
        );
    }
}

fn happens(
    context: &Context<'_>,
    drafts: &BTreeMap<Name, Draft>,
    address: &Address,
) -> Option<String> {
    let name = &address.certificate;
    if let Some(draft) = drafts.get(name) {
        match (context.account.certificate(name), draft.kind) {
            (None, ChangeKind::Delete) => return Some("would be removed".to_owned()),
            (None, ChangeKind::Forget) => return Some("would no longer be managed".to_owned()),
            _ => {}
        }
        if draft.lanes.iter().any(starts_replacement) {
            return Some("would be replaced".to_owned());
        }
        let current = context.bound(name, Role::Current);
        if current.is_some_and(|current| is_switched_off(draft, &current)) {
            return Some("would be deactivated".to_owned());
        }
    }
    let InUse::Certificate(used) = context.in_use() else {
        return None;
    };
    let (holder, _) = context.state.binding(used)?;
    let taker = drafts
        .values()
        .find(|draft| draft.name != *name && draft.does(Action::SetInUse))?;
    (holder == name).then(|| format!("Gateway would switch from it to {}", taker.address))
}

/// Deactivated, and that is all: not the predecessor in a rotation, which is deleted after that.
fn is_switched_off(draft: &Draft, current: &Binding) -> bool {
    draft.lanes.iter().any(|lane| {
        let of_current = |action| {
            move |step: &certctl_plan::Step| {
                step.action == action && step.certificate_id.as_ref() == Some(&current.id)
            }
        };
        lane.steps.iter().any(of_current(Action::Deactivate))
            && !lane.steps.iter().any(of_current(Action::Delete))
    })
}

/// A name that nothing has protects nothing; perhaps it was misspelt.
fn names_nothing(context: &mut Context<'_>, address: &Address) {
    let message =
        format!("`policy.protected` names {address}, which is neither declared nor bound");
    let warning = Diagnostic::warning(Code::UnknownSelection, message)
        .hint("correct it, or remove it from the list")
        .at(context.policy.place.clone())
        .account(&context.account.name);
    context.diagnostics.push(warning);
}
