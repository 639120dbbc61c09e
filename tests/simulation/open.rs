//! Faults that are known and not mended yet. Each names the minimal history that shows it, why it is
//! left, and which other histories it explains. Every run prints them; none may stay without a reason.

use crate::history::{Event, History};
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
pub(crate) const OPEN: &[Open] = &[Open {
    name: "stale_state",
    reason: "a state that is older than what exists is not noticed, and another is made",
    explains: |history, broken| {
        let back = |event: &Event| matches!(event, Event::StateComesBack(_));
        broken.law == "one intent, one certificate" && history.events.iter().any(back)
    },
}];

/// The open fault that explains it, if one does.
pub(crate) fn explanation(history: &History, broken: &Broken) -> Option<&'static Open> {
    OPEN.iter().find(|open| (open.explains)(history, broken))
}
