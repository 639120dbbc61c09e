//! Guards: what a plan may do only with somebody's explicit leave, `--allow GUARD[:ADDRESS]`.
//!
//! *Purpose*: some are built in (what Gateway uses is taken from somebody else's hands, the last
//! available certificate goes, most of an account goes), some the spec asks for (`policy`). A guard
//! blocks with a diagnostic that names its override; the limits per run (`max_…`) block nothing, what
//! is over them waits.
//!
//! *Invariants*: a renewal by a certificate's own successor, the switch to it and the retirement of
//! what it replaced hit no guard, so that no policy stops what runs unattended. What blocks does not
//! depend on the day, and no guard changes a step: a digest does not depend on any of them.
//!
//! *Non-goals*: `in_use_moved` and `new_state`, which are decided where what they guard is.

mod declared;
mod hit;
mod interception;
mod mass;
mod per_run;
mod protected;

use std::collections::BTreeMap;

use certctl_model::Name;
use certctl_plan::Tally;

use crate::context::Context;
use crate::draft::Draft;

pub(crate) use mass::check_fleet;
pub(crate) use per_run::hold;

/// Blocks what the policy of the spec or a built-in guard does not let pass.
pub(crate) fn check(context: &mut Context<'_>, drafts: &BTreeMap<Name, Draft>, tally: &mut Tally) {
    declared::check(context, drafts);
    protected::check(context, drafts);
    interception::check(context, drafts);
    mass::check(context, drafts, tally);
}
