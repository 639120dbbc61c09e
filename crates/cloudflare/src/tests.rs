//! The client as a whole: over real sockets where the faults of a network matter, over a fake
//! transport on a paused clock where waiting matters. Never both, for a paused clock beside a real
//! socket makes false timeouts.

mod accounts;
mod decoding;
mod devices;
mod faults;
mod log;
mod mtls;
mod operations;
mod secrets;
mod server;
mod tls;
mod tokens;
mod waiting;

use certctl_model::{AccountId, CertificateId};
use serde_json::{Value, json};

use crate::{Client, ClientOptions, Credentials, Endpoint};

const SECRET: &str = "s3cret-t0ken";
const ID: &str = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415";

fn account() -> AccountId {
    "699d98642c564d2e855e9661899b7252".parse().unwrap()
}

fn id() -> CertificateId {
    ID.parse().unwrap()
}

fn credentials() -> Credentials {
    Credentials::token(SECRET).unwrap()
}

/// A client of a server on this port that waits for nothing long.
fn client(port: u16) -> Client {
    let options = ClientOptions {
        timeout: std::time::Duration::from_millis(400),
        max_response_bytes: 64 * 1024,
        read_attempts: 2,
        ..ClientOptions::default()
    };
    let endpoint = Endpoint::parse(&format!("http://127.0.0.1:{port}/client/v4")).unwrap();
    Client::new(endpoint, credentials(), options).unwrap()
}

fn yes(result: &Value) -> String {
    json!({"success": true, "errors": [], "messages": [], "result": result}).to_string()
}

fn no(code: i64, message: &str) -> String {
    let errors = json!([{"code": code, "message": message}]);
    json!({"success": false, "errors": errors, "messages": [], "result": null}).to_string()
}

/// The answer on the reference page, byte for byte.
const REFERENCE: &str = include_str!("../../x509/src/testdata/reference.json");

fn certificate() -> Value {
    let page: Value = serde_json::from_str(REFERENCE).unwrap();
    page["result"].clone()
}
