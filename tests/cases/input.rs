//! The inputs of a case, in fewer words than the API and the state document use.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use certctl_model::{
    AccountState, BindingStatus, CaFacts, CertificateId, CertificateType, Configuration, Custom,
    Evidence, Fingerprint, Inspection, Installation, Machine, MachineTime, Name, Observed, Period,
    RemoteCertificate, Timestamp,
};
use certctl_plan::{AccountInput, AccountWave, Allow, Because, Options, StateVersion, WaveGate};
use certctl_spec::{Account, Import, Mode, ParseOptions, Policy, Source, Sources, Spec, parse};
use certctl_x509::OwnCa;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Everything that one case is planned from.
pub(crate) struct Inputs {
    pub(crate) lesson: String,
    pub(crate) now: Timestamp,
    pub(crate) options: Options,
    pub(crate) spec_name: Option<Name>,
    pub(crate) policy: Policy,
    pub(crate) account: Account,
    pub(crate) observed: Observed,
    pub(crate) state: Option<AccountState>,
    pub(crate) version: StateVersion,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    lesson: String,
    now: Timestamp,
    #[serde(default)]
    replace: BTreeSet<certctl_model::Address>,
    #[serde(default)]
    compromised: BTreeSet<certctl_model::Address>,
    #[serde(default)]
    compromised_ids: BTreeSet<CertificateId>,
    #[serde(default)]
    rollback: BTreeSet<certctl_model::Address>,
    #[serde(default)]
    resume: BTreeSet<certctl_model::Address>,
    #[serde(default)]
    only_rotation: bool,
    #[serde(default)]
    allow: Vec<String>,
    #[serde(default)]
    targets: BTreeSet<certctl_model::Address>,
    #[serde(default)]
    unapproved: bool,
    /// Whether the state is one of an older version, which did not keep what was accepted. Else,
    /// where it does not say so, all that is declared was accepted before.
    #[serde(default)]
    never_accepted: bool,
    /// When the account was read last before the state was written; none says nothing of what is younger.
    seen_at: Option<Timestamp>,
    /// Whom the account waits for by `policy.waves`, as the plan of all accounts finds it.
    wave: Option<SeenWave>,
}

/// An account of the first of two waves.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenWave {
    account: Name,
    because: String,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl SeenWave {
    fn second(self) -> AccountWave {
        let because = match self.because.as_str() {
            "unreadable" => Because::Unreadable,
            "went_back" => Because::WentBack,
            "not_switched" => Because::NotSwitched,
            "baking" => Because::Baking,
            other => panic!("{other} is no reason to wait for an account"),
        };
        let gate = WaveGate {
            wave: 1,
            account: self.account,
            because,
            since: self.since,
            until: self.until,
        };
        AccountWave {
            number: 2,
            of: 2,
            waits_for: Some(gate),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    /// The API's clock; the planner's, when absent.
    date: Option<Timestamp>,
    #[serde(default)]
    certificates: Vec<SeenCertificate>,
    #[serde(default)]
    gone: BTreeSet<CertificateId>,
    configuration: Option<SeenConfiguration>,
    installation: Option<Installation>,
    evidence: Option<Evidence>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenConfiguration {
    certificate: Option<CertificateId>,
    /// Whether Gateway inspects at all.
    tls_decrypt: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenCertificate {
    id: CertificateId,
    #[serde(default = "available")]
    status: BindingStatus,
    #[serde(rename = "type", default = "gateway_managed")]
    kind: CertificateType,
    #[serde(default)]
    in_use: bool,
    created: Timestamp,
    #[serde(default = "five_years")]
    days: u32,
    /// Why it fails verification.
    unsound: Option<String>,
    /// Of a custom one: why strict verifiers reject it.
    lax: Option<String>,
    /// Of a custom one: which root it is under.
    root: Option<u8>,
    /// Of a custom one: which of the corpus's CAs it is, such as `one`. Then it is valid as that is.
    ca: Option<String>,
}

fn available() -> BindingStatus {
    BindingStatus::Available
}

fn gateway_managed() -> CertificateType {
    CertificateType::GatewayManaged
}

fn five_years() -> u32 {
    1825
}

impl Inputs {
    /// What the planner gets of it.
    pub(crate) fn account_input(&self) -> AccountInput<'_> {
        AccountInput {
            account: &self.account,
            policy: &self.policy,
            spec_name: self.spec_name.as_ref(),
            observed: Ok(&self.observed),
            state: self.state.as_ref(),
            version: self.version.clone(),
        }
    }

    /// Reads a directory of the corpus.
    pub(crate) fn read(directory: &Path) -> Self {
        let case: Case = read(&directory.join("case.yaml"));
        let seen: Seen = read(&directory.join("observed.yaml"));
        let state = directory.join("state.yaml");
        let mut state: Option<AccountState> = state.exists().then(|| read(&state));
        let mut spec = spec(&directory.join("spec.yaml"));
        let account = spec.accounts.remove(0);
        if let Some(state) = state.as_mut().filter(|_| !case.never_accepted) {
            accept(state, &account, &spec.policy);
        }
        let observed = observed(seen, &account, case.now);
        let allow = case.allow.iter().map(|allow| allow.parse::<Allow>());
        let options = Options {
            replace: case.replace,
            compromised: case.compromised,
            compromised_ids: case.compromised_ids,
            rollback: case.rollback,
            resume: case.resume,
            only_rotation: case.only_rotation,
            allow: allow.collect::<Result<_, _>>().expect("guards"),
            targets: case.targets,
            unapproved: case.unapproved,
            wave: case.wave.map(SeenWave::second),
            ..Options::default()
        };
        Self {
            lesson: case.lesson,
            now: case.now,
            options,
            spec_name: spec.name,
            policy: spec.policy,
            account,
            observed,
            state,
            version: StateVersion {
                seen_at: case.seen_at,
                ..StateVersion::default()
            },
        }
    }
}

/// All that is declared was accepted, but for what the state says otherwise.
fn accept(state: &mut AccountState, account: &Account, policy: &Policy) {
    state
        .settings
        .get_or_insert_with(|| account.settings(policy));
    for declared in &account.certificates {
        let Some(entry) = state.certificates.get_mut(&declared.name) else {
            continue;
        };
        let mut settings = declared.settings();
        settings.lifecycle = entry.lifecycle;
        if let Some(retire_after) = entry.retire_after {
            settings.rotation.retire_after = retire_after;
        }
        entry.settings.get_or_insert(settings);
    }
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Through JSON, for YAML writes enums as tags.
fn read<T: DeserializeOwned>(path: &Path) -> T {
    let fail = |error: String| -> ! { panic!("{}: {error}", path.display()) };
    let value: serde_json::Value =
        serde_yaml::from_str(&text(path)).unwrap_or_else(|e| fail(e.to_string()));
    serde_json::from_value(value).unwrap_or_else(|e| fail(e.to_string()))
}

fn spec(path: &Path) -> Spec {
    let source = Source {
        name: "spec.yaml".to_owned(),
        text: with_long_ids(&text(path)),
    };
    let parsed = parse(
        &Sources::from_iter([source]).with_named(cas()),
        &ParseOptions {
            env: &|_| None,
            mode: Mode::Use,
            accounts: &[],
        },
    );
    let Some(mut spec) = parsed.spec else {
        panic!("{}: {:#?}", path.display(), parsed.diagnostics)
    };
    for certificate in spec.accounts.iter_mut().flat_map(|a| &mut a.certificates) {
        if let Some(Import::Id(id)) = &mut certificate.import {
            *id = short_id(id);
        }
        if let Some(Custom::Id(id)) = &mut certificate.custom {
            *id = short_id(id);
        }
    }
    spec
}

/// The CAs that a spec of the corpus may name, in files beside the cases.
fn cas() -> impl Iterator<Item = Source> {
    ["one", "two", "old", "chain", "chain2"]
        .into_iter()
        .map(|ca| Source {
            name: format!("{ca}.pem"),
            text: pem_of(ca),
        })
}

fn pem_of(ca: &str) -> String {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    text(&corpus.join(format!("{ca}.pem")))
}

fn facts_of(ca: &str) -> CaFacts {
    OwnCa::read(&pem_of(ca)).expect("a CA").facts
}

/// The corpus names certificates by words, such as `found`; a spec names them by UUIDs, so that each
/// word becomes the UUID of its letters.
fn with_long_ids(text: &str) -> String {
    let text = with_long_ids_at(text, "import: ");
    with_long_ids_at(&text, "custom: { id: ")
}

fn with_long_ids_at(text: &str, key: &str) -> String {
    let mut long = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(key) {
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let (word, after) = after.split_at(end.unwrap_or(after.len()));
        long += before;
        long += key;
        long += &if word == "none" {
            word.to_owned()
        } else {
            long_id(word)
        };
        rest = after;
    }
    long + rest
}

fn long_id(word: &str) -> String {
    let digits: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(digits.len() <= 32, "{word} is too long a word for an id");
    let digits = format!("{digits:0<32}");
    let groups = [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ];
    groups.join("-")
}

fn short_id(id: &CertificateId) -> CertificateId {
    let digits = id.as_str().replace('-', "");
    let bytes =
        (0..16).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).expect("digits"));
    let word: String = bytes
        .take_while(|byte| *byte != 0)
        .map(char::from)
        .collect();
    word.parse().expect("a word of the corpus")
}

fn observed(seen: Seen, account: &Account, now: Timestamp) -> Observed {
    let mut certificates: Vec<RemoteCertificate> =
        seen.certificates.into_iter().map(remote).collect();
    certificates.sort_by(|a, b| a.id.cmp(&b.id));
    Observed {
        account_id: account.account_id.clone(),
        at: MachineTime(now),
        on: Some(Machine::model()),
        date: Some(seen.date.unwrap_or(now)),
        certificates,
        gone: seen.gone,
        configuration: seen.configuration.map(|read| Configuration {
            certificate_id: read.certificate,
            tls_decrypt: read.tls_decrypt,
        }),
        installation: seen.installation,
        evidence: seen.evidence.map(Box::new),
    }
}

fn remote(seen: SeenCertificate) -> RemoteCertificate {
    let not_before = Period::seconds(300).before(seen.created);
    let not_after = Period::days(seen.days).after(not_before);
    let ca = seen.ca.as_deref().map(facts_of);
    let facts = ca.unwrap_or_else(|| CaFacts {
        fingerprint: Fingerprint::from_bytes([7; 32]),
        not_before,
        not_after,
        chain: None,
        lax: seen.lax,
        root: seen.root.map(|root| Fingerprint::from_bytes([root; 32])),
    });
    RemoteCertificate {
        id: seen.id,
        kind: seen.kind,
        binding_status: seen.status,
        in_use: seen.in_use,
        created_at: Some(seen.created),
        expires_on: Some(facts.not_after),
        inspection: match seen.unsound {
            Some(why) => Inspection::Unsound(why),
            None => Inspection::Sound(facts),
        },
        pem: None,
    }
}
