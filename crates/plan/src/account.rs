//! One account: reshape, decide, order, guard.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{
    AccountState, Code, Diagnostic, Entry, InUse, Name, Note, Observed, Reason, Role, Severity,
    Timestamp,
};
use certctl_spec::Account;

use crate::context::Context;
use crate::draft::{Draft, Lane};
use crate::plan::{
    AccountPlan, Action, Change, ChangeKind, Held, StateVersion, Step, Unmanaged, Why,
};
use crate::{
    Options, activation, catch_up, digest, in_use, limits, removal, rotation, settle, unbound,
};

/// Everything that the plan of one account is computed from.
#[derive(Debug, Clone)]
pub struct AccountInput<'a> {
    /// What is declared.
    pub account: &'a Account,
    /// The name of the spec.
    pub spec_name: Option<&'a Name>,
    /// What the API says, or why that could not be read.
    pub observed: Result<&'a Observed, &'a Diagnostic>,
    /// What is remembered; none where there is no document yet.
    pub state: Option<&'a AccountState>,
    /// The document that it comes from.
    pub version: StateVersion,
}

/// The plan of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOutcome {
    /// The account as a whole.
    pub account: AccountPlan,
    /// Its addresses, ordered.
    pub changes: Vec<Change>,
    /// What nothing claims.
    pub unmanaged: Vec<Unmanaged>,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

impl AccountOutcome {
    /// The steps that can be done now, in the order in which to do them: facts first, then what
    /// makes something available, then what takes something away.
    #[must_use]
    pub fn due(&self) -> Vec<(&Change, &Step)> {
        let mut due: Vec<(&Change, &Step)> = self
            .changes
            .iter()
            .flat_map(|change| change.steps.iter().map(move |step| (change, step)))
            .filter(|(_, step)| step.due)
            .collect();
        due.sort_by_key(|(_, step)| step.action);
        due
    }
}

/// Plans one account.
#[must_use]
pub fn plan_account(input: &AccountInput<'_>, options: &Options, now: Timestamp) -> AccountOutcome {
    let observed = match input.observed {
        Ok(observed) => observed,
        Err(diagnostic) => return failed(input, diagnostic),
    };
    let mut context = Context {
        account: input.account,
        observed,
        options,
        now,
        fresh: input.state.is_none(),
        state: input.state.cloned().unwrap_or_default(),
        diagnostics: Vec::new(),
    };
    if let Some(diagnostic) = foreign_spec(input) {
        context.diagnostics.push(diagnostic);
    }
    let in_use_before = name_in_use(&context);
    let before = context.state.clone();
    let mut drafts = reshape(&mut context);
    catch_up::note_what_was_seen(&mut context, &mut drafts);
    let open = settle::settle(&mut context, &mut drafts);
    for name in order_of_decision(&context, &drafts) {
        if let Some(draft) = drafts.get_mut(&name) {
            decide(&mut context, draft, open.as_ref());
        }
    }
    removal::suggest_moves(&mut context, &drafts);
    let creations_left = limits::apply(&context, &mut drafts);
    let in_use_after = drafts
        .values()
        .find(|draft| draft.takes_over)
        .map(|draft| draft.address.to_string())
        .or_else(|| in_use_before.clone());
    finish(
        context,
        drafts,
        &before,
        input,
        Ends {
            in_use_before,
            in_use_after,
            creations_left,
        },
    )
}

/// Aligns what is declared with what is bound: one draft per address, renames applied.
fn reshape(context: &mut Context<'_>) -> BTreeMap<Name, Draft> {
    let account = context.account;
    let mut drafts = BTreeMap::new();
    for certificate in &account.certificates {
        let mut draft = Draft::new(context.address(&certificate.name));
        if let Some(from) = &certificate.moved_from {
            move_entry(context, &mut draft, certificate, from);
        }
        drafts.insert(certificate.name.clone(), draft);
    }
    for name in context.state.certificates.keys() {
        drafts
            .entry(name.clone())
            .or_insert_with(|| Draft::new(account.address(name)));
    }
    drafts
}

fn move_entry(
    context: &mut Context<'_>,
    draft: &mut Draft,
    certificate: &certctl_spec::Certificate,
    from: &Name,
) {
    let holds = |entry: Option<&Entry>| entry.is_some_and(|entry| !entry.bindings.is_empty());
    let old = holds(context.state.certificates.get(from));
    let new = holds(context.state.certificates.get(&certificate.name));
    if old && !new {
        context.note(
            draft,
            Note::Move {
                from: from.clone(),
                to: certificate.name.clone(),
            },
        );
        let message = format!("was {}", context.address(from));
        draft.decide(ChangeKind::Move, Reason::Moved, message);
    } else if old && new {
        context.diagnostics.push(
            Diagnostic::warning(
                Code::MoveIgnored,
                format!("`moved_from: {from}` is ignored: both names hold a certificate"),
            )
            .hint(format!(
                "remove `moved_from`; {from} is no longer declared and will be removed"
            ))
            .at(Some(certificate.moved_from_place.clone()))
            .address(&draft.address),
        );
    }
}

/// The address that is declared in use first, for what Gateway uses is its first claim; then by name.
fn order_of_decision(context: &Context<'_>, drafts: &BTreeMap<Name, Draft>) -> Vec<Name> {
    let first = context
        .declared_in_use()
        .map(|certificate| &certificate.name);
    let mut names: Vec<Name> = drafts.keys().cloned().collect();
    names.sort_by_key(|name| (Some(name) != first, name.clone()));
    names
}

fn decide(context: &mut Context<'_>, draft: &mut Draft, open: Option<&settle::Open>) {
    let account = context.account;
    let declared = account.certificate(&draft.name);
    draft.before = activation::before(context, &draft.name);
    if let Some(open) = open.filter(|open| open.certificate == draft.name) {
        settle::wait(draft, open);
        return;
    }
    let Some(declared) = declared else {
        removal::decide(context, draft);
        return;
    };
    let bound = context
        .state
        .certificates
        .get(&draft.name)
        .is_some_and(|entry| entry.bindings.iter().any(|b| b.role != Role::Retiring));
    if bound || unbound::adopt(context, draft, declared) {
        rotation::decide(context, draft, declared);
    } else if !draft.blocked {
        unbound::create(context, draft, declared);
    }
    rotation::retire_all(context, draft, declared.rotation.retire_after);
    in_use::refuse_false(context, draft, declared);
}

struct Ends {
    in_use_before: Option<String>,
    in_use_after: Option<String>,
    creations_left: u32,
}

fn finish(
    context: Context<'_>,
    drafts: BTreeMap<Name, Draft>,
    before: &AccountState,
    input: &AccountInput<'_>,
    ends: Ends,
) -> AccountOutcome {
    let hidden: BTreeSet<Name> = drafts
        .values()
        .filter(|draft| !context.options.targets(&draft.address))
        .map(|draft| draft.name.clone())
        .collect();
    let changes: Vec<Change> = drafts
        .into_values()
        .filter(|draft| !hidden.contains(&draft.name))
        .map(|draft| change(&context, draft))
        .collect();
    let unmanaged = unmanaged(&context, before);
    let diagnostics: Vec<Diagnostic> = context
        .diagnostics
        .into_iter()
        .filter(|d| {
            d.address
                .as_ref()
                .is_none_or(|address| !hidden.contains(&address.certificate))
        })
        .collect();
    let mut account = AccountPlan {
        name: context.account.name.clone(),
        account_id: context.account.account_id.clone(),
        applyable: !diagnostics.iter().any(Diagnostic::is_error),
        digest: String::new(),
        state: input.version.clone(),
        in_use_before: ends.in_use_before,
        in_use_after: ends.in_use_after,
        creations_left: ends.creations_left,
    };
    account.digest = digest::of_account(&account, &changes, &context.options.words());
    AccountOutcome {
        account,
        changes,
        unmanaged,
        diagnostics,
    }
}

/// A draft becomes a change: its facts are one `record` step, then come its lanes.
fn change(context: &Context<'_>, mut draft: Draft) -> Change {
    let certificates = held(context, &draft.name);
    let after = activation::after(context, &draft);
    let working = draft.lanes.iter().any(|lane| !lane.steps.is_empty());
    if !draft.notes.is_empty() {
        draft.decide(
            ChangeKind::Update,
            Reason::Remember,
            "what was seen is to be remembered",
        );
        let record = Step {
            notes: draft.notes,
            ..Step::new(Action::Record, None)
        };
        draft.lanes.insert(0, Lane::due(vec![record]));
    } else if working && draft.kind == ChangeKind::NoOp {
        draft.kind = ChangeKind::Update;
    }
    let waiting = draft
        .lanes
        .iter()
        .take_while(|lane| {
            let acts = lane
                .steps
                .first()
                .is_some_and(|step| step.action != Action::Record);
            lane.waiting.is_some() || !acts
        })
        .find_map(|lane| lane.waiting.clone());
    let mut steps = Vec::new();
    for lane in draft.lanes {
        for (n, mut step) in lane.steps.into_iter().enumerate() {
            if n == 0 {
                step.due = lane.waiting.is_none();
                step.not_before = lane.waiting.as_ref().and_then(|waiting| waiting.until);
            }
            steps.push(step);
        }
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
        blast_radius: draft.blast_radius,
        rollback_until: draft.rollback_until,
    }
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
                in_use: context.observed.may_be_in_use(&binding.id),
                expires_on: remote.and_then(certctl_model::RemoteCertificate::expires),
                available_since: binding.available_since,
                inferred: binding.inferred,
            }
        })
        .collect();
    held.sort_by(|a, b| (a.role, &a.id).cmp(&(b.role, &b.id)));
    held
}

fn unmanaged(context: &Context<'_>, before: &AccountState) -> Vec<Unmanaged> {
    context
        .observed
        .certificates
        .iter()
        .filter(|remote| {
            context.state.binding(&remote.id).is_none() && before.binding(&remote.id).is_none()
        })
        .map(|remote| Unmanaged {
            account: context.account.name.clone(),
            certificate_id: remote.id.clone(),
            kind: remote.kind.clone(),
            in_use: context.observed.may_be_in_use(&remote.id),
            expires_on: remote.expires(),
        })
        .collect()
}

fn name_in_use(context: &Context<'_>) -> Option<String> {
    match context.in_use() {
        InUse::Nothing | InUse::Disputed { .. } => None,
        InUse::Certificate(id) => Some(context.state.binding(&id).map_or_else(
            || id.to_string(),
            |(name, _)| context.address(name).to_string(),
        )),
    }
}

fn foreign_spec(input: &AccountInput<'_>) -> Option<Diagnostic> {
    let recorded = input.state?.spec_name.as_ref()?;
    let given = input.spec_name?;
    (recorded != given).then(|| {
        Diagnostic::error(
            Code::SpecName,
            format!("the state of this account was written for spec `{recorded}`, not `{given}`"),
        )
        .hint("use the spec that it belongs to, or give this spec its own `state`")
        .at(Some(input.account.place.clone()))
        .account(&input.account.name)
    })
}

fn failed(input: &AccountInput<'_>, diagnostic: &Diagnostic) -> AccountOutcome {
    debug_assert_eq!(diagnostic.severity, Severity::Error);
    let mut account = AccountPlan {
        name: input.account.name.clone(),
        account_id: input.account.account_id.clone(),
        applyable: false,
        digest: String::new(),
        state: input.version.clone(),
        in_use_before: None,
        in_use_after: None,
        creations_left: 0,
    };
    account.digest = digest::of_account(&account, &[], &[]);
    AccountOutcome {
        account,
        changes: Vec::new(),
        unmanaged: Vec::new(),
        diagnostics: vec![diagnostic.clone().account(&input.account.name)],
    }
}
