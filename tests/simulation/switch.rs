//! What may come into use (law 2): what is sound, and what devices had the time to fetch; in its window.

use certctl_model::Timestamp;
use jiff::SignedDuration;

use crate::declared::WINDOW_HOURS;
use crate::history::How;
use crate::oracle::{Broken, broken};
use crate::record::Ran;
use crate::runner::Ended;
use crate::timeline::Certificate;
use crate::watch::Watch;

impl Watch<'_> {
    /// Law 2: what comes into use is sound, and devices had the time to fetch it.
    pub(crate) fn may_switch(&self, to: Option<&str>, at: Timestamp) -> Result<(), Broken> {
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
    pub(crate) fn seen_available_since(&self, certificate: &Certificate) -> Timestamp {
        let lag = SignedDuration::from_secs(self.record.longest_lag as i64);
        let mut since = certificate.since;
        for (from, until) in certificate.availability.iter().rev().skip(1) {
            let Some(until) = until else { break };
            let begins_in_gap =
                |run: &Ran| run.from.duration_since(*until) > lag && run.from < since;
            if self.told.runs.iter().any(begins_in_gap) {
                break;
            }
            since = *from;
        }
        since
    }

    /// Whether what is in use is so near to its expiry that nobody waits for devices any more: two days, or
    /// a tenth of its validity.
    fn is_last_resort(&self, used: &Certificate, at: Timestamp) -> bool {
        used.expires_on().duration_since(at) <= used.resort() + self.slack
    }

    /// A switch waits for its window, as long as what is in use lasts.
    fn in_its_window(&self, used: &Certificate, at: Timestamp) -> Result<(), Broken> {
        let accepted = self.accepted(at);
        let windows = accepted.map(|one| one.periods(self.record.periods).window);
        let windows: Vec<Option<u32>> = windows.collect();
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

    /// Whether somebody orders to go back, at that moment: that waits for no window. An order is
    /// remembered: when its run is killed, the next one carries it out.
    pub(crate) fn goes_back(&self, at: Timestamp) -> bool {
        let since = self.account.in_use_since;
        let ordered = |run: &Ran| {
            let killed = matches!(run.ended, Ended::Killed) && run.to <= at;
            let is_left = killed && since.is_none_or(|since| since <= run.to);
            run.from <= at && (at <= run.to || is_left)
        };
        let mut orders = self.told.runs.iter().filter(|run| ordered(run));
        orders.any(|run| matches!(run.how, How::Rollback(_)))
    }

    /// Whether the window that opens at an hour is open, or almost.
    fn is_open(&self, opens: u32, at: Timestamp) -> bool {
        let edge = self.slack.as_secs();
        let since = at.as_second() - i64::from(opens) * 3_600 + edge;
        since.rem_euclid(86_400) < i64::from(WINDOW_HOURS) * 3_600 + 2 * edge
    }
}
