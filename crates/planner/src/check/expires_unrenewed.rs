//! What Gateway uses expires one day, and nothing is declared that takes its place before (law 12): a
//! warning from the first plan on, and an error once it is late.

use certctl_model::{CertificateId, Code, Diagnostic, InUse, Role};
use certctl_plan::Action;
use certctl_spec::Certificate;

use super::expires_soon::is_renewed;
use crate::certificate::not_ours_to_touch;
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
    if let Some(stuck) = stuck(facts, proposals, used, declared) {
        return Some(stuck);
    }
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

/// A renewal that is due and does not begin, or not go on: what certctl does not know of a certificate, it
/// leaves alone.
fn stuck(
    facts: &Facts<'_>,
    proposals: &[Proposal<'_>],
    used: &CertificateId,
    declared: Option<&Certificate>,
) -> Option<Diagnostic> {
    let (declared, remote) = (declared?, facts.remote(used)?);
    let successor = facts.bound(&declared.name, Role::Successor);
    let (next, does) = match successor {
        Some(successor) => (facts.remote(&successor.id)?, "go on"),
        None => (remote, "begin"),
    };
    let unknown = not_ours_to_touch(next)?;
    let expires = remote.expires()?;
    let due = match declared.rotation.renew_before {
        Some(before) => before.before(expires),
        None => unrenewed_is_late(remote, expires),
    };
    if facts.now < due || proposals.iter().any(|p| p.does(Action::SetInUse)) {
        return None;
    }
    let message = format!(
        "the renewal of {used}, which Gateway uses and which expires at {expires}, is due since {due} and \
         does not {does}: {}",
        unknown.message
    );
    let hint = "look at it in the dashboard; declare another certificate `in_use: true` to move Gateway to it";
    let diagnostic = Diagnostic::error(Code::ExpiresUnrenewed, message).hint(hint);
    let address = facts.address(&declared.name);
    let place = Some(declared.place.clone());
    Some(diagnostic.at(place).address(&address).blocks_nothing())
}
