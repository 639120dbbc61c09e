//! What is explained: the plan of one account, and all that it was made from.

use certctl_model::{
    AccountState, Address, CertificateId, Diagnostic, Entry, Observed, RemoteCertificate,
};
use certctl_plan::{AccountInput, Change, Plan};
use certctl_planner::Spoken;
use certctl_spec::{Certificate, Said};

/// One account: its plan, and what that was made from.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The plan of this account alone.
    pub plan: &'a Plan,
    /// What it was made from.
    pub input: &'a AccountInput<'a>,
    /// Which rows of the planner's tables spoke.
    pub spoken: &'a Spoken,
    /// Where each setting of the address stands in the files, and who says it.
    pub said: &'a [Said],
    /// How many columns a line may have; none: as many as are usual.
    pub width: Option<usize>,
}

impl<'a> Scene<'a> {
    /// The change of this address, and its place among the changes of the account.
    pub(super) fn change(&self, address: &Address) -> Option<(usize, &'a Change)> {
        let mut changes = self.plan.changes.iter().enumerate();
        changes.find(|(_, change)| change.address == *address)
    }

    pub(super) fn declared(&self, address: &Address) -> Option<&'a Certificate> {
        self.input.account.certificate(&address.certificate)
    }

    pub(super) fn state(&self) -> Option<&'a AccountState> {
        self.input.state
    }

    /// What is remembered of the address, by its name or by the one that it had.
    pub(super) fn entry(&self, address: &Address) -> Option<&'a Entry> {
        let entries = &self.state()?.certificates;
        let before = || entries.get(self.declared(address)?.moved_from.as_ref()?);
        let entry = entries.get(&address.certificate).or_else(before)?;
        Some(entry)
    }

    pub(super) fn observed(&self) -> Option<&'a Observed> {
        self.input.observed.ok()
    }

    pub(super) fn remote(&self, id: &CertificateId) -> Option<&'a RemoteCertificate> {
        self.observed()?.certificate(id)
    }

    /// What is wrong with this address, or with its whole account.
    pub(super) fn says(&self, address: &Address) -> impl Iterator<Item = &'a Diagnostic> {
        let diagnostics = self.plan.diagnostics.iter();
        diagnostics.filter(move |said| match (&said.account, &said.address) {
            (_, Some(about)) => about == address,
            (Some(account), None) => *account == address.account,
            (None, None) => false,
        })
    }
}
