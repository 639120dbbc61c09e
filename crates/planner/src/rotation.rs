//! A bound address: an open rotation goes on first, then one may start, then the certificate itself
//! is brought to what is declared.

use certctl_model::{
    Binding, Cause, Code, Diagnostic, Note, Reason, RemoteCertificate, Role, ValidityDays,
};
use certctl_spec::{Certificate, Import};

use crate::activation::bring_up;
use crate::certificate::{can_be_used, expired, is_held, issued_days, not_ours_to_touch, verify};
use crate::context::Context;
use crate::draft::{Draft, Lane, steps};
use crate::in_use::{self, Switch, claims_in_use};
use crate::orders::{self, warn_held};
use crate::removal;
use crate::retire::{dismantle, goodbye};
use crate::shape::{Wanted, wanted};
use crate::takeover::promote;
use certctl_plan::{Action, ChangeKind, Step, WaitFor};

/// Decides a declared address that holds a current certificate, a successor, or both.
pub(crate) fn decide(context: &mut Context<'_>, draft: &mut Draft, declared: &Certificate) {
    removal::note_policy(context, draft, declared);
    promote(context, draft, declared);
    let Some(current) = context.bound(&draft.name, Role::Current) else {
        return;
    };
    check_import(context, draft, declared, &current);
    orders::obey(context, draft);
    let Some(current) = context.bound(&draft.name, Role::Current) else {
        return;
    };
    if let Some(successor) = context.bound(&draft.name, Role::Successor) {
        if is_held(&successor) && !nothing_to_hold_on_to(context, &current) {
            hold(context, draft, declared, &current, &successor);
        } else {
            go_on(context, draft, declared, &current, &successor);
        }
        draft.is_rotation();
    } else if let Some(start_of) = starts(context, draft, declared, &current) {
        let begun = was_begun(context, draft, &start_of);
        start(context, draft, declared, &current, start_of);
        if begun {
            draft.is_rotation();
        }
    } else {
        keep(context, draft, declared, &current);
    }
}

/// An open rotation: the successor is brought up, then the predecessor retires.
fn go_on(
    context: &mut Context<'_>,
    draft: &mut Draft,
    declared: &Certificate,
    current: &Binding,
    successor: &Binding,
) {
    let entry = context.state.certificates.get(&draft.name);
    let kind = ChangeKind::of_rotation(entry.and_then(|entry| entry.cause));
    let message = format!("a rotation to {} is under way", successor.id);
    draft.decide(kind, Reason::RotationOpen, message);
    let in_use = claims_in_use(context, draft, declared);
    if in_use {
        stand_in(context, draft, declared, current, Some(successor));
    }
    if let Some(remote) = context.remote(&successor.id) {
        if !verify(context, draft, successor, remote, false) {
            return;
        }
        if context.may_have_expired(remote) && !in_use {
            let diagnostic = expired(draft, &successor.id, "expired before it took over");
            context.report(draft, diagnostic);
            return;
        }
    }
    let wanted = wanted(context, declared, successor, in_use);
    let tail = leave(context, draft, current);
    bring_up(context, draft, declared, successor, wanted, tail);
}

/// What is left to do with the predecessor. A compromised one that Gateway does not use goes at
/// once, whatever its successor waits for.
fn leave(context: &mut Context<'_>, draft: &mut Draft, current: &Binding) -> Vec<Step> {
    if current.compromised && !context.may_be_in_use(&current.id) {
        let then = steps(Some(&current.id), &[Action::Delete]);
        dismantle(context, draft, current, None, then);
        return Vec::new();
    }
    goodbye(context, current)
}

/// Whether the predecessor is of no use to anybody, so that a hold would only prolong an outage.
fn nothing_to_hold_on_to(context: &Context<'_>, current: &Binding) -> bool {
    !context.something_usable_is_in_use() && !can_be_used(context, current)
}

/// A rotation that a person holds: the predecessor is the certificate of the address, and the
/// successor stays at the edge, to be switched to when somebody says so.
fn hold(
    context: &mut Context<'_>,
    draft: &mut Draft,
    declared: &Certificate,
    current: &Binding,
    successor: &Binding,
) {
    let entry = context.state.certificates.get(&draft.name);
    let kind = ChangeKind::of_rotation(entry.and_then(|entry| entry.cause));
    let message = format!("the rotation to {} is held", successor.id);
    draft.decide(kind, Reason::RolledBack, message);
    warn_held(context, draft, declared);
    let in_use = claims_in_use(context, draft, declared);
    if let Some(remote) = context.remote(&current.id)
        && !verify(context, draft, current, remote, false)
    {
        return;
    }
    let of_current = wanted(context, declared, current, in_use);
    bring_up(context, draft, declared, current, of_current, Vec::new());
    let wanted = wanted(context, declared, successor, in_use);
    let only_active = Wanted {
        active: wanted.active,
        in_use: false,
    };
    let before = draft.lanes.len();
    bring_up(context, draft, declared, successor, only_active, Vec::new());
    if draft.lanes.len() == before {
        let switch: &[Action] = if in_use { &[Action::SetInUse] } else { &[] };
        let mut rest = steps(Some(&successor.id), switch);
        rest.extend(goodbye(context, current));
        draft.lane(Lane::waits(rest, WaitFor::Hold, None));
    }
}

/// Whether this start is a renewal, or what was left of a change that an approved run began.
fn was_begun(context: &Context<'_>, draft: &Draft, (cause, ..): &Start) -> bool {
    let entry = context.state.certificates.get(&draft.name);
    let recorded = entry.and_then(|entry| entry.cause) == Some(*cause);
    match cause {
        Cause::Renew | Cause::Compromised => true,
        Cause::Requested => recorded,
        Cause::Replace => recorded && draft.gone_successor.is_some(),
    }
}

/// While Gateway uses nothing that browsers accept, the predecessor is better than waiting for its
/// successor: to be deployed, or to be trusted.
fn stand_in(
    context: &mut Context<'_>,
    draft: &mut Draft,
    declared: &Certificate,
    current: &Binding,
    successor: Option<&Binding>,
) {
    if context.something_usable_is_in_use() || !can_be_used(context, current) {
        return;
    }
    let mut takes_over = |context: &mut Context<'_>, successor: &Binding| {
        can_be_used(context, successor)
            && matches!(
                in_use::switch(context, draft, declared, successor),
                Switch::Now
            )
    };
    if !successor.is_some_and(|successor| takes_over(context, successor)) {
        draft.lane(Lane::due(steps(Some(&current.id), &[Action::SetInUse])));
    }
}

fn is_due(context: &Context<'_>, declared: &Certificate, remote: &RemoteCertificate) -> bool {
    let before = declared.rotation.renew_before.zip(remote.expires());
    before.is_some_and(|(before, expires)| before.before(expires) <= context.now)
}

type Start = (Cause, Reason, String);

/// Whether, and why, a rotation starts; the first reason wins.
fn starts(
    context: &mut Context<'_>,
    draft: &Draft,
    declared: &Certificate,
    current: &Binding,
) -> Option<Start> {
    let remote = context.remote(&current.id)?;
    if not_ours_to_touch(remote).is_some() {
        return None;
    }
    if current.compromised {
        let message = format!("{} is compromised", current.id);
        return Some((Cause::Compromised, Reason::Compromised, message));
    }
    let cause = context.state.certificates.get(&draft.name)?.cause;
    if cause == Some(Cause::Requested) || context.options.replace.contains(&draft.address) {
        let message = "a replace was asked for".to_owned();
        return Some((Cause::Requested, Reason::ReplaceRequested, message));
    }
    let has = current.days.or_else(|| issued_days(remote));
    if let (Some(wants), Some(has)) = (declared.validity_period_days, has)
        && wants != has
    {
        let message = format!("validity_period_days: {has} -> {wants}; a certificate is immutable");
        // A run that nobody watches begins no replacement, but a renewal does not wait for one.
        if !context.options.only_rotation || !is_due(context, declared, remote) {
            return Some((Cause::Replace, Reason::ValidityChanged, message));
        }
    }
    let due = declared.rotation.renew_before?.before(remote.expires()?);
    if context.now < due {
        return None;
    }
    if context.is_skewed() {
        context.refuse_by_clock(draft);
        return None;
    }
    let message = format!("it expires within its renew_before, since {due}");
    Some((Cause::Renew, Reason::RenewalDue, message))
}

fn start(
    context: &mut Context<'_>,
    draft: &mut Draft,
    declared: &Certificate,
    current: &Binding,
    (cause, reason, message): Start,
) {
    if let Some(remote) = context.remote(&current.id) {
        verify(context, draft, current, remote, true);
    }
    if let Some(gone) = draft.gone_successor.take() {
        let message = format!("its successor {gone} no longer exists");
        draft.decide(ChangeKind::of_rotation(Some(cause)), Reason::Gone, message);
    }
    draft.decide(ChangeKind::of_rotation(Some(cause)), reason, message);
    let in_use = claims_in_use(context, draft, declared);
    if in_use {
        stand_in(context, draft, declared, current, None);
    }
    let days = declared.validity_period_days;
    let certificate = draft.name.clone();
    let mut all = vec![Step {
        makes: Some((Role::Successor, days.unwrap_or(ValidityDays::DEFAULT))),
        notes: vec![Note::Rotate { certificate, cause }],
        ..Step::new(Action::Create, None)
    }];
    if in_use || declared.activate != Some(false) {
        all.extend(steps(None, &[Action::Activate]));
    }
    if in_use {
        all.extend(steps(None, &[Action::SetInUse]));
    }
    all.extend(leave(context, draft, current));
    draft.lane(Lane::due(all));
}

/// No rotation: the certificate itself.
fn keep(context: &mut Context<'_>, draft: &mut Draft, declared: &Certificate, current: &Binding) {
    let in_use = claims_in_use(context, draft, declared);
    if let Some(remote) = context.remote(&current.id) {
        if !verify(context, draft, current, remote, false) {
            draft.decide(ChangeKind::NoOp, Reason::Blocked, "it fails verification");
            return;
        }
        // Where it is yet to be set in use, that is an error, see `bring_up`.
        if context.may_have_expired(remote) && (!in_use || context.is_in_use(&current.id)) {
            let expired = expired(draft, &current.id, "has expired");
            let diagnostic = Diagnostic {
                severity: certctl_model::Severity::Warning,
                ..expired
            };
            context.report(draft, diagnostic);
        }
    }
    let wanted = wanted(context, declared, current, in_use);
    bring_up(context, draft, declared, current, wanted, Vec::new());
}

/// An `import` on an address that is bound: nothing to do, or a contradiction.
fn check_import(
    context: &mut Context<'_>,
    draft: &Draft,
    declared: &Certificate,
    current: &Binding,
) {
    let Some(Import::Id(id)) = &declared.import else {
        return;
    };
    let entry = context.state.certificates.get(&draft.name);
    let known = entry.is_some_and(|e| e.had.contains(id) || e.bindings.iter().any(|b| b.id == *id));
    if !known {
        let message = format!(
            "`import: {id}`, but this address is bound to {}",
            current.id
        );
        let diagnostic = Diagnostic::error(Code::ImportBound, message)
            .hint("remove `import`, or declare the certificate under another name")
            .at(Some(declared.import_place.clone()));
        context.report(draft, diagnostic);
    }
}
