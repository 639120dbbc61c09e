//! How a bucket is reached besides its address: what it is told, and whom certctl trusts.

use std::fmt;
use std::path::PathBuf;

use object_store::aws::AmazonS3Builder;

/// How a bucket is reached. A directory needs none of it.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// A file of CA certificates in PEM that are trusted besides the platform's.
    pub ca_bundle: Option<PathBuf>,
    /// What each write demands of S3, where the bucket's policy wants it demanded.
    pub encryption: Option<Encryption>,
}

/// Encryption on the side of S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encryption {
    sse: Sse,
    kms_key_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sse {
    Aes256,
    Kms,
    KmsDsse,
}

impl Encryption {
    /// `sse` as S3 writes it: `AES256`, `aws:kms` or `aws:kms:dsse`; the key, for the latter two, by its
    /// id, its alias or its ARN. Without one the account's own key for S3 is used.
    ///
    /// # Errors
    /// What is wrong with them, as a rule.
    pub fn new(sse: &str, kms_key_id: Option<&str>) -> Result<Self, &'static str> {
        let sse = match sse {
            "AES256" => Sse::Aes256,
            "aws:kms" => Sse::Kms,
            "aws:kms:dsse" => Sse::KmsDsse,
            _ => return Err("`sse` is AES256, aws:kms or aws:kms:dsse"),
        };
        match kms_key_id {
            Some(_) if sse == Sse::Aes256 => Err("`kms_key_id` belongs to aws:kms or aws:kms:dsse"),
            Some(id) if id.is_empty() || !id.bytes().all(|b| b.is_ascii_graphic()) => {
                Err("`kms_key_id` is the id, the alias or the ARN of a key")
            }
            id => Ok(Self {
                sse,
                kms_key_id: id.map(str::to_owned),
            }),
        }
    }

    /// Tells it to the library.
    pub(crate) fn demand(&self, builder: AmazonS3Builder) -> object_store::Result<AmazonS3Builder> {
        let builder = builder.with_config("aws_server_side_encryption".parse()?, self.word());
        Ok(match &self.kms_key_id {
            Some(id) => builder.with_config("aws_sse_kms_key_id".parse()?, id),
            None => builder,
        })
    }

    fn word(&self) -> &'static str {
        match self.sse {
            Sse::Aes256 => "AES256",
            Sse::Kms => "aws:kms",
            Sse::KmsDsse => "aws:kms:dsse",
        }
    }
}

impl fmt::Display for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
