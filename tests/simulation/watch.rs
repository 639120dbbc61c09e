//! One account up to a moment, and what may happen to it next.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::Timestamp;
use certctl_sandbox::{Cause, Effect, Entry};
use jiff::SignedDuration;

use crate::devices::Device;
use crate::oracle::{Broken, broken};
use crate::reason::Switch;
use crate::record::{Record, Told};
use crate::timeline::{Account, Certificate};

/// The account up to a moment, and what may happen next.
pub(crate) struct Watch<'a> {
    pub(crate) record: &'a Record,
    pub(crate) told: &'a Told,
    pub(crate) account: Account,
    /// Creations of each label that nobody but its declarations and orders explains.
    spent: BTreeMap<u32, usize>,
    /// Certificates of each label that somebody else took away.
    taken: BTreeMap<u32, usize>,
    /// Certificates of each label that were made for an order, and that nobody can verify.
    botched: BTreeMap<u32, usize>,
    /// How long what is seen may be behind what is.
    pub(crate) blind: SignedDuration,
    /// How much too early a period may seem over.
    pub(crate) slack: SignedDuration,
    pub(crate) devices: Vec<Device>,
    /// The labels of which a certificate was made.
    pub(crate) made: BTreeSet<u32>,
    /// Each change of what Gateway uses.
    pub(crate) switches: Vec<Switch>,
    /// When somebody changed something by hand.
    pub(crate) hands: Vec<Timestamp>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(record: &'a Record, told: &'a Told) -> Self {
        let seconds = |seconds: f64| SignedDuration::from_secs(seconds as i64);
        Self {
            record,
            told,
            account: Account::default(),
            spent: BTreeMap::new(),
            taken: BTreeMap::new(),
            botched: BTreeMap::new(),
            blind: seconds(record.longest_lag + 90.0),
            slack: seconds(record.skew * 2.0 + 90.0),
            devices: Device::fleet(record.seed),
            made: BTreeSet::new(),
            switches: Vec::new(),
            hands: Vec::new(),
        }
    }

    pub(crate) fn judge(&mut self, entry: &Entry, effect: &Effect) -> Result<(), Broken> {
        let id = effect.certificate_id.clone().unwrap_or_default();
        let by_hand = entry.cause == Cause::Control;
        match (
            effect.effect.as_str(),
            effect.from.as_deref(),
            effect.to.as_deref(),
        ) {
            ("created", _, _) => {
                self.was_accepted(entry, effect)?;
                self.may_be_made(entry, effect)?;
                self.made.insert(label(effect));
                self.may_create(effect)?;
                if entry.fault.as_deref() == Some("odd_certificate") && self.is_ordered(effect.at) {
                    *self.botched.entry(label(effect)).or_default() += 1;
                }
                Ok(())
            }
            ("deleted", _, _) if by_hand => {
                if let Some(taken) = self.account.certificates.get(&id) {
                    *self.taken.entry(taken.days).or_default() += 1;
                }
                Ok(())
            }
            _ if by_hand || entry.cause == Cause::Time && effect.effect != "in_use" => Ok(()),
            ("deleted", _, _) => {
                self.is_ours(&id, effect)?;
                self.may_be_touched(&id, true, true, effect.at)
            }
            ("status", from, to) => {
                self.is_ours(&id, effect)?;
                let takes_away = to == Some("pending_deletion");
                self.may_be_touched(&id, false, takes_away, effect.at)?;
                if from == Some("available") && to == Some("pending_deletion") {
                    self.may_go(&id, effect.at)?;
                }
                Ok(())
            }
            ("in_use", _, to) => {
                self.may_be_touched(to.unwrap_or_default(), false, false, effect.at)?;
                self.may_switch(to, effect.at)
            }
            ("interception", _, Some("expired")) => {
                self.in_silence(effect.at)?;
                self.in_vain(effect.at)
            }
            _ => Ok(()),
        }
    }

    /// Takes over a change that was judged.
    pub(crate) fn see(&mut self, entry: &Entry, effect: &Effect) {
        let by_hand = entry.cause != Cause::Request || entry.fault.is_some();
        if entry.cause == Cause::Control {
            self.hands.push(effect.at);
        }
        if effect.effect == "in_use"
            && let Some(to) = &effect.to
        {
            let next = self.account.certificates.get(to).filter(|_| !by_hand);
            let why = next.and_then(|next| self.reason(self.account.used(), next, effect.at));
            self.switches.push(Switch {
                at: effect.at,
                from: self.account.in_use.clone(),
                to: to.clone(),
                by_hand,
                why,
            });
        }
        self.account.see(entry, effect);
    }

    /// Whether a hand, or an old state, changed what holds since a moment.
    pub(crate) fn is_disturbed_since(&self, at: Timestamp) -> bool {
        let mut disturbances = self.hands.iter().chain(&self.told.states_came_back);
        disturbances.any(|disturbed| *disturbed >= at)
    }

    /// Law 3.
    fn is_ours(&self, id: &str, effect: &Effect) -> Result<&Certificate, Broken> {
        match self.account.certificates.get(id) {
            Some(certificate) if certificate.ours => Ok(certificate),
            _ => broken("we touch only what is ours", format!("{effect:?}")),
        }
    }

    /// Law 1: every creation is explained by a declaration, an order, a renewal, or what somebody took
    /// away.
    fn may_create(&mut self, effect: &Effect) -> Result<(), Broken> {
        let label = label(effect);
        let declared = self.declarations(label, effect.at);
        if declared == 0 {
            return broken(
                "one intent, one certificate",
                format!("nobody declared {effect:?}"),
            );
        }
        let edge = effect
            .at
            .checked_add(self.earliest_renewal(effect.at) + self.slack)
            .unwrap_or(Timestamp::MAX);
        let lives =
            |c: &&Certificate| c.ours && c.days.abs_diff(label) <= 1 && c.expires_on() > edge;
        let Some(there) = self.account.certificates.values().find(lives) else {
            return Ok(());
        };
        let allowed = declared - 1
            + self.taken.get(&label).copied().unwrap_or_default()
            + self.botched.get(&label).copied().unwrap_or_default()
            + self.orders(effect.at);
        let spent = self.spent.entry(label).or_default();
        *spent += 1;
        if *spent > allowed {
            let how = format!(
                "{effect:?}, though one of {} was there until {}",
                there.created_at,
                there.expires_on(),
            );
            return broken("one intent, one certificate", how);
        }
        Ok(())
    }

    /// Law 2: what goes is not in use, has had its retire period, and leaves nothing unsound behind.
    fn may_go(&self, id: &str, at: Timestamp) -> Result<(), Broken> {
        let law = "interception never breaks by our hand";
        if self.account.in_use.as_deref() == Some(id) {
            return broken(law, format!("{id} was deactivated while in use, at {at}"));
        }
        let Some(going) = self.account.certificates.get(id) else {
            return Ok(());
        };
        let emergency = self.is_emergency(at);
        let retire = self.accepted_hours(at, |periods| periods.retire_hours);
        if let Some(until) = going.used_until
            && at.duration_since(until) + self.slack < retire
            && !emergency
        {
            return broken(
                law,
                format!("{id} was in use until {until}, and deactivated at {at}"),
            );
        }
        if let Some(used) = self.account.used()
            && !used.is_sound(at)
            && going.is_sound(at)
            && at.duration_since(used.sound_or_not_since(at)) > self.blind
            && self.settled(at)
        {
            let how = format!(
                "{id}, which was sound, was deactivated at {at}, while {used:?} was in use"
            );
            return broken(law, how);
        }
        Ok(())
    }

    /// Whether what Gateway uses has been the same for so long that everybody can have seen it.
    pub(crate) fn settled(&self, at: Timestamp) -> bool {
        let since = self.account.in_use_since;
        since.is_none_or(|since| at.duration_since(since) > self.blind)
    }
}

/// For which declaration a certificate was made.
pub(crate) fn label(effect: &Effect) -> u32 {
    (effect.days.unwrap_or_default() + 1) / 10 * 10
}
