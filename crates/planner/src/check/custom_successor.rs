//! A custom certificate needs a successor, and only its owner can make one: certctl says so, early
//! enough to make it, upload it and have devices trust it.

use certctl_model::{Code, Custom, Diagnostic, RemoteCertificate, Timestamp};
use certctl_spec::Certificate;

use crate::expiry::unrenewed_is_late;
use crate::facts::Facts;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let found = proposals.iter().flat_map(|proposal| {
        let place = &proposal.place;
        let said = place
            .declared
            .map(|declared| judge(facts, proposal, declared));
        let at = place.declared.map(|declared| declared.custom_place.clone());
        said.unwrap_or_default()
            .into_iter()
            .map(move |found| found.at(at.clone()).address(&place.address))
    });
    found.collect()
}

fn judge(facts: &Facts<'_>, proposal: &Proposal<'_>, declared: &Certificate) -> Vec<Diagnostic> {
    let place = &proposal.place;
    let Some(current) = place.current.filter(|_| declared.custom.is_some()) else {
        return Vec::new();
    };
    let (id, mut says) = (&current.id, Vec::new());
    let successor = how_to_succeed(declared);
    if place.replace && !proposal.makes() {
        let message = format!(
            "`--replace`, but certctl cannot make a successor of a custom certificate; {id} stays"
        );
        says.push(Diagnostic::error(Code::NotPossible, message).hint(successor));
    }
    if place.successor.is_some() || proposal.makes() {
        return says;
    }
    if current.compromised {
        let message = format!("{id} is compromised, and only its owner can make its successor");
        says.push(
            Diagnostic::error(Code::CustomSuccessor, message).hint(format!(
                "{successor}; or declare another certificate that is available `in_use: true`"
            )),
        );
        return says;
    }
    if let Some(remote) = facts.remote(id)
        && let Some(expires) = remote.expires()
        && late(declared, remote, expires) <= facts.now
    {
        let act_by = declared.rotation.trust_period.before(expires);
        let (verb, by) = match expires <= facts.now {
            true => ("expired", String::new()),
            false => (
                "expires",
                format!("; by {act_by} at the latest, to keep the trust period"),
            ),
        };
        let message =
            format!("{id} {verb} at {expires}, and only its owner can make its successor");
        says.push(
            Diagnostic::error(Code::CustomSuccessor, message).hint(format!("{successor}{by}")),
        );
    }
    says
}

/// How its successor comes.
fn how_to_succeed(declared: &Certificate) -> &'static str {
    match declared.custom {
        Some(Custom::Own(_)) => {
            "have its owner make the successor, and put it and its key where `custom` says"
        }
        _ => {
            "upload the successor to the account's mTLS certificate store, and write its id at \
             `custom.id`"
        }
    }
}

/// From when its expiry is an error.
fn late(declared: &Certificate, remote: &RemoteCertificate, expires: Timestamp) -> Timestamp {
    match declared.rotation.renew_before {
        Some(before) => before.before(expires),
        None => unrenewed_is_late(remote, expires),
    }
}
