//! Why Gateway was switched, as far as the journal tells it beyond doubt.

use certctl_model::Timestamp;

use crate::declared::name_of;
use crate::timeline::Certificate;
use crate::watch::Watch;

/// Why Gateway is switched. Waves wait only for switches that are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The expiry of what it used came near.
    Renewal,
    /// Another validity is declared.
    Replacement,
    /// It is declared that Gateway uses another address.
    Declared,
}

/// A change of what Gateway uses.
#[derive(Debug, Clone)]
pub(crate) struct Switch {
    pub(crate) at: Timestamp,
    pub(crate) from: Option<String>,
    pub(crate) to: String,
    pub(crate) by_hand: bool,
    /// Where it is beyond doubt.
    pub(crate) why: Option<Reason>,
}

impl Watch<'_> {
    /// Why this one takes over from that one at a moment; none where it may be for another reason.
    pub(crate) fn reason(
        &self,
        from: Option<&Certificate>,
        to: &Certificate,
        at: Timestamp,
    ) -> Option<Reason> {
        // What somebody ordered may be a replacement, whatever else it is.
        if !to.ours || self.orders(at) > 0 || self.goes_back(at) {
            return None;
        }
        let is_of = |other: &&Certificate| other.ours && other.name() == to.name();
        let alone = self.account.certificates.values().filter(is_of).count() == 1;
        let Some(from) = from else {
            return (alone && self.switches.is_empty()).then_some(Reason::Declared);
        };
        let edge = self.earliest_renewal(at) + self.slack;
        if !from.ours || from.name() != to.name() {
            return alone.then_some(Reason::Declared);
        }
        if from.label() == to.label() {
            let near = from.expires_on().duration_since(to.created_at) <= edge;
            return near.then_some(Reason::Renewal);
        }
        let far = from.expires_on().duration_since(at) > edge;
        far.then_some(Reason::Replacement)
    }
}

impl Certificate {
    /// For which declaration it was made.
    pub(crate) fn label(&self) -> u32 {
        (self.days + 1) / 10 * 10
    }

    /// For which name it was made.
    pub(crate) fn name(&self) -> Option<&'static str> {
        name_of(self.label())
    }
}
