//! Declared against accepted (law 10): the only place in which the two are compared.
//!
//! *Purpose*: a run that was approved plans with what is declared, and takes it up: its first step
//! notes it. A run to which nobody said yes (`--only rotation`, or one that merely waits) plans with
//! what was taken up last. To it, [`effective`] gives an account made of that, and everything after
//! plans with it and never sees the difference.
//!
//! *Invariants*: what was not accepted is in the effective account only where nothing is done about it
//! (an address that nobody applied yet); an address that was accepted and is no longer declared is
//! still in it, until its removal is accepted too.

use std::collections::BTreeSet;

use certctl_model::{
    AccountState, Aim, BindingStatus, Code, Diagnostic, Difference, Entry, InUse, Name, Observed,
    RemoteCertificate, Role, Settings, ValidityDays,
};
use certctl_plan::{AccountInput, Options};
use certctl_spec::{Account, Certificate, Import, Policy, Rotation};

use crate::certificate::issued_days;

/// What a run without approval works with, and what it leaves to one with.
pub(crate) struct Effective {
    pub(crate) account: Account,
    pub(crate) policy: Policy,
    pub(crate) reports: Vec<Diagnostic>,
}

/// The account as it was accepted; `None` where this run takes up what is declared.
pub(crate) fn effective(
    input: &AccountInput<'_>,
    observed: &Observed,
    options: &Options,
) -> Option<Effective> {
    if !options.is_unattended() {
        return None;
    }
    let nothing = AccountState::default();
    let state = input.state.unwrap_or(&nothing);
    let mut made = Effective {
        account: Account {
            certificates: Vec::new(),
            ..input.account.clone()
        },
        policy: input.policy.clone(),
        reports: Vec::new(),
    };
    if let Some(settings) = &state.settings {
        let declared = input.account.settings(input.policy);
        made.report_account(&settings.differences(&declared));
        made.account.adopt = settings.adopt;
        made.account.labels.clone_from(&settings.labels);
        made.policy = made
            .policy
            .with_settings(&input.account.name, &settings.policy);
    }
    for declared in &input.account.certificates {
        made.take(state, observed, declared);
    }
    made.keep_undeclared(state, input.account);
    made.one_in_use(state);
    made.account
        .certificates
        .sort_by(|a, b| a.name.cmp(&b.name));
    Some(made)
}

impl Effective {
    fn take(&mut self, state: &AccountState, observed: &Observed, declared: &Certificate) {
        let entry = state.certificates.get(&declared.name);
        let renamed = declared
            .moved_from
            .as_ref()
            .filter(|from| entry.is_none() && state.certificates.contains_key(*from));
        if let Some(from) = renamed {
            let what = format!("that {from} is renamed to {}", declared.name);
            self.report(declared, Code::NotRotation, &what);
            return;
        }
        let Some(entry) = entry else {
            // Nobody applied it yet: nothing is done about it, so that nothing of it counts.
            self.account.certificates.push(Certificate {
                in_use: None,
                ..declared.clone()
            });
            return;
        };
        let settings = match &entry.settings {
            Some(settings) => {
                let found = settings.differences(&declared.settings());
                if !found.is_empty() {
                    self.report(declared, Code::NotRotation, &listed(&found));
                }
                settings.clone()
            }
            None => {
                self.report_never_accepted(declared);
                as_last_asked(state, entry, observed, declared)
            }
        };
        // Which certificate it is, is said once; here it answers a create of unknown outcome.
        let open = state.open_create().is_some();
        let import = declared.import.clone().filter(|_| open);
        self.account.certificates.push(Certificate {
            import: import.filter(|import| matches!(import, Import::Id(_))),
            moved_from: None,
            ..declared.with_settings(&settings)
        });
    }

    /// An address that the spec names no longer is as it was, until that is accepted.
    fn keep_undeclared(&mut self, state: &AccountState, account: &Account) {
        for (name, entry) in &state.certificates {
            let Some(settings) = entry.settings.as_ref().filter(|_| !entry.removed) else {
                continue;
            };
            if account.certificate(name).is_some() {
                continue;
            }
            let kept = undeclared(account, name).with_settings(settings);
            let certificates = &account.certificates;
            if !certificates
                .iter()
                .any(|c| c.moved_from.as_ref() == Some(name))
            {
                self.report(&kept, Code::NotRotation, "that it is no longer declared");
            }
            self.account.certificates.push(kept);
        }
    }

    /// Addresses are accepted one by one, so that two may have been accepted in use, one after the
    /// other: the later one counts, whose certificate was set in use last.
    fn one_in_use(&mut self, state: &AccountState) {
        let last = state
            .in_use
            .as_ref()
            .and_then(|record| state.binding(&record.id));
        let last = last.map(|(name, _)| name.clone());
        let claims = |c: &&mut Certificate| c.in_use == Some(true);
        let names: BTreeSet<Name> = self
            .account
            .certificates
            .iter_mut()
            .filter(claims)
            .map(|c| c.name.clone())
            .collect();
        let keeps = last
            .filter(|last| names.contains(last))
            .or_else(|| names.first().cloned());
        let others = self.account.certificates.iter_mut().filter(claims);
        for other in others.filter(|c| Some(&c.name) != keeps.as_ref()) {
            other.in_use = None;
        }
    }

    fn report(&mut self, declared: &Certificate, code: Code, what: &str) {
        let message = format!("declared and not accepted yet, so not done by this run: {what}");
        let diagnostic = Diagnostic::warning(code, message)
            .hint(ACCEPT)
            .at(Some(declared.place.clone()))
            .address(&self.account.address(&declared.name));
        self.reports.push(diagnostic);
    }

    fn report_account(&mut self, found: &[Difference]) {
        if found.is_empty() {
            return;
        }
        let what = listed(found);
        let message = format!("declared and not accepted yet, so not done by this run: {what}");
        let diagnostic = Diagnostic::warning(Code::NotRotation, message)
            .hint(ACCEPT)
            .at(Some(self.account.place.clone()))
            .account(&self.account.name);
        self.reports.push(diagnostic);
    }

    fn report_never_accepted(&mut self, declared: &Certificate) {
        let message = "the state does not say what was accepted for it (an older certctl wrote it): \
                       it is renewed as it is, with the longer of the periods";
        let diagnostic = Diagnostic::warning(Code::NotAccepted, message)
            .hint("review `certctl plan` and run `certctl apply` once")
            .at(Some(declared.place.clone()))
            .address(&self.account.address(&declared.name));
        self.reports.push(diagnostic);
    }
}

const ACCEPT: &str = "`certctl plan` shows it; `certctl apply` accepts it";

/// The fields that differ, as one line.
pub(crate) fn listed(found: &[Difference]) -> String {
    let all: Vec<String> = found.iter().map(ToString::to_string).collect();
    all.join(", ")
}

/// A certificate of which the spec says nothing any more.
fn undeclared(account: &Account, name: &Name) -> Certificate {
    Certificate {
        name: name.clone(),
        validity_period_days: None,
        activate: None,
        in_use: None,
        rotation: Rotation::default(),
        lifecycle: certctl_model::Lifecycle::default(),
        import: None,
        custom: None,
        own: None,
        moved_from: None,
        place: account.place.clone(),
        import_place: account.place.clone(),
        custom_place: account.place.clone(),
        moved_from_place: account.place.clone(),
    }
}

/// Where the state does not say what was accepted: as it is, renewed as it is declared to be, with
/// the longer of all periods that are known.
fn as_last_asked(
    state: &AccountState,
    entry: &Entry,
    observed: &Observed,
    declared: &Certificate,
) -> Settings {
    let current = entry
        .with_role(Role::Current)
        .or_else(|| entry.with_role(Role::Successor));
    let remote = current.and_then(|binding| observed.certificate(&binding.id));
    let days = current.and_then(|binding| binding.days);
    let days: Option<ValidityDays> = days.or_else(|| issued_days(remote?));
    let is_off = |remote: &RemoteCertificate| {
        matches!(
            remote.binding_status,
            BindingStatus::Inactive | BindingStatus::PendingDeletion
        )
    };
    let off = declared.activate == Some(false) && remote.is_some_and(is_off);
    let activate = match entry.aim {
        Some(Aim::Activate | Aim::SetInUse) => Some(true),
        Some(Aim::Deactivate) => Some(false),
        Some(Aim::Delete) | None => off.then_some(false),
    };
    let set_last = state.in_use.as_ref().map(|record| &record.id);
    let used = match observed.in_use() {
        InUse::Certificate(id) => Some(id),
        InUse::Nothing | InUse::Disputed { .. } => set_last.cloned(),
    };
    let is_used = |id| {
        entry
            .bindings
            .iter()
            .any(|b| b.role != Role::Retiring && b.id == id)
    };
    let in_use = entry.aim == Some(Aim::SetInUse) || used.is_some_and(is_used);
    let settings = declared.settings();
    let mut rotation = settings.rotation;
    let usual = Rotation::default();
    rotation.trust_period = rotation.trust_period.max(usual.trust_period);
    rotation.retire_after = rotation.retire_after.max(usual.retire_after);
    rotation.retire_after = entry
        .retire_after
        .max(Some(rotation.retire_after))
        .unwrap_or(usual.retire_after);
    Settings {
        custom: None,
        validity_period_days: days,
        activate: if in_use { Some(true) } else { activate },
        in_use: in_use.then_some(true),
        rotation,
        lifecycle: entry.lifecycle,
    }
}
