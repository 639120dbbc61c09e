//! One request to the sandbox, past certctl: what a colleague or a test's hand does.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::support::Server;

/// Sets the sandbox's clock.
#[track_caller]
pub(crate) fn set_clock(server: &Server, now: &str) {
    let clock = server.control("/sandbox/clock");
    assert_eq!(send("POST", &clock, &format!(r#"{{"now":"{now}"}}"#)), 200);
}

/// Sends a request and gives its status.
#[track_caller]
pub(crate) fn send(method: &str, url: &str, body: &str) -> u16 {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer a-token-for-tests\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// What a GET answers, as JSON.
#[track_caller]
pub(crate) fn get(url: &str) -> serde_json::Value {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer a-token-for-tests\r\n\
         Connection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}
