//! The catalogue: everything that can happen to one request, and to one write of the state.

use certctl_state::WritePoint;

use crate::hand::Hand;

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// No connection: the request certainly never leaves.
    Refused,
    /// The connection is reset before the server acts.
    ResetBefore,
    /// The server acts, and the connection is reset.
    ResetAfter,
    /// The server acts; half of the response comes, and the connection breaks.
    Broken,
    /// The server acts; half of the response comes, and passes for all of it.
    Cut,
    /// Nothing happens, until the client gives up.
    TimeoutBefore,
    /// The server acts, and says nothing, until the client gives up.
    TimeoutAfter,
    /// The connection is reset; seven seconds later the server acts all the same.
    Late,
    /// The client gives up; three seconds later the server acts all the same.
    LateTimeout,
    /// 429 with an envelope and `retry-after`.
    TooMany,
    /// 429, and nothing else.
    TooManyBare,
    /// 500 with an envelope; the server has not acted.
    Error500Before,
    /// 500 with an envelope; the server has acted.
    Error500After,
    /// 502 from something in between, in HTML; the server has not acted.
    Html502Before,
    /// The same; the server has acted.
    Html502After,
    /// 200 with `success: false`; the server has not acted.
    SaysNoBefore,
    /// The same; the server has acted.
    SaysNoAfter,
    /// The right status with `result: null`; the server has acted.
    Null,
    /// 403, once: a new token that does not work everywhere yet.
    Forbidden,
    /// The server acts, and its list omits for five seconds what was made.
    Lag,
    /// The same, and the response is lost.
    LagAndReset,
    /// It goes well, and the answer says that nothing more is to be asked for so many seconds.
    Pause(u64),
    /// Everything is answered as if it had happened, and nothing happens.
    NoEffect,
    /// A pause, and somebody's hand in the middle of it.
    Hand(Hand),
    /// The network is gone for the rest of the run.
    DownBefore,
    /// The server acts, then the network is gone for the rest of the run.
    DownAfter,
    /// The process is killed when the request has left, and the server never gets it.
    KillBefore,
    /// The process is killed when the server has acted.
    KillAfter,
    /// The process is killed when the request has left, and the server acts seven seconds later.
    KillLate,
}

impl Fault {
    /// All of them.
    pub(crate) const ALL: [Self; 36] = [
        Self::Refused,
        Self::ResetBefore,
        Self::ResetAfter,
        Self::Broken,
        Self::Cut,
        Self::TimeoutBefore,
        Self::TimeoutAfter,
        Self::Late,
        Self::LateTimeout,
        Self::TooMany,
        Self::TooManyBare,
        Self::Error500Before,
        Self::Error500After,
        Self::Html502Before,
        Self::Html502After,
        Self::SaysNoBefore,
        Self::SaysNoAfter,
        Self::Null,
        Self::Forbidden,
        Self::Lag,
        Self::LagAndReset,
        Self::Pause(12),
        // Longer than an effect may take to show.
        Self::Pause(65),
        Self::NoEffect,
        Self::Hand(Hand::Uses),
        Self::Hand(Hand::Withdraws),
        Self::Hand(Hand::Deletes),
        Self::Hand(Hand::Turns("inactive")),
        Self::Hand(Hand::Turns("pending_deletion")),
        Self::Hand(Hand::Turns("pending_deployment")),
        Self::Hand(Hand::Turns("in_orbit")),
        Self::DownBefore,
        Self::DownAfter,
        Self::KillBefore,
        Self::KillAfter,
        Self::KillLate,
    ];

    /// Those that leave most behind: for sweeps over pairs.
    pub(crate) const WORST: [Self; 6] = [
        Self::ResetAfter,
        Self::LateTimeout,
        Self::LagAndReset,
        Self::Error500After,
        Self::KillAfter,
        Self::KillLate,
    ];

    /// Whether somebody's hand is in it.
    pub(crate) fn is_a_hand(self) -> bool {
        matches!(self, Self::Hand(_))
    }

    /// Whether it differs from its neighbours for a request that only reads: where the server has
    /// nothing to do, before and after are the same.
    pub(crate) fn concerns_reads(self) -> bool {
        !matches!(
            self,
            Self::ResetAfter
                | Self::TimeoutAfter
                | Self::Late
                | Self::LateTimeout
                | Self::Error500After
                | Self::Html502After
                | Self::SaysNoAfter
                | Self::Lag
                | Self::LagAndReset
                | Self::NoEffect
                | Self::DownAfter
                | Self::KillAfter
                | Self::KillLate
        )
    }
}

/// What happens at a write of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WriteFault {
    /// The write fails at this point; the process goes on.
    Fails(WritePoint),
    /// The process is killed at this point.
    Kills(WritePoint),
}

impl WriteFault {
    /// All of them.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        WritePoint::ALL
            .into_iter()
            .flat_map(|point| [Self::Fails(point), Self::Kills(point)])
    }

    /// At which point it strikes.
    pub(crate) fn point(self) -> WritePoint {
        match self {
            Self::Fails(point) | Self::Kills(point) => point,
        }
    }
}

/// One fault, and where it strikes: requests and writes are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// At this request.
    Request(usize, Fault),
    /// At this write.
    Write(usize, WriteFault),
}
