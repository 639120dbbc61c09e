//! What a Terraform state holds of Gateway certificates.
//!
//! *Purpose*: reads a state file (format 4) or the output of `terraform show -json`, of the
//! Cloudflare provider's versions 4 and 5. *Guarantees*: nothing of it is repeated but ids, names,
//! words of the API and dates: a state holds secrets, such as private keys. *Caveats*: a state says
//! what was so when Terraform last looked; `certctl plan` compares it with the account.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{
    AccountId, BindingStatus, CertificateId, CertificateType, Inspection, Timestamp, ValidityDays,
};
use serde_json::Value;

use crate::found::{Found, Item, Origin, Usage};
use crate::hcl::Forgotten;
use crate::resource::{self, Resource, TerraformError};

/// `cloudflare_zero_trust_gateway_certificate`, and what it could be called before.
const CERTIFICATES: &[&str] = &[
    "cloudflare_zero_trust_gateway_certificate",
    "cloudflare_teams_certificate",
];
/// The settings of Gateway, the certificate in use among them; the second is the name of version 4.
const SETTINGS: &[&str] = &[
    "cloudflare_zero_trust_gateway_settings",
    "cloudflare_teams_account",
];
const UPLOADED: &str = "cloudflare_mtls_certificate";

/// What a state holds.
#[derive(Debug, Clone)]
pub struct Terraform {
    /// The certificates, by account.
    pub found: Vec<Found>,
    /// What Terraform has to forget, and what it has to ignore.
    pub forgotten: Forgotten,
    /// What a person should look at.
    pub warnings: Vec<String>,
}

impl Terraform {
    /// Reads a state file, or the output of `terraform show -json`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn read(text: &str) -> Result<Self, TerraformError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document: Value =
            serde_json::from_str(text).map_err(|error| TerraformError::NotJson {
                line: error.line(),
                column: error.column(),
            })?;
        let mut reading = Reading::default();
        for resource in resource::all(&document)? {
            reading.resource(&resource);
        }
        Ok(reading.finish())
    }
}

#[derive(Default)]
struct Reading {
    accounts: BTreeMap<AccountId, Account>,
    forgotten: Forgotten,
    warnings: Vec<String>,
}

#[derive(Default)]
struct Account {
    /// With whether its own attribute says that Gateway uses it.
    items: Vec<(Item, bool)>,
    /// What the settings name.
    configured: BTreeSet<CertificateId>,
}

impl Reading {
    fn resource(&mut self, resource: &Resource<'_>) {
        let kind = resource.kind;
        let read = if CERTIFICATES.contains(&kind) {
            Self::certificate
        } else if SETTINGS.contains(&kind) {
            Self::settings
        } else if kind == UPLOADED {
            Self::uploaded
        } else {
            return;
        };
        if resource.deposed {
            let id = resource
                .text("id")
                .and_then(|id| id.parse::<CertificateId>().ok());
            let id = id.map(|id| format!(" ({id})")).unwrap_or_default();
            self.warnings.push(format!(
                "{} has a deposed object{id}, which is left out: with its next apply Terraform forgets it where \
                 a `removed` block names the resource, and deletes it where none does",
                resource.address()
            ));
            return;
        }
        read(self, resource);
    }

    fn certificate(&mut self, resource: &Resource<'_>) {
        let Some((account, id)) = self.identity(resource) else {
            return;
        };
        let kind = kind(resource);
        if kind == CertificateType::GatewayManaged {
            if !self.forgotten.forget(resource) {
                self.warnings.push(format!(
                    "the name {} cannot stand in HCL; forget it with `terraform state rm`",
                    resource.address()
                ));
            }
        } else {
            self.warnings.push(format!(
                "{} is a certificate that somebody uploaded: it stays with Terraform",
                resource.address()
            ));
        }
        let facts = facts(resource);
        let (from_pem, fingerprint) = match &facts {
            Some(facts) => (Some(facts.days()), Some(facts.fingerprint)),
            None => (None, None),
        };
        let created = resource
            .time("created_at")
            .or_else(|| resource.time("uploaded_on"));
        let expires = facts
            .map(|facts| facts.not_after)
            .or_else(|| resource.time("expires_on"));
        let days = from_pem.or_else(|| between(created?, expires?));
        let days = days.and_then(|days| ValidityDays::try_from(u32::try_from(days).ok()?).ok());
        let item = Item {
            id,
            name: resource.suggested_name(),
            kind,
            status: resource
                .text("binding_status")
                .and_then(|word| word.parse::<BindingStatus>().ok()),
            usage: Usage::NotInUse,
            days,
            created,
            expires,
            fingerprint,
            unsound: None,
        };
        let used = resource.get("in_use") == Some(&Value::Bool(true));
        self.add(account, item, used);
    }

    /// A certificate in the mTLS store; certctl does not manage those. What is no CA has nothing to do with
    /// Gateway.
    fn uploaded(&mut self, resource: &Resource<'_>) {
        if resource.get("ca") == Some(&Value::Bool(false)) {
            return;
        }
        let Some((account, id)) = self.identity(resource) else {
            return;
        };
        let item = Item {
            id,
            name: resource.suggested_name(),
            kind: CertificateType::Custom,
            status: None,
            usage: Usage::NotInUse,
            days: None,
            created: resource.time("uploaded_on"),
            expires: resource.time("expires_on"),
            fingerprint: None,
            unsound: None,
        };
        self.add(account, item, false);
    }

    fn settings(&mut self, resource: &Resource<'_>) {
        let Some(account) = resource.text("account_id").and_then(|id| id.parse().ok()) else {
            self.warnings
                .push(format!("{} has no account id", resource.address()));
            return;
        };
        if !self.forgotten.ignore(resource) {
            self.warnings.push(format!(
                "the name {} cannot stand in HCL; add `ignore_changes` for its certificate by hand",
                resource.address()
            ));
        }
        let block = resource.get("settings").map_or_else(
            || resource.get("certificate"),
            |settings| settings.get("certificate"),
        );
        // A block is a list of one in version 4, an object in version 5.
        let block = match block {
            Some(Value::Array(blocks)) => blocks.first(),
            block => block,
        };
        let id = block.and_then(|block| block.get("id")?.as_str()?.parse::<CertificateId>().ok());
        let entry = self.accounts.entry(account).or_default();
        entry.configured.extend(id.filter(|id| !id.is_nil()));
    }

    /// The account and the id of a certificate; what has none is left out, and said.
    fn identity(&mut self, resource: &Resource<'_>) -> Option<(AccountId, CertificateId)> {
        let account = resource.text("account_id").and_then(|id| id.parse().ok());
        let id = resource
            .text("id")
            .and_then(|id| id.parse::<CertificateId>().ok())
            .filter(|id| !id.is_nil());
        if let (Some(account), Some(id)) = (account, id) {
            return Some((account, id));
        }
        self.warnings.push(format!(
            "{} has no account id or no certificate id in this state; it is left out",
            resource.address()
        ));
        None
    }

    fn add(&mut self, account: AccountId, item: Item, used: bool) {
        let items = &mut self.accounts.entry(account).or_default().items;
        match items.iter_mut().find(|(known, _)| known.id == item.id) {
            None => items.push((item, used)),
            // One object in two resources: an upload, and its activation. Which made it decides.
            Some((known, known_used)) => {
                if item.kind != CertificateType::GatewayManaged {
                    known.kind = item.kind;
                }
                *known_used |= used;
            }
        }
    }

    fn finish(self) -> Terraform {
        let found = self
            .accounts
            .into_iter()
            .map(|(account_id, account)| Found {
                account_id,
                label: None,
                origin: Origin::Terraform,
                items: account.finish(),
            });
        Terraform {
            found: found.filter(|found| !found.items.is_empty()).collect(),
            forgotten: self.forgotten,
            warnings: self.warnings,
        }
    }
}

impl Account {
    /// The certificates, with what both the settings and they themselves say of their use.
    fn finish(self) -> Vec<Item> {
        let own = self.items.iter().filter(|(_, used)| *used);
        let own = own.map(|(item, _)| item.id.clone());
        let named: BTreeSet<CertificateId> = own.chain(self.configured.iter().cloned()).collect();
        let agreed = named.len() <= 1;
        let items = self.items.into_iter();
        items
            .map(|(item, _)| {
                let usage = match (named.contains(&item.id), agreed) {
                    (false, _) => Usage::NotInUse,
                    (true, true) => Usage::InUse,
                    (true, false) => Usage::Disputed,
                };
                Item { usage, ..item }
            })
            .collect()
    }
}

/// Version 5 has the API's `type`, version 4 two booleans of which one is set.
fn kind(resource: &Resource<'_>) -> CertificateType {
    let word = resource.text("type").filter(|word| !word.is_empty());
    let word = word.and_then(|word| word.parse::<CertificateType>().ok());
    word.unwrap_or_else(|| match resource.get("custom") {
        Some(Value::Bool(true)) => CertificateType::Custom,
        _ => CertificateType::GatewayManaged,
    })
}

/// What the PEM in the state says, if it is the certificate whose fingerprint is there too.
fn facts(resource: &Resource<'_>) -> Option<certctl_model::CaFacts> {
    let pem = resource.text("certificate").filter(|pem| !pem.is_empty())?;
    match certctl_x509::inspect(pem, resource.text("fingerprint")) {
        Inspection::Sound(facts) => Some(facts),
        Inspection::Unsound(_) => None,
    }
}

/// Whole days; a certificate starts some minutes before it is created.
fn between(created: Timestamp, expires: Timestamp) -> Option<i64> {
    let seconds = expires.duration_since(created).as_secs();
    (seconds > 0).then(|| (seconds + 43_200) / 86_400)
}

#[cfg(test)]
mod tests;
