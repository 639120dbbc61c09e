//! Observe, then carry a plan out.
//!
//! *Expected flow*: [`Fleet::survey`] reads every account (no lock, no write), [`Fleet::plan`] plans
//! them, somebody approves, [`Fleet::apply`] takes each account's lock, plans afresh and does what was
//! approved. *Guarantees*: an intent is durable before its request leaves, and its outcome after; a
//! create is never repeated before its effect was looked for; what was not approved is not done.
//! *Non-goals*: deciding (a [`certctl_plan::Planner`] is handed in), printing (crate `certctl`): a run emits [`Event`]s.

mod account;
mod answer;
mod approval;
mod audit;
mod beside;
mod choose;
mod clock;
mod conclude;
mod devices;
mod event;
mod fault;
mod fleet;
mod journal;
mod keys;
mod observe;
mod own;
mod patience;
mod poll;
mod record;
mod report;
mod request;
mod run;
mod side_by_side;
mod survey;
#[cfg(test)]
mod testing;
mod tried;
mod turn;
mod upload;
mod who;
mod work;

pub use approval::Approval;
pub use audit::{AuditLog, Auditing};
pub use beside::Beside;
pub use choose::is_due_shortly;
pub use clock::Clock;
pub use devices::Devices;
pub use event::{Event, Sink};
pub use fleet::{Fleet, Settings};
pub use keys::{NoKey, PrivateKeys};
pub use report::{Outcome, Report, ResultLine};
pub use side_by_side::side_by_side;
pub use survey::Survey;
pub use upload::{NotStored, Stored, Upshot, upload};
