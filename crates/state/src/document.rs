//! One account's document: what stands in the file, and when it is believed.
//!
//! *Invariants*: a document that was read has the checksum that it claims, belongs to the key that
//! it was asked for, and holds nothing that this version does not know. Reading never repairs.
//!
//! **Format version**, `major.minor`, now 1.2. A reader takes its own major version; missing fields
//! have defaults. Of a newer minor version it reads what it knows, and never writes: a document is
//! rewritten whole, so a fact that the reader does not know would be lost by its next write. So
//! everything that only reads works, and whoever asks for the lock is refused. Adding a field raises
//! the minor version; anything else raises the major one and brings the code that reads the one
//! before. A document is always written in the writer's own version; there is no way down but the
//! previous version kept beside it.
//!
//! **Checksum**: SHA-256 over the document as JSON without its `checksum`, members sorted by name,
//! no white space. It finds torn and hand-edited documents; it is no signature.

use std::fmt::Write as _;

use certctl_model::{AccountState, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::schema::known_part;
use crate::version::{FORMAT_VERSION, KIND, VERSION};
use crate::{Defect, Key, StateError};

/// No document comes near this; what does is not one, and is not read into memory.
pub(crate) const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// One version of one account's document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The UUID of this line of versions, made at the first save: two documents of different lineage
    /// have nothing to do with each other, however alike their serials.
    pub lineage: String,
    /// Counts the versions of a lineage, from 1.
    pub serial: u64,
    /// The UUID of this one write, by which a writer whose answer was lost recognises its own work.
    pub write_id: String,
    /// When it was written, by the writer's clock; for display only.
    pub written_at: Timestamp,
    /// What wrote it.
    pub certctl_version: String,
    /// What is remembered.
    pub state: AccountState,
    /// The whole of a document of a newer minor version, with what this version does not know; none of
    /// one that this version may write again.
    pub newer: Option<Value>,
}

/// The same, with what only the file needs.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OnDisk {
    format_version: String,
    kind: String,
    certctl_version: String,
    origin: String,
    account_id: String,
    lineage: String,
    serial: u64,
    write_id: String,
    written_at: Timestamp,
    checksum: String,
    state: AccountState,
}

impl Document {
    /// What follows `base`: the same lineage with the next serial, or a new one.
    pub(crate) fn after(base: Option<&Self>, state: &AccountState) -> Self {
        Self {
            lineage: base.map_or_else(fresh_id, |base| base.lineage.clone()),
            serial: base.map_or(0, |base| base.serial).saturating_add(1),
            write_id: fresh_id(),
            written_at: Timestamp::now(),
            certctl_version: env!("CARGO_PKG_VERSION").to_owned(),
            state: state.clone(),
            newer: None,
        }
    }

    /// Why this version must not write in its place, if it must not.
    pub(crate) fn unwritable(&self) -> Option<Defect> {
        let newer = self.newer.as_ref()?;
        Some(Defect::Newer {
            format_version: text(newer, "format_version").map(short).unwrap_or_default(),
            certctl_version: Some(short(&self.certctl_version)),
        })
    }

    /// The bytes of its file.
    pub(crate) fn encode(&self, key: &Key) -> Result<Vec<u8>, serde_json::Error> {
        if let Some(newer) = &self.newer {
            let mut bytes = serde_json::to_vec_pretty(newer)?;
            bytes.push(b'\n');
            return Ok(bytes);
        }
        let mut on_disk = OnDisk {
            format_version: FORMAT_VERSION.to_owned(),
            kind: KIND.to_owned(),
            certctl_version: self.certctl_version.clone(),
            origin: key.origin.clone(),
            account_id: key.account_id.as_str().to_owned(),
            lineage: self.lineage.clone(),
            serial: self.serial,
            write_id: self.write_id.clone(),
            written_at: self.written_at,
            checksum: String::new(),
            state: self.state.clone(),
        };
        on_disk.checksum = checksum(&serde_json::to_value(&on_disk)?);
        let mut bytes = serde_json::to_vec_pretty(&on_disk)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads the bytes of a file.
    pub(crate) fn decode(bytes: &[u8], key: &Key) -> Result<Self, Defect> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(Defect::Empty);
        }
        if bytes.len() as u64 > MAX_BYTES {
            return Err(Defect::TooLarge);
        }
        let value: Value =
            serde_json::from_slice(bytes).map_err(|e| Defect::NotJson(e.to_string()))?;
        check_kind(&value)?;
        let claimed = text(&value, "checksum")?;
        if claimed != checksum(&value) {
            return Err(Defect::Checksum);
        }
        let newer = is_newer(&value).then_some(value);
        let read = match &newer {
            Some(whole) => serde_json::from_str(&known_part(whole).to_string()),
            None => serde_json::from_slice(bytes),
        };
        let mut on_disk: OnDisk = read.map_err(|e| Defect::Content(e.to_string()))?;
        on_disk.state.shrink_to_fit();
        if on_disk.origin != key.origin || on_disk.account_id != key.account_id.as_str() {
            return Err(Defect::Foreign {
                origin: short(&on_disk.origin),
                account_id: short(&on_disk.account_id),
            });
        }
        for (name, id) in [
            ("lineage", &on_disk.lineage),
            ("write_id", &on_disk.write_id),
        ] {
            if Uuid::parse_str(id).is_err() {
                return Err(Defect::Content(format!("its {name} is not a UUID")));
            }
        }
        Ok(Self {
            lineage: on_disk.lineage,
            serial: on_disk.serial,
            write_id: on_disk.write_id,
            written_at: on_disk.written_at,
            certctl_version: on_disk.certctl_version,
            state: on_disk.state,
            newer,
        })
    }
}

/// Reads a document from bytes that came from anywhere, such as `state push` or a backup.
///
/// # Errors
/// When the bytes are not a whole, unaltered document of this account that this version knows.
pub fn parse_document(bytes: &[u8], key: &Key) -> Result<Document, StateError> {
    Document::decode(bytes, key).map_err(|defect| StateError::Unusable {
        place: key.to_string(),
        defect,
        previous: None,
    })
}

/// The bytes of a document as they stand in its file: JSON, a newline at the end.
#[must_use]
pub fn render_document(document: &Document, key: &Key) -> Vec<u8> {
    // Every map in a state has text for keys, so there is nothing that JSON could not hold. Writing
    // to a store does not rely on that: it goes through `encode`.
    document.encode(key).unwrap_or_default()
}

pub(crate) fn fresh_id() -> String {
    Uuid::new_v4().to_string()
}

fn check_kind(value: &Value) -> Result<(), Defect> {
    let kind = text(value, "kind")?;
    if kind != KIND {
        return Err(Defect::Kind(short(kind)));
    }
    let found = text(value, "format_version")?;
    match version(found) {
        Some((major, _)) if major > VERSION.0 => Err(Defect::Newer {
            format_version: short(found),
            certctl_version: text(value, "certctl_version").map(short).ok(),
        }),
        Some((major, _)) if major == VERSION.0 => Ok(()),
        _ => Err(Defect::Version(short(found))),
    }
}

fn version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Whether a document of this major version may hold what this version does not know.
fn is_newer(value: &Value) -> bool {
    text(value, "format_version").is_ok_and(|found| version(found) > Some(VERSION))
}

fn text<'a>(value: &'a Value, name: &'static str) -> Result<&'a str, Defect> {
    value
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| Defect::Content(format!("it has no {name}")))
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

/// The checksum that a document should claim.
fn checksum(document: &Value) -> String {
    let mut hasher = Sha256::new();
    let mut canonical = String::new();
    match document {
        Value::Object(members) => {
            let members = members.iter().filter(|(name, _)| *name != "checksum");
            write_object(&mut canonical, members);
        }
        other => write_canonical(&mut canonical, other),
    }
    hasher.update(canonical.as_bytes());
    let mut hex = String::from("sha256:");
    for byte in hasher.finalize() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn write_canonical(out: &mut String, value: &Value) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_canonical(out, item);
            }
            out.push(']');
        }
        Value::Object(members) => write_object(out, members.iter()),
        scalar => {
            let _ = write!(out, "{scalar}");
        }
    }
}

/// Sorts by itself: whether `serde_json` keeps the order of the file is another crate's feature.
fn write_object<'a>(out: &mut String, members: impl Iterator<Item = (&'a String, &'a Value)>) {
    let mut members: Vec<_> = members.collect();
    members.sort_by_key(|(name, _)| *name);
    out.push('{');
    for (index, (name, value)) in members.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let _ = write!(out, "{}:", Value::String(name.clone()));
        write_canonical(out, value);
    }
    out.push('}');
}
