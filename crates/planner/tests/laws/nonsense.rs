//! Totality: states that nobody could have, answers that no API gives. The planner neither panics
//! nor breaks a law, whatever it is given.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{
    AccountState, Aim, Binding, BindingStatus, CaFacts, Cause, CertificateId, CertificateType,
    Configuration, Creation, DeletionPolicy, Entry, Evidence, Fingerprint, Guard, Hold,
    InUseRecord, Inspection, Intent, Lifecycle, Machine, MachineTime, Moment, Mutation, Name,
    Observed, Origin, Period, RemoteCertificate, Role, Timestamp,
};
use certctl_plan::{AccountInput, Allow, Options, StateVersion};
use certctl_planner::plan_account;
use certctl_spec::{Account, Import};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::sample::select;
use proptest::test_runner::FileFailurePersistence;

use crate::lint;
use crate::make::{self, address, any_account, days, name};

fn any_id() -> impl Strategy<Value = CertificateId> {
    select(vec!["c1", "c2", "c3", "c4", "c5", "c6"]).prop_map(|id| id.parse().expect("an id"))
}

fn any_name() -> impl Strategy<Value = Name> {
    select(vec!["a", "b", "c", "d", "e"]).prop_map(name)
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    let near = (-40_000_i64..40_000).prop_map(|minutes| {
        let start = make::start();
        Timestamp::from_second(start.as_second() + minutes * 60).expect("an instant")
    });
    prop_oneof![
        20 => near,
        1 => select(vec![Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH]),
    ]
}

fn any_role() -> impl Strategy<Value = Role> {
    select(vec![Role::Current, Role::Successor, Role::Retiring])
}

fn any_binding() -> impl Strategy<Value = Binding> {
    let times = || option::of(any_time());
    let whens = (any_time(), times(), times(), times(), times(), times());
    let origin = select(vec![Origin::Created, Origin::Adopted]);
    let what = (
        any_id(),
        any_role(),
        origin,
        any_days(),
        any::<(bool, bool, bool)>(),
        option::of(select(vec![Hold::Held, Hold::Released])),
    );
    (what, whens).prop_map(|(what, whens)| {
        let (id, role, origin, days, (inferred, in_use, compromised), hold) = what;
        let (bound_at, sent_at, available_since, in_use_until, retiring_since, pending_since) =
            whens;
        Binding {
            id,
            role,
            origin,
            days,
            bound_at,
            sent_at: sent_at.map(MachineTime),
            sent_on: None,
            sent_date: None,
            available_since,
            inferred,
            in_use,
            in_use_until,
            retiring_since,
            pending_since,
            compromised,
            hold,
            pem: None,
        }
    })
}

fn any_days() -> impl Strategy<Value = Option<certctl_model::ValidityDays>> {
    option::of(select(vec![1, 77, 1000, 1825]).prop_map(days))
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let policy = select(vec![
        DeletionPolicy::Delete,
        DeletionPolicy::Deactivate,
        DeletionPolicy::Retain,
    ]);
    let cause = option::of(select(vec![
        Cause::Replace,
        Cause::Requested,
        Cause::Renew,
        Cause::Compromised,
    ]));
    let retire_after = option::of((0..30_u32).prop_map(Period::days));
    let aim = option::of(select(vec![
        Aim::Activate,
        Aim::SetInUse,
        Aim::Deactivate,
        Aim::Delete,
    ]));
    let parts = (vec(any_binding(), 0..4), policy, any::<bool>(), cause);
    let settings = any_account(false).prop_map(|account| account.certificates[0].settings());
    let accepted = (option::of(settings), any::<bool>());
    (parts, accepted, retire_after, aim, vec(any_id(), 0..2)).prop_map(
        |(parts, (settings, removed), retire_after, aim, had)| {
            let (bindings, deletion_policy, prevent_destroy, cause) = parts;
            Entry {
                settings,
                removed,
                bindings,
                lifecycle: Lifecycle {
                    prevent_destroy,
                    deletion_policy,
                },
                retire_after,
                cause,
                aim,
                had,
            }
        },
    )
}

fn any_intent() -> impl Strategy<Value = Intent> {
    let create = (any_name(), any_role(), btree_set(any_id(), 0..6)).prop_map(
        |(certificate, role, known)| Mutation::Create {
            certificate,
            role,
            days: days(1825),
            known,
        },
    );
    let other = (any_id(), 0..4_u8).prop_map(|(id, which)| match which {
        0 => Mutation::Activate { id },
        1 => Mutation::SetInUse { id },
        2 => Mutation::Deactivate { id },
        _ => Mutation::Delete { id },
    });
    let mutation = prop_oneof![create, other];
    (mutation, any_time(), any_time()).prop_map(|(mutation, at, sent_at)| {
        Intent::new(mutation, at, Moment::by_one_clock(sent_at))
    })
}

/// A state of any content, but for what the fold over notes makes impossible: a certificate that is
/// bound twice, for then nobody could say whose it is, and a second open create.
fn any_state() -> impl Strategy<Value = AccountState> {
    let entries = proptest::collection::btree_map(any_name(), any_entry().prop_map(Box::new), 0..4);
    let creations = vec((any_time(), any_id()), 0..4);
    let in_use = option::of((any_id(), any_time()));
    (entries, vec(any_intent(), 0..3), creations, in_use).prop_map(
        |(mut certificates, mut intents, creations, in_use)| {
            let mut open = 0;
            intents.retain(|intent| {
                open += usize::from(matches!(intent.mutation, Mutation::Create { .. }));
                open < 2 || !matches!(intent.mutation, Mutation::Create { .. })
            });
            let mut seen = BTreeSet::new();
            for entry in certificates.values_mut() {
                entry.bindings.retain(|b| seen.insert(b.id.clone()));
            }
            AccountState {
                certificates,
                intents,
                creations: creations
                    .into_iter()
                    .map(|(at, id)| Creation { at, id })
                    .collect(),
                in_use: in_use.map(|(id, at)| InUseRecord {
                    id,
                    at,
                    set: true,
                    motive: None,
                }),
                ..AccountState::default()
            }
        },
    )
}

fn any_remote() -> impl Strategy<Value = RemoteCertificate> {
    let kind = select(vec!["gateway_managed", "gateway_managed", "custom", "new"]);
    let status = select(vec![
        "available",
        "available",
        "inactive",
        "pending_deployment",
        "pending_deletion",
        "",
        "resting",
    ]);
    let facts = (
        option::of(any_time()),
        any::<bool>(),
        select(vec![1_u32, 77, 1000, 1825]),
    );
    let times = (option::of(any_time()), option::of(any_time()));
    (any_id(), kind, status, any::<u8>(), facts, times).prop_map(
        |(id, kind, status, used, (start, sound, length), (created_at, expires_on))| {
            let not_before = start.unwrap_or(make::start());
            RemoteCertificate {
                id,
                kind: kind.parse::<CertificateType>().expect("a type"),
                binding_status: status.parse::<BindingStatus>().expect("a status"),
                in_use: used < 60,
                created_at,
                expires_on,
                inspection: if sound {
                    Inspection::Sound(CaFacts {
                        fingerprint: Fingerprint::from_bytes([0; 32]),
                        not_before,
                        not_after: Period::days(length).after(not_before),
                        chain: None,
                        root: None,
                        lax: None,
                    })
                } else {
                    Inspection::Unsound("made up".to_owned())
                },
                pem: None,
            }
        },
    )
}

fn any_observed() -> impl Strategy<Value = Observed> {
    let configured = option::of(option::of(prop_oneof![
        any_id(),
        select(vec!["00000000-0000-0000-0000-000000000000"])
            .prop_map(|id| id.parse().expect("an id"))
    ]));
    let certificates = vec(any_remote(), 0..7);
    let dates = (any_time(), option::of(any_time()));
    let evidence = select(vec![
        None,
        Some(Evidence::Denied),
        Some(Evidence::Unreadable),
    ]);
    let gone = (btree_set(any_id(), 0..3), evidence);
    (certificates, gone, configured, dates).prop_map(
        |(certificates, (gone, evidence), configured, (at, date))| {
            let by_id: BTreeMap<_, _> = certificates
                .into_iter()
                .map(|remote| (remote.id.clone(), remote))
                .collect();
            Observed {
                account_id: "699d98642c564d2e855e9661899b7252".parse().expect("an id"),
                at: MachineTime(at),
                on: Some(Machine::model()),
                date,
                certificates: by_id.into_values().collect(),
                gone,
                configuration: configured.map(|certificate_id| Configuration {
                    certificate_id,
                    tls_decrypt: None,
                }),
                installation: None,
                evidence: evidence.map(Box::new),
            }
        },
    )
}

fn any_options() -> impl Strategy<Value = Options> {
    let addresses = || btree_set(select(vec!["a", "b", "e"]).prop_map(address), 0..2);
    (addresses(), addresses(), any::<(bool, bool)>()).prop_map(
        |(replace, targets, (moved, fresh))| {
            let allow = [(moved, Guard::InUseMoved), (fresh, Guard::NewState)];
            let allow = allow.into_iter().filter(|(given, _)| *given);
            Options {
                replace,
                targets,
                allow: allow.map(|(_, guard)| Allow::everywhere(guard)).collect(),
                ..Options::default()
            }
        },
    )
}

fn any_spec() -> impl Strategy<Value = Account> {
    let import = option::of(prop_oneof![
        any_id().prop_map(Import::Id),
        select(vec![Import::None])
    ]);
    (any_account(false), import).prop_map(|(mut account, import)| {
        if let Some(certificate) = account.certificates.last_mut() {
            certificate.import = import;
        }
        account
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_it_is_given_the_planner_keeps_the_laws(
        account in any_spec(),
        state in option::of(any_state()),
        observed in any_observed(),
        options in any_options(),
        now in any_time(),
    ) {
        let input = AccountInput {
            account: &account,
            policy: &certctl_spec::Policy::default(),
            spec_name: None,
            observed: Ok(&observed),
            state: state.as_ref(),
            version: StateVersion::default(),
        };
        let outcome = plan_account(&input, &options, now);
        lint::check(&input, &options, now, &outcome);
    }
}
