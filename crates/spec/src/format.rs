//! The format, whole: every mapping, every key, in one table.
//!
//! A new key is one entry here and in its mapping's list; the checks, the hints and the JSON Schema
//! follow. What it means is read in [`crate::layer`] (what `defaults` can give) or
//! [`crate::decode`].

mod custom;

use certctl_model::{
    AccountId, DeletionPolicy, KmsKeyId, LastResort, Name, Period, Share, ValidityDays,
};

pub(crate) use self::custom::{
    CUSTOM_CERTIFICATE, CUSTOM_ID, CustomMapping, KEY_COMMAND, KEY_ENV, KEY_FILE, PRIVATE_KEY,
    PrivateKeyMapping,
};
use crate::key::{Described, Key, Mapping};
use crate::nested::{Either, List, Map, Named};
use crate::spec::{Adopt, Import, SwitchMode};
use crate::value::kinds::{Line, StateUrl, Version};
use crate::value::labels::Labels;
use crate::value::limits::{Addresses, Count};
use crate::value::token::{FilePath, VariableName, Words};
use crate::value::words::Sse;

/// A whole file.
#[derive(Debug)]
pub(crate) struct Document;
/// `state`, where the bucket has to be told more than its URL.
#[derive(Debug)]
pub(crate) struct StateMapping;
/// `token`.
#[derive(Debug)]
pub(crate) struct TokenMapping;
/// One of `accounts`.
#[derive(Debug)]
pub(crate) struct AccountMapping;
/// One of `certificates`.
#[derive(Debug)]
pub(crate) struct CertificateMapping;
/// `accounts_from`.
#[derive(Debug)]
pub(crate) struct TableMapping;
/// One of `templates`.
#[derive(Debug)]
pub(crate) struct TemplateMapping;
/// `defaults`.
#[derive(Debug)]
pub(crate) struct DefaultsMapping;
/// `policy`.
#[derive(Debug)]
pub(crate) struct PolicyMapping;
/// One of `waves`.
#[derive(Debug)]
pub(crate) struct WaveMapping;
/// `rotation`.
#[derive(Debug)]
pub(crate) struct RotationMapping;
/// `trust_evidence`.
#[derive(Debug)]
pub(crate) struct EvidenceMapping;
/// One of `windows`.
#[derive(Debug)]
pub(crate) struct WindowMapping;
/// `lifecycle`.
#[derive(Debug)]
pub(crate) struct LifecycleMapping;

pub(crate) static VERSION: Key<Version> =
    Key::new("version", "The version of this format: 1.").required("start with `version: 1`");
pub(crate) static SPEC_NAME: Key<Name> = Key::new(
    "name",
    "The spec's name. The state records it and refuses a spec of another name.",
);
pub(crate) static STATE: Key<Either<StateUrl, StateMapping>> = Key::new(
    "state",
    "Where the state is kept: a directory, relative to this file, or a URL such as s3://, gs://, \
     az:// or https://….r2.cloudflarestorage.com/…. Default: .certctl/state. A mapping where the \
     bucket has to be told more.",
);
pub(crate) static DEFAULTS: Key<Map<DefaultsMapping>> = Key::new(
    "defaults",
    "What every certificate of this file inherits. `rotation` and `lifecycle` merge key by key; \
     `null` on a certificate stops the inheritance.",
);
pub(crate) static POLICY: Key<Map<PolicyMapping>> = Key::new(
    "policy",
    "What no plan may do without `--allow`. It holds for all files; two files that give one must \
     say the same.",
);
pub(crate) static ACCOUNTS: Key<List<AccountMapping>> =
    Key::new("accounts", "The accounts. Each stands in one file only.");

pub(crate) static ACCOUNTS_FROM: Key<Map<TableMapping>> = Key::new(
    "accounts_from",
    "A table of more accounts. Its columns are name, account_id, template, token_env and suspended; \
     any other column is a label.",
);
pub(crate) static TEMPLATES: Key<Named<TemplateMapping>> = Key::new(
    "templates",
    "What several accounts of this file have in common, each under a name.",
);

pub(crate) static CSV: Key<Line> = Key::new(
    "csv",
    "A CSV file beside this one, or below: comma-separated, with the names of the columns first.",
)
.required("name the file: `csv: tenants.csv`");

pub(crate) static STATE_URL: Key<StateUrl> =
    Key::new("url", "Where the state is kept, as in `state: URL`.")
        .required("name the place: `url: s3://bucket/prefix`");
pub(crate) static SSE: Key<Sse> = Key::new(
    "sse",
    "The server-side encryption that each write demands of S3, for buckets whose policy wants it \
     demanded. Only with s3://.",
);
pub(crate) static KMS_KEY_ID: Key<KmsKeyId> = Key::new(
    "kms_key_id",
    "The key for aws:kms or aws:kms:dsse: its id, its alias or its ARN. Left out: the AWS \
     account's own key for S3.",
);

pub(crate) static MAX_DELETES: Key<Count> = Key::new(
    "max_deletes",
    "How many certificates a run may remove because they are no longer declared; the rest waits.",
);
pub(crate) static MAX_REPLACES: Key<Count> = Key::new(
    "max_replaces",
    "How many replacements a run may start; the rest waits. Renewals do not count.",
);
pub(crate) static MAX_IN_USE_SWITCHES: Key<Count> = Key::new(
    "max_in_use_switches",
    "In how many accounts a run may switch Gateway to another certificate; the rest waits. A \
     switch to a certificate's own successor does not count.",
);
pub(crate) static MAX_VALIDITY: Key<ValidityDays> = Key::new(
    "max_validity_days",
    "The longest validity, in days, of what is created, replaced or adopted.",
);
pub(crate) static MIN_VALIDITY: Key<ValidityDays> = Key::new(
    "min_validity_days",
    "The shortest validity, in days, of what is created, replaced or adopted.",
);
pub(crate) static REQUIRE_RENEWAL: Key<bool> = Key::new(
    "require_renewal",
    "Whether every certificate needs `rotation.renew_before`. Default: false.",
);
pub(crate) static PROTECTED: Key<Addresses> = Key::new(
    "protected",
    "Addresses (account/certificate) that are not removed, replaced, deactivated or switched away \
     from.",
);

pub(crate) static LAST_RESORT: Key<LastResort> = Key::new(
    "last_resort",
    "How long before what Gateway uses expires an available successor is set in use, whatever its trust \
     period, a window or a limit says; or `never`. Default: 2d, or a tenth of the validity where that is \
     shorter.",
);

pub(crate) static WAVES: Key<List<WaveMapping>> = Key::new(
    "waves",
    "Who switches first. Gateway is switched in the accounts of a wave once all before it have been \
     switched for their `bake`, and none of them went back. The last wave is `rest: true`.",
);
pub(crate) static WAVE_LABELS: Key<Labels> = Key::new(
    "labels",
    "The labels that an account of this wave has, all of them. The first wave that fits has it.",
);
pub(crate) static BAKE: Key<Period> = Key::new(
    "bake",
    "How long all accounts of this wave have to have been switched before the next wave is.",
);
pub(crate) static REST: Key<bool> = Key::new(
    "rest",
    "Whether this is the last wave, of all accounts that are in none before it.",
);

pub(crate) static ACCOUNT_NAME: Key<Name> = Key::new(
    "name",
    "Our short name for the account, unique in all files.",
)
.required("give the account a short name, such as `name: acme`");
pub(crate) static ACCOUNT_ID: Key<AccountId> = Key::new(
    "account_id",
    "Cloudflare's id of the account: 32 hexadecimal digits, or ${NAME}.",
)
.required("copy the account id from the dashboard: `account_id: 699d98642c564d2e855e9661899b7252`");
pub(crate) static ADOPT: Key<Adopt> = Key::new(
    "adopt",
    "What to do when a certificate exists already that fits a declared one. Default: ask.",
);
pub(crate) static CERTIFICATES: Key<List<CertificateMapping>> = Key::new(
    "certificates",
    "The certificates. An empty list declares none: those that certctl manages are removed. With a \
     template: those that it lacks, and what differs from its own, by the same names.",
)
.hint("list them, or write `certificates: []` to declare none");
pub(crate) static TEMPLATE: Key<Name> = Key::new(
    "template",
    "The template that gives the account its certificates.",
);
pub(crate) static LABELS: Key<Labels> = Key::new(
    "labels",
    "Words by which the account is selected, as with `--label tier=canary`.",
);
pub(crate) static TOKEN: Key<Map<TokenMapping>> = Key::new(
    "token",
    "Where the API token comes from. An account's comes before its template's, and that before the \
     file's. Left out, or `null`: CLOUDFLARE_API_TOKEN, or `--token-file`.",
)
.nullable();
pub(crate) static TOKEN_ENV: Key<VariableName> = Key::new(
    "env",
    "The name of the environment variable that holds the token.",
);
pub(crate) static TOKEN_FILE: Key<FilePath> = Key::new(
    "file",
    "A file that holds the token and nothing else; a relative path is beside this file.",
);
pub(crate) static TOKEN_COMMAND: Key<Words> = Key::new(
    "command",
    "A program that prints the token, and its arguments, as a list. No shell reads it. It runs at \
     most once for each account, beside this file, with CERTCTL_ACCOUNT and CERTCTL_ACCOUNT_ID in \
     its environment.",
);
pub(crate) static SUSPENDED: Key<bool> = Key::new(
    "suspended",
    "Whether the account is left alone: neither read nor changed. Default: false.",
);

pub(crate) static NAME: Key<Name> =
    Key::new("name", "The certificate's name, unique in the account.")
        .required("give the certificate a short name, such as `name: inspection`");
pub(crate) static VALIDITY: Key<ValidityDays> = Key::new(
    "validity_period_days",
    "How many days it is valid, 1 to 10950. Left out: 1825 is sent at creation and never compared.",
)
.nullable();
pub(crate) static ACTIVATE: Key<bool> = Key::new(
    "activate",
    "Whether it is deployed to Cloudflare's edge. Left out: true for what certctl creates; what is \
     adopted stays as it is.",
)
.nullable();
pub(crate) static IN_USE: Key<bool> = Key::new(
    "in_use",
    "Whether Gateway inspects with it; at most one of an account. Implies `activate`. Left out: \
     not managed.",
)
.nullable();
pub(crate) static ROTATION: Key<Map<RotationMapping>> =
    Key::new("rotation", "When and how it is replaced by a successor.").nullable();
pub(crate) static LIFECYCLE: Key<Map<LifecycleMapping>> =
    Key::new("lifecycle", "What its removal from the spec means.").nullable();
pub(crate) static IMPORT: Key<Import> = Key::new(
    "import",
    "The id of the existing certificate that this one is, or `none` to create a new one.",
)
.nullable();
pub(crate) static CUSTOM: Key<Map<CustomMapping>> = Key::new(
    "custom",
    "The custom certificate that this one is: one that somebody uploaded to the account's mTLS \
     certificate store, or one that certctl uploads there. Its successor is its owner's to make.",
)
.nullable();
pub(crate) static MOVED_FROM: Key<Name> = Key::new(
    "moved_from",
    "The name that it had, so that renaming it does not replace it.",
)
.nullable();

pub(crate) static RENEW_BEFORE: Key<Period> = Key::new(
    "renew_before",
    "How long before its expiry a successor is created. Left out: never by time.",
)
.nullable();
pub(crate) static TRUST_PERIOD: Key<Period> = Key::new(
    "trust_period",
    "How long a successor is available, so that devices learn to trust it, before it is set in \
     use. Default: 7d.",
)
.nullable();
pub(crate) static TRUST_EVIDENCE: Key<Map<EvidenceMapping>> = Key::new(
    "trust_evidence",
    "The share of the devices that the switch waits for besides the trust period: those that were seen \
     since they had the time to fetch the certificate. Left out: for none.",
)
.nullable();
pub(crate) static RETIRE_AFTER: Key<Period> = Key::new(
    "retire_after",
    "How long what was in use stays available as the way back. Default: 7d.",
)
.nullable();

pub(crate) static SEEN: Key<Share> = Key::new(
    "seen",
    "The share that has to be seen, of the active devices whose client installs all available \
     certificates.",
)
.required("say which share of the devices has to be seen: `seen: 98%`");
pub(crate) static ACTIVE_WITHIN: Key<Period> = Key::new(
    "active_within",
    "A device counts as active when it was seen so short a time ago. Default: 30d.",
);
pub(crate) static SYNC_MARGIN: Key<Period> = Key::new(
    "sync_margin",
    "How long after the certificate became available a device has to be seen, to have had the time to \
     fetch it. Default: 24h.",
);

pub(crate) static SWITCH: Key<SwitchMode> = Key::new(
    "switch",
    "Whether the switch to a successor waits for somebody's `--resume`. Default: auto.",
)
.nullable();
pub(crate) static WINDOWS: Key<List<WindowMapping>> = Key::new(
    "windows",
    "Maintenance windows: Gateway is switched to this certificate only within one of them.",
)
.nullable();

pub(crate) static CRON: Key<Line> = Key::new(
    "cron",
    "When the window opens: five fields (minute, hour, day of month, month, day of week).",
)
.required("say when the window opens: `cron: 0 2 * * 6`");
pub(crate) static TIMEZONE: Key<Line> = Key::new(
    "timezone",
    "The time zone of `cron`, by its IANA name. Default: UTC.",
);
pub(crate) static WINDOW_DURATION: Key<Period> =
    Key::new("window_duration", "How long the window stays open.")
        .required("say how long the window stays open: `window_duration: 4h`");

pub(crate) static PREVENT_DESTROY: Key<bool> = Key::new(
    "prevent_destroy",
    "Whether its removal is an error. Default: false.",
)
.nullable();
pub(crate) static DELETION_POLICY: Key<DeletionPolicy> =
    Key::new("deletion_policy", "What its removal does. Default: delete.").nullable();

/// What `defaults` can give.
const INHERITED: &[&dyn Described] = &[&VALIDITY, &ACTIVATE, &IN_USE, &ROTATION, &LIFECYCLE];

impl Mapping for Document {
    const NAME: &'static str = "spec";
    const ABOUT: &'static str = "Cloudflare Gateway certificates, as certctl is to keep them.";
    const KEYS: &'static [&'static [&'static dyn Described]] = &[&[
        &VERSION,
        &SPEC_NAME,
        &STATE,
        &POLICY,
        &TOKEN,
        &DEFAULTS,
        &TEMPLATES,
        &ACCOUNTS,
        &ACCOUNTS_FROM,
    ]];
}

impl Mapping for StateMapping {
    const NAME: &'static str = "state";
    const ARTICLE: &'static str = "the";
    const ABOUT: &'static str = "Where the state is kept, and what the bucket there is told.";
    const KEYS: &'static [&'static [&'static dyn Described]] = &[&[&STATE_URL, &SSE, &KMS_KEY_ID]];
}

impl Mapping for PolicyMapping {
    const NAME: &'static str = "policy";
    const ABOUT: &'static str = "What no plan may do without `--allow`.";
    const KEYS: &'static [&'static [&'static dyn Described]] = &[&[
        &MAX_DELETES,
        &MAX_REPLACES,
        &MAX_IN_USE_SWITCHES,
        &MAX_VALIDITY,
        &MIN_VALIDITY,
        &REQUIRE_RENEWAL,
        &PROTECTED,
        &LAST_RESORT,
        &WAVES,
    ]];
}

impl Mapping for AccountMapping {
    const NAME: &'static str = "account";
    const ARTICLE: &'static str = "an";
    const ABOUT: &'static str = "A Cloudflare account and its certificates.";
    const KEYS: &'static [&'static [&'static dyn Described]] = &[&[
        &ACCOUNT_NAME,
        &ACCOUNT_ID,
        &ADOPT,
        &TEMPLATE,
        &TOKEN,
        &LABELS,
        &SUSPENDED,
        &CERTIFICATES,
    ]];
    const ONE_OF: &'static [&'static str] = &["certificates", "template"];
    const ONE_OF_HINT: &'static str = "list them, or write `certificates: []` to declare none";
}

impl Mapping for TokenMapping {
    const NAME: &'static str = "token";
    const ABOUT: &'static str = "Where an API token comes from: one of three.";
    const KEYS: &'static [&'static [&'static dyn Described]] =
        &[&[&TOKEN_ENV, &TOKEN_FILE, &TOKEN_COMMAND]];
    const ONE_OF: &'static [&'static str] = &["env", "file", "command"];
    const EXCLUSIVE: bool = true;
    const ONE_OF_HINT: &'static str =
        "name the variable that holds it: `token: { env: ACME_TOKEN }`";
}

impl Mapping for TableMapping {
    const NAME: &'static str = "accounts_from";
    const ARTICLE: &'static str = "the";
    const ABOUT: &'static str = "A table of accounts.";
    const KEYS: &'static [&'static [&'static dyn Described]] = &[&[&CSV]];
}

impl Mapping for TemplateMapping {
    const NAME: &'static str = "template";
    const ABOUT: &'static str = "What several accounts have in common.";
    const KEYS: &'static [&'static [&'static dyn Described]] = &[&[&ADOPT, &TOKEN, &CERTIFICATES]];
    const ONE_OF: &'static [&'static str] = &["certificates"];
    const ONE_OF_HINT: &'static str = "list the certificates of its accounts";
}

impl Mapping for CertificateMapping {
    const NAME: &'static str = "certificate";
    const ABOUT: &'static str =
        "A certificate of an account, issued by Cloudflare or uploaded, as certctl is to keep it.";
    const KEYS: &'static [&'static [&'static dyn Described]] =
        &[&[&NAME], INHERITED, &[&IMPORT, &CUSTOM, &MOVED_FROM]];
}

impl Mapping for DefaultsMapping {
    const NAME: &'static str = "defaults";
    const ARTICLE: &'static str = "the";
    const ABOUT: &'static str = "What every certificate of this file inherits.";
    const KEYS: &'static [&'static [&'static dyn Described]] = &[INHERITED];
}

impl Mapping for RotationMapping {
    const NAME: &'static str = "rotation";
    const ABOUT: &'static str =
        "When and how a rotation goes on: trust_period < renew_before < validity.";
    const KEYS: &'static [&'static [&'static dyn Described]] = &[&[
        &RENEW_BEFORE,
        &TRUST_PERIOD,
        &TRUST_EVIDENCE,
        &RETIRE_AFTER,
        &SWITCH,
        &WINDOWS,
    ]];
}

impl Mapping for EvidenceMapping {
    const NAME: &'static str = "trust_evidence";
    const ARTICLE: &'static str = "the";
    const ABOUT: &'static str =
        "How many devices have to be seen before Gateway is switched. Seen is not trusted.";
    const KEYS: &'static [&'static [&'static dyn Described]] =
        &[&[&SEEN, &ACTIVE_WITHIN, &SYNC_MARGIN]];
}

impl Mapping for WindowMapping {
    const NAME: &'static str = "window";
    const ABOUT: &'static str = "A maintenance window.";
    const KEYS: &'static [&'static [&'static dyn Described]] =
        &[&[&CRON, &TIMEZONE, &WINDOW_DURATION]];
}

impl Mapping for WaveMapping {
    const NAME: &'static str = "wave";
    const ABOUT: &'static str = "Accounts that are switched at the same time.";
    const KEYS: &'static [&'static [&'static dyn Described]] = &[&[&WAVE_LABELS, &BAKE, &REST]];
    const ONE_OF: &'static [&'static str] = &["labels", "rest"];
    const EXCLUSIVE: bool = true;
    const ONE_OF_HINT: &'static str =
        "say who is in it: `labels: { tier: canary }`; or `rest: true` for the last wave";
}

impl Mapping for LifecycleMapping {
    const NAME: &'static str = "lifecycle";
    const ABOUT: &'static str = "What removal from the spec means.";
    const KEYS: &'static [&'static [&'static dyn Described]] =
        &[&[&PREVENT_DESTROY, &DELETION_POLICY]];
}

/// Which mapping a key belongs in, for whoever wrote it into another.
pub(crate) fn belongs_in(key: &str) -> Option<&'static str> {
    fn holds<S: Mapping>(key: &str) -> bool {
        S::keys().any(|known| known.name() == key)
    }
    if holds::<RotationMapping>(key) {
        Some("`rotation`")
    } else if holds::<EvidenceMapping>(key) {
        Some("`rotation.trust_evidence`")
    } else if holds::<WindowMapping>(key) {
        Some("one of `rotation.windows`")
    } else if key != LABELS_OF_ANYTHING && holds::<WaveMapping>(key) {
        Some("one of `policy.waves`")
    } else if holds::<LifecycleMapping>(key) {
        Some("`lifecycle`")
    } else if holds::<PolicyMapping>(key) {
        Some("`policy`")
    } else if holds::<TableMapping>(key) {
        Some("`accounts_from`")
    } else if key == PRIVATE_KEY.name() {
        Some("`custom`")
    } else if holds::<TokenMapping>(key) {
        Some("`token`")
    } else if holds::<StateMapping>(key) {
        Some("`state`")
    } else if holds::<CertificateMapping>(key) && key != NAME_OF_ANYTHING {
        Some("a certificate")
    } else if holds::<AccountMapping>(key) && key != NAME_OF_ANYTHING {
        Some("an account")
    } else if holds::<Document>(key) && key != NAME_OF_ANYTHING {
        Some("the top level of the file")
    } else {
        None
    }
}

/// The key of waves and of accounts; it belongs in an account more often.
const LABELS_OF_ANYTHING: &str = "labels";
/// The one key that several mappings have; it belongs nowhere in particular.
const NAME_OF_ANYTHING: &str = "name";
