//! What an approved run took up, and how two of those differ.
//!
//! *Purpose*: a spec is edited, merged, and applied at another time. What was accepted is kept in the
//! state, so that whoever resumes, waits or runs unattended works with that, and so that every edit is
//! a difference somebody sees. *Invariants*: each struct is compared field by field and destructured,
//! so that a new field does not compile until somebody decides what losing it means.

mod written;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use self::written::Difference;
use self::written::{Found, Written, joined};
use crate::lifecycle::{DeletionPolicy, Lifecycle};
use crate::{Custom, LastResort, Name, Period, TrustEvidence, ValidityDays, Wave};

/// All declared fields of one address, resolved: defaults and templates are merged in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Which custom certificate it is; absent where Cloudflare issues it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<Custom>,
    /// The validity in days; absent where none is declared, and then never compared.
    pub validity_period_days: Option<ValidityDays>,
    /// Whether it is to be available; absent where that is left out.
    pub activate: Option<bool>,
    /// Whether Gateway is to use it; absent where that is not managed.
    pub in_use: Option<bool>,
    /// When and how it is replaced.
    pub rotation: RotationSettings,
    /// What removal from the spec means.
    pub lifecycle: Lifecycle,
}

/// The periods, the mode and the windows of a rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotationSettings {
    /// How long before its expiry it is renewed; absent: never by time.
    pub renew_before: Option<Period>,
    /// How long a certificate is available before it is set in use.
    pub trust_period: Period,
    /// The share of the devices that the switch waits for as well; absent: for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_evidence: Option<TrustEvidence>,
    /// How long what was in use stays available after it was switched away from.
    pub retire_after: Period,
    /// Whether the switch to a successor waits for a person.
    pub switch: SwitchMode,
    /// Maintenance windows; without any, every instant will do.
    pub windows: Vec<WindowSettings>,
}

/// One maintenance window, as it is written in a spec.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowSettings {
    /// When it opens: five fields.
    pub cron: String,
    /// An IANA name.
    pub timezone: String,
    /// How long it stays open.
    pub window_duration: Period,
}

/// Whether the switch to a successor waits for a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SwitchMode {
    /// It is made once the trust period is over.
    #[default]
    Auto,
    /// Then it waits for `--resume`.
    Hold,
}

/// What to do when an unclaimed certificate fits an unbound address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adopt {
    /// Stop and ask.
    #[default]
    Ask,
    /// Take over the one that fits.
    Matching,
    /// Leave it; create.
    Never,
}

/// What is declared for an account as a whole: what to adopt, and the policy as far as it is about
/// this account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSettings {
    /// What to do with certificates that exist already.
    pub adopt: Adopt,
    /// Its labels: a policy may speak of them.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// The limits of the policy.
    pub policy: PolicySettings,
}

/// The policy of a spec, as far as it is about one account; absent is no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the keys of `policy` in a spec")]
pub struct PolicySettings {
    pub max_deletes: Option<u32>,
    pub max_replaces: Option<u32>,
    pub max_in_use_switches: Option<u32>,
    pub max_validity_days: Option<ValidityDays>,
    pub min_validity_days: Option<ValidityDays>,
    pub require_renewal: bool,
    /// The protected addresses of this account.
    pub protected: BTreeSet<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_resort: Option<LastResort>,
    /// Who switches first; the last wave has everybody else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waves: Vec<Wave>,
}

/// Declared against accepted; what is accepted is absent where nothing was yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed<T> {
    /// What was accepted.
    pub before: Option<T>,
    /// What is declared.
    pub after: T,
}

impl Default for RotationSettings {
    fn default() -> Self {
        Self {
            renew_before: None,
            trust_period: Period::days(7),
            trust_evidence: None,
            retire_after: Period::days(7),
            switch: SwitchMode::Auto,
            windows: Vec::new(),
        }
    }
}

impl Settings {
    /// What differs in `after`, in the order of a spec.
    #[must_use]
    pub fn differences(&self, after: &Self) -> Vec<Difference> {
        let Self {
            custom,
            validity_period_days,
            activate,
            in_use,
            rotation,
            lifecycle,
        } = self;
        let mut found = Found::default();
        found.compare(
            field_of(custom, &after.custom),
            custom,
            &after.custom,
            false,
        );
        found.compare(
            "validity_period_days",
            validity_period_days,
            &after.validity_period_days,
            false,
        );
        found.compare("activate", activate, &after.activate, false);
        let dropped = *in_use == Some(true) && after.in_use != Some(true);
        found.compare("in_use", in_use, &after.in_use, dropped);
        rotation.compare(&after.rotation, &mut found);
        let Lifecycle {
            prevent_destroy,
            deletion_policy,
        } = lifecycle;
        let (was, is) = (prevent_destroy, &after.lifecycle.prevent_destroy);
        found.compare("lifecycle.prevent_destroy", was, is, *was && !*is);
        let (was, is) = (deletion_policy, &after.lifecycle.deletion_policy);
        found.compare(
            "lifecycle.deletion_policy",
            was,
            is,
            removes(*is) > removes(*was),
        );
        found.0
    }
}

impl Changed<Settings> {
    /// What differs; nothing where nothing was accepted before.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        let before = self.before.as_ref();
        before.map_or_else(Vec::new, |before| before.differences(&self.after))
    }
}

impl Changed<AccountSettings> {
    /// What differs; nothing where nothing was accepted before.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        let before = self.before.as_ref();
        before.map_or_else(Vec::new, |before| before.differences(&self.after))
    }
}

impl RotationSettings {
    fn compare(&self, after: &Self, found: &mut Found) {
        let Self {
            renew_before,
            trust_period,
            trust_evidence,
            retire_after,
            switch,
            windows,
        } = self;
        let later = after.renew_before < *renew_before;
        found.compare(
            "rotation.renew_before",
            renew_before,
            &after.renew_before,
            later,
        );
        let shorter = after.trust_period < *trust_period;
        found.compare(
            "rotation.trust_period",
            trust_period,
            &after.trust_period,
            shorter,
        );
        let is = &after.trust_evidence;
        let less = trust_evidence.is_some_and(|was| is.is_none_or(|is| is.is_weaker_than(&was)));
        found.compare("rotation.trust_evidence", trust_evidence, is, less);
        let shorter = after.retire_after < *retire_after;
        found.compare(
            "rotation.retire_after",
            retire_after,
            &after.retire_after,
            shorter,
        );
        let released = *switch == SwitchMode::Hold && after.switch != SwitchMode::Hold;
        found.compare("rotation.switch", switch, &after.switch, released);
        // Each window adds to the others: fewer of them are stricter, none at all are no limit.
        let more = || after.windows.iter().any(|window| !windows.contains(window));
        let opened = !windows.is_empty() && (after.windows.is_empty() || more());
        found.compare("rotation.windows", windows, &after.windows, opened);
    }
}

impl AccountSettings {
    /// What differs in `after`, in the order of a spec.
    #[must_use]
    pub fn differences(&self, after: &Self) -> Vec<Difference> {
        let Self {
            adopt,
            labels,
            policy,
        } = self;
        let mut found = Found::default();
        let no_question = *adopt == Adopt::Ask && after.adopt != Adopt::Ask;
        found.compare("adopt", adopt, &after.adopt, no_question);
        found.compare("labels", labels, &after.labels, false);
        policy.compare(&after.policy, &mut found);
        found.0
    }
}

impl PolicySettings {
    fn compare(&self, after: &Self, found: &mut Found) {
        let Self {
            max_deletes,
            max_replaces,
            max_in_use_switches,
            max_validity_days,
            min_validity_days,
            require_renewal,
            protected,
            last_resort,
            waves,
        } = self;
        for (field, was, is) in [
            ("policy.max_deletes", max_deletes, &after.max_deletes),
            ("policy.max_replaces", max_replaces, &after.max_replaces),
            (
                "policy.max_in_use_switches",
                max_in_use_switches,
                &after.max_in_use_switches,
            ),
        ] {
            found.compare(field, was, is, is_above(*was, *is));
        }
        let (was, is) = (max_validity_days, &after.max_validity_days);
        found.compare("policy.max_validity_days", was, is, is_above(*was, *is));
        let (was, is) = (min_validity_days, &after.min_validity_days);
        found.compare("policy.min_validity_days", was, is, is < was);
        let (was, is) = (require_renewal, &after.require_renewal);
        found.compare("policy.require_renewal", was, is, *was && !*is);
        let (was, is) = (protected, &after.protected);
        found.compare("policy.protected", was, is, !was.is_subset(is));
        let (was, is) = (last_resort, &after.last_resort);
        // Without it what Gateway uses expires in use; a longer one leaves devices less time.
        let longer = match (was, is) {
            (Some(LastResort::Before(was)), Some(LastResort::Before(is))) => is > was,
            _ => false,
        };
        let switched_off = *is == Some(LastResort::Never);
        found.compare("policy.last_resort", was, is, switched_off || longer);
        let (was, is) = (waves, &after.waves);
        found.compare("policy.waves", was, is, Wave::are_weaker(was, is));
    }
}

/// Where a spec says which custom certificate it is, before and after.
fn field_of(was: &Option<Custom>, is: &Option<Custom>) -> &'static str {
    match (was, is) {
        (Some(Custom::Own(_)), Some(Custom::Own(_)) | None) | (None, Some(Custom::Own(_))) => {
            "custom.certificate"
        }
        (Some(Custom::Id(_)), Some(Custom::Own(_)))
        | (Some(Custom::Own(_)), Some(Custom::Id(_))) => "custom",
        (Some(Custom::Id(_)) | None, Some(Custom::Id(_)) | None) => "custom.id",
    }
}

/// Whether an upper limit is raised or dropped.
fn is_above<T: PartialOrd + Copy>(was: Option<T>, is: Option<T>) -> bool {
    was.is_some_and(|was| is.is_none_or(|is| is > was))
}

/// How much of a certificate is left after its removal from the spec: less is more.
fn removes(policy: DeletionPolicy) -> u8 {
    match policy {
        DeletionPolicy::Retain => 0,
        DeletionPolicy::Deactivate => 1,
        DeletionPolicy::Delete => 2,
    }
}

impl Written for SwitchMode {
    fn written(&self) -> String {
        match self {
            Self::Auto => "auto",
            Self::Hold => "hold",
        }
        .to_owned()
    }
}

impl Written for Adopt {
    fn written(&self) -> String {
        match self {
            Self::Ask => "ask",
            Self::Matching => "matching",
            Self::Never => "never",
        }
        .to_owned()
    }
}

impl Written for WindowSettings {
    fn written(&self) -> String {
        format!(
            "{} {} for {}",
            self.cron, self.timezone, self.window_duration
        )
    }
}

impl Written for Vec<Wave> {
    fn written(&self) -> String {
        let all: Vec<String> = self.iter().map(ToString::to_string).collect();
        joined(all, "; ")
    }
}

impl Written for Vec<WindowSettings> {
    fn written(&self) -> String {
        let all: Vec<String> = self.iter().map(Written::written).collect();
        joined(all, "; ")
    }
}

#[cfg(test)]
mod tests;
