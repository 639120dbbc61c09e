//! A switch waits for devices that have to be seen first, or nobody can say how many were: what is missing,
//! and until when it is waited for.

use certctl_model::{Binding, Code, Diagnostic, Evidence, TrustEvidence};
use certctl_plan::{Action, DEVICES_PERMISSION, WaitFor, devices_said, grouped};

use crate::decision::{Lane, When};
use crate::evidence::{counted, needed};
use crate::facts::Facts;
use crate::last_resort;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let found = proposals.iter().filter_map(|proposal| {
        let found = one(facts, proposal)?;
        Some(found.address(&proposal.place.address))
    });
    found.collect()
}

fn one(facts: &Facts<'_>, proposal: &Proposal<'_>) -> Option<Diagnostic> {
    let declared = proposal.place.declared?;
    let switches = |lane: &&Lane| lane.first() == Some(Action::SetInUse);
    let lane = proposal.lanes().iter().find(switches)?;
    let id = lane.steps.first()?.certificate_id()?;
    let (_, binding) = facts.state.binding(id)?;
    let unread = unread(facts);
    let Some(needed) = needed(facts, declared, Some(id)).filter(|_| !lane.is_due()) else {
        // It was asked for and is not declared: nothing waits for it.
        return unread.map(|unread| {
            let message =
                format!("nobody can say how many devices had the time to fetch {id}: {unread}");
            Diagnostic::warning(Code::TrustEvidence, message).hint(what_to_do(facts))
        });
    };
    let waits = matches!(
        lane.when,
        When::Waits {
            why: WaitFor::Evidence,
            ..
        }
    );
    let message = match unread {
        Some(unread) => format!(
            "the switch to {id} waits for {} of the devices, and nobody can count them: {unread}",
            needed.seen
        ),
        None if waits => too_few(facts, binding, &needed),
        None => return None,
    };
    let hint = match facts.observed.evidence.as_deref() {
        Some(Evidence::Denied | Evidence::Unreadable) => what_to_do(facts),
        _ => "devices fetch it when they are online: see to those that were not seen, or give them the \
              certificate (`certctl trust-kit --out DIR`) and lower `rotation.trust_evidence`"
            .to_owned(),
    };
    let hint = format!("{hint}; {}", deadline(facts));
    Some(Diagnostic::warning(Code::TrustEvidence, message).hint(hint))
}

/// Why the devices were not counted, where somebody tried.
fn unread(facts: &Facts<'_>) -> Option<&'static str> {
    match facts.observed.evidence.as_deref() {
        Some(Evidence::Denied) => Some("the token may not read the devices of the account"),
        Some(Evidence::Unreadable) => Some("the devices of the account could not be read"),
        Some(Evidence::Counted { .. } | Evidence::Assumed) | None => None,
    }
}

fn what_to_do(facts: &Facts<'_>) -> String {
    match facts.observed.evidence.as_deref() {
        Some(Evidence::Denied) => format!("give the token the permission `{DEVICES_PERMISSION}`"),
        _ => "run it again; `--log-level debug` shows what was answered".to_owned(),
    }
}

fn too_few(facts: &Facts<'_>, binding: &Binding, needed: &TrustEvidence) -> String {
    let (id, share) = (&binding.id, needed.seen);
    match counted(facts, binding) {
        Some(counts) => format!(
            "the switch to {id} waits for {share} of the devices: {}; {} more have to be seen",
            devices_said(&counts),
            grouped(share.missing(counts.seen, counts.can_fetch()))
        ),
        None => {
            format!("the switch to {id} waits for {share} of the devices, which were not counted")
        }
    }
}

/// Until when it is waited for.
fn deadline(facts: &Facts<'_>) -> String {
    match last_resort::begins(facts) {
        Some(at) => format!("at {at}, as the last resort, Gateway is switched without it"),
        None => "`policy.last_resort` is `never`: Gateway is not switched without it".to_owned(),
    }
}
