//! Several tokens: each within its own limit, and none held up by another. On a paused clock.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use certctl_model::AccountId;
use http::header;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{no, yes};
use crate::{
    Client, ClientOptions, Credentials, CredentialsError, Endpoint, Keyring, Transport,
    TransportError,
};

/// Cloudflare's limit, for each token.
const LIMIT: usize = 1_200;
const WINDOW: Duration = Duration::from_secs(300);

/// A server that counts by token, and refuses what is too much.
#[derive(Default)]
struct Limited {
    of_token: Mutex<HashMap<String, VecDeque<Instant>>>,
    refused: Mutex<usize>,
    /// A token that is to come back in so many seconds.
    throttled: Option<(&'static str, &'static str)>,
}

#[async_trait]
impl Transport for Limited {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let token = request.headers()[header::AUTHORIZATION].to_str().unwrap();
        if let Some((slow, seconds)) = self.throttled.filter(|(slow, _)| token.ends_with(slow)) {
            let response = http::Response::builder().status(429);
            let response = response.header("retry-after", seconds);
            return Ok(response.body(Bytes::from(no(971, slow))).unwrap());
        }
        let mut of_token = self.of_token.lock().unwrap();
        let times = of_token.entry(token.to_owned()).or_default();
        let now = Instant::now();
        times.push_back(now);
        while times.front().is_some_and(|first| now - *first >= WINDOW) {
            times.pop_front();
        }
        if times.len() > LIMIT {
            *self.refused.lock().unwrap() += 1;
            let response = http::Response::builder().status(429);
            return Ok(response.body(Bytes::from(no(971, "slow down"))).unwrap());
        }
        Ok(http::Response::new(Bytes::from(yes(&json!([])))))
    }
}

/// The token of an account is its first digit.
struct ByFirstDigit;

#[async_trait]
impl Keyring for ByFirstDigit {
    async fn credentials(&self, account: &AccountId) -> Result<Credentials, CredentialsError> {
        Credentials::token(&format!("token-{}", &account.as_str()[..1]))
    }
}

fn client(server: &Arc<Limited>) -> Client {
    Client::over(
        Endpoint::cloudflare(),
        Arc::new(ByFirstDigit),
        ClientOptions::default(),
        server.clone(),
    )
}

fn account(token: u32, number: u32) -> AccountId {
    format!("{token:x}{number:031x}").parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn many_accounts_with_few_tokens_stay_within_the_limit_of_each() {
    let server = Arc::new(Limited::default());
    let client = client(&server);
    let start = Instant::now();
    // 500 accounts of each token, each read three times, all at once.
    let reads = (0..3).flat_map(|token| (0..500).map(move |number| account(token, number)));
    let mut all = JoinSet::new();
    for account in reads {
        let client = client.clone();
        all.spawn(async move {
            for _ in 0..3 {
                client.list(&account).await.unwrap();
            }
        });
    }
    while let Some(done) = all.join_next().await {
        done.unwrap();
    }
    assert_eq!(*server.refused.lock().unwrap(), 0);
    assert_eq!(client.requests(), 4_500);
    assert_eq!(server.of_token.lock().unwrap().len(), 3);
    // As long as 1,500 requests of one token take: the tokens do not wait for each other.
    let waited = start.elapsed().as_secs();
    assert!((389..=395).contains(&waited), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn a_throttled_token_holds_up_no_other() {
    let server = Arc::new(Limited {
        throttled: Some(("token-1", "200")),
        ..Limited::default()
    });
    let client = client(&server);
    let start = Instant::now();
    let (slow, other) = (account(1, 0), account(2, 0));
    let after = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        client.list(&other).await.unwrap();
        start.elapsed().as_secs()
    };
    let (throttled, waited) = tokio::join!(client.list(&slow), after);
    throttled.unwrap_err();
    assert_eq!(waited, 1);
    assert_eq!(client.pause_left(&other), None);
    assert!(client.pause_left(&slow).is_some());
}
