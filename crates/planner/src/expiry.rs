//! What expires soon, of that which matters: what is declared, and what Gateway uses, whoever made it.
//!
//! Two questions, one answer to what matters: the check `expires_soon` warns of what nothing renews,
//! and `status --check` lists everything within a time of its own ([`expiring`]).

use certctl_model::{
    AccountState, BindingStatus, CertificateId, Code, Diagnostic, Name, Observed, Period,
    RemoteCertificate, Role, Timestamp,
};
use certctl_plan::AccountInput;
use certctl_spec::Account;

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
pub(crate) struct Subject {
    pub(crate) id: CertificateId,
    /// The declared address whose current certificate it is.
    pub(crate) name: Option<Name>,
    pub(crate) in_use: bool,
    pub(crate) expires: Timestamp,
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
        Some(name) if is_custom(account, name) => diagnostic
            .address(&account.address(name))
            .hint("only its owner can make its successor; docs/custom.md shows how it is rotated"),
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

fn is_custom(account: &Account, name: &Name) -> bool {
    let declared = account.certificate(name);
    declared.is_some_and(|declared| declared.custom.is_some())
}

/// How early an expiry that nothing renews by time is an error; at most a quarter of the validity.
const LATE_DAYS: u32 = 90;

/// From when it is an error that nothing renews what expires then (law 12).
pub(crate) fn unrenewed_is_late(remote: &RemoteCertificate, expires: Timestamp) -> Timestamp {
    let quarter = remote.facts().map(|known| {
        let validity = Period::between(known.not_before, known.not_after);
        validity.half().half()
    });
    let usual = Period::days(LATE_DAYS);
    let early = quarter.map_or(usual, |quarter| quarter.min(usual));
    early.before(expires)
}

/// What to do about a certificate that no plan can renew.
pub(crate) const MOVE_ON: &str =
    "declare a certificate with `in_use: true` and `rotation.renew_before`, to move Gateway to it";

/// What matters and expires until then, by id: the current certificate of each declared address
/// unless its successor can take its place, and what Gateway uses.
pub(crate) fn subjects(
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
            let in_use = in_use.may_be(&remote.id);
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
