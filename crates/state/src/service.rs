//! HTTP to a bucket: one client, and what an answer has to look like before it is believed.
//!
//! *Guarantees*: no redirect is followed, so no key and no token reaches another host; that there is no
//! object is believed only in the words of a store, and not because some server in between knows no such
//! page (law 4); what a store says is only busy is repeated, a bounded number of times, by the layer
//! above; no answer is larger than any document.

use std::time::Duration;

use async_trait::async_trait;
use http::{StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use object_store::client::{
    ClientConfigKey, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest,
    HttpResponse, HttpResponseBody, HttpService,
};
use object_store::{ClientOptions, Error};
use reqwest::Certificate;

use crate::document::MAX_BYTES;
use crate::remote::element;

/// A request is given up after this, and tried again.
const REQUEST: Duration = Duration::from_secs(10);
/// What is read of an answer besides a document: headers of a list, an explanation.
const SLACK: u64 = 4 << 20;

/// Makes the clients of a store.
#[derive(Debug)]
pub(crate) struct Connector {
    /// The CAs that are trusted besides the platform's.
    pub(crate) roots: Vec<Certificate>,
    /// Whether the store is a server of this machine that speaks plain HTTP.
    pub(crate) plain: bool,
    /// Whether a conflict only says that the object is being written; in Azure it says that there is
    /// one already.
    pub(crate) conflict_is_busy: bool,
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        // A container's agent, which gives keys, speaks plain HTTP too.
        let plain = options
            .get_config_value(&ClientConfigKey::AllowHttp)
            .is_some_and(|value| value == "true");
        let mut builder = certctl_network::client()
            .https_only(!plain)
            .http1_only()
            .timeout(REQUEST)
            .connect_timeout(REQUEST / 2)
            .user_agent(concat!("certctl/", env!("CARGO_PKG_VERSION")));
        if plain {
            builder = builder.no_proxy();
        }
        // Without TLS no trust store is read, which a container may not have.
        builder = if self.plain {
            builder.tls_certs_only([])
        } else {
            builder.tls_certs_merge(self.roots.iter().cloned())
        };
        let client = builder.build().map_err(|error| Error::Generic {
            store: "HTTP",
            source: certctl_network::causes(&error).into(),
        })?;
        Ok(HttpClient::new(Answers {
            client,
            conflict_is_busy: self.conflict_is_busy,
        }))
    }
}

/// The client, and the judgement of its answers.
#[derive(Debug)]
struct Answers {
    client: reqwest::Client,
    conflict_is_busy: bool,
}

/// Why there is no answer that could be believed.
#[derive(Debug, thiserror::Error)]
enum Unbelievable {
    #[error("HTTP {status} to {host}: certctl follows no redirect of a store")]
    Redirect { status: u16, host: String },
    #[error("HTTP 404 that is not a store's: {what}")]
    NotAStore { what: &'static str },
    #[error("through the proxy {proxy}: {causes}")]
    Proxy { proxy: String, causes: String },
}

#[async_trait]
impl HttpService for Answers {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let url = request.uri().to_string();
        let answer = HttpService::call(&self.client, request).await;
        let answer = answer.map_err(|error| through(&url, error))?;
        let (mut parts, body) = answer.into_parts();
        let most = usize::try_from(MAX_BYTES + SLACK).unwrap_or(usize::MAX);
        let body = Limited::new(body, most);
        let body = HttpResponseBody::new(
            body.map_err(|error| HttpError::new_boxed(HttpErrorKind::Decode, error)),
        );
        match parts.status {
            StatusCode::NOT_MODIFIED => {}
            status if status.is_redirection() => {
                let location = parts.headers.get(header::LOCATION);
                let host = location.and_then(|to| to.to_str().ok()?.parse::<http::Uri>().ok());
                let host = host.and_then(|to| to.host().map(str::to_owned));
                return Err(unbelievable(Unbelievable::Redirect {
                    status: status.as_u16(),
                    host: host.unwrap_or_else(|| "an unknown host".to_owned()),
                }));
            }
            StatusCode::NOT_FOUND if !parts.headers.contains_key("x-ms-error-code") => {
                let text = String::from_utf8_lossy(&body.bytes().await?).into_owned();
                if element(&text, "Code").is_none() {
                    let what = what(&text);
                    return Err(unbelievable(Unbelievable::NotAStore { what }));
                }
                return Ok(HttpResponse::from_parts(parts, text.into()));
            }
            StatusCode::CONFLICT if self.conflict_is_busy => {
                parts.status = StatusCode::SERVICE_UNAVAILABLE;
            }
            StatusCode::BAD_REQUEST => {
                let text = String::from_utf8_lossy(&body.bytes().await?).into_owned();
                if element(&text, "Code") == Some("RequestTimeout") {
                    parts.status = StatusCode::REQUEST_TIMEOUT;
                }
                return Ok(HttpResponse::from_parts(parts, text.into()));
            }
            _ => {}
        }
        Ok(HttpResponse::from_parts(parts, body))
    }
}

/// Of a kind that is not repeated: it would be the same again.
fn unbelievable(why: Unbelievable) -> HttpError {
    HttpError::new(HttpErrorKind::Unknown, why)
}

/// The error with the proxy that stands in between, if there is one.
fn through(url: &str, error: HttpError) -> HttpError {
    let env = |name: &str| std::env::var(name).ok();
    match certctl_network::proxy_to(url, &env) {
        Some(proxy) if error.kind() == HttpErrorKind::Connect => {
            let causes = certctl_network::causes(&error);
            HttpError::new(error.kind(), Unbelievable::Proxy { proxy, causes })
        }
        _ => error,
    }
}

/// What stands where a store explains itself.
fn what(text: &str) -> &'static str {
    let text = text.trim_start();
    let start: String = text.chars().take(200).collect();
    if text.is_empty() {
        "an empty answer"
    } else if start.to_ascii_lowercase().contains("<html")
        || start.to_ascii_lowercase().starts_with("<!doctype html")
    {
        "a page in HTML"
    } else {
        "something else than its XML"
    }
}
