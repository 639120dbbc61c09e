//! What a whole run may find around it: clocks that differ, reads that lag, deployments that take
//! long or fail. Each scenario is played in each of them.

use certctl_sandbox::Conditions;

/// What is not as it should be while a run lasts. It is over before the next one begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Surroundings {
    /// Nothing is wrong.
    Calm,
    /// The API's clock is so many seconds ahead of this machine's, or behind it.
    Date(f64),
    /// The list shows the account as it was so many seconds ago.
    List(f64),
    /// The GET of one certificate does.
    Certificate(f64),
    /// The GET of the configuration does.
    Configuration(f64),
    /// They all do.
    Reads(f64),
    /// Certificates need so many seconds to come to the edge, and to leave it.
    Slow(f64),
    /// What is activated becomes inactive again.
    Fails,
}

impl Surroundings {
    /// All of them but calm.
    pub(crate) const ALL: [Self; 15] = [
        Self::Date(90.0),
        Self::Date(-90.0),
        Self::Date(600.0),
        Self::Date(-600.0),
        Self::List(3.0),
        Self::List(20.0),
        Self::Certificate(3.0),
        Self::Certificate(20.0),
        Self::Configuration(3.0),
        Self::Configuration(20.0),
        Self::Reads(3.0),
        Self::Reads(20.0),
        Self::Slow(90.0),
        Self::Slow(900.0),
        Self::Fails,
    ];

    /// Those in which a lost answer is looked for under other clocks, or in other reads.
    pub(crate) const WITH_FAULTS: [Self; 6] = [
        Self::Date(90.0),
        Self::Date(-90.0),
        Self::List(20.0),
        Self::Certificate(20.0),
        Self::Configuration(20.0),
        Self::Slow(90.0),
    ];

    /// The conditions of the sandbox.
    pub(crate) fn conditions(self) -> Conditions {
        let calm = Conditions::default();
        match self {
            Self::Calm => calm,
            Self::Date(date_offset_seconds) => Conditions {
                date_offset_seconds,
                ..calm
            },
            Self::List(list_lag_seconds) => Conditions {
                list_lag_seconds,
                ..calm
            },
            Self::Certificate(certificate_lag_seconds) => Conditions {
                certificate_lag_seconds,
                ..calm
            },
            Self::Configuration(configuration_lag_seconds) => Conditions {
                configuration_lag_seconds,
                ..calm
            },
            Self::Reads(lag) => Conditions {
                list_lag_seconds: lag,
                certificate_lag_seconds: lag,
                configuration_lag_seconds: lag,
                ..calm
            },
            Self::Slow(seconds) => Conditions {
                deploy_seconds: Some(seconds),
                ..calm
            },
            Self::Fails => Conditions {
                deployments_fail: true,
                ..calm
            },
        }
    }

    /// Whether one run carries everything out all the same.
    pub(crate) fn is_borne(self) -> bool {
        match self {
            // Nothing is done by clocks that contradict each other by more than five minutes.
            Self::Date(seconds) => seconds.abs() < 300.0,
            // The runs wait for ten minutes.
            Self::Slow(seconds) => seconds < 600.0,
            Self::Fails => false,
            _ => true,
        }
    }

    /// Whether nothing may be asked of the account but reads.
    pub(crate) fn forbids_writes(self) -> bool {
        matches!(self, Self::Date(seconds) if seconds.abs() >= 300.0)
    }
}
