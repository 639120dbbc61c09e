//! How a bucket is reached besides its address: what it is told, and whom certctl trusts.

use std::path::PathBuf;

use certctl_model::Encryption;
use object_store::aws::AmazonS3Builder;

/// How a bucket is reached. A directory needs none of it.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// A file of CA certificates in PEM that are trusted besides the platform's.
    pub ca_bundle: Option<PathBuf>,
    /// What each write demands of S3, where the bucket's policy wants it demanded.
    pub encryption: Option<Encryption>,
}

/// Tells the library what each write demands.
pub(crate) fn demand(
    encryption: &Encryption,
    builder: AmazonS3Builder,
) -> object_store::Result<AmazonS3Builder> {
    let builder = builder.with_config("aws_server_side_encryption".parse()?, encryption.word());
    Ok(match encryption.key() {
        Some(key) => builder.with_config("aws_sse_kms_key_id".parse()?, key.as_str()),
        None => builder,
    })
}
