//! Attempts, waits and the shared budget, on a paused clock: minutes pass in milliseconds.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use certctl_model::ValidityDays;
use serde_json::json;
use tokio::time::Instant;

use super::{account, certificate, credentials, id, no, yes};
use crate::{Client, ClientOptions, Endpoint, Transport, TransportError, WriteError};

type Answer = (u16, Vec<(&'static str, &'static str)>, String);

/// Gives its answers one after the other, then good ones, and notes when it was asked.
#[derive(Default)]
struct Fake {
    script: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<Instant>>,
}

#[async_trait]
impl Transport for Fake {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        self.asked.lock().unwrap().push(Instant::now());
        let next = self.script.lock().unwrap().pop_front();
        let list = request.method() == http::Method::GET;
        let good = if list { json!([]) } else { certificate() };
        let (status, headers, body) = next.unwrap_or((200, Vec::new(), yes(&good)));
        let mut response = http::Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(name, value);
        }
        Ok(response.body(Bytes::from(body)).unwrap())
    }
}

fn fake(script: Vec<Answer>) -> (Arc<Fake>, Client) {
    let fake = Arc::new(Fake {
        script: Mutex::new(script.into()),
        asked: Mutex::default(),
    });
    let client = Client::with_transport(
        Endpoint::cloudflare(),
        credentials(),
        ClientOptions::default(),
        fake.clone(),
    );
    (fake, client)
}

/// Milliseconds between the requests.
fn gaps(fake: &Fake) -> Vec<u128> {
    let asked = fake.asked.lock().unwrap();
    asked
        .windows(2)
        .map(|w| (w[1] - w[0]).as_millis())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn reads_back_off_and_give_up() {
    let bad = (502, Vec::new(), "<html>".to_owned());
    let (fake, client) = fake(vec![bad; 9]);
    let error = client.list(&account()).await.unwrap_err();
    assert!(error.to_string().contains("HTTP 502"), "{error}");
    let gaps = gaps(&fake);
    assert_eq!(gaps.len(), 4);
    for (gap, longest) in gaps.iter().zip([250, 500, 1_000, 2_000]) {
        assert!(*gap <= longest + 1, "{gaps:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for_and_holds_all_clones() {
    let (fake, client) = fake(vec![(429, vec![("retry-after", "30")], String::new())]);
    let other = client.clone();
    let start = Instant::now();
    let late = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        other
            .create(&account(), ValidityDays::DEFAULT)
            .await
            .unwrap();
        start.elapsed().as_secs()
    };
    let account = account();
    let (listing, waited) = tokio::join!(client.list(&account), late);
    listing.unwrap();
    assert_eq!(waited, 30, "a clone did not wait");
    assert_eq!(fake.asked.lock().unwrap().len(), 3);
    assert!(start.elapsed() >= Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn an_endless_retry_after_ends_the_read_at_once() {
    let (fake, client) = fake(vec![(429, vec![("retry-after", "86400")], String::new())]);
    let start = Instant::now();
    client.list(&account()).await.unwrap_err();
    assert_eq!(start.elapsed(), Duration::ZERO);
    // Those who come later wait for as long as a block lasts, and ask again.
    client.list(&account()).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 300);
    assert_eq!(fake.asked.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_new_token_gets_a_second_chance() {
    let forbidden = (403, Vec::new(), no(10000, "Authentication error"));
    let (fake_once, client) = fake(vec![forbidden.clone()]);
    client.list(&account()).await.unwrap();
    let gap = gaps(&fake_once)[0];
    assert!((1_000..1_300).contains(&gap), "{gap}");

    let (fake_twice, client) = fake(vec![forbidden.clone(), forbidden.clone()]);
    let error = client.list(&account()).await.unwrap_err();
    assert!(error.hint().unwrap().contains("CLOUDFLARE_API_TOKEN"));
    assert_eq!(fake_twice.asked.lock().unwrap().len(), 2);

    let (fake_write, client) = fake(vec![forbidden]);
    let error = client.activate(&account(), &id()).await.unwrap_err();
    assert!(matches!(error, WriteError::Refused(_)));
    assert_eq!(
        fake_write.asked.lock().unwrap().len(),
        1,
        "a write was repeated"
    );
}

#[tokio::test(start_paused = true)]
async fn the_budget_is_shared_and_the_header_is_heard() {
    let (fake_many, client) = fake(Vec::new());
    let start = Instant::now();
    for _ in 0..1_200 {
        client.clone().list(&account()).await.unwrap();
    }
    let waited = start.elapsed().as_secs();
    assert!((299..=305).contains(&waited), "{waited}");
    assert_eq!(client.requests(), 1_200);
    assert_eq!(fake_many.asked.lock().unwrap().len(), 1_200);

    let header = vec![("Ratelimit", "\"default\";r=0;t=30")];
    let (_, client) = fake(vec![(200, header, yes(&json!([])))]);
    let start = Instant::now();
    client.list(&account()).await.unwrap();
    assert_eq!(client.pause_left(&account()), Some(Duration::from_secs(30)));
    client.admitted(&account(), 1).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 30);
}

/// What was admitted leaves at once, whatever the answers say meanwhile: the witness that is read, and
/// the write that rests on it.
#[tokio::test(start_paused = true)]
async fn what_was_admitted_waits_for_nothing() {
    let busy = || {
        let header = vec![("Ratelimit", "\"default\";r=0;t=12")];
        (200, header, yes(&json!([])))
    };
    let (_, client) = fake(vec![busy(), busy(), busy(), busy()]);
    client.list(&account()).await.unwrap();
    let start = Instant::now();
    let admitted = client.admitted(&account(), 2).await.unwrap();
    // The pause, and a little until two may leave.
    let waited = start.elapsed();
    assert!((12..14).contains(&waited.as_secs()), "{waited:?}");
    for _ in 0..2 {
        assert!(admitted.is_admitted());
        admitted.list(&account()).await.unwrap();
    }
    assert_eq!(start.elapsed(), waited);
    assert!(!admitted.is_admitted());
    admitted.list(&account()).await.unwrap();
    assert!(start.elapsed() >= waited + Duration::from_secs(12));
}

/// A server that keeps everybody waiting for ever keeps nobody waiting for longer than `patience`.
#[tokio::test(start_paused = true)]
async fn a_server_that_says_wait_for_ever_is_left() {
    let for_ever = || {
        let header = vec![("Ratelimit", "\"default\";r=0;t=1000000000")];
        (200, header, yes(&json!([])))
    };
    let (fake, client) = fake(vec![for_ever(), for_ever(), for_ever()]);
    let start = Instant::now();
    client.list(&account()).await.unwrap();
    client.list(&account()).await.unwrap();
    let error = client.list(&account()).await.unwrap_err();
    assert!(error.hint().unwrap().contains("1200 requests"), "{error}");
    let patience = ClientOptions::default().patience;
    assert!((patience..patience * 2).contains(&start.elapsed()));
    assert_eq!(fake.asked.lock().unwrap().len(), 2);
}
