//! A fleet of devices, which go online when they like: each trusts what was available when it last
//! synced, and nothing else. They are drawn from the seed and touch nothing, so the oracle asks
//! afterwards where each of them was.

use certctl_model::Timestamp;
use jiff::SignedDuration;

use crate::timeline::Account;

/// How many there are.
const DEVICES: u32 = 60;
/// The most diligent comes online every ten minutes, the laziest once a month.
const MOST_DILIGENT_SECONDS: f64 = 600.0;
const LAZIEST_SECONDS: f64 = 2_592_000.0;

/// One device.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Device {
    seed: u64,
    /// Seconds between two times that it could come online.
    every: i64,
}

impl Device {
    /// The fleet of a seed.
    pub(crate) fn fleet(seed: u64) -> Vec<Self> {
        let mut rng = fastrand::Rng::with_seed(seed);
        let device = |n: u32| {
            let share = f64::from(n) / f64::from(DEVICES - 1);
            let every = (LAZIEST_SECONDS / MOST_DILIGENT_SECONDS).powf(share);
            Self {
                seed: rng.u64(..),
                every: (MOST_DILIGENT_SECONDS * every) as i64,
            }
        };
        (0..DEVICES).map(device).collect()
    }

    /// When it synced last before a moment; none if it had not for a hundred of its chances.
    pub(crate) fn last_sync(&self, before: Timestamp) -> Option<Timestamp> {
        let chance = before.as_second().div_euclid(self.every);
        let syncs = (chance - 100..=chance)
            .rev()
            .filter_map(|chance| self.sync(chance));
        let mut past = syncs.filter(|at| *at < before.as_second());
        Timestamp::from_second(past.next()?).ok()
    }

    /// The second at which it uses a chance; a quarter of them it does not.
    fn sync(&self, chance: i64) -> Option<i64> {
        let mut rng = fastrand::Rng::with_seed(self.seed ^ chance.cast_unsigned());
        let within = rng.i64(0..self.every);
        (rng.u8(..4) > 0).then_some(chance * self.every + within)
    }

    /// Whether it synced within a period before a moment, could follow what was in use then, and cannot
    /// follow what is in use next.
    pub(crate) fn is_left_behind(
        &self,
        account: &Account,
        from: &str,
        to: &str,
        at: Timestamp,
        period: SignedDuration,
    ) -> Option<Timestamp> {
        let synced = self.last_sync(at)?;
        let recently = at.duration_since(synced) < period;
        let trusts = |id: &str| account.was_available(id, synced);
        (recently && trusts(from) && !trusts(to)).then_some(synced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_come_each_hour_and_some_not_for_days() {
        let now: Timestamp = "2027-03-01T12:34:56Z".parse().unwrap();
        let hours = |device: &Device| {
            let synced = device.last_sync(now).unwrap();
            assert!(synced < now);
            now.duration_since(synced).as_hours()
        };
        let away: Vec<i64> = Device::fleet(1).iter().map(hours).collect();
        for (from, to, at_least) in [(0, 1, 10), (1, 24, 5), (24, 120, 3), (120, 2_000, 3)] {
            let within = away.iter().filter(|hours| (from..to).contains(*hours));
            assert!(within.count() >= at_least, "{from}..{to}: {away:?}");
        }
    }
}
