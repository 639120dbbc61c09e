//! What expires soon, of that which matters: what is declared, and what Gateway uses, whoever made it.
//!
//! Two questions, one answer to what matters: the planner warns of what nothing renews
//! ([`warn`]), and `status --check` lists everything within a time of its own ([`expiring`]).

use std::collections::BTreeMap;

use certctl_model::{
    AccountState, BindingStatus, CertificateId, Code, Diagnostic, InUse, Mutation, Name, Observed,
    Period, RemoteCertificate, Role, Timestamp,
};
use certctl_plan::AccountInput;
use certctl_spec::Account;

use crate::context::Context;
use crate::draft::Draft;
use certctl_plan::Action;

/// How near an expiry is that the plan warns of.
const SOON_DAYS: u32 = 30;

/// Something that a person should look at: what, about which certificate, and the instant of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What, about whom, and what to do.
    pub diagnostic: Diagnostic,
    /// Which certificate; none for one that is yet to be created.
    pub certificate_id: Option<CertificateId>,
    /// When it expires, or since when it is due.
    pub at: Timestamp,
}

/// A certificate whose expiry matters.
struct Subject {
    id: CertificateId,
    /// The declared address whose current certificate it is.
    name: Option<Name>,
    in_use: bool,
    expires: Timestamp,
}

/// What of an account expires within this time, or has expired, renewed or not.
#[must_use]
pub fn expiring(input: &AccountInput<'_>, within: Period, now: Timestamp) -> Vec<Finding> {
    let Ok(observed) = input.observed else {
        return Vec::new();
    };
    subjects(input.account, observed, input.state, within.after(now))
        .into_iter()
        .map(|subject| finding(input.account, &subject, now))
        .collect()
}

fn finding(account: &Account, subject: &Subject, now: Timestamp) -> Finding {
    let Subject { id, expires, .. } = subject;
    let (code, verb) = match *expires <= now {
        true => (Code::Expired, "expired"),
        false => (Code::ExpiresSoon, "expires"),
    };
    let used = if subject.in_use {
        ", which Gateway uses,"
    } else {
        ""
    };
    let diagnostic = Diagnostic::warning(code, format!("{id}{used} {verb} at {expires}"));
    let diagnostic = match &subject.name {
        Some(name) => diagnostic.address(&account.address(name)).hint(format!(
            "`certctl apply` renews it where `rotation.renew_before` says so; else `--replace {}`",
            account.address(name)
        )),
        None => diagnostic.account(&account.name).hint(MOVE_ON),
    };
    Finding {
        diagnostic,
        certificate_id: Some(id.clone()),
        at: *expires,
    }
}

/// What to do about a certificate that no plan can renew.
const MOVE_ON: &str =
    "declare a certificate with `in_use: true` and `rotation.renew_before`, to move Gateway to it";

/// Warns of what expires soon and is not renewed: no `renew_before`, and nothing that this plan
/// does replaces it.
pub(crate) fn warn(context: &mut Context<'_>, drafts: &BTreeMap<Name, Draft>) {
    let until = Period::days(SOON_DAYS).after(context.now);
    let (account, observed) = (context.account, context.observed);
    let moves_on = drafts.values().any(|draft| draft.does(Action::SetInUse));
    for subject in subjects(account, observed, Some(&context.state), until) {
        let expired = subject.expires <= context.now;
        let (id, expires) = (&subject.id, subject.expires);
        let diagnostic = match &subject.name {
            // That a declared one has expired is said where its address is decided.
            Some(name) if expired || is_renewed(context, drafts, name) => continue,
            Some(name) => {
                let address = account.address(name);
                let message = format!("{id} expires at {expires}, and nothing renews it");
                let place = account.certificate(name).map(|c| c.place.clone());
                Diagnostic::warning(Code::ExpiresSoon, message)
                    .hint(format!(
                        "declare `rotation.renew_before`, or pass `--replace {address}`"
                    ))
                    .at(place)
                    .address(&address)
            }
            None if moves_on => continue,
            None => {
                let (code, verb) = match expired {
                    true => (Code::Expired, "expired"),
                    false => (Code::ExpiresSoon, "expires"),
                };
                let message = format!(
                    "Gateway uses {id}, which {verb} at {expires}, and nothing replaces it"
                );
                Diagnostic::warning(code, message)
                    .hint(MOVE_ON)
                    .account(&account.name)
            }
        };
        context.diagnostics.push(diagnostic);
    }
}

/// Whether a successor is declared to come, is there, or is made by this plan.
fn is_renewed(context: &Context<'_>, drafts: &BTreeMap<Name, Draft>, name: &Name) -> bool {
    let declared = context.account.certificate(name);
    let by_time = declared.is_some_and(|declared| declared.rotation.renew_before.is_some());
    let open = context.state.open_create().is_some_and(|intent| {
        matches!(&intent.mutation, Mutation::Create { certificate, .. } if certificate == name)
    });
    let made = drafts
        .get(name)
        .is_some_and(|draft| draft.does(Action::Create));
    by_time || open || made || context.bound(name, Role::Successor).is_some()
}

/// What matters and expires until then, by id: the current certificate of each declared address
/// unless its successor can take its place, and what Gateway uses.
fn subjects(
    account: &Account,
    observed: &Observed,
    state: Option<&AccountState>,
    until: Timestamp,
) -> Vec<Subject> {
    let in_use = observed.in_use();
    let mut subjects: Vec<Subject> = observed
        .certificates
        .iter()
        .filter_map(|remote| {
            let expires = remote.expires().filter(|expires| *expires <= until)?;
            let in_use = may_be_in_use(&in_use, &remote.id);
            let name = state.and_then(|state| declared_as(account, state, remote));
            let replaced =
                |name| state.is_some_and(|state| is_replaced(observed, state, name, until));
            if !in_use && name.as_ref().is_none_or(replaced) {
                return None;
            }
            Some(Subject {
                id: remote.id.clone(),
                name,
                in_use,
                expires,
            })
        })
        .collect();
    // However the API lists them.
    subjects.sort_by(|a, b| (&a.id, a.expires).cmp(&(&b.id, b.expires)));
    subjects
}

/// The declared address whose current certificate this is.
fn declared_as(
    account: &Account,
    state: &AccountState,
    remote: &RemoteCertificate,
) -> Option<Name> {
    let (name, binding) = state.binding(&remote.id)?;
    let current = binding.role == Role::Current && account.certificate(name).is_some();
    current.then(|| name.clone())
}

/// Whether a successor stands ready that lives longer.
fn is_replaced(observed: &Observed, state: &AccountState, name: &Name, until: Timestamp) -> bool {
    state
        .certificates
        .get(name)
        .and_then(|entry| entry.with_role(Role::Successor))
        .and_then(|successor| observed.certificate(&successor.id))
        .is_some_and(|remote| {
            (remote.in_use || remote.binding_status == BindingStatus::Available)
                && remote.expires().is_none_or(|expires| expires > until)
        })
}

fn may_be_in_use(in_use: &InUse, id: &CertificateId) -> bool {
    match in_use {
        InUse::Nothing => false,
        InUse::Certificate(used) => used == id,
        InUse::Disputed { listed, configured } => {
            listed.contains(id) || configured.as_ref() == Some(id)
        }
    }
}
