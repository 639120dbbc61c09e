//! The digest that binds a review to what is applied.
//!
//! It covers an account's changes with all their steps and periods, what they were decided from, and
//! whether an error stands in their way.
//! It leaves out what changes without anything changing: times of observation, which step is due
//! today, facts that are only remembered, and the state's serial.

use serde::Serialize;
use sha2::{Digest, Sha256};

use certctl_model::{Address, CertificateId, Role, Timestamp};

use crate::account::AccountPlan;
use crate::change::{Change, ChangeKind, Shape};
use crate::step::Action;

#[derive(Serialize)]
struct AccountBasis<'a> {
    account_id: &'a str,
    applyable: bool,
    in_use_before: &'a Option<String>,
    options: &'a [String],
    changes: Vec<ChangeBasis<'a>>,
}

#[derive(Serialize)]
struct ChangeBasis<'a> {
    address: &'a Address,
    change: ChangeKind,
    after: &'a Option<Shape>,
    certificates: Vec<(&'a CertificateId, Role, bool, Option<Timestamp>)>,
    steps: Vec<(Action, Option<&'a CertificateId>)>,
}

/// The digest of one account.
#[must_use]
pub fn of_account(account: &AccountPlan, changes: &[Change], options: &[String]) -> String {
    let basis = AccountBasis {
        account_id: account.account_id.as_str(),
        applyable: account.applyable,
        in_use_before: &account.in_use_before,
        options,
        changes: changes.iter().map(basis_of).collect(),
    };
    let json = serde_json::to_vec(&basis).unwrap_or_default();
    hash(&json)
}

fn basis_of(change: &Change) -> ChangeBasis<'_> {
    let steps: Vec<_> = change
        .steps
        .iter()
        .filter(|step| step.action != Action::Record)
        .map(|step| (step.action, step.certificate_id.as_ref()))
        .collect();
    // Facts alone make an `update` that changes nothing anybody would review.
    let only_facts = change.kind == ChangeKind::Update && steps.is_empty();
    ChangeBasis {
        address: &change.address,
        change: if only_facts {
            ChangeKind::NoOp
        } else {
            change.kind
        },
        after: &change.after,
        certificates: change
            .certificates
            .iter()
            .map(|held| (&held.id, held.role, held.in_use, held.expires_on))
            .collect(),
        steps,
    }
}

/// The digest of a whole plan.
#[must_use]
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

fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
