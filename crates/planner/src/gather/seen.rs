//! What was seen: brings the state up to what was observed, and notes each fact.
//!
//! The API keeps no history: when a certificate became available, or stopped being in use, is known
//! only from having looked. So whatever is seen to differ from what is remembered is noted now, and
//! "now" is the safe guess, for every period that starts from it then ends late, never early.

use std::collections::BTreeMap;

use certctl_model::{
    Binding, BindingStatus, CertificateId, Code, Diagnostic, InUse, Mutation, Name, Note, Origin,
    Reason, RemoteCertificate, Role,
};

use super::commanded;
use crate::certificate::is_held;
use crate::facts::Facts;
use crate::noted::Noted;
use crate::own::is_made_by_its_owner;
use certctl_plan::ChangeKind;
use certctl_spec::Certificate;

/// Notes what was seen of every bound certificate.
pub(super) fn note_all(facts: &mut Facts<'_>, addresses: &mut BTreeMap<Name, Noted>) {
    note_what_lies_ahead(facts, addresses);
    let bindings: Vec<(Name, Binding)> = facts
        .state
        .bindings()
        .map(|(name, binding)| (name.clone(), binding.clone()))
        .collect();
    for (name, binding) in &bindings {
        let Some(noted) = addresses.get_mut(name) else {
            continue;
        };
        match facts.remote(&binding.id) {
            Some(remote) => {
                note_status(facts, noted, binding, remote);
                note_use(facts, noted, binding);
            }
            None if is_gone(facts, binding) => note_gone(facts, noted, binding),
            None => {}
        }
    }
    note_in_use(facts, addresses);
    for noted in addresses.values_mut() {
        let declared = facts.account.certificate(&noted.name);
        commanded::accept_moved_back(facts, noted, declared);
    }
    note_outcomes(facts, addresses);
}

/// Times that a wrong clock noted count as now. That is remembered, so that it happens once, unless
/// clocks disagree again.
fn note_what_lies_ahead(facts: &mut Facts<'_>, addresses: &mut BTreeMap<Name, Noted>) {
    let (at, seen) = (facts.anchor(), facts.observed.moment());
    if !facts.state.is_ahead(at, &seen) {
        return;
    }
    let message = "the state holds times that lie in the future, from a run with a wrong clock; they \
                   count as now, so what waits for them waits one period longer";
    let diagnostic = Diagnostic::warning(Code::ClockSkew, message);
    facts.says.push(diagnostic.account(&facts.account.name));
    let note = Note::JustNow { at, seen };
    let options = facts.options;
    let mut planned = addresses
        .values_mut()
        .filter(|noted| options.targets(&noted.address));
    match planned.next() {
        Some(noted) if !facts.is_skewed() => {
            facts.note(noted, note);
        }
        _ => drop(facts.state.to_mut().note(&note, facts.now)),
    }
}

/// Whether it certainly does not exist: a GET said so, and it is not so new that reads may lag. Its
/// deletion was asked for only after a read had shown it, so then reads no longer lag.
fn is_gone(facts: &Facts<'_>, binding: &Binding) -> bool {
    let may_lag = binding
        .sent()
        .is_some_and(|sent| facts.may_show_until(&sent).is_some());
    let was_seen = || is_deletion_asked(facts, &binding.id);
    facts.observed.gone.contains(&binding.id) && (!may_lag || was_seen())
}

fn is_deletion_asked(facts: &Facts<'_>, id: &CertificateId) -> bool {
    let deleted = Mutation::Delete { id: id.clone() };
    let mut intents = facts.state.intents.iter();
    intents.any(|intent| intent.mutation == deleted)
}

fn note_status(
    facts: &mut Facts<'_>,
    noted: &mut Noted,
    binding: &Binding,
    remote: &RemoteCertificate,
) {
    let id = binding.id.clone();
    let since = facts.anchor();
    let (available, pending) = (
        binding.available_since.is_some(),
        binding.pending_since.is_some(),
    );
    if available && !facts.may_have_expired(remote) && is_withdrawn(facts, binding, remote) {
        report_withdrawn(facts, noted, binding);
    }
    let note = match remote.binding_status {
        // Without having seen it pending, this is only when it was first looked at.
        BindingStatus::Available if !available => Note::Available {
            id,
            since,
            inferred: !pending,
        },
        BindingStatus::PendingDeployment | BindingStatus::PendingDeletion
            if available || !pending =>
        {
            Note::Pending { id, since }
        }
        // What a word that is not known means for trust is not known either.
        BindingStatus::Inactive | BindingStatus::Unknown(_) if available || pending => {
            Note::Unavailable { id }
        }
        _ => return,
    };
    facts.note(noted, note);
}

/// Whether it was available and is taken from the edge, though certctl did not ask for that.
fn is_withdrawn(facts: &Facts<'_>, binding: &Binding, remote: &RemoteCertificate) -> bool {
    let asked = Mutation::Deactivate {
        id: binding.id.clone(),
    };
    let mut intents = facts.state.intents.iter();
    let is_off = matches!(
        remote.binding_status,
        BindingStatus::Inactive | BindingStatus::PendingDeletion
    );
    is_off && !intents.any(|intent| intent.mutation == asked)
}

/// Says what a deactivation by somebody else comes to: it is undone, or there is no way back.
fn report_withdrawn(facts: &mut Facts<'_>, noted: &Noted, binding: &Binding) {
    let id = &binding.id;
    let (message, hint) = match binding.role {
        Role::Retiring => (
            format!("somebody deactivated {id}, the predecessor: there is no way back to it"),
            "should the switch turn out to be wrong, `--replace` makes another certificate"
                .to_owned(),
        ),
        Role::Current | Role::Successor => {
            let declared = facts.account.certificate(&noted.name);
            let kept = |declared: &Certificate| {
                let ours = binding.origin != Origin::Adopted;
                declared.activate.unwrap_or(ours)
            };
            if !declared.is_some_and(kept) {
                return;
            }
            (
                format!(
                    "somebody deactivated {id}: it is activated again, and its trust period begins anew"
                ),
                "if it is to stay inactive, declare `activate: false`".to_owned(),
            )
        }
    };
    let diagnostic = Diagnostic::warning(Code::Withdrawn, message).hint(hint);
    facts.report(noted, diagnostic);
}

/// While the witnesses disagree nothing is noted: either of them may be late.
fn note_use(facts: &mut Facts<'_>, noted: &mut Noted, binding: &Binding) {
    let id = binding.id.clone();
    if facts.in_use_is_uncertain() {
        return;
    }
    if facts.is_in_use(&id) && !binding.in_use {
        facts.note(noted, Note::Used { id });
    } else if !facts.may_be_in_use(&id) && binding.in_use {
        let at = facts.anchor();
        facts.note(noted, Note::Unused { id, at });
    }
}

fn note_gone(facts: &mut Facts<'_>, noted: &mut Noted, binding: &Binding) {
    let since = facts.anchor();
    let id = binding.id.clone();
    if is_deletion_asked(facts, &id) {
        facts.note(noted, Note::Done(Mutation::Delete { id }));
        return;
    }
    facts.note(noted, Note::Unbind { id });
    let message = format!("{} no longer exists", binding.id);
    match binding.role {
        Role::Current if facts.bound(&noted.name, Role::Successor).is_some() => {
            let cause = facts
                .state
                .certificates
                .get(&noted.name)
                .and_then(|e| e.cause);
            let certificate = noted.name.clone();
            facts.note(noted, Note::Promote { certificate, since });
            let message = format!("{message}; its successor takes over");
            noted.say(ChangeKind::of_rotation(cause), Reason::Gone, message);
        }
        Role::Current if is_to_be_made(facts, &noted.name) => {
            noted.say(ChangeKind::Create, Reason::Gone, message);
        }
        Role::Successor => noted.gone_successor = Some(binding.id.clone()),
        Role::Current | Role::Retiring => {}
    }
}

/// Whether the address is declared, and its certificate is not its owner's to make.
fn is_to_be_made(facts: &Facts<'_>, name: &Name) -> bool {
    let declared = facts.account.certificate(name);
    declared.is_some_and(|declared| !is_made_by_its_owner(declared))
}

/// Remembers as set in use what Gateway uses now, where that is what we asked for: because the
/// response to our request was lost, or because a person did by hand what was declared.
fn note_in_use(facts: &mut Facts<'_>, addresses: &mut BTreeMap<Name, Noted>) {
    let InUse::Certificate(id) = facts.in_use().clone() else {
        return;
    };
    let last = facts.state.in_use.as_ref().map(|record| &record.id);
    if last == Some(&id) || facts.in_use_is_uncertain() {
        return;
    }
    let Some((name, binding)) = facts.state.binding(&id) else {
        return;
    };
    let name = name.clone();
    let declared = facts
        .account
        .certificate(&name)
        .and_then(|declared| declared.in_use);
    let wanted = match binding.role {
        Role::Retiring => false,
        Role::Successor => {
            !is_held(binding) && declared.unwrap_or(!facts.another_is_declared_in_use(&name))
        }
        Role::Current => declared == Some(true),
    };
    let asked = Mutation::SetInUse { id: id.clone() };
    let we_asked = facts.state.intents.iter().any(|i| i.mutation == asked);
    if we_asked && !facts.observed.shows(&asked) {
        return;
    }
    if (wanted || we_asked)
        && let Some(noted) = addresses.get_mut(&name)
    {
        let at = facts.anchor();
        facts.note(noted, Note::SetInUse { id, at });
    }
}

/// Closes intents whose effect is seen, or did not show within the settle window: then the step is
/// planned again; until then it is held back. A create is another matter, see [`super::settled`].
fn note_outcomes(facts: &mut Facts<'_>, addresses: &mut BTreeMap<Name, Noted>) {
    for intent in facts.state.intents.clone() {
        let Some(id) = intent.mutation.certificate_id() else {
            continue;
        };
        let holder = facts.state.binding(id).map(|(name, _)| name.clone());
        let Some(noted) = holder.and_then(|name| addresses.get_mut(&name)) else {
            continue;
        };
        let over = facts.may_show_until(&intent.sent()).is_none();
        if over || facts.observed.shows(&intent.mutation) {
            facts.note(noted, Note::End(intent.mutation));
        }
    }
}
