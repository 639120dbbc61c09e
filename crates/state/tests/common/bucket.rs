//! A server with the S3 API that keeps its conditions, and goes wrong when a test says so.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What a server was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// With the query, if there is one.
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// What it answers: status, headers, body.
#[derive(Debug, Clone)]
pub(crate) struct Answer(pub(crate) u16, pub(crate) String, pub(crate) String);

impl Answer {
    /// An error as S3 words it.
    pub(crate) fn error(status: u16, code: &str) -> Self {
        let body = format!(
            "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>said so</Message></Error>"
        );
        Self(status, String::new(), body)
    }
}

/// Gives an answer of its own to a request, or leaves it to the bucket.
type Fault = dyn Fn(&Asked) -> Option<Answer> + Send + Sync;

/// An ETag and a content.
type Object = (String, Vec<u8>);

#[derive(Clone)]
pub(crate) struct Bucket {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    objects: Arc<Mutex<HashMap<String, Object>>>,
}

impl Bucket {
    pub(crate) fn start(fault: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static) -> Self {
        Self::with_etags("", fault)
    }

    /// A bucket whose ETags begin with `prefix`, which makes them weak if it is `W/`.
    pub(crate) fn with_etags(
        prefix: &'static str,
        fault: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let bucket = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            asked: Arc::default(),
            objects: Arc::default(),
        };
        let (served, fault) = (bucket.clone(), Arc::new(fault) as Arc<Fault>);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (served, fault) = (served.clone(), Arc::clone(&fault));
                std::thread::spawn(move || served.serve(stream.unwrap(), prefix, &*fault));
            }
        });
        bucket
    }

    /// Everything that it was asked.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The variables by which a store reaches it.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL_S3", self.url.clone()),
            ("AWS_ACCESS_KEY_ID", "testing".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "testing-testing".to_owned()),
        ]
    }

    fn serve(&self, mut stream: TcpStream, prefix: &str, fault: &Fault) {
        let Some(asked) = read(&mut stream) else {
            return;
        };
        self.asked.lock().unwrap().push(asked.clone());
        let Answer(status, headers, body) =
            fault(&asked).unwrap_or_else(|| self.answer(&asked, prefix));
        let head = format!(
            "HTTP/1.1 {status} Said\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all(format!("{head}{body}").as_bytes());
    }

    fn answer(&self, asked: &Asked, prefix: &str) -> Answer {
        let mut objects = self.objects.lock().unwrap();
        let found = objects.get(&asked.path);
        let headers = |etag: &str| {
            format!("ETag: {etag}\r\nLast-Modified: Mon, 23 Nov 2026 00:00:00 GMT\r\n")
        };
        if asked.method == "GET" {
            return match found {
                Some((etag, body)) => {
                    Answer(200, headers(etag), String::from_utf8(body.clone()).unwrap())
                }
                None => Answer::error(404, "NoSuchKey"),
            };
        }
        if asked.headers.contains_key("if-none-match") && found.is_some() {
            return Answer::error(412, "PreconditionFailed");
        }
        if let Some(condition) = asked.headers.get("if-match") {
            // The comparison is a strong one: no weak ETag is equal to any.
            let holds = found.is_some_and(|(etag, _)| etag == condition && !etag.starts_with("W/"));
            if !holds {
                return Answer::error(412, "PreconditionFailed");
            }
        }
        let etag = format!("{prefix}\"{}\"", self.asked.lock().unwrap().len());
        objects.insert(asked.path.clone(), (etag.clone(), asked.body.clone()));
        Answer(200, headers(&etag), String::new())
    }
}

fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut part = [0; 64 * 1024];
    loop {
        let count = stream.read(&mut part).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&part[..count]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let mut first = lines.next()?.split(' ');
        let headers: HashMap<String, String> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length = headers
            .get("content-length")
            .map_or(0, |n| n.parse().unwrap());
        if bytes.len() >= end + 4 + length {
            return Some(Asked {
                method: first.next()?.to_owned(),
                path: first.next()?.to_owned(),
                headers,
                body: bytes[end + 4..end + 4 + length].to_vec(),
            });
        }
    }
}
