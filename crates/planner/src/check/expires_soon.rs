//! What expires soon and is not renewed: no `renew_before`, and nothing that this plan does replaces
//! it.

use certctl_model::{Code, Diagnostic, Mutation, Name, Period, Role};
use certctl_plan::Action;

use crate::expiry::{MOVE_ON, subjects};
use crate::facts::Facts;
use crate::proposal::Proposal;

/// How near an expiry is that the plan warns of.
const SOON_DAYS: u32 = 30;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let mut says = Vec::new();
    let until = Period::days(SOON_DAYS).after(facts.now);
    let (account, observed) = (facts.account, facts.observed);
    let moves_on = proposals.iter().any(|p| p.does(Action::SetInUse));
    for subject in subjects(account, observed, Some(&facts.state), until) {
        let expired = subject.expires <= facts.now;
        let (id, expires) = (&subject.id, subject.expires);
        let diagnostic = match &subject.name {
            // That a declared one has expired is said where its address is decided.
            Some(name) if expired || is_renewed(facts, proposals, name) => continue,
            Some(name) => {
                let address = account.address(name);
                let message = format!("{id} expires at {expires}, and nothing renews it");
                let place = account.certificate(name).map(|c| c.place.clone());
                Diagnostic::warning(Code::ExpiresSoon, message)
                    .hint(format!(
                        "declare `rotation.renew_before`, or pass `--replace {address}`"
                    ))
                    .at(place)
                    .address(&address)
            }
            None if moves_on => continue,
            None => {
                let (code, verb) = match expired {
                    true => (Code::Expired, "expired"),
                    false => (Code::ExpiresSoon, "expires"),
                };
                let message = format!(
                    "Gateway uses {id}, which {verb} at {expires}, and nothing replaces it"
                );
                Diagnostic::warning(code, message)
                    .hint(MOVE_ON)
                    .account(&account.name)
            }
        };
        says.push(diagnostic);
    }
    says
}

/// Whether a successor is declared to come, is there, or is made by this plan.
fn is_renewed(facts: &Facts<'_>, proposals: &[Proposal<'_>], name: &Name) -> bool {
    let declared = facts.account.certificate(name);
    // Of a custom one the check `custom_successor` says when to act.
    let by_time = declared.is_some_and(|declared| {
        declared.rotation.renew_before.is_some() || declared.custom.is_some()
    });
    let open = facts.state.open_create().is_some_and(|intent| {
        matches!(&intent.mutation, Mutation::Create { certificate, .. } if certificate == name)
    });
    let made = proposals
        .iter()
        .any(|proposal| proposal.place.name == *name && proposal.does(Action::Create));
    by_time || open || made || facts.bound(name, Role::Successor).is_some()
}
