//! The record for the auditor: one small document per mutating request, never changed.
//!
//! ```text
//! <origin>/audit/<account_id>/<utc time>-<uuid>.json
//! ```
//!
//! *Purpose*: who changed what, when, why, and what came of it, for longer than a state remembers.
//! *Invariants*: a record is created whole and under a name that nothing had before, and is durable
//! when [`Store::append_audit`] returns; nothing here rewrites or removes one. Names sort by time.
//! *Non-goals*: keeping somebody with write access to the store from tampering; the bucket's own
//! object lock, or a copy by `--audit-log`, does that.

use std::io::{self, Write as _};
use std::path::PathBuf;

use certctl_files::{Links, sync_directory};
use certctl_model::{AccountId, Action, Address, CertificateId, Fingerprint, Timestamp};
use object_store::path::Path;
use serde::{Deserialize, Serialize};

use crate::directory::{Directory, make, names};
use crate::document::{MAX_BYTES, fresh_id};
use crate::object::Objects;
use crate::{Defect, Key, StateError};

const FORMAT_VERSION: &str = "1.0";
const KIND: &str = "audit";
const SUFFIX: &str = ".json";

/// Who is behind a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// A user: of the CI system, else of the machine, as `ann@laptop`.
    pub user: String,
    /// The CI run, as an address where there is one.
    #[serde(default)]
    pub run: Option<String>,
    /// The commit that the CI run is about.
    #[serde(default)]
    pub commit: Option<String>,
}

/// What is known of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// It was carried out.
    Done,
    /// The API said no; it had no effect.
    Refused,
    /// It left, and what came of it was not known then.
    Unknown,
    /// It never left; it had no effect.
    NotSent,
}

impl AuditOutcome {
    /// The word in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::NotSent => "not_sent",
        }
    }
}

/// One mutating request. Fields are only ever added; readers ignore those that they do not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// The version of this format, `1.0`.
    pub format_version: String,
    /// `audit`.
    pub kind: String,
    /// The record's own UUID, part of its name.
    pub id: String,
    /// When the request's outcome was noted, by this machine's clock.
    pub at: Timestamp,
    /// What sent it.
    pub certctl_version: String,
    /// Who.
    pub actor: Actor,
    /// Why, as it was given by `--reason`.
    #[serde(default)]
    pub reason: Option<String>,
    /// The API.
    pub origin: String,
    /// The account.
    pub account_id: AccountId,
    /// For which address; none for what `certctl upload` stored for the account.
    #[serde(default)]
    pub address: Option<Address>,
    /// What: `create`, `upload`, `activate`, `set_in_use`, `deactivate` or `delete`.
    pub action: Action,
    /// The certificate; none for a create that is not known to have made one.
    #[serde(default)]
    pub certificate_id: Option<CertificateId>,
    /// Its fingerprint, where its PEM was seen and is sound.
    #[serde(default)]
    pub fingerprint: Option<Fingerprint>,
    /// For `set_in_use` what Gateway used before, for others the certificate's status before; none
    /// where there was nothing, or it is not known.
    #[serde(default)]
    pub before: Option<String>,
    /// The same, as the API told it afterwards.
    #[serde(default)]
    pub after: Option<String>,
    /// The account's digest that was approved; none for `--auto-approve`.
    #[serde(default)]
    pub digest: Option<String>,
    /// The response's `Cf-Auditlog-Id`: where Cloudflare's own audit log has the request.
    #[serde(default)]
    pub audit_log_id: Option<String>,
    /// The response's HTTP status.
    #[serde(default)]
    pub status: Option<u16>,
    /// What came of it.
    pub outcome: AuditOutcome,
    /// Why it was not done, as the API or the network said it.
    #[serde(default)]
    pub error: Option<String>,
}

impl AuditRecord {
    /// A record of this request with a name of its own; what else is known is filled in.
    #[must_use]
    pub fn new(key: &Key, address: Option<Address>, action: Action, at: Timestamp) -> Self {
        Self {
            format_version: FORMAT_VERSION.to_owned(),
            kind: KIND.to_owned(),
            id: fresh_id(),
            at,
            certctl_version: env!("CARGO_PKG_VERSION").to_owned(),
            actor: Actor::default(),
            reason: None,
            origin: key.origin.clone(),
            account_id: key.account_id.clone(),
            address,
            action,
            certificate_id: None,
            fingerprint: None,
            before: None,
            after: None,
            digest: None,
            audit_log_id: None,
            status: None,
            outcome: AuditOutcome::Unknown,
            error: None,
        }
    }

    /// The record as one line of JSON, without a line end.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn line(&self) -> io::Result<String> {
        Ok(serde_json::to_string(self)?)
    }

    fn file(&self) -> String {
        let at = self.at.strftime("%Y%m%dT%H%M%S%.6fZ");
        format!("{at}-{}{SUFFIX}", self.id)
    }

    fn encode(&self) -> io::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    fn decode(bytes: &[u8]) -> Result<Self, Defect> {
        let record: Self =
            serde_json::from_slice(bytes).map_err(|e| Defect::Audit(e.to_string()))?;
        if record.kind == KIND {
            Ok(record)
        } else {
            Err(Defect::Audit("its kind is another".to_owned()))
        }
    }
}

/// The folder of the account's records.
fn folder(key: &Key) -> Result<String, StateError> {
    Ok(format!("{}/audit/{}", key.folder()?, key.account_id))
}

fn is_record(name: &str) -> bool {
    name.ends_with(SUFFIX) && !name.starts_with('.')
}

fn unusable(place: String, defect: Defect) -> StateError {
    StateError::Unusable {
        place,
        defect,
        previous: None,
    }
}

impl Directory {
    fn audit_folder(&self, key: &Key) -> Result<PathBuf, StateError> {
        Ok(self.root().join(folder(key)?))
    }

    /// Adds a record: whole or not at all, and never over another.
    pub(crate) fn append_audit(&self, key: &Key, record: &AuditRecord) -> Result<(), StateError> {
        let folder = self.audit_folder(key)?;
        let path = folder.join(record.file());
        let fail = |e| StateError::io("write", &path, e);
        make(&folder).map_err(|e| StateError::io("create", &folder, e))?;
        let mut temporary = tempfile::Builder::new()
            .prefix(".")
            .suffix(".tmp")
            .tempfile_in(&folder)
            .map_err(fail)?;
        let bytes = record.encode().map_err(fail)?;
        temporary.write_all(&bytes).map_err(fail)?;
        temporary.as_file().sync_all().map_err(fail)?;
        temporary
            .persist_noclobber(&path)
            .map_err(|e| fail(e.error))?;
        sync_directory(&folder).map_err(fail)
    }

    /// All records, oldest first.
    pub(crate) fn audit(&self, key: &Key) -> Result<Vec<AuditRecord>, StateError> {
        let folder = self.audit_folder(key)?;
        let mut found = names(&folder)?;
        found.retain(|name| is_record(name));
        found.sort();
        let mut records = Vec::new();
        for name in found {
            let path = folder.join(name);
            let bytes = certctl_files::read(&path, MAX_BYTES, Links::Refuse)
                .map_err(|e| StateError::io("read", &path, e))?;
            let record = AuditRecord::decode(&bytes)
                .map_err(|defect| unusable(path.display().to_string(), defect))?;
            records.push(record);
        }
        Ok(records)
    }
}

impl Objects {
    /// Adds a record, if there is none of its name. A conflict is our own write whose answer was
    /// lost: nobody else has that UUID.
    pub(crate) async fn append_audit(
        &self,
        key: &Key,
        record: &AuditRecord,
    ) -> Result<(), StateError> {
        let path = self.named(&format!("{}/{}", folder(key)?, record.file()))?;
        let bytes = record.encode().map_err(|e| StateError::Io {
            doing: "write",
            place: self.show(&path),
            source: e,
        })?;
        self.put(&path, bytes, None).await.map(drop)
    }

    /// All records, oldest first.
    pub(crate) async fn audit(&self, key: &Key) -> Result<Vec<AuditRecord>, StateError> {
        let mut found: Vec<Path> = self.list(&folder(key)?).await?;
        found.retain(|path| path.filename().is_some_and(is_record));
        found.sort();
        let mut records = Vec::new();
        for path in found {
            // What was listed and is gone was removed since, by somebody's rule of expiry.
            let Some((bytes, _)) = self.get(&path).await? else {
                continue;
            };
            if bytes.len() as u64 > MAX_BYTES {
                return Err(unusable(self.show(&path), Defect::TooLarge));
            }
            let record =
                AuditRecord::decode(&bytes).map_err(|defect| unusable(self.show(&path), defect))?;
            records.push(record);
        }
        Ok(records)
    }
}
