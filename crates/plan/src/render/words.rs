//! The words for the nouns of a plan, the same in every renderer.

use certctl_model::{BindingStatus, Name};

use super::text::escape;
use crate::plan::{AccountPlan, Action, BlastRadius, Change, ChangeKind, Plan, WaitFor};

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

/// The word of a kind of change in documents.
pub(crate) fn kind(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::NoOp => "no_op",
        ChangeKind::Adopt => "adopt",
        ChangeKind::Create => "create",
        ChangeKind::Replace => "replace",
        ChangeKind::Renew => "renew",
        ChangeKind::Update => "update",
        ChangeKind::Move => "move",
        ChangeKind::Delete => "delete",
        ChangeKind::Forget => "forget",
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

/// The kinds that do something, in the order in which they are counted.
pub(crate) const KINDS: [ChangeKind; 8] = [
    ChangeKind::Create,
    ChangeKind::Adopt,
    ChangeKind::Replace,
    ChangeKind::Renew,
    ChangeKind::Update,
    ChangeKind::Move,
    ChangeKind::Delete,
    ChangeKind::Forget,
];

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
pub(crate) fn wait_for(why: WaitFor) -> &'static str {
    match why {
        WaitFor::TrustPeriod => "the trust period",
        WaitFor::RetireAfter => "the retire period",
        WaitFor::Deploying => "Cloudflare's edge",
        WaitFor::CreationQuota => "the limit of three creations in 24 hours",
        WaitFor::AvailableCap => "a free slot among ten available certificates",
        WaitFor::Settling => "what is not certain yet to settle",
        WaitFor::Window => "the maintenance window",
        WaitFor::Hold => "a decision",
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

/// Whether a change only remembers facts: nothing is called, nobody has to review it.
pub(crate) fn only_remembers(change: &Change) -> bool {
    change.kind == ChangeKind::Update
        && !change.steps.is_empty()
        && change.steps.iter().all(|s| s.action == Action::Record)
}

/// The changes of one account.
pub(crate) fn changes_of<'a>(
    plan: &'a Plan,
    account: &Name,
) -> impl Iterator<Item = &'a Change> + use<'a> {
    let account = account.clone();
    plan.changes
        .iter()
        .filter(move |change| change.address.account == account)
}

/// The accounts that an error keeps from being applied.
pub(crate) fn blocked(plan: &Plan) -> Vec<&AccountPlan> {
    plan.accounts.iter().filter(|a| !a.applyable).collect()
}
