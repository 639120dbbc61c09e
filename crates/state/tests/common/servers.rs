//! Third-party object stores on loopback, started when they are on the `PATH`.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use object_store::azure::{AzureAccessKey, AzureAuthorizer, AzureCredential};
use object_store::client::{HttpRequest, HttpRequestBody};

const BUCKET: &str = "certctl-state";
/// Azurite's account, which is in its documentation.
const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str = concat!(
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq",
    "/K1SZFPTOtr/KBHBeksoGMGw=="
);
const START: Duration = Duration::from_secs(60);

/// A server, and how to reach it; it ends with this value.
pub(crate) struct Server {
    pub(crate) endpoint: String,
    pub(crate) environment: Vec<(&'static str, String)>,
    child: Option<Child>,
    _directory: Option<tempfile::TempDir>,
}

impl Server {
    /// A `moto_server` that somebody else started.
    pub(crate) fn elsewhere(endpoint: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            environment: vec![
                ("AWS_ENDPOINT_URL_S3", endpoint.to_owned()),
                ("CERTCTL_STATE_AWS_ACCESS_KEY_ID", "testing".to_owned()),
                ("CERTCTL_STATE_AWS_SECRET_ACCESS_KEY", "testing".to_owned()),
            ],
            child: None,
            _directory: None,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// S3, with a bucket.
pub(crate) fn moto() -> Result<Server, String> {
    let port = free_port();
    let endpoint = format!("http://127.0.0.1:{port}");
    let mut command = Command::new("moto_server");
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
    let (child, directory) = start(command, port, "moto_server")?;
    let mut server = Server::elsewhere(&endpoint);
    server.child = Some(child);
    server._directory = Some(directory);
    let answer = send(port, &format!("PUT /{BUCKET} HTTP/1.1\r\n"))?;
    if answer.starts_with("HTTP/1.1 200") {
        Ok(server)
    } else {
        Err(format!("moto_server makes no bucket: {answer}"))
    }
}

/// Azure, with a container.
pub(crate) fn azurite() -> Result<Server, String> {
    let port = free_port();
    let endpoint = format!("http://127.0.0.1:{port}/{ACCOUNT}");
    let mut command = Command::new("azurite-blob");
    command
        .args(["--blobHost", "127.0.0.1", "--blobPort", &port.to_string()])
        .args([
            "--disableTelemetry",
            "--inMemoryPersistence",
            "--skipApiVersionCheck",
        ]);
    let (child, directory) = start(command, port, "azurite-blob")?;
    let server = Server {
        environment: vec![
            ("AZURE_STORAGE_ENDPOINT", endpoint.clone()),
            ("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT.to_owned()),
            ("AZURE_STORAGE_ACCOUNT_KEY", KEY.to_owned()),
        ],
        endpoint,
        child: Some(child),
        _directory: Some(directory),
    };
    let path = format!("/{ACCOUNT}/{BUCKET}?restype=container");
    let mut request = HttpRequest::new(HttpRequestBody::empty());
    *request.method_mut() = http::Method::PUT;
    *request.uri_mut() = format!("http://127.0.0.1:{port}{path}").parse().unwrap();
    let key = AzureCredential::AccessKey(AzureAccessKey::try_new(KEY).unwrap());
    AzureAuthorizer::new(&key, ACCOUNT)
        .try_authorize(&mut request)
        .map_err(|e| e.to_string())?;
    let mut head = format!("PUT {path} HTTP/1.1\r\n");
    for (name, value) in request.headers() {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    let answer = send(port, &head)?;
    if answer.starts_with("HTTP/1.1 201") {
        Ok(server)
    } else {
        Err(format!("azurite-blob makes no container: {answer}"))
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Starts a server in a directory of its own, and waits until it listens.
fn start(
    mut command: Command,
    port: u16,
    name: &str,
) -> Result<(Child, tempfile::TempDir), String> {
    let directory = tempfile::tempdir().unwrap();
    let mut child = command
        .current_dir(directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| format!("{name} is not on the PATH"))?;
    let begin = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if let Ok(Some(status)) = child.try_wait() {
            return Err(format!("{name} does not start: {status}"));
        }
        if begin.elapsed() > START {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("{name} does not listen"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok((child, directory))
}

fn send(port: u16, head: &str) -> Result<String, String> {
    let exchange = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(START))?;
        // `Host` and `Content-Length` may be among the headers that were signed.
        let has = |name: &str| head.to_ascii_lowercase().contains(&format!("\r\n{name}:"));
        let mut whole = head.to_owned();
        if !has("host") {
            whole.push_str(&format!("Host: 127.0.0.1:{port}\r\n"));
        }
        if !has("content-length") {
            whole.push_str("Content-Length: 0\r\n");
        }
        whole.push_str("Connection: close\r\n\r\n");
        stream.write_all(whole.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    exchange().map_err(|e| e.to_string())
}
