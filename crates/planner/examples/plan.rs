//! Plans so many accounts of so many certificates each, once: for counting instructions.
//!
//! `cargo build --example plan -p certctl-planner`, then
//! `valgrind --tool=callgrind target/debug/examples/plan 1000 1`.

use std::fmt::Write;
use std::process::ExitCode;

use certctl_model::{
    AccountState, BindingStatus, CaFacts, CertificateId, CertificateType, Fingerprint, Inspection,
    Note, Observed, Period, RemoteCertificate, Timestamp,
};
use certctl_plan::{AccountInput, Options, StateVersion};
use certctl_planner::plan;
use certctl_spec::{Mode, ParseOptions, Source, Sources, Spec, parse};

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).filter_map(|n| n.parse().ok());
    let (Some(accounts), Some(certificates)) = (numbers.next(), numbers.next()) else {
        return ExitCode::FAILURE;
    };
    let Some(spec) = spec(accounts, certificates) else {
        return ExitCode::FAILURE;
    };
    let now = Timestamp::UNIX_EPOCH;
    let read: Vec<(Observed, AccountState)> = spec
        .accounts
        .iter()
        .map(|account| found(account, now))
        .collect();
    let inputs: Vec<AccountInput<'_>> = spec
        .accounts
        .iter()
        .zip(&read)
        .map(|(account, (observed, state))| AccountInput {
            account,
            policy: &spec.policy,
            spec_name: None,
            observed: Ok(observed),
            state: Some(state),
            version: StateVersion::default(),
        })
        .collect();
    let plan = plan(&inputs, Vec::new(), &Options::default(), now);
    // Nothing is due, so that all of it is the cost of looking.
    ExitCode::from(u8::from(plan.has_changes))
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
fn found(account: &certctl_spec::Account, now: Timestamp) -> (Observed, AccountState) {
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
                certificate: certificate.clone(),
                id: id.clone(),
            },
            Note::Available {
                id: id.clone(),
                since,
                inferred,
            },
            Note::Policy {
                certificate,
                lifecycle: declared.lifecycle,
                retire_after: declared.rotation.retire_after,
            },
        ];
        notes.extend(used.then_some(Note::SetInUse { id, at: now }));
        for note in notes {
            let _ = state.note(&note, now);
        }
    }
    let observed = Observed {
        account_id: account.account_id.clone(),
        at: now,
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
        }),
        pem: None,
    }
}
