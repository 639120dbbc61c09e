//! Addresses that the policy protects: they are neither removed, replaced, deactivated nor switched
//! away from. Their renewal goes on.

use certctl_model::{Address, Binding, Code, Diagnostic, Guard, InUse};
use certctl_plan::{Action, ChangeKind, Step};

use super::guarded::guarded;
use crate::facts::Facts;
use crate::proposal::Proposal;
use crate::replacement::starts_replacement;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let account = &facts.account.name;
    let protected = facts.policy.protected.iter();
    protected
        .filter(|address| address.account == *account)
        .filter_map(|address| judge(facts, proposals, address))
        .collect()
}

fn judge(facts: &Facts<'_>, proposals: &[Proposal<'_>], address: &Address) -> Option<Diagnostic> {
    let name = &address.certificate;
    let declared = facts.account.certificate(name);
    let Some(what) = happens(facts, proposals, address) else {
        let bound = facts.state.certificates.contains_key(name);
        return (declared.is_none() && !bound).then(|| names_nothing(facts, address));
    };
    let place = declared.map(|declared| declared.place.clone());
    let place = place.or_else(|| facts.policy.place.clone());
    let message = format!("it is protected by `policy.protected`, but {what}");
    let guard = (Guard::Protected, Code::Protected);
    guarded(facts, address, guard, message, place)
}

fn happens(facts: &Facts<'_>, proposals: &[Proposal<'_>], address: &Address) -> Option<String> {
    let name = &address.certificate;
    let here = proposals.iter().find(|p| p.place.name == *name);
    if let Some(proposal) = here {
        match (proposal.place.declared, proposal.kind()) {
            (None, ChangeKind::Delete) => return Some("would be removed".to_owned()),
            (None, ChangeKind::Forget) => return Some("would no longer be managed".to_owned()),
            _ => {}
        }
        if proposal.own_lanes().any(starts_replacement) {
            return Some("would be replaced".to_owned());
        }
        let off = |current: &Binding| is_switched_off(proposal, current);
        if proposal.place.current.is_some_and(off) {
            return Some("would be deactivated".to_owned());
        }
    }
    let InUse::Certificate(used) = facts.in_use() else {
        return None;
    };
    let (holder, _) = facts.state.binding(used)?;
    let taker = proposals
        .iter()
        .find(|p| p.place.name != *name && p.does(Action::SetInUse))?;
    (holder == name).then(|| {
        let to = &taker.place.address;
        format!("Gateway would switch from it to {to}")
    })
}

/// Deactivated, and that is all: not the predecessor in a rotation, which is deleted after that.
fn is_switched_off(proposal: &Proposal<'_>, current: &Binding) -> bool {
    proposal.own_lanes().any(|lane| {
        let of_current = |action| {
            move |step: &Step| step.action() == action && step.certificate_id() == Some(&current.id)
        };
        lane.steps.iter().any(of_current(Action::Deactivate))
            && !lane.steps.iter().any(of_current(Action::Delete))
    })
}

/// A name that nothing has protects nothing; perhaps it was misspelt.
fn names_nothing(facts: &Facts<'_>, address: &Address) -> Diagnostic {
    let message =
        format!("`policy.protected` names {address}, which is neither declared nor bound");
    Diagnostic::warning(Code::UnknownSelection, message)
        .hint("correct it, or remove it from the list")
        .at(facts.policy.place.clone())
        .account(&facts.account.name)
}
