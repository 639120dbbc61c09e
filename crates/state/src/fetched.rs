//! Keys that are fetched and end: kept until shortly before their end, fetched by one at a time.
//!
//! The library's own way to them knows neither a token given inline nor Google's workload identity
//! federation, and other libraries bring HTTP clients of their own, which would know neither the CA
//! bundle nor that no redirect is to be followed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::client::{HttpClient, HttpRequest, HttpRequestBody};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Keys are not used in the last minutes of their life: a request and its repeats have to fit in.
const SPARE: Duration = Duration::from_secs(300);
/// How long keys last that do not say so.
const UNKNOWN: Duration = Duration::from_secs(600);

/// What went wrong, without secrets.
pub(crate) type Why = Box<dyn std::error::Error + Send + Sync>;

/// Keys, and how long they last from when they were asked for.
pub(crate) struct Fetched<C> {
    pub(crate) keys: C,
    pub(crate) lasts: Option<Duration>,
}

/// The last keys that were fetched.
#[derive(Debug)]
pub(crate) struct Kept<C>(Mutex<Option<(Arc<C>, Instant)>>);

impl<C> Default for Kept<C> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<C> Kept<C> {
    /// The keys that are kept, or new ones.
    pub(crate) async fn get(
        &self,
        store: &'static str,
        fetch: impl Future<Output = Result<Fetched<C>, Why>>,
    ) -> object_store::Result<Arc<C>> {
        let mut kept = self.0.lock().await;
        let asked = Instant::now();
        match &*kept {
            Some((keys, until)) if asked < *until => return Ok(Arc::clone(keys)),
            _ => {}
        }
        let fetched = fetch
            .await
            .map_err(|source| object_store::Error::Generic { store, source })?;
        let lasts = fetched.lasts.unwrap_or(UNKNOWN);
        let keys = Arc::new(fetched.keys);
        *kept = Some((Arc::clone(&keys), asked + lasts.saturating_sub(SPARE)));
        Ok(keys)
    }
}

/// Sends a request that gives keys, and gives its answer. What is wrong with the answer is said without any
/// of it: it may hold keys.
pub(crate) async fn ask(
    client: &HttpClient,
    request: http::request::Builder,
    body: HttpRequestBody,
    who: &str,
) -> Result<Bytes, Why> {
    let request: HttpRequest = request
        .body(body)
        .map_err(|_| format!("{who} cannot be asked: its address or a header is not valid"))?;
    let answer = client
        .execute(request)
        .await
        .map_err(|error| format!("{who} cannot be asked: {}", certctl_network::causes(&error)))?;
    let status = answer.status();
    let text = answer.into_body().bytes().await.map_err(|error| {
        format!(
            "{who} did not answer in full: {}",
            certctl_network::causes(&error)
        )
    })?;
    if !status.is_success() {
        return Err(format!("{who} answered HTTP {}{}", status.as_u16(), said(&text)).into());
    }
    Ok(text)
}

/// An answer in JSON.
pub(crate) fn json(answer: &[u8], who: &str) -> Result<Value, Why> {
    serde_json::from_slice(answer).map_err(|_| format!("{who} did not answer in JSON").into())
}

/// The words of a refusal, where it has some: of Google's, of OAuth's, of a container's agent.
fn said(text: &[u8]) -> String {
    let Ok(value) = serde_json::from_slice::<Value>(text) else {
        return String::new();
    };
    let words = ["/error_description", "/error/message", "/error", "/message"];
    let found = words.iter().find_map(|path| value.pointer(path)?.as_str());
    let cut = |words: &str| words.chars().take(200).collect::<String>();
    found.map_or_else(String::new, |words| format!(": {}", cut(words)))
}

/// A text of an answer.
pub(crate) fn text<'v>(answer: &'v Value, name: &str, who: &str) -> Result<&'v str, Why> {
    answer
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| format!("{who} answered without `{name}`").into())
}

/// How long it is until a moment of an answer; none where that is not known.
pub(crate) fn until(answer: &Value, name: &str) -> Option<Duration> {
    let at: certctl_model::Timestamp = answer.get(name)?.as_str()?.parse().ok()?;
    let left = at.duration_since(certctl_model::Timestamp::now());
    Some(left.try_into().unwrap_or_default())
}
