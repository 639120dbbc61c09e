//! Faults that are known and not mended yet. Each names the minimal history that shows it, why it is
//! left, and which other histories it explains. Every run prints them; none may stay without a reason.

use certctl_sandbox::FaultKind;

use crate::history::{Event, History, Run};
use crate::oracle::Broken;

/// A fault that is known and open.
pub(crate) struct Open {
    /// The name of its history in `failed/`.
    pub(crate) name: &'static str,
    pub(crate) reason: &'static str,
    /// Whether it may explain that a history breaks a law.
    explains: fn(&History, &Broken) -> bool,
}

/// All of them.
pub(crate) const OPEN: &[Open] = &[
    Open {
        name: "delete_without_effect",
        reason: "a DELETE that answers 200 is believed, as is any id that an answer names",
        explains: |history, broken| {
            let lies = |run: &Run| {
                let mut kinds = run.faults.iter().map(|fault| fault.kind);
                kinds.any(|kind| matches!(kind, FaultKind::NoEffect | FaultKind::WrongId))
            };
            broken.law != "every run ends" && history.runs().any(lies)
        },
    },
    Open {
        name: "deployments_fail",
        reason: "a write that is accepted and has no effect is repeated at once, without limit",
        explains: |history, broken| {
            let fails = |event: &Event| match event {
                Event::Conditions(conditions) => {
                    conditions.deployments_fail || conditions.list_lag_seconds > 0.0
                }
                _ => false,
            };
            broken.law == "every run ends" && history.events.iter().any(fails)
        },
    },
    Open {
        name: "stale_state",
        reason: "a state that is older than what exists is not noticed, and another is made",
        explains: |history, broken| {
            let back = |event: &Event| matches!(event, Event::StateComesBack(_));
            broken.law == "one intent, one certificate" && history.events.iter().any(back)
        },
    },
];

/// The open fault that explains it, if one does.
pub(crate) fn explanation(history: &History, broken: &Broken) -> Option<&'static Open> {
    OPEN.iter().find(|open| (open.explains)(history, broken))
}
