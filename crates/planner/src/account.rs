//! One account, from its inputs to its outcome. This file reads like the table of contents.

use certctl_model::{Diagnostic, Observed, Timestamp};
use certctl_plan::{AccountInput, AccountOutcome, Options, Tally};

use crate::accepted;
use crate::aim;
use crate::assemble::{assemble, failed};
use crate::check::{check, count_removals};
use crate::decide::decide;
use crate::gather::{gather, remember};
use crate::hold_back::{hold_back, soften};
use crate::select::keep_targets;
use crate::tables::Spoken;
use crate::taken_up;

/// Plans one account.
#[must_use]
pub fn plan_account(input: &AccountInput<'_>, options: &Options, now: Timestamp) -> AccountOutcome {
    let mut outcome = decide_account(input, options, now);
    outcome.seal(options);
    outcome
}

/// The plan of one account without its digest: for a forecast, which nobody reviews plan by plan.
#[must_use]
pub fn decide_account(
    input: &AccountInput<'_>,
    options: &Options,
    now: Timestamp,
) -> AccountOutcome {
    let observed = match input.observed {
        Ok(observed) => observed,
        Err(diagnostic) => return failed(input, diagnostic, options),
    };
    plan_in_stages(input, observed, options, now).0
}

/// The outcome of an account, and the rows of the tables that spoke.
pub(crate) fn plan_in_stages(
    input: &AccountInput<'_>,
    observed: &Observed,
    options: &Options,
    now: Timestamp,
) -> (AccountOutcome, Spoken) {
    let accepted = accepted::effective(input, observed, options);
    let effective = accepted.as_ref().map(|accepted| AccountInput {
        account: &accepted.account,
        policy: &accepted.policy,
        ..input.clone()
    });
    let input = effective.as_ref().unwrap_or(input);
    let (facts, addresses) = gather(input, observed, options, now);
    let mut proposals = decide(&facts, addresses);
    for proposal in &mut proposals {
        aim::note(&facts, proposal);
    }
    keep_targets(&facts, &mut proposals);
    let settings = taken_up::take_up(&facts, &mut proposals);
    let mut spoken = Spoken {
        rules: proposals.iter().map(|proposal| proposal.rule).collect(),
        ..Spoken::default()
    };
    let (held, limits) = hold_back(&facts, &mut proposals, &mut spoken);
    remember(&facts, &mut proposals);
    let found = check(&facts, &proposals, &mut spoken);
    let decided = proposals.iter().flat_map(|p| &p.decision.says).cloned();
    let mut says: Vec<Diagnostic> = facts.says.iter().cloned().chain(decided).collect();
    soften(&facts, &proposals, &mut says);
    says.extend(held.into_iter().chain(found));
    says.extend(
        accepted
            .iter()
            .flat_map(|accepted| accepted.reports.iter().cloned()),
    );
    let (destroyed, bound) = count_removals(&facts, &proposals);
    let tally = Tally {
        destroyed,
        held: bound,
        ..limits
    };
    let mut outcome = assemble(input, &facts, proposals, says, tally);
    outcome.account.settings = settings;
    (outcome, spoken)
}
