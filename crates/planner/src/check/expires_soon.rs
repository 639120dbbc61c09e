//! What is declared, expires soon and is not renewed: no `renew_before`, and nothing that this plan does
//! replaces it. What Gateway uses is another matter, see `expires_unrenewed`.

use certctl_model::{Code, Diagnostic, Name, Period, Role};

use crate::expiry::subjects;
use crate::facts::Facts;
use crate::proposal::Proposal;

/// How near an expiry is that the plan warns of.
const SOON_DAYS: u32 = 30;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let until = Period::days(SOON_DAYS).after(facts.now);
    let (account, observed) = (facts.account, facts.observed);
    let subjects = subjects(account, observed, Some(&facts.state), until);
    let unused = subjects.into_iter().filter(|subject| !subject.in_use);
    let said = unused.filter_map(|subject| {
        let name = subject.name?;
        let expires = subject.expires;
        // That it has expired is said where its address is decided.
        if expires <= facts.now || is_renewed(facts, proposals, &name) {
            return None;
        }
        let address = account.address(&name);
        let message = format!("{} expires at {expires}, and nothing renews it", subject.id);
        let place = account.certificate(&name).map(|c| c.place.clone());
        let hint = format!("declare `rotation.renew_before`, or pass `--replace {address}`");
        let diagnostic = Diagnostic::warning(Code::ExpiresSoon, message).hint(hint);
        Some(diagnostic.at(place).address(&address))
    });
    said.collect()
}

/// Whether a successor is declared to come, is there, or is made by this plan.
pub(super) fn is_renewed(facts: &Facts<'_>, proposals: &[Proposal<'_>], name: &Name) -> bool {
    let declared = facts.account.certificate(name);
    // Of a custom one the check `custom_successor` says when to act.
    let by_time = declared.is_some_and(|declared| {
        declared.rotation.renew_before.is_some() || declared.custom.is_some()
    });
    let open = || facts.state.open_create_for(name);
    let made = || {
        let mut proposals = proposals.iter();
        proposals.any(|proposal| proposal.place.name == *name && proposal.makes())
    };
    by_time || open() || made() || facts.bound(name, Role::Successor).is_some()
}
