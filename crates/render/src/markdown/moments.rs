//! Times in a comment: absolute, and only those that a plan made an hour later would still show.
//!
//! A period that has not begun (nobody has recorded yet that a certificate is available) is counted
//! from the plan's own `now`, so that its end moves with every plan. It is told as a period instead.

use certctl_model::{Period, Timestamp};

use crate::fold::Group;
use crate::steps::{View, When};
use crate::words;
use certctl_plan::time;
use certctl_plan::{Change, WaitFor};

/// When a step is done, in words that do not depend on when the plan was made.
pub(super) fn when(view: &View<'_>, group: &Group<'_>, n: usize) -> String {
    let change = group.first;
    match view.when(change, n) {
        When::Now => "with the next apply".to_owned(),
        When::Then(phrase) => phrase,
        When::From(at) => {
            let why = change.steps.get(n).and_then(|step| step.waits_for);
            match why.and_then(|why| floating(view, change, why, at)) {
                Some(phrase) => phrase,
                None => {
                    let earliest = |change: &Change| change.steps.get(n)?.not_before;
                    format!(
                        "not before {}",
                        span(group.span(earliest).unwrap_or((at, at)))
                    )
                }
            }
        }
    }
}

/// An instant; or the earliest and the latest of some.
pub(super) fn span((first, last): (Timestamp, Timestamp)) -> String {
    if first == last {
        return time(first);
    }
    format!("{}, in the last account {}", time(first), time(last))
}

/// Until when it is waited, if that is known.
pub(super) fn until(view: &View<'_>, group: &Group<'_>) -> Option<String> {
    let waiting = group.first.waiting.as_ref()?;
    let all = group.span(|change| change.waiting.as_ref()?.until)?;
    Some(
        floating(view, group.first, waiting.why, waiting.until?)
            .unwrap_or_else(|| words::until(waiting.why, &span(all))),
    )
}

/// The instant of a wait, where it stands fast.
pub(super) fn fixed(
    view: &View<'_>,
    change: &Change,
    why: WaitFor,
    at: Timestamp,
) -> Option<Timestamp> {
    floating(view, change, why, at).is_none().then_some(at)
}

/// The period that ends then, where it has not begun. What is waited for besides periods has its own date:
/// a window, the accounts of an earlier wave.
fn floating(view: &View<'_>, change: &Change, why: WaitFor, at: Timestamp) -> Option<String> {
    let after = change.after.as_ref();
    let (period, from) = match why {
        WaitFor::TrustPeriod => (after?.trust_period?, "an apply sees it available"),
        WaitFor::RetireAfter => (after?.retire_after?, "an apply sees it replaced"),
        WaitFor::CreationQuota => (Period::DAY, "those that come first"),
        _ => return None,
    };
    let begins_now = period.before(at) >= view.plan.planned_at;
    begins_now.then(|| format!("{period} after {from}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn what_waits_for_a_wave_says_by_when() {
        let mut plan = fixture::plan(vec![fixture::waits_for_trust()]);
        let gives_way = Period::days(60).after(plan.planned_at);
        if let Some(waiting) = &mut plan.changes[0].waiting {
            waiting.until = Some(gives_way);
            waiting.why = WaitFor::Wave;
        }
        let view = View::new(&plan);
        let group = Group::alone(&plan.changes[0]);
        assert_eq!(
            until(&view, &group).unwrap(),
            "until 2027-01-22T11:00:00Z at the latest"
        );
    }

    #[test]
    fn a_period_that_has_not_begun_has_no_date() {
        let plan = fixture::plan(vec![fixture::waits_for_trust()]);
        let view = View::new(&plan);
        let group = Group::alone(&plan.changes[0]);
        assert_eq!(until(&view, &group).unwrap(), "until 2026-11-30T10:00:00Z");
        assert_eq!(when(&view, &group, 0), "not before 2026-11-30T10:00:00Z");

        let mut plan = plan.clone();
        let seen_just_now = Period::days(7).after(plan.planned_at);
        plan.changes[0].steps[0].not_before = Some(seen_just_now);
        if let Some(waiting) = &mut plan.changes[0].waiting {
            waiting.until = Some(seen_just_now);
        }
        let view = View::new(&plan);
        let group = Group::alone(&plan.changes[0]);
        assert_eq!(
            until(&view, &group).unwrap(),
            "7d after an apply sees it available"
        );
        assert_eq!(
            when(&view, &group, 0),
            "7d after an apply sees it available"
        );
    }
}
