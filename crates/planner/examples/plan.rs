//! Plans so many accounts of so many certificates each, so many times: for counting instructions.
//!
//! `cargo build --workspace --example plan`, then
//! `valgrind --tool=callgrind target/debug/examples/plan 1000 1 1`, and the same with 2 at the end: the
//! difference is what one plan costs.

use std::fmt::Write;
use std::process::ExitCode;

use certctl_model::{
    AccountState, BindingStatus, CaFacts, CertificateId, CertificateType, Fingerprint, Inspection,
    MachineTime, Note, Observed, Period, RemoteCertificate, Timestamp,
};
use certctl_plan::{AccountInput, Options, Plan, StateVersion};
use certctl_planner::plan;
use certctl_spec::{Account, Mode, ParseOptions, Source, Sources, Spec, parse};

fn main() -> ExitCode {
    match run() {
        Some(()) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    }
}

/// None where the arguments are no three numbers, or something was left to do: then not looking alone
/// is what was counted.
#[expect(
    clippy::disallowed_methods,
    reason = "how much to plan is said by arguments; the planner itself reads none"
)]
fn run() -> Option<()> {
    let mut numbers = std::env::args().skip(1).filter_map(|n| n.parse().ok());
    let (accounts, certificates, times) = (numbers.next()?, numbers.next()?, numbers.next()?);
    let spec = spec(accounts, certificates)?;
    let now = Timestamp::UNIX_EPOCH;
    let mut read: Vec<(Observed, AccountState)> = spec
        .accounts
        .iter()
        .map(|account| found(account, now))
        .collect();
    // What the first plan notes is remembered, so that nothing is left to do for those that are counted.
    for change in planned(&spec, &read, now).changes {
        let held = |(account, _): &(&Account, _)| account.name == change.address.account;
        let (_, (_, state)) = spec.accounts.iter().zip(&mut read).find(held)?;
        for note in change.steps.iter().flat_map(|step| &step.notes) {
            state.note(note, now).ok()?;
        }
    }
    (0..times)
        .all(|_| !planned(&spec, &read, now).has_changes)
        .then_some(())
}

fn planned(spec: &Spec, read: &[(Observed, AccountState)], now: Timestamp) -> Plan {
    let inputs: Vec<AccountInput<'_>> = spec
        .accounts
        .iter()
        .zip(read)
        .map(|(account, (observed, state))| AccountInput {
            account,
            policy: &spec.policy,
            spec_name: None,
            observed: Ok(observed),
            state: Some(state),
            version: StateVersion::default(),
        })
        .collect();
    plan(&inputs, Vec::new(), &Options::default(), now)
}

/// A hundred accounts a file: one file holds no more than a person can read.
fn spec(accounts: usize, certificates: usize) -> Option<Spec> {
    let numbers: Vec<usize> = (1..=accounts).collect();
    let sources = numbers.chunks(100).map(|some| source(some, certificates));
    let options = ParseOptions {
        env: &|_| None,
        mode: Mode::Use,
        accounts: &[],
    };
    parse(&Sources::from_iter(sources), &options).spec
}

fn source(accounts: &[usize], certificates: usize) -> Source {
    let mut text = String::from("version: 1\naccounts:\n");
    for n in accounts {
        let _ = write!(
            text,
            "  - name: a{n:04}\n    account_id: a{n:031x}\n    certificates:\n"
        );
        for m in 0..certificates {
            let used = if m == 0 { ", in_use: true" } else { "" };
            let _ = writeln!(
                text,
                "      - {{ name: c{m}, validity_period_days: 365, rotation: {{ renew_before: 90d }}{used} }}"
            );
        }
    }
    let first = accounts.first().copied().unwrap_or_default();
    Source {
        name: format!("{first}.yaml"),
        text,
    }
}

/// What the account holds, and what is remembered of it: all as declared.
fn found(account: &Account, now: Timestamp) -> (Observed, AccountState) {
    let mut state = AccountState::default();
    let mut certificates = Vec::new();
    for (n, declared) in account.certificates.iter().enumerate() {
        let id = CertificateId::made_up(u32::try_from(n).unwrap_or_default());
        let used = declared.in_use == Some(true);
        certificates.push(remote(id.clone(), used, now));
        let certificate = declared.name.clone();
        let (since, inferred) = (now, true);
        let mut notes = vec![
            Note::Adopted {
                certificate,
                id: id.clone(),
            },
            Note::Available {
                id: id.clone(),
                since,
                inferred,
            },
        ];
        notes.extend(used.then_some(Note::SetInUse { id, at: now }));
        for note in notes {
            let _ = state.note(&note, now);
        }
    }
    let observed = Observed {
        account_id: account.account_id.clone(),
        at: MachineTime(now),
        on: None,
        date: Some(now),
        certificates,
        gone: std::collections::BTreeSet::new(),
        configuration: None,
    };
    (observed, state)
}

fn remote(id: CertificateId, in_use: bool, now: Timestamp) -> RemoteCertificate {
    let not_before = Period::seconds(300).before(now);
    let not_after = Period::days(365).after(not_before);
    RemoteCertificate {
        id,
        kind: CertificateType::GatewayManaged,
        binding_status: BindingStatus::Available,
        in_use,
        created_at: Some(not_before),
        expires_on: Some(not_after),
        issuer_org: None,
        issuer_raw: None,
        inspection: Inspection::Sound(CaFacts {
            fingerprint: Fingerprint::from_bytes([0; 32]),
            not_before,
            not_after,
            root: None,
            lax: None,
        }),
        pem: None,
    }
}
