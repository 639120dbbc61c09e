//! From drafts to the plan of an account: what is due, what waits, and what it comes to.

use std::collections::BTreeMap;

use certctl_model::{
    AccountState, Code, Diagnostic, InUse, Name, Reason, RemoteCertificate, Severity,
};

use crate::context::Context;
use crate::draft::{Draft, Lane};
use crate::{in_use, shape};
use certctl_plan::{
    AccountInput, AccountOutcome, AccountPlan, Action, BlastRadius, Change, ChangeKind, Held, Step,
    Tally, Unmanaged, WaitFor, Why,
};

/// Puts the outcome together. `before` is the state as it was saved.
pub(crate) fn finish(
    context: Context<'_>,
    drafts: BTreeMap<Name, Draft>,
    before: &AccountState,
    input: &AccountInput<'_>,
    creations_left: u32,
) -> AccountOutcome {
    let in_use_before = name_in_use(&context, before);
    let takes_over = drafts.values().find(|draft| draft.does(Action::SetInUse));
    let in_use_after = takes_over
        .map(|draft| draft.address.to_string())
        .or_else(|| name_in_use(&context, &context.state));
    let changes: Vec<Change> = drafts
        .into_values()
        .map(|draft| change(&context, draft))
        .collect();
    let unmanaged = unmanaged(&context, before);
    let diagnostics = in_order(context.diagnostics, context.options);
    let account = AccountPlan {
        name: context.account.name.clone(),
        account_id: context.account.account_id.clone(),
        applyable: !diagnostics.iter().any(Diagnostic::is_error),
        digest: String::new(),
        state: input.version.clone(),
        in_use_before,
        in_use_after,
        creations_left,
        tally: Tally::default(),
    };
    AccountOutcome {
        account,
        changes,
        unmanaged,
        diagnostics,
    }
}

/// A draft becomes a change: its facts are one step, then come its lanes.
fn change(context: &Context<'_>, mut draft: Draft) -> Change {
    let certificates = held(context, &draft.name);
    let after = shape::after(context, &draft);
    let blast_radius = match context.account.certificate(&draft.name) {
        Some(declared) if draft.does(Action::SetInUse) => in_use::blast_radius(context, declared),
        _ => BlastRadius::Nobody,
    };
    let mut diagnostics = context.diagnostics.iter();
    if diagnostics.any(|d| d.is_error() && d.address.as_ref() == Some(&draft.address)) {
        let message = "an error stands in the way";
        draft.decide(ChangeKind::NoOp, Reason::Blocked, message);
    }
    if !draft.notes.is_empty() {
        let message = "something is to be remembered that the API does not keep";
        draft.decide(ChangeKind::Update, Reason::Remember, message);
        let action = match draft.adopts {
            Some(_) => Action::Adopt,
            None => Action::Record,
        };
        let first = Step {
            notes: std::mem::take(&mut draft.notes),
            ..Step::new(action, draft.adopts.take())
        };
        draft.lanes.insert(0, Lane::due(vec![first]));
    }
    for mut lane in std::mem::take(&mut draft.aside) {
        lane.wait(WaitFor::Hold, None);
        draft.lanes.push(lane);
    }
    let waiting = draft
        .lanes
        .iter()
        .take_while(|lane| lane.waiting.is_some() || lane.steps.iter().all(only_remembers))
        .find_map(|lane| lane.waiting.clone());
    let mut steps = Vec::new();
    for lane in draft.lanes {
        let mut lane_steps = lane.steps.into_iter();
        if let Some(first) = lane_steps.next() {
            steps.push(Step {
                due: lane.waiting.is_none(),
                waits_for: lane.waiting.as_ref().map(|waiting| waiting.why),
                not_before: lane.waiting.and_then(|waiting| waiting.until),
                ..first
            });
        }
        steps.extend(lane_steps);
    }
    Change {
        address: draft.address,
        account_id: context.account.account_id.clone(),
        kind: draft.kind,
        reason: draft.reason.unwrap_or_else(|| Why {
            code: Reason::UpToDate,
            message: "nothing differs".to_owned(),
        }),
        before: draft.before,
        after,
        certificates,
        steps,
        waiting,
        blast_radius,
        rollback_until: draft.rollback_until,
    }
}

fn only_remembers(step: &Step) -> bool {
    matches!(step.action, Action::Record | Action::Adopt)
}

fn held(context: &Context<'_>, name: &Name) -> Vec<Held> {
    let Some(entry) = context.state.certificates.get(name) else {
        return Vec::new();
    };
    let mut held: Vec<Held> = entry
        .bindings
        .iter()
        .map(|binding| {
            let remote = context.remote(&binding.id);
            Held {
                id: binding.id.clone(),
                role: binding.role,
                binding_status: remote.map(|remote| remote.binding_status.clone()),
                in_use: context.may_be_in_use(&binding.id),
                expires_on: remote.and_then(RemoteCertificate::expires),
                available_since: binding.available_since,
                inferred: binding.inferred,
            }
        })
        .collect();
    held.sort_by(|a, b| (a.role, &a.id).cmp(&(b.role, &b.id)));
    held
}

fn unmanaged(context: &Context<'_>, before: &AccountState) -> Vec<Unmanaged> {
    let bound = |id| context.state.binding(id).is_some() || before.binding(id).is_some();
    let mut unmanaged: Vec<Unmanaged> = context
        .observed
        .certificates
        .iter()
        .filter(|remote| !bound(&remote.id))
        .map(|remote| Unmanaged {
            account: context.account.name.clone(),
            certificate_id: remote.id.clone(),
            kind: remote.kind.clone(),
            in_use: context.may_be_in_use(&remote.id),
            expires_on: remote.expires(),
        })
        .collect();
    unmanaged.sort_by(|a, b| a.certificate_id.cmp(&b.certificate_id));
    unmanaged
}

/// What Gateway uses: the address that holds it, or the id of what nothing holds.
fn name_in_use(context: &Context<'_>, state: &AccountState) -> Option<String> {
    match context.in_use() {
        InUse::Nothing | InUse::Disputed { .. } => None,
        InUse::Certificate(id) => Some(state.binding(id).map_or_else(
            || id.to_string(),
            |(name, _)| context.address(name).to_string(),
        )),
    }
}

/// Diagnostics of the account first, then by address; each once; those of addresses that are not
/// targets are left out, for nothing is done about them.
fn in_order(mut diagnostics: Vec<Diagnostic>, options: &certctl_plan::Options) -> Vec<Diagnostic> {
    diagnostics.retain(|d| d.address.as_ref().is_none_or(|a| options.targets(a)));
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.address.clone(), d.severity, d.code);
        key(a).cmp(&key(b))
    });
    diagnostics.dedup();
    diagnostics
}

/// The outcome of an account that could not be read: nothing, and why.
pub(crate) fn failed(input: &AccountInput<'_>, diagnostic: &Diagnostic) -> AccountOutcome {
    let account = AccountPlan {
        name: input.account.name.clone(),
        account_id: input.account.account_id.clone(),
        applyable: false,
        digest: String::new(),
        state: input.version.clone(),
        in_use_before: None,
        in_use_after: None,
        creations_left: 0,
        tally: Tally::default(),
    };
    let diagnostic = Diagnostic {
        severity: Severity::Error,
        ..diagnostic.clone().account(&input.account.name)
    };
    AccountOutcome {
        account,
        changes: Vec::new(),
        unmanaged: Vec::new(),
        diagnostics: vec![diagnostic],
    }
}

/// A state that belongs to another spec is not to be acted upon.
pub(crate) fn foreign_spec(input: &AccountInput<'_>) -> Option<Diagnostic> {
    let recorded = input.state?.spec_name.as_ref()?;
    let given = input.spec_name?;
    (recorded != given).then(|| {
        let message =
            format!("the state of this account was written for spec `{recorded}`, not `{given}`");
        Diagnostic::error(Code::SpecName, message)
            .hint("use the spec that it belongs to, or give this spec its own `state`")
            .at(Some(input.account.place.clone()))
            .account(&input.account.name)
    })
}
