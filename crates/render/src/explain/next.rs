//! What comes next at an address, and when.

use certctl_model::{Role, Timestamp};
use certctl_plan::{Change, escape, time_from};

use super::paper::Paper;
use super::scene::Scene;
use crate::steps::{View, When};
use crate::words::wait_for;

pub(super) fn write(paper: &mut Paper, scene: &Scene<'_>, change: &Change) {
    paper.section("What comes next");
    let view = View::new(scene.plan);
    let now = scene.plan.planned_at;
    let stopped = scene.says(&change.address).any(|said| said.is_blocking());
    if stopped {
        paper.item("an error stands in the way, see above");
    }
    for (n, step) in change.steps.iter().enumerate() {
        let when = match view.when(change, n) {
            When::Now if stopped => "once nothing stands in the way".to_owned(),
            When::Now => "with the next `certctl apply`".to_owned(),
            When::From(at) => format!("from {} on", time_from(now, at)),
            When::Then(phrase) => phrase,
        };
        let waits = step
            .waits_for
            .map(|why| format!(" (it waits for {})", wait_for(why)));
        let (action, object) = (step.action().as_str(), change.object(step));
        paper.item(&format!(
            "{action} {}: {when}{}",
            escape(&object),
            waits.unwrap_or_default()
        ));
    }
    if let Some(at) = renewal(scene, change) {
        paper.item(&format!(
            "renewal: from {} on, by `rotation.renew_before`",
            time_from(now, at)
        ));
    } else if change.steps.is_empty() && !stopped {
        paper.item("nothing, until something changes");
    }
    if let Some(until) = change.rollback_until {
        paper.item(&format!(
            "until {} what was replaced is still there to go back to",
            time_from(now, until)
        ));
    }
}

/// When the certificate of an address is renewed that waits for nothing else.
pub(super) fn renewal(scene: &Scene<'_>, change: &Change) -> Option<Timestamp> {
    let declared = scene.declared(&change.address);
    let declared = declared.filter(|declared| declared.custom.is_none())?;
    let rotates = change
        .certificates
        .iter()
        .any(|c| c.role == Role::Successor);
    let current = change
        .certificates
        .iter()
        .find(|c| c.role == Role::Current)?;
    let at = declared.rotation.renew_before?.before(current.expires_on?);
    (!rotates && at > scene.plan.planned_at).then_some(at)
}
