//! The laws, as predicates over what the server's own journal says happened. It asks neither a plan nor
//! a report nor the state what is true.

use std::collections::BTreeMap;
use std::fmt;

use certctl_model::Timestamp;
use certctl_sandbox::{Cause, Effect, Entry};
use jiff::SignedDuration;

use crate::declared::{Declared, Periods, WINDOW_HOURS};
use crate::devices::Device;
use crate::history::How;
use crate::record::{Ran, Record};
use crate::runner::Ended;
use crate::timeline::{Account, Certificate};
use crate::wire::MOST_REQUESTS;

/// What was broken: which law, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) law: &'static str,
    pub(crate) how: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.law, self.how)
    }
}

fn broken<T>(law: &'static str, how: String) -> Result<T, Broken> {
    Err(Broken { law, how })
}

/// Holds a history against the laws.
///
/// # Errors
/// The first that was broken.
pub(crate) fn judge(record: &Record) -> Result<(), Broken> {
    for run in &record.runs {
        ends(run)?;
        only_reads(run)?;
    }
    let mut watch = Watch::new(record);
    for entry in &record.journal {
        for effect in &entry.effects {
            watch.judge(entry, effect)?;
            watch.account.see(entry, effect);
        }
    }
    settles(record)
}

/// Law 13.
fn ends(run: &Ran) -> Result<(), Broken> {
    if run.requests >= MOST_REQUESTS {
        let sent = run.requests;
        return broken(
            "every run ends",
            format!("the run at {} sent {sent} requests", run.from),
        );
    }
    match run.ended {
        Ended::Endless => broken(
            "every run ends",
            format!("the run at {} never ended", run.from),
        ),
        _ => Ok(()),
    }
}

/// Law 5.
fn only_reads(run: &Ran) -> Result<(), Broken> {
    if run.how == How::Plan && run.writes + run.saves > 0 {
        let what = format!("{} writes, {} saves at {}", run.writes, run.saves, run.from);
        return broken("plan only reads", what);
    }
    Ok(())
}

/// After a quiet time, exactly what is declared.
fn settles(record: &Record) -> Result<(), Broken> {
    let Some(difference) = record.last_difference.as_ref() else {
        return Ok(());
    };
    let last = record.runs.last();
    let said = last.map(|run| run.ended.to_string()).unwrap_or_default();
    broken(
        "in the end it is as declared",
        format!("{difference}; the last run: {said}"),
    )
}

/// The account up to a moment, and what may happen next.
struct Watch<'a> {
    record: &'a Record,
    account: Account,
    /// Creations of each label that nobody but its declarations and orders explains.
    spent: BTreeMap<u32, usize>,
    /// Certificates of each label that somebody else took away.
    taken: BTreeMap<u32, usize>,
    /// How long what is seen may be behind what is.
    blind: SignedDuration,
    /// How much too early a period may seem over.
    slack: SignedDuration,
    devices: Vec<Device>,
}

impl<'a> Watch<'a> {
    fn new(record: &'a Record) -> Self {
        let seconds = |seconds: f64| SignedDuration::from_secs(seconds as i64);
        Self {
            record,
            account: Account::default(),
            spent: BTreeMap::new(),
            taken: BTreeMap::new(),
            blind: seconds(record.longest_lag + 90.0),
            slack: seconds(record.skew * 2.0 + 90.0),
            devices: Device::fleet(record.seed),
        }
    }

    fn judge(&mut self, entry: &Entry, effect: &Effect) -> Result<(), Broken> {
        let id = effect.certificate_id.clone().unwrap_or_default();
        let by_hand = entry.cause == Cause::Control;
        match (
            effect.effect.as_str(),
            effect.from.as_deref(),
            effect.to.as_deref(),
        ) {
            ("created", _, _) => {
                self.was_accepted(entry, effect)?;
                self.may_create(effect)
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
                Ok(())
            }
            ("status", from, to) => {
                self.is_ours(&id, effect)?;
                if from == Some("available") && to == Some("pending_deletion") {
                    self.may_go(&id, effect.at)?;
                }
                Ok(())
            }
            ("in_use", _, to) => self.may_switch(to, effect.at),
            ("interception", _, Some("expired")) => self.in_silence(effect.at),
            _ => Ok(()),
        }
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

    /// Law 10: a run that nobody approved makes nothing that nobody accepted.
    fn was_accepted(&self, entry: &Entry, effect: &Effect) -> Result<(), Broken> {
        let during = |run: &&Ran| run.from <= effect.at && effect.at <= run.to;
        let mut running = self.record.runs.iter().filter(during).peekable();
        let unattended = running.peek().is_some() && running.all(|run| !run.how.approves());
        if !unattended || entry.cause != Cause::Request {
            return Ok(());
        }
        let label = label(effect);
        let of = |declared: &Declared| declared.certificates.values().any(|c| c.days == label);
        let since = self
            .record
            .declared
            .iter()
            .find(|(_, declared)| of(declared));
        let approved = self.record.runs.iter().filter(|run| run.how.approves());
        let accepted =
            |run: &Ran| run.from <= effect.at && since.is_some_and(|(since, _)| *since <= run.from);
        if approved.into_iter().any(accepted) {
            return Ok(());
        }
        broken(
            "what was accepted is what is done",
            format!("nobody approved {effect:?}"),
        )
    }

    /// Law 10: the shortest period that somebody may have accepted by then.
    fn accepted_hours(&self, at: Timestamp, of: fn(Periods) -> u32) -> SignedDuration {
        let hours = self.accepted(at).map(of).min();
        SignedDuration::from_hours(hours.unwrap_or_default().into())
    }

    /// Law 10: what somebody may have accepted by then. The last run that was approved and went well
    /// accepted what was declared when it began; those after it perhaps did. What was accepted before an
    /// old state came back may be forgotten by it.
    fn accepted(&self, at: Timestamp) -> impl Iterator<Item = Periods> {
        let runs = self.record.runs.iter().filter(|run| run.how.approves());
        let runs: Vec<&Ran> = runs.filter(|run| run.from <= at).collect();
        let went_well =
            |run: &&&Ran| run.to <= at && matches!(run.ended, Ended::By { success: true, .. });
        let known = |run: &&&Ran| {
            let mut came_back = self.record.states_came_back.iter();
            !came_back.any(|came_back| run.from <= *came_back && *came_back <= at)
        };
        let certain = runs.iter().filter(went_well).filter(known);
        let certain = certain.map(|run| run.from).max();
        let later = runs
            .into_iter()
            .filter(move |run| certain.is_none_or(|certain| run.to >= certain));
        later.filter_map(|run| {
            let before = self.record.declared.get(..run.declarations)?;
            let (_, declared) = before.last()?;
            Some(declared.periods(self.record.periods))
        })
    }

    /// How long before its expiry a certificate may be renewed, by what was ever declared until then.
    fn earliest_renewal(&self, at: Timestamp) -> SignedDuration {
        let declared = self
            .record
            .declared
            .iter()
            .filter(|(since, _)| *since <= at);
        let days = declared.map(|(_, declared)| declared.periods(self.record.periods));
        let days = days.map(|periods| periods.renew_before_days).max();
        SignedDuration::from_hours(24 * i64::from(days.unwrap_or_default()))
    }

    /// How often a label was declared anew until then.
    fn declarations(&self, label: u32, at: Timestamp) -> usize {
        let mut count = 0;
        let mut before = false;
        for (_, declared) in self
            .record
            .declared
            .iter()
            .filter(|(since, _)| *since <= at)
        {
            let now = declared.certificates.values().any(|c| c.days == label);
            count += usize::from(now && !before);
            before = now;
        }
        count
    }

    /// How many certificates people have asked for beside the spec, until then.
    fn orders(&self, at: Timestamp) -> usize {
        let orders = self.record.runs.iter().filter(|run| run.from <= at);
        orders
            .filter(|run| matches!(run.how, How::Replace(_) | How::Compromised(_)))
            .count()
    }

    /// Whether somebody has said that a key is not to be trusted, until then.
    fn is_emergency(&self, at: Timestamp) -> bool {
        let runs = self.record.runs.iter().filter(|run| run.from <= at);
        runs.into_iter()
            .any(|run| matches!(run.how, How::Compromised(_)))
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

    /// Law 2: what comes into use is sound, and devices had the time to fetch it.
    fn may_switch(&self, to: Option<&str>, at: Timestamp) -> Result<(), Broken> {
        let law = "interception never breaks by our hand";
        let to_id = to.unwrap_or_default();
        let Some(next) = self.account.certificates.get(to_id) else {
            return broken(law, format!("nothing was set in use at {at}"));
        };
        if !next.ours {
            return broken(
                "we touch only what is ours",
                format!("{next:?} was set in use at {at}"),
            );
        }
        if !next.is_available() || at >= next.expires_on() {
            return broken(law, format!("{next:?} was set in use at {at}"));
        }
        let Some(used) = self.account.used().filter(|used| used.is_sound(at)) else {
            return Ok(());
        };
        let seen = at.duration_since(used.since) > self.blind && self.settled(at);
        if !seen || self.is_emergency(at) || self.is_last_resort(used, at) {
            return Ok(());
        }
        let trust = self.accepted_hours(at, |periods| periods.trust_hours) - self.slack;
        let from = self.account.in_use.clone().unwrap_or_default();
        let since = self.seen_available_since(next);
        for device in &self.devices {
            let behind = device.is_left_behind(&self.account, &from, to_id, at, trust);
            if let Some(synced) = behind.filter(|synced| *synced < since) {
                let how = format!(
                    "{next:?} was set in use at {at}, in place of {used:?}: {device:?} synced at {synced}"
                );
                return broken("no device that was there is left behind", how);
            }
        }
        // Whoever follows what is in use follows what was there before it: somebody may order to go back.
        let followed = since <= used.since && self.goes_back(at);
        if at.duration_since(since) < trust && !followed {
            let how = format!("{next:?} was set in use at {at}, in place of {used:?}");
            return broken(law, how);
        }
        self.in_its_window(used, at)
    }

    /// Since when a certificate has been available as far as any run could see. A gap in which none began
    /// to read is nobody's knowledge.
    fn seen_available_since(&self, certificate: &Certificate) -> Timestamp {
        let lag = SignedDuration::from_secs(self.record.longest_lag as i64);
        let mut since = certificate.since;
        for (from, until) in certificate.availability.iter().rev().skip(1) {
            let Some(until) = until else { break };
            let begins_in_gap =
                |run: &Ran| run.from.duration_since(*until) > lag && run.from < since;
            if self.record.runs.iter().any(begins_in_gap) {
                break;
            }
            since = *from;
        }
        since
    }

    /// Whether what is in use is so near to its expiry that nobody waits for devices any more: two days, or
    /// a tenth of its validity.
    fn is_last_resort(&self, used: &Certificate, at: Timestamp) -> bool {
        let tenth = SignedDuration::from_hours(24 * i64::from(used.days)) / 10;
        let resort = SignedDuration::from_hours(48).min(tenth);
        used.expires_on().duration_since(at) <= resort + self.slack
    }

    /// A switch waits for its window, as long as what is in use lasts.
    fn in_its_window(&self, used: &Certificate, at: Timestamp) -> Result<(), Broken> {
        let windows: Vec<Option<u32>> = self.accepted(at).map(|periods| periods.window).collect();
        let presses = used.expires_on().duration_since(at) < self.earliest_renewal(at);
        let open = |opens: &Option<u32>| opens.is_none_or(|opens| self.is_open(opens, at));
        if windows.iter().any(open) || presses || self.goes_back(at) {
            return Ok(());
        }
        broken(
            "a switch waits for its window",
            format!("set in use at {at}, not in a window that opens at {windows:?}"),
        )
    }

    /// Whether somebody orders to go back, at that moment: that waits for no window.
    fn goes_back(&self, at: Timestamp) -> bool {
        let during = |run: &&Ran| run.from <= at && at <= run.to;
        let mut running = self.record.runs.iter().filter(during);
        running.any(|run| matches!(run.how, How::Rollback(_)))
    }

    /// Whether the window that opens at an hour is open, or almost.
    fn is_open(&self, opens: u32, at: Timestamp) -> bool {
        let edge = self.slack.as_secs();
        let since = at.as_second() - i64::from(opens) * 3_600 + edge;
        since.rem_euclid(86_400) < i64::from(WINDOW_HOURS) * 3_600 + 2 * edge
    }

    /// Whether what Gateway uses has been the same for so long that everybody can have seen it.
    fn settled(&self, at: Timestamp) -> bool {
        let since = self.account.in_use_since;
        since.is_none_or(|since| at.duration_since(since) > self.blind)
    }

    /// Law 12: what is in use does not expire in silence.
    fn in_silence(&self, at: Timestamp) -> Result<(), Broken> {
        if self.account.used().is_none_or(|used| !used.ours) {
            return Ok(());
        }
        let recent =
            |run: &&Ran| run.to <= at && at.duration_since(run.to) < SignedDuration::from_hours(48);
        let quiet = |run: &&Ran| matches!(run.ended, Ended::By { success: true, .. });
        match self.record.runs.iter().rev().find(recent).filter(quiet) {
            Some(run) => {
                let how = format!(
                    "what was in use expired at {at}; the run of {} was content",
                    run.from
                );
                broken("nothing ends in silence", how)
            }
            None => Ok(()),
        }
    }
}

/// For which declaration a certificate was made.
fn label(effect: &Effect) -> u32 {
    (effect.days.unwrap_or_default() + 1) / 10 * 10
}
