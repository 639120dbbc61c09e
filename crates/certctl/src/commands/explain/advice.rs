//! What to do about each code, in a sentence or two; a line to paste where there is one. A new code does not
//! compile until somebody says it here.

use certctl_model::Code;

/// What a person can do about a diagnostic with this code.
pub(super) fn of(code: Code) -> &'static str {
    match code {
        Code::FileUnreadable => "Check the path given to `-f`, and the rights of the file.",
        Code::FileTooLarge => {
            "Split the spec into several files in one directory, and give that directory to `-f`."
        }
        Code::YamlSyntax => {
            "Correct the line that the message shows. Look for tabs, a missing colon, or wrong indentation."
        }
        Code::YamlLimits => "Write the values out instead of using aliases, and nest less.",
        Code::UnsupportedVersion => {
            "Write `version: 1`, or install the certctl that reads the version that the file has."
        }
        Code::MissingKey => {
            "Add the key that the message names. `certctl schema` and docs/spec.md list all keys."
        }
        Code::UnknownKey => "Correct the spelling; the message names the nearest key that exists.",
        Code::DuplicateKey => "Remove one of the two.",
        Code::WrongType => {
            "Write the value as the message says. Quote a text that looks like a number."
        }
        Code::InvalidValue => "Write the value in the form that the message shows.",
        Code::OutOfRange => "Choose a number within the range that the message shows.",
        Code::UnsetVariable => {
            "Set the environment variable, or write the value into the spec. `$${` writes `${` itself."
        }
        Code::DuplicateAccount => "Declare the account once. The message shows both places.",
        Code::DuplicateCertificate => "Give one of them another name.",
        Code::SeveralInUse => {
            "Keep `in_use: true` on one certificate of the account: Gateway uses one."
        }
        Code::InUseInactive => "Remove `activate: false`, or `in_use: true`.",
        Code::RotationPeriods => "Choose periods with `trust_period` < `renew_before` < validity.",
        Code::ValidityShort => "Choose a longer validity, or shorter periods.",
        Code::MovedFromDeclared => {
            "Let `moved_from` name the old address, which must no longer be declared."
        }
        Code::ImportTwice => "Keep `import` or `custom` on one of the two.",
        Code::CustomContradicted => {
            "Remove the key that stands beside `custom`: that says which certificate it is, and its owner how long it is valid."
        }
        Code::CustomUnfit => {
            "Have its owner make a CA that is valid now and that strict verifiers accept, root first if it is a chain; docs/custom.md shows how."
        }
        Code::SettingsDiffer => "Write `name`, `state` and `policy` in one of the files only.",
        Code::NoAccounts => "Declare an account under `accounts:`, or give the right file to `-f`.",
        Code::AccountSuspended => {
            "Nothing; remove `suspended: true` when certctl is to look after the account again."
        }
        Code::UnknownSelection => {
            "Correct the name; `certctl validate` and `certctl state list` show which there are."
        }
        Code::SpecName => {
            "Use the state of this spec, or give the spec the `name` that the state records."
        }
        Code::AdoptAsk => {
            "Copy one of the lines that the message shows into the spec: `import: ID`, `import: none`, or `adopt: matching`."
        }
        Code::ImportMissing => {
            "Correct the id; `certctl status` lists the certificates of the account."
        }
        Code::ImportRefused => {
            "Choose another certificate. certctl does not manage this one, and leaves it alone."
        }
        Code::ImportClaimed => {
            "Remove one of the two lines that name it, or use `moved_from` to rename the address."
        }
        Code::ImportBound => "Remove `import`: the address has its certificate.",
        Code::AmbiguousCreate => {
            "Compare the certificates that the message names, and write `import: ID` for the right one."
        }
        Code::ProbablyOurs => {
            "Write `import: ID` for it if the address needs a certificate; else remove it in the dashboard."
        }
        Code::VerificationFailed => {
            "Do not use the certificate. Compare it in the dashboard; `--replace ADDRESS` makes a new one."
        }
        Code::ValidityOffByOne => {
            "Nothing. Cloudflare issued a day more or less; certctl does not replace a certificate for that."
        }
        Code::InUseMoved => {
            "Find out who changed it (Cloudflare's audit log). Then declare what is in use now, or give `--allow in_use_moved:ADDRESS`."
        }
        Code::Withdrawn => {
            "Find out who did it (Cloudflare's audit log). Declare `activate: false` if it is to stay so."
        }
        Code::EphemeralState => {
            "Set `state:` to a bucket; or give `--allow ephemeral_state` if that directory outlives the job."
        }
        Code::NewState => {
            "Bring the lost state back (`certctl state restore`, a bucket's older version), or declare `import: ID` for each certificate."
        }
        Code::StaleState => {
            "Find out who made the certificate: the newest state may lie elsewhere (`certctl state restore`). Then declare `import: ID`, or give `--allow stale_state:ADDRESS` if it is not yours."
        }
        Code::FromUnmanaged => {
            "Import the certificate that is in use; or give `--allow from_unmanaged:ADDRESS` if devices trust the new one."
        }
        Code::LastAvailable => {
            "Make another certificate available first; or give `--allow last_available:ADDRESS`."
        }
        Code::MassDestroy => "Check that the spec is complete. If so, give `--allow mass_destroy`.",
        Code::MaxDeletes => {
            "Nothing: the rest is done in later runs. `--allow max_deletes` does more at once."
        }
        Code::MaxReplaces => {
            "Nothing: the rest is done in later runs. `--allow max_replaces` does more at once."
        }
        Code::MaxInUseSwitches => {
            "Nothing: the rest is done in later runs. `--allow max_in_use_switches` does more at once."
        }
        Code::Wave => {
            "Nothing, where the earlier wave is on its way. If an account of it went back, find out why; `--allow wave:ACCOUNT` does not wait."
        }
        Code::MaxValidityDays => {
            "Declare a shorter validity, or change the policy; `--allow max_validity_days:ADDRESS` for one."
        }
        Code::MinValidityDays => {
            "Declare a longer validity, or change the policy; `--allow min_validity_days:ADDRESS` for one."
        }
        Code::RequireRenewal => "Declare `rotation.renew_before`.",
        Code::Protected => {
            "Remove the address from `policy.protected`, or give `--allow protected:ADDRESS`."
        }
        Code::InUseFalse => "Declare `in_use: true` on the certificate that is to take over.",
        Code::InUseRemoved => "Declare the certificate again, or declare another one in use.",
        Code::InUseDeactivate => "Declare another certificate in use first.",
        Code::InUseDisputed => {
            "Wait for some minutes and plan again. If it stays, compare both ids with the dashboard; `--allow in_use_disputed:ADDRESS` lets certctl switch."
        }
        Code::InUseUnsound => {
            "Set a certificate in use that is available and valid; `certctl plan` says which. docs/emergency.md."
        }
        Code::LastResort => {
            "Give devices the new certificate now (`certctl pem`). Raise `rotation.renew_before`, or look what held the rotation. docs/rotation.md."
        }
        Code::TrustEvidence => {
            "Wait until more devices are online, or give them the certificate (`certctl trust-kit`) and lower `rotation.trust_evidence.seen`. If they cannot be counted, give the token the permission that is named. docs/rotation.md."
        }
        Code::NotValidYet => {
            "Nothing: it is set in use once it is valid. Check this machine's clock if the time looks wrong."
        }
        Code::PreventDestroy => {
            "Set `lifecycle.prevent_destroy: false`, apply that, then remove the certificate."
        }
        Code::UnknownStatus => {
            "Look at the certificate in the dashboard. A newer certctl may know the status."
        }
        Code::UnknownType => {
            "Look at the certificate in the dashboard. `certctl state rm ADDRESS` forgets it without touching it."
        }
        Code::PendingLong => {
            "Look at Cloudflare's status page, then ask Cloudflare's support with the certificate id. certctl goes on when it ends."
        }
        Code::Missing => "Run `certctl plan`, then `certctl apply`.",
        Code::Overdue => "Check that the daily run still runs, and run `certctl apply`.",
        Code::ClockSkew => {
            "Set this machine's clock (NTP). Nothing is done in the account until then."
        }
        Code::MoveSuggested => "If it was renamed, declare `moved_from: OLD-NAME`; else nothing.",
        Code::MoveIgnored => "Remove `moved_from`.",
        Code::RotationHeld => {
            "`--resume ADDRESS` goes on with the switch; `--replace ADDRESS` makes another successor."
        }
        Code::NotPossible => {
            "See `certctl status` for what the address has, and choose what the message offers."
        }
        Code::WindowTooLate => "Declare a window that opens sooner, or renew earlier.",
        Code::NotRotation => "Apply what was merged (`certctl apply`), or change the spec back.",
        Code::NotAccepted => "Review `certctl plan`, and run `certctl apply` once.",
        Code::ExpiresFirst => {
            "Shorten `rotation.trust_period`, or end the wait that the message names, before the time that it names."
        }
        Code::CompromisedInUse => "Make room as the message says, and run `certctl apply` again.",
        Code::CustomSuccessor => {
            "Have its owner make a successor and upload it to the account's mTLS certificate store; then write its id at `custom.id`."
        }
        Code::StrictVerifiers => {
            "Have its owner make a CA with critical basicConstraints, keyUsage, and both key identifiers; until then programs that verify strictly fail behind Gateway."
        }
        Code::ExpiresSoon => "Declare `rotation.renew_before`, or give `--replace ADDRESS`.",
        Code::Expired => {
            "Run `certctl plan`: it says what replaces the certificate. docs/emergency.md, if Gateway uses it."
        }
        Code::InUseExpires => {
            "Renew earlier, run more often, or declare a standby; `certctl forecast` shows the day."
        }
        Code::SwitchTooEarly => "Renew earlier, or declare a shorter trust period.",
        Code::CreationQuota => {
            "Give the certificates of the account different `renew_before`, days apart."
        }
        Code::AvailableCap => {
            "Declare fewer certificates, or remove unmanaged ones in the dashboard."
        }
        Code::ExpiresUnrenewed => "Declare `rotation.renew_before`.",
        Code::CertificatesNotInstalled => {
            "Switch on `Install CA to system certificate store` (Zero Trust settings), or install the certificate by device management before the switch (`certctl trust-kit --out DIR`)."
        }
        Code::BehindGateway => {
            "Before the switch, let this machine trust both certificates (`certctl trust-kit --out DIR`, then `--ca-bundle`), or exempt api.cloudflare.com with a Do Not Inspect policy."
        }
        Code::WhoDidIt => {
            "Ask whoever is named, before you decide. It is about the message before it."
        }
        Code::TlsDecryptOff => {
            "Switch TLS decryption on in the Gateway settings, if traffic is to be inspected."
        }
        Code::PlanMoved => "Plan again, review that plan, and apply it.",
        Code::NotApproved => "Plan again, review that plan, and apply it.",
        Code::ObservationFailed => {
            "See the cause in the message: the token, its permissions, the network. Then run again."
        }
        Code::StateFailed => {
            "See the cause in the message: who holds the lock, the keys of the bucket, the file. Then run again."
        }
        Code::QuotaReached => {
            "Wait until 24 hours after the first of the last three creations, then run again. Deleting does not help."
        }
        Code::Stopped => "Run again: it goes on where it stopped.",
        Code::RequestFailed => {
            "See Cloudflare's answer in the message, and run again. What was begun is in the state."
        }
        Code::OutcomeUnknown => {
            "Run again: certctl looks for what the request did, and repeats no creation."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_advice_is_a_sentence() {
        for code in Code::ALL {
            assert!(of(*code).ends_with('.'), "{code}: not a sentence");
        }
    }
}
