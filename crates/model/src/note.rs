//! The facts of which a state is made.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::settings::{AccountSettings, Settings};
use crate::{
    Accepted, Aim, AllowedSwitch, Cause, CertificateId, Dispute, Hold, Intent, Moment, Mutation,
    Name,
};

/// One fact to remember.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// A request is about to leave.
    Intent(Intent),
    /// What it was answered with, where that says nothing certain of its effect: it stays open.
    Answered {
        /// Which request.
        mutation: Mutation,
        /// Status, code, message and ray id, as far as there were any; in one line.
        answer: String,
    },
    /// Every time in this state that lies in the future was noted by a wrong clock: it counts as now,
    /// so that what waits for it waits one period longer and no more.
    JustNow {
        /// Now, as periods count.
        at: Timestamp,
        /// Now, by every clock at hand.
        seen: Moment,
    },
    /// Its outcome is known: it was refused, had no effect, or its effect stands elsewhere.
    End(Mutation),
    /// No effect of a create or upload was seen within its settle window. It is over, but remembered for a
    /// day, should its certificate show up after all.
    Abandon(Mutation),
    /// It was carried out (any that makes no certificate); what follows from that is remembered with it.
    Done(Mutation),
    /// A create or upload made this certificate; ends the open one, or an upload that was given up within
    /// the last day.
    Created {
        /// For which name.
        certificate: Name,
        /// What was made.
        id: CertificateId,
    },
    /// This certificate is taken over; as the successor, where there is a current one.
    Adopted {
        /// For which name.
        certificate: Name,
        /// Which.
        id: CertificateId,
    },
    /// Seen available, since when; `inferred` when that is only when it was first looked at.
    Available {
        /// Which.
        id: CertificateId,
        /// Since when.
        since: Timestamp,
        /// Whether that is a guess on the late side.
        inferred: bool,
    },
    /// Seen not available, and not on its way there.
    Unavailable {
        /// Which.
        id: CertificateId,
    },
    /// Seen in a pending status: Cloudflare's edge is at work.
    Pending {
        /// Which.
        id: CertificateId,
        /// Since when, as far as is known.
        since: Timestamp,
    },
    /// Set in use by certctl, or found in use at adoption.
    SetInUse {
        /// Which.
        id: CertificateId,
        /// When that was confirmed.
        at: Timestamp,
    },
    /// Seen in use.
    Used {
        /// Which.
        id: CertificateId,
    },
    /// Seen no longer in use.
    Unused {
        /// Which.
        id: CertificateId,
        /// When.
        at: Timestamp,
    },
    /// The successor becomes current, and what was current retires.
    Promote {
        /// For which name.
        certificate: Name,
        /// From when the retire period counts.
        since: Timestamp,
    },
    /// A current or a successor is given up.
    Retire {
        /// Which.
        id: CertificateId,
        /// From when the retire period counts.
        since: Timestamp,
    },
    /// No longer there, or no longer ours. The name stays, with what was said of its removal and
    /// what it had, for it may be declared.
    Unbind {
        /// Which.
        id: CertificateId,
    },
    /// The name and all that it holds are dropped.
    Forget {
        /// Which name.
        certificate: Name,
    },
    /// Renamed.
    Move {
        /// The old name.
        from: Name,
        /// The new name.
        to: Name,
    },
    /// The account was read.
    Seen {
        /// When, by the API's clock.
        at: Timestamp,
    },
    /// Found, younger than this state and claimed by nothing: somebody has to say whose they are.
    Suspect {
        /// Which.
        ids: BTreeSet<CertificateId>,
    },
    /// A person said that these are nobody's of ours.
    Stranger {
        /// Which.
        ids: BTreeSet<CertificateId>,
    },
    /// What is declared of an address was accepted: an approved run takes it up.
    Settings {
        /// Which name.
        certificate: Name,
        /// All of it.
        settings: Box<Settings>,
    },
    /// That the spec names an address no longer was accepted.
    Removed {
        /// Which name.
        certificate: Name,
    },
    /// What is declared of the account as a whole was accepted.
    AccountSettings(Box<AccountSettings>),
    /// Why a rotation is started.
    Rotate {
        /// Which name.
        certificate: Name,
        /// Why.
        cause: Cause,
    },
    /// The certificate's key is not to be trusted any more.
    Compromised {
        /// Which.
        id: CertificateId,
    },
    /// The verified PEM of a certificate.
    Pem {
        /// Which.
        id: CertificateId,
        /// The PEM, with real newlines.
        pem: String,
    },
    /// What a person said of the switch to a successor.
    Hold {
        /// Which.
        id: CertificateId,
        /// What.
        hold: Hold,
    },
    /// A person let this address be switched to, although the witnesses disagree.
    AllowDispute(Dispute),
    /// A person let this address take over from what somebody else chose.
    AllowSwitch(AllowedSwitch),
    /// A predecessor becomes current again. What had replaced it is its successor, and held.
    Rollback {
        /// For which name.
        certificate: Name,
        /// Back to which.
        id: CertificateId,
        /// From when the retire period counts of what is neither.
        since: Timestamp,
    },
    /// What an approved run sets out to make of an address; none once that is reached, or not wanted
    /// any more.
    Aim {
        /// For which name.
        certificate: Name,
        /// What.
        aim: Option<Aim>,
    },
    /// What was approved and is being done; none once it is.
    Accept(Option<Accepted>),
    /// Whose state this is.
    Named {
        /// The account's name.
        account: Name,
        /// The spec's name.
        spec: Option<Name>,
    },
}
