//! What Gateway uses expires one day, and nothing is declared that takes its place before (law 12): a
//! warning from the first plan on, and an error once it is late.

use certctl_model::{Code, Diagnostic, InUse};
use certctl_plan::Action;

use super::expires_soon::is_renewed;
use crate::expiry::{MOVE_ON, unrenewed_is_late};
use crate::facts::Facts;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    found(facts, proposals).into_iter().collect()
}

fn found(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Option<Diagnostic> {
    let InUse::Certificate(used) = facts.in_use() else {
        return None;
    };
    let name = facts.state.binding(used).map(|(name, _)| name);
    let declared = name.and_then(|name| facts.account.certificate(name));
    let replaced = || proposals.iter().any(|p| p.does(Action::SetInUse));
    if declared.is_some_and(|declared| is_renewed(facts, proposals, &declared.name)) || replaced() {
        return None;
    }
    let remote = facts.remote(used)?;
    let expires = remote.expires()?;
    let hint = match declared {
        Some(declared) => {
            let address = facts.address(&declared.name);
            format!("declare `rotation.renew_before`, or pass `--replace {address}`")
        }
        None => MOVE_ON.to_owned(),
    };
    let (expired, late) = (
        facts.may_have_expired(remote),
        unrenewed_is_late(remote, expires) <= facts.now,
    );
    let message = match expired {
        true => format!("Gateway uses {used}, which expired at {expires}, and nothing replaces it"),
        false => {
            format!("nothing renews {used}, which Gateway uses and which expires at {expires}")
        }
    };
    let diagnostic = match expired || late {
        false => Diagnostic::warning(Code::ExpiresUnrenewed, message),
        true => Diagnostic::error(Code::ExpiresUnrenewed, message).blocks_nothing(),
    };
    let diagnostic = diagnostic.hint(hint);
    Some(match declared {
        Some(declared) => diagnostic
            .at(Some(declared.place.clone()))
            .address(&facts.address(&declared.name)),
        None => diagnostic.account(&facts.account.name),
    })
}
