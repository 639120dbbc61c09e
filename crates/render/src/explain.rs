//! Why one address, or one certificate, is what it is: by which rule, from which facts, what comes next,
//! and what would change it.
//!
//! *Invariants*: it decides nothing: the rule, the steps and what is wrong are the plan's, the rows are the
//! planner's own tables. *Non-goals*: the whole future, see `certctl forecast`.

mod api;
mod next;
mod paper;
mod rules;
mod scene;
mod settings;
mod state;
mod unmanaged;
mod ways;

use certctl_model::Address;
use certctl_plan::{Change, escape, time};

use crate::words::participle;
pub use scene::Scene;
pub use unmanaged::explain_unmanaged;

use paper::Paper;

/// All that is to be said of an address, ended by a newline; none where the plan does not know it.
#[must_use]
pub fn explain(scene: &Scene<'_>, address: &Address) -> Option<String> {
    let (n, change) = scene.change(address)?;
    let mut paper = Paper::new(scene.width);
    head(&mut paper, change);
    rules::write(&mut paper, scene, n, change);
    paper.section(&format!(
        "From which facts, as of {}",
        time(scene.plan.planned_at)
    ));
    settings::write(&mut paper, scene, change);
    api::write(&mut paper, scene, change);
    state::write(&mut paper, scene, change);
    next::write(&mut paper, scene, change);
    ways::write(&mut paper, scene, change);
    Some(paper.text())
}

fn head(paper: &mut Paper, change: &Change) {
    let (kind, why) = (participle(change.kind), &change.reason);
    paper.line(&format!(
        "{} will be {kind}: {} [{}]",
        change.address,
        escape(&why.message),
        why.code
    ));
}
