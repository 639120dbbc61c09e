//! Who is who: accounts and certificates, by Cloudflare's ids and by our names.
//!
//! Each is a text that is shared: spec, state and plan of an account all name the same, and a fleet has
//! thousands.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::text::{Invalid, serde_as_string};

/// A Cloudflare account id: 32 hexadecimal digits, kept in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(Arc<str>);

impl AccountId {
    /// An id that no account has: for requests that are about none.
    #[must_use]
    pub fn nobody() -> Self {
        Self("0".repeat(32).into())
    }

    /// The id as it stands in a request path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase().into()))
        } else {
            Err(Invalid::new(
                "account id",
                text,
                "it has 32 hexadecimal digits",
            ))
        }
    }
}

/// The id of a remote certificate: a UUID, at most 36 characters (official schema).
///
/// Read leniently, since it is Cloudflare's: letters, digits and `-`, kept in lower case. That is
/// also what makes it safe inside a request path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CertificateId(Arc<str>);

impl CertificateId {
    /// The id as it stands in a request path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of a certificate that exists only in a model of an account; not the nil UUID.
    #[must_use]
    pub fn made_up(serial: u32) -> Self {
        Self(format!("{serial:08x}-0000-4000-8000-000000000000").into())
    }

    /// Whether this is the nil UUID, by which the Gateway configuration says "none of the
    /// account's certificates: Cloudflare's shared root" (official schema).
    #[must_use]
    pub fn is_nil(&self) -> bool {
        self.0.bytes().all(|b| b == b'0' || b == b'-')
    }
}

impl FromStr for CertificateId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let fits = (1..=36).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if fits {
            Ok(Self(text.to_ascii_lowercase().into()))
        } else {
            Err(Invalid::new(
                "certificate id",
                text,
                "it is a UUID such as f174e90a-fafe-4643-bbbc-4a0ed4fc8415",
            ))
        }
    }
}

/// A short name of ours, for an account, a certificate or a spec: `[a-z0-9-]+`, at most 63
/// characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let fits = (1..=63).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(Invalid::new(
                "name",
                text,
                "it has 1 to 63 of the characters a-z, 0-9 and -",
            ))
        }
    }
}

/// The address of a declared certificate: `<account name>/<certificate name>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The account's name in the spec.
    pub account: Name,
    /// The certificate's name within the account.
    pub certificate: Name,
}

impl FromStr for Address {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let rule = "it has the form <account name>/<certificate name>";
        let (account, certificate) = text
            .split_once('/')
            .ok_or_else(|| Invalid::new("address", text, rule))?;
        match (account.parse(), certificate.parse()) {
            (Ok(account), Ok(certificate)) => Ok(Self {
                account,
                certificate,
            }),
            _ => Err(Invalid::new("address", text, rule)),
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for CertificateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.certificate)
    }
}

serde_as_string!(AccountId);
serde_as_string!(CertificateId);
serde_as_string!(Name);
serde_as_string!(Address);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_an_id_is_refused() {
        assert!(
            "699d98642c564d2e855e9661899b7252"
                .parse::<AccountId>()
                .is_ok()
        );
        for bad in [
            "",
            "699d98642c564d2e855e9661899b725",
            "699d98642c564d2e855e9661899b725g",
        ] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
        for bad in [
            "",
            "../../etc",
            "a b",
            "f174e90a-fafe-4643-bbbc-4a0ed4fc8415x",
        ] {
            assert!(bad.parse::<CertificateId>().is_err(), "{bad}");
        }
        for bad in ["", "Acme", "a_b", "ä"] {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
        for bad in ["acme", "acme/", "/a", "a/b/c"] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_nil_uuid_is_recognised() {
        let nil: CertificateId = "00000000-0000-0000-0000-000000000000".parse().unwrap();
        assert!(nil.is_nil());
        let id: CertificateId = "F174E90A-fafe-4643-bbbc-4a0ed4fc8415".parse().unwrap();
        assert!(!id.is_nil());
        assert_eq!(id.as_str(), "f174e90a-fafe-4643-bbbc-4a0ed4fc8415");
    }
}
