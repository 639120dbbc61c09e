//! A fleet of any size in which nothing is to be done: its files, what its accounts hold, what is remembered
//! of them, and its plan. For counting instructions here, and for `benches/stages.rs` of the program.

use std::collections::BTreeMap;
use std::fmt::Write;

use certctl_model::{
    AccountState, BindingStatus, CaFacts, CertificateId, CertificateType, Fingerprint, Inspection,
    MachineTime, Note, Observed, Period, RemoteCertificate, Timestamp,
};
use certctl_plan::{AccountInput, Options, Plan, StateVersion};
use certctl_planner::plan;
use certctl_spec::{Account, Mode, ParseOptions, Source, Sources, Spec, parse};

/// The files of so many accounts of so many certificates each; a hundred accounts a file, for one file
/// holds no more than a person can read.
pub(crate) fn sources(accounts: usize, certificates: usize) -> Sources {
    let numbers: Vec<usize> = (1..=accounts).collect();
    Sources::from_iter(numbers.chunks(100).map(|some| source(some, certificates)))
}

/// The spec of these files; none where they are not valid.
pub(crate) fn declared(sources: &Sources) -> Option<Spec> {
    let options = ParseOptions {
        env: &|_| None,
        mode: Mode::Use,
        accounts: &[],
    };
    parse(sources, &options).spec
}

/// What each account holds, and what is remembered of it once nothing is left to do.
pub(crate) fn settled(spec: &Spec, now: Timestamp) -> Option<Vec<(Observed, AccountState)>> {
    let mut read: Vec<_> = spec.accounts.iter().map(|one| found(one, now)).collect();
    let names = spec.accounts.iter().map(|account| &account.name);
    let places: BTreeMap<_, usize> = names.zip(0..).collect();
    for change in planned(spec, &read, now).changes {
        let place = places.get(&change.address.account)?;
        let (_, state) = read.get_mut(*place)?;
        for note in change.steps.iter().flat_map(|step| &step.notes) {
            state.note(note, now).ok()?;
        }
    }
    Some(read)
}

/// The plan of the spec's accounts, given what each holds and what is remembered of it.
pub(crate) fn planned(spec: &Spec, read: &[(Observed, AccountState)], now: Timestamp) -> Plan {
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
        installation: None,
        evidence: None,
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
        inspection: Inspection::Sound(CaFacts {
            fingerprint: Fingerprint::from_bytes([0; 32]),
            not_before,
            not_after,
            chain: None,
            root: None,
            lax: None,
        }),
        pem: None,
    }
}
