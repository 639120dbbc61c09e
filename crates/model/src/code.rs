//! Every code that a diagnostic can have, and every guard, in one place.
//!
//! `docs/codes.md` lists them for people; a test holds the two together.

use std::fmt;
use std::str::FromStr;

use crate::text::{Invalid, serde_as_string};

macro_rules! words {
    ($(#[$meta:meta])* $type:ident ($what:literal) { $($variant:ident = $word:literal $meaning:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $(#[doc = $meaning] $variant,)*
        }

        impl $type {
            /// All of them, in the order of the docs.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in documents and on the command line.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What it means, in a sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }

        impl FromStr for $type {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or_else(|| {
                    Invalid::new($what, text, "it is one of those listed in docs/codes.md")
                })
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        serde_as_string!($type);
    };
}

words! {
    /// The kind of a diagnostic.
    Code ("code") {
        // The spec.
        FileUnreadable = "file_unreadable" "A spec file or directory cannot be read.",
        FileTooLarge = "file_too_large" "A spec file is larger than certctl reads.",
        YamlSyntax = "yaml_syntax" "A file is not well-formed YAML.",
        YamlLimits = "yaml_limits" "A file nests, repeats or aliases more than certctl reads.",
        UnsupportedVersion = "unsupported_version" "`version` is not one that this certctl reads.",
        MissingKey = "missing_key" "A key that is required is absent.",
        UnknownKey = "unknown_key" "A key is not part of the format.",
        DuplicateKey = "duplicate_key" "A mapping has the same key twice.",
        WrongType = "wrong_type" "A value has another type than its key demands.",
        InvalidValue = "invalid_value" "A value has the right type but not the right form.",
        OutOfRange = "out_of_range" "A number is outside of its range.",
        UnsetVariable = "unset_variable" "`${NAME}` names an environment variable that is not set.",
        DuplicateAccount = "duplicate_account" "Two accounts have the same name or account id.",
        DuplicateCertificate = "duplicate_certificate" "Two certificates of an account have the same name.",
        SeveralInUse = "several_in_use" "Two certificates of an account are declared in use.",
        InUseInactive = "in_use_inactive" "A certificate is declared in use and not active.",
        RotationPeriods = "rotation_periods" "The periods contradict each other or the validity.",
        ValidityShort = "validity_short" "A certificate is valid for no longer than its own trust and retire periods take.",
        MovedFromDeclared = "moved_from_declared" "`moved_from` names a certificate that is itself, still declared, or claimed twice.",
        ImportTwice = "import_twice" "Two certificates name the same id, by `import` or `custom`.",
        CustomContradicted = "custom_contradicted" "`custom` stands beside `import`, a validity or `activate: false`.",
        CustomUnfit = "custom_unfit" "The CA of `custom.certificate` is one that browsers or strict verifiers would reject.",
        SettingsDiffer = "settings_differ" "Two files give `name`, `state` or `policy` different values.",
        NoAccounts = "no_accounts" "No account is declared in any of the files.",
        UnknownSelection = "unknown_selection" "`--account`, `--target` or an option names something that is neither declared nor in the state.",
        AccountSuspended = "account_suspended" "Accounts are declared `suspended`: they are neither read nor changed.",
        // The plan.
        SpecName = "spec_name" "The state was written for a spec of another name.",
        AdoptAsk = "adopt_ask" "A certificate exists that this address may mean; say which.",
        ImportMissing = "import_missing" "The certificate that `import` or `custom` names does not exist in the account.",
        ImportRefused = "import_refused" "The certificate that `import` or `custom` names is not of the type for that, or fails verification.",
        ImportClaimed = "import_claimed" "The certificate that `import` or `custom` names belongs to another address.",
        ImportBound = "import_bound" "`import` on an address that is bound already.",
        AmbiguousCreate = "ambiguous_create" "A create had an unknown outcome and several new certificates fit it.",
        ProbablyOurs = "probably_ours" "A certificate showed up that a create of unknown outcome probably made, after it was given up.",
        VerificationFailed = "verification_failed" "A certificate is not what was asked, or not what the API says it is.",
        ValidityOffByOne = "validity_off_by_one" "A certificate was issued a day off the validity that was asked.",
        InUseMoved = "in_use_moved" "Somebody else changed which certificate Gateway uses.",
        Withdrawn = "withdrawn" "Somebody else deactivated a certificate that is to be available.",
        EphemeralState = "ephemeral_state" "A state would begin in a local directory of a CI job, and end with the job.",
        NewState = "new_state" "There is no state, but the account has available certificates.",
        StaleState = "stale_state" "A certificate that would fit is younger than the state: the state is old, or somebody else made it; no second one is made.",
        FromUnmanaged = "from_unmanaged" "Gateway would switch away from a certificate that nothing claims.",
        LastAvailable = "last_available" "The last available certificate of an account would be removed or deactivated.",
        MassDestroy = "mass_destroy" "More than 30 percent of ten or more certificates would be removed.",
        MaxDeletes = "max_deletes" "More would be removed than `policy.max_deletes` lets a run; the rest waits.",
        MaxReplaces = "max_replaces" "More would be replaced than `policy.max_replaces` lets a run; the rest waits.",
        MaxInUseSwitches = "max_in_use_switches" "Gateway would switch in more accounts than `policy.max_in_use_switches` lets a run; the rest waits.",
        Wave = "wave" "A switch waits for accounts of an earlier wave of `policy.waves`.",
        MaxValidityDays = "max_validity_days" "A certificate would be valid for longer than `policy.max_validity_days`.",
        MinValidityDays = "min_validity_days" "A certificate would be valid for less than `policy.min_validity_days`.",
        RequireRenewal = "require_renewal" "A certificate has no `rotation.renew_before`, which `policy.require_renewal` asks for.",
        Protected = "protected" "An address that `policy.protected` names would be removed, replaced, deactivated or switched away from.",
        InUseFalse = "in_use_false" "A certificate is in use that is declared not to be, and no other is declared in use.",
        InUseRemoved = "in_use_removed" "A certificate is in use that is no longer declared, and no other is declared in use.",
        InUseDeactivate = "in_use_deactivate" "A certificate is in use that is declared not active.",
        InUseDisputed = "in_use_disputed" "The list and the configuration disagree about what Gateway uses.",
        InUseUnsound = "in_use_unsound" "What Gateway uses is not available, not valid now or not verified; nothing that could serve in its place is removed.",
        LastResort = "last_resort" "What Gateway uses is about to expire: its successor is set in use without waiting for what it should wait for.",
        TrustEvidence = "trust_evidence" "A switch waits until more devices were seen that had the time to fetch the certificate, or they cannot be counted.",
        NotValidYet = "not_valid_yet" "A certificate is valid only from a later time on; it is not set in use before.",
        PreventDestroy = "prevent_destroy" "A certificate would be destroyed that `prevent_destroy` protects.",
        UnknownStatus = "unknown_status" "A certificate has a status that certctl does not know; it is left alone.",
        UnknownType = "unknown_type" "A certificate in the state is not of the type that certctl manages; it is left alone.",
        PendingLong = "pending_long" "Cloudflare has been deploying for more than an hour.",
        Missing = "missing" "An address is declared, and holds no certificate.",
        Overdue = "overdue" "A step has been due for more than a day, so the run that should do it may have died.",
        ClockSkew = "clock_skew" "This machine's clock and the API's differ by more than five minutes.",
        MoveSuggested = "move_suggested" "An address vanishes while a similar one appears; perhaps it was renamed.",
        MoveIgnored = "move_ignored" "`moved_from` names an address that is not in the state, or both are bound.",
        RotationHeld = "rotation_held" "A rotation waits for somebody's `--resume`, and its renewal is due.",
        NotPossible = "not_possible" "A planning option asks for what cannot be done at this address.",
        WindowTooLate = "window_too_late" "No maintenance window opens before the certificate in use expires.",
        NotRotation = "not_rotation" "A change is no rotation, or was not accepted yet; a run without approval leaves it to one with.",
        NotAccepted = "not_accepted" "The state does not say what was accepted for an address: an older certctl wrote it.",
        ExpiresFirst = "expires_first" "What Gateway uses expires before its successor can be used, or may do so.",
        CompromisedInUse = "compromised_in_use" "Gateway uses a compromised certificate, and what is to take its place has to wait.",
        CustomSuccessor = "custom_successor" "A custom certificate needs a successor, which only its owner can make.",
        StrictVerifiers = "strict_verifiers" "A custom certificate lacks what strict verifiers demand of a CA.",
        ExpiresSoon = "expires_soon" "A certificate expires within 30 days and nothing renews it.",
        Expired = "expired" "A certificate that is declared or in use has expired.",
        // The forecast.
        InUseExpires = "in_use_expires" "What Gateway uses will expire before another certificate takes over.",
        SwitchTooEarly = "switch_too_early" "Gateway will switch to a certificate before its trust period is over.",
        CreationQuota = "creation_quota" "A day will need more creations than Cloudflare allows in 24 hours; the rest waits.",
        AvailableCap = "available_cap" "More than ten certificates of an account would have to be available at once.",
        ExpiresUnrenewed = "expires_unrenewed" "A certificate that is declared, or that Gateway uses, will expire, and nothing renews it.",
        // The run.
        CertificatesNotInstalled = "certificates_not_installed" "A switch is to come, and the Cloudflare One Client installs certificates on no device of the account.",
        BehindGateway = "behind_gateway" "A switch is to come, and TLS from this machine to the API ends in a certificate of the account: the machine is behind the Gateway that is switched.",
        WhoDidIt = "who_did_it" "Who did what was found, by Cloudflare's audit log: beside `in_use_moved`, `ambiguous_create` and `stale_state`.",
        TlsDecryptOff = "tls_decrypt_off" "TLS decryption is switched off: in use does not mean inspecting.",
        PlanMoved = "plan_moved" "What would be done is no longer what was planned.",
        NotApproved = "not_approved" "A step became due that the approved plan does not hold.",
        ObservationFailed = "observation_failed" "An account could not be read.",
        StateFailed = "state_failed" "A state document could not be read or written.",
        QuotaReached = "quota_reached" "Cloudflare refused a creation because three were made in 24 hours.",
        Stopped = "stopped" "The run was asked to stop before everything was done.",
        RequestFailed = "request_failed" "A request was refused, or failed.",
        OutcomeUnknown = "outcome_unknown" "A request was sent and its outcome is not known yet.",
    }
}

words! {
    /// A limit that a plan passes only with `--allow`.
    Guard ("guard") {
        InUseMoved = "in_use_moved" "Set in use again although somebody else moved it.",
        InUseDisputed = "in_use_disputed" "Switch Gateway although the list and the configuration disagree about what it uses; removes nothing.",
        NewState = "new_state" "Create certificates from an empty state beside available ones.",
        StaleState = "stale_state" "Create a certificate beside one that fits and is younger than the state; remembered for that one.",
        FromUnmanaged = "from_unmanaged" "Switch Gateway away from a certificate that nothing claims.",
        LastAvailable = "last_available" "Remove or deactivate the last available certificate of an account.",
        MassDestroy = "mass_destroy" "Remove more than 30 percent of ten or more certificates, of an account or of all that are planned.",
        MaxDeletes = "max_deletes" "Remove more in a run than `policy.max_deletes`; what is allowed is not counted.",
        MaxReplaces = "max_replaces" "Start more replacements in a run than `policy.max_replaces`; what is allowed is not counted.",
        MaxInUseSwitches = "max_in_use_switches" "Switch Gateway in more accounts in a run than `policy.max_in_use_switches`; what is allowed is not counted.",
        Wave = "wave" "Switch Gateway although an earlier wave of `policy.waves` is not done.",
        MaxValidityDays = "max_validity_days" "Create, replace or adopt a certificate that is valid for longer than the policy says.",
        MinValidityDays = "min_validity_days" "Create, replace or adopt a certificate that is valid for less than the policy says.",
        RequireRenewal = "require_renewal" "Declare a certificate without `rotation.renew_before`.",
        Protected = "protected" "Remove, replace, deactivate or switch away from a protected address.",
        EphemeralState = "ephemeral_state" "Begin a state in a local directory of a CI job, which may end with the job.",
    }
}

words! {
    /// Why a change is planned; for people, never for decisions.
    Reason ("reason") {
        Missing = "missing" "The address is declared and bound to nothing.",
        Gone = "gone" "The certificate was bound and no longer exists.",
        Import = "import" "The spec names the certificate to take over.",
        Matching = "matching" "Exactly one existing certificate fits, and the account says `adopt: matching`.",
        Settled = "settled" "A create had an unknown outcome, and the one new certificate that fits was found.",
        Settling = "settling" "A create had an unknown outcome, and what it made may still appear.",
        Unlisted = "unlisted" "The certificate is bound, but was not seen; it may still appear.",
        ValidityChanged = "validity_changed" "The declared validity is not the one that was asked for.",
        CustomNamed = "custom_named" "The spec names the custom certificate that it is.",
        CustomDropped = "custom_dropped" "Its certificate is custom, and Cloudflare is to issue it.",
        ReplaceRequested = "replace_requested" "`--replace` was given.",
        Compromised = "compromised" "`--compromised` was given: its key is not to be trusted.",
        RolledBack = "rolled_back" "Gateway went back to the predecessor, and the rotation is held.",
        RenewalDue = "renewal_due" "The expiry is nearer than `renew_before`.",
        RotationOpen = "rotation_open" "A rotation is under way.",
        Retiring = "retiring" "What was replaced is kept for its retire period, then removed.",
        Activation = "activation" "The certificate is not active, or no longer declared to be.",
        InUse = "in_use" "Gateway does not use the certificate that is declared in use.",
        Moved = "moved" "`moved_from` names the address that it had.",
        Removed = "removed" "The address is no longer declared.",
        SettingsChanged = "settings_changed" "What is declared is not what was accepted last.",
        Remember = "remember" "Something is to be remembered that the API does not keep.",
        Blocked = "blocked" "A diagnostic stands in the way.",
        UpToDate = "up_to_date" "Nothing differs.",
    }
}
