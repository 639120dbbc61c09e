//! Certificates that the state should know and does not: claimed by nothing, and younger than the state.
//! Then the state is an old one, or somebody else makes certificates; a person says which. They are
//! remembered, so that the next write of the state does not hide them.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{CertificateId, Guard, Name, Note, Observed, RemoteCertificate};
use certctl_spec::Certificate;

use super::fitting::{fits, is_unclaimed, is_younger};
use super::settled::candidates_of_creates;
use crate::decision::Lane;
use crate::facts::Facts;
use crate::noted::Noted;
use crate::proposal::Proposal;

/// Notes those that an address would take for its own, and what a person says of them.
pub(super) fn note_all(facts: &mut Facts<'_>, addresses: &mut BTreeMap<Name, Noted>) {
    let suspects = suspects(facts);
    if suspects.is_empty() {
        return;
    }
    for noted in addresses.values_mut() {
        let Some(declared) = facts.account.certificate(&noted.name) else {
            continue;
        };
        let ids: BTreeSet<CertificateId> = suspects
            .iter()
            .filter(|remote| stands_in_for(facts, remote, declared))
            .map(|remote| remote.id.clone())
            .collect();
        if ids.is_empty() {
            continue;
        }
        if facts.options.allows(Guard::StaleState, &noted.address) {
            facts.note(noted, Note::Stranger { ids });
        } else if !facts.state.suspects.is_superset(&ids) {
            facts.note(noted, Note::Suspect { ids });
        }
    }
}

/// Notes, with each address of which something is written anyway, those that fit nothing now: they may fit
/// what is declared later, or what is declared and was not accepted yet, and by then they would no longer
/// be younger than the state. Which address is written first, or at all, is not known here.
pub(crate) fn remember(facts: &Facts<'_>, proposals: &mut [Proposal<'_>]) {
    let writes = |proposal: &&mut Proposal<'_>| {
        !proposal.noted.notes.is_empty() || proposal.lanes().iter().any(Lane::is_due)
    };
    let mut writing = proposals.iter_mut().filter(writes).peekable();
    if writing.peek().is_none() {
        return;
    }
    let known = |id: &CertificateId| facts.state.suspects.contains(id);
    let ids = suspects(facts).into_iter().map(|remote| remote.id.clone());
    let ids: BTreeSet<CertificateId> = ids.filter(|id| !known(id)).collect();
    if ids.is_empty() {
        return;
    }
    for proposal in writing {
        let note = Note::Suspect { ids: ids.clone() };
        let due = proposal.decision.lanes.iter_mut();
        let due = due.filter(|lane| lane.is_due());
        let steps = due.filter_map(|lane| lane.steps.first_mut());
        if proposal.noted.notes.is_empty() {
            steps.for_each(|step| step.notes.push(note.clone()));
        } else {
            proposal.noted.notes.push(note);
        }
    }
}

/// Those that are younger than the state, that nothing claims, that nobody called a stranger yet, and that
/// no create of ours may have made. A state that knows of its creation is no older than it: that one was let
/// go since.
fn suspects<'a>(facts: &Facts<'a>) -> Vec<&'a RemoteCertificate> {
    let observed: &'a Observed = facts.observed;
    let younger = |remote: &&RemoteCertificate| is_younger(facts, remote);
    let mut suspects: Vec<_> = observed.certificates.iter().filter(younger).collect();
    if !suspects.is_empty() {
        let ours = candidates_of_creates(facts);
        let made = &facts.state.creations;
        suspects.retain(|remote| {
            let known = made.iter().any(|creation| creation.id == remote.id);
            !known && !ours.contains(&remote.id) && is_unclaimed(facts, remote)
        });
    }
    suspects
}

/// Whether the address would not need another one if this one were its own: it lasts longer than until
/// its own renewal.
fn stands_in_for(facts: &Facts<'_>, remote: &RemoteCertificate, declared: &Certificate) -> bool {
    let lasts = |expires| match declared.rotation.renew_before {
        Some(before) => before.before(expires) > facts.anchor(),
        None => true,
    };
    fits(facts, remote, declared) && remote.expires().is_some_and(lasts)
}

/// Those that keep an address from making another one.
pub(crate) fn suspects_of<'f>(
    facts: &'f Facts<'_>,
    declared: &Certificate,
) -> Vec<&'f RemoteCertificate> {
    let suspects = facts.state.suspects.iter();
    suspects
        .filter_map(|id| facts.remote(id))
        .filter(|remote| stands_in_for(facts, remote, declared))
        .collect()
}
