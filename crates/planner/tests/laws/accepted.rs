//! Law 10, by a memory of its own: what approved runs took up, and that nothing else is done by a run
//! that nobody approved. The state's word is not taken for it.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{AccountState, Cause, CertificateId, Custom, Name, Note, Role, ValidityDays};
use certctl_plan::{Action, Change, Step};
use certctl_spec::{Account, Certificate};

/// What was accepted of each address.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accepted {
    terms: BTreeMap<Name, Certificate>,
    removed: BTreeSet<Name>,
}

impl Accepted {
    /// What counts for an address of which nobody approved what is declared now.
    pub(crate) fn terms(&self, name: &Name) -> Option<&Certificate> {
        self.terms
            .get(name)
            .filter(|_| !self.removed.contains(name))
    }

    /// Follows the notes of a run.
    pub(crate) fn take_up(&mut self, account: &Account, unattended: bool, notes: &[Note]) {
        for note in notes {
            match note {
                Note::Settings {
                    certificate,
                    settings,
                } => {
                    assert!(!unattended, "took up what nobody approved: {note:?}");
                    let declared = account.certificate(certificate).expect("declared");
                    assert_eq!(declared.settings(), **settings);
                    self.terms.insert(certificate.clone(), declared.clone());
                    self.removed.remove(certificate);
                }
                Note::Removed { certificate } => {
                    assert!(!unattended, "took up what nobody approved: {note:?}");
                    assert!(account.certificate(certificate).is_none());
                    self.removed.insert(certificate.clone());
                }
                Note::Move { from, to } => {
                    assert!(!unattended, "renamed what nobody approved: {note:?}");
                    if let Some(terms) = self.terms.remove(from) {
                        self.terms.insert(to.clone(), terms);
                    }
                }
                Note::AccountSettings(_) => assert!(!unattended, "{note:?}"),
                Note::Forget { certificate } => {
                    assert!(!unattended || self.removed.contains(certificate));
                    self.terms.remove(certificate);
                    self.removed.remove(certificate);
                }
                _ => {}
            }
        }
    }

    /// Whether an unattended run may do this step.
    pub(crate) fn allows(
        &self,
        state: &AccountState,
        used: Option<&CertificateId>,
        change: &Change,
        step: &Step,
    ) {
        let name = &change.address.certificate;
        let terms = self.terms(name);
        let role = step.certificate_id().and_then(|id| state.binding(id));
        let role = role.map(|(_, binding)| binding.role);
        match step.action() {
            Action::Create => {
                let terms = terms.expect("only what was accepted is renewed");
                let role = step.makes();
                let asked = terms.validity_period_days.unwrap_or(ValidityDays::DEFAULT);
                assert_eq!(step.operation.days(), Some(asked), "{change:#?}");
                // A first certificate is made where an approved run had begun to; another one where
                // that was declared, or ordered.
                let cause = state.certificates[name].cause;
                let ordered = matches!(
                    cause,
                    Some(Cause::Requested | Cause::Replace | Cause::Compromised)
                );
                let renews = terms.rotation.renew_before.is_some();
                assert!(
                    renews || ordered || role == Some(Role::Current),
                    "{change:#?}"
                );
            }
            Action::Upload => {
                let terms = terms.expect("only what was accepted is uploaded");
                assert!(matches!(terms.custom, Some(Custom::Own(_))), "{change:#?}");
                let cause = state.certificates[name].cause;
                let begun = cause == Some(Cause::Replace) || step.makes() == Some(Role::Current);
                assert!(begun, "{change:#?}");
            }
            Action::SetInUse => {
                let terms = terms.expect("only what was accepted is set in use");
                assert_ne!(terms.in_use, Some(false), "{change:#?}");
                let bound = |id: &CertificateId| state.binding(id).map(|(holder, _)| holder);
                let inherits = used.and_then(bound) == Some(name);
                let nothing = used.is_none();
                let declared = terms.in_use == Some(true);
                assert!(declared || inherits || nothing, "{change:#?}");
            }
            Action::Deactivate | Action::Delete => {
                let off = terms.is_some_and(|terms| terms.activate == Some(false));
                let retires = role == Some(Role::Retiring);
                let goes = self.removed.contains(name);
                // The predecessor of an open rotation goes with it.
                let leaves = change
                    .certificates
                    .iter()
                    .any(|c| c.role == Role::Successor);
                assert!(off || retires || goes || leaves, "{change:#?}");
            }
            Action::Forget => assert!(self.removed.contains(name), "{change:#?}"),
            Action::Adopt => assert!(
                step.notes.iter().any(|n| matches!(n, Note::Created { .. })),
                "adopted what nobody approved: {change:#?}"
            ),
            Action::Activate | Action::Record => {}
        }
    }
}
