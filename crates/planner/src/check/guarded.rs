//! How a guard that was hit is said: an error that names the leave it takes.

use certctl_model::{Address, Code, Diagnostic, Guard, Place};

use crate::facts::Facts;

/// The error, unless the guard may be passed at this address.
pub(super) fn guarded(
    facts: &Facts<'_>,
    address: &Address,
    (guard, code): (Guard, Code),
    message: String,
    place: Option<Place>,
) -> Option<Diagnostic> {
    if facts.options.allows(guard, address) {
        return None;
    }
    let hint = format!("if that is meant, pass `--allow {guard}:{address}`");
    let diagnostic = Diagnostic::error(code, message).hint(hint).at(place);
    Some(diagnostic.address(address))
}
