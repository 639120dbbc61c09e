//! What is declared, as a state keeps it once it was accepted, and the way back: an accepted
//! declaration is planned with like any other.

use std::collections::BTreeSet;

use certctl_model::{
    AccountSettings, Address, Name, PolicySettings, RotationSettings, Settings, SwitchMode,
};

use crate::{Account, Certificate, Policy, Rotation, Window};

impl Certificate {
    /// All of its declared fields. Which certificate it is (`import`, `moved_from`) is no setting: it
    /// is said once.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let Self {
            name: _,
            validity_period_days,
            activate,
            in_use,
            rotation,
            lifecycle,
            import: _,
            custom,
            own: _,
            moved_from: _,
            place: _,
            import_place: _,
            custom_place: _,
            moved_from_place: _,
        } = self;
        Settings {
            custom: custom.clone(),
            validity_period_days: *validity_period_days,
            activate: *activate,
            in_use: *in_use,
            rotation: rotation.settings(),
            lifecycle: *lifecycle,
        }
    }

    /// The same certificate with other settings.
    #[must_use]
    pub fn with_settings(&self, settings: &Settings) -> Self {
        let Settings {
            custom,
            validity_period_days,
            activate,
            in_use,
            rotation,
            lifecycle,
        } = settings;
        Self {
            custom: custom.clone(),
            validity_period_days: *validity_period_days,
            activate: *activate,
            in_use: *in_use,
            rotation: Rotation::from_settings(rotation),
            lifecycle: *lifecycle,
            ..self.clone()
        }
    }
}

impl Rotation {
    fn settings(&self) -> RotationSettings {
        let Self {
            renew_before,
            trust_period,
            trust_evidence,
            retire_after,
            switch,
            windows,
        } = self;
        RotationSettings {
            renew_before: *renew_before,
            trust_period: *trust_period,
            trust_evidence: *trust_evidence,
            retire_after: *retire_after,
            switch: *switch,
            windows: windows.iter().map(Window::settings).collect(),
        }
    }

    fn from_settings(settings: &RotationSettings) -> Self {
        let RotationSettings {
            renew_before,
            trust_period,
            trust_evidence,
            retire_after,
            switch,
            windows,
        } = settings;
        let read = windows
            .iter()
            .map(|window| Window::new(&window.cron, &window.timezone, window.window_duration).ok());
        let read: Option<Vec<Window>> = read.collect();
        Self {
            renew_before: *renew_before,
            trust_period: *trust_period,
            trust_evidence: *trust_evidence,
            retire_after: *retire_after,
            // A window that this version cannot read is not taken to be always open.
            switch: if read.is_some() {
                *switch
            } else {
                SwitchMode::Hold
            },
            windows: read.unwrap_or_default(),
        }
    }
}

impl Account {
    /// What is declared for it as a whole.
    #[must_use]
    pub fn settings(&self, policy: &Policy) -> AccountSettings {
        let protected = policy.protected.iter();
        let protected = protected.filter(|address| address.account == self.name);
        AccountSettings {
            adopt: self.adopt,
            labels: self.labels.clone(),
            policy: policy.settings(protected.map(|a| a.certificate.clone()).collect()),
        }
    }
}

impl Account {
    /// Whether these are what is declared for it as a whole: [`Account::settings`], without a copy.
    #[must_use]
    pub fn has_settings(&self, policy: &Policy, settings: &AccountSettings) -> bool {
        let AccountSettings {
            adopt,
            labels,
            policy: known,
        } = settings;
        let PolicySettings {
            max_deletes,
            max_replaces,
            max_in_use_switches,
            max_validity_days,
            min_validity_days,
            require_renewal,
            protected,
            last_resort,
            waves,
        } = known;
        let declared = policy.protected.iter();
        let declared = declared.filter(|address| address.account == self.name);
        (adopt, labels) == (&self.adopt, &self.labels)
            && *max_deletes == policy.max_deletes
            && *max_replaces == policy.max_replaces
            && *max_in_use_switches == policy.max_in_use_switches
            && *max_validity_days == policy.max_validity_days
            && *min_validity_days == policy.min_validity_days
            && *require_renewal == policy.require_renewal
            && *last_resort == policy.last_resort
            && *waves == policy.waves
            && declared.map(|address| &address.certificate).eq(protected)
    }
}

impl Policy {
    fn settings(&self, protected: BTreeSet<Name>) -> PolicySettings {
        let Self {
            max_deletes,
            max_replaces,
            max_in_use_switches,
            max_validity_days,
            min_validity_days,
            require_renewal,
            protected: _,
            last_resort,
            waves,
            place: _,
        } = self;
        PolicySettings {
            max_deletes: *max_deletes,
            max_replaces: *max_replaces,
            max_in_use_switches: *max_in_use_switches,
            max_validity_days: *max_validity_days,
            min_validity_days: *min_validity_days,
            require_renewal: *require_renewal,
            protected,
            last_resort: *last_resort,
            waves: waves.clone(),
        }
    }

    /// The policy that was accepted for an account, in the place of this one.
    #[must_use]
    pub fn with_settings(&self, account: &Name, settings: &PolicySettings) -> Self {
        let PolicySettings {
            max_deletes,
            max_replaces,
            max_in_use_switches,
            max_validity_days,
            min_validity_days,
            require_renewal,
            protected,
            last_resort,
            waves,
        } = settings;
        let address = |certificate: &Name| Address {
            account: account.clone(),
            certificate: certificate.clone(),
        };
        Self {
            max_deletes: *max_deletes,
            max_replaces: *max_replaces,
            max_in_use_switches: *max_in_use_switches,
            max_validity_days: *max_validity_days,
            min_validity_days: *min_validity_days,
            require_renewal: *require_renewal,
            protected: protected.iter().map(address).collect(),
            last_resort: *last_resort,
            waves: waves.clone(),
            place: self.place.clone(),
        }
    }
}
