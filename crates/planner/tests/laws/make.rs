//! Specs that are made of few words, and histories that could have been.

use std::collections::BTreeMap;
use std::sync::Arc;

use certctl_model::{
    Address, CaFacts, CertificateId, Custom, DeletionPolicy, Fingerprint, Lifecycle, Name, Period,
    Place, Timestamp, TrustEvidence, ValidityDays,
};
use certctl_spec::{Account, Adopt, Certificate, Import, Own, Rotation, SecretSource};
use certctl_x509::OwnCa;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use crate::run::Fault;

/// When every history starts.
pub(crate) fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().expect("an instant")
}

pub(crate) fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

pub(crate) fn address(certificate: &str) -> Address {
    Address {
        account: name("acme"),
        certificate: name(certificate),
    }
}

pub(crate) fn days(days: u32) -> ValidityDays {
    ValidityDays::try_from(days).expect("a validity")
}

fn place() -> Place {
    Place {
        file: "certctl.yaml".into(),
        line: 1,
        column: 1,
        length: 1,
    }
}

/// A certificate of which nothing is said.
pub(crate) fn certificate(text: &str) -> Certificate {
    Certificate {
        name: name(text),
        validity_period_days: None,
        activate: None,
        in_use: None,
        rotation: Rotation::default(),
        lifecycle: Lifecycle::default(),
        import: None,
        custom: None,
        own: None,
        moved_from: None,
        place: place(),
        import_place: place(),
        custom_place: place(),
        moved_from_place: place(),
    }
}

pub(crate) fn account(adopt: Adopt, certificates: Vec<Certificate>) -> Account {
    Account {
        name: name("acme"),
        account_id: "699d98642c564d2e855e9661899b7252".parse().expect("an id"),
        adopt,
        labels: BTreeMap::new(),
        token: None,
        suspended: false,
        certificates,
        place: place(),
    }
}

/// A CA that is uploaded; the key of none is ever asked for.
fn own(seed: [u8; 2]) -> Own {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&seed);
    let facts = CaFacts {
        fingerprint: Fingerprint::from_bytes(bytes),
        not_before: Period::days(30).before(start()),
        not_after: Period::days(20_000).after(start()),
        chain: None,
        root: None,
        lax: None,
    };
    let pem = String::new();
    Own {
        ca: OwnCa { pem, facts },
        file: "ca.pem".to_owned(),
        private_key: SecretSource::Env("KEY".to_owned()),
        private_key_place: place(),
    }
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// The model of an account has no devices, and takes them to come.
fn evidence() -> TrustEvidence {
    TrustEvidence {
        seen: "98%".parse().expect("a share"),
        active_within: TrustEvidence::usual_active_within(),
        sync_margin: TrustEvidence::usual_sync_margin(),
    }
}

fn one_certificate(text: &'static str, sure: bool) -> impl Strategy<Value = Certificate> {
    let validity = select(vec![None, Some(1000), Some(1825), Some(3650)]);
    let activate = select(vec![None, None, Some(true), Some(false)]);
    let in_use = select(vec![None, None, Some(false)]);
    let periods = select(vec![(7, 7), (2, 0), (0, 3), (0, 0), (1, 30)]);
    let policy = select(vec![
        DeletionPolicy::Delete,
        DeletionPolicy::Delete,
        DeletionPolicy::Deactivate,
        DeletionPolicy::Retain,
    ]);
    // Whatever has that id: an uploaded one, one that Cloudflare issued, or nothing. Or a CA to upload, which
    // no other certificate has.
    let custom = prop_oneof![
        8 => Just(None),
        2 => (1..9_u32).prop_map(|id| Some((Custom::Id(CertificateId::made_up(id)), None))),
        2 => (0..2_u8).prop_map(move |which| {
            let own = own([text.as_bytes()[0], which]);
            Some((Custom::Own(own.ca.facts.content()), Some(Arc::new(own))))
        }),
    ];
    (
        validity,
        activate,
        in_use,
        periods,
        policy,
        any::<bool>(),
        custom,
    )
        .prop_map(
            move |(
                validity,
                activate,
                in_use,
                (trust, retire),
                deletion_policy,
                renews,
                custom,
            )| {
                let mut made = certificate(text);
                let asks = |custom: &Custom| sure && matches!(custom, Custom::Id(_));
                let custom = custom.filter(|(custom, _)| !asks(custom));
                if let Some((custom, own)) = custom {
                    (made.custom, made.own) = (Some(custom), own);
                }
                let its_owners = made.custom.is_some() && made.own.is_none();
                made.validity_period_days = validity.map(days).filter(|_| made.custom.is_none());
                made.activate = activate.filter(|active| *active || !its_owners);
                made.in_use = in_use;
                made.rotation = Rotation {
                    renew_before: renews.then(|| Period::days(60)),
                    trust_period: Period::days(trust),
                    retire_after: Period::days(retire),
                    trust_evidence: (trust == 2).then(evidence),
                    ..Rotation::default()
                };
                made.lifecycle.deletion_policy = deletion_policy;
                made
            },
        )
}

/// What is declared: one to three certificates, at most one of them in use. `sure`: exactly one,
/// and nothing that asks a person.
pub(crate) fn any_account(sure: bool) -> impl Strategy<Value = Account> {
    let all = NAMES.map(|name| one_certificate(name, sure));
    let adopt = select(if sure {
        vec![Adopt::Never]
    } else {
        vec![Adopt::Ask, Adopt::Matching, Adopt::Never]
    });
    let used = if sure {
        (0..3_usize).boxed()
    } else {
        (0..6_usize).boxed()
    };
    let moves = select(vec![None, None, None, Some(0), Some(1)]);
    (adopt, all, 1..=3_usize, used, 0..4_usize, moves).prop_map(
        move |(adopt, all, length, used, turn, moves)| {
            let mut certificates = Vec::from(all);
            certificates.rotate_left(turn);
            let absent = certificates.split_off(length);
            let used = if sure { used % length } else { used };
            if let Some(certificate) = certificates.get_mut(used) {
                certificate.in_use = Some(true);
                certificate.activate = Some(true);
            }
            if let Some(certificate) = moves.and_then(|at: usize| certificates.get_mut(at)) {
                certificate.moved_from = absent.first().map(|absent| absent.name.clone());
            }
            if adopt == Adopt::Ask
                && let Some(certificate) = certificates.first_mut()
                && certificate.custom.is_none()
            {
                certificate.import = Some(Import::None);
            }
            certificates.sort_by(|a, b| a.name.cmp(&b.name));
            account(adopt, certificates)
        },
    )
}

/// What can happen to an account.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// The spec is edited.
    Declare(Box<Account>),
    /// A run, killed after so many steps in this manner.
    Run(usize, Fault),
    /// A run that nobody approved, killed likewise: it works with what was accepted.
    Unattended(usize, Fault),
    /// As if the run were for one address only.
    Target(usize, &'static str),
    /// Hours go by.
    Pass(u32),
    Replace(&'static str),
    /// By hand: a certificate of a validity that no spec asks for is made and activated.
    HandCreate,
    /// By hand: a certificate is uploaded.
    HandUpload,
    /// By hand: whichever available one is set in use.
    HandSwitch(usize),
    HandUnset,
    /// By hand: whichever one that is not in use goes one status down.
    HandRemove(usize),
    /// By hand: whichever inactive one is activated.
    HandActivate(usize),
}

fn any_event() -> impl Strategy<Value = Event> {
    let fault = || select(vec![Fault::None, Fault::NotSent, Fault::Lost]);
    let names = || select(NAMES.to_vec());
    prop_oneof![
        4 => any_account(false).prop_map(|account| Event::Declare(Box::new(account))),
        6 => (1..12_usize, fault()).prop_map(|(steps, fault)| Event::Run(steps, fault)),
        6 => (1..12_usize, fault()).prop_map(|(steps, fault)| Event::Unattended(steps, fault)),
        1 => (1..6_usize, names()).prop_map(|(steps, name)| Event::Target(steps, name)),
        4 => prop_oneof![0..3_u32, 0..400_u32].prop_map(Event::Pass),
        1 => names().prop_map(Event::Replace),
        1 => Just(Event::HandCreate),
        2 => Just(Event::HandUpload),
        1 => any::<usize>().prop_map(Event::HandSwitch),
        1 => Just(Event::HandUnset),
        1 => any::<usize>().prop_map(Event::HandRemove),
        1 => any::<usize>().prop_map(Event::HandActivate),
    ]
}

/// What has happened before the last spec is declared.
pub(crate) fn any_history() -> impl Strategy<Value = Vec<Event>> {
    vec(any_event(), 0..14)
}
