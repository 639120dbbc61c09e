//! Faults of the API and of the state, as people read them.

use certctl_cloudflare::ReadError;
use certctl_model::{Code, Diagnostic};
use certctl_state::StateError;

/// An account, or a part of it, that could not be read.
pub(crate) fn read_failed(error: &ReadError) -> Diagnostic {
    with_hint(
        Diagnostic::error(Code::ObservationFailed, error.to_string()),
        error.hint(),
    )
}

/// A state document that could not be read or written.
pub(crate) fn state_failed(error: &StateError) -> Diagnostic {
    with_hint(
        Diagnostic::error(Code::StateFailed, error.in_one_line()),
        error.hint(),
    )
}

fn with_hint(diagnostic: Diagnostic, hint: Option<impl Into<String>>) -> Diagnostic {
    match hint {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}
