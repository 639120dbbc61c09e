//! The words for the nouns of a plan, the same in every renderer.

use certctl_model::BindingStatus;

use certctl_plan::escape;
use certctl_plan::{AccountPlan, Action, BlastRadius, ChangeKind, Plan, WaitFor};

/// The sign of a kind of change. `+/-`: the new one is there before the old one goes.
pub(crate) fn symbol(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::NoOp => "=",
        ChangeKind::Adopt => ">",
        ChangeKind::Create => "+",
        ChangeKind::Replace | ChangeKind::Renew => "+/-",
        ChangeKind::Update => "~",
        ChangeKind::Move => "->",
        ChangeKind::Delete => "-",
        ChangeKind::Forget => "x",
    }
}

/// "will be …".
pub(crate) fn participle(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::NoOp => "left as it is",
        ChangeKind::Adopt => "adopted",
        ChangeKind::Create => "created",
        ChangeKind::Replace => "replaced",
        ChangeKind::Renew => "renewed",
        ChangeKind::Update => "updated",
        ChangeKind::Move => "moved",
        ChangeKind::Delete => "deleted",
        ChangeKind::Forget => "forgotten",
    }
}

/// How many changes of a kind a plan has.
pub(crate) fn how_many(plan: &Plan, kind: ChangeKind) -> usize {
    plan.changes.iter().filter(|c| c.kind == kind).count()
}

/// Who notices, as a noun.
pub(crate) fn radius(radius: BlastRadius) -> &'static str {
    match radius {
        BlastRadius::Nobody => "nobody",
        BlastRadius::UnsyncedDevices => "devices that have not synced yet",
        BlastRadius::Everybody => "everybody's HTTPS",
    }
}

/// What is waited for, as a noun.
#[must_use]
pub fn wait_for(why: WaitFor) -> &'static str {
    match why {
        WaitFor::TrustPeriod => "the trust period",
        WaitFor::Evidence => "more of the devices",
        WaitFor::RetireAfter => "the retire period",
        WaitFor::Deploying => "Cloudflare's edge",
        WaitFor::CreationQuota => "the limit of three creations in 24 hours",
        WaitFor::AvailableCap => "a free slot among ten available certificates",
        WaitFor::Settling => "what is not certain yet to settle",
        WaitFor::Window => "the maintenance window",
        WaitFor::Hold => "another certificate that is declared `in_use`",
        WaitFor::Paused => "`--resume`",
        WaitFor::Unattended => "a run that somebody approved",
        WaitFor::PolicyLimit => "another run, by the policy's limit",
        WaitFor::Wave => "accounts of an earlier wave",
        WaitFor::StaleState => "somebody who says whose a younger certificate is",
    }
}

/// Until when it is waited. A wave opens as soon as the earlier ones are switched; by then it gives way.
#[must_use]
pub fn until(why: WaitFor, at: &str) -> String {
    match why {
        WaitFor::Wave => format!("until {at} at the latest"),
        _ => format!("until {at}"),
    }
}

/// What comes after a wait; a `record` is nothing that a reader waits for.
pub(crate) fn then(next: Action) -> Option<&'static str> {
    (next != Action::Record).then(|| next.as_str())
}

/// A status as one word, whatever the API says.
pub(crate) fn status(status: Option<&BindingStatus>) -> String {
    match status {
        None => "not seen".to_owned(),
        Some(BindingStatus::Unknown(word)) if word.is_empty() => "no status".to_owned(),
        Some(status) => escape(&status.to_string()).into_owned(),
    }
}

/// The accounts that an error keeps from being applied.
pub(crate) fn blocked(plan: &Plan) -> Vec<&AccountPlan> {
    plan.accounts.iter().filter(|a| !a.applyable).collect()
}
