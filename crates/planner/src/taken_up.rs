//! What an approved run takes up: what is declared and was not accepted yet becomes what is accepted, with
//! the first step of the address that is new (law 10).

use certctl_model::{AccountSettings, Changed, Note, Reason, Role};
use certctl_plan::{ChangeKind, Mandate, Operation, Step};
use certctl_spec::Certificate;

use crate::accepted::listed;
use crate::decision::Lane;
use crate::facts::Facts;
use crate::noted::Headline;
use crate::place::Place;
use crate::proposal::Proposal;
use crate::refused::is_refused;

/// Takes up what is declared and was not accepted yet: with the step that makes or adopts the
/// certificate, else by a step of its own, before all others. Says what is taken up for the account.
pub(crate) fn take_up(
    facts: &Facts<'_>,
    proposals: &mut [Proposal<'_>],
) -> Option<Box<Changed<AccountSettings>>> {
    if facts.options.is_unattended() {
        return None;
    }
    let of_account = of_account(facts);
    let note = of_account
        .as_ref()
        .map(|changed| Note::AccountSettings(Box::new(changed.after.clone())));
    let mut told = note.is_none();
    for proposal in proposals {
        let mut notes = match proposal.place.declared {
            // What is refused is not accepted.
            Some(_) if is_refused(facts, &proposal.place) => Vec::new(),
            Some(declared) => settings(proposal, declared),
            None => removal(proposal),
        };
        if !notes.is_empty() || (!told && proposal.place.entry.is_some()) {
            notes.extend(note.clone());
            carry(proposal, notes);
            told = true;
        }
    }
    of_account
}

/// What is declared for the account as a whole and was not accepted yet. A run that is for some
/// addresses only takes up nothing of it.
fn of_account(facts: &Facts<'_>) -> Option<Box<Changed<AccountSettings>>> {
    if !facts.options.targets.is_empty() {
        return None;
    }
    let (account, before) = (facts.account, facts.state.settings.as_ref());
    if before.is_some_and(|before| account.has_settings(facts.policy, before)) {
        return None;
    }
    let after = account.settings(facts.policy);
    let before = before.cloned();
    Some(Box::new(Changed { before, after }))
}

/// What is declared of an address and was not accepted yet, where the address holds something, or
/// something is made for it.
fn settings(proposal: &mut Proposal<'_>, declared: &Certificate) -> Vec<Note> {
    let entry = proposal.place.entry;
    let before = entry.and_then(|entry| entry.settings.as_ref());
    let removed = entry.is_some_and(|entry| entry.removed);
    let after = declared.settings();
    let known = before == Some(&after) && !removed;
    if known || (entry.is_none() && !proposal.makes()) {
        return Vec::new();
    }
    proposal.settings = Some(Box::new(Changed {
        before: before.cloned(),
        after: after.clone(),
    }));
    let settings = Note::Settings {
        certificate: proposal.place.name.clone(),
        settings: Box::new(after),
    };
    given_up(&proposal.place)
        .into_iter()
        .chain([settings])
        .collect()
}

/// The successor that does not fit what is declared. It is given up when that is accepted, not before.
fn given_up(place: &Place<'_>) -> Option<Note> {
    let id = place.gives_up.clone()?;
    let binding = place.retiring().find(|binding| binding.id == id)?;
    let since = binding.retiring_since?;
    Some(Note::Retire { id, since })
}

/// That an address is no longer declared, where that was not accepted yet.
fn removal(proposal: &Proposal<'_>) -> Vec<Note> {
    let entry = proposal.place.entry;
    let news = entry.is_some_and(|entry| entry.settings.is_some() && !entry.removed);
    if !news || proposal.lanes().is_empty() {
        return Vec::new();
    }
    let certificate = proposal.place.name.clone();
    vec![Note::Removed { certificate }]
}

/// Lets a step carry these notes: the first one that is new with this plan, else one of its own. What is
/// accepted is no fact: an error that stops the address stops that too. The place of a successor that is
/// given up goes with what takes it, whoever wants that.
fn carry(proposal: &mut Proposal<'_>, mut notes: Vec<Note>) {
    if proposal.noted.adopts.is_some() {
        proposal.noted.notes.extend(notes);
        return;
    }
    let lanes = &mut proposal.decision.lanes;
    let succeeds = |step: &&mut Step| step.makes() == Some(Role::Successor);
    let mut first_steps = lanes.iter_mut().filter_map(|lane| lane.steps.first_mut());
    if let Some(step) = first_steps.find(succeeds) {
        let gives_up = notes.extract_if(.., |note| matches!(note, Note::Retire { .. }));
        step.notes.splice(0..0, gives_up);
    }
    let makes = |step: &Step| step.makes() == Some(Role::Current);
    let carries = |lane: &&mut Lane| {
        let begins = lane.is_due() && lane.mandate == Mandate::New;
        begins || lane.steps.first().is_some_and(makes)
    };
    let first = lanes.iter_mut().find(carries);
    if let Some(step) = first.and_then(|lane| lane.steps.first_mut()) {
        step.notes.splice(0..0, notes);
        return;
    }
    let record = Step {
        notes,
        ..Step::new(Operation::Record)
    };
    lanes.insert(0, Lane::due(vec![record]));
}

/// What an address comes to where nothing else happens to it: an edit of the spec that somebody
/// accepts; none where there is nothing to accept.
pub(crate) fn headline(proposal: &Proposal<'_>) -> Option<Headline> {
    let mut notes = proposal.steps().flat_map(|step| &step.notes);
    let what = match &proposal.settings {
        Some(changed) if changed.before.is_none() => {
            "what is declared is accepted for the first time".to_owned()
        }
        Some(changed) => match changed.differences() {
            found if found.is_empty() => "it is declared again".to_owned(),
            found => listed(&found),
        },
        None if notes.any(|note| matches!(note, Note::AccountSettings(_))) => {
            "what is declared for the whole account changed".to_owned()
        }
        None => return None,
    };
    let kind = ChangeKind::Update;
    Some(Headline::new(kind, Reason::SettingsChanged, what))
}
