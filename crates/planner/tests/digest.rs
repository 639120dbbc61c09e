//! The digest binds a review to what is applied: equal whatever is only noise, different as soon as
//! anything differs that would be done.

#![expect(
    clippy::expect_used,
    reason = "an input that cannot be made is a broken test"
)]

use certctl_model::{
    AccountState, BindingStatus, CaFacts, CertificateId, CertificateType, Configuration,
    Fingerprint, Inspection, Machine, MachineTime, Observed, Period, RemoteCertificate, Timestamp,
};
use certctl_plan::{AccountInput, ChangeKind, Options, Plan, StateVersion, WaitFor};
use certctl_planner::plan;
use certctl_spec::{Certificate, Mode, ParseOptions, Source, Sources, Spec, parse};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert_eq, proptest};
use proptest::test_runner::FileFailurePersistence;

/// One address in each situation: a rotation that waits, one that starts, a creation, one to which
/// nothing happens, one that is inactive, one that retires a predecessor; and one that is gone.
const SPEC: &str = "\
version: 1
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    adopt: never
    certificates:
      - name: waits
        validity_period_days: 730
        in_use: true
        rotation: { trust_period: 30d, retire_after: 20d }
      - name: starts
        validity_period_days: 365
        rotation: { renew_before: 20d, trust_period: 5d }
      - { name: comes, validity_period_days: 1000, activate: true }
      - { name: stays, rotation: { renew_before: 90d, retire_after: 9d } }
      - { name: rests, activate: false }
      - { name: retires, rotation: { retire_after: 40d } }
";

/// A certificate of the account that nothing claims.
const OTHER: &str = "0a000000-0000-4000-8000-000000000000";

const STATE: &str = r#"{
  "certificates": {
    "waits": { "cause": "replace", "retire_after": "20d", "bindings": [
      { "id": "w-old", "role": "current", "origin": "created", "days": 1825, "bound_at": "2025-11-13T00:00:00Z", "available_since": "2025-11-13T00:00:00Z", "in_use": true },
      { "id": "w-new", "role": "successor", "origin": "created", "days": 730, "bound_at": "2026-05-20T00:00:00Z", "available_since": "2026-05-20T00:00:00Z" } ] },
    "starts": { "retire_after": "7d", "bindings": [
      { "id": "starts", "role": "current", "origin": "created", "days": 1825, "bound_at": "2025-11-13T00:00:00Z", "available_since": "2025-11-13T00:00:00Z" } ] },
    "stays": { "retire_after": "9d", "bindings": [
      { "id": "stays", "role": "current", "origin": "created", "days": 1825, "bound_at": "2025-11-13T00:00:00Z", "available_since": "2025-11-13T00:00:00Z" } ] },
    "rests": { "retire_after": "7d", "bindings": [
      { "id": "rests", "role": "current", "origin": "created", "days": 1825, "bound_at": "2025-11-13T00:00:00Z" } ] },
    "retires": { "cause": "renew", "retire_after": "40d", "bindings": [
      { "id": "r-new", "role": "current", "origin": "created", "days": 1825, "bound_at": "2026-05-01T00:00:00Z", "available_since": "2026-05-01T00:00:00Z" },
      { "id": "r-old", "role": "retiring", "origin": "created", "days": 1825, "bound_at": "2025-11-13T00:00:00Z", "available_since": "2025-11-13T00:00:00Z", "retiring_since": "2026-05-20T00:00:00Z" } ] },
    "goes": { "retire_after": "7d", "bindings": [
      { "id": "goes", "role": "current", "origin": "created", "days": 1825, "bound_at": "2025-11-13T00:00:00Z", "available_since": "2025-11-13T00:00:00Z" } ] }
  },
  "in_use": { "id": "w-old", "at": "2025-11-13T00:00:00Z" }
}"#;

#[derive(Clone)]
struct AccountModel {
    spec: String,
    state: AccountState,
    observed: Observed,
    options: Options,
    version: StateVersion,
    now: Timestamp,
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn id(text: &str) -> CertificateId {
    text.parse().expect("an id")
}

fn remote(name: &str, days: u32, status: BindingStatus) -> RemoteCertificate {
    let created = at("2025-11-13T00:00:00Z");
    let not_after = Period::days(days).after(created);
    RemoteCertificate {
        id: id(name),
        kind: CertificateType::GatewayManaged,
        binding_status: status,
        in_use: name == "w-old",
        created_at: Some(created),
        expires_on: Some(not_after),
        inspection: Inspection::Sound(CaFacts {
            fingerprint: Fingerprint::from_bytes([7; 32]),
            not_before: created,
            not_after,
            chain: None,
            root: None,
            lax: None,
        }),
        pem: None,
    }
}

impl AccountModel {
    fn new() -> Self {
        let now = at("2026-06-01T00:00:00Z");
        let certificates = [
            remote("goes", 1825, BindingStatus::Available),
            remote(OTHER, 1825, BindingStatus::Available),
            remote("r-new", 1825, BindingStatus::Available),
            remote("r-old", 1825, BindingStatus::Available),
            remote("rests", 1825, BindingStatus::Inactive),
            remote("starts", 1825, BindingStatus::Available),
            remote("stays", 1825, BindingStatus::Available),
            remote("w-new", 730, BindingStatus::Available),
            remote("w-old", 1825, BindingStatus::Available),
        ];
        let mut made = Self {
            spec: SPEC.to_owned(),
            state: serde_json::from_str(STATE).expect("a state"),
            observed: Observed {
                account_id: "699d98642c564d2e855e9661899b7252".parse().expect("an id"),
                at: MachineTime(now),
                on: Some(Machine::model()),
                date: Some(now),
                certificates: certificates.into(),
                gone: std::collections::BTreeSet::new(),
                configuration: None,
                installation: None,
                evidence: None,
            },
            options: Options::default(),
            version: StateVersion::default(),
            now,
        };
        made.accept();
        made
    }

    /// An approved run took up all that is declared now.
    fn accept(&mut self) {
        let spec = self.spec();
        let account = &spec.accounts[0];
        self.state.settings = Some(account.settings(&spec.policy));
        for (name, entry) in &mut self.state.certificates {
            entry.settings = account.certificate(name).map(Certificate::settings);
        }
    }

    fn spec(&self) -> Spec {
        let source = Source {
            name: "certctl.yaml".to_owned(),
            text: self.spec.clone(),
        };
        let options = ParseOptions {
            env: &|_| None,
            mode: Mode::Use,
            accounts: &[],
        };
        let parsed = parse(&Sources::from_iter([source]), &options);
        parsed.spec.expect("a valid spec")
    }

    fn plan(&self) -> Plan {
        let spec = self.spec();
        let inputs: Vec<AccountInput<'_>> = spec
            .accounts
            .iter()
            .map(|account| AccountInput {
                account,
                policy: &spec.policy,
                spec_name: spec.name.as_ref(),
                observed: Ok(&self.observed),
                state: Some(&self.state),
                version: self.version.clone(),
            })
            .collect();
        plan(&inputs, Vec::new(), &self.options, self.now)
    }

    fn digest(&self) -> String {
        self.plan().digest
    }

    fn certificate(&mut self, name: &str) -> &mut RemoteCertificate {
        let mut all = self.observed.certificates.iter_mut();
        all.find(|one| one.id.as_str() == name).expect("it exists")
    }

    /// Lets time go by; the API's clock goes with it.
    fn later(&mut self, period: Period) {
        self.now = period.after(self.now);
        self.observed.at = MachineTime(self.now);
        self.observed.date = Some(self.now);
    }
}

#[test]
fn the_world_holds_one_of_each() {
    let plan = AccountModel::new().plan();
    let said: Vec<String> = plan
        .changes
        .iter()
        .map(|change| {
            let waits = change.waiting.as_ref().map(|waiting| waiting.why);
            let waits = match waits {
                Some(WaitFor::TrustPeriod) => ", waits for trust",
                Some(WaitFor::RetireAfter) => ", waits to retire",
                Some(_) => ", waits",
                None => "",
            };
            format!("{}: {:?}{waits}", change.address.certificate, change.kind)
        })
        .collect();
    assert_eq!(
        said,
        [
            "comes: Create",
            "goes: Delete",
            "rests: NoOp",
            "retires: Update, waits to retire",
            "starts: Replace",
            "stays: NoOp",
            "waits: Replace, waits for trust",
        ]
    );
    assert!(plan.applyable, "{:#?}", plan.diagnostics);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn noise_does_not_change_it(
        order in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle(),
        hours in 0..2_400_u32,
        skew in -200..200_i64,
        serial in any::<u64>(),
        configured in any::<bool>(),
        deploying in any::<[bool; 4]>(),
    ) {
        let expected = AccountModel::new().digest();
        let mut world = AccountModel::new();
        let all = world.observed.certificates.clone();
        world.observed.certificates = order.iter().map(|n| all[*n].clone()).collect();
        // From before the trust and retire periods end to long after: what is due is not covered.
        world.later(Period::hours(hours));
        world.observed.date = Some(Timestamp::from_second(world.now.as_second() + skew).expect("a time"));
        world.version = StateVersion { lineage: Some(format!("{serial:x}")), serial, seen_at: None };
        if configured {
            let used = Some(id("w-old"));
            world.observed.configuration = Some(Configuration { certificate_id: used, tls_decrypt: None });
        }
        // The edge goes to and fro.
        for (name, pending) in ["stays", "w-new", "goes", "r-old"].into_iter().zip(deploying) {
            if pending {
                world.certificate(name).binding_status = BindingStatus::PendingDeployment;
            }
        }
        prop_assert_eq!(world.digest(), expected);
    }
}

#[test]
fn what_is_only_remembered_does_not_change_it() {
    let expected = AccountModel::new().digest();
    let mut world = AccountModel::new();
    for entry in world.state.certificates.values_mut() {
        for binding in &mut entry.bindings {
            binding.available_since = None;
            binding.pending_since = None;
        }
    }
    assert_eq!(world.digest(), expected);
    // An unmanaged certificate that comes, or goes, is nobody's business.
    world
        .observed
        .certificates
        .retain(|one| one.id.as_str() != OTHER);
    assert_eq!(world.digest(), expected);
    // Limits and guards hold a step back; they do not change it.
    world.spec = SPEC.replace(
        "accounts:",
        "policy: { max_deletes: 0, max_replaces: 0, max_in_use_switches: 0 }\naccounts:",
    );
    world.accept();
    assert!(world.plan().diagnostics.len() > 1);
    assert_eq!(world.digest(), expected);
}

#[test]
fn any_field_of_the_spec_that_matters_changes_it() {
    let expected = AccountModel::new().digest();
    for (from, to) in [
        ("validity_period_days: 730", "validity_period_days: 731"),
        ("in_use: true", "in_use: false"),
        ("trust_period: 30d", "trust_period: 29d"),
        ("retire_after: 20d", "retire_after: 21d"),
        ("validity_period_days: 365", "validity_period_days: 366"),
        ("        validity_period_days: 365\n", ""),
        ("renew_before: 20d", "renew_before: 21d"),
        ("validity_period_days: 1000", "validity_period_days: 999"),
        (", activate: true", ", activate: false"),
        ("name: comes", "name: came"),
        ("name: comes", "name: comes, moved_from: goes"),
        (
            "name: comes, validity_period_days: 1000",
            "name: comes, import: 0a000000-0000-4000-8000-000000000000",
        ),
        ("{ name: stays,", "{ name: stays, activate: false,"),
        (
            "renew_before: 90d, retire_after: 9d",
            "renew_before: 91d, retire_after: 9d",
        ),
        ("renew_before: 90d, retire_after: 9d", "retire_after: 9d"),
        ("retire_after: 9d", "retire_after: 8d"),
        ("name: rests, activate: false", "name: rests"),
        ("      - { name: rests, activate: false }\n", ""),
        ("retire_after: 40d", "retire_after: 41d"),
        ("retire_after: 9d", "retire_after: 9d, switch: hold"),
        (
            "retire_after: 9d",
            "retire_after: 9d, windows: [{ cron: 0 2 * * 6, window_duration: 4h }]",
        ),
        (
            "retire_after: 9d",
            "retire_after: 9d, trust_evidence: { seen: 98% }",
        ),
        (
            "      - { name: comes,",
            "      - { name: goes }\n      - { name: comes,",
        ),
        ("adopt: never", "adopt: matching"),
        (
            "699d98642c564d2e855e9661899b7252",
            "799d98642c564d2e855e9661899b7252",
        ),
        ("name: acme", "name: acne"),
        // What decides nothing today, and something later.
        (
            "{ name: stays,",
            "{ name: stays, validity_period_days: 1825,",
        ),
        ("{ name: stays,", "{ name: stays, in_use: false,"),
        (
            "{ name: stays,",
            "{ name: stays, lifecycle: { prevent_destroy: true },",
        ),
        (
            "{ name: stays,",
            "{ name: stays, lifecycle: { deletion_policy: retain },",
        ),
        ("adopt: never", "adopt: ask"),
        ("accounts:", "policy: { max_deletes: 7 }\naccounts:"),
        ("accounts:", "policy: { max_replaces: 7 }\naccounts:"),
        ("accounts:", "policy: { max_in_use_switches: 7 }\naccounts:"),
        (
            "accounts:",
            "policy: { max_validity_days: 10950 }\naccounts:",
        ),
        ("accounts:", "policy: { min_validity_days: 1 }\naccounts:"),
        (
            "accounts:",
            "policy: { protected: [acme/stays] }\naccounts:",
        ),
    ] {
        let mut world = AccountModel::new();
        assert!(SPEC.contains(from), "{from}");
        // Something to adopt.
        if to.ends_with("matching") {
            world.certificate(OTHER).expires_on = None;
            let other = remote(OTHER, 1000, BindingStatus::Available);
            *world.certificate(OTHER) = other;
        }
        world.spec = SPEC.replacen(from, to, 1);
        assert_ne!(world.digest(), expected, "{from} -> {to}");
    }
}

#[test]
fn anything_at_the_remote_that_matters_changes_it() {
    let expected = AccountModel::new().digest();
    type Edit = fn(&mut AccountModel);
    let edits: [(&str, Edit); 14] = [
        ("in use moved to an unmanaged one", |world| {
            world.certificate("w-old").in_use = false;
            world.certificate(OTHER).in_use = true;
        }),
        ("in use moved to the successor", |world| {
            world.certificate("w-old").in_use = false;
            world.certificate("w-new").in_use = true;
        }),
        ("nothing is in use", |world| {
            world.certificate("w-old").in_use = false
        }),
        ("it expires on another day", |world| {
            world.certificate("stays").expires_on = Some(at("2027-01-01T00:00:00Z"));
        }),
        ("it was taken from the edge", |world| {
            world.certificate("stays").binding_status = BindingStatus::Inactive;
        }),
        ("it was activated", |world| {
            world.certificate("rests").binding_status = BindingStatus::Available;
        }),
        ("what goes is off the edge already", |world| {
            world.certificate("goes").binding_status = BindingStatus::Inactive;
        }),
        ("what retires is off the edge already", |world| {
            world.certificate("r-old").binding_status = BindingStatus::Inactive;
        }),
        ("a successor fails verification", |world| {
            world.certificate("w-new").inspection = Inspection::Unsound("no CA".to_owned());
        }),
        (
            "a certificate to which nothing happens fails verification",
            |world| {
                world.certificate("stays").inspection = Inspection::Unsound("no CA".to_owned());
            },
        ),
        ("it is of another type", |world| {
            world.certificate("goes").kind = CertificateType::Custom;
        }),
        ("it has an unknown status", |world| {
            world.certificate("goes").binding_status = BindingStatus::Unknown("new".to_owned());
        }),
        ("it is gone", |world| {
            world
                .observed
                .certificates
                .retain(|one| one.id.as_str() != "stays");
            world.observed.gone.insert(id("stays"));
        }),
        ("the predecessor is gone", |world| {
            world
                .observed
                .certificates
                .retain(|one| one.id.as_str() != "r-old");
            world.observed.gone.insert(id("r-old"));
        }),
    ];
    for (what, edit) in edits {
        let mut world = AccountModel::new();
        edit(&mut world);
        assert_ne!(world.digest(), expected, "{what}");
    }
}

#[test]
fn the_options_are_part_of_it() {
    let expected = AccountModel::new().digest();
    for words in [
        "--replace acme/stays",
        "--allow last_available",
        "--allow max_deletes:acme/goes",
        "--target acme/goes",
    ] {
        let mut world = AccountModel::new();
        world.options = Options::from_words(&[words.to_owned()]).expect("an option");
        assert_ne!(world.digest(), expected, "{words}");
    }
}

/// What was reviewed is a step from what was accepted: from elsewhere it is another one.
#[test]
fn what_was_accepted_before_is_part_of_it() {
    let mut world = AccountModel::new();
    world.spec = SPEC.replacen("retire_after: 9d", "retire_after: 1d", 1);
    let reviewed = world.digest();
    let entry = world.state.certificates.values_mut();
    let settings = entry.filter_map(|entry| entry.settings.as_mut());
    for settings in settings.filter(|s| s.rotation.retire_after == Period::days(9)) {
        settings.rotation.retire_after = Period::days(30);
    }
    assert_ne!(world.digest(), reviewed);
    // Once it is taken up, there is nothing to review.
    world.accept();
    let plan = world.plan();
    let bound = plan.changes.iter().filter(|c| c.kind != ChangeKind::Create);
    assert!(bound.clone().count() > 3);
    assert!(bound.clone().all(|change| change.settings.is_none()));
}
