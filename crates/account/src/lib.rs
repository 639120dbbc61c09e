//! A pure model of one Cloudflare account: what it holds, and what each request does to it.
//!
//! *Purpose*: something to plan against, for as many years as one likes. *Guarantees*: no clock but
//! the `now` it is given; a request that is refused changes nothing. *Non-goals*: HTTP, lag, and
//! certificates: that a PEM is what it should be is taken for granted.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{
    AccountId, BindingStatus, CaFacts, CertificateId, CertificateType, Configuration, Custom,
    Evidence, Fingerprint, Inspection, Machine, MachineTime, Observed, Period, RemoteCertificate,
    Timestamp, ValidityDays,
};

const CREATIONS_PER_DAY: usize = 3;
const AVAILABLE_AT_ONCE: usize = 10;

/// One account. What an observation of it would say is kept as such, so that looking costs nothing.
#[derive(Debug, Clone)]
pub struct AccountModel {
    observed: Observed,
    /// Since when each certificate has its status; not known of what was there at the beginning.
    since: BTreeMap<CertificateId, Timestamp>,
    creations: Vec<Timestamp>,
    /// How long the edge needs.
    deploy: Period,
    serial: u32,
}

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Three were created in 24 hours.
    QuotaReached,
    /// Ten are at the edge.
    CapReached,
    /// Gateway uses it.
    InUse,
    /// There is no such certificate.
    NotFound,
    /// Not in the status, or not of the type, that this request needs.
    Unfit,
}

impl AccountModel {
    /// An account that holds nothing.
    #[must_use]
    pub fn empty(account_id: AccountId, deploy: Period) -> Self {
        let observed = Observed {
            account_id,
            at: MachineTime(Timestamp::UNIX_EPOCH),
            on: Some(Machine::model()),
            date: None,
            certificates: Vec::new(),
            gone: BTreeSet::new(),
            configuration: None,
            installation: None,
            evidence: None,
        };
        Self::observed(observed, deploy)
    }

    /// An account as it was observed. What is pending there is over at the first
    /// [`AccountModel::catch_up`], for nobody knows since when it is.
    #[must_use]
    pub fn observed(mut observed: Observed, deploy: Period) -> Self {
        observed.certificates.sort_by(|a, b| a.id.cmp(&b.id));
        // The model has no devices: they are taken to come.
        observed.evidence = Some(Box::new(Evidence::Assumed));
        let managed = observed.certificates.iter();
        let creations = managed
            .filter(|remote| remote.kind == CertificateType::GatewayManaged)
            .filter_map(|remote| remote.created_at)
            .collect();
        Self {
            observed,
            since: BTreeMap::new(),
            creations,
            deploy,
            serial: 0,
        }
    }

    /// `POST …/certificates`.
    ///
    /// # Errors
    /// When three were created in the last 24 hours; that they were deleted does not matter.
    pub fn create(&mut self, days: ValidityDays, now: Timestamp) -> Result<CertificateId, Refusal> {
        self.creations.retain(|at| *at > Period::DAY.before(now));
        if self.creations.len() >= CREATIONS_PER_DAY {
            return Err(Refusal::QuotaReached);
        }
        self.creations.push(now);
        Ok(self.add(CertificateType::GatewayManaged, days, now))
    }

    /// `POST …/mtls_certificates`: stores a CA of one's own, inactive.
    ///
    /// # Errors
    /// When this very content is there.
    pub fn upload(&mut self, ca: &CaFacts, now: Timestamp) -> Result<CertificateId, Refusal> {
        let same = |remote: &RemoteCertificate| Custom::Own(ca.content()).is(remote);
        if self.certificates().iter().any(same) {
            return Err(Refusal::Unfit);
        }
        Ok(self.insert(CertificateType::Custom, ca.clone(), now))
    }

    /// Adds a certificate without counting it: what somebody uploads, or makes by hand.
    pub fn add(
        &mut self,
        kind: CertificateType,
        days: ValidityDays,
        now: Timestamp,
    ) -> CertificateId {
        // Valid from five minutes before the minute of its creation.
        let minute = Timestamp::from_second(now.as_second() - now.as_second().rem_euclid(60));
        let not_before = Period::seconds(300).before(minute.unwrap_or(now));
        let facts = CaFacts {
            fingerprint: Fingerprint::from_bytes([0; 32]),
            not_before,
            not_after: Period::days(days.days()).after(not_before),
            chain: None,
            root: None,
            lax: None,
        };
        self.insert(kind, facts, now)
    }

    fn insert(&mut self, kind: CertificateType, facts: CaFacts, now: Timestamp) -> CertificateId {
        let (id, place) = self.free_id();
        let remote = RemoteCertificate {
            id: id.clone(),
            kind,
            binding_status: BindingStatus::Inactive,
            in_use: false,
            created_at: Some(now),
            expires_on: Some(facts.not_after),
            inspection: Inspection::Sound(facts),
            pem: None,
        };
        self.observed.certificates.insert(place, remote);
        self.since.insert(id.clone(), now);
        id
    }

    /// `POST …/activate`.
    ///
    /// # Errors
    /// When ten are at the edge, or on their way there, or it is not inactive.
    pub fn activate(&mut self, id: &CertificateId, now: Timestamp) -> Result<(), Refusal> {
        let active = |remote: &&RemoteCertificate| {
            !matches!(
                remote.binding_status,
                BindingStatus::Inactive | BindingStatus::PendingDeletion
            )
        };
        if self.certificates().iter().filter(active).count() >= AVAILABLE_AT_ONCE {
            return Err(Refusal::CapReached);
        }
        self.turn(
            id,
            &BindingStatus::Inactive,
            BindingStatus::PendingDeployment,
            now,
        )
    }

    /// `POST …/deactivate`.
    ///
    /// # Errors
    /// When Gateway uses it, or it is not available.
    pub fn deactivate(&mut self, id: &CertificateId, now: Timestamp) -> Result<(), Refusal> {
        if self.certificate(id).is_some_and(|remote| remote.in_use) {
            return Err(Refusal::InUse);
        }
        self.turn(
            id,
            &BindingStatus::Available,
            BindingStatus::PendingDeletion,
            now,
        )
    }

    /// `DELETE …`, of what was uploaded from the store.
    ///
    /// # Errors
    /// When it is not inactive, or of a type that nobody knows.
    pub fn delete(&mut self, id: &CertificateId) -> Result<(), Refusal> {
        let remote = self.certificate(id).ok_or(Refusal::NotFound)?;
        if remote.binding_status != BindingStatus::Inactive
            || matches!(remote.kind, CertificateType::Unknown(_))
        {
            return Err(Refusal::Unfit);
        }
        self.observed.certificates.retain(|remote| remote.id != *id);
        self.since.remove(id);
        Ok(())
    }

    /// `PATCH …/configuration`.
    ///
    /// # Errors
    /// When it is not available.
    pub fn set_in_use(&mut self, id: &CertificateId) -> Result<(), Refusal> {
        let remote = self.certificate(id).ok_or(Refusal::NotFound)?;
        if remote.binding_status != BindingStatus::Available {
            return Err(Refusal::Unfit);
        }
        for remote in &mut self.observed.certificates {
            remote.in_use = remote.id == *id;
        }
        Ok(())
    }

    /// Falls back to Cloudflare's shared root: only ever by hand.
    pub fn unset_in_use(&mut self) {
        for remote in &mut self.observed.certificates {
            remote.in_use = false;
        }
    }

    /// Lets the edge do what it has had the time for; returns what became available.
    pub fn catch_up(&mut self, now: Timestamp) -> Vec<CertificateId> {
        let mut available = Vec::new();
        for remote in &mut self.observed.certificates {
            let becomes = match remote.binding_status {
                BindingStatus::PendingDeployment => BindingStatus::Available,
                BindingStatus::PendingDeletion => BindingStatus::Inactive,
                _ => continue,
            };
            let since = self.since.get(&remote.id);
            let done = since.map_or(now, |since| self.deploy.after(*since));
            if done <= now {
                if becomes == BindingStatus::Available {
                    available.push(remote.id.clone());
                }
                remote.binding_status = becomes;
                self.since.insert(remote.id.clone(), done);
            }
        }
        available
    }

    /// When the edge will be done with the next of what is pending.
    #[must_use]
    pub fn deploys_at(&self) -> Option<Timestamp> {
        let certificates = self.certificates().iter();
        certificates
            .filter(|remote| remote.binding_status.is_pending())
            .filter_map(|remote| Some(self.deploy.after(*self.since.get(&remote.id)?)))
            .min()
    }

    /// What a list says now, and with it, if wanted, the configuration.
    pub fn look(&mut self, now: Timestamp, configuration: bool) -> &Observed {
        self.observed.at = MachineTime(now);
        self.observed.date = Some(now);
        self.observed.configuration = configuration.then(|| Configuration {
            certificate_id: self.in_use().map(|remote| remote.id.clone()),
            tls_decrypt: Some(true),
        });
        &self.observed
    }

    /// Everything that the account holds, ordered by id.
    #[must_use]
    pub fn certificates(&self) -> &[RemoteCertificate] {
        &self.observed.certificates
    }

    /// One certificate of it.
    #[must_use]
    pub fn certificate(&self, id: &CertificateId) -> Option<&RemoteCertificate> {
        self.place(id)
            .ok()
            .and_then(|at| self.certificates().get(at))
    }

    /// What Gateway uses.
    #[must_use]
    pub fn in_use(&self) -> Option<&RemoteCertificate> {
        self.certificates().iter().find(|remote| remote.in_use)
    }

    /// Since when a certificate has its status, if that began here.
    #[must_use]
    pub fn since(&self, id: &CertificateId) -> Option<Timestamp> {
        self.since.get(id).copied()
    }

    fn place(&self, id: &CertificateId) -> Result<usize, usize> {
        self.certificates()
            .binary_search_by(|remote| remote.id.cmp(id))
    }

    /// An id that nothing has, and its place in the order.
    fn free_id(&mut self) -> (CertificateId, usize) {
        loop {
            self.serial = self.serial.wrapping_add(1);
            let id = CertificateId::made_up(self.serial);
            if let Err(place) = self.place(&id) {
                return (id, place);
            }
        }
    }

    fn turn(
        &mut self,
        id: &CertificateId,
        from: &BindingStatus,
        to: BindingStatus,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let place = self.place(id).map_err(|_| Refusal::NotFound)?;
        let remote = self.observed.certificates.get_mut(place);
        let remote = remote.ok_or(Refusal::NotFound)?;
        if remote.binding_status != *from {
            return Err(Refusal::Unfit);
        }
        remote.binding_status = to;
        self.since.insert(id.clone(), now);
        Ok(())
    }
}
