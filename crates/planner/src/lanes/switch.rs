//! When Gateway may be switched to a certificate (law 2).

use certctl_model::{
    Binding, Code, Diagnostic, Guard, Hold, InUse, Period, RemoteCertificate, Role, Timestamp,
};
use certctl_plan::WaitFor;
use certctl_spec::{Certificate, SwitchMode};

use crate::certificate::{can_be_used, is_held};
use crate::claim::uses_compromised;
use crate::decision::{Decision, When};
use crate::evidence::{is_lacking, needed};
use crate::facts::Facts;
use crate::last_resort;
use crate::place::Place;
use crate::trusted::trust_period;

/// How long before its expiry a certificate is worth a word that nothing renews by time.
const SOON_DAYS: u32 = 30;

/// Judges whether `binding`, which is available, verified and unexpired, can be set in use now; none
/// where a diagnostic says why not.
///
/// The trust period is skipped only when nothing usable is in use and no predecessor can stand in, for
/// then there is nothing to lose; and where somebody ordered it, away from what is compromised.
/// Before `apply` switches, it reads both witnesses once more, and plans again.
pub(crate) fn switch(
    facts: &Facts<'_>,
    place: &Place<'_>,
    decision: &mut Decision,
    declared: &Certificate,
    binding: &Binding,
) -> Option<When> {
    let waits = |why, until| Some(When::Waits { why, until });
    if facts.in_use_is_uncertain() && !facts.dispute_is_allowed(&place.address) {
        return waits(WaitFor::Settling, facts.switch_shows_at());
    }
    let remote = facts.remote(&binding.id);
    if let Some(from) = remote.and_then(|remote| facts.valid_from(remote)) {
        decision.report(place, not_valid_yet(binding, from));
        return waits(WaitFor::TrustPeriod, Some(from));
    }
    if !facts.something_usable_is_in_use() && !predecessor_can_be_used(facts, place, binding) {
        return Some(When::Now);
    }
    if let Some(diagnostic) = moved_by_somebody(facts, place, binding.id.as_str()) {
        decision.report(place, diagnostic.at(Some(declared.place.clone())));
        return None;
    }
    // Away from a key that is not to be trusted, at once; back to what devices trusted before, too.
    if uses_compromised(facts) || is_rollback(facts, place, binding) {
        return Some(When::Now);
    }
    let held = waits_for_a_person(declared, binding);
    let resort = last_resort::begins(facts).filter(|_| !held);
    let trust = trust_period(facts, declared, Some(&binding.id));
    let since = binding.available_since.unwrap_or_else(|| facts.anchor());
    let due = trust.after(since);
    let trusted = match last_resort::beats(facts, due).filter(|_| !held) {
        Some(resort) => due.min(resort),
        None => due,
    };
    let measured = needed(facts, declared, Some(&binding.id));
    if facts.now < trusted {
        waits(WaitFor::TrustPeriod, Some(trusted))
    } else if (trust > Period::ZERO || measured.is_some()) && facts.is_skewed() {
        decision.report(place, facts.clock_skew());
        waits(WaitFor::TrustPeriod, None)
    } else if held {
        warn_held(facts, place, decision, declared);
        waits(WaitFor::Paused, None)
    } else if facts.now < due {
        let without = format!("before its trust period ends at {due}");
        say_last_resort(facts, place, decision, binding, &without);
        Some(When::Now)
    } else if is_lacking(facts, declared, binding) {
        if resort.is_none_or(|resort| facts.now < resort) {
            return waits(WaitFor::Evidence, None);
        }
        let share = measured.map(|measured| measured.seen.to_string());
        let without = format!(
            "before {} of the devices were seen",
            share.unwrap_or_default()
        );
        say_last_resort(facts, place, decision, binding, &without);
        Some(When::Now)
    } else if let Some(until) = closed(facts, declared) {
        let in_time = resort.is_none_or(|resort| until.is_some_and(|until| until < resort));
        if in_time {
            return waits(WaitFor::Window, until);
        }
        let without = "though no window of `rotation.windows` is open, for none opens in time";
        say_last_resort(facts, place, decision, binding, without);
        Some(When::Now)
    } else {
        Some(When::Now)
    }
}

fn say_last_resort(
    facts: &Facts<'_>,
    place: &Place<'_>,
    decision: &mut Decision,
    binding: &Binding,
    without: &str,
) {
    if let Some(said) = last_resort::said(facts, binding.id.as_str(), without) {
        decision.report(place, said);
    }
}

/// Until when a switch that could be made now waits for a window; `None`: one is open.
/// `Some(None)`: none ever opens.
fn closed(facts: &Facts<'_>, declared: &Certificate) -> Option<Option<Timestamp>> {
    match declared.rotation.opening(facts.now) {
        Some(at) if at <= facts.now => None,
        opening => Some(opening),
    }
}

fn not_valid_yet(binding: &Binding, from: Timestamp) -> Diagnostic {
    let message = format!(
        "{} is valid from {from} on, and is not set in use before",
        binding.id
    );
    let hint = "Cloudflare makes certificates that are valid at once; look at it in the dashboard, \
                and at this machine's clock";
    Diagnostic::error(Code::NotValidYet, message)
        .hint(hint)
        .blocks_nothing()
}

/// Whether Gateway can use the predecessor of this successor, which devices trust: then nothing is
/// gained by switching to what they may not trust yet.
fn predecessor_can_be_used(facts: &Facts<'_>, place: &Place<'_>, binding: &Binding) -> bool {
    let able = |current: &Binding| can_be_used(facts, current);
    binding.role == Role::Successor && place.current.is_some_and(able)
}

/// Whether a switch waits for no other account: away from a key that is not to be trusted, or back to what
/// devices trusted before.
pub(crate) fn is_urgent(facts: &Facts<'_>, place: &Place<'_>) -> bool {
    let back = |current: &Binding| is_rollback(facts, place, current);
    uses_compromised(facts) || place.current.is_some_and(back)
}

/// Whether Gateway goes back to it from a successor that is held.
fn is_rollback(facts: &Facts<'_>, place: &Place<'_>, binding: &Binding) -> bool {
    let left = |successor: &Binding| is_held(successor) && facts.is_in_use(&successor.id);
    binding.role == Role::Current
        && binding.in_use_until.is_some()
        && place.successor.is_some_and(left)
}

/// Whether the spec, or somebody, stops the rotation before its switch.
fn waits_for_a_person(declared: &Certificate, binding: &Binding) -> bool {
    let by_spec = declared.rotation.switch == SwitchMode::Hold && binding.role == Role::Successor;
    match binding.hold {
        Some(Hold::Released) => false,
        Some(Hold::Held) => true,
        None => by_spec,
    }
}

/// Says that a rotation waits for a person, once what is in use is due for renewal.
pub(crate) fn warn_held(
    facts: &Facts<'_>,
    place: &Place<'_>,
    decision: &mut Decision,
    declared: &Certificate,
) {
    let expires = place
        .current
        .and_then(|current| facts.remote(&current.id))
        .and_then(RemoteCertificate::expires);
    let before = declared.rotation.renew_before;
    let before = before.unwrap_or(Period::days(SOON_DAYS));
    let Some(expires) = expires.filter(|expires| before.before(*expires) <= facts.now) else {
        return;
    };
    let message = format!("the rotation is held, and what it replaces expires at {expires}");
    let hint = format!(
        "`--resume {0}` switches to the successor; `--replace {0}` makes another one",
        place.address
    );
    if !decision.says.iter().any(|d| d.code == Code::RotationHeld) {
        let diagnostic = Diagnostic::warning(Code::RotationHeld, message).hint(hint);
        decision.report(place, diagnostic);
    }
}

/// The guard `in_use_moved`: what we last set is not what Gateway uses, and not by our plan.
pub(crate) fn moved_by_somebody(
    facts: &Facts<'_>,
    place: &Place<'_>,
    target: &str,
) -> Option<Diagnostic> {
    let (InUse::Certificate(used), Some(Guard::InUseMoved)) =
        (facts.in_use(), facts.somebody_elses_choice())
    else {
        return None;
    };
    let last = &facts.state.in_use.as_ref()?.id;
    if facts.switch_is_allowed(Guard::InUseMoved, &place.address) {
        return None;
    }
    let back = place.retiring().any(|binding| binding.id == *used);
    let whereto = if back {
        "back to its predecessor "
    } else {
        "to "
    };
    let message =
        format!("somebody moved in-use from {last} {whereto}{used}; {target} is not set in use");
    let hint = format!(
        "if it is to be {0}, pass `--allow in_use_moved:{0}`; else declare `in_use` as it is now",
        place.address
    );
    Some(Diagnostic::error(Code::InUseMoved, message).hint(hint))
}
