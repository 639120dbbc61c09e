//! What the facts say of one address, before anything is decided.

use std::collections::BTreeSet;

use certctl_model::{Address, CertificateId, Name, Note, Reason};
use certctl_plan::{Attributes, ChangeKind, Why};

/// What happens to an address, in a word and a sentence.
#[derive(Debug, Clone)]
pub(crate) struct Headline {
    pub(crate) kind: ChangeKind,
    pub(crate) why: Why,
}

impl Headline {
    pub(crate) fn new(kind: ChangeKind, code: Reason, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            kind,
            why: Why { code, message },
        }
    }
}

/// The facts of one address: what is written into the state by the first step of its change.
#[derive(Debug)]
pub(crate) struct Noted {
    pub(crate) name: Name,
    pub(crate) address: Address,
    /// In the order in which they became true.
    pub(crate) notes: Vec<Note>,
    /// What is taken over: then the first step is an `adopt`, else a `record`.
    pub(crate) adopts: Option<CertificateId>,
    /// What the facts alone make of the address, such as a rename; it goes before any decision.
    pub(crate) headline: Option<Headline>,
    /// What the address had before this plan.
    pub(crate) before: Option<Attributes>,
    /// Whether a person has to say which certificate it is, before one is created.
    pub(crate) undecided: bool,
    /// A successor that was bound and no longer exists.
    pub(crate) gone_successor: Option<CertificateId>,
    /// A successor that only a declaration gives up which nobody accepted yet. That is no fact: it
    /// is taken up with that, see `taken_up`.
    pub(crate) gives_up: Option<CertificateId>,
    /// What it was called until this plan.
    pub(crate) was: Option<Address>,
}

impl Noted {
    pub(crate) fn new(address: Address) -> Self {
        Self {
            name: address.certificate.clone(),
            address,
            notes: Vec::new(),
            adopts: None,
            headline: None,
            before: None,
            undecided: false,
            gone_successor: None,
            gives_up: None,
            was: None,
        }
    }

    /// Whether an order is for it, by its name or by the one that it had until this plan.
    pub(crate) fn is_named_in(&self, ordered: &BTreeSet<Address>) -> bool {
        ordered.contains(&self.address) || self.was.iter().any(|was| ordered.contains(was))
    }

    /// Says what the facts make of the address; what was said first stands.
    pub(crate) fn say(&mut self, kind: ChangeKind, code: Reason, message: impl Into<String>) {
        self.headline
            .get_or_insert_with(|| Headline::new(kind, code, message));
    }

    /// Reduces an address that is not a target to what law 1 needs of it: an open create that was
    /// settled is out of the way of others only once that is remembered. Says whether that is
    /// anything.
    pub(crate) fn keep_settled_create(&mut self) -> bool {
        let creates = |note: &Note| matches!(note, Note::Created { .. });
        let settles = |note: &Note| creates(note) || matches!(note, Note::Abandon(_));
        // What was seen before it may be what makes it possible, such as a rename.
        let last = self.notes.iter().rposition(settles);
        self.notes.truncate(last.map_or(0, |last| last + 1));
        if !self.notes.iter().any(creates) {
            self.adopts = None;
            self.headline = None;
        }
        !self.notes.is_empty()
    }
}
