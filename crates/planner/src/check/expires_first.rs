//! What Gateway uses expires before something else can take its place (law 12). Nothing is stopped: the
//! sooner the rotation goes on, the better. But a person has to know while there is time.

use certctl_model::{Code, Diagnostic, InUse, Period, RemoteCertificate, Timestamp};
use certctl_plan::{Action, WaitFor};

use crate::claim::uses_compromised;
use crate::decision::{Lane, When};
use crate::facts::Facts;
use crate::last_resort;
use crate::proposal::Proposal;
use crate::trusted::trust_period;

/// How long before the last moment a wait of unknown end is an error.
const MARGIN_DAYS: u32 = 14;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let InUse::Certificate(used) = facts.in_use() else {
        return Vec::new();
    };
    let remote = facts.remote(used).filter(|remote| facts.is_usable(remote));
    let Some((remote, expires)) = remote.and_then(|remote| Some((remote, remote.expires()?)))
    else {
        return Vec::new();
    };
    // From what is compromised no period is waited for, and no expiry is the worst.
    if uses_compromised(facts) {
        return Vec::new();
    }
    proposals
        .iter()
        .filter_map(|proposal| {
            let lane = proposal
                .lanes()
                .iter()
                .find(|lane| takes_over(lane, used))?;
            let next = proposal.place.successor.map(|successor| &successor.id);
            let trust = trust_period(facts, proposal.place.declared?, next);
            let found = late(facts, lane, trust, remote, expires)?;
            Some(found.address(&proposal.place.address))
        })
        .collect()
}

fn takes_over(lane: &Lane, used: &certctl_model::CertificateId) -> bool {
    let switches = |step: &certctl_plan::Step| {
        step.action() == Action::SetInUse && step.certificate_id() != Some(used)
    };
    lane.steps.iter().any(switches)
}

/// What is wrong with a lane that ends in a switch, held against the expiry of what is in use.
fn late(
    facts: &Facts<'_>,
    lane: &Lane,
    trust: Period,
    used: &RemoteCertificate,
    expires: Timestamp,
) -> Option<Diagnostic> {
    let switches_first = lane.first() == Some(Action::SetInUse);
    // What is yet to be made or deployed is trusted a trust period later, at the earliest.
    let then = |at: Timestamp| if switches_first { at } else { trust.after(at) };
    let act_by = trust.before(expires);
    match lane.when {
        When::Now if switches_first => None,
        When::Now => too_late(used, expires, then(facts.now), act_by),
        When::Waits {
            why: WaitFor::CreationQuota,
            until: Some(until),
        } => too_late(used, expires, then(until), act_by)
            .or_else(|| unknown(facts, WaitFor::CreationQuota, trust, used, expires)),
        When::Waits {
            until: Some(until), ..
        } if switches_first && last_resort::begins(facts) == Some(until) => {
            Some(at_last_resort(used, expires, until, act_by))
        }
        When::Waits {
            until: Some(until), ..
        } => too_late(used, expires, then(until), act_by),
        When::Waits { why, until: None } => unknown(facts, why, trust, used, expires),
    }
}

/// The switch comes before the trust period is over, for what is in use does not last so long.
fn at_last_resort(
    used: &RemoteCertificate,
    expires: Timestamp,
    switch: Timestamp,
    act_by: Timestamp,
) -> Diagnostic {
    let message = format!(
        "Gateway uses {}, which expires at {expires}, before the trust period of its successor is over: \
         as the last resort it is switched at {switch}, whether devices trust it or not",
        used.id
    );
    let hint = format!(
        "give devices the successor before {switch} (`certctl pem` prints it), or declare another \
         certificate that devices trust already `in_use: true`; the trust period could be kept until {act_by}"
    );
    Diagnostic::error(Code::ExpiresFirst, message).hint(hint)
}

fn too_late(
    used: &RemoteCertificate,
    expires: Timestamp,
    switch: Timestamp,
    act_by: Timestamp,
) -> Option<Diagnostic> {
    (switch >= expires).then(|| {
        let message = format!(
            "Gateway uses {}, which expires at {expires}; its successor can be used at {switch} at \
             the earliest: from the expiry until then HTTPS breaks for everybody",
            used.id
        );
        let hint = format!(
            "shorten `rotation.trust_period`, so that the switch comes before {expires} (devices \
             that have not synced by then see errors), or declare another certificate that devices \
             trust already `in_use: true`; the trust period could be kept until {act_by}"
        );
        Diagnostic::error(Code::ExpiresFirst, message).hint(hint)
    })
}

/// A wait of which nobody knows the end is an error once it could cost the trust period.
fn unknown(
    facts: &Facts<'_>,
    why: WaitFor,
    trust: Period,
    used: &RemoteCertificate,
    expires: Timestamp,
) -> Option<Diagnostic> {
    let act_by = trust.before(expires);
    let half = used.facts().map(|known| {
        let validity = Period::between(known.not_before, known.not_after);
        validity.half().after(known.not_before)
    });
    let from = Period::days(MARGIN_DAYS)
        .before(act_by)
        .max(half.unwrap_or(Timestamp::MIN));
    if why == WaitFor::Evidence {
        return (facts.now >= from).then(|| too_few_seen(facts, used, expires));
    }
    (facts.now >= from).then(|| {
        let message = format!(
            "Gateway uses {}, which expires at {expires}, and its successor waits ({}): nobody can \
             say until when",
            used.id,
            why.as_str()
        );
        let hint = format!(
            "see to what it waits for until {act_by}: the trust period ends after the expiry else; \
             `certctl plan` shows it"
        );
        Diagnostic::error(Code::ExpiresFirst, message).hint(hint)
    })
}

/// The trust period is over, and too few devices were seen so near to the expiry.
fn too_few_seen(facts: &Facts<'_>, used: &RemoteCertificate, expires: Timestamp) -> Diagnostic {
    let then = match last_resort::begins(facts) {
        Some(at) => {
            format!("as the last resort it is switched at {at}, however many were seen by then")
        }
        None => "`policy.last_resort` is `never`, so that it expires in use".to_owned(),
    };
    let message = format!(
        "Gateway uses {}, which expires at {expires}, and its successor waits for devices that were not seen: \
         {then}",
        used.id
    );
    let hint = "give those devices the successor (`certctl trust-kit --out DIR`), and lower \
                `rotation.trust_evidence` once enough of them have it";
    Diagnostic::error(Code::ExpiresFirst, message).hint(hint)
}
