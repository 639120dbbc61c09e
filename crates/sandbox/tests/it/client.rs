//! Two small clients, so that no library's retries or leniency stand between test and server.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use certctl_sandbox::{Disruption, Options, Running, Sandbox};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::ServiceExt;

/// The account that the tests use.
pub(crate) const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn result(&self) -> Value {
        self.json()["result"].clone()
    }

    pub(crate) fn id(&self) -> String {
        self.result()["id"].as_str().unwrap().to_owned()
    }

    /// The code of the first error.
    pub(crate) fn code(&self) -> u64 {
        self.json()["errors"][0]["code"].as_u64().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }
}

/// A server on a free port.
pub(crate) async fn start(options: Options) -> Running {
    Sandbox::start(options, "127.0.0.1:0".parse().unwrap())
        .await
        .unwrap()
}

/// One request over a connection of its own.
pub(crate) async fn send(
    addr: SocketAddr,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(addr).await?;
    exchange(&mut stream, method, path, body, "close").await
}

/// One request over a given connection.
pub(crate) async fn exchange(
    stream: &mut TcpStream,
    method: &str,
    path: &str,
    body: Option<Value>,
    connection: &str,
) -> io::Result<Answer> {
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer t\r\n\
         Connection: {connection}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let head = loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&buffer[..count]);
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut answer = Answer {
        status: status.parse().unwrap(),
        headers,
        text: String::new(),
    };
    let length: usize = answer.header("content-length").unwrap().parse().unwrap();
    let mut rest = bytes[head + 4..].to_vec();
    while rest.len() < length {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        rest.extend_from_slice(&buffer[..count]);
    }
    answer.text = String::from_utf8(rest).unwrap();
    Ok(answer)
}

/// A sandbox called in process.
#[derive(Clone)]
pub(crate) struct Local {
    pub(crate) sandbox: Sandbox,
    router: Router,
}

impl Local {
    pub(crate) fn new(options: Options) -> Self {
        let sandbox = Sandbox::open(options).unwrap();
        let router = sandbox.router();
        Self { sandbox, router }
    }

    /// One that starts at a fixed moment.
    pub(crate) fn at(start: &str) -> Self {
        Self::new(Options {
            clock: Some(start.parse().unwrap()),
            ..Options::default()
        })
    }

    /// A request below the account: `POST`, `gateway/certificates`, a body.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        let path = format!("/client/v4/accounts/{ACCOUNT}/{path}");
        self.request(method, &path, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, Value::Null).await
    }

    /// A request to the control plane; it must succeed.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self
            .request(method, &format!("/sandbox/{path}"), body)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    pub(crate) async fn request(&self, method: &str, path: &str, body: Value) -> Answer {
        self.try_request(method, path, body).await.unwrap()
    }

    /// A request that a fault may disrupt.
    pub(crate) async fn try_request(
        &self,
        method: &str,
        path: &str,
        body: Value,
    ) -> Result<Answer, Disruption> {
        let body = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        let request = axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", "Bearer t")
            .body(body)
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        if let Some(disruption) = response.extensions().get::<Disruption>() {
            return Err(*disruption);
        }
        let (parts, body) = response.into_parts();
        let headers = parts
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let text = to_bytes(body, usize::MAX).await.unwrap();
        Ok(Answer {
            status: parts.status.as_u16(),
            headers,
            text: String::from_utf8(text.to_vec()).unwrap(),
        })
    }

    /// Creates a certificate and tells its id.
    pub(crate) async fn create(&self) -> String {
        let answer = self.call("POST", "gateway/certificates", json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.id()
    }

    pub(crate) async fn act(&self, id: &str, verb: &str) -> Answer {
        let path = format!("gateway/certificates/{id}/{verb}");
        self.call("POST", &path, Value::Null).await
    }

    pub(crate) async fn delete(&self, id: &str) -> Answer {
        let path = format!("gateway/certificates/{id}");
        self.call("DELETE", &path, Value::Null).await
    }

    pub(crate) async fn status(&self, id: &str) -> String {
        let told = self.get(&format!("gateway/certificates/{id}")).await;
        told.result()["binding_status"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn use_certificate(&self, id: &str) -> Answer {
        let settings = json!({ "settings": { "certificate": { "id": id } } });
        self.call("PATCH", "gateway/configuration", settings).await
    }

    /// A certificate in a given state, without asking the rules.
    pub(crate) async fn seed(&self, seed: Value) -> String {
        let path = format!("accounts/{ACCOUNT}/certificates");
        let told = self.control("POST", &path, seed).await;
        told["id"].as_str().unwrap().to_owned()
    }
}
