//! A server that misbehaves on purpose: it answers each request with the next action of its script
//! (the last one for ever) and remembers what it was sent.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Debug, Clone)]
pub(super) enum Action {
    /// These bytes, then the connection is closed.
    Raw(Vec<u8>),
    /// These bytes, and the connection stays open and silent.
    Hang(Vec<u8>),
    /// These bytes; the next request on the same connection is taken without an answer, or the
    /// connection closed when the client has pooled it for a moment.
    KeepThenClose(Vec<u8>),
    /// A TCP reset instead of an answer.
    Reset,
}

pub(super) fn answer(status: u16, headers: &str, body: &str) -> Action {
    Action::Raw(raw(status, headers, body, body.len()))
}

pub(super) fn raw(status: u16, headers: &str, body: &str, length: usize) -> Vec<u8> {
    format!("HTTP/1.1 {status} Status\r\ncontent-length: {length}\r\n{headers}\r\n{body}").into()
}

/// What the server was sent, request by request: head and body.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(super) fn requests(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

pub(super) async fn serve(script: Vec<Action>) -> (u16, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let log = Log::default();
    let seen = log.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, script.clone(), seen.clone()));
        }
    });
    (port, log)
}

async fn converse(mut stream: TcpStream, script: Vec<Action>, log: Log) {
    if let Some(request) = receive(&mut stream).await {
        let action = {
            let mut log = log.0.lock().unwrap();
            log.push(request);
            script[(log.len() - 1).min(script.len() - 1)].clone()
        };
        match action {
            Action::Raw(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
            }
            Action::Hang(bytes) => {
                let _ = stream.write_all(&bytes).await;
                tokio::time::sleep(Duration::from_secs(30)).await;
            }
            Action::KeepThenClose(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let next = receive(&mut stream);
                let next = tokio::time::timeout(Duration::from_millis(50), next).await;
                log.0.lock().unwrap().extend(next.ok().flatten());
            }
            Action::Reset => {
                stream.set_zero_linger().unwrap();
            }
        }
    }
}

/// One request, as text.
async fn receive(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
    }
}
