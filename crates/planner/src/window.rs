//! Maintenance windows: a switch waits for one, and one has to open in time.

use certctl_model::{Binding, Code, Diagnostic, Period, Role, Timestamp, ValidityDays};
use certctl_spec::Certificate;

use crate::context::Context;
use crate::draft::Draft;
use certctl_plan::Action;

/// Until when a switch that could be made now waits for a window; `None`: one is open.
/// `Some(None)`: none ever opens.
pub(crate) fn closed(context: &Context<'_>, declared: &Certificate) -> Option<Option<Timestamp>> {
    match declared.rotation.opening(context.now) {
        Some(at) if at <= context.now => None,
        opening => Some(opening),
    }
}

/// Refuses windows of which none opens between the end of the trust period and the expiry of what is
/// replaced: such a renewal ends in an outage, and that is known before it starts.
pub(crate) fn check(context: &mut Context<'_>, draft: &Draft, declared: &Certificate) {
    let switches = declared.in_use == Some(true) || draft.does(Action::SetInUse);
    if declared.rotation.windows.is_empty() || !switches {
        return;
    }
    let Some((ready, expires)) = span(context, draft, declared) else {
        return;
    };
    let opening = declared.rotation.opening(ready);
    if opening.is_some_and(|opening| opening < expires) {
        return;
    }
    let opens = opening.map_or_else(
        || "none opens after that".to_owned(),
        |at| format!("the next one opens at {at}"),
    );
    let message = format!(
        "no window of `rotation.windows` opens between {ready}, when the successor can be switched \
         to, and {expires}, when what is in use expires: {opens}"
    );
    let diagnostic = Diagnostic::error(Code::WindowTooLate, message)
        .hint("raise `rotation.renew_before`, or let `rotation.windows` open more often")
        .at(Some(declared.place.clone()));
    context.report(draft, diagnostic);
}

/// From when on a successor can be switched to, and until when that must have happened.
fn span(
    context: &Context<'_>,
    draft: &Draft,
    declared: &Certificate,
) -> Option<(Timestamp, Timestamp)> {
    let rotation = &declared.rotation;
    let current = context.bound(&draft.name, Role::Current);
    let expires = match &current {
        Some(current) => context.remote(&current.id)?.expires()?,
        None => {
            let days = declared
                .validity_period_days
                .unwrap_or(ValidityDays::DEFAULT);
            Period::days(days.days()).after(context.now)
        }
    };
    if context.now >= expires {
        return None;
    }
    let successor = context.bound(&draft.name, Role::Successor);
    let made = match successor {
        Some(Binding {
            available_since, ..
        }) => available_since.unwrap_or(context.now),
        None => rotation.renew_before?.before(expires).max(context.now),
    };
    let ready = rotation.trust_period.after(made).max(context.now);
    // To the second, as every instant that is shown.
    let ready = Timestamp::from_second(ready.as_second()).unwrap_or(ready);
    Some((ready, expires))
}
