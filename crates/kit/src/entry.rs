//! One certificate that devices should trust, and what its files are called.

use certctl_model::{CertificateId, Fingerprint, Name, Timestamp};
use sha2::{Digest, Sha256};
use x509_parser::pem::parse_x509_pem;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Where the files of single certificates are, in the directory of a kit.
pub(crate) const CERTIFICATES: &str = "certificates";

/// What a certificate is to Gateway, now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Gateway inspects with it.
    InUse,
    /// It is the successor of what is in use.
    Successor,
    /// It was in use, and is the way back.
    Predecessor,
    /// Neither.
    Other,
}

/// One certificate that devices should trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The certificate's name in its account, or another word for what no spec names.
    pub name: Name,
    /// Its id.
    pub id: CertificateId,
    /// What it is to Gateway.
    pub standing: Standing,
    /// When it expires.
    pub expires: Timestamp,
    /// PEM with one certificate.
    pub pem: String,
}

/// Why there is no kit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KitError {
    /// The PEM is not one certificate.
    #[error("the certificate {0} cannot be read")]
    Unreadable(CertificateId),
    /// The profile could not be written.
    #[error("the configuration profile cannot be written: {0}")]
    Profile(String),
}

/// A certificate, read.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    pub(crate) entry: Entry,
    pub(crate) der: Vec<u8>,
    pub(crate) fingerprint: Fingerprint,
    /// `inspection-1a2b3c4d`: its name and the start of its fingerprint.
    pub(crate) stem: String,
}

impl Certificate {
    pub(crate) fn read(entry: &Entry) -> Result<Self, KitError> {
        let unreadable = || KitError::Unreadable(entry.id.clone());
        let (_, block) = parse_x509_pem(entry.pem.as_bytes()).map_err(|_| unreadable())?;
        X509Certificate::from_der(&block.contents).map_err(|_| unreadable())?;
        let digest: [u8; 32] = Sha256::digest(&block.contents).into();
        let start: String = digest.iter().take(4).map(|b| format!("{b:02x}")).collect();
        Ok(Self {
            stem: format!("{}-{start}", entry.name),
            fingerprint: Fingerprint::from_bytes(digest),
            der: block.contents,
            entry: entry.clone(),
        })
    }

    pub(crate) fn expires(&self) -> String {
        self.entry.expires.strftime("%Y-%m-%d").to_string()
    }
}

impl Standing {
    /// For people; goes on from "this certificate ".
    pub(crate) fn told(self) -> &'static str {
        match self {
            Self::InUse => "in use: Gateway inspects with it",
            Self::Successor => "successor: Gateway is going to inspect with it",
            Self::Predecessor => "predecessor: was in use, the way back until it is removed",
            Self::Other => "not in use",
        }
    }
}
