//! What a whole run may find around it: clocks that differ, reads that lag, deployments that take
//! long or fail. Each scenario is played in each of them.

use certctl_sandbox::Conditions;

/// What is not as it should be while a run lasts. It is over before the next one begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Surroundings {
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
    /// All of them.
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

    /// The conditions of the sandbox where all of these hold.
    pub(crate) fn of_all(all: &[Self]) -> Conditions {
        let calm = Conditions::default();
        all.iter().fold(calm, |found, one| {
            let more = one.conditions();
            Conditions {
                date_offset_seconds: found.date_offset_seconds + more.date_offset_seconds,
                list_lag_seconds: found.list_lag_seconds.max(more.list_lag_seconds),
                certificate_lag_seconds: found
                    .certificate_lag_seconds
                    .max(more.certificate_lag_seconds),
                configuration_lag_seconds: found
                    .configuration_lag_seconds
                    .max(more.configuration_lag_seconds),
                deploy_seconds: found.deploy_seconds.or(more.deploy_seconds),
                deployments_fail: found.deployments_fail || more.deployments_fail,
            }
        })
    }

    /// The conditions of the sandbox.
    fn conditions(self) -> Conditions {
        let calm = Conditions::default();
        match self {
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

    /// Whether both are of one kind, so that they add nothing to each other.
    pub(crate) fn is_alike(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
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
