//! The digest that binds a review to what is applied.
//!
//! It covers an account's changes with all their steps and periods, what they were decided from, and
//! which errors stand in their way. What was decided from is in it as what is declared against what
//! was accepted last, so that every change of a declared setting moves it.
//! It leaves out what changes without anything changing: times of observation, which step is due
//! today, facts that are only remembered, and the state's serial. Every type is taken apart field by
//! field, so that a new field does not compile until somebody has decided whether it is covered.

use serde::Serialize;
use sha2::{Digest, Sha256};

use certctl_model::{
    AccountSettings, Address, Blocks, CertificateId, Changed, Code, Diagnostic, Role, Settings,
    Timestamp,
};
use certctl_spec::{Account, Certificate, Import, Policy};

use crate::account::AccountPlan;
use crate::change::{Attributes, BoundCertificate, Change, ChangeKind};
use crate::operation::{Action, Operation};
use crate::step::Step;

#[derive(Serialize)]
struct AccountBasis<'a> {
    account_id: &'a str,
    applyable: bool,
    in_use_before: &'a Option<String>,
    options: &'a [String],
    /// Absent where nothing is to be accepted, and from documents of format 1.0.
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: &'a Option<Box<Changed<AccountSettings>>>,
    changes: Vec<ChangeBasis<'a>>,
    /// Absent where nothing is blocked, and from documents of format 1.0.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    blocked: Vec<(Code, Option<&'a Address>, Blocks)>,
}

#[derive(Serialize)]
struct ChangeBasis<'a> {
    address: &'a Address,
    change: ChangeKind,
    after: &'a Option<Attributes>,
    /// Likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: &'a Option<Box<Changed<Settings>>>,
    certificates: Vec<(&'a CertificateId, Role, bool, Option<Timestamp>)>,
    steps: Vec<(Action, Option<&'a CertificateId>)>,
}

/// The digest of one account; `diagnostics` are its own.
#[must_use]
pub fn of_account<'a>(
    account: &AccountPlan,
    changes: &[Change],
    diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
    options: &[String],
) -> String {
    // Not covered: the name is ours, the state's version and the counts are of the moment, and what is
    // in use after follows from the changes.
    let AccountPlan {
        name: _,
        account_id,
        applyable,
        digest: _,
        state: _,
        in_use_before,
        in_use_after: _,
        creations_left: _,
        settings,
        tally: _,
        wave: _,
    } = account;
    let basis = AccountBasis {
        account_id: account_id.as_str(),
        applyable: *applyable,
        in_use_before,
        options,
        settings,
        changes: changes.iter().map(basis_of).collect(),
        blocked: diagnostics.into_iter().filter_map(blocked).collect(),
    };
    hash_of(&basis)
}

fn blocked(diagnostic: &Diagnostic) -> Option<(Code, Option<&Address>, Blocks)> {
    let Diagnostic {
        severity: _,
        code,
        account: _,
        address,
        place: _,
        related: _,
        message: _,
        hint: _,
        blocks,
        candidates: _,
    } = diagnostic;
    let blocks = (*blocks).filter(|_| diagnostic.is_blocking())?;
    Some((*code, address.as_ref(), blocks))
}

fn basis_of(change: &Change) -> ChangeBasis<'_> {
    // Not covered: the account's id is, once; reasons are for people; what is there is covered by the
    // certificates; what is waited for, and until when, is of the moment.
    let Change {
        address,
        account_id: _,
        kind,
        reason: _,
        rule: _,
        before: _,
        after,
        settings,
        certificates,
        steps,
        waiting: _,
        blast_radius: _,
        rollback_until: _,
    } = change;
    let steps: Vec<_> = steps.iter().filter_map(step_basis).collect();
    // Facts alone make an `update` that changes nothing anybody would review.
    let only_facts = *kind == ChangeKind::Update && settings.is_none() && steps.is_empty();
    ChangeBasis {
        address,
        change: if only_facts { ChangeKind::NoOp } else { *kind },
        after,
        settings,
        certificates: certificates.iter().map(held_basis).collect(),
        steps,
    }
}

fn held_basis(held: &BoundCertificate) -> (&CertificateId, Role, bool, Option<Timestamp>) {
    // Not covered: an id has one fingerprint; status, times and what devices show are of the moment.
    let BoundCertificate {
        id,
        role,
        fingerprint: _,
        binding_status: _,
        in_use,
        expires_on,
        available_since: _,
        inferred: _,
        evidence: _,
    } = held;
    (id, *role, *in_use, *expires_on)
}

fn step_basis(step: &Step) -> Option<(Action, Option<&CertificateId>)> {
    // Not covered: what is due, and since which lane, is of the moment; what a create makes stands in
    // `after`.
    let Step {
        operation,
        not_before: _,
        lane: _,
        due: _,
        waits_for: _,
        mandate: _,
        notes: _,
    } = step;
    let recorded = matches!(operation, Operation::Record);
    (!recorded).then(|| (operation.action(), operation.certificate_id()))
}

/// The digest of what a plan of this account is asked for: all that is declared of it, and the options.
/// An approval that is carried out by more than one run holds as long as it stays the same.
#[must_use]
pub fn of_declared(account: &Account, policy: &Policy, options: &[String]) -> String {
    let Account {
        name,
        account_id,
        adopt: _,
        // With which token something is done is no part of what is done.
        token: _,
        labels: _,
        suspended: _,
        certificates,
        place: _,
    } = account;
    let import = |certificate: &Certificate| match &certificate.import {
        Some(Import::Id(id)) => Some(id.to_string()),
        Some(Import::None) => Some("none".to_owned()),
        None => None,
    };
    let certificates: Vec<_> = certificates
        .iter()
        .map(|c| (&c.name, c.settings(), import(c), &c.moved_from))
        .collect();
    let settings = account.settings(policy);
    let basis = (name, account_id, settings, certificates, options);
    hash_of(&basis)
}

/// The digest of a whole plan.
pub fn of_accounts<'a>(accounts: impl Iterator<Item = &'a AccountPlan>) -> String {
    let mut basis = String::new();
    for account in accounts {
        basis.push_str(account.account_id.as_str());
        basis.push(' ');
        basis.push_str(&account.digest);
        basis.push('\n');
    }
    hash(basis.as_bytes())
}

/// What is hashed has string keys and finite numbers only, so that writing it cannot fail.
fn hash_of(basis: &impl Serialize) -> String {
    let mut json = Vec::with_capacity(2048);
    if serde_json::to_writer(&mut json, basis).is_err() {
        json.clear();
    }
    hash(&json)
}

fn hash(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(7 + 64);
    text.push_str("sha256:");
    for byte in Sha256::digest(bytes) {
        for half in [byte >> 4, byte & 0xf] {
            let digit = if half < 10 { b'0' } else { b'a' - 10 };
            text.push(char::from(digit + half));
        }
    }
    text
}
