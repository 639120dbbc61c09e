//! The network of a fleet: a server that counts, and the tokens that it is asked with.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use certctl_cloudflare::{
    ClientOptions, Credentials, CredentialsError, Keyring, Transport, TransportError,
};
use certctl_model::AccountId;
use certctl_sandbox::{Conditions, Sandbox};
use http::{Method, Request, Response, StatusCode};
use tokio::time::{Instant, sleep};
use tower::ServiceExt as _;

/// What a request takes.
const LATENCY: Duration = Duration::from_millis(100);
/// Cloudflare's limit for each token, and over which time.
const LIMIT: (usize, Duration) = (1_200, Duration::from_secs(300));

/// The account whose token cannot be had.
pub(super) const WITHOUT_TOKEN: usize = 1_004;

/// The network, and what was seen on it.
pub(super) struct Net {
    pub(super) sandbox: Sandbox,
    pub(super) router: Router,
    /// The numbers of the accounts whose edge takes so long.
    pub(super) slow: BTreeSet<usize>,
    pub(super) slowness: Duration,
    pub(super) troubled: BTreeMap<usize, Trouble>,
    pub(super) seen: Mutex<Seen>,
}

/// What an account answers to everything.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trouble {
    Hangs,
    Forbidden,
    Broken,
}

impl Trouble {
    async fn answer(self) -> Result<Response<Bytes>, TransportError> {
        let (status, body) = match self {
            Self::Hangs => {
                sleep(ClientOptions::default().timeout).await;
                return Err(TransportError {
                    sent: true,
                    message: "no complete response in time".to_owned(),
                    hint: None,
                });
            }
            Self::Forbidden => {
                let error = r#"{"code":10000,"message":"Authentication error"}"#;
                (
                    StatusCode::FORBIDDEN,
                    format!(r#"{{"success":false,"errors":[{error}]}}"#),
                )
            }
            Self::Broken => (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
        };
        let answer = Response::builder().status(status);
        Ok(answer.body(Bytes::from(body)).unwrap())
    }
}

#[derive(Default)]
pub(super) struct Seen {
    pub(super) in_flight: usize,
    pub(super) most_in_flight: usize,
    /// For each account how many requests were sent, and how many of them were creates.
    pub(super) requests: BTreeMap<usize, (usize, usize)>,
    /// When the requests of each token were sent, as far as they count.
    pub(super) of_token: BTreeMap<String, VecDeque<Instant>>,
    pub(super) over_the_limit: usize,
}

impl Net {
    fn begin(&self, account: usize, request: &Request<Bytes>) -> bool {
        let mut seen = self.seen.lock().unwrap();
        seen.in_flight += 1;
        seen.most_in_flight = seen.most_in_flight.max(seen.in_flight);
        let creates = request.method() == Method::POST
            && request.uri().path().ends_with("/gateway/certificates");
        let counts = seen.requests.entry(account).or_default();
        (counts.0, counts.1) = (counts.0 + 1, counts.1 + usize::from(creates));
        let token = request.headers()["authorization"]
            .to_str()
            .unwrap()
            .to_owned();
        let now = Instant::now();
        let sent = seen.of_token.entry(token).or_default();
        sent.push_back(now);
        while sent.front().is_some_and(|first| now - *first > LIMIT.1) {
            sent.pop_front();
        }
        // A loopback API has no limit, and certctl keeps to none there.
        let over = sent.len() > LIMIT.0 && request.uri().scheme_str() == Some("https");
        seen.over_the_limit += usize::from(over);
        over
    }
}

#[async_trait]
impl Transport for Net {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let account = number(request.uri().path());
        let over = self.begin(account, &request);
        sleep(LATENCY).await;
        if let Some(trouble) = self.troubled.get(&account) {
            let answer = trouble.answer().await;
            self.seen.lock().unwrap().in_flight -= 1;
            return answer;
        }
        let slow = self.slow.contains(&account) && request.uri().path().ends_with("/activate");
        let conditions = Conditions {
            deploy_seconds: slow.then_some(self.slowness.as_secs_f64()),
            ..Conditions::default()
        };
        self.sandbox.set_conditions(conditions).unwrap();
        let answer = self.router.clone().oneshot(request.map(Body::from)).await;
        self.seen.lock().unwrap().in_flight -= 1;
        if over {
            let refused = Response::builder().status(StatusCode::TOO_MANY_REQUESTS);
            return Ok(refused
                .header("retry-after", "300")
                .body(Bytes::new())
                .unwrap());
        }
        let (parts, body) = answer.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Ok(Response::from_parts(parts, body))
    }
}

/// Which account a path is about.
fn number(path: &str) -> usize {
    let (_, rest) = path.split_once("/accounts/a").unwrap();
    rest[..31].parse().unwrap()
}

/// The tokens of a world, by the numbers of its accounts.
pub(super) struct Ring(pub(super) fn(usize) -> usize);

#[async_trait]
impl Keyring for Ring {
    async fn credentials(&self, account: &AccountId) -> Result<Credentials, CredentialsError> {
        let n: usize = account.as_str()[1..].parse().unwrap();
        if n == WITHOUT_TOKEN {
            return Err(CredentialsError::Unavailable {
                what: "its command failed".to_owned(),
                hint: None,
            });
        }
        Credentials::token(&format!("a-token-of-tests-{}", (self.0)(n)))
    }
}
