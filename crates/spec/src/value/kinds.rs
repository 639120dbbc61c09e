//! Values that are one scalar: names, ids, numbers, durations.

use certctl_model::{
    AccountId, CertificateId, Code, KmsKeyId, LastResort, Name, Period, Share, ValidityDays,
};
use serde_json::{Value as Json, json};

use super::Value;
use crate::complaint::Complaint;
use crate::reader::Reader;
use crate::scalar;
use crate::spec::Import;
use crate::yaml::{Kind, Node};

/// The schema of a string that has this form, or comes from a variable.
pub(super) fn string(pattern: &str) -> Json {
    json!({ "type": "string", "anyOf": [{ "pattern": pattern }, { "$ref": "#/$defs/variable" }] })
}

/// The schema of what is no string, unless it comes from a variable.
pub(super) fn or_variable(schema: Json) -> Json {
    json!({ "anyOf": [schema, { "$ref": "#/$defs/variable" }] })
}

/// `version`.
#[derive(Debug)]
pub(crate) struct Version;

/// Text on one line, read further by whoever knows what it means.
#[derive(Debug)]
pub(crate) struct Line;

/// `state`: text that is not empty.
#[derive(Debug)]
pub(crate) struct StateUrl;

impl Value for Version {
    type Out<'n> = ();

    fn schema() -> Json {
        json!({ "const": 1 })
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<(), Complaint> {
        match scalar::whole(node, key, reader)? {
            1 => Ok(()),
            other => Err(Complaint::new(
                Code::UnsupportedVersion,
                format!(
                    "`{key}` is {}, which is no version of the format that this certctl reads",
                    scalar::number(node, other)
                ),
            )
            .hint(Some("it reads version 1".to_owned()))),
        }
    }
}

impl Value for Name {
    type Out<'n> = Self;

    fn schema() -> Json {
        string("^[a-z0-9-]{1,63}$")
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<Self, Complaint> {
        let text = scalar::text(node, key, reader)?;
        scalar::parsed(node, text).map_err(|complaint| {
            let better: String = text
                .trim()
                .chars()
                .map(|c| {
                    if c == '_' || c == ' ' || c == '.' {
                        '-'
                    } else {
                        c.to_ascii_lowercase()
                    }
                })
                .collect();
            let better = better
                .parse::<Self>()
                .ok()
                .filter(|_| !node.mark.variable)
                .map(|name| format!("write `{name}`"));
            complaint.hint(better)
        })
    }
}

impl Value for AccountId {
    type Out<'n> = Self;

    fn schema() -> Json {
        string("^[0-9a-fA-F]{32}$")
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<Self, Complaint> {
        let text = scalar::text(node, key, reader)?;
        scalar::parsed(node, text).map_err(|complaint| {
            let hint = "the dashboard shows it under Account home, and in every address after \
                        dash.cloudflare.com/";
            complaint.hint(Some(hint.to_owned()))
        })
    }
}

impl Value for StateUrl {
    type Out<'n> = String;

    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1 })
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<String, Complaint> {
        let text = scalar::text(node, key, reader)?;
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            let message = format!("`{key}` must be a path or a URL on one line");
            return Err(Complaint::new(Code::InvalidValue, message)
                .hint(Some("leave it out for `.certctl/state`".to_owned())));
        }
        Ok(text.to_owned())
    }
}

impl Value for KmsKeyId {
    type Out<'n> = Self;

    fn schema() -> Json {
        string("^[0-9A-Za-z:/_-]{1,2048}$")
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<Self, Complaint> {
        let text = scalar::text(node, key, reader)?;
        scalar::parsed(node, text).map_err(|complaint| {
            let hint = "`aws kms list-aliases` lists them; it is no secret";
            complaint.hint(Some(hint.to_owned()))
        })
    }
}

impl Value for Line {
    type Out<'n> = String;

    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1 })
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<String, Complaint> {
        scalar::text(node, key, reader).map(str::to_owned)
    }
}

impl Value for bool {
    type Out<'n> = Self;

    fn schema() -> Json {
        or_variable(json!({ "type": "boolean" }))
    }

    fn read(node: &Node, key: &str, _: &mut Reader<'_>) -> Result<Self, Complaint> {
        scalar::flag(node, key)
    }
}

impl Value for ValidityDays {
    type Out<'n> = Self;

    fn schema() -> Json {
        or_variable(json!({ "type": "integer", "minimum": Self::MIN, "maximum": Self::MAX }))
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<Self, Complaint> {
        let days = scalar::whole(node, key, reader)?;
        let fits = u32::try_from(days)
            .ok()
            .and_then(|days| Self::try_from(days).ok());
        fits.ok_or_else(|| {
            let (min, max) = (Self::MIN, Self::MAX);
            let days_shown = scalar::number(node, days);
            let message = format!("`{key}` is {days_shown}, which is outside of {min} to {max}");
            let hint = if days > i128::from(max) {
                format!("the longest that Cloudflare issues is {max} days")
            } else {
                format!("the shortest that Cloudflare issues is {min} day")
            };
            Complaint::new(Code::OutOfRange, message).hint(Some(hint))
        })
    }
}

impl Value for Period {
    type Out<'n> = Self;

    fn schema() -> Json {
        string("^([0-9]+[dhms] ?)+$")
    }

    fn read(node: &Node, key: &str, _: &mut Reader<'_>) -> Result<Self, Complaint> {
        scalar::period(node, key)
    }
}

impl Value for Share {
    type Out<'n> = Self;

    fn schema() -> Json {
        string(r"^[0-9]{1,3}(\.[0-9]{1,2})? ?%$")
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<Self, Complaint> {
        let text = match &node.kind {
            Kind::Int(number) => {
                let hint = (1..=100)
                    .contains(number)
                    .then(|| format!("write {number}%"));
                return Err(
                    Complaint::wrong_type(key, "a share such as 98%", &node.kind).hint(hint),
                );
            }
            Kind::Float(_) => {
                return Err(Complaint::wrong_type(
                    key,
                    "a share such as 98%",
                    &node.kind,
                ));
            }
            _ => scalar::text(node, key, reader)?,
        };
        scalar::parsed(node, text)
    }
}

impl Value for LastResort {
    type Out<'n> = Self;

    fn schema() -> Json {
        json!({ "anyOf": [{ "const": "never" }, Period::schema()] })
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<Self, Complaint> {
        match scalar::text(node, key, reader) {
            Ok("never") => Ok(Self::Never),
            _ => scalar::period(node, key).map(Self::Before),
        }
    }
}

impl Value for Import {
    type Out<'n> = Self;

    fn schema() -> Json {
        json!({ "anyOf": [
            { "const": "none" },
            string(UUID),
        ] })
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<Self, Complaint> {
        let text = scalar::text(node, key, reader)?;
        if text == "none" {
            return Ok(Self::None);
        }
        let none = ["none", "nil", "no", "null", "new"];
        if none.iter().any(|word| text.eq_ignore_ascii_case(word)) {
            let message = format!(
                "`{key}` is a certificate's id or `none`, found {}",
                scalar::found(node, text)
            );
            return Err(Complaint::new(Code::InvalidValue, message)
                .hint(Some("write `import: none` to create a new one".to_owned())));
        }
        let what = "a certificate's id or `none`";
        certificate_id(node, key, text, what).map(Self::Id)
    }
}

impl Value for CertificateId {
    type Out<'n> = Self;

    fn schema() -> Json {
        string(UUID)
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<Self, Complaint> {
        let text = scalar::text(node, key, reader)?;
        certificate_id(node, key, text, "a certificate's id")
    }
}

/// The id of a certificate that exists; `what` says what the key may hold.
fn certificate_id(
    node: &Node,
    key: &str,
    text: &str,
    what: &str,
) -> Result<CertificateId, Complaint> {
    if !is_uuid(text) {
        let found = scalar::found(node, text);
        let message = format!("`{key}` is {what}, found {found}");
        let id = text.rsplit('/').next().filter(|last| is_uuid(last));
        let hint = match id.filter(|_| !node.mark.variable) {
            Some(id) => format!("write the certificate's id alone: `{key}: {id}`"),
            None => "a certificate's id is a UUID, such as \
                     f174e90a-fafe-4643-bbbc-4a0ed4fc8415; `certctl status` lists them"
                .to_owned(),
        };
        return Err(Complaint::new(Code::InvalidValue, message).hint(Some(hint)));
    }
    let id: CertificateId = scalar::parsed(node, text)?;
    if id.is_nil() {
        let message = format!("`{key}` is the nil id, which is no certificate");
        let own = what.replace("a certificate's id", "the certificate's own id");
        let hint = format!("write {}", own.replace(" or ", ", or "));
        return Err(Complaint::new(Code::InvalidValue, message).hint(Some(hint)));
    }
    Ok(id)
}

/// The form of the API's ids.
const UUID: &str = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";

/// Whether it has the form of the API's ids: 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups
            .iter()
            .all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()))
}
