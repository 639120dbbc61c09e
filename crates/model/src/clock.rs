//! The clocks, as types: what one of them said is never compared with what another says.
//!
//! *Purpose*: a window in which an effect may still show ends only when every clock at hand says so
//! (law 1): the API's, by the `Date` of its answers, and this machine's. The planner's clock, which
//! people can pin, is a plain [`Timestamp`] and ends no such window.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Period, SharedText};

/// How far two clocks may be apart. Beyond it nothing is recorded by them, and what lies further in
/// the future than this was recorded by a wrong clock.
pub const TOLERATED_SKEW: Period = Period::seconds(300);

/// An instant by the API's own clock: the `Date` of an answer, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApiTime(pub Timestamp);

/// An instant by the clock of the machine that certctl runs on, which nothing pins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MachineTime(pub Timestamp);

/// Which machine's clock that was. Two runs that have the same value read the same clock; two that
/// have different ones, or none, may read clocks that are [`TOLERATED_SKEW`] apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Machine(pub SharedText);

impl Machine {
    /// The machine of a world that has one clock.
    #[must_use]
    pub fn model() -> Self {
        Self("model".into())
    }
}

/// What the clocks at hand said at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// This machine's clock.
    pub machine: MachineTime,
    /// Which machine; none in what an older version wrote.
    pub on: Option<Machine>,
    /// The API's clock; none where it gave no `Date`, or the planner's clock was pinned.
    pub api: Option<ApiTime>,
}

impl Moment {
    /// In a world that has one clock, such as a model of an account.
    #[must_use]
    pub fn by_one_clock(now: Timestamp) -> Self {
        Self {
            machine: MachineTime(now),
            on: Some(Machine::model()),
            api: Some(ApiTime(now)),
        }
    }

    /// Until when, by the clock of the machine that says `now`, the effect of what left at this
    /// moment may still show; none once every clock at hand says that `window` is over.
    #[must_use]
    pub fn may_show_until(&self, window: Period, now: &Self) -> Option<Timestamp> {
        let same = self.on.is_some() && self.on == now.on;
        let slack = if same { Period::ZERO } else { TOLERATED_SKEW };
        let by_machine = slack.after(window.after(self.machine.0));
        let by_api = match (self.api, now.api) {
            (Some(then), Some(date)) => {
                let left = Period::between(date.0, window.after(then.0));
                left.after(now.machine.0)
            }
            // One that is silent says nothing.
            _ => by_machine,
        };
        let until = by_machine.max(by_api);
        (now.machine.0 < until).then_some(until)
    }

    /// Whether any of its clocks lies further in the future than clocks may be apart.
    #[must_use]
    pub fn is_ahead_of(&self, now: &Self) -> bool {
        self.machine_is_ahead_of(now) || self.api_is_ahead_of(now)
    }

    /// The same moment, where it lies further in the future than clocks may be apart, as `now`.
    #[must_use]
    pub fn not_after(self, now: &Self) -> Self {
        let api = if self.api_is_ahead_of(now) {
            now.api
        } else {
            self.api
        };
        if self.machine_is_ahead_of(now) {
            Self { api, ..now.clone() }
        } else {
            Self { api, ..self }
        }
    }

    fn machine_is_ahead_of(&self, now: &Self) -> bool {
        self.machine.0 > TOLERATED_SKEW.after(now.machine.0)
    }

    fn api_is_ahead_of(&self, now: &Self) -> bool {
        match (self.api, now.api) {
            (Some(then), Some(date)) => then.0 > TOLERATED_SKEW.after(date.0),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Period = Period::seconds(60);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + seconds).unwrap()
    }

    fn moment(machine: i64, on: &str, api: Option<i64>) -> Moment {
        Moment {
            machine: MachineTime(at(machine)),
            on: (!on.is_empty()).then(|| Machine(on.into())),
            api: api.map(|seconds| ApiTime(at(seconds))),
        }
    }

    #[test]
    fn a_window_ends_when_every_clock_says_so() {
        for (then, now, left) in [
            // One machine, alone.
            (moment(0, "a", None), moment(59, "a", None), Some(1)),
            (moment(0, "a", None), moment(60, "a", None), None),
            // It is 65 s ahead of the API, in whose time nothing has passed yet.
            (moment(65, "a", Some(0)), moment(66, "a", Some(1)), Some(59)),
            (moment(65, "a", Some(0)), moment(125, "a", Some(60)), None),
            // The API's answer jumped ahead; the machine does not believe it.
            (
                moment(0, "a", Some(0)),
                moment(5, "a", Some(9_000)),
                Some(55),
            ),
            // The machine's clock was set ahead; the API does not believe it.
            (
                moment(0, "a", Some(0)),
                moment(9_000, "a", Some(5)),
                Some(55),
            ),
            // Two machines: the tolerated skew is added.
            (moment(0, "a", None), moment(100, "b", None), Some(260)),
            (moment(0, "a", None), moment(360, "b", None), None),
            (moment(0, "a", Some(0)), moment(65, "b", Some(1)), Some(295)),
            // An older version did not say which machine it was.
            (moment(0, "", None), moment(359, "b", None), Some(1)),
            (moment(0, "", None), moment(359, "", None), Some(1)),
            // Only one of the two answers had a date.
            (moment(0, "a", Some(0)), moment(60, "a", None), None),
            (moment(0, "a", None), moment(60, "a", Some(0)), None),
        ] {
            let until = left.map(|left| at(0) + jiff::SignedDuration::from_secs(left));
            let elapsed = now.machine.0.duration_since(at(0));
            let until = until.map(|until| until + elapsed);
            assert_eq!(then.may_show_until(WINDOW, &now), until, "{then:?} {now:?}");
        }
    }

    #[test]
    fn what_lies_in_the_future_counts_as_now() {
        let year = 365 * 86_400;
        let now = moment(0, "b", Some(0));
        for (then, counts_as) in [
            (moment(-9, "a", Some(-9)), moment(-9, "a", Some(-9))),
            (moment(300, "a", Some(300)), moment(300, "a", Some(300))),
            (moment(year, "a", Some(0)), moment(0, "b", Some(0))),
            (moment(0, "a", Some(year)), moment(0, "a", Some(0))),
            (moment(year, "a", None), moment(0, "b", None)),
        ] {
            assert_eq!(then.is_ahead_of(&now), then != counts_as, "{then:?}");
            assert_eq!(then.not_after(&now), counts_as);
        }
    }
}
