//! Google's workload identity federation: a token of somebody else, such as of a CI system, is exchanged
//! for one of Google's. It is what `google-github-actions/auth` writes (`external_account`).
//!
//! *Non-goals*: federation from AWS and from executables, whose rules are other programs'.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use certctl_files::Links;
use http::header;
use object_store::CredentialProvider;
use object_store::client::{HttpClient, HttpRequestBody};
use object_store::gcp::GcpCredential;
use serde_json::{Map, Value};
use url::Url;

use crate::fetched::{Fetched, Kept, Why, ask, json, text, until};

const MAX_BYTES: u64 = 1 << 20;
const SCOPE: &str = "https://www.googleapis.com/auth/devstorage.read_write";

/// Where the token of somebody else is.
enum Source {
    File(PathBuf),
    Url {
        url: String,
        headers: Vec<(String, String)>,
    },
}

/// Exchanges tokens.
pub(crate) struct Federation {
    client: HttpClient,
    audience: String,
    token_type: String,
    exchange: String,
    impersonate: Option<String>,
    source: Source,
    /// The member that holds the token, where it stands in JSON.
    field: Option<String>,
    kept: Kept<GcpCredential>,
}

/// The text of a credentials file, if it is about federation.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn read(path: &Path) -> std::io::Result<Option<Value>> {
    let bytes = certctl_files::read(path, MAX_BYTES, Links::Follow)?;
    let value: Option<Value> = serde_json::from_slice(&bytes).ok();
    Ok(value.filter(|value| value.get("type").and_then(Value::as_str) == Some("external_account")))
}

/// Each secret that such a file may hold: the headers by which a token is asked for.
pub(crate) fn secrets(file: &Value) -> Vec<String> {
    let headers = file.pointer("/credential_source/headers");
    let headers = headers.and_then(Value::as_object);
    let values = headers.into_iter().flat_map(Map::values);
    values
        .filter_map(Value::as_str)
        .map(|value| value.strip_prefix("Bearer ").unwrap_or(value).to_owned())
        .collect()
}

impl Federation {
    /// # Errors
    /// What the file lacks, or asks for in vain.
    pub(crate) fn new(client: HttpClient, file: &Value) -> Result<Self, String> {
        let get = |path: &str| {
            let found = file.pointer(path).and_then(Value::as_str);
            found.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let need = |path: &str| get(path).ok_or_else(|| format!("has no `{}`", &path[1..]));
        let secure = |url: String| match Url::parse(&url) {
            Ok(parsed) if parsed.scheme() == "https" || is_loopback(&parsed) => Ok(url),
            _ => Err("names an address that is not https".to_owned()),
        };
        let source = match (
            get("/credential_source/file"),
            get("/credential_source/url"),
        ) {
            (Some(file), _) => Source::File(file.into()),
            (None, Some(url)) => {
                let headers = file.pointer("/credential_source/headers");
                let headers = headers.and_then(Value::as_object).into_iter().flatten();
                Source::Url {
                    url: secure(url)?,
                    headers: headers
                        .filter_map(|(name, value)| {
                            Some((name.clone(), value.as_str()?.to_owned()))
                        })
                        .collect(),
                }
            }
            (None, None) => {
                return Err("takes its token neither from a file nor from an address".to_owned());
            }
        };
        let in_json = get("/credential_source/format/type").as_deref() == Some("json");
        let field = "/credential_source/format/subject_token_field_name";
        Ok(Self {
            client,
            audience: need("/audience")?,
            token_type: need("/subject_token_type")?,
            exchange: secure(need("/token_url")?)?,
            impersonate: get("/service_account_impersonation_url")
                .map(secure)
                .transpose()?,
            source,
            field: if in_json { Some(need(field)?) } else { None },
            kept: Kept::default(),
        })
    }

    async fn fetch(&self) -> Result<Fetched<GcpCredential>, Why> {
        let who = "Google's token service";
        let subject = self.subject().await?;
        let scope = match self.impersonate {
            Some(_) => "https://www.googleapis.com/auth/cloud-platform",
            None => SCOPE,
        };
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair(
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            )
            .append_pair("audience", &self.audience)
            .append_pair("scope", scope)
            .append_pair(
                "requested_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            )
            .append_pair("subject_token", &subject)
            .append_pair("subject_token_type", &self.token_type)
            .finish();
        let request = http::Request::post(&self.exchange)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = json(&ask(&self.client, request, body.into(), who).await?, who)?;
        let bearer = text(&answer, "access_token", who)?;
        let Some(impersonate) = &self.impersonate else {
            let lasts = answer.get("expires_in").and_then(Value::as_u64);
            return Ok(Fetched {
                keys: GcpCredential {
                    bearer: bearer.to_owned(),
                },
                lasts: lasts.map(Duration::from_secs),
            });
        };
        let who = "Google's service account";
        let request = http::Request::post(impersonate)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        let body = serde_json::json!({ "scope": [SCOPE] }).to_string();
        let answer = json(&ask(&self.client, request, body.into(), who).await?, who)?;
        Ok(Fetched {
            keys: GcpCredential {
                bearer: text(&answer, "accessToken", who)?.to_owned(),
            },
            lasts: until(&answer, "expireTime"),
        })
    }

    /// The token of somebody else.
    async fn subject(&self) -> Result<String, Why> {
        let who = "the source of the identity token";
        let answer = match &self.source {
            Source::File(path) => {
                let read = certctl_files::read(path, MAX_BYTES, Links::Follow);
                read.map(Bytes::from).map_err(|error| {
                    format!("cannot read the identity token {}: {error}", path.display())
                })?
            }
            Source::Url { url, headers } => {
                let mut request = http::Request::get(url);
                for (name, value) in headers {
                    request = request.header(name, value);
                }
                ask(&self.client, request, HttpRequestBody::empty(), who).await?
            }
        };
        match &self.field {
            None => Ok(String::from_utf8_lossy(&answer).trim().to_owned()),
            Some(field) => Ok(text(&json(&answer, who)?, field, who)?.to_owned()),
        }
    }
}

/// Whether one of a file's addresses is reached over plain HTTP, which is then on this machine.
pub(crate) fn is_plain(file: &Value) -> bool {
    [
        "/token_url",
        "/service_account_impersonation_url",
        "/credential_source/url",
    ]
    .iter()
    .filter_map(|path| file.pointer(path)?.as_str())
    .any(|url| url.starts_with("http://"))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        _ => false,
    }
}

#[async_trait]
impl CredentialProvider for Federation {
    type Credential = GcpCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<GcpCredential>> {
        self.kept.get("GCS", self.fetch()).await
    }
}

impl std::fmt::Debug for Federation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Federation")
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}
