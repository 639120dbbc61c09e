//! A pure model of one Cloudflare account: what it holds, and what each request does to it.
//!
//! *Purpose*: something to plan against, for as many years as one likes. *Guarantees*: no clock but
//! the `now` it is given; a request that is refused changes nothing. *Non-goals*: HTTP, lag, and
//! certificates: that a PEM is what it should be is taken for granted.

use std::collections::BTreeMap;

use certctl_model::{
    AccountId, BindingStatus, CaFacts, CertificateId, CertificateType, Configuration, Fingerprint,
    Inspection, Observed, Period, RemoteCertificate, Timestamp, ValidityDays,
};

const CREATIONS_PER_DAY: usize = 3;
const AVAILABLE_AT_ONCE: usize = 10;

/// One account.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) account_id: AccountId,
    pub(crate) certificates: BTreeMap<CertificateId, Held>,
    pub(crate) in_use: Option<CertificateId>,
    /// How long the edge needs.
    pub(crate) deploy: Period,
    creations: Vec<Timestamp>,
    serial: u64,
}

/// One certificate of it.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) kind: CertificateType,
    pub(crate) status: BindingStatus,
    pub(crate) created_at: Timestamp,
    pub(crate) not_after: Timestamp,
    not_before: Timestamp,
    /// When the edge began with the pending status, or was done with it.
    pub(crate) since: Timestamp,
}

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    QuotaReached,
    CapReached,
    InUse,
    NotFound,
    /// Not in the status, or not of the type, that this request needs.
    Unfit,
}

impl World {
    pub(crate) fn new(account_id: AccountId, deploy: Period) -> Self {
        Self {
            account_id,
            certificates: BTreeMap::new(),
            in_use: None,
            deploy,
            creations: Vec::new(),
            serial: 0,
        }
    }

    pub(crate) fn create(
        &mut self,
        days: ValidityDays,
        now: Timestamp,
    ) -> Result<CertificateId, Refusal> {
        self.creations.retain(|at| *at > Period::DAY.before(now));
        if self.creations.len() >= CREATIONS_PER_DAY {
            return Err(Refusal::QuotaReached);
        }
        self.creations.push(now);
        Ok(self.add(CertificateType::GatewayManaged, days, now))
    }

    /// Adds a certificate without counting it.
    pub(crate) fn add(
        &mut self,
        kind: CertificateType,
        days: ValidityDays,
        now: Timestamp,
    ) -> CertificateId {
        self.serial += 1;
        let id: CertificateId = format!("{:08x}-0000-4000-8000-000000000000", self.serial)
            .parse()
            .expect("an id");
        let not_before = Period::seconds(300).before(now);
        let held = Held {
            kind,
            status: BindingStatus::Inactive,
            created_at: now,
            not_before,
            not_after: Period::days(days.days()).after(not_before),
            since: now,
        };
        self.certificates.insert(id.clone(), held);
        id
    }

    pub(crate) fn activate(&mut self, id: &CertificateId, now: Timestamp) -> Result<(), Refusal> {
        let active = |held: &&Held| {
            !matches!(
                held.status,
                BindingStatus::Inactive | BindingStatus::PendingDeletion
            )
        };
        if self.certificates.values().filter(active).count() >= AVAILABLE_AT_ONCE {
            return Err(Refusal::CapReached);
        }
        let held = self.certificates.get_mut(id).ok_or(Refusal::NotFound)?;
        if held.status != BindingStatus::Inactive {
            return Err(Refusal::Unfit);
        }
        held.status = BindingStatus::PendingDeployment;
        held.since = now;
        Ok(())
    }

    pub(crate) fn deactivate(&mut self, id: &CertificateId, now: Timestamp) -> Result<(), Refusal> {
        if self.in_use.as_ref() == Some(id) {
            return Err(Refusal::InUse);
        }
        let held = self.certificates.get_mut(id).ok_or(Refusal::NotFound)?;
        if held.status != BindingStatus::Available {
            return Err(Refusal::Unfit);
        }
        held.status = BindingStatus::PendingDeletion;
        held.since = now;
        Ok(())
    }

    pub(crate) fn delete(&mut self, id: &CertificateId) -> Result<(), Refusal> {
        let held = self.certificates.get(id).ok_or(Refusal::NotFound)?;
        if held.status != BindingStatus::Inactive || held.kind != CertificateType::GatewayManaged {
            return Err(Refusal::Unfit);
        }
        self.certificates.remove(id);
        Ok(())
    }

    pub(crate) fn set_in_use(&mut self, id: &CertificateId) -> Result<(), Refusal> {
        let held = self.certificates.get(id).ok_or(Refusal::NotFound)?;
        if held.status != BindingStatus::Available {
            return Err(Refusal::Unfit);
        }
        self.in_use = Some(id.clone());
        Ok(())
    }

    /// Falls back to Cloudflare's shared root: only ever by hand.
    pub(crate) fn unset_in_use(&mut self) {
        self.in_use = None;
    }

    /// Lets the edge do what it has had the time for.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        for held in self.certificates.values_mut() {
            let done = self.deploy.after(held.since);
            let becomes = match held.status {
                BindingStatus::PendingDeployment => BindingStatus::Available,
                BindingStatus::PendingDeletion => BindingStatus::Inactive,
                _ => continue,
            };
            if done <= now {
                held.status = becomes;
                held.since = done;
            }
        }
    }

    /// What a list says, and with it, if wanted, the configuration.
    pub(crate) fn observe(&self, now: Timestamp, configuration: bool) -> Observed {
        let certificates = self
            .certificates
            .iter()
            .map(|(id, held)| self.show(id, held))
            .collect();
        Observed {
            account_id: self.account_id.clone(),
            at: now,
            date: Some(now),
            certificates,
            gone: std::collections::BTreeSet::new(),
            configuration: configuration.then(|| Configuration {
                certificate_id: self.in_use.clone(),
                tls_decrypt: Some(true),
            }),
        }
    }

    fn show(&self, id: &CertificateId, held: &Held) -> RemoteCertificate {
        RemoteCertificate {
            id: id.clone(),
            kind: held.kind.clone(),
            binding_status: held.status.clone(),
            in_use: self.in_use.as_ref() == Some(id),
            created_at: Some(held.created_at),
            expires_on: Some(held.not_after),
            issuer_org: None,
            issuer_raw: None,
            inspection: Inspection::Sound(CaFacts {
                fingerprint: Fingerprint::from_bytes([0; 32]),
                not_before: held.not_before,
                not_after: held.not_after,
            }),
            pem: None,
        }
    }
}
