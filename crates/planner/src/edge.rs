//! The slots at Cloudflare's edge: how many there are, and what takes one.

use certctl_model::BindingStatus;

/// Certificates that can be available at once, of every type.
pub(crate) const AVAILABLE: usize = 10;

/// Whether a certificate with this status takes one of the slots; a status that is not known does.
pub(crate) fn is_at_the_edge(status: &BindingStatus) -> bool {
    !matches!(
        status,
        BindingStatus::Inactive | BindingStatus::PendingDeletion
    )
}
