//! `--only rotation`: renewals, and the later steps of what an approved run began.
//!
//! *Purpose*: a run that nobody watches does what the calendar asks for and nothing that a reviewer
//! has not seen. What else is due is reported and waits.

use certctl_model::{Code, Diagnostic, Severity};
use certctl_plan::{Mandate, WaitFor};

use crate::facts::Facts;
use crate::proposal::Proposal;
use crate::tables::{Held, LaneWaits};

pub(super) fn hold(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Held {
    let mut held = Held::default();
    if !facts.options.only_rotation {
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
        if let Some(action) = first {
            let message = format!(
                "`--only rotation` leaves this to another run: {}",
                action.as_str()
            );
            let diagnostic = Diagnostic::warning(Code::NotRotation, message)
                .hint("`certctl plan` shows all of it; `certctl apply` does it");
            held.says.push(diagnostic.address(&proposal.place.address));
        }
    }
    held
}

/// Where an unattended run does nothing, an error is a warning: nobody accepted that address yet. But
/// a state that is lost is no address that nobody has applied yet, and a renewal that a wrong clock
/// refuses is due: then nothing would be renewed, and nobody would know.
pub(crate) fn soften(
    facts: &Facts<'_>,
    proposals: &[Proposal<'_>],
    diagnostics: &mut [Diagnostic],
) {
    if !facts.options.only_rotation {
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
