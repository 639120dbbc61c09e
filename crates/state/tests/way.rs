//! The way to a bucket: whom certctl trusts, how it comes to keys that end, and what each write demands.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what it expects by panicking"
)]

#[path = "common/bucket.rs"]
mod bucket;
#[path = "common/mod.rs"]
mod common;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bucket::{Answer, Asked, Bucket};
use certctl_model::Encryption;
use certctl_state::{Access, Location, StateError, Store};
use common::{holder, key, named};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

type Variables = Vec<(&'static str, String)>;

fn open_with(url: &str, access: &Access, variables: &Variables) -> Result<Store, StateError> {
    let location = Location::parse(url, Path::new("")).unwrap();
    Store::open(&location, access, &|name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone())
    })
}

fn open(url: &str, variables: &Variables) -> Result<Store, StateError> {
    open_with(url, &Access::default(), variables)
}

/// Locks, saves and lets go.
async fn work(store: &Store) {
    let mut session = store
        .lock(&key(), &holder("a"), Duration::ZERO)
        .await
        .unwrap();
    session.save(&named("one")).await.unwrap();
    session.release().await.unwrap();
}

fn header<'a>(asked: &'a Asked, name: &str) -> Option<&'a str> {
    asked.headers.get(name).map(String::as_str)
}

#[tokio::test]
async fn every_write_demands_the_encryption_that_was_asked_for() {
    let named = |id: &str| Some(id.parse().unwrap());
    for (encryption, sse, id) in [
        (Encryption::Aes256, "AES256", None),
        (Encryption::Kms(None), "aws:kms", None),
        (
            Encryption::Kms(named("arn:aws:kms:eu-central-1:1:key/x")),
            "aws:kms",
            Some("arn:aws:kms:eu-central-1:1:key/x"),
        ),
        (
            Encryption::KmsDsse(named("alias/state")),
            "aws:kms:dsse",
            Some("alias/state"),
        ),
    ] {
        let bucket = Bucket::start(|_| None);
        let access = Access {
            encryption: Some(encryption),
            ..Access::default()
        };
        work(&open_with("s3://bucket", &access, &bucket.environment()).unwrap()).await;
        let asked = bucket.asked();
        assert!(asked.iter().any(|asked| asked.method == "PUT"));
        for asked in asked {
            let put = asked.method == "PUT";
            let demanded = header(&asked, "x-amz-server-side-encryption");
            assert_eq!(demanded, put.then_some(sse), "{asked:?}");
            let with = header(&asked, "x-amz-server-side-encryption-aws-kms-key-id");
            assert_eq!(with, id.filter(|_| put), "{asked:?}");
        }
    }
    // What only S3 can be told is not left out elsewhere.
    let access = Access {
        encryption: Some(Encryption::Aes256),
        ..Access::default()
    };
    for url in [
        "gs://bucket",
        "az://container",
        "https://account.r2.cloudflarestorage.com/bucket",
    ] {
        let error = open_with(url, &access, &Vec::new()).unwrap_err();
        assert!(error.to_string().contains("AES256"), "{error}");
    }
}

#[tokio::test]
async fn the_agent_of_a_container_gives_keys_for_a_token() {
    let agent = Bucket::start(|asked| {
        let right = header(asked, "authorization") == Some("agent-token-0123456789");
        Some(match right {
            true => Answer(
                200,
                String::new(),
                json!({
                    "AccessKeyId": "AKIA-OF-THE-AGENT", "SecretAccessKey": "secret-of-the-agent",
                    "Token": "session-of-the-agent", "Expiration": "2099-01-01T00:00:00Z"
                })
                .to_string(),
            ),
            false => Answer(401, String::new(), json!({"message": "no"}).to_string()),
        })
    });
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    std::fs::write(&file, "agent-token-0123456789\n").unwrap();
    let uri = (
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        format!("{}/v1/keys", agent.url),
    );
    let inline = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
    let in_file = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
    for token in [
        (inline, "agent-token-0123456789".to_owned()),
        (in_file, file.display().to_string()),
    ] {
        let bucket = Bucket::start(|_| None);
        let endpoint = ("AWS_ENDPOINT_URL_S3", bucket.url.clone());
        let before = agent.asked().len();
        work(&open("s3://bucket", &vec![endpoint, uri.clone(), token]).unwrap()).await;
        for asked in bucket.asked() {
            let signed = header(&asked, "authorization").unwrap();
            assert!(signed.contains("AKIA-OF-THE-AGENT"), "{signed}");
            let session = header(&asked, "x-amz-security-token");
            assert_eq!(session, Some("session-of-the-agent"));
        }
        assert_eq!(agent.asked().len(), before + 1, "asked once, and kept");
    }

    let bucket = Bucket::start(|_| None);
    let endpoint = ("AWS_ENDPOINT_URL_S3", bucket.url.clone());
    let wrong = (inline, "wrong-token-0123456789".to_owned());
    let store = open("s3://bucket", &vec![endpoint.clone(), uri, wrong]).unwrap();
    let error = store.load(&key()).await.unwrap_err().to_string();
    assert!(error.contains("agent answered HTTP 401: no"), "{error}");
    let elsewhere = (
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "http://agent.example/".to_owned(),
    );
    let error = open("s3://bucket", &vec![endpoint, elsewhere]).unwrap_err();
    assert!(
        error.to_string().contains("FULL_URI is no address"),
        "{error}"
    );
}

/// A file as google-github-actions/auth writes it, about servers of this machine.
fn federation(
    folder: &Path,
    server: &Bucket,
    source: &serde_json::Value,
    through: bool,
) -> PathBuf {
    let mut file = json!({
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": format!("{}/v1/token", server.url),
        "credential_source": source,
    });
    if through {
        let url = format!("{}/v1/sa:generateAccessToken", server.url);
        file["service_account_impersonation_url"] = url.into();
    }
    let path = folder.join("credentials.json");
    std::fs::write(&path, file.to_string()).unwrap();
    path
}

/// Google's services, and the CI system that gives the identity token.
fn google() -> Bucket {
    Bucket::start(|asked| {
        let body = String::from_utf8_lossy(&asked.body).into_owned();
        let bearer = header(asked, "authorization");
        let answer = match asked.path.as_str() {
            "/ci" if bearer == Some("Bearer request-token-0123456789") => {
                json!({"value": "identity"})
            }
            "/v1/token" if body.contains("subject_token=identity&") => {
                json!({"access_token": "federated", "expires_in": 3600, "token_type": "Bearer"})
            }
            "/v1/sa:generateAccessToken" if bearer == Some("Bearer federated") => {
                json!({"accessToken": "impersonated", "expireTime": "2099-01-01T00:00:00Z"})
            }
            path if path.starts_with("/bucket/") => {
                return Some(Answer::error(404, "NoSuchKey"));
            }
            _ => {
                let refusal = json!({"error": "invalid_grant", "error_description": "not you"});
                return Some(Answer(403, String::new(), refusal.to_string()));
            }
        };
        Some(Answer(200, String::new(), answer.to_string()))
    })
}

#[tokio::test]
async fn an_identity_of_somebody_else_is_exchanged_for_one_of_google() {
    let directory = tempfile::tempdir().unwrap();
    let token = directory.path().join("identity");
    std::fs::write(&token, "identity\n").unwrap();
    let in_json = json!({"type": "json", "subject_token_field_name": "value"});
    let by_url = |server: &Bucket| {
        json!({
            "url": format!("{}/ci", server.url),
            "headers": {"Authorization": "Bearer request-token-0123456789"},
            "format": in_json,
        })
    };
    for (by_file, through, bearer) in [
        (true, false, "Bearer federated"),
        (false, false, "Bearer federated"),
        (false, true, "Bearer impersonated"),
    ] {
        let server = google();
        let source = match by_file {
            true => json!({"file": token}),
            false => by_url(&server),
        };
        let path = federation(directory.path(), &server, &source, through);
        let variables = vec![
            ("GOOGLE_APPLICATION_CREDENTIALS", path.display().to_string()),
            ("GOOGLE_BASE_URL", server.url.clone()),
        ];
        let store = open("gs://bucket", &variables).unwrap();
        assert_eq!(store.load(&key()).await.unwrap(), None);
        assert_eq!(store.load(&key()).await.unwrap(), None);
        let asked = server.asked();
        let reads: Vec<_> = asked
            .iter()
            .filter(|asked| asked.path.starts_with("/bucket/"))
            .collect();
        assert_eq!(reads.len(), 2);
        for read in reads {
            assert_eq!(header(read, "authorization"), Some(bearer));
        }
        let exchanges = asked.iter().filter(|asked| asked.path == "/v1/token");
        assert_eq!(exchanges.count(), 1, "exchanged once, and kept");
    }
}

#[tokio::test]
async fn a_federation_that_fails_says_where_and_shows_no_token() {
    let directory = tempfile::tempdir().unwrap();
    let server = google();
    let source = json!({
        "url": format!("{}/ci", server.url),
        "headers": {"Authorization": "Bearer another-token-0123456789"},
        "format": {"type": "json", "subject_token_field_name": "value"},
    });
    let path = federation(directory.path(), &server, &source, false);
    let credentials = ("GOOGLE_APPLICATION_CREDENTIALS", path.display().to_string());
    let base = ("GOOGLE_BASE_URL", server.url.clone());
    let store = open("gs://bucket", &vec![credentials.clone(), base]).unwrap();
    let text = store.load(&key()).await.unwrap_err().to_string();
    assert!(
        text.contains("identity token answered HTTP 403: not you"),
        "{text}"
    );
    assert!(!text.contains("another-token"), "{text}");

    for (source, why) in [
        (
            json!({"executable": {"command": "x"}}),
            "neither from a file nor from an address",
        ),
        (json!({"url": "http://ci.example/"}), "not https"),
        (
            json!({"file": "x", "format": {"type": "json"}}),
            "subject_token_field_name",
        ),
    ] {
        federation(directory.path(), &server, &source, false);
        let error = open("gs://bucket", &vec![credentials.clone()]).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}

/// A TLS server that answers every request as an empty bucket does; its URL and its CA.
async fn secure(name: &str) -> (String, String) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.distinguished_name.push(DnType::CommonName, name);
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = ca.self_signed(&ca_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let _ = stream.read(&mut [0; 16 * 1024]).await;
            let body = "<Error><Code>NoSuchKey</Code></Error>";
            let head = format!(
                "HTTP/1.1 404 Not Found\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (format!("https://localhost:{port}"), pem)
}

#[tokio::test]
async fn a_ca_bundle_reaches_the_bucket() {
    let (url, ca) = secure("one").await;
    let (_, other) = secure("other").await;
    let directory = tempfile::tempdir().unwrap();
    let bundle = directory.path().join("ca.pem");
    let variables = vec![
        ("AWS_ENDPOINT_URL_S3", url),
        ("AWS_ACCESS_KEY_ID", "testing".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "testing-testing".to_owned()),
    ];
    let access = Access {
        ca_bundle: Some(bundle.clone()),
        ..Access::default()
    };
    let load = async || {
        let store = open_with("s3://bucket", &access, &variables)?;
        store.load(&key()).await
    };
    // A byte order mark before the only CA that matters.
    std::fs::write(&bundle, format!("\u{feff}{ca}{other}")).unwrap();
    assert_eq!(load().await.unwrap(), None);

    std::fs::write(&bundle, other).unwrap();
    let error = load().await.unwrap_err();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    assert!(
        error.hint().unwrap().contains("--ca-bundle"),
        "{:?}",
        error.hint()
    );

    std::fs::write(&bundle, "no certificate").unwrap();
    let error = load().await.unwrap_err();
    assert!(
        error.to_string().contains("holds no certificate"),
        "{error}"
    );
}
