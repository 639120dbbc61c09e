//! Ten certificates can be at the edge at once: what is declared has to fit for good.
//!
//! Where it fits and is only full for now (what was replaced is still there), a creation waits, see
//! [`crate::limits`]. Where it never fits, waiting would have no end, and that is said at once.

use std::collections::BTreeMap;

use certctl_model::{Code, DeletionPolicy, Diagnostic, Name, Role};
use certctl_spec::Certificate;

use crate::context::Context;
use crate::draft::Draft;
use crate::edge::{AVAILABLE, is_at_the_edge};
use crate::settle::Open;
use crate::shape::wanted;
use certctl_plan::Action;

/// Refuses to take another slot where more are needed for good than there are, and warns where all
/// are needed and a rotation would need one more.
pub(crate) fn check(
    context: &mut Context<'_>,
    drafts: &BTreeMap<Name, Draft>,
    open: Option<&Open>,
) {
    let declared: Vec<&Certificate> = context
        .account
        .certificates
        .iter()
        .filter(|declared| needs_a_slot(context, drafts, open, declared))
        .collect();
    let others = others(context);
    let needed = declared.len() + others;
    let mut counted = format!("{} declared active", declared.len());
    if others > 0 {
        counted = format!("{counted}, {others} that nothing declares");
    }
    let renewed = declared
        .iter()
        .any(|declared| declared.rotation.renew_before.is_some());
    let diagnostic = if needed > AVAILABLE && drafts.values().any(takes_a_slot) {
        let message = format!(
            "{needed} certificates would have to be available ({counted}); Cloudflare allows \
             {AVAILABLE} in an account"
        );
        Diagnostic::error(Code::AvailableCap, message).hint(
            "declare some of them `activate: false`, or deactivate what is not needed in the dashboard",
        )
    } else if needed == AVAILABLE && renewed {
        let message = format!(
            "all {AVAILABLE} certificates that can be available in an account are needed \
             ({counted}): a rotation has no slot for a successor"
        );
        Diagnostic::warning(Code::AvailableCap, message)
            .hint("keep one slot free: declare one of them `activate: false`")
    } else {
        return;
    };
    let account = context.account;
    context.diagnostics.push(
        diagnostic
            .at(Some(account.place.clone()))
            .account(&account.name),
    );
}

/// Whether a declared address stays at the edge once everything is done. One that is not decided yet
/// is not counted: what it will take over may be there already.
fn needs_a_slot(
    context: &Context<'_>,
    drafts: &BTreeMap<Name, Draft>,
    open: Option<&Open>,
    declared: &Certificate,
) -> bool {
    let name = &declared.name;
    let bound = context
        .bound(name, Role::Current)
        .or_else(|| context.bound(name, Role::Successor));
    match bound {
        Some(binding) => wanted(context, declared, &binding, declared.in_use == Some(true)).active,
        None => {
            let blocked = drafts.get(name).is_some_and(|draft| draft.blocked);
            let settling = open.is_some_and(|open| open.certificate == *name);
            !blocked && !settling && declared.activate != Some(false)
        }
    }
}

/// How many are at the edge that certctl does not take down: what nothing claims, and what it will
/// let go as it is.
fn others(context: &Context<'_>) -> usize {
    context
        .observed
        .certificates
        .iter()
        .filter(|remote| is_at_the_edge(&remote.binding_status))
        .filter(|remote| match context.state.binding(&remote.id) {
            None => true,
            Some((name, _)) => {
                let entry = context.state.certificates.get(name);
                let retained = entry
                    .is_some_and(|entry| entry.lifecycle.deletion_policy == DeletionPolicy::Retain);
                retained && context.account.certificate(name).is_none()
            }
        })
        .count()
}

fn takes_a_slot(draft: &Draft) -> bool {
    draft.does(Action::Activate)
}
