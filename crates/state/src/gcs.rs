//! Reaching a bucket of Google Cloud Storage.

use std::path::Path;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};

use crate::StateError;
use crate::environment::{Environment, retry};
use crate::google::{Federation, is_plain, read, secrets};

/// The file of Google's own tools, of any of its types.
const CREDENTIALS: &str = "GOOGLE_APPLICATION_CREDENTIALS";

pub(crate) fn gcs(env: &Environment<'_>, bucket: &str) -> Result<Arc<dyn ObjectStore>, StateError> {
    env.refuse_encryption()?;
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_bucket_name(bucket)
        .with_retry(retry());
    let mut http = false;
    if let Some(url) = env.get("GOOGLE_BASE_URL") {
        http = env.endpoint("GOOGLE_BASE_URL", &url)?;
        builder = builder.with_base_url(&url);
    }
    builder = builder
        .with_client_options(env.options(http))
        .with_http_connector(env.connector(http)?);
    // Without any of them: the default credentials of `gcloud`, then the machine's own identity.
    if let Some(token) = env.secret("GOOGLE_BEARER_TOKEN") {
        builder = builder.with_bearer_token(token);
    } else if let Some(key) = env.secret("GOOGLE_SERVICE_ACCOUNT_KEY") {
        builder = builder.with_config(GoogleConfigKey::ServiceAccountKey, key);
    } else if let Some(path) = env.get("GOOGLE_SERVICE_ACCOUNT") {
        builder = builder.with_service_account_path(path);
    } else if let Some(path) = env.get(CREDENTIALS) {
        builder = match federation(env, &path)? {
            Some(federation) => builder.with_credentials(Arc::new(federation)),
            None => builder.with_application_credentials(path),
        };
    }
    Ok(Arc::new(builder.build().map_err(|e| env.failed(&e))?))
}

/// The federation that a credentials file is about, if it is about one.
fn federation(env: &Environment<'_>, path: &str) -> Result<Option<Federation>, StateError> {
    let refuse = |problem: String| {
        env.refuse(
            format!("{CREDENTIALS}: {path} {problem}"),
            "it is the file that `gcloud` or google-github-actions/auth writes",
        )
    };
    let file = read(Path::new(path)).map_err(|error| refuse(format!("cannot be read: {error}")))?;
    let Some(file) = file else { return Ok(None) };
    secrets(&file)
        .iter()
        .for_each(|secret| env.keep_secret(secret));
    let client = env.client(is_plain(&file))?;
    Federation::new(client, &file).map(Some).map_err(refuse)
}
