//! One address, looked up once.

use certctl_model::{Address, Binding, CertificateId, Entry, Name, Role};
use certctl_spec::Certificate;

use crate::facts::Facts;
use crate::noted::Noted;

/// All that is known of one address when it is decided. Read-only.
#[derive(Debug)]
pub(crate) struct Place<'f> {
    pub(crate) name: Name,
    pub(crate) address: Address,
    /// What the spec says of it; none where it is no longer declared.
    pub(crate) declared: Option<&'f Certificate>,
    /// What is remembered of it.
    pub(crate) entry: Option<&'f Entry>,
    /// Its certificate.
    pub(crate) current: Option<&'f Binding>,
    /// What will replace that.
    pub(crate) successor: Option<&'f Binding>,
    /// Whether a person has to say which certificate it is, before one is created.
    pub(crate) undecided: bool,
    /// A successor that was bound and no longer exists.
    pub(crate) gone_successor: Option<CertificateId>,
    /// A successor that only a declaration gives up which nobody accepted yet.
    pub(crate) gives_up: Option<CertificateId>,
    /// Whether `--replace` names it.
    pub(crate) replace: bool,
    /// Whether `--resume` does.
    pub(crate) resume: bool,
}

impl<'f> Place<'f> {
    pub(crate) fn of(facts: &'f Facts<'_>, noted: &Noted) -> Self {
        let entry = facts.state.certificates.get(&noted.name);
        Self {
            name: noted.name.clone(),
            address: noted.address.clone(),
            declared: facts.account.certificate(&noted.name),
            entry: entry.map(AsRef::as_ref),
            current: entry.and_then(|entry| entry.with_role(Role::Current)),
            successor: entry.and_then(|entry| entry.with_role(Role::Successor)),
            undecided: noted.undecided,
            gone_successor: noted.gone_successor.clone(),
            gives_up: noted.gives_up.clone(),
            replace: noted.is_named_in(&facts.options.replace),
            resume: noted.is_named_in(&facts.options.resume),
        }
    }

    /// What it holds that was replaced or given up.
    pub(crate) fn retiring(&self) -> impl Iterator<Item = &'f Binding> {
        self.entry
            .into_iter()
            .flat_map(|entry| &entry.bindings)
            .filter(|binding| binding.role == Role::Retiring)
    }
}
