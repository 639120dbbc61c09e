//! Maintenance windows of which none opens between the end of the trust period and the expiry of what
//! is replaced: such a renewal ends in an outage, and that is known before it starts.
//!
//! It blocks nothing: the renewal goes on, for without its successor the outage is certain.

use certctl_model::{Code, Diagnostic, Period, Timestamp, ValidityDays};
use certctl_plan::Action;
use certctl_spec::Certificate;

use crate::facts::Facts;
use crate::proposal::Proposal;
use crate::trusted::trust_period;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let open = facts.open.as_ref().map(|open| &open.certificate);
    proposals
        .iter()
        .filter(|proposal| open != Some(&proposal.place.name))
        .filter_map(|proposal| judge(facts, proposal, proposal.place.declared?))
        .collect()
}

fn judge(facts: &Facts<'_>, proposal: &Proposal<'_>, declared: &Certificate) -> Option<Diagnostic> {
    let switches = declared.in_use == Some(true) || proposal.does(Action::SetInUse);
    if declared.rotation.windows.is_empty() || !switches {
        return None;
    }
    let (ready, expires) = span(facts, proposal, declared)?;
    let opening = declared.rotation.opening(ready);
    if opening.is_some_and(|opening| opening < expires) {
        return None;
    }
    let message = if ready >= expires {
        format!(
            "what is in use expires at {expires}, before the successor can be switched to at \
             {ready}; no window of `rotation.windows` can help"
        )
    } else {
        let opens = opening.map_or_else(
            || "none opens after that".to_owned(),
            |at| format!("the next one opens at {at}"),
        );
        format!(
            "no window of `rotation.windows` opens between {ready}, when the successor can be \
             switched to, and {expires}, when what is in use expires: {opens}"
        )
    };
    let diagnostic = Diagnostic::error(Code::WindowTooLate, message)
        .hint("raise `rotation.renew_before`, or let `rotation.windows` open more often")
        .at(Some(declared.place.clone()));
    Some(diagnostic.address(&proposal.place.address))
}

/// From when on a successor can be switched to, and until when that must have happened.
fn span(
    facts: &Facts<'_>,
    proposal: &Proposal<'_>,
    declared: &Certificate,
) -> Option<(Timestamp, Timestamp)> {
    let rotation = &declared.rotation;
    let place = &proposal.place;
    let expires = match place.current {
        Some(current) => facts.remote(&current.id)?.expires()?,
        None => {
            let days = declared.validity_period_days;
            let days = days.unwrap_or(ValidityDays::DEFAULT).days();
            Period::days(days).after(facts.now)
        }
    };
    if facts.now >= expires {
        return None;
    }
    let next = place.successor.map(|successor| &successor.id);
    let made = match place.successor {
        Some(successor) => successor.available_since.unwrap_or(facts.now),
        None => rotation.renew_before?.before(expires).max(facts.now),
    };
    let ready = trust_period(facts, declared, next)
        .after(made)
        .max(facts.now);
    // To the second, as every instant that is shown.
    let ready = Timestamp::from_second(ready.as_second()).unwrap_or(ready);
    Some((ready, expires))
}
