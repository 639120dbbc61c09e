//! What a bucket of S3 is told of encryption at rest.

use std::fmt;
use std::str::FromStr;

use crate::text::Invalid;

/// Server-side encryption, as each write to S3 demands it: for buckets whose policy wants that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encryption {
    /// With keys of S3 itself.
    Aes256,
    /// With a key in KMS; without one named, the account's own key for S3.
    Kms(Option<KmsKeyId>),
    /// The same, in two layers.
    KmsDsse(Option<KmsKeyId>),
}

impl Encryption {
    /// The word for it in S3's API.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Aes256 => "AES256",
            Self::Kms(_) => "aws:kms",
            Self::KmsDsse(_) => "aws:kms:dsse",
        }
    }

    /// The key that is named.
    #[must_use]
    pub const fn key(&self) -> Option<&KmsKeyId> {
        match self {
            Self::Aes256 => None,
            Self::Kms(key) | Self::KmsDsse(key) => key.as_ref(),
        }
    }
}

impl fmt::Display for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The id, the alias or the ARN of a key in KMS. Not a secret: whoever has it has not the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmsKeyId(String);

/// An ARN has at most 2,048 characters.
const LONGEST: usize = 2048;

impl KmsKeyId {
    /// As it stands in the header of a request.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KmsKeyId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let inner = |b: u8| b.is_ascii_alphanumeric() || b":/_-".contains(&b);
        if (1..=LONGEST).contains(&text.len()) && text.bytes().all(inner) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new(
                "KMS key",
                text,
                "it is the id, the alias (alias/NAME) or the ARN of a key",
            ))
        }
    }
}
