//! When each step of a change is done, in words.
//!
//! A plan says which steps are due, and until when the first one of a lane waits; what follows within
//! a lane follows from what it does.

use std::collections::BTreeMap;

use certctl_model::{Name, Period, Reason, Timestamp};

use certctl_plan::{AccountPlan, Action, BlastRadius, Change, Plan, Step, WaitFor};

/// A plan, with what is looked up again and again.
#[derive(Debug, Clone)]
pub(crate) struct View<'a> {
    pub(crate) plan: &'a Plan,
    accounts: BTreeMap<&'a Name, &'a AccountPlan>,
}

/// When a step is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum When {
    /// With the next apply.
    Now,
    /// Not before this instant.
    From(Timestamp),
    /// After something else; a phrase.
    Then(String),
}

impl<'a> View<'a> {
    pub(crate) fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            accounts: plan.accounts.iter().map(|a| (&a.name, a)).collect(),
        }
    }

    /// The account of a change.
    pub(crate) fn account(&self, change: &Change) -> Option<&'a AccountPlan> {
        self.accounts.get(&change.address.account).copied()
    }

    /// Whether a step of this change is due.
    pub(crate) fn is_due(&self, change: &Change) -> bool {
        (0..change.steps.len()).any(|n| self.when(change, n) == When::Now)
    }

    /// When the step is done that stands at this place of the change.
    pub(crate) fn when(&self, change: &Change, n: usize) -> When {
        let Some(step) = change.steps.get(n) else {
            return When::Now;
        };
        if step.due {
            return When::Now;
        }
        let at = step.not_before;
        if let Some(at) = at.filter(|_| !self.waits_for_unknown(change, step.waits_for)) {
            return When::From(at);
        }
        let trusted = step.action() == Action::SetInUse && self.is_trusted_first(change);
        When::Then(match step.waits_for {
            None | Some(WaitFor::Deploying | WaitFor::TrustPeriod) if trusted => {
                let trust = period(change, |after| after.trust_period);
                format!("once available for {trust}{}", confined(change))
            }
            None => self.following(change, n, step),
            Some(why) => once(why, step.action()).to_owned(),
        })
    }

    /// Whether it waits for the accounts of an earlier wave, of which nobody knows when they are done. What
    /// is known is by when the wave gives way: it may well open before.
    pub(crate) fn waits_for_unknown(&self, change: &Change, why: Option<WaitFor>) -> bool {
        let account = self.account(change);
        let gate = account.and_then(|account| account.wave.as_ref()?.waits_for.as_ref());
        why == Some(WaitFor::Wave) && gate.is_some_and(|gate| gate.until.is_none())
    }

    /// What a step waits for because of those before it.
    fn following(&self, change: &Change, n: usize, step: &Step) -> String {
        let earlier = change.steps.get(..n).unwrap_or_default();
        let did = |action| earlier.iter().any(|step: &Step| step.action() == action);
        let previous = earlier.last();
        let same = previous.is_some_and(|p| p.certificate_id() == step.certificate_id());
        match step.action() {
            Action::SetInUse if previous.is_some_and(|p| p.action() == Action::Activate) => {
                "once available".to_owned()
            }
            Action::Deactivate | Action::Delete if !same => {
                let retire = period(change, |after| after.retire_after);
                if did(Action::SetInUse) && retire == Period::ZERO.to_string() {
                    "after the switch".to_owned()
                } else if did(Action::SetInUse) {
                    format!("{retire} after the switch")
                } else if did(Action::Create) || did(Action::Upload) || did(Action::Activate) {
                    format!("{retire} after the new one is available")
                } else {
                    "later".to_owned()
                }
            }
            _ => "then".to_owned(),
        }
    }

    /// Whether devices get the trust period before this change sets something in use: not where nothing
    /// that is still good is in use, nor where what is has a compromised key.
    pub(crate) fn is_trusted_first(&self, change: &Change) -> bool {
        let after = change.after.as_ref();
        let trust = after.and_then(|after| after.trust_period);
        if trust == Some(Period::ZERO) {
            return false;
        }
        let does = |action| change.steps.iter().any(|step| step.action() == action);
        if !does(Action::Create) && !does(Action::Upload) {
            let account = self.account(change);
            return account.is_some_and(|account| account.in_use_before.is_some());
        }
        match change.blast_radius {
            BlastRadius::Everybody => false,
            BlastRadius::UnsyncedDevices => true,
            // Also of a CA that devices trust already, by its root.
            BlastRadius::Nobody if does(Action::Upload) => false,
            // Nobody notices where TLS decryption is off, and the period is waited for all the same.
            BlastRadius::Nobody => {
                change.reason.code != Reason::Compromised && self.uses_something_good(change)
            }
        }
    }

    /// Whether Gateway uses something that has not expired, as far as this change shows it.
    fn uses_something_good(&self, change: &Change) -> bool {
        let account = self.account(change);
        let used = account.is_some_and(|account| account.in_use_before.is_some());
        let mut held = change.certificates.iter();
        let expired = held.any(|held| {
            let expires_on = held.expires_on.filter(|_| held.in_use);
            expires_on.is_some_and(|at| at <= self.plan.planned_at)
        });
        used && !expired
    }
}

fn once(why: WaitFor, action: Action) -> &'static str {
    match why {
        WaitFor::TrustPeriod if action == Action::SetInUse => "after its trust period",
        WaitFor::TrustPeriod => "once Gateway uses another",
        WaitFor::Evidence => "once enough devices were seen",
        WaitFor::RetireAfter => "after its retire period",
        WaitFor::Deploying => "once Cloudflare's edge is ready",
        WaitFor::CreationQuota => "once it may be created",
        WaitFor::AvailableCap => "once one of ten slots is free",
        WaitFor::Settling => "once that is certain",
        WaitFor::Window => "in the maintenance window",
        WaitFor::Hold => "once another is declared `in_use`",
        WaitFor::Paused => "once `--resume` was given",
        WaitFor::Unattended => "in a run that somebody approved",
        WaitFor::PolicyLimit => "in another run, by the policy's limit",
        WaitFor::Wave => "once the earlier waves are switched",
        WaitFor::StaleState => "once somebody says whose a younger certificate is",
    }
}

fn period(change: &Change, of: impl Fn(&certctl_plan::Attributes) -> Option<Period>) -> String {
    change
        .after
        .as_ref()
        .and_then(of)
        .map_or_else(|| "its period".to_owned(), |period| period.to_string())
}

/// What else a switch waits for, once its trust period is over.
pub(crate) fn confined(change: &Change) -> String {
    let after = change.after.as_ref();
    let evidence = after.and_then(|after| after.trust_evidence);
    let seen = evidence.map(|evidence| format!(", and {} of the devices were seen", evidence.seen));
    let held = after.is_some_and(|after| after.switch.is_some());
    let else_waits = match (held, after.is_some_and(|after| !after.windows.is_empty())) {
        (true, _) => ", and `--resume` was given",
        (false, true) => ", within a window",
        (false, false) => "",
    };
    seen.unwrap_or_default() + else_waits
}

/// Whether somebody could notice it, or it removes something or moves what Gateway uses.
pub(crate) fn is_dangerous(change: &Change) -> bool {
    change.blast_radius != BlastRadius::Nobody
        || change.steps.iter().any(|step| {
            matches!(
                step.action(),
                Action::SetInUse | Action::Deactivate | Action::Delete
            )
        })
}

#[cfg(test)]
mod tests {
    use certctl_plan::{AccountWave, Because, WaveGate};

    use super::*;
    use crate::fixture;

    fn said(plan: &Plan) -> Vec<String> {
        let view = View::new(plan);
        let change = plan.changes.first().unwrap();
        (0..change.steps.len())
            .map(|n| {
                let step = &change.steps[n];
                let when = match view.when(change, n) {
                    When::Now => "now".to_owned(),
                    When::From(at) => at.to_string(),
                    When::Then(phrase) => phrase,
                };
                format!("{} {}: {when}", step.action().as_str(), change.object(step))
            })
            .collect()
    }

    #[test]
    fn a_rotation_from_its_start() {
        let expected = [
            "create a certificate of 365 days: now",
            "activate the new certificate: then",
            "set_in_use the new certificate: once available for 7d",
            "deactivate f174e90a-fafe-4643-bbbc-4a0ed4fc8415: 7d after the switch",
            "delete f174e90a-fafe-4643-bbbc-4a0ed4fc8415: then",
        ];
        let plan = fixture::plan(vec![fixture::replace_in_use()]);
        assert_eq!(said(&plan), expected);
    }

    #[test]
    fn a_rotation_that_waits() {
        let plan = fixture::plan(vec![fixture::waits_for_trust()]);
        assert_eq!(
            said(&plan),
            [
                "set_in_use 0b5b7f06-4b6d-4b5c-9c39-6d54f5b6a0aa: 2026-11-30T10:00:00Z",
                "deactivate f174e90a-fafe-4643-bbbc-4a0ed4fc8415: 7d after the switch",
                "delete f174e90a-fafe-4643-bbbc-4a0ed4fc8415: then",
            ]
        );
    }

    #[test]
    fn a_trust_period_is_told_also_where_nobody_notices_its_end() {
        let of = |change| said(&fixture::plan(vec![change])).remove(2);
        let unnoticed = || Change {
            blast_radius: BlastRadius::Nobody,
            ..fixture::replace_in_use()
        };
        let trusted = "set_in_use the new certificate: once available for 7d";
        assert_eq!(of(unnoticed()), trusted);

        let at_once = "set_in_use the new certificate: once available";
        let mut expired = unnoticed();
        expired.certificates[0].expires_on = Some(fixture::at("2026-11-23T00:00:00Z"));
        assert_eq!(of(expired), at_once);
        let mut compromised = unnoticed();
        compromised.reason.code = Reason::Compromised;
        assert_eq!(of(compromised.clone()), at_once);
        compromised.blast_radius = BlastRadius::Everybody;
        assert_eq!(of(compromised), at_once);
    }

    #[test]
    fn nobody_knows_when_an_earlier_wave_is_done() {
        let mut waits = fixture::waits_for_trust();
        waits.steps[0].waits_for = Some(WaitFor::Wave);
        let mut plan = fixture::plan(vec![waits]);
        let gate = |until| WaveGate {
            wave: 1,
            account: "lab".parse().unwrap(),
            because: Because::NotSwitched,
            since: None,
            until,
        };
        let (number, of) = (2, 2);
        let mut of_gate = |gate| {
            plan.accounts[0].wave = Some(AccountWave {
                number,
                of,
                waits_for: Some(gate),
            });
            said(&plan).remove(0)
        };
        assert!(of_gate(gate(None)).ends_with(": once the earlier waves are switched"));
        let baked = Some(fixture::at("2026-11-30T10:00:00Z"));
        assert!(of_gate(gate(baked)).ends_with(": 2026-11-30T10:00:00Z"));
    }

    #[test]
    fn the_first_certificate_needs_no_trust_period() {
        let plan = fixture::plan(vec![fixture::create("acme/inspection")]);
        assert_eq!(
            said(&plan),
            [
                "create a certificate of 1825 days: now",
                "activate the new certificate: then",
                "set_in_use the new certificate: once available",
            ]
        );
    }
}
