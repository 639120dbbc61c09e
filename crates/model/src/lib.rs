//! The nouns of certctl.
//!
//! *Purpose*: the words that every other crate speaks: ids, validity, fingerprint, binding status,
//! remote certificate, observed, state, period, diagnostic. *Invariants*: a value that exists is
//! valid (constructors refuse the rest). *Non-goals*: deciding anything, reading anything.

mod action;
mod candidate;
mod clock;
mod code;
mod custom;
mod diagnostic;
mod encryption;
mod evidence;
mod fingerprint;
mod future;
mod id;
mod last_resort;
mod lifecycle;
mod motive;
mod note;
mod observed;
mod period;
mod remote;
mod settings;
mod share;
mod state;
mod text;
mod transition;
mod validity;
mod wave;

pub use action::Action;
pub use candidate::Candidate;
pub use clock::{ApiTime, Machine, MachineTime, Moment, TOLERATED_SKEW};
pub use code::{Code, Guard, Reason};
pub use custom::Custom;
pub use diagnostic::{Blocks, Diagnostic, Place, Severity};
pub use encryption::{Encryption, KmsKeyId};
pub use evidence::{DeviceCounts, DeviceQuestion, Evidence, TrustEvidence};
pub use fingerprint::Fingerprint;
pub use id::{AccountId, Address, CertificateId, Name};
pub use last_resort::LastResort;
pub use lifecycle::{DeletionPolicy, Lifecycle};
pub use motive::Motive;
pub use note::Note;
pub use observed::{Configuration, InUse, Installation, Observed};
pub use period::Period;
pub use remote::{BindingStatus, CaFacts, CertificateType, Inspection, RemoteCertificate};
pub use settings::{
    AccountSettings, Adopt, Changed, Difference, PolicySettings, RotationSettings, Settings,
    SwitchMode, WindowSettings,
};
pub use share::Share;
pub use state::{
    Accepted, AccountState, Aim, AllowedSwitch, Binding, Cause, Creation, Dispute, Entry, Hold,
    InUseRecord, Intent, Mutation, Origin, Role,
};
pub use text::{Invalid, SharedText};
pub use transition::Illegal;
pub use validity::ValidityDays;
pub use wave::Wave;

/// An instant; RFC 3339 in every document, always UTC.
pub use jiff::Timestamp;
