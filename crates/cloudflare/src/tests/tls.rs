//! TLS against a private CA: refused with a hint, accepted with `--ca-bundle`.

use std::sync::Arc;

use certctl_model::ValidityDays;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::server::raw;
use super::{account, credentials, yes};
use crate::{Client, ClientError, ClientOptions, Endpoint, WriteError};

/// A TLS server that answers every request with an empty list; its port and its CA as PEM.
async fn serve(name: &str) -> (u16, String) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.distinguished_name.push(DnType::CommonName, name);
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_pem = ca.self_signed(&ca_key).unwrap().pem();
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
            let _ = stream.read(&mut [0; 4096]).await;
            let body = yes(&json!([]));
            let _ = stream.write_all(&raw(200, "", &body, body.len())).await;
            let _ = stream.shutdown().await;
        }
    });
    (port, ca_pem)
}

fn client(port: u16, ca_bundle: Option<&std::path::Path>) -> Result<Client, ClientError> {
    let endpoint = Endpoint::parse(&format!("https://localhost:{port}/client/v4")).unwrap();
    let options = ClientOptions {
        ca_bundle: ca_bundle.map(Into::into),
        ..ClientOptions::default()
    };
    Client::new(endpoint, credentials(), options)
}

#[tokio::test]
async fn a_private_ca_is_trusted_when_it_is_given() {
    let (port, ca) = serve("one").await;
    let directory = tempfile::tempdir().unwrap();
    let bundle = directory.path().join("ca.pem");
    std::fs::write(&bundle, format!("# the inspecting CA\n{ca}{ca}")).unwrap();
    let listing = client(port, Some(&bundle)).unwrap().list(&account()).await;
    assert!(listing.unwrap().certificates.is_empty());
}

#[tokio::test]
async fn an_unknown_issuer_is_named_and_nothing_was_sent() {
    let (port, ca) = serve("one").await;
    // Trusting some other CA keeps the test independent of this machine's own trust store.
    let directory = tempfile::tempdir().unwrap();
    let bundle = directory.path().join("ca.pem");
    let (_, other) = serve("other").await;
    assert_ne!(ca, other);
    std::fs::write(&bundle, other).unwrap();
    let client = client(port, Some(&bundle)).unwrap();
    let error = client
        .create(&account(), ValidityDays::DEFAULT)
        .await
        .unwrap_err();
    assert!(matches!(error, WriteError::NotSent(_)), "{error:?}");
    assert!(
        error
            .to_string()
            .contains("invalid peer certificate: UnknownIssuer"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("--ca-bundle"));
    assert_eq!(client.requests(), 0);
}

#[test]
fn a_useless_bundle_is_an_error_before_any_request() {
    let directory = tempfile::tempdir().unwrap();
    for (content, reason) in [
        (None, "cannot be read: "),
        (Some("not PEM at all"), "holds no certificate in PEM"),
        (
            Some("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"),
            "is not PEM",
        ),
    ] {
        let path = directory.path().join("bundle.pem");
        match content {
            Some(content) => std::fs::write(&path, content).unwrap(),
            None => assert!(!path.exists()),
        }
        let error = client(1, Some(&path)).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
        assert!(error.hint().unwrap().contains("--ca-bundle"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_container_without_ca_certificates_gets_a_way_out() {
    // The trust store is found through the environment, which a test must not change for others.
    let directory = tempfile::tempdir().unwrap();
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "tests::tls::without_trust_store"])
        .env("SSL_CERT_FILE", "/dev/null")
        .env("SSL_CERT_DIR", directory.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&status.stdout);
    assert!(
        status.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "run by a_container_without_ca_certificates_gets_a_way_out"]
async fn without_trust_store() {
    let (port, ca) = serve("one").await;
    // No error before the first request, for a run may well send none.
    let without = client(port, None).unwrap();
    let error = without.list(&account()).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("cannot set up TLS: "), "{text}");
    assert!(text.contains("No CA certificates were loaded"), "{text}");
    assert!(error.hint().unwrap().contains("--ca-bundle FILE"));
    assert_eq!(without.requests(), 0);

    let directory = tempfile::tempdir().unwrap();
    let bundle = directory.path().join("ca.pem");
    std::fs::write(&bundle, ca).unwrap();
    let with = client(port, Some(&bundle)).unwrap();
    with.list(&account()).await.unwrap();

    // Plain http on loopback needs no trust store at all.
    let body = yes(&json!([]));
    let (port, _) = super::server::serve(vec![super::server::answer(200, "", &body)]).await;
    super::client(port).list(&account()).await.unwrap();
}
