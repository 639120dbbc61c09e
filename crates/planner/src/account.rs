//! One account: reshape, decide, order, guard.

use std::collections::BTreeMap;

use certctl_model::{AccountState, Name, Role, Timestamp};
use certctl_plan::{AccountInput, AccountOutcome, Options, digest};

use crate::context::Context;
use crate::draft::Draft;
use crate::finish::{failed, finish, foreign_spec};
use crate::in_use::refuse_contradiction;
use crate::reshape::reshape;
use crate::retire::retire_all;
use crate::{
    catch_up, expiry, guard, limits, orders, removal, rotation, settle, shape, slots, unattended,
    unbound, window,
};

/// Plans one account.
#[must_use]
pub fn plan_account(input: &AccountInput<'_>, options: &Options, now: Timestamp) -> AccountOutcome {
    let mut outcome = decide_account(input, options, now);
    let account = &mut outcome.account;
    account.digest = digest::of_account(account, &outcome.changes, &options.words());
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
        Err(diagnostic) => return failed(input, diagnostic),
    };
    let mut context = Context::new(input, observed, options, now);
    context.diagnostics.extend(foreign_spec(input));
    let nothing = AccountState::default();
    let before = input.state.unwrap_or(&nothing);
    let mut drafts = reshape(&mut context);
    catch_up::note_what_was_seen(&mut context, &mut drafts);
    orders::mark_compromised(&mut context, &mut drafts);
    let open = settle::settle(&mut context, &mut drafts);
    for name in order_of_decision(&context, &drafts) {
        if let Some(draft) = drafts.get_mut(&name) {
            decide(&mut context, draft, open.as_ref());
        }
    }
    settle::report_late(&mut context);
    removal::suggest_moves(&mut context, &drafts);
    drafts.retain(|_, draft| options.targets(&draft.address) || draft.confine());
    unattended::confine(&mut context, &mut drafts);
    // What is held takes no creation away from what is not.
    let mut tally = guard::hold(&mut context, &mut drafts);
    let creations_left = limits::apply(&context, &mut drafts, open.as_ref());
    guard::check(&mut context, &drafts, &mut tally);
    slots::check(&mut context, &drafts, open.as_ref());
    expiry::warn(&mut context, &drafts);
    let mut outcome = finish(context, drafts, before, input, creations_left);
    outcome.account.tally = tally;
    outcome
}

/// The address that is declared in use first, for what Gateway uses is its first claim; then by name.
fn order_of_decision(context: &Context<'_>, drafts: &BTreeMap<Name, Draft>) -> Vec<Name> {
    let first = context
        .declared_in_use()
        .map(|certificate| &certificate.name);
    let mut names: Vec<Name> = drafts.keys().cloned().collect();
    names.sort_by_key(|name| (Some(name) != first, name.clone()));
    names
}

fn decide(context: &mut Context<'_>, draft: &mut Draft, open: Option<&settle::Open>) {
    draft.before = shape::before(context, draft);
    if let Some(open) = open.filter(|open| open.certificate == draft.name) {
        settle::wait(context, draft, open);
        return;
    }
    let Some(declared) = context.account.certificate(&draft.name) else {
        removal::decide(context, draft);
        unattended::note_goal(context, draft);
        return;
    };
    let is_bound = |context: &Context<'_>, role| context.bound(&draft.name, role).is_some();
    let bound = is_bound(context, Role::Current) || is_bound(context, Role::Successor);
    if !bound {
        orders::refuse_unbound(context, draft);
    }
    let takes = match context.options.only_rotation {
        // Nothing new is taken over by a run that nobody watches.
        true => {
            if !bound {
                unbound::report_lost_state(context, draft, declared);
            }
            bound
        }
        false => bound || unbound::adopt(context, draft, declared),
    };
    if takes {
        rotation::decide(context, draft, declared);
    } else if !draft.blocked {
        unbound::create(draft, declared);
    }
    retire_all(context, draft, declared.rotation.retire_after);
    window::check(context, draft, declared);
    unattended::note_goal(context, draft);
    refuse_contradiction(context, draft, declared);
}
