//! Changes that are told together.
//!
//! *Invariants*: what is told together differs in the account, the ids of its certificates and instants
//! only; a few equal changes are told one by one; each is named somewhere, or counted.

use certctl_model::{CertificateId, DeviceCounts, Timestamp};
use certctl_plan::{Action, BoundCertificate, Change, Step, devices_said, rows};

use crate::alike::alike;
use crate::steps::{View, When};
use crate::words;

/// Changes of which the same is said: one, or many.
#[derive(Debug, Clone)]
pub(crate) struct Group<'a> {
    /// The first of them, in whose place all are told.
    pub(crate) first: &'a Change,
    /// Those that follow.
    others: Vec<&'a Change>,
}

/// The changes, in the order of the first of each group.
pub(crate) fn groups<'a>(
    view: &View<'_>,
    changes: impl IntoIterator<Item = &'a Change>,
) -> Vec<Group<'a>> {
    let keyed = |change| (likeness(view, change), change);
    alike(changes.into_iter().map(keyed).collect())
        .into_iter()
        .filter_map(|group| {
            let (first, others) = group.split_first()?;
            let others = others.to_vec();
            Some(Group { first, others })
        })
        .collect()
}

/// What is said of a change, without what is its own: equal where two are told together.
fn likeness(view: &View<'_>, change: &Change) -> String {
    let held = |held: &BoundCertificate| {
        let status = words::status(held.binding_status.as_ref());
        (held.role, status, held.in_use, held.expires_on.is_some())
    };
    let step = |(n, step): (usize, &Step)| {
        let when = match view.when(change, n) {
            When::From(_) => When::From(Timestamp::UNIX_EPOCH),
            when => when,
        };
        (step.action(), object(change, step), when)
    };
    let rows: Vec<_> = rows(change)
        .into_iter()
        .map(|row| (row.mark, row.name, row.value))
        .collect();
    let held: Vec<_> = change.certificates.iter().map(held).collect();
    let steps: Vec<_> = change.steps.iter().enumerate().map(step).collect();
    let waiting = change.waiting.as_ref();
    let waiting = waiting.map(|waiting| (waiting.until.is_some(), waiting.why, waiting.next));
    let what = (
        &change.address.certificate,
        change.kind,
        change.reason.code,
        change.blast_radius,
        view.is_blocked(change),
        switched_from(view, change),
    );
    format!("{:?}", (what, rows, held, steps, waiting))
}

/// What Gateway uses before a change that sets something in use, without what is the account's own.
fn switched_from(view: &View<'_>, change: &Change) -> Option<String> {
    let mut steps = change.steps.iter();
    steps.find(|step| step.action() == Action::SetInUse)?;
    let used = view.account(change)?.in_use_before.as_deref()?;
    let own = used.strip_prefix(change.address.account.as_str());
    Some(
        own.and_then(|own| own.strip_prefix('/'))
            .map_or_else(|| "what the account uses now".to_owned(), str::to_owned),
    )
}

/// What a step is done to, without an id.
fn object(change: &Change, step: &Step) -> String {
    match step.certificate_id() {
        Some(id) => role(change, id),
        None => change.object(step),
    }
}

/// A certificate by what it is to its address.
fn role(change: &Change, id: &CertificateId) -> String {
    let held = change.certificates.iter().find(|held| held.id == *id);
    held.map_or_else(
        || "its certificate".to_owned(),
        |held| format!("its {} certificate", held.role.as_str()),
    )
}

impl<'a> Group<'a> {
    /// A change alone.
    #[cfg(test)]
    pub(crate) fn alone(change: &'a Change) -> Self {
        Self {
            first: change,
            others: Vec::new(),
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'a Change> + Clone + '_ {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    /// Whether it is more than one.
    pub(crate) fn is_folded(&self) -> bool {
        !self.others.is_empty()
    }

    /// `acme/inspection`, or `inspection` of many accounts. Safe anywhere: letters, digits, `-` and `/`.
    pub(crate) fn who(&self) -> String {
        if self.is_folded() {
            self.first.address.certificate.to_string()
        } else {
            self.first.address.to_string()
        }
    }

    /// ` in 412 accounts`; empty for one change, whose address says where.
    pub(crate) fn places(&self) -> String {
        if self.is_folded() {
            format!(" in {} accounts", self.others.len() + 1)
        } else {
            String::new()
        }
    }

    /// The accounts' names.
    pub(crate) fn accounts(&self) -> Vec<&'a str> {
        self.all()
            .map(|change| change.address.account.as_str())
            .collect()
    }

    /// What Gateway uses before them, where they set something in use.
    pub(crate) fn switched_from(&self, view: &View<'_>) -> Option<String> {
        if self.is_folded() {
            return switched_from(view, self.first);
        }
        view.account(self.first)?.in_use_before.clone()
    }

    /// What one of the steps is done to.
    pub(crate) fn object(&self, step: &Step) -> String {
        if self.is_folded() {
            object(self.first, step)
        } else {
            self.first.object(step)
        }
    }

    /// Why, as it came; where the same is not said of all of them, what is said of one.
    pub(crate) fn reason(&self) -> String {
        if !self.is_folded() {
            return self.first.reason.message.clone();
        }
        let first = general(self.first);
        if self.others.iter().all(|change| general(change) == first) {
            return first;
        }
        let account = &self.first.address.account;
        format!("{} (said of {account})", self.first.reason.message)
    }

    /// What the devices of all of them show of one of their certificates, by its place; and in how many of
    /// the accounts, where not in all of them.
    pub(crate) fn devices(&self, n: usize) -> Option<String> {
        let counted = self
            .all()
            .filter_map(|change| change.certificates.get(n)?.evidence);
        let accounts = counted.clone().count();
        let counts = counted.reduce(DeviceCounts::plus)?;
        let said = devices_said(&counts);
        let all = self.others.len() + 1;
        Some(match accounts < all {
            true => format!("in {accounts} of {all} accounts, {said}"),
            false => said,
        })
    }

    /// The earliest and the latest of some instants of theirs.
    pub(crate) fn span(
        &self,
        of: impl Fn(&Change) -> Option<Timestamp>,
    ) -> Option<(Timestamp, Timestamp)> {
        let instants: Vec<Timestamp> = self.all().filter_map(of).collect();
        Some((*instants.iter().min()?, *instants.iter().max()?))
    }
}

/// The reason with the roles of the certificates for their ids.
fn general(change: &Change) -> String {
    let mut message = change.reason.message.clone();
    for held in &change.certificates {
        message = message.replace(held.id.as_str(), &role(change, &held.id));
    }
    message
}
