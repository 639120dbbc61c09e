//! What a certificate can inherit from `defaults`, and how the two become one.

use certctl_model::{DeletionPolicy, Lifecycle, Period, TrustEvidence, ValidityDays};

use crate::fields::{Field, Fields, Origin};
use crate::format;
use crate::key::Key;
use crate::reader::Reader;
use crate::spec::{Rotation, SwitchMode};
use crate::trust_evidence;
use crate::value::Value;
use crate::window::Window;
use crate::windows;

/// The settings that `defaults` can give, as one mapping has them.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) validity: Field<ValidityDays>,
    pub(crate) activate: Field<bool>,
    pub(crate) in_use: Field<bool>,
    pub(crate) renew_before: Field<Period>,
    pub(crate) trust_period: Field<Period>,
    pub(crate) trust_evidence: Field<TrustEvidence>,
    pub(crate) retire_after: Field<Period>,
    pub(crate) switch: Field<SwitchMode>,
    pub(crate) windows: Field<Vec<Window>>,
    pub(crate) prevent_destroy: Field<bool>,
    pub(crate) deletion_policy: Field<DeletionPolicy>,
}

impl Layer {
    /// A layer that says nothing.
    pub(crate) fn empty() -> Self {
        Self {
            validity: Field::Absent,
            activate: Field::Absent,
            in_use: Field::Absent,
            renew_before: Field::Absent,
            trust_period: Field::Absent,
            trust_evidence: Field::Absent,
            retire_after: Field::Absent,
            switch: Field::Absent,
            windows: Field::Absent,
            prevent_destroy: Field::Absent,
            deletion_policy: Field::Absent,
        }
    }

    /// A layer of which nothing is known.
    pub(crate) fn lost() -> Self {
        Self {
            validity: Field::Lost,
            activate: Field::Lost,
            in_use: Field::Lost,
            renew_before: Field::Lost,
            trust_period: Field::Lost,
            trust_evidence: Field::Lost,
            retire_after: Field::Lost,
            switch: Field::Lost,
            windows: Field::Lost,
            prevent_destroy: Field::Lost,
            deletion_policy: Field::Lost,
        }
    }

    /// Reads the settings of a certificate or of `defaults`.
    pub(crate) fn read(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Self {
        let rotation = fields.get(&format::ROTATION, reader);
        let lifecycle = fields.get(&format::LIFECYCLE, reader);
        let evidence = within(&rotation, &format::TRUST_EVIDENCE, reader);
        Self {
            validity: fields.get(&format::VALIDITY, reader),
            activate: fields.get(&format::ACTIVATE, reader),
            in_use: fields.get(&format::IN_USE, reader),
            renew_before: within(&rotation, &format::RENEW_BEFORE, reader),
            trust_period: within(&rotation, &format::TRUST_PERIOD, reader),
            trust_evidence: trust_evidence::read(evidence, reader),
            retire_after: within(&rotation, &format::RETIRE_AFTER, reader),
            switch: within(&rotation, &format::SWITCH, reader),
            windows: windows::read(within(&rotation, &format::WINDOWS, reader), reader),
            prevent_destroy: within(&lifecycle, &format::PREVENT_DESTROY, reader),
            deletion_policy: within(&lifecycle, &format::DELETION_POLICY, reader),
        }
    }

    /// These settings, with what they leave out from `below`, which is there: key by key, and `null`
    /// stops.
    pub(crate) fn over(self, below: &Self, from: Origin) -> Self {
        Self {
            validity: self.validity.over(&below.validity, from),
            activate: self.activate.over(&below.activate, from),
            in_use: self.in_use.over(&below.in_use, from),
            renew_before: self.renew_before.over(&below.renew_before, from),
            trust_period: self.trust_period.over(&below.trust_period, from),
            trust_evidence: self.trust_evidence.over(&below.trust_evidence, from),
            retire_after: self.retire_after.over(&below.retire_after, from),
            switch: self.switch.over(&below.switch, from),
            windows: self.windows.over(&below.windows, from),
            prevent_destroy: self.prevent_destroy.over(&below.prevent_destroy, from),
            deletion_policy: self.deletion_policy.over(&below.deletion_policy, from),
        }
    }

    /// The rotation, if all of it is known.
    pub(crate) fn rotation(&self) -> Option<Rotation> {
        let built_in = Rotation::default();
        Some(Rotation {
            renew_before: self.renew_before.known()?,
            trust_period: self.trust_period.known()?.unwrap_or(built_in.trust_period),
            trust_evidence: self.trust_evidence.known()?,
            retire_after: self.retire_after.known()?.unwrap_or(built_in.retire_after),
            switch: self.switch.known()?.unwrap_or_default(),
            windows: self.windows.clone().known()?.unwrap_or_default(),
        })
    }

    /// The lifecycle, if all of it is known.
    pub(crate) fn lifecycle(&self) -> Option<Lifecycle> {
        let built_in = Lifecycle::default();
        Some(Lifecycle {
            prevent_destroy: self
                .prevent_destroy
                .known()?
                .unwrap_or(built_in.prevent_destroy),
            deletion_policy: self
                .deletion_policy
                .known()?
                .unwrap_or(built_in.deletion_policy),
        })
    }
}

/// A key of a nested mapping. `null` in place of the mapping is `null` for each of its keys.
fn within<'n, T: Value>(
    block: &Field<Fields<'n>>,
    key: &Key<T>,
    reader: &mut Reader<'_>,
) -> Field<T::Out<'n>> {
    match block {
        Field::Is { value: fields, .. } => fields.get(key, reader),
        Field::Absent => Field::Absent,
        Field::Null => Field::Null,
        Field::Lost => Field::Lost,
    }
}
