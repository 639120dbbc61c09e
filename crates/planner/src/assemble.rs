//! From what was proposed to the plan of an account: what is due, what waits, and what it comes to.

use certctl_model::{AccountState, Diagnostic, InUse, Name, Reason, RemoteCertificate, Severity};
use certctl_plan::{
    AccountInput, AccountOutcome, AccountPlan, Action, Attributes, BoundCertificate, Change,
    ChangeKind, Mandate, Operation, Options, Step, Tally, Unmanaged, Waiting,
};

use crate::attributes;
use crate::blast_radius::blast_radius;
use crate::decision::{Lane, When};
use crate::evidence::counted;
use crate::facts::Facts;
use crate::hold_back::creations_left;
use crate::noted::Headline;
use crate::proposal::Proposal;
use crate::taken_up;

/// Puts the outcome together, without its digest. `says` is everything that was found wrong.
pub(crate) fn assemble(
    input: &AccountInput<'_>,
    facts: &Facts<'_>,
    proposals: Vec<Proposal<'_>>,
    says: Vec<Diagnostic>,
    tally: Tally,
) -> AccountOutcome {
    let nothing = AccountState::default();
    let before = input.state.unwrap_or(&nothing);
    let takes_over = proposals.iter().find(|p| p.does(Action::SetInUse));
    let in_use_after = takes_over
        .map(|proposal| proposal.place.address.to_string())
        .or_else(|| name_in_use(facts, &facts.state));
    let diagnostics = in_order(says, facts.options);
    let changes = proposals
        .into_iter()
        .map(|proposal| change(facts, proposal, &diagnostics))
        .collect();
    let account = AccountPlan {
        name: facts.account.name.clone(),
        account_id: facts.account.account_id.clone(),
        applyable: !diagnostics.iter().any(Diagnostic::is_blocking),
        digest: String::new(),
        state: input.version.clone(),
        in_use_before: name_in_use(facts, before),
        in_use_after,
        creations_left: creations_left(facts),
        settings: None,
        tally,
        wave: facts.options.wave.clone(),
    };
    AccountOutcome {
        account,
        changes,
        unmanaged: unmanaged(facts, before),
        diagnostics,
    }
}

/// A proposal becomes a change: its facts are one step, then come its lanes; what is left to another
/// run comes last.
fn change(facts: &Facts<'_>, proposal: Proposal<'_>, diagnostics: &[Diagnostic]) -> Change {
    let after = attributes::after(facts, &proposal);
    let blast_radius = blast_radius(facts, &proposal);
    let certificates = held(facts, &proposal);
    let accepted = taken_up::headline(&proposal);
    let headline = proposal.headline();
    let before = before(facts, &proposal);
    let Proposal {
        place,
        noted,
        rule,
        decision,
        settings,
    } = proposal;
    let here = |d: &&Diagnostic| d.address.as_ref() == Some(&place.address);
    let blocked = diagnostics.iter().filter(here).any(Diagnostic::is_blocking);
    let remembers = !noted.notes.is_empty();
    let headline = headline.or(accepted.filter(|_| !blocked));
    let headline = headline.unwrap_or_else(|| without_words(blocked, remembers));
    let mut lanes = Vec::new();
    if remembers {
        lanes.push(facts_lane(noted.notes, noted.adopts));
    }
    let (later, now): (Vec<Lane>, Vec<Lane>) = decision
        .lanes
        .into_iter()
        .partition(Lane::is_left_to_another_run);
    lanes.extend(now.into_iter().chain(later));
    Change {
        address: place.address,
        account_id: facts.account.account_id.clone(),
        kind: headline.kind,
        reason: headline.why,
        rule: rule.to_owned(),
        before,
        after,
        settings,
        certificates,
        waiting: waiting(&lanes),
        steps: lanes.into_iter().enumerate().flat_map(numbered).collect(),
        blast_radius,
        rollback_until: decision.rollback_until,
    }
}

/// What the address had; of what it takes over and replaces, what that is.
fn before(facts: &Facts<'_>, proposal: &Proposal<'_>) -> Option<Attributes> {
    let replaced = matches!(proposal.kind(), ChangeKind::Replace | ChangeKind::Renew);
    let taken_over = || attributes::before(facts, &proposal.place.name);
    let before = proposal.noted.before.clone();
    before.or_else(|| taken_over().filter(|_| replaced))
}

/// What an address comes to of which nobody said anything.
fn without_words(blocked: bool, remembers: bool) -> Headline {
    if blocked {
        let message = "an error stands in the way";
        Headline::new(ChangeKind::NoOp, Reason::Blocked, message)
    } else if remembers {
        let message = "something is to be remembered that the API does not keep";
        Headline::new(ChangeKind::Update, Reason::Remember, message)
    } else {
        Headline::new(ChangeKind::NoOp, Reason::UpToDate, "nothing differs")
    }
}

/// The step that remembers the facts. They are true whoever runs; only what is taken over is new.
fn facts_lane(
    notes: Vec<certctl_model::Note>,
    adopts: Option<certctl_model::CertificateId>,
) -> Lane {
    let settles = |note: &certctl_model::Note| matches!(note, certctl_model::Note::Created { .. });
    let new = adopts.is_some() && !notes.iter().any(settles);
    let operation = match adopts {
        Some(id) => Operation::Adopt(Some(id)),
        None => Operation::Record,
    };
    let mut lane = Lane::due(vec![Step {
        notes,
        ..Step::new(operation)
    }]);
    if !new {
        lane.mandate = Mandate::Calendar;
    }
    lane
}

/// What the first step that is not due waits for, unless another one comes before it.
fn waiting(lanes: &[Lane]) -> Option<Waiting> {
    let only_remembers = |step: &Step| matches!(step.action(), Action::Record | Action::Adopt);
    lanes
        .iter()
        .take_while(|lane| !lane.is_due() || lane.steps.iter().all(only_remembers))
        .find_map(|lane| match lane.when {
            When::Now => None,
            When::Waits { why, until } => Some(Waiting {
                until,
                why,
                next: lane.first().unwrap_or(Action::Record),
            }),
        })
}

/// The steps of a lane, as they stand in the plan.
fn numbered((number, lane): (usize, Lane)) -> impl Iterator<Item = Step> {
    let Lane {
        steps,
        mandate,
        when,
    } = lane;
    steps.into_iter().enumerate().map(move |(n, step)| {
        let step = Step {
            lane: number,
            mandate,
            ..step
        };
        match when {
            _ if n > 0 => step,
            When::Now => Step { due: true, ..step },
            When::Waits { why, until } => Step {
                waits_for: Some(why),
                not_before: until,
                ..step
            },
        }
    })
}

fn held(facts: &Facts<'_>, proposal: &Proposal<'_>) -> Vec<BoundCertificate> {
    let bindings = proposal.place.entry.into_iter();
    let bindings = bindings.flat_map(|entry| &entry.bindings);
    let mut held: Vec<BoundCertificate> = bindings
        .map(|binding| {
            let remote = facts.remote(&binding.id);
            let known = remote.and_then(RemoteCertificate::facts);
            BoundCertificate {
                id: binding.id.clone(),
                role: binding.role,
                fingerprint: known.map(|known| known.fingerprint),
                binding_status: remote.map(|remote| remote.binding_status.clone()),
                in_use: facts.may_be_in_use(&binding.id),
                expires_on: remote.and_then(RemoteCertificate::expires),
                available_since: binding.available_since,
                inferred: binding.inferred,
                evidence: counted(facts, binding),
            }
        })
        .collect();
    held.sort_by(|a, b| (a.role, &a.id).cmp(&(b.role, &b.id)));
    held.shrink_to_fit();
    held
}

fn unmanaged(facts: &Facts<'_>, before: &AccountState) -> Vec<Unmanaged> {
    let bound = |id| facts.state.binding(id).is_some() || before.binding(id).is_some();
    let mut unmanaged: Vec<Unmanaged> = facts
        .observed
        .certificates
        .iter()
        .filter(|remote| !bound(&remote.id))
        .map(|remote| Unmanaged {
            account: facts.account.name.clone(),
            certificate_id: remote.id.clone(),
            kind: remote.kind.clone(),
            in_use: facts.may_be_in_use(&remote.id),
            expires_on: remote.expires(),
        })
        .collect();
    unmanaged.sort_by(|a, b| a.certificate_id.cmp(&b.certificate_id));
    unmanaged
}

/// What Gateway uses: the address that holds it, or the id of what nothing holds.
fn name_in_use(facts: &Facts<'_>, state: &AccountState) -> Option<String> {
    let address = |name: &Name| [facts.account.name.as_str(), "/", name.as_str()].concat();
    match facts.in_use() {
        InUse::Nothing | InUse::Disputed { .. } => None,
        InUse::Certificate(id) => {
            let bound = state.binding(id);
            Some(bound.map_or_else(|| id.to_string(), |(name, _)| address(name)))
        }
    }
}

/// Diagnostics of the account first, then by address; each once; those of addresses that are not
/// targets are left out, for nothing is done about them.
fn in_order(says: Vec<Diagnostic>, options: &Options) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<Diagnostic> = says.into_iter().map(Diagnostic::explicit).collect();
    diagnostics.retain(|d| d.address.as_ref().is_none_or(|a| options.targets(a)));
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.address.clone(), d.severity, d.code);
        key(a).cmp(&key(b))
    });
    diagnostics.dedup();
    diagnostics
}

/// The outcome of an account that could not be read: nothing, and why.
pub(crate) fn failed(
    input: &AccountInput<'_>,
    diagnostic: &Diagnostic,
    options: &Options,
) -> AccountOutcome {
    let account = AccountPlan {
        name: input.account.name.clone(),
        account_id: input.account.account_id.clone(),
        applyable: false,
        digest: String::new(),
        state: input.version.clone(),
        in_use_before: None,
        in_use_after: None,
        creations_left: 0,
        settings: None,
        tally: Tally::default(),
        wave: options.wave.clone(),
    };
    let diagnostic = Diagnostic {
        severity: Severity::Error,
        ..diagnostic.clone().account(&input.account.name)
    };
    AccountOutcome {
        account,
        changes: Vec::new(),
        unmanaged: Vec::new(),
        diagnostics: vec![diagnostic.explicit()],
    }
}
