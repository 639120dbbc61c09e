//! The note that keeps what the spec says of removal: with the first step of a certificate that is
//! created, and wherever it changes.

use certctl_model::{Name, Note};
use certctl_spec::Certificate;

pub(crate) fn lifecycle_of(name: &Name, declared: &Certificate) -> Note {
    Note::Policy {
        certificate: name.clone(),
        lifecycle: declared.lifecycle,
        retire_after: declared.rotation.retire_after,
    }
}
