//! What Gateway inspects with, beyond law 2: not taken from somebody who set it without certctl, and
//! never left without any available certificate.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{BindingStatus, CertificateId, Code, Guard, InUse, Name, Role};

use super::hit::{hit, is_destroyed};
use crate::context::Context;
use crate::draft::Draft;
use certctl_plan::{Action, WaitFor};

/// Blocks a switch away from what nothing claims, and the removal of the last available one.
pub(super) fn check(context: &mut Context<'_>, drafts: &BTreeMap<Name, Draft>) {
    from_unmanaged(context, drafts);
    last_available(context, drafts);
}

/// Somebody chose what Gateway uses, and not by certctl. Where certctl had set another, that is
/// `in_use_moved`; where nobody's browser accepts it, there is nothing to lose.
fn from_unmanaged(context: &mut Context<'_>, drafts: &BTreeMap<Name, Draft>) {
    let InUse::Certificate(used) = context.in_use().clone() else {
        return;
    };
    let ours = context.state.binding(&used).is_some() || context.state.in_use.is_some();
    if ours || !context.something_usable_is_in_use() {
        return;
    }
    for draft in drafts.values().filter(|d| d.does(Action::SetInUse)) {
        let declared = context.account.certificate(&draft.name);
        let place = declared.map(|declared| declared.place.clone());
        let message = format!("Gateway would switch away from {used}, which nothing claims");
        let guard = (Guard::FromUnmanaged, Code::FromUnmanaged);
        hit(context, &draft.address, guard, message, place);
    }
}

fn last_available(context: &mut Context<'_>, drafts: &BTreeMap<Name, Draft>) {
    let available: BTreeSet<CertificateId> = context
        .observed
        .certificates
        .iter()
        .filter(|remote| remote.binding_status == BindingStatus::Available)
        .map(|remote| remote.id.clone())
        .collect();
    let leaving: BTreeSet<&CertificateId> = drafts.values().flat_map(leaves).collect();
    let stays = available.iter().any(|id| !leaving.contains(id));
    let comes = drafts
        .values()
        .any(|draft| becomes_available(context, draft));
    if stays || comes {
        return;
    }
    let removers: Vec<&Draft> = drafts
        .values()
        .filter(|draft| removes_by_declaration(context, draft, &available))
        .collect();
    let allowed = |draft: &&Draft| context.options.allows(Guard::LastAvailable, &draft.address);
    let Some(last) = removers.last().filter(|_| !removers.iter().any(allowed)) else {
        return;
    };
    let declared = context.account.certificate(&last.name);
    let place = declared.map(|declared| declared.place.clone());
    let message = "no certificate of the account would be available any more".to_owned();
    let guard = (Guard::LastAvailable, Code::LastAvailable);
    hit(context, &last.address, guard, message, place);
}

fn leaves(draft: &Draft) -> impl Iterator<Item = &CertificateId> {
    draft
        .lanes
        .iter()
        .flat_map(|lane| &lane.steps)
        .filter(|step| matches!(step.action, Action::Deactivate | Action::Delete))
        .filter_map(|step| step.certificate_id.as_ref())
}

/// Whether it brings another one to the edge, or one is on its way there.
fn becomes_available(context: &Context<'_>, draft: &Draft) -> bool {
    let wanted = context
        .account
        .certificate(&draft.name)
        .is_some_and(|declared| declared.activate != Some(false));
    let on_its_way = draft.lanes.iter().any(|lane| {
        let why = lane.waiting.as_ref().map(|waiting| waiting.why);
        matches!(why, Some(WaitFor::Deploying | WaitFor::Settling))
    });
    wanted && (draft.does(Action::Activate) || on_its_way)
}

/// Whether the spec takes an available certificate away: its address is gone from it, or it is not
/// to be active. What a rotation retires is neither.
fn removes_by_declaration(
    context: &Context<'_>,
    draft: &Draft,
    available: &BTreeSet<CertificateId>,
) -> bool {
    let switched_off = context
        .account
        .certificate(&draft.name)
        .is_some_and(|declared| declared.activate == Some(false));
    let retires = |id: &CertificateId| {
        let binding = context.state.binding(id);
        binding.is_some_and(|(_, binding)| binding.role == Role::Retiring)
    };
    // What may be in use is not taken away in the first place.
    leaves(draft).any(|id| {
        available.contains(id)
            && !context.may_be_in_use(id)
            && (is_destroyed(context, draft) || (switched_off && !retires(id)))
    })
}
