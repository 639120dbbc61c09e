//! Reaching a bucket: endpoints and keys, from the environment.
//!
//! *Invariants*: keys come from the environment only and are kept where errors are cleaned of them;
//! plain HTTP leaves this machine never. *Non-goals*: AWS profiles, which are files that another
//! program's rules apply to; instance metadata of AWS, which a wrong guess would wait for.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{BackoffConfig, Certificate, ClientOptions, ObjectStore, RetryConfig};
use url::{Host, Url};

use crate::object::Objects;
use crate::remote::message;
use crate::{Location, StateError};

/// A request is given up after this, and tried again.
const REQUEST: Duration = Duration::from_secs(10);
/// The tries together are given up after this.
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens the bucket of a location; sends nothing yet.
pub(crate) fn open(
    location: &Location,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Objects, StateError> {
    let env = Environment {
        location,
        env,
        secrets: RefCell::default(),
    };
    let store = match location {
        Location::S3 { bucket, .. } => s3(&env, bucket)?,
        Location::R2 { host, bucket, .. } => r2(&env, host, bucket)?,
        Location::Gcs { bucket, .. } => gcs(&env, bucket)?,
        Location::Azure { container, .. } => azure(&env, container)?,
        Location::Directory(_) => return Err(env.refuse("it is a directory", "open it as one")),
    };
    Ok(Objects::new(
        store,
        location.clone(),
        env.secrets.into_inner(),
    ))
}

struct Environment<'a> {
    location: &'a Location,
    env: &'a dyn Fn(&str) -> Option<String>,
    /// Every secret that was read.
    secrets: RefCell<Vec<String>>,
}

impl Environment<'_> {
    fn get(&self, name: &str) -> Option<String> {
        (self.env)(name).filter(|value| !value.is_empty())
    }

    /// Our own variable first, so that state may have keys of its own.
    fn aws(&self, name: &str) -> Option<String> {
        self.get(&format!("CERTCTL_STATE_{name}"))
            .or_else(|| self.get(name))
    }

    fn secret(&self, name: &str) -> Option<String> {
        let value = self.get(name)?;
        self.secrets.borrow_mut().push(value.clone());
        Some(value)
    }

    fn refuse(&self, problem: impl Into<String>, hint: impl Into<String>) -> StateError {
        StateError::Open {
            location: self.location.to_string(),
            problem: problem.into(),
            hint: hint.into(),
        }
    }

    fn failed(&self, error: &object_store::Error) -> StateError {
        self.refuse(
            message(error, &self.secrets.borrow()),
            "check the variables that hold its keys and its endpoint",
        )
    }

    /// An endpoint that may be spoken to, and whether it is plain HTTP.
    fn endpoint(&self, name: &str, text: &str) -> Result<bool, StateError> {
        let refuse = |problem: &str| {
            self.refuse(
                format!("{name} {problem}"),
                "an endpoint is https://HOST[:PORT], or http:// for a server on this machine",
            )
        };
        let url = Url::parse(text).map_err(|_| refuse("is not a URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("has a user or a password in it"));
        }
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => Ok(false),
            "http" if loopback => Ok(true),
            "http" => Err(refuse("is plain http to another machine")),
            _ => Err(refuse("is not https")),
        }
    }

    fn client(&self, http: bool) -> Result<ClientOptions, StateError> {
        let mut options = ClientOptions::new()
            .with_timeout(REQUEST)
            .with_connect_timeout(REQUEST / 2)
            .with_allow_http(http);
        if let Some(path) = self.get("CERTCTL_CA_BUNDLE") {
            let hint = "it is a file of PEM certificates";
            let pem = std::fs::read(&path)
                .map_err(|e| self.refuse(format!("cannot read CA bundle {path}: {e}"), hint))?;
            let certificates = Certificate::from_pem_bundle(&pem).map_err(|e| {
                let problem = message(&e, &[]);
                self.refuse(format!("CA bundle {path} is not valid: {problem}"), hint)
            })?;
            for certificate in certificates {
                options = options.with_root_certificate(certificate);
            }
        }
        Ok(options)
    }
}

/// Few tries in little time: whoever waits wants to know.
fn retry() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            max_backoff: Duration::from_secs(5),
            ..BackoffConfig::default()
        },
        max_retries: 5,
        retry_timeout: PATIENCE,
    }
}

fn s3(env: &Environment<'_>, bucket: &str) -> Result<Arc<dyn ObjectStore>, StateError> {
    let endpoint = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]
        .into_iter()
        .find_map(|name| Some((name, env.aws(name)?)));
    let region = env
        .aws("AWS_REGION")
        .or_else(|| env.aws("AWS_DEFAULT_REGION"));
    let mut builder = AmazonS3Builder::new();
    let mut http = false;
    let region = match (endpoint, region) {
        (None, None) => {
            return Err(env.refuse(
                "the bucket's region is not known",
                "set AWS_REGION (or AWS_ENDPOINT_URL_S3, for another S3 API)",
            ));
        }
        (None, Some(region)) => region,
        (Some((name, url)), region) => {
            http = env.endpoint(name, &url)?;
            builder = builder.with_endpoint(url);
            region.unwrap_or_else(|| "us-east-1".to_owned())
        }
    };
    let builder = builder
        .with_bucket_name(bucket)
        .with_region(region)
        .with_client_options(env.client(http)?)
        .with_retry(retry());
    let builder = aws_keys(env, builder, true)?;
    Ok(Arc::new(builder.build().map_err(|e| env.failed(&e))?))
}

fn r2(env: &Environment<'_>, host: &str, bucket: &str) -> Result<Arc<dyn ObjectStore>, StateError> {
    let builder = AmazonS3Builder::new()
        .with_endpoint(format!("https://{host}"))
        .with_bucket_name(bucket)
        .with_region("auto")
        .with_client_options(env.client(false)?)
        .with_retry(retry());
    let builder = aws_keys(env, builder, false)?;
    Ok(Arc::new(builder.build().map_err(|e| env.failed(&e))?))
}

/// What gives keys in place of keys: a web identity, or the agent of a container.
const AWS_IDENTITY: [(&str, AmazonS3ConfigKey); 7] = [
    (
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        AmazonS3ConfigKey::WebIdentityTokenFile,
    ),
    (
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        AmazonS3ConfigKey::ContainerCredentialsRelativeUri,
    ),
    (
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        AmazonS3ConfigKey::ContainerCredentialsFullUri,
    ),
    (
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        AmazonS3ConfigKey::ContainerAuthorizationTokenFile,
    ),
    ("AWS_ROLE_ARN", AmazonS3ConfigKey::RoleArn),
    ("AWS_ROLE_SESSION_NAME", AmazonS3ConfigKey::RoleSessionName),
    ("AWS_ENDPOINT_URL_STS", AmazonS3ConfigKey::StsEndpoint),
];

fn aws_keys(
    env: &Environment<'_>,
    mut builder: AmazonS3Builder,
    identity: bool,
) -> Result<AmazonS3Builder, StateError> {
    // One family of variables gives all of them: a key of one with the token of another is none.
    for family in ["CERTCTL_STATE_AWS_", "AWS_"] {
        let name = |part: &str| format!("{family}{part}");
        let id = env.get(&name("ACCESS_KEY_ID"));
        let secret = env.secret(&name("SECRET_ACCESS_KEY"));
        let (Some(id), Some(secret)) = (&id, &secret) else {
            if id.is_some() || secret.is_some() {
                return Err(env.refuse(
                    format!("{family}ACCESS_KEY_ID and {family}SECRET_ACCESS_KEY belong together"),
                    "set both, or neither",
                ));
            }
            continue;
        };
        builder = builder
            .with_access_key_id(id)
            .with_secret_access_key(secret);
        if let Some(token) = env.secret(&name("SESSION_TOKEN")) {
            builder = builder.with_token(token);
        }
        return Ok(builder);
    }
    if !identity
        || !AWS_IDENTITY
            .iter()
            .take(3)
            .any(|(name, _)| env.get(name).is_some())
    {
        return Err(env.refuse(
            "there are no keys for it in the environment",
            "set CERTCTL_STATE_AWS_ACCESS_KEY_ID and CERTCTL_STATE_AWS_SECRET_ACCESS_KEY, or \
             AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; AWS profiles are not read (`aws configure \
             export-credentials --format env` prints the keys of one)",
        ));
    }
    for (name, key) in AWS_IDENTITY {
        if let Some(value) = env.get(name) {
            builder = builder.with_config(key, value);
        }
    }
    Ok(builder)
}

fn gcs(env: &Environment<'_>, bucket: &str) -> Result<Arc<dyn ObjectStore>, StateError> {
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_bucket_name(bucket)
        .with_retry(retry());
    let mut http = false;
    if let Some(url) = env.get("GOOGLE_BASE_URL") {
        http = env.endpoint("GOOGLE_BASE_URL", &url)?;
        builder = builder.with_base_url(&url);
    }
    builder = builder.with_client_options(env.client(http)?);
    // Without any of them: the default credentials of `gcloud`, then the machine's own identity.
    if let Some(token) = env.secret("GOOGLE_BEARER_TOKEN") {
        builder = builder.with_bearer_token(token);
    } else if let Some(key) = env.secret("GOOGLE_SERVICE_ACCOUNT_KEY") {
        builder = builder.with_config(GoogleConfigKey::ServiceAccountKey, key);
    } else if let Some(path) = env.get("GOOGLE_SERVICE_ACCOUNT") {
        builder = builder.with_service_account_path(path);
    } else if let Some(path) = env.get("GOOGLE_APPLICATION_CREDENTIALS") {
        builder = builder.with_application_credentials(path);
    }
    Ok(Arc::new(builder.build().map_err(|e| env.failed(&e))?))
}

const AZURE: [(&str, AzureConfigKey, bool); 11] = [
    ("AZURE_STORAGE_ACCOUNT_KEY", AzureConfigKey::AccessKey, true),
    ("AZURE_STORAGE_ACCESS_KEY", AzureConfigKey::AccessKey, true),
    ("AZURE_STORAGE_SAS_TOKEN", AzureConfigKey::SasKey, true),
    ("AZURE_STORAGE_TOKEN", AzureConfigKey::Token, true),
    ("AZURE_CLIENT_ID", AzureConfigKey::ClientId, false),
    ("AZURE_CLIENT_SECRET", AzureConfigKey::ClientSecret, true),
    (
        "AZURE_FEDERATED_TOKEN_FILE",
        AzureConfigKey::FederatedTokenFile,
        false,
    ),
    ("AZURE_USE_AZURE_CLI", AzureConfigKey::UseAzureCli, false),
    ("IDENTITY_ENDPOINT", AzureConfigKey::MsiEndpoint, false),
    ("AZURE_TENANT_ID", AzureConfigKey::AuthorityId, false),
    ("AZURE_AUTHORITY_HOST", AzureConfigKey::AuthorityHost, false),
];

fn azure(env: &Environment<'_>, container: &str) -> Result<Arc<dyn ObjectStore>, StateError> {
    let hint = "set AZURE_STORAGE_ACCOUNT_NAME, and AZURE_STORAGE_ACCOUNT_KEY, \
                AZURE_STORAGE_SAS_TOKEN or AZURE_CLIENT_ID with what belongs to it";
    let account = env
        .get("AZURE_STORAGE_ACCOUNT_NAME")
        .ok_or_else(|| env.refuse("the storage account is not known", hint))?;
    let mut builder = MicrosoftAzureBuilder::new()
        .with_account(account)
        .with_container_name(container)
        .with_retry(retry());
    let mut http = false;
    if let Some(url) = env.get("AZURE_STORAGE_ENDPOINT") {
        http = env.endpoint("AZURE_STORAGE_ENDPOINT", &url)?;
        builder = builder.with_endpoint(url);
    }
    builder = builder.with_client_options(env.client(http)?);
    let mut keys = false;
    for (index, (name, key, secret)) in AZURE.into_iter().enumerate() {
        let value = if secret {
            env.secret(name)
        } else {
            env.get(name)
        };
        if let Some(value) = value {
            builder = builder.with_config(key, value);
            // The last two only say who to ask.
            keys |= index + 2 < AZURE.len();
        }
    }
    if !keys {
        return Err(env.refuse("there are no keys for it in the environment", hint));
    }
    Ok(Arc::new(builder.build().map_err(|e| env.failed(&e))?))
}
