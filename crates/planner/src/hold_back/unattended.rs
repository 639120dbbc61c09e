//! `--only rotation`: renewals, and the later steps of what an approved run began.
//!
//! *Purpose*: a run that nobody watches does what the calendar asks for and nothing that a reviewer
//! has not seen. What else is due is reported and waits.

use certctl_model::{Code, Diagnostic, Severity};
use certctl_plan::{Action, Mandate, WaitFor};

use crate::decision::Lane;
use crate::facts::Facts;
use crate::proposal::Proposal;
use crate::tables::{HeldBack, LaneWaits};

pub(super) fn hold(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> HeldBack {
    let mut held = HeldBack::default();
    if !facts.options.is_unattended() {
        return held;
    }
    for (n, proposal) in proposals.iter().enumerate() {
        let lanes = proposal.lanes().iter().enumerate();
        let new = lanes.filter(|(_, lane)| lane.mandate == Mandate::New);
        let mut first = None;
        for (lane, new) in new {
            first = first.or(new.first());
            held.waits.push(LaneWaits {
                proposal: n,
                lane,
                why: WaitFor::Unattended,
                until: None,
            });
        }
        let due = proposal.lanes().iter().any(is_new_and_due);
        let diagnostic = first.and_then(|action| match facts.options.unapproved {
            false => Some(not_rotation(action)),
            true => due.then(|| came_due(action)),
        });
        let says = diagnostic.map(|diagnostic| diagnostic.address(&proposal.place.address));
        held.says.extend(says);
    }
    held
}

fn is_new_and_due(lane: &Lane) -> bool {
    lane.mandate == Mandate::New && lane.is_due()
}

fn not_rotation(action: Action) -> Diagnostic {
    let what = action.as_str();
    let message = format!("`--only rotation` leaves this to another run: {what}");
    Diagnostic::warning(Code::NotRotation, message)
        .hint("`certctl plan` shows all of it; `certctl apply` does it")
}

/// What a run that came only to wait found to be due.
fn came_due(action: Action) -> Diagnostic {
    let what = action.as_str();
    let message = format!("this came due, and nobody approved it: {what}");
    Diagnostic::warning(Code::NotApproved, message)
        .hint("`certctl plan` shows all of it; `certctl apply` asks for it")
}

/// Where an unattended run does nothing, an error is a warning: nobody accepted that address yet. But
/// a state that is lost is no address that nobody has applied yet, and a renewal that a wrong clock
/// refuses is due: then nothing would be renewed, and nobody would know.
pub(crate) fn soften(
    facts: &Facts<'_>,
    proposals: &[Proposal<'_>],
    diagnostics: &mut [Diagnostic],
) {
    if !facts.options.is_unattended() {
        return;
    }
    for proposal in proposals {
        let goes_on = proposal
            .lanes()
            .iter()
            .any(|lane| lane.mandate != Mandate::New);
        if goes_on || proposal.decision.rotates {
            continue;
        }
        for diagnostic in diagnostics.iter_mut() {
            let here = diagnostic.address.as_ref() == Some(&proposal.place.address);
            if here && !matches!(diagnostic.code, Code::NewState | Code::ClockSkew) {
                diagnostic.severity = Severity::Warning;
            }
        }
    }
}
