//! Which certificates devices should trust now.
//!
//! *Guarantees*: nothing that is expired, compromised or fails verification is ever handed on.

use std::collections::BTreeSet;

use certctl_apply::{Fleet, Survey};
use certctl_kit::{Entry, Standing};
use certctl_model::{
    AccountState, BindingStatus, CertificateId, CertificateType, Custom, Inspection, Name,
    Observed, RemoteCertificate, Role, Timestamp,
};
use certctl_spec::{Account, Certificate, Import};

use crate::cli::Subject;
use crate::printer::Problem;

/// What goes into the kits.
pub(super) struct Choice {
    /// One for each account: the certificates in it.
    pub(super) kits: Vec<(Name, Vec<Entry>)>,
    /// Accounts that could not be read; the others were.
    pub(super) problems: Vec<Problem>,
}

pub(super) async fn choose(fleet: &Fleet<'_>, subjects: &[Subject]) -> Result<Choice, Problem> {
    let mut choice = Choice {
        kits: Vec::new(),
        problems: Vec::new(),
    };
    let now = fleet.clock.now();
    let mut named = vec![false; subjects.len()];
    let surveys = fleet.survey_with_pems().await;
    for (account, survey) in fleet.spec.accounts.iter().zip(surveys) {
        let Survey {
            observed, state, ..
        } = survey;
        let mut observed = match observed {
            Ok(observed) => observed,
            Err(diagnostic) => {
                let problem = Problem::new(format!("{}: {}", account.name, diagnostic.message));
                choice.problems.push(problem.maybe_hint(diagnostic.hint));
                continue;
            }
        };
        match fleet.client.configuration(&account.account_id).await {
            Ok(configuration) => observed.configuration = Some(configuration),
            Err(error) => {
                let problem = Problem::new(format!("{}: {error}", account.name));
                choice.problems.push(problem.maybe_hint(error.hint()));
                continue;
            }
        }
        let scene = Scene {
            account,
            observed: &observed,
            state: state.as_ref(),
            now,
        };
        let entries = if subjects.is_empty() {
            scene.trusted()
        } else {
            scene.asked(subjects, &mut named)?
        };
        if subjects.is_empty() || !entries.is_empty() {
            choice.kits.push((account.name.clone(), entries));
        }
    }
    for (subject, named) in subjects.iter().zip(named) {
        if !named && choice.problems.is_empty() {
            return Err(unknown(subject));
        }
    }
    Ok(choice)
}

fn unknown(subject: &Subject) -> Problem {
    let what = match subject {
        Subject::Address(address) => format!("{address} is bound to no certificate"),
        Subject::Id(id) => format!("no account of the spec has a certificate {id}"),
    };
    Problem::new(what).hint("`certctl status` lists the certificates")
}

/// One account.
struct Scene<'a> {
    account: &'a Account,
    observed: &'a Observed,
    state: Option<&'a AccountState>,
    now: Timestamp,
}

impl Scene<'_> {
    /// Those of the spec that are available, and what Gateway uses.
    fn trusted(&self) -> Vec<Entry> {
        let certificates = self.observed.certificates.iter();
        certificates
            .filter(|remote| {
                let used = self.observed.may_be_in_use(&remote.id);
                let available = remote.binding_status == BindingStatus::Available;
                used || (available && self.address(&remote.id).is_some())
            })
            .filter(|remote| self.objection(remote).is_none())
            .filter_map(|remote| self.entry(remote))
            .collect()
    }

    /// Those that were asked for. An address stands for its certificates that are to be trusted, an id
    /// for its certificate, whatever its status.
    fn asked(&self, subjects: &[Subject], named: &mut [bool]) -> Result<Vec<Entry>, Problem> {
        let mut entries = Vec::new();
        for (subject, named) in subjects.iter().zip(named) {
            match subject {
                Subject::Address(address) if address.account == self.account.name => {
                    let certificate = &address.certificate;
                    let bound = |entry: &Entry| self.address(&entry.id) == Some(certificate);
                    let found: Vec<Entry> = self.trusted().into_iter().filter(bound).collect();
                    let certificates = self.observed.certificates.iter();
                    let exists = certificates
                        .into_iter()
                        .any(|remote| self.address(&remote.id) == Some(certificate));
                    if exists && found.is_empty() {
                        return Err(Problem::new(format!(
                            "{address} has no certificate that devices should trust now"
                        ))
                        .hint(
                            "`certctl status` shows why: it has to be available, valid and not \
                             compromised; name its id for a kit before it is available",
                        ));
                    }
                    *named |= exists;
                    entries.extend(found);
                }
                Subject::Address(_) => {}
                Subject::Id(id) => {
                    let Some(remote) = self.observed.certificate(id) else {
                        continue;
                    };
                    *named = true;
                    if let Some(why) = self.objection(remote) {
                        return Err(
                            Problem::new(format!("{id} {why}")).hint("do not install it anywhere")
                        );
                    }
                    entries.extend(self.entry(remote));
                }
            }
        }
        // What was named twice goes in once.
        let mut seen = BTreeSet::new();
        entries.retain(|entry: &Entry| seen.insert(entry.id.clone()));
        Ok(entries)
    }

    /// Why no device should trust it, if there is a reason.
    fn objection(&self, remote: &RemoteCertificate) -> Option<String> {
        let binding = self.state.and_then(|state| state.binding(&remote.id));
        if let Inspection::Unsound(why) = &remote.inspection {
            return Some(format!("fails verification: {why}"));
        }
        if remote.is_expired(self.now) {
            return Some("has expired".to_owned());
        }
        binding
            .is_some_and(|(_, binding)| binding.compromised)
            .then(|| "was said to be compromised".to_owned())
    }

    fn entry(&self, remote: &RemoteCertificate) -> Option<Entry> {
        let facts = remote.facts()?;
        let name = match (self.address(&remote.id), &remote.kind) {
            (Some(name), _) => name.clone(),
            (None, CertificateType::GatewayManaged) => "unmanaged".parse().ok()?,
            (None, _) => "custom".parse().ok()?,
        };
        let role = self.state.and_then(|state| state.binding(&remote.id));
        let standing = match role.map(|(_, binding)| binding.role) {
            _ if self.observed.may_be_in_use(&remote.id) => Standing::InUse,
            Some(Role::Successor) => Standing::Successor,
            Some(Role::Retiring) => Standing::Predecessor,
            Some(Role::Current) | None => Standing::Other,
        };
        Some(Entry {
            name,
            id: remote.id.clone(),
            standing,
            expires: facts.not_after,
            pem: root_of(remote.pem.as_deref()?),
        })
    }

    /// The name that it has in the spec or in the state.
    fn address(&self, id: &CertificateId) -> Option<&Name> {
        let bound = self.state.and_then(|state| state.binding(id));
        bound.map(|(name, _)| name).or_else(|| {
            let imports = |import: &Option<Import>| {
                matches!(import, Some(Import::Id(imported)) if imported == id)
            };
            let declared = self.account.certificates.iter();
            let found = declared
                .into_iter()
                .find(|c| imports(&c.import) || is_named(c, id));
            found.map(|certificate| &certificate.name)
        })
    }
}

/// Whether the spec names it as its custom one.
fn is_named(declared: &Certificate, id: &CertificateId) -> bool {
    matches!(&declared.custom, Some(Custom::Id(named)) if named == id)
}

/// What devices need of an uploaded chain: its first certificate, the root.
fn root_of(pem: &str) -> String {
    let end = "-----END CERTIFICATE-----\n";
    pem.split_inclusive(end).next().unwrap_or(pem).to_owned()
}
