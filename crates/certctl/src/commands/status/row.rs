//! What there is of one account: a row for each certificate, the same for people and programs.

use certctl_apply::Survey;
use certctl_model::{
    AccountState, Address, Binding, CertificateType, DeviceCounts, Intent, Mutation, Name,
    Observed, RemoteCertificate, Timestamp,
};
use certctl_plan::AccountOutcome;
use certctl_spec::Account;
use serde::Serialize;

/// One certificate of an account.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) account: String,
    pub(super) address: Option<String>,
    pub(super) role: Option<&'static str>,
    pub(super) certificate_id: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    /// SHA-256 of the DER; none where the PEM could not be verified.
    pub(super) fingerprint: Option<String>,
    pub(super) validity_period_days: Option<i64>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) expires_on: Option<Timestamp>,
    /// Whole days, rounded down; negative once it has expired.
    pub(super) days_left: Option<i64>,
    pub(super) binding_status: Option<String>,
    pub(super) in_use: bool,
    /// What the devices show of having had the time to fetch it; absent where nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) evidence: Option<DeviceCounts>,
    /// Since when the outcome of the create for this address is unknown.
    pub(super) creating_since: Option<Timestamp>,
    /// What the API answered to it.
    pub(super) create_answered: Option<String>,
    /// Of one that nothing claims: the address whose create of unknown outcome may have made it.
    pub(super) may_be_of: Option<String>,
}

/// Addresses in order, each with its certificates by role; then what this spec does not manage.
pub(super) fn rows_of(
    account: &Account,
    survey: &Survey,
    outcome: &AccountOutcome,
    now: Timestamp,
) -> Vec<Row> {
    let Ok(observed) = &survey.observed else {
        return Vec::new();
    };
    let nothing = AccountState::default();
    let state = survey.state.as_ref().unwrap_or(&nothing);
    let declared = account.certificates.iter().map(|c| &c.name);
    let mut names: Vec<&Name> = declared.chain(state.certificates.keys()).collect();
    names.sort();
    names.dedup();
    let mut rows: Vec<Row> = names
        .into_iter()
        .flat_map(|name| of_address(&account.address(name), state, observed, now))
        .collect();
    let managed = |remote: &&RemoteCertificate| state.binding(&remote.id).is_some();
    let others = observed.certificates.iter().filter(|one| !managed(one));
    rows.extend(others.map(|remote| Row {
        may_be_of: may_be_of(account, state, remote),
        ..row(&account.name, Some(remote), now)
    }));
    let held = outcome
        .changes
        .iter()
        .flat_map(|change| &change.certificates);
    for held in held.filter(|held| held.evidence.is_some()) {
        let is_it = |row: &&mut Row| row.certificate_id.as_deref() == Some(held.id.as_str());
        if let Some(row) = rows.iter_mut().find(is_it) {
            row.evidence = held.evidence;
        }
    }
    rows
}

fn of_address(
    address: &Address,
    state: &AccountState,
    observed: &Observed,
    now: Timestamp,
) -> Vec<Row> {
    let entry = state.certificates.get(&address.certificate);
    let mut bindings: Vec<&Binding> = entry.iter().flat_map(|entry| &entry.bindings).collect();
    bindings.sort_by_key(|binding| binding.role);
    let mut rows: Vec<Row> = bindings
        .into_iter()
        .map(|binding| Row {
            role: Some(binding.role.as_str()),
            certificate_id: Some(binding.id.to_string()),
            ..row(&address.account, observed.certificate(&binding.id), now)
        })
        .collect();
    let creating = creating(state, &address.certificate);
    if rows.is_empty() || creating.is_some() {
        rows.push(Row {
            creating_since: creating.map(|intent| intent.sent_at.0),
            create_answered: creating.and_then(|intent| intent.answer.clone()),
            ..row(&address.account, None, now)
        });
    }
    for row in &mut rows {
        row.address = Some(address.to_string());
    }
    rows
}

/// The create of this address of which it is not known whether it had an effect.
fn creating<'a>(state: &'a AccountState, name: &Name) -> Option<&'a Intent> {
    let makes = |intent: &&Intent| intent.mutation.makes().is_some_and(|(n, _)| n == name);
    state.intents.iter().find(makes)
}

/// For which address a create of unknown outcome may have made this certificate: it was not there before.
fn may_be_of(
    account: &Account,
    state: &AccountState,
    remote: &RemoteCertificate,
) -> Option<String> {
    let made = |intent: &Intent| match &intent.mutation {
        Mutation::Create {
            certificate, known, ..
        } if !known.contains(&remote.id) => Some(account.address(certificate).to_string()),
        _ => None,
    };
    let managed = remote.kind == CertificateType::GatewayManaged;
    state.intents.iter().filter(|_| managed).find_map(made)
}

fn row(account: &Name, remote: Option<&RemoteCertificate>, now: Timestamp) -> Row {
    let expires_on = remote.and_then(RemoteCertificate::expires);
    let facts = remote.and_then(RemoteCertificate::facts);
    Row {
        account: account.to_string(),
        address: None,
        role: None,
        certificate_id: remote.map(|remote| remote.id.to_string()),
        kind: remote.map(|remote| remote.kind.to_string()),
        fingerprint: facts.map(|facts| facts.fingerprint.to_string()),
        validity_period_days: facts.map(|facts| facts.days()),
        created_at: remote.and_then(|remote| remote.created_at),
        expires_on,
        days_left: expires_on.map(|at| days_until(at, now)),
        binding_status: remote.map(|remote| remote.binding_status.to_string()),
        in_use: remote.is_some_and(|remote| remote.in_use),
        evidence: None,
        creating_since: None,
        create_answered: None,
        may_be_of: None,
    }
}

/// Whole days from now on, rounded down.
pub(super) fn days_until(at: Timestamp, now: Timestamp) -> i64 {
    at.duration_since(now).as_secs().div_euclid(86_400)
}
