//! Ten certificates can be at the edge at once: what is declared has to fit for good.
//!
//! Where it fits and is only full for now (what was replaced is still there), a creation waits, see
//! the hold `creations`. Where it never fits, waiting would have no end, and that is said at once; it
//! stops what is new, and no renewal: what nobody accepted yet takes no slot.

use certctl_model::{Code, DeletionPolicy, Diagnostic};
use certctl_plan::{Action, Mandate};
use certctl_spec::Certificate;

use crate::claim::wanted;
use crate::edge::{AVAILABLE, is_at_the_edge};
use crate::facts::Facts;
use crate::place::Place;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let places: Vec<&Place<'_>> = proposals.iter().map(|proposal| &proposal.place).collect();
    let declared: Vec<&Certificate> = facts
        .account
        .certificates
        .iter()
        .filter(|declared| needs_a_slot(facts, &places, declared))
        .collect();
    let others = others(facts);
    let needed = declared.len() + others;
    let counted = || match (declared.len(), others) {
        (declared, 0) => format!("{declared} declared active"),
        (declared, others) => {
            format!("{declared} declared active, {others} that nothing declares")
        }
    };
    let renewed = declared
        .iter()
        .any(|declared| declared.rotation.renew_before.is_some());
    let diagnostic = if needed > AVAILABLE && proposals.iter().any(takes_a_slot) {
        let message = format!(
            "{needed} certificates would have to be available ({}); Cloudflare allows \
             {AVAILABLE} in an account",
            counted()
        );
        Diagnostic::error(Code::AvailableCap, message).hint(
            "declare some of them `activate: false`, or deactivate what is not needed in the dashboard",
        )
    } else if needed == AVAILABLE && renewed {
        let message = format!(
            "all {AVAILABLE} certificates that can be available in an account are needed \
             ({}): a rotation has no slot for a successor",
            counted()
        );
        Diagnostic::warning(Code::AvailableCap, message)
            .hint("keep one slot free: declare one of them `activate: false`")
    } else {
        return Vec::new();
    };
    let account = facts.account;
    vec![
        diagnostic
            .at(Some(account.place.clone()))
            .account(&account.name),
    ]
}

/// Whether a declared address stays at the edge once everything is done. One that is not decided yet
/// is not counted: what it will take over may be there already. Nor is one that an unattended run
/// does not create.
fn needs_a_slot(facts: &Facts<'_>, places: &[&Place<'_>], declared: &Certificate) -> bool {
    let entry = facts.state.certificates.get(&declared.name);
    let role = |role| entry.and_then(|entry| entry.with_role(role));
    let current = role(certctl_model::Role::Current);
    match current.or_else(|| role(certctl_model::Role::Successor)) {
        Some(binding) => wanted(facts, declared, binding, declared.in_use == Some(true)).active,
        None => {
            let place = places.iter().find(|place| place.name == declared.name);
            let undecided = place.is_some_and(|place| place.undecided);
            let open = facts.open.as_ref();
            let settling = open.is_some_and(|open| open.certificate == declared.name);
            let not_now = undecided || settling || facts.options.is_unattended();
            !not_now && declared.activate != Some(false)
        }
    }
}

/// How many are at the edge that certctl does not take down: what nothing claims, and what it will
/// let go as it is.
fn others(facts: &Facts<'_>) -> usize {
    facts
        .observed
        .certificates
        .iter()
        .filter(|remote| is_at_the_edge(&remote.binding_status))
        .filter(|remote| match facts.state.binding(&remote.id) {
            None => true,
            Some((name, _)) => {
                let entry = facts.state.certificates.get(name);
                let retained = entry
                    .is_some_and(|entry| entry.lifecycle.deletion_policy == DeletionPolicy::Retain);
                retained && facts.account.certificate(name).is_none()
            }
        })
        .count()
}

/// Whether something new would take another slot.
fn takes_a_slot(proposal: &Proposal<'_>) -> bool {
    proposal
        .own_lanes()
        .filter(|lane| lane.mandate == Mandate::New)
        .flat_map(|lane| &lane.steps)
        .any(|step| step.action() == Action::Activate)
}
