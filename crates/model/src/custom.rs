//! Which custom certificate an address is.

use std::fmt;
use std::str::FromStr;

use crate::text::{Invalid, serde_as_string};
use crate::{CaFacts, CertificateId, CertificateType, Fingerprint, RemoteCertificate};

/// Which custom certificate an address is: one that its owner uploaded, or one that certctl uploads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Custom {
    /// The one of this id, which somebody uploaded.
    Id(CertificateId),
    /// The one of this content ([`CaFacts::content`]), which certctl uploads where it is not there.
    Own(Fingerprint),
}

impl Custom {
    /// Whether a certificate of the account is it. What cannot be read is nobody's content.
    #[must_use]
    pub fn is(&self, remote: &RemoteCertificate) -> bool {
        match self {
            Self::Id(id) => remote.id == *id,
            Self::Own(content) => {
                remote.kind == CertificateType::Custom
                    && remote.facts().map(CaFacts::content) == Some(*content)
            }
        }
    }
}

impl FromStr for Custom {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.contains(':') {
            true => text.parse().map(Self::Own),
            false => text.parse().map(Self::Id),
        }
    }
}

impl fmt::Display for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Own(content) => content.fmt(f),
        }
    }
}

serde_as_string!(Custom);
