//! What a run tells while it happens. Human and machine reporters read the same events.

use std::sync::Arc;
use std::time::Duration;

use certctl_model::{Address, CertificateId, Name, Timestamp};
use certctl_plan::{Action, WaitFor};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An account's lock is held and its work begins.
    Started {
        /// Which.
        account: Name,
        /// How many steps with an API call were approved.
        steps: usize,
    },
    /// A request is about to leave.
    Doing {
        /// For which address.
        address: Address,
        /// What.
        action: Action,
        /// On which certificate; none for one that is yet to be created.
        certificate_id: Option<CertificateId>,
    },
    /// It was done, and that is in the state.
    Done {
        /// For which address.
        address: Address,
        /// What.
        action: Action,
        /// On which certificate.
        certificate_id: Option<CertificateId>,
    },
    /// It was refused, or its outcome is not known.
    Failed {
        /// For which address.
        address: Address,
        /// What.
        action: Action,
        /// Why.
        error: String,
    },
    /// Nothing can be done before something ends; asked again and again until then.
    Polling {
        /// For which address.
        address: Address,
        /// What for.
        why: WaitFor,
        /// Until when, if that is known.
        until: Option<Timestamp>,
    },
    /// Cloudflare's rate limit, or its answer, makes every request wait.
    Paused {
        /// Which account notices.
        account: Name,
        /// For how much longer.
        left: Duration,
    },
    /// Another run holds an account's lock, and has for some time.
    Locked {
        /// Which account waits.
        account: Name,
    },
    /// An account's work ended, its lock is free.
    Finished {
        /// Which.
        account: Name,
    },
}

/// Where events go.
pub type Sink = Arc<dyn Fn(Event) + Send + Sync>;
