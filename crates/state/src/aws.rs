//! Reaching a bucket of S3, of R2, or of another server with the API of S3.

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use url::Url;

use crate::StateError;
use crate::access::demand;
use crate::container::{Agent, Token, is_agent};
use crate::environment::{Environment, retry};

/// Where the agent of a container is asked for keys.
const AGENT: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

pub(crate) fn s3(env: &Environment<'_>, bucket: &str) -> Result<Arc<dyn ObjectStore>, StateError> {
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
    if let Some(encryption) = &env.access.encryption {
        builder = demand(encryption, builder).map_err(|e| env.failed(&e))?;
    }
    let builder = builder
        .with_bucket_name(bucket)
        .with_region(region)
        .with_client_options(env.options(http))
        .with_http_connector(env.connector(http)?)
        .with_retry(retry());
    let builder = aws_keys(env, builder, true)?;
    Ok(Arc::new(builder.build().map_err(|e| env.failed(&e))?))
}

pub(crate) fn r2(
    env: &Environment<'_>,
    host: &str,
    bucket: &str,
) -> Result<Arc<dyn ObjectStore>, StateError> {
    env.refuse_encryption()?;
    let builder = AmazonS3Builder::new()
        .with_endpoint(format!("https://{host}"))
        .with_bucket_name(bucket)
        .with_region("auto")
        .with_client_options(env.options(false))
        .with_http_connector(env.connector(false)?)
        .with_retry(retry());
    let builder = aws_keys(env, builder, false)?;
    Ok(Arc::new(builder.build().map_err(|e| env.failed(&e))?))
}

/// What gives keys in place of keys: a web identity, or the agent of a task.
const IDENTITY: [(&str, AmazonS3ConfigKey); 5] = [
    (
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        AmazonS3ConfigKey::WebIdentityTokenFile,
    ),
    (
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        AmazonS3ConfigKey::ContainerCredentialsRelativeUri,
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
    let named = |name: &&(&str, AmazonS3ConfigKey)| env.get(name.0).is_some();
    if identity && IDENTITY.iter().take(2).any(|name| named(&name)) {
        for (name, key) in IDENTITY {
            if let Some(value) = env.get(name) {
                builder = builder.with_config(key, value);
            }
        }
        return Ok(builder);
    }
    if identity && let Some(uri) = env.get(AGENT) {
        return Ok(builder.with_credentials(Arc::new(agent(env, &uri)?)));
    }
    Err(env.refuse(
        "there are no keys for it in the environment",
        "set CERTCTL_STATE_AWS_ACCESS_KEY_ID and CERTCTL_STATE_AWS_SECRET_ACCESS_KEY, or \
         AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; AWS profiles are not read (`aws configure \
         export-credentials --format env` prints the keys of one)",
    ))
}

/// The agent of a container, with its token.
fn agent(env: &Environment<'_>, uri: &str) -> Result<Agent, StateError> {
    let refuse = |problem: &str| {
        env.refuse(
            format!("{AGENT} {problem}"),
            "it is https://HOST/PATH, or http:// to this machine or the agent of ECS or EKS",
        )
    };
    let url = Url::parse(uri).map_err(|_| refuse("is not a URL"))?;
    if !is_agent(&url) {
        return Err(refuse("is no address that its token may go to"));
    }
    // The file is replaced as the token ends, so it comes first.
    let token = match env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
        Some(path) => Some(Token::File(path.into())),
        None => env
            .secret("AWS_CONTAINER_AUTHORIZATION_TOKEN")
            .map(Token::Inline),
    };
    Ok(Agent::new(env.client(url.scheme() == "http")?, &url, token))
}
